"""What another program writes into the record of a secret: no other secret's value, no dead end."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from secretctl.domain.secret import Secret, Version
from secretctl.errors import (
    KeyNotGrantedError,
    ServiceError,
    ValueDamagedError,
    VaultDamagedError,
)
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import codec, fsck, layout
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.service.conftest import new_key
from tests.service.planted import ARN, DAY_MS, Scene

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


def swap(seen: Transaction, kms_key_id: str = "") -> None:
    """Let the name web/x lead to the place of prod/k, and prod/k to that of web/x.

    What is said to be web/x names no key, as before; its versions name *kms_key_id*.
    """
    prod, web = found(seen, "prod/k"), found(seen, "web/x")
    for name, kept_by in ((web, prod), (prod, web)):
        where, index_key = seen.place(kept_by), seen.index_key
        forged = kept_by._replace(
            name=name.name, suffix=name.suffix, kms_key_id=name.kms_key_id,
            versions=tuple(each._replace(kms_key_id=kms_key_id) for each in kept_by.versions),
        )  # fmt: skip
        seen.put_record(layout.name_key(index_key, REGION, name.name), where)
        kept(seen, where, forged)


def unbind(scene: Scene) -> None:
    """Let the value of prod/k be as an older secretctl sealed it, bound to no name."""
    with writing(scene.service.session) as seen:
        secret = found(seen, "prod/k")
        (version,) = secret.versions
        key, stored = seen.checked_value(secret, version)
        value, is_bound = seen.opened_value(secret, key, stored)
        assert is_bound
        older = scene.vault.keys.where(b"value", key)
        pin = seen.put_value_under(key, stored[:16], value, older)
        kept(seen, seen.place(secret), secret._replace(versions=(version._replace(pin=pin),)))
    assert fsck.check(scene.vault).problems == ()
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"


def eves_key(scene: Scene) -> None:
    """Make a key that eve is granted, alias/web."""
    key_id = new_key(scene.kms, "alias/web")
    whom = {"GranteePrincipal": f"{ARN}:user/eve", "Operations": ["Decrypt"]}
    scene.kms("CreateGrant", KeyId=key_id, **whom)


def moving(scene: Scene) -> list[Callable[[], object]]:
    """Return what seals the values of web/x anew under keys that eve has."""
    replica = {"AddReplicaRegions": [{"Region": "eu-west-1"}]}
    return [
        lambda: scene.service("ReplicateSecretToRegions", SecretId="web/x", **replica),
        lambda: scene.service("UpdateSecret", SecretId="web/x", KmsKeyId="alias/web"),
    ]


def test_a_value_opens_under_the_name_of_its_secret_alone(scene: Scene) -> None:
    """Names that change places lead to no value, and nothing of the other's is sealed anew."""
    eves_key(scene)
    scene.plant(swap)
    calls: list[Callable[[], object]] = [
        *moving(scene),
        lambda: scene.service("GetSecretValue", SecretId="web/x"),
    ]
    for call in calls:
        with pytest.raises(ValueDamagedError, match="a version's value is damaged"):
            call()
    assert any("value is damaged: web/x" in each for each in fsck.check(scene.vault).problems)


@pytest.mark.parametrize("named", ["", "alias/prod"])
def test_a_value_of_an_older_vault_is_moved_from_the_key_that_is_named_alone(
    scene: Scene, named: str
) -> None:
    """It opens under any name. What version and secret say must be what really wraps it."""
    eves_key(scene)
    unbind(scene)
    scene.plant(partial(swap, kms_key_id=named))
    for call in moving(scene):
        with pytest.raises(ValueDamagedError, match="under another key than its secret names"):
            call()
    problems = fsck.check(scene.vault).problems
    assert any("under another key than its version names: web/x" in each for each in problems) is (
        named == ""
    )
    eve = Service(scene.eve)
    with pytest.raises(ServiceError):
        eve("GetSecretValue", SecretId="web/x")


