"""Answers to button presses."""

from typing import Any

from bot.local.entities import utf16_length
from bot.local.errors import bad_request
from bot.local.limits import MAX_CALLBACK_ANSWER
from bot.local.methods.registry import Call, method

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@method(
    "answerCallbackQuery",
    "callback_query_id",
    "text",
    "show_alert",
    "url",
    "cache_time",
)
def answer_callback_query(call: Call) -> Any:
    query = call.world.open_query(call.params.text("callback_query_id") or "")
    if query is None:
        raise bad_request(TOO_OLD)
    text = call.params.text("text") or ""
    if utf16_length(text) > MAX_CALLBACK_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    url = call.params.text("url") or ""
    # Ordinary bots may only open themselves with a start parameter.
    if url and not url.startswith(f"https://t.me/{call.bot.username}?start="):
        raise bad_request("URL_INVALID")
    query.answer = {
        "text": text,
        "show_alert": call.params.boolean("show_alert"),
        "url": url,
    }
    call.world.keep_query(query)
    return True
