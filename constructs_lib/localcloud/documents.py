"""Policy documents as they arrive: judged by the checks of `constructs_lib.ram`, kept as they were sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError, describe_findings
from constructs_lib.localcloud.parameters import Parameters
from constructs_lib.ram.canonical import MAX_DOCUMENT_BYTES
from constructs_lib.ram.grammar import parse
from constructs_lib.tokens import Literal

_REFUSED_OPERATOR = re.compile(r"IfExists$|^Null$")


def read_document(parameters: Parameters) -> str:
    """The text of PolicyDocument; ApiError where it is too long or malformed.

    uncertain: which of the grammar's rules RAM enforces. Refused is what the checks call malformed, a
    Statement that is empty or no list too, and the operators that RAM says it does not support; a
    NotResource, a Sid, a Principal, any other unknown operator are taken.
    """
    text = parameters.required("PolicyDocument")
    # uncertain: whether bytes or characters count, and whether white space does. All bytes do here.
    if len(text.encode()) > MAX_DOCUMENT_BYTES:
        raise ApiError(errors.TOO_LONG, "PolicyDocument")
    if problem := find_grammar_problem(text):
        raise ApiError(errors.MALFORMED_DOCUMENT, problem)
    if any(_REFUSED_OPERATOR.search(operator) for operator in _list_operators(json.loads(text))):
        raise ApiError(errors.MALFORMED_DOCUMENT, "The condition operator 'IfExists/Null' is not supported.")
    return text


def _list_operators(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        if isinstance(statement, Mapping) and isinstance(conditions := statement.get("Condition"), Mapping):
            yield from conditions


def find_grammar_problem(text: str) -> str | None:
    """What is wrong with a document, in a line; None where nothing is."""
    return describe_findings(parse(Literal(text)).findings) or None
