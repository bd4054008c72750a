"""A stored call with a file in it, as the form in which Telegram takes files."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b
from typing import Any

import orjson

#: Methods whose stored body holds a file, and the field it is in (`bot.message`).
FILE_IN: Mapping[str, str] = {
    "sendDocument": "document",
    "sendPhoto": "photo",
    "editMessageMedia": "file",
}

JSON = "application/json"

#: Draws a sheet; raises CannotDraw.
Draw = Callable[[Mapping[str, Any]], Awaitable[bytes]]


async def form_of(method: str, body: bytes, draw: Draw) -> tuple[bytes, str]:
    """The same call as multipart/form-data, and the type that says where it divides.

    A file lies in the body as it is, or as the sheet that it is drawn from now.

    Raises:
        CannotDraw: it never will be.
    """
    fields = orjson.loads(body)
    field = FILE_IN[method]
    file = fields.pop(field)
    if "sheet" in file:
        content = await draw(file["sheet"])
    else:
        content = base64.b64decode(file["base64"])
    line = f"--{blake2b(body, digest_size=16).hexdigest()}"
    parts = [
        f"{line}\r\nContent-Disposition: form-data; "
        f'name="{name}"\r\n\r\n{_as_text(value)}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f"{line}\r\nContent-Disposition: form-data; "
        f'name="{field}"; filename="{file["name"]}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    whole = "".join(parts).encode() + content + f"\r\n{line}--\r\n".encode()
    return whole, f"multipart/form-data; boundary={line.removeprefix('--')}"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
