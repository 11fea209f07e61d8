"""What another program writes into the record of a secret: no other secret's value, no dead end."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from secretctl.domain.secret import Secret, Version
from secretctl.errors import VaultDamagedError
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import codec, fsck, layout
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.service.planted import DAY_MS, Scene

REGION = "us-east-1"


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """A sound vault, which has a secret under the default key besides that of prod."""
    made = Scene(service, as_user)
    service("CreateSecret", Name="web/x", SecretString="V-WEB")
    assert fsck.check(made.vault).problems == ()
    return made


def found(seen: Transaction, name: str) -> Secret:
    """Return a secret of the vault."""
    secret = seen.find(REGION, name)
    assert secret is not None
    return secret


def kept(seen: Transaction, where: bytes, secret: Secret) -> None:
    """Let a secret's record say anything."""
    key = layout.SECRET + where
    seen.put_sealed(b"secret", key, codec.encode(secret))


def drops_all(scene: Scene) -> None:
    """Take away what is not the owner's until nothing is left; see that the vault is sound then."""
    rounds = 0
    while places := [each.place for each in listed(scene.service.session)]:
        drop(scene.service.session, places)
        rounds += 1
        assert rounds < 3
    scene.is_mended()
    scene.survey()


def test_a_number_of_another_secret_leads_nowhere(scene: Scene) -> None:
    """What lies at its place is neither read by the name of this one, nor written nor removed."""

    def plant(seen: Transaction) -> None:
        prod, web = found(seen, "prod/k"), found(seen, "web/x")
        forged = web._replace(number=prod.number, versions=prod.versions)
        kept(seen, seen.place(web), forged)

    scene.plant(plant)
    named = {"SecretId": "web/x"}
    tried: dict[str, dict[str, object]] = {
        "GetSecretValue": {},
        "TagResource": {"Tags": [{"Key": "a", "Value": "b"}]},
        "ReplicateSecretToRegions": {"AddReplicaRegions": [{"Region": "eu-west-1"}]},
        "DeleteSecret": {"ForceDeleteWithoutRecovery": True},
    }
    for operation, more in tried.items():
        with pytest.raises(VaultDamagedError, match="lies at the place of another") as caught:
            scene.service(operation, **named, **more)
        assert caught.value.hints == ("secretctl fsck",)
    with pytest.raises(VaultDamagedError, match="lies at the place of another"):
        scene.service("ListSecrets")
    report = fsck.check(scene.vault)
    assert any("lies at the place of another" in each for each in report.problems)
    assert report.is_droppable
    drops_all(scene)
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"


DAMAGES: dict[str, dict[str, Any]] = {
    "a deletion at no time": {"delete_after_ms": "x"},
    "a name that is a number": {"name": 5},
    "a number of no record": {"number": 1 << 70},
    "a serial of no record": {"versions": (Version("v", 1, serial=1 << 40, pin=b"p"),)},
}


def test_a_record_that_cannot_be_leaves_a_way_out(scene: Scene, world: World) -> None:
    """It is refused by its place, others go on, and it can be taken away; never a crash."""
    with scene.vault.read() as view:
        secret = view.find(REGION, "web/x")
        assert secret is not None
        where = view.place(secret)
    for damage in DAMAGES.values():
        forged = secret._replace(delete_after_ms=world.clock.now_ms)._replace(**damage)
        scene.plant(partial(kept, where=where, secret=forged))
        for operation in ("GetSecretValue", "DescribeSecret", "DeleteSecret", "RestoreSecret"):
            with pytest.raises(VaultDamagedError, match="cannot be read"):
                scene.service(operation, SecretId="web/x")
        problems = fsck.check(scene.vault).problems
        assert f"a record of the vault cannot be read: a secret at {where.hex()}" in problems
        assert "a secret's record cannot be read" in [
            each.told for each in listed(scene.service.session)
        ]
    due = layout.due_prefix(scene.vault.keys.access.name_index, world.clock.now_ms // DAY_MS)
    scene.plant(lambda seen: seen.put_record(due + where, b"\1"))
    world.clock.pass_days(2)
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2")
    drops_all(scene)
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-2"


def test_a_policy_that_cannot_be_read_keeps_nobody_here(scene: Scene) -> None:
    """A user is deleted though a secret's policy, which might name the user, is no JSON."""

    def plant(seen: Transaction) -> None:
        web = found(seen, "web/x")
        kept(seen, seen.place(web), web._replace(resource_policy="{"))

    scene.plant(plant)
    scene.iam("CreateUser", UserName="leaves")
    scene.iam("DeleteUser", UserName="leaves")
