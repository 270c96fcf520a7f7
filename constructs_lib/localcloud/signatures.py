"""Who sent a request, and is it true? Both signature schemes of Alibaba Cloud, seen from the gateway.

* ACS3-HMAC-SHA256: the parts are headers; SDKs of today.
* HMAC-SHA1, version 1.0: the parts are parameters; older SDKs, the official Go provider among them.

Reading a claim (`Claim.from_request`) and proving it (`Claim.check`) are apart: between them the gateway
looks up the secret that belongs to the access key. Only standard library code here, no SDK: the tests sign
with the SDK.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from attrs import field, frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.store import Identity

# How far a request's date may be from the server's, either way (seconds).
MAX_AGE = 900.0

ACS3 = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(rf"{ACS3} +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=(\S+)")
# What decides about a request has to be signed, or it could be exchanged on the way.
_SIGNED_ALWAYS = ("host", "x-acs-date", "x-acs-signature-nonce")
_SIGNED_IF_SENT = (
    "content-type",
    "x-acs-action",
    "x-acs-version",
    "x-acs-accesskey-id",
    "x-acs-security-token",
)

Pairs = Iterable[tuple[str, str]]


@frozen
class Claim:
    """What a request says about its sender, not proven yet."""

    access_key: str
    date: float
    nonce: str
    security_token: str | None = field(repr=False)
    _signature: str = field(repr=False)
    _text: str = field(repr=False)

    @classmethod
    def from_request(
        cls, method: str, path: str, headers: Mapping[str, str], query: Pairs, form: Pairs, body: bytes
    ) -> Claim:
        """Read the claim of a request; ApiError where a part is missing or malformed."""
        if authorization := headers.get("authorization"):
            return _read_acs3(authorization, method, path, headers, query, body)
        return _read_v1(method, [*query, *form])

    def check(self, identity: Identity, now: float) -> None:
        """Prove it against the secret of the access key; ApiError where it does not hold."""
        if abs(now - self.date) > MAX_AGE:
            raise ApiError(errors.OLD_DATE)
        if self._text.startswith(ACS3):
            key, digest = identity.secret_key.encode(), hashlib.sha256
            expected = hmac.new(key, self._text.encode(), digest).hexdigest()
        else:
            key = f"{identity.secret_key}&".encode()
            expected = b64encode(hmac.new(key, self._text.encode(), hashlib.sha1).digest()).decode()
        if not hmac.compare_digest(expected.encode(), self._signature.encode()):
            raise ApiError(errors.WRONG_SIGNATURE)
        self._check_token(identity, now)

    def _check_token(self, identity: Identity, now: float) -> None:
        if identity.security_token is None:
            if self.security_token:
                raise ApiError(errors.FOREIGN_TOKEN)
            return
        if not self.security_token:
            raise ApiError(errors.MISSING, "SecurityToken")
        if not hmac.compare_digest(identity.security_token.encode(), self.security_token.encode()):
            raise ApiError(errors.FOREIGN_TOKEN)
        if identity.expires is not None and now >= identity.expires:
            raise ApiError(errors.EXPIRED_TOKEN)


def _read_acs3(
    authorization: str, method: str, path: str, headers: Mapping[str, str], query: Pairs, body: bytes
) -> Claim:
    parts = _AUTHORIZATION.fullmatch(authorization.strip())
    if parts is None:
        raise ApiError(errors.INCOMPLETE_SIGNATURE, f"Authorization is not of the form {ACS3} Credential=…")
    access_key, names, signature = parts.groups()
    signed = names.split(";")
    date = _parse_date(_require(headers, "x-acs-date", "Timestamp"))
    nonce = _require(headers, "x-acs-signature-nonce", "SignatureNonce")
    for name in (*_SIGNED_ALWAYS, *(name for name in _SIGNED_IF_SENT if name in headers)):
        if name not in signed:
            raise ApiError(errors.INCOMPLETE_SIGNATURE, f"{name} is not among the signed headers")
    for name in signed:
        if name not in headers:
            raise ApiError(errors.INCOMPLETE_SIGNATURE, "a signed header was not sent")
    # The hash is of the body that came, whatever a header names: a changed body breaks the signature.
    canonical = "\n".join(
        (
            method,
            path,
            _encode(query),
            "".join(f"{name}:{headers[name]}\n" for name in signed),
            names,
            hashlib.sha256(body).hexdigest(),
        )
    )
    text = f"{ACS3}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return Claim(access_key, date, nonce, headers.get("x-acs-security-token"), signature, text)


def _read_v1(method: str, pairs: list[tuple[str, str]]) -> Claim:
    parameters = dict(pairs)
    access_key = _require(parameters, "AccessKeyId")
    signature = _require(parameters, "Signature")
    nonce = _require(parameters, "SignatureNonce")
    date = _parse_date(_require(parameters, "Timestamp"))
    for name, known in (("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")):
        if _require(parameters, name) != known:
            raise ApiError(errors.INCOMPLETE_SIGNATURE, f"{name} is not {known}")
    signed = _encode(pair for pair in pairs if pair[0] != "Signature")
    text = f"{method}&%2F&{quote(signed, safe='~')}"
    return Claim(access_key, date, nonce, parameters.get("SecurityToken"), signature, text)


def _require(parts: Mapping[str, str], name: str, called: str = "") -> str:
    if not (value := parts.get(name)):
        raise ApiError(errors.MISSING, called or name)
    return value


def _parse_date(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ApiError(errors.MALFORMED_DATE) from None


def _encode(pairs: Pairs) -> str:
    """Sorted, in the encoding of RFC 3986. A `+` in the URL was a space: that is why it is encoded anew."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(pairs))
