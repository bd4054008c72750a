"""A chat with the team in it: what staff do, and what a person does meanwhile.

While somebody of the team has the chat the program is silent: words go to them. What
never waits for anybody: an emergency, and what people may do about their own data.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs import screens, visiting
from dialogs.clinician_plan import ClinicianPlan, NotAPlan, read_plan
from dialogs.effects import (
    ActOnVisit,
    BookVisit,
    Button,
    Copy,
    MoveVisit,
    Rate,
    Redraw,
    Rows,
    Say,
    Screen,
)
from dialogs.inputs import (
    CardDue,
    Chose,
    Commanded,
    Input,
    Level,
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
    Wrote,
)
from dialogs.machine import settle
from dialogs.screens import ANY_SCREEN
from dialogs.session import MAX_FOLLOWED, MAX_TAUGHT
from dialogs.turn import Turn
from dialogs.visit_screens import named, said_of

#: What can be copied to the other side as it is.
COPIED = frozenset({"photo", "voice", "video", "document"})

#: What still works by the program while the team has the chat.
_RIGHTS = frozenset(
    {
        *("privacy", "give", "withdraw", "my_data", "erase", "erase_yes"),
        *("hush", "wake", "correct", "back", "away", "yes", "no", "helpful"),
    }
)
_RIGHTS_BY_COMMAND = frozenset({"privacy", "stop", "visits", "plan"})

#: What the words above a picture or a file wait for; the receipt is for what they show.
HEADING = "heading"

#: What a known answer or a plan waits for: the team has its word on it at once, and is
#: told only where it does not arrive.
SENT = "sent"

#: What changes a visit, after which a card shows an old one.
_VISITING = (ActOnVisit, BookVisit, MoveVisit)

#: One tap each: how helpful a conversation was.
RATINGS = ("yes", "partly", "no")

_REPLY: Rows = ((Button("person", "reply"),),)


def heard(turn: Turn, event: Input) -> bool:
    """Whether what a person does is the team's to answer, and is with it now."""
    match event:
        case Wrote() | SentOther() if turn.session.over == "now":
            return False
        case Wrote() | SentOther():
            level = event.reading.alarm.level
            if level in (Level.URGENT_NOW, Level.SAME_DAY, Level.ASK):
                return False
            if level is Level.INFORM:
                turn.note("inform")
            turn.put(seen_at=turn.now)
            if isinstance(event, Wrote):
                pass_on(turn, event)
            else:
                share(turn, event)
        case Commanded() if event.name not in _RIGHTS_BY_COMMAND:
            turn.put(seen_at=turn.now)
            turn.relay(f"/{event.name} {event.argument}".strip())
        case Chose():
            verb = event.option.partition(":")[0]
            if verb in _RIGHTS or verb in visiting.ALWAYS:
                return False
            turn.toast("with_team")
        case Started():
            turn.put(seen_at=turn.now, quiet=False)
            turn.move("close_all")
            turn.show(new=True)
        case _:
            return False
    return True


def is_for_team(turn: Turn, event: Wrote | SentOther) -> bool:
    """Whether it is meant for the team, whatever is on screen: it answers the team."""
    if isinstance(event, Wrote) and str(event.message) in turn.session.passed:
        return event.edited
    return str(event.answers) in turn.session.shown


def pass_on(turn: Turn, event: Wrote) -> None:
    """A person's words for the team; on the question after a visit, about that."""
    asked = turn.session.over == "check"
    visit = named(turn.session, turn.session.about) if asked else None
    turn.relay(
        event.text,
        edited=event.edited,
        message=event.message,
        matches=event.reading.matches,
        answers=event.answers,
        visit=said_of(visit, turn.house) if visit else None,
    )


def share(turn: Turn, event: SentOther) -> None:
    """Something other than text for the team; what cannot be passed on is said so."""
    if event.kind not in COPIED or not event.message:
        turn.note("unsupported", {"kind": event.kind})
        return
    then = "" if turn.session.with_team else "told_question"
    answered = turn.answered(event.answers)
    turn.call_staff("sent", {"kind": event.kind}, then=then, replies_to=answered)
    turn.effects.append(Copy(turn.ref(), event.message, "team"))


def staff_replied(turn: Turn, event: StaffReplied) -> None:
    """What somebody of the team wrote, marked as a person's."""
    rows = () if turn.session.with_team else _REPLY
    answered = [
        message
        for message, refs in turn.session.passed.items()
        if event.ref and event.ref in refs.split()
    ]
    data = {"text": event.text, "by": event.by, "shows": event.shows}
    ref = turn.note(
        "from_staff",
        data,
        rows=rows,
        report=True,
        replies_to=int(answered[-1]) if answered else 0,
    )
    waits = {ref: f"receipt {event.note}"}
    if event.shows:
        copied = turn.ref()
        turn.effects.append(Copy(copied, event.note, "person", report=True))
        waits = {ref: f"{HEADING} {event.note}", copied: f"receipt {event.note}"}
    if event.note:
        teaches = _teach(turn, event)
        if teaches and turn.session.unanswered and not turn.session.with_team:
            waits[ref] += " teaches"
        turn.put(waiting={**turn.session.waiting, **waits})
        _remember(turn, event.note, ref)
    turn.put(unanswered=0)


