"""From a request to an answer: find the operation, meet the faults, prove the sender, carry it out, log it.

All requests pass through one thread, one after the other: an operation cannot see half of another. Only
latency waits, and others go on meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sqlite3
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from sys import getsizeof
from typing import Any
from urllib.parse import parse_qsl

from attrs import asdict, define, evolve, field, frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.faults import SPOILING, Fault, FaultKind, Faults
from constructs_lib.localcloud.hbr import HBR
from constructs_lib.localcloud.kms import KMS
from constructs_lib.localcloud.parameters import Parameters
from constructs_lib.localcloud.ram import RAM
from constructs_lib.localcloud.resource_manager import RESOURCE_MANAGER
from constructs_lib.localcloud.service import (
    DEFAULT_REGION,
    Answer,
    Delays,
    Ids,
    LocalService,
    OperationCall,
)
from constructs_lib.localcloud.signatures import MAX_AGE, Claim
from constructs_lib.localcloud.store import Identity, Store
from constructs_lib.localcloud.sts import STS

SERVICES = {service.version: service for service in (HBR, KMS, RAM, STS, RESOURCE_MANAGER)}
GUIDE = "docs/guides/local-cloud.md"
MAX_PARAMETERS = 1000
MAX_WARNINGS = 100
MAX_LOGGED = 20_000
MAX_LOGGED_TEXT = 8192
MAX_LOGGED_BYTES = 64 * 2**20

_SECRET = re.compile(r"secret|password|signature$|securitytoken|externalid|credential", re.IGNORECASE)
# The host of a regional endpoint, such as hbr.cn-shanghai.aliyuncs.com or hbr-vpc.cn-shanghai.aliyuncs.com.
_REGIONAL_HOST = re.compile(r"[a-z]+(?:-vpc)?\.([a-z]+(?:-[a-z0-9]+)+)\.")
_REGION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
_RECOMMEND = "https://api.alibabacloud.com/troubleshoot?q="

log = logging.getLogger(__name__)


@frozen
class HttpRequest:
    """An HTTP request, its header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    is_local: bool = False


@frozen
class HttpResponse:
    """An HTTP answer. `fault`: `cut` or `truncated`, where it does not go out as a whole."""

    status: int
    body: bytes
    content_type: str = "application/json;charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    fault: FaultKind | None = None


@frozen(kw_only=True)
class LoggedRequest:
    """One request and its outcome, without anything secret.

    * `time`: UNIX seconds. `seconds`: how long it took.
    * `service`, `operation`: where there is no such operation, `service` is empty and `operation` what the
      request names; where it is no HTTP, or too large, both are empty.
    * `account`: None where the sender was not proven.
    * `region`: where Cloud Backup was asked.
    * `parameters`: as sent, without the region; secrets are replaced by `***`, long strings cut.
    * `status`, `code`: what the operation, or a fault, answered; `code` is empty where it succeeded.
    * `committed`: whether a change, or a read, was carried out.
    * `faults`: the kinds it met; with `cut` the client never saw the answer.
    """

    request_id: str
    time: float
    seconds: float = 0.0
    account: str | None = None
    service: str = ""
    operation: str = ""
    region: str = ""
    parameters: Mapping[str, str] = field(factory=dict)
    status: int
    code: str
    committed: bool = False
    faults: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class RequestLog:
    """The newest requests: at most `MAX_LOGGED`, with `MAX_LOGGED_BYTES` of parameters in memory."""

    def __init__(self) -> None:
        self._requests: deque[tuple[LoggedRequest, int]] = deque()
        self._bytes = 0

    def __iter__(self) -> Iterator[LoggedRequest]:
        return (request for request, _ in self._requests)

    def append(self, request: LoggedRequest) -> None:
        size = sum(getsizeof(name) + getsizeof(value) for name, value in request.parameters.items())
        self._requests.append((request, size))
        self._bytes += size
        while len(self._requests) > MAX_LOGGED or self._bytes > MAX_LOGGED_BYTES:
            self._bytes -= self._requests.popleft()[1]

    def clear(self) -> None:
        self._requests.clear()
        self._bytes = 0


