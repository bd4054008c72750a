"""The Bot API's schema, seen through aiogram: independent of the code under test.

`validate_call` and `validate_result` refuse unknown fields all the way down, which
aiogram by itself lets pass.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
from aiogram import methods
from aiogram.methods import TelegramMethod
from pydantic import BaseModel, TypeAdapter

Json = dict[str, Any]


class UnknownFields(AssertionError):
    """An object has fields the Bot API does not know."""


@cache
def _model(method: str) -> type[TelegramMethod[Any]]:
    found: type[TelegramMethod[Any]] = getattr(methods, method[0].upper() + method[1:])
    return found


@cache
def _adapter(method: str) -> TypeAdapter[Any]:
    return TypeAdapter(_model(method).__returning__)


def unknown_fields(value: Any, path: str) -> Iterator[str]:
    """Where below a validated value there are fields its model does not know."""
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            yield f"{path}.{name}"
        for name in type(value).model_fields:
            yield from unknown_fields(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from unknown_fields(one, f"{path}[{number}]")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from unknown_fields(one, f"{path}.{name}")


def _check(value: Any, name: str) -> None:
    found = list(unknown_fields(value, name))
    if found:
        raise UnknownFields(", ".join(found))


def _readable(value: Any) -> Any:
    """Parameters of forms come as JSON text, uploads as a note of what was sent."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    if isinstance(value, dict) and set(value) == {"name", "mime_type", "size"}:
        return f"attach://{value['name']}"
    return value


def validate_call(method: str, params: Json) -> None:
    """Raise ValidationError or UnknownFields where a call is not of the Bot API."""
    model = _model(method)
    attached = {
        str(value).removeprefix("attach://")
        for value in params.values()
        if str(value).startswith("attach://")
    }
    texts = {"text", "caption", "data"}  # may begin with a bracket and mean it
    read = {
        name: value if name in texts else _readable(value)
        for name, value in params.items()
        if name not in attached
    }
    _check(model.model_validate(read), method)


def validate_result(method: str, result: Any) -> None:
    """Raise ValidationError or UnknownFields where an answer is not of the Bot API."""
    _check(_adapter(method).validate_python(result), f"{method}.result")
