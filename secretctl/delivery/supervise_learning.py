"""Values that a program is given while it runs, and that its output is masked of from then on.

The supervisor sends each value, its size in four bytes before it. Whoever carries the output
answers with one byte once it looks for them as well, and only then is the program given them.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence

from secretctl.bounded import keep
from secretctl.delivery import masking, masking_forms
from secretctl.delivery.supervise_relay import Stream
from secretctl.errors import DeliveryError

_SIZE_BYTES = 4
_MOST = 1024
"""Values that are looked for; of more, those that were sent last."""


class Teacher:
    """The supervisor's end."""

    def __init__(self, values: Iterable[bytes]) -> None:
        """Make both ends.

        Args:
            values: Masked from the beginning.
        """
        self.patterns = masking_forms.patterns(values)
        self._ours, self._theirs = socket.socketpair()
        self._known: dict[bytes, None] = {}

    def learner(self, streams: Sequence[Stream]) -> Learner:
        """Return the other end, for the process that carries *streams*."""
        return Learner(self._theirs.detach(), streams, self.patterns)

    def begin(self) -> None:
        """Close the other end, now that its process has it."""
        self._theirs.close()

    def teach(self, values: Iterable[bytes]) -> None:
        """Have *values* masked from now on, as they are.

        Raises:
            DeliveryError: They will not be.
        """
        new = [value for value in values if value not in self._known]
        if not new:
            return
        sent = b"".join(len(value).to_bytes(_SIZE_BYTES, "big") + value for value in new)
        try:
            self._ours.sendall(len(sent).to_bytes(_SIZE_BYTES, "big") + sent)
            is_learnt = bool(self._ours.recv(1))
        except OSError:
            is_learnt = False
        if not is_learnt:
            raise DeliveryError("the output is not masked any more: nothing is given out")
        for value in new:
            keep(self._known, _MOST, value, None)


class Learner:
    """The end of whoever carries the output."""

    def __init__(self, number: int, streams: Sequence[Stream], known: list[bytes]) -> None:
        """Look for values that are sent.

        Args:
            number: Where they come.
            streams: In which they are masked.
            known: Patterns that are looked for already.
        """
        self.number = number
        self._streams = streams
        self._always = known
        self._taught: dict[bytes, list[bytes]] = {}
        """Values, and the patterns of each."""

    def learn(self) -> bool:
        """Look for what was sent; return whether there may be more."""
        sent = self._read(int.from_bytes(self._read(_SIZE_BYTES), "big"))
        if not sent:
            return False
        while sent:
            end = _SIZE_BYTES + int.from_bytes(sent[:_SIZE_BYTES], "big")
            value = sent[_SIZE_BYTES:end]
            keep(self._taught, _MOST, value, masking_forms.patterns([value]))
            sent = sent[end:]
        taught = (pattern for known in self._taught.values() for pattern in known)
        patterns = masking.searched([*self._always, *taught])
        for stream in self._streams:
            stream.look_for(patterns)
        os.write(self.number, b"\1")
        return True

    def _read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = os.read(self.number, size - len(found))
            if not more:
                return b""
            found += more
        return found
