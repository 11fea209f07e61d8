"""What the processes of a function of the user's own have around them, for one rotation.

An empty folder, an environment made of nothing, an endpoint that answers them alone, and a log.
What is started here has a session of its own, and is killed with all that it started.
"""

from __future__ import annotations

# These have something to do around each fork. A thread that loaded them while a process is forked
# would have half of that done: the endpoint's, which needs them.
import concurrent.futures.thread  # noqa: F401 see above
import logging  # noqa: F401 see above
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import TypeVar

from secretctl.context import uuid4
from secretctl.delivery.run_folder import Folder
from secretctl.domain.secret import Secret
from secretctl.prctl import PARENT_DEATH_SIGNAL, setter
from secretctl.rotation import output, temporary
from secretctl.rotation.private import PrivateEndpoint
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import StepError
from secretctl.server.private import variables
from secretctl.service.secrets import arn
from secretctl.service.session import Session

Answer = TypeVar("Answer")


class Surroundings:
    """Made with the first process, and gone with `close`."""

    def __init__(self, session: Session, registered: Registered, secret: Secret) -> None:
        self.token = uuid4(session.context.random(16))
        """The RotationToken."""

        self.seen: set[str | bytes] = {self.token}
        """Values that are left out of the log."""

        self._session = session
        self._registered = registered
        self._secret = secret
        self._endpoint: PrivateEndpoint | None = None
        self._output: output.Output | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Folder | None = None

    @property
    def log(self) -> str:
        """What to type to see what was printed."""
        directory = self._session.vault.directory
        return f"what it printed: less {output.path_of(directory, self._secret.number)}"

    def open_endpoint(self) -> None:
        """Begin to listen, for requests of the process alone."""
        if self._endpoint is None:
            secret_id, reads = arn(self._session, self._secret), list(self._registered.read)
            self._endpoint = PrivateEndpoint(self._session, secret_id, reads, self.token)
            self._endpoint.seen |= self.seen
            self.seen = self._endpoint.seen

    def start(
        self, words: Sequence[str], stdin: int, stdout: int = -1, handles: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a process, once the one before has ended.

        Args:
            words: The program and its arguments.
            stdin: As `subprocess.Popen`.
            stdout: Where it prints to, if not to the log.
            handles: Those it is given besides.

        Raises:
            OSError: It cannot be started.
            StepError: There is no folder for it.
        """
        if self._folder is None:
            self._folder = temporary.made()
        if self._output is None:
            self._output = output.Output()
        self._process = subprocess.Popen(  # noqa: S603 what the user registered
            words,
            env=self._environment(self._folder.path),
            cwd=self._folder.path,
            stdin=stdin,
            stdout=self._output.handle if stdout < 0 else stdout,
            stderr=self._output.handle,
            pass_fds=handles,
            start_new_session=True,
            preexec_fn=_ending_with_us(),  # noqa: PLW1509 see there
        )
        return self._process

    def answering(self, exchange: Callable[[], Answer]) -> Answer | None:
        """Answer requests of the process until *exchange*, in a thread, has returned.

        Returns:
            What it has; None if it raised.

        Raises:
            StepError: Another vault is in the place of this one.
        """
        endpoint = self._endpoint
        assert endpoint is not None, "opened before the process was started"
        answered: list[Answer] = []

        def run() -> None:
            try:
                answered.append(exchange())
            finally:
                endpoint.pause()

        thread = Thread(target=run, daemon=True)
        thread.start()
        is_same = False
        try:
            is_same = endpoint.work()
        finally:
            if not is_same:
                self.kill()
            thread.join()
        if not is_same:
            raise StepError("another vault was put in the place of this one")
        return answered[0] if answered else None

    def kill(self) -> None:
        """Kill the process and all that it started; from any thread."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End the process and the endpoint, and keep what was printed."""
        self.kill()
        if self._endpoint is not None:
            self._endpoint.close()
        if self._output is not None:
            path = output.path_of(self._session.vault.directory, self._secret.number)
            with suppress(OSError):  # a full disk fails no rotation that succeeded
                output.keep(self._output, path, self.seen)
        if self._folder is not None:
            temporary.removed(self._folder)

    def _environment(self, folder: str) -> dict[str, str]:
        made = {
            "PATH": self._session.context.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": folder,
            "TMPDIR": folder,
        }
        if self._endpoint is not None:
            url = self._endpoint.url
            made |= {
                "SECRETS_MANAGER_ENDPOINT": url,
                "AWS_ENDPOINT_URL": url,  # other services are refused here, not looked for at AWS
                "SECRETCTL_ENDPOINT_URL": url,
                **variables(self._endpoint.credential, self._secret.region),
                "AWS_LAMBDA_FUNCTION_NAME": self._registered.name,
            }
        return made | dict(self._registered.env)


def _ending_with_us() -> Callable[[], None] | None:
    """Return what has Linux end a new process with this thread, whatever ends that.

    The next try would meet it at work. It runs between fork and exec, where a lock that another
    thread holds is held for ever: so it takes none.
    """
    if sys.platform != "linux":
        return None
    ours, prctl = os.getpid(), setter()

    def end_with_us() -> None:
        prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != ours:
            os._exit(1)

    return end_with_us
