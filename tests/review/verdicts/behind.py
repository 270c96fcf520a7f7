"""What stands behind an expression: blocks, instances, modules, files: all of it, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    ADMIN,
    BACKUP,
    CLEAN,
    FAILS,
    READ,
    Json,
    backup_policy,
    case,
    document,
    ignoring,
    merged,
    ram_policy,
    resources,
    transition,
)


def http(**urls: str) -> Json:
    return {"data": {"http": {name: {"url": url} for name, url in urls.items()}}}


def reading(text: str, **others: Any) -> Json:
    """A policy that allows to read what an expression names."""
    allowed = document({**READ, "Resource": "RESOURCE"}).replace("RESOURCE", text)
    return resources(ram__a=ram_policy(allowed, **others))


def calling(text: str, module: Json, **call: Any) -> Json:
    """A policy that reads what an expression names, and a module in a folder."""
    main = merged(reading(text), {"module": {"m": {"source": "./m", **call}}})
    return {"main.tf.json": main, "m/main.tf.json": module}


# ------------------------------------------------------------ blocks

for which, differs in (("first", {"a": "2", "b": "1"}), ("second", {"a": "1", "b": "2"})):
    text = "${join(data.http.a.body, data.http.b.body)}"
    case(
        f"behind-data-{which}",
        FAILS,
        merged(reading(text), http(a="1", b="1")),
        merged(reading(text), http(**differs)),
    )


def of_vault(text: str, **vault: Any) -> Json:
    given = {"vault_name": "v", "redundancy_type": "LRS", **vault}
    return merged(reading(text), resources(alicloud_hbr_vault__v=given))


VAULT_ID = "${alicloud_hbr_vault.v.id}"
VAULT_BOTH = "${join(alicloud_hbr_vault.v.id, alicloud_hbr_vault.v.vault_name)}"
case("behind-vault-id-name", CLEAN, of_vault(VAULT_ID), of_vault(VAULT_ID, vault_name="w"))
case("behind-vault-id-type", FAILS, of_vault(VAULT_ID), of_vault(VAULT_ID, redundancy_type="ZRS"))
case(
    "behind-vault-id-and-name",
    FAILS,
    of_vault(VAULT_BOTH),
    of_vault(VAULT_BOTH, vault_name="w"),
)
case(
    "behind-id-of-another",
    FAILS,
    *(merged(reading("${random_pet.x.id}"), resources(random_pet__x={"vault_name": name})) for name in "ab"),
)
for text in ("${data.http}", "${local}", "${http}", "${module.m}", "${module}"):
    case(f"behind-no-block {text}", FAILS, reading(text), reading(text))

# A name that is not ASCII, in an argument, in settings, and in JSON text.
SOURCE = '${data.http.a.headers["é"]}'
case(
    "behind-not-ascii",
    FAILS,
    *(merged(resources(hbr__a=backup_policy({**BACKUP, "schedule": SOURCE})), http(a=url)) for url in "12"),
)
case(
    "behind-not-ascii-in-blocks",
    FAILS,
    *(
        merged(
            resources(
                ram__a={
                    "policy_name": "reader",
                    "statement": [{"effect": "Allow", "action": ["oss:*"], "resource": [SOURCE]}],
                    "rotate_strategy": "None",
                }
            ),
            http(a=url),
        )
        for url in "12"
    ),
)
# ------------------------------------------------------------ names


def for_each(text: str, each: Any, **others: Json) -> Json:
    return merged(
        reading(text, for_each={"a": "1", "b": each}, policy_name="${each.key}"), http(a="1"), others
    )


TEXT = "${each.value}"
case(
    "behind-each",
    FAILS,
    for_each(TEXT, "${data.http.a.body}"),
    merged(for_each(TEXT, "${data.http.a.body}"), http(a="2")),
)
case("behind-each-same", CLEAN, for_each(TEXT, "${data.http.a.body}"), for_each(TEXT, "${data.http.a.body}"))
TEXT = "${join(each.value, data.http.a.parts)}"
case("behind-each-value", FAILS, for_each(TEXT, "1"), for_each(TEXT, "2"))
case("behind-each-value-same", CLEAN, for_each(TEXT, "1"), for_each(TEXT, "1"))


# ------------------------------------------------------------ modules

TEXT = "${data.http.a.body}"
OUTPUTS = {"output": {name: {"value": f"${{data.http.{name}.body}}"} for name in "ab"}}
for which, expected, text, url in (
    ("output", FAILS, "${module.m.a}", "2"),
    ("another-output", CLEAN, "${module.m.b}", "2"),
    ("both-outputs", FAILS, "${join(module.m.b, module.m.a)}", "2"),
    ("outputs-in-order", FAILS, "${join(module.m.a, module.m.b)}", "3"),
    ("whole", FAILS, "${join(module.m)}", "2"),
    ("missing", CLEAN, "${module.m.missing}", "1"),  # Terraform refuses it
):
    changed = {"a": url} if url != "3" else {"b": url}
    case(
        f"behind-module-{which}",
        expected,
        calling(text, {**OUTPUTS, **http(a="1", b="1")}),
        calling(text, {**OUTPUTS, **http(**{"a": "1", "b": "1", **changed})}),
    )
INNER = merged(reading("${var.d}"), {"variable": {"d": {}}})


def given(value: Any, url: str = "1") -> Json:
    return {
        "main.tf.json": merged({"module": {"m": {"source": "./m", "d": value}}}, http(a=url)),
        "m/main.tf.json": INNER,
    }


case("behind-variable", FAILS, given(TEXT), given(TEXT, "2"))
case("behind-variable-same", CLEAN, given(TEXT), given(TEXT))


def instances(**actions: str) -> Json:
    """A document that a module of several instances makes."""
    call = {"source": "./m", "for_each": actions, "d": "${each.value}"}
    main = merged(resources(ram__a=ram_policy('${module.m["b"].d}')), {"module": {"m": call}})
    inner = {"variable": {"d": {}}, "output": {"d": {"value": "${var.d}"}}}
    return {"main.tf.json": main, "m/main.tf.json": inner}


READ_TEXT, ADMIN_TEXT = document(READ), document(ADMIN)
case("behind-instance", FAILS, instances(a=READ_TEXT, b=READ_TEXT), instances(a=READ_TEXT, b=ADMIN_TEXT))
case("behind-instance-same", CLEAN, instances(a=READ_TEXT, b=READ_TEXT), instances(a=READ_TEXT, b=READ_TEXT))


def in_module(file: str, root: str, module: str) -> Json:
    """A policy in a module whose document is a file's."""
    return {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf.json": resources(ram__a=ram_policy(f'${{file("{file}")}}')),
        "x.json": root,
        "m/x.json": module,
    }


