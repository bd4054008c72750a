"""What is wanted of Telegram, as the exact call that is stored, sent and sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

import orjson

from bot.paper.worded import Paper
from dialogs.effects import PaperForm, Rows, Screen

#: What a failure or a doubt means for a call:
#:
#: - message: shown once; in doubt it is repeated and counted
#: - staff: the same, in the staff chat, where replies to it are for its patient
#: - edit: changes an older message, or becomes a new one where that is gone
#: - strip: takes something away where it is; nothing is lost where it fails
#: - toast: answers a tap; worthless after a while
Kind = Literal["message", "staff", "edit", "strip", "toast"]

MAX_TOAST = 200  # letters Telegram shows over a chat

Keyboard = Sequence[Sequence[Mapping[str, str]]]


class Rendered(Protocol):
    """Text and buttons, ready to be shown."""

    @property
    def text(self) -> str: ...
    @property
    def html(self) -> bool: ...
    @property
    def keyboard(self) -> Keyboard | None: ...


class Renders(Protocol):
    """Turns what the conversation says into the words of one language."""

    def screen(self, screen: Screen) -> Rendered:
        """A screen for a patient."""
        ...

    def toast(self, template: str, data: Mapping[str, object]) -> str:
        """The words in the bubble over the chat."""
        ...

    def staff(
        self, template: str, data: Mapping[str, object], rows: Rows = ()
    ) -> Rendered:
        """A note for the staff chat, with the buttons of the team."""
        ...

    def calendar_words(self) -> Mapping[str, str]:
        """Name and summary of a calendar of visits."""
        ...

    def paper(
        self, form: PaperForm, data: Mapping[str, object], subject: str, now: datetime
    ) -> Paper:
        """A file of a plan."""
        ...

    def taken_back(
        self, form: PaperForm, area: str, subject: str, now: datetime
    ) -> Paper:
        """What takes the place of such a file."""
        ...


class Call(NamedTuple):
    """One call of the Bot API."""

    method: str
    body: bytes  #: JSON
    kind: Kind


class Outgoing(NamedTuple):
    """A call with what the sender has to know about it."""

    key: str  #: unique for ever: <whose conversation>:<generation>:<ref>
    lane: str  #: whose order it keeps
    about_person: int | None  #: whose words it holds; None: nobody's
    key_id: str  #: of the data key that seals it
    call: Call
    refers_to: str | None = None  #: key of the row whose message it changes
    report: bool = False  #: the outcome is an input again
    urgent: bool = False  #: ahead of every gate


def new_message(chat_id: int, rendered: Rendered, replies_to: int = 0) -> Call:
    """Say it in a message of its own."""
    more = _replying(replies_to) if replies_to else {}
    return Call("sendMessage", _body(chat_id, rendered, more), "message")


def copy(chat_id: int, from_chat: int, message: int, *, to_staff: bool) -> Call:
    """Have Telegram copy a message of somebody's; it is not fetched.

    Words the team put below it were said above the copy already, under their name.
    """
    body: dict[str, object] = {
        "chat_id": chat_id,
        "from_chat_id": from_chat,
        "message_id": message,
    }
    if to_staff:
        return Call("copyMessage", orjson.dumps(body), "staff")
    return Call("copyMessage", orjson.dumps({**body, "caption": ""}), "message")


def document(chat_id: int, name: str, base64: str) -> Call:
    """Send a file. It lies in the body, sealed like every other, until it is sent."""
    body = {"chat_id": chat_id, "document": {"name": name, "base64": base64}}
    return Call("sendDocument", orjson.dumps(body), "message")


def drawn_document(chat_id: int, name: str, sheet: Mapping[str, Any]) -> Call:
    """Send a file that is made right before it leaves, from the sheet in the body."""
    body = {"chat_id": chat_id, "document": {"name": name, "sheet": sheet}}
    return Call("sendDocument", orjson.dumps(body), "message")


def paper(chat_id: int, paper: Paper) -> Call:
    """Send a file that is drawn right before it leaves, from the sheet in the body."""
    method, field = _SENT_BY[paper.form]
    body: dict[str, object] = {
        "chat_id": chat_id,
        field: {"name": paper.name, "sheet": paper.sheet},
        **_caption(paper.caption),
    }
    return Call(method, orjson.dumps(body), "message")


def other_paper(chat_id: int, paper: Paper) -> Call:
    """Put another file in the place of an older one, whose number the sender adds."""
    kind = _SENT_BY[paper.form][1]
    media = {"type": kind, "media": "attach://file", **_caption(paper.caption)}
    body = {
        "chat_id": chat_id,
        "media": media,
        "file": {"name": paper.name, "sheet": paper.sheet},
    }
    return Call("editMessageMedia", orjson.dumps(body), "edit")


def instead(method: str, body: bytes) -> bytes:
    """The body of the new message that an edit becomes where its message is gone."""
    if method != "editMessageMedia":
        return body
    fields = orjson.loads(body)
    media = fields["media"]
    words: dict[str, object] = {"chat_id": fields["chat_id"], "text": media["caption"]}
    if "parse_mode" in media:
        words["parse_mode"] = media["parse_mode"]
    return orjson.dumps(words)


def edit(chat_id: int, rendered: Rendered) -> Call:
    """Say it in place of an older message, whose number the sender adds."""
    return Call("editMessageText", _body(chat_id, rendered), "edit")


def edit_if_there(chat_id: int, rendered: Rendered) -> Call:
    """The same, where nothing is said anew if there is no such message."""
    return Call("editMessageText", _body(chat_id, rendered), "strip")


def strip(chat_id: int) -> Call:
    """Take the keyboard off an older message, whose number the sender adds."""
    body = {"chat_id": chat_id, "reply_markup": {"inline_keyboard": []}}
    return Call("editMessageReplyMarkup", orjson.dumps(body), "strip")


def toast(query_id: str, words: str = "") -> Call:
    """Answer the tap, with words or without."""
    body = {"callback_query_id": query_id}
    if words:
        body["text"] = words[:MAX_TOAST]
    return Call("answerCallbackQuery", orjson.dumps(body), "toast")


def staff_note(
    chat_id: int,
    rendered: Rendered,
    replies_to: int = 0,
    *,
    thread: int | None = None,
    prompt: bool = False,
) -> Call:
    """A note in the staff chat.

    Args:
        thread: the topic it stands in, where that is known; else the sender adds it.
        prompt: have the apps begin an answer to it, where it has no buttons.
    """
    more = _replying(replies_to) if replies_to else {}
    if thread is not None:
        more["message_thread_id"] = thread
    if prompt and not rendered.keyboard:
        more["reply_markup"] = {"force_reply": True, "selective": True}
    return Call("sendMessage", _body(chat_id, rendered, more), "staff")


def of_topic(method: str, chat_id: int, thread: int) -> Call:
    """Close, reopen or delete a topic; nothing is lost where that fails."""
    body = {"chat_id": chat_id, "message_thread_id": thread}
    return Call(method, orjson.dumps(body), "strip")


def _replying(to: int) -> dict[str, Any]:
    return {"reply_parameters": {"message_id": to, "allow_sending_without_reply": True}}


#: The call that sends each paper, and the field that holds the file.
_SENT_BY: Mapping[PaperForm, tuple[str, str]] = {
    "picture": ("sendPhoto", "photo"),
    "consultation": ("sendDocument", "document"),
    "calendar": ("sendDocument", "document"),
}


def _caption(rendered: Rendered) -> dict[str, object]:
    words: dict[str, object] = {"caption": rendered.text}
    if rendered.html:
        words["parse_mode"] = "HTML"
    return words


def _body(
    chat_id: int, rendered: Rendered, more: Mapping[str, object] | None = None
) -> bytes:
    body: dict[str, object] = {
        "chat_id": chat_id,
        "text": rendered.text,
        "link_preview_options": {"is_disabled": True},
    }
    if rendered.html:
        body["parse_mode"] = "HTML"
    if rendered.keyboard:
        body["reply_markup"] = {"inline_keyboard": rendered.keyboard}
    return orjson.dumps({**body, **(more or {})})
