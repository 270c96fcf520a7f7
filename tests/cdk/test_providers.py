from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import constructs
import jsii
import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import (
    AlicloudProvider,
    AlipolicyProvider,
    BackupPolicy,
    BackupPolicyRule,
    Schedule,
    cdktf,
)
from constructs_lib.testing import synth

RULES = [
    BackupPolicyRule.backup(schedule=Schedule.every("P1D", start=0), vault_id="v-1"),
    BackupPolicyRule.transition(retention=30),
]


def created(scope: constructs.Construct, id_: str = "p", **meta: Any) -> str:
    """The type of the resource that a policy becomes here."""
    return BackupPolicy(scope, id_, rules=RULES, **meta).terraform_resource_type


def test_the_official_provider_with_everything(
    bare_stack: cdktf.TerraformStack, terraform: SnapshotAssertion
) -> None:
    secret = cdktf.TerraformVariable(bare_stack, "secret", type="string", sensitive=True)
    AlicloudProvider(
        bare_stack,
        "provider",
        region="cn-hangzhou",
        profile="team",
        shared_credentials_file="credentials.json",
        access_key="an-id",
        secret_key=secret.string_value,
        security_token=secret.string_value,
        assume_role={"role_arn": "acs:ram::1:role/r", "session_name": "s", "session_expiration": 900},
        endpoints={"hbr": "127.0.0.1:1", "ram": "127.0.0.1:2", "sts": "127.0.0.1:3"},
        protocol="HTTP",
        account_id="1",
        ecs_role_name="role",
        alias="hz",
        version_constraint=">= 1.290.0",
    )
    assert synth(bare_stack) == terraform


def test_our_provider_with_everything(bare_stack: cdktf.TerraformStack, terraform: SnapshotAssertion) -> None:
    secret = cdktf.TerraformVariable(bare_stack, "secret", type="string", sensitive=True)
    AlipolicyProvider(
        bare_stack,
        "provider",
        region="cn-hangzhou",
        profile="team",
        shared_credentials_file="credentials.json",
        access_key="an-id",
        secret_key=secret.string_value,
        security_token=secret.string_value,
        assume_role={"role_arn": "acs:ram::1:role/r", "policy": "{}", "external_id": "e"},
        endpoints={"hbr": "127.0.0.1:1"},
        protocol="HTTP",
        client_read_timeout=1000,
        client_connect_timeout=2000,
        max_retry_timeout=3,
        alias="own",
    )
    assert synth(bare_stack) == terraform


@pytest.mark.parametrize("provider", [AlicloudProvider, AlipolicyProvider])
@pytest.mark.parametrize("name", ["secret_key", "security_token"])
def test_a_secret_in_plain_text_is_refused_and_not_repeated(
    bare_stack: cdktf.TerraformStack, provider: Any, name: str
) -> None:
    with pytest.raises(ValueError, match=f"{name} would stand in plain text") as raised:
        provider(bare_stack, "provider", **{name: "hunter2"})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("provider", "own"),
    [
        (AlicloudProvider, ["account_id", "ecs_role_name"]),
        (AlipolicyProvider, ["client_read_timeout", "client_connect_timeout", "max_retry_timeout"]),
    ],
)
def test_every_argument_is_shown_and_documented(provider: Any, own: list[str]) -> None:
    shown = inspect.signature(provider.__init__).parameters
    assert {"region", "secret_key", "assume_role", "alias", "version_constraint", *own} < set(shown)
    assert not any(parameter.kind is parameter.VAR_KEYWORD for parameter in shown.values())
    by_name = [name for name in shown if name not in ("self", "scope", "id_")]
    assert [name for name in by_name if f"`{name}`" not in provider.__init__.__doc__] == []


def test_the_provider_of_the_stack_decides(
    stack: cdktf.TerraformStack, own_stack: cdktf.TerraformStack
) -> None:
    assert created(stack) == "alicloud_hbr_policy"
    assert created(own_stack) == "alipolicy_backup_policy"


def test_with_both_providers_the_construct_has_to_say_which(stack: cdktf.TerraformStack) -> None:
    assert created(stack, "before") == "alicloud_hbr_policy"
    own = AlipolicyProvider(stack, "own")
    with pytest.raises(ValueError, match="choose by provider="):
        created(stack)
    assert created(stack, "ours", provider=own) == "alipolicy_backup_policy"


