"""A program that is run again when something changes, and what becomes of the one before."""

import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import secretctl
from tests.delivery.test_supervise import is_readable

ROOT = Path(secretctl.__file__).parents[1]
DRIVER = """
import json, os, signal, sys
from secretctl.context import of_process
from secretctl.delivery import execute, masking, noticing, pacing, supervise_start, watching

path, number, grace, outputs, *argv = sys.argv[1:]
noticing._TOLD_S = 2
pacing.SETTLED_S = pacing._FIRST_WAIT_S = pacing._LONGEST_WAIT_S = 0.05
context = of_process()

def program(value):
    return execute.prepared(context, {"V": value}, argv[0].encode(), argv, pristine=False)

def value():
    with open(path) as file:
        return file.read()

def look():
    global last
    now = value()
    if now == last:
        return watching.Found()
    last = now
    if int(number):
        return watching.Found(is_changed=True)
    return watching.Found(lambda: start(program(now)))

def start(program):
    global before
    before = before or supervise_start.take_signals()
    patterns = masking.searched([b"hunter22"])
    outs = json.loads(outputs)
    return supervise_start.start(program, outs, patterns, context, None, before)

before, last, stamp, around = None, value(), noticing.stamp(path), watching.surroundings()
watch = watching.Watch(path, stamp, look, int(number), float(grace))
running = start(program(last))
if "LEFT" in os.environ:
    os.setresuid(65534, 65534, 65534)
watching.run(running, watch, around, context)
"""
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
SHELL = "/bin/sh"
LASTING = "while :; do sleep 0.05; done"


def until_there(path: Path) -> str:
    """Return words of a shell that wait for a file."""
    return f"until [ -e {path} ]; do sleep 0.02; done"


