"""Pruning while others prune, restore, verify and back up: nothing is lost, nothing crashes."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secretctl.audit import prune, segments
from secretctl.audit.snapshot import Snapshot
from secretctl.cli import opening
from secretctl.service.proof import keys_of
from tests.audit.test_format_document import verifier
from tests.conftest import Service, World
from tests.faults.commands import ROOT, SEEN, Ended, ended

PRUNE = ("audit", "prune", "--before")
REPLACED = "another vault was put in the place of this one"
COPIED = 2
"""A backup copies a segment when it reads it for the second time: it verified it before."""

NOTHING = "nothing to prune: no closed segment is older\n"


@pytest.fixture
def long(world: World, service: Service, monkeypatch: pytest.MonkeyPatch) -> World:
    """A journal of several segments, written over 40 days."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 8_000)
    service("CreateSecret", Name="a", SecretString="v")
    for _ in range(40):
        world.clock.pass_days(1)
        service("DescribeSecret", SecretId="a")
    assert len(names(world)) > 3
    return world


def names(world: World) -> list[str]:
    """Return the segments that are there."""
    return sorted(path.name for path in Path(world.directory, "audit").glob("*.jsonl"))


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, function: str, act: Callable[[], object], *, first: bool = True
) -> None:
    """Have *act* happen once, when pruning first calls *function*: before it is done, or behind."""
    real = getattr(prune, function)
    done: list[bool] = []

    def called(*given: object) -> object:
        if done:
            return real(*given)
        done.append(True)
        if first:
            act()
        found = real(*given)
        if not first:
            act()
        return found

    monkeypatch.setattr(prune, function, called)


def backed_up(world: World, tmp_path: Path) -> Path:
    """Return a backup of the vault as it stands."""
    file = tmp_path / "backup"
    assert ended(world, "backup", str(file)).status == 0
    return file


