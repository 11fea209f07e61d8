"""KMS: new material for a key, and wrapping data keys anew under it."""

from collections.abc import Callable

import pytest

from secretctl.service.kms import rotation
from secretctl.service.session import Session
from secretctl.vault.fsck import check
from tests.conftest import Service, World
from tests.service.conftest import Other, Told, described, new_key
from tests.service.test_kms_keys import material_of, materials

COUNT = 12


@pytest.fixture
def key_id(kms: Other, service: Service, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key with twelve values under it and some that are not; batches of five."""
    monkeypatch.setattr(rotation, "BATCH", 5)
    made = new_key(kms, "alias/k")
    for number in range(COUNT):
        service("CreateSecret", Name=f"k{number}", SecretString=f"v{number}", KmsKeyId=made)
        service("CreateSecret", Name=f"d{number}", SecretString=f"d{number}")
    return made


def assert_as_before(service: Service) -> None:
    """Check that every value is what it was, and the vault sound."""
    for number in range(COUNT):
        for name, value in ((f"k{number}", f"v{number}"), (f"d{number}", f"d{number}")):
            assert service("GetSecretValue", SecretId=name)["SecretString"] == value
    assert check(service.session.vault).problems == ()


def test_what_is_written_after_a_rotation_is_under_new_material(
    kms: Other, service: Service, key_id: str
) -> None:
    """What was written before stays under the old, which stays."""
    (old,) = materials(service, key_id)
    before = described(kms, key_id)["CurrentKeyMaterialId"]
    answer = kms("RotateKeyOnDemand", KeyId=key_id)
    assert answer == {"KeyId": f"arn:aws:kms:us-east-1:000000000000:key/{key_id}"}
    assert described(kms, key_id)["CurrentKeyMaterialId"] != before
    service("PutSecretValue", SecretId="k0", SecretString="v0")
    assert material_of(service, "k0") == materials(service, key_id)[-1] != old
    assert material_of(service, "k1") == old == materials(service, key_id)[0]
    assert_as_before(service)


def test_a_rewrapping_moves_everything_and_drops_the_old(
    world: World, kms: Other, service: Service, key_id: str
) -> None:
    """In batches, each recorded; values and secrets' records are not touched."""
    kms("RotateKeyOnDemand", KeyId=key_id)
    with service.session.vault.read() as view:
        before = {key: view.stored_record(key) for key in view.stored_keys(b"s")}
        values = {key: view.stored_record(key) or b"" for key in view.stored_keys(b"v")}
    told, progress = Told(world), list[tuple[int, int]]()
    told.lines()
    session = service.session._replace(progress=lambda *each: progress.append(each))
    Other(session, "kms")("RotateKeyOnDemand", KeyId=key_id, Rewrap=True)
    assert len(materials(service, key_id)) == 1
    assert progress == [(5, COUNT), (10, COUNT), (COUNT, COUNT)]
    events = told.events()
    assert [each["eventName"] for each in events] == ["RotateKeyOnDemand"] * 2 + [
        "RewrapDataKeys"
    ] * 6
    said = [each["requestParameters"] for each in events]
    assert said[0] == {"keyId": key_id, "rewrap": True}
    assert said[-1] == {"keyId": key_id, "values": 2, "droppedMaterials": 2}
    with service.session.vault.read() as view:
        assert before == {key: view.stored_record(key) for key in view.stored_keys(b"s")}
        for key, old in values.items():
            new = view.stored_record(key) or b""
            assert new[161:] == old[161:]
            is_moved = new[:16].hex() == materials(service, key_id)[0]
            assert is_moved == (new[:161] != old[:161])
    assert_as_before(service)


def test_a_rewrapping_that_broke_off_is_gone_on_with(
    kms: Other, service: Service, key_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command makes no new material, and does only what is left."""

    def broken(_done: int, _total: int) -> None:
        raise InterruptedError

    session = service.session._replace(progress=broken)
    with pytest.raises(InterruptedError):
        Other(session, "kms")("RotateKeyOnDemand", KeyId=key_id, Rewrap=True)
    old, new = materials(service, key_id)
    moved = [material_of(service, f"k{number}") for number in range(COUNT)]
    assert (moved.count(old), moved.count(new)) == (COUNT - 5, 5)
    assert_as_before(service)
    monkeypatch.setattr(rotation, "BATCH", 100)
    kms("RotateKeyOnDemand", KeyId=key_id, Rewrap=True)
    assert materials(service, key_id) == [new]
    assert_as_before(service)
    kms("RotateKeyOnDemand", KeyId=key_id, Rewrap=True)
    assert materials(service, key_id) != [new]


def test_a_rotation_meanwhile_is_caught_up_with(kms: Other, service: Service, key_id: str) -> None:
    """Nothing stays under material that was new when the rewrapping began."""
    rotated: list[int] = []

    def meanwhile(done: int, _total: int) -> None:
        if not rotated:
            rotated.append(done)
            kms("RotateKeyOnDemand", KeyId=key_id)
            service("PutSecretValue", SecretId="k0", SecretString="v0")

    session = service.session._replace(progress=meanwhile)
    Other(session, "kms")("RotateKeyOnDemand", KeyId=key_id, Rewrap=True)
    (only,) = materials(service, key_id)
    assert {material_of(service, f"k{number}") for number in range(COUNT)} == {only}
    assert_as_before(service)


def test_grantees_read_all_before_during_and_after(
    kms: Other, iam: Other, service: Service, key_id: str, as_user: Callable[[str], Session]
) -> None:
    """New material is sealed to them in the commit that makes it; dropped material is not kept."""
    iam("CreateUser", UserName="ci")
    arn = "arn:aws:iam::000000000000:user/ci"
    kms("CreateGrant", KeyId=key_id, GranteePrincipal=arn, Operations=["Decrypt"])
    theirs = Service(as_user("ci"))
    for given in ({}, {"Rewrap": True}):
        kms("RotateKeyOnDemand", KeyId=key_id, **given)
        for number in range(COUNT):
            value = theirs("GetSecretValue", SecretId=f"k{number}")["SecretString"]
            assert value == f"v{number}"
    with service.session.vault.read() as view:
        sealed = {key[17:].hex() for key in view.stored_keys(b"g")}
    assert set(materials(service, key_id)) < sealed
    assert len(sealed) == 2
    assert_as_before(service)
