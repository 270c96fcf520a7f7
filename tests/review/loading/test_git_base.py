"""`--base`: the side before the change out of Git, made by the app of that commit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.review.configurations import (
    AT,
    cdktf_out,
    configuration,
    plan,
    ram_policy,
    realistic,
    written,
)
from tests.review.test_command import run
from tests.signals import usual_signals

# What `cdktf synth` would write, without Node: the app copies a folder.
_APP = """
import os, shutil
print("the app talks")
shutil.copytree("made", os.environ["CDKTF_OUTDIR"], dirs_exist_ok=True)
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app in a folder of a repository: committed as it was, changed in the working tree."""
    folder = tmp_path / "repository" / "infra"
    written(folder, "cdktf.json", {"language": "python", "app": "python main.py"})
    written(folder, "main.py", _APP)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", "repository")
    for side in ("old", "new"):
        backups, access = realistic(is_new=side == "new")
        cdktf_out(folder / "made", backups=backups, access=access)
        if side == "old":
            git(folder, "add", ".")
            git(folder, "commit", "--quiet", "--message", "before")
    cdktf_out(folder / "cdktf.out", backups=backups, access=access)
    monkeypatch.chdir(folder)
    return folder


def review_process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from constructs_lib.review.command import review; review()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(AT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_old_side_comes_out_of_git(repository: Path) -> None:
    before = git(repository, "status", "--porcelain")
    done = review_process(repository, "cdktf.out", "--base", "main", "--format", "json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)  # what the app prints does not stand in it
    assert "the app talks" in done.stderr
    assert report["old"] == f"main ({git(repository, 'rev-parse', '--short=12', 'HEAD')})"
    assert {action: count for action, count in report["actions"].items() if count} == {
        "changed": 2,
        "unchanged": 1,
    }
    assert git(repository, "status", "--porcelain") == before
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert run("cdktf.out", "--base", "main", "--format", "json").stdout == done.stdout


def test_what_terraform_alone_knows_is_never_the_same_as_it_was(repository: Path) -> None:
    access = configuration(ram__a=ram_policy(policy_document="${timestamp()}"))
    cdktf_out(repository / "made", backups={}, access=access)
    git(repository, "commit", "--quiet", "--all", "--message", "an expression")
    cdktf_out(repository / "cdktf.out", backups={}, access=access)
    done = run("cdktf.out", "--base", "main")
    assert done.exit_code == 1
    assert "RV222" in done.stdout


@pytest.mark.parametrize("reference", ["nowhere", "--help", "main..main"])
def test_a_base_that_git_does_not_know_is_bad_input(repository: Path, reference: str) -> None:
    done = run("cdktf.out", f"--base={reference}")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: --base {reference}")


def test_an_app_that_failed_at_that_commit_is_bad_input(repository: Path) -> None:
    written(repository, "main.py", "raise SystemExit(3)")
    git(repository, "commit", "--quiet", "--all", "--message", "broken")
    done = review_process(repository, "cdktf.out", "--base", "main")
    assert done.returncode == 2
    assert "ended with status 3" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_a_machine_without_git_is_bad_input(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository / "nothing"))
    done = run("cdktf.out", "--base", "main")
    assert (done.exit_code, done.stderr) == (
        2,
        "Error: --base main: there is no git here. Install it, or use --against.\n",
    )


def test_a_commit_without_the_app_is_bad_input(repository: Path) -> None:
    git(repository, "rm", "--quiet", "--cached", "cdktf.json")
    git(repository, "commit", "--quiet", "--message", "no app")
    done = run("cdktf.out", "--base", "main")
    assert done.exit_code == 2
    assert "no cdktf.json in the app's folder" in done.stderr
    assert len(git(repository, "worktree", "list").splitlines()) == 1


SECRETS = {
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s3cret",
    "ALICLOUD_SECRET_KEY": "s3cret",
    "ALIYUN_TOKEN": "s3cret",
    "AWS_SECRET_ACCESS_KEY": "s3cret",
    "GITHUB_TOKEN": "s3cret",
    "ACTIONS_RUNTIME_TOKEN": "s3cret",
    "CI_JOB_JWT": "s3cret",
    "DATABASE_URL": "https://user:s3cret@example.com",
    "https_proxy": "http://user:s3cret@127.0.0.1:9",
    "TF_VAR_password": "s3cret",
    "TF_CLI_CONFIG_FILE": "/s3cret",
    "GITHUB_ENV": "/s3cret",
    "SSH_AUTH_SOCK": "/s3cret",
}
_TELLING = """
import os, pathlib
print("\\x1b[31m::error::", sorted(os.environ.items()), list(pathlib.Path.home().iterdir()))
print("\\n::stop-commands::x")
"""


def test_the_app_of_the_base_has_no_credentials_and_no_home(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    written(tmp_path, "home/.aliyun/config.json", "s3cret")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    written(repository, "main.py", _TELLING + _APP)
    git(repository, "commit", "--quiet", "--all", "--message", "tells all")
    done = review_process(repository, "cdktf.out", "--base", "main", "--tf-vars")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert "('HOME', '" in done.stderr
    assert lines[0].endswith(" []")
    assert "s3cret" not in done.stderr + done.stdout
    assert not [name for name in SECRETS if f"'{name}'" in done.stderr]
    # No line is a command of GitHub Actions, or steers a terminal.
    assert all(line.startswith("base: ") and line.isprintable() for line in lines)
    signals = signal.getsignal(signal.SIGTERM)
    again = run("cdktf.out", "--base", "main", "--tf-vars").stderr.splitlines()
    assert again[0].endswith(" []")
    assert again[1:] == lines[1:]
    assert signal.getsignal(signal.SIGTERM) is signals


WILD = {
    "writes no stacks": ("pathlib.Path(out, 'manifest.json').write_text('[1]')", "files that are no stacks"),
    "writes nothing": ("pass", "wrote nothing"),
    "writes a pipe": ("os.mkfifo(out + '/manifest.json')", "wrote pipes, devices or links"),
    "kills itself": ("os.kill(os.getpid(), 9)", "ended with status"),
    "kills its group": ("os.killpg(0, 9)", "ended with status"),
    "ends the review": ("os.kill(REVIEW, 15); time.sleep(20)", "the review was ended by SIGTERM"),
    "hangs": ("time.sleep(20)", "had not ended after 1 seconds"),
    "leaves a process": (
        "subprocess.Popen(['sleep', '20']); subprocess.Popen(['sleep', '20'], start_new_session=True)",
        "wrote nothing",
    ),
    "loses the worktree": ("shutil.rmtree('..', True)", "wrote nothing"),
    "locks its folder": ("os.mkdir('x'); pathlib.Path('x/y').touch(); os.chmod('x', 0)", "wrote nothing"),
}


@pytest.mark.parametrize(("deed", "expected"), WILD.values(), ids=WILD.keys())
def test_a_wild_app_is_one_clear_error(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    deed: str,
    expected: str,
) -> None:
    head = "import os, pathlib, shutil, subprocess, time\nout = os.environ['CDKTF_OUTDIR']\n"
    written(repository, "main.py", head + deed.replace("REVIEW", str(os.getpid())))
    git(repository, "commit", "--quiet", "--all", "--message", "wild")
    monkeypatch.setattr("constructs_lib.review.loading.git_base._SECONDS", 1)
    temporary = repository.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    begin, threads = time.monotonic(), threading.enumerate()
    done = run("cdktf.out", "--base", "main", "--output", "report")
    assert time.monotonic() - begin < 10
    assert done.exit_code == 2
    assert expected in done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("base: ")] == [
        done.stderr.splitlines()[-1]
    ]
    assert not [each for each in threading.enumerate() if each not in threads and not each.daemon]
    assert not Path("report").exists()
    assert list(temporary.iterdir()) == []
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_a_plan_is_refused_before_the_app_of_the_base_runs(repository: Path) -> None:
    file = written(repository, "plan.json", plan())
    done = run(file, "--base", "main")
    assert done.exit_code == 2
    assert "a plan already holds the state before the change" in done.stderr
    assert "the app talks" not in done.stderr


def test_no_hook_of_the_repository_runs(repository: Path) -> None:
    hook = written(repository, "../.git/hooks/post-checkout", "#!/bin/sh\ntouch ran\nexit 1\n")
    hook.chmod(0o755)
    assert review_process(repository, "cdktf.out", "--base", "main").returncode == 1
    assert list(repository.parent.rglob("ran")) == []


def test_ctrl_c_leaves_no_worktree_behind(repository: Path, tmp_path: Path) -> None:
    slow = "import time, pathlib; pathlib.Path(%r).touch(); time.sleep(60)"
    written(repository, "main.py", slow % str(tmp_path / "started"))
    git(repository, "commit", "--quiet", "--all", "--message", "slow")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    program = "from constructs_lib.review.command import review; review()"
    with usual_signals():
        process = subprocess.Popen(
            [sys.executable, "-c", program, "cdktf.out", "--base", "main"],
            cwd=repository,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    with process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(git(repository, "worktree", "list").splitlines()) == 2
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of the group
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "constructs_lib" not in stderr  # a traceback is that of the app, which was interrupted as well
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert list(temporary.iterdir()) == []
