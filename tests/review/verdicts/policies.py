"""Our own policy beside its versions, which are the default where they ask for it, and its attachments."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    ADMIN,
    CLEAN,
    FAILS,
    READ,
    Json,
    case,
    document,
    merged,
    policy_version,
    resources,
)
from tests.review.verdicts.plans import VERSION_TYPE, applied_version, change, clean, fails

POLICY, ATTACHMENT = "alipolicy_policy", "alipolicy_policy_attachment"
LESS = {"Effect": "Allow", "Action": "oss:GetObject", "Resource": "acs:oss:*:*:b/*"}


def policy(statement: Json, **others: Any) -> Json:
    given = {"policy_name": "reader", "policy_document": document(statement), **others}
    return {"resource": {POLICY: {"p": given}}}


def version(statement: Json, **others: Any) -> Json:
    name = "${alipolicy_policy.p.policy_name}"
    return resources(ver__v=policy_version(document(statement), policy_name=name, **others))


def attachment(**who: Any) -> Json:
    return {"resource": {ATTACHMENT: {"a": {"policy_name": "reader", **who}}}}


APP, ALICE = {"role_name": "app"}, {"user_name": "alice"}
STAGED = {"set_as_default": False}

# ------------------------------------------------------------ the policy

case("own-policy-new", FAILS, {"resource": {}}, policy(ADMIN))
case("own-policy-unchanged", CLEAN, policy(READ), policy(READ, description="other", tags={"a": "b"}))
case("own-policy-gains", FAILS, policy(LESS), policy(ADMIN))
case("own-policy-loses", CLEAN, policy(READ), policy(LESS))
case("own-policy-destroyed", CLEAN, policy(READ), {"resource": {}})
case("own-policy-renamed", CLEAN, policy(READ), policy(READ, policy_name="other"))
case(
    "own-policy-moved-from-the-official-one",
    CLEAN,
    resources(ram__p={"policy_name": "reader", "policy_document": document(READ)}),
    merged(policy(READ), {"moved": [{"from": "alicloud_ram_policy.p", "to": "alipolicy_policy.p"}]}),
)

# ------------------------------------------------------------ beside its versions

case(
    "own-policy-with-a-new-staged-version",
    FAILS,
    policy(READ),
    merged(policy(READ), version(ADMIN, **STAGED)),
)
case("own-policy-with-a-new-default-version", FAILS, policy(READ), merged(policy(READ), version(ADMIN)))
case("own-policy-with-a-new-lesser-version", CLEAN, policy(READ), merged(policy(READ), version(LESS)))
case(
    "own-policy-whose-version-is-promoted",
    FAILS,
    merged(policy(LESS), version(ADMIN, **STAGED)),
    merged(policy(LESS), version(ADMIN)),
)
case(
    "own-policy-whose-version-is-rolled-back",
    FAILS,
    merged(policy(ADMIN), version(LESS)),
    merged(policy(ADMIN), version(LESS, **STAGED)),
)
case("own-policy-new-with-its-default-version", FAILS, {"resource": {}}, merged(policy(LESS), version(ADMIN)))
case(
    "own-policy-new-with-a-lesser-default-version",
    CLEAN,
    merged(attachment(**APP)),
    merged(policy(ADMIN), version(LESS), attachment(**APP)),
)

# ------------------------------------------------------------ who has it

case("own-attachment-new", FAILS, policy(READ), merged(policy(READ), attachment(**APP)))
case("own-attachment-removed", CLEAN, merged(policy(READ), attachment(**APP)), policy(READ))
case(
    "own-attachment-to-somebody-else",
    FAILS,
    merged(policy(READ), attachment(**APP)),
    merged(policy(READ), attachment(**ALICE)),
)
case(
    "own-attachment-acknowledged",
    CLEAN,
    merged(policy(READ), attachment(**APP)),
    merged(policy(READ), attachment(**APP, acknowledge={"PA301": "so it is"})),
)
case(
    "own-attachment-of-a-system-policy",
    FAILS,
    policy(READ),
    merged(
        policy(READ), attachment(policy_name="AdministratorAccess", policy_type="System", role_name="app")
    ),
)
case("own-attachment-to-two", FAILS, policy(READ), merged(policy(READ), attachment(**APP, **ALICE)))
case(
    "own-attachment-moved-from-the-official-one",
    CLEAN,
    merged(
        policy(READ),
        {
            "resource": {
                "alicloud_ram_role_policy_attachment": {
                    "a": {"policy_name": "reader", "policy_type": "Custom", **APP}
                }
            }
        },
    ),
    merged(
        policy(READ),
        attachment(**APP, policy_type="Custom"),
        {"moved": [{"from": "alicloud_ram_role_policy_attachment.a", "to": "alipolicy_policy_attachment.a"}]},
    ),
)

# ------------------------------------------------------------ in plans


def applied(statement: Json, own: str = "v1", default: str = "v1", **others: Any) -> Json:
    ids = {"id": "reader", "policy_name": "reader", "version_id": own, "default_version": default}
    return {**ids, "policy_document": document(statement), **others}


def told(label: str, statement: Json) -> Json:
    return {"version_id": label, "policy_document": document(statement), "create_date": "x"}


def of_version(statement: Json, is_default: bool, default: Json) -> Any:
    ids = {"version_id": "v2", "id": "reader:v2", "default_version": default}
    return applied_version(statement, is_default, **ids)


OLD = told("v1", READ)
fails("own-policy-gains", change(POLICY, applied(LESS), applied(ADMIN), unknown={"version_id": True}))
clean("own-policy-loses", change(POLICY, applied(READ), applied(LESS)))
clean("own-policy-described", change(POLICY, applied(READ), applied(READ, description="other")))
clean("own-policy-destroyed", change(POLICY, applied(READ), None))
left = change(POLICY, applied(READ), applied(READ), "no-op", addr="alipolicy_policy.p")
fails(
    "own-policy-whose-version-is-promoted",
    left,
    change(VERSION_TYPE, of_version(ADMIN, False, OLD), of_version(ADMIN, True, told("v2", ADMIN))),
)
clean(
    "own-policy-whose-lesser-version-is-promoted",
    left,
    change(VERSION_TYPE, of_version(LESS, False, OLD), of_version(LESS, True, told("v2", LESS))),
)
beside = change(POLICY, applied(ADMIN, default="v2"), applied(ADMIN, default="v2"), "no-op")
back = of_version(LESS, False, told("v1", ADMIN))
fails(
    "own-policy-whose-version-is-rolled-back",
    beside,
    change(VERSION_TYPE, of_version(LESS, True, told("v2", LESS)), back),
)
clean(
    "own-policy-destroyed-with-its-version",
    change(POLICY, applied(READ, default="v2"), None),
    change(VERSION_TYPE, of_version(LESS, True, told("v2", LESS)), None, addr="x.v"),
)
GIVEN = {"id": "role:app:Custom:reader", "policy_name": "reader", "policy_type": "Custom", **APP}
WITHOUT = {"user_name": None, "group_name": None, "acknowledge": None}
fails("own-attachment-new", left, change(ATTACHMENT, None, {**GIVEN, **WITHOUT}))
clean("own-attachment-removed", left, change(ATTACHMENT, {**GIVEN, **WITHOUT}, None))
