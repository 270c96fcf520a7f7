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
from itertools import chain, product
from typing import Any, NamedTuple

from constructs_lib.ram.analysis.evaluator import RESOURCE_CASE, About, Assumption, Pattern, Patterns, implies
from constructs_lib.ram.analysis.grants import Reason
from constructs_lib.ram.analysis.pattern_index import Dimension, Membership
from constructs_lib.ram.analysis.patterns import (
    TooComplexError,
    intersection,
    is_wild,
    longest_block,
    representatives,
)
from constructs_lib.ram.analysis.request_finder import RequestFinder
from constructs_lib.ram.analysis.request_space import (
    Need,
    Option,
    RequestSpace,
    distinct_options,
    indexes_of,
    is_implied,
    union_of,
)


class Sides(NamedTuple):
    """The statements of two documents, as bits: `allow`, `deny` of the one that shall allow a request.

    * `other_allow`, `other_deny`: of the one that shall not, or shall too (`meet`).
    * `inside`: a request may have to lie in one of these: the Denies that may refuse it (`meet`: the Allows).
    """

    allow: int
    deny: int
    other_allow: int
    other_deny: int = 0
    inside: int = 0
    meet: bool = False

    @property
    def aside(self) -> int:
        """A request may have to stay out of each of these."""
        return self.deny | (self.other_deny if self.meet else self.other_allow)

    @property
    def others(self) -> int:
        """What else matters to a request in an Allow: not the other Allows of its own side."""
        return self.deny | self.other_allow | self.other_deny


class Hit(NamedTuple):
    """A request that is looked for, and why."""

    action: str
    resource: str
    reason: Reason
    options: tuple[Option, ...]
    reading: tuple[tuple[Assumption, bool], ...] = ()


# Requests that are tried in one dimension: a representative text for each membership.
Probes = tuple[tuple[str, Membership], ...]


class Row(NamedTuple):
    """A pattern by its position in a list, with its probes in every reading; None where they are too many."""

    number: int
    pattern: Pattern
    readings: tuple[Probes | None, ...]


class Overlaps(NamedTuple):
    """Statements that overlap a base, as bits: those of `Sides.inside`, and exceptions to stay out of."""

    inside: int
    exceptions: int


