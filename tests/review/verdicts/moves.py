"""Resources that are removed, moved or imported."""

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
    policy_version,
    ram_policy,
    resources,
    transition,
)

case(
    "removed-keep",
    CLEAN,
    resources(hbr__a=backup_policy()),
    {"removed": [{"from": "alicloud_hbr_policy.a", "lifecycle": {"destroy": False}}]},
)
case(
    "removed-keep-lists",
    CLEAN,
    resources(hbr__a=backup_policy()),
    {"removed": [{"from": "alicloud_hbr_policy.a", "lifecycle": [{"destroy": False}]}]},
)
case(
    "removed-keep-expr",
    CLEAN,
    resources(hbr__a=backup_policy()),
    {"removed": {"from": "${alicloud_hbr_policy.a}", "lifecycle": {"destroy": False}}},
)
case(
    "removed-destroy",
    FAILS,
    resources(hbr__a=backup_policy()),
    {"removed": [{"from": "alicloud_hbr_policy.a", "lifecycle": {"destroy": True}}]},
)
case(
    "removed-no-lifecycle",
    FAILS,
    resources(hbr__a=backup_policy()),
    {"removed": [{"from": "alicloud_hbr_policy.a"}]},
)
case(
    "removed-other",
    FAILS,
    resources(hbr__a=backup_policy(), hbr__b=backup_policy(policy_name="b")),
    {"removed": [{"from": "alicloud_hbr_policy.b", "lifecycle": {"destroy": False}}]},
)
case(
    "removed-prefix",
    FAILS,
    resources(hbr__a=backup_policy(), hbr__ab=backup_policy(policy_name="b")),
    {"removed": [{"from": "alicloud_hbr_policy.a", "lifecycle": {"destroy": False}}]},
)
case(
    "removed-keep-binding",
    CLEAN,
    resources(alicloud_hbr_policy_binding__a={"policy_id": "p", "source_type": "OSS"}),
    {"removed": [{"from": "alicloud_hbr_policy_binding.a", "lifecycle": {"destroy": False}}]},
)
case(
    "removed-destroy-version",
    FAILS,
    resources(ver__a=policy_version(document(READ))),
    {"removed": [{"from": "alipolicy_policy_version.a", "lifecycle": {"destroy": True}}]},
)
case(
    "removed-in-unread-module",
    FAILS,
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
    {"removed": [{"from": "module.x", "lifecycle": {"destroy": False}}]},
)
case(
    "removed-module-keep",
    CLEAN,
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
    {"main.tf.json": {"removed": [{"from": "module.m", "lifecycle": {"destroy": False}}]}},
)
case(
    "moved-same",
    CLEAN,
    resources(hbr__a=backup_policy()),
    merged(
        resources(hbr__b=backup_policy()),
        {"moved": [{"from": "alicloud_hbr_policy.a", "to": "alicloud_hbr_policy.b"}]},
    ),
)
case(
    "moved-shorter",
    FAILS,
    resources(hbr__a=backup_policy()),
    merged(
        resources(hbr__b=backup_policy(BACKUP, transition(1))),
        {"moved": [{"from": "alicloud_hbr_policy.a", "to": "alicloud_hbr_policy.b"}]},
    ),
)
case(
    "moved-missing",
    FAILS,
    resources(hbr__a=backup_policy(BACKUP, transition(90))),
    resources(hbr__b=backup_policy(BACKUP, transition(1))),
)
case(
    "moved-doc",
    FAILS,
    resources(ram__a=ram_policy(document(READ))),
    merged(
        resources(ram__b=ram_policy(document(ADMIN))),
        {"moved": {"from": "alicloud_ram_policy.a", "to": "alicloud_ram_policy.b"}},
    ),
)
case(
    "moved-swap",
    FAILS,
    resources(
        hbr__a=backup_policy(policy_name="a"), hbr__b=backup_policy(BACKUP, transition(90), policy_name="b")
    ),
    resources(
        hbr__a=backup_policy(BACKUP, transition(90), policy_name="b"), hbr__b=backup_policy(policy_name="a")
    ),
)
case(
    "moved-each-key",
    CLEAN,
    resources(hbr__a=backup_policy(for_each={"x": "1"})),
    merged(
        resources(hbr__a=backup_policy(for_each={"y": "1"})),
        {"moved": [{"from": 'alicloud_hbr_policy.a["x"]', "to": 'alicloud_hbr_policy.a["y"]'}]},
    ),
)
case(
    "moved-into-module",
    CLEAN,
    resources(hbr__a=backup_policy()),
    {
        "main.tf.json": {
            "module": {"m": {"source": "./m"}},
            "moved": [{"from": "alicloud_hbr_policy.a", "to": "module.m.alicloud_hbr_policy.a"}],
        },
        "m/main.tf.json": resources(hbr__a=backup_policy()),
    },
)
case(
    "moved-into-module-shorter",
    FAILS,
    resources(hbr__a=backup_policy()),
    {
        "main.tf.json": {
            "module": {"m": {"source": "./m"}},
            "moved": [{"from": "alicloud_hbr_policy.a", "to": "module.m.alicloud_hbr_policy.a"}],
        },
        "m/main.tf.json": resources(hbr__a=backup_policy(BACKUP, transition(2))),
    },
)
case(
    "moved-two-to-one",
    FAILS,
    resources(hbr__a=backup_policy(policy_name="a"), hbr__b=backup_policy(policy_name="b")),
    merged(
        resources(hbr__b=backup_policy(policy_name="b")),
        {"moved": [{"from": "alicloud_hbr_policy.a", "to": "alicloud_hbr_policy.b"}]},
    ),
)
case(
    "moved-official-to-ours",
    CLEAN,
    resources(hbr__a=backup_policy()),
    merged(
        resources(our__a=backup_policy()),
        {"moved": [{"from": "alicloud_hbr_policy.a", "to": "alipolicy_backup_policy.a"}]},
    ),
)
case(
    "moved-unread-module",
    FAILS,
    {"main.tf.json": {"module": {"m": {"source": "x/y/z"}}}},
    {"main.tf.json": {"module": {"n": {"source": "x/y/z"}}}},
)
case(
    "import-backup",
    FAILS,
    {"provider": {"alicloud": {}}},
    merged(resources(hbr__a=backup_policy()), {"import": [{"to": "alicloud_hbr_policy.a", "id": "po-1"}]}),
)
case(
    "import-backup-our",
    FAILS,
    {"provider": {"alicloud": {}}},
    merged(resources(our__a=backup_policy()), {"import": {"to": "alipolicy_backup_policy.a", "id": "po-1"}}),
)
case(
    "import-ram-denies-lost",
    FAILS,
    {"provider": {"alicloud": {}}},
    merged(
        resources(ram__a=ram_policy(document(READ))),
        {"import": {"to": "alicloud_ram_policy.a", "id": "reader"}},
    ),
)
case(
    "import-expr",
    FAILS,
    {"provider": {"alicloud": {}}},
    merged(resources(hbr__a=backup_policy()), {"import": [{"to": "${alicloud_hbr_policy.a}", "id": "po-1"}]}),
)
case(
    "import-foreach",
    FAILS,
    {"provider": {"alicloud": {}}},
    merged(
        resources(hbr__a=backup_policy(for_each={"x": "1"})),
        {
            "import": [
                {"for_each": {"x": "po-1"}, "to": "alicloud_hbr_policy.a[each.key]", "id": "${each.value}"}
            ]
        },
    ),
)
case(
    "import-vault",
    FAILS,
    {"provider": {"alicloud": {}}},
    merged(
        resources(alicloud_hbr_vault__v={"vault_name": "v", "vault_type": "STANDARD"}),
        {"import": [{"to": "alicloud_hbr_vault.v", "id": "v-1"}]},
    ),
)
case(
    "import-binding",
    FAILS,
    {"provider": {"alicloud": {}}},
    merged(
        resources(alicloud_hbr_policy_binding__v={"policy_id": "v"}),
        {"import": [{"to": "alicloud_hbr_policy_binding.v", "id": "v-1"}]},
    ),
)
case(
    "import-already-managed",
    CLEAN,
    resources(hbr__a=backup_policy()),
    merged(resources(hbr__a=backup_policy()), {"import": [{"to": "alicloud_hbr_policy.a", "id": "po-1"}]}),
)


