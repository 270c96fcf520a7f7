"""A resource as a file has it, and one side of a review."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from attrs import evolve, field, frozen

from constructs_lib.backup.resource_types import ALIPOLICY
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.resource_type import ResourceKind, ResourceType
from constructs_lib.review import normal_form
from constructs_lib.review.loading.attributes import props_of
from constructs_lib.review.loading.json_text import JsonText, pointer
from constructs_lib.review.normal_form import Props
from constructs_lib.review.report import Action
from constructs_lib.tokens import Deferred, is_token, known, literal

# A stack, and an address in it.
Key = tuple[str, str]

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@frozen(kw_only=True, eq=False)
class LoadedResource:
    """A resource of a file.

    * `parts`: the JSON pointer to `body`, which has the attributes as they stand there.
    * `attributes`: the same as they are judged, with `Deferred` for what is unknown or sensitive.
    * `is_applied`: they come from a plan or a state, not from configuration.
    * `settings`: of configuration: `count` and `for_each` where the number of instances is not decided, the
      `provider`'s account and region, `provider configuration` where it has more, `ignore_changes`.
    * `refers_to`: of each expression that is left in configuration, the name of all that it refers to.
    * `commented`: reasons by finding code, as the construct wrote them under `//`.
    * `is_staging_written`: whether the configuration of a plan has `set_as_default` as a value; None where
      that is not known. The attributes have false where it is left out.
    """

    stack: str
    address: str
    type: ResourceType
    file: str
    parts: tuple[str | int, ...]
    body: Mapping[str, Any] = field(repr=False)
    attributes: Mapping[str, Any] = field(repr=False)
    is_applied: bool
    settings: Mapping[str, Any] = field(factory=dict, repr=False)
    refers_to: Mapping[str, str] = field(factory=dict, repr=False)
    construct_path: str | None = None
    source: str | None = None
    commented: Mapping[str, str] = field(factory=dict)
    is_staging_written: bool | None = None

    @property
    def kind(self) -> ResourceKind:
        return self.type.kind

    @property
    def policy_name(self) -> str:
        """The name of the policy; empty where it is unknown."""
        if not self.is_applied:
            return known(self.props.policy_name, str) or ""
        name = self.attributes.get("policy_name") or self.attributes.get("name")
        return known(literal(name), str) or ""

    @cached_property
    def props(self) -> Props:
        """The attributes as props, read when somebody looks: of most of a large plan nobody does."""
        return props_of(self.type, self.attributes, is_applied=self.is_applied)

    @cached_property
    def acknowledge(self) -> Mapping[str, str]:
        """Reasons by finding code: those of the attribute, and those that the construct wrote under `//`.

        A reason that is unknown, or not shown, is `Deferred`; so is one for `all codes`.
        """
        given: Any = self.attributes.get("acknowledge") if self.type.has_acknowledge else None
        if self.is_applied:
            given = literal(given)
        if isinstance(given, str) and is_token(given):
            given = {"all codes": given}
        reasons = given.items() if isinstance(given, Mapping) else ()
        given = {code: reason for code, reason in reasons if isinstance(reason, str)}
        later = {code: Deferred(text) for code, text in given.items() if type(text) is str and is_token(text)}
        return {**self.commented, **given, **later}

    @cached_property
    def form(self) -> dict[str, Any]:
        """The props, and the settings, in the one form of all their spellings."""
        behind = {"refers_to": dict(self.refers_to)} if self.refers_to else {}
        return {**self.settings, **normal_form.form(self.props), **behind}

    def is_default_version(self, reported: Mapping[str, Any]) -> bool:
        """Whether it asks to be the default version, and is the one that another resource of the policy
        reports, with its document."""
        whole = self.type.is_whole_policy
        version_id = self.attributes.get("default_version" if whole else "version_id")
        document = {"policy_document": reported.get("policy_document"), "document": None}
        return (
            (whole or self.attributes.get("set_as_default") is True)
            and version_id == reported.get("version_id")
            and evolve(self, attributes={**self.attributes, **document}).document_text == self.document_text
        )

    @property
    def identified_rules(self) -> list[Any]:
        """The rules of a backup policy, in their normal form, with the ids that the service gave them.

        Of our own provider only: in the plans of the official one an id belongs to a place in the list.
        """
        rules, given = self.form.get("rules"), self.body.get("rules")
        if not isinstance(rules, list):
            return []
        if self.type is not ALIPOLICY or not isinstance(given, list):
            return rules
        return [
            {**rule, "rule_id": body.get("rule_id")}
            if isinstance(rule, dict) and isinstance(body, dict)
            else rule
            for rule, body in zip(rules, given, strict=False)
        ]

    @cached_property
    def form_text(self) -> str:
        """The same as text."""
        return normal_form.text(self.form)

    @cached_property
    def document_text(self) -> str:
        """The policy document in the one form of all its spellings; `null` where there is none."""
        return normal_form.text(self.form.get("policy_document"))

    def pointer(self, path: str) -> str:
        """The JSON pointer to the prop at a path, or to the closest thing around it."""
        parts = list(self.parts)
        value: Any = self.body
        for name, index in _STEP.findall(path):
            if name:
                if not isinstance(value, dict) or name not in value:
                    break
                value = value[name]
                parts.append(name)
            elif isinstance(value, list) and int(index) < len(value):
                value = value[int(index)]
                parts.append(int(index))
            elif not (isinstance(value, dict) and index == "0"):  # one block may stand without a list
                break
        return pointer(parts)


class KnownVersion(NamedTuple):
    """A version of a policy as a data source has read it: `set_as_default` says whether it is the default."""

    stack: str
    version_id: str
    props: PolicyVersionProps


@frozen(kw_only=True, eq=False)
class OtherResource:
    """A resource that is no policy, but has a say in what is protected or allowed.

    * `settings`, `refers_to`: of configuration, as those of `LoadedResource`.
    * `policies`: of a binding whose `policy_id` is an expression, the addresses, without instances, of the
      backup policies of which it is one; None where that is not known.
    * `body`: of a state, the attributes as they stand there; else None.
    """

    stack: str
    address: str
    type_name: str
    attributes: Mapping[str, Any] = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    refers_to: Mapping[str, str] = field(repr=False)
    file: str
    parts: tuple[str | int, ...]
    policies: frozenset[str] | None = None
    body: Mapping[str, Any] | None = field(default=None, repr=False)


@frozen(kw_only=True)
class UnreadModule:
    """A call of a module that is not looked into; `name` is that of all that it depends on.

    * `is_fixed`: whether what it names is always the same.
    """

    stack: str
    address: str
    name: str
    file: str
    parts: tuple[str | int, ...]
    is_fixed: bool


class SurroundingKind(enum.StrEnum):
    """What stands around the resources of a configuration."""

    PROVIDER = "provider"  # which program it is
    VERSION = "version"  # which versions of it are taken
    STATE = "state"  # where Terraform looks for what it has made
    COMMAND = "command"  # a provisioner, a program, or an action of a provider


AT_APPLY, AT_DESTROY = "when the plan is applied", "when it is destroyed"


@frozen(kw_only=True)
class Surrounding:
    """One thing around the resources.

    * `name`: of all that it depends on. `shown`: what it is, in short; of a command, when it runs, if it is
      `AT_APPLY` or `AT_DESTROY`.
    """

    kind: SurroundingKind
    stack: str
    address: str
    name: str
    shown: str
    file: str
    parts: tuple[str | int, ...]


@frozen(kw_only=True, eq=False)
class Side:
    """One side of a review.

    * `name`: as given. `stacks`: their names, in the order of the files. `texts`: of all files, by name.
    * `moved`: the new address of each `(stack, address)` that a `moved` block names.
    * `others`: resources of concern beside the policies. `modules`: that are not looked into.
    * `forgotten`: addresses that a `removed` block leaves as they are. `imported`: those of `import` blocks.
    * `versions`: of policies, as a data source has read them. `tainted`: of a state, what is to be made anew.
    * `surroundings`: of configuration, what stands around the resources.
    * `unrelated`: of configuration, the type of each resource of no concern, and a name for what it is.
    * `notes`: what was not looked at. `is_single`: whether it is one file, whatever its stack is called.
    """

    name: str
    stacks: tuple[str, ...] = ()
    resources: tuple[LoadedResource, ...] = ()
    texts: Mapping[str, JsonText] = field(factory=dict, repr=False)
    moved: Mapping[tuple[str, str], str] = field(factory=dict)
    forgotten: frozenset[Key] = frozenset()
    imported: frozenset[Key] = frozenset()
    others: tuple[OtherResource, ...] = ()
    modules: tuple[UnreadModule, ...] = ()
    versions: tuple[KnownVersion, ...] = ()
    tainted: frozenset[Key] = frozenset()
    surroundings: tuple[Surrounding, ...] = ()
    unrelated: Mapping[Key, Sequence[str]] = field(factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    is_single: bool = False


@frozen(kw_only=True)
class ConfigurationChange:
    """What of a resource's change only its configuration tells.

    * `unresolved`: expressions that may stand for another value than before.
    * `place`: where the provider works, before and after; None where that is the same.
    * `ignored`: attributes that differ, and stay as they are. `partly`: those of which a part may stay.
    * `heeded`: what was ignored before, and is not any more.
    * `kept`: by the place of a rule, what it leaves out, and so keeps of the rule that was there.
    * `is_imported`: Terraform takes over what is deployed, of which nothing is known.
    * `unguarded`: what of `lifecycle` has prevented a change, and does so no more, or otherwise.
    """

    unresolved: tuple[str, ...] = ()
    place: tuple[str, str] | None = None
    ignored: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    heeded: tuple[str, ...] = ()
    kept: Mapping[int, Mapping[str, object]] = field(factory=dict)
    is_imported: bool = False
    unguarded: tuple[str, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether there is anything to tell."""
        return self != ConfigurationChange()


