"""A client opens what a command typed in its place would open, and leaves the process as it is."""

import os
import resource
import stat
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import secretctl
from secretctl.errors import (
    ConfigError,
    NothingGivenError,
    NoVaultError,
    UnsafePermissionsError,
    UsageError,
)
from secretctl.rotation.steps import RotationError
from secretctl.sdk import ClientError
from tests.access.conftest import Account, allow

ROOT = Path(__file__).parents[2]


def caller_of(shell: Account) -> str:
    """Return who made the last request."""
    shown = shell("audit", "tail", "-n", "1").out
    return shown.partition('"arn":"')[2].partition('"')[0]


def test_vault_and_region_are_chosen_as_by_a_command(
    home: Path, shell: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is given, the environment, a profile, the top of the configuration file."""
    shell.must("create-secret", "--region", "eu-west-1", "--name", "there")
    for directory in ("given", "named"):
        assert shell("init", "--vault", str(home / directory)).status == 0
        words = ("--vault", str(home / directory), "--name", directory)
        shell.must("create-secret", *words)
    assert shell("configure", "set", "vault", "~/named", "--profile", "work").status == 0
    assert shell("configure", "set", "region", "eu-west-1").status == 0

    def names(*region: str, **given: Any) -> list[str]:
        with secretctl.client("secretsmanager", *region, **given) as client:
            return [each["Name"] for each in client.list_secrets()["SecretList"]]

    assert names() == ["there"]
    assert names("us-east-1") == names(region_name="us-east-1") == ["app/db"]
    assert names("us-east-1", profile="work") == ["named"]
    assert names("us-east-1", profile="work", vault=home / "given") == ["given"]
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("SECRETCTL_VAULT", str(home / "given"))
    assert names() == ["given"]
    monkeypatch.chdir(home)
    assert names(vault="named") == ["named"]


def test_a_principals_credential_opens_it(shell: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment or from a profile; policies decide, and the journal says who it was."""
    user = shell.user("alice")
    shell.allow("alice", allow("secretsmanager:DescribeSecret"))
    for name, text in user.environ.items():
        key = name.lower().replace("secretctl_", "aws_").replace("aws_session", "aws_session")
        if text:
            assert shell("configure", "set", key, text, "--profile", "alice").status == 0
    with secretctl.client("secretsmanager", profile="alice") as client:
        assert client.describe_secret(SecretId="app/db")["Name"] == "app/db"
        assert caller_of(shell).endswith(":user/alice")
        with pytest.raises(ClientError) as caught:
            client.get_secret_value(SecretId="app/db")
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    for name, text in user.environ.items():
        monkeypatch.setenv(name, text)
    with secretctl.client("secretsmanager") as client:
        client.describe_secret(SecretId="app/db")
    monkeypatch.setenv("SECRETCTL_SECRET_ACCESS_KEY", "x" * 40)
    with pytest.raises(ClientError) as caught:
        secretctl.client("secretsmanager").list_secrets()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    assert caught.value.response["ResponseMetadata"]["RequestId"] == ""
    monkeypatch.delenv("SECRETCTL_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigError, match="partial credentials found in the environment"):
        secretctl.client("secretsmanager")


def test_wrong_settings_are_told_at_once(home: Path) -> None:
    """Where there is no vault is told when it is opened; none is made."""
    wrong = {"profile": ("none", ""), "region_name": ("no region", ""), "vault": ("",)}
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(ConfigError, match=name):
                secretctl.client("secretsmanager", **{name: value})
    with pytest.raises(ValueError, match="there is no such service; valid names: secretsmanager"):
        secretctl.client("s3")  # type: ignore[arg-type] # what a type checker would say
    client = secretctl.client("secretsmanager")
    with pytest.raises(NoVaultError):
        client.create_secret(Name="a")
    assert list(home.iterdir()) == []
    (home / ".config/secretctl").mkdir(parents=True)
    (home / ".config/secretctl/config.toml").touch(0o666)
    (home / ".config/secretctl/config.toml").chmod(0o666)
    with pytest.raises(UnsafePermissionsError) as caught:
        secretctl.client("secretsmanager")
    assert caught.value.__notes__[0].startswith("hint: chmod go-w /")


def test_an_endpoint_of_commands_is_not_passed_over(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has named one would not expect a vault to change, unless one is named too."""
    monkeypatch.setenv("SECRETCTL_ENDPOINT_URL", "https://localhost:1")
    with pytest.raises(UsageError, match="is about a vault of this machine"):
        secretctl.client("secretsmanager")
    assert secretctl.client("secretsmanager", vault=home).meta.region_name == "us-east-1"


def test_nobody_is_asked_for_a_passphrase(home: Path, shell: Account) -> None:
    """It comes from where a script has it, or the vault stays shut."""
    vault = home / "v"
    shell.environ["SECRETCTL_PASSPHRASE"] = "some words that open it"
    assert shell("init", "--vault", str(vault), "--passphrase").status == 0
    with pytest.raises(NothingGivenError, match="nobody may be asked") as caught:
        secretctl.client("secretsmanager", vault=vault).list_secrets()
    assert "SECRETCTL_PASSPHRASE_FILE" in caught.value.__notes__[0]


def test_the_process_stays_as_it_is(
    home: Path, shell: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither umask nor limits change, and what is made is private all the same."""
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    before = os.umask(0)
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        with secretctl.client("secretsmanager") as client:
            client.put_secret_value(SecretId="app/db", SecretString="v")
        assert os.umask(0) == 0
    finally:
        os.umask(before)
    assert resource.getrlimit(resource.RLIMIT_CORE) == limits
    assert shell("fsck").status == 0
    assert (home / "state").is_dir()
    for path in home.rglob("*"):
        unwanted = stat.S_IRWXG | stat.S_IRWXO if path.is_file() else stat.S_IWGRP | stat.S_IWOTH
        assert not path.stat().st_mode & unwanted, path


@pytest.mark.usefixtures("shell")
def test_what_a_command_warns_of_is_a_warning(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written to standard error."""
    (home / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))
    client = secretctl.client("secretsmanager")
    client.list_secrets()
    with pytest.warns(UserWarning, match="^what this machine has seen of the vault cannot be kept"):
        client.close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        monkeypatch.delenv("XDG_STATE_HOME")
        with secretctl.client("secretsmanager") as other:
            other.list_secrets()


def test_a_rotation_is_done_when_its_answer_is_there(
    shell: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with the command; one that fails raises, and is tried again by whoever does that."""
    monkeypatch.setenv("CI", "true")
    with secretctl.client("secretsmanager") as client, warnings.catch_warnings():
        warnings.simplefilter("error")
        said = client.rotate_secret(SecretId="app/db", RotationLambdaARN="builtin/password")
        value = client.get_secret_value(SecretId="app/db")
        assert (value["VersionId"], len(value["SecretString"])) == (said["VersionId"], 32)
        recorded = shell("audit", "tail", "-n", "99").out
        assert f'"requestID":"{said["ResponseMetadata"]["RequestId"]}"' in recorded
        client.create_secret(Name="binary", SecretBinary=b"v")
        with pytest.raises(RotationError, match="failed in createSecret"):
            client.rotate_secret(SecretId="binary", RotationLambdaARN="builtin/password")
        assert client.describe_secret(SecretId="binary")["RotationEnabled"]


def test_importing_the_package_imports_nothing_else() -> None:
    """The client's modules come with the first client."""
    code = "import sys; before = {*sys.modules}; import secretctl; print({*sys.modules} - before)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout in {"{'secretctl', '__future__'}\n", "{'__future__', 'secretctl'}\n"}
