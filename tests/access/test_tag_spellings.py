"""Tag keys that differ in case only are one condition key, which then has the values of both.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from pathlib import Path

import pytest

from tests.access.conftest import Account, allow, deny, policy

GET = ("get-secret-value", "--secret-id", "app/db")
TAG = ("tag-resource", "--secret-id", "app/db", "--tags")
CREATE = ("create-secret", "--name", "new", "--tags")
PREFIXES = ("aws:ResourceTag", "secretsmanager:ResourceTag")


def equals(key: str, value: str) -> dict[str, object]:
    """Return a condition."""
    return {"StringEquals": {key: value}}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("spelling", ["Class", "CLASS"])
def test_another_spelling_does_not_hide_a_tag_from_a_denial(
    root: Account, user: Account, prefix: str, spelling: str
) -> None:
    """Whoever may add tags, but not that one, is still denied what it protects."""
    root.must(*TAG, "Key=class,Value=restricted")
    own = {"ForAnyValue:StringEquals": {"aws:TagKeys": "class"}}
    root.allow(
        "alice",
        allow("secretsmanager:*"),
        deny("secretsmanager:GetSecretValue", Condition=equals(f"{prefix}/class", "restricted")),
        deny("secretsmanager:*tagResource", Condition=own),
    )
    assert user(*GET).status == 254
    assert user(*TAG, "Key=class,Value=open").status == 254
    user.must(*TAG, f"Key={spelling},Value=open")
    assert "with an explicit deny in an identity-based policy" in user(*GET).sentence


@pytest.mark.parametrize("prefix", PREFIXES)
def test_another_spelling_of_a_tag_allows_nothing(
    root: Account, user: Account, prefix: str
) -> None:
    """Neither by the value that was there before, nor by the one that was added."""
    root.must(*TAG, "Key=team,Value=dev")
    for team in ("dev", "ops"):
        owned = allow("secretsmanager:GetSecretValue", Condition=equals(f"{prefix}/Team", team))
        root.allow("alice", owned, allow("secretsmanager:TagResource"), name=team)
    user.must(*GET)
    user.must(*TAG, "Key=Team,Value=ops")
    assert "no identity-based policy allows" in user(*GET).sentence


def test_a_request_with_both_spellings_is_not_allowed_by_either(
    root: Account, user: Account
) -> None:
    """A denial of one value applies as well, whichever of the two comes last."""
    tags = ("Key=team,Value=prod", "Key=Team,Value=dev")
    wanted = equals("aws:RequestTag/team", "dev")
    root.allow("alice", allow("secretsmanager:*", Condition=wanted))
    user.must(*CREATE[:1], "--name", "one", "--tags", tags[1])
    for given in (tags, tags[::-1]):
        assert user(*CREATE, *given).status == 254
    unwanted = equals("aws:RequestTag/team", "prod")
    root.allow("alice", allow("secretsmanager:*"), deny("*", Condition=unwanted))
    for given in (tags, tags[::-1]):
        assert "with an explicit deny" in user(*CREATE, *given).sentence


def test_who_can_knows_both_spellings(root: Account, user: Account) -> None:
    """It lists nobody whom one of the two values alone would let in."""
    owned = allow("secretsmanager:GetSecretValue", Condition=equals("aws:ResourceTag/team", "dev"))
    root.allow("alice", owned)
    asked = ("policy", "who-can", "secretsmanager:GetSecretValue", "app/db")
    root.must(*TAG, "Key=Team,Value=dev")
    assert "user/alice" in root(*asked).out
    root.must(*TAG, "Key=team,Value=dev")
    assert "user/alice" not in root(*asked).out
    assert user(*GET).status == 254


def test_a_condition_key_is_given_once(root: Account, tmp_path: Path) -> None:
    """Twice under one operator, in two spellings, it is refused: at lint, and when it is put."""
    twice = {"StringEquals": {"aws:ResourceTag/team": "a", "aws:ResourceTag/Team": "b"}}
    document = policy(allow("*", Condition=twice))
    (tmp_path / "p.json").write_text(document)
    found = root("policy", "lint", str(tmp_path / "p.json"))
    column = document.index('"aws:ResourceTag/Team"') + 1
    fault = f"p.json:1:{column}: error: this key is given in another spelling as well"
    assert (found.status, found.out.count(fault)) == (1, 1)
    root.user("alice")
    own = ("--user-name", "alice", "--policy-name", "p", "--policy-document", document)
    assert root("iam", "put-user-policy", *own).code == "MalformedPolicyDocument"
    given = policy(allow("*", Condition=twice, Principal="*"))
    put = ("put-resource-policy", "--secret-id", "app/db", "--resource-policy", given)
    assert root(*put).code == "MalformedPolicyDocumentException"
    once = {"StringEquals": {"aws:username": "alice"}, "StringLike": {"aws:Username": "*"}}
    root.allow("alice", allow("*", Condition=once))
