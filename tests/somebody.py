"""A person as the store keeps them, for tests that need no more of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
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


def at_chats(
    connection: Connection, keys: KeyStore, chats: Sequence[int], since: datetime
) -> list[tuple[int, str]]:
    """Row number and key id of new people who can be written to at these chats."""
    fresh = keys.new_keys(len(chats))
    rows = []
    for chat, key_id in zip(chats, fresh, strict=True):
        contact = orjson.dumps({"chat_id": chat, "name": "Ana"})
        rows.append(
            {
                "chat_hash": keys.lookup_hash(chat),
                "key_id": key_id,
                "contact": keys.seal(
                    key_id, place("people", "contact", key_id), contact
                ),
                "language": "en",
                "created_at": since,
            }
        )
    return list(zip(people.add(connection, rows), fresh, strict=True))
