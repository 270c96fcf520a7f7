"""A state on the old side, and configuration that leaves something out, or makes something anew."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    CLEAN,
    FAILS,
    READ,
    Json,
    backup_policy,
    case,
    document,
    policy_version,
    resources,
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
