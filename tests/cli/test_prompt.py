"""The prompt for a passphrase or a value, on a real pseudo-terminal."""

import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import World

ROOT = Path(__file__).parents[2]
QUESTION = b"The value, which is not shown; Enter and then Ctrl-D end it: "
ON_TERMINAL = (
    "import os, sys; os.login_tty(0); from secretctl.cli import paramfile; "
    "text = paramfile.load('--secret-string', 'file://' + sys.argv[2], {}); "
    "os.write(int(sys.argv[1]), text.encode())"
)
GROUND = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, '-m', 'secretctl', 'init', '--passphrase'])"
)


class Asking(NamedTuple):
    """A program that waits for a passphrase, and our end of its terminal."""

    process: "subprocess.Popen[bytes]"
    terminal: int

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)


def _environ(world: World) -> dict[str, str]:
    return {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


def _read_prompt(terminal: int) -> None:
    screen = b""
    while not screen.endswith(b"New passphrase: "):
        screen += os.read(terminal, 4096)


@pytest.fixture
def asking(world: World) -> Iterator[Asking]:
    """Run ``secretctl init --passphrase`` until it asks."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", GROUND],
        env=_environ(world),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        _read_prompt(ours)
        yield Asking(process, ours)
        process.kill()
    os.close(theirs)
    os.close(ours)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_at_the_prompt_leaves_a_terminal_that_echoes(
    asking: Asking, number: signal.Signals
) -> None:
    """The program is ended by the signal, after the terminal is as it was."""
    assert not asking.echoes
    asking.process.send_signal(number)
    assert asking.process.wait(30) == -number
    assert asking.echoes


def test_ctrl_c_at_the_prompt_ends_by_it(asking: Asking) -> None:
    """As it ends other programs, so that a script of bash around does not go on; echo is back."""
    os.write(asking.terminal, b"\x03")
    assert asking.process.wait(30) == -signal.SIGINT
    assert asking.echoes


def test_many_descriptors_are_no_hindrance(world: World) -> None:
    """The terminal lies behind all that is inherited, beyond what select(2) knows."""
    ours, theirs = os.openpty()
    code = (
        "import fcntl, os, resource, sys, termios\n"
        "from secretctl.cli import prompt\n"
        "most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))\n"
        "for _ in range(1100): os.open('/dev/null', os.O_RDONLY)\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "sys.stderr.write(prompt.ask('Word: '))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=_environ(world),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert os.read(ours, 6) == b"Word: "
        os.write(ours, b"typed\n")
        _, said = process.communicate(timeout=30)
    os.close(theirs)
    os.close(ours)
    assert (process.returncode, said) == (0, b"typed")


def test_a_terminal_that_goes_away_at_the_prompt_is_said(world: World) -> None:
    """A program that outlives its terminal says that nothing was typed there."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", sys.executable, "-c", GROUND],
        env=_environ(world),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        _read_prompt(ours)
        os.close(theirs)
        os.close(ours)
        _, said = process.communicate(timeout=30)
    assert said == b"secretctl: error: no passphrase was typed\n"
    assert process.returncode == 253


@pytest.mark.parametrize("path", ["/dev/tty", "/dev/stdin", "/dev/fd/0"])
@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ("one\n\x04", "one"),
        ("one\x04\x04", "one"),
        ("sécond\n\nthird\n\n\x04", "sécond\n\nthird\n"),
        ("\x04", ""),
    ],
)
def test_a_typed_value_is_asked_for_and_not_shown(path: str, keys: str, value: str) -> None:
    """All lines up to Ctrl-D; the end of the last one is the end of typing, not of the value."""
    ours, theirs = os.openpty()
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", ON_TERMINAL, str(writer), path],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        pass_fds=(writer,),
        start_new_session=True,
    ) as process:
        os.close(writer)
        screen = b""
        while not screen.endswith(QUESTION):
            screen += os.read(ours, 4096)
        assert not termios.tcgetattr(ours)[3] & termios.ECHO
        os.write(ours, keys.encode())
        assert os.read(reader, 100).decode() == value
        assert process.wait(20) == 0
    os.close(theirs)
    assert os.read(ours, 4096) == b"\r\n"
    for descriptor in (ours, reader):
        os.close(descriptor)
