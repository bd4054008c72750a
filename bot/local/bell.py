"""Lets tasks wait until something changes, without polling."""

import asyncio
from collections.abc import Callable


class Bell:
    """Rung on every change; everybody who waits wakes up."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake everybody. Called from the loop's own thread."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def heard(self, seconds: float) -> bool:
        """Wait for the next ring; False when it did not come in time."""
        if seconds <= 0:
            return False
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            done, _ = await asyncio.wait({waiter}, timeout=seconds)
            return bool(done)
        finally:
            self._waiting.discard(waiter)
            waiter.cancel()

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look at every ring whether it holds by now; False when time is up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not holds():
            if not await self.heard(deadline - loop.time()):
                return holds()
        return True
