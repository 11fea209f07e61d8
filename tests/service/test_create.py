"""CreateSecret, and what makes a repeated request harmless."""

import pytest

from tests.conftest import Service, World, token
from tests.service.conftest import refusal

DELETED = (
    "InvalidRequestException",
    "You can't create this secret because a secret with this name is already scheduled for "
    "deletion.",
)
TWO_VALUES = (
    "InvalidParameterException",
    "You can't specify both a binary secret value and a string secret value in the same secret.",
)


def in_use(mine: str, arn: object) -> tuple[str, str]:
    """Return AWS's answer to a token that was used for another value."""
    return (
        "ResourceExistsException",
        f"You can't use ClientRequestToken {mine} because that value is already in use for a "
        f"version of secret {arn}.",
    )


def test_without_a_value_there_is_no_version(service: Service) -> None:
    """The answer has ARN and name only, and reading finds no AWSCURRENT."""
    assert list(service("CreateSecret", Name="a")) == ["ARN", "Name"]
    assert "VersionIdsToStages" not in service("DescribeSecret", SecretId="a")
    assert service("ListSecretVersionIds", SecretId="a")["Versions"] == []
    assert refusal(service, "GetSecretValue", SecretId="a") == (
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    )


@pytest.mark.parametrize("value", [{"SecretString": "v"}, {"SecretBinary": b"\x00\xff"}])
def test_with_a_value_the_token_names_the_version(
    service: Service, value: dict[str, object]
) -> None:
    """The answer is exactly ARN, Name and VersionId."""
    mine = token()
    answer = service("CreateSecret", Name="a", ClientRequestToken=mine, **value)
    assert list(answer) == ["ARN", "Name", "VersionId"]
    assert answer["VersionId"] == mine


def test_an_existing_name_is_refused(service: Service) -> None:
    """With a new token, with or without a value."""
    service("CreateSecret", Name="a", SecretString="v")
    exists = (
        "ResourceExistsException",
        "The operation failed because the secret a already exists.",
    )
    assert refusal(service, "CreateSecret", Name="a", SecretString="v") == exists
    assert refusal(service, "CreateSecret", Name="a") == exists


def test_the_same_request_has_the_same_answer(service: Service) -> None:
    """A retry gets the first answer, replicas included, and changes nothing."""
    request = {
        "Name": "a",
        "SecretString": "v",
        "ClientRequestToken": token(),
        "AddReplicaRegions": [{"Region": "eu-west-1"}],
    }
    first = service("CreateSecret", **request)
    before = service("DescribeSecret", SecretId="a")
    assert service("CreateSecret", **request) == first
    assert service("DescribeSecret", SecretId="a") == before


def test_a_token_holds_one_value(service: Service) -> None:
    """Create, Put and Update refuse it for another, be it only text instead of bytes."""
    mine = token()
    request = {"ClientRequestToken": mine, "SecretString": "v"}
    arn = service("CreateSecret", Name="a", **request)["ARN"]
    for other in ({"SecretString": "w"}, {"SecretBinary": b"v"}):
        changed = {"ClientRequestToken": mine, **other}
        assert refusal(service, "CreateSecret", Name="a", **changed) == in_use(mine, arn)
        assert refusal(service, "PutSecretValue", SecretId="a", **changed) == in_use(mine, arn)
        assert refusal(service, "UpdateSecret", SecretId="a", **changed) == in_use(mine, arn)
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "v"


def test_putting_or_updating_again_succeeds(service: Service) -> None:
    """The same token with the same content is no new version."""
    mine = token()
    service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    request = {"SecretId": "a", "ClientRequestToken": mine, "SecretString": "v"}
    put = service("PutSecretValue", **request)
    assert (put["VersionId"], put["VersionStages"]) == (mine, ["AWSCURRENT"])
    assert service("UpdateSecret", **request)["VersionId"] == mine
    assert list(service("DescribeSecret", SecretId="a")["VersionIdsToStages"]) == [mine]  # type: ignore[call-overload]  # the model says it is a map


