"""What another program writes into the record of a secret: no other secret's value, no dead end."""

from collections.abc import Callable

import pytest

from secretctl.domain.secret import Secret
from secretctl.errors import VaultDamagedError
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import codec, fsck, layout
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
from tests.service.planted import Scene

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
