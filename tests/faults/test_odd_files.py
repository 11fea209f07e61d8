"""Each file of a vault's directory replaced by something else, or open to others: said, at once.

Whoever uses the file refuses with one true sentence, and changes nothing; whoever does not, works.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest

from tests.conftest import World, world_in
from tests.faults.commands import ended
from tests.odd_files import KINDS, replace

WITHIN_S = 30
NOBODY = 12345
OPEN, FOREIGN = "open to others", "of somebody else"
HINTS = {OPEN: "chmod", FOREIGN: "chown"}
COMMANDS = {
    "get": ("get-secret-value", "--secret-id", "a"),
    "put": ("put-secret-value", "--secret-id", "a", "--secret-string", "w"),
    "verify": ("audit", "verify"),
    "lookup": ("audit", "lookup-events"),
    "fsck": ("fsck",),
    "backup": ("backup", "{home}/backup"),
}


class Row(NamedTuple):
    """A file that a vault's directory has or may have."""

    used_by: str
    other: str
    """What is said where something else is there."""

    open: str
    """What is said where others can reach it."""

    foreign: str
    """What is said where it is somebody else's."""


def _vault_file(name: str, subject: str) -> dict[str, Row]:
    other = f"{subject} is a {{}}, not a regular file"
    reached = f"{subject} belongs to or can be reached by somebody else"
    return {name: Row("get put verify fsck backup", other, reached, reached)}


def _lock(name: str, used_by: str) -> dict[str, Row]:
    base = os.path.basename(name)
    lock = f"the {'journal' if name.startswith('audit/') else 'vault'}'s lock is "
    other = f"{lock}a {{}}, not a regular file: {base}"
    return {name: Row(used_by, other, f"{lock}not yours alone: {base}", f"{lock}somebody else's")}


def _journal_file(name: str, used_by: str) -> dict[str, Row]:
    base = os.path.basename(name)
    other = f"a file of the journal is a {{}}, not a regular file: {base}"
    reached = f"a file of the journal is not yours alone: {base}"
    return {name: Row(used_by, other, reached, reached)}


FILES = {
    **_vault_file("vault.db", "the vault file"),
    **_vault_file("vault.db-journal", "vault.db-journal"),
    **_lock("vault.lock", "put backup"),
    **_lock("vault.lock.queue", "put backup"),
    "audit": Row(
        "get put verify lookup fsck backup",
        "the journal's directory is a {}, not a directory",
        "others can reach the journal's directory",
        "the journal's directory belongs to somebody else",
    ),
    **_lock("audit/lock", "get put verify fsck backup"),
    **_lock("audit/lock.queue", "get put backup"),
    **_journal_file("audit/state", "get put verify fsck backup"),
    **_journal_file("audit/00000001.jsonl", "get put verify lookup fsck backup"),
    **_journal_file("audit/00000002.jsonl", "get put verify lookup fsck backup"),
    "policies": Row(
        "fsck backup",
        "the vault's policies is no directory",
        "the vault's policies can be changed by others",
        "the vault's policies belongs to somebody else",
    ),
    "policies/p.json": Row(
        "fsck backup",
        "the file of the policy p is ",
        "the file of the policy p can be changed by others",
        "the file of the policy p belongs to somebody else",
    ),
}


class Hung(BaseException):
    """What ends a command that takes too long."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Break off what does not end by itself."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a vault with a secret, which was read today, and a policy."""
    world = world_in(tmp_path_factory.mktemp("odd") / "home")
    document = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
    )
    for words in (
        ("create-secret", "--name", "a", "--secret-string", "v"),
        ("iam", "create-policy", "--policy-name", "p", "--policy-document", document),
        COMMANDS["get"],
    ):
        assert ended(world, *words).status == 0
    return world.home


def spoil(path: Path, fault: str, away: Path) -> str:
    """Put something else at *path*, or let others reach it; return the command that undoes that."""
    is_there = path.exists()
    if fault in KINDS:
        replace(path, fault, away)
        return f"mv '{path}' '{path}.odd'" + (f" && mv '{away}' '{path}'" if is_there else "")
    path.touch(0o600)
    mode = path.stat().st_mode
    if fault == OPEN:
        path.chmod(mode | 0o066)
    else:
        os.chown(path, NOBODY, -1)
    undo = f"chmod {mode & 0o777:o} '{path}' && chown {os.geteuid()} '{path}'"
    return undo if is_there else f"rm '{path}'"


def faults() -> list[tuple[str, str]]:
    """Return each file with each fault that it can have."""
    directories = ("audit", "policies")
    return [
        (name, fault)
        for name in FILES
        for fault in (*KINDS, OPEN, FOREIGN)
        if not (name in directories and fault == "directory")
    ]


@pytest.mark.parametrize(("name", "fault"), faults())
def test_an_odd_file_is_said_at_once_by_all_who_use_it(
    made: Path, world: World, name: str, fault: str
) -> None:
    """No command hangs, crashes, gives anything out, or is wrong about what it met."""
    if fault == FOREIGN and os.geteuid():
        pytest.skip("only root gives files away")
    shutil.copytree(made, world.home, dirs_exist_ok=True)
    row = FILES[name]
    said = row.open if fault == OPEN else row.foreign if fault == FOREIGN else row.other
    undo = spoil(Path(world.directory, name), fault, world.home / "away")
    for command, words in COMMANDS.items():
        with within(WITHIN_S):
            done = ended(world, *(word.format(home=world.home) for word in words))
        if command not in row.used_by.split():
            assert (command, done.status, done.stderr) == (command, 0, "")
            continue
        assert done.status in ((1, 3) if command == "verify" else (253, 255)), (command, done)
        assert said.format(fault) in done.stdout + done.stderr, (command, done)
        assert "unexpected" not in done.stderr
        if fault in HINTS and done.stderr and command != "fsck" and "policies" not in name:
            assert f"hint: {HINTS[fault]} " in done.stderr, (command, done)
        assert not done.stdout or command in ("verify", "fsck"), (command, done)
        assert not Path(world.home, "backup").exists()
    subprocess.run(["sh", "-c", undo], check=True)
    for command in ("verify", "get", "fsck"):
        assert ended(world, *COMMANDS[command]).status == 0, command
