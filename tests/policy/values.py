"""Small pools that policies and requests are drawn from, so that they meet and nearly meet."""

from typing import Any, NamedTuple

from tests.policy.worked_cases import ABROAD, ALICE, HOME, PREFIX, ROLE, ROOT, SESSION, STRANGER

CALLERS = [
    ALICE,
    ALICE.replace("alice", "Alice"),
    ALICE.replace("alice", "staff/alice"),
    ROOT,
    ROLE,
    SESSION,
    SESSION,
    SESSION,
    f"{SESSION}7",
    SESSION.replace("deploy", "ci"),
    STRANGER,
    SESSION.replace(HOME, ABROAD),
]
ROLES = [ROLE, ROLE.replace("ci/", ""), ROLE.replace("ci/deploy", "ci"), f"{ROLE}er"]
LISTED = [*CALLERS, *ROLES, HOME, ABROAD, ROOT.replace(HOME, ABROAD), ROLE.replace(HOME, ABROAD)]

ACTIONS = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:GetSecretValue",
    "SecretsManager:getsecretvalue",
    "secretsmanager:PutSecretValue",
    "iam:GetUser",
]
ACTION_PATTERNS = [
    "*",
    "secretsmanager:*",
    "secretsmanager:Get*",
    "SecretsManager:GETSECRETVALUE",
    "secretsmanager:*Value",
    "secretsmanager:??tSecretValue",
    "secretsmanager:*e*e*e*",
    "secretsmanager:GetSecretValue*",
    "secretsmanager:GetSecretValue?",
    "secretsmanager:Get",
    "s3:*",
]

RESOURCES = [
    f"{PREFIX}prod/db-a1B2c3",
    f"{PREFIX}prod/db-a1B2c3",
    f"{PREFIX}prod/db-x-a1B2c3",
    f"{PREFIX}PROD/db-a1B2c3",
    f"{PREFIX}alice-a1B2c3",
    f"{PREFIX}b*-a1B2c3",
    f"{PREFIX}blue-a1B2c3",
    f"{PREFIX}${{aws:username}}-a1B2c3",
    f"{PREFIX}prod:db-a1B2c3",
    f"{PREFIX}prod/db-a1B2c3".replace("east", "west"),
    f"{PREFIX}prod/db-a1B2c3".replace(HOME, ABROAD),
    f"{PREFIX}alice-a1B2c3".replace(HOME, ABROAD),
    "*",
]
RESOURCE_PATTERNS = [
    "*",
    "*",
    *RESOURCES[1:5],
    f"{PREFIX}prod/*",
    f"{PREFIX}*",
    f"{PREFIX}*/*-??????",
    f"{PREFIX}prod?db-*",
    f"{PREFIX}prod/db-??????",
    f"{PREFIX}${{aws:username}}-*",
    f"{PREFIX}${{AWS:UserName}}-??????",
    f"{PREFIX}${{aws:PrincipalTag/team}}*",
    f"{PREFIX}${{aws:PrincipalTag/team, 'prod'}}/*",
    f"{PREFIX}${{aws:PrincipalTag/team, 'b*'}}-a1B2c3",
    f"{PREFIX}${{aws:TagKeys}}-*",
    f"{PREFIX}${{aws:userid}}*",
    f"{PREFIX}b${{*}}-*",
    f"{PREFIX}${{$}}{{aws:username}}-??????",
    f"{PREFIX}${{?}}*",
    f"arn:aws:secretsmanager:us-*-1:{HOME}:secret:*",
    "arn:aws:secretsmanager:us-????-1:*:secret:prod*",
    f"arn:aws:secretsmanager:*:{HOME}:*",
    "arn:aws:secretsmanager:*:secret:prod/db-a1B2c3",
    "arn:aws:s3:::bucket/*",
]


class Family(NamedTuple):
    """Operators that read values alike, keys to use them on, and values to meet."""

    operators: list[str]
    keys: list[str]
    wanted: list[Any]
    """Of a policy: all well formed."""

    given: list[str]
    """Of a request: what is comparable."""

    odd: list[str]
    """Of a request: what perhaps is not."""


def ordered(kind: str) -> list[str]:
    """Return the operators of a kind that has an order."""
    ends = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    return [kind + end for end in ends]


