"""Secrets that do not show, and sessions of a role that are renewed in time."""

from __future__ import annotations

import copy
import logging
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.api_client import STS, Pace
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration
from constructs_lib.provider.credentials import Credentials, CredentialSource, RoleToAssume, Secret
from constructs_lib.provider.errors import CloudError

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

BASE = Credentials("LTAIbase", Secret("base-secret"))
ROLE = RoleToAssume(role_arn="acs:ram::1:role/backup", session_expiration=3600)


class Sessions:
    """Makes sessions s1, s2, … and owns the clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.created = 0
        self.failure: CloudError | None = None

    def monotonic(self) -> float:
        return self.now

    def __call__(self, base: Credentials, role: RoleToAssume) -> Credentials:
        assert (base, role) == (BASE, ROLE)
        if self.failure:
            raise self.failure
        self.created += 1
        return Credentials(f"STS.{self.created}", Secret("s"), Secret("t"))


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
def role(sessions: Sessions) -> CredentialSource:
    return CredentialSource(BASE, ROLE, sessions.monotonic)


# ------------------------------------------------------------ secrets


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{!r:>20}".format, lambda one: f"{[one]}"])
def test_a_secret_does_not_show(show: Callable[[object], str]) -> None:
    credentials = Credentials("LTAIkey", Secret("top"), Secret("token"))
    for reported in (show(Secret("top")), show(credentials), show({"a": (credentials,)})):
        assert "top" not in reported
        assert "token" not in reported


def test_a_secret_is_a_value() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    other: object = "a"
    assert Secret("a") != other
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")
    assert Secret("a").reveal() == "a"
    assert BASE.secrets == ("base-secret",)


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy])
def test_a_secret_is_written_nowhere(write: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="not written anywhere"):
        write(Secret("top"))


# ------------------------------------------------------------ sessions


def test_fixed_credentials_stay(sessions: Sessions) -> None:
    fixed = CredentialSource(BASE, None)
    assert fixed.current(sessions) is BASE
    assert not fixed.renew(BASE)
    assert sessions.created == 0


def test_a_session_is_renewed_before_it_ends(role: CredentialSource, sessions: Sessions) -> None:
    assert role.current(sessions).access_key == "STS.1"
    sessions.now += 3299
    assert role.current(sessions).access_key == "STS.1"
    sessions.now += 2
    assert role.current(sessions).access_key == "STS.2"


def test_the_shortest_session_is_used_for_most_of_its_time(sessions: Sessions) -> None:
    short = RoleToAssume(role_arn=ROLE.role_arn, session_expiration=900)
    role = CredentialSource(BASE, short, sessions.monotonic)
    created = [0]

    def assume(base: Credentials, role: RoleToAssume) -> Credentials:
        created[0] += 1
        return BASE

    for _ in range(90):
        role.current(assume)
        sessions.now += 10
    assert created == [2]


def test_many_threads_share_one_session(role: CredentialSource, sessions: Sessions) -> None:
    started = threading.Barrier(16)

    def current(_: int) -> str:
        started.wait()
        return role.current(sessions).access_key

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(current, range(16))) == {"STS.1"}


def test_a_refused_session_is_forgotten_once(role: CredentialSource, sessions: Sessions) -> None:
    first = role.current(sessions)
    assert role.renew(first)
    second = role.current(sessions)
    assert role.renew(first)
    assert role.current(sessions) == second
    assert sessions.created == 2


def test_a_renewal_that_fails_for_now_uses_the_old_session(
    role: CredentialSource, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    role.current(sessions)
    sessions.now += 3400
    sessions.failure = CloudError("AssumeRole", "ServiceUnavailable", "m", status=503)
    with caplog.at_level(logging.WARNING):
        assert role.current(sessions).access_key == "STS.1"
    assert "could not be renewed yet" in caplog.text
    sessions.now += 200
    with pytest.raises(CloudError, match="ServiceUnavailable"):
        role.current(sessions)


def test_a_renewal_that_is_refused_is_an_error(role: CredentialSource, sessions: Sessions) -> None:
    role.current(sessions)
    sessions.now += 3400
    sessions.failure = CloudError("AssumeRole", "NoPermission", "m", status=403)
    with pytest.raises(CloudError, match="NoPermission"):
        role.current(sessions)


# ------------------------------------------------------------ against the local cloud


def configuration(server: LocalCloud, **role: object) -> Configuration:
    given = {
        "access_key": server.access_key,
        "secret_key": server.secret_key,
        "protocol": "HTTP",
        "endpoints": {"hbr": server.endpoint, "ram": server.endpoint, "sts": server.endpoint},
        "assume_role": {"role_arn": f"acs:ram::{server.account_id}:role/backup", **role},
    }
    return Configuration.read(given, {}, Path("/nowhere"))


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_calls_are_made_as_the_role() -> None:
    with LocalCloud() as server:
        server.add_principal("Role", "backup")
        cloud = Cloud.of(configuration(server, session_name="me", session_expiration=900))
        identity = cloud.calls.read(STS, "GetCallerIdentity", {})
        assert identity["Arn"] == f"acs:ram::{server.account_id}:assumed-role/backup/me"
        assert cloud.backup_policies() == []
        [sent] = server.requests("AssumeRole")
        assert sent.parameters["DurationSeconds"] == "900"


def test_a_session_that_the_service_ended_is_replaced_at_once() -> None:
    with LocalCloud() as server:
        server.add_principal("Role", "backup")
        cloud = Cloud.of(configuration(server))
        cloud.backup_policies()
        expired = {"kind": "error", "status": 400, "code": "InvalidSecurityToken.Expired", "message": "m"}
        server.set_faults([expired | {"operation": "DescribePoliciesV2", "count": 1}])
        assert cloud.backup_policies() == []
        assert len(server.requests("AssumeRole")) == 2
        server.set_faults([expired | {"operation": "DescribePoliciesV2"}])
        with pytest.raises(CloudError, match=r"InvalidSecurityToken\.Expired"):
            cloud.backup_policies()
        assert len(server.requests("AssumeRole")) == 3


def test_assuming_the_role_is_repeated_and_its_refusal_reported() -> None:
    slept: list[float] = []
    with LocalCloud() as server:
        cloud = Cloud.of(configuration(server), pace=Pace(sleep=slept.append, deadline=float("inf")))
        with pytest.raises(CloudError, match=r"AssumeRole: .*EntityNotExist\.Role") as caught:
            cloud.backup_policies()
        assert "role_arn" in caught.value.next_step


@pytest.mark.parametrize(
    "call",
    [
        lambda cloud: cloud.policy_version("team", "v1"),
        lambda cloud: cloud.policy_versions("team"),
        lambda cloud: cloud.delete_policy_version("team", "v2"),
        lambda cloud: cloud.delete_backup_policy("po-000zemnuyx2li3y9y", "STANDARD"),
    ],
)
def test_what_a_role_that_is_gone_cannot_see_is_not_taken_for_gone(call: Callable[[Cloud], object]) -> None:
    with LocalCloud() as server:
        cloud = Cloud.of(configuration(server))
        with pytest.raises(CloudError, match=r"AssumeRole: .*EntityNotExist\.Role"):
            call(cloud)


def test_a_role_that_cannot_be_assumed_for_now_creates_nothing() -> None:
    with LocalCloud() as server:
        server.add_principal("Role", "backup")
        server.set_faults([{"kind": "not_json", "operation": "AssumeRole"}])
        cloud = Cloud.of(configuration(server), pace=Pace(deadline=0.0))
        with pytest.raises(CloudError) as caught:
            cloud.create_policy_version("team", "{}")
        assert caught.value.operation in ("AssumeRole", "CreatePolicyVersion")
        assert server.requests("CreatePolicyVersion") == []
