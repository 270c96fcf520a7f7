"""The calls about a provider's functions."""

from __future__ import annotations

from typing import Any

from constructs_lib.provider.protocol.codec import decoder, encoder, pack, unpack
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import Function, Parameter
from constructs_lib.provider.protocol.session import RpcCall, Session
from constructs_lib.provider.protocol.types import Type, type_bytes

_MARKDOWN = 1


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
    arguments = [_read(each.type, argument) for each, argument in zip(parameters, given, strict=True)]
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


def _read(kind: Type, message: Any) -> Any:
    value = unpack(message.msgpack)
    decode = decoder(kind)
    return decode(value) if decode else value