FAMILIES: list[Family] = [
    Family(
        ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase",
         "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"],
        ["aws:username", "aws:PrincipalTag/team", "aws:TagKeys"],
        ["blue", "Blue", "b*", "?lue", "*", "", "red", "alice", "prod", True, 7, "7",
         "${aws:username}", "team-${AWS:UserName}", "${aws:userid}", "${aws:userid, 'blue'}",
         "${aws:PrincipalTag/team}", "${aws:principaltag/TEAM, 'b*'}", "team-${aws:userid, ''}",
         "${aws:TagKeys}", "${aws:TagKeys, 'blue'}", "${aws:username}${aws:PrincipalTag/team}",
         "${*}", "b${*}", "${?}lue", "${$}", "${$}{aws:username}", "b${*}*", "?${*}"],
        ["blue", "Blue", "BLUE", "red", "alice", "prod", "team-alice"],
        ["b*", "*", "?", "?lue", "$", "${*}", "${aws:username}", "${aws:userid}", "true", "7",
         "bb*", "bl\n", "", "", "", "alicealice", "team-", ALICE],
    ),
    Family(
        ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
        ["aws:PrincipalArn"],
        [ALICE, ROLE, "arn:aws:iam::*:user/*", "arn:aws:iam::?11122223333:*", "arn:aws:*:*:*:*",
         f"arn:aws:iam::{HOME}:user/${{aws:username}}", "arn:aws:iam::*:user/${aws:userid}",
         "arn:aws:iam::*:${aws:userid, 'user'}/alice", "arn:aws:lambda:*:*:function:rot?te",
         f"arn:aws:*:{HOME}:user/alice", f"arn:aws:iam::{HOME}:user/${{*}}",
         f"*:aws:iam::{HOME}:user/alice", "arn:aws:s3:::bucket/key:*", "${aws:username}"],
        [ALICE, ALICE.replace("alice", "Alice"), ROLE, SESSION, f"{ALICE}/bob",
         f"arn:aws:lambda:us-east-1:{HOME}:function:rotate"],
        ["user/alice", "arn:aws", "*", f"arn:aws:iam::{HOME}:user/*", "",
         "arn:aws:s3:::bucket/key:with:colons", f" {ALICE}", ALICE.replace("arn", "urn")],
    ),
    Family(
        ordered("Numeric"),
        ["secretsmanager:RecoveryWindowInDays"],
        ["7", "7.0", "007", "10", "-8", "0", "30", 7, 10, 7.5],
        ["7", "7.0", "07", "-8", "0", "10", "7.5", "30"],
        ["7.00", "+7", "-0", "1e1", "10.", ".5", " 7", "7 ", "7\n", "0x7", "seven", "", "NaN",
         "Infinity", "1_0", "\uff17", "7,5", "--7", "7.000000000000000000001",
         "99999999999999999999"],
    ),
    Family(
        ordered("Date"),
        ["aws:CurrentTime", "aws:EpochTime"],
        ["2026-03-01T12:00:00Z", "2026-03-01", "2026-03", "2026", "2026-03-01T12:00Z", 1772366400,
         "2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00.5Z", "1772366400", "1772323200"],
        ["2026-03-01T12:00:00Z", "2026-03-01", "2026-03", "2026", "2026-03-01T12:00Z", "1772366400",
         "2026-03-01T14:00:00+02:00", "2026-03-01T11:30:00-00:30", "2026-03-01T12:00:00.50Z",
         "1772323200", "2026-02-28T23:59:59Z"],
        ["2026-03-01T12:00:00.0000000000001Z", "2026-03-01T12:00:00", "2026-03-01 12:00:00Z",
         "20260301T120000Z", "2026-W09-7", "2026-02-30", "2026-13-01", "2026-03-01T24:00:00Z",
         "2026-03-01T12:00:60Z", "20260301", "2026-03-01T12:00:00+0200", "tomorrow", "-1", "",
         "2026-03-01t12:00:00z", "1772366400.5", " 1772366400", "1772366400\n",
         "\uff12026-03-01", "2026-03-01T12:00:00+24:00"],
    ),
    Family(
        ["Bool"],
        ["aws:SecureTransport"],
        ["true", "false", True, False],
        ["true", "false"],
        ["True", "FALSE", "yes", "1", "0", "", "true "],
    ),
    Family(
        ["BinaryEquals"],
        ["app:Digest"],
        ["c2VjcmV0", "c2VjcmV0cw==", "AA==", "/+8="],
        ["c2VjcmV0", "c2VjcmV0cw==", "AA==", "/+8=", "AAA="],
        ["_-8=", "secret", "c2VjcmV0cw", "C2VJCMV0", "c2VjcmV0cx==", "c2Vj cmV0", "c2VjcmV0\n",
         "c2VjcmV0====", ""],
    ),
    Family(
        ["IpAddress", "NotIpAddress"],
        ["aws:SourceIp"],
        ["203.0.113.0/24", "203.0.113.7", "203.0.113.7/32", "0.0.0.0/0", "10.0.0.0/8",
         "2001:db8::/32", "2001:DB8::7", "::/0", "2001:db8::7/128"],
        ["203.0.113.7", "203.0.113.77", "203.0.114.7", "10.1.2.3", "2001:db8::7",
         "2001:0DB8:0:0::0007", "2001:db9::1", "::1"],
        ["::ffff:203.0.113.7", "203.0.113.007", "203.0.113.7/32", "10.0.0.0/7", "203.0.113",
         "256.0.0.1", "fe80::1%eth0", "localhost", "", "1"],
    ),
]  # fmt: skip
KEYS = {key: family for family in FAMILIES for key in family.keys}
