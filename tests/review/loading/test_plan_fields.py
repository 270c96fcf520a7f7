"""What is read of a plan: the guide's tables, the code and what happens say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading import plan_completeness
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError, JsonText
from constructs_lib.review.report import Level
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    allow,
    backup_policy,
    backup_rule,
    change,
    codes,
    document,
    message,
    plan,
    transition,
    written,
)

GUIDE = Path(__file__).parents[3] / "docs/guides/review.md"
HBR, RAM = "alicloud_hbr_policy", "alicloud_ram_policy"
POLICY = backup_policy(backup_rule(), transition(30))
UNTOUCHED = change(HBR, POLICY, POLICY, "no-op")
TERRAFORM_ONLY = {
    *("applyable", "complete", "deferred_changes", "deferred_action_invocations", "action_invocations"),
    "index_unknown",
}


def table(header: str) -> dict[str, tuple[str, str]]:
    """Of each field in the guide's table behind a line: who writes it, and what a review does with it."""
    rest = GUIDE.read_text("utf-8").split(header, 1)[1].split("\n\n", 2)[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in rest.splitlines()[2:]]
    return {row[0].strip("`"): (row[1], row[2]) for row in rows}


OF_PLANS = table("OpenTofu has fewer fields.")
OF_ENTRIES = table("An entry of `resource_changes` or `resource_drift`:")


def is_read(rows: dict[str, tuple[str, str]], field: str) -> bool:
    use = rows[field][1]
    if use == "the same":
        names = list(rows)
        return is_read(rows, names[names.index(field) - 1])
    return not use.startswith("not read")


class Recorder(dict[str, Any]):
    """An object that remembers which of its members somebody asked for."""

    def __init__(self, content: Json, asked: set[str]) -> None:
        super().__init__(content)
        self.asked = asked

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)


def recorded(content: Json, asked: dict[str, set[str]]) -> Json:
    """The same plan, in which each level remembers what was asked for."""
    for key in ("resource_changes", "resource_drift"):
        content[key] = [
            Recorder({**entry, "change": Recorder(entry["change"], asked["change"])}, asked["entry"])
            for entry in content.get(key, ())
        ]
    return Recorder(content, asked["plan"])


def test_the_tables_name_every_field_that_is_known() -> None:
    assert set(OF_PLANS) - {"any other list or object"} == plan_completeness.FIELDS
    rows = {**OF_PLANS, **OF_ENTRIES}
    assert {field for field, (writer, _) in rows.items() if writer == "Terraform"} == TERRAFORM_ONLY
    assert {writer for writer, _ in rows.values()} == {"Terraform", "both", ""}


def test_what_the_code_reads_is_what_the_tables_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[str]] = {"plan": set(), "entry": set(), "change": set()}
    parse = JsonText.parse
    monkeypatch.setattr(JsonText, "parse", lambda text: recorded(parse(text), asked))
    update = change(
        RAM, {"policy_document": document(allow("*"))}, {"policy_document": document(allow("oss:*"))}
    )
    content = {**plan(UNTOUCHED, update), "resource_drift": [update]}
    review(read_input(written(tmp_path, "plan.json", content)), at=AT)
    assert asked["plan"] == {field for field in plan_completeness.FIELDS if is_read(OF_PLANS, field)}
    names = {field for field in OF_ENTRIES if is_read(OF_ENTRIES, field)}
    assert asked["entry"] == {field.partition(".")[0] for field in names}
    assert asked["change"] == {field.partition(".")[2] for field in names if "." in field}


# ------------------------------------------------------------ each row, tried


def with_change(**members: Any) -> Json:
    return plan({**UNTOUCHED, "change": {**UNTOUCHED["change"], **members}})


def with_entry(**members: Any) -> Json:
    return plan({**UNTOUCHED, **members})


