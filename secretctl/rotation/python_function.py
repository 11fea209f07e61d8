"""Functions in Python, as Lambda runs them: ``lambda_handler(event, context)``, unmodified.

One process does all steps of a rotation. Its environment is made of nothing: the address of an
endpoint that answers it alone, a credential for that, and what the configuration file says. It is
killed with all its children when a step takes too long, and at the end.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from threading import Thread

from secretctl import json_text
from secretctl.context import uuid4
from secretctl.domain.credential import Given
from secretctl.domain.secret import Secret
from secretctl.rotation import child, output
from secretctl.rotation.private import PrivateEndpoint
from secretctl.rotation.registry import Registered, digest_of
from secretctl.rotation.steps import Fields, Function, Step, StepError
from secretctl.server.private import variables
from secretctl.service.secrets import arn
from secretctl.service.session import Session

_BROKEN = "it ended without an answer"
_MOST_ANSWER_BYTES = 4096


def prepared(session: Session, registered: Registered, secret: Secret) -> Function:
    """Return the function that rotates *secret*; nothing is started before its first step."""
    running = _Running(session, registered, secret)
    return Function(registered.name, running.step, check=running.check, close=running.close)


class _Running:
    """A function, for one rotation."""

    def __init__(self, session: Session, registered: Registered, secret: Secret) -> None:
        self._session = session
        self._registered = registered
        self._secret = secret
        place = f"{secret.region}:{session.vault.account}"
        self._arn = f"arn:aws:lambda:{place}:function:{registered.name}"
        self._token = uuid4(session.context.random(16))
        self._endpoint: PrivateEndpoint | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._output: output.Output | None = None
        self._folder = ""
        self._asks = self._answers = -1

    def step(self, step: Step) -> None:
        """Have the function do one step.

        Raises:
            StepError: It cannot be run, failed, or took too long.
        """
        self._do(
            {
                "Step": step.name,
                "SecretId": step.secret_id,
                "ClientRequestToken": step.token,
                "RotationToken": self._token,
            }
        )

    def check(self, _step: Step) -> None:
        """See that the function can be run, without running it; raises as `step`."""
        self._do(None)

    def _do(self, event: Fields | None) -> None:
        if self._process is None:
            self._start()
        endpoint = self._endpoint
        assert endpoint is not None, "started with the process"
        answered: list[bytes] = []

        def exchange() -> None:
            try:
                answered.append(self._exchanged(event))
            finally:
                endpoint.pause()

        thread = Thread(target=exchange, daemon=True)
        thread.start()
        is_same = endpoint.work()
        if not is_same:
            self._kill()
        thread.join()
        if not is_same:
            raise StepError("another vault was put in the place of this one")
        self._judge(answered[0] if answered else b"")

    def close(self) -> None:
        """End the process and the endpoint, and keep what was printed."""
        self._kill()
        for handle in (self._asks, self._answers):
            if handle >= 0:
                os.close(handle)
        if self._endpoint is not None:
            self._endpoint.close()
        if self._output is not None and self._endpoint is not None:
            path = output.path_of(self._session.vault.directory, self._secret.number)
            self._output.close(path, self._endpoint.seen)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _judge(self, answer: bytes) -> None:
        name, log = self._registered.name, "what it printed: less "
        log += output.path_of(self._session.vault.directory, self._secret.number)
        if not answer:
            raise StepError(f"the function {name} {_BROKEN}", log)
        said = json_text.read(answer.decode())
        if error := said.get("error"):
            shown = error if isinstance(error, str) and error.isidentifier() else "an exception"
            raise StepError(f"the function {name} raised {shown}", log)

    def _start(self) -> None:
        self._check_pin()
        self._folder = tempfile.mkdtemp(prefix="secretctl-rotation-")
        secret_id = arn(self._session, self._secret)
        reads = list(self._registered.read)
        self._endpoint = PrivateEndpoint(self._session, secret_id, reads)
        theirs, self._asks = os.pipe()
        self._answers, answers = os.pipe()
        words = [child.__file__, self._registered.path, self._registered.handler]
        try:
            self._process = subprocess.Popen(  # noqa: S603 what the user registered
                [self._registered.python, "-B", *words, str(theirs), str(answers)],
                env=self._environment(self._endpoint.url, self._endpoint.credential),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs, answers),
                start_new_session=True,
            )
        except OSError as error:
            why = os.strerror(error.errno or 0).lower()
            raise StepError(
                f"the interpreter of the function {self._registered.name} cannot be run: {why}",
                "secretctl rotation functions add --python PATH",
            ) from None
        finally:
            os.close(theirs)
            os.close(answers)
        assert self._process.stdout is not None, "a pipe"
        self._output = output.Output(self._process.stdout)  # type: ignore[arg-type]  # of bytes

    def _environment(self, url: str, credential: Given) -> dict[str, str]:
        region = self._secret.region
        return {
            "PATH": self._session.context.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": self._folder,
            "TMPDIR": self._folder,
            "SECRETS_MANAGER_ENDPOINT": url,
            "AWS_ENDPOINT_URL": url,  # other services of AWS are refused here, not looked for there
            **variables(credential, region),
            "AWS_LAMBDA_FUNCTION_NAME": self._registered.name,
            **dict(self._registered.env),
        }

    def _exchanged(self, event: Fields | None) -> bytes:
        """Send an event; return the answer, empty where there is none in time."""
        timeout_s = self._registered.timeout_s
        request_id = uuid4(self._session.context.random(16))
        ends = time.time() + timeout_s
        said = {"event": event, "arn": self._arn, "id": request_id, "ends": ends}
        with suppress(BrokenPipeError):
            os.write(self._asks, json_text.compact(said).encode() + b"\n")
        answer = _line(self._answers, time.monotonic() + timeout_s)
        if not answer:
            self._kill()
        return answer

    def _kill(self) -> None:
        """Kill the process and all that it started."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _check_pin(self) -> None:
        path, name = self._registered.path, self._registered.name
        try:
            digest = digest_of(path)
        except OSError as error:
            why = os.strerror(error.errno or 0).lower()
            raise StepError(f"the file of the function {name} cannot be read: {why}") from None
        if self._registered.sha256 not in ("", digest):
            raise StepError(
                f"the file of the function {name} is not the one that was registered",
                "read it, then: secretctl rotation functions add, with its new sha256",
            )


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
