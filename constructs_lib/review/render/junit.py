"""The findings as JUnit XML: a suite for each stack, a case for each finding, one for a resource without."""

from __future__ import annotations

from xml.etree import ElementTree

from constructs_lib.findings import printable
from constructs_lib.review import wording
from constructs_lib.review.report import Level, Report, ResourceReview, ReviewFinding


def render(report: Report, fail_on: Level = Level.ERROR) -> str:
    """XML in which open findings at or above `fail_on` are failures, others passed cases with an output."""
    root = ElementTree.Element("testsuites", name="alipolicy review")
    if report.findings:
        _suite(root, "review", [_case("review", one, fail_on) for one in report.findings])
    for stack in report.stacks:
        cases = [case for resource in stack.resources for case in _cases(stack.name, resource, fail_on)]
        _suite(root, stack.name, cases)
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(root: ElementTree.Element, name: str, cases: list[ElementTree.Element]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=printable(name))
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(1 for case in cases if case.find("failure") is not None)))
    suite.set("errors", "0")
    suite.extend(cases)


def _cases(stack: str, resource: ResourceReview, fail_on: Level) -> list[ElementTree.Element]:
    name = printable(f"{stack}.{resource.address}")
    if resource.findings:
        return [_case(name, one, fail_on, resource.source) for one in resource.findings]
    return [ElementTree.Element("testcase", classname=name, name=f"{resource.action}")]


def _case(
    classname: str, one: ReviewFinding, fail_on: Level, source: str | None = None
) -> ElementTree.Element:
    name = printable(f"{one.code} {one.path}".strip())
    case = ElementTree.Element("testcase", classname=classname, name=name)
    told = printable(f"{one.title}: {wording.sentence(one)}")
    places = [*([source] if source else []), f"{one.location.file}:{one.location.line}"]
    text = "\n".join([told, *map(printable, places)])
    if one.is_open and one.level.rank >= fail_on.rank:
        failure = ElementTree.SubElement(case, "failure", message=told, type=f"{one.level}")
        failure.text = text
    else:
        status = printable(wording.status(one))
        ElementTree.SubElement(case, "system-out").text = f"{text}\n{status}".strip()
    return case
