"""What a plan holds, for every person the questions can describe."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given

from exoplan import (
    AreaClosed,
    ClinicStatement,
    Direction,
    Duration,
    Intake,
    InvalidIntake,
    NotStated,
    PainBand,
    Plan,
    Range,
    Standing,
    Topic,
    Unit,
    UnknownArea,
    load_book,
    make_plan,
    what_changes,
)
from tests.exoplan.intakes import BOOK, every_intake, intakes

PUBLISHED = {one.id: one for one in BOOK.all_statements()}


def plan_for(area: str, **answers: object) -> Plan:
    """The plan of a person whose health lists are all "none of these"."""
    return make_plan(Intake(area, screened=True).but(**answers), BOOK)


def lines(plan: Plan) -> list[str]:
    """The ids of the lines a plan leads with."""
    return [line.statement.id for line in plan.lines]


def figures(value: object) -> Iterator[int]:
    """Every number anywhere in plain values."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from figures(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def promises_kept(plan: Plan) -> None:
    """What holds for every open plan."""
    for line in (*plan.lines, *plan.upkeep):
        assert line.statement is PUBLISHED[line.statement.id]
        value = line.statement.value
        if isinstance(value, Range) and value.low is not None:
            assert value.low <= (value.high or value.low)
    for layout in plan.layouts:
        counted = PUBLISHED[layout.statement_id].value
        assert isinstance(counted, Range)
        assert layout.count in (counted.low, counted.high)
        assert len(layout.visits) == layout.count
    for factor in plan.factors:
        assert factor.statement is PUBLISHED[factor.id]
    assert set(plan.not_stated) == {
        id for id in plan.not_stated if isinstance(PUBLISHED[id].value, NotStated)
    }
    assert plan.first_change is not None
    assert plan.full_effect is not None
    assert plan.ask_the_clinician[0] == "set_the_number"
    plain = {
        key: value
        for key, value in plan.to_json().items()
        if key not in ("intake", "numbers")
    }
    assert set(figures(plain)) <= set(plan.numbers())
    for origins in plan.numbers().values():
        assert origins
        for one in origins:
            rule, _, rest = one.partition("(")
            named = rest.rstrip(")").split(", ") if rest else [rule]
            assert set(named) <= set(PUBLISHED)


@pytest.mark.parametrize("area", BOOK.areas)
def test_every_person_gets_published_lines_and_nothing_else(area):
    """Over all answers to all questions: each line is the published one, each number
    on a screen can be traced, and only severity and duration choose lines.
    """
    chosen: dict[object, set[tuple[object, ...]]] = {}
    for intake in every_intake(area):
        plan = make_plan(intake, BOOK)
        if plan.standing is not Standing.OPEN:
            assert intake.site == "patch" or intake.outcome == "bad_reaction"
            continue
        promises_kept(plan)
        chose = (intake.severity, intake.duration)
        chosen.setdefault(chose, set()).add((*lines(plan), *plan.layouts, *plan.upkeep))
    assert chosen
    for answers, found in chosen.items():
        assert len(found) == 1, answers


@given(intakes())
def test_the_same_answers_give_the_same_plan(intake):
    first, again = make_plan(intake, BOOK), make_plan(intake, load_book())
    assert first == again
    assert what_changes(first, again) == ()


@given(intakes())
def test_a_plan_that_is_not_open_holds_no_number_of_visits(intake):
    plan = make_plan(intake, BOOK)
    if plan.standing is Standing.OPEN:
        promises_kept(plan)
        return
    assert dict(plan.numbers()) == {}
    plain = {key: value for key, value in plan.to_json().items() if key != "intake"}
    assert list(figures(plain)) == []
    for part in ("lines", "layouts", "factors", "upkeep", "sources", "not_stated"):
        assert plain[part] == []
    assert plain["first_change"] is plain["full_effect"] is None
    assert plain["clinic_statements"] == plain["ask_the_clinician"] == []


@given(intakes())
def test_a_plan_survives_being_put_away_as_json(intake):
    plain = make_plan(intake, BOOK).to_json()
    assert json.loads(json.dumps(plain)) == plain


