"""Where the bot answers, where it offers, and what it may promise about that."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.bands import (
    ANSWER_AT,
    ENOUGH_LABELLED,
    ONLY_OFFERED,
    SUGGEST_AT,
    Bands,
    Nearest,
    calibrate,
)
from bot.faq.entries import load_entries
from bot.faq.labelled import Labelled
from bot.faq.learn import learn
from bot.faq.own import Own, Said, as_entry
from tests.bot.faq.test_own import NOW

nearness = st.floats(0, 2)


def drawn(chance: random.Random, many: int) -> list[Nearest]:
    """Questions as one matcher finds them: the closer, the likelier it is right."""
    found = []
    for _ in range(many):
        near = chance.random()
        entry = "Q01" if chance.random() < near else "Q02"
        asked = "Q01" if chance.random() < 0.7 else ""
        found.append(Nearest(Labelled("", asked), entry, near))
    return found


def wrong(found: list[Nearest], bands: Bands) -> float:
    """Share of all answered wrongly."""
    bad = [
        one
        for one in found
        if bands.score(one.near) >= ANSWER_AT and one.entry != one.question.entry
    ]
    return len(bad) / len(found)


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_the_promise_holds_for_questions_that_set_no_band(share: float):
    """On average over many draws of calibration questions, as it is promised."""
    chance = random.Random(5)
    many = drawn(chance, 4_000)
    missed = [
        wrong(many, calibrate(drawn(chance, 400), wrong_share=share, only_offered=()))
        for _ in range(60)
    ]
    assert sum(missed) / len(missed) <= share
    assert max(missed) > 0


def test_nothing_is_answered_where_nothing_can_be_promised():
    """Too few questions prove no share as small as that."""
    few = drawn(random.Random(1), 30)
    assert all(
        calibrate(few, wrong_share=0.02, only_offered=()).score(near) < ANSWER_AT
        for near in (0.5, 1.0, 2.0)
    )


def voice(name: str, near: list[float], entry: str = "Q01") -> list[Nearest]:
    """A voice whose questions are found wrongly, this close; and 60 that are right."""
    right = [Nearest(Labelled("", "Q02", voice=name), "Q02", 1.0)] * 60
    return right + [Nearest(Labelled("", entry, voice=name), "Q02", n) for n in near]


def test_no_single_voice_is_answered_wrongly_more_often_than_promised():
    """However few its wrong answers are among all."""
    easy = [one for name in "abcdefghij" for one in voice(name, [])]
    hard = voice("k", [0.5, 0.6, 0.7])
    outside = [Nearest(Labelled("", "", voice="a"), "Q02", 0.1)] * 200
    bands = calibrate([*easy, *hard, *outside], wrong_share=0.02, only_offered=())
    answered = [n for n in (0.5, 0.6, 0.7) if bands.score(n) >= ANSWER_AT]
    assert answered == [0.7]  # one of 63 is within the share, two are not
    without = calibrate([*easy, *outside], wrong_share=0.02, only_offered=())
    assert without.answer_from < 0.5


def test_what_a_clinic_labels_never_makes_the_bands_laxer():
    """However many of its questions are found rightly."""
    shipped = [
        *voice("a", [0.5, 0.6]),
        *voice("b", []) * 5,
        *[Nearest(Labelled("", "", voice="a"), "Q02", 0.1)] * 200,
    ]
    before = calibrate(shipped, wrong_share=0.02, only_offered=())
    many = [Nearest(Labelled("", "Q02"), "Q02", 0.9)] * 5_000
    after = calibrate([*shipped, *many], wrong_share=0.02, only_offered=())
    assert after.answer_from == before.answer_from


def test_a_question_that_does_not_ask_an_entry_counts_against_it_alone():
    """The team said that this answer was wrong, and not which is right."""
    outside = [Nearest(Labelled("", "", voice="a"), "Q02", 0.1)] * 200
    shipped = [*voice("a", []), *outside]
    begins = {}
    for entry in ("Q02", "Q03"):
        said = [Nearest(Labelled("", "", wrong=entry), "Q02", 0.9)] * 60
        bands = calibrate([*shipped, *said], wrong_share=0.02, only_offered=())
        begins[entry] = bands.answer_from
    assert begins["Q03"] < 0.9 < begins["Q02"]


@pytest.mark.parametrize("close", [False, True])
def test_what_only_sounds_like_a_question_of_theirs_may_be_offered(close: bool):
    """It counts as answered wrongly, but not among what is outside the subject."""
    told = Labelled("", "", close=close)
    beside = [Nearest(told, "Q02", 0.2 + n / 1_000) for n in range(100)]
    far = [Nearest(Labelled("", ""), "Q02", 0.1)] * 100
    asked = voice("a", []) * 10
    bands = calibrate([*asked, *far, *beside], wrong_share=0.02, only_offered=())
    assert bands.score(0.28) < ANSWER_AT
    assert (bands.suggest_from <= 0.2) == close


@given(nearness, nearness, st.tuples(nearness, nearness).map(sorted))
def test_scores_keep_the_order_and_the_bands(one: float, other: float, begin):
    """On the scale that everybody shares, from 0 to 1."""
    bands = Bands(answer_from=begin[1] + 0.01, suggest_from=begin[0] + 0.005)
    low, high = sorted((one, other))
    assert 0 <= bands.score(low) <= bands.score(high) < 1
    assert (bands.score(one) >= ANSWER_AT) == (one >= bands.answer_from)
    assert (bands.score(one) >= SUGGEST_AT) == (one >= bands.suggest_from)


def test_what_a_clinic_wrote_is_offered_until_enough_is_labelled():
    """And what comes after it does not answer in its place."""
    said = Said("Is there parking?", ("where do i park my car",), "Behind the house.")
    own = as_entry(
        Own("C1", 1, "en", said, "approved", None, NOW, None, NOW), ("hair",)
    )
    entries = (*load_entries("en"), own)
    labels = [Labelled(f"where may i park {n}", "C1") for n in range(ENOUGH_LABELLED)]
    best = learn(entries, labels[1:]).match("where do i park my car")
    assert (best[0].entry, best[0].score) == ("C1", ONLY_OFFERED)
    assert all(one.score <= ONLY_OFFERED for one in best)
    best = learn(entries, labels).match("where do i park my car")
    assert best[0].entry == "C1"
    assert best[0].score >= ANSWER_AT
