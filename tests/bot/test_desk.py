"""What the team writes in its chat reaches the right patient and no one else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.desk import Desk, StaffRoom
from bot.keys import KeyStore, master_key
from bot.local import LocalTelegram
from bot.local.people import Conversation, Group, Person
from bot.roles import Roles
from bot.store.engine import Store
from bot.store.inbox import InboxRow
from bot.store.migrations import upgrade
from bot.turn import Turn
from tests.bot.rehearsal import Plain, rows, running, telegram


@dataclass
class Clinic:
    """A patient, a nurse and the team's chat."""

    local: LocalTelegram
    ana: Person
    nurse: Person
    chat: Conversation
    desk: Group


@asynccontextmanager
async def open_clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    """The bot at work with a staff chat."""
    async with telegram() as local:
        ana, nurse = local.person("Ana"), local.person("Nora")
        desk = local.group("Team", [nurse])
        async with running(tmp_path, local, staff_chat=desk.id):
            yield Clinic(local, ana, nurse, ana.private_chat(), desk)


async def test_an_alert_reaches_the_team_and_the_patient_is_told(tmp_path: Path):
    """The patient hears of it only after Telegram confirmed the alert."""
    async with open_clinic(tmp_path) as clinic:
        await clinic.ana.send("alert please call me")
        note = await clinic.desk.wait_for_text("alert Ana alert please call me")
        await clinic.chat.wait_for_text("echo 2 delivered 1")
        assert note.reply_to is None


async def test_an_alert_that_was_not_delivered_is_never_claimed(tmp_path: Path):
    """Where Telegram refuses it for good, the conversation hears just that."""
    async with open_clinic(tmp_path) as clinic:
        clinic.local.faults.refuse(
            403,
            "Forbidden: bot was kicked from the group chat",
            "sendMessage",
            when=lambda call: call["chat_id"] == clinic.desk.id,
        )
        await clinic.ana.send("alert please call me")
        await clinic.chat.wait_for_text("echo 2 undelivered 1 kicked")


async def test_a_reply_goes_to_the_patient_it_is_about(tmp_path: Path):
    """Two patients, two notes, one reply: it reaches the one that was meant."""
    async with open_clinic(tmp_path) as clinic:
        ben = clinic.local.person("Ben")
        await clinic.ana.send("alert a")
        note = await clinic.desk.wait_for_text("alert a")
        await ben.send("alert b")
        await clinic.desk.wait_for_text("alert b")
        await ben.private_chat().wait_for_text("delivered")
        await clinic.nurse.reply(note, "we call you at <noon>")
        await clinic.chat.wait_for_text("Nora says we call you at <noon>")
        assert not [m for m in ben.private_chat().from_bot if "noon" in m.text]
    (kept,) = rows(tmp_path, "SELECT * FROM inbox WHERE key LIKE 'staff:%'")
    assert (kept["lane"], kept["body"]) == ("p:1", None)


async def test_clear_is_a_reply_with_a_reason(tmp_path: Path):
    """/clear lifts what holds this patient, under the name of who wrote it."""
    async with open_clinic(tmp_path) as clinic:
        await clinic.ana.send("alert a")
        note = await clinic.desk.wait_for_text("alert a")
        await clinic.nurse.reply(note, "/clear seen by phone")
        await clinic.chat.wait_for_text("Nora cleared seen by phone")


async def test_the_team_is_answered_where_the_bot_is_meant(tmp_path: Path):
    """Commands get an answer, talk among colleagues gets none and is not kept."""
    async with open_clinic(tmp_path) as clinic:
        say, desk = clinic.nurse.send, clinic.desk
        await say("lunch?", desk)
        await say("/help", desk)
        await desk.wait_for_text("desk_help")
        await say("/id@local_clinic_bot", desk)
        await desk.wait_for_text(f"desk_id {desk.id}")
        await say("/clear", desk)
        await desk.wait_for_text("desk_hint")
        await say("/help@another_bot", desk)
        await clinic.ana.send("alert a")
        note = await desk.wait_for_text("alert a")
        await clinic.nurse.reply(note, "x" * 3_500)
        await desk.wait_for_text("desk_too_long")
        await clinic.nurse.reply(note, "/unknown")
        answer = await desk.wait_for_text("desk_hint", after=note)
        await clinic.nurse.reply(answer, "whom does this reach?")
        await desk.wait_for_text("desk_unknown")
        assert len(desk.from_bot) == 7
    kept = rows(tmp_path, "SELECT key FROM inbox WHERE lane LIKE 's:%'")
    assert len(kept) == 7  # with the line that the bot was let in


async def test_any_other_group_learns_only_its_number(tmp_path: Path):
    """The bot is silent in strange groups, but for /id, and keeps nothing."""
    async with open_clinic(tmp_path) as clinic:
        strangers = clinic.local.group("Strangers", [clinic.ana])
        await clinic.ana.send("hello bot", strangers)
        await clinic.ana.send("/help", strangers)
        await clinic.ana.send("/id", strangers)
        await strangers.wait_for_text(f"desk_id {strangers.id}")
        assert len(strangers.from_bot) == 1
    kept = rows(tmp_path, "SELECT lane FROM inbox WHERE lane NOT LIKE 's:%'")
    assert len(kept) == 1


async def test_a_group_that_became_a_supergroup_is_followed(tmp_path: Path):
    """Alerts go on to the new number, also after a restart."""
    async with telegram() as local:
        ana, nurse = local.person("Ana"), local.person("Nora")
        desk = local.group("Team", [nurse])
        async with running(tmp_path, local, staff_chat=desk.id):
            await ana.send("alert a")
            await desk.wait_for_text("alert a")
            grown = desk.migrate()
            await ana.send("alert b")
            await grown.wait_for_text("alert b")
        async with running(tmp_path, local, staff_chat=desk.id):
            await ana.send("alert c")
            note = await grown.wait_for_text("alert c")
            await nurse.reply(note, "on our way")
            await ana.private_chat().wait_for_text("Nora says on our way")


def test_an_anonymous_admin_is_refused(tmp_path: Path):
    """Nobody knows who speaks for a group; it is told so, and nothing goes on."""
    keys = KeyStore(tmp_path / "keys.db", master_key(None, tmp_path / "key"))
    store = Store(tmp_path / "a.db")
    store.write_now(upgrade)
    room = StaffRoom(-5)
    desk = Desk(keys, Plain(), room, Roles(keys, enforced=True))
    update = {
        "update_id": 1,
        "message": {
            "message_id": 9,
            "chat": {"id": -5, "type": "supergroup"},
            "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
            "sender_chat": {"id": -5},
            "text": "/clear now",
            "reply_to_message": {"message_id": 8, "from": {"is_bot": True}},
        },
    }
    assert desk.concerns(update)
    now = datetime.now(UTC)
    turn = Turn(InboxRow(1, "tg:1", room.lane, None, b"", 0, now))
    store.write_now(lambda c: desk.handle(c, turn, update, now))
    (said,) = turn.outgoing
    assert b"desk_anonymous" in said.call.body
    assert turn.incoming == []
    store.close()
    keys.close()
