"""When reminders are due: held against somebody who looks at the clock every minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.reminders import (
    RANKS,
    Due,
    Kind,
    KindsError,
    Quiet,
    Skipped,
    has_later_visit,
    later,
    read,
    shipped,
)
from dialogs.visits import ACTS, OPEN, NotPossible, Status, Visit

MINUTE = timedelta(minutes=1)
ZONES = (
    *("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe"),
    *("Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca"),
    *("Asia/Tehran", "Pacific/Chatham", "America/St_Johns", "Asia/Tokyo"),
)
KINDS = shipped().with_({"before_7_days": True, "before_2_hours": True})
MOMENTS = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(second=0, microsecond=0))


def a_visit(starts_at: datetime, zone: str = "UTC", **changes: object) -> Visit:
    """A visit booked long before."""
    given = {
        "id": 1,
        "starts_at": starts_at,
        "zone": zone,
        "status": Status.BOOKED,
        "revision": 1,
        "booked_at": starts_at - timedelta(days=60),
        "changed_at": starts_at - timedelta(days=60),
        "area": "skin",
    }
    return Visit(**{**given, **changes})  # type: ignore[arg-type]


def shows(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def watched_for(wall: datetime, zone: ZoneInfo, around: datetime) -> datetime:
    """The first minute at which the clock shows this; where it skips it, so much on."""
    moment = around - timedelta(days=3)
    before = moment
    while shows(moment, zone) < wall:
        before = moment
        moment += MINUTE
    skipped = wall - shows(before, zone)
    return before + skipped if skipped else before


def at_a_decent_hour(moment: datetime, zone: ZoneInfo, quiet: Quiet) -> datetime:
    """The first minute from this one on outside the quiet hours."""
    while True:
        wall = moment.astimezone(zone).time()
        after, before = wall >= quiet.begins, wall < quiet.ends
        if not ((after or before) if quiet.begins > quiet.ends else after and before):
            return moment
        moment += MINUTE


DAYS = [k for k in KINDS.kinds.values() if k.days and k.counts_from == "start"]


@settings(max_examples=60, deadline=None)
@given(start=MOMENTS, zone=st.sampled_from(ZONES), kind=st.sampled_from(DAYS))
def test_days_before_and_after_keep_the_time_on_the_wall(start, zone, kind: Kind):
    """In every zone, over every change of the clocks, and never in quiet hours."""
    visit = a_visit(start, zone, status=min(kind.statuses))
    here = ZoneInfo(zone)
    wall = shows(start, here) + timedelta(days=kind.days)
    aimed = watched_for(wall, here, start + timedelta(days=kind.days))
    expected = at_a_decent_hour(aimed, here, KINDS.quiet)
    planned = KINDS.when(kind, visit)
    if isinstance(planned, Due):
        assert planned.at == expected
    else:
        assert planned == Skipped("quiet_hours")
        assert kind.until_before_start is not None
        assert expected > start - kind.until_before_start


@settings(deadline=None)
@given(
    start=MOMENTS,
    zone=st.sampled_from(ZONES),
    booked=st.integers(0, 20 * 24 * 60),
    status=st.sampled_from([*Status]),
)
def test_nothing_is_planned_that_would_be_nonsense(start, zone, booked, status):
    """Not in quiet hours, not after its use, not before it was known, not too near."""
    known = start - booked * MINUTE
    changed = max(known, start - MINUTE)
    visit = a_visit(start, zone, status=status, booked_at=known, changed_at=changed)
    for name, planned in KINDS.plan(visit).items():
        kind = KINDS.kinds[name]
        assert status in kind.statuses
        if isinstance(planned, Skipped):
            assert planned.reason in ("late_booking", "quiet_hours", "no_plan")
            continue
        assert not KINDS.quiet.holds(planned.at, ZoneInfo(zone))
        assert planned.at <= planned.until
        assert planned.at >= visit.booked_at
        if kind.is_about_a_visit_to_come:
            assert planned.until < start


def test_a_late_booking_is_told_once_and_not_reminded_at_once():
    """Booked at noon for tomorrow at one: the receipt is enough."""
    start = datetime(2026, 3, 10, 13, tzinfo=UTC)
    visit = a_visit(start, booked_at=start - timedelta(hours=25))
    planned = KINDS.plan(visit)
    assert isinstance(planned["receipt"], Due)
    assert planned["before_1_day"] == Skipped("late_booking")
    assert planned["before_3_days"] == Skipped("late_booking")


@settings(deadline=None)
@given(moment=MOMENTS, zone=st.sampled_from(ZONES), months=st.integers(0, 30))
def test_months_keep_the_day_or_take_the_last(moment, zone, months):
    """As a calendar on the wall does."""
    here = ZoneInfo(zone)
    before, after = shows(moment, here), shows(later(moment, here, months, 0), here)
    assert (after.year * 12 + after.month) - (before.year * 12 + before.month) == months
    assert after.day == before.day or (after + timedelta(days=1)).day == 1


@given(begins=st.times(), ends=st.times(), moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_after_quiet_hours_comes_the_first_moment_that_is_none(
    begins, ends, moment, zone
):
    """Whichever hours a clinic calls quiet; the same for both ends means none."""
    whole = {"second": 0, "microsecond": 0}
    quiet, here = Quiet(begins.replace(**whole), ends.replace(**whole)), ZoneInfo(zone)
    if quiet.begins == quiet.ends:
        assert quiet.after(moment, here) == moment
        return
    found = quiet.after(moment, here)
    assert not quiet.holds(found, here) or quiet.holds(moment, here)
    assert timedelta() <= found - moment <= timedelta(hours=26)


def test_a_visit_goes_only_where_its_table_says():
    """Every act from every status; a refused one says so."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for status in Status:
        visit = a_visit(now + timedelta(days=9), status=status)
        for act, (sources, becomes) in ACTS.items():
            if status in sources:
                assert visit.done(act, now).status is becomes
            else:
                with pytest.raises(NotPossible):
                    visit.done(act, now)
        if status in OPEN:
            moved = visit.moved(now, now)
            kept = Status.PROPOSED if status is Status.PROPOSED else Status.BOOKED
            assert (moved.status, moved.revision) == (kept, 2)
        else:
            with pytest.raises(NotPossible):
                visit.moved(now, now)


