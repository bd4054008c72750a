"""Questions labelled with the entry they ask, and messages that no entry answers.

templates/<language>/labelled: a file a voice. The matcher learns from none of them: one
half sets its bands, the other shows how that turned out. A voice is in one half as a
whole, so that the other half is asked by strangers; only the house's own lines, which
are many, are in both.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

#: The halves are drawn with this seed.
_SEED = 20

#: The voice of whoever wrote the entries.
HOUSE = "house"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the entry it asks."""

    text: str
    entry: str  #: "" where no entry answers it
    close: bool = False  #: none does, though it sounds like what people ask here
    voice: str = ""  #: whose; "" for those of a clinic's own patients
    wrong: str = ""  #: an entry it does not ask, where no more than that is known


@dataclass(frozen=True, slots=True)
class Halves:
    """The shipped questions; each is in one half."""

    calibration: tuple[Labelled, ...]  #: sets the bands
    test: tuple[Labelled, ...]  #: shows how they turned out


@lru_cache  # thousands of small objects: made anew they would wake the collector
def voices(language: str) -> Mapping[str, tuple[Labelled, ...]]:
    """The shipped questions of a language, by whose voice they are in."""
    found = {}
    for path in (files("templates") / language / "labelled").iterdir():
        said = tomllib.loads(path.read_text("utf-8"))
        voice = path.name.removesuffix(".toml")
        asked = [
            Labelled(text, entry, voice=voice)
            for entry, texts in said["asked"].items()
            for text in texts
        ]
        outside = [
            Labelled(text, "", close=kind == "close", voice=voice)
            for kind in ("outside", "close")
            for text in said.get(kind, {}).get("messages", ())
        ]
        found[voice] = (*asked, *outside)
    return MappingProxyType(dict(sorted(found.items())))


def shipped(language: str) -> Halves:
    """The shipped questions of a language, split by a fixed seed."""
    every = voices(language)
    house = every[HOUSE]
    asked = _split([one for one in house if one.entry])
    outside = _split([one for one in house if not one.entry])
    strangers = _split([voice for voice in every if voice != HOUSE])
    calibration, test = (
        (*asked[half], *outside[half], *(q for v in strangers[half] for q in every[v]))
        for half in (0, 1)
    )
    return Halves(calibration, test)


def _split(drawn: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    drawn = list(drawn)
    random.Random(_SEED).shuffle(drawn)
    half = len(drawn) // 2
    return drawn[:half], drawn[half:]
