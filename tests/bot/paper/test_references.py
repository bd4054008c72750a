"""What is drawn looks as it did when somebody last looked at it."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from bot.paper.press import Press
from tests.bot.paper import references

#: Shades of 255 by which a picture may differ on the whole, and in any one place once
#: edges are blurred: another release of a font may round otherwise, a line that moved
#: is far beyond both.
MOST_ON_THE_WHOLE = 1.0
MOST_ANYWHERE = 60


@pytest.fixture(scope="module")
def press():
    press = Press()
    yield press
    press.close()


@pytest.mark.parametrize("name", references.NAMES)
def test_a_sample_looks_like_its_reference(press, name):
    """Same size, same ink in the same places."""
    now = references.drawn(press, name)
    with Image.open(references.FOLDER / f"{name}.png") as reference:
        before = reference.convert("L")
    assert now.size == before.size
    blur = ImageFilter.GaussianBlur(2)
    apart = ImageChops.difference(now.filter(blur), before.filter(blur))
    assert ImageStat.Stat(apart).mean[0] < MOST_ON_THE_WHOLE
    assert ImageStat.Stat(apart).extrema[0][1] < MOST_ANYWHERE


def test_the_comparison_sees_a_line_that_moved(press):
    """A picture with one row a little lower is no longer the same."""
    now = references.drawn(press, "hair")
    moved = now.copy()
    moved.paste(now.crop((0, 150, now.width, 180)), (0, 153))
    blur = ImageFilter.GaussianBlur(2)
    apart = ImageChops.difference(now.filter(blur), moved.filter(blur))
    assert ImageStat.Stat(apart).extrema[0][1] >= MOST_ANYWHERE
