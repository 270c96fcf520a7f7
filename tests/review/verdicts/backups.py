"""Backup policies: schedules, retentions, copies, locks, vaults and tags."""

from __future__ import annotations

from typing import Any

from tests.review.verdicts.building import (
    BACKUP,
    CLEAN,
    FAILS,
    backup_policy,
    case,
    ignoring,
    merged,
    resources,
    transition,
)


def _rules(name: Any, exp: Any, old: Any, new: Any, t: Any) -> Any:
    case(
        f"bk-{name}-{t}",
        exp,
        resources(**{f"{t}__a": backup_policy(*old)}),
        resources(**{f"{t}__a": backup_policy(*new)}),
    )


def backup(**o: Any) -> Any:
    return {**BACKUP, **o}


def _of_type(t: Any) -> Any:
    _rules("retention", FAILS, (BACKUP, transition(30)), (BACKUP, transition(29)), t)
    _rules("retention-up", CLEAN, (BACKUP, transition(30)), (BACKUP, transition(31)), t)
    _rules("retention-string", FAILS, (BACKUP, transition("30")), (BACKUP, transition("7")), t)
    _rules("retention-float", FAILS, (BACKUP, transition(30.0)), (BACKUP, transition(7.0)), t)
    _rules("retention-removed", FAILS, (BACKUP, transition(30)), (BACKUP,), t)
    _rules(
        "retention-null", FAILS, (BACKUP, transition(30)), (BACKUP, {**transition(30), "retention": None}), t
    )
    _rules("retention-0", FAILS, (BACKUP, transition(30)), (BACKUP, transition(0)), t)
    _rules("retention-neg", FAILS, (BACKUP, transition(30)), (BACKUP, transition(-1)), t)
    _rules("retention-huge", FAILS, (BACKUP, transition(30)), (BACKUP, transition(10**12)), t)
    _rules("retention-junk", FAILS, (BACKUP, transition(30)), (BACKUP, transition("x")), t)
    _rules("retention-expr", FAILS, (BACKUP, transition(30)), (BACKUP, transition("${var.x}")), t)
    _rules("own-retention", FAILS, (backup(retention=30),), (backup(retention=7),), t)
    for p in ("daily", "weekly", "monthly", "yearly"):
        _rules(f"special-{p}-gone", FAILS, (BACKUP, transition(30, **{p: 400})), (BACKUP, transition(30)), t)
        _rules(
            f"special-{p}-less",
            FAILS,
            (BACKUP, transition(30, **{p: 400})),
            (BACKUP, transition(30, **{p: 100})),
            t,
        )
    _rules(
        "special-yearly-to-monthly",
        FAILS,
        (BACKUP, transition(30, yearly=400)),
        (BACKUP, transition(30, monthly=400)),
        t,
    )
    _rules(
        "special-null",
        FAILS,
        (BACKUP, transition(30, weekly=400)),
        (BACKUP, {**transition(30), "retention_rules": None}),
        t,
    )
    _rules(
        "special-empty",
        FAILS,
        (BACKUP, transition(30, weekly=400)),
        (BACKUP, {**transition(30), "retention_rules": []}),
        t,
    )
    _rules(
        "keep-latest-off",
        CLEAN,
        (backup(keep_latest_snapshots=1), transition()),
        (backup(keep_latest_snapshots=0), transition()),
        t,
    )
    for n, s in {
        "weekly": "I|1648605600|P7D",
        "2d": "I|1648605600|P2D",
        "cron-weekly": "0 0 0 ? * MON",
        "far": "I|1903132800|P1D",
        "never-cron": "0 0 2 30 2 ?",
        "empty": "",
        "none": None,
        "junk": "daily",
        "ms": "I|1648605600000|P1D",
        "PT": "I|1648605600|P52W",
        "exp": "${var.x}",
    }.items():
        _rules(f"schedule-{n}", FAILS, (BACKUP, transition()), (backup(schedule=s), transition()), t)
    _rules(
        "schedule-same-hours",
        CLEAN,
        (BACKUP, transition()),
        (backup(schedule="I|1648605600|PT24H"), transition()),
        t,
    )
    _rules("vault", CLEAN, (BACKUP, transition()), (backup(vault_id="v-2"), transition()), t)
    _rules("backup-rule-gone", FAILS, (BACKUP, transition()), (transition(),), t)
    case(
        f"bk-rules-empty-{t}",
        FAILS,
        resources(**{f"{t}__a": backup_policy()}),
        resources(**{f"{t}__a": {**backup_policy(), "rules": []}}),
    )
    case(
        f"bk-rules-null-{t}",
        FAILS,
        resources(**{f"{t}__a": backup_policy()}),
        resources(**{f"{t}__a": {**backup_policy(), "rules": None}}),
    )
    case(
        f"bk-rules-missing-{t}",
        FAILS,
        resources(**{f"{t}__a": backup_policy()}),
        resources(**{f"{t}__a": {"policy_name": "daily", "policy_type": "STANDARD"}}),
    )
    case(
        f"bk-rules-dynamic-fewer-{t}",
        FAILS,
        merged(
            resources(
                **{
                    f"{t}__a": {
                        "policy_name": "daily",
                        "policy_type": "STANDARD",
                        "dynamic": {
                            "rules": {
                                "for_each": "${local.r}",
                                "content": {
                                    "rule_type": "${rules.value.t}",
                                    "backup_type": "COMPLETE",
                                    "schedule": "I|1648605600|P1D",
                                    "vault_id": "v-1",
                                    "retention": "${rules.value.n}",
                                },
                            }
                        },
                    }
                }
            ),
            {"locals": {"r": [{"t": "BACKUP", "n": 30}]}},
        ),
        merged(
            resources(
                **{
                    f"{t}__a": {
                        "policy_name": "daily",
                        "policy_type": "STANDARD",
                        "dynamic": {
                            "rules": {
                                "for_each": "${local.r}",
                                "content": {
                                    "rule_type": "${rules.value.t}",
                                    "backup_type": "COMPLETE",
                                    "schedule": "I|1648605600|P1D",
                                    "vault_id": "v-1",
                                    "retention": "${rules.value.n}",
                                },
                            }
                        },
                    }
                }
            ),
            {"locals": {"r": [{"t": "BACKUP", "n": 3}]}},
        ),
    )

    def replication(r: Any, n: Any) -> Any:
        return {"rule_type": "REPLICATION", "replication_region_id": r, "retention": n}

    _rules("replica-gone", FAILS, (BACKUP, transition(), replication("cn-a", 30)), (BACKUP, transition()), t)
    _rules(
        "replica-region",
        FAILS,
        (BACKUP, transition(), replication("cn-a", 30)),
        (BACKUP, transition(), replication("cn-b", 30)),
        t,
    )
    _rules(
        "replica-shorter",
        FAILS,
        (BACKUP, transition(), replication("cn-a", 30)),
        (BACKUP, transition(), replication("cn-a", 3)),
        t,
    )
    _rules(
        "replica-unknown",
        FAILS,
        (BACKUP, transition(), replication("cn-a", 30)),
        (BACKUP, transition(), replication("${var.r}", 30)),
        t,
    )
    # What a rule of the official provider leaves out stays as it was at that place.
    left_out = CLEAN if t == "hbr" else FAILS
    _rules(
        "immutable-off", left_out, (BACKUP, {**transition(), "immutable": True}), (BACKUP, transition()), t
    )
    _rules("immutable-on", FAILS, (BACKUP, transition()), (BACKUP, {**transition(), "immutable": True}), t)
    _rules(
        "immutable-string-off",
        FAILS,
        (BACKUP, {**transition(), "immutable": "true"}),
        (BACKUP, {**transition(), "immutable": "false"}),
        t,
    )
    _rules("type-incremental", CLEAN, (BACKUP, transition()), (BACKUP, transition()), t)
    case(
        f"bk-policy-type-{t}",
        FAILS,
        resources(**{f"{t}__a": backup_policy()}),
        resources(**{f"{t}__a": backup_policy(policy_type="UDM_ECS_ONLY")}),
    )
    case(
        f"bk-single-block-{t}",
        FAILS,
        resources(**{f"{t}__a": backup_policy(BACKUP)}),
        resources(**{f"{t}__a": {**backup_policy(), "rules": transition()}}),
    )
    case(
        f"bk-name-only-{t}",
        CLEAN,
        resources(**{f"{t}__a": backup_policy()}),
        resources(**{f"{t}__a": backup_policy(policy_name="other")}),
    )

    def tag_rule(f: Any, tag: Any) -> Any:
        return {
            "rule_type": "TAG",
            "data_source_filters": [{"source_type": x} for x in f],
            "tag_filters": tag,
        }

    def tag(k: Any, v: Any = None, o: Any = "EQUAL") -> Any:
        return {"key": k, "operator": o, **({} if v is None else {"value": v})}

    def _tags(n: Any, exp: Any, a: Any, b: Any) -> Any:
        _rules(f"tag-{n}", exp, (BACKUP, transition(), a), (BACKUP, transition(), b), t)

    _tags(
        "added", FAILS, tag_rule(["OSS"], [tag("a", "1")]), tag_rule(["OSS"], [tag("a", "1"), tag("b", "2")])
    )
    _tags(
        "removed",
        CLEAN,
        tag_rule(["OSS"], [tag("a", "1"), tag("b", "2")]),
        tag_rule(["OSS"], [tag("a", "1")]),
    )
    _tags("value", FAILS, tag_rule(["OSS"], [tag("a", "1")]), tag_rule(["OSS"], [tag("a", "2")]))
    _tags("any-to-value", FAILS, tag_rule(["OSS"], [tag("a")]), tag_rule(["OSS"], [tag("a", "2")]))
    _tags("value-to-any", CLEAN, tag_rule(["OSS"], [tag("a", "1")]), tag_rule(["OSS"], [tag("a")]))
    _tags("op-not", FAILS, tag_rule(["OSS"], [tag("a", "1")]), tag_rule(["OSS"], [tag("a", "1", "NOT")]))
    _tags("op-not-to-any", CLEAN, tag_rule(["OSS"], [tag("a", "1", "NOT")]), tag_rule(["OSS"], [tag("a")]))
    _tags(
        "not-other",
        FAILS,
        tag_rule(["OSS"], [tag("a", "1", "NOT")]),
        tag_rule(["OSS"], [tag("a", "2", "NOT")]),
    )
    _tags(
        "equal-to-not-other",
        CLEAN,
        tag_rule(["OSS"], [tag("a", "1")]),
        tag_rule(["OSS"], [tag("a", "2", "NOT")]),
    )
    _tags(
        "equal-to-not-empty",
        FAILS,
        tag_rule(["OSS"], [tag("a", "1")]),
        tag_rule(["OSS"], [tag("a", "", "NOT")]),
    )
    _tags("any-to-not", FAILS, tag_rule(["OSS"], [tag("a")]), tag_rule(["OSS"], [tag("a", "2", "NOT")]))
    _tags("key-case", FAILS, tag_rule(["OSS"], [tag("a", "1")]), tag_rule(["OSS"], [tag("A", "1")]))
    _tags("source-type", FAILS, tag_rule(["OSS", "NAS"], [tag("a", "1")]), tag_rule(["OSS"], [tag("a", "1")]))
    _tags("source-type-other", FAILS, tag_rule(["OSS"], [tag("a", "1")]), tag_rule(["NAS"], [tag("a", "1")]))
    _tags(
        "source-type-more",
        CLEAN,
        tag_rule(["OSS"], [tag("a", "1")]),
        tag_rule(["OSS", "NAS"], [tag("a", "1")]),
    )
    _tags("source-all-to-one", FAILS, tag_rule([], [tag("a", "1")]), tag_rule(["OSS"], [tag("a", "1")]))
    _tags(
        "op-unknown",
        FAILS,
        tag_rule(["OSS"], [tag("a", "1")]),
        tag_rule(["OSS"], [tag("a", "1", "${var.o}")]),
    )
    _tags(
        "value-unknown", FAILS, tag_rule(["OSS"], [tag("a", "1")]), tag_rule(["OSS"], [tag("a", "${var.o}")])
    )
    _rules(
        "tag-rule-gone",
        FAILS,
        (BACKUP, transition(), tag_rule(["OSS"], [tag("a", "1")])),
        (BACKUP, transition()),
        t,
    )
    _rules(
        "tag-rule-added",
        CLEAN,
        (BACKUP, transition()),
        (BACKUP, transition(), tag_rule(["OSS"], [tag("a", "1")])),
        t,
    )
    _rules(
        "tag-duplicated-key",
        FAILS,
        (BACKUP, transition(), tag_rule(["OSS"], [tag("a", "1")])),
        (BACKUP, transition(), tag_rule(["OSS"], [tag("a", "1"), tag("a", "2")])),
        t,
    )
    cov = backup_policy(BACKUP, transition(), tag_rule(["OSS"], [tag("a", "1")]), policy_name="other")

    def nar(**o: Any) -> Any:
        return backup_policy(BACKUP, transition(), tag_rule(["OSS"], [tag("a", "1"), tag("b", "1")]), **o)

    wide = backup_policy(BACKUP, transition(), tag_rule(["OSS"], [tag("a", "1")]))
    k = f"{t}__a"
    o = f"{t}__o"
    case(f"cover-beside-{t}", CLEAN, resources(**{k: wide, o: cov}), resources(**{k: nar(), o: cov}))
    case(
        f"cover-other-region-{t}",
        FAILS,
        merged(
            resources(**{k: wide, o: {**cov, "provider": "alicloud.w" if t == "hbr" else "alipolicy.w"}}),
            {
                "provider": {
                    "alicloud": [{"region": "a"}, {"alias": "w", "region": "b"}],
                    "alipolicy": [{"region": "a"}, {"alias": "w", "region": "b"}],
                }
            },
        ),
        merged(
            resources(**{k: nar(), o: {**cov, "provider": "alicloud.w" if t == "hbr" else "alipolicy.w"}}),
            {
                "provider": {
                    "alicloud": [{"region": "a"}, {"alias": "w", "region": "b"}],
                    "alipolicy": [{"region": "a"}, {"alias": "w", "region": "b"}],
                }
            },
        ),
    )
    case(
        f"cover-unknown-count-{t}",
        FAILS,
        merged(resources(**{k: wide, o: {**cov, "count": "${var.n}"}}), {"variable": {"n": {}}}),
        merged(resources(**{k: nar(), o: {**cov, "count": "${var.n}"}}), {"variable": {"n": {}}}),
    )
    case(
        f"cover-unknown-rules-{t}",
        FAILS,
        resources(**{k: wide}),
        merged(
            resources(
                **{
                    k: nar(),
                    o: {**cov, "rules": [BACKUP, transition("${var.n}"), tag_rule(["OSS"], [tag("a", "1")])]},
                }
            ),
            {"variable": {"n": {}}},
        ),
    )
    case(
        f"cover-ignored-{t}",
        FAILS,
        resources(**{k: wide, o: backup_policy(policy_name="other", lifecycle=ignoring("rules"))}),
        resources(**{k: nar(), o: {**cov, "lifecycle": ignoring("rules")}}),
    )
    case(
        f"cover-forgotten-{t}",
        FAILS,
        resources(**{k: wide, o: cov}),
        merged(
            resources(**{k: nar()}),
            {
                "removed": [
                    {
                        "from": ("alicloud_hbr_policy" if t == "hbr" else "alipolicy_backup_policy") + ".o",
                        "lifecycle": {"destroy": True},
                    }
                ]
            },
        ),
    )


