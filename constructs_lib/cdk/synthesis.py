"""Run a CDKTF app without the CDKTF CLI, and show what came out.

The app runs as a process of its own, as under `cdktf synth`, into a temporary folder; its files replace
the old ones only once all of them are there.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

from attrs import evolve, field, frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from constructs_lib.cdk.app_process import run_here, signals_as_exit
from constructs_lib.cdk.node import prepare_node
from constructs_lib.findings import is_encodable, printable, shown

STACK_FILES = ("cdk.tf.json", "cdk.tf")

# Runs a command in a folder, with an environment; returns its exit status.
Runner = Callable[[str, Path, Mapping[str, str]], int]


class SynthesisError(Exception):
    """The app could not be synthesised; the message says why and what to do."""


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
        except (OSError, ValueError, RecursionError) as error:
            raise SynthesisError(f"cannot read {path}: {error}") from None
        if not isinstance(settings, dict) or not _is_usable(settings.get("app")):
            raise SynthesisError(f'{path}: "app" is missing; it is the command that runs the app')
        context = settings.get("context", {})
        if not isinstance(context, dict):
            raise SynthesisError(
                f'{path}: "context" is {shown(context)}; it must be an object of names and values'
            )
        output = settings.get("output", "cdktf.out")
        if not _is_usable(output) or folder.resolve().is_relative_to((folder / output).resolve()):
            raise SynthesisError(f'{path}: "output" is {shown(output)}; it must be a folder of its own')
        return cls(folder, settings["app"], context, folder / output)


def _is_usable(value: object) -> TypeGuard[str]:
    """Whether it can be handed to the system, which has no NUL and no half of a surrogate pair."""
    return isinstance(value, str) and "\0" not in value and is_encodable(value)


@frozen
class SynthesizedResource:
    """One resource in the synthesised files; its strings are printable."""

    construct_path: str = field(converter=printable)
    address: str = field(converter=printable)


@frozen
class Annotation:
    """One message that a construct carries, such as the finding of a check; its strings are printable."""

    construct_path: str = field(converter=printable)
    message: str = field(converter=printable)


@frozen
class Stack:
    """One synthesised stack."""

    name: str
    file: Path
    resources: list[SynthesizedResource]
    annotations: list[Annotation]


def synthesize(project: Project, output: Path | None = None, run: Runner = run_here) -> list[Stack]:
    """Run the app and put its files into the output folder. Raises `SynthesisError`.

    Where the app fails, what the folder held before stays. `run` runs its command. Nothing is deleted that
    no synthesis has written, and no symbolic link is followed or replaced.
    """
    target = (project.folder / output) if output else project.output
    _refuse_links(target, below=project.folder if target.is_relative_to(project.folder) else target.parent)
    try:
        return _synthesize(project, target, run)
    except OSError as error:
        raise SynthesisError(f"cannot write {printable(str(error.filename))}: {error.strerror}") from None


def _synthesize(project: Project, target: Path, run: Runner) -> list[Stack]:
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}-"
    with signals_as_exit(), tempfile.TemporaryDirectory(prefix=prefix, dir=target.parent) as folder:
        _run(project, Path(folder), run)
        try:
            stacks = list(_read_stacks(Path(folder)))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise SynthesisError(f"`{printable(project.app)}` wrote files that are no stacks") from None
        _replace(Path(folder), target)
    return [evolve(stack, file=target / stack.file) for stack in stacks]


def _run(project: Project, folder: Path, run: Runner) -> None:
    prepare_node()
    environment = {
        # What Terraform's variables hold, secrets among it, is Terraform's.
        **{name: value for name, value in os.environ.items() if not name.startswith("TF_VAR_")},
        # `python` in the app's command is the Python that runs this.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "CDKTF_OUTDIR": str(folder),
        "CDKTF_CONTEXT_JSON": json.dumps(project.context),
    }
    app, output = printable(project.app), printable(project.output.name)
    status = run(project.app, project.folder, environment)
    if status:
        raise SynthesisError(f"`{app}` ended with status {status}; {output} is as it was")
    if not (folder / "manifest.json").exists():
        raise SynthesisError(f"`{app}` wrote nothing: does it call app.synth()?")
    written = list(folder.rglob("*"))
    if not all((file.is_file() or file.is_dir()) and not file.is_symlink() for file in written):
        raise SynthesisError(f"`{app}` wrote pipes, devices or links")  # a pipe may never end


def _read_stacks(folder: Path) -> Iterator[Stack]:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, stack in manifest["stacks"].items():
        path = Path(stack["synthesizedStackPath"])
        if not (folder / path).exists():  # SYNTH_HCL_OUTPUT=true: HCL, of which no table is shown
            path = path.with_name("cdk.tf")
        notes = [Annotation(note["constructPath"], note["message"]) for note in stack.get("annotations", ())]
        yield Stack(name, path, list(_read_resources(folder / path)), notes)


def _read_resources(file: Path) -> Iterator[SynthesizedResource]:
    if file.suffix != ".json":
        return
    content = json.loads(file.read_text("utf-8"))
    for resource_type, resources in content.get("resource", {}).items():
        for name, resource in resources.items():
            path = resource.get("//", {}).get("metadata", {}).get("path", "")
            yield SynthesizedResource(path, f"{resource_type}.{name}")


def _replace(new: Path, target: Path) -> None:
    """Move the new files into place; all beside them stays, but for the files of stacks that are gone."""
    files = sorted(file for file in new.rglob("*") if file.is_file())
    for file in files:
        _refuse_links(target / file.relative_to(new), below=target)
    gone = _stack_folders(target) - _stack_folders(new)
    for folder in sorted(gone):
        _refuse_links(target / folder, below=target)
        for name in STACK_FILES:
            (target / folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # Terraform's files, or the user's, are in it, or there is none
            (target / folder).rmdir()
    for file in files:
        destination = target / file.relative_to(new)
        destination.parent.mkdir(parents=True, exist_ok=True)
        if file.name in STACK_FILES:
            # Terraform would read a stack's old HCL beside its new JSON, and the other way round.
            for stale in STACK_FILES:
                (destination.parent / stale).unlink(missing_ok=True)
        os.replace(file, destination)


def _stack_folders(folder: Path) -> set[str]:
    """The folders of stacks, as the manifest of a synthesis names them: `stacks/backups`."""
    try:
        stacks = json.loads((folder / "manifest.json").read_text("utf-8"))["stacks"].values()
        paths = [PurePosixPath(stack["synthesizedStackPath"]).parent for stack in stacks]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return set()
    return {
        f"stacks/{path.name}" for path in paths if path.parts == ("stacks", path.name) != ("stacks", "..")
    }


def _refuse_links(path: Path, below: Path) -> None:
    """SynthesisError: the path is a symbolic link, or leads through one below that folder."""
    for each in [path, *path.parents]:
        if each == below:
            return
        if each.is_symlink():
            raise SynthesisError(f"{printable(str(each))} is a symbolic link, which is not followed")


def show(stacks: list[Stack]) -> None:
    """Print a table of the stacks' resources, their findings in full, and the files."""
    # What reads a pipe wants whole addresses, not a page of 80 columns.
    width = None if sys.stdout.isatty() else 200
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Stack", "Construct path", "Terraform address", "Findings"):
        table.add_column(heading, overflow="fold")
    for stack in stacks:
        for resource in stack.resources:
            path = resource.construct_path
            messages = [note.message for note in stack.annotations if note.construct_path == path]
            codes = Counter(message.split(" ", 1)[0] for message in messages)
            findings = ", ".join(f"{code} ×{count}" if count > 1 else code for code, count in codes.items())
            table.add_row(printable(stack.name), path, resource.address, findings or "none")
    console.print(table)
    for stack in stacks:
        for annotation in stack.annotations:
            console.print(f"{annotation.construct_path}: {annotation.message}")
    for stack in stacks:
        console.print(printable(str(_shorten_path(stack.file))), soft_wrap=True)


def _shorten_path(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
