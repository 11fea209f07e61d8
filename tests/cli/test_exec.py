"""The command line of exec, and the whole way from sources to a program."""

import json
import subprocess
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest

import secretctl
from secretctl.cli.exec import perform, split
from secretctl.cli.exec_help import HELP
from secretctl.context import CHEAPEST, Context
from secretctl.delivery.references import parse
from secretctl.errors import DeliveryError, ServiceError, UsageError

ROOT = Path(secretctl.__file__).parents[1]
CANARY = "canary-51ab"
NOT_FOUND = "Secrets Manager can't find the specified secret."


def context() -> Context:
    """Return a context of in-memory streams."""
    return Context(
        environ={},
        stdin=StringIO(),
        stdout=StringIO(),
        stderr=StringIO(),
        now_ms=lambda: 0,
        random=bytes,
        kdf=CHEAPEST,
    )


class Secrets:
    """Answers GetSecretValue, and remembers what it was asked."""

    def __init__(self, **values: str) -> None:
        """Hold *values* by name."""
        self.values = values
        self.asked: list[dict[str, object]] = []

    def __call__(
        self, requests: list[dict[str, object]]
    ) -> Sequence[dict[str, object] | ServiceError]:
        """Answer as GetSecretValue does."""
        self.asked += requests
        return [self._answer(str(request["SecretId"])) for request in requests]

    def _answer(self, name: str) -> dict[str, object] | ServiceError:
        if name not in self.values:
            return ServiceError("ResourceNotFoundException", NOT_FOUND)
        return {"Name": name, "SecretString": self.values[name]}


def attempt(secrets: Secrets, *words: str) -> None:
    """Run a command line that must end before the command starts."""
    perform(split([*words, "--", "false"]), b"/bin/false", secrets, lambda *_: None, context())


def test_words_are_divided() -> None:
    """Sources, flags and global options in any order in front of --, the command behind."""
    words = "--region r a --pristine B=c#k --vault=/v --debug -- cmd --pristine -- --vault x"
    request = split(words.split())
    assert request.sources == (parse("a"), parse("B=c#k"))
    assert request.command == ("cmd", "--pristine", "--", "--vault", "x")
    assert request.globals_words == ("--region", "r", "--vault=/v", "--debug")
    assert request.pristine
    assert not split(["a", "--", "cmd"]).pristine


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["a", "cmd"], "'--'"),
        ([], "'--'"),
        (["a", "--"], "command"),
        (["a", "--vault", "--", "cmd"], "argument --vault: expected one argument"),
        (["a", "--pristin", "--", "cmd"], "'--pristin'"),
        (["a", "-x", "--", "cmd"], "unknown option"),
        ([f"--{CANARY}", "--", "cmd"], "unknown option"),
        (["a", "--vault", "--pristine", "--", "cmd"], "argument --vault: expected one argument"),
        (["a", "--pristine=1", "--", "cmd"], "'--pristine'"),
        ([f"--secret-string={CANARY}", "--", "cmd"], "'--secret-string'"),
    ],
)
def test_unreadable_command_line_is_refused(words: list[str], named: str) -> None:
    """What is wrong is named, with a hint, and no value is repeated."""
    with pytest.raises(UsageError) as caught:
        split(words)
    assert named in caught.value.message
    assert caught.value.hints
    assert CANARY not in " ".join((caught.value.message, *caught.value.hints))


def test_masking_is_asked_for_or_not() -> None:
    """On, off, or what the environment says; not both."""
    assert split(["a", "--mask", "--", "cmd"]).mask is True
    assert split(["a", "--no-mask", "--", "cmd"]).mask is False
    assert split(["a", "--", "cmd", "--mask"]).mask is None
    with pytest.raises(UsageError, match="not allowed with"):
        split(["a", "--no-mask", "--mask", "--", "cmd"])


def test_nearest_option_is_suggested() -> None:
    """A typing error is answered with the option that was meant."""
    with pytest.raises(UsageError) as caught:
        split(["a", "--pristin", "--", "cmd"])
    assert "did you mean --pristine?" in caught.value.hints


