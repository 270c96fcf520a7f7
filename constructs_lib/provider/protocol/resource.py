"""What a provider implements: itself, its resources, its data sources, its lists, its functions.

    class Note(Resource):
        type_name = "lab_note"
        schema = Schema({"id": Attribute(STRING, computed=True), "text": Attribute(STRING, required=True)})

        def create(self, ctx, planned):
            return {**planned, "id": ctx.client.add(planned["text"])}

        def read(self, ctx, state):
            text = ctx.client.get(state["id"])
            return None if text is None else {**state, "text": text}

        def delete(self, ctx, state):
            ctx.client.remove(state["id"])

Every operation may raise `Failure`; any other exception is reported as a bug of the provider. Operations run
in parallel, on one object: keep nothing in it.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure, as_path
from constructs_lib.provider.protocol.schema import Schema
from constructs_lib.provider.protocol.types import STRING, Type
from constructs_lib.provider.protocol.values import Path


class PlannedChange:
    """A planned change, as `Resource.plan` sees it.

    * `prior`: the state before; None where the resource is new.
    * `config`: what the user wrote; may hold `UNKNOWN`.
    * `planned`: what it will be. The hook may change computed values: set one that the configuration left
      out, or make it `UNKNOWN`.
    * `changed`: the names of the top-level attributes that change; empty where nothing does.
    """

    def __init__(self, prior: State | None, config: State, planned: State, changed: frozenset[str]) -> None:
        self.prior, self.config, self.planned, self.changed = prior, config, planned, changed
        self.replaced: list[Path] = []

    def replace(self, path: Path | str) -> None:
        """The attribute at `path` cannot be changed in place: Terraform replaces the resource."""
        self.replaced.append(as_path(path))


class MoveSource(NamedTuple):
    """Where a `moved` resource comes from.

    * `provider`: the address, `registry.terraform.io/aliyun/alicloud`.
    * `type_name`, `version`: of the resource there, and of its schema.
    * `state`: its state, as JSON gives it.
    """

    provider: str
    type_name: str
    version: int
    state: State


class Resource(abc.ABC):
    """A managed resource. States given to and returned by the operations are dicts by attribute name.

    What an operation returns may leave attributes out: they are null. A value that only differs in writing
    (`Attribute.same`) from the planned or stored one is taken as unchanged.
    """

    type_name: str
    schema: Schema
    identity: Schema | None = None
    """What tells the object from all others: attributes that are required, or optional, for an import."""

    def validate(self, ctx: Context, config: State) -> None:
        """Report what is wrong with the configuration through `ctx.error` and `ctx.warn`.

        It may hold `UNKNOWN` in any place. `ctx.client` may be None: `terraform validate` needs no
        credentials.
        """
        return None

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        """Look at a planned create or update: warn, refuse, replace, adjust computed values."""
        return None

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        """Look at a planned destroy: warn or refuse."""
        return None

    @abc.abstractmethod
    def create(self, ctx: Context, planned: State) -> State:
        """Make it and return its state. Call `ctx.save` once it exists, where anything after can fail."""

    @abc.abstractmethod
    def read(self, ctx: Context, state: State) -> State | None:
        """The state as it is now; None where the object is gone. After an import most of `state` is null."""

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        """Change it in place and return the new state. After a failure the prior state stays, or what
        `ctx.save` recorded."""
        raise NotImplementedError(f"{self.type_name} has no update: declare force_new on what can change")

    @abc.abstractmethod
    def delete(self, ctx: Context, state: State) -> None:
        """Make it go. What is gone already is no failure."""

    def import_(self, ctx: Context, id: str) -> State:
        """The state for `terraform import`: enough for `read` to find the object."""
        raise Failure(f"{self.type_name} cannot be imported")

    def import_identity(self, ctx: Context, identity: State) -> State:
        """As `import_`, by an identity. What is optional in it may be null."""
        raise Failure(f"{self.type_name} cannot be imported by an identity")

    def identify(self, ctx: Context, state: State, known: State | None) -> State | None:
        """The identity of a state, which may be a planned one; None where it is not known yet. `known`: what
        is stored for it so far. It stays as it is as long as it is the same object."""
        return None

    def generate(self, config: State) -> State:
        """The configuration that Terraform (1.14 and newer) generates for an object: `config` is its state
        without what only the provider sets, and without defaults. Leave out what excludes each other."""
        return config

    def upgrade(self, ctx: Context, version: int, state: State) -> State:
        """Rewrite a stored state of an older schema `version`. Attributes that came and went need no care."""
        return state

    def move(self, ctx: Context, source: MoveSource) -> State | None:
        """The state of a resource that a `moved` block brings from another type; None: not from there."""
        return None


class DataSource(abc.ABC):
    """A data source."""

    type_name: str
    schema: Schema

    def validate(self, ctx: Context, config: State) -> None:
        """As `Resource.validate`."""
        return None

    @abc.abstractmethod
    def read(self, ctx: Context, config: State) -> State:
        """What was found. Attributes of the configuration need not be repeated."""


class Listed(NamedTuple):
    """One object that is there.

    * `state`: of the resource; of what is not asked for completely, no more than `identify` needs.
    * `name`: what a person calls it.
    """

    state: State
    name: str


class ListResource(abc.ABC):
    """Finds what is there of one type of resources: Terraform (1.14 and newer) lists it, and writes the
    configuration for it. Its arguments choose. The resource of the type has an identity."""

    type_name: str
    schema: Schema

    def validate(self, ctx: Context, config: State) -> None:
        """As `Resource.validate`."""
        return None

    @abc.abstractmethod
    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        """The objects, as they are asked for: who asks may stop at any. `is_complete`: with their states."""


class Parameter(NamedTuple):
    """One parameter; Terraform refuses null for it."""

    name: str
    description: str
    type: Type = STRING


class Function(NamedTuple):
    """A function that configurations call: `provider::lab::shout("a")`.

        shout = Function("shout", "The text in capitals.", (Parameter("text", "Any."),), STRING, str.upper)

    It is pure: it gets no context and no client, and the same arguments give the same value. Terraform (1.8
    and newer) calls it only where all arguments are known; where one is not, its value is not known either.

    * `description`: Markdown; its first sentence is the summary.
    * `parameters`: in their order; `variadic`: what may follow them any number of times, if anything.
    * `returns`: the type of its value.
    * `compute`: gets the arguments. It may raise `Failure`, with the parameter's name as `path`,
      of a variadic one as `name[0]`.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    returns: Type
    compute: Callable[..., Any]
    variadic: Parameter | None = None


class Provider:
    """The provider: its configuration, and what it offers."""

    name: str
    schema: Schema = Schema({})

    def resources(self) -> Sequence[Resource]:
        """Called once."""
        return ()

    def data_sources(self) -> Sequence[DataSource]:
        """Called once."""
        return ()

    def list_resources(self) -> Sequence[ListResource]:
        """Called once."""
        return ()

    def functions(self) -> Sequence[Function]:
        """Called once."""
        return ()

    def validate(self, ctx: Context, config: State) -> None:
        """As `Resource.validate`, for the provider's configuration."""

    def configure(self, ctx: Context, config: State) -> Any:
        """The client that operations find in `ctx.client`. Make no connection: during a plan, values of the
        configuration may be `UNKNOWN`."""
        return None

    def close(self, *, interrupted: bool) -> None:
        """Terraform needs this process no longer, and has received all answers; be quick. Not called where
        either was killed. `interrupted`: the user stopped the run before its end."""

    def explain(self, error: Exception) -> Failure | None:
        """Turn an exception of the domain into words; None: it is a bug."""
        return None
