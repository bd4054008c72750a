"""Every mistake in clinic.toml is one line: the file, the key, and what it must be."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.checks import clinic as clinic_checks
from bot.checks import texts
from bot.checks.everything import prove
from bot.checks.tour import Tour
from bot.clinic import DEMO_CLINIC, Reviewer, load_clinic
from bot.errors import ConfigError
from exoplan import load_book

#: The demo's own words, with a mistake put in place of the line of a key, or above.
SOUND = DEMO_CLINIC.read_text(encoding="utf-8")


def with_line(line: str) -> str:
    key = line.partition(" = ")[0]
    changed, many = re.subn(rf"^{key} = .*$", lambda _: line, SOUND, flags=re.M)
    return changed if many else f"{line}\n{SOUND}"


MISTAKES = [
    (with_line("phone = 5"), "phone: must be text in quotes"),
    (with_line('phone = "at the desk"'), "phone: is no number that a person could"),
    (with_line('emergency_number = "abc"'), "emergency_number: is no number that"),
    (with_line("emergency_number = 112"), "emergency_number: must be text in quotes"),
    (with_line('coutry = "ES"'), "coutry: is not a known key; country is"),
    (with_line('language = "es"'), "language: is not a known key; known here: name,"),
    (with_line('country = "Spain"'), "country: must be two capital letters, such as"),
    (with_line('time_zone = "Europe/Barcelona"'), "time_zone: is not a time zone"),
    (with_line('time_zone = "Europe"'), "time_zone: is not a time zone"),
    (with_line('time_zone = "../../etc/passwd"'), "time_zone: is not a time zone"),
    (with_line('monday = "18:00-9:00"'), "opening: monday: '18:00-9:00' is no span"),
    (with_line('monday = "9:00-25:00"'), "opening: monday: '9:00-25:00' is no span"),
    (with_line("monday = 9"), "opening.monday: must be a list in [ ]"),
    (SOUND.replace("monday =", "mon ="), "opening.mon: must be one of 'monday', "),
    (with_line('mon = ["18:00", "09:00"]'), "visiting_hours: mon: 18:00 to 09:00 ends"),
    (with_line('mon = ["18:00"]'), "visiting_hours.mon.2: is missing"),
    (with_line('mon = "09:00-18:00"'), "visiting_hours.mon: must be a list in [ ]"),
    (with_line('mon = ["9", "18:00"]'), "visiting_hours.mon.1: must be two hours such"),
    (with_line("quiet_hours = 5"), "quiet_hours: must be a list in [ ]"),
    (with_line("staff_chat = 12345"), "staff_chat: is no group's number, which begins"),
    (with_line("staff_chat = 0"), "staff_chat: is no group's number, which begins"),
    (with_line(f"staff_chat = -{10**20}"), "staff_chat: is no group's number"),
    (with_line('staff_chat = "@team"'), "staff_chat: must be a whole number, without"),
    (
        f'{SOUND}[areas]\nhair = "no"\n',
        "areas.hair: must be true or false, without quotes",
    ),
    (with_line('url = "http://x"'), "links.1.url: must be an address that begins with"),
    (
        with_line('form_url = "ftp://x"'),
        "form_url: must be an address that begins with",
    ),
    (with_line('date = "2026-01-15"'), "reviewer.date: must be a date such as"),
    (with_line('maker = ""'), "product.maker: is empty"),
    (
        with_line('maker = "a"\nmaked = "b"'),
        "product.maked: is not a known key; maker is",
    ),
    (with_line("staff_roles = true"), "staff_roles: must be one of 'on' or 'off'"),
    (with_line("inputs_per_minute = -1"), "inputs_per_minute: must be 0 or more"),
    (with_line("faq_wrong_share = 2"), "faq_wrong_share: must be 0.2 or less"),
    (with_line('numbing = "a\\u0000b"'), "numbing: holds a character that cannot be"),
    (with_line('name: "Clinic"'), "is not TOML: "),
    (SOUND + "\n[retention]\ndays = 3\n", "retention.days: is not a known key"),
    (SOUND + '\n[digest]\nat = "8"\n', "digest.at: must be an hour such as 08:00"),
    (SOUND.encode("utf-16"), "is not UTF-8 text"),
    (bytes(range(256)), "is not UTF-8 text"),
]


@pytest.mark.parametrize(("written", "line"), MISTAKES)
def test_a_mistake_is_one_line_with_its_place(tmp_path, written, line):
    file = tmp_path / "clinic.toml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    with pytest.raises(ConfigError) as refused:
        load_clinic(file)
    (said,) = str(refused.value).splitlines()
    assert said.startswith(f"The configuration cannot be used: {file}: {line}")
    assert len(said) - len(str(file)) < 500


def test_a_folder_in_its_place_is_one_line(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)$"):
        load_clinic(tmp_path)


def test_a_mark_that_an_editor_puts_before_the_text_does_no_harm(tmp_path):
    file = tmp_path / "clinic.toml"
    file.write_text(SOUND, encoding="utf-8-sig")
    assert load_clinic(file) == load_clinic(DEMO_CLINIC)


def test_check_says_where_and_what_without_a_word_about_itself(tmp_path):
    file = tmp_path / "clinic.toml"
    file.write_text(with_line("phone = 5"), encoding="utf-8")
    *_, last = prove(file)
    assert [str(f) for f in last.findings] == [f"{file}: phone: must be text in quotes"]


CLINIC = load_clinic(DEMO_CLINIC)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"country": "UK"}, "country: is no country's code; the United Kingdom is GB"),
        (
            {"reviewer": Reviewer(name="Ana Ruiz", date=date(2030, 1, 1))},
            "reviewer.date: is still to come",
        ),
    ],
)
def test_what_has_the_right_form_and_cannot_be_is_found(changes, line):
    clinic = CLINIC.model_copy(update=changes)
    found = clinic_checks.likely("clinic.toml", clinic, date(2026, 3, 1))
    assert [str(finding) for finding in found] == [f"clinic.toml: {line}"]


def test_a_kind_of_reminder_that_there_is_not_is_found_with_its_key():
    clinic = CLINIC.model_copy(update={"reminders": {"before_5_days": True}})
    (found,) = clinic_checks.complete("clinic.toml", clinic)
    assert str(found).startswith("clinic.toml: reminders: no kind is called 'before_5")


def test_a_claim_in_the_clinic_s_own_words_is_told_once_and_where_to_mend_it():
    """And not once more for every screen that repeats it."""
    reviewer = Reviewer(name="Dr. Ana Ruiz", date=date(2026, 1, 1))
    clinic = CLINIC.model_copy(update={"reviewer": reviewer})
    (found,) = clinic_checks.claims_nothing("clinic.toml", clinic)
    assert str(found).startswith("clinic.toml: reviewer.name: “Dr.”. ")
    own = [said for _, said in clinic_checks.own_words(clinic)]
    shown = Tour(texts={"plan": {"Reviewed by Dr. Ana Ruiz. It is safe."}})
    left = texts.claim_nothing([shown], load_book(), own)
    assert [finding.what[:6] for finding in left] == ["“safe”"]
