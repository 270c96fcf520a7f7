"""What notices a mutant: questions whose right answers are known, by the oracle or by hand."""

from __future__ import annotations

import os
import random
import re
import resource
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from typing import Any, NamedTuple
from unittest.mock import patch

from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from tests.ram.analysis.mutants import Engine, Mutant, load, plain_engine, turns
from tests.ram.analysis.oracle import (
    TEXTS,
    Cell,
    Request,
    Small,
    allowed,
    cells,
    expected,
    lies_in,
    memberships,
    pairs,
    passes,
    pattern,
    reason,
    request_of,
    written,
)
from tests.ram.analysis.test_conditions import HOLDS, UNKNOWN
from tests.ram.test_access import SAME, UNREADABLE, WIDER

KINDS: dict[str, dict[str, Any]] = {
    "globs": {"action": "ab*", "resource": "ab*"},
    "holes": {"action": "ab*?", "resource": "ab*?"},
    "cases": {"action": "aB*", "resource": "aAb*"},
    "conditions": {"action": "a*", "resource": "b*", "conditions": 2},
}

Question = Callable[[Engine], bool]
MAX_MEMORY = 2 << 30


def one(*conditions: tuple[str, str, tuple[str, ...]], action: str = "a", is_allow: bool = True) -> Small:
    return Small(is_allow, (action,), False, ("*",), False, conditions)


# What chance hardly finds.
RARE: list[tuple[list[Small], list[Small]]] = [
    ([one(action="*a*a*")], [one(action="*a*")]),
    (
        [
            one(("NumericLessThanEquals", "number", ("1",))),
            one(("NumericGreaterThanEquals", "number", ("2",))),
        ],
        [one(("NumericLessThan", "number", ("4",)))],
    ),
    ([one(("StringEquals", "text", ("ab",))), one(("StringNotEquals", "text", ("ab",)))], [one()]),
    ([one(("StringEquals", "text", ("ab",)))], [one(("StringEqualsIgnoreCase", "text", ("ab",)))]),
    ([one(is_allow=False), one(is_allow=False), one(action="b")], [one(action="b")]),
]


class Sides(NamedTuple):
    """Two documents, and what the oracle says of one direction, with case and without."""

    before: list[Small]
    after: list[Small]
    exact: set[Cell]
    folded: set[Cell]


def sides(before: list[Small], after: list[Small], **options: bool) -> Sides:
    exact = expected(before, after, fold=False, **options)
    has_case = any(text != text.lower() for each in (*before, *after) for text in each.resources)
    return Sides(before, after, exact, expected(before, after, fold=True, **options) if has_case else exact)


def grants_the_difference(asked: Sides, side: int) -> Question:
    """Whether the grants of one side are what the oracle says, and their witnesses show it."""
    forms = [written(asked.before).as_written(), written(asked.after).as_written()]

    def ask(engine: Engine) -> bool:
        difference = engine.difference.Difference(*(forms if side else forms[::-1]))
        return is_right(list(difference.grants(side)), asked) and difference.differs(side) is bool(
            asked.exact | asked.folded
        )

    return ask


def is_right(grants: Sequence[Any], asked: Sides) -> bool:
    readings = cells(grants)
    return (
        {cell for cell, reading in readings.items() if reading is not True} == asked.exact
        and {cell for cell, reading in readings.items() if reading is not False} == asked.folded
        and all(
            allowed(asked.after, request_of(grant.witness))
            and not allowed(asked.before, request_of(grant.witness))
            and grant.reason == reason(asked.before, request_of(grant.witness))
            and grant.condition == asked.after[grant.statement].written().conditions
            for grant in grants
        )
    )


def with_work(work: int, question: Question) -> Question:
    """The same where all that is left after so much work is for what takes any number of wildcards."""

    def ask(engine: Engine) -> bool:
        with (
            patch.object(engine.request_space, "MAX_WORK", work),
            patch.object(engine.pattern_index, "_FEW", 0),
        ):
            return question(engine)

    return ask


def grants_what_both_allow(asked: Sides) -> Question:
    forms = (written(asked.before).as_written(), written(asked.after).as_written())

    def ask(engine: Engine) -> bool:
        grants = list(engine.difference.Difference(*forms, meet=True).grants(1))
        return set(cells(grants)) == asked.exact | asked.folded and all(
            allowed(asked.after, request_of(grant.witness))
            and allowed(asked.before, request_of(grant.witness))
            for grant in grants
        )

    return ask


