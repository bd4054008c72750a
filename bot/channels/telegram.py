"""Telegram's Bot API over one HTTP session.

python-telegram-bot speaks for the bot at start: its name, its menu, its description.
The two calls of every turn, getUpdates and sending what is stored, go past its classes
on the same transport: an update is stored as it came, a stored call is sent as it is,
and building objects for either costs more than the rest of a turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import orjson
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.form import FILE_IN, JSON, form_of
from bot.channels.wire import Wire
from bot.errors import CannotDraw, PollingConflict, TokenRefused, Unreachable
from bot.paper.press import Press
from bot.verdict import CANNOT_DRAW, Answer

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
POLL_SECONDS = 50  # Telegram holds a getUpdates this long when nothing happens
CALL_SECONDS = 15.0  # an answer later than this is as good as none
MAX_CALLS = 256  # under way at one time
MAX_UPDATES = 100  # in one answer, as Telegram limits them
MAX_DELIVERIES = 40  # updates that Telegram posts to a webhook at one time


#: Calls whose result is what was sent, or nothing: it is not read.
_SAY_NOTHING_NEW = frozenset(
    {"editMessageText", "editMessageReplyMarkup", "answerCallbackQuery"}
)
_WELL = b'{"ok":true,'


@dataclass(frozen=True, slots=True)
class Storefront:
    """What people see of the bot before they write to it."""

    description: str  #: in the empty chat
    short_description: str  #: on its profile
    commands: Mapping[str, str]  #: for patients: name to words
    staff_commands: Mapping[str, str]  #: for the staff chat


@dataclass(frozen=True, slots=True)
class Posting:
    """What Telegram says about the webhook."""

    url: str  #: empty where there is none
    waiting: int  #: updates not delivered yet
    failed_at: datetime | None  #: when a delivery went wrong last


class Transport(BaseRequest):
    """python-telegram-bot's way to the network, on wires of our own and orjson.

    Polls have a wire to themselves, so that no jam of calls keeps updates away.
    """

    def __init__(self, api_url: str) -> None:
        self._calls = Wire(api_url, MAX_CALLS)
        self._polls = Wire(api_url, at_once=1)

    @property
    def read_timeout(self) -> float | None:
        return CALL_SECONDS

    async def initialize(self) -> None:
        """There is nothing to prepare; connections are made as they are needed."""

    async def shutdown(self) -> None:
        self._calls.close()
        self._polls.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        return orjson.loads(payload)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        body = orjson.dumps(request_data.parameters if request_data else {})
        try:
            return await self.call(_path(url), body)
        except Unreachable:
            raise NetworkError("no answer") from None

    async def call(self, path: str, body: bytes, kind: str = JSON) -> tuple[int, bytes]:
        """Status and body of the answer. Raises Unreachable."""
        return await self._calls.post(path, body, CALL_SECONDS, kind)

    async def poll(self, path: str, body: bytes) -> tuple[int, bytes]:
        """The same for a call that is answered when something happens."""
        return await self._polls.post(path, body, POLL_SECONDS + CALL_SECONDS)


class Telegram:
    """One bot at one Bot API server. `open` first, `close` at last.

    Args:
        token: from @BotFather; it stands in every address, so addresses are not logged.
        api_url: of the server, without /bot.
    """

    def __init__(self, token: str, api_url: str) -> None:
        self._transport = Transport(api_url)
        self._press = Press()
        self._path = _path(f"{api_url.rstrip('/')}/bot{token}/")
        try:
            self._bot = Bot(
                token,
                base_url=f"{api_url.rstrip('/')}/bot",
                request=self._transport,
                get_updates_request=self._transport,
            )
        except InvalidToken:
            raise TokenRefused from None

    async def __aenter__(self) -> Self:
        await self._transport.initialize()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._press.close()
        await self._transport.shutdown()

    async def introduce(self) -> str:
        """The bot's username.

        Raises:
            TokenRefused, Unreachable.
        """
        with _told():
            return (await self._bot.get_me()).username or ""

    async def post_nowhere(self) -> None:
        """From now on updates are asked for; nothing that waits is dropped.

        Raises:
            TokenRefused, Unreachable.
        """
        with _told():
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def post_to(self, url: str, secret: str) -> None:
        """From now on Telegram posts updates to `url`, with the secret in a header.

        Raises:
            TokenRefused, Unreachable: also where Telegram does not like the address.
        """
        with _told():
            await self._bot.set_webhook(
                url,
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=MAX_DELIVERIES,
            )

    async def posting(self) -> Posting:
        """Where Telegram posts updates, and how that goes.

        Raises:
            TokenRefused, Unreachable.
        """
        with _told():
            info = await self._bot.get_webhook_info()
        return Posting(info.url, info.pending_update_count, info.last_error_date)

    async def dress(self, front: Storefront, staff_chat: int | None) -> None:
        """Show this storefront; only what differs is changed.

        Raises:
            Unreachable: or the staff chat does not know the bot.
        """
        menus: list[tuple[Mapping[str, str], Any]] = [
            (front.commands, BotCommandScopeAllPrivateChats())
        ]
        if staff_chat is not None:
            menus.append((front.staff_commands, BotCommandScopeChat(staff_chat)))
        bot = self._bot
        with _told():
            if (await bot.get_my_description()).description != front.description:
                await bot.set_my_description(front.description)
            shown = (await bot.get_my_short_description()).short_description
            if shown != front.short_description:
                await bot.set_my_short_description(front.short_description)
            for words, scope in menus:
                wanted = tuple(BotCommand(name, what) for name, what in words.items())
                if await bot.get_my_commands(scope=scope) != wanted:
                    await bot.set_my_commands(wanted, scope=scope)

    async def has_topics(self, chat_id: int) -> bool:
        """Whether this group has topics.

        Raises:
            TokenRefused, Unreachable: or it does not know the bot.
        """
        with _told():
            return (await self._bot.get_chat(chat_id)).is_forum is True

    async def updates(self, offset: int | None) -> Sequence[Mapping[str, Any]]:
        """What came in since `offset`, as it came; waits until something does.

        Raises:
            TokenRefused, PollingConflict: until somebody does something about it.
            Unreachable: for now.
        """
        asked: dict[str, object] = {
            "timeout": POLL_SECONDS,
            "limit": MAX_UPDATES,
            "allowed_updates": ALLOWED_UPDATES,
        }
        if offset is not None:
            asked["offset"] = offset
        status, body = await self._transport.poll(
            self._path + "getUpdates", orjson.dumps(asked)
        )
        answer = _parsed(body)
        if answer.get("ok") is True and isinstance(answer.get("result"), list):
            return [one for one in answer["result"] if isinstance(one, dict)]
        if status in (401, 404):
            raise TokenRefused
        if status == 409:
            raise PollingConflict
        raise Unreachable(
            f"status {status}", retry_after=_read(status, answer).retry_after
        )

    async def call(self, method: str, body: bytes) -> Answer:
        """Make a stored call, as it is.

        Raises:
            Unreachable: no answer, or none that can be read.
        """
        kind = JSON
        if method in FILE_IN:
            try:
                body, kind = await form_of(method, body, self._press.draw)
            except CannotDraw:
                return Answer(ok=False, code=400, description=CANNOT_DRAW)
        status, raw = await self._transport.call(self._path + method, body, kind)
        if method in _SAY_NOTHING_NEW and status == 200 and raw.startswith(_WELL):
            return Answer(ok=True)
        return _read(status, _parsed(raw))


def _path(url: str) -> str:
    """The path of an address, as it stands in a request."""
    return quote(urlsplit(url).path, safe="/:%")


@contextmanager
def _told() -> Iterator[None]:
    """What python-telegram-bot raises, as the rest of the program knows it."""
    try:
        yield
    except InvalidToken:
        raise TokenRefused from None
    except TelegramError as fault:
        raise Unreachable(type(fault).__name__) from None


def json_of(body: bytes) -> Any:
    """What Telegram wrote. Raises ValueError where it is no JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Lone surrogates and endless numbers are JSON to Telegram's clients.
        try:
            return json.loads(body)
        except RecursionError:
            raise ValueError("nested too deep") from None


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json_of(body)
    except ValueError:
        raise Unreachable("not JSON") from None
    if not isinstance(answer, dict):
        raise Unreachable("not an object")
    return answer


def _read(status: int, answer: Mapping[str, Any]) -> Answer:
    result = answer.get("result")
    more = answer.get("parameters")
    more = more if isinstance(more, dict) else {}
    result = result if isinstance(result, dict) else {}
    # A topic that was opened has only the number of its thread.
    number = result.get("message_id", result.get("message_thread_id"))
    return Answer(
        ok=answer.get("ok") is True,
        code=status,
        description=str(answer.get("description", "")),
        message_id=number if isinstance(number, int) else None,
        retry_after=more.get("retry_after"),
        migrate_to=more.get("migrate_to_chat_id"),
    )
