"""One call of an Alibaba Cloud API: signed and sent by the official SDK, retried where that can help.

The SDK is imported with the first call: it takes longer than the rest of the provider's start. Its own
retries are off (they know neither a deadline nor what was already carried out), and so are its debug logs,
which show credentials.
"""

from __future__ import annotations

import functools
import logging
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

from attrs import evolve, field, frozen

from constructs_lib.provider import errors
from constructs_lib.provider.configuration import Configuration, Endpoint
from constructs_lib.provider.credentials import Credentials, CredentialSource, RoleToAssume, Secret
from constructs_lib.provider.errors import CloudError

ApiResponse = dict[str, Any]
RequestParameters = Mapping[str, str | None]
Hide = Callable[[Iterable[str]], None]

# How long a call may be repeated where the caller sets no deadline (seconds).
READ_TIME, CHANGE_TIME = 60.0, 300.0
# The waits between attempts (seconds): doubled each time, each shortened at random by up to half.
FIRST_WAIT, LONGEST_WAIT = 1.0, 10.0
# How often a wait looks whether it should end (seconds).
SLICE = 0.25

log = logging.getLogger(__name__)

_SUCCESS = ("200", "0", "ok", "success")
_LOGGERS_OF_THE_SDK = ("darabonba-core", "alibabacloud-tea", "credentials")
# Access keys of the real service have at least so many characters.
_LEAST_KEY = 16
# What is shorter is masked nowhere: hiding every "e" would leave nothing to read.
_LEAST_SECRET = 4
_MESSAGE = re.compile(r"code: \d{3}, (.*) request id: .*", re.DOTALL)


@frozen
class Api:
    """One API: the name of its endpoint in the configuration, and its version."""

    name: str
    version: str


HBR, RAM, STS = Api("hbr", "2017-09-08"), Api("ram", "2015-05-01"), Api("sts", "2015-04-01")


@frozen(kw_only=True)
class Pace:
    """How long the caller has, and how time passes.

    * `deadline`: when to give up, in `monotonic` seconds; None: each call has `READ_TIME` or `CHANGE_TIME`.
      No attempt begins after it, but one that has begun may still take its read timeout.
    * `stopping`: whether the caller wants to stop: waits end, and nothing new begins.
    * `sleep`: waits so many seconds. What it raises passes through.
    * `monotonic`: seconds that only grow. `clock`: UNIX seconds.
    * `jitter`: a random number from 0 to 1.
    """

    deadline: float | None = None
    stopping: Callable[[], bool] = lambda: False
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    clock: Callable[[], float] = time.time
    jitter: Callable[[], float] = random.random

    def until(self, seconds: float) -> float:
        """The deadline; without one, so many seconds from now."""
        return self.monotonic() + seconds if self.deadline is None else self.deadline

    def wait(self, seconds: float, until: float) -> str:
        """Wait, and return an empty string; or the reason not to: the caller stops, or `until` is before."""
        end = self.monotonic() + seconds
        if end > until:
            return "Its time limit has passed."
        while True:
            if self.stopping():
                return "The run is being stopped."
            left = end - self.monotonic()
            if left <= 0:
                return ""
            self.sleep(min(left, SLICE))

    def backoff(self, attempt: int, asked: float | None = None) -> float:
        """Seconds to wait after attempt number `attempt` (0, 1, …): a little more than the service asked for,
        or growing."""
        if asked is not None:
            return asked * (1 + self.jitter() / 10)
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 10))
        return longest * (1 - self.jitter() / 2)


