"""Faults on request: what goes wrong on the way to a real cloud, when and as often as it is asked for.

Each fault names the operations that it is for, and fires by count, by seeded probability, or always. It
strikes before anyone asks who has sent the request:

    {"seed": 7, "faults": [
        {"kind": "throttling", "operation": "RAM.*", "count": 2, "retry_after": 0.2},
        {"kind": "cut", "operation": "CreatePolicyV2", "probability": 0.1},
        {"kind": "latency", "operation": "*", "skip": 5, "seconds": 0.5}
    ]}

The same as TOML: `seed = 7`, then `[[faults]]` tables.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn

from attrs import asdict, field, fields, frozen
from attrs.converters import optional

from constructs_lib.findings import is_encodable, printable
from constructs_lib.localcloud.store import MEMORY_OF_THE_PAST

MAX_FAULTS = 1000


class FaultKind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"  # the answer takes `seconds` longer
    THROTTLING = "throttling"  # 429, Throttling.User
    SERVER_ERROR = "server_error"  # 503, ServiceUnavailable
    ERROR = "error"  # any status and code; status 200 makes it Success=false
    CUT = "cut"  # the connection is reset before any byte of the answer
    TRUNCATED = "truncated"  # half of the answer, then the connection is closed
    NOT_JSON = "not_json"  # 502 with the HTML page of some proxy
    STALE_READ = "stale_read"  # a read sees what was there `seconds` ago
    CLOCK_SKEW = "clock_skew"  # the server's clock is `seconds` ahead; behind, if below 0
    REFUSAL_IN_BODY = "refusal_in_body"  # the service's own refusal comes as 200 with Success=false

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise ValueError(f"kind is {value!r}; it is one of {', '.join(cls)}")


class Moment(StrEnum):
    """When a fault strikes, seen from the operation."""

    BEFORE = "before"  # nothing is carried out (latency: yet)
    AFTER = "after"  # the change is committed, and the answer suffers

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise ValueError(f"at is {value!r}; it is one of {', '.join(cls)}")


_TIMED = (FaultKind.LATENCY, FaultKind.STALE_READ, FaultKind.CLOCK_SKEW)
_LATE = (FaultKind.CUT, FaultKind.TRUNCATED, FaultKind.NOT_JSON)
_ANSWERS: dict[str, tuple[int, str, str]] = {
    # uncertain: whether throttling comes as 400 or 429.
    FaultKind.THROTTLING: (429, "Throttling.User", "Request was denied due to user flow control."),
    FaultKind.SERVER_ERROR: (503, "ServiceUnavailable", "The request has failed due to a temporary failure."),
    FaultKind.NOT_JSON: (502, "", ""),
}
SPOILING = (*_ANSWERS, FaultKind.ERROR, FaultKind.CUT, FaultKind.TRUNCATED)


@frozen(kw_only=True)
class Fault:
    """One thing that goes wrong.

    * `kind`: a member of `FaultKind`.
    * `operation`: a name such as `CreatePolicyV2` or `RAM.CreatePolicy`; `*` and `?` are wildcards.
    * `skip`: so many matching requests go through first.
    * `count`: how often it fires; left out, without end.
    * `probability`: 0 to 1, drawn from the seed for each matching request.
    * `at`: before or after the operation; left out, after for cut, truncated and not_json, else before.
    * `seconds`: of latency, stale_read (up to 600) and clock_skew.
    * `status`, `code`, `message`: of an answer that is an error.
    * `retry_after`: seconds, in the header x-acs-retry-after, for throttling and errors.
    """

    kind: FaultKind = field(converter=FaultKind)
    operation: str = "*"
    skip: int = 0
    count: int | None = None
    probability: float = 1.0
    at: Moment | None = field(default=None, converter=optional(Moment))
    seconds: float = 0.0
    status: int | None = None
    code: str = ""
    message: str = ""
    retry_after: float | None = None

    def __attrs_post_init__(self) -> None:
        for problem in self._find_problems():
            raise ValueError(f"a fault of kind {self.kind}: {problem}")

    def _find_problems(self) -> Iterator[str]:
        for name in ("operation", "code", "message"):
            text = getattr(self, name)
            if not isinstance(text, str):
                yield f"{name} is {text!r}; it is a string"
            elif not is_encodable(text):
                yield f"{name} is {text!r}; it cannot be sent"
        for name in ("skip", "count"):
            value = getattr(self, name)
            if not (value is None and name == "count") and not _is_between(value, 0, 1e9, int):
                yield f"{name} is {value!r}; it is a whole number, at least 0"
        if not (self.status in (None, 200) or _is_between(self.status, 400, 599, int)):
            yield f"status is {self.status!r}; it is 200, or 400 to 599"
        if not _is_between(self.probability, 0, 1):
            yield f"probability is {self.probability!r}; it is a number from 0 to 1"
        if self.retry_after is not None and not _is_between(self.retry_after, 0.001, 3600):
            yield f"retry_after is {self.retry_after!r}; it is seconds, up to 3600"
        least = -1e9 if self.kind is FaultKind.CLOCK_SKEW else 0
        most = {FaultKind.STALE_READ: MEMORY_OF_THE_PAST, FaultKind.LATENCY: 3600}.get(self.kind, 1e9)
        if not _is_between(self.seconds, least, most):
            yield f"seconds is {self.seconds!r}; it is a number from {least:g} to {most:g}"
        elif bool(self.seconds) != (self.kind in _TIMED):
            yield f"seconds is {self.seconds!r}; {', '.join(_TIMED)} need it, and no other kind"
        answers = self.kind is FaultKind.ERROR or self.kind in _ANSWERS
        if not answers and (self.status or self.code or self.message or self.retry_after):
            yield "status, code, message and retry_after are of an error that is answered; it answers none"
        if self.kind is FaultKind.ERROR and not (self.status and self.code):
            yield "it needs status and code"
        if self.kind is FaultKind.THROTTLING and self.at is Moment.AFTER and (self.status or 0) < 500:
            yield "at is 'after'; who throttles refuses before anything is done, but for a status from 500 on"

    @property
    def strikes_after(self) -> bool:
        return self.at is Moment.AFTER if self.at else self.kind in _LATE

    def answer(self) -> tuple[int, str, str]:
        """Status, code and message of the answer that it puts in the place of the real one."""
        status, code, message = _ANSWERS.get(self.kind, (500, self.code, "A fault on request."))
        return self.status or status, self.code or code, self.message or message

    def matches(self, service: str, operation: str) -> bool:
        return fnmatchcase(operation, self.operation) or fnmatchcase(f"{service}.{operation}", self.operation)


def _is_between(value: Any, low: float, high: float, *kinds: type) -> bool:
    is_number = type(value) in (kinds or (int, float))
    return is_number and bool(low <= value <= high)


class Faults:
    """The faults of a local cloud, with their counts and their random numbers."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self.seed = seed
        self.faults = tuple(faults)
        if len(self.faults) > MAX_FAULTS:
            raise ValueError(f"{len(self.faults)} faults; at most {MAX_FAULTS} are taken")
        self._matched = [0] * len(self.faults)
        self._fired = [0] * len(self.faults)
        # Each has a sequence of its own: another fault beside it does not change when it fires.
        self._random = [random.Random(f"{seed}/{index}") for index in range(len(self.faults))]

    @classmethod
    def read(cls, given: object) -> Faults:
        """From the JSON form, from a list of `Fault`s or of their JSON forms, or from a JSON or TOML file.

        ValueError, with the fault and what is wrong with it: it cannot be read.
        """
        if isinstance(given, Faults):
            return cls(given.faults, given.seed)
        if isinstance(given, (str, Path)):
            return cls.read(_read_file(Path(given)))
        if isinstance(given, Mapping):
            if unknown := set(given) - {"seed", "faults"}:
                raise ValueError(f"faults: {sorted(map(str, unknown))} is unknown; there are seed and faults")
            faults, seed = given.get("faults", []), given.get("seed", 0)
        else:
            faults, seed = given, 0
        if isinstance(faults, (str, Mapping)) or not isinstance(faults, Iterable):
            raise ValueError("faults: a list of faults is needed")
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ValueError(f"faults: seed is {seed!r}; it is a whole number")
        return cls([_read_fault(index, fault) for index, fault in enumerate(faults)], seed)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, with how often each has fired."""
        faults = [
            {name: value for name, value in asdict(fault).items() if value is not None} | {"fired": fired}
            for fault, fired in zip(self.faults, self._fired, strict=True)
        ]
        return {"seed": self.seed, "faults": faults}

    def strike(self, service: str, operation: str) -> list[Fault]:
        """The faults that one request meets."""
        struck = []
        for index, fault in enumerate(self.faults):
            if not fault.matches(service, operation):
                continue
            self._matched[index] += 1
            is_over = fault.count is not None and self._fired[index] >= fault.count
            if is_over or self._matched[index] <= fault.skip:
                continue
            if self._random[index].random() < fault.probability:
                self._fired[index] += 1
                struck.append(fault)
        return struck


_KNOWN = {argument.name for argument in fields(Fault)}


def _read_fault(index: int, given: object) -> Fault:
    if isinstance(given, Fault):
        return given
    place = f"faults[{index}]"
    if not isinstance(given, Mapping) or "kind" not in given:
        raise ValueError(f"{place}: an object with a kind is needed")
    if unknown := sorted(str(name) for name in given if name not in _KNOWN):
        names = printable(", ".join(unknown))
        raise ValueError(f"{place}: {names} is unknown; there are {', '.join(sorted(_KNOWN))}")
    try:
        return Fault(**given)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _read_file(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None
    if isinstance(given, str):  # which would be read as the path of another file
        raise ValueError(f"{path}: a list of faults is needed")
    return given
