"""Plans."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    ADMIN,
    BACKUP,
    CLEAN,
    FAILS,
    READ,
    REFUSED,
    case,
    document,
    transition,
)

ANEW = ("delete", "create")


def change(
    t: Any,
    b: Any,
    a: Any,
    *acts: Any,
    addr: Any = None,
    unknown: Any = None,
    bs: Any = None,
    as_: Any = None,
    **kw: Any,
) -> Any:
    actions = list(acts) or (["create"] if b is None else ["delete"] if a is None else ["update"])
    return {
        "address": addr or f"{t}.a",
        "mode": "managed",
        "type": t,
        "name": "a",
        "provider_name": "x",
        "change": {
            "actions": actions,
            "before": b,
            "after": a,
            "after_unknown": unknown or {},
            "before_sensitive": bs or {},
            "after_sensitive": as_ or {},
        },
        **kw,
    }


def plan(*c: Any, **o: Any) -> Any:
    return {"format_version": "1.2", "terraform_version": "1.14.0", "resource_changes": list(c), **o}


BACKUP_TYPE = "alipolicy_backup_policy"
HBR_TYPE = "alicloud_hbr_policy"
VERSION_TYPE = "alipolicy_policy_version"
RAM_TYPE = "alicloud_ram_policy"


def applied_backup(*rules: Any, **o: Any) -> Any:
    return {
        "id": "po-1",
        "policy_name": "daily",
        "policy_type": "STANDARD",
        "policy_description": None,
        "rules": list(rules or (BACKUP, transition())),
        **o,
    }


def applied_ram(s: Any, **o: Any) -> Any:
    return {
        "id": "reader",
        "policy_name": "reader",
        "policy_document": document(s),
        "rotate_strategy": "None",
        "default_version": "v1",
        "policy_type": "Custom",
        "type": "Custom",
        "attachment_count": 0,
        "create_date": "x",
        "description": None,
        "force": None,
        **o,
    }


def applied_version(s: Any, d: Any = True, **o: Any) -> Any:
    return {
        "id": "reader:v2",
        "policy_name": "reader",
        "policy_document": document(s),
        "set_as_default": d,
        "rotate_strategy": "None",
        "version_id": "v2",
        "is_default_version": d,
        "create_date": "x",
        **o,
    }


def fails(n: Any, *c: Any, **o: Any) -> Any:
    return case("p-" + n, FAILS, None, plan(*c, **o))


def clean(n: Any, *c: Any, **o: Any) -> Any:
    return case("p-" + n, CLEAN, None, plan(*c, **o))


def refused(n: Any, *c: Any, **o: Any) -> Any:
    return case("p-" + n, REFUSED, None, plan(*c, **o))


for tag_rule in (BACKUP_TYPE, HBR_TYPE):
    s = tag_rule[3:7]
    fails(f"{s}-delete", change(tag_rule, applied_backup(), None))
    fails(f"{s}-replace", change(tag_rule, applied_backup(), applied_backup(), *ANEW))
    fails(f"{s}-replace-cbd", change(tag_rule, applied_backup(), applied_backup(), "create", "delete"))
    fails(f"{s}-shorter", change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(3))))
    clean(f"{s}-longer", change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(60))))
    clean(f"{s}-noop", change(tag_rule, applied_backup(), applied_backup(), "no-op"))
    clean(f"{s}-create", change(tag_rule, None, applied_backup()))
    fails(
        f"{s}-noop-lies", change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(3)), "no-op")
    )
    fails(f"{s}-deposed", change(tag_rule, applied_backup(), None, deposed="abc"))
    fails(
        f"{s}-deposed-beside",
        change(tag_rule, applied_backup(), applied_backup(), "no-op"),
        change(tag_rule, applied_backup(BACKUP, transition(90)), None, deposed="abc"),
    )
    fails(
        f"{s}-sens-all",
        change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(3)), bs=True, as_=True),
    )
    fails(
        f"{s}-sens-rules",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(BACKUP, transition(3)),
            bs={"rules": True},
            as_={"rules": True},
        ),
    )
    fails(
        f"{s}-sens-ret",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(BACKUP, transition(3)),
            bs={"rules": [{}, {"retention": True}]},
            as_={"rules": [{}, {"retention": True}]},
        ),
    )
    fails(
        f"{s}-sens-before",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(BACKUP, transition(3)),
            bs={"rules": [{}, {"retention": True}]},
        ),
    )
    fails(
        f"{s}-sens-after",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(BACKUP, transition(3)),
            as_={"rules": [{}, {"retention": True}]},
        ),
    )
    fails(
        f"{s}-sens-special",
        change(
            tag_rule,
            applied_backup(BACKUP, transition(3, weekly=90)),
            applied_backup(BACKUP, transition(3, weekly=9)),
            as_={"rules": [{}, {"retention_rules": [{"retention": True}]}]},
        ),
    )
    fails(
        f"{s}-sens-schedule",
        change(
            tag_rule,
            applied_backup(),
            applied_backup({**BACKUP, "schedule": "I|1648605600|P9D"}, transition()),
            as_={"rules": [{"schedule": True}]},
        ),
    )
    fails(
        f"{s}-sens-same-update",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(),
            "update",
            bs={"rules": [{}, {"retention": True}]},
            as_={"rules": [{}, {"retention": True}]},
        ),
    )
    clean(
        f"{s}-sens-noop",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(),
            "no-op",
            bs={"rules": [{}, {"retention": True}]},
            as_={"rules": [{}, {"retention": True}]},
        ),
    )
    fails(
        f"{s}-sens-create", change(tag_rule, applied_backup(), applied_backup(BACKUP), as_={"rules": [True]})
    )
    fails(
        f"{s}-sens-vault",
        change(
            tag_rule,
            applied_backup(),
            applied_backup({**BACKUP, "vault_id": "v-9"}, transition()),
            as_={"rules": [{"vault_id": True}]},
        ),
    )
    fails(
        f"{s}-sens-tag",
        change(
            tag_rule,
            applied_backup(
                BACKUP,
                transition(),
                {"rule_type": "TAG", "tag_filters": [{"key": "a", "operator": "EQUAL", "value": "1"}]},
            ),
            applied_backup(
                BACKUP,
                transition(),
                {"rule_type": "TAG", "tag_filters": [{"key": "a", "operator": "EQUAL", "value": "2"}]},
            ),
            as_={"rules": [{}, {}, {"tag_filters": [{"value": True}]}]},
            bs={"rules": [{}, {}, {"tag_filters": [{"value": True}]}]},
        ),
    )
    fails(
        f"{s}-unk-rules",
        change(tag_rule, applied_backup(), {**applied_backup(), "rules": None}, unknown={"rules": True}),
    )
    fails(
        f"{s}-unk-ret",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(BACKUP, {**transition(), "retention": None}),
            unknown={"rules": [{}, {"retention": True}]},
        ),
    )
    fails(
        f"{s}-unk-ret-new",
        change(
            tag_rule,
            None,
            applied_backup(BACKUP, {**transition(), "retention": None}),
            unknown={"rules": [{}, {"retention": True}]},
        ),
    )
    fails(
        f"{s}-unk-sched",
        change(
            tag_rule,
            applied_backup(),
            applied_backup({**BACKUP, "schedule": None}, transition()),
            unknown={"rules": [{"schedule": True}]},
        ),
    )
    fails(f"{s}-unk-new-attr", change(tag_rule, applied_backup(), {**applied_backup(), "is_enabled": False}))
    fails(
        f"{s}-new-attr-changes",
        change(tag_rule, {**applied_backup(), "is_enabled": True}, {**applied_backup(), "is_enabled": False}),
    )
    fails(
        f"{s}-rule-new-attr",
        change(
            tag_rule,
            applied_backup({**BACKUP, "enabled": True}, transition()),
            applied_backup({**BACKUP, "enabled": False}, transition()),
        ),
    )
    fails(f"{s}-update-no-diff", change(tag_rule, applied_backup(), applied_backup(), "update"))
    fails(
        f"{s}-drift",
        change(
            tag_rule, applied_backup(BACKUP, transition(3)), applied_backup(BACKUP, transition(3)), "no-op"
        ),
        resource_drift=[change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(3)))],
    )
    fails(
        f"{s}-drift-deleted-recreated",
        change(tag_rule, None, applied_backup(BACKUP, transition(3))),
        resource_drift=[change(tag_rule, applied_backup(), None)],
    )
    fails(f"{s}-drift-deleted-gone", resource_drift=[change(tag_rule, applied_backup(), None)])
    fails(
        f"{s}-drift-partly",
        change(tag_rule, applied_backup(BACKUP, transition(3)), applied_backup(BACKUP, transition(10))),
        resource_drift=[change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(3)))],
    )
    fails(
        f"{s}-moved-shorter",
        change(
            tag_rule,
            applied_backup(),
            applied_backup(BACKUP, transition(3)),
            previous_address=f"{tag_rule}.old",
        ),
    )
    clean(
        f"{s}-moved",
        change(tag_rule, applied_backup(), applied_backup(), "no-op", previous_address=f"{tag_rule}.old"),
    )
    fails(
        f"{s}-import-shorter",
        change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(3)), importing={"id": "x"}),
    )
    clean(f"{s}-forget", change(tag_rule, applied_backup(), None, "forget"))
    clean(
        f"{s}-forget-create",
        change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(3)), "forget", "create"),
    )
    fails(f"{s}-module", change(tag_rule, applied_backup(), None, addr=f'module.a["x"].{tag_rule}.a[0]'))
    fails(
        f"{s}-index",
        change(tag_rule, applied_backup(), applied_backup(), "no-op", addr=f"{tag_rule}.a[0]"),
        change(tag_rule, applied_backup(policy_name="b"), None, addr=f"{tag_rule}.a[1]"),
    )
    fails(f"{s}-null-rules", change(tag_rule, applied_backup(), {**applied_backup(), "rules": None}))
    fails(f"{s}-empty-rules", change(tag_rule, applied_backup(), {**applied_backup(), "rules": []}))
    refused(f"{s}-bad-actions", change(tag_rule, applied_backup(), applied_backup(), "read"))
    refused(
        f"{s}-no-actions",
        {
            **change(tag_rule, applied_backup(), applied_backup()),
            "change": {"before": applied_backup(), "after": applied_backup()},
        },
    )
    refused(f"{s}-delete-with-after", change(tag_rule, applied_backup(), applied_backup(), "delete"))
    refused(
        f"{s}-dup",
        change(tag_rule, applied_backup(), applied_backup(), "no-op"),
        change(tag_rule, applied_backup(), applied_backup(), "no-op"),
    )
    fails(f"{s}-target", change(tag_rule, applied_backup(), applied_backup(), "no-op"), complete=False)
    fails(
        f"{s}-deferred",
        deferred_changes=[
            {
                "reason": "x",
                "resource_change": change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(1))),
            }
        ],
    )
    fails(f"{s}-deferred-odd", deferred_changes=[1])
    fails(f"{s}-deferred-obj", deferred_changes={"a": 1})
    refused(f"{s}-errored", change(tag_rule, applied_backup(), applied_backup(), "no-op"), errored=True)
    fails(
        f"{s}-not-applyable",
        change(tag_rule, applied_backup(), applied_backup(BACKUP, transition(99))),
        applyable=False,
    )
    fails(f"{s}-actions-inv", action_invocations=[{"address": "action.x.y"}])
    fails(
        f"{s}-policy-type",
        change(tag_rule, applied_backup(), applied_backup(policy_type="UDM_ECS_ONLY"), *ANEW),
    )
    clean(f"{s}-name", change(tag_rule, applied_backup(), applied_backup(policy_name="other")))
    fails(
        f"{s}-name-unknown-sched",
        change(tag_rule, applied_backup(), applied_backup({**BACKUP, "schedule": "x"}, transition())),
    )
    fails(
        f"{s}-tainted-reason",
        change(tag_rule, applied_backup(), applied_backup(), *ANEW, action_reason="replace_because_tainted"),
    )
    fails(
        f"{s}-keep-order-rule-id",
        change(
            tag_rule,
            applied_backup({**BACKUP, "rule_id": "r1"}, {**transition(30), "rule_id": "r2"}),
            applied_backup({**BACKUP, "rule_id": "r1"}, {**transition(3), "rule_id": "r2"}),
        ),
    )
case("p-fv2", REFUSED, None, {**plan(), "format_version": "2.0"})
case("p-fvnum", REFUSED, None, {**plan(), "format_version": 1.2})
case(
    "p-only-planned-values",
    FAILS,
    None,
    {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {
                "resources": [
                    {
                        "address": "alicloud_hbr_policy.a",
                        "mode": "managed",
                        "type": HBR_TYPE,
                        "values": applied_backup(BACKUP, transition(1)),
                    }
                ]
            }
        },
    },
)
case(
    "p-only-prior-state",
    FAILS,
    None,
    {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "prior_state": {
            "format_version": "1.0",
            "values": {
                "root_module": {
                    "resources": [
                        {
                            "address": "alicloud_hbr_policy.a",
                            "mode": "managed",
                            "type": HBR_TYPE,
                            "values": applied_backup(),
                        }
                    ]
                }
            },
        },
    },
)
case(
    "p-empty",
    CLEAN,
    None,
    {"format_version": "1.2", "planned_values": {"root_module": {}}, "terraform_version": "1.14.0"},
)
case("p-null-changes", REFUSED, None, {**plan(), "resource_changes": None})
case("p-obj-changes", REFUSED, None, {**plan(), "resource_changes": {}})
case("p-drift-null", REFUSED, None, {**plan(), "resource_drift": {}})
case(
    "p-mode-missing",
    FAILS,
    None,
    plan({k: v for k, v in change(HBR_TYPE, applied_backup(), None).items() if k != "mode"}),
)
case("p-type-odd", FAILS, None, plan({**change(HBR_TYPE, applied_backup(), None), "mode": "weird"}))
case(
    "p-actions-str",
    REFUSED,
    None,
    plan(
        {
            **change(HBR_TYPE, applied_backup(), None),
            "change": {**change(HBR_TYPE, applied_backup(), None)["change"], "actions": "delete"},
        }
    ),
)
fails("ram-admin", change(RAM_TYPE, applied_ram(READ), applied_ram(ADMIN)))
clean("ram-noop", change(RAM_TYPE, applied_ram(READ), applied_ram(READ), "no-op"))
fails("ram-sens", change(RAM_TYPE, applied_ram(READ), applied_ram(ADMIN), as_={"policy_document": True}))
fails(
    "ram-sens-both",
    change(
        RAM_TYPE,
        applied_ram(READ),
        applied_ram(ADMIN),
        as_={"policy_document": True},
        bs={"policy_document": True},
    ),
)
fails(
    "ram-unknown",
    change(
        RAM_TYPE,
        applied_ram(READ),
        {**applied_ram(READ), "policy_document": None},
        unknown={"policy_document": True},
    ),
)
fails(
    "ram-create-unknown",
    change(RAM_TYPE, None, {**applied_ram(READ), "policy_document": None}, unknown={"policy_document": True}),
)
fails("ram-renamed-admin", change(RAM_TYPE, applied_ram(READ), applied_ram(ADMIN, policy_name="x"), *ANEW))
fails(
    "ram-drift-admin",
    change(RAM_TYPE, applied_ram(ADMIN), applied_ram(ADMIN), "no-op"),
    resource_drift=[change(RAM_TYPE, applied_ram(READ), applied_ram(ADMIN))],
)
fails(
    "ram-drift-default",
    change(
        RAM_TYPE, applied_ram(READ, default_version="v3"), applied_ram(READ, default_version="v3"), "no-op"
    ),
    resource_drift=[
        change(RAM_TYPE, applied_ram(ADMIN, default_version="v1"), applied_ram(READ, default_version="v3"))
    ],
)
fails(
    "ram-document-old-attr",
    change(
        RAM_TYPE,
        {**applied_ram(READ), "document": document(READ)},
        {**applied_ram(READ), "document": document(ADMIN)},
    ),
)
fails(
    "ram-statement",
    change(
        RAM_TYPE,
        {
            **applied_ram(READ),
            "statement": [{"effect": "Allow", "action": ["oss:GetObject"], "resource": ["*"]}],
        },
        {
            **applied_ram(READ),
            "policy_document": None,
            "document": None,
            "statement": [{"effect": "Allow", "action": ["*"], "resource": ["*"]}],
        },
        unknown={"policy_document": True, "document": True},
    ),
)
fails(
    "ram-name-old-attr-unknown",
    change(RAM_TYPE, {**applied_ram(READ), "name": "reader"}, {**applied_ram(ADMIN), "name": "reader"}),
)
fails(
    "ram-attach-new",
    change(
        "alicloud_ram_user_policy_attachment",
        None,
        {"policy_name": "AdministratorAccess", "policy_type": "System", "user_name": "u"},
    ),
)
fails(
    "ram-rotate-strategy-only-doc-hidden",
    change(
        RAM_TYPE,
        applied_ram(READ),
        applied_ram(READ, rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded"),
        as_=True,
    ),
)
clean("ram-deposed-admin", change(RAM_TYPE, applied_ram(ADMIN), None, deposed="d1"))
fails("v-promote", change(VERSION_TYPE, applied_version(ADMIN, False), applied_version(ADMIN, True)))
fails("v-demote", change(VERSION_TYPE, applied_version(READ, True), applied_version(READ, False)))
fails("v-del-default", change(VERSION_TYPE, applied_version(READ, True), None))
clean("v-del-staged", change(VERSION_TYPE, applied_version(READ, False), None))
fails("v-new-default", change(VERSION_TYPE, None, applied_version(ADMIN, True)))
fails("v-new-staged", change(VERSION_TYPE, None, applied_version(ADMIN, False)))
fails(
    "v-switch",
    change(VERSION_TYPE, applied_version(READ, True), applied_version(READ, False), addr=f"{VERSION_TYPE}.a"),
    change(
        VERSION_TYPE,
        applied_version(ADMIN, False, version_id="v3"),
        applied_version(ADMIN, True, version_id="v3"),
        addr=f"{VERSION_TYPE}.b",
    ),
)
clean(
    "v-switch-back",
    change(
        VERSION_TYPE, applied_version(ADMIN, True), applied_version(ADMIN, False), addr=f"{VERSION_TYPE}.a"
    ),
    change(
        VERSION_TYPE,
        applied_version(READ, False, version_id="v3"),
        applied_version(READ, True, version_id="v3"),
        addr=f"{VERSION_TYPE}.b",
    ),
)
fails(
    "v-drifted-default",
    change(
        VERSION_TYPE,
        applied_version(READ, False, set_as_default=True),
        applied_version(READ, False, set_as_default=True),
        "no-op",
    ),
    resource_drift=[
        change(VERSION_TYPE, applied_version(READ, True), applied_version(READ, False, set_as_default=True))
    ],
)
fails(
    "v-noop-not-default",
    change(
        VERSION_TYPE,
        {**applied_version(READ, False), "set_as_default": True},
        {**applied_version(READ, False), "set_as_default": True},
        "no-op",
    ),
)
fails(
    "v-renamed",
    change(
        VERSION_TYPE, applied_version(READ, True), applied_version(READ, True, policy_name="other"), *ANEW
    ),
)
fails(
    "v-unknown-flag",
    change(
        VERSION_TYPE,
        applied_version(READ, False),
        {**applied_version(READ, False), "set_as_default": None},
        unknown={"set_as_default": True},
    ),
)
fails(
    "v-sens-flag",
    change(
        VERSION_TYPE,
        applied_version(ADMIN, False),
        applied_version(ADMIN, True),
        as_={"set_as_default": True},
        bs={"set_as_default": True},
    ),
)
fails(
    "v-name-unknown",
    change(
        VERSION_TYPE,
        applied_version(READ, True),
        {**applied_version(READ, True), "policy_name": None},
        *ANEW,
        unknown={"policy_name": True},
    ),
)
fails(
    "v-name-sensitive",
    change(
        VERSION_TYPE,
        applied_version(READ, True),
        applied_version(READ, True, policy_name="x"),
        *ANEW,
        as_={"policy_name": True},
        bs={"policy_name": True},
    ),
)
fails(
    "v-replace-same", change(VERSION_TYPE, applied_version(ADMIN, False), applied_version(ADMIN, True), *ANEW)
)
fails(
    "v-two-defaults",
    change(
        VERSION_TYPE,
        applied_version(READ, True),
        applied_version(READ, True),
        "no-op",
        addr=f"{VERSION_TYPE}.a",
    ),
    change(VERSION_TYPE, None, applied_version(ADMIN, True), addr=f"{VERSION_TYPE}.b"),
)
fails("v-deposed", change(VERSION_TYPE, applied_version(READ, True), None, deposed="x"))
fails(
    "v-fallback-admin",
    change(
        VERSION_TYPE,
        applied_version(
            READ,
            True,
            default_version={"version_id": "v2", "create_date": "x", "policy_document": document(READ)},
            fallback_version_on_destroy={
                "version_id": "v1",
                "create_date": "x",
                "policy_document": document(ADMIN),
            },
        ),
        None,
    ),
)
fails(
    "v-fallback-sens",
    change(
        VERSION_TYPE,
        applied_version(
            READ,
            True,
            default_version={"version_id": "v2", "create_date": "x", "policy_document": document(READ)},
            fallback_version_on_destroy={
                "version_id": "v1",
                "create_date": "x",
                "policy_document": document(ADMIN),
            },
        ),
        None,
        bs={"fallback_version_on_destroy": True},
    ),
)
fails(
    "v-rotates-away-default-switched",
    change(VERSION_TYPE, applied_version(READ, False, set_as_default=True), applied_version(ADMIN, False)),
)
VAULT = "alicloud_hbr_vault"
BINDING = "alicloud_hbr_policy_binding"


def v(**o: Any) -> Any:
    return {
        "id": "v-1",
        "vault_name": "v",
        "vault_type": "STANDARD",
        "status": "CREATED",
        "description": None,
        **o,
    }


def b(**o: Any) -> Any:
    return {
        "id": "b-1",
        "policy_id": "po-1",
        "source_type": "OSS",
        "data_source_id": "x",
        "disabled": False,
        **o,
    }


fails("n-vault-del", change(VAULT, v(), None))
fails("n-vault-replace", change(VAULT, v(), v(), *ANEW))
fails("n-vault-type", change(VAULT, v(), v(vault_type="X")))
clean("n-vault-name", change(VAULT, v(), v(vault_name="w")))
clean("n-vault-new", change(VAULT, None, v()))
fails("n-vault-sens", change(VAULT, v(), v(), as_=True, bs=True))
fails("n-vault-same-update", change(VAULT, v(), v(), "update"))
fails("n-vault-deposed", change(VAULT, v(), None, deposed="x"))
clean("n-vault-forget", change(VAULT, v(), None, "forget"))
for n, t in (("", VAULT), ("-of-ours", "alipolicy_backup_vault")):
    became_ready = change(t, v(status="INITIALIZING"), v())
    clean(f"n-vault-status{n}", change(t, v(), v(), "no-op"), resource_drift=[became_ready])
fails("n-bind-del", change(BINDING, b(), None))
fails("n-bind-dis", change(BINDING, b(), b(disabled=True)))
fails("n-bind-dis-unk", change(BINDING, b(), {**b(), "disabled": None}, unknown={"disabled": True}))
fails(
    "n-bind-dis-sens", change(BINDING, b(), b(disabled=True), as_={"disabled": True}, bs={"disabled": True})
)
fails("n-bind-new-dis-sens", change(BINDING, None, b(disabled=True), as_={"disabled": True}))
fails("n-bind-policy", change(BINDING, b(), b(policy_id="po-2"), *ANEW))
fails("n-bind-drift", resource_drift=[change(BINDING, b(), None)])
fails(
    "n-bind-drift2",
    change(BINDING, b(disabled=True), b(disabled=True), "no-op"),
    resource_drift=[change(BINDING, b(), b(disabled=True))],
)
clean("n-bind-noop", change(BINDING, b(), b(), "no-op"))
fails("n-bind-noop-lies", change(BINDING, b(), b(disabled=True), "no-op"))
fails("n-bind-module", change(BINDING, b(), None, addr="module.x[0].alicloud_hbr_policy_binding.a"))
fails(
    "n-key-active",
    change(
        "alicloud_ram_access_key",
        {"id": "k", "user_name": "u", "status": "Inactive"},
        {"id": "k", "user_name": "u", "status": "Active"},
    ),
)
fails(
    "n-sso-user",
    change("alicloud_cloud_sso_user", {"id": "k", "status": "Disabled"}, {"id": "k", "status": "Enabled"}),
)
fails(
    "n-sso-key",
    change(
        "alicloud_cloud_sso_scim_server_credential",
        {"id": "k", "status": "Disabled"},
        {"id": "k", "status": "Enabled"},
    ),
)
for t in (
    "alicloud_oss_bucket_acl",
    "alicloud_oss_bucket_public_access_block",
    "alicloud_oss_account_public_access_block",
    "alicloud_ims_oidc_provider",
    "alicloud_oss_access_point",
):
    fails(f"n-{t}", change(t, {"id": "b", "acl": "private"}, {"id": "b", "acl": "public-read"}))
fails(
    "n-bucket-acl",
    change("alicloud_oss_bucket", {"id": "b", "acl": "private"}, {"id": "b", "acl": "public-read"}),
)
fails(
    "n-bucket-acl-sens",
    change(
        "alicloud_oss_bucket",
        {"id": "b", "acl": "private"},
        {"id": "b", "acl": "public-read"},
        as_={"acl": True},
    ),
)
fails(
    "n-bucket-acl-unknown",
    change("alicloud_oss_bucket", {"id": "b", "acl": "private"}, {"id": "b"}, unknown={"acl": True}),
)
fails(
    "n-bucket-drift-acl",
    change(
        "alicloud_oss_bucket", {"id": "b", "acl": "public-read"}, {"id": "b", "acl": "public-read"}, "no-op"
    ),
    resource_drift=[
        change("alicloud_oss_bucket", {"id": "b", "acl": "private"}, {"id": "b", "acl": "public-read"})
    ],
)
clean("n-unrelated", change("alicloud_vpc", {"id": "b", "name": "private"}, {"id": "b", "name": "x"}))
fails(
    "n-role",
    change(
        "alicloud_ram_role",
        {"id": "r", "assume_role_policy_document": "a"},
        {"id": "r", "assume_role_policy_document": "b"},
    ),
)
fails(
    "n-role-sens",
    change(
        "alicloud_ram_role",
        {"id": "r", "assume_role_policy_document": "a"},
        {"id": "r", "assume_role_policy_document": "b"},
        as_={"assume_role_policy_document": True},
    ),
)
fails(
    "n-group-del",
    change(
        "alicloud_ram_group_membership",
        {"id": "r", "user_names": ["a"]},
        {"id": "r", "user_names": ["a", "b"]},
    ),
)
