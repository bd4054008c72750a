"""When the team is there, in the clinic's own time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

DAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


@dataclass(frozen=True, slots=True)
class Opening:
    """The hours of a week."""

    zone: tzinfo  #: of the clinic
    days: Mapping[str, tuple[tuple[time, time], ...]]  #: by day: from, until

    def next(self, now: datetime) -> datetime | None:
        """When the team is back; None where it is there now, or never."""
        here = now.astimezone(self.zone)
        for ahead in range(len(DAYS) + 1):
            day = (here + timedelta(days=ahead)).date()
            for begins, ends in sorted(self.days.get(DAYS[day.weekday()], ())):
                opens = datetime.combine(day, begins, self.zone)
                closes = datetime.combine(day, ends, self.zone)
                if opens <= here < closes:
                    return None
                if opens > here:
                    return opens
        return None