_of_type("hbr")
_of_type("our")


def _tag(operator: Any, value: Any) -> Any:
    return backup_policy(
        BACKUP, transition(), tag_rule_of({"key": "a", "operator": operator, "value": value})
    )


def tag_rule_of(tag: Any) -> Any:
    return {"rule_type": "TAG", "data_source_filters": [{"source_type": "OSS"}], "tag_filters": [tag]}


for name, old, new in (
    ("not-unknown", ("EQUAL", "1"), ("NOT", "${var.x}")),
    ("unknown-not", ("EQUAL", "${var.x}"), ("NOT", "1")),
    ("operator-list", ("EQUAL", "1"), (["NOT"], "2")),
    ("operator-object", ("EQUAL", "1"), ({"a": 1}, "2")),
    ("operator-null", ("EQUAL", "1"), (None, "2")),
    ("value-list", ("EQUAL", "1"), ("NOT", ["2"])),
):
    case(f"tag-{name}", FAILS, resources(hbr__a=_tag(*old)), resources(hbr__a=_tag(*new)))

_GONE: dict[str, tuple[Any, Any, int]] = {
    "same": ({"retention": 30}, {}, CLEAN),
    "longer": ({"retention": 60}, {}, CLEAN),
    "shorter": ({"retention": 7}, {}, FAILS),
    "left-out": ({}, {}, FAILS),
    "unknown": ({"retention": "${data.x.y.q}"}, {}, FAILS),
    "archive": ({"retention": 120}, {"retention": 120, "archive_days": 30}, FAILS),
    "longest": (
        {"retention": 30},
        {"retention_rules": [{"advanced_retention_type": "WEEKLY", "retention": 90}]},
        FAILS,
    ),
    "as-long": (
        {"retention": 90},
        {"retention_rules": [{"advanced_retention_type": "WEEKLY", "retention": 90}]},
        CLEAN,
    ),
}
for name, (of_backup, of_transition, expected) in _GONE.items():
    case(
        f"bkp-transition-gone-{name}",
        expected,
        resources(hbr__a=backup_policy({**BACKUP, **of_backup}, {**transition(), **of_transition})),
        resources(hbr__a=backup_policy({**BACKUP, **of_backup})),
    )
