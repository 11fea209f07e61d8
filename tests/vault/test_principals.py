"""Users, groups, roles and policies as records: sealed, found by name, each in its own place."""

from pathlib import Path

import pytest

from secretctl.domain.principals import (
    GROUP,
    KINDS,
    POLICY,
    ROLE,
    USER,
    AccessKey,
    Entity,
    Group,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
    kind_of,
)
from secretctl.errors import VaultDamagedError
from secretctl.service.secrets import writing
from secretctl.vault import layout, principals
from secretctl.vault.vault import Vault
from tests.conftest import Service
from tests.vault.stored import change, drop, of_kind, records_of

KEY = AccessKey("AKIA" + "A" * 16, 7, "Inactive")
WHOLE: tuple[Entity, ...] = (
    User("ci", "AIDA1", "/eng/", 5, "ab", ("g",), (("i", "{}"),), ("arn",), (KEY,), (("k", "ü"),)),
    Group("ci", "AGPA1", "/", 6, (("i", "{}"),), ("arn",)),
    Role("ci", "AROA1", "/", 7, "ab", "{}", "d", 7200, (("i", "{}"),), ("arn",), (("k", ""),)),
    ManagedPolicy("ci", "ANPA1", "/", 8, 9, (PolicyVersion(2, 9, "{}"),), 2, "ab", 2, "d"),
)


@pytest.fixture
def kept(service: Service) -> Vault:
    """A vault with one of each kind, all of one name, and a user more."""
    with writing(service.session) as transaction:
        for entity in (*WHOLE, User("eve", "AIDA2", "/", 1, "cd")):
            principals.put(transaction, entity)
    return service.session.vault


def test_what_is_kept_is_found_whole(kept: Vault) -> None:
    """Each kind by the same name, in any case; all of a kind by name."""
    with kept.read() as view:
        for entity in WHOLE:
            for name in ("ci", "CI"):
                assert principals.find(view, kind_of(entity), name) == entity
            assert principals.find(view, kind_of(entity), "c") is None
        assert [each.name for each in principals.all_of(view, USER)] == ["ci", "eve"]
        assert principals.all_of(view, GROUP) == [WHOLE[1]]


def test_what_is_removed_is_gone(service: Service, kept: Vault) -> None:
    """And nothing else with it."""
    with writing(service.session) as transaction:
        principals.delete(transaction, WHOLE[0])
    with kept.read() as view:
        assert principals.find(view, USER, "ci") is None
        assert all(principals.find(view, kind, "ci") for kind in (GROUP, ROLE, POLICY))


def test_no_name_is_in_the_clear(kept: Vault) -> None:
    """Nor an id, a path or a tag."""
    stored = Path(kept.directory, "vault.db").read_bytes()
    for text in (b"AIDA1", b"/eng/", b"eve", KEY.id.encode()):
        assert text not in stored


def test_a_record_opens_in_its_own_place_alone(kept: Vault) -> None:
    """Two of one kind exchanged are refused, and so is one put in another's place."""
    path = Path(kept.directory, "vault.db")
    records = records_of(path)
    left, right = [key for key in of_kind(records, layout.PRINCIPAL) if key[1:2] == b"u"]
    change(path, {left: records[right], right: records[left]})
    with kept.read() as view:
        for name in ("ci", "eve"):
            with pytest.raises(VaultDamagedError):
                principals.find(view, USER, name)
        with pytest.raises(VaultDamagedError):
            principals.all_of(view, USER)


@pytest.mark.parametrize("offset", [0, 40, 70, -1])
def test_a_changed_record_is_refused(kept: Vault, offset: int) -> None:
    """In its format, salt, commitment, or text."""
    path = Path(kept.directory, "vault.db")
    records = records_of(path)
    for key in of_kind(records, layout.PRINCIPAL):
        changed = bytearray(records[key])
        changed[offset] ^= 1
        change(path, {key: bytes(changed)})
    with kept.read() as view:
        for kind in KINDS:
            with pytest.raises(VaultDamagedError):
                principals.find(view, kind, "ci")


def test_a_missing_record_is_nobody(kept: Vault) -> None:
    """One look cannot tell; fsck does."""
    path = Path(kept.directory, "vault.db")
    for key in of_kind(records_of(path), layout.PRINCIPAL):
        drop(path, key)
    with kept.read() as view:
        assert principals.find(view, USER, "ci") is None
        assert principals.all_of(view, USER) == []


def test_a_record_under_another_name_is_refused(service: Service, kept: Vault) -> None:
    """Whoever has the access keys can seal one to any place; its name tells."""
    with writing(service.session) as transaction:
        where = principals.place(transaction, USER, "eve")
        ci = transaction.sealed_record(b"principal", principals.place(transaction, USER, "ci"))
        assert ci is not None
        transaction.put_sealed(b"principal", where, ci)
    with kept.read() as view, pytest.raises(VaultDamagedError, match="under another name"):
        principals.find(view, USER, "eve")
