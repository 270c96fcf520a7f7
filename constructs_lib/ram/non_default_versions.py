"""What the non-default versions of a policy would grant if someone made one of them the default.

    for latent in latent_access(versions, default, new_default):
        latent.version_id, latent.gained, latent.risks.risks

A policy keeps up to five versions. Whoever may call SetDefaultPolicyVersion can bring any of them back at any
time, without writing a document: what a change takes away stays within reach as long as another version gives
it. Source: RAM, SetDefaultPolicyVersion (API version 2015-05-01); help page Limits.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from constructs_lib.ram.access import AccessComparison, Grant, compare
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.risks import Opened, opened


@frozen
class LatentAccess:
    """What happens if a non-default version becomes the default.

    * `version_id`: of that version, such as `v3`.
    * `now`: from today's default version to it.
    * `afterwards`: from the new default version to it, once the change takes effect. The same as `now` where
      there is no change.
    * `risks`: those of the catalogue that bringing it back opens, once the change takes effect.
    """

    version_id: str
    now: AccessComparison
    afterwards: AccessComparison
    risks: Opened

    @property
    def gained(self) -> tuple[Grant, ...]:
        """What bringing the version back grants, once the change takes effect; `Grant.statement` counts the
        statements of that version."""
        return self.afterwards.gained

    @property
    def undecided(self) -> str | None:
        """Why `gained` or the risks may be incomplete."""
        return self.afterwards.undecided or self.risks.undecided

    @property
    def is_opened_by_the_change(self) -> bool:
        """Whether the version grants something beyond the new default version, but nothing beyond today's:
        what the change takes away can be brought back."""
        return bool(self.gained) and not self.now.gained and not self.now.undecided


def latent_access(
    versions: Mapping[str, PolicyDocument], default: PolicyDocument, new_default: PolicyDocument | None = None
) -> tuple[LatentAccess, ...]:
    """What each version would grant if someone made it the default, in the order given.

    * `versions`: the documents of the versions that are there, by version id. Today's default version may be
      among them: after the change it is a non-default version like the others.
    * `default`: of the default version today, which need not be the last version.
    * `new_default`: of the default version after the change; None where nothing changes.
    """
    return tuple(_latent(version_id, each, default, new_default) for version_id, each in versions.items())


_NO_CHANGE = AccessComparison((), ())


def _latent(
    version_id: str, document: PolicyDocument, default: PolicyDocument, new_default: PolicyDocument | None
) -> LatentAccess:
    now = _NO_CHANGE if document is default else compare(default, document)
    afterwards = now if new_default is None else compare(new_default, document)
    # Where nothing is gained, nothing is opened.
    has_risks = afterwards.gained or afterwards.undecided
    risks = opened(default if new_default is None else new_default, document) if has_risks else Opened(())
    return LatentAccess(version_id, now, afterwards, risks)
