"""What comes in is answered once, in order, whatever happens to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy

from bot.handle import MAX_ATTEMPTS
from bot.local.nouns import Message
from bot.read import read_note
from dialogs.errors import OfLaterRelease
from dialogs.inputs import Input, Wrote
from tests.bot.rehearsal import Parrot, rows, running, telegram


async def test_a_text_and_a_tap_are_answered(tmp_path: Path):
    """Text in, answer out, with its buttons; the tap changes the message in place."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        shown = await chat.wait_for_text("echo 1 hello")
        assert shown.buttons == ["Tap", "Quiet"]
        press = await ana.press(shown, "Tap")
        assert (await press.answered())["text"] == "got tap 1 tap"
        await chat.wait_for_text("echo 2 tap 1 tap")
        assert len(chat.from_bot) == 1
        assert local.record.slips == []


async def test_every_tap_is_answered_even_without_words(tmp_path: Path):
    """A tap that leads to no toast still stops the spinner."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        await ana.send("hello")
        shown = await ana.private_chat().wait_for_text("echo 1")
        press = await ana.press(shown, "Quiet")
        assert not (await press.answered()).get("text")


async def test_messages_of_one_person_keep_their_order(tmp_path: Path):
    """Fifty texts and taps of each of three people come back in order, each once."""
    async with telegram() as local, running(tmp_path, local):
        people = [local.person(name) for name in ("Ana", "Ben", "Cleo")]
        for number in range(50):
            for person in people:
                await person.send(f"m{number}")
        for person in people:
            chat = person.private_chat()
            await chat.wait_for_text("echo 50 ")
            expected = [f"echo {n + 1} m{n}" for n in range(50)]
            assert [one.text for one in chat.from_bot] == expected


async def test_two_taps_at_once_are_two_turns_in_a_row(tmp_path: Path):
    """A tap and a text sent together never see the same session."""
    parrot = Parrot()
    async with telegram() as local, running(tmp_path, local, parrot):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        shown = await chat.wait_for_text("echo 1")
        await asyncio.gather(
            ana.press(shown, "Tap"), ana.press(shown, "Tap"), ana.send("and a text")
        )
        await chat.wait_for_text("echo 4")
    assert len(parrot.inputs) == 4


async def test_an_update_that_comes_again_changes_nothing(tmp_path: Path):
    """What a stopped program never confirmed comes again, and is known."""
    parrot = Parrot()
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        local.faults.hang("getUpdates", times=10**6, when=lambda p: "offset" in p)
        async with running(tmp_path, local, parrot):
            await ana.send("once")
            await chat.wait_for_text("echo 1 once")
        async with running(tmp_path, local, parrot):
            await ana.send("twice")
            await chat.wait_for_text("echo 2 twice")
    heard = [given.text for given in parrot.inputs if isinstance(given, Wrote)]
    assert heard == ["once", "twice"]


async def test_a_turn_that_fails_once_is_repeated(tmp_path: Path):
    """The repeated turn is whole, and the lane's order is kept."""
    tries: list[Input] = []

    def once(given: Input) -> bool:
        tries.append(given)
        return len(tries) == 1

    async with telegram() as local, running(tmp_path, local, Parrot(once)):
        ana = local.person("Ana")
        await ana.send("hello")
        await ana.send("again")
        chat = ana.private_chat()
        await chat.wait_for_text("echo 2 again")
        assert [one.text for one in chat.from_bot] == ["echo 1 hello", "echo 2 again"]


async def test_a_turn_that_always_fails_is_set_aside(tmp_path: Path):
    """The person gets a polite word, the reason is kept, the next text is answered."""
    parrot = Parrot(lambda given: isinstance(given, Wrote) and "poison" in given.text)
    async with telegram() as local, running(tmp_path, local, parrot):
        ana, ben = local.person("Ana"), local.person("Ben")
        await ana.send("poison")
        await ana.send("hello")
        await ben.send("hi")
        await ben.private_chat().wait_for_text("echo 1 hi")
        chat = ana.private_chat()
        await chat.wait_for_text("echo 1 hello")
        assert [one.text for one in chat.from_bot] == ["sorry", "echo 1 hello"]
    (kept,) = rows(tmp_path, "SELECT * FROM inbox WHERE status = 'set_aside'")
    assert kept["attempts"] == 3
    assert kept["reason"].startswith("RuntimeError in rehearsal.py:")
    assert kept["body"] is not None


async def test_a_name_used_twice_spoils_only_its_own_turn(tmp_path: Path):
    """A turn that breaks the store's rules fails alone, in whatever company."""
    async with telegram() as local, running(tmp_path, local):
        people = [local.person(f"P{number}") for number in range(6)]
        for person in people:
            await person.send("hello")
            await person.private_chat().wait_for_text("echo 1")
        for person in people:
            await person.send("same name" if person is people[2] else "go on")
        for person in people:
            wanted = "sorry" if person is people[2] else "echo 2 go on"
            await person.private_chat().wait_for_text(wanted)