for where, expected in (("root", FAILS), ("module", CLEAN)):
    path = f"${{path.{where}}}/x.json"
    case(
        f"behind-path-{where}",
        expected,
        in_module(path, READ_TEXT, READ_TEXT),
        in_module(path, ADMIN_TEXT, READ_TEXT),
    )
case(
    "behind-path-cwd",
    FAILS,
    *(in_module("${path.cwd}/x.json", READ_TEXT, READ_TEXT) for _ in ("old", "new")),
)
case(
    "behind-path-module-changed",
    FAILS,
    in_module("${path.module}/x.json", READ_TEXT, READ_TEXT),
    in_module("${path.module}/x.json", READ_TEXT, ADMIN_TEXT),
)
# A folder that is called as a module of the registry is not that module.
case(
    "behind-registry-folder",
    CLEAN,
    *(
        {
            "main.tf.json": {"module": {"m": {"source": "a/b/c", "version": "1.0.0"}}},
            "a/b/c/main.tf.json": resources(ram__a=ram_policy(document(statement))),
        }
        for statement in (READ, ADMIN)
    ),
)

# ------------------------------------------------------------ files

for which, expected, main in (
    (
        "source",
        FAILS,
        merged(resources(ram__a=ram_policy("${tool.t.out}")), resources(tool__t={"source": "x.json"})),
    ),
    (
        "local",
        CLEAN,
        merged(reading("${local.a.b}"), {"locals": {"a": {"b": TEXT, "c": "x.json"}}}, http(a="1")),
    ),
):
    case(f"behind-file-{which}", expected, *({"main.tf.json": main, "x.json": text} for text in "12"))

# ------------------------------------------------------------ values

