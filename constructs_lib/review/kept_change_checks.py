"""What is worth a word about versions of a policy that are kept, and grant more than the one in force."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from constructs_lib.findings import Phrase, Problem, Problems, check
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.non_default_versions import LatentAccess, latent_access
from constructs_lib.ram.policy_version import DOCUMENT
from constructs_lib.review.access_comparison import UnknownDocumentError, document_of
from constructs_lib.review.versions import Standing, Version
from constructs_lib.review.wording import plural

PAGE = "RAM, SetDefaultPolicyVersion (2015-05-01)"
_HINT = "Delete it with ram:DeletePolicyVersion, or watch who may call ram:SetDefaultPolicyVersion."


@frozen(kw_only=True, eq=False)
class KeptVersions:
    """The kept versions of one policy that grant more than the version in force, or may.

    * `in_force`: its label. `unreadable`: the labels of those that cannot be compared.
    """

    in_force: str
    versions: tuple[LatentAccess, ...]
    unreadable: tuple[str, ...] = ()

    @classmethod
    def of(cls, standing: Standing) -> KeptVersions | None:
        """None where no version is kept, or the one in force is not known."""
        after = standing.after
        new = _read(after)
        if after is None or new is None or not standing.kept:
            return None
        documents = {one.label: _read(one) for one in standing.kept}
        readable = {label: one for label, one in documents.items() if one is not None}
        before = None if standing.before is after else _read(standing.before)
        found = latent_access(readable, new) if before is None else latent_access(readable, before, new)
        return cls(
            in_force=after.label,
            versions=tuple(one for one in found if one.gained or one.undecided),
            unreadable=tuple(label for label, one in documents.items() if one is None),
        )


def _read(version: Version | None) -> PolicyDocument | None:
    try:
        return None if version is None else document_of(version.props, version.label)
    except UnknownDocumentError:
        return None


@check("RV331", "A kept version grants more than the one in force", source=PAGE)
def kept_grants_more(kept: KeptVersions) -> Problems:
    """Whoever may call ram:SetDefaultPolicyVersion can put a kept version in force at any time, without
    writing a document. Told once for a policy."""
    found = [one for one in kept.versions if not one.is_opened_by_the_change]
    if found or kept.unreadable:
        yield _told(kept, found, kept.unreadable, "grants more than the version in force")


@check("RV531", "What a change takes away stays within reach", source=PAGE)
def kept_gives_back(kept: KeptVersions) -> Problems:
    """The old version is kept, until it is deleted or rotated away: whoever may call
    ram:SetDefaultPolicyVersion can put it in force again."""
    if found := [one for one in kept.versions if one.is_opened_by_the_change]:
        yield _told(kept, found, (), "still grants what the new version does not")


def _told(kept: KeptVersions, found: Sequence[LatentAccess], unreadable: Sequence[str], what: str) -> Problem:
    parts = []
    for one in found:
        grants = plural(len(one.gained), "grant")
        shown = f" ({grants}, such as {one.gained[0].witness})" if one.gained else ""
        parts.append(f"{one.version_id} {what}{shown}" if shown else f"{one.version_id} may grant more")
    parts += [f"{label} cannot be compared" for label in unreadable]
    received = Phrase(f"{'; '.join(parts)}; in force is {kept.in_force}")
    return Problem(DOCUMENT, received, "no kept version that grants more", _HINT)


CHECKS = (kept_grants_more, kept_gives_back)
