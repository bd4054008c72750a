"""How close a text is to each entry by what it means, whatever its words.

Beside the readings of `bot/faq/match.py`: how close its point is to the closest of an
entry's phrasings (cosine), and what a ridge regression from points to entries makes of
it. Cross-validation on the shipped phrasings settled the weights (docs/faq.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.faq.sentences import Points, Reads

#: How much the closest phrasing counts, and the regression, beside the other readings.
_PHRASING_WEIGHS = 0.2
_REGRESSION_WEIGHS = 0.5
#: How strongly the regression is held back.
_RIDGE = 10.0


class Meaning:
    """The points of all phrasings and what was learned from them.

    Args:
        phrasings: those of an entry stand together.
        owner: the number of each phrasing's entry, ascending from 0.
    """

    def __init__(
        self, model: Reads, phrasings: Sequence[str], owner: npt.NDArray[np.int64]
    ) -> None:
        self._model = model
        counts = np.bincount(owner)
        self._starts = np.cumsum([0, *counts[:-1]])
        points = _unit(model.points(phrasings))
        self._middle = points.mean(axis=0)
        self._points = _unit(points - self._middle)
        aims = np.zeros((len(owner), len(counts)), np.float32)
        aims[np.arange(len(owner)), owner] = 1
        aims -= counts.astype(np.float32) / len(owner)
        gram = self._points.T @ self._points
        gram[np.diag_indices_from(gram)] += _RIDGE
        self._head = np.linalg.solve(gram, self._points.T @ aims) * _REGRESSION_WEIGHS

    def closeness(self, text: str) -> npt.NDArray[np.float32]:
        """How close a text is to each entry, in their order."""
        point = _unit(_unit(self._model.points([text])) - self._middle)[0]
        closest = np.maximum.reduceat(self._points @ point, self._starts)
        near: npt.NDArray[np.float32] = (
            _PHRASING_WEIGHS * closest + point @ self._head
        ).astype(np.float32)
        return near


def _unit(points: Points) -> Points:
    """The same, of length one; zeros stay zeros."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    found: Points = points / np.maximum(lengths, np.float32(1e-9))
    return found
