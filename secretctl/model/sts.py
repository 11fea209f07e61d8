"""The operations of STS, spelled as on the wire, API version 2011-06-15: two of them.

A test compares them with the published service model, and lists what differs and why.
See: https://docs.aws.amazon.com/STS/latest/APIReference/
"""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.shapes import Member, Operation, Shape, kebab

# Types, named as AWS names them.
_ARN = Shape(
    "string",
    min=20,
    max=2048,
    pattern=(
        r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD"
        r"\u10000-\u10FFFF]+"
    ),
)
_ROLE_SESSION_NAME = Shape("string", min=2, max=64, pattern=r"[\w+=,.@-]*")
_SOURCE_IDENTITY = Shape("string", min=2, max=256, pattern=r"[\w+=,.@-]*")
_EXTERNAL_ID = Shape("string", min=2, max=1224, pattern=r"[\w+=,.@:\/-]*")
_SESSION_POLICY = Shape("string", min=1, pattern=r"[\u0009\u000A\u000D\u0020-\u00FF]+")
_POLICY_DESCRIPTOR = Shape("structure", members=(Member("arn", _ARN, "ARN of a managed policy."),))
_TAG_KEY = Shape("string", min=1, max=128, pattern=r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")
_TAG_VALUE = Shape("string", min=0, max=256, pattern=r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
_TAG = Shape(
    "structure",
    members=(
        Member("Key", _TAG_KEY, "Name of the tag.", required=True),
        Member("Value", _TAG_VALUE, "Text of the tag; may be empty.", required=True),
    ),
)
_CREDENTIALS = Shape(
    "structure",
    members=(
        Member(
            "AccessKeyId",
            Shape("string", min=16, max=128, pattern=r"[\w]*"),
            "Id of the access key.",
            required=True,
        ),
        Member(
            "SecretAccessKey",
            Shape("string", sensitive=True),
            "Its secret, shown this once.",
            required=True,
        ),
        Member(
            "SessionToken",
            Shape("string", sensitive=True),
            "Token that goes with it.",
            required=True,
        ),
        Member("Expiration", t.TIMESTAMP, "When they end.", required=True),
    ),
)
_ASSUMED_ROLE_USER = Shape(
    "structure",
    members=(
        Member(
            "AssumedRoleId",
            Shape("string", min=2, max=193, pattern=r"[\w+=,.@:-]*"),
            "Id of the role and name of the session.",
            required=True,
        ),
        Member("Arn", _ARN, "ARN of the session, which policies see.", required=True),
    ),
)
_AMOUNT = Shape("integer", min=0)

OPERATIONS = (
    Operation(
        "AssumeRole",
        "Get credentials of a role for a while, if its trust policy allows it.",
        "secretctl.service.sts:assume_role",
        service="sts",
        input=(
            Member("RoleArn", _ARN, "ARN of the role.", required=True, completer="role-arn"),
            Member(
                "RoleSessionName",
                _ROLE_SESSION_NAME,
                "Name of the session, which the journal shows.",
                required=True,
            ),
            Member(
                "PolicyArns",
                Shape("list", item=_POLICY_DESCRIPTOR),
                "Managed policies that bound the session.",
            ),
            Member("Policy", _SESSION_POLICY, "Policy in JSON that bounds the session."),
            Member(
                "DurationSeconds",
                Shape("integer", min=900, max=43200),
                "How long, at most what the role says; an hour if left out.",
            ),
            Member("Tags", Shape("list", max=50, item=_TAG), "Tags of the session; up to 50."),
            Member(
                "TransitiveTagKeys",
                Shape("list", max=50, item=_TAG_KEY),
                "Tags that pass on to sessions begun from this one.",
            ),
            Member("ExternalId", _EXTERNAL_ID, "What the trust policy may ask to be told."),
            Member("SourceIdentity", _SOURCE_IDENTITY, "Who is behind the session."),
        ),
        output=(
            Member("Credentials", _CREDENTIALS, "The credentials."),
            Member("AssumedRoleUser", _ASSUMED_ROLE_USER, "Who has them."),
            Member("PackedPolicySize", _AMOUNT, "Percentage that policies and tags may fill."),
            Member("SourceIdentity", _SOURCE_IDENTITY, "Who is behind the session."),
            Member("SessionTokenUtilization", _AMOUNT, "Percentage that the token may fill."),
            Member("SessionTokenSize", _AMOUNT, "Length of the token."),
        ),
        errors=(
            *("MalformedPolicyDocument", "PackedPolicyTooLarge", "RegionDisabledException"),
            *("ExpiredTokenException", "InvalidContextAssertion"),
        ),
        example=(
            "secretctl sts assume-role --role-arn arn:aws:iam::000000000000:role/deploy "
            "--role-session-name release-42"
        ),
    ),
    Operation(
        "GetCallerIdentity",
        "Show who is asking; needs no permission.",
        "secretctl.service.sts:get_caller_identity",
        service="sts",
        output=(
            Member("UserId", t.TEXT, "Id of the caller."),
            Member("Account", t.TEXT, "The account."),
            Member("Arn", _ARN, "ARN of the caller."),
        ),
        read_only=True,
        example="secretctl sts get-caller-identity",
    ),
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
"""Operations by their name on the wire."""

BY_COMMAND = {kebab(operation.name): operation for operation in OPERATIONS}
"""Operations by their name on the command line, behind ``sts``."""