def evaluates(statements: list[Small], requests: Sequence[Request]) -> Question:
    form = written(statements).as_written()
    answers = [allowed(statements, request) for request in requests]

    def ask(engine: Engine) -> bool:
        evaluator = engine.evaluator
        read = evaluator.read(form)
        return answers == [
            evaluator.allowed_by(
                read,
                request.action,
                request.resource,
                dict(request.context),
                {evaluator.ABSENT_KEY: request.absent, evaluator.RESOURCE_CASE: request.fold},
            )
            for request in requests
        ]

    return ask


REQUESTS = [
    Request(action, resource, context, absent, fold)
    for action in ("ab", "B", "")
    for resource in ("a", "Ab", "b")
    for context, absent in (
        ((), True),
        ((), False),
        ((("text", "ab"), ("number", "2"), ("flag", "true"), ("ip", "10.0.0.3")), False),
    )
    for fold in (False, True)
]


def finds_redundant(statements: list[Small]) -> Question:
    """Whether the redundant parts are those of the engine itself, of which `spares_what_it_may` asks."""
    form = written(statements).as_written()
    known = plain_engine().redundancy.redundant_parts(form)

    def ask(engine: Engine) -> bool:
        parts = engine.redundancy.redundant_parts(form)
        return [part.path for part in parts] == [part.path for part in known]

    return ask


def spares_what_it_may(statements: list[Small]) -> bool:
    """Whether the engine's redundant parts can go, and no other statement can, by the oracle."""
    parts = plain_engine().redundancy.redundant_parts(written(statements).as_written())
    left = without(statements, [part.path for part in parts])
    fewer = (left[:index] + left[index + 1 :] for index in range(len(left)) if len(left) > 1)
    return means_the_same(statements, left) and not any(means_the_same(left, each) for each in fewer)


def means_the_same(before: list[Small], after: list[Small]) -> bool:
    """Whether both allow the same, and deny the same."""
    denials = [
        [each._replace(is_allow=True) for each in statements if not each.is_allow]
        for statements in (before, after)
    ]
    return not any(
        expected(old, new, fold=fold)
        for old, new in ((before, after), (after, before), denials, denials[::-1])
        for fold in (False, True)
    )


def without(statements: Sequence[Small], paths: Iterable[str]) -> list[Small]:
    """The statements without some parts of them."""
    left: list[Small | None] = list(statements)
    for path in sorted(paths, reverse=True):
        index, _, rest = path.removeprefix("Statement[").partition("]")
        statement = left[int(index)]
        element, _, position = rest.removeprefix(".").rstrip("]").partition("[")
        if not element or statement is None:
            left[int(index)] = None
            continue
        is_action = element.endswith("Action")
        items = list(statement.actions if is_action else statement.resources)
        del items[int(position)]
        fewer = tuple(items)
        left[int(index)] = (
            statement._replace(actions=fewer) if is_action else statement._replace(resources=fewer)
        )
    return [statement for statement in left if statement is not None]


def proves_equivalence(before: list[Small], after: list[Small]) -> Question:
    forms = (written(before).as_written(), written(after).as_written())
    answer = means_the_same(before, after)

    def ask(engine: Engine) -> bool:
        return engine.redundancy.is_proven_equivalent(*forms) is answer

    return ask


def finds_actions(before: list[Small], after: list[Small], actions: Sequence[str]) -> Question:
    """Whether those actions have a witness that are newly allowed on something."""
    forms = (written(before).as_written(), written(after).as_written())
    everything_but = {action: Small(False, (action,), True, ("*",), False) for action in actions}
    new = {
        action
        for action, deny in everything_but.items()
        if any(expected(before, [*after, deny], fold=fold) for fold in (False, True))
    }

    def ask(engine: Engine) -> bool:
        witnesses = dict(engine.difference.Difference(*forms).witnesses(1, actions))
        return set(witnesses) == new and all(
            allowed(after, request_of(witness)) and not allowed(before, request_of(witness))
            for witness in witnesses.values()
        )

    return ask


