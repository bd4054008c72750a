"""`exoplan check` finds what is wrong, says where, and leaves with 1 for it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from itertools import islice

import pytest

from bot.checks import clinic as clinic_checks
from bot.checks import faq, machine, templates, texts, words
from bot.checks.everything import Proof, hours_said, prove
from bot.checks.tour import Tour, tour
from bot.clinic import DEMO_CLINIC, ClinicProfile, OwnStatement, load_clinic
from bot.faq.entries import load_entries
from bot.house import house_of
from bot.render import Renderer
from bot.words import Words
from dialogs.machine import OVERLAYS, STATES
from exoplan import load_book
from tests.bot.cli import Terminal

BOOK = load_book()
CLINIC = load_clinic(DEMO_CLINIC).model_copy(update={"staff_chat": 1})
ENTRIES = load_entries("en")
ALL = dict.fromkeys(BOOK.areas, True)
RENDERER = Renderer(Words(), CLINIC, BOOK, {entry.id: entry for entry in ENTRIES})


@pytest.fixture
def terminal(capsys, monkeypatch):
    return Terminal(capsys, monkeypatch)


@cache
def seen() -> Tour:
    return tour(house_of(CLINIC, BOOK, ENTRIES), RENDERER)


@cache
def demo_proofs() -> tuple[Proof, ...]:
    return tuple(prove(DEMO_CLINIC))


def said(findings) -> list[str]:
    return [str(finding) for finding in findings]


def test_what_ships_is_in_step():
    """Nothing is wrong with the texts, words, screens and machine of a release."""
    assert [f for proof in demo_proofs() for f in said(proof.findings)] == []


def test_one_line_for_each_thing_that_is_right(terminal):
    left = terminal.run("check", "--clinic", str(DEMO_CLINIC))
    ticks = [line for line in left.out.splitlines() if line.startswith("✓")]
    assert len(ticks) == len(demo_proofs())
    assert left.code == 0


def test_the_tour_reaches_every_place():
    """Every state and every overlay of the machine is one that a person can meet."""
    assert seen().states == set(STATES)
    assert seen().overlays == set(OVERLAYS)


def test_a_missing_clinic_file_is_found_and_the_rest_is_looked_at(tmp_path):
    _, _, missing, instead, *_ = islice(prove(tmp_path / "no.toml"), 4)
    (found,) = said(missing.findings)
    assert "no.toml: there is no such file; exoplan init writes it" in found
    assert "Riverside Clinic" in instead.title


def test_every_fault_of_a_clinic_file_has_its_own_line(terminal, tmp_path):
    file = tmp_path / "clinic.toml"
    file.write_text('nome = "x"\ntime_zone = "Mars"\n', encoding="utf-8")
    left = terminal.run("check", "--clinic", str(file))
    crosses = [line for line in left.out.splitlines() if line.startswith("✗")]
    assert left.code == 1
    assert len(crosses) == 2
    assert any("nome" in cross for cross in crosses)
    assert any("time_zone" in cross for cross in crosses)


def test_fields_that_keep_the_bot_from_running_are_named():
    found = said(clinic_checks.complete("clinic.toml", ClinicProfile()))
    for key in ("name", "country", "country_line", "emergency_number", "reviewer"):
        assert any(line.startswith(f"clinic.toml: {key}: ") for line in found)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"areas": {"skin": True, "hair": True}}, "areas.joint: is missing"),
        ({"areas": {**ALL, "nose": True}}, "areas.nose: no protocol covers"),
        ({"areas": dict.fromkeys(BOOK.areas, False)}, "areas: no area is offered"),
        (
            {"statements": (OwnStatement(area="hair", topic="luck", text="x"),)},
            "statements.1.topic: is none of sessions",
        ),
        (
            {"statements": (OwnStatement(area="nose", topic="sessions", text="x"),)},
            "statements.1.area: is none of skin",
        ),
    ],
)
def test_a_clinic_out_of_step_with_the_protocols_is_found(changes, line):
    whole = {"demo": False, "areas": ALL}
    clinic = CLINIC.model_copy(update={**whole, **changes})
    found = said(clinic_checks.fits_protocols("clinic.toml", clinic, BOOK))
    assert len(found) == 1
    assert found[0].startswith(f"clinic.toml: {line}")


def test_the_demo_clinic_is_in_step_with_the_protocols():
    assert said(clinic_checks.fits_protocols("demo", CLINIC, BOOK)) == []


@pytest.mark.parametrize(
    ("states", "row", "line"),
    [
        (("a", "b"), {"source": "a", "dest": "c"}, "go: no place is called 'c'"),
        (("a", "b"), {"source": "b", "dest": "a"}, "b: cannot be reached"),
        (("a", "b"), {"source": "a", "dest": "b"}, "b: has no way out"),
        (
            ("a",),
            {"source": ["a"], "dest": "a", "unless": "is_asleep"},
            "go: no condition is called 'is_asleep'",
        ),
    ],
)
def test_a_table_of_the_machine_that_is_not_sound_is_found(states, row, line):
    found = machine.table_sound(states, [{"trigger": "go", **row}], "a")
    assert f"dialogs/machine.py: {line}" in said(found)


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped texts that a test may break."""
    copy = tmp_path / "en"
    shutil.copytree(Words().folder, copy)
    return copy


