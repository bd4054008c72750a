"""The database away, the disk full, Telegram in trouble: it recovers by itself.

Meanwhile `/readyz` has to say that something is wrong, and afterwards that nothing is.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import psycopg

from tests.bench.patients import Crowd
from tests.bench.program import exoplan, free_port
from tests.bench.run import first_answer, listening
from tests.bench.stores import Store, StoreName, fresh
from tests.bench.telegram import Trouble, too_many
from tests.soak.account import Account, nothing_lost, settle

PATIENTS = 40
CALM_SECONDS = 4.0  # under load before the trouble begins
NOTICED_SECONDS = 10.0  # within which /readyz says that a database is away
LOOK_EVERY = 0.5  # seconds
LOOK_SECONDS = 5.0
ANSWER_SECONDS = 120.0
BACK_SECONDS = 45.0  # after the trouble, until somebody is answered
DISK_MB = 24


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to make trouble with."""

    crowd: Crowd
    store: Store
    folder: Path
    seconds: float


#: Trouble as long as it is entered.
Making = Callable[[Scene], AbstractAsyncContextManager[None]]


@dataclass(slots=True)
class Watch:
    """What `/readyz` said, and when."""

    port: int
    looks: list[tuple[float, int, tuple[str, ...]]] = field(default_factory=list)
    #: moment, status (0: no answer), reasons

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.looks.append((time.monotonic(), *await self._look()))
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> tuple[int, tuple[str, ...]]:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
                writer.close()
                return int(head.split(b" ")[1]), tuple(orjson.loads(body)["reasons"])
        except (OSError, TimeoutError, IndexError, ValueError, KeyError):
            return 0, ()

    def between(self, begin: float, end: float) -> list[int]:
        """Statuses seen in that time."""
        return [status for at, status, _ in self.looks if begin <= at < end]

    def first(self, wanted: int, begin: float) -> float | None:
        """Seconds from `begin` until this status was seen."""
        found = (at for at, status, _ in self.looks if at >= begin and status == wanted)
        return next((at - begin for at in found), None)

    def reasons(self) -> list[str]:
        """Every kind of reason that was given."""
        told = (why.split(":")[0] for _, _, whys in self.looks for why in whys)
        return sorted(set(told))


async def troubled(
    title: str,
    name: StoreName,
    making: Making,
    seconds: float,
    *,
    noticed: float,
    small_disk: bool = False,
) -> Account:
    """A crowd at work, the trouble, and what became of it.

    Args:
        noticed: seconds within which `/readyz` has to say so.
    """
    account = Account(f"{title}, {name}, {seconds:.0f} s")
    with (
        tempfile.TemporaryDirectory() as outer,
        _disk(Path(outer), small_disk) as folder,
        fresh(name, folder) as store,
    ):
        crowd = Crowd(PATIENTS)
        port = free_port()
        async with listening(crowd) as address, _between(store) as url:
            program = exoplan(
                Path(outer),
                address,
                url.url,
                {"EXOPLAN_LISTEN": f"127.0.0.1:{port}"},
            )
            await program.start()
            await first_answer(crowd, program)
            watch = Watch(port)
            watching = asyncio.create_task(watch.run())
            crowd.begin()
            await asyncio.sleep(CALM_SECONDS)
            begin = time.monotonic()
            async with making(Scene(crowd, url, folder, seconds)):
                await asyncio.sleep(seconds)
            end = time.monotonic()
            try:
                await crowd.next_answer(BACK_SECONDS)
                back = time.monotonic() - end
            except TimeoutError:
                back = float("inf")
            book = await settle(crowd, store, ANSWER_SECONDS)
            ready = await _until_ready(watch)
            watching.cancel()
            code = await program.stop()
    nothing_lost(account, crowd, book)
    account.hold("the same process goes on", program.starts == 1, program.starts)
    account.hold(
        "somebody is answered again soon", back < BACK_SECONDS, f"{back:.1f} s"
    )
    late = watch.first(503, begin)
    account.hold(
        f"/readyz says so within {noticed:.0f} s",
        late is not None and late <= noticed,
        "never" if late is None else f"{late:.1f} s",
    )
    before = watch.between(0, begin)
    account.hold("ready before", set(before) <= {200}, sorted(set(before)))
    account.hold("/readyz always answers", 0 not in watch.between(0, end), "")
    account.hold("ready again at the end", ready, ready)
    account.hold("told to stop, it ends with 0", code == 0, code)
    account.facts["reasons given"] = ", ".join(watch.reasons())
    account.facts["sends in doubt"] = book.uncertain
    return account


async def _until_ready(watch: Watch) -> bool:
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        if watch.looks and watch.looks[-1][1] == 200:
            return True
        await asyncio.sleep(LOOK_EVERY)
    return False


# — the database —


@asynccontextmanager
async def locked(scene: Scene) -> AsyncIterator[None]:
    """Another program holds the SQLite file and does not let go."""
    connection = sqlite3.connect(
        scene.store.url.removeprefix("sqlite:///"), timeout=30, isolation_level=None
    )
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@asynccontextmanager
async def hung_up(scene: Scene) -> AsyncIterator[None]:
    """The PostgreSQL server ends every connection and takes none."""
    gate = _GATES[scene.store.url]
    gate.close(cut=True)
    yield
    gate.open = True


