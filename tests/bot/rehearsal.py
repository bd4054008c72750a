"""The engine room with a conversation of its own, against a local Telegram.

The parrot says back what it hears, so that a test sees every turn, its order and what
it left behind, without the clinic's words getting in the way.
"""

from __future__ import annotations

import asyncio
import html
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from pydantic import SecretStr

from bot.app import App, Voice
from bot.channels.telegram import Storefront
from bot.clinic import DEMO_CLINIC, ClinicProfile, load_clinic
from bot.config import Settings
from bot.local import LocalTelegram
from bot.local.clock import Clock
from bot.paper.worded import Paper
from bot.read import Reader
from dialogs.effects import (
    Button,
    CallStaff,
    Effect,
    PaperForm,
    Record,
    Rows,
    Say,
    Screen,
    Strip,
    Toast,
)
from dialogs.errors import UnreadableSession
from dialogs.inputs import (
    Alarm,
    Chose,
    Commanded,
    Delivered,
    Input,
    Level,
    SentOther,
    StaffCleared,
    StaffReplied,
    Started,
    Undelivered,
    Wrote,
)
from dialogs.visits import Visit

TOKEN = "123:rehearsal"
ENDS_WITHIN = 60.0  # seconds, once told to stop; ten times what the program takes
PROCESS = Path(__file__).with_name("parrot_process.py")


@dataclass(frozen=True)
class Heard:
    """The parrot's session: what it heard, and how many messages it sent."""

    refs: int = 0
    heard: tuple[str, ...] = ()


@dataclass
class Parrot:
    """A conversation that says back what it hears, and obeys a few words."""

    broken: Callable[[Input], bool] = lambda given: False  #: makes a step raise
    inputs: list[Input] = field(default_factory=list)

    def begin(self, now: datetime) -> Heard:
        return Heard()

    def restore(self, stored: Mapping[str, Any]) -> Heard:
        try:
            return Heard(stored["refs"], tuple(stored["heard"]))
        except KeyError as fault:
            raise UnreadableSession("no such shape") from fault

    def put_away(self, session: Heard) -> dict[str, Any]:
        return {"refs": session.refs, "heard": list(session.heard)}

    def screen(self, session: Heard) -> Screen:
        return _screen("echo", "", session.refs)

    def needs_visits(self, session: Heard, given: Input) -> bool:
        return False

    def with_visits(self, session: Heard, visits: tuple[Visit, ...]) -> Heard:
        return session

    def step(
        self, session: Heard, given: Input, now: datetime
    ) -> tuple[Heard, tuple[Effect, ...]]:
        self.inputs.append(given)
        if self.broken(given):
            raise RuntimeError("a word that must reach no log")
        ref = session.refs + 1
        said = _words(given)
        session = replace(session, refs=ref, heard=(*session.heard, said))
        name, count = str(ref), len(session.heard)
        echo = _screen("echo", f"{count} {said}", ref)
        match given:
            case Wrote(text=text) if text.startswith("alert"):
                alert = CallStaff(name, "alert", {"text": text}, report=True)
                return session, (alert,)
            case Wrote(text=text) if text.startswith("fire"):
                return session, (Say(name, echo, urgent=True),)
            case Wrote(text="agree"):
                return session, (Record("plan", True, "v1"), Say(name, echo))
            case Wrote(text="same name"):
                return session, (Say("1", echo),)
            case Wrote(text="strip"):
                return session, (Strip(str(ref - 1)), Say(name, echo))
            case Chose(option="quiet"):
                return session, (Say(name, echo, edits=str(ref - 1)),)
            case Chose():
                edit = Say(name, echo, edits=str(ref - 1))
                return session, (Toast("got", {"what": said}), edit)
            case _:
                return session, (Say(name, echo),)


def _screen(template: str, text: str, ref: int) -> Screen:
    rows = ((Button("tap", "Tap"), Button("quiet", "Quiet")),)
    return Screen(template, {"text": text}, rows, serial=str(ref))


def _words(given: Input) -> str:
    match given:
        case Wrote(text=text, edited=edited):
            return f"{'edited ' if edited else ''}{text}"
        case Chose(screen=screen, option=option):
            return f"tap {screen} {option}"
        case Started(payload=payload):
            return f"start {payload}"
        case Commanded(name=name, argument=argument):
            return f"command {name} {argument}"
        case SentOther(kind=kind, caption=caption):
            return f"{kind} {caption}"
        case StaffReplied(text=text, by=by):
            return f"{by} says {text}"
        case StaffCleared(by=by, reason=reason):
            return f"{by} cleared {reason}"
        case Delivered(ref=ref):
            return f"delivered {ref}"
        case Undelivered(ref=ref, reason=reason):
            return f"undelivered {ref} {reason}"
        case _:
            return type(given).__name__


