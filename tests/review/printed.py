"""What a review prints in some cases, in each format, as it was when somebody last looked: a digest of each.

`python -m tests.review.printed` records the digests anew. With the name of a folder it writes the pages into
it instead: those of two commits are compared with `diff -r`.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import github, html, json_report, junit, markdown, sarif, text
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    change,
    changed,
    configuration,
    hostile,
    plan,
    ram_policy,
    realistic,
    replication,
    reviewed,
    transition,
    written,
)
from tests.review.verdicts import every_case
from tests.review.verdicts.building import written as written_side

FILE = Path(__file__).with_name("printed.json")
# How a page looks, and how a code is explained, whatever the case.
_NOT_OF_THE_CASE = re.compile(
    r"""<(style|script)>.*?</\1>|sha256-[\w+/=]+|"fullDescription": {\s*"text": "[^\n]*""", re.DOTALL
)
FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text.render,
    "terminal": partial(text.render, width=60, colour=True),
    "markdown": markdown.render,
    "html": html.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "junit-note": partial(junit.render, fail_on=Level.NOTE),
    "github": github.render,
    "json": json_report.render,
}
# Those that come by the most different places of the renderers.
_VERDICTS = (
    *("attachment-of-a-deny-removed", "behind-ignored-new", "bk-policy-type-hbr", "bk-replica-gone-hbr"),
    *("bk-schedule-cron-weekly-hbr", "bk-special-monthly-less-hbr", "bk-special-yearly-gone-hbr"),
    *("bk-special-yearly-to-monthly-hbr", "cover-forgotten-hbr", "cover-unknown-rules-hbr"),
    *("doc-principal-same", "doc-template-directive", "inst-count-ab-none", "inst-unknown-count-ab-none"),
    *("p-bound-circle", "p-clou-sens-after", "p-fallback-may-be-rotated-away"),
    *("p-further-rule-order-official", "r-module-expr-source", "r-name-of-self-each", "r-stmt-cond-mfa"),
    *("r-stmt-notaction", "v-forgotten-and-new", "version-of-two-defaults-one-stays"),
)
_VERSION = "alipolicy_policy_version"
_UNROTATED = {"rotate_strategy": "None"}
_DENY = {"Effect": "Deny", "Action": "oss:DeleteObject", "Resource": "*"}


def _of_verdict(name: str) -> Report:
    case = every_case()[name]
    old = None if case.old is None else written_side(Path("old"), case.old)
    return review(read_input(written_side(Path("new"), case.new), old), at=AT)


def _of_files(new: Json, old: Json | None, **arguments: Any) -> Report:
    return reviewed(Path(), new, old, **arguments)


def _of_plan(content: Json) -> Report:
    return review(read_input(written(Path(), "plan.json", content)), at=AT)


def _two_stacks(*, is_approved: bool) -> Report:
    for side in ("old", "new"):
        backups, access = realistic(is_new=side == "new")
        cdktf_out(Path(side), backups=backups, access=access)
    given = read_input(Path("new"), Path("old"))
    report = review(given, at=AT)
    deltas = [resource.delta for resource in report.resources() if resource.delta]
    return review(given, at=AT, approve=[*deltas, "0123456789ab"]) if is_approved else report


def _gravest_first() -> Report:
    """An error in each of two stacks, and something fine beside the first."""
    for side, days in (("old", 30), ("new", 7)):
        policies = [backup_policy(backup_rule(), transition(number)) for number in (days, 37 - days)]
        worse, better = policies
        cdktf_out(Path(side), a=configuration(hbr__a=worse, hbr__m=better), b=configuration(hbr__z=worse))
    return review(read_input(Path("new"), Path("old")), at=AT)


def _documents() -> tuple[Json, Json]:
    """Grants of every kind, before and after."""
    networks = {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}
    old = configuration(
        ram__a=ram_policy(allow(["oss:Get*", "oss:List*"]), allow("kms:Decrypt", Condition=networks), _DENY),
        ram__b=ram_policy(allow("ecs:*"), policy_name="b"),
        ram__c=ram_policy(allow("*"), policy_name="c"),
        ram__d=ram_policy(allow("a:b"), policy_name="d"),
        ram__e=ram_policy(allow("log:*"), policy_name="e"),
    )
    new = configuration(
        ram__a=ram_policy(allow("oss:*", NotAction="x:y"), allow(["oss:*", "kms:Decrypt"])),
        ram__b=ram_policy(allow("ecs:*"), {**_DENY, "Action": "ecs:Stop*"}, policy_name="b"),
        ram__c=ram_policy(
            {"Effect": "Allow", "NotAction": [f"a{place}:*" for place in range(9)], "Resource": "*"},
            {"Effect": "Allow", "Action": "fc:*", "NotResource": ["acs:fc:*:*:a", "acs:fc:*:*:b"]},
            policy_name="c",
        ),
        ram__d=ram_policy(
            allow("*", Condition=networks), allow("ram:*"), allow(["hbr:DeleteVault"]), policy_name="d"
        ),
        ram__e=ram_policy(policy_document="${var.document}", policy_name="e"),
        ram__f=ram_policy(allow("*"), policy_name="f"),
    )
    return new, old


