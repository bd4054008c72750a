"""An intake holds only answers its questions allow, and survives being put away."""

import json

import pytest
from hypothesis import given

from exoplan import Intake, InvalidIntake, Severity
from exoplan.intake import CHOICES, FIELDS, QUESTIONS
from tests.exoplan.intakes import BOOK, intakes


@given(intakes())
def test_an_intake_comes_back_from_json_as_it_was(intake):
    assert Intake.from_json(json.loads(json.dumps(intake.to_json()))) == intake


def test_an_older_intake_without_some_fields_can_still_be_read():
    assert Intake.from_json({"area": "hair"}) == Intake("hair")


@pytest.mark.parametrize(
    ("plain", "field", "allows"),
    [
        ({}, "area", "the id of an area"),
        ({"area": ""}, "area", "the id of an area"),
        ({"area": 3}, "area", "the id of an area"),
        ({"area": "hair", "hat": 1}, "hat", "fields are area, site"),
        ({"area": "hair", "site": 1}, "site", "the id of a site"),
        (
            {"area": "hair", "severity": "severe"},
            "severity",
            "mild, moderate, advanced",
        ),
        ({"area": "hair", "goal": 1}, "goal", "subtle, marked, not_sure"),
        ({"area": "joint", "pain": 11}, "pain", "0 to 10"),
        ({"area": "joint", "pain": -1}, "pain", "0 to 10"),
        ({"area": "joint", "pain": True}, "pain", "0 to 10"),
        ({"area": "joint", "pain": 2.5}, "pain", "0 to 10"),
        ({"area": "hair", "yes": "RF01"}, "yes", "a set of flag ids"),
        ({"area": "hair", "unsure": [1]}, "unsure", "a set of flag ids"),
        ({"area": "hair", "screened": "yes"}, "screened", "true or false"),
    ],
)
def test_a_wrong_answer_is_named_with_what_is_allowed(plain, field, allows):
    with pytest.raises(InvalidIntake, match=allows) as refused:
        Intake.from_json(plain)
    assert refused.value.field == field


def test_an_answer_can_be_changed_alone():
    before = Intake("hair").but(severity="mild", goal="subtle")
    after = before.but(severity="moderate")
    assert after.severity is Severity.MODERATE
    assert after.goal is before.goal
    assert before.severity is Severity.MILD


def test_every_field_is_filled_by_some_question():
    filled = {field for fields in QUESTIONS.values() for field in fields}
    assert filled == set(FIELDS) - {"area", "yes", "unsure", "screened"}


@pytest.mark.parametrize("area", BOOK.areas)
def test_every_question_offers_answers_an_intake_takes(area):
    protocol = BOOK.area(area)
    for question in protocol.questions:
        options = protocol.options(question)
        assert len(options) >= 2
        for option in options:
            field = QUESTIONS[question][0]
            value = int(option.id) if field == "pain" else option.id
            protocol.check(Intake(area).but(**{field: value}))


def test_a_question_that_is_not_asked_offers_nothing():
    with pytest.raises(InvalidIntake, match="joint does not ask it"):
        BOOK.area("joint").options("goal")


def test_not_sure_is_always_a_way_out():
    """Except where a person cannot be unsure: the site, the joint, a pain score."""
    assert all("not_sure" in tuple(kind) for kind in CHOICES.values())
