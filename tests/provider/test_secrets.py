"""Secrets show nowhere: in no log of any level, no message, no state, no request log, on no way to fail.

The secrets are those of the local cloud, read from its database; what they must not show in is searched for
them as they are, and as JSON, URLs and forms write them.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from constructs_lib.localcloud import Account, LocalCloud
from constructs_lib.provider.api_client import Pace
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.protocol.logs import JsonLines
from tests.provider.conftest import Core, Managed, State, Workspace, arguments

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ACCESS_KEY, SECRET_KEY = "LTAI5tMarkerOfTheAccessKey", "MarkerOf/The+Secret=Key"
EXTERNAL_ID, TOKEN = "MarkerOf:The=External/Id", "MarkerOf/The+Token=" * 20
# What no key of the local cloud is; for a call that is refused.
WRONG = "MarkerOf/The+Wrong=Secret"
DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}'
BACKUP = {
    "rule_type": "BACKUP",
    "schedule": "I|1648647166|P1D",
    "backup_type": "COMPLETE",
    "retention": 7,
}
ENVIRONMENT = (
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
)


class Marked:
    """A local cloud with secrets that can be told from all else, and what has been shown to people."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = LocalCloud(folder / "cloud.db", access_key=ACCESS_KEY, secret_key=SECRET_KEY)
        self.log = io.StringIO()
        self.shown: list[str] = []
        self.has_external_id = False

    @property
    def role_arn(self) -> str:
        return f"acs:ram::{self.server.account_id}:role/deployer"

    @property
    def secrets(self) -> list[str]:
        """All that may not show: what was given, and what every session consists of."""
        with closing(sqlite3.connect(self.folder / "cloud.db")) as database:
            columns = "access_key, secret_key, security_token"
            rows = database.execute(f"SELECT {columns} FROM identities").fetchall()
        external = [EXTERNAL_ID] if self.has_external_id else []
        return [*external, *(secret for row in rows for secret in row if secret)]

    @property
    def echo(self) -> str:
        """What a service says that quotes all that it was sent, as the real one quotes the text to sign."""
        return "&".join(sorted(form for secret in self.secrets for form in forms(secret)))

    def session(self) -> Account:
        """Keys of a session, in whose token there is much that URLs escape, instead of the account's own."""
        keys = Account("STS.MarkerOfTheSession", "MarkerOf/The+Session", self.server.account_id)
        row = (keys.account_id, keys.access_key, keys.secret_key, TOKEN, 9e9, "deployer", "ci")
        with closing(sqlite3.connect(self.folder / "cloud.db", isolation_level=None)) as database:
            database.execute("DELETE FROM identities")
            columns = "account, access_key, secret_key, security_token, expires, role, session"
            database.execute(f"INSERT INTO identities ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return keys

    def found(self) -> dict[str, list[str]]:
        """The secrets that have been shown, and where."""
        requests = [json.dumps(request.as_dict()) for request in self.server.requests()]
        texts = [*self.log.getvalue().splitlines(), *self.shown]
        leaks = {
            secret: [text for text in texts for form in forms(secret) if form in text]
            for secret in self.secrets
        }
        # The log of the cloud may name the keys that it lets in, as every audit log does; it holds no secret.
        keys = [ACCESS_KEY, *(secret for secret in self.secrets if secret.startswith("STS."))]
        for secret in self.secrets:
            if secret not in keys:
                leaks[secret] += [text for text in requests for form in forms(secret) if form in text]
        return {secret: where for secret, where in leaks.items() if where}


def forms(secret: str) -> set[str]:
    return {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="~"), quote_plus(secret)}


@pytest.fixture
def marked(direct: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Marked]:
    monkeypatch.setenv("DEBUG", "sdk")
    monkeypatch.setenv("HOME", str(tmp_path))
    created = Marked(tmp_path)
    with created.server:
        created.server.add_principal("Role", "deployer")
        yield created


