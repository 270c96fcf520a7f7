"""Several hundred changes of every kind, each with the verdict that it deserves."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from tests.review.verdicts.building import TABLE, Case

_MODULES = (
    "backups",
    "behind",
    "documents",
    "further",
    "hidden",
    "instances",
    "isolated",
    "lifecycle",
    "moves",
    "moves_to_ours",
    "neighbours",
    "oddities",
    "overrides",
    "plans",
    "policies",
    "providers",
    "states",
    "surroundings",
    "versions",
)


def every_case() -> Mapping[str, Case]:
    """All cases, by name."""
    for module in _MODULES:
        import_module(f"tests.review.verdicts.{module}")
    return TABLE
