"""CONTRIBUTING names what there is: every package, and no file that has moved away."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROWS = re.findall(r"^\| `((?:constructs_lib|stacks)/.*?)` \| .* \| (.*) \|$", CONTRIBUTING, re.MULTILINE)
PATHS = re.findall(r"`((?:constructs_lib|stacks|tests|docs|examples)/[\w./]*)`", CONTRIBUTING)


def test_the_table_names_every_package_and_every_module() -> None:
    named: dict[str, set[str]] = {}
    for package, modules in ROWS:
        named.setdefault(package, set()).update(modules.split(", "))
    existing: dict[str, set[str]] = {}
    for file in [*ROOT.glob("constructs_lib/**/*.py"), *ROOT.glob("stacks/*.py")]:
        modules = existing.setdefault(f"{file.parent.relative_to(ROOT)}/", set())
        modules.update([] if file.stem.startswith("__") else [file.stem])
    assert named == existing


def test_the_files_that_it_names_exist() -> None:
    assert len(PATHS) > 20
    assert [path for path in PATHS if not (ROOT / path).exists()] == []
