"""A plan's visits proposed at once, and answered one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import House, ReminderDue, Session
from dialogs.clinician_plan import ClinicianPlan
from dialogs.effects import ActOnVisit, BookVisit, CallStaff, Say
from dialogs.inputs import Chose, StaffMarked, StaffProposed
from dialogs.reminders import later
from dialogs.screens import ANY_SCREEN
from dialogs.series import dates
from dialogs.session import Closure
from dialogs.visits import Status, Visit
from tests.dialogs.chat import BOOK, HOUSE, NOW, Chat

MADRID = ZoneInfo("Europe/Madrid")
OPEN = {day: (time(9), time(18)) for day in range(5)}
_GAP, _UPKEEP = (4, 4, "week"), (12, 12, "month")
PLAN = ClinicianPlan("hair", 3, 3, "Maria", NOW.isoformat(), *_GAP, *_UPKEEP)
FIRST = NOW + timedelta(days=8)
CLINIC = replace(HOUSE, zone="Europe/Madrid", open_hours=OPEN)


@given(
    first=st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
        datetime(2027, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    gap=st.integers(1, 12),
    unit=st.sampled_from(["week", "month"]),
    days=st.sets(st.integers(0, 6)),
    hours=st.tuples(st.integers(0, 11), st.integers(12, 23)),
)
def test_proposed_days_are_as_far_apart_as_the_plan_says(first, gap, unit, days, hours):
    """Never nearer, less than a week further, at one hour, on days that are open."""
    first = first.replace(second=0, microsecond=0).astimezone(MADRID)
    plan = replace(PLAN, gap_low=gap, gap_high=gap, gap_unit=unit)
    open_hours = {day: (time(hours[0]), time(hours[1])) for day in days}
    found = dates(first, plan, 4, MADRID, open_hours)
    wall = first.time()
    assert found[0] == first.astimezone(UTC)  # of equal hours in autumn one is meant
    for before, after in pairwise(found):
        months, more = (gap, 0) if unit == "month" else (0, gap * 7)
        soonest = later(before, MADRID, months, more).astimezone(MADRID).date()
        here = after.astimezone(MADRID)
        assert soonest <= here.date() < soonest + timedelta(days=7)
        if open_hours and time(hours[0]) <= wall < time(hours[1]):
            assert here.weekday() in open_hours
        else:
            assert here.date() == soonest


def planned(**changes: object) -> Chat:
    """Somebody whose clinician has set a plan."""
    chat = Chat(house=CLINIC)
    plan = replace(PLAN, **changes)  # type: ignore[arg-type]
    chat.session = Session.new(NOW).with_(
        area="hair", state="card", refs=1, plans={"hair": plan.to_json()}
    )
    return chat


def propose(chat: Chat, first: datetime = FIRST) -> list[BookVisit]:
    chat.give(StaffProposed(first.isoformat(), "Maria", 7))
    return [effect for effect in chat.effects if isinstance(effect, BookVisit)]


def keep(chat: Chat, booked: list[BookVisit]) -> Chat:
    """What the store makes of them."""
    visits = tuple(
        Visit(
            id=number,
            starts_at=one.starts_at,
            zone="Europe/Madrid",
            status=Status.PROPOSED if one.proposed else Status.BOOKED,
            revision=1,
            booked_at=NOW,
            changed_at=NOW,
            area=one.area,
            number=one.number,
            upkeep_months=one.upkeep_months,
        )
        for number, one in enumerate(booked, start=1)
    )
    chat.session = chat.session.with_(visits=visits)
    return chat


def offered() -> Chat:
    """Three visits are proposed, and they were told of them."""
    chat = planned()
    keep(chat, propose(chat))
    return chat.give(ReminderDue(1, "proposal", 1, 1))


def press(chat: Chat, option: str) -> Chat:
    return chat.give(Chose(ANY_SCREEN, option))


def test_the_whole_plan_is_proposed_and_nothing_booked():
    """As many visits as the clinician is sure of, numbered, for the upkeep written."""
    chat = planned(high=4)
    found = propose(chat)
    assert [(one.number, one.upkeep_months, one.proposed) for one in found] == [
        *((1, 12, True), (2, 12, True), (3, 12, True))
    ]
    assert chat.call.template == "series_proposed"
    assert chat.call.data["more"] == 1
    assert chat.said == []


def test_what_is_booked_or_proposed_already_is_not_proposed_again():
    """Two presses propose once."""
    chat = planned()
    keep(chat, propose(chat)[:2])
    assert propose(chat) == []
    assert chat.call.data["reason"] == "taken"
    assert [one.number for one in propose(chat, FIRST + timedelta(days=60))] == [3]
    chat = planned()
    keep(chat, propose(chat))
    assert propose(chat) == []
    assert chat.call.data["reason"] == "full"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"plans": {}}, "no_plan"),
        ({"stopped": "EM01"}, "held"),
        ({"closures": (Closure("RF08", "HOLD", ("hair",)),)}, "held"),
    ],
)
def test_nothing_is_proposed_without_a_plan_or_while_it_is_held(changes, reason):
    """The team is told why."""
    chat = planned()
    chat.session = chat.session.with_(**changes)
    assert propose(chat) == []
    assert (chat.call.template, chat.call.data["reason"]) == ("series_not", reason)


def test_a_plan_that_does_not_say_how_far_apart_proposes_nothing():
    """No gap is filled in; a single visit needs none."""
    none = {"gap_low": 0, "gap_high": 0, "gap_unit": ""}
    chat = planned(**none)
    assert propose(chat) == []
    assert chat.call.data["reason"] == "no_gap"
    assert len(propose(planned(low=1, high=1, **none))) == 1


def test_the_patient_hears_once_of_all_dates():
    """One message for the series; the other rows say why they were not sent."""
    chat = offered()
    assert chat.said == ["visits/proposal"]
    assert "now" not in chat.say("visits/proposal").screen.data
    for visit in (2, 3):
        chat.give(ReminderDue(visit, "proposal", visit, 1))
        assert chat.said == []
        assert chat.effects[0].reason == "told_together"  # type: ignore[union-attr]


def test_each_date_is_answered_by_itself_and_the_desk_sees_it_at_once():
    """Yes, another time, no thanks: one screen, edited in place."""
    chat = press(offered(), "proposed")
    assert chat.screen.data["asked"]["id"] == 1
    chat.tap("agree_to:1.1")
    assert chat.call.data["what"] == "agreed"
    assert ActOnVisit(1, "book") in chat.effects
    assert chat.screen.data["asked"]["id"] == 2
    chat.tap("visit_move:2.1", "wish:any")
    assert chat.call.data["what"] == "wish"
    assert chat.screen.data["asked"]["id"] == 3
    chat.tap("decline:3.1")
    assert chat.call.data["what"] == "declined"
    assert chat.screen.data["asked"] == {}
    assert [str(v.status) for v in chat.session.visits] == [
        *("booked", "proposed", "cancelled")
    ]
    assert [line["said"] for line in chat.screen.data["visits"]] == ["", "wish"]


def test_back_from_another_time_leads_to_the_dates_again():
    """Not to a visit that is not booked."""
    chat = press(offered(), "proposed").tap("visit_move:1.1", "back")
    assert chat.session.over == "proposed"
    assert chat.screen.data["asked"]["id"] == 1


@pytest.mark.parametrize("option", ["agree_to", "decline", "visit_move"])
def test_a_date_that_is_gone_cannot_be_answered(option):
    """The team took it back, or it has passed."""
    chat = press(offered(), "proposed")
    before = Chose(str(chat.session.serial), f"{option}:1.1")
    gone = chat.session.visits[0].done("cancel", NOW)
    chat.session = chat.session.with_(visits=(gone, *chat.session.visits[1:]))
    chat.give(before)
    assert not [e for e in chat.effects if isinstance(e, ActOnVisit | CallStaff)]
    assert chat.toasts == ["stale"]


def test_dates_that_have_passed_are_not_offered():
    """Nobody can come yesterday."""
    chat = press(offered().wait(days=30), "proposed")
    assert [line["id"] for line in chat.screen.data["visits"]] == [2, 3]
    press(chat.wait(days=90), "proposed")
    assert chat.screen.data["visits"] == ()


def test_a_held_plan_shows_no_dates():
    """They would tell how many visits there are."""
    chat = offered()
    shut = (Closure("RF08", "HOLD", ("hair",)),)
    chat.session = chat.session.with_(closures=shut, offered={})
    press(chat, "proposed")
    assert chat.screen.data["visits"] == ()
    chat.give(ReminderDue(2, "proposal", 2, 1))
    assert chat.effects[0].reason == "held"  # type: ignore[union-attr]
    assert not [e for e in chat.effects if isinstance(e, Say)]


def test_the_team_may_book_what_was_agreed_on_the_phone():
    """And its patient then gets the receipt of any booking."""
    chat = offered().give(StaffMarked("2.1", "book", "Maria"))
    assert ActOnVisit(2, "book", by_clinic=True) in chat.effects
    assert chat.session.visits[1].booked_at == chat.now


def test_a_new_date_is_told_of_again():
    """A proposal that was moved is a proposal still, and another one."""
    chat = offered()
    moved = chat.session.visits[1].moved(FIRST + timedelta(days=40), NOW)
    visits = (chat.session.visits[0], moved, chat.session.visits[2])
    chat.session = chat.session.with_(visits=visits)
    chat.give(ReminderDue(4, "proposal", 2, 2))
    assert chat.said == ["visits/proposal"]


def test_proposed_visits_have_no_reminder_but_two_words_of_them():
    """Until they are agreed to."""
    visit = keep(planned(), propose(planned())).session.visits[0]
    assert set(HOUSE.calendar.plan(visit)) == {"proposal", "proposal_again"}
    agreed = visit.done("book", NOW)
    assert {"receipt", "before_3_days", "before_1_day"} <= set(
        HOUSE.calendar.plan(agreed)
    )


def test_the_clinic_that_offers_no_hours_proposes_all_the_same():
    """As far apart as the plan says, whatever day that is."""
    house = House(BOOK, has_staff=True)
    found = dates(FIRST, PLAN, 3, MADRID, house.open_hours)
    assert [(b - a).days for a, b in pairwise(found)] == [28, 28]
    assert found[0].tzinfo is UTC
