"""The second ear: what it scores, how it explains itself, what it may not do."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.ear import PART, Ear, Said, grams, read_weights
from dialogs.inputs import Level
from dialogs.triage import reading, triage
from tests.dialogs.ear.fit import as_text
from tests.dialogs.ear.learned import examples, learned

#: Megabytes that the weights may take in memory.
MEMORY = 10
#: Another machine's arithmetic may end its search for the best weights elsewhere.
FITTED_WITHIN = 0.005
#: Two groups may be as likely, so that the last digit decides.
SAME_GROUP = 0.99
EXAMPLES = examples()
WEIGHTS = read_weights("en")


@pytest.fixture(scope="module")
def fitted():
    return learned(EXAMPLES)


def _said(text: str) -> Said:
    read = reading("en")
    return read.said(read.read(text))


def _ear() -> Ear:
    return reading("en").ear


def test_what_is_shipped_is_what_the_messages_teach(fitted):
    """Fitting anew gives the weights that lie beside the word lists."""
    shipped, anew = WEIGHTS, fitted.weights
    assert as_text(anew)[0].count("\n") == len(shipped.grams) + 1
    fresh, same = Ear(anew), []
    for example in EXAMPLES[::29]:
        heard = _ear().hear(_said(example.text))
        again = fresh.hear(_said(example.text))
        assert heard.score == pytest.approx(again.score, abs=FITTED_WITHIN)
        if example.alarming:
            same.append(_ear().likeliest(heard) == fresh.likeliest(again))
    assert sum(same) >= SAME_GROUP * len(same)


def test_the_ear_sums_as_scikit_learn_does(fitted):
    """For a message of one part, both come to the same score."""
    ear = Ear(fitted.weights)
    for example in EXAMPLES[::41]:
        said = _said(example.text)
        if len(said.words) <= PART:
            expected = fitted.score(example.grams)
            assert ear.hear(said).score == pytest.approx(expected, abs=1e-9)


@given(st.text(max_size=200))
def test_the_two_ways_to_find_grams_agree(text):
    """The ear's short cuts find the very grams that it learned from."""
    said = _said(text)
    known = {WEIGHTS.grams[gram] for gram in grams(said) if gram in WEIGHTS.grams}
    if len(said.words) <= PART:
        assert _ear().hear(said).known == known


def test_its_weights_are_small():
    """They take less than ten megabytes."""
    tracemalloc.start()
    try:
        kept = Ear(read_weights("en"))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.hear(_said("hello")).score < 0
    assert size < MEMORY * 1e6


def test_an_alarm_by_ear_names_the_words_that_weighed_most():
    """Its reason reads as any other: group, words in quotes, and by what."""
    read = reading("en")
    raised = []
    for example in EXAMPLES[::17]:
        seen = read.read(example.text)
        heard = _ear().hear(read.said(seen))
        if example.alarming and heard.score >= read.trust.asks_from:
            raised.append(read.by_ear(seen, heard))
    raised = [alarm for alarm in raised if alarm.level is not Level.NONE]
    assert raised
    for alarm in raised:
        assert alarm.reason.startswith(f"{alarm.group} ")
        assert "'" in alarm.reason
        assert " by ear (" in alarm.reason


def test_much_talk_does_not_drown_words_in_need():
    """A long text is weighed in parts, so the score is that of its loudest."""
    urgent = max(
        (e.text for e in EXAMPLES[::9] if e.level is Level.URGENT_NOW),
        key=lambda text: _ear().hear(_said(text)).score,
    )
    chat = "i would like to ask about my appointment on monday "
    ear = _ear()
    assert ear.hear(_said(chat * 20)).score < 0
    assert ear.hear(_said(f"{chat * 20}. {urgent}. {chat * 20}")).score > 0


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("choking on that price", Level.NONE),
        ("choking", Level.URGENT_NOW),
        ("shes choking on her tongue and it is swelling", Level.URGENT_NOW),
    ],
)
def test_it_lets_go_of_a_single_word_alone(message, level):
    """What several words say together stands, however calm the rest sounds."""
    assert triage(message).level is level, triage(message).reason
