"""What a plan says of the end of a vault, and what its destroy refuses: recovery points go with it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from constructs_lib.findings import plural
from constructs_lib.provider import errors, vaults
from constructs_lib.provider.api_models import ApiRule, RemoteBackupPolicy, RemoteVault
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure

_DAY = 86_400


def warn_of_destruction(ctx: Context, cloud: Cloud, prior: State, path: str = "") -> None:
    """Say how many recovery points go with the vault, and until when they would be kept. `path`: the
    attribute whose change makes a new vault, if it is one."""
    try:
        found = vaults.vault(cloud, prior["id"])
        if found is None or not found.snapshot_count:
            return
        policies = [policy for policy in cloud.backup_policies() if _uses(policy, found.vault_id)]
    except CloudError as error:
        ctx.log.info("what %s holds could not be looked up: %s", prior["id"], error)
        return
    kept = f"{_kept_until(policies)} {_fate(found, is_forced=bool(prior['force_destroy']))}"
    ctx.warn(f"Vault {found.vault_name} holds {_points(found)}", kept, path)


def refuse_loss(found: RemoteVault) -> None:
    """Failure: the vault holds recovery points."""
    if found.snapshot_count:
        raise Failure(
            f"Vault {found.vault_name} holds {_points(found)}", f"Nothing was deleted. {_to_lose()}"
        )


@contextmanager
def explain_use(cloud: Cloud, vault_id: str) -> Iterator[None]:
    """Where the service refuses to delete a vault because it is used, say by which policies."""
    try:
        yield
    except CloudError as error:
        if not error.code.startswith(errors.VAULT_IN_USE[0]):
            raise
        ids = ", ".join(policy.policy_id for policy in cloud.backup_policies() if _uses(policy, vault_id))
        raise error.noting(f"Nothing was deleted. It is used by {ids or 'a policy'}.") from None


def _points(found: RemoteVault) -> str:
    return plural(found.snapshot_count, "recovery point")


def _fate(found: RemoteVault, *, is_forced: bool) -> str:
    if found.worm_enabled:
        return "The vault is immutable: it cannot be destroyed before the last of them has expired."
    if is_forced:
        return "They are deleted with the vault, as force_destroy says: nothing can be restored from them."
    return f"So the vault will not be destroyed. {_to_lose()}"


def _to_lose() -> str:
    return (
        "Wait until they have expired; or, if nobody needs them, set force_destroy = true, apply that, and "
        "destroy it then."
    )


def _uses(policy: RemoteBackupPolicy, vault_id: str) -> bool:
    return any(rule.get("VaultId") == vault_id for rule in policy.rules)


def _kept_until(policies: Iterable[RemoteBackupPolicy]) -> str:
    """Until when recovery points are kept, as far as it can be known: the service does not say it of a vault,
    the policies that fill it say it of what they make now."""
    policies = list(policies)
    rules = [rule for policy in policies for rule in policy.rules]
    longest = max((days for rule in rules for days in _retentions(rule)), default=0)
    if not longest:
        return (
            "Until when they are kept is not known: no policy with a retention backs up into the vault now."
        )
    names = ", ".join(policy.policy_id for policy in policies)
    if any(str(rule.get("KeepLatestSnapshots")) == "1" for rule in rules):
        newest = " The newest one is kept forever."
    else:
        newest = ""
    until = datetime.fromtimestamp(time.time() + longest * _DAY, UTC)
    return f"By the rules of {names}, they are kept until {until:%Y-%m-%d} at the latest.{newest}"


def _retentions(rule: ApiRule) -> Iterator[int]:
    if rule.get("RuleType") in ("BACKUP", "TRANSITION"):
        for each in (rule, *(rule.get("RetentionRules") or ())):
            yield int(each.get("Retention") or 0)
