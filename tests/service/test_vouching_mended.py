"""Whatever another program wrote, one command of the owner's takes it away, by its place."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from secretctl import json_text
from secretctl.domain.kms_grants import Grant
from secretctl.domain.secret import Secret
from secretctl.errors import OwnerOnlyError, VaultDamagedError, VaultError
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import codec, fsck, grants, kms_grants, layout, principals, strays
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.service.conftest import Told, given_key
from tests.service.planted import ARN, DAY_MS, Scene

GHOST = ("nosuch",)
ELSEWHERE = layout.PRINCIPAL + b"u" + b"\7" * 16


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """What the tests begin with: a sound vault."""
    made = Scene(service, as_user)
    assert fsck.check(made.vault).problems == ()
    return made


def changed(member: str, value: object, name: str = "bob") -> Callable[[Transaction], None]:
    """Return what writes a member of a user's record."""

    def plant(seen: Transaction) -> None:
        where = principals.place(seen, "user", name)
        stored = seen.sealed_record(b"principal", principals.place(seen, "user", "bob")) or b""
        members: dict[str, Any] = json_text.read(stored.decode())
        members |= {"name": name, member: value}
        seen.put_sealed(b"principal", where, json_text.compact(members).encode())

    return plant


def a_copy_elsewhere(seen: Transaction) -> None:
    """Put bob's record at another place as well."""
    stored = seen.sealed_record(b"principal", principals.place(seen, "user", "bob")) or b""
    seen.put_sealed(b"principal", ELSEWHERE, stored)


def a_policy_without_versions(seen: Transaction) -> None:
    """Let a policy have no document at all."""
    members = {"name": "p", "id": "ANPA", "path": "/", "created_ms": 1, "updated_ms": 1}
    members |= {"versions": [], "in_force": 1, "digest": ""}
    where = principals.place(seen, "policy", "p")
    seen.put_sealed(b"principal", where, json_text.compact(members).encode())


def a_grant(grant_id: str, key_id: str, where: str) -> Callable[[Transaction], None]:
    """Return what puts a grant at a place."""

    def plant(seen: Transaction) -> None:
        bob = principals.find(seen, "user", "bob")
        assert bob is not None
        grant = Grant(grant_id, key_id, f"{ARN}:user/bob", bob.id, 1, ("Decrypt",))
        place = kms_grants.place(seen, grant._replace(id="ab" * 32))
        place = place if where == "its own" else place[:-1] + b"\0"
        seen.put_sealed(b"kms-grant", place, json_text.compact(grant).encode())

    return plant


def sealed_to_both(seen: Transaction) -> None:
    """Let something be sealed to two users whom one trust policy names."""
    for name in ("bob", "eve"):
        found = principals.find(seen, "user", name)
        assert found is not None
        seen.put_record(grants.place(seen, found.id, b"q" * 16), os.urandom(81))


def a_material(material: object) -> Callable[[Transaction], None]:
    """Return what lets a KMS key have material of that id."""

    def plant(seen: Transaction) -> None:
        directory = json_text.read(
            (seen.sealed_record(b"key-directory", layout.KEY_DIRECTORY) or b"").decode()
        )
        for key in directory["keys"].values():
            key[1].append([material, 1, False])
        plain = json_text.compact(directory).encode()
        seen.put_sealed(b"key-directory", layout.KEY_DIRECTORY, plain)

    return plant


def record(where: bytes, value: bytes = b"x" * 200) -> Callable[[Transaction], None]:
    """Return what puts any bytes at a place."""
    return lambda seen: seen.put_record(where, value)


def a_copy_of_a_secret(seen: Transaction) -> None:
    """Put a secret at another place, under its own number."""
    secret = seen.find("us-east-1", "prod/k")
    assert secret is not None
    where = layout.SECRET + seen.place(secret)[:8] + bytes(8)
    seen.put_sealed(b"secret", where, codec.encode(secret))


def a_name_that_none_can_have(seen: Transaction) -> None:
    """Make a secret of its own."""
    seen.put(Secret("us-east-1", "web/y$(touch PWN)\x1b", "AbCdEf", seen.next_number(), 0, 0))


