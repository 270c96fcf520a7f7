"""A thousand policies are reviewed, and shown on one page, in seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import html
from constructs_lib.review.report import Action
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    changed,
    configuration,
    ram_policy,
    reviewed,
    transition,
    written,
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


def bindings(count: int, prefix: str) -> dict[str, Any]:
    """A state with bindings of as many policies, which it does not have."""
    kind = "alicloud_hbr_policy_binding"
    values = [
        {"policy_id": f"po-{index}", "source_type": "UDM_ECS", "data_source_id": f"{prefix}{index}"}
        for index in range(count)
    ]
    resources = [
        {"address": f"{kind}.b{index}", "mode": "managed", "type": kind, "values": each}
        for index, each in enumerate(values)
    ]
    return {"format_version": "1.0", "values": {"root_module": {"resources": resources}}}


def test_four_times_as_many_bindings_take_about_four_times_as_long(tmp_path: Path) -> None:
    took = []
    for count in (2_000, 8_000):
        new, old = (
            written(tmp_path, f"{side}{count}.json", bindings(count, side)) for side in ("new", "old")
        )
        started = time.process_time()
        report = review(read_input(new, old), at=AT)
        took.append(time.process_time() - started)
        assert report.actions[Action.CHANGED] == count
    assert took[1] < 8 * took[0]
