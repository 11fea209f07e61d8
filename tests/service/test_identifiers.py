"""Names, ARNs and partial ARNs: which secret an id means."""

import re

import pytest

from tests.conftest import Service, World
from tests.service.conftest import BAD_NAME, NOT_FOUND, refusal

TAGS = [{"Key": "k", "Value": "v"}]
MOVE = {"VersionStage": "L", "MoveToVersionId": "0" * 32}
POLICY = '{"Statement": []}'


@pytest.mark.parametrize("name", ["Inv Name", " Inv*Name? ", "é", "a:b", "a\n", "#"])
@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("DeleteSecret", {"ForceDeleteWithoutRecovery": True}),
        ("DescribeSecret", {}),
        ("GetSecretValue", {}),
        ("ListSecretVersionIds", {}),
        ("PutSecretValue", {"SecretString": "v"}),
        ("TagResource", {"Tags": TAGS}),
        ("UntagResource", {"TagKeys": ["k"]}),
        ("UpdateSecret", {}),
        ("UpdateSecretVersionStage", MOVE),
        ("RestoreSecret", {}),
        ("RotateSecret", {}),
        ("CancelRotateSecret", {}),
        ("GetResourcePolicy", {}),
        ("ValidateResourcePolicy", {"ResourcePolicy": POLICY}),
    ],
)
def test_a_bad_character_in_an_id_comes_first(
    service: Service, name: str, operation: str, more: dict[str, object]
) -> None:
    """Every operation says that the name is invalid, not that nothing was found."""
    assert refusal(service, operation, SecretId=name, **more) == BAD_NAME


def test_a_bad_character_in_a_new_name(service: Service) -> None:
    """CreateSecret answers with the same sentence."""
    assert refusal(service, "CreateSecret", Name="Inv Name") == BAD_NAME


def test_every_allowed_character_names_a_secret(service: Service) -> None:
    """Managed secrets carry an exclamation mark; case makes another secret."""
    for name in ("rds!db-1", "a/b_c+d=e.f@g-h", "CON", "con", "a" * 512):
        service("CreateSecret", Name=name)
        assert service("DescribeSecret", SecretId=name)["Name"] == name


def test_the_arn_is_stable_and_new_for_a_new_secret(service: Service) -> None:
    """Six characters are drawn once in a secret's life."""
    first = service("CreateSecret", Name="a/b", SecretString="v")["ARN"]
    assert re.fullmatch(r"arn:aws:secretsmanager:us-east-1:\d{12}:secret:a/b-\w{6}", str(first))
    assert service("UpdateSecret", SecretId="a/b", Description="d")["ARN"] == first
    service("DeleteSecret", SecretId="a/b", ForceDeleteWithoutRecovery=True)
    assert service("CreateSecret", Name="a/b")["ARN"] != first
    assert refusal(service, "DescribeSecret", SecretId=first) == NOT_FOUND


@pytest.mark.parametrize("operation", ["GetSecretValue", "DescribeSecret", "ListSecretVersionIds"])
def test_a_partial_arn_finds_the_secret(service: Service, operation: str) -> None:
    """The suffix may be left out, with its hyphen."""
    full = str(service("CreateSecret", Name="a/b", SecretString="v")["ARN"])
    assert service(operation, SecretId=full)["ARN"] == full
    assert service(operation, SecretId=full[:-7])["ARN"] == full
    for wrong in (full[:-1], full[:-6], full[:-1] + "!", full + "a", full[:-6] + "......"):
        assert refusal(service, operation, SecretId=wrong) == NOT_FOUND


def test_a_name_that_ends_like_a_suffix_needs_its_full_arn(service: Service) -> None:
    """A partial ARN is read as one with a suffix, so it finds nothing."""
    full = str(service("CreateSecret", Name="my-Name-a1b2c3", SecretString="v")["ARN"])
    assert refusal(service, "GetSecretValue", SecretId=full[:-7]) == NOT_FOUND
    assert service("GetSecretValue", SecretId=full)["ARN"] == full
    assert service("GetSecretValue", SecretId="my-Name-a1b2c3")["ARN"] == full


def test_a_name_with_a_suffix_is_no_id(service: Service) -> None:
    """Only ARNs carry the suffix."""
    full = str(service("CreateSecret", Name="a")["ARN"])
    assert refusal(service, "DescribeSecret", SecretId=full.rpartition(":")[2]) == NOT_FOUND


def test_an_arn_of_elsewhere_finds_nothing(service: Service) -> None:
    """Region, account, service and partition must be those of the call."""
    full = str(service("CreateSecret", Name="a")["ARN"])
    parts = full.split(":")
    for index, other in ((1, "aws-cn"), (2, "ssm"), (3, "eu-west-1"), (4, "9" * 12), (5, "x")):
        wrong = ":".join([*parts[:index], other, *parts[index + 1 :]])
        assert refusal(service, "DescribeSecret", SecretId=wrong) == NOT_FOUND
    assert refusal(service.in_region("eu-west-1"), "DescribeSecret", SecretId="a") == NOT_FOUND


@pytest.mark.parametrize("operation", ["DescribeSecret", "GetSecretValue", "RestoreSecret"])
def test_a_secret_whose_window_is_over_is_not_found(
    service: Service, world: World, operation: str
) -> None:
    """By name, ARN or partial ARN: gone is gone, though the record may wait to be purged."""
    full = str(service("CreateSecret", Name="a", SecretString="v")["ARN"])
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    world.clock.pass_days(7)
    for secret_id in ("a", full, full[:-7]):
        assert refusal(service, operation, SecretId=secret_id) == NOT_FOUND
    assert service("ListSecrets", IncludePlannedDeletion=True)["SecretList"] == []
