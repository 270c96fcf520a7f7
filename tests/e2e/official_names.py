"""Our provider under the official one's names, so that Terraform can validate what is written for that.

A program: Terraform starts it as terraform-provider-alicloud, and validates only.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from constructs_lib.provider.protocol.resource import Resource
from constructs_lib.provider.protocol.server import serve
from constructs_lib.provider.provider import Alipolicy

ADDRESS = "registry.terraform.io/aliyun/alicloud"


class Alicloud(Alipolicy):
    name = "alicloud"

    def resources(self) -> Sequence[Resource]:
        named = {each.type_name: each for each in super().resources()}
        backups, versions = named["alipolicy_backup_policy"], named["alipolicy_policy_version"]
        backups.type_name, versions.type_name = "alicloud_hbr_policy", "alicloud_ram_policy"
        return backups, versions


if __name__ == "__main__":
    sys.exit(serve(Alicloud, address=ADDRESS))
