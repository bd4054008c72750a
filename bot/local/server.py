"""One local Telegram: the world, its Bot API and its page, on 127.0.0.1."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.local import acts
from bot.local.api import BotApi
from bot.local.clock import Clock
from bot.local.delivery import deliver
from bot.local.errors import Impossible
from bot.local.faults import Faults, Record
from bot.local.journal import Durable, Forgetful, Journal
from bot.local.nouns import User
from bot.local.people import Group, Person
from bot.local.routes import Page
from bot.local.safety import is_ours
from bot.local.world import World
from bot.web.server import GuestServer

LOOPBACK = "127.0.0.1"
THREAD_SECONDS = 30.0  # for one coroutine run from another thread

Result = TypeVar("Result")


class LocalTelegram:
    """A Telegram of one's own, with one bot in it.

    `token` is the bot's, `<id>:<secret>`. `journal` is the file that survives a kill;
    without it everything is forgotten at the end.
    """

    def __init__(
        self,
        token: str = "123:demo",
        journal: Path | None = None,
        clock: Clock | None = None,
        *,
        bot_name: str = "Clinic assistant",
        bot_username: str = "local_clinic_bot",
    ) -> None:
        bot_id, _, secret = token.partition(":")
        if not bot_id.isdigit() or not secret:
            raise Impossible("A token is <digits>:<secret>.")
        self.token = token
        self.clock = clock or Clock()
        self.faults = Faults()
        self.record = Record()
        self._journal: Journal = Durable(journal) if journal else Forgetful()
        bot = User(int(bot_id), bot_name, username=bot_username, is_bot=True)
        self.world = World(bot, self._journal, self.clock)
        self._port = 0
        self._server: GuestServer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._page = Page(self.world)
        self._loop: asyncio.AbstractEventLoop | None = None

    # — running —

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes any free one. Raises OSError when taken."""
        self._loop = asyncio.get_running_loop()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._server = GuestServer(self._app())
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        self._tasks = [serving, asyncio.create_task(deliver(self.world))]
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Answer what is on its way, close the journal."""
        self._page.close()
        self.faults.clear()
        self.world.updates.end_polls()
        if self._server is not None:
            self._server.leave()
            serving, delivering = self._tasks
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
            await serving
            self._server = None
        self._journal.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls, *args: Any, port: int = 0, **kwargs: Any) -> Iterator[Self]:
        """Run in a thread with a loop of its own, for synchronous tests.

        Act through `run`: `local.run(ana.send("hello"))`.
        """
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()

        async def make() -> Self:
            made = cls(*args, **kwargs)
            await made.start(port)
            return made

        try:
            starting: Future[Self] = asyncio.run_coroutine_threadsafe(make(), loop)
            local = starting.result(THREAD_SECONDS)
            try:
                yield local
            finally:
                local.run(local.stop())
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(THREAD_SECONDS)
            loop.close()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine in the server's own thread and wait for its result."""
        if self._loop is None:
            raise Impossible("The server has not been started.")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(THREAD_SECONDS)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    @property
    def api_url(self) -> str:
        """The base URL bots are given in place of https://api.telegram.org."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def page_url(self) -> str:
        """The chat page."""
        return f"{self.api_url}/{self.world.path_token}/"

    def _cut(self, request: Request) -> None:
        """Cut a request's connection without an answer."""
        if self._server is None:
            return
        for connection in list(self._server.server_state.connections):
            if getattr(connection, "client", None) == tuple(request.client or ()):
                connection.transport.abort()

    def _app(self) -> Starlette:
        api = BotApi(self.world, self.token, self.faults, self.record, self._cut)
        page = self._page
        every = ["GET", "POST"]
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", api.call, methods=every),
                Route("/file/bot{token}/{path:path}", api.file),
                Route("/{page_token}/", page.asset),
                Route("/{page_token}/events", page.events),
                Route("/{page_token}/act", page.act, methods=["POST"]),
                Route("/{page_token}/files/{file_id}", page.file),
                Route("/{page_token}/{name}", page.asset),
            ],
            middleware=[Middleware(_LoopbackOnly)],
        )

    # — the people in it —

    def person(
        self,
        first_name: str,
        *,
        last_name: str = "",
        username: str = "",
        language: str = "en",
    ) -> Person:
        """A new person; `language` is the app's, empty for one that tells none."""
        user = self.world.add_user(
            first_name,
            last_name=last_name,
            username=username,
            language_code=language,
        )
        self.world.commit()
        return Person(self.world, user)

    @property
    def people(self) -> list[Person]:
        """Everybody there is, but the bot."""
        users = self.world.users.values()
        return [Person(self.world, user) for user in users if not user.is_bot]

    def group(
        self,
        title: str,
        members: list[Person],
        *,
        forum: bool = False,
        kind: str = "",
        bot_is_admin: bool = True,
    ) -> Group:
        """A new group with the bot in it; forums are supergroups."""
        chat = acts.found_group(
            self.world,
            title,
            [person.user for person in members],
            kind=kind or ("supergroup" if forum else "group"),
            forum=forum,
            bot_is_admin=bot_is_admin,
        )
        self.world.commit()
        return Group(self.world, chat)

    @property
    def groups(self) -> list[Group]:
        """All groups that were not left behind by a migration."""
        chats = self.world.chats.values()
        return [
            Group(self.world, chat)
            for chat in chats
            if chat.kind != "private" and chat.migrated_to is None
        ]

    def move_clock(self, by: timedelta) -> None:
        """Let time pass in the local world."""
        self.world.move_clock(by)


class _LoopbackOnly:
    """Turns away whatever did not come from this computer's programs or this page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and not is_ours(Headers(scope=scope)):
            app = Response("Only this computer may ask.", 403)
        await app(scope, receive, send)
