"""Versions of a policy, in one stack and in several."""

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
    stacks,
    transition,
)


def versions(**r: Any) -> Any:
    return {"resource": {"alipolicy_policy_version": r}}


def v(s: Any, d: Any = True, n: Any = "reader", **o: Any) -> Any:
    return {"policy_name": n, "policy_document": document(s), "set_as_default": d, **o}


case("v-promoted", FAILS, versions(a=v(READ), b=v(ADMIN, False)), versions(a=v(READ, False), b=v(ADMIN)))
case("v-promoted-only-b", FAILS, versions(a=v(READ), b=v(ADMIN, False)), versions(a=v(READ), b=v(ADMIN)))
case("v-rollback", CLEAN, versions(a=v(READ, False), b=v(ADMIN)), versions(a=v(READ), b=v(ADMIN, False)))
case("v-demoted", FAILS, versions(a=v(READ)), versions(a=v(READ, False)))
case(
    "v-demoted-nobody",
    FAILS,
    versions(a=v(READ), b=v(ADMIN, False)),
    versions(a=v(READ, False), b=v(ADMIN, False)),
)
case("v-destroyed-default", FAILS, versions(a=v(READ), b=v(ADMIN, False)), versions(b=v(ADMIN, False)))
case("v-destroyed-default-alone", FAILS, versions(a=v(READ)), {"provider": {"x": {}}})
case("v-destroyed-staged", CLEAN, versions(a=v(READ), b=v(ADMIN, False)), versions(a=v(READ)))
case("v-new-staged", FAILS, versions(a=v(READ)), versions(a=v(READ), b=v(ADMIN, False)))
case("v-renamed-policy", FAILS, versions(a=v(READ)), versions(a=v(READ, n="other")))
case("v-two-defaults", FAILS, versions(a=v(READ)), versions(a=v(READ), b=v(ADMIN)))
case(
    "v-set-unknown",
    FAILS,
    merged(versions(a=v(READ), b=v(ADMIN, False))),
    merged(versions(a=v(READ), b=v(ADMIN, "${var.x}")), {"variable": {"x": {}}}),
)
case(
    "v-set-null",
    FAILS,
    versions(a=v(READ)),
    versions(a={"policy_name": "reader", "policy_document": document(READ)}),
)
case(
    "v-set-string",
    FAILS,
    versions(a=v(READ), b=v(ADMIN, "false")),
    versions(a=v(READ, "false"), b=v(ADMIN, "true")),
)
case(
    "v-set-local",
    FAILS,
    merged(versions(a=v(READ, "${local.x}"), b=v(ADMIN, "${!local.x}")), {"locals": {"x": True}}),
    merged(versions(a=v(READ, "${local.x}"), b=v(ADMIN, "${!local.x}")), {"locals": {"x": False}}),
)
case(
    "v-set-eq",
    FAILS,
    merged(versions(a=v(READ, '${local.x == "a"}'), b=v(ADMIN, '${local.x == "b"}')), {"locals": {"x": "a"}}),
    merged(versions(a=v(READ, '${local.x == "a"}'), b=v(ADMIN, '${local.x == "b"}')), {"locals": {"x": "b"}}),
)
case(
    "v-foreach-default",
    FAILS,
    merged(
        {
            "resource": {
                "alipolicy_policy_version": {
                    "a": {
                        "for_each": {"a": document(READ), "b": document(ADMIN)},
                        "policy_name": "reader",
                        "policy_document": "${each.value}",
                        "set_as_default": "${each.key == local.x}",
                    }
                }
            }
        },
        {"locals": {"x": "a"}},
    ),
    merged(
        {
            "resource": {
                "alipolicy_policy_version": {
                    "a": {
                        "for_each": {"a": document(READ), "b": document(ADMIN)},
                        "policy_name": "reader",
                        "policy_document": "${each.value}",
                        "set_as_default": "${each.key == local.x}",
                    }
                }
            }
        },
        {"locals": {"x": "b"}},
    ),
)
case("v-swapped-docs", FAILS, versions(a=v(READ), b=v(ADMIN, False)), versions(a=v(ADMIN), b=v(READ, False)))
case(
    "v-swapped-names",
    FAILS,
    versions(a=v(READ, n="x"), b=v(ADMIN, n="y")),
    versions(a=v(READ, n="y"), b=v(ADMIN, n="x")),
)
case(
    "v-name-var",
    FAILS,
    merged(versions(a=v(READ, n="${var.n}")), {"variable": {"n": {"default": "Admins"}}}),
    merged(versions(a=v(READ, n="${var.n}")), {"variable": {"n": {"default": "Interns"}}}),
)
case(
    "v-whole-to-version",
    FAILS,
    resources(ram__a=ram_policy(document(READ))),
    resources(ver__a=policy_version(document(ADMIN))),
)
case(
    "v-version-to-whole",
    FAILS,
    resources(ver__a=policy_version(document(READ))),
    resources(ram__a=ram_policy(document(ADMIN))),
)
case(
    "v-whole-beside-version-promoted",
    FAILS,
    resources(
        ram__a=ram_policy(document(READ), lifecycle={"ignore_changes": ["policy_document"]}),
        ver__b=policy_version(document(ADMIN), set_as_default=False),
    ),
    resources(
        ram__a=ram_policy(document(READ), lifecycle={"ignore_changes": ["policy_document"]}),
        ver__b=policy_version(document(ADMIN)),
    ),
)
case(
    "v-whole-removed-version-stays",
    FAILS,
    resources(
        ram__a=ram_policy(document(READ)), ver__b=policy_version(document(ADMIN), set_as_default=False)
    ),
    resources(ver__b=policy_version(document(ADMIN), set_as_default=False)),
)
case(
    "v-forgotten-default",
    CLEAN,
    versions(a=v(READ)),
    {"removed": [{"from": "alipolicy_policy_version.a", "lifecycle": {"destroy": False}}]},
)
case(
    "v-forgotten-and-new",
    FAILS,
    versions(a=v(READ)),
    merged(
        versions(b=v(ADMIN)),
        {"removed": [{"from": "alipolicy_policy_version.a", "lifecycle": {"destroy": False}}]},
    ),
)
case(
    "v-deny-removed-critical",
    CLEAN,
    versions(a=v({"Effect": "Deny", "Action": "*", "Resource": "*"})),
    versions(a=v({"Effect": "Deny", "Action": "ecs:*", "Resource": "*"})),
)
case(
    "cd-promoted-two-stacks",
    FAILS,
    stacks(x=versions(a=v(READ)), y=versions(b=v(ADMIN, False))),
    stacks(x=versions(a=v(READ, False)), y=versions(b=v(ADMIN))),
)
case(
    "cd-two-defaults",
    FAILS,
    stacks(x=versions(a=v(READ)), y=versions(b=v(ADMIN, False))),
    stacks(x=versions(a=v(READ)), y=versions(b=v(ADMIN))),
)
case(
    "cd-stack-removed",
    FAILS,
    stacks(x=resources(hbr__a=backup_policy()), y=resources(hbr__b=backup_policy(policy_name="b"))),
    stacks(x=resources(hbr__a=backup_policy())),
)
case(
    "cd-stack-renamed",
    FAILS,
    stacks(x=resources(hbr__a=backup_policy(BACKUP, transition(90)))),
    stacks(z=resources(hbr__a=backup_policy(BACKUP, transition(9)))),
)
case(
    "cd-stack-renamed-same",
    FAILS,
    stacks(x=resources(hbr__a=backup_policy())),
    stacks(z=resources(hbr__a=backup_policy())),
)
case(
    "cd-moved-stack",
    FAILS,
    stacks(x=resources(hbr__a=backup_policy()), y={}),
    stacks(x={}, y=resources(hbr__a=backup_policy())),
)
case(
    "cd-asset",
    FAILS,
    {
        **stacks(x=resources(ram__a=ram_policy('${file("assets/p.json")}'))),
        "stacks/x/assets/p.json": document(READ),
    },
    {
        **stacks(x=resources(ram__a=ram_policy('${file("assets/p.json")}'))),
        "stacks/x/assets/p.json": document(ADMIN),
    },
)
case(
    "cd-remote-state",
    FAILS,
    stacks(
        x={"output": {"d": {"value": document(READ)}}},
        y=merged(
            resources(ram__a=ram_policy("${data.terraform_remote_state.x.outputs.d}")),
            {
                "data": {
                    "terraform_remote_state": {"x": {"backend": "local", "config": {"path": "x.tfstate"}}}
                }
            },
        ),
    ),
    stacks(
        x={"output": {"d": {"value": document(ADMIN)}}},
        y=merged(
            resources(ram__a=ram_policy("${data.terraform_remote_state.x.outputs.d}")),
            {
                "data": {
                    "terraform_remote_state": {"x": {"backend": "local", "config": {"path": "x.tfstate"}}}
                }
            },
        ),
    ),
)
case(
    "cd-cover-other-stack",
    FAILS,
    stacks(
        x=resources(
            hbr__a=backup_policy(
                BACKUP,
                transition(),
                {
                    "rule_type": "TAG",
                    "data_source_filters": [{"source_type": "OSS"}],
                    "tag_filters": [{"key": "a", "operator": "EQUAL", "value": "1"}],
                },
            )
        )
    ),
    stacks(x=resources(hbr__a=backup_policy(BACKUP, transition()))),
)
case(
    "v-alias-of-two-accounts",
    FAILS,
    stacks(x=resources(ver__a=policy_version(document(ADMIN), provider="alipolicy.w")), y={}),
    stacks(
        x=resources(ver__a=policy_version(document(ADMIN), provider="alipolicy.w", set_as_default=False)),
        y=resources(ver__b=policy_version(document(ADMIN), provider="alipolicy.w")),
    ),
)
two_staged: list[Any] = [
    resources(
        **{
            f"ver__{name}": policy_version(
                document(statement), set_as_default=False, rotate_strategy=strategy
            )
            for name, statement in zip(names, (READ, ADMIN), strict=True)
        }
    )
    for names, strategy in (("ab", "None"), ("cd", "DeleteOldestNonDefaultVersionWhenLimitExceeded"))
]
case("version-staged-ones-renamed-and-rotated-otherwise", FAILS, *two_staged)
