"""What was thought of last: modules, variables, expressions, versions in modules, and more plans."""

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
    ram_policy,
    resources,
    transition,
)
from tests.review.verdicts.plans import (
    BACKUP_TYPE,
    HBR_TYPE,
    RAM_TYPE,
    applied_backup,
    applied_ram,
    change,
    clean,
    fails,
    refused,
)


def module(d: Any, src: Any = "./m") -> Any:
    return {
        "main.tf.json": {"module": {"m": {"source": src}}},
        src[2:] + "/main.tf.json": resources(ram__a=ram_policy(document(d))),
    }


case("r-module-source-path", CLEAN, module(READ), module(READ, "./n"))
case("r-module-source-path-admin", FAILS, module(READ), module(ADMIN, "./n"))
case("r-module-missing", FAILS, module(READ), {"main.tf.json": {"module": {"m": {"source": "./gone"}}}})
case(
    "r-module-expr-source",
    FAILS,
    module(READ),
    {"main.tf.json": {"module": {"m": {"source": "${local.s}"}}, "locals": {"s": "./m"}}},
)
case(
    "r-module-abs",
    FAILS,
    {"main.tf.json": {"module": {"m": {"source": "/abs/x"}}}},
    {"main.tf.json": {"module": {"m": {"source": "/abs/y"}}}},
)
case(
    "r-hcl-child-var",
    FAILS,
    {
        "main.tf.json": {
            "module": {"m": {"source": "./m", "d": "${var.d}"}},
            "variable": {"d": {"default": "1"}},
        },
        "m/main.tf": "x",
    },
    {
        "main.tf.json": {
            "module": {"m": {"source": "./m", "d": "${var.d}"}},
            "variable": {"d": {"default": "2"}},
        },
        "m/main.tf": "x",
    },
)
case(
    "r-hcl-child-file",
    FAILS,
    {"main.tf.json": {"module": {"m": {"source": "./m"}}}, "m/main.tf": "x", "m/p.json": "1"},
    {"main.tf.json": {"module": {"m": {"source": "./m"}}}, "m/main.tf": "x", "m/p.json": "2"},
)
case(
    "r-hcl-child-uses-root-file",
    FAILS,
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf": 'file("${path.root}/p.json")',
        "p.json": "1",
    },
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf": 'file("${path.root}/p.json")',
        "p.json": "2",
    },
)
case(
    "r-hcl-sibling-module",
    FAILS,
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf": 'module "x" { source = "./../n" }',
        "n/main.tf": "1",
    },
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf": 'module "x" { source = "./../n" }',
        "n/main.tf": "2",
    },
)
case(
    "r-provider-hcl-root",
    REFUSED,
    {"main.tf.json": resources(hbr__a=backup_policy())},
    {"main.tf.json": resources(hbr__a=backup_policy()), "provider.tf": 'provider "alicloud" {}'},
)
case(
    "r-tfvars-changed",
    FAILS,
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"type": "number"}}},
        ),
        "terraform.tfvars.json": {"n": 30},
    },
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"type": "number"}}},
        ),
        "terraform.tfvars.json": {"n": 3},
    },
)
case(
    "r-tfvars-removed",
    FAILS,
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"default": 3}}},
        ),
        "terraform.tfvars.json": {"n": 30},
    },
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"default": 3}}},
        )
    },
)
case(
    "r-tfvars-unknown-to-auto",
    FAILS,
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"default": 30}}},
        )
    },
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"default": 30}}},
        ),
        "z.auto.tfvars": "n = 3\n",
    },
)
case(
    "r-tfvars-hcl-dup",
    FAILS,
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"default": 30}}},
        ),
        "terraform.tfvars": "n = 30 # days\n",
    },
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
            {"variable": {"n": {"default": 30}}},
        ),
        "terraform.tfvars": "/* x */ n = 3\n",
    },
)
case(
    "r-var-nullable",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
        {"variable": {"n": {"type": "number", "default": 30}}},
    ),
    merged(
        resources(hbr__a=backup_policy(BACKUP, transition("${var.n}"))),
        {"variable": {"n": {"type": "number", "default": None}}},
    ),
)
case(
    "r-var-type-list",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP, transition(30), for_each="${toset(var.n)}", policy_name="${each.key}"
            )
        ),
        {"variable": {"n": {"type": "list(string)", "default": ["a", "b"]}}},
    ),
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP, transition(30), for_each="${toset(var.n)}", policy_name="${each.key}"
            )
        ),
        {"variable": {"n": {"type": "list(string)", "default": ["b"]}}},
    ),
)
case(
    "r-var-optional-object",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(BACKUP, transition("${var.o.n}"))),
        {"variable": {"o": {"type": "object({n = optional(number, 30)})", "default": {}}}},
    ),
    merged(
        resources(hbr__a=backup_policy(BACKUP, transition("${var.o.n}"))),
        {"variable": {"o": {"type": "object({n = optional(number, 3)})", "default": {}}}},
    ),
)
case(
    "r-var-ephemeral",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(BACKUP, transition("${var.o}"))),
        {"variable": {"o": {"sensitive": True, "default": 30}}},
    ),
    merged(
        resources(hbr__a=backup_policy(BACKUP, transition("${var.o}"))),
        {"variable": {"o": {"sensitive": True, "default": 3}}},
    ),
)
for n, (e1, e2) in {
    "max": ("${max(7, 30)}", "${max(7, 3)}"),
    "min": ("${min(30, 90)}", "${min(3, 90)}"),
    "arith": ("${10 * 3}", "${10 / 5}"),
    "cond": ("${true ? 30 : 3}", "${false ? 30 : 3}"),
    "tonumber": ('${tonumber("30")}', '${tonumber("3")}'),
    "length": ("${length([1,2,3])}", "${length([1,2])}"),
    "parseint": ('${parseint("30", 10)}', '${parseint("3", 10)}'),
    "timestamp": ("${30}", '${tonumber(formatdate("D", timestamp()))}'),
    "tpl": ('3${"0"}', '${"3"}'),
    "neg": ("${30}", "${-30 + 33}"),
    "mod": ("${61 % 31}", "${34 % 31}"),
}.items():
    case(
        f"r-expr-{n}",
        FAILS,
        resources(hbr__a=backup_policy(BACKUP, transition(e1))),
        resources(hbr__a=backup_policy(BACKUP, transition(e2))),
    )
