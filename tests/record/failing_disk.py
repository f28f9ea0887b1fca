"""A disk that fails at one of the changes that a program makes: killed there, full, read-only."""

import builtins
import errno
import io
import os
import shutil
import stat
from contextlib import contextmanager
from unittest import mock

NAMES = ("open", "fsync", "link", "mkdir", "rename", "replace", "unlink", "rmdir")
TAKES_SPACE = {"open", "fsync", "link", "mkdir"}
FAULTS = {"full": errno.ENOSPC, "read-only": errno.EROFS}


class Killed(BaseException):
    """The process has ended: nothing that it would still have done is done."""


class Disk:
    """Counts the changes of files and folders, and lets one of them and all after it fail.

    A change that makes bytes durable leaves half of them where it fails, as a cut-off writer does.
    """

    def __init__(self, fault, fails_at):
        self.fault, self.fails_at, self.changes = fault, fails_at, 0

    @contextmanager
    def used(self):
        """Let this program work on it."""
        with mock.patch.multiple(os, **{name: self._of(name) for name in NAMES}):
            opened = self._opened(io.open)
            with (
                mock.patch.object(io, "open", opened),
                mock.patch.object(builtins, "open", opened),
                mock.patch.object(shutil, "_use_fd_functions", new=False),
            ):
                yield self

    def _of(self, name):
        plain = getattr(os, name)

        def change(*given, **more):
            if name != "open" or _writes(*given, **more):
                self._count(name, given)
            return plain(*given, **more)

        return change

    def _opened(self, plain):
        def change(file, mode="r", *given, **more):
            if set(mode) & set("wax+") and not isinstance(file, int):
                self._count("open", (file,))
            return plain(file, mode, *given, **more)

        return change

    def _count(self, name, given):
        self.changes += 1
        if self.fails_at is None or self.changes < self.fails_at:
            return
        if name == "fsync" and stat.S_ISREG(os.fstat(given[0]).st_mode):
            os.ftruncate(given[0], os.fstat(given[0]).st_size // 2)
        if self.fault == "killed":
            raise Killed
        if self.fault == "read-only" or name in TAKES_SPACE:
            where = given[0] if isinstance(given[0], str | os.PathLike) else None
            code = FAULTS[self.fault]
            raise OSError(code, os.strerror(code), where)


def _writes(_path, flags=0, *_, **__):
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
