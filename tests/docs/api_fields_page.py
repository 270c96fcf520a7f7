"""The page that says where each field of the API is here: a guide of the registry.

The fields are written down as `alibabacloud_hbr20170908` 2.7.1 and the page of `ALIYUN::HBR::Policy` have
them; `test_api_fields` compares them with the installed SDK. Where a field is here is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from constructs_lib.backup.policy import BLOCKS, PROPS, BackupPolicyProps
from constructs_lib.provider.backup_policy import SCHEMA
from constructs_lib.provider.protocol.schema import Block, SchemaBody
from tests.docs.front_matter import front_matter

PAGE = """\
# Fields of the API

Where each field of CreatePolicyV2, UpdatePolicyV2 and DescribePoliciesV2 (SDK 2.7.1) and of
`ALIYUN::HBR::Policy`, the resource type of ROS, is here: the prop of `BackupPolicy`, which has the same name
as the attribute of `alipolicy_backup_policy`, or the attribute alone. C, U and D: the field is in the request
of Create, of Update, in the answer of Describe. R: it is a property of ROS.

A field that the SDK does not have is not sent: whether the API takes it is not known. What the service says
of a rule and the resource has no argument for stays as it is when the rules are updated.

## The policy

{policy}

## Its rules

{rules}

## Beside the policy

What the calls have besides: their own parameters, and what every answer has.

