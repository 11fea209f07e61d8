"""Members that several of IAM's operations are given or answer, and how their lists are divided."""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.iam import types as i
from secretctl.model.shapes import Member, Pages

# Given.
NEW_USER_NAME = Member(
    "UserName",
    i.USER_NAME,
    "Name of the new user: letters, digits and _+=,.@-, up to 64 characters.",
    required=True,
)
USER_NAME = Member(
    "UserName", i.EXISTING_USER_NAME, "Name of the user.", required=True, completer="user"
)
USER_NAME_OR_OWN = Member(
    "UserName",
    i.EXISTING_USER_NAME,
    "Name of the user; whoever asks, if left out.",
    completer="user",
)
HOLDER_NAME = Member("UserName", i.USER_NAME, "Name of the user.", required=True, completer="user")
"""Of a user whose policies are changed: AWS has a shorter limit there."""

GROUP_NAME = Member(
    "GroupName", i.GROUP_NAME, "Name of the group.", required=True, completer="group"
)
ROLE_NAME = Member("RoleName", i.ROLE_NAME, "Name of the role.", required=True, completer="role")
POLICY_NAME = Member(
    "PolicyName", i.POLICY_NAME, "Name of the policy.", required=True, completer="inline-policy"
)
POLICY_ARN = Member("PolicyArn", i.ARN, "ARN of the policy.", required=True, completer="policy")
POLICY_DOCUMENT = Member("PolicyDocument", i.POLICY_DOCUMENT, "The policy in JSON.", required=True)
VERSION_ID = Member(
    "VersionId",
    i.POLICY_VERSION_ID,
    "Id of the version: v1, v2 and so on.",
    required=True,
    completer="policy-version",
)
PATH = Member("Path", i.PATH, "Path that the ARN names, such as /ci/; / if left out.")
PATH_PREFIX = Member("PathPrefix", i.PATH_PREFIX, "Only those whose path begins so.")
POLICY_PATH_PREFIX = Member("PathPrefix", i.POLICY_PATH, "Only policies whose path begins so.")
PERMISSIONS_BOUNDARY = Member(
    "PermissionsBoundary",
    i.ARN,
    "ARN of the policy that bounds all others.",
    completer="policy",
)
TAGS = Member("Tags", i.TAG_LIST, "Tags, each a Key and a Value; up to 50.")
MARKER = Member("Marker", i.MARKER, "Where to go on, from the page before.")
MAX_ITEMS = Member("MaxItems", i.MAX_ITEMS, "Most items in one page, up to 1000.")
PAGE = (MARKER, MAX_ITEMS)

# Answered.
IS_TRUNCATED = Member("IsTruncated", t.BOOLEAN, "Whether there is more.")
NEXT_MARKER = Member("Marker", t.TEXT, "Where to go on, if there is more.")
NEXT_PAGE = (IS_TRUNCATED, NEXT_MARKER)
POLICY_NAMES = Member("PolicyNames", i.POLICY_NAME_LIST, "Names of the policies.", required=True)
ATTACHED_POLICIES = Member(
    "AttachedPolicies", i.ATTACHED_POLICIES_LIST, "Names and ARNs of the policies."
)


def pages(result: str, *non_aggregate: str) -> Pages:
    """Return how a list whose items stand in *result* is divided."""
    return Pages(result, "Marker", "Marker", "MaxItems", "IsTruncated", non_aggregate)
