"""A person in a test: taps and types, and reads what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dialogs import (
    Alarm,
    CallStaff,
    Chose,
    Effect,
    Entry,
    House,
    Input,
    Level,
    Match,
    Reading,
    Say,
    Screen,
    Session,
    StaffCleared,
    Started,
    Toast,
    Wrote,
    screen_of,
    step,
)
from exoplan import load_book

BOOK = load_book()
ENTRIES = {
    entry.id: entry
    for entry in (
        Entry("Q08", "visits", holds_numbers=True, areas=("hair",)),
        Entry("Q38", "visit_day"),
        Entry("Q51", "compare", holds_numbers=True, areas=("prp",)),
    )
}
HOUSE = House(BOOK, has_staff=True, entries=ENTRIES)
LONELY_HOUSE = House(BOOK, has_staff=False, entries=ENTRIES)
NOW = datetime(2026, 12, 3, 15, 30, tzinfo=UTC)


def _first_answers(area: str) -> tuple[str, ...]:
    """The first answer to each question of an area, up to what came earlier."""
    asked = [one for one in BOOK.area(area).questions if one != "earlier"]
    options = {one: BOOK.area(area).options(one) for one in asked}
    return tuple(
        f"{one}:{next(o.id for o in options[one] if not o.implies)}" for one in asked
    )


#: From consent to the review without any flag, two answers short of a plan.
ANSWERS = {area: _first_answers(area) for area in BOOK.areas} | {
    "skin": ("site:face", "severity:mild", "goal:subtle", "combination:none"),
    "hair": ("site:crown", "severity:moderate", "goal:marked", "combination:none"),
    "joint": ("joint:knee", "duration:3_months_or_more", "pain:4", "priority:sport"),
}


@dataclass
class Chat:
    """One chat, put away as JSON and read again before every input."""

    house: House = HOUSE
    now: datetime = NOW
    session: Session = field(default_factory=lambda: Session.new(NOW))
    effects: tuple[Effect, ...] = ()
    taps: int = 0

    def give(self, event: Input) -> Chat:
        stored = json.loads(json.dumps(self.session.to_json()))
        session = Session.from_json(stored)
        assert session == self.session
        self.session, self.effects = step(session, event, self.now, self.house)
        return self

    def start(self, payload: str = "") -> Chat:
        self.taps += 1
        return self.give(Started(payload))

    def tap(self, *options: str) -> Chat:
        for option in options:
            assert option in self.screen.options(), (option, self.screen)
            self.taps += 1
            self.give(Chose(str(self.session.serial), option))
        return self

    def write(self, text: str, reading: Reading | None = None) -> Chat:
        return self.give(Wrote(text, reading or Reading()))

    def ask(self, entry: str, score: float = 0.9) -> Chat:
        return self.write("…?", Reading(matches=(Match(entry, score),)))

    def cry(self, level: Level = Level.URGENT_NOW, card: str = "emergency") -> Chat:
        return self.write("…", Reading(Alarm(level, "EM01", card)))

    def clear(self) -> Chat:
        return self.give(StaffCleared("Maria", "checked", 7))

    def wait(self, **time: float) -> Chat:
        self.now += timedelta(**time)
        return self

    def to_review(self, area: str, consent: str = "agree:team") -> Chat:
        self.start().tap(f"area:{area}", "fit", consent, "none")
        return self.tap(*ANSWERS[area], "earlier:none", "none", "none", "none")

    @property
    def screen(self) -> Screen:
        return screen_of(self.session, self.house)

    def say(self, template: str) -> Say:
        """What was said last in this template's words."""
        return next(
            e
            for e in reversed(self.effects)
            if isinstance(e, Say) and e.screen.template == template
        )

    @property
    def call(self) -> CallStaff:
        """The one call to staff of the last input."""
        (call,) = self._calls
        return call

    @property
    def _calls(self) -> list[CallStaff]:
        """Without the card, which follows from everything else."""
        calls = [e for e in self.effects if isinstance(e, CallStaff)]
        return [e for e in calls if e.template != "card"]

    @property
    def said(self) -> list[str]:
        return [e.screen.template for e in self.effects if isinstance(e, Say)]

    @property
    def staff(self) -> list[str]:
        return [e.template for e in self._calls]

    @property
    def toasts(self) -> list[str]:
        return [e.template for e in self.effects if isinstance(e, Toast)]