case(
    "r-rules-local",
    FAILS,
    merged(
        resources(hbr__a={"policy_name": "d", "policy_type": "STANDARD", "rules": "${local.r}"}),
        {"locals": {"r": [BACKUP, transition(30)]}},
    ),
    merged(
        resources(hbr__a={"policy_name": "d", "policy_type": "STANDARD", "rules": "${local.r}"}),
        {"locals": {"r": [BACKUP, transition(3)]}},
    ),
)
case(
    "r-rules-concat",
    FAILS,
    merged(
        resources(
            hbr__a={
                "policy_name": "d",
                "policy_type": "STANDARD",
                "dynamic": {
                    "rules": {
                        "for_each": "${concat(local.r, local.s)}",
                        "content": {
                            "rule_type": "${rules.value.rule_type}",
                            "retention": "${try(rules.value.retention, null)}",
                            "backup_type": "${try(rules.value.backup_type, null)}",
                            "schedule": "${try(rules.value.schedule, null)}",
                        },
                    }
                },
            }
        ),
        {"locals": {"r": [BACKUP, transition(30)], "s": [{"rule_type": "REPLICATION", "retention": 7}]}},
    ),
    merged(
        resources(
            hbr__a={
                "policy_name": "d",
                "policy_type": "STANDARD",
                "dynamic": {
                    "rules": {
                        "for_each": "${concat(local.r, local.s)}",
                        "content": {
                            "rule_type": "${rules.value.rule_type}",
                            "retention": "${try(rules.value.retention, null)}",
                            "backup_type": "${try(rules.value.backup_type, null)}",
                            "schedule": "${try(rules.value.schedule, null)}",
                        },
                    }
                },
            }
        ),
        {"locals": {"r": [BACKUP, transition(30)], "s": []}},
    ),
)
case(
    "r-nested-dynamic-tags",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP,
                transition(),
                {
                    "rule_type": "TAG",
                    "dynamic": {
                        "tag_filters": {
                            "for_each": "${local.t}",
                            "content": {
                                "key": "${tag_filters.key}",
                                "operator": "EQUAL",
                                "value": "${tag_filters.value}",
                            },
                        }
                    },
                },
            )
        ),
        {"locals": {"t": {"a": "1"}}},
    ),
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP,
                transition(),
                {
                    "rule_type": "TAG",
                    "dynamic": {
                        "tag_filters": {
                            "for_each": "${local.t}",
                            "content": {
                                "key": "${tag_filters.key}",
                                "operator": "EQUAL",
                                "value": "${tag_filters.value}",
                            },
                        }
                    },
                },
            )
        ),
        {"locals": {"t": {"a": "1", "b": "2"}}},
    ),
)
case(
    "r-nested-dynamic-data",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP,
                transition(),
                {
                    "rule_type": "TAG",
                    "dynamic": {
                        "tag_filters": {
                            "for_each": "${data.x.y.z}",
                            "content": {
                                "key": "${tag_filters.key}",
                                "operator": "EQUAL",
                                "value": "${local.v}",
                            },
                        }
                    },
                },
            )
        ),
        {"locals": {"v": "1"}},
    ),
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP,
                transition(),
                {
                    "rule_type": "TAG",
                    "dynamic": {
                        "tag_filters": {
                            "for_each": "${data.x.y.z}",
                            "content": {
                                "key": "${tag_filters.key}",
                                "operator": "EQUAL",
                                "value": "${local.v}",
                            },
                        }
                    },
                },
            )
        ),
        {"locals": {"v": "2"}},
    ),
)
case(
    "r-nested-dynamic-data-same",
    CLEAN,
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP,
                transition(),
                {
                    "rule_type": "TAG",
                    "dynamic": {
                        "tag_filters": {
                            "for_each": "${data.x.y.z}",
                            "content": {
                                "key": "${tag_filters.key}",
                                "operator": "EQUAL",
                                "value": "${local.v}",
                            },
                        }
                    },
                },
            )
        ),
        {"locals": {"v": "1"}},
    ),
    merged(
        resources(
            hbr__a=backup_policy(
                BACKUP,
                transition(),
                {
                    "rule_type": "TAG",
                    "dynamic": {
                        "tag_filters": {
                            "for_each": "${data.x.y.z}",
                            "content": {
                                "key": "${tag_filters.key}",
                                "operator": "EQUAL",
                                "value": "${local.v}",
                            },
                        }
                    },
                },
            )
        ),
        {"locals": {"v": "1"}},
    ),
)
case(
    "r-foreach-data-filter",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(for_each="${{for k, v in data.x.y.z : k => v if contains(local.l, k)}}")
        ),
        {"locals": {"l": ["a", "b"]}},
    ),
    merged(
        resources(
            hbr__a=backup_policy(for_each="${{for k, v in data.x.y.z : k => v if contains(local.l, k)}}")
        ),
        {"locals": {"l": ["a"]}},
    ),
)
case(
    "r-count-of-other-resource",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(count="${length(null_resource.n)}"), null_resource__n={"count": 2})
    ),
    merged(
        resources(hbr__a=backup_policy(count="${length(null_resource.n)}"), null_resource__n={"count": 1})
    ),
)
case(
    "r-foreach-chained",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(for_each="${null_resource.n}", policy_name="${each.key}"),
            null_resource__n={"for_each": {"a": "1", "b": "2"}},
        )
    ),
    merged(
        resources(
            hbr__a=backup_policy(for_each="${null_resource.n}", policy_name="${each.key}"),
            null_resource__n={"for_each": {"a": "1"}},
        )
    ),
)
case(
    "r-name-of-self-each",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(BACKUP, transition("${alicloud_hbr_policy.b.rules[1].retention}")),
            hbr__b=backup_policy(BACKUP, transition(30), policy_name="b"),
        )
    ),
    merged(
        resources(
            hbr__a=backup_policy(BACKUP, transition("${alicloud_hbr_policy.b.rules[1].retention}")),
            hbr__b=backup_policy(BACKUP, transition(3), policy_name="b"),
        )
    ),
)


