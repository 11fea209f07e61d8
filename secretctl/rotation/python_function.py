"""Functions in Python, as Lambda runs them: ``lambda_handler(event, context)``, unmodified.

One process does all steps of a rotation. Its environment is made of nothing: the address of an
endpoint that answers it alone, a credential for that, and what the configuration file says. It is
killed with all its children when a step takes too long, and at the end.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from secretctl import json_text
from secretctl.context import uuid4
from secretctl.domain.secret import Secret
from secretctl.rotation import child
from secretctl.rotation.own_file import check_file, check_own, program
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Fields, Function, Step, StepError, event
from secretctl.rotation.surroundings import Surroundings
from secretctl.service.session import Session

_LATE = "took longer than its timeout"
_BROKEN = "ended without an answer"
_MEDDLED = "wrote where only its answers go, or went on in another process"
_MOST_ANSWER_BYTES = 4096
_LONGEST_SHOWN = 64
_SOON_S = 0.01
"""A wait is in whole milliseconds."""


def prepared(session: Session, registered: Registered, secret: Secret) -> Function:
    """Return the function that rotates *secret*; nothing is started before its first step."""
    running = _Running(session, registered, secret)
    return Function(
        *(registered.name, running.step),
        check=running.check,
        stop=running.stop,
        close=running.close,
    )


class _Running:
    """A function, for one rotation."""

    def __init__(self, session: Session, registered: Registered, secret: Secret) -> None:
        self._random = session.context.random
        self._environ = session.context.environ
        self._registered = registered
        place = f"{secret.region}:{session.vault.account}"
        self._arn = f"arn:aws:lambda:{place}:function:{registered.name}"
        self._surroundings = Surroundings(session, registered, secret)
        self._asks = self._answers = -1
        self._is_late = False

    def step(self, step: Step) -> None:
        """Have the function do one step.

        Raises:
            StepError: It cannot be run, failed, or took too long.
        """
        self._do(event(step, RotationToken=self._surroundings.token))

    def check(self, _step: Step) -> None:
        """See that the function can be run, without running it; raises as `step`."""
        self._do(None)

    def stop(self) -> None:
        """Kill the process; from any thread."""
        self._surroundings.kill()

    def close(self) -> None:
        """End the process and all that was made for it."""
        for handle in (self._asks, self._answers):
            if handle >= 0:
                os.close(handle)
        self._surroundings.close()

    def _do(self, asked: Fields | None) -> None:
        if self._asks < 0:
            self._start()
        request_id = uuid4(self._random(16))
        exchange = partial(self._exchanged, asked, request_id)
        self._judge(self._surroundings.answering(exchange) or b"", request_id)

    def _judge(self, answer: bytes, request_id: str) -> None:
        name, log = self._registered.name, self._surroundings.log
        if not answer:
            raise StepError(f"the function {name} {_LATE if self._is_late else _BROKEN}", log)
        said = _said(answer)
        if said.get("id") != request_id:
            raise StepError(f"the function {name} {_MEDDLED}", log)
        if error := said.get("error"):
            raise StepError(f"the function {name} raised {self._shown(error)}", log)

    def _shown(self, kind: object) -> str:
        """Return the name of a class, unless it is one that says what it should not."""
        known = isinstance(kind, str) and kind.isidentifier() and len(kind) <= _LONGEST_SHOWN
        values = (each for each in self._surroundings.seen if isinstance(each, str) and each)
        return "an exception" if not known or any(v in str(kind) for v in values) else str(kind)

    def _start(self) -> None:
        python = check_startable(self._registered, self._environ)
        self._surroundings.open_endpoint()
        theirs, self._asks = os.pipe()
        self._answers, answers = os.pipe()
        handles = (theirs, answers)
        words = [child.__file__, self._registered.path, self._registered.handler]
        try:
            self._surroundings.start(
                [python, "-B", *words, *map(str, handles)], subprocess.DEVNULL, handles=handles
            )
        except OSError as error:
            why = os.strerror(error.errno or 0).lower()
            raise _no_interpreter(self._registered, why) from None
        finally:
            os.close(theirs)
            os.close(answers)

    def _exchanged(self, asked: Fields | None, request_id: str) -> bytes:
        """Send an event; return the answer, empty where there is none in time."""
        timeout_s = self._registered.timeout_s
        ends = time.time() + timeout_s
        said = {"event": asked, "arn": self._arn, "id": request_id, "ends": ends}
        with suppress(BrokenPipeError):
            os.write(self._asks, json_text.compact(said).encode() + b"\n")
        until = time.monotonic() + timeout_s
        answer = _line(self._answers, until)
        if not answer:
            self._is_late = time.monotonic() >= until - _SOON_S
            self._surroundings.kill()
        return answer


def check_startable(registered: Registered, environ: Mapping[str, str]) -> str:
    """See that there are the file and the interpreter, nobody else's, without running either.

    Returns:
        The path of the interpreter.

    Raises:
        StepError: What is missing.
    """
    check_file(registered)
    path = program(registered, registered.python, environ)
    if not path:
        raise _no_interpreter(registered, "no such program")
    check_own(path, f"the interpreter of the function {registered.name}")
    return path


def _no_interpreter(registered: Registered, why: str) -> StepError:
    return StepError(
        f"the interpreter of the function {registered.name} cannot be run: {why}",
        "secretctl rotation functions add --python PATH",
    )


def _said(answer: bytes) -> Fields:
    """Return what an answer says; nothing where it is none."""
    try:
        found = json_text.read(answer.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _line(handle: int, ends: float) -> bytes:
    """Read a line, until it ends at the latest; empty where there is no whole one."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    found = b""
    while not found.endswith(b"\n") and len(found) < _MOST_ANSWER_BYTES:
        left_ms = int((ends - time.monotonic()) * 1000)
        if left_ms <= 0 or not poll.poll(left_ms):
            return b""
        chunk = os.read(handle, _MOST_ANSWER_BYTES)
        if not chunk:
            return b""
        found += chunk
    return found
