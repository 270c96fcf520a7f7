"""What `lifecycle` ignores, and what it replaces."""

from __future__ import annotations

from tests.review.verdicts.building import (
    ADMIN,
    BACKUP,
    CLEAN,
    FAILS,
    READ,
    backup_policy,
    case,
    document,
    ignoring,
    merged,
    policy_version,
    provider,
    ram_policy,
    resources,
    transition,
)

case(
    "ignore-doc-inplace",
    CLEAN,
    resources(ram__a=ram_policy(document(READ), lifecycle=ignoring("policy_document"))),
    resources(ram__a=ram_policy(document(ADMIN), lifecycle=ignoring("policy_document"))),
)
case(
    "ignore-doc-renamed",
    FAILS,
    resources(ram__a=ram_policy(document(READ), lifecycle=ignoring("policy_document"))),
    resources(ram__a=ram_policy(document(ADMIN), lifecycle=ignoring("policy_document"), policy_name="other")),
)
case(
    "ignore-all-count-moved-address",
    FAILS,
    resources(ram__a=ram_policy(document(READ), lifecycle=ignoring("policy_document"))),
    resources(ram__b=ram_policy(document(ADMIN), lifecycle=ignoring("policy_document"))),
)
case(
    "ignore-doc-other-account",
    FAILS,
    merged(
        resources(ram__a=ram_policy(document(READ), lifecycle=ignoring("policy_document"))),
        provider(profile="a"),
    ),
    merged(
        resources(ram__a=ram_policy(document(ADMIN), lifecycle=ignoring("policy_document"))),
        provider(profile="b"),
    ),
)
case(
    "ignore-rules-type-replaced",
    FAILS,
    resources(hbr__a=backup_policy(lifecycle=ignoring("rules"))),
    resources(
        hbr__a=backup_policy(BACKUP, transition(1), lifecycle=ignoring("rules"), policy_type="UDM_ECS_ONLY")
    ),
)
case(
    "ignore-rules-type-replaced-codes",
    FAILS,
    resources(our__a=backup_policy(BACKUP, transition(30), lifecycle=ignoring("rules"))),
    resources(
        our__a=backup_policy(BACKUP, transition(1), lifecycle=ignoring("rules"), policy_type="UDM_ECS_ONLY")
    ),
)
case(
    "ignore-new",
    CLEAN,
    resources(hbr__a=backup_policy()),
    resources(hbr__a=backup_policy(BACKUP, transition(1), lifecycle=ignoring("rules"))),
)
case(
    "ignore-lifted",
    FAILS,
    resources(hbr__a=backup_policy(BACKUP, transition(1), lifecycle=ignoring("rules"))),
    resources(hbr__a=backup_policy(BACKUP, transition(1))),
)
case(
    "ignore-part",
    FAILS,
    resources(hbr__a=backup_policy(lifecycle=ignoring("rules[0].retention"))),
    resources(hbr__a=backup_policy(BACKUP, transition(1), lifecycle=ignoring("rules[0].retention"))),
)
case(
    "ignore-all-string",
    CLEAN,
    resources(hbr__a=backup_policy(lifecycle={"ignore_changes": "all"})),
    resources(hbr__a=backup_policy(BACKUP, transition(1), lifecycle={"ignore_changes": "all"})),
)
case(
    "ignore-all-lifted",
    FAILS,
    resources(hbr__a=backup_policy(lifecycle={"ignore_changes": "all"})),
    resources(hbr__a=backup_policy()),
)
case(
    "ignore-document-old-name",
    FAILS,
    resources(ram__a=ram_policy(document(READ), lifecycle=ignoring("document"))),
    resources(ram__a=ram_policy(document(ADMIN), lifecycle=ignoring("document"))),
)
case(
    "ignore-set-as-default",
    FAILS,
    resources(
        ver__a=policy_version(document(ADMIN), set_as_default=False, lifecycle=ignoring("set_as_default")),
        ver__b=policy_version(document(READ)),
    ),
    resources(
        ver__a=policy_version(document(ADMIN), set_as_default=True, lifecycle=ignoring("policy_document"))
    ),
)
case(
    "replace-triggered-literal",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["null_resource.t"]}),
            null_resource__t={"triggers": {"a": "1"}},
        )
    ),
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["null_resource.t"]}),
            null_resource__t={"triggers": {"a": "2"}},
        )
    ),
)
case(
    "replace-triggered-attr",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["terraform_data.t.input"]}),
            terraform_data__t={"input": "1"},
        )
    ),
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["terraform_data.t.input"]}),
            terraform_data__t={"input": "2"},
        )
    ),
)
case(
    "replace-triggered-expr",
    FAILS,
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["${terraform_data.t}"]}),
            terraform_data__t={"input": "${local.x}"},
        ),
        {"locals": {"x": "1"}},
    ),
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["${terraform_data.t}"]}),
            terraform_data__t={"input": "${local.x}"},
        ),
        {"locals": {"x": "2"}},
    ),
)
case(
    "replace-triggered-ver",
    FAILS,
    merged(
        resources(
            our__a=backup_policy(lifecycle={"replace_triggered_by": ["terraform_data.t"]}),
            terraform_data__t={"input": "1"},
        )
    ),
    merged(
        resources(
            our__a=backup_policy(lifecycle={"replace_triggered_by": ["terraform_data.t"]}),
            terraform_data__t={"input": "2"},
        )
    ),
)
case(
    "replace-triggered-same",
    CLEAN,
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["null_resource.t"]}),
            null_resource__t={"triggers": {"a": "1"}},
        )
    ),
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["null_resource.t"]}),
            null_resource__t={"triggers": {"a": "1"}},
        )
    ),
)
case(
    "replace-triggered-added",
    FAILS,
    merged(resources(hbr__a=backup_policy(), null_resource__t={"triggers": {"a": "1"}})),
    merged(
        resources(
            hbr__a=backup_policy(lifecycle={"replace_triggered_by": ["null_resource.t"]}),
            null_resource__t={"triggers": {"a": "1"}},
        )
    ),
)
case(
    "prevent-destroy-lifted",
    CLEAN,
    resources(hbr__a=backup_policy(lifecycle={"prevent_destroy": True})),
    resources(hbr__a=backup_policy()),
)
case(
    "depends-on",
    CLEAN,
    resources(hbr__a=backup_policy(), hbr__b=backup_policy(policy_name="x")),
    resources(
        hbr__a=backup_policy(depends_on=["alicloud_hbr_policy.b"]), hbr__b=backup_policy(policy_name="x")
    ),
)
