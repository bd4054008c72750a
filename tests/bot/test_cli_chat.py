"""The conversation in a terminal, and the records that tests play back."""

from __future__ import annotations

import json

import pytest

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.house import voice_of
from bot.rehearsal import NotAnInput, Rehearsal
from tests.bot.cli import Terminal

VOICE = voice_of(load_clinic(DEMO_CLINIC).model_copy(update={"staff_chat": 1}))

#: What a person types, and how each line is written down.
LINES = [
    ("hair", {"kind": "tap", "option": "area:hair"}),
    ("1", {"kind": "tap", "option": "fit"}),
    ("yes, and SHOW it to the team", {"kind": "tap", "option": "agree:team"}),
    ("none of these", {"kind": "tap", "option": "none"}),
    ("at my crown", {"kind": "type", "text": "at my crown"}),
    ("/help", {"kind": "command", "name": "help"}),
    ("/person", {"kind": "command", "name": "person"}),
    ("when are you open?", {"kind": "type", "text": "when are you open?"}),
    ("staff: at nine", {"kind": "staff", "text": "at nine"}),
    ("send photo", {"kind": "send", "what": "photo"}),
    ("wait 30", {"kind": "wait", "hours": 30}),
    ("I cannot breathe", {"kind": "type", "text": "I cannot breathe"}),
    ("clear", {"kind": "clear"}),
    ("/start joint", {"kind": "start", "payload": "joint"}),
]


@pytest.fixture
def terminal(capsys, monkeypatch):
    return Terminal(capsys, monkeypatch)


def test_a_recorded_talk_plays_back_the_same(terminal, tmp_path):
    """Each line is written down as what it meant, with what came of it."""
    record = tmp_path / "talk.json"
    typed = "".join(f"{line}\n" for line, _ in LINES)
    left = terminal.run("chat", "--record", str(record), answers=typed)
    assert left.code == 0
    written = json.loads(record.read_text(encoding="utf-8"))
    happened = [one["in"] for one in written]
    assert [one for one in happened if one["kind"] != "delivered"] == [
        {"kind": "start", "payload": ""},
        *(given for _, given in LINES),
    ]
    played = Rehearsal(VOICE).play_all(happened)
    assert [one.to_json() for one in played] == written


def test_both_sides_are_shown(terminal):
    """The patient's words reach the team, the team's reach the patient."""
    answers = "/person\nmay I come on Monday?\nstaff: yes, at ten\n"
    shown = terminal.run("chat", answers=answers).words
    assert "the team reads" in shown
    assert "Our team has your message." in shown
    assert "yes, at ten" in shown
    assert "Delivered to Ana" in shown


def test_what_a_person_types_is_never_markup(terminal):
    """Neither the terminal's nor Telegram's."""
    answers = "/person\n[bold red]me[/] <b>&amp;\n"
    shown = terminal.run("chat", answers=answers).words
    assert "[bold red]me[/] <b>&amp;" in shown


def test_a_record_that_cannot_be_written_is_one_clear_message(terminal, tmp_path):
    left = terminal.run("chat", "--record", str(tmp_path / "no" / "talk.json"))
    assert left.code == 1
    assert "cannot be written" in left.err


def test_a_broken_clinic_file_is_one_clear_message(terminal, tmp_path):
    file = tmp_path / "clinic.toml"
    file.write_text("name = ", encoding="utf-8")
    left = terminal.run("chat", "--clinic", str(file))
    assert left.code == 1
    assert "is not TOML" in left.err


def test_only_waiting_moves_the_clock():
    """The same talk gives the same result whenever it is played."""
    rehearsal = Rehearsal(VOICE)
    begun = rehearsal.now
    rehearsal.play({"kind": "start"})
    assert rehearsal.now == begun
    rehearsal.play({"kind": "wait", "hours": 30})
    said = rehearsal.play({"kind": "tap", "option": "area:hair"})
    assert said.out[0] == "say again"
    assert (rehearsal.now - begun).total_seconds() == 30 * 3600


def test_a_report_reaches_the_message_that_waits_for_it():
    rehearsal = Rehearsal(VOICE)
    rehearsal.play_all([{"kind": "start"}, {"kind": "command", "name": "person"}])
    asked = rehearsal.play({"kind": "type", "text": "hello"})
    assert "staff question" in asked.out
    assert rehearsal.waiting_reports() == ("question",)
    lost = {"kind": "undelivered", "template": "question", "reason": "blocked"}
    assert rehearsal.play(lost).out == ["say not_told"]
    assert rehearsal.waiting_reports() == ()


def test_a_button_of_a_message_that_stays_works_after_other_screens():
    rehearsal = Rehearsal(VOICE)
    talk = [
        {"kind": "start"},
        {"kind": "staff", "text": "hello"},
        {"kind": "tap", "option": "area:hair"},
    ]
    rehearsal.play_all(talk)
    assert rehearsal.play({"kind": "tap", "option": "person"}).out[0] == "edit person"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "dance"},
        {"kind": "tap"},
        {"kind": "type", "text": 5},
        {"kind": "wait", "hours": "long"},
        {"kind": "delivered", "template": "hold"},
    ],
    ids=str,
)
def test_what_cannot_happen_is_refused(given):
    with pytest.raises(NotAnInput):
        Rehearsal(VOICE).play(given)
