"""The messages of the emergency reading: two halves, and what strangers wrote.

A line of a message file is `LEVEL GROUP | what was typed`; GROUP is "-" where none is
expected, and "~" where the message is calm but names a sign, an injury or a drug
("killing time before my slot"). A line that begins with "#" names the pattern that the
lines below it were spelled out from. The word list is tuned on one half of messages/
and on all of tuned/; the other half is for checking alone.

Each voices_N.txt is one author's, who had not seen the word list; it has been learned
from since. Nothing is ever learned from the authors in strangers/: how well they are
heard is how well somebody new is. What authors wrote in other languages is in
other_languages/ and in no half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from math import sqrt
from pathlib import Path

from dialogs.inputs import Level

MESSAGES = Path(__file__).parent / "messages"
TUNED = Path(__file__).parent / "tuned"
STRANGERS = Path(__file__).parent / "strangers"
OTHER_LANGUAGES = Path(__file__).parent / "other_languages"
#: Decides, with the text, into which half a message falls.
SEED = "2025-4"
#: Standard deviations of a two-sided 95 % interval.
_NINETY_FIVE = 1.959964


class Half(StrEnum):
    """Which half a message is in, or that a stranger wrote it."""

    TUNING = "tuning"
    CHECK = "check"
    STRANGERS = "strangers"


_FALLS = {TUNED: Half.TUNING, STRANGERS: Half.STRANGERS}


@dataclass(frozen=True, slots=True)
class Message:
    """One message with what is expected of it."""

    text: str  #: as typed
    level: Level  #: how urgent it is
    group: str  #: emergency group it belongs to, "" for none
    half: Half  #: the half it fell into
    pattern: str  #: the pattern it was spelled out from, "" when written by hand
    voice: str  #: the stranger who wrote it ("voices_1"), "" for who made the word list
    lookalike: bool  #: calm, though it names what an emergency would


def messages(half: Half | None = None) -> Iterator[Message]:
    """Every message once, or those of one half.

    What a stranger wrote word for word as somebody else before is not theirs.
    """
    known: set[str] = set()
    for folder, line in _every_line():
        level, group, text, pattern, file = line
        if text in known:
            continue
        known.add(text)
        fell = _FALLS.get(folder) or _half_of(pattern or text)
        if half in (None, fell):
            yield Message(
                text,
                Level(level),
                group.strip("-~"),
                fell,
                pattern,
                voice=file if file.startswith("voices") else "",
                lookalike=group == "~",
            )


def in_other_languages() -> Iterator[tuple[str, Level]]:
    """Messages in other languages than the word list's, and how urgent they are."""
    for level, _, text, _, _ in _lines(OTHER_LANGUAGES):
        yield text, Level(level)


def _every_line() -> Iterator[tuple[Path, tuple[str, str, str, str, str]]]:
    for folder in (TUNED, MESSAGES, STRANGERS):
        for line in _lines(folder):
            yield folder, line


def _lines(folder: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Level, group, text, pattern and file of every line of a folder's files."""
    for path in sorted(folder.glob("*.txt")):
        pattern = ""
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("# "):
                pattern = line[2:]
                continue
            expected, _, text = line.partition(" | ")
            level, group = expected.split()
            yield level, group, text, pattern, path.stem


def _half_of(key: str) -> Half:
    odd = sha256(f"{SEED}|{key}".encode()).digest()[0] % 2
    return Half.CHECK if odd else Half.TUNING


def bounds(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    share, z = hits / of, _NINETY_FIVE
    middle = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
