"""Who may do what in the staff chat, and the trail that it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.desk import Desk, StaffRoom
from bot.desk.registry import BUTTONS, COMMANDS
from bot.faq import own
from bot.faq.entries import load_entries
from bot.keys import KeyStore, master_key, place
from bot.render import Renderer
from bot.roles import CLINICAL, GROUP, INVITE, INVITE_DAYS, NOBODY, Roles
from bot.store import audit, outbox, people, rights, tables
from bot.store.audit import Entry
from bot.store.engine import Store
from bot.store.inbox import InboxRow
from bot.store.migrations import upgrade
from bot.turn import Turn
from bot.words import Words
from exoplan import load_book

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROUP_ID = -5
OWNER, CLINICIAN, DESK, STRANGER = 11, 12, 13, 14
PATIENT = "Annabelle-7731"
NOTE = 900  # Telegram's number of our note about the patient

#: What is done by writing and changing words, and what tells of the rest.
WITHOUT_A_SLASH = {"reply", "edit", "help"}

#: Everything that staff can send, by what the trail calls it.
TRIES = {
    "/help": "help",
    "/id": "id",
    "/clear looked at": "clear",
    "/adverse a rash": "adverse",
    "good morning": "reply",
    "/no_such Ana": "other",
    "/clear": "clear",
}


@dataclass
class Room:
    """A staff chat with a note about one patient, without a network."""

    store: Store
    keys: KeyStore
    roles: Roles
    desk: Desk
    person: int
    updates: int = 0
    turns: list[Turn] = field(default_factory=list)

    def join(self, user: int, role: Any) -> None:
        """Make this user a member."""
        self.store.write_now(
            lambda c: self.roles.redeem(
                c, self.roles.invite(c, role, NOW), user, f"U{user}", NOW
            )
        )

    def update(self, said: dict[str, Any]) -> Turn:
        """What a message in the group leads to."""
        self.updates += 1
        row = InboxRow(self.updates, f"tg:{self.updates}", "s:-5", None, b"", 0, NOW)
        turn = Turn(row)
        update = {"update_id": self.updates, **said}
        assert self.desk.concerns(update)
        self.store.write_now(lambda c: self.desk.handle(c, turn, update, NOW))
        self.turns.append(turn)
        return turn

    def press(self, option: str, user: int, group: int = 0) -> Turn:
        """Somebody presses under the note about the patient.

        Args:
            group: in whose name they press, where they hide behind one.
        """
        query = {
            "id": "1",
            "from": {"id": user, "is_bot": False, "first_name": f"U{user}"},
            "data": f"d|{option}",
            "message": {
                "message_id": NOTE,
                "chat": {"id": GROUP_ID, "type": "supergroup"},
            },
        }
        if group:
            query["sender_chat"] = {"id": group, "type": "supergroup"}
        return self.update({"callback_query": query})

    def everything(self) -> list[tuple[str, list[Any]]]:
        """All that is stored, but for the trail."""

        def rows(connection: Connection) -> list[tuple[str, list[Any]]]:
            return [
                (table.name, [*connection.execute(select(table))])
                for table in tables.metadata.sorted_tables
                if table is not tables.audit
            ]

        return self.store.write_now(rows)

    def role(self, user: int) -> str:
        """The role of this user now."""
        return self.store.write_now(lambda c: self.roles.of(c, user))

    def run(self, statement: str) -> None:
        """Run a statement past everything that is ours."""
        self.store.write_now(lambda c: c.execute(text(statement)))

    def keep(self, entries: list[Entry]) -> None:
        """Write these into the trail."""
        self.store.write_now(lambda c: audit.append(c, self.roles.keyed, entries))

    def say(self, words: str, user: int, **more: object) -> Turn:
        """Somebody writes, as a reply to the note about the patient."""
        note = {"message_id": NOTE, "from": {"id": 1, "is_bot": True}}
        message = {
            "message_id": 1_000 + self.updates,
            "chat": {"id": GROUP_ID, "type": "supergroup"},
            "from": {"id": user, "is_bot": False, "first_name": f"U{user}"},
            "text": words,
            "reply_to_message": note,
            **more,
        }
        return self.update({"message": message})


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A staff chat whose clinic works with roles."""
    keys = KeyStore(tmp_path / "keys.db", master_key(None, tmp_path / "key"))
    store = Store(tmp_path / "a.db")
    store.write_now(upgrade)
    roles = Roles(keys, enforced=True)
    book = load_book()
    clinic = load_clinic(DEMO_CLINIC)
    entries = {entry.id: entry for entry in load_entries("en")}
    renderer = Renderer(Words(), clinic, book, entries)
    desk = Desk(keys, renderer, StaffRoom(GROUP_ID), roles)
    person = store.write_now(lambda c: _patient(c, keys))
    yield Room(store, keys, roles, desk, person)
    store.close()
    keys.close()


