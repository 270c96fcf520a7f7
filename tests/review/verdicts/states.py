"""A state on the old side, and configuration that leaves something out, or makes something anew."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    ADMIN,
    BACKUP,
    CLEAN,
    FAILS,
    READ,
    Json,
    backup_policy,
    case,
    document,
    policy_version,
    resources,
    transition,
)
from tests.review.verdicts.plans import VERSION_TYPE, applied_backup, applied_version

VAULT, BINDING = "alicloud_hbr_vault", "alicloud_hbr_policy_binding"
ATTACHMENT, KEY = "alipolicy_policy_attachment", "alicloud_ram_access_key"
ROLE, MEMBERS = "alicloud_ram_role", "alicloud_ram_group_membership"
PREFERENCE = "alicloud_ram_security_preference"


def state(kind: str, values: Json, **others: Any) -> Json:
    resource = {"address": f"{kind}.a", "mode": "managed", "type": kind, "values": values, **others}
    return {"x.json": {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}}


def beside(name: str, expected: int, kind: str, values: Json, written: Json, **others: Any) -> None:
    case(f"state-{name}", expected, state(kind, values, **others), resources(**{f"{kind}__a": written}))


# ------------------------------------------------------------ what is left out

NAMED = {"vault_name": "v"}
beside("vault-same", CLEAN, VAULT, {**NAMED, "kms_key_id": "", "worm_enabled": False}, NAMED)
beside("vault-key-left-out", FAILS, VAULT, {**NAMED, "encrypt_type": "KMS", "kms_key_id": "k"}, NAMED)
beside("vault-lock-left-out", FAILS, VAULT, {**NAMED, "worm_enabled": True}, NAMED)
BOUND = {"policy_id": "p", "source_type": "OSS", "data_source_id": "d"}
beside("binding-prefix-left-out", CLEAN, BINDING, {**BOUND, "source": "a/", "disabled": False}, BOUND)
ATTACHED = {"policy_name": "reader", "user_name": "u"}
beside("attachment-type-left-out", FAILS, ATTACHMENT, {**ATTACHED, "policy_type": "System"}, ATTACHED)
beside("attachment-default-left-out", CLEAN, ATTACHMENT, {**ATTACHED, "policy_type": "Custom"}, ATTACHED)
beside("networks-left-out", FAILS, PREFERENCE, {"login_network_masks": "10.0.0.0/8"}, {})
beside("computed-left-out", CLEAN, KEY, {"user_name": "u", "status": "Inactive"}, {"user_name": "u"})
WITHOUT_TYPE = {name: value for name, value in backup_policy().items() if name != "policy_type"}
beside("policy-type-left-out", CLEAN, "alicloud_hbr_policy", applied_backup(), WITHOUT_TYPE)

# ------------------------------------------------------------ what is made anew

beside("tainted-policy", FAILS, "alicloud_hbr_policy", applied_backup(), backup_policy(), tainted=True)
beside("untainted-policy", CLEAN, "alicloud_hbr_policy", applied_backup(), backup_policy(), tainted=False)
beside("tainted-vault", FAILS, VAULT, NAMED, NAMED, tainted=True)
beside(
    "tainted-version",  # RV325: the same document takes effect again
    CLEAN,
    VERSION_TYPE,
    applied_version(READ),
    policy_version(document(READ)),
    tainted=True,
)
for which, values in (("before", applied_backup()), ("twice", applied_backup(id="po-2"))):
    case(
        f"state-tainted-{which}",
        CLEAN,
        state("alicloud_hbr_policy", applied_backup(), tainted=True),
        state("alicloud_hbr_policy", values, tainted=which == "twice"),
    )

# ------------------------------------------------------------ what has an id in the state


def applied(*resources: tuple[str, Json], **others: Any) -> Json:
    """A state with a vault, a policy that backs up into it, and what is bound to that, by their types."""
    found = [
        {"address": f"{kind}.a", "mode": "managed", "type": kind, "values": values, **others}
        for kind, values in resources
    ]
    return {"x.json": {"format_version": "1.0", "values": {"root_module": {"resources": found}}}}


OURS = ("alipolicy_backup_vault", "alipolicy_backup_policy", "alipolicy_backup_policy_binding")
OFFICIAL = (VAULT, "alicloud_hbr_policy", BINDING)


def there(vault: str, policy: str, binding: str, **of_vault: Any) -> Json:
    return applied(
        (vault, {"id": "v-1", "vault_type": "STANDARD", "status": "CREATED", **NAMED, **of_vault}),
        (policy, applied_backup()),
        (binding, {**BOUND, "id": "po-1:OSS:d", "policy_id": "po-1", "disabled": False}),
    )


def referring(vault: str, policy: str, binding: str, days: int = 30, at: str = "a", **others: Any) -> Json:
    """The same as configuration, at other addresses; `of_vault` and `of_policy`: more of these two."""
    rule = {**BACKUP, "vault_id": f"${{{vault}.{at}.id}}"}
    own = backup_policy(rule, transition(days), **others.pop("of_policy", {}))
    bound = {**BOUND, "policy_id": f"${{{policy}.{at}.id}}", **others.pop("of_binding", {})}
    return {
        **resources(
            **{
                f"{vault}__{at}": {**NAMED, **others.pop("of_vault", {})},
                f"{policy}__{at}": own,
                f"{binding}__{at}": bound,
            }
        ),
        **others,
    }


TRIGGER = {"lifecycle": {"replace_triggered_by": ["terraform_data.x"]}}
for types in (OURS, OFFICIAL):
    of = types[0][:7]
    moved = {"moved": [{"from": f"{each}.a", "to": f"{each}.b"} for each in types]}
    for name, expected, new in (
        ("same", CLEAN, referring(*types)),
        ("longer", CLEAN, referring(*types, days=90)),
        ("shorter", FAILS, referring(*types, days=3)),
        ("named-otherwise", CLEAN, referring(*types, of_vault={"vault_name": "w"})),
        ("another-vault", FAILS, referring(*types, of_vault={"vault_type": "OTS_BACKUP"})),
        ("another-policy", FAILS, referring(*types, of_policy={"policy_type": "UDM_ECS_ONLY"})),
        ("other-source", FAILS, referring(*types, of_binding={"data_source_id": "e"})),
        ("moved", CLEAN, {**referring(*types, at="b"), **moved}),
        ("not-moved", FAILS, referring(*types, at="b")),
        ("triggered", FAILS, referring(*types, of_vault=TRIGGER)),
        ("triggered-policy", FAILS, referring(*types, of_policy=TRIGGER)),
    ):
        case(f"state-ids-{of}-{name}", expected, there(*types), new)
    case(f"state-ids-{of}-key", FAILS, there(*types, kms_key_id="k"), referring(*types))
POLICY, BOUND_TO_IT = (OURS[1], applied_backup()), (OURS[2], {**BOUND, "policy_id": "po-1"})
for name, place in (("vault", 0), ("policy", 1)):
    state_of = applied((OURS[0], {"id": "v-1", **NAMED}), POLICY, BOUND_TO_IT)
    state_of["x.json"]["values"]["root_module"]["resources"][place]["tainted"] = True
    case(f"state-ids-tainted-{name}", FAILS, state_of, referring(*OURS))
case(
    "state-ids-hidden",
    FAILS,
    applied((OURS[0], {"id": "v-1", **NAMED}), POLICY, BOUND_TO_IT, sensitive_values={"id": True}),
    referring(*OURS),
)
MOVED = {"moved": [{"from": f"{start}.a", "to": f"{to}.a"} for start, to in zip(OFFICIAL, OURS, strict=True)]}
case("state-ids-moved-to-ours", CLEAN, there(*OFFICIAL), {**referring(*OURS), **MOVED})
case("state-ids-not-moved-to-ours", FAILS, there(*OFFICIAL), referring(*OURS))
case(
    "state-ids-in-a-module",  # where the same expression names another vault
    FAILS,
    there(*OURS),
    {"main.tf.json": {"module": {"m": {"source": "./m"}}}, "m/x.tf.json": referring(*OURS)},
)

# ------------------------------------------------------------ what is ignored

for name, expected, ignored in (
    ("all", CLEAN, "all"),
    ("document", CLEAN, "policy_document"),
    ("other", FAILS, "x"),
):
    case(
        f"state-ignored-{name}",
        expected,
        state(VERSION_TYPE, applied_version(READ)),
        resources(ver__a=policy_version(document(ADMIN), lifecycle={"ignore_changes": [ignored]})),
    )

# ------------------------------------------------------------ what is spelled otherwise

SETS = {"group_name": "g", "user_names": ["b", "a"]}
beside("members-in-order", CLEAN, MEMBERS, SETS, {**SETS, "user_names": ["a", "b"]})
beside("members-fewer", FAILS, MEMBERS, SETS, {**SETS, "user_names": ["a"]})


def trust(principal: str) -> str:
    """Who may assume a role, with one more statement."""
    other = '{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "fc.aliyuncs.com"}}'
    statement = f'{{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {{{principal}}}}}'
    return f'{{"Version": "1", "Statement": [{statement}, {other}]}}'


SERVICE = '"Service": ["ecs.aliyuncs.com"]'
SPELLED = (
    '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":["fc.aliyuncs.com"]}},'
    '{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ecs.aliyuncs.com"}}],"Version":"1"}'
)
for name, expected, text in (
    ("spelled-otherwise", CLEAN, SPELLED),
    ("another", FAILS, trust('"RAM": ["*"]')),
    ("one-more", FAILS, trust('"Service": ["ecs.aliyuncs.com", "ess.aliyuncs.com"]')),
    ("twice", FAILS, trust(f'"RAM": ["*"]}}, "Principal": {{{SERVICE}')),
    ("broken", FAILS, trust(SERVICE)[:-1]),
):
    role = {"role_name": "r", "assume_role_policy_document": trust(SERVICE)}
    beside(f"trust-{name}", expected, ROLE, role, {**role, "assume_role_policy_document": text})
