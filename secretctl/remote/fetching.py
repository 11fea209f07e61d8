"""One request to any server: sent once, led nowhere else, and over in a given time."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Thread

from secretctl.errors import EndpointError
from secretctl.record import NamedTuple
from secretctl.remote.address import Address
from secretctl.remote.connection import Answer, Connection, Reach
from secretctl.remote.proxies import proxy_for

_LARGEST = 1 << 20
"""Bytes of an answer."""


class Request(NamedTuple):
    """What is asked. Its ``repr`` shows nothing of headers and body."""

    method: str
    address: Address
    """Its path may have a query behind it."""

    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Show the method alone: a path may hold a key too."""
        return f"<request {self.method}>"


def fetch(request: Request, environ: Mapping[str, str], limit_s: float) -> Answer:
    """Return what comes back, whatever its status: an answer that leads elsewhere is one.

    Args:
        request: What is asked.
        environ: Names the proxy.
        limit_s: For all of it, however slowly the other end speaks.

    Raises:
        EndpointError: Nothing came back in time, or more than an answer may have.
        ConfigError: The proxy is none.
    """
    reach = Reach(limit_s, limit_s, proxy=proxy_for(request.address, environ), largest=_LARGEST)
    connection = Connection(request.address, reach)
    found: list[Answer | Exception] = []

    def run() -> None:
        try:
            found.append(connection.exchange(request.headers, request.body, request.method))
        except Exception as error:  # noqa: BLE001 it is raised again where somebody waits for it
            found.append(error)
        finally:
            connection.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit_s)
    answer = found[0] if found else EndpointError("the answer took too long")
    if not found:
        connection.cut()
    if isinstance(answer, Exception):
        raise answer
    return answer
