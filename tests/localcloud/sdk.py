"""The official SDKs of Cloud Backup and RAM: their models are the contract; the first one calls, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud

_utils: Any = pytest.importorskip("alibabacloud_tea_openapi.utils_models")
_client: Any = pytest.importorskip("alibabacloud_hbr20170908.client", reason="run `make install`")
models: Any = pytest.importorskip("alibabacloud_hbr20170908.models", reason="run `make install`")
ram_models: Any = pytest.importorskip("alibabacloud_ram20150501.models", reason="run `make install`")


def make_client(cloud: LocalCloud, region: str = "cn-hangzhou") -> Any:
    config = _utils.Config(
        endpoint=cloud.endpoint,
        protocol="http",
        access_key_id=cloud.access_key,
        access_key_secret=cloud.secret_key,
        global_parameters=_utils.GlobalParameters(queries={"RegionId": region}),
    )
    return _client.Client(config)


def list_unset_fields(model: Any, path: str = "") -> Iterator[str]:
    """The fields of an answer, and of all in it, that the service left out."""
    for name, value in vars(model).items():
        here = f"{path}.{name}".lstrip(".")
        if value is None:
            yield here
        for index, each in enumerate(value if isinstance(value, list) else [value]):
            if hasattr(each, "from_map"):
                yield from list_unset_fields(each, f"{here}[{index}]" if isinstance(value, list) else here)
