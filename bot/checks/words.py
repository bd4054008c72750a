"""Every id has words, and no words stand without an id."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import chain

from bot.checks.finding import Finding
from bot.checks.tour import Tour
from bot.desk.registry import COMMANDS as STAFF_COMMANDS
from bot.errors import ConfigError
from bot.faq.entries import Entry
from bot.paper.rows import rows
from bot.paper.sheets import published
from bot.phrases import Phrases
from bot.words import LANGUAGE, OF_THE_ENGINE, AreaWords, Words
from dialogs.options import COMMANDS
from dialogs.questions import BY_ID, HEALTH_LISTS, QUESTIONS, STOP_LIST
from dialogs.visiting import CHECK_IN
from exoplan import (
    Hedge,
    Intake,
    NotStated,
    ProtocolBook,
    Response,
    Unit,
    compare,
    make_plan,
)
from exoplan import Words as SaidInWords
from exoplan.chart import chart_of
from exoplan.intake import CHOICES, NOT_SURE, PAIN_HIGHEST
from exoplan.intake import QUESTIONS as FIELDS_OF

#: Letters that a line of what is kept about somebody has room for.
MAX_SHORT_LETTERS = 18


_TICK_LISTS = (STOP_LIST, *HEALTH_LISTS)
_CLOSING = (Response.URGENT_NOW, Response.SAME_DAY, Response.NO_PLAN, Response.HOLD)


def every_option(words: Words, book: ProtocolBook) -> Iterator[Finding]:
    """Areas, their questions, and every answer that may be given."""
    for id in book.areas:
        if id not in words.areas:
            yield Finding(f"areas/{id}.toml", "", "is missing: the words of this area")
    yield from _only("areas/", words.areas, book.areas, "area")
    yield from _same("labels.toml [questions]", words.questions, BY_ID, "question")
    known = set()
    for area in book.protocols:
        for question in area.questions:
            for option in _values(book, area.id, question):
                answer = f"{question}:{option}"
                known.add(answer)
                key = f"{area.id}/{answer}"
                if area.id in words.areas and not _has_words(words.label, key):
                    yield Finding(words.home_of(key), answer, "has no words")
    shared = {f"{q.id}:{value}" for q in QUESTIONS for value in q.values}
    for key in words.options:
        if key not in known | shared | {NOT_SURE}:
            yield Finding("labels.toml [options]", key, "is no answer")
    for id, own in words.areas.items():
        if id in book.areas:
            yield from _area(f"areas/{id}.toml", own, book, id)


def _area(
    file: str, own: AreaWords, book: ProtocolBook, area: str
) -> Iterator[Finding]:
    protocol = book.area(area)
    answers = {
        f"{question}:{option}"
        for question in protocol.questions
        for option in _values(book, area, question)
    }
    yield from _only(f"{file} [options]", own.options, answers, "answer here")
    yield from _only(f"{file} [lines]", own.lines, answers, "answer here")
    yield from _only(f"{file} [asks]", own.asks, protocol.questions, "question here")
    statements = [statement.id for statement in protocol.statements]
    yield from _only(f"{file} [for]", own.meant_for, statements, "statement here")


def every_question(words: Words, book: ProtocolBook) -> Iterator[Finding]:
    """What each question asks, what each tick list says."""
    for area in book.protocols:
        own = words.areas[area.id].asks if area.id in words.areas else {}
        for question in area.questions:
            if question not in own and question not in words.asks["asks"]:
                yield Finding("asks.toml [asks]", question, f"{area.id} has no words")
    choices = [q.id for q in QUESTIONS if q.kind == "choice"]
    yield from _only("asks.toml [asks]", words.asks["asks"], choices, "question")
    yield from _only("asks.toml [hints]", words.asks["hints"], choices, "question")
    yield from _same("asks.toml [ticks]", words.asks["ticks"], _TICK_LISTS, "tick list")


def every_flag(words: Words, book: ProtocolBook) -> Iterator[Finding]:
    """Each health flag as it is ticked, as the team reads it, and in a list."""
    flags = {flag.id: flag for flag in book.screening.flags}
    yield from _same("flags.toml", words.flags, flags, "flag")
    for id in words.flags.keys() & flags.keys():
        said = words.flags[id]
        asked = ("ask", "short") if flags[id].tick_list else ()
        for key in ("staff", *asked):
            if not said.get(key):
                yield Finding("flags.toml", f"{id}.{key}", "has no words")
        if len(said.get("short", "")) > MAX_SHORT_LETTERS:
            what = f"is longer than {MAX_SHORT_LETTERS} letters"
            yield Finding("flags.toml", f"{id}.short", what)


def every_finding_of_the_engine(words: Words, book: ProtocolBook) -> Iterator[Finding]:
    """Each id the engine hands out: statements, reasons, units, factors, questions."""
    expected = engine_ids(book)
    yield from _same("words.toml", words.engine, expected, "table")
    for table in words.engine.keys() & expected.keys():
        said, ids = words.engine[table], expected[table]
        for id in sorted(set(ids) - set(said)):
            yield Finding(_home(table, id, book), id, "has no words")
        for id in sorted(set(said) - set(ids)):
            yield Finding(
                words.home_of_said(table, id), id, "there is no such id of the engine"
            )


def _home(table: str, id: str, book: ProtocolBook) -> str:
    """Where the words of an engine's id belong: with the area that alone has it."""
    users = {
        area.id
        for area in book.protocols
        for one in (*area.statements, *(rule.statement for rule in area.factors))
        if id
        in (one.id, getattr(one.value, "reason", ""), getattr(one.value, "id", ""))
    }
    home = f"areas/{users.pop()}.toml" if len(users) == 1 else "words.toml"
    return f"{home if table in OF_THE_ENGINE else 'words.toml'} [{table}]"


