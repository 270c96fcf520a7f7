"""`alipolicy synth`, run as a user runs it: as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

APP = """
from constructs_lib import AlicloudProvider, BackupPolicy, BackupPolicyRule, Schedule, cdktf

class Backups(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlicloudProvider(self, "provider", region=self.node.try_get_context("region"))
        BackupPolicy(self, "daily", rules=[
            BackupPolicyRule.backup(schedule=Schedule.cron("0 0 2 ? * SAT", start=0), vault_id="v-1"),
            BackupPolicyRule.transition(retention=RETENTION),
        ])

app = cdktf.App()
Backups(app, "backups")
app.synth()
"""


def project(folder: Path, app: str = APP, **settings: Any) -> Path:
    (folder / "main.py").write_text(app.replace("RETENTION", "5"))
    config = {"language": "python", "app": "python main.py", "context": {"region": "cn-hangzhou"}, **settings}
    (folder / "cdktf.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def first_synth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("first"))
    assert run(folder, "synth").returncode == 0
    return folder


@pytest.fixture
def synthesised(first_synth: Path, tmp_path: Path) -> Path:
    """A project that was synthesised before."""
    return shutil.copytree(first_synth, tmp_path / "project")


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("alipolicy")), *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_synth_writes_the_files_and_shows_what_is_in_them(tmp_path: Path) -> None:
    done = run(project(tmp_path), "synth")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if line.strip()]
    assert rows[0] == ["Stack", "Construct", "path", "Terraform", "address", "Findings"]
    assert rows[2] == ["backups", "backups/daily", "alicloud_hbr_policy.daily", "BP303,", "BP319"]
    assert "backups/daily: BP303 rules[1].retention: received 5;" in done.stdout
    assert done.stdout.rstrip().endswith("cdktf.out/stacks/backups/cdk.tf.json")
    content = json.loads((tmp_path / "cdktf.out/stacks/backups/cdk.tf.json").read_text())
    assert content["provider"]["alicloud"] == [{"region": "cn-hangzhou"}]


def test_synth_needs_no_node_on_the_path(tmp_path: Path) -> None:
    done = run(project(tmp_path), "synth", PATH="/usr/bin-without-node:/bin", JSII_NODE="")
    assert (done.returncode, done.stderr) == (0, "")


def test_synth_takes_another_output_folder(tmp_path: Path) -> None:
    done = run(project(tmp_path, output="from-settings"), "synth", "--output", "elsewhere")
    assert done.returncode == 0
    assert (tmp_path / "elsewhere/stacks/backups/cdk.tf.json").exists()
    assert not (tmp_path / "from-settings").exists()


def test_a_second_synth_gives_the_same_bytes_and_leaves_terraforms_files(first_synth: Path) -> None:
    file = first_synth / "cdktf.out/stacks/backups/cdk.tf.json"
    first = file.read_bytes()
    lock = file.with_name(".terraform.lock.hcl")
    lock.write_text("# terraform's own")
    assert run(first_synth, "synth").returncode == 0
    assert file.read_bytes() == first
    assert lock.exists()


def test_a_stack_that_is_gone_does_not_stay(synthesised: Path) -> None:
    app = APP.replace("RETENTION", "5").replace('"backups")\napp', '"others")\napp')
    (synthesised / "main.py").write_text(app)
    assert run(synthesised, "synth").returncode == 0
    files = (synthesised / "cdktf.out/stacks").rglob("cdk.tf*")
    assert [str(file.relative_to(synthesised)) for file in files] == ["cdktf.out/stacks/others/cdk.tf.json"]


def test_what_nobody_synthesised_stays(synthesised: Path) -> None:
    stacks = synthesised / "cdktf.out/stacks"
    (stacks / "mine").mkdir()
    (stacks / "mine/cdk.tf.json").write_text("{}")
    (stacks / "backups/notes.txt").write_text("mine, too")
    test_app = APP.replace("RETENTION", "5").replace('"backups")\napp', '"others")\napp')
    (synthesised / "main.py").write_text(test_app)
    assert run(synthesised, "synth").returncode == 0
    left = {str(path.relative_to(stacks)) for path in stacks.rglob("*.*") if path.is_file()}
    assert left - {"backups/.terraform.lock.hcl"} == {
        "backups/notes.txt",
        "mine/cdk.tf.json",
        "others/cdk.tf.json",
    }


def test_a_folder_on_the_way_that_is_a_link_is_not_followed(synthesised: Path) -> None:
    (synthesised / "elsewhere").mkdir()
    (synthesised / "link").symlink_to("elsewhere")
    done = run(synthesised, "synth", "--output", "link/out")
    assert (done.returncode, list((synthesised / "elsewhere").iterdir())) == (1, [])
    assert "link is a symbolic link, which is not followed" in done.stderr


@pytest.mark.parametrize("place", ["", "stacks", "stacks/backups"])
def test_a_file_where_a_folder_goes_is_one_line(synthesised: Path, place: str) -> None:
    target = synthesised / "cdktf.out" / place
    target.rename(synthesised / "moved")
    target.write_text("important")
    done = run(synthesised, "synth")
    assert (done.returncode, target.read_text()) == (1, "important")
    assert f"cannot write {target}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "link", ["", "manifest.json", "stacks", "stacks/backups", "stacks/backups/cdk.tf.json"]
)
def test_no_symbolic_link_is_followed_or_replaced(synthesised: Path, link: str) -> None:
    place = synthesised / "cdktf.out" / link
    elsewhere = place.rename(synthesised / "elsewhere")
    place.symlink_to(elsewhere)
    before = {file: file.read_bytes() for file in elsewhere.rglob("*") if file.is_file()}
    (synthesised / "main.py").write_text(APP.replace("RETENTION", "6"))
    done = run(synthesised, "synth")
    assert done.returncode == 1
    assert "is a symbolic link, which is not followed" in done.stderr
    assert place.is_symlink()
    assert before == {file: file.read_bytes() for file in elsewhere.rglob("*") if file.is_file()}


def test_the_app_gets_no_variables_of_terraform(tmp_path: Path) -> None:
    app = "import os; print('TF_LOG' in os.environ, 'TF_VAR_secret' in os.environ)"
    done = run(project(tmp_path, app), "synth", TF_VAR_secret="hunter2", TF_LOG="")
    assert done.stdout == "True False\n"


def test_when_it_is_told_to_end_nothing_is_left(tmp_path: Path) -> None:
    app = (
        "import os, time, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\n"
        "pathlib.Path('ready').touch()\ntime.sleep(60)"
    )
    command = [str(Path(sys.executable).with_name("alipolicy")), "synth"]
    with subprocess.Popen(command, cwd=project(tmp_path, app), stdin=subprocess.DEVNULL) as process:
        while not (tmp_path / "ready").exists():
            time.sleep(0.01)
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cdktf.json", "main.py", "pid", "ready"]
    try:
        state = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat").read_text().rpartition(")")[2]
    except FileNotFoundError:
        state = "gone"
    assert state.split()[0] in ("gone", "Z")


def test_ids_are_shown_as_they_are(tmp_path: Path) -> None:
    app = APP.replace("RETENTION", "7").replace('"daily"', '"daily[prod],[red]"')
    done = run(project(tmp_path, app), "synth")
    assert "backups/daily[prod],[red]" in done.stdout


def test_old_json_does_not_stay_beside_new_hcl(synthesised: Path) -> None:
    folder = synthesised / "cdktf.out/stacks/backups"
    assert run(synthesised, "synth", SYNTH_HCL_OUTPUT="true").returncode == 0
    assert (folder / "cdk.tf").exists()
    assert not (folder / "cdk.tf.json").exists()


def test_old_hcl_does_not_stay_beside_new_json(synthesised: Path) -> None:
    folder = synthesised / "cdktf.out/stacks/backups"
    (folder / "cdk.tf.json").rename(folder / "cdk.tf")
    assert run(synthesised, "synth").returncode == 0
    assert (folder / "cdk.tf.json").exists()
    assert not (folder / "cdk.tf").exists()


@pytest.mark.parametrize(
    "broken",
    [
        APP.replace("RETENTION", "0"),
        APP.replace("app.synth()", "raise SystemExit(3)"),
        APP.replace("app.synth()", ""),
        "def (",
    ],
)
def test_a_failing_app_leaves_the_files_as_they_were(synthesised: Path, broken: str) -> None:
    before = {file: file.read_bytes() for file in synthesised.rglob("*") if file.is_file()}
    (synthesised / "main.py").write_text(broken)
    done = run(synthesised, "synth")
    assert done.returncode == 1
    assert "Error: `python main.py` " in done.stderr
    after = {file: file.read_bytes() for file in synthesised.rglob("*") if file.is_file()}
    assert {**after, synthesised / "main.py": None} == {**before, synthesised / "main.py": None}


def test_a_mistake_in_props_is_a_python_error_at_the_users_line(tmp_path: Path) -> None:
    done = run(project(tmp_path, APP.replace("RETENTION", "0")), "synth")
    assert 'main.py", line 8, in __init__' in done.stderr
    assert "InvalidPropsError: BackupPolicy 'daily' has 1 finding to fix:" in done.stderr
    assert "BP103 rules[1].retention" in done.stderr
    assert not [word for word in ("node_modules", "jsii-runtime", ".js:") if word in done.stderr]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no cdktf.json in"),
        ("{", "cannot read"),
        ("[]", '"app" is missing'),
        ('{"app": 1}', '"app" is missing'),
        ('{"app": "true", "context": []}', '"context" is []'),
        ('{"app": "true", "output": ""}', '"output" is ""; it must be a folder of its own'),
        ('{"app": "true", "output": ".."}', "it must be a folder of its own"),
        ('{"app": "true", "output": 1}', "it must be a folder of its own"),
        ('{"app": "true"}', "`true` wrote nothing: does it call app.synth()?"),
        ('{"app": "# \\u202e"}', r"`# \u202e` wrote nothing: does it call app.synth()?"),
        (r'{"app": "\ud800"}', '"app" is missing'),
        (r'{"app": "\u0000"}', '"app" is missing'),
        (r'{"app": "true", "output": "\ud800"}', r'"output" is "\ud800"'),
        (r'{"app": "true", "output": "\u0000"}', r'"output" is "\u0000"'),
        (r'{"app": "true", "context": "\u202e"}', r'"context" is "\u202e"'),
        pytest.param('{"app": ' + "[" * 100_000, "cannot read", id="nested too deeply"),
    ],
)
def test_a_cdktf_json_that_will_not_do(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "cdktf.json").write_text(text)
    done = run(tmp_path, "synth")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "cdktf.out").exists()


ANY_STRINGS = """
import json, os, pathlib
folder = pathlib.Path(os.environ["CDKTF_OUTDIR"])
stack = folder / "stacks/s"
stack.mkdir(parents=True)
path = "s/\\ud800\\u202e[red]"
annotation = {"constructPath": path, "message": "BP307 \\ud800 \\x1b[31m \\0 \\u2028 [bold]"}
stacks = {"s\\ud800": {"synthesizedStackPath": "stacks/s/cdk.tf.json", "annotations": [annotation]}}
(folder / "manifest.json").write_text(json.dumps({"stacks": stacks}))
resource = {"t": {"n\\x9b": {"//": {"metadata": {"path": path}}}}}
(stack / "cdk.tf.json").write_text(json.dumps({"resource": resource}))
"""


def test_synth_shows_any_string_and_leaves_the_terminal_alone(tmp_path: Path) -> None:
    done = run(project(tmp_path, ANY_STRINGS), "synth")
    assert (done.returncode, done.stderr) == (0, "")
    assert r" s\ud800   s/\ud800\u202e[red]   t.n\x9b             BP307" in done.stdout
    assert r"s/\ud800\u202e[red]: BP307 \ud800 \x1b[31m \x00 \u2028 [bold]" in done.stdout
    assert done.stdout.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "arguments",
    [
        ("synth", "--output", "\udc80"),
        ("provider", "install", "--mirror", "\udc80"),
        ("provider", "uninstall", "--mirror", "\udc80"),
        ("local-cloud", "--port", "0", "--host", "\udc80"),
        ("local-cloud", "--port", "0", "--faults", "\udc80"),
        ("local-cloud", "--port", "0", "--database", "missing/\udc80"),
        ("local-cloud", "--port", "0", "--access-key", "\udc80", "--secret-key", "x"),
        ("local-cloud", "--port", "0", "--access-key", "x", "--secret-key", "\udc80"),
        ("sandbox", "--policies", "\udc80", "--", "true"),
        ("sandbox", "--database", "missing/\udc80", "--", "true"),
        ("sandbox", "--", "\udc80\x1b[31m\u202e"),
        ("\udc80",),
        ("synth", "--\udc80"),
    ],
)
def test_an_argument_that_is_no_utf_8_is_one_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments, HOME=str(tmp_path), PYTHONIOENCODING="utf-8:strict")
    assert done.returncode > 0
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert (done.stdout + done.stderr).replace("\n", "").isprintable()


def test_help_and_version() -> None:
    assert "Run the app of ./cdktf.json" in run(Path.cwd(), "synth", "--help").stdout
    assert run(Path.cwd(), "--version").stdout.startswith("alipolicy, version ")
