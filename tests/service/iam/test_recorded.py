"""What the journal has of IAM: who did what to whom; no secret, document or description."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import World
from tests.faults.commands import ended, separately
from tests.faults.test_canary import PLAIN, assert_nowhere, spellings
from tests.service.conftest import Fields, Told
from tests.service.iam.conftest import ACCOUNT, READ, TRUST, Iam

POLICY = f"{ACCOUNT}:policy/read"


@pytest.fixture
def journal(world: World, iam: Iam) -> Told:
    """The journal of a vault with a user, a group, a role and a policy."""
    iam("CreateUser", UserName="ci")
    iam("CreateGroup", GroupName="readers")
    iam("CreateRole", RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    iam("CreatePolicy", PolicyName="read", PolicyDocument=READ)
    told = Told(world)
    told.lines()
    return told


def last(journal: Told) -> Fields:
    """Return the newest record."""
    return journal.events()[-1]


def test_a_change_is_an_intent_and_an_outcome(iam: Iam, journal: Told) -> None:
    """As CloudTrail has it: source, parameters, answer, and the resource with its type."""
    tags = [{"Key": "team", "Value": PLAIN}]
    made = iam("CreateUser", UserName="new", Path="/eng/", Tags=tags)["User"]
    intent, outcome = journal.events()
    assert (intent["eventSource"], intent["eventName"]) == ("iam.amazonaws.com", "CreateUser")
    assert intent["responseElements"] is None
    assert outcome["requestParameters"] == {
        "userName": "new",
        "path": "/eng/",
        "tags": [{"key": "team"}],
    }
    assert outcome["responseElements"] == {
        "user": {
            "path": "/eng/",
            "userName": "new",
            "userId": made["UserId"],
            "arn": made["Arn"],
            "createDate": "Nov 14, 2023 10:13:20 PM",
        }
    }
    assert outcome["resources"] == [
        {"accountId": "000000000000", "type": "AWS::IAM::User", "ARN": made["Arn"]}
    ]


def test_an_access_key_is_recorded_without_its_secret(iam: Iam, journal: Told) -> None:
    """Its id and whose it is."""
    key = iam("CreateAccessKey", UserName="ci")["AccessKey"]
    said = last(journal)
    assert said["responseElements"] == {
        "accessKey": {
            "userName": "ci",
            "accessKeyId": key["AccessKeyId"],
            "status": "Active",
            "createDate": "Nov 14, 2023 10:13:20 PM",
        }
    }
    assert key["SecretAccessKey"] not in json.dumps(said)
    change = {"UserName": "ci", "AccessKeyId": key["AccessKeyId"]}
    iam("UpdateAccessKey", Status="Inactive", **change)
    expected = {"userName": "ci", "accessKeyId": key["AccessKeyId"], "status": "Inactive"}
    assert last(journal)["requestParameters"] == expected


@pytest.mark.parametrize(
    ("operation", "given", "kept", "types"),
    [
        ("PutUserPolicy", {"UserName": "ci", "PolicyName": "own"}, {}, ["User"]),
        ("PutGroupPolicy", {"GroupName": "readers", "PolicyName": "own"}, {}, ["Group"]),
        ("PutRolePolicy", {"RoleName": "deploy", "PolicyName": "own"}, {}, ["Role"]),
        ("CreatePolicyVersion", {"PolicyArn": POLICY}, {"versionId": "v2"}, ["ManagedPolicy"]),
    ],
)
def test_a_document_is_not_recorded(
    iam: Iam, journal: Told, operation: str, given: Any, kept: Any, types: list[str]
) -> None:
    """Whatever it hangs on."""
    document = {**READ, "Statement": [{**READ["Statement"][0], "Sid": PLAIN}]}
    iam(operation, PolicyDocument=document, **given)
    said = last(journal)
    assert said["requestParameters"] == {n[:1].lower() + n[1:]: v for n, v in given.items()}
    assert PLAIN not in json.dumps(said)
    response = said["responseElements"]
    assert (response is None) == (not kept)
    if isinstance(response, dict):
        assert kept.items() <= response["policyVersion"].items()
    assert resource_types(said) == types


def resource_types(said: Fields) -> list[str]:
    """Return the types of the resources, without what all begin with."""
    resources = said["resources"]
    assert isinstance(resources, list)
    return [each["type"].removeprefix("AWS::IAM::") for each in resources]


def test_who_is_attached_to_what_is_recorded(iam: Iam, journal: Told) -> None:
    """Both are resources, and both are found by ``audit lookup-events``."""
    iam("AttachUserPolicy", UserName="ci", PolicyArn=POLICY)
    said = last(journal)
    assert said["requestParameters"] == {"userName": "ci", "policyArn": POLICY}
    assert resource_types(said) == ["User", "ManagedPolicy"]
    iam("AddUserToGroup", UserName="ci", GroupName="readers")
    assert resource_types(last(journal)) == ["Group", "User"]


def test_a_reading_is_recorded_without_its_answer(iam: Iam, journal: Told) -> None:
    """One record each."""
    iam("GetRole", RoleName="deploy")
    iam("ListUsers", PathPrefix="/x/")
    found, listed = journal.events()
    assert (found["readOnly"], found["requestParameters"]) == (True, {"roleName": "deploy"})
    assert resource_types(found) == ["Role"]
    assert listed["requestParameters"] == {"pathPrefix": "/x/"}
    assert found["responseElements"] is None


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("GetUser", {"UserName": PLAIN}, "NoSuchEntity"),
        ("CreateUser", {"UserName": "CI"}, "EntityAlreadyExists"),
        ("CreatePolicy", {"PolicyName": "x", "PolicyDocument": PLAIN}, "MalformedPolicyDocument"),
        ("CreateUser", {"UserName": "a b"}, "ValidationError"),
        ("GetPolicy", {"PolicyArn": f"{ACCOUNT}:policy/{PLAIN}"}, "NoSuchEntity"),
        ("DeletePolicyVersion", {"PolicyArn": POLICY, "VersionId": "v1"}, "DeleteConflict"),
        ("ListUsers", {"Marker": PLAIN}, "ValidationError"),
    ],
)
def test_a_refusal_has_its_code_and_one_sentence(
    iam: Iam, journal: Told, operation: str, given: Any, code: str
) -> None:
    """What was typed in is not kept; what was found is named as a resource."""
    iam.refusal(operation, **given)
    said = last(journal)
    assert said["errorCode"] == code
    assert str(said["errorMessage"]).endswith(".")
    assert said["requestParameters"] is None
    assert PLAIN not in json.dumps(said)
    expected = {"EntityAlreadyExists": ["User"], "DeleteConflict": ["ManagedPolicy"]}
    assert (resource_types(said) if "resources" in said else []) == expected.get(code, [])


def test_a_person_sees_who_it_was_about(world: World, iam: Iam, journal: Told) -> None:
    """``audit lookup-events`` shows the user where secrets have their name."""
    iam("CreateAccessKey", UserName="ci")
    assert journal.events()
    iam.session.vault.close()
    table = ended(world, "audit", "lookup-events", "--output", "table").stdout
    assert "user/ci" in table
    asked = ("audit", "lookup-events", "--lookup-attributes")
    words = (*asked, "AttributeKey=ResourceType,AttributeValue=AWS::IAM::User")
    found = json.loads(ended(world, *words, "--output", "json").stdout)["Events"]
    assert [each["EventName"] for each in found] == ["CreateAccessKey", "CreateUser"]


def test_a_secret_access_key_is_in_its_answer_alone(world: World, tmp_path: Path) -> None:
    """No file of the home holds it, in any spelling; nor documents, descriptions, tag values."""
    document = {**READ, "Statement": [{**READ["Statement"][0], "Sid": PLAIN}]}
    trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Sid": PLAIN}]}
    paths = {}
    for name, content in (("policy", document), ("trust", trust)):
        paths[name] = f"file://{tmp_path / name}"
        (tmp_path / name).write_text(json.dumps(content))
    tags = ("--tags", f"Key=k,Value={PLAIN}")
    separately(world, ["init"])
    ends = [
        separately(world, ["iam", *words])
        for words in (
            ["create-user", "--user-name", "ci", *tags],
            ["create-access-key", "--user-name", "ci"],
            [
                *("put-user-policy", "--user-name", "ci", "--policy-name", "own"),
                *("--policy-document", paths["policy"]),
            ],
            [
                *("create-role", "--role-name", "r", "--description", PLAIN, *tags),
                *("--assume-role-policy-document", paths["trust"]),
            ],
            ["get-role", "--role-name", "r"],
            ["get-user-policy", "--user-name", "ci", "--policy-name", "own"],
            ["list-access-keys", "--user-name", "ci"],
            ["create-user", "--user-name", PLAIN * 8],
            ["get-user", "--user-name", "x", PLAIN],
        )
    ]
    assert [done.status for done in ends] == [*[0] * 7, 254, 252]
    assert_nowhere(world, *ends)
    secret = json.loads(ends[1].stdout)["AccessKey"]["SecretAccessKey"]
    needles = spellings(secret)
    for path in (path for path in world.home.rglob("*") if path.is_file()):
        assert not [needle for needle in needles if needle in path.read_bytes()], path
    assert [secret in done.stdout for done in ends] == [False, True, *[False] * 7]
