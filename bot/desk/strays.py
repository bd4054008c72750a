"""Topics that Telegram opened for us without our hearing of it.

A call that opens a topic may be carried out though its answer never came, or the
process died before it was written down. Whoever of the team writes in such a topic
means its patient all the same.
"""

from __future__ import annotations

from contextlib import suppress

from bot.desk.errand import Errand
from bot.errors import SealError
from bot.store import topics
from bot.threads import person_in, title_place


def whose(errand: Errand) -> tuple[int, str] | None:
    """The patient of an unknown topic, and the key that opens what is theirs.

    The line that opened a topic stands before what is written there. Its name tells the
    number of a patient, and has to be the very name that is sealed with their key.
    """
    first = errand.said.get("reply_to_message")
    first = first if isinstance(first, dict) else {}
    opened, by = first.get("forum_topic_created"), first.get("from")
    if not (isinstance(opened, dict) and isinstance(by, dict) and by.get("is_bot")):
        return None
    name = str(opened.get("name"))
    person = person_in(name)
    topic = topics.of(errand.connection, person) if person is not None else None
    if person is None or topic is None or topic.title is None:
        return None
    with suppress(SealError):
        at = title_place(person)
        title = errand.tools.keys.open(topic.key_id, at, topic.title).decode()
        if title == name:
            if topic.thread_id is None:  # it is theirs from now on
                found = {"thread_id": errand.thread}
                topics.change(errand.connection, person, found)
            return person, topic.key_id
    return None
