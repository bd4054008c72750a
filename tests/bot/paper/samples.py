"""Plans as they are drawn in the tests, and a clinic that says as much as one may."""

from __future__ import annotations

import re
from itertools import cycle
from typing import Any

from bot.clinic import DEMO_CLINIC, ClinicProfile, load_clinic
from bot.paper.sheets import NOT_WORDS
from bot.phrases import Phrases
from bot.render import Renderer
from bot.words import Words
from exoplan import Intake, Plan, load_book, make_plan

BOOK = load_book()
CLINIC = load_clinic(DEMO_CLINIC)
PHRASES = Phrases(Words(), BOOK)
RENDERER = Renderer(PHRASES.words, CLINIC, BOOK, {})


def plan(area: str, **answers: Any) -> Plan:
    return make_plan(Intake.from_json({"area": area, **answers}), BOOK)


SKIN = plan(
    "skin",
    site="face",
    severity="mild",
    goal="marked",
    combination="microneedling",
    earlier="none",
    screened=True,
)
SKIN_DEEPER = plan("skin", site="face", severity="advanced", screened=True)
HAIR = plan("hair", site="crown", severity="moderate", goal="marked", screened=True)
HAIR_ADVANCED = plan("hair", site="crown", severity="advanced", screened=True)
JOINT = plan(
    "joint",
    site="knee",
    duration="3_months_or_more",
    pain=8,
    priority="sport",
    screened=True,
)
HELD = plan("hair", site="crown", severity="moderate", screened=True, yes=["RF10"])


def picture_of(
    one: Plan, after: Plan | None = None, was: str = "", now: str = ""
) -> dict[str, Any]:
    return {"area": one.area, "plan": one, "after": after, "was": was, "now": now}


def pages_of(one: Plan, **more: Any) -> dict[str, Any]:
    from bot.commands.plan_files import answers_of

    return {
        "area": one.area,
        "plan": one,
        "answers": answers_of(one, BOOK),
        "yes": tuple(sorted(one.intake.yes)),
        "unsure": tuple(sorted(one.intake.unsure)),
        "cleared": (),
        "on": "22 November 2026",
        **more,
    }


WHAT_IF = picture_of(
    HAIR, HAIR_ADVANCED, "hair/severity:moderate", "hair/severity:advanced"
)


def longest() -> ClinicProfile:
    """A clinic whose every text is as long as one may think of."""
    line = "In this country no exosome product is approved as a medicine. "
    return CLINIC.model_copy(
        update={
            "name": " and ".join(
                ["The Riverside and Upper Valley Clinic for Skin"] * 3
            ),
            "country_line": line * 6,
            "hours": "Monday to Friday, 9:00 to 18:00, and every second Saturday",
        }
    )


#: Words of two languages written from the right, to be drawn in place of ours.
OTHER_LETTERS = {
    "ar": "زيارة أسبوع بعد الأولى قد تأتي شهر الموعد خطة العيادة التغيير غير مذكور",
    "he": "ביקור שבוע אחרי הראשון ייתכן חודש תור תוכנית מרפאה שינוי ראשון לא צוין",
}


def from_the_right(sheet: dict[str, Any], language: str) -> dict[str, Any]:
    """The sheet in another language's letters: figures and lengths stay as they are."""
    words = cycle(OTHER_LETTERS[language].split())

    def other(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: other(one, name) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [other(one, key) for one in value]
        if not isinstance(value, str) or key in NOT_WORDS - {"alt"}:
            return value
        return re.sub(r"[A-Za-z’]+", lambda _: next(words), value)

    changed: dict[str, Any] = other(sheet)
    return {**changed, "direction": "rtl", "language": language}
