"""The page on the local cloud: what it says a Python client does, such a client does."""

from __future__ import annotations

import re

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.sandbox import variables
from tests.docs.local_cloud_page import PAGE

EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=["new", "old"])
def test_an_example_asks_the_local_cloud(
    example: str, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables(cloud).items():
        monkeypatch.setenv(name, value)
    exec(example, {})
    assert [request.operation for request in cloud.requests()] == ["DescribeVaults"]
    assert "0" in capsys.readouterr().out
