"""The provider as `alipolicy provider install` leaves it, in workspaces whose cloud is a local one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from constructs_lib.localcloud import LocalCloud, sandbox
from tests.provider import conftest
from tests.provider.conftest import State
from tests.terraform import Outcome

ALIPOLICY = str(Path(sys.executable).with_name("alipolicy"))
PLANNED = "plan.bin"

DAILY = """
resource "alipolicy_backup_policy" "daily" {
  policy_name = "daily"
  policy_type = "STANDARD"
  rules {
    rule_type   = "BACKUP"
    schedule    = "I|1648647166|P1D"
    backup_type = "COMPLETE"
    vault_id    = "v-0001aaaaaaaaaaaaaseg"
  }
  rules {
    rule_type = "TRANSITION"
    retention = 30
    retention_rules {
      advanced_retention_type = "YEARLY"
      retention               = 730
    }
  }
}
"""
# Its rules as the API takes them.
RULES: list[dict[str, Any]] = [
    {
        "RuleType": "BACKUP",
        "Schedule": "I|1648647166|P1D",
        "BackupType": "COMPLETE",
        "VaultId": "v-0001aaaaaaaaaaaaaseg",
    },
    {
        "RuleType": "TRANSITION",
        "Retention": 30,
        "RetentionRules": [{"AdvancedRetentionType": "YEARLY", "Retention": 730, "WhichSnapshot": 1}],
    },
]
READERS = """
resource "alipolicy_policy_version" "readers" {
  policy_name = "readers"
  policy_document = jsonencode({
    Version   = "1"
    Statement = [{ Effect = "Allow", Action = "oss:Get*", Resource = "acs:oss:*:*:*" }]
  })
  set_as_default  = true
  rotate_strategy = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
}
"""


def document(action: str = "sts:GetCallerIdentity") -> str:
    """A policy document that others write."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "acs:oss:*:*:*"}
    return json.dumps({"Version": "1", "Statement": [statement]})


def install(mirror: Path) -> str:
    """Install the provider into a mirror; gives the CLI configuration that it asks for."""
    done = subprocess.run(
        [ALIPOLICY, "provider", "install", "--mirror", str(mirror)],
        env={**os.environ, "HOME": str(mirror.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


class Workspace(conftest.Workspace):
    """A workspace where Terraform starts the installed provider; cloud and keys are in its environment.

    * `installation`: the CLI configuration that says where providers are.
    """

    def __init__(
        self, directory: Path, cloud: LocalCloud, installation: str, terraform: tuple[str, ...]
    ) -> None:
        super().__init__(directory, cloud, installation=installation, terraform=terraform)
        # What is installed finds itself: it needs no path to this repository, and no Python named.
        without = ("PYTHONPATH", "ALIPOLICY_PYTHON")
        around = {name: value for name, value in self.environment.items() if name not in without}
        self.environment = sandbox.without_accounts(around) | sandbox.variables(cloud)
        self.environment["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"

    def provider_block(self) -> str:
        return f'provider "{self.name}" {{}}\n'

    def init(self, configuration: str = "") -> Workspace:
        """Write the configuration and let Terraform install what it needs."""
        self.write(configuration)
        done = self.run("init", "-no-color", "-input=false")
        assert done.status == 0, done.text
        return self

    def state(self) -> dict[str, State]:
        """As `terraform show` tells it, out of its file: without another start of Terraform and provider."""
        file = self.directory / "terraform.tfstate"
        resources = json.loads(file.read_text())["resources"] if file.exists() else []
        return {
            _address(resource, instance): {
                **instance["attributes"],
                "tainted": instance.get("status") == "tainted",
            }
            for resource in resources
            for instance in resource["instances"]
        }


def _address(resource: State, instance: State) -> str:
    key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
    return f"{resource['type']}.{resource['name']}{key}"


def writes(cloud: LocalCloud) -> list[str]:
    """The operations that were asked to change something."""
    reading = ("Get", "List", "Describe")
    return [request.operation for request in cloud.requests() if not request.operation.startswith(reading)]


def reported(outcome: Outcome) -> str:
    """What a command said, without the frames and line breaks around diagnostics."""
    return " ".join(outcome.text.replace("│", " ").split())
