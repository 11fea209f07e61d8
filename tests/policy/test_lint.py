"""``policy lint``: errors with their places, and warnings of what is probably not meant."""

import json
from typing import Any

import pytest

from secretctl.policy.lint import Report, lint
from tests.policy.cases import ACCOUNT, ALICE, GET, ROLE, SECRET, Statement, document, statement

EXACT = SECRET[:-6] + "??????"
DELETE = "secretsmanager:DeleteSecret"
GIVEN: dict[str, Any] = {"Action": GET, "Resource": EXACT}


def report(*statements: Statement, version: str = "2012-10-17", kind: str | None = None) -> Report:
    """Return what is said about a policy."""
    return lint(json.dumps(document(*statements, version=version)), kind)


def warnings(changed: Statement, version: str = "2012-10-17") -> list[tuple[str, str]]:
    """Return pointer, from the statement on, and message of each warning."""
    found = report(changed, version=version).findings
    assert {each.severity for each in found} <= {"warning"}, found
    return [(each.pointer.removeprefix("/Statement/0"), each.message) for each in found]


def condition(operator: str, key: str, value: object = "x", **changes: object) -> Statement:
    """Return a statement with one condition."""
    return statement(**{**GIVEN, "Condition": {operator: {key: value}}, **changes})


@pytest.mark.parametrize(
    "changed",
    [
        statement(**GIVEN),
        statement(**{**GIVEN, "Action": [GET, "kms:Decrypt"], "Resource": "*"}),
        statement(Action=["secretsmanager:List*", "secretsmanager:GetRandomPassword"]),
        statement(**{**GIVEN, "Resource": "arn:aws:secretsmanager:*:*:secret:prod/*"}),
        statement(**{**GIVEN, "Resource": "arn:aws:secretsmanager:*:*:*"}),
        statement(**{**GIVEN, "Resource": [SECRET, SECRET[:-9] + "${aws:username}"]}),
        statement(Effect="Deny", without="Action", NotAction="secretsmanager:Describe*"),
        statement(Effect="Deny", NotPrincipal={"AWS": [ALICE, ACCOUNT]}),
        condition("StringEquals", "secretsmanager:VersionStage"),
        condition("ForAnyValue:StringEquals", "secretsmanager:VersionStage"),
        condition("StringEquals", "aws:ResourceTag/Team"),
        condition("StringEquals", "aws:ResourceTag/a", "${*}${aws:PrincipalTag/a}"),
        condition("StringLike", "aws:ResourceTag/a", "pay*"),
        statement(Action=["iam:Get*", "iam:CreateUser", "kms:GenerateDataKey", "sts:TagSession"]),
        statement(Action="iam:GetPolicy", Resource="arn:aws:iam::aws:policy/x"),
        statement(**{**GIVEN, "Resource": "arn:aws:secretsmanager:*:0000*:secret:x-??????"}),
        condition("StringEquals", "secretsmanager:ResourceTag/team"),
        condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        condition("Bool", "aws:SecureTransport", value=True),
        condition("StringEquals", "accounts.google.com:aud"),
        condition("ForAnyValue:StringLike", "aws:TagKeys", Action="secretsmanager:TagResource"),
        condition("ForAllValues:StringLike", "aws:TagKeys", Effect="Deny", Action="*"),
        condition("NumericLessThan", "secretsmanager:RecoveryWindowInDays", 7, Action=DELETE),
    ],
)  # fmt: skip
def test_good_policy_is_clean(changed: Statement) -> None:
    """Nothing is said where there is nothing to be said."""
    assert warnings(changed) == []


