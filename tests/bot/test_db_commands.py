"""What `exoplan db` copies opens, is the same, and can be gone on with."""

from __future__ import annotations

import base64
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import LargeBinary, text

from bot import backup
from bot.app import App
from bot.backup import Place, back_up, restore
from bot.errors import (
    AlreadyRunning,
    BackupError,
    CopyDiffers,
    KeysOfAnother,
    MasterKeyMissing,
    MasterKeyWrong,
    NotABackup,
    SchemaTooNew,
    TargetNotEmpty,
)
from bot.keys import SCHEMA, KeyStore, master_key, place
from bot.local import LocalTelegram
from bot.rights import adverse_place
from bot.seals import KEYED, SEALED, prove
from bot.store import transfer
from bot.store.engine import Database, Store
from bot.store.migrations import HEAD, SURVIVED_BY, current, upgrade
from bot.store.tables import adverse_events, inbox, metadata, people, staff
from tests.bot.cli import Terminal
from tests.bot.rehearsal import clinic, running, settings, telegram, voice
from tests.postgres import database as new_database
from tests.postgres import postgres

MARKER = "xylophone-7731"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server for all of these tests."""
    with postgres() as url:
        yield url


@dataclass
class Site:
    """Where one clinic's data, keys and master key are."""

    folder: Path
    url: str = ""  #: of a PostgreSQL database; empty: a file in the folder
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        database = self.url or f"sqlite:///{self.folder / 'exoplan.db'}"
        key_file = self.folder / "exoplan.key"
        self.changes |= {"database_url": database, "key_file": key_file}

    @property
    def place(self) -> Place:
        given = settings(self.folder, "http://127.0.0.1:1", **self.changes)
        return Place(
            given.database, given.key_store, master_key(None, given.key_file_path)
        )

    @property
    def environment(self) -> dict[str, str]:
        return {f"EXOPLAN_{k.upper()}": str(v) for k, v in self.changes.items()}

    def has_the_master_key_of(self, other: Site) -> None:
        key = self.folder / "exoplan.key"
        key.write_bytes((other.folder / "exoplan.key").read_bytes())
        key.chmod(0o600)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        data = self.place.data
        where = f"sqlite:///{data}" if isinstance(data, Path) else _driver(data)
        engine = sqlalchemy.create_engine(where)
        try:
            with engine.begin() as connection:
                found = connection.execute(text(statement))
                return [tuple(row) for row in found] if found.returns_rows else []
        finally:
            engine.dispose()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture
def sites(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Opens sites by engine and name; databases of servers are gone at the end."""
    open_ones = []

    def site(engine: str, name: str) -> Site:
        url = ""
        if engine == "postgresql":
            database = new_database(request.getfixturevalue("server"))
            url = database.__enter__()
            open_ones.append(database)
        return Site(tmp_path / name, url)

    yield site
    for database in open_ones:
        database.__exit__(None, None, None)


class Silent:
    """Nobody watches."""

    def begin(self, what: str, steps: int) -> None:
        pass

    def advance(self, steps: int) -> None:
        pass


async def chats(local: LocalTelegram, site: Site) -> None:
    """Ana says two things, one of which cannot be sent."""
    async with running(site.folder, local, **site.changes):
        ana = next((p for p in local.people), None) or local.person("Ana")
        await ana.send(f"hello {MARKER}")
        await ana.private_chat().wait_for_text(f"echo 1 hello {MARKER}")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
async def test_a_chat_goes_on_where_a_backup_is_put_back(
    sites, tmp_path: Path, engine, other
):
    """Made while the bot works, put back elsewhere, on either engine."""
    old, new = sites(engine, "old"), sites(other, "new")
    data, keys = tmp_path / "data.backup", tmp_path / "keys.backup"
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        async with running(old.folder, local, **old.changes):
            await ana.send(f"hello {MARKER}")
            await chat.wait_for_text("echo 1 hello")
            made = back_up(old.place, data, keys, Silent())
            assert {s.name for s in made.samples if s.opened} >= {
                "people.contact",
                "sessions.body",
            }
            await ana.send("not in the backup")
            await chat.wait_for_text("echo 2 not in")
        new.has_the_master_key_of(old)
        restore(data, keys, new.place, False, Silent())
        async with running(new.folder, local, **new.changes):
            await ana.send("after the move")
            await chat.wait_for_text("echo 2 after the move")
    assert new.query("SELECT count(*) FROM people") == [(1,)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_a_backup_holds_no_word_and_no_key(sites, tmp_path: Path, engine):
    """It is its owner's alone, one file, and says nothing without its keys."""
    site = sites(engine, "site")
    data = tmp_path / "b" / "data.backup"
    data.parent.mkdir()
    async with telegram() as local:
        await chats(local, site)
    back_up(site.place, data, None, Silent())
    assert data.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in data.parent.iterdir()] == [data.name]
    content = data.read_bytes()
    assert MARKER.encode() not in content
    with closing(KeyStore(site.place.keys, site.place.master)) as keys:
        table = "keys" if engine == "sqlite" else f"{SCHEMA}.keys"
        statement = f"SELECT wrapped FROM {table}"
        with keys._engine.connect() as connection:
            wrapped = connection.execute(text(statement)).scalars().all()
    assert len(wrapped) == 4
    assert not any(bytes(one) in content for one in wrapped)


