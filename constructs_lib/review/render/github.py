"""The findings as annotations of GitHub Actions: workflow commands, one on a line."""

from __future__ import annotations

from constructs_lib.findings import printable
from constructs_lib.review import wording
from constructs_lib.review.report import Level, Report, ResourceReview, ReviewFinding

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(report: Report) -> str:
    """A line for each open finding, and the verdict as a notice at the end."""
    lines = [_command(finding, None) for finding in report.findings]
    for resource in report.resources():
        lines += [_command(finding, resource) for finding in resource.findings if finding.is_open]
    lines.append(f"::notice title=alipolicy review::{_data(wording.headline(report))}")
    return "\n".join(lines) + "\n"


def _command(finding: ReviewFinding, resource: ResourceReview | None) -> str:
    python = resource.python if resource else None
    location = python or finding.location
    properties = f"file={_property(location.file)},line={location.line}"
    properties += "" if python else f",col={location.column}"
    properties += f",title={_property(f'{finding.code} {finding.title}')}"
    who = f"{resource.address}: " if resource else ""
    return f"::{_COMMANDS[finding.level]} {properties}::{_data(f'{who}{wording.sentence(finding)}')}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
