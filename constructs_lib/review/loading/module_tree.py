"""The files that one side of a review is read from: its modules, and what its expressions read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from itertools import islice
from os.path import isdir, isfile
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import define, field, frozen

from constructs_lib.review.loading.json_text import InputError, JsonText
from constructs_lib.review.loading.values import Budget, UnresolvedError

MAX_FILES = 2_000
MAX_BYTES = 1_000_000
MAX_FOLDER_BYTES = 20_000_000
MAX_PATH = 1_000

# By these a module depends on more than its folder.
_LEAVES = re.compile(rb"\.\./|path\.(root|cwd)|timestamp\(|uuid\(|bcrypt\(|\(\s*\"/")

# A call of a module that is in no folder beside.
_CALLS = re.compile(rb'\bmodule\s+"[^"]*"\s*\{[^}]*?\bsource\s*=\s*"(?!\.)')
_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")

Files = list[tuple[str, Mapping[str, Any]]]


@define
class ModuleTree:
    """What all modules of one side share.

    * `root`: the folder that Terraform would run in. `name`: how messages call it.
    * `is_old`: which side it is: what cannot be proven the same on both sides is named after it.
    * `budget`, `modules`, `references`: how much is still computed, called and followed.
    * `words`: how many are still looked up as the name of a file.
    * `texts`: of the files that were read, by name. `defaults`: the variables that have their defaults.
    * `folder_digests`: the names of what is in the folders that commands work on, beside the folder of the
      module.
    """

    root: Path
    name: str
    is_old: bool
    texts: dict[str, JsonText] = field(factory=dict)
    budget: Budget = field(factory=Budget)
    modules: int = 2_000
    references: int = 300_000
    words: int = 200_000
    defaults: set[str] = field(factory=set)
    folder_digests: dict[tuple[Path, Path], str] = field(factory=dict)
    _folders: dict[Path, Files | None] = field(factory=dict)

    def only_here(self, what: str) -> str:
        """The name of something that is never proven to be the same on both sides."""
        return f"{'old' if self.is_old else 'new'} side only: {what}"

    def module(self, folder: Path) -> Files | None:
        """The files of a module's folder; None where they cannot be read here. Raises `InputError`."""
        try:
            folder = folder.resolve()
        except (OSError, ValueError, RuntimeError):  # no system has such a path, or it is a link to itself
            return None
        if folder not in self._folders:
            self._folders[folder] = self._read(folder)
        return self._folders[folder]

    def _read(self, folder: Path) -> Files | None:
        if not isdir(folder):
            return None
        paths = configuration_files(folder)
        if any(not path.name.endswith(".json") for path in paths):
            return None
        if len(paths) + len(self.texts) > MAX_FILES:
            raise InputError(self.name, "", f"there are more than {MAX_FILES} files", "Review the plan.")
        files: Files = []
        for path in paths:
            name = self._name(path)
            text = JsonText.read(path, name)
            self.texts[name] = text
            files.append((name, text.parse()))
        return files

    def contents(self, folder: Path) -> str | None:
        """The name of all that is in a folder that is not read; None where more may belong to it."""
        hashed = hashlib.sha256()
        size = 0
        try:
            folder = folder.resolve()
            paths = sorted(islice(folder.rglob("*"), MAX_FILES + 1))
            if not paths or len(paths) > MAX_FILES or any(path.is_symlink() for path in paths):
                return None
            for path in filter(isfile, paths):
                size += path.stat().st_size
                if size > MAX_FOLDER_BYTES or _LEAVES.search(content := path.read_bytes()):
                    return None
                hashed.update(f"{path.relative_to(folder)} {len(content)} ".encode() + content)
        except (OSError, ValueError):
            return None
        return hashed.hexdigest()

    def calls_others(self, folder: Path) -> bool:
        """Whether the files of a folder that is not read call modules from elsewhere."""
        try:
            return any(_CALLS.search(path.read_bytes()) for path in configuration_files(folder.resolve()))
        except (OSError, ValueError):
            return True

    def is_read(self, path: Path) -> bool:
        """Whether a file is one of those that were read."""
        return str(PurePosixPath(self._name(path.resolve()))) in self.texts

    def _name(self, path: Path) -> str:
        root = self.root.resolve()
        above = 0
        while not path.is_relative_to(root):
            root, above = root.parent, above + 1
        return f"{self.name}/{'../' * above}{path.relative_to(root).as_posix()}"


