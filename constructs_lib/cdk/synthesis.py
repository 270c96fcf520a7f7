"""Run a CDKTF app without the CDKTF CLI, and show what came out.

The app runs as a process of its own, as under `cdktf synth`, into a temporary folder; its files replace
the old ones only once all of them are there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from constructs_lib.cdk.node import prepare_node

STACK_FILES = ("cdk.tf.json", "cdk.tf")


class SynthesisError(Exception):
    """The app could not be synthesised; the text says why and what to do."""


@frozen
class Project:
    """What `cdktf.json` says: the folder it is in, the app's command, its context and its output folder."""

    folder: Path
    app: str
    context: dict[str, Any]
    output: Path

    @classmethod
    def read(cls, folder: Path) -> Project:
        """Read `cdktf.json` in this folder. Raises `SynthesisError`."""
        path = folder / "cdktf.json"
        try:
            settings = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise SynthesisError(f"no cdktf.json in {folder}: run this where your CDKTF app is") from None
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise SynthesisError(f"cannot read {path}: {error}") from None
        if not isinstance(settings, dict) or not isinstance(settings.get("app"), str):
            raise SynthesisError(f'{path}: "app" is missing; it is the command that runs the app')
        context = settings.get("context", {})
        if not isinstance(context, dict):
            raise SynthesisError(
                f'{path}: "context" is {context!r}; it must be an object of names and values'
            )
        output = settings.get("output", "cdktf.out")
        if not isinstance(output, str) or folder.resolve().is_relative_to((folder / output).resolve()):
            raise SynthesisError(f'{path}: "output" is {output!r}; it must be a folder of its own')
        return cls(folder, settings["app"], context, folder / output)


@frozen
class SynthesizedResource:
    """One resource in the synthesised files."""

    construct_path: str
    address: str


@frozen
class Annotation:
    """One message that a construct carries, such as the finding of a check."""

    construct_path: str
    message: str


@frozen
class Stack:
    """One synthesised stack."""

    name: str
    file: Path
    resources: list[SynthesizedResource]
    annotations: list[Annotation]


def synthesize(project: Project, output: Path | None = None) -> list[Stack]:
    """Run the app and put its files into the output folder. Raises `SynthesisError`.

    Where the app fails, what the folder held before stays.
    """
    target = (project.folder / output) if output else project.output
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
        _run(project, Path(folder))
        made = list(_stacks(Path(folder)))
        _replace(Path(folder), target)
    return [Stack(one.name, target / one.file, one.resources, one.annotations) for one in made]


def _run(project: Project, folder: Path) -> None:
    prepare_node()
    environment = {
        **os.environ,
        # `python` in the app's command is the Python that runs this.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "CDKTF_OUTDIR": str(folder),
        "CDKTF_CONTEXT_JSON": json.dumps(project.context),
    }
    status = subprocess.run(
        project.app, shell=True, cwd=project.folder, env=environment, check=False
    ).returncode
    if status:
        raise SynthesisError(
            f"`{project.app}` ended with status {status}; {project.output.name} is as it was"
        )
    if not (folder / "manifest.json").exists():
        raise SynthesisError(f"`{project.app}` wrote nothing: does it call app.synth()?")


def _stacks(folder: Path) -> Iterator[Stack]:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, stack in manifest["stacks"].items():
        path = Path(stack["synthesizedStackPath"])
        if not (folder / path).exists():  # SYNTH_HCL_OUTPUT=true: HCL, of which no table is shown
            path = path.with_name("cdk.tf")
        annotations = [
            Annotation(one["constructPath"], one["message"]) for one in stack.get("annotations", ())
        ]
        yield Stack(name, path, list(_resources(folder / path)), annotations)


def _resources(file: Path) -> Iterator[SynthesizedResource]:
    if file.suffix != ".json":
        return
    content = json.loads(file.read_text("utf-8"))
    for resource_type, resources in content.get("resource", {}).items():
        for name, resource in resources.items():
            path = resource.get("//", {}).get("metadata", {}).get("path", "")
            yield SynthesizedResource(path, f"{resource_type}.{name}")


def _replace(made: Path, target: Path) -> None:
    """Move the new files into place; Terraform's own files beside them stay, stacks that are gone do not."""
    kept = {folder.name for folder in made.glob("stacks/*")}
    for folder in target.glob("stacks/*"):
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder)
    for file in sorted(file for file in made.rglob("*") if file.is_file()):
        place = target / file.relative_to(made)
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.name in STACK_FILES:
            # Terraform would read a stack's old HCL beside its new JSON, and the other way round.
            for stale in STACK_FILES:
                (place.parent / stale).unlink(missing_ok=True)
        os.replace(file, place)


def show(stacks: list[Stack]) -> None:
    """Print a table of the stacks' resources, their findings in full, and the files."""
    # What reads a pipe wants whole addresses, not a page of 80 columns.
    console = Console() if sys.stdout.isatty() else Console(width=200)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Stack", "Construct path", "Terraform address", "Findings"):
        table.add_column(heading, overflow="fold")
    for stack in stacks:
        for resource in stack.resources:
            messages = [one for one in stack.annotations if one.construct_path == resource.construct_path]
            codes = Counter(one.message.split(" ", 1)[0] for one in messages)
            told = ", ".join(f"{code} ×{count}" if count > 1 else code for code, count in codes.items())
            table.add_row(stack.name, resource.construct_path, resource.address, told or "none")
    console.print(table)
    for stack in stacks:
        for one in stack.annotations:
            console.print(f"{one.construct_path}: {one.message}", markup=False, highlight=False)
    for stack in stacks:
        console.print(str(_relative(stack.file)), markup=False, highlight=False, soft_wrap=True)


def _relative(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
