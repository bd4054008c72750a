"""The Bot API over HTTP: http://127.0.0.1:PORT/bot<token>/<method>."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.local.errors import Refused
from bot.local.faults import Fault, Faults, Record, RecordedCall
from bot.local.limits import MAX_BODY_BYTES
from bot.local.methods import METHODS, Call, Method
from bot.local.nouns import Json
from bot.local.params import Params, read_params
from bot.local.world import World

NOT_FOUND = Refused(404, "Not Found")
UNAUTHORIZED = Refused(401, "Unauthorized")
TOO_LARGE = Refused(413, "Request Entity Too Large")


class BotApi:
    """Answers the bot's calls; meets faults on the way where tests ask for them."""

    def __init__(
        self,
        world: World,
        token: str,
        faults: Faults,
        record: Record,
        cut: Callable[[Request], None],
    ) -> None:
        self._world = world
        self._token = token
        self._faults = faults
        self._record = record
        self._cut = cut

    async def call(self, request: Request) -> Response:
        """One call of one method."""
        arrived = time.monotonic()
        method = METHODS.get(request.path_params["method"].lower())
        if request.path_params["token"] != self._token:
            return _answer(UNAUTHORIZED.code, UNAUTHORIZED.as_json())
        if method is None or request.method not in ("GET", "POST"):
            return _answer(NOT_FOUND.code, NOT_FOUND.as_json())
        try:
            params = await _read(request)
        except Refused as refused:
            return _answer(refused.code, refused.as_json())
        entry = RecordedCall(method.name, _recordable(params), arrived)
        self._record.add(entry)
        if self._faults.delay_seconds and method.name != "getUpdates":
            await asyncio.sleep(self._faults.delay_seconds)
        fault = self._faults.hit(method.name, entry.params)
        try:
            if fault is not None:
                return await self._trouble(request, fault, method, params, entry)
            return await self._carry_out(method, params, entry)
        finally:
            self._record.bell.ring()

    async def _carry_out(
        self, method: Method, params: Params, entry: RecordedCall
    ) -> Response:
        call = Call(self._world, params, entry.slips)
        known = {name.lower() for name in method.parameters}
        given = {*params.values, *params.files}
        attached = {f"attach://{name}" for name in params.files}
        for name in sorted(given):
            if name.lower() not in known and not _is_attachment(name, attached, params):
                entry.slips.append(f"unknown parameter {name}")
        try:
            result = method.run(call)
            if inspect.isawaitable(result):
                result = await result
        except Refused as refused:
            entry.status, entry.description = refused.code, refused.description
            return _answer(refused.code, refused.as_json())
        self._world.commit()
        entry.status, entry.result, entry.carried_out = 200, result, True
        return _answer(200, {"ok": True, "result": result})

    async def _trouble(
        self,
        request: Request,
        fault: Fault,
        method: Method,
        params: Params,
        entry: RecordedCall,
    ) -> Response:
        if fault.carried_out:
            await self._carry_out(method, params, entry)
        entry.status = fault.status
        if fault.hangs:
            entry.status = 0
            await self._faults.until_cleared()
        if fault.hangs or fault.drops:
            entry.status = 0
            self._cut(request)
        kind = "application/json" if fault.body[:1] == b"{" else "text/html"
        return Response(fault.body, fault.status, media_type=kind)

    async def file(self, request: Request) -> Response:
        """The bytes of a file, by the path getFile named."""
        if request.path_params["token"] != self._token:
            return _answer(UNAUTHORIZED.code, UNAUTHORIZED.as_json())
        for stored in self._world.files.values():
            if stored.path == request.path_params["path"]:
                content = self._world.file_bytes[stored.id]
                return Response(content, media_type="application/octet-stream")
        return _answer(NOT_FOUND.code, NOT_FOUND.as_json())


def _is_attachment(name: str, attached: set[str], params: Params) -> bool:
    """Uploads may have any name that a parameter refers to with attach://."""
    if f"attach://{name}" not in attached:
        return False
    return any(f"attach://{name}" in str(value) for value in params.values.values())


async def _read(request: Request) -> Params:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise TOO_LARGE
            chunks.append(chunk)
    except ClientDisconnect:
        raise Refused(400, "Bad Request: the request was cut off") from None
    kind = request.headers.get("content-type", "")
    return read_params(request.url.query, kind, b"".join(chunks))


def _recordable(params: Params) -> Json:
    uploads = {
        name: {
            "name": upload.name,
            "mime_type": upload.mime_type,
            "size": len(upload.content),
        }
        for name, upload in params.files.items()
    }
    return {**params.values, **uploads}


def _answer(status: int, body: Any) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
