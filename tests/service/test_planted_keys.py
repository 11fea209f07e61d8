"""What another program writes as the key of a secret: no value from before goes under it."""

from collections.abc import Callable
from functools import partial

import pytest

from secretctl.domain import kms
from secretctl.domain.secret import Rotation, Secret, Version
from secretctl.errors import SecretctlError, ValueDamagedError, VaultDamagedError
from secretctl.service import rotating
from secretctl.service.session import Session
from secretctl.vault import fsck, layout
from secretctl.vault.codec import Value
from secretctl.vault.transaction import Transaction
from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.service.conftest import new_key
from tests.service.planted import Scene

REGION = "us-east-1"
OTHER = "names another key than its present value is under"


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """A sound vault; eve is granted the default key alone."""
    return Scene(service, as_user)


def prod(seen: Transaction) -> Secret:
    """Return prod/k."""
    secret = seen.find(REGION, "prod/k")
    assert secret is not None
    return secret


def name_default(seen: Transaction) -> None:
    """Let prod/k say that it is under the default key."""
    secret = prod(seen)
    seen.put(secret._replace(kms_key_id=""), secret)


def hold(scene: Scene) -> None:
    """Copy what is current, for a function to be tried on it."""
    rotating.hold_copy(scene.service.session, "prod/k", "t" * 32)


WRITES: dict[str, Callable[[Scene], object]] = {
    "put": lambda scene: scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2"),
    "pending": lambda scene: scene.service(
        "PutSecretValue", SecretId="prod/k", SecretString="V-2", VersionStages=["AWSPENDING"]
    ),
    "update": lambda scene: scene.service("UpdateSecret", SecretId="prod/k", SecretString="V-2"),
    "copy": hold,
}


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_written_under_a_key_that_the_present_value_is_not_under(
    scene: Scene, write: str
) -> None:
    """It is refused with the command that settles it, and then done."""
    scene.plant(name_default)
    with pytest.raises(ValueDamagedError, match=OTHER) as caught:
        WRITES[write](scene)
    assert caught.value.hints[0].startswith(
        f"secretctl update-secret --secret-id prod/k --kms-key-id {scene.key},"
    )
    scene.service("UpdateSecret", SecretId="prod/k", KmsKeyId=scene.key)
    WRITES[write](scene)
    assert fsck.check(scene.vault).problems == ()
    with scene.vault.read() as view:
        secret = view.find(REGION, "prod/k")
        assert secret is not None
        assert {each.kms_key_id for each in secret.versions} == {scene.key}


def test_a_key_that_is_named_with_the_value_is_the_one(scene: Scene) -> None:
    """What was planted before does not matter then."""
    scene.plant(name_default)
    scene.service("UpdateSecret", SecretId="prod/k", KmsKeyId="alias/prod", SecretString="V-2")
    with pytest.raises(SecretctlError):
        Service(scene.eve)("GetSecretValue", SecretId="prod/k")


def test_a_secret_that_has_no_value_yet_takes_one(scene: Scene) -> None:
    """By the key that its record names; a rotation that made an empty version is no hindrance."""
    service = Service(scene.service.session._replace(lacks_function=lambda *_: ""))
    token = "0" * 32
    service("CreateSecret", Name="empty")
    service("RotateSecret", SecretId="empty", RotationLambdaARN="f", ClientRequestToken=token)
    service(
        "PutSecretValue",
        SecretId="empty",
        SecretString="first",
        ClientRequestToken=token,
        VersionStages=["AWSCURRENT"],
    )
    assert service("GetSecretValue", SecretId="empty")["SecretString"] == "first"


def test_an_alias_that_the_owner_gave_another_key_takes_its_secrets_along(scene: Scene) -> None:
    """As on AWS, with what is written next; another alias does not, which never was that key's."""
    second = new_key(scene.kms)
    new_key(scene.kms, "alias/web")
    scene.kms("UpdateAlias", AliasName="alias/prod", TargetKeyId=second)
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2")
    with scene.vault.read() as view:
        assert view.kms_directory().aliases["alias/prod"].formerly == (scene.key,)

    def plant(seen: Transaction) -> None:
        secret = prod(seen)
        seen.put(secret._replace(kms_key_id="alias/web"), secret)

    scene.plant(plant)
    with pytest.raises(ValueDamagedError, match=OTHER):
        scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-3")


