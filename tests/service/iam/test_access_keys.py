"""Access keys: what a user opens the vault with."""

import re

import pytest

from secretctl.domain.credential import Given
from secretctl.errors import ServiceError, VaultDamagedError
from secretctl.service.opening import begin
from secretctl.vault import fsck
from secretctl.vault.vault import LockedVault
from tests.conftest import World
from tests.service.iam.conftest import Answer, Iam, names

USER = {"UserName": "ci"}


@pytest.fixture
def key(iam: Iam) -> Answer:
    """An access key of the user ci, with its secret."""
    iam("CreateUser", **USER)
    made: Answer = iam("CreateAccessKey", **USER)["AccessKey"]
    return made


def opens(world: World, key: Answer) -> bool:
    """Tell whether an access key opens the vault."""
    locked = LockedVault(world.directory)
    try:
        vault = locked.unlock_with(
            Given(key["AccessKeyId"], key["SecretAccessKey"]), world.context.random
        )
        return vault is not None
    finally:
        locked.close()


def test_a_key_has_the_shapes_of_aws(iam: Iam, key: Answer) -> None:
    """Twenty and forty characters; no list has the secret."""
    assert re.fullmatch("AKIA[A-Z2-7]{16}", key["AccessKeyId"])
    assert re.fullmatch("[A-Za-z0-9/+]{40}", key["SecretAccessKey"])
    del key["SecretAccessKey"]
    assert iam("ListAccessKeys", **USER)["AccessKeyMetadata"] == [key]


def test_a_user_has_two_keys_at_most(iam: Iam, key: Answer) -> None:
    """Inactive ones count; a deleted one makes room."""
    second = iam("CreateAccessKey", **USER)["AccessKey"]["AccessKeyId"]
    iam("UpdateAccessKey", AccessKeyId=second, Status="Inactive", **USER)
    assert iam.refusal("CreateAccessKey", **USER) == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    )
    iam("DeleteAccessKey", AccessKeyId=key["AccessKeyId"], **USER)
    iam("CreateAccessKey", **USER)
    assert len(iam("ListAccessKeys", **USER)["AccessKeyMetadata"]) == 2


def test_an_inactive_key_opens_nothing_until_it_is_active_again(
    world: World, iam: Iam, key: Answer
) -> None:
    """Its record is sealed once more, under the root key; fsck finds both states sound."""
    change = {"AccessKeyId": key["AccessKeyId"], **USER}
    for status in ("Inactive", "Inactive", "Active", "Active"):
        iam("UpdateAccessKey", Status=status, **change)
        assert names(iam("ListAccessKeys", **USER), "AccessKeyMetadata", "Status") == [status]
        assert opens(world, key) == (status == "Active")
        assert fsck.check(iam.session.vault).problems == ()
    iam("DeleteAccessKey", **change)
    assert not opens(world, key)


def test_a_key_opens_with_its_own_secret_alone(world: World, key: Answer) -> None:
    """One letter changed, or the secret of nobody."""
    assert opens(world, key)
    secret = key["SecretAccessKey"]
    for wrong in (secret[:-1], secret.swapcase(), ""):
        assert not opens(world, {**key, "SecretAccessKey": wrong})
    assert not opens(world, {**key, "AccessKeyId": "AKIA" + "A" * 16})


def test_keys_of_others_are_not_found(iam: Iam, key: Answer) -> None:
    """A key is looked for with its user alone."""
    iam("CreateUser", UserName="other")
    change = {"AccessKeyId": key["AccessKeyId"], "UserName": "other"}
    refused = ("NoSuchEntity", f"The Access Key with id {key['AccessKeyId']} cannot be found.")
    assert iam.refusal("DeleteAccessKey", **change) == refused
    assert iam.refusal("UpdateAccessKey", Status="Inactive", **change) == refused
    assert iam.refusal("UpdateAccessKey", **{**change, **USER}, Status="Expired") == (
        "InvalidInput",
        "The status of an access key is Active or Inactive.",
    )


def test_the_root_must_say_whose_keys(iam: Iam) -> None:
    """It has no access keys itself."""
    refused = (
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
    )
    key_id = "AKIA" + "A" * 16
    assert iam.refusal("CreateAccessKey") == refused
    assert iam.refusal("ListAccessKeys") == refused
    assert iam.refusal("DeleteAccessKey", AccessKeyId=key_id) == refused
    assert iam.refusal("UpdateAccessKey", AccessKeyId=key_id, Status="Active") == refused


def test_changes_need_the_root_key(world: World, iam: Iam, key: Answer) -> None:
    """Whatever a user's policies say."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": everything}
    iam("PutUserPolicy", PolicyName="all", PolicyDocument=document, **USER)
    locked = LockedVault(world.directory)
    given = Given(key["AccessKeyId"], key["SecretAccessKey"])
    vault = locked.unlock_with(given, world.context.random)
    assert vault is not None
    session = begin(world.context, vault, "us-east-1")
    try:
        theirs = Iam(session)
        assert theirs("GetUser")["User"]["UserName"] == "ci"
        with pytest.raises(ServiceError, match="Only the account root") as caught:
            theirs("CreateUser", UserName="friend")
        assert caught.value.code == "AccessDenied"
    finally:
        session.close()


def test_a_status_that_does_not_fit_the_record_is_found(iam: Iam, key: Answer) -> None:
    """An active record put back for an inactive key, and the other way round."""
    from secretctl.service.secrets import writing  # noqa: PLC0415
    from secretctl.vault import credentials  # noqa: PLC0415

    key_id, vault = key["AccessKeyId"], iam.session.vault
    with writing(iam.session) as transaction:
        credentials.set_aside(transaction, vault.keys, key_id)
    found = fsck.check(vault).problems
    assert found == (f"an access key is not Active, as it should be: {key_id}",)
    iam("UpdateAccessKey", AccessKeyId=key_id, Status="Inactive", **USER)
    with writing(iam.session) as transaction:
        credentials.put_back(transaction, vault.keys, key_id)
        with pytest.raises(VaultDamagedError):
            credentials.put_back(transaction, vault.keys, key_id)
    found = fsck.check(vault).problems
    assert found == (f"an access key is not Inactive, as it should be: {key_id}",)
