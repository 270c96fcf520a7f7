"""Both sides of a configuration, laid side by side: one stack, one address, and what an expression hides.

What stays an expression is the same on both sides only where all that it refers to is. Where it is not, the
new side's expression is marked, so that whoever compares the two sees two unknown values, never the same one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, TypeVar

from attrs import evolve

from constructs_lib.resource_type import ResourceKind
from constructs_lib.review.loading.blocks import listed
from constructs_lib.review.loading.json_text import is_same
from constructs_lib.review.loading.other_changes import VAULTS, changed_names, is_of_no_concern
from constructs_lib.review.loading.provider_arguments import PROVIDER_CONFIGURATION
from constructs_lib.review.loading.resource import (
    AT_DESTROY,
    ConfigurationChange,
    Input,
    Key,
    LoadedResource,
    ModuleChange,
    OtherChange,
    OtherResource,
    Side,
    SurroundingChange,
    SurroundingKind,
    UnreadModule,
)
from constructs_lib.review.loading.unseen import beside_props
from constructs_lib.review.report import Action
from constructs_lib.tokens import Deferred, Literal, Sensitive

_NOT_IN_A_STATE = ("provider", PROVIDER_CONFIGURATION, "ignore_changes")
# Of what the props have no place for, what a document is made of.
_OF_STATEMENTS = ("statement", "version")
_OF_NO_CONCERN = ("acknowledge", "policy_description", "description", "lifecycle")
# Optional in other resources of concern, and not computed by the provider.
_NOT_COMPUTED = frozenset(
    [
        *("advanced_options", "client_ids", "cross_account_role_name", "cross_account_user_id", "detail"),
        *("disabled", "exclude", "fingerprints", "include", "instance_name", "kms_key_id"),
        *("login_network_masks", "options", "ots_detail", "path", "permission_policies", "policy"),
        *("policy_type", "prefix", "public_access_block_configuration", "resource_arns", "rules"),
        *("schedule", "source", "speed_limit", "targets", "vault_id", "verification_types"),
        *("vpc_configuration", "worm_enabled"),
    ]
)
_NOTHING: tuple[Any, ...] = (None, "", False, [], {})
_GUARDS = ("prevent_destroy", "precondition", "postcondition")
AnyResource = TypeVar("AnyResource", LoadedResource, OtherResource)
_INSTANCE = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')


def align(new: Side, old: Side) -> Input:
    """Both sides, as Terraform would go from the old one to the new one."""
    old = _with_moved_vaults(_in_same_stack(old, new), new)
    new = _with_ids_of_state(new, old)
    before = {(resource.stack, resource.address): resource for resource in old.resources}
    moved = dict(_moves(before, {(each.stack, each.address) for each in new.resources}, new.moved))
    origins = {(stack, to): (stack, address) for (stack, address), to in moved.items()}
    changes: dict[Key, ConfigurationChange] = {}
    unseen: dict[Key, tuple[str, ...]] = {}
    replaced = set()
    resources = []
    for resource in new.resources:
        key = (resource.stack, resource.address)
        was = before.get(key) or before.get(origins.get(key, key))
        if was is not None:
            ignored = resource.settings.get("ignore_changes", ())
            resource = _beside_a_state(resource) if was.is_applied else resource
            if was.is_applied:
                told_apart = _told_apart(was.body, resource.body, resource.attributes)
                resource = evolve(resource, attributes=told_apart)
            if reasons := tuple(_unseen(was, resource, new.resources, ignored)):
                unseen[key] = reasons
            change = _change(was, resource, ignored)
            resource = _as_terraform_takes_it(was, resource, change)
            if change.is_told:
                changes[key] = change
            if change.place or _is_tainted(was, old, resource.is_applied):
                replaced.add(key)
        elif _is_within(key, new.imported):
            changes[key] = ConfigurationChange(is_imported=True)
        resources.append(resource)
    others = list(_others(new, old))
    after = {(resource.stack, resource.address) for resource in resources}
    gone = [key for key in before if key not in after and key not in moved]
    return Input(
        new=evolve(new, resources=tuple(resources), moved=moved),
        old=old,
        replaced=frozenset(replaced),
        forgotten=frozenset(key for key in gone if _is_within(key, new.forgotten)),
        configuration=changes,
        unseen=unseen,
        modules=tuple(_modules(new.modules, old.modules)),
        surroundings=tuple(_surroundings(new, old)),
        others=tuple(each for each in others if not is_of_no_concern(each)),
        unrelated=_unrelated(new, old) + Counter(each.type_name for each in others if is_of_no_concern(each)),
    )


def with_no_old_side(new: Side) -> Input:
    """One side alone: all of it is added."""
    nothing = Side(name="")
    others = _others(new, nothing)
    return Input(
        new=new,
        old=None,
        others=tuple(each for each in others if not is_of_no_concern(each)),
        surroundings=tuple(_surroundings(new, nothing)),
    )


def _in_same_stack(old: Side, new: Side) -> Side:
    """The old side; two single configurations are one stack, whatever their files and folders are called."""
    if not (old.is_single and new.is_single and old.stacks != new.stacks):
        return old
    stack = new.stacks[0]
    return evolve(
        old,
        stacks=new.stacks,
        resources=tuple(evolve(resource, stack=stack) for resource in old.resources),
        versions=tuple(version._replace(stack=stack) for version in old.versions),
        tainted=frozenset((stack, address) for _, address in old.tainted),
        others=tuple(evolve(other, stack=stack) for other in old.others),
        modules=tuple(evolve(module, stack=stack) for module in old.modules),
        surroundings=tuple(evolve(each, stack=stack) for each in old.surroundings),
        unrelated={(stack, address): value for (_, address), value in old.unrelated.items()},
    )


# ------------------------------------------------------------ addresses


def _moves(before: Iterable[Key], after: Set[Key], moved: Mapping[Key, str]) -> Iterator[tuple[Key, str]]:
    """The new address of each old resource that Terraform moves.

    As `moved` blocks say, also of a whole module, or of all instances; and the first one where `count` comes
    or goes.
    """
    there = set(before)
    for stack, address in there - after:
        target = _moved(stack, address, moved)
        if target == address:
            target = address.removesuffix("[0]") if address.endswith("[0]") else f"{address}[0]"
        if (stack, target) in after and (stack, target) not in there:
            yield (stack, address), target


def _moved(stack: str, address: str, moved: Mapping[Key, str]) -> str:
    for _ in range(len(moved) + 1):
        for (other, start), to in moved.items():
            # Where one of the two is an instance, so is the other one: `a` is not all of `a` then.
            parts = (f"{start}.",) if start.endswith("]") or to.endswith("]") else (f"{start}.", f"{start}[")
            if other == stack and (address == start or address.startswith(parts)):
                address = f"{to}{address[len(start) :]}"
                break
        else:
            break
    return address


def _is_tainted(was: LoadedResource | OtherResource, old: Side, is_applied: bool) -> bool:
    """Whether Terraform destroys a resource, and makes it anew, whatever configuration says."""
    return not is_applied and (was.stack, was.address) in old.tainted


def _is_within(key: Key, named: frozenset[Key]) -> bool:
    """Whether it is one of these addresses, an instance of one, or in a module of that address."""
    stack, address = key
    plain = _INSTANCE.sub("", address)
    return any(other == stack and (plain == start or plain.startswith(f"{start}.")) for other, start in named)


def _with_moved_vaults(old: Side, new: Side) -> Side:
    """The old side, where a vault that is moved, and stays what it is, has its id of the new one."""
    before = {(other.stack, other.address): other for other in old.others if other.type_name in VAULTS}
    after = {(other.stack, other.address): other for other in new.others if other.type_name in VAULTS}
    referring: list[LoadedResource | OtherResource] = [*new.resources, *new.others]
    behind = {
        (each.stack, source): name
        for each in referring
        if not each.address.startswith("module.")
        for source, name in each.refers_to.items()
    }
    renamed: dict[Key, tuple[str, str]] = {}
    for (stack, address), to in _moves(before, after.keys(), new.moved):
        source = f"${{{to}.id}}"
        if (stack, source) in behind and _is_same_vault(before[stack, address], after[stack, to]):
            renamed[stack, f"${{{address}.id}}"] = source, behind[stack, source]
    if not renamed:
        return old
    return evolve(
        old,
        resources=tuple(_with_ids_renamed(each, renamed) for each in old.resources),
        others=tuple(_with_ids_renamed(each, renamed) for each in old.others),
    )


def _with_ids_of_state(new: Side, old: Side) -> Side:
    """The new side, in which the id of a vault or a backup policy that stays is the one of the state."""
    ids = {
        (now.stack, f"${{{now.address}.id}}"): id
        for was, now in _not_made_anew(new, old)
        if isinstance(id := was.attributes.get("id"), str) and not isinstance(id, Deferred)
        if (was.stack, was.address) not in old.tainted and "replace_triggered_by" not in now.settings
    }
    if not ids:
        return new
    return evolve(
        new,
        resources=tuple(_with_ids(each, ids) for each in new.resources),
        others=tuple(_with_ids(each, ids) for each in new.others),
    )


def _not_made_anew(
    new: Side, old: Side
) -> Iterator[tuple[LoadedResource | OtherResource, LoadedResource | OtherResource]]:
    """The backup policies and vaults whose arguments make nothing anew, on both sides."""
    for policy, same in _on_both_sides(old.resources, new.resources, new.moved):
        is_of_type = policy.type is same.type or policy.type.name in same.type.moves_from
        is_policy = policy.kind is ResourceKind.BACKUP_POLICY
        if is_policy and is_of_type and not _is_made_anew(policy, same, ()):
            yield policy, same
    for vault, now in _on_both_sides(old.others, new.others, new.moved):
        if {vault.type_name, now.type_name} <= VAULTS.keys():
            written = _as_written(vault, now.attributes)
            if _is_same_vault(written, evolve(now, settings={})):
                yield vault, now


def _on_both_sides(
    olds: Iterable[AnyResource], news: Iterable[AnyResource], moved: Mapping[Key, str]
) -> Iterator[tuple[AnyResource, AnyResource]]:
    before, after = ({(each.stack, each.address): each for each in side} for side in (olds, news))
    targets = dict(_moves(before, after.keys(), moved))
    for (stack, address), was in before.items():
        now = after.get((stack, targets.get((stack, address), address)))
        if now is not None:
            yield was, now


def _with_ids(resource: AnyResource, ids: Mapping[Key, str]) -> AnyResource:
    """In a module, the same expression names another one."""
    if resource.address.startswith("module."):
        return resource
    known = {source: ids[key] for source in resource.refers_to if (key := (resource.stack, source)) in ids}
    if not known:
        return resource
    rest = {source: name for source, name in resource.refers_to.items() if source not in known}
    return evolve(resource, attributes=_marked(resource.attributes, known), refers_to=rest)


def _is_same_vault(old: OtherResource, new: OtherResource) -> bool:
    after = _marked({**new.attributes, **new.settings}, _marks(old, new))
    return not changed_names(_other_change(old, new, Action.CHANGED, after))


def _with_ids_renamed(resource: AnyResource, renamed: Mapping[Key, tuple[str, str]]) -> AnyResource:
    """In a module, the same expression names another vault."""
    names = {
        source: renamed[resource.stack, source]
        for source in resource.refers_to
        if (resource.stack, source) in renamed and not resource.address.startswith("module.")
    }
    if not names:
        return resource
    kept = {source: name for source, name in resource.refers_to.items() if source not in names}
    attributes = _marked(resource.attributes, {source: to for source, (to, _) in names.items()})
    return evolve(resource, attributes=attributes, refers_to={**kept, **dict(names.values())})


# ------------------------------------------------------------ values


def _change(old: LoadedResource, new: LoadedResource, ignored: Iterable[str]) -> ConfigurationChange:
    places = old.settings.get("provider", {}), new.settings.get("provider", {})
    was, now = set(old.settings.get("ignore_changes", ())), set(ignored)
    differ = _differing(old, new)
    if places[0] != places[1] or _is_made_anew(old, new, now):
        now, kept = set(), {}  # Terraform ignores and keeps nothing of what it creates
    else:
        kept = {} if _names(now, "rules") else dict(_kept(old, new))
    return ConfigurationChange(
        unresolved=tuple(sorted(_unresolved(old, new))),
        place=None if places[0] == places[1] else (json.dumps(places[0]), json.dumps(places[1])),
        ignored=tuple(name for name in differ if _names(now, _written_as(name, new))),
        heeded=tuple(sorted(was - now)),
        partly=tuple(
            name for name in differ if not _names(now, _written_as(name, new)) and _names_part(now, name)
        ),
        kept=kept,
        unguarded=tuple(_unguarded(old, new)),
    )


def _unguarded(old: LoadedResource, new: LoadedResource) -> Iterator[str]:
    """What `lifecycle` prevented, and does not any more, or otherwise; a state tells nothing of it."""
    was, now = ([*listed(side.body.get("lifecycle"))] for side in (old, new))
    for name in () if old.is_applied else _GUARDS:
        before, after = ([cycle.get(name) for cycle in cycles if cycle.get(name)] for cycles in (was, now))
        if before not in ([], ["false"], after):
            yield name


def _not_judged(old: LoadedResource, new: LoadedResource, ignored: Iterable[str]) -> list[str]:
    """The attributes that differ, and that the props have no place for; a state has more than is written."""
    was, now = (beside_props(side.type, side.attributes, is_applied=side.is_applied) for side in (old, new))
    # The document says what the blocks do, but for two states that have no other one.
    if not (old.is_applied and new.is_applied and old.document_text == new.document_text):
        ignored = [*ignored, *_OF_STATEMENTS]
    return [
        name
        for name in (now if old.is_applied else {**was, **now})
        if not (_names(ignored, name) or is_same(was.get(name), now.get(name)))
    ]


def _unseen(
    old: LoadedResource, new: LoadedResource, beside: Iterable[LoadedResource], ignored: Iterable[str]
) -> Iterator[str]:
    """The reasons why it cannot be said what changes."""
    for name in _not_judged(old, new, ignored):
        yield f"{name} is not known here"
    if not old.is_applied or old.form_text != new.form_text:
        return
    # A state says which version was the default, configuration only which one it asks for.
    was, now = (
        [side.attributes.get(name) for name in ("is_default_version", "default_version")]
        for side in (old, new)
    )
    asked = old.attributes.get("set_as_default")
    is_other = not is_same(was, now) if new.is_applied else asked is True and was[0] is False
    if is_other and not (was[0] is now[0] and _is_asked_for(new, now[1], beside)):
        yield "somebody has switched the default version"


def _is_asked_for(resource: LoadedResource, default: object, beside: Iterable[LoadedResource]) -> bool:
    """Whether a resource of a state asks for the default version that this one reports."""
    return isinstance(default, dict) and any(
        each.kind is resource.kind
        and each.policy_name == resource.policy_name
        and each.is_default_version(default)
        for each in beside
        if each.is_applied
    )


def _kept(old: LoadedResource, new: LoadedResource) -> Iterator[tuple[int, dict[str, object]]]:
    """What rules leave out, and keep of the rule that was at the same place, whichever that was."""
    was, now = (_blocks(side.attributes.get("rules")) for side in (old, new))
    for place, (before, after) in enumerate(zip(was, now, strict=False)):
        values = {
            name: before[name]
            for name, nothing in new.type.kept_in_rules.items()
            if after.get(name) is None and before.get(name) not in (None, nothing, str(nothing).lower())
        }
        if values:
            yield place, values


def _blocks(value: object) -> list[dict[str, Any]]:
    """Nested blocks, of which a single one may stand without a list."""
    blocks: list[Any] = value if isinstance(value, list) else [value]
    return blocks if all(isinstance(block, dict) for block in blocks) else []


def _is_made_anew(old: LoadedResource, new: LoadedResource, ignored: Iterable[str]) -> bool:
    names = [name for name in new.type.forces_new_resource if not _names(ignored, name)]
    given = ((name, getattr(new.props, name)) for name in names)  # what is left out stays
    return any(value and getattr(old.props, name, None) != value for name, value in given)


def _written_as(attribute: str, resource: LoadedResource) -> str:
    """The attribute by which `ignore_changes` names another one: of a document made of blocks, the blocks."""
    is_made = attribute == "policy_document" and "statement" in resource.attributes
    return "statement" if is_made else attribute


def _told_apart(
    old: Mapping[str, Any], new: Mapping[str, Any], attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """The attributes of the new one of two states: what is hidden is the same only where it is as before."""
    return {
        name: value if is_same(old.get(name), new.get(name)) else _hidden_anew(value)
        for name, value in attributes.items()
    }


def _hidden_anew(value: Any) -> Any:
    if isinstance(value, Sensitive):
        return Sensitive(f"{value[:-1]}, after}}")
    if isinstance(value, dict):
        return {key: _hidden_anew(item) for key, item in value.items()}
    return [_hidden_anew(item) for item in value] if isinstance(value, list) else value


def _beside_a_state(resource: LoadedResource) -> LoadedResource:
    """The resource without what no state tells: where its provider works, and what is ignored."""
    settings = {name: value for name, value in resource.settings.items() if name not in _NOT_IN_A_STATE}
    return evolve(resource, settings=settings)


def _names(ignored: Iterable[str], attribute: str) -> bool:
    return "all" in ignored or attribute in ignored


def _names_part(ignored: Iterable[str], attribute: str) -> bool:
    return any(name.startswith((f"{attribute}[", f"{attribute}.")) for name in ignored)


def _differing(old: LoadedResource, new: LoadedResource) -> list[str]:
    names = [name for name in dict.fromkeys([*old.attributes, *new.attributes]) if name != "lifecycle"]
    return [name for name in names if old.attributes.get(name) != new.attributes.get(name)]


def _unresolved(old: LoadedResource, new: LoadedResource) -> Iterator[str]:
    """The expressions, and numbers of instances, that may stand for another value than before."""
    for name in sorted({*old.settings, *new.settings} - {"provider", "ignore_changes"}):
        if old.settings.get(name) != new.settings.get(name):
            yield name
    sources = [
        source
        for source in {**old.refers_to, **new.refers_to}
        if old.refers_to.get(source) != new.refers_to.get(source)
    ]
    if not sources:
        return
    texts = {side: _text(side) for side in (old, new)}
    documents = {side: _text(side, only_document=True) for side in (old, new)}
    for source in sources:
        inside = json.dumps(source, ensure_ascii=False)[1:-1]
        is_on_both = source in old.refers_to and source in new.refers_to
        # Of a document the comparison of accesses knows what is unknown on one side only.
        is_elsewhere = any(inside in texts[side] for side in (old, new)) or source.startswith("${dynamic.")
        if is_elsewhere or (is_on_both and any(inside in documents[side] for side in (old, new))):
            yield source


def _text(resource: LoadedResource, *, only_document: bool = False) -> str:
    """The attributes and settings in which an expression matters, but for the document; or the document."""
    document = {name for name in ("policy_document", "document", "statement") if name in resource.attributes}
    attributes = {
        name: value
        for name, value in resource.attributes.items()
        if (name in document) is only_document and name not in _OF_NO_CONCERN
    }
    settings = {} if only_document else resource.settings
    text = json.dumps([attributes, settings], ensure_ascii=False, default=repr)
    return f"{text} {json.loads(text)}" if only_document else text


def _as_terraform_takes_it(
    old: LoadedResource, new: LoadedResource, change: ConfigurationChange
) -> LoadedResource:
    """The new resource: what is ignored or kept is as it was, and what may be another value looks so."""
    attributes = dict(new.attributes)
    for name in change.ignored:
        attributes.pop(name, None)
        if name in old.attributes:
            attributes[name] = old.attributes[name]
    if change.kept:
        rules = _blocks(attributes["rules"])
        attributes["rules"] = [{**rule, **change.kept.get(place, {})} for place, rule in enumerate(rules)]
    marks = _marks(old, new)
    if not marks and not change.ignored and not change.kept:
        return new
    return evolve(new, attributes=_marked(attributes, marks), settings=_marked(dict(new.settings), marks))


def _marks(old: LoadedResource | OtherResource, new: LoadedResource | OtherResource) -> Mapping[str, str]:
    """What the expressions are called that may be other values than before."""
    return {
        source: f"{source[:-1]} /* changed */}}"
        for source, name in new.refers_to.items()
        if old.refers_to.get(source, name) != name
    }


def _marked(value: Any, marks: Mapping[str, str]) -> Any:
    if isinstance(value, Literal):
        return value
    if isinstance(value, str):
        for source, marked in marks.items():
            for write in (lambda text: text, lambda text: json.dumps(text, ensure_ascii=False)[1:-1]):
                value = value.replace(write(source), write(marked))
        return value
    if isinstance(value, dict):
        return {_marked(key, marks): _marked(item, marks) for key, item in value.items()}
    return [_marked(item, marks) for item in value] if isinstance(value, list) else value


# ------------------------------------------------------------ modules


def _modules(new: Iterable[UnreadModule], old: Iterable[UnreadModule]) -> Iterator[ModuleChange]:
    before = {(module.stack, module.address): module for module in old}
    for module in new:
        was = before.pop((module.stack, module.address), None)
        if was is None:
            yield ModuleChange(module, "is new", (None, module.name))
        elif was.name != module.name:
            yield ModuleChange(module, "may have changed", (was.name, module.name))
        elif not module.is_fixed:
            yield ModuleChange(module, "is called as before", (was.name, module.name))
    for module in before.values():
        yield ModuleChange(module, "is gone", (module.name, None))


# ------------------------------------------------------------ surroundings


def _surroundings(new: Side, old: Side) -> Iterator[SurroundingChange]:
    """What is another one than before; of what runs also what is new.

    A provider and a state matter where there was something before. A state only says which provider it was.
    """
    is_state = old.resources and not _is_configuration(old)
    there = {each.stack for each in old.resources} | {each.stack for each in old.others}
    there |= {module.stack for module in old.modules}
    before = {(each.kind, each.stack, each.address): each for each in old.surroundings}
    for each in new.surroundings:
        was = before.pop((each.kind, each.stack, each.address), None)
        is_left_out = each.name == f"hashicorp/{each.address}"  # as by a single file, beside a state
        if is_state and (was is None or is_left_out):
            continue
        is_command = each.kind is SurroundingKind.COMMAND
        if is_command and was is None:
            yield SurroundingChange(None, each)
        elif was is not None and was.name != each.name and (is_command or each.stack in there):
            yield SurroundingChange(was, each)
    for was in before.values():
        if was.shown == AT_DESTROY:
            yield SurroundingChange(was, None)


def _is_configuration(side: Side) -> bool:
    return any(each.kind is SurroundingKind.STATE for each in side.surroundings)


# ------------------------------------------------------------ other resources


def _others(new: Side, old: Side) -> Iterator[OtherChange]:
    before = {(other.stack, other.address): other for other in old.others}
    after = {(other.stack, other.address): other for other in new.others}
    origins = {(key[0], to): key for key, to in _moves(before, after.keys(), new.moved)}
    for key, other in after.items():
        was = before.pop(origins.get(key, key), None)
        values, settings = dict(other.attributes), dict(other.settings)
        if was is None:
            # What is imported becomes what the files say, whatever it was.
            action = Action.CHANGED if _is_within(key, new.imported) else Action.ADDED
        else:
            marks = _marks(was, other)
            values, settings = _marked(values, marks), _marked(settings, marks)
            if was.body is not None and other.body is not None:
                values = _told_apart(was.body, other.body, values)
            elif was.body is not None:  # a state has more than is written, and not where the provider works
                was = _as_written(was, values)
                settings = {name: settings[name] for name in settings.keys() - _NOT_IN_A_STATE}
            is_tainted = _is_tainted(was, old, other.body is not None)
            if (
                not is_tainted
                and settings == was.settings
                and all(
                    _names(settings.get("ignore_changes", ()), name)
                    for name in {*values, *was.attributes}
                    if values.get(name) != was.attributes.get(name)
                )
            ):
                continue
            is_elsewhere = settings.get("provider") != was.settings.get("provider")
            action = Action.REPLACED if is_elsewhere or is_tainted else Action.CHANGED
        yield _other_change(was, other, action, values | settings)
    for key, was in before.items():
        action = Action.FORGOTTEN if _is_within(key, new.forgotten) else Action.REMOVED
        yield _other_change(was, None, action, None)


def _as_written(was: OtherResource, values: Mapping[str, Any]) -> OtherResource:
    """A resource of a state, without what configuration leaves out and the provider computes."""
    written = {name: value for name, value in was.attributes.items() if name in values}
    return evolve(was, attributes=written | dict(_taken_away(was, values)))


def _taken_away(was: OtherResource, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a state has that Terraform takes away where configuration leaves it out: the rest is computed."""
    for name, value in was.attributes.items():
        is_default = value in _NOTHING or (name, value) == ("policy_type", "Custom")
        if name in _NOT_COMPUTED and name not in values and not is_default:
            yield name, value


def _unrelated(new: Side, old: Side) -> Counter[str]:
    """How many resources of no concern are written otherwise, by type; a state is not looked at."""
    if not (_is_configuration(old) and _is_configuration(new)):
        return Counter()
    sides = new.unrelated, old.unrelated
    return Counter(
        next(side[key][0] for side in sides if key in side)
        for key in {**sides[0], **sides[1]}
        if sides[0].get(key) != sides[1].get(key)
    )


def _other_change(
    old: OtherResource | None, new: OtherResource | None, action: Action, after: Mapping[str, Any] | None
) -> OtherChange:
    shown = new or old
    assert shown is not None
    return OtherChange(
        stack=shown.stack,
        address=shown.address,
        type_name=shown.type_name,
        action=action,
        before=None if old is None else {**old.attributes, **old.settings},
        after=after,
        file=shown.file,
        parts=shown.parts,
        old=old,
        new=new,
    )
