"""What people do about visits: come, move, cancel, answer a date, tell how it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from dialogs.effects import (
    ActOnVisit,
    Button,
    ChooseZone,
    GiveVisits,
    Remind,
    Rows,
)
from dialogs.inputs import Joined, ProposalLapsed
from dialogs.purposes import agrees, answers_consent, set_purpose
from dialogs.reminding import left_unfinished, remember_offered
from dialogs.turn import Turn
from dialogs.visit_screens import (
    FORGONE,
    STILL,
    WISH,
    ZONES,
    lapsed,
    named,
    proposals,
    said_of,
    window_named,
)
from dialogs.visits import OPEN, STANDING, NotPossible, Status, Visit

#: Screens on which another time is chosen for a visit.
_MOVES = ("moving", "moving_hour")

#: The group under which the team reads that somebody asked for help after a visit.
CHECK_IN = "CHECK"


# -- what people do about a visit ------------------------------------------------------


def tell_team(turn: Turn, what: str, visit: Visit | None, **more: object) -> None:
    """Let the desk know at once, and the person once it does."""
    about = said_of(visit, turn.house) if visit else {}
    data = {"what": what, "visit": about, "wish": {}, **more}
    then = "told_visit" if visit is None or visit.stands else "told_visit_gone"
    if visit and visit.status is Status.PROPOSED:
        then = "told_wish"
    rows: Rows = ()
    if visit and visit.status is Status.LAPSED:
        then, rows = "told_still", book_after_all(visit)
    turn.call_staff("visit", data, then=then, rows=rows)
    if not turn.house.has_staff:
        turn.note("person", {"has_staff": False})


def _ok(turn: Turn, name: str) -> bool:
    visit = named(turn.session, name)
    if visit is None or not visit.stands:
        return _gone(turn)
    if visit.status is Status.CONFIRMED:
        turn.toast("got_it")
        return _is_open(turn)
    _do(turn, visit, "confirm")
    turn.note("visits/confirmed", said_of(visit, turn.house))
    about = said_of(visit, turn.house)
    turn.call_staff("visit", {"what": "confirmed", "visit": about, "wish": {}})
    return _is_open(turn)


def _is_open(turn: Turn) -> bool:
    """Whether the screen of one visit is open, and has to show what changed."""
    return turn.session.over == "visit"


def _late(turn: Turn, name: str) -> bool:
    visit = named(turn.session, name)
    if visit is None or not visit.stands:
        return _gone(turn)
    tell_team(turn, "late", visit)
    return _is_open(turn)


def _sure_to_cancel(turn: Turn, name: str) -> bool:
    visit = named(turn.session, name)
    if visit is None or not visit.stands:
        return _gone(turn)
    done = _do(turn, visit, "cancel")
    turn.note("visits/cancelled", said_of(visit, turn.house))
    tell_team(turn, str(done.status), done)
    turn.move("open_visits")
    return True


def _do(turn: Turn, visit: Visit, act: str) -> Visit:
    """The visit after an act of its patient's."""
    try:
        done = visit.done(act, turn.now)
    except NotPossible:  # checked by whoever calls; a doubled tap changes nothing
        return visit
    turn.put(visits=tuple(done if v.id == visit.id else v for v in turn.session.visits))
    turn.effects.append(ActOnVisit(visit.id, act))
    return done


def _gone(turn: Turn) -> bool:
    """The button is of a visit that was moved or cancelled since."""
    turn.note("visits/changed")
    turn.move("open_visits")
    return True


def _about(
    overlay: str, statuses: frozenset[Status] = STANDING
) -> Callable[[Turn, str], bool]:
    def open_it(turn: Turn, name: str) -> bool:
        visit = named(turn.session, name)
        if visit is None or visit.status not in statuses:
            return _gone(turn)
        turn.put(about=name)
        turn.move(f"open_{overlay}")
        return True

    return open_it


def _wish_day(turn: Turn, day: str) -> bool:
    turn.put(wish_day=day)
    turn.move("open_moving_hour")
    return True


def _wish(turn: Turn, window: str) -> bool:
    visit = named(turn.session, turn.session.about)
    wish = window_named(turn.session, turn.house, window)
    turn.put(wish_day="")
    if visit is None or visit.status not in OPEN:
        return _gone(turn)
    tell_team(turn, "wish", visit, wish=wish)
    if visit.status is Status.PROPOSED:
        remember_offered(turn, **{visit.name: WISH})
        return _offered(turn, "")
    turn.move("open_visits")
    return True


# -- what the team proposes ------------------------------------------------------------


def _course(turn: Turn, _: str) -> bool:
    turn.move("open_course")
    return True


def _offered(turn: Turn, _: str) -> bool:
    turn.put(about="")
    turn.move("open_proposed")
    return True


def _answers_proposal(act: str, what: str) -> Callable[[Turn, str], bool]:
    def answer(turn: Turn, name: str) -> bool:
        visit = named(turn.session, name)
        if visit is None or visit not in proposals(turn.session, turn.now):
            return _gone(turn)
        about = said_of(_do(turn, visit, act), turn.house)
        turn.call_staff("visit", {"what": what, "visit": about, "wish": {}})
        return _offered(turn, "")

    return answer


def lapse(turn: Turn, event: ProposalLapsed) -> None:
    """Nobody answered in time: the date is free again, and the team is told."""
    visit = named(turn.session, event.visit)
    if visit is None or visit.status is not Status.PROPOSED:
        return  # answered, moved or taken back in the same moment
    done = _do(turn, visit, "lapse")
    to_come = visit.starts_at > turn.now
    data = {
        "visit": said_of(done, turn.house),
        "to_come": to_come,
        "wish": turn.session.offered.get(visit.name) == WISH,
        "told": visit.name in turn.session.offered,
    }
    rows = book_after_all(done) if to_come else ()
    turn.call_staff("proposal_lapsed", data, rows=rows)
    about_it = turn.session.about == visit.name and turn.session.over in _MOVES
    shown = turn.session.over == "proposed" or about_it
    if shown and turn.session.live and not turn.session.stands:
        turn.put(about="", wish_day="")
        turn.move("open_proposed")
        turn.show(new=False)