@frozen
class _Outcome:
    """What a request led to. `fault`: the one that spoils the answer or stands in its place."""

    status: int
    body: Answer
    code: str = ""
    committed: bool = False
    account: str | None = None
    fault: Fault | None = None


@frozen
class _Task:
    """A request that names an operation, and the faults that it meets."""

    request: HttpRequest
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    parameters: Parameters
    service: LocalService
    operation: str
    region: str
    faults: list[Fault]

    def meets(self, kind: FaultKind) -> list[Fault]:
        return [fault for fault in self.faults if fault.kind is kind]


@define(eq=False, repr=False)
class Gateway:
    """The API of the local cloud. It belongs to the thread in which `answer` runs."""

    store: Store
    faults: Faults
    _clock: Callable[[], float]
    _ids: Ids
    _delays: Delays
    _any_role: bool = field(default=False, kw_only=True)
    _is_strict: bool = field(default=False, kw_only=True)
    _warnings: set[str] = field(factory=set, init=False)
    logged: RequestLog = field(factory=RequestLog, init=False)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request. Nothing that a client sends raises."""
        request_id, began, arrived = self._ids.request_id(), time.perf_counter(), self._clock()
        parameters, task = Parameters(()), None
        try:
            query, form = _parse_pairs(request.query), _parse_form(request)
            parameters = Parameters([*query, *form])
            service, operation = _find_operation(request, parameters)
            region = _find_region(request, parameters) if service.is_regional else ""
            faults = self.faults.strike(service.name, operation)
            task = _Task(request, query, form, parameters, service, operation, region, faults)
            outcome = await self._reach_outcome(task)
        except ApiError as error:
            outcome = _refuse(error)
            if error.error in (errors.UNKNOWN_ACTION, errors.UNKNOWN_VERSION):
                self._warn_once(error.message)
        except Exception as error:
            # The words of an exception may quote what was sent, secrets too; only the place is logged.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s in %s:\n%s", type(error).__name__, task.operation if task else "a request", place)
            outcome = _refuse(ApiError(errors.INTERNAL))
        self.logged.append(
            LoggedRequest(
                request_id=request_id,
                time=arrived,
                seconds=time.perf_counter() - began,
                account=outcome.account,
                service=task.service.name if task else "",
                operation=task.operation if task else _name_operation(request, parameters),
                region=task.region if task else "",
                parameters=_list_parameters(parameters, task.region if task else ""),
                status=outcome.status,
                code=outcome.code,
                committed=outcome.committed,
                faults=tuple(str(fault.kind) for fault in task.faults) if task else (),
            )
        )
        now = self._clock() + (_sum_skew(task.faults) if task else 0)
        return _make_response(outcome, request_id, now, task.service.host if task else "local-cloud")

    def _warn_once(self, message: str) -> None:
        """On stderr, too: a client often shows no more than the code."""
        if message not in self._warnings and len(self._warnings) < MAX_WARNINGS:
            self._warnings.add(message)
            log.warning(message)

    def refuse(self, status: int) -> HttpResponse:
        """The answer to something that is no HTTP request, or too large."""
        error = errors.TOO_LARGE if status in (413, 431) else errors.UNREADABLE
        outcome = _refuse(ApiError(error, "it is no HTTP"))
        request_id, now = self._ids.request_id(), self._clock()
        logged = LoggedRequest(request_id=request_id, time=now, status=outcome.status, code=outcome.code)
        self.logged.append(logged)
        return _make_response(outcome, request_id, now, "local-cloud")

    async def _reach_outcome(self, task: _Task) -> _Outcome:
        """What the operation answers, or the first fault that puts something else in its place."""
        early = [fault for fault in task.faults if not fault.strikes_after]
        late = [fault for fault in task.faults if fault.strikes_after]
        await _wait(early)
        if fault := _find_spoiling(early):
            return _spoil(fault, _Outcome(200, {}))
        try:
            with self.store.transaction():
                outcome = self._carry_out(task)
        except ApiError as error:
            outcome = _refuse(error)
        except sqlite3.OperationalError:
            # Another process holds the database, or the disk is full: nothing was changed.
            outcome = _refuse(ApiError(errors.BUSY))
        await _wait(late)
        fault = _find_spoiling(late)
        return _spoil(fault, outcome) if fault else outcome

    def _carry_out(self, task: _Task) -> _Outcome:
        caller = self._authenticate(task)
        if self._is_strict:
            task.service.check_parameters(task.operation, task.parameters)
        reads = task.service.reads(task.operation)
        stale = max((fault.seconds for fault in task.meets(FaultKind.STALE_READ) if reads), default=0)
        objects = self.store.objects_of(caller.account, stale, region=task.region)
        call = OperationCall(
            task.parameters, objects, caller, self.store, self._ids, self._delays, self._any_role
        )
        try:
            # A refused operation leaves nothing behind but its nonce, which is used all the same.
            with self.store.attempt():
                answer = task.service.operations[task.operation](call)
        except ApiError as error:
            return _refuse(error, caller.account, in_body=bool(task.meets(FaultKind.REFUSAL_IN_BODY)))
        return _Outcome(200, task.service.envelope | answer, committed=True, account=caller.account)

    def _authenticate(self, task: _Task) -> Identity:
        request = task.request
        claim = Claim.from_request(
            request.method, request.path, request.headers, task.query, task.form, request.body
        )
        identity = self.store.identity(claim.access_key)
        if identity is None:
            raise ApiError(errors.UNKNOWN_KEY)
        claim.check(identity, self._clock() + _sum_skew(task.faults))
        # A date may lie ahead as far as behind, so a nonce is remembered for both.
        if not self.store.use_nonce(claim.access_key, claim.nonce, 2 * MAX_AGE):
            raise ApiError(errors.USED_NONCE)
        return identity


def read_faults(given: object) -> Faults:
    """Faults as `Faults.read` takes them; ValueError also where one could never strike: no operation has its
    name."""
    faults = Faults.read(given)
    operations = [(service.name, name) for service in SERVICES.values() for name in service.operations]
    for index, fault in enumerate(faults.faults):
        if not any(fault.matches(service, name) for service, name in operations):
            raise ValueError(f"faults[{index}]: operation is {fault.operation!r}; there is no such operation")
    return faults


# ------------------------------------------------------------ reading a request


def _parse_pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise ApiError(errors.UNREADABLE, "its parameters are not UTF-8 text, or too many") from None


def _parse_form(request: HttpRequest) -> list[tuple[str, str]]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body or content_type not in ("", "application/x-www-form-urlencoded"):
        return []
    try:
        return _parse_pairs(request.body.decode("ascii"))
    except UnicodeDecodeError:
        raise ApiError(errors.UNREADABLE, "its form is not percent-encoded") from None


def _find_operation(request: HttpRequest, parameters: Parameters) -> tuple[LocalService, str]:
    """The operation that a request names, where its signature covers the name: a signature of version 1.0
    covers no headers.

    As in front of the real services, this comes before the signature is checked: a client with wrong
    credentials still learns that an operation does not exist.
    """
    if request.method not in ("GET", "POST"):
        raise ApiError(errors.UNKNOWN_METHOD)
    signed = request.headers if request.headers.get("authorization") else {}
    operation = signed.get("x-acs-action") or parameters.required("Action")
    version = signed.get("x-acs-version") or parameters.required("Version")
    if version not in SERVICES:
        served = ", ".join(f"{service.version} ({service.name})" for service in SERVICES.values())
        raise ApiError(errors.UNKNOWN_VERSION, f"The local cloud serves {served}.")
    service = SERVICES[version]
    if operation not in service.operations:
        named = f"{service.name} {version} {operation[:100]!a}"
        needs = service.not_served.get(operation)
        why = f": it needs {needs}, which is not here" if needs else ""
        raise ApiError(errors.UNKNOWN_ACTION, f"The local cloud does not serve {named}{why}; see {GUIDE}.")
    if request.path != "/":
        raise ApiError(errors.UNKNOWN_ACTION, "The path of an RPC API is /.")
    return service, operation


def _find_region(request: HttpRequest, parameters: Parameters) -> str:
    """Where a regional service is asked: RegionId, which the aliyun CLI and the older SDKs always send; else
    what the host says, which is all that the real service goes by."""
    if region := parameters.string("RegionId"):
        if not _REGION.fullmatch(region):
            raise ApiError(errors.INVALID, "RegionId")
        return region
    host = _REGIONAL_HOST.match(request.headers.get("host", "").lower())
    return host[1] if host else DEFAULT_REGION


def _name_operation(request: HttpRequest, parameters: Parameters) -> str:
    """What a request names as the operation, where there is no such operation."""
    return (request.headers.get("x-acs-action") or parameters.string("Action"))[:MAX_LOGGED_TEXT]


def _list_parameters(parameters: Parameters, region: str) -> dict[str, str]:
    """For the log: without secrets, and without the region where it is told anyway."""
    return {
        name[:MAX_LOGGED_TEXT]: "***" if _SECRET.search(name) else value[:MAX_LOGGED_TEXT]
        for name, value in parameters.as_dict().items()
        if not region or name != "RegionId"
    }


# ------------------------------------------------------------ writing an answer


def _sum_skew(faults: list[Fault]) -> float:
    return sum(fault.seconds for fault in faults if fault.kind is FaultKind.CLOCK_SKEW)


async def _wait(faults: list[Fault]) -> None:
    seconds = sum(fault.seconds for fault in faults if fault.kind is FaultKind.LATENCY)
    if seconds:
        await asyncio.sleep(seconds)


def _find_spoiling(faults: list[Fault]) -> Fault | None:
    return next((fault for fault in faults if fault.kind in SPOILING), None)


def _spoil(fault: Fault, outcome: _Outcome) -> _Outcome:
    """The outcome with a fault on it. A cut or truncated answer is the real one, as far as it gets."""
    if fault.kind in (FaultKind.CUT, FaultKind.TRUNCATED):
        return evolve(outcome, fault=fault)
    status, code, message = fault.answer()
    body = _make_error_body(code, message, in_body=status < 300)
    return evolve(outcome, status=status, body=body, code=code or str(fault.kind), fault=fault)


def _refuse(error: ApiError, account: str | None = None, *, in_body: bool = False) -> _Outcome:
    body = _make_error_body(error.code, error.message, in_body=in_body)
    return _Outcome(200 if in_body else error.status, body, error.code, account=account)


def _make_error_body(code: str, message: str, *, in_body: bool) -> Answer:
    body: Answer = {"Code": code, "Message": message}
    return {"Success": False, **body} if in_body else body


def _make_response(outcome: _Outcome, request_id: str, now: float, host: str) -> HttpResponse:
    headers = [("Date", formatdate(now, usegmt=True)), ("x-acs-request-id", request_id)]
    fault = outcome.fault
    if fault and fault.retry_after is not None:
        headers.append(("x-acs-retry-after", str(max(1, round(fault.retry_after * 1000)))))
    if fault and fault.kind is FaultKind.NOT_JSON:
        return HttpResponse(outcome.status, _HTML, "text/html", tuple(headers))
    body = outcome.body | {"RequestId": request_id}
    if outcome.status >= 400:
        body |= {"HostId": host, "Recommend": f"{_RECOMMEND}{outcome.code}"}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    kind = fault.kind if fault else None
    return HttpResponse(outcome.status, text.encode(), headers=tuple(headers), fault=kind)