def changes(before: PolicyDocument, after: PolicyDocument, gains: bool, loses: bool) -> Question:
    """Whether a change by hand gives something, and takes something away."""
    forms = (before.as_written(), after.as_written())

    def ask(engine: Engine) -> bool:
        difference = engine.difference.Difference(*forms)
        return all(
            bool(list(difference.grants(side))) is difference.differs(side) is expected
            for side, expected in ((1, gains), (0, loses))
        )

    return ask


def shows_every_class(tests: Sequence[Sequence[Any]], universe: Sequence[str]) -> Question:
    """Whether the values of a key show each combination of tests that some value of a universe shows."""

    def ask(engine: Engine) -> bool:
        of = [engine.conditions.ConditionTest(*test) for test in tests]
        values = engine.conditions.values_for(of, "!")
        return {tuple(test.holds(value) for test in of) for value in values} >= {
            tuple(passes(operator, tuple(wanted), value) for operator, _, wanted in tests)
            for value in universe
        }

    return ask


def answers(statement: PolicyStatement, request: tuple[Any, ...], answer: bool | None) -> Question:
    """Whether a document of one statement says this of a request; None where nobody knows."""
    form = PolicyDocument([statement]).as_written()

    def ask(engine: Engine) -> bool:
        evaluator = engine.evaluator
        action, resource, context, absent = (*request, {}, None)[:4]
        assuming = {} if absent is None else {evaluator.ABSENT_KEY: absent}
        return evaluator.allowed_by(evaluator.read(form), action, resource, context, assuming) is answer

    return ask


def refuses(form: Any) -> Question:
    """Whether a document is not read."""

    def ask(engine: Engine) -> bool:
        try:
            engine.evaluator.read(form)
        except engine.evaluator.UnreadableError:
            return True
        return False

    return ask


def assumes(statement: PolicyStatement) -> Question:
    """Whether what is not known of a statement has to hold for it to apply."""
    forms = [PolicyDocument(statements).as_written() for statements in ([], [statement])]

    def ask(engine: Engine) -> bool:
        (grant,) = engine.difference.Difference(*forms).grants(1)
        return list(grant.witness.assuming.values()) == [True]

    return ask


def tells_usual_from_unusual(engine: Engine) -> bool:
    """Whether only what an odd resource alone shows is unusual."""
    before = PolicyDocument([allow("oss:*", "acs:oss:*:*:*")])
    after = PolicyDocument(
        [
            allow("oss:*"),
            allow("ecs:Run*", "acs:ecs:*:*:instance/*"),
            allow("log:*", "acs:oss:*:*:x"),
            allow("*", "b"),
        ]
    )
    grants = engine.difference.Difference(before.as_written(), after.as_written()).grants(1)
    return [grant.is_unusual for grant in grants] == [True, False, False, True]


def witnesses(before: list[PolicyStatement], after: list[PolicyStatement], **parts: Any) -> Question:
    """Whether the one witness of a change has these parts."""
    forms = [PolicyDocument(statements).as_written() for statements in (before, after)]

    def ask(engine: Engine) -> bool:
        (grant,) = engine.difference.Difference(*forms).grants(1)
        witness = grant.witness
        found = {
            "absent": witness.absent,
            "is_usual": witness.resource.startswith("acs:"),
            "assumed": list(witness.assuming.values()),
        }
        return all(found[name] == part for name, part in parts.items())

    return ask


def fills_in_one_value(before: list[str], after: list[str], shape: str) -> Question:
    """Whether the resource of the one witness of a change is of a shape in which a variable is one value."""
    forms = [PolicyDocument([allow(resources=resources)]).as_written() for resources in (before, after)]

    def ask(engine: Engine) -> bool:
        (grant,) = engine.difference.Difference(*forms).grants(1)
        return re.fullmatch(shape, grant.witness.resource) is not None

    return ask


def tells_what_can_be(engine: Engine) -> bool:
    """Whether variables may have values with which a resource lies in some patterns and in none of others."""
    evaluator = engine.evaluator
    return all(
        engine.policy_variables.can_be(
            engine.grants.Witness(
                "a",
                resource,
                {},
                (),
                {
                    evaluator.Assumption(evaluator.About.RESOURCE, pattern): holds
                    for patterns, holds in ((matching, True), (others, False))
                    for pattern in patterns
                },
            )
        )
        is answer
        for resource, matching, others, answer in POSSIBLE
    )


