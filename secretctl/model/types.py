"""Types of the API's members: their limits, patterns and choices, as AWS publishes them.

Names are AWS's, without "Type" and in capitals. Types without limits are one: all dates are
``TIMESTAMP``, all switches ``BOOLEAN``, all messages ``TEXT``. A test compares them with the
published model.
"""

from __future__ import annotations

from secretctl.model.shapes import Member, Shape

BOOLEAN = Shape("boolean")
TEXT = Shape("string")
TIMESTAMP = Shape("timestamp")

# Names and ARNs.
NAME = Shape("string", min=1, max=512)
SECRET_NAME = Shape("string", min=1, max=256)
SECRET_ID = Shape("string", min=1, max=2048)
SECRET_ID_LIST = Shape("list", min=1, max=20, item=SECRET_ID)
SECRET_ARN = Shape("string", min=20, max=2048)
ROLE_ARN = Shape("string", min=20, max=2048)
KMS_KEY_ID = Shape("string", min=0, max=2048)
KMS_KEY_ID_LIST = Shape("list", item=KMS_KEY_ID)
REGION = Shape("string", min=1, max=128, pattern=r"^([a-z]+-)+\d+$")
OWNING_SERVICE = Shape("string", min=1, max=128)
MEDEA_TYPE = Shape("string", min=0, max=256)
DESCRIPTION = Shape("string", max=2048)

# Values and versions.
CLIENT_REQUEST_TOKEN = Shape("string", min=32, max=64)
ROTATION_TOKEN = Shape("string", min=36, max=256, pattern=r"^[a-zA-Z0-9\-]+$", sensitive=True)
SECRET_BINARY = Shape("blob", min=1, max=65536, sensitive=True)
SECRET_STRING = Shape("string", min=1, max=65536, sensitive=True)
SECRET_VERSION_ID = Shape("string", min=32, max=64)
SECRET_VERSION_STAGE = Shape("string", min=1, max=256)
SECRET_VERSION_STAGES = Shape("list", min=1, max=20, item=SECRET_VERSION_STAGE)
SECRET_VERSIONS_TO_STAGES_MAP = Shape("map", item=SECRET_VERSION_STAGES)
SECRET_VERSIONS_LIST_ENTRY = Shape(
    "structure",
    members=(
        Member("VersionId", SECRET_VERSION_ID, "Id of the version."),
        Member("VersionStages", SECRET_VERSION_STAGES, "Its staging labels, if it has any."),
        Member("LastAccessedDate", TIMESTAMP, "Day of the last read, if there was one."),
        Member("CreatedDate", TIMESTAMP, "When the version was made."),
        Member("KmsKeyIds", KMS_KEY_ID_LIST, "Keys under which its value is sealed."),
    ),
)
SECRET_VERSIONS_LIST = Shape("list", item=SECRET_VERSIONS_LIST_ENTRY)
SECRET_VALUE_ENTRY = Shape(
    "structure",
    members=(
        Member("ARN", SECRET_ARN, "ARN of the secret."),
        Member("Name", SECRET_NAME, "Name of the secret."),
        Member("VersionId", SECRET_VERSION_ID, "Id of the version read."),
        Member("SecretBinary", SECRET_BINARY, "The value, if it is binary."),
        Member("SecretString", SECRET_STRING, "The value, if it is text."),
        Member("VersionStages", SECRET_VERSION_STAGES, "Staging labels of the version."),
        Member("CreatedDate", TIMESTAMP, "When the version was made."),
    ),
)
SECRET_VALUES = Shape("list", item=SECRET_VALUE_ENTRY)
API_ERROR = Shape(
    "structure",
    members=(
        Member("SecretId", SECRET_ID, "The secret as it was asked for."),
        Member("ErrorCode", TEXT, "Name of the error."),
        Member("Message", TEXT, "What is wrong."),
    ),
)
API_ERROR_LIST = Shape("list", item=API_ERROR)

