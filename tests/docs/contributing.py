"""CONTRIBUTING.md: the table of packages lists the modules that there are."""

from __future__ import annotations

import re
from pathlib import Path

_ROW = re.compile(r"^(\| `((?:constructs_lib|stacks)/[\w/]*)` \| .* \|) .* \|$", re.MULTILINE)


def with_current_modules(contributing: str, root: Path) -> str:
    """The page, with the last cell of each package's row written anew."""
    return _ROW.sub(lambda row: f"{row[1]} {', '.join(module_names(root / row[2]))} |", contributing)


def module_names(package: Path) -> list[str]:
    return sorted(file.stem for file in package.glob("[!_]*.py"))
