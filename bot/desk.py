"""The staff chat: what the team writes there, turned into inputs for patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot import message
from bot.keys import KeyStore
from bot.message import Outgoing, Renders
from bot.read import MAX_NAME, Command, Update, clean, command, origin
from bot.rights import adverse_place
from bot.roles import EVERYONE, MAY, NOBODY, Roles
from bot.store import outbox, people, settings
from bot.store.audit import Entry
from bot.turn import Turn, incoming_input
from dialogs.inputs import Input, StaffCleared, StaffReplied
from dialogs.length import first, units

MAX_REPLY = 3_000  # letters of one reply, as Telegram counts, beside its heading

#: How long a reply waits for the message it answers to be known here.
WAIT_FOR_NOTE = (timedelta(milliseconds=100), timedelta(seconds=2))


@dataclass(slots=True)
class StaffRoom:
    """The group of the team, which Telegram may move to another number."""

    configured: int | None  #: as clinic.toml names it
    current: int | None = None  #: as Telegram names it now
    username: str = ""  #: of the bot, lower case, once Telegram told

    def __post_init__(self) -> None:
        self.current = self.current or self.configured

    @property
    def lane(self) -> str:
        """The lane of the staff chat; it stays when the group moves."""
        return f"s:{self.configured}"

    def is_here(self, chat_id: int) -> bool:
        """Whether a chat is the staff chat."""
        return self.configured is not None and chat_id in (
            self.current,
            self.configured,
        )

    def recall(self, connection: Connection) -> None:
        """Take up where the group had moved to before this start."""
        moved = settings.value(connection, self._setting)
        if moved is not None:
            self.current = int(moved)

    def moved(self, connection: Connection, chat_id: int) -> None:
        """Remember where Telegram moved the group to."""
        settings.remember(connection, self._setting, str(chat_id))

    def keep_username(self, connection: Connection) -> None:
        """Remember it for `exoplan staff invite`."""
        settings.remember(connection, settings.BOT_NAME, self.username)

    @property
    def _setting(self) -> str:
        return f"staff_chat_moved:{self.configured}"


class Desk:
    """Reads the staff chat. In any other group it only tells that group's number."""

    def __init__(
        self, keys: KeyStore, renderer: Renders, room: StaffRoom, roles: Roles
    ) -> None:
        self._keys = keys
        self._roles = roles
        self._renderer = renderer
        self._room = room

    def concerns(self, update: Update) -> bool:
        """Whether a message in a group is for the bot; the rest is not kept."""
        said = update.get("message")
        place = origin(update)
        if place is None:
            return False
        if isinstance(update.get("callback_query"), dict):
            return self._room.is_here(place.chat_id)
        if not isinstance(said, dict):
            return False
        asked = self._command(_words(said))
        if not self._room.is_here(place.chat_id):
            return asked is not None and asked.name == "id"
        replied = said.get("reply_to_message")
        return (
            asked is not None
            or isinstance(said.get("migrate_to_chat_id"), int)
            or (
                isinstance(replied, dict)
                and isinstance(replied.get("from"), dict)
                and replied["from"].get("is_bot") is True
            )
        )

    def handle(
        self, connection: Connection, turn: Turn, update: Update, now: datetime
    ) -> None:
        """Gather into `turn` what a message in a group leads to."""
        if isinstance(update.get("callback_query"), dict):
            self._pressed(connection, turn, update["callback_query"], now)
            return
        said = update["message"]
        chat_id = said["chat"]["id"]
        if isinstance(moved_to := said.get("migrate_to_chat_id"), int):
            turn.staff_chat = moved_to
            return
        words = _words(said)
        asked = self._command(words)
        if not self._room.is_here(chat_id):
            if asked is not None and asked.name == "id":
                self._say(turn, said, "desk_id", {"chat_id": chat_id})
            return
        action = asked.name if asked is not None else "reply"
        if not self._admits(connection, turn, said, action, now):
            return
        if action == "id":
            self._say(turn, said, "desk_id", {"chat_id": chat_id})
        elif action == "help":
            self._say(turn, said, "desk_help")
        elif isinstance(said.get("reply_to_message"), dict):
            self._about_patient(connection, turn, update, words, asked, now)
        elif words.startswith("/"):
            self._say(turn, said, "desk_hint")

    def _admits(
        self,
        connection: Connection,
        turn: Turn,
        said: Mapping[str, Any],
        action: str,
        now: datetime,
    ) -> bool:
        """Whether who wrote this may do it; who may not is told no more than that."""
        if "sender_chat" in said:
            user, role, refusal = said["sender_chat"], NOBODY, "desk_anonymous"
        else:
            user, refusal = said.get("from"), "desk_refused"
            role = self._roles.of(connection, _id(user))
        if role in MAY.get(action, EVERYONE):
            return True
        self._note(turn, user, role, action if action in MAY else "other", now)
        if role != NOBODY:
            refusal = "desk_not_yours"
        self._say(turn, said, refusal)
        return False

    def _pressed(
        self,
        connection: Connection,
        turn: Turn,
        query: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """A button in the staff chat: nothing of ours has one; somebody tries."""
        user = query.get("from")
        role = self._roles.of(connection, _id(user))
        self._note(turn, user, role, "press", now)
        if isinstance(query.get("id"), str):
            words = self._renderer.toast("desk_no_button", {})
            turn.outgoing.append(
                Outgoing(
                    key=f"{turn.row.lane}:{turn.row.key}",
                    lane=turn.row.lane,
                    about_person=None,
                    key_id=self._keys.house,
                    call=message.toast(query["id"], words),
                )
            )

    def _note(
        self,
        turn: Turn,
        user: object,
        role: str,
        action: str,
        now: datetime,
        subject: bytes | None = None,
    ) -> None:
        """Write into the audit trail what was done, or refused where it is nobody."""
        outcome = "refused" if subject is None else "done"
        actor = self._roles.hash(_id(user))
        turn.audit.append(Entry(now, actor, role, action, outcome, subject))

    def _about_patient(
        self,
        connection: Connection,
        turn: Turn,
        update: Update,
        words: str,
        asked: Command | None,
        now: datetime,
    ) -> None:
        said = update["message"]
        answered = said["reply_to_message"].get("message_id")
        behind = outbox.note_behind(connection, self._room.lane, answered)
        if behind is None:
            tries = turn.row.attempts
            if tries < len(WAIT_FOR_NOTE) and outbox.on_its_way(
                connection, self._room.lane
            ):  # they were quicker than our own note of what we sent
                turn.retry_at = now + WAIT_FOR_NOTE[tries]
                return
            self._say(turn, said, "desk_unknown")
            return
        person, key = behind
        by = clean(str(said["from"].get("first_name", "")))[:MAX_NAME]
        note = said["message_id"]
        key_id = people.by_id(connection, [person])[person].key_id
        subject = self._roles.subject(key_id)
        role = self._roles.of(connection, _id(said["from"]))
        given: Input
        if asked is not None and asked.name == "adverse":
            self._adverse(turn, said, (person, key_id), asked.argument, now)
            if turn.adverse:
                self._note(turn, said["from"], role, "adverse", now, subject)
            return
        if asked is not None and asked.name == "clear":
            if not asked.argument:
                self._say(turn, said, "desk_reason")
                return
            ref = key.rpartition(":")[2]
            given = StaffCleared(by=by, reason=asked.argument, note=note, ref=ref)
        elif words.startswith("/"):
            self._say(turn, said, "desk_hint")
            return
        elif not words:
            self._say(turn, said, "desk_only_text")
            return
        elif units(words) > MAX_REPLY:
            self._say(turn, said, "desk_too_long", {"most": MAX_REPLY})
            return
        else:
            given = StaffReplied(text=words, by=by, note=note)
        action = "clear" if isinstance(given, StaffCleared) else "reply"
        self._note(turn, said["from"], role, action, now, subject)
        turn.incoming.append(
            incoming_input(
                self._keys,
                key=f"staff:{update['update_id']}",
                person=person,
                key_id=key_id,
                generation=None,
                given=given,
                now=now,
            )
        )

    def _adverse(
        self,
        turn: Turn,
        said: Mapping[str, Any],
        person: tuple[int, str],
        words: str,
        now: datetime,
    ) -> None:
        """Keep what went badly, sealed with the patient's own key."""
        if not words:
            self._say(turn, said, "desk_adverse_how")
            return
        number, key_id = person
        turn.adverse.append(
            {
                "person_id": number,
                "at": now,
                "by": self._roles.hash(_id(said["from"])),
                "body": self._keys.seal(
                    key_id, adverse_place(number, now), first(words, MAX_REPLY).encode()
                ),
            }
        )
        self._say(turn, said, "desk_adverse")

    def _command(self, words: str) -> Command | None:
        asked = command(words)
        if asked is None or asked.bot not in ("", self._room.username):
            return None
        return asked

    def _say(
        self,
        turn: Turn,
        said: Mapping[str, Any],
        template: str,
        data: Mapping[str, object] | None = None,
    ) -> None:
        turn.outgoing.append(
            Outgoing(
                key=f"{turn.row.lane}:{turn.row.key}",
                lane=turn.row.lane,
                about_person=None,
                key_id=self._keys.house,
                call=message.staff_note(
                    said["chat"]["id"],
                    self._renderer.staff(template, data or {}),
                    said["message_id"],
                ),
            )
        )


def _id(user: object) -> object:
    """Telegram's number of a user, or of the chat that wrote in its own name."""
    return user.get("id") if isinstance(user, Mapping) else None


def _words(said: Mapping[str, Any]) -> str:
    text = said.get("text") or said.get("caption")
    return clean(text) if isinstance(text, str) else ""
