"""A key per person, in a store of its own.

The master key locks one data key per person; the data key seals everything that is kept
about them, bound to the table, column and row it stands in. Destroying the data key
erases the person wherever copies of the database may lie. A house key seals what is
about nobody, and a lookup key turns chat ids into what can be compared but not read.

On SQLite the store is a file of its own, on PostgreSQL a schema of its own, so that a
backup of the data leaves it out.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from bot.errors import (
    ConfigError,
    KeyDestroyed,
    KeyFileExposed,
    MasterKeyMissing,
    MasterKeyWrong,
    RotationUnfinished,
    SealBroken,
    StoreUnavailable,
)
from bot.store.across import call_out, wait_for_lock, wait_patiently_for_lock
from bot.store.engine import Database, open_engine

KEY_BYTES = 32
NONCE_BYTES = 12  # what AES-GCM is made for
NONCES_AT_ONCE = 256
MAX_OPEN_KEYS = 4_096  # data keys held unwrapped in memory
SCHEMA = "exoplan_keys"  # of a PostgreSQL database

_FORMAT = b"\x01"  # first byte of everything sealed; a later format takes another
#: What replicas are told when a key is gone, with its id.
DESTROYED = "key:"

_CHECK, _HOUSE, _LOOKUP = "check", "house", "lookup"

#: While the master key is rotated: the new wrapping key under the old one, and the old
#: one under the new, so that either master key opens everything.
_COMING, _LEAVING = "coming", "leaving"

metadata = MetaData()
keys = Table(
    "keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column(
        "created_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.current_timestamp(),
    ),
)


def place(table: str, column: str, row: object) -> bytes:
    """Where a sealed value stands; it opens nowhere else."""
    return f"{table}.{column}:{row}".encode()


class KeyStore:
    """Data keys: made, used, destroyed. Safe to use from any thread.

    Args:
        database: the SQLite file of the key store, or the PostgreSQL database.
        master: gives the master key, told whether this store has been used before.
        random_bytes: source of keys and nonces.

    Raises:
        MasterKeyWrong, MasterKeyMissing, StoreUnavailable: at once, before any record.
    """

    def __init__(
        self,
        database: Database,
        master: Callable[[bool], bytes],
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._random = random_bytes
        self._lock = threading.Lock()
        self._open: OrderedDict[str, AESGCM] = OrderedDict()
        self._nonces: list[bytes] = []
        engine = open_engine(database)
        self._shared = engine.dialect.name == "postgresql"
        self._engine = (
            engine.execution_options(schema_translate_map={None: SCHEMA})
            if self._shared
            else engine
        )
        self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                self._make(self._connection)
                check = self._wrapped(_CHECK)
                self._own = _derived(master(check is not None), b"wrap")
                self._wrapping = self._own
                self._older: bytes | None = None
                self._follow_rotation()
                if check is None:
                    self._keep({_CHECK: bytes(KEY_BYTES)})
                else:
                    self._unwrap(_CHECK, check)
                for own in (_HOUSE, _LOOKUP):
                    if self._wrapped(own) is None:
                        self._keep({own: self._random(KEY_BYTES)})
                lookup = self._wrapped(_LOOKUP)
            assert lookup is not None
            self._lookup = self._unwrap(_LOOKUP, lookup)
        except BaseException:
            self.close()
            raise

    @property
    def house(self) -> str:
        """Id of the key for what is about nobody."""
        return _HOUSE

    def close(self) -> None:
        """Forget every open key and let go of the store."""
        self._open.clear()
        self._connection.close()
        self._engine.dispose()

    def lookup_hash(self, value: object) -> bytes:
        """What `value` is found by: 32 bytes that say nothing without the key."""
        # Not hmac.digest: that lets go of the interpreter, and waits to get it back.
        return hmac.new(self._lookup, str(value).encode(), "sha256").digest()

    def new_keys(self, count: int) -> list[str]:
        """Ids of `count` new keys, on disk before this returns."""
        fresh = {self._random(16).hex(): self._random(KEY_BYTES) for _ in range(count)}
        with self._lock, self._connection.begin():
            self._keep(fresh)
        return list(fresh)

    def has(self, key_id: str) -> bool:
        """Whether the key still exists."""
        try:
            self._cipher(key_id)
        except KeyDestroyed:
            return False
        return True

    def seal(self, key_id: str, where: bytes, plain: bytes) -> bytes:
        """`plain`, locked with that key and bound to its place.

        Raises:
            KeyDestroyed: there is no such key any more.
        """
        nonce = self._nonce()
        return _FORMAT + nonce + self._cipher(key_id).encrypt(nonce, plain, where)

    def open(self, key_id: str, where: bytes, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            KeyDestroyed: there is no such key any more.
            SealBroken: it was changed, or stands somewhere else.
        """
        cipher = self._cipher(key_id)
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if sealed[:1] != _FORMAT:
                raise SealBroken(where.decode())
            return cipher.decrypt(nonce, body, where)
        except (InvalidTag, ValueError):
            raise SealBroken(where.decode()) from None

    def destroy(self, key_id: str) -> None:
        """Erase the key for good: from memory, the table, the free pages, the log.

        PostgreSQL frees the page at once and recycles its log by and by; what lies
        there until then opens with the master key alone.
        """
        with self._lock:
            self._open.pop(key_id, None)
            with self._connection.begin():
                self._connection.execute(delete(keys).where(keys.c.id == key_id))
                call_out(self._connection, f"{DESTROYED}{key_id}")
            self._leave_no_traces()

    def _leave_no_traces(self) -> None:
        """Overwrite what was deleted. May not be done in a transaction."""
        if self._shared:
            with self._engine.connect() as connection:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.execute(text(f"VACUUM {SCHEMA}.keys"))
            return
        driver = self._connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget(self, key_id: str | None = None) -> None:
        """Another process destroyed this key; None: any may be gone."""
        with self._lock:
            if key_id is None:
                self._open.clear()
            else:
                self._open.pop(key_id, None)

    @property
    def rotating(self) -> bool:
        """Whether a rotation of the master key has begun and was not finished."""
        return self._older is not None

    @property
    def opened_with_new(self) -> bool:
        """Whether this process was given the master key that a rotation leads to."""
        return self._older is None or self._own == self._wrapping

    def begin_rotation(self, new_master: bytes) -> None:
        """From here on keys are wrapped under the new master key, and both open them.

        Raises:
            RotationUnfinished: one to another key has begun already.
            ConfigError: it is no new key.
        """
        coming = _derived(new_master, b"wrap")
        with self._lock, self._connection.begin():
            wait_for_lock(self._connection, "keys")
            self._follow_rotation()
            if self._older is not None:
                if coming != self._wrapping:
                    raise RotationUnfinished("go on with the new key of that one")
                return
            if coming == self._wrapping:
                raise ConfigError("the new master key is the one in use already")
            leaving = self._wrapping
            rows = [
                {"id": _COMING, "wrapped": self._wrap(leaving, _COMING, coming)},
                {"id": _LEAVING, "wrapped": self._wrap(coming, _LEAVING, leaving)},
            ]
            self._connection.execute(insert(keys), rows)
            self._wrapping, self._older = coming, leaving

    def wrap_anew(self, above: str, most: int) -> tuple[str, int] | None:
        """Wrap some keys under the new master key, in the order of their ids.

        Returns:
            The last id looked at, and how many still had the old wrapping; None where
            there is no key above `above`.
        """
        asked = select(keys.c.id, keys.c.wrapped).where(
            keys.c.id > above, keys.c.id.not_in([_COMING, _LEAVING])
        )
        with self._lock, self._connection.begin():
            self._follow_rotation()
            rows = self._connection.execute(asked.order_by(keys.c.id).limit(most)).all()
            old = 0
            for key_id, wrapped in rows:
                if _unwrapped(self._wrapping, key_id, wrapped) is None:
                    key = self._unwrap(key_id, wrapped)
                    anew = self._wrap(self._wrapping, key_id, key)
                    self._connection.execute(
                        update(keys).where(keys.c.id == key_id).values(wrapped=anew)
                    )
                    old += 1
        return (rows[-1][0], old) if rows else None

    def end_rotation(self) -> None:
        """From here on the old master key opens nothing."""
        with self._lock:
            with self._connection.begin():
                gone = keys.c.id.in_([_COMING, _LEAVING])
                self._connection.execute(delete(keys).where(gone))
                self._older = None
            self._leave_no_traces()

    def _follow_rotation(self) -> None:
        """Know both wrapping keys where a rotation has begun, here or elsewhere."""
        if self._older is not None:
            return
        self._own = self._wrapping
        rotating = select(keys.c.id, keys.c.wrapped).where(
            keys.c.id.in_([_COMING, _LEAVING])
        )
        wrapped = {row.id: row.wrapped for row in self._connection.execute(rotating)}
        if len(wrapped) < 2:
            return
        coming, leaving = wrapped[_COMING], wrapped[_LEAVING]
        if (new := _unwrapped(self._own, _COMING, coming)) is not None:
            self._wrapping, self._older = new, self._own
        elif (old := _unwrapped(self._own, _LEAVING, leaving)) is not None:
            self._older = old
        else:
            raise MasterKeyWrong

    def _make(self, connection: Connection) -> None:
        # Another replica may start as we do.
        wait_patiently_for_lock(connection, "keys")
        if self._shared:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        metadata.create_all(connection)

    def _nonce(self) -> bytes:
        """Random bytes, never given twice.

        Drawn many at a time: each draw lets go of the interpreter and waits for it.
        """
        with self._lock:
            if not self._nonces:
                drawn = self._random(NONCE_BYTES * NONCES_AT_ONCE)
                self._nonces = [
                    drawn[at : at + NONCE_BYTES]
                    for at in range(0, len(drawn), NONCE_BYTES)
                ]
            return self._nonces.pop()

    def _cipher(self, key_id: str) -> AESGCM:
        with self._lock:
            cipher = self._open.get(key_id)
            if cipher is not None:
                self._open.move_to_end(key_id)
                return cipher
            with self._connection.begin():
                wrapped = self._wrapped(key_id)
                if wrapped is None:
                    raise KeyDestroyed
                key = self._unwrap(key_id, wrapped)
            return self._hold(key_id, key)

    def _hold(self, key_id: str, key: bytes) -> AESGCM:
        cipher = self._open[key_id] = AESGCM(key)
        while len(self._open) > MAX_OPEN_KEYS:
            self._open.popitem(last=False)
        return cipher

    def _wrapped(self, key_id: str) -> bytes | None:
        return self._connection.scalar(
            select(keys.c.wrapped).where(keys.c.id == key_id)
        )

    def _keep(self, fresh: dict[str, bytes]) -> None:
        self._follow_rotation()
        rows = []
        for key_id, key in fresh.items():
            wrapped = self._wrap(self._wrapping, key_id, key)
            rows.append({"id": key_id, "wrapped": wrapped})
            self._hold(key_id, key)
        self._connection.execute(insert(keys), rows)

    def _wrap(self, wrapping: bytes, key_id: str, key: bytes) -> bytes:
        nonce = self._random(NONCE_BYTES)
        return _FORMAT + nonce + AESGCM(wrapping).encrypt(nonce, key, key_id.encode())

    def _unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        for wrapping in filter(None, (self._wrapping, self._older)):
            if (key := _unwrapped(wrapping, key_id, wrapped)) is not None:
                return key
        if self._older is None:
            self._follow_rotation()  # begun by another process, while we were at work
            if self._older is not None:
                return self._unwrap(key_id, wrapped)
        raise MasterKeyWrong


