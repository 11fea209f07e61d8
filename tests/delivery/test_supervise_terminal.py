"""A program whose output to a terminal is masked, in scripts, pipelines, shells: as when bare."""

import os
import pty
import shlex
import signal
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secretctl.delivery.supervise_output import Output
from tests.delivery.test_supervise import ENVIRONMENT, PYTHON, VALUE
from tests.terminal import Terminal, on_terminal

CROWDED = [
    sys.executable,
    "-c",
    "import os, resource, sys\n"
    "most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))\n"
    "for _ in range(1100): os.set_inheritable(os.open('/dev/null', os.O_RDONLY), True)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])",
]
"""Runs a program that inherits more descriptors than select(2) knows."""

BOTH = pytest.mark.parametrize("way", ["bare", "masked"])


class Screen:
    """A terminal and the program on it."""

    def __init__(self, terminal: Terminal) -> None:
        self._seen = b""
        self._terminal = terminal
        self.pid = terminal.pid
        self.number = terminal.number

    def sees(self, text: str) -> None:
        """Wait until *text* was shown; what comes before it is not looked at again."""
        end = time.monotonic() + 15
        while text.encode() not in self._seen:
            assert time.monotonic() < end, self._seen
            part = self._terminal.read(15)
            assert part, self._seen
            self._seen += part
        self._seen = self._seen.partition(text.encode())[2]

    def rest(self) -> str:
        """Return all that is shown from here on."""
        while part := self._terminal.read():
            self._seen += part
        return self._seen.decode().replace("\r\n", "\n")

    def types(self, keys: str) -> None:
        """Type *keys*."""
        self._terminal.write(keys.encode())


@contextmanager
def screen(folder: Path, *words: str) -> Iterator[Screen]:
    """Run *words* on a terminal, in *folder*, where there is what `run` names."""
    program = folder / "run"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([*PYTHON, "run"])} "$@"\n')
    program.chmod(0o700)
    with on_terminal(words, ENVIRONMENT | {"PS1": "$ ", "TERM": "dumb"}, folder) as terminal:
        yield Screen(terminal)


def run(way: str, script: str) -> str:
    """Return the words that run *script*, for a shell: few, as a terminal takes 4,095 at once."""
    return shlex.join(["./run", way, "sh", "-c", script])


def children(process: int) -> list[int]:
    """Return the children of *process*, oldest first."""
    return [*map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]


def soon(path: Path, text: str) -> None:
    """Wait until *text* stands in a file."""
    for _ in range(500):
        if path.exists() and text in path.read_text():
            return
        time.sleep(0.02)
    raise AssertionError(path.exists() and path.read_text())


@BOTH
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_interrupt_ends_the_script_around(tmp_path: Path, way: str, shell: str) -> None:
    """The next step of a script does not run after Ctrl-C."""
    script = run(way, "echo ready; exec sleep 9") + "; echo CONTINUED"
    with screen(tmp_path, shell, "-c", script) as shown:
        shown.sees("ready")
        shown.types("\x03")
        assert shown.rest().replace("^C", "").strip() == ""


@BOTH
def test_keys_signal_the_pipeline_around(tmp_path: Path, way: str) -> None:
    """Ctrl-Backslash quits all of it; where only a part of the outputs is the terminal, too."""
    both = "until [ -e there ]; do sleep 0.01; done; rm there; echo ready >&2; exec sleep 9"
    ready, other = run(way, both), "{ : > there; exec %s; }"
    for pipeline in (f"{ready} | {other % 'cat'}", f"{other % 'sleep 9'} | {ready}"):
        with screen(tmp_path, "bash", "-c", pipeline + "; echo ${PIPESTATUS[*]}") as shown:
            shown.sees("ready")
            shown.types("\x1c")
            assert "131 131\n" in shown.rest()


@BOTH
@pytest.mark.parametrize("behind", ["", " | cat"])
def test_suspended_pipeline_gives_the_prompt_back(tmp_path: Path, way: str, behind: str) -> None:
    """Ctrl-Z, the next command, and ``fg``: of a script, and of a pipeline of the shell."""
    (tmp_path / "steps").write_text(run(way, "echo ready >&2; read a; echo got $a") + behind)
    with screen(tmp_path, "bash", "--norc", "-i") as shown:
        for command in ("bash steps", run(way, "echo ready >&2; read a; echo got $a") + behind):
            shown.types(f"{command}\n")
            shown.sees("ready\r\n")
            shown.types("\x1a")
            shown.sees("Stopped")
            shown.sees("$ ")
            time.sleep(0.3)  # all of the job has stopped, and takes no key any more
            shown.types("echo $((40+2))\n")
            shown.sees("42\r\n")
            shown.types("fg\n")
            time.sleep(0.3)
            shown.types("hello\n")
            shown.sees("got hello\r\n")
            shown.sees("$ ")
        shown.types("exit\n")


