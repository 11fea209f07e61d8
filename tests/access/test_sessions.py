"""Roles are assumed for a while, by whom they trust, and within what binds the session.

See: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from typing import Any

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
ASSUME = ("sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "release-1")
LIST = ("list-secrets", "--query", "SecretList[].Name", "--output", "text")


def trusting(principal: object, *, actions: object = "sts:AssumeRole", **more: object) -> str:
    """Return a trust policy."""
    return policy({"Effect": "Allow", "Principal": principal, "Action": actions, **more})


def make_role(root: Account, trust: str, name: str = "deploy", **more: str) -> None:
    """Make a role that may list secrets."""
    words = [word for key, value in more.items() for word in (f"--{key.replace('_', '-')}", value)]
    root.must(
        *("iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust),
        *words,
    )
    root.must(
        *("iam", "put-role-policy", "--role-name", name, "--policy-name", "list"),
        *("--policy-document", policy(allow("secretsmanager:ListSecrets"), allow("sts:*"))),
    )


NO = "AccessDenied"
TAGGED = ("--tags", "Key=team,Value=core")
TRANSITIVE = (*TAGGED, "--transitive-tag-keys", "team")
ALICE = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}


def test_a_session_has_what_the_role_has(root: Account, user: Account) -> None:
    """The answer has AWS's members; the session is named in what it does."""
    make_role(root, trusting(ALICE))
    answer = user.must(*ASSUME)
    assert list(answer) == ["Credentials", "AssumedRoleUser"]
    assert list(answer["Credentials"]) == [
        *("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"),
    ]
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/release-1"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    session = root.holding(answer["Credentials"])
    assert session(*LIST).out == "app/db\n"
    who = session.must("sts", "get-caller-identity")
    assert who == {
        "UserId": answer["AssumedRoleUser"]["AssumedRoleId"],
        "Account": ACCOUNT,
        "Arn": arn,
    }
    assert user(*LIST).code == "AccessDeniedException"


def test_the_root_assumes_no_role(root: Account) -> None:
    """AWS's sentence."""
    make_role(root, trusting({"AWS": ACCOUNT}))
    said = root(*ASSUME)
    assert (said.code, said.sentence) == (
        "AccessDenied",
        "Roles may not be assumed by root accounts.",
    )


