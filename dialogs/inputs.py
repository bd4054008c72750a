"""All that can happen to a chat.

A short closed vocabulary: whatever the world does (a tap, a text, a member of staff, a
delivery report) reaches the conversation as one of these, already read but not yet
judged. Nothing here knows Telegram.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How urgent a message reads, most urgent first."""

    URGENT_NOW = "URGENT_NOW"
    SAME_DAY = "SAME_DAY"
    ASK = "ASK"  # it may be an emergency: ask whether it is happening now
    INFORM = "INFORM"  # asked about, not happening: answer with the safety lines
    NONE = "NONE"

    @property
    def rank(self) -> int:
        """For comparing: the more urgent, the higher."""
        return _RANKS[self]

    def at_most(self, most: Level) -> Level:
        """The milder of the two."""
        return self if self.rank <= most.rank else most


_RANKS = {level: rank for rank, level in enumerate(reversed(Level))}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the emergency reading made of a text."""

    level: Level = Level.NONE
    group: str = ""  #: id of the emergency group ("EM04"), empty when none fired
    card: str = ""  #: which card answers it: emergency, vision, same_day, crisis
    reason: str = ""  #: the words and the rule that fired, for `exoplan triage`


@dataclass(frozen=True, slots=True)
class Match:
    """One frequently asked question that a text may be asking."""

    entry: str  #: id of the entry ("Q06")
    score: float  #: 0 to 1, higher is closer


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read in free text before the conversation sees it."""

    alarm: Alarm = Alarm()
    choice: str | None = None  #: option on screen that the words name, if just one
    matches: tuple[Match, ...] = ()  #: closest questions, best first
    second: tuple[Match, ...] = ()  #: the same of another question in the same text
    flag: str | None = None  #: a health flag volunteered in passing ("RF35")
    asks: bool = False  #: whether the words beside that flag ask something
    lost: bool = False  #: they say, and no more, that they do not follow


@dataclass(frozen=True, slots=True)
class Started:
    """The person pressed Start or followed a deep link."""

    payload: str = ""  #: what came after /start; untrusted


@dataclass(frozen=True, slots=True)
class Commanded:
    """The person sent a command other than /start."""

    name: str  #: without the slash, lower case
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Chose:
    """The person pressed a button."""

    screen: str  #: serial of the screen the button was drawn on; untrusted
    option: str  #: id of the option; untrusted


@dataclass(frozen=True, slots=True)
class Wrote:
    """The person typed something."""

    text: str
    reading: Reading = Reading()
    edited: bool = False  #: they changed a message sent earlier
    message: int = 0  #: id of their message, so that the team's copy follows it
    answers: int = 0  #: id of the message of ours that it replies to


@dataclass(frozen=True, slots=True)
class SentOther:
    """The person sent something that is not text: a photo, a sticker, a voice note."""

    kind: str  #: photo, voice, sticker, document, video, location, contact, other
    caption: str = ""
    reading: Reading = Reading()  #: of the caption
    message: int = 0  #: id of their message, so that it can be copied to the team
    answers: int = 0  #: id of the message of ours that it replies to


@dataclass(frozen=True, slots=True)
class StaffReplied:
    """A member of staff answered this person from the staff chat."""

    text: str
    by: str  #: first name as staff wear it
    note: int = 0  #: id of the staff message, so that the receipt can reply to it
    ref: str = ""  #: our note to the team that they replied to; empty if unknown
    shows: str = ""  #: "photo" and the like, where it is one; `text` is its caption


@dataclass(frozen=True, slots=True)
class StaffEdited:
    """A member of staff changed words that went to this person."""

    text: str
    by: str
    note: int  #: id of the staff message
    shows: str = ""  #: "photo" and the like, where they are words below one


@dataclass(frozen=True, slots=True)
class StaffSent:
    """A member of staff sends the answer to a known question, as it stands."""

    entry: str  #: id of the entry; untrusted
    by: str
    note: int = 0


@dataclass(frozen=True, slots=True)
class StaffDrafts:
    """A member of staff wants that answer's text, to change and send it."""

    entry: str  #: id of the entry; untrusted
    note: int = 0


@dataclass(frozen=True, slots=True)
class StaffTook:
    """A member of staff has this chat now; the program is silent in it."""

    by: str