@given(intakes())
def test_each_number_in_json_stands_beside_its_source(intake):
    plan = make_plan(intake, BOOK)
    plain = plan.to_json()
    for part in ("lines", "upkeep"):
        for line in plain[part]:  # type: ignore[attr-defined]
            assert line["statement"]["source"]["title"]
            assert line["statement"]["source"]["passage"]


def test_hair_moderate_is_one_to_three_visits_in_12_to_18_months():
    plan = plan_for("hair", site="crown", severity="moderate")
    assert [str(line.statement.value.to_json()) for line in plan.lines] == [
        "{'low': 1, 'high': 3, 'unit': 'session'}",
        "{'low': 12, 'high': 18, 'unit': 'month'}",
        "{'low': 6, 'high': 12, 'unit': 'month'}",
    ]
    assert [layout.count for layout in plan.layouts] == [1, 3]
    for layout in plan.layouts:
        assert layout.upkeep is not None
        assert (layout.upkeep.earliest, layout.upkeep.latest) == (12, 18)
        assert layout.review is None
    assert plan.lines[0].because == (("area", "hair"), ("severity", "moderate"))


def test_hair_mild_has_the_same_lines_as_moderate():
    mild, moderate = (plan_for("hair", severity=s) for s in ("mild", "moderate"))
    assert lines(mild) == lines(moderate)


def test_advanced_hair_loss_has_no_count_and_says_so():
    plan = plan_for("hair", severity="advanced")
    assert lines(plan) == ["hair.initial.sessions_advanced"]
    assert plan.lines[0].statement.value == NotStated("advanced_not_covered")
    assert plan.layouts == ()
    assert "number_not_stated" in plan.ask_the_clinician


def test_who_is_not_sure_sees_every_line_of_the_area_with_its_condition():
    for severity in ("not_sure", None):
        plan = plan_for("hair", severity=severity)
        assert lines(plan) == [
            "hair.initial.sessions",
            "hair.initial.window",
            "hair.initial.spacing",
            "hair.initial.sessions_advanced",
        ]
        assert "hair.initial.sessions_advanced" in plan.not_stated
    assert lines(plan_for("skin")) == [
        "skin.initial.sessions",
        "skin.initial.sessions_mild",
        "skin.initial.sessions_deeper",
        "skin.initial.spacing",
    ]
    because = plan_for("hair", severity="not_sure").lines[0].because
    assert because == (("area", "hair"), ("severity", "not_sure"))


@pytest.mark.parametrize("severity", ["moderate", "advanced"])
def test_skin_beyond_mild_is_three_to_five_and_several_for_deep_lines(severity):
    plan = plan_for("skin", severity=severity)
    assert lines(plan) == [
        "skin.initial.sessions",
        "skin.initial.sessions_deeper",
        "skin.initial.spacing",
    ]
    assert [layout.count for layout in plan.layouts] == [3, 5]


def test_mild_skin_keeps_one_visit_and_the_usual_series_apart():
    """ "One may be enough" and "three to five" never become "one to five"."""
    plan = plan_for("skin", severity="mild")
    counts = [
        line.statement.value
        for line in plan.lines
        if line.statement.topic is Topic.SESSIONS
    ]
    assert counts == [Range(3, 5, Unit.SESSION), Range(1, None, Unit.SESSION)]
    assert [layout.count for layout in plan.layouts] == [1, 3, 5]


def test_skin_is_reviewed_six_to_eight_weeks_after_the_last_visit():
    """The source counts the full effect from an unnamed visit; the review waits."""
    plan = plan_for("skin", severity="moderate")
    assert "skin.full_effect.counted_from" in plan.not_stated
    for layout in plan.layouts:
        assert layout.review is not None
        assert (layout.review.earliest, layout.review.latest) == (6, 8)
        assert layout.upkeep is not None
        assert (layout.upkeep.earliest, layout.upkeep.latest) == (6, 12)
        assert layout.upkeep.derivation.of == ("skin.upkeep",)


