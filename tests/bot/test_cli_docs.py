"""docs/commands.md and `--help` tell of the same commands and options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bot.cli import Terminal

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## exoplan (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


@pytest.fixture
def terminal(capsys, monkeypatch):
    return Terminal(capsys, monkeypatch)


def test_every_command_is_documented_and_every_documented_one_is_there(terminal):
    """In the same order, too."""
    shown = terminal.run("--help").out.partition("Commands")[2]
    commands = re.findall(r"^│ (\w+) ", shown, re.MULTILINE)
    assert commands == list(SECTIONS)


@pytest.mark.parametrize("command", SECTIONS)
def test_every_option_is_documented_and_every_documented_one_is_there(
    terminal, command
):
    shown = terminal.run(command, "--help").out
    for under in re.findall(r"^│ (\w+) ", shown.partition("Commands")[2], re.M):
        assert f"`exoplan {command} {under}`" in SECTIONS[command]
        shown += terminal.run(command, under, "--help").out
    options = set(re.findall(r"--[a-z][a-z-]*", shown)) - {"--help"}
    assert set(re.findall(r"`(--[a-z-]+)`", SECTIONS[command])) == options


def test_the_version_is_the_package_s(terminal):
    left = terminal.run("--version")
    assert left.code == 0
    assert re.fullmatch(r"exoplan \d+\.\d+\.\d+\S*\n", left.out)


def test_an_unknown_command_leaves_with_two(terminal):
    left = terminal.run("fly")
    assert left.code == 2
    assert "No such command 'fly'" in left.err
