"""`exoplan faq`, as an engineer meets it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.faq.entries import load_entries
from bot.store.engine import Store
from bot.store.migrations import upgrade
from tests.bot.cli import Terminal

ENTRIES = load_entries("en")


@pytest.fixture
def terminal(capsys, monkeypatch, tmp_path: Path) -> Terminal:
    """In a folder of its own, without a database."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "CLINIC", "KEY_FILE", "MASTER_KEY"):
        monkeypatch.delenv(f"EXOPLAN_{name}", raising=False)
    return Terminal(capsys, monkeypatch)


@pytest.fixture
def database(tmp_path: Path) -> None:
    """An empty database where the settings look for it."""
    store = Store(tmp_path / "exoplan.db")
    store.write_now(upgrade)
    store.close()


def test_every_question_is_listed(terminal: Terminal):
    """With its id and the question itself."""
    shown = terminal.run("faq", "list").out
    assert all(entry.id in shown and entry.ask in shown for entry in ENTRIES)
    lines = terminal.run("faq", "list", "--json").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [e.id for e in ENTRIES]


def test_a_question_shows_its_band_and_the_closest_entries(terminal: Terminal):
    """In words, and as one object a line in the order they came."""
    assert terminal.run("faq", "ask", "what does it cost").out.startswith("answer: Q54")
    asked = "what does it cost\nlovely weather today\n\nHow much? Does it hurt?\n"
    left = terminal.run("faq", "ask", "-", "--json", answers=asked)
    cost, weather, empty, two = map(json.loads, left.out.splitlines())
    assert (cost["band"], cost["entries"][0]["id"]) == ("answer", "Q54")
    scores = [one["score"] for one in cost["entries"]]
    assert scores == sorted(scores, reverse=True)
    assert weather["band"] == "staff"
    assert empty == {"band": "staff", "entries": []}
    assert (two["entries"][0]["id"], two["second"][0]["id"]) == ("Q54", "Q38")


def test_the_test_tells_its_shares_and_what_is_fought_over(terminal: Terminal):
    """Of the shipped half, or of a file."""
    told = json.loads(terminal.run("faq", "test", "--json", "--fought").out)
    assert told["first"] > 0.8
    assert told["outside"] >= 150
    assert {"phrasing", "entry", "other", "score"} == set(told["fights"][0])
    Path("mine.csv").write_text("text,entry\nwhat does it cost,Q54\nhello,\n")
    shown = terminal.run("faq", "test", "mine.csv").out
    assert "1 questions, 1 messages outside" in shown
    assert "100.0%  right at first place" in shown


@pytest.mark.parametrize("name", ["out.csv", "out.yaml"])
def test_what_the_team_wrote_comes_back_as_it_went(
    terminal: Terminal, database: None, name: str
):
    """Into the database, out to a file, and in again without a change."""
    rows = [
        {"ask": "Is there parking?", "phrasings": ["where to park", "=car"]},
        {"ask": "Is there a café?", "phrasings": []},
    ]
    answers = ["Behind the house.\nRing the bell.", "- yes, “next door”"]
    rows = [{**row, "answer": one} for row, one in zip(rows, answers, strict=True)]
    with Path("in.yaml").open("w") as file:
        YAML(typ="safe").dump(rows, file)
    assert "2 questions wait as drafts" in terminal.run("faq", "import", "in.yaml").out
    assert "parking" not in terminal.run("faq", "list").out
    left = terminal.run("faq", "import", "in.yaml", "--serve")
    assert "2 questions serve" in left.out
    assert "Is there parking?" in terminal.run("faq", "list").out
    assert "suggest: C1" in terminal.run("faq", "ask", "where to park").out
    assert terminal.run("faq", "export", name).code == 0
    text = Path(name).read_text("utf-8")
    if name.endswith("csv"):
        found = [
            {**row, "phrasings": row["phrasings"].splitlines()}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]
        assert found[-2]["phrasings"][1] == "=car"
    else:
        found = YAML(typ="safe").load(text)
        assert [row["answer"] for row in found[-2:]] == answers
    assert len(found) == len(ENTRIES) + 2
    assert "0 questions serve" in terminal.run("faq", "import", name, "--serve").out


def test_labelled_questions_are_taken_in_once(terminal: Terminal, database: None):
    """However often the same file is given."""
    Path("mine.csv").write_text("text,entry\nhow dear is it,Q54\ngood day,\n")
    left = terminal.run("faq", "import", "mine.csv", "--labels")
    assert "2 labelled questions taken in, 0 known" in left.out
    left = terminal.run("faq", "import", "mine.csv", "--labels")
    assert "0 labelled questions taken in, 2 known" in left.out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.txt", "a", "x.txt: must end in .csv, .yaml or .yml"),
        ("x.csv", "ask,answer\nWhy?,\n", "x.csv: row 1: answer: is missing"),
        ("x.csv", "ask,answer\nWhy?,It is guaranteed\n", "must not say"),
        ("x.csv", "id,ask,answer\nC9,Why?,So.\n", "there is no C9"),
        ("x.yaml", "a: [", "is not YAML"),
        ("x.yaml", "a: b", "is not a list of questions"),
        ("x.yaml", "- ask: 3\n  answer: x", "ask: is no text"),
        ("x.yaml", "- !!python/object:os.system {}", "is not YAML"),
        ("x.yaml", b"\xff", "is not UTF-8"),
    ],
)
def test_a_faulty_file_is_named_in_one_line(
    terminal: Terminal, database: None, name: str, text: str | bytes, said: str
):
    """And nothing of it is taken in; exit code 2."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    left = terminal.run("faq", "import", name, "--serve")
    assert (left.code, left.out) == (2, "")
    assert said in left.err
    assert "C1" not in terminal.run("faq", "list").out


def test_what_is_not_there_is_said(terminal: Terminal):
    """A missing file, an unknown label, nothing asked, a file in the way."""
    assert "cannot be read" in terminal.run("faq", "test", "no.csv").err
    Path("mine.csv").write_text("text,entry\nhello,Q99\n")
    assert "there is no Q99" in terminal.run("faq", "test", "mine.csv").err
    assert terminal.run("faq", "ask", " ").code == 2
    assert "cannot be written" in terminal.run("faq", "export", "mine.csv").err
