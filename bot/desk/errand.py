"""One thing that somebody of the team wants, with all it takes to see to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from bot import message
from bot.errors import SealError
from bot.keys import KeyStore, place
from bot.message import Outgoing, Renders
from bot.read import KINDS, MAX_NAME, clean
from bot.roles import Roles
from bot.room import StaffRoom
from bot.store import people, topics
from bot.store.audit import Entry
from bot.store.topics import Topic
from bot.turn import Turn, incoming_input, session_place
from dialogs.effects import Rows
from dialogs.inputs import Input

MAX_REPLY = 3_000  # letters of one reply, as Telegram counts, beside its heading


@dataclass(frozen=True, slots=True)
class Tools:
    """What the desk works with."""

    keys: KeyStore
    renderer: Renders  #: of the language the team reads
    room: StaffRoom
    roles: Roles
    zone: ZoneInfo  #: of the clinic
    language: str = "en"  #: that the team writes
    learn: Callable[[], None] = lambda: None  #: what may be asked has changed
    knows: Callable[[str], bool] = lambda entry: True  #: whether an entry serves


@dataclass(frozen=True, slots=True)
class About:
    """The patient something in the staff chat is about."""

    person: int
    key_id: str  #: of their data key
    note: str = ""  #: key of the outbox row they replied to or pressed under

    @property
    def ref(self) -> str:
        """The name the conversation gave that note; empty where it is the desk's."""
        return self.note.split(":", 3)[3] if self.note.startswith("p:") else ""

    @property
    def prompt(self) -> tuple[str, str]:
        """The desk's own question they answer, and what it was asked with."""
        return prompt_in(self.note)


def prompt_in(note: str) -> tuple[str, str]:
    """The desk's own question that a note is, and what it was asked with."""
    name, _, argument = note.rpartition("?")[2].partition(":")
    return (name, argument) if "?" in note else ("", "")


