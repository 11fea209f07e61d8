"""Logins by SSH with one key: OpenSSH's programs are run, and no configuration but ours counts.

The private key goes through a pipe into an ssh-agent of its own, so that it is in no file, in no
argument and in no environment. The agent ends with the login; whatever kills us closes the pipe
that it watches, and it forgets the key by itself besides. All programs start in a folder of their
own and call what is there by its name alone: a path may be too long for a socket, or have
characters that mean something to ssh.

See: https://man.openbsd.org/ssh_config
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from secretctl.rotation import temporary
from secretctl.rotation.logins import RefusedError
from secretctl.rotation.ssh_account import Account
from secretctl.rotation.steps import StepError

_WAIT_S = 60
_FORGETS_S = 600
_SAYS_PID = 'echo "$SSH_AGENT_PID"; exec cat'
_MARK = "secretctl:"
_LOGGED_IN, _BY_KEY = "Authenticated to ", 'using "publickey"'
_SHUT_OUT = (
    "kex_exchange_identification: Connection closed",
    "kex_exchange_identification: read: Connection reset",
)
_AGENT = "agent"
_CONFIG_FILE, _KNOWN_HOSTS = "config", "known_hosts"
_CONFIG = """Host target
BatchMode yes
ClearAllForwardings yes
ConnectTimeout 10
ControlMaster no
ControlPath none
IdentityAgent agent
IdentityFile none
KbdInteractiveAuthentication no
LogLevel VERBOSE
PasswordAuthentication no
PreferredAuthentications publickey
RequestTTY no
ServerAliveCountMax 3
ServerAliveInterval 5
StrictHostKeyChecking yes
UpdateHostKeys no
"""


class Login:
    """A key in an agent, with which hosts are logged in to."""

    def __init__(self, folder: str, account: Account) -> None:
        self._folder = folder
        self._account = account

    def run(self, host: str, script: str) -> str:
        """Have the shell of the account run a script; return the last word that it told us.

        Args:
            host: One of the account's.
            script: Of the POSIX shell, without anything that is secret. What it tells are lines
                ``secretctl:WORD``; others may come from what the account runs by itself.

        Raises:
            RefusedError: The account does not take the key.
            StepError: The host is not known or not reached, asks for no key, or runs no script.
        """
        self._write(_CONFIG_FILE, self._config(host))
        words = ["ssh", "-F", _CONFIG_FILE, "target", "exec sh -s"]
        said, told = _output(words, script, self._folder)
        if _LOGGED_IN not in told:
            raise _not_let_in(told)
        if _BY_KEY not in told:  # any key would do, so trying one says nothing
            raise StepError("the host asks this account for no key")
        for line in reversed(said.splitlines()):
            if line.startswith(_MARK):
                return line.removeprefix(_MARK)
        raise StepError("the account runs no script of ours: its shell or its key does not let it")

    def _config(self, host: str) -> str:
        lines = [
            f"HostName {host}",
            f"Port {self._account.port}",
            f"User {self._account.username}",
        ]
        if self._account.trusted:
            self._write(_KNOWN_HOSTS, "\n".join(self._trusted()) + "\n")
            lines += [f"UserKnownHostsFile {_KNOWN_HOSTS}", "GlobalKnownHostsFile none"]
        return _CONFIG + "\n".join(lines) + "\n"

    def _trusted(self) -> Iterator[str]:
        """Give the host keys of the value, and those of a name as ssh writes them with a port."""
        for line in self._account.trusted:
            place, _, key = line.partition(" ")
            yield line
            if place != "*" and "[" not in place:
                yield f"[{place}]:{self._account.port} {key}"

    def _write(self, name: str, text: str) -> None:
        try:
            with open(os.path.join(self._folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise temporary.not_usable(error) from None


@contextmanager
def login(account: Account, private: str) -> Iterator[Login]:
    """Hold a key for logins.

    Raises:
        StepError: The programs of OpenSSH are not there, or do not take the key; no folder can be
            made.
    """
    folder = temporary.made()
    try:
        with _agent(folder.path):
            _add(private, folder.path)
            yield Login(folder.path, account)
    finally:
        temporary.removed(folder)


def _add(private: str, folder: str) -> None:
    words = ["ssh-add", "-q", "-t", str(_FORGETS_S), "-"]
    with _finding():
        added = subprocess.run(  # noqa: S603 a program that is named here, without a shell
            words,
            input=private.strip() + "\n",
            env={**_environment(), "SSH_AUTH_SOCK": _AGENT},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
    if added.returncode:
        raise StepError("ssh-add does not take the private key")


@contextmanager
def _agent(folder: str) -> Iterator[None]:
    """Run an agent that ends when we do: it is the child of one that reads a pipe of ours."""
    words = ["ssh-agent", "-a", _AGENT, "sh", "-c", _SAYS_PID]
    with (
        _finding(),
        subprocess.Popen(  # noqa: S603 a program that is named here, and our own script
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=folder,
            text=True,
            start_new_session=True,
        ) as waiting,
    ):
        assert waiting.stdout is not None
        number = waiting.stdout.readline().strip()
        if not number.isdigit():
            raise StepError("ssh-agent does not start")
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGTERM)


@contextmanager
def _finding() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise StepError(
            "ssh, ssh-agent and ssh-add are not all here", "apt install openssh-client"
        ) from None


def _output(words: list[str], given: str, folder: str) -> tuple[str, str]:
    """Return what a program wrote to its outputs; it is killed where it takes too long."""
    try:
        with _finding():
            done = subprocess.run(  # noqa: S603 likewise
                words,
                input=given.encode(),
                env=_environment(),
                cwd=folder,
                capture_output=True,
                check=False,
                timeout=_WAIT_S,
                start_new_session=True,
            )
    except subprocess.TimeoutExpired:
        raise StepError(f"the host did not answer for {_WAIT_S} seconds") from None
    return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def _not_let_in(told: str) -> StepError:
    if "Host key verification failed" in told:
        return StepError(
            "the key of the host is not known, or not the one that is",
            "put it into TrustedHostKeys of the value, or log in once by hand with ssh",
        )
    if "Permission denied" in told or "Too many authentication failures" in told:
        return RefusedError("the account refuses the key")
    if any(each in told for each in _SHUT_OUT):
        return StepError(
            "the host closed the connection before anything was said",
            "sshd does that where it is busy, and for a while after it refused a few keys from"
            " here (MaxStartups, PerSourcePenalties): the next try goes on",
        )
    return StepError("the host cannot be reached")


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "SSH_ASKPASS_REQUIRE": "never",
    }
