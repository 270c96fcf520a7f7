from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from constructs_lib.provider.protocol.context import Context, Stopping
from constructs_lib.provider.protocol.diagnostics import DeadlineError, Failure, InterruptedFailure


def test_sleeping_ends_with_the_deadline() -> None:
    ctx = Context(Stopping(), timeout=0.05)
    ctx.sleep(0.01)
    remaining = ctx.remaining()
    assert remaining is not None
    assert 0 < remaining < 0.05
    with pytest.raises(DeadlineError, match=r"0\.05 s"):
        ctx.sleep(60)
    assert ctx.remaining() == 0


def test_without_a_timeout_there_is_no_deadline() -> None:
    ctx = Context(Stopping())
    assert (ctx.deadline, ctx.remaining()) == (None, None)


def test_after_a_stop_waiting_goes_on_for_the_grace_period_only() -> None:
    stopping = Stopping(grace=0.2)
    ctx = Context(stopping)
    stopping.request()
    assert ctx.stopping()
    ctx.sleep(0.01)
    started = time.monotonic()
    with pytest.raises(InterruptedFailure):
        ctx.sleep(60)
    assert time.monotonic() - started < 30


def test_a_stop_wakes_who_waits() -> None:
    stopping = Stopping(grace=0)
    timer = threading.Timer(0.05, stopping.request)
    timer.start()
    started = time.monotonic()
    with pytest.raises(InterruptedFailure):
        Context(stopping).sleep(60)
    assert time.monotonic() - started < 30
    timer.join()


def test_a_second_stop_does_not_prolong_the_grace_period() -> None:
    stopping = Stopping(grace=0.1)
    stopping.request()
    time.sleep(0.12)
    stopping.request()
    assert stopping.wait(0.01) is False


def test_a_new_run_starts_afresh() -> None:
    stopping = Stopping(grace=0)
    stopping.request()
    stopping.reset()
    assert stopping.wait(0.001) is True


def test_private_data_is_json_in_a_stable_order() -> None:
    ctx = Context(Stopping(), private=b'{"b":1}')
    ctx.private["a"] = [1]
    assert ctx.private_bytes() == b'{"a":[1],"b":1}'
    ctx.private.clear()
    assert ctx.private_bytes() == b""


@pytest.mark.parametrize("stored", [b"", b"not json", b"[1]", b'{ "b": 1, "a": 2 }'])
def test_private_data_that_nobody_touched_comes_back_byte_by_byte(stored: bytes) -> None:
    assert Context(Stopping(), private=stored).private_bytes() == stored


def test_what_was_saved_is_a_copy() -> None:
    ctx = Context(Stopping())
    state = {"id": "1"}
    ctx.save(state)
    state["id"] = "2"
    assert ctx.saved == {"id": "1"}


def test_warnings_are_no_failure() -> None:
    ctx = Context(Stopping())
    ctx.warn("careful", path="rules[0].days")
    assert not ctx.failed
    ctx.error("wrong")
    assert ctx.failed
    assert ctx.diagnostics[0].path == ("rules", 0, "days")


def test_of_many_warnings_of_one_kind_ten_are_shown_one_by_one() -> None:
    warned: dict[str, Iterator[int]] = {}
    summaries = []
    for number in range(13):
        ctx = Context(Stopping(), warned=warned)
        ctx.warn(f"Note {number} goes", further="Further notes go")
        ctx.warn(f"Note {number} was read")
        summaries += [diagnostic.summary for diagnostic in ctx.diagnostics]
    assert [text for text in summaries if text.endswith("read")] == [f"Note {n} was read" for n in range(13)]
    gone = [text for text in summaries if not text.endswith("read")]
    assert gone == [f"Note {number} goes" for number in range(10)] + ["Further notes go"] * 3


def test_a_failure_reads_well_in_a_log() -> None:
    assert (
        str(Failure("No such policy", "Create it first.", "policy_name"))
        == "No such policy: Create it first."
    )
    assert str(Failure("No such policy")) == "No such policy"
