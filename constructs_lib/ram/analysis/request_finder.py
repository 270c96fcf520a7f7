"""One request that an Allow gives and other statements do not take away, however many wildcards they have.

The search (`search`) tries representatives, of which there are few in what people write. Where there are too
many, this decides: it supposes a request, looks for a statement that says otherwise, and demands that this
one applies, or does not: by another action, another resource, another value of a condition key, or by what
is supposed of what is not known. Demands that cannot be met together are remembered for all that is looked
for (`demands`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from attrs import frozen

from constructs_lib.ram.analysis.demands import Demands
from constructs_lib.ram.analysis.evaluator import Pattern, implies
from constructs_lib.ram.analysis.grants import Reason
from constructs_lib.ram.analysis.pattern_index import Dimension, IndexedPattern
from constructs_lib.ram.analysis.patterns import matches
from constructs_lib.ram.analysis.request_space import Option, RequestSpace, indexes_of, union_of

ACTION, RESOURCE = 0, 1


Demand = Hashable


@frozen(cache_hash=True)
class Inside:
    """The action, or the resource, lies in a pattern."""

    dimension: int
    pattern: str


@frozen(cache_hash=True)
class Outside:
    """The action, or the resource, lies outside of the pattern that has a number in its dimension."""

    dimension: int
    number: int


@frozen(cache_hash=True)
class Holding:
    """A requirement, which is a bit, holds or does not; so does what is supposed of a pattern."""

    bit: int
    holds: bool


@frozen(cache_hash=True)
class Reading:
    """Negated operators hold where the request does not have their key, or do not."""

    holds_absent: bool


@frozen(cache_hash=True)
class Matching:
    """A pattern matches, or does not, whether what it matches is known or not."""

    dimension: int
    number: int
    matches: bool


@frozen(cache_hash=True)
class Listing:
    """The action, or the resource, lies in the list of a statement, or does not."""

    dimension: int
    index: int
    is_listed: bool


@frozen(cache_hash=True)
class Applying:
    """A statement applies, or does not."""

    index: int
    applies: bool


# What the other document has to answer (see `RequestFinder`), and one way to a refusal.
ANSWER, UNLISTED = "its answer is the one that is looked for", "no Allow applies"


class Sought(NamedTuple):
    """The patterns that an action or a resource has to lie in, and the numbers of those to stay out of."""

    inside: frozenset[str]
    outside: frozenset[int]


class Found(NamedTuple):
    action: str
    resource: str
    options: tuple[Option, ...]
    reason: Reason = Reason.FORBIDDEN


class TextFinder:
    """Finds texts in a dimension."""

    def __init__(self, space: RequestSpace, dimension: Dimension) -> None:
        self.dimension = dimension
        self._fresh = space.fresh
        self._texts: dict[Sought, str | Sought] = {}

    def text(self, sought: Sought) -> str | Sought:
        """A text as it is sought; if there is none, what is enough to leave none."""
        if sought not in self._texts:
            text = self._likely(sought)
            self._texts[sought] = self._found(sought) if text is None else text
        return self._texts[sought]

    def _found(self, sought: Sought) -> str | Sought:
        """The same: only what a text is not right for is looked at, one after the other."""
        (inside, *others), avoided = _longest_first(sought.inside), frozenset[int]()
        within = [inside]
        while True:
            text = self.dimension.walk.find(within, avoided)
            if not isinstance(text, str):
                wider = list(dict.fromkeys(map(sized, sought.inside)))
                left = self.dimension.walk.find(wider, avoided)
                return self._least(within, text) if isinstance(left, str) else self._least(wider, left)
            missing = next((pattern for pattern in others if not matches(pattern, text)), None)
            matching = sought.outside.intersection(each.number for each in self.dimension.matching(text))
            if missing is None and not matching:
                return text
            avoided |= matching
            if missing is not None:
                others.remove(missing)
                within.append(missing)

    def _least(self, within: list[str], outside: frozenset[int]) -> Sought:
        """The same without what is not needed: many are left out at a time, then few."""
        size = len(within)
        while size := size // 2:
            for end in range(len(within), 0, -size):
                fewer = within[: max(end - size, 0)] + within[end:]
                left = self.dimension.walk.find(fewer, outside) if fewer else ""
                if not isinstance(left, str):
                    within, outside = fewer, left
        return Sought(frozenset(within), outside)

    def _likely(self, sought: Sought) -> str | None:
        """A likely text, if one will do: of a pattern, with those of the others in the place of one `*`."""
        first, *others = _longest_first(sought.inside)
        filling = self._fresh.join(["", *others, ""]) or self._fresh
        for at in [at for at, symbol in enumerate(first) if symbol == "*"] or [len(first)]:
            text = first[:at] + filling + first[at + 1 :] if at < len(first) else first
            text = text.replace("*", self._fresh).replace("?", self._fresh)
            matching = [pattern.number for pattern in self.dimension.matching(text)]
            if sought.outside.isdisjoint(matching) and all(matches(other, text) for other in others):
                return text
            if not others:
                break
        return None


def sized(pattern: str) -> str:
    """What matches any text of the same size, where a pattern has no `*`."""
    return pattern if "*" in pattern else "?" * len(pattern)


def _longest_first(patterns: Iterable[str]) -> list[str]:
    return sorted(patterns, key=lambda pattern: (-len(pattern), pattern))


class RequestFinder:
    """Finds requests in a space, with one reading of the resources.

    `allow`, `deny`: statements of another document, as bits, which shall refuse a request, or allow it
    (`meet`).
    """

    def __init__(
        self, space: RequestSpace, resources: Dimension, allow: int, deny: int, *, meet: bool
    ) -> None:
        self.space = space
        self._dimensions = (space.actions, resources)
        self._finders = tuple(TextFinder(space, dimension) for dimension in self._dimensions)
        self._allow, self._deny, self._meet = allow, deny, meet
        self._demands = Demands()
        # What is supposed of patterns of unknown extent, and what it implies, as bits.
        unknown = (each for dimension in self._dimensions for each in dimension.patterns if each.assumption)
        self._unknown = {space.bit_of(pattern): pattern.assumption for pattern in unknown}
        self._implied: dict[int, int] = {}
        self._variables = {
            1 << at: number for number, (bits, _) in enumerate(space.variables) for at in indexes_of(bits)
        }
        self._values: dict[tuple[int, frozenset[Holding], Reading | None], Option | list[Demand]] = {}
        has_readings = any(
            each.holds_absent is not None for _, options in space.variables for each in options
        )
        self._readings = [[Reading(True)], [Reading(False)]] if has_readings else [[]]
        applying = [self._applying(index, True) for index in indexes_of(allow if meet else deny)]
        self._demands.need(ANSWER, applying if meet else [UNLISTED, *applying])

    def find(self, index: int, action: Pattern, resource: Pattern, outside: int) -> Found | None:
        """A request in two patterns of a statement, in none of others, with that answer."""
        spelled = self._dimensions[RESOURCE].spelled(resource.text)
        base = (self._applying(index, True), Inside(ACTION, action.text), Inside(RESOURCE, spelled))
        for reading in self._readings:
            if found := self._first(dict.fromkeys([*base, *reading]), outside):
                return found
        return None

    def _first(self, wanted: dict[Demand, None], outside: int) -> Found | None:
        while (chosen := self._demands.choose(wanted)) is not None:
            action, resource = (self._text(number, chosen) for number in (ACTION, RESOURCE))
            options = self._options(chosen)
            conflicts = [each for each in (action, resource, *options) if isinstance(each, list)]
            for conflict in conflicts:
                self._demands.forbid(conflict)
            if isinstance(action, str) and isinstance(resource, str) and not conflicts:
                values = tuple(option for option in options if isinstance(option, Option))
                other = self._other(action, resource, values, chosen, outside)
                if isinstance(other, Found):
                    return other
                wanted[other] = None
        return None

    def _other(
        self, action: str, resource: str, options: tuple[Option, ...], chosen: list[Demand], outside: int
    ) -> Found | Demand:
        """A request, if it is as it is looked for; else what is to be demanded, too."""
        at, on = (
            dimension.membership(text)
            for dimension, text in zip(self._dimensions, (action, resource), strict=True)
        )
        possible = at.possible & on.possible
        needs = {index: self.space.need(index, at, on) for index in indexes_of(possible)}
        bits = union_of(option.bits for option in options)
        applying = union_of(1 << index for index, need in needs.items() if need.is_met(bits))
        for index in indexes_of(applying & outside):
            return self._applying(index, False)
        allowing = applying & self._allow
        if bool(allowing and not applying & self._deny) is not self._meet:
            for index in indexes_of(allowing) if UNLISTED in chosen else ():
                self._demands.need(UNLISTED, [self._applying(index, False)])
            return ANSWER
        reason = Reason.CONDITION if possible & self._allow else Reason.NOT_ALLOWED
        reason = Reason.FORBIDDEN if self._meet else Reason.DENIED if allowing else reason
        asked = union_of(need.all | need.none | union_of(need.some) for need in needs.values())
        matters = (
            option
            for option, (of_variable, _) in zip(options, self.space.variables, strict=True)
            if of_variable & asked
        )
        return Found(action, resource, tuple(matters), reason)

    # -------------------------------------------------- what a request has to be

    def _text(self, number: int, chosen: list[Demand]) -> str | list[Demand]:
        """An action, or a resource, for some demands; those that leave none, if there is none."""
        inside = [each.pattern for each in chosen if isinstance(each, Inside) and each.dimension == number]
        outside = [each.number for each in chosen if isinstance(each, Outside) and each.dimension == number]
        text = self._finders[number].text(Sought(frozenset(inside), frozenset(outside)))
        if isinstance(text, str):
            return text
        for pattern in set(inside) - text.inside:
            if sized(pattern) in text.inside:
                self._demands.need(Inside(number, pattern), [Inside(number, sized(pattern))])
        within = (Inside(number, pattern) for pattern in text.inside)
        return [*within, *(Outside(number, pattern) for pattern in text.outside)]

    def _options(self, chosen: list[Demand]) -> list[Option | list[Demand]]:
        """A value of each variable for some demands; in its place those that leave none, if there is none."""
        reading = next((each for each in chosen if isinstance(each, Reading)), None)
        holding = [each for each in chosen if isinstance(each, Holding)]
        matching = union_of(
            self._implied[each.bit] for each in holding if each.holds and each.bit in self._implied
        )
        demands: dict[int, list[Holding]] = {}
        for each in holding:
            demands.setdefault(self._variables[each.bit], []).append(each)
        values: list[Option | list[Demand]] = []
        for number, (bits, options) in enumerate(self.space.variables):
            if bits in self._unknown:
                values.append(options[not bits & matching])
                continue
            key = (number, frozenset(demands.get(number, ())), reading)
            if key not in self._values:
                self._values[key] = _value(options, *key[1:])
            values.append(self._values[key])
        return values

    # -------------------------------------------------- what leads to what

    def _applying(self, index: int, applies: bool) -> Demand:
        """A statement applies where both lists match and all requirements hold."""
        parts = (self._listing(number, index, applies) for number in (ACTION, RESOURCE))
        return self._of_all(Applying(index, applies), (*parts, *self._requirements(index, applies)), applies)

    def _requirements(self, index: int, holds: bool) -> Iterator[Holding]:
        return (Holding(1 << at, holds) for at in indexes_of(self.space.need(index).all))

    def _listing(self, number: int, index: int, is_listed: bool) -> Demand:
        dimension = self._dimensions[number]
        is_inside = is_listed != bool(dimension.negated >> index & 1)
        parts = (self._matching(number, pattern, is_inside) for pattern in dimension.patterns_of(index))
        return self._of_all(Listing(number, index, is_listed), parts, not is_inside)

    def _matching(self, number: int, pattern: IndexedPattern, matches: bool) -> Demand:
        """A pattern of unknown extent matches where its widest text does, and what is supposed holds."""
        part = Inside(number, pattern.text) if matches else Outside(number, pattern.number)
        if pattern.assumption is None:
            return part
        bit = self.space.bit_of(pattern)
        if bit not in self._implied:
            others = (other for other, of in self._unknown.items() if implies(pattern.assumption, of))
            self._implied[bit] = bit | union_of(others)
            for at in indexes_of(self._implied[bit]):
                self._demands.forbid([Holding(bit, True), Holding(1 << at, False)])
        return self._of_all(Matching(number, pattern.number, matches), (part, Holding(bit, matches)), matches)

    def _of_all(self, demand: Demand, parts: Iterable[Demand], is_of_all: bool) -> Demand:
        """A demand that leads to all of its parts, or to one of them."""
        if demand not in self._demands:
            parts = list(parts)
            for alternatives in [[part] for part in parts] if is_of_all else [parts]:
                self._demands.need(demand, alternatives)
        return demand


def _value(
    options: Sequence[Option], demands: frozenset[Holding], reading: Reading | None
) -> Option | list[Demand]:
    """The first option for some demands; a few of those that leave none, if there is none."""

    def first(demands: Iterable[Holding], reading: Reading | None) -> Option | None:
        wanted, unwanted = (
            union_of(each.bit for each in demands if each.holds is holds) for holds in (True, False)
        )
        for option in options:
            is_read = reading is None or option.holds_absent in (None, reading.holds_absent)
            if is_read and option.bits & wanted == wanted and not option.bits & unwanted:
                return option
        return None

    needed = sorted(demands, key=str)
    if option := first(needed, reading):
        return option
    for each in list(needed):
        fewer = [other for other in needed if other != each]
        if not first(fewer, reading):
            needed = fewer
    is_of_reading = reading is not None and first(needed, None)
    return [*needed, *([reading] if is_of_reading else [])]
