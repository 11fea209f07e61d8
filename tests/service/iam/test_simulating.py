"""``policy simulate`` against the vault: what all policies in force say, resource policies too."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from secretctl.errors import ServiceError
from secretctl.model.iam.simulating import SIMULATE
from secretctl.service.dispatch import call
from secretctl.service.session import Session
from tests.conftest import Service, World
from tests.service.conftest import Told
from tests.service.iam.conftest import ACCOUNT, READ, TRUST, Iam
from tests.service.iam.test_simulation import APP, CI, GET, READERS, document, entry

PUT = "secretsmanager:PutSecretValue"
Case = dict[str, Any]


@pytest.fixture
def people(service: Service, iam: Iam) -> Iam:
    """A secret ``prod/db``, a user ``ci`` in a group ``readers``, and a role ``app``."""
    service("CreateSecret", Name="prod/db", SecretString="v", Tags=[{"Key": "env", "Value": "x"}])
    iam("CreateUser", UserName="ci", Tags=[{"Key": "team", "Value": "a"}])
    iam("CreateGroup", GroupName="readers")
    iam("AddUserToGroup", UserName="ci", GroupName="readers")
    iam("CreateRole", RoleName="app", AssumeRolePolicyDocument=TRUST)
    return iam


def simulated(of: Iam, arn: str = CI, **given: object) -> list[Case]:
    """Return the cases that are answered."""
    asked = {"ActionNames": [GET], "ResourceArns": ["prod/db"], **given}
    cases = call(of.session, SIMULATE, {"PolicySourceArn": arn, **asked})["Cases"]
    assert isinstance(cases, list)
    return cases


def one(of: Iam, arn: str = CI, **given: object) -> Case:
    """Return the only case."""
    (case,) = simulated(of, arn, **given)
    return case


def secret_arn(service: Service) -> str:
    """Return the ARN of ``prod/db``."""
    return str(service("DescribeSecret", SecretId="prod/db")["ARN"])


def test_each_action_is_decided_on_each_resource(people: Iam, service: Service) -> None:
    """In the order in which they are given; a name stands for the secret's ARN."""
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    elsewhere = "arn:aws:secretsmanager:us-east-1:000000000000:secret:none-AbCdEf"
    found = simulated(people, ActionNames=[GET, PUT], ResourceArns=["prod/db", elsewhere])
    assert [(each["action"], each["resourceArn"], each["decision"]) for each in found] == [
        (GET, secret_arn(service), "Allowed"),
        (GET, elsewhere, "Allowed"),
        (PUT, secret_arn(service), "ImplicitlyDenied"),
        (PUT, elsewhere, "ImplicitlyDenied"),
    ]


def test_each_type_of_policy_and_each_statement_is_told(people: Iam, service: Service) -> None:
    """Whose policy it is, and of a resource policy what it is attached to."""
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    people("PutGroupPolicy", GroupName="readers", PolicyName="own", PolicyDocument=READ)
    made = people("CreatePolicy", PolicyName="read", PolicyDocument=READ)["Policy"]["Arn"]
    people("AttachUserPolicy", UserName="ci", PolicyArn=made)
    shared = json.dumps(document(Sid="All", Principal={"AWS": CI}))
    service("PutResourcePolicy", SecretId="prod/db", ResourcePolicy=shared)
    case = one(people)
    assert (case["identity"], case["resource"], case["sameAccount"]) == ("Allowed", "Allowed", True)
    common = {"statement": 0, "effect": "Allow"}
    assert case["decidingStatements"] == [
        {"policyType": "identity", "policy": "own", **common},
        {"policyType": "identity", "policy": made, **common},
        {"policyType": "identity", "policy": "own", **common, "group": "readers"},
        {"policyType": "resource", "policy": secret_arn(service), **common, "sid": "All"},
    ]


def test_a_denial_of_the_secrets_policy_is_taken_from_the_vault(
    people: Iam, service: Service
) -> None:
    """By name, by ARN and by partial ARN; in another region it is another secret."""
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    shared = json.dumps(document(Effect="Deny", Principal={"AWS": CI}))
    service("PutResourcePolicy", SecretId="prod/db", ResourcePolicy=shared)
    arn = secret_arn(service)
    for given in ("prod/db", arn, arn[:-7]):
        case = one(people, ResourceArns=[given])
        assert (case["resourceArn"], case["decision"]) == (arn, "ExplicitlyDenied")
        assert "with an explicit deny in a resource-based policy" in case["message"]
    elsewhere = arn.replace("us-east-1", "eu-west-1")
    assert one(people, ResourceArns=[elsewhere])["decision"] == "Allowed"
    there = service.in_region("eu-west-1")
    made = str(there("CreateSecret", Name="only-there", SecretString="v")["ARN"])
    there("PutResourcePolicy", SecretId="only-there", ResourcePolicy=shared)
    assert one(people, ResourceArns=[made])["decision"] == "ExplicitlyDenied"
    with pytest.raises(ServiceError, match="can't find the specified secret"):
        one(people, ResourceArns=["only-there"])


