"""A document reached in every way that Terraform has: what it allows is seen."""

from __future__ import annotations

import base64
import json
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
    ignoring,
    merged,
    parsed,
    policy_version,
    ram_policy,
    resources,
    transition,
)


def both_ways(name: Any, f: Any, exp: Any = 1) -> Any:
    case(f"doc-{name}", exp, f(READ), f(ADMIN))
    case(f"doc-{name}-same", CLEAN, f(READ), f(READ))


both_ways("literal", lambda s: resources(ram__a=ram_policy(document(s))))
both_ways(
    "local", lambda s: merged(resources(ram__a=ram_policy("${local.d}")), {"locals": {"d": document(s)}})
)
both_ways(
    "local-object-jsonencode",
    lambda s: merged(resources(ram__a=ram_policy("${jsonencode(local.d)}")), {"locals": {"d": parsed(s)}}),
)
both_ways(
    "local-chain",
    lambda s: merged(
        resources(ram__a=ram_policy("${local.a}")),
        {"locals": {"a": "${local.b}", "b": "${local.c}", "c": document(s)}},
    ),
)
both_ways(
    "local-list-of-blocks",
    lambda s: merged(
        resources(ram__a=ram_policy("${local.d}")), {"locals": [{"x": "1"}, {"d": document(s)}]}
    ),
)
both_ways(
    "var-default",
    lambda s: merged(resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {"default": document(s)}}}),
)
both_ways(
    "var-default-list",
    lambda s: merged(
        resources(ram__a=ram_policy("${var.d}")), {"variable": [{"d": [{"default": document(s)}]}]}
    ),
)
both_ways(
    "var-object",
    lambda s: merged(
        resources(ram__a=ram_policy("${jsonencode(var.d)}")),
        {"variable": {"d": {"type": "any", "default": parsed(s)}}},
    ),
)
both_ways(
    "merge",
    lambda s: merged(
        resources(ram__a=ram_policy("${jsonencode(merge(local.a, {Statement = [local.s]}))}")),
        {"locals": {"a": {"Version": "1"}, "s": s}},
    ),
)
F = '${format("{\\"Version\\":\\"1\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",'
F += '\\"Action\\":\\"%s\\",\\"Resource\\":\\"*\\"}]}", "ACTION")}'
both_ways("format", lambda s: resources(ram__a=ram_policy(F.replace("ACTION", s["Action"]))))
both_ways("heredoc", lambda s: resources(ram__a=ram_policy("${<<EOT\n" + document(s) + "\nEOT\n}")))
both_ways(
    "heredoc-local",
    lambda s: merged(
        resources(ram__a=ram_policy("${trimspace(local.h)}")),
        {"locals": {"h": "${<<-EOT\n  " + document(s) + "\n  EOT\n}"}},
    ),
)
both_ways(
    "conditional",
    lambda s: merged(
        resources(ram__a=ram_policy("${local.on ? local.x : local.y}")),
        {"locals": {"on": s is ADMIN, "x": document(ADMIN), "y": document(READ)}},
    ),
)
both_ways(
    "conditional-var",
    lambda s: merged(
        resources(ram__a=ram_policy("${var.on ? local.x : local.y}")),
        {
            "variable": {"on": {"type": "bool", "default": "true" if s is ADMIN else "false"}},
            "locals": {"x": document(ADMIN), "y": document(READ)},
        },
    ),
)
both_ways(
    "lookup",
    lambda s: merged(
        resources(ram__a=ram_policy('${jsonencode({Version="1",Statement=[local.m[local.k]]})}')),
        {"locals": {"m": {"r": READ, "a": ADMIN}, "k": "a" if s is ADMIN else "r"}},
    ),
)
both_ways(
    "lookup-fn",
    lambda s: merged(
        resources(ram__a=ram_policy('${jsonencode({Version="1",Statement=[lookup(local.m, local.k)]})}')),
        {"locals": {"m": {"r": READ, "a": ADMIN}, "k": "a" if s is ADMIN else "r"}},
    ),
)
both_ways(
    "for",
    lambda s: merged(
        resources(ram__a=ram_policy('${jsonencode({Version="1",Statement=local.s})}')),
        {
            "locals": {
                "l": [s["Action"]],
                "s": '${[for a in local.l : {Effect="Allow",Action=a,Resource="*"}]}',
            }
        },
    ),
)
both_ways(
    "concat",
    lambda s: merged(
        resources(
            ram__a=ram_policy(
                '${jsonencode({Version="1",Statement=[{Effect="Allow",Action=concat(["a:b"],local.l),Resource="*"}]})}'
            )
        ),
        {"locals": {"l": [s["Action"]]}},
    ),
)
both_ways(
    "splat",
    lambda s: merged(
        resources(
            ram__a=ram_policy(
                '${jsonencode({Version="1",Statement=[{Effect="Allow",Action=local.l[*].n,Resource="*"}]})}'
            )
        ),
        {"locals": {"l": [{"n": s["Action"]}]}},
    ),
)
both_ways(
    "base64",
    lambda s: merged(
        resources(ram__a=ram_policy("${base64decode(local.b)}")),
        {"locals": {"b": base64.b64encode(document(s).encode()).decode()}},
    ),
)
both_ways(
    "replace",
    lambda s: merged(
        resources(ram__a=ram_policy('${replace(local.t, "ACTION", local.a)}')),
        {"locals": {"t": document({**READ, "Action": "ACTION"}), "a": s["Action"]}},
    ),
)
both_ways(
    "join",
    lambda s: merged(
        resources(
            ram__a=ram_policy(
                '${jsonencode({Version="1",Statement=[{Effect="Allow",Action=split(",",join(",",local.l)),Resource="*"}]})}'
            )
        ),
        {"locals": {"l": [s["Action"]]}},
    ),
)
both_ways(
    "template-inside",
    lambda s: merged(
        resources(ram__a=ram_policy(document({**READ, "Action": "${local.a}"}))),
        {"locals": {"a": s["Action"]}},
    ),
)
both_ways(
    "template-directive",
    lambda s: merged(
        resources(
            ram__a=ram_policy(
                document({**READ, "Action": "%{ if local.f }*%{ else }oss:GetObject%{ endif }"})
            )
        ),
        {"locals": {"f": s is ADMIN}},
    ),
)
both_ways(
    "file",
    lambda s: {"main.tf.json": resources(ram__a=ram_policy('${file("p.json")}')), "p.json": document(s)},
)
both_ways(
    "file-module-path",
    lambda s: {
        "main.tf.json": resources(ram__a=ram_policy('${file("${path.module}/p.json")}')),
        "p.json": document(s),
    },
)
both_ways(
    "templatefile",
    lambda s: {
        "main.tf.json": resources(ram__a=ram_policy('${templatefile("p.tpl", {a = local.a})}')),
        "locals.tf.json": {"locals": {"a": s["Action"]}},
        "p.tpl": document({**READ, "Action": "${a}"}),
    },
)
both_ways(
    "data-doc",
    lambda s: merged(
        resources(ram__a=ram_policy("${data.alicloud_ram_policy_document.d.document}")),
        {
            "data": {
                "alicloud_ram_policy_document": {
                    "d": {
                        "version": "1",
                        "statement": [{"effect": "Allow", "action": [s["Action"]], "resource": ["*"]}],
                    }
                }
            }
        },
    ),
)
both_ways(
    "data-doc-dynamic",
    lambda s: merged(
        resources(ram__a=ram_policy("${data.alicloud_ram_policy_document.d.document}")),
        {
            "locals": {"l": [s["Action"]]},
            "data": {
                "alicloud_ram_policy_document": {
                    "d": {
                        "version": "1",
                        "dynamic": {
                            "statement": {
                                "for_each": "${local.l}",
                                "content": {
                                    "effect": "Allow",
                                    "action": ["${statement.value}"],
                                    "resource": ["*"],
                                },
                            }
                        },
                    }
                }
            },
        },
    ),
)
both_ways(
    "statement-block",
    lambda s: resources(
        ram__a={
            "policy_name": "reader",
            "statement": [{"effect": "Allow", "action": [s["Action"]], "resource": ["*"]}],
        }
    ),
)
both_ways(
    "statement-block-single",
    lambda s: resources(
        ram__a={
            "policy_name": "reader",
            "statement": {"effect": "Allow", "action": [s["Action"]], "resource": ["*"]},
        }
    ),
)
both_ways(
    "statement-dynamic",
    lambda s: merged(
        resources(
            ram__a={
                "policy_name": "reader",
                "dynamic": {
                    "statement": {
                        "for_each": [s["Action"]],
                        "content": {"effect": "Allow", "action": ["${statement.value}"], "resource": ["*"]},
                    }
                },
            }
        )
    ),
)
both_ways(
    "statement-dynamic-iterator",
    lambda s: merged(
        resources(
            ram__a={
                "policy_name": "reader",
                "dynamic": [
                    {
                        "statement": [
                            {
                                "iterator": "st",
                                "for_each": "${toset(local.l)}",
                                "content": [{"effect": "Allow", "action": ["${st.key}"], "resource": ["*"]}],
                            }
                        ]
                    }
                ],
            }
        ),
        {"locals": {"l": [s["Action"]]}},
    ),
)
both_ways("former-names", lambda s: resources(ram__a={"name": "reader", "document": document(s)}))
both_ways(
    "former-document-new-name", lambda s: resources(ram__a={"policy_name": "reader", "document": document(s)})
)
both_ways(
    "override-file",
    lambda s: {
        "main.tf.json": resources(ram__a=ram_policy(document(READ))),
        "override.tf.json": resources(ram__a={"policy_document": document(s)}),
    },
)
both_ways(
    "override-file-2",
    lambda s: {
        "main.tf.json": resources(ram__a=ram_policy(document(READ))),
        "x_override.tf.json": resources(ram__a={"policy_document": document(s)}),
    },
)
both_ways(
    "override-local",
    lambda s: {
        "main.tf.json": merged(resources(ram__a=ram_policy("${local.d}")), {"locals": {"d": document(READ)}}),
        "override.tf.json": {"locals": {"d": document(s)}},
    },
)
both_ways(
    "override-var",
    lambda s: {
        "main.tf.json": merged(
            resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {"default": document(READ)}}}
        ),
        "override.tf.json": {"variable": {"d": {"default": document(s)}}},
    },
)
both_ways(
    "tfvars-auto",
    lambda s: {
        "main.tf.json": merged(
            resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {"default": document(READ)}}}
        ),
        "a.auto.tfvars.json": {"d": document(s)},
    },
)
both_ways(
    "tfvars",
    lambda s: {
        "main.tf.json": merged(
            resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {"default": document(READ)}}}
        ),
        "terraform.tfvars": "d = " + json.dumps(document(s)) + "\n",
    },
)
both_ways(
    "module-input",
    lambda s: {
        "main.tf.json": {"module": {"m": {"source": "./m", "d": document(s)}}},
        "m/main.tf.json": merged(resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {}}}),
    },
)
both_ways(
    "module-default",
    lambda s: {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf.json": merged(
            resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {"default": document(s)}}}
        ),
    },
)
both_ways(
    "module-output",
    lambda s: {
        "main.tf.json": merged(
            resources(ram__a=ram_policy("${module.m.d}")), {"module": {"m": {"source": "./m"}}}
        ),
        "m/main.tf.json": {"output": {"d": {"value": document(s)}}},
    },
)
both_ways(
    "module-output-local",
    lambda s: {
        "main.tf.json": merged(
            resources(ram__a=ram_policy("${local.x}")),
            {"locals": {"x": "${module.m.d}"}, "module": {"m": {"source": "./m", "a": s["Action"]}}},
        ),
        "m/main.tf.json": {
            "variable": {"a": {}},
            "output": {"d": {"value": document({**READ, "Action": "${var.a}"})}},
        },
    },
)
both_ways(
    "module-for-each",
    lambda s: {
        "main.tf.json": {
            "module": {"m": {"source": "./m", "for_each": {"x": document(s)}, "d": "${each.value}"}}
        },
        "m/main.tf.json": merged(resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {}}}),
    },
)
both_ways(
    "module-nested",
    lambda s: {
        "main.tf.json": {"module": {"m": {"source": "./m", "a": s["Action"]}}},
        "m/main.tf.json": {
            "variable": {"a": {}},
            "module": {"n": {"source": "../n", "d": document({**READ, "Action": "${var.a}"})}},
        },
        "n/main.tf.json": merged(resources(ram__a=ram_policy("${var.d}")), {"variable": {"d": {}}}),
    },
)
both_ways(
    "module-hcl",
    lambda s: {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf": 'resource "alicloud_ram_policy" "a" {\n  policy_name = "reader"\n  policy_document = '
        + json.dumps(document(s))
        + "\n}\n",
    },
)
both_ways(
    "module-registry-version",
    lambda s: {
        "main.tf.json": {
            "module": {"m": {"source": "x/y/alicloud", "version": "1.0" if s is READ else "2.0"}}
        }
    },
)
both_ways(
    "module-registry-input",
    lambda s: {
        "main.tf.json": {"module": {"m": {"source": "x/y/alicloud", "version": "1.0", "d": document(s)}}}
    },
)
both_ways(
    "module-git-ref",
    lambda s: {
        "main.tf.json": {"module": {"m": {"source": "git::https://x/y?ref=" + ("1" if s is READ else "2")}}}
    },
)
both_ways(
    "module-registry-input-local",
    lambda s: {
        "main.tf.json": {
            "locals": {"d": document(s)},
            "module": {"m": {"source": "x/y/alicloud", "version": "1.0", "d": "${local.d}"}},
        }
    },
)
both_ways(
    "for-each-value",
    lambda s: resources(
        ram__a=ram_policy("${each.value}", for_each={"x": document(s)}, policy_name="${each.key}")
    ),
)
both_ways(
    "for-each-action",
    lambda s: resources(
        ram__a=ram_policy(document({**READ, "Action": "${each.value}"}), for_each={"x": s["Action"]})
    ),
)
both_ways(
    "count-index",
    lambda s: merged(
        resources(ram__a=ram_policy("${local.l[count.index]}", count=1)), {"locals": {"l": [document(s)]}}
    ),
)
both_ways(
    "other-resource-arg",
    lambda s: merged(
        resources(ram__a=ram_policy("${terraform_data.t.input}"), terraform_data__t={"input": document(s)})
    ),
)
both_ways(
    "other-resource-output",
    lambda s: merged(
        resources(ram__a=ram_policy("${terraform_data.t.output}"), terraform_data__t={"input": document(s)})
    ),
)
both_ways(
    "data-other",
    lambda s: merged(
        resources(ram__a=ram_policy("${data.http.t.body}")),
        {"data": {"http": {"t": {"url": "http://" + s["Action"].replace(":", "").replace("*", "x")}}}},
    ),
)
both_ways(
    "provider-function",
    lambda s: merged(
        resources(ram__a=ram_policy("${provider::x::f(local.a)}")), {"locals": {"a": s["Action"]}}
    ),
)
both_ways(
    "yamlencode",
    lambda s: merged(
        resources(ram__a=ram_policy("${jsonencode(yamldecode(local.y))}")),
        {"locals": {"y": json.dumps(parsed(s))}},
    ),
)
both_ways(
    "jsondecode",
    lambda s: merged(
        resources(ram__a=ram_policy("${jsonencode(jsondecode(local.y))}")),
        {"locals": {"y": json.dumps(parsed(s))}},
    ),
)
both_ways(
    "try",
    lambda s: merged(resources(ram__a=ram_policy('${try(local.d, "")}')), {"locals": {"d": document(s)}}),
)
both_ways(
    "coalesce",
    lambda s: merged(
        resources(ram__a=ram_policy("${coalesce(var.d, local.d)}")),
        {"variable": {"d": {"default": None}}, "locals": {"d": document(s)}},
    ),
)
both_ways(
    "one", lambda s: merged(resources(ram__a=ram_policy("${one([local.d])}")), {"locals": {"d": document(s)}})
)
both_ways(
    "unicode-escape",
    lambda s: resources(
        ram__a=ram_policy(document(s).replace("*", "\\u002a") if s is ADMIN else document(s))
    ),
)
both_ways(
    "nonsensitive",
    lambda s: merged(
        resources(ram__a=ram_policy("${nonsensitive(sensitive(local.d))}")), {"locals": {"d": document(s)}}
    ),
)
both_ways(
    "resource-list", lambda s: {"resource": [{"alicloud_ram_policy": [{"a": [ram_policy(document(s))]}]}]}
)
both_ways(
    "cdktf-token",
    lambda s: merged(
        resources(ram__a=ram_policy("${data.alicloud_ram_policy_document.d.document}")),
        {
            "data": [
                {
                    "alicloud_ram_policy_document": [
                        {"d": [{"//": "x", "statement": [{"action": [s["Action"]], "resource": ["*"]}]}]}
                    ]
                }
            ]
        },
    ),
)
both_ways("version-doc", lambda s: resources(ver__a=policy_version(document(s))))
both_ways(
    "version-local",
    lambda s: merged(resources(ver__a=policy_version("${local.d}")), {"locals": {"d": document(s)}}),
)
both_ways(
    "json-dup-comment",
    lambda s: merged({"//": "c"}, resources(ram__a={"//": {"x": 1}, **ram_policy(document(s))})),
)


