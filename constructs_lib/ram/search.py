"""The search for requests that one document allows and another does not.

The method. A request that one document allows and the other does not lies in an Allow of the first. It is
*in* that statement's patterns; in the patterns of at most one Deny of the other; and, for every statement
with NotAction or NotResource that has to stand aside, in one pattern of its list. Out of all else it only has
to *stay*. So it is enough to try the representatives (`patterns.representatives`) of those intersections:
what can be escaped, they escape. Conditions add one dimension for each key, with a few values each
(`conditions.values_for`) and none at all. What is unknown is a dimension of two values: it cancels where both
documents say the same, and is over-reported everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from attrs import evolve

from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.evaluator import (
    ABSENT_KEY,
    RESOURCE_CASE,
    Assumption,
    Dimension,
    Pattern,
    Patterns,
    Place,
    Statement,
    Witness,
    allowed_by,
    folded,
    read,
)
from constructs_lib.ram.grant import Grant, Reason
from constructs_lib.ram.patterns import (
    TooComplexError,
    common,
    intersection,
    is_wild,
    longest_block,
    representatives,
)
from constructs_lib.ram.readable_witness import readable
from constructs_lib.ram.requirements import (
    Need,
    Option,
    distinct_options,
    fresh_character,
    indexes_of,
    is_implied,
    union_of,
    variables_of,
)

MAX_WORK = 1_000_000  # steps of about a microsecond


class Hit(NamedTuple):
    """Where the search found what it looks for."""

    action: str
    resource: str
    reason: Reason
    options: tuple[Option, ...]
    reading: tuple[tuple[Assumption, bool], ...] = ()


Spots = tuple[tuple[str, Place], ...]


class Pair:
    """Two documents side by side, with all that the search of either direction needs.

    `meet`: search what both allow, instead of what one allows and the other does not. `denials`: search what
    they deny, as if it were allowed.
    """

    def __init__(
        self, before: PolicyDocument, after: PolicyDocument, *, meet: bool = False, denials: bool = False
    ) -> None:
        self.meet = meet
        self.work = MAX_WORK
        self.documents = (before, after)
        sides = (read(before), read(after))
        self.sides = tuple(map(_denials, sides)) if denials else sides
        self.statements = (*self.sides[0], *self.sides[1])
        first = (1 << len(self.sides[0])) - 1
        self.allow = sum(1 << index for index, one in enumerate(self.statements) if one.is_allow)
        self.of_side = (first, (1 << len(self.statements)) - 1 - first)
        self.fresh = fresh_character(self.statements)
        self.actions = Dimension([one.actions for one in self.statements])
        lists = [one.resources for one in self.statements]
        self.readings = [Dimension(lists)]
        if _has_both_cases(lists):
            self.readings.append(Dimension(lists, ignore_case=True))
        self._bits: dict[tuple[Assumption, bool], int] = {}
        self.variables = list(variables_of(self.statements, self._bits, self.fresh))
        self.needs = [Need(self._all_bits(one)) for one in self.statements]

    def _all_bits(self, statement: Statement) -> int:
        return sum(self._bits[requirement] for requirement in statement.requirements)

    def bit(self, assumption: Assumption) -> int:
        """The bit of an assumption about a pattern."""
        if (assumption, True) not in self._bits:
            bit = self._bits[assumption, True] = 1 << len(self._bits)
            self.variables.append((bit, [Option(bit, assumption, True), Option(0, assumption, False)]))
        return self._bits[assumption, True]

    def spend(self, work: int) -> None:
        self.work -= work
        if self.work < 0:
            raise TooComplexError("the documents are too large, or overlap too much, to be compared exactly")

    def grants(self, side: int) -> Iterator[Grant]:
        """What the document of one side allows, and the other does not (or does too: `meet`)."""
        search = _Search(self, side)
        for index in search.bases:
            yield from search.grants_of(index)

    def witnesses(self, side: int, actions: Iterable[str]) -> Iterator[tuple[str, Witness]]:
        """The same for single actions: those that have a witness, with it."""
        search = _Search(self, side)
        for action in actions:
            witness = next(search.witnesses_of(action), None)
            if witness:
                yield action, witness


class _Search:
    """Looks for requests that the document of one side allows, and the other does not."""

    def __init__(self, pair: Pair, side: int) -> None:
        self.pair, self.side = pair, side
        ours, theirs = pair.of_side[side], pair.of_side[1 - side]
        self.allow, self.deny = ours & pair.allow, ours & ~pair.allow
        self.other_allow, self.other_deny = theirs & pair.allow, theirs & ~pair.allow
        meanings = [{one.meaning for one in statements} for statements in pair.sides]
        # A Deny of both documents never makes a difference.
        denies = union_of(
            1 << index
            for index in indexes_of(self.other_deny)
            if pair.statements[index].meaning not in meanings[side]
        )
        # A statement of both documents makes a difference only inside a Deny of the other.
        in_both = union_of(
            1 << index
            for index in indexes_of(0 if pair.meet else self.allow)
            if pair.statements[index].meaning in meanings[1 - side]
        )
        self.bases = [
            index
            for index in indexes_of(self.allow)
            if not in_both >> index & 1
            or any(self._overlap(pair.statements[index], pair.statements[one]) for one in indexes_of(denies))
        ]
        self.inside = self.other_allow if pair.meet else denies
        self.aside = self.deny | (self.other_deny if pair.meet else self.other_allow)
        self._outcomes: dict[Any, Hit | None] = {}

    # -------------------------------------------------- one statement

    def grants_of(self, index: int) -> Iterator[Grant]:
        """What one Allow gives: pairs of patterns with the same outcome are put together."""
        statement = self.pair.statements[index]
        groups = self._groups(statement)
        rows = self._rows(index, statement.actions, [self.pair.actions], groups[0])
        columns = self._rows(index, statement.resources, self.pair.readings, groups[1])
        found: dict[tuple[Any, ...], tuple[list[int], list[int], Hit]] = {}
        for row, spots in rows:
            hits: dict[tuple[Any, ...], tuple[list[int], Hit]] = {}
            for column, readings in columns:
                hit = self._cell(index, spots[0], readings)
                if hit:
                    hits.setdefault((hit.reason, hit.reading), ([], hit))[0].extend(column)
            for key, (resources, hit) in hits.items():
                found.setdefault((key, tuple(resources)), ([], resources, hit))[0].extend(row)
        for actions, resources, hit in found.values():
            yield self._grant(index, sorted(actions), sorted(resources), hit)

    def witnesses_of(self, action: str) -> Iterator[Witness]:
        """Witnesses of one action, of each statement that allows it."""
        text = folded(action)
        spots = ((text, self.pair.actions.place(text)),)
        for index in self.bases:
            if spots[0][1].possible >> index & 1:
                patterns = self.pair.statements[index].resources
                groups = self._groups(self.pair.statements[index])
                for column, readings in self._rows(index, patterns, self.pair.readings, groups[1]):
                    if hit := self._cell(index, spots, readings):
                        yield self._witness(index, hit, action, -1, column[0])

    def _groups(self, base: Statement) -> tuple[list[list[str]], list[list[str]]]:
        """Groups of patterns, of actions and of resources: a request may have to lie in one of each group.

        Statements that have no request in common with the base are left out.
        """
        statements = self.pair.statements
        inside = [statements[one] for one in indexes_of(self.inside) if self._overlap(base, statements[one])]
        aside = [
            statements[one]
            for one in indexes_of(self.aside)
            if statements[one].actions.is_negated or statements[one].resources.is_negated
            if self._overlap(base, statements[one])
        ]
        return (
            _patterns_of([one.actions for one in inside], [one.actions for one in aside]),
            _patterns_of([one.resources for one in inside], [one.resources for one in aside]),
        )

    def _overlap(self, one: Statement, other: Statement) -> bool:
        """Whether two statements may have a request in common, in whatever reading."""
        folds = len(self.pair.readings) > 1
        return self._meet(one.actions, other.actions) and self._meet(one.resources, other.resources, folds)

    def _meet(self, one: Patterns, other: Patterns, ignore_case: bool = False) -> bool:
        if one.is_negated or other.is_negated:
            return True
        for a, b in product(one.items, other.items):
            both = common(folded(a.text), folded(b.text)) if ignore_case else common(a.text, b.text)
            self.pair.spend(both.work)
            if both.patterns:
                return True
        return False

    def _rows(
        self, index: int, patterns: Patterns, readings: Sequence[Dimension], groups: list[list[str]]
    ) -> list[tuple[list[int], tuple[Spots, ...]]]:
        """The patterns of a list, those together whose representatives lie in the same places."""
        items = (Pattern("*"),) if patterns.is_negated else patterns.items
        rows: dict[Any, tuple[list[int], tuple[Spots, ...]]] = {}
        of_reading = [groups, [[folded(one) for one in group] for group in groups]]
        for number, (text, assumption) in enumerate((one.text, one.assumption) for one in items):
            spots = tuple(
                self._spots(index, folded(text) if position else text, dimension, of_reading[position])
                for position, dimension in enumerate(readings)
            )
            key = (assumption, *(tuple(place for _, place in one) for one in spots))
            rows.setdefault(key, ([], spots))[0].append(number)
        return list(rows.values())

    def _spots(self, index: int, pattern: str, dimension: Dimension, groups: list[list[str]]) -> Spots:
        """The representatives of a pattern, one for each place they lie in."""
        spots: dict[Place, str] = {}
        holes = dimension.holes
        for component in self._components(pattern, groups):
            longest = 0
            if is_wild(component):
                self.pair.spend(sum(common(component, hole).work for hole in holes))
                longest = longest_block(hole for hole in holes if intersection(component, hole))
            for text in representatives(component, longest, self.pair.fresh):
                self.pair.spend(1 + len(dimension.entries) // 8)
                place = dimension.place(text)
                if place.possible >> index & 1:
                    spots.setdefault(place, text)
        return tuple((text, place) for place, text in spots.items())

    def _components(self, pattern: str, groups: list[list[str]]) -> list[str]:
        """The pattern, and what it has in common with one pattern of some of the groups."""
        found = {pattern: None}
        if is_wild(pattern):
            for group in groups:
                for one in list(found):
                    for other in group:
                        both = common(one, other)
                        self.pair.spend(both.work)
                        found.update(dict.fromkeys(both.patterns))
        return list(found)

    # -------------------------------------------------- one pair of patterns

    def _cell(self, index: int, actions: Spots, readings: tuple[Spots, ...]) -> Hit | None:
        """The first hit of a pair of patterns; marked where only one reading of the resources has one."""
        hits = [self._first(index, actions, resources) for resources in readings]
        if len(hits) == 1 or (hits[0] and hits[1]):
            return hits[0]
        with_case, without_case = hits
        if with_case:
            return with_case._replace(reading=((RESOURCE_CASE, False),))
        return without_case and without_case._replace(reading=((RESOURCE_CASE, True),))

    def _first(self, index: int, actions: Spots, resources: Spots) -> Hit | None:
        self.pair.spend(1 + len(actions) * len(resources) // 2)
        for action, at in actions:
            for resource, on in resources:
                possible = at.possible & on.possible
                is_plain = not at.unknown and not on.unknown
                key = (index, possible) if is_plain else (index, at, on)
                if key not in self._outcomes:
                    self.pair.spend(1)
                    self._outcomes[key] = self._outcome(index, possible, at, on)
                if hit := self._outcomes[key]:
                    return hit._replace(action=action, resource=resource)
        return None

    def _outcome(self, index: int, possible: int, at: Place, on: Place) -> Hit | None:
        """Whether some values of the conditions make the difference, for requests in these statements."""
        needs = {one: self._need(one, at, on) for one in indexes_of(possible)}
        deny = [needs[one] for one in indexes_of(possible & self.deny)]
        allow = [needs[one] for one in indexes_of(possible & self.other_allow)]
        other_deny = [needs[one] for one in indexes_of(possible & self.other_deny)]
        base = needs[index]
        if is_implied(base, deny) or (not self.pair.meet and not other_deny and is_implied(base, allow)):
            return None
        for options in self._environments(base, needs.values()):
            bits = sum(option.bits for option in options)
            if not base.is_met(bits) or any(need.is_met(bits) for need in deny):
                continue
            is_allowed = any(need.is_met(bits) for need in allow)
            is_denied = is_allowed and any(need.is_met(bits) for need in other_deny)
            if (is_allowed and not is_denied) == self.pair.meet:
                reason = Reason.DENIED if is_denied else Reason.CONDITION if allow else Reason.NOT_ALLOWED
                return Hit("", "", Reason.FORBIDDEN if self.pair.meet else reason, options)
        return None

    def _need(self, index: int, at: Place, on: Place) -> Need:
        """What a statement asks for at this place, patterns of unknown extent included."""
        need = self.pair.needs[index]
        for place in (at, on):
            if place.unknown:
                bit = 1 << index
                listing = [one for one in place.unknown if one.listed & bit and not place.certain & bit]
                but = [one for one in place.unknown if one.but & bit]
                bits = [self.pair.bit(one.pattern.assumption) for one in (*listing, *but)]  # type: ignore[arg-type]
                some = (*need.some, union_of(bits[: len(listing)])) if listing else need.some
                need = Need(need.all, some, need.none | union_of(bits[len(listing) :]))
        return need

    def _environments(self, base: Need, needs: Iterable[Need]) -> Iterator[tuple[Option, ...]]:
        """All values that the requirements at hand can tell apart, in both readings of absent keys."""
        relevant = 0
        for need in needs:
            relevant |= need.all | need.none | union_of(need.some)
        choices = [
            distinct_options(options, bits & relevant, bits & base.all)
            for bits, options in self.pair.variables
            if bits & relevant
        ]
        if not any(option.holds_absent is not None for options in choices for option in options):
            yield from self._product(choices)
            return
        for reading in (True, False):
            yield from self._product(
                [one for one in options if one.holds_absent in (None, reading)] for options in choices
            )

    def _product(self, choices: Iterable[list[Option]]) -> Iterator[tuple[Option, ...]]:
        for number, options in enumerate(product(*choices)):
            if number % 64 == 0:
                self.pair.spend(1 if number == 0 else 128)
            yield options

    # -------------------------------------------------- what was found

    def _witness(self, index: int, hit: Hit, action: str, row: int, column: int) -> Witness:
        """A hit as a request: by these very patterns one document allows it, and the other does not."""
        pair, statement = self.pair, self.pair.statements[index]
        resources = _only(statement.resources, column)
        actions = statement.actions if row < 0 else _only(statement.actions, row)
        alone = evolve(statement, actions=actions, resources=resources)

        def shows(one: Witness) -> bool:
            request = (one.action, one.resource, one.context, one.assuming)
            ours, theirs = pair.sides[self.side], pair.sides[1 - self.side]
            return (
                allowed_by((alone,), *request) is True
                and allowed_by(ours, *request) is True
                and allowed_by(theirs, *request) is pair.meet
            )

        context = {one.subject: one.value for one in hit.options if isinstance(one.value, str)}
        assuming = {one.subject: one.value for one in hit.options if isinstance(one.value, bool)}
        readings = [one.holds_absent for one in hit.options if one.holds_absent is not None]
        assuming |= {**dict.fromkeys([ABSENT_KEY] if readings else [], all(readings)), **dict(hit.reading)}
        absent = tuple(one.subject for one in hit.options if one.value is None)
        raw = Witness(hit.action, hit.resource, context, absent, assuming)  # type: ignore[arg-type]
        resource = "*" if resources.is_negated else resources.written[column]
        witness = readable(raw, pair.fresh, (action, resource), shows)
        if witness is None:
            raise TooComplexError(f"a witness does not hold, which is a defect of this program: {raw}")
        return witness

    def _grant(self, index: int, actions: list[int], resources: list[int], hit: Hit) -> Grant:
        statement = self.pair.statements[index]
        lists = (statement.actions, statement.resources)
        shown = [
            ("*",) if one.is_negated else tuple(one.written[number] for number in numbers)
            for one, numbers in zip(lists, (actions, resources), strict=True)
        ]
        but = [one.written if one.is_negated else () for one in lists]
        witness = self._witness(index, hit, shown[0][0], actions[0], resources[0])
        service = witness.action.split(":")[0]
        is_natural = shown[1][0].startswith("acs:") or witness.resource.startswith(f"acs:{service}:")
        return Grant(
            statement=statement.index,
            actions=shown[0],
            resources=shown[1],
            condition=self.pair.documents[self.side].statements[statement.index].conditions or None,
            reason=hit.reason,
            witness=witness,
            not_actions=but[0],
            not_resources=but[1],
            is_unusual=not is_natural,
        )


def _only(patterns: Patterns, number: int) -> Patterns:
    """A list of one of the patterns; exceptions, and what is beside an unknown pattern, stay together."""
    item = patterns.items[number]
    together = patterns.is_negated or item.assumption is not None
    return patterns if together else evolve(patterns, items=(item,))


def _denials(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple(evolve(one, is_allow=True) for one in statements if not one.is_allow)


def _patterns_of(inside: Iterable[Patterns], aside: Iterable[Patterns]) -> list[list[str]]:
    """One group of all that a request may have to be inside of, and one for each list of exceptions."""
    together = dict.fromkeys(item.text for one in inside if not one.is_negated for item in one.items)
    exceptions = [[item.text for item in one.items] for one in aside if one.is_negated]
    return [group for group in ([*together], *exceptions) if group]


def _has_both_cases(lists: Iterable[Patterns]) -> bool:
    """Whether some letter stands in both cases: if not, it does not matter whether case counts."""
    used = {letter for one in lists for item in one.items for letter in item.text if letter.isascii()}
    return any(letter.isupper() and letter.lower() in used for letter in used)
