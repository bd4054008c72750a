"""All that a chat can want.

`step` returns these; the bot carries them out in the transaction of the turn. A message
is named by a `ref` that the conversation mints, so that a later turn can edit a message
that Telegram may not even have received yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from dialogs.reminders import Reason
from dialogs.visits import Visit

# What a turn makes many of are named tuples: a frozen dataclass takes three times as
# long to make, and together they would take a twentieth of a turn.

Mark = Literal["", "empty", "ticked", "unsure"]


class Button(NamedTuple):
    """One button under a screen."""

    option: str  #: id of what it does ("site:crown"); with the serial at most 64 bytes
    label: str  #: key of its words in labels.toml
    data: Mapping[str, Any] = MappingProxyType({})  #: for the label
    mark: Mark = ""  #: drawn before the label


Rows = tuple[tuple[Button, ...], ...]


class Screen(NamedTuple):
    """What a person is shown: a template, its data and the buttons below it."""

    template: str  #: message key: templates/<lang>/<template>.html.j2
    data: Mapping[str, Any] = MappingProxyType({})
    rows: Rows = ()
    serial: str = ""  #: drawn into each button; a press with another serial is stale

    def options(self) -> frozenset[str]:
        """Every option that may be chosen here."""
        return frozenset(button.option for row in self.rows for button in row)


class Say(NamedTuple):
    """Show a screen, as a new message or in place of an older one."""

    ref: str  #: name of the message in this chat, unique for ever ("12")
    screen: Screen
    edits: str | None = None  #: ref of the message it replaces in place
    urgent: bool = False  #: an emergency card: plain text, ahead of every gate
    report: bool = False  #: answer with Delivered or Undelivered
    replies_to: int = 0  #: id of the person's message that it answers


@dataclass(frozen=True, slots=True)
class Strip:
    """Take the keyboard off an older message."""

    ref: str


@dataclass(frozen=True, slots=True)
class Toast:
    """Answer the button that was pressed, in the small bubble over the chat."""

    template: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Put a message about this person into the staff chat."""

    ref: str
    template: str  #: templates/<lang>/staff/<template>.html.j2
    data: Mapping[str, Any] = field(default_factory=dict)
    urgent: bool = False
    report: bool = False  #: answer with Delivered, so that the patient can be told
    replies_to: int = 0  #: id of the staff message it answers
    edits: str = ""  #: ref of the note it replaces in place
    rows: Rows = ()  #: buttons of the team
    beside: Rows = ()  #: more of them, where the team has no card about this person
    opens: bool = False  #: it begins a conversation with the team, or takes it up again
    asks: bool = False  #: somebody waits for an answer
    only: Literal["", "topics", "plain"] = ""
    #: shown only where each patient has a topic of their own, or only where none has


@dataclass(frozen=True, slots=True)
class Copy:
    """Have a message copied as it is: a picture, a voice message, a file."""

    ref: str
    message: int  #: its id where it stands
    to: Literal["team", "person"]
    report: bool = False  #: answer with Delivered or Undelivered


@dataclass(frozen=True, slots=True)
class Redraw:
    """The team's card about this person shows something old."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Count how helpful a conversation with the team was; about nobody."""

    answer: str  #: yes, partly or no


@dataclass(frozen=True, slots=True)
class Missed:
    """Write down a question that was not answered, or answered wrongly."""

    kind: Literal["unanswered", "wrong"]
    words: str  #: the question; empty where nothing is to be kept of this person
    entry: str = ""  #: id of the entry that was wrong


@dataclass(frozen=True, slots=True)
class Record:
    """Write down a consent given or withdrawn, with the version of the text shown."""

    purpose: Literal["plan", "team", "check_ins", "recalls", "reminders", "unfinished"]
    granted: bool
    text_version: str


@dataclass(frozen=True, slots=True)
class GiveCopy:
    """Send the person a file with everything that is kept about them."""


#: What people take along of a plan.
PaperForm = Literal["picture", "consultation", "calendar"]


@dataclass(frozen=True, slots=True)
class GivePaper:
    """Send the plan as a file; it is worded now and drawn right before it leaves."""

    ref: str  #: name of the message in this chat, as of any other
    form: PaperForm
    data: Mapping[str, Any]  #: for its template


@dataclass(frozen=True, slots=True)
class TakeBackPaper:
    """Put in the place of a file with visit numbers one that has none, and says so."""

    ref: str
    form: PaperForm
    area: str  #: whose numbers it showed
    edits: str  #: ref of the message it replaces in place


@dataclass(frozen=True, slots=True)
class Erase:
    """Destroy everything that is kept about this person, and say so when it is done."""


@dataclass(frozen=True, slots=True)
class ActOnVisit:
    """Have done to a visit what its patient wants of it."""

    visit: int  #: number of its row
    act: str  #: an act of `dialogs.visits.ACTS`
    by_clinic: bool = False  #: so that the patient has to be told


@dataclass(frozen=True, slots=True)
class BookVisit:
    """Keep a visit that the team has booked, or proposes."""

    starts_at: datetime
    area: str
    number: int  #: the how-manieth of the clinician's plan; 0: none
    upkeep_months: int  #: of that plan; 0: none
    proposed: bool = False  #: its patient has not agreed to it yet


@dataclass(frozen=True, slots=True)
class MoveVisit:
    """Give a visit another time."""

    visit: int  #: number of its row
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Remind:
    """Plan a reminder that the person asked for."""

    kind: str  #: id of a kind that is about no visit


@dataclass(frozen=True, slots=True)
class Reminded:
    """Write down what became of a reminder that fell due."""

    reminder: int  #: number of its row
    reason: Reason | Literal[""] = ""
    #: why it was not sent; empty where it was, or is put off
    again_at: datetime | None = None  #: put off until then


@dataclass(frozen=True, slots=True)
class ChooseZone:
    """Reckon from now on in another time zone."""

    zone: str  #: IANA name


@dataclass(frozen=True, slots=True)
class GiveVisits:
    """Send the person a calendar file with their visits."""

    visits: tuple[Visit, ...]


Effect = (
    Say
    | Strip
    | Toast
    | CallStaff
    | Copy
    | Redraw
    | Rate
    | Missed
    | Record
    | GiveCopy
    | GivePaper
    | TakeBackPaper
    | Erase
    | ActOnVisit
    | BookVisit
    | MoveVisit
    | Remind
    | Reminded
    | ChooseZone
    | GiveVisits
)
