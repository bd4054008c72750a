"""A count laid out in time is exactly what its spacing and window allow."""

from dataclasses import replace
from itertools import product

import pytest

from exoplan import Derivation, Range, Rule, Statement, Unit
from exoplan.timeline import lay_out, visits_of
from tests.exoplan.intakes import BOOK

HAIR = [
    BOOK.statement(f"hair.initial.{id}") for id in ("sessions", "spacing", "window")
]
SKIN = [BOOK.statement(f"skin.initial.{id}") for id in ("sessions", "spacing")]


def by_hand(count: int, spacing: Range, longest: int | None) -> list[tuple[int, int]]:
    """Earliest and latest of each visit, by trying every way to place the gaps."""
    assert spacing.low is not None
    assert spacing.high is not None
    gaps = range(spacing.low, spacing.high + 1)
    ways = [
        way
        for way in product(gaps, repeat=count - 1)
        if longest is None or sum(way) <= longest
    ]
    days = [[sum(way[:n]) for way in ways] for n in range(count)]
    return [(min(one), max(one)) for one in days]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_hair_visits_are_those_that_fit_each_gap_and_the_whole_window(count):
    """Each gap is 6–12 months and all gaps together are at most 18."""
    visits = visits_of(count, HAIR[0], HAIR[1], HAIR[2])
    found = [(visit.earliest, visit.latest) for visit in visits]
    assert found == by_hand(count, Range(6, 12, Unit.MONTH), 18)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_skin_visits_are_those_that_fit_each_gap(count):
    visits = visits_of(count, SKIN[0], SKIN[1], None)
    found = [(visit.earliest, visit.latest) for visit in visits]
    assert found == by_hand(count, Range(2, 4, Unit.WEEK), None)


def test_three_hair_visits_end_by_month_18():
    visits = visits_of(3, HAIR[0], HAIR[1], HAIR[2])
    assert [(v.earliest, v.latest) for v in visits] == [(0, 0), (6, 12), (12, 18)]
    assert {visit.unit for visit in visits} == {Unit.MONTH}


def test_both_ends_of_the_usual_skin_series_are_laid_out():
    few, many = lay_out(SKIN)
    assert (few.count, many.count) == (3, 5)
    assert [(v.earliest, v.latest) for v in few.visits] == [(0, 0), (2, 4), (4, 8)]
    assert (many.visits[-1].earliest, many.visits[-1].latest) == (8, 16)


def spaced(low: int | None, high: int | None) -> Statement:
    """A skin spacing with other ends."""
    return changed("skin.initial.spacing", Range(low, high, Unit.WEEK))


def changed(id: str, value: Range) -> Statement:
    """A published statement with another value."""
    return replace(BOOK.statement(id), value=value)


def test_an_end_that_is_not_stated_stays_open_in_time():
    """At least four weeks apart has no latest; at most four weeks has no earliest."""
    at_least = visits_of(3, SKIN[0], spaced(4, None), None)
    assert [(v.earliest, v.latest) for v in at_least] == [(0, 0), (4, None), (8, None)]
    at_most = visits_of(2, SKIN[0], spaced(None, 4), None)
    assert [(v.earliest, v.latest) for v in at_most] == [(0, 0), (None, 4)]


def test_a_window_ends_what_the_spacing_leaves_open():
    """With gaps of at least 6 months in 18 at most, visit two is due by month 12."""
    open_gap = changed("hair.initial.spacing", Range(6, None, Unit.MONTH))
    visits = visits_of(3, HAIR[0], open_gap, HAIR[2])
    assert [(v.earliest, v.latest) for v in visits] == [(0, 0), (6, 12), (12, 18)]


def test_a_window_without_an_upper_end_limits_nothing():
    open_window = changed("hair.initial.window", Range(12, None, Unit.MONTH))
    visits = visits_of(3, HAIR[0], HAIR[1], open_window)
    assert (visits[-1].earliest, visits[-1].latest) == (12, 24)
    assert visits[-1].derivation.rule is Rule.GAPS_ADD_UP


def test_several_visits_without_a_published_spacing_are_not_laid_out():
    assert visits_of(3, SKIN[0], None, None) == ()
    (alone,) = visits_of(1, SKIN[0], None, None)
    assert (alone.earliest, alone.latest, alone.unit) == (0, 0, None)
    assert lay_out(SKIN[:1]) == ()


def test_a_count_by_the_year_is_not_laid_out():
    assert lay_out(BOOK.prp.statements) == ()


def test_every_visit_says_how_its_figures_follow():
    visits = visits_of(3, HAIR[0], HAIR[1], HAIR[2])
    ids = tuple(statement.id for statement in HAIR)
    assert visits[0].derivation == Derivation(Rule.FIRST_VISIT_IS_NOW, ids[:1])
    assert visits[2].derivation == Derivation(Rule.GAPS_WITHIN_WINDOW, ids)
