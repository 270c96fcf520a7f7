"""Durations as Terraform users write them: Go's `90s`, `1h30m`, `1.5h`."""

from __future__ import annotations

import re

_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float:
    """The duration in seconds. ValueError: it is none, or not above zero."""
    parts = list(_PART.finditer(text))
    seconds = sum(float(part[1]) * _SECONDS[part[2]] for part in parts)
    if "".join(part[0] for part in parts) != text or not 0 < seconds < float("inf"):
        raise ValueError(f"{text!r} is not a duration above zero; write it like 90s, 10m or 1h30m")
    return seconds