def test_two_providers_of_one_kind_are_no_question(stack: cdktf.TerraformStack) -> None:
    AlicloudProvider(stack, "beijing", region="cn-beijing", alias="bj")
    assert created(stack) == "alicloud_hbr_policy"


def test_the_provider_counts_for_constructs_within_the_stack(stack: cdktf.TerraformStack) -> None:
    team = constructs.Construct(stack, "team")
    assert created(team, "one") == created(team, "two") == "alicloud_hbr_policy"


def test_a_provider_may_stand_deeper_in_the_tree(bare_stack: cdktf.TerraformStack) -> None:
    AlipolicyProvider(constructs.Construct(bare_stack, "shared"), "provider")
    assert created(constructs.Construct(bare_stack, "team")) == "alipolicy_backup_policy"


def test_a_provider_may_come_after_a_first_attempt(bare_stack: cdktf.TerraformStack) -> None:
    with pytest.raises(ValueError, match="add one before its first policy"):
        created(bare_stack)
    AlicloudProvider(bare_stack, "provider")
    assert created(bare_stack) == "alicloud_hbr_policy"


def test_bindings_of_the_official_provider_will_do(bare_stack: cdktf.TerraformStack) -> None:
    class Generated(cdktf.TerraformProvider):
        """As `cdktf get` generates it."""

        def __init__(self, scope: constructs.Construct, id_: str) -> None:
            super().__init__(
                scope, id_, terraform_resource_type="alicloud", terraform_provider_source="aliyun/alicloud"
            )

    foreign = Generated(bare_stack, "foreign")
    assert created(bare_stack) == "alicloud_hbr_policy"
    assert created(bare_stack, "named", provider=foreign) == "alicloud_hbr_policy"


def test_a_provider_of_something_else_is_refused(stack: cdktf.TerraformStack) -> None:
    other = jsii.create
    with pytest.raises(ValueError, match="pass an AlicloudProvider or an AlipolicyProvider"):
        created(stack, provider=other)


def test_a_scope_that_is_no_construct() -> None:
    with pytest.raises(TypeError, match="scope must be a TerraformStack"):
        created("stack")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"region": 3}, "region must be a string; got a value of type int"),
        ({"alias": 3}, "alias must be a string"),
        ({"version_constraint": 1.289}, "version_constraint must be a string"),
        ({"protocol": "ftp"}, 'protocol must be HTTP or HTTPS; got "ftp"'),
        ({"assume_role": {"role": "x"}}, 'assume_role: unknown key "role"; write a dict of role_arn'),
        ({"assume_role": {"session_name": "x"}}, "assume_role: role_arn is missing"),
        ({"assume_role": "acs:ram::1:role/x"}, "assume_role must be a dict of role_arn"),
        ({"endpoints": [{"hbr": "x"}]}, "endpoints must be a dict of hbr, ram, sts"),
        ({"endpoints": {"oss": "x"}}, 'endpoints: unknown key "oss"'),
        ({"regoin": "cn-hangzhou"}, "unexpected argument regoin; did you mean region?"),
        ({"account_id": "1"}, "unexpected argument account_id"),
        ({"client_read_timeout": "1s"}, "client_read_timeout must be a whole number from 0"),
    ],
)
def test_a_wrong_prop_of_a_provider(
    bare_stack: cdktf.TerraformStack, props: dict[str, Any], message: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        AlipolicyProvider(bare_stack, "provider", **props)
    assert str(raised.value).startswith(f"AlipolicyProvider: {message}")
    assert "provider" not in synth(bare_stack)


def test_a_stack_of_the_other_engine_is_refused(tmp_path: Path) -> None:
    other = "cdktn" if cdktf.__name__ == "cdktf" else "cdktf"
    program = f"""
from constructs_lib import AlicloudProvider
import {other}
AlicloudProvider({other}.TerraformStack({other}.App(outdir="out"), "s"), "provider")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "ALIPOLICY_ENGINE": cdktf.__name__},
        capture_output=True,
        text=True,
        check=False,
    )
    message = f"TypeError: scope is in a stack of {other}, and the engine here is {cdktf.__name__}"
    assert done.returncode == 1
    assert message in done.stderr
