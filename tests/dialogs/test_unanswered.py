"""Proposed visits that nobody answers: a second word, then the date is free again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.effects import ActOnVisit, CallStaff, Say
from dialogs.inputs import ProposalLapsed, ReminderDue, StaffMarked
from dialogs.reminders import Due, shipped
from dialogs.session import Closure
from dialogs.visits import (
    FREE_BEFORE,
    TIME_TO_ANSWER,
    NotPossible,
    Status,
    Visit,
    free_again,
)
from tests.dialogs.chat import NOW, Chat
from tests.dialogs.test_series import FIRST, offered, press, propose

LAPSES = FIRST - FREE_BEFORE


def lapsed(chat: Chat | None = None) -> Chat:
    """The first of three dates was not answered in time."""
    chat = chat or offered()
    chat.now = LAPSES
    return chat.give(ProposalLapsed("1.1"))


@given(
    ahead=st.timedeltas(timedelta(minutes=1), timedelta(days=400)),
    proposed=st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
        datetime(2027, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_a_date_waits_for_a_day_at_least_and_never_beyond_its_beginning(
    ahead: timedelta, proposed: datetime
):
    """And is free a day ahead, unless that leaves its patient less than a day."""
    starts = proposed + ahead
    ends = free_again(starts, proposed)
    assert proposed < ends <= starts
    assert ends == starts or ends - proposed >= TIME_TO_ANSWER
    if ahead >= FREE_BEFORE + TIME_TO_ANSWER:
        assert ends == starts - FREE_BEFORE


@given(ahead=st.timedeltas(timedelta(hours=1), timedelta(days=90)))
def test_the_second_word_comes_well_before_the_end_or_not_at_all(ahead: timedelta):
    """Hours after the first and hours before the date lapses."""
    visit = Visit(
        id=1,
        starts_at=NOW + ahead,
        zone="Europe/Madrid",
        status=Status.PROPOSED,
        revision=1,
        booked_at=NOW,
        changed_at=NOW,
    )
    calendar = shipped()
    plan = calendar.plan(visit)["proposal_again"]
    if isinstance(plan, Due):
        assert NOW + timedelta(hours=12) <= plan.at <= plan.until
        assert plan.until <= visit.lapses_at - timedelta(hours=4)
    else:
        assert ahead < timedelta(hours=60)


def test_the_second_word_is_not_kept_back_by_the_first():
    """It is about one date, and only where that waits for an answer."""
    chat = offered().give(ReminderDue(4, "proposal_again", 1, 1))
    assert chat.said == ["visits/proposal_again"]
    press(chat, "proposed").tap("visit_move:1.1", "wish:any")
    chat.give(ReminderDue(4, "proposal_again", 1, 1))
    assert chat.said == []
    assert chat.effects[0].reason == "wish"  # type: ignore[union-attr]


def test_the_screen_says_until_when_a_date_is_kept():
    """As the patient's own clock shows it; nothing once that is over."""
    chat = press(offered(), "proposed")
    local = LAPSES.astimezone(chat.session.visits[0].local.tzinfo)
    assert chat.screen.data["until"]["day"] == local.day
    assert chat.screen.data["until"]["time"] == f"{local:%H:%M}"
    chat.now = LAPSES
    assert press(chat, "proposed").screen.data["until"] is None


@pytest.mark.parametrize("at", ["before it begins", "after it began"])
def test_the_team_is_told_once_of_a_date_that_nobody_answered(at: str):
    """And is offered to book it after all while it is to come; its patient hears
    nothing."""
    chat = offered()
    chat.now = LAPSES if at == "before it begins" else FIRST + timedelta(days=1)
    chat.give(ProposalLapsed("1.1"))
    assert ActOnVisit(1, "lapse") in chat.effects
    assert chat.call.template == "proposal_lapsed"
    to_come = at == "before it begins"
    assert chat.call.data["to_come"] is to_come
    assert [b.option for row in chat.call.rows for b in row] == ["v_book:1.1"] * to_come
    assert (chat.call.data["told"], chat.call.data["wish"]) == (True, False)
    assert not [effect for effect in chat.effects if isinstance(effect, Say)]
    assert chat.session.visits[0].status is Status.LAPSED
    chat.give(ProposalLapsed("1.1"))
    assert chat.effects == ()


