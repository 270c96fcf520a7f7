"""Several documents of a size that RAM takes in the place of one; `PolicyDocument.split` says how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, combinations, product
from typing import Any, NamedTuple

from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.analysis.redundancy import are_equivalent
from constructs_lib.ram.canonical import (
    MAX_DOCUMENT_BYTES,
    canonical_statements,
    is_larger,
    json_text,
    size_of,
)
from constructs_lib.ram.grammar import VERSION

# What the statements of a document may have together, each with the comma before it; the first one has none.
ROOM = MAX_DOCUMENT_BYTES - len(json_text({"Statement": [], "Version": VERSION})) + 1
# Twice as many documents as a user, a group or a role can have policies.
MOST_CHARACTERS = 20 * MAX_DOCUMENT_BYTES
# A statement applies where one of each list matches, so it is the union of statements with parts of a list.
# That is not so of exceptions: what one part excepts, the other would give.
_DIVISIBLE = ("Action", "Resource")
# How finely the room of a document is tried to be shared by two lists that are both divided.
_STEP = 64


class SplitError(ValueError):
    """A document cannot be split into documents that are proven to mean the same."""


class _Sized(NamedTuple):
    """A statement in canonical form: its text, its bytes with a comma, and itself."""

    text: str
    size: int
    statement: dict[str, Any]


_Documents = list[list[_Sized]]


def split(document: Mapping[str, Any], previous: Iterable[Mapping[str, Any]] = ()) -> list[list[Any]]:
    """The statements of each document; both documents are given in their JSON form.

    SplitError: there is no such split, or none that is proven.
    """
    if is_larger(document, MOST_CHARACTERS):
        raise SplitError(f"it has more than {MOST_CHARACTERS:,} characters: split it by hand first")
    if not size_of(document).is_exact:
        raise SplitError("it holds values that only Terraform knows, so its size is not known")
    before = [list(map(_sized, canonical_statements(each["Statement"]))) for each in previous]
    statements: dict[str, _Sized] = {}
    for number, statement in enumerate(document["Statement"]):
        (whole,) = canonical_statements([statement])
        pieces = _earlier_pieces(_sized(whole), before) or _pieces(_sized(whole))
        if pieces is None:
            raise SplitError(
                f"Statement[{number}] alone is too large for a document, and no list of Action or Resource "
                "of it can be divided so that it fits: a condition, NotAction and NotResource stay whole"
            )
        statements |= {piece.text: piece for piece in pieces}
    documents = _packed(list(statements.values()), before)
    if any(_size(each) > ROOM for each in documents) or not _is_proven(document["Statement"], documents):
        raise SplitError(
            "it is not proven that the documents found mean the same, which is a defect of this program"
        )
    return [[each.statement for each in of_document] for of_document in documents]


def _is_proven(statements: Iterable[Any], documents: _Documents) -> bool:
    """Whether all parts together are proven to allow the same and to deny the same as some statements.

    They do where each statement does the same as those that are parts of it, and each is a part of one. In
    two whole documents every pattern would be held against every other: with 60 kB that may take too long.
    """
    parts = {each.text: each.statement for of_document in documents for each in of_document}
    whole = {each.text: each.statement for each in map(_sized, canonical_statements(statements))}
    left = {text: part for text, part in parts.items() if text not in whole}
    for statement in (each for text, each in whole.items() if text not in parts):
        own = {text: part for text, part in parts.items() if _is_part(part, statement)}
        if not _are_proven(statement, list(own.values())):
            return False
        left = {text: part for text, part in left.items() if text not in own}
    return not left


def _are_proven(statement: dict[str, Any], parts: list[dict[str, Any]]) -> bool:
    """Whether some parts of a statement are proven to be all of it."""
    try:
        return are_equivalent({"Statement": [statement]}, {"Statement": parts})
    except TooComplexError:
        # Each pair of its patterns stands in a part, and all else is the same in each part.
        return {pair for part in parts for pair in _pairs(part)} == set(_pairs(statement))


def _pairs(statement: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    return product(*(items for _, items in _lists(statement)))


def _is_part(part: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    """Whether two statements differ in nothing but patterns that one of them lacks."""
    return part.keys() == whole.keys() and all(
        part[element] == value or (element in _DIVISIBLE and set(part[element]) < set(value))
        for element, value in whole.items()
    )


def _sized(statement: dict[str, Any]) -> _Sized:
    return _Sized(json_text(statement), _bytes(statement), statement)


def _bytes(value: Any) -> int:
    """The bytes of a value in a list, with a comma."""
    return len(json_text(value).encode()) + 1


def _size(statements: Iterable[_Sized]) -> int:
    return sum(each.size for each in statements)


# ------------------------------------------------------------ which document a statement goes to


def _packed(statements: Sequence[_Sized], before: _Documents) -> _Documents:
    """The statements in as few documents as are found, those of earlier documents where they were.

    One after the other is added, in the order in which they are written: one more at the end finds all others
    where they are without it.
    """
    left = {each.text: each for each in statements}
    documents: _Documents = []
    for earlier in before:
        stay: list[_Sized] = []
        for each in earlier:
            if each.text in left and _size(stay) + each.size <= ROOM:
                stay.append(left.pop(each.text))
        documents += [stay] if stay else []
    documents = _in_fewer(documents)
    for each in left.values():
        documents = _in_fewer(_with_one_more(documents, each))
    return documents


def _with_one_more(documents: _Documents, new: _Sized) -> _Documents:
    """The documents with one more statement, which changes two of them, or one and a new one.

    More are changed only where that saves a document.
    """
    if not documents:
        return [[new]]
    rooms = [ROOM - _size(statements) for statements in documents]
    roomy = sorted(range(len(rooms)), key=lambda number: -rooms[number])
    most = roomy[0]
    if rooms[most] >= new.size:
        return _gathered(_replaced(documents, {most: [*documents[most], new]}), most)
    if sum(rooms) >= new.size:
        pairs = sorted(combinations(roomy, 2), key=lambda pair: -rooms[pair[0]] - rooms[pair[1]])
        groups = (roomy[:count] for count in range(3, len(roomy) + 1))
        as_many = (
            _rearranged(documents, pairs, new)
            or _poured(documents, roomy, new)
            or _rearranged(documents, groups, new)
        )
        if as_many:
            return as_many
    # The document with the most room is filled to the brim, so that no room is lost in it.
    full, rest = _filled([*documents[most], new], ROOM)
    return [*_replaced(documents, {most: full}), rest]


def _gathered(documents: _Documents, changed: int) -> _Documents:
    """The documents, where one that is changed anyway takes over the room that another one leaves.

    Room in one place takes a statement for which several documents with a little room had to be changed.
    """
    rooms = [ROOM - _size(statements) for statements in documents]
    others = (number for number, room in enumerate(rooms) if room and number != changed)
    for other in sorted(others, key=lambda number: -rooms[number]):
        full, rest = _filled([*documents[other], *documents[changed]], ROOM)
        if ROOM - _size(rest) > max(rooms[other], rooms[changed]):
            return _replaced(documents, {other: full, changed: rest})
    return documents


def _in_fewer(documents: _Documents) -> _Documents:
    """All statements in fewer documents, if such are found: that comes before what stays where it is."""
    if sum(map(_size, documents)) > (len(documents) - 1) * ROOM:
        return documents
    left = sorted((each for statements in documents for each in statements), key=lambda each: -each.size)
    fewer: _Documents = []
    while left:
        # The largest first, each with those that fill up its document.
        full, rest = _filled(left[1:], ROOM - left[0].size)
        fewer.append([left[0], *full])
        left = rest
    return fewer if len(fewer) < len(documents) else documents


def _replaced(documents: _Documents, changed: Mapping[int, list[_Sized]]) -> _Documents:
    """The documents with the changed ones in their places, without those that have no statement any more."""
    replaced = (changed.get(number, statements) for number, statements in enumerate(documents))
    return [statements for statements in replaced if statements]


def _rearranged(documents: _Documents, groups: Iterable[Sequence[int]], new: _Sized) -> _Documents | None:
    """The same number of documents: the first group that can share the new statement and its own anew."""
    for group in groups:
        changed: dict[int, list[_Sized]] = {}
        first, *others = (documents[number] for number in group)
        left = [*first, new, *chain.from_iterable(others)]
        if _size(left) > len(group) * ROOM:
            continue
        for number in group:
            changed[number], left = _filled(left, ROOM)
        if not left:
            return _replaced(documents, changed)
    return None


def _poured(documents: _Documents, roomy: Iterable[int], new: _Sized) -> _Documents | None:
    """The same number of documents, with parts of the new statement where there is room."""
    changed: dict[int, list[_Sized]] = {}
    for number in roomy:
        room = ROOM - _size(documents[number])
        if new.size <= room:
            return _replaced(documents, {**changed, number: [*documents[number], new]})
        cut = _cut(new, room)
        if cut is None:
            return None
        part, new = cut
        changed[number] = [*documents[number], part]
    return None


def _filled(statements: Sequence[_Sized], room: int) -> tuple[list[_Sized], list[_Sized]]:
    """Those that fill a room as far as any can, the first of them where others would do too; and the rest."""
    mask = (1 << room + 1) - 1
    # The sums of some of the first statements, as bits.
    sums = list(accumulate(statements, lambda bits, each: bits | bits << each.size & mask, initial=1))
    total = sums[-1].bit_length() - 1
    full, rest = [], []
    for each, without in zip(reversed(statements), sums[-2::-1], strict=True):
        if without >> total & 1:
            rest.append(each)
        else:
            full.append(each)
            total -= each.size
    return full[::-1], rest[::-1]


# ------------------------------------------------------------ statements in pieces


def _earlier_pieces(whole: _Sized, before: _Documents) -> list[_Sized]:
    """The pieces in which a statement stands in earlier documents; none where they are not all of it."""
    everything = [each for statements in before for each in statements if each.size <= ROOM]
    if any(each.text == whole.text for each in everything):
        return [whole]
    parts = [each for each in everything if _is_part(each.statement, whole.statement)]
    return parts if parts and _are_proven(whole.statement, [each.statement for each in parts]) else []


def _cut(whole: _Sized, room: int) -> tuple[_Sized, _Sized] | None:
    """A statement as two, the first of which fills a room: by the longer of its lists, if that can be."""
    lists = {element: list(map(_bytes, items)) for element, items in _lists(whole.statement)}
    for element in sorted(lists, key=lambda element: -sum(lists[element])):
        ends = accumulate(lists[element], initial=whole.size - sum(lists[element]))
        count = sum(end <= room for end in ends) - 1
        if 0 < count < len(lists[element]):
            items = whole.statement[element]
            first, second = ({**whole.statement, element: part} for part in (items[:count], items[count:]))
            return _sized(first), _sized(second)
    return None


def _lists(statement: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """The lists of which a statement may have any part."""
    for element in _DIVISIBLE:
        items = statement.get(element)
        if isinstance(items, list) and items:
            yield element, items


def _pieces(whole: _Sized) -> list[_Sized] | None:
    """As few statements as are found, each small enough for a document; None where there are none."""
    if whole.size <= ROOM:
        return [whole]
    lists = dict(_lists(whole.statement))
    bare = whole.size - sum(_bytes(item) for items in lists.values() for item in items)
    actions, resources = (lists.get(element, []) for element in _DIVISIBLE)
    found: list[tuple[int, int, list[dict[str, Any]]]] = []
    for limit in range(0, ROOM - bare + 1, _STEP):
        of_actions = _parts(actions, limit)
        if of_actions is None:
            continue
        longest = max(sum(map(_bytes, part)) for part in of_actions)
        of_resources = _parts(resources, ROOM - bare - longest)
        if of_resources is None:
            continue
        pieces = [
            {**whole.statement, **{name: part for name, part in zip(_DIVISIBLE, parts, strict=True) if part}}
            for parts in ((some, others) for some in of_actions for others in of_resources)
        ]
        found.append((len(pieces), longest, pieces))
    return list(map(_sized, min(found, key=lambda each: each[:2])[2])) if found else None


def _parts(items: Sequence[Any], room: int) -> list[list[Any]] | None:
    """The items in their order, in parts of so many bytes at most; None where one alone is larger."""
    parts: list[list[Any]] = [[]]
    left = room
    for item in items:
        size = _bytes(item)
        if size > room:
            return None
        if size > left:
            parts.append([])
            left = room
        parts[-1].append(item)
        left -= size
    return parts
