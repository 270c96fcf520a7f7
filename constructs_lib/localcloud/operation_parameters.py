"""The parameters of every operation that is served, by service: a strict cloud takes no others.

Each is named as the APIs' documentation and the official SDKs name it; a flattened list is there under the
name that it has then (`TagKey` of `TagKey.1`).
"""

from __future__ import annotations

from collections.abc import Mapping

# What clients send beside: who they are, and how they want the answer.
COMMON = frozenset(
    (
        *("Action", "Version", "Format", "RegionId", "Timestamp", "AccessKeyId", "SecurityToken"),
        *("Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "SignatureType"),
        *("AcceptLanguage", "SourceIp", "SecureTransport"),
    )
)

# The lists that may come flattened (`Tag.1.Key`); the others travel as JSON alone.
FLATTENED = frozenset(
    ("DataSourceIds", "Filters", "ResourceGroupIds", "ResourceId", "ResourceName", "Tag", "TagKey")
)

_CROSS_ACCOUNTS = "AccountScope Accounts"
_PAGE = "PageNumber PageSize"
_CROSS_ACCOUNT = "CrossAccountType CrossAccountUserId CrossAccountRoleName"
_NEW_VAULT = "VaultRegionId VaultName VaultStorageClass Description EncryptType KmsKeyId"
_BINDING = "PolicyId SourceType DataSourceId"

HBR: Mapping[str, str] = {
    "CreatePolicyV2": "PolicyName PolicyDescription PolicyType Rules",
    "UpdatePolicyV2": "PolicyId PolicyName PolicyDescription Rules",
    "DeletePolicyV2": "PolicyId",
    "DescribePoliciesV2": f"PolicyId MaxResults NextToken RuleScope {_CROSS_ACCOUNTS}",
    "ExecutePolicyV2": f"RuleId {_BINDING}",
    "DescribeBackupJobs2": f"Edition Filters SortDirection SourceType {_PAGE}",
    "AddCrossAccount": f"{_CROSS_ACCOUNT} Alias",
    "DescribeCrossAccounts": _PAGE,
    "DeleteCrossAccount": _CROSS_ACCOUNT,
    "SearchHistoricalSnapshots": "Edition SourceType Query Order SortBy Limit NextToken",
    "CreatePolicyBindings": "PolicyId PolicyBindingList",
    "DescribePolicyBindings": "PolicyId DataSourceIds SourceType Filters MaxResults NextToken",
    "UpdatePolicyBinding": (
        f"{_BINDING} Source Include Exclude SpeedLimit Disabled PolicyBindingDescription AdvancedOptions"
    ),
    "DeletePolicyBinding": "PolicyId SourceType DataSourceIds",
    "CreateVault": f"{_NEW_VAULT} VaultType WormEnabled Replication",
    "CreateReplicationVault": (
        f"{_NEW_VAULT} RedundancyType ReplicationSourceRegionId ReplicationSourceVaultId"
    ),
    "DescribeVaults": (
        "VaultId VaultName VaultRegionId VaultType Status ResourceGroupId VaultOwnerId Replication Tag"
        f" {_PAGE}"
    ),
    "UpdateVault": "VaultId VaultName Description WormEnabled ResourceGroupId",
    "DeleteVault": "VaultId ResourceGroupId Token",
    "ChangeResourceGroup": "ResourceId ResourceType NewResourceGroupId",
    "TagResources": "ResourceType ResourceId Tag",
    "UntagResources": "ResourceType ResourceId TagKeys TagKey All",
    "ListTagResources": "ResourceType ResourceId Tag NextToken PageSize",
    "DescribeRegions": "",
    "DescribeVaultReplicationRegions": "VaultId Token",
    "OpenHbrService": "",
}

KMS: Mapping[str, str] = {
    "CreateKey": (
        "Description KeySpec KeyUsage Origin ProtectionLevel EnableAutomaticRotation DKMSInstanceId"
        " KeyStorageMechanism Policy RotationInterval Tags"
    ),
    "DescribeKey": "KeyId",
    "ScheduleKeyDeletion": "KeyId PendingWindowInDays",
    "TagResources": "ResourceType ResourceId Tag",
    "UntagResources": "ResourceType ResourceId TagKeys TagKey All",
    "ListTagResources": "ResourceType ResourceId Tag NextToken PageSize",
}

_MARKER = "Marker MaxItems"
_POLICY = "PolicyName PolicyType"
_USER = "DisplayName MobilePhone Email Comments"
_NEW_USER = "NewUserName NewDisplayName NewMobilePhone NewEmail NewComments"
_TAGGED = "ResourceType ResourceNames ResourceName"

RAM: Mapping[str, str] = {
    "CreatePolicy": "PolicyName PolicyDocument Description Tag",
    "GetPolicy": _POLICY,
    "ListPolicies": f"PolicyType Tag {_MARKER}",
    "DeletePolicy": "PolicyName CascadingDelete",
    "UpdatePolicyDescription": "PolicyName NewDescription",
    "CreatePolicyVersion": "PolicyName PolicyDocument SetAsDefault RotateStrategy",
    "GetPolicyVersion": f"{_POLICY} VersionId",
    "ListPolicyVersions": _POLICY,
    "SetDefaultPolicyVersion": "PolicyName VersionId",
    "DeletePolicyVersion": "PolicyName VersionId",
    **{
        f"{verb}{kind}": f"{_POLICY} {kind}Name ResourceGroupId"
        for verb in ("AttachPolicyTo", "DetachPolicyFrom")
        for kind in ("User", "Group", "Role")
    },
    **{f"ListPoliciesFor{kind}": f"{kind}Name" for kind in ("User", "Group", "Role")},
    "ListEntitiesForPolicy": _POLICY,
    "CreateUser": f"UserName {_USER}",
    "CreateGroup": "GroupName Comments",
    "CreateRole": "RoleName AssumeRolePolicyDocument Description MaxSessionDuration AllowConsoleLogin Tag",
    **{f"{verb}{kind}": f"{kind}Name" for verb in ("Get", "Delete") for kind in ("User", "Group", "Role")},
    "UpdateUser": f"UserName {_NEW_USER}",
    "UpdateGroup": "GroupName NewGroupName NewComments",
    "UpdateRole": (
        "RoleName NewAssumeRolePolicyDocument NewDescription NewMaxSessionDuration NewAllowConsoleLogin"
    ),
    "ListUsers": _MARKER,
    "ListGroups": _MARKER,
    "ListRoles": f"Tag {_MARKER}",
    "AddUserToGroup": "UserName GroupName",
    "RemoveUserFromGroup": "UserName GroupName",
    "ListUsersForGroup": f"GroupName {_MARKER}",
    "ListGroupsForUser": "UserName",
    "ListAccessKeys": "UserName",
    "GetLoginProfile": "UserName",
    "DeleteLoginProfile": "UserName",
    "UnbindMFADevice": "UserName",
    "GetUserMFAInfo": "UserName",
    "ListVirtualMFADevices": "",
    "SetAccountAlias": "AccountAlias",
    **dict.fromkeys(
        ("GetAccountAlias", "ClearAccountAlias", "GetPasswordPolicy", "GetSecurityPreference"), ""
    ),
    "SetPasswordPolicy": (
        "MinimumPasswordLength RequireLowercaseCharacters RequireUppercaseCharacters RequireNumbers"
        " RequireSymbols HardExpiry MaxPasswordAge PasswordReusePrevention MaxLoginAttemps"
    ),
    "SetSecurityPreference": (
        "EnableSaveMFATicket AllowUserToChangePassword AllowUserToManageAccessKeys"
        " AllowUserToManageMFADevices AllowUserToManagePublicKeys LoginSessionDuration LoginNetworkMasks"
    ),
    "DecodeDiagnosticMessage": "EncodedDiagnosticMessage",
    "TagResources": f"{_TAGGED} Tag",
    "UntagResources": f"{_TAGGED} TagKeys TagKey All",
    "ListTagResources": f"{_TAGGED} Tag NextToken PageSize",
}

STS: Mapping[str, str] = {
    "AssumeRole": "RoleArn RoleSessionName DurationSeconds Policy ExternalId SourceIdentity",
    "GetCallerIdentity": "",
}

RESOURCE_MANAGER: Mapping[str, str] = {
    "ListResourceGroups": (
        f"Status DisplayName Name ResourceGroupId ResourceGroupIds IncludeTags Tag {_PAGE}"
    ),
    "GetResourceGroup": "ResourceGroupId IncludeTags",
}
