"""After a health answer that closes an area, no visit number of it is shown again.

    python -m tests.soak.closed --continuations 100000 --seed 3

Every flag that closes a plan is answered once, in every area it concerns; then the chat
goes on at random, tapping, typing and asking, without anybody of the team. What is read
is the rendered text of every message and of every older message as it stands edited.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.faq.entries import load_entries
from bot.house import book_of, house_of
from bot.phrases import span
from bot.render import Renderer, shown
from bot.words import Words
from dialogs.conversation import step
from dialogs.effects import Say
from dialogs.inputs import (
    Alarm,
    Chose,
    Commanded,
    Delivered,
    Input,
    Left,
    Level,
    Match,
    Reading,
    Returned,
    SentOther,
    StaffReplied,
    Started,
    Undelivered,
    Wrote,
)
from dialogs.intake import flags_of
from dialogs.options import COMMANDS
from dialogs.questions import BY_ID, HEALTH_LISTS, STOP_LIST
from dialogs.screens import screen_of
from dialogs.session import Session
from exoplan import Range, Unit

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
STEPS = 25  # in one continuation
CLOSES = ("URGENT_NOW", "SAME_DAY", "NO_PLAN", "HOLD")


@dataclass
class Closed:
    """Chats that were closed by one answer, and whatever comes after."""

    seed: int
    continuations: int = 0
    messages: int = 0  #: read
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        clinic = load_clinic(DEMO_CLINIC).model_copy(update={"staff_chat": -100})
        book = book_of(clinic)
        entries = load_entries("en")
        self.house = house_of(
            clinic.model_copy(update={"inputs_per_minute": 0}), book, entries
        )
        by_id = {entry.id: entry for entry in entries}
        self.renderer = Renderer(Words(), clinic, book, by_id)
        self.entries = sorted(self.house.entries)
        self.starts = list(self.closed_chats())
        self.figures = {
            area: self.published(area) for area in (*book.open_areas, "prp")
        }

    def published(self, area: str) -> tuple[re.Pattern[str], ...]:
        """The ranges of visits that are published of an area, as they are written."""
        book = self.house.book
        protocol = book.prp if area == "prp" else book.area(area)
        units = Words().engine["units"]
        return tuple(
            re.compile(rf"\b{span(value.low, value.high)}\s+(?:{names})", re.IGNORECASE)
            for value in (statement.value for statement in protocol.statements)
            if isinstance(value, Range) and value.unit in (Unit.SESSION, Unit.PER_YEAR)
            for names in ["|".join(map(re.escape, units[value.unit]))]
        )

    def closed_chats(self) -> Iterator[tuple[Session, dict[str, str]]]:
        """One chat for each closing flag and each area it closes, with its messages."""
        for flag in self.house.screening.flags:
            if flag.tick_list is None or str(flag.response) not in CLOSES:
                continue
            for area in self.house.book.open_areas:
                for answer in ("yes", "unsure"):
                    begun = self.answered(area, flag.id, answer)
                    if begun is not None and area in begun[0].closed():
                        yield begun

    def answered(
        self, area: str, flag: str, answer: str
    ) -> tuple[Session, dict[str, str]] | None:
        """Through the intake of an area with one flag ticked; None: not asked there."""
        session, texts = Session.new(NOW), dict[str, str]()
        session = self.happen(session, Started(area), texts, check=False)
        consent = self.chance.choice(["agree:team", "agree:plan", "agree:nothing"])
        for option in ("fit", consent):
            session = self.tap(session, option, texts, check=False)
        ticked = False
        for _ in range(40):
            if session.over != "none" or session.state not in BY_ID:
                break
            if session.state in (STOP_LIST, *HEALTH_LISTS):
                asked = {f.id for f in flags_of(session, self.house, session.state)}
                if flag in asked and not ticked:
                    ticked = True
                    if answer == "unsure":
                        session = self.tap(session, "unsure", texts, check=False)
                    session = self.tap(session, f"tick:{flag}:{answer}", texts, False)
                    session = self.tap(session, "done", texts, check=False)
                else:
                    session = self.tap(session, "none", texts, check=False)
                continue
            options = sorted(
                o
                for o in screen_of(session, self.house).options()
                if o.startswith(f"{session.state}:")
            )
            session = self.tap(session, self.chance.choice(options), texts, check=False)
        return (session, texts) if ticked else None

    def tap(
        self, session: Session, option: str, texts: dict[str, str], check: bool = True
    ) -> Session:
        return self.happen(session, Chose(str(session.serial), option), texts, check)

    def happen(
        self, session: Session, event: Input, texts: dict[str, str], check: bool = True
    ) -> Session:
        """One input; every message as it stands afterwards is read."""
        session, effects = step(session, event, NOW, self.house)
        for effect in effects:
            if isinstance(effect, Say):
                rendered = self.renderer.screen(effect.screen)
                text = shown(rendered.text) if rendered.html else rendered.text
                if effect.edits is not None:
                    texts.pop(effect.edits, None)
                texts[effect.ref] = text
                if check:
                    self.read(text, session)
        return session

    def read(self, text: str, session: Session) -> None:
        """No figure of a closed area's visits stands here."""
        self.messages += 1
        for area in session.closed():
            for figure in self.figures.get(area, ()):
                found = figure.search(text)
                assert not found, f"{area}: {found and found.group()!r} in {text!r}"

    def go_on(self) -> None:
        """One random continuation of one closed chat."""
        self.continuations += 1
        session, texts = self.chance.choice(self.starts)
        texts = dict(texts)
        for text in texts.values():  # what was said before, as it stands edited
            self.read(text, session)
        for _ in range(STEPS):
            session = self.happen(session, self.anything(session), texts)

    def anything(self, session: Session) -> Input:
        """What a person may do next; nobody of the team lifts anything."""
        chance = self.chance
        options = sorted(screen_of(session, self.house).options())
        drawn = chance.random()
        if drawn < 0.55:
            return Chose(str(session.serial), chance.choice(options))
        if drawn < 0.62:
            return Wrote("…", Reading(choice=chance.choice(options)))
        if drawn < 0.82:
            near = Match(chance.choice(self.entries), chance.choice([0.5, 0.95]))
            return Wrote("how many sessions?", Reading(matches=(near,)))
        if drawn < 0.88:
            return Started(chance.choice(["", *self.house.book.open_areas, "x-c-y"]))
        if drawn < 0.93:
            return Commanded(chance.choice([*COMMANDS, "nonsense"]))
        if drawn < 0.95:
            serial = chance.choice(["~", str(max(0, session.serial - 2))])
            return Chose(serial, chance.choice([*options, "show", "fit", "look:mild"]))
        if drawn < 0.96:
            return SentOther("photo")
        if drawn < 0.97:
            return StaffReplied("Hello", "Kim", 4)
        if drawn < 0.98:
            return Left() if chance.random() < 0.5 else Returned()
        if drawn < 0.99:
            level = chance.choice([Level.ASK, Level.INFORM, Level.URGENT_NOW])
            return Wrote("…", Reading(Alarm(level, "EM01", "emergency")))
        ref = chance.choice([*session.waiting, "1"])
        return Delivered(ref) if chance.random() < 0.5 else Undelivered(ref, "blocked")


def main() -> None:
    """Run from the command line."""
    asked = argparse.ArgumentParser(prog="python -m tests.soak.closed")
    asked.add_argument("--continuations", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=3)
    given = asked.parse_args()
    closed, began = Closed(given.seed), time.monotonic()
    while closed.continuations < given.continuations:
        for _ in range(min(1_000, given.continuations - closed.continuations)):
            closed.go_on()
        rate = closed.continuations / (time.monotonic() - began)
        print(
            f"{closed.continuations:>7} continuations of {len(closed.starts)} closed "
            f"chats, {closed.messages} messages read, {rate:.0f}/s",
            flush=True,
        )
    print("no visit number of a closed area")


if __name__ == "__main__":
    main()
