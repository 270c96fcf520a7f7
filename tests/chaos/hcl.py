"""A configuration of a world, as HCL."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.chaos.configuration import OWN, PRINCIPALS, ROTATES, Configuration, Version

# The vault of policies that use none of the configuration's.
VAULT = "v-000one"
SYSTEM_POLICY = "AliyunOSSReadOnlyAccess"


def document(number: int) -> str:
    statement = {"Effect": "Allow", "Action": [f"oss:Get{number}"], "Resource": ["acs:oss:*:*:*"]}
    return json.dumps({"Version": "1", "Statement": [statement]})


def describe(number: int) -> str:
    """A description that is the number's own."""
    return f"chaos {number}"


def to_hcl(configuration: Configuration, aliases: Mapping[str, str]) -> str:
    """`aliases`: by label of a resource, the alias of its provider."""
    provider = {label: f"provider = alipolicy.{alias}" for label, alias in aliases.items()}
    return "\n".join(
        [
            _vaults(configuration, provider.get("one", "")),
            *_backup_policies(configuration, provider),
            _bindings(configuration, provider.get("one", "")),
            *(
                _version(name, version, provider.get(name, ""))
                for name, version in configuration.versions.items()
                if name != OWN or configuration.own.document
            ),
            _own_policy(configuration, provider.get(OWN, "")),
            _system_policy(configuration, provider.get("system", "")),
        ]
    )


def _vaults(configuration: Configuration, provider: str) -> str:
    """A vault in use cannot be deleted: the policy has to change before that."""
    vaults = {
        name: {"class": vault.storage_class, "text": describe(vault.description)}
        for name, vault in configuration.vaults.items()
    }
    return f"""resource "alipolicy_backup_vault" "one" {{
  {provider}
  for_each            = jsondecode({json.dumps(json.dumps(vaults))})
  vault_name          = "vault"
  vault_type          = "STANDARD"
  vault_storage_class = each.value.class
  description         = each.value.text
  lifecycle {{
    create_before_destroy = true
  }}
}}
"""


def _backup_policies(configuration: Configuration, provider: Mapping[str, str]) -> list[str]:
    parts = []
    if configuration.one:
        vault = 'alipolicy_backup_vault.one["a"].id' if "a" in configuration.vaults else json.dumps(VAULT)
        parts.append(_backup_policy("one", "one", configuration.one, provider.get("one", ""), vault))
    count = f"count = {configuration.equals}\n  {provider.get('equals', '')}"
    parts.append(_backup_policy("equals", "equal", configuration.equals_retention, count))
    pairs = ", ".join(f"{name} = {days}" for name, days in configuration.named.items())
    for_each = f"for_each = {{ {pairs} }}\n  {provider.get('named', '')}"
    parts.append(_backup_policy("named", "named", "each.value", for_each))
    return parts


def _backup_policy(
    label: str, name: str, retention: int | str, meta: str, vault: str = json.dumps(VAULT)
) -> str:
    return f"""resource "alipolicy_backup_policy" "{label}" {{
  {meta}
  policy_name        = "{name}"
  policy_description = "chaos"
  rules {{
    rule_type   = "BACKUP"
    backup_type = "COMPLETE"
    schedule    = "I|1648647166|P1D"
    vault_id    = {vault}
  }}
  rules {{
    rule_type = "TRANSITION"
    retention = {retention}
  }}
}}
"""


def _bindings(configuration: Configuration, provider: str) -> str:
    if not configuration.one:
        return ""
    bound = {bucket: describe(number) for bucket, number in configuration.bound.items()}
    return f"""resource "alipolicy_backup_policy_binding" "one" {{
  {provider}
  for_each                   = jsondecode({json.dumps(json.dumps(bound))})
  policy_id                  = alipolicy_backup_policy.one.id
  source_type                = "OSS"
  data_source_id             = each.key
  policy_binding_description = each.value
}}
"""


def _version(name: str, version: Version, provider: str) -> str:
    rotation = f'rotate_strategy = "{ROTATES}"' if name == "full" else ""
    policy = "alipolicy_policy.own.policy_name" if name == OWN else json.dumps(name)
    return f"""resource "alipolicy_policy_version" "{name}" {{
  {provider}
  count           = {version.count}
  policy_name     = {policy}
  set_as_default  = {str(version.is_default).lower()}
  policy_document = {json.dumps(document(version.document))}
  {rotation}
}}
"""


def _own_policy(configuration: Configuration, provider: str) -> str:
    own = configuration.own
    if not own.document:
        return ""
    names = "\n".join(
        f'  {kind}_name = each.key == "{kind}" ? "{name}" : null' for kind, name in PRINCIPALS.items()
    )
    return f"""resource "alipolicy_policy" "own" {{
  {provider}
  policy_name     = "{OWN}"
  policy_document = {json.dumps(document(own.document))}
  description     = "{describe(own.description)}"
}}

resource "alipolicy_policy_attachment" "own" {{
  {provider}
  for_each    = toset({json.dumps(own.attached)})
  policy_name = alipolicy_policy.own.policy_name
{names}
}}
"""


def _system_policy(configuration: Configuration, provider: str) -> str:
    if not configuration.has_system_policy:
        return ""
    return f"""resource "alipolicy_policy_attachment" "system" {{
  {provider}
  policy_name = "{SYSTEM_POLICY}"
  policy_type = "System"
  role_name   = "{PRINCIPALS["role"]}"
}}
"""
