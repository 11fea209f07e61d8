"""Commands at an endpoint: what they write is what they write on a vault of this machine."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.machine import Machine
from tests.conftest import world_in
from tests.faults.commands import Ended, ended, separately
from tests.remote import peers
from tests.remote.peers import ACCESS_KEY, Canned, Peer

SECRET = ACCESS_KEY["AWS_SECRET_ACCESS_KEY"]
VARIABLE = "SECRETCTL_ENDPOINT_URL"


class Both:
    """A machine that asks an endpoint, and one that has the same vault itself."""

    def __init__(self, there: Machine, here: Machine, peer: Peer) -> None:
        self.there = there
        self.here = here
        self.peer = peer

    def same(self, *words: str) -> Ended:
        """Run a command on both; the answers are the same but for ids and times.

        A command that a hint names is about the endpoint there.
        """
        found = self.there(*words, "--endpoint-url", self.peer.url)
        expected = self.here(*words)
        assert (found.status, shape(found.stdout)) == (expected.status, shape(expected.stdout))
        named = f"secretctl --endpoint-url {self.peer.url} "
        assert found.stderr.replace(named, "secretctl ") == expected.stderr
        return found


def shape(text: str) -> object:
    """Return an answer without what differs from vault to vault."""
    try:
        return without_ids(json.loads(text))
    except ValueError:
        return text


def without_ids(found: object) -> object:
    """Leave out ids and suffixes."""
    if isinstance(found, dict):
        return {
            name: "id" if name in ("ARN", "VersionId") else without_ids(each)
            for name, each in found.items()
            if name != "VersionIdsToStages"
        }
    return [without_ids(each) for each in found] if isinstance(found, list) else found


@pytest.fixture
def both(machine: Machine, peer: Peer, tmp_path: Path) -> Iterator[Both]:
    """Two vaults with the same secrets."""
    here = Machine(world_in(tmp_path / "here"))
    assert here("init").status == 0
    made = Both(machine, here, peer)
    for name, value in (("db", '{"user": "app", "password": "hunter2"}'), ("token", "t\u00f6k")):
        made.same("create-secret", "--name", name, "--secret-string", value)
    yield made
    assert not Path(machine.world.directory).exists(), "a vault was made on this machine"


def test_a_key_is_set_and_unset(both: Both, tmp_path: Path) -> None:
    """With the same words, and the value that is there afterwards is the same."""
    value = tmp_path / "value"
    value.write_text("second\n")
    given = ("--from-file", str(value))
    for words in (
        ("set", "db#password", *given),
        ("set", "none#key", *given),
        ("set", "none#key", "--create", *given),
        ("set", "token#key", *given),
        ("unset", "db#user"),
        ("unset", "db#user"),
    ):
        both.same(*words)
    assert both.same("get", "db").stdout == '{"password": "second"}'
    assert both.same("get", "none").stdout == '{"key":"second"}'


def test_operations_answer_as_on_a_vault_of_this_machine(both: Both) -> None:
    """Output formats, queries, pages, times and bytes, and what the client refuses by itself."""
    create = ("create-secret", "--name", "bytes", "--secret-binary", "AP8=", "--tags")
    both.same(*create, "Key=k,Value=v", "Key=l,Value=w")
    for words in (
        "get-secret-value --secret-id db",
        "get-secret-value --secret-id bytes --output yaml --query SecretBinary",
        "get-secret-value --secret-id db --query SecretString --output text",
        "describe-secret --secret-id bytes",
        "list-secrets --page-size 1 --query SecretList[].Name",
        "list-secrets --max-items 1 --query SecretList[].Name --output text",
        "list-secrets --no-paginate --output table --query SecretList[].[Name,Tags]",
        "tag-resource --secret-id db --tags Key=a,Value=b",
        "batch-get-secret-value --secret-id-list db none",
        "put-secret-value --secret-id db --secret-string w",
        "update-secret --secret-id db --description d",
        "get-secret-value --secret-id none",
        "create-secret --name bad*name --secret-string hunter2",
        "create-secret --name db --secret-string hunter2",
        "get-secret-value",
        "get-secret-value --secret-id db --query [",
        "list-secrets --page-size 0",
        "delete-secret --secret-id bytes --recovery-window-in-days 3",
        "delete-secret --secret-id bytes --force-delete-without-recovery",
        "get-secret-value --help",
        "create-secret --generate-cli-skeleton",
    ):
        both.same(*words.split())


def test_what_reads_secrets_reads_them_at_an_endpoint(both: Both, tmp_path: Path) -> None:
    """``get``, ``check``, ``export`` and ``inject``: the same bytes, the same errors."""
    template = tmp_path / "template"
    template.write_text("x={{secretctl://db#password}} y={{secretctl://token}}\n")
    for words in (
        "get db#user",
        "get none",
        "get db#none",
        "check db#user T=token",
        "check T=none db#none --output json",
        "export --format dotenv db TOKEN=token",
        "export --format json none other",
        f"inject {template}",
    ):
        both.same(*words.split())
    out = tmp_path / "out"
    both.there("export", "--format", "json", "db", "--out", str(out), **{VARIABLE: both.peer.url})
    assert json.loads(out.read_text()) == {"user": "app", "password": "hunter2"}


def test_exec_hands_over_what_an_endpoint_gave(both: Both) -> None:
    """The program has the secrets, and nothing that says who may read them."""
    environ = {**ACCESS_KEY, VARIABLE: both.peer.url}
    seen = len(both.peer.seen)
    words = ["exec", "P=db#password", "U=db#user", "T=token", "--", "sh", "-c", "echo $P $T"]
    done = separately(both.there.world, words, **environ)
    assert (done.status, done.stdout, done.stderr) == (0, "hunter2 t\u00f6k\n", "")
    assert len({each.port for each in both.peer.seen[seen:]}) == 1
    assert len(both.peer.seen) - seen == 2
    failed = separately(both.there.world, ["exec", "none", "also", "--", "true"], **environ)
    assert failed.status == 254
    assert "can't find the specified secret. (source 'none')" in failed.stderr
    assert "likewise 'also'" in failed.stderr


def test_values_of_ours_are_kept_from_a_program_that_exec_starts(both: Both) -> None:
    """What says which endpoint is asked stays: it is no secret, and a child may ask as well."""
    environ = {**ACCESS_KEY, VARIABLE: both.peer.url}
    done = separately(both.there.world, ["exec", "db", "--", "env"], **environ)
    assert f"{VARIABLE}={both.peer.url}\n" in done.stdout


def test_a_vault_of_this_machine_is_used_unless_ours_names_an_endpoint(both: Both) -> None:
    """AWS's own variables turn nothing remote, and --vault goes before the variable."""
    of_aws = {"AWS_ENDPOINT_URL": both.peer.url, "AWS_ENDPOINT_URL_SECRETS_MANAGER": both.peer.url}
    seen = len(both.peer.seen)
    assert both.here("get", "db#user", **of_aws).stdout == "app"
    found = both.here("get", "db#user", "--vault", both.here.world.directory, **{VARIABLE: "x"})
    assert found.stdout == "app"
    assert len(both.peer.seen) == seen


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--vault v get a --endpoint-url URL", "--vault and --endpoint-url exclude each other"),
        ("iam list-users --endpoint-url URL", "'iam list-users' is about a vault of this machine"),
        ("audit lookup-events --endpoint-url URL", "'audit lookup-events' is about a vault of"),
        ("status --endpoint-url URL", "'status' is about a vault of this machine"),
        ("fsck --endpoint-url=URL", "'fsck' is about a vault of this machine"),
        ("get a --endpoint-url", "argument --endpoint-url: expected one argument"),
        ("list-secrets --endpoint-url=", "argument --endpoint-url: expected one argument"),
        ("exec --watch --endpoint-url URL a -- true", "an endpoint cannot be watched"),
        ("list-secrets --cli-read-timeout -1 --endpoint-url URL", "must not be negative"),
        ("list-secrets --cli-read-timeout x --endpoint-url URL", "invalid int value"),
    ],
)
def test_what_cannot_run_at_an_endpoint_is_a_usage_error(
    words: str, sentence: str, machine: Machine, peer: Peer
) -> None:
    """It is said before anything is asked."""
    done = machine(*words.replace("URL", peer.url).split())
    assert done.status == 252
    assert sentence in done.stderr
    assert not peer.seen


