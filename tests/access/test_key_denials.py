"""A policy that denies the use of a KMS key denies what lies under it, whatever was granted.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
"""

import json

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy
from tests.access.test_sentences import ASSUME, TRUST_ALICE, make_role

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
DENIED = "Access to KMS is not allowed"
TOKEN = "11111111-1111-4111-8111-111111111111"
READ = ("get-secret-value", "--secret-id", "closed")
PUT = ("put-secret-value", "--secret-id", "closed", "--secret-string", "w")
MAKE = ("create-secret", "--name", "new", "--secret-string", "v", "--kms-key-id", "alias/prod")
COPY = ("replicate-secret-to-regions", "--secret-id", "closed", "--add-replica-regions")
BOTH = ("Decrypt", "GenerateDataKey")


def grant(root: Account, key: str, who: str) -> None:
    """Let a principal use a key."""
    words = ("--key-id", key, "--grantee-principal", who, "--operations", *BOTH)
    root.must("kms", "create-grant", *words)


@pytest.fixture
def key(root: Account, user: Account) -> str:
    """The ARN of alias/prod, granted to alice, under which the secret closed lies."""
    tags = ("--tags", "TagKey=level,TagValue=high")
    made = str(root.must("kms", "create-key", *tags)["KeyMetadata"]["Arn"])
    root.must("kms", "create-alias", "--alias-name", "alias/prod", "--target-key-id", made)
    grant(root, made, str(user.must("sts", "get-caller-identity")["Arn"]))
    words = ("--name", "closed", "--secret-string", "canary", "--client-request-token", TOKEN)
    root.must("create-secret", *words, "--kms-key-id", "alias/prod")
    return made


def denying(
    root: Account, action: str, resource: str = "*", condition: dict[str, object] | None = None
) -> None:
    """Allow alice all of Secrets Manager and nothing of KMS, and deny some of it."""
    denial = deny(action, resource, Condition=condition or {})
    root.allow("alice", allow("secretsmanager:*"), denial)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("action", "reads", "writes"),
    [
        ("kms:*", False, False),
        ("*", False, False),
        ("kms:Decrypt", False, True),
        ("kms:decrypt", False, True),
        ("kms:GenerateDataKey", True, False),
        ("kms:GenerateDataKey*", True, False),
        ("kms:Encrypt", True, True),
        ("iam:*", True, True),
    ],
)
def test_reading_needs_decrypt_and_writing_a_data_key(
    root: Account, user: Account, action: str, *, reads: bool, writes: bool
) -> None:
    """Denied, each is refused in Secrets Manager's words; nothing of it needs to be allowed."""
    denying(root, action, "arn:aws:kms:*:*:key/*")
    said = user(*READ)
    assert (said.status, said.sentence if said.err else "") == ((0, "") if reads else (254, DENIED))
    assert ("canary" in said.out) is reads
    for words in (PUT, MAKE):
        assert user(*words).err == "" if writes else user(*words).sentence == DENIED
    assert user(*COPY, "Region=eu-west-1").status == (0 if reads and writes else 254)


def test_batches_and_programs_are_refused_alike(root: Account, user: Account, key: str) -> None:
    """A batch tells of it beside what it gives; exec starts nothing."""
    denying(root, "kms:Decrypt", key)
    answer = user.must("batch-get-secret-value", "--secret-id-list", "app/db", "closed")
    assert [each["Name"] for each in answer["SecretValues"]] == ["app/db"]
    assert [each["Message"] for each in answer["Errors"]] == [DENIED]
    assert DENIED in user("exec", "X=closed", "--", "true").err


@pytest.mark.usefixtures("key")
def test_moving_a_secret_asks_for_both_keys(root: Account, user: Account) -> None:
    """Decrypt of the one and a data key under the other, which may be the default key."""
    default = str(
        root.must("kms", "describe-key", "--key-id", "alias/aws/secretsmanager")["KeyMetadata"][
            "Arn"
        ]
    )
    denying(root, "kms:GenerateDataKey", default)
    move = ("update-secret", "--secret-id", "closed", "--kms-key-id")
    assert user(*move, "").sentence == DENIED
    denying(root, "kms:*", default)
    assert user("get-secret-value", "--secret-id", "app/db").sentence == DENIED
    denying(root, "kms:Decrypt", default)
    user.must(*move, "")
    root.must(*READ)
    assert user(*READ).sentence == DENIED


