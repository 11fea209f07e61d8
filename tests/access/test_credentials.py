"""A principal is chosen by its credential, from the environment or a profile, as in AWS."""

import os
from pathlib import Path

import pytest

from tests.access.conftest import ACCOUNT, Account, allow

READ = ("get-secret-value", "--secret-id", "app/db")
ARN = ("sts", "get-caller-identity", "--query", "Arn", "--output", "text")
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice\n"


def test_without_a_credential_the_owner_asks(root: Account) -> None:
    """Whoever has the key file is the account root."""
    assert root(*ARN).out == f"arn:aws:iam::{ACCOUNT}:root\n"


def test_a_credential_goes_before_the_key_file(user: Account) -> None:
    """Though the key file lies where it always does."""
    assert user(*ARN).out == ALICE


def test_a_credential_needs_no_key_file(root: Account, user: Account) -> None:
    """Where the owner's key is gone, or on another machine, it opens what it opens."""
    (key_file,) = Path(root.context.environ["HOME"], ".config/secretctl/keys").iterdir()
    key_file.unlink()
    assert user(*ARN).out == ALICE
    assert root(*ARN).status == 253


@pytest.mark.parametrize(
    ("name", "value", "code", "sentence"),
    [
        (
            *("SECRETCTL_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "UnrecognizedClientException"),
            "The security token included in the request is invalid.",
        ),
        (
            *("SECRETCTL_SECRET_ACCESS_KEY", "wrong", "InvalidSignatureException"),
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.",
        ),
        (
            *("SECRETCTL_SESSION_TOKEN", "more", "UnrecognizedClientException"),
            "The security token included in the request is invalid.",
        ),
    ],
)
def test_a_credential_that_is_good_for_nothing(
    root: Account, user: Account, name: str, value: str, code: str, sentence: str
) -> None:
    """AWS's errors and exit status; the failed unlock is on record with the access key id alone."""
    user.environ[name] = value
    said = user(*READ)
    assert (said.status, said.out, said.code, said.sentence) == (254, "", code, sentence)
    record = root("audit", "tail", "-n", "1").out
    assert f'"errorCode":"{code}"' in record
    assert '"eventName":"UnlockVault"' in record
    assert f'"accessKeyId":"{user.environ["SECRETCTL_ACCESS_KEY_ID"]}"' in record
    assert '"type":"Unknown"' in record
    for given in ("SECRETCTL_SECRET_ACCESS_KEY", "SECRETCTL_SESSION_TOKEN"):
        assert not user.environ[given] or user.environ[given] not in record


def test_a_secret_in_the_place_of_the_id_is_not_on_record(root: Account, user: Account) -> None:
    """Only what has the form of an access key id is named."""
    secret = user.environ["SECRETCTL_SECRET_ACCESS_KEY"]
    for given in (secret, "AKIA" + secret[:16], f"AKIA{'A' * 16}B"):
        user.environ["SECRETCTL_ACCESS_KEY_ID"] = given
        assert user(*READ).code == "UnrecognizedClientException"
        record = root("audit", "tail", "-n", "1").out
        assert '"eventName":"UnlockVault"' in record
        assert given not in record
        assert "accessKeyId" not in record


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SECRETCTL_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "InvalidClientTokenId"),
        ("SECRETCTL_SECRET_ACCESS_KEY", "wrong", "SignatureDoesNotMatch"),
    ],
)
@pytest.mark.parametrize("command", [ARN, ("iam", "get-user")])
def test_sts_and_iam_have_codes_of_their_own(
    user: Account, command: tuple[str, ...], name: str, value: str, code: str
) -> None:
    """With the same sentences; KMS has those of Secrets Manager."""
    user.environ[name] = value
    said = user(*command)
    assert (said.status, said.code, said.sentence) == (254, code, user(*READ).sentence)
    assert user("kms", "list-keys").code == user(*READ).code


@pytest.mark.parametrize("missing", ["SECRETCTL_ACCESS_KEY_ID", "SECRETCTL_SECRET_ACCESS_KEY"])
def test_half_a_credential_is_none(user: Account, missing: str) -> None:
    """The vault is not opened as somebody else instead; the missing half is named."""
    del user.environ[missing]
    said = user(*READ)
    assert said.status == 253
    assert said.err.startswith(
        f"secretctl: error: partial credentials found in the environment, missing: {missing}\n"
    )


