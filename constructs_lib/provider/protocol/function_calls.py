"""The calls about a provider's functions."""

from __future__ import annotations

from typing import Any

from constructs_lib.provider.protocol.codec import decoder, encoder, pack, unpack
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import Function, Parameter
from constructs_lib.provider.protocol.session import RpcCall, Session
from constructs_lib.provider.protocol.types import Type, type_bytes
from constructs_lib.provider.protocol.values import holds_unknown

_MARKDOWN = 1
# What `unpack` gives for the types that parameters have; large numbers come as strings.
_UNPACKED: dict[str, Any] = {"string": str, "number": (int, float, str), "dynamic": list}


def get_functions(session: Session, call: RpcCall) -> None:
    for function in session.functions.values():
        fill_function(call.response.functions[function.name], function)


def fill_function(message: Any, function: Function) -> None:
    """Write a function into a `Function` message."""
    for parameter in function.parameters:
        _fill_parameter(message.parameters.add(), parameter)
    if function.variadic:
        _fill_parameter(message.variadic_parameter, function.variadic)
    # Not an attribute: `return` is a word of Python.
    getattr(message, "return").type = type_bytes(function.returns)
    message.summary, message.description = function.description.partition(". ")[0], function.description
    message.description_kind = _MARKDOWN


def _fill_parameter(message: Any, parameter: Parameter) -> None:
    message.name, message.type = parameter.name, type_bytes(parameter.type)
    message.description, message.description_kind = parameter.description, _MARKDOWN


def call_function(session: Session, call: RpcCall) -> None:
    name = call.request.name
    call.subject = f"the function {name}"
    if name not in session.functions:
        raise Failure(f"There is no function {name}", "This provider does not have it.")
    function = session.functions[name]
    given = call.request.arguments
    more = len(given) - len(function.parameters)
    parameters = [*function.parameters, *([function.variadic] * more if function.variadic else [])]
    if len(parameters) != len(given):
        least = "at least " if function.variadic else ""
        raise Failure(
            f"{name} takes {least}{len(function.parameters)} arguments", f"It was given {len(given)}."
        )
    arguments: list[Any] = []
    for number, (parameter, argument) in enumerate(zip(parameters, given, strict=True)):
        value = unpack(argument.msgpack)
        if not _is_a(parameter.type, value):
            allowed = f"of the type {parameter.type.kind}, known and not null"
            call.response.error.text = f"{parameter.name} has to be {allowed}"
            call.response.error.function_argument = number
            return
        decode = decoder(parameter.type)
        arguments.append(decode(value) if decode else value)
    try:
        value = function.compute(*arguments)
    except Failure as failure:
        call.response.error.text = str(failure)
        names = [parameter.name for parameter in parameters]
        if failure.path and failure.path[0] in names:
            first = names.index(str(failure.path[0]))
            call.response.error.function_argument = first + sum(map(int, failure.path[1:]))
        return
    call.response.result.msgpack = pack(encoder(function.returns)(value))


def _is_a(kind: Type, value: Any) -> bool:
    """Whether what `unpack` gave is of the type of a parameter.

    Terraform sees to that, and to no parameter getting null or anything unknown; another client may not.
    """
    return (
        isinstance(value, _UNPACKED[kind.kind]) and not isinstance(value, bool) and not holds_unknown(value)
    )
