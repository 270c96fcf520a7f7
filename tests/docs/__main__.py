"""`make docs`: write the generated pages of `docs/`, and the modules in CONTRIBUTING.md."""

from __future__ import annotations

from tests.docs.contributing import with_current_modules
from tests.docs.pages import DOCS, ROOT, generated_pages

for path, page in generated_pages().items():
    (DOCS / path).parent.mkdir(parents=True, exist_ok=True)
    (DOCS / path).write_text(page, "utf-8")

contributing = ROOT / "CONTRIBUTING.md"
contributing.write_text(with_current_modules(contributing.read_text("utf-8"), ROOT), "utf-8")
