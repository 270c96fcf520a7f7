"""Two JSON values that should be the same, compared so that a failure shows the lines that differ."""

from __future__ import annotations

import difflib
import json
from typing import Any


def assert_same(actual: Any, expected: Any) -> None:
    before, after = (json.dumps(value, indent=1, sort_keys=True).splitlines() for value in (expected, actual))
    lines = difflib.unified_diff(before, after, "expected", "actual", n=5, lineterm="")
    assert actual == expected, "\n".join(lines)
