"""The whole program in a process of its own, to be killed by a test.

Processes are forked from one that has read the program already: reading it takes
longer than most of what a test does with it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.app import App, run
from bot.local import LocalTelegram
from bot.local.people import Group
from tests.bot.rehearsal import clinic, settings

_FROM_ONE = multiprocessing.get_context("forkserver")
_FROM_ONE.set_forkserver_preload([__name__, "tests.e2e.clinic_ready"])


def work(folder: str, api_url: str, staff_chat: int) -> None:
    """Run it until it is told to stop, or killed."""
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    from tests.e2e.clinic_ready import VOICE  # in hand already; elsewhere not wanted

    run(App(settings(Path(folder), api_url), clinic(staff_chat), VOICE))


@contextmanager
def killed(folder: Path, local: LocalTelegram, group: Group) -> Iterator[BaseProcess]:
    """The program at work, which is killed at the end like at any other time."""
    wanted = (str(folder), local.api_url, group.id)
    process = _FROM_ONE.Process(target=work, args=wanted)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()