class Run:
    """A shell's script, watched."""

    def __init__(
        self, folder: Path, script: str, number: int = 0, grace: float = 5, outputs: str = "[]"
    ) -> None:
        """Run *script*, whose ``$V`` is in a file of *folder*."""
        self.path = folder / "value"
        self.path.write_text("1")
        words = [sys.executable, "-c", DRIVER, str(self.path), str(number), str(grace), outputs]
        self.words = [*words, SHELL, "-c", script]

    def start(self, before: str = "") -> None:
        """Start it, from a shell that does something *before*."""
        words = [SHELL, "-c", f"{before} exec {shlex.join(self.words)}"] if before else self.words
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(words, env=ENVIRONMENT, stdout=pipe, stderr=pipe)

    def line(self) -> str:
        """Return the next line that it writes."""
        assert self.child.stdout
        return self.child.stdout.readline().decode()

    def change(self, value: str) -> None:
        """Let what is watched change."""
        self.path.write_text(value)

    def end(self) -> tuple[int, str]:
        """Return its status, once it has ended, and what it wrote to standard error."""
        err = self.child.communicate(timeout=20)[1].decode()
        return self.child.returncode, err


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Start scripts that are killed at the end."""
    begun: list[Run] = []

    def start(script: str, before: str = "", **more: object) -> Run:
        run = Run(tmp_path, script, **more)  # type: ignore[arg-type]  # options are open
        run.start(before)
        begun.append(run)
        return run

    yield start
    for run in begun:
        run.child.kill()
        run.child.communicate()


def gone(process: str) -> bool:
    """Tell whether a process has ended, or does within some seconds."""
    for _ in range(2000):
        if has_ended(process):
            return True
        time.sleep(0.01)
    return False


def has_ended(process: str) -> bool:
    """Tell whether a process has ended, though nobody may have heard of it yet."""
    try:
        return Path(f"/proc/{int(process)}/stat").read_text().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


def test_program_is_ended_and_run_again_and_its_status_is_ours(runs: Callable[..., Run]) -> None:
    """SIGTERM first; the next begins when it has ended, with the new value; twice."""
    script = f"trap 'echo term; exit 0' TERM; echo got $V; [ $V != 3 ] || exit 7; {LASTING}"
    run = runs(script)
    assert run.line() == "got 1\n"
    run.change("2")
    assert [run.line(), run.line()] == ["term\n", "got 2\n"]
    run.change("3")
    assert [run.line(), run.line()] == ["term\n", "got 3\n"]
    status, err = run.end()
    assert status == 7
    assert "secretctl: warning: the command ended 0." in err


def test_directory_that_takes_the_place_of_another_is_watched(tmp_path: Path) -> None:
    """Changes in it are told of, too, and not first found when it is looked at."""
    place = tmp_path / "place"
    place.mkdir()
    run = Run(place, f"trap 'echo usr' USR1; echo got; {LASTING}", number=signal.SIGUSR1)
    run.start()
    try:
        assert run.line() == "got\n"
        place.rename(tmp_path / "aside")
        (tmp_path / "next").mkdir()
        (tmp_path / "next" / "value").write_text("1")
        (tmp_path / "next").rename(place)
        time.sleep(2.5)
        begin = time.monotonic()
        for value in ("2", "3", "4"):
            run.change(value)
            assert run.line() == "usr\n"
        assert time.monotonic() - begin < 3
    finally:
        run.child.kill()
        run.child.communicate()


def test_program_that_ignores_sigterm_is_killed_after_the_grace(runs: Callable[..., Run]) -> None:
    """Not before."""
    run = runs(f"trap '' TERM; echo got $V $$; {LASTING}", grace=0.4)
    process = run.line().split()[2]
    begin = time.monotonic()
    run.change("2")
    assert run.line().startswith("got 2")
    assert time.monotonic() - begin > 0.4
    assert gone(process)


def test_killed_while_it_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    """Keeper and program of a suspended job go with it."""
    run = Run(tmp_path, "echo got $$; exec sleep 60", outputs="[1, 2]")
    process, terminal = pty.fork()
    if not process:
        words = [sys.executable, "-c", JOB, *run.words]
        os.execve(words[0], words, ENVIRONMENT)
    program = until(terminal, r"got \d+\s").split()[-1]
    time.sleep(0.3)
    os.write(terminal, b"\x1a")
    until(terminal, r"happened \d+\s")
    assert gone(program)
    os.close(terminal)
    os.waitpid(process, 0)


def test_what_a_program_started_ends_with_it(runs: Callable[..., Run]) -> None:
    """Orphans of it too; not what has a session of its own, nor what was there before."""
    script = (
        "sleep 60 & echo $!; (sleep 61 & echo $!); setsid sleep 62 & echo $!; "
        f"echo got $V; {LASTING}"
    )
    run = runs(script, "sleep 63 & echo $!;", grace=30)
    other, *inner = [run.line().strip() for _ in range(4)]
    assert run.line() == "got 1\n"
    begin = time.monotonic()
    run.change("2")
    again = [run.line().strip() for _ in range(3)]
    assert run.line() == "got 2\n"
    assert time.monotonic() - begin < 20  # by SIGTERM, and nothing is waited for that has ended
    try:
        assert gone(inner[0])
        assert gone(inner[1])
        assert not [each for each in (other, inner[2], *again) if has_ended(each)]
    finally:
        for each in (other, *inner, *again):
            with suppress(ProcessLookupError):
                os.kill(int(each), signal.SIGKILL)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("number", [0, signal.SIGUSR1])
def test_program_of_another_user_goes_on(
    runs: Callable[..., Run], tmp_path: Path, number: int
) -> None:
    """It is told once; signals are not passed on to it, and it ends as it likes."""
    script = f"trap 'echo got' TERM USR1; echo begun; {until_there(tmp_path / 'go')}; exit 7"
    run = runs(script, "export LEFT=1;", number=number, grace=0.1)
    assert run.line() == "begun\n"
    run.change("2")
    assert run.child.stderr
    said = run.child.stderr.readline().decode()
    assert said.startswith("secretctl: warning: the command is another user's by now")
    run.change("3")
    time.sleep(0.5)
    run.child.terminate()
    (tmp_path / "go").touch()
    assert run.end() == (7, "")


def test_program_is_signalled_instead(runs: Callable[..., Run]) -> None:
    """It goes on as it is."""
    run = runs(f"trap 'echo hup' HUP; echo got $V $$; {LASTING}", number=signal.SIGHUP)
    assert run.line().startswith("got 1")
    for value in ("2", "3"):
        run.change(value)
        assert run.line() == "hup\n"


@pytest.mark.parametrize("outputs", ["[]", "[1, 2]"])
def test_who_is_to_end_starts_no_other(runs: Callable[..., Run], outputs: str) -> None:
    """A signal that comes while one program is being ended ends the run, as it ended."""
    run = runs(f"trap 'echo term; sleep 0.5; exit 9' TERM; echo got $V; {LASTING}", outputs=outputs)
    assert run.line() == "got 1\n"
    run.change("2")
    assert run.line() == "term\n"
    run.child.terminate()
    assert run.end()[0] == 9


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_who_was_asked_to_end_starts_no_other(runs: Callable[..., Run], number: int) -> None:
    """However long the program takes, and whatever changes meanwhile."""
    trap = f"trap 'echo asked; sleep 0.6; exit 9' {signal.Signals(number).name[3:]}"
    run = runs(f"{trap}; echo got $V; {LASTING}")
    assert run.line() == "got 1\n"
    run.child.send_signal(number)
    assert run.line() == "asked\n"
    run.change("2")
    status, err = run.end()
    assert status == 9
    assert err.count("told to end: its secrets are not followed any more\n") == 1


HANGING_UP = """
import os, pty, signal, sys
shell, terminal = pty.fork()
if not shell:
    job = os.fork()
    if not job:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    signal.sigwait({signal.SIGHUP})
    os.killpg(job, signal.SIGHUP)
    open(os.environ["HUNG_UP"], "w").close()
    os.waitpid(job, 0)
    os._exit(0)
