"""Requests are signed and sent as the official SDK does it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from alibabacloud_credentials.models import CredentialModel  # type: ignore[import-untyped]
from alibabacloud_tea_openapi import utils_models  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.client import Client  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.utils import Utils  # type: ignore[import-untyped]
from darabonba.request import DaraRequest  # type: ignore[import-untyped]
from darabonba.runtime import RuntimeOptions  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import SSLError

from constructs_lib.provider.protocol.certificate import self_signed
from constructs_lib.provider.signed_request import (
    ALGORITHM,
    SigningKey,
    authorization,
    form_of,
    pools_through,
    send,
    signed_headers,
)

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.text(st.sampled_from("abcXYZ019.-"), min_size=1, max_size=8)
KEYS = st.builds(SigningKey, st.just("LTAI"), st.text(min_size=1, max_size=9), st.sampled_from(["", "token"]))
PARAMETERS = {"PolicyName": "a b&c=ü~*", "PolicyDocument": '{"Version":"1"}', "Empty": ""}
QUERY = {"RegionId": "cn-hangzhou"}


@given(st.dictionaries(NAMES, TEXT, max_size=3), st.dictionaries(NAMES, TEXT, max_size=4), KEYS)
def test_the_signature_is_that_of_the_sdk(
    query: dict[str, str], parameters: dict[str, str], key: SigningKey
) -> None:
    body = form_of(parameters)
    assert body.decode() == Utils.to_form(parameters)
    headers = signed_headers("ram.aliyuncs.com:443", "2015-05-01", "GetPolicy", query, body, key)
    proof = headers.pop("Authorization")
    request = DaraRequest()
    request.method, request.pathname, request.query, request.headers = "POST", "/", query, headers
    digest = Utils.hash(body, ALGORITHM).hex()
    assert proof == Utils.get_authorization(request, ALGORITHM, digest, key.access_key, key.secret_key)
    assert proof == authorization("POST", query, headers, key)


@pytest.fixture
def heard() -> Iterator[tuple[HTTPServer, list[Any]]]:
    """A server, and what it has heard: request line, headers, body."""
    requests: list[Any] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.requestline, dict(self.headers), body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            return None

    with HTTPServer(("127.0.0.1", 0), Ear) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server, requests
        pools_through.cache_clear()
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("token", ["", "the-token"])
def test_a_request_is_that_of_the_sdk(heard: tuple[HTTPServer, list[Any]], token: str) -> None:
    server, requests = heard
    host = f"127.0.0.1:{server.server_port}"
    body = form_of(PARAMETERS)
    key = SigningKey("LTAI", "secret", token)
    headers = signed_headers(host, "2015-05-01", "CreatePolicy", QUERY, body, key)
    assert send("HTTP", host, headers, QUERY, body, connect_timeout=5, read_timeout=5).body == b"{}"
    _send_with_sdk(host, key)
    (own_line, own, own_body), (line, theirs, their_body) = requests
    assert (own_line, own_body) == (line, their_body)
    differ = {name for name in own.keys() | theirs.keys() if own.get(name) != theirs.get(name)}
    moving = {"x-acs-date", "x-acs-signature-nonce", "user-agent", "Authorization"}
    assert differ <= moving
    signed = [value["Authorization"].partition("SignedHeaders=")[2].split(",")[0] for value in (own, theirs)]
    assert signed[0] == signed[1]


def test_who_answers_has_to_be_known_to_certifi(
    heard: tuple[HTTPServer, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed()
    pair = tmp_path / "pair.pem"
    pair.write_bytes(certificate.key_pem + certificate.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    server, requests = heard
    server.socket = context.wrap_socket(server.socket, server_side=True)
    host = f"localhost:{server.server_port}"
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        send("HTTPS", host, {}, {}, b"", connect_timeout=5, read_timeout=5)
    pools_through.cache_clear()
    monkeypatch.setattr("certifi.where", lambda: str(pair))
    assert send("HTTPS", host, {}, {}, b"", connect_timeout=5, read_timeout=5).status == 200
    with pytest.raises(SSLError, match=r"doesn't match|not valid for"):
        send("HTTPS", host.replace("localhost", "127.0.0.1"), {}, {}, b"", connect_timeout=5, read_timeout=5)
    assert len(requests) == 1


def _send_with_sdk(host: str, key: SigningKey) -> None:
    class Signer:
        def get_credential(self) -> Any:
            kind = "sts" if key.token else "access_key"
            return CredentialModel(
                access_key_id=key.access_key,
                access_key_secret=key.secret_key,
                security_token=key.token or None,
                type=kind,
            )

    config = utils_models.Config(endpoint=host, protocol="HTTP", credential=Signer())
    params = utils_models.Params(
        action="CreatePolicy",
        version="2015-05-01",
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    request = utils_models.OpenApiRequest(query=dict(QUERY), body=dict(PARAMETERS))
    Client(config).call_api(params, request, RuntimeOptions())
