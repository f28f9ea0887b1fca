"""Long work says how far it is, and what a person should know; whoever cares listens.

What comes out does not depend on it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def step(what: str, done: int, total: int) -> None:
    """Say that `done` of `total` parts of some work are done."""
    listener = _listener.get()
    if listener is not None:
        listener(what, done, total)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Let a listener hear every step inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


Reader = Callable[[str], None]
"""Called with a sentence about a file that is read."""

_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


def note(sentence: str) -> None:
    """Say what a person has to know of a file, though it can be read."""
    reader = _reader.get()
    if reader is not None:
        reader(sentence)


@contextmanager
def noted_to(reader: Reader) -> Iterator[None]:
    """Let a reader hear every note inside the block."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)
