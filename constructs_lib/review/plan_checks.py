"""Findings about what a plan says beside the change of a policy: what it hides, and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from constructs_lib.findings import Phrase, Problem, Problems, check, checks_of, plural
from constructs_lib.review import differences
from constructs_lib.review.loading.resource import Drift

SOURCE = "Terraform, JSON output format"


@frozen
class DriftOfPolicy:
    """What somebody changed outside of Terraform, and whether the plan changes it back."""

    drift: Drift
    is_put_back: bool

    def problem(self, allowed: str, hint: str) -> Problem:
        """Where the two differ."""
        old, new = self.drift.old, self.drift.new
        if old is None or new is None:
            text = "somebody removed it" if new is None else "somebody created it"
        else:
            lines = [f"{path}: {was} → {now}" for path, was, now in differences.differences(old, new)]
            lines += self.drift.unseen
            text = "; ".join([*lines[:5], *(["and more"] if len(lines) > 5 else [])])
        return Problem("", Phrase(f"outside of Terraform, {text}"), allowed, hint)


@check("RV251", "What a change is, is not shown", source=SOURCE)
def not_shown(reasons: Sequence[str]) -> Problems:
    """The policy changes, and how is hidden: a value is sensitive or known only later, or an attribute is not
    known here. It may end a protection, or give access."""
    if reasons:
        more = f"; and {len(reasons) - 5} more" if len(reasons) > 5 else ""
        hint = "Look at the values yourself, and approve the change."
        yield Problem("", Phrase("; ".join(reasons[:5]) + more), "a change that is shown", hint)


@check("RV252", "The plan is not all of the change", source=SOURCE)
def incomplete(reasons: Sequence[str]) -> Problems:
    """What a plan leaves out can be anything: an incomplete plan is never clean."""
    for reason in reasons:
        yield Problem("", Phrase(reason), "a plan of everything", "Plan without -target, and review that.")


@check("RV253", "A policy was changed outside of Terraform", source=SOURCE)
def drifted(change: DriftOfPolicy) -> Problems:
    """Somebody changed or removed it by hand, and the plan does not change it back."""
    if not change.is_put_back:
        yield change.problem(
            "what Terraform made", "Find out who did it, and why; then approve it, or undo it."
        )


@check("RV552", "A plan changes back what was changed outside of Terraform", source=SOURCE)
def drift_put_back(change: DriftOfPolicy) -> Problems:
    """Somebody changed the policy by hand; after the plan it is again as it was before that."""
    if change.is_put_back:
        yield change.problem("", "Find out who did it, and why.")


@check("RV551", "Other resources change, which are not judged", source=SOURCE)
def unrelated(types: Mapping[str, int]) -> Problems:
    """No resource of these types is a policy, says who has one, or protects a source. What becomes of them is
    not looked at: neither the tags of a source, by which TAG rules choose, nor the role of an instance."""
    if types:
        most = sorted(types, key=lambda name: (-types[name], name))
        named = ", ".join(f"{types[name]:,} {name}" for name in most[:6])
        rest = len(most) - 6
        more = f" and {plural(rest, 'other type')}" if rest > 0 else ""
        total = plural(sum(types.values()), "change")
        yield Problem("", Phrase(f"{total}, not judged: {named}{more}"), "", "See the plan itself.")


@check("RV554", "A plan changes nothing that a policy promises", source=SOURCE)
def of_no_concern(is_of_no_concern: bool) -> Problems:
    """The plan says that it changes the policy, but only the spelling, or what neither recovery nor access
    depends on."""
    if is_of_no_concern:
        received = Phrase("neither recovery nor access depends on what changes")
        yield Problem("", received, "", "See the plan itself.")


CHECKS = checks_of(globals())
"""Every check of what a plan says beside the change of a policy, by code."""