async def test_what_opens_nothing_is_refused_and_changes_nothing(sites, tmp_path: Path):
    """Another master key, none, another clinic's keys, or no keys at all."""
    ours, theirs, new = (sites("sqlite", name) for name in ("ours", "theirs", "new"))
    data, keys, other = (tmp_path / name for name in ("data", "keys", "other"))
    async with telegram() as local:
        await chats(local, ours)
        back_up(ours.place, data, keys, Silent())
    async with telegram() as local:
        await chats(local, theirs)
        back_up(theirs.place, tmp_path / "unused", other, Silent())
    with pytest.raises(MasterKeyMissing):
        restore(data, keys, new.place, False, Silent())
    new.has_the_master_key_of(theirs)
    with pytest.raises(MasterKeyWrong):
        restore(data, keys, new.place, False, Silent())
    with pytest.raises(KeysOfAnother):
        restore(data, other, new.place, False, Silent())
    with pytest.raises(MasterKeyMissing):
        restore(data, data, new.place, False, Silent())
    left = {file.name for file in new.folder.iterdir()}
    assert left <= {"exoplan.key", "exoplan.db.lock"}


async def test_a_bot_does_not_start_on_another_clinics_keys(sites, tmp_path: Path):
    """It would begin everybody anew, and make the next backup worthless."""
    ours = sites("sqlite", "ours")
    async with telegram() as local:
        await chats(local, ours)
        (ours.folder / "exoplan.keys.db").unlink()
        (ours.folder / "exoplan.key").unlink()
        app = App(
            settings(ours.folder, local.api_url, **ours.changes), clinic(), voice()
        )
        with pytest.raises(KeysOfAnother):
            await app.run()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_what_is_there_stays_unless_it_may_go(sites, tmp_path: Path, engine):
    """Nobody loses a clinic's data by a slip; a bot at work is not disturbed."""
    site = sites(engine, "site")
    data, keys = tmp_path / "data", tmp_path / "keys"
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        async with running(site.folder, local, **site.changes):
            await ana.send("in the backup")
            await chat.wait_for_text("echo 1 in the backup")
            back_up(site.place, data, keys, Silent())
            await ana.send("later")
            await chat.wait_for_text("echo 2 later")
            with pytest.raises(AlreadyRunning):
                restore(data, keys, site.place, True, Silent())
        for with_keys in (keys, None):
            with pytest.raises(TargetNotEmpty):
                restore(data, with_keys, site.place, False, Silent())
        with pytest.raises(TargetNotEmpty):
            back_up(site.place, data, None, Silent())
        restore(data, None, site.place, True, Silent())
        async with running(site.folder, local, **site.changes):
            await ana.send("again")
            await chat.wait_for_text("echo 2 again")


