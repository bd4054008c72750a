"""Loops that look at times whether something is to be done.

A store in trouble is waited for, a little longer each time; nothing else ends a loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.store.engine import Store

FIRST_PAUSE = 0.5  # seconds after the store failed once; doubled with each
LONGEST_PAUSE = 30.0  # seconds

log = structlog.get_logger("looking")


async def look_for_ever(
    store: Store,
    what: str,
    look: Callable[[], Awaitable[float]],
    *,
    must_keep: bool = False,
) -> None:
    """Look until cancelled.

    Args:
        what: is looked at, in one word; for the log.
        look: does what is to be done; seconds until the next look.
        must_keep: a look that failed is held against the store (`Store.not_kept`)
            until one did not.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            rest = await look()
        except SQLAlchemyError as fault:
            log.error("put_off", what=what, fault=type(fault).__name__)
            if must_keep:
                store.not_kept.add(what)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
            continue
        pause = FIRST_PAUSE
        store.not_kept.discard(what)
        await asyncio.sleep(rest)
