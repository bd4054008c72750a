"""`exoplan plan --png, --pdf, --ics, --fhir`: the plan as files that people keep."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import typer

from bot.clinic import ClinicProfile
from bot.paper.calendar import calendar_of, name_of, plan_entries
from bot.paper.press import Press
from bot.phrases import Phrases
from bot.render import Renderer
from bot.words import Words
from dialogs.questions import EARLIER
from exoplan import Plan, ProtocolBook
from exoplan.chart import chart_of
from exoplan.intake import QUESTIONS as FIELDS_OF

#: Exit code of a file that cannot be written, as of any other wrong option.
WRONG = 2


def write(
    files: Mapping[str, Path],
    plan: Plan,
    book: ProtocolBook,
    clinic: ClinicProfile | None,
    first_visit: date | None,
) -> None:
    """Write each file: its kind, the name of its option, to where it goes.

    One that cannot be written ends the command with one line and exit 2.
    """
    making = _Making(plan, book, clinic or ClinicProfile(), first_visit)
    for kind, path in files.items():
        content = making.of[kind]()
        try:
            path.write_bytes(content)
        except OSError as fault:
            print(f"--{kind} {path}: {fault.strerror}", file=sys.stderr)
            raise typer.Exit(WRONG) from None
        print(f"{path}: {len(content):,} bytes")


class _Making:
    def __init__(
        self,
        plan: Plan,
        book: ProtocolBook,
        clinic: ClinicProfile,
        first_visit: date | None,
    ) -> None:
        self._plan = plan
        self._book = book
        self._now = datetime.now(UTC)
        self._first = first_visit or self._now.date()
        self._phrases = Phrases(Words(), book)
        self._sheets = Renderer(self._phrases.words, clinic, book, {}).sheets
        self._press = Press()
        self.of: Mapping[str, Callable[[], bytes]] = {
            "png": self._picture,
            "pdf": self._consultation,
            "ics": self._calendar,
            "fhir": self._record,
        }

    def _picture(self) -> bytes:
        data = {"area": self._plan.area, "plan": self._plan, "after": None}
        return self._press.drawn(self._sheets.picture({**data, "was": "", "now": ""}))

    def _consultation(self) -> bytes:
        intake = self._plan.intake
        sheet = self._sheets.consultation(
            {
                "area": self._plan.area,
                "plan": self._plan,
                "answers": answers_of(self._plan, self._book),
                "yes": sorted(intake.yes),
                "unsure": sorted(intake.unsure),
                "cleared": (),
                "on": self._now.date().isoformat(),
            }
        )
        return self._press.drawn(sheet)

    def _calendar(self) -> bytes:
        entries = plan_entries(
            chart_of(self._plan),
            self._phrases,
            first=self._first,
            subject=name_of(self._plan.intake.to_json()),
            sequence=0,
        )
        name = str(self._phrases.words.paper["calendar"]["name"])
        return calendar_of(entries, name=name, now=self._now)

    def _record(self) -> bytes:
        from bot.record.fhir import as_json, bundle, care_plan, questionnaire
        from bot.record.fhir import response_of as response

        area, subject = self._plan.area, "unknown"
        resources = (
            questionnaire(area, self._book, self._phrases),
            response(self._plan.intake, subject=subject, authored=self._now),
            care_plan(self._plan, self._phrases, subject=subject),
        )
        return as_json(bundle(resources)).encode()


def answers_of(plan: Plan, book: ProtocolBook) -> tuple[tuple[str, str], ...]:
    """Every answer of an intake as (question, label), as a session has them."""
    found = []
    for question in book.area(plan.area).questions:
        value = getattr(plan.intake, FIELDS_OF[question][0])
        if question == "earlier":
            value = _as_asked(plan)
        if value is not None:
            found.append((question, f"{plan.area}/{question}:{value}"))
    return tuple(found)


def _as_asked(plan: Plan) -> str | None:
    """What was done before and how it went are asked as one; the closest of these."""
    intake = plan.intake
    given = (intake.earlier, intake.outcome)
    alike = [key for key, known in EARLIER.items() if known == given]
    first = [key for key, known in EARLIER.items() if known[0] == intake.earlier]
    return next(iter((*alike, *first)), None)
