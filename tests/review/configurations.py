"""Terraform JSON and plans for the tests, and the report of one change of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Report, ResourceReview
from constructs_lib.review.reviewing import review

# 2026-11-18 19:06:40 in Asia/Shanghai.
AT = 1_795_000_000
Json = dict[str, Any]


def backup_rule(**others: Any) -> Json:
    return {
        "rule_type": "BACKUP",
        "backup_type": "COMPLETE",
        "schedule": "I|1648605600|P1D",
        "vault_id": "v-1",
        **others,
    }


def transition(retention: Any = 7, **periods: int) -> Json:
    rules = [
        {"advanced_retention_type": period.upper(), "retention": days} for period, days in periods.items()
    ]
    return {
        "rule_type": "TRANSITION",
        "retention": retention,
        **({"retention_rules": rules} if rules else {}),
    }


def replication(region: str = "cn-shanghai", retention: int = 7) -> Json:
    return {"rule_type": "REPLICATION", "replication_region_id": region, "retention": retention}


def backup_policy(*rules: Json, **others: Any) -> Json:
    return {"policy_name": "daily", "policy_type": "STANDARD", "rules": list(rules), **others}


def allow(actions: Any, resources: Any = "*", **others: Any) -> Json:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **others}


def document(*statements: Json) -> str:
    return json.dumps({"Version": "1", "Statement": list(statements)})


def ram_policy(*statements: Json, **others: Any) -> Json:
    return {
        "policy_name": "reader",
        "policy_document": document(*statements),
        "rotate_strategy": "DeleteOldestNonDefaultVersionWhenLimitExceeded",
        **others,
    }


def configuration(**resources: Json) -> Json:
    """Configuration with resources by `type__name`; `hbr` and `ram` stand for the official types."""
    types = {"hbr": "alicloud_hbr_policy", "ram": "alicloud_ram_policy"}
    found: Json = {}
    for key, body in resources.items():
        kind, name = key.split("__")
        found.setdefault(types.get(kind, kind), {})[name] = body
    return {"resource": found}


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), "utf-8")
    return path


def reviewed(folder: Path, new: Json, old: Json | None = None, **arguments: Any) -> Report:
    """The report of configuration against other configuration."""
    before = None if old is None else written(folder, "old.tf.json", old)
    given = read_input(written(folder, "new.tf.json", new), before)
    return review(given, **{"at": AT, **arguments})


def only(report: Report) -> ResourceReview:
    (resource,) = report.resources()
    return resource


def codes(report: Report) -> list[str]:
    """The codes that are about the change, sorted."""
    return sorted(finding.code for finding in report.all_findings() if finding.is_about_change)


def message(report: Report, code: str) -> str:
    """What the one finding of a code received."""
    (finding,) = [finding for finding in report.all_findings() if finding.code == code]
    return finding.received


def plan(*changes: Json) -> Json:
    return {"format_version": "1.2", "resource_changes": list(changes)}


def change(kind: str, before: Any, after: Any, *actions: str, **others: Any) -> Json:
    """A change of a plan; `unknown=` and `sensitive=` mark values of `after`, `hidden=` of `before`."""
    return {
        "address": f"{kind}.one",
        "mode": "managed",
        "type": kind,
        "change": {
            "actions": list(actions) or ["update"],
            "before": before,
            "after": after,
            "after_unknown": others.pop("unknown", {}),
            "before_sensitive": others.pop("hidden", {}),
            "after_sensitive": others.pop("sensitive", {}),
        },
        **others,
    }


def cdktf_out(folder: Path, **stacks: Json) -> Path:
    """A folder as `cdktf synth` writes it."""
    entries = {name: {"synthesizedStackPath": f"stacks/{name}/cdk.tf.json"} for name in stacks}
    written(folder, "manifest.json", {"version": "0.21.0", "stacks": entries})
    for name, content in stacks.items():
        metadata = {"metadata": {"stackName": name}}
        written(folder, f"stacks/{name}/cdk.tf.json", {"//": metadata, **content})
    return folder


def realistic(*, is_new: bool) -> tuple[Json, Json]:
    """Two stacks, before and after: recovery gets worse, and access wider."""
    transition_rule = (
        transition(7, weekly=60, yearly=2555) if is_new else transition(30, weekly=90, yearly=2555)
    )
    rules = [backup_rule(keep_latest_snapshots=1), transition_rule]
    daily = backup_policy(*rules if is_new else [*rules, replication()])
    daily["//"] = {
        "metadata": {"path": "backups/daily", "uniqueId": "daily"},
        "alipolicy": {"source": "stacks/backups.py:59"},
    }
    objects = ["acs:oss:*:*:reports", "acs:oss:*:*:reports/*"]
    insecure = {"Bool": {"acs:SecureTransport": "false"}}
    reader = ram_policy(
        allow(["oss:GetObject", "oss:PutBucketAcl"] if is_new else "oss:GetObject", objects),
        {"Effect": "Deny", "Action": "oss:*", "Resource": objects, "Condition": insecure},
        *([allow(["ram:PassRole", "fc:CreateFunction"])] if is_new else [allow("log:PostLogStoreLogs")]),
    )
    same = ram_policy(allow("hbr:Describe*"), policy_name="backup-reader")
    return configuration(hbr__daily=daily), configuration(ram__reader=reader, ram__same=same)


def changed(number: int, *, is_new: bool) -> dict[str, Any]:
    """So many backup policies, with sixty promises between them, and a policy version for every tenth."""
    found = {}
    for place in range(number):
        days = 7 + place % 20
        rules = backup_rule(), transition(days if is_new else days + 10, weekly=60 + place % 3, monthly=365)
        found[f"hbr__p{place:04}"] = backup_policy(*rules, policy_name=f"policy {place}")
        if place % 10 == 0:
            action = "oss:*" if is_new else "oss:Get*"
            found[f"ram__v{place:04}"] = ram_policy(allow(action, f"acs:oss:*:*:bucket-{place}/*"))
    return configuration(**found)


def hostile(folder: Path, text: str) -> Report:
    """The report of a change that has this text wherever its author can write one."""

    def side(days: int, action: str) -> Json:
        own = {"source": text, "acknowledge": {"BP309": text, "BP305": text, text: text}}
        comment = {"//": {"metadata": {"path": text}, "alipolicy": own}}
        condition = {"StringLike": {text: text}, text: {text: [text]}}
        rules = backup_rule(vault_id=text), transition(days), replication(text)
        content = configuration(
            hbr__a=backup_policy(*rules, policy_name=text, **comment),
            hbr__b=backup_policy(backup_rule(schedule=text, retention=1), policy_type=text, **comment),
            ram__b=ram_policy(allow(action, text, Condition=condition), policy_name=text, **comment),
        )
        content["resource"]["alicloud_ram_policy"][text] = ram_policy(allow(text, action))
        return content

    report = reviewed(folder, side(7, "oss:*"), side(30, "oss:Get*"), approve=[text])
    return evolve(report, new=text, old=text, assumptions=(text,))


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))
