"""What stands around the resources: the provider, the state, commands, guards, and where data is read."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    ADMIN,
    BACKUP,
    CLEAN,
    FAILS,
    READ,
    REFUSED,
    Json,
    backup_policy,
    case,
    document,
    merged,
    policy_version,
    provider,
    ram_policy,
    resources,
    transition,
)
from tests.review.verdicts.plans import RAM_TYPE, applied_ram, change, plan

POLICY = resources(hbr__a=backup_policy())


def beside_policy(name: str, expected: int, old: Json, new: Json) -> None:
    """Both sides with the same policy."""
    case(f"around-{name}", expected, merged(POLICY, old), merged(POLICY, new))


# ------------------------------------------------------------ providers


def required(label: str = "alicloud", **entry: Any) -> Json:
    return {"terraform": {"required_providers": {label: entry}}}


OFFICIAL = required(source="aliyun/alicloud")
beside_policy("source", FAILS, OFFICIAL, required(source="somebody/alicloud"))
beside_policy("source-host", FAILS, OFFICIAL, required(source="example.org/aliyun/alicloud"))
beside_policy("source-host-named", CLEAN, OFFICIAL, required(source="registry.terraform.io/aliyun/alicloud"))
beside_policy("source-default", CLEAN, {}, OFFICIAL)
beside_policy("source-from-default", FAILS, {}, required(source="somebody/alicloud"))
beside_policy("source-to-default", FAILS, required(source="somebody/alicloud"), {})
beside_policy("source-case", CLEAN, OFFICIAL, required(source="Aliyun/AliCloud"))
beside_policy("source-other-name", FAILS, required("x", source="a/x"), required("x", source="b/x"))
beside_policy("source-one-more", CLEAN, OFFICIAL, merged(OFFICIAL, required("x", source="a/x")))
beside_policy("version", CLEAN, required(version="1.2.0"), required(version="~> 1.3"))
beside_policy(
    "version-of-a-provider-of-ones-own",
    CLEAN,
    required(source="example.org/own/cloud", version="1"),
    required(source="example.org/own/cloud", version="2"),
)
beside_policy(
    "version-of-a-provider-by-another-name",
    CLEAN,
    required("ali", source="aliyun/alicloud", version="1"),
    required("ali", source="aliyun/alicloud", version="2"),
)
beside_policy(
    "version-of-another-provider",
    CLEAN,
    required("vault", source="hashicorp/vault", version="1"),
    required("vault", source="hashicorp/vault", version="2"),
)
beside_policy("version-in-a-provider", CLEAN, provider(version="1"), provider(version="2"))
beside_policy("version-string", CLEAN, OFFICIAL, {"terraform": {"required_providers": {"alicloud": "1.2"}}})
beside_policy(
    "source-in-list",
    FAILS,
    {"terraform": [OFFICIAL["terraform"]]},
    {"terraform": [{"required_version": ">= 1"}, required(source="somebody/alicloud")["terraform"]]},
)
LOCKED = 'provider "registry.terraform.io/aliyun/{0}" {{\n  version     = "{1}"\n  hashes = []\n}}\n'
LOCKS: dict[str, tuple[str, str]] = {
    "other": (LOCKED.format("alicloud", "1.2.0"), LOCKED.format("alicloud", "1.3.0")),
    "new": ("", LOCKED.format("alicloud", "1.3.0")),
    "same": (LOCKED.format("alicloud", "1.2.0"), LOCKED.format("alicloud", "1.2.0")),
    "of-no-concern": (LOCKED.format("random", "1.2.0"), LOCKED.format("random", "1.3.0")),
}
for name, (old_lock, new_lock) in LOCKS.items():
    case(
        f"around-locked-{name}",
        CLEAN,
        {"main.tf.json": POLICY, **({".terraform.lock.hcl": old_lock} if old_lock else {})},
        {"main.tf.json": POLICY, ".terraform.lock.hcl": new_lock},
    )
for name, (of_ali, expected) in {
    "other": ("somebody/alicloud", FAILS),
    "same": ("aliyun/alicloud", CLEAN),
}.items():
    both = {"alicloud": {"source": "aliyun/alicloud"}, "ali": {"source": of_ali}}
    providers: Json = {"terraform": {"required_providers": both}}
    case(
        f"around-source-of-{name}-local-name",
        expected,
        merged(POLICY, providers),
        merged(resources(hbr__a=backup_policy(provider="ali")), providers),
    )
case(
    "around-source-of-module",
    FAILS,
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf.json": merged(POLICY, OFFICIAL),
    },
    {
        "main.tf.json": {"module": {"m": {"source": "./m"}}},
        "m/main.tf.json": merged(POLICY, required(source="somebody/alicloud")),
    },
)
case(
    "around-source-overridden",
    FAILS,
    {"main.tf.json": merged(POLICY, OFFICIAL)},
    {"main.tf.json": merged(POLICY, OFFICIAL), "override.tf.json": required(source="somebody/alicloud")},
)

# ------------------------------------------------------------ arguments of the provider

for a, (x, y) in {
    "secret_key": ("A", "B"),
    "security_token": ("A", "B"),
    "tenant": ("a", "b"),
    "sign_version": ([{"oss": "v1"}], [{"oss": "v4"}]),
}.items():
    beside_policy(f"provider-{a}", FAILS, provider(**{a: x}), provider(**{a: y}))
    beside_policy(f"provider-{a}-new", FAILS, provider(region="a"), provider(region="a", **{a: y}))
    beside_policy(f"provider-{a}-same", CLEAN, provider(**{a: x}), provider(**{a: x}))
    case(
        f"around-provider-{a}-ram",
        FAILS,
        merged(resources(ram__a=ram_policy(document(READ))), provider(**{a: x})),
        merged(resources(ram__a=ram_policy(document(READ))), provider(**{a: y})),
    )
for a in ("client_read_timeout", "max_retry_timeout", "skip_region_validation", "configuration_source"):
    beside_policy(f"provider-{a}", CLEAN, provider(**{a: "1"}), provider(**{a: "2"}))
beside_policy("provider-empty", CLEAN, provider(security_token=""), provider())
beside_policy(
    "provider-argument-behind",
    FAILS,
    merged(provider(security_token="${var.t}"), {"variable": {"t": {"default": "a"}}}),
    merged(provider(security_token="${var.t}"), {"variable": {"t": {"default": "b"}}}),
)
for a in ("access_key", "security_token", "profile"):
    beside_policy(
        f"provider-{a}-of-data",
        FAILS,
        merged(provider(**{a: "${data.x.z.q}"}), {"data": {"x": {"z": {"q": "1"}}}}),
        merged(provider(**{a: "${data.x.z.q}"}), {"data": {"x": {"z": {"q": "2"}}}}),
    )
beside_policy(
    "provider-access_key-ephemeral",
    CLEAN,
    merged(provider(access_key="${ephemeral.x.z.q}"), {"ephemeral": {"x": {"z": {"q": "1"}}}}),
    merged(provider(access_key="${ephemeral.x.z.q}"), {"ephemeral": {"x": {"z": {"q": "1"}}}}),
)
beside_policy(
    "provider-access_key-other-ephemeral",
    FAILS,
    merged(provider(access_key="${ephemeral.x.z.q}"), {"ephemeral": {"x": {"z": {"q": "1"}}}}),
    merged(provider(access_key="${ephemeral.x.z.q}"), {"ephemeral": {"x": {"z": {"q": "2"}}}}),
)
case(
    "around-provider-ram-endpoint",
    FAILS,
    merged(resources(ram__a=ram_policy(document(READ))), provider(endpoints=[{"ram": "a"}])),
    merged(resources(ram__a=ram_policy(document(READ))), provider(endpoints=[{"ram": "b"}])),
)
case(
    "around-provider-argument-of-alias",
    FAILS,
    merged(
        resources(ver__a=policy_version(document(READ))),
        {"provider": {"alipolicy": [{}, {"alias": "w", "security_token": "x"}]}},
    ),
    merged(
        resources(ver__a=policy_version(document(READ), provider="alipolicy.w")),
        {"provider": {"alipolicy": [{}, {"alias": "w", "security_token": "x"}]}},
    ),
)
BINDING = {"source_type": "UDM_ECS", "data_source_id": "i-1", "policy_id": "po-1", "disabled": False}
case(
    "around-provider-argument-of-binding",
    FAILS,
    merged(resources(alicloud_hbr_policy_binding__a=BINDING), provider(security_token="A")),
    merged(resources(alicloud_hbr_policy_binding__a=BINDING), provider(security_token="B")),
)
for name, (handed, other) in {
    "map": ({"alicloud": "alicloud.v"}, {"alicloud": "alicloud.w"}),
    "new": ({}, {"alicloud": "alicloud.w"}),
    "list": ([{"alicloud": "alicloud.v"}], [{"alicloud": "alicloud.w"}]),
}.items():
    case(
        f"around-provider-handed-from-elsewhere-{name}",
        FAILS,
        {"main.tf.json": {"module": {"m": {"source": "./m", "providers": handed}}}, "m/main.tf.json": POLICY},
        {"main.tf.json": {"module": {"m": {"source": "./m", "providers": other}}}, "m/main.tf.json": POLICY},
    )
for name in ("assume_role", "endpoints"):
    beside_policy(f"provider-{name}-no-block", FAILS, provider(), provider(**{name: "${var.x}"}))
beside_policy(
    "provider-endpoints-written-otherwise",
    CLEAN,
    provider(endpoints=[{"hbr": "a"}]),
    provider(endpoints={"hbr": "a"}),
)
VAULTS = "${data.alicloud_hbr_vaults.v.ids[0]}"
WORKING_AT: dict[str, tuple[Json, Json]] = {
    "region": ({"region": "a"}, {"region": "b"}),
    "token": ({"security_token": "a"}, {"security_token": "b"}),
    "role": (
        {"assume_role": [{"role_arn": "acs:ram::1:role/x"}]},
        {"assume_role": [{"role_arn": "acs:ram::2:role/x"}]},
    ),
}
for name, (of_old, of_new) in WORKING_AT.items():
    body = {"alicloud_hbr_vaults": {"v": {"provider": "alicloud.w", "name_regex": "x"}}}
    rule = {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": "I|1648605600|P1D"}
    policy = resources(
        hbr__a=backup_policy({**rule, "vault_id": VAULTS}, {"rule_type": "TRANSITION", "retention": 30})
    )
    case(
        f"around-data-{name}",
        FAILS,
        merged(policy, {"data": body}, {"provider": {"alicloud": [{}, {"alias": "w", **of_old}]}}),
        merged(policy, {"data": body}, {"provider": {"alicloud": [{}, {"alias": "w", **of_new}]}}),
    )
OF_NO_FOLDER = {"module": {"m": {"source": "./none"}}}
beside_policy("module-of-no-folder", FAILS, {}, OF_NO_FOLDER)
beside_policy("module-of-no-folder-as-before", FAILS, OF_NO_FOLDER, OF_NO_FOLDER)
by_local: list[Json] = [
    merged(
        resources(hbr__a=backup_policy({**BACKUP, "vault_id": VAULTS}, transition())),
        {"data": {"alicloud_hbr_vaults": {"v": {"provider": "alicloud.w", "name_regex": "x"}}}},
        {"provider": {"alicloud": [{}, {"alias": "w", "region": "${local.region}"}]}},
        {"locals": {"region": region}},
    )
    for region in ("a", "b")
]
case("around-data-region-of-a-local", FAILS, *by_local)
for name, (was_at, is_at, expected) in {"other": ("a", "b", FAILS), "same": ("a", "a", CLEAN)}.items():
    module = {"module": {"m": {"source": "x/y/z", "version": "1.2.3"}}}
    old_vault, new_vault = ({"provider": {"vault": {"address": address}}} for address in (was_at, is_at))
    beside_policy(
        f"provider-of-module-{name}", expected, merged(module, old_vault), merged(module, new_vault)
    )
for name, (of_old, of_new, expected) in {
    "other": ({"address": "a"}, {"address": "b"}, FAILS),
    "same": ({"address": "a"}, {"address": "a"}, CLEAN),
}.items():
    secrets = {"data": {"vault_secret": {"s": {"path": "p"}}}}
    policy = resources(ram__a=ram_policy("${data.vault_secret.s.document}"))
    case(
        f"around-data-of-{name}-provider",
        expected,
        merged(policy, secrets, {"provider": {"vault": of_old}}),
        merged(policy, secrets, {"provider": {"vault": of_new}}),
    )

for name, (keys, expected) in {"other": ("b", FAILS), "same": ("a", CLEAN)}.items():
    credentials = merged(POLICY, provider(shared_credentials_file="keys.json"))
    case(
        f"around-provider-file-{name}",
        expected,
        {"main.tf.json": credentials, "keys.json": "a"},
        {"main.tf.json": credentials, "keys.json": keys},
    )

# ------------------------------------------------------------ the state


def backend(kind: str, **arguments: Any) -> Json:
    return {"terraform": {"backend": {kind: arguments}}}


OSS = {"bucket": "states", "prefix": "backups"}
beside_policy("backend-new", FAILS, {}, backend("oss", **OSS))
beside_policy("backend-gone", FAILS, backend("oss", **OSS), {})
beside_policy("backend-kind", FAILS, backend("oss", **OSS), backend("s3", **OSS))
beside_policy("backend-key", FAILS, backend("oss", **OSS), backend("oss", **{**OSS, "prefix": "other"}))
beside_policy("backend-same", CLEAN, backend("oss", **OSS), backend("oss", **OSS))
beside_policy("backend-lock", CLEAN, backend("oss", **OSS), backend("oss", **OSS, encrypt=True))
beside_policy("backend-local", CLEAN, {}, backend("local"))
beside_policy("backend-cloud", FAILS, backend("oss", **OSS), {"terraform": {"cloud": {"organization": "o"}}})
beside_policy(
    "cloud-workspace",
    FAILS,
    {"terraform": {"cloud": {"organization": "o", "workspaces": {"name": "a"}}}},
    {"terraform": {"cloud": {"organization": "o", "workspaces": {"name": "b"}}}},
)
beside_policy(
    "backend-variable",
    FAILS,
    merged(backend("oss", bucket="${var.b}"), {"variable": {"b": {"default": "a"}}}),
    merged(backend("oss", bucket="${var.b}"), {"variable": {"b": {"default": "b"}}}),
)
for name, path, expected in (("cdktf", "terraform.s.tfstate", CLEAN), ("other", "x.tfstate", FAILS)):
    comment = {"//": {"metadata": {"backend": "local", "stackName": "s"}}}
    beside_policy(
        f"backend-path-{name}",
        expected,
        {**comment, **backend("local", path=f"/old/{path}")},
        {**comment, **backend("local", path=f"/new/{path}")},
    )
case("around-backend-before-any", CLEAN, {"locals": {}}, merged(backend("oss", **OSS), {"locals": {}}))

# ------------------------------------------------------------ commands

COMMAND = [{"local-exec": {"command": "aliyun ram AttachPolicyToUser"}}]


def running(command: Any = COMMAND, **others: Any) -> Json:
    return resources(null_resource__n={**({"provisioner": command} if command else {}), **others})


beside_policy("command-new-resource", FAILS, {}, running())
beside_policy("command-new", FAILS, running(None), running())
beside_policy("command-changed", FAILS, running(), running([{"local-exec": {"command": "other"}}]))
beside_policy("command-same", CLEAN, running(), running())
beside_policy("command-gone", CLEAN, running(), running(None))
beside_policy("command-triggered", FAILS, running(triggers={"a": "1"}), running(triggers={"a": "2"}))
beside_policy("command-counted", FAILS, running(count=1), running(count=2))
beside_policy(
    "command-behind",
    FAILS,
    merged(running([{"local-exec": {"command": "${local.c}"}}]), {"locals": {"c": "a"}}),
    merged(running([{"local-exec": {"command": "${local.c}"}}]), {"locals": {"c": "b"}}),
)
beside_policy(
    "command-triggered-behind",
    FAILS,
    merged(running(triggers={"a": "${local.c}"}), {"locals": {"c": "a"}}),
    merged(running(triggers={"a": "${local.c}"}), {"locals": {"c": "b"}}),
)
beside_policy("triggers-alone", CLEAN, running(None, triggers={"a": "1"}), running(None, triggers={"a": "2"}))
case("around-command-of-policy", FAILS, POLICY, resources(hbr__a=backup_policy(provisioner=COMMAND)))
case(
    "around-connection-of-policy",
    FAILS,
    resources(hbr__a=backup_policy(provisioner=COMMAND, connection={"host": "a"})),
    resources(hbr__a=backup_policy(provisioner=COMMAND, connection={"host": "b"})),
)
case(
    "around-command-of-policy-same",
    CLEAN,
    resources(hbr__a=backup_policy(provisioner=COMMAND)),
    resources(hbr__a=backup_policy(provisioner=COMMAND)),
)
case(
    "around-command-of-policy-described-otherwise",
    CLEAN,
    resources(hbr__a=backup_policy(provisioner=COMMAND)),
    resources(hbr__a=backup_policy(provisioner=COMMAND, policy_description="x")),
)
case(
    "around-command-of-vault-named-otherwise",
    CLEAN,
    resources(alicloud_hbr_vault__v={"vault_name": "x", "connection": {"host": "a"}}),
    resources(alicloud_hbr_vault__v={"vault_name": "y", "connection": {"host": "b"}}),
)
for name, (old_count, new_count, expected) in {
    "more": (1, 2, FAILS),
    "open": ("${data.x.y.q == 1 ? 1 : 2}", "${data.x.y.q == 1 ? 2 : 3}", FAILS),
    "same": (1, 1, CLEAN),
}.items():
    case(
        f"around-command-in-module-{name}",
        expected,
        {
            "main.tf.json": merged(POLICY, {"module": {"m": {"source": "./m", "count": old_count}}}),
            "m/main.tf.json": running(),
        },
        {
            "main.tf.json": merged(POLICY, {"module": {"m": {"source": "./m", "count": new_count}}}),
            "m/main.tf.json": running(),
        },
    )
case(
    "around-command-at-destroy-of-module",
    FAILS,
    {
        "main.tf.json": merged(POLICY, {"module": {"m": {"source": "./m", "count": 2}}}),
        "m/main.tf.json": running([{"local-exec": {"when": "destroy", "command": "x"}}]),
    },
    {
        "main.tf.json": merged(POLICY, {"module": {"m": {"source": "./m", "count": 1}}}),
        "m/main.tf.json": running([{"local-exec": {"when": "destroy", "command": "x"}}]),
    },
)
PROGRAM = {"data": {"external": {"e": {"program": ["sh", "-c", "x"]}}}}
beside_policy("program-new", FAILS, {}, PROGRAM)
beside_policy("program-same", CLEAN, PROGRAM, PROGRAM)
beside_policy("program-other", FAILS, PROGRAM, {"data": {"external": {"e": {"program": ["sh"]}}}})
beside_policy("program-of-check", FAILS, {}, {"check": {"c": {**PROGRAM, "assert": []}}})
beside_policy("check-new", CLEAN, {}, {"check": {"c": {"assert": [{"condition": "${true}"}]}}})
ACTION = {"action": {"aliyun_call": {"a": {"config": {"api": "x"}}}}}
beside_policy("action-new", FAILS, {}, ACTION)
beside_policy("action-same", CLEAN, ACTION, ACTION)
beside_policy("action-other", FAILS, ACTION, {"action": {"aliyun_call": {"a": {"config": {"api": "y"}}}}})
TRIGGER = {"action_trigger": {"events": ["after_update"], "actions": ["action.aliyun_call.a"]}}
case(
    "around-action-triggered",
    FAILS,
    merged(POLICY, ACTION),
    merged(resources(hbr__a=backup_policy(lifecycle=TRIGGER)), ACTION),
)
beside_policy("action-triggered-beside", FAILS, ACTION, merged(running(None, lifecycle=TRIGGER), ACTION))
beside_policy(
    "command-of-removed", FAILS, {}, {"removed": [{"from": "null_resource.x", "provisioner": COMMAND}]}
)
case("around-command-without-old-side", FAILS, None, merged(POLICY, running()))

for name, (script, expected) in {"other": ("b", FAILS), "same": ("a", CLEAN)}.items():
    program = {"data": {"external": {"e": {"program": ["sh", "${path.module}/x.sh"]}}}}
    case(
        f"around-program-of-file-{name}",
        expected,
        {"main.tf.json": merged(POLICY, program), "x.sh": "a"},
        {"main.tf.json": merged(POLICY, program), "x.sh": script},
    )

# Called as before, while a file that it names is another one.
COMMANDS: dict[str, tuple[Json, str, int]] = {
    "plain": ({"command": "./x.sh"}, "x.sh", FAILS),
    "of-shell": ({"command": "FOO=1 sh ./s/x.sh;echo done"}, "s/x.sh", FAILS),
    "in-quotes": ({"command": "bash -c 's/x.sh --all'"}, "s/x.sh", FAILS),
    "of-interpreter": ({"command": "-", "interpreter": ["python3", "s/x.py"]}, "s/x.py", FAILS),
    "in-folder": ({"command": "./x.sh", "working_dir": "${path.module}/s"}, "s/x.sh", FAILS),
    "all-in-folder": ({"command": "make", "working_dir": "s"}, "s/Makefile", FAILS),
    "behind-cd": ({"command": "cd s && ./x.sh"}, "s/x.sh", FAILS),
    "beside-self": ({"command": "${path.module}/x.sh ${self.id}"}, "x.sh", FAILS),
    "behind-self": ({"command": "sh s/${self.id}.sh"}, "s/1.sh", FAILS),
    "behind-local": ({"command": "${local.script}"}, "s/x.sh", FAILS),
    "behind-self-in-folder": ({"command": "sh s/${self.id}/x.sh"}, "s/1/x.sh", FAILS),
    "of-self": ({"command": "sh s/${self.id}"}, "s/1", FAILS),
    "of-self-alone": ({"command": "sh ${self.id}"}, "c.sh", CLEAN),
    "with-folder-of-self": ({"command": "ansible-playbook -i s/${self.id} p.yml"}, "s/1/hosts", FAILS),
    "of-each": ({"command": "sh s/${each.key}.sh"}, "s/k.sh", FAILS),
    "of-glob": ({"command": "cat s/*.txt | sh"}, "s/a.txt", FAILS),
    "beside-glob": ({"command": "cat s/*.txt | sh"}, "s/x.sh", CLEAN),
    "state": ({"command": "cat x.tfstate"}, "x.tfstate", CLEAN),
    "cache": ({"command": "rm -rf .terraform/"}, ".terraform/x", CLEAN),
    "state-in-folder": ({"command": "run s"}, "s/x.tfstate", CLEAN),
    "with-folder": ({"command": "ansible-playbook -i inventory p.yml"}, "inventory/hosts", FAILS),
    "with-variable": ({"command": "run", "environment": {"FILE": "s/x.json"}}, "s/x.json", FAILS),
    "at-destroy": ({"command": "./x.sh", "when": "destroy"}, "x.sh", FAILS),
    "by-another": ({"command": "./a.sh"}, "b.sh", FAILS),
    "folder-by-another": ({"command": "./a.sh"}, "env/prod/hosts", FAILS),
    "not-named": ({"command": "./a.sh"}, "c.sh", CLEAN),
    "described": ({"command": "./a.sh README"}, "docs/README", CLEAN),
    "on-all": ({"command": "docker build ."}, "lib/x", FAILS),
    "on-all-by-word": ({"command": "-", "interpreter": ["tar", "c", "."]}, "lib/x", FAILS),
    "on-all-of-module": ({"command": "tar c ${path.module}"}, "lib/x", FAILS),
    "on-all-but-git": ({"command": "docker build ."}, ".git/x", CLEAN),
    "on-all-but-cache": ({"command": "docker build ."}, "s/.terraform/x", CLEAN),
    "where-it-runs": ({"command": "cd . && ./a.sh", "working_dir": "${path.module}"}, "c.sh", CLEAN),
    "of-dot": ({"command": "true; . ./x.sh"}, "x.sh", FAILS),
    "beside-dot": ({"command": "true; . ./a.sh"}, "c.sh", CLEAN),
    "of-working-folder": ({"command": "sh ${path.cwd}/x.sh"}, "x.sh", FAILS),
    "of-absolute-path": ({"command": 'sh ${abspath("${path.module}/x.sh")}'}, "x.sh", FAILS),
    "of-terraform": ({"command": "terraform -chdir=live apply"}, "live/main.tf", FAILS),
    "of-configuration": ({"command": "run live/x.tf.json"}, "live/x.tf.json", FAILS),
    "folder-without-slash": ({"command": "./a.sh"}, "inventory/hosts", FAILS),
}
BESIDE_COMMANDS: Json = {
    "a.sh": "sh ./b.sh && ansible-playbook -i env/prod p.yml\n. b.sh\ncd .. && run inventory",
    "s/a.sh": "",
    "inventory/x": "",
}
for name, (local_exec, script, expected) in COMMANDS.items():
    command = merged(
        POLICY,
        running([{"local-exec": local_exec}], for_each=["k"]),
        {"locals": {"script": "./s/x.sh"}},
    )
    for what, content, verdict in (("other", "b", expected), ("same", "a", CLEAN)):
        case(
            f"around-command-of-{what}-file-{name}",
            verdict,
            {"main.tf.json": command, **BESIDE_COMMANDS, script: "a"},
            {"main.tf.json": command, **BESIDE_COMMANDS, script: content},
        )
for name, provisioner in {
    "script": {"remote-exec": {"script": "s/x.sh"}},
    "scripts": {"remote-exec": {"scripts": ["s/x.sh", "${path.root}/s/y.sh"]}},
    "copied": {"file": {"source": "s/x.sh", "destination": "/tmp/x"}},
    "folder": {"file": {"source": "s/", "destination": "/tmp/x"}},
    "content": {"file": {"content": '${file("s/x.sh")}', "destination": "/tmp/x"}},
    "template": {"remote-exec": {"inline": ['${templatefile("s/x.sh", {a = 1})}']}},
}.items():
    for what, content, verdict in (("other", "b", FAILS), ("same", "a", CLEAN)):
        command = merged(POLICY, running([provisioner]))
        case(
            f"around-provisioner-of-{what}-file-{name}",
            verdict,
            {"main.tf.json": command, "s/x.sh": "a"},
            {"main.tf.json": command, "s/x.sh": content},
        )
NAMING: dict[str, Json] = {
    "removed": {
        "removed": [{"from": "null_resource.x", "provisioner": [{"local-exec": {"command": "s.sh"}}]}]
    },
    "action": {"action": {"local_command": {"a": {"config": {"command": "bash", "arguments": ["s.sh"]}}}}},
    "policy": resources(hbr__a=backup_policy(provisioner=[{"local-exec": {"command": "./s.sh"}}])),
    "module": {"module": {"m": {"source": "./m"}}},
}
for name, naming in NAMING.items():
    called = running([{"local-exec": {"command": "${path.module}/x.sh"}}])
    for what, content, verdict in (("other", "b", FAILS), ("same", "a", CLEAN)):
        case(
            f"around-{name}-of-{what}-file",
            verdict,
            {"main.tf.json": merged(POLICY, naming), "s.sh": "a", "m/x.tf.json": called, "m/x.sh": "a"},
            {
                "main.tf.json": merged(POLICY, naming),
                "s.sh": content,
                "m/x.tf.json": called,
                "m/x.sh": content,
            },
        )

# ------------------------------------------------------------ guards

GUARD = {"condition": "${true}", "error_message": "x"}
for name, (cycle, after) in {
    "destroy": ({"prevent_destroy": True}, {"prevent_destroy": False}),
    "precondition": ({"precondition": [GUARD]}, {}),
    "postcondition": ({"postcondition": [GUARD]}, {"postcondition": [{**GUARD, "condition": "${1 == 1}"}]}),
    "create": ({}, {"create_before_destroy": True}),
    "new": ({}, {"prevent_destroy": True}),
}.items():
    case(
        f"around-guard-{name}",
        CLEAN,
        resources(hbr__a=backup_policy(lifecycle=cycle)),
        resources(hbr__a=backup_policy(lifecycle=after)),
    )

# ------------------------------------------------------------ modules that may be other ones

for name, call in {
    "git": {"source": "git::https://example.org/m.git"},
    "git-branch": {"source": "git::https://example.org/m.git?ref=main"},
    "git-tag": {"source": "git::https://example.org/m.git?ref=v1.2.3"},
    "git-commit": {"source": f"git::https://example.org/m.git?ref={'a' * 40}"},
    "registry": {"source": "a/b/c"},
    "registry-range": {"source": "a/b/c", "version": "~> 1.2"},
    "registry-version": {"source": "a/b/c", "version": "1.2.3"},
    "archive": {"source": "https://example.org/m.zip"},
}.items():
    beside_policy(f"module-{name}", CLEAN, {"module": {"m": call}}, {"module": {"m": call}})

for name, text in {"alone": "a", "calls": 'module "x" {\n  source = "git::https://example.org/m"\n}'}.items():
    files: Json = {"main.tf.json": merged(POLICY, {"module": {"m": {"source": "./m"}}}), "m/main.tf": text}
    case(f"around-module-hcl-{name}", CLEAN, files, files)
for name, (body_of_old, body_of_new) in {
    "description": ({}, {"description": "x"}),
    "validation": ({"validation": [GUARD]}, {}),
}.items():
    of_both = merged(POLICY, provider(secret_key="${var.s}"))
    old_variable, new_variable = ({"variable": {"s": body}} for body in (body_of_old, body_of_new))
    case(f"around-variable-{name}", CLEAN, merged(of_both, old_variable), merged(of_both, new_variable))

# ------------------------------------------------------------ plans


def in_plan(*changes: Json, provisioners: Any = None) -> Json:
    """A plan whose configuration has provisioners in each of its resources."""
    configured = [
        {"address": each["address"], "mode": "managed", "type": each["type"], "name": "a"}
        | ({"provisioners": provisioners} if provisioners else {})
        for each in changes
    ]
    configuration = {"root_module": {"resources": configured}}
    content: Json = plan(*changes, configuration=configuration, complete=True)
    return content


RUNS = [{"type": "local-exec", "expressions": {"command": {"constant_value": "x"}}}]
for name, (before, now, *actions) in {
    "create": (None, {"id": "1"}),
    "delete": ({"id": "1"}, None),
    "replace": ({"id": "1"}, {"id": "2"}, "delete", "create"),
}.items():
    changed = change("terraform_data", before, now, *actions)
    case(f"around-plan-command-{name}", FAILS, None, in_plan(changed, provisioners=RUNS))
    case(f"around-plan-no-command-{name}", CLEAN, None, in_plan(changed))
case(
    "around-plan-command-update",
    CLEAN,
    None,
    in_plan(change("terraform_data", {"input": "1"}, {"input": "2"}), provisioners=RUNS),
)
case(
    "around-plan-command-of-policy",
    FAILS,
    None,
    in_plan(change(RAM_TYPE, None, applied_ram(READ)), provisioners=RUNS),
)
for name, (type_name, read, expected) in {
    "read": ("alicloud_ram_policies", ["read"], CLEAN),
    "no-op": ("alicloud_ram_policies", ["no-op"], CLEAN),
    "update": (RAM_TYPE, ["update"], REFUSED),
    "create": ("x", ["create"], REFUSED),
    "nothing": ("x", [], REFUSED),
    "program": ("external", ["read"], FAILS),
}.items():
    entry = change(type_name, None, {"id": "x"})
    entry["change"]["actions"] = read
    case(f"around-plan-data-{name}", expected, None, plan({**entry, "mode": "data"}))


# ------------------------------------------------------------ the providers of a plan, and of a state

REAL, OTHER = "registry.terraform.io/aliyun/alicloud", "registry.terraform.io/somebody/alicloud"
OUR, NOT_OURS = "alipolicy.internal/alibabacloud/alipolicy", "registry.terraform.io/a/alipolicy"


def by(source: str, *actions: str, of: str = RAM_TYPE) -> Json:
    """A change that a provider carries out."""
    before, now = applied_ram(READ), applied_ram(READ)
    content: Json = change(of, None if actions == ("create",) else before, now, *(actions or ("no-op",)))
    return {**content, "provider_name": source}


def made_by(source: str) -> Json:
    resource = {"address": f"{RAM_TYPE}.a", "mode": "managed", "type": RAM_TYPE, "provider_name": source}
    return {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}


CARRIED_OUT: dict[str, tuple[str, str | None, tuple[str, ...], int]] = {
    "known": (REAL, None, (), CLEAN),
    "legacy": ("registry.terraform.io/hashicorp/alicloud", None, (), CLEAN),
    "opentofu": ("registry.opentofu.org/aliyun/alicloud", REAL, (), CLEAN),
    "other": (OTHER, None, (), FAILS),
    "other-than-before": (OTHER, REAL, (), FAILS),
    "other-as-before": (OTHER, OTHER, (), CLEAN),
    "back": (REAL, OTHER, (), FAILS),
    "created": (OTHER, None, ("create",), FAILS),
    "of-another-name": ("registry.terraform.io/aliyun/other", None, (), FAILS),
    "of-another-host": ("example.org/aliyun/alicloud", None, (), FAILS),
}
for name, (source, was_by, acts, expected) in CARRIED_OUT.items():
    prior: Json = {"prior_state": made_by(was_by)} if was_by else {}
    case(f"around-plan-provider-{name}", expected, None, plan(by(source, *acts), **prior))
case(
    "around-plan-provider-other-twice",
    FAILS,
    None,
    plan(by(OTHER), {**by(OTHER), "address": f"{RAM_TYPE}.b"}),
)
for name, (source, expected) in {"ours": (OUR, CLEAN), "not-ours": (NOT_OURS, FAILS)}.items():
    case(
        f"around-plan-provider-{name}",
        expected,
        None,
        plan({**change("alipolicy_backup_vault", None, {"vault_name": "x"}), "provider_name": source}),
    )
case("around-plan-provider-unrelated", CLEAN, None, plan(by("x.y/a/null", of="null_resource")))
for name, (old_source, new_source, expected) in {
    "other": (REAL, OTHER, FAILS),
    "same": (REAL, REAL, CLEAN),
}.items():
    states = [made_by(source) for source in (old_source, new_source)]
    for state_of_side in states:
        state_of_side["values"]["root_module"]["resources"][0]["values"] = applied_ram(READ)
    case(f"around-state-provider-{name}", expected, *states)
    written_as = {"source": new_source.removeprefix("registry.terraform.io/")}
    case(
        f"around-state-provider-beside-configuration-{name}",
        expected,
        states[0],
        merged(resources(ram__a=ram_policy(document(READ))), required(**written_as)),
    )

STATE_OF_OURS = made_by(OUR)
STATE_OF_OURS["values"]["root_module"]["resources"][0] |= {
    "address": "alipolicy_policy.a",
    "type": "alipolicy_policy",
    "values": {"policy_name": "reader", "policy_document": document(READ)},
}
case(
    "around-state-provider-beside-configuration-that-does-not-say-it",
    CLEAN,
    STATE_OF_OURS,
    resources(alipolicy_policy__a={"policy_name": "reader", "policy_document": document(READ)}),
)

# ------------------------------------------------------------ neighbours, and what is said twice

case(
    "around-document-null-beside-the-old-name",
    FAILS,
    resources(ram__a=ram_policy(None, document=document(READ))),
    resources(ram__a=ram_policy(None, document=document(ADMIN))),
)
case(
    "around-skip-destroy",
    CLEAN,
    resources(ver__a=policy_version(document(READ))),
    resources(ver__a=policy_version(document(READ), skip_destroy=True)),
)
case(
    "around-imported-vault",
    FAILS,
    {"locals": {}},
    {
        **resources(alicloud_hbr_vault__v={"vault_name": "x"}),
        "import": [{"to": "alicloud_hbr_vault.v", "id": "v-1"}],
    },
)
NEIGHBOURS: dict[str, tuple[Json, Json]] = {
    "account": ({"folder_id": "a"}, {"folder_id": "b"}),
    "folder": ({"parent_folder_id": "a"}, {"parent_folder_id": "b"}),
    "shared_target": ({"target_id": "1"}, {"target_id": "2"}),
}
for name, (was, now) in NEIGHBOURS.items():
    of_old, of_new = ({"resource": {f"alicloud_resource_manager_{name}": {"x": side}}} for side in (was, now))
    beside_policy(f"neighbour-{name}", FAILS, of_old, of_new)
for name in ("delegated_administrator", "service_linked_role", "shared_resource", "resource_share"):
    beside_policy(
        f"neighbour-{name}", FAILS, {}, {"resource": {f"alicloud_resource_manager_{name}": {"x": {"a": "1"}}}}
    )
KEY = resources(alicloud_kms_key__k={"description": "vaults"})
beside_policy("neighbour-key-gone", FAILS, KEY, {})
beside_policy("neighbour-key-new", CLEAN, {}, KEY)
beside_policy("neighbour-key-otherwise", FAILS, KEY, resources(alicloud_kms_key__k={"policy": "x"}))
beside_policy("neighbour-of-no-concern", CLEAN, {}, resources(alicloud_instance__i={"a": "1"}))
VAULT_STATE = {"address": "alicloud_hbr_vault.v", "mode": "managed", "type": "alicloud_hbr_vault"}
for name, (key, expected) in {
    "twice": ({}, REFUSED),
    "deposed": ({"deposed_key": "00000000"}, CLEAN),
}.items():
    vault = {**VAULT_STATE, "values": {"vault_name": "x"}}
    state: Json = {"format_version": "1.0", "values": {"root_module": {"resources": [vault]}}}
    more: Json = {
        "format_version": "1.0",
        "values": {"root_module": {"resources": [vault, {**vault, **key}]}},
    }
    case(f"around-state-{name}", expected, state, more)
