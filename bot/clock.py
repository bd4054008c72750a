"""The one clock of the bot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time; a rehearsal may move it forward, nothing else can."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def move(self, by: timedelta) -> None:
        """Let `by` pass at once. Time never runs back."""
        if by < timedelta():
            raise ValueError("time never runs back")
        self._offset += by
