"""The condition keys that AWS gives every request are here as well.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import pytest

from secretctl import __version__
from tests.access.conftest import ACCOUNT, Account, allow, policy

LIST = ("list-secrets",)
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
CASES = [
    ("DateGreaterThan", "aws:CurrentTime", "2023-11-14T00:00:00Z", "2023-11-15T00:00:00Z"),
    ("NumericGreaterThan", "aws:EpochTime", "1699999999", "1700000001"),
    ("StringEquals", "aws:PrincipalAccount", ACCOUNT, "999999999999"),
    ("ArnEquals", "aws:PrincipalArn", USER, f"{USER}x"),
    ("Bool", "aws:PrincipalIsAWSService", "false", "true"),
    ("StringEquals", "aws:PrincipalTag/team", "core", "web"),
    ("StringEquals", "aws:PrincipalType", "User", "AssumedRole"),
    ("StringEquals", "aws:RequestedRegion", "us-east-1", "eu-west-1"),
    ("StringEquals", "aws:ResourceAccount", ACCOUNT, "999999999999"),
    ("Bool", "aws:SecureTransport", "true", "false"),
    ("IpAddress", "aws:SourceIp", "127.0.0.0/8", "10.0.0.0/8"),
    ("StringLike", "aws:UserAgent", f"secretctl/{__version__} *", "curl/*"),
    ("Bool", "aws:ViaAWSService", "false", "true"),
    ("StringLike", "aws:userid", "AIDA*", "AROA*"),
    ("StringEquals", "aws:username", "alice", "bob"),
    ("Null", "aws:MultiFactorAuthPresent", "true", "false"),
    ("Null", "aws:TokenIssueTime", "true", "false"),
]


@pytest.mark.parametrize(("operator", "key", "met", "unmet"), CASES)
def test_a_global_key_decides(root: Account, operator: str, key: str, met: str, unmet: str) -> None:
    """Met, a condition on it lets the request through; not met, it does not."""
    user = root.user("alice", "--tags", "Key=team,Value=core")
    for value, status in ((met, 0), (unmet, 254)):
        root.allow("alice", allow("secretsmanager:ListSecrets", Condition={operator: {key: value}}))
        assert user(*LIST).status == status, key


ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
OF_SESSIONS = [
    ("ArnEquals", "aws:PrincipalArn", ROLE, f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/release"),
    ("StringEquals", "aws:PrincipalTag/level", "high", "low"),
    ("StringEquals", "aws:PrincipalTag/team", "core", "web"),
    ("StringEquals", "aws:PrincipalType", "AssumedRole", "User"),
    ("StringEquals", "aws:SourceIdentity", "ann", "bob"),
    ("DateLessThan", "aws:TokenIssueTime", "2099-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
    ("StringLike", "aws:userid", "AROA*:release", "AIDA*"),
    ("Null", "aws:username", "true", "false"),
]
TRUST: dict[str, object] = {
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNT},
    "Action": "sts:*",
}


def test_global_keys_of_a_session_decide(root: Account) -> None:
    """Tags of the session replace those of its role, however spelled; the ARN is the role's."""
    user = root.user("alice")
    root.allow("alice", allow("sts:*"))
    root.must(
        *("iam", "create-role", "--role-name", "deploy", "--assume-role-policy-document"),
        *(policy(TRUST), "--tags", "Key=team,Value=core", "Key=level,Value=low"),
    )
    begun = user.must(
        *("sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "release"),
        *("--source-identity", "ann", "--tags", "Key=Level,Value=high"),
    )
    session = root.holding(begun["Credentials"])
    put = ("iam", "put-role-policy", "--role-name", "deploy", "--policy-name", "p")
    for operator, key, met, unmet in OF_SESSIONS:
        for value, status in ((met, 0), (unmet, 254)):
            condition = {operator: {key: value}}
            listing = allow("secretsmanager:ListSecrets", Condition=condition)
            root.must(*put, "--policy-document", policy(listing))
            assert session(*LIST).status == status, key
