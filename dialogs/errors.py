"""What can go wrong in a conversation.

DialogError
└── UnreadableSession
"""

from __future__ import annotations


class DialogError(Exception):
    """The conversation cannot go on as it stands."""


class UnreadableSession(DialogError):
    """A stored session has a shape or a state that this release does not know."""
