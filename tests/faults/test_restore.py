"""A restore that is stopped, refused or raced leaves the old vault or the new one, whole.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from secretctl.audit.trust import Trust
from secretctl.cli import opening
from secretctl.errors import ConfigError
from secretctl.service import restore
from secretctl.service.proof import verified
from secretctl.vault.fsck import check
from tests.conftest import World
from tests.faults.commands import ROOT, Ended, ended, separately, strace
from tests.faults.replay import snapshot
from tests.faults.test_journal_refused import CAN_MOUNT
from tests.faults.test_kill_recorded import events, real_time

HAS_STRACE = shutil.which("strace") is not None
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: restores are NOT STOPPED at single system calls\n")
IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
SAMPLE = 2
CALLS = ("mkdir", "rename", "renameat2", "fsync", "fdatasync", "pwrite64", "write", "flock")
RENAMES = ("rename", "renameat2")
GET = ("get-secret-value", "--secret-id", "a", "--query", "SecretString", "--output", "text")
SIZE, ROLLED_BACK = 144, 253
UNKNOWN = ("-e", "inject=renameat2:error=EINVAL")
"""A system that cannot exchange two names."""


def put(world: World, value: str) -> None:
    """Put a value."""
    done = ended(world, "put-secret-value", "--secret-id", "a", "--secret-string", value)
    assert done.status == 0, done.stderr


@pytest.fixture
def backed_up(world: World) -> World:
    """A vault whose value is ``later``, and beside the home a backup in which it is ``first``."""
    world = real_time(world)
    made = ended(world, "create-secret", "--name", "a", "--secret-string", "first")
    assert made.status == 0, made.stderr
    assert ended(world, "backup", kept(world)).status == 0
    put(world, "later")
    return world


def kept(world: World) -> str:
    """Return the file of the backup."""
    return str(world.home.parent / "kept")


def beside(world: World) -> list[str]:
    """Return what lies where the vault lies."""
    return sorted(os.listdir(os.path.dirname(world.directory)))


def traced(world: World, *options: str, log: str = "/dev/null") -> Ended:
    """Restore over what is there under strace with *options*."""
    before = strace("-o", log, "-e", f"trace={','.join(CALLS)}", *options)
    return separately(world, ["restore", kept(world), "--replace"], before=before)


def points(world: World, *options: str) -> list[tuple[str, int]]:
    """Restore to the end; return some of the calls: all renames, the last of each kind, others."""
    log = world.home.parent / "calls"
    assert traced(world, *options, log=str(log)).status == 0
    counted = Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))
    made = [(call, when + 1) for call, most in sorted(counted.items()) for when in range(most)]
    chosen = {each for each in made if each[0] in RENAMES} | set(counted.items())
    others = sorted(set(made) - chosen)
    sample = others if IS_FULL else random.Random(str(options)).sample(others, SAMPLE)
    return sorted({*chosen, *sample})


def value_after(world: World) -> str:
    """Return the value that the next commands find, once what lies aside was put back."""
    got = ended(world, *GET)
    for hint in re.findall("secretctl: hint: (.*), (?:if|to) ", got.stderr):
        assert hint.startswith("mv "), got
        subprocess.run(shlex.split(hint), check=True)
        got = ended(world, *GET)
    assert got.status == 0, got
    for words in (("fsck",), ("audit", "verify", "--deep")):
        done = ended(world, *words)
        assert done.status == 0, done.stdout + done.stderr
    return got.stdout.strip()


def killed_restore(backed_up: World, options: tuple[str, ...]) -> None:
    """Kill -9 at any call: one of both, recorded if it is the new one; the next clears up."""
    found, kills = set(), 0
    for call, when in points(backed_up, *options):
        put(backed_up, "later")
        before = beside(backed_up)
        done = traced(backed_up, *options, "-e", f"inject={call}:signal=KILL:when={when}")
        kills += done.status != 0
        value = value_after(backed_up)
        found.add(value)
        if value == "first":
            assert "RestoreBackup" in [event["eventName"] for event in events(backed_up)]
            assert len([name for name in beside(backed_up) if "replaced" in name]) > len(
                [name for name in before if "replaced" in name]
            )
    assert kills >= SAMPLE / 2
    assert found == {"first", "later"}
    assert traced(backed_up).status == 0
    assert [name for name in beside(backed_up) if "restoring" in name] == []


def refused_restore(backed_up: World, error: str) -> None:
    """Whatever the disk refuses: it says that nothing was restored, and nothing is another."""
    assert value_after(backed_up) == "later"
    refusals = 0
    for call, when in points(backed_up):
        put(backed_up, "later")
        before = snapshot(backed_up.home)
        done = traced(backed_up, "-e", f"inject={call}:error={error}:when={when}")
        assert "unexpected" not in done.stderr, (call, when, done)
        if done.status == 0 or "was restored, but" in done.stderr or "restored to" in done.stdout:
            assert value_after(backed_up) == "first", (call, when, done)
            continue
        refusals += 1
        assert done.status == 255, (call, when, done)
        after = snapshot(backed_up.home)
        assert {path for path in after if after[path] != before.get(path)} == set(), (call, when)
        assert set(before) == set(after)
    assert refusals >= SAMPLE / 2


if HAS_STRACE:
    test_a_killed_restore_leaves_the_old_vault_or_the_new = pytest.mark.parametrize(
        "options", [(), UNKNOWN], ids=["at once", "in two steps"]
    )(killed_restore)
    test_a_refused_restore_changes_nothing = pytest.mark.parametrize("error", ["ENOSPC", "EIO"])(
        refused_restore
    )


class Killed(BaseException):
    """What ends a restore on the way."""


def trust_of(world: World) -> Path:
    """Return the trust file."""
    return next(Path(world.home, ".local/state/secretctl/trust").iterdir())


def stopped_before(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """End a restore when all is announced and nothing moved; return a copy of what was laid out."""
    copy = world.home / "laid out"

    def stop(folder: str, _: str) -> str:
        shutil.copytree(folder, copy)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(restore, "_put", stop)
        with pytest.raises(Killed):
            ended(world, "restore", kept(world), "--replace")
    return copy


def stopped_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """End a restore before this machine knows that it has its place; return the old vault."""
    with monkeypatch.context() as patched:
        patched.setattr(Trust, "write", lambda *_: None)
        assert ended(world, "restore", kept(world), "--replace").status == 0
    return Path(f"{world.directory}.replaced-1")


def swapped(world: World, other: Path) -> None:
    """Put *other* in the place of the vault."""
    Path(world.directory).rename(world.home / f"was {other.name}")
    other.rename(world.directory)


def test_a_restore_that_was_stopped_is_no_older_copy(
    backed_up: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was announced: verify and all commands know it, and from then on the old one is older."""
    old = stopped_behind(backed_up, monkeypatch)
    assert len(trust_of(backed_up).read_bytes()) == 2 * SIZE
    assert ended(backed_up, "audit", "verify").status == 0
    got = ended(backed_up, *GET)
    assert (got.status, got.stdout, got.stderr) == (0, "first\n", "")
    assert len(trust_of(backed_up).read_bytes()) == SIZE
    swapped(backed_up, old)
    assert ended(backed_up, *GET).status == ROLLED_BACK


