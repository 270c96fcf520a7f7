"""Whatever a client sends, it gets JSON with a request id, and never an internal error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import BACKUP, DOCUMENT, VERSIONS, Raw, acs3, headers_of, post, send
from tests.properties import examples

NAMES = (
    *("PolicyName", "PolicyType", "PolicyDocument", "PolicyId", "PolicyDescription", "Description", "Rules"),
    *("SetAsDefault", "RotateStrategy", "VersionId", "CascadingDelete", "Tag", "Marker", "MaxItems"),
    *("MaxResults", "NextToken", "VaultId", "VaultRegionId", "VaultName", "VaultType", "EncryptType"),
    *("PageNumber", "PageSize", "RoleArn", "RoleSessionName", "DurationSeconds", "Policy"),
    *("UserName", "GroupName", "RoleName"),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
TEXTS = st.sampled_from(["BACKUP", "TAG", "I|0|P1D", "STANDARD", "Allow", "1", "*", "${x}", "&{TfToken[1]}"])
KEYS = st.sampled_from(
    (
        *BACKUP,
        *("RuleId", "VaultId", "RetentionRules", "TagFilters", "DataSourceFilters", "DataSourceIds"),
        *("Key", "Value", "Operator", "SourceType", "AdvancedRetentionType", "WhichSnapshot", "Immutable"),
        *("Version", "Statement", "Effect", "Action", "Resource", "Condition", "&{TfToken[1]}"),
    )
)
JSON = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
RULES = st.lists(JSON | st.dictionaries(KEYS, JSON).map(lambda rule: BACKUP | rule), max_size=3)
VALUES = (
    st.sampled_from(["", "p", "Custom", "System", "true", "10", "v1", "v2", DOCUMENT, "[{}]"])
    | st.text(max_size=40)
    | JSON.map(json.dumps)
    | RULES.map(json.dumps)
)
PARAMETERS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=10), VALUES, max_size=8)


@pytest.fixture(scope="module")
def shared() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.add_principal("User", "p")
        cloud.add_principal("Role", "p")
        yield cloud


def check(answer: Raw) -> None:
    assert len(answer.json["RequestId"]) == 36
    assert answer.status < 500, answer.json


def utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@examples(200)
@given(operation=st.sampled_from(sorted(VERSIONS)), parameters=PARAMETERS, in_body=st.booleans())
def test_any_parameters(
    shared: LocalCloud, operation: str, parameters: dict[str, str], in_body: bool
) -> None:
    sent = {utf8(name): utf8(value) for name, value in parameters.items()}
    if in_body:
        form = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode(sent).encode()
        headers = acs3(shared, headers_of(shared, operation) | form, body=body)
        answer = send(shared, "POST", "/", headers, body)
    else:
        # The SDK's own signing does not encode names, and the wire does.
        plain = {name: value for name, value in sent.items() if name.isascii() and name.isalnum()}
        answer = post(shared, acs3(shared, headers_of(shared, operation), plain), plain)
    check(answer)
    assert answer.json.get("Code") != "SignatureDoesNotMatch"


@examples(100)
@given(rules=RULES)
def test_any_rules_are_refused_or_read_back(shared: LocalCloud, rules: list[Any]) -> None:
    parameters = {"Rules": json.dumps(rules), "PolicyType": "STANDARD"}
    created = post(shared, acs3(shared, headers_of(shared, "CreatePolicyV2"), parameters), parameters)
    check(created)
    if created.status != 200:
        return
    policy = {"PolicyId": created.json["PolicyId"]}
    reported = post(shared, acs3(shared, headers_of(shared, "DescribePoliciesV2"), policy), policy)
    check(reported)
    read = reported.json["Policies"][0]["Rules"]
    assert [rule["RuleType"] for rule in read] == [rule["RuleType"] for rule in rules]
    # What reads back can be sent again, and reads back the same.
    again = policy | {"Rules": json.dumps(read)}
    check(post(shared, acs3(shared, headers_of(shared, "UpdatePolicyV2"), again), again))
    reported = post(shared, acs3(shared, headers_of(shared, "DescribePoliciesV2"), policy), policy)
    assert reported.json["Policies"][0]["Rules"] == read
    post(shared, acs3(shared, headers_of(shared, "DeletePolicyV2"), policy), policy)


@examples(100)
@given(
    headers=st.dictionaries(
        st.sampled_from(["authorization", "x-acs-date", "x-acs-action", "x-acs-version", "content-type"])
        | st.from_regex(r"x-[a-z-]{1,9}", fullmatch=True),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
        | st.sampled_from(
            [*VERSIONS.values(), *VERSIONS, "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c"]
        ),
        max_size=5,
    ),
    query=st.binary(max_size=60),
    body=st.binary(max_size=60),
)
def test_any_headers_query_and_body(
    shared: LocalCloud, headers: dict[str, str], query: bytes, body: bytes
) -> None:
    target = "/?" + "".join(chr(byte) if 33 <= byte < 127 else f"%{byte:02x}" for byte in query)
    sent = {name: value.strip() for name, value in headers.items() if value.isprintable()}
    check(send(shared, "POST", target, sent, body))
