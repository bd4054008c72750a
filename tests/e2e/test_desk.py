"""The team at its desk: a topic a patient, words both ways, who has the chat."""

from __future__ import annotations

from tests.bot.rehearsal import rows, telegram
from tests.e2e.clinic import Patient, asks, at_work, open_clinic

#: What the team said that questions of people ask; "-" where they do not.
LABELS = "SELECT entry, person_id IS NOT NULL AS theirs FROM faq_labels"


async def test_a_question_opens_a_topic_and_what_is_written_there_is_the_answer(
    tmp_path,
):
    """Card first, then the question; any message in the topic goes to the patient."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift in the house")
        (topic,) = clinic.staff.topics
        assert topic.name.startswith("Ana")
        line, card, question = clinic.staff.in_topic(topic)
        assert line.service
        assert "Asked 1, open 1" in card.text
        assert "is there a lift" in question.text
        await ana.sees("Our team has your message")
        await clinic.maria.send(
            "Yes, to every floor.", clinic.staff, thread_id=topic.thread_id
        )
        await ana.sees("Yes, to every floor.")
        await clinic.maria.send(
            "// she sounds nervous", clinic.staff, thread_id=topic.thread_id
        )
        await clinic.staff.wait_until(lambda: "open 0" in card.text)
        assert not [m for m in ana.chat.from_bot if "nervous" in m.text]


async def test_who_claims_a_chat_has_it_to_themselves(tmp_path):
    """The program is silent until it is given back, but for rights and emergencies."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift in the house")
        (topic,) = clinic.staff.topics
        card = clinic.staff.in_topic(topic)[1]
        await (await clinic.maria.press(card, "Claim")).answered()
        await ana.sees("Maria from the team")
        await clinic.staff.wait_until(lambda: "Give back" in card.buttons)
        before = len(ana.chat.from_bot)
        await ana.person.send("does it hurt?")
        await clinic.staff.wait_for_text("does it hurt?")
        assert len(ana.chat.from_bot) == before
        await ana.person.send("/privacy")
        await ana.sees("Your data")
        await ana.person.send("i cant breathe")
        await ana.sees("Call 112 now")
        await clinic.staff.wait_for_text("possible emergency")
        tom = clinic.local.person("Tom")
        clinic.staff.add(tom)
        taken = await (await tom.press(card, "Take over")).answered()
        assert taken == {} or taken.get("text", "") == ""
        await clinic.staff.wait_until(lambda: "Tom has this chat" in card.text)
    claimed = rows(tmp_path, "SELECT status FROM topics")
    assert claimed == [{"status": "claimed"}]


async def test_a_deleted_topic_is_opened_again_and_nothing_is_lost(tmp_path):
    """Closed by hand it is reopened; an erased patient takes theirs along."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift in the house")
        (topic,) = clinic.staff.topics
        clinic.staff.delete_topic(topic)
        await ana.person.send("and where do i park")
        await clinic.staff.wait_for_text("where do i park")
        (second,) = clinic.staff.topics
        assert second.thread_id != topic.thread_id
        clinic.staff.close_topic(second)
        await ana.person.send("are dogs allowed")
        note = await clinic.staff.wait_for_text("are dogs allowed")
        assert note.thread_id == second.thread_id
        assert not second.closed
        await clinic.maria.send("Yes.", clinic.staff, thread_id=second.thread_id)
        await ana.sees("Yes.")
        await ana.person.send("/privacy")
        await ana.sees("Your data")
        await ana.tap("Delete everything", "Yes, delete everything")
        await ana.sees("the key to your data is destroyed")
        await clinic.staff.wait_until(lambda: not clinic.staff.topics)
    assert rows(tmp_path, "SELECT * FROM topics") == []


async def test_edits_are_mirrored_both_ways_and_answers_keep_what_they_answer(tmp_path):
    """Two of the team answer at once, one puts a slip right, so does the patient."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift")
        asked = next(m for m in ana.chat.messages if m.text == "is there a lift")
        tom = clinic.local.person("Tom")
        clinic.staff.add(tom)
        note = await clinic.staff.wait_for_text("is there a lift")
        first = await clinic.maria.reply(note, "Yes, to flor 3.")
        await tom.reply(note, "And a ramp.")
        said = await ana.sees("Yes, to flor 3.")
        assert said.reply_to == asked.message_id
        assert (await ana.sees("And a ramp.")).text.startswith("👤 Tom")
        await clinic.maria.edit(first, "Yes, to floor 3.")
        await ana.chat.wait_until(lambda: "floor 3" in said.text)
        await ana.person.edit(asked, "is there a lift to floor 3")
        await clinic.staff.wait_until(lambda: "lift to floor 3" in note.text)
        assert "edited" in note.text


