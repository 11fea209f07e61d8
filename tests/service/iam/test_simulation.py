"""What IAM's simulator answers: the engine's decisions about what it is given, in AWS's words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from secretctl.errors import PolicyFileError, ServiceError
from secretctl.policy import principal_names
from secretctl.policy.simulation import simulate
from secretctl.service.iam import simulated, simulation_results
from secretctl.service.session import Session
from tests.conftest import World
from tests.policy.drawn_cases import cases
from tests.service.conftest import Told
from tests.service.iam.conftest import ACCOUNT, READ, TRUST, Answer, Iam

GET, LIST = "secretsmanager:GetSecretValue", "secretsmanager:ListSecrets"
CI, READERS, APP = f"{ACCOUNT}:user/ci", f"{ACCOUNT}:group/readers", f"{ACCOUNT}:role/app"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db-AbCdEf"
OTHER = SECRET.replace("prod", "test")
ELSEWHERE = SECRET.replace("000000000000", "999999999999")
WORDS = {
    "Allowed": "allowed",
    "ImplicitlyDenied": "implicitDeny",
    "ExplicitlyDenied": "explicitDeny",
}


def document(**statement: object) -> dict[str, Any]:
    """Return a policy of one statement."""
    whole = {"Effect": "Allow", "Action": GET, "Resource": "*", **statement}
    return {"Version": "2012-10-17", "Statement": [whole]}


def texts(*documents: object) -> list[str]:
    """Return documents as their texts."""
    return [each if isinstance(each, str) else json.dumps(each) for each in documents]


def custom(iam: Iam, *policies: object, **given: Any) -> Answer:
    """Simulate policies; return the result for the first action."""
    asked = {"ActionNames": [GET], "ResourceArns": [SECRET], **given}
    answer = iam("SimulateCustomPolicy", PolicyInputList=texts(*policies), **asked)
    result: Answer = answer["EvaluationResults"][0]
    return result


def of_principal(iam: Iam, arn: str = CI, **given: Any) -> Answer:
    """Simulate what a principal may do; return the result for the first action."""
    asked = {"ActionNames": [GET], "ResourceArns": [SECRET], **given}
    answer = iam("SimulatePrincipalPolicy", PolicySourceArn=arn, **asked)
    result: Answer = answer["EvaluationResults"][0]
    return result


def sources(result: Answer) -> list[tuple[str, str]]:
    """Return type and id of the policies whose statements decided."""
    return [
        (each["SourcePolicyType"], each["SourcePolicyId"]) for each in result["MatchedStatements"]
    ]


def spans(result: Answer) -> list[tuple[int, ...]]:
    """Return where the statements that decided stand: line and column of both ends."""
    return [
        (*each["StartPosition"].values(), *each["EndPosition"].values())
        for each in result["MatchedStatements"]
    ]


def entry(name: str, *values: str, kind: str | None = None) -> dict[str, object]:
    """Return a context entry."""
    given: dict[str, object] = {"ContextKeyName": name, "ContextKeyValues": list(values)}
    return given if kind is None else {**given, "ContextKeyType": kind}


@pytest.fixture
def people(iam: Iam) -> Iam:
    """A user ``ci`` in a group ``readers``, and a role ``app``, none of whom may do anything."""
    iam("CreateUser", UserName="ci", Tags=[{"Key": "team", "Value": "a"}])
    iam("CreateGroup", GroupName="readers")
    iam("AddUserToGroup", UserName="ci", GroupName="readers")
    iam("CreateRole", RoleName="app", AssumeRolePolicyDocument=TRUST)
    return iam


def test_all_policies_of_a_user_have_a_say_and_are_named(people: Iam) -> None:
    """Its own, its groups', managed ones of both, and those that are given besides."""
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    people("PutGroupPolicy", GroupName="readers", PolicyName="shared", PolicyDocument=READ)
    made = people("CreatePolicy", PolicyName="read", PolicyDocument=READ)["Policy"]["Arn"]
    people("AttachGroupPolicy", GroupName="readers", PolicyArn=made)
    found = of_principal(people, PolicyInputList=texts(READ))
    assert found["EvalDecision"] == "allowed"
    own = [("user", "own"), ("group", "shared"), ("user-managed", "read")]
    assert sources(found) == [*own, ("none", "PolicyInputList.1")]
    assert sources(of_principal(people, READERS)) == own[1:]