@pytest.mark.parametrize(
    ("changed", "place", "message"),
    [
        (statement(**{**GIVEN, "Action": "secretsmanager:GetSecretVale"}), "/Action",
         "there is no such action; did you mean secretsmanager:GetSecretValue?"),
        (statement(**{**GIVEN, "Action": [GET, "secretsmanager:Read*"]}), "/Action/1",
         "no action matches"),
        (statement(**{**GIVEN, "Action": "secretmanager:GetSecretValue"}), "/Action",
         "nothing here has an action of that service; did you mean secretsmanager?"),
        (statement(**{**GIVEN, "Resource": SECRET[:-6] + "*"}), "/Resource",
         "-* also takes longer names that begin so; NAME-?????? takes this secret alone"),
        (statement(**{**GIVEN, "Resource": SECRET[:-7]}), "/Resource",
         "a secret's ARN ends in a hyphen and six characters: NAME-??????"),
        (statement(**{**GIVEN, "Resource": [EXACT, "arn:aws:s3:::x"]}), "/Resource/1",
         "the ARN is one of another service"),
        (statement(**{**GIVEN, "Resource": SECRET.replace("secret:", "key:")}), "/Resource",
         "no secret has such an ARN: secret:NAME-??????"),
        (statement(**{**GIVEN, "Resource": EXACT.replace("us-east-1", "US-East-1")}), "/Resource",
         "no ARN has capital letters or variables before its fifth colon: it matches nothing"),
        (statement(**{**GIVEN, "Action": [GET, "secretsmanager:ListSecrets"]}), "/Action/1",
         "ListSecrets is about no resource: it needs Resource *"),
        (statement(Action="secretsmanager:*"), "/Action",
         "everything is allowed on every secret"),
        (statement(**GIVEN, without="Action", NotAction="kms:*"), "/NotAction",
         "NotAction with Allow allows every other action, those of all services included"),
        (statement(**GIVEN, without="Resource", NotResource=EXACT), "/NotResource",
         "NotResource with Allow allows every other resource, those to come included"),
        (statement(**GIVEN, Principal="*"), "/Principal",
         "everybody is allowed; name who is meant, or a condition on who asks"),
        (statement(Effect="Deny", NotPrincipal={"AWS": ALICE}), "/NotPrincipal",
         "NotPrincipal spares nobody whose account (:root) is not listed as well"),
        (condition("StringEquals", "secretsmanager:VersionStag"),
         "/Condition/StringEquals/secretsmanager:VersionStag",
         "there is no such condition key; did you mean secretsmanager:VersionStage?"),
        (condition("StringEquals", "secretsmanager:Name"),
         "/Condition/StringEquals/secretsmanager:Name",
         "requests for GetSecretValue do not have this condition key"),
        (condition("NumericEquals", "aws:username", "1"), "/Condition/NumericEquals/aws:username",
         "the key is of type String, and the operator compares another"),
        (condition("StringLike", "aws:CalledVia"), "/Condition/StringLike/aws:CalledVia",
         "the key has several values; begin the operator with ForAnyValue: or ForAllValues:"),
        (condition("ForAllValues:StringLike", "aws:CalledVia"),
         "/Condition/ForAllValues:StringLike/aws:CalledVia",
         "it also holds for requests without the key; add Null: false"),
        (statement(Action=[GET, "iam:CreateUsr"]), "/Action/1",
         "no such action is asked for here; did you mean iam:CreateUser?"),
        (statement(Action=[GET, "kms:Decript"]), "/Action/1",
         "no such action is asked for here; did you mean kms:Decrypt?"),
        (statement(Action=[GET, "sts:AssumeRol"]), "/Action/1",
         "no such action is asked for here; did you mean sts:AssumeRole?"),
        (statement(Action=[GET, "kms:Creates*"]), "/Action/1", "no action matches"),
        (statement(**{**GIVEN, "Resource": EXACT[:-1]}), "/Resource",
         "a secret's ARN ends in a hyphen and six characters: NAME-??????"),
        (statement(**{**GIVEN, "Resource": EXACT + "?"}), "/Resource",
         "a secret's ARN ends in a hyphen and six characters: NAME-??????"),
        (statement(**{**GIVEN, "Resource": EXACT.replace(ACCOUNT, "0000")}), "/Resource",
         "an account has twelve digits"),
        (statement(Action="iam:GetUser", Resource=ALICE.replace(ACCOUNT, "")), "/Resource",
         "an account has twelve digits"),
        (statement(**{**GIVEN, "Resource": [EXACT, EXACT[:-9] + "${aws:usrname}-??????"]}),
         "/Resource/1", "there is no such policy variable; did you mean aws:username?"),
        (condition("StringEquals", "aws:ResourceTag/a", ["x", "${aws:PrincipalTags/a, 'x'}"]),
         "/Condition/StringEquals/aws:ResourceTag~1a",
         "there is no such policy variable; did you mean aws:PrincipalTag/${TagKey}?"),
        (condition("StringEquals", "aws:ResourceTag/team", ["pay*", "a?"]),
         "/Condition/StringEquals/aws:ResourceTag~1team",
         "* and ? are letters here; StringLike and StringNotLike take them as wildcards"),
        (condition("ArnLike", "aws:SourceArn", "arn:x"), "/Condition/ArnLike/aws:SourceArn",
         "no ARN is like that: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"),
    ],
)  # fmt: skip
def test_what_is_probably_not_meant_is_said(changed: Statement, place: str, message: str) -> None:
    """With its place, and what is probably meant."""
    assert warnings(changed) == [(place, message)]


