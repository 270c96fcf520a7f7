"""Clients of a local cloud: the official SDK, and raw HTTP signed with the SDK's own functions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from alibabacloud_tea_openapi import exceptions, utils_models
from alibabacloud_tea_openapi.client import Client as SdkClient
from alibabacloud_tea_openapi.utils import Utils
from darabonba.exceptions import UnretryableException
from darabonba.request import DaraRequest
from darabonba.runtime import RuntimeOptions

from constructs_lib.localcloud import Account, LocalCloud
from constructs_lib.localcloud.gateway import SERVICES

VERSIONS = {name: version for version, service in SERVICES.items() for name in service.operations}
DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"acs:oss:*:*:*"}]}'
BACKUP = {
    "RuleType": "BACKUP",
    "Schedule": "I|1648647166|P1D",
    "BackupType": "COMPLETE",
    "Retention": 7,
}
ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"

Answer = dict[str, Any]
Refused: type[Exception] = exceptions.AlibabaCloudException
Throttled: type[Exception] = exceptions.ThrottlingException
Lost: type[Exception] = UnretryableException


class Client:
    """The official SDK's generic call, under the names of operations and parameters."""

    def __init__(
        self,
        cloud: LocalCloud | str,
        account: Account | None = None,
        *,
        secret_key: str | None = None,
        token: str | None = None,
        algorithm: str = "",
        place: str = "body",
        region: str = "",
    ) -> None:
        self._place = place
        owner = account or cloud
        assert not isinstance(owner, str), "an endpoint alone has no keys"
        config = utils_models.Config(
            endpoint=cloud if isinstance(cloud, str) else cloud.endpoint,
            protocol="http",
            access_key_id=owner.access_key,
            access_key_secret=secret_key or owner.secret_key,
            security_token=token,
            signature_algorithm=algorithm or None,
            read_timeout=5000,
            global_parameters=utils_models.GlobalParameters(queries={"RegionId": region}) if region else None,
        )
        self._sdk = SdkClient(config)

    def __call__(self, operation: str, **parameters: Any) -> Answer:
        params = utils_models.Params(
            action=operation,
            version=VERSIONS.get(operation, "2015-05-01"),
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        sent = {name: _text(value) for name, value in parameters.items()}
        request = utils_models.OpenApiRequest(**{self._place: sent})
        answer: Answer = self._sdk.call_api(params, request, RuntimeOptions())["body"]
        return answer


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)


@contextmanager
def refused(code: str, status: int) -> Iterator[None]:
    """What is inside is refused with this code and status, and a request id."""
    with pytest.raises(Refused) as caught:
        yield
    error: Any = caught.value
    assert (error.code, error.status_code) == (code, status)
    assert len(error.request_id) == 36


class Raw(NamedTuple):
    """An HTTP answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Answer:
        value: Answer = json.loads(self.body)
        return value


def send(
    cloud: LocalCloud, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Raw:
    connection = HTTPConnection("127.0.0.1", cloud.port, timeout=5)
    try:
        connection.request(method, target, body or None, dict(headers or {}))
        answer = connection.getresponse()
        return Raw(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def wait_for_a_fault(cloud: LocalCloud) -> None:
    """Until the first fault has struck."""
    while not send(cloud, "GET", "/_local/faults").json["faults"][0]["fired"]:
        time.sleep(0.01)


def headers_of(cloud: LocalCloud, operation: str, **changes: str | None) -> dict[str, str]:
    """The headers that ACS3 signs; `changes` by name with `_` for `-`, None leaves one out."""
    headers = {
        "host": cloud.endpoint,
        "x-acs-action": operation,
        "x-acs-version": VERSIONS.get(operation, "2015-05-01"),
        "x-acs-date": written(datetime.now(UTC)),
        "x-acs-signature-nonce": uuid4().hex,
    }
    changed = headers | {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in changed.items() if value is not None}


def acs3(
    cloud: LocalCloud,
    headers: dict[str, str],
    query: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    method: str = "POST",
    secret_key: str | None = None,
) -> dict[str, str]:
    """The headers with the Authorization that the SDK makes of them."""
    request = DaraRequest()
    request.method, request.pathname, request.query, request.headers = method, "/", dict(query or {}), headers
    payload = Utils.hex_encode(Utils.hash(body, "ACS3-HMAC-SHA256"))
    key, secret = cloud.access_key, secret_key or cloud.secret_key
    authorization = Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, key, secret)
    return headers | {"Authorization": authorization}


def post(cloud: LocalCloud, headers: dict[str, str], query: Mapping[str, str] | None = None) -> Raw:
    return send(cloud, "POST", f"/?{urlencode(query or {})}", headers)


def v1(cloud: LocalCloud, operation: str, **changes: str | None) -> dict[str, str]:
    """Parameters with a signature of version 1.0; None leaves one out."""
    parameters = {
        "Action": operation,
        "Version": VERSIONS.get(operation, "2015-05-01"),
        "Format": "json",
        "AccessKeyId": cloud.access_key,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid4().hex,
        "Timestamp": written(datetime.now(UTC)),
    }
    signed = {name: value for name, value in (parameters | changes).items() if value is not None}
    if "Signature" not in changes:
        signed["Signature"] = Utils.get_rpcsignature(signed, "GET", cloud.secret_key)
    return signed


def get(cloud: LocalCloud, parameters: Mapping[str, str]) -> Raw:
    return send(cloud, "GET", f"/?{urlencode(parameters)}")


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
