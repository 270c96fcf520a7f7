"""The context of `cdktf.json`, as the inputs of the stacks."""

from __future__ import annotations

import difflib
import ipaddress
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from constructs_lib.findings import shown
from stacks.access import AccessInputs
from stacks.backups import BackupInputs
from stacks.protection import ProtectionInputs
from stacks.target import ProviderName, RemoteState, Target

NETWORKS = "a list of CIDR blocks, such as 203.0.113.0/24"
# What each value must be; Terraform's or CDKTF's own names may stand beside them.
KEYS = {
    "provider": "alicloud or alipolicy",
    "region": "the region of the provider, such as cn-hangzhou",
    "vault_id": "the id of the vault to back up into, such as v-0001…",
    "replication_region_id": "the region of the copies, such as cn-shanghai",
    "environment": "the value of the tag env, such as prod",
    "report_bucket": "the name of an OSS bucket: 3 to 63 lower-case letters, digits and hyphens",
    "report_reader_networks": NETWORKS,
    "report_reader_role": "the name of a RAM role that may read the bucket, such as report-reader",
    "set_as_default": "true or false",
    "state": "an object with the bucket, region and prefix of the remote state",
}


class ContextError(ValueError):
    """A value of the context is missing or cannot be used; the message says which, and what is allowed."""


@frozen(kw_only=True)
class AppContext:
    """What the app is made with."""

    target: Target
    backups: BackupInputs
    access: AccessInputs
    protection: ProtectionInputs

    @classmethod
    def load(cls) -> AppContext:
        """From what the CDKTF CLI (or `alipolicy synth`) hands over, else from ./cdktf.json."""
        text = os.environ.get("CDKTF_CONTEXT_JSON")
        try:
            values = json.loads(text or Path("cdktf.json").read_text("utf-8"))
            context = values if text else values.get("context", {})
        except FileNotFoundError:
            raise ContextError("there is no cdktf.json here: run the app where it is") from None
        except (ValueError, RecursionError) as error:
            raise ContextError(f"the context is not JSON: {error}") from None
        except AttributeError:
            raise ContextError("cdktf.json is no JSON object") from None
        return cls.from_values(context)

    @classmethod
    def from_values(cls, values: object) -> AppContext:
        """From an object of names and values. Raises `ContextError`."""
        if not isinstance(values, Mapping):
            raise ContextError(f"the context is {shown(values)}; it must be an object of names and values")
        for key in values:
            close = difflib.get_close_matches(key, KEYS, n=1)
            if key not in KEYS and close:
                raise ContextError(f"the context has {key!r}: did you mean {close[0]!r}?")
        region = _read_string(values, "region", "cn-hangzhou")
        return cls(
            target=Target(provider=_read_provider(values), region=region, state=_read_state(values)),
            backups=BackupInputs(
                vault_id=_read_string(values, "vault_id"),
                replication_region_id=_read_string(values, "replication_region_id", "cn-shanghai"),
                environment=_read_string(values, "environment", "prod"),
            ),
            access=AccessInputs(
                report_bucket=_read_bucket(values),
                report_reader_networks=_read_networks(values),
                set_as_default=_read_flag(values, "set_as_default", True),
            ),
            protection=ProtectionInputs(
                bucket=_read_bucket(values),
                reader_role=_read_string(values, "report_reader_role", "report-reader"),
            ),
        )


def _make_error(key: str, value: object, allowed: str) -> ContextError:
    received = "missing" if value is None else shown(value)
    return ContextError(f'"context" in cdktf.json: {key} is {received}; it must be {allowed}')


def _read_string(values: Mapping[str, Any], key: str, default: str | None = None, within: str = "") -> str:
    value = values.get(key, default)
    if not isinstance(value, str) or not value:
        raise _make_error(f"{within}{key}", value, KEYS.get(f"{within}{key}", "a string"))
    return value


def _read_flag(values: Mapping[str, Any], key: str, default: bool) -> bool:
    value = values.get(key, default)
    if not isinstance(value, bool):
        raise _make_error(key, value, KEYS[key])
    return value


def _read_provider(values: Mapping[str, Any]) -> ProviderName:
    name = _read_string(values, "provider", ProviderName.ALICLOUD)
    if name not in list(ProviderName):
        raise _make_error("provider", name, KEYS["provider"])
    return ProviderName(name)


def _read_bucket(values: Mapping[str, Any]) -> str:
    """A name and no pattern: `*` would open every bucket."""
    name = _read_string(values, "report_bucket")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", name):
        raise _make_error("report_bucket", name, KEYS["report_bucket"])
    return name


def _read_networks(values: Mapping[str, Any]) -> list[str]:
    key = "report_reader_networks"
    networks = values.get(key)
    if not isinstance(networks, list) or not networks or not all(map(_is_network, networks)):
        raise _make_error(key, networks, NETWORKS)
    return networks


def _is_network(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_network(value))
    except ValueError:
        return False


def _read_state(values: Mapping[str, Any]) -> RemoteState | None:
    state = values.get("state")
    if state is None:
        return None
    if not isinstance(state, dict) or not set(state) <= {"bucket", "region", "prefix"}:
        raise _make_error("state", state, KEYS["state"])
    return RemoteState(
        bucket=_read_string(state, "bucket", within="state."),
        region=_read_string(state, "region", within="state."),
        prefix=_read_string(state, "prefix", "alipolicy", within="state."),
    )
