"""A vault with something of everything, and what becomes of it by a rekey."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from tests.access.conftest import Account, allow, policy
from tests.conftest import World
from tests.vault.independent_contents import Contents, contents

ARN = "arn:aws:iam::000000000000"
WHOLE = "a passphrase of several words"


class People(NamedTuple):
    """Who has access to it."""

    ci: Account
    idle: Account
    """Whose access key is Inactive."""

    gone: Account
    """Who is deleted before the rekey."""

    session: Account
    """A session of the role ``deploy``."""


def key_file(world: World) -> Path:
    """Return the vault's key file."""
    (path,) = Path(world.home, ".config/secretctl/keys").glob("*.key")
    return path


def file_key(path: Path) -> bytes:
    """Return what is in a key file."""
    return bytes.fromhex(path.read_text("ascii").split()[1])


def seen(world: World, path: Path | None = None) -> Contents:
    """Return what the independent reader finds with a key file."""
    opener = file_key(path or key_file(world))
    return contents(f"{world.directory}/vault.db", file_key=opener)


def fill(root: Account, world: World) -> People:
    """Make secrets, versions, labels, tags, policies, KMS keys, principals and grants."""
    _fill_secrets(root, world)
    people = _fill_principals(root)
    root.must("kms", "disable-key", "--key-id", "off")
    return people


def _fill_secrets(root: Account, world: World) -> None:
    tags = ("--tags", '[{"Key": "team", "Value": "päy"}]')
    for number, key in enumerate(("", "alias/prod", "plain", "off", "lost")):
        name = ("--name", f"n/{number}", "--secret-string", f"first {number}")
        root.must("create-secret", *name, "--kms-key-id", key, *tags)
        words = ("--secret-id", f"n/{number}", "--version-stages", "AWSCURRENT", "MINE")
        root.must("put-secret-value", *words, "--secret-string", f"ü second {number} " * 100)
    root.must("create-secret", "--name", "empty", "--description", "nothing yet")
    regions = ("--secret-id", "n/1", "--add-replica-regions", "Region=eu-west-1,KmsKeyId=alias/far")
    root.must("replicate-secret-to-regions", *regions)
    document = policy({**allow("secretsmanager:*"), "Principal": {"AWS": f"{ARN}:root"}})
    root.must("put-resource-policy", "--secret-id", "n/0", "--resource-policy", document)
    root.must("delete-secret", "--secret-id", "n/2", "--recovery-window-in-days", "20")
    root.must("kms", "rotate-key-on-demand", "--key-id", "plain")
    root.must("kms", "schedule-key-deletion", "--key-id", "lost", "--pending-window-in-days", "7")
    world.clock.pass_days(1)
    root.must("create-secret", "--name", "sweep", "--secret-string", "s")
    world.clock.pass_days(9)
    root.must("tag-resource", "--secret-id", "n/0", "--tags", '[{"Key": "k", "Value": "v"}]')


def _fill_principals(root: Account) -> People:
    ci, idle, gone = (root.user(name) for name in ("ci", "idle", "gone"))
    root.allow("ci", allow("secretsmanager:*"), allow("sts:AssumeRole"))
    root.must("iam", "create-group", "--group-name", "all")
    root.must("iam", "add-user-to-group", "--group-name", "all", "--user-name", "ci")
    words = ("--policy-name", "read", "--policy-document", policy(allow("secretsmanager:Get*")))
    root.must("iam", "create-policy", *words)
    named = {"Principal": {"AWS": f"{ARN}:user/ci"}}
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", **named})
    role = ("--role-name", "deploy")
    root.must("iam", "create-role", *role, "--assume-role-policy-document", trust)
    for target, name in (("group", ("--group-name", "all")), ("role", role)):
        root.must("iam", f"attach-{target}-policy", *name, "--policy-arn", f"{ARN}:policy/read")
    for who, operations in (("user/ci", "Decrypt"), ("role/deploy", "GenerateDataKey")):
        key = root.must("kms", "describe-key", "--key-id", "alias/prod")["KeyMetadata"]["KeyId"]
        words = ("--grantee-principal", f"{ARN}:{who}", "--key-id", key)
        root.must("kms", "create-grant", *words, "--operations", operations)
    key_id = idle.environ["SECRETCTL_ACCESS_KEY_ID"]
    words = ("--user-name", "idle", "--access-key-id", key_id)
    root.must("iam", "update-access-key", *words, "--status", "Inactive")
    return People(ci, idle, gone, assumed(root, ci))


def assumed(root: Account, who: Account) -> Account:
    """Return a session of the role ``deploy``."""
    words = ("--role-arn", f"{ARN}:role/deploy", "--role-session-name", "run")
    return root.holding(who.must("sts", "assume-role", *words)["Credentials"])


def forget(root: Account, people: People) -> None:
    """Delete the user ``gone``."""
    key_id = people.gone.environ["SECRETCTL_ACCESS_KEY_ID"]
    root.must("iam", "delete-access-key", "--user-name", "gone", "--access-key-id", key_id)
    root.must("iam", "delete-user", "--user-name", "gone")


def value_of(account: Account, secret_id: str, *words: str) -> Any:
    """Return what an account reads."""
    said = account("get-secret-value", "--secret-id", secret_id, "--output", "json", *words)
    return json.loads(said.out)["SecretString"] if said.status == 0 else said.code
