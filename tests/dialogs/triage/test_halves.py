"""How many emergencies are heard, and how often ordinary talk alarms for nothing.

The figures come from the check half, which the word list was not tuned on, and from
authors whom nothing was learned from: that is how well a patient is heard.
"""

from __future__ import annotations

from collections import Counter

import pytest

from dialogs.inputs import Level
from dialogs.triage import triage
from tests.dialogs.triage import spell_out
from tests.dialogs.triage.halves import (
    MESSAGES,
    Half,
    Message,
    bounds,
    in_other_languages,
    messages,
)

#: Share of emergencies that must be heard at their level or a more urgent one.
RECALL = 0.98
#: Ordinary messages of which one may alarm.
ONE_FALSE_ALARM_IN = 1_000
#: Share of what is long over, uncertain or said in jest that must be asked about.
ASKED = 0.85
#: Share of questions about emergencies that must not alarm.
QUIET_QUESTIONS = 0.9

ALARMS = (Level.ASK, Level.SAME_DAY, Level.URGENT_NOW)
_URGENCY = (Level.NONE, Level.INFORM, *ALARMS)
#: By who wrote the word list.
CHECK = list(messages(Half.CHECK))
#: By strangers to it, none of whose messages was ever learned from.
STRANGERS = list(messages(Half.STRANGERS))
VOICES = sorted({message.voice for message in STRANGERS})

#: What is reached with strangers so far; RECALL and ONE_FALSE_ALARM_IN are the aim.
STRANGERS_HEARD = 0.955
STRANGERS_FALSE_ALARMS = 0.006
STRANGERS_FALSE_LOOKALIKES = 0.055


def _heard(message: Message) -> bool:
    return _URGENCY.index(triage(message.text).level) >= _URGENCY.index(message.level)


def _alarms(message: Message) -> bool:
    return triage(message.text).level in ALARMS


def _said(name: str, hits: int, of: int) -> str:
    low, high = bounds(hits, of)
    return f"{name}: {hits} of {of} = {hits / of:.2%} (95 %: {low:.2%} to {high:.2%})"


def test_the_check_half_is_heard(capsys):
    """Of the emergencies it was not tuned on, at least 98 in 100 are heard."""
    urgent = [message for message in CHECK if message.group]
    heard = sum(map(_heard, urgent))
    with capsys.disabled():
        print("\n" + _said("emergencies heard", heard, len(urgent)))
    of = len(urgent)
    assert heard / of >= RECALL


def test_ordinary_talk_of_the_check_half_does_not_alarm(capsys):
    """At most one ordinary message in a thousand is taken for an emergency."""
    ordinary = [message for message in CHECK if message.level is Level.NONE]
    false, of = sum(map(_alarms, ordinary)), len(ordinary)
    with capsys.disabled():
        print("\n" + _said("false alarms", false, of))
    assert false * ONE_FALSE_ALARM_IN <= of


def test_what_may_be_over_is_asked_about(capsys):
    """What is long ago, uncertain or in jest is mostly asked about, not carded."""
    doubtful = [message for message in CHECK if message.level is Level.ASK]
    asked = sum(triage(message.text).level is Level.ASK for message in doubtful)
    of = len(doubtful)
    with capsys.disabled():
        print("\n" + _said("doubts asked about", asked, of))
    assert asked / of >= ASKED


def test_a_question_about_an_emergency_is_none(capsys):
    """Who asks what may happen gets an answer, not an alarm."""
    questions = [message for message in CHECK if message.level is Level.INFORM]
    quiet = sum(triage(message.text).level not in ALARMS for message in questions)
    with capsys.disabled():
        print("\n" + _said("questions left quiet", quiet, len(questions)))
    assert quiet / len(questions) >= QUIET_QUESTIONS


@pytest.mark.parametrize("voice", [*VOICES, "all"])
def test_strangers_are_heard(voice, capsys):
    """Most emergencies are heard as people put them whom nobody asked before."""
    written = [m for m in STRANGERS if m.group and voice in (m.voice, "all")]
    heard = sum(map(_alarms, written))
    with capsys.disabled():
        print("\n" + _said(f"{voice}: emergencies heard", heard, len(written)))
        print(_said("  at their level", sum(map(_heard, written)), len(written)))
    assert voice != "all" or heard / len(written) >= STRANGERS_HEARD


@pytest.mark.parametrize("voice", [*VOICES, "all"])
def test_the_calm_talk_of_strangers_seldom_alarms(voice, capsys):
    """Few calm messages alarm, even those that name what an emergency would."""
    calm = [m for m in STRANGERS if not m.group and voice in (m.voice, "all")]
    kinds = {
        "ordinary": [m for m in calm if m.level is Level.NONE and not m.lookalike],
        "look-alikes": [m for m in calm if m.lookalike],
        "questions": [m for m in calm if m.level is Level.INFORM],
    }
    false = {kind: sum(map(_alarms, written)) for kind, written in kinds.items()}
    with capsys.disabled():
        print(f"\n{voice}: false alarms")
        for kind, written in kinds.items():
            print(_said(f"  {kind}", false[kind], len(written)))
    if voice == "all":
        ordinary, lookalikes = len(kinds["ordinary"]), len(kinds["look-alikes"])
        assert false["ordinary"] <= STRANGERS_FALSE_ALARMS * ordinary
        assert false["look-alikes"] <= STRANGERS_FALSE_LOOKALIKES * lookalikes


def test_calm_talk_in_another_language_does_not_alarm():
    """What the word list cannot read is no emergency for that."""
    for text, level in in_other_languages():
        if level in (Level.NONE, Level.INFORM):
            assert triage(text).level not in ALARMS, text


def test_there_are_enough_messages_of_every_kind():
    """At least 60 for every group, and 3,000 ordinary ones."""
    count = Counter(m.group or m.level.value for m in messages())
    assert sum(group.startswith("EM") for group in count) == 17
    assert min(n for group, n in count.items() if group.startswith("EM")) >= 60
    assert count[Level.NONE] >= 3_000


@pytest.mark.parametrize("half", Half)
def test_no_message_is_in_both_halves(half):
    """What is tuned on is never checked on."""
    other = {m.text for m in messages() if m.half is not half}
    assert not other & {m.text for m in messages(half)}


def test_the_patterned_messages_are_fresh():
    """patterned.txt is what patterns.toml says."""
    assert (MESSAGES / "patterned.txt").read_text("utf-8") == spell_out.text()
