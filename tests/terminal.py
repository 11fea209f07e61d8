"""A pseudo-terminal and a program on it, whose output is seen to the last byte.

Where the leader of a terminal's session ends, the kernel drops what nobody has read by then. So
another process leads, and stays until we hang up.
"""

import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_LEADING = """
import fcntl, os, signal, sys, termios
told = {signal.SIGHUP, signal.SIGCHLD}
keys = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
says = int(sys.argv[1])
os.set_inheritable(says, False)
signal.pthread_sigmask(signal.SIG_BLOCK, told)
for number in keys:
    signal.signal(number, signal.SIG_IGN)
program = os.fork()
if not program:
    for number in (*keys, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, told)
    os.execvp(sys.argv[2], sys.argv[2:])
os.write(says, b"%d\\n" % program)
ended = hung_up = False
while not (ended and hung_up):
    if signal.sigwait(told) == signal.SIGHUP:
        hung_up = True
        if not ended:
            os.kill(program, signal.SIGHUP)
    elif not ended:
        found, status = os.waitpid(program, os.WNOHANG)
        if found:
            ended = True
            os.write(says, b"%d\\n" % os.waitstatus_to_exitcode(status))
"""


class Terminal:
    """Our end of a terminal, and the program there."""

    def __init__(self, ours: int, hears: int) -> None:
        self.number = ours
        self.status: int | None = None
        """Exit status of the program, or minus the signal that ended it; None until then."""

        self._hears = hears
        self._said = b""
        while b"\n" not in self._said:
            self._hear()
        self.pid = int(self._said.partition(b"\n")[0])

    def read(self, seconds: float = 60) -> bytes:
        """Return what is shown next; empty once the program has ended and all of it was read.

        Raises:
            TimeoutError: Nothing happened for *seconds*.
        """
        poll = select.poll()
        poll.register(self.number, select.POLLIN)
        if self.status is None:
            poll.register(self._hears, select.POLLIN)
        ready = dict(poll.poll(seconds * 1000 if self.status is None else 0))
        if ready.get(self.number, 0) & select.POLLIN:
            return os.read(self.number, 65536)
        if self.status is not None:
            return b""
        if not ready:
            raise TimeoutError
        self._hear()
        return self.read(seconds)

    def write(self, keys: bytes) -> None:
        """Type *keys*."""
        os.write(self.number, keys)

    def _hear(self) -> None:
        part = os.read(self._hears, 100)
        if not part:
            raise EOFError("what leads the session has ended")
        self._said += part
        _, _, status = self._said.partition(b"\n")
        if status.endswith(b"\n"):
            self.status = int(status)


@contextmanager
def on_terminal(
    words: Sequence[str], environ: Mapping[str, str], folder: Path
) -> Iterator[Terminal]:
    """Run *words* on a terminal of their own, in *folder*; hang up in the end."""
    ours, theirs = os.openpty()
    hears, says = os.pipe()
    try:
        with subprocess.Popen(
            [sys.executable, "-c", _LEADING, str(says), *words],
            env=environ,
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            pass_fds=(says,),
            start_new_session=True,
        ):
            os.close(theirs)
            os.close(says)
            try:
                yield Terminal(ours, hears)
            finally:
                os.close(ours)
    finally:
        os.close(hears)
