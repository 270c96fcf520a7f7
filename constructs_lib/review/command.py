"""`alipolicy review`: says what a change means; its exit status says whether a finding is open."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

import click

from constructs_lib.backup.schedule import DEFAULT_ZONE
from constructs_lib.findings import printable, shown
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.loading.resource import Input
from constructs_lib.review.loading.variables import Variables
from constructs_lib.review.pairing import Pair
from constructs_lib.review.report import Level, Report

FORMATS = ("text", "markdown", "html", "sarif", "junit", "github", "json")
FINDINGS, BAD_INPUT, INTERRUPTED = 1, 2, 130
# With fewer resources nobody waits long enough to look at a bar.
_LONG_WORK = 50


class _Given(click.Path):
    """A path; none without a name, which a variable of a script that is not set would be."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value):
            self.fail("it is empty; is a variable not set? Give the path of a file or a folder.", param, ctx)
        return super().convert(value, param, ctx)


_PATH = _Given(path_type=Path)


@click.command("review")
@click.argument("new", type=_PATH)
@click.argument("others", nargs=-1, metavar="")
@click.option(
    "--against",
    type=_PATH,
    help="The state before the change, in one of the forms of NEW.",
)
@click.option(
    "--base",
    metavar="GIT-REF",
    help="Compare with what the app of ./cdktf.json makes at this commit. This runs the app of that commit, "
    "with your rights, but without your environment: no credentials, no TF_VAR_…, an empty HOME.",
)
@click.option(
    "--var-file",
    "var_files",
    multiple=True,
    type=_PATH,
    help="Values of variables, for both sides; may be repeated.  [default: those of the configuration]",
)
@click.option("--tf-vars", is_flag=True, help="Take values of variables from TF_VAR_… of the environment.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=_Given(dir_okay=False, path_type=Path), help="Write the report to this file.")
@click.option(
    "--fail-on",
    type=click.Choice([str(level) for level in Level]),
    default=str(Level.ERROR),
    show_default=True,
    help="Exit with 1 if a finding of this level or above is open.",
)
@click.option(
    "--fail-on-old",
    is_flag=True,
    help="Look at resources that do not change, too, and fail on what was wrong with them before.",
)
@click.option(
    "--approve",
    multiple=True,
    metavar="DELTA",
    help="Approve exactly the change with this delta, as a report prints it; may be repeated.",
)
@click.option(
    "--zone",
    default=DEFAULT_ZONE,
    show_default=True,
    help="The time zone of cron expressions and of all printed times.",
)
@click.option(
    "--at",
    metavar="WHEN",
    help="When it is applied: ISO 8601 in --zone, or UNIX seconds.  [default: SOURCE_DATE_EPOCH, else now]",
)
def review(
    new: Path,
    others: Sequence[str],
    against: Path | None,
    base: str | None,
    var_files: Sequence[Path],
    tf_vars: bool,
    format_: str,
    output: Path | None,
    fail_on: str,
    fail_on_old: bool,
    approve: Sequence[str],
    zone: str,
    at: str | None,
) -> None:
    """Review a change of policies: new access, deleted backups, the worst-case data loss.

    NEW is a cdktf.out, a cdk.tf.json, other Terraform JSON, or the output of `terraform show -json` for a
    plan, which holds the state before the change, too. Without --against, --base or a plan everything counts
    as new.

    Exits with 0 if no finding is open at --fail-on or above, with 1 if one is, and with 2 if the input cannot
    be read.
    """
    # Hardly anything here is part of a cycle: to look for them takes a third of the time of a large plan.
    gc.set_threshold(100_000, 50, 100)
    try:
        _check_sides(others, against, base)
        variables = Variables.read(var_files, os.environ if tf_vars else {})
        given = _read(new, against, base, variables)
        moment = _moment(at, _zone(zone))
        report = _reviewed(given, moment, zone, approve, fail_on_old)
    except InputError as error:
        _fail(str(error))
        sys.exit(BAD_INPUT)
    except MemoryError:
        click.echo("Error: the input needs more memory than there is. Review one stack at a time.", err=True)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)  # not 1, which stands for findings
    level = Level(fail_on)
    _write(report, format_, level, output)
    sys.exit(FINDINGS if report.fails(level) else 0)


