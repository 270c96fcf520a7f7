"""The findings as SARIF 2.1.0, for code scanning.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0; GitHub, "SARIF support for code scanning".
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from constructs_lib.findings import printable
from constructs_lib.review import wording
from constructs_lib.review.catalogue import CHECKS, level_of
from constructs_lib.review.render.json_report import to_json
from constructs_lib.review.report import Report, ResourceReview, ReviewFinding, SourceLocation

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# 0 to 10, as code scanning sorts them.
_SECURITY = {"RV221": "9.0", "RV222": "8.0", "RV321": "7.0", "RV322": "5.0", "RV323": "6.0"}


def render(report: Report) -> str:
    """One run with the rules that its results name."""
    results: list[tuple[ReviewFinding, ResourceReview | None]]
    results = [(finding, None) for finding in report.findings]
    results += [(finding, resource) for resource in report.resources() for finding in resource.findings]
    codes = sorted({finding.code for finding, _ in results})
    run = {
        "tool": {"driver": {"name": "alipolicy", "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(*result, codes) for result in results],
        "properties": {
            "principals_gaining_access": report.principals_gaining_access,
            "sources_losing_protection": report.sources_losing_protection,
        },
    }
    return to_json(_printable({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))


def _printable(value: Any) -> Any:
    """The same, with every string printable: a reader of code scanning shows it as it is."""
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return printable(value) if isinstance(value, str) else value


def _rule(code: str) -> dict[str, Any]:
    check = CHECKS[code]
    properties: dict[str, Any] = {"source": check.source}
    if code in _SECURITY:
        properties |= {"security-severity": _SECURITY[code], "tags": ["security"]}
    return {
        "id": code,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.explanation or check.title},
        "defaultConfiguration": {"level": str(level_of(code))},
        "properties": properties,
    }


def _result(finding: ReviewFinding, resource: ResourceReview | None, codes: list[str]) -> dict[str, Any]:
    who = f"{resource.address}: " if resource else ""
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": str(finding.level),
        "message": {"text": f"{who}{wording.sentence(finding)}"},
        "locations": [_location(finding, resource)],
        "partialFingerprints": {"alipolicy/v1": _fingerprint(finding, resource)},
    }
    if resource and resource.python:
        file = {**_physical(finding.location, has_column=True), "message": {"text": "In the Terraform JSON"}}
        result["relatedLocations"] = [file]
    if finding.is_new is not None:
        result["baselineState"] = "new" if finding.is_new else "unchanged"
    if finding.reason is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.reason}]
    elif finding.is_approved:
        result["suppressions"] = [{"kind": "external", "justification": "approved by --approve"}]
    return result


def _location(finding: ReviewFinding, resource: ResourceReview | None) -> dict[str, Any]:
    """The Python line where the stack says so: it is what a person changes. Else the place in the file."""
    python = resource.python if resource else None
    location = _physical(python or finding.location, has_column=python is None)
    if resource:
        name = f"{resource.stack}/{resource.address}"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    if resource and (member := finding.location.pointer):
        location["logicalLocations"].append({"fullyQualifiedName": member, "kind": "member"})
    return location


def _physical(source: SourceLocation, *, has_column: bool) -> dict[str, Any]:
    region = {"startLine": source.line, **({"startColumn": source.column} if has_column else {})}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(source.file)}, "region": region}}


def _uri(file: str) -> str:
    # What looks like a scheme would be one.
    safe = quote(printable(file), safe="/")
    return f"file://{safe}" if PurePosixPath(file).is_absolute() else safe


def _fingerprint(finding: ReviewFinding, resource: ResourceReview | None) -> str:
    """The same for the same finding, wherever the file stands, whatever else is in it, and at any time."""
    alike = [other for other in resource.findings if _about(other) == _about(finding)] if resource else []
    who = [resource.stack, resource.address, alike.index(finding)] if resource else [finding.received]
    text = json.dumps([*who, *_about(finding)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _about(finding: ReviewFinding) -> tuple[str, ...]:
    return (finding.code, finding.path)
