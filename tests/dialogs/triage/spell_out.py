"""Spell patterns.toml out into patterned.txt.

    python -m tests.dialogs.triage.spell_out

The choice is by hash, so that the same patterns always give the same messages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

MESSAGES = Path(__file__).parent / "messages"
#: Messages kept of each pattern; more of the same would tell nothing new.
KEPT_OF_EACH = 36

_SLOT = re.compile(r"{(\w+)}")


def spelled_out(pattern: str, words: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Different messages that a pattern stands for, each slot filled by hash."""
    seen: set[str] = set()
    for turn in range(KEPT_OF_EACH):
        filled, slot = pattern, 0
        while found := _SLOT.search(filled):
            choices = words[found[1]]
            drawn = sha256(f"{pattern}|{turn}|{slot}".encode()).digest()
            word = choices[int.from_bytes(drawn[:4]) % len(choices)]
            filled = filled[: found.start()] + word + filled[found.end() :]
            slot += 1
        message = " ".join(filled.split())
        if message not in seen:
            seen.add(message)
            yield message


def text() -> str:
    """What patterned.txt holds: each pattern as a comment, then its messages."""
    said = tomllib.loads((MESSAGES / "patterns.toml").read_text("utf-8"))
    lines: list[str] = []
    written: set[str] = set()
    for pattern in said["pattern"]:
        lines.append(f"# {pattern['of']}")
        for message in spelled_out(pattern["of"], said["words"]):
            if message not in written:
                written.add(message)
                lines.append(f"NONE - | {message}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (MESSAGES / "patterned.txt").write_text(text(), "utf-8")
