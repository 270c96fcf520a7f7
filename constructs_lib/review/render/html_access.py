"""The part of the HTML report that tells what a policy version newly grants."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.ram.access import Grant, Witness
from constructs_lib.ram.risks import OpenedRisk, RiskLevel
from constructs_lib.review import wording as words
from constructs_lib.review.render.markup import Markup, codes, element, joined, table
from constructs_lib.review.report import AccessReview, Level


def access_of(access: AccessReview) -> Iterator[Markup]:
    """The verdict, the risks, and what is granted, refused and lost, each with a request that shows it."""
    yield element("h4", f"Access: {words.verdict(access)}")
    size = words.size(access)
    if size:
        yield element("p", f"Document: {size}.", class_="muted")
    if access.undecided:
        yield element("p", f"Undecided because {access.undecided}. The lists may lack something.")
    if access.risks:
        yield element("h4", f"Risks opened ({len(access.risks)})")
        rows = [_risk(one) for one in access.risks]
        yield table("stack risks", ("risk", "actions", "a request that shows it"), rows)
    yield from _grants("New access", access.gained)
    yield from _grants("Newly refused by Deny", access.newly_refused, is_denial=True)
    yield from _grants("Deny lifted", access.no_longer_refused, is_lost=True, is_denial=True)
    yield from _grants("Access lost", access.lost, is_lost=True)


def _risk(one: OpenedRisk) -> tuple[object, ...]:
    level = Level.ERROR if one.risk.level is RiskLevel.CRITICAL else Level.WARNING
    head = element("span", f"{words.SIGNS[level]} {one.risk.level} {one.risk.id}", class_=f"level {level}")
    together = element("small", "together with ", codes(one.together)) if one.together else None
    return joined([head, f" {one.risk.title}"]), joined([codes(one.actions), together]), _witness(one.witness)


def _grants(
    title: str, grants: tuple[Grant, ...], *, is_lost: bool = False, is_denial: bool = False
) -> Iterator[Markup]:
    if grants:
        yield element("h4", f"{title} ({len(grants):,})")
        heads = ("action", "resource", "condition", "why", "a request that shows it")
        yield table("stack access", heads, [_grant(one, is_lost, is_denial) for one in grants])


def _grant(one: Grant, is_lost: bool, is_denial: bool) -> tuple[object, ...]:
    why = words.REASONS[one.reason][is_lost]
    if is_denial:
        why = "no longer refused" if is_lost else "refused only now"
    if one.is_unusual:
        why += ", only for an unusual resource"
    statement = f"{'old ' if is_lost else ''}Statement[{one.statement}]"
    return (
        _except("every action", one.actions, one.not_actions),
        _except("every resource", one.resources, one.not_resources),
        _condition(one.condition),
        joined([why, element("small", statement)]),
        _witness(one.witness),
    )


def _except(every: str, items: tuple[str, ...], but: tuple[str, ...]) -> Markup:
    return joined([f"{every} but ", codes(but)]) if but else codes(items)


def _condition(condition: Any) -> Markup:
    if not condition:
        return element("span", "none", class_="muted")
    if not (isinstance(condition, Mapping) and all(isinstance(one, Mapping) for one in condition.values())):
        return element("code", json.dumps(condition, ensure_ascii=False, sort_keys=True, default=str))
    lines = [
        element("li", f"{operator} ", element("code", key), " = ", codes(_values(value)))
        for operator, keys in condition.items()
        for key, value in keys.items()
    ]
    return element("ul", *lines)


def _values(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, (list, tuple)) else (str(value),)


def _witness(one: Witness) -> Markup:
    when = [
        joined([element("code", key), " = ", element("code", value)]) for key, value in one.context.items()
    ]
    when += [joined([element("code", key), " is absent"]) for key in one.absent]
    given = [f"{'' if holds else 'not: '}{assumption}" for assumption, holds in one.assuming.items()]
    return joined(
        [
            element("code", one.action),
            " on ",
            element("code", one.resource),
            *[element("small", "and " if number else "when ", part) for number, part in enumerate(when)],
            *[element("small", "assuming ", part) for part in given],
        ]
    )
