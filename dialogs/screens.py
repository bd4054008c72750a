"""What each place in the conversation looks like: template, data and buttons.

A screen follows from the session alone, so it can be drawn again at any time: after a
restart, after a question in the middle, on a second phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from dialogs import visit_screens
from dialogs.course import course_of, courses
from dialogs.effects import Button, Mark, Rows, Screen
from dialogs.house import House
from dialogs.intake import (
    TICK_LISTS,
    Known,
    asked,
    cleared_flags,
    flags_of,
    intake_of,
    known_as,
    listed,
    values_of,
)
from dialogs.questions import BY_ID, WHAT_IF, Question
from dialogs.session import TOLD, Session
from exoplan import PRP, Intake, Plan, compare, make_plan, what_changes

#: The flag of a person who answers for somebody else.
SOMEONE_ELSE = "RF36"

#: Where a button that works on any screen stands, whatever came after it.
ANY_SCREEN = "~"

_MARKS: Mapping[str, Mark] = {"no": "empty", "yes": "ticked", "unsure": "unsure"}


def screen_of(session: Session, house: House) -> Screen:
    """The screen this person has before them."""
    if session.over != "none":
        build = _OVERLAYS[session.over]
    else:
        build = _PLACES["ask" if session.state in BY_ID else session.state]
    screen = build(session, house)
    return Screen(screen.template, screen.data, screen.rows, str(session.serial))


def readable(session: Session, house: House) -> Screen:
    """The screen with everything that may be typed now.

    While a question or its answer lies over a screen, the answers below count too: who
    looked something up may simply go on.
    """
    screen = screen_of(session, house)
    if session.over not in LOOKED_UP:
        return screen
    below = screen_of(session.with_(over="none"), house)
    known = screen.options()
    rows = (tuple(b for b in row if b.option not in known) for row in below.rows)
    return screen._replace(rows=(*screen.rows, *(row for row in rows if row)))


def numbers_on(session: Session, house: House) -> tuple[str, ...]:
    """Whose visit numbers the present screen shows ("prp" for PRP's)."""
    if session.over == "answer":
        return house.entries[session.about].areas if _open(session, house) else ()
    if session.over == "beside":
        # The general figures name no area, so they count as every area's.
        exosomes = () if session.closed() - {PRP} else house.book.areas
        return exosomes if session.closed() else (*exosomes, PRP)
    if session.over == "course":
        return tuple(area for area in session.plans if area not in session.closed())
    if session.over in ("none", "why") and session.state in _NUMBERED:
        return () if session.area in session.closed() else (session.area,)
    return ()


#: Most numbers side by side under a tick list. The lines themselves are in the text,
#: so that none is cut off.
_TICKS_A_ROW = 5

#: What may lie over a screen only to be read.
LOOKED_UP = frozenset(
    {"ask", "topic", "answer", "suggest", "beside", "why", "kept", "help", "privacy"}
)

_NUMBERED = ("card", "plan", "what_if_shown")


def plan_of(session: Session, house: House) -> Plan:
    """The plan for the answers as they stand."""
    return _plan(intake_of(session, house), session, house)


def full_plan(session: Session, house: House) -> Screen:
    """The plan itself, as a message that stays."""
    plan = plan_of(session, house)
    flags = {flag.id for flag in house.screening.flags}
    data = {
        "plan": plan,
        "area": session.area,
        "cleared": cleared_by(session),
        "notes": tuple(note for note in plan.notes if note in flags),
        "course": course_of(session, house, session.area),
    }
    return Screen("plan", data, _plan_rows(session, house), str(session.serial))


def answer_data(session: Session, house: House, entry: str) -> dict[str, object]:
    """What the answer to a question needs to know: whether it may name numbers."""
    return {"entry": entry, "closed": not _may_name(session, house, entry)}


def _may_name(session: Session, house: House, entry: str) -> bool:
    known = house.entries[entry]
    return not known.holds_numbers or not (
        session.stopped or session.closed().intersection(known.areas)
    )


def _open(session: Session, house: House) -> bool:
    return _may_name(session, house, session.about)


def _plan(intake: Intake, session: Session, house: House) -> Plan:
    return make_plan(intake, house.book, lifted=cleared_flags(session))


def cleared_by(session: Session) -> tuple[str, ...]:
    """Who of the team lifted what held this area."""
    return tuple(
        dict.fromkeys(
            c.cleared_by
            for c in session.closures
            if c.cleared_by and session.area in c.closes
        )
    )


# -- buttons ---------------------------------------------------------------------------


def _button(option: str, label: str = "", **data: object) -> Button:
    return Button(option, label or option, data)


def _grid(buttons: Iterable[Button], per_row: int) -> Rows:
    row = list(buttons)
    return tuple(tuple(row[i : i + per_row]) for i in range(0, len(row), per_row))


def _even(buttons: tuple[Button, ...], most: int) -> Rows:
    """Rows of the same length, as far as that goes."""
    rows = -(-len(buttons) // most)
    return _grid(buttons, -(-len(buttons) // rows))


def _ask_row() -> tuple[Button, ...]:
    return (_button("ask"), _button("person"))


def _areas(house: House) -> Rows:
    areas = (_button(f"area:{area}") for area in house.book.open_areas)
    return _grid(areas, 3)


_BACK: Rows = ((_button("back"),),)
_AWAY = (_button("away", "back"),)
_FOOT: Rows = ((_button("back"), _button("ask", "ask_short"), _button("pause")),)


# -- before the questions --------------------------------------------------------------


def _welcome(session: Session, house: House) -> Screen:
    return Screen("welcome", {}, (*_areas(house), _ask_row()))


def _other_areas(session: Session, house: House) -> Screen:
    return Screen("areas", {}, (*_areas(house), _ask_row(), *_BACK))


def _card(session: Session, house: House) -> Screen:
    if session.area in session.closed():
        fit = (_button("fit"),) if session.consent and house.takes_health else ()
        rows: Rows = ((*fit, _button("ask")), (_button("person"),), *_BACK)
        may_open = not Known(session, house).is_shut
        data = {"area": session.area, "may_open": may_open}
        return Screen("card_closed", data, rows)
    fit = (_button("fit"),) if house.takes_health else ()
    rows = (fit, (_button("beside"), _button("back")), _ask_row())
    published = house.published(session.area)
    shown = tuple(row for row in rows if row)
    return Screen("card", {"area": session.area, "plan": published}, shown)


def _consent(session: Session, house: House) -> Screen:
    team = ((_button("agree:team"),),) if house.has_staff else ()
    rows: Rows = (
        *team,
        (_button("agree:plan"),),
        (_button("agree:nothing"),),
        (_button("refuse"), _button("kept")),
        *_BACK,
    )
    return Screen("consent", {"has_staff": house.has_staff}, rows)


def _declined(session: Session, house: House) -> Screen:
    return Screen("declined", {}, (_ask_row(), (_button("another"), _button("back"))))


# -- the questions ---------------------------------------------------------------------


def _place(session: Session, house: House, question: str) -> dict[str, object]:
    order = asked(session, house)
    return {
        "area": session.area,
        "question": question,
        "number": order.index(question) + 1 if question in order else len(order),
        "total": len(order),
        "taken": _taken(session),
    }


def _taken(session: Session) -> tuple[str, str] | None:
    """The answer taken just now, as (question, label), so that a slip is seen."""
    if not session.taken:
        return None
    return session.taken.partition(":")[0], _label(session.area, session.taken)


def _ask(session: Session, house: House) -> Screen:
    question = BY_ID[session.state]
    data = _place(session, house, question.id)
    if question.kind == "ticks":
        return _ticks(session, house, data)
    data["labels"], rows = house.once(
        ("choices", session.area, question.id),
        lambda: _choices(
            session.area, question, values_of(session, house, question.id)
        ),
    )
    return Screen("ask", data, rows)


def _choices(
    area: str, question: Question, values: tuple[str, ...]
) -> tuple[tuple[str, ...], Rows]:
    """What may be answered to a question, as labels and as buttons."""
    options = tuple(f"{question.id}:{value}" for value in values)
    labels = tuple(_label(area, option) for option in options)
    return labels, (*_grid(map(_button, options, labels), question.per_row), *_FOOT)


def _label(area: str, option: str) -> str:
    """How an answer is called: some read differently from area to area."""
    return f"{area}/{option}"


def _ticks(session: Session, house: House, data: dict[str, object]) -> Screen:
    flags = listed(session, house, session.state)
    ticks = tuple(
        _tick(session, flag.id, place) for place, flag in enumerate(flags, start=1)
    )
    data["lines"] = tuple(
        (flag.id, tick.mark) for flag, tick in zip(flags, ticks, strict=True)
    )
    data["marking_unsure"] = session.marking_unsure
    unsure = _button("sure" if session.marking_unsure else "unsure")
    end = _button("done") if session.ticks else _button("none")
    return Screen("ticks", data, (*_even(ticks, _TICKS_A_ROW), (unsure, end), *_FOOT))


def _tick(session: Session, flag: str, place: int) -> Button:
    """One line of a list. It names what it sets, so that a doubled tap sets it once."""
    mark = session.ticks.get(flag, "no")
    wanted = "unsure" if session.marking_unsure else "yes"
    target = "no" if mark == wanted else wanted
    number = {"number": place}
    return Button(f"tick:{flag}:{target}", "tick", number, _MARKS[mark])


# -- the review and the plan -----------------------------------------------------------


def summary(session: Session, house: House) -> tuple[tuple[str, str], ...]:
    """Every answer as (question, label), in the order asked; lists as ticked flags."""
    lines: list[tuple[str, str]] = []
    for question in asked(session, house):
        if BY_ID[question].kind == "choice" and question in session.answers:
            option = f"{question}:{session.answers[question]}"
            lines.append((question, _label(session.area, option)))
    return tuple(lines)


def ticked(session: Session, house: House, answer: str) -> tuple[str, ...]:
    """Ids of the flags of this area answered "yes" (or "unsure")."""
    return tuple(
        sorted(
            flag.id
            for tick_list in TICK_LISTS
            for flag in flags_of(session, house, tick_list)
            if session.health.get(known_as(flag, session.area)) == answer
        )
    )


def _answers(session: Session, house: House) -> dict[str, object]:
    return {
        "area": session.area,
        "answers": summary(session, house),
        "yes": ticked(session, house, "yes"),
        "unsure": ticked(session, house, "unsure"),
    }


def _review(session: Session, house: House) -> Screen:
    rows: Rows = ((_button("show"),), (_button("change"), _button("back")), _ask_row())
    return Screen("review", _answers(session, house), rows)


def _change(session: Session, house: House) -> Screen:
    buttons = (
        _button(f"change:{question}", f"question:{question}")
        for question in asked(session, house)
    )
    keep = (_button("keep", "back"),)
    return Screen("change", {"area": session.area}, (*_grid(buttons, 2), keep))


def _held(session: Session, house: House) -> Screen:
    standing = session.standing(session.area)
    soon = any(c.flag and house.screening.flag(c.flag).doctor_soon for c in standing)
    before = {c.flag for c in session.closures if c.corrected}
    again = any(c.flag in before for c in standing)
    may_change = bool(session.answers) and any(
        c.response == "HOLD" and c.flag and c.origin != TOLD and c.flag not in before
        for c in standing
    )
    asked_team = "told_contact" in session.waiting.values()
    first = (_button("contact"),) if house.has_staff and not asked_team else ()
    data = {
        "area": session.area,
        "doctor_soon": soon,
        "has_staff": house.has_staff,
        "asked_team": asked_team,
        "changed_once": again,
    }
    change = (_button("change"),) if may_change else ()
    save = (_button("save", "save_pages"),) if session.answers else ()
    rows = (first, save, (_button("ask"), *change), (_button("another"),))
    return Screen("held", data, tuple(row for row in rows if row))


def _closed(session: Session, house: House) -> Screen:
    screen = _held(session, house)
    kept = (
        tuple(b for b in row if b.option not in ("change", "save"))
        for row in screen.rows
    )
    rows = tuple(row for row in kept if row)
    standing = session.standing(session.area)
    data = {
        **screen.data,
        "under_age": any(not c.reopens for c in standing),
        "for_someone": any(c.flag == SOMEONE_ELSE for c in standing),
    }
    return Screen("closed", data, rows)


def _plan_rows(session: Session, house: House) -> Rows:
    if not session.answers:  # kept nothing: there is nothing left to look into
        return (
            (_button("beside"), _button("another")),
            (_button("ask"), _button("person")),
        )
    return (
        (_button("picture"), _button("save")),
        (_button("why"), _button("what_if")),
        (_button("beside"), _button("another")),
        (_button("ask"), _button("person")),
        (_button("restart"),),
    )


def _plan_menu(session: Session, house: House) -> Screen:
    if session.area in session.closed():
        return _held(session, house)
    again = ((_button("show", "show_again"),),) if session.answers else ()
    course = course_of(session, house, session.area)
    so_far = ((_button("course"),),) if course else ()
    rows = (*again, *so_far, *_plan_rows(session, house))
    return Screen("plan_menu", {"area": session.area, "course": course}, rows)


def _course(session: Session, house: House) -> Screen:
    so_far = courses(session, house)
    visits = ((_button("visits"),),) if so_far else ()
    return Screen("course", {"courses": so_far}, (*visits, *_BACK))


def _turnable(session: Session, house: House) -> tuple[str, ...]:
    return tuple(q for q in asked(session, house) if q in WHAT_IF)


def _what_if(session: Session, house: House) -> Screen:
    buttons = (
        _button(f"turn:{question}", f"question:{question}")
        for question in _turnable(session, house)
    )
    return Screen("what_if", {"area": session.area}, (*_grid(buttons, 2), *_BACK))


def _what_if_value(session: Session, house: House) -> Screen:
    question = session.trying
    now = session.answers.get(question, "")
    options = tuple(
        (f"look:{value}", _label(session.area, f"{question}:{value}"))
        for value in values_of(session, house, question)
        if value != now
    )
    data = {
        "area": session.area,
        "question": question,
        "now": _label(session.area, f"{question}:{now}"),
        "labels": tuple(label for _, label in options),
    }
    rows = _grid((_button(*option) for option in options), BY_ID[question].per_row)
    return Screen("what_if_value", data, (*rows, *_BACK))


def tried(session: Session, house: House) -> Session:
    """The session as it would be with the other answer. Only for looking."""
    return session.with_(answers={**session.answers, session.trying: session.tried})


def looked_at(session: Session, house: House) -> dict[str, object]:
    """The plan with the other answer, and both answers as labels."""
    question = session.trying
    return {
        "was": _label(session.area, f"{question}:{session.answers.get(question, '')}"),
        "now": _label(session.area, f"{question}:{session.tried}"),
        "after": plan_of(tried(session, house), house),
    }


def _what_if_shown(session: Session, house: House) -> Screen:
    before = plan_of(session, house)
    other = looked_at(session, house)
    data = {
        "area": session.area,
        "question": session.trying,
        **other,
        "before": before,
        "changes": what_changes(before, cast("Plan", other["after"])),
    }
    rows = ((_button("picture"),), (_button("what_if", "try_another"), _button("back")))
    return Screen("what_if_shown", data, rows)


# -- what lies over a screen -----------------------------------------------------------


def _ask_menu(session: Session, house: House) -> Screen:
    topics = (_button(f"topic:{topic}") for topic in house.topics())
    rows = (*_grid(topics, 2), (_button("person"), _button("back")))
    return Screen("ask_menu", {}, rows)


def _topic(session: Session, house: House) -> Screen:
    entries = (
        (_button(f"q:{entry.id}", f"faq:{entry.id}"),)
        for entry in house.in_topic(session.about)
    )
    return Screen("topic", {"topic": session.about}, (*entries, *_BACK))


def _answer(session: Session, house: House) -> Screen:
    data = answer_data(session, house, session.about)
    rows: Rows = ((_button("ask", "more_questions"), _button("person")), _AWAY)
    if session.about in session.looked_up:
        rows = ((_button("not_this"),), *rows)
    return Screen("answer", data, rows)


def _suggest(session: Session, house: House) -> Screen:
    entries = tuple(
        (_button(f"q:{entry}", f"faq:{entry}"),) for entry in session.about.split()
    )
    return Screen(
        "suggest", {}, (*entries, (_button("person"), _button("away", "none_of_these")))
    )


def _person(session: Session, house: House) -> Screen:
    return Screen("person", {"has_staff": house.has_staff}, _BACK)


def _beside(session: Session, house: House) -> Screen:
    data = {
        "comparison": compare(house.book, session.area or None, session.closed()),
    }
    return Screen("beside", data, _BACK)


def _why(session: Session, house: House) -> Screen:
    return Screen("why", {"plan": plan_of(session, house), "area": session.area}, _BACK)


def _kept(session: Session, house: House) -> Screen:
    return Screen("kept", {"has_staff": house.has_staff}, _BACK)


def _help(session: Session, house: House) -> Screen:
    return Screen("help", {}, (_ask_row(), *_BACK))


def _privacy(session: Session, house: House) -> Screen:
    switches: Rows = ()
    if house.takes_health:
        team = (_switch("team", session.consent == "team"),) if house.has_staff else ()
        switches = tuple((one,) for one in (_switch("plan", session.consent), *team))
    if session.visits:
        purposes = ("reminders", "check_ins", "recalls")
        offered = purposes if house.takes_health else purposes[:1]
        about = {"reminders": True, **session.purposes}
        switches += tuple((_switch(one, about.get(one, False)),) for one in offered)
    free = not (session.stopped or session.quiet)
    known = Known(session, house)
    may_correct = free and bool(session.answers) and not known.is_shut
    correct = (_button("correct"),) if may_correct else ()
    quiet = _button("wake") if session.quiet else _button("hush")
    rows = (
        *switches,
        (_button("my_data"), *correct),
        (_button("erase"), quiet),
        *_BACK,
    )
    data = {
        "consent": session.consent,
        "takes_health": house.takes_health,
        "visits": bool(session.visits),
    }
    return Screen("privacy", data, rows)


def _switch(purpose: str, on: object) -> Button:
    """One purpose. It names what it sets, so that a doubled tap sets it once."""
    verb, mark = ("withdraw", "yes") if on else ("give", "no")
    label = f"purpose_{purpose}"
    return Button(f"{verb}:{purpose}", label, mark=_MARKS[mark])


def _erase(session: Session, house: House) -> Screen:
    return Screen("erase", {}, ((_button("erase_yes"), _button("back")),))


def _resume(session: Session, house: House) -> Screen:
    rows: Rows = (
        (_button("go_on"), _button("restart")),
        (_button("another"), _button("ask")),
    )
    if "unfinished" not in session.purposes:
        rows = (*rows, (_button("remind_me"),))
    known = session.state in BY_ID
    data = _place(session, house, session.state) if known else {"area": session.area}
    return Screen("resume", {**data, "in_question": known}, rows)


def _told(session: Session, house: House) -> Screen:
    rows: Rows = ((_button("add_flag"),), (_button("away", "do_not_add"),))
    no_plan = house.screening.flag(session.about).response == "NO_PLAN"
    return Screen("told_flag", {"flag": session.about, "no_plan": no_plan}, rows)


def _now(session: Session, house: House) -> Screen:
    return Screen("now", {}, ((_button("yes"), _button("no")),))


def _stopped(session: Session, house: House) -> Screen:
    rows: Rows = (_ask_row(),)
    if not house.has_staff:
        rows = ((_button("got_help"),), *rows)
    return Screen("stopped", {"has_staff": house.has_staff}, rows)


def _with_team(session: Session, house: House) -> Screen:
    return Screen("with_team", {"by": session.with_team}, ((_button("privacy"),),))


def _quiet(session: Session, house: House) -> Screen:
    rows = ((_button("wake"),), (_button("person"), _button("privacy")))
    return Screen("quiet", {}, rows)


_PLACES: Mapping[str, Callable[[Session, House], Screen]] = {
    "welcome": _welcome,
    "areas": _other_areas,
    "card": _card,
    "consent": _consent,
    "declined": _declined,
    "ask": _ask,
    "review": _review,
    "change": _change,
    "held": _held,
    "closed": _closed,
    "plan": _plan_menu,
    "what_if": _what_if,
    "what_if_value": _what_if_value,
    "what_if_shown": _what_if_shown,
}
_OVERLAYS: Mapping[str, Callable[[Session, House], Screen]] = {
    "ask": _ask_menu,
    "topic": _topic,
    "answer": _answer,
    "suggest": _suggest,
    "person": _person,
    "beside": _beside,
    "why": _why,
    "kept": _kept,
    "help": _help,
    "privacy": _privacy,
    "erase": _erase,
    "resume": _resume,
    "told": _told,
    "now": _now,
    "stopped": _stopped,
    "quiet": _quiet,
    "with_team": _with_team,
    "visits": visit_screens.visits,
    "visit": visit_screens.visit,
    "proposed": visit_screens.proposed,
    "moving": visit_screens.moving,
    "moving_hour": visit_screens.moving_hour,
    "giving_up": visit_screens.giving_up,
    "course": _course,
    "zone": visit_screens.zone,
    "check": visit_screens.check,
    "recall": visit_screens.recall,
}