def test_cancelled_within_a_day_is_cancelled_late():
    """To the minute; a proposal that nobody agreed to is never late."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for ahead, becomes in [(1440, Status.CANCELLED), (1439, Status.CANCELLED_LATE)]:
        visit = a_visit(now + ahead * MINUTE)
        assert visit.done("cancel", now).status is becomes
    proposed = a_visit(now + MINUTE, status=Status.PROPOSED)
    assert proposed.done("cancel", now).status is Status.CANCELLED


@given(start=MOMENTS, zone=st.sampled_from(ZONES), status=st.sampled_from([*Status]))
def test_a_visit_survives_being_put_away(start, zone, status):
    """As JSON, whole."""
    visit = a_visit(start, zone, status=status)
    assert Visit.from_json(visit.to_json()) == visit


def test_a_later_visit_is_one_of_the_same_area_that_took_or_takes_place():
    """A cancelled one is none."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    visit = a_visit(now, status=Status.ATTENDED)
    after = now + timedelta(days=5)
    assert has_later_visit(visit, [visit, a_visit(after)])
    assert has_later_visit(visit, [a_visit(after, status=Status.ATTENDED)])
    assert not has_later_visit(visit, [visit, a_visit(after, status=Status.CANCELLED)])
    assert not has_later_visit(visit, [a_visit(after, area="hair")])
    assert not has_later_visit(visit, [a_visit(now - timedelta(days=5))])


def test_the_shipped_kinds_are_those_that_are_promised():
    """Three days and one day before, unless a clinic wants more; each in its rank."""
    kinds = shipped().kinds
    assert {name for name, kind in kinds.items() if not kind.on} == {
        "before_7_days",
        "before_2_hours",
    }
    assert {kind.consent for kind in kinds.values()} == {
        *("", "check_ins", "recalls", "unfinished")
    }
    assert kinds["recall"].upkeep
    assert {kind.rank for kind in kinds.values()} == set(RANKS)
    assert shipped().quiet == Quiet(time(21), time(8))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rank": 9}, "rank 9"),
        ({"from": "noon"}, "from 'noon'"),
        ({"colour": "red"}, "no such key: colour"),
        ({"useful": {"days": 1}}, "needs one of"),
        ({"for": ["gone"]}, "gone"),
    ],
)
def test_a_fault_in_the_kinds_names_its_kind(change, told):
    """And what is wrong with it."""
    row = {"id": "x", "from": "start", "rank": 1, "until_before_start": {"hours": 1}}
    with pytest.raises(KindsError, match=f"x: .*{told}"):
        read({"quiet": ["21:00", "08:00"], "kinds": [{**row, **change}]})
    with pytest.raises(KindsError, match="no kind is called 'never'"):
        shipped().with_({"never": True})
