"""A refusal is told in AWS's words: who, what, on what, and which kind of policy says so.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import json

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy

ALICE = f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: "
GET = "secretsmanager:GetSecretValue"
READ = ("get-secret-value", "--secret-id", "app/db")
TRUST_ALICE: dict[str, object] = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"},
    "Action": "sts:AssumeRole",
}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
ASSUME = ("sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "release-1")


def make_role(root: Account, *trust: dict[str, object]) -> None:
    """Make the role deploy, which may do everything with secrets."""
    trusted = policy(*trust)
    root.must(
        *("iam", "create-role", "--role-name", "deploy"),
        *("--assume-role-policy-document", trusted),
    )
    root.must(
        *("iam", "put-role-policy", "--role-name", "deploy", "--policy-name", "all"),
        *("--policy-document", policy(allow("secretsmanager:*"))),
    )


def test_nothing_allows(user: Account) -> None:
    """The resource is named as it was given: by its name here; exit status 254."""
    said = user(*READ)
    assert (said.status, said.out, said.code) == (254, "", "AccessDeniedException")
    assert said.sentence == (
        f"{ALICE}{GET} on resource: app/db because no identity-based policy allows the {GET} action"
    )


def test_an_arn_is_named_as_it_was_given(root: Account, user: Account) -> None:
    """Likewise an ARN."""
    arn = root.must("describe-secret", "--secret-id", "app/db")["ARN"]
    assert f" on resource: {arn} because " in user("get-secret-value", "--secret-id", str(arn)).err


@pytest.mark.parametrize(
    "command", [("list-secrets",), ("get-random-password",), ("batch-get-secret-value",)]
)
def test_an_action_about_no_secret_names_none(user: Account, command: tuple[str, ...]) -> None:
    """There is no resource in the sentence."""
    more = ("--secret-id-list", "app/db") if command[0].startswith("batch") else ()
    sentence = user(*command, *more).sentence
    assert sentence.startswith(ALICE)
    assert " on resource: " not in sentence


def test_a_policy_of_its_own_denies(root: Account, user: Account) -> None:
    """An inline policy has no ARN to be named."""
    root.allow("alice", allow(GET), deny(GET))
    assert user(*READ).sentence == (
        f"{ALICE}{GET} on resource: app/db with an explicit deny in an identity-based policy"
    )


@pytest.mark.parametrize("holder", ["user", "group"])
def test_a_managed_policy_denies(root: Account, user: Account, holder: str) -> None:
    """It is named by its ARN, whether attached to the user or to a group of it."""
    root.allow("alice", allow(GET))
    made = root.must(
        *("iam", "create-policy", "--policy-name", "DenyProd"),
        *("--policy-document", policy(deny(GET))),
    )
    arn = str(made["Policy"]["Arn"])
    name = "alice" if holder == "user" else "team"
    if holder == "group":
        root.must("iam", "create-group", "--group-name", "team")
        root.must("iam", "add-user-to-group", "--group-name", "team", "--user-name", "alice")
    root.must("iam", f"attach-{holder}-policy", f"--{holder}-name", name, "--policy-arn", arn)
    assert user(*READ).sentence == (
        f"{ALICE}{GET} on resource: app/db with an explicit deny in an identity-based policy: {arn}"
    )


def test_the_policy_of_the_secret_denies(root: Account, user: Account) -> None:
    """A resource policy has no ARN."""
    root.allow("alice", allow("secretsmanager:*"))
    denial = deny(GET, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"})
    root.must(
        *("put-resource-policy", "--secret-id", "app/db", "--resource-policy", policy(denial))
    )
    assert user(*READ).sentence == (
        f"{ALICE}{GET} on resource: app/db with an explicit deny in a resource-based policy"
    )


def test_the_policy_of_the_secret_denies_the_account_root(root: Account) -> None:
    """The root is denied by a resource policy alone, and can still take that away."""
    denial = deny(GET, Principal="*")
    put = ("put-resource-policy", "--secret-id", "app/db", "--resource-policy", policy(denial))
    root.must(*put)
    assert root(*READ).sentence == (
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: {GET} on resource: "
        "app/db with an explicit deny in a resource-based policy"
    )
    root.must("delete-resource-policy", "--secret-id", "app/db")
    root.must(*READ)


def test_a_secret_of_another_account(root: Account, user: Account) -> None:
    """Across accounts the secret's policy has to allow as well."""
    root.allow("alice", allow(GET))
    elsewhere = "arn:aws:secretsmanager:us-east-1:999999999999:secret:x-abcdef"
    assert user("get-secret-value", "--secret-id", elsewhere).sentence == (
        f"{ALICE}{GET} on resource: {elsewhere} because no resource-based policy allows the "
        f"{GET} action"
    )


SESSION = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/deploy/release-1 is not authorized to perform"


@pytest.mark.parametrize(
    ("bound", "reason"),
    [
        (
            policy(allow("secretsmanager:DescribeSecret")),
            f"because no session policy allows the {GET} action",
        ),
        (
            policy(allow("secretsmanager:*"), deny(GET)),
            "with an explicit deny in a session policy",
        ),
    ],
)
def test_a_policy_of_the_session(root: Account, user: Account, bound: str, reason: str) -> None:
    """A session is bound by the policy it was begun with, whatever the role may do."""
    make_role(root, TRUST_ALICE)
    begun = user.must(*ASSUME, "--policy", bound)["Credentials"]
    said = root.holding(begun)(*READ)
    assert said.sentence == f"{SESSION}: {GET} on resource: app/db {reason}"