@dataclass(frozen=True)
class Shown:
    """What `Plain` renders."""

    text: str
    html: bool
    keyboard: list[list[dict[str, str]]] | None


class Plain:
    """Renders a template's name and its data."""

    def screen(self, screen: Screen) -> Shown:
        rows = [
            [
                {"text": b.label, "callback_data": f"{screen.serial}|{b.option}"}
                for b in row
            ]
            for row in screen.rows
        ]
        return Shown(self._text(screen.template, screen.data), True, rows or None)

    def toast(self, template: str, data: Mapping[str, object]) -> str:
        return f"{template} {data['what']}"

    def staff(
        self, template: str, data: Mapping[str, object], rows: Rows = ()
    ) -> Shown:
        keyboard = [
            [{"text": b.label, "callback_data": f"d|{b.option}"} for b in row]
            for row in rows
        ]
        return Shown(self._text(template, data), True, keyboard or None)

    def calendar_words(self) -> Mapping[str, str]:
        return {"name": "Visits", "summary": "Visit"}

    def paper(
        self, form: PaperForm, data: Mapping[str, object], subject: str, now: datetime
    ) -> Paper:
        sheet = {"layout": "calendar", "name": form, "now": now.isoformat()}
        words = Shown(self._text(form, data), True, None)
        return Paper(form, f"{form}.ics", words, {**sheet, "entries": []})

    def taken_back(
        self, form: PaperForm, area: str, subject: str, now: datetime
    ) -> Paper:
        return self.paper(form, {"area": area}, subject, now)

    def _text(self, template: str, data: Mapping[str, object]) -> str:
        return html.escape(" ".join([template, *map(str, data.values())])).strip()


def voice(parrot: Parrot | None = None) -> Voice:
    """Everything that is said, by a parrot."""

    def triage(text: str) -> Alarm:
        return Alarm(Level.URGENT_NOW if "fire" in text else Level.NONE)

    return Voice(
        conversation=parrot or Parrot(),
        reader=Reader(triage, lambda text, screen: None, lambda text: ((), ())),
        renderers={"en": Plain()},
        storefront=Storefront("What it is", "Short", {"start": "Begin"}, {"id": "Id"}),
    )


def settings(folder: Path, api_url: str, **changes: Any) -> Settings:
    """Settings of a rehearsal: a fresh folder, no gates."""
    given = {
        "token": SecretStr(TOKEN),
        "api_url": api_url,
        "database_url": f"sqlite:///{folder / 'exoplan.db'}",
        "rate": 0.0,
        "chat_rate": 0.0,
    }
    return Settings(**{**given, **changes})


def clinic(staff_chat: int | None = None) -> ClinicProfile:
    """The made-up clinic, with or without a staff chat."""
    return load_clinic(DEMO_CLINIC).model_copy(update={"staff_chat": staff_chat})


@asynccontextmanager
async def telegram(clock: Clock | None = None) -> AsyncIterator[LocalTelegram]:
    """A local Telegram that is stopped at the end."""
    local = LocalTelegram(TOKEN, clock=clock)
    await local.start()
    try:
        yield local
    finally:
        await local.stop()


@asynccontextmanager
async def running(
    folder: Path,
    local: LocalTelegram,
    parrot: Parrot | None = None,
    staff_chat: int | None = None,
    **changes: Any,
) -> AsyncIterator[App]:
    """The program at work; whatever breaks it breaks the test."""
    app = App(
        settings(folder, local.api_url, **changes),
        clinic(staff_chat),
        voice(parrot),
        local.clock,
    )
    run = asyncio.create_task(app.run())
    try:
        yield app
    finally:
        app.stop()
        local.faults.clear()
        async with asyncio.timeout(ENDS_WITHIN):
            await run


async def started(
    folder: Path,
    api_url: str,
    dies: str = "",
    stderr: int | None = None,
    **changes: str,
) -> asyncio.subprocess.Process:
    """The program in a process of its own, which may be killed at a chosen moment."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROCESS),
        json.dumps(
            {"folder": str(folder), "api_url": api_url, "dies": dies, **changes}
        ),
        cwd=PROCESS.parents[2],
        stderr=stderr,
    )


def rows(database: Path | str, statement: str) -> list[dict[str, Any]]:
    """What the database in a folder, or at a URL, holds, seen by another program."""
    url = f"sqlite:///{database}/exoplan.db"
    if isinstance(database, str):
        url = database.replace("://", "+psycopg://", 1)
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(statement)
            return [dict(row) for row in found.mappings()]
    finally:
        engine.dispose()