def engine_ids(book: ProtocolBook) -> Mapping[str, Collection[str]]:
    """The tables of words.toml, and the ids that each must put into words."""
    protocols = (*book.protocols, book.prp, book.general)
    statements = [one for each in protocols for one in each.statements]
    rules = [rule for each in protocols for rule in each.factors]
    plans = [make_plan(intake, book) for intake in _intakes(book)]
    comparisons = [compare(book, area, frozenset()) for area in (None, *book.areas)]
    return {
        "units": set(Unit),
        "hedges": set(Hedge),
        "not_stated": {
            one.value.reason for one in statements if isinstance(one.value, NotStated)
        },
        "gaps": set(chain.from_iterable(plan.not_stated for plan in plans)),
        "said": {
            one.value.id for one in statements if isinstance(one.value, SaidInWords)
        },
        "notes": {
            one.id
            for one in statements
            if one.topic in ("how_given", "evidence")
            and isinstance(one.value, SaidInWords)
            and any(one.id in plan.notes for plan in plans)
        },
        "factors": {rule.id for rule in rules},
        "ask": set(chain.from_iterable(plan.ask_the_clinician for plan in plans)),
        "rows": {row.id for one in comparisons for row in one.rows},
        "kinds": _KINDS,
        "responses": set(_CLOSING),
        "statement_topics": {
            line.statement.topic
            for plan in plans
            for line in (*plan.lines, *plan.upkeep)
        },
        "directions": {f"{rule.of}.{rule.direction}" for rule in rules},
        "emergencies": _emergencies(book),
    }


#: What people send that is no text, as `dialogs.inputs.SentOther` names it.
_KINDS = frozenset(
    {"photo", "voice", "video", "sticker", "document", "location", "contact", "other"}
)


def every_row_of_a_drawing(words: Words, book: ProtocolBook) -> Iterator[Finding]:
    """Whatever a chart of any plan draws has its name and its sentence."""
    phrases = Phrases(words, book)
    for intake in _intakes(book):
        plan = make_plan(intake, book)
        try:
            rows(chart_of(plan), phrases)
            published(plan, phrases)
        except (KeyError, IndexError) as missing:
            yield Finding("paper.toml", str(missing.args[0]), "has no words")
            return


def every_button_and_topic(
    words: Words, seen: Iterable[Tour], entries: Iterable[Entry]
) -> Iterator[Finding]:
    """Words of buttons that are on no screen; topics, against those of the entries."""
    pressed = {label for tour in seen for label in tour.labels}
    for key in words.buttons:
        if key not in pressed:
            yield Finding("labels.toml [buttons]", key, "is on no screen")
    topics = {entry.topic for entry in entries}
    yield from _same("labels.toml [topics]", words.topics, topics, "topic")


def every_command(words: Words) -> Iterator[Finding]:
    """What the menus of Telegram show."""
    patient, staff = words.commands["patient"], words.commands["staff"]
    yield from _only(
        "commands.toml [patient]", patient, {*COMMANDS, "start"}, "command"
    )
    yield from _only("commands.toml [staff]", staff, {*STAFF_COMMANDS}, "command")


def _intakes(book: ProtocolBook) -> Iterator[Intake]:
    """One for every answer of every area, so that each id of the engine comes up."""
    for area in book.protocols:
        bare = Intake(area.id)
        yield bare
        for question in area.questions:
            for field in FIELDS_OF[question]:
                for value in CHOICES.get(field, ()):
                    yield bare.but(**{field: value})
        for option in area.places:
            pain = {"pain": PAIN_HIGHEST} if "pain" in area.questions else {}
            yield bare.but(site=option.id, **pain)


def _emergencies(book: ProtocolBook) -> set[str]:
    """Groups of the emergency reading, and flags that are as urgent."""
    path = files("dialogs.words").joinpath(LANGUAGE, "emergencies.toml")
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    flags = (
        flag.id
        for flag in book.screening.flags
        if flag.response in (Response.URGENT_NOW, Response.SAME_DAY)
    )
    return {*(group["id"] for group in read["group"]), *flags, CHECK_IN}


def _values(book: ProtocolBook, area: str, question: str) -> tuple[str, ...]:
    own = BY_ID[question].values
    return own or tuple(option.id for option in book.area(area).options(question))


def _has_words(label: Callable[[str], str], key: str) -> bool:
    try:
        return bool(label(key))
    except ConfigError:
        return False


def _same(
    file: str, words: Iterable[str], ids: Iterable[str], kind: str
) -> Iterator[Finding]:
    """Each id has words, and all words have an id."""
    known = set(words)
    for id in sorted(set(ids) - known):
        yield Finding(file, id, "has no words")
    yield from _only(file, known, ids, kind)


def _only(
    file: str, words: Iterable[str], ids: Iterable[str], kind: str
) -> Iterator[Finding]:
    """No words without an id."""
    for id in sorted(set(words) - set(ids)):
        yield Finding(file, id, f"there is no such {kind}")
