"""Thousands of reminders due at one minute, and the bot killed while they go out."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from pydantic import SecretStr
from sqlalchemy import Connection, func, select

from bot.config import Settings
from bot.gates import Gate
from bot.keys import KeyStore, master_key
from bot.seals import hold_together
from bot.store import tables
from bot.store.engine import Store, open_engine
from bot.store.migrations import upgrade
from bot.visits import Visits, Wanted, Whose
from dialogs.reminders import shipped
from tests.bench.patients import Crowd, percentile
from tests.bench.program import MASTER_KEY, Program, exoplan
from tests.bench.run import first_answer, listening
from tests.bench.stores import Store as Kept
from tests.bench.stores import StoreName, fresh
from tests.bench.telegram import Message
from tests.soak.account import Account, nothing_lost, settle
from tests.soak.replicas import most_in_a_second
from tests.somebody import at_chats

KIND = "before_1_day"
FIRST_CHAT = 5_000_001  # of those who are reminded
TALKING = 5  # patients who press meanwhile
PRESSES = 1.0  # a second, of all of them together
AT_ONCE = 500  # people stored in one transaction
ANSWER_SECONDS = 60.0
PATIENCE = 2.0  # times as long as it should take, and then some
AND_THEN_SOME = 60.0  # seconds
BACK_SECONDS = 5.0  # until a bot that was killed sends again, at most
SLOWER_BY = 1.1  # at most, than the gate lets through
ANSWERED_WITHIN = 1.5  # seconds, p99, whoever presses while no bot is being killed


@dataclass(slots=True)
class Rush:
    """Who was reminded, and when; who pressed meanwhile, and how long they waited."""

    crowd: Crowd
    chats: range
    reminded: Counter[int] = field(default_factory=Counter)  #: times, by chat
    came: list[float] = field(default_factory=list)  #: of every reminder, monotonic
    answered: list[tuple[float, float]] = field(default_factory=list)
    #: moment of each answer, and what it took
    away: list[tuple[float, float]] = field(default_factory=list)
    #: from each kill to the first message after it
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self) -> None:
        """Look at every message from now on."""
        far, told = self.crowd.far, self.crowd.far.shown

        def shown(message: Message, new: bool) -> None:
            now = time.monotonic()
            if message.chat in self.chats:
                self.reminded[message.chat] += 1
                self.came.append(now)
                self.more.set()
            waits = len(self.crowd.tally.waits)
            told(message, new)
            self.answered += [(now, one) for one in self.crowd.tally.waits[waits:]]

        far.shown = shown
        for chat in self.chats:
            far.open_chat(chat)

    async def until(self, reminded: int, seconds: float) -> bool:
        """Wait until so many were reminded; whether they were within the time."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.reminded) < reminded:
                    self.more.clear()
                    await self.more.wait()
        except TimeoutError:
            return False
        return True

    async def kill(self, program: Program) -> None:
        """SIGKILL, and begin again; until the first message comes."""
        await program.kill()
        killed = time.monotonic()
        await program.start()
        self.more.clear()
        await asyncio.wait_for(self.more.wait(), AND_THEN_SOME)
        self.away.append((killed, time.monotonic()))

    @property
    def undisturbed(self) -> list[float]:
        """Waits of answers that no kill had a part in, in seconds."""
        return [
            wait
            for at, wait in self.answered
            if not any(at - wait < back and killed < at for killed, back in self.away)
        ]