def test_trust_in_the_account_leaves_it_to_the_identity_policies(
    root: Account, user: Account
) -> None:
    """A role that trusts the account can be assumed by who is allowed to as well."""
    make_role(root, trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    assert user(*ASSUME).code == "AccessDenied"
    root.allow("alice", allow("sts:AssumeRole", ROLE))
    user.must(*ASSUME)


@pytest.mark.parametrize(
    ("role", "asked", "sentence"),
    [
        (
            "7200",
            "7201",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        ("7200", "7200", ""),
    ],
)
def test_a_session_lasts_as_long_as_the_role_lets_it(
    root: Account, user: Account, role: str, asked: str, sentence: str
) -> None:
    """Longer is refused."""
    make_role(root, trusting(ALICE), max_session_duration=role)
    said = user(*ASSUME, "--duration-seconds", asked)
    assert (said.code, said.sentence if said.code else "") == (
        "ValidationError" if sentence else "",
        sentence,
    )


@pytest.mark.parametrize(
    ("condition", "words", "code"),
    [
        ({"StringEquals": {"sts:ExternalId": "x-42"}}, (), "AccessDenied"),
        ({"StringEquals": {"sts:ExternalId": "x-42"}}, ("--external-id", "x-41"), "AccessDenied"),
        ({"StringEquals": {"sts:ExternalId": "x-42"}}, ("--external-id", "x-42"), ""),
        ({"StringLike": {"sts:RoleSessionName": "release-*"}}, (), ""),
        ({"StringLike": {"sts:RoleSessionName": "night-*"}}, (), "AccessDenied"),
        ({"StringEquals": {"aws:username": "alice"}}, (), ""),
        ({"StringEquals": {"aws:username": "bob"}}, (), "AccessDenied"),
        ({"NumericLessThan": {"sts:DurationSeconds": "1800"}}, ("--duration-seconds", "900"), ""),
        ({"NumericLessThan": {"sts:DurationSeconds": "1800"}}, (), "AccessDenied"),
        ({"StringEquals": {"aws:RequestTag/team": "core"}}, TAGGED, ""),
        ({"StringEquals": {"aws:RequestTag/team": "core"}}, (), "AccessDenied"),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "team"}}, (*TAGGED, "Key=b,Value=c"), NO),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "team"}}, TAGGED, ""),
        ({"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "team"}}, TRANSITIVE, ""),
        ({"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "team"}}, TAGGED, NO),
        ({"StringEquals": {"sts:SourceIdentity": "ann"}}, ("--source-identity", "ann"), ""),
        ({"StringEquals": {"sts:SourceIdentity": "ann"}}, ("--source-identity", "bob"), NO),
        ({"StringEquals": {"aws:ResourceTag/level": "low"}}, (), ""),
        ({"StringEquals": {"aws:ResourceTag/level": "high"}}, (), NO),
    ],
)
def test_conditions_of_a_trust_policy(
    root: Account, user: Account, condition: Any, words: tuple[str, ...], code: str
) -> None:
    """What the request says is asked for."""
    trust = trusting(ALICE, actions="sts:*", Condition=condition)
    make_role(root, trust, tags="Key=level,Value=low")
    assert user(*ASSUME, *words).code == code


def test_tags_of_a_session_are_the_principals(root: Account, user: Account) -> None:
    """They need sts:TagSession, and policies see them as tags of the principal."""
    tagged = (*ASSUME, "--tags", "Key=team,Value=core")
    make_role(root, trusting(ALICE))
    refused = user(*tagged)
    assert "not authorized to perform: sts:TagSession" in refused.sentence
    root.must(
        *("iam", "update-assume-role-policy", "--role-name", "deploy", "--policy-document"),
        trusting(ALICE, actions=["sts:AssumeRole", "sts:TagSession"]),
    )
    condition = {"StringEquals": {"aws:PrincipalTag/team": "core"}}
    root.must(
        *("iam", "put-role-policy", "--role-name", "deploy", "--policy-name", "list"),
        *("--policy-document", policy(allow("secretsmanager:ListSecrets", Condition=condition))),
    )
    assert root.holding(user.must(*tagged)["Credentials"])(*LIST).status == 0
    assert root.holding(user.must(*ASSUME)["Credentials"])(*LIST).status == 254


@pytest.mark.parametrize("again", ["team", "Team"])
def test_a_tag_is_given_once(root: Account, user: Account, again: str) -> None:
    """Twice is refused, in whatever spelling, in AWS's words."""
    make_role(root, trusting(ALICE, actions="sts:*"))
    said = user(*ASSUME, *TAGGED, f"Key={again},Value=other")
    assert (said.code, said.sentence) == (
        "InvalidParameterValue",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )


NONE = f"arn:aws:iam::{ACCOUNT}:policy/none"


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        (
            *(f"arn={NONE}", "NoSuchEntity"),
            f"Policy {NONE} does not exist or is not attachable.",
        ),
        ("arn=arn:aws:iam::aws:policy/ReadOnlyAccess", "NoSuchEntity", ""),
        (f"arn={ROLE}", "InvalidInput", f"ARN {ROLE} is not valid."),
        ("arn=none-at-all-but-long-enough", "ValidationError", ""),
        ("[{}]", "ValidationError", ""),
    ],
)
def test_a_session_policy_must_be_there(
    root: Account, user: Account, given: str, code: str, sentence: str
) -> None:
    """Told with IAM's errors, and to nobody who may not assume the role."""
    make_role(root, trusting(ALICE))
    said = user(*ASSUME, "--policy-arns", given)
    assert (said.status, said.code) == (254, code)
    assert sentence in said.sentence
    assert root.user("bob")(*ASSUME, "--policy-arns", given).code == NO


def test_a_source_identity_needs_its_permission(root: Account, user: Account) -> None:
    """And is answered, and seen by policies."""
    make_role(root, trusting(ALICE, actions=["sts:AssumeRole", "sts:SetSourceIdentity"]))
    answer = user.must(*ASSUME, "--source-identity", "ann")
    assert answer["SourceIdentity"] == "ann"