def by_index(key: str, doc: str) -> Any:
    """A document that is found under a number or a boolean, and another one where nothing is found."""
    text = f"${{try(local.m[{key}], local.other)}}"
    values = {"m": {key: doc}, "other": document(READ)}
    return merged(resources(ram__a=ram_policy(text)), {"locals": values})


for key in ("1", "true"):
    case(f"doc-try-key-{key}", FAILS, by_index(key, document(READ)), by_index(key, document(ADMIN)))


def beyond_ascii(value: Any, text: str) -> Any:
    data = {"data": {"x": {"z": {"ü": value}}}}
    return merged(resources(hbr__a=backup_policy(BACKUP, transition(text))), data)


def document_beyond_ascii(value: Any) -> Any:
    action = {"Effect": "Allow", "Action": '${data.x.z["ü"]}', "Resource": "*"}
    text = json.dumps({"Version": "1", "Statement": [action]}, ensure_ascii=False)
    return merged(resources(ram__a=ram_policy(text)), {"data": {"x": {"z": {"ü": value}}}})


VALUE = '${data.x.z["ü"]}'
case("backup-value-beyond-ascii", FAILS, beyond_ascii(30, VALUE), beyond_ascii(3, VALUE))
case("backup-value-beyond-ascii-same", CLEAN, beyond_ascii(30, VALUE), beyond_ascii(30, VALUE))
case("doc-value-beyond-ascii", FAILS, document_beyond_ascii("a"), document_beyond_ascii("b"))
case("doc-value-beyond-ascii-same", CLEAN, document_beyond_ascii("a"), document_beyond_ascii("a"))
case(
    "ignore-doc-by-both-names",
    CLEAN,
    resources(ram__a={"policy_name": "reader", "document": document(READ), "rotate_strategy": "None"}),
    resources(ram__a=ram_policy(document(ADMIN), lifecycle=ignoring("document", "policy_document"))),
)


