"""Changes with the verdict that each deserves, written down before they were tried, and their parts.

An old and a new side, each one configuration, the files of a folder, or, of the new side alone, a plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

# The exit status: nothing that ends a backup or opens an account; something that does, or may; not read.
CLEAN, FAILS, REFUSED = 0, 1, 2


class Case(NamedTuple):
    expected: int
    old: Json | None
    new: Json


TABLE: dict[str, Case] = {}


def case(name: str, expected: int, old: Json | None, new: Json) -> None:
    """Write a case down."""
    assert name not in TABLE, name
    TABLE[name] = Case(expected, old and with_data(old), with_data(new))


def with_data(content: Json) -> Json:
    """The same, with the data source that its expressions read as `data.x.y`."""
    if "data.x.y" not in json.dumps(content):
        return content
    data = {"data": {"x": {"y": {"q": "1"}}}}
    return {**content, "data.tf.json": data} if "main.tf.json" in content else merged(content, data)


def written(folder: Path, content: Mapping[str, Any]) -> Path:
    """A side as files; the path to review."""
    folder.mkdir(parents=True)
    if not any("." in name for name in content):
        file = folder / ("plan.json" if "format_version" in content else "x.tf.json")
        file.write_text(json.dumps(content), "utf-8")
        return file
    file = folder / next(iter(content))
    for name, item in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(item if isinstance(item, str) else json.dumps(item), "utf-8")
    return file if file.name == "x.json" else folder


# ------------------------------------------------------------ configuration

READ = {"Effect": "Allow", "Action": "oss:GetObject", "Resource": "*"}
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
BACKUP = {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": "I|1648605600|P1D", "vault_id": "v-1"}
_TYPES = {
    "hbr": "alicloud_hbr_policy",
    "ram": "alicloud_ram_policy",
    "ver": "alipolicy_policy_version",
    "our": "alipolicy_backup_policy",
}


def document(*statements: Json) -> str:
    return json.dumps(parsed(*statements))


def parsed(*statements: Json) -> Json:
    return {"Version": "1", "Statement": list(statements)}


def ram_policy(text: Any, **others: Any) -> Json:
    return {"policy_name": "reader", "policy_document": text, "rotate_strategy": "None", **others}


def policy_version(text: Any, **others: Any) -> Json:
    return {"policy_name": "reader", "policy_document": text, "set_as_default": True, **others}


def transition(days: Any = 30, **periods: int) -> Json:
    rule: Json = {"rule_type": "TRANSITION", "retention": days}
    if periods:
        rule["retention_rules"] = [
            {"advanced_retention_type": period.upper(), "retention": number}
            for period, number in periods.items()
        ]
    return rule


def backup_policy(*rules: Any, **others: Any) -> Json:
    rules = rules or (BACKUP, transition())
    return {"policy_name": "daily", "policy_type": "STANDARD", "rules": list(rules), **others}


def resources(**bodies: Any) -> Json:
    """Configuration with resources by `type__name`, the types in short."""
    content: Json = {}
    for key, body in bodies.items():
        kind, _, name = key.partition("__")
        content.setdefault(_TYPES.get(kind, kind), {})[name] = body
    return {"resource": content}


def merged(*contents: Json) -> Json:
    """Several configurations as one."""
    content: Json = {}
    for each in contents:
        for key, value in each.items():
            if key not in content or not isinstance(value, dict):
                content[key] = value
            elif key in ("resource", "data"):
                content[key] = merged(content[key], value)
            else:
                content[key] = {**content[key], **value}
    return content


def provider(**arguments: Any) -> Json:
    return {"provider": {"alicloud": arguments}}


def ignoring(*names: str) -> Json:
    return {"ignore_changes": list(names)}


def stacks(**contents: Json) -> Json:
    """The files that `cdktf synth` writes."""
    paths = {name: f"stacks/{name}/cdk.tf.json" for name in contents}
    entries = {name: {"synthesizedStackPath": path} for name, path in paths.items()}
    files = {
        paths[name]: {"//": {"metadata": {"stackName": name}}, **content}
        for name, content in contents.items()
    }
    return {"manifest.json": {"version": "0.21", "stacks": entries}, **files}


def remote_states(*names: str) -> Json:
    """What a stack reads of others."""
    return {
        "data": {
            "terraform_remote_state": {name: {"backend": "local", "config": {"path": name}} for name in names}
        }
    }
