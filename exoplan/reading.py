"""Strict reading of a protocol text: every key is asked for, none is left over.

A mistake is the author's to mend, so each error is one line that names file, table
and key.
"""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import TypeVar

from exoplan.errors import ProtocolError

Word = TypeVar("Word", bound=StrEnum)

#: How a text says that one end of a range is missing in the source.
UNSTATED = "not stated"


class Table:
    """One TOML table, emptied key by key; ``done`` refuses what nobody asked for."""

    __slots__ = ("_left", "file", "where")

    def __init__(self, file: str, where: str, content: dict[str, object]) -> None:
        self.file = file
        self.where = where
        self._left = dict(content)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def wrong(self, key: str, what: str) -> ProtocolError:
        """The error to raise about one key."""
        return ProtocolError(self.file, f"{self.where} {key}", what)

    def text(self, key: str) -> str:
        """A sentence or an id; never empty."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "must be text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; an absent key is an empty list."""
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(
            isinstance(one, str) and one for one in value
        ):
            raise self.wrong(key, "must be a list of texts")
        return tuple(value)

    def word(self, key: str, kind: type[Word]) -> Word:
        """One word of a closed vocabulary."""
        value = self._take(key)
        for member in kind:
            if value == member.value:
                return member
        allowed = ", ".join(kind)
        raise self.wrong(key, f"{value!r} is none of {allowed}")

    def whole(self, key: str) -> int:
        """A whole number, zero or more."""
        value = self._take(key)
        if type(value) is not int or value < 0:
            raise self.wrong(key, "must be a whole number, zero or more")
        return value

    def end(self, key: str) -> int | None:
        """One end of a range; None where the text says "not stated"."""
        if self._left.get(key) == UNSTATED:
            del self._left[key]
            return None
        return self.whole(key)

    def yes_no(self, key: str, otherwise: bool) -> bool:
        """True or false; ``otherwise`` where the key is absent."""
        value = self._left.pop(key, otherwise)
        if type(value) is not bool:
            raise self.wrong(key, "must be true or false")
        return value

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.wrong(key, "must be a table")
        return Table(self.file, f"{self.where} {key}", value)

    def tables(self, key: str) -> tuple["Table", ...]:
        """The ``[[key]]`` tables, named by their id; an absent key is none of them."""
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.wrong(key, "must be a list of tables")
        return tuple(
            Table(self.file, f"[[{key}]] {one.get('id', f'number {n}')}", one)
            for n, one in enumerate(value, start=1)
        )

    def keys(self) -> tuple[str, ...]:
        """The keys not read yet."""
        return tuple(self._left)

    def done(self) -> None:
        """Refuse keys that no reader asked for."""
        if self._left:
            known = ", ".join(sorted(self._left))
            raise ProtocolError(self.file, self.where, f"unknown key {known}")

    def _take(self, key: str) -> object:
        if key not in self._left:
            raise self.wrong(key, "is missing")
        return self._left.pop(key)


def read(text: Traversable) -> Table:
    """The top table of one TOML text; raises ProtocolError where it is no TOML."""
    try:
        content = tomllib.loads(text.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as mistake:
        raise ProtocolError(text.name, "text", str(mistake)) from mistake
    return Table(text.name, "top", content)


def refuse_twice(file: str, ids: Iterable[str]) -> None:
    """Raise ProtocolError at the first id that occurs twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ProtocolError(file, one, "is there twice")
        seen.add(one)
