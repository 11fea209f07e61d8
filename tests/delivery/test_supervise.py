"""A program under exec, masked or not, ends and stops as it does when it is run bare.

SECRETCTL_TEST_FULL=1 tries every exit status instead of a sample.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import secretctl
from secretctl.delivery.supervise import _pass_on
from secretctl.delivery.supervise_start import Running

ROOT = Path(secretctl.__file__).parents[1]
IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
WAYS = ["bare", "unmasked", "masked", "watched", "beside"]
VALUE = "hunter22"
STOPS = "\x1a"
"""The key that suspends a job."""

COUNTING = (
    f'exec {sys.executable} -c "from signal import *; pthread_sigmask(SIG_BLOCK, {{SIGINT}}); '
    "print('ready', flush=True); sigwaitinfo({SIGINT}); n = 1\n"
    'while sigtimedwait({SIGINT}, 0.5): n += 1\nraise SystemExit(n)"'
)
"""Ends with the number of interrupts it got."""

DRIVER = """
import json, os, signal, sys, threading
from secretctl.context import of_process
from secretctl.delivery import (
    execute, masking, noticing, run_files, run_folder, supervise, supervise_beside,
    supervise_start, watching
)
from secretctl.errors import SecretctlError

def run(way, argv):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if way == "bare":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.execvp(argv[0], argv)
    context = of_process()
    try:
        path = execute.resolved(argv[0], context.environ)
        program = execute.prepared(context, {"V": "hunter22"}, path, argv, pristine=False)
        if way == "unmasked":
            execute.replace(program, context)
        if way == "files":
            value = run_files.Value("F", "F", b"hunter22")
            files = run_files.Wanted(
                run_folder.bases({})[0], "file", (value,), os.urandom
            ).placed
            nothing = masking.searched([])
            supervise.wait(supervise_start.start(program, [], nothing, context, files), context)
        patterns = masking.searched([b"hunter22"])
        outputs = [1, 2]
        if way == "watched":
            around = watching.surroundings()
            running = supervise_start.start(program, [], patterns, context)
            watch = watching.Watch("/", noticing.stamp("/"), watching.Found)
            watching.run(running, watch, around, context)
        if way == "beside":
            paused = threading.Event()
            def work():
                paused.wait()
                paused.clear()
            running = supervise_start.start(program, [], masking.searched([]), context)
            ended = supervise_beside.awaited(running, work, paused.set)
            supervise.has_ended(running, context)
            supervise.end(running, ended, context)
        supervise.wait(supervise_start.start(program, outputs, patterns, context), context)
    except SecretctlError as error:
        os._exit(error.exit_status)

def status(way, argv):
    pid = os.fork()
    if not pid:
        run(way, argv)
    return os.waitpid(pid, 0)[1] & ~128  # whether there was a core is not compared

def job(told, way, argv):
    "Run a job as a shell does, in the foreground, continued whenever it stops; tell what happened."
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    pid = os.fork()
    if not pid:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        run(way, argv)
    happened = []
    while True:
        status = os.waitpid(pid, os.WUNTRACED)[1] & ~128
        happened.append(status)
        if not os.WIFSTOPPED(status):
            return happened
        os.tcsetpgrp(0, os.getpgrp())
        os.tcsetpgrp(0, pid)
        os.killpg(pid, signal.SIGCONT)
        open(told + ".continued", "w").close()

if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "run":
        run(rest[0], rest[1:])
    if kind == "table":
        print(json.dumps([[status(*case) for case in row] for row in json.loads(rest[0])]))
    if kind == "job":
        happened = job(rest[0], rest[1], rest[2:])
        with open(rest[0], "w") as file:
            json.dump(happened, file)
        signal.pause()  # what was shown would go with the leader of the session
