"""Killed again and again under load: one process, at any instruction."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from random import Random

from tests.bench.patients import Crowd
from tests.bench.program import exoplan, free_port, hooked
from tests.bench.run import Mode, first_answer, listening
from tests.bench.stores import StoreName, fresh
from tests.soak.account import Account, nothing_lost, settle

PATIENTS = 40
LONGEST_LIFE = 1.5  # seconds from an answer, or from a start, to the next kill
WHILE_STARTING = 0.2  # share of kills that do not wait for an answer
BACK_AT_WORK_SECONDS = 60.0
ANSWER_SECONDS = 90.0  # after the last kill


async def killed(name: StoreName, mode: Mode, kills: int, seed: int) -> Account:
    """So many SIGKILLs, each after a random while."""
    account = Account(f"{kills} kills, {name}, {mode}")
    chance = Random(seed)
    with tempfile.TemporaryDirectory() as folder, fresh(name, Path(folder)) as store:
        crowd = Crowd(PATIENTS)
        async with listening(crowd) as address:
            more = hooked(free_port()) if mode == "webhook" else {}
            program = exoplan(Path(folder), address, store.url, more)
            await program.start()
            await first_answer(crowd, program)
            crowd.begin()
            for _ in range(kills):
                if chance.random() >= WHILE_STARTING:
                    await crowd.next_answer(BACK_AT_WORK_SECONDS)
                await asyncio.sleep(chance.uniform(0.0, LONGEST_LIFE))
                await program.kill()
                await program.start()
            book = await settle(crowd, store, ANSWER_SECONDS)
            code = await program.stop()
    nothing_lost(account, crowd, book)
    account.hold("told to stop, it ends with 0", code == 0, code)
    account.facts["sends in doubt"] = book.uncertain
    return account
