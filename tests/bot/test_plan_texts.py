"""What a plan says in words: digits traced, disclaimers there, no limit passed.

Over every non-health intake of every area, as the conversation would show it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pytest

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.render import MAX_TEXT_UNITS, Renderer, shown
from bot.words import Words
from dialogs import Screen
from dialogs.length import units
from exoplan import Intake, Plan, compare, load_book, make_plan, what_changes

BOOK = load_book()
CLINIC = load_clinic(DEMO_CLINIC)
RENDERER = Renderer(Words(), CLINIC, BOOK, {})

MUST_SAY = (
    CLINIC.country_line,
    "A clinician sets your number",
    "program.",
    "Side effects happen, some serious",
    "Results differ",
)

#: What carries the disclaimers: of a message, and of a drawn sheet.
BUILT_ON = (
    '{% extends "_published.html.j2" %}',
    '{% extends "paper/_sheet.txt.j2" %}',
)

#: Digits that are no figures of a treatment: the review's date, an address.
NOT_FIGURES = re.compile(r"\d{4}-\d{2}-\d{2}|https://\S+")


@cache
def intakes(area: str) -> tuple[Intake, ...]:
    protocol = BOOK.area(area)
    answers = {
        question: [option.id for option in protocol.options(question)]
        for question in protocol.questions
        if question not in ("pain", "earlier")
    }
    fields = [("site" if q == "joint" else q) for q in answers]
    return tuple(
        Intake.from_json(
            {"area": area, "screened": True, **dict(zip(fields, chosen, strict=True))}
        )
        for chosen in product(*answers.values())
    )


def plan_screen(plan: Plan) -> Screen:
    data = {"plan": plan, "area": plan.area, "cleared": (), "notes": (), "course": {}}
    return Screen("plan", data)


def digits(text: str) -> set[int]:
    return {int(found) for found in re.findall(r"\d+", NOT_FIGURES.sub("", text))}


@pytest.mark.parametrize("area", BOOK.areas)
def test_every_digit_of_a_plan_traces_to_a_statement_or_its_derivation(area):
    for intake in intakes(area):
        plan = make_plan(intake, BOOK)
        if plan.standing != "open":
            continue
        text = shown(RENDERER.screen(plan_screen(plan)).text)
        meant_for = " ".join(RENDERER._words.areas[area].meant_for.values())
        unexplained = digits(text) - set(plan.numbers()) - digits(meant_for)
        assert not unexplained, (intake, text)


@pytest.mark.parametrize("area", BOOK.areas)
def test_every_plan_carries_its_country_line_and_disclaimers_and_fits(area):
    for intake in intakes(area):
        plan = make_plan(intake, BOOK)
        if plan.standing != "open":
            continue
        text = shown(RENDERER.screen(plan_screen(plan)).text)
        for needed in MUST_SAY:
            assert needed in text
        assert units(text) <= MAX_TEXT_UNITS


@pytest.mark.parametrize("area", BOOK.areas)
def test_what_is_not_stated_is_said_to_be_not_stated(area):
    for intake in intakes(area):
        plan = make_plan(intake, BOOK)
        if plan.standing == "open":
            text = shown(RENDERER.screen(plan_screen(plan)).text)
            for gap in plan.not_stated:
                assert RENDERER._words.engine["gaps"][gap] in text


NUMBERED: dict[str, Callable[[str], Mapping[str, Any]]] = {
    "card": lambda area: {"area": area, "plan": make_plan(Intake(area), BOOK)},
    "plan": lambda area: plan_screen(make_plan(Intake(area), BOOK)).data,
    "why": lambda area: {"area": area, "plan": make_plan(Intake(area), BOOK)},
    "beside": lambda area: {"comparison": compare(BOOK, area)},
}


@pytest.mark.parametrize("template", NUMBERED)
@pytest.mark.parametrize("area", BOOK.areas)
def test_every_message_with_figures_carries_its_country_line_and_disclaimers(
    template, area
):
    text = shown(RENDERER.screen(Screen(template, NUMBERED[template](area))).text)
    for needed in MUST_SAY:
        assert needed in text


def test_no_template_reaches_the_figures_but_through_the_one_with_disclaimers():
    """A template that speaks of visits is built on `_published` or holds no figure."""
    folder = Words().folder
    for path in folder.rglob("*.j2"):
        source = path.read_text(encoding="utf-8")
        names_figures = re.search(
            r"\bsay\.|\bplan\.(lines|layouts|upkeep)|side\(", source
        )
        if names_figures and not path.name.startswith("_"):
            assert source.startswith(BUILT_ON), path.name


CLOSING = [
    (area, flag.id)
    for area in BOOK.areas
    for flag in BOOK.screening.flags
    if make_plan(Intake(area, yes=frozenset({flag.id})), BOOK).standing != "open"
]


@pytest.mark.parametrize(("area", "flag"), CLOSING)
def test_a_look_at_a_closed_plan_shows_no_figure(area, flag):
    before = make_plan(intakes(area)[0], BOOK)
    after = make_plan(replace(before.intake, yes=frozenset({flag})), BOOK)
    screen = Screen(
        "what_if_shown",
        {
            "area": area,
            "question": "goal",
            "was": "goal:subtle",
            "now": "goal:marked",
            "before": before,
            "after": after,
            "changes": what_changes(before, after),
        },
    )
    assert not digits(shown(RENDERER.screen(screen).text)) - digits(CLINIC.country_line)