def test_a_session_without_one_reads(root: Account, user: Account) -> None:
    """The same session, unbound, reads the secret."""
    make_role(root, TRUST_ALICE)
    session = root.holding(user.must(*ASSUME)["Credentials"])
    assert session.must(*READ)["SecretString"] == "canary"


def test_no_trust_policy_allows(root: Account, user: Account) -> None:
    """A role that trusts somebody else."""
    root.user("bob")
    make_role(root, {**TRUST_ALICE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}})
    root.allow("alice", allow("sts:AssumeRole"))
    said = user(*ASSUME)
    assert (said.status, said.code) == (254, "AccessDenied")
    assert said.sentence == (
        f"{ALICE}sts:AssumeRole on resource: {ROLE} because no role trust policy allows the "
        "sts:AssumeRole action"
    )


def test_the_trust_policy_denies(root: Account, user: Account) -> None:
    """A denial in it wins."""
    make_role(root, TRUST_ALICE, {**TRUST_ALICE, "Effect": "Deny"})
    assert user(*ASSUME).sentence == (
        f"{ALICE}sts:AssumeRole on resource: {ROLE} with an explicit deny in the role trust policy"
    )


def test_a_role_that_is_not_there_is_refused_alike(root: Account, user: Account) -> None:
    """Whoever may not assume it does not learn whether there is one."""
    said = user(*ASSUME)
    assert said.code == "AccessDenied"
    assert said.sentence.startswith(f"{ALICE}sts:AssumeRole on resource: {ROLE} because no ")
    root.user("bob")
    make_role(root, {**TRUST_ALICE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}})
    assert user(*ASSUME).sentence == said.sentence


def test_a_secret_that_is_not_there(root: Account, user: Account) -> None:
    """It is missing only for whoever may read a secret of that name."""
    root.allow("alice", allow(GET, f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:app/*"))
    assert user("get-secret-value", "--secret-id", "app/x").code == "ResourceNotFoundException"
    assert user("get-secret-value", "--secret-id", "prod/x").code == "AccessDeniedException"


SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:"


@pytest.mark.parametrize(
    ("statement", "secret_id"),
    [
        (allow(GET, f"{SECRET}app/db-??????"), "app/db-abcdef"),
        (allow(GET, f"{SECRET}app/db-??????"), "app/db-abcde"),
        (allow(GET, f"{SECRET}app/new-abcdef"), "app/new-abcdef"),
        (allow(GET, f"{SECRET}app/new"), "app/new"),
        (allow(GET, f"{SECRET}app/new"), f"{SECRET}app/new"),
        (allow(GET, Condition={"StringEquals": {"secretsmanager:SecretId": "new"}}), "new"),
        (allow(GET, Condition={"ArnNotLike": {"secretsmanager:SecretId": f"{SECRET}n*"}}), "new"),
    ],
)
def test_a_refusal_does_not_tell_whether_a_secret_is_there(
    root: Account, user: Account, statement: dict[str, object], secret_id: str
) -> None:
    """Of a name that policies do not reach, though it ends like the suffix of one they do."""
    root.allow("alice", statement)
    read = ("get-secret-value", "--secret-id", secret_id)
    before = user(*read)
    root.must("create-secret", "--name", secret_id.removeprefix(SECRET), "--secret-string", "v")
    assert (before.code, before.err) == ("AccessDeniedException", user(*read).err)


def test_a_secret_that_is_not_there_may_be_reached_by_its_whole_name(
    root: Account, user: Account
) -> None:
    """Whatever its suffix would be; then there is nothing to hide."""
    root.allow("alice", allow(GET, f"{SECRET}app/new-??????"))
    for secret_id in ("app/new", f"{SECRET}app/new", f"{SECRET}app/new-abcdef"):
        assert (
            user("get-secret-value", "--secret-id", secret_id).code == "ResourceNotFoundException"
        )


def test_a_refusal_is_in_the_journal_with_the_reason(root: Account, user: Account) -> None:
    """Who was refused what, and why: the statement that denied, the condition that was not met."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "core"}}
    root.allow("alice", allow(GET, Condition=condition, Sid="ifcore"))
    user(*READ)
    event = json.loads(root("audit", "tail", "-n", "1").out)
    assert event["errorCode"] == "AccessDeniedException"
    assert event["errorMessage"] == "You are not authorized to perform this action."
    assert event["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
    decision = event["additionalEventData"]["decision"]
    assert decision["allowed"] is False
    assert decision["decision"] == "ImplicitlyDenied"
    assert decision["reason"] == f"because no identity-based policy allows the {GET} action"
    assert decision["unmet"] == [
        {
            "policyType": "identity",
            "policy": "test",
            "statement": 0,
            "sid": "ifcore",
            "operator": "StringEquals",
            "key": "aws:PrincipalTag/team",
            "missing": True,
        }
    ]
