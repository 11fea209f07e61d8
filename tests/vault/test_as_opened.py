"""A vault that stays open knows whether what opened it would do so now."""

from collections.abc import Callable

import pytest

from secretctl.domain.credential import Given
from secretctl.service.secrets import writing
from secretctl.vault import credentials, slots
from secretctl.vault.unlocked import Holder
from secretctl.vault.vault import LockedVault, Vault
from tests.conftest import Service, World, change_slots

GIVEN = Given("AKIA" + "A" * 16, "s" * 40)
HOLDER = Holder(GIVEN.key_id, "user", "ci", "/", "AIDA1", bytes(range(32)))


def test_the_owners_is_until_unlock_slots_change(
    world: World, service: Service, reopen: Callable[[], Vault]
) -> None:
    """What is written into the vault makes no difference; another slot does."""
    vault = reopen()
    service("CreateSecret", Name="a", SecretString="v")
    assert vault.is_as_opened()
    keys = vault.keys
    slot = slots.key_file_slot(keys.vault_id, keys.root, bytes(32), world.context.random, 0)
    change_slots(world, vault, lambda header: header._replace(slots=(*header.slots, slot)))
    assert not vault.is_as_opened()


@pytest.mark.parametrize("change", ["set aside", "made anew", "removed"])
def test_a_principals_is_until_its_credential_changes(
    world: World, service: Service, change: str
) -> None:
    """One that is set aside, made anew or removed opens something else, or nothing."""
    session = service.session
    keys = session.vault.keys
    public = credentials.public_of(GIVEN, keys.vault_id)
    with writing(session) as transaction:
        credentials.put(transaction, keys, public, HOLDER)
    vault = LockedVault(world.directory).unlock_with(GIVEN, world.context.random)
    assert vault is not None
    service("CreateSecret", Name="a", SecretString="v")
    assert vault.is_as_opened()
    with writing(session) as transaction:
        if change == "set aside":
            credentials.set_aside(transaction, keys, GIVEN.key_id)
        elif change == "removed":
            credentials.remove(transaction, keys, GIVEN.key_id)
        else:
            credentials.put(transaction, keys, public, HOLDER._replace(tags=(("a", "b"),)))
    assert not vault.is_as_opened()
