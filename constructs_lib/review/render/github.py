"""The findings as annotations of GitHub Actions: workflow commands, one on a line."""

from __future__ import annotations

from constructs_lib.findings import printable
from constructs_lib.review import wording
from constructs_lib.review.report import Level, Report, ResourceReview, ReviewFinding

MOST_ANNOTATIONS = 10
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(report: Report) -> str:
    """A line for each open finding, the gravest first, and the verdict as a notice at the end.

    GitHub shows ten annotations of a step: the last one says how many findings are left out, and of what.
    """
    found: list[tuple[ReviewFinding, ResourceReview | None]] = [(each, None) for each in report.findings]
    found += [(finding, resource) for resource in report.resources() for finding in resource.findings]
    still_open = [(finding, resource) for finding, resource in found if finding.is_open]
    still_open.sort(key=lambda pair: -pair[0].level.rank)
    lines = [_command(*pair) for pair in still_open[: MOST_ANNOTATIONS - 1]]
    verdict = ". ".join([wording.headline(report), *wording.affected(report)])
    if left := still_open[MOST_ANNOTATIONS - 1 :]:
        addresses = list(dict.fromkeys(resource.address for _, resource in left if resource))
        where = f" of {wording.patterns(tuple(addresses), 5)}" if addresses else ""
        verdict += f". {wording.plural(len(left), 'finding')} more{where}: see the report in another format"
    return "\n".join([*lines, f"::notice title=alipolicy review::{_data(verdict)}"]) + "\n"


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
