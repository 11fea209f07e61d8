"""Types of IAM's members: their limits, patterns and choices, as AWS publishes them.

Names are AWS's, without "Type" and in capitals. A test compares them with the published model.
"""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.shapes import Member, Shape

INTEGER = Shape("integer")

# Names, paths and ids.
ARN = Shape("string", min=20, max=2048)
ID = Shape("string", min=16, max=128, pattern=r"[\w]+")
PATH = Shape("string", min=1, max=512, pattern=r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)")
PATH_PREFIX = Shape("string", min=1, max=512, pattern=r"\u002F[\u0021-\u007F]*")
POLICY_PATH = Shape("string", min=1, max=512, pattern=r"((/[A-Za-z0-9\.,\+@=_-]+)*)/")
USER_NAME = Shape("string", min=1, max=64, pattern=r"[\w+=,.@-]+")
EXISTING_USER_NAME = Shape("string", min=1, max=128, pattern=r"[\w+=,.@-]+")
GROUP_NAME = Shape("string", min=1, max=128, pattern=r"[\w+=,.@-]+")
ROLE_NAME = Shape("string", min=1, max=64, pattern=r"[\w+=,.@-]+")
POLICY_NAME = Shape("string", min=1, max=128, pattern=r"[\w+=,.@-]+")
POLICY_NAME_LIST = Shape("list", item=POLICY_NAME)

