"""One input being answered: the session as it changes, the effects as they come.

What more than one kind of input needs: moving by the machine, putting up screens,
calling the team, closing and forgetting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal, cast

from dialogs import card, screens
from dialogs.effects import (
    Button,
    CallStaff,
    Effect,
    GivePaper,
    Missed,
    PaperForm,
    Rows,
    Say,
    Screen,
    Strip,
    TakeBackPaper,
    Toast,
)
from dialogs.house import House
from dialogs.inputs import Alarm, Match
from dialogs.intake import Judged, Known, judge, known_as, listed
from dialogs.length import first, last, units
from dialogs.machine import Walker, fire
from dialogs.questions import BY_ID
from dialogs.screens import ANY_SCREEN, screen_of
from dialogs.session import (
    MAX_FOLLOWED,
    MAX_LOOKED_UP,
    MAX_NUMBERED,
    MAX_QUESTION_LETTERS,
    MAX_SHARED,
    MAX_TAUGHT,
    TOLD,
    Closure,
    Numbered,
    Session,
)
from exoplan import Intake

#: Letters of a text that are passed to the team, as Telegram counts them; beside them a
#: note has room for every answer.
MAX_RELAYED_LETTERS = 2_400


#: Notes that begin a conversation with the team, or take it up again.
_OPENING = frozenset(
    {"question", "said", "sent", "contact", "hold", "emergency", "opened"}
)

#: Those of them after which somebody waits for an answer.
_ASKING = frozenset({"question", "said", "sent", "contact"})

#: What the team may do from any note about a person, where there is no card.
_BESIDE: Rows = ((Button("claim", "desk_claim"), Button("close", "desk_close")),)

#: Where no answer is being changed.
_NOTHING_CHANGES = ("review", "held", "closed", "card", "welcome")

#: Where who asked us to keep nothing has left the plan and the intake behind.
_LEFT_BEHIND = ("closed", "welcome", "areas", "card", "declined")


def both_ends(words: str) -> str:
    """A text as it fits a note to the team: a long one loses its middle, no end."""
    if units(words) <= MAX_RELAYED_LETTERS:
        return words
    half = MAX_RELAYED_LETTERS // 2
    return f"{first(words, half)} […] {last(words, half)}"


def asked_of(words: str) -> str:
    """As much of a question as is kept."""
    return first(words, MAX_QUESTION_LETTERS)


class Turn:
    """The length of one input. `session` and `effects` are what comes of it."""

    def __init__(self, session: Session, now: datetime, house: House) -> None:
        self.session = session
        self.now = now
        self.house = house
        self.effects: list[Effect] = []

    def put(self, **changes: object) -> None:
        self.session = self.session.with_(**changes)

    def move(
        self, trigger: str, settled: Callable[[Walker], None] | None = None
    ) -> bool:
        """Fire a trigger; then walk on (or back) over what needs no asking."""
        session = self.session
        walker = Walker(session.state, session.over, Known(session, self.house))
        moved = fire(walker, trigger)
        if moved and settled is not None:
            settled(walker)
        if (walker.state, walker.over) != (session.state, session.over):
            self.put(state=walker.state, over=walker.over)
        if walker.state != session.state:
            self._arrive()
        return moved

    def _arrive(self) -> None:
        """What a place wants when a chat comes to it."""
        session = self.session
        if session.state in BY_ID and BY_ID[session.state].kind == "ticks":
            known = {
                flag.id: session.health.get(known_as(flag, session.area), "no")
                for flag in listed(session, self.house, session.state)
            }
            ticks = {flag: given for flag, given in known.items() if given != "no"}
            self.put(ticks=ticks, marking_unsure=False)
        if session.changing and session.state in _NOTHING_CHANGES:
            self.put(changing=False)
        if session.state in ("held", "closed"):
            self.tell_team_of_hold()
        if session.recalled and session.state in ("review", "held", "closed"):
            self.put(recalled="")
            self.call_staff("recall", self.for_staff(), then="told_contact")
        if session.consent == "nothing" and session.state in _LEFT_BEHIND:
            self.forget()

    def ref(self) -> str:
        self.put(refs=self.session.refs + 1)
        return str(self.session.refs)

    def show(self, *, new: bool) -> None:
        """Show the screen the chat is at: in place after a tap, else as a new one.

        Below what was said in this turn it is always a new one: people read downwards.
        """
        new = new or any(
            isinstance(effect, GivePaper)
            or (isinstance(effect, Say) and effect.edits is None)
            for effect in self.effects
        )
        self.put(serial=self.session.serial + 1)
        numbers = screens.numbers_on(self.session, self.house)
        self.put_up(screen_of(self.session, self.house), numbers, new=new)

    def put_up(
        self,
        screen: Screen,
        numbers: tuple[str, ...],
        *,
        new: bool,
        stands: bool = False,
    ) -> None:
        before = self.session.live
        edits = before if before and not (new or self.session.stands) else None
        ref = self.ref()
        self.effects.append(Say(ref, screen, edits=edits))
        if before and edits is None:
            self.effects.append(Strip(before))
        kept = tuple(n for n in self.session.numbered if n.ref != edits)
        shown = (Numbered(ref, numbers),) if numbers else ()
        self.put(live=ref, stands=stands, numbered=(*kept, *shown)[-MAX_NUMBERED:])

    def note(
        self,
        template: str,
        data: Mapping[str, object] | None = None,
        *,
        rows: Rows = (),
        numbers: tuple[str, ...] = (),
        report: bool = False,
        replies_to: int = 0,
    ) -> str:
        """Say something that stays in the chat and moves nothing."""
        ref = self.ref()
        screen = Screen(template, data or {}, rows, ANY_SCREEN)
        said = Say(ref, screen, report=report, replies_to=replies_to)
        self.effects.append(said)
        if numbers:
            kept = (*self.session.numbered, Numbered(ref, numbers))
            self.put(numbered=kept[-MAX_NUMBERED:])
        return ref

    def give(
        self, form: PaperForm, data: Mapping[str, object], numbers: tuple[str, ...]
    ) -> None:
        """Send a file, and remember it where it shows visit numbers."""
        ref = self.ref()
        self.effects.append(GivePaper(ref, form, data))
        if numbers:
            kept = (*self.session.numbered, Numbered(ref, numbers, form))
            self.put(numbered=kept[-MAX_NUMBERED:])

    def strip(self, ref: str) -> None:
        """Take the buttons off an older message."""
        self.effects.append(Strip(ref))

    def toast(self, template: str) -> None:
        self.effects.append(Toast(template))

    def call_staff(
        self,
        template: str,
        data: Mapping[str, object] | None = None,
        *,
        urgent: bool = False,
        then: str = "",
        replies_to: int = 0,
        edits: str = "",
        rows: Rows = (),
    ) -> str:
        """Put a message into the staff chat; `then` is said once it has arrived.

        Returns:
            Its ref; empty where there is no staff chat.
        """
        if not self.house.has_staff:
            return ""
        opens, asks = template in _OPENING, template in _ASKING and not edits
        if asks:
            asked, unanswered = self.session.asked + 1, self.session.unanswered + 1
            self.put(asked=asked, unanswered=unanswered)
        if opens and self.session.desk != "open":
            self.put(desk="open")
            if not urgent:
                self.put_up_card()
        ref = self.ref()
        about = {"area": self.session.area, **(data or {})}
        call = CallStaff(
            ref,
            template,
            about,
            urgent,
            report=bool(then),
            replies_to=replies_to,
            edits=edits,
            rows=rows,
            beside=_BESIDE if opens else (),
            opens=opens,
            asks=asks,
            # Where each patient has a topic, what was sent stands there anyway.
            only="plain" if template == "delivered" and not rows else "",
        )
        self.effects.append(call)
        if about.get("agreed"):
            shared = {**self.session.shared, ref: str(about.get("text", ""))}
            self.put(shared=dict([*shared.items()][-MAX_SHARED:]))
        if then:
            self.put(waiting={**self.session.waiting, ref: then})
        self._remember_alert(ref, template, about)
        return ref

    def put_up_card(self, status: str = "open", until: str = "") -> None:
        """Draw the team's card about this person, in place of the one before."""
        ref = self.ref()
        data, rows = card.card_of(self.session, self.house, self.now, status, until)
        before = self.session.card
        drawn = CallStaff(
            ref, "card", data, edits=before, rows=rows, only="topics", opens=not before
        )
        self.effects.append(drawn)
        if data["closures"]:
            kept = {k: v for k, v in self.session.shared.items() if k != before}
            shared = {**kept, ref: ""}
            self.put(shared=dict([*shared.items()][-MAX_SHARED:]))
        self.put(card=ref)

    def _remember_alert(
        self, ref: str, template: str, about: Mapping[str, object]
    ) -> None:
        """Remember what a note named, so that /clear lifts that and nothing more."""
        session = self.session
        named = ""
        if template != "emergency" and about.get("agreed"):
            named = " ".join(c.flag for c in session.closures if c.stands and c.flag)
        alerts = {**session.alerts, ref: named}
        self.put(alerts=dict([*alerts.items()][-MAX_SHARED:]))

    def tell_team_of_hold(self) -> None:
        """Tell the team of each reason once, where it may know why."""
        session = self.session
        if session.consent != "team" or not session.area:
            return
        reasons = [c.flag for c in session.standing(session.area) if c.flag]
        if set(reasons) <= set(session.told):
            return
        self.put(told=tuple(dict.fromkeys((*session.told, *reasons))))
        lifts = card.lifts(session.closures)
        rows = (lifts,) if lifts else ()
        self.call_staff("hold", self.for_staff(), then="told_hold", rows=rows)

    def for_staff(self) -> dict[str, object]:
        """Answers for the team, where the person agreed that it sees them."""
        session, house = self.session, self.house
        if session.consent != "team" or not session.area:
            return {"answers": (), "closures": (), "agreed": False}
        return {
            "answers": screens.summary(session, house),
            "closures": session.closures,
            "notes": screens.ticked(session, house, "yes"),
            "unsure": screens.ticked(session, house, "unsure"),
            "agreed": True,
        }

    def judge(self) -> Judged:
        """Hold the answers against the flags, and take back numbers a flag closes."""
        judged = judge(self.session, self.house)
        if judged.closures != self.session.closures:
            self.put(closures=judged.closures)
        if judged.corrected and self.session.consent == "team":
            self.call_staff("corrected", {"closures": judged.corrected, "agreed": True})
            gone = {c.flag for c in judged.corrected}
            self.put(told=tuple(f for f in self.session.told if f not in gone))
        self.withdraw()
        return judged

    def withdraw(self) -> None:
        """Edit every message that shows numbers of a plan that is closed now."""
        closed = self.session.closed()
        gone = [n for n in self.session.numbered if closed.intersection(n.areas)]
        if not gone:
            return
        for item in gone:
            if item.ref == self.session.live and not self.session.stands:
                continue  # the next screen takes its place anyway
            ref = self.ref()
            if item.form:
                area = next(area for area in item.areas if area in closed)
                form = cast("PaperForm", item.form)
                self.effects.append(TakeBackPaper(ref, form, area, edits=item.ref))
                continue
            self.effects.append(Say(ref, Screen("withdrawn"), edits=item.ref))
            if item.ref == self.session.live:
                self.put(live="", stands=False)
        left = tuple(n for n in self.session.numbered if n not in gone)
        self.put(numbered=left)

    def close(self, flag: str) -> None:
        """Close what a flag concerns that was told in passing, not on a list."""
        area = self.session.area or self.house.book.open_areas[0]
        found = self.house.screening.closures(Intake(area, yes=frozenset({flag})))
        keeps = self.house.takes_health and self.session.consent != "nothing"
        reason = flag if keeps else ""
        reopens = self.house.screening.flag(flag).reopens
        new = tuple(
            Closure(
                reason,
                str(c.response),
                tuple(sorted(c.closes)),
                reopens=reopens,
                origin=TOLD,
            )
            for c in found
        )
        others = tuple(c for c in self.session.closures if c.flag != reason)
        self.put(closures=(*others, *new))
        self.withdraw()

    def leave_area(self) -> None:
        """Go on from an area that the clinic does not offer any more."""
        done = {a: d for a, d in self.session.done.items() if a != self.session.area}
        self.put(area="", answers={}, done=done, ticks={}, trying="", tried="")
        self.move("another")

    def relay(
        self,
        text: str,
        *,
        edited: bool = False,
        message: int = 0,
        matches: tuple[Match, ...] = (),
        answers: int = 0,
        visit: Mapping[str, object] | None = None,
    ) -> None:
        """Pass a person's words to the team, or show the phone where there is none.

        What they changed is changed in the team's copy too, where that is known.

        Args:
            visit: that they are about, as templates say it.
        """
        if not self.house.has_staff:
            self.show(new=True)
            return
        known = self.session.passed.get(str(message), "") if edited else ""
        first_ref, _, latest = known.partition(" ")
        near = card.near(matches, self.house)
        data: dict[str, object] = {
            "text": first(text, MAX_RELAYED_LETTERS),
            "edited": edited,
            "near": near,
            "visit": visit or {},
        }
        template, then = "said", ""
        if not self.session.with_team:
            data.update(self.for_staff())
            template, then = "question", "" if latest else "told_question"
        ref = self.call_staff(
            template,
            data,
            then=then,
            replies_to=self.answered(answers),
            edits=latest,
            rows=card.suggested(near),
        )
        if message:
            self.remember_passed(message, f"{first_ref or ref} {ref}")
        is_question = not visit and not text.startswith("/")
        if self.keeps_words and is_question:
            asked = {**self.session.questions, first_ref or ref: asked_of(text)}
            self.put(questions=dict([*asked.items()][-MAX_TAUGHT:]))
            best = matches[0].score if matches else 0.0
            if not edited and best < self.house.suggest_at:
                self.missed("unanswered", text)
        if units(text) > MAX_RELAYED_LETTERS:
            self.note("cut", {"letters": MAX_RELAYED_LETTERS})

    def answered(self, message: int) -> int:
        """Id of what the team wrote, by the id it has here; 0 where it is not known."""
        return int(self.session.shown.get(str(message), 0))

    @property
    def keeps_words(self) -> bool:
        """Whether questions of this person may be kept, apart from the chat."""
        return self.session.consent != "nothing" and self.house.takes_health

    def missed(
        self, kind: Literal["unanswered", "wrong"], words: str, entry: str = ""
    ) -> None:
        """Write down a question that was not answered, or answered wrongly."""
        kept = asked_of(words) if self.keeps_words else ""
        if kept or kind == "wrong":
            self.effects.append(Missed(kind, kept, entry))

    def looked_up(self, entries: Iterable[str], words: str) -> None:
        """Remember which words led to these entries, so that one can be wrong."""
        kept = asked_of(words) if self.keeps_words else ""
        known = {**self.session.looked_up, **dict.fromkeys(entries, kept)}
        self.put(looked_up=dict([*known.items()][-MAX_LOOKED_UP:]))

    def remember_passed(self, message: int, refs: str) -> None:
        """Remember which notes show a message of this person's."""
        passed = {k: v for k, v in self.session.passed.items() if k != str(message)}
        passed[str(message)] = refs
        self.put(passed=dict([*passed.items()][-MAX_FOLLOWED:]))

    def settle_closed(self) -> None:
        """Leave a screen whose plan a flag has closed."""
        self.move("close_all")
        if self.session.area in self.session.closed():
            self.move("close")

    def worsen(self, flag: str) -> None:
        """What the person was not sure of is happening now."""
        self.put(
            closures=tuple(
                replace(c, response="URGENT_NOW", corrected=False)
                if c.flag == flag
                else c
                for c in self.session.closures
            )
        )

    def forget(self) -> None:
        """Keep nothing of the answers; only that a plan is held, not why."""
        bare = tuple(
            replace(c, flag="", answer="") for c in self.session.closures if c.stands
        )
        self.put(
            answers={}, health={}, ticks={}, done={}, closures=bare, trying="", tried=""
        )
        self.put(accounts={})

    def raise_alarm(self, alarm: Alarm, words: str = "") -> None:
        """Show the emergency card, stop the chat and call the team."""
        ref = self.ref()
        card = Screen(f"cards/{alarm.card or 'emergency'}")
        self.effects.append(Say(ref, card, urgent=True))
        self.put(stopped=alarm.group or "EM", about="")
        self.move("halt")
        if self.session.live:
            self.effects.append(Strip(self.session.live))
            self.put(live="", stands=False)
        # The hold that comes with an urgent tick is in this note already.
        if not words:
            self.put(told=tuple(dict.fromkeys((*self.session.told, alarm.group))))
        data = {
            "group": alarm.group,
            "card": alarm.card or "emergency",
            "text": both_ends(words),
        }
        self.call_staff("emergency", data, urgent=True, then="told_emergency")