class ModuleChange(NamedTuple):
    """A module that is not looked into, and what becomes of it.

    `names`: of all that it depends on, before and after.
    """

    module: UnreadModule
    what: str
    names: tuple[str | None, str | None]

    @property
    def is_called_alike(self) -> bool:
        """Whether nothing says that it is another one than before."""
        return self.names[0] == self.names[1]

    @property
    def plain(self) -> list[Any]:
        """What is particular to the change, as plain values."""
        return ["module", self.module.stack, self.module.address, *self.names]


class SurroundingChange(NamedTuple):
    """Something around the resources that is another one than before; None where it is not there."""

    before: Surrounding | None
    after: Surrounding | None

    @property
    def shown(self) -> Surrounding:
        """The side that is shown: the new one, if it is there."""
        shown = self.after or self.before
        assert shown is not None
        return shown

    @property
    def plain(self) -> list[Any]:
        """What is particular to the change, as plain values."""
        names = [side and side.name for side in self]
        return [self.shown.kind, self.shown.stack, self.shown.address, *names]


class Drift(NamedTuple):
    """What somebody changed outside of Terraform, as a plan tells.

    * `old`, `new`: the resource as Terraform left it, and as it was found; None where it was not there.
    * `unseen`: what differs without being shown.
    """

    old: LoadedResource | None
    new: LoadedResource | None
    unseen: tuple[str, ...]

    @property
    def forms(self) -> list[Any]:
        """Both sides as plain values."""
        return [side and side.form for side in (self.old, self.new)]

    @property
    def is_told(self) -> bool:
        """Whether it is of concern."""
        if self.old is None or self.new is None:
            return self.old is not self.new
        return bool(self.unseen) or self.old.form_text != self.new.form_text


