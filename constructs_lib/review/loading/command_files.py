"""The local files that a command names: called as before, a script may do something else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import islice, pairwise
from os.path import isdir, isfile
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import define, field

from constructs_lib.review.loading import expressions
from constructs_lib.review.loading.dependencies import strings_in
from constructs_lib.review.loading.evaluation import value_of
from constructs_lib.review.loading.module_tree import (
    MAX_FILES,
    MAX_FOLDER_BYTES,
    MAX_PATH,
    is_configuration,
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


def named_files(module: TerraformModule, body: Mapping[str, Any], content: Any) -> dict[str, str]:
    """What is in the files and folders that strings of a block name, and in the files that these name.

    * `body`: the block, which may have several instances. `content`: what of it runs.
    """
    walk = _NamedFiles(module)
    for _, names in module.instances(body, {}).items:
        texts = [_filled_in(module, text, names) for text in strings_in(content)]
        folders = [_filled_in(module, each, names) for each in _working_folders(content)]
        for text in texts:
            walk.read(text, ["", *folders, *_entered(text)], is_command=True)
    return walk.found


def _working_folders(content: Any) -> Iterator[str]:
    left = [content]
    while left:
        item = left.pop()
        if isinstance(item, Mapping):
            if isinstance(item.get("working_dir"), str):
                yield item["working_dir"]
            left += item.values()
        elif isinstance(item, list):
            left += item


def _entered(text: str) -> list[str]:
    """The folders that a command changes to."""
    words = _BETWEEN.split(text)
    return [word for before, word in pairwise(words) if before in ("cd", "pushd", "-C")]


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


@define
class _NamedFiles:
    """What was found so far, by path."""

    module: TerraformModule
    found: dict[str, str] = field(factory=dict)

    def read(self, text: str, folders: list[str], *, is_command: bool) -> None:
        """Whatever the words of a text name, in one of these folders."""
        for word in dict.fromkeys([text, *_BETWEEN.split(text)]):
            # What stands at an absolute path is the same for both sides: this machine's.
            if not word or len(word) > MAX_PATH or word.startswith(("/", "~", "-")) or "\0" in word:
                continue
            for folder in dict.fromkeys(folders):
                path = f"{folder}/{word}" if folder else word
                if self.module.tree.words <= 0:
                    self.found["more"] = self.module.tree.only_here("more than can be followed")
                    return
                self.module.tree.words -= 1
                if path not in self.found:
                    # A script has words of all kinds: there a folder has a slash.
                    self._try(path, folders, may_be_folder=is_command or "/" in word)

    def _try(self, path: str, folders: list[str], *, may_be_folder: bool) -> None:
        try:
            self._meet(path, folders, may_be_folder=may_be_folder)
        except (OSError, ValueError, RuntimeError):
            self.found[path] = self.module.tree.only_here(path)

    def _meet(self, path: str, folders: list[str], *, may_be_folder: bool) -> None:
        if _ANY in path:
            self._meet_some(path, folders, may_be_folder=may_be_folder)
            return
        place = self.module.tree.root / path
        if isfile(place):
            self._meet_file(path, place, folders)
        elif may_be_folder and isdir(place) and {*PurePosixPath(path).parts} - {".", ".."}:
            self._meet_folder(path, place)

    def _meet_some(self, path: str, folders: list[str], *, may_be_folder: bool) -> None:
        """All that the path may stand for, where it says anything of it."""
        parent, _, name = path.rpartition("/")
        known = parent.partition(_ANY)[0].rpartition("/")[0] if _ANY in parent else parent
        place = self.module.tree.root / known
        if not isdir(place) or not (known or name.strip(_ANY)):
            return
        if known != parent:
            self._try(known, folders, may_be_folder=True)
            return
        for file in sorted(islice(place.iterdir(), MAX_FILES)):
            if fnmatchcase(file.name, name):
                found = f"{parent}/{file.name}" if parent else file.name
                self._try(found, folders, may_be_folder=may_be_folder)

    def _meet_file(self, path: str, place: Path, folders: list[str]) -> None:
        if is_configuration(place.name) or _OF_TERRAFORM.fullmatch(place.name):
            return  # it is compared by itself, or is a state
        if not self._is_to_read(path, place, place.stat().st_size):
            return
        data = place.read_bytes()
        self.found[path] = hashlib.sha256(data).hexdigest()
        if b"\0" not in data[:1_000] and len(data) < MOST_OF_SCRIPT:
            around = str(PurePosixPath(path).parent)
            text = data.decode("utf-8", "replace")
            inside = [*folders, *([] if around == "." else [around])]
            self.read(text, inside[:_LEVELS], is_command=False)

    def _meet_folder(self, path: str, place: Path) -> None:
        if _OF_TERRAFORM.fullmatch(place.name):
            return  # it is never the same
        files = sorted(islice(place.rglob("*"), MAX_FILES + 1))
        size = sum(file.lstat().st_size for file in files)
        is_much = len(files) > MAX_FILES or any(map(Path.is_symlink, files))
        if not self._is_to_read(path, place, size) or is_much:
            return
        hashed = hashlib.sha256()
        for file in filter(isfile, files):
            if not (is_configuration(file.name) or _OF_TERRAFORM.fullmatch(file.name)):
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
        root, place = self.module.tree.root.resolve(), place.resolve()
        around = [root, *root.parents][:_LEVELS]
        top = next((each for each in around if any((each / name).exists() for name in _TOPS)), root)
        is_inside = place.is_relative_to(top) or place.is_relative_to(self.module.folder.resolve())
        return None if is_inside else str(place)
