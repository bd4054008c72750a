"""What people write can be read nowhere, and not at all once their key is gone."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    ConfigError,
    KeyDestroyed,
    KeyFileExposed,
    MasterKeyMissing,
    MasterKeyWrong,
    SealBroken,
)
from bot.keys import KeyStore, master_key, place
from dialogs.inputs import Wrote
from tests.bot.rehearsal import TOKEN, Parrot, rows, running, started, telegram

MARKER = "xylophone-7731"
HERE = place("table", "column", 1)


async def test_a_word_someone_wrote_is_in_no_file_and_no_log(tmp_path: Path, capfd):
    """Sealed in the session, erased in inbox and outbox, absent from every log line."""
    parrot = Parrot(lambda g: isinstance(g, Wrote) and g.text.startswith("poison"))
    async with telegram() as local, running(tmp_path, local, parrot):
        ana = local.person(f"Ana-{MARKER}")
        chat = ana.private_chat()
        await ana.send(MARKER)
        await chat.wait_for_text(f"echo 1 {MARKER}")
        local.faults.refuse(
            400, f"Bad Request: can't parse entities: {MARKER}", "sendMessage"
        )
        await ana.send(f"refused {MARKER}")
        await ana.send(f"poison {MARKER}")
        await chat.wait_for_text("sorry")
        at_work = contents(tmp_path)
    at_rest = contents(tmp_path)
    assert {"exoplan.db", "exoplan.keys.db", "exoplan.db-wal"} <= at_work.keys()
    told = "".join(capfd.readouterr())
    assert "turn_failed" in told
    assert "call_refused" in told
    assert "a word that must reach no log" not in told
    for name, content in [*at_work.items(), *at_rest.items(), ("log", told.encode())]:
        assert MARKER.encode() not in content, name
        assert str(ana.id).encode() not in content, name
    assert rows(tmp_path, "SELECT body FROM inbox WHERE status = 'set_aside'")[0][
        "body"
    ]


async def test_logs_are_facts_for_machines_without_a_word_of_anyone(tmp_path: Path):
    """Every line is JSON; no token, no name, no text, also when things go wrong."""
    async with telegram() as local:
        ana = local.person(f"Ana-{MARKER}")
        process = await started(tmp_path, local.api_url, stderr=asyncio.subprocess.PIPE)
        assert process.stderr is not None
        # A process may take longer to begin than to answer.
        begun = await process.stderr.readline()
        local.faults.break_down("sendMessage")
        await ana.send(MARKER)
        await ana.private_chat().wait_for_text(f"echo 1 {MARKER}")
        process.terminate()
        _, told = await process.communicate()
    told = begun + told
    events = {json.loads(line)["event"] for line in told.splitlines()}
    assert events == {"receiving", "call_put_off", "stopping"}
    assert MARKER.encode() not in told
    assert TOKEN.encode() not in told


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the database, as bytes."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_who_was_erased_and_writes_again_begins_anew(tmp_path: Path):
    """Without its key nothing of the old session opens; the person is served."""
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        async with running(tmp_path, local):
            await ana.send("hello")
            await chat.wait_for_text("echo 1 hello")
        (person,) = rows(tmp_path, "SELECT * FROM people")
        keys = key_store(tmp_path / "exoplan.keys.db", tmp_path / "exoplan.key")
        keys.destroy(person["key_id"])
        keys.close()
        async with running(tmp_path, local):
            await ana.send("me again")
            await chat.wait_for_text("echo 1 me again")


def key_store(path: Path, key_file: Path, encoded: str | None = None) -> KeyStore:
    """A key store as the program opens it."""
    return KeyStore(path, master_key(encoded, key_file))


@pytest.fixture
def keys(tmp_path: Path):
    """A key store of its own."""
    opened = key_store(tmp_path / "keys.db", tmp_path / "key")
    yield opened
    opened.close()


def test_a_destroyed_key_opens_nothing_and_leaves_no_bytes(tmp_path: Path):
    """Neither memory nor any file of the store still holds it."""
    keys = key_store(tmp_path / "keys.db", tmp_path / "key")
    (key_id,) = keys.new_keys(1)
    sealed = keys.seal(key_id, HERE, b"hello")
    keys.destroy(key_id)
    with pytest.raises(KeyDestroyed):
        keys.open(key_id, HERE, sealed)
    for file in tmp_path.iterdir():
        assert key_id.encode() not in file.read_bytes()
    keys.close()


@pytest.fixture(scope="module")
def lasting_keys(tmp_path_factory):
    """A key store for many examples."""
    folder = tmp_path_factory.mktemp("keys")
    opened = key_store(folder / "keys.db", folder / "key")
    yield opened
    opened.close()


@given(plain=st.binary(max_size=200), flip=st.integers(0, 10**6))
def test_what_is_sealed_opens_only_unchanged_and_in_its_place(
    lasting_keys, plain, flip
):
    """Another place, another key or one changed bit: refused."""
    mine, other = lasting_keys.new_keys(2)
    sealed = lasting_keys.seal(mine, HERE, plain)
    assert lasting_keys.open(mine, HERE, sealed) == plain
    changed = bytearray(sealed)
    changed[flip % len(sealed)] ^= 1 << flip % 8
    for key_id, where, what in [
        (mine, place("table", "column", 2), sealed),
        (other, HERE, sealed),
        (mine, HERE, bytes(changed)),
        (mine, HERE, sealed[: flip % len(sealed)]),
    ]:
        with pytest.raises(SealBroken):
            lasting_keys.open(key_id, where, what)


def test_a_wrong_master_key_is_one_clear_line(tmp_path: Path):
    """Another key, no key, half a key: each is told before anything is opened."""
    store, file = tmp_path / "keys.db", tmp_path / "key"
    key_store(store, file).close()
    for other, fault in [
        (base64.b64encode(bytes(32)).decode(), MasterKeyWrong),
        ("c2hvcnQ=", ConfigError),
        ("not base64 at all", ConfigError),
    ]:
        with pytest.raises(fault) as told:
            key_store(store, file, other)
        assert other not in str(told.value)
    file.unlink()
    with pytest.raises(MasterKeyMissing):
        key_store(store, file)
    assert not file.exists()


def test_the_key_file_is_its_owners_alone(tmp_path: Path):
    """It is made with mode 0600, and refused when others may read it."""
    store, file = tmp_path / "keys.db", tmp_path / "key"
    key_store(store, file).close()
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(KeyFileExposed, match="chmod 600"):
        key_store(store, file)


def test_a_lookup_hash_is_stable_and_keyed(tmp_path: Path):
    """The same chat is found again after a restart, and only with these keys."""
    first = key_store(tmp_path / "a.db", tmp_path / "a")
    found = first.lookup_hash(42)
    first.close()
    again = key_store(tmp_path / "a.db", tmp_path / "a")
    assert again.lookup_hash(42) == found != again.lookup_hash(43)
    again.close()
    another = key_store(tmp_path / "b.db", tmp_path / "b")
    assert another.lookup_hash(42) != found
    another.close()


def test_many_people_need_little_memory(keys: KeyStore, monkeypatch):
    """Keys beyond the limit are let go and read again when needed."""
    monkeypatch.setattr("bot.keys.MAX_OPEN_KEYS", 3)
    made = keys.new_keys(10)
    sealed = [keys.seal(key_id, HERE, os.urandom(8)) for key_id in made]
    assert len(keys._open) <= 3
    for key_id, one in zip(made, sealed, strict=True):
        assert len(keys.open(key_id, HERE, one)) == 8
