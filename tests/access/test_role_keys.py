"""The private key of a role is granted to whom policies could let in, with all it may open.

Asked of a reader of the format that tries whatever a credential opens, and of no program of ours.
"""

from collections.abc import Callable

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, policy
from tests.access.test_sessions import ALICE, ASSUME, ROLE, make_role, trusting
from tests.conftest import World
from tests.vault import independent_principal as independent

ANYBODY = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
NOBODY = {"Service": "secretsmanager.amazonaws.com"}
MANAGED = f"arn:aws:iam::{ACCOUNT}:policy/assuming"
Opens = Callable[[], bool]


@pytest.fixture
def opens(root: Account, user: Account, world: World) -> Opens:
    """Tells whether the credential of ``alice`` opens a value that the role ``deploy`` may read."""
    key_id = root.must("kms", "create-key")["KeyMetadata"]["KeyId"]
    named = ("--name", "prod", "--secret-string", "prod's", "--kms-key-id", key_id)
    root.must("create-secret", *named)
    make_role(root, trusting(NOBODY))
    root.must(
        *("kms", "create-grant", "--key-id", key_id, "--grantee-principal", ROLE),
        *("--operations", "Decrypt"),
    )

    def asked() -> bool:
        given = user.environ
        names = ("SECRETCTL_ACCESS_KEY_ID", "SECRETCTL_SECRET_ACCESS_KEY")
        found = independent.seen_with(
            f"{world.directory}/vault.db", *[given[each] for each in names]
        )
        return "prod" not in found.closed

    assert not asked()
    return asked


def trust(root: Account, document: str) -> None:
    """Replace the trust policy of the role."""
    root.must(
        *("iam", "update-assume-role-policy", "--role-name", "deploy"),
        *("--policy-document", document),
    )


def test_who_is_named_opens_what_the_role_does(root: Account, opens: Opens) -> None:
    """Its key is there to begin sessions with; nobody else's credential has it."""
    trust(root, trusting(ALICE))
    assert opens()
    trust(root, trusting(NOBODY))
    assert not opens()


def test_an_external_id_is_asked_for_by_the_tool_alone(root: Account, opens: Opens) -> None:
    """What only a request has cannot keep back a key."""
    trust(root, trusting(ALICE, Condition={"StringEquals": {"sts:ExternalId": "x"}}))
    assert opens()


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Principal": ALICE, "Action": "sts:*"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
    ],
)
def test_a_denial_keeps_back_the_key(
    root: Account, opens: Opens, statement: dict[str, object]
) -> None:
    """Whoever is denied the role for certain does not get its key."""
    allowing: dict[str, object] = {
        "Effect": "Allow",
        "Principal": ALICE,
        "Action": "sts:AssumeRole",
    }
    trust(root, policy(allowing, statement))
    assert not opens()
    trust(root, policy(allowing))
    assert opens()


def test_an_action_that_begins_no_session_gives_no_key(root: Account, opens: Opens) -> None:
    """To be allowed to tag sessions is not to be let in."""
    trust(root, trusting(ALICE, actions="sts:TagSession"))
    assert not opens()


def test_what_is_known_of_the_principal_is_decided(root: Account, opens: Opens) -> None:
    """A condition on the principal's own tags keeps back the key until it has them."""
    wanted = {"StringEquals": {"aws:PrincipalTag/team": "core"}}
    trust(root, trusting(ALICE, Condition=wanted))
    assert not opens()


def test_trust_in_the_account_gives_the_key_to_whom_identity_policies_let_in(
    root: Account, user: Account, opens: Opens
) -> None:
    """A policy of its own, of a group, a managed one and its versions each bring it and take it."""
    trust(root, trusting(ANYBODY))
    assert not opens()
    may = policy(allow("sts:AssumeRole", ROLE))
    named = ("--user-name", "alice", "--policy-name", "may")
    root.must("iam", "put-user-policy", *named, "--policy-document", may)
    assert opens()
    user.must(*ASSUME)
    root.must("iam", "delete-user-policy", *named)
    assert not opens()
    root.must("iam", "create-group", "--group-name", "ops")
    of_group = ("--group-name", "ops", "--policy-name", "may", "--policy-document", may)
    root.must("iam", "put-group-policy", *of_group)
    member = ("--group-name", "ops", "--user-name", "alice")
    root.must("iam", "add-user-to-group", *member)
    assert opens()
    root.must("iam", "remove-user-from-group", *member)
    assert not opens()


def test_a_managed_policy_brings_the_key_and_takes_it(
    root: Account, user: Account, opens: Opens
) -> None:
    """Attached to a group, in another version, and as the boundary of what is allowed."""
    trust(root, trusting(ANYBODY))
    may, may_not = (
        policy(allow("sts:AssumeRole", ROLE)),
        policy(allow("sts:AssumeRole", ROLE + "2")),
    )
    root.must("iam", "create-policy", "--policy-name", "assuming", "--policy-document", may)
    root.must("iam", "create-group", "--group-name", "ops")
    root.must("iam", "add-user-to-group", "--group-name", "ops", "--user-name", "alice")
    attached = ("--group-name", "ops", "--policy-arn", MANAGED)
    root.must("iam", "attach-group-policy", *attached)
    assert opens()
    changed = ("--policy-arn", MANAGED, "--policy-document", may_not, "--set-as-default")
    root.must("iam", "create-policy-version", *changed)
    assert not opens()
    root.must(*("iam", "set-default-policy-version", "--policy-arn", MANAGED, "--version-id", "v1"))
    assert opens()
    user.must(*ASSUME)
    root.must("iam", "create-policy", "--policy-name", "bound", "--policy-document", may_not)
    bound = MANAGED.replace("assuming", "bound")
    put = ("--user-name", "alice", "--permissions-boundary", bound)
    root.must("iam", "put-user-permissions-boundary", *put)
    assert not opens()
    root.must("iam", "delete-user-permissions-boundary", "--user-name", "alice")
    assert opens()


def test_a_user_made_later_has_the_key_it_is_due(root: Account, opens: Opens) -> None:
    """Who is let in by name alone can begin sessions from its first day."""
    assert not opens()
    trust(root, trusting({"AWS": "*"}))
    late = root.user("late")
    root.allow("late", allow("sts:AssumeRole", ROLE))
    late.must(*ASSUME)
