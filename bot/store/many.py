"""Lists in statements."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

Value = TypeVar("Value")


def padded(values: Collection[Value]) -> list[Value]:
    """The values, the last repeated until there are 1, 2, 4, 8 … of them.

    A list becomes as many places in the text of a statement, and a server plans each
    text anew. So there are few texts, and their plans are kept.
    """
    given = list(values)
    if not given:
        return given
    size = 1 << (len(given) - 1).bit_length()
    return given + given[-1:] * (size - len(given))


class given_for(FunctionElement[int]):
    """What a parameter, numbers by row number, has for this row; nothing where none.

    So one statement tells each of many rows something of its own.
    """

    type = BigInteger()
    inherit_cache = True

    def __init__(self, parameter: str, row: ColumnElement[int]) -> None:
        super().__init__(bindparam(parameter, type_=JSON), row)


@compiles(given_for)
def _extracted(element: given_for, compiler: Any, **given: Any) -> str:
    numbers, row = (compiler.process(one, **given) for one in element.clauses)
    return f"json_extract({numbers}, '$.\"' || {row} || '\"')"


@compiles(given_for, "postgresql")
def _looked_up(element: given_for, compiler: Any, **given: Any) -> str:
    numbers, row = (compiler.process(one, **given) for one in element.clauses)
    return f"CAST({numbers} ->> CAST({row} AS TEXT) AS BIGINT)"
