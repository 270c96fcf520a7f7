"""Changes of which one thing alone says that they are grave, or that they are not."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    ADMIN,
    BACKUP,
    CLEAN,
    FAILS,
    READ,
    REFUSED,
    backup_policy,
    case,
    document,
    merged,
    policy_version,
    ram_policy,
    resources,
    transition,
)
from tests.review.verdicts.plans import (
    BACKUP_TYPE,
    HBR_TYPE,
    VERSION_TYPE,
    applied_backup,
    applied_version,
    change,
    clean,
    fails,
)

DENY = {"Effect": "Deny", "Action": "ram:*", "Resource": "*"}
ALL_OF_OSS = {"Effect": "Allow", "Action": "oss:*", "Resource": "*"}

# ------------------------------------------------------------ what takes effect

case(
    "version-of-a-policy-that-is-not-here",
    FAILS,
    resources(),
    resources(ver__a=policy_version(document(READ))),
)
case(
    "version-of-two-defaults-one-stays",
    FAILS,
    resources(ver__a=policy_version(document(ADMIN)), ver__b=policy_version(document(READ))),
    resources(ver__a=policy_version(document(ALL_OF_OSS))),
)


def version(label: str, statement: Any, is_default: bool = False, **others: Any) -> Any:
    return applied_version(statement, is_default, version_id=label, id=f"reader:{label}", **others)


def told(label: str, statement: Any) -> Any:
    """A version, as an attribute of another one names it."""
    return {"version_id": label, "policy_document": document(statement), "create_date": "x"}


DEFAULT = version(
    "v3", READ, True, default_version=told("v3", READ), fallback_version_on_destroy=told("v2", READ)
)
ROTATES: Any = {"rotate_strategy": "DeleteOldestNonDefaultVersionWhenLimitExceeded"}
destroyed = change(VERSION_TYPE, DEFAULT, None, addr="x.default")
clean("fallback-allows-the-same", destroyed)
taken_along = change(VERSION_TYPE, version("v2", READ), None, addr="x.other")
fails("fallback-is-taken-along", destroyed, taken_along)
staying = version("v4", READ)
fails(
    "fallback-may-be-taken-along",
    destroyed,
    taken_along,
    change(VERSION_TYPE, staying, staying, "no-op", addr="x.stays"),
)
fails(
    "fallback-may-be-rotated-away",
    destroyed,
    change(
        VERSION_TYPE,
        version("v4", READ, **ROTATES),
        version("v4", {**READ, "Action": "oss:ListObjects"}, **ROTATES),
        addr="x.other",
    ),
)

# ------------------------------------------------------------ who has it


def attached(user: str = "u", **others: Any) -> Any:
    return {"user_name": user, "policy_name": "reader", "policy_type": "Custom", **others}


ATTACHMENT = "alicloud_ram_user_policy_attachment"
case(
    "attachment-of-a-deny-removed",
    FAILS,
    merged(resources(ram__p=ram_policy(document(DENY))), {"resource": {ATTACHMENT: {"a": attached()}}}),
    resources(ram__p=ram_policy(document(DENY))),
)
fails(
    "attachment-let-go-and-made",
    change(
        ATTACHMENT,
        attached(policy_name="AdministratorAccess", policy_type="System"),
        attached("other", policy_name="AdministratorAccess", policy_type="System"),
        "forget",
        "create",
    ),
)
fails(
    "attachment-of-an-unknown-default-version",
    change(ATTACHMENT, None, attached()),
    change(VERSION_TYPE, version("v2", READ), version("v2", READ), "no-op"),
)

# ------------------------------------------------------------ backup policies

TWICE = backup_policy(BACKUP, {**BACKUP, "vault_id": "v-2"}, transition())
case("one-of-two-vaults-is-left", FAILS, resources(hbr__a=TWICE), resources(hbr__a=backup_policy()))
case(
    "moved-to-the-official-type",
    FAILS,
    resources(our__a=backup_policy()),
    merged(
        resources(hbr__a=backup_policy()),
        {"moved": [{"from": f"{BACKUP_TYPE}.a", "to": f"{HBR_TYPE}.a"}]},
    ),
)


def starting(at: int) -> Any:
    return resources(hbr__a=backup_policy({**BACKUP, "schedule": f"I|{at}|P1D"}, transition()))


# On 2026-12-10 and on 2027-03-01.
case("both-starts-lie-ahead", FAILS, starting(1_796_860_800), starting(1_803_859_200))

# ------------------------------------------------------------ what a plan passes over and puts back


def configured(**block: Any) -> Any:
    resource = {"address": f"{HBR_TYPE}.b", "mode": "managed", "type": HBR_TYPE, "name": "b", **block}
    return {"resources": [resource]}


noop = change(BACKUP_TYPE, applied_backup(), applied_backup(), "no-op")
REPEATED = {"count_expression": {"constant_value": 0}}
for name, module in {
    "root": configured(),
    "module": {"module_calls": {"m": {"module": configured()}}},
}.items():
    fails(f"configured-in-{name}-and-not-listed", noop, configuration={"root_module": module})
for name, module in {
    "resource": configured(**REPEATED),
    "module": {"module_calls": {"m": {**REPEATED, "module": configured()}}},
    "data": configured(mode="data"),
    "unrelated": configured(type="alicloud_vpc", address="alicloud_vpc.b"),
}.items():
    clean(f"configured-{name}-may-have-no-instance", noop, configuration={"root_module": module})
fails("there-and-not-listed", noop, prior_state={"values": {"root_module": configured()}})
fails("planned-and-not-listed", noop, planned_values={"root_module": configured()})
clean("data-there-and-not-listed", noop, prior_state={"values": {"root_module": configured(mode="data")}})

SHORTER = applied_backup(BACKUP, transition(3))
put_back = change(BACKUP_TYPE, SHORTER, applied_backup())
clean("drift-put-back", put_back, resource_drift=[change(BACKUP_TYPE, applied_backup(), SHORTER)])
fails(
    "drift-put-back-but-hidden",
    put_back,
    resource_drift=[change(BACKUP_TYPE, applied_backup(), SHORTER, bs={"policy_type": True})],
)

# ------------------------------------------------------------ configuration


def called(default: int, **call: Any) -> Any:
    variable = {"variable": {"d": {"default": default, "nullable": False}}}
    inside = merged(resources(hbr__a=backup_policy(BACKUP, transition("${var.d}"))), variable)
    return {"main.tf.json": {"module": {"m": {"source": "./m", **call}}}, "m/main.tf.json": inside}


case("module-null-takes-the-default", FAILS, called(30, d=None), called(3, d=None))
case("module-null-is-the-default", CLEAN, called(30, d=None), called(30))
case("module-count-undecided", FAILS, called(30, count="${data.x.y.z}"), called(30, count="${data.x.y.w}"))
case(
    "module-count-undecided-same", CLEAN, called(30, count="${data.x.y.z}"), called(30, count="${data.x.y.z}")
)

PROVIDERS = {"provider": {"alicloud": [{"alias": "b", "region": "b"}, {"region": "a"}]}}
ALIASED = merged(resources(hbr__a=backup_policy(provider="alicloud.b")), PROVIDERS)
case(
    "override-of-an-alias",
    FAILS,
    {"main.tf.json": ALIASED},
    {
        "main.tf.json": ALIASED,
        "override.tf.json": {"provider": {"alicloud": {"alias": "b", "region": "c"}}},
    },
)
case(
    "override-of-another-alias",
    CLEAN,
    {"main.tf.json": ALIASED},
    {"main.tf.json": ALIASED, "override.tf.json": {"provider": {"alicloud": {"region": "c"}}}},
)
case(
    "state-of-another-format",
    REFUSED,
    {"x.json": {"format_version": "2.0", "values": {"root_module": {"resources": []}}}},
    resources(hbr__a=backup_policy()),
)
