"""What this process has counted since its start. Numbers only, about nobody.

Counting costs next to nothing and needs no library; `bot/web/exposition.py` turns it
into Prometheus's text when somebody asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

#: Upper bounds, in seconds, of the steps that durations are counted in.
STEPS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(slots=True)
class Durations:
    """How many lasted how long."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(STEPS) + 1))
    #: of each step, and of all that lasted longer
    total_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one; a clock that was set back counts as no time at all."""
        seconds = max(0.0, seconds)
        self.counts[bisect_left(STEPS, seconds)] += 1
        self.total_seconds += seconds


@dataclass(slots=True)
class Figures:
    """Everything counted. Touched by the event loop alone."""

    updates: int = 0  #: stored, those that came twice included
    turns: Counter[str] = field(default_factory=Counter)
    #: by outcome: kept, retried, set_aside
    sends: Counter[str] = field(default_factory=Counter)
    #: by outcome: sent, refused, unreachable, put_off
    erased: Counter[str] = field(default_factory=Counter)
    #: people, by why: asked, silent
    uncertain: int = 0  #: messages that may have come twice
    committed: Durations = field(default_factory=Durations)
    #: from an update's arrival to the commit of its turn
    sent: Durations = field(default_factory=Durations)
    #: from that commit to Telegram's word that it has the message
    gate_waits: Durations = field(default_factory=Durations)
    #: what the gates for one chat and for the bot made messages wait
