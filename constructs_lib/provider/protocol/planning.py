"""Planning: what a resource will be, given its configuration and what it was.

Terraform accepts a plan only where every value set in the configuration comes back as it is (or as the prior
state wrote it), and shows a diff for every other value that moves. So:

* a null gets its default; a computed null keeps the prior value, or is unknown where there is none;
* a value that means the same as the prior one stays as the state wrote it;
* an element of a list or set that did not change keeps its computed values wherever it moves; those of a
  changed element are unknown;
* nested blocks are never null.

`here` is the prior value in the same place, which Terraform lets a plan repeat. `kept` is the prior value
whose computed values stay: the same one, that of an element which moved, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple, Protocol

from constructs_lib.provider.protocol.schema import (
    Attribute,
    Block,
    Nesting,
    Schema,
    SchemaBody,
    elements_of,
    inner_body,
    nesting_of,
)
from constructs_lib.provider.protocol.values import UNKNOWN, Path, holds_unknown

Same = Callable[[Any, Any], bool]


class Node(Protocol):
    """One place of a schema, ready for planning."""

    def plan(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        """The planned value. `settled`: computed values come from `kept` instead of being unknown."""

    def equal(self, config: Any, prior: Any) -> bool:
        """Whether the configuration changes nothing about the prior value, computed ones left aside."""

    def respell(self, new: Any, old: Any) -> Any:
        """`new`, neither null, where what only differs in writing from `old` in its place is written so."""


class Leaf:
    """An attribute without flags inside."""

    def __init__(self, attribute: Attribute) -> None:
        self.computed, self.default, self.meaning = attribute.computable, attribute.default, attribute.same
        self.unordered, self.fillers = attribute.value_type.kind == "set", attribute.fillers

    def plan(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        if config is None:
            if self.default is None:
                return (kept if settled else UNKNOWN) if self.computed else None
            config = deepcopy(self.default)
        return here if here is not None and self.equal(config, here) else config

    def equal(self, config: Any, prior: Any) -> bool:
        if (config is None or config in self.fillers) and self.default is None:
            return self.computed or self.same(None, prior)
        return self.same(config, prior)

    def respell(self, new: Any, old: Any) -> Any:
        return old if self.meaning is not None and _mean_the_same(self.meaning, new, old) else new

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values mean the same; what is not known means nothing yet."""
        one, other = (
            self.default if value is None or value in self.fillers else value for value in (one, other)
        )
        if one is None or other is None:
            return one is other
        if one == other:
            return True
        if self.unordered and _same_elements(one, other):
            return True
        return self.meaning is not None and _mean_the_same(self.meaning, one, other)


