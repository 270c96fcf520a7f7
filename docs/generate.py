"""Write the pages of `docs/` that are made from the code: `python -m docs.generate`."""

from __future__ import annotations

from pathlib import Path

from docs.findings_page import findings_page
from docs.provider_pages import provider_pages

FOLDER = Path(__file__).parent


def pages() -> dict[str, str]:
    """Every generated page by its path in `docs/`."""
    made = {
        f"provider/{path}": page for path, page in provider_pages(FOLDER / "provider" / "examples").items()
    }
    return {"findings.md": findings_page(), **made}


if __name__ == "__main__":
    for path, page in pages().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(page, "utf-8")