MANY = {f"a{index}": f"b{index}" for index in range(31)}
case(
    "behind-many-locals",
    FAILS,
    *(
        merged(
            reading("".join(f"${{local.{name}}}" for name in MANY)).copy(),
            resources(ram__b=ram_policy("${local.d}", policy_name="b")),
            {"locals": {**MANY, "d": document(statement)}},
        )
        for statement in (READ, ADMIN)
    ),
)
for number in (1.5, 1e16):
    case(
        f"behind-number-{number}",
        FAILS,
        *(
            merged(resources(hbr__a=backup_policy(BACKUP, transition("${local.n}"))), {"locals": {"n": days}})
            for days in (1, number)
        ),
    )
case(
    "behind-for-each-list",
    FAILS,
    *(resources(ram__a=ram_policy(document(READ), for_each=names)) for names in (["a"], ["a", "b"])),
)
case(
    "behind-not-ascii-key",
    FAILS,
    *(resources(hbr__a={**backup_policy(), "for_each": dict.fromkeys(keys, "")}) for keys in ("éa", "a")),
)
STRATEGY = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
case(
    "behind-ignored-new",
    CLEAN,
    *(
        resources(
            ram__a={
                "policy_name": "reader",
                "policy_document": READ_TEXT,
                "lifecycle": ignoring("rotate_strategy"),
                **rotation,
            }
        )
        for rotation in ({}, {"rotate_strategy": STRATEGY})
    ),
)

# ------------------------------------------------------------ the policy of a binding


def bound(policy_id: str, others: Json | None = None, **repeated: Any) -> Json:
    """Two policies that do the same, and a binding of one."""
    binding = {"policy_id": policy_id, "source_type": "OSS", "data_source_id": "photos", **repeated}
    policies = {"hbr__p": backup_policy(), "hbr__q": backup_policy(policy_name="other")}
    return merged(resources(**policies, alicloud_hbr_policy_binding__b=binding), others or {})


P, Q = (f"${{alicloud_hbr_policy.{name}.id}}" for name in "pq")
IDS: dict[str, tuple[int, Any]] = {
    "policies": (CLEAN, {"a": P, "b": Q}),
    "not-all-policies": (FAILS, {"a": P, "b": "po-1"}),
    "data-too": (FAILS, {"a": P, "b": "${data.x.y.q}"}),
    "expression-too": (FAILS, {"a": P, "b": "${data.x.y.q + 1}"}),
    "circle": (FAILS, {"a": P, "b": "${local.ids.a}"}),
    "many": (FAILS, {f"a{number}": Q for number in range(400)}),
}
for which, (expected, ids) in IDS.items():
    case(f"behind-binding-{which}", expected, bound(P), bound("${local.ids.a}", {"locals": {"ids": ids}}))
for which, expected, policy_id in (
    ("each", CLEAN, "${each.value}"),
    ("no-name", FAILS, "${foo}"),
    ("data-of-each", FAILS, "${data.x.y.q}"),
):
    case(
        f"behind-binding-{which}",
        expected,
        bound(P, for_each={"a": "1"}),
        bound(policy_id, for_each={"a": Q}),
    )
TAG = {"rule_type": "TAG", "tag_filters": [{"key": "team", "operator": "EQUAL", "value": "x"}]}
tagging = resources(hbr__p=backup_policy(BACKUP, transition(), TAG))
case("behind-binding-without-its-tags", CLEAN, *(bound(each, tagging) for each in (P, Q)))
OUTPUT = {"output": {"id": {"value": "${alicloud_hbr_policy.q.id}"}, "m": {"value": "po-1"}}}
for which, expected, policy_id, days in (
    ("output", CLEAN, "${module.m.id}", 30),
    ("output-shorter", FAILS, "${module.m.id}", 3),
    ("no-output", FAILS, "${module.m.x}", 30),
    ("whole-module", FAILS, "${module.m}", 30),
    ("no-module", FAILS, "${module.n.id}", 30),
):
    rules = BACKUP, transition(days)
    module = {**resources(hbr__q=backup_policy(*rules, policy_name="third")), **OUTPUT}
    case(
        f"behind-binding-{which}",
        expected,
        *(
            {"main.tf.json": bound(text, {"module": {"m": {"source": "./m"}}}), "m/main.tf.json": module}
            for text in (P, policy_id)
        ),
    )
