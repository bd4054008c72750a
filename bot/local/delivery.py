"""Webhook delivery: one update after the other, each until the bot says 200."""

import asyncio

import aiohttp
import orjson

from bot.local.world import World

FIRST_RETRY_SECONDS = 0.05
LONGEST_RETRY_SECONDS = 30.0
ANSWER_WITHIN_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 3600.0  # a bell wakes the loop long before


async def deliver(world: World) -> None:
    """Post pending updates to the webhook, for as long as the server runs."""
    limit = aiohttp.ClientTimeout(total=ANSWER_WITHIN_SECONDS)
    async with aiohttp.ClientSession(timeout=limit) as http:
        pause = FIRST_RETRY_SECONDS
        while True:
            waiting = world.updates.waiting(1)
            if not world.webhook.url or not waiting:
                await world.updates.bell.heard(LOOK_AGAIN_SECONDS)
                continue
            wrong = await _post(http, world, waiting[0])
            if not wrong:
                pause = FIRST_RETRY_SECONDS
                world.updates.confirm(waiting[0]["update_id"])
                world.commit()
                continue
            world.webhook.last_error_date = world.now
            world.webhook.last_error_message = wrong
            world.keep_webhook()
            world.commit()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RETRY_SECONDS)


async def _post(
    http: aiohttp.ClientSession, world: World, update: dict[str, object]
) -> str:
    """Empty when the bot took it, else what went wrong."""
    headers = {"Content-Type": "application/json"}
    if world.webhook.secret_token:
        headers["X-Telegram-Bot-Api-Secret-Token"] = world.webhook.secret_token
    try:
        async with http.post(
            world.webhook.url, data=orjson.dumps(update), headers=headers
        ) as answer:
            await answer.read()
            if answer.status == 200:
                return ""
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except TimeoutError:
        return "Read timeout expired"
    except aiohttp.ClientError as wrong:
        return f"Connection failed: {wrong}"