@pytest.mark.parametrize(
    ("operator", "name", "met", "unmet"),
    [
        ("StringEquals", "kms:ViaService", "secretsmanager.us-east-1.amazonaws.com", "s3"),
        ("ArnLike", "kms:EncryptionContext:SecretARN", "arn:*:secret:closed-??????", "arn:*:x"),
        ("StringEquals", "kms:EncryptionContext:SecretVersionId", TOKEN, "other"),
        ("ForAnyValue:StringEquals", "kms:EncryptionContextKeys", "SecretARN", "aws:x"),
        ("StringEquals", "kms:CallerAccount", ACCOUNT, "999999999999"),
        ("StringEquals", "kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1"),
        ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/prod", "alias/x"),
        ("StringEquals", "aws:ResourceTag/level", "high", "low"),
        ("StringEquals", "aws:PrincipalArn", ALICE, "x"),
        ("StringEquals", "aws:RequestedRegion", "us-east-1", "eu-west-1"),
        ("Bool", "aws:ViaAWSService", "true", "false"),
    ],
)
@pytest.mark.usefixtures("key")
def test_condition_keys_of_kms_decide(
    root: Account, user: Account, operator: str, name: str, met: str, unmet: str
) -> None:
    """What Secrets Manager tells KMS of a request, of the key and of who asks."""
    met = met.replace("arn:*", f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}")
    denying(root, "kms:Decrypt", condition={operator: {name: met}})
    assert user(*READ).sentence == DENIED
    denying(root, "kms:Decrypt", condition={operator: {name: unmet}})
    user.must(*READ)


def test_a_replica_is_under_the_key_of_its_region(root: Account, user: Account, key: str) -> None:
    """Its ARN, and the service, are those of the replica's region."""
    service = "secretsmanager.eu-west-1.amazonaws.com"
    wanted = {"kms:ViaService": service, "aws:RequestedRegion": "eu-west-1"}
    arn = key.replace("us-east-1", "eu-west-1")
    copied = (*COPY, "Region=eu-west-1,KmsKeyId=alias/prod")
    denying(root, "kms:GenerateDataKey", arn, {"StringEquals": wanted})
    assert user(*copied).sentence == DENIED
    user.must(*PUT)
    denying(root, "kms:GenerateDataKey", key)
    user.must(*copied)
    assert user(*PUT).sentence == DENIED


@pytest.mark.parametrize("kind", ["group", "boundary", "session"])
def test_every_policy_of_a_principal_can_deny(
    root: Account, user: Account, key: str, kind: str
) -> None:
    """That of a group, a boundary and a session, none of which has to allow."""
    limit = policy(allow("secretsmanager:*"), deny("kms:Decrypt"))
    root.allow("alice", allow("secretsmanager:*"))
    reader = user
    if kind == "group":
        root.must("iam", "create-group", "--group-name", "g")
        put = ("--group-name", "g", "--policy-name", "p", "--policy-document", limit)
        root.must("iam", "put-group-policy", *put)
        user.must(*READ)
        root.must("iam", "add-user-to-group", "--group-name", "g", "--user-name", "alice")
    elif kind == "boundary":
        words = ("--policy-name", "p", "--policy-document")
        arn = root.must("iam", "create-policy", *words, limit)["Policy"]["Arn"]
        bounded = ("--user-name", "alice", "--permissions-boundary", arn)
        user.must(*READ)
        root.must("iam", "put-user-permissions-boundary", *bounded)
    else:
        make_role(root, TRUST_ALICE)
        grant(root, key, f"arn:aws:iam::{ACCOUNT}:role/deploy")
        bound = ("--policy", policy(allow("secretsmanager:*")))
        root.holding(user.must(*ASSUME, *bound)["Credentials"]).must(*READ)
        reader = root.holding(user.must(*ASSUME, "--policy", limit)["Credentials"])
    assert reader(*READ).sentence == DENIED


@pytest.mark.parametrize(("words", "use"), [(READ, "Decrypt"), (PUT, "GenerateDataKey")])
def test_the_journal_names_the_statement_that_denied(
    root: Account, user: Account, key: str, words: tuple[str, ...], use: str
) -> None:
    """Of the refusal: the action on the key, not that of the secret, which was allowed."""
    denying(root, f"kms:{use}")
    user(*words)
    event = json.loads(root("audit", "tail", "-n", "1").out)
    assert event["errorCode"] == "AccessDeniedException"
    said = event["additionalEventData"]["decision"]
    assert said == {
        "allowed": False,
        "reason": "with an explicit deny in an identity-based policy",
        "action": f"kms:{use}",
        "resource": key,
        "decision": "ExplicitlyDenied",
        "said": {"identity": "ExplicitlyDenied", "resource": "ImplicitlyDenied"},
        "statements": [{"policyType": "identity", "policy": "test", "statement": 1}],
        "unmet": [],
    }
    assert "canary" not in user(*words).err
