"""Show what the emergency reading would hear of an author nobody learned from.

    python -m tests.dialogs.ear.strangers

Each author of the tuning half is left out in turn, the ear learns from the others, and
the whole reading is tried on the one left out; who made the word list is left out in
parts. A line is one choice of how far the ear is believed. ear.toml holds the choice.
The word list itself has seen these messages, so the figures are better than a true
stranger's; tests/dialogs/triage/test_halves.py prints those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from dialogs.ear import Ear
from dialogs.inputs import Level
from dialogs.triage import QUIET, Reading
from tests.dialogs.ear.learned import Example, examples, learned
from tests.dialogs.triage.halves import bounds

#: Parts in which the messages of the word list's makers are left out.
PARTS = 4
#: Scores from which it might ask.
TRIED = (1.5, 2.0, 2.25, 2.5, 2.75, 3.0, 99.0)


def left_out(of: list[Example]) -> Iterator[list[Example]]:
    """The examples in parts, of which one at a time is not learned from."""
    for voice in sorted({example.voice for example in of} - {""}):
        yield [example for example in of if example.voice == voice]
    own = [example for example in of if not example.voice]
    for part in range(PARTS):
        yield [e for e in own if sha256(e.source.encode()).digest()[0] % PARTS == part]


def _from(example: Example, voice: str) -> bool:
    return example.alarming and example.voice == voice


def _share(name: str, of: list[bool]) -> str:
    low, high = bounds(sum(of), len(of))
    return f"{name} {sum(of)}/{len(of)} {low:.2%}-{high:.2%}"


def main() -> None:
    """Leave each author out in turn, and print what is heard of them."""
    said = examples()
    read = Reading("en")
    given = read.trust
    tried: dict[float, list[tuple[Example, Level]]] = {at: [] for at in TRIED}
    for part in left_out(said):
        out = {id(example) for example in part}
        others = learned([example for example in said if id(example) not in out])
        read.ear = Ear(others.weights)
        for at in TRIED:
            apart = given.sure_from - given.asks_from
            read.trust = replace(given, sure_from=at + apart, asks_from=at)
            tried[at] += [(example, read.alarm(example.text).level) for example in part]
    for at, heard in tried.items():
        kinds = {
            "heard": [g not in QUIET for e, g in heard if e.alarming and e.voice],
            "ordinary": [g not in QUIET for e, g in heard if e.ordinary],
            "strangers'": [g not in QUIET for e, g in heard if e.ordinary and e.voice],
            "look-alikes": [g not in QUIET for e, g in heard if e.lookalike],
        }
        print(at, "; ".join(_share(kind, of) for kind, of in kinds.items()))
    for voice in sorted({example.voice for example in said} - {""}):
        shares = [
            f"{at} {sum(own) / len(own):.1%}"
            for at, heard in tried.items()
            if (own := [g not in QUIET for e, g in heard if _from(e, voice)])
        ]
        print(voice, "; ".join(shares))


if __name__ == "__main__":
    main()