class SourceFate(NamedTuple):
    """What becomes of the source of a binding or backup plan, or that an attachment stays, in words; each
    None where it is not so.

    * `ends`: how its protection ends. `undecided`: why that cannot be said. `harmless`: why it does not.
    """

    ends: str | None = None
    undecided: str | None = None
    harmless: str | None = None


@frozen(kw_only=True, eq=False)
class OtherChange:
    """The change of a resource that is no policy, but has a say in what is protected, or who may do what.

    * `action`: what becomes of it. `before`, `after`: its attributes, None where it is not there.
    * `old`, `new`: the same as resources, of what protects sources.
    * `fate`: what becomes of its source; None where that is not understood, or it is no protection. Of an
      attachment, only that it stays.
    * `is_drift`: it happened outside of Terraform.
    * `parts`: the JSON pointer to the change in `file`.
    """

    stack: str
    address: str
    type_name: str
    action: Action
    before: Mapping[str, Any] | None = field(repr=False)
    after: Mapping[str, Any] | None = field(repr=False)
    file: str
    parts: tuple[str | int, ...]
    old: OtherResource | None = field(default=None, repr=False)
    new: OtherResource | None = field(default=None, repr=False)
    fate: SourceFate | None = None
    is_drift: bool = False


@frozen(kw_only=True, eq=False)
class Input:
    """Both sides of a review, and what else a plan says.

    * `old`: None where everything counts as new. `replaced`: addresses that are made anew.
    * `forgotten`: addresses that are no longer managed from then on, and stay as they are.
    * `configuration`: by address, what only the configuration tells. `modules`: that are not looked into.
    * `surroundings`: what of those of both sides is another one.
    * `unseen`: by address, what the plan says it changes without showing how.
    * `drift`: by address, what somebody changed outside of Terraform.
    * `others`: changes of other resources of concern.
    * `unrelated`: how many changes there are of resources of no concern, by type.
    * `incomplete`: why the plan is not all of the change, a sentence for each reason.
    """

    new: Side
    old: Side | None
    replaced: frozenset[Key] = frozenset()
    forgotten: frozenset[Key] = frozenset()
    configuration: Mapping[Key, ConfigurationChange] = field(factory=dict)
    modules: tuple[ModuleChange, ...] = ()
    surroundings: tuple[SurroundingChange, ...] = ()
    unseen: Mapping[Key, tuple[str, ...]] = field(factory=dict)
    drift: Mapping[Key, Drift] = field(factory=dict)
    others: tuple[OtherChange, ...] = ()
    unrelated: Mapping[str, int] = field(factory=dict)
    incomplete: tuple[str, ...] = ()