def one_of_type(t: Any, **b: Any) -> Any:
    return {"resource": {t: {"a": b}}}


case(
    "r-attach-data",
    FAILS,
    merged(
        one_of_type(
            "alicloud_ram_role_policy_attachment",
            role_name="${data.x.y.z}",
            policy_name="p",
            policy_type="System",
        )
    ),
    merged(
        one_of_type(
            "alicloud_ram_role_policy_attachment",
            role_name="${data.x.y.w}",
            policy_name="p",
            policy_type="System",
        )
    ),
)
case(
    "r-attach-type",
    FAILS,
    one_of_type("alicloud_ram_role_policy_attachment", role_name="r", policy_name="p", policy_type="Custom"),
    one_of_type("alicloud_ram_role_policy_attachment", role_name="r", policy_name="p", policy_type="System"),
)
case(
    "r-attach-type-left-out",
    FAILS,
    one_of_type("alicloud_ram_role_policy_attachment", role_name="r", policy_name="p", policy_type="Custom"),
    one_of_type("alicloud_ram_role_policy_attachment", role_name="r", policy_name="p"),
)
case(
    "r-attach-type-left-out-ours",
    CLEAN,
    one_of_type("alipolicy_policy_attachment", role_name="r", policy_name="p", policy_type="Custom"),
    one_of_type("alipolicy_policy_attachment", role_name="r", policy_name="p"),
)
case(
    "r-attach-renamed-same",
    FAILS,
    one_of_type("alicloud_ram_role_policy_attachment", role_name="r", policy_name="p", policy_type="Custom"),
    {
        "resource": {
            "alicloud_ram_role_policy_attachment": {
                "b": {"role_name": "r", "policy_name": "p", "policy_type": "Custom"}
            }
        }
    },
)
STATEMENTS: dict[str, Any] = {
    "notaction": (
        {"Effect": "Allow", "NotAction": ["ram:*", "oss:*"], "Resource": "*"},
        {"Effect": "Allow", "NotAction": ["oss:*"], "Resource": "*"},
    ),
    "cond-removed": ({**ADMIN, "Condition": {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}}, ADMIN),
    "cond-wider": (
        {**ADMIN, "Condition": {"IpAddress": {"acs:SourceIp": "10.0.0.0/24"}}},
        {**ADMIN, "Condition": {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}},
    ),
    "cond-mfa": (
        {**ADMIN, "Condition": {"Bool": {"acs:MFAPresent": "true"}}},
        {**ADMIN, "Condition": {"Bool": {"acs:MFAPresent": "false"}}},
    ),
    "case": ({**READ, "Action": "ram:getuser"}, {**READ, "Action": "RAM:*"}),
}
for n, (a, b) in STATEMENTS.items():
    case(
        f"r-stmt-{n}",
        FAILS,
        resources(ram__a=ram_policy(document(a))),
        resources(ram__a=ram_policy(document(b))),
    )