def _fail(problem: str) -> None:
    """One line on stderr; a log takes `##[error]` in it for a command."""
    click.echo(f"Error: {printable(problem)}".replace("##", r"#\x23"), err=True)


def _check_sides(others: Sequence[str], against: Path | None, base: str | None) -> None:
    if others:
        advice = f"Is it the state before the change? Then give it as --against {others[0]}"
        raise InputError(others[0], "", "only NEW stands without an option", f"{advice}.")
    if against is not None and base is not None:
        problem = "--against already names the state before the change"
        raise InputError("--base", base, problem, "Give one of the two.")
    if base == "":
        advice = "Is a variable not set? Give a branch, a tag or a commit."
        raise InputError("--base", "", "it is empty", advice)


def _read(new: Path, against: Path | None, base: str | None, variables: Variables) -> Input:
    if base is None:
        return read_input(new, against, variables)
    from constructs_lib.review.loading.git_base import side_at

    return read_input(new, lambda: side_at(base, Path.cwd(), variables), variables)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        advice = "Give a name of the IANA database, such as Asia/Shanghai."
        raise InputError("--zone", shown(name), "it is not a time zone", advice) from None


def _moment(given: str | None, zone: ZoneInfo) -> int:
    name, text = "--at", given
    if text is None:
        name, text = "SOURCE_DATE_EPOCH", os.environ.get("SOURCE_DATE_EPOCH") or str(int(time.time()))
    try:
        moment = (
            int(text) if text.isdecimal() else int(_aware(datetime.fromisoformat(text), zone).timestamp())
        )
    except (ValueError, OverflowError):
        moment = -1
    # The simulation looks decades ahead.
    if not 0 <= moment < 250_000_000_000:
        advice = "Give ISO 8601 such as 2026-03-01T12:00, or UNIX seconds."
        raise InputError(name, shown(text), "it is not a time", advice)
    return moment


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _reviewed(given: Input, at: int, zone: str, approve: Sequence[str], fail_on_old: bool) -> Report:
    # Imported here: `--help`, and an input that cannot be read, need none of it.
    from constructs_lib.review import reviewing

    try:
        return reviewing.review(
            given, at=at, zone=zone, approve=approve, fail_on_old=fail_on_old, track=_track
        )
    except RecursionError:
        advice = "Look for a policy document or a list that holds itself many times over."
        raise InputError(given.new.name, "", "something in it is nested too deeply", advice) from None


def _track(pairs: Sequence[Pair]) -> Iterable[Pair]:
    """The pairs, with a progress bar if the work is long and a person is watching."""
    if len(pairs) < _LONG_WORK or not sys.stderr.isatty():
        return pairs
    from rich.console import Console
    from rich.progress import track

    return track(pairs, "Reviewing", console=Console(stderr=True), transient=True)


def _write(report: Report, format_: str, level: Level, output: Path | None) -> None:
    renderer = import_module(
        f"constructs_lib.review.render.{'json_report' if format_ == 'json' else format_}"
    )
    render: Callable[..., str] = renderer.render
    if format_ == "junit":
        content = render(report, fail_on=level)
    elif format_ == "text" and output is None and sys.stdout.isatty():
        width = max(40, min(shutil.get_terminal_size().columns, 120))
        content = render(report, width=width, colour="NO_COLOR" not in os.environ)
    else:
        content = render(report)
    try:
        if output is None:
            click.echo(content.encode(), nl=False)  # a log may claim to be ASCII
        else:
            _replace(output, content.encode())
    except OSError as error:
        place = "stdout" if output is None else output
        problem = f"{place}: the report cannot be written: {error.strerror}. Check the folder, and the disk."
        _fail(problem)
        if output is None:  # else Python tries once more at its end, and has a status of its own
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BAD_INPUT)


def _replace(file: Path, content: bytes) -> None:
    """Write a file as a whole or not at all; what is none, such as /dev/stdout, as it is."""
    file = file.resolve()  # a link stays one
    if file.exists() and not file.is_file():
        file.write_bytes(content)
        return
    temporary = file.with_name(f".alipolicy-{token_hex(8)}")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
        if file.exists():
            shutil.copymode(file, temporary)
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
