"""Resources beside the policies."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    ADMIN,
    BACKUP,
    CLEAN,
    FAILS,
    READ,
    backup_policy,
    case,
    document,
    merged,
    ram_policy,
    resources,
    transition,
)


def one(t: Any, x: Any) -> Any:
    return {"resource": {t: {"a": x}}}


NEIGHBOURS: Any = {
    "vault": ("alicloud_hbr_vault", {"vault_name": "v", "vault_type": "STANDARD"}),
    "binding": (
        "alicloud_hbr_policy_binding",
        {"policy_id": "p", "source_type": "OSS", "data_source_id": "b"},
    ),
    "ecsplan": (
        "alicloud_hbr_ecs_backup_plan",
        {
            "instance_id": "i",
            "ecs_backup_plan_name": "x",
            "retention": "30",
            "schedule": "I|1|P1D",
            "vault_id": "v",
        },
    ),
    "ossplan": (
        "alicloud_hbr_oss_backup_plan",
        {
            "bucket": "i",
            "oss_backup_plan_name": "x",
            "retention": "30",
            "schedule": "I|1|P1D",
            "vault_id": "v",
        },
    ),
    "nasplan": ("alicloud_hbr_nas_backup_plan", {"retention": "30", "nas_backup_plan_name": "x"}),
    "otsplan": ("alicloud_hbr_ots_backup_plan", {"retention": "30", "ots_backup_plan_name": "x"}),
    "serverplan": ("alicloud_hbr_server_backup_plan", {"retention": 30, "ecs_server_backup_plan_name": "x"}),
    "hanaplan": ("alicloud_hbr_hana_backup_plan", {"cluster_id": "x", "plan_name": "x"}),
    "hanainst": ("alicloud_hbr_hana_instance", {"hana_name": "x"}),
    "replvault": ("alicloud_hbr_replication_vault", {"vault_region": "x"}),
    "ecsclient": ("alicloud_hbr_ecs_backup_client", {"instance_id": "x"}),
    "crossaccount": ("alicloud_hbr_cross_account", {"cross_account_user_id": 1}),
    "userattach": (
        "alicloud_ram_user_policy_attachment",
        {"policy_name": "reader", "policy_type": "Custom", "user_name": "u"},
    ),
    "groupattach": (
        "alicloud_ram_group_policy_attachment",
        {"policy_name": "reader", "policy_type": "Custom", "group_name": "u"},
    ),
    "roleattach": (
        "alicloud_ram_role_policy_attachment",
        {"policy_name": "reader", "policy_type": "Custom", "role_name": "u"},
    ),
    "role": ("alicloud_ram_role", {"role_name": "r", "assume_role_policy_document": "{}"}),
    "membership": ("alicloud_ram_group_membership", {"group_name": "g", "user_names": ["u"]}),
    "usergroup": ("alicloud_ram_user_group_attachment", {"group_name": "g", "user_name": "u"}),
    "accesskey": ("alicloud_ram_access_key", {"user_name": "u", "status": "Inactive"}),
    "login": ("alicloud_ram_login_profile", {"user_name": "u"}),
    "saml": ("alicloud_ram_saml_provider", {"saml_provider_name": "u"}),
    "secpref": ("alicloud_ram_security_preference", {"enforce_mfa_for_login": True}),
    "bucketpolicy": ("alicloud_oss_bucket_policy", {"bucket": "b", "policy": "{}"}),
    "bucketacl": ("alicloud_oss_bucket_acl", {"bucket": "b", "acl": "private"}),
    "bucketpab": ("alicloud_oss_bucket_public_access_block", {"bucket": "b", "block_public_access": True}),
    "accountpab": ("alicloud_oss_account_public_access_block", {"block_public_access": True}),
    "accesspoint": ("alicloud_oss_access_point", {"bucket": "b"}),
    "rmattach": (
        "alicloud_resource_manager_policy_attachment",
        {"policy_name": "reader", "principal_name": "u"},
    ),
    "rmpolicy": ("alicloud_resource_manager_policy", {"policy_name": "x"}),
    "control": ("alicloud_resource_manager_control_policy", {"control_policy_name": "x"}),
    "controlattach": ("alicloud_resource_manager_control_policy_attachment", {"policy_id": "x"}),
    "sso": ("alicloud_cloud_sso_access_configuration", {"access_configuration_name": "x"}),
    "ssoassign": ("alicloud_cloud_sso_access_assignment", {"access_configuration_id": "x"}),
    "imsoidc": ("alicloud_ims_oidc_provider", {"oidc_provider_name": "x"}),
}
for n, (t, b) in NEIGHBOURS.items():
    k = next(iter(b))
    case(f"n-{n}-removed", FAILS, one(t, b), {"provider": {"alicloud": {}}})
    if n not in ("vault",):
        case(f"n-{n}-changed", FAILS, one(t, b), one(t, {**b, k: "other"}))
    case(f"n-{n}-count0", FAILS, one(t, b), one(t, {**b, "count": 0}))
    case(f"n-{n}-same", CLEAN, one(t, b), one(t, b))
    if n != "vault":
        case(
            f"n-{n}-local",
            FAILS,
            merged(one(t, {**b, k: "${local.x}"}), {"locals": {"x": "1"}}),
            merged(one(t, {**b, k: "${local.x}"}), {"locals": {"x": "2"}}),
        )


def vault(**o: Any) -> Any:
    return {"resource": {"alicloud_hbr_vault": {"a": {"vault_name": "v", "vault_type": "STANDARD", **o}}}}


def binding(**o: Any) -> Any:
    return {
        "resource": {
            "alicloud_hbr_policy_binding": {
                "a": {"policy_id": "p", "source_type": "OSS", "data_source_id": "b", **o}
            }
        }
    }


case("n-vault-type", FAILS, vault(), vault(vault_type="OTS_BACKUP"))
case("n-vault-redundancy", FAILS, vault(redundancy_type="ZRS"), vault(redundancy_type="LRS"))
case("n-vault-name", CLEAN, vault(), vault(vault_name="w"))
case("n-vault-kms", FAILS, vault(encrypt_type="HBR_PRIVATE"), vault(encrypt_type="KMS"))
case(
    "n-vault-region",
    FAILS,
    merged(vault(), {"provider": {"alicloud": {"region": "a"}}}),
    merged(vault(), {"provider": {"alicloud": {"region": "b"}}}),
)
case(
    "n-vault-moved",
    CLEAN,
    vault(),
    {
        "resource": {"alicloud_hbr_vault": {"b": {"vault_name": "v", "vault_type": "STANDARD"}}},
        "moved": [{"from": "alicloud_hbr_vault.a", "to": "alicloud_hbr_vault.b"}],
    },
)
case(
    "n-vault-renamed-no-moved",
    FAILS,
    vault(),
    {"resource": {"alicloud_hbr_vault": {"b": {"vault_name": "v", "vault_type": "STANDARD"}}}},
)
case("n-binding-disabled", FAILS, binding(), binding(disabled=True))
case("n-binding-disabled-str", FAILS, binding(disabled="false"), binding(disabled="true"))
case(
    "n-binding-disabled-var",
    FAILS,
    merged(binding(disabled="${var.d}"), {"variable": {"d": {"type": "bool", "default": False}}}),
    merged(binding(disabled="${var.d}"), {"variable": {"d": {"type": "bool", "default": True}}}),
)
case("n-binding-source", FAILS, binding(), binding(source="prefix/"))
case("n-binding-exclude", FAILS, binding(), binding(exclude="*"))
case("n-binding-speed", FAILS, binding(), binding(speed_limit="0:24:1"))
case(
    "n-binding-adv",
    FAILS,
    binding(advanced_options=[{"udm_detail": [{"disk_id_list": ["d1", "d2"]}]}]),
    binding(advanced_options=[{"udm_detail": [{"disk_id_list": ["d1"]}]}]),
)
case("n-binding-created-disabled", FAILS, {"provider": {"x": {}}}, binding(disabled=True))
case("n-binding-created", CLEAN, {"provider": {"x": {}}}, binding())
for n, days, expected in (
    ("ref", 7, FAILS),
    ("ref-that-does-the-same", 30, CLEAN),
    ("ref-longer", 90, CLEAN),
):
    x = backup_policy(policy_name="x")
    y = backup_policy(BACKUP, transition(days), policy_name="y")
    case(
        f"n-binding-policy-id-{n}",
        expected,
        merged(binding(policy_id="${alicloud_hbr_policy.x.id}"), resources(hbr__x=x, hbr__y=y)),
        merged(binding(policy_id="${alicloud_hbr_policy.y.id}"), resources(hbr__x=x, hbr__y=y)),
    )
case(
    "n-binding-policy-id-count",
    FAILS,
    merged(binding(for_each='${toset(["a","b"])}', data_source_id="${each.key}")),
    merged(binding(for_each='${toset(["a"])}', data_source_id="${each.key}")),
)
case("n-binding-ignored-lifted", FAILS, binding(lifecycle={"ignore_changes": ["policy_id"]}), binding())
case("n-binding-comment", CLEAN, binding(), binding(policy_binding_description="x"))


def access_key(**o: Any) -> Any:
    return {"resource": {"alicloud_ram_access_key": {"a": {"user_name": "u", **o}}}}


case("n-accesskey-active", FAILS, access_key(status="Inactive"), access_key(status="Active"))
case("n-accesskey-new", FAILS, {"provider": {"x": {}}}, access_key())
case(
    "n-sso-user-status",
    FAILS,
    {"resource": {"alicloud_cloud_sso_user": {"a": {"user_name": "u", "status": "Disabled"}}}},
    {"resource": {"alicloud_cloud_sso_user": {"a": {"user_name": "u", "status": "Enabled"}}}},
)
case(
    "n-role-trust",
    FAILS,
    {
        "resource": {
            "alicloud_ram_role": {
                "a": {
                    "role_name": "r",
                    "assume_role_policy_document": document(
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRole",
                            "Principal": {"RAM": ["acs:ram::1:root"]},
                        }
                    ),
                }
            }
        }
    },
    {
        "resource": {
            "alicloud_ram_role": {
                "a": {
                    "role_name": "r",
                    "assume_role_policy_document": document(
                        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": ["*"]}}
                    ),
                }
            }
        }
    },
)
case(
    "n-role-old-name-trust",
    FAILS,
    {"resource": {"alicloud_ram_role": {"a": {"name": "r", "document": "a"}}}},
    {"resource": {"alicloud_ram_role": {"a": {"name": "r", "document": "b"}}}},
)
case(
    "n-role-description",
    CLEAN,
    {"resource": {"alicloud_ram_role": {"a": {"name": "r", "document": "a"}}}},
    {"resource": {"alicloud_ram_role": {"a": {"name": "r", "document": "a", "description": "x"}}}},
)
case(
    "n-role-duration",
    FAILS,
    {"resource": {"alicloud_ram_role": {"a": {"name": "r", "max_session_duration": 3600}}}},
    {"resource": {"alicloud_ram_role": {"a": {"name": "r", "max_session_duration": 43200}}}},
)


def bucket(**o: Any) -> Any:
    return {"resource": {"alicloud_oss_bucket": {"a": {"bucket": "b", **o}}}}


case("n-bucket-acl", FAILS, bucket(acl="private"), bucket(acl="public-read-write"))
case("n-bucket-acl-new", FAILS, bucket(), bucket(acl="public-read"))
case("n-bucket-policy", FAILS, bucket(policy="a"), bucket(policy="b"))
case("n-bucket-new-public", FAILS, {"provider": {"x": {}}}, bucket(acl="public-read"))
case("n-bucket-acl-unknown", FAILS, bucket(acl="private"), bucket(acl="${var.x}"))
case("n-bucket-lifecycle", CLEAN, bucket(), bucket(storage_class="IA"))


def attachment(**o: Any) -> Any:
    return {
        "resource": {
            "alicloud_ram_user_policy_attachment": {
                "a": {"policy_name": "reader", "policy_type": "Custom", "user_name": "u", **o}
            }
        }
    }


case(
    "n-attach-new",
    FAILS,
    {"provider": {"x": {}}},
    attachment(policy_name="AdministratorAccess", policy_type="System"),
)
case("n-attach-user", FAILS, attachment(), attachment(user_name="v"))
case(
    "n-attach-foreach",
    FAILS,
    attachment(for_each={"a": "a", "b": "b"}, user_name="${each.key}"),
    attachment(for_each={"a": "a", "b": "b", "c": "c"}, user_name="${each.key}"),
)
case(
    "n-attach-ref",
    FAILS,
    merged(
        attachment(policy_name="${alicloud_ram_policy.x.policy_name}"),
        resources(
            ram__x=ram_policy(document(READ), policy_name="x"),
            ram__y=ram_policy(document(ADMIN), policy_name="y"),
        ),
    ),
    merged(
        attachment(policy_name="${alicloud_ram_policy.y.policy_name}"),
        resources(
            ram__x=ram_policy(document(READ), policy_name="x"),
            ram__y=ram_policy(document(ADMIN), policy_name="y"),
        ),
    ),
)
case(
    "n-attach-ref-id",
    FAILS,
    merged(
        attachment(policy_name="${alicloud_ram_policy.x.id}"),
        resources(ram__x=ram_policy(document(READ), policy_name="x")),
    ),
    merged(
        attachment(policy_name="${alicloud_ram_policy.x.id}"),
        resources(ram__x=ram_policy(document(READ), policy_name="y")),
    ),
)
case(
    "n-attach-account",
    FAILS,
    merged(attachment(), {"provider": {"alicloud": {"profile": "a"}}}),
    merged(attachment(), {"provider": {"alicloud": {"profile": "b"}}}),
)
case(
    "n-attach-user-ref",
    FAILS,
    merged(
        attachment(user_name="${alicloud_ram_user.u.name}"),
        {"resource": {"alicloud_ram_user": {"u": {"name": "alice"}}}},
    ),
    merged(
        attachment(user_name="${alicloud_ram_user.u.name}"),
        {"resource": {"alicloud_ram_user": {"u": {"name": "bob"}}}},
    ),
)

for name, type_name in (
    ("ecs-role", "alicloud_ecs_ram_role_attachment"),
    ("governance", "alicloud_governance_account"),
    ("handshake", "alicloud_resource_manager_handshake_acceptance"),
    ("sharing", "alicloud_resource_manager_resource_directory_sharing"),
    ("kms-instance", "alicloud_kms_instance"),
    ("kms-policy", "alicloud_kms_policy"),
    ("kms-client", "alicloud_kms_client_key"),
    ("kms-access", "alicloud_kms_application_access_point"),
):
    case(f"n-{name}-new", FAILS, {"provider": {"x": {}}}, one(type_name, {"a": "1"}))


def bucket_object(**o: Any) -> Any:
    return one("alicloud_oss_bucket_object", {"bucket": "b", "key": "k", **o})


case("n-object-public", FAILS, bucket_object(), bucket_object(acl="public-read"))
case("n-object-private", CLEAN, bucket_object(), bucket_object(acl="private"))
case("n-object-content", CLEAN, bucket_object(content="a"), bucket_object(content="b"))
case("n-object-gone", CLEAN, bucket_object(), {"provider": {"x": {}}})
for name in ("ecs", "oss", "nas", "ots"):
    kind, body = NEIGHBOURS[f"{name}plan"]
    key = f"{name}_backup_plan_name"
    case(f"n-{name}plan-named-otherwise", CLEAN, one(kind, body), one(kind, {**body, key: "y"}))
for name, expected, was, now in (
    ("both", CLEAN, ["disabled"], ["disabled"]),
    ("all", CLEAN, ["all"], ["all"]),
    ("another", FAILS, ["source"], ["source"]),
    ("newly", FAILS, [], ["disabled"]),
):
    case(
        f"n-binding-ignored-{name}",
        expected,
        binding(disabled=False, lifecycle={"ignore_changes": was}),
        binding(disabled=True, lifecycle={"ignore_changes": now}),
    )
case(
    "n-binding-ignored-and-more",
    FAILS,
    binding(disabled=False, lifecycle={"ignore_changes": ["disabled"]}),
    binding(disabled=True, source="a/", lifecycle={"ignore_changes": ["disabled"]}),
)
