"""Measure the pace of the emergency reading.

    python -m tests.dialogs.triage.pace

Prints milliseconds a message over every written message, in time of this process.
"""

from __future__ import annotations

from statistics import mean, quantiles
from time import process_time_ns

from dialogs.triage import triage
from tests.dialogs.triage.halves import messages

#: Times that every message is read; the first round still learns the spelling.
ROUNDS = 3


def main() -> None:
    """Read every message and print how long that takes."""
    texts = [message.text for message in messages()]
    triage(texts[0])
    for _ in range(ROUNDS):
        took = []
        for text in texts:
            began = process_time_ns()
            triage(text)
            took.append((process_time_ns() - began) / 1e6)
        p99 = quantiles(took, n=100)[98]
        print(
            f"{len(texts)} messages: mean {mean(took):.3f} ms, p99 {p99:.3f} ms, "
            f"longest {max(took):.3f} ms"
        )


if __name__ == "__main__":
    main()
