"""Snapshot tests of stacks: ours, and those of whoever uses the constructs.

```python
import pytest
from constructs_lib.testing import TerraformSnapshot, synth


@pytest.fixture
def terraform(snapshot):
    return snapshot.use_extension(TerraformSnapshot)


def test_backups(terraform):
    assert synth(BackupStack(cdktf.Testing.app(), "backups")) == terraform
```

`pytest --snapshot-update` writes `__snapshots__/<file>/<test>.json`; a missing snapshot fails, and on CI
(`CI` is set) nothing is ever written. A failure names what Terraform would destroy.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.findings import printable
from constructs_lib.review.loading.attributes import RESOURCE_TYPES

Json = dict[str, Any]
_FORCES_NEW_RESOURCE = {name: each.forces_new_resource for name, each in RESOURCE_TYPES.items()}


def synth(stack_or_construct: constructs.IConstruct) -> Json:
    """The Terraform JSON of one stack, as data that compares equal whenever the stack means the same.

    Takes a stack, or any construct in it. Left out is what changes on its own: the state file's place on this
    machine, and everything under `//` but what is acknowledged: CDKTF's version and paths, and Python lines.
    Raises `RuntimeError` where CDKTF's own validation fails, such as on a missing provider.
    """
    if not isinstance(stack_or_construct, constructs.Construct) or isinstance(stack_or_construct, cdktf.App):
        raise TypeError(f"synth takes a stack, or a construct in one; got {stack_or_construct!r}")
    stack = cdktf.TerraformStack.of(stack_or_construct)
    content: Json = json.loads(cdktf.Testing.synth(stack, True))
    terraform = content.get("terraform", {})
    if "path" in terraform.get("backend", {}).get("local", {}):
        del terraform["backend"]
    normalised: Json = _strip_noise(content)
    # Why a finding is fine is for reviewers. CDKTF's own `synth` leaves out all that is under `//`.
    for resource_type, name, reasons in _find_acknowledged(stack):
        normalised["resource"][resource_type][name]["//"] = {"alipolicy": {"acknowledge": reasons}}
    return normalised


def _strip_noise(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip_noise(item) for key, item in sorted(value.items()) if key != "//"}
    if isinstance(value, list):
        return [_strip_noise(item) for item in value]
    return value


def _find_acknowledged(stack: cdktf.TerraformStack) -> Iterator[tuple[str, str, Json]]:
    """The type, the name and the reasons of each resource that acknowledges something."""
    for resource_type, resources in stack.to_terraform().get("resource", {}).items():
        for name, body in resources.items():
            if reasons := body.get("//", {}).get("alipolicy", {}).get("acknowledge"):
                yield resource_type, name, reasons


class TerraformSnapshot(SingleFileSnapshotExtension):
    """A syrupy extension: one JSON file for each snapshot, easy to read in a review."""

    _write_mode = WriteMode.TEXT
    file_extension = "json"

    def serialize(self, data: Json, **_: Any) -> str:
        text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        # Half of a surrogate pair is written as JSON's own escape: UTF-8 has none.
        return text.encode("utf-8", "backslashreplace").decode()

    @classmethod
    def write_snapshot_collection(cls, **arguments: Any) -> None:
        if os.environ.get("CI"):
            advice = "run pytest --snapshot-update and commit them"
            raise RuntimeError(f"snapshots are not written on CI: {advice}")
        super().write_snapshot_collection(**arguments)

    def delete_snapshots(self, **arguments: Any) -> None:
        if not os.environ.get("CI"):
            super().delete_snapshots(**arguments)

    def diff_lines(self, serialized_data: Any, snapshot_data: Any) -> Iterator[str]:
        try:
            lines = list(find_destroyed(json.loads(str(snapshot_data)), json.loads(str(serialized_data))))
        except (AttributeError, TypeError, ValueError):  # no snapshot yet, or one that a merge left in pieces
            lines = []
        yield from (f"DESTRUCTIVE: {printable(line)}" for line in lines)
        yield from super().diff_lines(serialized_data, snapshot_data)


def find_destroyed(before: Json, after: Json) -> Iterator[str]:
    """What Terraform would destroy to come from one stack to the other, a sentence for each resource."""
    moved = {block.get("from") for block in after.get("moved", ()) if isinstance(block, dict)}
    for resource_type, resources in before.get("resource", {}).items():
        for name, old in resources.items():
            address = f"{resource_type}.{name}"
            new = after.get("resource", {}).get(resource_type, {}).get(name)
            if new is None and address not in moved:
                yield f"{address} is gone: Terraform destroys it"
            if new is None:
                continue
            if ("for_each" in old) != ("for_each" in new):
                yield f"{address}: for_each comes or goes: Terraform destroys it and creates others"
            elif (fewer := _read_count(new)) < (count := _read_count(old)):
                yield f"{address}: count {count} becomes {fewer}: Terraform destroys the rest"
            for attribute in _FORCES_NEW_RESOURCE.get(resource_type, ()):
                was, will_be = (_find_effective(resource, attribute) for resource in (old, new))
                if was != will_be:
                    change = f"{was!r} becomes {will_be!r}"
                    yield f"{address}: {attribute} {change}: Terraform destroys it and creates a new one"


def _read_count(resource: Json) -> int:
    count = resource.get("count", 1)
    return count if isinstance(count, int) else 1


def _find_effective(resource: Json, attribute: str) -> object:
    """The value that will hold: a policy type that is left out follows from the vaults in the rules."""
    value = resource.get(attribute)
    rules = resource.get("rules")
    if attribute != "policy_type" or value is not None or not isinstance(rules, list):
        return value
    return "STANDARD" if any(rule.get("vault_id") for rule in rules) else "UDM_ECS_ONLY"