OTHER = backup_policy(backup_rule(), transition(31))
UPDATE: Json = {"actions": ["update"]}
LISTED = {"address": f"{HBR}.passed_over", "mode": "managed", "type": HBR}
STATE = {"root_module": {"child_modules": [{"resources": [LISTED]}]}}
WRITTEN = {"root_module": {"resources": [LISTED]}}
DEPOSED: Json = {**change(HBR, POLICY, None, "delete"), "deposed": "1a"}
CALLED = {"root_module": {"module_calls": {"m": {"module": {"resources": [LISTED]}}}}}
ACTION = {"address": "action.x.y"}
TRIED: dict[str, tuple[Json, list[str] | str]] = {
    "format_version": ({**plan(), "format_version": "2.0"}, "format version"),
    "errored": ({**plan(UNTOUCHED), "errored": 0}, "half-way"),
    "resource_changes": (plan(change(HBR, POLICY, OTHER)), []),
    "resource_drift": ({**plan(UNTOUCHED), "resource_drift": [change(HBR, POLICY, OTHER)]}, ["RV253"]),
    "prior_state": ({**plan(UNTOUCHED), "prior_state": {"values": STATE}}, ["RV252"]),
    "planned_values": ({**plan(UNTOUCHED), "planned_values": STATE}, ["RV252"]),
    "configuration": ({**plan(UNTOUCHED), "configuration": CALLED}, ["RV252"]),
    "complete": ({**plan(UNTOUCHED), "complete": 1}, ["RV252"]),
    "applyable": ({**plan(change("alicloud_instance", {}, {})), "applyable": None}, ["RV252", "RV551"]),
    "deferred_changes": ({**plan(), "deferred_changes": [{"resource_change": LISTED}]}, ["RV252"]),
    "deferred_action_invocations": (
        {**plan(), "deferred_action_invocations": [{"action_invocation": ACTION}]},
        ["RV252"],
    ),
    "action_invocations": ({**plan(), "action_invocations": [ACTION]}, ["RV252"]),
    "output_changes": ({**plan(UNTOUCHED), "output_changes": {"o": UPDATE}}, []),
    "variables": ({**plan(UNTOUCHED), "variables": {"a": {"value": 1}}}, []),
    "checks": ({**plan(UNTOUCHED), "checks": [{"status": "fail"}]}, []),
    "relevant_attributes": ({**plan(UNTOUCHED), "relevant_attributes": [{"resource": "x"}]}, []),
    "terraform_version": ({**plan(UNTOUCHED), "terraform_version": "9.0.0"}, []),
    "timestamp": ({**plan(UNTOUCHED), "timestamp": "2026-01-01T00:00:00Z"}, []),
    "any other list or object": ({**plan(UNTOUCHED), "later_changes": [{}]}, ["RV252"]),
    "type": (with_entry(type="alicloud_hbr_vault"), []),
    "address": (plan(UNTOUCHED, UNTOUCHED), "another change has the same address"),
    "previous_address": (with_entry(previous_address=f"{HBR}.before"), []),
    "mode": (plan({**change("alicloud_x", None, {}, "read"), "mode": "data"}), []),
    "deposed": (plan(UNTOUCHED, DEPOSED), ["RV207"]),
    "change.actions": (with_change(actions=["explode"]), "no known actions"),
    "change.before": (with_change(**UPDATE, before=OTHER), ["RV201"]),
    "change.after": (with_change(**UPDATE, after={**POLICY, "brand_new": 1}), ["RV251"]),
    "change.after_unknown": (with_change(**UPDATE, after_unknown={"rules": True}), ["RV251"]),
    "change.before_sensitive": (with_change(**UPDATE, before_sensitive={"rules": True}), ["RV251"]),
    "change.after_sensitive": (with_change(**UPDATE, after_sensitive={"rules": True}), ["RV251"]),
    "change.replace_paths": (with_change(replace_paths=[["rules"]]), []),
    "change.importing": (with_change(importing={"id": "po-1"}), []),
    "change.generated_config": (with_change(generated_config="resource {}"), []),
    "change.before_identity": (with_change(before_identity={"id": 1}), []),
    "change.after_identity": (with_change(after_identity={"id": 1}), []),
    "action_reason": (with_entry(action_reason="read_because_check_nested"), []),
    "module_address": (with_entry(module_address="module.m"), []),
    "name": (with_entry(name="another"), []),
    "index": (with_entry(index=1), []),
    "index_unknown": (with_entry(index_unknown=True), []),
    "provider_name": (with_entry(provider_name="registry.terraform.io/aliyun/alicloud"), []),
}


