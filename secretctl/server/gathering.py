"""Answers that go out in one piece, whoever wrote them in several: a head, and a body.

The system is asked once for each, and a client is woken once. uvloop does so by itself.
"""

from __future__ import annotations

import asyncio
from typing import Any


class Gathered:
    """What is written in one turn of the loop goes out at its end; all else is the transport's."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """Return what the transport has."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send *data* with all that is written until the loop turns."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def write_eof(self) -> None:
        """Send what was written, and that nothing follows."""
        self._send()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what was written, and close the connection."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():  # the client may have left meanwhile
            self._transport.write(b"".join(parts))
