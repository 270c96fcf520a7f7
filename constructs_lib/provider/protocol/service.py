"""The calls of the protocol, answered: bytes in, bytes out, and never an exception."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from constructs_lib.provider.protocol import (
    function_calls,
    identity_calls,
    list_calls,
    provider_calls,
    resource_calls,
)
from constructs_lib.provider.protocol.context import Stopping
from constructs_lib.provider.protocol.diagnostics import Diagnostic
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.messages import Messages
from constructs_lib.provider.protocol.paths import wire_steps
from constructs_lib.provider.protocol.resource import Provider
from constructs_lib.provider.protocol.session import RpcCall, Session, unexpected

CALLS: dict[str, Callable[[Session, RpcCall], None]] = {
    "GetMetadata": provider_calls.get_metadata,
    "GetProviderSchema": provider_calls.get_schema,
    "ValidateProviderConfig": provider_calls.validate,
    "ConfigureProvider": provider_calls.configure,
    "StopProvider": provider_calls.stop,
    "ValidateDataResourceConfig": provider_calls.validate_data,
    "ReadDataSource": provider_calls.read_data,
    "ValidateResourceConfig": resource_calls.validate,
    "UpgradeResourceState": resource_calls.upgrade,
    "ReadResource": resource_calls.read,
    "PlanResourceChange": resource_calls.plan,
    "ApplyResourceChange": resource_calls.apply,
    "ImportResourceState": resource_calls.import_,
    "MoveResourceState": resource_calls.move,
    "GenerateResourceConfig": resource_calls.generate,
    "GetResourceIdentitySchemas": identity_calls.get_schemas,
    "UpgradeResourceIdentity": identity_calls.upgrade,
    "ValidateListResourceConfig": list_calls.validate,
    "GetFunctions": function_calls.get_functions,
    "CallFunction": function_calls.call_function,
}

# Each gives None whenever the response of its call is an event that can be sent.
STREAMS: dict[str, Callable[[Session, RpcCall], Iterator[None]]] = {"ListResource": list_calls.list_objects}

log = logging.getLogger("provider")


class RpcService:
    """Answers calls for one provider.

    `load` gives the provider. Where it raises, every call answers with what it raised: by then Terraform
    listens, so a person reads why, instead of that the plugin did not start.
    """

    def __init__(self, load: Callable[[], Provider], stopping: Stopping, secrets: Secrets) -> None:
        self._messages, self._secrets = Messages(), secrets
        self._session: Session | None = None
        self._broken: Diagnostic | None = None
        try:
            self._session = Session(load(), stopping, secrets)
        except BaseException as error:
            self._broken = unexpected(error, "Loading the provider")

    def answer(self, rpc: str, data: bytes) -> bytes:
        """Answer the call `rpc`. Whatever goes wrong becomes a diagnostic."""
        started = time.monotonic()
        call = RpcCall(self._messages[f"{rpc}.Response"]())
        try:
            if (session := self._ready(rpc, call, data)) is not None:
                CALLS[rpc](session, call)
        except BaseException as error:
            call.diagnostics.append(self._explained(rpc, call, error))
        self._report(rpc, call)
        log.debug("%s of %s took %.3f s", rpc, call.subject, time.monotonic() - started)
        answer: bytes = call.response.SerializeToString()
        return answer

    def stream(self, rpc: str, data: bytes) -> Iterator[bytes]:
        """Answer the call `rpc` with events, one after the other. What goes wrong is told by the last one."""
        new_event = self._messages[f"{rpc}.Event"]
        call = RpcCall(new_event())
        try:
            if (session := self._ready(rpc, call, data)) is not None:
                for _ in STREAMS[rpc](session, call):
                    yield self._event(call)
                    call.response = new_event()
        except GeneratorExit:  # nobody wants more
            raise
        except BaseException as error:
            call.response = new_event()
            call.diagnostics.append(self._explained(rpc, call, error))
        if call.diagnostics:
            yield self._event(call)

    def close(self, *, interrupted: bool) -> None:
        """Terraform is done, and has all answers; `interrupted`: the user stopped it before."""
        if self._session is not None:
            self._session.provider.close(interrupted=interrupted)

    def _ready(self, rpc: str, call: RpcCall, data: bytes) -> Session | None:
        """The session, and the request in the call; None where the provider could not be loaded."""
        if self._broken is not None:
            call.diagnostics.append(self._broken)
        if self._session is not None:
            call.request = self._messages[f"{rpc}.Request"].FromString(data)
        return self._session

    def _explained(self, rpc: str, call: RpcCall, error: BaseException) -> Diagnostic:
        doing, session = f"{rpc} of {call.subject}", self._session
        return session.explained(error, doing) if session else unexpected(error, doing)

    def _event(self, call: RpcCall) -> bytes:
        """The response as an event, with what there is to say by now."""
        self._write_diagnostics(call, call.response.diagnostic)
        call.diagnostics.clear()
        event: bytes = call.response.SerializeToString()
        return event

    def _report(self, rpc: str, call: RpcCall) -> None:
        if rpc == "StopProvider":
            # Its answer holds one text instead of diagnostics.
            call.response.Error = "; ".join(diagnostic.summary for diagnostic in call.diagnostics)
            return
        if rpc == "CallFunction":
            texts = [f"{diagnostic.summary}: {diagnostic.detail}" for diagnostic in call.diagnostics]
            if text := "; ".join(texts) or call.response.error.text:
                call.response.error.text = self._clean(text)
            return
        self._write_diagnostics(call, call.response.diagnostics)

    def _write_diagnostics(self, call: RpcCall, messages: Any) -> None:
        for severity, summary, detail, path in call.diagnostics:
            message: Any = messages.add(
                severity=severity.value, summary=self._clean(summary), detail=self._clean(detail)
            )
            for step in wire_steps(call.body, path):
                message.attribute.steps.add(**step)

    def _clean(self, text: str) -> str:
        """A text that can be sent: without secrets, and valid UTF-8."""
        return self._secrets.mask(str(text)).encode("utf-8", "replace").decode()
