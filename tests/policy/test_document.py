"""Resource policies as documents."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.errors import ServiceError
from secretctl.policy import document

JSON = "This policy contains invalid Json"
VERSION = "This policy has invalid syntax."
SYNTAX = "This resource policy contains a syntax error."
PRINCIPAL = "This resource policy contains an unsupported principal."
SERVICE = "This resource policy contains an invalid (unsupported) service principal."
USER = {"AWS": "arn:aws:iam::123456789012:user/alice"}
STATEMENT: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": USER,
    "Action": "secretsmanager:GetSecretValue",
    "Resource": "*",
}


def policy(*, without: str = "", version: str = "2012-10-17", **changes: object) -> str:
    """Return a policy of one statement, changed."""
    statement = {**STATEMENT, **changes}
    statement.pop(without, None)
    return json.dumps({"Version": version, "Statement": [statement]})


def refusal(text: str) -> str:
    """Return the sentence with which a policy is refused."""
    with pytest.raises(ServiceError) as caught:
        document.parse(text)
    assert caught.value.code == "MalformedPolicyDocumentException"
    assert caught.value.__cause__ is None
    return caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        policy(),
        policy(version="2008-10-17"),
        policy(without="Sid"),
        json.dumps({"Statement": STATEMENT}),
        json.dumps({"Id": "x", "Version": "2012-10-17", "Statement": [STATEMENT]}),
        policy(Principal="*"),
        policy(Principal={"AWS": "*"}),
        policy(Principal={"AWS": ["123456789012", "arn:aws:iam::123456789012:root"]}),
        policy(Principal={"AWS": "arn:aws:iam::123456789012:role/a/b+c"}),
        policy(Principal={"AWS": "arn:aws:sts::123456789012:assumed-role/r/s@x"}),
        policy(Principal={"AWS": "AIDAJQABLZS4A3QDU576Q"}),
        policy(Principal={"Service": ["rds.amazonaws.com", "a.b.amazonaws.com.cn"]}),
        policy(Principal={"Federated": "cognito-identity.amazonaws.com"}),
        policy(Principal={"Federated": "arn:aws:iam::123456789012:saml-provider/x"}),
        policy(without="Principal", NotPrincipal=USER, Effect="Deny"),
        policy(without="Action", NotAction=["secretsmanager:Get*", "*"]),
        policy(without="Resource", NotResource="arn:aws:secretsmanager:*:*:secret:x-??????"),
        policy(Condition={}),
        policy(
            Condition={
                "StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]},
                "ForAnyValue:StringLikeIfExists": {"secretsmanager:VersionStage": "AWS*"},
                "Bool": {"aws:SecureTransport": True},
                "NumericLessThan": {"x": 3},
                "Null": {"aws:TokenIssueTime": "true"},
                "ArnNotLike": {"aws:SourceArn": "arn:x"},
                "StringNotEqualsIgnoreCase": {"y": "z"},
            }
        ),
    ],
)
def test_policy_of_the_grammar_is_read_as_written(text: str) -> None:
    """Every element and shape of principal, action, resource and condition."""
    assert json.loads(text) == document.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "not json",
        "[1,]",
        policy() + "x",
        policy() + policy(),
        "\ufeff" + policy(),
        policy().replace('"Allow"', '"Deny", "Effect": "Allow"'),
        policy(Sid=float("nan")),
        policy(Sid=float("inf")),
        policy().replace('"Read"', "1e999"),
        policy().replace('"Read"', "9" * 20),
        policy().replace('"Read"', "9" * 5000),
        policy().replace('"Read"', "[" * 65 + "]" * 65),
        "[" * 20000,
        '{"a":' * 4000,
        policy(Sid="x" * 20480),
        policy().replace("Read", "\udc80"),
        policy().replace("Read", "a\nb"),
        "// c\n" + policy(),
        '"\\',
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_text_that_is_not_strict_json_is_refused(text: str) -> None:
    """Nothing that two readers could read differently, and nothing huge or deep."""
    assert refusal(text) == JSON


@pytest.mark.parametrize("version", ["2012-10-18", "", "2012", None, 2012, ["2012-10-17"]])
def test_unknown_version_is_refused(version: object) -> None:
    """Only the two published versions, as text."""
    assert refusal(json.dumps({"Version": version, "Statement": [STATEMENT]})) == VERSION


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '"x"',
        "1",
        "null",
        "{}",
        json.dumps({"Statement": []}),
        json.dumps({"Statement": "x"}),
        json.dumps({"Statement": [1]}),
        json.dumps({"Statement": [STATEMENT, None]}),
        json.dumps({"Statement": [STATEMENT], "Actoin": 1}),
        json.dumps({"Id": 1, "Statement": [STATEMENT]}),
        json.dumps({"Statement": [STATEMENT, STATEMENT]}),
        policy(Sid=1),
        policy(Actoin="x"),
        policy(without="Effect"),
        policy(Effect="deny"),
        policy(Effect=["Allow"]),
        policy(without="Action"),
        policy(NotAction="*"),
        policy(without="Resource"),
        policy(NotResource="*"),
        policy(without="Principal"),
        policy(NotPrincipal=USER),
        policy(without="Principal", NotPrincipal=USER),
        policy(Action=[]),
        policy(Action="GetSecretValue"),
        policy(Action=["secretsmanager:GetSecretValue", 1]),
        policy(Action={"a": "b"}),
        policy(Resource="secret"),
        policy(Resource=""),
        policy(Resource=None),
        policy(Condition=[]),
        policy(Condition="x"),
        policy(Condition={"StringEqual": {"a": "b"}}),
        policy(Condition={"StringEqualsX": {"a": "b"}}),
        policy(Condition={"NullIfExists": {"a": "true"}}),
        policy(Condition={"StringEquals": {}}),
        policy(Condition={"StringEquals": "x"}),
        policy(Condition={"StringEquals": {"a": []}}),
        policy(Condition={"StringEquals": {"a": {"b": "c"}}}),
        policy(Condition={"StringEquals": {"a": [None]}}),
        policy(Condition={"StringEquals": {"": "x"}}),
    ],
)
def test_policy_outside_the_grammar_is_refused(text: str) -> None:
    """A typo must not widen a policy: unknown, missing and doubled elements are errors."""
    assert refusal(text) == SYNTAX


@pytest.mark.parametrize(
    "principal",
    [
        "alice",
        {},
        [],
        None,
        {"AWS": []},
        {"AWS": "arn:aws:iam::123456789012:user/*"},
        {"AWS": "arn:aws:iam::123456789012:group/g"},
        {"AWS": "arn:aws:iam::12345:root"},
        {"AWS": "12345"},
        {"AWS": "arn:aws:iam::*:root"},
        {"AWS": 123456789012},
        {"aws": "*"},
        {"CanonicalUser": "x"},
        {"Federated": "*"},
        {"AWS": "123456789012\n"},
    ],
)
def test_unsupported_principal_is_refused(principal: object) -> None:
    """No partial wildcards, no groups, no kinds of principal that do not exist."""
    assert refusal(policy(Principal=principal)) == PRINCIPAL


@pytest.mark.parametrize("service", ["rds", "*", "rds.example.com", ".amazonaws.com", 1, []])
def test_unsupported_service_principal_is_refused(service: object) -> None:
    """A service is spelled as AWS spells services."""
    assert refusal(policy(Principal={"Service": service})) == SERVICE


@pytest.mark.parametrize(
    ("public", "changes"),
    [
        (True, {"Principal": "*"}),
        (True, {"Principal": {"AWS": "*"}}),
        (True, {"Principal": {"AWS": ["123456789012", "*"]}}),
        (True, {"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        (True, {"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "*"}}}),
        (True, {"Principal": "*", "Condition": {"StringEquals": {"aws:UserAgent": "x"}}}),
        (True, {"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "v"}}}),
        (True, {"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "v"}}}),
        (True, {"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}),
        (True, {"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "::/0"}}}),
        (True, {"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": ["v", "${x}"]}}}),
        (False, {"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "v"}}}),
        (False, {"Principal": "*", "Condition": {"StringEquals": {"AWS:principalorgid": "o-1"}}}),
        (False, {"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
        (False, {"Principal": "*", "Effect": "Deny"}),
        (False, {"Principal": {"AWS": "123456789012"}}),
        (False, {"Principal": {"Service": "rds.amazonaws.com"}}),
    ],
)
def test_public_is_everybody_not_tied_to_fixed_values(
    *, public: bool, changes: dict[str, object]
) -> None:
    """A condition narrows only if it must hold and names no wildcard; in doubt it is public."""
    text = policy(**changes)  # type: ignore[arg-type]  # elements of the statement
    assert public == document.is_public(document.parse(text))
    assert public == bool(document.problems(text))


def test_one_broad_statement_among_many_is_found() -> None:
    """Each statement counts, and a denial elsewhere does not make up for it."""
    narrow = {**STATEMENT, "Sid": "a"}
    broad = {**STATEMENT, "Sid": "b", "Principal": "*"}
    denial = {**STATEMENT, "Sid": "c", "Principal": "*", "Effect": "Deny"}
    assert document.is_public(document.parse(json.dumps({"Statement": [narrow, denial, broad]})))
    assert not document.is_public(document.parse(json.dumps({"Statement": [narrow, denial]})))


def test_problems_name_the_check_and_awss_sentence() -> None:
    """One pair for each finding, none for a policy without."""
    assert document.problems(policy()) == []
    assert document.problems("{") == [("SYNTAX", JSON)]
    assert document.problems(policy(Principal="*")) == [
        (
            "PUBLIC_ACCESS",
            "You can't attach a resource-based policy that allows broad access to the secret.",
        )
    ]


@pytest.mark.parametrize(
    "text",
    ['"' + '\\"' * 10000, '"\\' * 10000, "{" * 20480, policy(Action="a:" + "*a" * 9000),
     policy(Principal={"Service": "a." * 9000 + "x"}),
     policy(Principal={"Federated": "a-" * 9000})],
    ids=["escapes", "open", "braces", "wildcards", "service", "federated"],
)  # fmt: skip
def test_hostile_text_is_judged_quickly(text: str) -> None:
    """No pattern backtracks without end: 20,480 characters take far less than a second."""
    started = time.process_time()
    document.problems(text)
    assert time.process_time() - started < 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*STATEMENT, "Statement", "Version", "Condition", "AWS", "Bool"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def outcome(text: str) -> tuple[str, str] | None:
    """Return code and sentence of a refusal; None for a policy."""
    try:
        document.is_public(document.parse(text))
    except ServiceError as error:
        return error.code, error.message
    return None


ALLOWED = {
    None,
    *(
        ("MalformedPolicyDocumentException", sentence)
        for sentence in (JSON, VERSION, SYNTAX, PRINCIPAL, SERVICE)
    ),
}


@given(st.text(max_size=40) | VALUES.map(json.dumps))
def test_any_text_is_a_policy_or_a_refusal(text: str) -> None:
    """Nothing but MalformedPolicyDocumentException comes out, with one of five sentences."""
    assert outcome(text) in ALLOWED


@given(st.sampled_from([*STATEMENT, "Condition", "NotAction"]), VALUES)
def test_any_element_of_any_shape_is_judged(name: str, value: object) -> None:
    """A good statement with one element replaced never ends in a traceback."""
    assert outcome(policy(**{name: value})) in ALLOWED  # type: ignore[arg-type]  # an element
