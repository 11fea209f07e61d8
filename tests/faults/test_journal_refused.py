"""A disk that refuses the journal: nothing is given out, nothing is lost, and space heals it.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import itertools
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import World
from tests.faults.commands import Ended, ended, separately, strace

HAS_STRACE = shutil.which("strace") is not None
CAN_MOUNT = (
    shutil.which("unshare") is not None
    and subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        check=False,
    ).returncode
    == 0
)
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: errors of the journal's disk are NOT TRIED\n")
if not CAN_MOUNT:
    sys.stderr.write("WARNING: no file system of one's own: full disks are NOT TRIED\n")
IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"

ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES")
CALLS = ("write", "fdatasync", "pwrite64", "openat")
WHEN = ("1", "1+", "2", "2+", "3", "3+", "4+")
SAMPLE = 8
NOT_RECORDED = 251
GET = ("get-secret-value", "--secret-id", "a", "--query", "SecretString", "--output", "text")


@pytest.fixture
def filled(world: World) -> World:
    """A home with a secret that was read today."""
    made = ended(world, "create-secret", "--name", "a", "--secret-string", "canary-0")
    assert made.status == 0, made.stderr
    assert separately(world, GET).stdout == "canary-0\n"
    return world


def refused(world: World, words: list[str], call: str, error: str, when: str) -> Ended:
    """Run a command whose calls on the journal's files are refused from some moment on."""
    chosen = [str(path) for path in Path(world.directory, "audit").iterdir()]
    paths = [word for path in chosen for word in ("-P", path)]
    inject = f"inject={call}:error={error}:when={when}"
    before = strace("-o", "/dev/null", *paths, "-e", f"trace={call}", "-e", inject)
    return separately(world, words, before=before)


def put(value: str) -> list[str]:
    """Return the command that puts a value."""
    return ["put-secret-value", "--secret-id", "a", "--secret-string", value]


def assert_sound(world: World) -> None:
    """Check vault and journal once space is back."""
    for words in (("fsck",), ("audit", "verify", "--deep")):
        done = ended(world, *words)
        assert done.status == 0, done.stdout + done.stderr


def check_ends(world: World, got: Ended, put_done: Ended, before: str, value: str) -> bool:
    """Check what became of a read and a change; tell whether either was refused."""
    for done in (got, put_done):
        assert "unexpected" not in done.stderr, done.stderr
        assert "unexpected" not in done.stderr
        assert "canary" not in done.stderr
        if done.status:
            assert done.stdout == "", done
            assert "secretctl: error: " in done.stderr
    assert got.status or got.stdout == f"{before}\n"
    after = ended(world, *GET)
    assert after.status == 0, after.stderr
    is_made = put_done.status in (0, NOT_RECORDED)
    known = "is not known" not in put_done.stderr
    assert after.stdout == f"{value if is_made else before}\n" or not known
    assert_sound(world)
    return bool(got.status or put_done.status)


def refused_journal(filled: World, error: str) -> None:
    """Whichever call fails, once or from then on: no value without a record, no change lost."""
    chosen = list(itertools.product(CALLS, WHEN))
    if not IS_FULL:
        chosen = random.Random(error).sample(chosen, SAMPLE)
    failures = 0
    for call, when in chosen:
        before, value = ended(filled, *GET).stdout.strip(), f"canary-{call}-{when}"
        got = refused(filled, list(GET), call, error, when)
        done = refused(filled, put(value), call, error, when)
        failures += check_ends(filled, got, done, before, value)
    assert failures > len(chosen) / 2


ON_A_DISK = """
mkdir "$BASE.new" && cp -a "$BASE/." "$BASE.new" && mount -t tmpfs -o size=$SIZE tmpfs "$BASE"
cp -a "$BASE.new/." "$BASE" || exit 99
"$@"
status=$?
rm -rf "$BASE.new" && mkdir -m 700 "$BASE.new" && cp -a "$BASE/." "$BASE.new"
exit $status
"""


def on_a_disk(world: World, kilobytes: int, words: list[str]) -> Ended:
    """Run a command with the vault on a disk of that size; it is kept as it was left."""
    more = {"SIZE": f"{kilobytes}k", "BASE": world.directory}
    before = ["unshare", "-rm", "sh", "-c", ON_A_DISK, "sh"]
    done = separately(world, words, before=before, **more)
    shutil.rmtree(world.directory)
    os.rename(f"{world.directory}.new", world.directory)
    return done


def full_disk(filled: World) -> None:
    """On disks from just full to roomy: refused or done, and sound once it has more room."""
    ends = set()
    for more in range(0, 44, 4):
        before, value = ended(filled, *GET).stdout.strip(), f"canary-{more}"
        got = on_a_disk(filled, used(filled) + more, list(GET))
        done = on_a_disk(filled, used(filled) + more, put(value))
        check_ends(filled, got, done, before, value)
        ends |= {got.status, done.status}
    assert {0, 255} <= ends


def used(world: World) -> int:
    """Return the kilobytes that a vault takes on a disk, in whole pages."""
    paths = [Path(world.directory), *Path(world.directory).rglob("*")]
    return sum(-(-path.stat().st_size // 4096) * 4 for path in paths if path.is_file())


if HAS_STRACE:
    test_a_journal_that_is_refused_gives_nothing_out = pytest.mark.parametrize("error", ERRORS)(
        refused_journal
    )
if CAN_MOUNT:
    test_a_full_disk_gives_nothing_out = full_disk


def test_too_few_open_files_are_said_in_plain_words(world: World) -> None:
    """Of the first read of a day, which writes its date; a module may be what is not read."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "canary").status == 0
    older = world.home / "older"
    shutil.copytree(world.home / ".local", older)
    for most in range(9, 13):
        shutil.rmtree(world.home / ".local")
        shutil.copytree(older, world.home / ".local")
        limit = ("sh", "-c", f'ulimit -n {most}; exec "$@"', "sh")
        done = separately(world, GET, before=limit)
        said = (done.status, done.stdout, "oo many " in done.stderr, "unexpected" in done.stderr)
        assert said in ((0, "canary\n", False, False), (255, "", True, False)), (most, done)
    assert_sound(world)