@pytest.mark.parametrize("words", ["iam list-users", "kms list-keys", "import --format json x"])
def test_what_would_change_a_vault_here_is_refused_where_an_endpoint_is_meant(
    words: str, machine: Machine
) -> None:
    """Unless --vault says that it is meant."""
    done = machine(*words.split(), **{VARIABLE: "http://127.0.0.1:1"})
    assert (done.status, f"{VARIABLE} is set" in done.stderr) == (252, True)
    meant = machine(*words.split(), "--vault", "v", **{VARIABLE: "http://127.0.0.1:1"})
    assert f"{VARIABLE} is set" not in meant.stderr


def test_commands_about_the_vault_here_are_not_concerned(machine: Machine) -> None:
    """The journal, for one, is that of a vault."""
    done = machine("audit", "lookup-events", **{VARIABLE: "http://127.0.0.1:1"})
    assert "there is no vault" in done.stderr


def test_status_says_that_an_endpoint_is_asked_in_the_place_of_the_vault(machine: Machine) -> None:
    """Unless the vault is named."""
    machine("init")
    note = f"note: {VARIABLE} is set: operations, exec, get, set, unset, check, export, inject ask"
    assert note in machine("status", **{VARIABLE: "http://127.0.0.1:1"}).stderr
    named = machine(
        "status", "--vault", machine.world.directory, **{VARIABLE: "http://127.0.0.1:1"}
    )
    assert (named.status, named.stderr, machine("status").stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("environ", "words", "status", "sentence"),
    [
        ({}, "--endpoint-url http://10.0.0.1", 253, "over http, which encrypts nothing"),
        ({VARIABLE: "ftp://a"}, "", 253, "does not begin with https://"),
        ({VARIABLE: "https://u:hunter2@a"}, "", 253, "holds a user or a password"),
        ({VARIABLE: "URL"}, "--profile none", 253, "the config profile (none) could not be found"),
        ({VARIABLE: "URL", "AWS_PROFILE": "none"}, "", 253, "(none) could not be found"),
        ({VARIABLE: "URL", "AWS_SECRET_ACCESS_KEY": ""}, "", 253, "partial credentials found in"),
        ({VARIABLE: "https://127.0.0.1:1"}, "--ca-bundle /none", 253, "the CA bundle cannot be"),
        ({VARIABLE: "https://127.0.0.1:1", "AWS_CA_BUNDLE": "/none"}, "", 253, "the CA bundle"),
    ],
)
def test_what_cannot_be_reached_is_told_before_it_is_tried(
    environ: dict[str, str], words: str, status: int, sentence: str, machine: Machine, peer: Peer
) -> None:
    """Configuration is exit status 253, with what to type next."""
    given = {name: value.replace("URL", peer.url) for name, value in environ.items()}
    done = machine("list-secrets", *words.split(), **given)
    assert done.status == status
    assert sentence in done.stderr
    assert "secretctl: hint: " in done.stderr
    assert "hunter2" not in done.stderr
    assert not peer.seen