def _unwrapped(wrapping: bytes, key_id: str, wrapped: bytes) -> bytes | None:
    """The key, where it is wrapped with this one."""
    nonce, body = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
    try:
        return AESGCM(wrapping).decrypt(nonce, body, key_id.encode())
    except InvalidTag:
        return None


def master_key(encoded: str | None, key_file: Path) -> Callable[[bool], bytes]:
    """Where the master key comes from: the setting if given, else the key file.

    The file is made at the first start, and never again once it sealed something.
    """

    def read(used_before: bool) -> bytes:
        if encoded is not None:
            return decoded(encoded, "EXOPLAN_MASTER_KEY")
        if not key_file.exists():
            if used_before:
                raise MasterKeyMissing(
                    f"set EXOPLAN_MASTER_KEY or put the key file back at {key_file}"
                )
            return _made(key_file)
        if stat.S_IMODE(key_file.stat().st_mode) & 0o077:
            raise KeyFileExposed(f"{key_file}; close it with: chmod 600 {key_file}")
        return decoded(key_file.read_text(encoding="ascii"), str(key_file))

    return read


def _made(key_file: Path) -> bytes:
    key = os.urandom(KEY_BYTES)
    try:
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise StoreUnavailable(f"{key_file} ({fault.strerror})") from None
    return key


def decoded(encoded: str, source: str) -> bytes:
    """The master key in this text. Raises ConfigError, which names the source alone."""
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{source}: must be {KEY_BYTES} bytes in base64")
    return key


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=b"exoplan", info=purpose
    ).derive(master)
