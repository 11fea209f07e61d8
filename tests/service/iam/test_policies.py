"""Managed policies and their versions."""

import json
import re
from typing import Any

import pytest

from tests.conftest import Clock, World
from tests.service.iam.conftest import ACCOUNT, HOLDERS, READ, Iam, made, names

STATEMENT = READ["Statement"][0]
WRITE = {**READ, "Statement": {**STATEMENT, "Action": "secretsmanager:PutSecretValue"}}


@pytest.fixture
def clock(world: World) -> Clock:
    """The clock of the vault."""
    return world.clock


def changed(**elements: object) -> dict[str, Any]:
    """Return a policy whose statement is changed; None takes an element away."""
    kept = {name: value for name, value in {**STATEMENT, **elements}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [kept]}


def test_a_new_policy_is_shown_without_its_description(iam: Iam, clock: Clock) -> None:
    """GetPolicy has it, and Tags even where there are none; lists have neither."""
    shown = iam(
        "CreatePolicy",
        PolicyName="read",
        Path="/eng/",
        PolicyDocument=READ,
        Description="for reading",
        Tags=[{"Key": "a", "Value": "b"}],
    )["Policy"]
    assert shown["Arn"] == f"{ACCOUNT}:policy/eng/read"
    assert re.fullmatch("ANPA[A-Z2-7]{17}", shown["PolicyId"])
    assert (shown["DefaultVersionId"], shown["AttachmentCount"]) == ("v1", 0)
    assert shown["CreateDate"].timestamp() == clock.now_ms // 1000
    found = iam("GetPolicy", PolicyArn=shown["Arn"])["Policy"]
    assert found == {**shown, "Description": "for reading"}
    assert "Tags" in found
    del shown["Tags"]
    assert iam("ListPolicies")["Policies"] == [shown]
    iam("CreatePolicy", PolicyName="bare", PolicyDocument=READ)
    assert iam("GetPolicy", PolicyArn=f"{ACCOUNT}:policy/bare")["Policy"]["Tags"] == []


def test_a_name_is_one_policys_whatever_its_path_and_case(iam: Iam) -> None:
    """So its file is its own on a file system that does not tell case."""
    iam("CreatePolicy", PolicyName="read", PolicyDocument=READ)
    for name, path in (("READ", "/"), ("read", "/eng/")):
        assert iam.refusal("CreatePolicy", PolicyName=name, Path=path, PolicyDocument=READ) == (
            "EntityAlreadyExists",
            f"A policy called {name} already exists. Duplicate names are not allowed.",
        )


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("{", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ('{"Version":"2012-10-17","Version":"2012-10-17"}', "Syntax errors in policy."),
        ({"Version": "2012-10-17"}, "Syntax errors in policy."),
        (
            {**READ, "Version": "2008-10-17"},
            "Policy document must be version 2012-10-17 or greater.",
        ),
        ({"Statement": STATEMENT}, "Policy document must be version 2012-10-17 or greater."),
        (changed(Principal="*"), "Policy document should not specify a principal."),
        (changed(Resource=None), "Policy statement must contain resources."),
        (changed(Action=None), "Policy statement must contain actions."),
        (
            changed(Action="GetSecretValue"),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            {**READ, "Statement": [{**STATEMENT, "Sid": "a"}, {**STATEMENT, "Sid": "a"}]},
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (
            changed(Sid="a b"),
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
            "regular expression [0-9A-Za-z]*",
        ),
        (changed(Efect="Allow"), "Syntax errors in policy."),
        (changed(Condition={"StringEqual": {"a": "b"}}), "Syntax errors in policy."),
    ],
)
def test_what_is_no_policy_is_refused(
    iam: Iam, policy: str, document: object, sentence: str
) -> None:
    """As a policy and as a version of one; nothing of it is kept."""
    refused = ("MalformedPolicyDocument", sentence)
    assert iam.refusal("CreatePolicy", PolicyName="new", PolicyDocument=document) == refused
    assert iam.refusal("CreatePolicyVersion", PolicyArn=policy, PolicyDocument=document) == refused
    assert names(iam("ListPolicies"), "Policies", "PolicyName") == ["read"]
    assert len(iam("ListPolicyVersions", PolicyArn=policy)["Versions"]) == 1


def test_a_long_policy_is_refused(iam: Iam) -> None:
    """6,144 characters, white space not counted."""
    long = changed(Resource=["*" for _ in range(2000)])
    assert iam.refusal("CreatePolicy", PolicyName="p", PolicyDocument=long) == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )
    text = json.dumps(changed(Resource=["*" for _ in range(1400)])) + " " * 5000
    iam("CreatePolicy", PolicyName="p", PolicyDocument=text)


