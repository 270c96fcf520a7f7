from __future__ import annotations

from constructs_lib.backup import checks as backup_checks
from constructs_lib.ram import checks as ram_checks
from docs import generate


def test_the_page_of_findings_is_current() -> None:
    page = (generate.FOLDER / "findings.md").read_text("utf-8")
    assert page == generate.findings_page(), "run `make docs`"


def test_the_page_of_findings_names_every_code_once() -> None:
    page = generate.findings_page()
    checks = [*backup_checks.CHECKS, *ram_checks.CHECKS]
    assert all(page.count(f"| **{one.code}**") == 1 for one in checks)