def test_a_token_of_another_secret_is_free(service: Service) -> None:
    """Tokens are told apart within one secret."""
    mine = token()
    for name in ("a", "b"):
        service("CreateSecret", Name=name, SecretString=name, ClientRequestToken=mine)
        assert service("GetSecretValue", SecretId=name)["SecretString"] == name


@pytest.mark.parametrize("bad", ["/" * 32, "\x1b" * 32, "a" * 31 + "\n", "a" * 31, "a" * 65])
def test_a_token_is_printable(service: Service, bad: str) -> None:
    """It becomes a version's id, so neither length nor characters may surprise."""
    code, message = refusal(
        service, "CreateSecret", Name="a", SecretString="v", ClientRequestToken=bad
    )
    assert code == "ValidationException"
    assert bad not in message


def test_a_name_scheduled_for_deletion_is_taken(service: Service, world: World) -> None:
    """It is free again when the window is over, and the old value stays unread till then."""
    mine = token()
    service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    again = {"Name": "a", "SecretString": "v", "ClientRequestToken": mine}
    assert refusal(service, "CreateSecret", **again) == DELETED
    world.clock.pass_days(6.9)
    assert refusal(service, "CreateSecret", Name="a") == DELETED
    world.clock.pass_days(0.1)
    service("CreateSecret", Name="a")
    assert refusal(service, "GetSecretValue", SecretId="a", VersionId=mine)[0] == (
        "ResourceNotFoundException"
    )


def test_two_values_are_refused(service: Service) -> None:
    """A version is text or bytes; refused before the secret is looked for."""
    both = {"SecretString": "v", "SecretBinary": b"v"}
    assert refusal(service, "CreateSecret", Name="a", **both) == TWO_VALUES
    assert refusal(service, "PutSecretValue", SecretId="a", **both) == TWO_VALUES
    assert refusal(service, "UpdateSecret", SecretId="a", **both) == TWO_VALUES


def test_a_put_needs_a_value(service: Service) -> None:
    """Neither text nor bytes is a request that means nothing."""
    service("CreateSecret", Name="a")
    assert refusal(service, "PutSecretValue", SecretId="a") == (
        "InvalidRequestException",
        "You must provide either SecretString or SecretBinary.",
    )


def test_an_empty_description_is_none(service: Service) -> None:
    """DescribeSecret shows only what is set."""
    service("CreateSecret", Name="a", Description="")
    assert "Description" not in service("DescribeSecret", SecretId="a")


def test_what_is_set_is_shown(service: Service) -> None:
    """Description, key and tags come back as given."""
    service(
        "CreateSecret",
        Name="a",
        Description="d",
        KmsKeyId="alias/k",
        Tags=[{"Key": "k", "Value": "v"}],
    )
    shown = service("DescribeSecret", SecretId="a")
    assert (shown["Description"], shown["KmsKeyId"]) == ("d", "alias/k")
    assert shown["Tags"] == [{"Key": "k", "Value": "v"}]


@pytest.mark.parametrize(
    ("value", "member"),
    [
        ({"SecretString": ""}, "secretString"),
        ({"SecretBinary": b""}, "secretBinary"),
        ({"SecretString": "x" * 65_537}, "secretString"),
        ({"SecretString": "é" * 32_769}, "secretString"),
        ({"SecretBinary": b"x" * 65_537}, "secretBinary"),
        ({"SecretString": "\ud800"}, "secretString"),
    ],
    ids=["no text", "no bytes", "long text", "long in UTF-8", "long bytes", "no Unicode"],
)
def test_a_value_out_of_bounds_is_refused_unseen(
    service: Service, value: dict[str, object], member: str
) -> None:
    """The sentence names the member and does not repeat what was given."""
    code, message = refusal(service, "CreateSecret", Name="a", **value)
    assert code == "ValidationException"
    assert message.startswith(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member "
        "must "
    )
    assert "xxxx" not in message
    assert service("ListSecrets")["SecretList"] == []


def test_a_secret_of_another_account_cannot_be_followed(service: Service) -> None:
    """One vault is one account."""
    other = "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-AbCdEf"
    assert refusal(service, "CreateSecret", Name="a", CrossAccountPrimaryARN=other)[0] == (
        "InvalidRequestException"
    )
