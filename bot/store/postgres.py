"""A PostgreSQL database, which several processes may share."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.errors import StoreUnavailable
from bot.process import SESSIONS
from bot.store.across import UNANSWERED

#: The oldest that ends sessions which sit idle, as a frozen replica's do.
OLDEST_SERVER = (14,)

CONNECT_SECONDS = 5  # a server that takes longer to greet us is away
DEAD_LINE_MS = 10_000  # unanswered bytes on the line, before it is given up
PREPARED = 400  # statements that the server keeps planned for a connection

#: Of every session. A transaction that does nothing for two seconds belongs to a
#: process that hangs; it is ended, so that it holds nobody up. One that stops between
#: statements sent together counts as busy: others end it by its name (`replicas.py`).
SESSION = {
    "idle_in_transaction_session_timeout": "2s",
    "lock_timeout": "10s",
    "timezone": "UTC",
    "application_name": SESSIONS,
}


def session_options(**more: str) -> str:
    """`SESSION` and more, as a connection asks for them when it is made."""
    return " ".join(f"-c {name}={value}" for name, value in {**SESSION, **more}.items())


def open_postgres(url: str, *, ahead: bool = False) -> Engine:
    """An engine that makes a connection when asked, durable at every commit.

    Args:
        ahead: do not wait for the answer to what is `unanswered`; it comes with that
            to the next statement, or to the commit. So does what went wrong with it.

    Raises:
        StoreUnavailable: nothing answers there, or an older server.
    """
    try:
        where = make_url(url).set(drivername="postgresql+psycopg")
        engine = create_engine(
            where,
            poolclass=NullPool,  # the store keeps its one connection itself
            # Places as the server writes them: the driver would read each long text for
            # its own kind of place, a tenth of the writer's time.
            paramstyle="numeric_dollar",
            use_native_hstore=False,  # asks in the driver's kind, for a type of no use
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "tcp_user_timeout": DEAD_LINE_MS,
                "options": session_options(),
                "cursor_factory": psycopg.RawCursor,
            },
            hide_parameters=True,  # an error may reach a log; what is stored may not
        )
    except ArgumentError:
        raise StoreUnavailable("the address of the database is not one") from None

    # Rows stored together are one statement, also where no number is asked for.
    engine.dialect.use_insertmanyvalues_wo_returning = True

    @event.listens_for(engine, "connect")
    def _prepare(connection: psycopg.Connection, _: object) -> None:
        connection.prepared_max = PREPARED

    if ahead:
        _send_ahead(engine)

    try:
        with engine.connect() as connection:
            version = connection.dialect.server_version_info or (0,)
    except DBAPIError as fault:
        engine.dispose()
        first_line = str(fault.orig).strip().partition("\n")[0]
        raise StoreUnavailable(f"{named(url)} ({first_line})") from None
    if version < OLDEST_SERVER:
        engine.dispose()
        found, least = ".".join(map(str, version)), OLDEST_SERVER[0]
        raise StoreUnavailable(
            f"{named(url)} (PostgreSQL {found}, {least} or later is needed)"
        )
    return engine


class _Ahead(psycopg.Connection):
    """A connection whose last statements may turn out to have failed at the commit."""

    def commit(self) -> None:
        """Keep all or, where one of them failed, nothing."""
        try:
            super().commit()
        except psycopg.Error:
            if not self.closed:
                self.rollback()
            raise


def _send_ahead(engine: Engine) -> None:
    """Have statements that nobody waits for travel with the next that has an answer."""

    @event.listens_for(engine, "do_connect")
    def _connect(_: Any, __: Any, given: Any, more: Any) -> psycopg.Connection:
        return _Ahead.connect(*given, **more)

    @event.listens_for(engine, "connect")
    def _enter(connection: psycopg.Connection, record: Any) -> None:
        connection.autocommit = True  # else it would wait for the answer to its BEGIN
        record.info["mode"] = connection.pipeline()
        record.info["pipeline"] = record.info["mode"].__enter__()

    @event.listens_for(engine, "close")
    def _exit(connection: psycopg.Connection, record: Any) -> None:
        with suppress(psycopg.Error):  # it may be closed because it is broken
            record.info["mode"].__exit__(None, None, None)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN", execution_options=UNANSWERED)

    @event.listens_for(engine, "after_cursor_execute")
    def _wait(connection: Connection, *executed: Any) -> None:
        context = executed[3]
        if not UNANSWERED.items() <= context.execution_options.items():
            connection.info["pipeline"].sync()


def named(url: str) -> str:
    """The address of a database as a person may see it, without its password."""
    return make_url(url).render_as_string(hide_password=True)
