"""`make review`: the stacks of this repository, reviewed against the older version of them in `older/`.

    python -m tests.review.example [FOLDER]

Writes what the app makes into the folder (cdktf.out), and beside it the page for a browser: review.html.
Prints the page for a terminal.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OLDER = "tests/review/older"
# The same page every day: what exists when a change happens depends on the day.
AT = "2026-03-01T12:00"
FOUND = """
The example is meant to have findings: its status {status} is no failure of `make review`. It would stop a
pull request; `--fail-on` says from which level on, and `--approve` lets a change pass.
The same page for a browser: {page}"""


def main(folder: str = "cdktf.out") -> int:
    """0, or 2 where a review could not be made."""
    page = f"{folder}/review.html"
    if status := alipolicy("synth", "--output", folder, quiet=True):
        return status
    review = ["review", folder, "--against", OLDER, "--at", AT]
    for others in (["--format", "html", "--output", page], []):
        print(f"$ alipolicy {shlex.join([*review, *others])}", flush=True)
        status = alipolicy(*review, *others)
        if status not in (0, 1):
            return status
    print(FOUND.format(status=status, page=page))
    return 0


def alipolicy(*arguments: str, quiet: bool = False) -> int:
    """The status of the command, run where the app is."""
    command = [str(Path(sys.executable).with_name("alipolicy")), *arguments]
    return subprocess.run(
        command, cwd=ROOT, stdout=subprocess.DEVNULL if quiet else None, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
