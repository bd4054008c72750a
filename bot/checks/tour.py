"""A walk through everything the conversation can show, screen by screen.

Breadth first from the first hello: every button of every screen is pressed once in
every situation that differs, and everything else that can happen (typed words, photos,
emergencies, the team, delivery reports) happens once in every place. What is said on
the way is rendered as patients and the team would read it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from bot.checks.finding import Finding
from bot.desk.registry import ROWS, SAYS, TOASTS
from bot.errors import ConfigError, RenderError
from bot.paper.sheets import words_of
from bot.render import Renderer, shown
from dialogs.conversation import step
from dialogs.effects import (
    CallStaff,
    Effect,
    GivePaper,
    PaperForm,
    Say,
    Screen,
    TakeBackPaper,
    Toast,
)
from dialogs.house import House
from dialogs.inputs import (
    Alarm,
    CardDue,
    Chose,
    Commanded,
    Delivered,
    Input,
    Joined,
    Level,
    Match,
    ProposalLapsed,
    Reading,
    ReminderDue,
    SentOther,
    StaffApproved,
    StaffBooked,
    StaffCleared,
    StaffClosed,
    StaffDrafts,
    StaffEdited,
    StaffGaveBack,
    StaffListed,
    StaffMarked,
    StaffOpened,
    StaffPlanned,
    StaffProposed,
    StaffReplied,
    StaffSent,
    StaffTook,
    Started,
    Undelivered,
    VisitUnreminded,
    Wrote,
)
from dialogs.options import COMMANDS
from dialogs.purposes import PURPOSES
from dialogs.questions import BY_ID
from dialogs.reminders import Kind
from dialogs.screens import ANY_SCREEN, full_plan, screen_of
from dialogs.session import Session
from dialogs.turn import MAX_RELAYED_LETTERS
from dialogs.visit_screens import WISH
from dialogs.visits import Status, Visit

BEGINS_AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)

#: Overlays that look the same whatever screen they lie on.
_ALIKE_EVERYWHERE = frozenset(
    {"ask", "person", "kept", "help", "erase", "stopped", "quiet", "with_team"}
)

#: Overlays that are about something: a topic, an entry, a group.
_ABOUT_SOMETHING = frozenset({"topic", "answer", "suggest", "now"})

#: Overlays that show visits, as these are.
_ABOUT_VISITS = frozenset(
    {
        *("visits", "visit", "moving", "moving_hour", "giving_up", "zone", "check"),
        *("proposed", "course"),
        "recall",
    }
)

#: What the program says beside the conversation, with the data it is given.
_FROM_THE_PROGRAM = (
    Screen("sorry"),
    Screen("lost_place"),
    Screen("slow_down"),
    Screen("paper/brief", {"area": "skin"}),
    Screen("joined", {"role": "desk"}),
    Screen("receipt", {"when": "1 March 2026, 10:00", "copies_until": "15 March 2026"}),
)
_OF_THE_BOT = ("description", "short_description")

#: Plans as clinicians type them.
_PLANS = (
    "1 visit",
    "3 visits, 4 weeks apart, upkeep 12 months",
    "2-3 visits, 6-12 months apart, upkeep 12-18 months",
)

#: Why nothing may remind of a visit, each with another word of what to do.
_UNREMINDED = (
    *("unreachable", "wants_quiet", "no_consent", "emergency", "off"),
    *("none_planned", "late_booking"),
)

_CARDS = ("emergency", "vision", "same_day", "crisis")


@dataclass(slots=True)
class Tour:
    """What was seen on the way."""

    texts: dict[str, set[str]] = field(default_factory=dict)
    #: everything said without markup, by template; an answer by its entry ("faq/Q06")
    for_patients: set[str] = field(default_factory=set)  #: which of them patients read
    templates: set[str] = field(default_factory=set)  #: what was rendered
    labels: set[str] = field(default_factory=set)  #: keys of the words on buttons
    states: set[str] = field(default_factory=set)
    overlays: set[str] = field(default_factory=set)
    pressed: int = 0  #: buttons
    findings: list[Finding] = field(default_factory=list)


def tour(house: House, renderer: Renderer) -> Tour:
    """Walk through everything this house can show."""
    walk = _Walk(house, renderer)
    walk.go()
    return walk.seen


class _Walk:
    def __init__(self, house: House, renderer: Renderer) -> None:
        self.seen = Tour()
        self._house = house
        self._renderer = renderer
        self._known: set[tuple[object, ...]] = set()
        self._places: set[tuple[str, str, bool]] = set()
        self._ahead: deque[Session] = deque()

    def go(self) -> None:
        for screen in _FROM_THE_PROGRAM:
            self._show(Say("", screen))
        for template, data in SAYS.items():
            self._show(CallStaff("", template, data, rows=ROWS[template]))
        for template, data in TOASTS.items():
            self._show(Toast(template, data))
        for area in self._house.book.open_areas:
            for form in get_args(PaperForm):
                self._show(TakeBackPaper("", form, area, edits=""))
        for template in _OF_THE_BOT:
            self._keep(template, self._renderer.plain(template), True)
        self._visit()
        begun = Session.new(BEGINS_AT)
        for payload in ("", *self._house.book.open_areas):
            self._happen(begun, Started(payload), f"/start {payload}")
        self._talk_with_the_team(begun)
        while self._ahead:
            self._look_around(self._ahead.popleft())

    def _talk_with_the_team(self, session: Session) -> None:
        """From a question to the word how helpful the answer was."""
        entries = tuple(self._house.entries)
        near = tuple(Match(entry, 0.4) for entry in entries[:2])
        events: tuple[Input, ...] = (
            Started(self._house.book.open_areas[0]),
            Commanded("person"),
            Wrote("…", Reading(matches=near), message=1),
            StaffReplied("…", "Kim", 1),
            StaffTook("Kim"),
            Wrote("…", Reading(matches=near), message=2),
            StaffOpened("Kim"),
            StaffPlanned("…", "Kim", True),
            *(
                StaffPlanned(f"{area}: {line}", "Kim", decides)
                for area in self._house.book.open_areas
                for line in _PLANS
                for decides in (True, False)
            ),
            *(
                StaffApproved(area, BEGINS_AT.isoformat()[:19], "Kim")
                for area in (*self._house.book.open_areas, "nowhere")
            ),
            StaffGaveBack("Kim"),
            Wrote("…", Reading(flag="RF35")),
            Wrote("…", Reading(flag="RF35")),
            *(
                StaffPlanned(f"{area}: 1 visit", "Kim", True)
                for area in self._house.book.open_areas
            ),
            SentOther("photo", message=3),
            Commanded("help"),
            CardDue("claimed"),
            StaffClosed("Kim"),
            Chose(ANY_SCREEN, "helpful:yes"),
        )
        for event in events:
            session = self._happen(session, event, f"with the team ({event})")

    def _visit(self) -> None:
        """Every reminder, in the chat of somebody with visits, and what follows it."""
        kinds = self._house.calendar.kinds
        calendar = self._house.calendar.with_(dict.fromkeys(kinds, True))
        house = replace(self._house, calendar=calendar)
        begun = Session.new(BEGINS_AT).with_(refs=1)
        for given in (Joined(good=False), Joined(good=True), Commanded("visits")):
            self._happen(begun, given, f"{given}")
        asked = begun.with_(purposes={"check_ins": True})
        for option in ("visit_ok:9.9", "recalls:yes"):
            self._happen(asked, Chose(ANY_SCREEN, option), option)
        team = begun.with_(visits=_a_visit(kinds["receipt"], 1), area="skin")
        at = (BEGINS_AT + timedelta(days=9)).isoformat()
        acts: tuple[Input, ...] = (
            StaffBooked(at, "Kim"),
            StaffBooked(at, "Kim", visit="1.1"),
            StaffMarked("1.1", "cancel", "Kim"),
            StaffMarked("9.9", "miss", "Kim"),
            StaffListed(),
            *(VisitUnreminded("1.1", reason) for reason in _UNREMINDED),
        )
        for told in acts:
            following = self._happen(team, told, f"{told}")
            if isinstance(told, VisitUnreminded):
                self._happen(following, VisitUnreminded("1.1", ""), "mended")
        self._propose(team)
        (to_come,) = _a_visit(kinds["receipt"], 1)
        been = replace(to_come, starts_at=BEGINS_AT - timedelta(days=1))
        came = begun.with_(visits=(been,))
        self._happen(came, Commanded("visits"), "after a visit")
        self._go_through_a_course(replace(been, status=Status.ATTENDED), to_come)
        for answer in ("fine", "unsure", "help"):
            said = {"1": {"answer": answer, "at": BEGINS_AT.isoformat()}}
            self._happen(came.with_(accounts=said), StaffListed(), f"{answer}")
        agreed = dict.fromkeys((*PURPOSES, "unfinished"), True)
        for kind in calendar.kinds.values():
            for purposes in ({}, agreed):
                for revision in (1, 2):
                    visit = _a_visit(kind, revision)
                    session = begun.with_(visits=visit, purposes=purposes)
                    due = ReminderDue(1, kind.id, len(visit), revision)
                    self._remind(session, due, house)
        self._remind(
            begun.with_(
                state="severity",
                area=house.book.open_areas[0],
                over="resume",
                purposes=agreed,
            ),
            ReminderDue(1, "unfinished"),
            house,
        )

    def _go_through_a_course(self, been: Visit, to_come: Visit) -> None:
        """The plan's own screens once there are visits, with and without numbers."""
        begun = Session.new(BEGINS_AT).with_(refs=1, area=been.area)
        for visits in ((been,), (been, to_come)):
            here = begun.with_(visits=visits)
            planned = self._happen(here, StaffPlanned(_PLANS[1], "Kim", True), "plan")
            held = self._happen(planned, Wrote("…", Reading(flag="RF35")), "held")
            for session in (here, planned, held):
                self._happen(session, Commanded("plan"), "with visits /plan")
            if been.area in self._house.book.open_areas:
                at_plan = planned.with_(state="plan", over="none")
                self._show(Say("", screen_of(at_plan, self._house)), "plan")
                self._show(Say("", full_plan(at_plan, self._house)), "plan")

    def _propose(self, session: Session) -> None:
        """The visits of each plan, proposed from its first."""
        at = (BEGINS_AT + timedelta(days=9)).isoformat()
        self._happen(session, StaffProposed(at, "Kim"), "no plan to propose from")
        for line in (*_PLANS, "3 visits"):
            planned = self._happen(session, StaffPlanned(line, "Kim", True), line)
            proposes = StaffProposed(at, "Kim")
            self._happen(planned, proposes, f"{line}, proposed")
            full = planned.with_(visits=(*planned.visits,) * 3)
            self._happen(full, proposes, f"{line}, all booked")
            there = (BEGINS_AT + timedelta(days=5)).isoformat()
            self._happen(planned, StaffProposed(there, "Kim"), f"{line}, taken")
            held = self._happen(planned, Wrote("…", Reading(flag="RF35")), "held")
            self._happen(held, proposes, f"{line}, held")
        self._let_lapse(session)

    def _let_lapse(self, session: Session) -> None:
        """A date that nobody answers, and what may still be said of it."""
        (visit,) = session.visits
        proposed = replace(visit, status=Status.PROPOSED)
        for begins in (visit.starts_at, BEGINS_AT - timedelta(days=1)):
            for offered in ({}, {"1.1": ""}, {"1.1": WISH}):
                here = (replace(proposed, starts_at=begins),)
                before = session.with_(visits=here, offered=offered)
                lapses = ProposalLapsed("1.1")
                after = self._happen(before, lapses, f"lapses, {offered}")
                self._happen(after, Chose(ANY_SCREEN, "proposed"), "after it lapsed")
                self._happen(after, Commanded("visits"), "after it lapsed")

    def _remind(self, session: Session, due: ReminderDue, house: House) -> None:
        following, effects = step(session, due, BEGINS_AT, house)
        for effect in effects:
            self._show(effect, f"{due}")
            if isinstance(effect, Say) and effect.screen.serial == ANY_SCREEN:
                for option in sorted(effect.screen.options()):
                    self.seen.pressed += 1
                    tap = Chose(ANY_SCREEN, option)
                    self._happen(following, tap, f"{due.kind} [{option}]")

    def _look_around(self, session: Session) -> None:
        screen = screen_of(session, self._house)
        for option in sorted(screen.options()):
            self.seen.pressed += 1
            tap = Chose(str(session.serial), option)
            self._happen(session, tap, f"{screen.template} [{option}]")
        place = (session.state, session.over, bool(session.shared))
        if place not in self._places:
            self._places.add(place)
            for event in self._whatever_else(session):
                self._happen(session, event, f"{screen.template} ({event})")

    def _whatever_else(self, session: Session) -> Iterator[Input]:
        entries = tuple(self._house.entries)[:1]
        yield from (Commanded(name) for name in (*COMMANDS, "unheard_of"))
        yield from (Started(), Chose("0", "fit"), SentOther("photo"))
        yield from (Chose(str(session.serial - 1), "fit"), Wrote("…"))
        yield Wrote("…" * (MAX_RELAYED_LETTERS + 1))
        yield Wrote("…", edited=True)
        yield Wrote("…", Reading(flag="RF35"))
        yield Wrote("…", Reading(flag="RF10"))
        yield Wrote("…", Reading(lost=True))
        for entry in entries:
            known = (Match(entry, 1.0),)
            yield Wrote("…", Reading(matches=known, flag="RF10", asks=True))
            for score in (1.0, self._house.suggest_at):
                yield Wrote("…", Reading(matches=(Match(entry, score),)))
        for level in (Level.ASK, Level.INFORM):
            yield Wrote("…", Reading(Alarm(level, "EM01", "emergency")))
        for card in _CARDS:
            level = Level.SAME_DAY if card == "same_day" else Level.URGENT_NOW
            yield Wrote("…", Reading(Alarm(level, "EM01", card)))
        yield SentOther("photo", message=1)
        yield Wrote("…", message=1)
        yield StaffReplied("…", "Kim", 1)
        yield StaffReplied("", "Kim", 1, shows="photo")
        yield StaffEdited("…", "Kim", 1)
        yield StaffTook("Kim")
        yield StaffGaveBack("Kim")
        yield StaffClosed("Kim")
        for entry in (*entries, "no such entry"):
            yield StaffSent(entry, "Kim", 1)
            yield StaffDrafts(entry, 1)
        for status in ("open", "snoozed", "closed"):
            yield CardDue(status)
        yield StaffCleared("Kim", note=1)

    def _happen(self, session: Session, event: Input, where: str) -> Session:
        late = isinstance(event, Commanded)  # commands come after a long silence
        now = BEGINS_AT + timedelta(hours=48 * late)
        try:
            following, effects = step(session, event, now, self._house)
        except Exception as fault:  # whatever it is, a person would meet it
            what = f"raises {type(fault).__name__}: {fault}"
            self.seen.findings.append(Finding("dialogs", where, what))
            return session
        for effect in effects:
            self._show(effect, where)
        for ref in set(following.waiting) - set(session.waiting):
            self._happen(following, Delivered(ref), "a delivery report")
            self._happen(following, Undelivered(ref, "blocked"), "a delivery report")
        self.seen.states.add(following.state)
        self.seen.overlays.add(following.over)
        situation = _situation(following)
        if situation not in self._known:
            self._known.add(situation)
            self._ahead.append(following)
        return following

    def _show(self, effect: Effect, where: str = "the program") -> None:
        try:
            match effect:
                case Say(screen=screen):
                    named = screen._replace(data={"name": "Ana", **screen.data})
                    message = self._renderer.screen(named)
                    text = shown(message.text) if message.html else message.text
                    self._keep(screen.template, text, True, _key(screen))
                    self.seen.labels |= {b.label for row in screen.rows for b in row}
                case GivePaper(form=form, data=data):
                    self._paper(form, data)
                case TakeBackPaper(form=form, area=area):
                    paper = self._renderer.taken_back(form, area, "", BEGINS_AT)
                    if form != "calendar":
                        self._keep("paper/taken_back", words_of(paper.sheet), True)
                case CallStaff():
                    data = {"name": "Ana", **effect.data}
                    rows = (*effect.rows, *effect.beside)
                    note = self._renderer.staff(effect.template, data, rows)
                    text = shown(note.text)
                    self.seen.labels |= {b.label for row in rows for b in row}
                    self._keep(f"staff/{effect.template}", text, False)
                case Toast():
                    text = self._renderer.toast(effect.template, effect.data)
                    self._keep(f"toasts/{effect.template}", text, True)
                case _:
                    pass  # a strip and a record show nothing
        except (RenderError, ConfigError, LookupError) as fault:
            said = f"{type(fault).__name__}: {fault}"
            self.seen.findings.append(Finding("templates", where, said))

    def _paper(self, form: PaperForm, data: Mapping[str, object]) -> None:
        paper = self._renderer.paper(form, data, "", BEGINS_AT)
        self._keep(f"paper/{form}", shown(paper.caption.text), True)
        self._keep(f"paper/{form}", words_of(paper.sheet), True)

    def _keep(
        self, template: str, text: str, for_patients: bool, key: str = ""
    ) -> None:
        key = key or template
        self.seen.templates.add(template)
        self.seen.texts.setdefault(key, set()).add(text)
        if for_patients:
            self.seen.for_patients.add(key)


