"""By what names policies and requests know principals, and what is no such name."""

import pytest

from secretctl.policy import principal_names
from secretctl.policy.principals import Principal
from tests.policy.cases import ACCOUNT, ALICE, ROLE, SESSION

IAM, STS = f"arn:aws:iam::{ACCOUNT}:", f"arn:aws:sts::{ACCOUNT}:"
NAMED = {
    "AWS": (
        *("*", ACCOUNT, "AIDAJQABLZS4A3QDU576Q", ALICE, ROLE, SESSION, f"{IAM}root"),
        *(f"{IAM}user/team/alice", f"{IAM}role/a_+=,.@-", f"{STS}federated-user/bob"),
        *(f"arn:aws-cn:iam::{ACCOUNT}:user/a", f"arn:aws-us-gov:iam::{ACCOUNT}:user/a"),
    ),
    "Service": ("lambda.amazonaws.com", "a.b-2.amazonaws.com", "ec2.amazonaws.com.cn"),
    "Federated": (
        *("accounts.google.com", "cognito-identity.amazonaws.com", "a.example.com/id/A_b.c-1"),
        *(f"{IAM}saml-provider/x", f"{IAM}oidc-provider/a.example.com:8443/id"),
        f"{IAM}oidc-provider/a.example.com/",
    ),
}
OTHERS = {
    "AWS": (
        *("", ACCOUNT[1:], f"{ACCOUNT}0", f"{ACCOUNT[1:]}x", "**", "alice", "A" * 15, "A" * 129),
        *("aidajqablzs4a3qdu576q", f"{IAM}user", f"{IAM}user/", f"{IAM}user//alice"),
        *(f"{IAM}user/alice/", f"{IAM}user/a*", f"{IAM}user/a b", f"{IAM}root/", f"{IAM}root/x"),
        *(f"{IAM}group/x", f"{IAM}assumed-role/a/b", f"{STS}user/a", f"{STS}assumed-role/app"),
        f"arn:aws:s3::{ACCOUNT}:assumed-role/a/b",
        *(f"{STS}assumed-role/app/", f"{STS}assumed-role/a/b/c", f"{STS}federated-user/a/b"),
        *(f"{STS}assumed-role/app/*", f"arn:aws:s3::{ACCOUNT}:user/a", f"arn:aws:iam::{ACCOUNT}"),
        *(f"arn:aws:iam:us-east-1:{ACCOUNT}:user/a", "arn:aws:iam::1:user/a"),
        *(f"arn:other:iam::{ACCOUNT}:user/a", f"arn:aws1:iam::{ACCOUNT}:user/a"),
    ),
    "Service": (
        *("", "*", "lambda", "amazonaws.com", ".amazonaws.com", "lambda.example.com"),
        *("Lambda.amazonaws.com", "a..amazonaws.com", "a_b.amazonaws.com", ALICE),
    ),
    "Federated": (
        *("", "*", "localhost", "a..com", "A.example.com", "a.example.com/", "a.example.com/x*"),
        *("a.example.com/a%b", f"{IAM}saml-provider", f"{IAM}saml-provider/x y", ALICE),
        *(f"{IAM}saml-provider/", f"{IAM}oidc-provider/", f"{IAM}oidc-provider//id"),
        *(f"{STS}saml-provider/x", f"arn:aws:iam::{ACCOUNT}"),
    ),
}


@pytest.mark.parametrize("kind", principal_names.KINDS)
def test_a_policy_names_principals_of_each_kind_in_their_way(kind: str) -> None:
    """Every part is there and has the letters that it may have; nothing else is a name."""
    assert [each for each in NAMED[kind] if not principal_names.is_named(kind, each)] == []
    assert [each for each in OTHERS[kind] if principal_names.is_named(kind, each)] == []


@pytest.mark.parametrize(
    ("text", "account", "role"),
    [
        (ALICE, ACCOUNT, ""),
        (ROLE, ACCOUNT, ""),
        (SESSION, ACCOUNT, SESSION.split("/")[1]),
        (f"{IAM}root", ACCOUNT, ""),
        (f"{STS}federated-user/bob", ACCOUNT, ""),
        ("lambda.amazonaws.com", "", ""),
        ("accounts.google.com", "", ""),
        (f"{IAM}saml-provider/x", "", ""),
    ],
)
def test_a_caller_is_one_principal(text: str, account: str, role: str) -> None:
    """With the account that it is of, and the role that it is a session of."""
    assert principal_names.principal(text) == Principal(text, account, role)


@pytest.mark.parametrize("text", ["", "*", ACCOUNT, "AIDAJQABLZS4A3QDU576Q", f"{IAM}user", "alice"])
def test_what_names_several_or_nobody_is_no_caller(text: str) -> None:
    """Everybody, an account, a unique id: a policy may say so, nobody is called like that."""
    assert principal_names.principal(text) is None
