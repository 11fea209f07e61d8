"""Keys granted to principals: each opens with one private key, in one place."""

from pathlib import Path

import pytest

from secretctl.crypto.recipients import public_key
from secretctl.errors import KeyNotGrantedError, OwnerOnlyError, VaultDamagedError
from secretctl.service.secrets import writing
from secretctl.vault import grants, layout
from secretctl.vault.unlocked import Holder, Keys
from tests.conftest import Service
from tests.vault.stored import change, drop, of_kind, records_of

KEY_ID, OTHER_ID = bytes(16), b"\1" * 16
KEY = b"k" * 32
PRIVATES = {"AIDA1": bytes(range(32)), "AIDA2": bytes(range(1, 33))}


@pytest.fixture
def path(service: Service) -> Path:
    """The file of a vault with two principals, each of whom is granted a key of its own."""
    keys = service.session.vault.keys
    with writing(service.session) as transaction:
        for (grantee, private), key_id in zip(PRIVATES.items(), (KEY_ID, OTHER_ID), strict=True):
            grants.keep_private(transaction, keys, grantee, private)
            grants.give(transaction, keys, (grantee, public_key(private)), key_id, KEY)
    return Path(service.session.vault.directory, "vault.db")


def held(service: Service, grantee: str, private: bytes = b"") -> Keys:
    """Return the keys that a principal's credential opens."""
    keys = service.session.vault.keys
    holder = Holder("AKIA", "user", "x", "/", grantee, private or PRIVATES[grantee])
    return Keys(keys.vault_id, b"", keys.access._replace(journal=b""), holder)


def opened(service: Service, grantee: str, key_id: bytes, private: bytes = b"") -> bytes:
    """Return a key that is granted to somebody."""
    with service.session.vault.read() as view:
        return grants.opened(view, held(service, grantee, private), key_id)


@pytest.mark.usefixtures("path")
def test_a_grant_is_one_principals_for_one_key(service: Service) -> None:
    """Nobody else's, and for no other key."""
    assert opened(service, "AIDA1", KEY_ID) == KEY
    assert opened(service, "AIDA2", OTHER_ID) == KEY
    for grantee, key_id in (("AIDA1", OTHER_ID), ("AIDA2", KEY_ID)):
        with pytest.raises(KeyNotGrantedError):
            opened(service, grantee, key_id)


@pytest.mark.usefixtures("path")
def test_what_was_taken_back_opens_no_more(service: Service) -> None:
    """To take what was not given changes nothing."""
    with writing(service.session) as transaction:
        grants.take(transaction, "AIDA1", KEY_ID)
        grants.take(transaction, "AIDA1", KEY_ID)
    with pytest.raises(KeyNotGrantedError):
        opened(service, "AIDA1", KEY_ID)
    assert opened(service, "AIDA2", OTHER_ID) == KEY


@pytest.mark.usefixtures("path")
def test_another_private_key_opens_nothing(service: Service) -> None:
    """It is an error, since the record is there."""
    with pytest.raises(VaultDamagedError, match="a grant of the vault is damaged"):
        opened(service, "AIDA1", KEY_ID, PRIVATES["AIDA2"])


def test_grants_exchanged_or_changed_are_refused(service: Service, path: Path) -> None:
    """Sealed to another, moved, cut, or changed in a bit."""
    records = records_of(path)
    left, right = of_kind(records, layout.GRANT)
    for wrong in (records[right], records[left][:-1], b"", records[left][:-1] + b"\0"):
        change(path, {left: wrong, right: records[left]})
        for grantee, key_id in (("AIDA1", KEY_ID), ("AIDA2", OTHER_ID)):
            with pytest.raises(VaultDamagedError):
                opened(service, grantee, key_id)


def test_private_keys_open_with_the_root_key_alone(service: Service, path: Path) -> None:
    """Each in its place; missing or exchanged they are errors."""
    vault = service.session.vault
    with vault.read() as view:
        for grantee, private in PRIVATES.items():
            assert grants.private_of(view, vault.keys, grantee) == private
        with pytest.raises(OwnerOnlyError):
            grants.private_of(view, held(service, "AIDA1"), "AIDA1")
    records = records_of(path)
    left, right = of_kind(records, layout.PRIVATE_KEY)
    change(path, {left: records[right]})
    drop(path, right)
    with vault.read() as view:
        for grantee in PRIVATES:
            with pytest.raises(VaultDamagedError, match="a principal's key is damaged"):
                grants.private_of(view, vault.keys, grantee)


def test_a_principal_is_forgotten_with_all_it_was_granted(service: Service, path: Path) -> None:
    """And nobody else with it."""
    with writing(service.session) as transaction:
        grants.forget(transaction, "AIDA1")
    records = records_of(path)
    assert len(of_kind(records, layout.GRANT)) == len(of_kind(records, layout.PRIVATE_KEY)) == 1
    assert opened(service, "AIDA2", OTHER_ID) == KEY
