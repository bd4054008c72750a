"""A process of the program, as far as reminders and the desk's alarms need it, that may
be killed.

It looks, makes rounds and takes turns when it is told to and at the minute it is told;
in between nothing of it runs. `Replica` is the end of it that a soak holds.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from multiprocessing.connection import Connection as Line
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, event, text

from bot.app import Voice
from bot.clinic import ClinicProfile, calendar_of
from bot.desk import Desk, StaffRoom
from bot.desk.alarms import Alarms
from bot.desk.rounds import Rounds
from bot.desk.unanswered import UnansweredProposals
from bot.handle import Turns
from bot.house import voice_of
from bot.keys import KeyStore, master_key
from bot.reminders import Reminders
from bot.rights import Rights
from bot.roles import Roles
from bot.store.engine import Database, Store
from bot.visits import Visits
from tests.bot.rehearsal import clinic
from tests.soak.year_script import BEGINS_AT

TURNS_AT_ONCE = 200  # lanes in one transaction
LOOKS_OF_A_WALK = 3  # over all visits that the desk watches
END_SECONDS = 30.0

Work = Literal["look", "take", "rounds"]

STAFF_CHAT = -1_001_000_000_000

#: Sent instead of an answer, by a process that dies once its work is done.
_LAST_WORD = "done"

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


class Hour:
    """The clock of a simulated year."""

    def __init__(self) -> None:
        self.minute = 0

    def now(self) -> datetime:
        return BEGINS_AT + timedelta(minutes=self.minute)


class Killed(Exception):
    """The process is no more."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a replica works."""

    database: Database
    folder: Path  #: of the keys

    def keys(self) -> KeyStore:
        """The keys beside the database, open for this process."""
        return KeyStore(self.folder / "keys.db", master_key(None, self.folder / "key"))


@cache
def profile() -> ClinicProfile:
    """A clinic with a desk, and every kind of reminder switched on."""
    every = {"before_7_days": True, "before_2_hours": True}
    return clinic(STAFF_CHAT).model_copy(update={"reminders": every})


@cache
def voice() -> Voice:
    """Everything that is said in its name."""
    return voice_of(profile(), learned=False)


def desk(keys: KeyStore, room: StaffRoom, roles: Roles) -> Desk:
    """Who reads the staff chat."""
    renderer = next(iter(voice().renderers.values()))
    return Desk(keys, renderer, room, roles, profile().time_zone, language="en")


def visits(keys: KeyStore) -> Visits:
    """Visits as any part of the program changes them."""
    return Visits(keys, calendar_of(profile()), profile().time_zone)


class Death:
    """Kills this process (SIGKILL) at the n-th thing that it asks of a database."""

    def __init__(self) -> None:
        self._at = 0
        self.asked = 0  #: statements and commits of this work, so far
        event.listen(Engine, "before_cursor_execute", self._strike, named=True)
        event.listen(Engine, "commit", self._strike, named=True)

    def expect(self, at: int) -> None:
        """Begin to count; 0: it lives."""
        self.asked, self._at = 0, at

    def catch_up(self, line: Line) -> None:
        """The work is done: whoever was to die has not much longer."""
        if self._at:
            line.send(_LAST_WORD)
            os.kill(os.getpid(), signal.SIGKILL)

    def _strike(self, **_: object) -> None:
        self.asked += 1
        if self.asked == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


class Replica:
    """A process that works for us until it is killed.

    Attributes:
        session: the server's process that serves it; 0 on SQLite.
    """

    def __init__(self, home: Home) -> None:
        self._line, theirs = _processes.Pipe()
        self._process = _processes.Process(
            target=_serve, args=(home, theirs), daemon=True
        )
        self._process.start()
        theirs.close()
        self.session: int = self._line.recv()

    async def ask(self, work: Work, minute: int) -> tuple[int, int]:
        """Have it work; whether anything was done, and how much it asked for that."""
        self._line.send((work, minute, 0))
        done, asked = await asyncio.to_thread(self._line.recv)
        assert isinstance(done, int), done
        return done, asked

    async def ask_and_die(self, work: Work, minute: int, at: int) -> bool:
        """Have it die at that many statements and commits; whether it was midway.

        Otherwise it dies when the work is done and nobody was told.
        """
        self._line.send((work, minute, at))
        try:
            told: object = await asyncio.to_thread(self._line.recv)
        except (EOFError, ConnectionResetError):
            told = ""
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL
        self._line.close()
        return told != _LAST_WORD

    def end(self) -> None:
        """Have it leave in peace."""
        with suppress(BrokenPipeError):
            self._line.send(None)
        self._process.join(END_SECONDS)
        self._line.close()


def _serve(home: Home, line: Line) -> None:
    """Work as told, in a process of its own."""
    store, keys, clock = Store(home.database), home.keys(), Hour()
    room, roles = StaffRoom(STAFF_CHAT), Roles(keys, enforced=False)
    renderers = voice().renderers
    turns = Turns(
        keys=keys,
        conversation=voice().conversation,
        reader=voice().reader,
        renderers=renderers,
        desk=desk(keys, room, roles),
        room=room,
        roles=roles,
        rights=Rights(keys, renderers, roles.subject, 14, room),
        visits=visits(keys),
    )
    reminders = Reminders(store, keys, clock, lambda: None, 0.0)
    alarms = Alarms(keys, room, ZoneInfo(profile().time_zone))
    rounds = Rounds(
        *(store, keys, room, clock, lambda: None),
        alarms=alarms,
        unanswered=UnansweredProposals(keys),
    )
    line.send(store.write_now(_session) if store.shared else 0)
    death = Death()
    with asyncio.Runner() as runner:
        while (told := line.recv()) is not None:
            work, clock.minute, at = told
            death.expect(at)
            if work == "look":
                done: object = int(runner.run(reminders.look()))
            elif work == "rounds":
                done = sum(store.write_now(rounds.look) for _ in range(LOOKS_OF_A_WALK))
            else:
                taken = store.write_now(
                    lambda c: turns.take(c, clock.now(), lanes=TURNS_AT_ONCE)
                )
                done = taken.failures or taken.turns
            death.catch_up(line)
            line.send((done, death.asked))
    store.close()
    keys.close()


def _session(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
