"""Several things in one breath: none of them hides or softens another."""

from __future__ import annotations

import pytest

from dialogs.inputs import Level
from dialogs.triage import triage

URGENT = ["i cant breathe", "my chest hurts", "my knee is red hot and swollen"]
BESIDE = ["can i come at 3", "how much is prp", "i had botox 2 years ago"]


@pytest.mark.parametrize("urgent", URGENT)
@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("joined", ["{}. {}", "{}, {}", "{} and {}", "{} thanks {}"])
def test_what_stands_beside_an_emergency_does_not_soften_it(urgent, beside, joined):
    """A question or an old story before or after it changes nothing."""
    assert triage(joined.format(beside, urgent)).level is Level.URGENT_NOW
    assert triage(joined.format(urgent, beside)).level is Level.URGENT_NOW


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("i fainted but im fine now", Level.ASK),
        ("the last time i had prp i fainted", Level.ASK),
        ("when i was a child i had a seizure", Level.ASK),
        ("im pregnant, i had prp last week, should i worry", Level.SAME_DAY),
        ("will it harm the baby i had prp last week and im pregnant", Level.SAME_DAY),
        ("how long does it last and is fever normal after prp", Level.INFORM),
    ],
)
def test_what_belongs_together_is_read_together(message, level):
    """What is told of the same thing in the next clause still counts."""
    assert triage(message).level is level, triage(message).reason
