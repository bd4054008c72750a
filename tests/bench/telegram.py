"""A Bot API server that knows the methods a benchmark meets, and little else.

It keeps what Telegram keeps: updates until they are confirmed, messages of a chat, taps
that wait for an answer. It refuses what Telegram refuses of these: unknown chats and
messages, texts and buttons beyond their limits, an edit that changes nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

import orjson

from tests.bench.wire import Exchange

TOKEN = "123:bench"
BOT = {"id": 123, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
MAX_UPDATES = 100  # in one answer
MAX_TEXT_UNITS = 4096
MAX_CALLBACK_BYTES = 64
MESSAGES_KEPT = 16  # of one chat

Json = dict[str, Any]


class Refused(Exception):
    """A call that Telegram would turn down."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(slots=True)
class Message:
    """A message of the bot's, as the chat shows it now."""

    id: int
    chat: int
    shown: tuple[str, Any]  #: text and keyboard
    as_json: orjson.Fragment

    @property
    def keyboard(self) -> list[list[dict[str, str]]]:
        """Rows of buttons, none when there are none."""
        return self.shown[1] or []


@dataclass(slots=True)
class Trouble:
    """What every call meets for a while."""

    status: int = 0  #: 0: no answer at all
    body: bytes = b""
    carried_out: bool = False


@dataclass(slots=True)
class Hook:
    """Where updates are delivered, when they are not asked for."""

    url: str = ""
    secret: str = ""


