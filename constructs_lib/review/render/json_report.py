"""The report as JSON, for programs: `report.schema.json` beside this file describes it.

Moments are UNIX seconds, lengths seconds; null is "never", "nothing promised" or "not known", as the schema
says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from json.encoder import encode_basestring
from typing import Any

from constructs_lib.backup.recovery import MovedPoint, Recovery
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.ram.access import Grant, Witness
from constructs_lib.review.report import (
    AccessReview,
    PointsReview,
    RecoveryReview,
    Report,
    ResourceReview,
    ReviewFinding,
    SourceLocation,
)

FORMAT = 1
Json = dict[str, Any]


def render(report: Report) -> str:
    """JSON text, keys in the order of the schema."""
    return to_json(as_json(report))


def to_json(content: Json) -> str:
    """JSON that strict readers take: a lone surrogate, which UTF-8 cannot encode, becomes `\\\\ud800`.

    What does not print, such as a bidi control, is escaped, and so is what a log may take for a command.
    """
    text = _indented(content, "\n").replace("##", r"\u0023#")
    if not text.replace("\n", "").isprintable():
        lines = (line if line.isprintable() else "".join(map(_escape, line)) for line in text.split("\n"))
        text = "\n".join(lines)
    return text + "\n"


def _escape(character: str) -> str:
    if character.isprintable():
        return character
    if "\ud800" <= character <= "\udfff":
        return rf"\\u{ord(character):04x}"
    return "".join(rf"\u{unit}" for unit in character.encode("utf-16-be").hex(" ", 2).split())


def _indented(value: Any, margin: str) -> str:
    """As `json.dumps` with an indent of 2, which is slow: a large report has millions of values."""
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        members = [
            f"{encode_basestring(key)}: "
            f"{written(item) if (written := _WRITTEN.get(type(item))) else _indented(item, inner)}"
            for key, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(members)}{margin}}}"
    if isinstance(value, (list, tuple)) and value:
        return f"[{inner}{f',{inner}'.join([_indented(item, inner) for item in value])}{margin}]"
    return encode_basestring(value) if isinstance(value, str) else _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(allow_nan=False)
# What most values are, without a call for each.
_WRITTEN: dict[type, Callable[[Any], str]] = {str: encode_basestring, int: int.__repr__}


def schema() -> Json:
    """The JSON schema of what `render` writes."""
    text = resources.files("constructs_lib.review.render").joinpath("report.schema.json").read_text("utf-8")
    content: Json = json.loads(text)
    return content


def as_json(report: Report) -> Json:
    """The report as plain values."""
    return {
        "format": FORMAT,
        **_pick(report, "new", "old", "at", "zone", "level", "counts", "actions"),
        **_pick(report, "principals_gaining_access", "sources_losing_protection"),
        **_pick(report, "approvals", "assumptions"),
        "findings": list(map(_finding, report.findings)),
        "stacks": [
            _pick(stack, "name", "level")
            | {"resources": [_resource(each, report.at) for each in stack.resources]}
            for stack in report.stacks
        ],
    }


def _pick(item: object, *names: str) -> Json:
    """What stands in the JSON as it is called in Python."""
    return {name: getattr(item, name) for name in names}


def _resource(resource: ResourceReview, at: int) -> Json:
    access, recovery = resource.access, resource.recovery
    return {
        **_pick(resource, "address", "old_address", "kind", "action", "name", "level"),
        "place": _place(resource.location),
        **_pick(resource, "construct_path", "source", "delta", "is_approved"),
        "differences": [
            {"path": path, "before": before, "after": after} for path, before, after in resource.differences
        ],
        "findings": list(map(_finding, resource.findings)),
        "acknowledgements": [_pick(each, "code", "reason", "findings") for each in resource.acknowledgements],
        "assumptions": resource.assumptions,
        "access": _access(access) if access else None,
        "recovery": _recovery(recovery, at) if recovery else None,
    }


def _place(location: SourceLocation) -> Json:
    return _pick(location, "file", "pointer", "line", "column")


def _finding(finding: ReviewFinding) -> Json:
    return {
        **_pick(finding, "code", "level", "title", "path", "received", "allowed", "hint"),
        "place": _place(finding.location),
        **_pick(finding, "is_open", "is_new", "reason", "is_approved"),
    }


# ------------------------------------------------------------ access


def _access(access: AccessReview) -> Json:
    return {
        **_pick(access, "verdict", "undecided", "takes_effect", "against", "bytes_before", "bytes_after"),
        "risks": [
            {
                **_pick(opened.risk, "id", "level", "title"),
                **_pick(opened, "actions", "together"),
                "witness": _witness(opened.witness),
            }
            for opened in access.risks
        ],
        "gained": list(map(_grant, access.gained)),
        "lost": list(map(_grant, access.lost)),
        "newly_refused": list(map(_grant, access.newly_refused)),
        "no_longer_refused": list(map(_grant, access.no_longer_refused)),
    }


def _grant(grant: Grant) -> Json:
    return {
        **_pick(grant, "statement", "actions", "not_actions", "resources", "not_resources"),
        **_pick(grant, "condition", "reason", "is_unusual"),
        "witness": _witness(grant.witness),
    }


def _witness(witness: Witness) -> Json:
    return {
        "action": witness.action,
        "resource": witness.resource if witness.is_found else None,
        "context": dict(witness.context),
        "absent": witness.absent,
        "assuming": [{"what": str(what), "holds": holds} for what, holds in witness.assuming.items()],
    }


# ------------------------------------------------------------ recovery


def _recovery(recovery: RecoveryReview, at: int) -> Json:
    return {
        "is_worse": recovery.is_worse,
        "before": _side(recovery.before) if recovery.before else None,
        "after": _side(recovery.after) if recovery.after else None,
        "points": [_points(points, at) for points in recovery.points],
    }


def _side(recovery: Recovery) -> Json:
    return {
        "starts": [
            {
                **_pick(start, "path", "words"),
                "doubts": start.ambiguities,
                "next_runs": [int(run.timestamp()) for run in start.next_runs],
            }
            for start in recovery.starts
        ],
        "unknown": [_pick(unknown, "path", "why") for unknown in recovery.unknown],
        **_pick(recovery, "shortened", "begin", "end"),
    }


def _points(points: PointsReview, at: int) -> Json:
    return {
        "of": "copies" if points.is_copies else "backups",
        **_pick(points, "region", "is_unknown"),
        "counts_before": _counts(points.before),
        "counts_after": _counts(points.after),
        "worst_case": [_pick(step, "older_than", "before", "after", "is_worse") for step in points.steps],
        "deleted_sooner": len(points.deleted_sooner),
        "deleted_at_once": len(points.deleted_at_once(at)),
        "moved": list(map(_moved, points.moved)),
    }


def _counts(timeline: Timeline | None) -> Json | None:
    if timeline is None or timeline.counts is None:
        return None
    return {
        "lowest": timeline.counts.lowest,
        "mean": round(timeline.counts.mean, 3),
        "highest": timeline.counts.highest,
        "empty_share": round(timeline.empty_share, 6),
    }


def _moved(point: MovedPoint) -> Json:
    return {
        "time": point.time,
        "before": point.before,
        "after": point.after,
        "kept_by": point.kept_by.keeps,
        "kept_by_after": point.kept_by_after.keeps,
    }
