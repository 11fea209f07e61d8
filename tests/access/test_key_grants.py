"""A grant to describe a key is enough for it, as with AWS; a denial goes before it.

See: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy
from tests.access.test_sessions import ALICE, ASSUME, ROLE, make_role, trusting

USER = ALICE["AWS"]


@pytest.fixture
def key(root: Account) -> str:
    """The id of a key, which has the alias alias/prod."""
    made = str(root.must("kms", "create-key")["KeyMetadata"]["KeyId"])
    root.must("kms", "create-alias", "--alias-name", "alias/prod", "--target-key-id", made)
    return made


def grant(root: Account, key: str, operation: str, grantee: str, *words: str) -> str:
    """Grant an operation; return the id of the grant."""
    named = ("--key-id", key, "--grantee-principal", grantee, "--operations", operation)
    return str(root.must("kms", "create-grant", *named, *words)["GrantId"])


@pytest.mark.parametrize("name", ["alias/prod", ""])
def test_a_grant_to_describe_is_enough(root: Account, user: Account, key: str, name: str) -> None:
    """Whatever the key is called; the journal names the grant; once it is revoked, it is over."""
    describe = ("kms", "describe-key", "--key-id", name or key)
    constraints = '{"EncryptionContextSubset":{"SecretARN":"x"}}'
    given = grant(root, key, "DescribeKey", USER, "--constraints", constraints)
    assert user.must(*describe)["KeyMetadata"]["KeyId"] == key
    assert f'"sid":"grant {given}"' in root("audit", "tail", "-n", "1").out
    root.must("kms", "revoke-grant", "--key-id", key, "--grant-id", given)
    said = user(*describe)
    assert said.code == "AccessDeniedException"
    assert said.sentence.endswith(
        "because no identity-based policy allows the kms:DescribeKey action"
    )


def test_no_other_grant_lets_describe(root: Account, user: Account, key: str) -> None:
    """Neither one for something else, nor one on another key, nor somebody else's."""
    other = str(root.must("kms", "create-key")["KeyMetadata"]["KeyId"])
    root.user("bob")
    grant(root, key, "Decrypt", USER)
    grant(root, other, "DescribeKey", USER)
    grant(root, key, "DescribeKey", f"arn:aws:iam::{ACCOUNT}:user/bob")
    assert user("kms", "describe-key", "--key-id", key).code == "AccessDeniedException"
    grant(root, key, "DescribeKey", USER)
    assert user("kms", "describe-key", "--key-id", key).status == 0
    assert user("kms", "list-grants", "--key-id", key).code == "AccessDeniedException"


def test_a_denial_goes_before_a_grant(root: Account, user: Account, key: str) -> None:
    """And so does what bounds the grantee."""
    describe = ("kms", "describe-key", "--key-id", key)
    grant(root, key, "DescribeKey", USER)
    root.allow("alice", deny("kms:DescribeKey"))
    assert user(*describe).sentence.endswith("with an explicit deny in an identity-based policy")
    make_role(root, trusting(ALICE))
    grant(root, key, "DescribeKey", ROLE)
    bound = ("--policy", policy(allow("secretsmanager:*")))
    for words, status in (((), 0), (bound, 254)):
        session = root.holding(user.must(*ASSUME, *words)["Credentials"])
        assert session(*describe).status == status
