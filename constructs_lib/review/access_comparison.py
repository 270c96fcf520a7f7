"""What the change of a policy version means for the access that it gives; equal changes are compared once."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, field, frozen

from constructs_lib.findings import InvalidPropsError
from constructs_lib.ram.access import Verdict, compare, compare_denials
from constructs_lib.ram.canonical import MAX_DOCUMENT_BYTES
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.risks import Opened, opened
from constructs_lib.review import normal_form
from constructs_lib.review.report import AccessReview
from constructs_lib.tokens import Oversized, is_token

NOTHING = PolicyDocument([])
# By whether something is gained, and lost.
_VERDICTS = {
    (False, False): Verdict.EQUIVALENT,
    (True, False): Verdict.WIDER,
    (False, True): Verdict.NARROWER,
    (True, True): Verdict.CHANGED,
}


class UnknownDocumentError(ValueError):
    """A document cannot be read; the text says which, and why."""


@frozen
class Accesses:
    """Comparisons, remembered by what they are of."""

    _known: dict[str, AccessReview] = field(factory=dict, repr=False)

    def review(
        self,
        before: PolicyVersionProps | None,
        after: PolicyVersionProps | None,
        *,
        against: str | None = None,
        unknown: str | None = None,
        takes_effect: bool | None = True,
    ) -> AccessReview:
        """What the version of one side allows, and that of the other does not; no version allows nothing.

        `against`: what to call the one before, where it is not the resource's own. `unknown`: why one of them
        is unknown, so that the verdict is undecided; it is taken to allow nothing.
        """
        key = normal_form.text([side and normal_form.document(side) for side in (before, after)])
        if key not in self._known:
            self._known[key] = _review(before, after)
        review = evolve(self._known[key], against=against, takes_effect=takes_effect)
        if unknown is None:
            return review
        # What an unknown version allows beyond the other one is not known either.
        return evolve(
            review,
            verdict=Verdict.UNDECIDED,
            undecided=unknown,
            lost=(),
            newly_refused=(),
            no_longer_refused=(),
        )


def _review(before: PolicyVersionProps | None, after: PolicyVersionProps | None) -> AccessReview:
    try:
        old, new = (
            NOTHING if props is None else document_of(props, f"the {which} document")
            for props, which in ((before, "old"), (after, "new"))
        )
    except UnknownDocumentError as error:
        return AccessReview(verdict=Verdict.UNDECIDED, undecided=str(error))
    access, denials = compare(old, new), compare_denials(old, new)
    # Where nothing is gained, nothing is opened.
    risks = opened(old, new) if access.gained or access.undecided else Opened(())
    undecided = access.undecided or denials.undecided or risks.undecided
    return AccessReview(
        verdict=Verdict.UNDECIDED if undecided else access.verdict,
        undecided=undecided,
        gained=access.gained,
        lost=access.lost,
        risks=risks.risks,
        newly_refused=denials.gained,
        no_longer_refused=denials.lost,
        bytes_before=_size(before, old),
        bytes_after=_size(after, new),
    )


def joined(reviews: Sequence[AccessReview]) -> AccessReview:
    """What becomes of the access that several policies give, as of one."""
    first, *rest = reviews
    if not rest:
        return first
    gained = tuple(grant for each in reviews for grant in each.gained)
    lost = tuple(grant for each in reviews for grant in each.lost)
    undecided = "; ".join(each.undecided for each in reviews if each.undecided)
    return evolve(
        first,
        verdict=Verdict.UNDECIDED if undecided else _VERDICTS[bool(gained), bool(lost)],
        undecided=undecided or None,
        gained=gained,
        lost=lost,
        risks=tuple(risk for each in reviews for risk in each.risks),
        newly_refused=tuple(grant for each in reviews for grant in each.newly_refused),
        no_longer_refused=tuple(grant for each in reviews for grant in each.no_longer_refused),
    )


def document_of(props: PolicyVersionProps, which: str) -> PolicyDocument:
    """The document of a version, which messages call `which`. Raises `UnknownDocumentError`."""
    document = props.policy_document
    if not isinstance(document, str):
        raise UnknownDocumentError(f"{which} is not JSON text")
    if isinstance(document, Oversized):
        limit = f"RAM takes {MAX_DOCUMENT_BYTES:,} bytes"
        raise UnknownDocumentError(f"{which} is {document}; {limit}: it is not compared")
    if is_token(document) and not document.lstrip().startswith(("{", "[")):
        raise UnknownDocumentError(f"{which} is known to Terraform only later")
    try:
        return PolicyDocument.from_json(props.document)
    except InvalidPropsError as error:
        first = error.findings[0]
        raise UnknownDocumentError(
            f"{which} cannot be read: {first.code} {first.path}: received {first.received}"
        ) from None


def _size(props: PolicyVersionProps | None, document: PolicyDocument) -> int | None:
    return None if props is None else document.size_bytes
