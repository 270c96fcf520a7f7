"""The findings as JUnit XML: a suite for each stack, a case for each finding, one for a resource without.

Who gains access, and what loses protection, is what one more case puts out, where there is any.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from constructs_lib.findings import printable
from constructs_lib.review import wording
from constructs_lib.review.report import Level, Report, ReviewFinding


def render(report: Report, fail_on: Level = Level.ERROR) -> str:
    """XML in which open findings at or above `fail_on` are failures, others passed cases with an output."""
    root = Element("testsuites", name="alipolicy review")
    affected = list(wording.affected(report))
    if report.findings or affected:
        suite = _child(root, "testsuite", name="review")
        for finding in report.findings:
            _case(suite, "review", finding, fail_on)
        if affected:
            case = _child(suite, "testcase", classname="review", name="affected")
            _child(case, "system-out", *affected)
    for stack in report.stacks:
        suite = _child(root, "testsuite", name=stack.name)
        for resource in stack.resources:
            name = f"{stack.name}.{resource.address}"
            for finding in resource.findings:
                _case(suite, name, finding, fail_on, resource.source)
            if not resource.findings:
                _child(suite, "testcase", classname=name, name=resource.action)
    for element in (*root, root):
        element.set("tests", str(len(element.findall(".//testcase"))))
        element.set("failures", str(len(element.findall(".//failure"))))
        if element is not root:
            element.set("errors", "0")
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode").replace("##", "&#35;#")  # a log's command
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _case(
    suite: Element, classname: str, finding: ReviewFinding, fail_on: Level, source: str | None = None
) -> None:
    case = _child(suite, "testcase", classname=classname, name=f"{finding.code} {finding.path}".strip())
    message = f"{finding.title}: {wording.sentence(finding)}"
    lines = [message, source or "", f"{finding.location.file}:{finding.location.line}"]
    if finding.is_open and finding.level.rank >= fail_on.rank:
        _child(case, "failure", *lines, message=message, type=finding.level)
    else:
        _child(case, "system-out", *lines, wording.status(finding))


def _child(parent: Element, tag: str, *lines: str, **attributes: str) -> Element:
    """An element; XML 1.0 cannot hold every character, so its attributes and lines are made printable."""
    element = SubElement(parent, tag, {name: printable(value) for name, value in attributes.items()})
    element.text = "\n".join(printable(line) for line in lines if line) or None
    return element