"""
UNTIL_GO = "read -r line <$GO"
"""Waits, without another process, until what was typed has had its effect."""

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
PYTHON = [sys.executable, "-c", DRIVER]


def statuses(programs: list[list[str]]) -> list[list[int]]:
    """Return how each program ended, run in each of the ways."""
    table = json.dumps([[(way, program) for way in WAYS] for program in programs])
    done = subprocess.run(
        [*PYTHON, "table", table], env=ENVIRONMENT, capture_output=True, timeout=120, check=True
    )
    found: list[list[int]] = json.loads(done.stdout.splitlines()[-1])
    return found


def is_readable(number: int, seconds: float) -> bool:
    """Wait for something to read; unlike select(2), of any descriptor."""
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def started(way: str, script: str, **more: object) -> "subprocess.Popen[bytes]":
    """Start a shell's *script*, its outputs piped."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # options are open
        [*PYTHON, "run", way, "sh", "-c", script],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


def test_every_exit_status_is_the_programs() -> None:
    """0 to 255."""
    sample = {*range(0, 256, 15), 1, 2, *range(124, 132)}
    codes = range(256) if IS_FULL else sorted(sample)
    found = statuses([["sh", "-c", f"exit {code}"] for code in codes])
    assert found == [[code << 8] * len(WAYS) for code in codes]


def test_death_by_any_signal_is_the_programs() -> None:
    """Whoever waits for us sees the signal itself, not a number above 128."""
    stopping = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
    numbers = map(int, sorted(signal.valid_signals() - stopping))
    found = statuses([["sh", "-c", f"kill -{number} $$; exit 3"] for number in numbers])
    assert [row for row in found if len(set(row)) > 1] == []
    assert [signal.SIGKILL] * len(WAYS) in found
    assert [signal.SIGRTMIN] * len(WAYS) in found


@pytest.mark.parametrize(("content", "code"), [("#!/bin/nowhere\n", 126), ("\0", 126), (None, 127)])
@pytest.mark.parametrize("way", WAYS[1:])
def test_program_that_cannot_run_is_told_apart(
    tmp_path: Path, way: str, content: str | None, code: int
) -> None:
    """126 where there is one, 127 where there is none."""
    program = tmp_path / "program"
    if content is not None:
        program.write_text(content)
        program.chmod(0o755)
    done = subprocess.run([*PYTHON, "run", way, program], env=ENVIRONMENT, timeout=30, check=False)
    assert done.returncode == code


@pytest.mark.parametrize("way", [*WAYS, "files"])
def test_every_signal_reaches_the_program(way: str) -> None:
    """Sent to our process alone, each arrives once; SIGCHLD too."""
    program = (
        "import signal\n"
        "all = signal.valid_signals() - {9, 19}\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, all)\n"
        "print('ready', flush=True)\n"
        "for _ in all: print(int(signal.sigwait(all)), flush=True)\n"
        "print(signal.sigpending())\n"
    )
    child = subprocess.Popen(
        [*PYTHON, "run", way, sys.executable, "-c", program],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
    )
    assert child.stdout
    assert child.stdout.readline() == b"ready\n"
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        child.send_signal(number)
        assert int(child.stdout.readline()) == number
    assert child.stdout.read() == b"set()\n"
    assert child.wait(20) == 0
    child.stdout.close()


def test_what_the_terminal_sent_is_not_repeated() -> None:
    """An interrupt of the kernel has reached the whole job; one of a process only us."""
    child = subprocess.Popen(["sleep", "60"])
    running = Running(child.pid, child.pid, -1, -1)
    _pass_on(signal.struct_siginfo((signal.SIGINT, 128, 0, 1, 0, 0, 0)), running)
    time.sleep(0.2)
    assert child.poll() is None
    _pass_on(signal.struct_siginfo((signal.SIGINT, 0, 0, 1, 0, 0, 0)), running)
    assert child.wait(10) == -signal.SIGINT


