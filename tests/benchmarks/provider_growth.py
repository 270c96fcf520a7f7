"""What our provider takes for a plan where nothing else runs: calls over gRPC, one after the other.

Terraform needs the more of the same cores the more resources there are, so that beside it the seconds of any
provider grow faster than the number.
"""

from __future__ import annotations

import json

import grpc  # type: ignore[import-untyped]

from constructs_lib.provider.backup_policy import BackupPolicyResource
from constructs_lib.provider.protocol.states import States
from tests import terraform
from tests.benchmarks.provider_contenders import ALIPOLICY, used
from tests.provider.protocol.caller import NULL, request_of

WARM_UP = 100
RULES = [
    {
        "rule_type": "BACKUP",
        "backup_type": "COMPLETE",
        "schedule": "I|1648647166|P1D",
        "vault_id": "v-000one",
    },
    {"rule_type": "TRANSITION", "retention": 30},
]


def seconds_of_plan(count: int) -> float:
    """Seconds of the provider's CPU for a plan of so many policies: each is validated twice, as Terraform
    does, and planned."""
    with terraform.attached(ALIPOLICY.program) as reported:
        ((_, entry),) = json.loads(reported).items()
        with grpc.insecure_channel(f"unix:{entry['Addr']['String']}") as channel:
            for number in range(WARM_UP):
                _plan(channel, number)
            began = used(str(entry["Pid"])).cpu
            for number in range(count):
                _plan(channel, number)
            return used(str(entry["Pid"])).cpu - began


def _plan(channel: grpc.Channel, number: int) -> None:
    states = States(BackupPolicyResource.schema)
    config = states.write(states.conform({"policy_name": f"policy {number}", "rules": RULES}))
    for rpc, more in (
        ("ValidateResourceConfig", {}),
        ("ValidateResourceConfig", {}),
        ("PlanResourceChange", {"prior_state": NULL, "proposed_new_state": config}),
    ):
        request = request_of(rpc, type_name=ALIPOLICY.type_name, config=config, **more)
        channel.unary_unary(f"/tfplugin6.Provider/{rpc}")(request.SerializeToString(), timeout=30)
