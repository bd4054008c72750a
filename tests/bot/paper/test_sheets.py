"""What is drawn of a plan: figures as published, all of it said, none of a held one."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from bot.paper.press import Press
from bot.paper.sheets import words_of
from bot.paper.worded import MAX_CAPTION_UNITS
from bot.render import Renderer, shown
from dialogs.length import units
from exoplan import Range
from exoplan.chart import chart_of
from tests.bot.paper import samples
from tests.bot.paper.samples import (
    BOOK,
    CLINIC,
    HAIR,
    HELD,
    JOINT,
    PHRASES,
    RENDERER,
    SKIN,
    SKIN_DEEPER,
    WHAT_IF,
    pages_of,
    picture_of,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOST_BYTES = 150_000

PICTURES = {
    "skin": picture_of(SKIN),
    "skin_deeper": picture_of(SKIN_DEEPER),
    "hair": picture_of(HAIR),
    "joint": picture_of(JOINT),
    "held": picture_of(HELD),
    "what_if": WHAT_IF,
    "what_if_skin": picture_of(
        SKIN, SKIN_DEEPER, "skin/severity:mild", "skin/severity:advanced"
    ),
}
PAGES = {
    "skin": pages_of(SKIN, unsure=("RF12",)),
    "hair": pages_of(HAIR),
    "joint": pages_of(JOINT),
    "held": pages_of(HELD),
    "every_flag": pages_of(
        SKIN, yes=tuple(sorted(flag.id for flag in BOOK.screening.flags))
    ),
}


@pytest.fixture(scope="module")
def press():
    press = Press()
    yield press
    press.close()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_has_no_empty_half(press, name):
    """Under 150 kB, as wide as a phone draws, with ink down to its end."""
    drawn = press.drawn(RENDERER.sheets.picture(PICTURES[name]))
    assert len(drawn) < MOST_BYTES
    with Image.open(BytesIO(drawn)) as picture:
        assert picture.width == 1000
        assert picture.height < 10_000 - picture.width
        ink = picture.convert("L").point(lambda light: 255 * (light < 128))
        left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)
        assert 0 < top < 120
        assert bottom > picture.height - 120
        assert left >= 40
        assert right <= picture.width - 40


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_hold_every_statement_of_their_sheet(press, name):
    """What a program reads from the PDF is all that the sheet says, on two pages."""
    sheet = RENDERER.sheets.consultation(PAGES[name])
    document = pypdfium2.PdfDocument(press.drawn(sheet))
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    found = _plain(text)
    for line in words_of(sheet).splitlines():
        assert _plain(line) in found, line
    assert len(document) == 2
    numbers = [page.get_textpage().get_text_bounded()[-5:] for page in document]
    assert [_plain(number)[-2:] for number in numbers] == ["12", "22"]


def _plain(text: str) -> str:
    """Letters and figures alone: lines break and hyphens fall where they fit."""
    return re.sub(r"[^\w]+", "", text)


def test_the_pages_are_tagged_for_who_hears_them(press):
    """A tree of structure, headings, tables and lists, a language and a title."""
    drawn = press.drawn(RENDERER.sheets.consultation(PAGES["skin"]))
    for needed in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"/ViewerPreferences"):
        assert needed in drawn


@pytest.mark.parametrize("closed", [HELD, HAIR.without_numbers()])
def test_a_held_plan_draws_no_number_of_visits(closed):
    """Neither a figure of the area nor a bar is in anything drawn of it."""
    assert not chart_of(closed).lanes
    assert not chart_of(closed).stretches
    told = words_of(RENDERER.sheets.picture(picture_of(closed)))
    assert not re.search(r"\d", told.replace(CLINIC.country_line, ""))
    pages = RENDERER.sheets.consultation(pages_of(closed, on=""))
    assert not [part for part in pages["parts"] if part["kind"] == "published"]
    assert not [part for part in pages["parts"] if part["kind"] == "chart"]
    assert "visits a year" not in words_of(pages)


@pytest.mark.parametrize("one", [SKIN, SKIN_DEEPER, HAIR, JOINT])
def test_every_figure_drawn_is_published_for_this_plan(one):
    """No number stands on the picture that the plan does not trace to a source."""
    sheet = RENDERER.sheets.picture(picture_of(one))
    drawn = words_of(sheet["panels"])
    known = {*map(int, one.numbers()), 3}  # "pain for 3 months or more" is an answer
    assert {int(number) for number in re.findall(r"\d+", drawn)} <= known


@pytest.mark.parametrize("one", [SKIN, HAIR, JOINT])
def test_what_is_not_stated_is_drawn_as_such(one):
    """A stretch without a figure is a row of its own that says so, never left out."""
    rows = RENDERER.sheets.picture(picture_of(one))["panels"][0]["rows"]
    stretches = chart_of(one).stretches
    without = [s for s in stretches if not isinstance(s.value, Range)]
    assert [row["kind"] for row in rows].count("gap") == len(without)
    assert len(rows) == len(chart_of(one).lanes) + len(stretches)


@pytest.mark.parametrize("name", PICTURES.keys() - {"held"})
def test_a_caption_holds_the_words_or_they_follow(name):
    """Nothing of a picture is told by ink alone, and no caption passes the limit."""
    for clinic in (CLINIC, samples.longest()):
        renderer = Renderer(PHRASES.words, clinic, BOOK, {})
        paper = renderer.paper("picture", PICTURES[name], "x", NOW)
        caption = shown(paper.caption.text)
        assert units(caption) <= MAX_CAPTION_UNITS
        words = shown(paper.follows.text) if paper.follows else caption
        for needed in (clinic.country_line.strip(), "A clinician sets your number"):
            assert needed in words
        assert "A clinician sets your number" in caption


@pytest.mark.parametrize("form", ["picture", "consultation"])
def test_what_takes_the_place_of_a_paper_names_no_number(press, form):
    paper = RENDERER.taken_back(form, "hair", "x", NOW)
    assert not re.search(r"\d", words_of(paper.sheet))
    assert press.drawn(paper.sheet)


def test_words_are_never_read_as_a_layout(press):
    """A clinic's text with marks of the layout's own language is printed as text."""
    odd = 'We say *this* #panic("no") $x$ @here `raw` [b] <a> \\ // ~ = + - ok'
    clinic = CLINIC.model_copy(update={"country_line": odd})
    renderer = Renderer(PHRASES.words, clinic, BOOK, {})
    drawn = press.drawn(renderer.sheets.consultation(pages_of(HAIR)))
    page = pypdfium2.PdfDocument(drawn)[0].get_textpage().get_text_bounded()
    assert _plain(odd) in _plain(page)
    assert '#panic("no")' in page


def test_what_draws_is_not_loaded_before_something_is_drawn():
    """The bot starts, and words a paper, without the libraries that put ink to it."""
    script = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "import bot.app\n"
        "from tests.bot.paper.samples import HAIR, RENDERER, pages_of\n"
        "now = datetime(2026, 11, 22, tzinfo=UTC)\n"
        "for form in ('consultation', 'calendar'):\n"
        "    RENDERER.paper(form, pages_of(HAIR), 'x', now)\n"
        "heavy = {'typst', 'PIL', 'icalendar', 'fhir', 'dateutil'}\n"
        "sys.exit(','.join(heavy & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True
    )
    assert done.stderr.strip() == ""
