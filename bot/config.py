"""Every setting of the program, with its default and its meaning.

Settings come from environment variables that begin with EXOPLAN_. What a clinic says
about itself is in clinic.toml (`bot/clinic.py`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")
_ADDRESS = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:\[\]/]+)):(\d{1,5})")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")  # the letters Telegram takes
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")

#: Paths of the listening address that are not for updates.
OWN_PATHS = ("/healthz", "/readyz", "/metrics")


class Settings(BaseSettings):
    """What the engineer decides; read once at start."""

    model_config = SettingsConfigDict(
        env_prefix="EXOPLAN_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    token: SecretStr = Field(
        default=SecretStr(""),
        description="The bot's token from @BotFather. Needed to run.",
    )
    api_url: str = Field(
        default="https://api.telegram.org",
        description="Bot API server, without /bot and the token.",
    )
    database_url: str = Field(
        default="sqlite:///exoplan.db",
        description="Where conversations are kept: sqlite:/// and a path, or "
        "postgresql:// with user, host and database for several replicas.",
    )
    clinic: Path = Field(
        default=Path("clinic.toml"),
        description="The clinic's own file: name, numbers, hours, product, areas.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="Master key that locks the key of every person: 32 bytes, base64. "
        "Wins over the key file.",
    )
    key_file: Path | None = Field(
        default=None,
        description="File that holds the master key, mode 0600. Default: beside the "
        "database file, ending in .key, or exoplan.key in the working folder; made at "
        "the first start.",
    )
    key_backups: Path | None = Field(
        default=None,
        description="Folder with copies of the key store. The bot deletes those that "
        "are older than clinic.toml says. Unset: that is for you to do.",
    )
    keep_days: int = Field(
        default=180,
        ge=2,  # Telegram delivers again for a day
        le=3650,
        description="Days that it is remembered what came in and went out, without a "
        "word of it. Messages sent earlier can no longer be changed, nor be answered "
        "by the team.",
    )
    rate: float = Field(
        default=27.0,
        ge=0,
        allow_inf_nan=False,
        description="Most messages a second to all chats together; 0 lifts the limit.",
    )
    chat_rate: float = Field(
        default=1.0,
        ge=0,
        allow_inf_nan=False,
        description="Messages a second to one chat once a burst is used up; 0 lifts "
        "the limit.",
    )
    webhook_url: str = Field(
        default="",
        description="Public https address at which Telegram delivers updates. Unset: "
        "the bot asks for them (long polling).",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="What Telegram must send along with every update: 16 to 256 "
        "letters, digits, _ and -. Needed with a webhook.",
    )
    listen: str = Field(
        default="",
        description="Address, host:port, of the webhook and of /healthz, /readyz and "
        "/metrics. Unset: none of them. Needed with a webhook.",
    )
    log: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="How log lines are written: for people (console), for machines "
        "(json), or as suits where they go (auto).",
    )

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        plain = token.get_secret_value().strip()  # a copied line brings its end along
        if plain and _TOKEN.fullmatch(plain) is None:
            raise ValueError("is no token; @BotFather gives one such as 123456:AbC-dEf")
        return SecretStr(plain)

    @field_validator("api_url")
    @classmethod
    def _is_a_server(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address that begins with https:// or http://")
        return url

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        if url.startswith(_POSTGRESQL):
            return f"postgresql://{url.partition('://')[2]}"
        if not url.startswith(_SQLITE) or not url.removeprefix(_SQLITE).strip("/"):
            raise ValueError(
                "must be sqlite:/// followed by the path of a file, or postgresql:// "
                "followed by user, host and database"
            )
        return url

    @field_validator("webhook_url")
    @classmethod
    def _is_public(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        here = parts.scheme == "http" and parts.hostname in _THIS_COMPUTER
        if not parts.hostname or not (parts.scheme == "https" or here):
            raise ValueError("must be an https address")
        if parts.query or parts.fragment:
            raise ValueError("must end with its path")
        if parts.path in OWN_PATHS:
            raise ValueError(f"needs a path other than {', '.join(OWN_PATHS)}")
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr) -> SecretStr:
        plain = secret.get_secret_value()
        if plain and _SECRET.fullmatch(plain) is None:
            raise ValueError("must be 16 to 256 letters, digits, _ and -")
        return secret

    @field_validator("listen")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        found = _ADDRESS.fullmatch(address)
        if address and (found is None or int(found[3]) > 65535):
            raise ValueError("must be host:port, such as 127.0.0.1:8080")
        return address

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        if self.webhook_url:
            for name, value in [
                ("EXOPLAN_WEBHOOK_SECRET", self.webhook_secret.get_secret_value()),
                ("EXOPLAN_LISTEN", self.listen),
            ]:
                if not value:
                    raise ValueError(f"{name} is needed with EXOPLAN_WEBHOOK_URL")
        return self

    @property
    def listen_address(self) -> tuple[str, int] | None:
        """Host and port to listen on; None where nothing listens."""
        found = _ADDRESS.fullmatch(self.listen)
        return None if found is None else (found[1] or found[2], int(found[3]))

    @property
    def webhook_path(self) -> str:
        """Where on the listening address updates are delivered."""
        return urlsplit(self.webhook_url).path or "/"

    @property
    def database(self) -> Path | str:
        """The file of the main database, or the URL of a PostgreSQL database."""
        if self.database_url.startswith(_SQLITE):
            return Path(self.database_url.removeprefix(_SQLITE))
        return self.database_url

    @property
    def key_store(self) -> Path | str:
        """Where the keys are, which data backups leave out: a file, or the URL of the
        PostgreSQL database that holds them in a schema of their own."""
        database = self.database
        if isinstance(database, Path):
            return database.with_suffix(".keys.db")
        return database

    @property
    def key_file_path(self) -> Path:
        """The file of the master key, wherever it was said to be."""
        if self.key_file is not None:
            return self.key_file
        database = self.database
        beside = database if isinstance(database, Path) else Path("exoplan.db")
        return beside.with_suffix(".key")


def load_settings() -> Settings:
    """Settings from the environment.

    Raises:
        ConfigError: one line per fault, naming the variable; never its value.
    """
    try:
        return Settings()
    except ValidationError as fault:
        lines = [
            ": ".join(
                [
                    *(f"EXOPLAN_{str(part).upper()}" for part in error["loc"][:1]),
                    _said(error),
                ]
            )
            for error in fault.errors(include_input=False, include_url=False)
        ]
        raise ConfigError("\n".join(["", *lines]) if lines[1:] else lines[0]) from None


def _said(error: ErrorDetails) -> str:
    """What a setting must be."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            return f"must be {limits['expected']}"
        case "greater_than_equal":
            return f"must be {limits['ge']:g} or more"
        case "less_than_equal":
            return f"must be {limits['le']:g} or less"
        case "int_parsing" | "int_from_float":
            return "must be a whole number"
        case "float_parsing" | "finite_number":
            return "must be a number"
    return error["msg"].removeprefix("Value error, ")