def test_a_role_has_its_own_policies(people: Iam) -> None:
    """Its trust policy has no say in what it may do."""
    assert of_principal(people, APP)["EvalDecision"] == "implicitDeny"
    people("PutRolePolicy", RoleName="app", PolicyName="own", PolicyDocument=READ)
    assert sources(of_principal(people, APP)) == [("role", "own")]


def test_a_policy_that_is_not_in_force_is_not_simulated(people: Iam, world: World) -> None:
    """Nobody is told what a changed file would say."""
    made = people("CreatePolicy", PolicyName="read", PolicyDocument=READ)["Policy"]["Arn"]
    people("AttachUserPolicy", UserName="ci", PolicyArn=made)
    Path(world.directory, "policies/read.json").write_text(json.dumps(document(Effect="Deny")))
    with pytest.raises(PolicyFileError):
        of_principal(people)


LAID_OUT = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "codecommit:ListRepositories",
            "Condition": {},
            "Resource": "*"
        }, {"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"}
    ]
}"""


def test_positions_are_those_of_awss_example(iam: Iam) -> None:
    """A statement begins behind the mark before it and ends behind its brace, as AWS tells it."""
    asked = {"ActionNames": ["codecommit:ListRepositories"], "ResourceArns": ["*"]}
    assert spans(custom(iam, LAID_OUT, **asked)) == [(3, 19, 9, 10), (9, 11, 9, 74)]
    close = '{"Version": "2012-10-17", "Statement": {"Effect":"Allow","Action":"*","Resource":"*"}}'
    assert spans(custom(iam, close)) == [(1, 39, 1, len(close))]


def test_one_result_tells_of_all_resources(iam: Iam) -> None:
    """The most restrictive decision stands above, with the statements that made it."""
    policies = (document(), document(Effect="Deny", Resource=OTHER))
    found = custom(iam, *policies, ResourceArns=[SECRET, OTHER])
    assert (found["EvalDecision"], sources(found)) == (
        "explicitDeny",
        [("none", "PolicyInputList.2")],
    )
    assert found["EvalResourceName"].endswith(":secret:${SecretId}")
    allowed, denied = found["ResourceSpecificResults"]
    assert (allowed["EvalResourceName"], allowed["EvalResourceDecision"]) == (SECRET, "allowed")
    assert sources(allowed) == [("none", "PolicyInputList.1")]
    assert (denied["EvalResourceName"], denied["EvalResourceDecision"]) == (OTHER, "explicitDeny")


def test_of_several_decisions_only_those_that_count_are_explained(iam: Iam) -> None:
    """Where one resource is not allowed, what allows the other has decided nothing."""
    found = custom(iam, document(Resource=SECRET), ResourceArns=[SECRET, OTHER])
    assert (found["EvalDecision"], sources(found)) == ("implicitDeny", [])


def test_without_resources_all_are_meant(iam: Iam) -> None:
    """Then there is one result, without parts."""
    found = custom(iam, document(), ResourceArns=None)
    assert found["EvalDecision"] == "allowed"
    assert not {"ResourceSpecificResults", "EvalDecisionDetails"} & set(found)
    listing = custom(iam, document(), ActionNames=[LIST], ResourceArns=["*"])
    assert (listing["EvalResourceName"], listing["EvalDecision"]) == ("*", "implicitDeny")


ASKING = document(
    Resource="arn:aws:secretsmanager:*:*:secret:${aws:username}/*",
    Condition={
        "StringEquals": {"aws:PrincipalTag/team": "a", "aws:ResourceTag/env": "${aws:userid}"},
        "Null": {"aws:SourceIp": "true"},
    },
)


def test_nothing_is_added_to_the_context(people: Iam) -> None:
    """What the vault knows of a user is missing as long as it is not given; it is named, once."""
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=ASKING)
    secret = SECRET.replace("prod", "ci")
    found = of_principal(people, ResourceArns=[secret, secret])
    expected = [
        *("aws:PrincipalTag/team", "aws:ResourceTag/env", "aws:SourceIp"),
        *("aws:userid", "aws:username"),
    ]
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("implicitDeny", expected)
    assert found["ResourceSpecificResults"][0]["MissingContextValues"] == expected
    given = [
        *(entry("aws:username", "ci"), entry("aws:principaltag/TEAM", "a")),
        *(entry("aws:ResourceTag/env", "x"), entry("aws:userid", "x", kind="string")),
    ]
    found = of_principal(people, ResourceArns=[secret], ContextEntries=given)
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("allowed", ["aws:SourceIp"])


def test_keys_of_statements_about_something_else_are_not_missed(iam: Iam) -> None:
    """Only what could decide is asked for."""
    asks = {"Bool": {"aws:SecureTransport": "true"}}
    assert custom(iam, document(Condition=asks, Action=LIST))["MissingContextValues"] == []
    assert custom(iam, document(Condition=asks, Resource=OTHER))["MissingContextValues"] == []
    spared = document(Condition=asks, Resource=None, NotResource=SECRET)
    del spared["Statement"][0]["Resource"]
    assert custom(iam, spared)["MissingContextValues"] == []
    assert custom(iam, document(Condition=asks))["MissingContextValues"] == ["aws:SecureTransport"]


@pytest.mark.parametrize(
    ("operator", "wanted", "given"),
    [
        ("NumericLessThan", "5", entry("aws:k", "4", kind="numeric")),
        ("Bool", "true", entry("aws:k", "true", kind="boolean")),
        ("DateLessThan", "2030-01-01", entry("aws:k", "2026-01-01T00:00:00Z", kind="date")),
        ("IpAddress", "10.0.0.0/8", entry("aws:k", "10.1.2.3", kind="ip")),
        ("BinaryEquals", "YQ==", entry("aws:k", "YQ==", kind="binary")),
        ("ForAllValues:StringEquals", ["a", "b"], entry("aws:k", "b", "a", kind="stringList")),
        ("ForAnyValue:NumericEquals", "2", entry("aws:k", "1", "2")),
        ("ForAllValues:StringEquals", "a", entry("aws:k")),
    ],
)
def test_context_entries_are_what_conditions_see(
    iam: Iam, operator: str, wanted: object, given: dict[str, object]
) -> None:
    """Each type; a list is one where its type says so or there are several values."""
    asking = document(Condition={operator: {"aws:k": wanted}})
    assert custom(iam, asking, ContextEntries=[given])["EvalDecision"] == "allowed"


def test_a_boundary_gives_nothing_and_must_allow(iam: Iam) -> None:
    """It is told what it says, whatever the policies do."""
    bound = {"PermissionsBoundaryPolicyInputList": texts(document(Resource=SECRET))}
    found = custom(iam, document(), **bound)
    assert found["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    found = custom(iam, document(), **bound, ResourceArns=[SECRET, OTHER])
    assert found["EvalDecision"] == "implicitDeny"
    assert found["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    parts = [each["PermissionsBoundaryDecisionDetail"] for each in found["ResourceSpecificResults"]]
    assert [each["AllowedByPermissionsBoundary"] for each in parts] == [True, False]
    assert custom(iam, document(Action=LIST), **bound)["EvalDecision"] == "implicitDeny"


def test_a_boundary_in_force_bounds_unless_another_is_given(people: Iam) -> None:
    """That of the user itself, named like any managed policy."""
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    at_most = document(Resource=SECRET)
    made = people("CreatePolicy", PolicyName="at-most", PolicyDocument=at_most)["Policy"]["Arn"]
    people("PutUserPermissionsBoundary", UserName="ci", PermissionsBoundary=made)
    found = of_principal(people)
    assert found["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    assert sources(found) == [("user", "own"), ("user-managed", "at-most")]
    assert of_principal(people, ResourceArns=[OTHER])["EvalDecision"] == "implicitDeny"
    wider: dict[str, Any] = {"PermissionsBoundaryPolicyInputList": texts(document())}
    assert of_principal(people, ResourceArns=[OTHER], **wider)["EvalDecision"] == "allowed"


def shared(principal: str) -> dict[str, Any]:
    """Return a resource policy for somebody, as a parameter."""
    return {"ResourcePolicy": json.dumps(document(Principal={"AWS": principal}))}


def test_a_resource_policy_is_asked_of_the_caller(people: Iam) -> None:
    """Of the source itself, or of who is said to call with the source's policies."""
    found = of_principal(people, **shared(CI))
    assert (found["EvalDecision"], sources(found)) == ("allowed", [("resource", "ResourcePolicy")])
    assert (
        of_principal(people, **shared(CI), CallerArn=f"{ACCOUNT}:user/bob")["EvalDecision"]
        == "implicitDeny"
    )
    assert of_principal(people, READERS, **shared(CI), CallerArn=CI)["EvalDecision"] == "allowed"
    assert (
        custom(people, document(Action=LIST), **shared(CI), CallerArn=CI)["EvalDecision"]
        == "allowed"
    )


