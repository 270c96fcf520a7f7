"""Random configurations with what they mean, worked out here on a model and not on their JSON.

A model is made of expressions that can be written as Terraform writes them, and valued by hand. What only
Terraform knows has a hidden value: one that follows from all that stands behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from attrs import define, field

Json = dict[str, Any]
ACTIONS = ("oss:GetObject", "oss:PutObject", "hbr:DescribePlans", "ecs:StopInstance", "kms:Decrypt")
WORDS = ("a", "b", "c", "d")


def hidden(*behind: Any) -> str:
    return "h" + hashlib.sha256(repr(behind).encode()).hexdigest()[:8]


# ------------------------------------------------------------ expressions


@define
class Text:
    """A literal string."""

    text: str

    def written(self) -> str:
        return json.dumps(self.text)

    def value(self, module: Module, names: Json) -> Any:
        return self.text


@define
class Flag:
    is_on: bool

    def written(self) -> str:
        return "true" if self.is_on else "false"

    def value(self, module: Module, names: Json) -> Any:
        return self.is_on


@define
class Of:
    """`local.x`, `var.x`, `each.value`, `module.m.out`, or what a resource has only when it exists."""

    root: str
    name: str

    def written(self) -> str:
        return f"{self.root}.{self.name}"

    def value(self, module: Module, names: Json) -> Any:
        if self.root == "each":
            return names[self.name]
        if self.root == "local":
            return module.locals[self.name].value(module, {}) if self.name in module.locals else "missing"
        if self.root == "var":
            return module.variable(self.name)
        if self.root.startswith("module."):
            called = module.modules.get(self.root.removeprefix("module."))
            return called.inner.outputs[self.name].value(called.inner, {}) if called else "missing"
        block = module.others.get(self.root.rpartition(".")[2])
        arguments = {key: item.value(module, {}) for key, item in (block or {}).items()}
        return hidden(self.root, self.name, sorted(arguments.items()))


@define
class Joined:
    """A template of several parts."""

    parts: list[Any]

    def written(self) -> str:
        inside = (part.text if isinstance(part, Text) else f"${{{part.written()}}}" for part in self.parts)
        return f'"{"".join(inside)}"'

    def value(self, module: Module, names: Json) -> Any:
        return "".join(str(part.value(module, names)) for part in self.parts)


@define
class Choice:
    condition: Any
    if_true: Any
    if_false: Any

    def written(self) -> str:
        parts = (part.written() for part in (self.condition, self.if_true, self.if_false))
        return "({} ? {} : {})".format(*parts)

    def value(self, module: Module, names: Json) -> Any:
        return (self.if_true if self.condition.value(module, names) else self.if_false).value(module, names)


@define
class Called:
    """A function that leaves strings alone, or one that nothing here computes."""

    function: str
    argument: Any

    def written(self) -> str:
        return f"{self.function}({self.argument.written()})"

    def value(self, module: Module, names: Json) -> Any:
        value = self.argument.value(module, names)
        return value if self.function in ("tostring", "nonsensitive") else hidden(self.function, value)


# ------------------------------------------------------------ modules


@define
class Call:
    """A `module` block of a local folder."""

    inner: Module
    given: dict[str, Any] = field(factory=dict)


@define
class Policy:
    """A RAM policy: its document allows actions that expressions name.

    * `style`: how the document is written. `for_each`: the keys and values, or None.
    """

    name: Any
    actions: list[Any]
    resource: Any
    style: str
    for_each: dict[str, Any] | None = None
    count: Any = None


@define
class Module:
    locals: dict[str, Any] = field(factory=dict)
    defaults: dict[str, Any] = field(factory=dict)
    others: dict[str, dict[str, Any]] = field(factory=dict)
    policies: dict[str, Policy] = field(factory=dict)
    modules: dict[str, Call] = field(factory=dict)
    outputs: dict[str, Any] = field(factory=dict)
    region: Any = None
    caller: tuple[Module, Call] | None = field(default=None, repr=False, eq=False)

    def variable(self, name: str) -> Any:
        if self.caller is not None and name in self.caller[1].given:
            return self.caller[1].given[name].value(self.caller[0], {})
        return self.defaults[name] if self.defaults.get(name) is not None else hidden("outside", name)

    def connect(self) -> None:
        for call in self.modules.values():
            call.inner.caller = (self, call)
            call.inner.connect()


def meaning(module: Module, address: str = "") -> dict[str, Any]:
    """What is deployed, by address."""
    found: dict[str, Any] = {}
    for label, policy in module.policies.items():
        for suffix, names in _instances(module, policy):
            actions = sorted({str(action.value(module, names)) for action in policy.actions})
            found[f"{address}alicloud_ram_policy.{label}{suffix}"] = (
                policy.name.value(module, names),
                actions,
                policy.resource.value(module, names),
            )
    for label, call in module.modules.items():
        found |= meaning(call.inner, f"{address}module.{label}.")
    return found


def _instances(module: Module, policy: Policy) -> Iterator[tuple[str, Json]]:
    if policy.for_each is not None:
        for key, value in policy.for_each.items():
            yield f'["{key}"]', {"key": key, "value": value.value(module, {})}
    elif policy.count is not None:
        if policy.count.value(module, {}):
            yield "[0]", {}
    else:
        yield "", {}


# ------------------------------------------------------------ as JSON


def expression(tree: Any) -> Any:
    if isinstance(tree, Text):
        return tree.text
    return f"${{{tree.written()}}}"


def files(module: Module, folder: str = "root") -> Iterator[tuple[str, Json]]:
    """The configuration of each folder."""
    content: Json = {
        "locals": {name: expression(tree) for name, tree in module.locals.items()},
        "variable": {
            name: {"type": "string"} if value is None else {"default": value}
            for name, value in module.defaults.items()
        },
        "output": {name: {"value": expression(tree)} for name, tree in module.outputs.items()},
        "resource": {
            "alicloud_oss_bucket": {
                name: {key: expression(item) for key, item in block.items()}
                for name, block in module.others.items()
            }
        },
        "data": {},
        "module": {},
    }
    for label, policy in module.policies.items():
        content["resource"].setdefault("alicloud_ram_policy", {})[label] = _policy(content, label, policy)
    for label, call in module.modules.items():
        given = {name: expression(tree) for name, tree in call.given.items()}
        content["module"][label] = {"source": f"./{label}", **given}
        yield from files(call.inner, f"{folder}/{label}")
    yield folder, {key: value for key, value in content.items() if value}


def _policy(content: Json, label: str, policy: Policy) -> Json:
    actions = [expression(action) for action in policy.actions]
    resource = expression(policy.resource)
    body: Json = {"policy_name": expression(policy.name)}
    # In JSON text an expression stands as it is: no quote in it is escaped.
    listed = ", ".join(f'"{_raw(action)}"' for action in policy.actions)
    text = (
        f'{{"Version": "1", "Statement": [{{"Effect": "Allow", "Action": [{listed}], '
        f'"Resource": "{_raw(policy.resource)}"}}]}}'
    )
    if policy.style == "text":
        body["policy_document"] = text
    elif policy.style == "jsonencode":
        inside = ", ".join(action.written() for action in policy.actions)
        made = f'Effect = "Allow", Action = [{inside}], Resource = {policy.resource.written()}'
        body["policy_document"] = f'${{jsonencode({{ Version = "1", Statement = [{{ {made} }}] }})}}'
    elif policy.style == "statement":
        body["statement"] = {"effect": "Allow", "action": actions, "resource": [resource]}
    else:
        block = {"statement": [{"action": actions, "resource": [resource]}]}
        if policy.for_each is not None:
            body["policy_document"] = text
        else:
            content["data"].setdefault("alicloud_ram_policy_document", {})[label] = block
            body["policy_document"] = f"${{data.alicloud_ram_policy_document.{label}.document}}"
    if policy.for_each is not None:
        body["for_each"] = {key: expression(value) for key, value in policy.for_each.items()}
    elif policy.count is not None:
        body["count"] = f"${{{policy.count.written()} ? 1 : 0}}"
    return body


def _raw(tree: Any) -> str:
    return tree.text if isinstance(tree, Text) else f"${{{tree.written()}}}"


# ------------------------------------------------------------ drawing


@define
class Drawer:
    """Draws a configuration."""

    random: Random

    def module(self, levels: int = 2) -> Module:
        module = Module()
        for name in ("p", "q", "r"):
            module.defaults[name] = self.random.choice((*ACTIONS[:3], *WORDS, None))
        for name in ("x", "y"):
            module.others[name] = {"bucket": self.string(module), "storage_class": self.string(module)}
        for name in ("f", "g"):
            module.locals[name] = Flag(self.random.random() < 0.5)
        for name in ("k", "l", "m"):
            module.locals[name] = self.string(module)
        if levels and self.random.random() < 0.4:
            call = Call(self.module(levels - 1))
            call.given = {name: self.string(module) for name in ("p", "q") if self.random.random() < 0.6}
            module.modules["sub"] = call
        module.outputs["out"] = self.string(module)
        for name in ("one", "two")[: self.random.randint(1, 2)]:
            module.policies[name] = self.policy(module)
        return module

    def policy(self, module: Module) -> Policy:
        for_each = None
        if self.random.random() < 0.3:
            for_each = {key: self.string(module) for key in WORDS[: self.random.randint(1, 3)]}
        count = None
        if for_each is None and self.random.random() < 0.3:
            count = Of("local", self.random.choice("fg"))
        return Policy(
            name=Text(self.random.choice(("P", "Q", "R"))),
            actions=[self.action(module, for_each is not None) for _ in range(self.random.randint(1, 3))],
            resource=self.string(module, is_each=for_each is not None),
            style=self.random.choice(("text", "jsonencode", "statement", "data")),
            for_each=for_each,
            count=count,
        )

    def action(self, module: Module, is_each: bool) -> Any:
        if self.random.random() < 0.5:
            return Text(self.random.choice(ACTIONS))
        return Joined([Text("oss:Get"), self.string(module, is_each=is_each)])

    def string(self, module: Module, depth: int = 2, *, is_each: bool = False) -> Any:
        kind = self.random.random()
        if kind < 0.3 or not depth:
            return Text(self.random.choice(WORDS))
        if kind < 0.45:
            return Of("var", self.random.choice("pqr"))
        if kind < 0.6 and module.locals:
            name = self.random.choice(list(module.locals))
            return Text("e") if name in "fg" else Of("local", name)
        if kind < 0.68 and module.others:
            return Of(f"alicloud_oss_bucket.{self.random.choice(list(module.others))}", "id")
        if kind < 0.76 and module.modules:
            return Of("module.sub", "out")
        if kind < 0.82 and is_each:
            return Of("each", self.random.choice(("key", "value")))
        if kind < 0.9:
            parts = [self.string(module, depth - 1, is_each=is_each) for _ in range(2)]
            return Joined([Text("x"), *parts])
        if kind < 0.95 and "f" in module.locals:
            sides = (self.string(module, depth - 1, is_each=is_each) for _ in range(2))
            return Choice(Of("local", self.random.choice("fg")), *sides)
        function = self.random.choice(("tostring", "nonsensitive", "sha256"))
        return Called(function, self.string(module, depth - 1, is_each=is_each))


# ------------------------------------------------------------ changing one thing


def drawn(seed: int) -> tuple[Module, Module]:
    """A configuration, and the same with something else at one random place."""
    old, new = (Drawer(Random(seed)).module() for _ in range(2))
    for module in (old, new):
        module.connect()
    random = Random(f"change {seed}")
    random.choice(list(_places(new, Drawer(random))))()
    new.connect()
    return old, new


def _places(module: Module, drawer: Drawer) -> Iterator[Any]:
    holders: list[tuple[Any, Any]] = [(module.locals, name) for name in "klm"]
    holders += [(block, key) for block in module.others.values() for key in block]
    holders += [(module.outputs, "out")]
    for policy in module.policies.values():
        holders += [(policy.actions, index) for index in range(len(policy.actions))]
        holders += [(policy.for_each, key) for key in policy.for_each or ()]
        yield lambda policy=policy: setattr(policy, "resource", drawer.string(module))
        yield lambda policy=policy: setattr(policy, "name", Text(drawer.random.choice(("P", "Q", "R"))))
        if policy.for_each:
            yield lambda policy=policy: policy.for_each.pop(next(iter(policy.for_each)))
            yield lambda policy=policy: policy.for_each.update(z=Text("z"))
    for call in module.modules.values():
        holders += [(call.given, name) for name in call.given]
        yield from _places(call.inner, drawer)
    for holder, key in holders:
        yield lambda holder=holder, key=key: _replace(holder, key, drawer, module)
    for name in module.defaults:
        yield lambda name=name: module.defaults.update({name: drawer.random.choice((*ACTIONS, *WORDS, None))})
    for name in "fg":
        yield lambda name=name: module.locals.update({name: Flag(drawer.random.random() < 0.5)})
    yield lambda: module.policies.pop(next(iter(module.policies)))
    yield lambda: module.policies.update(new=drawer.policy(module))


def _replace(holder: Any, key: Any, drawer: Drawer, module: Module) -> None:
    """Another literal or a variable: never what refers back to itself."""
    if drawer.random.random() < 0.7:
        holder[key] = Text(drawer.random.choice((*WORDS, *ACTIONS)))
    else:
        holder[key] = Of("var", drawer.random.choice("pqr"))
