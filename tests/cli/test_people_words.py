"""Mistakes in the words of commands for people: said as an operation says them, nothing made."""

import contextlib
import io
from pathlib import Path

import pytest

from secretctl.__main__ import main
from secretctl.cli import people_words
from secretctl.cli.complete import OPTIONS
from secretctl.cli.complete import WITHOUT_VALUE as FLAGS
from tests.access.conftest import Account
from tests.conftest import World

WITHOUT_VALUE = {
    "init --vault": "--vault",
    "init --account-id --vault v8": "--account-id",
    "init --key-file --passphrase --vault q2": "--key-file",
    "init --vault --help": "--vault",
    "init --vault -- x": "--vault",
    "init --region --vault q2": "--region",
    "--region us-east-1 fsck --profile --vault=q2": "--profile",
    "unlock-slot add --key-file --vault q2": "--key-file",
    "configure set region --profile": "--profile",
}


def said(line: str, world: World) -> tuple[int, str]:
    """Return the exit status of a command line and what it writes to standard error."""
    stderr = io.StringIO()
    status = main(line.split(), world.context._replace(stderr=stderr))
    return status, stderr.getvalue()


@pytest.mark.parametrize(("line", "option"), WITHOUT_VALUE.items())
def test_option_is_no_value_of_another(
    line: str, option: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option without its value is named, and no file or vault is made of the next word."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    status, text = said(line, world)
    assert status == 252
    assert f"secretctl: error: argument {option}: expected one argument\n" in text
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("line", "repeated"),
    [
        ("--action-names a b --context c", "--action-names a --action-names b --context c"),
        ("--action-names=a b", "--action-names=a --action-names b"),
        (
            "--action-names a --action-names b c",
            "--action-names a --action-names b --action-names c",
        ),
        ("--principal-arn a b --input c", "--principal-arn a b --input c"),
        ("--action-names", "--action-names"),
    ],
)
def test_lists_are_read_as_those_of_operations(line: str, repeated: str) -> None:
    """Several values stand behind one option, or each behind its own."""
    words = ["policy", "simulate"]
    assert people_words.spread([*words, *line.split()]) == [*words, *repeated.split()]
    assert people_words.spread(["policy", "lint", *line.split()])[2:] == line.split()


@pytest.mark.parametrize(
    ("line", "missing"),
    [("audit prune", "--before"), ("policy who-can", "action"), ("backup", "file")],
)
def test_what_is_missing_is_named_as_it_is_typed(line: str, missing: str, world: World) -> None:
    """An option with its hyphens, an argument by its name."""
    status, text = said(line, world)
    assert status == 252
    assert f"error: the following arguments are required: {missing}\n" in text


@pytest.mark.parametrize("value", ["x", "-1", "1.5"])
def test_option_is_named_whose_value_is_refused(value: str, world: World) -> None:
    """A number that is none is not repeated."""
    status, text = said(f"audit tail -n {value}", world)
    assert status == 252
    assert "error: argument --lines: expected a whole number, 0 or more\n" in text
    assert f"'{value}'" not in text


def test_value_that_looks_like_an_option_is_joined(world: World) -> None:
    """The way out that the hint names works."""
    status, _ = said(f"init --vault={world.home}/v --key-file={world.home}/--passphrase", world)
    assert status == 0
    assert (world.home / "--passphrase").exists()


@pytest.mark.parametrize(
    "line", ["", "--output json", "--debug --region eu-west-1", "--vault x", "--color off"]
)
def test_options_alone_are_no_command(line: str, world: World) -> None:
    """Where a command is missing, that is said, with the usage."""
    status, text = said(line, world)
    assert status == 252
    assert "the following arguments are required: command" in text
    assert "usage: secretctl" in text


