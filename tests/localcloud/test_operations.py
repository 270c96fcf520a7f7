"""Which operations there are, and which parameters they have."""

from __future__ import annotations

import inspect
import re

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.gateway import SERVICES
from constructs_lib.localcloud.service import LocalService
from tests.localcloud.clients import DOCUMENT, Client, Refused, get, refused, v1
from tests.localcloud.sdk import models


def test_what_is_not_served_is_told_in_words_once_on_stderr(
    cloud: LocalCloud, caplog: pytest.LogCaptureFixture
) -> None:
    told = "The local cloud does not serve HBR 2017-09-08 'DescribeClients'; see docs/guides/local-cloud.md."
    for _ in range(2):
        answer = get(cloud, v1(cloud, "DescribeClients", Version="2017-09-08"))
        assert told in answer.json["Message"]
    assert [record.message for record in caplog.records if told in record.message] != []
    assert len(caplog.records) == 1
    answer = get(cloud, v1(cloud, "CreateAccessKey"))
    assert "'CreateAccessKey': it needs the access key of a user, which is not here" in answer.json["Message"]
    answer = get(cloud, v1(cloud, "DescribeInstances", Version="2014-05-26"))
    assert "2020-03-31 (ResourceManager)" in answer.json["Message"]


def test_a_strict_cloud_refuses_a_parameter_that_an_operation_has_not() -> None:
    with LocalCloud(strict=True) as cloud:
        client = Client(cloud, region="cn-shanghai")
        client("DescribeVaults", **{"Tag.1.Key": "a"})
        with pytest.raises(Refused, match="There is no parameter 'VaultIds' of DescribeVaults"):
            client("DescribeVaults", VaultIds="v")
        with refused("UnknownParameter", 400):
            client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT, Tags="[]")
        assert client("ListPolicies", PolicyType="Custom")["Policies"]["Policy"] == []


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_every_operation_names_its_parameters(service: LocalService) -> None:
    assert service.operations.keys() == service.parameters.keys()


def test_the_parameters_are_those_of_the_official_sdk() -> None:
    hbr, compared = SERVICES["2017-09-08"], 0
    for operation, parameters in hbr.parameters.items():
        if model := getattr(models, f"{operation}Request", None):
            fields = set(re.findall(r"result\['(\w+)'\]", inspect.getsource(model.to_map)))
            assert fields == set(parameters.split()), operation
            compared += 1
    assert compared > 15
