"""The health flags: who is asked what, and what an answer closes."""

import tomllib
from importlib.resources import files
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoplan import (
    Combination,
    Intake,
    Response,
    Standing,
    TickList,
    load_screening,
    make_plan,
)
from tests.exoplan.intakes import BOOK, FLAG_IDS, intakes

SCREENING = BOOK.screening
#: Letters that fit on one line of a tick list.
LONGEST_TICK = 80
#: Lines of a tick list that a small phone shows at once.
LONGEST_LIST = 9

WORDS = tomllib.loads(
    files("templates").joinpath("en", "flags.toml").read_text(encoding="utf-8")
)


def closed(area: str, **answers: object) -> dict[str, str]:
    """What one intake closes, and the strictest response that closes it."""
    found: dict[str, str] = {}
    for closure in SCREENING.closures(Intake(area).but(**answers)):
        for one in closure.closes:
            found.setdefault(one, str(closure.response))
    return found


def test_all_36_flags_are_there():
    assert sorted(FLAG_IDS) == [f"RF{n:02}" for n in range(1, 37)]
    assert load_screening() == SCREENING
    assert load_screening(BOOK) is SCREENING


@pytest.mark.parametrize(
    ("response", "ids"),
    [
        (Response.URGENT_NOW, "20"),
        (Response.SAME_DAY, "21"),
        (Response.NO_PLAN, "01 02 03 16 18 36"),
        (Response.NOTE, "27 33 34"),
    ],
)
def test_each_flag_calls_for_its_response(response, ids):
    """Every other flag holds the plan until a clinician has spoken."""
    found = {flag.id for flag in SCREENING.flags if flag.response is response}
    assert found == {f"RF{one}" for one in ids.split()}


def test_who_should_see_a_doctor_soon_and_who_never_gets_a_plan_here():
    soon = {flag.id for flag in SCREENING.flags if flag.doctor_soon}
    never = {flag.id for flag in SCREENING.flags if not flag.reopens}
    assert soon == {"RF05", "RF22", "RF31"}
    assert never == {"RF01"}


@pytest.mark.parametrize(
    ("area", "tick_list", "ids"),
    [
        ("skin", "stop", "01 02 03 36"),
        ("hair", "stop", "01 02 03 36"),
        ("joint", "stop", "01 02 03 36 18 20 21"),
        ("skin", "health_1", "10 09 13 11 29 28 14"),
        ("joint", "health_1", "10 09 23 11 29 28 14"),
        ("hair", "health_2", "04 08 24 30 07 15 12"),
        ("joint", "health_2", "04 08 24 30 07 15 22"),
        ("skin", "health_3", "06 05 25 26 27 33 34"),
        ("hair", "health_3", "06 05 25 31 32 33 34"),
        ("joint", "health_3", "06 19 33 34"),
    ],
)
def test_each_list_asks_its_flags_in_order(area, tick_list, ids):
    asked = SCREENING.asked(tick_list, area, Combination.NONE)
    assert [flag.id for flag in asked] == [f"RF{one}" for one in ids.split()]


@pytest.mark.parametrize("combination", [None, *Combination])
@pytest.mark.parametrize("area", BOOK.areas)
def test_no_list_is_longer_than_a_small_phone_and_no_flag_is_asked_twice(
    area, combination
):
    lists = [SCREENING.asked(one, area, combination) for one in TickList]
    assert all(0 < len(one) <= LONGEST_LIST for one in lists)
    asked = [flag.id for one in lists for flag in one]
    assert len(asked) == len(set(asked))
    assert "RF35" not in asked
    assert {"RF28", "RF29"} <= set(asked)
    with_radiofrequency = combination in ("radiofrequency", "not_sure")
    assert ({"RF16", "RF17"} <= set(asked)) is with_radiofrequency
    assert ("RF16" in asked) is ("RF17" in asked)


def test_every_flag_but_the_volunteered_one_is_asked_of_somebody():
    asked = {
        flag.id
        for area, one in product(BOOK.areas, TickList)
        for flag in SCREENING.asked(one, area, Combination.NOT_SURE)
    }
    assert asked == set(FLAG_IDS) - {"RF35"}


@pytest.mark.parametrize(("area", "flag_id"), list(product(BOOK.areas, FLAG_IDS)))
def test_one_tick_closes_what_it_concerns_and_prp_with_it(area, flag_id):
    """Over every site, severity and combination of the area, for yes and not sure."""
    flag = SCREENING.flag(flag_id)
    protocol = BOOK.area(area)
    severities = (
        (None, "mild", "not_sure") if "severity" in protocol.fields else (None,)
    )
    combined = "combination" in protocol.fields
    combinations = (None, *Combination) if combined else (None,)
    sites = [None, *(place.id for place in protocol.places if not place.implies)]
    for site, severity, combination, how in product(
        sites, severities, combinations, ("yes", "unsure")
    ):
        intake = Intake(area, site=site, screened=True).but(
            severity=severity, combination=combination, **{how: {flag_id}}
        )
        plan = make_plan(intake, BOOK)
        concerned = flag.concerns(area, intake.combination)
        closes = (
            concerned
            and flag.response is not Response.NOTE
            and ("prp" not in flag.scope)
        )
        assert (plan.standing is not Standing.OPEN) is closes
        assert (area in plan.closes) is closes
        if plan.closes:
            assert "prp" in plan.closes
        if not closes:
            assert plan.lines
        if flag.response is Response.NOTE:
            assert (flag_id in plan.notes) is concerned


