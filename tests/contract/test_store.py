"""What every store promises of its one writer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from bot.errors import StoreUnavailable
from bot.store import inbox, settings
from bot.store.engine import Store
from bot.store.tables import bot_settings

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def update(number: int, person_id: int | None = None) -> dict[str, Any]:
    """Something that came in."""
    return {
        "key": f"tg:{number}",
        "lane": f"p:{number}",
        "person_id": person_id,
        "body": b"sealed",
        "status": "pending",
        "attempts": 0,
        "received_at": NOW,
    }


def names(connection: Connection) -> set[str]:
    """What the tests below wrote."""
    ours = select(bot_settings.c.name).where(bot_settings.c.value == "x")
    return set(connection.execute(ours).scalars())


async def test_what_fails_does_not_spoil_what_shares_its_transaction(store: Store):
    """Many writes at once, some broken: the good ones are kept, each exactly once."""

    async def write(number: int) -> int:
        def run(connection: Connection) -> int:
            name = "same" if number % 3 == 0 else f"n{number}"
            connection.execute(insert(bot_settings).values(name=name, value="x"))
            return number

        return await store.write(run)

    done = await asyncio.gather(
        *(write(number) for number in range(30)), return_exceptions=True
    )
    failed = [one for one in done if isinstance(one, IntegrityError)]
    assert len(failed) == 9
    assert len(store.write_now(names)) == 21


@pytest.mark.parametrize("asks", [True, False])
def test_what_nobody_waits_for_fails_with_what_comes_after(store: Store, asks: bool):
    """A question or the commit: nothing is kept, and the next is as good as ever."""

    def run(connection: Connection) -> None:
        settings.remember(connection, "a", "x")
        inbox.add(connection, [update(1), update(2, person_id=99)])  # nobody's number
        if asks:
            settings.value(connection, "a")

    with pytest.raises(IntegrityError):
        store.write_now(run)
    assert store.write_now(names) == set()
    store.write_now(lambda c: settings.remember(c, "b", "x"))
    assert store.write_now(names) == {"b"}


def test_what_nobody_waits_for_asks_nothing(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
):
    """However much is written, PostgreSQL answers once: when it is kept."""
    store, asked = Store(postgresql), []
    sync = psycopg.Pipeline.sync

    def counted(line: psycopg.Pipeline) -> None:
        asked.append(line)
        sync(line)

    monkeypatch.setattr(psycopg.Pipeline, "sync", counted)

    def run(connection: Connection) -> None:
        inbox.add(connection, [update(number) for number in range(1, 61)])
        inbox.done(connection, range(1, 61), NOW)

    store.write_now(run)
    assert not asked
    assert store.write_now(lambda c: inbox.heads(c, NOW, 100)) == []
    assert asked
    store.write_now(lambda c: inbox.add(c, [update(61)]))
    assert [row.id for row in store.write_now(lambda c: inbox.heads(c, NOW, 9))] == [61]
    store.close()


async def test_writes_happen_in_the_order_they_were_queued(store: Store):
    """Whoever waits for them may have given up meanwhile."""
    seen: list[int] = []

    def note(number: int) -> None:
        store.submit(lambda connection: seen.append(number)).cancel()

    for number in range(200):
        note(number)
    await store.write(lambda connection: None)
    assert list(dict.fromkeys(seen)) == sorted(set(seen))


def test_a_setting_takes_the_place_of_the_one_before(store: Store):
    """The last word counts."""
    assert store.write_now(lambda c: settings.value(c, "a")) is None
    for word in ("one", "two"):
        store.write_now(partial(settings.remember, name="a", new=word))
    assert store.write_now(lambda c: settings.value(c, "a")) == "two"


def test_a_lost_connection_is_made_anew(postgresql: str):
    """What was under way fails, whole; what follows works."""
    store, other = Store(postgresql), Store(postgresql)
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid != pg_backend_pid() AND datname = current_database()"
    )

    def write_and_lose(connection: Connection) -> None:
        settings.remember(connection, "a", "x")
        other.write_now(lambda c: c.execute(ended))
        settings.remember(connection, "b", "x")

    with pytest.raises(OperationalError):
        store.write_now(write_and_lose)
    store.write_now(lambda c: settings.remember(c, "c", "x"))
    assert store.write_now(names) == {"c"}
    store.close()
    other.close()


def test_whoever_hangs_in_a_transaction_holds_nobody_up(postgresql: str):
    """After two seconds PostgreSQL ends it, and what it had written is not there."""
    frozen, other = Store(postgresql), Store(postgresql)

    def freeze(connection: Connection) -> None:
        settings.remember(connection, "a", "theirs")
        other.write_now(lambda c: settings.remember(c, "a", "ours"))  # has to wait
        settings.remember(connection, "b", "theirs")

    with pytest.raises(DBAPIError, match="server closed the connection"):
        frozen.write_now(freeze)
    assert frozen.write_now(lambda c: settings.value(c, "a")) == "ours"
    assert frozen.write_now(lambda c: settings.value(c, "b")) is None
    frozen.close()
    other.close()


def test_a_server_that_is_not_there_is_one_clear_line():
    """The address is named, its password is not."""
    url = "postgresql://anna:secret@127.0.0.1:1/exoplan"
    with pytest.raises(StoreUnavailable, match="anna") as told:
        Store(url)
    assert "secret" not in str(told.value)
    assert len(str(told.value).splitlines()) == 1
