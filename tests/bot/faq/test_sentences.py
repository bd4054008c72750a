"""The optional sentence model: off unless asked for, and never near the network."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot import house
from bot.checks.clinic import complete
from bot.clinic import DEMO_CLINIC, load_clinic
from bot.errors import ConfigError
from bot.faq.entries import load_entries
from bot.faq.labelled import shipped
from bot.faq.learn import learn
from bot.faq.match import Matcher
from bot.faq.score import score
from bot.faq.sentences import Points, installed, sentence_model
from bot.house import voice_of

ENTRIES = load_entries("en")
SEMANTIC = load_clinic(DEMO_CLINIC).model_copy(update={"faq_semantic": True})

needs_extra = pytest.mark.skipif(
    installed() is None,
    reason="exoplan[semantic] is not installed (requirements-semantic.lock)",
)

#: Shares of the half that set no band that may not be fallen behind.
RIGHT_FIRST, RIGHT_AMONG_THREE, ANSWERED_RIGHT = 0.87, 0.96, 0.33
WRONGLY_ANSWERED, OUTSIDE_ANSWERED = 0.02, 0.05


class Told:
    """A made-up model: one direction for texts that hold a word, one for the rest."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def points(self, texts: Sequence[str]) -> Points:
        """Two numbers a text."""
        rows = [[w in t, 1 - (w in t)] for t in texts for w in [self._word(t)]]
        return np.array(rows, np.float32)

    def _word(self, text: str) -> str:
        return next((word for word in self._words if word in text), "\0")


def in_its_own_process(code: str) -> str:
    """What a fresh interpreter prints that ran this."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_meaning_finds_what_no_word_does():
    """ "Wallop" stands in no phrasing; the model knows that it is what Q54 is about."""
    about = next(entry for entry in ENTRIES if entry.id == "Q54")
    model = Told("wallop", *(p for p in (about.ask, *about.phrasings)))
    assert Matcher(ENTRIES, model=model).nearest("wallop zzz")[0] == "Q54"
    assert Matcher(ENTRIES).nearest("wallop zzz")[1] < 0.1


def test_without_it_nothing_of_it_is_loaded():
    """Whether it is installed or not."""
    loaded = in_its_own_process(
        "import sys\n"
        "from bot.clinic import DEMO_CLINIC, load_clinic\n"
        "from bot.house import voice_of\n"
        "voice_of(load_clinic(DEMO_CLINIC)).library.match('what does it cost')\n"
        "print({'wordllama', 'tokenizers', 'safetensors'} & set(sys.modules))"
    )
    assert loaded.strip() == "set()"


def test_a_clinic_that_asks_for_it_is_told_when_it_is_missing(monkeypatch):
    """At once, not by a thread that learns later; and with the extra's name."""
    monkeypatch.setattr("bot.faq.sentences.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"faq_semantic: .*exoplan\[semantic\]"):
        voice_of(SEMANTIC, learned=False)


def test_a_clinic_that_asks_for_it_is_read_with_it(monkeypatch):
    """And one that does not is not."""
    model, read_with = Told("any"), []

    def note(entries, labelled, language, wrong_share, model):
        read_with.append(model)

    monkeypatch.setattr("bot.faq.learn.learn", note)
    monkeypatch.setattr("bot.faq.sentences.needed", lambda: Path())
    monkeypatch.setattr("bot.faq.sentences.sentence_model", lambda: model)
    house._learned.cache_clear()
    voice_of(SEMANTIC)
    voice_of(load_clinic(DEMO_CLINIC))
    house._learned.cache_clear()
    assert read_with == [model, None]


def test_the_check_before_going_live_says_that_it_is_missing(monkeypatch):
    monkeypatch.setattr("bot.faq.sentences.find_spec", lambda _: None)
    found = [f for f in complete("clinic.toml", SEMANTIC) if f.key == "faq_semantic"]
    assert len(found) == 1
    assert "exoplan[semantic]" in found[0].what


def test_a_package_without_its_table_is_not_taken_for_it(monkeypatch, tmp_path: Path):
    (tmp_path / "wordllama").mkdir()
    (tmp_path / "wordllama" / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert installed() is None


@needs_extra
def test_it_never_meets_the_network():
    """Nor runs the code of the package whose files it reads."""
    printed = in_its_own_process(
        "import sys\n"
        "def no_network(event, args):\n"
        "    assert not event.startswith('socket.'), event\n"
        "sys.addaudithook(no_network)\n"
        "from bot.faq.sentences import sentence_model\n"
        "print(sentence_model().points(['Does it hurt?', '']).shape)\n"
        "print({'wordllama', 'requests', 'huggingface_hub'} & set(sys.modules))"
    )
    assert printed.split("\n")[:2] == ["(2, 256)", "set()"]


@needs_extra
def test_the_half_that_set_no_band_is_answered_as_promised_with_it_too():
    """The bands are calibrated anew: more is found, and no more is wrong."""
    matcher = learn(ENTRIES, model=sentence_model())
    tally = score(matcher.match, shipped("en").test)
    assert tally.first >= RIGHT_FIRST
    assert tally.three >= RIGHT_AMONG_THREE
    assert tally.answered_right >= ANSWERED_RIGHT
    assert tally.wrong <= WRONGLY_ANSWERED
    assert tally.outside_answered <= OUTSIDE_ANSWERED


@needs_extra
def test_it_is_loaded_once_and_takes_any_text():
    """Capitals are no matter, nor is length; an empty text is nowhere."""
    model = sentence_model()
    assert model is sentence_model()
    loud, plain, empty = model.points(["DOES IT HURT", "does it hurt", ""])
    np.testing.assert_array_equal(loud, plain)
    assert not empty.any()
    assert np.isfinite(model.points(["🙂", "x" * 4_000, "\n", "لا"])).all()