def profile(marked: Marked, **values: str) -> State:
    (marked.folder / ".aliyun").mkdir()
    file = marked.folder / ".aliyun" / "config.json"
    file.write_text(json.dumps({"profiles": [{"name": "marked", **values}]}))
    return {"access_key": None, "secret_key": None, "profile": "marked"}


@pytest.fixture(
    params=["block", "environment", "session", "ak", "sts", "role", "assumed", "environment role"]
)
def given(request: pytest.FixtureRequest, marked: Marked, monkeypatch: pytest.MonkeyPatch) -> State:
    """Arguments with which the provider gets its credentials, each in another way."""
    keys = {"access_key_id": ACCESS_KEY, "access_key_secret": SECRET_KEY}
    way = request.param
    more: State = {}
    if way.startswith("environment"):
        more = {"access_key": None, "secret_key": None}
        for name, value in zip(ENVIRONMENT, (ACCESS_KEY, SECRET_KEY), strict=False):
            monkeypatch.setenv(name, value)
    elif way == "session":
        session = marked.session()
        more = {"access_key": None, "secret_key": None}
        for name, value in zip(ENVIRONMENT, (session.access_key, session.secret_key, TOKEN), strict=True):
            monkeypatch.setenv(name, value)
    elif way == "ak":
        more = profile(marked, mode="AK", **keys)
    elif way == "sts":
        session = marked.session()
        keys = {"access_key_id": session.access_key, "access_key_secret": session.secret_key}
        more = profile(marked, mode="StsToken", sts_token=TOKEN, **keys)
    elif way == "role":
        more = profile(marked, mode="RamRoleArn", ram_role_arn=marked.role_arn, **keys)
    if way in ("assumed", "environment role"):
        marked.has_external_id = True
        more["assume_role"] = [{"role_arn": marked.role_arn, "external_id": EXTERNAL_ID}]
    return arguments(marked.server) | {"client_read_timeout": 2000, "max_retry_timeout": 1} | more


def started(marked: Marked, given: State) -> Core:
    """The provider with its log at the lowest level."""
    core = Core()
    handler = logging.StreamHandler(marked.log)
    handler.setFormatter(JsonLines("alipolicy", core.service._secrets))
    root = logging.getLogger()
    for old in [
        handler for handler in root.handlers if isinstance(getattr(handler, "formatter", None), JsonLines)
    ]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(1)
    core.configure(**given)
    assert core.messages == []
    return core


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


def shown_by(managed: Managed) -> list[str]:
    return [json.dumps(managed.state), repr(managed.private), *managed.core.messages]


# The other ways are for make e2e.
@pytest.mark.parametrize("given", ["block", "ak", "role"], indirect=True)
def test_a_life_without_mishap_shows_no_secret(
    marked: Marked, given: State, capfd: pytest.CaptureFixture[str]
) -> None:
    live_without_mishap(marked, given, capfd)


def live_without_mishap(marked: Marked, given: State, capfd: pytest.CaptureFixture[str]) -> None:
    """From create to destroy; nothing that is shown on the way holds a secret."""
    core = started(marked, given)
    managed = Managed(core, "alipolicy_backup_policy")
    for config in ({"policy_name": "daily", "rules": [BACKUP]}, {"policy_name": "other", "rules": [BACKUP]}):
        managed.apply(config)
        assert core.errors == []
        marked.shown += [*shown_by(managed), repr(managed._response)]
    assert managed.drift({"policy_name": "other", "rules": [BACKUP]}) == {}
    marked.shown.append(json.dumps(core.data("alipolicy_backup_policies")))
    managed.destroy()
    marked.shown += [*shown_by(managed), *capfd.readouterr()]
    # Whatever another library writes into the log, once the secrets are known.
    logging.getLogger("requests").debug("GET /?%s", marked.echo)
    assert "GET /?(sensitive value)&" in marked.log.getvalue()
    assert marked.found() == {}


