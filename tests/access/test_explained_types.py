"""``policy explain`` names each type of policy that lacks, and what each needs: it is enough."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy
from tests.access.test_explain import ALICE, GET, READ, explained, text

Fields = dict[str, Any]
UNMET = allow(GET, Condition={"StringEquals": {"aws:ResourceTag/env": "test"}})
ELSE = allow("s3:*")
ROLE = ("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/app", "--role-session-name", "night")
OF_IDENTITY = {"nothing": [], "unmet": [UNMET], "allows": [allow(GET)]}


def bound(root: Account, kind: str, *statements: Fields) -> None:
    """Give alice, or the role app, a permissions boundary."""
    words = ("--policy-name", "most", "--policy-document", policy(*statements))
    arn = root.must("iam", "create-policy", *words)["Policy"]["Arn"]
    name = {"user": "alice", "role": "app"}[kind]
    named = (f"--{kind}-name", name, "--permissions-boundary", arn)
    root.must("iam", f"put-{kind}-permissions-boundary", *named)


def chosen(refusal: Fields) -> list[Fields]:
    """Return all changes, or of the alternatives the last one."""
    found: list[Fields] = refusal["changes"]
    if refusal["needed"] == "any":
        return found[-1:]
    last = {each["policyType"]: each for each in found}
    return list(last.values()) if refusal["needed"] == "anyOfEachType" else found


def mended(root: Account, changes: list[Fields]) -> list[Fields]:
    """Do what is said; return the statements for the policy of the session."""
    for change in changes:
        if change["policyType"] == "identity":
            root.must(*shlex.split(change["commands"][0])[1:])
        elif change["policyType"] == "boundary":
            folder = Path(root.context.environ["HOME"], ".local/share/secretctl/default/policies")
            path = folder / "most.json"
            document = json.loads(path.read_text())
            document["Statement"].append(change["statement"])
            path.write_text(json.dumps(document))
            (command,) = change["commands"]
            assert root(*shlex.split(command)[1:], "--yes").status == 0
    return [each["statement"] for each in changes if each["policyType"] == "session"]


@pytest.mark.parametrize("identity", OF_IDENTITY)
def test_all_that_is_said_is_enough_for_a_bounded_user(
    root: Account, user: Account, identity: str
) -> None:
    """Once, without another refusal that has to be explained."""
    if OF_IDENTITY[identity]:
        root.allow("alice", *OF_IDENTITY[identity])
    bound(root, "user", ELSE)
    assert user(*READ).status == 254
    found = explained(root)
    told = [(each["change"], each["policyType"]) for each in found["changes"]]
    boundary = ("addStatement", "boundary")
    expected = {
        "nothing": ("all", [("addStatement", "identity"), boundary]),
        "unmet": (
            "anyOfEachType",
            [("meetConditions", "identity"), ("addStatement", "identity"), boundary],
        ),
        "allows": ("any", [boundary]),
    }
    assert (found["needed"], told) == expected[identity]
    mended(root, chosen(found))
    assert user(*READ).status == 0


@pytest.mark.parametrize("identity", OF_IDENTITY)
def test_all_that_is_said_is_enough_for_a_session(
    root: Account, user: Account, identity: str
) -> None:
    """With a boundary of its role and a policy of its own, neither of which allows."""
    trust: Fields = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    document = ("--assume-role-policy-document", policy(trust))
    root.must("iam", "create-role", "--role-name", "app", *document)
    for number, statement in enumerate(OF_IDENTITY[identity]):
        words = ("--policy-name", f"p{number}", "--policy-document", policy(statement))
        root.must("iam", "put-role-policy", "--role-name", "app", *words)
    bound(root, "role", ELSE)

    def session(*statements: Fields) -> Account:
        words = ("sts", "assume-role", *ROLE, "--policy", policy(ELSE, *statements))
        return root.holding(user.must(*words)["Credentials"])

    assert session()(*READ).status == 254
    found = explained(root)
    types = {each["policyType"] for each in found["changes"]}
    assert types == {"boundary", "session"} | (set() if identity == "allows" else {"identity"})
    more = mended(root, chosen(found))
    assert session(*more)(*READ).status == 0


def test_conditions_are_no_way_where_another_type_lacks(root: Account, user: Account) -> None:
    """To meet them does not help where it is the boundary that lacks."""
    root.allow("alice", allow(GET))
    root.allow("alice", UNMET, name="other")
    bound(root, "user", ELSE)
    assert user(*READ).status == 254
    (change,) = explained(root)["changes"]
    assert (change["change"], change["policyType"]) == ("addStatement", "boundary")
    said = text(root)
    assert "identity policies allow it" in said
    about = "is about that action on that resource"
    assert f"No statement in the permissions boundary that allows anything {about}." in said
    assert f"No statement that allows anything {about}." not in said
    assert "Its file is policies/most.json in the vault's directory." in said


def test_what_lacks_besides_a_denial_is_told_of_each_type(root: Account, user: Account) -> None:
    """Without the denial there would be the next refusal, and then another one."""
    root.allow("alice", deny(GET))
    bound(root, "user", ELSE)
    assert user(*READ).status == 254
    found = explained(root)
    assert found["needed"] == "all"
    assert [(each["change"], each["policyType"]) for each in found["changes"]] == [
        ("removeStatement", "identity"),
        ("addStatement", "identity"),
        ("addStatement", "boundary"),
    ]


def test_a_statement_of_a_trust_policy_is_enough_for_the_own_account(
    root: Account, user: Account
) -> None:
    """It names the user: no identity policy has to allow it as well."""
    trust: Fields = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:TagSession"}
    document = ("--assume-role-policy-document", policy(trust))
    root.must("iam", "create-role", "--role-name", "app", *document)
    assert user("sts", "assume-role", *ROLE).status == 254
    (change,) = explained(root)["changes"]
    assert change["policyType"] == "trust"
    words = ("--role-name", "app", "--policy-document", policy(trust, change["statement"]))
    root.must("iam", "update-assume-role-policy", *words)
    assert user("sts", "assume-role", *ROLE).status == 0
