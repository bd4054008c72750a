"""`exoplan run` and `exoplan demo` refuse what cannot work, in one clear message."""

from __future__ import annotations

import os
import socket
import stat

import pytest

from bot.clinic import DEMO_CLINIC
from tests.bot.cli import Terminal


@pytest.fixture
def terminal(capsys, monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("EXOPLAN_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Terminal(capsys, monkeypatch)


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


def test_run_names_every_field_that_is_missing(terminal, monkeypatch, tmp_path):
    file = tmp_path / "clinic.toml"
    file.write_text('name = "Hill Clinic"\n', encoding="utf-8")
    monkeypatch.setenv("EXOPLAN_TOKEN", "1:x")
    left = terminal.run("run")
    assert left.code == 1
    for key in ("country", "country_line", "emergency_number", "reviewer"):
        assert f"clinic.toml: {key}: " in left.err
    assert "Traceback" not in left.err


def test_run_without_a_token_says_where_it_comes_from(terminal, monkeypatch):
    monkeypatch.setenv("EXOPLAN_CLINIC", str(DEMO_CLINIC))
    left = terminal.run("run")
    assert left.code == 1
    assert "EXOPLAN_TOKEN" in left.err
    assert "@BotFather" in left.err


def test_run_without_a_clinic_file_says_which(terminal, monkeypatch):
    monkeypatch.setenv("EXOPLAN_TOKEN", "1:x")
    left = terminal.run("run")
    assert left.code == 1
    assert "clinic.toml: there is no such file" in left.err


def test_run_never_shows_the_token(terminal, monkeypatch):
    """Not even where another setting is wrong."""
    monkeypatch.setenv("EXOPLAN_TOKEN", "1:very-secret")
    monkeypatch.setenv("EXOPLAN_RATE", "fast")
    left = terminal.run("run")
    assert left.code == 1
    assert "EXOPLAN_RATE" in left.err
    assert "very-secret" not in left.err + left.out


def test_demo_on_a_taken_port_says_so(terminal, taken_port, tmp_path):
    left = terminal.run(
        "demo", "--no-browser", "--port", taken_port, "--folder", str(tmp_path / "d")
    )
    assert left.code == 1
    assert f"port {taken_port} is in use; --port takes another" in left.err


def test_fresh_leaves_everything_alone_where_the_port_is_taken(
    terminal, taken_port, tmp_path
):
    """The files of a try-out that runs are not pulled from under it."""
    (tmp_path / "telegram.db").write_text("kept", encoding="utf-8")
    terminal.run(
        "demo", "--no-browser", "--fresh", "--port", taken_port,
        "--folder", str(tmp_path),
    )  # fmt: skip
    assert (tmp_path / "telegram.db").read_text(encoding="utf-8") == "kept"


def test_demo_in_a_folder_that_is_a_file_says_so(terminal, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    left = terminal.run("demo", "--no-browser", "--port", "0", "--folder", str(file))
    assert left.code == 1
    assert "cannot be opened for writing" in left.err
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_demo_in_a_folder_that_may_not_be_written_says_so(terminal, tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    left = terminal.run(
        "demo", "--no-browser", "--port", "0", "--folder", str(tmp_path / "d")
    )
    assert left.code == 1
    assert "cannot be opened for writing" in left.err


def test_fresh_removes_only_what_a_try_out_made(tmp_path):
    from bot.commands.demo import _made_ready

    for name in ("telegram.db", "telegram.db-wal", "exoplan.keys.db", "thesis.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    _made_ready(tmp_path, fresh=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("port", ["70000", "-1", "door"])
def test_a_port_that_cannot_be_names_the_option(terminal, port):
    left = terminal.run("demo", "--port", port)
    assert left.code == 2
    assert "--port" in left.err
