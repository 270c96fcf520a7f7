"""One world: accounts of its own in a local cloud, and a directory of Terraform's."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.administration import Account
from constructs_lib.provider import ADDRESS
from constructs_lib.provider.api_client import RAM
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration as Settings
from tests import terraform
from tests.chaos.check import Verdict, compare, version_dates
from tests.chaos.configuration import POLICIES, PRINCIPALS, Configuration
from tests.chaos.faults import READ_TIMEOUT
from tests.chaos.hcl import document, to_hcl

# How long one call may be repeated (seconds): with many faults in a row, an apply fails.
PATIENCE = 4
# Where the configurations of the provider are, by alias: in which of the world's accounts, and the region.
PLACES = {
    "": (0, "cn-hangzhou"),
    "again": (0, "cn-hangzhou"),
    "elsewhere": (0, "cn-beijing"),
    "other": (1, "cn-hangzhou"),
    "far": (2, "cn-beijing"),
}
UNCLAIMED = "is in no state"


class Directory(terraform.Workspace):
    """Where Terraform works: with the provider that it starts itself."""

    def __init__(self, path: Path, provider_block: str, program: list[str]) -> None:
        super().__init__(path, ADDRESS, program)
        self._provider_block = provider_block
        for name in [name for name in self.environment if name.lower().endswith("_proxy")]:
            del self.environment[name]
        self.environment |= {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}

    def provider_block(self) -> str:
        return self._provider_block


class World:
    """A world with the RAM policies and the principals that its configurations need.

    * `attached`: a value for TF_REATTACH_PROVIDERS.
    * `aliases`: by label of a resource, the alias of its provider: each is a process of its own.
    * `was_restored`: whether the last plain apply needed the backup of Terraform's state.
    """

    def __init__(
        self,
        cloud: LocalCloud,
        path: Path,
        attached: str = "",
        *,
        has_journal: bool = True,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.aliases = aliases or {}
        used = {alias: PLACES[alias] for alias in sorted({"", *self.aliases.values()})}
        self.server = cloud
        self.accounts = {number: cloud.add_account() for number, _ in sorted(set(used.values()))}
        self.configuration, self.was_restored = Configuration(), False
        options = [] if has_journal else ["--without-journal"]
        program = [sys.executable, "-m", "tests.chaos.provider", *options]
        blocks = [
            _provider_block(cloud, self.accounts[number], alias, region)
            for alias, (number, region) in used.items()
        ]
        self.directory = Directory(path, "\n".join(blocks), program)
        self.attached = {"TF_REATTACH_PROVIDERS": attached} if attached else {}
        self.clouds = {
            place: Cloud.of(_settings(cloud, self.accounts[place[0]], place[1])) for place in used.values()
        }
        self.cloud = self.clouds[PLACES[""]]
        self.foreign: dict[str, dict[str, str]] = {}
        for account in self.accounts.values():
            for kind, name in PRINCIPALS.items():
                cloud.add_principal(kind.title(), name, account)
        for name, count in POLICIES.items():
            self._make_policy(name, count)

    def _make_policy(self, name: str, count: int) -> None:
        cloud, parameters = self.cloud_of(name), {"PolicyName": name, "PolicyDocument": document(100)}
        cloud.calls.change(RAM, "CreatePolicy", parameters)
        for number in range(2, count + 1):
            cloud.create_policy_version(name, document(100 + number), set_as_default=True)
        self.foreign[name] = version_dates(cloud, name)

    def cloud_of(self, label: str) -> Cloud:
        """Where the resources with this label have to be."""
        return self.clouds[self.place_of(label)]

    def place_of(self, label: str) -> tuple[int, str]:
        """In which account, and in which region."""
        return PLACES[self.aliases.get(label, "")]

    # -- steps

    def apply(self) -> terraform.Outcome:
        """A plain apply of the configuration; it is written already.

        Terraform empties its state file before it writes it anew. Where it was killed between the two, the
        provider says so, and what it says is done.
        """
        applied = self.directory.apply(**self.attached)
        state = self.directory.directory / "terraform.tfstate"
        self.was_restored = "Error: Terraform has lost its state" in applied.text and not state.stat().st_size
        if self.was_restored:
            shutil.copy(f"{state}.backup", state)
            applied = self.directory.apply(**self.attached)
        return applied

    def write(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.directory.write(to_hcl(configuration, self.aliases))

    def start_apply(self) -> Any:
        return self.directory.start("apply", "-auto-approve", "-no-color", "-input=false")

    # -- the check

    def verdict(self, applied: terraform.Outcome, attached: str = "") -> Verdict:
        """What is wrong, after this plain apply; `attached`: a provider for the plan, where speed counts."""
        more = {"TF_REATTACH_PROVIDERS": attached} if attached else self.attached
        verdict = compare(self)
        if applied.status:
            verdict.differing.append(f"the plain apply failed: {_errors(applied.text)}")
            return verdict
        plan = self.directory.run("plan", "-detailed-exitcode", "-no-color", "-input=false", **more)
        if plan.status:
            verdict.differing.append(f"the plan is not empty: {_changes(plan.text)}")
        if UNCLAIMED in plan.text and verdict.is_clean:
            verdict.differing.append(f"the plan says of a live object that it {UNCLAIMED}")
        return verdict

    def resources(self) -> dict[str, dict[str, Any]]:
        """The attributes of each resource in the state by its address; `made`: from the private part."""
        try:
            state = json.loads((self.directory.directory / "terraform.tfstate").read_text())
        except FileNotFoundError:
            return {}
        found = {}
        for resource in state["resources"]:
            for each in resource["instances"]:
                key = f"[{json.dumps(each['index_key'])}]" if "index_key" in each else ""
                private = json.loads(base64.b64decode(each.get("private") or "") or "{}")
                address = f"{resource['type']}.{resource['name']}{key}"
                found[address] = {**each["attributes"], "made": private.get("made", {})}
        return found


def _errors(text: str) -> str:
    return " ".join(text[text.find("Error:") :].split())[:600]


def _changes(text: str) -> str:
    marked = [
        line.strip() for line in text.splitlines() if line.strip().startswith(("# ", "~", "+", "-", "Error"))
    ]
    return " | ".join(marked)[:600]


def _settings(server: LocalCloud, account: Account, region: str) -> Settings:
    endpoints = dict.fromkeys(("hbr", "ram", "sts"), server.endpoint)
    given = {
        "access_key": account.access_key,
        "secret_key": account.secret_key,
        "region": region,
        "protocol": "HTTP",
        "endpoints": endpoints,
    }
    return Settings.read(given, {}, Path("/nowhere"))


def _provider_block(server: LocalCloud, account: Account, alias: str, region: str) -> str:
    return f"""provider "alipolicy" {{
  {f'alias = "{alias}"' if alias else ""}
  access_key          = "{account.access_key}"
  secret_key          = "{account.secret_key}"
  region              = "{region}"
  protocol            = "HTTP"
  client_read_timeout = {READ_TIMEOUT}
  max_retry_timeout   = {PATIENCE}
  endpoints {{
    hbr = "{server.endpoint}"
    ram = "{server.endpoint}"
    sts = "{server.endpoint}"
  }}
}}
"""


def seeded(name: str) -> random.Random:
    """The chances of the run of this name."""
    return random.Random(name)
