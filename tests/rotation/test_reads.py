"""Which secrets a rotation may read besides its own: those of the configuration file, no others."""

import json
import os
from pathlib import Path

import pytest

from secretctl.errors import ConfigError
from secretctl.rotation import reads
from tests.cli.machine import Machine
from tests.conftest import world_in
from tests.faults.commands import Ended
from tests.faults.test_kill_recorded import real_time
from tests.rotation import programs
from tests.rotation.conftest import credential_for

ORDER = {"CertificateAuthorityArn": "prod/ca", "SubjectAlternativeNames": ["db.example.com"]}
AUTHORITY = {"IsAuthority": True, "Subject": "CN=Example CA"}
X509 = ("--rotation-lambda-arn", "builtin/x509")
COMMAND = "secretctl rotation allow mine/tls --read prod/ca"


def put(machine: Machine, name: str, value: object) -> None:
    """Make a secret."""
    done = machine("create-secret", "--name", name, "--secret-string", json.dumps(value))
    assert done.status == 0, done.stderr


def rotate(machine: Machine, name: str, *more: str, **environ: str) -> Ended:
    """Rotate a secret."""
    return machine("rotate-secret", "--secret-id", name, *more, **environ)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A home with an authority, and with an order that names it."""
    made = Machine(real_time(world_in(tmp_path / "home")))
    put(made, "prod/ca", AUTHORITY)
    assert rotate(made, "prod/ca", *X509).status == 0
    put(made, "mine/tls", ORDER)
    return made


def test_an_authority_is_read_once_that_is_allowed(machine: Machine) -> None:
    """By the command that the refusal names; a test refuses as the rotation does."""
    done = machine("rotation", "test", "mine/tls", "--function", "builtin/x509")
    assert (done.status, COMMAND in done.stderr) == (1, True), done.stderr
    failed = rotate(machine, "mine/tls", *X509)
    assert (failed.status, COMMAND in failed.stderr) == (1, True), failed.stderr
    assert machine(*COMMAND.split()[1:]).stdout == "allowed: mine/tls\n"
    assert machine("rotation", "retry", "mine/tls").status == 0
    value = json.loads(machine("get", "mine/tls").stdout)
    assert value["CertificateChain"]


def test_the_owners_scheduler_is_aimed_at_no_secret(machine: Machine) -> None:
    """Whoever may write a secret, and not read the authority's, gets nothing that it signed."""
    given = credential_for(machine, "mine/*")
    assert machine("get", "prod/ca", **given).status == 254
    assert rotate(machine, "mine/tls", "--no-wait", *X509, **given).status == 0
    done = machine("rotation", "run-due")
    assert (done.status, json.loads(done.stdout)["Result"]) == (1, "failed")
    assert 'Certificate"' not in machine("get", "mine/tls").stdout


def test_a_pattern_means_names_and_an_id_any_of_a_secret(machine: Machine) -> None:
    """An ARN or a name, in the file as in the value; what is allowed for others does not count."""
    arn = json.loads(machine("describe-secret", "--secret-id", "prod/ca").stdout)["ARN"]
    put(machine, "mine/arn", {**ORDER, "CertificateAuthorityArn": arn})
    assert machine("rotation", "allow", "other/*", "--read", "prod/ca").status == 0
    assert rotate(machine, "mine/tls", *X509).status == 1
    assert machine("rotation", "allow", "mine/*", "--read", arn).status == 0
    assert machine("rotation", "retry", "mine/tls").status == 0
    assert rotate(machine, "mine/arn", *X509).status == 0
    listed = machine("rotation", "allow").stdout
    assert [line.split() for line in listed.splitlines()[1:]] == [
        ["other/*", "prod/ca"],
        ["mine/*", arn],
    ]
    assert machine("rotation", "allow", "mine/*", "--remove").stdout == "allowed no more: mine/*\n"
    assert COMMAND in rotate(machine, "mine/tls").stderr


def test_a_name_of_ones_own_for_a_builtin_may_read_too(machine: Machine) -> None:
    """As its registration says, for the secrets that it names."""
    add = ("rotation", "functions", "add", "tls", "--builtin", "builtin/x509")
    assert machine(*add, "--read", "prod/ca", "--secrets", "prod/*").status == 0
    tls = ("--rotation-lambda-arn", "tls")
    failed = rotate(machine, "mine/tls", *tls)
    assert "registered for secrets of other names" in failed.stderr
    assert machine(*add, "--read", "prod/ca", "--secrets", "mine/*").status == 0
    assert machine("rotation", "retry", "mine/tls").status == 0


