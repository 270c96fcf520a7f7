"""The number of instances."""

from __future__ import annotations

import json
from typing import Any

from tests.review.verdicts.building import (
    BACKUP,
    CLEAN,
    FAILS,
    backup_policy,
    case,
    merged,
    resources,
    transition,
)


def keys(*k: Any) -> Any:
    return {x: x for x in k}


INSTANCES: dict[str, Any] = {
    "map": lambda k: resources(hbr__a=backup_policy(for_each=keys(*k), policy_name="${each.key}")),
    "toset": lambda k: resources(
        hbr__a=backup_policy(for_each="${toset(" + json.dumps(list(k)) + ")}", policy_name="${each.key}")
    ),
    "local-map": lambda k: merged(
        resources(hbr__a=backup_policy(for_each="${local.m}", policy_name="${each.key}")),
        {"locals": {"m": keys(*k)}},
    ),
    "local-list-toset": lambda k: merged(
        resources(hbr__a=backup_policy(for_each="${toset(local.m)}", policy_name="${each.key}")),
        {"locals": {"m": list(k)}},
    ),
    "var-map": lambda k: merged(
        resources(hbr__a=backup_policy(for_each="${var.m}", policy_name="${each.key}")),
        {"variable": {"m": {"type": "map(string)", "default": keys(*k)}}},
    ),
    "var-set": lambda k: merged(
        resources(hbr__a=backup_policy(for_each="${var.m}", policy_name="${each.key}")),
        {"variable": {"m": {"type": "set(string)", "default": list(k)}}},
    ),
    "for-expr": lambda k: merged(
        resources(hbr__a=backup_policy(for_each="${{for x in local.m : x => x}}", policy_name="${each.key}")),
        {"locals": {"m": list(k)}},
    ),
    "for-if": lambda k: merged(
        resources(
            hbr__a=backup_policy(
                for_each='${{for x in ["a","b","c"] : x => x if contains(local.m, x)}}',
                policy_name="${each.key}",
            )
        ),
        {"locals": {"m": list(k)}},
    ),
    "count": lambda k: resources(hbr__a=backup_policy(count=len(k), policy_name="${count.index}")),
    "count-string": lambda k: resources(
        hbr__a=backup_policy(count=str(len(k)), policy_name="p${count.index}")
    ),
    "count-length": lambda k: merged(
        resources(hbr__a=backup_policy(count="${length(local.m)}", policy_name="p${count.index}")),
        {"locals": {"m": list(k)}},
    ),
    "count-var": lambda k: merged(
        resources(hbr__a=backup_policy(count="${var.n}", policy_name="p${count.index}")),
        {"variable": {"n": {"type": "number", "default": len(k)}}},
    ),
    "module-for-each": lambda k: {
        "main.tf.json": {"module": {"m": {"source": "./m", "for_each": keys(*k), "n": "${each.key}"}}},
        "m/main.tf.json": merged(
            resources(hbr__a=backup_policy(policy_name="${var.n}")), {"variable": {"n": {}}}
        ),
    },
    "module-count": lambda k: {
        "main.tf.json": {"module": {"m": {"source": "./m", "count": len(k)}}},
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
    "module-count-local": lambda k: {
        "main.tf.json": {"locals": {"n": len(k)}, "module": {"m": {"source": "./m", "count": "${local.n}"}}},
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
    "unknown-merge": lambda k: merged(
        resources(hbr__a=backup_policy(for_each="${merge(local.m, data.x.y.z)}", policy_name="${each.key}")),
        {"locals": {"m": keys(*k)}},
    ),
    "unknown-count": lambda k: merged(
        resources(hbr__a=backup_policy(count="${local.n + data.x.y.n}", policy_name="p${count.index}")),
        {"locals": {"n": len(k)}},
    ),
    "unread-module-count": lambda k: {
        "main.tf.json": {"module": {"m": {"source": "x/y/z", "count": len(k)}}}
    },
    "unread-module-each": lambda k: {
        "main.tf.json": {
            "module": {"m": {"source": "x/y/z", "for_each": "${toset(" + json.dumps(list(k)) + ")}"}}
        }
    },
    "unread-module-local": lambda k: {
        "main.tf.json": {
            "locals": {"m": keys(*k)},
            "module": {"m": {"source": "x/y/z", "for_each": "${local.m}"}},
        }
    },
}
for n, f in INSTANCES.items():
    case(f"inst-{n}-abc-ab", FAILS, f("abc"), f("ab"))
    case(f"inst-{n}-ab-none", FAILS, f("ab"), f(""))
    case(f"inst-{n}-same", CLEAN, f("ab"), f("ab"))
case(
    "inst-count-index-shift",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(BACKUP, "${local.r[count.index]}", count="${length(local.r)}")),
        {"locals": {"r": [transition(30), transition(90)]}},
    ),
    merged(
        resources(hbr__a=backup_policy(BACKUP, "${local.r[count.index]}", count="${length(local.r)}")),
        {"locals": {"r": [transition(90)]}},
    ),
)
case(
    "inst-count-shift-names",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(
                count="${length(local.n)}",
                policy_name="${local.n[count.index]}",
                policy_type="${local.t[count.index]}",
            )
        ),
        {"locals": {"n": ["a", "b"], "t": ["STANDARD", "STANDARD"]}},
    ),
    merged(
        resources(
            hbr__a=backup_policy(
                count="${length(local.n)}",
                policy_name="${local.n[count.index]}",
                policy_type="${local.t[count.index]}",
            )
        ),
        {"locals": {"n": ["b"], "t": ["STANDARD"]}},
    ),
)
case(
    "inst-count-none-to-1", CLEAN, resources(hbr__a=backup_policy()), resources(hbr__a=backup_policy(count=1))
)
case(
    "inst-count-none-to-0", FAILS, resources(hbr__a=backup_policy()), resources(hbr__a=backup_policy(count=0))
)
case(
    "inst-count-false-cond",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(count="${var.on ? 1 : 0}")), {"variable": {"on": {"default": True}}}
    ),
    merged(
        resources(hbr__a=backup_policy(count="${var.on ? 1 : 0}")), {"variable": {"on": {"default": False}}}
    ),
)
case(
    "inst-each-key-renamed",
    FAILS,
    resources(hbr__a=backup_policy(for_each={"a": "x"}, policy_name="${each.value}")),
    resources(hbr__a=backup_policy(for_each={"b": "x"}, policy_name="${each.value}")),
)
case(
    "inst-count-to-each",
    FAILS,
    resources(hbr__a=backup_policy(count=2, policy_name="p${count.index}")),
    resources(hbr__a=backup_policy(for_each={"0": "x"}, policy_name="p${each.key}")),
)
case(
    "inst-each-empty-map",
    FAILS,
    resources(hbr__a=backup_policy(for_each={"a": "x"})),
    resources(hbr__a=backup_policy(for_each={})),
)
case(
    "inst-each-null",
    FAILS,
    resources(hbr__a=backup_policy(for_each={"a": "x"})),
    resources(hbr__a=backup_policy(for_each=None)),
)
for n, is_enabled, exp in (("at-first", True, CLEAN), ("no-more", False, FAILS)):
    case(
        f"inst-enabled-{n}",
        exp,
        resources(hbr__a=backup_policy()),
        resources(hbr__a=backup_policy(lifecycle={"enabled": is_enabled})),
    )


def given_days(days: Any, **variable: Any) -> Any:
    """A module that is given a number of days, of which it has a default."""
    inside = merged(
        resources(hbr__a=backup_policy(BACKUP, transition("${var.days}"))),
        {"variable": {"days": {"default": 30, **variable}}},
    )
    return {
        "main.tf.json": {"module": {"m": {"source": "./m", "days": days}}},
        "m/main.tf.json": inside,
    }


case("inst-not-nullable-given", FAILS, given_days(30, nullable=False), given_days(1, nullable=False))
case("inst-not-nullable-null", CLEAN, given_days(30, nullable=False), given_days(None, nullable=False))
case("inst-nullable-null", FAILS, given_days(30), given_days(None))
