"""The data sources of our provider as constructs, beside the provider's own schemas."""

from __future__ import annotations

from typing import Any, get_args, get_origin

import pytest

from constructs_lib import (
    AlipolicyProvider,
    DataBackupPolicies,
    DataBackupPolicyBindings,
    DataBackupVaults,
    DataPolicies,
    DataPolicyAttachments,
    DataPolicyVersions,
    cdktf,
)
from constructs_lib.cdk.data_sources import Elements, list_fields
from constructs_lib.cdk.element import MetaArguments
from constructs_lib.provider.protocol.schema import Nested
from constructs_lib.provider.protocol.types import BOOL, NUMBER, STRING, list_of, map_of
from constructs_lib.provider.provider import Alipolicy
from constructs_lib.testing import synth
from tests.cdk.elements import Stack

SCHEMAS: dict[str, Any] = {source.type_name: source.schema for source in Alipolicy().data_sources()}
CLASSES: dict[str, Any] = {
    "alipolicy_backup_policies": DataBackupPolicies,
    "alipolicy_backup_policy_bindings": DataBackupPolicyBindings,
    "alipolicy_backup_vaults": DataBackupVaults,
    "alipolicy_policy_versions": DataPolicyVersions,
    "alipolicy_policies": DataPolicies,
    "alipolicy_policy_attachments": DataPolicyAttachments,
}
TYPES = {
    STRING: str,
    NUMBER: float,
    BOOL: cdktf.IResolvable,
    list_of(STRING): list[str],
    map_of(STRING): dict[str, str],
}


def described(kind: Any) -> Any:
    """A type of ours in the form of `wanted`."""
    return (
        {name: described(each) for name, each in list_fields(get_args(kind)[0]).items()}
        if get_origin(kind) is Elements
        else kind
    )


def wanted(attribute: Any) -> Any:
    if isinstance(attribute.type, Nested):
        return {name: wanted(each) for name, each in attribute.type.attributes.items()}
    return TYPES[attribute.type]


def test_every_data_source_has_a_class() -> None:
    assert set(SCHEMAS) == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_its_schema(name: str) -> None:
    construct, schema = CLASSES[name], SCHEMAS[name].body
    inputs = {each for each, attribute in schema.items() if attribute.required or attribute.optional}
    taken = set(construct.__init__.__annotations__) - {"scope", "id_", "meta", "return"}
    assert taken == inputs
    for attribute in set(schema) - inputs:
        hints = getattr(construct, attribute).fget.__annotations__
        kind = eval(hints["return"], vars(__import__(construct.__module__, fromlist=["_"])))
        assert described(kind) == wanted(schema[attribute]), attribute


def test_backup_policies(own_stack: Stack) -> None:
    every = DataBackupPolicies(own_stack, "every")
    nightly = DataBackupPolicies(own_stack, "nightly", policy_name="nightly", depends_on=[every])
    rule = nightly.policies[0].rules[1]
    for name, value in {
        "ids": nightly.ids,
        "all": every.policies.token,
        "count": nightly.policies[0].policy_binding_count,
        "locked": rule.immutable,
        "key": rule.tag_filters[0].key,
        "sources": rule.data_source_filters[0].data_source_ids,
    }.items():
        cdktf.TerraformOutput(own_stack, name, value=value)
    written, at = synth(own_stack), "data.alipolicy_backup_policies.nightly"
    assert written["data"]["alipolicy_backup_policies"] == {
        "every": {},
        "nightly": {"policy_name": "nightly", "depends_on": ["data.alipolicy_backup_policies.every"]},
    }
    assert {name: each["value"] for name, each in written["output"].items()} == {
        "ids": f"${{{at}.ids}}",
        "all": "${data.alipolicy_backup_policies.every.policies}",
        "count": f"${{{at}.policies[0].policy_binding_count}}",
        "locked": f"${{{at}.policies[0].rules[1].immutable}}",
        "key": f"${{{at}.policies[0].rules[1].tag_filters[0].key}}",
        "sources": f"${{{at}.policies[0].rules[1].data_source_filters[0].data_source_ids}}",
    }
    assert 'data "alipolicy_backup_policies" "nightly"' in cdktf.Testing.synth_hcl(own_stack)


