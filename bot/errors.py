"""What can be wrong with the world around the bot, one clear line each.

    ExoplanBotError
    ├── ConfigError           settings or clinic.toml
    ├── RenderError           a template, or what it was given
    │   ├── MessageTooLong
    │   └── CannotDraw
    ├── AddressNotFree        the listening address
    ├── StillLearning         a question typed before the matcher is ready
    ├── StoreError
    │   ├── StoreUnavailable  the database folder or file cannot be used
    │   ├── AlreadyRunning    another process works on the same database
    │   ├── SchemaTooNew      made by a later release
    │   ├── Overtaken         others do what this process had to do
    │   └── BackupError       copying, or putting a copy back
    │       ├── NotABackup
    │       ├── TargetNotEmpty
    │       └── CopyDiffers
    ├── SealError
    │   ├── MasterKeyMissing
    │   ├── MasterKeyWrong
    │   ├── KeysOfAnother     the key store belongs to another database
    │   ├── KeyFileExposed
    │   ├── RotationUnfinished
    │   ├── KeyDestroyed      that person was erased
    │   └── SealBroken        sealed bytes do not open where they stand
    └── ChannelError
        ├── Unreachable       for now; the loops try again
        ├── TokenRefused
        └── PollingConflict

The docstring of each is its message; a detail may follow it. What reaches the person
who started the bot is that line and no traceback.
"""

from __future__ import annotations

from inspect import cleandoc


class ExoplanBotError(Exception):
    """The bot cannot go on."""

    def __init__(self, detail: str = "") -> None:
        message = " ".join(cleandoc(type(self).__doc__ or "").split())
        super().__init__(f"{message} {detail}".rstrip())


class ConfigError(ExoplanBotError):
    """The configuration cannot be used:"""


class RenderError(ExoplanBotError):
    """A message cannot be rendered:"""


class MessageTooLong(RenderError):
    """A message is longer than Telegram takes:"""


class CannotDraw(RenderError):
    """A picture or a document cannot be drawn:"""


class AddressNotFree(ExoplanBotError):
    """EXOPLAN_LISTEN: nothing can listen at this address:"""


class StillLearning(ExoplanBotError):
    """What people may ask is still being learned; the turn is taken again."""


class StoreError(ExoplanBotError):
    """The database does not answer as it should."""


class StoreUnavailable(StoreError):
    """The database cannot be opened for writing:"""


class AlreadyRunning(StoreError):
    """Another Exoplan is already working on this database:"""


class SchemaTooNew(StoreError):
    """The database was made by a later release of Exoplan; upgrade the program:"""


class Overtaken(StoreError):
    """This process was silent for so long that others have taken over."""


class BackupError(StoreError):
    """The copy was not made:"""


class NotABackup(BackupError):
    """This file is no backup that can be put back:"""


class TargetNotEmpty(BackupError):
    """There is something already, and it is left as it is:"""


class CopyDiffers(BackupError):
    """What was written is not what was read:"""


class SealError(ExoplanBotError):
    """Something sealed cannot be opened."""


class MasterKeyMissing(SealError):
    """The database holds sealed records, but its master key is not here:"""


class MasterKeyWrong(SealError):
    """The master key is not the one this database was sealed with;
    EXOPLAN_MASTER_KEY or the key file holds another."""


class KeysOfAnother(SealError):
    """These keys are not the ones this database was sealed with:"""


class KeyFileExposed(SealError):
    """The key file may be read by other users of this computer:"""


class RotationUnfinished(SealError):
    """The master key is being rotated:"""


class KeyDestroyed(SealError):
    """The key of this person was destroyed; what it sealed is gone for good."""


class SealBroken(SealError):
    """A sealed record was changed, or does not belong where it stands:"""


class ChannelError(ExoplanBotError):
    """Telegram refuses to work with this bot."""


class Unreachable(ChannelError):
    """Telegram does not answer."""

    def __init__(
        self,
        detail: str = "",
        may_have_arrived: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.may_have_arrived = may_have_arrived  #: what was asked may be done
        self.retry_after = retry_after  #: seconds, where Telegram said so


class TokenRefused(ChannelError):
    """Telegram does not know this bot token; copy it from @BotFather to
    EXOPLAN_TOKEN."""


class PollingConflict(ChannelError):
    """Another program is receiving this bot's messages; stop it, or give it a token
    of its own."""
