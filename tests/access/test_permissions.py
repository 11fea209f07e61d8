"""Every operation asks for its own permission, and for what more it does."""

import json

import pytest

from secretctl.model.operations import OPERATIONS
from secretctl.model.shapes import kebab
from secretctl.service.acts import Act
from secretctl.service.shown import Names
from tests.access.conftest import ACCOUNT, Account, allow, deny, policy

REQUIRED = {
    "AddReplicaRegions": ("Region=eu-west-1",),
    "CrossAccountReplicaARN": (
        "arn:aws:secretsmanager:eu-west-1:999999999999:secret:app/db-abcdef",
    ),
    "Name": ("new",),
    "RemoveReplicaRegions": ("eu-west-1",),
    "ResourcePolicy": (policy(allow("secretsmanager:GetSecretValue", Principal={"AWS": ACCOUNT})),),
    "SecretId": ("app/db",),
    "TagKeys": ("env",),
    "Tags": ("Key=env,Value=prod",),
    "VersionId": ("11111111-1111-4111-8111-111111111111",),
    "VersionStage": ("blue",),
}
"""A value for each parameter that some operation cannot be called without."""


def words_of(name: str) -> list[str]:
    """Return a command that calls an operation with what it needs."""
    operation = next(each for each in OPERATIONS if each.name == name)
    words = [kebab(name)]
    for member in operation.input:
        if member.required and not member.idempotency_token:
            words += [f"--{kebab(member.name)}", *REQUIRED[member.name]]
    if name == "PutSecretValue":
        words += ["--secret-string", "w"]
    if name == "BatchGetSecretValue":
        words += ["--secret-id-list", "app/db"]
    return words


@pytest.mark.parametrize("name", [each.name for each in OPERATIONS])
def test_no_operation_runs_without_its_permission(root: Account, user: Account, name: str) -> None:
    """All but this one may be allowed: it is refused, and changes nothing."""
    others: dict[str, object] = {
        "Effect": "Allow",
        "NotAction": f"secretsmanager:{name}",
        "Resource": "*",
    }
    root.allow("alice", others)
    before = root.must("describe-secret", "--secret-id", "app/db")
    said = user(*words_of(name))
    assert (said.status, said.out, said.code) == (254, "", "AccessDeniedException")
    assert f"not authorized to perform: secretsmanager:{name}" in said.sentence
    assert root.must("describe-secret", "--secret-id", "app/db") == before


@pytest.mark.parametrize("name", [each.name for each in OPERATIONS])
def test_its_permission_is_enough(root: Account, user: Account, name: str) -> None:
    """With this permission alone policies do not refuse it; what it answers is another matter."""
    more = {"ValidateResourcePolicy": ["PutResourcePolicy"]}.get(name, [])
    root.allow("alice", *[allow(f"secretsmanager:{each}") for each in [name, *more]])
    assert "is not authorized to perform" not in user(*words_of(name)).err


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("create-secret --name new --tags Key=a,Value=b", "TagResource"),
        (
            "create-secret --name new --add-replica-regions Region=eu-west-1",
            "ReplicateSecretToRegions",
        ),
        ("batch-get-secret-value --filters Key=name,Values=app", "ListSecrets"),
        (
            "validate-resource-policy --secret-id app/db --resource-policy POLICY",
            "PutResourcePolicy",
        ),
        ("validate-resource-policy --resource-policy POLICY", "PutResourcePolicy"),
    ],
)
def test_what_more_an_operation_does_needs_permission_too(
    root: Account, user: Account, command: str, more: str
) -> None:
    """Denied the further action alone, it is refused, and the sentence names that action."""
    words = [
        REQUIRED["ResourcePolicy"][0] if word == "POLICY" else word for word in command.split()
    ]
    root.allow("alice", allow("secretsmanager:*"), deny(f"secretsmanager:{more}"))
    said = user(*words)
    assert f"not authorized to perform: secretsmanager:{more}" in said.sentence
    root.allow("alice", allow("secretsmanager:*"))
    assert "is not authorized" not in user(*words).err


