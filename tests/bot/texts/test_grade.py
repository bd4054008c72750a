"""How hard a text is to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.grade import (
    HARDEST_EMERGENCY_GRADE,
    grade,
    longest_sentence_words,
    plain,
    sentences,
    syllables,
)

#: Counted by hand: words of ours, and common ones that are counted wrongly with ease.
BY_HAND = {
    1: "months whole smiles closed asked cared tongue eyes toe three rule while does "
    "goes shoes lines bruise these skin great blood moles scalp nurse used",
    2: "people table tables uses noses boxes changes washes treated needed social "
    "special patient question movement being equal language trial doing little "
    "platelet create value unique allowed clinic visit upkeep needle needles because "
    "places doctor someone sometimes science pieces published",
    3: "exosome exosomes medicine clinician injection reaction carefully usual various "
    "previous area idea created completely exercise average holiday "
    "appointment genetic arthritis procedure pregnancy different museum medium",
    4: "emergency microneedling anaesthetic autoimmune radiation experience reliable "
    "january situation ingredient variety ",
    5: "evaluation individual authorisation paracetamol",
    6: "radiofrequency isotretinoin",
}


@pytest.mark.parametrize(
    ("word", "count"),
    [(word, count) for count, words in BY_HAND.items() for word in words.split()],
)
def test_syllables_agree_with_a_count_by_hand(word, count):
    assert syllables(word) == count


def test_the_grade_is_flesch_and_kincaid_s():
    """6 words in 1 sentence, 6 syllables: 0.39 × 6 + 11.8 × 1 - 15.59."""
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45)


def test_markup_links_and_entities_are_not_read():
    text = '<b>The cat</b> sat <i>on</i> the mat. https://example.org/a-b <a href="x">'
    assert grade(text) == grade("The cat sat on the mat.")
    assert plain("a &amp; b") == "a & b"


def test_long_words_and_long_sentences_are_harder():
    easy = "Tap a button. You can go back."
    hard = (
        "Individual physiological characteristics considerably influence therapeutic "
        "response, necessitating comprehensive professional evaluation."
    )
    assert grade(easy) < HARDEST_EMERGENCY_GRADE < 12 < grade(hard)


def test_the_longest_sentence_is_counted_in_words():
    assert longest_sentence_words("One two. Three four five? Six") == 3
    assert longest_sentence_words("First line\nand a second line") == 4
    assert longest_sentence_words("At 9:30 it is 38.5 degrees.") == 6
    assert longest_sentence_words("") == 0


@given(st.text(max_size=300))
def test_any_text_has_a_grade_and_whole_sentences(text):
    grade(text)
    assert all(words for words in sentences(text))


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_every_word_has_a_syllable(word):
    assert 1 <= syllables(word) <= len(word) + 1
