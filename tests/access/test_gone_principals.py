"""Whoever is deleted is nobody to the policies that named it, whoever comes after with its name.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import json

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy

READ = ("get-secret-value", "--secret-id", "app/db")
GET = "secretsmanager:GetSecretValue"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/release"
ASSUME = ("sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "release")
ALL: dict[str, object] = {
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNT},
    "Action": "sts:AssumeRole",
}


def put_policy(root: Account, *statements: dict[str, object], name: str = "app/db") -> None:
    """Give the secret a resource policy."""
    words = ("--secret-id", name, "--resource-policy", policy(*statements))
    root.must("put-resource-policy", *words)


def policy_of(root: Account, name: str = "app/db", region: str = "us-east-1") -> str:
    """Return the resource policy of a secret."""
    found = root.must("get-resource-policy", "--secret-id", name, "--region", region)
    return str(found["ResourcePolicy"])


def delete_user(root: Account) -> None:
    """Delete alice, with her access key."""
    keys = root.must("iam", "list-access-keys", "--user-name", "alice")["AccessKeyMetadata"]
    for key in keys:
        words = ("--user-name", "alice", "--access-key-id", key["AccessKeyId"])
        root.must("iam", "delete-access-key", *words)
    root.must("iam", "delete-user", "--user-name", "alice")


def make_role(root: Account) -> None:
    """Make a role without policies that the account can assume."""
    words = ("--role-name", "deploy", "--assume-role-policy-document", policy(ALL))
    root.must("iam", "create-role", *words)


def begun(root: Account, user: Account) -> Account:
    """Return the commands of a session of the role."""
    return root.holding(user.must(*ASSUME)["Credentials"])


def test_a_user_of_the_same_name_is_not_let_in(root: Account, user: Account) -> None:
    """The policy shows the unique id of the user who is gone, as AWS does, and still stands."""
    gone = root.must("iam", "get-user", "--user-name", "alice")["User"]["UserId"]
    put_policy(root, allow(GET, Principal={"AWS": [USER, ACCOUNT]}, Sid="One"))
    user.must(*READ)
    delete_user(root)
    record = root("audit", "lookup-events", "--event-name", "DeleteUser").out
    assert 'resourcePoliciesChanged\\":1' in record
    shown = json.loads(policy_of(root))["Statement"]
    assert shown == [allow(GET, Principal={"AWS": [gone, ACCOUNT]}, Sid="One")]
    after = root.user("alice")
    assert after(*READ).sentence.endswith(
        f"because no identity-based policy allows the {GET} action"
    )
    assert root("fsck").status == 0
    root.must("put-resource-policy", "--secret-id", "app/db", "--resource-policy", policy_of(root))


def test_a_denial_goes_with_whom_it_was_for(root: Account, user: Account) -> None:
    """As in AWS: it was about that user, and not about the name."""
    root.allow("alice", allow("*"))
    put_policy(root, deny(GET, Principal={"AWS": USER}))
    assert "explicit deny in a resource-based policy" in user(*READ).err
    root.must("iam", "delete-user-policy", "--user-name", "alice", "--policy-name", "test")
    delete_user(root)
    after = root.user("alice")
    root.allow("alice", allow("*"))
    after.must(*READ)


def test_an_arn_is_known_however_json_spells_it(root: Account, user: Account) -> None:
    """An escape is the same letter."""
    text = policy(allow(GET, Principal={"AWS": USER})).replace("user/alice", "user\\/\\u0061lice")
    root.must("put-resource-policy", "--secret-id", "app/db", "--resource-policy", text)
    user.must(*READ)
    delete_user(root)
    assert root.user("alice")(*READ).code == "AccessDeniedException"


def test_replicas_and_secrets_that_are_to_be_deleted_forget_as_well(root: Account) -> None:
    """A policy in another region, and one that comes back with its secret."""
    root.user("alice")
    root.must(
        *("create-secret", "--name", "far", "--secret-string", "v"),
        *("--add-replica-regions", "Region=eu-west-1"),
    )
    for name in ("far", "app/db"):
        put_policy(root, allow(GET, Principal={"AWS": USER}), name=name)
    root.must("delete-secret", "--secret-id", "app/db")
    delete_user(root)
    root.must("restore-secret", "--secret-id", "app/db")
    shown = [policy_of(root), policy_of(root, "far"), policy_of(root, "far", "eu-west-1")]
    assert [(USER in each, "AIDA" in each) for each in shown] == [(False, True)] * 3


def test_conditions_and_policies_that_name_others_stay_as_they_were(root: Account) -> None:
    """To the letter; a condition compares text, and is about no principal that could be gone."""
    root.user("alice")
    root.user("bob")
    condition = {"ArnEquals": {"aws:PrincipalArn": USER}}
    other = f"arn:aws:iam::{ACCOUNT}:user/bob"
    text = policy(allow(GET, Principal={"AWS": other}, Condition=condition)).replace(", ", " ,\n")
    root.must("put-resource-policy", "--secret-id", "app/db", "--resource-policy", text)
    delete_user(root)
    assert policy_of(root) == text


@pytest.mark.parametrize("principal", [ROLE, SESSION])
def test_a_role_of_the_same_name_is_not_let_in(
    root: Account, user: Account, principal: str
) -> None:
    """Neither by the role's ARN nor by that of a session."""
    make_role(root)
    root.allow("alice", allow("sts:AssumeRole"))
    put_policy(root, allow(GET, Principal={"AWS": principal}))
    begun(root, user).must(*READ)
    root.must("iam", "delete-role", "--role-name", "deploy")
    assert "AROA" in policy_of(root)
    make_role(root)
    assert begun(root, user)(*READ).code == "AccessDeniedException"


