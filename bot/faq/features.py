"""A text as a few numbered features with weights: its words, word pairs and pieces.

Words carry the meaning, pieces of words carry slips and endings, and words that mean
the same are one word. Features are numbered by hashing, so that nothing has to be kept
about those that were seen.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.faq.vocabulary import Vocabulary

#: Numbers that features may have. A power of two, as is the number they fold to.
NUMBERED = 1 << 17

#: A word that says little by itself keeps this share of its weight.
_FAINT_WEIGHS = 0.25
#: Two words that follow one another count this much as a word of their own.
_PAIR_WEIGHS = 0.4
#: A piece of a word counts this much beside a whole one.
_PIECE_WEIGHS = 0.25
#: Letters of a piece.
_PIECES = (3, 4)

Numbers = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]


def features(typed: Sequence[str], known: Vocabulary) -> tuple[Numbers, Weights]:
    """The features of a text's words, each once: numbers below NUMBERED, weights."""
    words = [known.one(word) for word in typed]
    counted = Counter(words)
    weights: dict[int, float] = {}

    def add(feature: str, weight: float) -> None:
        number = zlib.crc32(feature.encode()) % NUMBERED
        weights[number] = weights.get(number, 0.0) + weight

    for word, count in counted.items():
        share = _FAINT_WEIGHS if word in known.faint else 1.0
        add(word, share * (1 + math.log(count)))
    for pair, count in Counter(pairwise(["^", *words, "$"])).items():
        add(f"{pair[0]} {pair[1]}", _PAIR_WEIGHS * (1 + math.log(count)))
    pieces = Counter(
        f"~{padded[at : at + size]}"
        for padded in (f" {word} " for word in typed)
        for size in _PIECES
        for at in range(len(padded) - size + 1)
    )
    for piece, count in pieces.items():
        add(piece, _PIECE_WEIGHS * (1 + math.log(count)))
    return (
        np.fromiter(weights.keys(), np.int32, len(weights)),
        np.fromiter(weights.values(), np.float32, len(weights)),
    )
