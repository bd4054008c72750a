"""Everything that can go wrong in the plan engine.

ExoplanError
 ├─ ProtocolError    a protocol or screening text is wrong: its author mends it
 ├─ UnknownArea      the caller names an area that no protocol covers
 ├─ UnknownStatement the caller names a statement that no protocol makes
 ├─ AreaClosed       the clinic does not offer this area
 └─ InvalidIntake    an answer is not one of those its question allows
"""


class ExoplanError(Exception):
    """The plan engine cannot answer."""

    def __init__(self, detail: str = "") -> None:
        said = " ".join((type(self).__doc__ or "").split())
        super().__init__(f"{said} {detail}".rstrip())


class ProtocolError(ExoplanError):
    """A protocol text is wrong."""

    def __init__(self, file: str, where: str, what: str) -> None:
        self.file = file
        self.where = where
        super().__init__(f"{file}: {where}: {what}")


class UnknownArea(ExoplanError):
    """No protocol covers this treatment area."""


class UnknownStatement(ExoplanError):
    """No protocol makes this statement."""


class AreaClosed(ExoplanError):
    """The clinic does not offer this treatment area."""


class InvalidIntake(ExoplanError):
    """An answer is not allowed here."""

    def __init__(self, field: str, allows: str) -> None:
        self.field = field
        super().__init__(f"{field} allows {allows}")
