"""Records nested deeply, which another program wrote, keep the owner from nothing."""

from collections.abc import Callable

import pytest

from secretctl.errors import VaultDamagedError
from secretctl.service.session import Session
from secretctl.service.unvouched import listed
from secretctl.vault import fsck, kms_grants, layout, principals
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
from tests.service.planted import Scene

DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def a_user(seen: Transaction) -> tuple[bytes, bytes]:
    """A record of nobody's."""
    return b"principal", principals.place(seen, "user", "zed")


def bob(seen: Transaction) -> tuple[bytes, bytes]:
    """That of a user who is there."""
    return b"principal", principals.place(seen, "user", "bob")


def a_grant(seen: Transaction) -> tuple[bytes, bytes]:
    """A grant that is there."""
    return kms_grants.FIELD, next(iter(seen.stored_keys(layout.KMS_GRANT)))


def keys(_seen: Transaction) -> tuple[bytes, bytes]:
    """The key directory."""
    return b"key-directory", layout.KEY_DIRECTORY


@pytest.mark.parametrize("which", [a_user, bob, a_grant, keys])
def test_it_is_told_and_dropped(
    service: Service,
    as_user: Callable[[str], Session],
    which: Callable[[Transaction], tuple[bytes, bytes]],
) -> None:
    """Changes are refused, ``fsck`` says why, and what is listed can be taken away."""
    scene = Scene(service, as_user)

    def plant(seen: Transaction) -> None:
        field, where = which(seen)
        seen.put_sealed(field, where, DEEP)

    scene.plant(plant)
    for refused in (lambda: scene.iam("CreateUser", UserName="new"), scene.survey):
        with pytest.raises(VaultDamagedError):
            refused()
    assert fsck.check(scene.vault).is_droppable
    found = listed(service.session)
    scene.drops(*[each.told for each in found])
    assert service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