@frozen
class Calls:
    """Calls under one configuration, at one pace. May be used by many threads."""

    configuration: Configuration
    source: CredentialSource = field(repr=False)
    pace: Pace = Pace()
    _hide: Hide = field(default=lambda _: None, repr=False)

    @classmethod
    def of(cls, configuration: Configuration, pace: Pace, hide: Hide = lambda _: None) -> Calls:
        """`hide`: gets all that logs must not show, now and with each new session."""
        base, role = configuration.credentials, configuration.assume_role
        hide((base.access_key, *configuration.secrets))
        source = CredentialSource(base, role, pace.monotonic)
        return cls(configuration, source, pace, hide)

    def during(self, pace: Pace) -> Calls:
        """The same calls at another pace."""
        return evolve(self, pace=pace)

    def until(self, seconds: float) -> float:
        """When to give up (monotonic seconds): the caller's deadline, or `max_retry_timeout` before it."""
        until, most = self.pace.until(seconds), self.configuration.max_retry_timeout
        return min(until, self.pace.monotonic() + most) if most else until

    def read(self, api: Api, operation: str, parameters: RequestParameters) -> ApiResponse:
        """A call that changes nothing. CloudError."""
        return self.repeated(lambda: self.once(api, operation, parameters), READ_TIME)

    def change(self, api: Api, operation: str, parameters: RequestParameters) -> ApiResponse:
        """A call that may be carried out twice without harm. CloudError."""
        return self.repeated(lambda: self.once(api, operation, parameters), CHANGE_TIME)

    def repeated(self, attempt: Callable[[], ApiResponse], seconds: float) -> ApiResponse:
        """Try until it succeeds, is refused for good, or the time is over. CloudError: the last one."""
        until, count = self.until(seconds), 0
        while True:
            try:
                return attempt()
            except CloudError as error:
                if not error.is_retryable:
                    raise
                failed = error
            if reason := self.pace.wait(self.pace.backoff(count, failed.retry_after), until):
                raise failed.noting(f"Given up after {count + 1} attempts. {reason}")
            count += 1

    def once(self, api: Api, operation: str, parameters: RequestParameters) -> ApiResponse:
        """One attempt; a second one at once where the session had ended. CloudError."""
        credentials = self.source.current(self._assume)
        try:
            return self._send(api, operation, parameters, credentials)
        except CloudError as error:
            if not error.has_expired_credentials or not self.source.renew(credentials):
                raise
        return self._send(api, operation, parameters, self.source.current(self._assume))

    def _assume(self, base: Credentials, role: RoleToAssume) -> Credentials:
        parameters = {
            "RoleArn": role.role_arn,
            "RoleSessionName": role.session_name,
            "DurationSeconds": str(role.session_expiration),
            "Policy": role.policy or None,
            "ExternalId": role.external_id or None,
        }
        answer = self.repeated(lambda: self._send(STS, errors.ASSUME_ROLE, parameters, base), READ_TIME)
        session = part(answer, errors.ASSUME_ROLE, "Credentials")
        key, secret, token = (
            text(session, errors.ASSUME_ROLE, name)
            for name in ("AccessKeyId", "AccessKeySecret", "SecurityToken")
        )
        self._hide((key, secret, token))
        return Credentials(key, Secret(secret), Secret(token))

    def _send(
        self, api: Api, operation: str, parameters: RequestParameters, credentials: Credentials
    ) -> ApiResponse:
        began = time.monotonic()
        outcome = self._outcome(api, operation, parameters, credentials)
        seconds = time.monotonic() - began
        if isinstance(outcome, CloudError):
            code, request = outcome.code, outcome.request_id
            log.debug("%s failed: %s, request %s, %.3f s", operation, code, request, seconds)
            raise outcome
        log.debug("%s answered: request %s, %.3f s", operation, outcome.get("RequestId"), seconds)
        return outcome

    def _outcome(
        self, api: Api, operation: str, parameters: RequestParameters, credentials: Credentials
    ) -> ApiResponse | CloudError:
        """An error is returned, not raised: the SDK's exception holds the request and its credentials, and
        would hang on to ours."""
        endpoint: Endpoint = getattr(self.configuration, api.name)
        secrets = self._secrets(credentials)
        try:
            body: ApiResponse = self._sent(endpoint, api, operation, parameters, credentials)
        except Exception as error:
            return _failure(operation, endpoint, error, secrets)
        return _refusal(operation, body, secrets) or body

    def _secrets(self, credentials: Credentials) -> tuple[str, ...]:
        """What an error may not quote: ids of keys, too, but no short ones, which may be words."""
        key, secrets = credentials.access_key, (*self.configuration.secrets, *credentials.secrets)
        long_enough = [secret for secret in secrets if len(secret) >= _LEAST_SECRET]
        return (*long_enough, *([key] if len(key) >= _LEAST_KEY else []))

    def _sent(
        self,
        endpoint: Endpoint,
        api: Api,
        operation: str,
        parameters: RequestParameters,
        credentials: Credentials,
    ) -> Any:
        """The body of an answer with HTTP status 200, whatever JSON it is; else what the SDK raises."""
        sdk = _sdk()
        config = sdk.models.Config(
            endpoint=endpoint.host,
            protocol=endpoint.protocol,
            credential=_Signer(credentials),
            read_timeout=self.configuration.read_timeout,
            connect_timeout=self.configuration.connect_timeout,
            user_agent="alipolicy",
        )
        params = sdk.models.Params(
            action=operation,
            version=api.version,
            protocol=endpoint.protocol,
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        given = {name: value for name, value in parameters.items() if value is not None}
        request = sdk.models.OpenApiRequest(query=self._region_parameter(api, endpoint), body=given)
        return sdk.Client(config).call_api(params, request, sdk.RuntimeOptions())["body"]

    def _region_parameter(self, api: Api, endpoint: Endpoint) -> dict[str, str]:
        """RegionId for Cloud Backup at an address that does not tell the region: a local cloud, a gateway.
        Alibaba Cloud's own addresses tell it, and requests to them are as its SDK sends them."""
        if api is not HBR or endpoint.host.endswith(".aliyuncs.com"):
            return {}
        return {"RegionId": self.configuration.region}


# ------------------------------------------------------------ the SDK


@functools.cache
def _sdk() -> Any:
    """What is used of it, imported at the first call."""
    for name in _LOGGERS_OF_THE_SDK:
        # With DEBUG=sdk in the environment they would show the headers of each request.
        logging.getLogger(name).disabled = True
    from alibabacloud_credentials.models import CredentialModel
    from alibabacloud_tea_openapi import utils_models
    from alibabacloud_tea_openapi.client import Client
    from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
    from darabonba.runtime import RuntimeOptions

    return SimpleNamespace(
        models=utils_models,
        Client=Client,
        RuntimeOptions=RuntimeOptions,
        CredentialModel=CredentialModel,
        AlibabaCloudException=AlibabaCloudException,
    )


@frozen(repr=False)
class _Signer:
    """Credentials as the SDK asks for them; made so that it never looks for others."""

    _credentials: Credentials

    def get_credential(self) -> Any:
        token = self._credentials.security_token
        return _sdk().CredentialModel(
            access_key_id=self._credentials.access_key,
            access_key_secret=self._credentials.secret_key.reveal(),
            security_token=token.reveal() if token else None,
            type="sts" if token else "access_key",
        )


# ------------------------------------------------------------ what went wrong


def _refusal(operation: str, body: Any, secrets: Sequence[str]) -> CloudError | None:
    """HTTP said 200; the answer may still say no. `Success` decides; where it is missing, `Code` does."""
    if not isinstance(body, dict):
        return unreadable(operation, "it is not a JSON object")
    code = _written(body.get("Code"))
    success = body.get("Success")
    failed = not flag(success) if success is not None else code.lower() not in ("", *_SUCCESS)
    if not failed:
        return None
    message = _masked(_written(body.get("Message")) or "The service says that it failed.", secrets)
    return CloudError(operation, code, message, request_id=_written(body.get("RequestId")), status=200)


def _failure(operation: str, endpoint: Endpoint, error: Exception, secrets: Sequence[str]) -> CloudError:
    if not isinstance(error, ImportError) and isinstance(error, _sdk().AlibabaCloudException):
        return _answered(operation, error, secrets)
    inner = getattr(error, "inner_exception", None) or error
    if type(inner).__name__ == "RetryError":
        return _past_no_proxy(_cut_off(operation, endpoint, inner), endpoint)
    if isinstance(inner, (ImportError, OSError)):
        message = f"The request to {endpoint} could not be made: {_masked(str(inner), secrets)}"
        return CloudError(operation, errors.NOT_SENT, message, is_final=True)
    # What else the SDK stumbles over is the answer. Its words are not shown: they may quote it.
    return _past_no_proxy(unreadable(operation, "it is not JSON of this API"), endpoint)


def _past_no_proxy(error: CloudError, endpoint: Endpoint) -> CloudError:
    """The error, with what is known of its cause where a proxy stands between this machine and itself: the
    SDK knows no NO_PROXY."""
    name = f"{endpoint.protocol}_PROXY"
    variable = next(filter(os.environ.get, (name, name.lower())), None)
    if variable is None or not endpoint.is_local or error.code not in (errors.NOT_SENT, errors.UNREADABLE):
        return error
    return error.noting(
        f"{variable} sends even requests to this machine through a proxy, whatever NO_PROXY says."
    )


def _answered(operation: str, error: Any, secrets: Sequence[str]) -> CloudError:
    """An error that the service, or the gateway, answered."""
    code, message = _written(error.code), _written(error.message)
    unwrapped = _MESSAGE.fullmatch(message)
    message = _written(unwrapped[1] if unwrapped else message) or "The service gives no reason."
    if code.startswith("SignatureDoesNotMatch"):
        # The service quotes the string to sign, and that holds the security token.
        message = "The signature does not match: it was made with another secret key."
    delay = getattr(error, "retry_after", None)
    return CloudError(
        operation,
        code,
        _masked(message, secrets),
        request_id=_written(getattr(error, "request_id", None)),
        status=error.status_code,
        retry_after=delay / 1000 if delay else None,
    )


def _cut_off(operation: str, endpoint: Endpoint, error: BaseException) -> CloudError:
    """No answer: was the request sent? Where nobody knows, it was."""
    from requests.exceptions import ConnectTimeout, ReadTimeout
    from urllib3.exceptions import NewConnectionError, ProxyError

    causes = list(_causes(error))
    # The proxy's own words and address are not shown: a password may stand in it.
    if any(isinstance(e, ProxyError) or str(e).startswith("Tunnel connection failed") for e in causes):
        message = f"The proxy on the way to {endpoint} did not let the request through."
        return CloudError(operation, errors.NOT_SENT, message)
    certificates = [cause for cause in causes if type(cause).__name__ == "SSLCertVerificationError"]
    if certificates:
        message = f"{endpoint} could not be trusted: {certificates[0]}"
        return CloudError(operation, errors.NOT_SENT, message, is_final=True)
    if any(isinstance(cause, (ConnectTimeout, NewConnectionError)) for cause in causes):
        return CloudError(operation, errors.NOT_SENT, f"{endpoint} could not be reached.")
    is_late = any(isinstance(cause, ReadTimeout) for cause in causes)
    what = "did not answer in time" if is_late else "cut the connection before the answer was complete"
    return CloudError(operation, errors.LOST, f"{endpoint} {what}.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, and all that stand behind it or inside it."""
    left: list[Any] = [error]
    seen: set[int] = set()
    while left:
        cause = left.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            left += [cause.__context__, cause.__cause__, getattr(cause, "reason", None), *cause.args]


def _masked(message: str, secrets: Sequence[str]) -> str:
    forms = set(secrets)
    for secret in secrets:
        encoded = secret.encode(errors="replace")
        forms |= {quote(encoded), quote(encoded, safe=""), quote_plus(encoded)}
    for form in sorted(forms, key=len, reverse=True):
        message = message.replace(form, "***")
    return message


def unreadable(operation: str, what: str, request_id: str = "") -> CloudError:
    """The answer arrived, and is none: what was asked for may have been carried out."""
    message = f"The answer cannot be read: {what}."
    return CloudError(operation, errors.UNREADABLE, message, request_id=request_id)


def missing(operation: str, name: str, answer: Mapping[str, Any]) -> NoReturn:
    raise unreadable(operation, f"{name} is missing in it", _written(answer.get("RequestId")))


# ------------------------------------------------------------ reading an answer


def _written(value: Any) -> str:
    """A string of the answer; the SDK writes `None` for what is missing."""
    return "" if value is None or value == "None" else str(value)


def flag(value: Any) -> bool:
    """A boolean of an answer, which may come as a string."""
    return value is True or str(value).lower() == "true"


def text(answer: Mapping[str, Any], operation: str, name: str) -> str:
    """A string that has to be there and not empty. CloudError."""
    value = answer.get(name)
    return value if isinstance(value, str) and value else missing(operation, name, answer)


def part(answer: Mapping[str, Any], operation: str, name: str) -> ApiResponse:
    """An object that has to be there. CloudError."""
    value = answer.get(name)
    return value if isinstance(value, dict) else missing(operation, name, answer)


def parts(answer: Mapping[str, Any], operation: str, name: str) -> list[ApiResponse]:
    """A list of objects that has to be there. CloudError."""
    value = answer.get(name)
    is_list = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return value if isinstance(value, list) and is_list else missing(operation, name, answer)