def book_after_all(visit: Visit) -> Rows:
    """What the team may still do about a date that is free again."""
    return ((Button(f"v_book:{visit.name}", "desk_book_after_all"),),)


def _says_late(said: str) -> Callable[[Turn, str], bool]:
    """What they say of a date that is free again; the team hears who would come."""

    def answer(turn: Turn, name: str) -> bool:
        visit = named(turn.session, name)
        if visit is None or visit not in lapsed(turn.session, turn.now):
            return _gone(turn)
        if said == STILL and turn.session.offered.get(name) != STILL:
            tell_team(turn, STILL, visit)
        remember_offered(turn, **{name: said})
        return _offered(turn, "")

    return answer


def _zone(turn: Turn, zone: str) -> bool:
    if not zone:
        turn.move("open_zone")
        return True
    if zone in (turn.house.zone, *ZONES):
        turn.put(zone=zone)
        turn.put(visits=tuple(replace(v, zone=zone) for v in turn.session.visits))
        turn.effects.append(ChooseZone(zone))
    turn.move("open_visits")
    return True


def _file(turn: Turn, _: str) -> bool:
    if any(visit.stands for visit in turn.session.visits):
        turn.effects.append(GiveVisits(turn.session.visits))
        return False
    return _gone(turn)


def _list(turn: Turn, _: str) -> bool:
    turn.move("open_visits")
    return True


# -- after a visit ---------------------------------------------------------------------


def _check(turn: Turn, name: str) -> bool:
    turn.put(about=name)
    turn.move("open_check")
    return True


def _checked(turn: Turn, answer: str) -> bool:
    """What they say of how they are. Silence says nothing."""
    if turn.session.over != "check":
        return True
    visit = named(turn.session, turn.session.about)
    if visit and (turn.session.consent != "nothing" or agrees(turn, "check_ins")):
        said = {"answer": answer, "at": turn.now.isoformat(timespec="minutes")}
        turn.put(accounts={**turn.session.accounts, str(visit.id): said})
    if answer == "fine":
        turn.move("close_all")
        turn.strip(turn.session.live)
        turn.put(live="", stands=False)
        rows: Rows = ((Button("person", "reply"),),) if turn.house.has_staff else ()
        turn.note("visits/fine", rows=rows)
        return False
    turn.call_staff(
        "check_in",
        {
            "answer": answer,
            "visit": said_of(visit, turn.house) if visit else {},
        },
        urgent=answer == "help",
        then="told_check_in",
    )
    turn.put(about=f"{CHECK_IN} emergency", heard="", for_team=False)
    turn.move("open_now")
    return True


def _recall(turn: Turn, area: str) -> bool:
    turn.put(about=area)
    turn.move("open_recall")
    return True


def _remind_me(turn: Turn, _: str) -> bool:
    """Once, and only because they ask for it."""
    if "unfinished" not in turn.session.purposes and left_unfinished(turn):
        set_purpose(turn, "unfinished", on=True)
        turn.effects.append(Remind("unfinished"))
        turn.note("visits/will_remind")
        return False
    return True


def _take_up(turn: Turn, _: str) -> bool:
    turn.move("close_all")
    return True


def joined(turn: Turn, event: Joined) -> None:
    """Greet whom the clinic expects, and show what is booked."""
    if turn.session.refs == 0:
        turn.note("hello")
    if event.good:
        turn.note("visits/joined")
        turn.move("open_visits")
    else:
        turn.note("visits/bad_link")
    turn.show(new=True)


#: What buttons of visits do. Those of messages that stay work on any screen.
DOES: Mapping[str, Callable[[Turn, str], bool]] = {
    "visits": _list,
    "visit": _about("visit"),
    "visit_ok": _ok,
    "visit_late": _late,
    "visit_move": _about("moving", OPEN),
    "visit_cancel": _about("giving_up"),
    "visit_gone": _sure_to_cancel,
    "visit_file": _file,
    "proposed": _offered,
    "agree_to": _answers_proposal("book", "agreed"),
    "decline": _answers_proposal("cancel", "declined"),
    "still": _says_late(STILL),
    "forgo": _says_late(FORGONE),
    "course": _course,
    "wish_day": _wish_day,
    "wish": _wish,
    "zone": _zone,
    "check": _check,
    "check_in": _checked,
    "recall": _recall,
    "remind_me": _remind_me,
    "take_up": _take_up,
    "check_ins": answers_consent("check_ins"),
    "recalls": answers_consent("recalls"),
}

#: Of these, the buttons of messages that stay.
ON_ANY_SCREEN = frozenset(
    {
        *("visits", "visit", "visit_ok", "visit_late", "visit_move", "visit_cancel"),
        *("visit_file", "check", "recall", "take_up", "check_ins", "recalls"),
        "proposed",
    }
)

#: What still works while a chat is stopped, or is to be quiet: nobody has to come to a
#: visit because of that.
ALWAYS = frozenset(
    {
        *("visits", "visit", "visit_ok", "visit_late", "visit_move", "visit_cancel"),
        *("visit_gone", "visit_file", "wish_day", "wish", "zone"),
        *("check", "check_in", "check_ins", "recalls"),
        *("proposed", "agree_to", "decline", "still", "forgo", "course"),
    }
)
