"""What a plan hides, leaves to its configuration, or passes over."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import ADMIN, BACKUP, READ, Json, document, transition
from tests.review.verdicts.plans import (
    ANEW,
    BACKUP_TYPE,
    HBR_TYPE,
    RAM_TYPE,
    applied_backup,
    applied_ram,
    change,
    clean,
    fails,
)

BINDING, ATTACHMENT = "alicloud_hbr_policy_binding", "alicloud_ram_user_policy_attachment"

# ------------------------------------------------------------ names of older releases, and marks


def named(name: str, statement: Json = READ, **others: Any) -> Json:
    """A policy by its former attribute."""
    body = {**applied_ram(statement), "name": name, **others}
    return {key: value for key, value in body.items() if key != "policy_name" or key in others}


HIDDEN = {"name": True}
fails("former-name-hidden", change(RAM_TYPE, named("a"), named("b"), bs=HIDDEN, as_=HIDDEN))
fails(
    "former-name-beside",
    change(
        RAM_TYPE,
        named("a", policy_name="reader"),
        named("b", policy_name="reader", policy_document=document({**READ, "Action": ["oss:GetObject"]})),
    ),
)
SHORTER = applied_backup(BACKUP, transition(3))
for which, before, after in (
    ("lists", {"rules": [{}, {}, {}]}, {"rules": [{}, {"retention": True}]}),
    ("list-and-all", {"rules": [{"vault_id": True}]}, {"rules": True}),
    ("all-and-list", {"rules": True}, {"rules": [{"vault_id": True}]}),
    ("longer-and-shorter", {"rules": [{}, {"retention": True}]}, {"rules": [{"vault_id": True}]}),
):
    fails(f"marks-{which}", change(HBR_TYPE, applied_backup(), SHORTER, bs=before, as_=after))
# ------------------------------------------------------------ what is not known here

LATER = {"of_tomorrow": True}
fails("unknown-later", change(HBR_TYPE, applied_backup(of_tomorrow="on"), applied_backup(), unknown=LATER))
clean(
    "unknown-computed", change(BACKUP_TYPE, applied_backup(of_tomorrow="on"), applied_backup(), unknown=LATER)
)
for which, value, expect in (("empty", "", clean), ("zero", 0, clean), ("set", "on", fails)):
    rules = {**BACKUP, "of_tomorrow": value}, transition()
    expect(f"unknown-argument-{which}", change(HBR_TYPE, applied_backup(), applied_backup(*rules)))
    expect(f"unknown-argument-gone-{which}", change(HBR_TYPE, applied_backup(*rules), applied_backup()))

# ------------------------------------------------------------ drift

ATTACHED = {"policy_name": "reader", "policy_type": "Custom", "user_name": "alice"}
TO_BOB = {**ATTACHED, "user_name": "bob"}
UNTOUCHED = change(RAM_TYPE, applied_ram(ADMIN), applied_ram(ADMIN), "no-op")
fails("drift-of-attachment", UNTOUCHED, resource_drift=[change(ATTACHMENT, ATTACHED, TO_BOB)])
fails(
    "drift-of-attachment-undone",
    UNTOUCHED,
    change(ATTACHMENT, TO_BOB, ATTACHED, *ANEW),
    resource_drift=[change(ATTACHMENT, ATTACHED, TO_BOB)],
)

# ------------------------------------------------------------ what is passed over

OF_STATE = {"address": f"{BINDING}.b", "mode": "managed", "type": BINDING, "name": "b", "values": {}}
for mode, verdict in (("managed", fails), ("data", clean)):
    verdict(
        f"passed-over-binding-{mode}",
        change(HBR_TYPE, applied_backup(), applied_backup(), "no-op"),
        prior_state={"values": {"root_module": {"resources": [{**OF_STATE, "mode": mode}]}}},
    )

# ------------------------------------------------------------ the policy of a binding

BOUND: Json = {
    "policy_id": "po-1",
    "source_type": "OSS",
    "data_source_id": "photos",
    "disabled": False,
}
OTHERWISE = {**BOUND, "data_source_id": "videos"}
# Somebody changed it, and the plan changes it back.
fails(
    "drift-of-binding-undone",
    change(HBR_TYPE, applied_backup(), applied_backup(), "no-op"),
    change(BINDING, BOUND, OTHERWISE, *ANEW),
    resource_drift=[change(BINDING, OTHERWISE, BOUND)],
)
Q = (f"{HBR_TYPE}.q.id", f"{HBR_TYPE}.q")


def references(*names: str) -> Json:
    return {"references": list(names)}


def bound(verdict: Any, name: str, given: Json, *, at: str = "", of: str = "", **others: Any) -> None:
    """A binding gets a policy that is created: `at`, `of`: the modules of the two."""
    there, made = applied_backup(), applied_backup(id=None, policy_name="other")
    resource = {
        "address": f"{BINDING}.b",
        "mode": "managed",
        "type": BINDING,
        "expressions": {"policy_id": given},
    }
    resource["for_each_expression"] = others.pop("for_each", {})
    root = {"resources": [resource]} if not at else {}
    calls: Json = {
        "m": {"module": {"resources": [resource]}, "expressions": {"id": others.get("id", {})}},
        "n": {"module": {"outputs": {"id": {"expression": references(*Q)}}}},
        "o": {
            "module": {"outputs": {"id": {"expression": references("var.id")}}},
            "expressions": {"id": references("module.o.id", "module.o")},
        },
    }
    verdict(
        f"bound-{name}",
        change(HBR_TYPE, there, there, "no-op", addr=f"{HBR_TYPE}.p"),
        change(HBR_TYPE, None, made, addr=f"{of}{HBR_TYPE}.q", unknown={"id": True}),
        change(
            BINDING,
            BOUND,
            {**BOUND, "policy_id": None},
            "delete",
            "create",
            addr=f'{at}{BINDING}.b["x"]',
            unknown={"policy_id": True},
        ),
        complete=True,
        configuration={"root_module": {**root, "module_calls": calls}},
    )


CONSTANT: Json = {"constant_value": "po-1"}
bound(clean, "whole", references(*Q))
bound(clean, "each-value", references("each.value"), for_each=references(*Q))
bound(fails, "each-value-of-anything", references("each.value"), for_each=CONSTANT)
bound(fails, "data-too", references(*Q, "data.m.id.x", "data.m.id"))
bound(fails, "data-called-as-a-module", references("data.n.id"))
bound(clean, "output", references("module.n.id", "module.n"), of="module.n.")
bound(fails, "whole-module", references("module.n"), of="module.n.")
bound(clean, "variable", references("var.id"), at="module.m.", id=references(*Q))
bound(fails, "constant", references("var.id"), at="module.m.", id=CONSTANT)
bound(fails, "constant-too", references("var.id", *Q), at="module.m.", of="module.m.", id=CONSTANT)
bound(fails, "variable-of-the-root", references(*Q, "var.id"))
bound(fails, "circle", references("module.o.id", "module.o"))
