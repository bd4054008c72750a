"""A visit: when, where, the how-manieth, and what has become of it.

A visit that is moved keeps its number and gets a new revision; whatever was planned for
an older revision is void. The table of acts below is the only place that says what may
become of a visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from dialogs.errors import DialogError

#: A cancellation nearer to the visit than this is a late one.
LATE_WITHIN = timedelta(hours=24)

#: A proposed date is free again so long before it: another may still want it then.
FREE_BEFORE = timedelta(hours=24)

#: Whoever is proposed a date has at least so long to answer, if it is not here before.
TIME_TO_ANSWER = timedelta(hours=24)


class Status(StrEnum):
    """What has become of a visit."""

    PROPOSED = "proposed"  # of a series, not agreed with anybody yet
    LAPSED = "lapsed"  # nobody answered that in time, and the date is free again
    BOOKED = "booked"
    CONFIRMED = "confirmed"  # the patient said: I'll be there
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"
    CANCELLED_LATE = "cancelled_late"


#: Visits that are still to come, as far as anybody knows.
STANDING = frozenset({Status.BOOKED, Status.CONFIRMED})
#: Visits that may still be given another time.
OPEN = frozenset({Status.PROPOSED, *STANDING})
#: How a visit went. Staff may put a slip of theirs right.
OUTCOMES = frozenset({Status.ATTENDED, Status.MISSED, Status.CANCELLED_LATE})

#: What may be done to a visit: act, from where, to what.
ACTS: Mapping[str, tuple[frozenset[Status], Status]] = {
    "book": (frozenset({Status.PROPOSED, Status.LAPSED}), Status.BOOKED),
    "lapse": (frozenset({Status.PROPOSED}), Status.LAPSED),
    "confirm": (frozenset({Status.BOOKED}), Status.CONFIRMED),
    "cancel": (OPEN, Status.CANCELLED),
    "attend": (STANDING | OUTCOMES, Status.ATTENDED),
    "miss": (STANDING | OUTCOMES, Status.MISSED),
    "cancel_late": (STANDING | OUTCOMES, Status.CANCELLED_LATE),
}


class NotPossible(DialogError):
    """That cannot be done to this visit any more."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of one patient."""

    id: int  #: number of its row
    starts_at: datetime  #: aware
    zone: str  #: IANA name of the time zone its patient reads times in
    status: Status
    revision: int  #: one up with every new time
    booked_at: datetime  #: when it got the time it has, or that was agreed to, aware
    changed_at: datetime  #: when it came to its status, aware
    area: str = ""  #: treatment area; empty where the clinic did not say
    number: int = 0  #: the how-manieth of the clinician's plan; 0: none
    place: str = ""  #: which of the clinic's sites; empty: the only one
    upkeep_months: int = 0  #: of the clinician's plan; 0: there is none

    def done(self, act: str, now: datetime) -> Self:
        """The visit after an act.

        Raises:
            NotPossible: it is past that.
        """
        sources, status = ACTS[act]
        if self.status not in sources:
            raise NotPossible(f"{act}: the visit is {self.status}")
        if act == "cancel" and self.status in STANDING and self.is_soon(now):
            status = Status.CANCELLED_LATE
        # What was proposed has its time from now on: from here it can be late for.
        booked_at = now if act == "book" else self.booked_at
        return replace(self, status=status, booked_at=booked_at, changed_at=now)

    def moved(self, starts_at: datetime, now: datetime) -> Self:
        """The visit at another time. What was only proposed is so still.

        Raises:
            NotPossible: it is over, or was cancelled.
        """
        if self.status not in OPEN:
            raise NotPossible(f"move: the visit is {self.status}")
        return replace(
            self,
            starts_at=starts_at,
            status=(
                Status.PROPOSED if self.status is Status.PROPOSED else Status.BOOKED
            ),
            revision=self.revision + 1,
            booked_at=now,
            changed_at=now,
        )

    def is_soon(self, now: datetime) -> bool:
        """Whether giving it up now is late."""
        return self.starts_at - now < LATE_WITHIN

    @property
    def lapses_at(self) -> datetime:
        """When it is free again, if it was proposed and nobody has answered."""
        return free_again(self.starts_at, self.booked_at)

    @property
    def name(self) -> str:
        """How a button names it: with its revision, so that an old one is known."""
        return f"{self.id}.{self.revision}"

    @property
    def stands(self) -> bool:
        """Whether it is expected to take place."""
        return self.status in STANDING

    @property
    def local(self) -> datetime:
        """Its beginning as its patient's clock shows it."""
        return self.starts_at.astimezone(ZoneInfo(self.zone))

    def to_json(self) -> dict[str, Any]:
        """The visit as plain JSON values."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        for name in _MOMENTS:
            plain[name] = plain[name].isoformat()
        return plain

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read a stored visit. Raises KeyError, TypeError or ValueError for another."""
        moments = {name: datetime.fromisoformat(stored[name]) for name in _MOMENTS}
        return cls(**{**stored, **moments, "status": Status(stored["status"])})


def free_again(starts_at: datetime, proposed_at: datetime) -> datetime:
    """Until when a proposed date waits for an answer: a day before it begins, or a day
    after it was proposed where that is later, and never beyond its beginning."""
    enough = proposed_at + TIME_TO_ANSWER
    return min(max(starts_at - FREE_BEFORE, enough), starts_at)


_MOMENTS = ("starts_at", "booked_at", "changed_at")