def _teach(turn: Turn, event: StaffReplied) -> bool:
    """Remember what this answers, so that others may be answered the same."""
    questions = turn.session.questions
    asked = questions.get(event.ref) or next(iter([*questions.values()][-1:]), "")
    if not asked or not event.text or event.shows:
        return False
    pair = {"question": asked, "answer": event.text}
    taught = {**turn.session.taught, str(event.note): pair}
    turn.put(taught=dict([*taught.items()][-MAX_TAUGHT:]))
    return True


def _remember(turn: Turn, note: int, ref: str) -> None:
    replied = {**turn.session.replied, str(note): ref}
    turn.put(replied=dict([*replied.items()][-MAX_FOLLOWED:]))


def was_shown(turn: Turn, note: int, message: int) -> None:
    """Remember which message of theirs shows what the team wrote."""
    if message:
        shown = {**turn.session.shown, str(message): str(note)}
        turn.put(shown=dict([*shown.items()][-MAX_FOLLOWED:]))


def staff_edited(turn: Turn, event: StaffEdited) -> None:
    """Change words of the team where they were shown."""
    before = turn.session.replied.get(str(event.note))
    if before is None:
        turn.call_staff("edit_too_late", replies_to=event.note)
        return
    ref = turn.ref()
    rows = () if turn.session.with_team else _REPLY
    data = {"text": event.text, "by": event.by, "shows": event.shows}
    screen = Screen("from_staff", data, rows, ANY_SCREEN)
    turn.effects.append(Say(ref, screen, edits=before))
    _remember(turn, event.note, ref)
    taught = turn.session.taught
    if pair := taught.get(str(event.note)):
        corrected = {**pair, "answer": event.text}
        turn.put(taught={**taught, str(event.note): corrected})


def staff_sent(turn: Turn, event: StaffSent) -> None:
    """The answer to a known question, sent by somebody of the team.

    Where this person's plan is closed it is the answer without numbers.
    """
    known = turn.house.entries.get(event.entry)
    if known is None:
        turn.call_staff("no_such_entry", replies_to=event.note)
        return
    data = screens.answer_data(turn.session, turn.house, event.entry)
    numbers = known.areas if known.holds_numbers and not data["closed"] else ()
    rows = () if turn.session.with_team else _REPLY
    ref = turn.note(
        "answer_by_team",
        {**data, "by": event.by},
        rows=rows,
        numbers=numbers,
        report=True,
    )
    _expect(turn, ref, event.note)
    turn.put(unanswered=0)
    sent = {"entry": event.entry, "by": event.by, "closed": data["closed"]}
    wrong: Rows = ((Button(f"wrong:{event.entry}", "desk_wrong"),),)
    turn.call_staff("entry_sent", sent, replies_to=event.note, rows=wrong)


def _expect(turn: Turn, ref: str, note: int) -> None:
    if note:
        turn.put(waiting={**turn.session.waiting, ref: f"{SENT} {note}"})


def staff_drafts(turn: Turn, event: StaffDrafts) -> None:
    """Show the team the text of an answer, as this person would get it."""
    if event.entry not in turn.house.entries:
        turn.call_staff("no_such_entry", replies_to=event.note)
        return
    data = screens.answer_data(turn.session, turn.house, event.entry)
    turn.call_staff("draft", data, replies_to=event.note)


def staff_took(turn: Turn, event: StaffTook) -> None:
    """Somebody of the team has the chat; the person is told once who."""
    again = turn.session.with_team == event.by
    turn.put(with_team=event.by, desk="open")
    if not again:
        turn.move("open_with_team")
        turn.show(new=True)


def staff_gave_back(turn: Turn, event: StaffGaveBack) -> None:
    """The chat is the program's again; what was on screen comes back."""
    had_it = turn.session.with_team
    if not had_it:
        return
    turn.put(with_team="")
    turn.note("given_back", {"by": had_it})
    turn.move("close_all")
    turn.show(new=True)


def staff_closed(turn: Turn, event: StaffClosed) -> None:
    """The conversation is over; one tap says how helpful it was."""
    was_taken = bool(turn.session.with_team)
    turn.put(with_team="", desk="closed", unanswered=0)
    if turn.session.replied or turn.session.asked or turn.session.plans:
        rows = (tuple(Button(f"helpful:{one}", f"helpful_{one}") for one in RATINGS),)
        ref = turn.note("helpful", {"by": event.by}, rows=rows)
        turn.put(rating=ref)
    if was_taken or turn.session.over == "person":
        turn.move("close_all")
        turn.show(new=True)


def staff_opened(turn: Turn, event: StaffOpened) -> None:
    """The team begins; this person hears of it when somebody writes."""
    turn.call_staff("opened", {"by": event.by})


