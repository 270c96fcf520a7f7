"""Findings about the change of a policy version and the other versions of its policy: a function per code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from constructs_lib.findings import Phrase, Problem, Problems, check, plural
from constructs_lib.ram.access import Verdict
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.grammar import DOCUMENT
from constructs_lib.ram.non_default_versions import LatentAccess, latent_access
from constructs_lib.ram.policy_version import PolicyVersionProps, RotateStrategy
from constructs_lib.ram.risks import RiskLevel
from constructs_lib.review.access_comparison import UnknownDocumentError, document_of
from constructs_lib.review.report import AccessReview, Action
from constructs_lib.review.versions import Version, VersionsOfPolicy, is_made_default
from constructs_lib.review.wording import describe_risks

PAGE = "RAM, CreatePolicyVersion (2015-05-01), request parameters"
SWITCH = "RAM, SetDefaultPolicyVersion (2015-05-01)"
COMPARISON = "alipolicy: exact comparison of two documents"
PROVIDER = "aliyun/alicloud, alicloud_ram_policy"


@frozen(kw_only=True, eq=False)
class AccessChange:
    """A policy version that is there before or after, or both.

    * `gives_up_default`: whether it is the default version no longer, or may be. `takes_over`: the label of
      the one that is it instead, where that is known.
    * `meanwhile`: the label of the one that is it between the destruction and the creation of the version.
    * `is_default_unknown`: whether the default version is unknown, before or after.
    * `is_staging_open`: whether it is not known that somebody wrote `set_as_default`, or left it out.
    """

    before: PolicyVersionProps | None
    after: PolicyVersionProps | None
    action: Action
    access: AccessReview
    is_new_document: bool
    is_whole_policy: bool
    gives_up_default: bool = False
    takes_over: str | None = None
    meanwhile: str | None = None
    is_default_unknown: bool = False
    is_staging_open: bool = False


class HasAccess(Protocol):
    """What may open risks."""

    @property
    def access(self) -> AccessReview: ...


# ------------------------------------------------------------ 2xx: something is opened


@check("RV221", "A change opens a critical risk", source=COMPARISON)
def critical_risk(change: HasAccess) -> Problems:
    """An action of the catalogue of dangerous actions is allowed on some resource, under some condition, that
    was not before: it can cost the account, or the last copy of the data. Reported once for each statement,
    with all risks that it opens."""
    yield from _risks(change, RiskLevel.CRITICAL)


@check("RV222", "Whether there is new access is undecided", source=COMPARISON)
def undecided(change: AccessChange) -> Problems:
    """A document is unknown, malformed, far too large or too complex to be compared exactly, or it is not
    known which version takes effect before or after the change. It may grant anything."""
    if change.access.verdict is Verdict.UNDECIDED:
        hint = "Review the plan, where more is known, or look at it yourself."
        if change.is_default_unknown:
            hint = (
                "Review a plan of the alipolicy provider, which names the default version, or one that reads "
                "the data source alipolicy_policy_versions; or look at the versions yourself."
            )
        yield Problem(DOCUMENT, Phrase(str(change.access.undecided)), "documents that can be compared", hint)


# ------------------------------------------------------------ 3xx: look twice


@check("RV321", "A change opens a high risk", source=COMPARISON)
def high_risk(change: HasAccess) -> Problems:
    """As RV221, for what costs less, or needs something else beside it."""
    yield from _risks(change, RiskLevel.HIGH)


def _risks(change: HasAccess, level: RiskLevel) -> Problems:
    """One problem for each grant that opens risks, with all of them."""
    for group in change.access.risk_groups:
        if group.is_critical is (level is RiskLevel.CRITICAL):
            path = f"{DOCUMENT}.Statement[{group.grant.statement}]" if group.grant else DOCUMENT
            received = Phrase(f"{describe_risks(group)}, such as {group.risks[0].witness}")
            yield Problem(path, received, "no new risk", "Narrow the statement, or approve the change.")


@check("RV322", "A change grants new access", source=COMPARISON)
def new_access(change: AccessChange) -> Problems:
    """Some request is allowed that was not before; the report lists every grant with a witness."""
    if gained := change.access.gained:
        received = Phrase(f"{plural(len(gained), 'new grant')}, such as {gained[0].witness}")
        path = f"{DOCUMENT}.Statement[{gained[0].statement}]"
        yield Problem(path, received, "no new access", "Check that each grant is intended.")


@check("RV323", "A Deny is lifted", source=COMPARISON)
def deny_lifted(change: AccessChange) -> Problems:
    """A Deny outweighs what any other policy of the same user, group or role allows. What this one refused
    and no longer does may now be allowed by another."""
    if lifted := change.access.no_longer_refused:
        received = Phrase(f"no longer refused: such as {lifted[0].witness}")
        yield Problem(DOCUMENT, received, "the same refusals", "Check what other policies allow there.")


@check("RV324", "The default version is switched", source=PAGE)
def default_switched(change: AccessChange) -> Problems:
    """A version that was staged becomes the default, or the default version is staged only."""
    if change.before is None or change.after is None:
        return
    was, now = (is_made_default(props) for props in (change.before, change.after))
    if was is not None and now is not None and was != now:
        received = "the version becomes the default" if now else "the version is staged, and not the default"
        if not now and change.takes_over:
            received += f"; {change.takes_over} takes over"
        hint = "Check which version should be the default."
        yield Problem("set_as_default", Phrase(received), "the default as it was", hint)


@check("RV325", "A policy, or the default version of one, is destroyed", source=PROVIDER)
def version_destroyed(change: AccessChange) -> Problems:
    """Terraform destroys it: whoever has the policy loses what it allows, and what it denies, or has what the
    version allows that takes over. A change of policy_name or of the resource's type destroys it, too, and
    creates another one; another policy is attached to nobody."""
    if _is_destroyed(change) and (change.is_whole_policy or change.gives_up_default):
        what = "the policy" if change.is_whole_policy else "the version"
        gone = "is removed"
        if change.action is Action.REPLACED:
            between = f"{change.meanwhile or 'another version'} may take effect"
            between = "there may be none" if change.is_whole_policy else between
            gone = f"is destroyed, and another one is created; in between {between}"
        if change.takes_over:
            gone += f"; {change.takes_over} takes over as the default version"
        hint = "Attach another policy first to whoever needs the access."
        yield Problem("", Phrase(f"{what} {gone}"), f"{what} stays", hint)


def _is_destroyed(change: AccessChange) -> bool:
    return change.action in (Action.REMOVED, Action.REPLACED) and change.before is not None


# ------------------------------------------------------------ 5xx: good to know


@check("RV521", "A change takes access away", source=COMPARISON)
def access_lost(change: AccessChange) -> Problems:
    """Some request is not allowed any more; the report lists every one with a witness."""
    if lost := change.access.lost:
        received = Phrase(f"{plural(len(lost), 'grant')} lost, such as {lost[0].witness}")
        yield Problem(DOCUMENT, received, "the same access", "Check that nobody needs it.")


@check("RV522", "A version may be deleted for the new one", source=PAGE)
def version_rotated(change: AccessChange) -> Problems:
    """A policy has at most five versions. With this rotate strategy the oldest non-default version is deleted
    when a sixth is created; which one that is, only the cloud knows."""
    deletes = RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED
    if not change.is_new_document or change.before is None or change.after is None:
        return
    if change.after.rotate_strategy == deletes:
        received = Phrase("a new version; the oldest non-default version is deleted if there are five")
        hint = "Save that version first if you may want to go back to it."
        yield Problem("rotate_strategy", received, "at most four versions", hint)


@check("RV523", "A new version grants the same as the old one", source=COMPARISON)
def same_access(change: AccessChange) -> Problems:
    """The document is written differently but allows the same requests: it still takes one of five
    versions."""
    is_version = change.before is not None or not change.is_whole_policy  # not the first one of a policy
    if (
        change.is_new_document
        and is_version
        and change.access.verdict is Verdict.EQUIVALENT
        and not change.access.no_longer_refused
    ):
        hint = "Leave the document as it was to save a version."
        yield Problem(DOCUMENT, Phrase("another document that allows the same"), "the same document", hint)


@check("RV524", "A new version is not the default", source=PAGE)
def staged(change: AccessChange) -> Problems:
    """`set_as_default` is false, or left out, and a plan does not tell which: there is an expression, or no
    configuration. The version changes nothing until someone makes it the default; whoever may call
    SetDefaultPolicyVersion can do so at any time. Written down as false it is meant so, and nothing is said;
    left out, PV311 says it."""
    if change.after is None or not change.is_staging_open:
        return
    if change.is_new_document and is_made_default(change.after) is False:
        received = Phrase("the version is staged; whether that is meant is not known")
        yield Problem(
            "set_as_default", received, "the default version", "Switch the default when it is time."
        )


@check("RV532", "A version that is not the default is destroyed", source=PAGE)
def staged_destroyed(change: AccessChange) -> Problems:
    """What takes effect stays as it is; the version cannot be made the default again."""
    if _is_destroyed(change) and not (change.is_whole_policy or change.gives_up_default):
        hint = "Save its document first if you may want it back."
        yield Problem("", Phrase("a version that is not the default goes"), "the version stays", hint)


CHECKS = (
    critical_risk,
    undecided,
    high_risk,
    new_access,
    deny_lifted,
    default_switched,
    version_destroyed,
    access_lost,
    version_rotated,
    same_access,
    staged,
    staged_destroyed,
)


# ------------------------------------------------------------ the default version


@check("RV223", "Several resources ask to be the default version of a policy", source=SWITCH)
def several_defaults(policy: VersionsOfPolicy) -> Problems:
    """A policy has one default version. Each apply makes another of them the default, and who may do what
    changes with it."""
    if policy.claims:
        received = Phrase(f"{' and '.join(policy.claims)} of policy {policy.name}")
        yield Problem("set_as_default", received, "one of them", "Set set_as_default for one of them only.")


@check("RV224", "The default version was switched outside of Terraform", source=SWITCH)
def default_switched_outside(policy: VersionsOfPolicy) -> Problems:
    """A resource asks to be the default version, and is not; which version takes effect is not known here."""
    if policy.switched:
        received = Phrase(f"another version of policy {policy.name} than {' and '.join(policy.switched)}")
        hint = "Plan anew, and review that plan; find out who switched the default version, and why."
        yield Problem("set_as_default", received, "the default version as the configuration says", hint)


OF_POLICIES = (several_defaults, default_switched_outside)


# ------------------------------------------------------------ versions that are not the default


@frozen(kw_only=True, eq=False)
class NonDefaultVersions:
    """The non-default versions of one policy that grant more than its default version, or may.

    * `default`: the label of the default version.
    * `versions`: what those grant that can be compared. `unreadable`: the labels of the others.
    """

    default: str
    versions: tuple[LatentAccess, ...]
    unreadable: tuple[str, ...] = ()

    @classmethod
    def of(cls, policy: VersionsOfPolicy) -> NonDefaultVersions | None:
        """None where the policy has no other version, or its default version is not known."""
        after, before = policy.after.version, policy.before.version
        new = _read_document(after) if policy.non_default else None
        if after is None or new is None:
            return None
        old = None if before is after else _read_document(before)
        documents = {
            version.label: old if version is before else _read_document(version)
            for version in policy.non_default
        }
        readable = {label: document for label, document in documents.items() if document is not None}
        latent = latent_access(readable, new) if old is None else latent_access(readable, old, new)
        return cls(
            default=after.label,
            versions=tuple(version for version in latent if version.gained or version.undecided),
            unreadable=tuple(label for label, document in documents.items() if document is None),
        )


def _read_document(version: Version | None) -> PolicyDocument | None:
    try:
        return None if version is None else document_of(version.props, version.label)
    except UnknownDocumentError:
        return None


@check("RV331", "A non-default version grants more than the default version", source=SWITCH)
def non_default_grants_more(others: NonDefaultVersions) -> Problems:
    """Whoever may call ram:SetDefaultPolicyVersion can make a non-default version the default at any time,
    without writing a document. Reported once for a policy."""
    more = [version for version in others.versions if not version.is_opened_by_the_change]
    if more or others.unreadable:
        yield _within_reach(others, more, others.unreadable, "grants more than the default version")


@check("RV531", "What a change takes away stays within reach", source=SWITCH)
def non_default_gives_back(others: NonDefaultVersions) -> Problems:
    """The old version stays until it is deleted or rotated away: whoever may call
    ram:SetDefaultPolicyVersion can make it the default again."""
    if opened := [version for version in others.versions if version.is_opened_by_the_change]:
        yield _within_reach(others, opened, (), "still grants what the new version does not")


def _within_reach(
    others: NonDefaultVersions, versions: Sequence[LatentAccess], unreadable: Sequence[str], verb: str
) -> Problem:
    parts = []
    for version in versions:
        if version.gained:
            example = f"{plural(len(version.gained), 'grant')}, such as {version.gained[0].witness}"
            parts.append(f"{version.version_id} {verb} ({example})")
        else:
            parts.append(f"{version.version_id} may grant more")
    parts += [f"{label} cannot be compared" for label in unreadable]
    received = Phrase(f"{'; '.join(parts)}; the default version is {others.default}")
    hint = "Delete it with ram:DeletePolicyVersion, or watch who may call ram:SetDefaultPolicyVersion."
    return Problem(DOCUMENT, received, "no non-default version that grants more", hint)


OF_OTHER_VERSIONS = (non_default_grants_more, non_default_gives_back)
