"""A paper as the conversation wants it → its name, its caption and its sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from bot.paper.calendar import Entry, plan_entries, sheet_of
from bot.paper.sheets import Sheets
from bot.phrases import Phrases
from dialogs.effects import PaperForm, Screen
from dialogs.length import units
from exoplan import Intake, ProtocolBook, make_plan
from exoplan.chart import Chart, chart_of

if TYPE_CHECKING:
    from bot.message import Rendered

#: Most the words under a file may hold, in UTF-16 units after their markup is read.
MAX_CAPTION_UNITS = 1024

#: What each file is called, after its area.
_NAMES: Mapping[PaperForm, str] = {
    "picture": "plan.png",
    "consultation": "plan.pdf",
    "calendar": "plan.ics",
}


class Shows(Protocol):
    """What words a paper needs around it."""

    def __call__(self, screen: Screen) -> Rendered: ...


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it goes out, but for the ink."""

    form: PaperForm
    name: str  #: of the file
    caption: Rendered
    sheet: Mapping[str, Any]  #: what the press is given
    follows: Rendered | None = None  #: the words, where they are too long for a caption


class Papers:
    """Words papers in one language, for one clinic.

    Args:
        zone: of the clinic, in which days are counted.
        show: renders a screen.
        shown: what a person reads of it.
    """

    def __init__(
        self,
        sheets: Sheets,
        phrases: Phrases,
        book: ProtocolBook,
        zone: ZoneInfo,
        show: Shows,
        shown: Callable[[str], str],
    ) -> None:
        self._sheets = sheets
        self._phrases = phrases
        self._book = book
        self._zone = zone
        self._show = show
        self._shown = shown

    def give(
        self, form: PaperForm, data: Mapping[str, Any], subject: str, now: datetime
    ) -> Paper:
        """The paper with the plan that `data` holds.

        Args:
            subject: whose it is, for the names of entries in their calendar.
        """
        here = now.astimezone(self._zone)
        day = f"{here.day} {here:%B %Y}"
        name = _name(data["area"], form)
        match form:
            case "picture":
                sheet = self._sheets.picture(data)
            case "consultation":
                sheet = self._sheets.consultation({**data, "on": day})
            case "calendar":
                chart = chart_of(data["plan"])
                sheet = self._calendar(chart, subject, here)
        words = self._show(Screen(f"paper/{form}", {**data, "day": day}))
        if units(self._shown(words.text)) <= MAX_CAPTION_UNITS:
            return Paper(form, name, words, sheet)
        brief = self._show(Screen("paper/brief", {"area": data["area"]}))
        return Paper(form, name, brief, sheet, follows=words)

    def take_back(
        self, form: PaperForm, area: str, subject: str, now: datetime
    ) -> Paper:
        """What takes the place of such a paper once its numbers are not shown."""
        caption = self._show(Screen("withdrawn"))
        if form == "calendar":
            # Which windows were drawn is not kept; these are all there can be.
            chart = chart_of(make_plan(Intake(area), self._book))
            sheet = self._calendar(chart, subject, now, cancelled=True)
        else:
            sheet = self._sheets.taken_back(form, {"area": area})
        return Paper(form, _name(area, form), caption, sheet)

    def _calendar(
        self, chart: Chart, subject: str, now: datetime, *, cancelled: bool = False
    ) -> dict[str, Any]:
        entries: list[Entry] = list(
            plan_entries(
                chart,
                self._phrases,
                first=now.date(),
                subject=subject,
                sequence=int(now.timestamp()) // 60,
                cancelled=cancelled,
            )
        )
        name = str(self._phrases.words.paper["calendar"]["name"])
        return sheet_of(entries, name=name, now=now)


def _name(area: str, form: PaperForm) -> str:
    return f"{area}-{_NAMES[form]}"
