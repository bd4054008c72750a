"""Random and mutated updates through read, step and render: nothing breaks.

    python -m tests.soak.fuzz --updates 1000000 --seed 7

Valid JSON of every kind of update, absurd sizes, wrong types, mixed scripts, templates,
markup. For each: no exception, no message over a limit of Telegram's, none that it
would refuse, and no markup of a person's. A short run is part of the tests.
"""

from __future__ import annotations

import argparse
import copy
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.desk import MAX_REPLY
from bot.house import voice_of
from bot.local import rules
from bot.local.errors import Refused
from bot.read import MAX_NAME, clean, origin
from bot.render import MAX_CALLBACK_BYTES, MAX_TOAST_UNITS
from dialogs.effects import CallStaff, Effect, Say, Toast
from dialogs.inputs import Delivered, Input, StaffCleared, StaffReplied, Undelivered
from dialogs.length import first, units

BEGINS_AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
CHATS = 40
LONGEST = 40_000  # letters of one text

#: A word of ours in what is sent, and one that stands nowhere but in markup.
WORD, MARKED = "zqx", "wvq"
ATTACKS = (
    f"<b>{MARKED}</b>",
    f'<a href="tg://user?id=1">{MARKED}</a>',
    f"<script>{MARKED}</script>",
    f"</blockquote><b>{MARKED}",
    f"&lt;b&gt;{WORD}&lt;/b&gt;",
    "{{ clinic.reviewer.name }}",
    "{{ 7 * 7 }}{% for x in range(9) %}" + WORD + "{% endfor %}",
    "{{ ''.__class__.__mro__ }}",
    "{# " + WORD + " #}",
    "{{ '<b>" + MARKED + "</b>' | safe }}",
    f"*{WORD}* _x_ `y` [z](http://x)",
    f"\u202e{WORD}\u202c\u200b\ufeff\u2066x",
    "\ud800" + WORD,
    f"/start {WORD}",
    "/start hair-c-<b>x</b>",
    "/start s-" + "A" * 22,
    f"/{WORD}@x \x00",
    "~|person",
    "0|fit",
    "1|tick:RF10:yes",
    "'; DROP TABLE people; --",
    "%s%n%x ${jndi:ldap://x}",
)
SAID = (
    *("hair", "skin", "my knee", "none of these", "yes", "no", "3", "back", "2"),
    *("how many sessions", "is it safe", "i am pregnant", "stop", "delete everything"),
    *("my throat is swelling", "is fever normal?", "chest pain", "what does it cost"),
    *("волосы", "頭髮", "شعر", "κεφάλι", "𝕙𝕒𝕚𝕣", "👩‍👩‍👧‍👦", "ｈａｉｒ", "hAiR"),
)
COMMANDS = ("start", "help", "ask", "person", "privacy", "restart", "cancel", "stop")
SENT = ("photo", "voice", "sticker", "video", "document", "location", "contact", "dice")
_RAW_MARKUP = re.compile(rf"<(?:b|a [^>]*|script)>{MARKED}")
_A_TEMPLATE_RAN = re.compile("Made-up reviewer|__class__'|49zqx|<class")


