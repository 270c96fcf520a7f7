"""Runs, side by side: each process has a cloud and an attached provider of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.util import Finalize

from tests.chaos.runs import Ground, Step

_ground: Ground | None = None


def results(names: Iterable[str], jobs: int, has_journal: bool) -> Iterator[list[Step]]:
    """The steps of each run, as they are done."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin) as pool:
        for done in as_completed([pool.submit(_run, name, has_journal) for name in names]):
            yield done.result()


def _begin() -> None:
    global _ground
    _ground = Ground().__enter__()
    Finalize(None, _ground.__exit__, exitpriority=100)


def _run(name: str, has_journal: bool) -> list[Step]:
    assert _ground is not None
    return list(_ground.run(name, has_journal=has_journal))