async def rushed(
    name: StoreName, reminders: int, kills: int, rate: float, seed: int
) -> tuple[Account, Rush]:
    """All due at once, so many SIGKILLs while they go out; what must hold in any time.

    Args:
        rate: EXOPLAN_RATE, messages a second.
    """
    account = Account(f"{reminders:,} due at one minute, {rate:g}/s, {name}")
    chance = Random(seed)
    at = sorted(chance.uniform(0.05, 0.8) for _ in range(kills))
    patience = AND_THEN_SOME + PATIENCE * reminders / rate
    with tempfile.TemporaryDirectory() as folder, fresh(name, Path(folder)) as store:
        chats = range(FIRST_CHAT, FIRST_CHAT + reminders)
        await asyncio.to_thread(_prepare, store, chats)
        rush = Rush(Crowd(TALKING, rate=PRESSES), chats)
        rush.watch()
        async with listening(rush.crowd) as address:
            more = {"EXOPLAN_RATE": f"{rate:g}", "EXOPLAN_CHAT_RATE": "1"}
            program = exoplan(Path(folder), address, store.url, more)
            try:
                await program.start()
                await first_answer(rush.crowd, program)
                rush.crowd.begin()
                for share in at:
                    await rush.until(int(reminders * share), patience)
                    await rush.kill(program)
                await rush.until(reminders, patience)
                book = await settle(rush.crowd, store, ANSWER_SECONDS)
            finally:
                code = await program.stop()
        ends = _ends(store)
    nothing_lost(account, rush.crowd, book)
    missing = [chat for chat in chats if chat not in rush.reminded]
    account.none("people who were not reminded", missing)
    twice = sum(rush.reminded.values()) - len(rush.reminded)
    account.hold(
        "who was reminded twice is counted as uncertain",
        twice + rush.crowd.tally.sent_again <= book.uncertain,
        f"{twice} twice, {book.uncertain} counted",
    )
    account.hold("every row says sent", ends == {"sent": reminders}, ends)
    account.hold("told to stop, it ends with 0", code == 0, code)
    account.facts["SIGKILLs while they went out"] = len(rush.away)
    return account, rush


def timed(account: Account, rush: Rush, rate: float) -> None:
    """What must hold on a computer that is not busy with other things."""
    gate = Gate.of_bot(rate)
    through = (gate.size - gate.kept_free) / gate.window
    took = rush.came[-1] - rush.came[0]
    down = sum(back - killed for killed, back in rush.away)
    should = len(rush.came) / through
    account.hold(
        f"out at the gate's rate: at most {SLOWER_BY} times {should:.0f} s",
        took - down <= SLOWER_BY * should,
        f"{took - down:.1f} s, and {down:.1f} s killed",
    )
    most = most_in_a_second(rush.crowd.far.arrivals)
    account.hold(
        f"arrivals in any second: at most {gate.size}", most <= gate.size, most
    )
    longest = max((back - killed for killed, back in rush.away), default=0.0)
    account.hold(
        f"sends again within {BACK_SECONDS:g} s of a kill",
        longest <= BACK_SECONDS,
        f"{longest:.1f} s",
    )
    calm = rush.undisturbed
    p99 = percentile(calm, 0.99)
    account.hold(
        f"who writes meanwhile is answered: p99 within {ANSWERED_WITHIN:g} s",
        p99 <= ANSWERED_WITHIN,
        f"{p99:.2f} s, p50 {percentile(calm, 0.5):.2f} s, {len(calm)} answers",
    )


def _prepare(store: Kept, chats: Sequence[int]) -> None:
    """People who have a visit a day from now, and whose reminder is due."""
    where = Settings(database_url=store.url, master_key=SecretStr(MASTER_KEY))
    opened = Store(where.database)
    opened.write_now(upgrade)
    keys = KeyStore(where.key_store, master_key(MASTER_KEY, where.key_file_path))
    opened.write_now(lambda connection: hold_together(connection, keys))
    now = datetime.now(UTC)
    calendar = shipped()
    only = calendar.with_({kind: kind == KIND for kind in calendar.kinds})
    kept = Visits(keys, only, _where_it_is_noon(now))
    minute = now.replace(second=0, microsecond=0)
    wanted = Wanted(minute + timedelta(days=1), "skin", 1)

    def book(connection: Connection, some: Sequence[int]) -> None:
        since = now - timedelta(days=30)
        people = at_chats(connection, keys, some, since)
        new = [(Whose(key, person=person), wanted) for person, key in people]
        kept.book_all(connection, new, since)

    try:
        for begin in range(0, len(chats), AT_ONCE):
            some = chats[begin : begin + AT_ONCE]
            opened.write_now(partial(book, some=some))
    finally:
        opened.close()
        keys.close()


def _where_it_is_noon(now: datetime) -> str:
    """A zone in which nobody sleeps in the hours to come."""
    ahead = 12 - now.hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _ends(store: Kept) -> dict[str, int]:
    """How many of these reminders came to which end."""
    table = tables.reminders
    engine = open_engine(Settings(database_url=store.url).database)
    asked = (
        select(table.c.status, func.count().label("number"))
        .where(table.c.kind == KIND)
        .group_by(table.c.status)
    )
    try:
        with engine.connect() as connection:
            return {row.status: row.number for row in connection.execute(asked)}
    finally:
        engine.dispose()
