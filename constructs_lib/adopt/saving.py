"""Files are written as a whole or not at all, and never over what somebody else has written meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from constructs_lib.adopt.estate import AdoptError

_TEMPORARY = ".alipolicy-"


def read_bytes(path: Path) -> bytes:
    """What a file holds. AdoptError: it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise AdoptError(f"{path} cannot be read: {error.strerror}.") from None


def write_all(folder: Path, files: Mapping[Path, str], before: Mapping[Path, bytes]) -> None:
    """Write files of a folder: first beside their places, then into them, in their order.

    `before`: what they held when they were read. AdoptError: one holds something else by now, or cannot be
    written; then none is.
    """
    written: dict[Path, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            for path in files:
                if (read_bytes(path) if path.exists() else None) != before.get(path):
                    raise AdoptError(f"{path} was changed meanwhile, and stays as it is now: run it again.")
            for path, text in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                for left_over in path.parent.glob(f"{_TEMPORARY}*"):  # of a run that was killed
                    if left_over not in written.values():
                        left_over.unlink()
                written[path] = path.with_name(f"{_TEMPORARY}{token_hex(8)}")
                written[path].write_bytes(_encoded(text, before.get(path, b"")))
            for path, temporary in written.items():
                os.replace(temporary, path)
    except OSError as error:
        raise AdoptError(
            f"{error.filename} cannot be written: {error.strerror}. Check the folder, and the disk."
        ) from None
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def _encoded(text: str, before: bytes) -> bytes:
    """In UTF-8, with the line ends and the byte order mark that the file has had."""
    if b"\r\n" in before:
        text = text.replace("\n", "\r\n")
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    return mark + text.encode("utf-8", "backslashreplace")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Another run waits: each would undo what the other writes."""
    try:
        import fcntl
    except ImportError:  # Windows has none
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
