"""Operations of IAM, KMS and STS need their own permission, and say in AWS's words what is refused.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html
"""

import shlex

import pytest

from secretctl.model.services import operations_of
from secretctl.model.shapes import Operation
from tests.access.conftest import ACCOUNT, Account, allow, deny, policy

ALICE = f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: "
ALL = policy(allow("*"))
TRUST = policy(
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
)
OWNER_ONLY = "Only the account root can change users, groups, roles, policies and keys."
ID = "8" * 64


def words_of(operation: Operation, key_id: str) -> list[str]:
    """Return the example of an operation, with documents and ids filled in."""
    some_id = key_id if operation.service == "kms" else "AKIA" + "A" * 16
    filled = {"ID": some_id, "GRANT": ID, "file://trust.json": TRUST}
    words = shlex.split(operation.example)[1:]
    return [filled.get(word, ALL if word.startswith("file://") else word) for word in words]


@pytest.mark.parametrize("service", ["iam", "kms"])
def test_no_operation_runs_without_its_permission(root: Account, service: str) -> None:
    """All but this one may be allowed: it is refused. With it, changes are the owner's alone."""
    user = root.user("alice")
    key_id = root.must("kms", "create-key")["KeyMetadata"]["KeyId"]
    code = {"iam": "AccessDenied", "kms": "AccessDeniedException"}[service]
    for operation in operations_of(service).values():
        action = f"{service}:{operation.name}"
        root.allow("alice", {"Effect": "Allow", "NotAction": action, "Resource": "*"})
        said = user(*words_of(operation, key_id))
        assert (said.status, said.out, said.code) == (254, "", code), operation.name
        assert said.sentence.startswith(f"{ALICE}{action} on resource: ")
        assert said.sentence.endswith(
            f" because no identity-based policy allows the {action} action"
        )
        if not operation.read_only:
            root.allow("alice", allow("*"))
            assert user(*words_of(operation, key_id)).sentence == OWNER_ONLY, operation.name


OWN = f"arn:aws:iam::{ACCOUNT}:"


@pytest.mark.parametrize(
    ("command", "resource"),
    [
        ("create-user --user-name x", f"{OWN}user/x"),
        ("create-user --user-name x --path /eng/", f"{OWN}user/eng/x"),
        ("create-group --group-name x", f"{OWN}group/x"),
        (f"create-role --role-name x --assume-role-policy-document {TRUST!r}", f"{OWN}role/x"),
        (f"create-policy --policy-name x --policy-document {ALL!r}", "policy x"),
        ("get-user --user-name bob", "user bob"),
        ("get-user", "user alice"),
        ("list-access-keys", "user alice"),
        ("create-access-key --user-name bob", "user bob"),
        ("add-user-to-group --user-name bob --group-name x", "group x"),
        ("get-role --role-name x", "role x"),
        ("list-attached-role-policies --role-name x", "role x"),
        (f"attach-role-policy --role-name x --policy-arn {OWN}policy/x", "role x"),
        (f"get-policy --policy-arn {OWN}policy/x", f"policy {OWN}policy/x"),
        ("list-policies", "policy path /"),
        ("list-policies --path-prefix /eng/", "policy path /eng/"),
        ("list-users", f"{OWN}user/"),
        ("list-roles --path-prefix /eng/", f"{OWN}role/eng/"),
        ("list-groups", f"{OWN}group/"),
    ],
)
def test_iam_names_what_it_is_about(root: Account, command: str, resource: str) -> None:
    """By kind and name; by ARN what is new or many, but for policies."""
    user = root.user("alice")
    words = shlex.split(command)
    assert f" on resource: {resource} because " in user("iam", *words).sentence


def test_policies_of_iam_reach_by_arn_what_sentences_name_otherwise(root: Account) -> None:
    """A resource of a policy is an ARN, whatever the refusal says."""
    user = root.user("alice")
    root.must("iam", "create-user", "--user-name", "bob", "--path", "/eng/")
    root.allow(
        "alice", allow("iam:GetUser", f"{OWN}user/eng/*"), allow("iam:ListUsers", f"{OWN}user/*")
    )
    assert user.must("iam", "get-user", "--user-name", "bob")["User"]["Arn"].endswith("/eng/bob")
    assert len(user.must("iam", "list-users")["Users"]) == 2
    assert user("iam", "get-user").code == "AccessDenied"


