"""Calls in order, one at least of every operation, as boto3's methods are called."""

from typing import Any

TOKENS = [f"{number:032d}" for number in range(10)]
POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
    '{"AWS":"arn:aws:iam::000000000000:root"},"Action":"secretsmanager:GetSecretValue",'
    '"Resource":"*"}]}'
)
REPLICA = "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-abcdef"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:rotate"
PRIMARY = {"SecretId": "app/new", "CrossAccountReplicaARN": REPLICA}

CALLS: list[tuple[str, dict[str, Any]]] = [
    (
        "create_secret",
        {
            "Name": "app/new",
            "ClientRequestToken": TOKENS[0],
            "SecretString": '{"user": "\u00fc"}',
            "Description": "what it is for",
            "Tags": [{"Key": "team", "Value": "a"}, {"Key": "stage", "Value": "test"}],
        },
    ),
    (
        "create_secret",
        {"Name": "app/new", "ClientRequestToken": TOKENS[1], "SecretString": "other"},
    ),
    (
        "create_secret",
        {"Name": "blob", "ClientRequestToken": TOKENS[1], "SecretBinary": b"\0\1\2\xff"},
    ),
    ("create_secret", {"Name": "empty", "ClientRequestToken": TOKENS[2]}),
    ("get_secret_value", {"SecretId": "empty"}),
    ("get_secret_value", {"SecretId": "blob"}),
    ("get_secret_value", {"SecretId": "no such"}),
    ("get_secret_value", {"SecretId": "none"}),
    (
        "put_secret_value",
        {"SecretId": "app/new", "ClientRequestToken": TOKENS[3], "SecretString": "second"},
    ),
    (
        "put_secret_value",
        {
            "SecretId": "app/new",
            "ClientRequestToken": TOKENS[4],
            "SecretString": "third",
            "VersionStages": ["next", "test"],
        },
    ),
    ("put_secret_value", {"SecretId": "app/new", "ClientRequestToken": TOKENS[4]}),
    ("get_secret_value", {"SecretId": "app/new", "VersionStage": "AWSPREVIOUS"}),
    ("get_secret_value", {"SecretId": "app/new", "VersionId": TOKENS[4], "VersionStage": "x"}),
    ("list_secret_version_ids", {"SecretId": "app/new", "IncludeDeprecated": True}),
    ("list_secret_version_ids", {"SecretId": "app/new", "MaxResults": 1, "NextToken": "x"}),
    (
        "update_secret_version_stage",
        {
            "SecretId": "app/new",
            "VersionStage": "AWSCURRENT",
            "MoveToVersionId": TOKENS[4],
            "RemoveFromVersionId": TOKENS[3],
        },
    ),
    ("update_secret_version_stage", {"SecretId": "app/new", "VersionStage": "AWSCURRENT"}),
    ("update_secret", {"SecretId": "app/new", "Description": "another"}),
    (
        "update_secret",
        {"SecretId": "app/new", "ClientRequestToken": TOKENS[5], "SecretBinary": b"x"},
    ),
    ("delete_secret_version", {"SecretId": "app/new", "VersionId": TOKENS[0]}),
    ("tag_resource", {"SecretId": "blob", "Tags": [{"Key": "k", "Value": ""}]}),
    ("untag_resource", {"SecretId": "app/new", "TagKeys": ["team", "none"]}),
    ("describe_secret", {"SecretId": "app/new"}),
    ("put_resource_policy", {"SecretId": "app/new", "ResourcePolicy": POLICY}),
    ("put_resource_policy", {"SecretId": "app/new", "ResourcePolicy": "{}"}),
    ("get_resource_policy", {"SecretId": "app/new"}),
    ("get_resource_policy", {"SecretId": "blob"}),
    ("list_resource_policies", {"SecretId": "app/new"}),
    ("validate_resource_policy", {"ResourcePolicy": POLICY, "SecretId": "app/new"}),
    ("validate_resource_policy", {"ResourcePolicy": "{}"}),
    ("delete_resource_policy", {"SecretId": "app/new"}),
    (
        "replicate_secret_to_regions",
        {"SecretId": "app/new", "AddReplicaRegions": [{"Region": "eu-west-1"}]},
    ),
    ("describe_secret", {"SecretId": "app/new"}),
    (
        "remove_regions_from_replication",
        {"SecretId": "app/new", "RemoveReplicaRegions": ["eu-west-1"]},
    ),
    ("stop_replication_to_replica", {"SecretId": "app/new"}),
    ("associate_cross_account_replica", PRIMARY),
    ("disassociate_cross_account_replica", PRIMARY),
    (
        "rotate_secret",
        {"SecretId": "app/new", "ClientRequestToken": TOKENS[6], "RotationLambdaARN": FUNCTION},
    ),
    ("rotate_secret", {"SecretId": "app/new", "ClientRequestToken": TOKENS[6]}),
    ("cancel_rotate_secret", {"SecretId": "app/new"}),
    ("create_secret", {"Name": "r", "ClientRequestToken": TOKENS[7], "SecretString": "v"}),
    (
        "rotate_secret",
        {
            "SecretId": "r",
            "ClientRequestToken": TOKENS[8],
            "RotationLambdaARN": "builtin/password",
            "RotationRules": {"AutomaticallyAfterDays": 7},
        },
    ),
    ("describe_secret", {"SecretId": "r"}),
    ("cancel_rotate_secret", {"SecretId": "r"}),
    ("batch_get_secret_value", {"SecretIdList": ["app/new", "blob", "none"]}),
    ("batch_get_secret_value", {"SecretIdList": ["blob"], "MaxResults": 1}),
    (
        "batch_get_secret_value",
        {"Filters": [{"Key": "name", "Values": ["b", "e"]}], "MaxResults": 1},
    ),
    ("list_secrets", {"SortBy": "name", "SortOrder": "asc"}),
    ("list_secrets", {"Filters": [{"Key": "tag-key", "Values": ["stage"]}]}),
    ("list_secrets", {"Filters": [{"Key": "colour", "Values": ["red"]}]}),
    ("delete_secret", {"SecretId": "blob", "RecoveryWindowInDays": 3}),
    ("delete_secret", {"SecretId": "blob", "RecoveryWindowInDays": 7}),
    ("get_secret_value", {"SecretId": "blob"}),
    ("restore_secret", {"SecretId": "blob"}),
    ("delete_secret", {"SecretId": "empty", "ForceDeleteWithoutRecovery": True}),
    ("describe_secret", {"SecretId": "empty"}),
    ("get_random_password", {"PasswordLength": 1}),
    ("get_random_password", {"PasswordLength": 8, "ExcludePunctuation": True}),
]
