"""Questions labelled with the entry they ask, and messages that no entry answers.

templates/<language>/labelled.toml. The matcher learns from none of them: one half sets
its bands, the other shows how that turned out.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

#: The halves are drawn with this seed.
_SEED = 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the entry it asks."""

    text: str
    entry: str  #: "" where no entry answers it


@dataclass(frozen=True, slots=True)
class Halves:
    """The shipped questions; each is in one half."""

    calibration: tuple[Labelled, ...]  #: sets the bands
    test: tuple[Labelled, ...]  #: shows how they turned out


def shipped(language: str) -> Halves:
    """The shipped questions of a language, split by a fixed seed."""
    path = files("templates") / language / "labelled.toml"
    said = tomllib.loads(path.read_text("utf-8"))
    asked = [
        Labelled(text, entry)
        for entry, texts in said["asked"].items()
        for text in texts
    ]
    outside = [Labelled(text, "") for text in said["outside"]["messages"]]
    first, second = _split(asked), _split(outside)
    return Halves((*first[0], *second[0]), (*first[1], *second[1]))


def _split(
    questions: Sequence[Labelled],
) -> tuple[tuple[Labelled, ...], tuple[Labelled, ...]]:
    drawn = list(questions)
    random.Random(_SEED).shuffle(drawn)
    half = len(drawn) // 2
    return tuple(drawn[:half]), tuple(drawn[half:])
