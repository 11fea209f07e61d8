"""The directory of KMS keys is the owner's: what principals may take out of it, and when."""

import io
from collections.abc import Callable

import pytest

from secretctl.domain import kms
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import fsck, grants, kms_deletion, layout
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.service.conftest import Other, entries
from tests.service.planted import ARN, DAY_MS, Scene

BACK = "who kept it may put it back"


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
    found = listed(scene.service.session)
    assert found[0].told == "the directory of KMS keys and aliases was changed"
    drop(scene.service.session, [each.place for each in found])
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
    told = [each.told for each in listed(scene.service.session)]  # the grants on it, and no more
    assert told == ["4 grants or sealed keys are gone that the owner wrote; " + BACK]
    assert fsck.check(scene.vault, world.clock.now_ms).problems == ()
    scene.iam("CreateUser", UserName="next")
    assert listed(scene.service.session) == []


class Hidden:
    """Bob's grant and what is sealed to him, which his program removes and keeps."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        with scene.vault.read() as view:
            mine = grants.hashed(view, scene.user("bob").id)
            self._kept = [
                each
                for kind in (layout.KMS_GRANT, layout.GRANT)
                for each in view.stored_records(kind)
                if each[0][1:17] == mine
            ]

    def hide(self) -> None:
        """Remove them."""

        def plant(seen: Transaction) -> None:
            for where, _ in self._kept:
                seen.delete_record(where)

        self._scene.plant(plant)

    def put_back(self) -> None:
        """Put them back."""

        def plant(seen: Transaction) -> None:
            for where, stored in self._kept:
                seen.put_record(where, stored)

        self._scene.plant(plant)


def test_a_grant_that_hides_is_told_and_ended(
    scene: Scene, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By fsck, `vouching list` and list-grants; dropped, what comes back is not the owner's."""
    hidden, given = Hidden(scene), {"KeyId": scene.key}
    hidden.hide()
    report = fsck.check(scene.vault)
    assert (report.problems, report.gone) == ((), 5)
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: True)
    seeing = scene.service.session._replace(context=world.context._replace(stderr=shown))
    (left,) = entries(Other(seeing, "kms")("ListGrants", **given), "Grants")
    assert left["GranteePrincipal"] == f"{ARN}:role/dep"
    assert "5 grants or sealed keys are gone" in shown.getvalue()
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="w")
    hidden.put_back()
    assert listed(scene.service.session) == []
    hidden.hide()
    (found,) = listed(scene.service.session)
    assert found.told.startswith("5 grants or sealed keys are gone")
    drop(scene.service.session, [found.place])
    assert listed(scene.service.session) == []
    hidden.put_back()
    scene.refuses("is not the owner's", lambda: scene.kms("RotateKeyOnDemand", **given))
