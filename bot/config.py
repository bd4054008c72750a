"""Every setting of the program, with its default and its meaning.

Settings come from environment variables that begin with EXOPLAN_. What a clinic says
about itself is in clinic.toml (`bot/clinic.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError

_SQLITE = "sqlite:///"


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
        pattern=r"^https?://[^\s]+$",
    )
    database_url: str = Field(
        default="sqlite:///exoplan.db",
        description="Where conversations are kept: sqlite:/// and a path.",
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
        "database, ending in .key; made at the first start.",
    )
    rate: float = Field(
        default=27.0,
        ge=0,
        description="Most messages a second to all chats together; 0 lifts the limit.",
    )
    chat_rate: float = Field(
        default=1.0,
        ge=0,
        description="Messages a second to one chat once a burst is used up; 0 lifts "
        "the limit.",
    )
    log: Literal["console", "json"] = Field(
        default="console", description="How log lines are written."
    )

    @field_validator("database_url")
    @classmethod
    def _is_a_file(cls, url: str) -> str:
        if not url.startswith(_SQLITE) or not url.removeprefix(_SQLITE).strip("/"):
            raise ValueError("must be sqlite:/// followed by the path of a file")
        return url

    @property
    def database_path(self) -> Path:
        """The file of the main database."""
        return Path(self.database_url.removeprefix(_SQLITE))

    @property
    def key_store_path(self) -> Path:
        """The file of the key store, which data backups leave out."""
        return self.database_path.with_suffix(".keys.db")

    @property
    def key_file_path(self) -> Path:
        """The file of the master key, wherever it was said to be."""
        return self.key_file or self.database_path.with_suffix(".key")


def load_settings() -> Settings:
    """Settings from the environment.

    Raises:
        ConfigError: one line per fault, naming the variable; never its value.
    """
    try:
        return Settings()
    except ValidationError as fault:
        lines = [
            f"EXOPLAN_{'.'.join(str(part) for part in error['loc']).upper()}: "
            f"{error['msg']}"
            for error in fault.errors(include_input=False, include_url=False)
        ]
        raise ConfigError("\n".join(["", *lines])) from None
