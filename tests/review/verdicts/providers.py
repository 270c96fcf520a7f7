"""Another account, region or alias."""

from __future__ import annotations

from tests.review.verdicts.building import (
    CLEAN,
    FAILS,
    READ,
    backup_policy,
    case,
    document,
    merged,
    policy_version,
    provider,
    ram_policy,
    resources,
)

for a, (x, y) in {
    "region": ("cn-hangzhou", "cn-beijing"),
    "profile": ("a", "b"),
    "access_key": ("A", "B"),
    "account_id": ("1", "2"),
    "ecs_role_name": ("a", "b"),
    "shared_credentials_file": ("a", "b"),
    "credentials_uri": ("http://a", "http://b"),
    "endpoints": ({"hbr": "a"}, {"hbr": "b"}),
    "assume_role": ({"role_arn": "acs:ram::1:role/x"}, {"role_arn": "acs:ram::2:role/x"}),
    "assume_role_with_oidc": ({"role_arn": "acs:ram::1:role/x"}, {"role_arn": "acs:ram::2:role/x"}),
    "account_type": ("Domestic", "International"),
}.items():
    case(
        f"prov-{a}",
        FAILS,
        merged(resources(hbr__a=backup_policy()), provider(**{a: x})),
        merged(resources(hbr__a=backup_policy()), provider(**{a: y})),
    )
    case(
        f"prov-{a}-ram",
        0 if a == "region" else 1 if a != "endpoints" else 0,
        merged(resources(ram__a=ram_policy(document(READ))), provider(**{a: x})),
        merged(resources(ram__a=ram_policy(document(READ))), provider(**{a: y})),
    )
