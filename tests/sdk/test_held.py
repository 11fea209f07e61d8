"""A client shared by threads and inherited by forks, over a vault that others change."""

import copy
import gc
import json
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import secretctl
from secretctl.cli import config, in_process
from secretctl.cli.options import Globals
from secretctl.context import clock_ms
from secretctl.errors import UnlockError
from secretctl.sdk import ClientError, SecretsManager
from tests.access.conftest import Account, allow
from tests.access.test_sessions import ASSUME, make_role, trusting

USER = "arn:aws:iam::000000000000:user/alice"


def open_files(home: Path) -> list[str]:
    """Return the files in a home that this process holds open."""
    found = [os.path.realpath(f"/proc/self/fd/{each}") for each in os.listdir("/proc/self/fd")]
    return [path for path in found if path.startswith(str(home))]


def in_child(act: Callable[[], object]) -> int:
    """Fork, do something there, and return the exit status: 0 if it went well."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def value(client: SecretsManager) -> str:
    """Return the value of app/db."""
    return client.get_secret_value(SecretId="app/db")["SecretString"]


def test_threads_share_a_client(shell: Account, client: SecretsManager) -> None:
    """Each call is whole, and each is recorded once under its own id."""

    def work(number: int) -> list[str]:
        token = f"{number:032d}"
        client.create_secret(Name=f"n/{number}", SecretString=token, ClientRequestToken=token)
        read = client.get_secret_value(SecretId=f"n/{number}")
        assert read["SecretString"] == token
        return [read["ResponseMetadata"]["RequestId"]]

    with ThreadPoolExecutor(8) as threads:
        ids = [each for found in threads.map(work, range(40)) for each in found]
    assert len(set(ids)) == 40
    assert shell("fsck").status == 0
    assert shell("audit", "verify").status == 0
    events = shell.must("audit", "lookup-events", "--max-items", "500")["Events"]
    recorded = [json.loads(each["CloudTrailEvent"]) for each in events]
    reads = {each["requestID"] for each in recorded if each["eventName"] == "GetSecretValue"}
    assert reads == set(ids)
    agents = {each["userAgent"].partition(" ")[2] for each in recorded}
    assert agents == {"command/create-secret", "command/python"}


def test_a_refusal_has_its_place_in_the_journal(shell: Account, client: SecretsManager) -> None:
    """The RequestId of an error is that of its record."""
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_secret_value(SecretId="none")
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]
    assert f'"requestID":"{request_id}"' in shell("audit", "tail", "-n", "1").out


def test_a_fork_opens_the_vault_for_itself(home: Path, client: SecretsManager) -> None:
    """Of its files it inherits none that has a lock, and both go on."""
    assert value(client) == "canary"
    assert open_files(home)

    def act() -> None:
        assert [Path(each).name for each in open_files(home)] == ["vault.db"]
        client.put_secret_value(SecretId="app/db", SecretString="child")
        assert in_child(lambda: client.describe_secret(SecretId="app/db")) == 0

    assert in_child(act) == 0
    assert value(client) == "child"


def test_a_fork_waits_for_other_threads(shell: Account, client: SecretsManager) -> None:
    """Whatever they are at, the child finds the client free and the vault whole."""
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            client.update_secret(SecretId="app/db", Description="again")

    with ThreadPoolExecutor(2) as threads:
        writers = [threads.submit(write) for _ in range(2)]
        statuses = [in_child(lambda: value(client)) for _ in range(8)]
        is_over.set()
        for writer in writers:
            writer.result()
    assert set(statuses) == {0}
    assert shell("fsck").status == 0
    assert shell("audit", "verify").status == 0


def test_a_signal_handler_does_not_hang(client: SecretsManager) -> None:
    """Where it calls in the middle of a call of its thread, it is told so."""
    said: list[str] = []

    def handle(_number: int, _frame: object) -> None:
        try:
            client.close()
        except RuntimeError as error:
            said.append(str(error))

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
    try:
        end = time.monotonic() + 20
        while not said and time.monotonic() < end:
            assert value(client) == "canary"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert said[0] == "the client is in the middle of a call of this thread"
    assert value(client) == "canary"


@pytest.mark.usefixtures("shell")
def test_files_are_given_back(home: Path) -> None:
    """By ``close``, after which a call opens the vault again; and with the last reference."""
    client = secretctl.client("secretsmanager")
    assert open_files(home) == []
    for _ in range(2):
        assert value(client) == "canary"
        assert open_files(home)
        client.close()
        assert open_files(home) == []
    assert value(client) == "canary"
    del client
    gc.collect()
    assert open_files(home) == []


def test_a_rekey_by_another_command_is_followed(shell: Account, client: SecretsManager) -> None:
    """The key file has new content, and so have all keys."""
    assert value(client) == "canary"
    assert shell("rekey").status == 0
    assert value(client) == "canary"
    client.put_secret_value(SecretId="app/db", SecretString="new")
    assert shell("fsck").status == 0


def test_another_vault_in_its_place_is_followed(
    home: Path, shell: Account, client: SecretsManager
) -> None:
    """What a restore put there is read, without another client."""
    assert value(client) == "canary"
    assert shell("backup", str(home / "b")).status == 0
    shell.must("put-secret-value", "--secret-id", "app/db", "--secret-string", "later")
    assert value(client) == "later"
    assert shell("restore", str(home / "b"), "--replace").status == 0
    assert value(client) == "canary"


def test_a_passphrase_is_needed_once(
    home: Path, shell: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client opens the vault again by itself, until that has other keys."""
    words = home / "words"
    words.write_text("some words that open it\n")
    words.chmod(0o600)
    shell.environ["SECRETCTL_PASSPHRASE_FILE"] = str(words)
    vault = home / "v"
    assert shell("init", "--vault", str(vault), "--passphrase").status == 0
    shell.must("create-secret", "--vault", str(vault), "--name", "app/db", "--secret-string", "v")
    monkeypatch.setenv("SECRETCTL_PASSPHRASE_FILE", str(words))
    client = secretctl.client("secretsmanager", vault=vault)
    assert value(client) == "v"
    client.close()
    words.unlink()
    assert value(client) == "v"
    words.write_text("some words that open it\n")
    words.chmod(0o600)
    assert shell("rekey", "--vault", str(vault)).status == 0
    with pytest.raises(UnlockError) as caught:
        value(client)
    assert "hint: if the vault was given new keys, make another client" in caught.value.__notes__