def _patient(connection: Connection, keys: KeyStore) -> int:
    (key_id,) = keys.new_keys(1)
    who = b'{"chat_id": 77, "name": "Ana"}'
    contact = keys.seal(key_id, place("people", "contact", key_id), who)
    (person,) = people.add(
        connection,
        [
            {
                "chat_hash": keys.lookup_hash(77),
                "key_id": key_id,
                "contact": contact,
                "language": "en",
                "created_at": NOW,
            }
        ],
    )
    (row,) = outbox.add(
        connection,
        [
            {
                "key": "p:1:1:1",
                "lane": f"s:{GROUP_ID}",
                "about_person": person,
                "method": "sendMessage",
                "kind": "staff",
                "report": False,
                "urgent": False,
                "status": "sending",
                "attempts": 0,
                "uncertain": 0,
                "created_at": NOW,
            }
        ],
    )
    sent = text("UPDATE outbox SET status = 'sent', message_id = :note WHERE id = :row")
    connection.execute(sent, {"note": NOTE, "row": row})
    return person


def said(turn: Turn) -> str:
    """What the bot answers in the group."""
    return b" ".join(out.call.body for out in turn.outgoing).decode()


def test_before_the_first_owner_the_group_itself_is_trusted(room: Room):
    """Small clinics work from the first minute; the trail says who it was."""
    assert room.role(STRANGER) == GROUP
    turn = room.say("good morning", STRANGER)
    assert len(turn.incoming) == 1
    (entry,) = turn.audit
    assert (entry.role, entry.action, entry.outcome) == (GROUP, "reply", "done")


def test_without_roles_the_group_stays_trusted(room: Room):
    """A clinic may say so in its file."""
    room.join(OWNER, "owner")
    roles = Roles(room.keys, enforced=False)
    assert room.store.write_now(lambda c: roles.of(c, STRANGER)) == GROUP


@pytest.mark.parametrize(("words", "action"), TRIES.items())
def test_who_has_no_role_is_refused_recorded_and_told_nothing(
    room: Room, words, action
):
    """Every command and reply, of a stranger in the group and of an anonymous admin."""
    room.join(OWNER, "owner")
    anonymous = {"sender_chat": {"id": GROUP_ID, "type": "supergroup"}}
    for more in ({}, anonymous):
        turn = room.say(words, STRANGER, **more)
        assert turn.incoming == []
        assert turn.adverse == []
        assert turn.retry_at is None
        (entry,) = turn.audit
        assert (entry.role, entry.action, entry.outcome) == (NOBODY, action, "refused")
        assert entry.subject is None
        (answer,) = turn.outgoing
        assert answer.about_person is None
        assert PATIENT not in said(turn)
        assert str(GROUP_ID) not in said(turn).replace(f'"chat_id":{GROUP_ID}', "")


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - WITHOUT_A_SLASH))
def test_help_names_every_command_there_is(room: Room, name):
    """Whoever asks how it works learns of each; only `/help` was found already."""
    (told,) = room.say("/help", DESK).outgoing
    assert f"/{name}" in told.call.body.decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_of_the_desk_is_anybody_else_s(room: Room, name):
    """Each that is registered, by a stranger and by an anonymous admin."""
    room.join(OWNER, "owner")
    anonymous = {"sender_chat": {"id": GROUP_ID, "type": "supergroup"}}
    for more in ({}, anonymous):
        for words in (f"/{name}", f"/{name} Q06 3 visits, 4 weeks apart"):
            turn = room.say(words, STRANGER, **more)
            refused_and_told_nothing(turn, name)