def test_what_the_vault_knows_is_not_in_the_context(people: Iam) -> None:
    """Tags of the user and of the secret, its name: all are missing until they are given."""
    asking = {
        "StringEquals": {"aws:PrincipalTag/team": "a", "secretsmanager:ResourceTag/env": "x"},
        "StringLike": {"aws:username": "c?"},
    }
    asked = document(Condition=asking)
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=asked)
    keys = ["aws:PrincipalTag/team", "aws:username", "secretsmanager:ResourceTag/env"]
    case = one(people)
    assert (case["decision"], case["missingContextKeys"]) == ("ImplicitlyDenied", keys)
    assert sorted(each["key"] for each in case["failedConditions"]) == keys
    given = [entry(keys[0], "a"), entry(keys[1], "ci"), entry(keys[2], "x")]
    case = one(people, ContextEntries=given)
    assert (case["decision"], case["missingContextKeys"]) == ("Allowed", [])


def test_a_role_asks_as_any_of_its_sessions(people: Iam, service: Service) -> None:
    """Its own ARN in a resource policy means them all."""
    shared = json.dumps(document(Principal={"AWS": APP}))
    service("PutResourcePolicy", SecretId="prod/db", ResourcePolicy=shared)
    assert one(people, APP)["decision"] == "Allowed"
    assert one(people, READERS)["decision"] == "ImplicitlyDenied"


def test_a_boundary_is_told_as_a_type_of_its_own(people: Iam) -> None:
    """By its ARN."""
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    denied = document(Effect="Deny", Sid="never")
    made = people("CreatePolicy", PolicyName="at-most", PolicyDocument=denied)["Policy"]["Arn"]
    people("PutUserPermissionsBoundary", UserName="ci", PermissionsBoundary=made)
    case = one(people)
    assert (case["identity"], case["boundary"]) == ("Allowed", "ExplicitlyDenied")
    (statement,) = case["decidingStatements"]
    assert (statement["policyType"], statement["policy"]) == ("boundary", made)


def test_a_role_that_is_to_be_assumed_has_its_trust_policy(people: Iam) -> None:
    """It must allow as well, unless it names the user itself."""
    asked: dict[str, Any] = {"ActionNames": ["sts:AssumeRole"], "ResourceArns": [APP]}
    assert one(people, **asked)["decision"] == "ImplicitlyDenied"
    allowed = document(Action="sts:AssumeRole")
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=allowed)
    assert one(people, **asked)["decision"] == "Allowed"
    others = json.loads(json.dumps(TRUST).replace(f"{ACCOUNT}:root", APP))
    people("UpdateAssumeRolePolicy", RoleName="app", PolicyDocument=others)
    assert one(people, **asked)["decision"] == "ImplicitlyDenied"
    denied = json.loads(json.dumps(TRUST).replace("Allow", "Deny"))
    people("UpdateAssumeRolePolicy", RoleName="app", PolicyDocument=denied)
    case = one(people, **asked)
    assert (case["decision"], case["decidingStatements"][0]["policy"]) == ("ExplicitlyDenied", APP)
    people(
        "PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=document(Action="iam:*")
    )
    asked["ActionNames"] = ["iam:GetRole"]
    assert one(people, **asked)["decision"] == "Allowed"


def test_a_principal_asks_with_permissions_for_all_that_is_read(
    people: Iam, as_user: Callable[[str], Session], world: World
) -> None:
    """The permission of AWS's simulator, and those for each policy that has a say."""
    theirs = Iam(as_user("ci"))
    allowed: list[dict[str, object]] = []

    def allow(action: str) -> None:
        allowed.append({"Effect": "Allow", "Action": action, "Resource": "*"})
        whole = {"Version": "2012-10-17", "Statement": allowed}
        people("PutUserPolicy", UserName="ci", PolicyName="all", PolicyDocument=whole)

    told = Told(world)
    asked: dict[str, Any] = {"ActionNames": ["sts:AssumeRole"], "ResourceArns": [APP, "prod/db"]}
    needed = ("iam:SimulatePrincipalPolicy", "secretsmanager:GetResourcePolicy", "iam:GetRole")
    allow("sts:AssumeRole")
    for action in needed:
        with pytest.raises(ServiceError, match=f"not authorized to perform: {action} "):
            simulated(theirs, **asked)
        decision = told.events()[-1]["additionalEventData"]["decision"]  # type: ignore[index]  # a record
        assert (decision["allowed"], decision["action"]) == (False, action)
        allow(action)
    assert [each["decision"] for each in simulated(theirs, **asked)] == ["Allowed", "Allowed"]
    event = told.events()[-1]
    assert event["eventName"] == "SimulatePrincipalPolicy"
    decision = event["additionalEventData"]["decision"]  # type: ignore[index]  # a record
    assert (decision["action"], decision["resource"]) == (needed[0], CI)
    assert f"{ACCOUNT}:user/ci" in json.dumps(event["resources"])
