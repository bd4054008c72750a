"""Intake, plan and visits as FHIR R4, checked against the models of R4B.

The library is loaded with this file, which takes a third of a second: nothing of the
bot's own way may import it.

Codes are the engine's own ids, under addresses that begin with `urn:exoplan:`; they are
our words, no terminology's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from fhir.resources.R4B.appointment import Appointment
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.careplan import CarePlan
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from bot.paper.rows import rows
from bot.paper.sheets import asked_of, published
from bot.paper.visits import VISIT_LASTS
from bot.phrases import Phrases, plain_option
from dialogs.visits import Status, Visit
from exoplan import Intake, Plan, ProtocolBook, Standing
from exoplan.chart import chart_of
from exoplan.intake import CHOICES, FIELDS, PAIN_HIGHEST, PAIN_LOWEST

SYSTEM = "urn:exoplan"

#: The group of the health flags, and its two answers. An unticked line is no answer.
_HEALTH, _YES, _UNSURE = "health", "yes", "unsure"

_STATUSES: Mapping[Status, str] = {
    Status.PROPOSED: "proposed",
    Status.LAPSED: "cancelled",
    Status.BOOKED: "booked",
    Status.CONFIRMED: "booked",
    Status.ATTENDED: "fulfilled",
    Status.MISSED: "noshow",
    Status.CANCELLED: "cancelled",
    Status.CANCELLED_LATE: "cancelled",
}

Json = dict[str, Any]


# -- the intake ------------------------------------------------------------------------


def questionnaire(area: str, book: ProtocolBook, phrases: Phrases) -> Questionnaire:
    """What one area asks, every answer it allows, and the health flags."""
    return Questionnaire.model_validate(
        {
            "url": _questionnaire_url(area),
            "status": "active",
            "subjectType": ["Patient"],
            "title": phrases.words.areas[area].name,
            "item": [*_questions(area, book, phrases), _health(phrases, book)],
        }
    )


def _questions(area: str, book: ProtocolBook, phrases: Phrases) -> Iterator[Json]:
    yield _choice("area", "area", [area], phrases, area)
    protocol = book.area(area)
    for field in FIELDS:
        if field == "site" and field in protocol.fields:
            places = [place.id for place in protocol.places]
            yield _choice(field, field, places, phrases, area)
        elif field in CHOICES:
            yield _choice(field, field, [*CHOICES[field]], phrases, area)
        elif field == "pain":
            yield {
                "linkId": field,
                "text": f"{field}, {PAIN_LOWEST} to {PAIN_HIGHEST}",
                "type": "integer",
            }
    yield {"linkId": "screened", "text": "health lists answered", "type": "boolean"}


def _choice(
    link: str, text: str, values: Iterable[str], phrases: Phrases, area: str
) -> Json:
    options = [{"valueCoding": _coding(link, value, phrases, area)} for value in values]
    return {"linkId": link, "text": text, "type": "choice", "answerOption": options}


def _coding(
    field: str, value: str, phrases: Phrases | None = None, area: str = ""
) -> Json:
    coding = {"system": f"{SYSTEM}:{field}", "code": str(value)}
    if phrases is not None:
        for question in (field, "joint"):
            key = f"{area}/{question}:{value}"
            if phrases.words.knows(key):
                said = plain_option(phrases.words.label(key))
                return {**coding, "display": said}
    return coding


def _health(phrases: Phrases, book: ProtocolBook) -> Json:
    answers = [{"valueCoding": _coding(_HEALTH, one)} for one in (_YES, _UNSURE)]
    flags = [
        {
            "linkId": flag.id,
            "text": phrases.words.flags[flag.id]["staff"],
            "type": "choice",
            "repeats": True,
            "answerOption": answers,
        }
        for flag in book.screening.flags
    ]
    return {"linkId": _HEALTH, "text": "health", "type": "group", "item": flags}


def response_of(
    intake: Intake, *, subject: str = "", authored: datetime | None = None
) -> QuestionnaireResponse:
    """The answers of one person; `intake_of` gives the same intake back.

    Args:
        subject: what they are known by.
        authored: when they answered; aware.
    """
    items: list[Json] = []
    for field in FIELDS:
        value = getattr(intake, field)
        if value is None or isinstance(value, frozenset):
            continue
        if isinstance(value, bool):
            answer: Json = {"valueBoolean": value}
        elif isinstance(value, int):
            answer = {"valueInteger": value}
        else:
            answer = {"valueCoding": _coding(field, value)}
        items.append({"linkId": field, "answer": [answer]})
    if flags := [*_ticked(intake)]:
        items.append({"linkId": _HEALTH, "item": flags})
    body: Json = {
        "questionnaire": _questionnaire_url(intake.area),
        "status": "completed" if intake.screened else "in-progress",
        "item": items,
    }
    if subject:
        body["subject"] = _person(subject)
    if authored is not None:
        body["authored"] = authored.isoformat()
    return QuestionnaireResponse.model_validate(body)


def _ticked(intake: Intake) -> Iterator[Json]:
    for flag in sorted(intake.yes | intake.unsure):
        given = ((_YES, intake.yes), (_UNSURE, intake.unsure))
        answers = [
            {"valueCoding": _coding(_HEALTH, name)}
            for name, flags in given
            if flag in flags
        ]
        yield {"linkId": flag, "answer": answers}


def intake_of(response: QuestionnaireResponse) -> Intake:
    """The intake that `response_of` wrote.

    Raises:
        InvalidIntake: it answers what no intake asks.
    """
    plain: Json = {}
    flags: dict[str, list[str]] = {_YES: [], _UNSURE: []}
    for item in _read(response)["item"]:
        if item["linkId"] == _HEALTH:
            for flag in item["item"]:
                for answer in flag["answer"]:
                    flags[answer["valueCoding"]["code"]].append(flag["linkId"])
            continue
        (answer,) = item["answer"]
        (value,) = answer.values()
        plain[item["linkId"]] = value["code"] if isinstance(value, dict) else value
    return Intake.from_json({**plain, **flags})


# -- the plan and the visits -----------------------------------------------------------


def care_plan(plan: Plan, phrases: Phrases, *, subject: str) -> CarePlan:
    """The plan as a proposal that no clinician has approved.

    One that a health answer closes is on hold and has no activity, so no number.
    """
    is_open = plan.standing is Standing.OPEN
    body: Json = {
        "status": "draft" if is_open else "on-hold",
        "intent": "proposal",
        "title": phrases.words.areas[plan.area].name,
        "subject": _person(subject),
        "category": [{"coding": [_coding("area", plan.area)]}],
        "note": [
            {"text": phrases.words.engine["ask"][one]}
            for one in asked_of(plan, phrases.book)
        ],
    }
    if activities := [*_activities(plan, phrases)]:
        body["activity"] = activities
    return CarePlan.model_validate(body)


def _activities(plan: Plan, phrases: Phrases) -> Iterator[Json]:
    if plan.standing is not Standing.OPEN:
        return
    for what, words, passage in published(plan, phrases):
        yield {"detail": {**_DETAIL, "description": f"{what}: {words} ({passage})"}}
    for row in rows(chart_of(plan), phrases):
        if row["kind"] == "stairs":
            yield {
                "detail": {
                    **_DETAIL,
                    "description": row["label"],
                    "scheduledString": row["text"],
                }
            }


_DETAIL: Mapping[str, Any] = {"status": "not-started", "doNotPerform": False}


def appointment(
    visit: Visit, *, subject: str, lasts: timedelta = VISIT_LASTS
) -> Appointment:
    """A visit; FHIR wants an end, which no clinic says, so it gets the usual room."""
    accepted = visit.status in (Status.CONFIRMED, Status.ATTENDED)
    body: Json = {
        "identifier": [{"system": f"{SYSTEM}:visit", "value": str(visit.id)}],
        "status": _STATUSES[visit.status],
        "start": visit.starts_at.isoformat(),
        "end": (visit.starts_at + lasts).isoformat(),
        "participant": [
            {
                "actor": _person(subject),
                "status": "accepted" if accepted else "needs-action",
            }
        ],
    }
    if visit.area:
        body["serviceType"] = [{"coding": [_coding("area", visit.area)]}]
    if visit.place:
        place = {"actor": {"display": visit.place}, "status": "accepted"}
        body["participant"].append(place)
    return Appointment.model_validate(body)


# -- together --------------------------------------------------------------------------


def bundle(resources: Iterable[Any]) -> Bundle:
    """Resources as one collection."""
    entries = [{"resource": _read(one)} for one in resources]
    return Bundle.model_validate({"type": "collection", "entry": entries})


def as_json(resource: Any) -> str:
    """A resource as FHIR writes it."""
    return str(resource.model_dump_json())


def _read(resource: Any) -> Json:
    """A resource as plain values; dates stay text."""
    import orjson

    return dict(orjson.loads(as_json(resource)))


def _person(subject: str) -> Json:
    return {
        "type": "Patient",
        "identifier": {"system": f"{SYSTEM}:person", "value": subject},
    }


def _questionnaire_url(area: str) -> str:
    return f"{SYSTEM}:questionnaire:{area}"