sys.stdin.readline()
os.close(terminal)
os.waitpid(shell, 0)
"""
"""Runs a job of a shell that passes the hang-up of its terminal on by kill(2)."""


@pytest.mark.parametrize("outputs", ["[]", "[1, 2]"])
def test_terminal_that_hangs_up_meanwhile_begins_no_other(tmp_path: Path, outputs: str) -> None:
    """Told by a shell, too, as which it comes from a process."""
    told, hung_up = tmp_path / "told", tmp_path / "hung-up"
    script = (
        f"trap 'echo term >> {told}; {until_there(hung_up)}; exit' TERM; trap 'exit' HUP; "
        f"echo got $V >> {told}; {LASTING}"
    )
    run = Run(tmp_path, script, outputs=outputs)
    words = [sys.executable, "-c", HANGING_UP, *run.words]
    environ = ENVIRONMENT | {"HUNG_UP": str(hung_up)}
    shell = subprocess.Popen(words, env=environ, stdin=subprocess.PIPE)
    begun(told, "got 1\n")
    run.change("2")
    begun(told, "got 1\nterm\n")
    shell.communicate(b"\n", timeout=20)
    assert told.read_text() == "got 1\nterm\n"


def begun(told: Path, text: str) -> None:
    """Wait until a file holds *text*."""
    for _ in range(1500):
        if told.exists() and told.read_text() == text:
            return
        time.sleep(0.02)
    raise AssertionError(told.read_text())


def test_program_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """A program that was removed meanwhile cannot be run again."""
    program = tmp_path / "program"
    program.symlink_to(SHELL)
    run = Run(tmp_path, "echo begun; exec sleep 60")
    run.words[-3] = str(program)
    run.start()
    assert run.line() == "begun\n"
    program.unlink()
    run.change("2")
    assert run.child.wait(20) not in (0, -signal.SIGKILL)
    run.child.communicate()


def test_output_of_both_is_masked_and_in_order(runs: Callable[..., Run]) -> None:
    """What one has written goes out before the next begins."""
    script = f"trap 'echo last hunter22; exit 0' TERM; echo got $V hunter22; {LASTING}"
    run = runs(script, outputs="[1, 2]")
    assert run.line() == "got 1 ***\n"
    run.change("2")
    assert [run.line(), run.line()] == ["last ***\n", "got 2 ***\n"]
    run.child.terminate()
    assert run.end()[0] == 0


def test_no_descriptor_is_left_open(runs: Callable[..., Run]) -> None:
    """However often a program is run again."""
    run = runs("echo got $V $PPID; exec sleep 60", outputs="[1, 2]")
    process = run.line().split()[2]
    first = settled(process)
    for value in ("2", "3", "4"):
        run.change(value)
        assert run.line().split()[2] == process
        await_descriptors(process, first)


def settled(process: str | int) -> int:
    """Return how many descriptors a process has open once that does not change any more."""
    counts = [-1, -2, -3]
    while len(set(counts[-3:])) > 1:
        time.sleep(0.1)
        counts.append(len(os.listdir(f"/proc/{process}/fd")))
    return counts[-1]


def await_descriptors(process: str | int, count: int) -> None:
    """Wait until a process has *count* descriptors open."""
    ends = time.monotonic() + 20
    while (found := settled(process)) != count:
        assert time.monotonic() < ends, f"{found} descriptors, not {count}"


JOB = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
process = os.fork()
if not process:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
_, status = os.waitpid(process, os.WUNTRACED)
os.tcsetpgrp(0, os.getpgrp())
print("happened", os.WSTOPSIG(status) if os.WIFSTOPPED(status) else os.WTERMSIG(status), flush=True)
if os.WIFSTOPPED(status):
    os.killpg(process, signal.SIGKILL)
signal.pause()  # what was shown would go with the leader of the session
"""
"""Runs a job as a shell does, until it stops or ends; stays until the terminal hangs up."""

