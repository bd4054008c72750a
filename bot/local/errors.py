"""What can go wrong in the local Telegram.

LocalTelegramError
├── Refused            the Bot API says no, in the real server's words
├── Impossible         a person was told to do what no person can do
└── NotSeen            a message waited for did not come
"""

from typing import Any


class LocalTelegramError(Exception):
    """The local Telegram could not do as it was told."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.__doc__)


class Refused(LocalTelegramError):
    """The Bot API refuses the call."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        """The body of the answer, as the real server words it."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class Impossible(LocalTelegramError):
    """No person in this chat could do that."""


class NotSeen(LocalTelegramError):
    """What was waited for did not come."""


def bad_request(description: str, **parameters: Any) -> Refused:
    """A 400 with the prefix all of them carry."""
    return Refused(400, f"Bad Request: {description}", parameters or None)


def forbidden(description: str) -> Refused:
    """A 403 with the prefix all of them carry."""
    return Refused(403, f"Forbidden: {description}")