def test_a_restore_that_did_not_come_to_it_leaves_the_vault_known(
    backed_up: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the old vault is used both are; then what was announced means nothing any more."""
    laid_out = stopped_before(backed_up, monkeypatch)
    announced = trust_of(backed_up).read_bytes()
    assert len(announced) == 2 * SIZE
    assert ended(backed_up, "audit", "verify").status == 0
    assert value_after(backed_up) == "later"
    seen = trust_of(backed_up).read_bytes()
    assert len(seen) == SIZE
    swapped(backed_up, laid_out)
    for trusted in (seen, seen + announced[SIZE:], announced[:-1], announced[:-1] + b"x"):
        trust_of(backed_up).write_bytes(trusted)
        assert ended(backed_up, *GET).status == ROLLED_BACK
        assert ended(backed_up, "audit", "verify").status != 0
    trust_of(backed_up).write_bytes(announced)
    assert value_after(backed_up) == "first"


def test_a_restore_that_is_refused_announces_nothing(
    backed_up: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this machine knows is what it was."""

    def refuse(*_: str) -> str:
        raise PermissionError(1, "Operation not permitted")

    before = trust_of(backed_up).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(restore, "_put", refuse)
        assert ended(backed_up, "restore", kept(backed_up), "--replace").status == 255
    assert trust_of(backed_up).read_bytes() == before


def test_a_restore_behind_one_that_was_stopped_goes_beyond_it(
    backed_up: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No two vaults have one generation, although the first was never used."""
    stopped_behind(backed_up, monkeypatch)
    first = generation(backed_up)
    assert ended(backed_up, "restore", kept(backed_up), "--replace").status == 0
    assert generation(backed_up) > first


def generation(world: World) -> int:
    """Return the vault's generation."""
    vault = opening.open_vault(world.directory, world.context)
    try:
        return vault.state().generation
    finally:
        vault.close()


WORKER = """
import json, os, sys
from secretctl.cli import opening
from secretctl.context import of_process
from secretctl.errors import SecretctlError
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import call
from secretctl.service.opening import Recording, begin

context, create = of_process(), BY_NAME["CreateSecret"]
while not os.path.exists(sys.argv[2]):
    value, made = os.urandom(16).hex(), ""
    try:
        vault = opening.open_vault(sys.argv[1], context)
        recording = Recording("", sys.argv[3])
        session = begin(context, vault, "us-east-1", recording=recording)
        for _ in range(5):
            value = os.urandom(16).hex()
            asked = {"Name": value, "SecretString": "v", "ClientRequestToken": value}
            call(session, create, asked)
            print(json.dumps(["made", value]), flush=True)
        session.close()
    except SecretctlError as error:
        print(json.dumps([f"{type(error).__name__}: {error.message}", value]), flush=True)
"""
REPLACED = "StoreError: another vault was put in the place of this one"


def test_writers_and_restores_do_not_meet(backed_up: World, tmp_path: Path) -> None:
    """What was acknowledged is in one of the journals, what was refused in no vault; all sound."""
    stop, (trust,) = (
        tmp_path / "stop",
        Path(backed_up.home, ".local/state/secretctl/trust").iterdir(),
    )
    environ = {"HOME": str(backed_up.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    logs, writers = [tmp_path / f"log-{number}" for number in range(3)], []
    for log in logs:
        words = [sys.executable, "-c", WORKER, backed_up.directory, str(stop), str(trust)]
        with log.open("w") as out:
            writers.append(subprocess.Popen(words, env=environ, stdout=out))
    while not all(log.stat().st_size for log in logs):
        assert all(writer.poll() is None for writer in writers)
    for _ in range(8):
        done = separately(backed_up, ["restore", kept(backed_up), "--replace"])
        assert done.status == 0, done
    stop.touch()
    assert [writer.wait(60) for writer in writers] == [0] * len(writers)
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    assert {said for said, _ in lines if said != "made" and not said.startswith(REPLACED)} == set()
    directories = [path for path in Path(backed_up.directory).parent.iterdir() if path.is_dir()]
    assert len(directories) == 9
    told = "".join(sound_journal(backed_up, str(directory)) for directory in directories)
    for said, value in lines:
        assert (f":secret:{value}-" in told) == (said == "made"), (said, value)
    assert ended(backed_up, *GET).status == 0


def sound_journal(world: World, directory: str) -> str:
    """Check a vault and its journal against each other; return the journal."""
    vault = opening.open_vault(directory, world.context)
    try:
        assert check(vault).problems == ()
        assert verified(vault, "", [], deep=True).findings == ()
    finally:
        vault.close()
    return "".join(path.read_text() for path in sorted(Path(directory, "audit").glob("*.jsonl")))


def mounted(backed_up: World) -> None:
    """Nothing takes the place of a mount point: it is said, with a place that can be had."""
    place = backed_up.home / "mount"
    place.mkdir(mode=0o700)
    before = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs tmpfs "$0" && exec "$@"', str(place)]
    done = separately(backed_up, ["restore", kept(backed_up), "--vault", str(place)], before=before)
    assert done.status == 255
    assert "something is mounted where the vault is to be restored" in done.stderr
    assert f"secretctl: hint: name a folder in it: --vault {place}/vault" in done.stderr


if CAN_MOUNT:
    test_a_mount_point_is_not_replaced = mounted


def far_off() -> int:
    """Be a clock that nobody can go by."""
    raise ConfigError("the clock says that the year 2259 is over")


def test_a_restore_asks_and_checks_before_it_moves_anything(backed_up: World) -> None:
    """Without a key, with a clock far off, with a state home in the vault: it is where it was."""
    context, before = backed_up.context, snapshot(backed_up.home)
    state_home = {**context.environ, "XDG_STATE_HOME": f"{backed_up.directory}/state"}
    for each in (
        context._replace(environ={**context.environ, "SECRETCTL_KEY_FILE": "/none"}),
        context._replace(environ=state_home),
        context._replace(now_ms=far_off),
    ):
        done = ended(backed_up, "restore", kept(backed_up), "--replace", context=each)
        assert (done.status, snapshot(backed_up.home)) == (253, before)


def test_a_backup_in_the_vaults_directory_is_restored(backed_up: World) -> None:
    """It goes aside with the vault that it lies in, once it was read."""
    inside = f"{backed_up.directory}/kept"
    os.rename(kept(backed_up), inside)
    done = ended(backed_up, "restore", inside, "--replace")
    assert done.status == 0, done
    assert value_after(backed_up) == "first"
    assert os.path.exists(f"{backed_up.directory}.replaced-1/kept")


def test_a_backup_that_cannot_be_read_is_not_called_a_taken_place(backed_up: World) -> None:
    """Neither with --replace nor without."""
    for more in ([], ["--replace"]):
        place = [*more, "--vault", str(backed_up.home / "there")]
        done = ended(backed_up, "restore", f"{kept(backed_up)}/none", *place)
        assert (done.status, "Not a directory" in done.stderr) == (255, True), done


def test_a_restore_that_outgrows_its_limit_restored_nothing(backed_up: World) -> None:
    """The limit ends SQLite's commit half way, of a vault that is thrown away."""
    big = backed_up.home / "big"
    big.write_text("x" * 60_000)
    for _ in range(4):
        put(backed_up, f"file://{big}")
    os.unlink(kept(backed_up))
    assert ended(backed_up, "backup", kept(backed_up)).status == 0
    place = str(backed_up.home / "there")
    before = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh"]
    done = separately(backed_up, ["restore", kept(backed_up), "--vault", place], before=before)
    assert done.status == 255
    assert "nothing was restored" in done.stderr
    assert [name for name in os.listdir(backed_up.home) if name.startswith("there")] == []
