"""What the bot can learn about chats, members and files."""

from typing import Any

from bot.local import shown
from bot.local.errors import bad_request
from bot.local.methods import finding
from bot.local.methods.registry import Call, method

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024


@method("getChat", "chat_id")
def get_chat(call: Call) -> Any:
    where = finding.chat(call)
    full: dict[str, Any] = {
        **shown.chat(call.world, where),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if where.pinned:
        pinned = where.messages[where.pinned[-1]]
        full["pinned_message"] = shown.message(call.world, pinned, with_reply=False)
    return full


@method("getChatMember", "chat_id", "user_id")
def get_chat_member(call: Call) -> Any:
    where = finding.chat(call)
    user = call.world.users.get(call.params.integer("user_id") or 0)
    if user is None:
        raise bad_request("invalid user_id specified")
    if where.kind == "private":
        return shown.member(user, "member")
    return shown.member(user, where.members.get(user.id, "left"))


@method("getChatAdministrators", "chat_id")
def get_chat_administrators(call: Call) -> Any:
    where = finding.chat(call)
    if where.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        shown.member(call.world.users[user_id], status)
        for user_id, status in where.members.items()
        if status in ("creator", "administrator")
    ]


@method("getFile", "file_id")
def get_file(call: Call) -> Any:
    stored = call.world.files.get(call.params.text("file_id") or "")
    if stored is None:
        raise bad_request("invalid file_id")
    if stored.size > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }
