"""Recorded conversations, played back as they were.

A case is a list of what happened and what was wanted (`bot/rehearsal.py`). After a
change on purpose: `pytest tests/dialogs/test_cases.py --update-cases`, and read the
difference.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.house import voice_of
from bot.rehearsal import Rehearsal
from exoplan import load_book

CASES = sorted((Path(__file__).parent.parent / "cases").glob("*.json"))
CLINIC = load_clinic(DEMO_CLINIC).model_copy(update={"staff_chat": -100})


@pytest.fixture(scope="module")
def voice():
    return voice_of(CLINIC)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_recorded_conversation_goes_as_it_went(path, voice, request):
    recorded = json.loads(path.read_text(encoding="utf-8"))
    rehearsal = Rehearsal(voice)
    played = [rehearsal.play(turn["in"]).to_json() for turn in recorded]
    if request.config.getoption("--update-cases"):
        lines = ",\n  ".join(json.dumps(turn, ensure_ascii=False) for turn in played)
        path.write_text(f"[\n  {lines}\n]\n", encoding="utf-8")
    assert recorded == played


@pytest.mark.parametrize("area", load_book().areas)
def test_every_area_has_a_recorded_conversation(area):
    assert [path for path in CASES if path.stem.startswith(f"{area}_")]
