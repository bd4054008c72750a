"""`exoplan digest`: the word of the week at the command line."""

from __future__ import annotations

from pathlib import Path

from bot.clinic import DEMO_CLINIC
from bot.store.engine import Store
from bot.store.migrations import upgrade
from tests.bot.cli import Terminal
from tests.bot.rehearsal import rows


def test_the_week_is_shown_and_the_trail_says_so(tmp_path: Path, monkeypatch, capsys):
    """As the team is told it, without markup; an empty week is told as one."""
    store = Store(tmp_path / "exoplan.db")
    store.write_now(upgrade)
    store.close()
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'exoplan.db'}")
    monkeypatch.setenv("EXOPLAN_CLINIC", str(DEMO_CLINIC))
    told = Terminal(capsys, monkeypatch).run("digest").out
    assert told.startswith("The last 7 days")
    assert "Nothing was left." in told
    assert "<" not in told
    trail = rows(tmp_path, "SELECT action, role FROM audit")
    assert trail == [{"action": "week", "role": "program"}]


def test_what_could_not_be_shown_is_not_said_to_have_been(
    tmp_path: Path, monkeypatch, capsys
):
    """Without the clinic's file nobody reads a question, and the trail says nothing."""
    store = Store(tmp_path / "exoplan.db")
    store.write_now(upgrade)
    store.close()
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'exoplan.db'}")
    monkeypatch.setenv("EXOPLAN_CLINIC", str(tmp_path / "none.toml"))
    assert Terminal(capsys, monkeypatch).run("digest").code == 1
    assert rows(tmp_path, "SELECT action FROM audit") == []
