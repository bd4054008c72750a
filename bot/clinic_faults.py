"""What is wrong in clinic.toml, in words for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

#: What is said instead of the pattern a value did not fit.
_FORMS = {
    "country": "must be two capital letters, such as ES",
    "url": "must be an address that begins with https://",
    "form_url": "must be an address that begins with https://",
    "at": "must be an hour such as 08:00",
    "quiet_hours": "must be two hours such as 21:00",
    "visiting_hours": "must be two hours such as 09:00",
}

#: What a value has to be, by how pydantic calls its fault.
_KINDS = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "string_too_short": "is empty",
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "date_type": "must be a date such as 2026-01-31, without quotes",
    "list_type": "must be a list in [ ]",
    "tuple_type": "must be a list in [ ]",
    "dict_type": "must be a section of its own, in [ ]",
    "model_type": "must be a section of its own, in [ ]",
    "too_long": "holds more than there is room for",
}


def told(error: ErrorDetails, whole: type[BaseModel]) -> str:
    """One fault as a line: the key as it is written, and what it must be.

    `whole` is the shape of the file, for the names that are known where one is not.
    """
    place = [part for part in error["loc"] if part != "[key]"]
    return f"{_key(place)}: {_what(error, place, whole)}"


def _key(place: list[int | str]) -> str:
    """A place as people count: the first of a list is number 1."""
    return ".".join(
        str(part + 1) if isinstance(part, int) else str(part) for part in place
    )


def _what(error: ErrorDetails, place: list[int | str], whole: type[BaseModel]) -> str:
    context: Mapping[str, object] = error.get("ctx", {})
    fault = error["type"]
    if fault == "extra_forbidden":
        return (
            f"is not a known key; {_meant(str(place[-1]), _table(place[:-1], whole))}"
        )
    if fault == "string_pattern_mismatch":
        named = (_FORMS[str(part)] for part in reversed(place) if str(part) in _FORMS)
        return next(named)
    if place == ["staff_chat"] and fault in ("less_than", "greater_than_equal"):
        return "is no group's number, which begins with a minus; /id there tells it"
    if fault == "literal_error":
        return f"must be one of {context['expected']}"
    if fault == "greater_than_equal":
        return f"must be {context['ge']} or more"
    if fault == "less_than_equal":
        return f"must be {context['le']} or less"
    return _KINDS.get(fault) or error["msg"].removeprefix("Value error, ")


def _meant(word: str, table: type[BaseModel]) -> str:
    known = tuple(table.model_fields)
    near = get_close_matches(word, known, 1)
    return f"{near[0]} is" if near else f"known here: {', '.join(known)}"


def _table(place: list[int | str], whole: type[BaseModel]) -> type[BaseModel]:
    """The shape of the section at this place."""
    for part in place:
        if isinstance(part, str):
            whole = next(_shapes(whole.model_fields[part].annotation), whole)
    return whole


def _shapes(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _shapes(inner)
