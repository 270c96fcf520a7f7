"""Access that one document gives and another does not, with the reason and a witness."""

from __future__ import annotations

import enum
from typing import Any

from attrs import frozen

from constructs_lib.ram.analysis.evaluator import Witness


class Reason(enum.StrEnum):
    """Why the other document does not allow it."""

    NOT_ALLOWED = "not allowed"
    CONDITION = "allowed only under a condition"
    DENIED = "denied"
    FORBIDDEN = "forbidden"


@frozen
class Grant:
    """Access that one document gives and the other does not, by one of its statements.

    * `statement`: its index in the document that gives it; `condition` is that statement's.
    * `actions`, `resources`: its patterns, as written; each pair of them gives something. `*` where the
      statement has NotAction or NotResource: then `not_actions`, `not_resources` are the exceptions.
    * `reason`: why the other document does not allow the witness.
    * `is_unusual`: only a resource that is no ARN of the action's service shows it.
    """

    statement: int
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Any
    reason: Reason
    witness: Witness
    not_actions: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    is_unusual: bool = False