def test_each_row_is_tried() -> None:
    assert list(TRIED) == [*OF_PLANS, *OF_ENTRIES]


@pytest.mark.parametrize("field", TRIED)
def test_a_field_does_what_its_row_says(tmp_path: Path, field: str) -> None:
    content, expected = TRIED[field]
    use = {**OF_PLANS, **OF_ENTRIES}[field][1]
    path = written(tmp_path, "plan.json", content)
    if isinstance(expected, str):
        assert "status 2" in use
        with pytest.raises(InputError, match=expected):
            read_input(path)
        return
    report = review(read_input(path), at=AT)
    assert set(expected) <= set(codes(report))
    assert report.fails(Level.ERROR) == any(code < "RV3" for code in expected)
    if use.startswith("not read"):
        assert not report.fails(Level.NOTE)
    assert "RV" not in use or not expected or expected[0] in use


# ------------------------------------------------------------ what a whole plan lists


@pytest.mark.parametrize(
    "content",
    [
        plan({**UNTOUCHED, "address": f"{HBR}.moved", "previous_address": LISTED["address"]}),
        plan({**UNTOUCHED, "address": LISTED["address"]}),
        plan({**change(HBR, POLICY, None, "delete"), "address": LISTED["address"]}),
    ],
)
def test_nothing_is_passed_over_where_each_resource_is_listed(tmp_path: Path, content: Json) -> None:
    content |= {"prior_state": {"values": {"root_module": {"resources": [LISTED]}}}}
    assert "RV252" not in codes(review(read_input(written(tmp_path, "plan.json", content)), at=AT))


@pytest.mark.parametrize(
    ("content", "is_whole"),
    [
        ({**plan(UNTOUCHED), "configuration": CALLED}, False),
        ({**plan(UNTOUCHED), "configuration": CALLED, "complete": True}, True),
        ({**plan(change(HBR, POLICY, None, "delete")), "configuration": CALLED}, True),
        ({**plan(UNTOUCHED), "configuration": WRITTEN}, False),
        (
            {
                **plan(UNTOUCHED),
                "configuration": {"root_module": {"resources": [{**LISTED, "for_each_expression": {}}]}},
            },
            True,
        ),
        # OpenTofu does not say that toset(["a"]) stands there, and lists the instance.
        ({**plan({**UNTOUCHED, "address": f'{LISTED["address"]}["a"]'}), "configuration": WRITTEN}, True),
        (
            {**plan({**UNTOUCHED, "address": f'module.m["a"].{LISTED["address"]}'}), "configuration": CALLED},
            True,
        ),
        (
            {**plan(UNTOUCHED, {**DEPOSED, "address": f"{LISTED['address']}[0]"}), "configuration": WRITTEN},
            False,
        ),
        # An instance that leaves the address is none of what is written there.
        (
            {**plan({**UNTOUCHED, "previous_address": f"{LISTED['address']}[0]"}), "configuration": WRITTEN},
            False,
        ),
        *(
            (
                {**plan(UNTOUCHED, {**gone, "address": f"{LISTED['address']}[0]"}), "configuration": WRITTEN},
                False,
            )
            for gone in (change(HBR, POLICY, None, action) for action in ("delete", "forget"))
        ),
        ({**plan(UNTOUCHED), "prior_state": {"values": STATE}, "complete": True}, False),
        ({"format_version": "1.2", "planned_values": {}, "prior_state": {"values": STATE}}, False),
    ],
)
def test_what_a_plan_passes_over_is_told(tmp_path: Path, content: Json, is_whole: bool) -> None:
    report = review(read_input(written(tmp_path, "plan.json", content)), at=AT)
    assert ("RV252" not in codes(report)) is is_whole
    if not is_whole:
        assert "passes over resources, as with -target" in message(report, "RV252")
        assert f"{HBR}.passed_over" in message(report, "RV252")
