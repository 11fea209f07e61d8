"""The table of actions and condition keys fits the operations, and itself."""

import pytest

from secretctl.model.authorization import ACTIONS, COMMON, needed
from secretctl.model.condition_keys import KEYS
from secretctl.model.operations import BY_NAME

_WITHOUT_SECRET = {"BatchGetSecretValue", "GetRandomPassword", "ListSecrets"}


def test_every_operation_is_an_action() -> None:
    """By its name, and nothing else is one."""
    assert list(ACTIONS) == sorted(BY_NAME)


def test_every_condition_key_has_a_type() -> None:
    """Those of actions are those that are described."""
    assert {key for action in ACTIONS.values() for key in action.keys} == set(KEYS)
    kinds = {"String", "ArrayOfString", "ARN", "Bool", "Numeric"}
    assert {key.type for key in KEYS.values()} == kinds


def test_actions_are_about_a_secret_but_for_three() -> None:
    """Those have no condition keys of the service; most of the others have the common ones."""
    assert {name for name, action in ACTIONS.items() if not action.is_on_secret} == _WITHOUT_SECRET
    assert {name for name, action in ACTIONS.items() if not action.keys} == _WITHOUT_SECRET
    common = {name for name, action in ACTIONS.items() if set(COMMON) <= set(action.keys)}
    assert set(ACTIONS) - common == _WITHOUT_SECRET | {"CreateSecret"}


TAG, REPLICATE = "TagResource", "ReplicateSecretToRegions"
OWN = {
    "CreateSecret": (
        "aws:RequestTag/${TagKey} aws:TagKeys AddReplicaRegions Description "
        "ForceOverwriteReplicaSecret KmsKeyArn KmsKeyId Name Type"
    ),
    "DeleteSecret": "ForceDeleteWithoutRecovery RecoveryWindowInDays",
    "DeleteSecretVersion": "VersionId",
    "GetSecretValue": "VersionId VersionStage",
    "PutResourcePolicy": "BlockPublicPolicy",
    "ReplicateSecretToRegions": "AddReplicaRegions ForceOverwriteReplicaSecret",
    "RotateSecret": (
        "ExternalSecretRotationRoleArn ModifyRotationRules RotateImmediately RotationLambdaARN"
    ),
    "TagResource": "aws:RequestTag/${TagKey} aws:TagKeys",
    "UntagResource": "aws:TagKeys",
    "UpdateSecret": "Description KmsKeyArn KmsKeyId Type",
    "UpdateSecretVersionStage": "VersionStage",
}
"""Condition keys of actions besides the common ones, from the service authorization reference.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
"""


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_own_keys_are_those_of_the_reference(name: str) -> None:
    """What an action has besides the common keys."""
    own = OWN.get(name, "").split()
    expected = [key if ":" in key else f"secretsmanager:{key}" for key in own]
    assert sorted(set(ACTIONS[name].keys) - set(COMMON)) == sorted(expected)


@pytest.mark.parametrize(
    ("name", "parameters", "further"),
    [
        ("GetSecretValue", {"Tags": ["x"]}, []),
        ("CreateSecret", {"Tags": [], "AddReplicaRegions": []}, []),
        ("CreateSecret", {"Tags": ["x"], "AddReplicaRegions": ["x"]}, [TAG, REPLICATE]),
        ("BatchGetSecretValue", {"SecretIdList": ["x"]}, []),
        ("BatchGetSecretValue", {"Filters": []}, ["ListSecrets"]),
        ("ValidateResourcePolicy", {}, ["PutResourcePolicy"]),
        ("AssumeRole", {"Tags": ["x"], "SourceIdentity": "x"}, ["TagSession", "SetSourceIdentity"]),
    ],
)
def test_what_more_a_request_needs(
    name: str, parameters: dict[str, object], further: list[str]
) -> None:
    """No filters at all find every secret, and have to be allowed as filters are."""
    assert needed(name, parameters) == [name, *further]
