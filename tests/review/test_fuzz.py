"""Whatever JSON comes in: a report comes out, or an input error that names the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.render import github, html, json_report, junit, markdown, sarif, text
from constructs_lib.review.report import Report
from constructs_lib.review.reviewing import review
from tests.properties import ANY_STRING, examples
from tests.review.configurations import AT, change, paths, plan, realistic, written

SETTINGS = examples(30)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    ANY_STRING,
    st.sampled_from(
        [
            "${a.b}",
            "%{x",
            "7",
            "I|1|P1D",
            "I|0|PT1S",
            "C|0|0 0 2 ? * 3",
            "C|99999999999|* * * * * ?",
            "{}",
            "[",
            "BACKUP",
        ]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_STRING, inner, max_size=3),
    max_leaves=8,
)
BACKUPS, ACCESS = realistic(is_new=True)
OLD_BACKUPS, OLD_ACCESS = realistic(is_new=False)
READER = OLD_ACCESS["resource"]["alicloud_ram_policy"]["reader"]
KEPT = {
    "address": "data.alipolicy_policy_versions.all",
    "mode": "data",
    "type": "alipolicy_policy_versions",
    "values": {
        "policy_name": READER["policy_name"],
        "versions": [
            {"version_id": f"v{at}", "is_default_version": at == 2, "policy_document": text}
            for at, text in enumerate([READER["policy_document"], "{}", READER["policy_document"]])
        ],
    },
}
VERSIONS = {
    **plan(
        change("alipolicy_policy_version", None, {**READER, "set_as_default": True}, "create"),
        change("alipolicy_policy_version", {**READER, "version_id": "v1"}, None, "delete", address="b.b"),
    ),
    "prior_state": {"values": {"root_module": {"resources": [KEPT], "child_modules": [{}]}}},
}
SEEDS: list[Any] = [
    VERSIONS,
    BACKUPS,
    ACCESS,
    plan(
        change(
            "alicloud_hbr_policy",
            OLD_BACKUPS["resource"]["alicloud_hbr_policy"]["daily"],
            BACKUPS["resource"]["alicloud_hbr_policy"]["daily"],
            unknown={"rules": [{"schedule": True}, {}]},
        )
    ),
]


def rendered(folder: Path, new: Any, old: Any = None) -> Report | None:
    before = None if old is None else written(folder, "old.json", old)
    path = written(folder, "new.json", new)
    try:
        found = read_input(path, before)
    except InputError as error:
        problem = str(error)
    else:
        problem = ""
    if problem:
        assert str(folder) in problem
        return None
    report = review(found, at=AT)
    for renderer in (text, markdown, html, sarif, junit, github, json_report):
        renderer.render(report).encode()
    return report


@st.composite
def mutated(draw: st.DrawFn, seeds: list[Any]) -> Any:
    """A good file in which a few places hold something else, or nothing."""
    content = json.loads(json.dumps(draw(st.sampled_from(seeds))))
    for _ in range(draw(st.integers(1, 4))):
        found = [path for path in paths(content) if len(path) > 1]
        if not found:
            break
        *above, last = draw(st.sampled_from(found))
        inside = content
        for key in above:
            inside = inside[key]
        if draw(st.booleans()):
            inside[last] = draw(VALUES)
        else:
            del inside[last]
    return content


@SETTINGS
@given(content=VALUES)
def test_any_json_gives_a_report_or_an_input_error(tmp_path: Path, content: Any) -> None:
    rendered(tmp_path, content)


@SETTINGS
@given(text_=st.text(max_size=40))
def test_any_text_gives_a_report_or_an_input_error(tmp_path: Path, text_: str) -> None:
    rendered(tmp_path, text_)


@SETTINGS
@given(new=mutated(SEEDS[:2]), old=mutated([OLD_BACKUPS, OLD_ACCESS]))
def test_any_broken_change_gives_a_report_or_an_input_error(tmp_path: Path, new: Any, old: Any) -> None:
    rendered(tmp_path, new, old)


@SETTINGS
@given(content=mutated(SEEDS[2:]))
def test_any_broken_plan_gives_a_report_or_an_input_error(tmp_path: Path, content: Any) -> None:
    rendered(tmp_path, content)


@SETTINGS
@given(document=VALUES)
def test_any_document_gives_a_report(tmp_path: Path, document: Any) -> None:
    content = json.loads(json.dumps(ACCESS))
    content["resource"]["alicloud_ram_policy"]["reader"]["policy_document"] = json.dumps(document)
    assert rendered(tmp_path, content, OLD_ACCESS) is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_seeds_themselves_are_good(tmp_path: Path, seed: Any) -> None:
    assert rendered(tmp_path, seed) is not None