case(
    "r-deny-removed-beside-allow",
    FAILS,
    resources(ram__a=ram_policy(document(ADMIN, {"Effect": "Deny", "Action": "ram:*", "Resource": "*"}))),
    resources(ram__a=ram_policy(document(ADMIN))),
)
case(
    "r-deny-narrowed",
    FAILS,
    resources(ram__a=ram_policy(document(ADMIN, {"Effect": "Deny", "Action": "ram:*", "Resource": "*"}))),
    resources(ram__a=ram_policy(document(ADMIN, {"Effect": "Deny", "Action": "ram:Get*", "Resource": "*"}))),
)


def as_versions(**r: Any) -> Any:
    return {"resource": {"alipolicy_policy_version": r}}


def version(s: Any, d: Any = True, n: Any = "reader", **o: Any) -> Any:
    return {"policy_name": n, "policy_document": document(s), "set_as_default": d, **o}


case(
    "r-version-module-promote",
    FAILS,
    {
        "main.tf.json": {"module": {"m": {"source": "./m", "d": False}}, **as_versions(a=version(READ))},
        "m/main.tf.json": merged(as_versions(b=version(ADMIN, "${var.d}")), {"variable": {"d": {}}}),
    },
    {
        "main.tf.json": {
            "module": {"m": {"source": "./m", "d": True}},
            **as_versions(a=version(READ, False)),
        },
        "m/main.tf.json": merged(as_versions(b=version(ADMIN, "${var.d}")), {"variable": {"d": {}}}),
    },
)
case(
    "r-version-ref-name",
    FAILS,
    merged(
        resources(ram__p=ram_policy(document(READ), lifecycle={"ignore_changes": ["policy_document"]})),
        as_versions(b=version(ADMIN, False, n="${alicloud_ram_policy.p.policy_name}")),
    ),
    merged(
        resources(ram__p=ram_policy(document(READ), lifecycle={"ignore_changes": ["policy_document"]})),
        as_versions(b=version(ADMIN, True, n="${alicloud_ram_policy.p.policy_name}")),
    ),
)
case(
    "r-version-ref-id",
    FAILS,
    merged(
        resources(ram__p=ram_policy(document(READ), lifecycle={"ignore_changes": ["policy_document"]})),
        as_versions(b=version(ADMIN, False, n="${alicloud_ram_policy.p.id}")),
    ),
    merged(
        resources(ram__p=ram_policy(document(READ), lifecycle={"ignore_changes": ["policy_document"]})),
        as_versions(b=version(ADMIN, True, n="${alicloud_ram_policy.p.id}")),
    ),
)
case(
    "r-version-name-case",
    FAILS,
    as_versions(a=version(READ, n="reader")),
    as_versions(a=version(READ, n="Reader")),
)
case(
    "r-version-count0",
    FAILS,
    as_versions(a=version(READ), b=version(ADMIN, False)),
    as_versions(a=version(READ, count=0), b=version(ADMIN, False)),
)
case(
    "r-version-forget-default-then-other",
    FAILS,
    as_versions(a=version(READ), b=version(ADMIN, False)),
    merged(
        as_versions(b=version(ADMIN)),
        {"removed": [{"from": "alipolicy_policy_version.a", "lifecycle": {"destroy": False}}]},
    ),
)
case(
    "r-version-other-account",
    FAILS,
    merged(
        as_versions(a=version(READ)),
        {"provider": {"alipolicy": [{"profile": "a"}, {"alias": "b", "profile": "b"}]}},
    ),
    merged(
        as_versions(a=version(READ), b=version(ADMIN, False, provider="alipolicy.b")),
        {"provider": {"alipolicy": [{"profile": "a"}, {"alias": "b", "profile": "b"}]}},
    ),
)
case(
    "r-whole-type-switch",
    FAILS,
    resources(ram__a=ram_policy(document(ADMIN, {"Effect": "Deny", "Action": "ram:*", "Resource": "*"}))),
    merged(
        as_versions(a=version(ADMIN)),
        {"removed": [{"from": "alicloud_ram_policy.a", "lifecycle": {"destroy": False}}]},
    ),
)