@frozen
class ModuleFiles:
    """The files that the expressions of a module may read: those of its folder, and of the root's.

    What cannot be read, or lies outside, raises `UnresolvedError`.
    """

    tree: ModuleTree
    folder: Path

    def text(self, path: str) -> str:
        """The text of a file."""
        try:
            return self.content(path).decode()
        except UnicodeDecodeError:
            raise UnresolvedError(f"{path} is no text") from None

    def content(self, path: str) -> bytes:
        """The bytes of a file."""
        try:
            found = self._inside(path)
            if not isfile(found) or found.stat().st_size > MAX_BYTES:
                raise UnresolvedError(f"{path} is no file, or too large")
            return found.read_bytes()
        except OSError:
            raise UnresolvedError(f"{path} cannot be read") from None

    def is_file(self, path: str) -> bool:
        """Whether a text is the path of a file, wherever it lies."""
        return len(path) <= MAX_PATH and isfile(self.tree.root / path)

    def is_folder(self, path: str) -> bool:
        """Whether a text is the path of a folder, wherever it lies."""
        return 0 < len(path) <= MAX_PATH and isdir(self.tree.root / path)

    def names(self, folder: str, pattern: str) -> list[str]:
        """The files of a folder whose names match a pattern of `fileset`."""
        if not _PLAIN_PATTERN.fullmatch(pattern) or {"", ".", ".."} & set(pattern.split("/")):
            raise UnresolvedError(f"the pattern {pattern} is not read here")
        wanted = re.compile(_PATTERN.sub(lambda match: _MEANING[match.group()], re.escape(pattern)))
        base = self._inside(folder)
        try:
            paths = list(islice(base.rglob("*"), MAX_FILES + 1))
            if len(paths) > MAX_FILES or any(path.is_symlink() for path in paths) or not isdir(base):
                raise UnresolvedError(f"{folder} cannot be listed")
            names = (path.relative_to(base).as_posix() for path in paths if isfile(path))
            return [name for name in names if wanted.fullmatch(name)]
        except OSError:
            raise UnresolvedError(f"{folder} cannot be listed") from None

    def _inside(self, path: str) -> Path:
        try:
            found = (self.tree.root / path).resolve()
        except (OSError, ValueError):
            raise UnresolvedError(f"{path} cannot be read") from None
        if not any(found.is_relative_to(each.resolve()) for each in (self.tree.root, self.folder)):
            raise UnresolvedError(f"{path} is outside of the folder")
        return found


# Of the patterns of `fileset` those that mean the same to everybody.
_PLAIN_PATTERN = re.compile(r"(?:\*\*/|\*(?!\*)|[\w./ @%+=,-])+")
_PATTERN = re.compile(r"\\\*\\\*/|\\\*")
_MEANING = {r"\*\*/": "(?:[^/]+/)*", r"\*": "[^/]*"}


def configuration_files(folder: Path) -> list[Path]:
    """The configuration in a folder, of Terraform or OpenTofu; what begins with a dot is of an editor."""
    return sorted(path for path in folder.iterdir() if is_configuration(path.name))


def is_configuration(name: str) -> bool:
    """Whether a file of this name is configuration."""
    return name.endswith(_SUFFIXES) and name[0] != "."


def digest(value: Any) -> str:
    """A short name of a JSON value: another value has another one."""
    text = json.dumps(value, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