STEALING = """
import os, signal, time, tty
tty.setraw(0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.setpgid(0, 0)
os.tcsetpgrp(0, os.getpgrp())
print("ready", flush=True)
time.sleep(60)
"""
"""Leaves the terminal to nobody, in another mode."""


@pytest.mark.parametrize("outputs", ["[]", "[1, 2]"])
@pytest.mark.parametrize(("key", "number"), [(b"\x03", signal.SIGINT), (b"\x1a", signal.SIGTSTP)])
def test_terminal_is_the_next_ones(tmp_path: Path, outputs: str, key: bytes, number: int) -> None:
    """Modes and foreground job are as before, whatever the one that was ended made of them."""
    steal = shlex.join([sys.executable, "-c", STEALING])
    script = f"[ $V = 2 ] || {steal}; stty -a | grep -o -e '-*icanon'; exec sleep 60"
    run = Run(tmp_path, script, grace=0.3, outputs=outputs)
    process, terminal = pty.fork()
    if not process:
        words = [sys.executable, "-c", JOB, *run.words]
        os.execve(words[0], words, ENVIRONMENT)
    until(terminal, "ready")
    run.change("2")
    assert "-icanon" not in until(terminal, "icanon")
    time.sleep(0.3)
    os.write(terminal, key)
    assert until(terminal, r"happened \d+\s").split()[-1] == str(int(number))
    os.close(terminal)
    os.waitpid(process, 0)


def until(terminal: int, pattern: str) -> str:
    """Return what a terminal shows until *pattern* is found in it."""
    shown = ""
    while not re.search(pattern, shown):
        assert is_readable(terminal, 20), shown
        shown += os.read(terminal, 65536).decode()
    return shown
