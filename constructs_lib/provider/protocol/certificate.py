"""A certificate for one process: Terraform reads it from the handshake and trusts nothing else.

The certificate is put together here, from a key and a signature of `cryptography`. The X.509 classes of that
package take 35 ms to import, and a Terraform command starts its providers three to five times.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Tags of DER, the encoding of certificates.
_INTEGER, _BITS, _OCTETS, _OBJECT, _TEXT, _TIME = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x18
_SEQUENCE, _SET, _VERSION, _EXTENSIONS, _DNS_NAME = 0x30, 0x31, 0xA0, 0xA3, 0x82

_ECDSA_WITH_SHA256 = bytes.fromhex("2a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("550403")
_SUBJECT_ALT_NAME = bytes.fromhex("551d11")


class Certificate(NamedTuple):
    """A key and its self-signed certificate for `localhost`; `der` is the certificate as bytes."""

    key_pem: bytes
    certificate_pem: bytes
    der: bytes


def self_signed(now: datetime | None = None) -> Certificate:
    """Make a key (P-256) and a certificate, valid from a day before `now` until a year after it."""
    now = now or datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    body = _body(key, now - timedelta(days=1), now + timedelta(days=365))
    signature = key.sign(body, ec.ECDSA(hashes.SHA256()))
    der = _der(_SEQUENCE, body, _algorithm(), _der(_BITS, b"\0", signature))
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Certificate(key_pem, _pem(der), der)


def _body(key: ec.EllipticCurvePrivateKey, start: datetime, end: datetime) -> bytes:
    name = _der(
        _SEQUENCE,
        _der(_SET, _der(_SEQUENCE, _der(_OBJECT, _COMMON_NAME), _der(_TEXT, b"localhost"))),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
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


def _pem(der: bytes) -> bytes:
    from base64 import encodebytes

    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(der) + b"-----END CERTIFICATE-----\n"
