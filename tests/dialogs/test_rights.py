"""Switches, a copy, silence, an end, and a pace that hides no emergency."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from dialogs import (
    Alarm,
    Commanded,
    Erase,
    GiveCopy,
    Level,
    Reading,
    Record,
    Say,
    SentOther,
    Session,
    StaffReplied,
    Started,
    Wrote,
)
from dialogs.rights import CONSENT_VERSION
from tests.dialogs.chat import HOUSE, LONELY_HOUSE, NOW, Chat

NO_HEALTH = replace(HOUSE, takes_health=False)
PACED = replace(HOUSE, inputs_per_minute=10)


def privacy(chat: Chat) -> Chat:
    """Open /privacy."""
    return chat.give(Commanded("privacy"))


def records(chat: Chat) -> list[tuple[str, bool]]:
    """Consents written down by the last input."""
    found = [e for e in chat.effects if isinstance(e, Record)]
    assert all(record.text_version == CONSENT_VERSION for record in found)
    return [(record.purpose, record.granted) for record in found]


@pytest.mark.parametrize(
    ("consent", "marks"),
    [
        ("agree:team", {"withdraw:plan", "withdraw:team"}),
        ("agree:plan", {"withdraw:plan", "give:team"}),
    ],
)
def test_each_purpose_has_its_own_switch(consent, marks):
    """It stands as the person left it."""
    chat = privacy(Chat().to_review("hair", consent))
    assert marks <= chat.screen.options()


def test_a_switch_goes_off_and_on_with_one_tap_each():
    """Withdrawn as easily as given, and both are written down."""
    chat = privacy(Chat().to_review("hair"))
    chat.tap("withdraw:team")
    assert records(chat) == [("team", False)]
    assert chat.session.consent == "plan"
    chat.tap("give:team")
    assert records(chat) == [("team", True)]
    assert chat.session.consent == "team"
    assert chat.session.answers


def test_taking_back_the_plan_takes_everything_that_was_for_it():
    """Answers go, the team's notes are edited, and both purposes are off."""
    chat = Chat().to_review("hair")
    privacy(chat).tap("withdraw:plan")
    assert records(chat) == [("team", False), ("plan", False)]
    assert (chat.session.answers, chat.session.health) == ({}, {})
    assert chat.session.state == "welcome"
    assert {"give:plan", "give:team"} <= chat.screen.options()


def test_a_doubled_tap_on_a_switch_sets_it_once():
    """The second names what is set already."""
    chat = privacy(Chat().to_review("hair"))
    chat.tap("withdraw:team")
    assert "withdraw:team" not in chat.screen.options()


def test_taking_back_the_team_edits_every_note_with_answers():
    """Each is named by the message it was; what the person wrote there stays."""
    chat = Chat().to_review("hair").tap("person").write("do you open on sundays")
    note = chat.call
    privacy(chat).tap("withdraw:team")
    edit = chat.call
    assert (edit.template, edit.edits) == ("taken_back", note.ref)
    assert edit.data["text"] == "do you open on sundays"
    assert "answers" not in edit.data
    assert chat.said[0] == "team_off"
    assert chat.write("and now?").staff == []


def test_without_consent_for_the_team_nothing_of_the_answers_reaches_it():
    """The person's own question does; the answers beside it do not."""
    chat = Chat().to_review("hair", "agree:plan").tap("person").write("hello?")
    assert chat.call.data["agreed"] is False
    assert chat.call.data["answers"] == ()


def test_without_a_team_there_is_one_purpose():
    """Nobody is asked for a consent that nobody would use."""
    chat = Chat(LONELY_HOUSE).start().tap("area:hair", "fit")
    assert "agree:team" not in chat.screen.options()
    chat.tap("agree:plan")
    assert records(chat) == [("plan", True), ("team", False)]
    assert "give:team" not in privacy(chat).screen.options()


