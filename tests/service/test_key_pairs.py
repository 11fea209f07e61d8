"""Who has an access key no more opens nothing that comes; and a key that is gone is made anew."""

from collections.abc import Callable

import pytest

from secretctl.domain.credential import Given
from secretctl.domain.principals import USER
from secretctl.errors import VaultDamagedError, VaultError
from secretctl.service.iam import trusting
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import credentials, fsck, grants, key_pairs, layout
from secretctl.vault.transaction import Transaction
from secretctl.vault.unlocked import Holder
from secretctl.vault.vault import LockedVault, Vault
from secretctl.vault.view import View
from tests.conftest import Service, World
from tests.service.conftest import ALLOWS_ALL, Other, given_key
from tests.service.planted import ARN, TRUST, Scene

BOB = {"UserName": "bob"}


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """Bob, who is granted the key of prod and may become dep, and has one access key."""
    made = Scene(service, as_user)
    made.iam("PutUserPolicy", PolicyName="all", PolicyDocument=ALLOWS_ALL, **BOB)
    return made


def place_of(scene: Scene, given: Given) -> bytes:
    """Return the place of a credential."""
    return credentials.place(scene.vault.keys.vault_id, given.key_id)


def kept(scene: Scene) -> Vault:
    """Return the vault as it was opened with bob's access key, whatever becomes of that."""
    with scene.vault.read() as view:
        stored = view.stored_record(place_of(scene, scene.bobs))
    keys = credentials.unlocked(scene.bobs, scene.vault.keys.vault_id, stored or b"")
    assert keys is not None
    return Vault(scene.vault.directory, scene.vault.engine, keys, bytes, "access-key")


def read_by(vault: Vault) -> list[bytes]:
    """Return what values of prod/k another program opens with the keys of *vault*."""
    found = []
    with vault.engine.read() as reader:
        vault.keys.keks.clear()
        view = View(reader, vault.keys)
        secret = view.find("us-east-1", "prod/k")
        assert secret is not None
        for version in secret.versions:
            try:
                found.append(view.stored_value(secret, version).plain)
            except (VaultDamagedError, VaultError):
                found.append(b"")
    return found


def opened(world: World, given: Given) -> Service:
    """Return the operations for whoever has an access key."""
    vault = LockedVault(world.directory).unlock_with(given, world.context.random)
    assert vault is not None
    return Service(world.begin(vault))


@pytest.mark.parametrize("how", ["deleted", "inactive"])
def test_who_kept_what_an_access_key_opened_reads_nothing_that_comes(
    scene: Scene, world: World, how: str
) -> None:
    """Under new material of the key; the user's other access key does, and sessions as well."""
    other, before = given_key(scene.iam, "bob"), kept(scene)
    assert read_by(before) == [b"V-K"]
    key = {"AccessKeyId": scene.bobs.key_id, **BOB}
    if how == "deleted":
        scene.iam("DeleteAccessKey", **key)
    else:
        scene.iam("UpdateAccessKey", Status="Inactive", **key)
    assert fsck.check(scene.vault).problems == ()
    scene.kms("RotateKeyOnDemand", KeyId=scene.key, Rewrap=True)
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="LATER")
    assert read_by(before) == [b"", b""]
    bobs = opened(world, other)
    assert bobs("GetSecretValue", SecretId="prod/k")["SecretString"] == "LATER"
    Other(bobs.session, "sts")("AssumeRole", RoleArn=f"{ARN}:role/dep", RoleSessionName="s1")
    if how == "inactive":
        scene.iam("UpdateAccessKey", Status="Active", **key)
        again = opened(world, scene.bobs)
        assert again("GetSecretValue", SecretId="prod/k")["SecretString"] == "LATER"
    scene.is_mended()


def test_no_principal_keeps_the_owner_from_ending_its_access_key(
    scene: Scene, world: World
) -> None:
    """With its record out of the way; back it opens nothing, and fsck says that it is not right."""
    where = place_of(scene, scene.bobs)
    with scene.vault.read() as view:
        stored = view.stored_record(where) or b""
    scene.plant(lambda seen: seen.delete_record(where))
    key = {"AccessKeyId": scene.bobs.key_id, **BOB}
    scene.iam("UpdateAccessKey", Status="Inactive", **key)
    scene.is_mended()
    scene.plant(lambda seen: seen.put_record(where, stored))
    (found,) = listed(scene.service.session)
    assert found.told == f"the access key {scene.bobs.key_id} was changed"
    scene.kms("RotateKeyOnDemand", KeyId=scene.key, Rewrap=True)
    assert read_by(kept(scene)) == [b""]
    drop(scene.service.session, [found.place])
    assert LockedVault(world.directory).unlock_with(scene.bobs, world.context.random) is None
    assert fsck.check(scene.vault).problems == ()


def removed_private(name: str) -> Callable[[Scene], bytes]:
    """Return what gives the place of the private key of bob, or of dep."""

    def where(scene: Scene) -> bytes:
        holder = scene.role() if name == "dep" else scene.user(name)
        with scene.vault.read() as view:
            return grants.private_place(view, holder.id)

    return where


LOST: dict[str, tuple[Callable[[Scene], bytes], str]] = {
    "of a user": (removed_private("bob"), "the key pair of the user bob"),
    "of a role": (removed_private("dep"), "the key pair of the role dep"),
}