def put_profile(root: Account, user: Account, name: str) -> None:
    """Write a user's credential into a profile."""
    for key, variable in (
        ("aws_access_key_id", "SECRETCTL_ACCESS_KEY_ID"),
        ("aws_secret_access_key", "SECRETCTL_SECRET_ACCESS_KEY"),
    ):
        root("configure", "set", key, user.environ[variable], "--profile", name)


def test_a_profile_holds_a_credential(root: Account, user: Account) -> None:
    """It holds for that profile alone; the file is readable for its owner alone."""
    put_profile(root, user, "ci")
    assert root(*ARN, "--profile", "ci").out == ALICE
    assert root(*ARN).out == f"arn:aws:iam::{ACCOUNT}:root\n"
    path = Path(root.context.environ["HOME"], ".config/secretctl/config.toml")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    said = root(*ARN, "--profile", "ci")
    assert said.status == 253
    assert "which holds a secret access key" in said.err
    assert "hint: chmod 600 " in said.err


def test_a_named_profile_goes_before_the_environment(root: Account, user: Account) -> None:
    """As with aws; a profile chosen by the environment does not."""
    put_profile(root, user, "ci")
    bob = root.user("bob")
    assert bob(*ARN, "--profile", "ci").out == ALICE
    bob.environ["SECRETCTL_PROFILE"] = "ci"
    assert bob(*ARN).out == f"arn:aws:iam::{ACCOUNT}:user/bob\n"


def test_a_list_of_settings_shows_no_secret(root: Account, user: Account) -> None:
    """Of the secret nothing is shown, of the key id the end."""
    put_profile(root, user, "ci")
    listed = root("configure", "list", "--profile", "ci").out
    assert user.environ["SECRETCTL_SECRET_ACCESS_KEY"] not in listed
    assert user.environ["SECRETCTL_ACCESS_KEY_ID"] not in listed
    assert "*" * 16 + user.environ["SECRETCTL_ACCESS_KEY_ID"][-4:] in listed


@pytest.mark.parametrize(
    "command",
    [
        ("backup", "copy"),
        ("restore", "copy", "--replace"),
        ("fsck",),
        ("unlock-slot", "add", "--key-file", "other.key"),
        ("unlock-slot", "remove", "00"),
        ("audit", "checkpoint"),
        ("audit", "checkpoint", "--key"),
        ("audit", "prune", "--before", "2020-01-01"),
        ("accept-restore",),
        ("rekey",),
        ("rekey", "--dry-run"),
        ("policy", "apply", "--dry-run"),
        ("policy", "who-can", "GetSecretValue", "app/db"),
    ],
)
def test_what_needs_the_root_key_is_the_owners(
    root: Account, user: Account, command: tuple[str, ...]
) -> None:
    """Whatever policies allow; the message says what to do, and nothing was done."""
    root.allow("alice", allow("*"))
    said = user(*command)
    assert (said.status, said.out, said.code) == (254, "", "AccessDenied")
    assert "Only the account root can do this.\n" in said.err
    assert "unset SECRETCTL_ACCESS_KEY_ID" in said.err
    assert not any(map(os.path.exists, ("copy", "other.key")))
    assert root("audit", "verify").status == 0


def test_a_user_cannot_verify_the_journal(user: Account) -> None:
    """The chain of hashes alone is looked at; the verdict is that it cannot be verified."""
    said = user("audit", "verify")
    assert said.status == 3
    assert "cannot be verified: only the account root may do this\n" in said.out


def test_a_program_gets_no_credential(root: Account, user: Account) -> None:
    """What exec runs is given the secrets that were asked for, and not the key to more."""
    import subprocess  # noqa: PLC0415 exec replaces this process, so another one runs it
    import sys  # noqa: PLC0415 likewise

    root.allow("alice", allow("secretsmanager:GetSecretValue"))
    run = subprocess.run(
        [sys.executable, "-m", "secretctl", "exec", "DB=app/db", "--", "env"],
        env={**root.context.environ, **user.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "DB=canary\n" in run.stdout, run.stderr
    assert "SECRETCTL_" not in run.stdout
