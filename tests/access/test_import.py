"""An import goes through the door: what policies deny of one secret keeps all from being made."""

import json
from pathlib import Path

import pytest

from tests.access.conftest import ACCOUNT, Account, Said, allow

FILE = {"app/db": "canary", "app/new": "canary 2"}
CREATE, GET, PUT = (
    f"secretsmanager:{name}" for name in ("CreateSecret", "GetSecretValue", "PutSecretValue")
)


@pytest.fixture
def file(root: Account, user: Account, tmp_path: Path) -> Path:
    """A file of a secret that is there and of one that is not; alice may use the key."""
    assert user.environ
    path = tmp_path / "in.json"
    path.write_text(json.dumps(FILE))
    words = ("--grantee-principal", f"arn:aws:iam::{ACCOUNT}:user/alice")
    key = ("--key-id", "alias/aws/secretsmanager")
    root.must("kms", "create-grant", *key, *words, "--operations", "Decrypt", "GenerateDataKey")
    return path


def imported(user: Account, file: Path, *words: str) -> Said:
    """Run an import; nothing it says is a value."""
    said = user("import", str(file), "--format", "json", *words)
    assert "canary" not in said.out + said.err
    return said


def names(root: Account) -> list[str]:
    """Return the names of all secrets."""
    return sorted(each["Name"] for each in root.must("list-secrets")["SecretList"])


def test_who_may_not_create_learns_nothing_of_what_is_there(
    root: Account, user: Account, file: Path
) -> None:
    """The secret that is there and the one that is not are refused alike, in a dry run too."""
    for words in ((), ("--dry-run",), ("--on-conflict", "overwrite")):
        said = imported(user, file, *words)
        assert (said.status, said.code) == (254, "AccessDeniedException")
        told = [line for line in said.err.splitlines() if "is not authorized to perform" in line]
        assert len(told) == 2
        assert all(CREATE in line for line in told)
    assert names(root) == ["app/db"]


def test_who_may_create_needs_to_read_what_is_there(
    root: Account, user: Account, file: Path
) -> None:
    """Whether a value is the same is something of the value."""
    root.allow("alice", allow(CREATE))
    said = imported(user, file)
    assert (said.status, said.code) == (254, "AccessDeniedException")
    assert f"'app/db': User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized" in said.err
    assert GET in said.err
    assert names(root) == ["app/db"]


def test_an_overwriting_import_needs_what_put_secret_value_needs(
    root: Account, user: Account, file: Path
) -> None:
    """And with that it goes; the same value needs none of it."""
    root.allow("alice", allow(CREATE), allow(GET))
    assert imported(user, file).out == "1 created, 1 unchanged\n"
    file.write_text(json.dumps({"app/db": "canary 3", "app/third": "canary 4"}))
    said = imported(user, file, "--on-conflict", "overwrite")
    assert (said.status, said.code) == (254, "AccessDeniedException")
    assert PUT in said.err
    assert names(root) == ["app/db", "app/new"]
    root.allow("alice", allow(CREATE), allow(GET), allow(PUT))
    assert imported(user, file, "--on-conflict", "overwrite").out == "1 created, 1 changed\n"
    got = root.must("get-secret-value", "--secret-id", "app/db")
    assert got["SecretString"] == "canary 3"


def test_an_import_into_a_part_that_is_allowed_is_made(
    root: Account, user: Account, file: Path
) -> None:
    """One name beyond it keeps all from being made."""
    part = f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:team/*"
    root.allow("alice", allow(CREATE, part), allow(GET, part))
    assert imported(user, file, "--prefix", "team/").out == "2 created\n"
    file.write_text(json.dumps({"team/x": "canary 5", "other/x": "canary 6"}))
    said = imported(user, file)
    assert said.status == 254
    assert "'other/x'" in said.err
    assert "'team/x'" not in said.err
    assert names(root) == ["app/db", "team/app/db", "team/app/new"]
