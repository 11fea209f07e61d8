"""``policy explain`` where the journal has a hash: the statement holds for what was meant."""

import json
from typing import Any

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, policy
from tests.access.test_explain import ALICE, changed, explained, text

IAM = f"arn:aws:iam::{ACCOUNT}"
KMS = f"arn:aws:kms:us-east-1:{ACCOUNT}"
Fields = dict[str, Any]


@pytest.mark.parametrize(
    ("command", "resource"),
    [
        ("iam list-users --path-prefix /x/", f"{IAM}:user/*"),
        ("iam list-policies --path-prefix /x/", f"{IAM}:policy/*"),
        ("iam get-user --user-name nosuch", f"{IAM}:user/*"),
        ("iam list-role-policies --role-name nosuch", f"{IAM}:role/*"),
        (f"iam get-policy --policy-arn {IAM}:policy/x/none", "*"),
        ("kms describe-key --key-id alias/nosuch", f"{KMS}:*"),
        ("kms list-grants --key-id 12345678-1234-1234-1234-123456789012", f"{KMS}:*"),
    ],
)
def test_no_hash_is_a_resource_and_the_command_is_enough(
    root: Account, user: Account, command: str, resource: str
) -> None:
    """It is about everything of its kind, which is said; then policies refuse it no more."""
    words = command.split()
    assert "AccessDenied" in user(*words).code
    said = root("policy", "explain")
    assert said.err.startswith("secretctl: warning: The statement is about everything of its kind,")
    (change,) = said.answer["refusal"]["changes"]
    assert change["statement"]["Resource"] == resource
    assert "n:" not in json.dumps(change).replace("arn:", "")
    assert "is to be narrowed to what was meant: the journal has a hash of it alone" in text(root)
    changed(root, said.answer["refusal"])
    assert "AccessDenied" not in user(*words).code


def test_of_a_role_that_is_not_there_no_policy_is_shown(root: Account, user: Account) -> None:
    """There is none to change, and that is said; what was typed may have been anything."""
    role = f"{IAM}:role/none"
    words = ("sts", "assume-role", "--role-arn", role, "--role-session-name", "night")
    root.allow("alice", allow("sts:*"))
    assert user(*words).status == 254
    found = explained(root)
    assert (found["cause"], found["changes"]) == ("noSuchRole", [])
    said = text(root)
    assert "There was no such role, so no trust policy could allow it." in said
    assert "none" not in said + json.dumps(found)
    trust: Fields = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    document = ("--assume-role-policy-document", policy(trust))
    root.must("iam", "create-role", "--role-name", "none", *document)
    assert user(*words).status == 0


def test_programs_are_warned_of_a_name_that_is_to_be_filled_in(
    root: Account, user: Account
) -> None:
    """On standard error, where the answer is JSON; nothing is to be said of what is named."""
    user("get-secret-value", "--secret-id", "app/db")
    assert root("policy", "explain").err == ""
    user("get-secret-value", "--secret-id", "gone")
    said = root("policy", "explain")
    assert "secretctl: warning: NAME stands for the secret" in said.err
    assert "NAME-??????" in said.out
