"""A person's own data: a copy of all of it, and its end.

To erase is a row in the inbox like everything else, in the person's own lane: it is
durable before it begins, comes after all they had written, and is taken up again by the
next process where one died. In its turn the key is destroyed first, then every row goes
and the receipt is stored, in one transaction. A turn that died in between is begun
again and ends the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from bot import message
from bot.errors import SealBroken
from bot.keys import KeyStore, place
from bot.message import Outgoing, Renders
from bot.room import StaffRoom
from bot.store import reminders, rights, topics, visits
from bot.store.audit import Entry
from bot.turn import Person, Turn, inbox_row, person_lane, session_place
from dialogs.effects import Screen

#: Keys of inbox rows that end a person begin so.
ERASE = "erase:"

#: Name of the file with a person's data.
COPY_NAME = "my-data.json"


def adverse_place(person: int, at: datetime) -> bytes:
    """Where the words of an adverse event stand."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return place("adverse_events", "body", f"{person}:{moment}")


def asked_to_erase(
    keys: KeyStore, person: Person, row: int, now: datetime
) -> dict[str, Any]:
    """The inbox row that ends a person who asked for it in this row of the inbox."""
    body = {
        "person": person.id,
        "key_id": person.key_id,
        "why": "asked",
        "chat_id": person.chat_id,
        "language": person.language,
    }
    return _erasure(keys, f"{ERASE}{person.id}:{row}", body, now)


def gone_silent(
    keys: KeyStore, person: int, key_id: str, before: datetime, now: datetime
) -> dict[str, Any]:
    """The inbox row that ends a person of whom nothing was heard since `before`."""
    body = {
        "person": person,
        "key_id": key_id,
        "why": "silent",
        "before": before.isoformat(),
    }
    return _erasure(keys, f"{ERASE}{person}:{now:%Y-%m-%d}", body, now)


def _erasure(
    keys: KeyStore, key: str, body: Mapping[str, object], now: datetime
) -> dict[str, Any]:
    """Sealed by the house: the person's own key will be gone by then."""
    lane = person_lane(int(str(body["person"])))
    plain = orjson.dumps(body)
    return inbox_row(keys, key, lane, None, keys.house, plain, now)


