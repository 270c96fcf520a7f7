"""Findings about what only a configuration tells of a change: one function per code."""

from __future__ import annotations

import json
from collections.abc import Mapping

from constructs_lib.backup.resource_types import ALICLOUD
from constructs_lib.findings import Phrase, Problem, Problems, check, checks_of, shown
from constructs_lib.review.loading.resource import ConfigurationChange, ModuleChange

LANGUAGE = "Terraform, configuration language"
_PLAN = "Give the whole folder if it is in another file; else review the plan: `terraform show -json PLAN`."


@check("RV241", "What Terraform fills in may be another value", source=LANGUAGE)
def unresolved(change: ConfigurationChange) -> Problems:
    """The files do not decide the value of an expression, and what it refers to is not the same on both
    sides: a local, a variable, a data source, another resource, a module. So the change is undecided."""
    for expression in change.unresolved:
        received = Phrase(f"{expression} is not decided by the files, and not proven to be the same")
        yield Problem("", received, "a value that the files decide", _PLAN)


@check("RV242", "Another account or region", source=LANGUAGE)
def other_place(change: ConfigurationChange) -> Problems:
    """The provider's configuration, or its alias, leads to another account or region: Terraform makes another
    policy there. What was in the first place is destroyed, or stays there and is managed by nobody."""
    if change.place:
        received = Phrase(f"the provider has {change.place[1]}, before {change.place[0]}")
        hint = "Create it there under another name, and remove this one when nothing needs it."
        yield Problem("", received, "the same account and region", hint)


@check("RV244", "What was ignored takes effect", source=LANGUAGE)
def heeded(change: ConfigurationChange) -> Problems:
    """`ignore_changes` does not name it any more: whatever is deployed there, which the files do not say, is
    replaced. So is a part of an attribute that stays ignored undecided."""
    for name in change.heeded:
        received = Phrase(f"{name} was ignored, and what is deployed is not known")
        yield Problem("", received, "a value that is known before the change", _PLAN)
    for name in change.partly:
        received = Phrase(f"only a part of {name} is ignored")
        yield Problem(name, received, "a value that is known after the change", _PLAN)


@check("RV271", "What is imported is not known", source=LANGUAGE)
def imported(change: ConfigurationChange) -> Problems:
    """An `import` block takes over what is deployed, and changes it to what the files say: it may keep less,
    or allow more, than before. The plan shows both."""
    if change.is_imported:
        received = Phrase("what is deployed is taken over, and changed to what the files say")
        yield Problem("", received, "a resource that is known before the change", _PLAN)


@check("RV341", "What is left out stays", source="aliyun/alicloud, alicloud_hbr_policy")
def kept(change: ConfigurationChange) -> Problems:
    """`immutable` and `archive_days` are optional and computed in the official provider: a rule that leaves
    them out keeps what the rule had that was at its place in the list before, which may be another rule."""
    for place, values in change.kept.items():
        for name, stood in values.items():
            received = Phrase(f"left out, and {shown(stood)} stood at this place before: it stays")
            hint = f"Write {name} = {json.dumps(ALICLOUD.kept_in_rules[name])}, or the value that is meant."
            yield Problem(f"rules[{place}].{name}", received, "a value", hint)


@check("RV542", "A change is ignored", source=LANGUAGE)
def ignored(change: ConfigurationChange) -> Problems:
    """`ignore_changes` names the attribute: what is deployed stays as it is."""
    for name in change.ignored:
        received = Phrase("another value than before, which Terraform ignores")
        yield Problem(name, received, "", "Leave it out of ignore_changes to have it deployed.")


CHECKS = checks_of(globals())
"""Every check of a `ConfigurationChange`, by code."""


@check("RV243", "A module that is not looked into has changed", source=LANGUAGE)
def module_changed(named: tuple[ModuleChange, str]) -> Problems:
    """Its files are not here, or not JSON: which policies it has is not known, and so is not what changes."""
    change, delta = named
    received = Phrase(f"{change.module.address} {change.what}, and what is in it is not known")
    hint = f"{_PLAN} Or accept it: --approve {delta}."
    yield Problem("", received, "modules of the same folder, in JSON", hint)


@check("RV541", "A resource is no longer managed", source=LANGUAGE)
def forgotten(is_forgotten: bool) -> Problems:
    """A `removed` block that does not destroy: the resource stays as it is, and Terraform does not know it
    any more."""
    if is_forgotten:
        received = Phrase("Terraform manages it no more; it stays as it is")
        yield Problem("", received, "", "Delete it by hand when nothing needs it.")


@check("RV543", "What is acknowledged has changed", source=LANGUAGE)
def acknowledged_otherwise(sides: tuple[Mapping[str, str], Mapping[str, str]]) -> Problems:
    """A reason for a finding came, went, or is another one. Neither recovery nor access depends on it, but a
    finding with a reason stops nobody: somebody has decided that."""
    before, after = sides
    for code in sorted({*before, *after}):
        was, now = (shown(side[code]) if code in side else "not acknowledged" for side in sides)
        if before.get(code) != after.get(code):
            received = Phrase(f"{code}: {was} → {now}")
            yield Problem("acknowledge", received, "", "See whether the reason convinces you.")


ALL = (*CHECKS, module_changed, forgotten, acknowledged_otherwise)
"""Every check of this module."""