def _key(screen: Screen) -> str:
    """The name of a text: its template, or the entry whose answer it is."""
    if screen.template == "answer":
        return f"faq/{screen.data['entry']}"
    return screen.template


def _a_visit(kind: Kind, revision: int) -> tuple[Visit, ...]:
    """The visit a kind is about, five days ahead; none where it is about none."""
    return tuple(
        Visit(
            id=1,
            starts_at=BEGINS_AT + timedelta(days=5),
            zone="Asia/Tokyo",
            status=status,
            revision=revision,
            booked_at=BEGINS_AT,
            changed_at=BEGINS_AT,
            area="skin",
            number=2,
            place="Harbour Street",
            upkeep_months=6,
        )
        for status in sorted(kind.statuses)[:1]
    )


def _situation(session: Session) -> tuple[object, ...]:
    """What makes two moments of a chat differ for whoever is in it."""
    shut = bool(session.closed())
    desk = session.desk, bool(session.with_team)
    if session.over in _ABOUT_VISITS:
        visits = tuple(str(visit.status) for visit in session.visits)
        wishes = tuple(session.offered.values())
        return session.over, session.about, visits, session.wish_day, wishes
    if session.over in _ABOUT_SOMETHING:
        return session.over, session.about, shut
    if session.over in _ALIKE_EVERYWHERE:
        return session.over, shut, desk
    if session.over == "privacy":
        known = bool(session.answers or session.health)
        silent = session.quiet, bool(session.stopped)
        purposes = bool(session.visits), *sorted(session.purposes.items())
        shared = bool(session.shared)
        return session.over, known, session.consent, shared, silent, purposes
    situation = (session.over, session.state, session.area, shut)
    if session.over != "none":
        return situation
    kind = BY_ID[session.state].kind if session.state in BY_ID else ""
    return (
        *situation,
        bool(session.standing(session.area)),
        bool(session.answers),
        session.consent,
        kind and session.changing,
        kind == "ticks" and (bool(session.ticks), session.marking_unsure),
        session.state.startswith("what_if") and session.trying,
    )