def test_the_team_reads_whether_the_patient_was_told_or_had_a_wish():
    """A date that no word went out of is another matter than one left unanswered."""
    chat = offered()
    chat.session = chat.session.with_(offered={})
    assert lapsed(chat).call.data["told"] is False
    chat = press(offered(), "proposed").tap("visit_move:1.1", "wish:any")
    assert lapsed(chat).call.data["wish"] is True


@pytest.mark.parametrize("answer", ["agree_to:1.1", "decline:1.1"])
def test_what_was_answered_in_time_never_lapses(answer: str):
    """Not even in the same moment; nor does one that was given another time."""
    chat = press(offered(), "proposed").tap(answer)
    assert lapsed(chat).effects == ()
    chat = offered()
    moved = chat.session.visits[0].moved(FIRST + timedelta(days=2), NOW)
    chat.session = chat.session.with_(visits=(moved, *chat.session.visits[1:]))
    assert lapsed(chat).effects == ()


def test_an_open_screen_is_put_right_in_its_place():
    """A button that books what is free again stands on no screen."""
    chat = lapsed(press(offered(), "proposed"))
    assert chat.screen.data["asked"]["id"] == 2
    (shown,) = [effect for effect in chat.effects if isinstance(effect, Say)]
    assert shown.edits
    chat = press(offered(), "proposed").tap("visit_move:1.1")
    assert lapsed(chat).session.over == "proposed"
    chat = press(offered(), "proposed").tap("visit_move:1.1", "wish:any")
    assert lapsed(chat.tap("visit_move:2.1")).session.over == "moving"
    assert chat.session.visits[0].status is Status.LAPSED


def answered_late() -> Chat:
    """The two other dates are answered; the first is free again."""
    chat = press(lapsed(), "proposed")
    return chat.tap("agree_to:2.1", "decline:3.1")


def test_who_answers_late_is_told_so_and_may_still_ask():
    """Nothing is booked by that; the team hears it, once, with one button."""
    chat = answered_late()
    assert chat.screen.data["late"]["id"] == 1
    assert chat.screen.data["asked"] == {}
    chat.tap("still:1.1")
    assert not [effect for effect in chat.effects if isinstance(effect, ActOnVisit)]
    assert chat.call.data["what"] == "still"
    assert [b.option for row in chat.call.rows for b in row] == ["v_book:1.1"]
    assert chat.session.waiting[chat.call.ref] == "told_still"
    assert chat.screen.data["late"] == {}
    assert chat.screen.data["visits"][0]["said"] == "still"
    chat = answered_late().tap("forgo:1.1")
    assert not [effect for effect in chat.effects if isinstance(effect, CallStaff)]
    assert chat.screen.data["late"] == {}


def test_visits_say_that_a_date_was_not_answered():
    """Until the day is past; there is no button for what is no visit."""
    chat = press(lapsed(), "visits")
    assert [v["status"] for v in chat.screen.data["visits"]] == [
        *("lapsed", "proposed", "proposed")
    ]
    chat.now = FIRST + timedelta(days=1)
    press(chat, "visits")
    assert [v["status"] for v in chat.screen.data["visits"]] == ["proposed"] * 2


def test_a_held_plan_tells_nothing_of_dates_that_lapsed():
    """They would tell how many visits there are."""
    chat = lapsed()
    shut = (Closure("RF08", "HOLD", ("hair",)),)
    chat.session = chat.session.with_(closures=shut)
    press(chat, "proposed")
    assert chat.screen.data["visits"] == ()
    assert chat.screen.data["late"] == {}


def test_the_team_may_book_it_after_all_or_propose_the_plan_anew():
    """Nobody has to type what is known already."""
    chat = lapsed().give(StaffMarked("1.1", "book", "Maria"))
    assert ActOnVisit(1, "book", by_clinic=True) in chat.effects
    assert chat.session.visits[0].status is Status.BOOKED
    chat = lapsed()
    assert [one.number for one in propose(chat, FIRST + timedelta(days=3))] == [1]


@pytest.mark.parametrize("act", ["confirm", "attend", "miss", "cancel", "lapse"])
def test_what_has_lapsed_is_no_visit(act: str):
    """Only the team can make one of it again."""
    (visit, *_) = lapsed().session.visits
    with pytest.raises(NotPossible):
        visit.done(act, NOW)
    with pytest.raises(NotPossible):
        visit.moved(FIRST, NOW)
