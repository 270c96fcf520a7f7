"""What a construct says of itself in the Terraform JSON: what it acknowledges, and which line creates it.

Under `//` Terraform itself does not read it, and `alipolicy review` does. The resources of our provider have
an attribute for what is acknowledged, so that a plan is as quiet as the synthesis.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import FrameType
from typing import Any

from constructs_lib.findings import printable
from constructs_lib.resource_type import ResourceType

KEY = "//"
# What Terraform would take for an expression, in a reason, which is text; CDKTF's tokens stay.
_EXPRESSION = re.compile(r"([$%])(?=\{(?!TfToken\[))")
# What calls a construct comes through these packages.
_OURS = frozenset({"constructs_lib", "jsii"})
# Installed packages, which may be inside the project as well.
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def write_reasons(acknowledge: Mapping[str, str] | None, resource_type: ResourceType) -> dict[str, Any]:
    """What a construct acknowledges, where its resource has it: as an attribute, or in the comment."""
    if not acknowledge or not resource_type.has_acknowledge:
        return make_comment(acknowledge)
    escaped = {code: _EXPRESSION.sub(r"\1\1", reason) for code, reason in _in_utf_8(acknowledge).items()}
    return {"acknowledge": escaped} | make_comment()


def make_comment(acknowledge: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The comment of a construct: what it acknowledges, and the line that creates it.

        {"//": {"alipolicy": {"acknowledge": {"BP202": "why"}, "source": "stacks/backups.py:59"}}}

    CDKTF puts its own `metadata` beside `alipolicy`.
    """
    content: dict[str, Any] = {"acknowledge": _in_utf_8(acknowledge)} if acknowledge else {}
    if place := find_source():
        content["source"] = printable(place)
    return {KEY: {"alipolicy": content}} if content else {}


def _in_utf_8(reasons: Mapping[str, str]) -> dict[str, str]:
    """Half of a surrogate pair is no UTF-8: it would make a file that others cannot read."""
    return {code: reason.encode("utf-8", "backslashreplace").decode() for code, reason in reasons.items()}


def find_source() -> str | None:
    """The line that creates the construct, such as `stacks/backups.py:59`: the innermost in the folder.

    Where only installed packages, or files elsewhere, create it: the name of their module, such as
    `acme.backups`. A path outside the project means nothing to others, and may reveal too much. None where
    there is no such name either.
    """
    folder = os.getcwd()
    module = None
    for frame in _walk_callers():
        if file := _find_in_folder(frame.f_code.co_filename, folder):
            return f"{file}:{frame.f_lineno}"
        module = module or frame.f_globals.get("__name__")
    return module if isinstance(module, str) and module != "__main__" else None


def _walk_callers() -> Iterator[FrameType]:
    """The frames below this library's and jsii's own, the innermost first."""
    # Not `traceback` or `inspect`: they read the files, which takes a hundred times as long.
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in _OURS:
            yield frame
        frame = frame.f_back


@lru_cache(maxsize=256)
def _find_in_folder(file: str, folder: str) -> str | None:
    """The path below the folder, with `/`; None where it is not there, or is of an installed package."""
    top = os.path.join(folder, "")
    if not file.startswith(top):
        return None
    parts = file[len(top) :].split(os.sep)
    return None if _INSTALLED.intersection(parts) else "/".join(parts)
