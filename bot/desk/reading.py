"""Reads the staff chat: who wants what, whether they may, and about whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.desk import standing, strays
from bot.desk.actions import alarms, week
from bot.desk.errand import About, Errand, Tools, prompt_in, user_id, words_of
from bot.desk.registry import BUTTONS, COMMANDS, PROMPTS, Action, says, toasts
from bot.keys import KeyStore
from bot.message import Renders
from bot.read import KINDS, Command, Update, command, origin
from bot.roles import EVERYONE, INVITE, NOBODY, Roles
from bot.room import StaffRoom
from bot.store import outbox, people, topics
from bot.turn import Turn

#: How long a reply or a press waits for the note it is about to be known here.
WAIT_FOR_NOTE = (timedelta(milliseconds=100), timedelta(seconds=2))

#: Updates that are for the bot wherever they come from in the staff chat.
_OF_THE_ROOM = ("callback_query", "my_chat_member")

#: What stands before words that stay among colleagues.
PRIVATE_NOTE = "//"

REFUSED = says("desk_refused")
NOT_YOURS = says("desk_not_yours")
ANONYMOUS = says("desk_anonymous")
UNKNOWN = says("desk_unknown")
HINT = says("desk_hint")
AMONG_YOU = says("desk_among_you", name="Ana")
WOKEN = says("desk_woken", name="Ana")
NO_BUTTON = toasts("desk_no_button")
PRESS_REFUSED = toasts("desk_press_refused")
PRESS_UNKNOWN = toasts("desk_press_unknown")


class Desk:
    """Reads the staff chat. In any other group it only tells that group's number."""

    def __init__(
        self,
        keys: KeyStore,
        renderer: Renders,
        room: StaffRoom,
        roles: Roles,
        zone: str = "UTC",
        *,
        language: str = "en",
        learn: Callable[[], None] = lambda: None,
        knows: Callable[[str], bool] = lambda entry: True,
    ) -> None:
        self._tools = Tools(
            keys, renderer, room, roles, ZoneInfo(zone), language, learn, knows
        )
        self._roles = roles
        self._room = room

    def is_for_me(self, update: Update, chat_id: int) -> bool:
        """Whether an update of a private chat is the team's: of a team of one."""
        if not self._room.is_here(chat_id):
            return False
        said = update.get("message")
        words = words_of(said) if isinstance(said, dict) else ""
        return not words.startswith(f"/start {INVITE}")  # that makes a member

    def concerns(self, update: Update) -> bool:
        """Whether a message in a group is for the bot; the rest is not kept."""
        place = origin(update)
        if place is None:
            return False
        here = self._room.is_here(place.chat_id)
        if any(isinstance(update.get(k), dict) for k in _OF_THE_ROOM):
            return here
        edited = update.get("edited_message")
        said = update.get("message", edited)
        if not isinstance(said, dict):
            return False
        asked = self._command(words_of(said))
        if not here:
            return asked is not None and asked.name == "id"
        return (
            asked is not None
            or isinstance(said.get("migrate_to_chat_id"), int)
            or said.get("is_topic_message") is True
            or _answers_us(said)
        )

    def handle(
        self, connection: Connection, turn: Turn, update: Update, now: datetime
    ) -> None:
        """Gather into `turn` what an update of a group leads to."""
        query = update.get("callback_query")
        if isinstance(query, dict):
            self._pressed(connection, turn, update, query, now)
            return
        if isinstance(member := update.get("my_chat_member"), dict):
            errand = self._errand(connection, turn, member, member, update, now)
            standing.changed(errand, member)
            return
        if isinstance(due := update.get("desk"), str):
            self._due(connection, turn, due, update, now)
            return
        edited = isinstance(update.get("edited_message"), dict)
        said = update["edited_message" if edited else "message"]
        if isinstance(moved_to := said.get("migrate_to_chat_id"), int):
            turn.staff_chat = moved_to
            return
        errand = self._errand(connection, turn, said, said, update, now)
        words = words_of(said)
        asked = self._command(words)
        if not self._room.is_here(errand.chat_id):
            if asked is not None and asked.name == "id":
                COMMANDS["id"].run(errand)
            return
        if edited:
            self._edited(errand, words)
        else:
            self._written(errand, words, asked)

    def _due(
        self,
        connection: Connection,
        turn: Turn,
        due: str,
        what: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Something that the program left for the desk."""
        here = {"chat": {"id": self._room.current}}
        errand = self._errand(connection, turn, here, here, {}, now)
        if due == "no_topics":
            standing.lost(errand)
        elif due == "not_deleted":
            standing.kept(errand, what["thread"])
        elif due == "week":
            week.tell_by_itself(errand, datetime.fromisoformat(what["until"]))
        elif due == "not_joined":
            alarms.tell_not_joined(errand, what["visits"])
        elif due == "woken" and people.still_there(connection, {what["person"]}):
            errand.about = About(what["person"], what["key_id"])
            errand.say(WOKEN, {"name": errand.name()}, about=True)

    # -- what is written ---------------------------------------------------------------

    def _written(self, errand: Errand, words: str, asked: Command | None) -> None:
        said = errand.said
        if errand.thread is not None or _answers_us(said):
            errand.about = self._behind(errand)
            if errand.about is None and asked is None and not _answers_us(said):
                return  # a topic of the team's own
            if _answers_us(said) and self._too_quick(errand):
                return
        slash = words.startswith("/") and not words.startswith(PRIVATE_NOTE)
        known = COMMANDS.get(asked.name) if asked else None
        if known is None and not slash:
            name, errand.asked_with = self._prompt(errand)
            known = COMMANDS[PROMPTS.get(name, "reply")]
        errand.action = known.name if known else "other"
        errand.argument = asked.argument if asked else words
        is_note = words.startswith(PRIVATE_NOTE)
        if (is_note and errand.about) or not (words or KINDS.keys() & said.keys()):
            return  # among colleagues, or a line of Telegram's own
        if not self._admits(errand, known):
            return
        if known is COMMANDS["reply"] and self._among_colleagues(errand):
            return
        if known is None:
            errand.say(HINT)
        elif not known.about_patient:
            known.run(errand)
        elif errand.about or _answers_us(said):
            if self._finds(errand):
                known.run(errand)
        elif words.startswith("/"):
            errand.say(HINT)

    def _among_colleagues(self, errand: Errand) -> bool:
        """Whether they answer a colleague's words that no patient got.

        It is said, unless it is plain from the note they answer.
        """
        to = errand.said.get("reply_to_message")
        if errand.about is None or not isinstance(to, Mapping) or not _by_colleague(to):
            return False
        if _is_note(to):
            return True
        number = self._room.numbered(errand.chat_id, int(to.get("message_id") or 0))
        if str(number) in (errand.session().get("replied") or {}):
            return False
        errand.say(AMONG_YOU, {"name": errand.name()})
        return True

    def _prompt(self, errand: Errand) -> tuple[str, str]:
        """The desk's own question that they answer, and what it was asked with."""
        if errand.about is not None:
            return errand.about.prompt
        answered = errand.said.get("reply_to_message")
        number = answered.get("message_id") if isinstance(answered, dict) else None
        if not isinstance(number, int):
            return "", ""
        lane, number = self._room.lane, self._kept(errand, number)
        return prompt_in(outbox.key_behind(errand.connection, lane, number))

    def _edited(self, errand: Errand, words: str) -> None:
        """Words that went to a patient are changed there too."""
        errand.about = self._behind(errand)
        if errand.about is None or words.startswith(("/", PRIVATE_NOTE)) or not words:
            return
        if _is_note(errand.said.get("reply_to_message")):
            return  # what answers a note is one
        errand.action, errand.argument = "edit", words
        if self._admits(errand, COMMANDS["edit"]):
            COMMANDS["edit"].run(errand)

    def _finds(self, errand: Errand) -> bool:
        """Whether it is known whom this is about; who wrote it is told if not."""
        if errand.about is not None:
            return True
        if not self._waits(errand):
            errand.say(UNKNOWN)
        return False

    def _too_quick(self, errand: Errand) -> bool:
        """Put it off: the topic tells whom it is about, and not yet which note."""
        about = errand.about
        return about is not None and not about.note and self._waits(errand)

    def _waits(self, errand: Errand) -> bool:
        """Put it off: they were quicker than our own note of what we sent."""
        tries = errand.turn.row.attempts
        lane = self._room.lane
        if tries < len(WAIT_FOR_NOTE) and outbox.on_its_way(errand.connection, lane):
            errand.turn.retry_at = errand.now + WAIT_FOR_NOTE[tries]
            return True
        return False

    def _kept(self, errand: Errand, number: int) -> int:
        """A number of a message of ours, as it is kept since the group has moved."""
        return number if errand.chat_id == self._room.current else -number

    def _behind(self, errand: Errand) -> About | None:
        """Whom the note they answer, or the topic they write in, is about."""
        connection = errand.connection
        answered = errand.said.get("reply_to_message")
        number = answered.get("message_id") if isinstance(answered, dict) else None
        if errand.query_id:
            number = errand.message_id
        if isinstance(number, int):
            number = self._kept(errand, number)
            found = outbox.note_behind(connection, self._room.lane, number)
            if found is not None:
                person, key = found
                row = people.by_id(connection, [person]).get(person)
                return About(person, row.key_id, key) if row else None
        if errand.thread is not None:
            theirs = topics.by_thread(connection, errand.thread)
            theirs = theirs or strays.whose(errand)
            if theirs is not None:
                return About(*theirs)
        return None

    # -- what is pressed ---------------------------------------------------------------

    def _pressed(
        self,
        connection: Connection,
        turn: Turn,
        update: Update,
        query: Mapping[str, Any],
        now: datetime,
    ) -> None:
        under = query.get("message")
        under = under if isinstance(under, dict) else {}
        errand = self._errand(connection, turn, query, under, update, now)
        number = query.get("id")
        errand.query_id = number if isinstance(number, str) else ""
        data = query.get("data")
        _, _, option = (data if isinstance(data, str) else "").partition("|")
        verb, _, errand.argument = option.partition(":")
        known = BUTTONS.get(verb)
        errand.action = known.name if known else "press"
        if known is None or errand.role not in known.may:
            errand.record("refused")
            errand.toast(NO_BUTTON if errand.role == NOBODY else PRESS_REFUSED)
            return
        if known.about_patient:
            errand.about = self._behind(errand)
            if self._too_quick(errand):
                return
            if errand.about is None:
                if not self._waits(errand):
                    errand.record("refused")
                    errand.toast(PRESS_UNKNOWN)
                return
        known.run(errand)
        errand.toast("")

    # -- who it is ---------------------------------------------------------------------

    def _errand(
        self,
        connection: Connection,
        turn: Turn,
        event: Mapping[str, Any],
        said: Mapping[str, Any],
        update: Update,
        now: datetime,
    ) -> Errand:
        anonymous = "sender_chat" in event
        user = event["sender_chat"] if anonymous else event.get("from")
        role = NOBODY if anonymous else self._roles.of(connection, user_id(user))
        thread = said.get("message_thread_id")
        in_topic = said.get("is_topic_message") is True or event is not said
        chat = said.get("chat")
        return Errand(
            tools=self._tools,
            connection=connection,
            turn=turn,
            now=now,
            user=user,
            role=role,
            chat_id=chat["id"] if isinstance(chat, dict) else 0,
            message_id=int(said.get("message_id") or 0),
            thread=thread if in_topic and isinstance(thread, int) else None,
            update_id=int(update.get("update_id") or 0),
            said=said,
        )

    def _admits(self, errand: Errand, known: Action | None) -> bool:
        """Whether who wrote this may do it; who may not is told no more than that."""
        if errand.role in (known.may if known else EVERYONE):
            return True
        errand.record("refused")
        if "sender_chat" in errand.said:
            errand.say(ANONYMOUS)
        else:
            errand.say(REFUSED if errand.role == NOBODY else NOT_YOURS)
        return False

    def _command(self, words: str) -> Command | None:
        asked = command(words)
        if asked is None or asked.bot not in ("", self._room.username):
            return None
        return asked


def _answers_us(said: Mapping[str, Any]) -> bool:
    """Whether a message answers one of the bot's that stands in a chat.

    In a topic every message answers the line that opened it.
    """
    replied = said.get("reply_to_message")
    return (
        isinstance(replied, dict)
        and isinstance(replied.get("from"), dict)
        and replied["from"].get("is_bot") is True
        and "forum_topic_created" not in replied
    )


def _by_colleague(said: object) -> bool:
    """Whether a message that is answered was written by a person."""
    if not isinstance(said, Mapping) or "forum_topic_created" in said:
        return False
    by = said.get("from")
    return isinstance(by, Mapping) and by.get("is_bot") is not True


def _is_note(said: object) -> bool:
    """Whether a message that is answered is a note among colleagues."""
    if not isinstance(said, Mapping) or not _by_colleague(said):
        return False
    words = words_of(said)
    asked = command(words)
    return words.startswith(PRIVATE_NOTE) or (
        asked is not None and asked.name == "note"
    )