def test_a_copy_is_a_summary_and_a_file():
    """The summary names every answer, of every area."""
    chat = Chat().to_review("hair")
    chat.give(Started("skin")).tap("fit")
    privacy(chat).tap("my_data")
    assert any(isinstance(effect, GiveCopy) for effect in chat.effects)
    areas = [one["area"] for one in chat.say("my_data").screen.data["intakes"]]
    assert areas == ["skin", "hair"]


def test_correct_leads_to_changing_one_answer():
    """And back to where the chat was, with the answer changed."""
    chat = privacy(Chat().to_review("hair")).tap("correct", "change:severity")
    chat.tap("severity:mild")
    assert chat.session.answers["severity"] == "mild"
    assert chat.session.state == "review"


def test_deleting_asks_once_and_then_forgets_in_the_chat_too():
    """What comes before the rows are gone finds nothing of the person's."""
    chat = privacy(Chat().to_review("hair")).tap("erase")
    assert not any(isinstance(effect, Erase) for effect in chat.effects)
    refs = chat.session.refs
    chat.tap("erase_yes")
    assert any(isinstance(effect, Erase) for effect in chat.effects)
    assert chat.session.refs > refs, "names of messages are never given twice"
    blank = Session.new(NOW).with_(refs=chat.session.refs, serial=chat.session.serial)
    assert chat.session == blank


@pytest.mark.parametrize("stop", ["emergency", "quiet"])
def test_rights_stay_open_when_the_chat_is_stopped_or_quiet(stop):
    """Neither an emergency nor silence keeps anybody from their data."""
    chat = Chat().to_review("hair")
    chat = chat.cry() if stop == "emergency" else chat.give(Commanded("stop"))
    privacy(chat).tap("my_data")
    assert any(isinstance(effect, GiveCopy) for effect in chat.effects)
    privacy(chat).tap("erase", "erase_yes")
    assert any(isinstance(effect, Erase) for effect in chat.effects)


def test_stop_makes_the_chat_quiet_until_start():
    """Questions and taps bring no more than the way back."""
    chat = Chat().to_review("hair").give(Commanded("stop"))
    assert chat.said == ["quiet"]
    assert chat.ask("Q38").said == ["quiet"]
    assert chat.give(SentOther("photo")).said[-1] == "quiet"
    assert chat.session.answers
    assert chat.start().said == ["resume"]
    assert not chat.session.quiet


def test_an_emergency_is_read_while_the_chat_is_quiet():
    """The card comes, and the team is called."""
    chat = Chat().start().give(Commanded("stop")).cry()
    assert "cards/emergency" in chat.said
    assert chat.staff == ["emergency"]


def test_a_quiet_chat_still_hears_a_person_of_the_team():
    """Somebody answers a question that was asked."""
    chat = Chat().start().give(Commanded("stop"))
    assert chat.give(StaffReplied("Hello", "Kim", 4)).said == ["from_staff"]


def test_quiet_can_be_left_by_its_button():
    """The same screen comes back."""
    chat = Chat().to_review("hair").give(Commanded("stop")).tap("wake")
    assert (chat.session.over, chat.session.state) == ("none", "review")


def test_a_clinic_that_takes_no_health_answers_asks_none():
    """Cards, questions and a person; no intake, and no switch for what is not kept."""
    chat = Chat(NO_HEALTH).start("hair")
    assert "fit" not in chat.screen.options()
    assert {"ask", "person"} <= chat.screen.options()
    options = privacy(chat).screen.options()
    assert not {o for o in options if o.startswith(("give", "withdraw"))}


@pytest.mark.parametrize("where", ["review", "question", "plan"])
def test_answers_from_before_that_setting_are_forgotten(where):
    """At the first thing the person does; what is held stays held, not why."""
    chat = Chat().to_review("hair")
    if where == "plan":
        chat.tap("show")
    elif where == "question":
        chat = Chat().start().tap("area:hair", "fit", "agree:team")
    chat.house = NO_HEALTH
    chat.ask("Q38")
    assert (chat.session.answers, chat.session.health) == ({}, {})
    assert chat.session.state == "welcome"


