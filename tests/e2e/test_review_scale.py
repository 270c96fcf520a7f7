"""A thousand policies are reviewed, and shown on one page, in seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from constructs_lib.review.render import html
from constructs_lib.review.report import Action
from tests.review.configurations import (
    allow,
    backup_policy,
    backup_rule,
    changed,
    configuration,
    ram_policy,
    reviewed,
    transition,
)
from tests.review.test_html import Page, folds


def many(count: int, retention: int) -> dict[str, Any]:
    days = transition(retention, weekly=60, yearly=730)
    backups = {
        f"hbr__b{index}": backup_policy(backup_rule(schedule=f"I|{1648605600 + index % 10 * 60}|P1D"), days)
        for index in range(count // 2)
    }
    actions = ["oss:GetObject", *(["oss:PutObject"] if retention == 7 else [])]
    access = {
        f"ram__r{index}": ram_policy(allow(actions, f"acs:oss:*:*:bucket-{index}/*"))
        for index in range(count // 2)
    }
    return configuration(**backups, **access)


def test_a_thousand_policies_take_seconds(tmp_path: Path) -> None:
    started = time.process_time()
    report = reviewed(tmp_path, many(1_000, 7), many(1_000, 30))
    assert report.actions[Action.CHANGED] == 1_000
    assert time.process_time() - started < 10


def test_of_a_thousand_policies_twelve_are_unfolded_and_the_page_is_done_in_ten_seconds(
    tmp_path: Path,
) -> None:
    report = reviewed(tmp_path, changed(910, is_new=True), changed(910, is_new=False))
    begin = time.process_time()
    rendered = html.render(report)
    assert time.process_time() - begin < 10
    page = Page(rendered)
    assert len(folds(page)) == 1_001
    assert [is_open for _, is_open in folds(page)] == [True] * 12 + [False] * 989
    assert len(rendered.encode()) < 6_000_000
