"""The ASGI application: what each path answers.

    POST /                      AWS JSON 1.1; also GET, where the query is signed (presigned)
    GET /secretsmanager/get     AWS's Secrets Manager Agent, with a token
    GET /v1/SECRET-ID           likewise
    GET /ping                   "healthy", as long as the process serves
    GET /ready                  "ready", as long as the vault answers
    GET /metrics                Prometheus, if asked for

See: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from http import HTTPStatus
from time import perf_counter
from typing import Any

from secretctl.audit.event import Origin
from secretctl.context import Context, uuid4
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation
from secretctl.record import NamedTuple
from secretctl.server import agent, guarding, metrics, protocol
from secretctl.server.asking import Asked, Keeper
from secretctl.server.connections import Connections
from secretctl.server.framing import RefusedError
from secretctl.server.protocol import Answer
from secretctl.server.refusals import Refusals
from secretctl.server.work import Worker
from secretctl.sigv4.claims import claim
from secretctl.sigv4.request import received

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_TEXT = b"text/plain; charset=utf-8"
_READ = BY_NAME["GetSecretValue"]
_REFUSED = "Refused"
_ID_BYTES = 16
_IDS_AT_ONCE = 64
_AWS, _AGENT, _UNKNOWN = "aws", "agent", "unknown"
_OTHERS = {b"/ping": "ping", b"/ready": "ready", b"/metrics": "metrics"}
"""What is asked for, as metrics and log call it."""


class Options(NamedTuple):
    """What is served to whom."""

    context: Context
    """Gives randomness."""

    troubled: Callable[[BaseException], None]
    """Is told what is wrong with the vault or this program; clients are not."""

    hosts: frozenset[str] = guarding.LOOPBACK_HOSTS
    token: bytes = b""
    """Of the agent's protocol; empty where that is not served."""

    has_metrics: bool = False
    gauges: Callable[[], dict[str, tuple[int, str]]] = dict
    """Returns what else there is to count: a number and what it is, by name."""

    log: Callable[[str], None] | None = None
    """Is given a line for each request, which names neither secrets nor principals."""


