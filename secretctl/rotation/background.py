"""Rotations beside a server: a few at a time, each in a thread of its own.

While a function runs, such a thread waits for it; what touches the vault it does in turns with
requests, see `Session.turn`. What waits or runs when the server ends is not lost: the version is
pending, and whoever looks next for what is due goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic, sleep

from secretctl.record import NamedTuple
from secretctl.rotation.lease import LeaseHeldError
from secretctl.rotation.steps import Function
from secretctl.server.turns import TurnsOverError

_AT_ONCE = 4
_LOOK_S = 0.05
_LAST_S = 1.0
"""For a thread to put away what its function has left, once that was ended."""


class Work(NamedTuple):
    """One rotation."""

    number: int
    """Of the secret."""

    function: Function
    run: Callable[[], bool]
    """Rotates; tells whether it did, or somebody else was faster. Raises SecretctlError."""


class Background:
    """The rotations of one server. Called from any thread."""

    def __init__(self, troubled: Callable[[BaseException], None]) -> None:
        """Tell *troubled* what fails."""
        self._troubled = troubled
        self._queue: SimpleQueue[Work] = SimpleQueue()
        self._lock = Lock()
        self._held: dict[int, Work] = {}
        """What waits or runs, by the number of its secret."""

        self._running: dict[int, Work] = {}
        self._threads = 0
        self._ends: float | None = None
        self._succeeded = self._failed = 0

    def begin(self, work: Work) -> bool:
        """Have a rotation run as soon as there is room.

        Returns:
            False where it is not run: one of the secret waits or runs already, or the server ends.
        """
        with self._lock:
            if self._ends is not None or work.number in self._held:
                return False
            self._held[work.number] = work
            if self._threads < min(_AT_ONCE, len(self._held)):
                self._threads += 1
                Thread(target=self._serve, name="rotation", daemon=True).start()
        self._queue.put(work)
        return True

    def end(self, seconds: float) -> None:
        """Begin no more rotations, and let those that run have *seconds*; the second time, none.

        From a signal handler, too.
        """
        self._ends = monotonic() + (seconds if self._ends is None else 0)

    def wait(self) -> None:
        """Wait until nothing runs any more, or its time is up."""
        self._wait_until(lambda: self._ends or 0)

    def give_up(self) -> None:
        """End the functions that still run. The vault must be closed to their rotations by now."""
        with self._lock:
            running = list(self._running.values())
        for work in running:
            work.function.stop()
        ends = monotonic() + _LAST_S
        self._wait_until(lambda: ends)

    def gauges(self) -> dict[str, tuple[int, str]]:
        """Return what there is to count, as metrics have it."""
        with self._lock:
            running = len(self._running)
            waiting = len(self._held) - running
        return {
            "secretctl_rotations_running": (running, "Rotations whose steps run."),
            "secretctl_rotations_waiting": (waiting, "Rotations that wait for others to end."),
            "secretctl_rotations_succeeded_total": (self._succeeded, "Rotations that succeeded."),
            "secretctl_rotations_failed_total": (self._failed, "Tries of rotations that failed."),
        }

    def _wait_until(self, ends: Callable[[], float]) -> None:
        while self._running and monotonic() < ends():
            sleep(_LOOK_S)

    def _serve(self) -> None:
        while True:
            work = self._queue.get()
            with self._lock:
                has_time = self._ends is None
                if has_time:
                    self._running[work.number] = work
                else:
                    del self._held[work.number]
            if has_time:
                self._do(work)

    def _do(self, work: Work) -> None:
        succeeded = failed = 0
        try:
            succeeded = int(work.run())
        except (LeaseHeldError, TurnsOverError):
            pass  # another process has it, or will
        except Exception as error:  # noqa: BLE001 a thread has nobody above it
            failed = 1
            self._troubled(error)
        finally:
            with self._lock:
                self._succeeded += succeeded
                self._failed += failed
                del self._held[work.number], self._running[work.number]
