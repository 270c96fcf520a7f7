"""Vaults, policies, bindings and attachments that move to our types together."""

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
    merged,
    provider,
    resources,
    transition,
)


def backed_up(vault: str, policy: str, binding: str, **others: Any) -> Json:
    """A bucket that is backed up into a vault, each of a type; `vault_of`: another vault of the policy."""
    rule = {**BACKUP, "vault_id": f"${{{others.pop('vault_of', f'{vault}.v')}.id}}"}
    bound = {"policy_id": f"${{{policy}.p.id}}", "source_type": "OSS", "data_source_id": "logs"}
    return resources(
        **{
            f"{vault}__v": {"vault_name": "v", **others.pop("of_vault", {})},
            f"{policy}__p": backup_policy(rule, transition(others.pop("days", 30))),
            f"{binding}__b": {**bound, **others},
        }
    )


def moved(*pairs: tuple[str, str]) -> Json:
    return {"moved": [{"from": start, "to": to} for start, to in pairs]}


OFFICIAL = ("alicloud_hbr_vault", "alicloud_hbr_policy", "alicloud_hbr_policy_binding")
OURS = ("alipolicy_backup_vault", "alipolicy_backup_policy", "alipolicy_backup_policy_binding")
MOVES = [
    (f"{start}.{label}", f"{to}.{label}") for start, to, label in zip(OFFICIAL, OURS, "vpb", strict=True)
]
WITH_SECOND = resources(alipolicy_backup_vault__w={"vault_name": "v"})

case("types-all", CLEAN, backed_up(*OFFICIAL), merged(backed_up(*OURS), moved(*MOVES)))
case(
    "types-vault-alone",
    CLEAN,
    backed_up(*OFFICIAL),
    merged(backed_up(OURS[0], *OFFICIAL[1:]), moved(MOVES[0])),
)
case(
    "types-vault-called-otherwise",
    CLEAN,
    backed_up(*OFFICIAL),
    merged(backed_up(*OURS, of_vault={"description": "d", "tags": {"a": "b"}}), moved(*MOVES)),
)
case("types-vault-made-anew", FAILS, backed_up(*OFFICIAL), merged(backed_up(*OURS), moved(*MOVES[1:])))
case(
    "types-another-kind-of-vault",
    FAILS,
    backed_up(*OFFICIAL, of_vault={"vault_type": "STANDARD"}),
    merged(backed_up(*OURS, of_vault={"vault_type": "OTS_BACKUP"}), moved(*MOVES)),
)
case(
    "types-another-vault",
    FAILS,
    backed_up(*OFFICIAL),
    merged(backed_up(*OURS, vault_of="alipolicy_backup_vault.w"), WITH_SECOND, moved(*MOVES)),
)
case(
    "types-vault-of-an-expression",
    FAILS,
    backed_up(*OFFICIAL, of_vault={"vault_type": "${data.x.y.q}"}),
    merged(backed_up(*OURS, of_vault={"vault_type": "${data.x.y.p}"}), moved(*MOVES)),
)
case(
    "types-vault-elsewhere",
    FAILS,
    merged(backed_up(*OFFICIAL), provider(region="cn-hangzhou")),
    merged(backed_up(*OURS), {"provider": {"alipolicy": {"region": "cn-beijing"}}}, moved(*MOVES)),
)
case("types-shorter", FAILS, backed_up(*OFFICIAL), merged(backed_up(*OURS, days=3), moved(*MOVES)))
case("types-disabled", FAILS, backed_up(*OFFICIAL), merged(backed_up(*OURS, disabled=True), moved(*MOVES)))
case("types-narrowed", FAILS, backed_up(*OFFICIAL), merged(backed_up(*OURS, source="a/"), moved(*MOVES)))


# ------------------------------------------------------------ RAM

ROLE = "alicloud_ram_role_policy_attachment"
TO_OURS = (
    ("alicloud_ram_policy.p", "alipolicy_policy.p"),
    (f"{ROLE}.a", "alipolicy_policy_attachment.a"),
)
VARIABLE: Json = {"variable": {"prefix": {}}}


def official(
    text: str = document(READ), name: str = "reader", by: str = "policy_name", **others: Any
) -> Json:
    attached = {
        "policy_name": f"${{alicloud_ram_policy.p.{by}}}",
        "policy_type": "${alicloud_ram_policy.p.type}",
        "role_name": "app",
    }
    policy = {"policy_name": name, "policy_document": text}
    return resources(**{"ram__p": policy, f"{ROLE}__a": {**attached, **others}})


def ours(text: str = document(READ), name: str = "reader", by: str = "policy_name", **others: Any) -> Json:
    attached = {"policy_name": f"${{alipolicy_policy.p.{by}}}", "role_name": "app"}
    policy = {"policy_name": name, "policy_document": text}
    return resources(alipolicy_policy__p=policy, alipolicy_policy_attachment__a={**attached, **others})


def of_policy(policy: Json, reference: str) -> Json:
    """A policy with a version beside it."""
    version = {"policy_name": f"${{{reference}}}", "policy_document": document(READ), "set_as_default": False}
    return merged(policy, resources(ver__v=version))


for by in ("policy_name", "name", "id"):
    case(
        f"types-attached-by-{by}",
        CLEAN,
        official(by=by),
        merged(ours(by="id" if by == "id" else "policy_name"), moved(*TO_OURS)),
    )
    case(
        f"types-version-of-{by}",
        CLEAN,
        of_policy(official(), f"alicloud_ram_policy.p.{by}"),
        merged(of_policy(ours(), "alipolicy_policy.p.id"), moved(*TO_OURS)),
    )
case(
    "types-attached-by-a-name-that-is-open",
    CLEAN,
    merged(official(name="${var.prefix}-reader"), VARIABLE),
    merged(ours(name="${var.prefix}-reader"), VARIABLE, moved(*TO_OURS)),
)
case(
    "types-another-name-that-is-open",
    FAILS,
    merged(official(name="${var.prefix}-reader"), VARIABLE),
    merged(ours(name="${var.prefix}-writer"), VARIABLE, moved(*TO_OURS)),
)
case("types-another-role", FAILS, official(), merged(ours(role_name="admin"), moved(*TO_OURS)))
case("types-of-system", FAILS, official(), merged(ours(policy_type="System"), moved(*TO_OURS)))
case("types-was-of-system", FAILS, official(policy_type="System"), merged(ours(), moved(*TO_OURS)))
case("types-widened", FAILS, official(), merged(ours(document(ADMIN)), moved(*TO_OURS)))
case(
    "types-attached-to-a-user",
    FAILS,
    official(),
    merged(ours(role_name=None, user_name="app"), moved(*TO_OURS)),
)
