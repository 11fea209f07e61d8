"""The operations of the API, in alphabetical order.

The 26 of AWS Secrets Manager, API version 2017-10-17, spelled as on the wire, and our own
``DeleteSecretVersion``. A test compares them with the published service model.
See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
"""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.shapes import Member, Operation, Pages, kebab

_USUAL = (
    "ResourceNotFoundException",
    "InvalidParameterException",
    "InvalidRequestException",
    "InternalServiceError",
)
_WRITING = (
    *_USUAL,
    "LimitExceededException",
    "EncryptionFailure",
    "DecryptionFailure",
    "ResourceExistsException",
)

# Members that several operations are given.
_SECRET_ID = Member(
    "SecretId", t.SECRET_ID, "Name or ARN of the secret.", required=True, completer="secret"
)
_REPLICA = Member(
    "CrossAccountReplicaARN", t.SECRET_ARN, "Replica in another account.", required=True
)
_FILTERS = Member(
    "Filters",
    t.FILTERS_LIST,
    "Up to 10 conditions that all must hold; a value beginning with ! excludes.",
)
_NEXT_TOKEN = Member("NextToken", t.NEXT_TOKEN, "Where to go on, from the page before.")
_TOKEN = Member(
    "ClientRequestToken",
    t.CLIENT_REQUEST_TOKEN,
    "Makes a repeated request harmless; becomes the id of the new version.",
    idempotency_token=True,
)
_DESCRIPTION = Member(
    "Description", t.DESCRIPTION, "What the secret is for, up to 2048 characters."
)
_KMS_KEY_ID = Member(
    "KmsKeyId",
    t.KMS_KEY_ID,
    "Key under which values are sealed; the account's default if left out.",
    completer="key",
)
_SECRET_BINARY = Member("SecretBinary", t.SECRET_BINARY, "Binary value, up to 65536 bytes.")
_SECRET_STRING = Member("SecretString", t.SECRET_STRING, "Text value, up to 65536 bytes of UTF-8.")
_OVERWRITE = Member(
    "ForceOverwriteReplicaSecret",
    t.BOOLEAN,
    "Replace a secret of the same name in a replica region.",
)
_TYPE = Member("Type", t.MEDEA_TYPE, "Kind of a secret that a partner service manages.")
_POLICY_NAME = Member(
    "PolicyName", t.RESOURCE_POLICY_NAME, 'Name of the policy; there is only "default".'
)
_MAX_RESULTS = Member("MaxResults", t.MAX_RESULTS, "Most results in one page, up to 100.")
_RESOURCE_POLICY = Member(
    "ResourcePolicy",
    t.NON_EMPTY_RESOURCE_POLICY,
    "Policy in JSON, up to 20480 characters.",
    required=True,
)

# Members that several operations answer.
_ARN = Member("ARN", t.SECRET_ARN, "ARN of the secret.")
_NAME = Member("Name", t.SECRET_NAME, "Name of the secret.")
_VERSION = Member("VersionId", t.SECRET_VERSION_ID, "Id of the version.")
_VERSION_STAGES = Member("VersionStages", t.SECRET_VERSION_STAGES, "Its staging labels.")
_REPLICATION_STATUS = Member(
    "ReplicationStatus", t.REPLICATION_STATUS_LIST, "How each replica stands."
)
_REPLICA_ARN = Member("CrossAccountReplicaARN", t.SECRET_ARN, "Replica in another account.")
_NEXT_PAGE = Member("NextToken", t.NEXT_TOKEN, "Where to go on, if there is more.")
_POLICY_SECRET_NAME = Member("Name", t.NAME, "Name of the secret.")
_NAME_OF_POLICY = Member("PolicyName", t.RESOURCE_POLICY_NAME, "Name of the policy.")

