"""A slip at the keys is one message that says what is wrong, and touches nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest

from bot.clinic import DEMO_CLINIC
from tests.bot.cli import Terminal

TOO_LARGE = str(10**22)

#: Every command that looks into a database.
READERS = [
    ("digest",),
    ("export", "new.json"),
    ("inbox", "list"),
    ("inbox", "replay", "--all"),
    ("inbox", "drop", "--all"),
    ("keys", "rotate"),
    ("keys", "finish"),
    ("staff", "list"),
    ("staff", "invite", "--role", "owner"),
    ("staff", "remove", "5"),
    ("audit", "verify"),
    ("audit", "list"),
    ("adverse", "export", "new.csv"),
    ("visits", "link", "p1"),
    ("reminders", "next"),
    ("reminders", "why", "1"),
    ("reminders", "missing"),
    ("reminders", "simulate", "2026-01-01", "2026-02-01"),
]


@pytest.fixture
def terminal(capsys, monkeypatch, tmp_path):
    """In a folder of its own, where nothing is yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXOPLAN_CLINIC", str(DEMO_CLINIC))
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", "sqlite:///kept.db")
    return Terminal(capsys, monkeypatch)


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_database_that_is_not_there_is_named_and_not_made(terminal, command):
    """Whoever forgot the variable learns of it, and finds no empty database later."""
    left = terminal.run(*command)
    assert left.code == 1
    assert left.out == ""
    assert "kept.db: there is no such file; EXOPLAN_DATABASE_URL says" in left.err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("reminders", "why", TOO_LARGE), "'visit'"),
        (("reminders", "why", "0"), "'visit'"),
        (("staff", "remove", TOO_LARGE), "'number'"),
        (("audit", "list", "--last", TOO_LARGE), "'--last'"),
        (("reminders", "simulate", "0001-01-01", "9999-12-31"), "1970-01-01 to 2999"),
        (("reminders", "simulate", "2026-02-01", "2026-01-01"), "a day after BEGINS"),
    ],
)
def test_a_number_or_day_that_cannot_be_leaves_with_two(terminal, command, words):
    """Before the database is looked into."""
    left = terminal.run(*command)
    assert left.code == 2
    assert words in left.err


@pytest.mark.parametrize("number", ["5", str(2**63 - 1)])
def test_a_number_that_is_nobody_s_is_said_to_be(terminal, number):
    """Also the largest there may be."""
    assert terminal.run("db", "upgrade").code == 0
    visit = terminal.run("reminders", "why", number)
    assert (visit.code, visit.err.endswith(f"visit {number}: there is none")) == (
        1,
        True,
    )
    member = terminal.run("staff", "remove", number)
    assert (member.code, f"{number}: nobody of the team" in member.err) == (1, True)
    assert terminal.run("audit", "list", "--last", number).code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_one_line():
    """Whatever the output was meant for."""
    with Path("/dev/full").open("w") as full:
        left = subprocess.run(
            [sys.executable, "-m", "bot", "plan", "--area", "hair"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert left.returncode == 1
    assert left.stderr == "The output cannot be written: No space left on device\n"


def test_a_database_of_a_later_release_is_said_to_be_one(terminal):
    """And nobody is sent to start the bot, which would not."""
    assert terminal.run("db", "upgrade").code == 0
    with closing(sqlite3.connect("kept.db")) as later, later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    left = terminal.run("inbox", "list")
    assert left.code == 1
    assert "made by a later release of Exoplan" in left.err


def test_another_master_key_is_one_line_that_says_where_it_lies(terminal, monkeypatch):
    assert terminal.run("db", "upgrade").code == 0
    assert terminal.run("inbox", "list").code == 0
    monkeypatch.setenv("EXOPLAN_MASTER_KEY", b64encode(b"x" * 32).decode())
    left = terminal.run("audit", "verify")
    assert left.code == 1
    assert left.err.endswith("EXOPLAN_MASTER_KEY or the key file holds another.")
