"""Two questions in one message are both answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.faq.bands import ANSWER_AT
from bot.faq.entries import load_entries
from bot.faq.learn import learn
from bot.faq.two import asked
from bot.house import voice_of
from bot.rehearsal import Rehearsal

MATCHER = learn(load_entries("en"))


def found(text: str) -> list[str]:
    """The entries that a text is answered with."""
    return [
        matches[0].entry
        for matches in asked(text, MATCHER.match, "en")
        if matches and matches[0].score >= ANSWER_AT
    ]


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("How much does it cost? Is it painful?", ["Q54", "Q38"]),
        ("how much is it and does it hurt", ["Q54", "Q38"]),
        ("I am pregnant. Is it safe?", ["Q31", "Q22"]),
        ("what are the side effects and also where are you", ["Q23", "Q57"]),
        ("when will i see results\nhow long do results last", ["Q15", "Q16"]),
    ],
)
def test_both_are_found(text: str, entries: list[str]):
    """At the end of a sentence, at a new line, or between two that each ask."""
    assert found(text) == entries


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("can i have prp and exosomes together", "Q52"),
        ("what is the difference between exosomes and prp", "Q50"),
        ("diabetes and high blood pressure", "Q35"),
        ("how many visits. how many visits.", "Q06"),
        ("Hello. How many visits do I need? Thanks.", "Q06"),
    ],
)
def test_one_question_stays_one(text: str, entry: str):
    """Also with "and" in it, said twice, or with a greeting."""
    assert found(text) == [entry]


@given(st.text(max_size=300))
def test_whatever_is_written_is_matched(text: str):
    """At most two, each best first."""
    for matches in asked(text, MATCHER.match, "en"):
        scores = [match.score for match in matches]
        assert scores == sorted(scores, reverse=True)


def test_both_answers_are_said_and_the_screen_comes_back():
    """In the middle of anything."""
    talk = Rehearsal(voice_of(load_clinic(DEMO_CLINIC)))
    talk.play({"kind": "start"})
    said = talk.play({"kind": "type", "text": "How much is it? Does it hurt?"}).out
    assert said[:2] == ["say answer Q54", "say answer Q38"]
    assert said[2].startswith("say ")
