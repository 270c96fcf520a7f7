"""Regions, vaults, tags, locks, and values of another type: what is told, and what to write instead."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from attrs import evolve

from constructs_lib import (
    BackupPolicyRule,
    CrossAccount,
    DataSourceFilter,
    InvalidPropsError,
    Severity,
    TagFilter,
)
from constructs_lib.backup.checks import check_backup_policy
from constructs_lib.backup.place_checks import METADATA_REGIONS, SDK_REGIONS
from constructs_lib.findings import Finding
from tests.backup.test_checks import (
    BACKUP,
    NUMBER_TOKEN,
    REPLICATION,
    TAG,
    TOKEN,
    TRANSITION,
    Lazy,
    first_kept,
    policy,
)


def only(*rules: BackupPolicyRule, region: str | None = None) -> Finding:
    (finding,) = check_backup_policy(policy(*rules), region=region)
    return finding


def tagged(*filters: TagFilter) -> list[Finding]:
    return check_backup_policy(policy(BACKUP, TRANSITION, evolve(TAG, tag_filters=list(filters))))


# -- places


def test_bp212_copies_in_the_policys_own_region() -> None:
    finding = only(BACKUP, TRANSITION, REPLICATION, region="cn-shanghai")
    assert (finding.code, finding.path) == ("BP212", "rules[2].replication_region_id")
    for region in ("cn-hangzhou", None):
        assert check_backup_policy(policy(BACKUP, TRANSITION, REPLICATION), region=region) == []


@pytest.mark.parametrize(
    ("region", "meant"), [("cn-shanhgai", "cn-shanghai"), ("cn_hangzhou", "cn-hangzhou"), ("the north", "")]
)
def test_bp313_a_region_that_nobody_has(region: str, meant: str) -> None:
    finding = only(BACKUP, TRANSITION, evolve(REPLICATION, replication_region_id=region))
    assert (finding.code, finding.severity) == ("BP313", Severity.WARNING)
    assert f'Did you mean "{meant}"' in finding.hint if meant else "Write the id" in finding.hint


def test_the_regions_are_those_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    sdk = import_module("alibabacloud_hbr20170908.client")
    config = import_module("alibabacloud_tea_openapi.utils_models").Config
    client = sdk.Client(config(access_key_id="k", access_key_secret="s", region_id="cn-hangzhou"))
    assert set(client._endpoint_map) == set(SDK_REGIONS)
    assert client._endpoint == "hbr.cn-hangzhou.aliyuncs.com", "it has no list of those with an address each"
    assert not set(METADATA_REGIONS) & set(SDK_REGIONS)


@pytest.mark.parametrize(
    "vault", ["prod-vault", "v-0001************aseg", "V-0001", "v-", "po-000zemnuyx2li3y9y"]
)
def test_bp314_a_vault_id_that_is_none(vault: str) -> None:
    finding = only(evolve(BACKUP, vault_id=vault), TRANSITION)
    assert (finding.code, finding.path) == ("BP314", "rules[0].vault_id")


# -- tags


@pytest.mark.parametrize("key", ["", " ", "\t", "\u200b"])
def test_bp211_an_empty_key(key: str) -> None:
    (finding,) = tagged(TagFilter(key=key, value="prod"))
    assert (finding.code, finding.path) == ("BP211", "rules[2].tag_filters[0].key")


@pytest.mark.parametrize("value", [None, ""])
def test_bp312_not_without_a_value(value: str | None) -> None:
    (finding,) = tagged(TagFilter(key="env", value=value, operator="NOT"))
    assert (finding.code, finding.path) == ("BP312", "rules[2].tag_filters[0].value")


def test_bp312_equal_beside_not() -> None:
    (finding,) = tagged(TagFilter(key="env", value="prod"), TagFilter(key="tmp", value="1", operator="NOT"))
    assert (finding.code, finding.path) == ("BP312", "rules[2].tag_filters")
    assert "backs up after it is made" in finding.hint


def test_bp312_two_values_of_one_key() -> None:
    (finding,) = tagged(*(TagFilter(key="env", value=value) for value in ("prod", "prod", "test")))
    assert (finding.code, finding.path) == ("BP312", "rules[2].tag_filters")
    assert finding.received == "EQUAL with two values of the key env"
    assert "none is backed up" in finding.hint


@pytest.mark.parametrize(
    "other", [("env", "prod"), ("team", "test"), ("env", None), ("env", TOKEN), ("Env", "x")]
)
def test_bp312_is_silent_where_a_source_may_have_both(other: tuple[str, str | None]) -> None:
    assert tagged(TagFilter(key="env", value="prod"), TagFilter(key=other[0], value=other[1])) == []


@pytest.mark.parametrize("operator", [["EQUAL"], {"EQUAL": 1}])
def test_an_operator_of_another_type_is_told(operator: Any) -> None:
    (finding,) = tagged(TagFilter(key="env", value="prod", operator=operator))
    assert finding.path == "rules[2].tag_filters[0].operator"


@pytest.mark.parametrize("name", ["key", "value"])
@pytest.mark.parametrize("text", ["prod-*", "v?"])
def test_bp312_wildcards_are_taken_literally(name: str, text: str) -> None:
    (finding,) = tagged(TagFilter(**{"key": "env", name: text}))
    assert (finding.code, finding.path) == ("BP312", f"rules[2].tag_filters[0].{name}")
    assert "literally" in finding.allowed


# -- accounts


def of_accounts(*accounts: CrossAccount, scope: Any = "CROSS_ACCOUNT") -> list[Finding]:
    source = DataSourceFilter(source_type="OSS", account_scope=scope, accounts=accounts or None)
    return check_backup_policy(policy(BACKUP, TRANSITION, evolve(TAG, data_source_filters=[source])))


OTHER = CrossAccount(
    cross_account_user_id=1589753000000001,
    cross_account_type="CROSS_ACCOUNT",
    cross_account_role_name="hbrcrossrole",
)
OF_DIRECTORY = evolve(OTHER, cross_account_type="CROSS_ACCOUNT_BY_RD", cross_account_role_name=None)


def test_bp318_is_quiet_where_it_is_said_whose_sources_are_meant() -> None:
    own = CrossAccount(cross_account_type="SELF_ACCOUNT")
    assert of_accounts(own, OTHER, OF_DIRECTORY) == []
    assert of_accounts(scope="ANY_WORD") == [], "no text lists the scopes"
    unknown = CrossAccount(
        cross_account_user_id=NUMBER_TOKEN, cross_account_type=TOKEN, cross_account_role_name=TOKEN
    )
    assert of_accounts(unknown, evolve(unknown, cross_account_type="CROSS_ACCOUNT"), scope=TOKEN) == []


@pytest.mark.parametrize(
    ("account", "place", "hint"),
    [
        (evolve(OTHER, cross_account_type="CROS_ACCOUNT"), "type", 'Did you mean "CROSS_ACCOUNT"?'),
        (evolve(OTHER, cross_account_type="OTHER"), "type", "Write one of these."),
        (evolve(OTHER, cross_account_role_name=""), "role_name", "Add cross_account_role_name"),
        (evolve(OTHER, cross_account_user_id=0), "user_id", "Add cross_account_user_id"),
        (evolve(OTHER, cross_account_user_id=-1), "user_id", "Check the id"),
        (evolve(OF_DIRECTORY, cross_account_user_id=None), "user_id", "Add cross_account_user_id"),
        (CrossAccount(), "user_id", "Add cross_account_user_id"),
    ],
)
def test_bp318_an_account_that_may_not_be_the_one_that_is_meant(
    account: CrossAccount, place: str, hint: str
) -> None:
    (finding,) = of_accounts(OTHER, account)
    path = f"rules[2].data_source_filters[0].accounts[1].cross_account_{place}"
    assert (finding.code, finding.severity, finding.path) == ("BP318", Severity.WARNING, path)
    assert hint in finding.hint


@pytest.mark.parametrize(
    ("scope", "place"), [(None, "accounts"), ("", "accounts"), ("cross account", "account_scope")]
)
def test_bp318_accounts_without_a_scope_and_a_scope_that_is_no_word(scope: Any, place: str) -> None:
    (finding,) = of_accounts(OTHER, scope=scope)
    assert (finding.code, finding.path) == ("BP318", f"rules[2].data_source_filters[0].{place}")


@pytest.mark.parametrize(
    ("name", "value"), [("account_scope", 7), ("accounts", "1"), ("accounts", [1]), ("accounts", [{"a": 1}])]
)
def test_accounts_of_another_type_are_told(name: str, value: Any) -> None:
    source = DataSourceFilter(source_type="OSS", **{name: value})
    found = check_backup_policy(policy(BACKUP, TRANSITION, evolve(TAG, data_source_filters=[source])))
    assert found[0].code == "BP100"
    assert found[0].path.startswith(f"rules[2].data_source_filters[0].{name}")


def test_bp312_steps_over_tokens() -> None:
    assert tagged(TagFilter(key=TOKEN, value=TOKEN, operator=TOKEN), TagFilter(key="a", value=Lazy())) == []


# -- retentions


@pytest.mark.parametrize(("days", "reported"), [(364_635, True), (10_959, True), (10_958, False)])
def test_bp315_a_lock_for_decades(days: int, reported: bool) -> None:
    locked = evolve(BACKUP, vault_id=None, immutable=True)
    found = check_backup_policy(policy(locked, evolve(TRANSITION, retention=days)))
    assert [(each.code, each.path) for each in found] == [("BP315", "rules[0].immutable")] * reported


def test_bp315_says_how_many_years() -> None:
    locked = evolve(BACKUP, vault_id=None, immutable=True)
    finding = only(locked, evolve(TRANSITION, retention=364_635))
    assert finding.received == "true, with backups kept 364,635 days (999 years)"


def test_bp316_a_weekly_rule_beside_another() -> None:
    (weekly,) = first_kept(7, weekly=90).retention_rules  # type: ignore[misc]
    twice = BackupPolicyRule.transition(retention=7, retention_rules=[evolve(weekly, retention=30), weekly])
    finding = only(BACKUP, twice)
    assert (finding.code, finding.path) == ("BP316", "rules[1].retention_rules[0].retention")
    assert "the 90 days of the other take effect" in finding.allowed
    unknown = evolve(twice, retention_rules=[evolve(weekly, retention=NUMBER_TOKEN), weekly])
    assert check_backup_policy(policy(BACKUP, unknown)) == []


# -- types


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("keep_latest_snapshots", True, "Write 1."),
        ("keep_latest_snapshots", False, "Write 0."),
        ("retention", "30", "Write 30, without quotes."),
        ("retention", 30.0, "Write 30."),
        ("retention", "30.0", "Write 30, without quotes."),
        ("immutable", "true", "Write True, without quotes."),
        ("immutable", 1, "Write True."),
        ("vault_id", 17, 'Write "17", in quotes.'),
        ("retention", Decimal("1.5"), "Write the value itself, or an expression for it."),
        ("retention", 30.5, "Write the value itself, or an expression for it."),
        ("retention", "a month", "Write the value itself, or an expression for it."),
        ("retention", [30], "Write the value itself, or an expression for it."),
    ],
)
def test_bp100_says_what_to_write(name: str, value: Any, hint: str) -> None:
    finding = only(evolve(BACKUP, **{name: value}), TRANSITION)
    assert (finding.code, finding.path, finding.hint) == ("BP100", f"rules[0].{name}", hint)


@pytest.mark.parametrize(
    ("operator", "meant"),
    [
        ("NOT_EQUAL", None),
        ("EQUALS", "EQUAL"),
        ("equal", "EQUAL"),
        ("UNEQUAL", None),
        ("INEQUAL", None),
        ("NEQUAL", None),
    ],
)
def test_bp101_never_suggests_the_opposite(operator: str, meant: str | None) -> None:
    (finding,) = tagged(TagFilter(key="env", value="prod", operator=operator))
    assert finding.hint == (f'Did you mean "{meant}"?' if meant else "Write one of these.")


def test_an_error_lists_each_cause_once() -> None:
    error = InvalidPropsError("x", check_backup_policy(policy(BACKUP, evolve(TRANSITION, retention=0))))
    assert [finding.code for finding in error.findings] == ["BP103"]
