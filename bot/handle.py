"""One input in, one transaction out: the only path.

`Turns.take` runs on the writer thread, inside a transaction. It takes the oldest
waiting row of many lanes, steps and renders each, and writes all of it at once:
sessions, calls to send, consents, "done". A turn that fails leaves nothing behind but
its count; the others are kept.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.carry_out import CarryOut
from bot.conversation import Conversation
from bot.desk import Desk, StaffRoom
from bot.errors import KeyDestroyed, SealBroken, StillLearning
from bot.hand import Hand, Stored, store_calls
from bot.keys import KeyStore, place
from bot.message import Renders
from bot.read import Reader, callback_id, read_note
from bot.rights import ERASE, Rights
from bot.roles import INVITE, Roles
from bot.store import audit, inbox, misses, people, sessions, topics
from bot.store import rights as store_rights
from bot.store.inbox import InboxRow
from bot.store.people import PersonRow
from bot.turn import Person, Turn, session_place
from bot.visits import LINK, Visits, Whose
from dialogs.effects import Effect, Reminded
from dialogs.errors import OfLaterRelease, UnreadableSession
from dialogs.inputs import Input, Joined, Left, ReminderDue, Started

LANES_PER_TRANSACTION = 32
MAX_ATTEMPTS = 3  # turns that fail on one row before it is set aside
RETRY_AFTER = (timedelta(milliseconds=200), timedelta(seconds=2))
LEARNING = timedelta(milliseconds=200)  # until a typed question is read again
MAX_REASON = 200  # letters kept of why
#: What only a later release can read is looked at again after half the time that it
#: has waited: soon while replicas are upgraded, seldom where none is to come.
LOOK_AGAIN = (timedelta(milliseconds=500), timedelta(seconds=30))  # soonest, latest


@dataclass(frozen=True, slots=True)
class Failure:
    """A turn that did not come to its end."""

    key: str  #: of the inbox row
    reason: str  #: kind of fault and place in the program, never a person's words
    set_aside: bool  #: it will not be tried again


@dataclass(frozen=True, slots=True)
class Taken:
    """What one transaction brought."""

    turns: int = 0
    more: bool = False  #: others may be taken at once, or wait for what became of these
    kept: tuple[datetime, ...] = ()  #: when each that came to its end had come in
    erased: tuple[str, ...] = ()  #: why each person who was erased was
    stored: tuple[Stored, ...] = ()  #: in the order to be sent; some may be left
    failures: tuple[Failure, ...] = ()
    staff_chat: int | None = None  #: the staff group has moved here
    staff_topics: bool | None = None  #: whether topics can be opened there now
    next_retry: datetime | None = None  #: asked for only when nothing was waiting


class Turns:
    """Takes turns. Holds no state of its own.

    Args:
        renderers: by language; the first is for whoever speaks none of them, and for
            the team.
    """

    def __init__(
        self,
        *,
        keys: KeyStore,
        conversation: Conversation,
        reader: Reader,
        renderers: Mapping[str, Renders],
        desk: Desk,
        room: StaffRoom,
        roles: Roles,
        rights: Rights,
        visits: Visits,
    ) -> None:
        self._keys = keys
        self._visits = visits
        self._roles = roles
        self._rights = rights
        self._conversation = conversation
        self._reader = reader
        self._languages = tuple(renderers)
        staff = renderers[self._languages[0]]
        self._carry_out = CarryOut(keys, renderers, staff, room, roles)
        self._desk = desk
        self._room = room

    def take(
        self,
        connection: Connection,
        now: datetime,
        lanes: int = LANES_PER_TRANSACTION,
        hand: Hand | None = None,
        one_by_one: bool = False,
    ) -> Taken:
        """Take a turn in each of the lanes that have waited longest.

        Args:
            hand: where the calls go at once, so that they are stored as being sent;
                None: they are left in the table.
            one_by_one: write each turn by itself, so that one that breaks the rules of
                the store spoils no other.

        Raises:
            IntegrityError: one does; to be run again, one by one.
        """
        rows = inbox.heads(connection, now, lanes)
        if not rows:
            return Taken(next_retry=inbox.next_retry(connection))
        ids = {row.person_id for row in rows if row.person_id is not None}
        known = people.by_id(connection, ids) if ids else {}
        turns: list[Turn] = []
        failures: list[Failure] = []
        for row in rows:
            try:
                turns.append(self._turn(connection, row, known, now))
            except SQLAlchemyError:
                raise  # the store's trouble, not this turn's
            except OfLaterRelease as fault:
                failures.append(Failure(row.key, _why(fault), set_aside=False))
                turns.append(Turn(row, left_until=now + _half_its_wait(row, now)))
            except Exception as fault:
                failed = _failure(row, fault)
                failures.append(failed)
                turns.append(self._failed(row, failed, known, now))
        if hand is not None and not hand.owns(connection):
            hand = None
        if one_by_one:
            stored = [
                kept
                for turn in turns
                for kept in self._write_alone(
                    connection, turn, known, now, hand, failures
                )
            ]
        else:
            stored = self._write(connection, turns, now, hand)
        return Taken(
            turns=len(rows),
            more=len(rows) == lanes
            or any(row.followed for row in rows)
            or any(turn.incoming or not turn.ended for turn in turns),
            kept=tuple(t.row.received_at for t in turns if t.ended),
            erased=tuple(t.why_erased for t in turns if t.why_erased),
            stored=tuple(stored),
            failures=tuple(failures),
            staff_chat=next((t.staff_chat for t in turns if t.staff_chat), None),
            staff_topics=next(
                (t.staff_topics for t in turns if t.staff_topics is not None), None
            ),
        )

    def _turn(
        self,
        connection: Connection,
        row: InboxRow,
        known: Mapping[int, PersonRow],
        now: datetime,
    ) -> Turn:
        turn = Turn(row)
        if row.body is None:
            raise ValueError("a row that waits has no body")
        at = place("inbox", "body", row.key)
        if row.person_id is None:
            body = orjson.loads(self._keys.open(self._keys.house, at, row.body))
            if row.key.startswith(ERASE):
                self._rights.end(connection, turn, body, now)
            else:
                self._desk.handle(connection, turn, body, now)
            return turn
        stored = known[row.person_id]
        try:
            body = orjson.loads(self._keys.open(stored.key_id, at, row.body))
            self._patient(connection, turn, stored, body, now)
        except KeyDestroyed:
            return Turn(row)  # erased meanwhile: there is nobody to answer
        except StillLearning:
            return Turn(row, retry_at=now + LEARNING)
        return turn

    def _patient(
        self,
        connection: Connection,
        turn: Turn,
        stored: PersonRow,
        body: Mapping[str, Any],
        now: datetime,
    ) -> None:
        session, generation = self._session(turn, stored, now)
        person = self._person(stored, generation)
        lost = turn.set_aside is not None
        given: Input | None
        if turn.row.key.startswith("tg:"):
            given = self._reader.read(body, lambda: self._conversation.screen(session))
            query_id = callback_id(body)
            if isinstance(given, Started) and given.payload.startswith(INVITE):
                given = self._invited(connection, turn, person, given, now)
            elif isinstance(given, Started) and given.payload.startswith(LINK):
                whose = Whose(person.key_id, person=person.id)
                good = self._visits.join(connection, given.payload, whose, now)
                given = Joined(good)
            if isinstance(given, Left):
                turn.blocked[person.id] = now
                person = person._replace(reachable=False)
            elif not person.reachable:
                turn.blocked[person.id] = None
                person = person._replace(reachable=True)
        else:
            answers = body["generation"]
            given = read_note(body) if answers in (None, generation) else None
            query_id = ""
            if isinstance(given, ReminderDue):
                given = self._due(connection, turn, person, given)
        if given is not None and self._conversation.needs_visits(session, given):
            visits = self._visits.of(connection, person.id)
            session = self._conversation.with_visits(session, visits)
        effects: Sequence[Effect] = ()
        if given is not None:
            session, effects = self._conversation.step(session, given, now)
        if lost:
            self._carry_out.apologise(turn, person, "lost_place")
        self._carry_out.effects(effects, turn, person, query_id, now)
        kept = self._conversation.put_away(session)
        if turn.wants_copy:
            self._rights.copy(connection, turn, person, kept, now)
        if given is not None or lost:
            turn.session = {
                "person_id": person.id,
                "generation": generation,
                "body": self._keys.seal(
                    person.key_id,
                    session_place(person.id, generation),
                    orjson.dumps(kept),
                ),
                "updated_at": now,
            }

    def _due(
        self,
        connection: Connection,
        turn: Turn,
        person: Person,
        given: ReminderDue,
    ) -> ReminderDue | None:
        """A reminder as it was planned; None where nothing is to be said of it."""
        due = self._visits.due(connection, given)
        if due is not None and not person.reachable:
            turn.visiting.append((person.id, Reminded(due.reminder, "unreachable")))
            return None
        return due

    def _invited(
        self,
        connection: Connection,
        turn: Turn,
        person: Person,
        given: Started,
        now: datetime,
    ) -> Started | None:
        """Make a member of whoever brings a good link; any other says nothing."""
        role = self._roles.redeem(
            connection, given.payload, person.chat_id, person.name, now
        )
        if role is None:
            return Started()
        self._carry_out.apologise(turn, person, "joined", {"role": role})
        return None

    def _session(self, turn: Turn, stored: PersonRow, now: datetime) -> tuple[Any, int]:
        """The session and its generation; what cannot be read is put aside whole."""
        if stored.session is None or stored.generation is None:
            return self._conversation.begin(now), 1
        at = session_place(stored.id, stored.generation)
        try:
            plain = self._keys.open(stored.key_id, at, stored.session)
            return self._conversation.restore(orjson.loads(plain)), stored.generation
        except (UnreadableSession, SealBroken) as fault:
            turn.set_aside = {
                "person_id": stored.id,
                "generation": stored.generation,
                "body": stored.session,
                "reason": f"{type(fault).__name__}: {fault}"[:MAX_REASON],
                "at": now,
            }
            anew = getattr(fault, "begun_anew", None) or self._conversation.begin(now)
            return anew, stored.generation + 1

    def _person(self, stored: PersonRow, generation: int) -> Person:
        at = place("people", "contact", stored.key_id)
        contact = orjson.loads(self._keys.open(stored.key_id, at, stored.contact))
        spoken = stored.language, stored.language.partition("-")[0]
        return Person(
            id=stored.id,
            key_id=stored.key_id,
            chat_id=contact["chat_id"],
            name=contact["name"],
            language=next(
                (one for one in spoken if one in self._languages), self._languages[0]
            ),
            reachable=stored.blocked_at is None,
            generation=generation,
        )

    def _failed(
        self,
        row: InboxRow,
        failure: Failure,
        known: Mapping[int, PersonRow],
        now: datetime,
    ) -> Turn:
        """What is kept of a turn that failed."""
        if not failure.set_aside:
            return Turn(row, retry_at=now + RETRY_AFTER[row.attempts])
        turn = Turn(row, given_up=failure.reason)
        if row.person_id is not None:
            with suppress(Exception):  # the apology may be what cannot be rendered
                stored = known[row.person_id]
                person = self._person(stored, stored.generation or 1)
                at = place("inbox", "body", row.key)
                body = orjson.loads(self._keys.open(stored.key_id, at, row.body or b""))
                self._carry_out.effects((), turn, person, callback_id(body), now)
                self._carry_out.apologise(turn, person, "sorry")
        return turn

    def _write_alone(
        self,
        connection: Connection,
        turn: Turn,
        known: Mapping[int, PersonRow],
        now: datetime,
        hand: Hand | None,
        failures: list[Failure],
    ) -> list[Stored]:
        try:
            with connection.begin_nested():
                return self._write(connection, [turn], now, hand)
        except IntegrityError as fault:
            failed = _failure(turn.row, fault)
            failures.append(failed)
            instead = self._failed(turn.row, failed, known, now)
            with connection.begin_nested():
                return self._write(connection, [instead], now, hand)

    def _write(
        self,
        connection: Connection,
        turns: Sequence[Turn],
        now: datetime,
        hand: Hand | None,
    ) -> list[Stored]:
        if aside := [turn.set_aside for turn in turns if turn.set_aside]:
            sessions.set_aside(connection, aside)
        if kept := [turn.session for turn in turns if turn.session]:
            sessions.keep(connection, kept)
        if consents := [row for turn in turns for row in turn.consents]:
            people.record_consents(connection, consents)
        if incoming := [row for turn in turns for row in turn.incoming]:
            inbox.add(connection, incoming)
        if adverse := [row for turn in turns for row in turn.adverse]:
            store_rights.record_adverse(connection, adverse)
        if opened := [row for turn in turns for row in turn.topics]:
            topics.open_for(connection, opened)
        if redraws := {person for turn in turns for person in turn.redraws}:
            topics.redraw(connection, redraws, now)
        if ratings := [answer for turn in turns for answer in turn.ratings]:
            topics.rate(connection, ratings, now)
        if missed := [row for turn in turns for row in turn.misses]:
            misses.add(connection, missed)
        for turn in turns:
            for person, effect in turn.visiting:
                self._visits.carry_out(connection, person, effect, now)
        entries = [entry for turn in turns for entry in turn.audit]
        audit.append(connection, self._roles.keyed, entries)
        # After what nobody waits for, as the numbers of these rows are waited for, and
        # before the end of a person, which ends calls about them too.
        calls = [(call, turn.row.lane) for turn in turns for call in turn.outgoing]
        stored = store_calls(
            connection,
            self._keys,
            [call for call, _ in calls],
            [lane for _, lane in calls],
            hand,
            now,
        )
        for turn in turns:
            self._rights.carry_out(connection, turn)
        for turn in turns:
            if turn.blocked:
                people.mark_blocked(connection, turn.blocked)
            if turn.staff_chat is not None:
                self._room.moved(connection, turn.staff_chat)
            if turn.staff_topics is not None:
                self._room.keep_topics(connection, turn.staff_topics)
            if turn.retry_at is not None:
                inbox.try_again(connection, turn.row.id, turn.retry_at)
            elif turn.left_until is not None:
                inbox.leave(connection, turn.row.id, turn.left_until)
            elif turn.given_up:
                inbox.set_aside(connection, turn.row.id, turn.given_up, now)
        if done := [turn.row.id for turn in turns if turn.ended]:
            inbox.done(connection, done, now)
        return stored


def _failure(row: InboxRow, fault: Exception) -> Failure:
    return Failure(row.key, _why(fault), row.attempts + 1 >= MAX_ATTEMPTS)


def _why(fault: Exception) -> str:
    """The kind of fault and where it arose; what it says may be a person's words."""
    where = traceback.extract_tb(fault.__traceback__)[-1]
    reason = f"{type(fault).__name__} in {Path(where.filename).name}:{where.lineno}"
    return reason[:MAX_REASON]


def _half_its_wait(row: InboxRow, now: datetime) -> timedelta:
    soonest, latest = LOOK_AGAIN
    return min(latest, max(soonest, (now - row.received_at) / 2))
