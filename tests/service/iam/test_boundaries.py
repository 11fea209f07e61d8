"""Permissions boundaries of users and roles."""

import pytest

from tests.service.iam.conftest import ACCOUNT, READ, TRUST, Iam, names

KINDS = ("User", "Role")
NONE = f"{ACCOUNT}:policy/none"


def new(kind: str, **more: object) -> dict[str, object]:
    """Return the parameters that make a user or role."""
    trust = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
    return {f"{kind}Name": "x", **trust, **more}


def boundary_of(iam: Iam, kind: str) -> object:
    """Return what is shown of the boundary."""
    found = iam(f"Get{kind}", **{f"{kind}Name": "x"})[kind]
    return found.get("PermissionsBoundary")


def shown(arn: str) -> dict[str, str]:
    """Return a boundary as it is shown."""
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


@pytest.mark.parametrize("kind", KINDS)
def test_a_boundary_is_set_replaced_and_taken_away(iam: Iam, policy: str, kind: str) -> None:
    """It is shown by Get, not by lists; to take away one that is not there is no error."""
    iam(f"Create{kind}", **new(kind))
    assert boundary_of(iam, kind) is None
    given = {f"{kind}Name": "x"}
    other = iam("CreatePolicy", PolicyName="other", PolicyDocument=READ)["Policy"]["Arn"]
    for arn in (policy, other):
        iam(f"Put{kind}PermissionsBoundary", PermissionsBoundary=arn, **given)
        assert boundary_of(iam, kind) == shown(arn)
    assert "PermissionsBoundary" not in iam(f"List{kind}s")[f"{kind}s"][0]
    for _ in range(2):
        iam(f"Delete{kind}PermissionsBoundary", **given)
        assert boundary_of(iam, kind) is None


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_is_made_may_be_bounded_from_the_start(iam: Iam, policy: str, kind: str) -> None:
    """The answer shows it; a policy that is not there is refused, and nobody is made."""
    refused = iam.refusal(f"Create{kind}", **new(kind, PermissionsBoundary=NONE))
    assert refused == ("NoSuchEntity", f"Scope ARN: {NONE} does not exist or is not attachable.")
    made = iam(f"Create{kind}", **new(kind, PermissionsBoundary=policy))[kind]
    assert made["PermissionsBoundary"] == shown(policy) == boundary_of(iam, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (NONE, "NoSuchEntity"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "NoSuchEntity"),
        (f"{ACCOUNT}:user/somebody-else", "InvalidInput"),
        ("no-arn-though-long-enough", "ValidationError"),
    ],
)
def test_what_is_no_policy_of_the_account_bounds_nobody(
    iam: Iam, kind: str, arn: str, code: str
) -> None:
    """A boundary that is not there would let nothing through."""
    iam(f"Create{kind}", **new(kind))
    put = f"Put{kind}PermissionsBoundary"
    assert iam.refusal(put, PermissionsBoundary=arn, **{f"{kind}Name": "x"})[0] == code
    assert boundary_of(iam, kind) is None


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_who_is_not_there_is_not_bounded(iam: Iam, policy: str, kind: str) -> None:
    """The name is told."""
    given = {f"{kind}Name": "nobody"}
    sentence = f"The {kind.lower()} with name nobody cannot be found."
    for operation, more in (("Put", {"PermissionsBoundary": policy}), ("Delete", {})):
        refused = iam.refusal(f"{operation}{kind}PermissionsBoundary", **given, **more)
        assert refused == ("NoSuchEntity", sentence)


def test_a_policy_that_bounds_somebody_counts_and_cannot_be_deleted(iam: Iam, policy: str) -> None:
    """Nor is it attached; deleting the user lets it go."""
    iam("CreatePolicy", PolicyName="idle", PolicyDocument=READ)
    iam("CreateUser", **new("User", PermissionsBoundary=policy))
    found = iam("GetPolicy", PolicyArn=policy)["Policy"]
    assert (found["AttachmentCount"], found["PermissionsBoundaryUsageCount"]) == (0, 1)
    for given, expected in (
        ({}, ["idle", "read"]),
        ({"PolicyUsageFilter": "PermissionsPolicy"}, ["idle", "read"]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, ["read"]),
        ({"OnlyAttached": True}, []),
        ({"OnlyAttached": True, "PolicyUsageFilter": "PermissionsBoundary"}, ["read"]),
    ):
        assert names(iam("ListPolicies", **given), "Policies", "PolicyName") == expected
    conflict = ("DeleteConflict", "Cannot delete a policy attached to entities.")
    assert iam.refusal("DeletePolicy", PolicyArn=policy) == conflict
    iam("DeleteUser", UserName="x")
    iam("DeletePolicy", PolicyArn=policy)
