"""A new area: one protocol, one file of words; `exoplan check` says what goes where."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict

import pytest

import bot.words
from bot.checks import everything
from bot.clinic import DEMO_CLINIC, ClinicProfile
from bot.errors import ConfigError
from bot.house import book_of
from bot.words import Words
from exoplan import load_book
from tests.exoplan.trial import TRIAL

#: "areas/trial.toml [options]: site:belly: has no words"
_LACKS = re.compile(r"areas/trial\.toml \[(\w+)\]: (.+): has no words")


@pytest.fixture
def areas(tmp_path, monkeypatch):
    """The folder of the areas' words, as it is when the protocol is just written."""
    (tmp_path / "trial.toml").write_text(TRIAL, encoding="utf-8")
    book = load_book(tmp_path / "trial.toml")
    monkeypatch.setattr(everything, "load_book", lambda: book)
    monkeypatch.setattr(everything, "book_of", lambda clinic: book)
    texts = tmp_path / "en"
    shutil.copytree(Words().folder, texts)
    monkeypatch.setattr(bot.words, "folder", lambda language: texts)
    return texts / "areas"


def wrong() -> list[str]:
    return [str(f) for proof in everything.prove(DEMO_CLINIC) for f in proof.findings]


def test_whoever_does_what_check_says_ends_with_nothing_wrong(areas):
    """Each line names the file and the table that lack something, and what it is."""
    assert wrong()[0] == "areas/trial.toml: is missing: the words of this area"
    file = areas / "trial.toml"
    file.write_text('name = "Trial"', encoding="utf-8")
    (line,) = wrong()
    assert line.endswith("areas/trial.toml: 'title' is missing")
    text = 'name = "Trial"\ntitle = "trial"\n'
    file.write_text(text, encoding="utf-8")
    tables = defaultdict(list)
    for line in wrong():
        found = _LACKS.fullmatch(line)
        assert found, line
        tables[found[1]].append(f'"{found[2]}" = "A few words."')
    assert {"options", "gaps", "factors", "said"} <= tables.keys()
    for table, lines in tables.items():
        text += "\n".join((f"[{table}]", *lines, ""))
    file.write_text(text, encoding="utf-8")
    assert wrong() == []


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("[option]\n", "areas/trial.toml: option: is none of asks, factors, for"),
        (
            '[not_stated]\nno_timeline = "not stated"\n',
            "areas/trial.toml [not_stated]: no_timeline: has words elsewhere already",
        ),
    ],
)
def test_a_slip_in_the_words_of_an_area_is_one_line(areas, lines, says):
    text = f'name = "Trial"\ntitle = "trial"\n{lines}'
    (areas / "trial.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(says)):
        Words()
    assert len(wrong()) == 1


def test_words_that_no_protocol_asks_for_are_found_in_the_file_they_are_in(areas):
    hair = areas / "hair.toml"
    text = hair.read_text(encoding="utf-8")
    hair.write_text(f'{text}"hair.hat" = "A hat."\n', encoding="utf-8")
    (areas / "trial.toml").write_text(
        'name = "Trial"\ntitle = "trial"\n', encoding="utf-8"
    )
    found = [line for line in wrong() if "hair.hat" in line]
    assert found == [
        "areas/hair.toml [factors]: hair.hat: there is no such id of the engine"
    ]


def test_an_area_the_clinic_has_not_decided_on_is_not_offered():
    """A release may bring one; whether it is lawful there is the clinic's to say."""
    assert book_of(ClinicProfile(areas={"hair": True})).open_areas == ("hair",)
    assert book_of(ClinicProfile()).closed_areas == frozenset()
