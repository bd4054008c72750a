"""When turns are taken."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RootTransaction

from bot.clock import RealClock
from bot.desk import StaffRoom
from bot.handle import Taken
from bot.inbox import Worker
from bot.metrics import Figures
from bot.store.engine import Store

PATIENCE = 30.0  # seconds, for a machine that is busy with other tests


class Diary:
    """Turns and updates as they reach the writer, each with its transaction."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, RootTransaction | None]] = []
        self.begun = threading.Event()
        self.may_go_on = threading.Event()
        self.last_is_taken = threading.Event()

    def store(self, connection: Connection) -> None:
        """Some updates."""
        self.lines.append(("stored", connection.get_transaction()))

    def take(self, connection: Connection, *given: Any, **more: Any) -> Taken:
        """Their turns; the first take their time."""
        self.lines.append(("taken", connection.get_transaction()))
        self.begun.set()
        self.may_go_on.wait()
        if len(self.lines) > 4:
            self.last_is_taken.set()
        return Taken(turns=1)

    def hand_for_turns(self) -> None:
        """Nothing goes to a sender."""

    def hand(self, stored: object) -> None:
        """Nothing comes from a turn."""


async def test_turns_share_the_transaction_that_stores_what_they_are_for(
    tmp_path: Path,
):
    """Also where others are under way; what comes later still has a turn after it."""
    store, diary = Store(tmp_path / "exoplan.db"), Diary()
    it: Any = diary
    worker = Worker(store, it, it, StaffRoom(None), RealClock(), Figures())
    working = asyncio.create_task(worker.run())
    worker.follow()
    await asyncio.to_thread(diary.begun.wait)
    first = store.submit(diary.store)
    worker.follow()
    second = store.submit(diary.store)
    worker.follow()
    diary.may_go_on.set()
    await asyncio.gather(first, second)
    assert await asyncio.to_thread(diary.last_is_taken.wait, PATIENCE)
    worker.stop()
    await working
    store.close()
    whats = [what for what, _ in diary.lines]
    assert whats[:4] == ["taken", "stored", "taken", "stored"]
    assert whats[4] == "taken"
    assert diary.lines[1][1] is diary.lines[2][1] is not diary.lines[0][1]