def tagged(v: Any, **o: Any) -> Any:
    return {
        "rule_type": "TAG",
        "retention": None,
        "data_source_filters": [{"source_type": "OSS", "data_source_ids": []}],
        "tag_filters": [{"key": "a", "operator": "EQUAL", "value": v}],
        **o,
    }


fails(
    "further-tag-covered-by-deleted",
    change(
        HBR_TYPE,
        applied_backup(BACKUP, transition(), tagged("1")),
        applied_backup(BACKUP, transition(), tagged("2")),
        addr="alicloud_hbr_policy.a",
    ),
    change(
        HBR_TYPE,
        applied_backup(BACKUP, transition(), tagged("1"), policy_name="b"),
        None,
        addr="alicloud_hbr_policy.b",
    ),
)
fails(
    "further-tag-covered-by-other-vault",
    change(
        HBR_TYPE,
        applied_backup(BACKUP, transition(), tagged("1")),
        applied_backup(BACKUP, transition(), tagged("2")),
        addr="alicloud_hbr_policy.a",
    ),
    change(
        HBR_TYPE,
        applied_backup({**BACKUP, "vault_id": "v-9"}, transition(), tagged("1"), policy_name="b"),
        applied_backup({**BACKUP, "vault_id": "v-9"}, transition(), tagged("1"), policy_name="b"),
        "no-op",
        addr="alicloud_hbr_policy.b",
    ),
)
fails(
    "further-tag-covered-no-vault",
    change(
        HBR_TYPE,
        applied_backup({**BACKUP, "vault_id": ""}, transition(), tagged("1")),
        applied_backup({**BACKUP, "vault_id": ""}, transition(), tagged("2")),
        addr="alicloud_hbr_policy.a",
    ),
    change(
        HBR_TYPE,
        applied_backup({**BACKUP, "vault_id": ""}, transition(), tagged("1"), policy_name="b"),
        applied_backup({**BACKUP, "vault_id": ""}, transition(), tagged("1"), policy_name="b"),
        "no-op",
        addr="alicloud_hbr_policy.b",
    ),
)
fails(
    "further-account-scope",
    change(
        BACKUP_TYPE,
        applied_backup(
            BACKUP,
            transition(),
            tagged("1", data_source_filters=[{"source_type": "OSS", "account_scope": "ALL"}]),
        ),
        applied_backup(
            BACKUP,
            transition(),
            tagged("1", data_source_filters=[{"source_type": "OSS", "account_scope": "SELF"}]),
        ),
    ),
)
fails(
    "further-archive-days",
    change(
        HBR_TYPE,
        applied_backup(BACKUP, {**transition(400), "archive_days": 0}),
        applied_backup(BACKUP, {**transition(400), "archive_days": 0, "retention": 30}),
    ),
)
fails(
    "further-rule-order-official",
    change(HBR_TYPE, applied_backup(BACKUP, transition(30)), applied_backup(transition(3), BACKUP)),
)
clean(
    "further-rule-order-only",
    change(
        BACKUP_TYPE,
        applied_backup({**BACKUP, "rule_id": "1"}, {**transition(30), "rule_id": "2"}),
        applied_backup({**transition(30), "rule_id": "2"}, {**BACKUP, "rule_id": "1"}),
    ),
)
fails(
    "further-two-transitions",
    change(
        HBR_TYPE,
        applied_backup(BACKUP, transition(30)),
        applied_backup(BACKUP, transition(30), transition(3)),
    ),
)
fails(
    "further-float",
    change(HBR_TYPE, applied_backup(BACKUP, transition(30.0)), applied_backup(BACKUP, transition(3.5))),
)
fails(
    "further-string-ret",
    change(HBR_TYPE, applied_backup(BACKUP, transition("30")), applied_backup(BACKUP, transition("3"))),
)
fails(
    "further-sched-unix-ms",
    change(
        HBR_TYPE,
        applied_backup(),
        applied_backup({**BACKUP, "schedule": "I|1648605600000|P1D"}, transition()),
    ),
)
fails(
    "further-sched-later-15y",
    change(
        HBR_TYPE, applied_backup(), applied_backup({**BACKUP, "schedule": "I|2248605600|P1D"}, transition())
    ),
)
fails(
    "further-sched-hour-cron",
    change(
        HBR_TYPE,
        applied_backup({**BACKUP, "schedule": "0 0 * * * ?"}, transition()),
        applied_backup({**BACKUP, "schedule": "0 0 0 1 * ?"}, transition()),
    ),
)
fails("further-all-unknown", change(HBR_TYPE, applied_backup(), {}, unknown=True))
fails(
    "further-vault-unknown-and-less",
    change(
        HBR_TYPE,
        applied_backup(),
        applied_backup({**BACKUP, "vault_id": None}, transition(3)),
        unknown={"rules": [{"vault_id": True}]},
    ),
)
refused(
    "further-moved-and-deleted",
    change(
        HBR_TYPE,
        applied_backup(),
        applied_backup(),
        "no-op",
        addr="alicloud_hbr_policy.b",
        previous_address="alicloud_hbr_policy.a",
    ),
    change(HBR_TYPE, applied_backup(policy_name="x"), None, addr="alicloud_hbr_policy.a"),
)
fails(
    "further-same-name-moved-module",
    change(HBR_TYPE, applied_backup(), None, addr="module.a.alicloud_hbr_policy.a"),
    change(HBR_TYPE, None, applied_backup(BACKUP, transition(3)), addr="module.b.alicloud_hbr_policy.a"),
)
fails(
    "further-recreated-same",
    change(HBR_TYPE, applied_backup(), None, addr="module.a.alicloud_hbr_policy.a"),
    change(HBR_TYPE, None, applied_backup(), addr="module.b.alicloud_hbr_policy.a"),
)
fails(
    "further-attr-drift-rules-hidden",
    change(BACKUP_TYPE, applied_backup(), applied_backup(), "no-op"),
    resource_drift=[
        change(
            BACKUP_TYPE,
            applied_backup(BACKUP, transition(90)),
            applied_backup(),
            as_={"rules": True},
            bs={"rules": True},
        )
    ],
)
fails(
    "further-drift-sens-doc",
    change(
        RAM_TYPE,
        applied_ram(READ),
        applied_ram(READ),
        "no-op",
        as_={"policy_document": True},
        bs={"policy_document": True},
    ),
    resource_drift=[
        change(
            RAM_TYPE,
            applied_ram(ADMIN),
            applied_ram(READ),
            as_={"policy_document": True},
            bs={"policy_document": True},
        )
    ],
)
fails("further-unknown-type-ours", change("alipolicy_new_thing", {"a": 1}, {"a": 2}))
fails("further-hbr-new", change("alicloud_hbr_new_thing", {"a": 1}, None))
fails("further-policy-attachment-ours", change("alipolicy_policy_attachment", {"a": 1}, None))
fails(
    "further-data-read-unknown",
    change(
        RAM_TYPE,
        applied_ram(READ),
        {**applied_ram(READ), "policy_document": None},
        unknown={"policy_document": True},
    ),
    {
        "address": "data.alicloud_ram_policy_document.d",
        "mode": "data",
        "type": "alicloud_ram_policy_document",
        "change": {"actions": ["read"], "before": None, "after": {}, "after_unknown": {"document": True}},
    },
)


