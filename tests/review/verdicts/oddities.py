"""JSON that is unusual."""

from __future__ import annotations

import json
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
    parsed,
    ram_policy,
    remote_states,
    resources,
    stacks,
    transition,
)

case(
    "provider-version",
    CLEAN,
    merged(
        resources(hbr__a=backup_policy()),
        {"terraform": {"required_providers": {"alicloud": {"source": "aliyun/alicloud", "version": "1.2"}}}},
    ),
    merged(
        resources(hbr__a=backup_policy()),
        {"terraform": {"required_providers": {"alicloud": {"source": "aliyun/alicloud", "version": "1.3"}}}},
    ),
)
case(
    "odd-null-block",
    CLEAN,
    resources(hbr__a=backup_policy()),
    resources(hbr__a={**backup_policy(), "description": None}),
)
case("odd-resource-null", FAILS, resources(hbr__a=backup_policy()), {"resource": None})
case(
    "odd-resource-type-null",
    REFUSED,
    resources(hbr__a=backup_policy()),
    {"resource": {"alicloud_hbr_policy": None}},
)
case("odd-resource-empty-list", FAILS, resources(hbr__a=backup_policy()), {"resource": []})
case(
    "odd-body-null",
    REFUSED,
    resources(hbr__a=backup_policy()),
    {"resource": {"alicloud_hbr_policy": {"a": None}}},
)
case(
    "odd-body-list2",
    REFUSED,
    resources(hbr__a=backup_policy()),
    {"resource": {"alicloud_hbr_policy": {"a": [backup_policy(), backup_policy()]}}},
)
case(
    "odd-rules-comment",
    FAILS,
    resources(hbr__a=backup_policy({"//": "30", **BACKUP}, transition(30))),
    resources(hbr__a=backup_policy({"//": "30", **BACKUP}, transition(3))),
)
case(
    "odd-rules-nested-list",
    FAILS,
    resources(hbr__a=backup_policy()),
    resources(hbr__a={**backup_policy(), "rules": [[BACKUP, transition()]]}),
)
case(
    "odd-rules-null-item",
    FAILS,
    resources(hbr__a=backup_policy()),
    resources(hbr__a={**backup_policy(), "rules": [BACKUP, None]}),
)
case(
    "odd-resource-in-two-lists",
    FAILS,
    {
        "resource": [
            resources(hbr__a=backup_policy())["resource"],
            resources(hbr__b=backup_policy(policy_name="b"))["resource"],
        ]
    },
    {"resource": [resources(hbr__a=backup_policy())["resource"]]},
)
case(
    "odd-doc-object",
    FAILS,
    resources(ram__a=ram_policy(document(READ))),
    resources(ram__a=ram_policy(parsed(ADMIN))),
)
case("odd-empty-new", FAILS, resources(hbr__a=backup_policy()), {"//": "x"})
case(
    "odd-doc-bom",
    FAILS,
    resources(ram__a=ram_policy("\ufeff" + document(READ))),
    resources(ram__a=ram_policy("\ufeff" + document(ADMIN))),
)
case(
    "odd-doc-dup-keys",
    FAILS,
    resources(ram__a=ram_policy(document(READ))),
    resources(
        ram__a=ram_policy(
            '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:GetObject","Resource":"*"}],"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        )
    ),
)
case("odd-doc-number", FAILS, resources(ram__a=ram_policy(document(READ))), resources(ram__a=ram_policy(5)))
case("odd-doc-null", FAILS, resources(ram__a=ram_policy(document(READ))), resources(ram__a=ram_policy(None)))
case(
    "odd-doc-both-names",
    CLEAN,
    resources(ram__a=ram_policy(document(READ))),
    resources(ram__a=ram_policy(document(READ), document=document(ADMIN))),
)
case(
    "odd-doc-and-statement",
    CLEAN,
    resources(ram__a=ram_policy(document(READ))),
    resources(
        ram__a=ram_policy(document(READ), statement=[{"effect": "Allow", "action": ["*"], "resource": ["*"]}])
    ),
)
case(
    "odd-doc-case",
    FAILS,
    resources(ram__a=ram_policy(document(READ))),
    resources(
        ram__a=ram_policy('{"version":"1","statement":[{"effect":"allow","action":"*","resource":"*"}]}')
    ),
)
case(
    "odd-version-2",
    FAILS,
    resources(ram__a=ram_policy(document(READ))),
    resources(ram__a=ram_policy(json.dumps({"Version": "2", "Statement": [ADMIN]}))),
)
case(
    "odd-stmt-unknown-key",
    FAILS,
    resources(
        ram__a=ram_policy(document({**ADMIN, "Condition": {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}}))
    ),
    resources(
        ram__a=ram_policy(document({**ADMIN, "Conditions": {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}}))
    ),
)
case(
    "odd-var-file",
    FAILS,
    merged(resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {}}}),
    merged(resources(ram__a=ram_policy("${var.e}")), {"variable": {"e": {}}}),
)
case(
    "cd-remote-state-same",
    CLEAN,
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
        x={"output": {"d": {"value": document(READ)}, "e": {"value": "1"}}},
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


def f(d: Any) -> Any:
    return stacks(
        x=merged({"output": {"d": {"value": "${local.q}"}}, "locals": {"q": d}}),
        y=merged(
            resources(
                hbr__a=backup_policy(
                    BACKUP,
                    transition("${data.terraform_remote_state.x.outputs.e}"),
                    policy_name="${data.terraform_remote_state.x.outputs.d}",
                )
            ),
            remote_states("x"),
        ),
        z=merged(
            {"output": {"e": {"value": "${data.terraform_remote_state.x.outputs.d}"}}}, remote_states("x")
        ),
    )


case("cd-remote-state-chain", FAILS, f("1"), f("2"))
case("cd-remote-state-chain-same", CLEAN, f("1"), f("1"))


def g(d: Any) -> Any:
    return stacks(
        x=merged(
            {"output": {"d": {"value": "${data.terraform_remote_state.y.outputs.e}"}}},
            remote_states("y"),
            resources(ram__a=ram_policy("${data.terraform_remote_state.y.outputs.e}")),
        ),
        y=merged(
            {"output": {"e": {"value": "${data.terraform_remote_state.x.outputs.d}"}}}, remote_states("x")
        ),
    )


case("cd-remote-state-circle", FAILS, g("1"), g("1"))


def h(n: Any) -> Any:
    return resources(
        hbr__a={
            "policy_name": "x",
            "policy_type": "STANDARD",
            "dynamic": {
                "rules": {
                    "for_each": "${data.x.y.z}",
                    "content": {"rule_type": "TRANSITION", "retention": "${rules.value + local.n}"},
                }
            },
        }
    )


def of_lists(n: int) -> Any:
    rule = {"rule_type": "TRANSITION", "retention": "${r.value + local.n}"}
    block = {"iterator": "r", "for_each": "${data.x.y.z}", "content": [rule]}
    policy = {"policy_name": "x", "policy_type": "STANDARD", "dynamic": [{"rules": [block]}]}
    return merged(resources(hbr__a=policy), {"locals": {"n": n}})


case("dynamic-unresolved-same", CLEAN, merged(h(1), {"locals": {"n": 1}}), merged(h(1), {"locals": {"n": 1}}))
case("dynamic-unresolved", FAILS, merged(h(1), {"locals": {"n": 30}}), merged(h(1), {"locals": {"n": 1}}))
case("dynamic-unresolved-lists-same", CLEAN, of_lists(1), of_lists(1))
case("dynamic-unresolved-lists", FAILS, of_lists(30), of_lists(1))
