"""What people may do about what is kept of them, on the whole program."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import KeyDestroyed
from bot.keys import KeyStore, master_key, place
from bot.rights import asked_to_erase
from bot.store import inbox
from bot.store.engine import Store
from bot.turn import Person
from tests.bot.rehearsal import rows, telegram
from tests.e2e.clinic import Clinic, Patient, at_work, open_clinic

MARKERS = {"Ana": "xylophone-7731", "Ben": "quetzal-4402"}


async def privacy(patient: Patient) -> None:
    """Open /privacy."""
    await patient.person.send("/privacy")
    await patient.sees("What we keep, and why")


async def delete_everything(patient: Patient) -> None:
    """From anywhere to the receipt."""
    await privacy(patient)
    await patient.tap("Delete everything")
    yes = await patient.chat.wait_for(lambda m: "Yes, delete everything" in m.buttons)
    await patient.person.press(yes, "Yes, delete everything")
    await patient.sees("the key to your data is destroyed")


def bodies(file: Path) -> list[bytes]:
    """Every sealed value in a copy of the database."""
    with sqlite3.connect(file) as copy:
        found = [
            value
            for table, column in (
                ("people", "contact"),
                ("sessions", "body"),
                ("inbox", "body"),
                ("outbox", "body"),
            )
            for (value,) in copy.execute(f"SELECT {column} FROM {table}")
        ]
    copy.close()
    return [value for value in found if value]


def keys_of(folder: Path) -> KeyStore:
    """The key store of a run that has ended."""
    return KeyStore(
        folder / "exoplan.keys.db", master_key(None, folder / "exoplan.key")
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a run, as bytes."""
    return {f.name: f.read_bytes() for f in folder.iterdir() if f.is_file()}


def openable(folder: Path, file: Path) -> set[int]:
    """Row numbers of people in a copy whose contact still opens with today's keys."""
    keys = KeyStore(
        folder / "exoplan.keys.db", master_key(None, folder / "exoplan.key")
    )
    found = set()
    copy = sqlite3.connect(file)
    for number, key_id, contact in copy.execute(
        "SELECT id, key_id, contact FROM people"
    ):
        try:
            keys.open(key_id, place("people", "contact", key_id), contact)
            found.add(number)
        except KeyDestroyed:
            continue
    copy.close()
    keys.close()
    return found


async def test_a_person_sees_all_that_is_kept_in_words_and_as_a_file(tmp_path: Path):
    """The summary names the answers; the file has them with consents and dates."""
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.answer_all("Hair")
        await privacy(ana)
        await ana.tap("See my data")
        summary = await ana.sees("What is kept about you")
        assert "Crown" in summary.text
        sent = await ana.chat.wait_for(lambda m: "document" in m.content)
        stored = clinic.local.world.file_bytes[sent.content["document"]["file_id"]]
    kept = json.loads(stored)
    assert kept["telegram"] == {"number": ana.person.id, "first_name": "Ana"}
    assert kept["conversation"]["answers"]["site"] == "crown"
    given = {(one["purpose"], one["granted"]) for one in kept["consents"]}
    assert given == {("plan", True), ("team", True)}
    assert rows(tmp_path, "SELECT body FROM outbox WHERE method = 'sendDocument'") == [
        {"body": None}
    ]


async def test_the_file_has_what_is_kept_beside_the_chat_too(tmp_path: Path):
    """Questions kept for the team to answer, and chats that were put aside."""
    words = "zorbling the quux blurf"
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.start()
        await ana.person.send(words)
        await ana.sees("I did not get that")
        with sqlite3.connect(tmp_path / "exoplan.db") as beside:
            for body in ("body", "zeroblob(40)"):
                beside.execute(
                    "INSERT INTO sessions_set_aside"
                    " (person_id, generation, body, reason, at)"
                    f" SELECT person_id, generation, {body}, '', updated_at"
                    " FROM sessions"
                )
        beside.close()
        await privacy(ana)
        await ana.tap("See my data")
        sent = await ana.chat.wait_for(lambda m: "document" in m.content)
        stored = clinic.local.world.file_bytes[sent.content["document"]["file_id"]]
    kept = json.loads(stored)
    (question,) = kept["questions_kept"]
    assert (question["why"], question["words"]) == ("unanswered", words)
    whole, damaged = (one["chat"] for one in kept["chats_put_aside"])
    assert (whole["state"], damaged) == ("welcome", None)
    assert {"language", "time_zone", "talk_with_the_team"} <= kept.keys()


async def test_who_deletes_everything_is_gone_from_backups_too(tmp_path: Path):
    """The receipt comes last; a copy made before opens for everybody else alone."""
    async with open_clinic(tmp_path) as clinic:
        ana, ben = clinic.patient("Ana"), clinic.patient("Ben")
        await ana.answer_all("Hair")
        await ben.answer_all("Skin")
        before = tmp_path / "before.db"
        source = sqlite3.connect(tmp_path / "exoplan.db")
        with sqlite3.connect(before) as copy:
            source.backup(copy)
        copy.close()
        source.close()
        assert len(rows(tmp_path, "SELECT id FROM people")) == 2
        await delete_everything(ana)
        assert "destroyed" in ana.chat.from_bot[-1].text
        (left,) = rows(tmp_path, "SELECT id FROM people")
        about = [
            rows(tmp_path, f"SELECT 1 FROM {table} WHERE {column} != {left['id']}")
            for table, column in (
                ("sessions", "person_id"),
                ("consents", "person_id"),
                ("inbox", "person_id"),
                ("outbox", "about_person"),
            )
        ]
        assert about == [[], [], [], []]
        await ana.person.send("/start")
        await ana.chat.wait_until(lambda: "destroyed" not in ana.chat.from_bot[-1].text)
        assert "Hi. I am a computer program" in ana.chat.from_bot[-1].text
    assert openable(tmp_path, before) == {left["id"]}
    assert bodies(before)


