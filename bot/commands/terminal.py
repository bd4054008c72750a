"""Messages as a terminal shows them: markup as style, buttons as numbered lines."""

from __future__ import annotations

from html.parser import HTMLParser

from rich.text import Text

from bot.message import Rendered

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strike",
    "strike": "strike",
    "del": "strike",
    "code": "bold",
    "pre": "bold",
    "a": "underline",
    "blockquote": "dim",
}


class _Markup(HTMLParser):
    """Telegram's subset of HTML as styled text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = Text()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(_STYLES.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data, " ".join(filter(None, self._open)))


def styled(message: Rendered) -> Text:
    """The text of a message; a person's words in it are only ever text."""
    if not message.html:
        return Text(message.text)
    markup = _Markup()
    markup.feed(message.text)
    markup.close()
    return markup.text
