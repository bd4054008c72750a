"""The clock of the local world: real time plus an offset that only grows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.local.errors import Impossible


def _real_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Tells the time of the local world; moved forward by tests and by the page."""

    def __init__(
        self,
        source: Callable[[], datetime] = _real_now,
        offset: timedelta = timedelta(),
    ) -> None:
        self._source = source
        self._offset = offset

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of its source."""
        return self._offset

    def now(self) -> datetime:
        """The local world's time, aware, in UTC."""
        return (self._source() + self._offset).astimezone(UTC)

    def move(self, by: timedelta) -> None:
        """Go forward. Raises Impossible for a step back: dates of messages are past."""
        if by < timedelta():
            raise Impossible("The clock only goes forward.")
        self._offset += by

    def restore(self, offset: timedelta) -> None:
        """Take up the offset of an earlier run, if that is further ahead."""
        self._offset = max(self._offset, offset)
