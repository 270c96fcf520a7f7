from __future__ import annotations

from typing import Any

import jsii
import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import (
    AdvancedRetention,
    AdvancedRetentionType,
    AlicloudProvider,
    BackupPolicy,
    BackupPolicyRule,
    BackupType,
    CrossAccount,
    CrossAccountType,
    DataSourceFilter,
    InvalidPropsError,
    PolicyType,
    RuleType,
    Schedule,
    SourceType,
    TagFilter,
    TagOperator,
    cdktf,
)
from constructs_lib.testing import synth

DAILY = Schedule.every("P1D", start=1648647166)
RULES = [BackupPolicyRule.backup(schedule=DAILY, vault_id="v-1"), BackupPolicyRule.transition(retention=30)]


def page_example(scope: cdktf.TerraformStack) -> BackupPolicy:
    """Every parameter of the CreatePolicyV2 page, with the page's own example of each."""
    return BackupPolicy(
        scope,
        "daily",
        policy_name="Daily local backup + cross-region backup",
        policy_type=PolicyType.STANDARD,
        policy_description="Back up once daily at 10:00 AM, with cross-region backup to Shanghai.",
        rules=[
            BackupPolicyRule.backup(
                schedule=Schedule.parse("I|1648647166|P1D"),
                backup_type=BackupType.COMPLETE,
                retention=7,
                vault_id="v-0001************aseg",
                keep_latest_snapshots=1,
            ),
            BackupPolicyRule.transition(
                retention=7,
                retention_rules=[
                    AdvancedRetention(
                        advanced_retention_type=AdvancedRetentionType.YEARLY, which_snapshot=1, retention=730
                    )
                ],
            ),
            BackupPolicyRule.replication(replication_region_id="cn-shanghai", retention=7),
            BackupPolicyRule.tag(
                source_types=[SourceType.OSS],
                tag_filters=[TagFilter(key="env", value="prod", operator=TagOperator.EQUAL)],
            ),
        ],
    )


@jsii.implements(cdktf.IStringProducer)
class Region:
    def produce(self, context: cdktf.IResolveContext) -> str:
        return "cn-shanghai"


def every_field(scope: cdktf.TerraformStack, **left_out: None) -> BackupPolicy:
    """A rule with every field that the API has, whatever it may mean there."""
    fields: dict[str, Any] = {
        "rule_type": RuleType.SECURITY,
        "schedule": "C|1631685600|0 0 2 ? * 3,5,7",
        "backup_type": BackupType.INCREMENTAL,
        "retention": 365,
        "replication_region_id": "cn-shanghai",
        "retention_rules": [
            AdvancedRetention(advanced_retention_type="DAILY", retention=400, which_snapshot=1)
        ],
        "vault_id": "v-1",
        "keep_latest_snapshots": 0,
        "immutable": False,
        "archive_days": 30,
        "data_source_filters": [
            DataSourceFilter(
                source_type="OSS",
                data_source_ids=["ds-1"],
                account_scope="CROSS_ACCOUNT",
                accounts=[
                    CrossAccount(
                        cross_account_user_id=1589753000000001,
                        cross_account_type=CrossAccountType.CROSS_ACCOUNT,
                        cross_account_role_name="hbrcrossrole",
                    )
                ],
            )
        ],
        "tag_filters": [TagFilter(key="env"), TagFilter(key="tier", value="gold", operator="NOT")],
        **left_out,
    }
    reason = "shows what is sent"
    return BackupPolicy(
        scope,
        "every-field",
        rules=[*RULES, BackupPolicyRule(**fields)],
        acknowledge=dict.fromkeys(("BP203", "BP204", "BP306"), reason),
    )


def only(content: dict[str, Any], resource_type: str) -> dict[str, Any]:
    (resource,) = content["resource"][resource_type].values()
    found: dict[str, Any] = resource
    return found


def test_the_example_of_the_api_page(stack: cdktf.TerraformStack, terraform: SnapshotAssertion) -> None:
    assert synth(page_example(stack)) == terraform


