"""A simulated year of visits, proposed dates, reminders and the desk's alarms, held
against an independent oracle.

    python -m tests.soak.year [--patients 2000] [--weeks 52] [--store postgres]

The clock jumps from one thing that happens to the next. Database, keys, reading,
dialog, texts, visits and reminders are the program's own, in processes of their own
(`year_replica.py`); on PostgreSQL two look and take turns at the same time. Every
simulated week one of them is killed (SIGKILL): before one of the statements or commits
of its work, or when that is done and nobody was told. What they leave to be sent is
read as patients would, by what is in it. One thing stands in for the real: Telegram
takes every message at once (`tests.soak rush` and `trouble` do not).

It prints every promise and leaves with 1 where one was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, delete, func, select, text

from bot.desk import StaffRoom
from bot.inbox import Intake
from bot.keys import KeyStore, place
from bot.roles import Roles
from bot.store import people, tables
from bot.store import visits as stored
from bot.store.engine import Database, open_engine
from bot.store.migrations import upgrade
from bot.visits import Visits, Wanted, Whose
from dialogs.visits import NotPossible, Status, free_again
from tests.bench.stores import StoreName
from tests.postgres import database as new_database
from tests.postgres import postgres
from tests.soak.account import Account, publish
from tests.soak.year_courses import GONE, OFF, STANDS, Sent
from tests.soak.year_lot import drawn
from tests.soak.year_notes import Noted, buttons, note_in, told
from tests.soak.year_oracle import Alarm, Oracle, in_words
from tests.soak.year_replica import (
    STAFF_CHAT,
    Home,
    Hour,
    Killed,
    Replica,
    Work,
    desk,
    profile,
    visits,
)
from tests.soak.year_script import BEGINS_AT, TICK, WEEK, Act, Script

FIRST_CHAT = 1_000
LATELY = 6  # pieces of work whose length tells when one may die
GONE_SECONDS = 0.005  # between two looks whether a server has noticed a death

#: What is pressed to answer a date that waits, and one that is free again.
_ANSWERS: Mapping[str, Sequence[str]] = {
    "agree": ("agree_to:",),
    "decline": ("decline:",),
    "wish": ("visit_move:", "wish:any"),
}
_LATE_ANSWERS: Mapping[str, Sequence[str]] = {
    "agree": ("still:",),
    "decline": ("forgo:",),
    "wish": (),
}

#: How a switch is called that sets what an act says.
_SWITCHED = {"yes": "give", "no": "withdraw"}

T = TypeVar("T")

#: Statuses that are one to whoever only waits for the visit.
_STATUSES = {
    "booked": STANDS,
    "confirmed": STANDS,
    "cancelled": GONE,
    "cancelled_late": GONE,
}

#: What a patient can tell a message by: minute, person, what it is, of which visit.
Seen = tuple[int, int, str, str]


class Front:
    """The database, seen by the team and by Telegram, whoever else is at work there."""

    def __init__(self, database: Database) -> None:
        self._engine = open_engine(database)
        self._connection = self._engine.connect()

    def write_now(self, run: Callable[[Connection], T]) -> T:
        """The result of `run`, once it is on disk."""
        with self._connection.begin():
            return run(self._connection)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()
        self._engine.dispose()


@dataclass(slots=True)
class Year:
    """The clinic, its patients, and what they got."""

    script: Script
    home: Home
    keys: KeyStore
    front: Front
    size: int  #: replicas
    lot: Random
    clock: Hour = field(default_factory=Hour)
    replicas: list[Replica] = field(default_factory=list)
    dying: tuple[int, Work] | None = None  #: who is to be killed, and doing what
    persons: dict[int, tuple[int, str]] = field(default_factory=dict)
    #: row and key by the script's number
    rows: dict[int, int] = field(default_factory=dict)  #: of visits, likewise
    switches: dict[int, dict[str, str]] = field(default_factory=dict)
    #: data of the switches that each was shown last, by what they set
    screens: dict[int, dict[str, str]] = field(default_factory=dict)
    #: data of the buttons of the screen that each was shown last, by their options
    asked_by_word: set[int] = field(default_factory=set)
    #: who was sent the word of proposed dates, with its button
    looks: list[int] = field(default_factory=list)  #: minutes in which the desk looked
    seen: Counter[Seen] = field(default_factory=Counter)
    noted: Counter[Noted] = field(default_factory=Counter)  #: for the team
    asked: dict[Work, deque[int]] = field(default_factory=dict)
    #: statements and commits that each piece of work took lately
    kills: int = 0
    midway: int = 0  #: of them before the work was done
    updates: int = 0

    # -- the program -------------------------------------------------------------------

    @property
    def visits(self) -> Visits:
        """Visits as any part of the program changes them."""
        return visits(self.keys)

    def end(self) -> None:
        """Have every process leave."""
        for replica in self.replicas:
            replica.end()

    async def all_at_once(self, work: Work) -> list[int | BaseException]:
        """Every replica at the same time; one that is killed is begun anew."""
        dies = None
        if self.dying is not None and self.dying[1] == work and self._waits(work):
            dies, self.dying = self.dying[0], None
        minute = self.clock.minute

        async def one(number: int, replica: Replica) -> int:
            lately = self.asked.setdefault(work, deque([1], LATELY))
            if number != dies:
                done, asked = await replica.ask(work, minute)
                lately.append(asked)
                return done
            at = self.lot.randint(1, max(lately) + 1)
            self.midway += await replica.ask_and_die(work, minute, at)
            raise Killed

        found = await asyncio.gather(
            *(one(*each) for each in enumerate(self.replicas)), return_exceptions=True
        )
        for number, came in enumerate(found):
            if isinstance(came, Killed):
                self._until_noticed(self.replicas[number].session)
                self.replicas[number] = Replica(self.home)
                self.kills += 1
            elif isinstance(came, BaseException):
                raise came
        return found

    def _waits(self, work: Work) -> bool:
        """Whether there is anything to do."""
        if work == "rounds":
            return True
        if work == "look":
            return self._next_due() <= self.clock.minute
        table = tables.inbox
        asked = select(table.c.id).where(table.c.status == "pending").limit(1)
        return self.front.write_now(lambda c: c.scalar(asked)) is not None

    def _until_noticed(self, session: int) -> None:
        """The server ends what a dead process had begun, before the clock moves on."""
        asked = text("SELECT 1 FROM pg_stat_activity WHERE pid = :pid")
        while session and self.front.write_now(
            lambda connection: connection.scalar(asked, {"pid": session})
        ):
            time.sleep(GONE_SECONDS)

    # -- a year ------------------------------------------------------------------------

    async def run(self) -> None:
        """All of it."""
        self.front.write_now(upgrade)
        self.replicas += [Replica(self.home) for _ in range(self.size)]
        waits: list[Act] = []  # at Telegram, while nobody asks for it
        acts = list(reversed(self.script.acts))
        due, minute, week = 0, 0, 0
        await self._all_come()
        while minute < self.script.ends:
            self.clock.minute = minute
            now: list[Act] = []
            while acts and acts[-1].at <= minute:
                act = acts.pop()
                (waits if act.by_patient else now).append(act)
            if self.script.awake(minute) != minute:
                self._at_the_desk(now)
            else:
                if minute // WEEK > week:
                    week = minute // WEEK
                    work: Work = self.lot.choice(("look", "take", "rounds"))
                    self.dying = self.lot.randrange(self.size), work
                await self._tick(waits, now)
                waits.clear()
            due = min(self._next_due(), self._next_lapse())
            ahead = [acts[-1].at if acts else self.script.ends, due]
            if waits:
                ahead.append(minute + TICK)
            minute = max(minute + TICK, min(ahead))
            # On the grid, whatever a row says.
            minute = -(-minute // TICK) * TICK

    async def _all_come(self) -> None:
        """Everybody presses Start."""
        updates = [
            self._update(person, "start") for person in range(len(self.script.zones))
        ]
        self.front.write_now(partial(self._take_in, updates=updates))
        await self._settle()

        def known(connection: Connection) -> None:
            hashes = {
                self.keys.lookup_hash(FIRST_CHAT + person): person
                for person in range(len(self.script.zones))
            }
            for hashed, row in people.found(connection, hashes).items():
                person = hashes[hashed]
                self.persons[person] = row
                stored.choose_zone(connection, row[0], self.script.zones[person])

        self.front.write_now(known)

    async def _tick(self, waits: Sequence[Act], now: Sequence[Act]) -> None:
        await self._hear(waits)
        self._at_the_desk([act for act in now if not act.midway])
        midway = [act for act in now if act.midway]
        while True:
            await self.all_at_once("look")
            self._at_the_desk(midway)
            midway = []
            await self._settle()
            if self._next_due() > self.clock.minute:
                break
        self.looks.append(self.clock.minute)
        while any(await self.all_at_once("rounds")):
            await self._settle()
        await self._settle()

    async def _hear(self, waits: Sequence[Act]) -> None:
        """What people write and press; whoever turns a switch asks for it first."""
        updates: list[dict[str, Any]] = []
        for act in waits:
            if act.what == "answer":
                self.front.write_now(partial(self._take_in, updates=updates))
                updates = []
                await self._answer(act)
                continue
            verb = _SWITCHED.get(act.what.partition(":")[2])
            if verb is None:
                updates.append(self._update(act.person, act.what, act.visit))
                continue
            updates.append(self._update(act.person, "privacy"))
            self.switches[act.person] = {}
            self.front.write_now(partial(self._take_in, updates=updates))
            await self._settle()
            option = f"{verb}:{act.what.partition(':')[0]}"
            data = self.switches[act.person].get(option)
            updates = [self._tapped(act.person, data)] if data else []
        if updates:
            self.front.write_now(partial(self._take_in, updates=updates))

    async def _answer(self, act: Act) -> None:
        """Say what they have to say to the dates that stand on their screen."""
        if act.person in self.asked_by_word:
            await self._tell(self._tapped(act.person, "~|proposed"))
        else:  # they look by themselves
            await self._tell(self._update(act.person, "visits"))
            await self._press(act.person, "proposed")
        for answer in act.answers:
            asked = self._on_screen(act.person, "agree_to:")
            late = self._on_screen(act.person, "still:")
            for option in (_ANSWERS if asked else _LATE_ANSWERS)[answer]:
                await self._press(act.person, option)
            if not asked and (not late or answer == "wish"):
                return

    def _on_screen(self, person: int, option: str) -> str:
        """Data of the button that begins so; empty where there is none."""
        here = self.screens.get(person, {})
        return next((data for o, data in here.items() if o.startswith(option)), "")

    async def _press(self, person: int, option: str) -> None:
        if data := self._on_screen(person, option):
            await self._tell(self._tapped(person, data))

    async def _tell(self, update: dict[str, Any]) -> None:
        self.front.write_now(partial(self._take_in, updates=[update]))
        await self._settle()

    async def _settle(self) -> None:
        """Take turns until nobody waits, and read what is to be sent."""
        while any(await self.all_at_once("take")):
            self.front.write_now(self._read)

    # -- what happens ------------------------------------------------------------------

    def _at_the_desk(self, acts: Sequence[Act]) -> None:
        for act in acts:
            self.front.write_now(partial(self._do, act=act))

    def _do(self, connection: Connection, act: Act) -> None:
        now = self.clock.now()
        starts = BEGINS_AT + timedelta(minutes=act.starts)
        if act.what in ("book", "propose"):
            person, key_id = self.persons[act.person]
            status = Status.BOOKED if act.what == "book" else Status.PROPOSED
            wanted = Wanted(
                starts, act.area, upkeep_months=act.upkeep_months, status=status
            )
            whose = Whose(key_id, person=person)
            made = self.visits.book(connection, whose, wanted, now)
            self.rows[act.visit] = made.id
            return
        number = self.rows[act.visit]
        row = stored.by_id(connection, [number])[number]
        with suppress(NotPossible):  # what was proposed came to nothing meanwhile
            if act.what == "move":
                self.visits.move(connection, row, starts, now)
            else:
                what = {"call_off": "cancel", "book_anyway": "book"}.get(act.what)
                by_clinic = act.what != "cancel"
                self.visits.act(
                    connection, row, what or act.what, now, by_clinic=by_clinic
                )

    def _take_in(
        self, connection: Connection, updates: Sequence[Mapping[str, Any]]
    ) -> None:
        room, roles = StaffRoom(STAFF_CHAT), Roles(self.keys, enforced=False)
        intake = Intake(self.keys, desk(self.keys, room, roles), room)
        intake.store(connection, updates, self.clock.now())

    def _update(self, person: int, what: str, visit: int = -1) -> dict[str, Any]:
        """What Telegram tells of it."""
        if what in ("start", "stop", "privacy", "visits"):
            return self._numbered("message", person, text=f"/{what}")
        if what in ("block", "unblock"):
            status = "kicked" if what == "block" else "member"
            member = {"status": status}
            return self._numbered("my_chat_member", person, new_chat_member=member)
        return self._tapped(person, f"~|visit_ok:{self.rows[visit]}.1")

    def _tapped(self, person: int, data: str) -> dict[str, Any]:
        message = self._numbered("message", person)["message"]
        about = {"id": str(self.updates), "from": message["from"], "data": data}
        return {
            "update_id": self.updates,
            "callback_query": {**about, "message": message},
        }

    def _numbered(self, kind: str, person: int, **more: object) -> dict[str, Any]:
        self.updates += 1
        chat = {"id": FIRST_CHAT + person, "type": "private", "first_name": "Ana"}
        about = {"message_id": self.updates, "date": 0, "chat": chat, "from": chat}
        return {"update_id": self.updates, kind: {**about, **more}}

    # -- what comes of it --------------------------------------------------------------

    def _read(self, connection: Connection) -> None:
        """Take what is to be sent, as Telegram would, and keep what it was."""
        keys = dict(self.persons.values())
        persons = {row: person for person, (row, _) in self.persons.items()}
        visits = {row: visit for visit, row in self.rows.items()}
        box = tables.outbox
        found = connection.execute(
            select(box.c.key, box.c.lane, box.c.about_person, box.c.body).order_by(
                box.c.id
            )
        )
        for key, lane, row, body in found:
            if row not in keys:
                continue  # before anybody was known by name
            plain = orjson.loads(self.keys.open(keys[row], _at(key), body))
            if lane == StaffRoom(STAFF_CHAT).lane:
                if note := note_in(plain):
                    self.noted[self.clock.minute, persons[row], *note] += 1
                continue
            self.switches.setdefault(persons[row], {}).update(_offered(plain))
            if shown := {o: d for d, screen, o in buttons(plain) if screen != "~"}:
                self.screens[persons[row]] = shown
            what, name = told(plain)
            if what == "dates":
                self.asked_by_word.add(persons[row])
            if what:
                if name:
                    number, _, revision = name.partition(".")
                    name = f"{visits[int(number)]}.{revision}"
                self.seen[self.clock.minute, persons[row], what, name] += 1
        connection.execute(delete(box))

    def _next_due(self) -> int:
        """When the next reminder falls due, rounded down."""
        due = tables.reminders.c.due_at
        asked = select(func.min(due)).where(tables.reminders.c.status == "pending")
        found = self.front.write_now(lambda connection: connection.scalar(asked))
        if found is None:
            return self.script.ends
        return int((found - BEGINS_AT) / timedelta(minutes=1))

    def _next_lapse(self) -> int:
        """When the next proposed date is free again."""
        table = tables.visits
        asked = select(table.c.starts_at, table.c.booked_at).where(
            table.c.status == "proposed"
        )
        rows = self.front.write_now(lambda connection: connection.execute(asked).all())
        soonest = min((free_again(*row) for row in rows), default=None)
        if soonest is None:
            return self.script.ends
        return _minute(soonest)

    def statuses(self) -> dict[int, tuple[str, int]]:
        """How every visit stands, and its revision, by the script's number."""
        table = tables.visits
        asked = select(table.c.id, table.c.status, table.c.revision)
        rows = self.front.write_now(lambda connection: connection.execute(asked).all())
        visits = {row: visit for visit, row in self.rows.items()}
        return {visits[row]: (status, revision) for row, status, revision in rows}

    def alarms(self) -> set[tuple[int, int, int, int | None]]:
        """Visit and revision of every alarm, when it was raised and when it ended."""
        table = tables.alarms
        columns = (table.c.visit_id, table.c.revision)
        asked = select(*columns, table.c.raised_at, table.c.ended_at)
        rows = self.front.write_now(lambda connection: connection.execute(asked).all())
        visits = {row: visit for visit, row in self.rows.items()}
        return {
            (visits[row], revision, _minute(raised), _minute(ended) if ended else None)
            for row, revision, raised, ended in rows
        }

    def sent(self) -> Counter[Sent]:
        """What the table says was sent."""
        table = tables.reminders
        visits = {row: visit for visit, row in self.rows.items()}
        asked = select(
            table.c.ended_at, table.c.visit_id, table.c.revision, table.c.kind
        ).where(table.c.status == "sent")

        def read(connection: Connection) -> Counter[Sent]:
            return Counter(
                Sent(
                    int((at - BEGINS_AT) / timedelta(minutes=1)),
                    visits[visit],
                    revision,
                    kind,
                )
                for at, visit, revision, kind in connection.execute(asked)
            )

        return self.front.write_now(read)


