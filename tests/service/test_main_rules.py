"""What AWS answers, situation by situation: sentences to the letter."""

from collections.abc import Callable

import pytest

from secretctl.errors import ServiceError
from secretctl.model.operations import OPERATIONS
from tests.conftest import Service, World, token

NOT_FOUND = "Secrets Manager can't find the specified secret."
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
BAD_NAME = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
    "following: -/_+=.@!"
)


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """Return code and sentence of the error that *call* raises."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    "operation",
    [
        operation.name
        for operation in OPERATIONS
        if any(member.name == "SecretId" for member in operation.input)
        and not any(member.required and member.name != "SecretId" for member in operation.input)
        and operation.name not in {"DeleteSecret", "ValidateResourcePolicy", "PutSecretValue"}
    ],
)
def test_an_unknown_secret_is_not_found(service: Service, operation: str) -> None:
    """Every operation on one secret answers an unknown id alike."""
    assert refusal(lambda: service(operation, SecretId="nope")) == (
        "ResourceNotFoundException",
        NOT_FOUND,
    )


@pytest.mark.parametrize("secret_id", ["Inv Name", " Inv*Name? ", "é"])
def test_a_bad_name_comes_before_not_found(service: Service, secret_id: str) -> None:
    """Characters are checked before anything is looked up."""
    assert refusal(lambda: service("GetSecretValue", SecretId=secret_id)) == (
        "ValidationException",
        BAD_NAME,
    )
    assert refusal(lambda: service("CreateSecret", Name=secret_id)) == (
        "ValidationException",
        BAD_NAME,
    )


def test_a_secret_without_a_value(service: Service) -> None:
    """No value: no version in the answer, none described, none to read."""
    answer = service("CreateSecret", Name="empty")
    assert list(answer) == ["ARN", "Name"]
    assert "VersionIdsToStages" not in service("DescribeSecret", SecretId="empty")
    assert refusal(lambda: service("GetSecretValue", SecretId="empty")) == (
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    )


def test_creation_is_idempotent_by_token_and_content(service: Service) -> None:
    """The same request again gives the same answer; another value under the token does not."""
    mine = token()
    first = service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    again = service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    assert first == again
    assert first["VersionId"] == mine
    assert refusal(
        lambda: service("CreateSecret", Name="a", SecretString="w", ClientRequestToken=mine)
    ) == (
        "ResourceExistsException",
        f"You can't use ClientRequestToken {mine} because that value is already in use for a "
        f"version of secret {first['ARN']}.",
    )
    assert refusal(lambda: service("CreateSecret", Name="a", SecretString="v")) == (
        "ResourceExistsException",
        "The operation failed because the secret a already exists.",
    )


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("CreateSecret", "InvalidRequestException"),
        ("UpdateSecret", "InvalidRequestException"),
        ("PutSecretValue", "InvalidRequestException"),
        ("RotateSecret", "InvalidParameterException"),
    ],
)
def test_a_raw_request_needs_a_token(service: Service, operation: str, code: str) -> None:
    """Who calls without a client must bring the token; that is checked before existence."""
    name = {"Name": "x"} if operation == "CreateSecret" else {"SecretId": "x"}
    assert refusal(lambda: service.raw(operation, **name)) == (
        code,
        "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
    )


@pytest.mark.parametrize(
    "value",
    [
        {"SecretString": "x" * 65_536},
        {"SecretString": "".join(map(chr, range(0x250)))},
        {"SecretString": "\x00\x1b\r\n\u2028\U0001f511"},
        {"SecretBinary": bytes(range(256)) * 256},
        {"SecretBinary": b"tops3cret"},
    ],
    ids=["longest", "text", "control", "every byte", "base64-like"],
)
def test_values_come_back_as_given(service: Service, value: dict[str, object]) -> None:
    """Every byte of a value is kept, whatever it is."""
    service("CreateSecret", Name="v", **value)
    answer = service("GetSecretValue", SecretId="v")
    assert {name: answer[name] for name in value} == value
    assert len({"SecretString", "SecretBinary"} & set(answer)) == 1


def test_a_put_moves_the_labels(service: Service) -> None:
    """The new version is current, the old one previous, the one before has no label."""
    ids = [token() for _ in range(3)]
    service("CreateSecret", Name="a", SecretString="0", ClientRequestToken=ids[0])
    for number in (1, 2):
        answer = service(
            "PutSecretValue", SecretId="a", SecretString=str(number), ClientRequestToken=ids[number]
        )
        assert answer["VersionStages"] == ["AWSCURRENT"]
    assert service("DescribeSecret", SecretId="a")["VersionIdsToStages"] == {
        ids[1]: ["AWSPREVIOUS"],
        ids[2]: ["AWSCURRENT"],
    }
    listed = service("ListSecretVersionIds", SecretId="a", IncludeDeprecated=True)["Versions"]
    assert isinstance(listed, list)
    assert "VersionStages" not in listed[0]
    assert listed[0]["KmsKeyIds"] == ["DefaultEncryptionKey"]
    assert service("GetSecretValue", SecretId="a", VersionId=ids[0])["SecretString"] == "0"


def test_reading_by_label_and_id_must_agree(service: Service) -> None:
    """A version and a label that is not its own are refused."""
    mine = token()
    service("CreateSecret", Name="a", SecretString="0", ClientRequestToken=mine)
    assert refusal(
        lambda: service("GetSecretValue", SecretId="a", VersionId=mine, VersionStage="AWSPREVIOUS")
    ) == (
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.",
    )


def test_rolling_back(service: Service) -> None:
    """AWSCURRENT goes back when the version that holds it is named, and only then."""
    old, new = token(), token()
    service("CreateSecret", Name="a", SecretString="old", ClientRequestToken=old)
    service("PutSecretValue", SecretId="a", SecretString="new", ClientRequestToken=new)
    move = {"SecretId": "a", "VersionStage": "AWSCURRENT", "MoveToVersionId": old}
    assert refusal(lambda: service("UpdateSecretVersionStage", **move)) == (
        "InvalidParameterException",
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently "
        f"attached to version {new}, so you must explicitly reference that version in "
        "RemoveFromVersionId.",
    )
    answer = service("UpdateSecretVersionStage", **move, RemoveFromVersionId=new)
    assert list(answer) == ["ARN", "Name"]
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "old"
    previous = service("GetSecretValue", SecretId="a", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "new"


def test_deletion_restores_within_the_window_and_is_final_after(
    service: Service, world: World
) -> None:
    """A scheduled secret refuses use, can be restored, and is gone when its window ends."""
    service("CreateSecret", Name="a", SecretString="v")
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    assert refusal(lambda: service("GetSecretValue", SecretId="a")) == (
        "InvalidRequestException",
        MARKED,
    )
    assert "DeletedDate" in service("DescribeSecret", SecretId="a")
    assert service("ListSecrets")["SecretList"] == []
    service("RestoreSecret", SecretId="a")
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "v"
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    world.clock.pass_days(7)
    assert refusal(lambda: service("DescribeSecret", SecretId="a"))[1] == NOT_FOUND
    old = service("CreateSecret", Name="a", SecretString="again")
    assert service("GetSecretValue", SecretId="a")["ARN"] == old["ARN"]


def test_what_is_due_is_purged_by_a_later_change(service: Service, world: World) -> None:
    """Records of secrets whose window ended leave the store with the next day's change."""
    service("CreateSecret", Name="other", SecretString="v")
    before = len(list(service.session.vault.engine.records()))
    service("CreateSecret", Name="a", SecretString="v")
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    world.clock.pass_days(9)
    service("TagResource", SecretId="other", Tags=[{"Key": "k", "Value": "v"}])
    assert len(list(service.session.vault.engine.records())) == before


