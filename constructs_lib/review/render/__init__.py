"""One report, printed: text, Markdown, HTML, SARIF, JUnit, GitHub annotations, JSON."""
