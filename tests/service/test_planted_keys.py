"""What another program writes as the key of a secret: no value from before goes under it."""

from collections.abc import Callable
from functools import partial

import pytest

from secretctl.domain.secret import Secret
from secretctl.errors import SecretctlError, ValueDamagedError
from secretctl.service import rotating
from secretctl.service.session import Session
from secretctl.vault import fsck
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
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


def test_a_secret_of_which_no_value_is_left_goes_under_no_other_key(scene: Scene) -> None:
    """Who removed its versions chose no key for the next one; who writes it has to."""

    def plant(seen: Transaction) -> None:
        secret = prod(seen)
        for version in secret.versions:
            seen.delete_value(secret, version.serial)
        seen.put(secret._replace(kms_key_id="", versions=()), secret)

    scene.plant(plant)
    with pytest.raises(ValueDamagedError, match="nothing is left of a secret's values"):
        scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2")
    scene.service("UpdateSecret", SecretId="prod/k", KmsKeyId="alias/prod", SecretString="V-2")
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-2"
    scene.service("CreateSecret", Name="empty")
    scene.service("PutSecretValue", SecretId="empty", SecretString="first")


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