def test_what_is_told_in_passing_holds_there_without_its_reason():
    """No visit numbers, and nothing kept of why."""
    chat = Chat(NO_HEALTH).start("hair")
    chat.write("…", Reading(flag="RF35"))
    assert "hair" in chat.session.closed()
    assert {c.flag for c in chat.session.closures} == {""}


def test_a_flag_told_before_any_area_is_chosen_is_added_all_the_same():
    """Who turned the switch on in /privacy may not have been asked anything yet."""
    chat = privacy(Chat().start()).tap("give:plan")
    chat.write("…", Reading(flag="RF02"))
    chat.tap("add_flag")
    assert chat.session.closed()


# -- pace ------------------------------------------------------------------------------


def hurried(house=PACED) -> Chat:
    """Somebody who sends more than the house takes."""
    chat = Chat(house).start()
    for _ in range(30):
        chat.ask("Q38")
    return chat


def test_too_much_brings_one_polite_word_and_then_silence():
    """And the session stays where it was."""
    chat = Chat(PACED).start()
    said = [tuple(chat.ask("Q38").said) for _ in range(30)]
    assert said.count(("slow_down",)) == 1
    assert said[-1] == ()
    assert said.index(("slow_down",)) == 9  # the first input was /start


@pytest.mark.parametrize("level", [Level.URGENT_NOW, Level.SAME_DAY, Level.ASK])
def test_no_pace_hides_an_emergency(level):
    """In a text or a caption, also while everything else is silent."""
    alarm = Reading(Alarm(level, "EM01", "emergency"))
    for event in (Wrote("…", alarm), SentOther("photo", "…", alarm)):
        chat = hurried().give(event)
        assert any(isinstance(effect, Say) for effect in chat.effects)
        if level is Level.ASK:
            chat.tap("yes")
        assert chat.session.stopped


def test_it_calms_with_time():
    """Half a minute of nothing, and the chat goes on."""
    chat = hurried()
    assert chat.wait(seconds=10).ask("Q38").said == []
    assert chat.wait(seconds=60).ask("Q38").said != []


def test_a_house_without_a_limit_answers_everything():
    """The setting 0."""
    assert hurried(HOUSE).said != []


def test_the_team_is_never_held_up():
    """Only what the person does is counted."""
    chat = hurried()
    assert chat.give(StaffReplied("Hello", "Kim", 4)).said == ["from_staff"]


# -- older sessions --------------------------------------------------------------------


#: The fields of the first version.
FIRST = (
    *("state", "over", "about", "serial", "refs", "live", "stands", "area", "consent"),
    *("answers", "health", "ticks", "marking_unsure", "changing", "trying", "tried"),
    *("done", "closures", "numbered", "waiting", "stopped", "told", "misses"),
    *("campaign", "seen_at"),
)


def test_a_session_of_the_first_version_is_read():
    """What it did not have is as if it had never happened."""
    session = Chat().to_review("hair").session
    stored = json.loads(json.dumps(session.to_json()))
    old = {name: stored[name] for name in FIRST}
    read = Session.from_json({**old, "version": 1})
    assert {n: getattr(read, n) for n in FIRST} == {
        n: getattr(session, n) for n in FIRST
    }
    fresh = Session()
    later = {item.name for item in fields(Session)} - set(FIRST)
    assert {n: getattr(read, n) for n in later} == {n: getattr(fresh, n) for n in later}


def test_messages_of_a_session_before_papers_are_taken_back_as_before():
    """Of version 2, every message with numbers is a text."""
    session = Chat().to_review("hair").tap("show").session
    assert session.numbered
    stored = json.loads(json.dumps(session.to_json()))
    for item in stored["numbered"]:
        del item["form"]
    assert Session.from_json({**stored, "version": 2}) == session
