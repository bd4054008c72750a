"""What the team answered once, kept for all who ask the same.

One member saves an answer as a draft and vouches that the question holds nothing
personal; from there on it is the team's text, and no patient's. Another approves it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

from bot.desk.errand import Errand
from bot.desk.registry import asks, button, command, says, toasts
from bot.faq import own
from bot.faq.entries import FaqError
from bot.faq.own import Own, Said
from bot.roles import CLINICAL, EVERYONE
from bot.store import staff
from bot.texts.grade import HARDEST_GRADE, grade
from dialogs.effects import Button, Rows
from dialogs.length import first

#: In a practice of one the same person may approve a draft after this.
ALONE_WAITS = timedelta(days=1)

MOST_DRAFTS = 10  # shown at once
MAX_SHOWN_LETTERS = 1_800  # of each part of a draft in a note
MOST_WAYS_SHOWN = 8
MIN_WORDS_TO_GRADE = 30  # under so many a grade means little

_DRAFT = re.compile(r"(C\d{1,9})\.(\d{1,6})")
_NAMED = {"id": "C7", "ask": "Is there a lift?", "by": "Maria"}
_SHOWN = {
    **_NAMED,
    "answer": "Yes.",
    "ways": ("Do I have to climb stairs?",),
    "faults": ("answer: needs 1 to 2000 letters",),
    "hard": 9,
}


def _draft_rows(named: str) -> Rows:
    return (
        (Button(f"serve:{named}", "desk_serve"), Button(f"unfaq:{named}", "desk_drop")),
        (
            Button(f"faq_ask:{named}", "desk_faq_ask"),
            Button(f"faq_answer:{named}", "desk_faq_answer"),
        ),
        (Button(f"faq_ways:{named}", "desk_faq_ways"),),
    )


def _propose_rows(note: str) -> Rows:
    return (
        (Button(f"keep:{note}", "desk_keep"),),
        (Button(f"anew:{note}", "desk_anew"),),
    )


NOTHING = says("desk_faq_nothing")
PROPOSED = says(
    "desk_faq_proposed", _propose_rows("7"), name="Ana", question="…", answer="…"
)
DRAFT = says("desk_faq_draft", _draft_rows("C7.1"), **_SHOWN)
NO_DRAFTS = says("desk_faq_none")
SERVED = says("desk_faq_served", (), **_NAMED)
DROPPED = says("desk_faq_dropped", (), **_NAMED)
TOO_LONG = says("desk_faq_too_long", most=own.MAX_DRAFT_LETTERS)
HOW_ANEW = asks("desk_faq_how_anew", "save", name="Ana")
HOW_ASK = asks("desk_faq_how_ask", "faq", id="C7", ask="Is there a lift?")
HOW_ANSWER = asks("desk_faq_how_answer", "faq", id="C7", answer="Yes.")
HOW_WAYS = asks("desk_faq_how_ways", "faq", id="C7", ways=("Any stairs?",))
DRAFTED = toasts("desk_faq_drafted")
GONE = toasts("desk_faq_gone")
NEEDS_ANOTHER = toasts("desk_faq_needs_another")
ALONE_A_DAY = toasts("desk_faq_alone_a_day")
HAS_FAULTS = toasts("desk_faq_has_faults")


class Taught(NamedTuple):
    """A question of a patient's with the team's answer."""

    note: str  #: id of the team's message
    question: str
    answer: str


# -- from an answer to a draft ---------------------------------------------------------


@command("save", EVERYONE)
@button("save", EVERYONE)
def save(errand: Errand) -> None:
    """Show a question with its answer, to be looked over before it is kept.

    As the answer to the desk's own question, the words are the question put anew.
    """
    taught = _taught(errand)
    if taught is None:
        errand.say(NOTHING)
        return
    if errand.asked_with:
        _keep(errand, taught, first(errand.argument, own.MAX_DRAFT_LETTERS), "anew")
        return
    errand.record()
    shown = {
        "name": errand.name(),
        "question": taught.question,
        "answer": first(taught.answer, MAX_SHOWN_LETTERS),
    }
    errand.say(PROPOSED, shown, _propose_rows(taught.note), about=True)


@button("keep", EVERYONE)
def keep(errand: Errand) -> None:
    """They vouch that the question holds nothing personal."""
    taught = _taught(errand)
    if taught is None:
        errand.say(NOTHING)
        return
    if _keep(errand, taught, taught.question, "same"):
        errand.toast(DRAFTED)


@button("anew", EVERYONE)
def anew(errand: Errand) -> None:
    """The question is written anew, without anything personal."""
    errand.say(HOW_ANEW, {"name": errand.name()}, prompt=errand.argument)


def _taught(errand: Errand) -> Taught | None:
    """The answer that is meant: the one replied to or pressed under, else the last."""
    known = errand.session().get("taught") or {}
    replied = errand.said.get("reply_to_message")
    named = (
        errand.asked_with,
        errand.argument if errand.query_id else "",
        str(errand.tools.room.numbered(errand.chat_id, replied["message_id"]))
        if isinstance(replied, dict)
        else "",
    )
    note = next((one for one in named if one in known), None)
    if note is None:
        if errand.query_id or errand.asked_with or not known:
            return None
        note = next(reversed(known))
    return Taught(note, known[note]["question"], known[note]["answer"])


def _keep(errand: Errand, taught: Taught, ask: str, how: str) -> bool:
    # The key names the message without telling whose it was: the row outlives them.
    told = f"taught:{errand.patient.key_id}:{taught.note}:{how}"
    key = f"taught:{errand.tools.keys.lookup_hash(told).hex()[:48]}"
    said = Said(ask, (ask[: own.MAX_PHRASING_LETTERS],), taught.answer)
    return _write(errand, said, key)


# -- drafts ----------------------------------------------------------------------------


@command("faq", EVERYONE, about_patient=False)
def faq(errand: Errand) -> None:
    """Show the drafts that wait; or take the words that change one."""
    part, _, named = errand.asked_with.partition(":")
    if not part:
        drafts = own.revisions(errand.connection, errand.tools.keys, "draft")
        errand.record()
        for waiting in drafts[:MOST_DRAFTS]:
            _show(errand, waiting)
        if not drafts:
            errand.say(NO_DRAFTS)
        return
    draft = _draft(errand, named)
    if draft is None:
        errand.say(NO_DRAFTS)
        return
    words, said = errand.argument, draft.said
    lines = tuple(line.strip() for line in words.splitlines() if line.strip())
    changed = {
        "ask": Said(words, (*said.phrasings, words), said.answer),
        "answer": Said(said.ask, said.phrasings, words),
        "ways": Said(said.ask, tuple(dict.fromkeys((said.ask, *lines))), said.answer),
    }[part]
    _write(errand, changed, f"staff:{errand.update_id}", draft.id)


@button("faq_ask", EVERYONE, about_patient=False)
def edit_ask(errand: Errand) -> None:
    """The question is typed anew."""
    if draft := _pressed(errand):
        data = {"id": draft.id, "ask": first(draft.said.ask, MAX_SHOWN_LETTERS)}
        errand.say(HOW_ASK, data, prompt=f"ask:{errand.argument}", everybody=True)


@button("faq_answer", EVERYONE, about_patient=False)
def edit_answer(errand: Errand) -> None:
    """The answer is typed anew."""
    if draft := _pressed(errand):
        data = {"id": draft.id, "answer": first(draft.said.answer, MAX_SHOWN_LETTERS)}
        errand.say(HOW_ANSWER, data, prompt=f"answer:{errand.argument}", everybody=True)


@button("faq_ways", EVERYONE, about_patient=False)
def edit_ways(errand: Errand) -> None:
    """Other ways to ask are typed, one a line."""
    if draft := _pressed(errand):
        data = {"id": draft.id, "ways": draft.said.phrasings[:MOST_WAYS_SHOWN]}
        errand.say(HOW_WAYS, data, prompt=f"ways:{errand.argument}", everybody=True)


@button("unfaq", EVERYONE, about_patient=False)
def drop(errand: Errand) -> None:
    """Drop a draft; what serves goes on serving."""
    if draft := _pressed(errand):
        errand.record()
        own.drop(errand.connection, draft.id, errand.now)
        errand.say(DROPPED, _named(errand, draft), everybody=True)


@button("serve", CLINICAL, about_patient=False)
def serve(errand: Errand) -> None:
    """Approve a draft of somebody else's; from now on it is offered to patients."""
    draft = _pressed(errand)
    if draft is None:
        return
    if own.faults(draft.said):
        errand.record("refused")
        errand.toast(HAS_FAULTS)
    elif (why := _not_theirs(errand, draft)) is not None:
        errand.record("refused")
        errand.toast(why)
    else:
        errand.record()
        own.approve(
            errand.connection, draft.id, draft.revision, errand.actor, errand.now
        )
        errand.say(SERVED, _named(errand, draft), everybody=True)
        errand.tools.learn()


