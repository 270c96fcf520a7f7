"""The table of the API's fields has what the installed SDK has, and nothing of ours is missing in it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module, metadata
from types import ModuleType

import pytest

from constructs_lib.backup.policy import BLOCKS, PROPS, BackupPolicyProps
from constructs_lib.backup.sources import SDK
from tests.docs.api_fields_page import BESIDE, POLICY, RULES, Field, place_of

SDK_NAME = "alibabacloud_hbr20170908"
FIELDS = (*POLICY, *RULES)
EVERY_ANSWER = set(BESIDE["every answer"])


@pytest.fixture(scope="module")
def models() -> ModuleType:
    return import_module(f"{SDK_NAME}.models")


def fields_of(models: ModuleType, name: str) -> Iterator[str]:
    """The fields of a model and, behind a dot, of those in its lists, by their names on the wire."""
    model = getattr(models, name)
    for parameter in list(inspect.signature(model.__init__).parameters.values())[1:]:
        wire = "".join(word.capitalize() for word in parameter.name.split("_"))
        yield wire
        if inside := re.search(r"main_models\.(\w+)", str(parameter.annotation)):
            yield from (f"{wire}.{field}" for field in fields_of(models, inside[1]))


def with_call(call: str) -> set[str]:
    return {field.path for field in FIELDS if call in field.calls}


def test_it_is_the_version_that_the_checks_and_the_page_name(models: ModuleType) -> None:
    assert f"{SDK_NAME} {metadata.version('alibabacloud-hbr20170908')}" in SDK


def test_the_requests_have_these_fields(models: ModuleType) -> None:
    assert set(fields_of(models, "CreatePolicyV2Request")) == with_call("C")
    assert set(fields_of(models, "UpdatePolicyV2Request")) == with_call("U")
    described = set(fields_of(models, "DescribePoliciesV2Request"))
    assert described == set(BESIDE["DescribePoliciesV2, request"])


def test_the_answers_have_these_fields(models: ModuleType) -> None:
    found = set(fields_of(models, "DescribePoliciesV2ResponseBody"))
    policies = {path.removeprefix("Policies.") for path in found if path.startswith("Policies.")}
    beside = {path for path in found if not path.startswith("Policies.")}
    assert policies == with_call("D")
    assert beside == EVERY_ANSWER | set(BESIDE["DescribePoliciesV2, answer"])
    created = set(fields_of(models, "CreatePolicyV2ResponseBody"))
    assert created == EVERY_ANSWER | set(BESIDE["CreatePolicyV2, answer"])
    assert set(fields_of(models, "UpdatePolicyV2ResponseBody")) == EVERY_ANSWER


def test_a_field_that_is_nowhere_needs_a_note() -> None:
    with pytest.raises(LookupError, match=r"Rules\.Continuous is no prop"):
        place_of(Field("Rules.Continuous", "R"))
    assert place_of(Field("Rules.VaultId", "C")) == "`rules.vault_id`"


def test_every_prop_is_in_the_table() -> None:
    def props(owner: type, prefix: str) -> Iterator[str]:
        for name in PROPS[owner]:
            yield f"`{prefix}{name}`"
            if name in BLOCKS:
                yield from props(BLOCKS[name], f"{prefix}{name}.")

    places = [place_of(field) for field in FIELDS]
    assert set(props(BackupPolicyProps, "")) == {place for place in places if re.fullmatch(r"`[^`]*`", place)}
    assert len({field.path for field in FIELDS}) == len(FIELDS)
