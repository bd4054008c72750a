"""The record a clinic's systems read: valid for their model, and nothing lost on it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import orjson
import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings

from bot.phrases import Phrases
from bot.record.fhir import (
    appointment,
    as_json,
    bundle,
    care_plan,
    intake_of,
    questionnaire,
    response_of,
)
from bot.words import Words
from dialogs.visits import Status, Visit
from exoplan import Intake, Severity, load_book, make_plan
from tests.exoplan.intakes import intakes

BOOK = load_book()
PHRASES = Phrases(Words(), BOOK)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@settings(max_examples=1_000, deadline=None)
@given(intakes())
def test_an_intake_survives_the_way_through_fhir(intake: Intake):
    """From intake to JSON of a QuestionnaireResponse and back: the very same."""
    written = as_json(response_of(intake, subject="x", authored=NOW))
    read = QuestionnaireResponse.model_validate_json(written)
    assert intake_of(read) == intake


@settings(max_examples=150, deadline=None)
@given(intakes())
def test_a_plan_is_a_proposal_or_on_hold_without_an_activity(intake: Intake):
    """Whatever was answered, the record proposes no more than the chat may show."""
    plan = make_plan(intake, BOOK)
    proposed = orjson.loads(as_json(care_plan(plan, PHRASES, subject="x")))
    assert (proposed["status"] == "draft") == (plan.standing == "open")
    assert ("activity" in proposed) == (plan.standing == "open")


def test_a_flag_ticked_and_unsure_stays_both():
    intake = Intake("hair", yes=frozenset({"RF04"}), unsure=frozenset({"RF04", "RF10"}))
    assert intake_of(response_of(intake)) == intake


@pytest.mark.parametrize("area", BOOK.areas)
def test_a_questionnaire_offers_every_answer_that_is_given(area):
    """Each answer of a response is an option of the item it links to."""
    asked = orjson.loads(as_json(questionnaire(area, BOOK, PHRASES)))
    options = {
        item["linkId"]: {o["valueCoding"]["code"] for o in item["answerOption"]}
        for item in asked["item"]
        if "answerOption" in item
    }
    flags = {item["linkId"] for item in asked["item"][-1]["item"]}
    assert flags == {flag.id for flag in BOOK.screening.flags}
    for place in BOOK.area(area).places:
        assert place.id in options["site"]
    for severity in ("mild", "not_sure"):
        assert severity in options["severity"]


@pytest.mark.parametrize("flag", [f.id for f in BOOK.screening.flags])
def test_a_closed_plan_has_no_number_in_the_record(flag):
    plan = make_plan(Intake("hair", yes=frozenset({flag})), BOOK)
    if plan.standing == "open":
        return
    written = as_json(care_plan(plan, PHRASES, subject="x"))
    assert not re.search(r"\d", written)


@pytest.mark.parametrize("status", Status)
def test_a_visit_in_every_state_is_an_appointment(status):
    visit = Visit(7, NOW, "Europe/Madrid", status, 1, NOW, NOW, "hair", place="North")
    read = orjson.loads(as_json(appointment(visit, subject="x")))
    assert read["start"] == "2026-11-22T12:00:00Z"
    assert read["participant"][0]["actor"]["identifier"]["value"] == "x"


def test_a_bundle_holds_each_resource_whole():
    intake = Intake("skin", severity=Severity.MILD, screened=True)
    plan = make_plan(intake, BOOK)
    parts = [
        questionnaire("skin", BOOK, PHRASES),
        response_of(intake),
        care_plan(plan, PHRASES, subject="x"),
    ]
    read = orjson.loads(as_json(bundle(parts)))
    kinds = [entry["resource"]["resourceType"] for entry in read["entry"]]
    assert kinds == ["Questionnaire", "QuestionnaireResponse", "CarePlan"]
    for entry, part in zip(read["entry"], parts, strict=True):
        assert entry["resource"] == orjson.loads(as_json(part))