def finds_texts(engine: Engine) -> bool:
    """Whether a walk finds a text wherever there is one, and else tells patterns that leave none."""
    draw = random.Random(5)
    for _ in range(400):
        inside, outside = (
            ["", *(pattern(draw, "ab**?") for _ in range(draw.randint(1, most)))][1:] for most in (3, 5)
        )
        walk = engine.pattern_walk.PatternWalk(outside, "x")
        found = walk.find(inside, range(len(outside)))
        guilty = range(len(outside)) if isinstance(found, str) else found
        every = memberships((*inside, *(outside[number] for number in guilty)), "ab!")
        is_there = any(all(each[: len(inside)]) and not any(each[len(inside) :]) for each in every)
        if is_there is not isinstance(found, str):
            return False
        if isinstance(found, str) and not all(lies_in(each, found) for each in inside):
            return False
        text = "".join(draw.choice("abx") for _ in range(draw.randint(0, 5)))
        if walk.matching(text) != [at for at, each in enumerate(outside) if lies_in(each, text)]:
            return False
    return isinstance(engine.pattern_walk.PatternWalk(["*ab"], "x").find(["*a*?", "*"], [0]), str)


def makes_demands(engine: Engine) -> bool:
    """Whether demands are made wherever they can be met, and only such as are met, by trying all."""
    draw = random.Random(9)
    for _ in range(150):
        demands, count = engine.demands.Demands(), draw.randint(3, 9)
        rules: list[tuple[list[int], list[int]]] = []  # all of some lead to one of others
        for _ in range(draw.randint(4, 30)):
            first, *others = (draw.randrange(count) for _ in range(draw.randint(1, 4)))
            if draw.random() < 0.5:
                demands.need(first, others)
                rules.append(([first], others))
            else:
                demands.forbid(dict.fromkeys([first, *others]))
                rules.append(([first, *others], []))
            wanted = {draw.randrange(count), draw.randrange(count)}
            fits = [
                made
                for made in map(set, product_of_sets(count))
                if wanted <= made
                and all(made.issuperset(some) <= (not made.isdisjoint(led)) for some, led in rules)
            ]
            made = demands.choose(sorted(wanted))
            if made is None if fits else made is not None:
                return False
            if made is not None and set(made) not in fits:
                return False
    return True


def product_of_sets(count: int) -> Iterator[list[int]]:
    return ([at for at in range(count) if bits >> at & 1] for bits in range(1 << count))


def remembers_only_what_is_impossible(engine: Engine) -> bool:
    form = PolicyDocument([allow(resources=["a*", "b*", "a?*"])]).as_written()
    space = engine.request_space.RequestSpace(engine.evaluator.read(form))
    finder = engine.request_finder.TextFinder(space, space.readings[0])
    sought = engine.request_finder.Sought
    both, first = (
        sought(frozenset(inside), frozenset(outside))
        for inside, outside in ((["a*", "b*"], []), (["a*"], [2]))
    )
    answers = [finder.text(each) for each in (both, first)]
    return answers == [both, "a"]


def leaves_what_is_too_much_work(engine: Engine) -> bool:
    form = PolicyDocument([allow(["a", "a"])] * 2).as_written()
    redundancy = engine.redundancy
    return bool(redundancy.redundant_parts(form)) and not redundancy.redundant_parts(form, work=1)


def gives_no_proof_of_what_it_cannot_read(engine: Engine) -> bool:
    return engine.redundancy.is_proven_equivalent(MALFORMED[0], MALFORMED[0]) is False


def holds(operator: str, values: Sequence[Any], value: str, answer: bool | None) -> Question:
    def ask(engine: Engine) -> bool:
        return engine.conditions.ConditionTest(operator, "k", values).holds(value) is answer

    return ask


# ------------------------------------------------------------ by hand