@BOTH
def test_job_brought_to_the_foreground_has_the_keyboard(tmp_path: Path, way: str) -> None:
    """Whether it was running or stopped for want of it, as the shell tells."""
    with screen(tmp_path, "bash", "--norc", "-i") as shown:
        shown.types("set -b\n")
        shown.types(run(way, "echo ready; sleep 0.5; read a; echo got $a") + " &\n")
        shown.sees("ready\r\n")
        shown.types("fg\n")
        time.sleep(0.3)
        shown.types("hello\n")
        shown.sees("got hello\r\n")
        shown.sees("$ ")
        shown.types(run(way, "echo ready; read a; echo got $a") + " &\n")
        shown.sees("ready\r\n")
        shown.sees("Stopped")
        shown.types("fg\n")
        time.sleep(0.3)
        shown.types("there\n")
        shown.sees("got there\r\n")
        shown.types("exit\n")


@BOTH
def test_suspension_that_the_program_ignores_is_for_the_others(tmp_path: Path, way: str) -> None:
    """What is behind it in the pipeline stops."""
    script = run(way, "trap '' TSTP; echo ready >&2; sleep 1.5; echo on >&2") + " | sleep 9"
    with screen(tmp_path, "bash", "--norc", "-i") as shown:
        shown.types(f"{script}\n")
        shown.sees("ready\r\n")
        sleeping = children(shown.pid)[1]
        shown.types("\x1a")
        soon(Path(f"/proc/{sleeping}/stat"), ") T ")
        shown.sees("on\r\n")
        os.killpg(os.getpgid(sleeping), signal.SIGKILL)


@BOTH
def test_interrupt_in_a_shell_inside_is_none_around(tmp_path: Path, way: str) -> None:
    """A program with jobs of its own has the keys for these."""
    inside = shlex.join([*PYTHON, "run", way, "bash", "--norc", "-i"])
    with screen(tmp_path, "sh", "-c", inside + "; echo after") as shown:
        shown.sees("$ ")
        time.sleep(0.3)
        shown.types("\x03")
        shown.sees("$ ")
        shown.types("sleep 9\n")
        time.sleep(0.3)
        shown.types("\x03")
        shown.sees("$ ")
        shown.types("exit 0\n")
        assert shown.rest().endswith("after\n")


@BOTH
def test_program_can_clean_up_when_the_terminal_is_closed(tmp_path: Path, way: str) -> None:
    """It hears of the hang-up, and is left the time it takes."""
    done = tmp_path / "done"
    script = (
        f"trap 'sleep 0.3; echo clean >{done}; exit' HUP; echo ready; while :; do sleep 0.1; done"
    )
    with screen(tmp_path, "bash", "-c", run(way, script) + "; true") as shown:
        shown.sees("ready")
    soon(done, "clean")


@BOTH
def test_keyboard_is_read_beside_a_piped_input(tmp_path: Path, way: str) -> None:
    """By its name, as programs do that ask for a password; and no line end is doubled."""
    script = "cat; printf pass: >/dev/tty; read a </dev/tty; echo got $a"
    with screen(tmp_path, "bash", "-c", f"echo data | {run(way, script)}") as shown:
        shown.sees("data\r\npass:")
        shown.types("hello\n")
        assert shown.rest() == "hello\ngot hello\n"


@BOTH
def test_keys_go_to_the_program_that_reads_them(tmp_path: Path, way: str) -> None:
    """To one before it in the pipeline, or behind it, not to one that does not ask for them."""
    quiet, asking = run(way, "cat >&2"), "sh -c 'echo ready >&2; read a </dev/tty; echo got $a >&2'"
    for pipeline in (f"{asking} | {quiet}", f"{quiet} </dev/null | {asking}"):
        with screen(tmp_path, "bash", "-c", pipeline) as shown:
            shown.sees("ready\r\n")
            time.sleep(0.3)
            shown.types("hello\n")
            shown.sees("got hello")


def test_each_terminal_gets_its_own_stream(tmp_path: Path) -> None:
    """Standard error of another terminal goes there, masked."""
    master, slave = pty.openpty()
    script = run("masked", f"echo out {VALUE}; test -t 2; echo error $? {VALUE} >&2")
    with screen(tmp_path, "bash", "-c", f"{script} 2>{os.ttyname(slave)}") as shown:
        assert shown.rest() == "out ***\n"
    assert os.read(master, 100) == b"error 0 ***\r\n"
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("beside", ["", " 2>/dev/null"])
def test_value_across_the_edge_is_masked(tmp_path: Path, beside: str) -> None:
    """Of a terminal alone: a file of the same bytes is left as it is."""
    across = VALUE.replace("t", "t \b")
    script = run("masked", f"printf '{across}\n' | tee file") + beside + "; cat file"
    with screen(tmp_path, "bash", "-c", script) as shown:
        assert shown.rest() == f"***\n{across}\n"