def test_across_accounts_both_must_allow_and_both_are_told(people: Iam) -> None:
    """Within one account the details are empty; a resource that tells no owner has one given."""
    assert of_principal(people)["EvalDecisionDetails"] == {}
    people("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    found = of_principal(people, ResourceArns=[ELSEWHERE, SECRET])
    assert found["EvalDecision"] == "implicitDeny"
    assert found["EvalDecisionDetails"] == {"identity": "allowed", "resource": "implicitDeny"}
    assert "EvalDecisionDetails" not in found["ResourceSpecificResults"][1]
    both: dict[str, Any] = {**shared(CI), "ResourceArns": [ELSEWHERE]}
    assert of_principal(people, **both)["EvalDecision"] == "allowed"
    for owner in ("999999999999", "arn:aws:iam::999999999999:root"):
        for resource in ("arn:aws:s3:::bucket", "*"):
            owned: dict[str, Any] = {"ResourceArns": [resource], "ResourceOwner": owner}
            assert of_principal(people, **owned)["EvalDecision"] == "implicitDeny"
    assert of_principal(people, ResourceArns=["arn:aws:s3:::bucket"])["EvalDecision"] == "allowed"


def test_policies_alone_are_asked_within_the_account_of_the_resource(iam: Iam) -> None:
    """Where nobody in particular calls, nobody is a stranger."""
    assert custom(iam, document(), ResourceArns=[ELSEWHERE])["EvalDecision"] == "allowed"
    found = custom(iam, document(), ResourceArns=[ELSEWHERE], CallerArn=CI)
    assert found["EvalDecision"] == "implicitDeny"


def test_pages_hold_results_and_markers_are_of_one_request(iam: Iam) -> None:
    """A result for each action, in the order in which they were named."""
    asked: dict[str, object] = {"PolicyInputList": texts(document()), "ResourceArns": [SECRET]}
    actions = [LIST, GET, "iam:GetUser"]
    first = iam("SimulateCustomPolicy", **asked, ActionNames=actions, MaxItems=2)
    assert [each["EvalActionName"] for each in first["EvaluationResults"]] == [LIST, GET]
    assert first["IsTruncated"]
    marker = first["Marker"]
    last = iam("SimulateCustomPolicy", **asked, ActionNames=actions, Marker=marker)
    assert [each["EvalActionName"] for each in last["EvaluationResults"]] == ["iam:GetUser"]
    assert not last["IsTruncated"]
    other = {**asked, "ActionNames": [LIST, GET], "Marker": marker}
    assert iam.refusal("SimulateCustomPolicy", **other)[0] == "ValidationError"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ActionNames": ["secretsmanager:Get*"]}, "An action name is SERVICE:NAME"),
        ({"ActionNames": ["GetSecretValue"]}, "An action name is SERVICE:NAME"),
        ({"ResourceArns": ["prod/db"]}, "A resource is an ARN, or *"),
        ({"PolicyInputList": ['{"hunter2"}']}, "Syntax errors in policy."),
        ({"PermissionsBoundaryPolicyInputList": ["{}"]}, "Syntax errors in policy."),
        (
            {"PermissionsBoundaryPolicyInputList": texts(READ, READ)},
            "Only one permissions boundary can be simulated.",
        ),
        ({"ResourcePolicy": json.dumps(READ)}, "Syntax errors in policy."),
        ({**shared(CI), "CallerArn": APP}, "Simulation of resource-based policies isn't"),
        ({"CallerArn": f"{ACCOUNT}:root"}, "The CallerArn is not that of a user, group or role."),
        (
            {"CallerArn": "arn:aws:sts::000000000000:assumed-role/app/s"},
            "The CallerArn is not that of a user, group or role.",
        ),
        ({"ResourceOwner": "nobody"}, "The ResourceOwner is not the ARN of an account"),
        ({"ContextEntries": [{"ContextKeyName": "aws:k"}]}, "A context entry has"),
        (
            {"ContextEntries": [entry("aws:k", "a"), entry("AWS:K", "b")]},
            "A context key is given twice",
        ),
        (
            {"ContextEntries": [entry("aws:k", "hunter2", kind="numericList")]},
            "A value of ContextKeyValues is not of its ContextKeyType.",
        ),
        (
            {"ContextEntries": [entry("aws:k", "a", "b", kind="string")]},
            "A key with several values",
        ),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    people: Iam, changes: dict[str, object], sentence: str
) -> None:
    """With a sentence that repeats nothing of it."""
    asked = {"PolicySourceArn": CI, "ActionNames": [GET], "ResourceArns": [SECRET], **changes}
    code, said = people.refusal("SimulatePrincipalPolicy", **asked)
    assert code == "InvalidInput"
    assert said.startswith(sentence)
    assert "hunter2" not in said


