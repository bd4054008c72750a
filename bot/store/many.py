"""Lists in statements."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

Value = TypeVar("Value")


def padded(values: Collection[Value]) -> list[Value]:
    """The values, the last repeated until there are 1, 2, 4, 8 … of them.

    A list becomes as many places in the text of a statement, and a server plans each
    text anew. So there are few texts, and their plans are kept.
    """
    given = list(values)
    if not given:
        return given
    size = 1 << (len(given) - 1).bit_length()
    return given + given[-1:] * (size - len(given))
