"""The local files that a command names: called as before, a script may do something else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice, pairwise
from os.path import isdir, isfile
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import define, field

from constructs_lib.review.loading import expressions
from constructs_lib.review.loading.evaluation import value_of, value_of_tree
from constructs_lib.review.loading.module_tree import (
    MAX_FILES,
    MAX_FOLDER_BYTES,
    MAX_PATH,
)
from constructs_lib.review.loading.terraform_module import Names, TerraformModule
from constructs_lib.review.loading.values import UnresolvedError, as_string

MOST_OF_SCRIPT = 100_000

# What stands between the words of a shell.
_BETWEEN = re.compile(r"[\s;&|<>()'\"`=,]+")
# What is known to Terraform alone, inside of a path: any text.
_ANY = "*"
# What lies around an app, or the whole of a checkout: a command may name files up to there.
_TOPS = (".git", "cdktf.json")
_LEVELS = 8
_OF_TERRAFORM = re.compile(r"\.terraform.*|.*\.tfstate.*|\.git")
_CHANGES_FOLDER = ("cd", "pushd", "-C")
# `. x.sh` runs a file: there the dot is no folder.
_RUNS_FILE = re.compile(r"(^|[;&|(])\s*\.(?=\s)", re.MULTILINE)


def named_files(module: TerraformModule, body: Mapping[str, Any], content: Any) -> dict[str, str]:
    """What is in the files and folders that strings of a block name, and in the files that these name.

    * `body`: the block, which may have several instances. `content`: what of it runs.
    """
    walk = _NamedFiles(module)
    for _, names in module.instances(body, {}).items:
        written = list(_strings(content))
        given = [(key, _filled_in(module, text, names)) for key, text in written]
        given += (("", path) for _, text in written for path in _given_to_functions(module, text, names))
        folders = [text for key, text in given if key == "working_dir"]
        for key, text in given:
            if not (key == "working_dir" and _is_around(text)):
                walk.read(text, ["", *folders, *_entered(text)])
    return walk.found


def _strings(content: Any) -> Iterator[tuple[str, str]]:
    """All strings inside of what runs, keys too, each with the key that it stands under."""
    left = [("", content)]
    while left:
        key, item = left.pop()
        if isinstance(item, str):
            yield key, item
        elif isinstance(item, Mapping):
            left += (("", name) for name in item)
            left += item.items()
        elif isinstance(item, list):
            left += ((key, each) for each in item)


def _entered(text: str) -> list[str]:
    """The folders that a command changes to."""
    words = _BETWEEN.split(text)
    return [word for before, word in pairwise(words) if before in _CHANGES_FOLDER]


def _is_around(path: str) -> bool:
    """Whether it is the folder where Terraform runs, or one around that."""
    return bool(path) and not {*PurePosixPath(path).parts} - {".", ".."}


def _words(text: str) -> Iterator[str]:
    """What may be a path: all of a text, and its words. The folder where Terraform runs, and those around it,
    count where more is done with them than to change to them."""
    yield text
    words = _BETWEEN.split(_RUNS_FILE.sub(r"\1", text))
    for before, word in pairwise(["", *words]):
        if not (before in _CHANGES_FOLDER and _is_around(word)):
            yield word


def _filled_in(module: TerraformModule, text: str, names: Names) -> str:
    """A string with its expressions filled in; with `*` for what the files do not decide."""
    if not expressions.has_expression(text):
        return text
    parts = []
    for part in expressions.parse_template(text):
        try:
            parts.append(part if isinstance(part, str) else as_string(value_of(part, module.scope(names))))
        except UnresolvedError:
            parts.append(_ANY)
    return "".join(parts)


def _given_to_functions(module: TerraformModule, text: str, names: Names) -> Iterator[str]:
    """The strings that functions in a string are given: what is not computed here may be the path of one, as
    of `abspath`."""
    found = expressions.references(text) if expressions.has_expression(text) else None
    for call in sorted(found[1], key=repr) if found else ():
        for argument in call.arguments:
            with suppress(UnresolvedError):
                yield as_string(value_of_tree(argument, module.scope(names)))


@define
class _NamedFiles:
    """What was found so far, by path."""

    module: TerraformModule
    found: dict[str, str] = field(factory=dict)

    def read(self, text: str, folders: list[str]) -> None:
        """Whatever the words of a text name, in one of these folders."""
        for word in dict.fromkeys(_words(text)):
            if not word or len(word) > MAX_PATH or word.startswith("-") or "\0" in word:
                continue
            is_somewhere = word.startswith(("/", "~/"))
            for folder in [""] if is_somewhere else dict.fromkeys(folders):
                path = f"{folder}/{word}" if folder else word
                if self.module.tree.words <= 0:
                    self.found["more"] = self.module.tree.only_here("more than can be followed")
                    return
                self.module.tree.words -= 1
                if path not in self.found:
                    self._try(path, folders)

    def _try(self, path: str, folders: list[str]) -> None:
        try:
            self._meet(path, folders)
        except (OSError, ValueError, RuntimeError):
            self.found[path] = self.module.tree.only_here(path)

    def _meet(self, path: str, folders: list[str]) -> None:
        if path.startswith(("/", "~/")):
            self._meet_somewhere(path)
            return
        if _ANY in path:
            self._meet_some(path, folders)
            return
        place = self.module.tree.root / path
        if isfile(place):
            self._meet_file(path, place, folders)
        elif isdir(place):
            self._meet_folder(path, place)

    def _meet_somewhere(self, path: str) -> None:
        """An absolute path: inside of the checkout it is the same file for both sides, which was another one
        for the old side; outside it belongs to neither."""
        place = Path(path.partition(_ANY)[0]).expanduser()
        if (isfile(place) or isdir(place)) and self._outside(place) is None:
            self.found[path] = self.module.tree.only_here(path)

    def _meet_some(self, path: str, folders: list[str]) -> None:
        """All that the path may stand for, where it says anything of it."""
        parent, _, name = path.rpartition("/")
        known = parent.partition(_ANY)[0].rpartition("/")[0] if _ANY in parent else parent
        if path.startswith(f"{_ANY}/"):
            known = "."  # as of `${path.cwd}/x.sh`
        place = self.module.tree.root / known
        if not isdir(place) or not (known or name.strip(_ANY)):
            return
        if known != parent:
            if known:
                self._try(known, folders)
            return
        for file in sorted(islice(place.iterdir(), MAX_FILES)):
            if fnmatchcase(file.name, name):
                self._try(f"{parent}/{file.name}" if parent else file.name, folders)

    def _meet_file(self, path: str, place: Path, folders: list[str]) -> None:
        if self.module.tree.is_read(place) or _OF_TERRAFORM.fullmatch(place.name):
            return  # it is compared by itself, or is a state
        if not self._is_to_read(path, place, place.stat().st_size):
            return
        data = place.read_bytes()
        self.found[path] = hashlib.sha256(data).hexdigest()
        if b"\0" not in data[:1_000] and len(data) < MOST_OF_SCRIPT:
            around = str(PurePosixPath(path).parent)
            text = data.decode("utf-8", "replace")
            inside = [*folders, *([] if around == "." else [around])]
            self.read(text, inside[:_LEVELS])

    def _meet_folder(self, path: str, place: Path) -> None:
        if _OF_TERRAFORM.fullmatch(place.name):
            return  # it is never the same
        known, key = self.module.tree.folder_digests, (place, self.module.folder)
        if key not in known:
            self._compare_folder(path, place)
            known[key] = self.found[path]
        self.found[path] = known[key]

    def _compare_folder(self, path: str, place: Path) -> None:
        files = sorted(islice(_inside(place), MAX_FILES + 1))
        size = sum(file.lstat().st_size for file in files)
        is_much = len(files) > MAX_FILES or any(map(Path.is_symlink, files))
        if not self._is_to_read(path, place, size) or is_much:
            return
        hashed = hashlib.sha256()
        for file in filter(isfile, files):
            if not self.module.tree.is_read(file):
                data = file.read_bytes()
                hashed.update(f"{file.relative_to(place)} {len(data)} ".encode() + data)
        self.found[path] = hashed.hexdigest()

    def _is_to_read(self, path: str, place: Path, size: int) -> bool:
        """Whether something is compared by its content; what is too large is never the same, and what lies
        outside of the checkout goes by where it is."""
        outside = self._outside(place)
        self.found[path] = outside or self.module.tree.only_here(path)
        return outside is None and size <= MAX_FOLDER_BYTES

    def _outside(self, place: Path) -> str | None:
        place = place.resolve()
        is_inside = place.is_relative_to(self._top) or place.is_relative_to(self.module.folder.resolve())
        return None if is_inside else str(place)

    @cached_property
    def _top(self) -> Path:
        """The folder of the checkout, or of the app."""
        root = self.module.tree.root.resolve()
        around = [root, *root.parents][:_LEVELS]
        return next((each for each in around if any((each / name).exists() for name in _TOPS)), root)


def _inside(folder: Path) -> Iterator[Path]:
    """All that is in a folder, but for what Terraform and git keep there."""
    left = [folder]
    while left:
        for path in left.pop().iterdir():
            if not _OF_TERRAFORM.fullmatch(path.name):
                yield path
                if path.is_dir() and not path.is_symlink():
                    left.append(path)