def test_a_function_is_run_for_its_secrets_alone(machine: Machine, tmp_path: Path) -> None:
    """Somebody who sets it on another has a step that failed, and nothing was run."""
    file, ran = tmp_path / "rotate", tmp_path / "ran"
    file.write_text(f"#!/bin/sh\ntouch {ran}\n{programs.FAILS}")
    file.chmod(0o700)
    words = ("--executable", str(file), "--read", "prod/ca", "--secrets", "prod/*")
    assert machine("rotation", "functions", "add", "own", *words).status == 0
    failed = rotate(machine, "mine/tls", "--rotation-lambda-arn", "own")
    assert "failed in createSecret: the function is registered for secrets" in failed.stderr
    tested = machine("rotation", "test", "mine/tls", "--function", "own")
    assert (tested.status, os.path.exists(ran)) == (1, False)
    rotate(machine, "prod/ca", "--rotation-lambda-arn", "own")
    assert os.path.exists(ran)


def test_words_that_allow_nothing_are_refused(machine: Machine) -> None:
    """And nothing is written."""
    for words, said in (
        (["mine/*"], "--read is missing"),
        (["--read", "prod/ca"], "is missing"),
        (["mine/*", "--remove"], "nothing of that is allowed"),
        (["mine/*", "--read", "prod/ca", "--read", "prod/*"], "neither a name nor an ARN"),
        (["mine/*", "--read", ""], "--read: expected one argument"),
        (["mine/*", "--read", "arn:aws:iam::1:user/a"], "neither a name nor an ARN"),
    ):
        done = machine("rotation", "allow", *words)
        assert (done.status, said in done.stderr) == (252, True), done.stderr
    assert "mine" not in machine("rotation", "allow").stdout


def test_what_is_not_there_is_warned_of_where_nobody_has_to_be_asked(machine: Machine) -> None:
    """It is allowed all the same: there may be one later, or in another vault and region."""
    other = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ca-abcdef"
    allow = ("rotation", "allow", "mine/*", "--read", other, "--read", "prod/ca")
    done = machine(*allow)
    assert (done.status, done.stdout) == (0, "allowed: mine/*\n")
    warning = "secretctl: warning: there is no such secret in this vault and region yet: "
    assert done.stderr == f"{warning}{other}\n"
    assert machine(*allow, "--region", "eu-west-1").stderr.count(warning) == 2
    assert machine(*allow, "--vault", str(machine.world.home / "none")).stderr == ""
    assert rotate(machine, "mine/tls", *X509).status == 0


@pytest.mark.parametrize("said", ["prod/ca", {}, 1, [1], ["prod/ca", "hidden*"]])
def test_what_a_file_cannot_mean_is_named_by_its_pattern(said: object) -> None:
    """For the secrets of that pattern alone; nothing else of it is repeated."""
    found = reads.read({"mine/*": ["prod/ca"], 'a"b\n*': said})
    assert reads.of_secret(found, "mine/tls") == ("prod/ca",)
    with pytest.raises(ConfigError) as caught:
        reads.of_secret(found, 'a"b\n')
    assert r'at the pattern "a\"b\n*" what is no list' in str(caught.value)
    assert "hidden" not in f"{caught.value} {caught.value.hints}"
    with pytest.raises(ConfigError, match="is no table"):
        reads.read("prod/ca")


def test_what_was_written_by_hand_is_mended_by_the_command_that_is_named(machine: Machine) -> None:
    """What rotates other secrets goes on, and the pattern goes."""
    file = machine.world.home / ".config/secretctl/config.toml"
    file.write_text('[rotation.reads]\n"mine/*" = ["prod/ca*"]\n"prod/*" = []\n')
    assert rotate(machine, "prod/ca").status == 0
    for words in (["test", "mine/tls", "--function", "builtin/x509"], ["allow"]):
        done = machine("rotation", *words)
        assert (done.status, 'at the pattern "mine/*"' in done.stderr) == (253, True), done.stderr
        assert "hint: secretctl rotation allow 'mine/*' --remove\n" in done.stderr
    assert machine("rotation", "allow", "mine/*", "--read", "prod/ca").status == 253
    assert machine("rotation", "allow", "mine/*", "--remove").status == 0
    assert machine("rotation", "allow", "mine/*", "--read", "prod/ca").status == 0
    assert rotate(machine, "mine/tls", *X509).status == 0


def test_completion_knows_it(machine: Machine) -> None:
    """The command, its options, and the secrets."""
    assert "allow" in machine("__complete", "--", "rotation", "").stdout.split()
    assert "prod/ca" in machine("__complete", "--", "rotation", "allow", "").stdout.split()
    read = ("__complete", "--", "rotation", "allow", "mine/*", "--read", "")
    assert "prod/ca" in machine(*read).stdout.split()