def test_program_in_the_background_goes_on_beside_a_terminal(tmp_path: Path) -> None:
    """What it writes to a file while standard output is a terminal, and to the terminal itself."""
    script = run(
        "masked", f"(trap '' HUP; sleep 0.5; echo late {VALUE} >&2; echo last) & echo main"
    )
    with screen(tmp_path, "bash", "-c", f"{script} 2>error; sleep 1") as shown:
        assert shown.rest() == "main\nlast\n"
    soon(tmp_path / "error", "late ***")


def test_modes_that_a_program_changes_stay_changed(tmp_path: Path) -> None:
    """As when bare; also where it changes those of its output alone."""
    for redirection, script in (("", "stty -echo"), (" 2>/dev/null", "stty -echo <&1")):
        words = run("masked", script) + redirection
        with screen(tmp_path, "bash", "-c", f"{words}; stty -a | grep -o -- '-*echo '") as shown:
            assert shown.rest() == "-echo \n"


def test_killed_keeper_leaves_no_raw_terminal(tmp_path: Path) -> None:
    """What it was doing is undone, and said."""
    with screen(
        tmp_path, "bash", "-c", run("masked", "echo ready; exec sleep 9") + "; sleep 9"
    ) as shown:
        before = termios.tcgetattr(shown.number)
        shown.sees("ready")
        during = termios.tcgetattr(shown.number)
        (supervisor,) = children(shown.pid)
        os.kill(children(supervisor)[0], signal.SIGKILL)
        shown.sees("what masks it was killed")
        assert during[3] != before[3]
        assert termios.tcgetattr(shown.number) == before
        os.kill(shown.pid, signal.SIGKILL)


def test_keeper_that_is_stopped_and_continued_goes_on(tmp_path: Path) -> None:
    """As before: signals and the status of the program are passed on."""
    trapped = "trap 'echo got it; exit 3' TERM; echo ready; while :; do sleep 0.1; done"
    with screen(tmp_path, "bash", "-c", run("masked", trapped) + "; echo status $?") as shown:
        shown.sees("ready")
        (supervisor,) = children(shown.pid)
        (keeper,) = children(supervisor)
        os.kill(keeper, signal.SIGSTOP)
        soon(Path(f"/proc/{keeper}/stat"), ") T ")
        time.sleep(0.1)  # the supervisor has heard of it
        os.kill(keeper, signal.SIGCONT)
        os.kill(supervisor, signal.SIGTERM)
        shown.sees("got it\r\nstatus 3\r\n")


def test_keeper_that_is_continued_alone_does_not_change_the_status(tmp_path: Path) -> None:
    """A second stop before the first was over is of no account in the end."""
    words = run("masked", "echo ready; kill -STOP $$; kill -STOP $$; echo on")
    with screen(tmp_path, "bash", "--norc", "-i") as shown:
        shown.types(f"{words}\n")
        shown.sees("Stopped")
        (supervisor,) = children(shown.pid)
        (keeper,) = children(supervisor)
        os.kill(keeper, signal.SIGCONT)
        shown.types("sleep 0.3; fg; echo status $?; exit\n")
        shown.sees("on\r\nstatus 0\r\n")


def test_keys_typed_ahead_are_shown_once(tmp_path: Path) -> None:
    """They were echoed when they were typed."""
    script = "sleep 0.5; " + run("masked", "read a; echo got $a")
    with screen(tmp_path, "bash", "-c", script) as shown:
        shown.types("hello\n")
        assert shown.rest() == "hello\ngot hello\n"


def test_descriptors_may_be_many(tmp_path: Path) -> None:
    """What we open of terminals lies behind all that we inherit, and is waited for all the same."""
    typed = "sleep 0.5; " + run("masked", f"read a; echo got $a {VALUE}")
    with screen(tmp_path, *CROWDED, "bash", "-c", typed) as shown:
        shown.types("hello\n")
        assert shown.rest() == "hello\ngot hello ***\n"
    only_output = run("masked", f"printf 'a\\r'; sleep 0.1; echo {VALUE}") + " 2>/dev/null"
    with screen(tmp_path, *CROWDED, "bash", "-c", only_output) as shown:
        assert shown.rest() == "a\r***\n"


def test_lines_in_the_background_end_as_they_do(tmp_path: Path) -> None:
    """However the kernel divides them."""
    many = run("masked", "seq 100000 120000") + " & wait"
    with screen(tmp_path, "bash", "--norc", "-i") as shown:
        shown.types(f"{many}; exit\n")
        lines = shown.rest()
    assert "119999\n120000\n" in lines
    assert "\r" not in lines.partition("100000\n")[2]


def test_a_carriage_return_at_the_very_end_goes_out() -> None:
    """Where nobody has the terminal open any more, nothing can follow it."""
    master, slave = pty.openpty()
    output = Output(slave)
    os.write(output.slave, b"line\nend\r")
    os.close(output.slave)
    assert output.read() == b"line\nend\r"
    assert output.read() == b""
    for number in (output.master, master, slave):
        os.close(number)
