"""Which provider carries a plan out, or has made what is in a state: a type may be of any provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.provider import ADDRESS
from constructs_lib.review.loading.plan_completeness import resources
from constructs_lib.review.loading.provider_arguments import source_of
from constructs_lib.review.loading.resource import Surrounding, SurroundingChange, SurroundingKind
from constructs_lib.review.loading.state import STACK

_KNOWN = {"alicloud": source_of("aliyun/alicloud"), "alipolicy": source_of(ADDRESS)}


def providers(name: str, content: Mapping[str, Any]) -> Iterator[SurroundingChange]:
    """The providers that are others than before; or than the known ones, where there was nothing before."""
    prior = content.get("prior_state")
    values = prior.get("values") if isinstance(prior, dict) else None
    before = {
        str(each.get("address")): (label, source)
        for each in resources(values.get("root_module") if isinstance(values, dict) else None)
        if (found := label_and_source(each)) and each.get("mode") == "managed"
        for label, source in [found]
    }
    known = {*before.values(), *_KNOWN.items()}
    told = set()
    for index, entry in enumerate(content.get("resource_changes", ())):
        if entry.get("mode") == "data" or not (found := label_and_source(entry)):
            continue
        label, source = found
        address = entry.get("previous_address") or entry.get("address")
        was = before.get(str(address))
        is_other = found != was if was else label in _KNOWN and found not in known
        if is_other and (was, found) not in told:
            told.add((was, found))
            at = ("resource_changes", index)
            yield SurroundingChange(was and _provider(*was, name, at), _provider(label, source, name, at))


def _provider(label: str, source: str, file: str, parts: tuple[str | int, ...]) -> Surrounding:
    return Surrounding(
        kind=SurroundingKind.PROVIDER,
        stack=STACK,
        address=label,
        name=source,
        shown=source,
        file=file,
        parts=parts,
    )


def providers_of_state(name: str, module: object) -> Iterator[Surrounding]:
    """The providers that have made what is in a state, by the name that their types begin with."""
    made = (label_and_source(each) for each in resources(module) if each.get("mode") == "managed")
    for label, source in dict(found for found in made if found).items():
        yield _provider(label, source, name, ())


def label_and_source(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """The name that a type begins with, and the full source of its provider; None where it is not said."""
    type_name, source = entry.get("type"), entry.get("provider_name")
    if not (isinstance(type_name, str) and isinstance(source, str) and source.count("/") == 2):
        return None
    return type_name.partition("_")[0], source_of(source)
