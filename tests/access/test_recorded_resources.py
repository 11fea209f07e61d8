"""Of a refused request the journal shows what is there, and of all else a keyed hash.

What was typed where a name belongs may be a password.
"""

import json
from pathlib import Path

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, policy

CANARY = "Canary7331"
HERE = f"us-east-1:{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}:"
ARN = f"{IAM}policy/{CANARY}"
MAKE = f"create-secret --name {CANARY} --secret-string v"
REFUSED = {
    MAKE: "arn:aws:secretsmanager:" + HERE + ":secret:{}-",
    f"kms describe-key --key-id {CANARY}": "arn:aws:kms:" + HERE + ":key/{}",
    f"kms list-grants --key-id {CANARY}": "arn:aws:kms:" + HERE + ":key/{}",
    f"kms describe-key --key-id alias/{CANARY}": "arn:aws:kms:" + HERE + ":key/{}",
    f"kms create-alias --alias-name alias/{CANARY} --target-key-id {CANARY}2": (
        "arn:aws:kms:" + HERE + ":alias/{}"
    ),
    f"iam get-user --user-name {CANARY}": IAM + "user/{}",
    f"iam create-role --role-name {CANARY} --path /{CANARY}2/ --assume-role-policy-document {{}}": (
        IAM + "role/{}"
    ),
    f"iam create-policy --policy-name {CANARY} --policy-document {{}}": IAM + "policy/{}",
    f"iam list-users --path-prefix /{CANARY}/": IAM + "user/{}",
    f"iam list-policies --path-prefix /{CANARY}/": IAM + "policy/{}",
    f"iam get-policy --policy-arn {ARN}": "{}",
    f"iam get-policy --policy-arn {CANARY}-aaaaaaaaaaaaaaaaaaaa": "{}",
    f"iam simulate-principal-policy --policy-source-arn {ARN} --action-names a:B": "{}",
}
"""Commands that are refused, and how the journal shows what they are about."""


def typed(command: str) -> str:
    """Return the word of a command of which the hash is kept."""
    words = [word for word in command.split() if CANARY in word]
    return words[0]


def last(root: Account) -> dict[str, str]:
    """Return the decision that was recorded last."""
    event = json.loads(root("audit", "tail", "-n", "1").out)
    found: dict[str, str] = event["additionalEventData"]["decision"]
    return found


@pytest.mark.parametrize("command", REFUSED)
def test_what_is_not_there_is_hashed(root: Account, user: Account, command: str) -> None:
    """The hash is that which ``audit hash`` finds by what was typed."""
    said = user(*command.split())
    assert "is not authorized to perform" in said.err
    resource = last(root)["resource"]
    hashed = root("audit", "hash", typed(command)).out.strip()
    assert hashed.startswith("n:")
    assert resource.startswith(REFUSED[command].format(hashed))
    directory = Path(root.context.environ["HOME"], ".local/share/secretctl/default/audit")
    assert not any(CANARY.encode() in each.read_bytes() for each in directory.iterdir())


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("kms describe-key --key-id alias/aws/secretsmanager", f"arn:aws:kms:{HERE}:key/"),
        (
            "kms create-alias --alias-name alias/aws/secretsmanager --target-key-id k",
            f"arn:aws:kms:{HERE}:alias/aws/secretsmanager",
        ),
        ("iam get-user --user-name ALICE", f"{IAM}user/eng/alice"),
        (f"iam get-policy --policy-arn {IAM}policy/p", f"{IAM}policy/p"),
        (
            f"iam simulate-principal-policy --policy-source-arn {IAM}user/eng/alice "
            "--action-names a:B",
            f"{IAM}user/eng/alice",
        ),
        ("iam list-users", f"{IAM}user/"),
        ("get-secret-value --secret-id app/db", f"arn:aws:secretsmanager:{HERE}:secret:app/db-"),
    ],
)
def test_what_is_there_is_shown(root: Account, command: str, shown: str) -> None:
    """By its ARN."""
    user = root.user("alice", "--path", "/eng/")
    made = ("--policy-name", "p", "--policy-document", policy(allow("*")))
    root.must("iam", "create-policy", *made)
    assert "is not authorized to perform" in user(*command.split()).err
    assert last(root)["resource"].startswith(shown)


def test_what_was_made_is_shown(root: Account, user: Account) -> None:
    """By the name under which it can be found from then on."""
    root.allow("alice", allow("secretsmanager:CreateSecret"))
    arn = user.must(*MAKE.split())["ARN"]
    assert last(root)["resource"] == arn
