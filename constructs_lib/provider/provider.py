"""The provider itself: its configuration block, what it offers, and cloud errors in words."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from constructs_lib.provider.cloud import SETTLE, Cloud
from constructs_lib.provider.configuration import VARIABLES, Configuration, ConfigurationError
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates.journal import Journal
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import (
    DataSource,
    Function,
    ListResource,
    Provider,
    Resource,
)
from constructs_lib.provider.protocol.schema import Attribute, Block, Nesting, Schema
from constructs_lib.provider.protocol.types import NUMBER, STRING
from constructs_lib.provider.protocol.values import Path as ValuePath
from constructs_lib.provider.protocol.values import holds_unknown, without_unknowns

# The arguments with their descriptions, as `configuration` names them.
_ARGUMENTS = {
    "access_key": "The id of the access key.",
    "secret_key": "The secret of the access key.",
    "security_token": "The token of a session (STS).",
    "region": "Where backup policies are, such as `cn-hangzhou`. RAM has no regions. Default: that of the "
    "profile, else `cn-beijing`.",
    "profile": "A profile of the aliyun CLI with the mode `AK`, `StsToken` or `RamRoleArn`. What the "
    "configuration and the environment leave out comes from it.",
    "shared_credentials_file": "The file with the profiles. Default: `~/.aliyun/config.json`.",
    "protocol": "`HTTPS` or `HTTP`. Default: `HTTPS`.",
    "client_read_timeout": "How long one attempt of a call waits for its answer, in milliseconds. Default: "
    "`60000`.",
    "client_connect_timeout": "How long one attempt of a call waits for the connection, in milliseconds. "
    "Default: `60000`.",
    "max_retry_timeout": "How long a call that is throttled or unanswered is repeated, in seconds. Default: "
    "as long as its operation may take.",
    "assume_role.role_arn": "The role, which has to be named: `acs:ram::<account>:role/<name>`.",
    "assume_role.session_name": "2 to 64 letters, digits and `.@_-`; seen in the audit log. Default: "
    "`terraform`.",
    "assume_role.session_expiration": "Seconds, 900 to 43200. Default: `3600`.",
    "assume_role.policy": "A policy document that narrows the session, as JSON.",
    "assume_role.external_id": "The external id that the role's owner asks for.",
    "endpoints.hbr": "Cloud Backup. Default: `hbr.<region>.aliyuncs.com`.",
    "endpoints.ram": "RAM. Default: `ram.aliyuncs.com`.",
    "endpoints.sts": "STS. Default: `sts.<region>.aliyuncs.com`.",
}
_SENSITIVE = ("access_key", "secret_key", "security_token", "assume_role.external_id")
_NUMBERS = (
    *("client_read_timeout", "client_connect_timeout", "max_retry_timeout"),
    "assume_role.session_expiration",
)


def _arguments(block: str = "") -> dict[str, Attribute]:
    """The arguments of the provider, or of a block of it, under their last names."""
    attributes = {}
    for argument, description in _ARGUMENTS.items():
        above, _, name = argument.rpartition(".")
        if above == block:
            variables = " or ".join(f"`{variable}`" for variable in VARIABLES.get(argument, ()))
            if variables:
                description = f"{description} Also from the environment: {variables}."
            kind = NUMBER if argument in _NUMBERS else STRING
            attributes[name] = Attribute(kind, description, optional=True, sensitive=argument in _SENSITIVE)
    return attributes


SCHEMA = Schema(
    {
        **_arguments(),
        "assume_role": Block(Nesting.LIST, _arguments("assume_role"), "The RAM role to act as.", max_items=1),
        "endpoints": Block(
            Nesting.LIST,
            _arguments("endpoints"),
            "Hosts to call instead of the public ones, with a port if need be.",
            max_items=1,
        ),
    },
    "Backup policies of Alibaba Cloud Backup, and versions of RAM policies one by one. Arguments and "
    "environment variables have the names and the precedence of the official provider, aliyun/alicloud. "
    "Credentials are never looked for elsewhere: there is no default chain, and no metadata service.",
)
# What a code of the cloud is about, where an attribute has to be changed.
_ATTRIBUTE_OF_CODE = (
    ("EntityNotExist.Policy.Version", ""),
    ("EntityNotExist.Policy", "policy_name"),
    ("InvalidParameter.PolicyName", "policy_name"),
    ("InvalidParameter.PolicyDocument", "policy_document"),
    ("MalformedPolicyDocument", "policy_document"),
)


class Alipolicy(Provider):
    """The provider.

    * `settle`: how long a new object may take to be visible everywhere (seconds).
    * `journal`: of creates; left out, nothing is kept beyond this process.
    """

    name = "alipolicy"
    schema = SCHEMA

    def __init__(self, settle: float = SETTLE, journal: Journal | None = None) -> None:
        self._settle = settle
        self._journal = journal or Journal()
        self._is_validated = False

    def resources(self) -> Sequence[Resource]:
        from constructs_lib.provider.backup_policy import BackupPolicyResource
        from constructs_lib.provider.backup_policy_binding import BackupPolicyBindingResource
        from constructs_lib.provider.backup_vault import BackupVaultResource
        from constructs_lib.provider.policy import PolicyResource
        from constructs_lib.provider.policy_attachment import PolicyAttachmentResource
        from constructs_lib.provider.policy_version import PolicyVersionResource

        return (
            BackupPolicyResource(),
            BackupPolicyBindingResource(),
            BackupVaultResource(),
            PolicyVersionResource(),
            PolicyResource(),
            PolicyAttachmentResource(),
        )

    def data_sources(self) -> Sequence[DataSource]:
        from constructs_lib.provider.backup_data_sources import BackupPolicyBindings, BackupVaults
        from constructs_lib.provider.data_sources import BackupPolicies, PolicyVersions
        from constructs_lib.provider.policy_data_sources import Policies, PolicyAttachments

        return (
            BackupPolicies(),
            BackupPolicyBindings(),
            BackupVaults(),
            PolicyVersions(),
            Policies(),
            PolicyAttachments(),
        )

    def list_resources(self) -> Sequence[ListResource]:
        from constructs_lib.provider import backup_list_resources as backup
        from constructs_lib.provider import policy_list_resources as ram

        return (
            backup.ListBackupPolicies(),
            backup.ListBackupPolicyBindings(),
            backup.ListBackupVaults(),
            ram.ListPolicyVersions(),
            ram.ListPolicies(),
            ram.ListPolicyAttachments(),
        )

    def functions(self) -> Sequence[Function]:
        from constructs_lib.provider.functions import FUNCTIONS

        return FUNCTIONS

    def validate(self, ctx: Context, config: State) -> None:
        """What is wrong with the arguments themselves: whether credentials are there does not matter yet."""
        self._is_validated = True
        arguments = without_unknowns(config) | {"profile": None, "shared_credentials_file": None}
        try:
            Configuration.read(arguments, {}, Path())
        except ConfigurationError as error:
            for problem in error.problems:
                path = _path(problem.argument)
                if _is_given(arguments, path):
                    ctx.error(f"{problem.argument} is wrong", problem.message, path)

    def configure(self, ctx: Context, config: State) -> Cloud | None:
        """The cloud; None while the configuration is not known."""
        if holds_unknown(config):
            return None
        try:
            configuration = Configuration.read(config, os.environ, Path(os.path.expanduser("~")))
        except ConfigurationError as error:
            for problem in error.problems:
                ctx.error(
                    f"The provider cannot use {problem.argument}",
                    f"{problem.argument}: {problem.message}",
                    _path(problem.argument),
                )
            return None
        if state := self._journal.find_lost_state():
            ctx.error(
                "Terraform has lost its state",
                f"{state} is empty: an earlier run was killed while it wrote it, or the state was moved to "
                "another backend. Terraform knows of nothing now, and would create everything a second time. "
                f"If a run was killed, the state from before it is beside it: cp {quote(f'{state}.backup')} "
                f"{quote(str(state))}, and apply again; what the run has created is taken over then. If the "
                "state was moved, bring it back from there. If it is to begin anew, remove both files.",
            )
            return None
        self._journal.reload()
        return Cloud.of(
            configuration,
            settle=self._settle,
            hide=ctx.hide,
            journal=self._journal,
            # A process that serves one plan has the configuration validated, too. One that has it not serves
            # all runs of a file of `terraform test`.
            makes_one_plan=self._is_validated,
        )

    def close(self, *, interrupted: bool) -> None:
        self._journal.close(is_complete=not interrupted)

    def explain(self, error: Exception) -> Failure | None:
        if not isinstance(error, CloudError):
            return None
        about = next((path for code, path in _ATTRIBUTE_OF_CODE if error.code.startswith(code)), "")
        return Failure(f"{error.operation} failed", str(error), about)


def _path(argument: str) -> ValuePath:
    """Where an argument such as `endpoints.hbr` stands: blocks are lists of one."""
    block, _, name = argument.rpartition(".")
    return (block, 0, name) if block else (name,)


def _is_given(arguments: Mapping[str, Any], path: ValuePath) -> bool:
    value: Any = arguments
    for step in path:
        value = value[step] if value else None
    return value is not None