case(
    "prov-alias",
    FAILS,
    merged(
        resources(hbr__a=backup_policy()),
        {"provider": {"alicloud": [{"region": "a"}, {"alias": "w", "region": "b"}]}},
    ),
    merged(
        resources(hbr__a=backup_policy(provider="alicloud.w")),
        {"provider": {"alicloud": [{"region": "a"}, {"alias": "w", "region": "b"}]}},
    ),
)
case(
    "prov-alias-region",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(provider="alicloud.w")),
        {"provider": {"alicloud": [{"region": "a"}, {"alias": "w", "region": "b"}]}},
    ),
    merged(
        resources(hbr__a=backup_policy(provider="alicloud.w")),
        {"provider": {"alicloud": [{"region": "a"}, {"alias": "w", "region": "c"}]}},
    ),
)
case(
    "prov-alias-unknown",
    FAILS,
    resources(hbr__a=backup_policy(provider="alicloud.w")),
    resources(hbr__a=backup_policy(provider="alicloud.e")),
)
case(
    "prov-region-local",
    FAILS,
    merged(resources(hbr__a=backup_policy()), provider(region="${local.r}"), {"locals": {"r": "a"}}),
    merged(resources(hbr__a=backup_policy()), provider(region="${local.r}"), {"locals": {"r": "b"}}),
)
case(
    "prov-region-unset",
    FAILS,
    merged(resources(hbr__a=backup_policy()), provider(region="a")),
    resources(hbr__a=backup_policy()),
)
case(
    "prov-local-name",
    FAILS,
    merged(resources(hbr__a=backup_policy(provider="ali")), {"provider": {"ali": {"region": "a"}}}),
    merged(resources(hbr__a=backup_policy(provider="ali")), {"provider": {"ali": {"region": "b"}}}),
)
case(
    "prov-for-each",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(provider='${alicloud.by["x"]}')),
        {"provider": {"alicloud": {"alias": "by", "for_each": {"x": "a"}, "region": "${each.value}"}}},
    ),
    merged(
        resources(hbr__a=backup_policy(provider='${alicloud.by["x"]}')),
        {"provider": {"alicloud": {"alias": "by", "for_each": {"x": "b"}, "region": "${each.value}"}}},
    ),
)
case(
    "prov-for-each-key",
    FAILS,
    merged(
        resources(hbr__a=backup_policy(for_each={"x": "1"}, provider="${alicloud.by[each.key]}")),
        {
            "provider": {"alicloud": {"alias": "by", "for_each": "${local.m}", "region": "${each.value}"}},
            "locals": {"m": {"x": "a"}},
        },
    ),
    merged(
        resources(hbr__a=backup_policy(for_each={"x": "1"}, provider="${alicloud.by[each.key]}")),
        {
            "provider": {"alicloud": {"alias": "by", "for_each": "${local.m}", "region": "${each.value}"}},
            "locals": {"m": {"x": "b"}},
        },
    ),
)
case(
    "prov-for-each-same",
    CLEAN,
    merged(
        resources(hbr__a=backup_policy(provider='${alicloud.by["x"]}')),
        {"provider": {"alicloud": {"alias": "by", "for_each": {"x": "a"}, "region": "${each.value}"}}},
    ),
    merged(
        resources(hbr__a=backup_policy(provider='${alicloud.by["x"]}')),
        {"provider": {"alicloud": {"alias": "by", "for_each": {"x": "a"}, "region": "${each.value}"}}},
    ),
)
case(
    "prov-module-handed",
    FAILS,
    {
        "main.tf.json": {
            "provider": {"alicloud": [{"region": "a"}, {"alias": "w", "region": "b"}]},
            "module": {"m": {"source": "./m", "providers": {"alicloud": "alicloud"}}},
        },
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
    {
        "main.tf.json": {
            "provider": {"alicloud": [{"region": "a"}, {"alias": "w", "region": "b"}]},
            "module": {"m": {"source": "./m", "providers": {"alicloud": "alicloud.w"}}},
        },
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
)
case(
    "prov-module-inherit",
    FAILS,
    {
        "main.tf.json": {"provider": {"alicloud": {"region": "a"}}, "module": {"m": {"source": "./m"}}},
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
    {
        "main.tf.json": {"provider": {"alicloud": {"region": "b"}}, "module": {"m": {"source": "./m"}}},
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
)
case(
    "prov-unread-module-inherit",
    FAILS,
    {
        "main.tf.json": {
            "provider": {"alicloud": {"region": "a"}},
            "module": {"m": {"source": "x/y/z", "version": "1"}},
        }
    },
    {
        "main.tf.json": {
            "provider": {"alicloud": {"region": "b"}},
            "module": {"m": {"source": "x/y/z", "version": "1"}},
        }
    },
)
case(
    "prov-unread-module-handed",
    FAILS,
    {
        "main.tf.json": {
            "provider": {"alicloud": [{"alias": "w", "region": "a"}]},
            "module": {"m": {"source": "x/y/z", "version": "1", "providers": {"alicloud": "alicloud.w"}}},
        }
    },
    {
        "main.tf.json": {
            "provider": {"alicloud": [{"alias": "w", "region": "b"}]},
            "module": {"m": {"source": "x/y/z", "version": "1", "providers": {"alicloud": "alicloud.w"}}},
        }
    },
)
case(
    "prov-unread-module-same",
    CLEAN,
    {
        "main.tf.json": {
            "provider": {"alicloud": {"region": "a"}},
            "module": {"m": {"source": "x/y/z", "version": "1"}},
        }
    },
    {
        "main.tf.json": {
            "provider": {"alicloud": {"region": "a"}},
            "module": {"m": {"source": "x/y/z", "version": "1"}},
        }
    },
)
case(
    "prov-hcl-module-inherit",
    FAILS,
    {
        "main.tf.json": {"provider": {"alicloud": {"region": "a"}}, "module": {"m": {"source": "./m"}}},
        "m/main.tf": 'resource "alicloud_hbr_policy" "a" {}\n',
    },
    {
        "main.tf.json": {"provider": {"alicloud": {"region": "b"}}, "module": {"m": {"source": "./m"}}},
        "m/main.tf": 'resource "alicloud_hbr_policy" "a" {}\n',
    },
)
case(
    "prov-alipolicy-region",
    FAILS,
    merged(resources(our__a=backup_policy()), {"provider": {"alipolicy": {"region": "a"}}}),
    merged(resources(our__a=backup_policy()), {"provider": {"alipolicy": {"region": "b"}}}),
)
case(
    "prov-alipolicy-account",
    FAILS,
    merged(resources(ver__a=policy_version(document(READ))), {"provider": {"alipolicy": {"profile": "a"}}}),
    merged(resources(ver__a=policy_version(document(READ))), {"provider": {"alipolicy": {"profile": "b"}}}),
)