def test_the_window_is_checked_before_the_secret(service: Service) -> None:
    """A wrong window is refused even with force and for a secret that is not there."""
    assert refusal(
        lambda: service(
            "DeleteSecret",
            SecretId="nope",
            RecoveryWindowInDays=6,
            ForceDeleteWithoutRecovery=True,
        )
    ) == (
        "InvalidParameterException",
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
    )


def test_forced_deletion_of_nothing_succeeds(service: Service) -> None:
    """Cleaning up twice is no error, as with AWS."""
    answer = service("DeleteSecret", SecretId="nope", ForceDeleteWithoutRecovery=True)
    assert list(answer) == ["ARN", "Name", "DeletionDate"]


def test_rotation_without_a_function_changes_nothing(service: Service) -> None:
    """A function that cannot be run is AWS's error, and no trace of it stays."""
    service("CreateSecret", Name="a", SecretString="v")
    before = service("DescribeSecret", SecretId="a")
    assert refusal(lambda: service("RotateSecret", SecretId="a")) == (
        "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret.",
    )
    code, message = refusal(
        lambda: service(
            "RotateSecret",
            SecretId="a",
            RotationLambdaARN="arn:aws:lambda:us-east-1:000000000000:function:f",
            RotationRules={"AutomaticallyAfterDays": 30},
        )
    )
    assert code == "AccessDeniedException"
    assert message.startswith("Secrets Manager cannot invoke the specified Lambda function.")
    assert service("DescribeSecret", SecretId="a") == before