class Search:
    """Looks for requests that one document allows and another does not, in one statement at a time."""

    def __init__(self, space: RequestSpace, sides: Sides) -> None:
        self.space, self.sides = space, sides
        self._negated = sides.aside & (space.actions.negated | space.readings[0].negated)
        self._others = sides.others
        relevant = sides.inside | self._negated
        dimensions = (space.actions, *space.readings) if relevant else ()
        self._near = {dimension: dimension.among(relevant).near for dimension in dimensions}
        self._outcomes: dict[Any, Hit | None] = {}
        self._finders: dict[int, RequestFinder] = {}

    def hits_of(self, index: int) -> Iterator[tuple[list[int], list[int], Hit]]:
        """What one Allow gives, with the positions of its patterns: those with the same outcome together."""
        overlaps = self._overlaps(index)
        columns = _grouped(self._columns(index, overlaps))
        groups: dict[tuple[Any, ...], tuple[list[int], list[int], Hit]] = {}
        for numbers, row in _grouped(self._rows(index, overlaps)):
            hits: dict[tuple[Any, ...], tuple[list[int], Hit]] = {}
            for of_column, column in columns:
                if hit := self._cell(index, row, column):
                    hits.setdefault((hit.reason, hit.reading), ([], hit))[0].extend(of_column)
            for key, (resources, hit) in hits.items():
                groups.setdefault((key, tuple(resources)), ([], resources, hit))[0].extend(numbers)
        for rows, resources, hit in groups.values():
            yield sorted(rows), sorted(resources), hit

    def hits_of_action(self, index: int, action: str) -> Iterator[tuple[int, Hit]]:
        """What one Allow gives for one action, with the position of a pattern of resources."""
        for row in self._row(index, action):
            for numbers, column in _grouped(self._columns(index, self._overlaps(index))):
                if hit := self._cell(index, row, column):
                    yield numbers[0], hit

    def _row(self, index: int, action: str) -> Iterator[Row]:
        """The row of one action, if it lies in a statement."""
        membership = self.space.actions.membership(action)
        if membership.possible >> index & 1:
            yield Row(0, Pattern(action), (((action, membership),),))

    def finds(self, index: int, *, action: int | None = None, resource: int | None = None) -> bool:
        """Whether one Allow gives anything; only by the pattern at a position, where one is given."""
        return self.first(index, action, resource) is not None

    def first(self, index: int, action: int | str | None = None, resource: int | None = None) -> Hit | None:
        """The first of what one Allow gives; only by the pattern at a position, or for one action, if any."""
        overlaps = self._overlaps(index)
        columns: list[Row] = []
        remaining = _recorded(self._columns(index, overlaps, resource), columns)
        rows = self._row(index, action) if isinstance(action, str) else self._rows(index, overlaps, action)
        for row in rows:
            for column in chain(tuple(columns), remaining):
                if hit := self._cell(index, row, column):
                    return hit
        return None

    # -------------------------------------------------- what overlaps

    def overlap(self, index: int, among: int) -> int:
        """Those to be inside of, or with exceptions, that may have a request in common with a statement.

        In whatever reading. `among`: which of them are asked for.
        """
        statement = self.space.statements[index]
        try:
            among = self._meeting(self.space.actions, statement.actions, among)
            return self._meeting(self.space.readings[-1], statement.resources, among)
        except TooComplexError:
            if self.space.is_small:
                return among
            raise

    def _meeting(self, dimension: Dimension, patterns: Patterns, among: int) -> int:
        if patterns.is_negated or not among:
            return among
        met = dimension.negated & among
        for item in patterns.items:
            text = dimension.spelled(item.text)
            for near in self._near[dimension](text) if met != among else ():
                if near.listed & among & ~met and self._common(text, near.text):
                    met |= near.listed & among
        return met

    def _common(self, pattern: str, other: str) -> tuple[str, ...]:
        """What two patterns have in common; the work is counted."""
        common = intersection(pattern, other)
        self.space.spend(3 * common.work)
        return common.patterns

    def _overlaps(self, index: int) -> Overlaps:
        inside = self.sides.inside
        overlapping = self.overlap(index, inside | self._negated)
        return Overlaps(overlapping & inside, overlapping & self._negated)

    # -------------------------------------------------- representatives

    def _rows(self, index: int, overlaps: Overlaps, only: int | None = None) -> Iterator[Row]:
        patterns = self.space.statements[index].actions
        return self._probed(index, patterns, [self.space.actions], overlaps, only)

    def _columns(self, index: int, overlaps: Overlaps, only: int | None = None) -> Iterator[Row]:
        patterns = self.space.statements[index].resources
        return self._probed(index, patterns, self.space.readings, overlaps, only)

    def _probed(
        self,
        index: int,
        patterns: Patterns,
        dimensions: Sequence[Dimension],
        overlaps: Overlaps,
        only: int | None,
    ) -> Iterator[Row]:
        """The patterns of a list, or only the one at a position, with their probes."""
        items = (Pattern("*"),) if patterns.is_negated else patterns.items
        for number, item in enumerate(items):
            if only is None or number == only:
                probes = (self._probes(index, each.spelled(item.text), each, overlaps) for each in dimensions)
                yield Row(number, item, tuple(probes))

    def _probes(self, *of_pattern: Any) -> Probes | None:
        try:
            return self._all_probes(*of_pattern)
        except TooComplexError:
            if self.space.is_small:
                return None
            raise

    def _all_probes(self, index: int, pattern: str, dimension: Dimension, overlaps: Overlaps) -> Probes:
        """The representatives of a pattern, one for each membership."""
        probes: dict[Membership, str] = {}
        for component in self._components(pattern, dimension, overlaps):
            longest = self._longest(component, dimension) if is_wild(component) else 0
            for text in representatives(component, longest, self.space.fresh):
                self.space.spend(1 + len(dimension.patterns) // 8)
                membership = dimension.membership(text)
                if membership.possible >> index & 1:
                    probes.setdefault(membership, text)
        return tuple((text, membership) for membership, text in probes.items())

    def _longest(self, pattern: str, dimension: Dimension) -> int:
        """How many `?` stand in one block of what has something in common with a pattern, at most."""
        if not dimension.holes.patterns:
            return 0
        near = [each.text for each in dimension.holes.near(pattern)]
        return longest_block([text for text in near if self._common(pattern, text)])

    def _components(self, pattern: str, dimension: Dimension, overlaps: Overlaps) -> list[str]:
        """The pattern, and what it has in common with one of those to be inside of, and with exceptions.

        A request may have to lie in one pattern of each group. All patterns that it may have to be inside of
        are one group, and so is each list of exceptions that it has to stay out of.
        """
        if not is_wild(pattern):
            return [pattern]
        components = {pattern: None}
        if overlaps.inside:
            self._add_common(components, dimension, overlaps.inside)
        for index in indexes_of(overlaps.exceptions & dimension.negated):
            self._add_common(components, dimension, 1 << index, of_exceptions=True)
        return list(components)

    def _add_common(
        self, components: dict[str, None], dimension: Dimension, bits: int, *, of_exceptions: bool = False
    ) -> None:
        for component in list(components):
            self.space.spend(1 + len(dimension.patterns) // 4)
            for near in self._near[dimension](component):
                if (near.excepted if of_exceptions else near.listed) & bits:
                    components.update(dict.fromkeys(self._common(component, near.text)))

    # -------------------------------------------------- one pair of patterns

    def _cell(self, index: int, row: Row, column: Row) -> Hit | None:
        """The first hit of a pair of patterns, marked where it is one in a single reading of resources."""
        hits = [self._hit(index, row, column, at) for at in range(len(column.readings))]
        if len(hits) == 1 or (hits[0] and hits[1]):
            return hits[0]
        with_case, without_case = hits
        if with_case:
            return with_case._replace(reading=((RESOURCE_CASE, False),))
        return without_case and without_case._replace(reading=((RESOURCE_CASE, True),))

    def _hit(self, index: int, row: Row, column: Row, at: int) -> Hit | None:
        actions, resources = row.readings[0], column.readings[at]
        try:
            if actions is not None and resources is not None:
                return self._first(index, actions, resources)
        except TooComplexError:
            if not self.space.is_small:
                raise
        return self._found(index, row.pattern, column.pattern, at)

    def _found(self, index: int, action: Pattern, resource: Pattern, at: int) -> Hit | None:
        """The same, by the way that takes any number of wildcards."""
        sides, resources = self.sides, self.space.readings[at]
        if at not in self._finders:
            deny = 0 if sides.meet else sides.inside
            self._finders[at] = RequestFinder(self.space, resources, sides.other_allow, deny, meet=sides.meet)
        outside = sides.aside if sides.meet else sides.deny
        found = self._finders[at].find(index, action, resource, outside)
        return found and Hit(found.action, found.resource, found.reason, found.options)

    def _first(self, index: int, actions: Probes, resources: Probes) -> Hit | None:
        self.space.spend(1 + len(actions) * len(resources) // 2)
        for action, at in actions:
            for resource, on in resources:
                possible = at.possible & on.possible & self._others
                is_plain = not at.unknown and not on.unknown
                key = (index, possible) if is_plain else (index, at, on)
                if key not in self._outcomes:
                    self.space.spend(1 + possible.bit_count() // 2)
                    self._outcomes[key] = self._outcome(index, possible, at, on)
                if hit := self._outcomes[key]:
                    return hit._replace(action=action, resource=resource)
        return None

    def _outcome(self, index: int, possible: int, at: Membership, on: Membership) -> Hit | None:
        """Whether some values of the conditions make the difference, for requests in these statements."""
        sides, space = self.sides, self.space
        needs = {each: space.need(each, at, on) for each in (index, *indexes_of(possible))}
        base = needs[index]
        deny, allow, other_deny = (
            [needs[each] for each in indexes_of(possible & bits)]
            for bits in (sides.deny, sides.other_allow, sides.other_deny)
        )
        if is_implied(base, deny) or (not sides.meet and not other_deny and is_implied(base, allow)):
            return None
        for options in self._environments(base, needs.values()):
            bits = union_of(option.bits for option in options)
            if not base.is_met(bits) or any(need.is_met(bits) for need in deny):
                continue
            is_allowed = any(need.is_met(bits) for need in allow)
            is_denied = is_allowed and any(need.is_met(bits) for need in other_deny)
            if (is_allowed and not is_denied) == sides.meet:
                reason = Reason.DENIED if is_denied else Reason.CONDITION if allow else Reason.NOT_ALLOWED
                return Hit("", "", Reason.FORBIDDEN if sides.meet else reason, options)
        return None

    def _environments(self, base: Need, needs: Iterable[Need]) -> Iterator[tuple[Option, ...]]:
        """All values that the requirements at hand can tell apart, in both readings of absent keys."""
        relevant = 0
        for need in needs:
            relevant |= need.all | need.none | union_of(need.some)
        choices = [
            distinct_options(options, bits & relevant, bits & base.all)
            for bits, options in self.space.variables
            if bits & relevant
        ]
        readings = [choices]
        if any(option.holds_absent is not None for options in choices for option in options):
            readings = [
                [
                    [option for option in options if option.holds_absent in (None, reading)]
                    for options in choices
                ]
                for reading in (True, False)
            ]
        for choices in readings:
            yield from self._product(choices)

    def _product(self, choices: Iterable[list[Option]]) -> Iterator[tuple[Option, ...]]:
        for number, options in enumerate(product(*choices)):
            if number % 64 == 0:
                self.space.spend(1 if number == 0 else 128)
            if _can_exist(options):
                yield options


def _can_exist(options: Sequence[Option]) -> bool:
    """Whether nothing is assumed to match a pattern, and not to match another one that matches more."""
    unknown = [
        (each.subject, each.value)
        for each in options
        if isinstance(each.subject, Assumption) and each.subject.about in (About.ACTION, About.RESOURCE)
    ]
    matching = [assumption for assumption, value in unknown if value]
    return not any(
        implies(assumption, other) for other, value in unknown if not value for assumption in matching
    )


def _grouped(rows: Iterable[Row]) -> list[tuple[list[int], Row]]:
    """The numbers of rows whose probes have the same memberships, with one of them."""
    groups: dict[Any, tuple[list[int], Row]] = {}
    for row in rows:
        memberships = tuple(
            row.pattern if probes is None else tuple(membership for _, membership in probes)
            for probes in row.readings
        )
        groups.setdefault((row.pattern.assumption, memberships), ([], row))[0].append(row.number)
    return list(groups.values())


def _recorded(rows: Iterable[Row], into: list[Row]) -> Iterator[Row]:
    for row in rows:
        into.append(row)
        yield row
