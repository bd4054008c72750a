"""The whole program against a local Telegram."""

from __future__ import annotations

from pathlib import Path

from tests.bot.rehearsal import running, telegram


async def test_what_a_person_writes_is_answered(tmp_path: Path):
    """Text in, answer out, with its buttons."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        shown = await chat.wait_for_text("echo 1 hello")
        assert shown.buttons == ["Tap", "Quiet"]
        press = await ana.press(shown, "Tap")
        assert (await press.answered())["text"] == "got tap 1 tap"
        await chat.wait_for_text("echo 2 tap 1 tap")
        assert len(chat.from_bot) == 1
        assert local.record.slips == []