def test_the_example_of_the_api_page_for_our_provider(
    own_stack: cdktf.TerraformStack, terraform: SnapshotAssertion
) -> None:
    assert synth(page_example(own_stack)) == terraform


def test_every_field(stack: cdktf.TerraformStack, terraform: SnapshotAssertion) -> None:
    filters = [DataSourceFilter(source_type="OSS")]
    assert synth(every_field(stack, data_source_filters=filters)) == terraform  # type: ignore[arg-type]


def test_every_field_for_our_provider(own_stack: cdktf.TerraformStack, terraform: SnapshotAssertion) -> None:
    assert synth(every_field(own_stack)) == terraform


def test_a_ladder(stack: cdktf.TerraformStack, terraform: SnapshotAssertion) -> None:
    policy = BackupPolicy.tiered(
        stack,
        "ladder",
        policy_name="ladder",
        policy_description="the usual ladder",
        schedule=DAILY,
        vault_id="v-1",
        retention=7,
        daily=30,
        weekly=90,
        monthly=365,
        yearly=2555,
        rules=[BackupPolicyRule.replication(replication_region_id="cn-shanghai", retention=30)],
    )
    assert synth(policy) == terraform


def test_a_ladder_without_a_vault_is_for_ecs_instances(stack: cdktf.TerraformStack) -> None:
    policy = BackupPolicy.tiered(stack, "ecs", schedule=DAILY, retention=7, keep_latest_snapshots=0)
    resource = only(synth(policy), "alicloud_hbr_policy")
    assert resource["policy_type"] == "UDM_ECS_ONLY"
    assert resource["rules"] == [
        {
            "rule_type": "BACKUP",
            "schedule": str(DAILY),
            "backup_type": "COMPLETE",
            "keep_latest_snapshots": 0,
            "archive_days": 0,
            "immutable": False,
        },
        {"rule_type": "TRANSITION", "retention": 7, "archive_days": 0, "immutable": False},
    ]


def test_what_is_not_given_is_not_written(stack: cdktf.TerraformStack) -> None:
    resource = only(synth(BackupPolicy(stack, "p", rules=RULES)), "alicloud_hbr_policy")
    assert set(resource) == {"rules"}


def test_attributes_that_only_terraform_knows(stack: cdktf.TerraformStack) -> None:
    policy = BackupPolicy(stack, "p", rules=RULES)
    cdktf.TerraformOutput(stack, "id", value=policy.policy_id)
    cdktf.TerraformOutput(stack, "time", value=policy.create_time)
    assert {name: output["value"] for name, output in synth(stack)["output"].items()} == {
        "id": "${alicloud_hbr_policy.p.id}",
        "time": "${alicloud_hbr_policy.p.create_time}",
    }


# -- errors


def test_all_findings_come_in_one_error_at_the_users_line(stack: cdktf.TerraformStack) -> None:
    wrong = BackupPolicyRule.backup(schedule="I|0|P1X", vault_id="v-1", keep_latest_snapshots=7)
    with pytest.raises(InvalidPropsError) as raised:
        BackupPolicy(stack, "wrong", policy_type="STANDART", rules=[wrong, RULES[1]])
    assert [finding.code for finding in raised.value.findings] == ["BP101", "BP102", "BP106"]
    assert str(raised.value).startswith("BackupPolicy 'wrong' has 3 findings to fix:\n")
    assert str(raised.traceback[0].path) == __file__


def test_a_policy_with_findings_creates_nothing(stack: cdktf.TerraformStack) -> None:
    with pytest.raises(InvalidPropsError):
        BackupPolicy(stack, "p", rules=[])
    assert "resource" not in synth(stack)
    BackupPolicy(stack, "p", rules=RULES)  # the id is still free