def state(kind: Any, body: Any, *others: Any) -> Any:
    resource = {"address": f"{kind}.a", "mode": "managed", "type": kind, "values": body}
    beside = [{"address": f"{other['type']}.b", **other} for other in others]
    module = {"resources": [resource, *beside]}
    return {"x.json": {"format_version": "1.0", "values": {"root_module": module}}}


def statements(*actions: Any, **others: Any) -> Any:
    block = {"effect": "Allow", "action": list(actions), "resource": ["*"]}
    return resources(ram__a={"policy_name": "reader", "statement": [block], **others})


case(
    "ignored-document-of-statements",
    FAILS,
    statements("oss:GetObject", lifecycle={"ignore_changes": ["policy_document"]}),
    statements("*", lifecycle={"ignore_changes": ["policy_document"]}),
)
case(
    "ignored-statements",
    CLEAN,
    statements("oss:GetObject", lifecycle={"ignore_changes": ["statement"]}),
    statements("*", lifecycle={"ignore_changes": ["statement"]}),
)
for n, days in (("moved-unresolved", 1), ("moved-unresolved-same", 30)):
    case(
        n,
        FAILS if days == 1 else CLEAN,
        merged(
            resources(hbr__a=backup_policy(BACKUP, transition("${data.x.y.z + local.n}"))),
            {"locals": {"n": 30}},
        ),
        merged(
            resources(hbr__b=backup_policy(BACKUP, transition("${data.x.y.z + local.n}"))),
            {"locals": {"n": days}, "moved": [{"from": f"{HBR_TYPE}.a", "to": f"{HBR_TYPE}.b"}]},
        ),
    )
