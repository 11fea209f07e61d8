"""Calling a remote Secrets Manager as `service.dispatch` calls the vault: same words, same errors.

What may be over in a moment is tried again, as botocore's standard mode does: three times in all,
with a pause that doubles and is drawn at random. Each try is signed anew, and one that changes
something has the same ClientRequestToken, so that it changes it once.
See: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import time
from collections.abc import Callable

from secretctl import __version__
from secretctl.context import Context
from secretctl.errors import EndpointError, SecretctlError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation
from secretctl.record import NamedTuple
from secretctl.remote import wire
from secretctl.remote.connection import Answer, Connection
from secretctl.remote.refusals import is_of_the_caller, is_passing, refusal
from secretctl.sigv4 import times
from secretctl.sigv4.keys import Scope
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import Credential, sign

Parameters = dict[str, object]
Result = dict[str, object]

_MOST_TRIES = 3
_LONGEST_PAUSE_S = 20.0


class Remote(NamedTuple):
    """A Secrets Manager somewhere else, and who asks it."""

    connection: Connection
    region: str
    credential: Credential | None
    """None: requests are not signed."""

    context: Context
    pause: Callable[[float], None] = time.sleep
    """Waits for so many seconds."""

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()


class Failure(NamedTuple):
    """A request that was not answered."""

    error: SecretctlError
    may_pass: bool
    """Whether to ask again may help."""


def call(remote: Remote, operation: Operation, parameters: Parameters) -> Result:
    """Run *operation* with wire *parameters* over there and return its wire result.

    Timestamps are aware ``datetime`` in UTC, blobs ``bytes``.

    Raises:
        ServiceError: The operation was refused.
        EndpointError: The endpoint could not be reached, or what it answers is no answer.
    """
    answer = _persistently(remote, operation, wire.body_of(operation, parameters))
    try:
        return wire.result_of(operation, answer.body)
    except ValueError:
        raise EndpointError(
            "what the endpoint answers is no answer of Secrets Manager",
            "compare the URL: --endpoint-url URL",
        ) from None


def read_all(remote: Remote, requests: list[Parameters]) -> list[Result | ServiceError]:
    """Answer several GetSecretValue requests, one after the other.

    Returns:
        For each request its answer, or the error that refused it.

    Raises:
        ServiceError: The caller's credential is good for nothing.
        EndpointError: As `call`.
    """
    answers: list[Result | ServiceError] = []
    for parameters in requests:
        try:
            answers.append(call(remote, BY_NAME["GetSecretValue"], parameters))
        except ServiceError as error:
            if is_of_the_caller(error):
                raise
            answers.append(error)
    return answers


def _persistently(remote: Remote, operation: Operation, body: bytes) -> Answer:
    """Ask until there is an answer, or until asking again is of no use."""
    number = 1
    while True:
        found = _asked(remote, operation, body)
        if isinstance(found, Answer):
            return found
        error, may_pass = found
        if not may_pass:
            raise error
        if number == _MOST_TRIES:
            break
        remote.pause(min(_LONGEST_PAUSE_S, _fraction(remote) * 2 ** (number - 1)))
        number += 1
    if isinstance(error, ServiceError):
        error.after = f" (reached max retries: {_MOST_TRIES - 1})"
    raise error


def _asked(remote: Remote, operation: Operation, body: bytes) -> Answer | Failure:
    try:
        answer = remote.connection.exchange(_headers(remote, operation, body), body)
        error = refusal(answer)
    except EndpointError as failure:
        return Failure(failure, failure.is_passing)
    return answer if error is None else Failure(error, is_passing(answer, error))


def _headers(remote: Remote, operation: Operation, body: bytes) -> dict[str, str]:
    address = remote.connection.address
    headers = {
        "Host": address.authority,
        "Content-Type": wire.CONTENT_TYPE,
        "X-Amz-Target": wire.target(operation),
    }
    agent = {"User-Agent": f"secretctl/{__version__}"}
    if remote.credential is None:
        return headers | agent
    request = Request("POST", address.path, "", tuple(headers.items()), body)
    scope = Scope(times.basic(remote.context.now_ms()), remote.region, operation.service)
    return headers | dict(sign(request, remote.credential, scope)) | agent


def _fraction(remote: Remote) -> float:
    """Return a random number from 0 to 1."""
    return int.from_bytes(remote.context.random(4), "big") / 0xFFFFFFFF