def test_one_signal_tells_of_all_that_have_ended() -> None:
    """Who ends at the same time as the program is reaped with it: no other signal would come."""
    code = (
        "import os, signal, time\n"
        "from secretctl.delivery.supervise import hear\n"
        "from secretctl.delivery.supervise_start import Running, take_signals\n"
        "take_signals()\n"
        "children = [os.fork() or os._exit(7) for _ in range(3)]\n"
        "time.sleep(0.3)\n"
        "sent = signal.sigwaitinfo({signal.SIGCHLD})\n"
        "running = Running(children[0], children[0], -1, -1)\n"
        "assert hear(sent, running) == 7 << 8\n"
        "try:\n"
        "    os.waitpid(-1, os.WNOHANG)\n"
        "except ChildProcessError:\n"
        "    print('none left')\n"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, timeout=20, check=True)
    assert done.stdout == b"none left\n"


@pytest.mark.parametrize("way", [*WAYS, "files"])
def test_killing_us_kills_the_program(way: str) -> None:
    """SIGKILL cannot be passed on; the program is gone all the same."""
    child = started(way, "echo ready; exec sleep 60")
    assert child.stdout
    assert child.stdout.readline() == b"ready\n"
    child.kill()
    assert child.wait(10) == -signal.SIGKILL
    assert child.stdout.read() == b""  # at its end: nobody has it open any more
    child.communicate()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("keys", "script", "expected"),
    [
        ("\x03", "echo ready; sleep 9", [signal.SIGINT]),
        ("\x1c", "echo ready; sleep 9", [signal.SIGQUIT]),
        ("\x03", "trap 'exit 5' INT; echo ready; sleep 9", [5 << 8]),
        ("\x03", COUNTING, [1 << 8]),
        ("\x1a\x03", "echo ready; sleep 9", [signal.SIGTSTP << 8 | 127, signal.SIGINT]),
        ("\x1a", f"echo ready; {UNTIL_GO}; exit 4", [signal.SIGTSTP << 8 | 127, 4 << 8]),
        ("\x1a", f"trap '' TSTP; echo ready; {UNTIL_GO}; exit 4", [4 << 8]),
        ("", "kill -STOP $$; exit 6", [signal.SIGSTOP << 8 | 127, 6 << 8]),
        ("", "kill -TTIN $$; exit 6", [signal.SIGTTIN << 8 | 127, 6 << 8]),
    ],
)
def test_keys_of_a_terminal_do_what_they_do(
    tmp_path: Path, way: str, keys: str, script: str, expected: list[int]
) -> None:
    """Interrupted, quit, suspended and continued, as the shell that waits sees it."""
    happened, out = tmp_path / "happened", tmp_path / "out"
    os.mkfifo(tmp_path / "go")
    pid, terminal = pty.fork()
    if not pid:
        with out.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        words = [*PYTHON, "job", str(happened), way, "sh", "-c", script]
        os.execve(sys.executable, words, ENVIRONMENT | {"GO": str(tmp_path / "go")})
    for key in keys:
        _await(lambda: out.exists() and b"ready" in out.read_bytes())
        time.sleep(0.2)
        os.write(terminal, key.encode())
        if key == STOPS and os.WIFSTOPPED(expected[0]):
            _await((tmp_path / "happened.continued").exists)
    time.sleep(0.2 if "GO" in script else 0)
    with (tmp_path / "go").open("r+b", buffering=0) as go:
        go.write(b"\n")
        _await(lambda: happened.exists() and bool(happened.read_text()))
    os.close(terminal)
    os.waitpid(pid, 0)
    assert json.loads(happened.read_text()) == expected


