"""Two documents side by side: what one allows and the other does not, shown by witnesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from constructs_lib.ram.analysis.evaluator import (
    ABSENT_KEY,
    RESOURCE_CASE,
    About,
    Assumption,
    Statement,
    allowed_by,
    read,
)
from constructs_lib.ram.analysis.grants import Grant, Witness, readable
from constructs_lib.ram.analysis.patterns import TooComplexError, folded
from constructs_lib.ram.analysis.policy_variables import (
    can_be,
    holds_variables_only,
    is_matched,
    values_to_try,
    with_values,
)
from constructs_lib.ram.analysis.request_space import RequestSpace, indexes_of, union_of
from constructs_lib.ram.analysis.search import Hit, Search, Sides

# Steps to try values of policy variables, in all grants together and for one value.
MAX_VALUES_WORK = 200_000
MAX_VALUE_WORK = 50_000


class Difference:
    """What one of two documents, given in their JSON form, allows and the other does not, in both directions.

    `meet`: search what both allow, instead of what one allows and the other does not. `denials`: search what
    they deny, as if it were allowed. `is_bounded`: give up after some work, however small the documents are.

    UnreadableError: a document has malformed or unknown statements.
    """

    def __init__(
        self,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        meet: bool = False,
        denials: bool = False,
        is_bounded: bool = False,
    ) -> None:
        self.documents = (before, after)
        sides = (read(before), read(after))
        self.sides = tuple(map(_denials_of, sides)) if denials else sides
        self.meet, self.denials = meet, denials
        self.space = RequestSpace((*self.sides[0], *self.sides[1]), () if is_bounded else self.documents)
        self._values_work = MAX_VALUES_WORK
        self._meanings = [{statement.meaning for statement in statements} for statements in self.sides]

    def grants(self, side: int) -> Iterator[Grant]:
        """What the document of one side allows, and the other does not (or does too: `meet`).

        TooComplexError: a guard was hit.
        """
        search = self._search(side)
        for index in self._bases(search, side):
            for actions, resources, hit in search.hits_of(index):
                yield self._grant(side, index, actions, resources, hit)

    def differs(self, side: int) -> bool:
        """Whether the document of one side allows something that the other does not (or does too: `meet`)."""
        search = self._search(side)
        return any(map(search.finds, self._bases(search, side)))

    def witnesses(self, side: int, actions: Iterable[str]) -> Iterator[tuple[str, Witness]]:
        """The same for single actions: those that have a witness, with it."""
        search = self._search(side)
        bases = self._bases(search, side)
        for action in actions:
            hits = ((index, *hit) for index in bases for hit in search.hits_of_action(index, folded(action)))
            for index, column, hit in hits:
                if witness := self._witness(side, index, hit, action, None, column):
                    yield action, witness
                    break
                raise _defect(hit)

    # -------------------------------------------------- which statements matter

    def _search(self, side: int) -> Search:
        first = (1 << len(self.sides[0])) - 1
        everything = (1 << len(self.space.statements)) - 1
        of_side = (first, everything - first)
        allow = union_of(1 << index for index, each in enumerate(self.space.statements) if each.is_allow)
        ours, theirs = of_side[side], of_side[1 - side]
        other_deny = theirs & ~allow
        # A Deny of both documents never makes a difference.
        denies = other_deny & ~self._in_both(side, other_deny)
        inside = theirs & allow if self.meet else denies
        sides = Sides(ours & allow, ours & ~allow, theirs & allow, other_deny, inside, self.meet)
        return Search(self.space, sides)

    def _bases(self, search: Search, side: int) -> list[int]:
        """The Allows to search in."""
        # A statement of both documents makes a difference only inside a Deny of the other.
        allow = search.sides.allow
        in_both = 0 if self.meet else self._in_both(1 - side, allow)
        inside = search.sides.inside
        return [
            index
            for index in indexes_of(allow)
            if not in_both >> index & 1 or (inside and search.overlap(index, inside))
        ]

    def _in_both(self, side: int, bits: int) -> int:
        """Those of some statements that mean the same as one of this side."""
        meanings, statements = self._meanings[side], self.space.statements
        return union_of(1 << index for index in indexes_of(bits) if statements[index].meaning in meanings)

    # -------------------------------------------------- what was found

    def _witness(
        self, side: int, index: int, hit: Hit, action: str, row: int | None, column: int
    ) -> Witness | None:
        """A hit as a request: by these very patterns one document allows it, and the other does not.

        None where it is not of these patterns.
        """
        statement = self.space.statements[index]
        resources = statement.resources.only(column)
        actions = statement.actions if row is None else statement.actions.only(row)
        alone = evolve(statement, actions=actions, resources=resources)

        # What these patterns allow, their statement does: of its document only the Denies are left to ask.
        denies = (each for each in self.sides[side] if not each.is_allow)
        ours, theirs = (alone, *denies), self.sides[1 - side]

        def shows(witness: Witness) -> bool:
            request = (witness.action, witness.resource, witness.context, witness.assuming)
            return allowed_by(ours, *request) is True and allowed_by(theirs, *request) is self.meet

        def can_exist(witness: Witness) -> bool:
            return shows(witness) and can_be(witness)

        raw = _raw_witness(hit)
        resource = "*" if resources.is_negated else resources.written[column]
        written = (action, resource)
        witness = readable(raw, self.space.fresh, written, can_exist)
        if witness is None and not can_be(raw):
            tried = self._with_values(side, raw, index, action if row is None else row, column)
            readings = (readable(other, fresh, written, can_exist) for fresh, other in tried)
            witness = next(filter(None, readings), None)
            if witness is None and (supposed := readable(raw, self.space.fresh, written, shows)):
                # It is not proven that there is none: the difference is told, and no request is shown.
                return evolve(supposed, is_found=False)
        if witness and not _is_usual(witness) and (unknown := self._unknown_resources()):
            # What Terraform fills in is avoided by an odd name: a usual one is outside of it, too, or may be.
            supposing = evolve(raw, assuming={**dict.fromkeys(unknown, False), **raw.assuming})
            other = readable(supposing, self.space.fresh, written, can_exist)
            witness = other if other and _is_usual(other) else witness
        return witness

    def _with_values(
        self, side: int, witness: Witness, index: int, action: str | int, column: int
    ) -> Iterator[tuple[str, Witness]]:
        """The same with values for the policy variables, each with the character that stands for any."""
        unknown = [each for each in self._unknown_resources() if holds_variables_only(each.subject)]
        for values in values_to_try([each.subject for each in unknown], witness.resource):
            documents = [with_values(document, values) for document in self.documents]
            other = Difference(*documents, meet=self.meet, denials=self.denials, is_bounded=True)
            other.space.work = granted = min(MAX_VALUE_WORK, self._values_work)
            try:
                hit = other._search(side).first(index, action, column)
            except TooComplexError:
                hit = None
            # To read the documents takes time, too.
            self._values_work -= granted - other.space.work + 800 + 20 * len(other.space.readings[0].patterns)
            if self._values_work <= 0:
                return
            if hit:
                found = _raw_witness(hit)
                ignore_case = bool(found.assuming.get(RESOURCE_CASE))
                matching = {
                    each: is_matched(each.subject, found.resource, values, ignore_case=ignore_case)
                    for each in unknown
                }
                known = {
                    each: holds for each, holds in found.assuming.items() if each.about is not About.RESOURCE
                }
                yield other.space.fresh, evolve(found, assuming={**matching, **known})

    def _unknown_resources(self) -> list[Assumption]:
        items = (item for statement in self.space.statements for item in statement.resources.items)
        return [item.assumption for item in items if item.assumption]

    def _grant(self, side: int, index: int, actions: list[int], resources: list[int], hit: Hit) -> Grant:
        statement = self.space.statements[index]
        actions_shown, resources_shown = (
            ("*",) if patterns.is_negated else tuple(patterns.written[number] for number in numbers)
            for patterns, numbers in ((statement.actions, actions), (statement.resources, resources))
        )
        not_actions, not_resources = (
            patterns.written if patterns.is_negated else ()
            for patterns in (statement.actions, statement.resources)
        )
        witnesses = (
            self._witness(side, index, hit, actions_shown[0], actions[0], resource) for resource in resources
        )
        witness = next(witnesses)
        if witness is None:
            raise _defect(hit)
        if not witness.is_found:
            # One hit stands for several patterns; what is not of another one shows nothing.
            witness = next((other for other in witnesses if other and other.is_found), witness)
        return Grant(
            statement=statement.index,
            actions=actions_shown,
            resources=resources_shown,
            condition=self.documents[side]["Statement"][statement.index].get("Condition") or None,
            reason=hit.reason,
            witness=witness,
            not_actions=not_actions,
            not_resources=not_resources,
            is_unusual=not resources_shown[0].startswith("acs:") and not _is_usual(witness),
        )


def _raw_witness(hit: Hit) -> Witness:
    """A hit as a request, in the names of the search."""
    context: dict[str, str] = {}
    absent: list[str] = []
    assuming: dict[Assumption, bool] = {}
    for option in hit.options:
        if isinstance(option.subject, Assumption):
            assuming[option.subject] = bool(option.value)
        elif isinstance(option.value, str):
            context[option.subject] = option.value
        else:
            absent.append(option.subject)
    readings = [option.holds_absent for option in hit.options if option.holds_absent is not None]
    if readings:
        assuming[ABSENT_KEY] = all(readings)
    return Witness(hit.action, hit.resource, context, tuple(absent), {**assuming, **dict(hit.reading)})


def _defect(hit: Hit) -> TooComplexError:
    witness = _raw_witness(hit)
    return TooComplexError(f"a witness does not hold, which is a defect of this program: {witness}")


def _is_usual(witness: Witness) -> bool:
    """Whether the resource is an ARN of the action's service."""
    return witness.resource.startswith(f"acs:{witness.action.split(':')[0]}:")


def _denials_of(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The Denies of some statements, as if each were an Allow."""
    return tuple(evolve(statement, is_allow=True) for statement in statements if not statement.is_allow)
