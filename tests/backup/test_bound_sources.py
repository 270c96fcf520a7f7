"""Typed sources: each becomes what the API takes of it, and refuses at once what it cannot take."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.backup.binding import AdvancedOptions, OssDetail, UdmDetail
from constructs_lib.backup.bound_sources import (
    BoundSource,
    CpfsFileSystem,
    EcsFiles,
    EcsInstance,
    LocalNas,
    NasFileSystem,
    OssBucket,
    ServerFiles,
    TablestoreInstance,
)
from constructs_lib.findings import InvalidPropsError
from constructs_lib.tokens import Deferred

LATER = Deferred("later")


@pytest.mark.parametrize(
    ("source", "parameters"),
    [
        (OssBucket("logs"), {"source_type": "OSS", "data_source_id": "logs", "source": None}),
        (OssBucket("logs", "2026/"), {"source_type": "OSS", "data_source_id": "logs", "source": "2026/"}),
        (EcsInstance("i-1"), {"source_type": "UDM_ECS", "data_source_id": "i-1"}),
        (
            TablestoreInstance("t", ["a", "b"]),
            {"source_type": "OTS", "data_source_id": "t", "source": '["a","b"]'},
        ),
    ],
)
def test_becomes_parameters(source: BoundSource, parameters: dict[str, Any]) -> None:
    assert source.parameters() == parameters


@pytest.mark.parametrize(
    "source",
    [
        NasFileSystem("n", "/a", include=["*.sh"], exclude=["*.é"]),
        EcsFiles("i-1", ["/a"], include=["*.sh"], exclude=["*.é"], speed_limit="0:24:1024"),
        ServerFiles("c-1", ["/a"], include=["*.sh"], exclude=["*.é"]),
        LocalNas("n", "/a", include=["*.sh"], exclude=["*.é"]),
        CpfsFileSystem("n", ["/a"], include=["*.sh"], exclude=["*.é"]),
    ],
)
def test_lists_become_json(source: BoundSource) -> None:
    given = source.parameters()
    assert given["source"] in ("/a", '["/a"]')
    assert (given["include"], given["exclude"]) == ('["*.sh"]', '["*.é"]')
    assert source.name == given["data_source_id"]


def test_options_are_those_of_the_type() -> None:
    detail = UdmDetail(snapshot_group=True)
    given = EcsInstance("i-1", options=detail).parameters()
    assert given["advanced_options"] == [AdvancedOptions(udm_detail=[detail])]


def test_what_only_terraform_knows_stays() -> None:
    given = EcsFiles(LATER, LATER, include=LATER).parameters()
    assert (given["data_source_id"], given["source"], given["include"]) == (LATER, LATER, LATER)
    assert LocalNas(LATER, LATER).parameters()["source"] is LATER


@pytest.mark.parametrize(
    ("make", "finding"),
    [
        (lambda: OssBucket(""), "BB103 bucket"),
        (lambda: OssBucket(7), "BB100 bucket"),  # type: ignore[arg-type]
        (lambda: CpfsFileSystem("n", []), "BB104 paths"),
        (lambda: LocalNas("n", ""), "BB104 path"),
        (lambda: NasFileSystem("n", include=["x" * 300]), "BB102 include"),
        (
            lambda: OssBucket("l", options=OssDetail(inventory_cleanup_policy="ALL")),
            "BB101 advanced_options[0].oss_detail[0].inventory_cleanup_policy",
        ),
    ],
)
def test_what_the_api_cannot_take_is_refused_at_once(make: Any, finding: str) -> None:
    with pytest.raises(InvalidPropsError) as error:
        make()
    assert [f"{each.code} {each.path}" for each in error.value.findings] == [finding]


def test_options_of_another_class_are_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"expected UdmDetail\(…\) or"):
        EcsInstance("i-1", options="fast")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"a list of strings.*Fn\.jsonencode"):
        EcsFiles("i-1", [1])  # type: ignore[list-item]
