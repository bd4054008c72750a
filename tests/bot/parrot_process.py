"""The parrot in a process of its own, which may kill itself at a chosen moment."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.app import App, run
from bot.channels.telegram import Telegram
from bot.handle import Turns
from bot.inbox import Intake
from bot.logs import set_up
from bot.web.webhook import Door
from tests.bot.rehearsal import clinic, settings, voice


def die(*_: Any, **__: Any) -> Any:
    """As a machine that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(call: Callable[..., Any]) -> Callable[..., Any]:
    """Die once the call was made."""

    async def made(self: Telegram, method: str, body: bytes) -> None:
        await call(self, method, body)
        die()

    return made


def after_it(keep: Callable[..., Any]) -> Callable[..., Any]:
    """Die once the update is on disk, before Telegram hears of it."""

    async def kept(self: Door, update: Any) -> None:
        await keep(self, update)
        die()

    return kept


def main(folder: str, api_url: str, dies: str, **changes: Any) -> None:
    """Run until told to stop, or until the chosen moment."""
    set_up("json")
    if dies == "before it is stored":
        Intake.store = die  # type: ignore[method-assign]
    elif dies == "after it is stored":
        Door.keep = after_it(Door.keep)  # type: ignore[method-assign]
    elif dies == "before the turn":
        Turns.take = die  # type: ignore[method-assign]
    elif dies == "before the call":
        Telegram.call = die  # type: ignore[method-assign]
    elif dies == "after the call":
        Telegram.call = after(Telegram.call)  # type: ignore[method-assign]
    run(App(settings(Path(folder), api_url, **changes), clinic(), voice()))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
