"""Thousands of patients who all want a person, and one group that takes 20 a minute.

The bot's own turns, sender, gates and rounds run against a far end that only notes when
each call came, on a loop whose clock jumps over every wait: days pass in minutes. In
the group no sliding minute may hold more than 20 messages, edits among them; whatever
is stored and not sent must be counted as waiting; an emergency overtakes all of it; and
in the end everything has arrived, every card as it is then.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections import Counter, deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from sqlalchemy import text

from bot import outbox as outbox_module
from bot.clinic import DEMO_CLINIC, calendar_of, load_clinic
from bot.desk import Desk, StaffRoom
from bot.desk.rounds import Rounds
from bot.gates import GROUP_PER_MINUTE, LocalGates
from bot.handle import Turns
from bot.house import voice_of
from bot.inbox import Intake, Worker
from bot.keys import KeyStore, master_key
from bot.marks import Marks
from bot.metrics import Figures
from bot.outbox import Sender
from bot.replica import Replica
from bot.rights import Rights
from bot.roles import Roles
from bot.store.engine import Store
from bot.store.migrations import upgrade
from bot.store.waiting import backlog
from bot.threads import Threads
from bot.verdict import Answer
from bot.visits import Visits

GROUP = -1_002_000_000_001
FIRST_PATIENT = 5_000_000_001
BEGINS_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT_ONCE = 100  # patients whose updates are stored together
EMERGENCIES = 5
MINUTE = 60.0

#: Calls that a group counts.
_COUNTED = frozenset({"sendMessage", "editMessageText", "createForumTopic"})


class HastyLoop(asyncio.SelectorEventLoop):
    """A loop that does not wait: where nothing is ready its clock jumps ahead.

    While another thread works it is given a moment, which costs no time here.
    """

    def __init__(self) -> None:
        self._ahead = 0.0
        self.busy = 0
        super().__init__(_Hasty(self))

    def time(self) -> float:
        """Seconds, by the clock that jumps."""
        return self._ahead

    def jump(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._ahead += seconds


class _Hasty(selectors.DefaultSelector):
    def __init__(self, loop: HastyLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        ready = super().select(0.02 if self._loop.busy else 0)
        if not ready and not self._loop.busy and timeout is not None:
            self._loop.jump(timeout)
        return ready if ready or timeout is not None else super().select(0.02)


class JumpingClock:
    """The program's clock, by that loop."""

    def __init__(self, loop: HastyLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """The present moment."""
        return BEGINS_AT + timedelta(seconds=self._loop.time())


class BusyStore(Store):
    """Tells the loop while the writer thread works."""

    loop: HastyLoop

    def submit(self, run: Any) -> Any:
        self.loop.busy += 1
        done = super().submit(run)

        def over(_: object) -> None:
            self.loop.busy -= 1

        done.add_done_callback(over)
        return done


class FarEnd:
    """Takes every call, and notes when those for the group came."""

    def __init__(self, loop: HastyLoop) -> None:
        self._loop = loop
        self._numbers = Counter[int]()
        self.moments: list[float] = []
        self.kinds = Counter[str]()
        self.cards: dict[int, str] = {}
        self.alarms: list[float] = []

    async def call(self, method: str, body: bytes) -> Answer:
        """One call."""
        said = orjson.loads(body)
        chat = said.get("chat_id", 0)
        self._numbers[chat] += 1
        number = said.get("message_id") or self._numbers[chat]
        if chat == GROUP and method in _COUNTED:
            words = said.get("text", "")
            if "🚨" in words:
                self.alarms.append(self._loop.time())
            else:  # nothing holds an emergency, so that it may be one too many
                self.moments.append(self._loop.time())
            self.kinds[method] += 1
            if "Asked " in words:
                self.cards[number] = words
        return Answer(True, message_id=number)

    def busiest_minute(self) -> int:
        """Most calls in any sliding minute."""
        most, lately = 0, deque[float]()
        for moment in self.moments:
            lately.append(moment)
            while lately[0] <= moment - MINUTE:
                lately.popleft()
            most = max(most, len(lately))
        return most


async def _moved(chat_id: int) -> None:
    raise AssertionError("nothing moves here")


async def crowd(patients: int, loop: HastyLoop, folder: Path) -> list[str]:
    """Let that many patients ask for a person; what was broken, line by line."""
    clock, figures, far = JumpingClock(loop), Figures(), FarEnd(loop)
    profile = load_clinic(DEMO_CLINIC).model_copy(
        update={"staff_chat": GROUP, "inputs_per_minute": 0}
    )
    BusyStore.loop = loop
    store = BusyStore(folder / "a.db")
    store.write_now(upgrade)
    keys = KeyStore(folder / "k.db", master_key(None, folder / "k"))
    voice, room = voice_of(profile), StaffRoom(GROUP, topics=True)
    roles = Roles(keys, enforced=True)
    renderers = voice.renderers
    desk = Desk(keys, next(iter(renderers.values())), room, roles)
    turns = Turns(
        keys=keys,
        conversation=voice.conversation,
        reader=voice.reader,
        renderers=renderers,
        desk=desk,
        room=room,
        roles=roles,
        rights=Rights(keys, renderers, roles.subject, 14, room),
        visits=Visits(keys, calendar_of(profile), profile.time_zone),
    )
    replica = Replica(store, clock, lambda doubted: sender.look(doubted))
    marks = Marks(store, keys, clock, replica, wake=lambda: worker.wake())
    threads = Threads(keys, marks, room, clock, far.call, lambda: worker.wake())
    sender = Sender(
        store=store,
        keys=keys,
        clock=clock,
        marks=marks,
        replica=replica,
        gates=LocalGates(loop.time),
        call=far.call,
        moved=_moved,
        threads=threads,
        figures=figures,
        rate=0,
        chat_rate=1,
    )
    worker = Worker(store, turns, sender, room, clock, figures)
    intake = Intake(keys, desk, room)
    rounds = Rounds(store, keys, room, clock, worker.wake)
    await replica.enter()
    loops = [
        asyncio.create_task(one())
        for one in (marks.run, worker.run, sender.run, rounds.run)
    ]
    broken: list[str] = []
    updates = 0

    def said(patient: int, words: str) -> dict[str, Any]:
        nonlocal updates
        updates += 1
        who = FIRST_PATIENT + patient
        return {
            "update_id": updates,
            "message": {
                "message_id": updates,
                "date": 0,
                "chat": {"id": who, "type": "private"},
                "from": {"id": who, "is_bot": False, "first_name": f"P{patient}"},
                "text": words,
            },
        }

    async def bring(patient_words: list[tuple[int, str]]) -> None:
        rows = [said(*one) for one in patient_words]
        await store.write(lambda c: intake.store(c, rows, clock.now()))
        worker.wake()

    for first in range(0, patients, AT_ONCE):
        these = range(first, min(first + AT_ONCE, patients))
        await bring([(p, words) for p in these for words in ("/person", f"lift {p}?")])
        await asyncio.sleep(1)
    # Only the table knows; and here a second costs no time.
    while (await store.write(backlog)).inbox.rows:  # noqa: ASYNC110
        await asyncio.sleep(1)
    print(f"all asked after {loop.time():.0f} s; waiting", end=" ", flush=True)
    print((await store.write(backlog)).desk.rows, flush=True)

    alarmed = loop.time()
    await bring([(p, "i cannot breathe") for p in range(EMERGENCIES)])
    await asyncio.sleep(5)
    if len(far.alarms) != EMERGENCIES or max(far.alarms) - alarmed > 5:
        broken.append(f"{len(far.alarms)} of {EMERGENCIES} emergencies came in time")

    while True:
        await asyncio.sleep(600)
        await marks.flush()
        waits = await store.write(backlog)
        stored = await store.write(_unsent)
        if waits.desk.rows != stored:
            broken.append(f"{stored} wait, {waits.desk.rows} are counted")
        if not waits.desk.rows and not waits.cards and not waits.inbox.rows:
            break
    await asyncio.sleep(60)
    stale = sum("open 1" not in words for words in far.cards.values())
    if stale or len(far.cards) != patients:
        broken.append(f"{len(far.cards)} cards, {stale} of them old")
    if far.kinds["createForumTopic"] != patients:
        broken.append(f"{far.kinds['createForumTopic']} topics for {patients}")
    if far.busiest_minute() > GROUP_PER_MINUTE:
        broken.append(f"{far.busiest_minute()} messages in one minute")
    print(
        f"{patients} topics, {dict(far.kinds)}, busiest minute "
        f"{far.busiest_minute()}, emergencies after "
        f"{max(far.alarms) - alarmed:.1f} s, everything after "
        f"{loop.time() / 3600:.1f} h of the group's time"
    )
    for one in loops:
        one.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    store.close()
    keys.close()
    return broken


def _unsent(connection: Any) -> int:
    """What waits for the group, counted without the program's own statement."""
    found = connection.execute(
        text(
            "SELECT count(*) FROM outbox WHERE lane LIKE 's:%' "
            "AND status NOT IN ('sent', 'failed')"
        )
    )
    return int(found.scalar() or 0)


def main(patients: int) -> list[str]:
    """Run it on a loop of its own; what was broken."""
    began = time.monotonic()
    loop = HastyLoop()
    outbox_module._now = loop.time
    try:
        with (
            TemporaryDirectory() as folder,
            asyncio.Runner(loop_factory=lambda: loop) as runner,
        ):
            return runner.run(crowd(patients, loop, Path(folder)))
    finally:
        print(f"{time.monotonic() - began:.0f} s here")
