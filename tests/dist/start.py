"""Times the start of the built provider beside that of the virtual environment's, and shows its size.

`python -m tests.dist.start` after `make dist`. Both take turns, so that a busy moment meets both.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

from attrs import evolve

from tests.benchmarks.provider_contenders import ALIPOLICY
from tests.benchmarks.provider_start import Start, start
from tests.dist.__main__ import PROGRAM, ROOT

ROUNDS = 15


def measure(program: Path, rounds: int = ROUNDS) -> dict[str, tuple[list[Start], list[Start]]]:
    """Starts of the virtual environment's provider and of the built one, until it has sent each thing."""
    contenders = (
        evolve(ALIPOLICY, program=(str(Path(sys.executable).with_name("terraform-provider-alipolicy")),)),
        evolve(ALIPOLICY, program=(str(program),)),
    )
    with tempfile.TemporaryDirectory() as bytecode:
        for contender in contenders:
            start(contender, bytecode, with_schema=True)
        found: dict[str, tuple[list[Start], list[Start]]] = {}
        for what, with_schema in (("handshake", False), ("schema", True)):
            starts = [
                [start(contender, bytecode, with_schema=with_schema) for contender in contenders]
                for _ in range(rounds)
            ]
            found[what] = ([pair[0] for pair in starts], [pair[1] for pair in starts])
        return found


def main() -> None:
    for what, (installed, built) in measure(ROOT / "dist" / "provider" / PROGRAM).items():
        for unit in ("total", "cpu"):
            one, other = (median(getattr(each, unit) for each in starts) for starts in (installed, built))
            print(f"{what}, {unit}: {one * 1000:.0f} ms, built {other * 1000:.0f} ms, ratio {other / one:.2f}")


if __name__ == "__main__":
    main()
