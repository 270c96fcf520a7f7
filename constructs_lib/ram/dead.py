"""What can be dropped from a document without a change of meaning, proven part by part."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.evaluator import UnreadableError
from constructs_lib.ram.patterns import TooComplexError
from constructs_lib.ram.search import MAX_WORK, Pair

MAX_DEAD_WORK = 5 * MAX_WORK


@frozen
class DeadPart:
    """A part of a document that can be dropped without a change of meaning.

    * `path`: such as `Statement[2]` or `Statement[2].Action[1]`; `text`: the pattern, if it is one.
    """

    path: str
    text: str | None = None


_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
Part = tuple[int, str | None, int]


def dead_parts(document: PolicyDocument) -> tuple[DeadPart, ...]:
    """Statements, actions and resources that can all be dropped together without a change of meaning.

    A Deny counts as dead only where other Denies refuse the same (see `compare_denials`). Of parts that make
    each other needless the last ones are dead. What is undecided is not, and after `MAX_DEAD_WORK` all is.
    """
    dead: dict[Part, DeadPart] = {}
    left, work = document, MAX_DEAD_WORK
    for part, shown in _parts(document):
        smaller = None if (part[0], None, 0) in dead else _without(document, {part, *dead})
        if smaller is not None and work > 0:
            is_same, spent = _means_the_same(left, smaller)
            work -= spent
            if is_same:
                dead[part] = shown
                left = smaller
    return tuple(dead[part] for part in sorted(dead, key=lambda part: (part[0], part[1] or "", part[2])))


def proved_minimised(document: PolicyDocument) -> PolicyDocument:
    """`document.minimised()`, if it is proven to mean the same, alone and beside other policies.

    The document as it is where that cannot be proven: statements are not known yet, or a guard was hit.
    """
    minimised = document.minimised()
    return minimised if _means_the_same(document, minimised)[0] else document


def _means_the_same(one: PolicyDocument, other: PolicyDocument) -> tuple[bool, int]:
    """Whether two documents are proven to allow the same and to deny the same, and the work of the proof."""
    work = 0
    try:
        for denials in (True, False):
            pair = Pair(one, other, denials=denials)
            try:
                if next(pair.grants(0), None) or next(pair.grants(1), None):
                    return False, work + MAX_WORK - pair.work
            finally:
                work += MAX_WORK - pair.work
    except (TooComplexError, UnreadableError):
        return False, work
    return True, work


def _parts(document: PolicyDocument) -> Iterator[tuple[Part, DeadPart]]:
    """What could be dropped: whole statements first, the last one first."""
    if not isinstance(document.statements, tuple):
        return
    numbered = list(enumerate(document.statements))[::-1]
    for index, _ in numbered:
        yield (index, None, 0), DeadPart(f"Statement[{index}]")
    for element, name in _LISTS.items():
        for index, statement in numbered:
            items = getattr(statement, name, None)
            if isinstance(items, tuple):
                for position, item in list(enumerate(items))[::-1]:
                    text = item if isinstance(item, str) else None
                    yield (
                        (index, element, position),
                        DeadPart(f"Statement[{index}].{element}[{position}]", text),
                    )


def _without(document: PolicyDocument, dropped: set[Part]) -> PolicyDocument | None:
    """The document without some parts; None where a list, or the document, would be left empty."""
    left: list[PolicyStatement] = []
    for index, statement in enumerate(document.statements):
        if (index, None, 0) in dropped:
            continue
        for element, name in _LISTS.items():
            gone = {position for of, name_of, position in dropped if (of, name_of) == (index, element)}
            if gone:
                items = [item for at, item in enumerate(getattr(statement, name)) if at not in gone]
                if not items:
                    return None
                statement = evolve(statement, **{name: items})  # type: ignore[arg-type]
        left.append(statement)
    return PolicyDocument(left) if left else None