def point_elsewhere(seen: Transaction) -> None:
    """Let alias/prod be one of the default key."""
    directory = seen.kms_directory()
    default = directory.aliases["alias/aws/secretsmanager"]
    aliases = {**directory.aliases, "alias/prod": default}
    seen.put_kms_directory(directory._replace(aliases=aliases))


def test_no_key_is_shown_to_the_owner_that_the_owner_does_not_vouch_for(scene: Scene) -> None:
    """What a command shows goes into the next one, when the directory may be the owner's again."""
    scene.service("CreateSecret", Name="web/x", SecretString="V-WEB")
    scene.plant(point_elsewhere)
    calls: dict[str, dict[str, object]] = {
        "DescribeKey": {"KeyId": "alias/prod"},
        "ListKeys": {},
        "ListAliases": {},
        "ListGrants": {"KeyId": scene.key},
    }
    scene.refuses(
        "the directory of KMS keys and aliases was changed",
        *(partial(scene.kms, operation, **given) for operation, given in calls.items()),
    )
    scene.drops("the directory of KMS keys and aliases was changed")
    shown = scene.kms("DescribeKey", KeyId="alias/prod")["KeyMetadata"]
    assert isinstance(shown, dict)
    assert shown["KeyId"] == scene.key


def test_a_secret_is_not_said_to_be_under_a_key_by_a_planted_alias(scene: Scene) -> None:
    """Where version and alias say that it is there already, it is refused, not skipped."""
    scene.service("CreateSecret", Name="web/x", SecretString="V-WEB")

    def plant(seen: Transaction) -> None:
        point_elsewhere(seen)
        web = seen.find(REGION, "web/x")
        assert web is not None
        versions = tuple(each._replace(kms_key_id="alias/prod") for each in web.versions)
        seen.put(web._replace(kms_key_id="alias/prod", versions=versions), web)

    scene.plant(plant)
    move = partial(scene.service, "UpdateSecret", SecretId="web/x", KmsKeyId="alias/prod")
    scene.refuses("the directory of KMS keys and aliases was changed", move)
    scene.drops("the directory of KMS keys and aliases was changed")
    move()
    with pytest.raises(SecretctlError):
        Service(scene.eve)("GetSecretValue", SecretId="web/x")


def sealed_by_eve(seen: Transaction, secret: Secret, serial: int, plain: bytes) -> bytes:
    """Seal a value of eve's own under the default key, as that of a version; return its pin."""
    default = kms.find(seen.kms_directory(), "", seen.account)
    assert default is not None
    key = layout.value_key(seen.place(secret), serial)
    bound = seen.keys.where_value(key, (secret.region, secret.name))
    material = bytes.fromhex(default.materials[-1].id)
    return seen.put_value_under(key, material, Value(plain, is_text=True), bound)


def test_a_value_under_another_key_than_its_version_names_is_not_given_out(
    scene: Scene, world: World
) -> None:
    """Who has not the key of a secret puts no value there that says to be under it."""
    world.clock.now_ms += 1
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2")
    scene.service("CreateSecret", Name="web/x", SecretString="V-WEB")

    def plant(seen: Transaction) -> None:
        secret = prod(seen)
        (version,) = (each for each in secret.versions if "AWSCURRENT" in each.stages)
        forged = version._replace(pin=sealed_by_eve(seen, secret, version.serial, b"EVES"))
        others = tuple(each for each in secret.versions if each != version)
        seen.put(secret._replace(versions=(*others, forged)), secret)

    scene.plant(plant)
    with pytest.raises(ValueDamagedError, match="under another key than its version names"):
        scene.service("GetSecretValue", SecretId="prod/k")
    problems = fsck.check(scene.vault).problems
    assert any("under another key than its version names: prod/k" in each for each in problems)
    new = {"KmsKeyId": "alias/prod", "SecretString": "V-3"}
    scene.service("UpdateSecret", SecretId="prod/k", **new)
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-3"
    assert fsck.check(scene.vault).problems == ()