def test_refusals_and_failures_have_the_exit_statuses_of_aws(machine: Machine) -> None:
    """254 where the service refused, 255 where nothing was reached."""
    with peers.saying(peers.refused("AccessDeniedException", "Denied.")) as peer:
        done = machine("get-secret-value", "--secret-id", "a", "--endpoint-url", peer.url)
    operation = "when calling the GetSecretValue operation"
    said = f"\nAn error occurred (AccessDeniedException) {operation}: Denied.\n"
    assert (done.status, done.stderr) == (254, said)
    with peers.saying(Canned(301)) as peer:
        done = machine("get", "a", "--endpoint-url", peer.url)
    assert (done.status, done.stderr.partition(" (")[0]) == (
        255,
        "secretctl: error: the endpoint answers with a redirect",
    )


def test_a_region_is_the_one_that_aws_would_take(machine: Machine, peer: Peer) -> None:
    """Option, environment, AWS's profile; and what the signature says is what holds."""
    folder = machine.world.home / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[profile p]\nregion = eu-south-1\n")
    (folder / "credentials").write_text("[p]\naws_access_key_id=A\naws_secret_access_key=b\n")
    list_ = ("list-secrets", "--endpoint-url", peer.url)
    machine(*list_, "--region", "eu-west-1", "--profile", "p", AWS_REGION="eu-north-1")
    machine(*list_, "--profile", "p", AWS_REGION="eu-north-1")
    machine(*list_, "--profile", "p")
    machine(*list_)
    scopes = [each.headers["authorization"].split("/") for each in peer.seen]
    assert [scope[2] for scope in scopes] == ["eu-west-1", "eu-north-1", "eu-south-1", "us-east-1"]
    assert [scope[0].rpartition("=")[2] for scope in scopes] == ["A", "A", "A", "AKIDEXAMPLE"]


