"""The report as JSON, for programs: `report.schema.json` beside this file describes it.

Moments are UNIX seconds, lengths seconds; null is "never", "nothing promised" or "not known", as the schema
says.
"""

from __future__ import annotations

import json
import re
from functools import partial
from importlib import resources
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
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: Report) -> str:
    """JSON text, keys in the order of the schema."""
    return to_json(as_json(report))


def to_json(content: Json) -> str:
    """JSON that strict readers take: a lone surrogate, which UTF-8 cannot encode, becomes `\\\\ud800`."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return _SURROGATE.sub(lambda half: rf"\\u{ord(half[0]):04x}", text)


def schema() -> Json:
    """The JSON schema of what `render` writes."""
    text = resources.files("constructs_lib.review.render").joinpath("report.schema.json").read_text("utf-8")
    content: Json = json.loads(text)
    return content


def as_json(report: Report) -> Json:
    """The report as plain values."""
    return {
        "format": FORMAT,
        "new": report.new,
        "old": report.old,
        "at": report.at,
        "zone": report.zone,
        "level": report.level,
        "counts": {str(level): count for level, count in report.counts.items()},
        "actions": {str(action): count for action, count in report.actions.items()},
        "approvals": list(report.approvals),
        "assumptions": list(report.assumptions),
        "findings": [_finding(one) for one in report.findings],
        "stacks": [
            {
                "name": stack.name,
                "level": stack.level,
                "resources": [_resource(one, report.at) for one in stack.resources],
            }
            for stack in report.stacks
        ],
    }


def _resource(one: ResourceReview, at: int) -> Json:
    return {
        "address": one.address,
        "old_address": one.old_address,
        "kind": one.kind,
        "action": one.action,
        "name": one.name,
        "level": one.level,
        "place": _place(one.location),
        "construct_path": one.construct_path,
        "source": one.source,
        "delta": one.delta,
        "is_approved": one.is_approved,
        "differences": [
            {"path": path, "before": before, "after": after} for path, before, after in one.differences
        ],
        "findings": [_finding(finding) for finding in one.findings],
        "acknowledgements": [
            {"code": item.code, "reason": item.reason, "findings": item.findings}
            for item in one.acknowledgements
        ],
        "assumptions": list(one.assumptions),
        "access": _access(one.access) if one.access else None,
        "recovery": _recovery(one.recovery, at) if one.recovery else None,
    }


def _place(one: SourceLocation) -> Json:
    return {"file": one.file, "pointer": one.pointer, "line": one.line, "column": one.column}


def _finding(one: ReviewFinding) -> Json:
    return {
        "code": one.code,
        "level": one.level,
        "title": one.title,
        "path": one.path,
        "received": one.received,
        "allowed": one.allowed,
        "hint": one.hint,
        "place": _place(one.location),
        "is_open": one.is_open,
        "is_new": one.is_new,
        "reason": one.reason,
        "is_approved": one.is_approved,
    }


# ------------------------------------------------------------ access


def _access(one: AccessReview) -> Json:
    return {
        "verdict": one.verdict,
        "undecided": one.undecided,
        "takes_effect": one.takes_effect,
        "against": one.against,
        "bytes_before": one.bytes_before,
        "bytes_after": one.bytes_after,
        "risks": [
            {
                "id": item.risk.id,
                "level": item.risk.level,
                "title": item.risk.title,
                "actions": list(item.actions),
                "together": list(item.together),
                "witness": _witness(item.witness),
            }
            for item in one.risks
        ],
        "gained": [_grant(item) for item in one.gained],
        "lost": [_grant(item) for item in one.lost],
        "newly_refused": [_grant(item) for item in one.newly_refused],
        "no_longer_refused": [_grant(item) for item in one.no_longer_refused],
    }


def _grant(one: Grant) -> Json:
    return {
        "statement": one.statement,
        "actions": list(one.actions),
        "not_actions": list(one.not_actions),
        "resources": list(one.resources),
        "not_resources": list(one.not_resources),
        "condition": one.condition,
        "reason": one.reason,
        "is_unusual": one.is_unusual,
        "witness": _witness(one.witness),
    }


def _witness(one: Witness) -> Json:
    return {
        "action": one.action,
        "resource": one.resource,
        "context": dict(one.context),
        "absent": list(one.absent),
        "assuming": [{"what": str(what), "holds": holds} for what, holds in one.assuming.items()],
    }


# ------------------------------------------------------------ recovery


def _recovery(one: RecoveryReview, at: int) -> Json:
    return {
        "is_worse": one.is_worse,
        "before": _side(one.before) if one.before else None,
        "after": _side(one.after) if one.after else None,
        "points": list(map(partial(_points, at=at), one.points)),
    }


def _side(one: Recovery) -> Json:
    return {
        "starts": [
            {
                "path": start.path,
                "words": start.words,
                "doubts": list(start.ambiguities),
                "next_runs": [int(run.timestamp()) for run in start.next_runs],
            }
            for start in one.starts
        ],
        "unknown": [{"path": unknown.path, "why": unknown.why} for unknown in one.unknown],
        "shortened": one.shortened,
        "begin": one.begin,
        "end": one.end,
    }


def _points(one: PointsReview, at: int) -> Json:
    return {
        "of": "copies" if one.is_copies else "backups",
        "region": one.region,
        "is_unknown": one.is_unknown,
        "counts_before": _counts(one.before),
        "counts_after": _counts(one.after),
        "worst_case": [
            {
                "older_than": step.older_than,
                "before": step.before,
                "after": step.after,
                "is_worse": step.is_worse,
            }
            for step in one.steps
        ],
        "deleted_sooner": len(one.deleted_sooner),
        "deleted_at_once": len(one.deleted_at_once(at)),
        "moved": [_moved(item) for item in one.moved],
    }


def _counts(one: Timeline | None) -> Json | None:
    if one is None or one.counts is None:
        return None
    return {
        "lowest": one.counts.lowest,
        "mean": round(one.counts.mean, 3),
        "highest": one.counts.highest,
        "empty_share": round(one.empty_share, 6),
    }


def _moved(one: MovedPoint) -> Json:
    return {
        "time": one.time,
        "before": one.before,
        "after": one.after,
        "kept_by": one.kept_by.keeps,
        "kept_by_after": one.kept_by_after.keeps,
    }