def test_a_batch_gives_what_may_be_read_and_names_the_rest(root: Account, user: Account) -> None:
    """Each secret is decided on by itself; what is refused is an entry among the errors."""
    root.must("create-secret", "--name", "prod/db", "--secret-string", "canary-2")
    root.allow(
        "alice",
        allow("secretsmanager:BatchGetSecretValue"),
        allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:app/*"),
    )
    answer = user.must("batch-get-secret-value", "--secret-id-list", "app/db", "prod/db")
    assert [each["Name"] for each in answer["SecretValues"]] == ["app/db"]
    error = answer["Errors"][0]
    assert (error["SecretId"], error["ErrorCode"]) == ("prod/db", "AccessDeniedException")
    assert "not authorized to perform: secretsmanager:GetSecretValue" in error["Message"]
    assert "canary-2" not in json.dumps(answer)


def test_a_user_cannot_lock_itself_out(root: Account, user: Account) -> None:
    """A resource policy under which its author could not replace it again is refused."""
    root.allow("alice", allow("secretsmanager:*"))
    denial = deny("secretsmanager:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"})
    said = user("put-resource-policy", "--secret-id", "app/db", "--resource-policy", policy(denial))
    assert said.code == "MalformedPolicyDocumentException"
    assert said.sentence == (
        "Your requested changes will not allow you to manage this secret in the future."
    )
    checked = user.must(
        *("validate-resource-policy", "--secret-id", "app/db", "--resource-policy", policy(denial))
    )
    assert checked["PolicyValidationPassed"] is False
    assert [each["CheckName"] for each in checked["ValidationErrors"]] == ["LOCKOUT"]
    assert "ResourcePolicy" not in root.must("get-resource-policy", "--secret-id", "app/db")


def test_a_policy_that_gave_the_right_cannot_take_it(root: Account, user: Account) -> None:
    """Who may replace the policy because of it must still be allowed by the new one."""
    give = allow("secretsmanager:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"})
    put = ("put-resource-policy", "--secret-id", "app/db", "--resource-policy")
    root.must(*put, policy(give))
    narrower = {**give, "Action": "secretsmanager:GetSecretValue"}
    assert user(*put, policy(narrower)).code == "MalformedPolicyDocumentException"
    user.must(*put, policy({**give, "Action": "secretsmanager:PutResourcePolicy"}))


PUT_POLICY = "secretsmanager:PutResourcePolicy"
BLOCKS = {"secretsmanager:BlockPublicPolicy": "true"}


@pytest.mark.parametrize(
    "statements",
    [
        [allow(PUT_POLICY, Condition={"Bool": BLOCKS})],
        [allow(PUT_POLICY), deny(PUT_POLICY, Condition={"StringNotEquals": BLOCKS})],
        [allow(PUT_POLICY), deny(PUT_POLICY, Condition={"Null": BLOCKS})],
    ],
)
def test_who_may_put_only_what_is_not_public_is_not_locked_out(
    root: Account, user: Account, statements: list[dict[str, object]]
) -> None:
    """As AWS advises to allow it: the next policy could be put by such a request as this one."""
    root.allow("alice", *statements)
    put = ("put-resource-policy", "--secret-id", "app/db", "--resource-policy")
    user.must(*put, REQUIRED["ResourcePolicy"][0], "--block-public-policy")
    denial = deny(PUT_POLICY, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"})
    assert "manage this secret" in user(*put, policy(denial), "--block-public-policy").sentence


def test_the_root_is_refused_a_policy_that_denies_it_everything(root: Account) -> None:
    """As in AWS, though here it could mend one."""
    denial = policy(deny("secretsmanager:*", Principal="*"))
    said = root("put-resource-policy", "--secret-id", "app/db", "--resource-policy", denial)
    assert said.code == "MalformedPolicyDocumentException"


def test_completion_shows_a_user_what_it_may_list(root: Account, user: Account) -> None:
    """Names of secrets are completed for who may list them, and for nobody else."""
    words = ("__complete", "--", "get-secret-value", "--secret-id", "app/")
    assert user(*words).out == ""
    root.allow("alice", allow("secretsmanager:ListSecrets"))
    assert user(*words).out == "app/db\n"


def test_an_act_that_nobody_decided_on_ends_before_its_record() -> None:
    """An operation that forgot to ask fails closed: neither its record nor its answer is made."""
    act = Act("X", "us-east-1", Names(b"k" * 32, hidden=False), read_only=False, decision=None)
    with pytest.raises(AssertionError):
        act.event()
    act.decided({"allowed": False})
    act.decided({"allowed": True})
    with pytest.raises(AssertionError):
        act.event()
