"""KMS: keys that are disabled, pending deletion, or gone."""

from collections.abc import Callable

import pytest

from secretctl.service.session import Session
from secretctl.vault.fsck import check
from tests.conftest import Service, World
from tests.service.conftest import Other, Told, described, entries, new_key, refusal

ARN = "arn:aws:kms:us-east-1:000000000000:key/"
MANAGED = ("DisableKey", "EnableKey", "ScheduleKeyDeletion")


def refused(service: Service, why: str) -> None:
    """Check that nothing under the key of the secret ``a`` is decrypted or encrypted."""
    decrypt = ("DecryptionFailure", f"Secrets Manager can't decrypt the secret value: {why}")
    encrypt = ("EncryptionFailure", f"Secrets Manager can't encrypt the secret value: {why}")
    assert refusal(service, "GetSecretValue", SecretId="a") == decrypt
    assert refusal(service, "UpdateSecret", SecretId="a", KmsKeyId="") == decrypt
    assert refusal(service, "PutSecretValue", SecretId="a", SecretString="w") == encrypt
    answer = service("BatchGetSecretValue", SecretIdList=["a", "b"])
    assert [each["Name"] for each in entries(answer, "SecretValues")] == ["b"]
    assert [each["ErrorCode"] for each in entries(answer, "Errors")] == ["DecryptionFailure"]


@pytest.fixture
def key_id(kms: Other, service: Service) -> str:
    """A key with the secret a under it; b is under the default key."""
    made = new_key(kms, "alias/k")
    service("CreateSecret", Name="a", SecretString="v", KmsKeyId=made)
    service("CreateSecret", Name="b", SecretString="v")
    return made


def test_under_a_disabled_key_nothing_is_read_or_written(
    kms: Other, service: Service, key_id: str
) -> None:
    """Secrets Manager answers with KMS's sentence; enabled again, all is as before."""
    kms("DisableKey", KeyId=key_id)
    assert (described(kms, key_id)["KeyState"], described(kms, key_id)["Enabled"]) == (
        "Disabled",
        False,
    )
    refused(service, f"{ARN}{key_id} is disabled.")
    for operation in ("RotateKeyOnDemand", "CreateGrant"):
        more = {"Operations": ["Decrypt"], "GranteePrincipal": "x"}
        given = more if operation == "CreateGrant" else {}
        assert refusal(kms, operation, KeyId=key_id, **given) == (
            "DisabledException",
            f"{ARN}{key_id} is disabled.",
        )
    kms("EnableKey", KeyId=key_id)
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "v"


def test_a_scheduled_deletion_can_be_taken_back(kms: Other, service: Service, key_id: str) -> None:
    """Until then nothing is decrypted; afterwards the key is disabled, as on AWS."""
    answer = kms("ScheduleKeyDeletion", KeyId=ARN + key_id, PendingWindowInDays=7)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (
        ARN + key_id,
        "PendingDeletion",
        7,
    )
    assert described(kms, key_id)["DeletionDate"] == answer["DeletionDate"]
    pending = f"{ARN}{key_id} is pending deletion."
    refused(service, pending)
    for operation in ("EnableKey", "DisableKey", "ScheduleKeyDeletion", "RotateKeyOnDemand"):
        found = refusal(kms, operation, KeyId=key_id)
        assert found == ("KMSInvalidStateException", pending)
    kms("CancelKeyDeletion", KeyId=key_id)
    assert described(kms, key_id)["KeyState"] == "Disabled"
    assert "DeletionDate" not in described(kms, key_id)
    assert refusal(kms, "CancelKeyDeletion", KeyId=key_id) == (
        "KMSInvalidStateException",
        f"{ARN}{key_id} is not pending deletion.",
    )
    kms("EnableKey", KeyId=key_id)
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "v"


@pytest.mark.parametrize("days", [1, 6, 31, 365])
def test_a_window_has_7_to_30_days(kms: Other, key_id: str, days: int) -> None:
    """Others, which the model lets through, are refused."""
    found = refusal(kms, "ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=days)
    assert found[0] == "ValidationException"
    assert described(kms, key_id)["KeyState"] == "Enabled"


def test_after_its_window_a_key_goes_with_the_next_change(
    world: World, kms: Other, iam: Other, service: Service, key_id: str
) -> None:
    """With material, alias and grants; values stay, unreadable, and the vault is sound."""
    iam("CreateUser", UserName="ci")
    grantee = "arn:aws:iam::000000000000:user/ci"
    kms("CreateGrant", KeyId=key_id, GranteePrincipal=grantee, Operations=["Decrypt"])
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    service("TagResource", SecretId="b", Tags=[{"Key": "a", "Value": "b"}])
    world.clock.pass_days(7)
    gone = ("NotFoundException", f"Key '{ARN}{key_id}' does not exist")
    assert refusal(kms, "DescribeKey", KeyId=key_id) == gone
    told = Told(world)
    told.lines()
    world.clock.pass_days(2)
    service("TagResource", SecretId="b", Tags=[{"Key": "c", "Value": "d"}])
    names = [name for name, _, _ in told.names()]
    assert names == ["TagResource", "TagResource", "DeleteKey"]
    assert key_id not in [each["KeyId"] for each in entries(kms("ListKeys"), "Keys")]
    assert [each["AliasName"] for each in entries(kms("ListAliases"), "Aliases")] == [
        "alias/aws/secretsmanager"
    ]
    refused(service, f"Key '{ARN}{key_id}' does not exist")
    assert check(service.session.vault).problems == ()
    service("DeleteSecret", SecretId="a", ForceDeleteWithoutRecovery=True)
    assert check(service.session.vault).problems == ()


@pytest.mark.parametrize("operation", MANAGED)
def test_the_default_key_cannot_be_taken_out_of_use(
    kms: Other, key_id: str, operation: str
) -> None:
    """AWS's policy of that key allows nobody to; said as AWS says it."""
    default = str(described(kms, "alias/aws/secretsmanager")["KeyId"])
    for given in (default, "alias/aws/secretsmanager"):
        code, sentence = refusal(kms, operation, KeyId=given)
        assert code == "AccessDeniedException"
        assert sentence == (
            "User: arn:aws:iam::000000000000:root is not authorized to perform: "
            f"kms:{operation} on resource: {ARN}{default} because no resource-based policy "
            f"allows the kms:{operation} action"
        )
    assert key_id != default


def test_only_the_owner_changes_keys(
    kms: Other, iam: Other, key_id: str, as_user: Callable[[str], Session]
) -> None:
    """A principal is refused before anything is done; reading is open to it."""
    iam("CreateUser", UserName="ci")
    theirs = Other(as_user("ci"), "kms")
    changes: dict[str, dict[str, object]] = {
        "CreateKey": {},
        "DisableKey": {"KeyId": key_id},
        "ScheduleKeyDeletion": {"KeyId": key_id},
        "RotateKeyOnDemand": {"KeyId": key_id},
        "CreateAlias": {"AliasName": "alias/x", "TargetKeyId": key_id},
        "RevokeGrant": {"KeyId": key_id, "GrantId": "x"},
    }
    for operation, given in changes.items():
        assert refusal(theirs, operation, **given)[0] == "AccessDeniedException"
    assert described(theirs, key_id) == described(kms, key_id)
