"""Who signs: an access key, or the session of a role that is assumed again before it ends.

Nothing here is ever looked for: no default chain, no metadata service. `configuration` reads what is given.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from attrs import field, frozen

from constructs_lib.provider.errors import CloudError

MIN_SESSION, MAX_SESSION, DEFAULT_SESSION = 900, 43_200, 3600
DEFAULT_SESSION_NAME = "terraform"
# How long before its end a session is renewed (seconds); a request that is sent now may arrive later.
MARGIN = 300.0

log = logging.getLogger(__name__)


@frozen(repr=False)
class Secret:
    """A string that shows itself to nobody who does not ask with `reveal()`."""

    _text: str

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


@frozen
class Credentials:
    """An access key, with a security token where it belongs to a session."""

    access_key: str
    secret_key: Secret = field(repr=False)
    security_token: Secret | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The strings that nobody may read."""
        both = (self.secret_key, self.security_token)
        return tuple(secret.reveal() for secret in both if secret)


@frozen(kw_only=True)
class RoleToAssume:
    """A role to assume.

    * `role_arn`: `acs:ram::<account>:role/<name>`.
    * `session_name`: 2 to 64 letters, digits and `.@-_`; it is seen in the audit log.
    * `session_expiration`: seconds, 900 to 43,200.
    * `policy`: a document that narrows what the session may do.
    * `external_id`: what the role's owner asks for.
    """

    role_arn: str
    session_name: str = DEFAULT_SESSION_NAME
    session_expiration: int = DEFAULT_SESSION
    policy: str = ""
    external_id: str = field(default="", repr=False)


Assume = Callable[[Credentials, RoleToAssume], Credentials]


class CredentialSource:
    """Where a call takes its credentials from: those given, or sessions of one role, one after the other. May
    be used by many threads.

    * `base`: the given ones. `role`: what they assume; None: nothing.
    * `monotonic`: seconds. The end of a session is counted from its beginning, not read off the answer: so
      a machine whose clock is wrong renews no sooner and no later.
    """

    def __init__(
        self, base: Credentials, role: RoleToAssume | None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._base, self._role, self._monotonic = base, role, monotonic
        self._lock = threading.Lock()
        self._session: Credentials | None = None
        self._ends = 0.0

    def current(self, assume: Assume) -> Credentials:
        """Credentials that hold now; `assume` makes a session, which is renewed where it ends within
        `MARGIN`. CloudError: the role cannot be assumed."""
        role = self._role
        if role is None:
            return self._base
        with self._lock:
            session, left = self._session, self._ends - self._monotonic()
            if session is not None and left > min(MARGIN, role.session_expiration / 4):
                return session
            began = self._monotonic()
            try:
                self._session = assume(self._base, role)
            except CloudError as error:
                if session is None or left <= 0 or not error.is_retryable:
                    raise
                log.warning("the session of %s could not be renewed yet: %s", role.role_arn, error)
                return session
            self._ends = began + role.session_expiration
            return self._session

    def renew(self, refused: Credentials) -> bool:
        """Whether there will be others than these, which were refused. The session is forgotten where it is
        the refused one; another thread may have renewed it meanwhile."""
        with self._lock:
            if self._session == refused:
                self._session = None
            return self._role is not None
