"""A reviewed resource on both sides: what may differ behind an expression, is ignored, or stays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import evolve

from constructs_lib.review.loading.blocks import listed
from constructs_lib.review.loading.json_text import is_same
from constructs_lib.review.loading.marks import find_marks, mark
from constructs_lib.review.loading.provider_arguments import PROVIDER_CONFIGURATION
from constructs_lib.review.loading.resource import ConfigurationChange, LoadedResource
from constructs_lib.review.loading.unseen import beside_props

NOT_IN_A_STATE = ("provider", PROVIDER_CONFIGURATION, "ignore_changes")
# Of what the props have no place for, what a document is made of.
_OF_STATEMENTS = ("statement", "version")
_OF_NO_CONCERN = ("acknowledge", "policy_description", "description", "lifecycle")
_GUARDS = ("prevent_destroy", "precondition", "postcondition")


def find_change(old: LoadedResource, new: LoadedResource, ignored: Iterable[str]) -> ConfigurationChange:
    """What else of a resource is another than before, beside its props."""
    places = old.settings.get("provider", {}), new.settings.get("provider", {})
    was, now = set(old.settings.get("ignore_changes", ())), set(ignored)
    differ = _differing(old, new)
    if places[0] != places[1] or is_made_anew(old, new, now):
        now, kept = set(), {}  # Terraform ignores and keeps nothing of what it creates
    else:
        kept = {} if is_named(now, "rules") else dict(_kept(old, new))
    return ConfigurationChange(
        unresolved=tuple(sorted(_unresolved(old, new))),
        place=None if places[0] == places[1] else (json.dumps(places[0]), json.dumps(places[1])),
        ignored=tuple(name for name in differ if is_named(now, _written_as(name, new))),
        heeded=tuple(sorted(was - now)),
        partly=tuple(
            name for name in differ if not is_named(now, _written_as(name, new)) and _names_part(now, name)
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
        if not (is_named(ignored, name) or is_same(was.get(name), now.get(name)))
    ]


def find_unseen(
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


def is_made_anew(old: LoadedResource, new: LoadedResource, ignored: Iterable[str]) -> bool:
    names = [name for name in new.type.forces_new_resource if not is_named(ignored, name)]
    given = ((name, getattr(new.props, name)) for name in names)  # what is left out stays
    return any(value and getattr(old.props, name, None) != value for name, value in given)


def _written_as(attribute: str, resource: LoadedResource) -> str:
    """The attribute by which `ignore_changes` names another one: of a document made of blocks, the blocks."""
    is_made = attribute == "policy_document" and "statement" in resource.attributes
    return "statement" if is_made else attribute


def beside_a_state(resource: LoadedResource) -> LoadedResource:
    """The resource without what no state tells: where its provider works, and what is ignored."""
    settings = {name: value for name, value in resource.settings.items() if name not in NOT_IN_A_STATE}
    return evolve(resource, settings=settings)


def is_named(ignored: Iterable[str], attribute: str) -> bool:
    """Whether `ignore_changes` names an attribute."""
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


def as_terraform_takes_it(
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
    marks = find_marks(old, new)
    if not marks and not change.ignored and not change.kept:
        return new
    return evolve(new, attributes=mark(attributes, marks), settings=mark(dict(new.settings), marks))
