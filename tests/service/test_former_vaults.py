"""The vault of an older secretctl, put back as if nothing had ever been vouched for."""

import os
from collections.abc import Callable

import pytest

from secretctl.cli import places
from secretctl.errors import RolledBackError, VaultDamagedError
from secretctl.service.older_copy import accept_restore
from secretctl.service.opening import Recording
from secretctl.service.session import Session
from secretctl.service.unvouched import renew
from secretctl.vault import fsck, grants, layout
from secretctl.vault.keyring import seal_access
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.service.conftest import Other
from tests.service.planted import Scene
from tests.service.test_rekeying import Used


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """A vault of which this machine has seen that it is vouched for."""
    return Scene(service, as_user)


def test_what_was_vouched_for_is_not_taken_over_as_if_it_had_never_been(
    scene: Scene, world: World
) -> None:
    """Accepted, values are read; users and keys wait for the owner's word, who looks first."""
    owner, keys = Used(world), scene.vault.keys
    opened = owner.opened()
    Other(opened, "iam")("CreateUser", UserName="one")
    opened.close()
    former = seal_access(keys.root, keys.vault_id, keys.access._replace(vouches=0))
    eve = scene.user("eve")

    def plant(seen: Transaction) -> None:
        seen.put_record(layout.ACCESS, former)
        seen.delete_record(layout.VOUCHED)
        seen.put_vouched(0, b"")
        seen.put_record(grants.prefix(seen, eve.id) + b"q" * 16, os.urandom(81))

    scene.plant(plant)
    trust = places.trust_file(world.context.environ, keys.vault_id.hex())
    with pytest.raises(RolledBackError, match="what the vault's owner vouches for is older"):
        owner.opened()
    accept_restore(world.context, scene.vault, "us-east-1", Recording("test", trust))
    opened = owner.opened()
    assert Service(opened)("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    for service, name, given in (
        ("iam", "CreateUser", {"UserName": "two"}),
        ("kms", "RotateKeyOnDemand", {"KeyId": scene.key}),
    ):
        with pytest.raises(VaultDamagedError, match="is missing or damaged") as caught:
            Other(opened, service)(name, **given)
        assert any("secretctl vouching renew" in each for each in caught.value.hints)
    assert any("is missing or damaged" in each for each in fsck.check(opened.vault).problems)
    renew(opened)
    Other(opened, "iam")("CreateUser", UserName="two")
    opened.close()