@pytest.mark.parametrize(
    ("keys", "script", "expected"),
    [
        ("\x1a\x03", "echo ready; sleep 9", [signal.SIGTSTP << 8 | 127, signal.SIGINT]),
        ("\x1a", f"echo ready; {UNTIL_GO}; exit 4", [signal.SIGTSTP << 8 | 127, 4 << 8]),
        ("\x03", COUNTING, [1 << 8]),
    ],
)
def test_keys_do_what_they_do_beside_files(
    tmp_path: Path, keys: str, script: str, expected: list[int]
) -> None:
    """Where nothing is masked, but we stay until the program has ended."""
    test_keys_of_a_terminal_do_what_they_do(tmp_path, "files", keys, script, expected)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("keys", "script", "expected"),
    [
        ("", "exit 7", [7 << 8]),
        ("", "kill -TERM $$", [signal.SIGTERM]),
        ("\x03", "echo ready; sleep 9", [signal.SIGINT]),
        ("\x03", "trap 'exit 5' INT; echo ready; sleep 9", [5 << 8]),
        ("\x1a\x03", "echo ready; sleep 9", [signal.SIGTSTP << 8 | 127, signal.SIGINT]),
        ("\x1a", f"echo ready; {UNTIL_GO}; exit 4", [signal.SIGTSTP << 8 | 127, 4 << 8]),
        ("", "kill -STOP $$; exit 6", [signal.SIGSTOP << 8 | 127, 6 << 8]),
        ("\x04", "echo ready; read -r word; exit 2", [2 << 8]),
    ],
)
def test_keys_do_the_same_where_the_program_writes_to_the_terminal(
    tmp_path: Path, way: str, keys: str, script: str, expected: list[int]
) -> None:
    """The terminal it is given instead makes the same of them."""
    assert on_terminal(tmp_path, way, script, keys)[0] == expected


@pytest.mark.parametrize("way", WAYS)
def test_terminal_stays_one(tmp_path: Path, way: str) -> None:
    """Of the same size, also when that changes; with echo of what is typed, masked."""
    script = (
        "test -t 0 && test -t 1 && test -t 2 && stty size; trap 'stty size' WINCH; "
        "printf 'hunt'; echo er22; echo ready; until read -r line; do :; done; echo \"got $line\""
    )
    happened, shown = on_terminal(tmp_path, way, script, ["resize", f"{VALUE} x\n"])
    value = "***" if way == "masked" else VALUE
    lines = ["24 80", value, "ready", "30 99", f"{value} x", f"got {value} x"]
    assert happened == [0]
    assert shown.replace("\r", "").split("\n")[:-1] == lines


def test_streams_to_terminal_and_pipe_are_masked(tmp_path: Path) -> None:
    """Standard output of the terminal, standard error of a file, each its own way."""
    out = tmp_path / "error"
    script = f"test -t 1 && ! test -t 2 && echo ready {VALUE}; echo {VALUE}! >&2"
    assert on_terminal(tmp_path, "masked", script, "", error=out) == ([0], "ready ***\r\n")
    assert out.read_bytes() == b"***!\n"


def on_terminal(
    folder: Path, way: str, script: str, keys: list[str] | str, error: Path | None = None
) -> tuple[list[int], str]:
    """Run a shell's *script* as a job of a terminal; return what happened and what was shown."""
    happened = folder / "happened"
    os.mkfifo(folder / "go")
    pid, terminal = pty.fork()
    if not pid:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        if error:
            os.dup2(os.open(error, os.O_WRONLY | os.O_CREAT), 2)
        words = [*PYTHON, "job", str(happened), way, "sh", "-c", script]
        os.execve(sys.executable, words, ENVIRONMENT | {"GO": str(folder / "go")})
    shown = bytearray()

    def sees(done: Callable[[], bool]) -> Callable[[], bool]:
        def look() -> bool:
            is_done = done()
            while is_readable(terminal, 0):
                shown.extend(os.read(terminal, 65536))
            return is_done

        return look

    _await(sees(lambda: b"ready" in shown or happened.exists()))
    for key in keys:
        time.sleep(0.3)
        if key == "resize":
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 99, 0, 0))
            _await(sees(lambda: b"30 99" in shown))
        else:
            os.write(terminal, key.encode())
        if key == STOPS:
            _await(sees((folder / "happened.continued").exists))
    with (folder / "go").open("r+b", buffering=0) as go:
        go.write(b"\n")
        _await(sees(lambda: happened.exists() and bool(happened.read_text())))
    os.close(terminal)
    os.waitpid(pid, 0)
    return json.loads(happened.read_text()), shown.decode()