@pytest.mark.parametrize("name", BUTTONS)
def test_no_button_of_the_desk_is_anybody_else_s(room: Room, name):
    """Each that is registered, forged with any argument, under a patient's note."""
    room.join(OWNER, "owner")
    before = room.everything()
    for argument in ("", ":1", ":C1.1", ":Q06", ":hair:2026-01-01"):
        refused_and_told_nothing(room.press(f"{name}{argument}", STRANGER), name)
        turn = room.press(f"{name}{argument}", STRANGER, GROUP_ID)
        refused_and_told_nothing(turn, name)
    assert room.everything() == before


@pytest.mark.parametrize(
    "name", [name for name, known in BUTTONS.items() if known.may == CLINICAL]
)
def test_what_is_a_clinician_s_is_not_the_desk_s(room: Room, name):
    """The desk may answer, not decide: whatever it forges."""
    room.join(OWNER, "owner")
    room.join(DESK, "desk")
    turn = room.press(f"{name}:C1.1", DESK)
    refused_and_told_nothing(turn, name, "desk")


def test_nobody_approves_what_they_wrote_unless_they_work_alone(room: Room):
    """Alone it takes a day; as soon as there are two, it takes the other."""
    room.join(OWNER, "owner")

    def pressed(hours: int, user: int = OWNER) -> str:
        entry = room.store.write_now(
            lambda c: own.write_draft(
                c,
                room.keys,
                own.Said("Is there a lift?", (), "Yes."),
                key=f"{user}:{hours}:{room.updates}",
                language="en",
                by=room.roles.hash(OWNER),
                now=NOW - timedelta(hours=hours),
            )
        )
        turn = room.press(f"serve:{entry}.1", user)
        kept = room.store.write_now(lambda c: own.revision(c, room.keys, entry, 1))
        assert kept is not None
        assert turn.audit[-1].outcome == (
            "done" if kept.status == "approved" else "refused"
        )
        return kept.status

    assert [pressed(hours) for hours in (0, 23, 24)] == ["draft", "draft", "approved"]
    room.join(CLINICIAN, "clinician")
    assert pressed(48) == "draft"
    assert pressed(0, CLINICIAN) == "approved"


def refused_and_told_nothing(turn: Turn, action: str, role: str = NOBODY) -> None:
    """Nothing came of it but a line in the trail and a word that says no more."""
    assert turn.incoming == []
    assert turn.adverse == []
    assert turn.misses == []
    assert turn.retry_at is None
    (entry,) = turn.audit
    assert (entry.role, entry.action, entry.outcome) == (role, action, "refused")
    assert entry.subject is None
    (answer,) = turn.outgoing
    assert answer.about_person is None
    assert PATIENT not in said(turn)


def test_a_stranger_learns_as_much_of_a_patient_s_note_as_of_no_note(room: Room):
    """The answer is the same whatever they reply to."""
    room.join(OWNER, "owner")
    there = room.say("hello", STRANGER)
    other = {"message_id": 4, "from": {"id": 1, "is_bot": True}}
    nowhere = room.say("hello", STRANGER, reply_to_message=other)

    def shape(turn: Turn) -> str:
        return said(turn).replace(str(1_000), "").replace(str(1_001), "")

    assert (
        shape(there).split("reply_parameters")[0]
        == (shape(nowhere).split("reply_parameters")[0])
    )


def test_a_button_in_the_staff_chat_is_nobody_s(room: Room):
    """A forged callback is answered emptily and recorded, whoever sends it."""
    room.join(OWNER, "owner")
    for user in (STRANGER, OWNER):
        turn = room.update(
            {
                "callback_query": {
                    "id": "1",
                    "from": {"id": user, "is_bot": False},
                    "data": "d|no_such_button",
                    "message": {"chat": {"id": GROUP_ID, "type": "supergroup"}},
                }
            }
        )
        (entry,) = turn.audit
        assert (entry.action, entry.outcome) == ("press", "refused")
        assert turn.incoming == []
        (answer,) = turn.outgoing
        assert answer.call.method == "answerCallbackQuery"


@pytest.mark.parametrize(
    ("user", "role", "may"),
    [(OWNER, "owner", True), (CLINICIAN, "clinician", True), (DESK, "desk", False)],
)
def test_clearing_a_hold_needs_a_clinician_or_the_owner_and_a_reason(
    room: Room, user, role, may
):
    """The desk may answer, not decide."""
    room.join(OWNER, "owner")
    room.join(user, role)
    assert len(room.say("hello", user).incoming) == 1
    turn = room.say("/clear seen by phone", user)
    assert len(turn.incoming) == may
    assert turn.audit[-1].outcome == ("done" if may else "refused")
    without = room.say("/clear", user)
    assert without.incoming == []