@dataclass(frozen=True, slots=True)
class StaffGaveBack:
    """The chat is the program's again."""

    by: str


@dataclass(frozen=True, slots=True)
class StaffOpened:
    """The team begins a conversation with this person."""

    by: str


@dataclass(frozen=True, slots=True)
class StaffPlanned:
    """A member of staff wrote a plan for this person."""

    line: str  #: as `dialogs.clinician_plan.read_plan` reads it
    by: str
    decides: bool  #: a clinician; from anybody else it is a proposal
    note: int = 0


@dataclass(frozen=True, slots=True)
class StaffApproved:
    """A clinician made a proposed plan their own."""

    area: str
    made: str  #: which proposal: the moment it was made, to the second
    by: str
    note: int = 0


@dataclass(frozen=True, slots=True)
class StaffClosed:
    """The team ended the conversation."""

    by: str


@dataclass(frozen=True, slots=True)
class CardDue:
    """The team's card about this person is to be drawn anew."""

    status: str  #: open, claimed, snoozed or closed
    until: str = ""  #: moment to which it is put off, as ISO 8601


@dataclass(frozen=True, slots=True)
class StaffCleared:
    """Staff lifted a hold, or resumed a chat that an emergency had stopped."""

    by: str
    reason: str = ""
    note: int = 0
    ref: str = ""  #: our note to the team that they replied to; empty if unknown
    flags: str = ""  #: what the card they pressed on named, in place of that note


@dataclass(frozen=True, slots=True)
class Delivered:
    """Telegram confirmed a message that asked for a report."""

    ref: str
    message: int = 0  #: id it has in the chat where it stands


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message will never arrive."""

    ref: str
    reason: str  #: blocked, deactivated, kicked, failed


@dataclass(frozen=True, slots=True)
class StaffBooked:
    """The team books a visit, or gives one another time."""

    at: str  #: moment it begins, as ISO 8601 with its offset
    by: str
    note: int = 0
    visit: str = ""  #: which is moved, as buttons name it; empty: a new one
    area: str = ""  #: treatment area; empty: the one the chat is about


@dataclass(frozen=True, slots=True)
class StaffMarked:
    """The team writes down what became of a visit."""

    visit: str  #: as buttons name it
    act: str  #: an act of `dialogs.visits.ACTS`
    by: str
    note: int = 0


@dataclass(frozen=True, slots=True)
class StaffProposed:
    """The team proposes all the visits of a clinician's plan that are left."""

    at: str  #: moment the first one begins, as ISO 8601 with its offset
    by: str
    note: int = 0


@dataclass(frozen=True, slots=True)
class StaffListed:
    """The team looks at a person's visits."""

    note: int = 0


@dataclass(frozen=True, slots=True)
class VisitUnreminded:
    """Nothing reminds this person of a visit to come, or something does again."""

    visit: str  #: as buttons name it
    reason: str  #: why nothing does; empty: it is mended


@dataclass(frozen=True, slots=True)
class ProposalLapsed:
    """A proposed visit was not answered in time."""

    visit: str  #: as buttons name it


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """A reminder's time has come. The session has its visit as it is now."""

    reminder: int  #: number of its row
    kind: str = ""  #: id of the kind
    visit: int = 0  #: which it is about; 0: none
    revision: int = 0  #: of the visit, when the reminder was planned
    until: datetime | None = None  #: it is useless later than this


@dataclass(frozen=True, slots=True)
class Joined:
    """The person brought the one-time link of a clinic that expects them."""

    good: bool  #: False: the link was used before, or is too old


@dataclass(frozen=True, slots=True)
class Left:
    """The person blocked the bot."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The person unblocked the bot."""


Input = (
    Started
    | Commanded
    | Chose
    | Wrote
    | SentOther
    | StaffReplied
    | StaffEdited
    | StaffSent
    | StaffDrafts
    | StaffTook
    | StaffGaveBack
    | StaffClosed
    | StaffOpened
    | StaffPlanned
    | StaffApproved
    | StaffCleared
    | CardDue
    | Delivered
    | Undelivered
    | StaffBooked
    | StaffMarked
    | StaffProposed
    | StaffListed
    | VisitUnreminded
    | ProposalLapsed
    | ReminderDue
    | Joined
    | Left
    | Returned
)