@dataclass
class Fuzz:
    """Some chats, and whoever sends them anything at all."""

    seed: int
    chance: random.Random = field(init=False)
    updates: int = 0
    messages: int = 0  #: rendered
    longest: int = 0  #: of them, in UTF-16 units
    name: str = "Ana"  #: of whoever wrote last, as it was read

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        profile = load_clinic(DEMO_CLINIC).model_copy(
            update={"staff_chat": -100, "inputs_per_minute": 0}
        )
        self.voice = voice_of(profile)
        self.renderer = next(iter(self.voice.renderers.values()))
        self.now = BEGINS_AT
        begin = self.voice.conversation.begin
        self.sessions: list[Any] = [begin(self.now) for _ in range(CHATS)]
        self.buttons: list[list[str]] = [[] for _ in range(CHATS)]
        self.reports: list[list[str]] = [[] for _ in range(CHATS)]

    def run(self, updates: int) -> None:
        """Send so many. Raises AssertionError, or whatever broke."""
        for _ in range(updates):
            self.one()

    def one(self) -> None:
        """One update to one chat."""
        self.updates += 1
        self.now += timedelta(seconds=self.chance.choice([0, 1, 60, 90_000]))
        chat = self.chance.randrange(CHATS)
        if self.chance.random() < 0.002:  # somebody new
            self.sessions[chat] = self.voice.conversation.begin(self.now)
            self.buttons[chat] = []
        update = self.update(chat)
        where = origin(update)
        if where is not None:
            assert len(where.name) <= MAX_NAME
            self.name = where.name
        given = self.voice.reader.read(
            update, lambda: self.voice.conversation.screen(self.sessions[chat])
        )
        for event in (given, *self.from_others(chat)):
            if event is not None:
                self.step(chat, event)

    def step(self, chat: int, event: Input) -> None:
        """One input in; everything wanted is rendered as it would be sent."""
        conversation = self.voice.conversation
        session, effects = conversation.step(self.sessions[chat], event, self.now)
        self.sessions[chat] = conversation.restore(conversation.put_away(session))
        for effect in effects:
            self.show(chat, effect)

    def show(self, chat: int, effect: Effect) -> None:
        """Render, and hold it to Telegram's limits and to our promise on markup."""
        match effect:
            case Say(screen=screen):
                rendered = self.renderer.screen(screen)
                keyboard = rendered.keyboard or []
                for button in (button for row in keyboard for button in row):
                    data = button["callback_data"]
                    assert 1 <= len(data.encode()) <= MAX_CALLBACK_BYTES
                    assert button["text"]
                    self.buttons[chat].append(data)
                del self.buttons[chat][:-40]
                if effect.report:
                    self.reports[chat].append(effect.ref)
                self.hold(rendered.text, rendered.html)
            case CallStaff():
                about = {"name": self.name, **effect.data}
                rendered = self.renderer.staff(effect.template, about)
                if effect.report:
                    self.reports[chat].append(effect.ref)
                self.hold(rendered.text, rendered.html)
            case Toast():
                words = self.renderer.toast(effect.template, effect.data)
                assert 0 < units(words) <= MAX_TOAST_UNITS
            case _:
                pass

    def hold(self, text: str, is_html: bool) -> None:
        """What Telegram would say to this message."""
        self.messages += 1
        assert not _RAW_MARKUP.search(text), text
        assert not _A_TEMPLATE_RAN.search(text), text
        try:
            parsed = rules.message_text(text, "HTML" if is_html else "", None)
        except Refused as refused:
            raise AssertionError(f"{refused.description}: {text[:300]!r}") from None
        self.longest = max(self.longest, units(parsed.text))
        text.encode()

    def from_others(self, chat: int) -> list[Input]:
        """What the team and Telegram's reports bring meanwhile."""
        drawn = self.chance.random()
        words = first(clean(self.words()), MAX_REPLY)
        name = clean(self.words())[:MAX_NAME]
        if drawn < 0.01:
            return [StaffReplied(words, name, 9)]
        if drawn < 0.02:
            return [StaffCleared(name, words, 9)]
        if drawn < 0.05 and self.reports[chat]:
            ref = self.reports[chat].pop()
            reports: list[Input] = [Delivered(ref), Undelivered(ref, "blocked")]
            return [self.chance.choice(reports)]
        return []

    def words(self) -> str:
        """Something to say: sense, nonsense, an attack, or far too much."""
        chance, drawn = self.chance, self.chance.random()
        if drawn < 0.45:
            return chance.choice(SAID)
        if drawn < 0.75:
            return chance.choice(ATTACKS)
        if drawn < 0.85:
            return " ".join(chance.choice((*SAID, *ATTACKS)) for _ in range(9))
        if drawn < 0.985:
            letters = chance.choices(range(1, 0x3000), k=chance.randrange(60))
            return "".join(map(chr, letters))
        what = chance.choice((*SAID, *ATTACKS, "x", "\U0001f9ec"))
        return what * (chance.choice([400, LONGEST]) // len(what))

    def update(self, chat: int) -> Mapping[str, Any]:
        """A valid update of some kind, as it is or with something wrong in it."""
        whole = {"update_id": self.updates, **self.event(chat)}
        if self.chance.random() < 0.25:
            whole = copy.deepcopy(whole)
            for _ in range(self.chance.randrange(1, 4)):
                self.spoil(whole)
        return whole

    def event(self, chat: int) -> dict[str, Any]:
        """What happened, in Telegram's words."""
        chance = self.chance
        person = {
            "id": 100 + chat,
            "is_bot": False,
            "first_name": self.words()[:200],
            "language_code": chance.choice(["en", "de", "pt-br", "x" * 99, "<b>"]),
        }
        place = {"id": 100 + chat, "type": "private"}
        message = {"message_id": self.updates, "date": 0, "chat": place, "from": person}
        drawn = chance.random()
        if drawn < 0.42:
            known = self.buttons[chat] or ["0|fit"]
            data = chance.choice([*known[-12:], chance.choice(ATTACKS)])
            tap = {"id": "1", "from": person, "message": message, "data": data}
            return {"callback_query": tap}
        if drawn < 0.72:
            return {"message": {**message, "text": self.words()}}
        if drawn < 0.80:
            command = f"/{chance.choice(COMMANDS)} {self.words()}"
            return {"message": {**message, "text": command.strip()}}
        if drawn < 0.86:
            other = {chance.choice(SENT): {"file_id": self.words()}}
            return {"message": {**message, **other, "caption": self.words()}}
        if drawn < 0.91:
            return {"edited_message": {**message, "text": self.words()}}
        if drawn < 0.94:
            status = chance.choice(["kicked", "member", "left", self.words()])
            member = {"chat": place, "from": person}
            return {"my_chat_member": {**member, "new_chat_member": {"status": status}}}
        kinds = ["channel_post", "poll", "inline_query", "message_reaction", "unheard"]
        return {chance.choice(kinds): {**message, "text": self.words()}}

    def spoil(self, whole: dict[str, Any]) -> None:
        """Put something else where something of one kind belongs."""
        chance, here = self.chance, whole
        while True:
            name = chance.choice(sorted(here))
            inner = here[name]
            if not isinstance(inner, dict) or not inner or chance.random() < 0.3:
                break
            here = inner
        wrong: list[Any] = [
            *(None, True, -1, 0, 2**80, -(2**63), 1e308, "", [], {}, [[]], {"": {}}),
            *(self.words(), [self.words()], {"text": self.words()}, "9" * 5_000),
        ]
        drawn = chance.random()
        if drawn < 0.2:
            del here[name]
        elif drawn < 0.3:
            here[self.words()[:40] or "x"] = chance.choice(wrong)
        else:
            here[name] = chance.choice(wrong)
        if not whole:
            whole["update_id"] = 1


def main() -> None:
    """Run from the command line."""
    asked = argparse.ArgumentParser(prog="python -m tests.soak.fuzz")
    asked.add_argument("--updates", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=7)
    given = asked.parse_args()
    fuzz, began = Fuzz(given.seed), time.monotonic()
    while fuzz.updates < given.updates:
        fuzz.run(min(10_000, given.updates - fuzz.updates))
        rate = fuzz.updates / (time.monotonic() - began)
        print(
            f"{fuzz.updates:>9} updates, {fuzz.messages} messages rendered, "
            f"longest {fuzz.longest} units, {rate:.0f} updates/s",
            flush=True,
        )
    print("no exception, no message over a limit, no markup of a person's")


if __name__ == "__main__":
    main()
