"""Every condition key of every action decides: each is asked for through the command line.

For each there are two policies: one whose condition the request meets, by which it is not refused,
and one whose condition it does not.
See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
"""

import io
import json
import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from secretctl.cli import opening
from secretctl.context import CHEAPEST, Context
from secretctl.domain.secret import Rotation
from secretctl.model.authorization import ACTIONS
from secretctl.model.shapes import kebab
from secretctl.service.opening import begin
from secretctl.service.secrets import writing
from tests.access.conftest import ACCOUNT, Account, allow, policy

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:rotate"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/rotation"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY}"
ELSEWHERE = "arn:aws:secretsmanager:eu-west-1:999999999999:secret:app/db-abcdef"
HARMLESS = policy(allow("secretsmanager:GetSecretValue", Principal={"AWS": ACCOUNT}))
SEVERAL = ("aws:TagKeys", "secretsmanager:AddReplicaRegions")
ARN = "the ARN of the secret"
TOKEN = "11111111-1111-4111-8111-111111111111"


class Case(NamedTuple):
    """A command with what its policies can ask about."""

    words: str
    keys: dict[str, str]
    """Condition keys and the value each has."""


OF_SECRET = {
    "aws:ResourceTag/team": "core",
    "secretsmanager:ResourceTag/team": "core",
    "secretsmanager:SecretId": ARN,
    "secretsmanager:SecretPrimaryRegion": "us-east-1",
    "secretsmanager:resource/AllowRotationLambdaArn": FUNCTION,
    "secretsmanager:resource/Type": "Partner",
}
"""What the secret of these tests has."""

OF_TAGS = {"aws:RequestTag/env": "prod", "aws:TagKeys": "env"}
VERSION = "{version}"
CASES = {
    "CancelRotateSecret": Case("", {}),
    "CreateSecret": Case(
        f"--name new --description d --kms-key-id {KEY_ARN} --type Partner "
        "--force-overwrite-replica-secret --tags Key=env,Value=prod "
        "--add-replica-regions Region=eu-west-1",
        {
            **OF_TAGS,
            "aws:ResourceTag/env": "prod",
            "secretsmanager:ResourceTag/env": "prod",
            "secretsmanager:AddReplicaRegions": "eu-west-1",
            "secretsmanager:Description": "d",
            "secretsmanager:ForceOverwriteReplicaSecret": "true",
            "secretsmanager:KmsKeyArn": KEY_ARN,
            "secretsmanager:KmsKeyId": KEY_ARN,
            "secretsmanager:Name": "new",
            "secretsmanager:Type": "Partner",
        },
    ),
    "DeleteSecret": Case(
        "--recovery-window-in-days 9", {"secretsmanager:RecoveryWindowInDays": "9"}
    ),
    "DeleteSecret force": Case(
        "--force-delete-without-recovery", {"secretsmanager:ForceDeleteWithoutRecovery": "true"}
    ),
    "DeleteSecretVersion": Case(f"--version-id {VERSION}", {"secretsmanager:VersionId": VERSION}),
    "DescribeSecret": Case("", {}),
    "GetResourcePolicy": Case("", {}),
    "GetSecretValue": Case(
        f"--version-id {VERSION} --version-stage AWSCURRENT",
        {"secretsmanager:VersionId": VERSION, "secretsmanager:VersionStage": "AWSCURRENT"},
    ),
    "ListResourcePolicies": Case("", {}),
    "ListSecretVersionIds": Case("", {}),
    "PutResourcePolicy": Case(
        "--block-public-policy --resource-policy {policy}",
        {"secretsmanager:BlockPublicPolicy": "true"},
    ),
    "DeleteResourcePolicy": Case("", {}),
    "PutSecretValue": Case("--secret-string w", {}),
    "RemoveRegionsFromReplication": Case("--remove-replica-regions eu-north-1", {}),
    "ReplicateSecretToRegions": Case(
        "--add-replica-regions Region=eu-west-1 --force-overwrite-replica-secret",
        {
            "secretsmanager:AddReplicaRegions": "eu-west-1",
            "secretsmanager:ForceOverwriteReplicaSecret": "true",
        },
    ),
    "RestoreSecret": Case("", {}),
    "RotateSecret": Case(
        f"--rotation-lambda-arn {FUNCTION} --no-rotate-immediately "
        "--rotation-rules AutomaticallyAfterDays=9 "
        f"--external-secret-rotation-role-arn {ROLE}",
        {
            "secretsmanager:ExternalSecretRotationRoleArn": ROLE,
            "secretsmanager:ModifyRotationRules": "true",
            "secretsmanager:RotateImmediately": "false",
            "secretsmanager:RotationLambdaARN": FUNCTION,
        },
    ),
    "StopReplicationToReplica": Case("", {}),
    "TagResource": Case("--tags Key=env,Value=prod", OF_TAGS),
    "UntagResource": Case("--tag-keys env", {"aws:TagKeys": "env"}),
    "UpdateSecret": Case(
        f"--description d --kms-key-id {KEY_ARN} --type Partner",
        {
            "secretsmanager:Description": "d",
            "secretsmanager:KmsKeyArn": KEY_ARN,
            "secretsmanager:KmsKeyId": KEY_ARN,
            "secretsmanager:Type": "Partner",
        },
    ),
    "UpdateSecretVersionStage": Case(
        f"--version-stage blue --move-to-version-id {VERSION}",
        {"secretsmanager:VersionStage": "blue"},
    ),
    "ValidateResourcePolicy": Case("--resource-policy {policy}", {}),
    "AssociateCrossAccountReplica": Case(f"--cross-account-replica-arn {ELSEWHERE}", {}),
    "DisassociateCrossAccountReplica": Case(f"--cross-account-replica-arn {ELSEWHERE}", {}),
}
PAIRS = [
    (name, key)
    for name, case in CASES.items()
    for key in ({} if name == "CreateSecret" else OF_SECRET) | case.keys
]
"""Every action with each of its keys."""


