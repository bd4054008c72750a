"""`exoplan init` writes a clinic.toml that loads, and writes over nothing unasked."""

from __future__ import annotations

import os
import re
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clinic import ClinicProfile, load_clinic, missing_for_run
from bot.commands.init import _rendered, suggestion
from bot.countries import time_zone_of
from exoplan import load_book
from tests.bot.cli import Terminal

COMPLETE = (
    'Río "Sur"', "es", "", "", "555-0100", "Mon to Fri", "Europe/Madrid", "",
    "-100123", "Ana Ruiz", "2026-02-01", "y", "y", "n",
)  # fmt: skip


@pytest.fixture
def terminal(capsys, monkeypatch):
    return Terminal(capsys, monkeypatch)


def piped(*answers: str) -> str:
    """One line each; Enter to whatever area is asked about after three."""
    further = [""] * (len(load_book().areas) - 3)
    return "".join(f"{answer}\n" for answer in (*answers, *further))


def test_piped_answers_make_a_file_that_may_run(terminal, tmp_path):
    path = tmp_path / "clinic.toml"
    left = terminal.run("init", str(path), answers=piped(*COMPLETE))
    profile = load_clinic(path)
    assert left.code == 0
    assert missing_for_run(profile) == []
    assert profile.name == 'Río "Sur"'
    assert profile.country == "ES"
    assert profile.country_line == suggestion("ES")["country_line"]
    assert profile.emergency_number == "112"
    assert profile.staff_chat == -100123
    assert {area for area, lawful in profile.areas.items() if lawful} == {
        "skin",
        "hair",
    }
    assert profile.areas.keys() == set(load_book().areas)


def test_what_still_keeps_the_bot_from_running_is_said(terminal, tmp_path):
    path = tmp_path / "clinic.toml"
    answers = (*COMPLETE[:8], "", "", "n", "n", "n")
    left = terminal.run("init", str(path), answers=piped(*answers))
    assert left.code == 0
    assert "reviewer" in left.out
    assert missing_for_run(load_clinic(path))[0].startswith("reviewer")


def test_an_answer_that_cannot_be_is_asked_again(terminal, tmp_path):
    path = tmp_path / "clinic.toml"
    answers = list(COMPLETE)
    answers[1:2] = ["Spain", "es"]
    zone = answers.index("Europe/Madrid")
    answers[zone : zone + 1] = ["Madrid", "../etc", "Europe/Madrid"]
    chat = answers.index("-100123")
    answers[chat : chat + 1] = ["our group", "-100123"]
    day = answers.index("2026-02-01")
    answers[day : day + 1] = ["yesterday", "2026-02-01"]
    left = terminal.run("init", str(path), answers=piped(*answers))
    assert left.code == 0
    assert missing_for_run(load_clinic(path)) == []


def test_a_file_that_is_there_is_kept_unless_told_otherwise(terminal, tmp_path):
    path = tmp_path / "clinic.toml"
    path.write_text("mine", encoding="utf-8")
    left = terminal.run("init", str(path), answers="n\n")
    assert left.code == 1
    assert path.read_text(encoding="utf-8") == "mine"
    left = terminal.run("init", str(path), answers=piped("y", *COMPLETE))
    assert left.code == 0
    assert load_clinic(path).country == "ES"


def test_answers_that_end_too_early_leave_no_file(terminal, tmp_path):
    """And that nothing was written is said, whoever ended them."""
    path = tmp_path / "clinic.toml"
    left = terminal.run("init", str(path), answers=piped(*COMPLETE[:4]))
    assert left.code == 1
    assert f"Nothing was written to {path}." in left.err
    assert not path.exists()


@pytest.mark.parametrize("place", [".", "no/clinic.toml"])
def test_a_place_that_cannot_hold_the_file_is_told_before_the_first_question(
    terminal, tmp_path, place
):
    left = terminal.run("init", str(tmp_path / place), answers=piped(*COMPLETE))
    assert left.code == 1
    assert left.out == ""
    assert str(tmp_path / place) in left.err


def test_numbers_that_nobody_can_call_are_asked_for_again(terminal, tmp_path):
    path = tmp_path / "clinic.toml"
    answers = list(COMPLETE)
    answers[3:5] = ["call us", "112", "at the desk", "555-0100"]
    chat = answers.index("-100123")
    answers[chat : chat + 1] = ["100123", "0", "-100123"]
    day = answers.index("2026-02-01")
    answers[day : day + 1] = ["2999-01-01", "2026-02-01"]
    left = terminal.run("init", str(path), answers=piped(*answers))
    assert left.code == 0
    clinic = load_clinic(path)
    assert (clinic.emergency_number, clinic.phone) == ("112", "555-0100")
    assert clinic.staff_chat == -100123


@pytest.mark.parametrize(
    ("country", "zone"), [("JP", "Asia/Tokyo"), ("GB", "Europe/London"), ("US", None)]
)
def test_a_time_zone_is_suggested_where_a_country_has_but_one(country, zone):
    """A clinic that takes what is suggested never ends up in another's time."""
    assert time_zone_of(country) == zone


def test_the_file_holds_every_key_and_every_commented_one_works():
    """Whoever takes a # away gets what the line says, and no fault."""
    text = _rendered(
        {
            **dict.fromkeys(("name", "country_line", "phone", "hours"), "A"),
            "phone": "1",
            "country": "ES",
            "emergency_number": "112",
            "time_zone": "UTC",
            "crisis_line": "",
            "staff_chat": None,
            "reviewer_name": "",
            "reviewer_date": None,
            "areas": {"skin": True},
        }
    )
    key = r"\w+ = (?:true|[\d.-]+|\".*\"|\[.*\])"
    bare = re.sub(rf"^# ({key}|\[.*\])$", r"\1", text, flags=re.MULTILINE)
    clinic = ClinicProfile.model_validate(
        tomllib.loads(
            bare.replace("https://…", "https://example.org").replace(
                '"a number"', '"1"'
            )
        )
    )
    assert clinic.model_fields_set == set(ClinicProfile.model_fields) - {"demo"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_clear_message(terminal, tmp_path):
    tmp_path.chmod(0o500)
    left = terminal.run("init", str(tmp_path / "clinic.toml"), answers=piped(*COMPLETE))
    assert left.code == 1
    assert "cannot be written" in left.err


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(words, words)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_come_back_from_the_file_as_they_were_said(name, line):
    """Quotes, backslashes and line breaks in an answer break no file."""
    text = _rendered(
        {
            "name": name,
            "country": "ES",
            "country_line": line,
            "emergency_number": "112",
            "phone": "",
            "hours": "",
            "time_zone": "UTC",
            "crisis_line": name,
            "staff_chat": None,
            "reviewer_name": "",
            "reviewer_date": None,
            "areas": {"hair": True},
        }
    )
    read = tomllib.loads(text)
    assert (read["name"], read["country_line"]) == (name, line)
    assert read["crisis_line"] == name


@pytest.mark.parametrize("country", ["US", "ES", "GB", "CA", "BR", "SA", "JP"])
def test_a_suggested_country_line_is_a_sentence(country):
    line = suggestion(country)["country_line"]
    assert line.endswith(".")
    assert suggestion(country)["emergency_number"].isdigit()


def test_nothing_is_suggested_where_nothing_is_known():
    assert dict(suggestion("XX")) == {}
