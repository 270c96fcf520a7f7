"""The official SDKs for Node, of both generations, with a local cloud.

The newer generation has a client of RAM; Cloud Backup has none, and is called by the names of operations.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.sandbox import variables
from tests.docs.local_cloud_page import PAGE
from tests.e2e import node
from tests.e2e.installed import RULES, document

# What npm says where it reaches no registry.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT")

CLIENTS = """
const [endpoint, accessKeyId, accessKeySecret, given] = process.argv.slice(1);
const { policyDocument, rules } = JSON.parse(given);
const print = (value) => console.log(JSON.stringify(value));
const refusal = (call) => call.then(() => null, ({ code, statusCode }) => [code, statusCode ?? null]);

const Ram = require("@alicloud/ram20150501");
const { default: OpenApi, $OpenApiUtil } = require("@alicloud/openapi-core");
const { RuntimeOptions } = require("@darabonba/typescript");
const config = new $OpenApiUtil.Config({
  endpoint, accessKeyId, accessKeySecret, protocol: "http", regionId: "cn-hangzhou",
});
const ram = new Ram.default(config);
const backup = async (action, query) => {
  const params = new $OpenApiUtil.Params({
    action, version: "2017-09-08", protocol: "HTTP", pathname: "/", method: "POST", authType: "AK",
    style: "RPC", reqBodyType: "formData", bodyType: "json",
  });
  const request = new $OpenApiUtil.OpenApiRequest({ query });
  return (await new OpenApi(config).callApi(params, request, new RuntimeOptions({}))).body;
};

const { RPCClient } = require("@alicloud/pop-core");
const older = (apiVersion) => new RPCClient({
  accessKeyId, accessKeySecret, apiVersion, endpoint: `http://${endpoint}`,
});
"""

RAM = """
(async () => {
  const name = { policyName: "readers" }, custom = { ...name, policyType: "Custom" };
  await ram.createPolicy(new Ram.CreatePolicyRequest({
    ...name, policyDocument, tag: [new Ram.CreatePolicyRequestTag({ key: "team", value: "a" })],
  }));
  await ram.createPolicyVersion(new Ram.CreatePolicyVersionRequest({
    ...name, policyDocument, setAsDefault: true,
  }));
  await ram.createUser(new Ram.CreateUserRequest({ userName: "alice", displayName: "Alice" }));
  await ram.attachPolicyToUser(new Ram.AttachPolicyToUserRequest({ ...custom, userName: "alice" }));
  await ram.setAccountAlias(new Ram.SetAccountAliasRequest({ accountAlias: "example" }));
  await ram.setPasswordPolicy(new Ram.SetPasswordPolicyRequest({ minimumPasswordLength: 12 }));
  const { defaultPolicyVersion } = (await ram.getPolicy(new Ram.GetPolicyRequest(custom))).body;
  const tagged = await ram.listPolicies(new Ram.ListPoliciesRequest({
    tag: [new Ram.ListPoliciesRequestTag({ key: "team", value: "a" })],
  }));
  const entities = (await ram.listEntitiesForPolicy(new Ram.ListEntitiesForPolicyRequest(custom))).body;
  print({
    version: defaultPolicyVersion.versionId,
    document: defaultPolicyVersion.policyDocument,
    tagged: tagged.body.policies.policy.map((policy) => policy.policyName),
    users: entities.users.user.map((user) => user.displayName),
    alias: (await ram.getAccountAlias()).body.accountAlias,
    length: (await ram.getPasswordPolicy()).body.passwordPolicy.minimumPasswordLength,
    missing: await refusal(ram.getRole(new Ram.GetRoleRequest({ roleName: "nobody" }))),
  });
})();
"""

BACKUP = """
(async () => {
  const { VaultId } = await backup("CreateVault", { VaultRegionId: "cn-hangzhou", VaultName: "v" });
  const { PolicyId } = await backup("CreatePolicyV2", {
    PolicyName: "daily", Rules: JSON.stringify(rules.map((rule) =>
      rule.RuleType === "BACKUP" ? { ...rule, VaultId } : rule)),
  });
  const bindings = [{ SourceType: "OSS", DataSourceId: "bucket", Source: "logs/" }];
  await backup("CreatePolicyBindings", { PolicyId, PolicyBindingList: JSON.stringify(bindings) });
  const { Policies: [policy] } = await backup("DescribePoliciesV2", { PolicyId });
  const bound = await backup("DescribePolicyBindings", {
    "Filters.1.Key": "DataSourceId", "Filters.1.Values.1": "bucket",
  });
  print({
    rules: policy.Rules.map((rule) => rule.RuleType),
    bindings: policy.PolicyBindingCount,
    source: bound.PolicyBindings[0].Source,
    inUse: await refusal(backup("DeleteVault", { VaultId })),
  });
})();
"""

OLDER = """
(async () => {
  const ram = older("2015-05-01"), backup = older("2017-09-08");
  const region = { RegionId: "cn-hangzhou" }, post = { method: "POST" };
  const { VaultId } = await backup.request("CreateVault", {
    ...region, VaultRegionId: "cn-hangzhou", VaultName: "v" }, post);
  await backup.request("TagResources", {
    ...region, ResourceType: "vault", ResourceId: [VaultId], Tag: [{ Key: "team", Value: "a" }] }, post);
  const { Vaults } = await backup.request("DescribeVaults", { ...region, Tag: [{ Key: "team" }] });
  await ram.request("CreatePolicy", { PolicyName: "p", PolicyDocument: policyDocument }, post);
  const { Policies } = await ram.request("ListPolicies", { PolicyType: "Custom" });
  print({
    vaults: Vaults.Vault.map((vault) => vault.VaultName),
    policies: Policies.Policy.map((policy) => policy.PolicyName),
    taken: await refusal(ram.request("CreatePolicy", { PolicyName: "p", PolicyDocument: policyDocument })),
  });
})();
"""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    try:
        node.install()
    except AssertionError as error:
        if any(code in str(error) for code in UNREACHABLE):
            pytest.skip("npm reaches no registry here, so there are no official SDKs for Node")
        raise


def run(cloud: LocalCloud, script: str) -> Any:
    given = json.dumps({"policyDocument": document(), "rules": RULES})
    keys = (cloud.access_key, cloud.secret_key)
    return json.loads(node.javascript(CLIENTS + script, cloud.endpoint, *keys, given))


def test_the_newer_client_of_ram(cloud: LocalCloud) -> None:
    assert run(cloud, RAM) == {
        "version": "v2",
        "document": document(),
        "tagged": ["readers"],
        "users": ["Alice"],
        "alias": "example",
        "length": 12,
        "missing": ["EntityNotExist.Role", 404],
    }


def test_the_newer_core_with_cloud_backup(cloud: LocalCloud) -> None:
    assert run(cloud, BACKUP) == {
        "rules": ["BACKUP", "TRANSITION"],
        "bindings": 1,
        "source": "logs/",
        "inUse": ["VaultBoundPolicyCannotBeDeleted", 400],
    }


def test_the_older_core_with_both(cloud: LocalCloud) -> None:
    assert run(cloud, OLDER) == {
        "vaults": ["v"],
        "policies": ["p"],
        "taken": ["EntityAlreadyExists.Policy", None],
    }


@pytest.mark.parametrize("example", re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL), ids=["new", "old"])
def test_what_the_guide_shows(example: str, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables(cloud).items():
        monkeypatch.setenv(name, value)
    assert int(node.javascript(example)) >= 0
    assert len(cloud.requests()) == 1