async def test_an_unreadable_session_is_kept_and_a_new_one_begins(tmp_path: Path):
    """The person is told, their words are still heard, the old session is not lost."""

    class Older(Parrot):
        def put_away(self, session):
            return {"shape": "of another release"}

    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        async with running(tmp_path, local, Older()):
            await ana.send("hello")
            await chat.wait_for_text("echo 1 hello")
        async with running(tmp_path, local):
            await ana.send("still there?")
            await chat.wait_for_text("echo 1 still there?")
        assert [one.text for one in chat.from_bot][-2:] == [
            "lost_place",
            "echo 1 still there?",
        ]
    (aside,) = rows(tmp_path, "SELECT * FROM sessions_set_aside")
    assert aside["reason"] == "UnreadableSession: no such shape"
    (session,) = rows(tmp_path, "SELECT * FROM sessions")
    assert session["generation"] == aside["generation"] + 1


async def test_a_session_of_a_later_release_is_left_to_it(tmp_path: Path):
    """However often an earlier one looks: nothing is lost, nobody begins anew."""
    loop, looked = asyncio.get_running_loop(), asyncio.Semaphore(0)

    class Earlier(Parrot):
        def restore(self, stored):
            loop.call_soon_threadsafe(looked.release)
            raise OfLaterRelease("session 99")

    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        async with running(tmp_path, local):
            await ana.send("hello")
            await chat.wait_for_text("echo 1 hello")
        async with running(tmp_path, local, Earlier()):
            await ana.send("are you there?")
            async with asyncio.timeout(30):
                for _ in range(MAX_ATTEMPTS + 1):
                    await looked.acquire()
        assert [one.text for one in chat.from_bot] == ["echo 1 hello"]
        (left,) = rows(tmp_path, "SELECT * FROM inbox WHERE status = 'pending'")
        assert left["attempts"] == 0
        async with running(tmp_path, local):
            await chat.wait_for_text("echo 2 are you there?")
    assert rows(tmp_path, "SELECT * FROM sessions_set_aside") == []


@pytest.mark.parametrize(
    "body",
    [
        {"input": "Due", "generation": 1},
        {"input": "Delivered", "generation": 1, "ref": "7", "at": "noon"},
    ],
)
def test_an_input_of_a_later_release_is_not_guessed_at(body: dict[str, object]):
    """Another kind, or one that says more than is known here."""
    with pytest.raises(OfLaterRelease):
        read_note(body)


async def test_what_is_no_text_is_an_input_too(tmp_path: Path):
    """Photos, stickers, edits, commands and links reach the conversation as such."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        first = await ana.start("hair_ad")
        await chat.wait_for_text("echo 1 start hair_ad")
        await ana.send_photo("my scalp")
        await chat.wait_for_text("echo 2 photo my scalp")
        await ana.send_sticker()
        await chat.wait_for_text("echo 3 sticker")
        await ana.send("/help me please")
        await chat.wait_for_text("echo 4 command help me please")
        await ana.edit(first, "changed")
        await chat.wait_for_text("echo 5 edited changed")
        await ana.send("/help there is a fire")
        await chat.wait_for_text("echo 6 /help there is a fire")
        await ana.forward("see this")
        await chat.wait_for_text("echo 7 see this")


async def test_who_blocks_the_bot_is_left_alone_until_they_return(tmp_path: Path):
    """Blocking and unblocking are inputs; nothing is sent in between."""
    parrot = Parrot()
    async with telegram() as local, running(tmp_path, local, parrot):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        await chat.wait_for_text("echo 1")
        await ana.block()
        await ana.unblock()
        await chat.wait_for_text("Returned")
        assert not [c for c in local.record.named("sendMessage") if c.status == 403]
    (person,) = rows(tmp_path, "SELECT * FROM people")
    assert person["blocked_at"] is None


async def test_a_keyboard_is_taken_off_an_older_message(tmp_path: Path):
    """Strip removes the buttons and leaves the text."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        shown = await chat.wait_for_text("echo 1")
        await ana.send("strip")
        await chat.wait_for_text("echo 2")
        bare: list[Message] = [one for one in chat.from_bot if not one.buttons]
        assert [one.message_id for one in bare] == [shown.message_id]


async def test_a_consent_is_written_down_with_its_turn(tmp_path: Path):
    """Purpose, version of the text, and time are kept."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        await ana.send("agree")
        await ana.private_chat().wait_for_text("echo 1 agree")
    (kept,) = rows(tmp_path, "SELECT * FROM consents")
    assert (kept["purpose"], kept["text_version"], kept["granted"]) == ("plan", "v1", 1)


async def test_nothing_said_is_kept_once_it_is_answered(tmp_path: Path):
    """Bodies of inbox and outbox are gone as soon as the turn is over."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        await ana.send("hello")
        await ana.private_chat().wait_for_text("echo 1")
    for table in ("inbox", "outbox"):
        kept = rows(tmp_path, f"SELECT * FROM {table}")
        assert kept
        assert [row["body"] for row in kept] == [None] * len(kept)


async def test_a_store_that_is_away_loses_nothing(tmp_path: Path, monkeypatch):
    """While another program holds the database, updates wait; then all is answered."""
    refused = asyncio.Event()

    class Log:
        def error(self, event: str, **facts: object) -> None:
            refused.set()

        warning = error

    monkeypatch.setattr("bot.store.sqlite.BUSY_TIMEOUT_MS", 1)
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        await chat.wait_for_text("echo 1 hello")
        monkeypatch.setattr("bot.inbox.log", Log())
        engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'exoplan.db'}")
        with engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            await ana.send("are you there")
            await asyncio.wait_for(refused.wait(), 10)
            other.exec_driver_sql("ROLLBACK")
        engine.dispose()
        await chat.wait_for_text("echo 2 are you there")