case("state-same", CLEAN, state(HBR_TYPE, applied_backup()), resources(hbr__a=backup_policy()))
case(
    "state-says-nothing-of-what-is-beside",
    CLEAN,
    state(HBR_TYPE, applied_backup()),
    resources(hbr__a=backup_policy(), alicloud_vpc__v={"vpc_name": "x"}),
)
case(
    "state-data-is-not-managed",
    CLEAN,
    state(HBR_TYPE, applied_backup(), {"type": "alicloud_hbr_vaults", "mode": "data", "values": {"ids": []}}),
    resources(hbr__a=backup_policy()),
)
case(
    "state-other-place",
    CLEAN,
    state(HBR_TYPE, applied_backup()),
    merged(resources(hbr__a=backup_policy()), {"provider": {"alicloud": {"region": "cn-beijing"}}}),
)
case(
    "state-shorter",
    FAILS,
    state(HBR_TYPE, applied_backup()),
    resources(hbr__a=backup_policy(BACKUP, transition(3))),
)
case(
    "state-count",
    FAILS,
    state(HBR_TYPE, applied_backup()),
    resources(hbr__a=backup_policy(count="${data.x.y.z}")),
)
case("state-removed", FAILS, state(HBR_TYPE, applied_backup()), {"provider": {"alicloud": {}}})
case("state-admin", FAILS, state(RAM_TYPE, applied_ram(READ)), resources(ram__a=ram_policy(document(ADMIN))))
case(
    "state-ram-same", CLEAN, state(RAM_TYPE, applied_ram(READ)), resources(ram__a=ram_policy(document(READ)))
)