@dataclass(slots=True)
class Errand:
    """What one message or press in the staff chat wants."""

    tools: Tools
    connection: Connection
    turn: Turn
    now: datetime
    user: object  #: who wants it, as Telegram tells
    role: str  #: of theirs, as the database has it now
    chat_id: int
    message_id: int  #: of what they wrote, or of the note they pressed under
    thread: int | None = None  #: the topic it stands in
    update_id: int = 0
    query_id: str = ""  #: of the press that waits for an answer
    said: Mapping[str, Any] = field(default_factory=dict)  #: their message
    action: str = "other"  #: as the trail calls it
    argument: str = ""  #: what stood after the command, or in the button
    asked_with: str = ""  #: what the desk's question they answer was asked with
    about: About | None = None
    given: int = 0  #: inputs that it led to so far

    @property
    def patient(self) -> About:
        """Whom it is about; asked only of what is about somebody."""
        assert self.about is not None
        return self.about

    @property
    def by(self) -> str:
        """First name of whoever wants it, as they wear it."""
        name = self.user.get("first_name") if isinstance(self.user, Mapping) else ""
        return clean(str(name or ""))[:MAX_NAME]

    @property
    def shows(self) -> str:
        """What their message is besides words: "photo" and the like; or empty."""
        return next((kind for one, kind in KINDS.items() if one in self.said), "")

    @property
    def note(self) -> int:
        """The number of what they wrote, as conversations keep it."""
        return self.tools.room.numbered(self.chat_id, self.message_id)

    @property
    def actor(self) -> bytes:
        """Keyed hash of whoever wants it."""
        return self.tools.roles.hash(user_id(self.user))

    @property
    def topic(self) -> Topic | None:
        """The patient's conversation with the team, if there is one."""
        return topics.of(self.connection, self.patient.person)

    def name(self) -> str:
        """The patient's first name."""
        return self.name_of(self.patient.person)

    def name_of(self, person: int) -> str:
        """The first name of somebody."""
        row = people.by_id(self.connection, [person])[person]
        at = place("people", "contact", row.key_id)
        plain = self.tools.keys.open(row.key_id, at, row.contact)
        return str(orjson.loads(plain)["name"])

    def session(self) -> Mapping[str, Any]:
        """The patient's chat as it is stored; empty where it cannot be read."""
        return self.session_of(self.patient.person)

    def session_of(self, person: int) -> Mapping[str, Any]:
        """The same of anybody."""
        row = people.by_id(self.connection, [person])[person]
        if row.session is None or row.generation is None:
            return {}
        at = session_place(person, row.generation)
        with suppress(SealError):
            opened = self.tools.keys.open(row.key_id, at, row.session)
            stored: Mapping[str, Any] = orjson.loads(opened)
            return stored
        return {}

    def record(self, outcome: str = "done") -> None:
        """Write it into the audit trail."""
        subject = None
        if self.about is not None and outcome == "done":
            subject = self.tools.roles.subject(self.about.key_id)
        self.turn.audit.append(
            Entry(self.now, self.actor, self.role, self.action, outcome, subject)
        )

    def give(self, given: Input) -> None:
        """Bring an input into the patient's lane."""
        about = self.patient
        more = f":{self.given}" if self.given else ""
        self.given += 1
        self.turn.incoming.append(
            incoming_input(
                self.tools.keys,
                key=f"staff:{self.update_id}{more}",
                person=about.person,
                key_id=about.key_id,
                generation=None,
                given=given,
                now=self.now,
            )
        )

    def change(self, **columns: object) -> None:
        """Change the patient's conversation with the team, and have its card redrawn.

        What happens to it happens in the staff chat's lane, one thing after another:
        of two who claim it at once the second finds it claimed.
        """
        about = self.patient
        topics.change(
            self.connection, about.person, {"card_due_at": self.now, **columns}
        )

    def say(
        self,
        template: str,
        data: Mapping[str, object] | None = None,
        rows: Rows = (),
        *,
        prompt: str | None = None,
        about: bool = False,
        everybody: bool = False,
    ) -> None:
        """Answer where they are.

        Args:
            about: it is about the patient, and stands in their topic.
            everybody: it is about no patient, and stands where the whole team looks.
            prompt: it asks for words; they go to the command registered for this text
                (`registry.prompt`), together with what is given here.
        """
        whom = self.about if about or prompt is not None or rows else None
        if everybody:
            whom = None
        number = len(self.turn.outgoing)
        name = str(number) if prompt is None else f"{number}?{template}:{prompt}"
        rendered = self.tools.renderer.staff(template, data or {}, rows)
        self.turn.outgoing.append(
            Outgoing(
                key=self._key(name),
                lane=self.tools.room.lane,
                about_person=whom.person if whom else None,
                key_id=whom.key_id if whom else self.tools.keys.house,
                call=message.staff_note(
                    self.chat_id,
                    rendered,
                    0 if everybody and self.thread else self.message_id,
                    thread=None if whom or everybody else self.thread,
                    prompt=prompt is not None,
                ),
            )
        )

    def toast(self, template: str, data: Mapping[str, object] | None = None) -> None:
        """Answer the press; a second answer to it is not given."""
        if not self.query_id:
            return
        words = self.tools.renderer.toast(template, data or {}) if template else ""
        self.turn.outgoing.append(
            Outgoing(
                key=self._key("~toast"),
                lane=self.tools.room.lane,
                about_person=None,
                key_id=self.tools.keys.house,
                call=message.toast(self.query_id, words),
            )
        )
        self.query_id = ""

    def call(self, call: message.Call, name: str) -> None:
        """Have a call made in the staff chat, after what was said before."""
        self.turn.outgoing.append(
            Outgoing(
                key=self._key(f"~{name}"),
                lane=self.tools.room.lane,
                about_person=None,
                key_id=self.tools.keys.house,
                call=call,
            )
        )

    def _key(self, what: str) -> str:
        return f"{self.turn.row.lane}:{self.turn.row.key}:{what}"


def user_id(user: object) -> object:
    """Telegram's number of a user, or of the chat that wrote in its own name."""
    return user.get("id") if isinstance(user, Mapping) else None


def words_of(said: Mapping[str, Any]) -> str:
    """The text or the caption of a message."""
    text = said.get("text") or said.get("caption")
    return clean(text) if isinstance(text, str) else ""