# Tags, pages, filters and order.
TAG_KEY = Shape("string", min=1, max=128)
TAG_KEY_LIST = Shape("list", item=TAG_KEY)
TAG_VALUE = Shape("string", min=0, max=256)
TAG = Shape(
    "structure",
    members=(
        Member("Key", TAG_KEY, "Name of the tag; upper and lower case differ."),
        Member("Value", TAG_VALUE, "Text of the tag; may be empty."),
    ),
)
TAG_LIST = Shape("list", item=TAG)
MAX_RESULTS = Shape("integer", min=1, max=100)
MAX_RESULTS_BATCH = Shape("integer", min=1, max=20)
NEXT_TOKEN = Shape("string", min=1, max=4096)
FILTER_NAME_STRING = Shape(
    "string",
    enum=("description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"),
)
FILTER_VALUE_STRING = Shape("string", max=512, pattern=r"^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$")
FILTER_VALUES_STRING_LIST = Shape("list", min=1, max=10, item=FILTER_VALUE_STRING)
FILTER = Shape(
    "structure",
    members=(
        Member("Key", FILTER_NAME_STRING, "What to look at."),
        Member("Values", FILTER_VALUES_STRING_LIST, "Beginnings, of which one must match."),
    ),
)
FILTERS_LIST = Shape("list", max=10, item=FILTER)
SORT_ORDER = Shape("string", enum=("asc", "desc"))
SORT_BY = Shape("string", enum=("created-date", "last-accessed-date", "last-changed-date", "name"))

# Deletion, passwords and policies.
RECOVERY_WINDOW_IN_DAYS = Shape("long")
PASSWORD_LENGTH = Shape("long", min=1, max=4096)
EXCLUDE_CHARACTERS = Shape("string", min=0, max=4096)
RANDOM_PASSWORD = Shape("string", min=0, max=4096, sensitive=True)
RESOURCE_POLICY_NAME = Shape("string", min=1, max=64, pattern=r"[0-9A-Za-z\-\_]+")
NON_EMPTY_RESOURCE_POLICY = Shape("string", min=1, max=20480)
RESOURCE_POLICY_SUMMARY = Shape(
    "structure", members=(Member("PolicyName", RESOURCE_POLICY_NAME, "Name of the policy."),)
)
RESOURCE_POLICY_SUMMARY_LIST = Shape("list", min=0, max=100, item=RESOURCE_POLICY_SUMMARY)
VALIDATION_ERRORS_ENTRY = Shape(
    "structure",
    members=(
        Member("CheckName", NAME, "The check that failed."),
        Member("ErrorMessage", TEXT, "What is wrong."),
    ),
)
VALIDATION_ERRORS = Shape("list", item=VALIDATION_ERRORS_ENTRY)

# Rotation.
ROTATION_LAMBDA_ARN = Shape("string", min=0, max=2048)
AUTOMATICALLY_ROTATE_AFTER_DAYS = Shape("long", min=1, max=1000)
DURATION = Shape("string", min=2, max=3, pattern=r"[0-9]+h")
SCHEDULE_EXPRESSION = Shape("string", min=1, max=256, pattern=r"[0-9A-Za-z\(\)#\?\*\-\/, ]+")
ROTATION_RULES = Shape(
    "structure",
    members=(
        Member(
            "AutomaticallyAfterDays", AUTOMATICALLY_ROTATE_AFTER_DAYS, "Days from one to the next."
        ),
        Member("Duration", DURATION, "Length of the window in hours, such as 3h."),
        Member("ScheduleExpression", SCHEDULE_EXPRESSION, "rate(10 days) or cron(0 8 1 * ? *)."),
    ),
)
EXTERNAL_SECRET_ROTATION_METADATA_ITEM_KEY = Shape("string", min=1, max=256)
EXTERNAL_SECRET_ROTATION_METADATA_ITEM_VALUE = Shape("string", min=1, max=2048)
EXTERNAL_SECRET_ROTATION_METADATA_ITEM = Shape(
    "structure",
    members=(
        Member("Key", EXTERNAL_SECRET_ROTATION_METADATA_ITEM_KEY, "What is told."),
        Member("Value", EXTERNAL_SECRET_ROTATION_METADATA_ITEM_VALUE, "What it is."),
    ),
)
EXTERNAL_SECRET_ROTATION_METADATA = Shape("list", item=EXTERNAL_SECRET_ROTATION_METADATA_ITEM)