@asynccontextmanager
async def silent(scene: Scene) -> AsyncIterator[None]:
    """The PostgreSQL server is there, and says nothing any more."""
    gate = _GATES[scene.store.url]
    gate.close(cut=False)
    yield
    gate.drop_all()
    gate.open = True


class Gate:
    """Stands between the bot and its PostgreSQL server, on a socket of its own."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.open = True
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()

    def close(self, *, cut: bool) -> None:
        """Let nobody in; those inside are cut off, or hear nothing more."""
        if cut:
            self.open = False
            self.drop_all()
        else:
            self._flows.clear()

    def drop_all(self) -> None:
        """Cut off everybody."""
        for writer in [*self._writers]:
            writer.transport.abort()
        self._flows.set()

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection of the bot's."""
        if not self.open:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_unix_connection(self._server)
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(
                self._flow(reader, far_writer), self._flow(far_reader, writer)
            )
        except OSError:
            pass  # one end has gone
        finally:
            self._writers -= {writer, far_writer}
            writer.close()
            far_writer.close()

    async def _flow(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65_536):
            await self._flows.wait()
            if writer.is_closing():  # cut off meanwhile
                return
            writer.write(data)
            await writer.drain()
        writer.close()


_GATES: dict[str, Gate] = {}
_SOCKET = ".s.PGSQL.5432"


@asynccontextmanager
async def _between(store: Store) -> AsyncIterator[Store]:
    """The store as the bot reaches it: PostgreSQL by way of a gate."""
    if store.name == "sqlite":
        yield store
        return
    given = psycopg.conninfo.conninfo_to_dict(store.url)
    host, name = str(given["host"]), str(given["dbname"])
    with tempfile.TemporaryDirectory(prefix="gate", dir="/tmp") as folder:
        url = f"postgresql://postgres@/{name}?host={folder}"
        gate = _GATES[url] = Gate(f"{host}/{_SOCKET}")
        server = await asyncio.start_unix_server(gate.serve, f"{folder}/{_SOCKET}")
        try:
            yield Store(store.name, url)
        finally:
            gate.drop_all()
            server.close()
            del _GATES[url]


# — the disk —


@contextmanager
def _disk(outer: Path, small: bool) -> Iterator[Path]:
    """A folder for the database; with little room where that is wanted, as root."""
    folder = outer / "disk"
    folder.mkdir()
    if not small:
        yield folder
        return
    size = f"size={DISK_MB}m"
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@asynccontextmanager
async def full(scene: Scene) -> AsyncIterator[None]:
    """Something else has filled the disk, to the last byte."""
    ballast = scene.folder / "ballast"
    filling = asyncio.create_task(_fill(ballast))
    try:
        yield
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
        ballast.unlink(missing_ok=True)


async def _fill(ballast: Path) -> None:
    """Take every byte, also those that become free."""
    with ballast.open("ab", buffering=0) as file:
        while True:
            for size in (2**16, 2**12, 1):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue
            await asyncio.sleep(0.2)


# — Telegram —


def answering(trouble: Trouble) -> Making:
    """Telegram answers every call with this, for as long as it lasts."""

    @asynccontextmanager
    async def made(scene: Scene) -> AsyncIterator[None]:
        scene.crowd.far.trouble = trouble
        yield
        scene.crowd.far.recover()

    return made


_PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"

DATABASES: Mapping[str, tuple[StoreName, Making]] = {
    "database locked": ("sqlite", locked),
    "database gone": ("postgres", hung_up),
    "database silent": ("postgres", silent),
}
TELEGRAMS: Mapping[str, Trouble] = {
    "Telegram: 429": too_many(5),
    "Telegram: 500": Trouble(500, b'{"ok":false,"error_code":500,"description":"x"}'),
    "Telegram: garbage": Trouble(502, _PAGE),
    "Telegram: nothing": Trouble(),
    "Telegram: 500, carried out": Trouble(500, b"{}", carried_out=True),
}


async def databases(seconds: float) -> list[Account]:
    """Each way a database can be away."""
    return [
        await troubled(title, name, making, seconds, noticed=NOTICED_SECONDS)
        for title, (name, making) in DATABASES.items()
    ]


async def disks(seconds: float) -> list[Account]:
    """A full disk; as root, who may mount a small one."""
    if os.geteuid() != 0:
        account = Account("disk full")
        account.hold("run as root: it mounts a small disk", False, "not root")
        return [account]
    return [
        await troubled(
            "disk full",
            "sqlite",
            full,
            seconds,
            noticed=NOTICED_SECONDS,
            small_disk=True,
        )
    ]


async def telegrams(name: StoreName, seconds: float) -> list[Account]:
    """Each way Telegram can fail."""
    return [
        await troubled(title, name, answering(trouble), seconds, noticed=seconds)
        for title, trouble in TELEGRAMS.items()
    ]
