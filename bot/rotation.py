"""A new master key, while the bot is at work.

Every person's key is wrapped anew, some at a time. Until the rotation is finished both
master keys open everything, so replicas can be started again one by one; a process that
is already at work learns the new wrapping from the key store. Begun again after it was
killed, it goes on where it was.
"""

from __future__ import annotations

from pathlib import Path

from bot.errors import ConfigError, RotationUnfinished
from bot.keys import KeyStore, decoded, master_key

AT_ONCE = 500  # keys in one transaction


def new_key_file(key_file: Path) -> Path:
    """Where the new master key lies until every key is wrapped under it."""
    return key_file.with_name(key_file.name + ".new")


def rotate(keys: KeyStore, encoded: str | None, key_file: Path) -> int:
    """Wrap every key under a new master key; how many had the old wrapping.

    Args:
        encoded: the new master key, where it does not come from a file.
        key_file: of the present one. Where there is no `encoded`, the new one is made
            beside it, and takes its place once it is needed by every key.

    Raises:
        ConfigError, RotationUnfinished, StoreUnavailable.
    """
    coming = new_key_file(key_file)
    if encoded is not None:
        keys.begin_rotation(decoded(encoded, "EXOPLAN_NEW_MASTER_KEY"))
    elif coming.exists() or not keys.rotating:
        keys.begin_rotation(master_key(None, coming)(False))
    wrapped = _wrap_all(keys)
    if encoded is None and coming.exists():
        coming.replace(key_file)
    return wrapped


def finish(keys: KeyStore) -> None:
    """Let the old master key open nothing any more.

    Raises:
        RotationUnfinished: this process was started with the old one.
        ConfigError: none was begun.
    """
    if not keys.rotating:
        raise ConfigError("no rotation of the master key was begun")
    if not keys.opened_with_new:
        raise RotationUnfinished("start with the new key, everywhere, and then finish")
    while _wrap_all(keys):
        continue  # a process that did not know yet has added some meanwhile
    keys.end_rotation()


def _wrap_all(keys: KeyStore) -> int:
    above, wrapped = "", 0
    while (found := keys.wrap_anew(above, AT_ONCE)) is not None:
        above, old = found
        wrapped += old
    return wrapped
