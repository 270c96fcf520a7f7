"""`make docs`: write the generated pages of `docs/`."""

from __future__ import annotations

from tests.docs.pages import DOCS, generated_pages

for path, page in generated_pages().items():
    (DOCS / path).parent.mkdir(parents=True, exist_ok=True)
    (DOCS / path).write_text(page, "utf-8")