async def test_an_end_that_a_kill_cut_short_is_finished_at_the_next_start(
    tmp_path: Path,
):
    """Killed before the key went, or before the rows: gone all the same."""
    async with telegram() as local:
        patients = [Patient(p, p.private_chat()) for p in map(local.person, "ABC")]
        async with at_work(tmp_path, local, None):
            for patient in patients:
                await patient.answer_all("Hair", "Yes, for my plan only")
        keys = keys_of(tmp_path)
        store = Store(tmp_path / "exoplan.db")
        found = rows(tmp_path, "SELECT id, key_id FROM people ORDER BY id")
        now, asked = datetime.now(UTC), []
        for one, patient in zip(found[:2], patients, strict=False):
            person = Person(
                one["id"], one["key_id"], patient.person.id, "A", "en", True, 1
            )
            row = asked_to_erase(keys, person, 9_000 + one["id"], now)
            asked.append(row)
        store.write_now(lambda c: inbox.add(c, asked))
        keys.destroy(found[1]["key_id"])
        store.close()
        keys.close()
        async with at_work(tmp_path, local, None):
            for patient in patients[:2]:
                await patient.sees("the key to your data is destroyed")
        assert rows(tmp_path, "SELECT id FROM people") == [{"id": found[2]["id"]}]
        keys = keys_of(tmp_path)
        assert [keys.has(one["key_id"]) for one in found] == [False, False, True]
        keys.close()


async def test_what_is_written_while_being_deleted_is_answered_first(tmp_path: Path):
    """An emergency right after the last tap is not lost with the rest."""
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.start()
        await privacy(ana)
        await ana.tap("Delete everything")
        yes = await ana.chat.wait_for(lambda m: "Yes, delete everything" in m.buttons)
        await ana.person.press(yes, "Yes, delete everything")
        await ana.person.send("i can not breathe, my throat is swelling")
        await ana.sees("112")
        await clinic.staff.wait_for_text("throat is swelling")
        await ana.sees("the key to your data is destroyed")


async def test_taking_back_the_team_s_consent_edits_what_the_team_has(tmp_path: Path):
    """The note with the answers says that they were taken back, and so is the rest."""
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.answer_all("Hair")
        await ana.person.send("/person")
        await ana.sees("Write to our team")
        await ana.person.send("do you open on sundays")
        note = await clinic.staff.wait_for_text("do you open on sundays")
        assert "Crown" in note.text
        await privacy(ana)
        await ana.tap("☑ Show my answers to the team")
        await ana.sees("no longer shown to the team")
        await clinic.staff.wait_until(lambda: "Crown" not in note.text)
        assert "do you open on sundays" in note.text
    recorded = rows(tmp_path, "SELECT purpose, granted FROM consents ORDER BY id")
    assert recorded[-1] == {"purpose": "team", "granted": 0}


async def test_a_long_silence_ends_a_person_and_a_short_one_does_not(tmp_path: Path):
    """Thirty days by the clinic's file; the day is seen to when the bot starts."""
    async with telegram() as local:
        person, ben = local.person("Ana"), local.person("Ben")
        ana = Patient(person, person.private_chat())
        async with at_work(tmp_path, local, None):
            await ana.start()
            await ana.chat.wait_for_text("computer program")
        local.clock.move(timedelta(days=20))
        async with at_work(tmp_path, local, None):
            await ben.send("/start")
            await ben.private_chat().wait_for_text("computer program")
        local.clock.move(timedelta(days=11))
        async with at_work(tmp_path, local, None):
            await ben.private_chat().wait_until(
                lambda: len(rows(tmp_path, "SELECT id FROM people")) == 1
            )
    (left,) = rows(tmp_path, "SELECT created_at FROM people")
    assert left


async def dump(clinic: Clinic, folder: Path) -> None:
    """Two patients say all they can say, each with a word nobody else has."""
    for name, marker in MARKERS.items():
        patient = clinic.patient(f"{name}-{marker}")
        await patient.answer_all("Hair")
        await patient.person.send("/person")
        await patient.sees("Write to our team")
        await patient.person.send(f"question {marker}")
        note = await clinic.staff.wait_for_text(f"question {marker}")
        await clinic.maria.reply(note, f"/adverse swelling {marker}")
        await clinic.staff.wait_for_text("Noted for ")
        await clinic.maria.reply(note, f"answer {marker}")
        await patient.sees(f"answer {marker}")
        await patient.person.send_photo(f"caption {marker}")
        await patient.person.send(f"my throat is swelling {marker}")
        await clinic.staff.wait_for_text(f"swelling {marker}")


async def test_unique_words_are_in_no_file_and_no_log(tmp_path: Path, capfd):
    """A dump of the databases and logs of a whole run has none of them."""
    async with open_clinic(tmp_path) as clinic:
        await dump(clinic, tmp_path)
        while_at_work = files_of(tmp_path)
    at_rest = files_of(tmp_path)
    told = "".join(capfd.readouterr()).encode()
    assert {"exoplan.db", "exoplan.keys.db"} <= while_at_work.keys()
    for marker in MARKERS.values():
        for name, content in [*while_at_work.items(), *at_rest.items(), ("log", told)]:
            assert marker.encode() not in content, name
