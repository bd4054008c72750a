"""A person as the store keeps them, for tests that need no more of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.keys import KeyStore, place
from bot.store import people


def somebody(
    connection: Connection, keys: KeyStore, since: datetime
) -> tuple[int, str]:
    """Row number and key id of somebody new, whose chat is as good as any."""
    (key_id,) = keys.new_keys(1)
    row = {
        "chat_hash": key_id.encode(),
        "key_id": key_id,
        "contact": keys.seal(key_id, place("people", "contact", key_id), b"{}"),
        "language": "en",
        "created_at": since,
    }
    (number,) = people.add(connection, [row])
    return number, key_id
