"""Which data sources a policy chooses by tags: BP211, BP306, BP312.

A check looks at known values only, as all of `constructs_lib.backup.checks` do.
"""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.backup.policy_view import BackupPolicyView, is_set
from constructs_lib.backup.rule import RuleType, TagFilter, TagOperator
from constructs_lib.backup.sources import PAGE
from constructs_lib.findings import Basis, Phrase, Problem, Problems, check
from constructs_lib.tokens import known


@check("BP211", "A tag filter has no key", source=PAGE, basis=Basis.PAGE)
def empty_key(policy: BackupPolicyView) -> Problems:
    """A tag filter names a key; only its value may be left out."""
    for path, tag, _ in policy.tag_filters:
        if known(tag.key, str) == "":
            yield Problem(f"{path}.key", "", "the key of a tag", "Name the key, or drop the filter.")


@check("BP306", "data_source_ids is deprecated", source=PAGE, basis=Basis.PAGE)
def deprecated_ids(policy: BackupPolicyView) -> Problems:
    """The API has deprecated DataSourceIds; data sources are chosen by tags."""
    for path, source, _ in policy.data_source_filters:
        if is_set(source.data_source_ids):
            hint = "Choose data sources by tag_filters."
            yield Problem(f"{path}.data_source_ids", source.data_source_ids, "nothing", hint)


@check(
    "BP312",
    "A tag filter may choose other sources than it seems to",
    source=PAGE,
    basis=(Basis.PAGE, Basis.HARM),
)
def ambiguous_filter(policy: BackupPolicyView) -> Problems:
    """`NOT` needs a value to exclude: without one it stands for any value. Nothing documents wildcards, so
    `*` and `?` are taken literally. Whether several filters of a rule must all match, or any of them, is not
    documented either: with EQUAL beside NOT the two readings choose quite different sources."""
    for path, tag, _ in policy.tag_filters:
        yield from _filter_problems(path, tag)
    for path, rule in policy.of_type(RuleType.TAG):
        filters = rule.tag_filters if isinstance(rule.tag_filters, (list, tuple)) else ()
        operators = {known(each.operator, str) for each in filters if isinstance(each, TagFilter)}
        if {TagOperator.EQUAL, TagOperator.NOT} <= operators:
            received, allowed = Phrase("EQUAL beside NOT"), "filters that choose the same by AND and by OR"
            hint = "Use one of them in a rule, and look at what the policy backs up after it is made."
            yield Problem(f"{path}.tag_filters", received, allowed, hint)


def _filter_problems(path: str, tag: TagFilter) -> Iterator[Problem]:
    if tag.operator == TagOperator.NOT and not is_set(tag.value):
        hint = "Say which value a source must not have."
        yield Problem(f"{path}.value", tag.value, "a value: NOT excludes it", hint)
    for name in ("key", "value"):
        text = known(getattr(tag, name), str) or ""
        if "*" in text or "?" in text:
            hint = "No page documents wildcards in tags. Left out, a value matches any."
            yield Problem(f"{path}.{name}", text, "the text itself: * and ? are taken literally", hint)