def of_principals(*identifiers: str, **others: str) -> Any:
    """A document of which `data` says who may act: once for each, and all of one entity."""
    principals = [{"entity": "RAM", "identifiers": [each], **others} for each in identifiers]
    block = {"effect": "Allow", "action": ["sts:AssumeRole"], "principal": principals}
    body = {
        "role_name": "r",
        "assume_role_policy_document": "${data.alicloud_ram_policy_document.d.document}",
    }
    return merged(
        resources(alicloud_ram_role__r=body),
        {"data": {"alicloud_ram_policy_document": {"d": {"statement": [block]}}}},
    )


case("doc-principal", FAILS, of_principals("acs:ram::1:root"), of_principals("*"))
case("doc-principal-same", CLEAN, of_principals("acs:ram::1:root"), of_principals("acs:ram::1:root"))
case("doc-principal-unknown-argument", FAILS, of_principals("a", other="b"), of_principals("a", other="c"))
case("doc-principal-twice", FAILS, of_principals("acs:ram::1:root", "a"), of_principals("*", "a"))


def of_statement(resource: str, **others: Any) -> Any:
    block = {"action": ["*"], "resource": [resource]}
    return resources(ram__a={"policy_name": "reader", "statement": [block], **others})


case("statement-unknown", FAILS, of_statement("acs:oss:*:*:a"), of_statement("${data.x.y.q}"))
case(
    "statement-text-like-an-expression",
    CLEAN,
    of_statement("acs:oss:*:*:$${a}/*", description="${data.x.y.q}"),
    of_statement("acs:oss:*:*:$${a}/b", description="${data.x.y.q}"),
)


def under_conditions(value: str) -> Any:
    """Two conditions of one variable, which is written as a number."""
    conditions = [{"operator": "StringEquals", "variable": 1, "values": [each]} for each in (value, "b")]
    block = {"action": ["*"], "resource": ["*"], "condition": conditions}
    return resources(ram__a={"policy_name": "reader", "statement": [block]})


case("statement-variable-twice", FAILS, under_conditions("a"), under_conditions("*"))
