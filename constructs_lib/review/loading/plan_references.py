"""What the configuration in a plan says of what a plan knows only later: which policy a binding is of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from constructs_lib.resource_type import ResourceKind
from constructs_lib.review.loading.attributes import RESOURCE_TYPES

_INSTANCE = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
# What stands beside another reference, and chooses one of its instances.
_OF_INSTANCES = ("each.key", "count.index")
MAX_STEPS = 300


def without_instances(address: str) -> str:
    """The address of all instances of a resource, in all instances of its modules."""
    return _INSTANCE.sub("", address)


@define
class PlanReferences:
    """The references of one configuration, as a plan lists them.

    * `configuration`: its member of that name; anything else has none.
    """

    configuration: Any = field(repr=False)
    _resources: dict[tuple[str, ...], dict[str, Mapping[str, Any]]] = field(factory=dict, init=False)

    def provider(self, address: str) -> Mapping[str, Any] | None:
        """Where the provider of a resource works, by its name and alias; None where there is but one.

        What is gone is in no configuration: then it is that of the address alone.
        """
        if len(_member(self.configuration, "provider_config")) < 2:
            return None
        found = self._resource(address)
        key = found[1].get("provider_config_key") if found else None
        return {"region": f"of {key if isinstance(key, str) else address}"}

    def policies(self, address: str, name: str) -> frozenset[str] | None:
        """The addresses, without instances, of the backup policies of which an argument of a resource is
        one; None where it may be anything else."""
        found = self._resource(address)
        if found is None:
            return None
        path, resource = found
        walk = _PolicyReferences(self)
        walk.follow(path, _member(resource, "expressions", name), _member(resource, "for_each_expression"))
        return None if walk.is_open or not walk.policies else frozenset(walk.policies)

    def is_written(self, address: str, name: str) -> bool | None:
        """Whether an argument of a resource stands there as a value, and is not left out, or null; None where
        it is an expression, or the configuration does not have the resource."""
        if (found := self._resource(address)) is None:
            return None
        expressions = _member(found[1], "expressions")
        if name not in expressions:
            return False
        expression = _member(expressions, name)
        return expression["constant_value"] is not None if "constant_value" in expression else None

    def provisioners(self, address: str) -> list[Any]:
        """The provisioners of a resource, as they are written."""
        found = self._resource(address)
        listed = found[1].get("provisioners") if found else None
        return listed if isinstance(listed, list) else []

    def module(self, path: tuple[str, ...]) -> Mapping[str, Any]:
        """A module, by the names of the calls that lead to it."""
        module = _member(self.configuration, "root_module")
        for name in path:
            module = _member(module, "module_calls", name, "module")
        return module

    def _resource(self, address: str) -> tuple[tuple[str, ...], Mapping[str, Any]] | None:
        parts = without_instances(address).split(".")
        path, own = tuple(parts[1:-2:2]), ".".join(parts[-2:])
        if path not in self._resources:
            listed = self.module(path).get("resources")
            found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
            self._resources[path] = {str(each.get("address")): each for each in found}
        resource = self._resources[path].get(own)
        return None if resource is None else (path, resource)


@define
class _PolicyReferences:
    """What stands behind an expression; `is_open`: whether it may be another value than a policy's."""

    references: PlanReferences
    policies: set[str] = field(factory=set)
    is_open: bool = False
    steps: int = 0

    def follow(self, path: tuple[str, ...], expression: Any, for_each: Any = None) -> None:
        self.steps += 1
        named = list(_named(expression))
        if not named or self.steps > MAX_STEPS:
            self.is_open = True
            return
        for name in named:
            root, label, output, *_ = (*name.split("."), "", "")
            kind = RESOURCE_TYPES.get(root)
            if kind is not None and kind.kind is ResourceKind.BACKUP_POLICY:
                prefix = "".join(f"module.{module}." for module in path)
                self.policies.add(f"{prefix}{root}.{label}")
            elif name.startswith("each.value"):
                self.follow(path, for_each)
            elif root == "var" and path:
                call = _member(self.references.module(path[:-1]), "module_calls", path[-1])
                given = _member(call, "expressions", label)
                self.follow(path[:-1], given, call.get("for_each_expression"))
            elif root == "module":
                inner = (*path, label)
                self.follow(inner, _member(self.references.module(inner), "outputs", output, "expression"))
            elif name not in _OF_INSTANCES:
                self.is_open = True


def _named(expression: Any) -> Iterator[str]:
    """The references of an expression, each at its longest: the list has the shorter ones, too."""
    names = expression.get("references") if isinstance(expression, dict) else None
    names = [without_instances(str(name)) for name in names] if isinstance(names, list) else []
    for name in names:
        if not any(other.startswith(f"{name}.") for other in names):
            yield name


def _member(value: Any, *names: str) -> Mapping[str, Any]:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
