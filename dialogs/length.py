"""Length as Telegram counts it: in UTF-16 units, two for most pictures."""

from __future__ import annotations


def units(text: str) -> int:
    """How long a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def first(text: str, most: int) -> str:
    """As much of the beginning as fits; no letter is cut in two."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def last(text: str, most: int) -> str:
    """As much of the end as fits; no letter is cut in two."""
    return text.encode("utf-16-le")[-2 * most :].decode("utf-16-le", "ignore")