def _minute(moment: datetime) -> int:
    return int((moment - BEGINS_AT) / timedelta(minutes=1))


def _at(key: str) -> bytes:
    return place("outbox", "body", key)


def _offered(body: Mapping[str, Any]) -> dict[str, str]:
    """Data of the switches under a message, by what they set."""
    verbs = tuple(_SWITCHED.values())
    return {o: data for data, _, o in buttons(body) if o.partition(":")[0] in verbs}


_SHOWS = {
    "receipt": "visit",
    "called_off": "off",
    "recall": "recall",
    "proposal": "dates",
    "proposal_again": "dates again",
}


def _shown(sent: Sent, person: int) -> Seen:
    of = "visit" if sent.kind.startswith("before") else "check"
    what = _SHOWS.get(sent.kind, of)
    name = f"{sent.visit}.{sent.revision}" if what in ("visit", "check") else ""
    return sent.at, person, what, name


async def lived(
    name: StoreName, database: Database, script: Script, folder: Path, seed: int
) -> Account:
    """A year on this database, and whether every promise was kept."""
    began = time.monotonic()
    home = Home(database, folder)
    with closing(home.keys()) as keys, closing(Front(database)) as front:
        size = 1 if name == "sqlite" else 2
        year = Year(script, home, keys, front, size, Random(seed))
        try:
            await year.run()
            sent = year.sent()
        finally:
            year.end()
        patients, weeks = len(script.zones), script.ends // WEEK
        account = Account(f"{patients:,} patients, {weeks} weeks, {name}")
        _held(account, year, sent)
    account.facts |= {
        "visits": len(year.rows),
        "reminders sent": sent.total(),
        "replicas": size,
        "processes killed": year.kills,
        "of them in the middle of their work": year.midway,
        "outages": len(script.outages),
        "seconds": round(time.monotonic() - began),
    }
    return account