async def test_who_was_erased_stays_erased_in_a_backup_without_keys(
    sites, tmp_path: Path
):
    """A backup from before is opened with the keys that there are now."""
    site = sites("sqlite", "site")
    data = tmp_path / "data"
    async with telegram() as local:
        await chats(local, site)
    back_up(site.place, data, None, Silent())
    ((key_id,),) = site.query("SELECT key_id FROM people")
    with closing(KeyStore(site.place.keys, site.place.master)) as keys:
        keys.destroy(key_id)
    made = restore(data, None, site.place, True, Silent())
    assert [s.erased for s in made.samples if s.name == "people.contact"] == [1]


async def test_row_numbers_are_never_given_twice(sites, tmp_path: Path):
    """Not even those of rows that are gone, and not on another engine."""
    old, there, back = (
        sites("sqlite", "old"),
        sites("postgresql", "there"),
        sites("sqlite", "back"),
    )
    async with telegram() as local:
        await chats(local, old)
        ((last,),) = old.query("SELECT max(id) FROM outbox")
        old.query("DELETE FROM outbox")
        there.has_the_master_key_of(old)
        back.has_the_master_key_of(old)
        assert isinstance(there.place.data, str)
        backup.copy(old.place, there.place.data, Silent())
        back_up(there.place, tmp_path / "data", tmp_path / "keys", Silent())
        restore(tmp_path / "data", tmp_path / "keys", back.place, False, Silent())
        for site in (there, back):
            (ana,) = local.people
            said = f"hello {site.folder.name}"
            await ana.send(said)
            async with running(site.folder, local, **site.changes):
                await ana.private_chat().wait_for_text(f"echo 2 {said}")
            ((first,),) = site.query("SELECT min(id) FROM outbox")
            assert first == last + 1


async def test_a_copy_is_told_table_by_table(sites, capsys, monkeypatch):
    """Rows and hashes; afterwards the new address is all that changes."""
    old, new = sites("sqlite", "old"), sites("postgresql", "new")
    async with telegram() as local:
        await chats(local, old)
        for name, value in old.environment.items():
            monkeypatch.setenv(name, value)
        left = Terminal(capsys, monkeypatch).run("db", "copy", "--to", new.url)
        assert left.code == 0
        assert "people 1 " in left.words
        assert "inbox 1 " in left.words
        assert "EXOPLAN_DATABASE_URL" in left.words
        again = Terminal(capsys, monkeypatch).run("db", "copy", "--to", new.url)
        assert again.code == 1
        assert "there is something already" in again.err.lower()
        (ana,) = local.people
        new.has_the_master_key_of(old)
        async with running(new.folder, local, **new.changes):
            await ana.send("there")
            await ana.private_chat().wait_for_text("echo 2 there")


async def test_a_copy_that_differs_is_not_kept(sites, monkeypatch):
    """A row that got lost on the way leaves the target as it was."""
    old, new = sites("sqlite", "old"), sites("postgresql", "new")
    async with telegram() as local:
        await chats(local, old)
    whole = transfer._chunks

    def with_a_hole(connection, table):
        for rows in whole(connection, table):
            lost = table is inbox and connection.dialect.name == "postgresql"
            yield rows[1:] if lost else rows

    monkeypatch.setattr(transfer, "_chunks", with_a_hole)
    with pytest.raises(CopyDiffers, match="inbox: 1 rows, 0 there"):
        backup.copy(old.place, new.url, Silent())
    assert new.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [
        (0,)
    ]


