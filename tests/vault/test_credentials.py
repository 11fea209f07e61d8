"""Credentials: what an access key opens of the vault, and what it does not."""

import os
from pathlib import Path

import pytest

from secretctl.domain.credential import Given
from secretctl.errors import KeyNotGrantedError, OwnerOnlyError, VaultDamagedError
from secretctl.service.secrets import writing
from secretctl.vault import credentials, grants, layout
from secretctl.vault.unlocked import Holder
from secretctl.vault.vault import LockedVault, Vault
from tests.conftest import Service, World
from tests.vault.stored import change, drop, of_kind, records_of

PRIVATE = bytes(range(32))
GIVEN = Given("AKIA" + "A" * 16, "s" * 40)
HOLDER = Holder(GIVEN.key_id, "user", "ci", "/", "AIDA1", PRIVATE)
SESSION = Given("ASIA" + "B" * 16, "t" * 40, "token")


@pytest.fixture
def path(service: Service) -> Path:
    """The file of a vault with a user's credential and a session's."""
    named = HOLDER._replace(key_id=SESSION.key_id, kind="role", session="s")
    of_session = named._replace(tags=(("k", "v"),), policies=(("", "{}"),), transitive=("k",))
    with writing(service.session) as transaction:
        keys = service.session.vault.keys
        for given, holder in ((GIVEN, HOLDER), (SESSION, of_session)):
            public = credentials.public_of(given, keys.vault_id)
            credentials.put(transaction, keys, public, holder)
    return Path(service.session.vault.directory, "vault.db")


def unlocked(world: World, given: Given) -> Vault | None:
    """Return the vault that a credential opens."""
    return LockedVault(world.directory).unlock_with(given, world.context.random)


@pytest.mark.usefixtures("path")
def test_a_credential_opens_names_and_neither_root_nor_journal(world: World) -> None:
    """What is granted to its principal is another matter."""
    vault = unlocked(world, GIVEN)
    assert vault is not None
    assert vault.keys.holder == HOLDER
    for owned in ("root", "journal_root"):
        with pytest.raises(OwnerOnlyError):
            getattr(vault.keys, owned)
    assert vault.keys.access.journal == b""
    with vault.read() as view, pytest.raises(KeyNotGrantedError):
        grants.opened(view, vault.keys, bytes(16))


@pytest.mark.usefixtures("path")
def test_a_session_is_known_whole(world: World) -> None:
    """With its name, tags and policies; its token is a part of its secret."""
    vault = unlocked(world, SESSION)
    assert vault is not None
    assert vault.keys.holder is not None
    assert (vault.keys.holder.session, vault.keys.holder.tags) == ("s", (("k", "v"),))
    assert vault.keys.holder.transitive == ("k",)
    assert vault.keys.holder.policies == (("", "{}"),)
    assert unlocked(world, SESSION._replace(session_token="")) is None
    assert unlocked(world, GIVEN._replace(session_token="token")) is None


@pytest.mark.usefixtures("path")
def test_every_other_secret_opens_nothing(world: World) -> None:
    """Whatever it is, a lone surrogate too."""
    for secret in ("", "s" * 39, "s" * 41, "S" * 40, "\ud800", "s" * 39 + "\0"):
        assert unlocked(world, GIVEN._replace(secret=secret)) is None
    assert unlocked(world, GIVEN._replace(key_id="AKIA\ud800")) is None
    assert unlocked(world, GIVEN._replace(key_id=SESSION.key_id)) is None


def test_a_credential_opens_in_its_own_place_alone(world: World, path: Path) -> None:
    """Exchanged, changed, cut or gone, it opens nothing."""
    records = records_of(path)
    left, right = of_kind(records, layout.CREDENTIAL)
    whole = records[left]
    for wrong in (records[right], whole[:-1], whole[:-1] + b"\0", b"", os.urandom(len(whole))):
        change(path, {left: wrong, right: whole})
        assert unlocked(world, GIVEN) is None
        assert unlocked(world, SESSION) is None
    drop(path, left)
    drop(path, right)
    assert unlocked(world, GIVEN) is None


def test_a_credential_is_made_anew_by_who_does_not_know_its_secret(
    world: World, service: Service, path: Path
) -> None:
    """What it opens is sealed to a key pair: the public key is enough to put other keys in."""
    keys = service.session.vault.keys
    public = credentials.public_of(GIVEN, keys.vault_id)
    renamed = HOLDER._replace(name="renamed", private_key=bytes(32))
    before = records_of(path)[credentials.place(keys.vault_id, GIVEN.key_id)]
    with writing(service.session) as transaction:
        credentials.put(transaction, keys, public, renamed)
    vault = unlocked(world, GIVEN)
    assert vault is not None
    assert vault.keys.holder == renamed
    assert before not in path.read_bytes()


def test_set_aside_it_opens_nothing_and_put_back_it_does(
    world: World, service: Service, path: Path
) -> None:
    """Once more under the root key, so that no program opens it with its secret."""
    keys = service.session.vault.keys
    where = credentials.place(keys.vault_id, GIVEN.key_id)
    before = records_of(path)[where]
    with writing(service.session) as transaction:
        credentials.set_aside(transaction, keys, GIVEN.key_id)
    aside = records_of(path)[where]
    assert credentials.is_aside(keys, GIVEN.key_id, aside)
    assert not credentials.is_aside(keys, GIVEN.key_id, before)
    assert before not in aside
    assert unlocked(world, GIVEN) is None
    assert unlocked(world, SESSION) is not None
    with writing(service.session) as transaction:
        credentials.put_back(transaction, keys, GIVEN.key_id)
    assert records_of(path)[where] == before
    assert unlocked(world, GIVEN) is not None


def test_what_is_not_there_is_neither_set_aside_nor_put_back(service: Service, path: Path) -> None:
    """Nor is put back what was not set aside."""
    assert path.exists()
    keys = service.session.vault.keys
    for act, key_id in (
        (credentials.set_aside, "AKIA"),
        (credentials.put_back, "AKIA"),
        (credentials.put_back, GIVEN.key_id),
    ):
        with pytest.raises(VaultDamagedError), writing(service.session) as transaction:
            act(transaction, keys, key_id)


def test_no_repr_shows_a_secret() -> None:
    """Of what is given, and of who holds it."""
    assert repr(GIVEN) == f"<credential {GIVEN.key_id}>"
    assert repr(HOLDER) == "<user ci>"
