"""Questions that the team answers at run time, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.errors import StillLearning
from bot.faq import own
from bot.faq.entries import Entry, FaqError, load_entries
from bot.faq.labelled import Labelled
from bot.faq.library import Library
from bot.faq.own import Said
from bot.keys import KeyStore
from bot.store import faq
from bot.store.across import call_out
from bot.store.engine import Store
from bot.store.faq import CHANGED, LEARNED_TOGETHER
from bot.watch import Watch
from dialogs.inputs import Match
from tests.contract.conftest import open_keys
from tests.somebody import somebody

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PARKING = Said("Is there parking?", ("where do i park",), "Yes, behind the house.")
SHIPPED = load_entries("en")[:2]
KIM, ANA = b"kim", b"ana"


def draft(
    connection: Connection,
    keys: KeyStore,
    said: Said = PARKING,
    key: str = "staff:1",
    entry: str = "",
) -> str:
    return own.write_draft(
        connection,
        keys,
        said,
        key=key,
        language="en",
        by=KIM,
        now=NOW,
        entry=entry,
    )


class Finder:
    """Finds by the very words."""

    def __init__(self, entries: Sequence[Entry], labelled: Sequence[Labelled]) -> None:
        self.by_words = {p: e.id for e in entries for p in (e.ask, *e.phrasings)}
        self.labelled = list(labelled)

    def match(self, text: str) -> tuple[Match, ...]:
        entry = self.by_words.get(text)
        return (Match(entry, 1.0),) if entry else ()


def library() -> Library:
    return Library(SHIPPED, Finder, "en", ("skin", "hair", "prp"))


def test_a_draft_is_kept_as_it_was_written_and_once(store: Store, keys: KeyStore):
    """However often the turn that brought it is taken."""
    name = store.write_now(lambda c: draft(c, keys))
    assert store.write_now(lambda c: draft(c, keys)) == name == "C1"
    (kept,) = store.write_now(lambda c: own.revisions(c, keys))
    assert kept == own.Own(
        "C1", 1, "en", PARKING, "draft", KIM, NOW, approved_by=None, approved_at=None
    )


def test_an_approved_revision_takes_the_place_of_the_one_before(
    store: Store, keys: KeyStore
):
    """And a draft of it that came to nothing goes with it."""
    store.write_now(lambda c: draft(c, keys))
    assert store.write_now(lambda c: own.approve(c, "C1", 1, ANA, NOW))
    assert not store.write_now(lambda c: own.approve(c, "C1", 1, ANA, NOW))
    other = Said("Is there parking?", (), "No.")
    store.write_now(lambda c: draft(c, keys, PARKING, "staff:2", "C1"))
    store.write_now(lambda c: draft(c, keys, other, "staff:3", "C1"))
    assert not store.write_now(lambda c: own.approve(c, "C1", 9, ANA, NOW))
    assert store.write_now(lambda c: own.approve(c, "C1", 3, ANA, NOW))
    kept = store.write_now(lambda c: own.revisions(c, keys))
    assert [(one.revision, one.status) for one in kept] == [
        (1, "retired"),
        (2, "retired"),
        (3, "approved"),
    ]
    assert (kept[2].said, kept[2].approved_by, kept[2].approved_at) == (other, ANA, NOW)
    assert store.write_now(lambda c: own.retire(c, "C1", NOW))
    assert not store.write_now(lambda c: own.retire(c, "C1", NOW))
    assert store.write_now(lambda c: own.revisions(c, keys, "approved")) == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said("", (), "Yes."), "ask: needs"),
        (Said("x" * 53, (), "Yes."), "ask: needs"),
        (Said("Is it 3 visits?", (), "Yes."), "ask: holds a figure"),
        (Said("Parking?", (), ""), "answer: needs"),
        (Said("Parking?", (), "x" * 2_001), "answer: needs"),
        (Said("Parking?", ("",), "Yes."), "phrasings: each"),
        (Said("Parking?", ("park",) * 201, "Yes."), "phrasings: at most"),
        (Said("Parking?", (), "It is guaranteed to work."), "answer: must not say"),
    ],
)
def test_what_may_not_be_said_is_not_kept(
    store: Store, keys: KeyStore, said: Said, why: str
):
    """With the field and the reason."""
    with pytest.raises(FaqError, match=why):
        store.write_now(lambda c: draft(c, keys, said))
    assert store.write_now(lambda c: own.revisions(c, keys)) == []


async def test_what_is_approved_serves_and_what_is_retired_does_not(
    store: Store, keys: KeyStore
):
    """As soon as the change is looked at; the conversation is told with it."""
    told: list[Mapping[str, Entry]] = []
    live = library()
    live.tell(told.append)
    with pytest.raises(StillLearning):
        live.match("where do i park")
    assert await live.keep_up(store, keys)
    assert live.match("where do i park") == ()
    assert not await live.keep_up(store, keys)
    await store.write(lambda c: draft(c, keys))
    assert not await live.keep_up(store, keys)
    await store.write(lambda c: own.approve(c, "C1", 1, ANA, NOW))
    assert await live.keep_up(store, keys)
    assert live.match("where do i park") == (Match("C1", 1.0),)
    entry = told[-1]["C1"]
    assert (entry.answer, entry.plain) == ("Yes, behind the house.", True)
    assert (entry.holds_numbers, entry.areas) == (False, ())
    await store.write(lambda c: own.retire(c, "C1", NOW))
    assert await live.keep_up(store, keys)
    assert live.match("where do i park") == ()
    assert "C1" not in told[-1]
    assert set(live.entries) == {entry.id for entry in SHIPPED}


def test_a_label_is_read_back_until_whoever_said_it_is_erased(
    store: Store, keys: KeyStore
):
    """The team's own words stay."""
    person, key_id = store.write_now(lambda c: somebody(c, keys, NOW))
    for key, whom in (("tap:1", person), ("tap:2", None), ("tap:1", None)):
        asked = Labelled(f"question {whom}", "Q06")
        store.write_now(
            partial(
                own.label,
                keys=keys,
                question=asked,
                key=key,
                language="en",
                by=KIM,
                now=NOW + timedelta(days=1),
                person=whom,
            )
        )
    kept = [Labelled(f"question {person}", "Q06"), Labelled("question None", "Q06")]
    rows = store.write_now(lambda c: faq.labels(c, "en"))
    assert own.legible(rows, keys) == kept
    keys.destroy(key_id)
    assert own.legible(rows, keys) == kept[1:]


