"""One input in, the next session and what the chat wants out: `step`.

`step` is plain and synchronous. It has no clock, no chance and no I/O, so two taps
cannot interleave and a test needs no patience. It fires the triggers of
`dialogs.machine`, which alone decides where a chat goes, and says what is shown there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from dialogs import booking, card, desk, reminding, screens, series, visiting
from dialogs.effects import Button, Effect, Rows
from dialogs.house import House
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
    ProposalLapsed,
    Reading,
    ReminderDue,
    Returned,
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
from dialogs.intake import Known, known_as, listed
from dialogs.machine import Walker, fire
from dialogs.options import COMMANDS, ON_ANY_SCREEN, UNDER_WAY, act, pick
from dialogs.pace import admits
from dialogs.questions import BY_ID
from dialogs.rights import keep_no_health
from dialogs.screens import ANY_SCREEN, LOOKED_UP, screen_of
from dialogs.session import Session
from dialogs.turn import Turn

#: After this long a silence the bot says again that it is a program.
SAY_AGAIN_AFTER_HOURS = 24

#: What may be pressed under the word that the team knows.
_AFTER_TOLD: Mapping[str, Rows] = {
    "told_question": ((Button("away", "back_to_screen"),),),
    "told_emergency": ((Button("ask", "ask"), Button("person", "person")),),
}

#: Words without a question mark that are taken for a question, at least.
WORDS_OF_A_QUESTION = 3

#: Questions offered at most where none is near enough to be answered.
MOST_OFFERED = 3

#: Texts in a row that were not understood before a person is offered.
MISSES_BEFORE_PERSON = 2


def step(
    session: Session, event: Input, now: datetime, house: House
) -> tuple[Session, tuple[Effect, ...]]:
    """The next session and everything the chat wants because of one input.

    `now` is aware. The same arguments give the same result.
    """
    turn = Turn(session, now, house)
    if session.area and session.area not in house.book.open_areas:
        turn.leave_area()  # the clinic has closed it since
    if not house.takes_health:
        keep_no_health(turn)
    if not admits(turn, event):
        return turn.session, tuple(turn.effects)
    session = turn.session
    before = card.facts(session) if session.desk else ()
    if not (session.with_team and desk.heard(turn, event)):
        _take(turn, event)
    if turn.session.desk:
        desk.redraw(turn, before, card.facts(turn.session))
    return turn.session, tuple(turn.effects)


def _take(turn: Turn, event: Input) -> None:
    match event:
        case Started():
            _started(turn, event)
        case Commanded():
            _commanded(turn, event)
        case Chose():
            _chose(turn, event)
        case Wrote():
            _wrote(turn, event)
        case SentOther():
            _sent_other(turn, event)
        case StaffReplied():
            desk.staff_replied(turn, event)
        case StaffEdited():
            desk.staff_edited(turn, event)
        case StaffSent():
            desk.staff_sent(turn, event)
        case StaffDrafts():
            desk.staff_drafts(turn, event)
        case StaffTook():
            desk.staff_took(turn, event)
        case StaffGaveBack():
            desk.staff_gave_back(turn, event)
        case StaffOpened():
            desk.staff_opened(turn, event)
        case StaffPlanned():
            desk.staff_planned(turn, event)
        case StaffApproved():
            desk.staff_approved(turn, event)
        case StaffClosed():
            desk.staff_closed(turn, event)
        case StaffCleared():
            desk.staff_cleared(turn, event)
        case CardDue():
            desk.card_due(turn, event)
        case Delivered():
            _delivered(turn, event)
        case Undelivered():
            _undelivered(turn, event)
        case StaffBooked():
            booking.booked(turn, event)
        case StaffMarked():
            booking.marked(turn, event)
        case StaffProposed():
            series.propose(turn, event)
        case StaffListed():
            booking.listed(turn, event)
        case VisitUnreminded():
            booking.unreminded(turn, event)
        case ProposalLapsed():
            visiting.lapse(turn, event)
        case ReminderDue():
            reminding.fall_due(turn, event)
        case Joined():
            visiting.joined(turn, event)
        case Left() | Returned():
            pass  # who blocks the bot is left alone, who returns writes first


def go_on(session: Session, house: House) -> Session:
    """A session put away earlier, as it can go on now.

    A question that lies over the screen may be answered no more.
    """
    if session.over not in ("answer", "suggest"):
        return session
    known = [entry for entry in session.about.split() if entry in house.entries]
    if known:
        return session.with_(about=" ".join(known))
    walker = Walker(session.state, session.over, Known(session, house))
    fire(walker, "close_all")
    return session.with_(state=walker.state, over=walker.over, about="")


def _started(turn: Turn, event: Started) -> None:
    area, campaign = read_payload(event.payload, turn.house)
    if campaign and not turn.session.campaign:
        turn.put(campaign=campaign)
    first = turn.session.refs == 0
    _seen(turn)
    turn.put(quiet=False)
    if turn.session.over == "now":
        pass  # first of all: is it happening now?
    elif turn.session.stopped:
        turn.move("close_all")
    elif area is not None:
        if first:
            turn.note("hello")
        pick(turn, area)
    elif turn.session.state in UNDER_WAY:
        turn.move("open_resume")
    else:
        turn.move("close_all")
        turn.move("greet")
    turn.show(new=True)


def _seen(turn: Turn) -> None:
    turn.put(seen_at=turn.now, misses=0, taken="")


def _greet_again(turn: Turn) -> bool:
    """Say after a long silence that this is a program; whether it was one."""
    seen = turn.session.seen_at
    long_ago = timedelta(hours=SAY_AGAIN_AFTER_HOURS)
    if seen is None or not turn.session.refs or turn.now - seen < long_ago:
        return False
    turn.note("again")
    return True


def _commanded(turn: Turn, event: Commanded) -> None:
    _greet_again(turn)
    _seen(turn)
    known = COMMANDS.get(event.name)
    if known is None:
        turn.note("unknown_command")
    else:
        act(turn, known)
    turn.show(new=True)


def _chose(turn: Turn, event: Chose) -> None:
    session = turn.session
    if event.screen == ANY_SCREEN:
        verb, _, value = event.option.partition(":")
        if verb == "helpful":
            desk.rate(turn, value)
        elif verb in ON_ANY_SCREEN:
            _seen(turn)
            if act(turn, event.option):
                turn.show(new=True)
        else:
            turn.toast("stale")
        return
    if event.screen == str(session.serial - 1) and event.option == session.chosen:
        turn.toast("got_it")
        return
    if event.screen != str(session.serial) or not _offers(turn, event.option):
        turn.toast("stale")
        return
    _greet_again(turn)
    turn.put(seen_at=turn.now, misses=0, taken="", chosen=event.option)
    if act(turn, event.option):
        turn.show(new=False)


def _offers(turn: Turn, option: str) -> bool:
    """Whether the screen has this button, or had it before a line was ticked."""
    rows = screen_of(turn.session, turn.house).rows
    if any(button.option == option for row in rows for button in row):
        return True
    verb, _, rest = option.partition(":")
    on_list = turn.session.over == "none" and turn.session.state in BY_ID
    flag, _, target = rest.partition(":")
    return (
        verb == "tick"
        and on_list
        and BY_ID[turn.session.state].kind == "ticks"
        and target in ("yes", "no", "unsure")
        and flag in {f.id for f in listed(turn.session, turn.house, turn.session.state)}
    )


#: What whoever needs help presses after a visit.
_HELP = "check_in:help"


def _wrote(turn: Turn, event: Wrote) -> None:
    may_be_urgent = event.reading.alarm.level is Level.ASK
    if may_be_urgent and turn.session.over == "check" and not event.edited:
        desk.pass_on(turn, event)  # after a visit the team reads all, asked or not
        if event.reading.choice == _HELP:
            act(turn, _HELP)
    if _heed(turn, event.reading.alarm, event.text):
        _seen(turn)
        return
    first = turn.session.refs == 0
    came_back = _greet_again(turn)
    misses = turn.session.misses
    _seen(turn)
    if desk.is_for_team(turn, event) or (
        turn.session.over == "person" and event.reading.choice != "back"
    ):
        desk.pass_on(turn, event)
    elif turn.session.over == "check" and not event.edited:
        _told_of_visit(turn, event)
    elif turn.session.over == "now" and not event.reading.choice:
        turn.show(new=True)
    elif event.edited:
        turn.note("edited")
        turn.show(new=True)
    elif event.reading.flag and _is_news(turn, event.reading):
        _volunteered(turn, event, event.reading.flag)
    elif event.reading.choice:
        if event.reading.choice not in screen_of(turn.session, turn.house).options():
            turn.move("close_all")  # it answers the screen below what was looked up
        if act(turn, event.reading.choice):
            turn.show(new=True)
    elif turn.session.over == "now" or turn.session.quiet:
        turn.show(new=True)
    elif event.reading.lost:
        _explain(turn)
    elif not _looked_up(turn, event):
        if came_back and turn.session.state in UNDER_WAY:
            turn.move("open_resume")
        elif not first and not event.reading.flag:
            if _asks(event.text):
                turn.missed("unanswered", event.text)
            _not_understood(turn, misses)
        turn.show(new=True)


def _told_of_visit(turn: Turn, event: Wrote) -> None:
    """How they are after a visit, in their own words: the team reads all of them."""
    choice = event.reading.choice
    if not choice or _asks(event.text):
        desk.pass_on(turn, event)
    if not choice or act(turn, choice):
        turn.show(new=True)


def _is_news(turn: Turn, reading: Reading) -> bool:
    """Whether a flag told in passing is none that was given or ticks itself here.

    Who says once more what they take is asking something else by now.
    """
    if (reading.choice or "").startswith(f"tick:{reading.flag}:"):
        return False
    known = turn.house.screening.flag(reading.flag or "")
    if known.tick_list is None:
        return True
    given = turn.session.health.get(known_as(known, turn.session.area))
    held = {c.flag for c in turn.session.closures if c.stands}
    return known.id not in held and given != "yes"


def _heed(turn: Turn, alarm: Alarm, words: str) -> bool:
    """Answer an alarm; False where the text may be read on."""
    if alarm.level in (Level.URGENT_NOW, Level.SAME_DAY):
        turn.raise_alarm(alarm, words)
        return True
    if alarm.level is Level.ASK:
        for_team = turn.session.over == "person"
        turn.put(about=f"{alarm.group} {alarm.card}", heard=words, for_team=for_team)
        turn.move("open_now")
        turn.show(new=True)
        return True
    if alarm.level is Level.INFORM:
        turn.note("inform")
    return False


def _looked_up(turn: Turn, event: Wrote) -> bool:
    """Answer a question in the middle of anything; the same screen comes back.

    False where no entry is near.
    """
    if turn.session.over in LOOKED_UP:
        turn.move("close_all")
    matches = event.reading.matches
    best = matches[0] if matches else None
    if best and best.score >= turn.house.answer_at:
        _answer_aside(turn, best.entry, event.text)
        for other in event.reading.second[:1]:
            if other.score >= turn.house.answer_at:
                _answer_aside(turn, other.entry, event.text)
    elif best and best.score >= turn.house.suggest_at:
        offered = (m.entry for m in matches[1:] if m.score >= turn.house.suggest_at)
        near = [best.entry, *(e for e in offered if _concerns(turn, e))][:MOST_OFFERED]
        turn.put(about=" ".join(near))
        turn.looked_up(near, event.text)
        turn.move("open_suggest")
    elif event.reading.alarm.level is not Level.INFORM:
        return False
    turn.show(new=True)
    return True


def _concerns(turn: Turn, entry: str) -> bool:
    """Whether an entry may be about the area the chat is at, as far as is known."""
    areas = set(turn.house.entries[entry].areas) & set(turn.house.book.areas)
    return not areas or not turn.session.area or turn.session.area in areas


def _not_understood(turn: Turn, misses: int) -> None:
    turn.put(misses=misses + 1)
    offer = turn.session.misses >= MISSES_BEFORE_PERSON
    rows: Rows = ((Button("person", "person"),),) if offer else ()
    turn.note("not_understood", {"offer": offer, **_where(turn)}, rows=rows)


def _explain(turn: Turn) -> None:
    """Say why the screen asks and how it is answered, to who does not follow."""
    if turn.session.over in LOOKED_UP:
        turn.move("close_all")
    turn.note("lost", _where(turn), rows=((Button("person", "person"),),))
    turn.show(new=True)


def _where(turn: Turn) -> dict[str, object]:
    """What the screen wants, so that it can be said in a word."""
    session = turn.session
    place = "consent" if session.state == "consent" else ""
    if session.state in BY_ID:
        place = BY_ID[session.state].kind
    options = screen_of(session, turn.house).options()
    return {
        "place": place if session.over == "none" else "",
        "ticked": bool(session.ticks),
        "may_be_unsure": any(option.endswith(":not_sure") for option in options),
    }


def _asks(words: str) -> bool:
    """Whether words that nobody understood are a question, more likely than not."""
    real = [word for word in words.split() if word.isalpha()]
    return len(real) >= WORDS_OF_A_QUESTION or ("?" in words and bool(real))


def _answer_aside(turn: Turn, entry: str, words: str) -> None:
    data = screens.answer_data(turn.session, turn.house, entry)
    known = turn.house.entries[entry]
    numbers = known.areas if known.holds_numbers and not data["closed"] else ()
    wrong = Button(f"not_this:{entry}", "not_this")
    rows: Rows = ((wrong, Button("person", "person")),)
    turn.looked_up((entry,), words)
    turn.note("answer", data, rows=rows, numbers=numbers)


def _volunteered(turn: Turn, event: Wrote, flag: str) -> None:
    """Something told in passing that a clinician should hear about first.

    What a health list asks is added to the answers only if the person says so. What
    they asked in the same breath is answered first, where no number is in the answer.
    """
    if turn.house.screening.flag(flag).tick_list is None:
        turn.close(flag)
        turn.note("volunteered", {"has_staff": turn.house.has_staff})
        turn.settle_closed()
    else:
        for best in event.reading.matches[:1]:
            plain = not turn.house.entries[best.entry].holds_numbers
            if plain and best.score >= turn.house.answer_at and event.reading.asks:
                _answer_aside(turn, best.entry, event.text)
        turn.put(about=flag)
        turn.move("open_told")
    turn.show(new=True)


def _sent_other(turn: Turn, event: SentOther) -> None:
    if _heed(turn, event.reading.alarm, event.caption):
        _seen(turn)
        return
    _greet_again(turn)
    _seen(turn)
    asked = turn.session.over == "person" and turn.house.has_staff
    if asked or desk.is_for_team(turn, event):
        desk.share(turn, event)
        return
    turn.note("unsupported", {"kind": event.kind})
    turn.show(new=True)


def _waited(turn: Turn, ref: str) -> str:
    waiting = dict(turn.session.waiting)
    then = waiting.pop(ref, "")
    turn.put(waiting=waiting)
    return then


def _delivered(turn: Turn, event: Delivered) -> None:
    then, _, note = _waited(turn, event.ref).partition(" ")
    if then in ("receipt", desk.HEADING, desk.SENT):
        number, _, teaches = note.partition(" ")
        desk.was_shown(turn, int(number), event.message)
        if then == "receipt":
            save: Rows = ((Button(f"save:{number}", "desk_save"),),)
            rows = save if teaches else ()
            turn.call_staff("delivered", replies_to=int(number), rows=rows)
    elif then:
        rows = _AFTER_TOLD.get(then, ())
        data = {"opens": _team_is_back(turn)}
        turn.note(f"told/{then.removeprefix('told_')}", data, rows=rows)


def _team_is_back(turn: Turn) -> datetime | None:
    """When, in the clinic's own time; None where it is there now, or did not say."""
    opening = turn.house.opening
    return opening.next(turn.now) if opening else None


def _undelivered(turn: Turn, event: Undelivered) -> None:
    then, _, note = _waited(turn, event.ref).partition(" ")
    if then in ("receipt", desk.SENT):
        data = {"reason": event.reason}
        number = int(note.partition(" ")[0])
        turn.call_staff("undelivered", data, replies_to=number)
    elif then and then != desk.HEADING:
        turn.note("not_told")


def read_payload(payload: str, house: House) -> tuple[str | None, str]:
    """What a deep link says: an area, a campaign, both ("hair-c-spring") or neither.

    Payloads are untrusted: anything else is as good as none.
    """
    area, _, rest = payload.partition("-")
    if area == "c":
        return None, rest
    if area not in house.book.open_areas:
        return None, ""
    return area, rest.removeprefix("c-") if rest.startswith("c-") else ""