MISHAPS: list[dict[str, Any]] = [
    {"kind": "error", "status": 400, "code": "SignatureDoesNotMatch"},
    {"kind": "error", "status": 400, "code": "IncompleteSignature"},
    {"kind": "error", "status": 403, "code": "NoPermission"},
    {"kind": "error", "status": 500, "code": "InternalError"},
    {"kind": "error", "status": 200, "code": "InvalidParameter"},
    {"kind": "cut"},
    {"kind": "truncated"},
    {"kind": "not_json"},
    {"kind": "latency", "seconds": 0.3},
]


@pytest.mark.parametrize("given", ["environment", "sts", "environment role"], indirect=True)
def test_no_mishap_shows_a_secret(
    marked: Marked, given: State, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So long a wait does not fit into the time that there is: no call is repeated.
    monkeypatch.setattr("constructs_lib.provider.api_client.FIRST_WAIT", 1000)
    monkeypatch.setattr("constructs_lib.provider.api_client.LONGEST_WAIT", 1000)
    managed = Managed(started(marked, given | {"client_read_timeout": 150}), "alipolicy_backup_policy")
    managed.apply({"policy_name": "daily", "rules": [BACKUP]})
    assert managed.core.errors == []
    for mishap in MISHAPS:
        quoting = mishap | ({"message": f"it is: {marked.echo}"} if mishap["kind"] == "error" else {})
        marked.server.set_faults([quoting | {"operation": "HBR.*"}])
        managed.refresh()
        assert managed.core.errors, mishap
        marked.shown += shown_by(managed)
    marked.shown += capfd.readouterr()
    assert marked.found() == {}


def test_keys_that_are_refused_do_not_show(marked: Marked, capfd: pytest.CaptureFixture[str]) -> None:
    keys = arguments(marked.server)
    refused = {
        "SignatureDoesNotMatch": {"secret_key": WRONG},
        "InvalidAccessKeyId.NotFound": {"access_key": f"{WRONG}-key"},
        "InvalidSecurityToken": {"security_token": f"{WRONG}-token"},
    }
    for code, changes in refused.items():
        core = started(marked, keys | changes)
        core.data("alipolicy_backup_policies")
        assert code in core.errors[0]
        marked.shown += core.messages
    for name in ("secret_key", "security_token", "access_key"):
        core = Core()
        core.configure(**keys | {name: f"{WRONG} \n\x00"})
        assert f"ERROR The provider cannot use {name}" in core.errors[0]
        marked.shown += core.messages
    marked.shown += capfd.readouterr()
    assert [text for text in (*marked.shown, marked.log.getvalue()) if "MarkerOf" in text] == []
    assert marked.found() == {}


@pytest.mark.parametrize("operation", ["AssumeRole", "DescribePoliciesV2"])
@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "InvalidParameter"])
def test_an_exception_of_the_cloud_quotes_no_secret(marked: Marked, operation: str, code: str) -> None:
    marked.has_external_id = True
    role = {"assume_role": [{"role_arn": marked.role_arn, "external_id": EXTERNAL_ID}]}
    configuration = Configuration.read(arguments(marked.server) | role, {}, Path("/nowhere"))
    cloud = Cloud.of(configuration, pace=Pace(deadline=0.0))
    if operation != "AssumeRole":
        cloud.backup_policies()
    # A call of the session is not sent the key of who assumed the role.
    echo = marked.echo.replace(ACCESS_KEY, "") if operation != "AssumeRole" else marked.echo
    fault = {"kind": "error", "status": 400, "code": code, "message": echo}
    marked.server.set_faults([fault | {"operation": operation}])
    with pytest.raises(CloudError, match=f"^{operation}: ") as caught:
        cloud.backup_policies()
    error = caught.value
    marked.shown += [str(error), repr(error), repr(error.args), str(vars(error)), repr(error.__context__)]
    assert marked.found() == {}


