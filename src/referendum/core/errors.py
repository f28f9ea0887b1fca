"""The one family of errors.

Every error says what is wrong, where (file, row, column, act) and how to mend it. The command line
prints `error:` and `hint:` lines from these and exits with `exit_code`.
"""


class ReferendumError(Exception):
    """Something that a person can understand and mend.

    Args:
        message: what is wrong, naming what was expected and what came.
        where: the file, row, column or act concerned.
        hint: what to do about it.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class InputError(ReferendumError):
    """A file or value from outside cannot be used as it is."""


class LawError(ReferendumError):
    """A statute, version or value is not known, or does not fit the question."""


class OrderError(ReferendumError):
    """A step was asked for before the steps that it rests on, or twice."""


class RecordError(ReferendumError):
    """A record on disk is not what its own digests and signatures say."""


class KeyFault(ReferendumError):  # noqa: N818 - KeyError is a builtin
    """A signing key is missing, locked, or not the one of this record."""


class BusyError(ReferendumError):
    """Another process is writing to the record."""