class Rights:
    """Carries out what people may ask of their data.

    Args:
        renderers: by language, for the receipt.
        subject: what a patient is known by in the audit trail, by the id of their key.
        room: where the team has their topics.
        key_copies: days until the last copy of a destroyed key is gone.
    """

    def __init__(
        self,
        keys: KeyStore,
        renderers: Mapping[str, Renders],
        subject: Callable[[str], bytes],
        key_copies: int,
        room: StaffRoom,
    ) -> None:
        self._keys = keys
        self._renderers = renderers
        self._subject = subject
        self._key_copies = key_copies
        self._room = room

    def end(
        self,
        connection: Connection,
        turn: Turn,
        wanted: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Gather into `turn` the end of a person; nothing is destroyed yet."""
        person = int(wanted["person"])
        current = rights.current_key(connection, person)
        if rights.waits_behind(connection, turn.row.lane, turn.row.id):
            # What they wrote meanwhile is answered first; it may be an emergency.
            again = f"{ERASE}{person}:{turn.row.id}+"
            turn.incoming.append(_erasure(self._keys, again, wanted, now))
            return
        if wanted["why"] == "silent":
            before = datetime.fromisoformat(wanted["before"])
            if not rights.is_silent(connection, person, before):
                return  # they are back
        turn.erases = person
        turn.why_erased = wanted["why"]
        former = visits.old_keys_of(connection, person)
        turn.doomed_keys = tuple(
            dict.fromkeys(filter(None, (wanted["key_id"], current, *former)))
        )
        theirs = topics.of(connection, person)
        if theirs is not None and theirs.thread_id is not None:
            self._delete_topic(turn, theirs.thread_id)
        subject = self._subject(wanted["key_id"])
        role = "patient" if wanted["why"] == "asked" else "program"
        turn.audit.append(Entry(now, None, role, "erase", "done", subject))
        if wanted["why"] == "asked":
            self._receipt(turn, wanted, now)

    def carry_out(self, connection: Connection, turn: Turn) -> None:
        """Destroy the key, then the rows."""
        if turn.erases is None:
            return
        for key_id in turn.doomed_keys:
            self._keys.destroy(key_id)
        rights.erase(connection, turn.erases)

    def copy(
        self,
        connection: Connection,
        turn: Turn,
        person: Person,
        session: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Add a file with everything that is kept about this person."""
        kept = {
            "made_at": now.isoformat(),
            "telegram": {"number": person.chat_id, "first_name": person.name},
            "language": person.language,
            "time_zone": visits.zone_of(connection, person.id),
            "known_since": rights.known_since(connection, person.id).isoformat(),
            "consents": [
                {
                    "purpose": one.purpose,
                    "granted": one.granted,
                    "text_version": one.text_version,
                    "at": one.at.isoformat(),
                }
                for one in rights.consents_of(connection, person.id)
            ],
            "conversation": session,
            "reminders": [
                {
                    "visit": one.visit_id,
                    "kind": one.kind,
                    "status": one.status,
                    "reason": one.reason,
                    "due_at": _moment(one.due_at),
                    "ended_at": _moment(one.ended_at),
                }
                for one in reminders.of_person(connection, person.id)
            ],
            "noted_by_the_team": [
                {
                    "at": one.at.isoformat(),
                    "words": self._keys.open(
                        person.key_id, adverse_place(person.id, one.at), one.body
                    ).decode(),
                }
                for one in rights.adverse(connection, person.id)
            ],
            **self._kept_apart(connection, person),
        }
        content = orjson.dumps(kept, option=orjson.OPT_INDENT_2)
        turn.outgoing.append(
            Outgoing(
                key=person.key(f"~copy:{turn.row.id}"),
                lane=person.lane,
                about_person=person.id,
                key_id=person.key_id,
                call=message.document(
                    person.chat_id, COPY_NAME, base64.b64encode(content).decode()
                ),
            )
        )

    def _kept_apart(self, connection: Connection, person: Person) -> dict[str, object]:
        """What is kept of them beside their chat: questions, the talk with the team,
        and chats of another release.
        """
        talk = topics.of(connection, person.id)
        return {
            "questions_kept": [
                {
                    "why": one.why,
                    "entry": one.entry,
                    "at": one.at.isoformat(),
                    "words": one.body
                    and self._keys.open(
                        person.key_id, place(one.table, "body", one.key), one.body
                    ).decode(),
                }
                for one in rights.words_of(connection, person.id)
            ],
            "talk_with_the_team": talk
            and {
                "status": talk.status,
                "opened_at": _moment(talk.opened_at),
                "first_reply_at": _moment(talk.first_reply_at),
                "waits_since": _moment(talk.asked_at),
                "closed_at": _moment(talk.closed_at),
            },
            "chats_put_aside": [
                {"at": one.at.isoformat(), "chat": self._put_aside(person, one)}
                for one in rights.aside_of(connection, person.id)
            ],
        }

    def _put_aside(self, person: Person, one: rights.AsideRow) -> object:
        """Such a chat as it was stored; None where it is damaged."""
        at = session_place(person.id, one.generation)
        try:
            return orjson.loads(self._keys.open(person.key_id, at, one.body))
        except SealBroken:
            return None

    def _delete_topic(self, turn: Turn, thread: int) -> None:
        """What the team has of them in a topic goes with it."""
        if self._room.current is None:
            return
        call = message.of_topic("deleteForumTopic", self._room.current, thread)
        turn.outgoing.append(
            Outgoing(
                key=f"{turn.row.key}:topic",
                lane=self._room.lane,
                about_person=None,
                key_id=self._keys.house,
                call=call,
            )
        )

    def _receipt(self, turn: Turn, wanted: Mapping[str, Any], now: datetime) -> None:
        """The last message, sealed by the house: their own key is gone by then."""
        screen = Screen(
            "receipt",
            {
                "when": f"{_day(now)}, {now.astimezone(UTC):%H:%M}",
                "copies_until": _day(now + timedelta(days=self._key_copies)),
            },
        )
        rendered = self._renderers[wanted["language"]].screen(screen)
        turn.outgoing.append(
            Outgoing(
                key=f"{turn.row.key}:receipt",
                lane=turn.row.lane,
                about_person=None,
                key_id=self._keys.house,
                call=message.new_message(wanted["chat_id"], rendered),
            )
        )


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _day(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y}"