DAYS = [f"2030-01-{day:02}T{hour:02}:00:00Z" for day in range(1, 9) for hour in (0, 12)]
VALUES: list[tuple[list[tuple[str, str, tuple[str, ...]]], list[str]]] = [
    (
        [
            ("StringEquals", "k", ("ab", "AB")),
            ("StringEqualsIgnoreCase", "k", ("AB",)),
            ("StringLike", "k", ("a*", "?b*", "*c")),
            ("StringNotLike", "k", ("*b?",)),
        ],
        TEXTS,
    ),
    ([("StringEqualsIgnoreCase", "k", ("a",)), ("StringEquals", "k", ("a", "A"))], TEXTS),
    ([("StringEquals", "k", ("a*",)), ("StringLike", "k", ("a?",))], ["a*", "ab", "a"]),
    ([("NumericGreaterThan", "k", ("1",)), ("NumericLessThan", "k", ("2",))], ["0", "1.5", "3"]),
    (
        [
            ("DateGreaterThan", "k", ("2030-01-02T00:00:00Z",)),
            ("DateLessThan", "k", ("2030-01-03T00:00:00Z",)),
        ],
        DAYS,
    ),
    ([("Bool", "k", ("true",)), ("StringEquals", "k", ("TRUE",))], ["true", "TRUE", "false", "x"]),
    ([("StringEquals", "k", ("true",)), ("Bool", "k", ("false",))], ["true", "TRUE", "false", "False"]),
    (
        [
            ("NumericLessThan", "k", ("1",)),
            ("NumericGreaterThan", "k", ("2", "5")),
            ("NumericEquals", "k", ("9",)),
        ],
        [str(half / 2) for half in range(-3, 25)],
    ),
    (
        [
            ("DateLessThan", "k", ("2030-01-02T00:00:00Z",)),
            ("DateGreaterThan", "k", ("2030-01-03T00:00:00Z", "2030-01-05T00:00:00Z")),
            ("DateEquals", "k", ("2030-01-06T00:00:00Z",)),
        ],
        DAYS,
    ),
    (
        [("IpAddress", "k", ("10.0.0.0/30", "10.0.0.4/31")), ("NotIpAddress", "k", ("10.0.0.2/31",))],
        ["9.9.9.9", *(f"10.0.0.{last}" for last in range(9)), "::1"],
    ),
]


# A resource, patterns that it shall lie in, others that it shall not, and whether it can be.
A, B = "${acs:A}", "${acs:B}"
POSSIBLE: list[tuple[str, list[str], list[str], bool]] = [
    ("ab", [A], [], True),
    ("ab", [A], [f"{A}*"], False),
    ("ab", [f"{A}*"], [f"{A}b"], True),
    ("aa", [A + A], [], True),
    ("ab", [A + A], [], False),
    ("abcd", [A + A + B + B], [], False),
    ("aabb", [A + A + B + B], [], True),
    ("aab", [A + A + B, B + "*"], [], True),
    ("baab", [A + B, f"*{B}*{B}"], [f"{A}*ab"], True),
    ("ab", [A + B, f"{B}*"], [B + A], False),
]


def allow(actions: Any = "a", resources: Any = "*", **others: Any) -> PolicyStatement:
    return PolicyStatement(**{"effect": "Allow", "actions": actions, "resources": resources, **others})


