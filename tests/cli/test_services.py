"""The operations of IAM, STS and KMS are reached behind their service's name."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from secretctl.__main__ import main
from secretctl.cli.app import build
from secretctl.cli.options import Globals
from secretctl.context import of_process
from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Operation, command_of
from secretctl.vault.vault import Vault
from tests.conftest import World

EVERY = [each for name in SERVICES for each in operations_of(name).values()]


def said(line: str, world: World) -> tuple[int, str, str]:
    """Return the exit status of a command line, standard output and standard error."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout):
        status = main(line.split(), world.context._replace(stdout=stdout, stderr=stderr))
    return status, stdout.getvalue(), stderr.getvalue()


@pytest.mark.parametrize(
    "line",
    ["iam --help", "iam -h", "iam help", "help iam", "--vault x iam help", "--vault x iam --help"],
)
def test_help_of_a_service_lists_its_operations(line: str, world: World) -> None:
    """Each way of asking gives the list, whatever options stand before it."""
    status, shown, _ = said(line, world)
    assert status == 0
    assert SERVICES["iam"] in shown
    listed = [row.split()[1] for row in shown.splitlines() if row.startswith("\u2502 ")]
    assert set(operations_of("iam")) <= set(listed)


@pytest.mark.parametrize(
    "line",
    [
        *("iam create-user --help", "iam create-user help", "help iam create-user"),
        *("iam --help create-user", "--output text iam --region eu-west-1 create-user -h"),
    ],
)
def test_help_of_an_operation_is_the_declarations(line: str, world: World) -> None:
    """The same text comes however it is asked for."""
    status, shown, _ = said(line, world)
    assert status == 0
    assert shown.startswith("Usage: secretctl iam create-user --user-name TEXT [OPTIONS]\n")


@pytest.mark.parametrize(
    "line", ["iam --version", "--version iam", "sts get-caller-identity --version"]
)
def test_the_version_is_told_everywhere(line: str, world: World) -> None:
    """As behind every other command."""
    status, shown, _ = said(line, world)
    assert status == 0
    assert shown.startswith("secretctl ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("iam", "secretctl: error: the following arguments are required: subcommand"),
        ("iam --output text", "secretctl: error: the following arguments are required: subcommand"),
        ("iam hunter2", "secretctl: error: unknown subcommand"),
        ("iam creat-user", "secretctl: hint: did you mean 'secretctl iam create-user'?"),
        ("iam --vault v CreateUser", "secretctl: hint: did you mean 'secretctl iam create-user'?"),
        ("create-user", "secretctl: hint: did you mean 'secretctl iam create-user'?"),
        ("AssumeRole", "secretctl: hint: did you mean 'secretctl sts assume-role'?"),
        ("imm", "secretctl: hint: did you mean 'secretctl iam'?"),
        ("kms list-keys --limt 5", "secretctl: hint: did you mean --limit?"),
        ("iam create-user", "secretctl: error: the following arguments are required: --user-name"),
        ("iam get-user hunter2", "Unknown options: no option takes word 3 of the command line"),
        (
            "--color off iam --output text get-user hunter2",
            "Unknown options: no option takes word 7 of the command line",
        ),
    ],
)
def test_mistakes_are_named_and_never_repeated(line: str, message: str, world: World) -> None:
    """A misspelt operation is suggested, also where the service was left out."""
    status, shown, errors = said(line, world)
    assert (status, shown) == (252, "")
    assert message in errors.splitlines()
    assert "hunter2" not in errors


@pytest.mark.parametrize("operation", EVERY, ids=command_of)
def test_a_skeleton_holds_every_parameter_and_is_read_again(
    operation: Operation, world: World
) -> None:
    """``--generate-cli-skeleton`` needs no vault; what it prints is what can be given."""
    command = command_of(operation)
    status, shown, _ = said(f"{command} --generate-cli-skeleton", world)
    assert status == 0
    assert list(json.loads(shown)) == [member.name for member in operation.input]
    status, shown, _ = said(f"{command} --generate-cli-skeleton yaml-input", world)
    assert status == 0
    assert all(f"{member.name}:" in shown for member in operation.input)


@pytest.mark.parametrize(
    ("output", "expected"),
    [("json", ["Group", "Users", "IsTruncated", "Marker"]), ("text", ["True", "GROUP", "USERS"])],
)
def test_a_skeleton_of_an_answer_is_no_page(output: str, expected: list[str], world: World) -> None:
    """Its members stand in the model's order, and its marker is nobody's starting token."""
    line = f"iam get-group --group-name g --generate-cli-skeleton output --output {output}"
    status, shown, _ = said(line, world)
    rows = shown.splitlines()
    found = list(json.loads(shown)) if output == "json" else [row.split("\t")[0] for row in rows]
    assert status == 0
    assert [name for name in found if name != "TAGS"][: len(expected)] == expected


def test_limits_are_checked_before_a_vault_is_opened(world: World) -> None:
    """What botocore would not send has its sentence, and its exit status."""
    status, _, errors = said("kms create-alias --alias-name= --target-key-id ID", world)
    assert status == 252
    assert "Invalid length for parameter AliasName, value: 0, valid min length: 1" in errors


def test_the_journal_names_the_command(world: World, vault: Vault) -> None:
    """Service and operation are told apart as in the userAgent of aws."""
    vault.close()
    said("iam get-user", world)
    lines = Path(world.directory, "audit", "00000001.jsonl").read_text().splitlines()
    events = map(json.loads, lines)
    opened = [each for each in events if each["eventName"] == "UnlockVault"]
    assert opened[-1]["userAgent"].endswith(" command/iam.get-user")


def test_typer_passes_the_words_of_an_operation_on_untouched() -> None:
    """Both ways into the program read them with the same reader."""
    passed: list[list[str]] = []

    def direct(words: list[str]) -> int:
        passed.append(words)
        return 0

    app = build(of_process(), Globals(), direct)
    words = ["iam", "create-user", "--user-name", "--help", "--tags", "Key=a,Value=b"]
    app(words, prog_name="secretctl", standalone_mode=False)
    assert passed == [words]
