"""Screen → the exact text and buttons that a channel sends.

Rendered before the commit, so that what is stored is what is sent, and sent again. A
person's words are only ever data: they are escaped, and never read as a template.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from bot.clinic import ClinicProfile
from bot.errors import MessageTooLong, RenderError
from bot.faq.entries import Entry
from bot.paper.sheets import Sheets, asked_of, published
from bot.paper.worded import Papers
from bot.phrases import Phrases, first_upper, full_stop, plain_option, span
from bot.words import Words
from dialogs.effects import Button, Mark, Rows, Screen
from dialogs.length import units
from exoplan import ProtocolBook

#: Most a message may hold, in UTF-16 units after its markup is read.
MAX_TEXT_UNITS = 4096

#: Most a button may carry back, in bytes.
MAX_CALLBACK_BYTES = 64

#: Most the bubble over the chat may hold, in UTF-16 units.
MAX_TOAST_UNITS = 200

#: What stands where a clinic has not said its emergency number.
ANY_EMERGENCY_NUMBER = "your local emergency number"

#: What the team may be shown of a person's answers.
_LISTS = ("answers", "closures", "notes", "unsure")

#: Screens that look alike for many: choices, lists, nothing of a person's own. Their
#: data can be keys.
_ALIKE = frozenset({"welcome", "areas", "card", "consent", "ask", "ticks"})
_ALIKE_KEPT = 1_000  # texts of these; more than a clinic's people bring about in a day

_MARKS: Mapping[Mark, str] = {"": "", "empty": "☐ ", "ticked": "☑ ", "unsure": "❔ "}
_MARKUP = re.compile(r"<[^>]+>")
_BLANK_LINES = re.compile(r"\n{3,}")

#: What stands for a screen in the data of the team's buttons: they belong to none.
STAFF = "d"

Keyboard = list[list[dict[str, str]]]


class Rendered(NamedTuple):
    """One message as it goes out."""

    text: str
    html: bool  #: whether the text is markup; plain text otherwise
    keyboard: Keyboard | None  #: rows of {"text", "callback_data"}


class Renderer:
    """The templates of one language, for one clinic.

    Raises RenderError, naming the template, where one is missing, names something it
    was not given, or comes out longer than a channel takes.
    """

    def __init__(
        self,
        words: Words,
        clinic: ClinicProfile,
        book: ProtocolBook,
        entries: Mapping[str, Entry],
    ) -> None:
        self._words = words
        self._entries = entries
        phrases = Phrases(words, book)
        self._env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(words.folder),
            autoescape=lambda name: name is None or name.endswith(".html.j2"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._env.filters.update(
            {
                "plain_option": plain_option,
                "end": full_stop,
                "first_upper": first_upper,
                "shown": shown,
            }
        )
        self._env.globals.update(
            clinic=clinic,
            emergency_number=clinic.emergency_number or ANY_EMERGENCY_NUMBER,
            words=words.engine,
            visit_words=words.visits,
            areas=words.areas,
            flags=words.flags,
            labels=words.options,
            label=words.label,
            marks=_MARKS,
            span=span,
            n=phrases.n,
            unit=phrases.unit,
            series=phrases.series,
            window_of=phrases.window,
            after_last=phrases.after_last,
            factors=phrases.factors,
            factor_words=phrases.factor_words,
            passages=phrases.passages,
            area_answers=phrases.area_answers,
            side=phrases.side,
            same_lines=phrases.same_lines,
            turned=phrases.turned,
            dropped=phrases.dropped,
            said=phrases.side,
            has_own_figure=phrases.has_own_figure,
            is_area=lambda area: area in book.open_areas,
            open_areas=book.open_areas,
            asks=words.asks["asks"],
            hints=words.asks["hints"],
            ticks=words.asks["ticks"],
            topics=words.engine["statement_topics"],
            directions=words.engine["directions"],
            emergency_names=words.engine["emergencies"],
            faq_ask=lambda entry: self._entries[entry].ask,
            faq_answer=self._answer,
            faq_name=self._name,
            faq_holds_numbers=lambda entry: self._entries[entry].holds_numbers,
            faq_is_the_teams=lambda entry: self._entries[entry].plain,
            published=partial(published, phrases=phrases),
            questions=partial(asked_of, book=book),
        )
        self.sheets = Sheets(phrases, clinic, partial(self._filled, ending="txt"))
        zone = ZoneInfo(clinic.time_zone)
        papers = Papers(self.sheets, phrases, book, zone, self.screen, shown)
        self.paper = papers.give
        self.taken_back = papers.take_back
        # Answers are written as they read: each line break in them is meant.
        self._as_written = self._env.overlay(trim_blocks=False, lstrip_blocks=False)
        self._answers: dict[tuple[str, str], jinja2.Template] = {}
        self._alike: dict[object, str] = {}

    def know(self, entries: Mapping[str, Entry]) -> None:
        """Answer these questions from here on."""
        self._entries = entries
        self._answers.clear()

    def screen(self, screen: Screen) -> Rendered:
        """A screen with its buttons."""
        plain = screen.template.startswith("cards/")
        if screen.template in _ALIKE:
            text = self._alike_text(screen.template, screen.data)
        else:
            text = self._text(screen.template, screen.data, plain=plain)
        return Rendered(text, not plain, self._keyboard(screen))

    def staff(
        self, template: str, data: Mapping[str, object], rows: Rows = ()
    ) -> Rendered:
        """A message for the staff chat, with the buttons of the team.

        Where a long list of answers does not fit beside a person's words, the words go
        without it: what they ask must arrive.
        """
        try:
            text = self._text(f"staff/{template}", data)
        except MessageTooLong:
            brief = {**data, **{name: () for name in _LISTS if name in data}}
            text = self._text(f"staff/{template}", brief)
        return Rendered(text, True, self._keyboard(Screen(template, {}, rows, STAFF)))

    def toast(self, template: str, data: Mapping[str, object]) -> str:
        """What the bubble over the chat says."""
        text = self._text(f"toasts/{template}", data, plain=True)
        if units(text) > MAX_TOAST_UNITS:
            raise RenderError(f"toasts/{template}: longer than a toast may be")
        return text

    def calendar_words(self) -> Mapping[str, str]:
        """Name and summary of a calendar of visits; others may see both."""
        said: Mapping[str, str] = self._words.visits["calendar"]
        return {"name": said["name"], "summary": said["summary"]}

    def plain(self, template: str) -> str:
        """A text without markup, such as the bot's description."""
        return self._text(template, {}, plain=True)

    def _alike_text(self, template: str, data: Mapping[str, object]) -> str:
        key = template, *data.items()
        text = self._alike.get(key)
        if text is None:
            if len(self._alike) >= _ALIKE_KEPT:
                self._alike.clear()
            text = self._alike[key] = self._text(template, data)
        return text

    def _text(
        self, template: str, data: Mapping[str, object], *, plain: bool = False
    ) -> str:
        ending = "txt" if plain else "html"
        text = _BLANK_LINES.sub("\n\n", self._filled(template, data, ending)).strip()
        if len(text) > MAX_TEXT_UNITS // 2 and _too_long(text, plain=plain):
            raise MessageTooLong(f"templates: {template}.{ending}.j2")
        return text

    def _filled(self, template: str, data: Mapping[str, object], ending: str) -> str:
        name = f"{template}.{ending}.j2"
        try:
            return self._env.get_template(name).render(data)
        except jinja2.TemplateNotFound as missing:
            raise RenderError(f"templates: there is no {missing.name}") from None
        except jinja2.TemplateError as fault:
            raise RenderError(f"templates: {name}: {fault.message}") from None

    def _name(self, entry: str) -> str:
        """A question as the team lists it; one that serves no more has only its id."""
        known = self._entries.get(entry)
        return f"{entry} {known.ask}" if known else entry

    def _answer(self, entry: str, closed: bool) -> Markup:
        known = self._entries[entry]
        source = known.answer_for(self._env.globals["clinic"], closed=closed)
        if known.plain and source is known.answer:
            return Markup(html.escape(source, quote=False))
        key = (entry, source)
        template = self._answers.get(key)
        if template is None:
            template = self._as_written.from_string(source)
            self._answers[key] = template
        return Markup(template.render().strip())

    def _keyboard(self, screen: Screen) -> Keyboard | None:
        rows: Keyboard = []
        for row in screen.rows:
            buttons = []
            for button in row:
                data = f"{screen.serial}|{button.option}"
                if len(data.encode()) > MAX_CALLBACK_BYTES:
                    raise RenderError(f"button {button.option}: longer than 64 bytes")
                buttons.append(
                    {
                        "text": _MARKS[button.mark] + self._button(button),
                        "callback_data": data,
                    }
                )
            rows.append(buttons)
        return rows or None

    def _button(self, button: Button) -> str:
        """Its words; a number, a day or the like is data of the screen's own."""
        for name, said in button.data.items():
            return self._day(said) if name == "date" else str(said)
        return self.label(button.label)

    def _day(self, date: Mapping[str, int]) -> str:
        words = self._words.visits
        month = words["months"][date["month"] - 1][:3]
        return f"{words['days'][date['weekday']]} {date['day']} {month}"

    def label(self, key: str) -> str:
        """The words of a button; a question of the list is its own words."""
        kind, _, value = key.partition(":")
        return self._entries[value].ask if kind == "faq" else self._words.label(key)


def _too_long(text: str, *, plain: bool) -> bool:
    return units(text if plain else shown(text)) > MAX_TEXT_UNITS


def shown(markup: str) -> str:
    """The text of a message as a person sees it, without its markup."""
    return html.unescape(_MARKUP.sub("", markup))
