"""What keeps the bot from working is one clear line at the start."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.clinic import DEMO_CLINIC, ClinicProfile, load_clinic, missing_for_run
from bot.config import Settings, load_settings
from bot.errors import (
    ConfigError,
    ExoplanBotError,
    PollingConflict,
    StoreUnavailable,
    TokenRefused,
)
from bot.local import LocalTelegram
from bot.store.engine import open_engine
from tests.bot.rehearsal import clinic, running, settings, telegram, voice


async def test_a_wrong_token_ends_the_program_with_one_line(tmp_path: Path):
    """The line says where the token belongs, and does not show it."""
    async with telegram() as local:
        given = settings(tmp_path, local.api_url, token=SecretStr("123:other"))
        with pytest.raises(TokenRefused, match="EXOPLAN_TOKEN") as told:
            await App(given, clinic(), voice()).run()
        assert "123:other" not in str(told.value)


async def test_a_second_program_on_the_token_ends_with_one_line(
    tmp_path: Path, monkeypatch
):
    """Conflicts that do not pass are told; one alone is not."""
    monkeypatch.setattr("bot.inbox.FIRST_PAUSE", 0.01)
    async with telegram() as local:
        local.faults.refuse(409, "Conflict: terminated", "getUpdates")
        async with running(tmp_path, local):
            ana = local.person("Ana")
            await ana.send("hello")
            await ana.private_chat().wait_for_text("echo 1")
        local.faults.refuse(409, "Conflict: terminated", "getUpdates", times=9)
        with pytest.raises(PollingConflict):
            await App(settings(tmp_path, local.api_url), clinic(), voice()).run()


async def test_telegram_away_at_the_start_is_waited_for(tmp_path: Path):
    """Down, then talking nonsense, then there."""
    async with telegram() as local:
        local.faults.break_down("getMe")
        local.faults.garbage("getUpdates")
        async with running(tmp_path, local):
            ana = local.person("Ana")
            await ana.send("hello")
            await ana.private_chat().wait_for_text("echo 1")


async def test_the_storefront_is_shown_and_left_alone_when_it_fits(tmp_path: Path):
    """Menu and descriptions are set once, not at every start."""
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        for start, last in enumerate(("setMyCommands", "getMyCommands"), 1):
            async with running(tmp_path, local):
                await ana.send("hello")
                await chat.wait_for_text(f"echo {2 * start - 1}")
                await chat.wait_until(calls_made(local, last, start))
                await ana.send("and again")
                await chat.wait_for_text(f"echo {2 * start}")
        assert len(local.record.named("setMyDescription")) == 1
        assert len(local.record.named("setMyShortDescription")) == 1
        assert len(local.record.named("setMyCommands")) == 1


def calls_made(local: LocalTelegram, method: str, times: int) -> Callable[[], bool]:
    """Whether so many calls of a method were answered."""
    wanted = 1 if method.startswith("set") else times
    return lambda: sum(bool(c.status) for c in local.record.named(method)) >= wanted


def test_patients_must_not_go_without_what_keeps_them_safe(tmp_path: Path):
    """A profile without an emergency number does not run, and the line says so."""
    bare = load_clinic(DEMO_CLINIC).model_copy(update={"emergency_number": ""})
    given = settings(tmp_path, "http://127.0.0.1:1")
    with pytest.raises(ConfigError, match="emergency_number"):
        App(given, bare, voice())
    assert missing_for_run(load_clinic(DEMO_CLINIC)) == []
    assert len(missing_for_run(ClinicProfile())) == 5


def test_no_token_is_one_line(tmp_path: Path):
    """The variable is named."""
    given = settings(tmp_path, "http://127.0.0.1:1", token=SecretStr(""))
    with pytest.raises(ConfigError, match="EXOPLAN_TOKEN"):
        App(given, clinic(), voice())


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("name = 3", "name: "),
        ("nmae = 'x'", "nmae: is not a known key; name is"),
        ("country = 'Spain'", "country: "),
        ("time_zone = 'Madrid'", "time_zone: is not a time zone; use an IANA name"),
        ("staff_chat = 'team'", "staff_chat: "),
        ("[reviewer]\nname = 'x'", "reviewer.date: is missing"),
        ("[[links]]\ntitle='x'\nurl='http://x'", "links.1.url: "),
        ("[areas]\nskin = 'yes'", "areas.skin: "),
        ("name = ", "is not TOML: "),
    ],
)
def test_a_fault_in_the_clinics_file_is_one_line(tmp_path: Path, toml, line):
    """File, key, what is wrong, what is allowed."""
    path = tmp_path / "clinic.toml"
    path.write_text(toml)
    with pytest.raises(ConfigError) as told:
        load_clinic(path)
    assert f"{path}: {line}" in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_a_clinics_file_that_is_not_there_is_one_line(tmp_path: Path):
    """The path and the variable are named."""
    with pytest.raises(ConfigError, match="EXOPLAN_CLINIC"):
        load_clinic(tmp_path / "none.toml")


def test_the_demo_clinic_is_marked_as_made_up():
    """Nobody can take it for a real one."""
    demo = load_clinic(DEMO_CLINIC)
    assert demo.demo
    assert demo.country == "XX"
    assert demo.product is not None
    assert "made up" in demo.product.statement


def test_a_fault_in_a_setting_names_the_variable_and_not_its_value(monkeypatch):
    """Secrets stay out of the message."""
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", "mysql://user:secret@host/x")
    monkeypatch.setenv("EXOPLAN_RATE", "-1")
    with pytest.raises(ConfigError) as told:
        load_settings()
    assert "EXOPLAN_DATABASE_URL: " in str(told.value)
    assert "EXOPLAN_RATE: " in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("TOKEN", "secret", "is no token; @BotFather gives one such as 123456:AbC-dEf"),
        ("TOKEN", "12:secret/../x", "is no token; @BotFather gives one such as "),
        (
            "API_URL",
            "secret",
            "must be an address that begins with https:// or http://",
        ),
        ("KEEP_DAYS", "1", "must be 2 or more"),
        ("KEEP_DAYS", "secret", "must be a whole number"),
        ("RATE", "secret", "must be a number"),
        ("CHAT_RATE", "inf", "must be a number"),
        ("LISTEN", "secret", "must be host:port, such as 127.0.0.1:8080"),
        ("WEBHOOK_URL", "ftp://secret", "must be an https address"),
        ("LOG", "secret", "must be 'auto', 'console' or 'json'"),
    ],
)
def test_one_fault_in_a_setting_is_one_line_with_what_it_must_be(
    monkeypatch, variable, value, line
):
    """In words for whoever set it, not in those of a library."""
    monkeypatch.setenv(f"EXOPLAN_{variable}", value)
    with pytest.raises(ConfigError) as told:
        load_settings()
    (said,) = str(told.value).splitlines()
    begins = f"The configuration cannot be used: EXOPLAN_{variable}: {line}"
    assert said.startswith(begins)
    assert "secret" not in said


def test_a_token_that_was_copied_with_the_end_of_its_line_is_the_token(monkeypatch):
    monkeypatch.setenv("EXOPLAN_TOKEN", " 123:abc-D_e\n")
    assert load_settings().token.get_secret_value() == "123:abc-D_e"


@pytest.mark.parametrize("name", ["a.db", "a.keys.db"])
def test_what_a_database_is_kept_in_is_its_owner_s_alone(tmp_path: Path, name):
    """The file, and what SQLite puts beside it, whatever the umask."""
    before = os.umask(0)
    try:
        engine = open_engine(tmp_path / name)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x)")
        made = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert made
    assert set(made.values()) == {0o600}


def test_a_folder_in_the_place_of_a_database_is_one_line(tmp_path: Path):
    with pytest.raises(StoreUnavailable, match=r"\(Is a directory\)$"):
        open_engine(tmp_path)


def test_every_setting_says_what_it_means():
    """A setting without a description is not finished."""
    assert [n for n, f in Settings.model_fields.items() if not f.description] == []


def test_every_fault_has_its_line():
    """The docstring of each is its message."""
    waiting, seen = [ExoplanBotError], []
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        seen.append(kind)
        assert kind.__doc__
        assert str(kind()) == " ".join(kind.__doc__.split())
    assert len(seen) > 10


async def test_the_program_ends_when_told_to(tmp_path: Path):
    """Stopping is not an error, at rest or before anything happened."""
    async with telegram() as local:
        app = App(settings(tmp_path, local.api_url), clinic(), voice())
        app.stop()
        await asyncio.wait_for(app.run(), 10)