PLANTS: dict[str, Callable[[Transaction], None]] = {
    "a group that is not there": changed("groups", GHOST),
    "what is no ARN": changed("attached", ["garbage"]),
    "a user in such a group": changed("groups", GHOST, "zed"),
    "a user with bob's id": changed("path", "/", "zed"),
    "a copy at another place": a_copy_elsewhere,
    "a grant on no key": a_grant("ab" * 32, "ghost", "its own"),
    "a grant at another place": a_grant("ab" * 32, "ghost", "elsewhere"),
    "a grant whose id is none": a_grant("zz", "ghost", "its own"),
    "junk sealed to two users": sealed_to_both,
    "a name that is a number": changed("name", 5),
    "a public key that is none": changed("public_key", "zz"),
    "a text for a list": changed("inline", "x"),
    "pairs that are none": changed("inline", [["a", "b", "c"]]),
    "an access key of numbers": changed("access_keys", [[1, 1, 1, 1]]),
    "a session in a user": changed("sessions", []),
    "a policy without versions": a_policy_without_versions,
    "material that is none": a_material("zz"),
    "material of a number": a_material(5),
    "a user that is no record": record(layout.PRINCIPAL + b"u" + bytes(16)),
    "a principal of no kind": record(layout.PRINCIPAL + b"x" + bytes(16)),
    "a value of no secret": record(layout.VALUE + bytes(20)),
    "a name of no secret": record(layout.NAME + bytes(32), bytes(16)),
    "a deletion of no secret": record(layout.DUE + bytes(32), b"\1"),
    "an access key of nobody": record(layout.CREDENTIAL + bytes(16)),
    "a private key of nobody": record(layout.PRIVATE_KEY + bytes(16)),
    "a key of no key": record(layout.KEK + bytes(16)),
    "a secret that is none": record(layout.SECRET + bytes(16)),
    "a copy of a secret": a_copy_of_a_secret,
    "a name that none can have": a_name_that_none_can_have,
    "no known kind": record(b"\xff\xff"),
}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_whatever_was_planted_is_listed_refused_and_dropped(
    scene: Scene, plant: Callable[[Transaction], None]
) -> None:
    """Never a crash; and afterwards vault and rekey are as if it had not been."""
    scene.plant(plant)
    report = fsck.check(scene.vault)
    assert report.problems
    assert report.is_droppable
    with pytest.raises(VaultDamagedError):
        scene.survey()
    for operation in ("ListUsers", "ListRoles", "ListPolicies"):
        with suppress(VaultDamagedError):
            scene.iam(operation)
    found = listed(scene.service.session)
    assert found
    drop(scene.service.session, [each.place for each in found])
    scene.is_mended()
    scene.survey()


def test_what_is_left_of_a_secret_is_told_as_such(scene: Scene) -> None:
    """Its value may be the owner's, in a vault that lost the record; a backup has both."""
    with scene.vault.read() as view:
        secret = view.find("us-east-1", "prod/k")
        assert secret is not None
        where = layout.SECRET + view.place(secret)
    scene.plant(lambda seen: seen.delete_record(where))
    left = f"of no secret {strays.LEFT}"
    scene.drops(f"a value {left}", f"a name {left}")


def test_what_is_dropped_is_in_the_journal_with_its_place(scene: Scene, told: Told) -> None:
    """And what it was; of a place that has nothing to drop, that it was refused."""
    scene.plant(changed("groups", GHOST))
    (found,) = listed(scene.service.session)
    told.lines()
    with scene.vault.read() as view:
        eve = principals.place(view, "user", "eve")
    with pytest.raises(VaultError, match="nothing that the owner does not vouch for"):
        drop(scene.service.session, [eve])
    drop(scene.service.session, [found.place])
    refused, intent, _ = told.events()
    assert (refused["eventName"], refused["errorCode"]) == ("DropUnvouched", "VaultError")
    assert intent["requestParameters"] == {
        "places": [found.place.hex()],
        "records": ["the user bob was changed"],
    }


