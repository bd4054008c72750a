"""The frequently asked questions as they ship, and what is said of a faulty file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import escape

from bot.clinic import DEMO_CLINIC, ClinicProfile, load_clinic
from bot.faq.entries import Entry, FaqError, load_entries
from bot.render import Renderer
from bot.texts.claims import forbidden
from bot.texts.grade import (
    HARDEST_GRADE,
    MAX_SENTENCE_WORDS,
    grade,
    longest_sentence_words,
    plain,
)
from bot.words import Words
from dialogs.effects import Screen
from exoplan import ProtocolBook, load_book

ENTRIES = load_entries("en")
BY_ID = {entry.id: entry for entry in ENTRIES}
BOOK = load_book()
TOPICS = {
    *("basics", "visits", "results", "safety", "me"),
    *("visit_day", "care", "compare", "booking", "trust"),
}
MAX_LETTERS = 450
#: An answer that holds numbers stands under the clinic's country line.
MAX_LETTERS_WITH_NUMBERS = 350
#: What stands under every answer with numbers.
LIMITS = (
    "From one general article. Human studies are few and small. "
    "Side effects happen, some serious."
)
FULL = load_clinic(DEMO_CLINIC)
#: What a clinic says itself is its own to word; the rest of an answer is ours.
BARE = ClinicProfile(name="A", country_line="Ask us.", emergency_number="112")


def answer(
    entry: Entry,
    clinic: ClinicProfile,
    *,
    closed: bool,
    book: ProtocolBook = BOOK,
) -> str:
    renderer = Renderer(Words(), clinic, book, BY_ID)
    screen = Screen("answer", {"entry": entry.id, "closed": closed})
    text = renderer.screen(screen).text
    return text.removeprefix(f"<b>{escape(entry.ask)}</b>").strip()


EVERY_ANSWER = [
    pytest.param(entry, clinic, closed, id=f"{entry.id}-{name}-{closed}")
    for entry in ENTRIES
    for name, clinic in (("full", FULL), ("bare", BARE))
    for closed in (False, True)
]


def test_every_question_people_ask_has_an_entry():
    assert {f"Q{n:02}" for n in range(1, 61)} <= set(BY_ID)
    assert {entry.topic for entry in ENTRIES} == TOPICS


@pytest.mark.parametrize(("entry", "clinic", "closed"), EVERY_ANSWER)
def test_an_answer_fits_a_small_screen_and_reads_easily(entry, clinic, closed):
    text = answer(entry, clinic, closed=closed).replace(FULL.country_line, "")
    assert 0 < len(plain(text)) <= MAX_LETTERS
    assert grade(text) <= HARDEST_GRADE
    assert longest_sentence_words(text) <= MAX_SENTENCE_WORDS
    assert "!" not in text


@pytest.mark.parametrize(("entry", "clinic", "closed"), EVERY_ANSWER)
def test_an_answer_claims_nothing_that_is_forbidden(entry, clinic, closed):
    text = answer(entry, clinic, closed=closed)
    assert forbidden(f"{entry.ask}\n{text}", f"faq/{entry.id}") == ()


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.holds_numbers], ids=lambda entry: entry.id
)
def test_an_answer_with_numbers_says_where_they_are_from(entry):
    """And it is short, for the country line stands above it and the limits below."""
    text = answer(entry, BARE, closed=False).replace(BARE.country_line, "").strip()
    assert LIMITS in text
    text = text.replace(LIMITS, "")
    assert len(plain(text)) <= MAX_LETTERS_WITH_NUMBERS
    assert "our source" in text.lower()
    assert re.search(r"\b(often|may|sometimes)\b", text)
    if entry.id != "Q15":  # it names times, not visits
        assert "clinician sets your number." in text


#: Words by which an answer speaks of an area.
SPEAKS_OF = {
    "joint": r"joints?|knees?|hips?|shoulders?|cartilage",
    "hair": r"hair(?! care)|scalp|thinning|minoxidil",
    "skin": r"for skin|skin:",
}


@pytest.mark.parametrize("area", SPEAKS_OF)
@pytest.mark.parametrize("closed", [False, True])
def test_an_area_that_a_clinic_has_closed_is_not_spoken_of(area, closed):
    book = load_book(closed_areas=[area])
    said = {
        entry.id: answer(entry, BARE, closed=closed, book=book)
        for entry in ENTRIES
        if entry.only_area != area and "hair" not in entry.ask.lower()
    }
    speaks = re.compile(rf"\b({SPEAKS_OF[area]})", re.IGNORECASE)
    assert {id: text for id, text in said.items() if speaks.search(text)} == {}


@pytest.mark.parametrize("area", SPEAKS_OF)
def test_questions_about_one_area_only_say_so(area):
    """A house that has closed the area leaves them out."""
    book = load_book(closed_areas=[other for other in SPEAKS_OF if other != area])
    only = [entry for entry in ENTRIES if entry.only_area == area]
    assert only
    for entry in only:
        assert answer(entry, FULL, closed=False, book=book)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_person_whose_plan_is_held_reads_no_visit_number(entry):
    if not entry.holds_numbers:
        return
    assert not re.search(r"\d", answer(entry, FULL, closed=True))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_published_figures_come_from_the_protocols_and_say_whose_they_are(entry):
    """A figure of an area stands in an answer only if the entry names that area."""
    named = {
        statement.partition(".")[0]
        for statement in re.findall(r'n\("([^"]+)"\)', entry.answer)
    }
    assert named - {"general"} <= set(entry.areas)
    typed = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", entry.answer)
    assert not re.search(r"\d+ (to|or|-|–) \d+|\d+ (visits?|weeks|a year)", typed)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_talk_of_side_effects_says_that_some_are_serious(entry):
    said = f"{entry.answer} {entry.answer_closed}".lower()
    if "side effects" in said:
        assert "side effects happen, some serious" in said


@pytest.mark.parametrize("id", ["Q02", "Q22", "Q23", "Q26", "Q27", "Q40", "Q50"])
def test_what_touches_safety_names_the_serious_side(id):
    assert "some serious" in answer(BY_ID[id], FULL, closed=False)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_answer_from_the_source_or_from_general_knowledge_names_it(entry):
    assert entry.sources or entry.who in ("clinic", "human") or entry.id == "Q36"


def test_shipped_texts_are_not_yet_reviewed_by_anybody():
    assert {(entry.reviewed_by, entry.reviewed_on) for entry in ENTRIES} == {("", "")}


def test_a_clinic_that_has_not_said_it_hands_over_to_the_team():
    hours = BY_ID["Q57"]
    assert FULL.hours in answer(hours, FULL, closed=False)
    assert "Talk to a person" in answer(hours, BARE, closed=False)


def test_every_field_an_entry_asks_of_the_clinic_is_one_it_can_set():
    asked = {entry.clinic_field for entry in ENTRIES} - {""}
    assert asked <= set(ClinicProfile.model_fields)


WELL = (Path("templates/en/faq") / "Q08.toml").resolve().read_text("utf-8")


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('topic = "visits"\n', "", "topic: is missing"),
        ('topic = "visits"', "topic = 3", "topic: is not text"),
        ('topic = "visits"', 'topic = " "', "topic: is empty"),
        ('who = "source"', 'who = "robot"', "who: is none of source"),
        ("holds_numbers = true", "holds_numbers = 1", "holds_numbers: is not true"),
        ("holds_numbers = true", "holds_numbers = false", "holds_numbers: must be"),
        ('areas = ["hair"]', "areas = []", "areas: names whose"),
        ('areas = ["hair"]', 'areas = "hair"', "areas: is not a list"),
        ('only_area = "hair"', 'only_area = "skin"', "only_area: must be the area"),
        ("answer_closed = ", "unknown = ", "unknown: is not a known field"),
        ('id = "Q08"', 'id = "Q09"', "id: is the name of the file"),
        ('id = "Q08"', 'id = "hair"', "id: has the form"),
        (
            'reviewed_by = ""',
            'clinic_field = "x"\nreviewed_by = ""',
            "answer_unset: is",
        ),
        ("I show no numbers here", '{{ n("a") }}', "answer_closed: must name no"),
        ("sources = [", 'sources = [{ title = "x" },', "sources: each has"),
        ("sources = [", "sources = [[", "is not TOML"),
        ("How many visits for hair?", "How " * 20, "ask: has at most"),
    ],
)
def test_a_faulty_file_is_named_with_its_field(tmp_path, was, becomes, said):
    assert was in WELL
    path = tmp_path / "Q08.toml"
    path.write_text(WELL.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(FaqError) as raised:
        load_entries("en", tmp_path)
    assert str(path) in str(raised.value)
    assert said in str(raised.value)


def test_too_few_ways_to_ask_are_refused(tmp_path):
    few = re.sub(r"phrasings = \[.*\]", 'phrasings = ["one"]', WELL, flags=re.DOTALL)
    (tmp_path / "Q08.toml").write_text(few, encoding="utf-8")
    with pytest.raises(FaqError, match="phrasings: needs at least 12"):
        load_entries("en", tmp_path)


def test_one_phrasing_for_two_entries_is_refused(tmp_path):
    (tmp_path / "Q08.toml").write_text(WELL, encoding="utf-8")
    other = WELL.replace('id = "Q08"', 'id = "Q09"')
    (tmp_path / "Q09.toml").write_text(other, encoding="utf-8")
    with pytest.raises(FaqError, match=r"Q09.toml: phrasings: .* is Q08's as well"):
        load_entries("en", tmp_path)


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(FaqError, match="holds none"):
        load_entries("en", tmp_path)
