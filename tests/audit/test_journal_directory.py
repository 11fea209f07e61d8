"""The journal's own directory: whoever could change it could change the journal."""

import os
from pathlib import Path

import pytest

from secretctl.audit.verdict import Verdict
from tests.conftest import World
from tests.faults.commands import ended
from tests.odd_files import KINDS, replace

ASKING = [
    ("lookup-events",),
    ("lookup-events", "--secret-id", "a"),
    ("tail",),
    ("stats",),
    ("exposure",),
    ("export",),
    ("export", "--format", "ocsf"),
    ("hash", "a"),
    ("checkpoint",),
    ("prune", "--before", "1d"),
]
READING = ("get-secret-value", "--secret-id", "a")


def expect(world: World, said: str, verdict: Verdict) -> None:
    """See that every command about the journal refuses with one sentence, and so does a read."""
    for words in [*(("audit", *each) for each in ASKING), READING]:
        refused = ended(world, *words)
        assert (refused.status, refused.stdout) == (253, ""), words
        assert f"secretctl: error: {said}\n" in refused.stderr, words
    for deep in ((), ("--deep",)):
        verified = ended(world, "audit", "verify", *deep)
        assert (verified.status, said in verified.stdout) == (verdict, True), verified


@pytest.fixture
def audit(world: World) -> Path:
    """The journal of a vault with a secret."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    return Path(world.directory, "audit")


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o702, 0o1777])
def test_a_directory_open_to_others_is_refused_by_all(world: World, audit: Path, mode: int) -> None:
    """Whether they ask, prove or write; with the hint that is typed, all of them work."""
    audit.chmod(mode)
    expect(world, "others can reach the journal's directory", Verdict.UNVERIFIABLE)
    audit.chmod(0o700)
    assert ended(world, "audit", "verify").status == Verdict.INTACT


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_directory_of_somebody_else_is_refused_by_all(world: World, audit: Path) -> None:
    """Although it is open to its owner alone."""
    os.chown(audit, 12345, -1)
    expect(world, "the journal's directory belongs to somebody else", Verdict.UNVERIFIABLE)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "directory"])
def test_what_is_no_directory_is_named_by_all(world: World, audit: Path, kind: str) -> None:
    """A link to a sound journal too: who can change the link puts another one there."""
    replace(audit, kind, world.home / "away")
    expect(world, f"the journal's directory is a {kind}, not a directory", Verdict.TAMPERED)
    accepted = ended(world, "accept-restore")
    assert (accepted.status, f"is a {kind}, not a directory" in accepted.stderr) == (253, True)
