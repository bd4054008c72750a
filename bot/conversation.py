"""What the engine room needs of the conversation, and who fulfils it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from dialogs.conversation import go_on, step
from dialogs.effects import Effect, Screen
from dialogs.house import Entry, House
from dialogs.inputs import (
    CardDue,
    Chose,
    Commanded,
    Input,
    Joined,
    ProposalLapsed,
    ReminderDue,
    StaffBooked,
    StaffListed,
    StaffMarked,
    StaffProposed,
    VisitUnreminded,
)
from dialogs.screens import readable
from dialogs.session import Session
from dialogs.visits import Visit

#: Commands that show visits; /privacy offers its switches to whoever has one.
_SHOW_VISITS = ("visits", "plan", "privacy")

#: What is about visits even where a chat has heard of none yet.
_ABOUT_VISITS = (
    ReminderDue,
    Joined,
    StaffBooked,
    StaffMarked,
    StaffProposed,
    StaffListed,
    VisitUnreminded,
    ProposalLapsed,
    CardDue,
)


class Conversation(Protocol):
    """A conversation; what its sessions hold is its own affair."""

    def begin(self, now: datetime) -> Any:
        """The session of a chat that has just begun."""
        ...

    def restore(self, stored: Mapping[str, Any]) -> Any:
        """A stored session.

        Raises:
            dialogs.errors.OfLaterRelease: it is to be left to a later release.
            dialogs.errors.UnreadableSession: it cannot be read.
        """
        ...

    def put_away(self, session: Any) -> dict[str, Any]:
        """The session as plain JSON values."""
        ...

    def screen(self, session: Any) -> Screen:
        """What is on the person's screen."""
        ...

    def needs_visits(self, session: Any, given: Input) -> bool:
        """Whether the person's visits matter to what happened."""
        ...

    def with_visits(self, session: Any, visits: tuple[Visit, ...]) -> Any:
        """The session, knowing the person's visits as they are now."""
        ...

    def step(
        self, session: Any, given: Input, now: datetime
    ) -> tuple[Any, tuple[Effect, ...]]:
        """The next session, and what is wanted."""
        ...


class ClinicConversation:
    """The conversation of `dialogs`, held for one clinic."""

    def __init__(self, house: House) -> None:
        self._house = house

    def know(self, entries: Mapping[str, Entry]) -> None:
        """Talk about these questions from here on."""
        self._house = replace(self._house, entries=entries)

    def begin(self, now: datetime) -> Session:
        """The session of a chat that has just begun."""
        return Session.new(now)

    def restore(self, stored: Mapping[str, Any]) -> Session:
        """A stored session. Raises OfLaterRelease, UnreadableSession."""
        return go_on(Session.from_json(stored), self._house)

    def put_away(self, session: Session) -> dict[str, Any]:
        """The session as plain JSON values."""
        return session.to_json()

    def screen(self, session: Session) -> Screen:
        """What is on the person's screen, with everything that may be typed now."""
        return readable(session, self._house)

    def needs_visits(self, session: Session, given: Input) -> bool:
        """Whether the person's visits matter to what happened."""
        if session.visits or isinstance(given, _ABOUT_VISITS):
            return True
        if isinstance(given, Chose):  # the copy of all that is kept holds them too
            return given.option == "my_data"
        return isinstance(given, Commanded) and given.name in _SHOW_VISITS

    def with_visits(self, session: Session, visits: tuple[Visit, ...]) -> Session:
        """The session, knowing the person's visits as they are now."""
        return session if visits == session.visits else session.with_(visits=visits)

    def step(
        self, session: Session, given: Input, now: datetime
    ) -> tuple[Session, tuple[Effect, ...]]:
        """The next session, and what is wanted."""
        return step(session, given, now, self._house)
