"""Pictures and pages as they were looked at. After a change on purpose:

    python -m tests.bot.paper.references

draws them anew; look at each before it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from bot.paper.press import Press
from bot.render import Renderer
from tests.bot.paper.samples import (
    BOOK,
    HAIR,
    HELD,
    JOINT,
    PHRASES,
    RENDERER,
    SKIN,
    SKIN_DEEPER,
    WHAT_IF,
    from_the_right,
    longest,
    pages_of,
    picture_of,
)

FOLDER = Path(__file__).with_name("looked_at")

#: A reference is as wide, in grey: enough to see what moved.
WIDTH = 400

_LONG = Renderer(PHRASES.words, longest(), BOOK, {})
_SHEETS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "skin": lambda: RENDERER.sheets.picture(picture_of(SKIN)),
    "hair": lambda: RENDERER.sheets.picture(picture_of(HAIR)),
    "joint": lambda: RENDERER.sheets.picture(picture_of(JOINT)),
    "held": lambda: RENDERER.sheets.picture(picture_of(HELD)),
    "what_if": lambda: RENDERER.sheets.picture(WHAT_IF),
    "longest": lambda: _LONG.sheets.picture(picture_of(SKIN_DEEPER)),
    "arabic": lambda: from_the_right(RENDERER.sheets.picture(picture_of(SKIN)), "ar"),
    "hebrew": lambda: from_the_right(RENDERER.sheets.picture(WHAT_IF), "he"),
    "taken_back": lambda: RENDERER.sheets.taken_back("picture", {"area": "hair"}),
    "pages_skin": lambda: RENDERER.sheets.consultation(pages_of(SKIN)),
    "pages_held": lambda: RENDERER.sheets.consultation(pages_of(HELD)),
    "pages_joint": lambda: RENDERER.sheets.consultation(pages_of(JOINT)),
    "pages_arabic": lambda: from_the_right(
        RENDERER.sheets.consultation(pages_of(SKIN)), "ar"
    ),
    "pages_longest": lambda: _LONG.sheets.consultation(
        pages_of(SKIN, yes=tuple(sorted(flag.id for flag in BOOK.screening.flags)))
    ),
}
NAMES = tuple(_SHEETS)


def drawn(press: Press, name: str) -> Image.Image:
    """A sample as it is drawn now, as small and grey as its reference."""
    content = press.drawn(_SHEETS[name]())
    if content.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(content)
        pages = [page.render(scale=1).to_pil() for page in document]
        whole = Image.new("L", (sum(p.width for p in pages), pages[0].height), 255)
        for number, page in enumerate(pages):
            whole.paste(page.convert("L"), (number * pages[0].width, 0))
        return whole
    with Image.open(BytesIO(content)) as picture:
        height = round(picture.height * WIDTH / picture.width)
        return picture.convert("L").resize((WIDTH, height), Image.Resampling.BOX)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    press = Press()
    for name in NAMES:
        small = drawn(press, name).quantize(16)
        small.save(FOLDER / f"{name}.png", optimize=True)
    press.close()


if __name__ == "__main__":
    main()
