"""What processes that share a PostgreSQL database say to each other through it.

On SQLite there is one process, and all of this is nothing.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

CHANNEL = "exoplan"  #: what replicas listen on

#: Option of statements that nobody waits for; PostgreSQL is sent them together with
#: the next one that somebody does. If they fail, that one or the commit fails.
UNANSWERED = {"unanswered": True}

_CALL_OUT = text("SELECT pg_notify(:channel, :what)").execution_options(**UNANSWERED)
_WAIT = text("SELECT pg_advisory_xact_lock(:number)")
#: A busy computer takes seconds to load what a migration needs, and the next replica
#: waits for it. Still, one that hangs in the middle must not keep all others from it.
_BE_PATIENT = text("SET LOCAL idle_in_transaction_session_timeout = '60s'")
_WAIT_LONGER = text("SET LOCAL lock_timeout = '60s'")
_WAIT_NO_LONGER = text("SET LOCAL lock_timeout TO DEFAULT")


def call_out(connection: Connection, what: str) -> None:
    """Tell every replica, once this transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.execute(_CALL_OUT, {"channel": CHANNEL, "what": what})


def wait_for_lock(connection: Connection, name: str) -> None:
    """Be the only one that does this until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_WAIT, {"number": lock_number(name)})


def wait_patiently_for_lock(connection: Connection, name: str) -> None:
    """The same where whoever has it may take a minute, and so may this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(_BE_PATIENT)
        connection.execute(_WAIT_LONGER)
        wait_for_lock(connection, name)
        connection.execute(
            _WAIT_NO_LONGER
        )  # who waits for a table holds up its readers


def lock_number(name: str) -> int:
    """The number under which PostgreSQL knows a lock of ours."""
    digest = blake2b(name.encode(), digest_size=8, person=b"exoplan").digest()
    return int.from_bytes(digest, "big", signed=True)


class alone_with(FunctionElement[bool]):
    """Whether what is named here is ours until the transaction ends.

    Two arguments: what it is wanted for, a literal, and its name. Somebody else's is
    not waited for.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, purpose: ColumnElement[str], name: ColumnElement[str]) -> None:
        super().__init__(purpose, name)


@compiles(alone_with)
def _always(element: alone_with, compiler: Any, **_: Any) -> str:
    return "1"


@compiles(alone_with, "postgresql")
def _locked(element: alone_with, compiler: Any, **given: Any) -> str:
    purpose, name = (compiler.process(one, **given) for one in element.clauses)
    return f"pg_try_advisory_xact_lock(hashtextextended({purpose} || {name}, 0))"
