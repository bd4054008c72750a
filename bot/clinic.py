"""What a clinic says about itself, read from clinic.toml and checked."""

from __future__ import annotations

import tomllib
from datetime import date, time
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal
from unicodedata import category
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from bot.clinic_faults import told
from bot.errors import ConfigError
from dialogs.hours import Opening
from dialogs.reminders import Calendar, KindsError, shipped

#: The made-up clinic of `exoplan demo`, shipped with the package.
DEMO_CLINIC = Path(str(files("bot"))) / "demo_clinic.toml"


class _Part(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, str_strip_whitespace=True
    )

    @field_validator("*")
    @classmethod
    def _is_printable(cls, given: object) -> object:
        """Nothing takes a control character but the end of a line."""
        letters = set(given) - {"\n"} if isinstance(given, str) else ()
        if any(category(letter) == "Cc" for letter in letters):
            raise ValueError("holds a character that cannot be shown")
        return given


Day = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]

_Words = Annotated[str, Field(min_length=1)]


def _has_a_digit(line: str) -> str:
    if line and not any(letter in "0123456789" for letter in line):
        raise ValueError("is no number that a person could call")
    return line


_Number = Annotated[str, AfterValidator(_has_a_digit)]  #: to call; may be empty

#: Telegram's numbers of groups are below zero and fit into 52 bits.
FARTHEST_GROUP = -(2**52)


class Reviewer(_Part):
    """The clinician who read every text this clinic shows."""

    name: _Words
    date: date  #: of the review


class Product(_Part):
    """The exosome product the clinic uses."""

    name: _Words
    maker: _Words
    origin: _Words  #: what it is made from
    authorisation: _Words  #: what the authority has, or has not, allowed
    statement: str = ""  #: anything else the clinic must say


class Link(_Part):
    """One place to read more, reviewed by the clinic."""

    title: _Words
    url: Annotated[str, Field(pattern=r"^https://[^\s]+$")]


class OwnStatement(_Part):
    """A statement of the clinic's, shown under its name beside the published one."""

    area: _Words
    topic: _Words
    text: _Words


class Retention(_Part):
    """How long what is kept about people stays."""

    intake_days: Annotated[int, Field(ge=1, le=3650)] = 30
    #: of silence, until a person without a booking is erased
    key_backup_days: Annotated[int, Field(ge=1, le=365)] = 14
    #: until copies of keys are gone; patients read this number


_Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
_Hours = Annotated[tuple[_Hour, _Hour], Field(strict=False)]
_Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEKDAYS: tuple[_Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Digest(_Part):
    """When the team is told what the week was like, in the clinic's time zone."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "never"] = "mon"
    at: _Hour = "08:00"

    @property
    def moment(self) -> tuple[int, time] | None:
        """Weekday, from 0 for Monday, and hour; None where it is not told."""
        if self.day == "never":
            return None
        return WEEKDAYS.index(self.day), time.fromisoformat(self.at)


class ClinicProfile(_Part):
    """clinic.toml, checked. What may be missing until the bot runs is empty here."""

    name: str = ""
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""  #: ISO 3166 code
    country_line: str = ""  #: the product's legal status there, in full sentences
    phone: _Number = ""
    emergency_number: _Number = ""
    urgent_line: _Number | None = None  #: for what cannot wait and is no emergency
    crisis_line: _Number | None = None  #: for someone who may harm themselves
    poison_line: _Number | None = None
    hours: str = ""  #: when the team answers, in words
    time_zone: str = "UTC"  #: IANA name
    opening: dict[Day, list[str]] = Field(default_factory=dict)
    #: the same by day, "9:00-18:00": the patient is told when the team is back
    staff_chat: Annotated[int, Field(ge=FARTHEST_GROUP, lt=0)] | None = None
    #: Telegram group of the team; none: no one answers
    reviewer: Reviewer | None = None
    product: Product | None = None
    areas: dict[str, bool] = Field(default_factory=dict)  #: is the route lawful here
    links: Annotated[tuple[Link, ...], Field(strict=False)] = ()
    numbing: str | None = None  #: what the clinic does against pain
    demo: bool = False  #: made up: marks every plan as an example, offers every area
    statements: Annotated[tuple[OwnStatement, ...], Field(strict=False)] = ()
    no_health_data: bool = False  #: no intake, no answer about health over Telegram
    form_url: Annotated[str, Field(pattern=r"^(https://[^\s]+)?$")] = ""
    #: the clinic's own form, shown in place of the intake
    retention: Retention = Retention()
    digest: Digest = Digest()
    visiting_hours: dict[_Weekday, _Hours] = Field(default_factory=dict)
    #: when visits take place, in the clinic's time zone; offered to who wants to move
    quiet_hours: _Hours = ("21:00", "08:00")
    #: when no reminder is sent, on the patient's own clock
    reminders: dict[str, bool] = Field(default_factory=dict)
    #: kinds of reminder switched on or off
    staff_roles: Literal["on", "off"] = "on"
    #: "on": once an owner exists, only people with a role; "off": the whole group
    inputs_per_minute: Annotated[int, Field(ge=0, le=10_000)] = 120
    #: what one person may send before the bot falls silent; 0: no limit
    faq_wrong_share: Annotated[float, Field(ge=0.001, le=0.2)] = 0.02
    #: share of all typed questions that may be answered wrongly (docs/faq.md)
    faq_semantic: bool = False
    #: read what questions mean, with the extra exoplan[semantic] (docs/faq.md)

    @property
    def week(self) -> Opening | None:
        """When the team is there; None where the clinic does not say."""
        if not self.opening:
            return None
        days = {
            str(day): tuple(
                (_hour(a), _hour(b)) for a, _, b in (h.partition("-") for h in spans)
            )
            for day, spans in self.opening.items()
        }
        return Opening(ZoneInfo(self.time_zone), days)

    @field_validator("opening", mode="before")
    @classmethod
    def _hours_are_in_order(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        lists = {k: [v] if isinstance(v, str) else v for k, v in given.items()}
        for day, spans in lists.items():
            for span in spans if isinstance(spans, list) else ():
                begins, _, ends = str(span).partition("-")
                try:
                    in_order = _hour(begins) < _hour(ends)
                except ValueError:
                    in_order = False
                if not in_order:
                    raise ValueError(
                        f"{day}: {span!r} is no span of hours, like 9:00-18:00"
                    )
        return lists

    @field_validator("visiting_hours")
    @classmethod
    def _visits_end_after_they_begin(
        cls, given: dict[_Weekday, _Hours]
    ) -> dict[_Weekday, _Hours]:
        for day, (begins, ends) in given.items():
            if begins >= ends:
                raise ValueError(f"{day}: {begins} to {ends} ends before it begins")
        return given

    @field_validator("time_zone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                "is not a time zone; use an IANA name like Europe/Madrid"
            ) from None
        return name


def _hour(words: str) -> time:
    hours, _, minutes = words.partition(":")
    return time(int(hours), int(minutes or 0))


def load_clinic(path: Path) -> ClinicProfile:
    """The profile in `path`.

    Raises:
        ConfigError: one line per fault: file, key, what is wrong, what is allowed.
    """
    try:
        # An editor may begin the file with a mark that it is UTF-8.
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file; EXOPLAN_CLINIC says where the clinic's "
            "file is"
        ) from None
    except OSError as fault:
        raise ConfigError(f"{path}: cannot be read ({fault.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{path}: is not TOML: {fault}") from None
    try:
        return ClinicProfile.model_validate(raw)
    except ValidationError as fault:
        found = dict.fromkeys(told(error, ClinicProfile) for error in fault.errors())
        lines = [f"{path}: {line}" for line in found]
        raise ConfigError("\n".join(["", *lines]) if lines[1:] else lines[0]) from None


def calendar_of(clinic: ClinicProfile) -> Calendar:
    """The kinds of reminder this clinic sends, and its quiet hours.

    Raises ConfigError where it names a kind that there is not.
    """
    try:
        return shipped().with_(clinic.reminders, span_of(clinic.quiet_hours))
    except KindsError as fault:
        raise ConfigError(f"clinic.toml: reminders: {fault}") from None


def span_of(hours: tuple[str, str]) -> tuple[time, time]:
    """Beginning and end of a part of the day."""
    begins, ends = hours
    return time.fromisoformat(begins), time.fromisoformat(ends)


def missing_for_run(profile: ClinicProfile) -> list[str]:
    """What patients must not go without, and this profile lacks; empty when ready."""
    needed: dict[str, tuple[object, str]] = {
        "name": (profile.name, "the clinic's name"),
        "country": (profile.country, "the country, as two letters"),
        "country_line": (profile.country_line, "the product's legal status there"),
        "emergency_number": (profile.emergency_number, "the emergency number"),
        "reviewer": (
            profile.reviewer,
            "name and date of the clinician who reviewed the texts",
        ),
    }
    if profile.no_health_data:
        needed["form_url"] = (profile.form_url, "the clinic's own form, in its place")
    return [f"{key}: {what}" for key, (value, what) in needed.items() if not value]