@dataclass(slots=True)
class FarEnd:
    """The state of one bot's Telegram.

    `shown` is told every message that appears or changes, and whether it was new.
    """

    shown: Callable[[Message, bool], None]
    delay_seconds: float = 0.0  #: before each call but getUpdates is carried out
    trouble: Trouble | None = None
    hook: Hook = field(default_factory=Hook)
    calls: int = 0  #: carried out, but for getUpdates
    refusals: dict[str, int] = field(default_factory=dict)  #: by method and words
    last_poll: float = 0.0  #: when updates were last asked for, monotonic
    arrivals: deque[float] = field(default_factory=lambda: deque(maxlen=1_000_000))
    #: when each message and edit came, monotonic
    updates: dict[int, bytes] = field(default_factory=dict)  #: not confirmed yet
    on_update: Callable[[int], None] = lambda number: None  #: for a webhook
    waiting_taps: set[str] = field(default_factory=set)
    _next_update: int = 1
    _next_message: int = 1
    _chats: dict[int, dict[int, Message]] = field(default_factory=dict)
    _poll: tuple[Exchange, asyncio.TimerHandle] | None = None
    _hung: list[Exchange] = field(default_factory=list)
    _told: bool = False  #: the open poll is to be answered in this round of the loop

    # — what people do —

    def open_chat(self, chat: int) -> None:
        """A person who may write, and be written to."""
        self._chats[chat] = {}

    def close_chat(self, chat: int) -> None:
        """They will not be heard of again."""
        self._chats.pop(chat, None)

    def write(self, chat: int, text: str) -> int:
        """A person writes; number of the update."""
        person = _person(chat)
        message: Json = {
            "message_id": self._number(),
            "from": person,
            "chat": {"id": chat, "type": "private", "first_name": person["first_name"]},
            "date": int(time.time()),
            "text": text,
        }
        if text.startswith("/"):
            length = len(text.split(" ", 1)[0])
            entity = {"type": "bot_command", "offset": 0, "length": length}
            message["entities"] = [entity]
        return self._arrive({"message": message})

    def tap(self, message: Message, data: str) -> int:
        """A person presses a button; number of the update."""
        query = f"{self._next_update}7"
        self.waiting_taps.add(query)
        return self._arrive(
            {
                "callback_query": {
                    "id": query,
                    "from": _person(message.chat),
                    "message": message.as_json,
                    "chat_instance": str(message.chat),
                    "data": data,
                }
            }
        )

    @property
    def updates_made(self) -> int:
        """How many there were, confirmed or not."""
        return self._next_update - 1

    def _number(self) -> int:
        self._next_message += 1
        return self._next_message

    def _arrive(self, update: Json) -> int:
        number = self._next_update
        self._next_update += 1
        self.updates[number] = orjson.dumps({"update_id": number, **update})
        self.on_update(number)
        if self._poll is not None and not self._told:
            # What happens at one moment comes in one answer.
            self._told = True
            asyncio.get_running_loop().call_soon(self._answer_poll)
        return number

    # — what the bot asks —

    def handle(self, exchange: Exchange, path: bytes, kind: bytes, body: bytes) -> None:
        """One request."""
        begin = f"/bot{TOKEN}/".encode()
        if not path.startswith(begin):
            exchange.answer(401, _failed(401, "Unauthorized"))
            return
        name = path[len(begin) :].split(b"?", 1)[0].decode()
        if self.trouble is not None:
            self._meet_trouble(exchange, name, kind, body)
        elif name == "getUpdates":
            self._get_updates(exchange, _params(kind, body))
        elif self.delay_seconds:
            asyncio.get_running_loop().call_later(
                self.delay_seconds, self._carry_out, exchange, name, kind, body
            )
        else:
            self._carry_out(exchange, name, kind, body)

    def _meet_trouble(
        self, exchange: Exchange, name: str, kind: bytes, body: bytes
    ) -> None:
        trouble = self.trouble
        assert trouble is not None
        if trouble.carried_out and name != "getUpdates":
            self._result(name, _params(kind, body))
        if trouble.status:
            exchange.answer(trouble.status, trouble.body)
        else:
            self._hung.append(exchange)

    def recover(self) -> None:
        """All is well again; calls that hung are cut."""
        self.trouble = None
        for exchange in self._hung:
            exchange.cut()
        self._hung.clear()

    def _carry_out(
        self, exchange: Exchange, name: str, kind: bytes, body: bytes
    ) -> None:
        try:
            result = self._result(name, _params(kind, body))
        except Refused as refused:
            what = f"{name}: {refused.description}"
            self.refusals[what] = self.refusals.get(what, 0) + 1
            exchange.answer(refused.code, _failed(refused.code, refused.description))
            return
        exchange.answer(200, orjson.dumps({"ok": True, "result": result}))

    def _result(self, name: str, params: Json) -> Any:
        self.calls += 1
        method = _METHODS.get(name)
        if method is None:
            raise Refused(404, "Not Found")
        return method(self, params)

    def _get_updates(self, exchange: Exchange, params: Json) -> None:
        self.last_poll = time.monotonic()
        if self.hook.url:
            words = "Conflict: can't use getUpdates method while webhook is active"
            exchange.answer(409, _failed(409, words))
            return
        if self._poll is not None:
            other, timer = self._poll
            timer.cancel()
            self._poll = None
            words = "Conflict: terminated by other getUpdates request"
            other.answer(409, _failed(409, words))
        offset = int(params.get("offset") or 0)
        for number in [one for one in self.updates if one < offset]:
            del self.updates[number]
        if self.updates:
            self._give(exchange)
            return
        loop = asyncio.get_running_loop()
        seconds = float(params.get("timeout") or 0)
        self._poll = exchange, loop.call_later(seconds, self._answer_poll)

    def _answer_poll(self) -> None:
        self._told = False
        if self._poll is None:
            return
        exchange, timer = self._poll
        timer.cancel()
        self._poll = None
        self._give(exchange)

    def _give(self, exchange: Exchange) -> None:
        found = islice(self.updates.values(), MAX_UPDATES)
        exchange.answer(200, b'{"ok":true,"result":[%s]}' % b",".join(found))

    def _me(self, params: Json) -> Any:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False}

    def _send(self, params: Json) -> Any:
        chat = self._chat(params)
        message = self._message(self._number(), int(params["chat_id"]), params)
        chat[message.id] = message
        if len(chat) > MESSAGES_KEPT:
            del chat[next(iter(chat))]
        self.arrivals.append(time.monotonic())
        self.shown(message, True)
        return message.as_json

    def _edit(self, params: Json) -> Any:
        chat = self._chat(params)
        known = chat.get(int(params.get("message_id") or 0))
        if known is None:
            raise Refused(400, "Bad Request: message to edit not found")
        self.arrivals.append(time.monotonic())
        changed = self._message(known.id, known.chat, params)
        if changed.shown == known.shown:
            raise Refused(400, "Bad Request: message is not modified")
        chat[known.id] = changed
        self.shown(changed, False)
        return changed.as_json

    def _strip(self, params: Json) -> Any:
        known = self._chat(params).get(int(params.get("message_id") or 0))
        if known is None:
            raise Refused(400, "Bad Request: message to edit not found")
        if not known.keyboard:
            raise Refused(400, "Bad Request: message is not modified")
        bare = {"text": known.shown[0]}
        changed = self._message(known.id, known.chat, bare)
        self._chats[known.chat][known.id] = changed
        return changed.as_json

    def _answer_tap(self, params: Json) -> Any:
        query = str(params.get("callback_query_id"))
        if query not in self.waiting_taps:
            raise Refused(400, "Bad Request: query is too old or query ID is invalid")
        self.waiting_taps.discard(query)
        return True

    def _set_hook(self, params: Json) -> Any:
        self.hook = Hook(str(params.get("url")), str(params.get("secret_token") or ""))
        if self._poll is not None:
            self._answer_poll()
        for number in self.updates:
            self.on_update(number)
        return True

    def _drop_hook(self, params: Json) -> Any:
        self.hook = Hook()
        return True

    def _hook_info(self, params: Json) -> Any:
        return {
            "url": self.hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    def _chat(self, params: Json) -> dict[int, Message]:
        chat = self._chats.get(int(params.get("chat_id") or 0))
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        return chat

    def _message(self, number: int, chat: int, params: Json) -> Message:
        text, markup = params.get("text"), params.get("reply_markup")
        if isinstance(markup, str):
            markup = orjson.loads(markup)
        if not isinstance(text, str) or not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text) > MAX_TEXT_UNITS:
            raise Refused(400, "Bad Request: message is too long")
        rows = (markup or {}).get("inline_keyboard") or None
        for button in (one for row in rows or () for one in row):
            if not 1 <= len(button["callback_data"].encode()) <= MAX_CALLBACK_BYTES:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        first_name = _person(chat)["first_name"]
        shown: Json = {
            "message_id": number,
            "from": BOT,
            "chat": {"id": chat, "type": "private", "first_name": first_name},
            "date": int(time.time()),
            "text": text,
        }
        if rows:
            shown["reply_markup"] = {"inline_keyboard": rows}
        return Message(number, chat, (text, rows), orjson.Fragment(orjson.dumps(shown)))