UNKNOWN_EFFECT = allow("a:x", effect="${var.effect}")
ANSWERS: list[tuple[PolicyStatement, tuple[Any, ...], bool | None]] = [
    (allow("oss:${var.x}"), ("oss:Get", "x"), None),
    (allow("oss:${var.x}"), ("ecs:Get", "x"), False),
    (allow(["oss:Get", "oss:${var.x}"]), ("oss:Get", "x"), True),
    (allow(resources="a/${var.x}"), ("a", "a/b"), None),
    (allow(resources=None), ("a", "x"), None),
    (allow(resources="A"), ("a", "a"), False),
    (allow(conditions={"&{TfToken[TOKEN.1]}": "a map token"}), ("a", "x"), None),
    (allow(conditions={"StringEquals": {"&{TfToken[TOKEN.1]}": "a map token"}}), ("a", "x"), None),
    (allow(None, not_actions="${var.x}"), ("a", "x"), None),
    (allow(principal={"RAM": "x"}), ("a", "x"), None),
    (allow(conditions={"${var.x}": {"k": "v"}}), ("a", "x"), None),
    (allow(conditions={"Null": {"k": "true"}}), ("a", "x"), None),
    (allow(conditions={"StringNotEquals": {"k": "v"}}), ("a", "x"), None),
    (allow(conditions={"StringNotEquals": {"k": "v"}}), ("a", "x", {}, True), True),
    (allow(conditions={"StringEquals": {"k": "v"}}), ("a", "x", {}, True), False),
    (allow(conditions={"StringEquals": {"k": "v"}}), ("a", "x", {"k": "v"}), True),
    (UNKNOWN_EFFECT, ("a:x", "x"), None),
    (UNKNOWN_EFFECT, ("a:y", "x"), False),
]
CHANGES: list[tuple[list[PolicyStatement], list[PolicyStatement], bool, bool]] = [
    ([allow("a:*")], [allow("a:*"), UNKNOWN_EFFECT], False, True),
    ([], [UNKNOWN_EFFECT], True, False),
    ([UNKNOWN_EFFECT], [UNKNOWN_EFFECT], False, False),
    ([allow(principal={"RAM": "x"})], [allow(principal={"RAM": "y"})], True, True),
    ([allow(principal={"RAM": "x"})], [allow()], True, False),
    ([allow("a:${var.x}")], [allow("a:${var.y}")], True, True),
    ([allow(["a:${var.x}", "a:b"])], [allow("a:b")], False, True),
    ([allow(resources="a/${var.x}")], [allow(resources=["a/${var.x}", "a/?"])], True, False),
    ([allow(None, not_actions="a:${var.x}")], [allow("*")], True, False),
    ([allow(None, not_actions=["a:${var.x}", "b:c"])], [allow(None, not_actions="a:${var.x}")], True, False),
    ([allow(resources=None)], [allow()], True, False),
    ([allow(resources="h/${acs:A}/*")], [allow(resources="h/${acs:A}/d/*")], False, True),
    ([allow(resources="h/${acs:A}/*")], [allow(resources="h/${acs:B}/d/*")], True, True),
    ([allow("a:${var.x}*")], [allow("A:${var.x}y*")], False, True),
    ([allow(resources="${acs:A}\ue001*")], [allow(resources="${acs:A}${acs:B}\ue001")], True, True),
    ([allow("*", "${var.x}*")], [allow("${var.x}y")], True, True),
    ([allow(principal="*")], [allow(principal="x")], True, True),
    ([allow(resources="${var.x}/?")], [allow(resources="${var.x}/${var.y}")], True, True),
    ([allow("${var.x}y")], [allow(resources="${var.x}y")], True, True),
    ([allow(["a:${var.x}", "b:${var.z}"])], [allow(["a:${var.x}", "b:${var.y}"])], True, True),
    (
        [allow(resources=["a:${var.x}", "b:${var.z}"])],
        [allow(resources=["a:${var.x}", "b:${var.y}"])],
        True,
        True,
    ),
    (
        [
            allow(conditions={"StringNotLike": {"j": "*", "k": "*"}}),
            allow(conditions={"StringLike": {"j": "*"}}),
        ],
        [allow(conditions={"StringNotLike": {"k": "*"}})],
        False,
        True,
    ),
    ([allow(resources=["a", "a?", "a???*"])], [allow(resources="a*")], True, False),
    ([allow(conditions={"Bool": {"k": value}}) for value in ("true", "false")], [allow()], True, False),
    ([allow(conditions={"Null": {"k": "true"}})], [allow(conditions={"Null": {"k": "false"}})], True, True),
]
TRUE, FALSE = ({"Bool": {"k": value}} for value in ("true", "false"))
WITNESSES: list[Any] = [
    ([allow(conditions=TRUE)], [allow(), allow(effect="Deny", conditions=FALSE)], {"absent": ("k",)}),
    *(
        ([allow("oss:*", resource)], [allow("oss:*")], {"is_usual": True, "assumed": [False]})
        for resource in ("${var.arn}", "acs:oss:*:*:${var.bucket}*")
    ),
    (
        [allow("oss:*", "acs:oss:*:*:*"), allow("ecs:*", "acs:ecs:*:*:${var.a}")],
        [allow("oss:*"), allow("ecs:*", "acs:ecs:*:*:${var.a}")],
        {"is_usual": False, "assumed": []},
    ),
]
VARIABLES = [
    (["x"], ["${acs:A}?${acs:A}"], r"(.*).\1"),
    (["?${acs:A}"], ["?${acs:A}", "${acs:A}?${acs:A}"], r"(.*).\1"),
    (["x"], ["b${acs:A}a${acs:A}"], r"b(.*)a\1"),
    (["*${acs:A}b*"], ["*${acs:A}b*", "a${acs:A}/${acs:A}"], r"a(.*)/\1"),
    (["x"], ["${acs:A}/${acs:B}/${acs:B}/${acs:A}"], r"(.*)/(.*)/\2/\1"),
]
ASSUMED = [
    allow(principal={"RAM": "x"}),
    allow(conditions={"Null": {"k": "true"}}),
    allow(conditions={"StringEquals": "${var.x}"}),
    allow(conditions="${var.x}"),
]
MALFORMED = [
    {"Statement": [form]}
    for form in (
        "text",
        {"Effect": "Allow", "Action": "a", "Resource": "b", "Condtion": {}},
        {"Effect": "Allow", "Action": ["a", 5], "Resource": "b"},
        {"Effect": "Allow", "Action": "a", "Resource": "b", "Condition": {"Bool": {"k": []}}},
        {"Effect": "Allow", "Action": "a", "Resource": "b", "Condition": {"Bool": {5: "true"}}},
    )
]


