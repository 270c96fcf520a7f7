"""Cloud Backup is regional: what one region has, no other finds. RAM is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.api_client import HBR, RAM, STS, Calls, Pace
from constructs_lib.provider.configuration import Configuration
from tests.provider.conftest import Core, Elsewhere, Managed, arguments

RULES = [{"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": "I|1648647166|P1D", "retention": 7}]
DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}'


@pytest.fixture
def shanghai(cloud: LocalCloud) -> Core:
    return Core(**arguments(cloud) | {"region": "cn-shanghai"})


def test_a_backup_policy_is_in_its_region_alone(core: Core, shanghai: Core) -> None:
    there, here = (Managed(each, "alipolicy_backup_policy") for each in (shanghai, core))
    policy_id = there.apply({"policy_name": "gold", "rules": RULES})["id"]
    assert shanghai.data("alipolicy_backup_policies")["ids"] == [policy_id]
    assert core.data("alipolicy_backup_policies")["ids"] == []
    assert core.data("alipolicy_backup_policies", policy_id=policy_id)["policies"] == []
    assert here.import_(policy_id) is None
    imported = Managed(shanghai, "alipolicy_backup_policy").import_(policy_id)
    assert imported is not None
    assert imported["policy_name"] == "gold"
    there.destroy()
    assert shanghai.data("alipolicy_backup_policies")["ids"] == []


def test_a_policy_of_ram_is_in_every_region(core: Core, shanghai: Core, elsewhere: Elsewhere) -> None:
    elsewhere.create_policy("readers", DOCUMENT)
    found = [each.data("alipolicy_policy_versions", policy_name="readers") for each in (core, shanghai)]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("host", "query"),
    [
        ("hbr.cn-shanghai.aliyuncs.com", {}),
        ("hbr-vpc.cn-shanghai.aliyuncs.com", {}),
        ("127.0.0.1:8080", {"RegionId": "cn-shanghai"}),
        ("gateway.example.com", {"RegionId": "cn-shanghai"}),
    ],
)
def test_only_who_cannot_know_the_region_is_told(host: str, query: dict[str, str]) -> None:
    endpoints = dict.fromkeys(("hbr", "ram", "sts"), host)
    given = {"access_key": "k", "secret_key": "s", "region": "cn-shanghai", "endpoints": endpoints}
    configuration = Configuration.read(given, {}, Path("/nowhere"))
    calls = Calls.of(configuration, Pace())
    assert calls._region_parameter(HBR, configuration.hbr) == query
    assert (
        {}
        == calls._region_parameter(RAM, configuration.ram)
        == calls._region_parameter(STS, configuration.sts)
    )
