"""How fast messages may leave: all chats together, and each chat by itself."""

from __future__ import annotations

from collections import deque

PRIVATE_BURST = 20  # messages a chat takes at once before it is paced
GROUP_PER_MINUTE = 20  # Telegram's limit for a group


class GlobalGate:
    """At most `rate` slots in any second, wherever that second begins.

    Args:
        rate: slots a second; 0 means no limit. Below one, a slot takes 1/rate seconds.
    """

    def __init__(self, rate: float) -> None:
        self._window = 1.0 if rate >= 1 else (1 / rate if rate else 0.0)
        self._slots: deque[float] = deque(maxlen=max(1, int(rate)))

    def reserve(self, now: float) -> float:
        """The moment of the next free slot, which is taken by asking."""
        if not self._window:
            return now
        slot = now
        if len(self._slots) == self._slots.maxlen:
            slot = max(now, self._slots[0] + self._window)
        self._slots.append(slot)
        return slot


class ChatPace:
    """A burst at once, then a steady pace: a bucket that fills again with time.

    Args:
        rate: messages a second; 0 means no limit.
        burst: messages at once.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._seen = 0.0

    def reserve(self, now: float) -> float:
        """The moment the next message may leave; it is taken by asking."""
        if not self._rate:
            return now
        self._left = min(self._burst, self._left + (now - self._seen) * self._rate)
        self._seen = now
        self._left -= 1
        return now if self._left >= 0 else now - self._left / self._rate

    def rested(self, now: float) -> bool:
        """Whether forgetting it would change nothing."""
        return self._left + (now - self._seen) * self._rate >= self._burst
