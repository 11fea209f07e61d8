"""Cases worked out by hand from AWS's IAM user guide, each with the answer it must have."""

from typing import Any

Json = dict[str, Any]
Expected = tuple[str, Any, Any, bool]

HOME, ABROAD = "111122223333", "444455556666"
ALICE = f"arn:aws:iam::{HOME}:user/alice"
STRANGER = f"arn:aws:iam::{ABROAD}:user/alice"
ROLE = f"arn:aws:iam::{HOME}:role/ci/deploy"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/deploy/run-7"
ROOT = f"arn:aws:iam::{HOME}:root"
PREFIX = f"arn:aws:secretsmanager:us-east-1:{HOME}:secret:"
SECRET = f"{PREFIX}prod/db-a1B2c3"
GET = "secretsmanager:GetSecretValue"

ME = {"aws:username": "alice", "aws:TagKeys": ["blue"], "app:odd": "b*", "app:empty": ""}
MINE = "${aws:username}-??????"
UNKNOWN = "${aws:userid}*"

WORDS = {"A": "Allowed", "I": "ImplicitlyDenied", "E": "ExplicitlyDenied"}


def statement(effect: str = "Allow", **elements: Any) -> Json:
    """Return a statement about everything, but for *elements*; None takes one away."""
    whole = {"Effect": effect, "Action": "*", "Resource": "*"} | elements
    return {name: value for name, value in whole.items() if value is not None}


def document(*statements: Json, version: str | None = "2012-10-17") -> Json:
    """Return a policy."""
    return ({"Version": version} if version else {}) | {"Statement": list(statements)}


def case(
    *identity: Json,
    by: str = ALICE,
    of: str = SECRET,
    to: str = GET,
    resource: Json | None = None,
    context: Json | None = None,
) -> Json:
    """Return a case: what *by* wants *to* do with *of*."""
    return {
        "action": to,
        "resource": of,
        "principal": by,
        "identityPolicies": list(identity),
        "resourcePolicy": resource,
        "context": context or {},
    }


def own(*, by: str = ALICE, to: str = GET, of: str = SECRET, **elements: Any) -> Json:
    """Return a case in which one Allow in an identity policy decides."""
    return case(document(statement(**elements)), by=by, to=to, of=of)


def filled(*, of: str, version: str | None = "2012-10-17", **elements: Any) -> Json:
    """Return a case of variables in a resource."""
    policy = document(statement(**elements), version=version)
    return case(policy, of=PREFIX + of, context=ME)


def theirs(by: str, *statements: Json) -> Json:
    """Return a case in which the secret's policy decides."""
    return case(by=by, resource=document(*statements))


def aws(*principals: str) -> Json:
    """Return a Principal element."""
    return {"AWS": list(principals)}


def spared(by: str, *principals: str) -> Json:
    """Return a case of a caller allowed all by its own policy, and a Deny with NotPrincipal."""
    deny = statement("Deny", NotPrincipal=aws(*principals))
    return case(document(statement()), by=by, resource=document(deny))


ALL = document(statement())
NONE = document(statement("Deny"))
TO_ALICE = document(statement(Principal=aws(ALICE)))
TO_STRANGER = document(statement(Principal=aws(STRANGER)))
TO_THEIR_ACCOUNT = document(statement(Principal=aws(ABROAD)))

