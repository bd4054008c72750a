"""Erasing, the audit trail and the team, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DatabaseError

from bot.errors import KeyDestroyed
from bot.keys import KeyStore
from bot.misses import miss_row
from bot.rights import adverse_place
from bot.roles import NOBODY, ROLES, Roles
from bot.store import (
    audit,
    faq,
    inbox,
    misses,
    outbox,
    people,
    reminders,
    rights,
    sessions,
    tables,
    visits,
)
from bot.store.audit import Entry
from bot.store.engine import Store
from bot.turn import inbox_row
from tests.somebody import somebody

NOW = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)


def person(connection: Connection, keys: KeyStore) -> tuple[int, str]:
    """Somebody with a row in every table that has rows about people."""
    number, key_id = somebody(connection, keys, NOW)
    kept = {"person_id": number, "generation": 1, "body": b"x"}
    sessions.keep(connection, [{**kept, "updated_at": NOW}])
    sessions.set_aside(connection, [{**kept, "reason": "x", "at": NOW}])
    consent = {"purpose": "plan", "text_version": "v", "granted": True, "at": NOW}
    people.record_consents(connection, [{"person_id": number, **consent}])
    came = inbox_row(keys, f"tg:{number}", f"p:{number}", number, key_id, b"{}", NOW)
    inbox.add(connection, [came])
    call = {
        "key": f"p:{number}:1:1",
        "lane": "s:-5",
        "about_person": number,
        "method": "sendMessage",
        "body": b"x",
        "kind": "staff",
        "report": True,
        "urgent": False,
        "status": "pending",
        "attempts": 0,
        "uncertain": 0,
        "created_at": NOW,
    }
    outbox.add(connection, [call])
    at = adverse_place(number, NOW)
    event = {"at": NOW, "by": b"x", "body": keys.seal(key_id, at, b"words")}
    rights.record_adverse(connection, [{"person_id": number, **event}])
    label = {"key": f"tap:{number}", "entry": "", "language": "en", "body": b"x"}
    faq.add_label(connection, {**label, "person_id": number, "at": NOW})
    miss = miss_row(
        keys,
        key=f"tg:{number}:0",
        kind="wrong",
        entry="Q06",
        words="x",
        now=NOW,
        person=number,
        key_id=key_id,
    )
    misses.add(connection, [miss])
    rows_of_a_visit(connection, number)
    return number, key_id


def rows_of_a_visit(connection: Connection, person: int) -> None:
    """A visit, its reminder, and what the clinic knows them by."""
    record = {"ref_hash": b"%d" % person, "person_id": person, "created_at": NOW}
    visits.add_records(connection, [record])
    visit = {
        "person_id": person,
        "starts_at": NOW - timedelta(days=1),
        "zone": "UTC",
        "status": "booked",
        "revision": 1,
        "booked_at": NOW,
        "changed_at": NOW,
        "body": b"x",
    }
    (number,) = visits.add(connection, [visit])
    row = {
        "visit_id": number,
        "person_id": person,
        "revision": 1,
        "kind": "receipt",
        "rank": 1,
        "due_at": NOW,
        "useful_until": NOW,
        "status": "sent",
    }
    reminders.plan(connection, [row])


def run(connection: Connection, statement: str) -> None:
    """Run a statement past everything that is ours."""
    connection.execute(text(statement))


def counted(connection: Connection) -> dict[str, int]:
    """Rows about people, by table."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in (
            tables.people,
            tables.sessions,
            tables.sessions_set_aside,
            tables.consents,
            tables.inbox,
            tables.outbox,
            tables.adverse_events,
            tables.faq_labels,
            tables.misses,
            tables.visits,
            tables.reminders,
            tables.clinic_records,
        )
    }


