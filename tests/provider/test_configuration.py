"""Arguments, environment and profile: what is found where, and what is said where nothing is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.provider.configuration import (
    VARIABLES,
    Configuration,
    ConfigurationError,
    Endpoint,
)
from constructs_lib.provider.credentials import RoleToAssume
from tests.properties import examples

KEYS = {"access_key": "LTAIarg", "secret_key": "arg-secret"}
ARN = "acs:ram::1234567890123456:role/backup"
PROFILES: dict[str, dict[str, Any]] = {
    "ak": {"mode": "AK", "access_key_id": "LTAIak", "access_key_secret": "ak-s", "region_id": "eu-west-1"},
    "sts": {
        "mode": "StsToken",
        "access_key_id": "STS.p",
        "access_key_secret": "sts-s",
        "sts_token": "sts-t",
        "region_id": "ap-southeast-1",
    },
    "role": {
        "mode": "RamRoleArn",
        "access_key_id": "LTAIrole",
        "access_key_secret": "role-s",
        "sts_token": "ignored",
        "ram_role_arn": ARN,
        "ram_session_name": "from-profile",
        "expired_seconds": 1200,
        "region_id": "",
    },
    "ecs": {"mode": "EcsRamRole", "ram_role_name": "r"},
    "half": {"mode": "RamRoleArn", "access_key_id": "LTAIhalf", "access_key_secret": "half-s"},
    "stale": {"mode": "AK", "access_key_id": "LTAIs", "access_key_secret": "s", "sts_token": "left-over"},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".aliyun").mkdir()
    profiles = [{"name": name, **profile} for name, profile in PROFILES.items()]
    text = json.dumps({"current": "ak", "profiles": profiles})
    (tmp_path / ".aliyun" / "config.json").write_text(text, encoding="utf-8")
    return tmp_path


def read(home: Path, arguments: Mapping[str, Any] = KEYS, /, **environment: str) -> Configuration:
    return Configuration.read(arguments, environment, home)


def problems(home: Path, arguments: dict[str, Any], **environment: str) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        read(home, arguments, **environment)
    reported = {problem.argument: problem.message for problem in caught.value.problems}
    assert str(caught.value) == "\n".join(f"{name}: {message}" for name, message in reported.items())
    return reported


# ------------------------------------------------------------ precedence


def test_the_least_that_is_needed(home: Path) -> None:
    configuration = read(home, KEYS)
    assert configuration.region == "cn-beijing"
    assert configuration.credentials.access_key == "LTAIarg"
    assert configuration.credentials.secret_key.reveal() == "arg-secret"
    assert configuration.credentials.security_token is None
    assert configuration.assume_role is None
    assert configuration.hbr == Endpoint("hbr.cn-beijing.aliyuncs.com", "HTTPS")
    assert configuration.ram == Endpoint("ram.aliyuncs.com", "HTTPS")
    assert configuration.sts == Endpoint("sts.cn-beijing.aliyuncs.com", "HTTPS")
    assert (configuration.read_timeout, configuration.connect_timeout) == (60_000, 60_000)
    assert configuration.max_retry_timeout == 0


@pytest.mark.parametrize("name", ["access_key", "secret_key", "security_token", "region"])
def test_argument_then_variables_in_order_then_profile(home: Path, name: str) -> None:
    def found(arguments: dict[str, Any], environment: dict[str, str]) -> str | None:
        keys = {"ALIBABACLOUD_ACCESS_KEY_ID": "LTAIlast", "ALIBABACLOUD_ACCESS_KEY_SECRET": "last"}
        configuration = read(home, arguments, **keys | environment)
        credentials = configuration.credentials
        token = credentials.security_token
        return {
            "access_key": credentials.access_key,
            "secret_key": credentials.secret_key.reveal(),
            "security_token": token.reveal() if token else None,
            "region": configuration.region,
        }[name]

    variables = list(VARIABLES[name])
    environment = {variable: f"v{number}" for number, variable in enumerate(variables)}
    assert found({"profile": "sts", name: " argument "}, environment) == "argument"
    for number, variable in enumerate(variables):
        assert found({"profile": "sts", name: ""}, environment) == f"v{number}"
        environment[variable] = ""
    if name in ("security_token", "region"):
        assert found({"profile": "sts"}, environment) == {"security_token": "sts-t"}.get(
            name, "ap-southeast-1"
        )


# As the documentation of the official provider has them (argument, variables in order), version 1.290.
OFFICIAL = """
access_key ALICLOUD_ACCESS_KEY ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABACLOUD_ACCESS_KEY_ID
secret_key ALICLOUD_SECRET_KEY ALIBABA_CLOUD_ACCESS_KEY_SECRET ALIBABACLOUD_ACCESS_KEY_SECRET
security_token ALICLOUD_SECURITY_TOKEN ALIBABA_CLOUD_SECURITY_TOKEN ALIBABACLOUD_SECURITY_TOKEN
region ALICLOUD_REGION ALIBABA_CLOUD_REGION
profile ALICLOUD_PROFILE ALIBABA_CLOUD_PROFILE
shared_credentials_file ALICLOUD_SHARED_CREDENTIALS_FILE ALIBABA_CLOUD_CREDENTIALS_FILE
assume_role.role_arn ALICLOUD_ASSUME_ROLE_ARN ALIBABA_CLOUD_ROLE_ARN
assume_role.session_name ALICLOUD_ASSUME_ROLE_SESSION_NAME ALIBABA_CLOUD_ROLE_SESSION_NAME
assume_role.session_expiration ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION
endpoints.hbr ALIBABA_CLOUD_ENDPOINT_HBR HBR_ENDPOINT
endpoints.ram ALIBABA_CLOUD_ENDPOINT_RAM RAM_ENDPOINT
endpoints.sts ALIBABA_CLOUD_ENDPOINT_STS STS_ENDPOINT
client_read_timeout CLIENT_READ_TIMEOUT
client_connect_timeout CLIENT_CONNECT_TIMEOUT
max_retry_timeout MAX_RETRY_TIMEOUT
"""


def test_the_variables_are_those_of_the_official_provider() -> None:
    lines = [line.split() for line in OFFICIAL.split("\n") if line]
    assert {name: tuple(variables) for name, *variables in lines} == VARIABLES


def test_a_profile_is_read_only_where_it_is_named(home: Path) -> None:
    assert (
        "not found in the provider's arguments nor in the environment (ALICLOUD_ACCESS_KEY, "
        in (problems(home, {})["access_key"])
    )
    for environment in ({"ALICLOUD_PROFILE": "ak"}, {"ALIBABA_CLOUD_PROFILE": "ak"}):
        configuration = read(home, {}, **environment)
        assert configuration.credentials.access_key == "LTAIak"
        assert configuration.region == "eu-west-1"
    assert read(home, {"profile": "sts"}, ALICLOUD_PROFILE="ak").credentials.access_key == "STS.p"


def test_the_modes_of_a_profile(home: Path) -> None:
    sts = read(home, {"profile": "sts"})
    assert sts.credentials.secrets == ("sts-s", "sts-t")
    assert sts.assume_role is None
    role = read(home, {"profile": "role"})
    assert role.credentials.secrets == ("role-s",)
    assert role.assume_role == RoleToAssume(
        role_arn=ARN, session_name="from-profile", session_expiration=1200
    )
    assert role.region == "cn-beijing"
    assert read(home, {"profile": "stale"}).credentials.security_token is None


def test_another_file_of_profiles(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = home / "other.json"
    other.write_text('\ufeff{"profiles": [{"name": "x", "mode": "AK", "access_key_id": "LTAIx", '
                     '"access_key_secret": "xs"}]}', encoding="utf-8")  # fmt: skip
    for name in (str(other), "~/other.json"):
        for environment in ({}, {"ALIBABA_CLOUD_CREDENTIALS_FILE": "/none"}):
            given = {"profile": "x", "shared_credentials_file": name}
            assert read(home, given, **environment).credentials.access_key == "LTAIx"
        for variable in VARIABLES["shared_credentials_file"]:
            assert read(home, {"profile": "x"}, **{variable: name}).credentials.access_key == "LTAIx"


# ------------------------------------------------------------ a role


def test_a_role_to_assume(home: Path) -> None:
    block = {
        "role_arn": ARN,
        "session_name": "me",
        "session_expiration": 7200,
        "policy": "{}",
        "external_id": "e-secret",
    }
    for each in (block, [block]):
        configuration = read(home, KEYS | {"assume_role": each})
        assert configuration.assume_role == RoleToAssume(**block)  # type: ignore[arg-type]
        assert configuration.secrets == ("arg-secret", "e-secret")
        assert "e-secret" not in repr(configuration)


def test_a_block_is_filled_in_from_environment_and_profile(home: Path) -> None:
    environment = {
        "ALIBABA_CLOUD_ROLE_ARN": f"{ARN}-env",
        "ALICLOUD_ASSUME_ROLE_SESSION_NAME": "env",
        "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "1800",
    }
    empty = {"role_arn": None, "session_name": "", "session_expiration": 0, "policy": None}
    expected = RoleToAssume(role_arn=f"{ARN}-env", session_name="env", session_expiration=1800)
    assert read(home, KEYS | {"assume_role": [empty]}, **environment).assume_role == expected
    assert read(home, KEYS | {"assume_role": []}, **environment).assume_role is None
    mixed = read(home, {"profile": "role", "assume_role": {"role_arn": f"{ARN}-arg"}})
    assert mixed.assume_role == RoleToAssume(
        role_arn=f"{ARN}-arg", session_name="from-profile", session_expiration=1200
    )
    named = read(home, KEYS | {"assume_role": {"role_arn": ARN}})
    assert named.assume_role == RoleToAssume(role_arn=ARN, session_name="terraform", session_expiration=3600)


@pytest.mark.parametrize(
    ("block", "argument", "message"),
    [
        ({"role_arn": ""}, "role_arn", "is missing. Set it in the block, or in the environment as ALICLOUD_"),
        ({"role_arn": "backup"}, "role_arn", "received 'backup' in the provider's arguments; it has to be"),
        ({"session_expiration": 60}, "session_expiration", "a whole number from 900 to 43200"),
        ({"session_expiration": "x"}, "session_expiration", "received 'x'"),
        ({"session_name": "a b"}, "session_name", "2 to 64 letters"),
    ],
)
def test_a_role_that_cannot_be(home: Path, block: dict[str, Any], argument: str, message: str) -> None:
    reported = problems(home, KEYS | {"assume_role": {"role_arn": ARN, **block}})
    assert list(reported) == [f"assume_role.{argument}"]
    assert message in reported[f"assume_role.{argument}"]


# ------------------------------------------------------------ endpoints, region, times


@pytest.mark.parametrize(
    ("received", "host", "protocol"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080", "HTTPS"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080", "HTTP"),
        ("https://hbr-vpc.cn-hangzhou.aliyuncs.com", "hbr-vpc.cn-hangzhou.aliyuncs.com", "HTTPS"),
        (" hbr.aliyuncs.com ", "hbr.aliyuncs.com", "HTTPS"),
        ("[::1]:80", "[::1]:80", "HTTPS"),
    ],
)
def test_an_endpoint(home: Path, received: str, host: str, protocol: str) -> None:
    configuration = read(home, KEYS | {"endpoints": [{"hbr": received}]})
    assert configuration.hbr == Endpoint(host, protocol)
    assert str(configuration.hbr) == f"{protocol.lower()}://{host}"


def test_where_endpoints_are_looked_for(home: Path) -> None:
    for service in ("hbr", "ram", "sts"):
        upper = service.upper()
        environment = {f"ALIBABA_CLOUD_ENDPOINT_{upper}": "first", f"{upper}_ENDPOINT": "second"}
        found = [
            getattr(read(home, KEYS | arguments, **given), service).host
            for arguments, given in (
                ({"endpoints": {service: "block"}}, environment),
                ({"endpoints": {service: ""}}, environment),
                ({}, {f"{upper}_ENDPOINT": "second"}),
            )
        ]
        assert found == ["block", "first", "second"]


@pytest.mark.parametrize(
    "received",
    ["ftp://h", "h/path", "h:0", "h:99999", "h:x", "a b", "h?x", "http://", "a..b", "hé", 7],
)
def test_an_endpoint_that_cannot_be(home: Path, received: object) -> None:
    reported = problems(home, KEYS | {"endpoints": {"ram": received}})
    assert (
        f"received {received!r} in the provider's arguments; it has to be a host" in reported["endpoints.ram"]
    )


def test_a_password_before_the_host_is_not_quoted(home: Path) -> None:
    reported = problems(home, KEYS | {"endpoints": {"ram": "http://user:p@ssw0rd@ram.aliyuncs.com"}})
    assert "received '***@ram.aliyuncs.com'" in reported["endpoints.ram"]
    assert "ssw0rd" not in reported["endpoints.ram"]


def test_protocol_and_times(home: Path) -> None:
    given = {"protocol": "HTTP", "client_read_timeout": 1500, "max_retry_timeout": 20.0}
    configuration = read(home, KEYS | given, CLIENT_READ_TIMEOUT="1", CLIENT_CONNECT_TIMEOUT="250")
    assert configuration.ram.protocol == "HTTP"
    assert configuration.read_timeout == 1500
    assert configuration.connect_timeout == 250
    assert configuration.max_retry_timeout == 20
    assert read(home, KEYS, MAX_RETRY_TIMEOUT="9").max_retry_timeout == 9
    assert read(home, KEYS | {"client_read_timeout": 0}).read_timeout == 60_000


def test_all_problems_are_reported_together(home: Path) -> None:
    reported = problems(
        home,
        {
            "secret_key": "with space",
            "region": "cn-beijing.evil.example/",
            "protocol": "http",
            "client_read_timeout": -1,
            "endpoints": {"sts": "x/y"},
        },
        CLIENT_CONNECT_TIMEOUT="soon",
        MAX_RETRY_TIMEOUT="1.5",
    )
    assert list(reported) == [
        "region",
        "protocol",
        "secret_key",
        "access_key",
        "endpoints.sts",
        "client_read_timeout",
        "client_connect_timeout",
        "max_retry_timeout",
    ]
    assert "with space" not in str(reported)
    assert reported["protocol"] == "received 'http' in the provider's arguments; it has to be HTTPS or HTTP."
    assert "'soon' in the variable CLIENT_CONNECT_TIMEOUT" in reported["client_connect_timeout"]
    assert reported["access_key"].endswith(
        "Set ALIBABA_CLOUD_ACCESS_KEY_ID, or name a profile of the aliyun CLI in `profile`."
    )


# ------------------------------------------------------------ profiles that cannot be used


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "there is no 'none' in "),
        ("none", "it has: ak, sts, role, ecs, half, stale."),
        ("ecs", "has the mode 'EcsRamRole'; only AK, StsToken, RamRoleArn can be read."),
        ("half", "has the mode RamRoleArn, but no ram_role_arn."),
        ("none", "Run `aliyun configure --profile NAME`"),
    ],
)
def test_a_profile_that_cannot_be_used(home: Path, name: str, message: str) -> None:
    assert message in problems(home, KEYS | {"profile": name})["profile"]


def test_a_profile_of_the_environment_counts_only_where_it_is_needed(home: Path) -> None:
    assert read(home, KEYS, ALICLOUD_PROFILE="none").credentials.access_key == "LTAIarg"
    assert list(problems(home, {}, ALICLOUD_PROFILE="none")) == ["profile", "access_key", "secret_key"]


def test_where_a_missing_key_was_looked_for(home: Path) -> None:
    path = home / ".aliyun" / "config.json"
    path.write_text('{"profiles": [{"name": "bare", "mode": "AK", "access_key_id": "LTAI"}]}')
    reported = problems(home, {"profile": "bare"})
    assert list(reported) == ["secret_key"]
    assert f"nor in the profile bare of {path}. Set ALIBABA_CLOUD_ACCESS_KEY_SECRET" in reported["secret_key"]


@pytest.mark.parametrize(
    "content", ["", "[]", "7", "{}", '{"profiles": 7}', '{"profiles": null}', "{secret", b"\xff\xfe\x00"]
)
def test_a_file_that_is_none_of_the_cli(home: Path, content: str | bytes) -> None:
    path = home / ".aliyun" / "config.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    reported = problems(home, KEYS | {"profile": "ak"})
    assert f"{path} is not a file of the aliyun CLI" in reported["shared_credentials_file"]
    assert "secret" not in reported["shared_credentials_file"].replace("shared_", "")


def test_a_file_that_is_not_there(home: Path) -> None:
    reported = problems(home, KEYS | {"profile": "ak", "shared_credentials_file": str(home / "none.json")})
    assert "none.json cannot be read: No such file or directory." in reported["shared_credentials_file"]


# ------------------------------------------------------------ nothing shows, nothing crashes


def test_no_secret_in_what_is_shown(home: Path) -> None:
    configuration = read(home, {"profile": "sts"})
    for secret in configuration.secrets:
        assert secret not in repr(configuration)
        assert secret not in str(configuration)
    assert "STS.p" in repr(configuration)


VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just({}) | st.just([])
)
NAMES = [*(name for name in VARIABLES if "." not in name), "protocol", "assume_role", "endpoints"]


@examples(200)
@given(
    st.dictionaries(st.sampled_from(NAMES), VALUES),
    st.dictionaries(st.sampled_from([each for names in VARIABLES.values() for each in names]), st.text()),
    st.dictionaries(st.sampled_from(["role_arn", "session_name", "session_expiration", "hbr"]), VALUES),
)
def test_any_input_is_read_or_refused(
    arguments: dict[str, Any], environment: dict[str, str], block: dict[str, Any]
) -> None:
    blocks = {"assume_role": block, "endpoints": [block]}
    with suppress(ConfigurationError):
        Configuration.read(blocks | arguments, environment, Path("/no"))