@cache
def by_hand() -> list[Question]:
    return [
        *(changes(*documents, False, False) for documents in SAME.values()),
        *(changes(*documents, True, False) for documents in WIDER.values()),
        *(changes(PolicyDocument(old), PolicyDocument(new), *sides) for old, new, *sides in CHANGES),
        *(
            with_work(0, changes(PolicyDocument(old), PolicyDocument(new), *sides))
            for old, new, *sides in CHANGES
        ),
        *(shows_every_class(*each) for each in VALUES),
        *(answers(*each) for each in ANSWERS),
        *(holds(*each) for each in HOLDS),
        *(holds(operator, values, "a", None) for operator, values in UNKNOWN),
        *(holds("StringEquals", [value], value, None) for value in ("${x}", "%{x}", "#{TfToken[1]}")),
        holds("StringEquals", ["{x}"], "{x}", True),
        *map(assumes, ASSUMED),
        *(fills_in_one_value(*each) for each in VARIABLES),
        *map(refuses, MALFORMED),
        tells_usual_from_unusual,
        leaves_what_is_too_much_work,
        finds_texts,
        tells_what_can_be,
        makes_demands,
        remembers_only_what_is_impossible,
        *(witnesses(*documents, **parts) for *documents, parts in WITNESSES),
        gives_no_proof_of_what_it_cannot_read,
        *(refuses(document.as_written()) for document in UNREADABLE.values()),
    ]


# ------------------------------------------------------------ all of them


def documents(count: int) -> list[tuple[list[Small], list[Small]]]:
    """The kinds take turns, so that most mutants are noticed soon."""
    drawn = [pairs(31, count, **kind) for kind in KINDS.values()]
    return [*RARE, *chain.from_iterable(zip(*drawn, strict=True))]


@cache
def questions(count: int) -> list[Question]:
    """What is asked about so many pairs of documents of each kind, and what was written by hand."""
    asked = by_hand()
    for before, after in documents(count):
        asked = [
            *asked,
            grants_the_difference(sides(before, after), 1),
            grants_the_difference(sides(after, before), 0),
            grants_what_both_allow(sides(before, after, meet=True)),
            with_work(20, grants_the_difference(sides(before, after), 1)),
            with_work(0, grants_the_difference(sides(before, after), 1)),
            with_work(0, grants_what_both_allow(sides(before, after, meet=True))),
            finds_redundant(before),
            finds_actions(before, after, ("a", "B", "ba")),
            proves_equivalence(before, after),
            evaluates(after, REQUESTS),
        ]
    return asked


def is_noticed(mutant: Mutant, count: int) -> bool:
    """Whether some answer of a mutant is wrong; an error is no answer. It runs apart, with bounded memory."""
    questions(count)  # made once, by the right engine
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        is_right = False
        with suppress(Exception):
            is_right = is_right_in_all(load(mutant), count)
        os._exit(0 if is_right else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def is_right_in_all(engine: Engine, count: int) -> bool:
    for ask in questions(count):
        turns.reset()
        if not ask(engine):
            return False
    return True
