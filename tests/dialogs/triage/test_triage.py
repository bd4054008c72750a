"""The emergency reading, on messages as patients type them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.entries import load_entries
from dialogs.inputs import Alarm, Level
from dialogs.triage import triage
from dialogs.volunteered import volunteered

HERE = Path(__file__).parent
MUST_FIRE = tomllib.loads((HERE / "must_fire.toml").read_text("utf-8"))
HARMLESS = tomllib.loads((HERE / "harmless.toml").read_text("utf-8"))["messages"]
CARDS = {"emergency", "vision", "same_day", "crisis"}
FIRING = [
    (group, said["level"], message)
    for group, said in MUST_FIRE.items()
    for message in said["messages"]
]
QUIET = (Level.NONE, Level.INFORM)


@pytest.mark.parametrize(("group", "level", "message"), FIRING)
def test_an_emergency_fires_at_its_level(group, level, message):
    alarm = triage(message)
    assert (alarm.level, alarm.group) == (level, group), alarm.reason


@pytest.mark.parametrize("message", HARMLESS)
def test_ordinary_talk_does_not_alarm(message):
    assert triage(message).level in QUIET, triage(message).reason


#: Answers that speak of what went wrong; asking them may well be an alarm.
GONE_WRONG = {"Q26", "Q28", "Q35", "Q62", "Q63"}


@pytest.mark.parametrize(
    "entry",
    [entry for entry in load_entries("en") if entry.id not in GONE_WRONG],
    ids=lambda entry: entry.id,
)
def test_everyday_questions_neither_alarm_nor_hold(entry):
    for asked in (entry.ask, *entry.phrasings):
        assert triage(asked).level in QUIET, (asked, triage(asked).reason)
        assert volunteered(asked) != "RF35", asked


def test_every_group_is_tried_with_at_least_25_messages():
    assert len(MUST_FIRE) == 17
    assert all(len(set(said["messages"])) >= 25 for said in MUST_FIRE.values())
    assert len(set(HARMLESS)) >= 150


@pytest.mark.parametrize(("group", "level", "message"), FIRING)
def test_an_alarm_names_its_card_its_group_and_its_words(group, level, message):
    alarm = triage(message)
    assert alarm.card in CARDS
    assert alarm.reason.startswith(f"{group} ")
    assert "'" in alarm.reason
    assert " by " in alarm.reason


@pytest.mark.parametrize(
    ("message", "card"),
    [
        ("my left eye went blurry after the injection in my forehead", "vision"),
        ("cant see anything since you did my brow", "vision"),
        ("my dads speech is slurred", "emergency"),
        ("cant breathe", "emergency"),
        ("hard lumps weeks after", "same_day"),
        ("i want to die", "crisis"),
        ("he hits me", "crisis"),
        ("took too many pills", "emergency"),
    ],
)
def test_the_card_fits_what_happened(message, card):
    assert triage(message).card == card


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("what if i get chest pain?", Level.INFORM),
        ("is trouble breathing a side effect?", Level.INFORM),
        ("i read that people went blind from prp", Level.INFORM),
        ("is it normal to have a fever after prp", Level.INFORM),
        ("do you reuse needles?", Level.INFORM),
        ("is it normal that my knee is hot and swollen", Level.URGENT_NOW),
        ("are my lips supposed to be swelling?", Level.URGENT_NOW),
        ("i had a seizure 3 years ago", Level.ASK),
        ("i fainted once at a blood test", Level.ASK),
        ("my throat swelled up when i was a child", Level.ASK),
        ("sometimes i get short of breath", Level.ASK),
        ("the chest pain went away", Level.ASK),
        ("want to kill myself over this price lol", Level.ASK),
        ("my prp was 2 years ago. now my knee is hot and swollen", Level.URGENT_NOW),
        ("3 months ago i had exosomes and now there are lumps", Level.SAME_DAY),
        ("i need an ambulance", Level.ASK),
        ("no fever but my knee is red hot and swollen", Level.URGENT_NOW),
        ("no fever, chills or chest pain", Level.NONE),
        ("never had chest pain", Level.NONE),
        ("i didnt have any trouble breathing", Level.NONE),
        ("dying to get my hair back lol", Level.NONE),
        ("my friend cant breathe", Level.URGENT_NOW),
        ("if this doesnt work i dont want to live", Level.URGENT_NOW),
        ("my son has fever 39.5 since 2 days what dose of ibuprofen", Level.SAME_DAY),
        ("fever, should i still come to my knee appointment", Level.ASK),
    ],
)
def test_how_it_is_meant_decides_the_level(message, level):
    assert triage(message).level is level, triage(message).reason


@pytest.mark.parametrize(
    "wrap", ["{} 😭😭", "pls {}!!!", "hi. {}. what do i do", "“{}”"]
)
@pytest.mark.parametrize(
    "change", [str.upper, str.title, lambda s: s.replace("'", "’")]
)
def test_capitals_emoji_and_company_change_nothing(wrap, change):
    for group, level, message in FIRING:
        alarm = triage(wrap.format(change(message)))
        assert alarm.level == level, (message, group, alarm.reason)


@pytest.mark.parametrize(
    "message",
    [
        "cannnnt breatheeee",
        "my thraot is closing",
        "chect presure, chest pian",
        "swoolen tounge",
        "bleding wont stop",
        "i want to dieee",
        "sucidal",
        "my vison is blury",
        "took too many pils",
        "kne hot red and swolen",
        "rednes is spreeding",
    ],
)
def test_slips_and_drawn_out_letters_still_alarm(message):
    assert triage(message).level in (Level.URGENT_NOW, Level.SAME_DAY)


@given(st.text(max_size=300))
def test_any_text_is_read_and_read_the_same_twice(text):
    alarm = triage(text)
    assert alarm == triage(text)
    assert (alarm.level is Level.NONE) == (alarm == Alarm())


def test_ordinary_talk_before_it_does_not_hide_an_emergency():
    urgent = [m for g, _, m in FIRING if g in ("EM01", "EM03", "EM15")]
    both = [f"{chat}. {said}" for said in urgent for chat in HARMLESS[:60]]
    hidden = [text for text in both if triage(text).level is not Level.URGENT_NOW]
    assert not hidden


def test_a_text_of_telegram_s_full_length_is_read():
    filler = "i would like to ask about my appointment on monday " * 80
    assert triage(filler + "and i cant breathe").level is Level.URGENT_NOW


@pytest.mark.parametrize("message", HARMLESS)
def test_ordinary_talk_is_no_distress_about_looks(message):
    assert volunteered(message) != "RF35"