@pytest.mark.parametrize(
    "site", [None, *(place.id for place in BOOK.area("joint").places)]
)
@pytest.mark.parametrize("duration", [None, *Duration])
def test_a_joint_never_gets_a_count_and_says_why(site, duration):
    plan = plan_for("joint", site=site, duration=duration, pain=9)
    assert plan.lines[0].statement.value == NotStated("needs_full_medical_check")
    assert plan.layouts == ()
    assert {"joint.initial.sessions", "joint.upkeep"} <= set(plan.not_stated)
    assert "number_not_stated" in plan.ask_the_clinician
    assert set(plan.numbers()) <= {2, 4}


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        ("under_3_months", False),
        ("3_months_or_more", True),
        ("not_sure", True),
        (None, True),
    ],
)
def test_joint_spacing_is_shown_for_long_lasting_complaints(duration, shown):
    plan = plan_for("joint", site="knee", duration=duration)
    assert ("joint.initial.spacing" in lines(plan)) is shown
    assert (4 in plan.numbers()) is shown


@pytest.mark.parametrize(
    ("joint", "middle", "high"),
    [
        ("knee", 5, 8),
        ("hip", 5, 7),
        ("shoulder", 5, 7),
        ("hand_wrist", 5, 7),
        ("foot_ankle", 5, 7),
        ("other", 5, 7),
        (None, 5, 7),
    ],
)
def test_pain_is_read_with_the_cut_points_of_its_joint(joint, middle, high):
    """A joint that was not named is read with the strictest of them."""
    for pain in range(11):
        plan = plan_for("joint", site=joint, pain=pain)
        band = PainBand.LOW if pain < middle else PainBand.MIDDLE
        assert plan.pain_band is (PainBand.HIGH if pain >= high else band)
        assert ("strong_pain" in plan.ask_the_clinician) is (pain >= high)
        assert pain not in set(plan.numbers()) - {2, 4}
    assert plan_for("joint", site=joint).pain_band is None
    assert plan_for("hair").pain_band is None


def test_pulls_in_both_directions_stay_apart():
    plan = plan_for("skin", severity="advanced", goal="subtle")
    pulls = {factor.id: factor.direction for factor in plan.factors}
    assert pulls == {
        "general.factor.severity.advanced": Direction.MORE,
        "general.factor.goal.subtle": Direction.FEWER,
        "general.factor.response": Direction.EITHER,
    }
    assert plan.factors_conflict
    assert not plan_for("skin", goal="subtle").factors_conflict
    assert not plan_for("skin", goal="marked").factors_conflict


def test_each_factor_names_the_answer_that_set_it_off():
    plan = plan_for(
        "hair",
        site="temples",
        severity="mild",
        goal="marked",
        combination="radiofrequency",
    )
    assert {factor.id: factor.trigger for factor in plan.factors} == {
        "general.factor.severity.mild": ("severity", "mild"),
        "hair.factor.size.small": ("site", "temples"),
        "general.factor.goal.marked": ("goal", "marked"),
        "general.factor.combination": ("combination", "radiofrequency"),
        "general.factor.response": None,
    }


def test_a_small_place_on_the_scalp_means_fewer_injections_not_fewer_visits():
    small = plan_for("hair", size="small").factors[0]
    assert (str(small.direction), str(small.of)) == ("fewer", "injections")
    assert small.trigger == ("size", "small")
    for area, site in (("hair", "all_over"), ("skin", "hands"), ("joint", "hip")):
        place = plan_for(area, site=site).factors[0]
        assert place.id == "general.factor.size_and_site"
        assert place.direction is Direction.EITHER
        assert place.trigger == ("site", site)


def test_unsure_answers_pull_in_no_direction():
    for answers in (
        {"severity": "not_sure", "goal": "not_sure", "combination": "not_sure"},
        {"size": "not_sure", "severity": "moderate", "combination": "none"},
        {},
    ):
        plan = plan_for("skin", **answers)
        assert [factor.id for factor in plan.factors] == ["general.factor.response"]


