"""The operations of the API, in alphabetical order.

The 26 of AWS Secrets Manager, API version 2017-10-17, spelled as on the wire, and our own
``DeleteSecretVersion``. A test compares them with the published service model.
See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
"""

from secretctl.model.shapes import Member, Operation, Pages, kebab
from secretctl.model.types import (
    ADD_REPLICA_REGION_LIST,
    API_ERROR_LIST,
    BOOLEAN,
    CLIENT_REQUEST_TOKEN,
    CREATED_DATE,
    CROSS_ACCOUNT_PRIMARY,
    CROSS_ACCOUNT_REPLICA_LIST,
    DELETED_DATE,
    DELETION_DATE,
    DESCRIPTION,
    EXCLUDE_CHARACTERS,
    EXCLUDE_LOWERCASE,
    EXCLUDE_NUMBERS,
    EXCLUDE_PUNCTUATION,
    EXCLUDE_UPPERCASE,
    EXTERNAL_SECRET_ROTATION_METADATA,
    FILTERS_LIST,
    INCLUDE_SPACE,
    KMS_KEY_ID,
    LAST_ACCESSED_DATE,
    LAST_CHANGED_DATE,
    LAST_ROTATED_DATE,
    MAX_RESULTS,
    MAX_RESULTS_BATCH,
    MEDEA_TYPE,
    NAME,
    NEXT_ROTATION_DATE,
    NEXT_TOKEN,
    NON_EMPTY_RESOURCE_POLICY,
    OWNING_SERVICE,
    PASSWORD_LENGTH,
    RANDOM_PASSWORD,
    RECOVERY_WINDOW_IN_DAYS,
    REGION,
    REMOVE_REPLICA_REGION_LIST,
    REPLICA_RESTRICTION,
    REPLICATION_STATUS_LIST,
    REQUIRE_EACH_INCLUDED_TYPE,
    RESOURCE_POLICY_NAME,
    RESOURCE_POLICY_SUMMARY_LIST,
    ROLE_ARN,
    ROTATION_ENABLED,
    ROTATION_LAMBDA_ARN,
    ROTATION_RULES,
    ROTATION_TOKEN,
    SECRET_ARN,
    SECRET_BINARY,
    SECRET_ID,
    SECRET_ID_LIST,
    SECRET_LIST,
    SECRET_NAME,
    SECRET_STRING,
    SECRET_VALUES,
    SECRET_VERSION_ID,
    SECRET_VERSION_STAGE,
    SECRET_VERSION_STAGES,
    SECRET_VERSIONS_LIST,
    SECRET_VERSIONS_TO_STAGES_MAP,
    SORT_BY,
    SORT_ORDER,
    STATUS,
    TAG_KEY_LIST,
    TAG_LIST,
    TIMESTAMP,
    VALIDATION_ERRORS,
)

