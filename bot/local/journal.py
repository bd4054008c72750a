"""What survives a kill: one SQLite file of small documents, or nothing in tests.

Everything one call or one tap changes is committed together, before the answer leaves.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import orjson

Document = dict[str, Any]


class Journal(Protocol):
    """Keeps documents by kind and key."""

    def keep(self, kind: str, key: str, document: Document) -> None:
        """Write or overwrite a document."""

    def forget(self, kind: str, key: str) -> None:
        """Drop a document; one that is not there is no error."""

    def keep_file(self, file_id: str, content: bytes) -> None:
        """Write the bytes of an uploaded file."""

    def commit(self) -> None:
        """Make everything since the last commit durable, together."""

    def read(self, kind: str) -> Iterator[tuple[str, Document]]:
        """All documents of a kind, oldest first."""

    def read_files(self) -> Iterator[tuple[str, bytes]]:
        """All files."""

    def close(self) -> None:
        """Let go of the file."""


class Forgetful:
    """Keeps nothing: the world of one test."""

    def keep(self, kind: str, key: str, document: Document) -> None: ...

    def forget(self, kind: str, key: str) -> None: ...

    def keep_file(self, file_id: str, content: bytes) -> None: ...

    def commit(self) -> None: ...

    def read(self, kind: str) -> Iterator[tuple[str, Document]]:
        return iter(())

    def read_files(self) -> Iterator[tuple[str, bytes]]:
        return iter(())

    def close(self) -> None: ...


class Durable:
    """Keeps everything in one SQLite file. Used from the server's loop alone."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(path, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=NORMAL")
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS documents (kind TEXT NOT NULL, "
            "key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, key))"
        )
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, body BLOB NOT NULL)"
        )

    def _begin(self) -> None:
        if not self._rows.in_transaction:
            self._rows.execute("BEGIN")

    def keep(self, kind: str, key: str, document: Document) -> None:
        self._begin()
        self._rows.execute(
            "INSERT INTO documents VALUES (?, ?, ?) "
            "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, orjson.dumps(document)),
        )

    def forget(self, kind: str, key: str) -> None:
        self._begin()
        self._rows.execute(
            "DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key)
        )

    def keep_file(self, file_id: str, content: bytes) -> None:
        self._begin()
        self._rows.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?)", (file_id, content)
        )

    def commit(self) -> None:
        if self._rows.in_transaction:
            self._rows.execute("COMMIT")

    def read(self, kind: str) -> Iterator[tuple[str, Document]]:
        rows = self._rows.execute(
            "SELECT key, body FROM documents WHERE kind = ? ORDER BY rowid", (kind,)
        )
        for key, body in rows.fetchall():
            yield key, orjson.loads(body)

    def read_files(self) -> Iterator[tuple[str, bytes]]:
        yield from self._rows.execute("SELECT id, body FROM files").fetchall()

    def close(self) -> None:
        self.commit()
        self._rows.close()
