"""What the conversation wants → calls to send and rows to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot import message
from bot.keys import KeyStore
from bot.message import Call, Outgoing, Renders
from bot.misses import miss_row
from bot.paper.visits import FILE_NAME, visits_sheet
from bot.rights import asked_to_erase
from bot.roles import Roles
from bot.room import StaffRoom
from bot.store.audit import Entry
from bot.threads import title_place, topic_title
from bot.turn import Person, Turn, incoming_input
from dialogs.effects import (
    ActOnVisit,
    BookVisit,
    CallStaff,
    ChooseZone,
    Copy,
    Effect,
    Erase,
    GiveCopy,
    GivePaper,
    GiveVisits,
    Missed,
    MoveVisit,
    Rate,
    Record,
    Redraw,
    Remind,
    Reminded,
    Say,
    Screen,
    Strip,
    TakeBackPaper,
    Toast,
)
from dialogs.inputs import Undelivered

#: What the words that follow a file are called, after the file's own name.
WORDS_OF = "~words"

#: Templates that begin so call the person by their name.
CALLS_BY_NAME = "visits/"


class CarryOut:
    """Carries out effects into a turn; nothing leaves before the turn is kept.

    Args:
        renderers: by language.
        staff: the renderer of the language the team reads.
    """

    def __init__(
        self,
        keys: KeyStore,
        renderers: Mapping[str, Renders],
        staff: Renders,
        room: StaffRoom,
        roles: Roles,
    ) -> None:
        self._keys = keys
        self._roles = roles
        self._renderers = renderers
        self._staff = staff
        self._room = room

    def effects(
        self,
        effects: Sequence[Effect],
        turn: Turn,
        person: Person,
        query_id: str,
        now: datetime,
    ) -> None:
        """Gather everything `effects` want, in their order.

        Args:
            query_id: of the tap that waits for an answer; empty where none does.
        """
        if query_id:
            words = ""
            for effect in effects:
                if isinstance(effect, Toast):
                    words = self._renderers[person.language].toast(
                        effect.template, effect.data
                    )
            self._add(turn, person, "~toast", message.toast(query_id, words))
        for effect in effects:
            match effect:
                case Say():
                    if person.reachable:
                        self._say(turn, person, effect)
                    elif effect.report:
                        self._not_said(turn, person, effect.ref, now)
                case Strip():
                    if person.reachable:
                        call = message.strip(person.chat_id)
                        self._add(turn, person, "~strip", call, refers_to=effect.ref)
                case CallStaff():
                    self._call_staff(turn, person, effect, now)
                case GivePaper():
                    if person.reachable:
                        self._give_paper(turn, person, effect, now)
                case TakeBackPaper():
                    if person.reachable:
                        self._take_back_paper(turn, person, effect, now)
                case Copy():
                    self._copy(turn, person, effect, now)
                case Redraw():
                    turn.redraws.add(person.id)
                case Rate():
                    turn.ratings.append(effect.answer)
                case Missed():
                    row = miss_row(
                        self._keys,
                        key=f"{turn.row.key}:{len(turn.misses)}",
                        kind=effect.kind,
                        entry=effect.entry,
                        words=effect.words,
                        now=now,
                        person=person.id,
                        key_id=person.key_id,
                    )
                    turn.misses.append(row)
                case GiveCopy():
                    turn.wants_copy = True
                case Erase():
                    row = asked_to_erase(self._keys, person, turn.row.id, now)
                    turn.incoming.append(row)
                case Record():
                    turn.consents.append(
                        {
                            "person_id": person.id,
                            "purpose": effect.purpose,
                            "text_version": effect.text_version,
                            "granted": effect.granted,
                            "at": now,
                        }
                    )
                case (
                    ActOnVisit()
                    | BookVisit()
                    | MoveVisit()
                    | Remind()
                    | Reminded()
                    | ChooseZone()
                ):
                    turn.visiting.append((person.id, effect))
                case GiveVisits():
                    if person.reachable:
                        self._give_visits(turn, person, effect, now)
                case Toast():
                    pass  # said above, ahead of the rest

    def apologise(
        self,
        turn: Turn,
        person: Person,
        template: str,
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Say something that no conversation asked for; it has no ref of its own."""
        if person.reachable:
            screen = Screen(template, data or {})
            rendered = self._renderers[person.language].screen(screen)
            call = message.new_message(person.chat_id, rendered)
            self._add(turn, person, f"~{template}", call)

    def _say(self, turn: Turn, person: Person, say: Say) -> None:
        screen = say.screen
        if screen.template.startswith(CALLS_BY_NAME):
            screen = screen._replace(data={"name": person.name, **screen.data})
        rendered = self._renderers[person.language].screen(screen)
        if say.edits is None:
            call = message.new_message(person.chat_id, rendered, say.replies_to)
        else:
            call = message.edit(person.chat_id, rendered)
        self._add_named(turn, person, say.ref, call, say.edits, say.report, say.urgent)

    def _give_paper(
        self, turn: Turn, person: Person, wanted: GivePaper, now: datetime
    ) -> None:
        paper = self._renderers[person.language].paper(
            wanted.form, wanted.data, person.key_id, now
        )
        call = message.paper(person.chat_id, paper)
        self._add_named(turn, person, wanted.ref, call)
        if paper.follows is not None:
            # They show the same numbers, so they are taken back with the file: by a
            # name that follows from the file's.
            words = message.new_message(person.chat_id, paper.follows)
            self._add_named(turn, person, f"{wanted.ref}{WORDS_OF}", words)

    def _give_visits(
        self, turn: Turn, person: Person, wanted: GiveVisits, now: datetime
    ) -> None:
        words = self._renderers[person.language].calendar_words()
        sheet = visits_sheet(wanted.visits, subject=person.key_id, now=now, **words)
        call = message.drawn_document(person.chat_id, FILE_NAME, sheet)
        self._add(turn, person, "~visits", call)

    def _take_back_paper(
        self, turn: Turn, person: Person, gone: TakeBackPaper, now: datetime
    ) -> None:
        paper = self._renderers[person.language].taken_back(
            gone.form, gone.area, person.key_id, now
        )
        call = message.other_paper(person.chat_id, paper)
        self._add_named(turn, person, gone.ref, call, refers_to=gone.edits)
        if gone.form == "picture":  # its words, where they were too long for it
            words = message.edit_if_there(person.chat_id, paper.caption)
            ref, edits = f"{gone.ref}{WORDS_OF}", f"{gone.edits}{WORDS_OF}"
            self._add_named(turn, person, ref, words, refers_to=edits)

    def _add_named(
        self,
        turn: Turn,
        person: Person,
        ref: str,
        call: Call,
        refers_to: str | None = None,
        report: bool = False,
        urgent: bool = False,
        lane: str = "",
    ) -> None:
        """A call about this person, in their own lane unless another is named."""
        turn.outgoing.append(
            Outgoing(
                key=person.key(ref),
                lane=lane or person.lane,
                about_person=person.id,
                key_id=person.key_id,
                call=call,
                refers_to=None if refers_to is None else person.key(refers_to),
                report=report,
                urgent=urgent,
            )
        )

    def _call_staff(
        self, turn: Turn, person: Person, alert: CallStaff, now: datetime
    ) -> None:
        if self._room.current is None:
            raise LookupError("the conversation called staff, but there is no chat")
        if alert.only and alert.only != ("topics" if self._room.topics else "plain"):
            return
        if alert.opens:
            title = topic_title(person.name, person.id)
            turn.topics.append(
                {
                    "person_id": person.id,
                    "title": self._keys.seal(
                        person.key_id, title_place(person.id), title.encode()
                    ),
                    "status": "open",
                    "asked_at": now if alert.asks else None,
                    "opened_at": now,
                }
            )
        data = {"name": person.name, **alert.data}
        rows = alert.rows if self._room.topics else (*alert.rows, *alert.beside)
        rendered = self._staff.staff(alert.template, data, rows)
        chat_id = self._room.current
        shown = Entry(
            now,
            None,
            "program",
            f"show {alert.template}",
            "done",
            self._roles.subject(person.key_id),
        )
        turn.audit.append(shown)
        if alert.edits:
            call = message.edit(chat_id, rendered)
        else:
            answers = self._room.message(alert.replies_to)
            call = message.staff_note(chat_id, rendered, answers)
        self._add_named(
            turn,
            person,
            alert.ref,
            call,
            alert.edits or None,
            alert.report,
            alert.urgent,
            self._room.lane,
        )

    def _not_said(self, turn: Turn, person: Person, ref: str, now: datetime) -> None:
        """Tell the conversation what Telegram would: they have blocked the bot."""
        key = person.key(ref)
        turn.incoming.append(
            incoming_input(
                self._keys,
                key=f"unsent:{key}",
                person=person.id,
                key_id=person.key_id,
                generation=person.generation,
                given=Undelivered(ref, "blocked"),
                now=now,
            )
        )

    def _copy(self, turn: Turn, person: Person, copy: Copy, now: datetime) -> None:
        team, to_team = self._room.current, copy.to == "team"
        if team is None:
            return
        if not (to_team or person.reachable):
            if copy.report:
                self._not_said(turn, person, copy.ref, now)
            return
        here, there = (person.chat_id, team) if to_team else (team, person.chat_id)
        number = copy.message if to_team else self._room.message(copy.message)
        call = message.copy(there, here, number, to_staff=to_team)
        lane = self._room.lane if to_team else ""
        self._add_named(turn, person, copy.ref, call, report=copy.report, lane=lane)

    def _add(
        self,
        turn: Turn,
        person: Person,
        what: str,
        call: Call,
        refers_to: str | None = None,
    ) -> None:
        """A call without a ref: named for the row it came from."""
        ref = f"{what}:{len(turn.outgoing)}:{turn.row.id}"
        self._add_named(turn, person, ref, call, refers_to)