def _held(account: Account, year: Year, sent: Counter[Sent]) -> None:
    oracle = Oracle(year.script)
    wanted = Counter(oracle.all())
    missing, extra = _by_whom(wanted - sent, oracle), _by_whom(sent - wanted, oracle)
    account.none("missing", in_words(sorted((missing - extra).elements())))
    beyond = in_words(sorted((extra - missing).elements()))
    account.none("beyond what is wanted", beyond)
    account.none("sent twice", in_words([s for s, n in sent.items() if n > 1]))
    person = {number: course.person for number, course in oracle.courses.items()}
    shown = Counter(_shown(s, person[s.visit]) for s in wanted.elements())
    account.none("messages missing", sorted((shown - year.seen).elements()))
    account.none("messages too many", sorted((year.seen - shown).elements()))
    account.none(
        "in quiet hours",
        [seen for seen in year.seen if not oracle.decent(seen[1], seen[0])],
    )
    account.none("after a cancel or a move", _too_late(oracle, sent))
    alarms = sorted(oracle.alarms(year.looks, ZoneInfo(profile().time_zone)))
    noted = Counter(_noted(oracle, alarms))
    account.none("words for the team missing", sorted((noted - year.noted).elements()))
    account.none("words for the team too many", sorted((year.noted - noted).elements()))
    known = {(a.visit, a.revision, a.raised, a.ended) for a in alarms}
    account.none("alarms not as they should be", sorted(known ^ year.alarms(), key=str))
    account.none("visits not as they should be", _otherwise(oracle, year))
    words = Counter(one.kind for one in sent.elements())
    account.facts |= {
        "dates proposed": sum(act.what == "propose" for act in year.script.acts),
        "words of them": words["proposal"],
        "second words of them": words["proposal_again"],
        "dates that lapsed": len(oracle.lapses),
        "alarms raised": len(alarms),
        "alarms settled": sum(alarm.settled for alarm in alarms),
    }
    account.hold("reminders were sent", sent.total() > len(year.rows), sent.total())
    account.hold("processes were killed", year.kills > 0, year.kills)


