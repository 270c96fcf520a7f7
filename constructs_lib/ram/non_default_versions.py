"""What the kept versions of a policy would grant if someone made one of them the default again.

    for one in latent_access(kept, in_force, new):
        one.version_id, one.gained, one.risks.risks

A policy keeps up to five versions. Whoever may call SetDefaultPolicyVersion can bring any of them back at any
time, without writing a document: what a change takes away stays within reach as long as a kept version gives
it. Source: RAM, SetDefaultPolicyVersion (API version 2015-05-01); help page Limits.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from constructs_lib.ram.access import Comparison, Grant, compare
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.risks import Opened, opened


@frozen
class LatentAccess:
    """What happens if a kept version becomes the default.

    * `version_id`: of the kept version, such as `v3`.
    * `now`: from the version in force today to the kept one.
    * `afterwards`: from the new version to the kept one: once the change is in force. The same as `now` where
      there is no new version.
    * `risks`: those of the catalogue that bringing it back opens, once the change is in force.
    """

    version_id: str
    now: Comparison
    afterwards: Comparison
    risks: Opened

    @property
    def gained(self) -> tuple[Grant, ...]:
        """What bringing the version back grants, once the change is in force; `Grant.statement` counts the
        statements of the kept version."""
        return self.afterwards.gained

    @property
    def undecided(self) -> str | None:
        """Why `gained` or the risks may be incomplete."""
        return self.afterwards.undecided or self.risks.undecided

    @property
    def is_opened_by_the_change(self) -> bool:
        """Whether the kept version grants something beyond the new version, but nothing beyond the one in
        force: what the change takes away can be brought back."""
        return bool(self.gained) and not self.now.gained and not self.now.undecided


def latent_access(
    kept: Mapping[str, PolicyDocument], in_force: PolicyDocument, new: PolicyDocument | None = None
) -> tuple[LatentAccess, ...]:
    """What each kept version would grant if someone brought it back, in the order given.

    * `kept`: the documents of the versions that are there, by version id. The version in force may be among
      them: after the change it is a kept version like the others.
    * `in_force`: the default version today, which need not be the last one.
    * `new`: what will be in force after the change; None where nothing changes.
    """
    return tuple(_latent(version_id, one, in_force, new) for version_id, one in kept.items())


def _latent(
    version_id: str, kept: PolicyDocument, in_force: PolicyDocument, new: PolicyDocument | None
) -> LatentAccess:
    now = compare(in_force, kept)
    afterwards = now if new is None else compare(new, kept)
    # Where nothing is gained, nothing is opened.
    has_risks = afterwards.gained or afterwards.undecided
    risks = opened(in_force if new is None else new, kept) if has_risks else Opened(())
    return LatentAccess(version_id, now, afterwards, risks)
