"""The functions of the provider, called as Terraform calls them: without a configured provider."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from constructs_lib.backup.schedule import Schedule
from constructs_lib.provider.functions import FUNCTIONS
from constructs_lib.provider.protocol.codec import decoder, encoder, pack, unpack
from constructs_lib.provider.protocol.context import Stopping
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.service import RpcService
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
    """What the function answers; its error, with the name of the parameter, as an exception."""
    function = BY_NAME[name]
    request = MESSAGES["CallFunction.Request"](name=name)
    parameters = [*function.parameters, *([function.variadic] * len(arguments) if function.variadic else [])]
    for parameter, argument in zip(parameters, arguments, strict=function.variadic is None):
        request.arguments.add(msgpack=pack(encoder(parameter.type)(argument)))
    answer = service.answer("CallFunction", request.SerializeToString())
    response = MESSAGES["CallFunction.Response"].FromString(answer)
    if response.error.text:
        about = response.error.WhichOneof("given") and response.error.function_argument
        raise LookupError(response.error.text, about)
    value, decode = unpack(response.result.msgpack), decoder(function.returns)
    return decode(value) if decode else value


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


def test_a_function_that_is_not_there_is_an_error_in_words(service: RpcService) -> None:
    request = MESSAGES["CallFunction.Request"](name="nope").SerializeToString()
    response = MESSAGES["CallFunction.Response"].FromString(service.answer("CallFunction", request))
    assert response.error.text.startswith("There is no function nope")


def test_null_in_a_rule_is_what_is_left_out(service: RpcService) -> None:
    objects = [{**DAILY[0], "retention": None}, {**DAILY[1], "schedule": None}]
    assert call(service, "recovery_points", objects) == call(service, "recovery_points", DAILY)
