"""Findings about what only a configuration tells of a change: one function per code."""

from __future__ import annotations

import json
from collections.abc import Mapping

from constructs_lib.backup.resource_types import ALICLOUD
from constructs_lib.findings import Phrase, Problem, Problems, check, checks_of, shown
from constructs_lib.review.loading.resource import (
    AT_APPLY,
    ConfigurationChange,
    ModuleChange,
    SurroundingChange,
    SurroundingKind,
)

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


@check("RV343", "A policy is not guarded any more", source=LANGUAGE)
def unguarded(change: ConfigurationChange) -> Problems:
    """`prevent_destroy` is dropped, or a condition that stops an apply is another one. It changes nothing
    today; what it has prevented is possible from then on."""
    for name in change.unguarded:
        received = Phrase(f"lifecycle has not the same {name} as before")
        yield Problem("lifecycle", received, "the same guard", "See that it is needed no more.")


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
    if not change.is_called_alike:
        received = Phrase(f"{change.module.address} {change.what}, and what is in it is not known")
        hint = f"{_PLAN} {_accept(delta)}"
        yield Problem("", received, "modules of the same folder, in JSON", hint)


@check("RV544", "Which version of a module is taken is open", source=LANGUAGE)
def module_not_pinned(named: tuple[ModuleChange, str]) -> Problems:
    """It is called as before, and not looked into. Its source names no fixed version: a branch, a range or
    nothing, so that its content may be another one today, with other policies."""
    change, _ = named
    if change.is_called_alike:
        received = Phrase(f"{change.module.address}: that it is the same as before is taken for granted")
        hint = "Name one version or one commit; the plan shows what is in it."
        yield Problem("", received, "a fixed version", hint)


# ------------------------------------------------------------ what stands around the resources


def _accept(delta: str) -> str:
    return f"Or accept it: --approve {delta}."


def _before_and_after(change: SurroundingChange) -> str:
    before, after = change
    assert after is not None
    if before is None:
        return f"{after.shown}, which is not known here"
    which = f", before {before.shown}" if before.shown != after.shown else " with other arguments"
    return f"{after.shown}{which}"


@check("RV245", "Another provider", source=LANGUAGE)
def other_provider(named: tuple[SurroundingChange, str]) -> Problems:
    """`required_providers`, or a plan, takes the provider of this name from another source: another program
    reads and changes everything, with the same credentials. What it does is not known here."""
    change, delta = named
    if change.shown.kind is SurroundingKind.PROVIDER:
        received = Phrase(f"{change.shown.address} is {_before_and_after(change)}")
        yield Problem("", received, "the same source", f"See that it can be trusted. {_accept(delta)}")


@check("RV246", "Another state", source=LANGUAGE)
def other_state(named: tuple[SurroundingChange, str]) -> Problems:
    """Terraform looks elsewhere for what it has made, in another `backend` or `cloud`. Unless the state is
    moved there, it knows nothing of it: everything is made anew, beside what is deployed."""
    change, delta = named
    if change.shown.kind is SurroundingKind.STATE:
        received = Phrase(f"{change.shown.address} is kept in {_before_and_after(change)}")
        hint = f"Move it with `terraform init -migrate-state`, and review the plan. {_accept(delta)}"
        yield Problem("", received, "the same state", hint)


@check("RV247", "What a command does is not judged", source=LANGUAGE)
def command_changed(named: tuple[SurroundingChange, str]) -> Problems:
    """A provisioner, a data source that is a program, or an action of a provider is new or another one, names
    a local file that has changed, or is run by a change: it may do anything, with the credentials that
    Terraform has."""
    change, delta = named
    if change.shown.kind is SurroundingKind.COMMAND:
        command = change.shown
        what = "is new" if change.before is None else "has changed" if change.after else "is gone"
        since = "" if command.shown == AT_APPLY else f", and {what}"
        when = f" {command.shown}" if command.shown else ""
        received = Phrase(f"not judged: {command.address} runs commands or actions{when}{since}")
        hint = f"Look at what it does. {_accept(delta)}"
        yield Problem("", received, "nothing that runs", hint)


@check("RV342", "Another version of the provider", source=LANGUAGE)
def other_version(named: tuple[SurroundingChange, str]) -> Problems:
    """Another version may be installed than the one that has deployed the policies. It may take arguments
    otherwise, or have other defaults; the plan shows it."""
    change, _ = named
    if change.shown.kind is SurroundingKind.VERSION:
        received = Phrase(f"{change.shown.address} is of version {_before_and_after(change)}")
        yield Problem("", received, "the same version", "Read its changelog, and review the plan.")


OF_SURROUNDINGS = (other_provider, other_state, command_changed, other_version)
"""Every check of a `SurroundingChange` and its delta."""
OF_MODULES = (module_changed, module_not_pinned)
"""Every check of a `ModuleChange` and its delta."""


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


ALL = (*CHECKS, *OF_MODULES, *OF_SURROUNDINGS, forgotten, acknowledged_otherwise)
"""Every check of this module."""
