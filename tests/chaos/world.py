"""One world: accounts of its own in a local cloud, a directory of Terraform's, and the check of both."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.administration import Account
from constructs_lib.provider import ADDRESS
from constructs_lib.provider.api_client import RAM
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration as Settings
from constructs_lib.provider.pending_creates.matching import same_document
from tests import terraform
from tests.chaos.configuration import POLICIES, Configuration, document
from tests.chaos.faults import READ_TIMEOUT

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


@frozen
class Verdict:
    """What is wrong after a plain apply: objects that the state has and the cloud has not (`lost`), that the
    cloud has and no state knows (`doubled`), and all that is not as configured (`differing`)."""

    lost: list[str] = field(factory=list)
    doubled: list[str] = field(factory=list)
    differing: list[str] = field(factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.differing)

    def __str__(self) -> str:
        reported = {"lost": self.lost, "doubled": self.doubled, "differing": self.differing}
        return "; ".join(f"{name}: {', '.join(each)}" for name, each in reported.items() if each) or "clean"


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
    """A world with the RAM policies that its configurations need.

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
        self._clouds = {
            place: Cloud.of(_settings(cloud, self.accounts[place[0]], place[1])) for place in used.values()
        }
        self.cloud = self._clouds[PLACES[""]]
        self.foreign: dict[str, dict[str, str]] = {}
        for name, count in POLICIES.items():
            self._make_policy(name, count)

    def _make_policy(self, name: str, count: int) -> None:
        cloud, parameters = self._cloud_of(name), {"PolicyName": name, "PolicyDocument": document(100)}
        cloud.calls.change(RAM, "CreatePolicy", parameters)
        for number in range(2, count + 1):
            cloud.create_policy_version(name, document(100 + number), set_as_default=True)
        self.foreign[name] = _dates(cloud, name)

    def _cloud_of(self, label: str) -> Cloud:
        """Where the resources with this label have to be."""
        return self._clouds[PLACES[self.aliases.get(label, "")]]

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
        self.directory.write(configuration.hcl(self.aliases))

    def start_apply(self) -> Any:
        return self.directory.start("apply", "-auto-approve", "-no-color", "-input=false")

    # -- the check

    def verdict(self, applied: terraform.Outcome, attached: str = "") -> Verdict:
        """What is wrong, after this plain apply; `attached`: a provider for the plan, where speed counts."""
        more = {"TF_REATTACH_PROVIDERS": attached} if attached else self.attached
        verdict = self.compare()
        if applied.status:
            verdict.differing.append(f"the plain apply failed: {_errors(applied.text)}")
            return verdict
        plan = self.directory.run("plan", "-detailed-exitcode", "-no-color", "-input=false", **more)
        if plan.status:
            verdict.differing.append(f"the plan is not empty: {_changes(plan.text)}")
        if UNCLAIMED in plan.text and verdict.is_clean:
            verdict.differing.append(f"the plan says of a live object that it {UNCLAIMED}")
        return verdict

    def compare(self) -> Verdict:
        """What the state says beside what the cloud says, and both beside the configuration."""
        verdict, resources = Verdict(), self._resources()
        self._compare_policies(verdict, resources)
        self._compare_versions(verdict, resources)
        return verdict

    def _compare_policies(self, verdict: Verdict, resources: dict[str, dict[str, Any]]) -> None:
        wanted = self.configuration.backup_policies()
        known = {
            at: resource["id"]
            for at, resource in resources.items()
            if at.startswith("alipolicy_backup_policy.")
        }
        _compare_addresses(verdict, wanted, known)
        for cloud in self._clouds.values():
            there = {policy.policy_id: policy for policy in cloud.backup_policies()}
            here = {at: known[at] for at in known if self._cloud_of(_label(at)) is cloud}
            _compare_ids(verdict, there, here.values())
            for address, policy_id in here.items():
                if policy_id in there and address in wanted:
                    reported = there[policy_id].rules[1]["Retention"]
                    if reported != wanted[address]:
                        verdict.differing.append(f"{address} keeps {reported} days and not {wanted[address]}")

    def _compare_versions(self, verdict: Verdict, resources: dict[str, dict[str, Any]]) -> None:
        wanted = self.configuration.policy_versions()
        known = {
            at: resource for at, resource in resources.items() if at.startswith("alipolicy_policy_version.")
        }
        _compare_addresses(verdict, wanted, known)
        for name in POLICIES:
            mine = [resource for resource in known.values() if resource["policy_name"] == name]
            there = _dates(self._cloud_of(name), name)
            current = [version["version_id"] for version in mine]
            older = {
                key for version in mine for key, date in version["made"].items() if there.get(key) == date
            }
            foreign = {key for key, date in self.foreign[name].items() if there.get(key) == date}
            expected = [*current, *sorted((older | foreign) - set(current))]
            _compare_ids(
                verdict,
                {f"{name}:{version_id}": "" for version_id in there},
                [f"{name}:{version_id}" for version_id in expected],
            )
            self._compare_default(verdict, name)
        for address, resource in known.items():
            name = resource["policy_name"]
            reported = self._cloud_of(name).policy_version(name, resource["version_id"])
            if (
                reported
                and address in wanted
                and not same_document(wanted[address], reported.policy_document)
            ):
                verdict.differing.append(f"{address} has another document")

    def _compare_default(self, verdict: Verdict, name: str) -> None:
        cloud, wanted = self._cloud_of(name), self.configuration.versions[name].default
        versions = cloud.policy_versions(name)
        [default] = [version.version_id for version in versions or [] if version.is_default_version]
        if wanted:
            version = cloud.policy_version(name, default)
            is_right = version is not None and same_document(document(wanted), version.policy_document)
        else:
            is_right = default == list(self.foreign[name])[-1]
        if not is_right:
            verdict.differing.append(f"of {name}, {default} is the default and not document {wanted}")

    def _resources(self) -> dict[str, dict[str, Any]]:
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


def _label(address: str) -> str:
    """Such as `equals` of `alipolicy_backup_policy.equals[0]`."""
    return address.partition(".")[2].partition("[")[0]


def _compare_ids(verdict: Verdict, there: Iterable[str], known: Iterable[str]) -> None:
    there, known = list(there), list(known)
    verdict.lost.extend(sorted(set(known) - set(there)))
    verdict.doubled.extend(sorted(set(there) - set(known)))
    verdict.differing.extend(
        f"{each} is there for two" for each in sorted({x for x in known if known.count(x) > 1})
    )


def _compare_addresses(verdict: Verdict, wanted: Iterable[str], known: Iterable[str]) -> None:
    wanted, known = set(wanted), set(known)
    verdict.differing.extend(f"{address} is in no state" for address in sorted(wanted - known))
    verdict.differing.extend(f"{address} is still in the state" for address in sorted(known - wanted))


def _dates(cloud: Cloud, name: str) -> dict[str, str]:
    return {version.version_id: version.create_date for version in cloud.policy_versions(name) or []}


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
