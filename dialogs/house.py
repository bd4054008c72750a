"""What the conversation knows of the clinic it speaks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dialogs.hours import Opening
from dialogs.reminders import Calendar, shipped
from exoplan import Intake, Plan, ProtocolBook, Screening, make_plan

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """A frequently asked question, as far as the conversation needs to know it."""

    id: str  #: "Q06"
    topic: str  #: the menu it stands in; empty where it is only found by asking
    holds_numbers: bool = False  #: whether its answer names visit numbers
    areas: tuple[str, ...] = ()  #: whose numbers these are; "prp" for PRP's
    for_team: bool = False  #: its answer says no more than to ask the team


@dataclass(frozen=True, slots=True)
class House:
    """The clinic's side of every chat. One for the whole program."""

    book: ProtocolBook
    has_staff: bool  #: whether a staff chat is set; else the phone is shown
    entries: Mapping[str, Entry] = field(default_factory=dict)  #: by id
    answer_at: float = 0.6  #: a match this close is answered
    suggest_at: float = 0.35  #: a match this close is offered
    takes_health: bool = True  #: False: no intake, no answer about health at all
    calendar: Calendar = field(default_factory=shipped)  #: kinds of reminder, quiet
    zone: str = "UTC"  #: IANA name of the clinic's time zone
    open_hours: Mapping[int, tuple[time, time]] = field(default_factory=dict)
    #: when visits take place, by weekday from 0 for Monday, in that zone
    opening: Opening | None = None  #: when the team is there; none: not told
    inputs_per_minute: int = 0  #: of one person, before silence; 0: no limit
    _published: dict[str, Plan] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  #: by area
    _once: dict[tuple[str, ...], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  #: answers of `once`, by what they follow from

    def once(self, key: tuple[str, ...], find: Callable[[], T]) -> T:
        """What `find` finds the first time.

        Args:
            key: what it is, and all that it follows from beside the protocols: an area,
                a question, a choice. These are few, and nothing about anybody.
        """
        found: T | None = self._once.get(key)
        if found is None:
            found = self._once[key] = find()
        return found

    def published(self, area: str) -> Plan:
        """What is published for an area, whoever asks."""
        if area not in self._published:
            self._published[area] = make_plan(Intake(area), self.book)
        return self._published[area]

    @property
    def screening(self) -> Screening:
        """The health flags, knowing this book's areas."""
        return self.book.screening

    def takes_visits(self, at: datetime) -> bool:
        """Whether visits may begin then; True where the clinic did not say when."""
        if not self.open_hours:
            return True
        here = at.astimezone(ZoneInfo(self.zone))
        opens, closes = self.open_hours.get(here.weekday(), (time.max, time.min))
        return opens <= here.time() < closes

    def topics(self) -> tuple[str, ...]:
        """The topics of the menu, in the order of the entries."""
        every = dict.fromkeys(entry.topic for entry in self.entries.values())
        return tuple(topic for topic in every if topic)

    def in_topic(self, topic: str) -> tuple[Entry, ...]:
        """The entries of one topic."""
        return tuple(e for e in self.entries.values() if e.topic == topic)
