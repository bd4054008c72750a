"""What every store promises of people, their sessions and consents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.store import people, sessions
from bot.store.engine import Store
from bot.store.tables import consents, sessions_set_aside

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def person(number: int) -> dict[str, object]:
    """Somebody who writes for the first time."""
    return {
        "chat_hash": bytes([number]) * 32,
        "key_id": f"key{number}",
        "contact": b"sealed",
        "language": "en",
        "created_at": NOW,
    }


def add(store: Store, *numbers: int) -> list[int]:
    """Take these people up."""
    rows = [person(number) for number in numbers]
    return store.write_now(lambda c: people.add(c, rows))


def test_people_are_found_by_their_hash(store: Store):
    """Rows come back in the order given; who is not here is not found."""
    one, two = add(store, 1, 2)
    wanted = [bytes([number]) * 32 for number in (1, 2, 3)]
    found = store.write_now(lambda c: people.found(c, wanted))
    assert found == {wanted[0]: (one, "key1"), wanted[1]: (two, "key2")}


def test_nobody_is_taken_up_twice(store: Store):
    """Two that are one are refused."""
    add(store, 1)
    with pytest.raises(IntegrityError):
        add(store, 2, 1)
    wanted = [bytes([2]) * 32]
    assert store.write_now(lambda c: people.found(c, wanted)) == {}


def test_a_session_takes_the_place_of_the_one_before(store: Store):
    """People come with theirs, or with none."""
    one, two = add(store, 1, 2)
    for generation, body in [(1, b"first"), (2, b"second")]:
        row = {
            "person_id": one,
            "generation": generation,
            "body": body,
            "updated_at": NOW + timedelta(hours=generation),
        }
        store.write_now(partial(sessions.keep, rows=[row]))
    found = store.write_now(lambda c: people.by_id(c, [one, two]))
    assert (found[one].generation, found[one].session) == (2, b"second")
    assert (found[two].generation, found[two].session) == (None, None)


def test_sessions_that_cannot_be_read_are_all_kept(store: Store):
    """Each with its reason."""
    (one,) = add(store, 1)
    row = {"person_id": one, "generation": 1, "body": b"old", "reason": "?", "at": NOW}
    for _ in range(2):
        store.write_now(lambda c: sessions.set_aside(c, [row]))
    asked = select(sessions_set_aside.c.body)
    assert store.write_now(lambda c: c.execute(asked).scalars().all()) == [b"old"] * 2


def test_who_cannot_be_reached_is_marked_until_they_return(store: Store):
    """Nobody else is."""
    one, two = add(store, 1, 2)
    store.write_now(lambda c: people.mark_blocked(c, {one: NOW, two: NOW}))
    store.write_now(lambda c: people.mark_blocked(c, {two: None}))
    found = store.write_now(lambda c: people.by_id(c, [one, two]))
    assert (found[one].blocked_at, found[two].blocked_at) == (NOW, None)


def test_who_was_erased_begins_with_another_key(store: Store):
    """The person stays the same row."""
    (one,) = add(store, 1)
    store.write_now(lambda c: people.give_new_key(c, one, "fresh", b"anew"))
    found = store.write_now(lambda c: people.by_id(c, [one]))
    assert (found[one].key_id, found[one].contact) == ("fresh", b"anew")


def test_every_consent_is_kept(store: Store):
    """Given and withdrawn, in order."""
    (one,) = add(store, 1)
    rows = [
        {
            "person_id": one,
            "purpose": "plan",
            "text_version": "v1",
            "granted": granted,
            "at": NOW,
        }
        for granted in (True, False)
    ]
    store.write_now(lambda c: people.record_consents(c, rows))
    asked = select(consents.c.granted).order_by(consents.c.id)
    assert store.write_now(lambda c: c.execute(asked).scalars().all()) == [True, False]
