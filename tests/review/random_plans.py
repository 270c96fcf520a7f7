"""Random plans, changed anywhere, and how grave the change is, by an oracle that knows nothing of the review.

`gravity` looks at the raw plan: it counts rules, chooses sources one by one, and reads documents as text.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    document,
    replication,
    transition,
)

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
    "alicloud_oss_bucket": {"acl": "private", "storage_class": "IA", "policy": ""},
    "alicloud_oss_bucket_acl": {"bucket": "b", "acl": "private"},
    "alicloud_ram_access_key": {"user_name": "u", "status": "Inactive"},
    "alicloud_ram_user": {"name": "u", "display_name": "U", "mobile": "1"},
    "alicloud_ram_group_membership": {"group_name": "g", "user_names": ["a", "b"]},
    "alicloud_hbr_replication_vault": {"vault_name": "v", "vault_region": "r", "status": "CREATED"},
    "alicloud_cloud_sso_user": {"user_name": "u", "status": "Disabled", "description": "d"},
    "alicloud_resource_manager_control_policy": {"policy_document": "{}", "description": "d"},
    "alicloud_hbr_policy_binding_unknown_kind": {"nested": [{"deep": {"enabled": True}}]},
}
# Of each neighbour what says nothing of protection or access.
HARMLESS_OF_NEIGHBOURS = {
    "alicloud_hbr_vault": {"description", "vault_name"},
    "alicloud_ram_role": {"description"},
    "alicloud_ram_user": {"display_name"},
    "alicloud_oss_bucket": {"storage_class"},
    "alicloud_hbr_replication_vault": {"vault_name", "status"},
    "alicloud_cloud_sso_user": {"description"},
    "alicloud_resource_manager_control_policy": {"description"},
}
UNRELATED = "alicloud_instance"
MADE_WITHOUT_HARM = (
    "alicloud_hbr_vault",
    "alicloud_hbr_policy_binding",
    "alicloud_hbr_nas_backup_plan",
    "alicloud_ram_user",
    "alicloud_oss_bucket",
)
HARMLESS = {"description", "vault_name", "policy_description"}
COMPUTED = {"version_id", "is_default_version"}


def entry(kind: str, number: int, body: Json) -> Json:
    change = {"actions": ["no-op"], "before": body, "after": copy.deepcopy(body)}
    marks: Json = {"after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}
    return {"address": f"{kind}.x{number}", "mode": "managed", "type": kind, "change": {**change, **marks}}


def bodies(random: Random) -> Iterator[tuple[str, Json]]:
    days = random.randrange(7, 60)
    rules = [backup_rule(vault_id="v-1", keep_latest_snapshots=1), transition(days)]
    if random.random() < 0.5:
        rules[1] = transition(days, weekly=days + 70)
    if random.random() < 0.4:
        rules.append(replication("cn-shanghai", days))
    if random.random() < 0.6:
        rules += [tag_rule(random) for _ in range(random.choice([1, 1, 2]))]
    if random.random() < 0.2:
        rules[0]["immutable"] = True
    yield HBR[0], {**backup_policy(*rules), "policy_description": "d"}
    others = [{**rules[0], "vault_id": "v-2"}, *rules[1:]]  # it does something else, so it stands in for none
    yield HBR[1], {**backup_policy(*others), "policy_name": "other", "policy_description": "d"}
    readable = document(allow("oss:Get*", "acs:oss:*:*:b/*"))
    yield RAM[0], {"policy_name": "whole", "policy_document": readable, "description": "d"}
    is_default = random.random() < 0.5
    version = {"policy_name": "P", "policy_document": readable, "set_as_default": is_default}
    yield RAM[1], {**version, "version_id": "v2", "is_default_version": is_default}
    yield from NEIGHBOURS.items()
    yield UNRELATED, {"instance_type": "small"}


def tag_rule(random: Random) -> Json:
    types = random.sample(["OSS", "NAS"], random.choice([1, 2]))
    filters = [
        {"key": key, "operator": random.choice(["EQUAL", "EQUAL", "NOT"]), "value": random.choice(["1", "2"])}
        for key in random.sample(["a", "b"], random.choice([1, 2]))
    ]
    return {
        "rule_type": "TAG",
        "data_source_filters": [{"source_type": each} for each in types],
        "tag_filters": filters,
    }


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
    if isinstance(value, str) and value in WORDS:
        return random.choice([word for word in WORDS[value] if word != value])
    return f"{value or ''}x" if value is None or isinstance(value, str) else None


WORDS = {
    word: words
    for words in (
        ["1", "2"],
        ["a", "b"],
        ["EQUAL", "NOT"],
        ["OSS", "NAS"],
        ["I|1648605600|P1D", "I|1648605600|P3D", f"I|{AT + 90 * 86_400}|P1D"],
        ["Active", "Inactive"],
    )
    for word in words
}


def drop(random: Random, change: Json) -> None:
    """Take an item out of a list, or an attribute away."""
    path = random.choice(list(leaves(change["after"])))
    inside: Any = change["after"]
    for key in path[:-1]:
        inside = inside[key]
    if isinstance(inside, list) or path[-1] == "brand_new":
        del inside[path[-1]]
    else:
        inside[path[-1]] = [] if isinstance(inside[path[-1]], list) else None
    change["actions"] = ["update"]


def edit(random: Random, change: Json) -> None:
    path = random.choice(list(leaves(change["after"])))
    with_value(change["after"], path, another(random, at(change["before"], path)))
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


EDITS: list[Callable[[Random, Json], None]] = [edit, edit, edit, edit, drop, hide, know_later, add, act, act]


def changed(random: Random, plan: Json) -> None:
    """Change a plan somewhere, mostly in one place."""
    for _ in range(random.choice([1, 1, 1, 2])):
        change_once(random, plan)


def change_once(random: Random, plan: Json) -> None:
    usable = [each for each in plan["resource_changes"] if is_usual(each["change"])]
    if not usable:
        return
    kind = random.randrange(10)
    if kind == 0:
        others: list[Json] = [{"complete": False}, {"format_version": "3.1"}]
        others += [{"deferred_changes": [{"reason": "r"}]}]
        others += [{"errored": True}, {"action_invocations": [{"address": "a"}]}]
        plan.update(random.choice(others))
    elif kind == 1:
        drifted = copy.deepcopy(random.choice(usable))
        random.choice(EDITS)(random, drifted["change"])
        plan["resource_drift"] = [drifted]
    else:
        chosen = random.choice(usable)
        random.choice(EDITS)(random, chosen["change"])
        if chosen["change"]["actions"] == ["delete"] and random.random() < 0.3:
            chosen["deposed"] = "0a1b2c"


def is_usual(change: Json) -> bool:
    """Whether it has both sides, in their usual shape."""
    return bool(change["before"] and change["after"]) and not list(marked(change["after_unknown"]))


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
        if isinstance(body, list):
            body = body[key] if isinstance(key, int) and key < len(body) else None
        else:
            body = body.get(key) if isinstance(body, dict) else None
    return body


def rules_of(body: Json, kind: str) -> list[Json]:
    rules = [rule for rule in body["rules"] or [] if isinstance(rule, dict)]
    return [rule for rule in rules if rule.get("rule_type") == kind]


def days(rule: Json) -> int:
    return rule["retention"] if isinstance(rule.get("retention"), int) else 0


def special_days(rule: Json) -> int:
    return sum(days(each) for each in rule.get("retention_rules") or [] if each)


def interval(rule: Json) -> float:
    """Days from one run to the next; without end where it is not certain that there is one soon."""
    match = re.fullmatch(r"I\|(\d+)\|P(\d+)D", str(rule.get("schedule")))
    return int(match[2]) if match and int(match[1]) < AT else float("inf")


SOURCES = [(kind, a, b) for kind in ("OSS", "NAS") for a in (None, "1", "2") for b in (None, "1", "2")]


def chosen_sources(body: Json) -> set[object]:
    """Of a few sources, those that some TAG rule chooses."""
    return {
        source
        for source in SOURCES
        for rule in rules_of(body, "TAG")
        if chooses_type(rule, source[0]) and chooses_tags(rule, {"a": source[1], "b": source[2]})
    }


def chooses_type(rule: Json, kind: str) -> bool:
    filters = rule.get("data_source_filters") or []
    return not filters or any(each and each.get("source_type") == kind for each in filters)


def chooses_tags(rule: Json, tags: Json) -> bool:
    for wanted in rule.get("tag_filters") or []:
        if not isinstance(wanted, dict):
            return False
        value = tags.get(wanted["key"]) if wanted["key"] else None
        is_equal = value is not None and (not wanted["value"] or value == wanted["value"])
        if wanted["operator"] not in ("EQUAL", "NOT"):
            return False
        if is_equal != (wanted["operator"] == "EQUAL") or value is None:
            return False
    return True


def is_worse(before: Json, after: Json) -> bool:
    """Whether rules keep less, run more seldom, copy less, lock otherwise, or choose fewer sources."""
    for kind, measures in (("BACKUP", [lambda rule: -interval(rule)]), ("TRANSITION", [days, special_days])):
        old, new = rules_of(before, kind), rules_of(after, kind)
        if len(new) < len(old) or any(m(a) < m(b) for b, a in zip(old, new, strict=False) for m in measures):
            return True
    copies: list[set[Any]] = [
        {(rule.get("replication_region_id"), days(rule)) for rule in rules_of(side, "REPLICATION")}
        for side in (before, after)
    ]
    if any(all(to[0] != region or to[1] < kept for to in copies[1]) for region, kept in copies[0]):
        return True
    locks = [any(rule.get("immutable") for rule in side["rules"] or [] if rule) for side in (before, after)]
    return locks[0] != locks[1] or bool(chosen_sources(before) - chosen_sources(after))


def is_touched(change: Json) -> bool:
    return change["actions"] != ["no-op"] or text(change["before"]) != text(change["after"])


def is_hidden(change: Json, names: set[str] | None = None) -> bool:
    """Whether something, or an attribute of these names, is sensitive or unknown."""
    sides = (change[name] for name in ("before_sensitive", "after_sensitive", "after_unknown"))
    paths = [path for marks in sides for path in marked(marks)]
    return any(names is None or not path or path[0] in names for path in paths)


def differing(change: Json) -> set[str]:
    before, after = change["before"] or {}, change["after"] or {}
    names = {name for name in {*before, *after} if text(before.get(name)) != text(after.get(name))}
    if not before.get("set_as_default") and not after.get("set_as_default"):
        names.discard("set_as_default")
    marks = [change[f"{side}_sensitive"] for side in ("before", "after")] + [change["after_unknown"]]
    return names | {str(path[0]) for side in marks for path in marked(side) if path}


def is_grave_neighbour(kind: str, change: Json) -> bool:
    if change["actions"] == ["create"]:
        return kind not in MADE_WITHOUT_HARM
    if kind == "alicloud_oss_bucket":  # whoever may reach its objects: of the data in it nothing is said
        names = differing(change) & {"acl", "policy"}
        values = [(change[side] or {}).get(name) for side in ("before", "after") for name in names]
        return is_hidden(change, names) or any(value not in (None, "", "private") for value in values)
    names = differing(change) - HARMLESS_OF_NEIGHBOURS.get(kind, set())
    is_odd = not differing(change) and change["actions"] != ["no-op"]
    return change["actions"] != ["forget"] and bool(names or is_odd or not change["after"])


def is_grave_policy(kind: str, change: Json) -> bool:
    before, after, actions = change["before"], change["after"], change["actions"]
    if kind in HBR and actions in (["delete"], ["delete", "create"]):
        return True
    if before is None or after is None:
        return False
    hidden = [path for side in ("before", "after") for path in marked(change[f"{side}_sensitive"])]
    later = [path for path in marked(change["after_unknown"]) if at(before, path) not in (None, "", 0, False)]
    for path in [*hidden, *(path for path in later if path[-1] != "vault_id")]:
        if path[0] not in HARMLESS | COMPUTED:
            return True
    if actions == ["update"] and text(before) == text(after) and not later:
        return True
    if "brand_new" in text(after).replace('"brand_new": null', ""):
        return True
    if kind in HBR:
        return is_worse(before, after)
    if kind == RAM[1] and differing(change) & {"set_as_default", "policy_name"}:
        return bool(before["set_as_default"] or after["set_as_default"])
    return after["policy_document"] is None or '\\"*\\"' in text(after["policy_document"]).replace(
        '\\"Resource\\": \\"*\\"', ""
    )


def is_put_back(plan: Json, drifted: Json) -> bool:
    """Whether the plan makes it again what it was before somebody changed it."""
    changes = {each["address"]: each["change"] for each in plan["resource_changes"]}
    change = changes[drifted["address"]]
    is_changed = is_touched(change) and change["after"] is not None
    return is_changed and drifted["change"]["before"] is not None and not is_hidden(drifted["change"])


def is_known_policy(plan: Json) -> bool:
    """Whether it is known what the policy of the attachment allows: no policy here denies anything."""
    versions = [each["change"] for each in plan["resource_changes"] if each["type"] == RAM[1]]
    return any(change["before"] and change["before"]["set_as_default"] for change in versions)


def gravity(plan: Json) -> str:
    """`grave`: an error is due. `told`: something is different. `clean`: nothing."""
    told = "clean"
    for key in ("resource_changes", "resource_drift"):
        for each in plan.get(key, []):
            kind, change = each["type"], each["change"]
            if not is_touched(change):
                continue
            is_grave = kind in NEIGHBOURS and is_grave_neighbour(kind, change)
            if is_grave and kind.endswith("_attachment") and change["after"] is None:
                is_grave = not is_known_policy(plan)  # nobody loses a Deny, only access
            if key == "resource_drift" and kind not in NEIGHBOURS and change["actions"] != ["forget"]:
                is_grave = bool(differing(change) - HARMLESS - COMPUTED)
                is_grave = is_grave and kind != UNRELATED and not is_put_back(plan, each)
            elif kind in (*HBR, *RAM):
                is_grave = is_grave_policy(kind, change)
            if is_grave:
                return "grave"
            if key == "resource_changes":
                told = "told"
    leaves_out = plan.get("complete") is False or "deferred_changes" in plan or "action_invocations" in plan
    return "grave" if leaves_out else told
