"""Estates of any size, drawn from a seed: as our provider reads them, and made by calls of the API."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from constructs_lib.adopt.estate import EstateKind, EstateObject, principal_of
from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import bindings, ram_policies, vaults
from constructs_lib.provider.api_client import HBR, RAM, Calls, Pace
from constructs_lib.provider.backup_policy import to_api
from constructs_lib.provider.bindings import BindingKey
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration
from tests.provider.conftest import arguments

State = dict[str, Any]
REGIONS = ("cn-shanghai", "cn-beijing", "ap-southeast-1")
# Names that people and scripts give, and that no identifier can have.
NAMES = (
    *(
        "nightly",
        "Nightly",
        "nightly backup",
        "每日备份",
        "class",
        "match",
        "import",
        "1st-copy",
        "été à Berlin",
    ),
    *(
        'say "hi"',
        "it's",
        "both \" and '",
        "back\\slash",
        "two\nlines",
        "tab\there",
        "${var.name}",
        "%{ if x }",
    ),
    *("self", "stack", "vaults", "__init__", "-", "a" * 60, "\u202eabc", "\u2028", "None", "constructs_lib"),
)


class EstateMaker:
    """Draws objects; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def name(self, number: int) -> str:
        """A name that may be like others, and may be hostile."""
        if self.random.random() < 0.3:
            return self.random.choice(NAMES)
        return f"{self.random.choice(('prod', 'test', 'Team', 'daily'))}-{number}"

    def maybe(self, *values: Any) -> Any:
        return self.random.choice((None, *values))

    # -- Cloud Backup

    def vault(self, number: int) -> State:
        encrypt = self.maybe("HBR_PRIVATE", "KMS")
        return {
            "vault_name": self.name(number)[:64],
            "vault_type": self.random.choice(("STANDARD", "STANDARD", "OTS_BACKUP")),
            "vault_storage_class": "STANDARD",
            "description": self.maybe("for everything", 'with "quotes" and ${x}', "多语言"),
            "encrypt_type": encrypt,
            "kms_key_id": "key-0001" if encrypt == "KMS" else None,
            "worm_enabled": self.random.random() < 0.1,
            "tags": self.maybe({"team": "web", "env": "prod"}, {"env": "test"}, {"a b": "${c}"}),
        }

    def schedule(self) -> str:
        start = self.random.choice((1631685600, 1648647166, 0))
        rhythm = self.random.choice(
            ("I|P1D", "I|PT12H", "I|P7D", "C|0 0 2 ? * 3,5,7", "C|0 30 1 1 * ?", "C|0 0 0 * * ?")
        )
        kind, _, text = rhythm.partition("|")
        return f"{kind}|{start}|{text}"

    def ladder(self) -> list[State]:
        periods = [each for each in ("WEEKLY", "MONTHLY", "YEARLY") if self.random.random() < 0.6]
        if self.random.random() < 0.2:
            self.random.shuffle(periods)
        return [
            {"advanced_retention_type": period, "retention": 30 + 400 * number, "which_snapshot": 1}
            for number, period in enumerate(periods, 1)
        ]

    def backup_policy(self, number: int, vault_ids: list[str]) -> State:
        is_standard = self.random.random() < 0.7
        backup = {
            "rule_type": "BACKUP",
            "schedule": self.schedule(),
            "backup_type": "COMPLETE",
            "vault_id": self.random.choice(vault_ids or ["v-0001aaaaaaaaaaaaaseg"]) if is_standard else None,
            "keep_latest_snapshots": self.random.choice((0, 1)),
            "immutable": not is_standard and self.random.random() < 0.3,
            "retention": self.maybe(7, 30),
        }
        rules = [backup]
        if self.random.random() < 0.8:
            rules.append(
                {
                    "rule_type": "TRANSITION",
                    "retention": self.random.choice((7, 14, 200)),
                    "retention_rules": self.ladder(),
                    "archive_days": self.random.choice((0, 0, 30)),
                }
            )
        for region in self.random.sample(REGIONS, self.random.choice((0, 0, 1, 2))):
            rules.append({"rule_type": "REPLICATION", "replication_region_id": region, "retention": 30})
        if self.random.random() < 0.3:
            rules.append(self.tag_rule(is_standard))
        if self.random.random() < 0.1:
            self.random.shuffle(rules)
        return {
            "policy_name": self.name(number),
            "policy_type": "STANDARD" if is_standard else "UDM_ECS_ONLY",
            "policy_description": self.maybe("made by hand", "'single' \"double\" \\ ${x}", "多语言"),
            "rules": rules,
        }

    def tag_rule(self, is_standard: bool) -> State:
        types = self.random.sample(("OSS", "NAS", "ECS_FILE"), 2) if is_standard else ["UDM_ECS"]
        tags = [
            {"key": "env", "value": self.maybe("prod", "${x}"), "operator": "EQUAL"},
            {"key": "team", "value": "web", "operator": "NOT"},
        ]
        filters: list[State] = [{"source_type": each} for each in types]
        if self.random.random() < 0.2:
            filters[0]["data_source_ids"] = ["i-1", "i-2"]
        if self.random.random() < 0.1:
            filters[-1]["account_scope"] = "CUSTOM"
            account = {"cross_account_type": "CROSS_ACCOUNT", "cross_account_user_id": 123456789012}
            filters[-1]["accounts"] = [{**account, "cross_account_role_name": "backup"}]
        return {
            "rule_type": "TAG",
            "data_source_filters": filters,
            "tag_filters": tags[: self.random.choice((1, 2))],
        }

    def binding(self, number: int, policy_id: str, policy_type: str) -> State:
        if policy_type == "UDM_ECS_ONLY":
            options = self.maybe([{"udm_detail": [{"disk_id_list": ["d-1", "d-2"]}]}])
            more = {
                "source_type": "UDM_ECS",
                "data_source_id": f"i-bp{number:08}",
                "advanced_options": options,
            }
        else:
            more = self.random.choice(self._sources(number))
        return {
            "policy_id": policy_id,
            "disabled": self.random.random() < 0.2,
            "policy_binding_description": self.maybe("bound by hand", 'a "quote"'),
            "cross_account_type": "SELF_ACCOUNT",
            **more,
        }

    def _sources(self, number: int) -> list[State]:
        files = {"source": self.maybe('["/etc","/var/www"]'), "exclude": self.maybe('["*.tmp"]')}
        clean = {"inventory_id": "inv-1", "inventory_cleanup_policy": "NO_CLEANUP"}
        slices = {"fetch_slice_size": 10, "full_on_increment_fail": True}
        return [
            {
                "source_type": "OSS",
                "data_source_id": f"bucket-{number}",
                "source": self.maybe("logs/", "${x}/"),
            },
            {
                "source_type": "OSS",
                "data_source_id": f"listed-{number}",
                "advanced_options": [{"oss_detail": [clean]}],
            },
            {"source_type": "NAS", "data_source_id": f"{number:08}", "source": self.maybe("/data")},
            {
                "source_type": "ECS_FILE",
                "data_source_id": f"i-bp{number:08}",
                **files,
                "speed_limit": "8:20:4096",
            },
            {"source_type": "File", "data_source_id": f"c-{number:08}", **files},
            {
                "source_type": "COMMON_FILE_SYSTEM",
                "data_source_id": f"cpfs-{number}",
                "source": '["/"]',
                "advanced_options": self.maybe([{"common_file_system_detail": [slices]}]),
            },
            {"source_type": "COMMON_NAS", "data_source_id": f"nas-{number}", "source": '["/"]'},
            {"source_type": "OTS", "data_source_id": f"ots-{number}", "source": self.maybe('["orders"]')},
        ]

    # -- RAM

    def document(self, number: int) -> str:
        statements = [self.statement(number) for _ in range(self.random.choice((1, 1, 2, 3)))]
        return json.dumps({"Version": "1", "Statement": statements}, ensure_ascii=False)

    def statement(self, number: int) -> State:
        actions = self.random.sample(("oss:Get*", "oss:List*", "ecs:Describe*", "ram:ListUsers"), 2)
        resource = f"acs:oss:*:*:bucket-{number}"
        statement: State = {
            "Effect": self.random.choice(("Allow", "Allow", "Deny")),
            self.random.choice(("Action", "Action", "NotAction")): self.random.choice((actions, actions[0])),
            "Resource": self.random.choice((resource, [resource, f"{resource}/*"], "*")),
        }
        if self.random.random() < 0.3:
            statement["Condition"] = self.random.choice(
                (
                    {"IpAddress": {"acs:SourceIp": ["203.0.113.0/24", "198.51.100.7"]}},
                    {"Bool": {"acs:SecureTransport": "true"}, "StringEquals": {"oss:Prefix": 'a "b" \\ c'}},
                    {"StringLike": {"oss:Prefix": ["${acs:UserName}/*", "每日/"]}},
                )
            )
        return statement

    def policy(self, number: int) -> State:
        name = self.random.choice(
            (f"Readers-{number}", f"oss-{number}", f"{number}-class", f"TeamWeb{number}")
        )
        return {
            "policy_name": name,
            "policy_document": self.document(number),
            "description": self.maybe("made by hand", 'a "quote" and ${x}', "多语言"),
            "tags": self.maybe({"team": "web"}, {"env": "prod", "team": "data"}),
        }

    # -- all of it

    def objects(self, count: int) -> list[EstateObject]:
        """So many policies, backup policies and permission policies, and what belongs to them."""
        return list(self._objects(count))

    def _objects(self, count: int) -> Iterator[EstateObject]:
        vault_ids = [f"v-{number:018}" for number in range(max(1, count // 10))]
        for number, vault_id in enumerate(vault_ids):
            yield EstateObject(kind=EstateKind.VAULT, id=vault_id, state=self.vault(number))
        for number in range(count // 2):
            policy_id, state = f"po-{number:018}", self.backup_policy(number, vault_ids)
            yield EstateObject(kind=EstateKind.BACKUP_POLICY, id=policy_id, state=state)
            bound = self.binding(number, policy_id, state["policy_type"])
            key = f"{policy_id}:{bound['source_type']}:{bound['data_source_id']}"
            yield EstateObject(kind=EstateKind.BINDING, id=key, state=bound)
        for number in range(count - count // 2):
            state = self.policy(number)
            name = state["policy_name"]
            yield EstateObject(kind=EstateKind.POLICY, id=name, state=state)
            if self.random.random() < 0.3:
                staged = {
                    "policy_name": name,
                    "policy_document": self.document(number + 1),
                    "set_as_default": False,
                    "version_id": "v2",
                }
                yield EstateObject(kind=EstateKind.VERSION, id=f"{name}:v2", state=staged)
            if self.random.random() < 0.5:
                kind = self.random.choice(("role", "user", "group"))
                principal = f"{kind}.{number // 10}@x-y" if kind == "user" else f"{kind}-{number // 10}"
                attached = {"policy_name": name, "policy_type": "Custom", f"{kind}_name": principal}
                key = f"{kind}:{principal}:Custom:{name}"
                yield EstateObject(kind=EstateKind.ATTACHMENT, id=key, state=attached)


def account_of(local: LocalCloud) -> Cloud:
    """The account in its region."""
    configuration = Configuration.read(arguments(local), {}, Path("/nowhere"))
    return Cloud(Calls.of(configuration, Pace()), region=configuration.region)


def fill(local: LocalCloud, cloud: Cloud, objects: list[EstateObject]) -> None:
    """Make all of it by calls of the API; the service gives ids of its own."""
    for kind, name in {principal_of(each.state) for each in objects if each.kind is EstateKind.ATTACHMENT}:
        local.add_principal(kind.title(), name)
    ids: dict[str, str] = {}
    for found in objects:
        state = found.state
        match found.kind:
            case EstateKind.VAULT:
                ids[found.id] = _create_vault(cloud, state)
            case EstateKind.BACKUP_POLICY:
                rules = [
                    {
                        **rule,
                        **(
                            {"vault_id": ids.get(rule["vault_id"], rule["vault_id"])}
                            if rule.get("vault_id")
                            else {}
                        ),
                    }
                    for rule in state["rules"]
                ]
                parameters = {
                    "PolicyName": state["policy_name"],
                    "PolicyType": state["policy_type"],
                    "PolicyDescription": state["policy_description"],
                    "Rules": json.dumps(to_api(rules)),
                }
                ids[found.id] = str(cloud.calls.once(HBR, "CreatePolicyV2", parameters)["PolicyId"])
            case EstateKind.BINDING:
                from constructs_lib.provider.backup_policy_binding import SCHEMA, _request

                whole = {name: state.get(name) for name in SCHEMA.body}
                key = BindingKey(ids[state["policy_id"]], state["source_type"], state["data_source_id"])
                bindings.create_binding(cloud, key, _request(whole))
            case EstateKind.POLICY:
                parameters = {"PolicyName": state["policy_name"], "PolicyDocument": state["policy_document"]}
                cloud.calls.once(RAM, "CreatePolicy", {**parameters, "Description": state["description"]})
                if state["tags"]:
                    ram_policies.change_tags(cloud, state["policy_name"], {}, state["tags"])
            case EstateKind.VERSION:
                parameters = {"PolicyName": state["policy_name"], "PolicyDocument": state["policy_document"]}
                cloud.calls.once(RAM, "CreatePolicyVersion", {**parameters, "SetAsDefault": "false"})
            case EstateKind.ATTACHMENT:
                principal = ram_policies.Principal(*principal_of(state))
                ram_policies.attach(cloud, ram_policies.Attachment("Custom", state["policy_name"], principal))


def _create_vault(cloud: Cloud, state: Mapping[str, Any]) -> str:
    parameters = {
        "VaultName": state["vault_name"],
        "VaultType": state["vault_type"],
        "VaultStorageClass": state["vault_storage_class"],
        "Description": state["description"],
        "EncryptType": state["encrypt_type"],
        "KmsKeyId": state["kms_key_id"],
        "VaultRegionId": cloud.region,
    }
    vault_id = str(cloud.calls.once(HBR, "CreateVault", parameters)["VaultId"])
    vaults.wait_until_created(cloud, vault_id)
    if state["worm_enabled"]:
        vaults.update_vault(cloud, vault_id, {"WormEnabled": "true"})
    vaults.change_tags(cloud, vault_id, {}, state["tags"] or {})
    return vault_id