def test_copies_in_the_providers_own_region() -> None:
    copies = [*RULES, BackupPolicyRule.replication(replication_region_id="cn-hangzhou", retention=30)]
    unknown = cdktf.TerraformStack(cdktf.App(), "unknown")
    AlicloudProvider(unknown, "alicloud")
    AlicloudProvider(unknown, "elsewhere", region="cn-hangzhou", alias="elsewhere")
    BackupPolicy(unknown, "p", rules=copies)
    own = cdktf.TerraformStack(cdktf.App(), "own")
    provider = AlicloudProvider(own, "alicloud", region="cn-hangzhou")
    with pytest.raises(InvalidPropsError, match=r"BP212 rules\[2\].replication_region_id"):
        BackupPolicy(own, "p", rules=copies)
    with pytest.raises(InvalidPropsError, match="BP212"):
        BackupPolicy(own, "q", rules=copies, provider=provider)


def test_an_error_tells_how_to_acknowledge(stack: cdktf.TerraformStack) -> None:
    locked = [*RULES, BackupPolicyRule.backup(schedule="C|0|0 0 2 * * ?", vault_id="v-1", immutable=True)]
    with pytest.raises(InvalidPropsError, match=r'acknowledge=\{"BP206": "why it is fine here"\}'):
        BackupPolicy(stack, "p", rules=locked)
    BackupPolicy(stack, "p", rules=locked, acknowledge={"BP206": "the console takes it"})