def test_roles_follow_one_another(root: Account, user: Account) -> None:
    """A session may assume a role that trusts its own; for an hour at most."""
    make_role(root, trusting(ALICE))
    make_role(root, trusting({"AWS": ROLE}), name="admin", max_session_duration="43200")
    first = root.holding(user.must(*ASSUME)["Credentials"])
    onward = ("sts", "assume-role", "--role-session-name", "on", "--role-arn")
    admin = f"arn:aws:iam::{ACCOUNT}:role/admin"
    second = root.holding(first.must(*onward, admin)["Credentials"])
    assert second(*LIST).out == "app/db\n"
    said = first(*onward, admin, "--duration-seconds", "3601")
    assert said.code == "ValidationError"
    assert user(*onward, admin).code == "AccessDenied"


def test_who_is_trusted_no_more_cannot_open_the_roles_key(root: Account, user: Account) -> None:
    """Sessions that have begun go on, as in AWS, until the role is gone."""
    make_role(root, trusting(ALICE))
    session = root.holding(user.must(*ASSUME)["Credentials"])
    root.user("bob")
    root.must(
        *("iam", "update-assume-role-policy", "--role-name", "deploy", "--policy-document"),
        trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}),
    )
    assert user(*ASSUME).code == "AccessDenied"
    assert session(*LIST).status == 0
    root.must("iam", "delete-role-policy", "--role-name", "deploy", "--policy-name", "list")
    root.must("iam", "delete-role", "--role-name", "deploy")
    assert session(*LIST).code == "UnrecognizedClientException"
    assert root("fsck").status == 0


@pytest.mark.parametrize("is_first", [True, False])
def test_who_comes_before_and_after_the_role(root: Account, *, is_first: bool) -> None:
    """A user can assume a role that trusts the account, whichever of them was made first."""
    if is_first:
        user = root.user("alice")
    make_role(root, trusting({"AWS": ACCOUNT}))
    if not is_first:
        user = root.user("alice")
    root.allow("alice", allow("sts:AssumeRole"))
    user.must(*ASSUME)


def test_a_secrets_policy_names_a_role_with_its_path(root: Account, user: Account) -> None:
    """A role of the same name that lies elsewhere is another, though sessions do not show it."""
    named = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/prod/deploy"}
    read = ("get-secret-value", "--secret-id", "app/db")
    root.allow("alice", allow("sts:*"))
    make_role(root, trusting(ALICE), path="/prod/")
    given = policy(allow("secretsmanager:GetSecretValue", Principal=named))
    root.must("put-resource-policy", "--secret-id", "app/db", "--resource-policy", given)
    assume = [*ASSUME[:3], named["AWS"], *ASSUME[4:]]
    assert root.holding(user.must(*assume)["Credentials"])(*read).status == 0
    root.must("iam", "delete-role-policy", "--role-name", "deploy", "--policy-name", "list")
    root.must("iam", "delete-role", "--role-name", "deploy")
    make_role(root, trusting(ALICE))
    session = root.holding(user.must(*ASSUME)["Credentials"])
    assert "because no identity-based policy allows" in session(*read).sentence
    asked = ("policy", "who-can", "secretsmanager:GetSecretValue", "app/db")
    assert "role/deploy" not in root(*asked).out


def test_a_session_is_one_without_a_second_factor(root: Account, user: Account) -> None:
    """The key is false in temporary credentials and missing in a user's own, as in AWS."""
    make_role(root, trusting(ALICE))
    without = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    root.must(
        *("iam", "put-role-policy", "--role-name", "deploy", "--policy-name", "second-factor"),
        *("--policy-document", policy(deny("*", Condition=without))),
    )
    session = root.holding(user.must(*ASSUME)["Credentials"])
    assert session(*LIST).code == "AccessDeniedException"
    root.allow("alice", allow("secretsmanager:ListSecrets"), deny("*", Condition=without))
    assert user(*LIST).out == "app/db\n"


def test_a_session_without_its_token_is_none(root: Account, user: Account) -> None:
    """AWS's error, by the service that is asked."""
    make_role(root, trusting(ALICE))
    session = root.holding(user.must(*ASSUME)["Credentials"])
    session.environ["SECRETCTL_SESSION_TOKEN"] = ""
    assert session(*LIST).code == "UnrecognizedClientException"
    assert session("sts", "get-caller-identity").code == "InvalidClientTokenId"
