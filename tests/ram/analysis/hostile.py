"""Random documents of at most the size that RAM takes, made to be hard to compare."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import combinations, count
from typing import Any
from unittest.mock import patch

from constructs_lib.ram.access import compare
from constructs_lib.ram.analysis import policy_variables
from constructs_lib.ram.analysis.demands import Demands
from constructs_lib.ram.analysis.pattern_walk import PatternWalk
from constructs_lib.ram.canonical import MAX_DOCUMENT_BYTES, size_of
from constructs_lib.ram.document import PolicyDocument
from tests.ram.test_access import recheck

Draw = random.Random
Form = dict[str, Any]
# Places in patterns, conflicts and values that are looked at: some ten times what any document here takes.
MAX_STEPS = 1_000_000
WORDS = ("long", "end", "ends", "longend", "elong", "gend", "nd", "lo")


def starred(draw: Draw, letters: str = "ab") -> str:
    """A pattern such as `*a?????*b*`."""
    parts = (
        draw.choice(letters) + draw.choice(("?" * draw.randint(1, 7) + "*", "*"))
        for _ in range(draw.randint(1, 4))
    )
    return "*" + "".join(parts)


def long_run(draw: Draw) -> str:
    return f"*a{'?' * draw.randint(1, 60)}*b*"


def worded(draw: Draw) -> str:
    """A pattern such as `*long?end*`, of words that overlap."""
    joined = "".join(
        draw.choice(WORDS) + draw.choice(("?", "??", "*", "*?", "")) for _ in range(draw.randint(1, 4))
    )
    return draw.choice(("*", "*", "?*", "")) + joined + "*"


def scattered(draw: Draw, letters: str = "abcdef") -> str:
    """A pattern such as `*a*b*c*`."""
    return "*" + "".join(f"{draw.choice(letters)}*" for _ in range(draw.randint(2, 5)))


def window(draw: Draw) -> str:
    """A part of one word that has every part of a length once."""
    word = "0000100110101111000"
    size = draw.randint(3, 9)
    at = draw.randint(0, len(word) - size)
    letters = (draw.choice("?????*") if draw.random() < 0.2 else letter for letter in word[at : at + size])
    return f"*{''.join(letters)}*"


def arn(draw: Draw) -> str:
    name = draw.choice(("logs", "day-????????", "team-??", "*-prod", "${acs:UserName}", "photos"))
    path = "/".join(
        draw.choice(("*", "part-???", "${acs:UserName}", "*.gz", "2030-??-??", "raw*"))
        for _ in range(draw.randint(1, 3))
    )
    return f"acs:oss:*:*:{name}/{path}"


def variable(draw: Draw) -> str:
    name = f"${{acs:v{draw.randint(0, 9)}}}"
    shape = draw.choice(("*/{}*", "*{}?*", "a{}/*b*", "*{}", "*{}*a*", "?*{}b", "{}/*/??"))
    return shape.format(name)


def of_terraform(draw: Draw) -> str:
    return starred(draw).replace("b", f"${{var.x{draw.randint(0, 5)}}}", 1)


def condition(draw: Draw, keys: int = 2) -> Form:
    tests = {f"k{draw.randint(0, 30)}": draw.choice(("true", "false")) for _ in range(keys)}
    return {"Condition": {"Bool": tests}}


def mixed_condition(draw: Draw) -> Form:
    """Some of many keys, with operators of every kind."""
    tests: dict[str, dict[str, Any]] = {}
    for _ in range(draw.randint(1, 4)):
        operator, values = draw.choice(
            (
                ("StringLike", [starred(draw), starred(draw)]),
                ("StringNotLike", [scattered(draw)]),
                ("StringNotEquals", [draw.choice("abc")]),
                ("NumericLessThan", [str(draw.randint(0, 50))]),
                ("NumericGreaterThanEquals", [str(draw.randint(0, 50))]),
                ("IpAddress", [f"10.{draw.randint(0, 3)}.0.0/{draw.randint(8, 24)}"]),
                ("NotIpAddress", [f"10.{draw.randint(0, 3)}.{draw.randint(0, 9)}.0/24"]),
                ("DateLessThan", [f"2030-01-{draw.randint(1, 28):02}T00:00:00Z"]),
            )
        )
        tests.setdefault(operator, {})[f"{operator[:8]}{draw.randint(0, 6)}"] = values
    return {"Condition": tests}


def statement(
    draw: Draw,
    pattern: Callable[[Draw], str],
    *,
    most: int,
    excepted: float = 0.2,
    denied: float = 0.35,
    actions: Callable[[Draw], str] | None = None,
) -> Form:
    action, resource = (
        f"{'Not' if draw.random() < excepted else ''}{name}" for name in ("Action", "Resource")
    )
    return {
        "Effect": "Deny" if draw.random() < denied else "Allow",
        action: [(actions or pattern)(draw) for _ in range(draw.randint(1, most))],
        resource: [pattern(draw) for _ in range(draw.randint(1, most))],
    }


def deny(resources: Iterable[str], element: str = "Resource", action: str = "*") -> Form:
    return {"Effect": "Deny", "Action": action, element: list(resources)}


def anywhere(draw: Draw) -> Form:
    return statement(draw, any_action, most=1, excepted=0)


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def any_action(_: Draw) -> str:
    return "*"


def growing(first: Form | None, grow: Callable[[Draw], Form]) -> Callable[[Draw, int], list[Form]]:
    """As many statements as are below a size."""

    def statements(draw: Draw, size: int) -> list[Form]:
        grown = [] if first is None else [first]
        while is_below(size, grown):
            grown.append(grow(draw))
        return grown[:-1] if len(grown) > 1 else grown

    return statements


def is_below(size: int, statements: list[Form]) -> bool:
    """Whether there is room for more; statements that are there already take none, but end, too."""
    return len(statements) < 200 and size_of({"Version": "1", "Statement": statements}).bytes <= size


def at(place: int, letter: str, size: int) -> str:
    return "?" * place + letter + "?" * (size - place - 1)


def satisfiable(draw: Draw, size: int, stars: str = "") -> list[Form]:
    """Clauses of three literals each about the letters of a resource of a length."""
    count = draw.randint(4, max(4, min(24, size // 250)))
    statements = [ALL] + [
        deny([f"{stars}{at(place, letter, count)}{stars}" for letter in "01"], "NotResource")
        for place in range(count)
    ]
    clauses: list[str] = []
    for _ in range((size - 60 - 70 * count) // (count + 4)):
        chosen = dict.fromkeys(draw.sample(range(count), 3))
        clauses.append("".join(draw.choice("01") if place in chosen else "?" for place in range(count)))
    return [*statements, *([deny(clauses)] if clauses else [])]


def satisfiable_by_words(draw: Draw, size: int) -> list[Form]:
    """The same about which words stand in a resource, whatever the order."""
    names = "abcdefghijklmnop"[: draw.randint(4, 16)]
    statements = [ALL, *(deny([f"*{name}0*", f"*{name}1*"], "NotResource") for name in names)]
    while is_below(size - 90, statements):
        chosen = [name + draw.choice("01") for name in draw.sample(names, 3)]
        statements.append(deny([f"*{word}*" for word in chosen], "NotResource"))
        other = draw.sample(names, 2)
        statements.append(deny([f"*{other[0]}{draw.choice('01')}*{other[1]}{draw.choice('01')}*"]))
    return statements[:-2]


def satisfiable_by_keys(draw: Draw, size: int) -> list[Form]:
    keys = draw.randint(4, 16)
    statements: list[Form] = [ALL]
    while is_below(size - 150, statements):
        tests = {f"k{key}": draw.choice(("true", "false")) for key in draw.sample(range(keys), 3)}
        statements.append({**deny("*"), "Condition": {"Bool": tests}})
    return statements


def pigeons(draw: Draw, size: int) -> list[Form]:
    """Each letter of a resource is one of fewer letters than there are places, and none stands twice."""
    count = draw.randint(3, 6)
    holes = "abcdefgh"[: count - 1]
    twice = [
        "".join(letter if place in pair else "?" for place in range(count))
        for pair in combinations(range(count), 2)
        for letter in holes
    ]
    within = [deny([at(place, letter, count) for letter in holes], "NotResource") for place in range(count)]
    return [ALL, *within, deny(twice)]


def ordered(draw: Draw, size: int) -> list[Form]:
    """All of some letters in one resource, and many of their orders denied."""
    letters = "abcdefghij"[: draw.randint(3, 10)]
    statements = [ALL, *(deny([f"*{letter}*"], "NotResource") for letter in letters)]
    orders: list[str] = []
    for _ in range((size - 60 - 60 * len(letters)) // 12):
        chosen = draw.sample(letters, draw.choice((2, 3, 3)))
        orders.append("*" + "*".join(chosen) + "*")
    return [*statements, *([deny(orders)] if orders else [])]


def both_ways(draw: Draw, size: int) -> list[Form]:
    """Variables that help in an Allow and harm in a Deny, and the other way."""
    return growing(
        None, lambda draw: statement(draw, variable, most=6, excepted=0.3, denied=0.4, actions=any_action)
    )(draw, size)


def many_variables(draw: Draw, size: int) -> list[Form]:
    most = draw.randint(2, max(2, size // 80))
    tail = draw.choice(("*", "?*", "*a*"))
    return [
        {
            "Effect": "Allow",
            "Action": draw.choice(("oss:GetObject", "oss:*")),
            "Resource": [f"acs:oss:*:*:*${{acs:v{number}}}{tail}" for number in range(most)],
        }
    ]


FAMILIES: dict[str, Callable[[Draw, int], list[Form]]] = {
    "few patterns": growing(None, lambda draw: statement(draw, starred, most=3)),
    "many patterns": growing(None, lambda draw: statement(draw, starred, most=40)),
    "Allows only": growing(None, lambda draw: statement(draw, starred, most=5, excepted=0, denied=0)),
    "exceptions": growing(None, lambda draw: statement(draw, starred, most=3, excepted=0.5)),
    "long runs of ?": growing(None, lambda draw: statement(draw, long_run, most=3)),
    "words": growing(None, lambda draw: statement(draw, worded, most=4)),
    "words denied": growing(ALL, lambda draw: statement(draw, worded, most=3, excepted=0.5, denied=0.9)),
    "letters": growing(None, lambda draw: statement(draw, scattered, most=4)),
    "letters denied": growing(
        ALL, lambda draw: statement(draw, scattered, most=3, excepted=0.5, denied=0.9, actions=any_action)
    ),
    "windows of a word": growing(None, lambda draw: statement(draw, window, most=4, excepted=0.3)),
    "ARNs": growing(None, lambda draw: statement(draw, arn, most=5, excepted=0.1, actions=starred)),
    "variables": both_ways,
    "many variables": many_variables,
    "values of Terraform": growing(None, lambda draw: statement(draw, of_terraform, most=4)),
    "conditions": growing(None, lambda draw: statement(draw, starred, most=2) | condition(draw)),
    "conditions only": growing(None, lambda draw: anywhere(draw) | condition(draw)),
    "many keys": growing(None, lambda draw: anywhere(draw) | mixed_condition(draw)),
    "keys and patterns": growing(None, lambda draw: statement(draw, starred, most=2) | mixed_condition(draw)),
    "clauses": satisfiable,
    "clauses in a longer text": lambda draw, size: satisfiable(draw, size, "*"),
    "clauses of words": satisfiable_by_words,
    "clauses of keys": satisfiable_by_keys,
    "pigeons": pigeons,
    "orders": ordered,
}  # fmt: skip


def documents(
    family: str, draw: Draw, size: int = MAX_DOCUMENT_BYTES
) -> tuple[PolicyDocument, PolicyDocument]:
    """A document of a family, and the same with another statement; or two of them."""
    while True:
        pair = [{"Version": "1", "Statement": each} for each in changed(FAMILIES[family], draw, size)]
        if all(size_of(form).bytes <= MAX_DOCUMENT_BYTES for form in pair):
            return PolicyDocument.from_json(pair[0]), PolicyDocument.from_json(pair[1])


def decide(family: str, seed: int, size: int = MAX_DOCUMENT_BYTES, most: int = MAX_STEPS) -> None:
    """Compare two documents of a family: it is decided in so many steps, and each witness shows it."""
    before, after = documents(family, Draw(seed), size)
    steps = count()

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            assert next(steps) < most, f"{family} {seed}: more than {most} steps"
            return function(*arguments, **named)

        return call

    with ExitStack() as stack:
        for owner, name in (
            (PatternWalk, "_together"),
            (Demands, "_learn"),
            (policy_variables, "is_matched"),
        ):
            stack.enter_context(patch.object(owner, name, counted(getattr(owner, name))))
        comparison = compare(before, after)
    assert comparison.undecided is None
    recheck(before, after, comparison)


def changed(grow: Callable[[Draw, int], list[Form]], draw: Draw, size: int) -> tuple[list[Form], list[Form]]:
    before = grow(draw, size)
    change = draw.choice(("statement", "pattern", "all", "order"))
    if change == "all":
        return before, grow(draw, size)
    if change == "order":
        return before, [*before[1:], before[0]]
    after = list(before)
    at = draw.randrange(len(after))
    after[at] = (
        draw.choice(grow(draw, max(size // 4, 200))) if change == "statement" else fewer(draw, after[at])
    )
    return before, after


def fewer(draw: Draw, form: Form) -> Form:
    """A statement without one of its patterns, or with another effect."""
    lists = [name for name, items in form.items() if isinstance(items, list) and len(items) > 1]
    if not lists:
        return {**form, "Effect": "Deny" if form["Effect"] == "Allow" else "Allow"}
    name = draw.choice(lists)
    at = draw.randrange(len(form[name]))
    return {**form, name: [*form[name][:at], *form[name][at + 1 :]]}
