"""The statements that make, and import, one object: its construct, by the name that it gets in its module."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field, frozen

from constructs_lib.adopt.code import Atom, Call, Code, Items, Pairs, string
from constructs_lib.adopt.estate import AdoptFinding, EstateKind, EstateObject, Reference, principal_of
from constructs_lib.adopt.naming import Names, identifier, words_of
from constructs_lib.adopt.printing import (
    OF_SOURCE,
    Inexpressible,
    arguments_of,
    document_code,
    source_code,
    text,
    tiered_arguments,
    value_code,
)
from constructs_lib.adopt.props import BODIES, Deployment, deferred_in, props_of_object, written_of
from constructs_lib.findings import InvalidPropsError, Severity, can_be_acknowledged, printable
from constructs_lib.ram.canonical import canonical
from constructs_lib.tokens import Deferred, Sensitive

REASON = "It was deployed like this when it was adopted"
_CLEAN = re.compile(r"[A-Za-z0-9_-]+")
# The variable by which another module knows what a module has, and the token of an object in it.
VARIABLES = {
    EstateKind.VAULT: ("vaults", "vault_id"),
    EstateKind.BACKUP_POLICY: ("backup_policies", "policy_id"),
    EstateKind.POLICY: ("policies", "policy_name"),
}
# What tells constructs of different kinds apart that would have one id.
_SUFFIXES = {
    EstateKind.VAULT: "vault",
    EstateKind.BACKUP_POLICY: "backup-policy",
    EstateKind.POLICY: "policy",
}
_COMMENT_WIDTH = 76
# What only a state knows.
_OF_TERRAFORM = ("rotate_strategy", "skip_destroy", "force_destroy")


@frozen(kw_only=True)
class Statements:
    """An object in its module: the code that makes it and what follows; or a comment that says why not.

    * `name`: the attribute that holds it. `after`: what is called on it.
    """

    name: str
    code: Code | None = None
    after: tuple[Call, ...] = ()
    comment: tuple[str, ...] = ()


@define
class Writer:
    """Writes objects for one stack, and gathers what a person has to know.

    * `names`: that are in use, by module. `ids`: of constructs. `places`: by object, the attribute that holds
      it, and the id of its construct where that is known. `modules`: by module, which others it knows.
    """

    deployment: Deployment
    names: dict[EstateKind, Names]
    ids: Names
    places: dict[tuple[EstateKind, str], tuple[str, str]]
    modules: Mapping[EstateKind, frozenset[str]]
    findings: list[AdoptFinding] = field(factory=list)
    _common: Counter[str] = field(factory=Counter)
    _addresses: dict[str, tuple[EstateKind, str]] = field(factory=dict)
    _policies: dict[str, tuple[EstateKind, str]] = field(factory=dict)
    _policy_types: dict[str, str] = field(factory=dict)

    def write(
        self, new: Iterable[EstateObject], known: Iterable[EstateObject]
    ) -> dict[EstateKind, list[Statements]]:
        """The statements of each module. `known`: all objects, those that are in the code already, too."""
        for each in known:
            self._addresses[each.address] = each.key
            if each.kind is EstateKind.POLICY:
                self._policies[str(each.state.get("policy_name"))] = each.key
            if each.kind is EstateKind.BACKUP_POLICY:
                self._policy_types[each.id or each.address] = str(each.state.get("policy_type") or "")
        statements: dict[EstateKind, list[Statements]] = {}
        listed = list(new)
        self._common = Counter(words_of(each.name) for each in listed if each.kind in _SUFFIXES)
        for kind in EstateKind:
            of_kind = [each for each in listed if each.kind is kind]
            wanted = [(self._wanted_name(each), each.key[1]) for each in of_kind]
            chosen = self.names.setdefault(kind, Names()).add_all(wanted)
            statements[kind] = [self._write(each, name) for each, name in zip(of_kind, chosen, strict=True)]
        return statements

    def _wanted_name(self, found: EstateObject) -> str:
        state = found.state
        if found.kind is EstateKind.BINDING:
            place = self._place(EstateKind.BACKUP_POLICY, state.get("policy_id"))
            policy = place[0] if place else words_of(str(state.get("policy_id")))
            return identifier(f"{policy} {state.get('data_source_id')}", "binding")
        if found.kind is EstateKind.ATTACHMENT:
            return identifier(f"{state.get('policy_name')} {' '.join(principal_of(state))}", "attachment")
        return identifier(found.name, found.kind.replace("-", "_"))

    # -- one object

    def _write(self, found: EstateObject, name: str) -> Statements:
        try:
            acknowledge = self._check(found)
            code, construct_id = self._code(found, name, acknowledge)
            after = tuple(self._after(found))
        except (Inexpressible, InvalidPropsError) as error:
            reasons = (
                [each.message for each in error.findings]
                if isinstance(error, InvalidPropsError)
                else [str(error)]
            )
            self.findings.append(AdoptFinding("AD301", str(found), f"it is a comment: {'; '.join(reasons)}"))
            return Statements(name=name, comment=tuple(_comment(found, reasons)))
        self._warn_of_rewriting(found)
        self.places[found.key] = name, construct_id
        return Statements(name=name, code=code, after=after)

    def _warn_of_rewriting(self, found: EstateObject) -> None:
        """Tell of a change by the first apply, which changes nothing that is deployed or allowed."""
        if unread := [name for name in _OF_TERRAFORM if found.id and found.state.get(name)]:
            reason = f"the first apply writes {' and '.join(unread)} into the state, and calls no API"
            self.findings.append(AdoptFinding("AD305", str(found), f"no import reads it: {reason}"))

    def _check(self, found: EstateObject) -> dict[str, str]:
        """What has to be acknowledged. Inexpressible, InvalidPropsError: no construct can take it."""
        given = written_of(found)
        for path, value in deferred_in(given):
            if isinstance(value, Sensitive):
                raise Inexpressible(f"{path} is sensitive, and stays out of code")
            if not isinstance(value, Reference):
                raise Inexpressible(f"{path} is known only after an apply")
        if "policy_document" in BODIES[found.kind] and not isinstance(given.get("policy_document"), str):
            raise Inexpressible("its document was not to be had")
        policy_type = self._policy_types.get(str(found.state.get("policy_id")))
        try:
            props = props_of_object(found)
        except (AttributeError, TypeError):
            raise Inexpressible(f"its attributes are none that a {found.kind.words} has") from None
        findings = self.deployment.check(found, props, policy_type)
        errors = [each for each in findings if each.severity is Severity.ERROR]
        if refused := [each for each in errors if not can_be_acknowledged(each.code)]:
            raise InvalidPropsError(str(found), refused)
        codes = sorted({each.code for each in errors})
        for code in codes:
            said = next(each.message for each in errors if each.code == code)
            self.findings.append(
                AdoptFinding("AD304", str(found), f"acknowledged, as it is deployed: {said}")
            )
        before = found.state.get("acknowledge") or {}
        return {**before, **{code: REASON for code in codes if code not in before}}

    def _code(self, found: EstateObject, name: str, acknowledge: Mapping[str, str]) -> tuple[Code, str]:
        """The call that makes the construct, and the construct's id."""
        match found.kind:
            case EstateKind.BINDING:
                call, construct_id = self._binding(found, is_plain=not acknowledge)
            case EstateKind.ATTACHMENT:
                call, construct_id = self._attachment(found)
            case _:
                construct_id = self._construct_id(found, name)
                call = self._resource(found, construct_id)
        return Call(call.function, [*call.arguments, *self._reasons(acknowledge)]), construct_id

    def _reasons(self, acknowledge: Mapping[str, str]) -> list[tuple[str, Code]]:
        if not acknowledge:
            return []
        reasons = Pairs([(f'"{code}"', string(reason)) for code, reason in sorted(acknowledge.items())])
        listed: list[tuple[str, Code]] = [("acknowledge", reasons)]
        if self.deployment.target == "alipolicy":
            # Else the first apply would write the reasons into the state: a change, though nothing changes.
            kept = Pairs([('"ignore_changes"', Items([string("acknowledge")]))])
            listed.append(("lifecycle", kept))
        return listed

    def _construct_id(self, found: EstateObject, name: str) -> str:
        wanted = name.strip("_").replace("_", "-")
        suffix = _SUFFIXES.get(found.kind, "")
        if suffix and (self._common[words_of(found.name)] > 1 or wanted in self.ids.taken):
            wanted = f"{wanted}-{suffix}"
        return self.ids.add(wanted, found.key[1], separator="-")

    def _resource(self, found: EstateObject, construct_id: str) -> Call:
        props = props_of_object(found)
        first: list[tuple[str, Code]] = [("", Atom("stack")), ("", string(construct_id))]
        if found.kind is EstateKind.VAULT:
            return Call("BackupVault", [*first, *arguments_of(props, self._refer_from(found.kind))])
        if found.kind is EstateKind.BACKUP_POLICY:
            refer = self._refer_from(found.kind)
            if (tiered := tiered_arguments(props, refer)) is not None:
                return Call("BackupPolicy.tiered", [*first, *tiered])
            return Call("BackupPolicy", [*first, *arguments_of(props, refer)])
        document = ("policy_document", document_code(str(found.state["policy_document"])))
        if found.kind is EstateKind.POLICY and self.deployment.target == "alipolicy":
            listed = arguments_of(props, self._refer_from(found.kind), ("policy_name", "policy_document"))
            return Call("Policy", [*first, ("policy_name", text(props.policy_name)), document, *listed])
        return Call("PolicyVersion", [*first, *self._version(found, props, document)])

    def _version(self, found: EstateObject, props: Any, document: tuple[str, Code]) -> list[tuple[str, Code]]:
        is_default = found.kind is EstateKind.POLICY or bool(props.set_as_default)
        place = self._place(EstateKind.POLICY, found.state["policy_name"])
        is_known = place is not None and "policies" in self.modules[found.kind]
        name = Atom(f"policies.{place[0]}.policy_name") if place and is_known else text(props.policy_name)
        listed: list[tuple[str, Code]] = [
            ("policy_name", name),
            document,
            ("set_as_default", Atom(repr(is_default))),
        ]
        if strategy := found.state.get("rotate_strategy"):
            kind = "RotateStrategy"
            is_none = strategy == "None"
            rotates = "NONE" if is_none else "DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED"
            listed.append(("rotate_strategy", Atom(f"{kind}.{rotates}")))
        if found.state.get("skip_destroy") and self.deployment.target == "alipolicy":
            listed.append(("skip_destroy", Atom("True")))
        if self.deployment.target == "alicloud":
            written = json.loads(found.state["policy_document"])
            if written != canonical(written):
                # The official provider takes another order for another document; ours does not.
                listed.append(("keep_order", Atom("True")))
        return listed

    def _binding(self, found: EstateObject, *, is_plain: bool) -> tuple[Call, str]:
        """By the policy's own method, where the policy is in the code and nothing is to be acknowledged."""
        props, state = props_of_object(found), found.state
        refer = self._refer_from(found.kind)
        source = ("source", source_code(props))
        more = arguments_of(props, refer, (*OF_SOURCE, "policy_id"))
        place = self._place(EstateKind.BACKUP_POLICY, state["policy_id"])
        variable = VARIABLES[EstateKind.BACKUP_POLICY][0]
        wanted = f"{place[1] if place else ''}-{state['source_type']}-{state['data_source_id']}"
        if place and is_plain and variable in self.modules[found.kind]:
            construct_id, given = self._inner_id(wanted, place[1], found)
            return Call(f"{variable}.{place[0]}.bind", [("", source[1]), *given, *more]), construct_id
        construct_id = self.ids.add(_dashed(wanted, "binding"), found.key[1], separator="-")
        policy = ("policy_id", refer(state["policy_id"]) or text(state["policy_id"]))
        first: list[tuple[str, Code]] = [("", Atom("stack")), ("", string(construct_id))]
        return Call("BackupPolicyBinding", [*first, policy, source, *more]), construct_id

    def _attachment(self, found: EstateObject) -> tuple[Call, str]:
        props, (kind, principal) = props_of_object(found), principal_of(found.state)
        is_custom = found.state.get("policy_type") in (None, "Custom")
        place = self._place(EstateKind.POLICY, found.state["policy_name"]) if is_custom else None
        own = place[1] if place else words_of(str(found.state["policy_name"])).replace("_", "-")
        wanted = f"{own}-{kind}-{principal}"
        if place and "policies" in self.modules[found.kind]:
            construct_id, given = self._inner_id(wanted, place[1], found)
            return Call(
                f"policies.{place[0]}.attach_to_{kind}", [("", text(principal)), *given]
            ), construct_id
        construct_id = self.ids.add(_dashed(wanted, "attachment"), found.key[1], separator="-")
        first: list[tuple[str, Code]] = [("", Atom("stack")), ("", string(construct_id))]
        listed = arguments_of(props, self._refer_from(found.kind))
        return Call("PolicyAttachment", [*first, *listed]), construct_id

    def _inner_id(self, wanted: str, own: str, found: EstateObject) -> tuple[str, list[tuple[str, Code]]]:
        """The id of what a method makes, and the argument that says it where it is not the method's own."""
        if own and _CLEAN.fullmatch(wanted) and wanted not in self.ids.taken:
            self.ids.taken.add(wanted)
            return wanted, []
        chosen = self.ids.add(_dashed(wanted, found.kind), found.key[1], separator="-")
        return chosen, [("id_", string(chosen))]

    def _after(self, found: EstateObject) -> Iterable[Call]:
        is_official = self.deployment.target == "alicloud"
        if is_official and found.kind is EstateKind.POLICY:
            # The construct has no props for what only the official resource has.
            for ours, theirs in (
                ("description", "description"),
                ("tags", "tags"),
                ("force_destroy", "force"),
            ):
                if value := found.state.get(ours):
                    yield Call("add_override", [("", string(theirs)), ("", value_code(value))])
        if not found.id:
            return
        id_ = found.id
        if is_official and found.kind is EstateKind.ATTACHMENT:
            kind, name, policy_type, policy = found.id.split(":")
            id_ = f"{kind}:{policy}:{policy_type}:{name}"
        yield Call("import_from", [("", text(id_))])

    # -- other objects

    def _place(self, kind: EstateKind, value: Any) -> tuple[str, str] | None:
        key = kind, str(value)
        if isinstance(value, Reference):
            key = self._addresses.get(value, key)
        elif kind is EstateKind.POLICY:
            key = self._policies.get(str(value), key)
        return self.places.get(key)

    def _refer_from(self, module: EstateKind) -> Any:
        def refer(value: Reference | str) -> Code | None:
            for kind in (EstateKind.VAULT, EstateKind.BACKUP_POLICY):
                variable, attribute = VARIABLES[kind]
                if (place := self._place(kind, value)) and variable in self.modules[module]:
                    return Atom(f"{variable}.{place[0]}.{attribute}")
            return None

        return refer


def _dashed(wanted: str, prefix: str) -> str:
    return identifier(wanted, prefix.replace("-", "_")).strip("_").replace("_", "-")


def _comment(found: EstateObject, reasons: Iterable[str]) -> Iterable[str]:
    """What was found, as a comment."""
    shown = json.dumps(_shown(written_of(found)), ensure_ascii=False)
    for line, indent in [
        (f"Not in the code: {found}", ""),
        *((each, "  ") for each in reasons),
        (shown, "  "),
    ]:
        yield from textwrap.wrap(
            printable(line), _COMMENT_WIDTH, initial_indent=f"# {indent}", subsequent_indent=f"# {indent}  "
        )


def _shown(value: Any) -> Any:
    if isinstance(value, Sensitive):
        return "(sensitive)"
    if isinstance(value, Deferred):
        return "(known after apply)"
    if isinstance(value, Mapping):
        return {name: _shown(item) for name, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value
