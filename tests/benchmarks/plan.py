"""Times the review of a large plan that changes nothing: seconds, and the most memory, of the whole command.

`make bench`, or `python -m tests.benchmarks.plan --counts 1000 100000`. The plan says everything four times,
as Terraform does: `resource_changes`, `planned_values`, `prior_state`, `configuration`. Half of its resources
are policies of both kinds, a quarter are roles, the rest is none of a review's business.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.benchmarks.workloads import document

Json = dict[str, Any]
MOST_SECONDS, MOST_MIB = 20, 1024
NOBODY = {"Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": ["ecs"]}}]}


def resource(number: int) -> tuple[str, Json]:
    """The type and the attributes of a resource, as a state has them."""
    name = f"resource-{number}"
    rules: list[Json] = [
        {
            "rule_type": "BACKUP",
            "schedule": f"I|{1648605600 + number % 10 * 60}|P1D",
            "vault_id": f"v-{number}",
        },
        {"rule_type": "TRANSITION", "retention": 30 + number % 50, "schedule": "", "vault_id": ""},
    ]
    filled = {"archive_days": 0, "backup_type": "COMPLETE", "immutable": False, "retention_rules": []}
    blocks = [{**filled, **rule, "rule_id": f"rule-{number:012}"} for rule in rules]
    kinds: list[tuple[str, Json]] = [
        ("alicloud_hbr_policy", {"policy_name": name, "policy_type": "STANDARD", "rules": blocks}),
        (
            "alicloud_ram_policy",
            {
                "policy_name": name,
                "policy_document": json.dumps(document(number, 2)),
                "default_version": "v1",
                "attachment_count": 1,
                "force": False,
                "tags": {},
            },
        ),
        ("alicloud_ram_role", {"role_name": name, "assume_role_policy_document": json.dumps(NOBODY)}),
        (
            "alicloud_instance",
            {
                "instance_name": name,
                "image_id": "aliyun_3_x64_20G_alibase_20250117.vhd",
                "instance_type": "ecs.g7.large",
                "security_groups": ["sg-1", "sg-2"],
                "tags": {"team": "shop", "stage": "production"},
                "system_disk_size": 40,
            },
        ),
    ]
    kind, values = kinds[number % len(kinds)]
    return kind, {"id": f"id-{number:012}", "description": f"只读 {number}", **values}


def place(number: int, kind: str) -> Json:
    return {
        "address": f"{kind}.r{number}",
        "mode": "managed",
        "type": kind,
        "name": f"r{number}",
        "provider_name": "registry.terraform.io/aliyun/alicloud",
    }


def change(number: int) -> Json:
    kind, body = resource(number)
    marks: Json = {"after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}
    return {**place(number, kind), "change": {"actions": ["no-op"], "before": body, "after": body, **marks}}


def value(number: int) -> Json:
    kind, body = resource(number)
    return {**place(number, kind), "schema_version": 0, "values": body, "sensitive_values": {}}


def configured(number: int) -> Json:
    kind, body = resource(number)
    expressions = {name: {"constant_value": item} for name, item in body.items()}
    return {**place(number, kind), "expressions": expressions, "schema_version": 0}


PARTS = (
    ('{"format_version":"1.2","planned_values":{"root_module":{"resources":[', value),
    (']}},"resource_changes":[', change),
    ('],"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[', value),
    (']}}},"configuration":{"root_module":{"resources":[', configured),
)
END = ']}},"applyable":false,"complete":true,"errored":false}'


def write_plan(path: Path, count: int) -> None:
    """A plan of so many resources, none of which changes. One by one: the peak of a child counts ours."""
    with path.open("w", encoding="utf-8") as file:
        for opening, part in PARTS:
            file.write(opening)
            for number in range(count):
                file.write(
                    "," * (number > 0) + json.dumps(part(number), ensure_ascii=False, separators=(",", ":"))
                )
        file.write(END)


def measured(path: Path) -> tuple[float, float]:
    """Seconds of the processor, and MiB at most, of a review in a process of its own."""
    command = [str(Path(sys.executable).with_name("alipolicy")), "review", str(path), "--at", "2026-03-01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "no change; nothing to look at" in process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(counts: list[int]) -> None:
    title = f"Plans that change nothing; target {MOST_SECONDS} s and {MOST_MIB:,} MiB for 100,000 resources"
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left")
    for heading in ("resources", "MB", "seconds", "MiB", "target"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            path = Path(folder, f"{count}.json")
            write_plan(path, count)
            seconds, memory = measured(path)
            is_met = seconds <= MOST_SECONDS and memory <= MOST_MIB
            size = f"{path.stat().st_size / 1e6:.0f}"
            target = "[green]met[/]" if is_met else "[red]NOT MET[/]"
            table.add_row(f"{count:,}", size, f"{seconds:.1f}", f"{memory:.0f}", target)
    Console().print(table)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--counts", type=int, nargs="+", default=[1_000, 100_000])
    main(**vars(arguments.parse_args()))