def test_one_visit_for_a_small_wish_is_told_only_inside_a_published_range():
    """A modest goal with deep lines does not lower three to five to one."""
    inside = plan_for("skin", severity="mild", goal="subtle")
    assert [f.figure.low for f in inside.factors if f.figure] == [1]
    for area, severity in (("skin", "advanced"), ("hair", "advanced")):
        outside = plan_for(area, severity=severity, goal="subtle")
        assert not [factor for factor in outside.factors if factor.figure]
        assert "general.factor.goal.subtle" in [factor.id for factor in outside.factors]


def test_needling_lowers_no_number_and_the_usual_course_is_said_once():
    alone = plan_for("skin", severity="moderate", combination="none")
    needled = plan_for("skin", severity="moderate", combination="microneedling")
    assert alone.lines == needled.lines
    assert alone.layouts == needled.layouts
    assert [id for id in needled.notes if "how_given" in id] == ["skin.how_given"]


def test_what_was_done_before_is_for_the_clinician_and_changes_no_line():
    before = plan_for("hair", severity="mild", earlier="prp", outcome="some_change")
    never = plan_for("hair", severity="mild", earlier="none")
    assert before.lines == never.lines
    assert before.factors == never.factors
    assert "earlier_treatment" in before.ask_the_clinician
    assert "earlier_treatment" not in never.ask_the_clinician


def test_what_only_a_clinician_can_say_is_listed_in_a_fixed_order():
    plan = make_plan(
        Intake("joint").but(
            site="knee", pain=9, duration="not_sure", priority="sport", earlier="other"
        ),
        BOOK,
    )
    assert plan.ask_the_clinician == (
        "set_the_number",
        "number_not_stated",
        "strong_pain",
        "what_matters_most",
        "earlier_treatment",
        "health_not_asked",
        "not_sure_duration",
        "general.check.product",
        "general.check.side_effects",
        "general.check.history",
    )


@given(intakes())
def test_without_a_health_list_a_plan_is_general_information(intake):
    assert make_plan(intake, BOOK).general_only is not intake.screened


def test_a_note_shows_the_plan_and_tells_the_team():
    plan = plan_for("skin", yes={"RF33", "RF27"}, unsure={"RF34"})
    assert plan.standing is Standing.OPEN
    assert plan.notes[:3] == ("RF27", "RF33", "RF34")
    assert plan.closed_by == ()


def test_an_area_the_clinic_does_not_offer_gives_no_plan():
    book = load_book(closed_areas={"joint"})
    assert set(book.open_areas) == set(book.areas) - {"joint"}
    with pytest.raises(AreaClosed, match="joint"):
        make_plan(Intake("joint"), book)
    assert make_plan(Intake("hair"), book).lines


def test_the_clinics_own_words_stand_beside_the_published_line():
    """They carry the clinic's name and replace nothing."""
    ours = ClinicStatement("hair", Topic.SESSIONS, "We plan 2 visits.", "Riverside")
    book = load_book(clinic_statements=[ours])
    plan = make_plan(Intake("hair", screened=True), book)
    assert plan.clinic_statements == (ours,)
    assert plan.lines == plan_for("hair").lines
    assert make_plan(Intake("skin"), book).clinic_statements == ()
    held = make_plan(Intake("hair").but(yes={"RF10"}), book)
    assert held.clinic_statements == ()
    assert "Riverside" in json.dumps(plan.to_json())


def test_an_unknown_area_is_named():
    with pytest.raises(UnknownArea, match="'teeth' is none of skin, hair, joint"):
        make_plan(Intake("teeth"), BOOK)


@pytest.mark.parametrize(
    ("area", "answers", "names"),
    [
        ("joint", {"goal": "subtle"}, "goal"),
        ("hair", {"pain": 3}, "pain"),
        ("hair", {"site": "knee"}, "temples, crown, patch, all_over"),
        ("hair", {"site": "crown", "size": "large"}, "small, which crown is"),
        ("skin", {"yes": {"RF99"}}, "RF99"),
        ("skin", {"unsure": {"allergy"}}, "allergy"),
    ],
)
def test_an_answer_to_a_question_nobody_asked_is_refused(area, answers, names):
    with pytest.raises(InvalidIntake, match=names):
        plan_for(area, **answers)
