from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacks.context import AppContext, ContextError
from stacks.target import ProviderName, RemoteState

GOOD: dict[str, Any] = {
    "vault_id": "v-1",
    "report_bucket": "reports",
    "report_reader_networks": ["203.0.113.0/24", "2001:db8::/32"],
}


def test_what_is_left_out_has_a_default() -> None:
    context = AppContext.from_values(GOOD)
    assert (context.target.provider, context.target.region) == (ProviderName.ALICLOUD, "cn-hangzhou")
    assert context.target.state is None
    assert context.backups.replication_region_id == "cn-shanghai"
    assert context.access.set_as_default is True
    assert (context.protection.bucket, context.protection.reader_role) == ("reports", "report-reader")


def test_everything_can_be_set() -> None:
    context = AppContext.from_values(
        {
            **GOOD,
            "provider": "alipolicy",
            "region": "cn-beijing",
            "replication_region_id": "cn-qingdao",
            "environment": "staging",
            "set_as_default": False,
            "report_reader_role": "auditor",
            "state": {"bucket": "states", "region": "cn-beijing", "prefix": "team"},
        }
    )
    assert context.target.provider is ProviderName.ALIPOLICY
    assert context.target.state == RemoteState(bucket="states", region="cn-beijing", prefix="team")
    assert context.backups.environment == "staging"
    assert context.access.set_as_default is False
    assert context.protection.reader_role == "auditor"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("vault_id", None, "vault_id is missing; it must be the id of the vault"),
        ("vault_id", "", 'vault_id is ""; it must be the id of the vault'),
        ("vault_id", 7, "vault_id is 7"),
        ("report_bucket", "*", 'report_bucket is "*"; it must be the name of an OSS bucket'),
        ("report_bucket", "My Bucket/*", "3 to 63 lower-case letters"),
        ("provider", "aws", 'provider is "aws"; it must be alicloud or alipolicy'),
        ("region", ["cn-hangzhou"], 'region is ["cn-hangzhou"]; it must be the region'),
        ("report_reader_networks", "203.0.113.0/24", "it must be a list of CIDR blocks"),
        ("report_reader_networks", ["203.0.113.0/99"], "it must be a list of CIDR blocks"),
        ("report_reader_networks", [], "it must be a list of CIDR blocks"),
        ("set_as_default", "yes", 'set_as_default is "yes"; it must be true or false'),
        ("state", "bucket", "state is"),
        ("state", {"buckett": "b"}, "an object with the bucket, region and prefix"),
        ("state", {"bucket": "b"}, "state.region is missing"),
        ("regoin", "cn-hangzhou", "did you mean 'region'?"),
        ("regio\u202e", "cn-hangzhou", r"has 'regio\u202e': did you mean 'region'?"),
        ("vault_id", ["\ud800\x9b"], r'vault_id is ["\ud800\x9b"]; it must be'),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(key: str, value: Any, message: str) -> None:
    with pytest.raises(ContextError) as raised:
        AppContext.from_values({**GOOD, key: value})
    assert message in str(raised.value)


@pytest.mark.parametrize("text", ["{", '{"a": "\xff"', "[" * 100_000, "[]", '{"context": ["\\ud800"]}'])
def test_a_cdktf_json_that_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.delenv("CDKTF_CONTEXT_JSON", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdktf.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ContextError) as raised:
        AppContext.load()
    assert str(raised.value).isprintable()


def test_context_of_cdktf_itself_passes() -> None:
    AppContext.from_values({**GOOD, "excludeStackIdFromLogicalIds": True})


def test_the_app_ends_with_one_line_where_the_context_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text(json.dumps({"context": {**GOOD, "provider": "aws"}}))
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "stacks"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        'Error: "context" in cdktf.json: provider is "aws"; it must be alicloud or alipolicy\n'
    )
    assert not (tmp_path / "cdktf.out").exists()
