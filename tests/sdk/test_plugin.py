"""The fixtures for pytest, in a process of pytest as others run it."""

import os
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from secretctl.testing import temporary_server, temporary_vault

TESTS = {
    "finds": """
        import subprocess
        import secretctl

        def test_code_and_commands_find_the_vault(secretctl_vault):
            secretctl_vault.client.create_secret(Name="a", SecretString="v")
            with secretctl.client("secretsmanager") as client:
                assert client.get_secret_value(SecretId="a")["SecretString"] == "v"
            words = [sys.executable, "-m", "secretctl", "get", "a"]
            assert subprocess.run(words, capture_output=True, check=True).stdout == b"v"

        def test_each_test_has_another(secretctl_vault):
            assert secretctl_vault.client.list_secrets()["SecretList"] == []
    """,
    "leaves": """
        SEEN = []

        def test_first(secretctl_vault):
            SEEN.append((secretctl_vault, dict(os.environ)))
            assert "SECRETCTL_PROFILE" not in os.environ
            assert secretctl_vault.environ.items() <= os.environ.items()
            secretctl_vault.client.create_secret(Name="a")

        def test_second():
            [(vault, environ)] = SEEN
            assert not vault.directory.parent.exists()
            assert os.environ["SECRETCTL_PROFILE"] == "mine"
            assert "SECRETCTL_KEY_FILE" not in os.environ
            assert os.listdir(os.environ["HOME"]) == []
    """,
    "serves": """
        import boto3

        boto3.setup_default_session(aws_access_key_id="a", aws_secret_access_key="b")
        USUAL = boto3.DEFAULT_SESSION

        def test_boto3_and_the_client_see_one_vault(secretctl_vault, secretctl_server):
            theirs = boto3.client("secretsmanager")
            theirs.create_secret(Name="a", SecretString="v")
            assert secretctl_vault.client.get_secret_value(SecretId="a")["SecretString"] == "v"
            secretctl_vault.client.put_secret_value(SecretId="a", SecretString="w")
            assert theirs.get_secret_value(SecretId="a")["SecretString"] == "w"
            assert secretctl_server.url.startswith("http://127.0.0.1:")

        def test_nothing_is_left():
            ours = {each for each in os.environ if each.startswith("AWS_")}
            assert ours == {"AWS_PROFILE", "AWS_SECURITY_TOKEN", "AWS_CONFIG_FILE"}
            assert os.environ["AWS_PROFILE"] == "none of these"
            assert boto3.DEFAULT_SESSION is USUAL
    """,
    "starts": """
        def test_nothing_is_imported():
            ours = {each for each in sys.modules if each.startswith("secretctl")}
            assert ours == {"secretctl", "secretctl.pytest_plugin"}
    """,
}


@pytest.mark.parametrize("name", TESTS)
def test_fixtures_do_what_they_say(tmp_path: Path, name: str) -> None:
    """Nobody else's settings are used, none is changed, and nothing costs who uses none."""
    (tmp_path / "home").mkdir()
    program = tmp_path / "test_it.py"
    program.write_text("import os\nimport sys\n" + textwrap.dedent(TESTS[name]))
    files = tmp_path / "config"
    files.write_text(
        "[default]\nignore_configured_endpoint_urls = true\n[profile 'none of these']\n"
    )
    home = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}
    theirs = {
        "AWS_PROFILE": "none of these",
        "AWS_SECURITY_TOKEN": "a",
        "AWS_CONFIG_FILE": str(files),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", program.name],
        env={**home, "SECRETCTL_PROFILE": "mine", **theirs},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_vault_is_there_without_pytest() -> None:
    """For other runners: found by its variables, sound, recorded, and gone afterwards."""
    with temporary_vault() as vault:
        vault.client.create_secret(Name="a", SecretString="v")
        for words in (["get", "a"], ["fsck"], ["audit", "verify"]):
            command = [sys.executable, "-m", "secretctl", *words]
            subprocess.run(command, env={**os.environ, **vault.environ}, check=True)
        assert vault.directory.is_dir()
    assert not vault.directory.parent.exists()


def test_a_server_that_does_not_start_says_so(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for it; the reason stands on standard error."""
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with (
        temporary_vault() as vault,
        pytest.raises(RuntimeError, match="did not start"),
        temporary_server(vault),
    ):
        pass
    assert "No module named 'encodings'" in capfd.readouterr().err


def test_a_server_ends_with_who_started_it() -> None:
    """Even where that is killed: nobody is left to stop it."""
    code = """
import os, secretctl.testing as t
with t.temporary_vault() as vault, t.temporary_server(vault) as server:
    print(vault.directory.parent, server.url.rpartition(":")[2], flush=True)
    os.kill(os.getpid(), 9)
"""
    # Its standard error would be the server's too.
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert done.returncode == -9
    folder, port = done.stdout.split()
    shutil.rmtree(folder)
    ends = time.monotonic() + 20
    while is_open(int(port)):
        assert time.monotonic() < ends
        time.sleep(0.05)


def is_open(port: int) -> bool:
    """Tell whether something listens there."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
