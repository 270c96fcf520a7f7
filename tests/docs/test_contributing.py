"""CONTRIBUTING names what there is: every package, and no file that has moved away."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TABLE = re.findall(r"^\| (`.*?`) \|", CONTRIBUTING, re.MULTILINE)
PATHS = re.findall(r"`((?:constructs_lib|stacks|tests|docs|examples)/[\w./]*)`", CONTRIBUTING)


def test_the_table_names_every_package_and_every_module_beside_them() -> None:
    library = ROOT / "constructs_lib"
    packages = {f"{file.parent.relative_to(ROOT)}/" for file in library.rglob("__init__.py")}
    modules = {f"constructs_lib/{file.name}" for file in library.glob("[!_]*.py")}
    named = set(re.findall(r"`(constructs_lib/.*?)`", " ".join(TABLE)))
    assert named == packages - {"constructs_lib/"} | modules


def test_the_files_that_it_names_exist() -> None:
    assert len(PATHS) > 20
    assert [path for path in PATHS if not (ROOT / path).exists()] == []
