"""Resource policies: attached, read, checked for form."""

import json

import pytest

from tests.conftest import Service
from tests.service.conftest import BAD_NAME, NOT_FOUND, refusal

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def policy(principal: object = ROOT, **more: object) -> str:
    """Return a resource policy for somebody."""
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement], **more})


@pytest.fixture
def one(service: Service) -> Service:
    """A vault with a secret."""
    service("CreateSecret", Name="a")
    return service


def test_a_policy_comes_back_to_the_letter(one: Service) -> None:
    """Absent before and after; put and delete answer with ARN and name."""
    assert list(one("GetResourcePolicy", SecretId="a")) == ["ARN", "Name"]
    text = policy().replace(", ", " ,\n")
    assert list(one("PutResourcePolicy", SecretId="a", ResourcePolicy=text)) == ["ARN", "Name"]
    assert one("GetResourcePolicy", SecretId="a")["ResourcePolicy"] == text
    assert one("ListResourcePolicies", SecretId="a")["ResourcePolicies"] == [
        {"PolicyName": "default"}
    ]
    for _ in range(2):
        assert list(one("DeleteResourcePolicy", SecretId="a")) == ["ARN", "Name"]
    assert list(one("GetResourcePolicy", SecretId="a")) == ["ARN", "Name"]
    assert one("ListResourcePolicies", SecretId="a")["ResourcePolicies"] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (policy({"Robot": "x"}), "This resource policy contains an unsupported principal."),
        (
            policy({"Service": "nobody.example.com"}),
            "This resource policy contains an invalid (unsupported) service principal.",
        ),
        (policy(Version="2020-01-01"), "This policy has invalid syntax."),
        (policy(Actoin="x"), "This resource policy contains a syntax error."),
        ("[]", "This resource policy contains a syntax error."),
    ],
)
def test_a_malformed_policy_is_refused(one: Service, text: str, sentence: str) -> None:
    """With AWS's sentences; the policy before stays."""
    one("PutResourcePolicy", SecretId="a", ResourcePolicy=policy())
    assert refusal(one, "PutResourcePolicy", SecretId="a", ResourcePolicy=text) == (
        "MalformedPolicyDocumentException",
        sentence,
    )
    assert one("GetResourcePolicy", SecretId="a")["ResourcePolicy"] == policy()
    answer = one("ValidateResourcePolicy", ResourcePolicy=text)
    assert answer["PolicyValidationPassed"] is False
    assert isinstance(answer["ValidationErrors"], list)
    assert [each["ErrorMessage"] for each in answer["ValidationErrors"]] == [sentence]


def test_a_public_policy_is_blocked_on_request(one: Service) -> None:
    """By default everybody may be let in."""
    request = {"SecretId": "a", "ResourcePolicy": policy("*")}
    assert refusal(one, "PutResourcePolicy", **request, BlockPublicPolicy=True) == (
        "PublicPolicyException",
        "You can't attach a resource-based policy that allows broad access to the secret.",
    )
    assert "ResourcePolicy" not in one("GetResourcePolicy", SecretId="a")
    one("PutResourcePolicy", **request)
    one("PutResourcePolicy", SecretId="a", ResourcePolicy=policy(), BlockPublicPolicy=True)


def test_validating_tells_what_is_wrong(one: Service) -> None:
    """Nothing, or each problem with its check; an unknown secret is not found."""
    passed = {"PolicyValidationPassed": True, "ValidationErrors": []}
    assert one("ValidateResourcePolicy", ResourcePolicy=policy()) == passed
    assert one("ValidateResourcePolicy", SecretId="a", ResourcePolicy=policy()) == passed
    broad = one("ValidateResourcePolicy", ResourcePolicy=policy("*"))
    assert broad["PolicyValidationPassed"] is False
    assert isinstance(broad["ValidationErrors"], list)
    assert set(broad["ValidationErrors"][0]) == {"CheckName", "ErrorMessage"}
    request = {"ResourcePolicy": policy()}
    assert refusal(one, "ValidateResourcePolicy", SecretId="b", **request) == NOT_FOUND
    assert refusal(one, "ValidateResourcePolicy", SecretId="b b", **request) == BAD_NAME


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("GetResourcePolicy", {}),
        ("DeleteResourcePolicy", {}),
        ("PutResourcePolicy", {"ResourcePolicy": policy()}),
    ],
)
def test_there_is_one_policy(one: Service, operation: str, more: dict[str, object]) -> None:
    """It is called default; no other name is one."""
    one(operation, SecretId="a", PolicyName="default", **more)
    assert refusal(one, operation, SecretId="a", PolicyName="other", **more)[0] == (
        "InvalidParameterException"
    )
