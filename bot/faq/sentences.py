"""What a sentence means, as a point in space: the extra `exoplan[semantic]`.

A table of the package wordllama, a row for each piece of a word; a text their mean.
Table and tokenizer lie in that package's wheel and are read from there as files. The
package itself is never run: it would fetch what it misses, and set up logging.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.errors import ConfigError

#: What brings table and tokenizer.
EXTRA = "exoplan[semantic]"

_PACKAGE = "wordllama"
_TABLE = Path("weights", "l2_supercat_256.safetensors")
_TOKENIZER = Path("tokenizers", "l2_supercat_tokenizer_config.json")
_NAME = "embedding.weight"

#: What is read of a text: a question is short.
_MOST_LETTERS = 400

Points = npt.NDArray[np.float32]


class Reads(Protocol):
    """Turns texts into points."""

    def points(self, texts: Sequence[str]) -> Points:
        """A row for each text."""
        ...


class SentenceModel:
    """The table and its tokenizer, some 35 MB together.

    Args:
        folder: of the package that holds them.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors import safe_open
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        self._tokenizer.no_padding()
        with safe_open(str(folder / _TABLE), framework="np") as tables:
            self._table = tables.get_tensor(_NAME)

    def points(self, texts: Sequence[str]) -> Points:
        """A row for each text, 256 long; of an empty text zeros."""
        found = np.zeros((len(texts), self._table.shape[1]), np.float32)
        for row, text in zip(found, texts, strict=True):
            plain = text[:_MOST_LETTERS].lower()
            pieces = self._tokenizer.encode(plain, add_special_tokens=False).ids
            if pieces:
                row[:] = self._table[pieces].mean(axis=0, dtype=np.float32)
        return found


def installed() -> Path | None:
    """The folder of the package, without loading it; None where something lacks."""
    found = find_spec(_PACKAGE)
    readers = map(find_spec, ("tokenizers", "safetensors"))
    if found is None or None in readers or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0])
    return folder if (folder / _TABLE).is_file() else None


@lru_cache(maxsize=1)
def sentence_model() -> SentenceModel:
    """The model, loaded once.

    Raises:
        ConfigError: the extra is not installed.
    """
    return SentenceModel(needed())


def needed() -> Path:
    """The folder of the package.

    Raises:
        ConfigError: the extra is not installed.
    """
    folder = installed()
    if folder is None:
        raise ConfigError(f"faq_semantic: needs the extra {EXTRA}")
    return folder
