"""What no text may say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.claims import forbidden

CLAIMS = tomllib.loads(Path("templates/en/claims.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "This cures hair loss.",
        "It treats arthritis.",
        "Your skin heals in days.",
        "It regrows hair.",
        "We can rebuild cartilage.",
        "It reverses ageing.",
        "Clinically proven.",
        "Exosomes are safe.",
        "It is painless.",
        "There are no side effects.",
        "A natural way.",
        "It is risk-free.",
        "An FDA registered lab.",
        "FDA approved.",
        "It is legal here.",
        "Exosomes are better than PRP.",
        "Stronger and superior.",
        "It is more effective.",
        "A high concentration of growth factors.",
        "We guarantee results.",
        "The result is permanent.",
        "It works indefinitely.",
        "A dramatic change.",
        "90 % of patients.",
        "Our success rate is known.",
        "Dr. Bot here.",
        "I am a nurse.",
        "Doctor-level answers.",
        "You need 3 visits.",
        "You need about three sessions.",
        "You qualify for this.",
        "Your diagnosis is clear.",
        "Stop taking your blood thinner.",
        "Please keep taking your medicine.",
        "That is normal.",
        "Don't worry.",
        "Book now.",
        "<b>Sa</b>fe? No: <i>safe</i>.",
        "It is\n  completely\n  painless.",
    ],
)
def test_a_forbidden_claim_is_found_with_its_reason(text):
    findings = forbidden(text, "any")
    assert findings
    assert all(f.words and f.reason and f.words in f.around for f in findings)


@pytest.mark.parametrize(
    "text",
    [
        "Clinics often plan 3 to 5 visits. A clinician sets your number.",
        "Side effects happen, some serious.",
        "In the United States, no exosome product is approved. It is not FDA approved.",
        "Results vary. Nobody can promise a result.",
        "I am a computer program, not a doctor or a nurse.",
        "It is injected in the treated area. Treatment is studied.",
        "Please do not stop or start any medicine because of this chat.",
        "Do not change any medicine because of this chat.",
        "This does not mean you are safe.",
        "Nothing we found shows which works more.",
        "Ask the doctor who gave it to you.",
    ],
)
def test_what_may_be_said_is_left_alone(text):
    assert forbidden(text, "any") == ()


def test_an_exception_holds_only_for_its_own_text():
    assert forbidden("Is it safe?", "faq/Q22") == ()
    assert forbidden("Is it safe?", "faq/Q23")


def test_an_exception_excuses_its_own_words_and_no_others():
    text = "Is it safe? Yes, it is safe."
    assert [f.words for f in forbidden(text, "faq/Q22")] == ["safe"]


@pytest.mark.parametrize("claim", CLAIMS["forbidden"], ids=lambda c: c["pattern"][:30])
def test_every_claim_says_why_it_may_not_be_made(claim):
    assert claim["reason"].endswith(".")


@pytest.mark.parametrize("reviewed", CLAIMS["exception"], ids=lambda r: r["words"][:30])
def test_every_exception_says_why_and_is_needed(reviewed):
    """An exception that excuses nothing would hide a later slip."""
    assert reviewed["why"].endswith(".")
    words = reviewed["words"]
    assert forbidden(words, reviewed["key"].replace("*", "any")) == ()
    patterns = [claim["pattern"] for claim in CLAIMS["forbidden"]]
    assert any(re.search(pattern, words, re.IGNORECASE) for pattern in patterns)


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_is_read(text, key):
    assert isinstance(forbidden(text, key), tuple)