DECISIONS: list[tuple[str, Json, str]] = [
    ("nothing is allowed by default", case(), "III"),
    ("a statement may stand outside of a list", case({"Statement": statement()}), "AAI"),
    ("one Allow is enough", case(document(statement(Action="s3:*")), ALL), "AAI"),
    ("a Deny wins after an Allow", case(ALL, NONE), "EEI"),
    ("a Deny wins before an Allow", case(NONE, ALL), "EEI"),
    ("a Deny of the identity wins over the secret's Allow", case(NONE, resource=TO_ALICE), "EEA"),
    ("a Deny of the secret wins over the identity's Allow",
     case(ALL, resource=document(statement("Deny", Principal="*"))), "EAE"),
    ("within an account the secret's policy is enough", case(resource=TO_ALICE), "AIA"),
    ("within an account the identity's policy is enough", case(ALL, resource=TO_STRANGER), "AAI"),
    ("across accounts the identity's policy is not enough", case(ALL, by=STRANGER), "IAI"),
    ("across accounts the secret's policy is not enough",
     case(by=STRANGER, resource=TO_STRANGER), "IIA"),
    ("across accounts both are enough", case(ALL, by=STRANGER, resource=TO_STRANGER), "AAA"),
    ("an account may be let in as a whole",
     case(ALL, by=STRANGER, resource=TO_THEIR_ACCOUNT), "AAA"),
    ("across accounts * needs the identity's policy, too",
     theirs(STRANGER, statement(Principal="*")), "IIA"),
    ("within an account * is enough", theirs(ALICE, statement(Principal="*")), "AIA"),
    ("AWS * is the same", theirs(ALICE, statement(Principal={"AWS": "*"})), "AIA"),
    ("an account's number leaves it to its identity policies",
     theirs(ALICE, statement(Principal=aws(HOME))), "III"),
    ("an account's root ARN does the same", theirs(ALICE, statement(Principal=aws(ROOT))), "III"),
    ("a Deny of an account is one of everybody in it",
     case(ALL, resource=document(statement("Deny", Principal=aws(ROOT)))), "EAE"),
    ("several principals are alternatives",
     theirs(ALICE, statement(Principal=aws(STRANGER, ALICE))), "AIA"),
    ("a user's name is case-sensitive",
     theirs(ALICE.replace("alice", "Alice"), statement(Principal=aws(ALICE))), "III"),
    ("a role covers its sessions, its path left out of their ARN",
     theirs(SESSION, statement(Principal=aws(ROLE))), "AIA"),
    ("a session may be named", theirs(SESSION, statement(Principal=aws(SESSION))), "AIA"),
    ("another session of the role is not meant",
     theirs(SESSION + "7", statement(Principal=aws(SESSION))), "III"),
    ("a session's ARN does not cover the role",
     theirs(ROLE, statement(Principal=aws(SESSION))), "III"),
    ("a role whose name goes on is another",
     theirs(SESSION, statement(Principal=aws(ROLE + "er"))), "III"),
    ("a role of that name elsewhere is another",
     theirs(SESSION, statement(Principal=aws(ROLE.replace(HOME, ABROAD)))), "III"),
    ("a service is nobody's ARN",
     theirs(ALICE, statement(Principal={"Service": "lambda.amazonaws.com"})), "III"),
    ("NotPrincipal spares who is listed with the account", spared(ALICE, ALICE, ROOT), "AAI"),
    ("NotPrincipal does not spare who is listed without", spared(ALICE, ALICE), "EAE"),
    ("NotPrincipal does not spare all of an account that is listed", spared(ALICE, ROOT), "EAE"),
    ("NotPrincipal spares the account's root", spared(ROOT, ROOT), "AAI"),
    ("NotPrincipal denies the others", spared(SESSION, ALICE, ROOT), "EAE"),
    ("NotPrincipal spares a session listed with role and account",
     spared(SESSION, SESSION, ROLE, HOME), "AAI"),
    ("NotPrincipal does not spare a session without its role",
     spared(SESSION, SESSION, ROOT), "EAE"),
    ("NotPrincipal does not spare a role's sessions unlisted", spared(SESSION, ROLE, ROOT), "EAE"),
    ("an action is case-insensitive", own(Action="SecretsManager:getsecretVALUE"), "AAI"),
    ("an action may have wildcards", own(Action="secretsmanager:Get*Val?e"), "AAI"),
    ("? is exactly one character", own(Action="secretsmanager:GetSecretValue?"), "III"),
    ("one service's actions are not another's", own(Action="s3:*"), "III"),
    ("NotAction is every other action", own(Action=None, NotAction=["s3:*", "iam:*"]), "AAI"),
    ("NotAction is not that action", own(Action=None, NotAction="secretsmanager:Get*"), "III"),
    ("a resource is case-sensitive", own(Resource=f"{PREFIX}PROD/db-a1B2c3"), "III"),
    ("six ? stand for the suffix", own(Resource=f"{PREFIX}prod/db-??????"), "AAI"),
    ("six ? do not reach further",
     own(Resource=f"{PREFIX}prod/db-??????", of=f"{PREFIX}prod/db-x-a1B2c3"), "III"),
    ("-* reaches further",
     own(Resource=f"{PREFIX}prod/db-*", of=f"{PREFIX}prod/db-x-a1B2c3"), "AAI"),
    ("* crosses a slash", own(Resource=f"{PREFIX}*db-a1B2c3"), "AAI"),
    ("* may be nothing", own(Resource=f"{SECRET}*"), "AAI"),
    ("* does not cross a segment",
     own(Resource="arn:aws:secretsmanager:*:secret:prod/db-a1B2c3"), "III"),
    ("every segment counts", own(Resource=SECRET.replace("us-east-1", "us-east-?")), "AAI"),
    ("NotResource is every other one", own(Resource=None, NotResource=f"{PREFIX}dev/*"), "AAI"),
    ("NotResource is not that resource", own(Resource=None, NotResource=f"{PREFIX}prod/*"), "III"),
    ("of no resource in particular, only * speaks", own(Resource=f"{PREFIX}*", of="*"), "III"),
    ("* speaks of no resource in particular", own(of="*", to="secretsmanager:ListSecrets"), "AAI"),
    ("a variable is filled in", filled(of="alice-a1B2c3", Resource=PREFIX + MINE), "AAI"),
    ("2008 knows no variables",
     filled(of="alice-a1B2c3", version="2008-10-17", Resource=PREFIX + MINE), "III"),
    ("in 2008 they are text",
     filled(of="${aws:username}-a1B2c3", version="2008-10-17", Resource=PREFIX + MINE), "AAI"),
    ("without a version, too",
     filled(of="${aws:username}-a1B2c3", version=None, Resource=PREFIX + MINE), "AAI"),
    ("no resource matches a variable without a value",
     filled(of="alice-a1B2c3", Resource=PREFIX + UNKNOWN), "III"),
    ("nor one that is empty, which would let * match all",
     filled(of="alice-a1B2c3", Resource=PREFIX + "${app:empty}*"), "III"),
    ("what NotResource takes away is then not known, and nothing allowed",
     filled(of="alice-a1B2c3", Resource=None, NotResource=PREFIX + UNKNOWN), "III"),
]  # fmt: skip