def _backups() -> tuple[Json, Json]:
    """Promises that get better, worse, unknown, come and go."""
    acknowledged = {"//": {"alipolicy": {"acknowledge": {"BP305": "The vault is a copy.", "BP309": "No."}}}}
    weekly = backup_rule(schedule="C|1648605600|0 0 2 ? * 1")
    old = configuration(
        hbr__better=backup_policy(backup_rule(), transition(7), policy_name="better"),
        hbr__copied=backup_policy(
            backup_rule(), transition(60, weekly=90), replication(), replication("cn-beijing"), **acknowledged
        ),
        hbr__gone=backup_policy(backup_rule(schedule="I|1648605600|PT5H", retention=7), policy_name="gone"),
        hbr__rarer=backup_policy(backup_rule(keep_latest_snapshots=1), transition(30), policy_name="rarer"),
        hbr__hours=backup_policy(backup_rule(schedule="I|1648605600|PT5H", retention=9), policy_name="hours"),
        hbr__ordered=backup_policy(backup_rule(), transition(30, monthly=365), policy_name="ordered"),
        hbr__unknown=backup_policy(backup_rule(), transition(7), policy_name="unknown"),
    )
    new = configuration(
        hbr__better=backup_policy(backup_rule(), transition(30, yearly=800), policy_name="better"),
        hbr__copied=backup_policy(
            backup_rule(), transition(45, weekly=80), replication(retention=3), **acknowledged
        ),
        hbr__never=backup_policy(
            backup_rule(schedule="C|1648605600|0 0 2 30 2 ?"), transition(7), policy_name="never"
        ),
        hbr__new=backup_policy(backup_rule(retention=9), replication(), policy_name="new"),
        hbr__hours=backup_policy(backup_rule(schedule="I|1648605600|PT7H", retention=9), policy_name="hours"),
        hbr__rarer=backup_policy(weekly, transition(30), policy_name="rarer"),
        hbr__ordered=backup_policy(transition(30, monthly=365), weekly, policy_name="ordered"),
        hbr__unknown=backup_policy(backup_rule(), transition("${var.days}"), policy_name="unknown"),
        hbr__alike=backup_policy(backup_rule(retention=9), replication(), policy_name="alike"),
    )
    return new, old


def _long() -> tuple[Json, Json]:
    """More than a page shows of statements, values, grants and characters."""

    def statements(prefix: str, number: int) -> list[Json]:
        return [allow(f"oss:Get{place}", f"{prefix}{place}{'y' * 500}") for place in range(number)]

    old = configuration(
        ram__a=ram_policy(*statements("a", 70)),
        ram__b=ram_policy(*statements("b", 14), policy_name="b"),
        ram__c=ram_policy(allow([f"a:{place}" for place in range(130)]), policy_name="c"),
    )
    new = configuration(
        ram__a=ram_policy(*statements("c", 66)),
        ram__b=ram_policy(*statements("b", 1), policy_name="b"),
        ram__c=ram_policy(allow([f"b:{place}" for place in range(130)]), policy_name="c"),
        ram__d=ram_policy(*(allow("oss:Get*", f"r{place}") for place in range(35)), policy_name="d"),
    )
    return new, old


def _values() -> tuple[Json, Json]:
    """Values of every kind in a document, in rules, and beside them."""
    condition = {"Bool": {"acs:SecureTransport": [True, "true"]}, "StringLike": {"acs:k": ["", " a", "7", 7]}}
    principal = {"Effect": "Deny", "Principal": {"RAM": ["a", "b"]}, "Action": "a:b", "Resource": "*"}
    other = {"rule_type": "BACKUP", "archive_days": 30, "backup_type": "COMPLETE", "schedule": "bad"}
    advanced = [{"advanced_retention_type": "WEEKLY", "retention": 90, "which_snapshot": 2}, "x", {"y": [1]}]
    old = configuration(
        ram__a=ram_policy(allow("a:b", Condition=condition), _DENY, allow("c:d", "r"), description="was"),
        ram__d=ram_policy(_DENY, allow("a:b", "x"), allow("c:d", "x"), policy_name="d"),
        ram__e=ram_policy(allow("a:b", "x"), allow("c:d", "y"), policy_name="e"),
        hbr__b=backup_policy(other, {**transition(7), "retention_rules": advanced}, policy_name="b"),
        hbr__c=backup_policy(rules=["one"], policy_name="c"),
    )
    new = configuration(
        ram__a=ram_policy(
            principal, allow("c:d", ["r", "s"]), _DENY, policy_name=True, tags={"a": {"b": []}}
        ),
        ram__d=ram_policy(allow("e:f", "x"), allow("g:h", "x"), _DENY, policy_name="d"),
        ram__e=ram_policy(allow("e:f", "z"), allow("g:h", "w"), policy_name="e"),
        hbr__b=backup_policy({**other, "archive_days": "30", "schedule": "I|1648605600|P1D"}, policy_name=""),
        hbr__c=backup_policy(rules=["two", [["dreißig"]]], policy_name="c", policy_type=None),
    )
    return new, old


