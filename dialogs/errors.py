"""What can go wrong in a conversation.

DialogError
├── UnreadableSession
└── OfLaterRelease
"""

from __future__ import annotations


class DialogError(Exception):
    """The conversation cannot go on as it stands."""


class UnreadableSession(DialogError):
    """A stored session has a shape or a state that this release does not know."""

    def __init__(self, detail: str, begun_anew: object = None) -> None:
        super().__init__(detail)
        #: a session to go on with, which keeps what holds a plan or stopped the chat;
        #: None where not even that could be read
        self.begun_anew = begun_anew


class OfLaterRelease(DialogError):
    """A later release stored this, and can read it; this one leaves it as it is."""
