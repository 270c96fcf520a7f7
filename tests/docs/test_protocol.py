"""What the guide to the protocol says is what the code does."""

from __future__ import annotations

import re

import pytest

from constructs_lib.provider.protocol.context import Stopping
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.resource import Resource
from constructs_lib.provider.protocol.schema import Attribute
from constructs_lib.provider.protocol.server import RPCS, STREAMED_RPCS
from constructs_lib.provider.protocol.service import RpcService
from constructs_lib.provider.provider import Alipolicy
from tests.docs.protocol_page import ANSWERED, UNANSWERED, protocol_page
from tests.provider.protocol.caller import MESSAGES

PROVIDER = Alipolicy()
# All calls of protocol 6.10, as Terraform 1.15 has them.
ALL = 36


def test_every_call_is_answered_or_not_for_a_reason() -> None:
    unanswered = [name for group in UNANSWERED for name in group.calls]
    assert set(ANSWERED) == RPCS | STREAMED_RPCS
    assert len({*ANSWERED, *unanswered}) == len(ANSWERED) + len(unanswered) == ALL
    page = protocol_page()
    assert set(re.findall(r"`([A-Z][a-z]\w+)`", page)) == {*ANSWERED, *unanswered}
    assert f"Of the {ALL} calls" in page
    assert f"it answers {len(ANSWERED)}; the other {len(unanswered)}" in page


def test_the_capabilities_are_those_that_the_page_names() -> None:
    service = RpcService(Alipolicy, Stopping(), Secrets())
    schema = MESSAGES["GetProviderSchema.Response"].FromString(service.answer("GetProviderSchema", b""))
    announced = [field.name for field, _ in schema.server_capabilities.ListFields()]
    named = protocol_page().partition("## Capabilities")[2].partition("What Terraform says")[0]
    assert re.findall(r"`(\w+)`", named) == announced


@pytest.mark.parametrize("resource", PROVIDER.resources(), ids=lambda resource: resource.type_name)
def test_no_argument_of_a_resource_is_a_secret(resource: Resource) -> None:
    nodes = [node for _, node in resource.schema.walk() if isinstance(node, Attribute)]
    assert nodes
    assert not any(node.sensitive for node in nodes)
