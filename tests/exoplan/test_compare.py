"""Exosomes beside PRP: each in its own units, and never which one works better."""

import json

import pytest

from exoplan import CellKind, Intake, Range, Unit, UnknownArea, compare, make_plan
from tests.exoplan.intakes import BOOK, FLAG_IDS

AREAS = (None, *BOOK.areas)


def row(area: str | None, id: str, closed: frozenset[str] = frozenset()):
    """One row of a comparison."""
    return next(one for one in compare(BOOK, area, closed).rows if one.id == id)


@pytest.mark.parametrize("area", AREAS)
def test_no_row_compares_effect(area):
    assert [one.id for one in compare(BOOK, area).rows] == [
        "source",
        "first_visits",
        "upkeep",
        "downtime_product",
        "downtime_procedure",
        "growth_factors",
    ]


@pytest.mark.parametrize("area", AREAS)
def test_prp_keeps_its_own_unit_and_names_no_area(area):
    for id in ("first_visits", "upkeep"):
        (cell,) = row(area, id).prp
        assert isinstance(cell.statement.value, Range)
        assert cell.statement.value.unit is Unit.PER_YEAR
        assert cell.kind is CellKind.GENERAL


@pytest.mark.parametrize("area", AREAS)
def test_growth_factors_are_told_of_prp_alone(area):
    found = row(area, "growth_factors")
    assert found.exosome == ()
    assert [cell.statement.id for cell in found.prp] == ["prp.growth_factors"]


@pytest.mark.parametrize("area", BOOK.areas)
def test_the_areas_own_line_goes_first_and_the_table_is_kept_and_marked(area):
    for id in ("first_visits", "upkeep"):
        *own, table = row(area, id).exosome
        assert own
        assert {cell.kind for cell in own} == {CellKind.AREA}
        assert table.kind is CellKind.TABLE
        assert table.statement.id.startswith("general.table_")


def test_without_an_area_the_table_stands_alone():
    (cell,) = row(None, "first_visits").exosome
    assert cell.kind is CellKind.GENERAL
    assert cell.statement.value == Range(1, 5, Unit.SESSION)


def test_downtime_of_product_and_procedure_are_two_rows():
    for area in AREAS:
        for id in ("downtime_product", "downtime_procedure"):
            assert len(row(area, id).exosome) == len(row(area, id).prp) == 1


@pytest.mark.parametrize("flag", FLAG_IDS)
@pytest.mark.parametrize("area", AREAS)
def test_a_closed_side_shows_no_figure_about_visits(area, flag):
    """What a health answer closes is closed in the comparison too."""
    for under in BOOK.areas:
        intake = Intake(under).but(
            yes={flag}, **({} if under == "joint" else {"combination": "not_sure"})
        )
        closed = make_plan(intake, BOOK).closes
        found = compare(BOOK, area, closed)
        for id in ("first_visits", "upkeep"):
            one = row(area, id, closed)
            if "prp" in closed:
                assert one.prp == ()
                assert "prp" in found.withheld
            if area in closed or (area is None and closed - {"prp"}):
                assert one.exosome == ()
                assert "exosome" in found.withheld
        assert row(area, "source", closed).prp


def test_an_open_area_keeps_its_own_line_when_another_is_closed():
    """Thick scars close skin and hair; what is said for joints stays."""
    closed = frozenset({"skin", "hair", "prp"})
    (cell,) = row("joint", "first_visits", closed).exosome
    assert cell.kind is CellKind.AREA


def test_a_comparison_is_plain_values_with_sources():
    plain = compare(BOOK, "skin").to_json()
    assert json.loads(json.dumps(plain)) == plain
    assert "Comparison of Exosome Therapy" in json.dumps(plain)


def test_an_unknown_area_is_refused():
    with pytest.raises(UnknownArea):
        compare(BOOK, "teeth")
