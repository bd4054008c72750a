"""What the team wrote, as patients see it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.faq.own import Own, Said, as_entry
from bot.render import Renderer
from bot.words import Words
from dialogs import Entry, House
from dialogs.conversation import go_on
from dialogs.effects import Screen
from dialogs.session import Session
from exoplan import load_book

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BOOK = load_book()


def shown(answer: str, *, closed: bool) -> str:
    said = Said("Is it <b>new</b>?", (), answer)
    own = Own("C7", 1, "en", said, "approved", None, NOW, None, NOW)
    renderer = Renderer(Words(), load_clinic(DEMO_CLINIC), BOOK, {})
    renderer.know({"C7": as_entry(own, BOOK.areas)})
    return renderer.screen(Screen("answer", {"entry": "C7", "closed": closed})).text


def test_words_of_the_team_are_never_a_template_nor_markup():
    """They are shown as they were typed."""
    text = shown("{{ clinic.name }} {% if x %} <i>no & yes</i>", closed=False)
    assert "{{ clinic.name }} {% if x %} &lt;i&gt;no &amp; yes&lt;/i&gt;" in text
    assert "&lt;b&gt;new" in text


def test_an_answer_with_a_number_is_not_shown_while_a_plan_is_held():
    """Without one it is."""
    assert "four" not in shown("Most people come four times.", closed=True)
    assert "Talk to a person" in shown("Most people come four times.", closed=True)
    assert "behind the house" in shown("Park behind the house.", closed=True)


def test_a_number_of_the_team_s_own_is_laid_to_nobody_else():
    """It stands under no article; that a clinician sets it, and harm, are told too."""
    text = shown("Most people come four times.", closed=False)
    assert "article" not in text
    assert "Written by our team" in text
    assert "A clinician sets your number." in text
    assert "Side effects happen, some serious." in text


def test_a_chat_goes_on_where_what_it_looked_up_is_answered_no_more():
    """The screen below comes back; of several offered the others stay."""
    house = House(BOOK, has_staff=True, entries={"Q06": Entry("Q06", "visits")})
    begun = Session.new(NOW)
    for over, about, left in [
        ("answer", "C7", ("none", "")),
        ("answer", "Q06", ("answer", "Q06")),
        ("suggest", "C7 Q06", ("suggest", "Q06")),
        ("suggest", "C7", ("none", "")),
        ("topic", "visits", ("topic", "visits")),
    ]:
        session = go_on(begun.with_(over=over, about=about), house)
        assert (session.over, session.about) == left
