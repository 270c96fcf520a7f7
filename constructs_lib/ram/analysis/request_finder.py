"""One request that lies in some statements and in none of others, however many wildcards they have.

The search (`search`) tries representatives, of which there are few in what people write. Where there are too
many, this decides: it supposes a request, looks for a statement that says otherwise, and tries one by one
what can be done about it: another action, another resource, another value of a condition key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from constructs_lib.ram.analysis.pattern_index import Dimension
from constructs_lib.ram.analysis.patterns import matches
from constructs_lib.ram.analysis.request_space import Option, RequestSpace, indexes_of, union_of

Choices = tuple[tuple[Option, ...], ...]


class TextSought(NamedTuple):
    """The patterns that an action or a resource has to lie in, and the numbers of those to stay out of."""

    inside: tuple[str, ...]
    outside: frozenset[int] = frozenset()


class Sought(NamedTuple):
    """A request that is looked for: `choices` are the values that are left for each variable."""

    action: TextSought
    resource: TextSought
    choices: Choices


class Found(NamedTuple):
    action: str
    resource: str
    options: tuple[Option, ...]


class TextFinder:
    """Finds texts in a dimension."""

    def __init__(self, space: RequestSpace, dimension: Dimension) -> None:
        self.dimension = dimension
        self._patterns = [each.text for each in dimension.patterns]
        self._fresh = space.fresh
        self._texts: dict[TextSought, str | None] = {}
        # Patterns that leave no text that lies in some, and in none of those of some numbers.
        self._impossible: list[tuple[frozenset[str], frozenset[int]]] = []

    def text(self, sought: TextSought) -> str | None:
        if sought not in self._texts:
            self._texts[sought] = self._plain(sought) or self._found(sought)
        return self._texts[sought]

    def _found(self, sought: TextSought) -> str | None:
        for at in range(len(sought.inside) if len(sought.inside) > 1 else 0):
            fewer = sought._replace(inside=sought.inside[:at] + sought.inside[at + 1 :])
            text = self.text(fewer)
            if text is None or matches(sought.inside[at], text):
                return text
        inside = frozenset(sought.inside)
        if any(within <= inside and outside <= sought.outside for within, outside in self._impossible):
            return None
        found = self.dimension.walk.find(*sought)
        if isinstance(found, str):
            return found
        self._impossible.append((inside, found))
        return None

    def _plain(self, sought: TextSought) -> str | None:
        """A likely text, if one will do: of a pattern, with those of the others in the place of one `*`."""
        first, *others = sought.inside
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

    def is_in(self, index: int, text: str) -> bool:
        return bool(self.dimension.membership(text).certain >> index & 1)

    def other(self, sought: TextSought, index: int, *, inside: bool) -> Iterator[TextSought]:
        """What is sought, restricted to what lies in a statement's list or does not."""
        is_negated = self.dimension.negated >> index & 1
        numbers = self.dimension.numbers_of(index)
        if inside == bool(is_negated):
            yield sought._replace(outside=sought.outside | numbers)
            return
        for number in sorted(numbers):
            if self._patterns[number] not in sought.inside:
                yield sought._replace(inside=(*sought.inside, self._patterns[number]))


class RequestFinder:
    """Finds requests in a space, with one reading of the resources."""

    def __init__(self, space: RequestSpace, resources: Dimension) -> None:
        self.space, self.resources = space, resources
        self._actions, self._resources = TextFinder(space, space.actions), TextFinder(space, resources)

    def find(self, action: str, resource: str, within: Sequence[int], outside: int) -> Found | None:
        """A request in two patterns, in some statements, and in none of others, which are bits."""
        wanted = union_of(self.space.need(index).all for index in within)
        choices = [
            [option for option in options if option.bits & bits & wanted == bits & wanted]
            for bits, options in self.space.variables
        ]
        for reading in (True, False):
            of_reading = tuple(
                tuple(option for option in options if option.holds_absent in (None, reading))
                for options in choices
            )
            sought = Sought(TextSought((action,)), TextSought((resource,)), of_reading)
            if found := self._first(sought, within, outside):
                return found
        return None

    def _first(self, sought: Sought, within: Sequence[int], outside: int) -> Found | None:
        waiting, seen = [sought], set()
        while waiting:
            sought = waiting.pop()
            if sought in seen or not all(sought.choices):
                continue
            seen.add(sought)
            action = self._actions.text(sought.action)
            resource = None if action is None else self._resources.text(sought.resource)
            if action is not None and resource is not None:
                found = Found(action, resource, tuple(options[0] for options in sought.choices))
                others = self._others(sought, found, within, outside)
                if others is None:
                    return found
                waiting += others
        return None

    def _others(
        self, sought: Sought, found: Found, within: Sequence[int], outside: int
    ) -> list[Sought] | None:
        """What can be sought instead, since a statement says otherwise; None where none does.

        Of all statements that do, it is one that leaves the least.
        """
        for index in within:
            if not self._is_listed(index, found):
                return list(self._with_texts(sought, index, found, inside=True))
        fewest: list[Sought] | None = None
        for index in indexes_of(outside):
            if self._applies(index, found):
                others = list(self._without(sought, index, found))
                if fewest is None or len(others) < len(fewest):
                    fewest = others
                if len(others) < 2:
                    break
        return fewest

    def _is_listed(self, index: int, found: Found) -> bool:
        return self._actions.is_in(index, found.action) and self._resources.is_in(index, found.resource)

    def _applies(self, index: int, found: Found) -> bool:
        bits = union_of(option.bits for option in found.options)
        return self.space.need(index).is_met(bits) and self._is_listed(index, found)

    def _without(self, sought: Sought, index: int, found: Found) -> Iterator[Sought]:
        """What can be sought for a statement not to apply, the likeliest last."""
        for at, (bits, _) in enumerate(self.space.variables):
            if needed := self.space.need(index).all & bits:
                left = tuple(option for option in sought.choices[at] if option.bits & needed != needed)
                if left:
                    yield sought._replace(choices=(*sought.choices[:at], left, *sought.choices[at + 1 :]))
        yield from self._with_texts(sought, index, found, inside=False)

    def _with_texts(self, sought: Sought, index: int, found: Found, *, inside: bool) -> Iterator[Sought]:
        """What can be sought for an action, or a resource, to lie in a statement's list, or not."""
        for finder, text, is_action in (
            (self._actions, found.action, True),
            (self._resources, found.resource, False),
        ):
            if finder.is_in(index, text) != inside:
                for other in finder.other(
                    sought.action if is_action else sought.resource, index, inside=inside
                ):
                    if finder.text(other) is not None:
                        yield sought._replace(action=other) if is_action else sought._replace(resource=other)
                if inside:
                    return  # one after the other
