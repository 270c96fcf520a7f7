"""Locals, and what override files make of a configuration."""

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
    ignoring,
    merged,
    ram_policy,
    resources,
    transition,
)

case(
    "local-list-vs-scalar-count",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(count="${length(local.n)}")),
        {"locals": {"n": [["a", "${data.x.y.z}"]]}},
    ),
    merged(
        resources(hbr__a=backup_policy(count="${length(local.n)}")), {"locals": {"n": ["a", "${data.x.y.z}"]}}
    ),
)
case(
    "local-list-vs-scalar-count-2",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(count="${length(local.n)}")), {"locals": {"n": ["${data.x.y.z}", "b"]}}
    ),
    merged(
        resources(hbr__a=backup_policy(count="${length(local.n)}")),
        {"locals": {"n": [["${data.x.y.z}", "b"]]}},
    ),
)
case(
    "local-comment-key",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(for_each="${local.n}")),
        {"locals": {"n": {"//": "${data.x.y.z}", "b": "1"}}},
    ),
    merged(resources(hbr__a=backup_policy(for_each="${local.n}")), {"locals": {"n": {"b": "1"}}}),
)
case(
    "override-local-object",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(for_each="${local.n}", policy_name="${each.key}")),
        {"locals": {"n": {"a": "1", "b": "1"}}},
    ),
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy(for_each="${local.n}", policy_name="${each.key}")),
            {"locals": {"n": {"a": "1", "b": "1"}}},
        ),
        "override.tf.json": {"locals": {"n": {"a": "1"}}},
    },
)
case(
    "override-provider-region",
    FAILS,
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy()), {"provider": {"alicloud": {"region": "cn-hangzhou"}}}
        )
    },
    {
        "main.tf.json": merged(
            resources(hbr__a=backup_policy()), {"provider": {"alicloud": {"region": "cn-hangzhou"}}}
        ),
        "override.tf.json": {"provider": {"alicloud": {"region": "cn-beijing"}}},
    },
)
case(
    "override-nested-dynamic",
    FAILS,
    resources(hbr__a=backup_policy()),
    {
        "main.tf.json": resources(hbr__a=backup_policy()),
        "override.tf.json": resources(
            hbr__a={
                "dynamic": {
                    "rules": {
                        "for_each": [1],
                        "content": {
                            "rule_type": "BACKUP",
                            "backup_type": "COMPLETE",
                            "schedule": "I|1648605600|P1D",
                            "vault_id": "v-1",
                        },
                    }
                }
            }
        ),
    },
)
case(
    "override-resource-count-0",
    FAILS,
    resources(hbr__a=backup_policy()),
    {"main.tf.json": resources(hbr__a=backup_policy()), "override.tf.json": resources(hbr__a={"count": 0})},
)
case(
    "override-lifecycle",
    CLEAN,
    resources(hbr__a=backup_policy()),
    {
        "main.tf.json": resources(hbr__a=backup_policy()),
        "override.tf.json": resources(hbr__a={"lifecycle": {"prevent_destroy": True}}),
    },
)
case(
    "override-module-input",
    FAILS,
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf.json": merged(
            resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {"default": document(READ)}}}
        ),
    },
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "override.tf.json": {"module": {"m": {"d": document(ADMIN)}}},
        "m/main.tf.json": merged(
            resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {"default": document(READ)}}}
        ),
    },
)


def with_lifecycle(override: Any) -> Any:
    return {
        "main.tf.json": resources(hbr__a=backup_policy(lifecycle=ignoring("rules"))),
        "override.tf.json": resources(hbr__a=override),
    }


SHORT = backup_policy(BACKUP, transition(3))
case(
    "override-beside-a-lifecycle",
    CLEAN,
    resources(hbr__a=backup_policy()),
    with_lifecycle({"rules": SHORT["rules"], "policy_name": "daily"}),
)
case(
    "override-of-another-lifecycle",
    CLEAN,
    resources(hbr__a=backup_policy()),
    with_lifecycle({"rules": SHORT["rules"], "lifecycle": {"prevent_destroy": True}}),
)
case("override-by-two-bodies", REFUSED, resources(hbr__a=backup_policy()), with_lifecycle([{}, {}]))
