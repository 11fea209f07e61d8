"""Counts of the vault's state that another program wrote: told, and mended by one command."""

from collections.abc import Callable

import pytest

from secretctl.domain.secret import Secret
from secretctl.errors import VaultDamagedError
from secretctl.service.older_copy import accept_restore
from secretctl.service.opening import Recording
from secretctl.service.session import Session
from secretctl.vault import fsck
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.service.planted import DAY_MS, Scene

BACK = "the number of the next secret was counted back: secretctl accept-restore"
PASSED = "secrets that are due were passed over: secretctl accept-restore"
COUNTS: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "a number that is too large": ({"next_number": 1 << 64}, (BACK,)),
    "a number below all": ({"next_number": -5}, (BACK,)),
    "a text for a number": ({"next_number": "a"}, (BACK,)),
    "a number that was given": ({"next_number": 1}, (BACK,)),
    "a day before all": ({"swept_day": -(10**30)}, (PASSED,)),
    "a day behind all years": ({"swept_day": 10**9}, (PASSED,)),
    "a day that is to come": ({"swept_day": 40_000}, (PASSED,)),
    "a text for a day": ({"swept_day": "a"}, (PASSED,)),
}


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """A sound vault, of which one secret is to be deleted."""
    made = Scene(service, as_user)
    service("CreateSecret", Name="going", SecretString="v")
    service("DeleteSecret", SecretId="going", RecoveryWindowInDays=7)
    assert fsck.check(made.vault).problems == ()
    return made


def accept(scene: Scene, world: World) -> None:
    """Say that the vault is the one to go on with."""
    accept_restore(world.context, scene.vault, "us-east-1", Recording("test"))


@pytest.mark.parametrize(("counts", "told"), COUNTS.values(), ids=COUNTS)
def test_counts_that_somebody_wrote_are_told_and_mended(
    scene: Scene, world: World, counts: dict[str, object], told: tuple[str, ...]
) -> None:
    """Never a crash; behind accept-restore secrets are made, and those that are due go."""

    def plant(seen: Transaction) -> None:
        seen._state = seen._state._replace(**counts)  # type: ignore[arg-type]  # as it is written
        seen.go_beyond(seen.begun.generation)

    scene.plant(plant)
    assert fsck.check(scene.vault).problems == told
    if told == (BACK,):
        with pytest.raises(VaultDamagedError) as caught:
            scene.service("CreateSecret", Name="new", SecretString="v")
        assert "secretctl accept-restore, which counts anew" in caught.value.hints
    else:
        scene.service("CreateSecret", Name="new", SecretString="v")
    accept(scene, world)
    assert fsck.check(scene.vault).problems == ()
    world.clock.now_ms += 9 * DAY_MS
    scene.service("CreateSecret", Name="later", SecretString="v")
    with scene.vault.read() as view:
        assert view.find("us-east-1", "going") is None
    assert fsck.check(scene.vault).problems == ()
    scene.survey()


def test_where_no_secret_is_to_be_deleted_it_is_accepted_as_well(
    service: Service, as_user: Callable[[str], Session], world: World
) -> None:
    """The vault goes on, and what is due later goes."""
    scene = Scene(service, as_user)
    accept(scene, world)
    assert fsck.check(scene.vault).problems == ()
    service("DeleteSecret", SecretId="prod/k", RecoveryWindowInDays=7)
    world.clock.now_ms += 9 * DAY_MS
    service("CreateSecret", Name="later", SecretString="v")
    with scene.vault.read() as view:
        assert view.find("us-east-1", "prod/k") is None


@pytest.mark.parametrize(
    "numbers", [[2**63 - 1], [2**62, 2**62 - 1], [2**32, 2**33, 2**63 - 1], [2**40]]
)
def test_numbers_that_somebody_made_up_lead_nowhere(
    scene: Scene, world: World, numbers: list[int]
) -> None:
    """Of secrets that were planted: new ones are made as before, and behind accept-restore."""

    def plant(seen: Transaction) -> None:
        for number in numbers:
            seen.put(Secret("us-east-1", f"made-up-{number}", "AbCdEf", number, 0, 0))
        seen.recount(max(numbers) + 1, seen.begun.swept_day)

    scene.plant(plant)
    for name in ("one", "two"):
        accept(scene, world)
        scene.service("CreateSecret", Name=name, SecretString="v")
        given = {"SecretId": name, "AddReplicaRegions": [{"Region": "eu-west-1"}]}
        scene.service("ReplicateSecretToRegions", **given)
        assert fsck.check(scene.vault).problems == ()
    with scene.vault.read() as view:
        made = view.find("eu-west-1", "two")
    assert made is not None
    assert made.number < 2**34
    scene.survey()