def half_moved(**addresses: str) -> Any:
    return merged(resources(hbr__a=backup_policy()), {"moved": addresses})


case(
    "moved-from-alone",
    CLEAN,
    resources(hbr__a=backup_policy()),
    half_moved(**{"from": "alicloud_hbr_policy.a"}),
)
case("moved-to-alone", CLEAN, resources(hbr__a=backup_policy()), half_moved(to="alicloud_hbr_policy.a"))

for name, start, to, new in (
    ("into-an-instance", "alicloud_hbr_policy.a", 'alicloud_hbr_policy.a["x"]', {"for_each": {"x": 1}}),
    ("into-the-second", "alicloud_hbr_policy.a", "alicloud_hbr_policy.a[1]", {"count": 2}),
):
    case(
        f"moved-{name}",
        CLEAN,
        resources(hbr__a=backup_policy()),
        {**resources(hbr__a=backup_policy(**new)), "moved": [{"from": start, "to": to}]},
    )
case(
    "moved-module-into-an-instance",
    CLEAN,
    {"main.tf.json": {"module": {"m": {"source": "./m"}}}, "m/x.tf.json": resources(hbr__a=backup_policy())},
    {
        "main.tf.json": {
            "module": {"m": {"source": "./m", "for_each": {"x": 1}}},
            "moved": [{"from": "module.m", "to": 'module.m["x"]'}],
        },
        "m/x.tf.json": resources(hbr__a=backup_policy()),
    },
)
