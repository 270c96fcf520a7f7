"""The law of a plan: "nothing to look at" is said only where nothing matters. Random plans, changed anywhere.

`gravity` is an oracle that knows nothing of the review: it looks at the raw plan.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.review import wording
from constructs_lib.review.loading import masking
from constructs_lib.review.loading import plan as plan_loading
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.report import Level
from constructs_lib.review.reviewing import review
from tests.properties import examples
from tests.review.configurations import AT, allow, backup_policy, backup_rule, document, transition

Json = dict[str, Any]
HBR = ("alicloud_hbr_policy", "alipolicy_backup_policy")
RAM = ("alicloud_ram_policy", "alipolicy_policy_version")
NEIGHBOURS: dict[str, Json] = {
    "alicloud_hbr_vault": {"vault_name": "v", "vault_type": "STANDARD", "description": "d"},
    "alicloud_hbr_policy_binding": {"policy_id": "po-1", "data_source_id": "b", "disabled": False},
    "alicloud_hbr_nas_backup_plan": {"retention": "30", "schedule": "I|1|P1D", "disabled": False},
    "alicloud_ram_role_policy_attachment": {"policy_name": "P", "policy_type": "Custom", "role_name": "r"},
    "alicloud_ram_role": {"role_name": "r", "assume_role_policy_document": "{}", "description": "d"},
    "alicloud_oss_bucket_policy": {"bucket": "b", "policy": "{}"},
}
UNRELATED = "alicloud_instance"
MADE_WITHOUT_HARM = ("alicloud_hbr_vault", "alicloud_hbr_policy_binding", "alicloud_hbr_nas_backup_plan")
HARMLESS = {"description", "vault_name", "policy_description"}


def entry(kind: str, number: int, body: Json) -> Json:
    change = {"actions": ["no-op"], "before": body, "after": copy.deepcopy(body)}
    marks: Json = {"after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}
    return {"address": f"{kind}.x{number}", "mode": "managed", "type": kind, "change": {**change, **marks}}


def bodies(random: Random) -> Iterator[tuple[str, Json]]:
    days = random.randrange(7, 60)
    rules = [backup_rule(vault_id="v-1", keep_latest_snapshots=1), transition(days)]
    yield HBR[0], {**backup_policy(*rules), "policy_description": "d"}
    yield HBR[1], {**backup_policy(*rules), "policy_name": "other", "policy_description": "d"}
    readable = document(allow("oss:Get*", "acs:oss:*:*:b/*"))
    yield RAM[0], {"policy_name": "whole", "policy_document": readable, "description": "d"}
    yield RAM[1], {"policy_name": "P", "policy_document": readable, "set_as_default": True}
    yield from NEIGHBOURS.items()
    yield UNRELATED, {"instance_type": "small"}


def random_plan(random: Random) -> Json:
    chosen = random.sample(list(bodies(random)), random.randrange(1, 6))
    changes = [entry(kind, number, body) for number, (kind, body) in enumerate(chosen)]
    return {"format_version": "1.2", "resource_changes": changes, "errored": False}


# ------------------------------------------------------------ changes


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))
        yield (*path, key)


def with_value(body: Json, path: tuple[Any, ...], value: Any) -> None:
    inside: Any = body
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value


def marks_of(path: tuple[Any, ...]) -> Any:
    marks: Any = True
    for key in reversed(path):
        marks = [*[{}] * key, marks] if isinstance(key, int) else {key: marks}
    return marks


def another(random: Random, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + random.choice([-3, 3]))
    if isinstance(value, str) and "Statement" in value:
        return document(allow("*"))
    return f"{value}x" if isinstance(value, str) else None


def edit(random: Random, change: Json) -> None:
    path = random.choice(list(leaves(change["after"])))
    before = change["before"]
    for key in path:
        before = before[key]
    with_value(change["after"], path, another(random, before))
    change["actions"] = [random.choice(["update", "update", "no-op"])]


def hide(random: Random, change: Json) -> None:
    path = random.choice(list(leaves(change["after"])))
    if random.random() < 0.7:
        edit(random, change)
    change[random.choice(["before_sensitive", "after_sensitive"])] = marks_of(path)
    change["actions"] = ["update"]


def know_later(random: Random, change: Json) -> None:
    path = random.choice(list(leaves(change["after"])))
    change["after_unknown"] = marks_of(path)
    with_value(change["after"], path, None)
    change["actions"] = ["update"]


def add(random: Random, change: Json) -> None:
    inside = random.choice([change["after"], *change["after"].get("rules", [])])
    inside["brand_new"] = random.choice([1, True, "x", [1]])
    change["actions"] = ["update"]


def act(random: Random, change: Json) -> None:
    change["actions"] = random.choice(
        [["update"], ["delete"], ["create"], ["delete", "create"], ["forget"], ["explode"], []]
    )
    if change["actions"] in (["delete"], ["forget"]):
        change["after"] = None
    if change["actions"] == ["create"]:
        change["before"] = None


EDITS: list[Callable[[Random, Json], None]] = [edit, edit, edit, hide, know_later, add, act, act]


def changed(random: Random, plan: Json) -> None:
    """Change a plan somewhere."""
    kind = random.randrange(10)
    if kind == 0:
        others: list[Json] = [{"complete": False}, {"format_version": "3.1"}]
        others += [{"deferred_changes": [{"reason": "r"}]}]
        others += [{"errored": True}, {"action_invocations": [{"address": "a"}]}]
        plan.update(random.choice(others))
    elif kind == 1:
        drifted = copy.deepcopy(random.choice(plan["resource_changes"]))
        random.choice(EDITS)(random, drifted["change"])
        plan["resource_drift"] = [drifted]
    else:
        random.choice(EDITS)(random, random.choice(plan["resource_changes"])["change"])


# ------------------------------------------------------------ the oracle


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def marked(marks: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if marks is True:
        yield path
    items = marks.items() if isinstance(marks, dict) else enumerate(marks) if isinstance(marks, list) else ()
    for key, item in items:
        yield from marked(item, (*path, key))


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        body = body[key] if (isinstance(body, list) and key < len(body)) or key in (body or {}) else None
    return body


def days(body: Json) -> int:
    rules = [rule for rule in body["rules"] or [] if isinstance(rule, dict)]
    kept = [rule.get("retention") for rule in rules if rule.get("rule_type") == "TRANSITION"]
    return kept[0] if kept and isinstance(kept[0], int) else 0


def is_touched(change: Json) -> bool:
    return change["actions"] != ["no-op"] or text(change["before"]) != text(change["after"])


def differing(change: Json) -> set[str]:
    before, after = change["before"] or {}, change["after"] or {}
    names = {name for name in {*before, *after} if text(before.get(name)) != text(after.get(name))}
    marks = [change[f"{side}_sensitive"] for side in ("before", "after")] + [change["after_unknown"]]
    return names | {str(path[0]) for side in marks for path in marked(side) if path}


def is_grave_neighbour(kind: str, change: Json) -> bool:
    if change["actions"] == ["create"]:
        return kind not in MADE_WITHOUT_HARM
    names = differing(change) - {"description", "vault_name"}
    return change["actions"] != ["forget"] and bool(names or not differing(change) or not change["after"])


def is_grave_policy(kind: str, change: Json) -> bool:
    before, after, actions = change["before"], change["after"], change["actions"]
    if kind in HBR and actions in (["delete"], ["delete", "create"]):
        return True
    if before is None or after is None:
        return False
    hidden = [path for side in ("before", "after") for path in marked(change[f"{side}_sensitive"])]
    later = [path for path in marked(change["after_unknown"]) if at(before, path) not in (None, "", 0, False)]
    for path in [*hidden, *(path for path in later if path[-1] != "vault_id")]:
        if path[0] not in HARMLESS:
            return True
    if actions == ["update"] and text(before) == text(after) and not later:
        return True
    if "brand_new" in text(after):
        return True
    if kind in HBR:
        return len(after["rules"] or []) < len(before["rules"]) or days(after) < days(before)
    return '\\"*\\"' in text(after["policy_document"]).replace('\\"Resource\\": \\"*\\"', "")


def gravity(plan: Json) -> str:
    """`grave`: an error is due. `told`: something is different. `clean`: nothing."""
    told = "clean"
    for key in ("resource_changes", "resource_drift"):
        for each in plan.get(key, []):
            kind, change = each["type"], each["change"]
            if not is_touched(change):
                continue
            is_grave = kind in NEIGHBOURS and is_grave_neighbour(kind, change)
            if key == "resource_drift" and kind not in NEIGHBOURS and change["actions"] != ["forget"]:
                is_grave = bool(differing(change) - HARMLESS)
                is_grave = is_grave and kind != UNRELATED
            elif kind in (*HBR, *RAM):
                is_grave = is_grave_policy(kind, change)
            if is_grave:
                return "grave"
            if key == "resource_changes":
                told = "told"
    leaves_out = plan.get("complete") is False or "deferred_changes" in plan or "action_invocations" in plan
    return "grave" if leaves_out else told


# ------------------------------------------------------------ the law


def verdict(plan: Json, folder: Path) -> str:
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    try:
        report = review(read_input(path), at=AT)
    except InputError:
        return "refused"
    if report.fails(Level.ERROR):
        return "error"
    headline = wording.headline(report)
    return "clean" if headline == "no change; nothing to look at" else "passed"


def broken(seed: int, folder: Path) -> str | None:
    """What contradicts the law in the plan of a seed; None where nothing does."""
    random = Random(seed)
    plan = random_plan(random)
    if verdict(plan, folder) != "clean":
        return "a plan without a change is not clean"
    changed(random, plan)
    expected, got = gravity(plan), verdict(plan, folder)
    allowed = {"grave": ("error", "refused"), "told": ("error", "refused", "passed")}.get(expected)
    return f"{expected}, but {got}: {json.dumps(plan)}" if allowed and got not in allowed else None


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@examples(300)
@given(seed=st.integers(0, 2**32))
def test_a_plan_is_clean_only_where_nothing_differs(seed: int, folder: Path) -> None:
    assert broken(seed, folder) is None


MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "hides nothing": (masking, "is_marked", lambda marks: False),
    "sees nothing unseen": (plan_loading, "unseen", lambda *arguments: ()),
    "takes all for untouched": (plan_loading, "is_same", lambda first, second: True),
    "knows no neighbours": (plan_loading, "is_of_concern", lambda name: False),
    "takes all for complete": (plan_loading, "incomplete", lambda content, has_changes: ()),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_a_review_that_overlooks_something_is_caught(
    mutant: tuple[Any, str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*mutant)
    assert any(broken(seed, folder) for seed in range(400))