def test_what_a_dropped_user_had_goes_with_it(scene: Scene) -> None:
    """Its access keys, grants and private key; one of that name can be made anew."""
    scene.plant(changed("path", "/x/"))
    scene.drops("the user bob was changed")
    scene.iam("CreateUser", UserName="bob")
    given_key(scene.iam, "bob")
    given = {"GranteePrincipal": f"{ARN}:user/bob", "Operations": ["Decrypt"]}
    scene.kms("CreateGrant", KeyId=scene.key, **given)
    assert fsck.check(scene.vault).problems == ()


def test_what_was_sealed_is_sealed_again_where_it_was_overwritten(scene: Scene) -> None:
    """The material of a grant, and the key of a role: bytes of eve's in their place are dropped."""
    bob, role = scene.user("bob"), scene.role()
    before = scene.sealed().keys()

    def plant(seen: Transaction) -> None:
        for where in list(seen.stored_keys(grants.prefix(seen, bob.id))):
            seen.put_record(where, os.urandom(81))

    scene.plant(plant)
    found = listed(scene.service.session)
    drop(scene.service.session, [each.place for each in found])
    assert scene.sealed().keys() == before
    with scene.vault.read() as view:
        assert view.stored_record(grants.place(view, bob.id, grants.role_key_id(role.id)))
    scene.is_mended()


def test_one_of_two_is_dropped_and_the_other_stays_refused(scene: Scene) -> None:
    """Nothing of the other is vouched for by that."""
    scene.plant(changed("groups", GHOST))
    scene.plant(changed("groups", GHOST, "zed"))
    bob, zed = sorted(listed(scene.service.session), key=lambda each: each.told)
    drop(scene.service.session, [bob.place])
    scene.refuses("the user zed is not the owner's", scene.survey)
    drop(scene.service.session, [zed.place])
    scene.is_mended()


def test_principals_are_refused_it(scene: Scene) -> None:
    """It takes the root key."""
    with pytest.raises(OwnerOnlyError):
        listed(scene.eve)
    with pytest.raises(OwnerOnlyError):
        drop(scene.eve, [ELSEWHERE])


def test_a_role_that_is_due_is_given_once_nothing_is_planted(scene: Scene) -> None:
    """While something is, no denial is taken away without a word."""
    denial = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    scene.iam("PutUserPolicy", UserName="bob", PolicyName="no", PolicyDocument=denial)
    allows = denial.replace("Deny", "Allow")
    scene.iam("PutUserPolicy", UserName="bob", PolicyName="yes", PolicyDocument=allows)
    where = grants.role_key_id(scene.role().id)
    scene.plant(changed("groups", GHOST, "zed"))
    scene.refuses(
        "the user zed is not the owner's",
        lambda: scene.iam("DeleteUserPolicy", UserName="bob", PolicyName="no"),
    )
    scene.drops("the user zed is not the owner's")
    scene.iam("DeleteUserPolicy", UserName="bob", PolicyName="no")
    with scene.vault.read() as view:
        assert view.stored_record(grants.place(view, scene.user("bob").id, where)) is not None


def test_a_key_that_is_due_waits_until_nothing_is_planted(scene: Scene, world: World) -> None:
    """A change of something else goes through meanwhile."""
    scene.kms("ScheduleKeyDeletion", KeyId=scene.key, PendingWindowInDays=7)
    scene.plant(changed("groups", GHOST, "zed"))
    scene.service("CreateSecret", Name="b", SecretString="v")
    world.clock.now_ms += 9 * DAY_MS
    scene.service("PutSecretValue", SecretId="b", SecretString="w")
    with scene.vault.read() as view:
        assert scene.key in view.kms_directory().keys
    drop(scene.service.session, [each.place for each in listed(scene.service.session)])
    world.clock.now_ms += 2 * DAY_MS
    scene.service("PutSecretValue", SecretId="b", SecretString="x")
    with scene.vault.read() as view:
        assert scene.key not in view.kms_directory().keys
    assert fsck.check(scene.vault).problems == ()
