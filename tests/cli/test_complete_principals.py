"""Completion of IAM's and STS's options from a vault: what is there, for its owner alone."""

import pytest

from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.service.iam.conftest import ACCOUNT, READ, TRUST, Iam

POLICY = f"{ACCOUNT}:policy/read"


@pytest.fixture
def key(service: Service) -> dict[str, str]:
    """A vault with users, a group, a role and a policy, closed; the access key of ci."""
    iam = Iam(service.session)
    for name in ("ci", "cron", "eve"):
        iam("CreateUser", UserName=name)
    iam("CreateGroup", GroupName="readers")
    iam("CreateRole", RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    iam("CreatePolicy", PolicyName="read", PolicyDocument=READ)
    iam("CreatePolicyVersion", PolicyArn=POLICY, PolicyDocument=READ)
    iam("PutUserPolicy", UserName="ci", PolicyName="own", PolicyDocument=READ)
    iam("PutRolePolicy", RoleName="deploy", PolicyName="ship", PolicyDocument=READ)
    made: dict[str, str] = iam("CreateAccessKey", UserName="ci")["AccessKey"]
    iam.session.vault.close()
    return made


def offered(world: World, *words: str) -> list[str]:
    """Return what is offered for the last of *words*."""
    done = ended(world, "__complete", "--", *words)
    assert (done.status, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("iam get-user --user-name c", ["ci", "cron"]),
        ("iam attach-user-policy --user-name e", ["eve"]),
        ("iam get-group --group-name ", ["readers"]),
        ("iam get-role --role-name=d", ["--role-name=deploy"]),
        ("iam get-policy --policy-arn ", [POLICY]),
        (f"iam get-policy-version --policy-arn {POLICY} --version-id ", ["v1", "v2"]),
        ("iam get-user-policy --user-name ci --policy-name ", ["own"]),
        ("iam delete-role-policy --role-name deploy --policy-name ", ["ship"]),
        ("iam get-user-policy --policy-name ", []),
        ("iam create-user --user-name ", []),
        ("iam put-user-permissions-boundary --permissions-boundary ", [POLICY]),
        ("policy apply ", ["read"]),
        ("policy apply --dry-run r", ["read"]),
        ("iam create-policy --policy-name ", []),
        ("sts assume-role --role-arn ", [f"{ACCOUNT}:role/deploy"]),
        (
            "iam simulate-principal-policy --policy-source-arn arn:aws:iam::000000000000:user/c",
            [f"{ACCOUNT}:user/ci", f"{ACCOUNT}:user/cron"],
        ),
        (
            "policy simulate --principal-arn arn:aws:iam::000000000000:role/",
            [f"{ACCOUNT}:role/deploy"],
        ),
        (
            "policy simulate --action-names iam:GetUser secretsmanager:PutS",
            ["secretsmanager:PutSecretValue"],
        ),
        ("policy simulate --principal-arn x --res", ["--resource-arns"]),
        (
            "iam simulate-custom-policy --action-names secretsmanager:GetS",
            ["secretsmanager:GetSecretValue"],
        ),
    ],
)
@pytest.mark.usefixtures("key")
def test_what_is_there_is_offered(world: World, words: str, expected: list[str]) -> None:
    """Names, ARNs and versions; nothing for the names of what is made."""
    assert offered(world, *words.split(" ")) == expected


def test_access_keys_are_those_of_the_user(world: World, key: dict[str, str]) -> None:
    """Never a secret."""
    words = ("iam", "delete-access-key", "--user-name", "ci", "--access-key-id", "")
    assert offered(world, *words) == [key["AccessKeyId"]]
    assert offered(world, *words[:3], "eve", *words[4:]) == []


def test_a_principal_is_told_nothing(world: World, key: dict[str, str]) -> None:
    """Whatever its policies say: each question of IAM has its own permission and its own record."""
    environ = {
        **world.context.environ,
        "SECRETCTL_ACCESS_KEY_ID": key["AccessKeyId"],
        "SECRETCTL_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    theirs = world._replace(context=world.context._replace(environ=environ))
    assert offered(theirs, "iam", "get-user", "--user-name", "") == []


def test_without_a_key_nothing_is_asked(world: World, key: dict[str, str]) -> None:
    """A shell waits: no question, no error, no names."""
    assert key
    environ = {**world.context.environ, "SECRETCTL_KEY_FILE": "/nowhere"}
    theirs = world._replace(context=world.context._replace(environ=environ))
    assert offered(theirs, "iam", "get-user", "--user-name", "") == []