def test_real_terraform_with_all_logs_shows_and_stores_no_secret(
    marked: Marked, own_process_for_marked: Workspace
) -> None:
    workspace = own_process_for_marked
    marked.has_external_id = True
    environment = dict(zip(ENVIRONMENT, (ACCESS_KEY, SECRET_KEY), strict=False))
    logs = {"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "TRACE", "DEBUG": "sdk"}
    rule = "\n".join(f"    {name} = {json.dumps(value)}" for name, value in BACKUP.items())
    workspace.write(f'resource "alipolicy_backup_policy" "daily" {{\n  rules {{\n{rule}\n  }}\n}}\n')
    planned = workspace.run("plan", "-out=plan", **environment, **logs)
    applied = workspace.run("apply", "plan", **environment, **logs)
    assert (planned.status, applied.status) == (0, 0), applied.text
    assert "CreatePolicyV2" in [request.operation for request in marked.server.requests()]
    assert "AssumeRole" in [request.operation for request in marked.server.requests()]
    marked.shown += [planned.text, applied.text]
    files = [path for path in workspace.directory.rglob("*") if path.is_file() and path.name != "main.tf"]
    assert {"plan", "terraform.tfstate"} <= {path.name for path in files}
    marked.shown += [text for path in files for text in contents(path)]
    assert marked.found() == {}


def contents(path: Path) -> list[str]:
    """The text of a file, or of all that is packed into it: a plan is a zip file, with the configuration."""
    if not zipfile.is_zipfile(path):
        return [path.read_bytes().decode("latin-1")]
    with zipfile.ZipFile(path) as packed:
        names = [name for name in packed.namelist() if not name.endswith(".tf")]
        return [packed.read(name).decode("latin-1") for name in names]


@pytest.fixture
def own_process_for_marked(tmp_path: Path, marked: Marked) -> Workspace:
    """A workspace whose provider takes its keys from the environment, and assumes a role."""

    class WithRole(Workspace):
        def provider_block(self) -> str:
            lines = super().provider_block().splitlines()
            kept = [line for line in lines[:-1] if "_key = " not in line]
            role = [f'    role_arn = "{marked.role_arn}"', f"    external_id = {json.dumps(EXTERNAL_ID)}"]
            return "\n".join([*kept, "  assume_role {", *role, "  }", "}\n"])

    return WithRole(tmp_path / "w", marked.server)


# ------------------------------------------------------------ nothing is looked for


LOOK = """
import os, socket, sys

def refuse(*_, **__):
    print("a connection was tried", flush=True)
    os._exit(3)

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from tests.provider.conftest import Core
core = Core(region="cn-hangzhou")
core.data("alipolicy_backup_policies")
print(core.errors[0].partition(":")[0])
"""


def test_without_credentials_nothing_is_looked_for_anywhere(tmp_path: Path) -> None:
    """No metadata service, no default chain: not even where its own files and variables are there."""
    (tmp_path / ".aliyun").mkdir()
    keys = {"mode": "AK", "access_key_id": "LTAI", "access_key_secret": "s"}
    (tmp_path / ".aliyun" / "config.json").write_text(
        json.dumps({"current": "default", "profiles": [{"name": "default", **keys}]})
    )
    (tmp_path / ".alibabacloud").mkdir()
    (tmp_path / ".alibabacloud" / "credentials.ini").write_text(
        "[default]\ntype = access_key\naccess_key_id = LTAI\naccess_key_secret = s\n"
    )
    hints = {
        "ALIBABA_CLOUD_ECS_METADATA": "role",
        "ALICLOUD_ECS_ROLE_NAME": "role",
        "ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:9/",
        "ALICLOUD_CREDENTIALS_URI": "http://127.0.0.1:9/",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/x",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(tmp_path / "token"),
        "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/x",
    }
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ALI")}
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=bare | hints | {"HOME": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "ERROR The provider is not configured yet\n"), done.stderr
