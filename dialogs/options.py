"""What each option does, tapped or typed.

An option is `verb` or `verb:value`. Every one is a move of the machine, with what has
to be written down before it; where the chat goes is the machine's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dialogs import papers, rights, screens, visiting
from dialogs.inputs import Alarm, Level
from dialogs.intake import Judged, known_as, listed, values_of
from dialogs.machine import settle, settle_back
from dialogs.questions import BY_ID
from dialogs.screens import screen_of
from dialogs.turn import Turn

#: States from which a chat that is picked up again says where it was.
UNDER_WAY = frozenset({*BY_ID, "review", "change"})


def act(turn: Turn, option: str) -> bool:
    """Carry out an option; False where everything is said already."""
    verb, _, value = option.partition(":")
    if turn.session.over == "now" and verb not in _WHILE_ASKING_NOW:
        return True  # the question stays until it is answered
    if turn.session.stopped and verb not in _WHILE_STOPPED:
        turn.move("close_all")
        return True
    if turn.session.quiet and verb not in _WHILE_QUIET:
        turn.move("close_all")
        return True
    if verb in BY_ID:
        return _answer(turn, verb, value)
    return _DOES[verb](turn, value) is not False


def _answer(turn: Turn, question: str, value: str) -> bool:
    if value not in values_of(turn.session, turn.house, question):
        return True
    before = turn.session.answers.get(question)
    turn.put(
        answers={**turn.session.answers, question: value},
        taken=f"{question}:{value}",
    )
    if question in _PLACES and before not in (None, value):
        # What was said of the place before is not true of this one.
        own = f"{turn.session.area}/"
        health = turn.session.health.items()
        turn.put(health={k: v for k, v in health if not k.startswith(own)})
        turn.judge()
        turn.move("ask_again", settle)
        return True
    return _on(turn, turn.judge())


def _tick(turn: Turn, value: str) -> None:
    flag, _, target = value.partition(":")
    ticks = {k: v for k, v in turn.session.ticks.items() if k != flag}
    if target != "no":
        ticks[flag] = target
    # The list stays the same screen: a second quick tap on it must still count.
    turn.put(ticks=ticks, serial=turn.session.serial - 1)


def _marking(turn: Turn, unsure: bool) -> None:
    turn.put(marking_unsure=unsure)


def _list_done(turn: Turn, ticks: Mapping[str, str]) -> bool:
    session = turn.session
    flags = listed(session, turn.house, session.state)
    given = {known_as(flag, session.area): ticks.get(flag.id, "no") for flag in flags}
    turn.put(health={**session.health, **given}, ticks={}, marking_unsure=False)
    return _on(turn, turn.judge())


def _on(turn: Turn, judged: Judged) -> bool:
    """Walk on after an answer, by way of the emergency card if one is due."""
    turn.move("answer", settle)
    if _alarmed(turn, judged):
        return False
    if judged.ask_now:
        turn.put(about=f"{judged.ask_now[0]} emergency", heard="", for_team=False)
        turn.move("open_now")
    return True


def _alarmed(turn: Turn, judged: Judged) -> bool:
    """Show the emergency card where an answer given just now calls for it."""
    for response in ("URGENT_NOW", "SAME_DAY"):
        for closure in judged.fresh:
            if closure.response == response:
                card = "same_day" if response == "SAME_DAY" else "emergency"
                turn.raise_alarm(Alarm(Level(response), closure.flag, card))
                return True
    return False


def _add_flag(turn: Turn) -> bool:
    """Add to the health answers what was told in passing."""
    if turn.session.over != "told":
        return True
    flag = turn.house.screening.flag(turn.session.about)
    turn.put(about="")
    if turn.session.consent not in ("plan", "team") or not turn.session.area:
        turn.close(flag.id)
        turn.settle_closed()
        return True
    name = known_as(flag, turn.session.area)
    turn.put(health={**turn.session.health, name: "yes"})
    judged = turn.judge()
    turn.settle_closed()
    turn.tell_team_of_hold()
    return not _alarmed(turn, judged)


def _leave(turn: Turn, trigger: str = "") -> None:
    """Put away what lies over the screen, and go on from there."""
    turn.move("close_all")
    if trigger:
        turn.move(trigger)


def _away(turn: Turn) -> None:
    """Go back; where questions were offered, none of them was meant."""
    session = turn.session
    if session.over == "suggest":
        offered = session.about.split()
        words = next((session.looked_up.get(one, "") for one in offered), "")
        turn.missed("unanswered", words)
    _leave(turn)


def _not_this(turn: Turn, entry: str) -> None:
    """That was no answer: it counts once, and there is more to choose from."""
    asked = turn.session.looked_up
    if turn.session.over == "answer":
        entry = turn.session.about
    if entry in asked:
        turn.put(looked_up={k: v for k, v in asked.items() if k != entry})
        turn.missed("wrong", asked[entry], entry)
    turn.move("open_ask")


def _back(turn: Turn) -> None:
    if turn.session.over != "none":
        turn.move("put_away")
    else:
        turn.move("back", settle_back)


def pick(turn: Turn, area: str) -> None:
    session = turn.session
    if area != session.area:
        done = dict(session.done)
        if session.area and session.answers:
            done[session.area] = session.answers
        answers = done.pop(area, {})
        turn.put(area=area, answers=answers, done=done, ticks={}, trying="")
    if turn.session.consent == "nothing":
        turn.forget()
        turn.put(consent="")
    turn.move("close_all")
    turn.move("pick_area")


def _fit(turn: Turn) -> None:
    turn.move("close_all")
    turn.move("fit", settle)


def _agree(turn: Turn, choice: str) -> None:
    rights.agree(turn, choice)
    turn.move("agree", settle)


def _refuse(turn: Turn) -> None:
    rights.record(turn, "plan", granted=False)
    turn.move("refuse")


def _show_plan(turn: Turn) -> bool:
    turn.move("close_all")
    if not turn.move("show", settle) or turn.session.state != "plan":
        return True
    area, house = turn.session.area, turn.house
    screen = screens.full_plan(turn.session, house)
    if turn.session.consent == "nothing":
        turn.forget()
    turn.put(serial=turn.session.serial + 1)
    rows = (
        screen_of(turn.session, house).rows if not turn.session.answers else screen.rows
    )
    shown = screen._replace(rows=rows, serial=str(turn.session.serial))
    turn.put_up(shown, (area,), new=True, stands=True)
    return False


def _change(turn: Turn, question: str) -> None:
    if question:
        turn.move(f"change_{question}")
        turn.put(changing=True)
    else:
        turn.move("change")


def _turn(turn: Turn, question: str) -> None:
    turn.put(trying=question, tried="")
    turn.move("turn")


def _look(turn: Turn, value: str) -> None:
    turn.put(tried=value)
    turn.move("look")


def _restart(turn: Turn) -> None:
    held = {c.flag for c in turn.session.closures if c.stands}
    health = {
        name: given
        for name, given in turn.session.health.items()
        if name.rpartition("/")[2] in held
    }
    turn.put(answers={}, done={}, health=health, ticks={}, trying="", tried="")
    turn.move("close_all")
    turn.move("restart")


def _contact(turn: Turn) -> None:
    if "told_contact" not in turn.session.waiting.values():
        turn.call_staff("contact", turn.for_staff(), then="told_contact")
    turn.toast("asking_team")


def _got_help(turn: Turn) -> None:
    """Without a team to resume the chat, the person says that it is over."""
    if not turn.house.has_staff:
        turn.put(stopped="")
        turn.move("close_all")


def _topic(turn: Turn, topic: str) -> None:
    turn.put(about=topic)
    turn.move("open_topic")


def _entry(turn: Turn, entry: str) -> None:
    turn.put(about=entry)
    turn.move("open_answer")


def _now(turn: Turn, *, happening: bool) -> bool:
    if turn.session.over != "now":
        return True
    group, _, card = turn.session.about.partition(" ")
    heard, for_team = turn.session.heard, turn.session.for_team
    turn.put(about="", heard="", for_team=False)
    turn.move("close_all")
    if happening:
        turn.worsen(group)
        turn.raise_alarm(Alarm(Level.URGENT_NOW, group, card), heard)
        return False
    turn.note("inform")
    if group == visiting.CHECK_IN:
        turn.move("open_person")
    if for_team:
        turn.relay(heard)
        turn.move("open_person")
    return True


def _screen_again(turn: Turn) -> None:
    """Ask the health questions anew, before upkeep is spoken of."""
    area = turn.session.about
    if turn.session.over != "recall" or area not in turn.house.book.open_areas:
        turn.move("close_all")
        return
    elsewhere = {
        name: given
        for name, given in turn.session.health.items()
        if "/" in name and not name.startswith(f"{area}/")
    }
    turn.put(recalled=area, health=elsewhere)
    pick(turn, area)
    if not turn.move("screen_again", settle):
        turn.move("fit", settle)


def _pause(turn: Turn) -> None:
    """Pause here. What was answered waits for [Go on]."""
    turn.move("close_all")
    if turn.session.state in UNDER_WAY:
        turn.move("open_resume")
    else:
        turn.move("greet")


def _opening(name: str) -> Callable[[Turn, str], None]:
    def open_it(turn: Turn, _: str) -> None:
        turn.move(f"open_{name}")

    return open_it


#: What the commands do, as options.
COMMANDS: Mapping[str, str] = {
    "help": "help",
    "person": "person",
    "ask": "ask",
    "privacy": "privacy",
    "restart": "restart",
    "cancel": "pause",
    "stop": "hush",
    "visits": "visits",
    "plan": "course",
}

#: Buttons of messages that stay: they work whatever came after.
ON_ANY_SCREEN = (
    frozenset({"person", "not_this", "ask", "away"}) | visiting.ON_ANY_SCREEN
)

#: What people may always do about what is kept of them.
_RIGHTS = frozenset(
    {"privacy", "give", "withdraw", "my_data", "erase", "erase_yes", "hush", "wake"}
)

#: What still works while an emergency has stopped the chat.
_WHILE_STOPPED = (
    _RIGHTS
    | visiting.ALWAYS
    | {
        *("add_flag", "got_help"),
        *("ask", "person", "help", "back", "away", "topic", "q", "not_this"),
        *("yes", "no"),
    }
)

#: What still works while they want to hear nothing.
_WHILE_QUIET = (
    _RIGHTS | visiting.ALWAYS | {"person", "help", "back", "away", "yes", "no"}
)

#: Answers that say which place the health lists are about.
_PLACES = ("site", "joint")

#: What answers "is this happening now?".
_WHILE_ASKING_NOW = frozenset({"yes", "no", "person"})

#: Screens that lie over the present one, opened by an option of their own name.
_OPENS = ("ask", "person", "beside", "why", "kept", "help", "privacy", "erase")

_DOES: Mapping[str, Callable[[Turn, str], bool | None]] = {
    **{name: _opening(name) for name in _OPENS},
    **visiting.DOES,
    "screen_again": lambda turn, _: _screen_again(turn),
    "not_this": lambda turn, entry: _not_this(turn, entry),
    "add_flag": lambda turn, _: _add_flag(turn),
    "got_help": lambda turn, _: _got_help(turn),
    "another": lambda turn, _: _leave(turn, "another"),
    "what_if": lambda turn, _: _leave(turn, "what_if"),
    "away": lambda turn, _: _away(turn),
    "go_on": lambda turn, _: _leave(turn),
    "back": lambda turn, _: _back(turn),
    "keep": lambda turn, _: turn.move("keep", settle) and None,
    "tick": lambda turn, value: _tick(turn, value),
    "unsure": lambda turn, _: _marking(turn, True),
    "sure": lambda turn, _: _marking(turn, False),
    "done": lambda turn, _: _list_done(turn, turn.session.ticks),
    "none": lambda turn, _: _list_done(turn, {}),
    "area": lambda turn, area: pick(turn, area),
    "fit": lambda turn, _: _fit(turn),
    "agree": lambda turn, choice: _agree(turn, choice),
    "refuse": lambda turn, _: _refuse(turn),
    "show": lambda turn, _: _show_plan(turn),
    "change": lambda turn, question: _change(turn, question),
    "turn": lambda turn, question: _turn(turn, question),
    "picture": lambda turn, _: papers.picture(turn),
    "save": lambda turn, _: papers.save(turn),
    "look": lambda turn, value: _look(turn, value),
    "restart": lambda turn, _: _restart(turn),
    "give": lambda turn, purpose: rights.give(turn, purpose),
    "withdraw": lambda turn, purpose: rights.withdraw(turn, purpose),
    "my_data": lambda turn, _: rights.my_data(turn),
    "correct": lambda turn, _: rights.correct(turn),
    "erase_yes": lambda turn, _: rights.erase(turn),
    "hush": lambda turn, _: rights.hush(turn),
    "wake": lambda turn, _: rights.wake(turn),
    "contact": lambda turn, _: _contact(turn),
    "topic": lambda turn, topic: _topic(turn, topic),
    "q": lambda turn, entry: _entry(turn, entry),
    "yes": lambda turn, _: _now(turn, happening=True),
    "no": lambda turn, _: _now(turn, happening=False),
    "pause": lambda turn, _: _pause(turn),
}
