"""Progress of long work, and notices on the files that are read, for whoever listens.

No result depends on whether anybody does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ProgressListener = Callable[[str, int, int], None]
"""Called with a phrase for the work, how much of it is done, and how much there is."""

_progress_listener: ContextVar[ProgressListener | None] = ContextVar(
    "progress_listener", default=None
)


def report_progress(what: str, done: int, total: int) -> None:
    """Report that `done` of `total` parts of some work are done."""
    listener = _progress_listener.get()
    if listener is not None:
        listener(what, done, total)


@contextmanager
def listen_to_progress(listener: ProgressListener) -> Iterator[None]:
    """Call a listener with the progress of all work inside the block."""
    token = _progress_listener.set(listener)
    try:
        yield
    finally:
        _progress_listener.reset(token)


NoticeListener = Callable[[str], None]
"""Called with a sentence about a file that is read."""

_notice_listener: ContextVar[NoticeListener | None] = ContextVar("notice_listener", default=None)


def notify(sentence: str) -> None:
    """Say something that a person should know about a file, though it can be read."""
    listener = _notice_listener.get()
    if listener is not None:
        listener(sentence)


@contextmanager
def listen_to_notices(listener: NoticeListener) -> Iterator[None]:
    """Call a listener with every notice inside the block."""
    token = _notice_listener.set(listener)
    try:
        yield
    finally:
        _notice_listener.reset(token)
