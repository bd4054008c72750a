"""Copies of everything: made while the bot works, proved to open, and put back.

A backup is one SQLite file with the same tables, whichever engine it was made from. It
holds no keys: those go to a file of their own, which is kept elsewhere and for days
only, so that erasing a person stays complete.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from bot import keys as key_tables
from bot.errors import (
    AlreadyRunning,
    BackupError,
    CopyDiffers,
    MasterKeyMissing,
    NotABackup,
    SchemaTooNew,
    StoreUnavailable,
    TargetNotEmpty,
)
from bot.keys import KeyStore
from bot.seals import Sample, prove
from bot.store import transfer
from bot.store.engine import Database, open_engine
from bot.store.files import (
    Progress,
    copy_file,
    must_be_sqlite,
    must_be_whole,
    opened,
    part_of,
    publish,
)
from bot.store.lock import hold_alone
from bot.store.migrations import HEAD, current, upgrade
from bot.store.tables import metadata
from bot.store.transfer import Tally

KEY_ID_LETTERS = 32  # of a person's key; the store's own have names


@dataclass(frozen=True, slots=True)
class Place:
    """Where data and keys are, and what opens the keys."""

    data: Database
    keys: Database
    master: Callable[[bool], bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """What was copied, and how it was proved."""

    samples: tuple[Sample, ...]
    tallies: Mapping[str, Tally]  #: by table; none where a file was copied whole


def back_up(source: Place, file: Path, keys_file: Path | None, told: Progress) -> Made:
    """Copy everything to `file`, and the keys to `keys_file`, while the bot works.

    Neither is there under its name before it was proved to open.

    Raises:
        TargetNotEmpty: a file is there already.
        StoreUnavailable, SchemaTooNew, SealError, BackupError.
    """
    _must_exist(source.data)
    _must_exist(source.keys)
    for target in filter(None, (file, keys_file)):
        if target.exists():
            raise TargetNotEmpty(str(target))
    with ExitStack() as parts, _plainly():
        data = parts.enter_context(part_of(file))
        _snapshot(source.data, data, told)
        if keys_file is None:
            samples = _proved(data, source.keys, source.master)
        else:
            # After the data: every key that sealed some of it is there by now.
            keys = parts.enter_context(part_of(keys_file))
            _snapshot_keys(source.keys, keys, told)
            samples = _proved(data, keys, source.master)
            publish(keys, keys_file)
        publish(data, file)
    return Made(samples, {})


def restore(
    file: Path, keys_file: Path | None, target: Place, replace: bool, told: Progress
) -> Made:
    """Put a backup back. Without `keys_file` the keys that are there open it.

    Args:
        replace: what is there may go.

    Raises:
        NotABackup, SchemaTooNew, SealError, TargetNotEmpty, AlreadyRunning,
        CopyDiffers: and all is as it was.
    """
    for given in filter(None, (file, keys_file)):
        must_be_sqlite(given)
    if keys_file is None:
        _must_exist(target.keys)
    with ExitStack() as parts, _plainly():
        if isinstance(target.data, Path):
            assert isinstance(target.keys, Path)
            parts.enter_context(closing(hold_alone(target.data)))
            data = parts.enter_context(part_of(target.data))
            keys = parts.enter_context(part_of(target.keys))
        else:
            room = Path(parts.enter_context(tempfile.TemporaryDirectory()))
            data = parts.enter_context(part_of(room / "data"))
            keys = parts.enter_context(part_of(room / "keys"))
        copy_file(file, data, told, "the backup")
        with opened(data) as connection:
            must_be_whole(connection, file)
            _must_be_known(connection, file)
            upgrade(connection)
        new_keys = None if keys_file is None else keys
        if keys_file is not None:
            copy_file(keys_file, keys, told, "its keys")
        samples = _proved(data, new_keys or target.keys, target.master)
        if isinstance(target.data, Path):
            assert isinstance(target.keys, Path)
            if not replace:
                _must_be_empty(target.data, target.keys if keys_file else None)
            # Keys first: data without its keys would not be known to lack them.
            if new_keys is not None:
                publish(new_keys, target.keys)
            publish(data, target.data)
            return Made(samples, {})
        return Made(samples, _fill(target.data, data, new_keys, replace, told))


def copy(source: Place, target: str, told: Progress) -> Made:
    """Copy data and keys of a SQLite database into an empty PostgreSQL database.

    Nothing may work on the source meanwhile: what it wrote later would be missing.

    Raises:
        AlreadyRunning, TargetNotEmpty, CopyDiffers, SealError, StoreUnavailable: and
            all is as it was.
    """
    if not isinstance(source.data, Path) or not isinstance(source.keys, Path):
        raise BackupError("the way from PostgreSQL is by backup and restore")
    _must_exist(source.data)
    _must_exist(source.keys)
    with closing(hold_alone(source.data)), _plainly():
        with opened(source.data) as connection:
            upgrade(connection)
        samples = _proved(source.data, source.keys, source.master)
        return Made(samples, _fill(target, source.data, source.keys, False, told))


# — reading —


def _snapshot(source: Database, target: Path, told: Progress) -> None:
    """Everything as it is at one moment."""
    if isinstance(source, Path):
        copy_file(source, target, told, "the database")
        with opened(target) as connection:
            _must_be_known(connection, source)
            if current(connection) == HEAD:
                transfer.forget_the_moment(connection)
        return
    with _frozen(source) as frozen, opened(target) as connection:
        if (found := current(frozen)) != HEAD:
            raise BackupError(
                f"its schema is {found}, this release's is {HEAD}; make the backup "
                "with the release that runs, or upgrade first: exoplan db upgrade"
            )
        upgrade(connection)
        _pour_all(frozen, connection, told)


def _snapshot_keys(source: Database, target: Path, told: Progress) -> None:
    if isinstance(source, Path):
        copy_file(source, target, told, "the keys")
        return
    with _frozen(source) as frozen, opened(target) as connection:
        key_tables.metadata.create_all(connection)
        _pour_keys(_in_their_schema(frozen), connection, told)


@contextmanager
def _frozen(url: str) -> Iterator[Connection]:
    """A PostgreSQL database as it is at one moment."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            still = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with still.begin():
                _be_patient(still)
                yield still
    finally:
        engine.dispose()


