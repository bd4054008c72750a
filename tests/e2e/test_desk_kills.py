"""The desk and a process that is killed: what was written meanwhile is not lost."""

from __future__ import annotations

from bot.local import LocalTelegram
from bot.local.people import Group
from tests.bot.rehearsal import rows, telegram
from tests.e2e.clinic import Patient, at_work
from tests.e2e.clinic_process import killed

FIRST = 30  # seconds a process may take to begin, on a busy machine
#: What was written and not seen to; a report of what was sent last may come later.
WAITING = "SELECT id FROM inbox WHERE status <> 'done' AND key NOT LIKE 'sent:%%'"


def patient(local: LocalTelegram, name: str) -> Patient:
    """Somebody who has not written yet."""
    person = local.person(name)
    return Patient(person, person.private_chat())


async def asked(ana: Patient, group: Group, words: str) -> None:
    """The team has their question, and they were told so."""
    await ana.person.send("/person")
    await ana.chat.wait_for_text("Write to our team", seconds=FIRST)
    await ana.person.send(words)
    await group.wait_for_text(words)
    # Told once the note's number is on disk, so that a reply to it is known.
    await ana.chat.wait_for_text("Our team has your message")


async def test_a_desk_killed_in_the_middle_loses_nothing_and_repeats_no_answer(
    tmp_path,
):
    """Killed as the topic opens, and again while two of the team answer at once."""
    async with telegram() as local:
        maria, tom = local.person("Maria"), local.person("Tom")
        ana = patient(local, "Ana")
        group = local.group("Team", [maria, tom], forum=True)
        with killed(tmp_path, local, group):
            await ana.person.send("/person")
            await ana.chat.wait_for_text("Write to our team", seconds=FIRST)
            await ana.person.send("is there a lift")
            await group.wait_until(lambda: bool(group.topics))
        await ana.person.send("and where do i park")
        with killed(tmp_path, local, group):
            await group.wait_for_text("is there a lift", seconds=FIRST)
            question = await group.wait_for_text("where do i park")
            await ana.chat.wait_until(
                lambda: sum("Our team has" in m.text for m in ana.chat.from_bot) >= 2
            )
        answer = await maria.reply(question, "Behind the hause.")
        await tom.reply(question, "There is a lift.")
        await maria.edit(answer, "Behind the house.")
        for topic in group.topics:
            group.delete_topic(topic)
        await ana.person.send("are dogs allowed")
        async with at_work(tmp_path, local, group):
            await ana.sees("There is a lift.")
            await ana.sees("Behind the house.")
            note = await group.wait_for_text("are dogs allowed")
            assert note.thread_id is not None
        told = [m.text for m in ana.chat.from_bot]
        for words in ("There is a lift.", "Behind the h"):
            assert sum(words in text for text in told) == 1
    assert rows(tmp_path, WAITING) == []


async def test_rights_lost_while_it_is_dead_are_found_out_and_nothing_is_lost(tmp_path):
    """New notes stand in the group itself, it is said once, and answers arrive."""
    async with telegram() as local:
        maria = local.person("Maria")
        ana, ben = patient(local, "Ana"), patient(local, "Ben")
        group = local.group("Team", [maria], forum=True)
        with killed(tmp_path, local, group):
            await asked(ana, group, "is there a lift")
            (topic,) = group.topics
            local.faults.hang("createForumTopic", times=99)
            await ben.person.send("/person")
            await ben.sees("Write to our team")
            await ben.person.send("where do i park")
            await group.wait_until(
                lambda: len(local.record.named("createForumTopic")) >= 2
            )
        group.set_bot_status("member")
        local.faults.clear()
        (lift,) = [m for m in group.from_bot if "is there a lift" in m.text]
        await maria.reply(lift, "Yes, to every floor.")
        async with at_work(tmp_path, local, group):
            note = await group.wait_for_text("where do i park", seconds=FIRST)
            assert note.thread_id is None
            assert group.topics == [topic]
            await maria.reply(note, "Behind the house.")
            await ben.sees("Behind the house.")
            await ana.sees("Yes, to every floor.")
            group.set_bot_status("administrator")
            await group.wait_for_text("I can open topics here again.")
        said = [m.text for m in group.from_bot]
        assert sum("cannot open topics" in text for text in said) == 1
    assert rows(tmp_path, WAITING) == []


async def test_a_group_that_grows_while_a_reply_is_on_its_way_loses_none(tmp_path):
    """The reply reaches its patient, and the note under way the new group."""
    async with telegram() as local:
        maria = local.person("Maria")
        ana, ben = patient(local, "Ana"), patient(local, "Ben")
        group = local.group("Team", [maria])
        with killed(tmp_path, local, group):
            await asked(ana, group, "is there a lift")
            local.faults.hang("sendMessage", when=lambda c: c["chat_id"] == ana.chat.id)
            (lift,) = [m for m in group.from_bot if "is there a lift" in m.text]
            await maria.reply(lift, "Yes, to every floor.")
            await local.record.wait_for(lambda c: "every floor" in str(c.params))
        await ben.person.send("/person")
        grown = group.migrate()
        local.faults.clear()
        async with at_work(tmp_path, local, group):
            await ana.sees("Yes, to every floor.")
            await ben.sees("Write to our team")
            await ben.person.send("where do i park")
            note = await grown.wait_for_text("where do i park")
            await maria.reply(note, "Behind the house.")
            await ben.sees("Behind the house.")
        told = [m.text for m in ana.chat.from_bot]
        assert sum("every floor" in text for text in told) == 1
    assert rows(tmp_path, WAITING) == []
