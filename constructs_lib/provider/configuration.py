"""The provider's configuration: arguments, then environment variables, then a profile of the aliyun CLI.

Names, environment variables and precedence are those of the official provider (aliyun/alicloud), each value
looked up on its own. Nothing else is asked: no SDK default chain, no metadata service, no location service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from attrs import field, frozen

from constructs_lib.provider.credentials import (
    DEFAULT_SESSION,
    DEFAULT_SESSION_NAME,
    MAX_SESSION,
    MIN_SESSION,
    Credentials,
    RoleToAssume,
    Secret,
)

DEFAULT_REGION = "cn-beijing"
DEFAULT_TIMEOUT, MAX_TIMEOUT = 60_000, 3_600_000  # ms
MAX_RETRY_TIMEOUT = 86_400  # s
PROTOCOLS = ("HTTPS", "HTTP")

# The first one that is set and not empty counts.
VARIABLES = {
    "access_key": ("ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID"),
    "secret_key": (
        *("ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_ACCESS_KEY_SECRET"),
    ),
    "security_token": (
        *("ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN"),
    ),
    "region": ("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"),
    "profile": ("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
    "shared_credentials_file": ("ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE"),
    "client_read_timeout": ("CLIENT_READ_TIMEOUT",),
    "client_connect_timeout": ("CLIENT_CONNECT_TIMEOUT",),
    "max_retry_timeout": ("MAX_RETRY_TIMEOUT",),
    "assume_role.role_arn": ("ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"),
    "assume_role.session_name": ("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"),
    "assume_role.session_expiration": ("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION",),
    "endpoints.hbr": ("ALIBABA_CLOUD_ENDPOINT_HBR", "HBR_ENDPOINT"),
    "endpoints.ram": ("ALIBABA_CLOUD_ENDPOINT_RAM", "RAM_ENDPOINT"),
    "endpoints.sts": ("ALIBABA_CLOUD_ENDPOINT_STS", "STS_ENDPOINT"),
}
# The names in a profile of ~/.aliyun/config.json, and the modes of a profile that have them.
IN_PROFILE = {
    "access_key": ("access_key_id", ("AK", "StsToken", "RamRoleArn")),
    "secret_key": ("access_key_secret", ("AK", "StsToken", "RamRoleArn")),
    "security_token": ("sts_token", ("StsToken",)),
    "region": ("region_id", ("AK", "StsToken", "RamRoleArn")),
    "assume_role.role_arn": ("ram_role_arn", ("RamRoleArn",)),
    "assume_role.session_name": ("ram_session_name", ("RamRoleArn",)),
    "assume_role.session_expiration": ("expired_seconds", ("RamRoleArn",)),
}
MODES = ("AK", "StsToken", "RamRoleArn")
_SECRET = ("access_key", "secret_key", "security_token")

_ANYTHING, _VISIBLE, _PROTOCOL = re.compile(r"(?s).*"), re.compile(r"[!-~]+"), re.compile(r"HTTPS?")
_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ENDPOINT = re.compile(r"(?a)(?:(https?)://)?([\w-]+(?:\.[\w-]+)*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?/?")
_ROLE_ARN = re.compile(r"acs:ram::[0-9]+:role/.+")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")


@frozen
class ArgumentProblem:
    """What is wrong with one argument, such as `assume_role.role_arn`: what was received and what to do."""

    argument: str
    message: str


class ConfigurationError(Exception):
    """The configuration cannot be used; `problems` are all there are, found together."""

    def __init__(self, problems: list[ArgumentProblem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(f"{problem.argument}: {problem.message}" for problem in self.problems)


@frozen
class Endpoint:
    """Where a service answers: `host` with its port, if any, and `protocol`, HTTP or HTTPS."""

    host: str
    protocol: str = "HTTPS"

    def __str__(self) -> str:
        return f"{self.protocol.lower()}://{self.host}"

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        name = self.host.strip("[]") if self.host.endswith("]") else self.host.rpartition(":")[0] or self.host
        try:
            return name == "localhost" or ip_address(name.strip("[]")).is_loopback
        except ValueError:
            return False


@frozen(kw_only=True)
class Configuration:
    """All that calls need to know.

    * `region`: such as `cn-hangzhou`; HBR is regional, RAM is not.
    * `credentials`: who calls, or who assumes the role.
    * `assume_role`: the role to act as; None: as oneself.
    * `hbr`, `ram`, `sts`: where the services are.
    * `read_timeout`, `connect_timeout`: of one attempt (ms).
    * `max_retry_timeout`: how long one call may be repeated (seconds); 0: as long as its operation may take.
    """

    region: str
    credentials: Credentials
    assume_role: RoleToAssume | None = None
    hbr: Endpoint
    ram: Endpoint
    sts: Endpoint
    read_timeout: int = DEFAULT_TIMEOUT
    connect_timeout: int = DEFAULT_TIMEOUT
    max_retry_timeout: int = 0

    @property
    def secrets(self) -> tuple[str, ...]:
        """The strings that must not appear in any log or error."""
        role = self.assume_role
        return self.credentials.secrets + ((role.external_id,) if role and role.external_id else ())

    @classmethod
    def read(cls, arguments: Mapping[str, Any], environment: Mapping[str, str], home: Path) -> Configuration:
        """From the provider's arguments, where None is "not given"; blocks are objects or lists of one.

        * `home`: in which `~` and `.aliyun/config.json` are.

        ConfigurationError: it cannot be used.
        """
        reader = _Reader(arguments, environment, home)
        region = reader.string("region", DEFAULT_REGION, _REGION, "a region id such as cn-hangzhou")
        protocol = reader.string("protocol", PROTOCOLS[0], _PROTOCOL, " or ".join(PROTOCOLS))
        configuration = cls(
            region=region,
            credentials=reader.credentials(),
            assume_role=reader.assume_role(),
            hbr=reader.endpoint("hbr", f"hbr.{region}.aliyuncs.com", protocol),
            ram=reader.endpoint("ram", "ram.aliyuncs.com", protocol),
            sts=reader.endpoint("sts", f"sts.{region}.aliyuncs.com", protocol),
            read_timeout=reader.number("client_read_timeout", 1, MAX_TIMEOUT, DEFAULT_TIMEOUT),
            connect_timeout=reader.number("client_connect_timeout", 1, MAX_TIMEOUT, DEFAULT_TIMEOUT),
            max_retry_timeout=reader.number("max_retry_timeout", 1, MAX_RETRY_TIMEOUT),
        )
        if reader.problems:
            raise ConfigurationError(reader.problems)
        return configuration


@frozen
class _Setting:
    """A value, and where it was found, in words."""

    value: Any = field(repr=False)
    place: str


class _Reader:
    """Looks values up, and gathers what is wrong with them."""

    def __init__(self, arguments: Mapping[str, Any], environment: Mapping[str, str], home: Path) -> None:
        self.problems: list[ArgumentProblem] = []
        self._arguments = arguments
        self._environment = environment
        self._home = home
        self._profile: Mapping[str, Any] = {}
        self._profile_name, self._profile_file = "", home
        self._profile_problem: ArgumentProblem | None = None
        self._profile = self._read_profile()

    # -- single values

    def string(
        self, name: str, default: str = "", form: re.Pattern[str] = _ANYTHING, allowed: str = "a string"
    ) -> str:
        """`form`: what it has to look like. `allowed`: the same in words."""
        setting = self.find(name)
        if setting is None:
            return default
        if isinstance(setting.value, str) and form.fullmatch(setting.value):
            return setting.value
        self._refuse(name, setting, allowed)
        return default

    def number(self, name: str, least: int, most: int, default: int = 0) -> int:
        """A whole number; the default where it is not given, or given as 0."""
        setting = self.find(name)
        if setting is None:
            return default
        value = setting.value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
            value = int(value)
        is_whole = type(value) is int or (isinstance(value, float) and value.is_integer())
        if not is_whole or not (value == 0 or least <= value <= most):
            self._refuse(name, setting, f"a whole number from {least} to {most}, or 0 for the default")
            return default
        return int(value) or default

    # -- what belongs together

    def credentials(self) -> Credentials:
        access_key, secret_key, token = (
            self.string(name, form=_VISIBLE, allowed="a string without spaces, of ASCII characters")
            for name in _SECRET
        )
        # A profile of the environment may be meant for other programs: it only counts where it is needed.
        is_needed = self._arguments.get("profile") or not (access_key and secret_key)
        if self._profile_problem and is_needed:
            self.problems.append(self._profile_problem)
        for name, value in (("access_key", access_key), ("secret_key", secret_key)):
            if not value and not any(problem.argument == name for problem in self.problems):
                self.problems.append(ArgumentProblem(name, self._missing(name)))
        return Credentials(access_key, Secret(secret_key), Secret(token) if token else None)

    def assume_role(self) -> RoleToAssume | None:
        """The role of the block; without a block that of the profile. Variables fill the block in only."""
        if self.find("assume_role.role_arn") is None:
            if self._block("assume_role") is not None:
                variables = " or ".join(VARIABLES["assume_role.role_arn"])
                message = f"is missing. Set it in the block, or in the environment as {variables}."
                self.problems.append(ArgumentProblem("assume_role.role_arn", message))
            return None
        arn, name = "an ARN such as acs:ram::123456789012****:role/name", "2 to 64 letters, digits and .@_-"
        return RoleToAssume(
            role_arn=self.string("assume_role.role_arn", "", _ROLE_ARN, arn),
            session_name=self.string("assume_role.session_name", DEFAULT_SESSION_NAME, _SESSION_NAME, name),
            session_expiration=self.number(
                "assume_role.session_expiration", MIN_SESSION, MAX_SESSION, DEFAULT_SESSION
            ),
            policy=self.string("assume_role.policy"),
            external_id=self.string("assume_role.external_id"),
        )

    def endpoint(self, service: str, default: str, protocol: str) -> Endpoint:
        """A scheme in front of the host counts more than `protocol`, for this one endpoint."""
        setting = self.find(f"endpoints.{service}")
        if setting is None:
            return Endpoint(default, protocol)
        value = setting.value
        parsed = _ENDPOINT.fullmatch(value) if isinstance(value, str) else None
        if parsed is None or int(parsed[3] or 1) not in range(1, 65_536):
            allowed = "a host, with its port if need be, such as hbr.cn-hangzhou.aliyuncs.com"
            # As in a URL, where a password may stand before the host.
            shown = re.sub(r"(?s).*@", "***@", value) if isinstance(value, str) else value
            self._refuse(f"endpoints.{service}", _Setting(shown, setting.place), allowed)
            return Endpoint(default, protocol)
        scheme, host, port = parsed.groups()
        return Endpoint(f"{host}:{port}" if port else host, scheme.upper() if scheme else protocol)

    # -- places

    def find(self, name: str) -> _Setting | None:
        """The value of `region` or `assume_role.role_arn`, from the first place that has one; an empty string
        and 0 are none."""
        block, _, inner = name.rpartition(".")
        values = self._block(block) if block else self._arguments
        given = [_Setting((values or {}).get(inner), "in the provider's arguments")]
        # A variable fills an assume_role block in, but does not stand for one.
        if block != "assume_role" or values is not None:
            for variable in VARIABLES.get(name, ()):
                given.append(_Setting(self._environment.get(variable), f"in the variable {variable}"))
        key, modes = IN_PROFILE.get(name, ("", ()))
        if self._profile.get("mode") in modes:
            place = f"in the profile {self._profile_name} of {self._profile_file}"
            given.append(_Setting(self._profile.get(key), place))
        for setting in given:
            value = setting.value.strip() if isinstance(setting.value, str) else setting.value
            if value not in (None, "", 0):
                return _Setting(value, setting.place)
        return None

    def _block(self, name: str) -> Mapping[str, Any] | None:
        block = self._arguments.get(name)
        if isinstance(block, (list, tuple)):
            block = block[0] if block else None
        return block if isinstance(block, Mapping) else None

    # -- the profile

    def _read_profile(self) -> Mapping[str, Any]:
        """The profile that is named, as the aliyun CLI wrote it; empty where none is named."""
        name, given = self.string("profile"), self.string("shared_credentials_file")
        if not name:
            return {}
        path = self._home / ".aliyun" / "config.json"
        if given:
            path = self._home / given[2:] if given.startswith(("~/", "~\\")) else Path(given)
        self._profile_name, self._profile_file = name, path
        profiles = self._profiles(path)
        if profiles is None:
            return {}
        profile = next((profile for profile in profiles if profile.get("name") == name), None)
        if profile is None:
            known = ", ".join(str(profile.get("name")) for profile in profiles) or "none"
            self._no_profile("profile", f"there is no {name!r} in {path}; it has: {known}.")
        elif profile.get("mode") not in MODES:
            mode = profile.get("mode")
            message = f"{name!r} in {path} has the mode {mode!r}; only {', '.join(MODES)} can be read."
            self._no_profile("profile", message)
        elif profile["mode"] == "RamRoleArn" and not profile.get("ram_role_arn"):
            self._no_profile("profile", f"{name!r} in {path} has the mode RamRoleArn, but no ram_role_arn.")
        return profile or {}

    def _profiles(self, path: Path) -> list[dict[str, Any]] | None:
        try:
            content = json.loads(path.read_text(encoding="utf-8-sig"))
            return [profile for profile in content["profiles"] if isinstance(profile, dict)]
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}."
        except (ValueError, LookupError, TypeError, RecursionError):
            # The words of a JSON error are not shown: they may quote the file, and it holds secrets.
            message = f"{path} is not a file of the aliyun CLI: a JSON object with `profiles` is needed."
        self._no_profile("shared_credentials_file", message)
        return None

    def _no_profile(self, argument: str, message: str) -> None:
        step = "Run `aliyun configure --profile NAME`, or name another profile or file."
        self._profile_problem = ArgumentProblem(argument, f"{message} {step}")

    # -- words

    def _refuse(self, name: str, setting: _Setting, allowed: str) -> None:
        value = setting.value
        received = str(value) if isinstance(value, Decimal) else repr(value)
        if name in _SECRET:
            received = "a value that is not shown"
        message = f"received {received} {setting.place}; it has to be {allowed}."
        self.problems.append(ArgumentProblem(name, message))

    def _missing(self, name: str) -> str:
        looked = ["the provider's arguments", f"the environment ({', '.join(VARIABLES[name])})"]
        if self._profile_name:
            looked.append(f"the profile {self._profile_name} of {self._profile_file}")
        step = f"Set {VARIABLES[name][1]}, or name a profile of the aliyun CLI in `profile`."
        return f"not found in {' nor in '.join(looked)}. {step}"