@pytest.mark.parametrize(
    ("line", "option", "command"),
    [
        ("status --output json", "--output", "status"),
        ("--output text unlock-slot list", "--output", "unlock-slot list"),
        ("fsck --query Problems", "--query", "fsck"),
        ("policy simulate --input x --output json", "--output", "policy simulate"),
        ("policy lint x --query findings", "--query", "policy lint"),
        ("init --no-paginate", "--no-paginate", "init"),
        ("configure get region --query x", "--query", "configure get"),
        ("exec a --query x -- true", "--query", "exec"),
        ("--output json exec a -- true", "--output", "exec"),
    ],
)
def test_option_without_effect_is_refused(
    line: str, option: str, command: str, world: World
) -> None:
    """What shapes an operation's answer is not silently ignored by other commands."""
    status, text = said(line, world)
    assert status == 252
    assert f"'{command}' takes no {option}, which is for AWS's operations" in text


def test_configure_list_shows_where_the_output_comes_from(world: World) -> None:
    """It is the one command for people that takes ``--output``, as with aws."""
    assert said("configure list --output text", world)[0] == 0


@pytest.mark.parametrize("command", ["get-secret-value", "exec", "unlock-slot add", "init"])
def test_help_before_a_command_is_its_help(command: str, world: World) -> None:
    """``help COMMAND`` shows what ``COMMAND --help`` shows."""
    for line in (f"help {command}", f"{command} --help", f"{command} help"):
        if line == "exec help":
            continue  # a source of that name
        stdout = io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stdout(stdout):
            assert main(line.split(), world.context._replace(stdout=stdout)) == 0
        stdout.seek(0)
        assert f"secretctl {command}" in stdout.read()


WITH_VALUE = [
    (command, option)
    for command, options in OPTIONS.items()
    if command not in ("exec", "get", "set", "unset", "check")
    for option in options
    if option not in FLAGS
]


@pytest.mark.parametrize(("command", "option"), WITH_VALUE)
def test_an_empty_value_is_no_value(command: str, option: str, world: World) -> None:
    """A variable that is not set does not lead to the default vault, or to all that there is."""
    if f"{command} {option}" in people_words._MAY_BE_EMPTY:
        return
    for words in ([option, ""], [f"{option}="]):
        stderr = io.StringIO()
        status = main([*command.split(), *words], world.context._replace(stderr=stderr))
        assert status == 252
        assert f"secretctl: error: argument {option}: expected one argument\n" in stderr.getvalue()


def test_an_empty_prefix_of_an_import_is_one(world: World, tmp_path: Path) -> None:
    """It stands in front of every name, as without the option."""
    assert main(["init"], world.context) == 0
    (tmp_path / ".env").write_text("A=b\n")
    words = ["import", str(tmp_path / ".env"), "--format", "dotenv", "--prefix", ""]
    assert main(words, world.context) == 0
    assert main(["get", "A"], world.context) == 0


def test_an_unknown_option_is_named_if_it_is_surely_one(world: World) -> None:
    """As ``get`` and ``exec`` do; what may be a value that stands in a wrong place is not."""
    assert "error: unknown option '--regoin'\n" in said("status --regoin=hunter2", world)[1]
    for word in ("--Hunter2", "-x", "--hunter_2"):
        assert "error: unknown option\n" in said(f"status {word}", world)[1]


def test_every_command_of_an_explanation_is_about_its_vault(world: World) -> None:
    """Those that stand in its sentences, too."""
    root = Account(world.context)
    chosen = ("--vault", f"{world.home}/v")
    assert root("init", *chosen).status == 0
    root.must("iam", "create-user", "--user-name", "ci", *chosen)
    ci = root.holding(
        root.must("iam", "create-access-key", "--user-name", "ci", *chosen)["AccessKey"]
    )
    role = ("--role-arn", "arn:aws:iam::000000000000:role/nobody", "--role-session-name", "abc")
    assert ci("sts", "assume-role", *role, *chosen).code == "AccessDenied"
    told = root("policy", "explain", "--output", "text", *chosen).out
    assert f"secretctl {' '.join(chosen)} iam list-roles has those" in told