def test_variables_of_an_old_version_are_said_to_be_text() -> None:
    """Who writes them most likely means variables."""
    changed = statement(**{**GIVEN, "Resource": SECRET[:-9] + "${aws:username}"})
    found = warnings(changed, version="2008-10-17")
    assert ("/Resource", "only Version 2012-10-17 has variables: ${ is text here") in found


def test_variables_and_wildcards_of_an_old_version_are_text() -> None:
    """No variable is missed there, and an asterisk in braces is one like others."""
    letters = "* and ? are letters here; StringLike and StringNotLike take them as wildcards"
    changed = condition("StringEquals", "aws:ResourceTag/a", "${*}${no:such}")
    found = [message for _, message in warnings(changed, version="2008-10-17")]
    assert found == ["only Version 2012-10-17 has variables: ${ is text here", letters]


def test_quantifier_with_null_is_clean() -> None:
    """The key is required: ForAllValues is safe then."""
    conditions = {
        "ForAllValues:StringLike": {"aws:CalledVia": "x"},
        "Null": {"AWS:CalledVia": "false"},
    }
    assert warnings(statement(**GIVEN, Condition=conditions)) == []


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{"Statement": [{"Effect":"Deny",\n"Effect":"Allow"}]}', 2, 1, "this name is given twice"),
        ('{"Statement": {"Efect":"Allow","Effect":"Allow","Action":"*","Resource":"*"}}', 1, 16,
         "there is no such element here; did you mean Effect?"),
        ('{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}', 1, 24,
         "the effect is Allow or Deny"),
        ('{"Statement":{"Effect":"Allow","Resource":"*"}}', 1, 14,
         "there is no Action and no NotAction"),
        ('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",\n'
         '  "Condition":{"ForAnyValue:StringEqual":{"a":"b"}}}}', 2, 16,
         "there is no such condition operator; did you mean StringEquals?"),
        ('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",\n'
         '  "Condition":{"Bool":{"a":["true",\n    "x"]}}}}', 3, 5,
         "the value is not true or false"),
        ("\ufeff{}", 1, 1, "a byte order mark stands before the JSON"),
        ('{"Version":"2012-10-17",}', 1, 25, "a name in double quotes is expected"),
        ('{"Statement":[]} {}', 1, 18, "there is something behind the JSON"),
        (" " * 20481, 1, 20481, "a policy has at most 20480 characters"),
        ("", 1, 1, "the text ends too early"),
        ("[]", 1, 1, "a policy is a JSON object"),
    ],
)  # fmt: skip
def test_error_has_line_and_column(text: str, line: int, column: int, message: str) -> None:
    """Of the very part that is wrong."""
    first = lint(text).findings[0]
    assert (line, column, "error", message) == (*first.place, first.severity, first.message)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/ci"),
        ("kms:DescribeKey", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/x"),
        ("sts:AssumeRole", ROLE),
        ("*", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/x"),
        (["secretsmanager:GetSecretValue", "iam:*"], [SECRET, ALICE]),
    ],
)
def test_arns_of_the_services_of_the_actions_are_meant(action: object, resource: object) -> None:
    """A statement about keys or roles names keys and roles."""
    assert warnings(statement(Action=action, Resource=resource)) == []
    other = "arn:aws:s3:::x"
    found = warnings(statement(Action=action, Resource=other))
    assert [message for _, message in found] == ["the ARN is one of another service"]


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("identity", statement()),
        ("resource", statement(Principal="*")),
        ("resource", statement(Effect="Deny", NotPrincipal={"AWS": ACCOUNT})),
        ("trust", statement(without="Resource", Action="sts:AssumeRole", Principal={"AWS": ALICE})),
        ("resource", statement(Action="sts:AssumeRole", Principal={"AWS": ALICE})),
        ("resource", statement(Principal=1)),
    ],
)
def test_kind_is_guessed_from_the_elements(kind: str, changed: Statement) -> None:
    """Principals make it a resource policy; a trust policy is about STS and no resource."""
    assert report(changed).kind == kind
    assert report(changed, kind="identity").kind == "identity"


def test_findings_are_in_the_order_of_the_text_and_none_repeats_it() -> None:
    """Also where it is another file than was meant."""
    text = '{"password": "hunter2",\n "Statement": [{"Effect": "hunter2"},\n "hunter2"]}'
    found = lint(text).findings
    assert [each.place for each in found] == sorted(each.place for each in found)
    assert len(found) == 5
    assert not [each for each in found if "hunter2" in each.message]


def test_policy_with_errors_gets_no_warnings() -> None:
    """What it would mean is not known."""
    found = report(statement(Action="secretsmanager:GetSecretVale"), statement(Effect=1)).findings
    assert [each.severity for each in found] == ["error"]
