"""The parrot as one of several replicas, each a process of its own.

They find out within two seconds that one of them is gone, where the program as it ships
takes ten.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot import replica, watch
from bot.app import App, run
from bot.logs import set_up
from tests.bot.rehearsal import ENDS_WITHIN, clinic, settings, voice


class Replica:
    """A replica at work, and what it logs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._reading = asyncio.create_task(self._read())
        self._receives = asyncio.Event()
        self.logged: list[str] = []

    @classmethod
    async def begin(cls, folder: Path, api_url: str, **changes: Any) -> Replica:
        """Start one; it is not waited for."""
        given = {"folder": str(folder), "api_url": api_url, **changes}
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                __file__,
                json.dumps(given),
                stderr=asyncio.subprocess.PIPE,
            )
        )

    async def kill(self) -> None:
        """As a machine that loses its power."""
        self._process.kill()
        await self._ended()

    def freeze(self) -> None:
        """As a machine that hangs."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was, and does not know that time has passed."""
        self._process.send_signal(signal.SIGCONT)

    async def stop(self) -> int:
        """The exit code, once it was told to end."""
        async with asyncio.timeout(ENDS_WITHIN):
            await self._receives.wait()
            self._process.terminate()
            return await self._ended()

    async def _ended(self) -> int:
        await self._reading
        return await self._process.wait()

    async def _read(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.logged.append(line.decode())
            if json.loads(line)["event"] == "receiving":
                self._receives.set()


def main(folder: str, api_url: str, **changes: Any) -> None:
    """Run until told to stop."""
    set_up("json")
    replica.LEASE_SECONDS, replica.BEAT, replica.MARGIN = 2.0, 0.3, 0.5
    watch.SILENT_SECONDS, watch.LISTEN_SECONDS, watch.PAUSE = 2, 0.5, 0.2
    run(App(settings(Path(folder), api_url, **changes), clinic(), voice()))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
