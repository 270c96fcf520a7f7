"""Between Terraform and the rest of the package: the cloud at an operation's pace, and props for checks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from constructs_lib.provider.api_client import Pace
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.protocol.context import Context
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.tokens import Deferred, literal

# How long after its creation an object that is not seen is looked for again (seconds).
YOUNG = 60.0
# How long a plan may look up what it only warns about, such as what earlier runs left (seconds).
LOOK_AHEAD = 10.0
_CREATED = "created"


# ------------------------------------------------------------ the cloud


def cloud_of(ctx: Context, seconds: float | None = None) -> Cloud:
    """The cloud, which gives up when the operation has to, or after so many seconds.

    Failure: the provider's configuration depends on what only an apply makes known.
    """
    if ctx.client is None:
        raise Failure(
            "The provider is not configured yet",
            "Its configuration depends on values that are known only after an apply. Apply what they come "
            "from first (terraform apply -target=…), or write them into the configuration.",
        )
    cloud: Cloud = ctx.client
    deadline = ctx.deadline if seconds is None else time.monotonic() + seconds
    return cloud.during(Pace(deadline=deadline, stopping=ctx.stopping))


def note_creation(ctx: Context) -> None:
    """Remember that the object was created just now."""
    ctx.private[_CREATED] = int(time.time())


def is_just_created(ctx: Context) -> bool:
    """Whether the object is so new that a read may not see it yet."""
    created = ctx.private.get(_CREATED)
    return isinstance(created, int) and abs(time.time() - created) < YOUNG


# ------------------------------------------------------------ the checks


LATER = Deferred("a value that Terraform knows only later")


def _value_for_checks(value: Any) -> Any:
    """A value of the configuration as the checks take it: final, or `LATER`; a fraction is a float."""
    if value is UNKNOWN:
        return LATER
    if isinstance(value, list):
        return [_value_for_checks(item) for item in value]
    return literal(float(value) if isinstance(value, Decimal) else value)


def props_of(kind: type, given: Mapping[str, Any], elements: Mapping[str, type]) -> Any:
    """Props for the checks, made of a configuration that has their names. What is left out has its default.

    * `elements`: the class of the elements of a list, by the name of the list.
    """
    from attrs import NOTHING, fields

    values = {}
    for prop in fields(kind):
        value = given.get(prop.name)
        if isinstance(value, list) and (element := elements.get(prop.name)):
            values[prop.name] = [
                LATER if item is UNKNOWN else props_of(element, item, elements) for item in value
            ]
        elif value is not None or prop.default is NOTHING:
            values[prop.name] = _value_for_checks(value)
    return kind(**values)
