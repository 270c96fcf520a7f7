"""A stand-in for the official provider: the schemas of the types that can be moved, and nothing else.

Terraform asks for the schema of whatever is in a state before it moves it, so a `moved` from the official
provider needs one that is installed. This one can do nothing: a test that passes has asked it for nothing.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path
from typing import Any

from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.resource import Provider, Resource
from constructs_lib.provider.protocol.schema import Attribute, Block, Nesting, Schema
from constructs_lib.provider.protocol.server import serve
from constructs_lib.provider.protocol.types import type_from_json

ADDRESS = "registry.terraform.io/aliyun/alicloud"
# OpenTofu takes the address above, in a state, for this one.
ADDRESSES = [ADDRESS, ADDRESS.replace("terraform.io", "opentofu.org")]
VERSION = "1.289.0"
SCHEMA = Path(__file__).parents[1] / "data" / "aliyun-alicloud-schema.json"
_NESTING = {"list": Nesting.LIST, "set": Nesting.SET, "single": Nesting.SINGLE}


def install(mirror: Path, settings: Path) -> None:
    """Put it into a mirror, and say so in a CLI configuration that `alipolicy provider install` wrote."""
    platforms = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")
    for address, platform in product(ADDRESSES, platforms):
        folder = mirror / address / VERSION / platform
        folder.mkdir(parents=True)
        program = folder / f"terraform-provider-alicloud_v{VERSION}"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P "{Path(__file__).resolve()}" "$@"\n')
        program.chmod(0o755)
    before, block, after = settings.read_text().partition("provider_installation {\n")
    names = json.dumps(ADDRESSES)
    ours = f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = {names}\n  }}\n'
    after = after.replace("exclude = [", f"exclude = [{names[1:-1]}, ")
    settings.write_text(f"{before}{block}{ours}{after}")


def _body(block: dict[str, Any]) -> dict[str, Attribute | Block]:
    body: dict[str, Attribute | Block] = {}
    for name, one in block.get("attributes", {}).items():
        flags = {flag: one.get(flag, False) for flag in ("required", "optional", "computed")}
        body[name] = Attribute(type_from_json(one["type"]), **flags)
    for name, one in block.get("block_types", {}).items():
        body[name] = Block(_NESTING[one["nesting_mode"]], _body(one["block"]))
    return body


def schemas() -> dict[str, Any]:
    """The schemas as the official provider reports them, by type."""
    (provider,) = json.loads(SCHEMA.read_text())["provider_schemas"].values()
    found: dict[str, Any] = provider["resource_schemas"]
    return found


class Official(Resource):
    def __init__(self, type_name: str, reported: dict[str, Any]) -> None:
        self.type_name = type_name
        self.schema = Schema(_body(reported["block"]), version=reported["version"])

    def create(self, ctx: Context, planned: State) -> State:
        raise NotImplementedError

    def read(self, ctx: Context, state: State) -> State | None:
        raise NotImplementedError

    def delete(self, ctx: Context, state: State) -> None:
        raise NotImplementedError


class Alicloud(Provider):
    name = "alicloud"

    def resources(self) -> list[Resource]:
        return [Official(name, reported) for name, reported in schemas().items()]


if __name__ == "__main__":
    sys.exit(serve(Alicloud, address=ADDRESS))
