"""HTML elements. Markup is only what an element made: every other text is escaped where it comes in."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from functools import lru_cache

from constructs_lib.review import wording as words

_VOID = frozenset({"line", "meta", "path", "rect"})
_MOST_CHARACTERS = 2_000
MOST_ROWS = 60
"""So many rows a table has; the rest is counted."""


class Markup(str):
    """A text that is HTML or SVG, with everything escaped that has to be."""

    __slots__ = ()


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """An element. What is no `Markup` is escaped; None is left out.

    `class_` becomes `class`, `aria_label` becomes `aria-label`; True is an attribute without a value.
    """
    head = [tag]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        head.append(name if value is True else f'{name}="{escaped(value)}"')
    opening = " ".join(head)
    if tag in _VOID:
        return Markup(f"<{opening}/>")
    return Markup(f"<{opening}>{joined(children)}</{tag}>")


def joined(children: Iterable[object]) -> Markup:
    """Elements and texts one after the other."""
    return Markup("".join(escaped(one) for one in children if one is not None))


def escaped(value: object) -> Markup:
    """A text that no browser takes for anything but text, in an element and in an attribute alike."""
    return value if isinstance(value, Markup) else _escaped(str(value))


@lru_cache(4_096)
def _escaped(text: str) -> Markup:
    text = text if text.isprintable() else words.clean(text)
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[:_MOST_CHARACTERS]}… ({len(text) - _MOST_CHARACTERS:,} characters more)"
    return Markup(html.escape(text))


def codes(items: tuple[str, ...], most: int = 12) -> Markup:
    """Names and patterns one after the other, those beyond `most` counted."""
    parts = [
        joined([", " if number else None, element("code", one)]) for number, one in enumerate(items[:most])
    ]
    return joined([*parts, f" and {len(items) - most:,} more" if len(items) > most else None])


def listing(items: Iterable[object]) -> Markup:
    """A list with a bullet for each."""
    return element("ul", *[element("li", one) for one in items], class_="told")


def table(
    kind: str, heads: tuple[str, ...], rows: Sequence[tuple[object, ...]], limit: int | None = MOST_ROWS
) -> Markup:
    """A table of a CSS class; `stack` makes each row a block on a narrow screen, and it keeps its roles.

    `limit`: so many rows are shown; None shows all.
    """
    shown = rows if limit is None else rows[:limit]
    lines = [
        element(
            "tr",
            *[
                element("td", cell, role="cell", data_label=head or None)
                for head, cell in zip(heads, row, strict=True)
            ],
            role="row",
        )
        for row in shown
    ]
    if len(rows) > len(shown):
        more = element("td", f"{len(rows) - len(shown):,} more", role="cell", colspan=len(heads))
        lines.append(element("tr", more, role="row"))
    top = [
        element("th", head or element("span", "level"), role="columnheader", scope="col") for head in heads
    ]
    return element(
        "table",
        element("thead", element("tr", *top, role="row"), role="rowgroup"),
        element("tbody", *lines, role="rowgroup"),
        class_=kind,
        role="table",
    )