def kinds(action: str) -> set[str]:
    """Return the keys that are tried for an action, as the declaration spells them."""
    found = set()
    for name, key in PAIRS:
        head, slash, _ = key.rpartition("/")
        is_tag = slash and head in ("aws:ResourceTag", "aws:RequestTag")
        is_own = head == "secretsmanager:ResourceTag"
        if name.partition(" ")[0] == action:
            found.add(f"{head}/${{TagKey}}" if is_tag else f"{head}/tag-key" if is_own else key)
    return found


@pytest.mark.parametrize("action", [name for name, each in ACTIONS.items() if each.keys])
def test_every_key_of_the_declaration_is_tried(action: str) -> None:
    """What is below leaves no key of an action out, and tries none that it has not."""
    assert kinds(action) == set(ACTIONS[action].keys)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a vault that holds a secret with all that can be asked about, and a user."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    home.mkdir(mode=0o700)
    context = context_in(home)
    root = Account(context)
    root.must(
        *("create-secret", "--name", "app/db", "--secret-string", "v", "--type", "Partner"),
        *("--tags", "Key=team,Value=core", "--add-replica-regions", "Region=eu-north-1"),
        *("--client-request-token", TOKEN),
    )
    user = root.user("alice")
    (home / "credential.json").write_text(json.dumps(user.environ))
    directory = str(home / ".local/share/secretctl/default")
    session = begin(context, opening.open_vault(directory, context), "us-east-1")
    with writing(session) as transaction:
        secret = transaction.find("us-east-1", "app/db")
        assert secret is not None
        rotation = Rotation(enabled=True, function=FUNCTION)
        transaction.put(secret._replace(rotation=rotation), secret)
    session.close()
    return home


@pytest.fixture
def people(prepared: Path, tmp_path: Path) -> tuple[Account, Account]:
    """The account root and the user, with a copy of that home."""
    home = tmp_path / "home"
    shutil.copytree(prepared, home)
    root = Account(context_in(home))
    user = Account(root.context)
    user.environ = json.loads((home / "credential.json").read_text())
    return root, user


def context_in(home: Path) -> Context:
    """Return what a process in that home is given."""
    return Context(
        environ={"HOME": str(home), "PATH": os.environ["PATH"]},
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        now_ms=lambda: time.time_ns() // 1_000_000,
        random=os.urandom,
        kdf=CHEAPEST,
        interactive=False,
    )


def words_of(name: str) -> list[str]:
    """Return the command that a case stands for."""
    action = name.partition(" ")[0]
    filled = [
        word.format(version=TOKEN, policy=HARMLESS) if word in ("{version}", "{policy}") else word
        for word in CASES[name].words.split()
    ]
    target = [] if action == "CreateSecret" else ["--secret-id", "app/db"]
    return [kebab(action), *target, *filled]


def condition(key: str, value: str, *, is_met: bool) -> dict[str, object]:
    """Return a condition on *key*, which is *value* in the request, that holds or does not."""
    if value in ("true", "false"):
        return {"Bool": {key: value if is_met else str(value == "false").lower()}}
    if value.isdigit():
        return {"NumericEquals": {key: value if is_met else "8"}}
    operator = "ForAnyValue:StringEquals" if key in SEVERAL else "StringEquals"
    return {operator: {key: value if is_met else f"{value}x"}}


@pytest.mark.parametrize(("name", "key"), PAIRS)
def test_a_condition_on_the_key_decides(
    people: tuple[Account, Account], name: str, key: str
) -> None:
    """Met, it lets the request through; not met, it does not."""
    root, user = people
    action = f"secretsmanager:{name.partition(' ')[0]}"
    value = {**OF_SECRET, **CASES[name].keys}[key]
    if value == ARN:
        value = str(root.must("describe-secret", "--secret-id", "app/db")["ARN"])
    value = value.format(version=TOKEN) if value == VERSION else value
    others: dict[str, object] = {"Effect": "Allow", "NotAction": action, "Resource": "*"}
    for is_met in (False, True):
        allowed = allow(action, Condition=condition(key, value, is_met=is_met))
        root.allow("alice", allowed, others)
        said = user(*words_of(name))
        is_refused = "is not authorized to perform" in said.err
        assert is_refused is not is_met, said.err
