"""The desk where Telegram did something nobody was told of, or numbers things anew."""

from __future__ import annotations

from tests.e2e.clinic import asks, open_clinic


async def test_a_topic_that_may_have_been_opened_is_not_opened_twice(tmp_path):
    """The note stands in the group; what is written in the stray one arrives."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        clinic.local.faults.drop("createForumTopic", carried_out=True)
        ana = await asks(clinic, "is there a lift")
        note = await clinic.staff.wait_for_text("is there a lift")
        assert note.thread_id is None
        await ana.person.send("and where do i park")
        second = await clinic.staff.wait_for_text("where do i park")
        assert second.thread_id is None
        assert len(clinic.local.record.named("createForumTopic")) == 1
        await clinic.maria.reply(note, "Yes, to every floor.")
        await ana.sees("Yes, to every floor.")
        (stray,) = clinic.staff.topics
        await clinic.maria.send(
            "Behind the house.", clinic.staff, thread_id=stray.thread_id
        )
        await ana.sees("Behind the house.")
        await ana.person.send("are dogs allowed")
        third = await clinic.staff.wait_for_text("are dogs allowed")
        assert third.thread_id == stray.thread_id
        assert clinic.staff.topics == [stray]


async def test_a_topic_of_the_team_s_own_is_nobody_s(tmp_path):
    """Whatever its name: only what the bot opened under a patient's is theirs."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift")
        await clinic.staff.wait_for_text("is there a lift")
        (theirs,) = clinic.staff.topics
        own = clinic.staff.open_topic(theirs.name)
        await clinic.maria.send("lunch?", clinic.staff, thread_id=own.thread_id)
        await clinic.maria.send(
            "Yes, to every floor.", clinic.staff, thread_id=theirs.thread_id
        )
        await ana.sees("Yes, to every floor.")
        assert not [m for m in ana.chat.from_bot if "lunch" in m.text]


async def test_a_group_that_moved_is_quoted_and_changed_nowhere_wrong(tmp_path):
    """Its messages are counted from one again: an old number is another's now."""
    async with open_clinic(tmp_path) as clinic:
        ana = await asks(clinic, "is there a lift")
        note = await clinic.staff.wait_for_text("is there a lift")
        await clinic.maria.reply(note, "Yes, to every floor.")
        said = await ana.sees("Yes, to every floor.")
        asked = next(m for m in ana.chat.messages if m.text == "is there a lift")
        receipt = await clinic.staff.wait_for(lambda m: m.reply_to is not None)
        grown = clinic.group = clinic.staff.migrate()
        ben = await asks(clinic, "where do i park", "Ben")
        for n in range(receipt.message_id):  # so that every old number is in use
            await ben.person.send(f"question {n} of mine")
            await grown.wait_for_text(f"question {n} of mine")
        before = {m.message_id: m.text for m in grown.from_bot}
        await ana.person.reply(said, "thank you maria")
        thanks = await grown.wait_for_text("thank you maria")
        assert thanks.reply_to is None
        await ana.person.edit(asked, "is there a lift to floor 3")
        changed = await grown.wait_for_text("lift to floor 3")
        assert changed.message_id not in before
        assert before.items() <= {m.message_id: m.text for m in grown.from_bot}.items()
        answer = await clinic.maria.reply(thanks, "To flor 3 too.")
        there = await ana.sees("To flor 3 too.")
        await clinic.maria.edit(answer, "To floor 3 too.")
        await ana.chat.wait_until(lambda: "floor 3 too" in there.text)
        assert "Yes, to every floor." in said.text