@pytest.mark.parametrize("function", ["left", "plan", "statement"])
def test_what_is_restored_meanwhile_is_not_pruned(
    long: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """Whatever was decided for the vault that went; also where a pruning of it was interrupted."""
    file, before = backed_up(long, tmp_path), names(long)
    kept = Path(long.directory, "audit", before[0]).read_bytes()
    if function == "left":
        assert "pruned through" in ended(long, *PRUNE, "20d").stdout
        first = Path(long.directory, "audit", before[0])
        first.write_bytes(kept)
        first.chmod(0o600)
    words = ("restore", str(file), "--replace")
    meanwhile(monkeypatch, function, lambda: ended(long, *words), first=False)
    done = ended(long, *PRUNE, "1d")
    assert (done.status, REPLACED in done.stderr) == (255, True), done
    assert set(before) <= set(names(long))
    assert ended(long, "audit", "verify", "--deep").status == 0


def test_a_restore_waits_until_what_is_recorded_is_removed(
    long: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other vault gets the place of one whose segments are being removed."""
    file, before = backed_up(long, tmp_path), names(long)
    environ = {"HOME": str(long.home), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", SEEN, "restore", str(file), "--replace"]
    begun: list[subprocess.Popen[bytes]] = []

    def restoring() -> None:
        begun.append(subprocess.Popen(words, env=environ))
        with pytest.raises(subprocess.TimeoutExpired):
            begun[0].wait(3)

    meanwhile(monkeypatch, "remove", restoring)
    pruned = ended(long, *PRUNE, "1d")
    assert begun[0].wait(60) == 0
    assert "pruned through" in pruned.stdout, pruned
    assert pruned.status == 0 or REPLACED in pruned.stderr, pruned  # where it looked once more
    assert set(before) <= set(names(long))


@pytest.mark.parametrize("function", ["left", "plan", "statement"])
@pytest.mark.parametrize(("one", "other"), [("30d", "10d"), ("10d", "30d"), ("10d", "10d")])
def test_prunings_take_turns(
    long: World, monkeypatch: pytest.MonkeyPatch, function: str, one: str, other: str
) -> None:
    """Of two at once with one date or two, each ends well, and the journal is intact."""
    said: list[Ended] = []
    meanwhile(monkeypatch, function, lambda: said.append(ended(long, *PRUNE, other)), first=False)
    done = ended(long, *PRUNE, one)
    assert (done.status, said[0].status) == (0, 0), (done, said)
    assert "pruned through" in said[0].stdout
    assert done.stdout == NOTHING or one < other
    for deep in ((), ("--deep",)):
        verified = ended(long, "audit", "verify", *deep)
        assert verified.status == 0, verified
    assert ended(long, "list-secrets").status == 0


def pruned(world: World) -> list[dict[str, Any]]:
    """Return what the journal says was pruned, of all prunings, as it says it."""
    lines = [Path(world.directory, "audit", name).read_text() for name in names(world)]
    events = [json.loads(line) for line in "".join(lines).splitlines()]
    said = [each for each in events if each["eventName"] == "PruneJournal"]
    return [each["requestParameters"] for each in said if "errorCode" not in each]


def test_what_went_stays_on_record_through_later_prunings(long: World) -> None:
    """Name, size, digest and time of each segment, once; over a rekey too, whose keys are others.

    Whoever reads the journal by its documented form finds each of them vouched for.
    """
    went: dict[str, tuple[int, str]] = {}
    for before in ("30d", "20d", "rekey", "10d", "rekey", "0s", "0s"):
        contents = {each: Path(long.directory, "audit", each).read_bytes() for each in names(long)}
        words = ("rekey",) if before == "rekey" else (*PRUNE, before)
        long.clock.pass_days(1 / 86_400)
        done = ended(long, *words)
        assert done.status == 0, done
        for gone in contents.keys() - set(names(long)):
            went[gone] = len(contents[gone]), hashlib.sha256(contents[gone]).hexdigest()
        said = [one for each in pruned(long) for one in each["segments"]]
        assert sorted(each["name"] for each in said) == sorted(went)
        assert {each["name"]: (each["bytes"], each["sha256"]) for each in said} == went
        assert verified_twice(long).status == 0
    *earlier, _ = pruned(long)
    assert len(earlier) == 3
    assert sorted(each["prunedAt"] for each in earlier) == [each["prunedAt"] for each in earlier]
    vault = opening.open_vault(long.directory, long.context)
    keys = keys_of(vault)
    vault.close()
    audit = Path(long.directory, "audit")
    assert verifier.verify(audit, keys.journal, keys.vault_id, keys.former)


def test_what_went_stays_on_record_where_a_pruning_was_killed(
    long: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had recorded anew is not recorded again by the one that finishes it."""
    assert ended(long, *PRUNE, "30d").status == 0
    for _ in range(12):
        long.clock.pass_days(1)
        assert ended(long, "list-secrets").status == 0
    killed(long, monkeypatch, "5d", 0)
    assert len(pruned(long)) == 2 + 1  # the first, once more, and what was begun
    for _ in range(2):
        assert ended(long, *PRUNE, "1d").status == 0
    said = [one["name"] for each in pruned(long) for one in each["segments"]]
    assert sorted(said) == [segments.name_of(each) for each in range(1, len(said) + 1)]
    assert verified_twice(long).status == 0


class Killed(BaseException):
    """What ends a pruning on the way."""


def killed(world: World, monkeypatch: pytest.MonkeyPatch, before: str, unlinked: int) -> None:
    """Prune, and be killed when so many segments went."""
    real = prune.remove

    def some(directory: str, going: list[str]) -> None:
        real(directory, going[:unlinked])
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(prune, "remove", some)
        with pytest.raises(Killed):
            ended(world, *PRUNE, before)


def verified_twice(world: World) -> Ended:
    """Verify fast and in depth, with one answer; return it."""
    fast, deep = ended(world, "audit", "verify"), ended(world, "audit", "verify", "--deep")
    assert fast == deep
    return fast


@pytest.mark.parametrize("unlinked", [(0, 0), (0, 1), (0, 2), (1, 0), (3, 1)])
def test_a_killed_pruning_may_be_followed_by_a_lesser_one(
    long: World, monkeypatch: pytest.MonkeyPatch, unlinked: tuple[int, int]
) -> None:
    """However many segments each left: the further one's word holds, and the next finishes it."""
    first, second = unlinked
    killed(long, monkeypatch, "5d", first)
    assert verified_twice(long).status == 0
    told = Path(long.directory, "audit", names(long)[-1]).read_text()
    segment, number = re.findall('"throughSegment":([0-9]+),"throughIndex":([0-9]+)', told)[0]
    killed(long, monkeypatch, "25d", second)
    before, left = (
        verified_twice(long),
        [each for each in names(long) if int(each[:8]) <= int(segment)],
    )
    assert before.status == 0, before
    noted = f"note: records before number {int(number) + 1} were pruned\n"
    waiting = [f"note: {each} was pruned; the next audit prune removes it" for each in left]
    is_begun = bool(first or second)
    assert (noted in before.stdout) == is_begun
    assert re.findall("note: 0.* removes it", before.stdout) == (waiting if is_begun else [])
    if is_begun:
        other = Path(long.directory, "audit", left[0])
        content = other.read_bytes()
        other.write_bytes(content + b" ")
        assert f"tampered: {left[0]} is there again" in verified_twice(long).stdout
        other.write_bytes(content)
    for _ in range(2):
        assert ended(long, *PRUNE, "25d").status == 0
        assert verified_twice(long).status == 0
    assert noted in verified_twice(long).stdout
    assert int(names(long)[0][:8]) == int(segment) + 1


def before_reading(
    monkeypatch: pytest.MonkeyPatch, segment: int, act: Callable[[], object], nth: int
) -> None:
    """Have *act* happen when a segment is about to be read for the *nth* time."""
    real, times = Snapshot.read, [0]

    def read(there: Snapshot, number: int, start: int, end: int) -> bytes:
        times[0] += number == segment
        if number == segment and times[0] == nth:
            act()
        return real(there, number, start, end)

    monkeypatch.setattr(Snapshot, "read", read)


def test_what_is_pruned_while_it_is_verified_is_no_fault(
    long: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is verified as it is then; a segment that just went is missing."""
    before_reading(monkeypatch, 2, lambda: ended(long, *PRUNE, "10d"), 1)
    verified = ended(long, "audit", "verify", "--deep")
    assert verified.status == 0, verified
    assert "were pruned" in verified.stdout
    left = sorted(Path(long.directory, "audit").glob("*.jsonl"))
    before_reading(monkeypatch, int(left[1].stem), left[1].unlink, 1)
    assert ended(long, "audit", "verify", "--deep").status == 1


def test_what_is_pruned_while_it_is_backed_up_is_left_out(
    long: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup is of a later moment, and can be restored."""
    file = tmp_path / "backup"
    before_reading(monkeypatch, 2, lambda: ended(long, *PRUNE, "10d"), COPIED)
    made = ended(long, "backup", str(file))
    assert made.status == 0, made
    assert "00000002.jsonl" not in names(long)
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []
    assert ended(long, "restore", str(file), "--replace").status == 0
    verified = ended(long, "audit", "verify", "--deep")
    assert (verified.status, "were pruned" in verified.stdout) == (0, True)


def test_no_backup_is_half_of_one_vault_and_half_of_another(
    long: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another vault got the place meanwhile: an error, and no file."""
    older, file = backed_up(long, tmp_path), tmp_path / "new"
    restored = ("restore", str(older), "--replace")
    before_reading(monkeypatch, 2, lambda: ended(long, *restored), COPIED)
    made = ended(long, "backup", str(file))
    assert (made.status, REPLACED in made.stderr) == (255, True), made
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("new")] == []
    assert ended(long, "audit", "verify", "--deep").status == 0