case(
    "bkp-one-of-two-transitions-gone",
    FAILS,
    resources(hbr__a=backup_policy(BACKUP, transition(7), transition(90))),
    resources(hbr__a=backup_policy(BACKUP, transition(7))),
)


def _cron(expression: str) -> Any:
    return {**BACKUP, "schedule": f"C|1648605600|{expression}"}


_DAILY, _HOURLY = "0 0 2 * * ?", "0 0 * * * ?"
for name, expected, of_old, of_new in (
    ("far-off", FAILS, [_DAILY], [f"{_DAILY} 2022-2060"]),
    ("of-quartz", CLEAN, [_DAILY], [f"{_DAILY} 2022-2199"]),
    ("as-before", CLEAN, [f"{_DAILY} 2022-2060"], [f"{_DAILY} 2022-2060", _HOURLY]),
    ("as-before-at-another-time", CLEAN, [f"{_DAILY} 2022-2060"], ["0 0 3 * * ? 2022-2060"]),
    ("sooner", FAILS, [f"{_DAILY} 2022-2060"], [f"{_DAILY} 2022-2050"]),
    ("later", CLEAN, [f"{_DAILY} 2022-2050"], [f"{_DAILY} 2022-2060"]),
    ("and-goes-on", FAILS, [_DAILY], [f"{_DAILY} 2022-2060,2062-2199"]),
    ("of-one-more", CLEAN, [_DAILY], [_DAILY, f"{_HOURLY} 2022-2060"]),
    ("of-one-of-two", FAILS, [_HOURLY], [_DAILY, f"{_HOURLY} 2022-2060"]),
):
    case(
        f"bkp-end-{name}",
        expected,
        resources(hbr__a=backup_policy(*map(_cron, of_old), transition())),
        resources(hbr__a=backup_policy(*map(_cron, of_new), transition())),
    )
case(
    "bkp-end-of-what-was-an-interval",
    FAILS,
    resources(hbr__a=backup_policy()),
    resources(hbr__a=backup_policy(_cron(f"{_DAILY} 2022-2060"), transition())),
)
case(
    "bkp-policy-type-left-out",
    CLEAN,
    resources(hbr__a=backup_policy()),
    resources(hbr__a={name: value for name, value in backup_policy().items() if name != "policy_type"}),
)
