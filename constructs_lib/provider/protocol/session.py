"""What the calls of one process share: the provider, its client, and what its schemas are compiled to."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Generic, TypeVar

from constructs_lib.provider.protocol.context import Context, State, Stopping
from constructs_lib.provider.protocol.diagnostics import Diagnostic, DiagnosticSeverity, Failure
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.paths import path_text
from constructs_lib.provider.protocol.planning import Planner
from constructs_lib.provider.protocol.resource import DataSource, ListResource, Provider, Resource
from constructs_lib.provider.protocol.schema import SchemaBody
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.values import WrongValueError

log = logging.getLogger("provider")

T = TypeVar("T", Resource, DataSource, ListResource)


class Compiled(Generic[T]):
    """A resource, data source or list with what its schema is compiled to, when that is asked for."""

    def __init__(self, declared: T) -> None:
        self.declared: T = declared
        self.schema = declared.schema

    # Two threads may compile the same schema; the second result is as good as the first.
    @cached_property
    def states(self) -> States:
        return States(self.schema)

    @cached_property
    def planner(self) -> Planner:
        return Planner(self.schema)


class CompiledResource(Compiled[Resource]):
    """The same, with its identity; None where it has none."""

    @cached_property
    def identities(self) -> States | None:
        return States(self.declared.identity) if self.declared.identity else None


class RpcCall:
    """One call.

    * `request`, `response`: its messages.
    * `subject`: what it is about, for messages.
    * `body`: the schema that the paths of its diagnostics go through.
    * `diagnostics`: what there is to say, in order.
    """

    def __init__(self, response: Any) -> None:
        self.request: Any = None
        self.response = response
        self.subject = "the provider"
        self.body: SchemaBody = {}
        self.diagnostics: list[Diagnostic] = []


class Session:
    """The provider at work. `client`: what `Provider.configure` returned, once it did."""

    def __init__(self, provider: Provider, stopping: Stopping, secrets: Secrets) -> None:
        self.provider, self.stopping, self.secrets = provider, stopping, secrets
        self.resources = {each.type_name: CompiledResource(each) for each in provider.resources()}
        self.data_sources = {declared.type_name: Compiled(declared) for declared in provider.data_sources()}
        self.list_resources = {each.type_name: Compiled(each) for each in provider.list_resources()}
        self.functions = {function.name: function for function in provider.functions()}
        self.settings = States(provider.schema)
        self.client: Any = None
        self.terraform_version = ""
        self.warned: dict[str, Iterator[int]] = {}

    def resource(self, call: RpcCall, type_name: str) -> CompiledResource:
        """The resource of that type, which the call is about from now on. Failure: there is none."""
        if type_name not in self.resources:
            raise Failure(f"There is no resource {type_name}", "This provider does not have it.")
        call.subject, call.body = type_name, self.resources[type_name].schema.body
        return self.resources[type_name]

    def data_source(self, call: RpcCall, type_name: str) -> Compiled[DataSource]:
        """The data source of that type, which the call is about from now on. Failure: there is none."""
        if type_name not in self.data_sources:
            raise Failure(f"There is no data source {type_name}", "This provider does not have it.")
        call.subject, call.body = f"data.{type_name}", self.data_sources[type_name].schema.body
        return self.data_sources[type_name]

    def list_resource(self, call: RpcCall, type_name: str) -> Compiled[ListResource]:
        """The list of that type, which the call is about from now on. Failure: there is none."""
        if type_name not in self.list_resources:
            raise Failure(f"There is no list resource {type_name}", "This provider does not have it.")
        call.subject, call.body = f"list.{type_name}", self.list_resources[type_name].schema.body
        return self.list_resources[type_name]

    def context(self, call: RpcCall, private: bytes = b"", timeout: float | None = None) -> Context:
        """The context for an operation; what it reports is the call's, whatever is raised afterwards."""
        return Context(
            self.stopping,
            call.diagnostics,
            client=self.client,
            terraform_version=self.terraform_version,
            private=private,
            timeout=timeout,
            hide=self.secrets.learn,
            warned=self.warned,
        )

    def read(self, states: States, message: Any) -> State | None:
        """A value, whose secrets are masked from now on."""
        value = states.read(message)
        self.secrets.learn(states.secrets(value))
        return value

    def explained(self, error: BaseException, doing: str) -> Diagnostic:
        """The diagnostic of an exception."""
        try:
            failure = error if isinstance(error, Failure) else None
            if failure is None and isinstance(error, Exception):
                failure = self.provider.explain(error)
            return failure.diagnostic if failure is not None else unexpected(error, doing)
        except BaseException as worse:
            # `explain` failed, or the error cannot even be written as a string.
            return unexpected(worse, doing)


def unexpected(error: BaseException, doing: str) -> Diagnostic:
    """The diagnostic of an exception that nobody foresaw; its traceback goes to the log."""
    if isinstance(error, WrongValueError):
        # In words too: a stored state has no line in the configuration that the path could point at.
        place = f"{path_text(error.path)}: " if error.path else ""
        detail = f"{doing}: {place}{error}."
        return Diagnostic(DiagnosticSeverity.ERROR, "A value does not fit the schema", detail, error.path)
    log.error("%s failed unexpectedly\n%s", doing, "".join(traceback.format_exception(error)))
    shown = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    detail = (
        f"{doing} failed with {shown}.\n\nThis is a bug of the provider. Please report it with the "
        "traceback, which TF_LOG=ERROR shows."
    )
    return Diagnostic(DiagnosticSeverity.ERROR, "Unexpected error in the provider", detail)
