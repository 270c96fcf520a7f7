"""All requests that some statements can tell apart: where actions and resources lie, what conditions ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from constructs_lib.ram.analysis.evaluator import Assumption, Patterns, Statement
from constructs_lib.ram.analysis.pattern_index import Dimension, Place
from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.analysis.requirements import Need, Option, fresh_character, union_of, variables_of

MAX_WORK = 1_000_000  # steps of about a microsecond


class Space:
    """The requests around some statements, with all that a search among them needs.

    A statement is a bit, and so is a requirement. `work`: the steps that are left for the search.

    * `actions`; `readings`: the resources, with case, and without where that makes a difference.
    * `needs`: what each statement requires beside its lists; `variables`: what the requirements depend on.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = list(statements)
        self.work = MAX_WORK
        self.fresh = fresh_character(statements)
        lists = [one.resources for one in statements]
        self.actions = Dimension([one.actions for one in statements])
        self.readings = [Dimension(lists)]
        if _has_both_cases(lists):
            self.readings.append(Dimension(lists, ignore_case=True))
        self._bits: dict[tuple[Assumption, bool], int] = {}
        self.variables = list(variables_of(statements, self._bits, self.fresh))
        self._needs = list(map(self._need_of, statements))

    def replace(self, index: int, statement: Statement) -> None:
        """Put a statement into the place of another; its patterns and requirements are known already."""
        self.statements[index] = statement
        self.actions.relist(index, statement.actions)
        for one in self.readings:
            one.relist(index, statement.resources)
        self._needs[index] = self._need_of(statement)

    def _need_of(self, statement: Statement) -> Need:
        return Need(union_of(self._bits[one] for one in statement.requirements))

    def spend(self, work: int) -> None:
        """TooComplexError: no work is left."""
        self.work -= work
        if self.work < 0:
            raise TooComplexError("the documents are too large, or overlap too much, to be compared exactly")

    def need(self, index: int, at: Place, on: Place) -> Need:
        """What a statement asks for at a place, patterns of unknown extent included."""
        need = self._needs[index]
        for place in (at, on):
            if place.unknown:
                bit = 1 << index
                listing = [one for one in place.unknown if one.listed & bit and not place.certain & bit]
                but = [one for one in place.unknown if one.but & bit]
                bits = [self._bit(one.assumption) for one in (*listing, *but)]  # type: ignore[arg-type]
                some = (*need.some, union_of(bits[: len(listing)])) if listing else need.some
                need = Need(need.all, some, need.none | union_of(bits[len(listing) :]))
        return need

    def _bit(self, assumption: Assumption) -> int:
        """The bit of an assumption about a pattern."""
        if (assumption, True) not in self._bits:
            bit = self._bits[assumption, True] = 1 << len(self._bits)
            self.variables.append((bit, [Option(bit, assumption, True), Option(0, assumption, False)]))
        return self._bits[assumption, True]


def _has_both_cases(lists: Iterable[Patterns]) -> bool:
    """Whether some letter stands in both cases: if not, it does not matter whether case counts."""
    used = set().union(*(item.text for one in lists for item in one.items))
    return any(letter.isupper() and letter.lower() in used for letter in used if letter.isascii())