@pytest.mark.parametrize("words", [["--help"], ["a", "--help"], ["--help", "--", "cmd"]])
def test_help_needs_neither_source_nor_command(words: list[str]) -> None:
    """--help in front of -- asks for help; behind it, it is the command's."""
    assert split(words).help
    assert not split(["a", "--", "cmd", "--help"]).help


def test_help_fits_a_terminal() -> None:
    """No line of help is wider than 80 columns."""
    assert max(len(line) for line in HELP.splitlines()) <= 80


def test_missing_sources_are_all_named() -> None:
    """AWS's error, with the source in it, and every other missing source in the hints."""
    secrets = Secrets(there=CANARY)
    with pytest.raises(ServiceError) as caught:
        attempt(secrets, "there", "gone/1", "X=gone/2#k?stage=S")
    assert caught.value.code == "ResourceNotFoundException"
    assert caught.value.message == f"{NOT_FOUND} (source 'gone/1')"
    assert caught.value.hints == ("likewise 'gone/2?stage=S': ResourceNotFoundException",)


def test_secret_is_read_once_for_all_its_keys() -> None:
    """Two keys of one secret come from one read, so of one version; a stage is another read."""
    secrets = Secrets(db='{"a": "1"}')
    words = ["A=db#a", "B=db#a", "C=db#a?stage=S", "D=db#a?version=v", "E=db#gone"]
    with pytest.raises(DeliveryError, match="'gone'"):
        attempt(secrets, *words)
    assert secrets.asked == [
        {"SecretId": "db"},
        {"SecretId": "db", "VersionStage": "S"},
        {"SecretId": "db", "VersionId": "v"},
    ]


def test_dangerous_name_is_refused_before_anything_is_read() -> None:
    """A read is recorded, so none happens for a command line that cannot work."""
    secrets = Secrets(db=CANARY)
    with pytest.raises(DeliveryError, match="'LD_PRELOAD'"):
        attempt(secrets, "LD_PRELOAD=db")
    assert secrets.asked == []


def test_optional_secret_may_be_missing_and_nothing_else() -> None:
    """A secret that is not there is left out; another error, or a required source, is none."""
    secrets = Secrets(db='{"a": "1"}')
    with pytest.raises(DeliveryError, match="'gone'"):
        attempt(secrets, "--optional", "X=none#k", "Y=db#gone")
    with pytest.raises(ServiceError):
        attempt(secrets, "--optional", "X=none#k", "Y=none#k")


def test_program_runs_with_the_secrets() -> None:
    """From words to a program with its variables and its exit status."""
    driver = (
        "import sys\n"
        "from secretctl.cli.exec import perform, split\n"
        "from secretctl.context import of_process\n"
        "values = {'prod/db': '{\"user\": \"u\", \"pass-word\": \"p\"}', 'tok': 't'}\n"
        "def answer(name):\n"
        "    return {'Name': name, 'SecretString': values[name]}\n"
        "def read_all(requests):\n"
        "    return [answer(request['SecretId']) for request in requests]\n"
        "program = sys.executable.encode()\n"
        "perform(split(sys.argv[1:]), program, read_all, lambda *_: None, of_process())\n"
    )
    show = "import json, os; print(json.dumps(dict(os.environ))); raise SystemExit(7)"
    words = ["prod/db", "T=tok", "--pristine", "--no-mask", "--", sys.executable, "-c", show]
    done = subprocess.run(
        [sys.executable, "-c", driver, *words], capture_output=True, check=False, cwd=ROOT
    )
    found = json.loads(done.stdout)
    assert done.returncode == 7
    assert (found["user"], found["PASS_WORD"], found["T"]) == ("u", "p", "t")


def test_exec_imports_nothing_slow() -> None:
    """The hot path stays free of what costs more than the whole of it."""
    slow = {"typer", "rich", "pydantic", "dataclasses", "inspect", "platformdirs", "http"}
    slow |= {"logging", "uuid", "asyncio", "importlib.metadata", "argparse", "pathlib"}
    slow |= {"subprocess", "tempfile", "secrets", "tomllib", "tomli_w", "fcntl", "difflib"}
    code = "import sys, secretctl.cli.exec, secretctl.cli.config; print(*sys.modules)"
    # -S: a virtual environment's own start-up files import what they like.
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, check=True, cwd=ROOT, text=True
    )
    assert not slow & set(done.stdout.split())
