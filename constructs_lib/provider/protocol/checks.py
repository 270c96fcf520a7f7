"""What is wrong with a configuration by its schema alone, where Terraform itself does not look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constructs_lib.provider.protocol.diagnostics import Diagnostic, DiagnosticSeverity
from constructs_lib.provider.protocol.durations import seconds_of
from constructs_lib.provider.protocol.schema import (
    Attribute,
    Schema,
    SchemaBody,
    elements_of,
    inner_body,
    nesting_of,
)
from constructs_lib.provider.protocol.values import UNKNOWN, Path


def config_problems(schema: Schema, config: dict[str, Any]) -> Iterator[Diagnostic]:
    """Values that only the provider may set, what is deprecated, and timeouts that are not durations."""
    if schema.deprecated:
        yield Diagnostic(DiagnosticSeverity.WARNING, "Deprecated", schema.deprecated)
    yield from _body_problems(schema.body, config, ())
    if schema.timeouts:
        yield from _timeout_problems(config.get("timeouts"))


def _body_problems(body: SchemaBody, value: Any, above: Path) -> Iterator[Diagnostic]:
    if not isinstance(value, dict):
        return
    for name, node in body.items():
        inside = value.get(name)
        if inside is None:
            continue
        path = (*above, name)
        if node.deprecated and inside != []:
            # Terraform itself warns only of expressions that refer to it.
            yield Diagnostic(DiagnosticSeverity.WARNING, f"{name} is deprecated", node.deprecated, path)
        if isinstance(node, Attribute) and node.computed and not node.optional:
            detail = f"The provider sets {name}; take it out of the configuration."
            yield Diagnostic(DiagnosticSeverity.ERROR, f"{name} cannot be set", detail, path)
        elif inside is not UNKNOWN and (nesting := nesting_of(node)):
            for step, element in elements_of(nesting, inside):
                yield from _body_problems(inner_body(node), element, (*path, *step))


def _timeout_problems(timeouts: Any) -> Iterator[Diagnostic]:
    if not isinstance(timeouts, dict):
        return
    for name, text in timeouts.items():
        if isinstance(text, str):
            try:
                seconds_of(text)
            except ValueError as error:
                yield Diagnostic(DiagnosticSeverity.ERROR, "Not a duration", f"{error}.", ("timeouts", name))


def timeout_of(schema: Schema, operation: str, value: dict[str, Any] | None) -> float | None:
    """Seconds that the operation may take: what the user wrote, else the schema's; None: no limit."""
    default = schema.timeouts.get(operation)
    if default is None:
        return None
    timeouts = (value or {}).get("timeouts")
    text = timeouts.get(operation) if isinstance(timeouts, dict) else None
    try:
        return seconds_of(text) if isinstance(text, str) else default
    except ValueError:
        # Reported by validation; a state from before may still hold it.
        return default