@pytest.mark.parametrize(
    ("acknowledge", "message"),
    [
        ({"BP999": "why"}, "no check of this resource has this code"),
        ({"PV201": "why"}, "no check of this resource has this code"),
        ({"BP103": "why"}, "only 2xx and 3xx codes can be acknowledged"),
        ({"BP401": "why"}, "only 2xx and 3xx codes can be acknowledged"),
        ({"BP202": " "}, "say in words why"),
        ({"BP202": None}, "say in words why"),
        (["BP202"], "acknowledge is"),
    ],
)
def test_an_acknowledgement_that_is_wrong(
    stack: cdktf.TerraformStack, acknowledge: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        BackupPolicy(stack, "p", rules=RULES, acknowledge=acknowledge)


def test_a_warning_becomes_an_annotation_unless_it_is_acknowledged(stack: cdktf.TerraformStack) -> None:
    risky = [
        BackupPolicyRule.backup(schedule="C|0|0 0 2 ? * SAT", vault_id="v-1"),
        BackupPolicyRule.transition(retention=5),
    ]
    loud = BackupPolicy(stack, "loud", rules=risky)
    quiet = BackupPolicy(stack, "quiet", rules=risky, acknowledge={"BP303": "a test system"})
    (entry,) = [entry for entry in loud.node.metadata if entry.type.endswith("warn")]
    assert entry.data.startswith("BP303 rules[1].retention: received 5; allowed: at least 7 days")
    assert not [entry for entry in quiet.node.metadata if entry.type.endswith("warn")]


def test_deprecated_ids_need_our_provider(stack: cdktf.TerraformStack) -> None:
    with pytest.raises(InvalidPropsError, match="AlipolicyProvider") as raised:
        every_field(stack)
    assert [finding.code for finding in raised.value.findings] == ["BP401", "BP403", "BP403"]


@pytest.mark.parametrize("backup_type", ["DIFFERENTIAL", "LOG", "INDEX", "ARCHIVE", "ARCHIVE_BY_SEARCH"])
def test_the_rarer_backup_types_need_our_provider(
    stack: cdktf.TerraformStack, own_stack: cdktf.TerraformStack, backup_type: str
) -> None:
    rules = [
        BackupPolicyRule.backup(schedule=DAILY, vault_id="v-1", backup_type=backup_type),
        BackupPolicyRule.transition(retention=7),
    ]
    with pytest.raises(InvalidPropsError, match="BP402"):
        BackupPolicy(stack, "p", rules=rules)
    BackupPolicy(own_stack, "p", rules=rules)


def test_an_id_that_is_taken(stack: cdktf.TerraformStack) -> None:
    BackupPolicy(stack, "p", rules=RULES)
    with pytest.raises(ValueError, match="already a Construct with name 'p'"):
        BackupPolicy(stack, "p", rules=RULES)


# -- which provider


def test_a_stack_without_a_provider_is_an_error_that_says_so(bare_stack: cdktf.TerraformStack) -> None:
    with pytest.raises(ValueError, match="has no AlicloudProvider or AlipolicyProvider yet"):
        BackupPolicy(bare_stack, "p", rules=RULES)


def test_an_aliased_provider(stack: cdktf.TerraformStack) -> None:
    beijing = AlicloudProvider(stack, "beijing", region="cn-beijing", alias="bj")
    policy = BackupPolicy(stack, "p", rules=RULES, provider=beijing)
    assert only(synth(policy), "alicloud_hbr_policy")["provider"] == "alicloud.bj"


# -- tokens


def test_tokens_at_every_leaf(stack: cdktf.TerraformStack, terraform: SnapshotAssertion) -> None:
    text = cdktf.TerraformVariable(stack, "text", type="string").string_value
    number = cdktf.TerraformVariable(stack, "number", type="number").number_value
    flag = cdktf.TerraformVariable(stack, "flag", type="bool").boolean_value
    rule = BackupPolicyRule(
        rule_type=text,
        schedule=cdktf.Fn.join("|", ["I", "0", text]),
        backup_type=cdktf.Fn.upper(text),
        retention=number,
        replication_region_id=cdktf.Lazy.string_value(Region()),
        retention_rules=[
            AdvancedRetention(advanced_retention_type=text, retention=number, which_snapshot=number)
        ],
        vault_id=f"v-{text}",
        keep_latest_snapshots=number,
        immutable=flag,
        archive_days=number,
        data_source_filters=[DataSourceFilter(source_type=text)],
        tag_filters=[TagFilter(key=text, value=text, operator=text)],
    )
    policy = BackupPolicy(
        stack, "p", policy_name=text, policy_type=text, policy_description=text, rules=[rule]
    )
    assert synth(policy) == terraform


def test_tokens_of_no_known_class(stack: cdktf.TerraformStack) -> None:
    text = cdktf.TerraformVariable(stack, "text", type="string")
    number = cdktf.TerraformVariable(stack, "number", type="number")
    name = cdktf.Fn.conditional(True, "a", "b")
    policy = BackupPolicy.tiered(
        stack, "p", schedule=DAILY, retention=number.value, vault_id=text.value, policy_name=name
    )
    resource = only(synth(policy), "alicloud_hbr_policy")
    assert resource["policy_name"] == '${true ? "a" : "b"}'
    assert resource["rules"][0]["vault_id"] == "${var.text}"
    assert resource["rules"][1]["retention"] == "${var.number}"


def test_a_number_token_within_text(stack: cdktf.TerraformStack) -> None:
    number = cdktf.TerraformVariable(stack, "number", type="number").number_value
    policy = BackupPolicy(stack, "p", policy_name=f"n{number}", rules=RULES)
    assert only(synth(policy), "alicloud_hbr_policy")["policy_name"] == "n${var.number}"


@pytest.mark.parametrize("broken", ["p-{number}", "{number}-p", "I|{number}|P1D", "{flag}"])
def test_a_token_that_python_made_a_string_is_refused(stack: cdktf.TerraformStack, broken: str) -> None:
    number = cdktf.TerraformVariable(stack, "number", type="number").number_value
    flag = cdktf.TerraformVariable(stack, "flag", type="bool").boolean_value
    with pytest.raises(ValueError, match=r"Token.as_string"):
        BackupPolicy(stack, "p", policy_description=broken.format(number=number, flag=flag), rules=RULES)
    assert "resource" not in synth(stack)


def test_ids_that_would_be_one_terraform_name(stack: cdktf.TerraformStack) -> None:
    BackupPolicy(stack, "a b", rules=RULES)
    with pytest.raises(ValueError, match=r"alicloud_hbr_policy.ab is that of 'stack/a b'; choose another id"):
        BackupPolicy(stack, "ab", rules=RULES)
    assert list(synth(stack)["resource"]["alicloud_hbr_policy"]) == ["ab"]


def test_an_id_that_would_be_no_terraform_name(stack: cdktf.TerraformStack) -> None:
    with pytest.raises(ValueError, match="let the id begin with a letter"):
        BackupPolicy(stack, "2024-daily", rules=RULES)
    assert "resource" not in synth(stack)


def test_ids_in_a_token_are_not_left_out(stack: cdktf.TerraformStack) -> None:
    ids = cdktf.TerraformVariable(stack, "ids", type="list(string)").list_value
    with pytest.raises(InvalidPropsError, match="BP401"):
        every_field(stack, data_source_filters=[DataSourceFilter(source_type="OSS", data_source_ids=ids)])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["account_scope", "accounts"])
