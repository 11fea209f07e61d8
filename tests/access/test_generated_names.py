"""``policy generate`` names what was used: by its path, or by its ARN as long as it keeps that."""

import json

from secretctl.service import generating
from tests.access.conftest import ACCOUNT, Account, allow, policy
from tests.access.test_generate import ALICE, Document, generated

FORCE = ("--force-delete-without-recovery",)
REPLICA = ("--add-replica-regions", "Region=eu-north-1")


def resources(root: Account, action: str) -> list[str]:
    """Return on what the generated policy allows an action."""
    statements = generated(root, "--principal", "alice")["Statement"]
    (found,) = [each["Resource"] for each in statements if action in each["Action"]]
    return found if isinstance(found, list) else [found]


def arn(name: str, region: str = "us-east-1") -> str:
    """Return what begins the ARN of a secret."""
    return f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}"


def test_a_list_below_a_path_is_allowed_for_that_path(root: Account, user: Account) -> None:
    """No hash gets into the policy, and with it alone the lists can be had again."""
    lists = {
        "users": ("/x/", "user/x/"),
        "groups": ("/g", "group/g"),
        "roles": ("/zz/*/", "role/zz/${*}/"),
        "policies": ("/a/", "policy/a/"),
    }
    root.allow("alice", allow("*"))
    for kind, (path, _) in lists.items():
        user.must("iam", f"list-{kind}", "--path-prefix", path)
    document = generated(root, "--principal", "alice")
    assert {each["Resource"] for each in document["Statement"]} == {
        f"arn:aws:iam::{ACCOUNT}:{tail}" for _, tail in lists.values()
    }
    words = ("--policy-name", "test", "--policy-document", json.dumps(document))
    root.must("iam", "put-user-policy", "--user-name", "alice", *words)
    for kind, (path, _) in lists.items():
        user.must("iam", f"list-{kind}", "--path-prefix", path)
        assert user("iam", f"list-{kind}", "--path-prefix", "/other/").status == 254


def test_what_is_known_by_a_hash_alone_is_left_out_and_that_is_said() -> None:
    """Whatever stands in the journal, a hash is the name of nothing."""
    hashed = f"arn:aws:iam::{ACCOUNT}:user/n:0123456789abcdef"
    record: dict[str, object] = {
        "eventSource": "iam.amazonaws.com",
        "eventName": "ListUsers",
        "eventType": "AwsApiCall",
        "readOnly": True,
        "additionalEventData": {"decision": {"action": "iam:ListUsers", "resource": hashed}},
    }
    other = {**record, "eventName": "ListRoles", "additionalEventData": {}}
    made = generating.policy([record, other])
    assert made.left_out == (generating.HIDDEN,)
    assert "n:" not in json.dumps(made.document["Statement"]).replace("arn:", "")


def test_a_replica_of_an_own_secret_has_another_suffix_next_time(
    root: Account, user: Account
) -> None:
    """However it was made; that of somebody else's secret keeps its ARN as long as the secret."""
    root.allow("alice", allow("*"))
    in_north = ("--region", "eu-north-1")
    user.must("create-secret", "--name", "own", "--secret-string", "v")
    for name in ("own", "app/db"):
        user.must("replicate-secret-to-regions", "--secret-id", name, *REPLICA)
        user.must("get-secret-value", "--secret-id", name, *in_north)
    theirs = root.must("describe-secret", "--secret-id", "app/db", *in_north)["ARN"]
    read = [theirs, f"{arn('own', 'eu-north-1')}-??????"]
    assert resources(root, "secretsmanager:GetSecretValue") == read


def test_what_was_replaced_is_named_by_its_own_arn(root: Account, user: Account) -> None:
    """It was not made by whoever put a replica of that name in its place."""
    in_north = ("--region", "eu-north-1")
    words = ("--name", "g5", "--secret-string", "v")
    replaced = root.must("create-secret", *words, *in_north)["ARN"]
    root.allow("alice", allow("*"))
    user.must("create-secret", *words, *REPLICA, "--force-overwrite-replica-secret")
    assert resources(root, "secretsmanager:DeleteSecret") == [replaced]
    user.must(
        "remove-regions-from-replication",
        "--secret-id",
        "g5",
        "--remove-replica-regions",
        "eu-north-1",
    )
    user.must("delete-secret", "--secret-id", "g5", *FORCE)
    assert resources(root, "secretsmanager:DeleteSecret") == [replaced, f"{arn('g5')}-??????"]


def test_a_user_and_a_role_of_one_name_are_told_apart(root: Account, user: Account) -> None:
    """What one of them did is not given to the other."""
    trust: Document = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    words = ("--role-name", "app", "--assume-role-policy-document", policy(trust))
    role = root.must("iam", "create-role", *words)["Role"]
    document = ("--policy-name", "p", "--policy-document", policy(allow("*")))
    root.must("iam", "put-role-policy", "--role-name", "app", *document)
    assume = ("--role-arn", role["Arn"], "--role-session-name", "night")
    root.holding(user.must("sts", "assume-role", *assume)["Credentials"]).must("list-secrets")
    of_role = generated(root, "--principal", "app")
    assert [each["Action"] for each in of_role["Statement"]] == [["secretsmanager:ListSecrets"]]
    other = root.user("app")
    root.allow("app", allow("*"))
    other.must("get-random-password")
    said = root("policy", "generate", "--from-audit", "--principal", "app")
    assert (said.status, said.out) == (1, "")
    assert f"hint: --principal {role['RoleId']}\n" in said.err
    assert generated(root, "--principal", role["Arn"]) == of_role
