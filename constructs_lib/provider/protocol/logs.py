"""Log lines that Terraform reads (hclog's JSON on stderr), with secrets masked."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import quote, quote_plus

_LEVELS = {"TRACE": 5, "JSON": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "OFF": 100}
_NAMES = ((40, "error"), (30, "warn"), (20, "info"), (10, "debug"), (0, "trace"))
_SHORTEST = 4
MASK = "(sensitive value)"


class Secrets:
    """Texts that must not appear in logs and errors."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._longest_first: list[str] = []
        self._lock = threading.Lock()

    def learn(self, texts: Iterable[str]) -> None:
        """Mask these from now on; but none under 4 characters, or hiding `1` would leave nothing to read."""
        new = {text for text in texts if len(text) >= _SHORTEST} - self._known
        if new:
            with self._lock:
                self._known |= new
                forms = {form for secret in self._known for form in _forms(secret)}
                self._longest_first = sorted(forms, key=len, reverse=True)

    def mask(self, text: str) -> str:
        """The text without secrets, as they are or as JSON, a URL or a form writes them."""
        for form in self._longest_first:
            if form in text:
                text = text.replace(form, MASK)
        return text


def _forms(secret: str) -> tuple[str, ...]:
    text = secret.encode(errors="replace")
    return secret, json.dumps(secret)[1:-1], quote(text), quote(text, safe=""), quote_plus(text)


class JsonLines(logging.Formatter):
    """One JSON object a line, in the fields of hclog."""

    def __init__(self, module: str, secrets: Secrets) -> None:
        super().__init__()
        self._module, self._secrets = module, secrets

    def format(self, record: logging.LogRecord) -> str:
        try:
            message = record.getMessage()
        except Exception:
            # Python would print message and arguments by itself, with the secrets in them.
            message = f"{record.msg} {record.args}"
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        line = {
            "@level": next(name for level, name in _NAMES if record.levelno >= level),
            "@message": self._secrets.mask(message),
            "@module": self._module if record.name == "provider" else f"{self._module}.{record.name}",
            "@timestamp": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return json.dumps(line, ensure_ascii=False)


def level_of(environment: Mapping[str, str]) -> int:
    """The level that TF_LOG_PROVIDER or TF_LOG asks for; errors alone where neither does."""
    wanted = environment.get("TF_LOG_PROVIDER") or environment.get("TF_LOG")
    if not wanted:
        return logging.ERROR
    # Terraform, too, takes a word that it does not know for "everything".
    return _LEVELS.get(wanted.upper(), _LEVELS["TRACE"])


def start_logging(module: str, secrets: Secrets, stream: TextIO | None = None) -> None:
    """Send the log lines of the whole process to stderr."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(module, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level_of(os.environ))
    # What cannot be logged at all Python would print, with the secrets in it.
    logging.raiseExceptions = False
    threading.excepthook = _log_thread


def _log_thread(failed: threading.ExceptHookArgs) -> None:
    error = failed.exc_value or failed.exc_type()
    logging.getLogger("provider").error("A thread failed", exc_info=error)
