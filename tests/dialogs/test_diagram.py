"""The checked-in picture of the conversation is the machine that runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialogs.diagram import draw
from dialogs.machine import OVER_TRANSITIONS, OVERLAYS, STATES, TRANSITIONS

PAGE = Path(__file__).parents[2] / "docs" / "conversation.md"


def test_the_checked_in_page_is_fresh():
    """`exoplan diagram --write` would change nothing."""
    assert PAGE.read_text(encoding="utf-8") == draw()


@pytest.mark.parametrize("row", [*TRANSITIONS, *OVER_TRANSITIONS], ids=str)
def test_every_move_is_drawn_or_said(row):
    """No row of the tables is missing from the page, as an arrow or in a sentence."""
    sources = row["source"] if isinstance(row["source"], list) else [row["source"]]
    page = draw()
    for source in sources:
        arrow = rf"^  {source} --> {row['dest']}: .*\b{row['trigger']}\b"
        said = rf"^- From .*`{row['trigger']}` leads to `{row['dest']}`"
        fan = rf"^- From `{source}`: `{source}_‹place›`.*`{row['dest']}`"
        assert re.search(f"{arrow}|{said}|{fan}", page, re.MULTILINE), source


@pytest.mark.parametrize("place", [*STATES, *OVERLAYS])
def test_every_place_is_on_the_page(place):
    """Each state and each overlay is a node of a picture, or named in a sentence."""
    assert f'state "{place}"' in draw() or f"`{place}`" in draw()


def test_the_pictures_hide_nothing_behind_colours():
    """The pages bring their own colours; the library's are left out."""
    assert "classDef" not in draw()