class App:
    """Answers requests; for one loop."""

    def __init__(
        self, options: Options, worker: Worker, connections: Connections, refusals: Refusals
    ) -> None:
        """Answer with what *worker* says, and count in *refusals* what it is not asked."""
        self._options = options
        self._worker = worker
        self._connections = connections
        self._refusals = refusals
        self._metrics = metrics.Metrics()
        self._random = b""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Speak ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        began = perf_counter()
        request_id = self._new_id()
        answer, operation, outcome = await self._answer(scope, body, request_id)
        spent = perf_counter() - began
        self._metrics.observe(operation, outcome, spent)
        if self._options.log is not None:
            line = f"{request_id} {operation} {outcome} {answer.status} {spent * 1000:.1f} ms"
            self._options.log(line)
        await _send(answer, request_id, send)

    def _new_id(self) -> str:
        """Return an id for a request.

        NOTE: asking the system for bytes lets go of the interpreter, and the vault's thread takes
        it for a while; so they are drawn for many ids at once.
        """
        if not self._random:
            self._random = self._options.context.random(_ID_BYTES * _IDS_AT_ONCE)
        drawn, self._random = self._random[:_ID_BYTES], self._random[_ID_BYTES:]
        return uuid4(drawn)

    async def _answer(
        self, scope: Message, body: bytes, request_id: str
    ) -> tuple[Answer, str, str]:
        """Return the answer, and how it is counted: what was asked for, and what came of it."""
        what = _what(scope["raw_path"])
        try:
            headers = dict(scope["headers"])
            local = guarding.bracketed((scope.get("server") or ("",))[0])
            guarding.check_origin(headers, self._options.hosts, local)
            if what == _AWS:
                what = _UNKNOWN
                operation = self._operation(scope, headers)
                what = operation.name
                return await self._aws(scope, operation, body, request_id), what, metrics.SUCCESS
            if what == _AGENT and self._options.token:
                return await self._agent(scope, headers, request_id), what, metrics.SUCCESS
            return await self._other(scope["method"], what), what, metrics.SUCCESS
        except RefusedError as refused:
            if refused.status == HTTPStatus.FORBIDDEN:
                self._refusals.note(_REFUSED)
            return _refused(refused, scope["raw_path"]), what, _REFUSED
        except ServiceError as error:
            if what == _UNKNOWN:
                self._refusals.note(error.code)
            shown = agent.refused(error) if what == _AGENT else protocol.failure(error)
            return shown, what, error.code
        except Exception as error:  # noqa: BLE001 one request may fail, and the server goes on
            self._options.troubled(error)
            failed = protocol.server_error()
            return protocol.failure(failed), what, failed.code

    def _operation(self, scope: Message, headers: guarding.Headers) -> Operation:
        is_presigned = b"X-Amz-Algorithm=" in scope["query_string"]
        guarding.check_method(scope["method"], ("POST", "GET") if is_presigned else ("POST",))
        if b"content-type" in headers or not is_presigned:
            guarding.check_content_type(headers)
        return protocol.operation_of(headers.get(b"x-amz-target", b"").decode("latin-1"))

    async def _aws(
        self, scope: Message, operation: Operation, body: bytes, request_id: str
    ) -> Answer:
        request = received(
            scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], body
        )
        try:
            claimed = claim(request)
        except ServiceError as error:
            self._refusals.note(error.code)
            raise

        origin = _origin(scope, request_id)

        def asks(keeper: Keeper) -> Asked:
            session = keeper.session_of(request, claimed, origin)
            return Asked(session, protocol.parameters_in(operation, request.body, request.query))

        return protocol.answer(await self._worker.ask(operation, asks))

    async def _agent(self, scope: Message, headers: guarding.Headers, request_id: str) -> Answer:
        agent.check(scope["method"], headers, self._options.token)
        given = agent.parameters_of(scope["raw_path"], scope["query_string"])
        origin = _origin(scope, request_id)
        asked = self._worker.ask(_READ, lambda keeper: Asked(keeper.own(origin), given))
        return agent.answered(await asked)

    async def _other(self, method: str, what: str) -> Answer:
        guarding.check_method(method, ("GET",))
        if what == "ping":
            return _text(200, "healthy")
        if what == "ready":
            is_ready = self._worker.is_ready
            return _text(200, "ready") if is_ready else _text(503, "the vault does not answer")
        if what == "metrics" and self._options.has_metrics:
            return Answer(200, self._metrics.text(self._gauges()), metrics.CONTENT_TYPE)
        raise RefusedError(404, "there is nothing here")

    def _gauges(self) -> dict[str, tuple[int, str]]:
        return {
            "secretctl_connections": (len(self._connections.open), "Open connections."),
            "secretctl_requests_waiting": (self._worker.waiting, "Requests in the queue."),
            **self._options.gauges(),
        }

    async def _live(self, receive: Receive, send: Send) -> None:
        """Watch over the connections from the start of the loop to its end."""
        await receive()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._report)
        sweeping = loop.create_task(self._connections.sweep())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        await send({"type": "lifespan.shutdown.complete"})

    def _report(self, _loop: object, said: dict[str, Any]) -> None:
        """Tell of what went wrong outside of a request; its text may hold what a client sent."""
        error = said.get("exception")
        if isinstance(error, BaseException) and not isinstance(error, OSError):
            self._options.troubled(error)


def _origin(scope: Message, request_id: str) -> Origin:
    agents = [value for name, value in scope["headers"] if name == b"user-agent"]
    address = (scope.get("client") or ("",))[0]
    return Origin(address, b" ".join(agents).decode("latin-1"), request_id)


def _what(path: bytes) -> str:
    if path == b"/":
        return _AWS
    return _AGENT if agent.is_path(path) else _OTHERS.get(path, _UNKNOWN)


def _refused(refused: RefusedError, path: bytes) -> Answer:
    is_aws = _what(path) == _AWS
    return protocol.refusal(refused) if is_aws else _text(refused.status, refused.sentence)


def _text(status: int, sentence: str) -> Answer:
    return Answer(status, sentence.encode(), _TEXT)


async def _body(receive: Receive) -> bytes | None:
    """Return the body, which `framing` bounds; None where the client has gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _send(answer: Answer, request_id: str, send: Send) -> None:
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
        (b"cache-control", b"no-store"),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
