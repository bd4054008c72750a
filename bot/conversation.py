"""What the engine room needs of the conversation, and who fulfils it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from dialogs.effects import Effect, Screen
from dialogs.inputs import Input


class Conversation(Protocol):
    """A conversation whose sessions are opaque here."""

    def begin(self, now: datetime) -> Any:
        """The session of a chat that has just begun."""
        ...

    def restore(self, stored: Mapping[str, Any]) -> Any:
        """A stored session. Raises `dialogs.errors.UnreadableSession`."""
        ...

    def put_away(self, session: Any) -> dict[str, Any]:
        """The session as plain JSON values."""
        ...

    def screen(self, session: Any) -> Screen:
        """What is on the person's screen."""
        ...

    def step(
        self, session: Any, given: Input, now: datetime
    ) -> tuple[Any, tuple[Effect, ...]]:
        """The next session, and what is wanted."""
        ...