def test_a_value_stays_readable_whatever_becomes_of_its_alias(scene: Scene, world: World) -> None:
    """An alias that was given another key, or made anew, is no sign that somebody put it there."""
    second = new_key(scene.kms)
    for change in (
        partial(scene.kms, "UpdateAlias", AliasName="alias/prod", TargetKeyId=second),
        partial(scene.kms, "DeleteAlias", AliasName="alias/prod"),
        partial(scene.kms, "CreateAlias", AliasName="alias/prod", TargetKeyId=second),
    ):
        world.clock.now_ms += 1
        change()
        assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
        assert fsck.check(scene.vault).problems == ()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("another key", "pending value is under another key"),
        ("another value", "a version's value was changed"),
        ("none", "a version's value is missing"),
    ],
)
def test_a_rotation_goes_on_with_no_value_that_it_did_not_make(
    scene: Scene, world: World, how: str, said: str
) -> None:
    """It is not made current; abandon takes its label away, and says what removes the rest."""
    token = "t" * 32

    def plant(seen: Transaction) -> None:
        secret = prod(seen)
        serial = secret.free_serial()
        pin = sealed_by_eve(seen, secret, serial, b"EVE-KNOWS")
        if how == "none":
            seen.delete_value(secret, serial)
        elif how == "another value":
            pin = bytes(len(pin))
        made = Version(token, secret.changed_ms, ("AWSPENDING",), None, "", serial, pin)
        rotation = Rotation(enabled=True, function="builtin/password")
        versions = (*secret.versions, made)
        seen.put(secret._replace(versions=versions, rotation=rotation), secret)

    scene.plant(plant)
    with pytest.raises(ValueDamagedError, match=said) as caught:
        rotating.standing(scene.service.session, "prod/k", token)
    assert caught.value.hints == ("secretctl rotation abandon prod/k",)
    told = ended(world, *caught.value.hints[0].split()[1:])
    assert told.stdout == f"given up: version {token}\n"
    assert said in told.stderr
    removes = f"secretctl delete-secret-version --secret-id prod/k --version-id {token}"
    assert f"hint: {removes} removes it" in told.stderr
    assert ended(world, *removes.split()[1:]).status == 0
    assert fsck.check(scene.vault).problems == ()


@pytest.mark.parametrize("is_key_alone", [False, True], ids=["value", "key"])
def test_a_replica_that_somebody_made_gets_no_new_value(
    scene: Scene, *, is_key_alone: bool
) -> None:
    """One whose copy of the present value is another, or under another key than it names."""
    replica = {"Region": "eu-west-1", "KmsKeyId": "alias/prod"}
    scene.service("ReplicateSecretToRegions", SecretId="prod/k", AddReplicaRegions=[replica])

    def plant(seen: Transaction) -> None:
        secret = prod(seen)
        copy = seen.find("eu-west-1", "prod/k")
        assert copy is not None
        if not is_key_alone:
            (version,) = copy.versions
            forged = version._replace(
                kms_key_id="", pin=sealed_by_eve(seen, copy, version.serial, b"EVES")
            )
            seen.put(copy._replace(kms_key_id="", versions=(forged,)), copy)
        replicas = tuple(each._replace(kms_key_id="") for each in secret.replicas)
        seen.put(secret._replace(replicas=replicas), secret)

    scene.service("CreateSecret", Name="web/x", SecretString="V-WEB")
    put = partial(scene.service, "PutSecretValue", SecretId="prod/k", SecretString="V-2")
    scene.plant(plant)
    with pytest.raises(VaultDamagedError, match="a replica that nobody made"):
        put()
    regions = {"SecretId": "prod/k", "RemoveReplicaRegions": ["eu-west-1"]}
    scene.service("RemoveRegionsFromReplication", **regions)
    put()
    assert fsck.check(scene.vault).problems == ()
