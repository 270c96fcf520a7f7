"""Faults on request: each kind, as a client meets it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud import Fault, FaultKind, LocalCloud, Moment
from constructs_lib.localcloud.faults import Faults
from tests.localcloud.clients import (
    BACKUP,
    DOCUMENT,
    Client,
    Lost,
    Throttled,
    acs3,
    headers_of,
    post,
    refused,
    wait_for_a_fault,
)
from tests.localcloud.conftest import Clock


def create(client: Client, name: str = "p") -> None:
    client("CreatePolicy", PolicyName=name, PolicyDocument=DOCUMENT)


def names(client: Client) -> list[str]:
    listed = client("ListPolicies", PolicyType="Custom")["Policies"]["Policy"]
    return [policy["PolicyName"] for policy in listed]


def outcomes(cloud: LocalCloud, count: int = 8) -> str:
    """Which of so many requests fail: `.` and `x`."""
    pattern = ""
    for _ in range(count):
        answer = post(cloud, acs3(cloud, headers_of(cloud, "GetCallerIdentity")))
        pattern += "." if answer.status == 200 else "x"
    return pattern


# -- which requests


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({}, "xxxxxxxx"),
        ({"count": 2}, "xx......"),
        ({"skip": 3, "count": 2}, "...xx..."),
        ({"count": 0}, "........"),
        ({"probability": 0}, "........"),
        ({"operation": "GetCallerIdentity", "count": 1}, "x......."),
        ({"operation": "STS.*", "count": 1}, "x......."),
        ({"operation": "RAM.*"}, "........"),
        ({"operation": "Describe*"}, "........"),
    ],
)
def test_a_fault_strikes_by_operation_and_count(
    cloud: LocalCloud, fault: dict[str, Any], expected: str
) -> None:
    cloud.set_faults([{"kind": "server_error", **fault}])
    assert outcomes(cloud) == expected


def test_a_seed_tells_which_requests_are_struck(cloud: LocalCloud) -> None:
    def struck(seed: int, *before: dict[str, Any]) -> str:
        fault = {"kind": "server_error", "probability": 0.5}
        cloud.set_faults({"seed": seed, "faults": [fault, *before]})
        return outcomes(cloud, 16)

    first = struck(1)
    assert set(first) == {".", "x"}
    assert struck(1) == first == struck(1, {"kind": "server_error", "operation": "RAM.*"})
    assert struck(2) != first


def test_faults_end_when_others_are_set(cloud: LocalCloud) -> None:
    cloud.set_faults([Fault(kind=FaultKind.SERVER_ERROR)])
    assert outcomes(cloud, 2) == "xx"
    cloud.set_faults()
    assert outcomes(cloud, 2) == ".."


# -- each kind


def test_latency(cloud: LocalCloud, client: Client) -> None:
    cloud.set_faults([{"kind": "latency", "seconds": 0.2, "count": 1}])
    began = time.monotonic()
    create(client)
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("at", list(Moment))
def test_an_answer_that_comes_too_late_may_have_changed_something(cloud: LocalCloud, at: Moment) -> None:
    headers = acs3(cloud, headers_of(cloud, "CreatePolicy"), {"PolicyName": "p", "PolicyDocument": DOCUMENT})
    cloud.set_faults([Fault(kind=FaultKind.LATENCY, seconds=1, at=at, operation="CreatePolicy")])
    arguments = (cloud, headers, {"PolicyName": "p", "PolicyDocument": DOCUMENT})
    late = threading.Thread(target=post, args=arguments)
    late.start()
    wait_for_a_fault(cloud)
    assert names(Client(cloud)) == (["p"] if at is Moment.AFTER else [])
    late.join()
    assert names(Client(cloud)) == ["p"]


@pytest.mark.parametrize(("status", "expected"), [(None, 429), (400, 400)])
def test_throttling(cloud: LocalCloud, client: Client, status: int | None, expected: int) -> None:
    cloud.set_faults([{"kind": "throttling", "count": 1, "status": status}])
    with refused("Throttling.User", expected):
        create(client)
    create(client)


def test_throttling_tells_when_to_come_again(cloud: LocalCloud, client: Client) -> None:
    cloud.set_faults([{"kind": "throttling", "count": 1, "code": "Throttling.Api", "retry_after": 0.25}])
    with pytest.raises(Throttled) as caught:
        create(client)
    error: Any = caught.value
    assert (error.code, error.retry_after) == ("Throttling.Api", 250)


@pytest.mark.parametrize("at", list(Moment))
def test_a_server_error(cloud: LocalCloud, client: Client, at: Moment) -> None:
    cloud.set_faults([{"kind": "server_error", "count": 1, "at": at}])
    with refused("ServiceUnavailable", 503):
        create(client)
    assert names(client) == (["p"] if at is Moment.AFTER else [])


def test_any_error(cloud: LocalCloud, client: Client) -> None:
    cloud.set_faults([{"kind": "error", "count": 1, "status": 403, "code": "NoPermission", "message": "m"}])
    with refused("NoPermission", 403):
        create(client)
    cloud.set_faults([{"kind": "error", "count": 1, "status": 200, "code": "VaultNotExist"}])
    answer = client("CreatePolicyV2", Rules=[BACKUP])
    assert (answer["Success"], answer["Code"]) == (False, "VaultNotExist")
    assert answer["RequestId"]


def test_a_refusal_in_the_body(cloud: LocalCloud, client: Client) -> None:
    cloud.set_faults([{"kind": "refusal_in_body", "operation": "*PolicyV2"}])
    answer = client("DeletePolicyV2", PolicyId="po-none")
    assert (answer["Success"], answer["Code"]) == (False, "InvalidResourceId.NotFound")
    assert client("CreatePolicyV2", Rules=[BACKUP])["Success"] is True


@pytest.mark.parametrize("kind", ["cut", "truncated", "not_json"])
@pytest.mark.parametrize("at", [None, Moment.BEFORE])
def test_an_answer_that_gets_lost(cloud: LocalCloud, client: Client, kind: str, at: Moment | None) -> None:
    cloud.set_faults([{"kind": kind, "operation": "CreatePolicy", "at": at}])
    with pytest.raises(Lost):
        create(client)
    assert names(client) == ([] if at else ["p"])
    [logged] = cloud.requests("CreatePolicy")
    assert (logged.committed, logged.faults) == (at is None, (kind,))


def test_a_refused_sender_meets_faults_too(cloud: LocalCloud) -> None:
    cloud.set_faults([{"kind": "cut"}])
    stranger = Client(cloud, secret_key="wrong")
    with pytest.raises(Lost):
        stranger("GetCallerIdentity")
    [logged] = cloud.requests()
    assert (logged.code, logged.committed, logged.account) == ("SignatureDoesNotMatch", False, None)


def test_how_the_answers_get_lost(cloud: LocalCloud) -> None:
    def lost(kind: str) -> Callable[[], object]:
        cloud.set_faults([{"kind": kind}])
        return lambda: post(cloud, acs3(cloud, headers_of(cloud, "GetCallerIdentity")))

    with pytest.raises(ConnectionResetError):
        lost("cut")()
    with pytest.raises(Exception, match="IncompleteRead"):
        lost("truncated")()
    cloud.set_faults([{"kind": "not_json"}])
    answer = post(cloud, acs3(cloud, headers_of(cloud, "GetCallerIdentity")))
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")
    assert answer.body.startswith(b"<html>")


def test_a_stale_read(cloud: LocalCloud, client: Client, clock: Clock) -> None:
    create(client, "old")
    clock.ahead = 10
    create(client, "new")
    client("CreatePolicyVersion", PolicyName="old", PolicyDocument=DOCUMENT, SetAsDefault=True)
    cloud.set_faults([{"kind": "stale_read", "seconds": 5}])
    assert names(client) == ["old"]
    old = client("GetPolicy", PolicyName="old", PolicyType="Custom")
    assert old["DefaultPolicyVersion"]["VersionId"] == "v1"
    with refused("EntityNotExist.Policy", 404):
        client("GetPolicy", PolicyName="new", PolicyType="Custom")
    with refused("EntityAlreadyExists.Policy", 409):
        create(client, "new")  # a write sees the present
    client("DeletePolicy", PolicyName="new")
    assert names(client) == ["old"]
    clock.ahead = 20
    assert names(client) == ["old"]
    assert client("GetPolicy", PolicyName="old", PolicyType="Custom")["Policy"]["DefaultVersion"] == "v2"
    cloud.set_faults([{"kind": "stale_read", "seconds": 600}])
    assert names(client) == []


@pytest.mark.parametrize("seconds", [-1000, 1000])
def test_a_skewed_clock(cloud: LocalCloud, client: Client, seconds: float) -> None:
    cloud.set_faults([{"kind": "clock_skew", "seconds": seconds, "operation": "CreatePolicy"}])
    with refused("InvalidTimeStamp.Expired", 400):
        create(client)
    assert names(client) == []


def test_faults_come_together(cloud: LocalCloud, client: Client) -> None:
    cloud.set_faults(
        [
            {"kind": "latency", "seconds": 0.1},
            {"kind": "server_error", "at": "after", "count": 1},
            {"kind": "throttling", "skip": 1, "count": 1},
        ]
    )
    with refused("ServiceUnavailable", 503):
        create(client, "p1")
    with refused("Throttling.User", 429):
        create(client, "p2")
    assert names(client) == ["p1"]
    first, second, _ = cloud.requests()
    assert first.faults == ("latency", "server_error")
    assert first.seconds >= 0.1
    assert (second.status, second.code, second.committed) == (429, "Throttling.User", False)


# -- where they are written


def test_faults_are_read_from_json_and_toml(tmp_path: Path) -> None:
    form = {"seed": 7, "faults": [{"kind": "cut", "operation": "CreatePolicyV2", "probability": 0.1}]}
    (tmp_path / "faults.json").write_text(json.dumps(form))
    toml = 'seed = 7\n[[faults]]\nkind = "cut"\noperation = "CreatePolicyV2"\nprobability = 0.1\n'
    (tmp_path / "faults.toml").write_text(toml)
    expected = [Fault(kind=FaultKind.CUT, operation="CreatePolicyV2", probability=0.1)]
    for given in (form, tmp_path / "faults.json", str(tmp_path / "faults.toml")):
        faults = Faults.read(given)
        assert (faults.seed, list(faults.faults)) == (7, expected)
    (tmp_path / "faults.toml").write_text('[[faults]]\nkind = "cut"\n')
    with LocalCloud(faults=tmp_path / "faults.toml") as cloud, pytest.raises(Lost):
        Client(cloud)("GetCallerIdentity")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([{"kind": "storm"}], r"faults\[0\]: kind is 'storm'; it is one of latency, throttling"),
        ([{"kind": ["cut"]}], r"kind is \['cut'\]"),
        ([{"operation": "*"}], r"faults\[0\]: an object with a kind"),
        ([7], r"faults\[0\]: an object"),
        ([{"kind": "cut", "often": 1}], r"faults\[0\]: often is unknown; there are at, code, count"),
        ([{"kind": "cut", "at": "noon"}], "at is 'noon'; it is one of before, after"),
        ([{"kind": "cut", "count": -1}], "count is -1"),
        ([{"kind": "cut", "skip": None}], "skip is None"),
        ([{"kind": "cut", "count": True}], "count is True"),
        ([{"kind": "cut", "operation": 7}], "operation is 7"),
        ([{"kind": "not_json", "message": "\ud800"}], r"message is '\\ud800'; it cannot be sent"),
        (
            [{"kind": "cut"}, {"kind": "cut", "operation": "get*"}],
            r"faults\[1\]: operation is 'get\*'; there",
        ),
        ([Fault(kind=FaultKind.CUT, operation="HBR.CreatePolicy")], "there is no such operation"),
        ([{"kind": "cut", "probability": 2}], "probability is 2"),
        ([{"kind": "cut", "probability": float("nan")}], "probability is nan"),
        ([{"kind": "cut", "seconds": 1}], "seconds is 1; latency, stale_read, clock_skew need it"),
        ([{"kind": "latency"}], "seconds is 0.0"),
        ([{"kind": "latency", "seconds": -1}], "seconds is -1; it is a number from 0 to 3600"),
        ([{"kind": "stale_read", "seconds": 601}], "from 0 to 600"),
        ([{"kind": "throttling", "retry_after": 0}], "retry_after is 0"),
        (
            [{"kind": "latency", "seconds": 1, "status": 500}],
            "latency: status, code, message and retry_after",
        ),
        ([{"kind": "cut", "retry_after": 1}], "it answers none"),
        ([{"kind": "throttling", "at": "after"}], "throttling: at is 'after'; who throttles refuses before"),
        ([{"kind": "throttling", "at": "after", "status": 400}], "at is 'after'"),
        ([{"kind": "error", "status": 400}], "it needs status and code"),
        ([{"kind": "error", "status": 302, "code": "x"}], "status is 302; it is 200, or 400 to 599"),
        ({"fault": []}, "'fault'.* is unknown"),
        ({"seed": "x"}, "seed is 'x'"),
        ({"faults": {}}, "a list of faults"),
        ([{"kind": "cut"}] * 1001, "at most 1000"),
        (7, "a list of faults"),
    ],
)
def test_wrong_faults_are_refused_in_words(cloud: LocalCloud, given: object, message: str) -> None:
    cloud.set_faults([{"kind": "server_error", "count": 1}])
    with pytest.raises(ValueError, match=message):
        cloud.set_faults(given)
    assert outcomes(cloud, 2) == "x."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "Expecting"),
        (b"\xff[]", "'utf-8' codec can't decode"),
        (b"[" * 100_000, ""),  # each Python has words of its own
        (b'"faults.json"', "a list of faults is needed"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "faults.json").write_bytes(content)
    with pytest.raises(ValueError, match=rf"faults\.json: {message}"):
        LocalCloud(faults=tmp_path / "faults.json")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LocalCloud(faults=tmp_path / "none.toml")