def test_erasing_leaves_nothing_of_one_and_everything_of_the_other(
    store: Store, keys: KeyStore
):
    """In every table that has rows about people."""
    ana, key_id = store.write_now(lambda c: person(c, keys))
    store.write_now(lambda c: person(c, keys))
    assert set(store.write_now(counted).values()) == {2}
    assert store.write_now(lambda c: rights.current_key(c, ana)) == key_id
    keys.destroy(key_id)
    store.write_now(lambda c: rights.erase(c, ana))
    assert set(store.write_now(counted).values()) == {1}
    with pytest.raises(KeyDestroyed):
        keys.seal(key_id, b"x", b"x")
    assert store.write_now(lambda c: people.still_there(c, [ana])) == set()
    (event,) = store.write_now(rights.adverse)
    where = adverse_place(event.person_id, event.at)
    assert keys.open(event.key_id, where, event.body) == b"words"


def test_every_table_that_refers_to_people_is_emptied_by_an_end():
    """A table added later is not forgotten."""
    referring = {
        table.name
        for table in tables.metadata.tables.values()
        for column in table.columns
        if any(key.column.table is tables.people for key in column.foreign_keys)
    }
    assert referring | {"people"} == {table.name for table, _ in rights._ABOUT}


def test_the_trail_only_grows_and_reads_back_as_it_was_written(
    store: Store, keys: KeyStore
):
    """To the microsecond, or its links would not hold."""
    roles = Roles(keys, enforced=True)
    entries = [
        Entry(NOW + timedelta(hours=n), b"who", "desk", "reply", "done", b"whom")
        for n in range(4)
    ]
    for entry in entries:
        store.write_now(partial(audit.append, keyed=roles.keyed, entries=[entry]))
    assert [row.entry for row in store.write_now(lambda c: audit.latest(c, 9))] == (
        entries
    )
    assert store.write_now(lambda c: audit.first_broken(c, roles.keyed)) is None
    for statement in ("UPDATE audit SET role = 'owner'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="only ever added to"):
            store.write_now(partial(run, statement=statement))
    assert store.write_now(audit.count) == 4


def test_a_link_works_once(store: Store, keys: KeyStore):
    """And its member can be removed, and come back in another role."""
    roles = Roles(keys, enforced=True)
    for role in ROLES:
        link = store.write_now(partial(roles.invite, role=role, now=NOW))
        redeem = partial(roles.redeem, payload=link, user_id=7, name="Kim", now=NOW)
        got = [store.write_now(redeem) for _ in range(2)]
        assert got == [role, None]
        ((number, held, name, since),) = store.write_now(roles.members)
        assert (held, name, since) == (role, "Kim", NOW)
        assert store.write_now(partial(roles.remove, member=number, now=NOW))
        assert store.write_now(lambda c: roles.of(c, 7)) == NOBODY


def test_the_silent_are_found_whether_they_have_a_session_or_not(
    store: Store, keys: KeyStore
):
    """By the last thing that happened; with an adverse event, never."""
    ana, _ = store.write_now(lambda c: person(c, keys))
    later = NOW + timedelta(seconds=1)
    assert store.write_now(lambda c: rights.silent(c, later, 0, 9)) == []
    store.write_now(lambda c: c.execute(text("DELETE FROM adverse_events")))
    (found,) = store.write_now(lambda c: rights.silent(c, later, 0, 9))
    assert found[0] == ana
    assert store.write_now(lambda c: rights.is_silent(c, ana, later))
    assert not store.write_now(lambda c: rights.is_silent(c, ana, NOW))
    store.write_now(lambda c: c.execute(text("DELETE FROM sessions")))
    assert store.write_now(lambda c: rights.is_silent(c, ana, later))


@pytest.mark.parametrize(
    ("statement", "left_alone"),
    [
        ("UPDATE visits SET starts_at = '2026-03-09 10:00:00+00:00'", True),
        ("UPDATE reminders SET status = 'pending'", True),
        ("UPDATE reminders SET status = 'skipped'", False),
    ],
)
def test_nobody_with_a_visit_is_erased_for_being_silent(
    store: Store, keys: KeyStore, statement: str, left_alone: bool
):
    """Nor who is to be reminded of something yet."""
    ana, _ = store.write_now(lambda c: person(c, keys))
    store.write_now(lambda c: c.execute(text("DELETE FROM adverse_events")))
    store.write_now(partial(run, statement=statement))
    later = NOW + timedelta(seconds=1)
    assert store.write_now(lambda c: rights.is_silent(c, ana, later)) != left_alone