def test_a_value_of_an_older_vault_is_bound_once_it_is_sealed_anew(scene: Scene) -> None:
    """A move to the key that wraps it gains nobody anything; behind it, the value has a name."""
    unbind(scene)
    scene.plant(lambda seen: kept(
        seen, seen.place(found(seen, "prod/k")), found(seen, "prod/k")._replace(kms_key_id="")
    ))  # fmt: skip
    scene.service("UpdateSecret", SecretId="prod/k", KmsKeyId=scene.key)
    scene.service(
        "ReplicateSecretToRegions", SecretId="prod/k", AddReplicaRegions=[{"Region": "eu-west-1"}]
    )
    with scene.vault.read() as view:
        for region in (REGION, "eu-west-1"):
            secret = view.find(region, "prod/k")
            assert secret is not None
            (version,) = secret.versions
            value, is_bound = view.opened_value(secret, *view.checked_value(secret, version))
            assert (value.plain, is_bound) == (b"V-K", True)


@pytest.mark.parametrize("is_whole", [True, False], ids=["secret and version", "secret"])
def test_a_secret_is_moved_to_the_key_that_it_says_it_is_under(
    scene: Scene, *, is_whole: bool
) -> None:
    """What counts is the key that really wraps its value."""

    def plant(seen: Transaction) -> None:
        web = found(seen, "web/x")
        (version,) = web.versions
        versions = (version._replace(kms_key_id="alias/prod"),) if is_whole else web.versions
        kept(seen, seen.place(web), web._replace(kms_key_id="alias/prod", versions=versions))

    scene.plant(plant)
    eve = Service(scene.eve)
    assert eve("GetSecretValue", SecretId="web/x")["SecretString"] == "V-WEB"
    scene.service("UpdateSecret", SecretId="web/x", KmsKeyId="alias/prod")
    with pytest.raises(KeyNotGrantedError):
        eve("GetSecretValue", SecretId="web/x")
    assert scene.service("GetSecretValue", SecretId="web/x")["SecretString"] == "V-WEB"
    assert fsck.check(scene.vault).problems == ()


@pytest.mark.parametrize("back_to", [1, 2])
def test_numbers_of_versions_that_were_counted_back_cost_no_value(
    scene: Scene, back_to: int
) -> None:
    """They are told; a new version lies above all that are there, and then all is sound."""
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2")

    def plant(seen: Transaction) -> None:
        prod = found(seen, "prod/k")
        kept(seen, seen.place(prod), prod._replace(next_serial=back_to))

    scene.plant(plant)
    problems = fsck.check(scene.vault).problems
    assert problems == ("numbers of versions were counted back, which any change mends: prod/k",)
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-3")
    previous = scene.service("GetSecretValue", SecretId="prod/k", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "V-2"
    assert fsck.check(scene.vault).problems == ()


NO_NAMES = [
    "x y\n\x1b[2J",
    "alias/\x1b]0;x",
    "k" * 5000,
    "alias/",
    "key.1",
    "schl\u00fcssel",
    "arn:aws:kms:us-east-1:999999999999:key/k",
    "arn:aws:kms:us-east-1:000000000000:key/\n",
]


def test_no_key_is_made_of_what_is_no_name(scene: Scene) -> None:
    """Whatever another program wrote as the key of a secret; another key can be named."""
    scene.service("CreateSecret", Name="empty")
    before = scene.kms("ListKeys"), scene.kms("ListAliases")
    for name in NO_NAMES:

        def plant(seen: Transaction, name: str = name) -> None:
            empty = found(seen, "empty")
            kept(seen, seen.place(empty), empty._replace(kms_key_id=name))

        scene.plant(plant)
        with pytest.raises(ServiceError) as caught:
            scene.service("PutSecretValue", SecretId="empty", SecretString="V-2")
        assert caught.value.code == "EncryptionFailure"
    assert (scene.kms("ListKeys"), scene.kms("ListAliases")) == before
    scene.service("UpdateSecret", SecretId="empty", KmsKeyId="my/key_1-a", SecretString="V-2")
    assert scene.service("GetSecretValue", SecretId="empty")["SecretString"] == "V-2"
    assert fsck.check(scene.vault).problems == ()