class BodyNode:
    """Attributes and blocks: one element of a nested thing, or the whole resource."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = list(nodes.items())

    def plan(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        if config is None or config is UNKNOWN:
            return config
        prior, known = (here or {}).get, (kept or {}).get
        own = config.get
        return {name: node.plan(own(name), prior(name), known(name), settled) for name, node in self.nodes}

    def equal(self, config: Any, prior: Any) -> bool:
        if config is UNKNOWN or config is None or prior is None:
            return config is prior
        return all(node.equal(config.get(name), prior.get(name)) for name, node in self.nodes)

    def respell(self, new: Any, old: Any) -> Any:
        if not isinstance(new, dict) or not isinstance(old, dict):
            return new
        result = dict(new)
        for name, node in self.nodes:
            now, before = new.get(name), old.get(name)
            if now is not None and before is not None and before is not UNKNOWN and now != before:
                result[name] = node.respell(now, before)
        return result


class Nest:
    """A nested block or attribute; the subclasses know how elements of prior and configuration meet."""

    def __init__(self, node: Attribute | Block, element: BodyNode) -> None:
        self.element = element
        self.computed = isinstance(node, Attribute) and node.computable
        self.default = node.default if isinstance(node, Attribute) else None
        self.empty: list[Any] | None = (
            [] if isinstance(node, Block) and node.nesting is not Nesting.SINGLE else None
        )

    def plan(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        if config is None:
            if self.default is None:
                if self.computed:
                    return kept if settled else UNKNOWN
                return deepcopy(self.empty)
            config = deepcopy(self.default)
        if config is UNKNOWN:
            return UNKNOWN
        return self.elements(config, here, kept, settled)

    def equal(self, config: Any, prior: Any) -> bool:
        if config is None:
            if self.default is None:
                return self.computed or prior is None or prior == self.empty
            config = self.default
        if config is UNKNOWN or prior is None:
            # Blocks have no null: none of them and an empty list are the same.
            return bool(config == self.empty)
        return self.all_equal(config, prior)

    def respell(self, new: Any, old: Any) -> Any:
        return self.element.respell(new, old)

    def elements(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        raise NotImplementedError

    def all_equal(self, config: Any, prior: Any) -> bool:
        raise NotImplementedError


class Single(Nest):
    def elements(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        unchanged = settled and self.element.equal(config, kept)
        return self.element.plan(config, here, kept if unchanged else None, unchanged)

    def all_equal(self, config: Any, prior: Any) -> bool:
        return self.element.equal(config, prior)


class ByKey(Nest):
    def elements(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        planned = {}
        for key, element in config.items():
            prior = (kept or {}).get(key)
            unchanged = settled and prior is not None and self.element.equal(element, prior)
            partner = prior if unchanged else None
            planned[key] = self.element.plan(element, (here or {}).get(key), partner, unchanged)
        return planned

    def respell(self, new: Any, old: Any) -> Any:
        if not isinstance(new, dict):
            return new
        return {key: self.element.respell(now, old.get(key)) for key, now in new.items()}

    def all_equal(self, config: Any, prior: Any) -> bool:
        return config.keys() == prior.keys() and all(
            self.element.equal(element, prior[key]) for key, element in config.items()
        )


class Sequence(Nest):
    def respell(self, new: Any, old: Any) -> Any:
        if not isinstance(new, list | tuple):
            return new
        beside = [*old, *[None] * len(new)]
        return [self.element.respell(now, before) for now, before in zip(new, beside, strict=False)]

    def elements(self, config: Any, here: Any, kept: Any, settled: bool) -> Any:
        kept = kept or []
        partners: list[int | None] = [None] * len(config)
        if settled:
            partners = self.partners(config, kept)
        planned = []
        for beside, element, partner in zip(self.beside(config, here), config, partners, strict=True):
            prior = None if partner is None else kept[partner]
            planned.append(self.element.plan(element, beside, prior, partner is not None))
        return self.arranged(planned, kept, partners)

    def beside(self, config: list[Any], here: list[Any] | None) -> list[Any]:
        """For each element the prior one in its place."""
        here = here or []
        return [*here[: len(config)], *[None] * (len(config) - len(here))]

    def arranged(self, planned: list[Any], kept: list[Any], partners: list[int | None]) -> list[Any]:
        """The planned elements in the order in which they are written."""
        return planned

    def partners(self, config: list[Any], prior: list[Any]) -> list[int | None]:
        """For each element the place of the equal prior one, its own place first; each is given once."""
        found: list[int | None] = [
            place if place < len(prior) and self.element.equal(element, prior[place]) else None
            for place, element in enumerate(config)
        ]
        free = [place for place in range(len(prior)) if place >= len(found) or found[place] is None]
        for place, element in enumerate(config):
            if found[place] is None:
                match = next((other for other in free if self.element.equal(element, prior[other])), None)
                if match is not None:
                    found[place] = match
                    free.remove(match)
        return found

    def all_equal(self, config: Any, prior: Any) -> bool:
        return len(config) == len(prior) and all(map(self.element.equal, config, prior))


class Unordered(Sequence):
    """A set. Its elements have no place, so nothing is `here`; an unchanged one comes as the state has it."""

    def beside(self, config: list[Any], here: list[Any] | None) -> list[Any]:
        return [None] * len(config)

    def arranged(self, planned: list[Any], kept: list[Any], partners: list[int | None]) -> list[Any]:
        if len(planned) != len(kept) or None in partners:
            return planned
        # In the order of the state, so that a set which did not change compares equal to itself.
        order = sorted(range(len(planned)), key=lambda place: partners[place] or 0)
        return [planned[place] for place in order]

    def respell(self, new: Any, old: Any) -> Any:
        return new

    def all_equal(self, config: Any, prior: Any) -> bool:
        return len(config) == len(prior) and None not in self.partners(config, prior)


_NESTS: dict[Nesting, type[Nest]] = {
    Nesting.SINGLE: Single,
    Nesting.LIST: Sequence,
    Nesting.SET: Unordered,
    Nesting.MAP: ByKey,
}


def compile_body(body: SchemaBody) -> BodyNode:
    """The nodes of a body, made once per schema."""
    nodes: dict[str, Node] = {}
    for name, node in body.items():
        nesting = nesting_of(node)
        if nesting is not None:
            nodes[name] = _NESTS[nesting](node, compile_body(inner_body(node)))
        elif isinstance(node, Attribute):
            nodes[name] = Leaf(node)
    return BodyNode(nodes)


class Plan(NamedTuple):
    """The answer to Terraform: the planned value, and whether anything about the resource changes."""

    value: dict[str, Any]
    changed: frozenset[str]


class Planner:
    """Plans the resources of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._body = compile_body(schema.body)
        self._followers = {
            name: node
            for name, node in schema.body.items()
            if isinstance(node, Attribute) and (node.follows or not node.keep)
        }
        self._forcing = {name: node for name, node in schema.body.items() if _forces(node)}

    def plan(self, config: dict[str, Any], prior: dict[str, Any] | None) -> Plan:
        """The plan for a new resource (`prior` None) or an existing one."""
        value: dict[str, Any] = self._body.plan(config, prior, prior, prior is not None)
        if prior is None:
            return Plan(value, frozenset(value))
        changed = {name for name, planned in value.items() if planned != prior.get(name)}
        self._follow(config, value, changed)
        return Plan(value, frozenset(changed))

    def respell(self, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """`new`, where each value that only differs in writing from the `old` one in its place is written
        so."""
        result: dict[str, Any] = self._body.respell(new, old)
        return result

    def _follow(self, config: dict[str, Any], value: dict[str, Any], changed: set[str]) -> None:
        """Make computed values unknown that change with others, until no more do."""
        waiting = dict(self._followers) if changed - {"timeouts"} else {}
        moved = True
        while moved:
            moved = False
            for name, attribute in list(waiting.items()):
                if not attribute.keep or changed.intersection(attribute.follows):
                    del waiting[name]
                    if config.get(name) is None and attribute.default is None:
                        value[name] = UNKNOWN
                        changed.add(name)
                        moved = True

    def replacements(self, planned: dict[str, Any], prior: dict[str, Any]) -> list[Path]:
        """Where the change cannot be made in place."""
        paths: list[Path] = []
        for name, node in self._forcing.items():
            _find_forced(node, prior.get(name), planned.get(name), (name,), paths)
        return paths


def _forces(node: Attribute | Block) -> bool:
    if isinstance(node, Attribute) and node.force_new:
        return True
    return any(_forces(inner) for inner in inner_body(node).values())


def _find_forced(node: Attribute | Block, prior: Any, planned: Any, path: Path, found: list[Path]) -> None:
    if planned == prior:
        return
    nesting = nesting_of(node)
    whole = (isinstance(node, Attribute) and node.force_new) or nesting is Nesting.SET
    if whole or planned is UNKNOWN:
        found.append(path)
        return
    forcing = {name: inner for name, inner in inner_body(node).items() if _forces(inner)}
    assert nesting is not None
    before, after = dict(elements_of(nesting, prior)), dict(elements_of(nesting, planned))
    for step in {**before, **after}:
        at, old, new = (*path, *step), before.get(step) or {}, after.get(step)
        if new is UNKNOWN:
            found.append(at)
            continue
        for name, inner in forcing.items():
            _find_forced(inner, old.get(name), (new or {}).get(name), (*at, name), found)


def _mean_the_same(meaning: Same, one: Any, other: Any) -> bool:
    if holds_unknown(one) or holds_unknown(other):
        return False
    try:
        return meaning(one, other)
    except ValueError:
        # A value that cannot be read means nothing but itself; what is wrong with it, validation says.
        return False


def _same_elements(one: Any, other: Any) -> bool:
    if one is UNKNOWN or len(one) != len(other):
        return False
    left = list(other)
    for element in one:
        if element not in left:
            return False
        left.remove(element)
    return True