def test_labels_that_nobody_waits_for_are_learned_together(
    store: Store, keys: KeyStore
):
    """And one that was wrong is kept as what its question does not ask."""
    person, _ = store.write_now(lambda c: somebody(c, keys, NOW))
    before = store.write_now(faq.version)
    for number in range(LEARNED_TOGETHER):
        assert store.write_now(faq.version) == before
        store.write_now(
            partial(
                own.label,
                keys=keys,
                question=Labelled(f"question {number}", "Q06"),
                key=f"sent:{number}",
                language="en",
                by=KIM,
                now=NOW,
                person=person,
                at_once=False,
            )
        )
    assert store.write_now(faq.version) == before + 1
    assert store.write_now(lambda c: faq.deny_label(c, person, "Q06"))
    assert not store.write_now(lambda c: faq.deny_label(c, person, "Q07"))
    *others, last = own.legible(store.write_now(lambda c: faq.labels(c, "en")), keys)
    assert {one.entry for one in others} == {"Q06"}
    assert last == Labelled(f"question {LEARNED_TOGETHER - 1}", "", wrong="Q06")


@pytest.mark.parametrize(
    "answer",
    ["3 visits", "Three visits.", "Come twice.", "Monthly.", "٣", "Ⅳ", "III visits"],
)
def test_an_answer_that_may_name_a_number_is_taken_to_name_one(answer: str):
    """In figures of any script, or in words."""
    assert own.names_number(answer, "en")


def test_an_answer_without_one_is_not():
    """Nothing in it counts."""
    assert not own.names_number("Yes, behind the house.", "en")


async def test_a_change_is_called_out_to_the_other_replicas(
    postgresql: str, tmp_path: Path
):
    """So that they look at once; a draft alone changes nothing for them."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    listens = asyncio.Event()
    watch = Watch(postgresql, heard.put_nowait, listens.set)
    watching = asyncio.create_task(watch.run())
    store, keys = Store(postgresql), open_keys(postgresql, tmp_path)
    async with asyncio.timeout(30):
        await listens.wait()
        await store.write(lambda c: draft(c, keys))
        await store.write(lambda c: call_out(c, "after the draft"))
        await store.write(lambda c: own.approve(c, "C1", 1, ANA, NOW))
        assert [await heard.get(), await heard.get()] == ["after the draft", CHANGED]
    watching.cancel()
    store.close()
    keys.close()
