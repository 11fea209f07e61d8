"""Beginning a session: journal, vault and what this machine has seen must fit together."""

import hashlib
import os
from pathlib import Path

import pytest

from secretctl.audit import state as states
from secretctl.cli import making, opening
from secretctl.errors import (
    JournalDamagedError,
    NoJournalFileError,
    RolledBackError,
    SecretctlError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
)
from secretctl.service.opening import Recording, begin
from secretctl.service.session import Session
from secretctl.vault.vault import Vault
from tests.conftest import Service, World
from tests.odd_files import KINDS, replace


@pytest.fixture
def audit(world: World, service: Service) -> Path:
    """The journal of a vault with a secret."""
    service("CreateSecret", Name="a", SecretString="v")
    return Path(world.directory) / "audit"


def session_of(world: World, trust: str = "") -> Session:
    """Begin a session as another process would."""
    vault = opening.open_vault(world.directory, world.context)
    try:
        return begin(world.context, vault, "us-east-1", recording=Recording("", trust))
    except BaseException:
        vault.close()
        raise


def read(world: World, trust: str = "") -> object:
    """Read the secret in a session of its own."""
    session = session_of(world, trust)
    try:
        return Service(session)("GetSecretValue", SecretId="a")["SecretString"]
    finally:
        session.recorder.release()
        session.vault.close()


def forge(path: Path, **changed: int) -> None:
    """Change numbers of the state file, its checksum made to fit."""
    found = states.decode(path.read_bytes())
    assert found is not None
    body = states.encode(found._replace(**changed))[:-32]  # type: ignore[arg-type]  # numbers
    path.write_bytes(body + hashlib.sha256(body).digest())


@pytest.mark.parametrize(
    "changed",
    [{"number": 1000}, {"number": 2}, {"intent": 5}, {"intent": (1 << 64) - 2}, {"offset": 700}],
    ids=str,
)
def test_a_state_file_that_does_not_fit_is_refused(
    world: World, audit: Path, changed: dict[str, int]
) -> None:
    """Its numbers are those of the last record, or nothing is read."""
    forge(audit / "state", **changed)
    with pytest.raises((JournalDamagedError, RolledBackError)):
        read(world)


def test_an_older_journal_is_refused_whatever_its_state_says(world: World, audit: Path) -> None:
    """The number of the last record is in the record, which nobody can make anew."""
    trust = str(world.home / "trust")
    read(world, trust)
    kept = {path.name: path.read_bytes() for path in audit.iterdir()}
    read(world, trust)
    for name, content in kept.items():
        (audit / name).write_bytes(content)
    with pytest.raises(RolledBackError, match="journal"):
        read(world, trust)
    forge(audit / "state", number=1000)
    with pytest.raises(JournalDamagedError):
        read(world, trust)


@pytest.mark.parametrize("name", ["lock", "lock.queue", "state", "00000001.jsonl"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_of_a_journal_is_a_named_error(
    world: World, audit: Path, service: Service, name: str, kind: str
) -> None:
    """Never an exception of Python's, and nothing hangs, a lock's file no more than others."""
    service.session.recorder.journal.close()
    replace(audit / name, kind, world.home / "away")
    with pytest.raises(SecretctlError, match=rf"is a {kind}, not a regular file: {name}\Z"):
        read(world)


def test_the_directory_of_the_journal_is_the_owner_s_alone(world: World, audit: Path) -> None:
    """Neither a link nor open to others."""
    audit.chmod(0o755)
    with pytest.raises(UnsafePermissionsError, match="others can reach"):
        read(world)
    audit.chmod(0o700)
    audit.rename(world.home / "elsewhere")
    audit.symlink_to(world.home / "elsewhere")
    with pytest.raises(NoJournalFileError, match="is a link, not a directory"):
        read(world)


def test_the_writers_queue_is_a_file(world: World, audit: Path) -> None:
    """A directory in its place is named, not stumbled over."""
    assert audit.exists()
    queue = Path(world.directory) / "vault.lock.queue"
    queue.unlink()
    queue.mkdir()
    session = session_of(world)
    with pytest.raises(StoreError, match="the vault's lock is a directory, not a regular file"):
        Service(session)("PutSecretValue", SecretId="a", SecretString="w")
    session.recorder.release()
    session.vault.close()


def test_no_vault_is_made_where_the_journal_of_another_lies(world: World, audit: Path) -> None:
    """Nor a key file for it: the journal would not be its own."""
    (Path(world.directory) / "vault.db").unlink()
    keys = set((world.home / ".config/secretctl/keys").iterdir())
    with pytest.raises(VaultDamagedError, match=r"journal of a vault whose vault\.db is gone"):
        making.make_vault(world.directory, world.context)
    assert set((world.home / ".config/secretctl/keys").iterdir()) == keys
    assert audit.exists()


def test_a_machine_that_cannot_remember_says_so(world: World, audit: Path) -> None:
    """What was read is given out, and a warning with it."""
    assert audit.exists()
    (world.home / "file").touch()
    session = session_of(world, str(world.home / "file" / "trust"))
    assert Service(session)("GetSecretValue", SecretId="a")["SecretString"] == "v"
    session.close()
    assert "cannot be kept" in world.context.stderr.getvalue()  # type: ignore[attr-defined]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux shows it")
@pytest.mark.parametrize("fault", ["an older vault", "no place for a journal"])
def test_a_session_that_cannot_begin_gives_its_files_back(
    world: World, audit: Path, fault: str
) -> None:
    """Journal, vault and what this machine has seen: none of them stays open."""
    trust, database = str(world.home / "trust"), Path(world.directory) / "vault.db"
    kept = database.read_bytes()
    session = session_of(world, trust)
    Service(session)("PutSecretValue", SecretId="a", SecretString="w")
    session.close()
    if fault == "an older vault":
        database.write_bytes(kept)
    else:
        audit.rename(world.home / "audit")
        audit.touch()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SecretctlError):
        session_of(world, trust)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux shows it")
def test_a_vault_without_room_for_a_journal_gives_its_files_back(
    world: World, vault: Vault
) -> None:
    """Where its first journal cannot be made, nothing stays open either."""
    trust = world.home / "trust"
    trust.touch(0o600)
    (Path(vault.directory) / "audit").touch()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SecretctlError):
        begin(world.context, vault, "us-east-1", recording=Recording("", str(trust)))
    assert len(os.listdir("/proc/self/fd")) == before