def staff_planned(turn: Turn, event: StaffPlanned) -> None:
    """A plan for this person: set by a clinician, or proposed by the desk."""
    areas = turn.house.book.open_areas
    at = turn.now.isoformat(timespec="seconds")
    try:
        plan = read_plan(event.line, areas, turn.session.area, event.by, at)
    except NotAPlan as fault:
        data = {"part": fault.args[0] if fault.args else ""}
        turn.call_staff("plan_unclear", data, replies_to=event.note)
        return
    if event.decides:
        _set(turn, plan, event.note)
        return
    turn.put(proposed={**turn.session.proposed, plan.area: plan.to_json()})
    made = plan.at[:19]
    rows: Rows = ((Button(f"approve:{plan.area}:{made}", "desk_approve"),),)
    data = {"plan": plan.to_json()}
    turn.call_staff("plan_proposed", data, replies_to=event.note, rows=rows)


def staff_approved(turn: Turn, event: StaffApproved) -> None:
    """The plan goes out under the name of who approved it, as it was shown to them."""
    stored = turn.session.proposed.get(event.area)
    if stored is None or stored["at"][:19] != event.made:
        turn.call_staff("plan_gone", replies_to=event.note)
        return
    at = turn.now.isoformat(timespec="seconds")
    plan = replace(ClinicianPlan.from_json(stored), by=event.by, at=at)
    _set(turn, plan, event.note)


def _set(turn: Turn, plan: ClinicianPlan, note: int) -> None:
    """Give the plan to this person; never while a health answer keeps it shut."""
    if plan.area in turn.session.closed() or turn.session.stopped:
        turn.call_staff("plan_held", {"area": plan.area}, replies_to=note)
        return
    left = {k: v for k, v in turn.session.proposed.items() if k != plan.area}
    plans = {**turn.session.plans, plan.area: plan.to_json()}
    turn.put(plans=plans, proposed=left)
    data = {
        "area": plan.area,
        "own": plan.to_json(),
        "plan": turn.house.published(plan.area),
    }
    rows = () if turn.session.with_team else _REPLY
    ref = turn.note(
        "clinician_plan", data, rows=rows, numbers=(plan.area,), report=True
    )
    _expect(turn, ref, note)
    proposes: Rows = ((Button("series", "desk_series"),),)
    data = {"plan": plan.to_json()}
    turn.call_staff("plan_set", data, replies_to=note, rows=proposes)


def rate(turn: Turn, answer: str) -> None:
    """Count the answer, once."""
    if answer in RATINGS and turn.session.rating:
        turn.effects.append(Rate(answer))
        ref = turn.ref()
        turn.effects.append(Say(ref, Screen("rated"), edits=turn.session.rating))
        turn.put(rating="")
    turn.toast("got_it")


def card_due(turn: Turn, event: CardDue) -> None:
    """Draw the team's card anew."""
    if turn.session.desk:
        turn.put_up_card(event.status, event.until)


def redraw(turn: Turn, before: tuple[object, ...], now: tuple[object, ...]) -> None:
    """Have the card drawn anew where it shows something old."""
    drawn = any(getattr(effect, "template", "") == "card" for effect in turn.effects)
    visiting = any(isinstance(effect, _VISITING) for effect in turn.effects)
    if visiting or (before != now and not drawn):
        turn.effects.append(Redraw())


def staff_cleared(turn: Turn, event: StaffCleared) -> None:
    """Staff lift what the note they reply to named, and resume a stopped chat.

    What they were not shown in that note stays held; so does, where nothing was named
    and the chat was stopped, what the person never showed them: letting somebody go on
    is no look at their health. Under age stays closed.
    """
    was_stopped = turn.session.stopped
    named = (event.flags or turn.session.alerts.get(event.ref, "")).split()
    unnamed = not (event.ref or event.flags)
    lifts_all = unnamed and (turn.session.consent == "team" or not was_stopped)
    lifted = tuple(
        c
        for c in turn.session.closures
        if c.stands and c.reopens and (c.flag in named or not c.flag or lifts_all)
    )
    stays = tuple(c for c in turn.session.closures if c.stands and not c.reopens)
    turn.put(
        closures=tuple(
            replace(c, cleared_by=event.by) if c in lifted else c
            for c in turn.session.closures
        ),
        told=(),
        stopped="",
    )
    data = {
        "lifted": lifted,
        "stays": stays,
        "resumed": bool(was_stopped),
        "unseen": unnamed and not lifts_all and bool(turn.session.closed()),
    }
    turn.call_staff("cleared", data, replies_to=event.note)
    if not lifted and not was_stopped:
        return
    turn.note("cleared", {"by": event.by, "still_closed": bool(stays)})
    if turn.session.consent == "nothing":
        turn.put(consent="")
    if turn.session.over != "now":
        turn.move("close_all")
    turn.move("clear", settle)
    turn.show(new=True)