def test_a_resource_policy_needs_a_caller(people: Iam) -> None:
    """A group is nobody, and neither is a policy."""
    sentence = "CallerArn is required if you include a ResourcePolicy"
    asked: dict[str, object] = {"ActionNames": [GET], **shared(CI)}
    _, said = people.refusal("SimulatePrincipalPolicy", PolicySourceArn=READERS, **asked)
    assert said.startswith(sentence)
    _, said = people.refusal("SimulateCustomPolicy", PolicyInputList=texts(READ), **asked)
    assert said.startswith(sentence)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (f"{ACCOUNT}:user/eve", ("NoSuchEntity", "The user with name eve cannot be found.")),
        (f"{ACCOUNT}:user/eng/ci", ("NoSuchEntity", "The user with name ci cannot be found.")),
        (
            f"{ACCOUNT}:policy/read",
            ("InvalidInput", "Invalid Entity Arn: not that of a user, group or role."),
        ),
    ],
)
def test_whose_policies_are_asked_must_be_there(
    people: Iam, arn: str, expected: tuple[str, str]
) -> None:
    """With its exact ARN."""
    assert (
        people.refusal("SimulatePrincipalPolicy", PolicySourceArn=arn, ActionNames=[GET])
        == expected
    )


def test_asking_needs_its_permission_and_is_recorded(
    people: Iam, as_user: Callable[[str], Session], world: World
) -> None:
    """That about a principal on its ARN, that about policies on everything."""
    theirs = Iam(as_user("ci"))
    allowed = [{"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": CI}]
    document = {"Version": "2012-10-17", "Statement": allowed}
    people("PutUserPolicy", UserName="ci", PolicyName="all", PolicyDocument=document)
    told = Told(world)
    told.lines()
    assert sources(
        of_principal(theirs, ActionNames=["iam:SimulatePrincipalPolicy"], ResourceArns=[CI])
    ) == [("user", "all")]
    (event,) = told.events()[-1:]
    assert (event["eventName"], event["readOnly"]) == ("SimulatePrincipalPolicy", True)
    assert event["requestParameters"] == {
        "policySourceArn": CI,
        "actionNames": ["iam:SimulatePrincipalPolicy"],
    }
    not_allowed = "is not authorized to perform: iam:Simulate"
    with pytest.raises(ServiceError, match=f"{not_allowed}PrincipalPolicy on resource: {APP} "):
        of_principal(theirs, APP)
    with pytest.raises(ServiceError, match=f"{not_allowed}CustomPolicy on resource: \\* "):
        custom(theirs, READ)
    assert told.events()[-1]["errorCode"] == "AccessDenied"
    allowed.append({"Effect": "Allow", "Action": "iam:SimulateCustomPolicy", "Resource": "*"})
    people("PutUserPolicy", UserName="ci", PolicyName="all", PolicyDocument=document)
    assert custom(theirs, READ)["EvalDecision"] == "allowed"


@given(case=cases())
def test_it_decides_as_policy_simulate_does(case: dict[str, Any]) -> None:
    """Whatever the policies, the caller and the context."""
    caller = principal_names.principal(case["principal"])
    assert caller is not None
    entries = []
    for name, values in case["context"].items():
        listed = values if isinstance(values, list) else [values]
        kind = "stringList" if isinstance(values, list) else None
        entries.append(entry(name, *texts(*listed), kind=kind))
    resource = case["resourcePolicy"]
    made = simulated.case(
        [],
        None,
        texts(*case["identityPolicies"]),
        None,
        None if resource is None else json.dumps(resource),
        caller,
        None,
        entries,
    )
    said = simulation_results.of_action(made, case["action"], [case["resource"]])
    assert said["EvalDecision"] == WORDS[str(simulate(case)["decision"])]
