"""How updates reach the bot: long polling, or a webhook it names."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from bot.local.errors import Refused, bad_request
from bot.local.limits import MAX_POLL_SECONDS, MAX_UPDATES_AT_ONCE
from bot.local.methods.registry import Call, method
from bot.local.nouns import Webhook
from bot.local.safety import LOOPBACK_NAMES

OTHER_POLL = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
HOOKED = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


@method("getUpdates", "offset", "limit", "timeout", "allowed_updates")
async def get_updates(call: Call) -> Any:
    world, params = call.world, call.params
    if world.webhook.url:
        raise Refused(409, HOOKED)
    updates = world.updates
    mine = updates.take_poll()
    updates.allow(params.array("allowed_updates"))
    offset = params.integer("offset")
    if offset is not None:
        updates.confirm_before(offset)
    world.commit()
    limit = params.integer("limit") or MAX_UPDATES_AT_ONCE
    limit = min(max(limit, 1), MAX_UPDATES_AT_ONCE)
    seconds = min(max(params.integer("timeout") or 0, 0), MAX_POLL_SECONDS)
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        if not updates.holds_poll(mine):
            raise Refused(409, OTHER_POLL)
        found = updates.waiting(limit)
        left = deadline - asyncio.get_running_loop().time()
        if found or not await updates.bell.heard(left):
            return found


@method(
    "setWebhook",
    "url",
    "certificate",
    "ip_address",
    "max_connections",
    "allowed_updates",
    "drop_pending_updates",
    "secret_token",
)
def set_webhook(call: Call) -> Any:
    world, params = call.world, call.params
    url = params.text("url") or ""
    secret = params.text("secret_token") or ""
    if url and urlsplit(url).hostname not in LOOPBACK_NAMES:
        raise bad_request("bad webhook: the local Telegram calls this computer only")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    world.updates.allow(params.array("allowed_updates"))
    if params.boolean("drop_pending_updates"):
        world.updates.drop_all()
    connections = params.integer("max_connections") or 40
    world.webhook = Webhook(url, secret, connections, world.updates.allowed)
    world.keep_webhook()
    world.updates.end_polls()
    return True


@method("deleteWebhook", "drop_pending_updates")
def delete_webhook(call: Call) -> Any:
    if call.params.boolean("drop_pending_updates"):
        call.world.updates.drop_all()
    call.world.webhook = Webhook()
    call.world.keep_webhook()
    call.world.updates.bell.ring()
    return True


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> Any:
    webhook = call.world.webhook
    info: dict[str, Any] = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(call.world.updates),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.last_error_date:
        info["last_error_date"] = webhook.last_error_date
        info["last_error_message"] = webhook.last_error_message
    if call.world.updates.allowed:
        info["allowed_updates"] = call.world.updates.allowed
    return info
