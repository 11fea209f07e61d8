"""Types of the API's members: their limits, patterns and choices, as AWS publishes them.

Names are AWS's, without "Type" and in capitals. A test compares them with the published model.
"""

from secretctl.model.shapes import Member, Shape

SECRET_ID = Shape("string", min=1, max=2048)
SECRET_ARN = Shape("string", min=20, max=2048)
REPLICA_RESTRICTION = Shape("string", enum=("SameOrg", "NoRestriction"))
ROLE_ARN = Shape("string", min=20, max=2048)
STATUS = Shape("string", enum=("InSync", "Failed", "InProgress", "Pending", "Detached"))
SECRET_ID_LIST = Shape("list", min=1, max=20, item=SECRET_ID)
FILTER_NAME_STRING = Shape(
    "string",
    enum=("description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"),
)
FILTER_VALUE_STRING = Shape("string", max=512, pattern=r"^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$")
FILTER_VALUES_STRING_LIST = Shape("list", min=1, max=10, item=FILTER_VALUE_STRING)
FILTER = Shape(
    "structure",
    members=(
        Member("Key", FILTER_NAME_STRING),
        Member("Values", FILTER_VALUES_STRING_LIST),
    ),
)
FILTERS_LIST = Shape("list", max=10, item=FILTER)
MAX_RESULTS_BATCH = Shape("integer", min=1, max=20)
NEXT_TOKEN = Shape("string", min=1, max=4096)
SECRET_NAME = Shape("string", min=1, max=256)
SECRET_VERSION_ID = Shape("string", min=32, max=64)
SECRET_BINARY = Shape("blob", min=1, max=65536, sensitive=True)
SECRET_STRING = Shape("string", min=1, max=65536, sensitive=True)
SECRET_VERSION_STAGE = Shape("string", min=1, max=256)
SECRET_VERSION_STAGES = Shape("list", min=1, max=20, item=SECRET_VERSION_STAGE)
CREATED_DATE = Shape("timestamp")
SECRET_VALUE_ENTRY = Shape(
    "structure",
    members=(
        Member("ARN", SECRET_ARN),
        Member("Name", SECRET_NAME),
        Member("VersionId", SECRET_VERSION_ID),
        Member("SecretBinary", SECRET_BINARY),
        Member("SecretString", SECRET_STRING),
        Member("VersionStages", SECRET_VERSION_STAGES),
        Member("CreatedDate", CREATED_DATE),
    ),
)
SECRET_VALUES = Shape("list", item=SECRET_VALUE_ENTRY)
ERROR_CODE = Shape("string")
ERROR_MESSAGE = Shape("string")
API_ERROR = Shape(
    "structure",
    members=(
        Member("SecretId", SECRET_ID),
        Member("ErrorCode", ERROR_CODE),
        Member("Message", ERROR_MESSAGE),
    ),
)
API_ERROR_LIST = Shape("list", item=API_ERROR)
NAME = Shape("string", min=1, max=512)
CLIENT_REQUEST_TOKEN = Shape("string", min=32, max=64)
DESCRIPTION = Shape("string", max=2048)
KMS_KEY_ID = Shape("string", min=0, max=2048)
TAG_KEY = Shape("string", min=1, max=128)
TAG_VALUE = Shape("string", min=0, max=256)
TAG = Shape(
    "structure",
    members=(
        Member("Key", TAG_KEY),
        Member("Value", TAG_VALUE),
    ),
)
TAG_LIST = Shape("list", item=TAG)
REGION = Shape("string", min=1, max=128, pattern=r"^([a-z]+-)+\d+$")
REPLICA_REGION = Shape(
    "structure",
    members=(
        Member("Region", REGION),
        Member("KmsKeyId", KMS_KEY_ID),
    ),
)
ADD_REPLICA_REGION_LIST = Shape("list", min=1, item=REPLICA_REGION)
BOOLEAN = Shape("boolean")
MEDEA_TYPE = Shape("string", min=0, max=256)
STATUS_MESSAGE = Shape("string", min=1, max=4096)
LAST_ACCESSED_DATE = Shape("timestamp")
REPLICATION_STATUS = Shape(
    "structure",
    members=(
        Member("Region", REGION),
        Member("KmsKeyId", KMS_KEY_ID),
        Member("Status", STATUS),
        Member("StatusMessage", STATUS_MESSAGE),
        Member("LastAccessedDate", LAST_ACCESSED_DATE),
    ),
)
REPLICATION_STATUS_LIST = Shape("list", item=REPLICATION_STATUS)
RESOURCE_POLICY_NAME = Shape("string", min=1, max=64, pattern=r"[0-9A-Za-z\-\_]+")
RECOVERY_WINDOW_IN_DAYS = Shape("long")
DELETION_DATE = Shape("timestamp")
ROTATION_ENABLED = Shape("boolean")
ROTATION_LAMBDA_ARN = Shape("string", min=0, max=2048)
AUTOMATICALLY_ROTATE_AFTER_DAYS = Shape("long", min=1, max=1000)
DURATION = Shape("string", min=2, max=3, pattern=r"[0-9]+h")
SCHEDULE_EXPRESSION = Shape("string", min=1, max=256, pattern=r"[0-9A-Za-z\(\)#\?\*\-\/, ]+")
ROTATION_RULES = Shape(
    "structure",
    members=(
        Member("AutomaticallyAfterDays", AUTOMATICALLY_ROTATE_AFTER_DAYS),
        Member("Duration", DURATION),
        Member("ScheduleExpression", SCHEDULE_EXPRESSION),
    ),
)
EXTERNAL_SECRET_ROTATION_METADATA_ITEM_KEY = Shape("string", min=1, max=256)
EXTERNAL_SECRET_ROTATION_METADATA_ITEM_VALUE = Shape("string", min=1, max=2048)
EXTERNAL_SECRET_ROTATION_METADATA_ITEM = Shape(
    "structure",
    members=(
        Member("Key", EXTERNAL_SECRET_ROTATION_METADATA_ITEM_KEY),
        Member("Value", EXTERNAL_SECRET_ROTATION_METADATA_ITEM_VALUE),
    ),
)
EXTERNAL_SECRET_ROTATION_METADATA = Shape("list", item=EXTERNAL_SECRET_ROTATION_METADATA_ITEM)
LAST_ROTATED_DATE = Shape("timestamp")
LAST_CHANGED_DATE = Shape("timestamp")
DELETED_DATE = Shape("timestamp")
NEXT_ROTATION_DATE = Shape("timestamp")
SECRET_VERSIONS_TO_STAGES_MAP = Shape("map", item=SECRET_VERSION_STAGES)
OWNING_SERVICE = Shape("string", min=1, max=128)
TIMESTAMP = Shape("timestamp")
CROSS_ACCOUNT_PRIMARY = Shape(
    "structure",
    members=(
        Member("PrimarySecretARN", SECRET_ARN),
        Member("ReplicationStatus", STATUS),
        Member("StatusMessage", STATUS_MESSAGE),
    ),
)
CROSS_ACCOUNT_REPLICA_ENTRY = Shape(
    "structure",
    members=(
        Member("ReplicaSecretARN", SECRET_ARN),
        Member("ReplicationRoleARN", ROLE_ARN),
        Member("ReplicationStatus", STATUS),
        Member("StatusMessage", STATUS_MESSAGE),
    ),
)
CROSS_ACCOUNT_REPLICA_LIST = Shape("list", min=1, max=100, item=CROSS_ACCOUNT_REPLICA_ENTRY)
PASSWORD_LENGTH = Shape("long", min=1, max=4096)
EXCLUDE_CHARACTERS = Shape("string", min=0, max=4096)
EXCLUDE_NUMBERS = Shape("boolean")
EXCLUDE_PUNCTUATION = Shape("boolean")
EXCLUDE_UPPERCASE = Shape("boolean")
EXCLUDE_LOWERCASE = Shape("boolean")
INCLUDE_SPACE = Shape("boolean")
REQUIRE_EACH_INCLUDED_TYPE = Shape("boolean")
RANDOM_PASSWORD = Shape("string", min=0, max=4096, sensitive=True)
NON_EMPTY_RESOURCE_POLICY = Shape("string", min=1, max=20480)
MAX_RESULTS = Shape("integer", min=1, max=100)
RESOURCE_POLICY_SUMMARY = Shape("structure", members=(Member("PolicyName", RESOURCE_POLICY_NAME),))
RESOURCE_POLICY_SUMMARY_LIST = Shape("list", min=0, max=100, item=RESOURCE_POLICY_SUMMARY)
KMS_KEY_ID_LIST = Shape("list", item=KMS_KEY_ID)
SECRET_VERSIONS_LIST_ENTRY = Shape(
    "structure",
    members=(
        Member("VersionId", SECRET_VERSION_ID),
        Member("VersionStages", SECRET_VERSION_STAGES),
        Member("LastAccessedDate", LAST_ACCESSED_DATE),
        Member("CreatedDate", CREATED_DATE),
        Member("KmsKeyIds", KMS_KEY_ID_LIST),
    ),
)
SECRET_VERSIONS_LIST = Shape("list", item=SECRET_VERSIONS_LIST_ENTRY)
SORT_ORDER = Shape("string", enum=("asc", "desc"))
SORT_BY = Shape("string", enum=("created-date", "last-accessed-date", "last-changed-date", "name"))
SECRET_LIST_ENTRY = Shape(
    "structure",
    members=(
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
        Member("SecretVersionsToStages", SECRET_VERSIONS_TO_STAGES_MAP),
        Member("OwningService", OWNING_SERVICE),
        Member("CreatedDate", TIMESTAMP),
        Member("PrimaryRegion", REGION),
    ),
)
SECRET_LIST = Shape("list", item=SECRET_LIST_ENTRY)
ROTATION_TOKEN = Shape("string", min=36, max=256, pattern=r"^[a-zA-Z0-9\-]+$", sensitive=True)
REMOVE_REPLICA_REGION_LIST = Shape("list", min=1, item=REGION)
TAG_KEY_LIST = Shape("list", item=TAG_KEY)
VALIDATION_ERRORS_ENTRY = Shape(
    "structure",
    members=(
        Member("CheckName", NAME),
        Member("ErrorMessage", ERROR_MESSAGE),
    ),
)
VALIDATION_ERRORS = Shape("list", item=VALIDATION_ERRORS_ENTRY)
