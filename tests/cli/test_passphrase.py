"""Where a passphrase comes from: programs are run with a vault that only a passphrase opens."""

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secretctl.cli import making
from secretctl.cli.passphrase_command import output
from secretctl.errors import UnlockError
from tests.conftest import World, operating, world_in

ROOT = Path(__file__).parents[2]
WORDS = "a passphrase of seven words or so"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose vault is opened by WORDS and holds the secret ``a``, which takes a while."""
    world = world_in(tmp_path_factory.mktemp("made") / "home")
    environ = {**world.context.environ, "SECRETCTL_PASSPHRASE": WORDS}
    context = world.context._replace(environ=environ)
    made = making.make_vault(world.directory, context, with_passphrase=True)
    with operating(context, made.vault) as service:
        service("CreateSecret", Name="a", SecretString="v")
    made.vault.close()
    (world.home / "words").write_text(WORDS)
    (world.home / "words").chmod(0o600)
    return world.home


@pytest.fixture
def locked(made: Path, world: World) -> World:
    """A copy of it."""
    shutil.copytree(made, world.home, dirs_exist_ok=True)
    return world


def run(
    world: World, script: str, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the shell *script*, in which ``$secretctl`` is the program under test."""
    environ = {
        "HOME": str(world.home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "python": sys.executable,
    }
    return subprocess.run(
        ["sh", "-c", f'secretctl="$python -m secretctl"; {script}', "sh", *words],
        env=environ | variables,
        cwd=world.home,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("number", ["3", "03", "9"])
def test_descriptor_gives_the_passphrase_and_is_closed_to_the_program(
    locked: World, number: str
) -> None:
    """What SECRETCTL_PASSPHRASE_FD names is read, and not open in what exec runs."""
    script = f'$secretctl exec a -- sh -c "$1" {int(number)}< words'
    done = run(locked, script, "echo $A; ls -l /proc/$$/fd", SECRETCTL_PASSPHRASE_FD=number)
    assert done.stderr == ""
    assert done.stdout.startswith("v\n")
    assert "words" not in done.stdout


@pytest.mark.parametrize("key_file", [True, False])
def test_standard_input_with_the_passphrase_is_empty_to_the_program(
    locked: World, *, key_file: bool
) -> None:
    """Read or not, the program finds neither the passphrase nor a closed standard input."""
    if key_file:
        added = "$secretctl unlock-slot add --key-file k; export SECRETCTL_KEY_FILE=$PWD/k;"
        assert run(locked, added, SECRETCTL_PASSPHRASE=WORDS).returncode == 0
    script = "$secretctl exec a -- sh -c 'readlink /proc/$$/fd/0; cat' < words"
    given = {"SECRETCTL_KEY_FILE": str(locked.home / "k")} if key_file else {}
    done = run(locked, script, SECRETCTL_PASSPHRASE_FD="0", **given)
    assert (done.stdout, done.stderr) == ("/dev/null\n", "")


@pytest.mark.parametrize("text", [" 3", "+3", "-3", "\u0663", "3x", "1_0", "0x3", "3" * 5000])
def test_what_is_no_number_is_said_to_be_none(locked: World, text: str) -> None:
    """Only ASCII digits are a number, whatever Python takes for one."""
    done = run(locked, "$secretctl list-secrets 3< words", SECRETCTL_PASSPHRASE_FD=text)
    assert done.returncode == 253
    assert "SECRETCTL_PASSPHRASE_FD is not a number" in done.stderr
    assert "SECRETCTL_PASSPHRASE_FD=3 secretctl" in done.stderr


@pytest.mark.parametrize("number", ["1", "3", "4", "5", "6", "7", "999999999"])
def test_the_vaults_own_descriptor_is_not_taken_for_it(locked: World, number: str) -> None:
    """A number that was not open at the start is refused, also when the vault has it by then."""
    done = run(locked, "$secretctl list-secrets", SECRETCTL_PASSPHRASE_FD=number)
    assert done.returncode == 253
    assert "SECRETCTL_PASSPHRASE_FD is not an open file descriptor" in done.stderr


def test_a_descriptor_is_read_once(locked: World) -> None:
    """A second passphrase is not looked for behind what was opened under the number since."""
    script = "$secretctl unlock-slot add --passphrase 3< words"
    done = run(locked, script, SECRETCTL_PASSPHRASE_FD="3")
    assert done.returncode == 253
    assert "is empty, or was read before" in done.stderr
    again = run(locked, "$secretctl list-secrets 3< words", SECRETCTL_PASSPHRASE_FD="3")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("command", "message", "hint"),
    [
        (" ", "is blank", "unset SECRETCTL_PASSPHRASE_COMMAND"),
        ("cat 'words", "has a quote without its other half", ""),
        ("no-such-program-here x", "names no program there is", ""),
        ("/", "cannot be run: Permission denied", ""),
        ("false", "failed: exit status 1", ""),
        ("cat words | head -1", "failed: exit status 1", "sh -c"),
        ("cat $HOME/words", "failed: exit status 1", "sh -c"),
        ("sh -c 'kill -9 $$'", "failed: ended by signal 9", "sh -c"),
        ("yes", "printed more than 4096 bytes", ""),
        ("true", "leads to is empty", ""),
    ],
)
def test_command_that_gives_no_passphrase_is_explained(
    locked: World, command: str, message: str, hint: str
) -> None:
    """What went wrong is said; the command, which may be a passphrase by mistake, is not."""
    done = run(locked, "$secretctl list-secrets", SECRETCTL_PASSPHRASE_COMMAND=command)
    assert done.returncode == 253
    ours = [line for line in done.stderr.splitlines() if line.startswith("secretctl: ")]
    assert message in ours[0]
    assert (hint in ours[-1]) if hint else (len(ours) == 1)
    assert "no-such-program-here" not in done.stderr


def test_command_that_takes_too_long_is_killed() -> None:
    """At the time limit, whether it still prints or has closed its output."""
    for command in ("sleep 60", "sh -c 'exec >&-; sleep 60'"):
        start = time.monotonic()
        with pytest.raises(UnlockError, match=r"X took longer than 0\.2 s"):
            output("X", command, 10, seconds=0.2)
        assert time.monotonic() - start < 10


def test_wrong_passphrase_is_told_with_its_place(locked: World) -> None:
    """The hint names the variable, and the file behind it."""
    (locked.home / "words").write_text("a passphrase of some other words")
    done = run(locked, "$secretctl list-secrets", SECRETCTL_PASSPHRASE_FILE="words")
    assert done.stderr == (
        "secretctl: error: the passphrase does not open this vault\n"
        "secretctl: hint: it comes from SECRETCTL_PASSPHRASE_FILE, 'words'\n"
    )


def test_short_passphrase_is_told_with_its_place(locked: World) -> None:
    """The same of a new one."""
    (locked.home / "short").write_text("short")
    (locked.home / "short").chmod(0o600)
    done = run(
        locked,
        "$secretctl unlock-slot add --passphrase",
        SECRETCTL_PASSPHRASE_FILE="words",
        SECRETCTL_NEW_PASSPHRASE_FILE="short",
    )
    assert done.stderr == (
        "secretctl: error: the passphrase is shorter than 12 characters\n"
        "secretctl: hint: it comes from SECRETCTL_NEW_PASSPHRASE_FILE, 'short'\n"
    )


def test_command_is_read_in_a_process_of_many_files() -> None:
    """Whatever number its descriptor has: more than a thousand are open before it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(2048, hard)), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert output("SECRETCTL_PASSPHRASE_COMMAND", "echo words", 100, 10) == b"words\n"
    finally:
        for handle in held:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