def test_a_key_is_decided_on_by_its_arn_whatever_alias_is_given(root: Account) -> None:
    """An alias is no resource; one that is changed is."""
    user = root.user("alice")
    key = root.must("kms", "create-key")["KeyMetadata"]
    made = ("kms", "create-alias", "--alias-name", "alias/prod", "--target-key-id", key["KeyId"])
    root.must(*made)
    described = ("kms", "describe-key", "--key-id", "alias/prod")
    assert f" on resource: {key['Arn']} because " in user(*described).sentence
    root.allow("alice", allow("kms:DescribeKey", key["Arn"]))
    assert user.must(*described)["KeyMetadata"]["KeyId"] == key["KeyId"]
    alias = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/prod"
    assert f" on resource: {alias} because " in user(*made).sentence
    assert " on resource: * because " in user("kms", "list-aliases").sentence


def test_a_grant_lets_its_grantee_describe_the_key(root: Account) -> None:
    """As on AWS: a grant of DescribeKey needs no policy, and a denial wins over it."""
    user = root.user("alice")
    key = root.must("kms", "create-key")["KeyMetadata"]
    given = ("--grantee-principal", f"{OWN}user/alice", "--key-id", key["KeyId"])
    described = ("kms", "describe-key", "--key-id", key["KeyId"])
    root.must("kms", "create-grant", *given, "--operations", "Decrypt")
    assert user(*described).code == "AccessDeniedException"
    root.must("kms", "create-grant", *given, "--operations", "DescribeKey", "RetireGrant")
    assert user.must(*described)["KeyMetadata"]["Arn"] == key["Arn"]
    assert user("kms", "list-grants", "--key-id", key["KeyId"]).code == "AccessDeniedException"
    other = root.must("kms", "create-key")["KeyMetadata"]["KeyId"]
    assert user("kms", "describe-key", "--key-id", other).code == "AccessDeniedException"
    root.allow("alice", deny("kms:DescribeKey"))
    assert user(*described).sentence.endswith("with an explicit deny in an identity-based policy")


@pytest.mark.parametrize("kind", ["identity", "boundary"])
def test_denials_in_other_services_name_the_policy(root: Account, kind: str) -> None:
    """As in Secrets Manager."""
    user = root.user("alice")
    root.allow("alice", allow("*"))
    made = root.must(
        *("iam", "create-policy", "--policy-name", "bound"),
        *("--policy-document", policy(allow("*"), deny("kms:*"))),
    )
    arn = made["Policy"]["Arn"]
    if kind == "identity":
        root.must("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", arn)
        where = "an identity-based policy"
    else:
        words = ("--user-name", "alice", "--permissions-boundary", arn)
        root.must("iam", "put-user-permissions-boundary", *words)
        where = "a permissions boundary"
    assert user("kms", "list-keys").sentence == (
        f"{ALICE}kms:ListKeys on resource: * with an explicit deny in {where}: {arn}"
    )


def test_what_lies_under_a_key_that_is_not_granted_is_refused_in_kmss_words(root: Account) -> None:
    """Policies allow it, the key is not there: Secrets Manager tells what KMS said."""
    user = root.user("alice")
    root.allow("alice", allow("*"))
    key_id = root.must("kms", "create-key")["KeyMetadata"]["KeyId"]
    made = ("create-secret", "--name", "closed", "--secret-string", "canary", "--kms-key-id")
    root.must(*made, key_id)
    put = ("put-secret-value", "--secret-id", "closed", "--secret-string", "x")
    for command in (("get-secret-value", "--secret-id", "closed"), put):
        said = user(*command)
        assert (said.status, said.out, said.code) == (254, "", "AccessDeniedException")
        assert said.sentence == "Access to KMS is not allowed"
        decided = '"decision":{"allowed":false,"reason":"the key is not granted","action":'
        assert decided in root("audit", "tail", "-n", "1").out


@pytest.mark.parametrize("action", ["disable-key", "schedule-key-deletion"])
def test_the_default_key_is_refused_to_the_owner_too(root: Account, action: str) -> None:
    """Its key policy, which AWS would have written, allows nobody to."""
    name = {"disable-key": "DisableKey", "schedule-key-deletion": "ScheduleKeyDeletion"}[action]
    key = root.must("kms", "describe-key", "--key-id", "alias/aws/secretsmanager")["KeyMetadata"]
    said = root("kms", action, "--key-id", key["KeyId"])
    assert (said.code, said.sentence) == (
        "AccessDeniedException",
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:{name} on resource: "
        f"{key['Arn']} because no resource-based policy allows the kms:{name} action",
    )
