"""Demands that lead to others: which to make so that all are met, or that it cannot be.

Where a demand is made, one of each group of its alternatives has to be made, too; some demands cannot be made
together. Only what something asks for is made. From each conflict a clause is learned that rules it out for
good (conflict-driven clause learning), so that this ends soon where trying all alternatives would not.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

# A literal is the number of a demand that is made, or its negative where it is not; one of a clause is true.
Clause = list[int]


class Demands:
    """Demands, of which alternatives and conflicts may be told at any time."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._names: list[Hashable] = [None]
        self._groups: list[list[Clause]] = [[]]
        self._conflicts = [0]
        self._units: list[int] = []
        self._watching: dict[int, list[Clause]] = {}
        # The literals that are true, in their order; the level of each, and the clause that it follows from.
        self._trail: list[int] = []
        self._levels: dict[int, int] = {}
        self._reasons: dict[int, Clause] = {}
        # For each decision how many were true, and up to where all groups had an alternative.
        self._decisions: list[tuple[int, int, int]] = []
        self._read = 0

    def __contains__(self, demand: Hashable) -> bool:
        return demand in self._numbers

    def need(self, demand: Hashable, alternatives: Iterable[Hashable]) -> None:
        """Where a demand is made, one of the alternatives has to be."""
        number = self._number(demand)
        group = list(dict.fromkeys(map(self._number, alternatives)))
        self._groups[number].append(group)
        self._add([-number, *group])

    def forbid(self, demands: Iterable[Hashable]) -> None:
        """Some demands cannot be made together."""
        self._add([-self._number(demand) for demand in demands])

    def choose(self, demands: Iterable[Hashable]) -> list[Hashable] | None:
        """All that is made for some demands to be met; None where they cannot be met together."""
        wanted = list(map(self._number, demands))
        for kept in (self._trail, self._levels, self._reasons, self._decisions):
            kept.clear()
        self._read = 0
        if not all(self._assign(unit) for unit in self._units):
            return None
        place, at = 0, 0  # in the trail, and in the groups of the demand that stands there
        while True:
            if conflict := self._propagated():
                if not self._decisions:
                    return None
                place, at = self._learn(conflict)
                continue
            literal = next((number for number in wanted if number not in self._levels), None)
            if literal is None:
                place, at, literal = self._open(place, at)
            if literal is None:
                return [self._names[number] for number in self._trail if number > 0]
            if -literal in self._levels:
                return None
            self._decisions.append((len(self._trail), place, at))
            self._assign(literal)

    def _open(self, place: int, at: int) -> tuple[int, int, int | None]:
        """The first group of which nothing is made, and the alternative that led to the fewest conflicts."""
        while place < len(self._trail):
            groups = self._groups[self._trail[place]] if self._trail[place] > 0 else []
            for number, group in enumerate(groups[at:], at):
                if not any(literal in self._levels for literal in group):
                    free = [literal for literal in group if -literal not in self._levels]
                    return place, number, min(free, key=self._conflicts.__getitem__)
            place, at = place + 1, 0
        return place, at, None

    def _number(self, demand: Hashable) -> int:
        number = self._numbers.get(demand)
        if number is None:
            number = self._numbers[demand] = len(self._names)
            self._names.append(demand)
            self._groups.append([])
            self._conflicts.append(0)
            self._watching |= {number: [], -number: []}
        return number

    def _add(self, clause: Clause) -> None:
        if len(clause) == 1:
            self._units += clause
        for literal in clause[:2] if len(clause) > 1 else ():
            self._watching[literal].append(clause)

    def _assign(self, literal: int, reason: Clause | None = None) -> bool:
        """Make a literal true; whether it can be."""
        if -literal in self._levels:
            return False
        if literal not in self._levels:
            self._levels[literal] = len(self._decisions)
            self._trail.append(literal)
            if reason:
                self._reasons[literal] = reason
        return True

    def _propagated(self) -> Clause | None:
        """Make true what follows; the clause of which nothing can be true, if there is one."""
        while self._read < len(self._trail):
            false = -self._trail[self._read]
            self._read += 1
            watching, self._watching[false] = self._watching[false], []
            for number, clause in enumerate(watching):
                if clause[0] == false:
                    clause[:2] = clause[1], false
                if clause[0] not in self._levels:
                    for at in range(2, len(clause)):
                        if -clause[at] not in self._levels:
                            clause[1], clause[at] = clause[at], false
                            break
                self._watching[clause[1]].append(clause)
                if clause[1] == false and not self._assign(clause[0], clause):
                    self._watching[false] += watching[number + 1 :]
                    return clause
        return None

    def _learn(self, conflict: Clause) -> tuple[int, int]:
        """Add what led to a conflict as a clause, and go back to where it tells something new."""
        now = len(self._decisions)
        learned: Clause = []
        seen: set[int] = set()
        left = 0  # how many literals of this level are still to be explained
        at = len(self._trail)
        clause: Clause = conflict
        while True:
            for literal in clause:
                true = -literal
                if true in self._levels and true not in seen and self._levels[true]:
                    seen.add(true)
                    self._conflicts[abs(true)] += 1
                    if self._levels[true] == now:
                        left += 1
                    else:
                        learned.append(literal)
            at -= 1
            while self._trail[at] not in seen:
                at -= 1
            left -= 1
            if not left:
                break
            clause = self._reasons[self._trail[at]]
        learned.sort(key=lambda literal: -self._levels[-literal])
        learned.insert(0, -self._trail[at])
        level = self._levels[-learned[1]] if len(learned) > 1 else 0
        size, *open_ = self._decisions[level]
        for true in self._trail[size:]:
            del self._levels[true]
            self._reasons.pop(true, None)
        del self._trail[size:], self._decisions[level:]
        self._read = size
        self._add(learned)
        self._assign(learned[0], learned)
        return open_[0], open_[1]
