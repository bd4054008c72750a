"""Fit the second ear anew and write what it learned.

    python -m tests.dialogs.ear.fit

Writes ear.tsv and ear_groups.tsv beside the word lists. How far the ear is believed
(ear.toml) is for people to say: tests/dialogs/ear/strangers.py shows what each choice
would hear of an author nobody learned from.
"""

from __future__ import annotations

from pathlib import Path

import dialogs.words
from dialogs.ear import Weights
from tests.dialogs.ear.learned import examples, learned

WORDS = Path(next(iter(dialogs.words.__path__))) / "en"


def as_text(weights: Weights) -> tuple[str, str]:
    """What ear.tsv and ear_groups.tsv hold."""
    lines = [f"bias\t\t{weights.bias:.4f}"]
    names = list(weights.grams)
    for name, at in weights.grams.items():
        lines.append(f"{name}\t{weights.rarity[at]:.3f}\t{weights.weight[at]:.3f}")
    groups = []
    for group, (bias, weight) in weights.groups.items():
        head = group.replace(" ", "\t")
        groups.append(f"{head}\t\t{bias:.3f}")
        groups += [f"{head}\t{names[at]}\t{by:.3f}" for at, by in weight.items()]
    return "\n".join(lines) + "\n", "\n".join(groups) + "\n"


def main() -> None:
    """Learn from all that may be learned from, and write it down."""
    said = examples()
    everything, groups = as_text(learned(said).weights)
    (WORDS / "ear.tsv").write_text(everything, "utf-8")
    (WORDS / "ear_groups.tsv").write_text(groups, "utf-8")
    print(f"learned from {len(said)} messages")


if __name__ == "__main__":
    main()