# Policies.
POLICY_DOCUMENT = Shape(
    "string", min=1, max=131072, pattern=r"[\u0009\u000A\u000D\u0020-\u00FF]+", document=True
)
POLICY_DESCRIPTION = Shape("string", max=1000)
POLICY_VERSION_ID = Shape("string", pattern=r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")
POLICY_SCOPE = Shape("string", enum=("All", "AWS", "Local"))
POLICY_USAGE = Shape("string", enum=("PermissionsPolicy", "PermissionsBoundary"))
PERMISSIONS_BOUNDARY_ATTACHMENT = Shape("string", enum=("PermissionsBoundaryPolicy",))
ATTACHED_PERMISSIONS_BOUNDARY = Shape(
    "structure",
    members=(
        Member(
            "PermissionsBoundaryType",
            PERMISSIONS_BOUNDARY_ATTACHMENT,
            "What the boundary is: a policy.",
        ),
        Member("PermissionsBoundaryArn", ARN, "ARN of the policy that is the boundary."),
    ),
)
ATTACHED_POLICY = Shape(
    "structure",
    members=(
        Member("PolicyName", POLICY_NAME, "Name of the policy."),
        Member("PolicyArn", ARN, "ARN of the policy."),
    ),
)
ATTACHED_POLICIES_LIST = Shape("list", item=ATTACHED_POLICY)

# Pages and tags.
MARKER = Shape("string", min=1, max=320, pattern=r"[\u0020-\u00FF]+")
MAX_ITEMS = Shape("integer", min=1, max=1000)
TAG_KEY = Shape("string", min=1, max=128, pattern=r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")
TAG_VALUE = Shape("string", min=0, max=256, pattern=r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
TAG = Shape(
    "structure",
    members=(
        Member("Key", TAG_KEY, "Name of the tag.", required=True),
        Member("Value", TAG_VALUE, "Text of the tag; may be empty.", required=True),
    ),
)
TAG_LIST = Shape("list", max=50, item=TAG)

# What is known of users, groups, roles, policies and access keys.
USER = Shape(
    "structure",
    members=(
        Member("Path", PATH, "Path of the user.", required=True),
        Member("UserName", USER_NAME, "Name of the user.", required=True),
        Member("UserId", ID, "Id of the user, never used again.", required=True),
        Member("Arn", ARN, "ARN of the user.", required=True),
        Member("CreateDate", t.TIMESTAMP, "When the user was made.", required=True),
        Member("PasswordLastUsed", t.TIMESTAMP, "Last sign-in by password; never there."),
        Member(
            "PermissionsBoundary",
            ATTACHED_PERMISSIONS_BOUNDARY,
            "The most the user may be allowed.",
        ),
        Member("Tags", TAG_LIST, "Tags of the user."),
    ),
)
USER_LIST = Shape("list", item=USER)
GROUP = Shape(
    "structure",
    members=(
        Member("Path", PATH, "Path of the group.", required=True),
        Member("GroupName", GROUP_NAME, "Name of the group.", required=True),
        Member("GroupId", ID, "Id of the group, never used again.", required=True),
        Member("Arn", ARN, "ARN of the group.", required=True),
        Member("CreateDate", t.TIMESTAMP, "When the group was made.", required=True),
    ),
)
GROUP_LIST = Shape("list", item=GROUP)
ROLE_DESCRIPTION = Shape(
    "string", max=1000, pattern=r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*"
)
ROLE_MAX_SESSION_DURATION = Shape("integer", min=3600, max=43200)
MAX_SIGNIN_SESSION_DURATION = Shape("integer", min=3600, max=7776000)
ROLE_LAST_USED = Shape(
    "structure",
    members=(
        Member("LastUsedDate", t.TIMESTAMP, "When it was."),
        Member("Region", t.TEXT, "Region it was in."),
    ),
)
SOURCE_ROLE_TEMPLATE = Shape(
    "structure",
    members=(
        Member("TemplateArn", ARN, "ARN of the template.", required=True),
        Member("TemplateMinorVersion", INTEGER, "Its minor version.", required=True),
    ),
)
ROLE = Shape(
    "structure",
    members=(
        Member("Path", PATH, "Path of the role.", required=True),
        Member("RoleName", ROLE_NAME, "Name of the role.", required=True),
        Member("RoleId", ID, "Id of the role, never used again.", required=True),
        Member("Arn", ARN, "ARN of the role.", required=True),
        Member("CreateDate", t.TIMESTAMP, "When the role was made.", required=True),
        Member("AssumeRolePolicyDocument", POLICY_DOCUMENT, "Its trust policy: who may assume it."),
        Member("Description", ROLE_DESCRIPTION, "What the role is for."),
        Member("MaxSessionDuration", ROLE_MAX_SESSION_DURATION, "Longest session, in seconds."),
        Member(
            "MaxSigninSessionDuration",
            MAX_SIGNIN_SESSION_DURATION,
            "Longest console session, in seconds; never there.",
        ),
        Member(
            "PermissionsBoundary",
            ATTACHED_PERMISSIONS_BOUNDARY,
            "The most the role may be allowed.",
        ),
        Member("Tags", TAG_LIST, "Tags of the role."),
        Member("RoleLastUsed", ROLE_LAST_USED, "When the role was last used."),
        Member(
            "SourceRoleTemplate", SOURCE_ROLE_TEMPLATE, "Template it was made from; never there."
        ),
    ),
)
ROLE_LIST = Shape("list", item=ROLE)
POLICY = Shape(
    "structure",
    members=(
        Member("PolicyName", POLICY_NAME, "Name of the policy."),
        Member("PolicyId", ID, "Id of the policy, never used again."),
        Member("Arn", ARN, "ARN of the policy."),
        Member("Path", POLICY_PATH, "Path of the policy."),
        Member("DefaultVersionId", POLICY_VERSION_ID, "The version that is in force."),
        Member("AttachmentCount", INTEGER, "Users, groups and roles it is attached to."),
        Member("PermissionsBoundaryUsageCount", INTEGER, "Users and roles it is the boundary of."),
        Member("IsAttachable", t.BOOLEAN, "Whether it can be attached."),
        Member("Description", POLICY_DESCRIPTION, "What the policy is for."),
        Member("CreateDate", t.TIMESTAMP, "When the policy was made."),
        Member("UpdateDate", t.TIMESTAMP, "When its newest version was made."),
        Member("Tags", TAG_LIST, "Tags of the policy."),
    ),
)
POLICY_LIST = Shape("list", item=POLICY)
POLICY_VERSION = Shape(
    "structure",
    members=(
        Member("Document", POLICY_DOCUMENT, "The policy in JSON; lists leave it out."),
        Member("VersionId", POLICY_VERSION_ID, "Id of the version: v1, v2 and so on."),
        Member("IsDefaultVersion", t.BOOLEAN, "Whether it is in force."),
        Member("CreateDate", t.TIMESTAMP, "When the version was made."),
    ),
)
POLICY_DOCUMENT_VERSION_LIST = Shape("list", item=POLICY_VERSION)
ACCESS_KEY_ID = Shape("string", min=16, max=128, pattern=r"[\w]+")
ACCESS_KEY_SECRET = Shape("string", sensitive=True)
STATUS = Shape("string", enum=("Active", "Inactive", "Expired"))
ACCESS_KEY = Shape(
    "structure",
    members=(
        Member("UserName", USER_NAME, "User whose key it is.", required=True),
        Member("AccessKeyId", ACCESS_KEY_ID, "Id of the key.", required=True),
        Member("Status", STATUS, "Active, or taken out of use.", required=True),
        Member(
            "SecretAccessKey",
            ACCESS_KEY_SECRET,
            "The secret of the key, shown this once.",
            required=True,
        ),
        Member("CreateDate", t.TIMESTAMP, "When the key was made."),
    ),
)
ACCESS_KEY_METADATA = Shape(
    "structure",
    members=(
        Member("UserName", USER_NAME, "User whose key it is."),
        Member("AccessKeyId", ACCESS_KEY_ID, "Id of the key."),
        Member("Status", STATUS, "Active, or taken out of use."),
        Member("CreateDate", t.TIMESTAMP, "When the key was made."),
    ),
)
ACCESS_KEY_METADATA_LIST = Shape("list", item=ACCESS_KEY_METADATA)
