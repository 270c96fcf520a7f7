"""The official SDK of the older generation: its signature, its form, and how it flattens lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import DOCUMENT, Answer

_client: Any = pytest.importorskip("aliyunsdkcore.client", reason="run `make install`")
_exceptions: Any = pytest.importorskip("aliyunsdkcore.acs_exception.exceptions", reason="run `make install`")
_request: Any = pytest.importorskip("aliyunsdkcore.request", reason="run `make install`")


def call(cloud: LocalCloud, version: str, operation: str, method: str = "POST", **parameters: str) -> Answer:
    client = _client.AcsClient(cloud.access_key, cloud.secret_key, "cn-hangzhou")
    request = _request.CommonRequest(domain=cloud.endpoint, version=version, action_name=operation)
    request.set_protocol_type("http")
    request.set_method(method)
    for name, value in parameters.items():
        (request.add_body_params if method == "POST" else request.add_query_param)(name, value)
    answer: Answer = json.loads(client.do_action_with_exception(request))
    return answer


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_makes_a_policy_of_ram(cloud: LocalCloud, method: str) -> None:
    tag = {"Tag.1.Key": "a", "Tag.1.Value": "1"}
    call(cloud, "2015-05-01", "CreatePolicy", method, PolicyName="p", PolicyDocument=DOCUMENT, **tag)
    [policy] = call(cloud, "2015-05-01", "ListPolicies", PolicyType="Custom")["Policies"]["Policy"]
    assert policy["Tags"]["Tag"] == [{"TagKey": "a", "TagValue": "1"}]
    with pytest.raises(_exceptions.ServerException) as caught:
        call(cloud, "2015-05-01", "CreatePolicy", method, PolicyName="p", PolicyDocument=DOCUMENT)
    refusal: Any = caught.value
    assert (refusal.get_error_code(), refusal.get_http_status()) == ("EntityAlreadyExists.Policy", 409)


def test_it_makes_a_vault(cloud: LocalCloud) -> None:
    call(cloud, "2017-09-08", "CreateVault", VaultRegionId="cn-hangzhou", VaultName="v")
    assert call(cloud, "2017-09-08", "DescribeVaults")["TotalCount"] == 1
