"""A local cloud as a whole: accounts, restarts, threads, its log, its administration, its process."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from constructs_lib.localcloud import Account, Delays, FaultKind, LocalCloud, LoggedRequest, serve
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.gateway import MAX_LOGGED_TEXT, RequestLog
from constructs_lib.localcloud.ram import RAM
from constructs_lib.localcloud.service import OperationCall
from tests.localcloud.clients import (
    BACKUP,
    DOCUMENT,
    ROTATE,
    Answer,
    Client,
    Raw,
    Refused,
    acs3,
    headers_of,
    refused,
    send,
    wait_for_a_fault,
)
from tests.signals import usual_signals


def names(client: Client) -> list[str]:
    listed = client("ListPolicies", PolicyType="Custom", MaxItems=1000)["Policies"]["Policy"]
    return [policy["PolicyName"] for policy in listed]


# -- accounts


def test_no_account_sees_or_touches_what_another_has(cloud: LocalCloud, client: Client) -> None:
    other = Client(cloud, cloud.add_account())
    cloud.add_principal("User", "alice")
    policy_id = client("CreatePolicyV2", Rules=[BACKUP])["PolicyId"]
    vault_id = client("CreateVault", VaultRegionId="cn-hangzhou", VaultName="v")["VaultId"]
    client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    client("AttachPolicyToUser", PolicyName="p", PolicyType="Custom", UserName="alice")
    before = cloud.objects()
    assert other("DescribePoliciesV2")["TotalCount"] == 0
    assert other("DescribePoliciesV2", PolicyId=policy_id)["Policies"] == []
    assert other("DescribeVaults")["TotalCount"] == 0
    assert names(other) == []
    custom = {"PolicyName": "p", "PolicyType": "Custom"}
    for operation, parameters in {
        "UpdatePolicyV2": {"PolicyId": policy_id},
        "DeletePolicyV2": {"PolicyId": policy_id},
        "DescribeVaults": {"VaultId": vault_id},
        "DeleteVault": {"VaultId": vault_id},
    }.items():
        with refused("InvalidResourceId.NotFound", 404):
            other(operation, **parameters)
    for operation, changes in {
        "GetPolicy": {},
        "GetPolicyVersion": {"VersionId": "v1"},
        "ListPolicyVersions": {},
        "ListEntitiesForPolicy": {},
        "CreatePolicyVersion": {"PolicyDocument": DOCUMENT},
        "SetDefaultPolicyVersion": {"VersionId": "v1"},
        "DeletePolicyVersion": {"VersionId": "v1"},
        "DetachPolicyFromUser": {"UserName": "alice"},
        "DeletePolicy": {"CascadingDelete": "true"},
    }.items():
        with refused("EntityNotExist.Policy", 404):
            other(operation, **custom, **changes)
    assert cloud.objects() == before
    other("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    assert names(client) == ["p"]


def test_the_keys_of_the_first_account_can_be_given() -> None:
    with LocalCloud(access_key="my-key", secret_key="my-secret") as cloud:
        assert (cloud.access_key, cloud.secret_key) == ("my-key", "my-secret")
        assert Client(cloud)("GetCallerIdentity")["AccountId"] == cloud.account_id
        assert cloud.add_account("my-key", "my-secret").account_id == cloud.account_id
        for key, secret, message in (
            ("my-key", "other", "has another secret"),
            ("a b", "s", "an access key is"),
            ("other", None, "go together"),
        ):
            with pytest.raises(ValueError, match=message):
                cloud.add_account(key, secret)


def test_a_secret_is_in_no_repr(cloud: LocalCloud) -> None:
    account = cloud.add_account()
    assert account.secret_key not in repr(account)
    assert cloud.secret_key not in repr(cloud)


# -- what lasts


def test_a_file_survives_a_restart(tmp_path: Path) -> None:
    database = tmp_path / "cloud.db"
    with LocalCloud(database, delays=Delays(ecs_policy=60)) as cloud:
        client, account_id = Client(cloud), cloud.account_id
        policy_id = client("CreatePolicyV2", Rules=[BACKUP], PolicyType="UDM_ECS_ONLY")["PolicyId"]
        client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
        client("CreatePolicyVersion", PolicyName="p", PolicyDocument=DOCUMENT)
        client("DeletePolicyVersion", PolicyName="p", VersionId="v2")
        client("DeletePolicyV2", PolicyId=policy_id)
        headers = acs3(cloud, headers_of(cloud, "GetCallerIdentity"))
        port = cloud.port
        assert send(cloud, "POST", "/", headers).status == 200
    with LocalCloud(database, port=port) as cloud:
        client = Client(cloud)
        assert cloud.account_id == account_id
        assert send(cloud, "POST", "/", headers).json["Code"] == "SignatureNonceUsed"
        assert client("DescribePoliciesV2")["TotalCount"] == 1  # still being deleted
        created = client("CreatePolicyVersion", PolicyName="p", PolicyDocument=DOCUMENT)
        assert created["PolicyVersion"]["VersionId"] == "v3"


def test_two_clouds_may_share_a_file(tmp_path: Path) -> None:
    clouds = [LocalCloud(tmp_path / "cloud.db") for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(LocalCloud.start, clouds))
        clients = [Client(cloud, clouds[0]._account) for cloud in clouds * 4]
        created = list(pool.map(lambda client: client("CreatePolicyV2", Rules=[BACKUP])["PolicyId"], clients))
        assert clouds[0].account_id == clouds[1].account_id
        for client in clients[:2]:
            policies = client("DescribePoliciesV2")["Policies"]
            assert sorted(policy["PolicyId"] for policy in policies) == sorted(created)
        list(pool.map(LocalCloud.stop, clouds))


SERVER = """
import sys
from constructs_lib.localcloud import serve
serve(database=sys.argv[1], access_key="key", secret_key="secret",
      announce=lambda cloud: print(cloud.port, flush=True))