{beside}
"""


class Field(NamedTuple):
    """A field of the API: its path from the policy, which of the calls (C, U, D, R) have it, and what else is
    to be said, where it is not here by its own name."""

    path: str
    calls: str
    note: str = ""


_NOT_SENT = "not here: the SDK does not have it"
_FLAT = "not here: ROS has one account in a filter; the SDK has a list, `Accounts`"
_FILTER = "Rules.DataSourceFilters"
POLICY = (
    Field("PolicyId", "UD", "the attribute `id`; `policy_id` of the construct is the same"),
    Field("PolicyName", "CUDR"),
    Field("PolicyType", "CDR"),
    Field("PolicyDescription", "CUDR"),
    Field("Rules", "CUDR"),
    Field("CreatedTime", "D", "the attribute `create_time`, which the construct has too"),
    Field("UpdatedTime", "D", "not here: it would change with every update, also with those of others"),
    Field("PolicyBindingCount", "D", "`policy_binding_count` of the data source `alipolicy_backup_policies`"),
    Field("BusinessStatus", "D", "not here: its values are not documented"),
)
RULES = (
    Field("Rules.RuleId", "UD", "the attribute `rules.rule_id`, which the service gives; updates keep it"),
    Field("Rules.RuleType", "CUDR"),
    Field("Rules.Schedule", "CUDR"),
    Field("Rules.BackupType", "CUDR"),
    Field("Rules.Retention", "CUDR"),
    Field("Rules.ReplicationRegionId", "CUDR"),
    Field("Rules.VaultId", "CUDR"),
    Field("Rules.KeepLatestSnapshots", "CUDR"),
    Field("Rules.Immutable", "CUDR"),
    Field("Rules.ArchiveDays", "CUDR"),
    Field(
        "Rules.ColdArchiveDays",
        "UR",
        "not here: only an update can set it, and the SDK cannot read it back, so that no plan would see a "
        "change. Where the service says it all the same, an update keeps it; where it does not, an update of "
        "the rules may erase what was set elsewhere",
    ),
    Field("Rules.RetentionRules", "CUDR"),
    Field("Rules.RetentionRules.AdvancedRetentionType", "CUDR"),
    Field("Rules.RetentionRules.Retention", "CUDR"),
    Field("Rules.RetentionRules.WhichSnapshot", "CUDR"),
    Field(_FILTER, "CUDR"),
    Field(f"{_FILTER}.SourceType", "CUDR"),
    Field(f"{_FILTER}.DataSourceIds", "CUD"),
    Field(f"{_FILTER}.AccountScope", "CUD"),
    Field(f"{_FILTER}.Accounts", "CUD"),
    Field(f"{_FILTER}.Accounts.CrossAccountUserId", "CUD"),
    Field(f"{_FILTER}.Accounts.CrossAccountType", "CUD"),
    Field(f"{_FILTER}.Accounts.CrossAccountRoleName", "CUD"),
    Field(f"{_FILTER}.CrossAccountUserId", "R", _FLAT),
    Field(f"{_FILTER}.CrossAccountType", "R", _FLAT),
    Field(f"{_FILTER}.CrossAccountRoleName", "R", _FLAT),
    Field("Rules.TagFilters", "CUDR"),
    Field("Rules.TagFilters.Key", "CUDR"),
    Field("Rules.TagFilters.Operator", "CUDR"),
    Field("Rules.TagFilters.Value", "CUDR"),
    *(
        Field(f"Rules.{name}", "R", _NOT_SENT)
        for name in (
            *("ReplicationVaultId", "ArchiveVaultId", "Continuous", "DoDetect"),
            *("Selector", "Selector.Key", "Selector.Value"),
        )
    ),
)
# By call and side, what is not of the policy itself.
_ANSWER = "read: an answer that does not say success is an error"
BESIDE = {
    "CreatePolicyV2, answer": {"PolicyId": "the attribute `id`"},
    "DescribePoliciesV2, request": {
        "PolicyId": "sent to read one policy",
        "MaxResults": "sent",
        "NextToken": "sent: all pages are read",
        "AccountScope": "not sent: not documented; policies are found by id",
        "Accounts": "not sent: as `AccountScope`",
        "Accounts.CrossAccountUserId": "not sent: as `AccountScope`",
        "Accounts.CrossAccountType": "not sent: as `AccountScope`",
        "Accounts.CrossAccountRoleName": "not sent: as `AccountScope`",
        "RuleScope": "not sent: not documented",
    },
    "DescribePoliciesV2, answer": {
        "Policies": "the resource, and `policies` of the data source",
        "NextToken": "read: whether there are more pages",
        "MaxResults": "not read",
        "TotalCount": "not read: the policies are counted",
    },
    "every answer": {
        "Code": _ANSWER,
        "Message": _ANSWER,
        "Success": _ANSWER,
        "RequestId": "read: errors name it",
    },
}


def place_of(field: Field) -> str:
    """Where a field is here. LookupError: nowhere, and nothing says why."""
    names = [_attribute_name(name) for name in field.path.split(".")]
    if field.note:
        return field.note
    body: SchemaBody = SCHEMA.body
    owner: type = BackupPolicyProps
    for number, name in enumerate(names):
        if name not in body or name not in PROPS[owner]:
            raise LookupError(f"{field.path} is no prop and attribute, and has no note")
        node = body[name]
        if isinstance(node, Block) and number < len(names) - 1:
            body, owner = node.body, BLOCKS[name]
    return f"`{'.'.join(names)}`"


def _attribute_name(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def api_fields_page() -> str:
    """One row for each field."""
    title, description = (
        "Fields of the API",
        "Where each field of the API's calls for backup policies is here.",
    )
    head = "\n".join(front_matter(title, "", description, "tests/docs/api_fields_page.py"))
    page = PAGE.format(
        policy="\n".join(_table(POLICY)), rules="\n".join(_table(RULES)), beside="\n".join(_beside())
    )
    return f"{head}\n{page}"


def _table(fields: tuple[Field, ...]) -> Iterator[str]:
    yield "| field | C | U | D | R | here |"
    yield "|---|---|---|---|---|---|"
    for field in fields:
        marks = " | ".join("×" if call in field.calls else "" for call in "CUDR")
        yield f"| `{field.path}` | {marks} | {place_of(field)} |"


def _beside() -> Iterator[str]:
    yield "| where | field | here |"
    yield "|---|---|---|"
    for where, fields in BESIDE.items():
        for name, place in fields.items():
            yield f"| {where} | `{name}` | {place} |"
