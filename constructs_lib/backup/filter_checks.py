"""Which data sources a policy chooses by tags, and whose: BP211, BP306, BP312, BP318.

A check looks at known values only, as all of `constructs_lib.backup.checks` do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.backup.policy_view import BackupPolicyView, is_set, says_something
from constructs_lib.backup.rule import CrossAccount, CrossAccountType, RuleType, TagFilter, TagOperator
from constructs_lib.backup.sources import PAGE, SDK
from constructs_lib.findings import Basis, Phrase, Problem, Problems, check, intended
from constructs_lib.tokens import is_token, known

_WORD = re.compile(r"[A-Z]+(_[A-Z]+)*")


@check("BP211", "A tag filter has no key", source=PAGE, basis=Basis.PAGE)
def empty_key(policy: BackupPolicyView) -> Problems:
    """A tag filter names a key; only its value may be left out."""
    for path, tag, _ in policy.tag_filters:
        key = known(tag.key, str)
        if key is not None and not any(each.isprintable() and each != " " for each in key):
            yield Problem(f"{path}.key", key, "the key of a tag", "Name the key, or drop the filter.")


@check("BP306", "data_source_ids is deprecated", source=PAGE, basis=Basis.PAGE)
def deprecated_ids(policy: BackupPolicyView) -> Problems:
    """The API has deprecated DataSourceIds; data sources are chosen by tags."""
    for path, source, _ in policy.data_source_filters:
        if says_something(source.data_source_ids):
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
    documented either: with EQUAL beside NOT the two readings choose quite different sources, and of two
    values of one key no source has both."""
    for path, tag, _ in policy.tag_filters:
        yield from _filter_problems(path, tag)
    for path, rule in policy.of_type(RuleType.TAG):
        filters = rule.tag_filters if isinstance(rule.tag_filters, (list, tuple)) else ()
        tags = [each for each in filters if isinstance(each, TagFilter)]
        allowed = "filters that choose the same by AND and by OR"
        if {TagOperator.EQUAL, TagOperator.NOT} <= {known(tag.operator, str) for tag in tags}:
            hint = "Use one of them in a rule, and look at what the policy backs up after it is made."
            yield Problem(f"{path}.tag_filters", Phrase("EQUAL beside NOT"), allowed, hint)
        elif key := _key_with_two_values(tags):
            received = Phrase(f"EQUAL with two values of the key {key}")
            hint = (
                "A source has one value of a key: if all filters must match, none is backed up. Use one "
                "value in a policy, and look at what it backs up after it is made."
            )
            yield Problem(f"{path}.tag_filters", received, allowed, hint)


def _key_with_two_values(tags: list[TagFilter]) -> str | None:
    values: dict[str, str] = {}
    for tag in tags:
        key, value = known(tag.key, str), known(tag.value, str)
        is_equal = tag.operator == TagOperator.EQUAL
        if is_equal and key and value and values.setdefault(key, value) != value:
            return key
    return None


def _filter_problems(path: str, tag: TagFilter) -> Iterator[Problem]:
    if tag.operator == TagOperator.NOT and not is_set(tag.value):
        hint = "Say which value a source must not have."
        yield Problem(f"{path}.value", tag.value, "a value: NOT excludes it", hint)
    for name in ("key", "value"):
        text = known(getattr(tag, name), str) or ""
        if "*" in text or "?" in text:
            hint = f"Write the whole {name}: no page documents wildcards in tags."
            if name == "value" and tag.operator != TagOperator.NOT:
                hint = "No page documents wildcards in tags. Left out, a value matches any."
            yield Problem(f"{path}.{name}", text, "the text itself: * and ? are taken literally", hint)


@check(
    "BP318",
    "A filter may look at the sources of other accounts than it seems to",
    source=SDK,
    basis=(Basis.SDK, Basis.HARM),
)
def ambiguous_accounts(policy: BackupPolicyView) -> Problems:
    """Only the SDK has `account_scope` and `accounts`, and no text says what they do together. Its texts on
    other operations list the types of an account, and that CROSS_ACCOUNT needs its id and a RAM role there.
    Whoever is left out by a slip is not backed up."""
    for path, source, _ in policy.data_source_filters:
        scope = known(source.account_scope, str)
        if scope and not _WORD.fullmatch(scope):
            hint = "No text lists the scopes; the API writes such words in capitals."
            yield Problem(f"{path}.account_scope", scope, "a word in capitals, as SELF_ACCOUNT is", hint)
        if is_set(source.accounts) and not is_set(source.account_scope):
            hint = "Write both, or neither: no text says whether accounts count without a scope."
            yield Problem(
                f"{path}.accounts", Phrase("no account_scope"), "account_scope beside accounts", hint
            )
    for path, account in policy.accounts:
        yield from _account_problems(path, account)


def _account_problems(path: str, account: CrossAccount) -> Iterator[Problem]:
    kind, user_id = known(account.cross_account_type, str), known(account.cross_account_user_id, int)
    if kind and kind not in CrossAccountType.__members__:
        meant = intended(kind, CrossAccountType, cutoff=0.85)
        hint = f'Did you mean "{meant}"?' if meant else "Write one of these."
        yield Problem(f"{path}.cross_account_type", kind, f"one of {', '.join(CrossAccountType)}", hint)
    if user_id is not None and user_id < 0:
        yield Problem(f"{path}.cross_account_user_id", user_id, "the id of an account", "Check the id.")
    if is_token(account.cross_account_type) or kind == CrossAccountType.SELF_ACCOUNT:
        return
    needed = ("cross_account_user_id", "cross_account_role_name")
    for name in needed if kind == CrossAccountType.CROSS_ACCOUNT else needed[:1]:
        if not is_set(getattr(account, name)):
            hint = f"Add {name}: without it no text says which account is meant, or how it is reached."
            yield Problem(f"{path}.{name}", getattr(account, name), "a value", hint)
