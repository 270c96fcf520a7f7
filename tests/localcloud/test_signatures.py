"""Both signature schemes: signed by the official SDK, and everything that can be wrong with a signature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import Client, acs3, get, headers_of, post, refused, send, v1, written
from tests.localcloud.conftest import Clock

OPERATION = "GetCallerIdentity"


@pytest.mark.parametrize("algorithm", ["", "v2"])
@pytest.mark.parametrize("place", ["body", "query"])
def test_what_the_sdk_signs_is_accepted(cloud: LocalCloud, algorithm: str, place: str) -> None:
    client = Client(cloud, algorithm=algorithm, place=place)
    assert client(OPERATION, Odd="a b+c%20~*'(é夜)/?&=\n", Empty="")["AccountId"] == cloud.account_id


@pytest.mark.parametrize("algorithm", ["", "v2"])
def test_a_wrong_secret_is_refused(cloud: LocalCloud, algorithm: str) -> None:
    with refused("SignatureDoesNotMatch", 400):
        Client(cloud, algorithm=algorithm, secret_key="wrong")(OPERATION)


@pytest.mark.parametrize("algorithm", ["", "v2"])
def test_an_unknown_key_is_refused(cloud: LocalCloud, algorithm: str) -> None:
    with LocalCloud() as other:
        stranger = Client(cloud, other.add_account(), algorithm=algorithm)
    with refused("InvalidAccessKeyId.NotFound", 404):
        stranger(OPERATION)


@pytest.mark.parametrize("algorithm", ["", "v2"])
@pytest.mark.parametrize("ahead", [-920, 920])
def test_a_date_15_minutes_off_is_refused(
    cloud: LocalCloud, clock: Clock, algorithm: str, ahead: float
) -> None:
    client = Client(cloud, algorithm=algorithm)
    clock.ahead = ahead
    with refused("InvalidTimeStamp.Expired", 400):
        client(OPERATION)
    clock.ahead = ahead * 0.95
    client(OPERATION)


# -- ACS3


def test_a_hand_made_request_is_accepted(cloud: LocalCloud) -> None:
    answer = post(cloud, acs3(cloud, headers_of(cloud, OPERATION)))
    assert (answer.status, answer.json["AccountId"]) == (200, cloud.account_id)
    assert answer.headers["x-acs-request-id"] == answer.json["RequestId"]


def test_a_nonce_is_used_once(cloud: LocalCloud, clock: Clock) -> None:
    headers = acs3(cloud, headers_of(cloud, OPERATION))
    assert post(cloud, headers).status == 200
    answer = post(cloud, headers)
    assert (answer.status, answer.json["Code"]) == (400, "SignatureNonceUsed")
    headers = acs3(
        cloud, headers_of(cloud, OPERATION, x_acs_date=written(datetime.now(UTC) + timedelta(0, 890)))
    )
    assert post(cloud, headers).status == 200
    clock.ahead = 1700
    assert post(cloud, headers).json["Code"] == "SignatureNonceUsed"


def test_a_refused_signature_uses_up_no_nonce(cloud: LocalCloud) -> None:
    headers = headers_of(cloud, OPERATION)
    assert post(cloud, acs3(cloud, headers, secret_key="wrong")).json["Code"] == "SignatureDoesNotMatch"
    assert post(cloud, acs3(cloud, headers)).status == 200


def test_a_refused_operation_uses_up_its_nonce(cloud: LocalCloud) -> None:
    headers = acs3(cloud, headers_of(cloud, "DeletePolicyV2"))
    assert post(cloud, headers).json["Code"] == "MissingPolicyId"
    assert post(cloud, headers).json["Code"] == "SignatureNonceUsed"


def test_what_was_changed_on_the_way_is_refused(cloud: LocalCloud) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    signed = acs3(cloud, headers_of(cloud, "CreatePolicyV2") | form, {"A": "1"}, b"B=2")
    assert send(cloud, "POST", "/?A=1", signed, b"B=2").json["Code"] == "InvalidParameter"
    for target, changes, body in (
        ("/?A=2", {}, b"B=2"),
        ("/?A=1&C=3", {}, b"B=2"),
        ("/?A=1", {}, b"B=3"),
        ("/?A=1", {"x-acs-signature-nonce": "other"}, b"B=2"),
        ("/?A=1", {"x-acs-action": "DeletePolicyV2"}, b"B=2"),
        ("/?A=1", {"content-type": "text/plain"}, b"B=2"),
    ):
        answer = send(cloud, "POST", target, signed | changes, body)
        assert answer.json["Code"] == "SignatureDoesNotMatch"
    assert send(cloud, "GET", "/?A=1", signed).json["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"x_acs_date": None}, "MissingTimestamp"),
        ({"x_acs_date": "2026-11-21 20:37:16"}, "InvalidTimeStamp.Format"),
        ({"x_acs_date": "١٢٣"}, "InvalidTimeStamp.Format"),
        ({"x_acs_signature_nonce": None}, "MissingSignatureNonce"),
        ({"x_acs_version": None}, "MissingVersion"),
        ({"x_acs_version": "2014-05-26"}, "InvalidVersion"),
        ({"x_acs_action": None}, "MissingAction"),
    ],
)
def test_a_missing_or_malformed_part_is_refused(
    cloud: LocalCloud, changes: dict[str, str | None], code: str
) -> None:
    signed = acs3(cloud, headers_of(cloud, OPERATION, **changes))
    answer = post(cloud, {name: value.encode().decode("latin-1") for name, value in signed.items()})
    assert (answer.status, answer.json["Code"]) == (400, code)
    assert answer.json["RequestId"]


@pytest.mark.parametrize("name", ["host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce"])
def test_what_decides_has_to_be_signed(cloud: LocalCloud, name: str) -> None:
    headers = headers_of(cloud, OPERATION)
    signed = acs3(cloud, {key: value for key, value in headers.items() if key != name})
    answer = post(cloud, headers | signed)
    assert (answer.status, answer.json["Code"]) == (400, "IncompleteSignature")


@pytest.mark.parametrize("name", ["x-acs-security-token", "content-type"])
def test_what_is_added_has_to_be_signed(cloud: LocalCloud, name: str) -> None:
    answer = post(cloud, acs3(cloud, headers_of(cloud, OPERATION)) | {name: "x"})
    assert answer.json["Code"] == "IncompleteSignature"


@pytest.mark.parametrize(
    "authorization",
    ["Bearer x", "ACS3-HMAC-SHA256 Credential=a", "ACS3-HMAC-SHA256 Credential=,SignedHeaders=a,Signature=b"],
)
def test_a_malformed_authorization_is_refused(cloud: LocalCloud, authorization: str) -> None:
    answer = post(cloud, headers_of(cloud, OPERATION) | {"Authorization": authorization})
    assert (answer.status, answer.json["Code"]) == (400, "IncompleteSignature")


def test_a_signed_header_has_to_be_sent(cloud: LocalCloud) -> None:
    headers = headers_of(cloud, OPERATION)
    signed = acs3(cloud, headers | {"x-acs-odd": "1"})
    del signed["x-acs-odd"]
    assert post(cloud, signed).json["Code"] == "IncompleteSignature"


# -- version 1.0


def test_a_hand_made_v1_request_is_accepted_once(cloud: LocalCloud) -> None:
    parameters = v1(cloud, OPERATION)
    assert get(cloud, parameters).json["AccountId"] == cloud.account_id
    assert get(cloud, parameters).json["Code"] == "SignatureNonceUsed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"AccessKeyId": None}, "MissingAccessKeyId"),
        ({"AccessKeyId": "nobody"}, "InvalidAccessKeyId.NotFound"),
        ({"Signature": None}, "MissingSignature"),
        ({"Signature": "é"}, "SignatureDoesNotMatch"),
        ({"SignatureNonce": None}, "MissingSignatureNonce"),
        ({"Timestamp": None}, "MissingTimestamp"),
        ({"Timestamp": "now"}, "InvalidTimeStamp.Format"),
        ({"SignatureMethod": "HMAC-MD5"}, "IncompleteSignature"),
        ({"SignatureVersion": "2.0"}, "IncompleteSignature"),
        ({"Version": "2015-05-02"}, "InvalidVersion"),
        ({"Action": "CreateUser"}, "InvalidAction.NotFound"),
        ({"Action": None}, "MissingAction"),
        ({"SecurityToken": "x"}, "InvalidSecurityToken.MismatchWithAccessKey"),
    ],
)
def test_a_wrong_part_of_v1_is_refused(cloud: LocalCloud, changes: dict[str, str | None], code: str) -> None:
    answer = get(cloud, v1(cloud, OPERATION, **changes))
    assert answer.json["Code"] == code
    assert answer.status == (404 if code.endswith("NotFound") else 400)


@pytest.mark.parametrize("more", [{}, {"Authorization": ""}])
def test_the_operation_of_v1_is_the_one_that_was_signed(cloud: LocalCloud, more: dict[str, str]) -> None:
    parameters = v1(cloud, OPERATION)
    other = {"x-acs-action": "CreatePolicyV2", "x-acs-version": "2017-09-08"}
    answer = send(cloud, "GET", f"/?{urlencode(parameters)}", other | more)
    assert answer.json["AccountId"] == cloud.account_id


def test_acs3_may_name_the_operation_in_the_query(cloud: LocalCloud) -> None:
    query = {"Action": OPERATION, "Version": "2015-04-01"}
    headers = headers_of(cloud, OPERATION, x_acs_action=None, x_acs_version=None)
    assert post(cloud, acs3(cloud, headers, query), query).json["AccountId"] == cloud.account_id


def test_no_refusal_tells_a_secret(cloud: LocalCloud) -> None:
    for answer in (
        get(cloud, v1(cloud, OPERATION, SecurityToken="the-token", Signature="the-signature")),
        post(cloud, acs3(cloud, headers_of(cloud, OPERATION, x_acs_security_token="the-token"))),
    ):
        assert answer.status == 400
        for secret in ("the-token", "the-signature", cloud.secret_key):
            assert secret not in answer.body.decode()
            assert secret not in str(cloud.requests())