OPERATIONS = (
    Operation(
        "AssociateCrossAccountReplica",
        "Refused here: a vault holds one account.",
        "secretctl.service.replication:associate_cross_account_replica",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "CrossAccountReplicaARN", SECRET_ARN, "Replica in another account.", required=True
            ),
            Member("ReplicaRestriction", REPLICA_RESTRICTION, "Whose accounts may hold a replica."),
            Member("ReplicationRoleARN", ROLE_ARN, "Role that replicates."),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("CrossAccountReplicaARN", SECRET_ARN),
            Member("ReplicationStatus", STATUS),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidRequestException",
            "InvalidParameterException",
            "LimitExceededException",
            "InternalServiceError",
        ),
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
            Member("SecretIdList", SECRET_ID_LIST, "Names or ARNs, up to 20.", completer="secret"),
            Member(
                "Filters",
                FILTERS_LIST,
                "Conditions that all must hold; a value beginning with ! excludes.",
            ),
            Member("MaxResults", MAX_RESULTS_BATCH, "Most results of one page."),
            Member("NextToken", NEXT_TOKEN, "Where to go on, from the page before."),
        ),
        output=(
            Member("SecretValues", SECRET_VALUES),
            Member("NextToken", NEXT_TOKEN),
            Member("Errors", API_ERROR_LIST),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InvalidRequestException",
            "DecryptionFailure",
            "InternalServiceError",
            "InvalidNextTokenException",
        ),
        read_only=True,
        example="secretctl batch-get-secret-value --secret-id-list prod/db prod/api",
    ),
    Operation(
        "CancelRotateSecret",
        "Turn automatic rotation off.",
        "secretctl.service.rotation:cancel_rotate_secret",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("VersionId", SECRET_VERSION_ID),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InternalServiceError",
            "InvalidRequestException",
        ),
        example="secretctl cancel-rotate-secret --secret-id prod/db",
    ),
    Operation(
        "CreateSecret",
        "Create a secret, with a first value if one is given.",
        "secretctl.service.lifecycle:create_secret",
        input=(
            Member(
                "Name", NAME, "Name of the new secret: letters, digits and /_+=.@-.", required=True
            ),
            Member(
                "ClientRequestToken",
                CLIENT_REQUEST_TOKEN,
                "Makes a repeated request harmless; becomes the id of the new version.",
                idempotency_token=True,
            ),
            Member("Description", DESCRIPTION, "What the secret is for."),
            Member(
                "KmsKeyId",
                KMS_KEY_ID,
                "Key under which values are sealed; the account's default if left out.",
            ),
            Member("SecretBinary", SECRET_BINARY, "Binary value, up to 65536 bytes."),
            Member("SecretString", SECRET_STRING, "Text value, up to 65536 bytes of UTF-8."),
            Member("Tags", TAG_LIST, "Tags, each a Key and a Value."),
            Member(
                "AddReplicaRegions",
                ADD_REPLICA_REGION_LIST,
                "Regions, and keys, of the replicas to make.",
            ),
            Member(
                "ForceOverwriteReplicaSecret",
                BOOLEAN,
                "Replace a secret of the same name in a replica region.",
            ),
            Member("Type", MEDEA_TYPE, "Kind of a secret that a partner service manages."),
            Member("CrossAccountPrimaryARN", SECRET_ARN, "Primary secret in another account."),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("VersionId", SECRET_VERSION_ID),
            Member("ReplicationStatus", REPLICATION_STATUS_LIST),
        ),
        errors=(
            "InvalidParameterException",
            "InvalidRequestException",
            "LimitExceededException",
            "EncryptionFailure",
            "ResourceExistsException",
            "ResourceNotFoundException",
            "MalformedPolicyDocumentException",
            "InternalServiceError",
            "PreconditionNotMetException",
            "DecryptionFailure",
        ),
        example="secretctl create-secret --name prod/db --secret-string file://db.json",
    ),
    Operation(
        "DeleteResourcePolicy",
        "Remove a secret's resource policy.",
        "secretctl.service.policies:delete_resource_policy",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "PolicyName", RESOURCE_POLICY_NAME, 'Name of the policy; there is only "default".'
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", NAME),
            Member("PolicyName", RESOURCE_POLICY_NAME),
        ),
        errors=(
            "ResourceNotFoundException",
            "InternalServiceError",
            "InvalidRequestException",
            "InvalidParameterException",
        ),
        example="secretctl delete-resource-policy --secret-id prod/db",
    ),
    Operation(
        "DeleteSecret",
        "Schedule the deletion of a secret, or delete it at once.",
        "secretctl.service.lifecycle:delete_secret",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "RecoveryWindowInDays",
                RECOVERY_WINDOW_IN_DAYS,
                "Days, 7 to 30, in which the secret can be restored; 30 if left out.",
            ),
            Member("ForceDeleteWithoutRecovery", BOOLEAN, "Delete at once, without a way back."),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("DeletionDate", DELETION_DATE),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InvalidRequestException",
            "InternalServiceError",
        ),
        example="secretctl delete-secret --secret-id prod/db --recovery-window-in-days 7",
    ),
    Operation(
        "DeleteSecretVersion",
        "Remove one version of a secret for good.",
        "secretctl.service.lifecycle:delete_secret_version",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "VersionId",
                SECRET_VERSION_ID,
                "Version to remove; not the one holding AWSCURRENT.",
                required=True,
                completer="version",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("VersionId", SECRET_VERSION_ID),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InvalidRequestException",
            "InternalServiceError",
        ),
        example="secretctl delete-secret-version --secret-id prod/db --version-id ID",
    ),
    Operation(
        "DescribeSecret",
        "Show what is known of a secret, without its value.",
        "secretctl.service.listing:describe_secret",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("Type", MEDEA_TYPE),
            Member("Description", DESCRIPTION),
            Member("KmsKeyId", KMS_KEY_ID),
            Member("RotationEnabled", ROTATION_ENABLED),
            Member("RotationLambdaARN", ROTATION_LAMBDA_ARN),
            Member("RotationRules", ROTATION_RULES),
            Member("ExternalSecretRotationMetadata", EXTERNAL_SECRET_ROTATION_METADATA),
            Member("ExternalSecretRotationRoleArn", ROLE_ARN),
            Member("LastRotatedDate", LAST_ROTATED_DATE),
            Member("LastChangedDate", LAST_CHANGED_DATE),
            Member("LastAccessedDate", LAST_ACCESSED_DATE),
            Member("DeletedDate", DELETED_DATE),
            Member("NextRotationDate", NEXT_ROTATION_DATE),
            Member("Tags", TAG_LIST),
            Member("VersionIdsToStages", SECRET_VERSIONS_TO_STAGES_MAP),
            Member("OwningService", OWNING_SERVICE),
            Member("CreatedDate", TIMESTAMP),
            Member("PrimaryRegion", REGION),
            Member("ReplicationStatus", REPLICATION_STATUS_LIST),
            Member("CrossAccountPrimary", CROSS_ACCOUNT_PRIMARY),
            Member("CrossAccountReplicas", CROSS_ACCOUNT_REPLICA_LIST),
        ),
        errors=("ResourceNotFoundException", "InternalServiceError", "InvalidParameterException"),
        read_only=True,
        example="secretctl describe-secret --secret-id prod/db",
    ),
    Operation(
        "DisassociateCrossAccountReplica",
        "Refused here: a vault holds one account.",
        "secretctl.service.replication:disassociate_cross_account_replica",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "CrossAccountReplicaARN", SECRET_ARN, "Replica in another account.", required=True
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("CrossAccountReplicaARN", SECRET_ARN),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidRequestException",
            "InvalidParameterException",
            "InternalServiceError",
        ),
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
            Member("PasswordLength", PASSWORD_LENGTH, "Number of characters; 32 if left out."),
            Member("ExcludeCharacters", EXCLUDE_CHARACTERS, "Characters not to be used."),
            Member("ExcludeNumbers", EXCLUDE_NUMBERS, "Use no digits."),
            Member("ExcludePunctuation", EXCLUDE_PUNCTUATION, "Use no punctuation."),
            Member("ExcludeUppercase", EXCLUDE_UPPERCASE, "Use no capital letters."),
            Member("ExcludeLowercase", EXCLUDE_LOWERCASE, "Use no small letters."),
            Member("IncludeSpace", INCLUDE_SPACE, "Use spaces as well."),
            Member(
                "RequireEachIncludedType",
                REQUIRE_EACH_INCLUDED_TYPE,
                "Use at least one of each kind of character; the default.",
            ),
        ),
        output=(Member("RandomPassword", RANDOM_PASSWORD),),
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
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "PolicyName", RESOURCE_POLICY_NAME, 'Name of the policy; there is only "default".'
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", NAME),
            Member("ResourcePolicy", NON_EMPTY_RESOURCE_POLICY),
            Member("PolicyName", RESOURCE_POLICY_NAME),
        ),
        errors=(
            "ResourceNotFoundException",
            "InternalServiceError",
            "InvalidRequestException",
            "InvalidParameterException",
        ),
        read_only=True,
        example="secretctl get-resource-policy --secret-id prod/db",
    ),
    Operation(
        "GetSecretValue",
        "Retrieve the value of one version of a secret.",
        "secretctl.service.values:get_secret_value",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member("VersionId", SECRET_VERSION_ID, "Id of a version.", completer="version"),
            Member(
                "VersionStage",
                SECRET_VERSION_STAGE,
                "Staging label of the version.",
                completer="stage",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("VersionId", SECRET_VERSION_ID),
            Member("SecretBinary", SECRET_BINARY),
            Member("SecretString", SECRET_STRING),
            Member("VersionStages", SECRET_VERSION_STAGES),
            Member("CreatedDate", CREATED_DATE),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InvalidRequestException",
            "DecryptionFailure",
            "InternalServiceError",
        ),
        read_only=True,
        example="secretctl get-secret-value --secret-id prod/db --query SecretString --output text",
    ),
    Operation(
        "ListResourcePolicies",
        "List the names of a secret's resource policies.",
        "secretctl.service.policies:list_resource_policies",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member("MaxResults", MAX_RESULTS, "Most results of one page."),
            Member("NextToken", NEXT_TOKEN, "Where to go on, from the page before."),
        ),
        output=(
            Member("ResourcePolicies", RESOURCE_POLICY_SUMMARY_LIST, required=True),
            Member("NextToken", NEXT_TOKEN),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidNextTokenException",
            "InternalServiceError",
            "InvalidRequestException",
            "InvalidParameterException",
        ),
        pages=Pages("ResourcePolicies"),
        read_only=True,
        example="secretctl list-resource-policies --secret-id prod/db",
    ),
    Operation(
        "ListSecretVersionIds",
        "List the versions of a secret and their staging labels.",
        "secretctl.service.listing:list_secret_version_ids",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member("MaxResults", MAX_RESULTS, "Most results of one page."),
            Member("NextToken", NEXT_TOKEN, "Where to go on, from the page before."),
            Member("IncludeDeprecated", BOOLEAN, "Show versions without staging labels as well."),
        ),
        output=(
            Member("Versions", SECRET_VERSIONS_LIST),
            Member("NextToken", NEXT_TOKEN),
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
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
                BOOLEAN,
                "Show secrets that are scheduled for deletion as well.",
            ),
            Member("MaxResults", MAX_RESULTS, "Most results of one page."),
            Member("NextToken", NEXT_TOKEN, "Where to go on, from the page before."),
            Member(
                "Filters",
                FILTERS_LIST,
                "Conditions that all must hold; a value beginning with ! excludes.",
            ),
            Member("SortOrder", SORT_ORDER, "Ascending or descending."),
            Member("SortBy", SORT_BY, "What to sort by; the date of creation if left out."),
        ),
        output=(
            Member("SecretList", SECRET_LIST),
            Member("NextToken", NEXT_TOKEN),
        ),
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
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "ResourcePolicy",
                NON_EMPTY_RESOURCE_POLICY,
                "Policy in JSON, up to 20480 characters.",
                required=True,
            ),
            Member(
                "PolicyName", RESOURCE_POLICY_NAME, 'Name of the policy; there is only "default".'
            ),
            Member("BlockPublicPolicy", BOOLEAN, "Refuse a policy that gives broad access."),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", NAME),
            Member("PolicyName", RESOURCE_POLICY_NAME),
        ),
        errors=(
            "MalformedPolicyDocumentException",
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InternalServiceError",
            "InvalidRequestException",
            "PublicPolicyException",
        ),
        example=(
            "secretctl put-resource-policy --secret-id prod/db --resource-policy file://policy.json"
        ),
    ),
    Operation(
        "PutSecretValue",
        "Add a version with a new value.",
        "secretctl.service.values:put_secret_value",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "ClientRequestToken",
                CLIENT_REQUEST_TOKEN,
                "Makes a repeated request harmless; becomes the id of the new version.",
                idempotency_token=True,
            ),
            Member("SecretBinary", SECRET_BINARY, "Binary value, up to 65536 bytes."),
            Member("SecretString", SECRET_STRING, "Text value, up to 65536 bytes of UTF-8."),
            Member(
                "VersionStages",
                SECRET_VERSION_STAGES,
                "Staging labels to attach; AWSCURRENT if left out.",
                completer="stage",
            ),
            Member(
                "RotationToken",
                ROTATION_TOKEN,
                "Proves that a rotation function makes the request.",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("VersionId", SECRET_VERSION_ID),
            Member("VersionStages", SECRET_VERSION_STAGES),
        ),
        errors=(
            "InvalidParameterException",
            "InvalidRequestException",
            "LimitExceededException",
            "EncryptionFailure",
            "ResourceExistsException",
            "ResourceNotFoundException",
            "InternalServiceError",
            "DecryptionFailure",
        ),
        example="secretctl put-secret-value --secret-id prod/db --secret-string file://db.json",
    ),
    Operation(
        "RemoveRegionsFromReplication",
        "Delete replicas of a secret.",
        "secretctl.service.replication:remove_regions_from_replication",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "RemoveReplicaRegions",
                REMOVE_REPLICA_REGION_LIST,
                "Regions whose replicas are to be deleted.",
                required=True,
                completer="region",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("ReplicationStatus", REPLICATION_STATUS_LIST),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidRequestException",
            "InvalidParameterException",
            "InternalServiceError",
        ),
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
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "AddReplicaRegions",
                ADD_REPLICA_REGION_LIST,
                "Regions, and keys, of the replicas to make.",
                required=True,
            ),
            Member(
                "ForceOverwriteReplicaSecret",
                BOOLEAN,
                "Replace a secret of the same name in a replica region.",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("ReplicationStatus", REPLICATION_STATUS_LIST),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidRequestException",
            "InvalidParameterException",
            "InternalServiceError",
        ),
        example=(
            "secretctl replicate-secret-to-regions --secret-id prod/db "
            "--add-replica-regions Region=eu-west-1"
        ),
    ),
    Operation(
        "RestoreSecret",
        "Take a scheduled deletion back.",
        "secretctl.service.lifecycle:restore_secret",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InvalidRequestException",
            "InternalServiceError",
        ),
        example="secretctl restore-secret --secret-id prod/db",
    ),
    Operation(
        "RotateSecret",
        "Configure rotation of a secret and begin one.",
        "secretctl.service.rotation:rotate_secret",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "ClientRequestToken",
                CLIENT_REQUEST_TOKEN,
                "Makes a repeated request harmless; becomes the id of the new version.",
                idempotency_token=True,
            ),
            Member("RotationLambdaARN", ROTATION_LAMBDA_ARN, "Function that rotates the secret."),
            Member(
                "RotationRules",
                ROTATION_RULES,
                "When to rotate: AutomaticallyAfterDays or ScheduleExpression, and Duration.",
            ),
            Member(
                "ExternalSecretRotationMetadata",
                EXTERNAL_SECRET_ROTATION_METADATA,
                "What a partner service needs for rotation.",
            ),
            Member(
                "ExternalSecretRotationRoleArn",
                ROLE_ARN,
                "Role that rotates for a partner service.",
            ),
            Member(
                "RotateImmediately",
                BOOLEAN,
                "Rotate now; the default. Otherwise at the next window.",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("VersionId", SECRET_VERSION_ID),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InternalServiceError",
            "InvalidRequestException",
        ),
        example=(
            "secretctl rotate-secret --secret-id prod/db --rotation-lambda-arn NAME "
            "--rotation-rules AutomaticallyAfterDays=30"
        ),
    ),
    Operation(
        "StopReplicationToReplica",
        "Make a replica a secret of its own.",
        "secretctl.service.replication:stop_replication_to_replica",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
        ),
        output=(Member("ARN", SECRET_ARN),),
        errors=(
            "ResourceNotFoundException",
            "InvalidRequestException",
            "InvalidParameterException",
            "InternalServiceError",
        ),
        example="secretctl stop-replication-to-replica --secret-id prod/db --region eu-west-1",
    ),
    Operation(
        "TagResource",
        "Attach tags to a secret.",
        "secretctl.service.tagging:tag_resource",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member("Tags", TAG_LIST, "Tags, each a Key and a Value.", required=True),
        ),
        output=(),
        errors=(
            "ResourceNotFoundException",
            "InvalidRequestException",
            "InvalidParameterException",
            "InternalServiceError",
        ),
        example="secretctl tag-resource --secret-id prod/db --tags Key=team,Value=payments",
    ),
    Operation(
        "UntagResource",
        "Remove tags from a secret.",
        "secretctl.service.tagging:untag_resource",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member("TagKeys", TAG_KEY_LIST, "Keys of the tags to remove.", required=True),
        ),
        output=(),
        errors=(
            "ResourceNotFoundException",
            "InvalidRequestException",
            "InvalidParameterException",
            "InternalServiceError",
        ),
        example="secretctl untag-resource --secret-id prod/db --tag-keys team",
    ),
    Operation(
        "UpdateSecret",
        "Change a secret's description, key or value.",
        "secretctl.service.lifecycle:update_secret",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "ClientRequestToken",
                CLIENT_REQUEST_TOKEN,
                "Makes a repeated request harmless; becomes the id of the new version.",
                idempotency_token=True,
            ),
            Member("Description", DESCRIPTION, "What the secret is for."),
            Member(
                "KmsKeyId",
                KMS_KEY_ID,
                "Key under which values are sealed; the account's default if left out.",
            ),
            Member("SecretBinary", SECRET_BINARY, "Binary value, up to 65536 bytes."),
            Member("SecretString", SECRET_STRING, "Text value, up to 65536 bytes of UTF-8."),
            Member("Type", MEDEA_TYPE, "Kind of a secret that a partner service manages."),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
            Member("VersionId", SECRET_VERSION_ID),
        ),
        errors=(
            "InvalidParameterException",
            "InvalidRequestException",
            "LimitExceededException",
            "EncryptionFailure",
            "ResourceExistsException",
            "ResourceNotFoundException",
            "MalformedPolicyDocumentException",
            "InternalServiceError",
            "PreconditionNotMetException",
            "DecryptionFailure",
        ),
        example='secretctl update-secret --secret-id prod/db --description "main database"',
    ),
    Operation(
        "UpdateSecretVersionStage",
        "Move a staging label to another version.",
        "secretctl.service.staging:update_secret_version_stage",
        input=(
            Member(
                "SecretId",
                SECRET_ID,
                "Name or ARN of the secret.",
                required=True,
                completer="secret",
            ),
            Member(
                "VersionStage",
                SECRET_VERSION_STAGE,
                "Staging label of the version.",
                required=True,
                completer="stage",
            ),
            Member(
                "RemoveFromVersionId",
                SECRET_VERSION_ID,
                "Version that the label is taken from.",
                completer="version",
            ),
            Member(
                "MoveToVersionId",
                SECRET_VERSION_ID,
                "Version that the label is attached to.",
                completer="version",
            ),
        ),
        output=(
            Member("ARN", SECRET_ARN),
            Member("Name", SECRET_NAME),
        ),
        errors=(
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InvalidRequestException",
            "LimitExceededException",
            "InternalServiceError",
        ),
        example=(
            "secretctl update-secret-version-stage --secret-id prod/db --version-stage "
            "AWSCURRENT --remove-from-version-id OLD --move-to-version-id NEW"
        ),
    ),
    Operation(
        "ValidateResourcePolicy",
        "Check a resource policy without attaching it.",
        "secretctl.service.policies:validate_resource_policy",
        input=(
            Member("SecretId", SECRET_ID, "Name or ARN of the secret.", completer="secret"),
            Member(
                "ResourcePolicy",
                NON_EMPTY_RESOURCE_POLICY,
                "Policy in JSON, up to 20480 characters.",
                required=True,
            ),
        ),
        output=(
            Member("PolicyValidationPassed", BOOLEAN),
            Member("ValidationErrors", VALIDATION_ERRORS),
        ),
        errors=(
            "MalformedPolicyDocumentException",
            "ResourceNotFoundException",
            "InvalidParameterException",
            "InternalServiceError",
            "InvalidRequestException",
        ),
        read_only=True,
        example="secretctl validate-resource-policy --resource-policy file://policy.json",
    ),
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
"""Operations by their name on the wire."""

BY_COMMAND = {kebab(operation.name): operation for operation in OPERATIONS}
"""Operations by their name on the command line."""