def test_what_is_taken_from_a_principal_is_gone_at_once(
    shell: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy, a grant on a key, and the credential itself."""
    user = shell.user("alice")
    shell.allow("alice", allow("secretsmanager:*"))
    for name, text in user.environ.items():
        monkeypatch.setenv(name, text)
    key = str(shell.must("kms", "create-key")["KeyMetadata"]["KeyId"])
    words = ("--name", "own", "--secret-string", "v", "--kms-key-id", key)
    shell.must("create-secret", *words)
    client = secretctl.client("secretsmanager")
    grant = ("--key-id", key, "--grantee-principal", USER, "--operations", "Decrypt")
    given = shell.must("kms", "create-grant", *grant)["GrantId"]
    assert client.get_secret_value(SecretId="own")["SecretString"] == "v"
    shell.must("kms", "revoke-grant", "--key-id", key, "--grant-id", given)
    with pytest.raises(ClientError, match="Access to KMS is not allowed"):
        client.get_secret_value(SecretId="own")
    assert client.describe_secret(SecretId="own")["Name"] == "own"
    shell.must("iam", "delete-user-policy", "--user-name", "alice", "--policy-name", "test")
    with pytest.raises(ClientError, match="is not authorized to perform"):
        client.describe_secret(SecretId="own")
    key_id = user.environ["SECRETCTL_ACCESS_KEY_ID"]
    which = ("--user-name", "alice", "--access-key-id", key_id)
    shell.must("iam", "update-access-key", *which, "--status", "Inactive")
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client.describe_secret(SecretId="own")
    shell.allow("alice", allow("secretsmanager:*"))
    shell.must("iam", "update-access-key", *which, "--status", "Active")
    assert client.describe_secret(SecretId="own")["Name"] == "own"


def test_a_session_of_a_role_ends(shell: Account) -> None:
    """At its time, without a look at the vault by anybody else."""
    user = shell.user("alice")
    make_role(shell, trusting({"AWS": USER}))
    session = user.must(*ASSUME)["Credentials"]
    environ = {**shell.context.environ, **shell.holding(session).environ}
    later_ms = [0]
    context = in_process.in_process(environ)
    context = context._replace(now_ms=lambda: clock_ms() + later_ms[0])
    settings = config.settings(config.load(environ), None, Globals(), environ)
    with in_process.over(settings, context) as client:
        assert client.list_secrets()["SecretList"][0]["Name"] == "app/db"
        later_ms[0] = 3600_001
        with pytest.raises(ClientError, match=r"\(ExpiredTokenException\)"):
            client.list_secrets()


def test_a_client_is_no_value(client: SecretsManager) -> None:
    """It is of one process, and shows nothing of its vault."""
    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            duplicate(client)
    assert repr(client) == "<secretctl client for secretsmanager in us-east-1>"