def test_nothing_that_is_said_holds_the_key(machine: Machine, peer: Peer) -> None:
    """Neither an error nor where it arose; and no request says more than the signature."""
    for url in (peer.url, "http://127.0.0.1:1"):
        done = machine("get-secret-value", "--secret-id", "x", "--endpoint-url", url, "--debug")
        assert SECRET not in done.stdout + done.stderr
    assert all(SECRET not in f"{each}" for each in peer.seen)


def test_an_unsigned_request_is_sent_where_that_is_asked_for(
    machine: Machine, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No credential is looked for then."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # botocore would ask
    machine.environ = {}
    assert machine("list-secrets", "--no-sign-request", "--endpoint-url", peer.url).status == 0
    assert "authorization" not in peer.seen[0].headers
    done = machine("list-secrets", "--endpoint-url", peer.url)
    assert (done.status, "unable to locate credentials" in done.stderr) == (253, True)


def test_tls_is_verified_unless_that_is_declined(machine: Machine, tmp_path: Path) -> None:
    """By the authorities that an option, a variable or AWS's profile names."""
    certificate = peers.certified(tmp_path)
    with peers.vault(tmp_path / "other", certificate) as peer:
        list_ = ("list-secrets", "--endpoint-url", peer.url)
        assert machine(*list_, "--ca-bundle", str(certificate.authority)).status == 0
        assert machine(*list_, AWS_CA_BUNDLE=str(certificate.authority)).status == 0
        assert machine(*list_, "--no-verify-ssl").status == 0
        done = machine(*list_)
    assert done.status == 255
    assert done.stderr.startswith(f"secretctl: error: SSL validation failed for {peer.url}/ ")


def test_completion_offers_no_names_of_another_vault(both: Both) -> None:
    """A shell that waits for TAB waits for no network, and names of this vault are others."""
    line = ("__complete", "--", "get-secret-value", "--secret-id", "")
    seen = len(both.peer.seen)
    assert both.here(*line).stdout == "db\ntoken\n"
    assert both.here(*line, **{VARIABLE: both.peer.url}).stdout == ""
    chosen = ("__complete", "--", "--endpoint-url", both.peer.url, *line[2:])
    assert both.here(*chosen).stdout == ""
    assert len(both.peer.seen) == seen


def test_an_endpoint_needs_no_home(machine: Machine, peer: Peer) -> None:
    """A service without a home reaches it by its environment alone."""
    environ = {"PATH": os.environ["PATH"], **ACCESS_KEY, VARIABLE: peer.url}
    context = machine.world.context._replace(environ=environ)
    assert ended(machine.world, "list-secrets", context=context).status == 0