print("ended", flush=True)
"""


class Process:
    """A local cloud in a process of its own, as a client sees it."""

    def __init__(self, database: Path) -> None:
        with usual_signals():
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVER, str(database)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.client = Client(f"127.0.0.1:{self.port}", Account("key", "secret", ""))

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=10)
        return self.process.returncode, output, errors


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    answered: set[str] = set()

    def write(process: Process, worker: int) -> None:
        for index in range(10_000):
            name = f"p-{process.port}-{worker}-{index}"
            try:
                process.client("CreatePolicy", PolicyName=name, PolicyDocument=DOCUMENT)
            except Exception:
                return
            answered.add(name)

    for _ in range(2):
        process = Process(tmp_path / "cloud.db")
        with ThreadPoolExecutor(4) as pool:
            for worker in range(4):
                pool.submit(write, process, worker)
            enough, deadline = len(answered) + 25, time.monotonic() + 10
            while len(answered) < enough and time.monotonic() < deadline:
                time.sleep(0.01)
            process.end(signal.SIGKILL)
    assert len(answered) > 25
    process = Process(tmp_path / "cloud.db")
    found = names(process.client)
    assert answered <= set(found)
    for name in found:  # no half of a creation is left either
        process.client("GetPolicy", PolicyName=name, PolicyType="Custom")
    process.end(signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_ends_in_peace(tmp_path: Path, number: signal.Signals) -> None:
    process = Process(tmp_path / "cloud.db")
    process.client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    assert process.end(number) == (0, "ended\n", "")


# -- threads


def test_16_threads_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    with LocalCloud(tmp_path / "cloud.db") as cloud, ThreadPoolExecutor(16) as pool:
        client = Client(cloud)
        client("CreatePolicy", PolicyName="shared", PolicyDocument=DOCUMENT)

        def add(index: int) -> tuple[str, str, bool]:
            policy_id = client("CreatePolicyV2", PolicyName=f"n{index}", Rules=[BACKUP])["PolicyId"]
            version = client(
                "CreatePolicyVersion",
                PolicyName="shared",
                PolicyDocument=DOCUMENT,
                RotateStrategy=ROTATE,
                SetAsDefault=index % 2 == 0,
            )["PolicyVersion"]["VersionId"]
            try:
                client("CreatePolicy", PolicyName=f"p{index // 2}", PolicyDocument=DOCUMENT)
            except Exception:
                return policy_id, version, False
            return policy_id, version, True

        results = list(pool.map(add, range(64)))
        assert len({policy_id for policy_id, _, _ in results}) == 64
        assert {version for _, version, _ in results} == {f"v{number}" for number in range(2, 66)}
        assert sum(was_first for _, _, was_first in results) == 32
        assert client("DescribePoliciesV2")["TotalCount"] == 64
        listed = client("ListPolicyVersions", PolicyName="shared", PolicyType="Custom")
        versions = listed["PolicyVersions"]["PolicyVersion"]
        assert len(versions) == 5
        assert sum(version["IsDefaultVersion"] for version in versions) == 1


def test_latency_holds_up_nobody_else(cloud: LocalCloud, client: Client) -> None:
    cloud.set_faults([{"kind": "latency", "seconds": 1, "operation": "ListPolicies"}])
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        slow = [pool.submit(names, client) for _ in range(15)]
        client("GetCallerIdentity")
        assert not any(future.done() for future in slow)
        assert [future.result() for future in slow] == [[]] * 15
    assert time.monotonic() - began < 8


def test_a_client_that_waits_too_long_for_another_process_may_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("constructs_lib.localcloud.store.BUSY_TIMEOUT", 0.05)
    with LocalCloud(tmp_path / "cloud.db") as cloud:
        with closing(sqlite3.connect(tmp_path / "cloud.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with refused("ServiceUnavailable", 503):
                Client(cloud)("GetCallerIdentity")
        assert Client(cloud)("GetCallerIdentity")


def test_a_mistake_of_ours_is_an_internal_error_that_tells_no_secret(
    cloud: LocalCloud, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(call: OperationCall) -> Answer:
        call.objects.add("k", "half", {})
        raise KeyError(call.parameters.string("PolicyName"))

    monkeypatch.setitem(RAM.operations, "CreatePolicy", broken)
    with refused("InternalError", 500):
        client("CreatePolicy", PolicyName="the-secret")
    assert cloud.objects() == []
    assert "KeyError in CreatePolicy" in caplog.text
    assert "the-secret" not in caplog.text


# -- its log


def test_every_request_is_logged_without_secrets(cloud: LocalCloud, client: Client) -> None:
    cloud.add_principal("Role", "deployer")
    role = f"acs:ram::{cloud.account_id}:role/deployer"
    credentials = client("AssumeRole", RoleArn=role, RoleSessionName="ci", ExternalId="the-external-id")
    session = credentials["Credentials"]
    account = Account(session["AccessKeyId"], session["AccessKeySecret"], "")
    for algorithm in ("", "v2"):
        assumed = Client(cloud, account, token=session["SecurityToken"], algorithm=algorithm)
        assumed("CreatePolicyV2", PolicyName="n", Rules=[BACKUP])
    with refused("MissingPolicyId", 400):
        client("DeletePolicyV2")
    logged = cloud.requests()
    assert [
        (request.service, request.operation, request.status, request.code, request.committed)
        for request in logged
    ] == [
        ("STS", "AssumeRole", 200, "", True),
        ("HBR", "CreatePolicyV2", 200, "", True),
        ("HBR", "CreatePolicyV2", 200, "", True),
        ("HBR", "DeletePolicyV2", 400, "MissingPolicyId", False),
    ]
    assert {request.account for request in logged} == {cloud.account_id}
    assert logged[0].parameters["RoleSessionName"] == "ci"
    assert logged[2].parameters["PolicyName"] == "n"
    secrets = (*session.values(), cloud.secret_key, "the-external-id")
    text = str([request.as_dict() for request in logged])
    assert [secret for secret in secrets if secret in text] == [session["AccessKeyId"]]
    cloud.forget_requests()
    assert cloud.requests() == []


@pytest.mark.parametrize("algorithm", ["", "v2"])
def test_what_there_is_not_is_logged_as_it_was_called(cloud: LocalCloud, algorithm: str) -> None:
    with refused("InvalidAction.NotFound", 404):
        Client(cloud, algorithm=algorithm)("GetPolice")
    [logged] = cloud.requests("GetPolice")
    assert (logged.service, logged.status, logged.code) == ("", 404, "InvalidAction.NotFound")


def test_the_log_outlives_the_cloud() -> None:
    with LocalCloud() as cloud:
        Client(cloud)("GetCallerIdentity")
    assert [request.operation for request in cloud.requests()] == ["GetCallerIdentity"]


# -- its administration over HTTP


def local(cloud: LocalCloud, method: str, path: str, body: Any = None, **headers: str) -> Raw:
    sent = {"content-type": "application/json"} | headers
    return send(cloud, method, f"/_local/{path}", sent, b"" if body is None else json.dumps(body).encode())


def test_faults_accounts_and_principals_over_http(cloud: LocalCloud, client: Client) -> None:
    assert local(cloud, "GET", "health").json == {"status": "ok"}
    fault = {"kind": "server_error", "operation": "GetCallerIdentity", "count": 1}
    assert local(cloud, "PUT", "faults", {"seed": 3, "faults": [fault]}).status == 200
    with refused("ServiceUnavailable", 503):
        client("GetCallerIdentity")
    [listed] = local(cloud, "GET", "faults").json["faults"]
    assert listed.items() >= (fault | {"fired": 1, "probability": 1.0}).items()
    answer = local(cloud, "POST", "accounts", {"access_key": "k", "secret_key": "s"}).json
    other = Client(cloud, Account(**answer))
    local(cloud, "POST", "principals", {"kind": "User", "name": "bob", "access_key": "k"})
    other("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    other("AttachPolicyToUser", PolicyName="p", PolicyType="Custom", UserName="bob")
    objects = local(cloud, "GET", "objects").json["objects"]
    assert {stored["kind"] for stored in objects} == {"User", "policy", "policy version", "attachment"}
    assert {stored["account"] for stored in objects} == {answer["account_id"]}
    requests = local(cloud, "GET", "requests").json["requests"]
    assert [request["operation"] for request in requests][-1] == "AttachPolicyToUser"
    local(cloud, "DELETE", "requests")
    assert local(cloud, "GET", "requests").json == {"requests": []}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "nothing", None, 404, "There is no GET /_local/nothing."),
        ("PUT", "faults", {"faults": [{"kind": "storm"}]}, 400, "faults[0]: kind is 'storm'"),
        ("PUT", "faults", {"faults": [{"kind": "cut", "operation": "Nope"}]}, 400, "no such operation"),
        ("PUT", "faults", [], 400, "the body is not a JSON object"),
        ("POST", "accounts", {"access_key": "k"}, 400, "access_key and secret_key go together"),
        ("POST", "accounts", {"access_key": "k", "secret_key": ""}, 400, "the secret key is empty"),
        ("POST", "accounts", {"access_key": 7}, 400, "access_key is 7; it is a string"),
        ("POST", "principals", {"kind": "Dog", "name": "rex"}, 400, "kind is 'Dog'"),
        ("POST", "principals", {"kind": "User", "name": "a/b"}, 400, "name is 'a/b'"),
        ("POST", "principals", {"kind": "User", "name": "a", "access_key": "?"}, 400, "no access key '?'"),
    ],
)
def test_a_wrong_administration_request_is_refused_with_the_reason(
    cloud: LocalCloud, method: str, path: str, body: Any, status: int, message: str
) -> None:
    answer = local(cloud, method, path, body)
    assert answer.status == status
    assert message in answer.json["Message"]


def test_no_web_page_can_administer(cloud: LocalCloud) -> None:
    assert local(cloud, "GET", "requests", host="evil.example").status == 403
    assert local(cloud, "GET", "requests", host="evil.example:80").status == 403
    assert local(cloud, "GET", "requests", host=f"localhost:{cloud.port}").status == 200
    answer = send(cloud, "POST", "/_local/accounts", {"content-type": "text/plain"}, b"{}")
    assert (answer.status, answer.json["Message"]) == (400, "send it as application/json")


# -- any string


ANY_STRINGS = ["half \ud800", "\udc80", "NUL \0", "line \u2028", "bidi \u202e", "escape \x1b[31m\x9b"]


@pytest.mark.parametrize("text", ANY_STRINGS)
def test_any_string_from_the_owner_is_refused_in_printable_words(text: str) -> None:
    with LocalCloud() as cloud:
        for wrong in (
            lambda: cloud.add_account(text, "secret"),
            lambda: cloud.add_account("key", text),
            lambda: cloud.add_principal("User", text),
            lambda: cloud.add_principal(text, "alice"),
            lambda: cloud.set_faults([{"kind": text}]),
            lambda: cloud.set_faults([{"kind": "cut", "operation": text}]),
            lambda: cloud.set_faults([{"kind": "cut", text: 1}]),
            lambda: cloud.set_faults({text: 1}),
            lambda: LocalCloud(host=text),
        ):
            with pytest.raises(ValueError, match=r".") as raised:
                wrong()
            assert str(raised.value).isprintable(), raised.value
        with pytest.raises(ApiError):
            cloud.add_policy(text, "{}")
        with pytest.raises(ApiError):
            cloud.add_policy("name", json.dumps({"Version": text}))
        assert cloud.objects() == []


@pytest.mark.parametrize("text", ANY_STRINGS)
def test_any_string_over_http_is_answered_in_json(cloud: LocalCloud, text: str) -> None:
    for path, body in (
        ("principals", {"kind": text, "name": text}),
        ("principals", {"kind": "User", "name": "alice", "access_key": text}),
        ("accounts", {"access_key": "key", "secret_key": text}),
        ("accounts", {text: text, "access_key": text}),
    ):
        answer = local(cloud, "POST", path, body)
        assert answer.status == 400
        assert answer.json["Message"].isprintable()


@pytest.mark.parametrize("text", ANY_STRINGS)
def test_any_string_in_a_request_is_taken_or_refused_but_no_internal_error(
    cloud: LocalCloud, client: Client, text: str
) -> None:
    statement = {"Effect": "Allow", "Action": text, "Resource": "*", text: text}
    document = json.dumps({"Version": "1", "Statement": [statement], text: text})
    for operation, parameters in (
        ("CreatePolicyV2", {"Rules": json.dumps([BACKUP | {"VaultId": text, text: text}])}),
        ("CreatePolicyV2", {"Rules": json.dumps([{"RuleType": text}])}),
        ("CreatePolicyV2", {"Rules": json.dumps([text])}),
        ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": document}),
        ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": json.dumps(text)}),
        ("CreatePolicy", {"PolicyName": "q", "PolicyDocument": DOCUMENT, "Tag": json.dumps([{"Key": text}])}),
        ("AssumeRole", {"RoleArn": "acs:ram::1:role/r", "RoleSessionName": "session", "Policy": document}),
    ):
        with contextlib.suppress(Refused):
            client(operation, **parameters)
    raw = text.encode("utf-8", "surrogatepass")
    for name in ("Action", "Version", "PolicyName", "AccessKeyId", "Signature", "Timestamp", "Tag"):
        query = f"/?Action=CreatePolicy&Version=2015-05-01&{name}={quote(raw)}&{quote(raw)}=1"
        assert 400 <= send(cloud, "GET", query, {}).status < 500
    logged = json.dumps([request.as_dict() for request in cloud.requests()])
    assert "InternalError" not in logged


# -- starting and stopping


def test_the_same_source_gives_the_same_ids() -> None:
    def created() -> tuple[str, str, str]:
        with LocalCloud(source=random.Random(7), clock=lambda: 1e9, port=0) as cloud:
            return cloud.access_key, cloud.secret_key, cloud.account_id

    assert created() == created()


def test_it_listens_on_loopback_by_default(cloud: LocalCloud) -> None:
    assert cloud.endpoint == f"127.0.0.1:{cloud.port}"
    assert cloud.url == f"http://{cloud.endpoint}"
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        LocalCloud(port=taken.getsockname()[1]).start()


def test_no_host_is_not_every_host() -> None:
    with pytest.raises(ValueError, match="the host to listen on is empty"):
        LocalCloud(host="")


@pytest.mark.parametrize(("host", "is_exposed"), [("localhost", False), ("0.0.0.0", True)])
def test_it_tells_whether_other_machines_may_reach_it(host: str, is_exposed: bool) -> None:
    with LocalCloud(host=host) as cloud:
        assert cloud.is_exposed is is_exposed


def test_ipv6_has_its_own_notation() -> None:
    try:
        with LocalCloud(host="::1") as cloud:
            assert cloud.endpoint == f"[::1]:{cloud.port}"
            assert Client(cloud)("GetCallerIdentity")
    except OSError:
        pytest.skip("no IPv6 on this machine")


def test_a_file_that_is_no_database_is_an_error_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("no database, but a text of some length " * 30)
    with pytest.raises(ValueError, match="not a database"), LocalCloud(tmp_path / "db"):
        pass
    with pytest.raises(ValueError, match="kind is 'storm'"):
        serve(database=tmp_path / "other", faults=[{"kind": "storm"}])
    assert not (tmp_path / "other").exists()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_stopping_waits_for_what_is_under_way(tmp_path: Path) -> None:
    database = tmp_path / "cloud.db"
    with LocalCloud(database, faults=[{"kind": FaultKind.LATENCY, "seconds": 0.4}]) as cloud:
        client = Client(cloud)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(client, "CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
            wait_for_a_fault(cloud)
            cloud.stop()
            assert answer.result()["Policy"]["PolicyName"] == "p"
    with LocalCloud(database) as cloud:
        assert names(Client(cloud)) == ["p"]


def test_it_starts_once_and_stops_as_often_as_one_likes() -> None:
    cloud = LocalCloud()
    cloud.start()
    with pytest.raises(RuntimeError, match="started already"):
        cloud.start()
    cloud.stop()
    cloud.stop()


def test_the_library_imports_no_sdk_and_no_cdktf() -> None:
    code = "import sys, constructs_lib.localcloud; print(*sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env=dict(os.environ),
    )
    modules = {name.partition(".")[0] for name in output.stdout.split()}
    assert not modules & {"cdktf", "cdktn", "jsii", "alibabacloud_tea_openapi", "darabonba", "grpc"}


def test_the_log_of_requests_is_bounded_in_bytes() -> None:
    log = RequestLog()
    large = {f"p{number}": "é" * MAX_LOGGED_TEXT for number in range(500)}
    for number in range(40):
        log.append(LoggedRequest(request_id=str(number), time=0, parameters=large, status=200, code=""))
    kept = [request.request_id for request in log]
    assert kept == [str(number) for number in range(40 - len(kept), 40)]
    assert 0 < len(kept) < 20
    log.clear()
    assert not list(log)
