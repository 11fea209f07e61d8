"""The directory of KMS keys is the owner's: what principals may take out of it, and when."""

from collections.abc import Callable

import pytest

from secretctl.domain import kms
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import fsck, kms_deletion
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.service.planted import DAY_MS, Scene


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """What the tests begin with: a key with a grant, and a value under it."""
    return Scene(service, as_user)


def early(*, with_its_records: bool) -> Callable[[Transaction], None]:
    """Return what takes a key that is pending deletion away, as the sweep does once it is over."""

    def plant(seen: Transaction) -> None:
        directory = seen.kms_directory()
        key = next(each for each in directory.keys.values() if each.delete_after_ms)
        if with_its_records:
            kms_deletion.remove(seen, key)
        else:
            seen.put_kms_directory(kms.without_key(directory, key))

    return plant


@pytest.mark.parametrize("with_its_records", [False, True])
def test_a_key_goes_once_its_waiting_period_is_over_and_not_before(
    scene: Scene, world: World, *, with_its_records: bool
) -> None:
    """Until then it is told, refused and put back, and the deletion can still be cancelled."""
    scene.kms("ScheduleKeyDeletion", KeyId=scene.key, PendingWindowInDays=7)
    world.clock.now_ms += 7 * DAY_MS - 1
    scene.plant(early(with_its_records=with_its_records))
    scene.refuses(
        "the directory of KMS keys and aliases was changed",
        lambda: scene.iam("CreateUser", UserName="mallory"),
        lambda: scene.service("CreateSecret", Name="b", SecretString="v"),
        scene.survey,
    )
    (found,) = listed(scene.service.session)
    drop(scene.service.session, [found.place])
    scene.kms("CancelKeyDeletion", KeyId=scene.key)
    scene.kms("EnableKey", KeyId=scene.key)
    if with_its_records:  # its material is lost, as a value that is removed
        (problem,) = fsck.check(scene.vault).problems
        assert problem.startswith("a key of the key directory is missing: ")
    else:
        assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
        scene.is_mended()


def test_a_key_that_a_principal_swept_is_no_difference(scene: Scene, world: World) -> None:
    """From the moment on at which its waiting period ends, by the owner's clock."""
    scene.kms("ScheduleKeyDeletion", KeyId=scene.key, PendingWindowInDays=7)
    world.clock.now_ms += 7 * DAY_MS
    scene.plant(early(with_its_records=True))
    assert listed(scene.service.session) == []
    assert fsck.check(scene.vault, world.clock.now_ms).problems == ()
    scene.iam("CreateUser", UserName="next")
