"""The functions of the provider, called as Terraform calls them: without a configured provider."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from constructs_lib.backup.schedule import Schedule
from constructs_lib.provider.functions import FUNCTIONS
from constructs_lib.provider.protocol.codec import decoder, encoder, pack, unpack
from constructs_lib.provider.protocol.context import Stopping
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.service import RpcService
from constructs_lib.provider.protocol.types import DYNAMIC, STRING, list_of
from constructs_lib.provider.protocol.values import UNKNOWN, Dynamic
from constructs_lib.provider.provider import Alipolicy
from tests.provider.protocol.caller import MESSAGES
from tests.provider.test_policy_version import document

READ, ALL = document("oss:Get*"), document("oss:*")
BY_NAME = {function.name: function for function in FUNCTIONS}
DAILY: list[dict[str, object]] = [
    {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": "I|1648647166|P1D", "vault_id": "v-1"},
    {"rule_type": "TRANSITION", "retention": 7},
]


@pytest.fixture(scope="module")
def service() -> RpcService:
    return RpcService(Alipolicy, Stopping(), Secrets())


def call(service: RpcService, name: str, *arguments: Any) -> Any:
    """What the function answers; its error, with the place of the argument, as an exception."""
    function = BY_NAME[name]
    parameters = [*function.parameters, *([function.variadic] * len(arguments) if function.variadic else [])]
    pairs = zip(parameters, arguments, strict=function.variadic is None)
    packed = [pack(encoder(parameter.type)(argument)) for parameter, argument in pairs]
    value, decode = unpack(call_with(service, name, packed)), decoder(function.returns)
    return decode(value) if decode else value


def call_with(service: RpcService, name: str, packed: Sequence[bytes]) -> bytes:
    """As `call`, with arguments and a result as they are on the wire."""
    request = MESSAGES["CallFunction.Request"](name=name)
    for argument in packed:
        request.arguments.add(msgpack=argument)
    answer = service.answer("CallFunction", request.SerializeToString())
    response = MESSAGES["CallFunction.Response"].FromString(answer)
    if response.error.text:
        about = response.error.WhichOneof("given") and response.error.function_argument
        raise LookupError(response.error.text, about)
    result: bytes = response.result.msgpack
    return result


def test_all_that_is_offered_can_be_called(service: RpcService) -> None:
    offered = MESSAGES["GetFunctions.Response"].FromString(service.answer("GetFunctions", b"")).functions
    assert set(offered) == set(BY_NAME)
    schema = MESSAGES["GetProviderSchema.Response"].FromString(service.answer("GetProviderSchema", b""))
    assert {name: schema.functions[name] for name in schema.functions} == dict(offered)
    metadata = MESSAGES["GetMetadata.Response"].FromString(service.answer("GetMetadata", b""))
    assert {function.name for function in metadata.functions} == set(BY_NAME)
    for function in offered.values():
        assert function.summary
        assert all(parameter.description for parameter in function.parameters)


def test_documents_that_say_the_same_have_one_spelling(service: RpcService) -> None:
    spaced = json.dumps(json.loads(ALL), indent=4)
    assert call(service, "document_canonical", spaced) == call(service, "document_canonical", ALL)
    assert json.loads(call(service, "document_canonical", ALL)) == json.loads(ALL)


def test_a_document_is_minimised(service: RpcService) -> None:
    statement = {"Effect": "Allow", "Action": ["oss:*", "oss:GetObject"], "Resource": ["*"]}
    long = json.dumps({"Version": "1", "Statement": [statement, statement]})
    (short,) = json.loads(call(service, "document_minimise", long))["Statement"]
    assert short["Action"] == ["oss:*"]


def test_a_document_is_split_and_stays_where_it_was(service: RpcService) -> None:
    statements = [{"Effect": "Allow", "Action": f"oss:Get{n:0200}", "Resource": "*"} for n in range(30)]
    parts = call(service, "document_split", json.dumps({"Version": "1", "Statement": statements}))
    assert sorted(map(len, parts)) == [1828, 5940]
    statements.insert(0, {"Effect": "Deny", "Action": "ram:*", "Resource": "*"})
    more = call(service, "document_split", json.dumps({"Version": "1", "Statement": statements}), *parts)
    assert len(set(more) - set(parts)) == 1
    with pytest.raises(LookupError, match="It is no policy document") as refused:
        call(service, "document_split", ALL, ALL, "{")
    assert refused.value.args[1] == 2


def test_a_boundary_holds_or_does_not(service: RpcService) -> None:
    assert call(service, "document_within", READ, ALL) is True
    assert call(service, "document_within", ALL, READ) is False


def test_new_access_is_told_by_requests(service: RpcService) -> None:
    assert call(service, "document_new_access", ALL, READ) == []
    (request,) = call(service, "document_new_access", READ, ALL)
    assert re.fullmatch(r"oss:\w+ on acs:oss:\S+", request)


def test_a_schedule_is_described_and_its_runs_are_listed(service: RpcService) -> None:
    schedule = "C|1631685600|0 0 2 ? * 3,5,7"
    assert call(service, "schedule_describe", schedule) == Schedule.parse(schedule).describe()
    assert call(service, "schedule_next_runs", schedule, "2026-11-30T00:00:00Z", 2) == [
        "2026-12-01T02:00:00+08:00",
        "2026-12-03T02:00:00+08:00",
    ]
    assert call(service, "schedule_next_runs", schedule, "2026-11-30T00:00:00Z", 0) == []


def test_recovery_points_are_counted(service: RpcService) -> None:
    kept = call(service, "recovery_points", DAILY)
    assert (kept["lowest"], kept["highest"]) == (7, 7)
    assert [retention["days"] for retention in kept["retentions"]] == [7]
    assert kept["worst_cases"][0] == {"older_than": 0, "loss": 86400}


@pytest.mark.parametrize(
    ("name", "arguments", "about", "text"),
    [
        ("document_canonical", ["{"], 0, "It is no policy document"),
        ("document_within", [READ, "[]"], 1, "It is no policy document"),
        ("document_split", [document("oss:Get" + "x" * 6200)], 0, "Statement[0] alone is too large"),
        ("schedule_describe", ["daily"], 0, "It is no schedule"),
        ("schedule_next_runs", ["I|0|P1D", "2026-11-30", 1], 1, "a time with its zone"),
        ("schedule_next_runs", ["I|0|P1D", "2026-11-30T00:00:00Z", 1001], 2, "up to 1,000"),
        ("schedule_next_runs", ["I|0|P1D", "2026-11-30T00:00:00Z", -1], 2, "up to 1,000"),
        ("recovery_points", ["x"], 0, "a list of objects"),
        ("recovery_points", [DAILY[:1]], 0, "BP204"),
    ],
)
def test_a_wrong_argument_is_named(
    service: RpcService, name: str, arguments: list[Any], about: int, text: str
) -> None:
    with pytest.raises(LookupError) as refused:
        call(service, name, *arguments)
    assert text in refused.value.args[0]
    assert refused.value.args[1] == about


NO_ARGUMENTS = {
    "unknown": pack(encoder(STRING)(UNKNOWN)),
    "unknown inside": pack(encoder(DYNAMIC)(Dynamic(list_of(STRING), [UNKNOWN]))),
    "null": pack(None),
    "a truth value": pack(True),
    "a map": pack({}),
}
GOOD: dict[str, Any] = {
    **dict.fromkeys(("document", "boundary", "old", "new", "previous"), ALL),
    **{"schedule": "I|1648647166|P1D", "after": "2026-11-30T00:00:00Z", "count": 2, "rules": DAILY},
}
HOSTILE = (
    *("", " ", "\0", "null", "[]", "{}", "{" * 100_000, "[" * 100_000, "é" * 10_000, "NaN", "${var.x}"),
    '{"Version":"1","Statement":' + "[" * 3_000 + "]" * 3_000 + "}",
    ALL.replace("oss:*", "*a" * 3_000),
    ALL.replace("oss:*", "oss:${x}"),
    *("I|1|P" + "9" * 400 + "D", "C|1|" + "9" * 5_000, "I|99999999999999999999|P1D", "C|1|0 0 2 ? * *"),
    *("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00"),
)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nothing_unknown_and_no_other_type_is_computed_with(service: RpcService, name: str) -> None:
    function = BY_NAME[name]
    parameters = [*function.parameters, *([function.variadic] if function.variadic else [])]
    good = [pack(encoder(each.type)(GOOD[each.name])) for each in parameters]
    assert call_with(service, name, good)
    for number, parameter in enumerate(parameters):
        for what, packed in NO_ARGUMENTS.items():
            with pytest.raises(LookupError) as refused:
                call_with(service, name, [*good[:number], packed, *good[number + 1 :]])
            kind = parameter.type.kind
            says = f"{parameter.name} has to be of the type {kind}, known and not null"
            assert refused.value.args == (says, number), what


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_wrong_number_of_arguments_is_told(service: RpcService, name: str) -> None:
    function = BY_NAME[name]
    good = [pack(encoder(each.type)(GOOD[each.name])) for each in function.parameters]
    for packed in (good[1:], *([] if function.variadic else [[*good, good[0]]])):
        with pytest.raises(LookupError, match=f"{name} takes (at least )?{len(good)} arguments"):
            call_with(service, name, packed)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_hostile_string_is_an_answer_or_an_error_in_words(
    service: RpcService, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    parameters = BY_NAME[name].parameters
    for number, parameter in enumerate(parameters):
        for string in HOSTILE if parameter.type == STRING else ():
            arguments = [GOOD[each.name] for each in parameters]
            arguments[number] = string
            with suppress(LookupError):
                call(service, name, *arguments)
    assert "failed unexpectedly" not in caplog.text


def test_a_function_that_is_not_there_is_an_error_in_words(service: RpcService) -> None:
    request = MESSAGES["CallFunction.Request"](name="nope").SerializeToString()
    response = MESSAGES["CallFunction.Response"].FromString(service.answer("CallFunction", request))
    assert response.error.text.startswith("There is no function nope")


def test_null_in_a_rule_is_what_is_left_out(service: RpcService) -> None:
    objects = [{**DAILY[0], "retention": None}, {**DAILY[1], "schedule": None}]
    assert call(service, "recovery_points", objects) == call(service, "recovery_points", DAILY)