def test_a_template_that_does_not_parse_is_found_with_its_line(folder):
    (folder / "help.html.j2").write_text("Hi\n{% if %}", encoding="utf-8")
    found = said(templates.parse(folder))
    assert len(found) == 1
    assert found[0].startswith("templates/en/help.html.j2: line 2: ")


def test_a_template_that_nothing_shows_is_found(folder):
    (folder / "lonely.html.j2").write_text("Hi", encoding="utf-8")
    assert said(templates.shown(folder, seen())) == [
        "templates/en/lonely.html.j2: is shown nowhere"
    ]


def test_a_clinic_that_says_the_least_it_may_is_shown_every_template():
    """What `exoplan init` leaves out is nothing that `check` would miss."""
    least = ClinicProfile(
        name="A",
        country="ES",
        country_line="Ask us.",
        emergency_number="112",
        staff_chat=-1,
        reviewer=CLINIC.reviewer,
        areas=dict.fromkeys(BOOK.areas, True),
    )
    renderer = Renderer(Words(), least, BOOK, {entry.id: entry for entry in ENTRIES})
    shown = tour(house_of(hours_said(least), BOOK, ENTRIES), renderer)
    assert said(shown.findings) == []
    assert said(templates.shown(Words().folder, shown)) == []


def test_a_template_that_a_screen_names_and_that_is_not_there_is_found(folder):
    (folder / "card.html.j2").unlink()
    broken = Words()
    broken.folder = folder
    renderer = Renderer(broken, CLINIC, BOOK, {})
    found = said(tour(house_of(CLINIC, BOOK, ()), renderer).findings)
    assert any("there is no card.html.j2" in line for line in found)


def test_an_option_that_nothing_handles_is_found(monkeypatch):
    """A button that raises is found before a person presses it."""
    from dialogs import options

    without = {k: v for k, v in options._DOES.items() if k != "beside"}
    monkeypatch.setattr(options, "_DOES", without)
    found = said(tour(house_of(CLINIC, BOOK, ()), RENDERER).findings)
    assert any("card [beside]: raises KeyError" in line for line in found)


def test_an_id_without_words_and_words_without_an_id_are_found():
    broken = Words()
    short = {k: v for k, v in broken.engine["units"].items() if k != "week"}
    broken.engine = {**broken.engine, "units": {**short, "year": ["year", "years"]}}
    assert said(words.every_finding_of_the_engine(broken, BOOK)) == [
        "words.toml [units]: week: has no words",
        "words.toml [units]: year: there is no such id of the engine",
    ]


def test_a_row_of_a_drawing_without_words_is_found():
    broken = Words()
    broken.paper = {**broken.paper, "rows": {"sessions": "How many visits"}}
    assert said(words.every_row_of_a_drawing(broken, BOOK)) == [
        "paper.toml: first_change: has no words"
    ]


def test_a_flag_without_words_is_found():
    broken = Words()
    flags = {**broken.flags, "RF99": {"ask": "I am new"}}
    flags["RF10"] = {**flags["RF10"], "ask": "", "short": "x" * 19}
    broken.flags = flags
    found = said(words.every_flag(broken, BOOK))
    assert "flags.toml: RF99: there is no such flag" in found
    assert "flags.toml: RF10.ask: has no words" in found
    assert any(line.startswith("flags.toml: RF10.short: is longer") for line in found)


def test_an_answer_without_words_is_found():
    broken = Words()
    hair = broken.areas["hair"]
    crownless = {k: v for k, v in hair.options.items() if k != "site:crown"}
    own = replace(hair, options={**crownless, "site:ear": "Ear"})
    broken.areas["hair"] = own
    found = said(words.every_option(broken, BOOK))
    assert "areas/hair.toml [options]: site:crown: has no words" in found
    assert "areas/hair.toml [options]: site:ear: there is no such answer here" in found


def test_a_button_on_no_screen_is_found():
    broken = Words()
    broken.buttons = {**broken.buttons, "fly": "Fly away"}
    found = said(words.every_button_and_topic(broken, [seen()], ENTRIES))
    assert "labels.toml [buttons]: fly: is on no screen" in found


def test_an_answer_that_names_a_number_to_a_held_person_is_found():
    entry = next(entry for entry in ENTRIES if entry.holds_numbers)
    loud = replace(entry, answer_closed="Plan for 1 to 3 visits.")
    renderer = Renderer(Words(), CLINIC, BOOK, {entry.id: loud})
    found = said(faq.answers([loud], renderer, BOOK))
    assert found == [
        f"faq/{entry.id}.toml: answer_closed: names a number: 1 to 3 visit…"
    ]


def test_an_answer_that_does_not_render_is_found():
    broken = replace(ENTRIES[0], answer="{{ nobody.knows }}")
    renderer = Renderer(Words(), CLINIC, BOOK, {broken.id: broken})
    found = said(faq.answers([broken], renderer, BOOK))
    assert found[0].startswith(f"faq/{broken.id}.toml: answer: does not render")


def test_a_claim_and_a_hard_text_are_found():
    hard = " ".join(
        ["Notwithstanding considerable heterogeneity of therapeutic methodology"] * 6
    )
    bad = Tour(
        texts={"card": {"This cures everything."}, "help": {hard}},
        for_patients={"card", "help"},
    )
    claims = said(texts.claim_nothing([bad], BOOK))
    assert len(claims) == 1
    assert claims[0].startswith("templates: card: “cures”.")
    grades = said(texts.easy_to_read([bad], BOOK))
    assert len(grades) == 1
    assert grades[0].startswith("templates: help: reading grade")