def _beside_backups(action: str, days: int, **others: str) -> Json:
    """A policy of access, and one of backups beside it."""
    return configuration(
        ram__a=ram_policy(allow(action), **others), hbr__b=backup_policy(backup_rule(), transition(days))
    )


def _planned() -> Json:
    """A plan in which something is replaced, hidden, unknown, forgotten, attached, adrift and left out."""
    body = ram_policy(allow("oss:Get*"))
    version = {"policy_name": "reader", "set_as_default": True, "policy_document": body["policy_document"]}
    wider = {**version, "policy_document": ram_policy(allow("*"))["policy_document"]}
    fallback = {"version_id": "v1", "policy_document": ram_policy(allow("ram:*"))["policy_document"]}
    known = {"version_id": "v2", "is_default_version": True, "fallback_version_on_destroy": fallback}
    kept = backup_policy(backup_rule(), transition(30), id="po-1")
    changes = [
        change("alicloud_ram_policy", body, {**body, "policy_name": "q"}, "delete", "create"),
        {**change(_VERSION, {**version, **known}, None, "delete"), "address": f"{_VERSION}.a"},
        {**change(_VERSION, None, {**wider, "set_as_default": False}, "create"), "address": f"{_VERSION}.b"},
        change("alicloud_hbr_policy", kept, {**kept, "policy_name": "s"}, hidden={"rules": True}),
        {**change("alicloud_hbr_policy", kept, None, "forget"), "address": "alicloud_hbr_policy.f"},
        {
            **change("alicloud_hbr_policy", kept, kept, unknown={"rules": True}),
            "address": "alicloud_hbr_policy.u",
        },
        change("alicloud_hbr_vault", {"vault_name": "v"}, None, "delete"),
        change("alicloud_oss_bucket_policy", {"bucket": "b"}, {"bucket": "c"}, "update"),
    ]
    return {**plan(*changes), "resource_drift": changes[:1], "complete": False}


_NASTY = (
    "\ud800\x1b[31m|`</details>```<script>@octocat\u202e\n::error::x ##[error] %0A ]]> ${{ x }} https://x"
)
CASES: dict[str, Callable[[], Report]] = {
    **{name: partial(_of_verdict, name) for name in _VERDICTS},
    "two stacks": partial(_two_stacks, is_approved=False),
    "approved": partial(_two_stacks, is_approved=True),
    "gravest first": _gravest_first,
    "hostile": lambda: hostile(Path(), _NASTY),
    "very long": lambda: hostile(Path(), "x" * 5_000),
    "many": lambda: _of_files(changed(14, is_new=True), changed(14, is_new=False)),
    "no change": lambda: _of_files(changed(3, is_new=True), changed(3, is_new=True)),
    "old ones too": lambda: _of_files(changed(3, is_new=True), changed(3, is_new=True), fail_on_old=True),
    "all new": lambda: _of_files(_documents()[0], None),
    "documents": lambda: _of_files(*_documents()),
    "documents back": lambda: _of_files(*reversed(_documents())),
    "backups": lambda: _of_files(*_backups()),
    "backups back": lambda: _of_files(*reversed(_backups()), zone="UTC"),
    "long": lambda: _of_files(*_long()),
    "values": lambda: _of_files(*_values()),
    "nothing new": lambda: _of_files(_beside_backups("a:b", 30), _beside_backups("a:b", 30, **_UNROTATED)),
    "fine beside an error": lambda: _of_files(
        _beside_backups("a:b", 7), _beside_backups("a:b", 30, **_UNROTATED)
    ),
    "narrower": lambda: _of_files(_beside_backups("a:b", 30), _beside_backups("a:*", 30)),
    "plan": lambda: _of_plan(_planned()),
}


def pages(name: str, folder: Path) -> dict[str, str]:
    """What a case prints, by format."""
    folder.mkdir()
    with chdir(folder):
        report = CASES[name]()
    found = {form: render(report) for form, render in FORMATS.items()}
    return {form: _NOT_OF_THE_CASE.sub("", page) for form, page in found.items()}


def digests(printed: Mapping[str, str]) -> dict[str, str]:
    return {form: hashlib.sha256(page.encode()).hexdigest()[:8] for form, page in printed.items()}


def recorded() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text("utf-8"))
    return found


def main(folder: str | None = None) -> None:
    rows = []
    with TemporaryDirectory() as temporary:
        for name in CASES:
            printed = pages(name, Path(temporary, name))
            rows.append(f"{json.dumps(name)}: {json.dumps(digests(printed))}")
            for form, page in printed.items() if folder else ():
                written(Path(str(folder)), f"{name}/{form}", page)
    if not folder:
        FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