def test_a_session_that_is_denied_stays_denied(root: Account) -> None:
    """The name of a session is anybody's, and a denial of one never was about one role alone."""
    make_role(root)
    put_policy(root, deny(GET, Principal={"AWS": [SESSION, ROLE]}))
    root.must("iam", "delete-role", "--role-name", "deploy")
    (statement,) = json.loads(policy_of(root))["Statement"]
    session, role = statement["Principal"]["AWS"]
    assert (session, role[:4]) == (SESSION, "AROA")


def test_a_role_does_not_trust_a_user_of_the_same_name(root: Account, user: Account) -> None:
    """Its trust policy shows the unique id."""
    trust = policy({**ALL, "Principal": {"AWS": USER}})
    words = ("--role-name", "deploy", "--assume-role-policy-document", trust)
    root.must("iam", "create-role", *words)
    user.must(*ASSUME)
    delete_user(root)
    shown = root.must("iam", "get-role", "--role-name", "deploy")["Role"]
    assert "AIDA" in json.dumps(shown["AssumeRolePolicyDocument"])
    after = root.user("alice")
    root.allow("alice", allow("sts:AssumeRole"))
    assert after(*ASSUME).sentence.endswith(
        "because no role trust policy allows the sts:AssumeRole action"
    )


@pytest.mark.parametrize(
    "name",
    [
        f"arn:aws:iam::{ACCOUNT}:user/nobody",
        f"arn:aws:iam::{ACCOUNT}:user/eng/alice",
        f"arn:aws:iam::{ACCOUNT}:user/ALICE",
        f"arn:aws:iam::{ACCOUNT}:role/alice",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/release",
    ],
)
def test_a_policy_names_nobody_who_is_not_there(root: Account, name: str) -> None:
    """Else whoever gets that name some day would be let in; AWS's error and sentence."""
    root.user("alice")
    text = policy(allow(GET, Principal={"AWS": [USER, name]}))
    said = root("put-resource-policy", "--secret-id", "app/db", "--resource-policy", text)
    sentence = "This resource policy contains an unsupported principal."
    assert (said.code, said.sentence) == ("MalformedPolicyDocumentException", sentence)
    assert "hint: a user or role of this account that it names is not there" in said.err
    assert name not in said.err
    checked = root.must("validate-resource-policy", "--resource-policy", text)
    assert [each["ErrorMessage"] for each in checked["ValidationErrors"]] == [sentence]
    elsewhere = name.replace(ACCOUNT, "111122223333")
    put_policy(root, allow(GET, Principal={"AWS": [USER, elsewhere]}))
