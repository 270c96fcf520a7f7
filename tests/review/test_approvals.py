"""Approvals cover all that a verdict rests on: where what is said differs, the delta does, too."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.properties import examples
from tests.review.configurations import (
    AT,
    allow,
    cdktf_out,
    change,
    configuration,
    document,
    paths,
    plan,
    ram_policy,
    written,
)

Json = dict[str, Any]
VERSION, USER = "alipolicy_policy_version", "alicloud_ram_user_policy_attachment"
TEXTS = [
    document(allow("oss:Get*")),
    document(allow("oss:*")),
    document({"Effect": "Deny", "Action": "oss:*", "Resource": "*"}),
]
OTHERS = [*TEXTS, "P", "Q", "alice", "bob", "v1", "v2", "Custom", "System", True, False, None]


def named(number: int, version_id: str) -> Json:
    return {"version_id": version_id, "policy_document": TEXTS[number]}


def version(number: int, **others: Any) -> Json:
    known = {"default_version": named(0, "v1"), "fallback_version_on_destroy": named(1, "v2")}
    body = {"policy_name": "P", "policy_document": TEXTS[number], "set_as_default": True}
    return {**body, "version_id": "v3", "is_default_version": True, **known, **others}


def attached(user: str) -> Json:
    return {"user_name": user, "policy_name": "P", "policy_type": "Custom"}


def at(name: str, entry: Json) -> Json:
    return {**entry, "address": f"{entry['type']}.{name}"}


def of_plan() -> Json:
    """A plan in which what is said of a policy comes from each of the other things."""
    staged = version(2, set_as_default=False, is_default_version=False, version_id="v4")
    changes = [
        at("a", change(VERSION, version(0), version(1))),
        at("b", change(VERSION, staged, None, "delete")),
        at("c", change(VERSION, version(1, policy_name="Q"), None, "delete")),
        at("u", change(USER, attached("alice"), attached("alice"), "no-op")),
        at("v", change(USER, None, attached("bob"), "create")),
        at("w", change(USER, {**attached("carol"), "policy_name": "Q"}, None, "delete")),
    ]
    drift = [at("a", change(VERSION, version(0), version(2)))]
    listed = [{"version_id": "v2", "policy_document": TEXTS[2], "is_default_version": False}]
    data = {"mode": "data", "type": "alipolicy_policy_versions", "address": "data.x.y"}
    read = {**data, "values": {"policy_name": "P", "versions": listed}}
    state = {"values": {"root_module": {"resources": [read]}}}
    return {**plan(*changes), "resource_drift": drift, "prior_state": state}


def of_folder() -> Json:
    body = ram_policy(allow("oss:Get*"), policy_name="P")
    content = configuration(
        ram__a={**body, "policy_document": "${local.document}"},
        **{f"{VERSION}__b": version(1, policy_name="Q", set_as_default="${var.default}")},
        **{f"{USER}__u": {**attached("${local.user}"), "policy_name": "${alicloud_ram_policy.a.id}"}},
    )
    content["locals"] = {"document": TEXTS[0], "user": "alice"}
    content["variable"] = {"default": {"default": True}}
    content["provider"] = {"alicloud": {"profile": "x"}, "alipolicy": {"profile": "x"}}
    other = configuration(**{f"{VERSION}__d": version(0, set_as_default=False)})
    return {"one": content, "two": other}


def mutated(content: Json, random: Random) -> Json:
    """The same with another value in one place."""
    result = copy.deepcopy(content)
    leaves = [
        path for path in paths(result) if path and path[-1] not in ("address", "type", "mode", "actions")
    ]
    *inside, last = random.choice(leaves)
    around: Any = result
    for key in inside:
        around = around[key]
    if not isinstance(around[last], (dict, list)):
        around[last] = random.choice(OTHERS)
    return result


def verdicts(report: Report) -> Iterator[tuple[str, str | None, Any]]:
    """What is said of the change of each resource, with its delta."""
    for resource in report.resources():
        said = sorted((each.code, each.received) for each in resource.findings if each.is_about_change)
        yield f"{resource.stack} {resource.address}", resource.delta, (said, resource.access)


def assert_covered(first: Report | None, second: Report | None) -> None:
    if first is None or second is None:
        return
    before = {name: (delta, said) for name, delta, said in verdicts(first)}
    for name, delta, said in verdicts(second):
        was = before.get(name)
        if was is not None and delta is not None and was[0] == delta:
            assert said == was[1], name


def reviewed_if_readable(new: Path, old: Path | None = None) -> Report | None:
    try:
        return review(read_input(new, old), at=AT)
    except InputError:
        return None


def test_what_stands_around_the_policies_is_approved_by_its_own_delta(tmp_path: Path) -> None:
    policy = configuration(ram__a=ram_policy(allow("oss:Get*")))
    state = {"terraform": {"backend": {"oss": {"bucket": "b"}}}}
    command = configuration(null_resource__n={"provisioner": [{"local-exec": {"command": "x"}}]})
    new = {"resource": {**policy["resource"], **command["resource"]}, **state}
    given = read_input(written(tmp_path, "new.tf.json", new), written(tmp_path, "old.tf.json", policy))
    found = {each.code: each for each in review(given, at=AT).findings if each.level is Level.ERROR}
    assert found.keys() == {"RV246", "RV247"}
    deltas = [finding.hint.rpartition(" ")[2].rstrip(".") for finding in found.values()]
    assert review(given, at=AT, approve=deltas[:1]).fails(Level.ERROR)
    approved = review(given, at=AT, approve=deltas)
    assert approved.approvals == tuple(sorted(deltas))
    assert not approved.fails(Level.ERROR)


def test_another_guard_has_another_delta(tmp_path: Path) -> None:
    def guarded(condition: str) -> Json:
        guard = {"precondition": [{"condition": condition, "error_message": "x"}]}
        return configuration(ram__a=ram_policy(allow("oss:Get*"), lifecycle=guard))

    sides = [written(tmp_path, f"{name}.tf.json", guarded(f"${{{name} == 1}}")) for name in "abc"]
    deltas = [next(review(read_input(new, sides[0]), at=AT).resources()).delta for new in sides]
    assert len({*deltas}) == 3
    assert deltas[0] is None


@given(seed=st.integers(0, 2**32))
@examples(10)
def test_another_verdict_of_a_plan_has_another_delta(seed: int) -> None:
    random = Random(seed)
    first = mutated(of_plan(), random)
    with TemporaryDirectory() as folder:
        contents = {"1.json": first, "2.json": mutated(first, random)}
        plans = [written(Path(folder), name, content) for name, content in contents.items()]
        assert_covered(*map(reviewed_if_readable, plans))


@given(seed=st.integers(0, 2**32))
@examples(10)
def test_another_verdict_of_files_has_another_delta(seed: int) -> None:
    random = Random(seed)
    new = mutated(of_folder(), random)
    with TemporaryDirectory() as folder:
        old = cdktf_out(Path(folder, "old"), **mutated(of_folder(), random))
        sides = [cdktf_out(Path(folder, "1"), **new), cdktf_out(Path(folder, "2"), **mutated(new, random))]
        assert_covered(*(reviewed_if_readable(side, old) for side in sides))