TAG = "aws:PrincipalTag/team"
ARN = f"arn:aws:lambda:us-east-1:{HOME}:function:rotate"

CONDITIONS: list[Expected] = [
    ("StringEquals", "blue", "blue", True),
    ("StringEquals", "blue", "Blue", False),
    ("StringEquals", ["red", "blue"], "blue", True),
    ("StringEquals", "b*", "blue", False),
    ("StringEquals", "blue", None, False),
    ("StringNotEquals", ["red", "blue"], "blue", False),
    ("StringNotEquals", "blue", None, True),
    ("StringEqualsIfExists", "blue", None, True),
    ("StringEqualsIfExists", "blue", "red", False),
    ("StringEqualsIgnoreCase", "blue", "BLUE", True),
    ("StringNotEqualsIgnoreCase", "blue", "BLUE", False),
    ("StringLike", "b?u*", "blue", True),
    ("StringLike", "", "", True),
    ("StringNotLike", ["r*", "b*"], "blue", False),
    ("StringEquals", True, "true", True),
    ("ForAllValues:StringEquals", ["a", "b"], ["b", "a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", "a", None, True),
    ("ForAllValues:StringEquals", "a", [], True),
    ("ForAllValues:StringEquals", "a", "", True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
    ("ForAnyValue:StringEquals", "a", "a", True),
    ("ForAnyValue:StringEquals", "a", [], False),
    ("ForAnyValue:StringEquals", "a", None, False),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], True),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["a", "c"], False),
    ("ForAnyValue:StringNotEquals", "a", None, False),
    ("ForAnyValue:StringEqualsIfExists", "a", None, True),
    ("Null", "true", None, True),
    ("Null", True, "blue", False),
    ("Null", "false", "blue", True),
    ("Null", "false", [], False),
    ("Null", "false", "", False),
    ("NumericEquals", "7", "7.0", True),
    ("NumericEquals", 7, "07", True),
    ("NumericLessThan", "7", "10", False),
    ("NumericLessThanEquals", 7.5, "7.5", True),
    ("NumericGreaterThan", "7", "10", True),
    ("NumericGreaterThanEquals", "7", "-8", False),
    ("NumericEquals", "7", "seven", False),
    ("NumericLessThan", 1e300, "9e299", True),
    ("DateEquals", "2026-03-01T12:00:00Z", "2026-03-01T14:00:00+02:00", True),
    ("DateEquals", "2026-03-01T12:00:00Z", "1772366400", True),
    ("DateEquals", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00", False),
    ("DateEquals", "2026-03", "2026-03-01", True),
    ("DateEquals", "2026", "2026-01-01T00:00Z", True),
    ("DateLessThan", "2026-03-01", "2026-02-28T23:59:59.999Z", True),
    ("DateGreaterThanEquals", "2026-03-01T00:00Z", "2026-03-01T00:00:00+00:01", False),
    ("DateNotEquals", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", False),
    ("Bool", "true", "true", True),
    ("Bool", False, "false", True),
    ("Bool", "true", "yes", False),
    ("BinaryEquals", "c2VjcmV0", "c2VjcmV0", True),
    ("BinaryEquals", "c2VjcmV0", "secret", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.77", True),
    ("IpAddress", "203.0.113.7", "203.0.113.77", False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:12::/48"], "2001:db8:12:0::7", True),
    ("NotIpAddress", "2001:db8::/32", "203.0.113.7", True),
    ("NotIpAddress", "203.0.113.0/24", None, True),
    ("ArnEquals", "arn:aws:lambda:*:*:function:rot*", ARN, True),
    ("ArnLike", f"arn:aws:*:{HOME}:function:rotate", ARN, False),
    ("ArnNotLike", "arn:aws:lambda:*:*:function:Rotate", ARN, True),
    ("ArnNotEquals", ARN, ARN, False),
]  # fmt: skip
"""Operator, the policy's values, the request's value of TAG (None: it has none), who holds."""

VARIABLES: list[Expected] = [
    ("StringEquals", "team-${aws:username}", "team-alice", True),
    ("StringEquals", "${AWS:UserName}", "alice", True),
    ("StringEquals", "${aws:userid}", "alice", False),
    ("StringNotEquals", "${aws:userid}", "alice", True),
    ("StringEquals", "${aws:userid, 'nobody'}", "nobody", True),
    ("StringEquals", "${aws:username, 'nobody'}", "nobody", False),
    ("StringEquals", "${aws:TagKeys}", "blue", False),
    ("StringLike", "${app:odd}", "blue", False),
    ("StringLike", "${app:odd}", "b*", True),
    ("StringLike", "b${*}", "blue", False),
    ("StringLike", "b${*}?", "b*x", True),
    ("StringEquals", "${$}{aws:username}", "${aws:username}", True),
    ("ArnLike", "arn:aws:iam::*:user/${aws:username}", ALICE, True),
]  # fmt: skip
"""The same with ME in the context."""
