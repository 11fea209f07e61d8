"""Values in files: what a program finds, and that nothing of it is left on any way out."""

import os
import random
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import secretctl
from secretctl.delivery import run_folder
from secretctl.delivery.run_files import Value, Wanted
from secretctl.errors import NoRoomError

ROOT = Path(secretctl.__file__).parents[1]
TEXT = "canary-3f7a\nsecond line\n"
BINARY = bytes(range(256)) * 200
LARGE = "x" * 60_000
DRIVER = f"""
import os, sys
from secretctl.cli.exec import perform, split
from secretctl.context import of_process
from secretctl.delivery import supervise
from secretctl.delivery.execute import resolved
from secretctl.errors import SecretctlError

VALUES = {{"text": {{"SecretString": {TEXT!r}}}, "large": {{"SecretString": "x" * 60_000}},
          "binary": {{"SecretBinary": bytes(range(256)) * 200}}}}
request, context = split(sys.argv[1:]), of_process()
try:
    program = resolved(request.command[0], context.environ)
    read = lambda asked: [VALUES[each["SecretId"]] for each in asked]
    supervise.wait(perform(request, program, read, lambda *_: None, context), context)
except SecretctlError as error:
    print(error.message, *error.hints, sep="\\n", file=sys.stderr)
    os._exit(error.exit_status)
"""
"""Runs exec with secrets that no vault has to be opened for."""

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
_TRIED = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
HAS_NAMESPACES = _TRIED.returncode == 0
if not HAS_NAMESPACES:
    sys.stderr.write("WARNING: no namespaces: full and missing memory file systems are LEFT OUT\n")
HAS_STRACE = shutil.which("strace") is not None
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: kills at single system calls are LEFT OUT\n")
KINDS = ("file", "fifo")
ENDING = {
    number
    for number in signal.valid_signals()
    if number <= signal.SIGSYS
    and number
    not in {
        *(signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH),
        *(signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    }
}
"""Signals that end a process which does not care for them."""

CALLS = {
    "file": ("mkdirat", "flock", "setsid", "write", "pwrite64", "unlinkat"),
    "fifo": ("mknodat", "renameat,renameat2", "write", "close"),
}


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A folder in memory for us alone, as a login makes one."""
    folder = Path("/dev/shm", f"test-{secrets.token_hex(8)}")
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


def command(runtime: Path | str, *words: str) -> tuple[list[str], dict[str, str]]:
    """Return how exec is started with *words*, and its environment."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": str(runtime)}
    return [sys.executable, "-c", DRIVER, *words], environ


