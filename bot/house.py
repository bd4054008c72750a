"""The clinic as the conversation knows it, and everything that decides what is said."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bot.app import Voice
from bot.channels.telegram import Storefront
from bot.clinic import WEEKDAYS, ClinicProfile, calendar_of, span_of
from bot.conversation import ClinicConversation
from bot.errors import ConfigError
from bot.faq.bands import ANSWER_AT, SUGGEST_AT
from bot.faq.entries import Entry, load_entries
from bot.faq.labelled import Labelled
from bot.faq.library import Finds, Library
from bot.faq.two import asked
from bot.phrases import plain_option
from bot.read import Reader
from bot.render import Renderer
from bot.words import LANGUAGE, Words
from dialogs import Entry as KnownEntry
from dialogs import House, Screen
from dialogs.triage import triage
from dialogs.understanding import Choice, asks, choice, is_lost, understand
from dialogs.volunteered import volunteered
from exoplan import PRP, ClinicStatement, ProtocolBook, Topic, load_book

#: Answers that are numbers themselves: "3" means three, not the third button.
_NUMERIC = ("pain",)


def book_of(clinic: ClinicProfile) -> ProtocolBook:
    """The protocols with what this clinic adds, and without what it does not offer.

    Where it says of some areas whether they are offered, the others are not.

    Raises ConfigError or ProtocolError where the two do not fit.
    """
    try:
        statements = [
            ClinicStatement(own.area, Topic(own.topic), own.text, clinic.name)
            for own in clinic.statements
        ]
    except ValueError as fault:
        raise ConfigError(f"clinic.toml: statements.topic: {fault}") from None
    closed = {area for area, lawful in clinic.areas.items() if not lawful}
    if clinic.areas:  # an area that came with a release waits for the clinic's word
        closed |= set(load_book().areas) - set(clinic.areas)
    return load_book(clinic_statements=statements, closed_areas=closed)


def house_of(
    clinic: ClinicProfile, book: ProtocolBook, entries: tuple[Entry, ...]
) -> House:
    """What the conversation needs to know of the clinic."""
    return House(
        book,
        has_staff=clinic.staff_chat is not None,
        entries=known(entries),
        answer_at=ANSWER_AT,
        suggest_at=SUGGEST_AT,
        takes_health=not clinic.no_health_data,
        opening=clinic.week,
        calendar=calendar_of(clinic),
        zone=clinic.time_zone,
        open_hours={
            WEEKDAYS.index(day): span_of(hours)
            for day, hours in clinic.visiting_hours.items()
        },
        inputs_per_minute=clinic.inputs_per_minute,
    )


def known(entries: Iterable[Entry]) -> dict[str, KnownEntry]:
    """What the conversation needs to know of the questions, by id."""
    return {
        entry.id: KnownEntry(
            entry.id,
            entry.topic,
            entry.holds_numbers,
            entry.areas,
            for_team=entry.who == "human",
        )
        for entry in entries
    }


def reader_of(renderer: Renderer, library: Library) -> Reader:
    """Reads free text: emergencies first, then the screen, then the questions."""
    return Reader(
        triage=triage,
        understand=lambda text, screen: understand(text, choices(screen, renderer)),
        faq=lambda text: asked(text, library.match, LANGUAGE),
        volunteered=volunteered,
        asks=asks,
        lost=is_lost,
    )


def choices(screen: Screen, renderer: Renderer) -> tuple[Choice, ...]:
    """Every button as what may be typed for it; answers count from one."""
    found = []
    place = 0
    for row in screen.rows:
        for button in row:
            kind, colon, _ = button.option.partition(":")
            numbered = bool(colon) and kind not in _NUMERIC
            place += numbered
            label = "" if button.data else plain_option(renderer.label(button.label))
            found.append(choice(button.option, label, place if numbered else None))
    return tuple(found)


@lru_cache(maxsize=1)
def _learned(
    entries: tuple[Entry, ...],
    labelled: tuple[Labelled, ...],
    wrong_share: float,
    semantic: bool,
) -> Finds:
    """Fitted once to the same entries, however often a program begins."""
    # Here, not above: what it calculates with takes longer to load than a bot to start.
    from bot.faq.learn import learn

    model = None
    if semantic:
        from bot.faq.sentences import sentence_model

        model = sentence_model()
    return learn(entries, labelled, LANGUAGE, wrong_share, model)


def voice_of(clinic: ClinicProfile, *, learned: bool = True) -> Voice:
    """Everything said in the clinic's name, from its profile and the shipped texts.

    Args:
        learned: False where the program learns the questions while it works
            (`bot.faq.library.Library.run`), to be there sooner.

    Raises ConfigError, ProtocolError, FaqError or RenderError, one clear line each.
    """
    if clinic.faq_semantic:  # said now, not by a thread that learns later
        from bot.faq.sentences import needed

        needed()
    words = Words(LANGUAGE)
    book = book_of(clinic)
    offered = ("", *book.open_areas)
    entries = tuple(e for e in load_entries(LANGUAGE) if e.only_area in offered)
    renderer = Renderer(words, clinic, book, {entry.id: entry for entry in entries})
    storefront = Storefront(
        description=renderer.plain("description"),
        short_description=renderer.plain("short_description"),
        commands=words.commands["patient"],
        staff_commands=words.commands["staff"],
    )
    conversation = ClinicConversation(house_of(clinic, book, entries))
    library = Library(
        entries,
        lambda entries, labelled: _learned(
            tuple(entries),
            tuple(labelled),
            clinic.faq_wrong_share,
            clinic.faq_semantic,
        ),
        LANGUAGE,
        (*book.areas, PRP),
    )
    library.tell(renderer.know)
    library.tell(lambda entries: conversation.know(known(entries.values())))
    if learned:
        library.learn()
    return Voice(
        conversation=conversation,
        reader=reader_of(renderer, library),
        renderers={LANGUAGE: renderer},
        storefront=storefront,
        library=library,
    )
