"""What bounds policies: its sentences, for each type that AWS has.

Boundaries and session policies are in the vault; an organization's policies and those of an
endpoint are only ever simulated.
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import json
from pathlib import Path

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy
from tests.access.test_sentences import ALICE, ASSUME, GET, READ, SESSION, TRUST_ALICE, make_role

BOUND = f"arn:aws:iam::{ACCOUNT}:policy/bound"
OTHER = "secretsmanager:DescribeSecret"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:app/db-AbCdEf"
ORGANIZATION = "arn:aws:organizations::111111111111:policy/o-example/service_control_policy/p-1"


def make_policy(root: Account, *statements: dict[str, object]) -> None:
    """Make the managed policy that bounds."""
    text = policy(*statements)
    root.must("iam", "create-policy", "--policy-name", "bound", "--policy-document", text)


def bounded(root: Account, kind: str, name: str, *statements: dict[str, object]) -> None:
    """Bound a user or role."""
    make_policy(root, *statements)
    words = (f"--{kind}-name", name, "--permissions-boundary", BOUND)
    root.must("iam", f"put-{kind}-permissions-boundary", *words)


CASES = [
    ([allow(OTHER)], f"because no permissions boundary allows the {GET} action"),
    ([allow("*"), deny(GET)], f"with an explicit deny in a permissions boundary: {BOUND}"),
    ([allow(GET)], ""),
]


@pytest.mark.parametrize(("statements", "reason"), CASES)
def test_a_boundary_of_a_user(
    root: Account, user: Account, statements: list[dict[str, object]], reason: str
) -> None:
    """It must allow as well, and gives nothing by itself."""
    bounded(root, "user", "alice", *statements)
    assert "because no identity-based policy" in user(*READ).sentence or "explicit" in reason
    root.allow("alice", allow(GET))
    said = user(*READ)
    assert said.status == (254 if reason else 0)
    assert not reason or said.sentence == f"{ALICE}{GET} on resource: app/db {reason}"
    root.must("iam", "delete-user-permissions-boundary", "--user-name", "alice")
    user.must(*READ)


@pytest.mark.parametrize(("statements", "reason"), CASES)
def test_a_boundary_of_a_role(
    root: Account, user: Account, statements: list[dict[str, object]], reason: str
) -> None:
    """It holds for sessions that have begun already."""
    make_role(root, TRUST_ALICE)
    session = root.holding(user.must(*ASSUME)["Credentials"])
    session.must(*READ)
    bounded(root, "role", "deploy", *statements)
    said = session(*READ)
    assert said.status == (254 if reason else 0)
    assert not reason or said.sentence == f"{SESSION}: {GET} on resource: app/db {reason}"


def test_a_boundary_bounds_what_the_secret_gives(root: Account, user: Account) -> None:
    """Its policy alone does not get somebody over it."""
    bounded(root, "user", "alice", allow(OTHER))
    given = policy(allow(GET, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}))
    root.must("put-resource-policy", "--secret-id", "app/db", "--resource-policy", given)
    assert "because no permissions boundary allows" in user(*READ).sentence
    root.must("iam", "delete-user-permissions-boundary", "--user-name", "alice")
    user.must(*READ)


def test_a_boundary_whose_file_is_not_in_force_lets_nothing_through(
    root: Account, user: Account
) -> None:
    """As with any policy that has a say."""
    bounded(root, "user", "alice", allow("*"))
    root.allow("alice", allow("*"))
    user.must(*READ)
    directory = Path(root.context.environ["HOME"], ".local/share/secretctl/default")
    (directory / "policies/bound.json").write_text(policy(allow("secretsmanager:*")))
    said = user(*READ)
    assert said.status == 253
    assert "the file of the policy bound was changed and is not in force" in said.err


def test_a_managed_policy_of_a_session_is_named(root: Account, user: Account) -> None:
    """One that was given in full has no ARN to be named."""
    make_role(root, TRUST_ALICE)
    make_policy(root, allow("*"), deny(GET))
    begun = user.must(*ASSUME, "--policy-arns", f"arn={BOUND}")["Credentials"]
    assert root.holding(begun)(*READ).sentence == (
        f"{SESSION}: {GET} on resource: app/db with an explicit deny in a session policy: {BOUND}"
    )
    decided = root("audit", "tail", "-n", "1").out
    assert f'"policyType":"session","policy":"{BOUND}","statement":1' in decided


def test_who_can_knows_boundaries(root: Account, user: Account) -> None:
    """Who is bounded short of the action cannot; of others what bounds them is told."""
    root.allow("alice", allow(GET))
    bounded(root, "user", "alice", allow(OTHER))
    asked = ("policy", "who-can", GET, "app/db")
    assert "user/alice" not in root(*asked).out
    condition = {"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}
    root.must("iam", "delete-user-permissions-boundary", "--user-name", "alice")
    root.must("iam", "delete-policy", "--policy-arn", BOUND)
    bounded(root, "user", "alice", allow(GET, Condition=condition))
    entry = root.must(*asked)["Principals"][1]
    assert entry["Within"] == [
        {
            "PolicyType": "boundary",
            "Policy": BOUND,
            "Statement": 0,
            "Conditions": [{"Operator": "StringEquals", "Key": "secretsmanager:VersionStage"}],
        }
    ]
    assert user(*READ, "--version-stage", "AWSCURRENT").status == 0
    assert user(*READ).status == 254


def test_simulations_know_the_boundary_in_force(root: Account) -> None:
    """Both of them; one that is given takes its place, as on AWS."""
    root.must("iam", "create-user", "--user-name", "alice")
    root.allow("alice", allow(GET))
    bounded(root, "user", "alice", allow(OTHER))
    arn = f"arn:aws:iam::{ACCOUNT}:user/alice"
    ours = ("policy", "simulate", "--principal-arn", arn, "--action-names", GET)
    said = root.must(*ours)
    assert (said["decision"], said["identity"], said["boundary"]) == (
        "ImplicitlyDenied",
        "Allowed",
        "ImplicitlyDenied",
    )
    assert "because no permissions boundary allows" in said["message"]
    aws = ("iam", "simulate-principal-policy", "--policy-source-arn", arn, "--action-names", GET)
    (result,) = root.must(*aws)["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    details = "PermissionsBoundaryDecisionDetail"
    assert result[details] == {"AllowedByPermissionsBoundary": False}
    given = ("--permissions-boundary-policy-input-list", policy(allow(GET)))
    (result,) = root.must(*aws, *given)["EvaluationResults"]
    assert (result["EvalDecision"], result[details]["AllowedByPermissionsBoundary"]) == (
        "allowed",
        True,
    )


def simulated(root: Account, tmp_path: Path, **limits: object) -> dict[str, object]:
    """Return the answer to a case in which the identity policy allows everything."""
    case = {
        "action": GET,
        "resource": SECRET,
        "principal": f"arn:aws:iam::{ACCOUNT}:user/alice",
        "identityPolicies": [json.loads(policy(allow("*")))],
        "resourcePolicy": None,
        "context": {},
        **limits,
    }
    (tmp_path / "case.json").write_text(json.dumps(case))
    return root.must("policy", "simulate", "--input", str(tmp_path / "case.json"))


def read(*statements: dict[str, object]) -> object:
    """Return a policy as a case has it."""
    return json.loads(policy(*statements))


ANYBODY = {"Principal": "*"}
NOT_ALLOWED = read(allow(OTHER))
DENIED = read(allow("*"), deny(GET))
OPEN_NOT_ALLOWED = read(allow(OTHER, **ANYBODY))
OPEN_DENIED = read(allow("*", **ANYBODY), deny(GET, **ANYBODY))
NAMED = {"arn": ORGANIZATION, "document": DENIED}
OPEN_NAMED = {"arn": ORGANIZATION, "document": OPEN_DENIED}


@pytest.mark.parametrize(
    ("member", "given", "reason"),
    [
        ("permissionsBoundary", NOT_ALLOWED, "because no permissions boundary allows"),
        ("permissionsBoundary", DENIED, "with an explicit deny in a permissions boundary"),
        ("sessionPolicies", [NOT_ALLOWED], "because no session policy allows"),
        ("sessionPolicies", [DENIED], "with an explicit deny in a session policy"),
        ("serviceControlPolicies", [NOT_ALLOWED], "because no service control policy allows"),
        ("serviceControlPolicies", [DENIED], "with an explicit deny in a service control policy"),
        (
            "serviceControlPolicies",
            [NOT_ALLOWED, NAMED],
            f"with an explicit deny in a service control policy: {ORGANIZATION}",
        ),
        (
            "resourceControlPolicies",
            [OPEN_DENIED],
            "with an explicit deny in a resource control policy",
        ),
        (
            "resourceControlPolicies",
            [OPEN_NAMED],
            f"with an explicit deny in a resource control policy: {ORGANIZATION}",
        ),
        ("endpointPolicy", OPEN_NOT_ALLOWED, "because no VPC endpoint policy allows"),
        ("endpointPolicy", OPEN_DENIED, "with an explicit deny in a VPC endpoint policy"),
        ("endpointPolicy", OPEN_NAMED, "with an explicit deny in a VPC endpoint policy"),
    ],
)
def test_the_sentence_of_each_limit(
    root: Account, tmp_path: Path, member: str, given: object, reason: str
) -> None:
    """That none allows, or that one denies, with its ARN if it has one; no endpoint's has."""
    end = f" the {GET} action" if reason.endswith("allows") else ""
    message = simulated(root, tmp_path, **{member: given})["message"]
    assert message == f"{ALICE}{GET} on resource: {SECRET} {reason}{end}"


@pytest.mark.parametrize(
    ("member", "given"),
    [
        ("permissionsBoundary", read(allow("*"))),
        ("sessionPolicies", [NOT_ALLOWED, read(allow("*"))]),
        ("serviceControlPolicies", [NOT_ALLOWED, read(allow("*"))]),
        ("serviceControlPolicies", []),
        ("resourceControlPolicies", [OPEN_NOT_ALLOWED]),
        ("endpointPolicy", read(allow("*", **ANYBODY))),
        ("endpointPolicy", None),
    ],
)
def test_limits_that_let_through(root: Account, tmp_path: Path, member: str, given: object) -> None:
    """One of several is enough; policies that control resources take away, and need not allow."""
    assert simulated(root, tmp_path, **{member: given})["decision"] == "Allowed"
