"""Long work says how far it is; whoever cares listens. What comes out does not depend on it."""

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
