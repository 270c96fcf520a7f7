"""A certificate for one process: Terraform reads it from the handshake and trusts nothing else.

Key and certificate are put together here, from the numbers and a signature of `cryptography`. The X.509
classes of that package take 35 ms to import, those that write keys 15 ms, and a Terraform command starts its
providers three to five times.
"""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

# Tags of DER, the encoding of certificates.
_INTEGER, _BITS, _OCTETS, _OBJECT, _TEXT, _TIME = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x18
_SEQUENCE, _SET, _VERSION, _EXTENSIONS, _DNS_NAME = 0x30, 0x31, 0xA0, 0xA3, 0x82
_CURVE, _PUBLIC = 0xA0, 0xA1

_EC_PUBLIC_KEY = bytes.fromhex("2a8648ce3d0201")
_P256 = bytes.fromhex("2a8648ce3d030107")
_ECDSA_WITH_SHA256 = bytes.fromhex("2a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("550403")
_SUBJECT_ALT_NAME = bytes.fromhex("551d11")

_VALID = timedelta(days=3_650)


class Certificate(NamedTuple):
    """A key and its self-signed certificate for `localhost`; `der` is the certificate as bytes."""

    key_pem: bytes
    certificate_pem: bytes
    der: bytes


def self_signed(now: datetime | None = None) -> Certificate:
    """Make a key (P-256) and a certificate, valid from ten years before `now` until ten years after it.

    Terraform trusts it because it comes with the handshake; the provider's clock may be another than its own.
    """
    now = now or datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.private_numbers()
    point = b"\4" + _octets(numbers.public_numbers.x) + _octets(numbers.public_numbers.y)
    body = _body(point, now - _VALID, now + _VALID)
    signature = key.sign(body, ec.ECDSA(hashes.SHA256()))
    der = _der(_SEQUENCE, body, _algorithm(), _der(_BITS, b"\0", signature))
    key_der = _private_key(_octets(numbers.private_value), point)
    return Certificate(_pem("EC PRIVATE KEY", key_der), _pem("CERTIFICATE", der), der)


def _octets(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _private_key(secret: bytes, point: bytes) -> bytes:
    """RFC 5915, ECPrivateKey."""
    return _der(
        _SEQUENCE,
        _der(_INTEGER, b"\1"),
        _der(_OCTETS, secret),
        _der(_CURVE, _der(_OBJECT, _P256)),
        _der(_PUBLIC, _der(_BITS, b"\0", point)),
    )


def _body(point: bytes, start: datetime, end: datetime) -> bytes:
    name = _der(
        _SEQUENCE, _der(_SET, _der(_SEQUENCE, _der(_OBJECT, _COMMON_NAME), _der(_TEXT, b"localhost")))
    )
    algorithm = _der(_SEQUENCE, _der(_OBJECT, _EC_PUBLIC_KEY), _der(_OBJECT, _P256))
    public = _der(_SEQUENCE, algorithm, _der(_BITS, b"\0", point))
    hosts = _der(_SEQUENCE, _der(_DNS_NAME, b"localhost"))
    extension = _der(_SEQUENCE, _der(_OBJECT, _SUBJECT_ALT_NAME), _der(_OCTETS, hosts))
    return _der(
        _SEQUENCE,
        _der(_VERSION, _der(_INTEGER, b"\2")),
        # A first byte from 64 to 127 keeps the number positive and of full length.
        _der(_INTEGER, bytes([64 + os.urandom(1)[0] % 64]) + os.urandom(15)),
        _algorithm(),
        name,
        _der(_SEQUENCE, _moment(start), _moment(end)),
        name,
        public,
        _der(_EXTENSIONS, _der(_SEQUENCE, extension)),
    )


def _algorithm() -> bytes:
    return _der(_SEQUENCE, _der(_OBJECT, _ECDSA_WITH_SHA256))


def _moment(time: datetime) -> bytes:
    # UTCTime, with two digits for the year, is what X.509 asks for up to 2049; afterwards this one.
    if time.year < 2050:
        return _der(0x17, time.strftime("%y%m%d%H%M%SZ").encode())
    return _der(_TIME, time.strftime("%Y%m%d%H%M%SZ").encode())


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(length)]) + length + content


def _pem(label: str, der: bytes) -> bytes:
    encoded = base64.b64encode(der).decode()
    lines = [encoded[at : at + 64] for at in range(0, len(encoded), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()
