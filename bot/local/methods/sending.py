"""New messages: text, pictures, documents, copies and forwards."""

import mimetypes
from typing import Any

from bot.local import rules, shown
from bot.local.errors import bad_request
from bot.local.limits import MAX_PHOTO_BYTES, MAX_UPLOAD_BYTES
from bot.local.methods import finding
from bot.local.methods.registry import Call, method
from bot.local.nouns import Chat, Json, Message, StoredFile
from bot.local.pictures import picture_size

COMMON = (
    "business_connection_id",
    "chat_id",
    "message_thread_id",
    "disable_notification",
    "protect_content",
    "allow_paid_broadcast",
    "message_effect_id",
    "reply_parameters",
    "reply_markup",
)
CAPTION = ("caption", "parse_mode", "caption_entities")


def text_content(call: Call) -> Json:
    """The `text` and `entities` a call asks for. Raises Refused."""
    params = call.params
    parsed = rules.message_text(
        params.text("text"),
        params.text("parse_mode") or "",
        params.array("entities"),
    )
    call.slips.extend(parsed.slips)
    content: Json = {"text": parsed.text}
    if parsed.entities:
        content["entities"] = parsed.entities
    options = params.structure("link_preview_options")
    if isinstance(options, dict) and options:
        content["link_preview_options"] = options
    return content


def caption_content(call: Call, given: Json | None = None) -> Json:
    """The `caption` and `caption_entities` a call, or one media object, asks for."""
    params = call.params
    if given is None:
        text = params.text("caption")
        mode = params.text("parse_mode") or ""
        entities = params.array("caption_entities")
    else:
        text, mode = given.get("caption"), str(given.get("parse_mode") or "")
        entities = given.get("caption_entities")
    parsed = rules.caption(text, mode, entities)
    call.slips.extend(parsed.slips)
    content: Json = {}
    if parsed.text:
        content["caption"] = parsed.text
    if parsed.entities:
        content["caption_entities"] = parsed.entities
    return content


def media_content(call: Call, kind: str, given: str | None, field: str) -> Json:
    """The `photo` or `document` field, from an upload or a file_id. Raises Refused."""
    stored = stored_file(call, kind, given, field)
    if kind == "photo":
        return {"photo": shown.photo_sizes(stored)}
    return {"document": shown.document(stored)}


def stored_file(call: Call, kind: str, given: str | None, field: str) -> StoredFile:
    """The file a call sends. Raises Refused."""
    name = (given or "").removeprefix("attach://") if given else field
    upload = call.params.files.get(name)
    if upload is None:
        if not given:
            raise bad_request(f"there is no {kind} in the request")
        if given.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        found = call.world.files.get(given)
        if found is None:
            raise bad_request(
                "wrong remote file identifier specified: Wrong string length"
            )
        if found.kind != kind:
            raise bad_request(f"can't use file of type {found.kind} as {kind}")
        return found
    if not upload.content:
        raise bad_request("file must be non-empty")
    limit = MAX_PHOTO_BYTES if kind == "photo" else MAX_UPLOAD_BYTES
    if len(upload.content) > limit:
        raise bad_request("file is too big")
    mime_type = upload.mime_type
    if mime_type == "application/octet-stream":
        mime_type = mimetypes.guess_type(upload.name)[0] or mime_type
    size = (0, 0)
    if kind == "photo":
        measured = picture_size(upload.content)
        if measured is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if sum(measured) > 10_000 or max(measured) > 20 * min(measured):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        size = measured
    return call.world.store_file(kind, upload.name, mime_type, upload.content, size)


def deliver(call: Call, where: Chat, content: Json) -> Message:
    """Put the bot's message into the chat as the call's other parameters ask."""
    inline, keyboard = rules.reply_markup(call.params.structure("reply_markup"))
    return call.world.post(
        where,
        call.bot.id,
        content,
        reply_markup=inline,
        keyboard=keyboard,
        reply_to=finding.reply_to(call, where),
        thread_id=finding.thread_id(call, where),
        protected=call.params.boolean("protect_content"),
    )


@method(
    "sendMessage", *COMMON, "text", "parse_mode", "entities", "link_preview_options"
)
def send_message(call: Call) -> Any:
    where = finding.writable_chat(call)
    return shown.message(call.world, deliver(call, where, text_content(call)))


@method(
    "sendPhoto", *COMMON, *CAPTION, "photo", "show_caption_above_media", "has_spoiler"
)
def send_photo(call: Call) -> Any:
    where = finding.writable_chat(call)
    content = caption_content(call)
    given = call.params.text("photo")
    content = media_content(call, "photo", given, "photo") | content
    if call.params.boolean("has_spoiler"):
        content["has_media_spoiler"] = True
    if call.params.boolean("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return shown.message(call.world, deliver(call, where, content))


@method(
    "sendDocument",
    *COMMON,
    *CAPTION,
    "document",
    "thumbnail",
    "disable_content_type_detection",
)
def send_document(call: Call) -> Any:
    where = finding.writable_chat(call)
    content = caption_content(call)
    given = call.params.text("document")
    content = media_content(call, "document", given, "document") | content
    return shown.message(call.world, deliver(call, where, content))


@method(
    "sendChatAction", "business_connection_id", "chat_id", "message_thread_id", "action"
)
def send_chat_action(call: Call) -> Any:
    where = finding.writable_chat(call)
    action = call.params.text("action") or ""
    if action not in rules.CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    call.world.tell(
        {
            "type": "action",
            "chat_id": where.id,
            "thread_id": finding.thread_id(call, where),
            "action": action,
        }
    )
    return True


def _source(call: Call, purpose: str) -> Message:
    where = finding.chat(call, "from_chat_id")
    found = finding.message(call, where, purpose)
    if found.service or found.protected:
        done = "copied" if purpose == "copy" else "forwarded"
        raise bad_request(f"message can't be {done}")
    return found


@method(
    "copyMessage",
    *COMMON,
    *CAPTION,
    "from_chat_id",
    "message_id",
    "video_start_timestamp",
    "show_caption_above_media",
)
def copy_message(call: Call) -> Any:
    where = finding.writable_chat(call)
    source = _source(call, "copy")
    content = {
        name: value
        for name, value in source.content.items()
        if not name.startswith("forward_")
    }
    if "caption" in call.params and "text" not in content:
        content = {
            name: value
            for name, value in content.items()
            if name not in ("caption", "caption_entities")
        } | caption_content(call)
    return {"message_id": deliver(call, where, content).message_id}


@method(
    "forwardMessage",
    "chat_id",
    "message_thread_id",
    "from_chat_id",
    "message_id",
    "video_start_timestamp",
    "disable_notification",
    "protect_content",
    "message_effect_id",
)
def forward_message(call: Call) -> Any:
    where = finding.writable_chat(call)
    source = _source(call, "forward")
    origin = {
        "type": "user",
        "date": source.date,
        "sender_user": call.world.users[source.sender_id].as_api(),
    }
    content = {"forward_origin": origin, **source.content}
    return shown.message(call.world, deliver(call, where, content))
