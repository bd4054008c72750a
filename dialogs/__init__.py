"""The conversation: pure and synchronous.

>>> from datetime import UTC, datetime
>>> from dialogs import House, Session, Started, step
>>> from exoplan import load_book
>>> now = datetime(2026, 12, 3, 15, 30, tzinfo=UTC)
>>> house = House(load_book(), has_staff=True)
>>> session, effects = step(Session.new(now), Started("hair"), now, house)
>>> [effect.screen.template for effect in effects]
['hello', 'card']
>>> session.state, session.area
('card', 'hair')
"""

from dialogs.conversation import read_payload, step
from dialogs.effects import (
    CallStaff,
    Effect,
    Erase,
    GiveCopy,
    GivePaper,
    Record,
    Say,
    Screen,
    Strip,
    TakeBackPaper,
    Toast,
)
from dialogs.errors import DialogError, OfLaterRelease, UnreadableSession
from dialogs.house import Entry, House
from dialogs.inputs import (
    Alarm,
    CardDue,
    Chose,
    Commanded,
    Delivered,
    Input,
    Joined,
    Left,
    Level,
    Match,
    Reading,
    ReminderDue,
    Returned,
    SentOther,
    StaffApproved,
    StaffCleared,
    StaffClosed,
    StaffDrafts,
    StaffEdited,
    StaffGaveBack,
    StaffOpened,
    StaffPlanned,
    StaffReplied,
    StaffSent,
    StaffTook,
    Started,
    Undelivered,
    Wrote,
)
from dialogs.screens import screen_of
from dialogs.session import Session

__all__ = [
    "Alarm",
    "CallStaff",
    "CardDue",
    "Chose",
    "Commanded",
    "Delivered",
    "DialogError",
    "Effect",
    "Entry",
    "Erase",
    "GiveCopy",
    "GivePaper",
    "House",
    "Input",
    "Joined",
    "Left",
    "Level",
    "Match",
    "OfLaterRelease",
    "Reading",
    "Record",
    "ReminderDue",
    "Returned",
    "Say",
    "Screen",
    "SentOther",
    "Session",
    "StaffApproved",
    "StaffCleared",
    "StaffClosed",
    "StaffDrafts",
    "StaffEdited",
    "StaffGaveBack",
    "StaffOpened",
    "StaffPlanned",
    "StaffReplied",
    "StaffSent",
    "StaffTook",
    "Started",
    "Strip",
    "TakeBackPaper",
    "Toast",
    "Undelivered",
    "UnreadableSession",
    "Wrote",
    "read_payload",
    "screen_of",
    "step",
]
