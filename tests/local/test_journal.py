"""What happened stays happened, though the server be killed at any moment."""

import asyncio
import sys
from typing import Any

import aiohttp

from bot.local import LocalTelegram
from bot.local.clock import Clock
from tests.local.api_client import ApiClient, keyboard

SERVER = """
import asyncio, sys
from pathlib import Path
from bot.local import LocalTelegram

async def main():
    local = LocalTelegram(journal=Path(sys.argv[1]))
    await local.start()
    ana = local.person("Ana")
    sam = local.person("Sam")
    group = local.group("Team", [sam], forum=True)
    await ana.start()
    await ana.send("kept?")
    print(local.api_url, ana.id, group.id, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_server_comes_back_as_it_was(tmp_path):
    journal = tmp_path / "telegram.db"
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, str(journal), stdout=asyncio.subprocess.PIPE
    )
    assert killed.stdout is not None
    line = (await killed.stdout.readline()).decode().split()
    url, ana_id, group_id = line[0], int(line[1]), int(line[2])
    async with aiohttp.ClientSession() as http:
        base = f"{url}/bot123:demo"

        async def call(method: str, **params: Any) -> Any:
            async with http.post(f"{base}/{method}", json=params) as answer:
                return (await answer.json())["result"]

        updates = await call("getUpdates")
        confirmed = next(
            one["update_id"]
            for one in updates
            if one.get("message", {}).get("text") == "/start"
        )
        await call("getUpdates", offset=confirmed + 1)
        await call(
            "sendMessage",
            chat_id=ana_id,
            text="<b>Yes</b>",
            parse_mode="HTML",
            reply_markup=keyboard(["A"]),
        )
        topic = await call("createForumTopic", chat_id=group_id, name="Ana")
        await call("setMyDescription", description="Hello")
        killed.kill()
        await killed.wait()

    again = LocalTelegram(journal=journal)
    try:
        await again.start()
        ana, sam = again.people
        (group,) = again.groups
        chat = ana.private_chat()
        assert [one.text for one in chat.messages] == ["/start", "kept?", "Yes"]
        assert chat.messages[-1].buttons == ["A"]
        assert chat.messages[-1].entities[0]["type"] == "bold"
        assert group.topic("Ana").thread_id == topic["message_thread_id"]
        assert group.chat.members[sam.id] == "creator"
        async with aiohttp.ClientSession() as http:
            api = ApiClient(again, http)
            updates = await api.updates()
            assert [one["update_id"] for one in updates] == [
                confirmed + 1,
                confirmed + 2,
            ]
            assert updates[0]["message"]["text"] == "kept?"
            await ana.send("new")
            (update,) = await api.updates()
            assert update["update_id"] == confirmed + 3
            description = await api.call("getMyDescription")
            assert description == {"description": "Hello"}
    finally:
        await again.stop()


async def test_clock_page_address_presses_and_files_outlive_a_stop(tmp_path):
    journal = tmp_path / "telegram.db"
    async with LocalTelegram(journal=journal) as first, aiohttp.ClientSession() as http:
        api = ApiClient(first, http)
        ana = first.person("Ana")
        await ana.start()
        await ana.block()
        await ana.unblock()
        await api.call(
            "sendMessage", chat_id=ana.id, text="?", reply_markup=keyboard(["A"])
        )
        press = await ana.press(ana.private_chat().messages[-1], "A")
        sent = await ana.send_document("a.bin", b"\x00\xff")
        first.move_clock(Clock().offset.resolution * 3_600_000_000)
        page, ahead = first.world.path_token, first.clock.offset
    async with LocalTelegram(journal=journal) as second:
        assert second.world.path_token == page
        assert second.clock.offset == ahead
        async with aiohttp.ClientSession() as http:
            api = ApiClient(second, http)
            file_id = sent.content["document"]["file_id"]
            assert second.world.file_bytes[file_id] == b"\x00\xff"
            assert second.world.queries[press.query.id].data == "A"
            refusal = await api.refused(
                "answerCallbackQuery", callback_query_id=press.query.id
            )
            assert "too old" in refusal.description
