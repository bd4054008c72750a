"""Updates as Telegram posts them: 200 only once they are on disk.

Whatever goes wrong is answered with another status, and Telegram posts the update
again; its key makes a second one harmless.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import uniform

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.channels.telegram import Posting, json_of
from bot.clock import Clock
from bot.errors import Unreachable
from bot.inbox import Intake
from bot.metrics import Figures
from bot.read import Update
from bot.store.engine import Store

SECRET_HEADER = "x-telegram-bot-api-secret-token"
MAX_BODY = 1_048_576  # bytes; the largest updates are a fraction of that
MAX_TOGETHER = 100  # updates stored in one transaction
KEPT_WITHIN = 20.0  # seconds before Telegram is asked to come again
LOOK_SECONDS = 60.0  # between two looks at how Telegram's deliveries go
FIRST_PAUSE = 0.5  # seconds after a first failure; doubled with each
LONGEST_PAUSE = 30.0  # seconds

log = structlog.get_logger("webhook")


class Door:
    """Lets updates in: those that come at one time share a transaction."""

    def __init__(
        self,
        store: Store,
        intake: Intake,
        clock: Clock,
        figures: Figures,
        follow: Callable[[], None],
    ) -> None:
        self._store = store
        self._intake = intake
        self._follow = follow
        self._clock = clock
        self._figures = figures
        self._waiting: list[tuple[Update, asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None
        self.last_update_at: datetime | None = None  #: when one was stored last

    async def keep(self, update: Update) -> None:
        """Returns once the update is on disk.

        Raises:
            SQLAlchemyError: the store is away.
        """
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((update, kept))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all())
        await kept

    async def _store_all(self) -> None:
        try:
            while self._waiting:
                # What Telegram posts at one time it has numbered in order.
                self._waiting.sort(key=lambda one: one[0]["update_id"])
                together = self._waiting[:MAX_TOGETHER]
                del self._waiting[:MAX_TOGETHER]
                await self._store_some(together)
        finally:
            self._storing = None

    async def _store_some(
        self, together: list[tuple[Update, asyncio.Future[None]]]
    ) -> None:
        now = self._clock.now()
        updates = [update for update, _ in together]

        def store(connection: Connection) -> None:
            self._intake.store(connection, updates, now)

        fault: Exception | None = None
        try:
            kept = self._store.submit(store)
            self._follow()  # storing and the first turns share one transaction
            await kept
        except Exception as raised:
            fault = raised
            if len(together) > 1 and not isinstance(fault, SQLAlchemyError):
                for alone in together:  # one of them is at fault; the others go on
                    await self._store_some([alone])
                return
        for _, waits in together:
            if waits.done():  # whoever posted it has given up
                continue
            if fault is None:
                waits.set_result(None)
            else:
                waits.set_exception(fault)
        if fault is None:
            self._figures.updates += len(together)
            self.last_update_at = now
        else:
            log.error("updates_not_kept", fault=type(fault).__name__)


class Webhook:
    """Where Telegram posts; everybody else is turned away at the door."""

    def __init__(self, secret: str, keep: Callable[[Update], Awaitable[None]]) -> None:
        self._secret = secret.encode()
        self._keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(Request(scope, receive))
        except ClientDisconnect:  # nobody is there to be answered
            return
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, self._secret):
            return Response("wrong secret", 403)
        body = await _body(request)
        if body is None:
            return Response("too large", 413)
        try:
            update = json_of(body)
        except ValueError:
            return Response("not JSON", 400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return Response("not an update", 400)
        try:
            async with asyncio.timeout(KEPT_WITHIN):
                await self._keep(update)
        except (SQLAlchemyError, TimeoutError):
            return Response("not now", 503, {"Retry-After": "1"})
        return Response()


async def _body(request: Request) -> bytes | None:
    """The body, read no further than the limit; None where it goes beyond."""
    if int(request.headers.get("content-length", "0")) > MAX_BODY:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


class Posted:
    """Sees to it that Telegram posts updates here, as long as the bot runs.

    Args:
        post_to: tells Telegram the address.
        posting: asks Telegram where it posts, and how that goes.
    """

    def __init__(
        self,
        url: str,
        post_to: Callable[[], Awaitable[None]],
        posting: Callable[[], Awaitable[Posting]],
    ) -> None:
        self._url = url
        self._post_to = post_to
        self._posting = posting
        self.waiting: int | None = None  #: updates that Telegram holds, when last asked

    async def run(self) -> None:
        """Name the address, then look after it, until cancelled.

        Raises:
            TokenRefused: the token was taken back.
        """
        named, pause = False, FIRST_PAUSE
        failed_at: datetime | None = None
        while True:
            try:
                if not named:
                    await self._post_to()
                    named = True
                    log.info("receiving_by_webhook")
                here = await self._posting()
            except Unreachable as fault:
                log.warning("telegram_unreachable", fault=str(fault))
                await asyncio.sleep(fault.retry_after or uniform(0.5, 1.0) * pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            pause = FIRST_PAUSE
            self.waiting = here.waiting
            if here.url != self._url:  # another program asked for the updates
                log.warning("webhook_was_taken_away")
                named = False
                await asyncio.sleep(pause)
                continue
            if here.failed_at != failed_at:
                failed_at = here.failed_at
                if here.waiting:
                    log.warning("telegram_cannot_deliver", waiting=here.waiting)
            await asyncio.sleep(LOOK_SECONDS)