def test_vaults_and_bindings(own_stack: Stack) -> None:
    gold = DataBackupVaults(own_stack, "gold", vault_name="gold")
    bound = DataBackupPolicyBindings(own_stack, "bound", policy_id="po-1", source_type="OSS")
    for name, value in {
        "vault": gold.vaults[0].vault_id,
        "ids": bound.ids,
        "inventory": bound.bindings[0].advanced_options[0].oss_detail[0].inventory_id,
    }.items():
        cdktf.TerraformOutput(own_stack, name, value=value)
    written, at = synth(own_stack), "data.alipolicy_backup_policy_bindings.bound"
    assert written["data"]["alipolicy_backup_vaults"] == {"gold": {"vault_name": "gold"}}
    assert {name: each["value"] for name, each in written["output"].items()} == {
        "vault": "${data.alipolicy_backup_vaults.gold.vaults[0].vault_id}",
        "ids": f"${{{at}.ids}}",
        "inventory": f"${{{at}.bindings[0].advanced_options[0].oss_detail[0].inventory_id}}",
    }


def test_policies_and_who_has_them(own_stack: Stack) -> None:
    own = DataPolicies(own_stack, "own", policy_type="Custom", tags={"team": "web"})
    holders = DataPolicyAttachments(own_stack, "holders", policy_name="readers")
    for name, value in {
        "names": own.names,
        "tags": own.policies[0].tags,
        "who": holders.attachments[0].name,
    }.items():
        cdktf.TerraformOutput(own_stack, name, value=value)
    written = synth(own_stack)
    assert written["data"]["alipolicy_policies"]["own"] == {"policy_type": "Custom", "tags": {"team": "web"}}
    assert {name: each["value"] for name, each in written["output"].items()} == {
        "names": "${data.alipolicy_policies.own.names}",
        "tags": "${data.alipolicy_policies.own.policies[0].tags}",
        "who": "${data.alipolicy_policy_attachments.holders.attachments[0].name}",
    }


def test_versions_of_a_policy(own_stack: Stack) -> None:
    second = AlipolicyProvider(own_stack, "second", region="cn-beijing", alias="second")
    readers = DataPolicyVersions(
        own_stack, "readers", policy_name="AdministratorAccess", policy_type="System", provider=second
    )
    cdktf.TerraformOutput(own_stack, "default", value=readers.default_version)
    cdktf.TerraformOutput(own_stack, "document", value=readers.versions[0].policy_document)
    written = synth(own_stack)
    assert written["data"]["alipolicy_policy_versions"]["readers"] == {
        "policy_name": "AdministratorAccess",
        "policy_type": "System",
        "provider": "alipolicy.second",
    }
    assert (
        written["output"]["default"]["value"] == "${data.alipolicy_policy_versions.readers.default_version}"
    )


@pytest.mark.parametrize("place", [-1, "0", True, slice(1), 1.5])
def test_a_place_is_a_whole_number(own_stack: Stack, place: Any) -> None:
    with pytest.raises(TypeError, match=r"policies: the place is .*Fn\.element"):
        DataBackupPolicies(own_stack, "every").policies[place]


def test_what_only_terraform_knows_is_told(own_stack: Stack) -> None:
    policies = DataBackupPolicies(own_stack, "every").policies
    with pytest.raises(TypeError, match=r"known only to Terraform: write policies\[0\].*TerraformIterator"):
        list(policies)
    with pytest.raises(AttributeError, match=r"policies\[0\] has no attribute policyName; it has policy_id,"):
        policies[0].policyName  # type: ignore[attr-defined]  # noqa: B018


def test_meta_arguments_are_in_the_signature() -> None:
    assert set(MetaArguments.__annotations__) <= set(DataBackupPolicies.__signature__.parameters)  # type: ignore[attr-defined]
