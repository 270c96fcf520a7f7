"""What a provider has to say to a person: errors and warnings, with the attribute they are about."""

from __future__ import annotations

import enum
from typing import NamedTuple

from constructs_lib.provider.protocol.paths import parse_path
from constructs_lib.provider.protocol.values import Path


class DiagnosticSeverity(enum.Enum):
    """How grave it is; the values are those of the wire."""

    ERROR = 1
    WARNING = 2


class Diagnostic(NamedTuple):
    """One message. `path`: the attribute it is about; empty for the whole resource."""

    severity: DiagnosticSeverity
    summary: str
    detail: str = ""
    path: Path = ()


class Failure(Exception):
    """An operation cannot be done, for a reason that a person can understand.

    Raise it from any operation: Terraform shows `summary` and `detail` (what to do next) beside the attribute
    that `path` names, a tuple or a string such as `rules[0].retention`.
    """

    def __init__(self, summary: str, detail: str = "", path: Path | str = ()) -> None:
        super().__init__(summary, detail, path)
        self.summary, self.detail, self.path = summary, detail, as_path(path)

    def __str__(self) -> str:
        return f"{self.summary}: {self.detail}" if self.detail else self.summary

    @property
    def diagnostic(self) -> Diagnostic:
        return Diagnostic(DiagnosticSeverity.ERROR, self.summary, self.detail, self.path)


class DeadlineError(Failure):
    """The operation took longer than its timeout allows."""


class InterruptedFailure(Failure):
    """The user stopped Terraform, and the grace period is over."""


def as_path(path: Path | str) -> Path:
    return parse_path(path) if isinstance(path, str) else tuple(path)