async def test_a_copy_of_a_bot_at_work_is_refused(sites):
    """What it wrote later would be missing."""
    old, new = sites("sqlite", "old"), sites("postgresql", "new")
    async with telegram() as local, running(old.folder, local, **old.changes):
        ana = local.person("Ana")
        await ana.send("hello")
        await ana.private_chat().wait_for_text("echo 1 hello")
        with pytest.raises(AlreadyRunning):
            backup.copy(old.place, new.url, Silent())


async def test_what_is_no_backup_is_refused(sites, tmp_path: Path):
    """Something else, nothing of ours, a damaged page, a later release's."""
    site, new = sites("sqlite", "site"), sites("sqlite", "new")
    good, keys = tmp_path / "good", tmp_path / "keys"
    async with telegram() as local:
        await chats(local, site)
    back_up(site.place, good, keys, Silent())
    new.has_the_master_key_of(site)

    def refused(fault: type[Exception], file: Path) -> None:
        with pytest.raises(fault):
            restore(file, keys, new.place, False, Silent())

    refused(NotABackup, tmp_path / "not there")
    (tmp_path / "text").write_text("hello")
    refused(NotABackup, tmp_path / "text")
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE cats (name)")
        other.commit()
    refused(NotABackup, tmp_path / "other")
    damaged = bytearray(good.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 4096] = os.urandom(4096)
    (tmp_path / "damaged").write_bytes(damaged)
    with pytest.raises(BackupError):
        restore(tmp_path / "damaged", keys, new.place, False, Silent())
    (tmp_path / "later").write_bytes(good.read_bytes())
    with closing(sqlite3.connect(tmp_path / "later")) as later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
        later.commit()
    refused(SchemaTooNew, tmp_path / "later")
    assert not (new.folder / "exoplan.db").exists()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_upgrade_twice_does_no_harm_and_a_later_release_is_left_alone(
    sites, capsys, monkeypatch, engine
):
    """The command says what it did, and never goes back."""
    site = sites(engine, "site")
    terminal = Terminal(capsys, monkeypatch)
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    assert f"is {HEAD} now" in terminal.run("db", "upgrade").out
    before = schema(site.place.data)
    assert "as this release wants it" in terminal.run("db", "upgrade").out
    assert schema(site.place.data) == before
    site.query("UPDATE alembic_version SET version_num = '9999'")
    left = terminal.run("db", "upgrade")
    assert left.code == 1
    assert "later release" in left.err
    assert site.query("SELECT version_num FROM alembic_version") == [("9999",)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_schema_that_this_release_survives_is_no_reason_to_stay_down(sites, engine):
    """While others are upgraded a replica of the previous release may start again."""
    site = sites(engine, "site")

    def up() -> None:
        store = Store(site.place.data)
        try:
            store.write_now(upgrade)
        finally:
            store.close()

    def later(schema: str, note: str) -> None:
        """What a later release leaves behind."""
        site.query(f"UPDATE alembic_version SET version_num = '{schema}'")
        site.query(
            f"UPDATE bot_settings SET value = '{note}' "
            "WHERE name = 'schema_survived_by'"
        )

    up()
    assert site.query(
        "SELECT value FROM bot_settings WHERE name = 'schema_survived_by'"
    ) == [(f"{HEAD}:{SURVIVED_BY}",)]
    later("9998", f"9998:{HEAD}")
    up()
    assert site.query("SELECT version_num FROM alembic_version") == [("9998",)]
    for note in ("9998:9998", f"9997:{HEAD}", "9998:", ""):
        later("9998", note)
        with pytest.raises(SchemaTooNew):
            up()


def schema(database: Database) -> dict[str, list[str]]:
    """Tables and their columns."""
    where = f"sqlite:///{database}" if isinstance(database, Path) else _driver(database)
    engine = sqlalchemy.create_engine(where)
    try:
        seen = sqlalchemy.inspect(engine)
        return {
            table: [str(column) for column in seen.get_columns(table)]
            for table in seen.get_table_names()
        }
    finally:
        engine.dispose()


def test_an_older_backup_is_brought_up_to_date(sites, tmp_path: Path, monkeypatch):
    """The schema of an earlier release is no obstacle to putting it back."""
    site, new = sites("sqlite", "site"), sites("sqlite", "new")
    monkeypatch.setattr("bot.store.migrations.HEAD", "0001")
    store = Store(site.place.data)
    store.write_now(upgrade)
    store.close()
    KeyStore(site.place.keys, site.place.master).close()
    monkeypatch.undo()
    back_up(site.place, tmp_path / "data", tmp_path / "keys", Silent())
    new.has_the_master_key_of(site)
    restore(tmp_path / "data", tmp_path / "keys", new.place, False, Silent())
    store = Store(new.place.data)
    assert store.write_now(current) == HEAD
    store.close()


def test_every_sealed_column_is_tried():
    """A table that seals something is either proved, or here with its reason."""
    of_bytes = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert {sealed.name for sealed in SEALED} | KEYED == of_bytes


def test_what_the_team_seals_is_tried_too(tmp_path: Path):
    """Names of staff, and adverse events in a person's own key."""
    store = Store(tmp_path / "a.db")
    store.write_now(upgrade)
    keys = KeyStore(tmp_path / "k.db", master_key(None, tmp_path / "k"))
    now, hashed = datetime(2026, 1, 5, 10, tzinfo=UTC), keys.lookup_hash("staff:7")
    (key_id,) = keys.new_keys(1)
    contact = keys.seal(key_id, place("people", "contact", key_id), b"{}")
    name = keys.seal(keys.house, place("staff", "name", hashed.hex()), b"Kim")
    words = keys.seal(key_id, adverse_place(1, now), b"a rash")

    def add(connection: sqlalchemy.Connection) -> None:
        person = {"chat_hash": b"1", "key_id": key_id, "contact": contact}
        since = {"language": "en", "created_at": now}
        connection.execute(people.insert().values({**person, **since}))
        member = {"user_hash": hashed, "role": "desk", "name": name, "since": now}
        connection.execute(staff.insert().values(member))
        event = {"person_id": 1, "at": now, "by": hashed, "body": words}
        connection.execute(adverse_events.insert().values(event))

    store.write_now(add)
    samples = store.write_now(lambda connection: prove(connection, keys))
    assert {sample.name for sample in samples if sample.opened} == {
        "people.contact",
        "staff.name",
        "adverse_events.body",
    }
    assert not any(sample.shut for sample in samples)
    store.close()
    keys.close()


def test_a_tally_is_the_rows_in_any_order():
    """Other rows, one more or one less: another hash."""
    rows = [(1, b"a", None), (2, b"b", True)]
    told = transfer.Tally().plus(rows)
    assert told == transfer.Tally().plus(reversed(rows))
    assert told == transfer.Tally().plus(rows[:1]).plus(rows[1:])
    assert told.rows == 2
    for others in (rows[:1], [*rows, rows[0]], [(1, b"a", None), (2, b"b", False)]):
        assert transfer.Tally().plus(others).hash != told.hash


def test_the_commands_say_where_a_master_key_is_wrong(
    sites, tmp_path: Path, capsys, monkeypatch
):
    """One line, exit code 1, and no file that looks like a backup."""
    site = sites("sqlite", "site")
    terminal = Terminal(capsys, monkeypatch)
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    file = str(tmp_path / "data")
    assert "there is no such file" in terminal.run("db", "backup", file).err
    terminal.run("db", "upgrade")
    KeyStore(site.place.keys, site.place.master).close()
    left = terminal.run("db", "backup", file, "--keys", str(tmp_path / "keys"))
    assert left.code == 0
    assert "people.contact" in left.words
    monkeypatch.setenv("EXOPLAN_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    left = terminal.run("db", "backup", str(tmp_path / "again"))
    assert left.code == 1
    assert "master key is not the one" in left.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "keys", "site"]
    assert "postgresql://" in terminal.run("db", "copy", "--to", "mysql://x").err
