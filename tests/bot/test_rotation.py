"""A new master key while the bot is at work."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest

from bot import rotation
from bot.errors import ConfigError, MasterKeyWrong, RotationUnfinished
from bot.keys import KeyStore, master_key, place
from tests.bot.cli import Terminal
from tests.bot.rehearsal import rows, running, telegram

HERE = place("table", "column", 1)
OLD, NEW, OTHER = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))


def store(folder: Path, encoded: str | None) -> KeyStore:
    """The key store, opened with this master key."""
    return KeyStore(folder / "k.db", master_key(encoded, folder / "key"))


def test_both_keys_open_everything_until_it_is_finished(tmp_path: Path):
    """Keys made before, during and after, by either side."""
    old = store(tmp_path, OLD)
    sealed = {}
    for key_id in old.new_keys(5):
        sealed[key_id] = old.seal(key_id, HERE, key_id.encode())
    command = store(tmp_path, OLD)
    assert rotation.rotate(command, NEW, tmp_path / "key") == 5 + 3
    command.close()
    for key_id in old.new_keys(2):  # a bot that began before, with the old key
        sealed[key_id] = old.seal(key_id, HERE, key_id.encode())
    new = store(tmp_path, NEW)
    for key_id in new.new_keys(2):
        sealed[key_id] = new.seal(key_id, HERE, key_id.encode())
    late = store(tmp_path, OLD)
    for opened in (old, new, late):
        for key_id, body in sealed.items():
            assert opened.open(key_id, HERE, body) == key_id.encode()
    with pytest.raises(RotationUnfinished):
        rotation.finish(late)
    rotation.finish(new)
    for opened in (old, late, new):
        opened.close()
    again = store(tmp_path, NEW)
    for key_id, body in sealed.items():
        assert again.open(key_id, HERE, body) == key_id.encode()
    assert again.lookup_hash(1) == new.lookup_hash(1)
    again.close()
    for wrong in (OLD, OTHER):
        with pytest.raises(MasterKeyWrong):
            store(tmp_path, wrong)


def test_a_third_key_opens_nothing_meanwhile(tmp_path: Path):
    """Nor may it take over a rotation that has begun."""
    keys = store(tmp_path, OLD)
    keys.begin_rotation(base64.b64decode(NEW))
    with pytest.raises(RotationUnfinished):
        rotation.rotate(keys, OTHER, tmp_path / "key")
    keys.close()
    with pytest.raises(MasterKeyWrong):
        store(tmp_path, OTHER)


def test_the_key_in_use_is_no_new_key(tmp_path: Path):
    """One clear line, and nothing has begun."""
    keys = store(tmp_path, OLD)
    with pytest.raises(ConfigError, match="in use already"):
        rotation.rotate(keys, OLD, tmp_path / "key")
    assert not keys.rotating
    with pytest.raises(ConfigError, match="no rotation"):
        rotation.finish(keys)
    keys.close()


def test_a_new_key_file_takes_the_place_of_the_old_one(tmp_path: Path):
    """Mode 0600 from its first moment; the old key is nowhere any more."""
    keys = store(tmp_path, None)
    (key_id,) = keys.new_keys(1)
    sealed = keys.seal(key_id, HERE, b"words")
    before = (tmp_path / "key").read_bytes()
    rotation.rotate(keys, None, tmp_path / "key")
    assert (tmp_path / "key").read_bytes() != before
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert not rotation.new_key_file(tmp_path / "key").exists()
    keys.close()
    new = store(tmp_path, None)
    rotation.finish(new)
    assert new.open(key_id, HERE, sealed) == b"words"
    new.close()


DIES = """
import os, sys
from pathlib import Path
from bot import rotation
from bot.keys import KeyStore, master_key

folder, at = Path(sys.argv[1]), int(sys.argv[2])
rotation.AT_ONCE = 3
keys = KeyStore(folder / "k.db", master_key(None, folder / "key"))
wrap, seen = keys.wrap_anew, 0

def dying(above, most):
    global seen
    seen += 1
    if seen > at:
        os.kill(os.getpid(), 9)
    return wrap(above, most)

keys.wrap_anew = dying
rotation.rotate(keys, None, folder / "key")
"""


@pytest.mark.parametrize("at", [0, 1, 3])
async def test_killed_on_the_way_it_goes_on_where_it_was(tmp_path: Path, at: int):
    """With some keys wrapped anew, or none: nothing is lost, and it ends."""
    keys = store(tmp_path, None)
    sealed = {k: keys.seal(k, HERE, k.encode()) for k in keys.new_keys(12)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIES, str(tmp_path), str(at)
    )
    assert await process.wait() == -9
    for opened in (keys, between := store(tmp_path, None)):
        assert all(opened.open(k, HERE, b) == k.encode() for k, b in sealed.items())
    left = rotation.rotate(between, None, tmp_path / "key")
    assert left == 12 + 3 - 3 * at
    between.close()
    keys.close()
    new = store(tmp_path, None)
    rotation.finish(new)
    assert all(new.open(k, HERE, b) == k.encode() for k, b in sealed.items())
    new.close()


async def test_a_bot_at_work_notices_nothing(tmp_path: Path, capsys, monkeypatch):
    """Known and new people write before, during and after; the trail has both steps."""
    for name, value in {
        "EXOPLAN_DATABASE_URL": f"sqlite:///{tmp_path / 'exoplan.db'}",
        "EXOPLAN_TOKEN": "",
    }.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal(capsys, monkeypatch)
    async with telegram() as local:
        ana, ben, cem = (local.person(name) for name in ("Ana", "Ben", "Cem"))
        async with running(tmp_path, local):
            await ana.send("before")
            await ana.private_chat().wait_for_text("echo 1 before")
            left = await asyncio.to_thread(terminal.run, "keys", "rotate")
            assert left.code == 0, left.err
            await ben.send("during")
            await ben.private_chat().wait_for_text("echo 1 during")
        async with running(tmp_path, local):
            await cem.send("after the restart")
            await cem.private_chat().wait_for_text("echo 1 after the restart")
            left = await asyncio.to_thread(terminal.run, "keys", "finish")
            assert left.code == 0, left.err
            await ana.send("and after")
            await ana.private_chat().wait_for_text("echo 2 and after")
        async with running(tmp_path, local):
            await ben.send("at last")
            await ben.private_chat().wait_for_text("echo 2 at last")
    done = [row["action"] for row in rows(tmp_path, "SELECT action FROM audit")]
    assert done == ["keys rotate", "keys finish"]


async def test_no_secret_is_in_a_process_list_or_a_message(tmp_path: Path):
    """`ps` shows what was typed; secrets come from the environment or a file."""
    script = "import time; from bot.config import load_settings as l; print(l()); " + (
        "print(repr(l().master_key), flush=True); time.sleep(30)"
    )
    secrets = {"EXOPLAN_TOKEN": "123:secret-token", "EXOPLAN_MASTER_KEY": NEW}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        env={**os.environ, **secrets},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    shown = await process.stdout.readline() + await process.stdout.readline()
    arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()  # noqa: ASYNC240
    process.kill()
    await process.wait()
    for secret in secrets.values():
        assert secret.encode() not in shown + arguments