def _proved(
    data: Path, keys: Database, master: Callable[[bool], bytes]
) -> tuple[Sample, ...]:
    """A sample of every sealed column, opened. Raises SealError."""

    def of_old(used_before: bool) -> bytes:
        if not used_before:  # and none is made for a store that is empty
            raise MasterKeyMissing("the key store holds no keys at all")
        return master(True)

    store = KeyStore(keys, of_old)
    try:
        with opened(data) as connection:
            return tuple(prove(connection, store))
    finally:
        store.close()


# — writing —


def _fill(
    url: str, data: Path, keys: Path | None, replace: bool, told: Progress
) -> Mapping[str, Tally]:
    """Fill a PostgreSQL database in one transaction, and compare what it holds then."""
    from bot.store.postgres import named

    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            if current(connection) is not None:
                _must_be_at_rest(connection, named(url))
                if not replace and not transfer.is_empty(connection):
                    raise TargetNotEmpty(named(url))
                metadata.drop_all(connection)
                connection.execute(text("DROP TABLE alembic_version"))
            upgrade(connection)
            _be_patient(connection)
            with opened(data) as source:
                tallies = _pour_all(source, connection, told)
            if keys is not None:
                _fill_keys(connection, keys, replace, named(url), told)
    finally:
        engine.dispose()
    return tallies


def _fill_keys(
    connection: Connection, keys: Path, replace: bool, name: str, told: Progress
) -> None:
    """Last of all: from here on the connection sees the schema of the keys alone."""
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {key_tables.SCHEMA}"))
    theirs = _in_their_schema(connection)
    key_tables.metadata.create_all(theirs)
    if not replace and _keys_of_people(theirs):
        raise TargetNotEmpty(f"the keys in {name}")
    theirs.execute(key_tables.keys.delete())
    with opened(keys) as source:
        _pour_keys(source, theirs, told)


def _pour_all(
    source: Connection, target: Connection, told: Progress
) -> Mapping[str, Tally]:
    """Every lasting table, and the numbers it goes on from; compared at the end."""
    tallies = {}
    for table in transfer.lasting_tables():
        target.execute(table.delete())  # what migrations put there
        told.begin(table.name, 2 * transfer.count(source, table))
        read = transfer.pour(source, target, table, told.advance)
        written = transfer.tally(target, table, told.advance)
        if written != read:
            raise CopyDiffers(f"{table.name}: {read.rows} rows, {written.rows} there")
        tallies[table.name] = read
    transfer.go_on_from(target, transfer.last_numbers(source))
    return tallies


def _pour_keys(source: Connection, target: Connection, told: Progress) -> None:
    told.begin("keys", 2 * transfer.count(source, key_tables.keys))
    read = transfer.pour(source, target, key_tables.keys, told.advance)
    if transfer.tally(target, key_tables.keys, told.advance) != read:
        raise CopyDiffers("the keys")


# — what must be so —


def _must_exist(database: Database) -> None:
    if isinstance(database, Path) and not database.exists():
        raise StoreUnavailable(f"{database} (there is no such file)")


def _must_be_known(connection: Connection, file: Path) -> None:
    """It has tables of ours, of this release or one before."""
    found = current(connection)
    if found is None:
        raise NotABackup(f"{file} (it holds no tables of Exoplan's)")
    if found > HEAD:
        raise SchemaTooNew(f"schema {found}, known {HEAD}")


def _must_be_empty(data: Path, keys: Path | None) -> None:
    if data.exists():
        with opened(data) as connection:
            if not transfer.is_empty(connection):
                raise TargetNotEmpty(f"{data}; --replace puts the backup in its place")
    if keys is not None and keys.exists():
        with opened(keys) as connection:
            if _keys_of_people(connection):
                raise TargetNotEmpty(f"{keys}; --replace puts the backup in its place")


def _must_be_at_rest(connection: Connection, name: str) -> None:
    if not inspect(connection).has_table("replicas"):
        return
    alive = text("SELECT 1 FROM replicas WHERE lease_until > clock_timestamp() LIMIT 1")
    if connection.scalar(alive) is not None:
        raise AlreadyRunning(name)


def _keys_of_people(connection: Connection) -> int:
    ids = select(func.count()).where(
        func.length(key_tables.keys.c.id) == KEY_ID_LETTERS
    )
    return connection.scalar(ids) or 0


def _be_patient(connection: Connection) -> None:
    """A copy may think for longer between two statements than a bot may."""
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _in_their_schema(connection: Connection) -> Connection:
    return connection.execution_options(schema_translate_map={None: key_tables.SCHEMA})


@contextmanager
def _plainly() -> Iterator[None]:
    """What a database says, in one line."""
    try:
        yield
    except DBAPIError as fault:
        first_line = str(fault.orig).strip().partition("\n")[0]
        raise BackupError(first_line) from None
