"""What the change of a policy version means for the access that it gives; equal changes are compared once."""

from __future__ import annotations

from attrs import evolve, field, frozen

from constructs_lib.findings import InvalidPropsError
from constructs_lib.ram.access import Verdict, compare, compare_denials
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.risks import Opened, opened
from constructs_lib.review import normal_form
from constructs_lib.review.report import AccessReview
from constructs_lib.tokens import is_token

NOTHING = PolicyDocument([])


class UnknownDocumentError(ValueError):
    """A document cannot be read; the text says which, and why."""


@frozen
class Accesses:
    """Comparisons, remembered by what they are of."""

    _known: dict[str, AccessReview] = field(factory=dict, repr=False)

    def review(
        self, before: PolicyVersionProps | None, after: PolicyVersionProps | None, against: str | None = None
    ) -> AccessReview:
        """What the version of one side allows, and that of the other does not; no version allows nothing.

        `against`: what to call the one before, where it is not the resource's own.
        """
        forms = [side and normal_form.form(side)["policy_document"] for side in (before, after)]
        key = normal_form.text([forms, None if after is None else repr(after.set_as_default)])
        if key not in self._known:
            self._known[key] = _review(before, after)
        return evolve(self._known[key], against=against)


def _review(before: PolicyVersionProps | None, after: PolicyVersionProps | None) -> AccessReview:
    takes_effect = _takes_effect(after)
    try:
        old, new = (
            NOTHING if props is None else document_of(props, f"the {which} document")
            for props, which in ((before, "old"), (after, "new"))
        )
    except UnknownDocumentError as error:
        return AccessReview(verdict=Verdict.UNDECIDED, undecided=str(error), takes_effect=takes_effect)
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
        takes_effect=takes_effect,
        bytes_before=_size(before, old),
        bytes_after=_size(after, new),
    )


def document_of(props: PolicyVersionProps, which: str) -> PolicyDocument:
    """The document of a version, which messages call `which`. Raises `UnknownDocumentError`."""
    document = props.policy_document
    if not isinstance(document, str):
        raise UnknownDocumentError(f"{which} is not JSON text")
    if is_token(document) and not document.lstrip().startswith(("{", "[")):
        raise UnknownDocumentError(f"{which} is known to Terraform only later")
    try:
        return PolicyDocument.from_json(props.document)
    except InvalidPropsError as error:
        first = error.findings[0]
        raise UnknownDocumentError(
            f"{which} cannot be read: {first.code} {first.path}: received {first.received}"
        ) from None


def _takes_effect(after: PolicyVersionProps | None) -> bool | None:
    if after is None:
        return True
    value = after.set_as_default
    return None if is_token(value) else bool(value)


def _size(props: PolicyVersionProps | None, document: PolicyDocument) -> int | None:
    return None if props is None else document.size_bytes
