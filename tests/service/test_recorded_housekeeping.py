"""Slots, checkpoints, prunings and backups that come to nothing leave a record of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit import prune
from secretctl.context import Context
from secretctl.service import shown_errors
from tests.audit import independent_verifier as verifier
from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.service.conftest import Told, code
from tests.service.test_pruning import long, names

__all__ = ["long"]

CANARY = "canary90ce"
PASSPHRASE = ("unlock-slot", "add", "--passphrase")
KEY_FILE = ("unlock-slot", "add", "--key-file")
PRUNE = ("audit", "prune", "--before", "1d")
CHECKPOINT = ("audit", "checkpoint")


def failed(told: Told, name: str) -> tuple[str, str]:
    """Return code and sentence of the one new record of that name, which names nothing."""
    lines = told.lines()
    assert CANARY.encode() not in b"".join(lines)
    (event,) = [each for each in Told.parsed(lines) if each["eventName"] == name]
    assert event["requestParameters"] in (None, {})
    return code(event), str(event["errorMessage"])


def with_more(world: World, **more: str) -> Context:
    """Return the test's context with variables more."""
    return world.context._replace(environ={**world.context.environ, **more})


def open_file(world: World) -> str:
    """Return a file of a passphrase that others can read."""
    path = world.home / CANARY
    path.write_text(f"{CANARY} {CANARY}")
    path.chmod(0o644)
    return str(path)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (lambda _: {}, "NothingGivenError"),
        (lambda _: {"SECRETCTL_NEW_PASSPHRASE": CANARY}, "UnlockError"),
        (
            lambda world: {"SECRETCTL_NEW_PASSPHRASE_FILE": open_file(world)},
            "UnsafePermissionsError",
        ),
        (lambda _: {"SECRETCTL_NEW_PASSPHRASE_COMMAND": f"false {CANARY}"}, "UnlockError"),
    ],
    ids=["none", "short", "open", "no-command"],
)
def test_a_new_passphrase_that_is_refused_is_recorded(
    world: World, told: Told, variables: Callable[[World], dict[str, str]], expected: str
) -> None:
    """The vault was open by then, and a way into it was to be added."""
    given = with_more(world, **variables(world))
    assert ended(world, *PASSPHRASE, context=given).status == 253
    assert failed(told, "AddUnlockSlot") == (expected, shown_errors.ERRORS[expected])


def test_a_passphrase_that_is_known_already_is_recorded(world: World, told: Told) -> None:
    """The first time as a change, the second time as a failure."""
    given = with_more(world, SECRETCTL_NEW_PASSPHRASE=f"{CANARY} {CANARY}")
    assert ended(world, *PASSPHRASE, context=given).status == 0
    added = [each for each in told.names() if each[0] == "AddUnlockSlot"]
    assert [each[1:] for each in added] == [("intent", ""), ("outcome", "")]
    assert ended(world, *PASSPHRASE, context=given).status == 253
    assert failed(told, "AddUnlockSlot") == ("UnlockError", shown_errors.ERRORS["UnlockError"])


def nonsense(world: World) -> Path:
    """Return a file that is no key file."""
    path = world.home / CANARY
    path.write_text(CANARY)
    path.chmod(0o600)
    return path


def own_key(world: World) -> Path:
    """Return the key file that opens the vault."""
    return next(Path(world.home, ".config/secretctl/keys").iterdir())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (nonsense, "UnlockError"),
        (own_key, "UnlockError"),
        (lambda world: Path(world.directory, CANARY), "UnsafePermissionsError"),
        (lambda _: Path("/proc/self", CANARY), "StoreError"),
    ],
    ids=["no-key-file", "known", "in-the-vault", "unwritable"],
)
def test_a_new_key_file_that_is_refused_is_recorded(
    world: World, told: Told, path: Callable[[World], Path], expected: str
) -> None:
    """Whatever is wrong with it, and not where it lies."""
    assert ended(world, *KEY_FILE, str(path(world))).status != 0
    assert failed(told, "AddUnlockSlot") == (expected, shown_errors.ERRORS[expected])


def test_policies_that_are_not_put_in_force_are_recorded(world: World, told: Told) -> None:
    """There is no such file."""
    assert ended(world, "policy", "apply", "--yes", CANARY).status == 253
    assert failed(told, "ApplyPolicies")[0] == "PolicyFileError"


@pytest.mark.parametrize(
    ("words", "name"), [(PRUNE, "PruneJournal"), (CHECKPOINT, "SignCheckpoint")]
)
def test_what_a_changed_journal_refuses_is_recorded(
    world: World, told: Told, words: tuple[str, ...], name: str
) -> None:
    """Behind what was changed: everything else goes on as well."""
    path = Path(world.directory, "audit/00000001.jsonl")
    path.write_bytes(path.read_bytes().replace(b"CreateVault", b"CreateVaulx", 1))
    assert ended(world, *words).status == 253
    assert failed(told, name)[0] == "JournalDamagedError"


def test_a_pruning_that_breaks_off_is_recorded_behind_its_statement(
    world: World, long: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement stands; the failure excuses nothing, and the journal verifies."""
    told = Told(long)
    told.lines()
    before = names(long)

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(prune, "remove", refuse)
        assert ended(world, *PRUNE).status == 255
    said, broken_off = [each for each in told.events() if each["eventName"] == "PruneJournal"]
    assert (code(said), code(broken_off)) == ("", "StoreError")
    assert broken_off["requestParameters"] == {}
    assert said["requestID"] == broken_off["requestID"]
    assert set(before) <= set(names(long))
    assert ended(long, *PRUNE).status == 0
    assert before[0] not in names(long)
    assert ended(long, "audit", "verify", "--deep").status == 0


def test_the_independent_verifier_reads_over_a_pruning_that_failed(
    long: World, service: Service
) -> None:
    """It states nothing, before and behind one that holds."""
    keys = service.session.vault.keys
    first = Path(long.directory, "audit", names(long)[0])
    kept = first.read_bytes()
    first.unlink()
    assert ended(long, *PRUNE).status == 253
    first.write_bytes(kept)
    first.chmod(0o600)
    assert ended(long, *PRUNE).status == 0
    found = verifier.verify(str(first.parent), keys.journal_root, keys.vault_id)
    assert [code(each) for each in found if each["eventName"] == "PruneJournal"] == [
        "JournalDamagedError",
        "",
    ]
