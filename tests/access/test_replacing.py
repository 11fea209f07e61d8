"""A replica that is to replace another secret destroys it: that needs leave to delete it."""

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy

THERE = ("--region", "eu-west-1")
ALICE = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
ALL = allow("secretsmanager:*")
REPLICAS = ("--add-replica-regions", "Region=eu-west-1", "--force-overwrite-replica-secret")
COMMANDS = {
    "replicate": ("replicate-secret-to-regions", "--secret-id", "app/db", *REPLICAS),
    "create": ("create-secret", "--name", "new", "--secret-string", "mine", *REPLICAS),
}
NAMES = {"replicate": "app/db", "create": "new"}


@pytest.fixture(params=COMMANDS)
def way(root: Account, request: pytest.FixtureRequest) -> str:
    """A way to replace a secret of another region, which is there."""
    name = NAMES[request.param]
    root.must("create-secret", "--name", name, "--secret-string", "theirs", *THERE)
    return str(request.param)


def value_there(root: Account, way: str) -> str:
    """Return the value of the secret that was to be replaced, or of what replaced it."""
    answer = root.must("get-secret-value", "--secret-id", NAMES[way], *THERE)
    return str(answer["SecretString"])


@pytest.mark.parametrize(
    "denial",
    [
        deny("*", "arn:aws:secretsmanager:eu-west-1:*:*"),
        deny(
            "secretsmanager:DeleteSecret",
            Condition={"Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "true"}},
        ),
    ],
)
def test_who_may_not_delete_it_may_not_replace_it(
    root: Account, user: Account, way: str, denial: dict[str, object]
) -> None:
    """Whatever else is allowed; the sentence names the secret that would go."""
    arn = root.must("describe-secret", "--secret-id", NAMES[way], *THERE)["ARN"]
    root.allow("alice", ALL, denial)
    said = user(*COMMANDS[way])
    assert (said.status, said.code) == (254, "AccessDeniedException")
    assert said.sentence.endswith(
        f"not authorized to perform: secretsmanager:DeleteSecret on resource: {arn} with an "
        "explicit deny in an identity-based policy"
    )
    record = root("audit", "tail", "-n", "1").out
    assert '"action":"secretsmanager:DeleteSecret"' in record
    assert arn in record
    assert value_there(root, way) == "theirs"
    root.allow("alice", ALL)
    assert user.must(*COMMANDS[way])["ReplicationStatus"][0]["Status"] == "InSync"
    assert value_there(root, way) != "theirs"


@pytest.mark.parametrize("who", ["alice", "root"])
def test_its_own_policy_is_asked(root: Account, user: Account, way: str, who: str) -> None:
    """Also what it says to the account's root."""
    root.allow("alice", ALL)
    principal = ALICE if who == "alice" else {"AWS": ACCOUNT}
    words = ("--secret-id", NAMES[way], "--resource-policy")
    denial = policy(deny("secretsmanager:DeleteSecret", Principal=principal))
    root.must("put-resource-policy", *words, denial, *THERE)
    said = (user if who == "alice" else root)(*COMMANDS[way])
    assert said.sentence.endswith("with an explicit deny in a resource-based policy")
    assert value_there(root, way) == "theirs"


def test_without_leave_to_replace_nothing_is_asked(root: Account, user: Account, way: str) -> None:
    """The replica fails, as it does for who may delete the other."""
    root.allow("alice", ALL, deny("secretsmanager:DeleteSecret"))
    answer = user.must(*COMMANDS[way][:-1])
    assert answer["ReplicationStatus"][0]["Status"] == "Failed"
    assert value_there(root, way) == "theirs"
