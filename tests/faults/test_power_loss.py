"""After a loss of power there is the old state or the new, and what was acknowledged is there.

SECRETCTL_TEST_FULL=1 looks at every state that the disk may have instead of a share.
"""

import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit import state
from secretctl.cli import opening, places
from secretctl.errors import NoVaultError, SecretctlError, ServiceError
from secretctl.service.backup import back_up
from secretctl.service.opening import Recording, begin
from secretctl.vault.fsck import check
from tests.conftest import Service, World
from tests.faults import replay
from tests.vault.stored import records_of

ROOT = Path(__file__).parents[2]
IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
HAS_STRACE = shutil.which("strace") is not None
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: losses of power are NOT TRIED\n")

UNSAFE = """
import secretctl.store.sqlite as store
store._PRAGMAS = tuple(each.replace("EXTRA", "OFF") for each in store._PRAGMAS)
import secretctl.__main__ as program
program._hide_memory = lambda: None
program.run()
"""
"""The program without its syncs: what these tests have to find fault with."""

SAFE = """
import secretctl.__main__ as program
program._hide_memory = lambda: None
program.run()
"""
"""The program as it is, but for what keeps strace from looking into it."""

NO_VAULT, NO_SECRET = "no vault", "no secret"


@pytest.fixture(autouse=True)
def after_a_loss_of_power(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system was started anew since."""
    monkeypatch.setattr(state, "boot_id", lambda: os.urandom(16))


def outcomes(
    world: World,
    code: str,
    words: list[str],
    tmp_path: Path,
    find: Callable[[World, Path], str] | None = None,
    share: float = 0.4,
    since: str = "",
) -> tuple[set[str], set[str]]:
    """Run a command and return what may be found after a loss of power, before and after its end.

    What is found is a value, NO_VAULT, NO_SECRET, or the name of an error; or what *find* says.
    Only a *share* of all states is looked at, unless all are wanted, and only those from the first
    change of a file with *since* in its path on.
    """
    environ = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    before = replay.snapshot(world.home)
    events = replay.trace([sys.executable, "-c", code, *words], environ, world.home)
    assert len(events) > 10
    before, events = replay.since(since, before, events)
    during: set[str] = set()
    ended: set[str] = set()
    place = tmp_path / "after"
    chance = random.Random("share")
    for is_ended, files in replay.states(before, events, random.Random(7)):
        if not IS_FULL and chance.random() > share:
            continue
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        replay.lay_out(files, world.home, place)
        (ended if is_ended else during).add((find or found)(world, place))
    return during, ended


def found(world: World, home: Path) -> str:
    """Return the value of the secret ``a`` in a home, its vault checked."""
    environ = {"HOME": str(home), "PATH": ""}
    context = world.context._replace(environ=environ)
    directory = world.directory.replace(str(world.home), str(home), 1)
    try:
        vault = opening.open_vault(directory, context)
    except NoVaultError:
        return NO_VAULT
    except SecretctlError as error:
        return type(error).__name__
    session = None
    try:
        if check(vault).problems:
            return "damage"
        trust = places.trust_file(environ, vault.keys.vault_id.hex())
        session = begin(context, vault, "us-east-1", recording=Recording("", trust))
        return str(Service(session)("GetSecretValue", SecretId="a")["SecretString"])
    except ServiceError:
        return NO_SECRET
    except SecretctlError as error:
        return type(error).__name__
    finally:
        if session is not None:
            session.recorder.release()
        vault.close()


def changed_value(world: World, service: Service, tmp_path: Path) -> None:
    """A value that was put is the old one or the new, and the new once the command has ended."""
    service("CreateSecret", Name="a", SecretString="old")
    service.session.vault.close()
    words = ["put-secret-value", "--secret-id", "a", "--secret-string", "new"]
    during, ended = outcomes(world, SAFE, words, tmp_path)
    assert during == {"old", "new"}
    assert ended == {"new"}


def first_secret(world: World, tmp_path: Path) -> None:
    """The first secret makes vault and key file: neither is ever there without what it needs."""
    words = ["create-secret", "--name", "a", "--secret-string", "new"]
    during, ended = outcomes(world, SAFE, words, tmp_path)
    assert during == {NO_VAULT, NO_SECRET, "new"}
    assert ended == {"new"}


def new_vault(world: World, tmp_path: Path) -> None:
    """A vault that was made by init opens, or is not there; once init has ended it is there."""
    during, ended = outcomes(world, SAFE, ["init"], tmp_path)
    assert during == {NO_VAULT, NO_SECRET}
    assert ended == {NO_SECRET}


def rekeyed(world: World, service: Service, tmp_path: Path) -> None:
    """There is the vault of before or the new one, and its key; the new one once it is told."""
    service("CreateSecret", Name="a", SecretString="value")
    service.session.vault.close()
    path = Path(world.directory, "vault.db")
    before = records_of(path)[b"h"]

    def find(world: World, home: Path) -> str:
        there = Path(str(path).replace(str(world.home), str(home), 1))
        keys = "old" if records_of(there)[b"h"] == before else "new"
        return f"{keys} {found(world, home)}"

    during, ended = outcomes(world, SAFE, ["rekey"], tmp_path, find, share=0.2)
    assert during == {"old value", "new value"}
    assert ended == {"new value"}


def restored(world: World, service: Service, tmp_path: Path) -> None:
    """A restore over a vault leaves that or the one that comes, and neither is refused."""
    service("CreateSecret", Name="a", SecretString="backed up")
    file = str(world.home / "file")
    back_up(service.session, file)
    service("PutSecretValue", SecretId="a", SecretString="newer")
    service.session.vault.close()
    found(world, world.home)  # this machine has seen it
    words = ["restore", file, "--replace"]
    during, ended = outcomes(world, SAFE, words, tmp_path, share=1, since="/trust/")
    assert during == {"newer", "backed up"}
    assert ended == {"backed up"}


def these_tests_find_faults(world: World, service: Service, tmp_path: Path) -> None:
    """Without syncs an acknowledged value is lost or the vault damaged."""
    service("CreateSecret", Name="a", SecretString="old")
    service.session.vault.close()
    words = ["put-secret-value", "--secret-id", "a", "--secret-string", "new"]
    _, ended = outcomes(world, UNSAFE, words, tmp_path)
    assert ended > {"new"}


if HAS_STRACE:
    test_a_changed_value_survives = changed_value
    test_the_first_secret_survives = first_secret
    test_a_new_vault_survives = new_vault
    test_a_vault_survives_a_rekey = rekeyed
    test_a_restored_vault_survives = restored
    test_the_replay_finds_what_is_not_synced = these_tests_find_faults