async def test_a_bot_that_may_not_open_topics_says_so_once_and_goes_on(tmp_path):
    """New notes stand in the group itself, with the same buttons; then in topics."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        await asks(clinic, "is there a lift")
        clinic.staff.set_bot_status("member")
        await clinic.staff.wait_for_text("I cannot open topics here any more.")
        ben = await asks(clinic, "where do i park", "Ben")
        note = await clinic.staff.wait_for_text("where do i park")
        assert note.thread_id is None
        assert "Claim" in note.buttons
        await clinic.maria.reply(note, "Behind the house.")
        await ben.sees("Behind the house.")
        clinic.staff.set_bot_status("administrator")
        await clinic.staff.wait_for_text("I can open topics here again.")
        await asks(clinic, "are dogs allowed", "Cleo")
        note = await clinic.staff.wait_for_text("are dogs allowed")
        assert note.thread_id is not None
        said = [m.text for m in clinic.staff.from_bot]
        assert sum("cannot open topics" in text for text in said) == 1


async def test_a_suggested_answer_is_sent_as_it_stands_or_changed_first(tmp_path):
    """Over the question stand the nearest known ones; a tap sends one."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "how many visits for hair")
        note = await clinic.staff.wait_for_text("how many visits for hair")
        assert "Suggested:" in note.text
        await ana.sees("Our team has your message")  # so its number is known
        await (await clinic.maria.press(note, "Send 1")).answered()
        sent = await ana.sees("👤 Maria")
        assert "made-up clinic" in sent.text
        told = await clinic.staff.wait_for_text("sent Ana the answer")
        assert rows(tmp_path, LABELS) == [{"entry": "Q08", "theirs": 1}]
        await (await clinic.maria.press(told, "Wrong answer")).answered()
        assert rows(tmp_path, LABELS) == [{"entry": "-Q08", "theirs": 1}]
        await (await clinic.maria.press(note, "Edit 1 and send")).answered()
        draft = await clinic.staff.wait_for_text("Tap the text to copy it.")
        await clinic.maria.reply(draft, "One to three, I would say.")
        await ana.sees("One to three, I would say.")


async def test_a_hold_is_cleared_from_the_card_and_a_plan_is_set(tmp_path):
    """With a reason; the plan stands under the clinician's name, the range beside."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = clinic.patient()
        await ana.start()
        await ana.tap("Hair", "Fit it to me · 3 minutes")
        await ana.tap("Yes, and show it to the team", "None of these")
        await ana.tap("Crown", "2 · Clearly thinner", "A small change is enough")
        await ana.tap("Nothing else", "No, never", "☐ 1", "Done")
        for place in ("8 of 9", "9 of 9"):
            await ana.sees(place)
            await ana.tap("None of these")
        await clinic.staff.wait_for_text("Blood thinner or aspirin → HOLD")
        card = await clinic.staff.wait_for(lambda m: "Clear hold" in m.buttons)
        (topic,) = clinic.staff.topics

        async def write(words: str) -> None:
            await clinic.maria.send(words, clinic.staff, thread_id=topic.thread_id)

        await write("/held")
        await clinic.staff.wait_for_text("(RF")
        await write("/plan 3 visits, 4 weeks apart")
        await clinic.staff.wait_for_text("Please lift the hold first")
        await (await clinic.maria.press(card, "Clear hold")).answered()
        why = await clinic.staff.wait_for_text("Why may the hold")
        await clinic.maria.reply(why, "spoke with her doctor")
        await ana.sees("Maria of our team has looked at this.")
        await clinic.staff.wait_for_text("lifted")
        await clinic.staff.wait_until(lambda: "Enter plan" in card.buttons)
        await (await clinic.maria.press(card, "Enter plan")).answered()
        how = await clinic.staff.wait_for_text("Please reply with the plan")
        await clinic.maria.reply(how, "3 visits, 4 weeks apart, upkeep 12 months")
        plan = await ana.sees("your plan from Maria")
        assert "3 visits, 4 weeks apart, upkeep after 12 months" in plan.text
        assert "1 to 3 visits" in plan.text
        assert "A clinician sets your number" in plan.text
        await write("/find an")
        await clinic.staff.wait_for_text("Found for “an”")
        await write("/close")
        await ana.sees("How helpful was it?")
        await ana.chat.wait_for(lambda m: "Helpful" in m.buttons)
        asked = await ana.chat.wait_for(lambda m: "Helpful" in m.buttons)
        await (await ana.person.press(asked, "Helpful")).answered()
        await ana.sees("Your answer helps us.")
    assert rows(tmp_path, "SELECT answer FROM ratings") == [{"answer": "yes"}]


async def test_a_team_of_one_answers_from_a_chat_of_their_own(tmp_path):
    """Notes come into it one below the other; a reply goes to its patient."""
    async with telegram() as local:
        maria, person = local.person("Maria"), local.person("Ana")
        ana, own = Patient(person, person.private_chat()), maria.private_chat()
        await maria.start()
        async with at_work(tmp_path, local, own):
            await ana.start()
            await ana.tap("Talk to a person")
            await ana.person.send("is there a lift")
            note = await own.wait_for_text("is there a lift")
            assert "Claim" in note.buttons
            await maria.reply(note, "Yes, to every floor.")
            await ana.sees("Yes, to every floor.")
            await (await maria.press(note, "Claim")).answered()
            await ana.sees("Maria from the team")