def run(runtime: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[bytes]":
    """Run exec with *words*."""
    argv, around = command(runtime, *words)
    return subprocess.run(
        argv, env=around | environ, capture_output=True, timeout=60, check=False, cwd=runtime
    )


def started(runtime: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Start exec with *words*, and wait for the program to say something."""
    argv, environ = command(runtime, *words)
    child = subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def shell(script: str, *words: str) -> list[str]:
    """Return the words that run *script* with the text in a file."""
    return ["--file", "V=text", *words, "--", "sh", "-c", script]


def is_soon_empty(folder: Path) -> bool:
    """Tell whether nothing is in *folder* within some seconds."""
    for _ in range(2000):
        if not os.listdir(folder):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("source", ["text", "binary", "large"])
@pytest.mark.parametrize("kind", ["file", "fifo", "descriptor"])
def test_program_finds_exactly_the_bytes(runtime: Path, kind: str, source: str) -> None:
    """As often as it opens the path, in whatever way the value is handed over."""
    script = "cat $V && cat < $V && dd if=$V bs=64k iflag=fullblock status=none"
    words = [f"--file=V={source}", "--file-kind", kind, "--", "sh", "-c", script]
    values = {"text": TEXT.encode(), "binary": BINARY, "large": LARGE.encode()}
    done = run(runtime, *words)
    assert done.stderr == b""
    assert done.stdout == values[source] * 3
    assert os.listdir(runtime) == []


def test_file_is_private_and_named_as_asked_for(runtime: Path) -> None:
    """0600 in a folder of 0700 below the folder of the login; other files go by their variable."""
    script = "stat -c '%a %F %n' $(dirname $A) $A $B"
    words = ["--file", "A=text", "--file", "B=text", "--file-name", "A=tls key.pem"]
    done = run(runtime, *words, "--", "sh", "-c", "IFS=; " + script)
    folder, first, second = done.stdout.decode().splitlines()
    path = folder.removeprefix("700 directory ")
    assert Path(path).parent == runtime
    assert [first, second] == [f"600 regular file {path}/{name}" for name in ("tls key.pem", "B")]


def test_descriptor_is_sealed_private_and_has_no_name(runtime: Path) -> None:
    """The program replaces us, and nothing is there to be removed."""
    script = (
        "stat -Lc '%a %h' $V; readlink $V; echo | dd of=$V conv=notrunc status=none 2>&1; "
        f"ls -A {runtime}; echo $PPID"
    )
    done = run(runtime, *shell(script, "--file-kind=descriptor"))
    *shown, parent = done.stdout.decode().splitlines()
    assert shown[:2] == ["600 0", "/memfd:V (deleted)"]
    assert shown[2].endswith("Operation not permitted")
    assert len(shown) == 3
    assert int(parent) == os.getpid()


def test_pipe_serves_whoever_opens_it(runtime: Path) -> None:
    """One reader dawdles, one reads a byte only, and the third gets all."""
    opened = "until [ $(stat -c %i $V) != $had ]; do :; done; had=$(stat -c %i $V)"  # a new pipe
    script = f"had=0; {opened}; exec 3< $V; {opened}; head -c 1 $V >/dev/null; {opened}; "
    script += "cat $V; cat <&3; test -p $V"
    done = run(runtime, *shell(script, "--file-kind", "fifo"))
    assert (done.returncode, done.stdout) == (0, TEXT.encode() * 2)


def test_pipe_that_the_program_replaces_is_left_to_it(runtime: Path) -> None:
    """Nothing is written into a file that took its place, and the folder goes all the same."""
    script = "cat $V; rm $V; echo mine > $V; cat $V; sleep 0.2; cat $V"
    done = run(runtime, *shell(script, "--file-kind", "fifo"))
    assert done.stdout == TEXT.encode() + b"mine\nmine\n"
    assert os.listdir(runtime) == []


@pytest.mark.parametrize("kind", ["file", "fifo", "descriptor"])
def test_value_of_a_file_is_masked(runtime: Path, kind: str) -> None:
    """Its lines, whether it is text or not."""
    words = ["--file", "B=binary", "--file-kind", kind, "--mask"]
    done = run(runtime, *shell("cat $V; echo; cat $B", *words))
    assert (done.stdout, done.stderr) == (b"***\n***", b"")


def test_short_value_of_a_file_is_named_as_others_are(runtime: Path) -> None:
    """Masking says what it leaves as it is; paths are no secrets."""
    done = run(runtime, *shell("echo $V", "--mask"))
    assert done.stdout.startswith(str(runtime).encode())


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_when_the_program_ends(runtime: Path, kind: str) -> None:
    """Whatever its status or signal is, which is ours too, and whatever it made there."""
    for end, status in (("exit 7", 7), ("kill -9 $$", -9), ("kill -TERM $$", -15)):
        script = f"cd $(dirname $V); mkdir -p a/b; cp $V a/b/c; chmod 500 a; ln -s / l; {end}"
        done = run(runtime, *shell(script, "--file-kind", kind))
        assert (done.returncode, os.listdir(runtime)) == (status, [])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_when_the_program_cannot_run(runtime: Path, kind: str) -> None:
    """126 and 127, found before and after files were made."""
    program = runtime / "program"
    for content, code in (("#!/bin/nowhere\n", 126), ("\x7fELF", 126), (None, 127)):
        program.unlink(missing_ok=True)
        if content is not None:
            program.write_text(content)
            program.chmod(0o755)
        done = run(runtime, "--file=V=text", f"--file-kind={kind}", "--", str(program))
        assert done.returncode == code
        assert [name for name in os.listdir(runtime) if name != "program"] == []


@pytest.mark.parametrize(
    ("kind", "masked", "signals"),
    [
        ("file", "--no-mask", ENDING),
        ("file", "--mask", {signal.SIGTERM, signal.SIGKILL}),
        ("fifo", "--no-mask", {signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV}),
    ],
    ids=["file", "file masked", "fifo"],
)
def test_nothing_is_left_after_any_signal(
    runtime: Path, kind: str, masked: str, signals: set[signal.Signals]
) -> None:
    """Each signal that ends a process ends the program and us, and the files are gone."""
    for number in signals:
        words = shell("echo ready; exec sleep 60", "--file-kind", kind, masked)
        child = started(runtime, *words)
        child.send_signal(number)
        assert child.wait(10) == -number
        assert number == signal.SIGKILL or os.listdir(runtime) == []
        child.communicate()
        assert is_soon_empty(runtime), number


def test_interrupt_before_the_program_runs_leaves_nothing(runtime: Path) -> None:
    """A signal waits until the files are gone again or the program takes it."""
    argv, environ = command(runtime, *shell("exec sleep 60"))
    chance = random.Random(5)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) * 3:
        child = subprocess.Popen(argv, env=environ, stderr=subprocess.DEVNULL)
        time.sleep(0.05 + chance.random() / 8)
        child.send_signal(number)
        assert child.wait(10) != 0
        assert os.listdir(runtime) == []


def test_whoever_kills_us_at_any_moment_leaves_nothing_for_long(runtime: Path) -> None:
    """Kill -9 from the first moments on: the program dies too, and the guard removes the rest."""
    argv, environ = command(runtime, *shell("exec sleep 60"))
    chance = random.Random(7)
    for _ in range(10):
        child = subprocess.Popen(argv, env=environ)
        time.sleep(0.05 + chance.random() / 8)
        child.kill()
        child.wait()
        reap_in(runtime)  # a folder that had no guard yet
        assert is_soon_empty(runtime)


def test_whoever_kills_our_whole_job_leaves_nothing(runtime: Path) -> None:
    """The guard is of no job: a shell that kills one does not reach it."""
    argv, environ = command(runtime, *shell("echo ready; exec sleep 60"))
    with subprocess.Popen(
        argv, env=environ, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        os.killpg(child.pid, signal.SIGKILL)
    assert is_soon_empty(runtime)


@pytest.mark.skipif(not HAS_STRACE, reason="needs strace")
@pytest.mark.parametrize("kind", KINDS)
def test_kill_at_single_calls_leaves_nothing_that_is_not_reaped(runtime: Path, kind: str) -> None:
    """Of making, serving and removing, in our process or the guard's, whichever comes to it."""
    argv, environ = command(
        runtime, *shell("timeout 0.5 cat $V; timeout 0.5 cat $V; true", "--file-kind", kind)
    )
    found = set()
    for call in CALLS[kind]:
        for when in (1, 2, 3):
            inject = f"inject={call}:signal=KILL:when={when}"
            words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
            done = subprocess.run(
                [*words, *argv], env=environ, capture_output=True, timeout=30, check=False
            )
            found.add(done.returncode)
            reap_in(runtime)
            assert is_soon_empty(runtime), (call, when)
    assert found >= {0, -signal.SIGKILL}


def reap_in(runtime: Path) -> None:
    """Do as the next run does first."""
    found = run_folder.bases({"XDG_RUNTIME_DIR": str(runtime)})
    run_folder.reap(found[0])
    for each in found:
        os.close(each.handle)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_killed_with_its_guard_is_reaped_by_the_next_run(runtime: Path, kind: str) -> None:
    """All processes at once, as when a container or a unit of systemd is killed."""
    child = started(runtime, *shell("echo ready; exec sleep 60", "--file-kind", kind))
    child.send_signal(signal.SIGSTOP)  # else it may see that the program has ended, and clear up
    for pid in descendants(child.pid):
        os.kill(pid, signal.SIGKILL)
    child.kill()
    child.communicate()
    assert len(os.listdir(runtime)) == 1
    living = started(runtime, *shell("echo ready; exec sleep 60"))
    assert len(os.listdir(runtime)) == 1
    assert run(runtime, *shell("cat $V")).stdout == TEXT.encode()
    assert len(os.listdir(runtime)) == 1
    living.terminate()
    living.communicate()
    assert os.listdir(runtime) == []


def descendants(pid: int) -> list[int]:
    """Return the children of a process and theirs."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in map(int, children) for found in (child, *descendants(child))]


def test_the_guard_keeps_nothing_open_that_is_not_its_own(runtime: Path) -> None:
    """The pipe to us, the folder and the one above: whoever reads our output waits for no guard."""
    child = started(runtime, *shell("echo ready; exec sleep 60"))
    guard = min(descendants(child.pid))
    links = sorted(os.readlink(link) for link in Path(f"/proc/{guard}/fd").iterdir())
    assert len(links) == 3
    assert links[0] == str(runtime)
    assert links[1].startswith(f"{runtime}/secretctl-run-")
    assert links[2].startswith("pipe:")
    child.kill()
    child.communicate()


def test_what_the_program_leaves_behind_finds_nothing(runtime: Path, tmp_path: Path) -> None:
    """The files are there as long as the program runs; what is open is empty then."""
    go = tmp_path / "go"
    late = f"until [ -e {go} ]; do sleep 0.02; done; cat <&3; test -e $V || echo gone"
    script = f"exec 3< $V; ({late}) & exit 4"
    argv, environ = command(runtime, *shell(script))
    child = subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE)
    assert child.wait(10) == 4
    assert os.listdir(runtime) == []
    go.touch()
    assert child.communicate()[0] == b"gone\n"


def in_namespace(
    setup: str, runtime: Path, words: list[str]
) -> "subprocess.CompletedProcess[bytes]":
    """Run *setup* as root of a namespace of its own, then exec with *words*."""
    argv, environ = command(runtime, *words)
    script = f'{setup}; "$@"; status=$?; find {runtime} /dev/shm -mindepth 1 >&2; exit $status'
    return subprocess.run(
        [*NAMESPACE, "sh", "-ec", script, "sh", *argv],
        env=environ,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not HAS_NAMESPACES, reason="needs mount namespaces")
@pytest.mark.parametrize("options", ["size=16k", "nr_inodes=2", "ro"])
def test_full_memory_is_an_error_and_leaves_nothing(runtime: Path, options: str) -> None:
    """Half a value is no value: it is removed, and the program does not run."""
    setup = f"mount -t tmpfs -o mode=700,{options} none {runtime}"
    words = ["--file", "A=large", "--file", "B=large", "--", "echo", "ran"]
    done = in_namespace(setup, runtime, words)
    assert (done.returncode, done.stdout) == (252, b"")
    assert done.stderr.startswith(f"no files can be made in '{runtime}': ".encode())
    assert b"secretctl-run" not in done.stderr


@pytest.mark.parametrize("kind", ["file", "descriptor"])
def test_limit_on_the_size_of_files_is_an_error_and_leaves_nothing(
    runtime: Path, kind: str
) -> None:
    """It cuts a value in two, as a full file system does."""
    argv, environ = command(runtime, "--file=A=large", f"--file-kind={kind}", "--", "echo", "ran")
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 32; exec "$@"', "sh", *argv],
        env=environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (252, b"")
    assert b"file too large" in done.stderr
    assert b"ulimit -f is too small for the value: --file-kind fifo" in done.stderr
    assert os.listdir(runtime) == []


@pytest.mark.parametrize(("limit", "status"), [(21, 252), (22, 0)])
def test_limit_on_descriptors_is_named(runtime: Path, limit: int, status: int) -> None:
    """With how many there have to be for two files."""
    words = ["--file=A=text", "--file=B=text", "--file-kind=descriptor", "--", "true"]
    argv, environ = command(runtime, *words)
    done = subprocess.run(
        ["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh", *argv],
        env=environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status
    said = b"too many open files\nulimit -n has to be more than 20 by the number of files\n"
    assert done.stderr.endswith(said) or (not status and not done.stderr)


@pytest.mark.skipif(not HAS_NAMESPACES, reason="needs mount namespaces")
def test_what_cannot_be_removed_is_named(runtime: Path) -> None:
    """With the status of the program, which has mounted something there."""
    words = shell("mount -t tmpfs none ${V%/*} && exit 3")
    done = in_namespace("true", runtime, words)
    assert done.returncode == 3
    assert f"warning: '{runtime}/secretctl-run-".encode() in done.stderr
    assert b"cannot be removed, and may hold values" in done.stderr
    assert b"warning" not in run(runtime, *shell("exit 3")).stderr


@pytest.mark.skipif(not HAS_NAMESPACES, reason="needs mount namespaces")
def test_without_memory_there_is_no_file(tmp_path: Path) -> None:
    """Nothing is written to a disk; a descriptor needs no such place."""
    (tmp_path / "disk").mkdir(mode=0o700)
    setup = f"mount --bind {tmp_path}/disk /dev/shm"
    done = in_namespace(setup, tmp_path / "disk", shell("echo ran"))
    assert (done.returncode, done.stdout) == (252, b"")
    assert b"no folder in memory" in done.stderr
    assert b"--file-kind descriptor" in done.stderr
    done = in_namespace(setup, tmp_path / "disk", shell("cat $V", "--file-kind=descriptor"))
    assert done.stdout == TEXT.encode()


def test_value_is_in_no_repr() -> None:
    """A traceback or a debugger shows names only."""
    assert TEXT not in repr(Value("A", "a", TEXT.encode()))


def test_files_are_renewed_all_or_none(tmp_path: Path) -> None:
    """Where there is no room for one of them all stay, and nothing lies beside them."""
    base = run_folder.Base(str(tmp_path), os.open(tmp_path, os.O_RDONLY))
    opened = len(os.listdir("/proc/self/fd"))

    def wanted(*contents: bytes) -> Wanted:
        values = [
            Value(name, name.lower(), each) for name, each in zip("AB", contents, strict=True)
        ]
        return Wanted(base, "file", tuple(values), os.urandom)

    placed = wanted(b"1", b"2").placed()
    place = Path(placed.folder.path)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most[1]))
    try:
        with pytest.raises(NoRoomError, match="no files can be made"):
            placed.renew(wanted(b"3", b"4" * 2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert {each.name: each.read_bytes() for each in place.iterdir()} == {"a": b"1", "b": b"2"}
    placed.renew(wanted(b"3", b"4" * 2000))
    assert {each.name: len(each.read_bytes()) for each in place.iterdir()} == {"a": 1, "b": 2000}
    placed.put_away()
    assert not place.exists()
    assert len(os.listdir("/proc/self/fd")) == opened
    os.close(base.handle)
