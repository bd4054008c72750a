"""getUpdates and webhooks: in order, until confirmed, never lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.local.api_client import keyboard

LONG = 30  # seconds no test ever waits: what is awaited wakes the poll


async def test_updates_are_numbered_one_by_one_and_stay_until_confirmed(api, ana):
    for word in ("a", "b", "c"):
        await ana.send(word)
    first = await api.call("getUpdates")
    again = await api.call("getUpdates")
    assert first == again
    numbers = [update["update_id"] for update in first]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    rest = await api.call("getUpdates", offset=numbers[1])
    assert [update["message"]["text"] for update in rest] == ["b", "c"]
    assert await api.call("getUpdates", offset=numbers[2] + 1) == []


async def test_a_negative_offset_keeps_the_last_ones(api, ana):
    for word in ("a", "b", "c"):
        await ana.send(word)
    (last,) = await api.call("getUpdates", offset=-1)
    assert last["message"]["text"] == "c"
    assert len(await api.call("getUpdates")) == 1


async def test_a_limit_is_kept(api, ana):
    for word in ("a", "b", "c"):
        await ana.send(word)
    assert len(await api.call("getUpdates", limit=2)) == 2


def polls(call):
    return call.method == "getUpdates" and call.status == 0


async def test_a_long_poll_ends_as_soon_as_something_happens(api, local, ana):
    poll = asyncio.create_task(api.call("getUpdates", offset=2, timeout=LONG))
    await local.record.wait_for(polls)
    await ana.send("hello")
    (update,) = await poll
    assert update["message"]["text"] == "hello"


async def test_a_second_poll_ends_the_first_with_a_conflict(api, local, ana):
    first = asyncio.create_task(api.answer("getUpdates", offset=2, timeout=LONG))
    await local.record.wait_for(polls)
    second = asyncio.create_task(api.call("getUpdates", offset=2, timeout=LONG))
    answer = await first
    assert answer["error_code"] == 409
    assert answer["description"].startswith("Conflict: terminated by other getUpdates")
    await ana.send("hello")
    assert len(await second) == 1


async def test_only_kinds_asked_for_come_and_the_choice_lasts(api, ana, chat):
    await api.call("getUpdates", allowed_updates=["callback_query"])
    await ana.send("not wanted")
    await api.call(
        "sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard(["A"])
    )
    await ana.press(chat.messages[-1], "A")
    (update,) = await api.updates()
    assert "callback_query" in update
    await api.call("getUpdates", allowed_updates=[])
    await ana.send("wanted again")
    assert len(await api.updates()) == 1


async def test_an_edit_by_a_person_is_an_update_of_its_own(api, ana):
    said = await ana.send("helo")
    await ana.edit(said, "hello")
    new, edited = await api.updates()
    assert new["message"]["text"] == "helo"
    assert edited["edited_message"]["text"] == "hello"
    assert edited["edited_message"]["edit_date"]


async def test_what_waited_longer_than_a_day_is_gone(api, local, ana):
    await ana.send("old")
    local.move_clock(timedelta(hours=25))
    await ana.send("new")
    (update,) = await api.updates()
    assert update["message"]["text"] == "new"


async def test_a_person_who_deletes_tells_nobody(api, ana, chat):
    said = await ana.send("oops")
    await api.updates()
    await ana.delete(said)
    assert said not in chat.messages
    assert await api.updates() == []


class Hook:
    """A bot's webhook that answers as told."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses: list[int] = []  # answers to come; 200 when there are none
        self.got: list[tuple[str | None, dict[str, Any]]] = []
        self.came = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        body = await request.json()
        async with self.came:
            self.got.append((secret, body))
            self.came.notify_all()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def until(self, count: int) -> None:
        async with self.came, asyncio.timeout(10):
            await self.came.wait_for(lambda: len(self.got) >= count)


@pytest.fixture
async def hook():
    made = Hook()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def test_a_webhook_gets_updates_in_order_with_its_secret(api, local, ana, hook):
    await ana.send("before")
    await api.call("setWebhook", url=hook.url, secret_token="s-3_T")
    await ana.send("after")
    await hook.until(2)
    assert [secret for secret, _ in hook.got] == ["s-3_T", "s-3_T"]
    assert [body["message"]["text"] for _, body in hook.got] == ["before", "after"]
    await ana.private_chat().wait_until(lambda: len(local.world.updates) == 0)


async def test_a_webhook_that_fails_gets_the_same_update_again_first(api, ana, hook):
    hook.statuses = [500, 503]
    await api.call("setWebhook", url=hook.url)
    await ana.send("one")
    await ana.send("two")
    await hook.until(4)
    texts = [body["message"]["text"] for _, body in hook.got]
    assert texts == ["one", "one", "one", "two"]
    info = await api.call("getWebhookInfo")
    assert info["last_error_message"].startswith("Wrong response from the webhook: 503")


async def test_polling_and_a_webhook_exclude_each_other(api, ana, hook):
    await api.call("setWebhook", url=hook.url)
    refusal = await api.refused("getUpdates")
    assert refusal.code == 409
    assert "webhook is active" in refusal.description
    await api.call("deleteWebhook", drop_pending_updates=True)
    assert await api.call("getUpdates") == []
    assert (await api.call("getWebhookInfo"))["url"] == ""


@pytest.mark.parametrize(
    "params", [{"url": "https://example.org/x"}, {"url": "", "secret_token": "a b"}]
)
async def test_a_webhook_elsewhere_or_with_a_wrong_secret_is_refused(api, params):
    assert (await api.refused("setWebhook", **params)).code == 400
