"""A key is decided on by its ARN, in whatever way a request names it."""

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny

ARN_KEY = "secretsmanager:KmsKeyArn"
HERE = f"arn:aws:kms:us-east-1:{ACCOUNT}:"
DEFAULT = "alias/aws/secretsmanager"
MOVE = ("update-secret", "--secret-id", "app/db", "--kms-key-id")
MAKE = ("create-secret", "--name", "new", "--secret-string", "v", "--kms-key-id")


@pytest.fixture
def key(root: Account, user: Account) -> str:
    """The id of a key with the alias prod, which alice may use; it is that of app/db."""
    made = str(root.must("kms", "create-key")["KeyMetadata"]["KeyId"])
    target = ("--target-key-id", made)
    root.must("kms", "create-alias", "--alias-name", "alias/prod", *target)
    root.must(
        *("kms", "create-grant", "--key-id", made, "--operations", "Decrypt", "GenerateDataKey"),
        *("--grantee-principal", str(user.must("sts", "get-caller-identity")["Arn"])),
    )
    root.must(*MOVE, "alias/prod")
    return made


def described(root: Account, name: str) -> str:
    """Return the ARN of the key that an alias stands for."""
    return str(root.must("kms", "describe-key", "--key-id", name)["KeyMetadata"]["Arn"])


SPELLINGS = ["{id}", HERE + "key/{id}", DEFAULT, HERE + DEFAULT, ""]


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.usefixtures("key")
def test_no_spelling_of_a_key_gets_round_a_denial(
    root: Account, user: Account, spelled: str
) -> None:
    """Of a value put under the default key: by its id, its alias, their ARNs, or nothing at all."""
    arn = described(root, DEFAULT)
    is_default = {"ArnEquals": {ARN_KEY: arn}}
    root.allow("alice", allow("secretsmanager:*"), deny("*", Condition=is_default))
    given = spelled.format(id=arn.rpartition("/")[2])
    for words in (MOVE, MAKE):
        assert "with an explicit deny in an identity-based policy" in user(*words, given).sentence
    assert root.must("describe-secret", "--secret-id", "app/db")["KmsKeyId"] == "alias/prod"
    user.must(*MAKE, "alias/prod")


@pytest.mark.parametrize("spelled", ["{id}", HERE + "key/{id}", "alias/prod", HERE + "alias/prod"])
def test_every_spelling_of_a_key_is_allowed_by_its_arn(
    root: Account, user: Account, key: str, spelled: str
) -> None:
    """A policy names the key, not what stands for it."""
    wanted = {"ArnEquals": {ARN_KEY: f"{HERE}key/{key}"}}
    root.allow("alice", allow("secretsmanager:*", Condition=wanted))
    user.must(*MAKE, spelled.format(id=key))
    assert user(*MAKE, DEFAULT).status == user(*MAKE, "alias/none").status == 254
    assert user("create-secret", "--name", "bare").status == 254


@pytest.mark.parametrize(
    ("arn", "why"),
    [
        (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{{id}}", "Invalid arn eu-west-1"),
        (f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/prod", "Invalid arn eu-west-1"),
        ("arn:aws:s3:::bucket", "Invalid arn arn:aws:s3:::bucket"),
        (
            "arn:aws:kms:us-east-1:999999999999:key/{id}",
            "Key 'arn:aws:kms:us-east-1:999999999999:key/{id}' does not exist",
        ),
    ],
)
def test_an_arn_of_elsewhere_names_no_key(root: Account, key: str, arn: str, why: str) -> None:
    """Of another region, another account or no key at all; not even for the owner."""
    said = f"Secrets Manager can't encrypt the secret value: {why.format(id=key)}"
    for words in (MOVE, MAKE):
        refused = root(*words, arn.format(id=key))
        assert (refused.status, refused.code) == (254, "EncryptionFailure")
        assert refused.sentence == said
    copied = ("--add-replica-regions", f"Region=eu-north-1,KmsKeyId={arn.format(id=key)}")
    for command in (("replicate-secret-to-regions", "--secret-id", "app/db"), MAKE[:5]):
        assert root(*command, *copied).code == "EncryptionFailure"
    assert root.must("describe-secret", "--secret-id", "app/db")["KmsKeyId"] == "alias/prod"
    assert len(root.must("kms", "list-keys")["Keys"]) == 2  # this one and the default key
    there = f"Region=eu-north-1,KmsKeyId=arn:aws:kms:eu-north-1:{ACCOUNT}:key/{key}"
    root.must(*MAKE[:5], "--add-replica-regions", there)


def test_kms_decides_on_the_key_that_an_alias_stands_for(
    root: Account, user: Account, key: str
) -> None:
    """A denial for the key's ARN, which the sentence names; of that region alone."""
    arn = f"{HERE}key/{key}"
    root.allow("alice", allow("kms:*"), deny("kms:*", arn))
    for given in (key, arn, "alias/prod", f"{HERE}alias/prod"):
        said = user("kms", "describe-key", "--key-id", given)
        assert f"on resource: {arn} with an explicit deny" in said.sentence
    elsewhere = ("--region", "eu-west-1", "kms", "list-grants", "--key-id")
    assert user(*elsewhere, arn).sentence == "Invalid arn us-east-1"
    root.allow("alice", allow("kms:*"), deny("kms:*", arn.replace("us-east-1", "*")))
    assert "with an explicit deny" in user(*elsewhere, key).sentence
    root.must("kms", "list-grants", "--key-id", arn)


@pytest.mark.usefixtures("user")
def test_the_default_alias_of_another_region_is_none_of_this(root: Account) -> None:
    """Grants on the default key are made and taken back by its alias too, of the region alone."""
    there = f"arn:aws:kms:eu-west-1:{ACCOUNT}:{DEFAULT}"
    who = f"arn:aws:iam::{ACCOUNT}:user/alice"
    words = ("--operations", "Decrypt", "--grantee-principal", who)
    said = root("kms", "create-grant", "--key-id", there, *words)
    assert (said.code, said.sentence) == ("NotFoundException", "Invalid arn eu-west-1")