def test_the_official_provider_has_no_accounts(stack: cdktf.TerraformStack, name: str) -> None:
    token = cdktf.TerraformVariable(stack, "any", type="any")
    given: dict[str, Any] = {"account_scope": "CROSS_ACCOUNT", "accounts": [CrossAccount()]}
    unknown: dict[str, Any] = {"account_scope": token.string_value, "accounts": token.list_value}
    for value in (given[name], unknown[name]):
        source = DataSourceFilter(source_type="OSS", **{name: value})
        with pytest.raises(InvalidPropsError, match=rf"BP403 [^$]*\.{name}[^$]*AlipolicyProvider"):
            every_field(stack, data_source_filters=[source])  # type: ignore[arg-type]


def test_a_tag_rule_takes_accounts_for_all_its_source_types() -> None:
    scope: dict[str, Any] = {"account_scope": "ANY", "accounts": [CrossAccount(cross_account_user_id=1)]}
    rule = BackupPolicyRule.tag(source_types=["OSS", "NAS"], tag_filters=[TagFilter(key="env")], **scope)
    assert rule.data_source_filters == [
        DataSourceFilter(source_type=each, **scope) for each in ("OSS", "NAS")
    ]


def test_one_source_type_needs_no_list() -> None:
    rule = BackupPolicyRule.tag(source_types=SourceType.OSS, tag_filters=[TagFilter(key="env")])
    assert rule.data_source_filters == [DataSourceFilter(source_type=SourceType.OSS)]


@pytest.mark.parametrize("wrong", [None, 7, ["#{TfToken[TOKEN.1]}"]])
def test_source_types_that_are_no_list(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"write a list such as \[SourceType.OSS\]"):
        BackupPolicyRule.tag(source_types=wrong, tag_filters=[])


def test_an_app_is_no_scope(app: cdktf.App) -> None:
    with pytest.raises(TypeError, match="scope must be a TerraformStack"):
        BackupPolicy(app, "p", rules=RULES)
    with pytest.raises(TypeError, match="synth takes a stack"):
        synth(app)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("polcy_name", "policy_name"), ("acknowlege", "acknowledge"), ("dependson", "depends_on")],
)
def test_a_misspelt_prop(stack: cdktf.TerraformStack, wrong: str, meant: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected argument {wrong}; did you mean {meant}[?]"):
        BackupPolicy(stack, "p", rules=RULES, **{wrong: None})


@pytest.mark.parametrize("name", ["policy_name", "policy_description"])
def test_half_of_a_surrogate_pair_is_a_finding(stack: cdktf.TerraformStack, name: str) -> None:
    props: Any = {name: "a\ud800"}
    with pytest.raises(InvalidPropsError) as raised:
        BackupPolicy(stack, "odd", rules=RULES, **props)
    [finding] = raised.value.findings
    assert (finding.code, finding.path, finding.received) == ("BP100", name, r'"a\ud800"')
    assert finding.allowed == "a string that UTF-8 can encode"
    rules = [BackupPolicyRule.backup(schedule="I|0|P1D", vault_id="\udc80"), RULES[1]]
    with pytest.raises(InvalidPropsError, match=r"BP100 rules\[0\].vault_id"):
        BackupPolicy(stack, "odd", rules=rules)
    props = {name: "a 😀 \0 \u2028 \u202e"}
    BackupPolicy(stack, "even", rules=RULES, **props)