def _not_theirs(errand: Errand, draft: Own) -> str | None:
    """Why it is not for them to approve: nobody else has read it."""
    if draft.written_by != errand.actor:
        return None
    team = staff.members(errand.connection)
    alone = len(team) == 1 if team else (errand.tools.room.current or 0) > 0
    if not alone:
        return NEEDS_ANOTHER
    return None if errand.now - draft.written_at >= ALONE_WAITS else ALONE_A_DAY


def _pressed(errand: Errand) -> Own | None:
    """The draft under a button; who presses is told where it is none any more."""
    draft = _draft(errand, errand.argument)
    if draft is None:
        errand.toast(GONE)
    return draft


def _draft(errand: Errand, named: str) -> Own | None:
    found = _DRAFT.fullmatch(named)
    if found is None:
        return None
    keys, number = errand.tools.keys, int(found[2])
    draft = own.revision(errand.connection, keys, found[1], number)
    return draft if draft is not None and draft.status == "draft" else None


def _write(errand: Errand, said: Said, key: str, entry: str = "") -> bool:
    """Keep a wording, in place of the drafts of this entry before, and show it.

    Returns:
        Whether it was kept; who wrote it is told where it was not.
    """
    connection, keys = errand.connection, errand.tools.keys
    if entry:
        own.drop(connection, entry, errand.now)
    try:
        written = own.write_draft(
            connection,
            keys,
            said,
            key=key,
            language=errand.tools.language,
            by=errand.actor,
            now=errand.now,
            entry=entry,
            finished=False,
        )
    except FaqError:
        errand.say(TOO_LONG, {"most": own.MAX_DRAFT_LETTERS})
        return False
    errand.record()
    drafts = own.revisions(connection, keys, "draft")
    for latest in [one for one in drafts if one.id == written][-1:]:
        _show(errand, latest)
    return True


def _show(errand: Errand, draft: Own) -> None:
    """A draft with everything that may be done to it, where the whole team looks."""
    said = draft.said
    reached = round(grade(said.answer)) if _is_long(said.answer) else 0
    shown = {
        **_named(errand, draft),
        "ask": first(said.ask, own.MAX_PHRASING_LETTERS),
        "answer": first(said.answer, MAX_SHOWN_LETTERS),
        "ways": tuple(one for one in said.phrasings if one != said.ask)[
            :MOST_WAYS_SHOWN
        ],
        "faults": own.faults(said),
        "hard": reached if reached > HARDEST_GRADE else 0,
    }
    rows = _draft_rows(f"{draft.id}.{draft.revision}")
    errand.say(DRAFT, shown, rows, everybody=True)


def _is_long(words: str) -> bool:
    return len(words.split()) >= MIN_WORDS_TO_GRADE


def _named(errand: Errand, draft: Own) -> dict[str, object]:
    return {"id": draft.id, "ask": draft.said.ask, "by": errand.by}
