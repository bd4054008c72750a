"""Forum topics and what groups let a bot see."""

import pytest


@pytest.fixture
def sam(local):
    return local.person("Sam")


@pytest.fixture
async def forum(local, api, sam):
    group = local.group("Team", [sam], forum=True)
    await api.updates()
    return group


async def test_a_topic_opens_with_a_line_the_bot_hears_too(api, forum):
    topic = await api.call("createForumTopic", chat_id=forum.id, name="Ana · hair")
    (update,) = await api.updates()
    line = update["message"]
    assert line["forum_topic_created"]["name"] == "Ana · hair"
    assert line["message_id"] == topic["message_thread_id"]
    assert line["is_topic_message"] is True


async def test_a_message_in_a_topic_answers_the_line_that_opened_it(api, forum, sam):
    """As on the real server, though nobody tapped Reply."""
    topic = await api.call("createForumTopic", chat_id=forum.id, name="Ana")
    thread = topic["message_thread_id"]
    await sam.send("hello", forum, thread_id=thread)
    message = (await api.updates())[-1]["message"]
    assert message["message_thread_id"] == thread
    assert message["reply_to_message"]["forum_topic_created"]["name"] == "Ana"


async def test_a_real_reply_in_a_topic_names_what_it_answers(api, forum, sam):
    topic = await api.call("createForumTopic", chat_id=forum.id, name="Ana")
    sent = await api.call(
        "sendMessage",
        chat_id=forum.id,
        message_thread_id=topic["message_thread_id"],
        text="Ana asks",
    )
    await sam.reply(forum.messages[-1], "I answer")
    message = (await api.updates())[-1]["message"]
    assert message["reply_to_message"]["message_id"] == sent["message_id"]


async def test_a_closed_topic_takes_no_messages_until_it_is_reopened(api, forum):
    topic = await api.call("createForumTopic", chat_id=forum.id, name="Ana")
    where = {"chat_id": forum.id, "message_thread_id": topic["message_thread_id"]}
    await api.call("closeForumTopic", **where)
    refusal = await api.refused("sendMessage", **where, text="x")
    assert refusal.description == "Bad Request: TOPIC_CLOSED"
    refusal = await api.refused("closeForumTopic", **where)
    assert refusal.description == "Bad Request: TOPIC_NOT_MODIFIED"
    await api.call("reopenForumTopic", **where)
    await api.call("sendMessage", **where, text="x")
    kinds = [
        name
        for update in await api.updates()
        for name in update["message"]
        if name.startswith("forum_topic_")
    ]
    assert kinds == [
        "forum_topic_created",
        "forum_topic_closed",
        "forum_topic_reopened",
    ]


async def test_a_topic_deleted_by_a_person_is_noticed_only_on_sending(api, forum):
    topic = await api.call("createForumTopic", chat_id=forum.id, name="Ana")
    await api.updates()
    where = {"chat_id": forum.id, "message_thread_id": topic["message_thread_id"]}
    await api.call("sendMessage", **where, text="x")
    forum.delete_topic(forum.topic("Ana"))
    assert await api.updates() == []
    refusal = await api.refused("sendMessage", **where, text="x")
    assert refusal.description == "Bad Request: message thread not found"
    refusal = await api.refused("editForumTopic", **where, name="Bo")
    assert refusal.description == "Bad Request: TOPIC_ID_INVALID"
    assert all(one.thread_id is None for one in forum.messages)


async def test_a_topic_is_renamed_and_deleted_by_the_bot(api, forum):
    topic = await api.call("createForumTopic", chat_id=forum.id, name="Ana")
    where = {"chat_id": forum.id, "message_thread_id": topic["message_thread_id"]}
    await api.call("editForumTopic", **where, name="Ana · held")
    assert [one.name for one in forum.topics] == ["Ana · held"]
    refusal = await api.refused("editForumTopic", **where, name="Ana · held")
    assert refusal.description == "Bad Request: TOPIC_NOT_MODIFIED"
    await api.call("deleteForumTopic", **where)
    assert forum.topics == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 129])
async def test_a_topic_needs_a_proper_name(api, forum, name):
    refusal = await api.refused("createForumTopic", chat_id=forum.id, name=name)
    assert refusal.code == 400


async def test_topics_need_a_forum_and_the_right_to_manage_them(api, local, forum, sam):
    plain = local.group("Plain", [sam])
    refusal = await api.refused("createForumTopic", chat_id=plain.id, name="x")
    assert refusal.description == "Bad Request: the chat is not a forum"
    forum.set_bot_status("member")
    refusal = await api.refused("createForumTopic", chat_id=forum.id, name="x")
    assert refusal.description == "Bad Request: not enough rights to create a topic"


async def test_a_bot_that_is_no_admin_reads_commands_and_replies_only(api, local, sam):
    group = local.group("Plain", [sam], bot_is_admin=False)
    await api.call("sendMessage", chat_id=group.id, text="ask me")
    await api.updates()
    asked = group.messages[-1]
    await sam.send("between us", group)
    await sam.send("/list", group)
    await sam.reply(asked, "an answer")
    texts = [update["message"]["text"] for update in await api.updates()]
    assert texts == ["/list", "an answer"]


async def test_who_is_in_a_group_and_what_they_may(api, local, forum, sam):
    lee = local.person("Lee")
    forum.add(lee)
    member = await api.call("getChatMember", chat_id=forum.id, user_id=lee.id)
    assert member["status"] == "member"
    admins = await api.call("getChatAdministrators", chat_id=forum.id)
    assert {one["status"] for one in admins} == {"creator", "administrator"}
    forum.remove(lee)
    member = await api.call("getChatMember", chat_id=forum.id, user_id=lee.id)
    assert member["status"] == "left"
    assert (await api.call("getChat", chat_id=forum.id))["is_forum"] is True
