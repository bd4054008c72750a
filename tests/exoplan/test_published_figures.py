"""What the source says, and nothing it does not say, is in the book."""

import re

import pytest

from exoplan import Hedge, NotStated, Range, Topic, Unit, Words
from tests.exoplan.intakes import BOOK

MAY, OFTEN, SOMETIMES, NONE = Hedge.MAY, Hedge.OFTEN, Hedge.SOMETIMES, Hedge.NONE

FIGURES = {
    "skin.initial.sessions": (3, 5, Unit.SESSION, OFTEN),
    "skin.initial.sessions_mild": (1, None, Unit.SESSION, MAY),
    "skin.initial.spacing": (2, 4, Unit.WEEK, OFTEN),
    "skin.first_change": (2, None, Unit.WEEK, MAY),
    "skin.full_effect": (6, 8, Unit.WEEK, MAY),
    "skin.upkeep": (1, 2, Unit.PER_YEAR, MAY),
    "hair.initial.sessions": (1, 3, Unit.SESSION, OFTEN),
    "hair.initial.window": (12, 18, Unit.MONTH, OFTEN),
    "hair.initial.spacing": (6, 12, Unit.MONTH, MAY),
    "hair.upkeep": (12, 18, Unit.MONTH, OFTEN),
    "joint.initial.spacing": (2, 4, Unit.WEEK, MAY),
    "prp.initial": (3, 6, Unit.PER_YEAR, SOMETIMES),
    "prp.upkeep": (2, 4, Unit.PER_YEAR, MAY),
    "general.phase_example": (3, 5, Unit.SESSION, NONE),
    "general.table_sessions": (1, 5, Unit.SESSION, OFTEN),
    "general.table_upkeep": (12, 18, Unit.MONTH, OFTEN),
}
DERIVED = {
    "skin.review": (6, 8, Unit.WEEK),
    "skin.upkeep.spacing": (6, 12, Unit.MONTH),
}
UNSTATED = {
    "skin.full_effect.counted_from",
    "hair.initial.sessions_advanced",
    "hair.first_change",
    "hair.full_effect",
    "hair.how_given",
    "joint.initial.sessions",
    "joint.first_change",
    "joint.full_effect",
    "joint.upkeep",
    "prp.place",
    "prp.downtime_procedure",
    "general.downtime_procedure",
    "general.lasting",
}

#: The statements of the protocols above. An area that came later has its source too:
#: whoever adds it may write its figures down a second time here.
_AS_PRINTED = [
    one
    for one in BOOK.all_statements()
    if one.id.partition(".")[0] in ("skin", "hair", "joint", "prp", "general")
]


@pytest.mark.parametrize(("id", "figure"), FIGURES.items())
def test_a_published_figure_is_carried_with_its_unit_and_hedge(id, figure):
    low, high, unit, hedge = figure
    statement = BOOK.statement(id)
    assert statement.value == Range(low, high, unit)
    assert statement.hedge is hedge
    assert statement.derived is None


@pytest.mark.parametrize(("id", "figure"), DERIVED.items())
def test_a_figure_of_ours_names_the_published_one_it_follows_from(id, figure):
    statement = BOOK.statement(id)
    assert statement.value == Range(*figure)
    assert statement.derived is not None
    assert set(statement.derived.of) <= set(FIGURES)


def test_there_is_no_other_figure_in_these_protocols():
    with_figures = {one.id for one in _AS_PRINTED if isinstance(one.value, Range)}
    assert with_figures == {*FIGURES, *DERIVED}


def test_what_the_source_leaves_out_is_written_down_as_left_out():
    found = {one.id for one in _AS_PRINTED if isinstance(one.value, NotStated)}
    assert found == UNSTATED


def test_only_the_figures_the_source_calls_approximate_are_marked_so():
    marked = {one.id for one in BOOK.all_statements() if one.about}
    assert marked == {"skin.initial.spacing", "general.table_upkeep"}


def test_every_statement_can_be_found_in_its_source():
    """Each cites a title and a passage by name, never by a line number."""
    for one in BOOK.all_statements():
        assert one.source.title
        for passage in (one.source.passage, *one.source.also):
            assert passage
            assert not re.search(r"\bL?\d", passage), one.id


def test_words_and_reasons_carry_no_figure():
    for one in BOOK.all_statements():
        if isinstance(one.value, Words):
            assert not re.search(r"\d", one.value.id)
        if isinstance(one.value, NotStated):
            assert not re.search(r"\d", one.value.reason)


def test_the_first_phase_for_hair_is_told_for_mild_and_moderate_loss_only():
    for id in ("sessions", "window", "spacing"):
        (condition,) = BOOK.statement(f"hair.initial.{id}").applies
        assert condition.field == "severity"
        assert condition.values == ("mild", "moderate")


def test_the_spacing_for_joints_is_told_for_long_lasting_complaints_only():
    (condition,) = BOOK.statement("joint.initial.spacing").applies
    assert (condition.field, condition.values) == ("duration", ("3_months_or_more",))


def test_an_area_takes_no_figure_from_the_general_lines():
    """The general example and the table never stand in an area's protocol."""
    for area in BOOK.areas:
        for statement in BOOK.area(area).statements:
            assert statement.id.startswith(f"{area}.")
            assert statement.topic not in (
                Topic.PHASE_EXAMPLE,
                Topic.TABLE_SESSIONS,
                Topic.TABLE_UPKEEP,
            )


def test_prp_is_counted_by_the_year_and_names_no_area():
    units = {
        one.value.unit for one in BOOK.prp.statements if isinstance(one.value, Range)
    }
    assert units == {Unit.PER_YEAR}
    assert BOOK.statement("prp.place").value == NotStated("names_no_area")


def test_downtime_of_the_product_is_kept_apart_from_that_of_the_procedure():
    for who in ("general", "prp"):
        product = BOOK.statement(f"{who}.downtime_product")
        procedure = BOOK.statement(f"{who}.downtime_procedure")
        assert isinstance(product.value, Words)
        assert procedure.value == NotStated("procedure_has_its_own")


def test_growth_factors_are_told_of_prp_alone():
    told = [o.id for o in BOOK.all_statements() if o.topic is Topic.GROWTH_FACTORS]
    assert told == ["prp.growth_factors"]


def test_no_statement_promises_how_long_results_last():
    lasting = [o for o in BOOK.all_statements() if o.topic is Topic.LASTING]
    assert [one.value for one in lasting] == [NotStated("no_figure_for_how_long")]


def test_nothing_is_praised_and_a_drip_is_never_offered():
    """Claims of the source that need proof have no id, and joints are injected."""
    said = " ".join(f"{one.id} {one.value.to_json()}" for one in BOOK.all_statements())
    for claim in ("infusion", "safe", "better", "ethical", "dramatic", "permanent"):
        assert claim not in said
    assert BOOK.statement("joint.initial.series").value == Words("injected_as_a_series")


def test_what_to_check_before_choosing_is_three_things():
    check = [one.id for one in BOOK.general.about(Topic.CHECK_FIRST)]
    assert check == [
        "general.check.product",
        "general.check.side_effects",
        "general.check.history",
    ]


def test_the_areas_come_in_their_order():
    ours = ("skin", "hair", "joint")
    assert tuple(area for area in BOOK.areas if area in ours) == ours
    assert BOOK.open_areas == BOOK.areas
