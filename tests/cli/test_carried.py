"""Hints that are pasted act on the vault that the command acted on."""

import io
import shlex

import pytest

from secretctl.__main__ import main
from secretctl.cli.carried import carried
from secretctl.context import Context
from tests.conftest import World

CASES = {
    "operation": ("get a --vault v", "secretctl list-secrets", "secretctl --vault v list-secrets"),
    "joined": ("get a --vault=v", "secretctl fsck", "secretctl --vault v fsck"),
    "before": ("--profile w get a", "secretctl fsck", "secretctl --profile w fsck"),
    "cut-short": ("list-secrets --va v", "secretctl fsck", "secretctl --vault v fsck"),
    "quoted": ("get a --vault 'my vault'", "secretctl fsck", "secretctl --vault 'my vault' fsck"),
    "nothing-given": ("get a", "secretctl fsck", "secretctl fsck"),
    "region": (
        "get a --region eu-west-1",
        "secretctl list-secrets",
        "secretctl --region eu-west-1 list-secrets",
    ),
    "region-means-nothing": ("get a --region eu-west-1", "secretctl fsck", "secretctl fsck"),
    "service": (
        "iam get-user --vault v",
        "secretctl iam create-access-key",
        "secretctl --vault v iam create-access-key",
    ),
    "question": (
        "audit stats --vault v --region eu-west-1",
        "secretctl audit lookup-events --principal WHO",
        "secretctl --vault v audit lookup-events --principal WHO",
    ),
    "subcommand": (
        "status --vault v",
        "secretctl unlock-slot list",
        "secretctl --vault v unlock-slot list",
    ),
    "endpoint": (
        "check X=a --endpoint-url https://e --ca-bundle ca.pem",
        "secretctl create-secret --name a",
        "secretctl --endpoint-url https://e --ca-bundle ca.pem create-secret --name a",
    ),
    "endpoint-unsafe": (
        "get a --endpoint-url http://e --allow-http --no-sign-request --profile p",
        "secretctl check",
        "secretctl --profile p --endpoint-url http://e --allow-http --no-sign-request check",
    ),
    "endpoint-means-nothing": (
        "get a --endpoint-url https://e --profile of-aws",
        "secretctl fsck",
        "secretctl fsck",
    ),
    "vault-means-nothing": (
        "rotation functions add f --path x --vault v",
        "secretctl rotation functions list",
        "secretctl rotation functions list",
    ),
    "profile-alone": (
        "configure get x --profile w --vault v",
        "secretctl configure list",
        "secretctl --profile w configure list",
    ),
    "has-it": ("fsck --vault v", "secretctl init --vault /v", "secretctl init --vault /v"),
    "sentence": (
        "get a --vault v",
        "secretctl rotation retry tries again, secretctl rotation abandon gives it up",
        "secretctl --vault v rotation retry tries again, "
        "secretctl --vault v rotation abandon gives it up",
    ),
    "prose": ("get a --vault v", "secretctl stopped before that", "secretctl stopped before that"),
    "name": ("x --vault v", "did you mean 'secretctl sts'?", "did you mean 'secretctl sts'?"),
    "help": ("get --vault v", "secretctl get --help", "secretctl get --help"),
    "path": ("get a --vault v", "see /home/secretctl fsck", "see /home/secretctl fsck"),
    "program's": ("exec a -- p --vault v", "secretctl fsck", "secretctl fsck"),
    "value": (
        "create-secret --name a --secret-string --vault=v",
        "secretctl fsck",
        "secretctl fsck",
    ),
    "another-option": (
        "export a --out json --vault v",
        "secretctl fsck",
        "secretctl --vault v fsck",
    ),
    "unreadable": ("get a --vault", "secretctl fsck", "secretctl fsck"),
}


@pytest.mark.parametrize(("line", "hint", "expected"), CASES.values(), ids=CASES)
def test_a_hint_has_what_chose_the_vault(line: str, hint: str, expected: str, world: World) -> None:
    """As far as its command takes it, and not what was a value, or another program's."""
    assert carried(hint, world.context._replace(argv=shlex.split(line))) == expected


def on_terminal(line: str, context: Context) -> str:
    """Return what the command *line* says on a standard error that is a terminal."""
    stderr = io.StringIO()
    stderr.isatty = lambda: True  # type: ignore[method-assign]  # the one thing that differs
    main(["--color", "off", *shlex.split(line)], context._replace(stderr=stderr))
    return stderr.getvalue()


def test_a_pasted_hint_works(world: World) -> None:
    """What a command says to type next is about the vault that it was about itself."""
    vault = str(world.home / "a vault")
    assert main(["init", "--vault", vault], world.context) == 0
    for line in (f"get nope --vault '{vault}'", f"--vault '{vault}' rotation test nope"):
        hint = on_terminal(line, world.context).partition("hint: ")[2].splitlines()[0]
        assert shlex.split(hint)[1:4] == ["--vault", vault, "list-secrets"]
        assert main(shlex.split(hint)[1:], world.context) == 0
    told = on_terminal(f"check X=nope --vault '{vault}'", world.context)
    hint = told.partition("hint: ")[2]
    typed = io.TextIOWrapper(io.BytesIO(b"x"))
    assert main(shlex.split(hint)[1:], world.context._replace(stdin=typed)) == 0
    assert on_terminal(f"get nope --vault '{vault}'", world.context) == ""