OPERATIONS = (
    Operation(
        "AssociateCrossAccountReplica",
        "Add a replica in another account; refused, because a vault is one account.",
        "secretctl.service.replication:associate_cross_account_replica",
        input=(
            _SECRET_ID,
            _REPLICA,
            Member(
                "ReplicaRestriction", t.REPLICA_RESTRICTION, "Whose accounts may hold a replica."
            ),
            Member("ReplicationRoleARN", t.ROLE_ARN, "Role that replicates."),
        ),
        output=(
            _ARN,
            _REPLICA_ARN,
            Member("ReplicationStatus", t.STATUS, "Whether the replica is in step."),
        ),
        errors=(*_USUAL, "LimitExceededException"),
        example=(
            "secretctl associate-cross-account-replica --secret-id prod/db "
            "--cross-account-replica-arn ARN"
        ),
    ),
    Operation(
        "BatchGetSecretValue",
        "Retrieve the current values of up to 20 secrets.",
        "secretctl.service.batch:batch_get_secret_value",
        input=(
            Member(
                "SecretIdList",
                t.SECRET_ID_LIST,
                "Names or ARNs of up to 20 secrets; instead of filters.",
                completer="secret",
            ),
            _FILTERS,
            Member(
                "MaxResults",
                t.MAX_RESULTS_BATCH,
                "Most values in one page, up to 20; with filters only.",
            ),
            _NEXT_TOKEN,
        ),
        output=(
            Member("SecretValues", t.SECRET_VALUES, "The values that could be read."),
            _NEXT_PAGE,
            Member("Errors", t.API_ERROR_LIST, "What could not be read, and why."),
        ),
        errors=(*_USUAL, "DecryptionFailure", "InvalidNextTokenException"),
        read_only=True,
        example="secretctl batch-get-secret-value --secret-id-list prod/db prod/api",
    ),
    Operation(
        "CancelRotateSecret",
        "Turn automatic rotation off.",
        "secretctl.service.rotation:cancel_rotate_secret",
        input=(_SECRET_ID,),
        output=(_ARN, _NAME, _VERSION),
        errors=_USUAL,
        example="secretctl cancel-rotate-secret --secret-id prod/db",
    ),
    Operation(
        "CreateSecret",
        "Create a secret, with a first value if one is given.",
        "secretctl.service.creation:create_secret",
        input=(
            Member(
                "Name",
                t.NAME,
                "Name of the new secret: letters, digits and /_+=.@-, up to 512 characters.",
                required=True,
            ),
            _TOKEN,
            _DESCRIPTION,
            _KMS_KEY_ID,
            _SECRET_BINARY,
            _SECRET_STRING,
            Member("Tags", t.TAG_LIST, "Tags, each a Key and a Value; a secret has at most 50."),
            Member(
                "AddReplicaRegions",
                t.ADD_REPLICA_REGION_LIST,
                "Regions, and keys, of the replicas to make.",
            ),
            _OVERWRITE,
            _TYPE,
            Member("CrossAccountPrimaryARN", t.SECRET_ARN, "Primary secret in another account."),
        ),
        output=(_ARN, _NAME, _VERSION, _REPLICATION_STATUS),
        errors=(*_WRITING, "MalformedPolicyDocumentException", "PreconditionNotMetException"),
        example="secretctl create-secret --name prod/db --secret-string file://db.json",
    ),
    Operation(
        "DeleteResourcePolicy",
        "Remove a secret's resource policy.",
        "secretctl.service.policies:delete_resource_policy",
        input=(_SECRET_ID, _POLICY_NAME),
        output=(_ARN, _POLICY_SECRET_NAME, _NAME_OF_POLICY),
        errors=_USUAL,
        example="secretctl delete-resource-policy --secret-id prod/db",
    ),
    Operation(
        "DeleteSecret",
        "Schedule the deletion of a secret, or delete it at once.",
        "secretctl.service.deletion:delete_secret",
        input=(
            _SECRET_ID,
            Member(
                "RecoveryWindowInDays",
                t.RECOVERY_WINDOW_IN_DAYS,
                "Days, 7 to 30, in which the secret can be restored; 30 if left out.",
            ),
            Member("ForceDeleteWithoutRecovery", t.BOOLEAN, "Delete at once, without a way back."),
        ),
        output=(
            _ARN,
            _NAME,
            Member("DeletionDate", t.TIMESTAMP, "From when on the secret cannot be restored."),
        ),
        errors=_USUAL,
        example="secretctl delete-secret --secret-id prod/db --recovery-window-in-days 7",
    ),
    Operation(
        "DeleteSecretVersion",
        "Remove one version of a secret for good.",
        "secretctl.service.deletion:delete_secret_version",
        input=(
            _SECRET_ID,
            Member(
                "VersionId",
                t.SECRET_VERSION_ID,
                "Version to remove; one without staging labels.",
                required=True,
                completer="version",
            ),
        ),
        output=(_ARN, _NAME, _VERSION),
        errors=_USUAL,
        example="secretctl delete-secret-version --secret-id prod/db --version-id ID",
    ),
    Operation(
        "DescribeSecret",
        "Show what is known of a secret, without its value.",
        "secretctl.service.listing:describe_secret",
        input=(_SECRET_ID,),
        output=(
            *t.SECRET_FACTS,
            Member(
                "VersionIdsToStages",
                t.SECRET_VERSIONS_TO_STAGES_MAP,
                "Staging labels of each version that has any.",
            ),
            Member("OwningService", t.OWNING_SERVICE, "Service that manages the secret."),
            Member("CreatedDate", t.TIMESTAMP, "When the secret was made."),
            Member("PrimaryRegion", t.REGION, "Region of the primary secret, if it is replicated."),
            _REPLICATION_STATUS,
            Member(
                "CrossAccountPrimary",
                t.CROSS_ACCOUNT_PRIMARY,
                "Its primary in another account; never set here.",
            ),
            Member(
                "CrossAccountReplicas",
                t.CROSS_ACCOUNT_REPLICA_LIST,
                "Its replicas in other accounts; never set here.",
            ),
        ),
        errors=("ResourceNotFoundException", "InternalServiceError", "InvalidParameterException"),
        read_only=True,
        example="secretctl describe-secret --secret-id prod/db",
    ),
    Operation(
        "DisassociateCrossAccountReplica",
        "Detach a replica in another account; refused, because a vault is one account.",
        "secretctl.service.replication:disassociate_cross_account_replica",
        input=(_SECRET_ID, _REPLICA),
        output=(_ARN, _REPLICA_ARN),
        errors=_USUAL,
        example=(
            "secretctl disassociate-cross-account-replica --secret-id prod/db "
            "--cross-account-replica-arn ARN"
        ),
    ),
    Operation(
        "GetRandomPassword",
        "Generate a random password; nothing is kept.",
        "secretctl.service.password:get_random_password",
        input=(
            Member(
                "PasswordLength",
                t.PASSWORD_LENGTH,
                "Number of characters, up to 4096; 32 if left out.",
            ),
            Member("ExcludeCharacters", t.EXCLUDE_CHARACTERS, "Characters not to be used."),
            Member("ExcludeNumbers", t.BOOLEAN, "Use no digits."),
            Member("ExcludePunctuation", t.BOOLEAN, "Use no punctuation."),
            Member("ExcludeUppercase", t.BOOLEAN, "Use no capital letters."),
            Member("ExcludeLowercase", t.BOOLEAN, "Use no small letters."),
            Member("IncludeSpace", t.BOOLEAN, "Use spaces as well."),
            Member(
                "RequireEachIncludedType",
                t.BOOLEAN,
                "Use at least one of each kind of character; the default.",
            ),
        ),
        output=(Member("RandomPassword", t.RANDOM_PASSWORD, "The password."),),
        errors=("InvalidParameterException", "InvalidRequestException", "InternalServiceError"),
        read_only=True,
        example=(
            "secretctl get-random-password --password-length 24 --exclude-punctuation "
            "--query RandomPassword --output text"
        ),
    ),
    Operation(
        "GetResourcePolicy",
        "Show a secret's resource policy.",
        "secretctl.service.policies:get_resource_policy",
        input=(_SECRET_ID, _POLICY_NAME),
        output=(
            _ARN,
            _POLICY_SECRET_NAME,
            Member(
                "ResourcePolicy",
                t.NON_EMPTY_RESOURCE_POLICY,
                "The policy in JSON; not there if there is none.",
            ),
            _NAME_OF_POLICY,
        ),
        errors=_USUAL,
        read_only=True,
        example="secretctl get-resource-policy --secret-id prod/db",
    ),
    Operation(
        "GetSecretValue",
        "Retrieve the value of one version of a secret.",
        "secretctl.service.reading:get_secret_value",
        input=(
            _SECRET_ID,
            Member(
                "VersionId",
                t.SECRET_VERSION_ID,
                "Id of the version; the one holding AWSCURRENT if neither is given.",
                completer="version",
            ),
            Member(
                "VersionStage",
                t.SECRET_VERSION_STAGE,
                "Staging label of the version.",
                completer="stage",
            ),
        ),
        output=(
            _ARN,
            _NAME,
            _VERSION,
            Member("SecretBinary", t.SECRET_BINARY, "The value, if it is binary."),
            Member("SecretString", t.SECRET_STRING, "The value, if it is text."),
            _VERSION_STAGES,
            Member("CreatedDate", t.TIMESTAMP, "When the version was made."),
        ),
        errors=(*_USUAL, "DecryptionFailure"),
        read_only=True,
        example="secretctl get-secret-value --secret-id prod/db --query SecretString --output text",
    ),
    Operation(
        "ListResourcePolicies",
        "List the names of a secret's resource policies.",
        "secretctl.service.policies:list_resource_policies",
        input=(_SECRET_ID, _MAX_RESULTS, _NEXT_TOKEN),
        output=(
            Member(
                "ResourcePolicies", t.RESOURCE_POLICY_SUMMARY_LIST, "The policies.", required=True
            ),
            _NEXT_PAGE,
        ),
        errors=(*_USUAL, "InvalidNextTokenException"),
        pages=Pages("ResourcePolicies"),
        read_only=True,
        example="secretctl list-resource-policies --secret-id prod/db",
    ),
    Operation(
        "ListSecretVersionIds",
        "List the versions of a secret and their staging labels.",
        "secretctl.service.listing:list_secret_version_ids",
        input=(
            _SECRET_ID,
            _MAX_RESULTS,
            _NEXT_TOKEN,
            Member("IncludeDeprecated", t.BOOLEAN, "Show versions without staging labels as well."),
        ),
        output=(
            Member("Versions", t.SECRET_VERSIONS_LIST, "The versions."),
            _NEXT_PAGE,
            _ARN,
            _NAME,
        ),
        errors=(
            "InvalidNextTokenException",
            "ResourceNotFoundException",
            "InternalServiceError",
            "InvalidParameterException",
        ),
        read_only=True,
        example="secretctl list-secret-version-ids --secret-id prod/db --include-deprecated",
    ),
    Operation(
        "ListSecrets",
        "List the secrets of the region.",
        "secretctl.service.listing:list_secrets",
        input=(
            Member(
                "IncludePlannedDeletion",
                t.BOOLEAN,
                "Show secrets that are scheduled for deletion as well.",
            ),
            _MAX_RESULTS,
            _NEXT_TOKEN,
            _FILTERS,
            Member("SortOrder", t.SORT_ORDER, "Ascending or descending; ascending if left out."),
            Member("SortBy", t.SORT_BY, "What to sort by; the date of creation if left out."),
        ),
        output=(Member("SecretList", t.SECRET_LIST, "The secrets."), _NEXT_PAGE),
        errors=(
            "InvalidParameterException",
            "InvalidRequestException",
            "InvalidNextTokenException",
            "InternalServiceError",
        ),
        pages=Pages("SecretList"),
        read_only=True,
        example="secretctl list-secrets --filters Key=name,Values=prod/",
    ),
    Operation(
        "PutResourcePolicy",
        "Attach a resource policy to a secret.",
        "secretctl.service.policies:put_resource_policy",
        input=(
            _SECRET_ID,
            _RESOURCE_POLICY,
            _POLICY_NAME,
            Member("BlockPublicPolicy", t.BOOLEAN, "Refuse a policy that gives broad access."),
        ),
        output=(_ARN, _POLICY_SECRET_NAME, _NAME_OF_POLICY),
        errors=(*_USUAL, "MalformedPolicyDocumentException", "PublicPolicyException"),
        example=(
            "secretctl put-resource-policy --secret-id prod/db --resource-policy file://policy.json"
        ),
    ),
    Operation(
        "PutSecretValue",
        "Add a version with a new value.",
        "secretctl.service.values:put_secret_value",
        input=(
            _SECRET_ID,
            _TOKEN,
            _SECRET_BINARY,
            _SECRET_STRING,
            Member(
                "VersionStages",
                t.SECRET_VERSION_STAGES,
                "Staging labels to attach, up to 20; AWSCURRENT if left out.",
                completer="stage",
            ),
            Member(
                "RotationToken",
                t.ROTATION_TOKEN,
                "Proves that a rotation function makes the request.",
            ),
        ),
        output=(_ARN, _NAME, _VERSION, _VERSION_STAGES),
        errors=_WRITING,
        example="secretctl put-secret-value --secret-id prod/db --secret-string file://db.json",
    ),
    Operation(
        "RemoveRegionsFromReplication",
        "Delete replicas of a secret.",
        "secretctl.service.replication:remove_regions_from_replication",
        input=(
            _SECRET_ID,
            Member(
                "RemoveReplicaRegions",
                t.REMOVE_REPLICA_REGION_LIST,
                "Regions whose replicas are to be deleted.",
                required=True,
                completer="region",
            ),
        ),
        output=(_ARN, _REPLICATION_STATUS),
        errors=_USUAL,
        example=(
            "secretctl remove-regions-from-replication --secret-id prod/db "
            "--remove-replica-regions eu-west-1"
        ),
    ),
    Operation(
        "ReplicateSecretToRegions",
        "Replicate a secret to other regions.",
        "secretctl.service.replication:replicate_secret_to_regions",
        input=(
            _SECRET_ID,
            Member(
                "AddReplicaRegions",
                t.ADD_REPLICA_REGION_LIST,
                "Regions, and keys, of the replicas to make.",
                required=True,
            ),
            _OVERWRITE,
        ),
        output=(_ARN, _REPLICATION_STATUS),
        errors=_USUAL,
        example=(
            "secretctl replicate-secret-to-regions --secret-id prod/db "
            "--add-replica-regions Region=eu-west-1"
        ),
    ),
    Operation(
        "RestoreSecret",
        "Take a scheduled deletion back.",
        "secretctl.service.deletion:restore_secret",
        input=(_SECRET_ID,),
        output=(_ARN, _NAME),
        errors=_USUAL,
        example="secretctl restore-secret --secret-id prod/db",
    ),
    Operation(
        "RotateSecret",
        "Configure rotation of a secret and begin one.",
        "secretctl.service.rotation:rotate_secret",
        input=(
            _SECRET_ID,
            _TOKEN,
            Member(
                "RotationLambdaARN",
                t.ROTATION_LAMBDA_ARN,
                "Function that rotates the secret.",
                completer="function",
            ),
            Member(
                "RotationRules",
                t.ROTATION_RULES,
                "When to rotate: AutomaticallyAfterDays or ScheduleExpression, and Duration.",
            ),
            Member(
                "ExternalSecretRotationMetadata",
                t.EXTERNAL_SECRET_ROTATION_METADATA,
                "What a partner service needs for rotation.",
            ),
            Member(
                "ExternalSecretRotationRoleArn",
                t.ROLE_ARN,
                "Role that rotates for a partner service.",
            ),
            Member(
                "RotateImmediately",
                t.BOOLEAN,
                "Rotate now; the default. Otherwise at the next window.",
            ),
        ),
        local=(Member("Wait", t.BOOLEAN, "Rotate before the command ends; the default."),),
        output=(_ARN, _NAME, _VERSION),
        errors=_USUAL,
        example=(
            "secretctl rotate-secret --secret-id prod/db --rotation-lambda-arn NAME "
            "--rotation-rules AutomaticallyAfterDays=30"
        ),
    ),
    Operation(
        "StopReplicationToReplica",
        "Make a replica a secret of its own.",
        "secretctl.service.replication:stop_replication_to_replica",
        input=(_SECRET_ID,),
        output=(_ARN,),
        errors=_USUAL,
        example="secretctl stop-replication-to-replica --secret-id prod/db --region eu-west-1",
    ),
    Operation(
        "TagResource",
        "Attach tags to a secret.",
        "secretctl.service.tagging:tag_resource",
        input=(
            _SECRET_ID,
            Member(
                "Tags",
                t.TAG_LIST,
                "Tags, each a Key and a Value; a secret has at most 50.",
                required=True,
            ),
        ),
        errors=_USUAL,
        example="secretctl tag-resource --secret-id prod/db --tags Key=team,Value=payments",
    ),
    Operation(
        "UntagResource",
        "Remove tags from a secret.",
        "secretctl.service.tagging:untag_resource",
        input=(
            _SECRET_ID,
            Member("TagKeys", t.TAG_KEY_LIST, "Keys of the tags to remove.", required=True),
        ),
        errors=_USUAL,
        example="secretctl untag-resource --secret-id prod/db --tag-keys team",
    ),
    Operation(
        "UpdateSecret",
        "Change a secret's description, key or value.",
        "secretctl.service.update:update_secret",
        input=(
            _SECRET_ID,
            _TOKEN,
            _DESCRIPTION,
            _KMS_KEY_ID,
            _SECRET_BINARY,
            _SECRET_STRING,
            _TYPE,
        ),
        output=(_ARN, _NAME, _VERSION),
        errors=(*_WRITING, "MalformedPolicyDocumentException", "PreconditionNotMetException"),
        example='secretctl update-secret --secret-id prod/db --description "main database"',
    ),
    Operation(
        "UpdateSecretVersionStage",
        "Move a staging label to another version.",
        "secretctl.service.staging:update_secret_version_stage",
        input=(
            _SECRET_ID,
            Member(
                "VersionStage",
                t.SECRET_VERSION_STAGE,
                "Staging label of the version.",
                required=True,
                completer="stage",
            ),
            Member(
                "RemoveFromVersionId",
                t.SECRET_VERSION_ID,
                "Version that the label is taken from.",
                completer="version",
            ),
            Member(
                "MoveToVersionId",
                t.SECRET_VERSION_ID,
                "Version that the label is attached to.",
                completer="version",
            ),
        ),
        output=(_ARN, _NAME),
        errors=(*_USUAL, "LimitExceededException"),
        example=(
            "secretctl update-secret-version-stage --secret-id prod/db "
            "--version-stage AWSCURRENT --remove-from-version-id OLD --move-to-version-id NEW"
        ),
    ),
    Operation(
        "ValidateResourcePolicy",
        "Check a resource policy without attaching it.",
        "secretctl.service.policies:validate_resource_policy",
        input=(
            Member("SecretId", t.SECRET_ID, "Name or ARN of the secret.", completer="secret"),
            _RESOURCE_POLICY,
        ),
        output=(
            Member("PolicyValidationPassed", t.BOOLEAN, "Whether the policy can be attached."),
            Member("ValidationErrors", t.VALIDATION_ERRORS, "What is wrong with it."),
        ),
        errors=(*_USUAL, "MalformedPolicyDocumentException"),
        read_only=True,
        example="secretctl validate-resource-policy --resource-policy file://policy.json",
    ),
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
"""Operations by their name on the wire."""

BY_COMMAND = {kebab(operation.name): operation for operation in OPERATIONS}
"""Operations by their name on the command line."""
