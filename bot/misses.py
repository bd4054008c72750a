"""Questions that nobody answered and answers that were wrong, as they are kept.

The words are the patient's, and sealed with their key; those a member of the team wrote
about nobody are sealed by the house.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.errors import KeyDestroyed
from bot.keys import KeyStore, place
from bot.store.misses import Miss


def miss_row(
    keys: KeyStore,
    *,
    key: str,
    kind: str,
    entry: str,
    words: str,
    now: datetime,
    person: int | None = None,
    key_id: str = "",
    told_by: bytes | None = None,
) -> dict[str, Any]:
    """A row to keep.

    Args:
        key: names what brought it about; the same key a second time changes nothing.
        person: whose words they are, with the `key_id` of their key; None: the team's.
        words: the question; empty where it is not to be kept.
        told_by: keyed hash of the member of the team who said so; None: the patient.
    """
    sealed = keys.seal(key_id or keys.house, _place(key), words.encode())
    return {
        "key": key,
        "person_id": person,
        "kind": kind,
        "entry": entry,
        "body": sealed if words else None,
        "told_by": told_by,
        "at": now,
    }


def words_of_miss(keys: KeyStore, miss: Miss) -> str:
    """The question; empty where it was not kept, or whose it was is erased."""
    if miss.body is None:
        return ""
    try:
        at = _place(miss.key)
        return keys.open(miss.key_id or keys.house, at, miss.body).decode()
    except KeyDestroyed:  # of somebody erased this moment
        return ""


def _place(key: str) -> bytes:
    return place("misses", "body", key)
