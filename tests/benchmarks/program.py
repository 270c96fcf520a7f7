"""The program that is measured: a stack of many backup policies, made with one of several libraries.

`python -m tests.benchmarks.program LIBRARY COUNT FOLDER` writes the stack into the folder, and prints what it
measured as JSON. The generated bindings have to be on the path.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

# What makes the policy of a number in a stack, and what makes the provider.
Library = tuple[Callable[[Any, int], object], Callable[[Any], object]]

REGION = "cn-hangzhou"


def policy(number: int, rule: Any, retention: Any, source: Any, tag: Any) -> dict[str, Any]:
    """A policy of three rules and five blocks in them. Each library has its own classes for blocks.

    Where our construct writes a default, as the official provider would else keep what was there before, the
    others are given it.
    """
    plain: Any = {"archive_days": 0, "immutable": False}
    return {
        "policy_name": f"policy {number}",
        "policy_type": "STANDARD",
        "policy_description": "Daily at two, the first of each week and month for longer",
        "rules": [
            rule(
                rule_type="BACKUP",
                schedule="I|1648647166|P1D",
                backup_type="COMPLETE",
                retention=30,
                vault_id=f"v-{number:020}",
                keep_latest_snapshots=1,
                **plain,
            ),
            rule(
                rule_type="TRANSITION",
                retention=30,
                retention_rules=[
                    retention(advanced_retention_type="WEEKLY", retention=90),
                    retention(advanced_retention_type="MONTHLY", retention=365),
                ],
                **plain,
            ),
            rule(
                rule_type="TAG",
                data_source_filters=[source(source_type="OSS"), source(source_type="NAS")],
                tag_filters=[tag(key="env", value="prod", operator="EQUAL")],
                **plain,
            ),
        ],
    }


def floor() -> Library:
    """Constructs without content: what a construct costs in Python, whatever it says."""
    from constructs_lib.cdk.engine import cdktf

    def make(stack: Any, number: int) -> object:
        return cdktf.TerraformElement(stack, f"policy-{number}")

    return make, lambda stack: None


def element() -> Library:
    """Our resources without what makes them backup policies: no props, no checks."""
    from constructs_lib.cdk.element import ProviderConstruct, ResourceConstruct

    blocks: Any = {"rules": {"retention_rules": {}, "data_source_filters": {}, "tag_filters": {}}}
    names: Any = {"terraform_type": "alicloud_hbr_policy", "provider_name": "alicloud", "blocks": blocks}

    def make(stack: Any, number: int) -> object:
        attributes = policy(number, dict, dict, dict, dict)
        return ResourceConstruct(stack, f"policy-{number}", attributes=attributes, **names)

    source: Any = {"terraform_type": "alicloud", "source": "aliyun/alicloud", "blocks": {}}
    return make, lambda stack: ProviderConstruct(stack, "alicloud", attributes={"region": REGION}, **source)


def alipolicy() -> Library:
    """Our construct, with all its checks."""
    import constructs_lib as lib

    blocks = (lib.BackupPolicyRule, lib.AdvancedRetention, lib.DataSourceFilter, lib.TagFilter)

    def make(stack: Any, number: int) -> object:
        return lib.BackupPolicy(stack, f"policy-{number}", **policy(number, *blocks))

    return make, lambda stack: lib.AlicloudProvider(stack, "alicloud", region=REGION)


def generated() -> Library:
    """The official provider's bindings, as `cdktf get` makes them."""
    from constructs_lib.cdk.node import prepare_node

    prepare_node()  # the same for all
    hbr: Any = import_module("imports.alicloud.hbr_policy")
    provider: Any = import_module("imports.alicloud.provider")

    def make(stack: Any, number: int) -> object:
        props = policy(
            number,
            hbr.HbrPolicyRules,
            hbr.HbrPolicyRulesRetentionRules,
            hbr.HbrPolicyRulesDataSourceFilters,
            hbr.HbrPolicyRulesTagFilters,
        )
        return hbr.HbrPolicy(stack, f"policy-{number}", **props)

    return make, lambda stack: provider.AlicloudProvider(stack, "alicloud", region=REGION)


LIBRARIES = {library.__name__: library for library in (floor, element, alipolicy, generated)}


def main(library: str, count: int, folder: str) -> None:
    started = time.perf_counter()
    make_policy, make_provider = LIBRARIES[library]()
    from constructs_lib.cdk.engine import cdktf

    imported = time.perf_counter()
    trips = Trips()
    app = cdktf.App(outdir=folder)
    stack = cdktf.TerraformStack(app, "stack")
    make_provider(stack)
    before = trips.count
    for number in range(count):
        make_policy(stack, number)
    created = time.perf_counter()
    trips_of_all = trips.count - before
    app.synth()
    done = time.perf_counter()
    print(
        json.dumps(
            {
                "import": imported - started,
                "construct": created - imported,
                "synth": done - created,
                "trips": trips_of_all / count,
                "memory": sum(peaks()),
            }
        )
    )


class Trips:
    """Counts the requests to Node, at the one place where all of them pass: the pipe."""

    def __init__(self) -> None:
        import jsii

        self.count = 0
        kernel: Any = jsii.kernel
        process = kernel.provider._process
        self._send = process.send
        process.send = self._counted

    def _counted(self, request: Any, response_type: Any) -> Any:
        self.count += 1
        return self._send(request, response_type)


def peaks() -> Iterator[int]:
    """The most memory that this process and each below it ever had, in bytes; needs Linux."""
    processes = ["self"]
    while processes:
        process = Path("/proc", processes.pop())
        if process.exists():
            status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
            yield int(status["VmHWM"].split()[0]) * 1024
            for thread in (process / "task").iterdir():
                processes += (thread / "children").read_text().split()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