@pytest.mark.parametrize(
    ("flag_id", "yes", "unsure"),
    [
        ("RF20", Standing.URGENT, Response.ASK_NOW),
        ("RF21", Standing.SAME_DAY, Response.HOLD),
        ("RF18", Standing.CLOSED, Response.HOLD),
        ("RF36", Standing.CLOSED, Response.HOLD),
        ("RF10", Standing.HELD, Response.HOLD),
    ],
)
def test_not_sure_holds_the_plan_and_asks_at_once_about_an_emergency(
    flag_id, yes, unsure
):
    assert make_plan(Intake("joint").but(yes={flag_id}), BOOK).standing is yes
    plan = make_plan(Intake("joint").but(unsure={flag_id}), BOOK)
    assert plan.standing is Standing.HELD
    assert [(c.response, c.unsure) for c in plan.closed_by] == [(unsure, True)]


def test_a_person_level_answer_closes_every_area_it_concerns():
    everything = {*BOOK.areas, "prp"}
    assert set(closed("hair", yes={"RF10"})) == everything
    for flag in ("RF12", "RF35"):  # joints are left out of both
        assert set(closed("hair", yes={flag})) >= {"skin", "hair", "prp"}
        assert "joint" not in closed("joint", yes={flag})


def test_an_answer_about_the_place_closes_the_area_under_intake_alone():
    assert set(closed("hair", yes={"RF06"})) == {"hair", "prp"}
    assert set(closed("joint", yes={"RF18"})) == {"joint", "prp"}
    assert closed("joint", yes={"RF25"}) == {}


def test_easy_bleeding_holds_the_areas_and_rules_out_prp():
    found = closed("skin", yes={"RF11"})
    assert found == {**dict.fromkeys(BOOK.areas, "HOLD"), "prp": "NO_PLAN"}
    unsure = closed("skin", unsure={"RF11"})
    assert set(unsure.values()) == {"HOLD"}


def test_a_blood_answer_closes_prp_and_leaves_the_plan_open():
    for flag_id in ("RF28", "RF29"):
        assert closed("hair", yes={flag_id}) == {"prp": "HOLD"}
        plan = make_plan(Intake("hair").but(yes={flag_id}), BOOK)
        assert plan.standing is Standing.OPEN
        assert plan.closes == {"prp"}


@pytest.mark.parametrize("combination", Combination)
def test_an_implant_matters_only_where_radiofrequency_may_be_used(combination):
    found = closed("skin", yes={"RF16"}, combination=combination)
    if combination in ("radiofrequency", "not_sure"):
        assert found == {"skin": "NO_PLAN", "prp": "NO_PLAN"}
    else:
        assert found == {}


def test_one_bald_patch_is_looked_at_by_a_doctor_before_any_number():
    plan = make_plan(Intake("hair", site="patch", screened=True), BOOK)
    assert plan.standing is Standing.HELD
    assert [one.flag_id for one in plan.closed_by] == ["RF31"]
    assert SCREENING.flag("RF31").doctor_soon


def test_a_bad_reaction_told_in_passing_is_as_good_as_a_tick():
    answers = Intake("joint").but(earlier="other", outcome="bad_reaction")
    told = SCREENING.closures(answers)
    assert told == SCREENING.closures(Intake("joint").but(yes={"RF15"}))
    assert told == SCREENING.closures(answers.but(unsure={"RF15"}))


@given(intakes(), st.sampled_from(FLAG_IDS))
def test_the_stricter_of_two_answers_counts(intake, flag_id):
    """Ticking what was left unsure gives what the tick alone gives, never less."""
    both = intake.but(yes=intake.yes | {flag_id}, unsure=intake.unsure | {flag_id})
    alone = intake.but(yes=intake.yes | {flag_id}, unsure=intake.unsure - {flag_id})
    assert SCREENING.closures(both) == SCREENING.closures(alone)


@given(intakes(), st.sampled_from(FLAG_IDS))
def test_one_more_tick_never_opens_what_was_closed(intake, flag_id):
    before = make_plan(intake, BOOK)
    after = make_plan(intake.but(yes=intake.yes | {flag_id}), BOOK)
    strictness = list(Standing)
    assert strictness.index(after.standing) >= strictness.index(before.standing)
    assert before.closes <= after.closes


@given(intakes())
def test_closures_come_strictest_first(intake):
    order = [one.response.strictness for one in SCREENING.closures(intake)]
    assert order == sorted(order, reverse=True)


def test_the_order_of_strictness():
    stated = ["URGENT_NOW", "SAME_DAY", "NO_PLAN", "HOLD", "NOTE"]
    ranks = [Response(one).strictness for one in stated]
    assert ranks == sorted(ranks, reverse=True)


def test_every_flag_has_its_words_and_no_words_are_left_over():
    """RF35 is never asked, so that the team alone reads of it."""
    assert sorted(WORDS) == sorted(FLAG_IDS)
    for flag in SCREENING.flags:
        words = WORDS[flag.id]
        assert words["staff"]
        assert ("ask" in words) is (flag.tick_list is not None)
        assert len(words.get("ask", "")) <= LONGEST_TICK