@pytest.mark.parametrize(("of", "shown"), LOST.values(), ids=LOST)
@pytest.mark.parametrize("stored", [None, b"x" * 150])
def test_a_key_pair_that_is_lost_is_made_anew(
    scene: Scene, world: World, of: Callable[[Scene], bytes], shown: str, stored: bytes | None
) -> None:
    """`vouching drop` does it: access keys stay good, what is granted is sealed again."""
    bobs = opened(world, scene.bobs)
    sts = Other(bobs.session, "sts")
    sts("AssumeRole", RoleArn=f"{ARN}:role/dep", RoleSessionName="s1")
    where = of(scene)

    def plant(seen: Transaction) -> None:
        if stored is None:
            seen.delete_record(where)
        else:
            seen.put_record(where, stored)

    scene.plant(plant)
    assert fsck.check(scene.vault).is_droppable
    with pytest.raises(VaultDamagedError):
        scene.survey()
    (found,) = listed(scene.service.session)
    assert found.told == f"{shown} {'is gone' if stored is None else 'was changed'}"
    drop(scene.service.session, [found.place])
    scene.is_mended()
    scene.survey()
    bobs = opened(world, scene.bobs)
    assert bobs("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    Other(bobs.session, "sts")("AssumeRole", RoleArn=f"{ARN}:role/dep", RoleSessionName="s1")


def test_an_access_key_that_is_lost_is_made_anew(scene: Scene, world: World) -> None:
    """With the key pair there is; a session that is lost has ended."""
    bobs = opened(world, scene.bobs)
    sts = Other(bobs.session, "sts")
    sts("AssumeRole", RoleArn=f"{ARN}:role/dep", RoleSessionName="s1")

    def plant(seen: Transaction) -> None:
        for where in list(seen.stored_keys(layout.CREDENTIAL)):
            if where not in eves:
                seen.delete_record(where)

    with scene.vault.read() as view:
        vault_id = view.keys.vault_id
    eves = [credentials.place(vault_id, key.id) for key in scene.user("eve").access_keys]
    scene.plant(plant)
    assert LockedVault(world.directory).unlock_with(scene.bobs, world.context.random) is None
    found = listed(scene.service.session)
    assert len(found) == 2
    drop(scene.service.session, [each.place for each in found])
    assert opened(world, scene.bobs)("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    assert scene.role().sessions == ()
    scene.is_mended()


def test_no_key_is_made_for_whom_the_owner_does_not_vouch(scene: Scene) -> None:
    """What is not the owner's goes first: nothing of bob's is offered until then."""
    where = removed_private("bob")(scene)
    with scene.vault.read() as view:
        stored = dict(view.stored_records(layout.KMS_GRANT))
    scene.plant(lambda seen: seen.delete_record(where))
    forged = next(iter(stored))[:-1] + b"\0"
    scene.plant(lambda seen: seen.put_record(forged, next(iter(stored.values()))))
    (found,) = listed(scene.service.session)
    assert found.told == "a grant is not the owner's"


def misled(scene: Scene) -> bytes:
    """Return a record for bob's access key that opens the vault, but not what is granted to bob."""
    (key,) = scene.user("bob").access_keys
    holder = Holder(key.id, USER, "bob", "/", scene.user("bob").id, bytes(32))
    put: list[bytes] = []

    def plant(seen: Transaction) -> None:
        credentials.put(seen, scene.vault.keys, bytes.fromhex(key.public_key), holder)
        put.append(seen.stored_record(place_of(scene, scene.bobs)) or b"")

    scene.plant(plant)
    return put[0]


@pytest.mark.parametrize("stored", [lambda _: b"J" * 300, misled], ids=["junk", "misleading"])
def test_an_access_key_that_opens_something_else_is_made_anew(
    scene: Scene, world: World, stored: Callable[[Scene], bytes]
) -> None:
    """Whoever has the keys of the vault can write its record; the secret that is kept tells."""
    record = stored(scene)
    scene.plant(lambda seen: seen.put_record(place_of(scene, scene.bobs), record))
    said = f"an access key does not open what it did: {scene.bobs.key_id}"
    report = fsck.check(scene.vault)
    assert report.problems == (said,)
    assert report.is_droppable
    scene.drops(f"the access key {scene.bobs.key_id} was changed")
    assert opened(world, scene.bobs)("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"


SEALS: dict[str, Callable[[Scene], object]] = {
    "bob": lambda scene: scene.iam("CreateAccessKey", UserName="bob"),
    "dep": lambda scene: scene.iam(
        "UpdateAssumeRolePolicy", RoleName="dep", PolicyDocument=TRUST % f"{ARN}:user/eve"
    ),
}


@pytest.mark.parametrize(("kind", "name"), [("user", "bob"), ("role", "dep")])
def test_an_older_key_pair_put_back_is_told_and_made_anew(
    scene: Scene, world: World, kind: str, name: str
) -> None:
    """No access key is made with it, nor a role's key given: grants are sealed to another."""
    holder = scene.role() if name == "dep" else scene.user(name)
    where = removed_private(name)(scene)
    with writing(scene.service.session) as transaction:
        before = transaction.stored_record(where) or b""
        key_pairs.renew(transaction, holder, key_pairs.new_pair(world.context.random))
        trusting.settle(scene.service.session, transaction)
    scene.plant(lambda seen: seen.put_record(where, before))
    assert fsck.check(scene.vault).problems == (f"a principal's key is damaged: {name}",)
    refused = f"the key pair of the {kind} {name} was changed"
    with pytest.raises(VaultDamagedError, match=refused) as caught:
        SEALS[name](scene)
    assert caught.value.hints[1].startswith(f"secretctl vouching drop {where.hex()}")
    scene.drops(refused)
    bobs = opened(world, scene.bobs)
    assert bobs("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    Other(bobs.session, "sts")("AssumeRole", RoleArn=f"{ARN}:role/dep", RoleSessionName="s1")