def test_versions_are_shown_newest_first(iam: Iam, policy: str, clock: Clock) -> None:
    """Documents are in GetPolicyVersion alone; UpdateDate is when another came into force."""
    clock.pass_ms(5000)
    version = iam("CreatePolicyVersion", PolicyArn=policy, PolicyDocument=WRITE)["PolicyVersion"]
    assert (version["VersionId"], version["IsDefaultVersion"]) == ("v2", False)
    listed = iam("ListPolicyVersions", PolicyArn=policy)["Versions"]
    assert [each["VersionId"] for each in listed] == ["v2", "v1"]
    assert [each["IsDefaultVersion"] for each in listed] == [False, True]
    found = iam("GetPolicyVersion", PolicyArn=policy, VersionId="v2")["PolicyVersion"]
    assert json.loads(found["Document"]) == WRITE
    before = iam("GetPolicy", PolicyArn=policy)["Policy"]
    iam("SetDefaultPolicyVersion", PolicyArn=policy, VersionId="v2")
    after = iam("GetPolicy", PolicyArn=policy)["Policy"]
    assert (before["DefaultVersionId"], after["DefaultVersionId"]) == ("v1", "v2")
    assert after["UpdateDate"].timestamp() == before["UpdateDate"].timestamp() + 5


def test_a_policy_has_five_versions_at_most(iam: Iam, policy: str) -> None:
    """A version that was deleted makes room, and its number is not given again."""
    more = {"PolicyArn": policy, "PolicyDocument": READ}
    for _ in range(4):
        iam("CreatePolicyVersion", **more)
    assert iam.refusal("CreatePolicyVersion", **more) == (
        "LimitExceeded",
        "A managed policy can have up to 5 versions. Before you create a new version, you must "
        "delete an existing version.",
    )
    iam("DeletePolicyVersion", PolicyArn=policy, VersionId="v5")
    added = iam("CreatePolicyVersion", SetAsDefault=True, **more)["PolicyVersion"]
    assert (added["VersionId"], added["IsDefaultVersion"]) == ("v6", True)


def test_the_version_in_force_is_not_deleted(iam: Iam, policy: str) -> None:
    """Nor one that is not there."""
    assert iam.refusal("DeletePolicyVersion", PolicyArn=policy, VersionId="v1") == (
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    )
    for operation in ("DeletePolicyVersion", "GetPolicyVersion", "SetDefaultPolicyVersion"):
        assert iam.refusal(operation, PolicyArn=policy, VersionId="v9") == (
            "NoSuchEntity",
            f"Policy {policy} version v9 does not exist or is not attachable.",
        )
        code, _ = iam.refusal(operation, PolicyArn=policy, VersionId="9")
        assert code == "ValidationError"


def test_a_policy_goes_with_its_last_version_once_nobody_has_it(iam: Iam, policy: str) -> None:
    """Attached policies and further versions hinder it."""
    user = made(iam, "User")
    iam("AttachUserPolicy", PolicyArn=policy, **user)
    iam("CreatePolicyVersion", PolicyArn=policy, PolicyDocument=READ)
    assert iam.refusal("DeletePolicy", PolicyArn=policy) == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )
    iam("DetachUserPolicy", PolicyArn=policy, **user)
    assert iam.refusal("DeletePolicy", PolicyArn=policy) == (
        "DeleteConflict",
        "This policy has more than one version. Before you delete a policy, you must delete the "
        "policy's versions. The default version is deleted with the policy.",
    )
    iam("DeletePolicyVersion", PolicyArn=policy, VersionId="v2")
    iam("DeletePolicy", PolicyArn=policy)
    assert iam("ListPolicies")["Policies"] == []


def test_lists_tell_how_often_a_policy_is_attached(iam: Iam, policy: str) -> None:
    """And can be limited to those, to a path, to a scope and to a use."""
    iam("CreatePolicy", PolicyName="idle", Path="/x/", PolicyDocument=READ)
    for word in HOLDERS:
        iam(f"Attach{word}Policy", PolicyArn=policy, **made(iam, word))
    listed = iam("ListPolicies")["Policies"]
    assert [(each["PolicyName"], each["AttachmentCount"]) for each in listed] == [
        ("idle", 0),
        ("read", 3),
    ]
    for limits, expected in (
        ({"OnlyAttached": True}, ["read"]),
        ({"OnlyAttached": False, "Scope": "Local"}, ["idle", "read"]),
        ({"PathPrefix": "/x/"}, ["idle"]),
        ({"Scope": "AWS"}, []),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, []),
    ):
        assert names(iam("ListPolicies", **limits), "Policies", "PolicyName") == expected


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (f"{ACCOUNT}:policy/none", ("NoSuchEntity", "Policy {} was not found.")),
        (f"{ACCOUNT}:policy/READ", ("NoSuchEntity", "Policy {} was not found.")),
        (f"{ACCOUNT}:policy/eng/read", ("NoSuchEntity", "Policy {} was not found.")),
        (
            "arn:aws:iam::aws:policy/AdministratorAccess",
            ("NoSuchEntity", "Policy {} was not found."),
        ),
        (f"{ACCOUNT}:user/read-and-more", ("InvalidInput", "ARN {} is not valid.")),
        ("a-name-of-20-letters-or-more", ("ValidationError", "Invalid ARN:  Could not be parsed!")),
    ],
)
@pytest.mark.usefixtures("policy")
def test_an_arn_that_means_no_policy_is_refused(
    iam: Iam, arn: str, expected: tuple[str, str]
) -> None:
    """AWS's own policies are not there either."""
    code, sentence = expected
    refused = (code, sentence.format(arn))
    assert iam.refusal("GetPolicy", PolicyArn=arn) == refused
    assert iam.refusal("DeletePolicy", PolicyArn=arn) == refused
    assert iam.refusal("ListPolicyVersions", PolicyArn=arn) == refused
