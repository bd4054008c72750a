"""`exoplan plan` shows what is published, each figure beside its source."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exoplan import Goal, Intake, load_book, make_plan
from exoplan.intake import CHOICES, FIELDS
from tests.bot.cli import Terminal

ARTICLE = "Understanding Exosomes and Their Therapeutic Potential"


@pytest.fixture
def terminal(capsys, monkeypatch):
    return Terminal(capsys, monkeypatch)


def test_json_of_moderate_hair_names_each_published_range_with_its_source(terminal):
    left = terminal.run("plan", "--area", "hair", "--severity", "moderate", "--json")
    plan = json.loads(left.out)
    figures = {
        line["statement"]["topic"]: tuple(line["statement"]["value"].values())
        for line in (*plan["lines"], *plan["upkeep"])
    }
    assert figures == {
        "sessions": (1, 3, "session"),
        "window": (12, 18, "month"),
        "spacing": (6, 12, "month"),
        "upkeep": (12, 18, "month"),
    }
    last = plan["layouts"][-1]["visits"][-1]
    assert (last["number"], last["earliest"], last["latest"]) == (3, 12, 18)
    for line in (*plan["lines"], *plan["upkeep"]):
        assert line["statement"]["source"]["title"] == ARTICLE
        assert line["statement"]["source"]["passage"].startswith("Exosome Therapy for")


def test_json_is_the_engine_s_own(terminal):
    """Nothing is added to or left out of what the engine says."""
    left = terminal.run(
        "plan", "--area", "skin", "--site", "face", "--goal", "marked", "--screened",
        "--unsure", "RF12", "--flag", "RF04", "--json",
    )  # fmt: skip
    intake = Intake(
        "skin",
        site="face",
        goal=Goal.MARKED,
        screened=True,
        yes=frozenset({"RF04"}),
        unsure=frozenset({"RF12"}),
    )
    assert left.code == 0
    assert json.loads(left.out) == make_plan(intake, load_book()).to_json()


def test_every_field_of_an_intake_has_its_option(terminal):
    """The help lists an option for every field, and what each allows."""
    shown = terminal.run("plan", "--help").words
    names = {"yes": "flag"}
    for field in FIELDS:
        assert f"--{names.get(field, field)} " in shown
    for kind in CHOICES.values():
        assert "|".join(kind) in shown.replace(" ", "")
    for area in load_book().protocols:
        assert f"{area.id}: {', '.join(place.id for place in area.places)}" in shown


@pytest.mark.parametrize(
    ("arguments", "option", "allowed"),
    [
        (("--area", "nose"), "--area", "skin, hair, joint"),
        (("--area", "hair", "--severity", "bad"), "--severity", "'advanced'"),
        (("--area", "hair", "--site", "knee"), "--site", "temples, crown"),
        (("--area", "joint", "--pain", "11"), "--pain", "0 to 10"),
        (("--area", "joint", "--pain", "x"), "--pain", "integer"),
        (("--area", "hair", "--flag", "RF99"), "--flag", "RF10"),
        (("--area", "hair", "--unsure", "me"), "--unsure", "RF10"),
        (("--area", "joint", "--goal", "subtle"), "--goal", "does not ask it"),
        (("--area", "hair", "--site", "crown", "--size", "large"), "--size", "small"),
        ((), "--area", "Missing option"),
    ],
)
def test_a_wrong_value_names_the_option_and_what_it_allows(
    terminal, arguments, option, allowed
):
    left = terminal.run("plan", *arguments)
    assert left.code == 2
    assert option in left.err
    assert allowed in left.err
    assert "Traceback" not in left.err


@pytest.mark.parametrize("area", load_book().areas)
def test_every_plan_says_what_it_cannot_promise(terminal, area):
    """Who sets the number, side effects, results, and that this is a program."""
    shown = terminal.run("plan", "--area", area).words
    for said in (
        "General information: no health questions were answered.",
        "A clinician sets your number",
        "Side effects happen, some serious.",
        "Results differ; nothing is promised.",
        "I am a computer program.",
    ):
        assert said in shown


def test_an_answered_screen_is_no_longer_general_information(terminal):
    left = terminal.run("plan", "--area", "hair", "--screened")
    assert "General information" not in left.out


def test_a_health_answer_leaves_no_number_of_visits(terminal):
    left = terminal.run("plan", "--area", "hair", "--flag", "RF10")
    assert "Closed by RF10" in left.out
    assert not re.search(r"\d+ (visit|week|month|injection)", left.words)


def test_both_mild_skin_lines_stay_apart(terminal):
    """One may be enough, three to five are usual: never one to five."""
    shown = terminal.run("plan", "--area", "skin", "--severity", "mild").out
    assert "1 visit may be enough" in shown
    assert "3 to 5 visits" in shown
    assert "1 to 5" not in shown


def test_a_clinic_s_country_line_stands_only_where_a_clinic_is_given(
    terminal, tmp_path
):
    clinic = tmp_path / "clinic.toml"
    clinic.write_text(
        'name = "Hill Clinic"\ncountry_line = "Here no product is approved."\n'
        '[[statements]]\narea = "hair"\ntopic = "sessions"\n'
        'text = "We begin slowly."\n',
        encoding="utf-8",
    )
    without = terminal.run("plan", "--area", "hair").out
    with_it = terminal.run("plan", "--area", "hair", "--clinic", str(clinic)).out
    assert "Here no product is approved." not in without
    assert "Here no product is approved." in with_it
    assert "Hill Clinic says" in with_it
    assert "1 to 3 visits" in with_it


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "is not TOML"),
        ("nome = 'x'", "is not a known key"),
        ("[areas]\nhair = false", "does not offer this treatment area"),
        ("[areas]\nnose = false", "No protocol covers this treatment area"),
    ],
)
def test_a_broken_clinic_file_is_one_clear_message(terminal, tmp_path, text, said):
    clinic = tmp_path / "clinic.toml"
    clinic.write_text(text, encoding="utf-8")
    left = terminal.run("plan", "--area", "hair", "--clinic", str(clinic))
    assert left.code == 1
    assert said in left.err
    assert "Traceback" not in left.err


def test_a_missing_clinic_file_is_one_clear_message(terminal, tmp_path):
    left = terminal.run("plan", "--area", "hair", "--clinic", str(tmp_path / "no.toml"))
    assert left.code == 1
    assert "there is no such file" in left.err


def test_help_and_plan_load_no_channel_and_no_database():
    """What makes the program slow to start is left alone until it is needed."""
    script = (
        "import sys\n"
        "from bot.cli import main\n"
        "for words in (['--help'], ['plan', '--area', 'hair']):\n"
        "    try: main(words)\n"
        "    except SystemExit: pass\n"
        "slow = {'telegram', 'sqlalchemy', 'alembic', 'aiohttp', 'starlette'}\n"
        "sys.exit(','.join(slow & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True
    )
    assert done.stderr.strip() == ""


def test_a_plan_is_written_as_each_kind_of_file(terminal, tmp_path: Path):
    """Picture, pages, calendar and record, each beginning as its kind does."""
    begins = {"png": b"\x89PNG", "pdf": b"%PDF-1", "ics": b"BEGIN:V", "fhir": b'{"re'}
    files = {kind: tmp_path / f"plan.{kind}" for kind in begins}
    options = [
        word for kind, path in files.items() for word in (f"--{kind}", str(path))
    ]
    left = terminal.run(
        "plan", "--area", "skin", "--first-visit", "2027-01-04", *options
    )
    assert left.code == 0, left.err
    for kind, path in files.items():
        assert path.read_bytes().startswith(begins[kind])
    assert b"DTSTART;VALUE=DATE:20270104" in files["ics"].read_bytes()


@pytest.mark.parametrize("kind", ["png", "pdf", "ics", "fhir"])
def test_a_file_that_cannot_be_written_is_one_line_and_exit_2(terminal, kind, tmp_path):
    where = tmp_path / "missing" / "plan"
    left = terminal.run("plan", "--area", "skin", f"--{kind}", str(where))
    assert left.code == 2
    assert left.err.strip() == f"--{kind} {where}: No such file or directory"


def test_the_terminal_draws_the_same_rows_as_the_picture(terminal):
    shown = terminal.run("plan", "--area", "hair", "--severity", "moderate").out
    assert "With 3 visits · now, then 6 to 12 and 12 to 18 months after" in shown
    assert shown.count("█") > 20
    assert "┄" * 40 in shown
    held = terminal.run("plan", "--area", "hair", "--flag", "RF10", "--screened").out
    assert "█" not in held
