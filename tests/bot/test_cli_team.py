"""`exoplan staff`, `audit` and `adverse`, beside a bot that is at work."""

from __future__ import annotations

import asyncio
import csv
import re
from pathlib import Path

import pytest

from tests.bot.cli import Left, Terminal
from tests.bot.rehearsal import rows
from tests.e2e.clinic import Clinic, open_clinic


@pytest.fixture
def terminal(tmp_path: Path, capsys, monkeypatch) -> Terminal:
    """Commands on the database of this test."""
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'exoplan.db'}")
    return Terminal(capsys, monkeypatch)


async def run(terminal: Terminal, *arguments: str) -> Left:
    """A command, while the bot goes on."""
    return await asyncio.to_thread(terminal.run, *arguments)


async def join(terminal: Terminal, clinic: Clinic, role: str, name: str):
    """Invite, and follow the link."""
    left = await run(terminal, "staff", "invite", "--role", role)
    assert left.code == 0, left.err
    payload = re.search(r"https://t\.me/local_clinic_bot\?start=(\S+)", left.out)
    assert payload is not None, left.out
    person = clinic.maria if name == "Maria" else clinic.local.person(name)
    await person.start(payload[1])
    await person.private_chat().wait_for_text(f"Your role: {role}")
    return person


def test_without_a_database_there_is_one_clear_line(terminal):
    left = terminal.run("staff", "list")
    assert left.code == 1
    assert "exoplan db upgrade" in left.err


async def test_a_team_from_the_first_link_to_the_export(terminal, tmp_path: Path):
    """Owner and desk join; the desk is refused what it may not; all is recorded."""
    async with open_clinic(tmp_path) as clinic:
        await clinic.maria.send("/help", clinic.staff)
        await clinic.staff.wait_for_text("How this works")
        first = await run(terminal, "staff", "invite", "--role", "desk")
        assert (first.code, "must be an owner" in first.err) == (1, True)
        await join(terminal, clinic, "owner", "Maria")
        desk = await join(terminal, clinic, "desk", "Dora")
        stranger = clinic.local.person("Stan")
        for person in (desk, stranger):
            clinic.staff.add(person)

        ana = clinic.patient()
        await ana.answer_all("Hair")
        await ana.person.send("/person")
        await ana.sees("Write to our team")
        await ana.person.send("a question of mine")
        note = await clinic.staff.wait_for_text("a question of mine")
        await stranger.reply(note, "I am nobody")
        await clinic.staff.wait_for_text("for people of the team")
        await desk.reply(note, "/adverse a rash")
        await clinic.staff.wait_for_text("Your role does not do this")
        await desk.reply(note, "we are open on sundays")
        await ana.sees("we are open on sundays")
        await clinic.maria.reply(note, "/adverse =cmd swelling since monday")
        await clinic.staff.wait_for_text("Noted for Ana.")
        assert not [m for m in ana.chat.from_bot if "I am nobody" in m.text]

        listed = await run(terminal, "staff", "list")
        assert re.findall(r"(owner|desk)\s+(Maria|Dora)", listed.out) == [
            ("owner", "Maria"),
            ("desk", "Dora"),
        ]
        file = tmp_path / "adverse.csv"
        exported = await run(terminal, "adverse", "export", str(file))
        assert exported.code == 0, exported.err
        again = await run(terminal, "adverse", "export", str(file))
        assert again.code == 1, "nothing is written over"
        removed = await run(terminal, "staff", "remove", "2")
        assert removed.code == 0, removed.err
        await desk.reply(note, "am I still here?")
        await clinic.staff.wait_until(
            lambda: (
                sum("people of the team" in m.text for m in clinic.staff.from_bot) == 2
            )
        )
        verified = await run(terminal, "audit", "verify")
        assert verified.code == 0, verified.out
        trail = await run(terminal, "audit", "list", "--last", "200")
    with file.open(newline="", encoding="utf-8") as table:
        (event,) = csv.DictReader(table)
    assert event["words"] == "'=cmd swelling since monday"
    assert file.stat().st_mode & 0o077 == 0
    acts = [
        (row["role"], row["action"], row["outcome"])
        for row in rows(tmp_path, "SELECT role, action, outcome FROM audit")
        if row["role"] != "program"
    ]
    assert acts == [
        ("owner", "join", "done"),
        ("desk", "join", "done"),
        ("none", "reply", "refused"),
        ("desk", "adverse", "refused"),
        ("desk", "reply", "done"),
        ("owner", "adverse", "done"),
        ("none", "reply", "refused"),
    ]
    for secret in ("question of mine", "swelling", "sundays", "Ana"):
        assert secret not in trail.out
    assert "show question done" in trail.out


async def test_a_broken_chain_is_told_with_its_row(terminal, tmp_path: Path):
    """Exit code 1, and the number to look at."""
    async with open_clinic(tmp_path) as clinic:
        await clinic.maria.send("/help", clinic.staff)
        await clinic.staff.wait_for_text("How this works")
        await join(terminal, clinic, "owner", "Maria")
        for statement in (
            "DROP TRIGGER audit_no_UPDATE",
            "UPDATE audit SET role = 'desk' WHERE id = 2",
        ):
            await asyncio.to_thread(_meddle, tmp_path, statement)
        left = await run(terminal, "audit", "verify")
    assert (left.code, "row 2" in left.out) == (1, True)


def _meddle(folder: Path, statement: str) -> None:
    import sqlite3

    connection = sqlite3.connect(folder / "exoplan.db", timeout=10)
    with connection:
        connection.execute(statement)
    connection.close()