def _await(is_so: Callable[[], bool]) -> None:
    for _ in range(3000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("way", WAYS)
def test_program_in_the_background_goes_on_writing(tmp_path: Path, way: str) -> None:
    """We end with the program, and what it left behind still writes, masked as before."""
    late = f"while ! test -e {tmp_path}/go; do sleep 0.02; done; echo late {VALUE}"
    child = started(way, f"({late}) & echo soon; exit 3")
    assert child.wait(10) == 3
    (tmp_path / "go").touch()
    shown = "***" if way == "masked" else VALUE
    assert child.stdout
    assert child.stdout.read().decode() == f"soon\nlate {shown}\n"
    child.communicate()


def test_all_output_has_gone_out_when_we_end() -> None:
    """However much the program writes at last, to both streams."""
    child = started("masked", "head -c 3000000 /dev/zero >&2; printf end", bufsize=0)
    out, error = child.communicate(timeout=20)
    assert (len(error), out, child.returncode) == (3_000_000, b"end", 0)


def test_streams_are_apart_and_masked() -> None:
    """A value over two writes, on each stream."""
    half = "printf hunt; printf hunt >&2; sleep 0.1; echo er22.; echo er22! >&2"
    assert started("masked", half).communicate(timeout=10) == (b"***.\n", b"***!\n")


def test_a_writer_that_does_not_block_waits_at_any_descriptor() -> None:
    """Another program may have made what we write to so, and it may lie beyond select(2)."""
    code = (
        "import fcntl, os, resource, sys\n"
        "from secretctl.delivery.supervise_relay import write_all\n"
        "most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))\n"
        "target = fcntl.fcntl(1, fcntl.F_DUPFD, 1100)\n"
        "os.set_blocking(target, False)\n"
        "write_all(target, bytes(300_000))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], env=ENVIRONMENT, stdout=subprocess.PIPE
    ) as child:
        time.sleep(0.5)
        assert len(child.communicate(timeout=20)[0]) == 300_000
    assert child.returncode == 0


def test_streams_of_one_file_stay_in_order() -> None:
    """Where both outputs are one pipe, lines come as they were written."""
    script = "for n in 1 2 3 4 5 6 7 8 9; do echo out; echo error >&2; done"
    child = subprocess.Popen(
        [*PYTHON, "run", "masked", "sh", "-c", script],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert child.communicate(timeout=10)[0] == b"out\nerror\n" * 9


@pytest.mark.parametrize("way", WAYS)
def test_reader_that_goes_ends_the_program(way: str) -> None:
    """By SIGPIPE, whether it still writes or has just finished."""
    for script in ("exec yes", "sleep 0.2; exec echo finished"):
        child = started(way, script)
        assert child.stdout
        child.stdout.close()
        assert child.wait(10) == -signal.SIGPIPE
        assert child.stderr
        assert child.stderr.read() == b""
        child.stderr.close()


def test_full_disk_is_an_error() -> None:
    """A program that ended well did not if what it wrote is lost."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PYTHON, "run", "masked", "echo", "x"],
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=10,
            check=False,
        )
    assert done.returncode == 255
    assert b"could not be written: no space left" in done.stderr


IN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]


@pytest.mark.parametrize("way", ["masked", "watched"])
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("exit 7", 7),
        ("trap 'exit 9' TERM; kill -TERM 1; sleep 5 & wait; exit 1", 9),
        ("kill -9 $$", 128 + 9),
        ("(true &); sleep 0.2; ! grep -q '^State:.Z' /proc/[0-9]*/status", 0),
    ],
)
def test_first_process_of_a_container_passes_on_and_reaps(script: str, code: int, way: str) -> None:
    """As process 1: statuses, signals that default to nothing there, and orphans."""
    if subprocess.run([*IN_NAMESPACE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces here")
    done = subprocess.run(
        [*IN_NAMESPACE, *PYTHON, "run", way, "sh", "-c", script],
        env=ENVIRONMENT,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == code, done.stderr
