"""CONTRIBUTING names what there is: every package and module, and no file that has moved away."""

from __future__ import annotations

import re

from tests.docs.contributing import with_current_modules
from tests.docs.pages import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATHS = re.findall(r"`((?:constructs_lib|stacks|tests|docs|examples)/[\w./]*)`", CONTRIBUTING)


def test_the_table_names_every_package() -> None:
    library = ROOT / "constructs_lib"
    packages = {f"{file.parent.relative_to(ROOT)}/" for file in library.glob("*/**/__init__.py")}
    modules = {f"constructs_lib/{file.name}" for file in library.glob("[!_]*.py")}
    assert (packages | modules) - set(PATHS) == set()


def test_the_table_lists_the_modules_of_each_package() -> None:
    assert with_current_modules(CONTRIBUTING, ROOT) == CONTRIBUTING, "run `make docs`"


def test_the_files_that_it_names_exist() -> None:
    assert len(PATHS) > 20
    assert [path for path in PATHS if not (ROOT / path).exists()] == []