def _by_whom(sent: Counter[Sent], oracle: Oracle) -> Counter[Sent]:
    """The same with the word of dates told together as the word of one of them."""
    found: Counter[Sent] = Counter()
    for one, times in sent.items():
        if one.kind == "proposal":
            person = oracle.courses[one.visit].person
            one = Sent(one.at, -person, 0, one.kind)
        found[one] += times
    return found


def _noted(oracle: Oracle, alarms: Sequence[Alarm]) -> Iterator[Noted]:
    """What the team has to be told."""
    for minute, visit in oracle.lapses:
        shown = oracle.shown(visit, minute)
        yield minute, oracle.courses[visit].person, "lapsed", shown
    for alarm in alarms:
        person = oracle.courses[alarm.visit].person
        shown = oracle.shown(alarm.visit, alarm.raised)
        yield alarm.raised, person, "unreminded", shown
        if alarm.settled and alarm.ended is not None:
            yield alarm.ended, person, "settled", shown if alarm.named else ""


def _otherwise(oracle: Oracle, year: Year) -> list[str]:
    """Visits that stand otherwise at the end than they should."""
    kept = year.statuses()
    found = []
    for visit, course in oracle.courses.items():
        last = course.stretches[-1]
        status, revision = kept[visit]
        wanted = GONE if last.status == OFF else last.status
        if (_STATUSES.get(status, status), revision) != (wanted, last.revision):
            found.append(f"visit {visit}: {kept[visit]}, not {last}")
    return found


def _too_late(oracle: Oracle, sent: Counter[Sent]) -> list[str]:
    found = []
    for one in sent:
        stands = oracle.courses[one.visit].at(one.at)
        gone = ("gone",) if one.kind == "called_off" else ("off", "gone")
        if stands is None or stands.revision != one.revision or stands.status in gone:
            found.append(one)
    return in_words(found)


def run(name: StoreName, patients: int, weeks: int, seed: int) -> Account:
    """A year on a database of its own."""
    script = drawn(patients, weeks, seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database: Database = folder / "exoplan.db"
        if name == "postgres":
            database = stack.enter_context(
                new_database(stack.enter_context(postgres()))
            )
        return asyncio.run(lived(name, database, script, folder, seed))


def main() -> int:
    """Run it; the exit code."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--patients", type=int, default=2_000)
    asked.add_argument("--weeks", type=int, default=52)
    asked.add_argument("--store", choices=("sqlite", "postgres"), default="postgres")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", type=Path, default=None)
    given = asked.parse_args()
    account = run(given.store, given.patients, given.weeks, given.seed)
    return 0 if publish([account], given.json) else 1


if __name__ == "__main__":
    sys.exit(main())
