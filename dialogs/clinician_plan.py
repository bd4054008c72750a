"""A plan for one person, as a clinician sets it: visits, how far apart, upkeep.

Typed as a line, "3 visits, 4 weeks apart, upkeep 12 months" or "hair: 2-3 visits". All
of it has to be understood: what a patient reads under a clinician's name is what that
clinician wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from dialogs.errors import DialogError

MAX_VISITS = 24
MAX_MONTHS = 60  # between visits, or to upkeep

_SPAN = r"(\d{1,3})(?:\s*(?:-|–|to)\s*(\d{1,3}))?"
_VISITS = re.compile(rf"{_SPAN}\s*(?:visits?|sessions?)")
_GAP = re.compile(rf"(?:every\s+)?{_SPAN}\s*(week|month)s?(?:\s+apart)?")
_UPKEEP = re.compile(rf"upkeep\s*:?\s*(?:every|after|at)?\s*{_SPAN}\s*(week|month)s?")
_AREA = re.compile(r"\s*(\w+)\s*:\s*(.*)", re.DOTALL)
_WEEKS_IN_A_MONTH = 4


class NotAPlan(DialogError):
    """A part of the line is no plan:"""


@dataclass(frozen=True, slots=True)
class ClinicianPlan:
    """What one clinician set for one person in one area."""

    area: str
    low: int  #: fewest visits
    high: int  #: most visits; the same where it is an exact number
    by: str  #: first name of who set it
    at: str  #: moment it was set, as ISO 8601
    gap_low: int = 0  #: between visits, in `gap_unit`; 0: not said
    gap_high: int = 0
    gap_unit: str = ""  #: week or month
    upkeep_low: int = 0  #: after the last visit, in `upkeep_unit`; 0: not said
    upkeep_high: int = 0
    upkeep_unit: str = ""  #: week or month

    def to_json(self) -> dict[str, Any]:
        """Its fields by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back. Raises TypeError for any other shape."""
        return cls(**stored)


def read_plan(
    line: str, areas: Iterable[str], area: str, by: str, at: str
) -> ClinicianPlan:
    """The plan a line says.

    Args:
        areas: that the line may name, in front ("hair: …").
        area: meant where it names none.

    Raises:
        NotAPlan: with the part that was not understood.
    """
    words = line.casefold().strip()
    named = _AREA.fullmatch(words)
    if named:
        if named[1] not in areas:
            raise NotAPlan(named[1])
        area, words = named[1], named[2]
    if not area:
        raise NotAPlan("area")
    found: dict[str, Any] = {}
    for part in filter(None, (one.strip(" .") for one in re.split(r"[,;\n]", words))):
        if match := _VISITS.fullmatch(part):
            low, high = _span(part, match[1], match[2], MAX_VISITS)
            fresh: dict[str, Any] = {"low": low, "high": high}
        elif match := _UPKEEP.fullmatch(part):
            fresh = _timed(part, match, "upkeep")
        elif match := _GAP.fullmatch(part):
            fresh = _timed(part, match, "gap")
        else:
            raise NotAPlan(part)
        if found.keys() & fresh.keys():
            raise NotAPlan(part)
        found.update(fresh)
    if "low" not in found:
        raise NotAPlan("visits")
    return ClinicianPlan(area=area, by=by, at=at, **found)


def _timed(part: str, match: re.Match[str], name: str) -> dict[str, Any]:
    unit = match[3]
    most = MAX_MONTHS * (_WEEKS_IN_A_MONTH if unit == "week" else 1)
    low, high = _span(part, match[1], match[2], most)
    return {f"{name}_low": low, f"{name}_high": high, f"{name}_unit": unit}


def _span(part: str, low: str, high: str | None, most: int) -> tuple[int, int]:
    first, last = int(low), int(high or low)
    if not 1 <= first <= last <= most:
        raise NotAPlan(part)
    return first, last