def _profile(name: str) -> Callable[[FarEnd, Json], Any]:
    """What is asked of the bot's own card: nothing, so that it is set once."""
    empty: Mapping[str, Any] = {
        "getMyCommands": [],
        "getMyDescription": {"description": ""},
        "getMyShortDescription": {"short_description": ""},
    }
    return lambda far, params: empty.get(name, True)


_METHODS: Mapping[str, Callable[[FarEnd, Json], Any]] = {
    "getMe": FarEnd._me,
    "sendMessage": FarEnd._send,
    "editMessageText": FarEnd._edit,
    "editMessageReplyMarkup": FarEnd._strip,
    "answerCallbackQuery": FarEnd._answer_tap,
    "setWebhook": FarEnd._set_hook,
    "deleteWebhook": FarEnd._drop_hook,
    "getWebhookInfo": FarEnd._hook_info,
    **{
        f"{verb}My{what}": _profile(f"{verb}My{what}")
        for verb in ("get", "set", "delete")
        for what in ("Description", "ShortDescription", "Commands")
    },
}


def _person(chat: int) -> Json:
    name = f"Patient {chat}"
    return {"id": chat, "is_bot": False, "first_name": name, "language_code": "en"}


def _failed(code: int, words: str) -> bytes:
    return orjson.dumps({"ok": False, "error_code": code, "description": words})


def too_many(seconds: int) -> Trouble:
    """Telegram asks for patience."""
    words = f"Too Many Requests: retry after {seconds}"
    body = {
        "ok": False,
        "error_code": 429,
        "description": words,
        "parameters": {"retry_after": seconds},
    }
    return Trouble(429, orjson.dumps(body))


def _params(kind: bytes, body: bytes) -> Json:
    if not body:
        return {}
    if kind.startswith(b"application/json"):
        found: Json = orjson.loads(body)
        return found
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}
