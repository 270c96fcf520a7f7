"""The typed client against the local cloud and its faults. Waits pass in no time: `World` owns the clock."""

from __future__ import annotations

import logging
import random
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from constructs_lib.localcloud import Delays, LocalCloud
from constructs_lib.provider import api_client as calls
from constructs_lib.provider import errors
from constructs_lib.provider.api_client import Calls, Pace
from constructs_lib.provider.api_models import RemoteBackupPolicy, RemotePolicyVersion
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates.create_once import Created
from constructs_lib.provider.pending_creates.matching import is_young, same_document, same_rules

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"acs:oss:*:*:*"}]}'
OTHER = '{"Version":"1","Statement":[{"Effect":"Deny","Action":["ecs:*"],"Resource":["*"]}]}'
BACKUP = {"RuleType": "BACKUP", "Schedule": "I|1648647166|P1D", "BackupType": "COMPLETE", "Retention": 7}
ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
SHORT = 150  # ms, against faults of latency; elsewhere a busy machine may take its time


class World:
    """A local cloud and its only clock: a sleep moves it on and takes no time."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept: list[float] = []
        self.server = LocalCloud(clock=self.clock, source=random.Random(1), delays=Delays(ecs_policy=6))

    def clock(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += seconds

    def pace(self, **changes: Any) -> Pace:
        jitter = random.Random(1).random
        mine = {"sleep": self.sleep, "monotonic": self.monotonic, "clock": self.clock, "jitter": jitter}
        return Pace(**mine | changes)

    def configuration(self, **arguments: Any) -> Configuration:
        endpoint = self.server.endpoint
        given = {
            "access_key": self.server.access_key,
            "secret_key": self.server.secret_key,
            "region": "cn-hangzhou",
            "protocol": "HTTP",
            "endpoints": {"hbr": endpoint, "ram": endpoint, "sts": endpoint},
            "client_read_timeout": 5000,
        }
        return Configuration.read(given | arguments, {}, Path("/nowhere"))

    def cloud(self, **arguments: Any) -> Cloud:
        return Cloud.of(self.configuration(**arguments), pace=self.pace())

    def admin(self, operation: str, **parameters: str) -> dict[str, Any]:
        """Any operation, also one that the client does not have; without faults, unseen."""
        plain = Calls.of(self.configuration(), self.pace())
        return plain.change(calls.RAM, operation, parameters)

    def names(self, kind: str) -> list[str]:
        return [item["name"] for item in self.server.objects() if item["kind"] == kind]

    def sent(self, operation: str) -> int:
        return len(self.server.requests(operation))


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    # The SDK reads all certificates of the machine for each new host, and each world has a port of its own.
    adapter = staticmethod(lambda *_, **__: HTTPAdapter(pool_maxsize=40))
    monkeypatch.setattr(import_module("darabonba.core").DaraCore, "get_adapter", adapter)
    yield
    close_sessions()


def close_sessions() -> None:
    """The SDK keeps one open session per host forever."""
    sessions = import_module("darabonba.core").DaraCore._sessions
    for session in sessions.values():
        session.close()
    sessions.clear()


@pytest.fixture
def world() -> Iterator[World]:
    built = World()
    with built.server:
        yield built


@pytest.fixture
def cloud(world: World) -> Cloud:
    return world.cloud()


@pytest.fixture
def policy(world: World) -> str:
    """A RAM policy of one version, which has been there for a while."""
    world.admin("CreatePolicy", PolicyName="team", PolicyDocument=DOCUMENT)
    world.ahead += 30
    return "team"


def create(cloud: Cloud, name: str = "daily", **changes: Any) -> Created[str]:
    return cloud.create_backup_policy(name, **{"rules": [BACKUP], **changes})


def described(cloud: Cloud, policy_id: str) -> RemoteBackupPolicy:
    found = cloud.backup_policy(policy_id)
    assert found is not None
    return found


# ------------------------------------------------------------ what each call does


def test_a_backup_policy_from_create_to_delete(world: World, cloud: Cloud) -> None:
    created = create(cloud, "täglich + mehr", policy_description="d", policy_type="STANDARD")
    built = described(cloud, created.value)
    assert created == Created(built.policy_id)
    given = (built.policy_name, built.policy_description, built.policy_type)
    assert given == ("täglich + mehr", "d", "STANDARD")
    assert same_rules([BACKUP], built.rules)
    assert built.created_time > 0
    cloud.update_backup_policy(built.policy_id, rules=[BACKUP | {"Retention": 9}])
    changed = described(cloud, built.policy_id)
    assert (changed.rules[0]["Retention"], changed.policy_name) == (9, built.policy_name)
    cloud.delete_backup_policy(built.policy_id, built.policy_type)
    assert cloud.backup_policy(built.policy_id) is None
    cloud.delete_backup_policy(built.policy_id, built.policy_type)


def test_all_pages_are_read(monkeypatch: pytest.MonkeyPatch, world: World, cloud: Cloud) -> None:
    monkeypatch.setattr(
        "constructs_lib.provider.pending_creates.create_once.SNAPSHOT_AGE", 600.0
    )  # however slow the machine is
    built = [create(cloud, f"p{number}").value for number in range(230)]
    assert [policy.policy_id for policy in cloud.backup_policies()] == built
    # One list served each of the creates: it was young enough, and what came later is known.
    assert world.sent("DescribePoliciesV2") == 1 + 3


def test_an_empty_id_does_not_ask_for_all_policies(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="policy_id is empty"):
        cloud.backup_policy("")


def test_a_policy_of_ecs_instances_is_deleted_when_it_is_gone(world: World, cloud: Cloud) -> None:
    policy_id = create(cloud, policy_type="UDM_ECS_ONLY").value
    began = world.monotonic()
    cloud.delete_backup_policy(policy_id, "UDM_ECS_ONLY")
    assert world.names("backup policy") == []
    assert world.monotonic() - began >= 5.9


def test_a_deletion_that_takes_too_long_says_so(world: World, cloud: Cloud) -> None:
    policy_id = create(cloud, policy_type="UDM_ECS_ONLY").value
    hurried = cloud.during(world.pace(deadline=world.monotonic() + 3))
    with pytest.raises(CloudError, match=f"{policy_id} was ordered, but it is still listed") as caught:
        hurried.delete_backup_policy(policy_id, "UDM_ECS_ONLY")
    assert caught.value.code == errors.STILL_THERE


def test_a_new_policy_is_waited_for(world: World, cloud: Cloud) -> None:
    policy_id = create(cloud).value
    world.server.set_faults([{"kind": "stale_read", "seconds": 5}])
    assert cloud.backup_policy(policy_id) is None
    found = cloud.backup_policy(policy_id, is_new=True)
    assert found is not None
    assert found.policy_id == policy_id
    assert cloud.backup_policy("po-none", is_new=True) is None


def test_the_versions_of_a_policy(world: World, cloud: Cloud, policy: str) -> None:
    second = cloud.create_policy_version(policy, OTHER).value
    assert second == RemotePolicyVersion(
        version_id="v2",
        is_default_version=False,
        create_date=second.create_date,
        policy_document=OTHER,
    )
    assert cloud.create_policy_version(policy, OTHER, set_as_default=True).value.is_default_version
    assert cloud.policy_version(policy, "v2") == second
    listed = cloud.policy_versions(policy)
    assert listed is not None
    assert [(version.version_id, version.is_default_version) for version in listed] == [
        ("v1", False),
        ("v2", False),
        ("v3", True),
    ]
    cloud.set_default_policy_version(policy, "v2")
    listed = cloud.policy_versions(policy)
    assert listed is not None
    assert [version.version_id for version in listed if version.is_default_version] == ["v2"]
    cloud.delete_policy_version(policy, "v3")
    cloud.delete_policy_version(policy, "v3")
    assert world.names("policy version") == ["v1", "v2"]


def test_versions_are_listed_by_number(world: World, cloud: Cloud, policy: str) -> None:
    for _ in range(10):
        cloud.create_policy_version(policy, OTHER, rotate_strategy=ROTATE)
    listed = cloud.policy_versions(policy)
    assert listed is not None
    assert [version.version_id for version in listed] == ["v1", "v8", "v9", "v10", "v11"]


def test_what_is_not_there_is_none(cloud: Cloud, policy: str) -> None:
    assert cloud.backup_policy("po-none") is None
    assert cloud.policy_versions("none") is None
    assert cloud.policy_version("none", "v1") is None
    assert cloud.policy_version(policy, "v9") is None
    assert cloud.policy_versions("AdministratorAccess", "System") is not None


def test_a_document_travels_in_the_body(cloud: Cloud, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    core = import_module("darabonba.core").DaraCore
    act, queries = core.do_action, []

    def watched(request: Any, runtime: Any) -> Any:
        queries.append(request.query)
        return act(request, runtime)

    monkeypatch.setattr(core, "do_action", staticmethod(watched))
    actions = ",".join(f'"oss:Get{number:05}"' for number in range(400))
    large = DOCUMENT.replace('"oss:*"', f"[{actions}]")
    assert 5900 < len(large) <= 6144
    cloud.create_policy_version(policy, large)
    assert queries == [{}, {}]


# ------------------------------------------------------------ errors


def test_an_error_tells_code_status_request_and_the_next_step(world: World, cloud: Cloud) -> None:
    with pytest.raises(CloudError) as caught:
        cloud.create_policy_version("none", DOCUMENT)
    error = caught.value
    assert (error.operation, error.code, error.status) == (
        "CreatePolicyVersion",
        "EntityNotExist.Policy",
        404,
    )
    assert error.message == "The policy does not exist."
    assert error.request_id == world.server.requests("CreatePolicyVersion")[0].request_id
    assert str(error).startswith(
        "CreatePolicyVersion: The policy does not exist. (EntityNotExist.Policy, HTTP 404, request "
    )
    assert str(error).endswith(error.next_step)
    assert "Create the policy first" in error.next_step


def test_success_false_is_an_error(world: World, cloud: Cloud) -> None:
    world.server.set_faults([{"kind": "refusal_in_body"}])
    with pytest.raises(CloudError) as caught:
        cloud.update_backup_policy("po-none", policy_name="n")
    assert (caught.value.code, caught.value.status) == ("InvalidResourceId.NotFound", 200)
    assert caught.value.is_not_found
    assert caught.value.request_id
    cloud.delete_backup_policy("po-none")


@pytest.mark.parametrize(
    ("code", "status", "not_found", "retryable", "may_have_acted"),
    [
        ("EntityNotExist.Policy", 404, True, False, False),
        ("EntityNotExist.Policy.Version", 404, True, False, False),
        ("InvalidResourceId.NotFound", 200, True, False, False),
        ("VaultNotExist", 400, True, False, False),
        ("Anything", 404, True, False, False),
        ("", 404, False, False, False),
        ("InvalidAccessKeyId.NotFound", 404, False, False, False),
        ("InvalidAction.NotFound", 404, False, False, False),
        ("NoPermission", 403, False, False, False),
        ("Throttling.User", 400, False, True, False),
        ("Throttling", 429, False, True, False),
        ("Rejected.Throttling", 400, False, True, False),
        ("Throttling.Api", 503, False, True, True),
        ("ServiceUnavailable", 503, False, True, True),
        ("InternalError", 200, False, True, True),
        ("Whatever", 500, False, True, True),
        ("SignatureNonceUsed", 400, False, True, True),
        (errors.LOST, None, False, True, True),
        (errors.UNREADABLE, None, False, True, True),
        (errors.NOT_SENT, None, False, True, False),
        (errors.UNKNOWN, None, False, False, False),
        (errors.AMBIGUOUS, None, False, False, False),
    ],
)
def test_what_an_error_means(
    code: str, status: int | None, not_found: bool, retryable: bool, may_have_acted: bool
) -> None:
    error = CloudError("Operation", code, "m", status=status)
    assert (error.is_not_found, error.is_retryable, error.may_have_acted) == (
        not_found,
        retryable,
        may_have_acted,
    )
    assert not error.noting("n").is_retryable


def test_a_wrong_secret_key(world: World) -> None:
    with pytest.raises(CloudError, match="made with another secret key") as caught:
        world.cloud(secret_key="wrong-secret").backup_policies()
    assert caught.value.code == "SignatureDoesNotMatch"
    assert "wrong-secret" not in str(caught.value)


def test_an_unknown_access_key_is_no_missing_object(world: World) -> None:
    with pytest.raises(CloudError) as caught:
        world.cloud(access_key="LTAInone").policy_versions("team")
    assert caught.value.code == "InvalidAccessKeyId.NotFound"


@pytest.mark.parametrize("body", ["[]", "null", "7", '"text"', "<html>", "", "{", '{"Policies": 7}'])
def test_an_answer_of_another_kind(monkeypatch: pytest.MonkeyPatch, world: World, body: str) -> None:
    reader = import_module("darabonba.utils.stream").Stream
    read = reader.read_as_json
    monkeypatch.setattr(reader, "read_as_json", staticmethod(lambda _: read(body.encode())))
    hurried = world.cloud().during(world.pace(deadline=world.monotonic() + 5))
    with pytest.raises(CloudError) as caught:
        hurried.backup_policies()
    assert caught.value.code == errors.UNREADABLE


def test_no_end_of_pages(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    monkeypatch.setattr("constructs_lib.provider.cloud.MAX_PAGES", 3)
    endless = {"Policies": [], "NextToken": "again"}
    monkeypatch.setattr(Calls, "read", lambda *_: endless)
    with pytest.raises(CloudError, match="more than 3 pages"):
        cloud.backup_policies()


# ------------------------------------------------------------ retries


@pytest.mark.parametrize("kind", ["throttling", "server_error", "cut", "truncated", "not_json"])
def test_a_read_is_repeated(world: World, cloud: Cloud, kind: str) -> None:
    world.server.set_faults([{"kind": kind, "count": 3}])
    assert cloud.policy_versions("AdministratorAccess", "System") is not None
    assert world.sent("ListPolicyVersions") == 4
    # About 1, 2 and 4 seconds, each shortened by up to half.
    assert 3.5 <= sum(world.slept) <= 7


@pytest.mark.parametrize("kind", ["server_error", "cut", "truncated", "not_json"])
@pytest.mark.parametrize("at", ["before", "after"])
def test_a_change_is_repeated(world: World, cloud: Cloud, policy: str, kind: str, at: str) -> None:
    second = cloud.create_policy_version(policy, OTHER).value
    faults = [{"kind": kind, "at": at, "count": 1, "operation": name} for name in ("Set*", "Delete*")]
    world.server.set_faults(faults)
    cloud.set_default_policy_version(policy, second.version_id)
    cloud.delete_policy_version(policy, "v1")
    assert world.names("policy version") == ["v2"]


def test_the_service_tells_when_to_come_again(world: World, cloud: Cloud) -> None:
    world.server.set_faults([{"kind": "throttling", "count": 1, "retry_after": 17}])
    began = world.monotonic()
    cloud.backup_policies()
    assert world.monotonic() - began >= 17
    assert sum(world.slept) <= 17 * 1.1


def test_it_gives_up_at_the_deadline(world: World, cloud: Cloud) -> None:
    world.server.set_faults([{"kind": "throttling"}])
    began = world.monotonic()
    with pytest.raises(CloudError, match=r"Given up after \d+ attempts. Its time limit has passed") as caught:
        cloud.backup_policies()
    assert caught.value.code == "Throttling.User"
    assert 45 < world.monotonic() - began <= 70
    with pytest.raises(CloudError, match="Given up after 1 attempts"):
        cloud.during(world.pace(deadline=world.monotonic())).backup_policies()


def test_max_retry_timeout_shortens_it(world: World) -> None:
    world.server.set_faults([{"kind": "server_error"}])
    with pytest.raises(CloudError, match="Given up after"):
        world.cloud(max_retry_timeout=5).backup_policies()
    assert sum(world.slept) <= 5


def test_max_retry_timeout_shortens_no_wait_for_a_deletion(world: World) -> None:
    hurried = world.cloud(max_retry_timeout=2)
    hurried.delete_backup_policy(create(hurried, policy_type="UDM_ECS_ONLY").value, "UDM_ECS_ONLY")
    assert world.names("backup policy") == []
    assert sum(world.slept) >= 3


def test_max_retry_timeout_shortens_no_wait_for_other_creates_of_the_name(world: World) -> None:
    world.server.set_faults([{"kind": "latency", "operation": "CreatePolicyV2", "seconds": 0.4}])
    cloud = Cloud.of(world.configuration(max_retry_timeout=1))
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda _: create(cloud).value, range(4)))
    assert sorted(built) == sorted(world.names("backup policy"))


def test_a_stop_ends_the_waits(world: World, cloud: Cloud) -> None:
    world.server.set_faults([{"kind": "throttling"}])
    with pytest.raises(CloudError, match="The run is being stopped"):
        cloud.during(world.pace(stopping=lambda: len(world.slept) > 2)).backup_policies()
    assert sum(world.slept) < 1


def test_what_sleep_raises_passes_through(world: World, cloud: Cloud) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    world.server.set_faults([{"kind": "throttling"}])
    with pytest.raises(KeyboardInterrupt):
        cloud.during(world.pace(sleep=interrupted)).backup_policies()


def test_nobody_is_there(world: World) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        endpoint = f"127.0.0.1:{closed.getsockname()[1]}"
        cloud = world.cloud(endpoints={"hbr": endpoint})
        with pytest.raises(CloudError, match=f"http://{endpoint} could not be reached") as caught:
            create(cloud)
    assert (caught.value.code, caught.value.status) == (errors.NOT_SENT, None)
    assert "Given up after" in str(caught.value)


def test_a_refusal_is_not_repeated(world: World, cloud: Cloud) -> None:
    with pytest.raises(CloudError):
        cloud.set_default_policy_version("none", "v1")
    assert world.sent("SetDefaultPolicyVersion") == 1
    assert world.slept == []


# ------------------------------------------------------------ create happens once

FAULTS: list[dict[str, Any]] = [
    {"kind": kind, "at": at}
    for kind in ("server_error", "cut", "truncated", "not_json")
    for at in ("before", "after")
]
FAULTS += [
    {"kind": "error", "status": 500, "code": "InternalError", "at": "after"},
    {"kind": "error", "status": 200, "code": "InternalError", "at": "after"},
    {"kind": "throttling"},
    {"kind": "throttling", "status": 400, "retry_after": 2},
    {"kind": "throttling", "status": 503, "at": "after"},
    {"kind": "latency", "seconds": 0.3, "at": "after"},
]


def patience(fault: dict[str, Any]) -> int:
    return SHORT if fault["kind"] == "latency" else 5000


def reported(fault: dict[str, Any]) -> str:
    return "-".join(str(value) for value in fault.values())


@pytest.mark.parametrize("fault", FAULTS, ids=reported)
@pytest.mark.parametrize("count", [1, 3])
def test_one_backup_policy_is_created(world: World, fault: dict[str, Any], count: int) -> None:
    cloud = world.cloud(client_read_timeout=patience(fault))
    duplicate = create(cloud)
    world.server.set_faults([{**fault, "operation": "CreatePolicyV2", "count": count}])
    created = create(cloud)
    assert world.names("backup policy") == [duplicate.value, created.value]
    assert created.possible_duplicates == ()


@pytest.mark.parametrize("fault", FAULTS, ids=reported)
@pytest.mark.parametrize("count", [1, 3])
def test_one_version_is_created(world: World, policy: str, fault: dict[str, Any], count: int) -> None:
    cloud = world.cloud(client_read_timeout=patience(fault))
    for _ in range(4):
        cloud.create_policy_version(policy, OTHER)
    world.server.set_faults([{**fault, "operation": "CreatePolicyVersion", "count": count}])
    created = cloud.create_policy_version(policy, OTHER, set_as_default=True, rotate_strategy=ROTATE)
    assert world.names("policy version") == ["v1", "v3", "v4", "v5", "v6"]
    assert (created.value.version_id, created.value.is_default_version) == ("v6", True)
    assert created.value.policy_document == OTHER


def test_an_answer_that_is_late_before_the_commit(world: World) -> None:
    """In real time: the server commits while the client is already looking."""
    cloud = Cloud.of(world.configuration(client_read_timeout=SHORT), pace=Pace(), settle=1.5)
    world.server.set_faults([{"kind": "latency", "seconds": 0.5, "operation": "CreatePolicyV2", "count": 1}])
    created = create(cloud)
    assert created.adopted
    assert world.names("backup policy") == [created.value]


def test_the_object_becomes_visible_late(world: World, cloud: Cloud, policy: str) -> None:
    cuts = [{"kind": "cut", "operation": name, "count": 1} for name in ("CreatePolicyV2", "CreatePolicyV*n")]
    world.server.set_faults([*cuts, {"kind": "stale_read", "seconds": 8}])
    assert create(cloud).adopted
    world.ahead += 30
    assert cloud.create_policy_version(policy, DOCUMENT).adopted
    assert len(world.names("backup policy")) == 1
    assert world.names("policy version") == ["v1", "v2"]


def test_a_policy_so_new_that_it_is_not_seen_yet(world: World, cloud: Cloud) -> None:
    world.admin("CreatePolicy", PolicyName="new", PolicyDocument=DOCUMENT)
    world.server.set_faults(
        [
            {"kind": "stale_read", "seconds": 60, "operation": "ListPolicyVersions", "count": 1},
            {"kind": "cut", "operation": "CreatePolicyVersion", "count": 1},
        ]
    )
    created = cloud.create_policy_version("new", DOCUMENT)
    assert (created.value.version_id, created.adopted) == ("v2", True)


def test_equal_policies_created_at_the_same_time_are_not_confused(world: World, cloud: Cloud) -> None:
    world.server.set_faults(
        {
            "seed": 5,
            "faults": [
                {"kind": kind, "operation": "CreatePolicyV2", "probability": 0.3, "at": at, "count": 6}
                for kind, at in (("cut", "after"), ("server_error", "before"), ("truncated", "after"))
            ],
        }
    )
    with ThreadPoolExecutor(8) as pool:
        built = list(pool.map(lambda _: create(cloud).value, range(24)))
    assert sorted(built) == sorted(world.names("backup policy"))
    assert len(set(built)) == 24


def test_two_candidates_are_named(world: World, cloud: Cloud) -> None:
    others = world.cloud()

    def meanwhile(seconds: float) -> None:
        if not world.slept:
            create(others)
            create(others)
        world.sleep(seconds)

    create(others, "another")
    world.server.set_faults([{"kind": "server_error", "operation": "CreatePolicyV2", "count": 1}])
    with pytest.raises(CloudError) as caught:
        create(cloud.during(world.pace(sleep=meanwhile)))
    error = caught.value
    assert error.code == errors.AMBIGUOUS
    assert error.candidates == tuple(world.names("backup policy")[1:])
    assert all(candidate in str(error) for candidate in error.candidates)
    assert "Import" in error.next_step


@pytest.mark.parametrize("name", ["DescribePoliciesV2", "*"])
def test_what_cannot_be_seen_in_time_is_not_known(world: World, cloud: Cloud, name: str) -> None:
    create(cloud, "another")
    blind = {"kind": "server_error"} if name == "*" else {"kind": "stale_read", "seconds": 600}
    world.server.set_faults(
        [{"kind": "cut", "operation": "CreatePolicyV2", "count": 1}, {**blind, "operation": name}]
    )
    hurried = cloud.during(world.pace(deadline=world.monotonic() + 4))
    with pytest.raises(CloudError, match="not known whether the backup policy 'daily' was created") as caught:
        create(hurried)
    assert caught.value.code == errors.UNKNOWN
    assert world.sent("CreatePolicyV2") == 2


def test_a_short_retry_time_does_not_shorten_the_look(world: World) -> None:
    cloud = world.cloud(max_retry_timeout=5)
    world.server.set_faults(
        [
            {"kind": "cut", "operation": "CreatePolicyV2", "count": 1},
            {"kind": "stale_read", "seconds": 8},
        ]
    )
    assert create(cloud).adopted


def test_a_policy_without_a_name_is_created_once(world: World, cloud: Cloud) -> None:
    world.server.set_faults([{"kind": "cut", "operation": "CreatePolicyV2", "count": 1}])
    created = cloud.create_backup_policy(None, rules=[BACKUP])
    assert world.names("backup policy") == [created.value]
    world.server.set_faults(
        [
            {"kind": "server_error", "operation": "CreatePolicyV2", "skip": 1, "count": 1},
            {"kind": "cut", "operation": "CreatePolicyV2", "count": 3},
        ]
    )
    named = create(cloud)
    another = cloud.create_backup_policy(None, rules=[BACKUP])
    assert world.names("backup policy") == [created.value, named.value, another.value]


def test_a_stop_while_looking_creates_nothing_more(world: World, cloud: Cloud) -> None:
    create(cloud, "another")
    world.server.set_faults([{"kind": "server_error", "operation": "CreatePolicyV2", "count": 1}])
    stopped = cloud.during(world.pace(stopping=lambda: world.sent("CreatePolicyV2") > 1))
    with pytest.raises(CloudError) as caught:
        create(stopped)
    assert caught.value.code == errors.UNKNOWN
    assert world.names("backup policy") == world.names("backup policy")[:1]


def test_a_stop_before_the_create_sends_nothing(world: World, cloud: Cloud) -> None:
    with pytest.raises(CloudError, match=r"was not created\. The run is being stopped") as caught:
        create(cloud.during(world.pace(stopping=lambda: True)))
    assert caught.value.code == errors.INTERRUPTED
    assert world.server.requests() == []


def test_a_stop_while_another_create_has_its_turn(world: World) -> None:
    world.server.set_faults([{"kind": "latency", "seconds": 0.6, "operation": "DescribePoliciesV2"}])
    hasty = world.cloud(client_read_timeout=SHORT)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(
            create, hasty.during(world.pace(sleep=time.sleep, deadline=world.monotonic() + 1))
        )
        time.sleep(0.05)
        with pytest.raises(CloudError, match="The run is being stopped"):
            create(hasty.during(world.pace(stopping=lambda: True)))
        assert isinstance(first.exception(), CloudError)


def test_a_refusal_after_a_lost_attempt_says_both(world: World, cloud: Cloud, policy: str) -> None:
    for _ in range(4):
        cloud.create_policy_version(policy, OTHER)
    world.server.set_faults([{"kind": "server_error", "operation": "CreatePolicyVersion", "count": 1}])
    with pytest.raises(CloudError, match="An earlier attempt got no answer") as caught:
        cloud.create_policy_version(policy, OTHER)
    assert caught.value.code == "LimitExceeded.Policy.Version"
    assert "rotate_strategy" in str(caught.value)


def test_the_fifth_version_is_found_though_the_sixth_is_refused(world: World, policy: str) -> None:
    cloud = Cloud.of(world.configuration(), pace=world.pace(), settle=2)
    for _ in range(3):
        cloud.create_policy_version(policy, OTHER)
    world.ahead += 30
    world.server.set_faults(
        [
            {"kind": "cut", "operation": "CreatePolicyVersion", "count": 1},
            {"kind": "stale_read", "seconds": 4, "operation": "ListPolicyVersions"},
        ]
    )
    created = cloud.create_policy_version(policy, DOCUMENT)
    assert (created.value.version_id, created.adopted) == ("v5", True)


def test_a_possible_duplicate_that_appears_in_the_end_is_named(world: World) -> None:
    cloud = Cloud.of(world.configuration(), pace=world.pace(), settle=2)
    world.server.set_faults(
        [
            {"kind": "cut", "operation": "CreatePolicyV2", "count": 1},
            {"kind": "throttling", "operation": "CreatePolicyV2", "skip": 1, "count": 1, "retry_after": 60},
            {"kind": "stale_read", "seconds": 30},
        ]
    )
    created = create(cloud)
    assert created.possible_duplicates == (world.names("backup policy")[0],)
    assert created.value == world.names("backup policy")[1]


@pytest.mark.parametrize(
    ("code", "status"),
    [("NoPermission", 403), ("InvalidParameter", 400)],
)
def test_without_a_look_nothing_is_created(world: World, cloud: Cloud, code: str, status: int) -> None:
    fault = {"kind": "error", "code": code, "status": status, "operation": "DescribePoliciesV2"}
    world.server.set_faults([fault])
    with pytest.raises(CloudError) as caught:
        create(cloud)
    assert caught.value.code == code
    assert world.sent("CreatePolicyV2") == 0


KINDS: list[tuple[str, str | None]] = [
    ("cut", "before"),
    ("cut", "after"),
    ("truncated", "before"),
    ("truncated", "after"),
    ("not_json", "before"),
    ("not_json", "after"),
    ("server_error", "before"),
    ("server_error", "after"),
    ("throttling", None),
    ("stale_read", None),
]


def random_faults(chance: random.Random) -> dict[str, Any]:
    """Some faults, at any operation, each a limited number of times."""
    faults: list[dict[str, Any]] = []
    for _ in range(chance.randint(1, 6)):
        kind, at = chance.choice(KINDS)
        operations = ("*", "Create*", "Describe*", "List*", "Get*", "Delete*", "RAM.*", "HBR.*")
        fault: dict[str, Any] = {"kind": kind, "operation": chance.choice(operations)}
        fault |= {"count": chance.randint(1, 4), "probability": chance.choice((0.2, 0.5, 1.0))}
        fault |= {"at": at} if at else {}
        fault |= {"seconds": chance.uniform(0.5, 8)} if kind == "stale_read" else {}
        faults.append(fault)
    return {"seed": chance.randint(0, 1000), "faults": faults}


def test_whatever_happens_each_create_leaves_one_object() -> None:
    """A few runs; `make e2e` has hundreds."""
    run_with_faults(range(50))


def run_with_faults(seeds: Iterable[int]) -> None:
    for seed in seeds:
        world = World()
        with world.server:
            try:
                one_run(world, random.Random(seed))
            except Exception as error:
                error.add_note(f"seed {seed}: {random_faults(random.Random(seed))}")
                raise
        close_sessions()


def one_run(world: World, chance: random.Random) -> None:
    faults = random_faults(chance)
    cloud = world.cloud()
    backups = [create(cloud).value]
    world.admin("CreatePolicy", PolicyName="team", PolicyDocument=DOCUMENT)
    versions = ["v1"]
    world.ahead += 30
    world.server.set_faults(faults)
    for _ in range(chance.randint(1, 4)):
        document = chance.choice((DOCUMENT, OTHER))
        if chance.random() < 0.5:
            created = create(cloud)
            assert created.possible_duplicates == ()
            backups.append(created.value)
        else:
            versions.append(cloud.create_policy_version("team", document).value.version_id)
    if chance.random() < 0.5:
        cloud.delete_backup_policy(backups.pop(), "UDM_ECS_ONLY")
    if chance.random() < 0.5 and len(versions) > 1:
        cloud.delete_policy_version("team", versions.pop())
    world.server.set_faults()
    world.ahead += 10
    assert world.names("backup policy") == backups
    assert world.names("policy version") == versions
    assert world.ahead < 800, "the clock is further off than signatures allow"


# ------------------------------------------------------------ is it the one?


@pytest.mark.parametrize(
    ("reported", "same"),
    [
        (BACKUP, True),
        (BACKUP | {"RuleId": "rule-1", "VaultId": "", "TagFilters": [], "Immutable": False}, True),
        (BACKUP | {"Retention": "7"}, True),
        (BACKUP | {"ColdArchiveDays": 5}, True),
        ({name: value for name, value in BACKUP.items() if name != "BackupType"}, True),
        (BACKUP | {"Retention": 8}, False),
        (BACKUP | {"Schedule": "I|1648647166|P2D"}, False),
    ],
)
def test_the_rules_that_were_sent(reported: dict[str, Any], same: bool) -> None:
    assert same_rules([BACKUP | {"VaultId": "", "RetentionRules": [], "RuleId": None}], [reported]) is same


def test_rules_within_rules() -> None:
    sent = {"RuleType": "TRANSITION", "RetentionRules": [{"AdvancedRetentionType": "DAILY", "Retention": 9}]}
    answer = {"AdvancedRetentionType": "DAILY", "Retention": 9, "WhichSnapshot": 1}
    assert same_rules([sent], [sent | {"RetentionRules": [answer]}])
    assert not same_rules([sent], [sent | {"RetentionRules": [answer | {"Retention": 8}]}])
    assert not same_rules([sent], [sent | {"RetentionRules": []}])
    assert not same_rules([sent], [])


def test_the_document_that_was_sent() -> None:
    statement = '{"Resource": ["acs:oss:*:*:*"], "Action": ["oss:*"], "Effect": "Allow"}'
    assert same_document(DOCUMENT, f'{{ "Statement": [{statement}], "Version": "1"}}')
    assert not same_document(DOCUMENT, OTHER)
    assert not same_document(DOCUMENT, None)
    assert same_document("no JSON", "no JSON")
    assert not same_document("[1]", "[2]")


def test_an_object_older_than_clocks_can_differ_is_not_ours() -> None:
    began = 1_700_000_000.0
    assert is_young(began - 899, began)
    assert not is_young(began - 901, began)
    assert not is_young("2015-01-23T12:33:18Z", began)
    assert is_young("2023-11-14T22:13:20Z", began)
    assert is_young("", began)
    assert is_young(0, began)


# ------------------------------------------------------------ start and secrets


def test_the_sdk_is_imported_with_the_first_call() -> None:
    program = (
        "import sys; import constructs_lib.provider.cloud; "
        "print([n for n in ('alibabacloud_tea_openapi', 'requests', 'jsii', 'cdktf', 'grpc', "
        "'constructs_lib.provider.protocol') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_secret_is_shown_anywhere(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DEBUG", "sdk")
    caplog.set_level(logging.DEBUG)
    world.server.add_principal("Role", "backup")
    arn = f"acs:ram::{world.server.account_id}:role/backup"
    cloud = world.cloud(assume_role={"role_arn": arn, "external_id": "external-secret"})
    cloud.backup_policies()
    session = cloud.calls.source.current(lambda *_: pytest.fail("the session has just been made"))
    secrets = [world.server.secret_key, "external-secret", *session.secrets]
    assert len(secrets) == 4
    echo = {"kind": "error", "status": 400, "code": "Echo", "message": " ".join(secrets[2:])}
    shown = [repr(cloud), repr(cloud.calls.configuration), repr(session), str(session)]
    for fault in (echo, echo | {"status": 200}, {"kind": "cut"}, {"kind": "not_json"}):
        world.server.set_faults([fault])
        with pytest.raises(CloudError) as caught:
            cloud.during(world.pace(deadline=world.monotonic())).backup_policies()
        error = caught.value
        shown += [str(error), repr(error), repr(error.__context__), *traceback.format_exception(error)]
        with_locals = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown += [str(frame.locals) for frame in with_locals.stack if "constructs_lib" in frame.filename]
    shown += [caplog.text, *capfd.readouterr()]
    for secret in secrets:
        assert [text for text in shown if secret in text] == []


def test_many_threads_use_one_cloud(world: World, cloud: Cloud) -> None:
    started = threading.Barrier(12)

    def call(_: int) -> list[RemoteBackupPolicy]:
        started.wait()
        return cloud.backup_policies()

    with ThreadPoolExecutor(12) as pool:
        assert [*pool.map(call, range(12))] == [[]] * 12
