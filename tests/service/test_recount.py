"""A digest that does not match is no end: where all else is right, it is made anew."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from secretctl.errors import OwnerOnlyError, VaultDamagedError, VaultError
from secretctl.service.session import Session
from secretctl.service.unvouched import countable, recount
from secretctl.vault import fsck, layout
from secretctl.vault.state import State
from tests.conftest import Service
from tests.service.conftest import Told
from tests.service.planted import Scene
from tests.service.test_vouching_mended import GHOST, changed
from tests.vault.forging import forging


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """A sound vault."""
    return Scene(service, as_user)


def strike(scene: Scene) -> None:
    """Remove the value of the newest secret from the file."""
    with sqlite3.connect(scene.path) as file:
        file.execute(
            "DELETE FROM record WHERE key = (SELECT max(key) FROM record WHERE key < x'77')"
        )
    file.close()


def test_what_a_removed_value_left_is_counted_anew(scene: Scene, told: Told) -> None:
    """Once the secret that lacks it is gone: a rekey goes through again, and it is recorded."""
    strike(scene)
    with pytest.raises(VaultDamagedError, match="is not all that is wrong"):
        recount(scene.service.session)
    scene.service("DeleteSecret", SecretId="b", ForceDeleteWithoutRecovery=True)
    assert fsck.check(scene.vault).problems == (fsck.DIGEST,)
    with pytest.raises(VaultDamagedError, match="the vault is damaged"):
        scene.survey()
    assert countable(scene.service.session).secrets == 2
    told.lines()
    recount(scene.service.session)
    request = told.events()[0]["requestParameters"]
    assert isinstance(request, dict)
    assert request["recordsBefore"] == request["records"] + 1
    scene.survey()
    scene.is_mended()


@pytest.mark.parametrize("forged", [{"digest": 5}, {"records": -3}, {"records": 10**9}])
def test_what_a_principal_wrote_as_the_sum_is_no_end(scene: Scene, forged: dict[str, Any]) -> None:
    """It is made anew from what is there."""
    with forging(scene.vault) as transaction:
        transaction.count_anew(transaction.state()._replace(**forged))
    assert fsck.check(scene.vault).problems == (fsck.DIGEST,)
    recount(scene.service.session)
    scene.is_mended()


def test_nothing_is_counted_that_the_owner_does_not_vouch_for(scene: Scene) -> None:
    """Nor where nothing is wrong, nor by anybody else."""
    with pytest.raises(VaultError, match="the digest matches"):
        recount(scene.service.session)
    with forging(scene.vault) as transaction:
        changed("groups", GHOST)(transaction)
        transaction.count_anew(State())
    for call in (recount, countable):
        with pytest.raises(VaultDamagedError):
            call(scene.service.session)
        with pytest.raises(OwnerOnlyError):
            call(scene.eve)
    with scene.vault.read() as view:
        assert view.state().records == 0
        assert view.stored_record(layout.VOUCHED) is not None