def test_replicas_follow_and_can_be_promoted(service: Service) -> None:
    """A replica has each new value at once, refuses changes, and lives on when promoted."""
    created = service("CreateSecret", Name="a", SecretString="1")
    service("ReplicateSecretToRegions", SecretId="a", AddReplicaRegions=[{"Region": "eu-west-1"}])
    away = service.in_region("eu-west-1")
    service("PutSecretValue", SecretId="a", SecretString="2")
    answer = away("GetSecretValue", SecretId="a")
    assert answer["SecretString"] == "2"
    assert answer["ARN"] == str(created["ARN"]).replace("us-east-1", "eu-west-1")
    assert refusal(lambda: away("PutSecretValue", SecretId="a", SecretString="3")) == (
        "InvalidParameterException",
        "Operation not permitted on a replica secret. Call must be made in primary secret's "
        "region.",
    )
    assert refusal(lambda: service("DeleteSecret", SecretId="a"))[0] == "InvalidParameterException"
    away("StopReplicationToReplica", SecretId="a")
    away("PutSecretValue", SecretId="a", SecretString="3")
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "2"
    service("DeleteSecret", SecretId="a", ForceDeleteWithoutRecovery=True)


def test_reading_is_dated_by_day(service: Service, world: World) -> None:
    """LastAccessedDate is absent before the first read, then the day, without the time."""
    service("CreateSecret", Name="a", SecretString="v")
    assert "LastAccessedDate" not in service("DescribeSecret", SecretId="a")
    service("GetSecretValue", SecretId="a")
    first = service("DescribeSecret", SecretId="a")["LastAccessedDate"]
    world.clock.pass_ms(60_000)
    service("GetSecretValue", SecretId="a")
    assert service("DescribeSecret", SecretId="a")["LastAccessedDate"] == first
    world.clock.pass_days(1)
    service("GetSecretValue", SecretId="a")
    assert service("DescribeSecret", SecretId="a")["LastAccessedDate"] != first


def test_pages_of_a_listing_join_without_gap_or_overlap(service: Service) -> None:
    """Following NextToken gives every secret once, in the order of creation."""
    names = [f"s{number}" for number in range(7)]
    for name in names:
        service("CreateSecret", Name=name)
    for order in ({}, {"SortBy": "name", "SortOrder": "desc"}):
        found: list[str] = []
        more: dict[str, object] = {}
        while True:
            page = service("ListSecrets", MaxResults=3, **order, **more)
            entries = page["SecretList"]
            assert isinstance(entries, list)
            found += [entry["Name"] for entry in entries]
            if "NextToken" not in page:
                break
            more = {"NextToken": page["NextToken"]}
        assert found == (names[::-1] if order else names)