def test_an_adverse_event_is_sealed_with_the_patient_s_key(room: Room):
    """It opens with that key alone, and nothing of it stands in the trail."""
    room.join(CLINICIAN, "owner")
    turn = room.say("/adverse swelling for two days", CLINICIAN)
    (row,) = turn.adverse
    assert b"swelling" not in row["body"]
    room.store.write_now(lambda c: rights.record_adverse(c, turn.adverse))
    (event,) = room.store.write_now(rights.adverse)
    assert event.person_id == room.person
    assert turn.audit[-1].subject == room.roles.subject(event.key_id)


def test_a_link_makes_one_member_once_and_in_time(room: Room):
    """A second use, a late one and a made-up one are worth nothing."""
    room.join(OWNER, "owner")
    link = room.store.write_now(lambda c: room.roles.invite(c, "desk", NOW))
    late = room.store.write_now(lambda c: room.roles.invite(c, "desk", NOW))
    after = NOW + timedelta(days=INVITE_DAYS)

    def redeem(payload: str, user: int, at: datetime) -> str | None:
        return room.store.write_now(
            lambda c: room.roles.redeem(c, payload, user, "U", at)
        )

    assert redeem(link, DESK, NOW) == "desk"
    assert redeem(link, STRANGER, NOW) is None
    assert redeem(late, STRANGER, after) is None
    assert redeem(INVITE + "made-up", STRANGER, NOW) is None
    assert room.role(STRANGER) == NOBODY


def test_a_removed_member_is_nobody_even_if_it_was_the_last(room: Room):
    """Removing everybody does not open the doors again."""
    room.join(OWNER, "owner")
    ((number, role, name, _),) = room.store.write_now(room.roles.members)
    assert (role, name) == ("owner", f"U{OWNER}")
    assert room.store.write_now(lambda c: room.roles.remove(c, number, NOW))
    assert not room.store.write_now(lambda c: room.roles.remove(c, number, NOW))
    for user in (OWNER, STRANGER):
        assert room.role(user) == NOBODY


def entries(count: int) -> list[Entry]:
    """Some rows for the trail."""
    return [
        Entry(NOW + timedelta(minutes=n), b"who", "desk", "reply", "done", b"whom")
        for n in range(count)
    ]


def test_the_trail_refuses_to_be_changed_or_shortened(room: Room):
    """By the database itself, whoever asks it."""
    room.keep(entries(3))
    for statement in ("UPDATE audit SET role = 'owner'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="only ever added to"):
            room.run(statement)
    assert room.store.write_now(audit.count) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'clear' WHERE id = 3",
        "UPDATE audit SET actor = x'00' WHERE id = 3",
        "UPDATE audit SET subject = NULL WHERE id = 3",
        "UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE id = 3",
        "DELETE FROM audit WHERE id = 3",
    ],
)
def test_whoever_gets_past_the_database_is_found_out(room: Room, statement):
    """A changed row, or a missing one, breaks the chain where it stands."""
    room.keep(entries(5))

    def whole(connection: Connection) -> int | None:
        return audit.first_broken(connection, room.roles.keyed)

    assert room.store.write_now(whole) is None

    def meddle(connection: Connection) -> None:
        connection.execute(text("DROP TRIGGER audit_no_UPDATE"))
        connection.execute(text("DROP TRIGGER audit_no_DELETE"))
        connection.execute(text(statement))

    room.store.write_now(meddle)
    assert room.store.write_now(whole) in (3, 4)


def test_a_chain_made_without_our_keys_is_none(room: Room):
    """Rows that somebody added by hand, links and all, do not hold."""
    room.store.write_now(lambda c: audit.append(c, lambda _: bytes(32), entries(1)))
    broken = room.store.write_now(lambda c: audit.first_broken(c, room.roles.keyed))
    assert broken == 1


def test_the_trail_holds_no_name_and_no_word(room: Room):
    """Keyed hashes and single words of ours, nothing else."""
    room.join(OWNER, "owner")
    for words in TRIES:
        turn = room.say(words, OWNER)
        room.keep(turn.audit)
    kept = room.store.write_now(lambda c: repr(c.execute(select(tables.audit)).all()))
    for secret in (f"U{OWNER}", "rash", "looked at", "Ana", str(GROUP_ID)):
        assert secret not in kept
