"""Calls the example provider's service as Terraform would, in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from constructs_lib.provider.protocol.context import Stopping
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.messages import Messages
from constructs_lib.provider.protocol.resource import Provider
from constructs_lib.provider.protocol.service import RpcService
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.values import without_unknowns
from tests.provider.protocol.example import NOTE, Lab

NULL = b"\xc0"
MESSAGES = Messages()


def request_of(rpc: str, **fields: Any) -> Any:
    """A request; bytes given for a value become a `DynamicValue`, or an identity."""
    request = MESSAGES[f"{rpc}.Request"]()
    for name, value in fields.items():
        field = request.DESCRIPTOR.fields_by_name[name]
        if field.message_type is not None and field.message_type.name == "DynamicValue":
            getattr(request, name).msgpack = value
        elif field.message_type is not None and field.message_type.name == "ResourceIdentityData":
            getattr(request, name).identity_data.msgpack = value
        elif field.message_type is not None:
            getattr(request, name).json = value
        else:
            setattr(request, name, value)
    return request


class Caller:
    """A service, configured, and shorthands for its calls; values go in and out as Python values."""

    def __init__(self, store: Path, provider: Callable[[], Provider] = Lab) -> None:
        self.stopping, self.secrets = Stopping(grace=0.2), Secrets()
        self.service = RpcService(provider, self.stopping, self.secrets)
        self.states = States(NOTE)
        if provider is Lab:
            config = States(Lab.schema).write({"store": str(store)})
            self.call("ConfigureProvider", terraform_version="1.11.4", config=config)

    def call(self, rpc: str, **fields: Any) -> Any:
        """The response to `request_of` the same."""
        request = request_of(rpc, **fields)
        answer = self.service.answer(rpc, request.SerializeToString())
        return MESSAGES[f"{rpc}.Response"].FromString(answer)

    def stream(self, rpc: str, **fields: Any) -> list[Any]:
        """The events that answer `request_of` the same."""
        data = request_of(rpc, **fields).SerializeToString()
        return [MESSAGES[f"{rpc}.Event"].FromString(event) for event in self.service.stream(rpc, data)]

    def config(self, **values: Any) -> bytes:
        return self.states.write(self.states.conform({"name": "one", **values}))

    def validate(self, **values: Any) -> Any:
        return self.call("ValidateResourceConfig", type_name="lab_note", config=self.config(**values))

    def plan(self, prior: Any = None, private: bytes = b"", **values: Any) -> Any:
        config = self.config(**values)
        return self.call(
            "PlanResourceChange",
            type_name="lab_note",
            config=config,
            prior_state=self.states.write(prior),
            proposed_new_state=config,
            prior_private=private,
        )

    def apply(self, prior: Any = None, private: bytes = b"", **values: Any) -> Any:
        """Plan and apply."""
        planned = self.plan(prior, private, **values)
        assert not planned.diagnostics, planned.diagnostics
        return self.call(
            "ApplyResourceChange",
            type_name="lab_note",
            config=self.config(**values),
            prior_state=self.states.write(prior),
            planned_state=planned.planned_state.msgpack,
            planned_private=planned.planned_private,
        )

    def create(self, **values: Any) -> dict[str, Any]:
        """The state of a new note."""
        response = self.apply(**values)
        assert not response.diagnostics, response.diagnostics
        return self.value(response.new_state)

    def value(self, message: Any) -> dict[str, Any]:
        """What a `DynamicValue` of a note holds; it must not be null."""
        found = self.states.read(message)
        assert found is not None
        return found


def known(value: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = without_unknowns(value)
    return result


def messages_of(response: Any) -> list[str]:
    """The diagnostics as text: `ERROR Too few days [rules 0 days]`."""
    found = []
    for each in response.diagnostics:
        steps = [str(getattr(step, str(step.WhichOneof("selector")))) for step in each.attribute.steps]
        kind = {1: "ERROR", 2: "WARNING"}[each.severity]
        found.append(f"{kind} {each.summary}" + (f" [{' '.join(steps)}]" if steps else ""))
    return found
