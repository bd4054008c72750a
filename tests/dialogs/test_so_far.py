"""Where a person is in their course: counted from visits, by a clinician's plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialogs import Session, StaffTook
from dialogs.clinician_plan import ClinicianPlan
from dialogs.course import course_of
from dialogs.inputs import Commanded
from dialogs.screens import numbers_on, screen_of
from dialogs.session import Closure
from dialogs.visits import Status, Visit
from tests.dialogs.chat import HOUSE, NOW, Chat

_GAP, _UPKEEP = (4, 4, "week"), (6, 6, "month")
PLAN = ClinicianPlan("hair", 3, 4, "Maria", NOW.isoformat(), *_GAP, *_UPKEEP)
DAY = timedelta(days=1)


def a_visit(number: int, days: float, status: Status) -> Visit:
    at = NOW + days * DAY
    return Visit(number, at, "UTC", status, 1, NOW, NOW, area="hair", number=number)


def on_the_way(*visits: Visit, plan: bool = True, **changes: object) -> Session:
    plans = {"hair": PLAN.to_json()} if plan else {}
    given = {"refs": 1, "area": "hair", "visits": visits, "plans": plans, **changes}
    return Session.new(NOW).with_(**given)


@given(
    st.lists(
        st.tuples(st.integers(-90, 90), st.sampled_from([*Status])),
        max_size=8,
        unique_by=lambda one: one[0],
    )
)
def test_done_and_next_are_counted_from_visits_alone(rows):
    """Attended ones, and the first of those that stand and are still to come."""
    rows = sorted(rows, key=lambda one: one[0])
    visits = [a_visit(n, days + 0.5, status) for n, (days, status) in enumerate(rows)]
    found = course_of(on_the_way(*visits), HOUSE, "hair")
    done = sum(v.status is Status.ATTENDED for v in visits)
    ahead = [v for v in visits if v.stands and v.starts_at > NOW]
    if not done and not ahead:
        assert found == {}
        return
    assert (found["done"], found["low"], found["high"]) == (done, 3, 4)
    following = found["next"]
    assert following["id"] == ahead[0].id if ahead else following == {}  # type: ignore[index]


def test_without_a_clinicians_plan_nothing_says_how_many_there_are_to_be():
    """The published range is nobody's own number, and upkeep is a clinician's."""
    been = a_visit(1, -1, Status.ATTENDED)
    found = course_of(on_the_way(been, plan=False), HOUSE, "hair")
    assert (found["done"], found["high"], found["upkeep"]) == (1, 0, {})


def test_a_held_plan_shows_the_next_visit_and_no_number():
    """Nor does the message that stood there before keep them."""
    shut = (Closure("RF08", "HOLD", ("hair",)),)
    visits = a_visit(1, -1, Status.ATTENDED), a_visit(2, 5, Status.BOOKED)
    session = on_the_way(*visits, over="course")
    assert numbers_on(session, HOUSE) == ("hair",)
    held = session.with_(closures=shut)
    (one,) = screen_of(held, HOUSE).data["courses"]
    assert (one["held"], one["next"]["id"]) == (True, 2)
    assert one.keys() == {"area", "held", "next"}
    assert numbers_on(held, HOUSE) == ()


def test_the_plans_own_screen_says_how_far_it_has_come():
    """Once there are visits; before that it looks as it always did."""
    been = a_visit(1, -1, Status.ATTENDED)
    session = on_the_way(been, state="plan", answers={"site": "crown"})
    screen = screen_of(session, HOUSE)
    assert screen.data["course"]["done"] == 1
    assert "course" in screen.options()
    bare = screen_of(session.with_(visits=()), HOUSE)
    assert bare.data["course"] == {}
    assert "course" not in bare.options()


def test_plan_is_there_at_any_time_also_while_the_team_has_the_chat():
    """As the visits are."""
    chat = Chat()
    chat.session = on_the_way(a_visit(1, 3, Status.BOOKED))
    chat.give(StaffTook("Maria")).give(Commanded("plan"))
    assert chat.said[-1] == "course"
    chat.tap("visits", "back").give(Commanded("plan")).tap("back")
    assert chat.session.over == "with_team"


def test_missed_visits_change_no_number():
    """What they mean for the plan is a clinician's to say."""
    visits = a_visit(1, -9, Status.ATTENDED), a_visit(2, -1, Status.MISSED)
    found = course_of(on_the_way(*visits), HOUSE, "hair")
    again = course_of(on_the_way(replace(visits[1]), visits[0]), HOUSE, "hair")
    assert found["done"] == again["done"] == 1
    assert "missed" not in found


def test_a_held_plan_does_not_say_the_how_manieth_visit_it_is():
    """The visit itself stays, with its day and all that may be done about it."""
    shut = (Closure("RF08", "HOLD", ("hair",)),)
    session = on_the_way(a_visit(2, 5, Status.BOOKED), over="visit", about="2.1")
    assert screen_of(session, HOUSE).data["visit"]["number"] == 2
    held = screen_of(session.with_(closures=shut), HOUSE)
    assert held.data["visit"]["number"] == 0
    assert "visit_move:2.1" in held.options()
