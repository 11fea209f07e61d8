"""Words that no option takes: where they stand, what they were meant as, and that it works."""

import io

import pytest

from secretctl.__main__ import main
from tests.conftest import Service, World

AT_LIST = (
    "a value that begins with '-' is written --tag-keys=-VALUE",
    'several are a list in JSON: --tag-keys \'["-VALUE", "-VALUE"]\'',
)
UNTAG = ["untag-resource", "--secret-id", "a"]
CASES: dict[str, tuple[list[str], str, tuple[str, ...]]] = {
    "underscore": (["list-secrets", "--max_items", "4"], "", ("did you mean --max-items?",)),
    "camel": (["list-secrets", "--MaxItems", "4"], "", ("did you mean --max-items?",)),
    "camel-joined": (["list-secrets", "--MaxItems=4"], "", ("did you mean --max-items?",)),
    "one-dash": (["list-secrets", "-max-items", "4"], "", ("did you mean --max-items?",)),
    "required": (
        ["get-secret-value", "--SecretId", "a"],
        "",
        ("did you mean --secret-id?", "secretctl get-secret-value --help"),
    ),
    "required-lacking": (
        ["get-secret-value", "a"],
        "the following arguments are required: --secret-id",
        (
            "a value stands behind its option: --secret-id VALUE",
            "secretctl get-secret-value --help",
        ),
    ),
    "list-dash": ([*UNTAG, "--tag-keys", "-k"], "word 5 of the command line", AT_LIST),
    "list-dash-later": ([*UNTAG, "--tag-keys", "k", "-l"], "word 6 of", AT_LIST),
    "list-joined": (
        [*UNTAG, "--tag-keys=k6", "k7"],
        "word 5 of the command line",
        ("several values are divided by blanks: --tag-keys VALUE VALUE",),
    ),
    "behind-globals": (
        ["--region", "us-east-1", "get-secret-value", "--secret-id", "a", "x"],
        "word 6 of the command line",
        ("a value stands behind its option: --OPTION VALUE",),
    ),
    "before-command": (
        ["--region=us-east-1", "--?", "list-secrets"],
        "word 2 of the command line",
        ("secretctl --help",),
    ),
    "bytes": (
        ["create-secret", "--name", "a", "--secret-string", "\udcff"],
        "the value of --secret-string is not valid UTF-8",
        ("bytes that are no text are stored by --secret-binary fileb://PATH",),
    ),
    "bytes-joined": (
        ["create-secret", "--secret-string=\udcff"],
        "the value of --secret-string is not valid UTF-8",
        ("bytes that are no text are stored by --secret-binary fileb://PATH",),
    ),
    "bytes-no-way": (
        ["list-secrets", "--vault", "\udcff"],
        "the value of --vault is not valid UTF-8",
        (),
    ),
    "bytes-region": (
        ["--region", "\udcff", "list-secrets"],
        "the value of --region is not valid UTF-8",
        (),
    ),
    "bytes-command": (["--debug", "\udcff"], "word 2 of the command line is not valid UTF-8", ()),
    "bytes-stray": (["list-secrets", "a\udcff"], "word 2 of the command line", ()),
}
COMMANDS = {
    "ls": "list-secrets",
    "list": "list-secrets",
    "put": "set",
    "tag": "tag-resource",
    "GET-SECRET-VALUE": "get-secret-value",
    "GetSecretValue": "get-secret-value",
    "get_secret_value": "get-secret-value",
    "Init": "init",
    "unlock-slot lst": "unlock-slot list",
    "configure lst": "configure list",
    "configure SET": "configure set",
}
OPTIONS = {
    "init --account 1234 --vault v8": "--account-id",
    "init --accountId 1234": "--account-id",
    "unlock-slot add --keyfile x": "--key-file",
    "unlock-slot add --key_file x": "--key-file",
    "status --regoin x": "--region",
}


def said(words: list[str], world: World) -> tuple[str, tuple[str, ...]]:
    """Return what standard error says of a command line that is refused, and the hints apart."""
    stderr = io.StringIO()
    assert main(words, world.context._replace(stderr=stderr)) == 252
    mark = "secretctl: hint: "
    lines = stderr.getvalue().splitlines()
    hints = tuple(line.removeprefix(mark) for line in lines if line.startswith(mark))
    return "\n".join(line for line in lines if not line.startswith(mark)), hints


@pytest.mark.parametrize(("words", "sentence", "expected"), CASES.values(), ids=CASES)
def test_stray_word_is_explained(
    words: list[str], sentence: str, expected: tuple[str, ...], world: World
) -> None:
    """Words are counted as a person counts them, and hints fit what was typed."""
    text, hints = said(words, world)
    assert sentence in text
    assert hints == expected


@pytest.mark.parametrize(("line", "command"), COMMANDS.items())
def test_nearest_command_is_named(line: str, command: str, world: World) -> None:
    """Cut short, in capitals, spelled as the API does, or as the shell's own command."""
    assert f"did you mean 'secretctl {command}'?" in said(line.split(), world)[1]


@pytest.mark.parametrize(("line", "option"), OPTIONS.items())
def test_nearest_option_of_a_command_for_people_is_named(
    line: str, option: str, world: World
) -> None:
    """One is named, and only one."""
    hints = said(line.split(), world)[1]
    assert [hint for hint in hints if hint.startswith("did you")] == [f"did you mean {option}?"]


def test_ways_out_for_a_list_work(world: World, service: Service) -> None:
    """What the hints name unties tags that begin with a hyphen."""
    keys = ("-k", "-l", "-m", "n")
    service("CreateSecret", Name="a", Tags=[{"Key": key} for key in keys])
    for words in (["--tag-keys=-k"], ["--tag-keys", '["-l", "-m"]']):
        assert main([*UNTAG, *words], world.context) == 0
    assert service("DescribeSecret", SecretId="a")["Tags"] == [{"Key": "n", "Value": ""}]