def test_page_tokens_are_bound_to_their_request(service: Service) -> None:
    """A token that was changed, or belongs to another request or region, is refused."""
    for number in range(3):
        service("CreateSecret", Name=f"s{number}")
    given = str(service("ListSecrets", MaxResults=1)["NextToken"])
    forged = ("A" if given[5] != "A" else "B").join((given[:5], given[6:]))
    for call in (
        lambda: service("ListSecrets", NextToken=forged),
        lambda: service("ListSecrets", NextToken=given[:-4]),
        lambda: service("ListSecrets", NextToken=given, SortOrder="desc"),
        lambda: service.in_region("eu-west-1")("ListSecrets", NextToken=given),
    ):
        assert refusal(call)[0] == "InvalidNextTokenException"


def test_batch_reads_report_failures_beside_values(service: Service) -> None:
    """One unknown id does not spoil the others."""
    service("CreateSecret", Name="a", SecretString="v")
    answer = service("BatchGetSecretValue", SecretIdList=["a", "nope"])
    values, errors = answer["SecretValues"], answer["Errors"]
    assert isinstance(values, list)
    assert [value["SecretString"] for value in values] == ["v"]
    assert errors == [
        {"SecretId": "nope", "ErrorCode": "ResourceNotFoundException", "Message": NOT_FOUND}
    ]


def test_at_most_a_hundred_versions(service: Service, world: World) -> None:
    """The oldest without a label go after a day; within the day the limit is an error."""
    service("CreateSecret", Name="a", SecretString="0")
    for number in range(99):
        service("PutSecretValue", SecretId="a", SecretString=str(number))
    assert (
        refusal(
            lambda: [
                service("PutSecretValue", SecretId="a", SecretString=str(n)) for n in range(10)
            ]
        )[0]
        == "LimitExceededException"
    )
    world.clock.pass_days(1.1)
    service("PutSecretValue", SecretId="a", SecretString="later")
    listed = service("ListSecretVersionIds", SecretId="a", IncludeDeprecated=True, MaxResults=100)
    assert isinstance(listed["Versions"], list)
    assert len(listed["Versions"]) <= 100


def test_delete_secret_version_spares_the_current_one(service: Service) -> None:
    """A version can be removed for good, but not the one in use."""
    old, new = token(), token()
    service("CreateSecret", Name="a", SecretString="0", ClientRequestToken=old)
    service("PutSecretValue", SecretId="a", SecretString="1", ClientRequestToken=new)
    assert refusal(lambda: service("DeleteSecretVersion", SecretId="a", VersionId=new)) == (
        "InvalidRequestException",
        "You can't delete the version that staging label AWSCURRENT is attached to.",
    )
    service("DeleteSecretVersion", SecretId="a", VersionId=old)
    assert refusal(lambda: service("GetSecretValue", SecretId="a", VersionId=old))[0] == (
        "ResourceNotFoundException"
    )


def test_cross_account_operations_are_refused(service: Service) -> None:
    """One vault is one account, and the sentence says so."""
    service("CreateSecret", Name="a")
    arn = "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-AbCdEf"
    for operation in ("AssociateCrossAccountReplica", "DisassociateCrossAccountReplica"):
        code, message = refusal(
            lambda operation=operation: service(  # type: ignore[misc]  # a lambda's default has no type
                operation, SecretId="a", CrossAccountReplicaARN=arn
            )
        )
        assert code == "InvalidRequestException"
        assert "one account" in message


def test_changing_the_key_seals_the_versions_in_use_anew(service: Service) -> None:
    """After UpdateSecret with another KmsKeyId old and new values are readable."""
    service("CreateSecret", Name="a", SecretString="0")
    service("PutSecretValue", SecretId="a", SecretString="1")
    service("UpdateSecret", SecretId="a", KmsKeyId="alias/mine")
    assert service("DescribeSecret", SecretId="a")["KmsKeyId"] == "alias/mine"
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "1"
    previous = service("GetSecretValue", SecretId="a", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "0"