# Replication.
STATUS = Shape("string", enum=("InSync", "Failed", "InProgress", "Pending", "Detached"))
STATUS_MESSAGE = Shape("string", min=1, max=4096)
REPLICA_RESTRICTION = Shape("string", enum=("SameOrg", "NoRestriction"))
REPLICA_REGION = Shape(
    "structure",
    members=(
        Member("Region", REGION, "Region of the replica.", completer="region"),
        Member(
            "KmsKeyId",
            KMS_KEY_ID,
            "Key for the replica; that region's default if left out.",
            completer="key",
        ),
    ),
)
ADD_REPLICA_REGION_LIST = Shape("list", min=1, item=REPLICA_REGION)
REMOVE_REPLICA_REGION_LIST = Shape("list", min=1, item=REGION)
_STATUS_OF_REPLICA = Member("ReplicationStatus", STATUS, "Whether the replica is in step.")
_STATUS_MESSAGE = Member("StatusMessage", STATUS_MESSAGE, "More about the status.")
REPLICATION_STATUS = Shape(
    "structure",
    members=(
        Member("Region", REGION, "Region of the replica."),
        Member("KmsKeyId", KMS_KEY_ID, "Key for the replica."),
        Member("Status", STATUS, "Whether the replica is in step."),
        _STATUS_MESSAGE,
        Member("LastAccessedDate", TIMESTAMP, "Day of the replica's last read."),
    ),
)
REPLICATION_STATUS_LIST = Shape("list", item=REPLICATION_STATUS)
CROSS_ACCOUNT_PRIMARY = Shape(
    "structure",
    members=(
        Member("PrimarySecretARN", SECRET_ARN, "Primary secret in another account."),
        _STATUS_OF_REPLICA,
        _STATUS_MESSAGE,
    ),
)
CROSS_ACCOUNT_REPLICA_ENTRY = Shape(
    "structure",
    members=(
        Member("ReplicaSecretARN", SECRET_ARN, "Replica in another account."),
        Member("ReplicationRoleARN", ROLE_ARN, "Role that replicates."),
        _STATUS_OF_REPLICA,
        _STATUS_MESSAGE,
    ),
)
CROSS_ACCOUNT_REPLICA_LIST = Shape("list", min=1, max=100, item=CROSS_ACCOUNT_REPLICA_ENTRY)

# What is known of a secret.
SECRET_FACTS = (
    Member("ARN", SECRET_ARN, "ARN of the secret."),
    Member("Name", SECRET_NAME, "Name of the secret."),
    Member("Type", MEDEA_TYPE, "Kind of a secret that a partner service manages."),
    Member("Description", DESCRIPTION, "What the secret is for."),
    Member("KmsKeyId", KMS_KEY_ID, "Key for values; not there for the account's default."),
    Member("RotationEnabled", BOOLEAN, "Whether the secret is rotated by itself."),
    Member("RotationLambdaARN", ROTATION_LAMBDA_ARN, "Function that rotates the secret."),
    Member("RotationRules", ROTATION_RULES, "When it is rotated."),
    Member(
        "ExternalSecretRotationMetadata",
        EXTERNAL_SECRET_ROTATION_METADATA,
        "What a partner service needs for rotation.",
    ),
    Member("ExternalSecretRotationRoleArn", ROLE_ARN, "Role that rotates for a partner service."),
    Member("LastRotatedDate", TIMESTAMP, "When it was last rotated."),
    Member("LastChangedDate", TIMESTAMP, "When anything in it last changed."),
    Member("LastAccessedDate", TIMESTAMP, "Day of the last read, if there was one."),
    Member("DeletedDate", TIMESTAMP, "When deletion was asked for, if it was."),
    Member("NextRotationDate", TIMESTAMP, "When it is rotated next."),
    Member("Tags", TAG_LIST, "Its tags."),
)
"""Members that DescribeSecret and ListSecrets have in common, in AWS's order."""

SECRET_LIST_ENTRY = Shape(
    "structure",
    members=(
        *SECRET_FACTS,
        Member(
            "SecretVersionsToStages",
            SECRET_VERSIONS_TO_STAGES_MAP,
            "Staging labels of each version that has any.",
        ),
        Member("OwningService", OWNING_SERVICE, "Service that manages the secret."),
        Member("CreatedDate", TIMESTAMP, "When the secret was made."),
        Member("PrimaryRegion", REGION, "Region of the primary secret, if it is replicated."),
    ),
)
SECRET_LIST = Shape("list", item=SECRET_LIST_ENTRY)
