from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest

from constructs_lib.provider.protocol.logs import MASK, Secrets, level_of, start_logging


@pytest.fixture
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, excepthook = root.handlers[:], root.level, threading.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    threading.excepthook = excepthook


@pytest.mark.usefixtures("root_logger")
def test_a_line_is_what_terraform_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_LOG", "INFO")
    stream, secrets = io.StringIO(), Secrets()
    secrets.learn(["hunter2"])
    start_logging("lab", secrets, stream)
    logging.getLogger("provider").warning("it is %s", "hunter2")
    logging.getLogger("some.sdk").debug("not shown")
    try:
        raise ValueError("hunter2")
    except ValueError:
        logging.getLogger("some.sdk").exception("failed")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("@timestamp").endswith("Z")
    assert first == {"@level": "warn", "@message": f"it is {MASK}", "@module": "lab"}
    assert (second["@level"], second["@module"]) == ("error", "lab.some.sdk")
    assert "Traceback" in second["@message"]
    assert "hunter2" not in stream.getvalue()


class Unspeakable:
    def __repr__(self) -> str:
        raise ValueError("hunter2")


@pytest.mark.usefixtures("root_logger")
def test_what_goes_wrong_beside_an_operation_is_masked_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", True)
    stream, secrets = io.StringIO(), Secrets()
    secrets.learn(["hunter2"])
    start_logging("lab", secrets, stream)

    def fail() -> None:
        raise ValueError("hunter2")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    logging.getLogger("provider").error("%d times", "hunter2")
    logging.getLogger("provider").error("%s and %s", "hunter2", Unspeakable())
    first, second = (json.loads(line)["@message"] for line in stream.getvalue().splitlines())
    assert first.startswith("A thread failed\nTraceback")
    assert second == f"%d times ('{MASK}',)"
    assert "hunter2" not in stream.getvalue() + capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "level"),
    [
        ({}, logging.ERROR),
        ({"TF_LOG": "debug"}, logging.DEBUG),
        ({"TF_LOG": "WARN", "TF_LOG_PROVIDER": "TRACE"}, 5),
        ({"TF_LOG": "json"}, 5),
        ({"TF_LOG": "off"}, 100),
        ({"TF_LOG": "yes"}, 5),
    ],
)
def test_the_level_is_the_one_terraform_was_asked_for(environment: dict[str, str], level: int) -> None:
    assert level_of(environment) == level


def test_a_secret_is_masked_however_it_is_written() -> None:
    secrets = Secrets()
    secrets.learn(['a"b\nc', "abcd", "abcdef", "no"])
    assert secrets.mask('x a"b\nc') == f"x {MASK}"
    assert secrets.mask(json.dumps({"k": 'a"b\nc'})) == f'{{"k": "{MASK}"}}'
    assert secrets.mask("abcdef abcd") == f"{MASK} {MASK}"
    assert secrets.mask("no") == "no"
