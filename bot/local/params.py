"""A call's parameters, however they came: query, form, JSON body or multipart."""

import re
from dataclasses import dataclass, field
from email.message import Message as Headers
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from bot.local.errors import bad_request
from bot.local.nouns import Json


@dataclass(frozen=True, slots=True)
class Upload:
    name: str  #: the file's name as the bot gave it
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Params:
    """Named values; those of forms are text and are read as what is asked for."""

    values: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str) -> str | None:
        """A string; numbers are taken as they are written."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool | dict | list):
            raise bad_request(f'field "{name}" must be of type String')
        return str(value)

    def integer(self, name: str) -> int | None:
        """A whole number, or its text."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,19}\s*", value):
            return int(value)
        raise bad_request(f"invalid {name} specified")

    def boolean(self, name: str) -> bool:
        """True, "true", "yes" or 1."""
        value = self.values.get(name)
        if isinstance(value, str):
            return value.strip().lower() in ("true", "yes", "1")
        return bool(value)

    def structure(self, name: str) -> Any:
        """An object or an array, as it is or as JSON text; None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {_spoken(name)} JSON object") from None

    def array(self, name: str) -> list[Any] | None:
        """An array; None when absent."""
        value = self.structure(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"expected an Array as {_spoken(name)}")
        return value


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def read_params(query: str, content_type: str, body: bytes) -> Params:
    """All parameters of one request; the body goes before the query. Raises Refused."""
    params = Params(dict(parse_qsl(query, keep_blank_values=True)))
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return params
    if kind == "application/json":
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise bad_request("can't parse request body as JSON") from None
        if not isinstance(given, dict):
            raise bad_request("request body must be a JSON object")
        params.values |= given
    elif kind == "application/x-www-form-urlencoded":
        params.values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif kind == "multipart/form-data":
        _read_multipart(params, content_type, body)
    return params


def _header(line: str) -> Headers:
    headers = Headers()
    headers["X"] = line
    return headers


def _read_multipart(params: Params, content_type: str, body: bytes) -> None:
    boundary = _header(content_type).get_param("boundary", header="X")
    if not isinstance(boundary, str):
        raise bad_request("boundary not found in multipart/form-data")
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            return
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator:
            raise bad_request("can't parse multipart/form-data")
        _read_part(params, head.decode(), content)
    raise bad_request("multipart/form-data is cut off")


def _read_part(params: Params, head: str, content: bytes) -> None:
    headers = Headers()
    for line in head.split("\r\n"):
        title, colon, value = line.partition(":")
        if colon:
            headers[title.strip()] = value.strip()
    name = headers.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        raise bad_request("can't parse multipart/form-data")
    file_name = headers.get_filename()
    if file_name is None:
        params.values[name] = content.decode()
        return
    unknown = "application/octet-stream"
    kind = headers.get_content_type() if "content-type" in headers else unknown
    # RFC 7578 lets clients send names of files in UTF-8 or percent-encoded.
    params.files[name] = Upload(unquote(file_name), kind, content)
