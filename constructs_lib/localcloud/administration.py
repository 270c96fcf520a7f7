"""What the owner of a local cloud may do and no client of a cloud can: faults, accounts, principals, the log.

Over HTTP it is under `/_local/`, for clients on the same machine alone:

| | |
|---|---|
| `GET /_local/health` | answers when the cloud is ready |
| `GET`, `DELETE /_local/requests` | the log of requests; forget it |
| `GET`, `PUT /_local/faults` | the faults of now; put others in their place |
| `GET /_local/objects` | what all accounts have, by region and name |
| `POST /_local/accounts` | a new account, with its secret |
| `POST /_local/principals` | `{"kind": "User", "name": "alice"}`, or Group, or Role; `access_key`: whose |
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import asdict, define, field, frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.gateway import Gateway, HttpRequest, HttpResponse, read_faults
from constructs_lib.localcloud.parameters import Parameters
from constructs_lib.localcloud.principals import KINDS, is_principal_name, make_principal
from constructs_lib.localcloud.ram import create_policy
from constructs_lib.localcloud.service import Delays, Ids, OperationCall, format_date
from constructs_lib.localcloud.store import Identity, Store

PREFIX = "/_local/"

_ACCESS_KEY = re.compile(r"[A-Za-z0-9._-]{1,128}")


@frozen
class Account:
    """An account and the one access key that it has."""

    access_key: str
    secret_key: str = field(repr=False)
    account_id: str


@define(eq=False, repr=False)
class Administration:
    """Belongs to the thread in which the gateway runs."""

    _gateway: Gateway
    _store: Store
    _ids: Ids

    def set_faults(self, given: object) -> None:
        self._gateway.faults = read_faults(given)

    def first_account(self) -> Account:
        """The oldest account; a new one where there is none."""
        # In one transaction: another process may be starting on the same file.
        with self._store.transaction():
            accounts = self._store.accounts()
            if not accounts:
                accounts = [self._make_identity()]
                self._store.add_identity(accounts[0])
        return _to_account(accounts[0])

    def _make_identity(self, access_key: str | None = None, secret_key: str | None = None) -> Identity:
        return Identity(
            self._ids.number(16),
            access_key or f"LTAI5t{self._ids.secret(18)}",
            secret_key or self._ids.secret(30),
        )

    def add_account(self, access_key: str | None = None, secret_key: str | None = None) -> Account:
        """A new account, or the one that has this access key already.

        ValueError: the key is malformed, or has another secret.
        """
        if (access_key is None) != (secret_key is None):
            raise ValueError("access_key and secret_key go together: give both or neither")
        if secret_key == "":
            raise ValueError("the secret key is empty")
        if access_key is not None and not _ACCESS_KEY.fullmatch(access_key):
            raise ValueError("an access key is 1 to 128 letters, digits, '.', '_' and '-'")
        if secret_key is not None and not (secret_key.isascii() and secret_key.isprintable()):
            raise ValueError("a secret key is printable ASCII text")
        identity = self._make_identity(access_key, secret_key)
        with self._store.transaction():
            stored = self._store.identity(identity.access_key)
            if stored is None:
                self._store.add_identity(identity)
            elif stored.secret_key != identity.secret_key or stored.role is not None:
                raise ValueError(f"access key {identity.access_key} has another secret in this database")
        return _to_account(stored or identity)

    def add_principal(self, kind: str, name: str, access_key: str) -> None:
        """A user, group or role, to attach policies to, or to assume; nothing where it is there already."""
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; it is one of {', '.join(KINDS)}")
        if not is_principal_name(name):
            raise ValueError(f"name is {name!r}; it is 1 to 64 letters, digits and .@_-")
        with self._store.transaction():
            owner = self._store.identity(access_key) if _ACCESS_KEY.fullmatch(access_key) else None
            if owner is None:
                raise ValueError(f"there is no access key {access_key!r}")
            objects = self._store.objects_of(owner.account)
            if objects.get(kind, name) is None:
                principal_id = self._ids.number(18)
                date = format_date(objects.now)
                objects.add(kind, name, make_principal(KINDS[kind], principal_id, date))

    def add_policy(self, name: str, document: str, access_key: str) -> None:
        """A custom RAM policy; nothing where it is there already. ApiError: it is refused."""
        with self._store.transaction():
            owner = self._store.identity(access_key)
            assert owner is not None, "the first account has this key"
            parameters = Parameters([("PolicyName", name), ("PolicyDocument", document)])
            objects = self._store.objects_of(owner.account)
            try:
                create_policy(OperationCall(parameters, objects, owner, self._store, self._ids, Delays()))
            except ApiError as error:
                if error.code != errors.POLICY_EXISTS.code:
                    raise

    # -- over HTTP

    def answer(self, request: HttpRequest) -> HttpResponse:
        if not request.is_local:
            return _make_response({"Message": f"{PREFIX} answers on this machine only."}, 403)
        gateway = self._gateway
        routes: dict[tuple[str, str], Callable[[Mapping[str, Any]], object]] = {
            ("GET", "health"): lambda _: {"status": "ok"},
            ("GET", "requests"): lambda _: {"requests": [logged.as_dict() for logged in gateway.logged]},
            ("DELETE", "requests"): lambda _: gateway.logged.clear(),
            ("GET", "faults"): lambda _: gateway.faults.as_dict(),
            ("PUT", "faults"): self.set_faults,
            ("GET", "objects"): lambda _: {"objects": self._store.list_objects()},
            ("POST", "accounts"): self._post_account,
            ("POST", "principals"): self._post_principal,
        }
        route = routes.get((request.method, request.path.removeprefix(PREFIX)))
        if route is None:
            return _make_response({"Message": f"There is no {request.method} {request.path}."}, 404)
        try:
            return _make_response(route(_read_body(request)) or {}, 200)
        except ValueError as error:
            return _make_response({"Message": str(error)}, 400)

    def _post_account(self, given: Mapping[str, Any]) -> object:
        return asdict(self.add_account(_read_string(given, "access_key"), _read_string(given, "secret_key")))

    def _post_principal(self, given: Mapping[str, Any]) -> None:
        access_key = _read_string(given, "access_key") or self.first_account().access_key
        self.add_principal(_read_string(given, "kind") or "", _read_string(given, "name") or "", access_key)


def _to_account(identity: Identity) -> Account:
    return Account(identity.access_key, identity.secret_key, identity.account)


def _read_string(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is {value!r}; it is a string")
    return value


def _read_body(request: HttpRequest) -> Mapping[str, Any]:
    """The JSON object that was sent. A web page cannot send this content type unasked."""
    if request.method not in ("POST", "PUT"):
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ValueError("send it as application/json")
    try:
        given = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise ValueError("the body is not JSON") from None
    if not isinstance(given, Mapping):
        raise ValueError("the body is not a JSON object")
    return given


def _make_response(body: object, status: int) -> HttpResponse:
    return HttpResponse(status, json.dumps(body).encode())
