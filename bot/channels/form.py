"""A stored call with a file in it, as the form in which Telegram takes files."""

from __future__ import annotations

import base64
from hashlib import blake2b

import orjson

#: Methods whose stored body holds a file (`bot.message.document`).
WITH_A_FILE = frozenset({"sendDocument"})

JSON = "application/json"


def form_of(body: bytes) -> tuple[bytes, str]:
    """The same call as multipart/form-data, and the type that says where it divides."""
    fields = orjson.loads(body)
    file = fields.pop("document")
    line = f"--{blake2b(body, digest_size=16).hexdigest()}"
    parts = [
        f"{line}\r\nContent-Disposition: form-data; "
        f'name="{name}"\r\n\r\n{_as_text(value)}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f"{line}\r\nContent-Disposition: form-data; "
        f'name="document"; filename="{file["name"]}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    content = base64.b64decode(file["base64"])
    whole = "".join(parts).encode() + content + f"\r\n{line}--\r\n".encode()
    return whole, f"multipart/form-data; boundary={line.removeprefix('--')}"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
