"""Trouble on demand: what the bot meets, and what the world looks like after it."""

import asyncio

import aiohttp
import pytest


async def test_too_many_requests_name_the_wait_and_change_nothing(
    api, local, ana, chat
):
    local.faults.too_many(7, "sendMessage", times=2)
    before = len(chat.messages)
    for _ in range(2):
        refusal = await api.refused("sendMessage", chat_id=ana.id, text="x")
        assert refusal.code == 429
        assert refusal.description == "Too Many Requests: retry after 7"
        assert refusal.parameters == {"retry_after": 7}
    assert len(chat.messages) == before
    assert await api.call("sendMessage", chat_id=ana.id, text="x")


async def test_a_broken_server_speaks_json_and_a_proxy_does_not(api, local, http, ana):
    local.faults.break_down("sendMessage")
    assert (await api.refused("sendMessage", chat_id=ana.id, text="x")).code == 500
    local.faults.garbage("sendMessage")
    async with http.post(api.url("sendMessage"), json={}) as answer:
        assert answer.status == 502
        assert (await answer.text()).startswith("<html>")


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_dropped_connection_may_hide_a_message_that_was_sent(
    api, local, ana, chat, carried_out
):
    before = len(chat.messages)
    local.faults.drop("sendMessage", carried_out=carried_out)
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.call("sendMessage", chat_id=ana.id, text="x")
    assert len(chat.messages) == before + carried_out
    (entry,) = local.record.named("sendMessage")
    assert (entry.status, entry.carried_out) == (0, carried_out)


async def test_a_call_that_hangs_hangs_until_it_is_let_go(api, local, ana):
    local.faults.hang("sendMessage")
    call = asyncio.create_task(api.call("sendMessage", chat_id=ana.id, text="x"))
    await local.record.wait_for(lambda one: one.method == "sendMessage")
    assert not call.done()
    local.faults.clear()
    with pytest.raises(aiohttp.ClientConnectionError):
        await call


async def test_a_fault_can_wait_for_a_certain_call(api, local, ana):
    local.faults.refuse(
        403, "Forbidden: no", "sendMessage", when=lambda given: given["text"] == "b"
    )
    assert await api.call("sendMessage", chat_id=ana.id, text="a")
    assert (await api.refused("sendMessage", chat_id=ana.id, text="b")).code == 403


async def test_faults_for_any_method_spare_polling(api, local, ana):
    local.faults.break_down()
    assert await api.call("getUpdates") == []
    assert (await api.refused("sendMessage", chat_id=ana.id, text="x")).code == 500


async def test_every_call_is_recorded_with_its_fate(api, local, ana):
    await api.call("sendMessage", chat_id=ana.id, text="x")
    await api.refused("sendMessage", chat_id=ana.id, text="")
    fine, refused = local.record.named("sendMessage")
    assert (fine.status, fine.result["text"]) == (200, "x")
    assert (refused.status, refused.carried_out) == (400, False)
    assert refused.description == "Bad Request: message text is empty"
    assert fine.arrived <= refused.arrived
