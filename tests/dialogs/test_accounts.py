"""How a visit went, told by its patient; and consents that are asked on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs import Reading, ReminderDue, Session
from dialogs.effects import Missed, Record, Say
from dialogs.inputs import Chose, Commanded, StaffListed
from dialogs.screens import ANY_SCREEN
from dialogs.visits import Status, Visit
from tests.dialogs.chat import HOUSE, LONELY_HOUSE, NOW, Chat

VISIT = Visit(
    id=5,
    starts_at=NOW - timedelta(days=1),
    zone="UTC",
    status=Status.ATTENDED,
    revision=1,
    booked_at=NOW - timedelta(days=9),
    changed_at=NOW,
    area="hair",
)


def after_a_visit(**changes: object) -> Chat:
    """The day after, in a chat that is not new."""
    chat = Chat()
    given = {"refs": 1, "visits": (VISIT,), **changes}
    chat.session = Session.new(NOW).with_(**given)
    return chat


def told(chat: Chat) -> str:
    """What the team's list shows of it."""
    chat.give(StaffListed())
    (line,) = chat.call.data["visits"]
    return str(line["account"])


def test_who_says_nothing_is_never_taken_to_be_fine():
    """The team's list has no word of theirs."""
    assert told(after_a_visit()) == ""


def test_a_patient_tells_of_a_visit_from_the_list():
    """No reminder has to ask first; the desk sees it in the patient's visits."""
    chat = after_a_visit().give(Commanded("visits")).tap("check:5.1")
    assert chat.screen.data["visit"]["id"] == 5
    chat.tap("check_in:fine")
    assert chat.said == ["visits/fine"]
    assert chat.staff == []
    assert told(chat) == "fine"


@pytest.mark.parametrize("answer", ["unsure", "help"])
def test_not_sure_and_help_ask_whether_it_is_happening_now(answer):
    """And the desk hears at once."""
    chat = after_a_visit().give(Commanded("visits")).tap("check:5.1")
    chat.tap(f"check_in:{answer}")
    assert (chat.call.template, chat.call.urgent) == ("check_in", answer == "help")
    assert chat.session.over == "now"
    chat.tap("no")
    assert chat.session.over == "person"
    assert told(chat) == answer


def test_free_words_go_to_the_team_with_the_visit_they_are_about():
    """The question stays: words alone are no answer, nor a question to learn from."""
    chat = after_a_visit().give(Commanded("visits")).tap("check:5.1")
    chat.write("a bit sore around the edges")
    assert chat.call.data["text"] == "a bit sore around the edges"
    assert chat.call.data["visit"]["id"] == 5
    assert chat.session.over == "check"
    assert not [one for one in chat.effects if isinstance(one, Missed)]
    assert chat.session.questions == {}
    assert told(chat) == ""


def test_words_that_name_an_answer_reach_the_team_too():
    """ "I need help with the swelling" is both; "2" is an answer alone."""
    chat = after_a_visit().give(Commanded("visits")).tap("check:5.1")
    before = chat.session
    chat.write("I need help with it", Reading(choice="check_in:help"))
    assert chat.staff == ["question", "check_in"]
    chat.session = before
    chat.write("2", Reading(choice="check_in:unsure"))
    assert chat.staff == ["check_in"]


def test_an_emergency_in_these_words_comes_first():
    """As in any state."""
    chat = after_a_visit().give(Commanded("visits")).tap("check:5.1").cry()
    assert chat.session.stopped == "EM01"


def test_nothing_is_asked_of_a_visit_to_come_or_where_no_health_is_taken():
    """There is nothing to tell of yet, or nobody may keep it."""
    to_come = replace(VISIT, starts_at=NOW + timedelta(days=1), status=Status.BOOKED)
    chat = after_a_visit(visits=(to_come,)).give(Commanded("visits"))
    assert not [one for one in chat.screen.options() if one.startswith("check:")]
    chat = after_a_visit()
    chat.house = replace(HOUSE, takes_health=False)
    chat.give(Commanded("visits"))
    assert not [one for one in chat.screen.options() if one.startswith("check:")]


def test_what_was_told_goes_with_the_consent_that_it_was_told_under():
    """Switched off: forgotten. Who asked us to keep nothing has nothing kept."""
    chat = after_a_visit(purposes={"check_ins": True}).give(Commanded("visits"))
    chat.tap("check:5.1", "check_in:fine").give(Commanded("privacy"))
    chat.tap("withdraw:check_ins")
    assert told(chat) == ""
    chat = after_a_visit(consent="nothing").give(Commanded("visits"))
    chat.tap("check:5.1", "check_in:fine")
    assert told(chat) == ""


def test_without_a_team_the_account_is_kept_and_nobody_is_promised():
    """The screen says that nobody reads it by not saying that somebody does."""
    chat = after_a_visit()
    chat.house = LONELY_HOUSE
    chat.give(Commanded("visits")).tap("check:5.1")
    assert chat.screen.data["has_staff"] is False
    chat.tap("check_in:fine")
    assert chat.say("visits/fine").screen.rows == ()


def booked() -> Chat:
    """A receipt with the first of the two questions below."""
    ahead = replace(VISIT, starts_at=NOW + timedelta(days=9), status=Status.BOOKED)
    return after_a_visit(visits=(ahead,)).give(ReminderDue(1, "receipt", 5, 1))


def press(chat: Chat, option: str) -> Chat:
    return chat.give(Chose(ANY_SCREEN, option))


def test_a_consent_that_was_answered_says_what_was_chosen():
    """In the place of its question, without buttons; then comes the next."""
    chat = booked()
    asked = chat.say("visits/ask_check_ins").ref
    press(chat, "check_ins:yes")
    chosen, following = [e for e in chat.effects if isinstance(e, Say)]
    assert (chosen.edits, chosen.screen.rows) == (asked, ())
    assert chosen.screen.data == {"purpose": "check_ins", "on": True}
    assert following.screen.template == "visits/ask_recalls"
    press(chat, "recalls:no")
    assert chat.said == ["visits/chosen"]


@pytest.mark.parametrize("again", ["check_ins:yes", "check_ins:no"])
def test_a_second_press_changes_nothing_and_says_so(again):
    """Two phones, or a button that was drawn before the edit."""
    chat = press(booked(), "check_ins:yes")
    press(chat, again)
    assert chat.toasts == ["answered_before"]
    assert not [e for e in chat.effects if isinstance(e, Record | Say)]
    assert chat.session.purposes["check_ins"] is True
