"""How much of a source is backed up: all, a path, what is included, and disks; less of it is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.review.configurations import Json, reviewed
from tests.review.test_sources import BOTH, binding, errors, side


def disks(*chosen: str, left_out: Any = (), **others: Any) -> Json:
    detail = {"disk_id_list": list(chosen), "exclude_disk_id_list": list(left_out), **others}
    return {"advanced_options": [{"udm_detail": [detail]}]}


def options(*blocks: Any) -> Json:
    return {"advanced_options": list(blocks)}


# What a binding backs up of its source before and after, and whether it may be less.
PARTS: dict[str, tuple[Json, Json, bool]] = {
    "an unknown part": ({"source": "a/"}, {"source": "${var.off}"}, True),
    "a part that was unknown": ({"source": "${var.off}"}, {"source": "a/"}, True),
    "another order of paths": ({"source": '["/x","/y"]'}, {"source": '["/y","/x"]'}, False),
    "a path in a folder": ({"source": '["/x/a"]'}, {"source": '["/x/"]'}, False),
    "a path that begins alike": ({"source": '["/x/a"]'}, {"source": '["/x"]'}, True),
    "a folder of a path": ({"source": '["/x/"]'}, {"source": '["/x/a"]'}, True),
    "paths that cannot be read": ({"source": '["/x"]'}, {"source": '["/x"'}, True),
    "paths that could not be read": ({"source": '["/x"'}, {"source": '["/x"]'}, True),
    "included in another order": ({"include": '["/x","/y"]'}, {"include": '["/y","/x"]'}, False),
    "included as a list": ({"include": ["/x"]}, {"include": ["/y", "/x"]}, False),
    "included is nothing known": ({"include": [1]}, {"include": [2, 1]}, True),
    "included cannot be read": ({"include": '["/x"]'}, {"include": '["/x"'}, True),
    "included could not be read": ({"include": '["/x"'}, {"include": '["/x"]'}, True),
    "all included": ({"include": '["/x"]'}, {}, False),
    "left out as an object": ({"exclude": {"a": "/x"}}, {}, True),
    "left out as another object": ({"exclude": {"a": "/x"}}, {"exclude": {"a": "/y"}}, True),
    "nothing left out": ({"exclude": '["/x"]'}, {}, False),
    "one more left out": ({"exclude": '["/x"]'}, {"exclude": '["/x","/y"]'}, True),
    "faster": ({"speed_limit": "0:24:1"}, {"speed_limit": "0:24:2"}, True),
    "at any speed": ({"speed_limit": "0:24:1"}, {}, False),
    "one disk less": (disks("d1", "d2"), disks("d1"), True),
    "one disk more": (disks("d1"), disks("d2", "d1"), False),
    "all disks": (disks("d1"), {}, False),
    "all disks, by an empty list": (disks("d1"), disks(), False),
    "one disk where all were meant": ({}, disks("d1"), True),
    "one disk where an empty list was": (disks(), disks("d1"), True),
    "a disk is left out": (disks(), disks(left_out=["d1"]), True),
    "one more is left out": (disks(left_out=["d1"]), disks(left_out=["d2", "d1"]), True),
    "one less is left out": (disks(left_out=["d1", "d2"]), disks(left_out=["d1"]), False),
    "a disk less, and one less left out": (
        disks("d1", "d2", left_out=["d3"]),
        disks("d1"),
        True,
    ),
    "another option": (disks(app_consistent=False), disks(app_consistent=True), True),
    "a disk more, and the same option": (disks("d1", of="x"), disks("d1", "d2", of="x"), False),
    "an option of another kind": (disks("d1"), options({"of": "x", "udm_detail": []}), True),
    "a disk more, and the same kind": (
        options({"of": "x", "udm_detail": [{"disk_id_list": ["d1"]}]}),
        options({"of": "x", "udm_detail": [{"disk_id_list": ["d1", "d2"]}]}),
        False,
    ),
    "an empty option": (disks("d1"), options({"of": "", "udm_detail": []}), False),
    "a disk more, in an object": (
        options({"udm_detail": {"disk_id_list": ["d1"]}}),
        options({"udm_detail": {"disk_id_list": ["d1", "d2"]}}),
        False,
    ),
    "two blocks": (disks("d1"), options({}, {}), True),
    "two details": (disks("d1"), options({"udm_detail": [{}, {}]}), True),
    "a detail that is none": (disks("d1"), options({"udm_detail": "x"}), True),
    "options that are none": (disks("d1"), {"advanced_options": "x"}, True),
}


@pytest.mark.parametrize(("old", "new", "is_less"), PARTS.values(), ids=PARTS.keys())
def test_less_of_a_source_is_an_error(tmp_path: Path, old: Json, new: Json, is_less: bool) -> None:
    variable = {"variable": {"off": {"type": "string"}}}
    sides = (side(BOTH, {"a": binding(**parts)}, others=variable) for parts in (new, old))
    assert errors(reviewed(tmp_path, *sides)) == (["RV264"] if is_less else [])
