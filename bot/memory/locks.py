"""One lock for each conversation that is being answered, in this process."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock


class Locks:
    """A lock by name, which exists as long as somebody holds it or waits for it.

    >>> locks = Locks()
    >>> with locks.held("a"), locks.held("b"):
    ...     sorted(locks.names)
    ['a', 'b']
    >>> sorted(locks.names)
    []
    """

    def __init__(self) -> None:
        self.names: dict[Hashable, tuple[Lock, int]] = {}
        self._changing = Lock()

    @contextmanager
    def held(self, name: Hashable) -> Iterator[None]:
        """Wait for the lock of this name, and hold it."""
        with self._changing:
            lock, waiting = self.names.get(name, (Lock(), 0))
            self.names[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._changing:
                waiting = self.names[name][1] - 1
                if waiting:
                    self.names[name] = (lock, waiting)
                else:
                    del self.names[name]
