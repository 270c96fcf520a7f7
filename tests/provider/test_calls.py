"""What stands between the provider and the cloud: proxies, and an SDK that stumbles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import api_client as calls
from constructs_lib.provider import errors
from constructs_lib.provider.api_client import Pace
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration, Endpoint
from constructs_lib.provider.errors import CloudError
from tests.provider.conftest import Elsewhere, arguments

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

RULE = {"RuleType": "BACKUP", "Schedule": "I|1648647166|P1D", "BackupType": "COMPLETE", "Retention": 7}


class Refusing(BaseHTTPRequestHandler):
    """A proxy that lets nothing through."""

    def refuse(self) -> None:
        self.send_response(403)
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"<b>no</b>")

    do_POST = do_CONNECT = refuse

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def proxy() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://user:the-password@127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def nobody() -> str:
    """A proxy that does not exist."""
    return "http://user:the-password@127.0.0.1:9"


def refused(cloud: LocalCloud, **changes: object) -> CloudError:
    """What a call ends with that has no time to be repeated."""
    configuration = Configuration.read(arguments(cloud) | changes, {}, Path("/nowhere"))
    with pytest.raises(CloudError) as caught:
        Cloud.of(configuration, pace=Pace(deadline=0.0)).backup_policies()
    assert "the-password" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    return caught.value


@pytest.mark.parametrize("read", [calls.text, calls.part, calls.parts])
def test_an_answer_that_lacks_something_is_reported_with_its_request(read: Callable[..., object]) -> None:
    with pytest.raises(CloudError, match=r"PolicyId is missing in it\. \(AnswerUnreadable, request R-1\)"):
        read({"RequestId": "R-1"}, "CreatePolicyV2", "PolicyId")


def test_a_short_external_id_does_not_make_errors_unreadable(cloud: LocalCloud) -> None:
    role = {"role_arn": f"acs:ram::{cloud.account_id}:role/none", "external_id": "e"}
    assert "The Role does not exist." in str(refused(cloud, assume_role=role))


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
@pytest.mark.parametrize(("kind", "code"), [("proxy", errors.UNREADABLE), ("nobody", errors.NOT_SENT)])
def test_a_proxy_before_this_machine_is_reported(
    cloud: LocalCloud,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    kind: str,
    code: str,
) -> None:
    monkeypatch.setenv(variable, request.getfixturevalue(kind))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    error = refused(cloud)
    assert error.code == code
    assert f"{variable} sends even requests to this machine through a proxy, whatever NO_PROXY says." in str(
        error
    )


def test_a_proxy_for_https_alone_does_not_matter_to_http(
    cloud: LocalCloud, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    """So the sandbox can leave it: nothing but downloads goes there."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, nobody)
    assert elsewhere.backup_policies() == []


@pytest.mark.parametrize("kind", ["proxy", "nobody"])
def test_a_proxy_that_lets_nothing_through_has_sent_nothing(
    cloud: LocalCloud, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", request.getfixturevalue(kind))
    error = refused(cloud, protocol="HTTPS", endpoints={"hbr": "hbr.example.invalid"})
    assert (error.code, error.may_have_acted) == (errors.NOT_SENT, False)
    assert "The proxy on the way to https://hbr.example.invalid did not let the request through." in str(
        error
    )


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("localhost", True),
        ("localhost:80", True),
        ("127.0.0.1", True),
        ("127.8.0.1:8790", True),
        ("[::1]", True),
        ("[::1]:8790", True),
        ("[2001:db8::1]:80", False),
        ("10.0.0.1:80", False),
        ("ram.aliyuncs.com", False),
        ("127.0.0.1.example.com:80", False),
    ],
)
def test_what_is_on_this_machine(host: str, is_local: bool) -> None:
    assert Endpoint(host).is_local is is_local


def test_an_object_is_found_although_the_sdk_stumbles_over_the_answer(
    cloud: LocalCloud, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With DEBUG=sdk it cannot print a status that has no name, and raises a TypeError."""
    monkeypatch.setenv("DEBUG", "sdk")
    nameless = {"kind": "error", "status": 599, "code": "Odd", "operation": "CreatePolicyV2", "at": "after"}
    cloud.set_faults([nameless | {"count": 1}])
    hurried = elsewhere.during(Pace(deadline=time.monotonic() + 10))
    created = hurried.create_backup_policy("daily", rules=[RULE])
    assert created.adopted
    assert [item["name"] for item in cloud.objects() if item["kind"] == "backup policy"] == [created.value]
