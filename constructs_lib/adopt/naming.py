"""Names for what has names of its own: identifiers of Python, and ids of constructs.

The same objects always get the same names, whatever else there is beside them: where several would be called
alike, each has a part of its id in its name.
"""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from attrs import define, field

# So that what is called on an object fits on a line.
_LONGEST = 40
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")


def words_of(name: str) -> str:
    """What of a name an identifier may have, in lower case, with `_` between the words; it may be empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parts = _NO_WORD.sub("_", _HUMP.sub("_", plain).lower()).strip("_")
    return shortened(parts)


def shortened(words: str) -> str:
    """As many whole words as fit."""
    if len(words) <= _LONGEST:
        return words
    return words[: _LONGEST + 1].rpartition("_")[0] or words[:_LONGEST]


def identifier(name: str, prefix: str) -> str:
    """An identifier for a name. `prefix`: what it begins with where nothing else could."""
    words = words_of(name)
    if not words or words[0].isdigit():
        words = shortened(f"{prefix}_{words}".rstrip("_"))
    return f"{words}_" if keyword.iskeyword(words) or keyword.issoftkeyword(words) else words


def mark_of(key: str) -> str:
    """A few characters that stand for an id."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:6]


@define
class Names:
    """Names that are in use; what is added gets one that is not."""

    taken: set[str] = field(factory=set)

    def add_all(self, wanted: Iterable[tuple[str, str]]) -> list[str]:
        """A name for each, of the name that is wanted and of the key of the object."""
        pairs = list(wanted)
        times = Counter(name for name, _ in pairs)
        return [self.add(name, key, is_alone=times[name] == 1) for name, key in pairs]

    def add(self, name: str, key: str, *, is_alone: bool = True, separator: str = "_") -> str:
        """A name for one. `is_alone`: whether nobody else wants the same."""
        chosen, digits = name, mark_of(key)
        if not is_alone or name in self.taken:
            chosen = f"{name.rstrip(separator)}{separator}{digits}"
        while chosen in self.taken:
            digits = mark_of(digits)
            chosen = f"{name.rstrip(separator)}{separator}{digits}"
        self.taken.add(chosen)
        return chosen
