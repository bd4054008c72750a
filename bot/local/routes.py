"""The page's own routes, under its path token: files, events, acts."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.local import acts, shown
from bot.local.errors import Impossible
from bot.local.nouns import Chat, Json, Message, User
from bot.local.safety import PAGE_HEADERS
from bot.local.world import World

QUIET_SECONDS = 15.0  # a comment keeps the stream alive
MAX_ACT_BYTES = 256 * 1024
SHOWN_IN_PAGE = frozenset({"image/png", "image/jpeg"})

_PAGE = files("bot.local") / "page"


class Page:
    """Serves the chat page and does what people do on it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._streams: set[asyncio.Queue[Json | None]] = set()
        self._acts: dict[str, Callable[[User, Json], Json]] = {
            "open": self._open,
            "write": self._write,
            "start": self._start,
            "press": self._press,
            "edit": self._edit,
            "delete": self._delete,
            "sample": self._sample,
            "block": self._block,
            "topic": self._topic,
        }

    def _known(self, request: Request) -> bool:
        return bool(request.path_params["page_token"] == self._world.path_token)

    async def asset(self, request: Request) -> Response:
        """index.html, or one of the files beside it."""
        name = request.path_params.get("name", "index.html")
        found = _PAGE / name
        if not self._known(request) or "/" in name or not found.is_file():
            return Response("Not Found", 404)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(found.read_bytes(), media_type=kind, headers=PAGE_HEADERS)

    async def file(self, request: Request) -> Response:
        """A photo or a document of the chats."""
        stored = self._world.files.get(request.path_params["file_id"])
        if not self._known(request) or stored is None:
            return Response("Not Found", 404)
        inline = stored.mime_type in SHOWN_IN_PAGE
        headers = {
            **PAGE_HEADERS,
            "Content-Disposition": "inline" if inline else "attachment",
            "Cache-Control": "private, max-age=86400",
        }
        kind = stored.mime_type if inline else "application/octet-stream"
        content = self._world.file_bytes[stored.id]
        return Response(content, media_type=kind, headers=headers)

    async def events(self, request: Request) -> Response:
        """A stream: first everything as it is, then every change."""
        if not self._known(request):
            return Response("Not Found", 404)
        return StreamingResponse(
            self._stream(), media_type="text/event-stream", headers=PAGE_HEADERS
        )

    async def _stream(self) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        queue.put_nowait(shown.snapshot(self._world))
        self._world.listeners.append(queue.put_nowait)
        self._streams.add(queue)
        try:
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), QUIET_SECONDS)
                except TimeoutError:
                    yield b": quiet\n\n"
                    continue
                if event is None:
                    return
                yield b"data: " + orjson.dumps(event) + b"\n\n"
        finally:
            self._streams.discard(queue)
            self._world.listeners.remove(queue.put_nowait)

    def close(self) -> None:
        """End all streams; pages that are open try again by themselves."""
        for queue in self._streams:
            queue.put_nowait(None)

    async def act(self, request: Request) -> Response:
        """Do what somebody does on the page."""
        if not self._known(request):
            return Response("Not Found", 404)
        body = await request.body()
        if len(body) > MAX_ACT_BYTES:
            return Response("Too large", 413)
        if not request.headers.get("content-type", "").startswith("application/json"):
            return Response("JSON expected", 415)
        try:
            wanted = orjson.loads(body)
            answer = self._do(wanted)
        except Impossible as refused:
            return _json(409, {"ok": False, "why": str(refused)})
        except (KeyError, TypeError, ValueError):
            return _json(400, {"ok": False, "why": "Not understood."})
        self._world.commit()
        return _json(200, {"ok": True, **answer})

    def _do(self, wanted: Json) -> Json:
        what = wanted["do"]
        if what == "person":
            language = str(wanted.get("language") or "en")
            name = str(wanted["name"]).strip()[:64] or "Guest"
            user = self._world.add_user(name, language_code=language)
            self._world.private_chat(user)
            return {"user_id": user.id}
        if what == "clock":
            return self._move_clock(wanted)
        return self._acts[what](self._world.users[wanted["user_id"]], wanted)

    def _move_clock(self, wanted: Json) -> Json:
        if "to" in wanted:
            target = datetime.fromtimestamp(float(wanted["to"]), UTC)
            self._world.move_clock(target - self._world.clock.now())
        else:
            self._world.move_clock(timedelta(seconds=float(wanted["seconds"])))
        return {}

    def _where(self, wanted: Json) -> Chat:
        return self._world.chats[wanted["chat_id"]]

    def _message(self, wanted: Json) -> Message:
        found = self._where(wanted).messages.get(wanted["message_id"])
        if found is None:
            raise Impossible("The message is gone.")
        return found

    def _open(self, who: User, _: Json) -> Json:
        self._world.private_chat(who)
        return {}

    def _write(self, who: User, wanted: Json) -> Json:
        acts.write(
            self._world,
            who,
            self._where(wanted),
            str(wanted["text"]),
            reply_to=wanted.get("reply_to"),
            thread_id=wanted.get("thread_id"),
        )
        return {}

    def _start(self, who: User, wanted: Json) -> Json:
        acts.start(self._world, who, str(wanted.get("payload") or ""))
        return {}

    def _press(self, who: User, wanted: Json) -> Json:
        message = self._message(wanted)
        return {
            "query_id": acts.press(self._world, who, message, str(wanted["data"])).id
        }

    def _edit(self, who: User, wanted: Json) -> Json:
        acts.edit(self._world, who, self._message(wanted), str(wanted["text"]))
        return {}

    def _delete(self, who: User, wanted: Json) -> Json:
        acts.delete(self._world, who, self._message(wanted))
        return {}

    def _sample(self, who: User, wanted: Json) -> Json:
        content = acts.sample(self._world, str(wanted["kind"]))
        where, thread_id = self._where(wanted), wanted.get("thread_id")
        acts.say(self._world, who, where, content, thread_id=thread_id)
        return {}

    def _block(self, who: User, wanted: Json) -> Json:
        acts.set_blocked(self._world, who, blocked=bool(wanted["blocked"]))
        return {}

    def _topic(self, who: User, wanted: Json) -> Json:
        where = self._where(wanted)
        topic = where.topics[wanted["thread_id"]]
        if wanted["change"] == "delete":
            self._world.remove_topic(where, topic)
        else:
            closed = wanted["change"] == "close"
            acts.set_topic_closed(self._world, who, where, topic, closed=closed)
        return {}


def _json(status: int, body: Json) -> Response:
    return Response(
        orjson.dumps(body), status, headers=PAGE_HEADERS, media_type="application/json"
    )
