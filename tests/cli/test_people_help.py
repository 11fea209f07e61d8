"""Help of the commands for people: in the order of use, in words of ours, with lines to paste."""

import contextlib
import io
import shlex
from collections.abc import Iterator

import pytest
from typer.core import TyperCommand, TyperGroup, TyperOption

from secretctl.__main__ import main
from secretctl.cli.app import build
from secretctl.cli.complete import COMMANDS, OPTIONS, PEOPLE_COMMANDS, SUBCOMMANDS, WITHOUT_VALUE
from secretctl.cli.options import GLOBALS, Globals, flags
from secretctl.cli.people_examples import EXAMPLES
from secretctl.cli.people_help import GROUPS, dressed, joined
from secretctl.cli.people_words import command_of
from secretctl.context import of_process
from secretctl.model.journal import QUESTIONS
from secretctl.model.operations import BY_COMMAND
from secretctl.model.services import SERVICES, operations_of
from tests.conftest import World

WITH_OWN_HELP = {"exec", "get", "set", "unset", "check"}


def named(command: object, name: str = "") -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """Yield *command* and all below it, each with the words that are typed for it."""
    assert isinstance(command, TyperCommand | TyperGroup)
    yield name, command
    if isinstance(command, TyperGroup):
        for each, below in command.commands.items():
            yield from named(below, f"{name} {each}".strip())


ALL = dict(named(dressed(build(of_process(), Globals(), lambda _words: 0))))
DRAWN = [
    name
    for name in ALL
    if name.partition(" ")[0] in {"", *PEOPLE_COMMANDS, *SERVICES} - WITH_OWN_HELP
    and not (name.partition(" ")[0] in SERVICES and " " in name)
    and name.partition(" ")[2] not in QUESTIONS
]


def test_every_command_stands_in_one_group() -> None:
    """In the order that is written down, which begins with what is done first."""
    listed = [name for names in GROUPS.values() for name in names]
    assert sorted(listed) == sorted(COMMANDS)
    assert [name for name in ALL if name and " " not in name] == listed
    assert listed[0] == "init"


@pytest.mark.parametrize("group", [each for each in SUBCOMMANDS if each != "completion"])
def test_subcommands_stand_as_they_are_used(group: str) -> None:
    """As completion lists them, not as they were registered."""
    below = [name for name in ALL if name.startswith(f"{group} ")]
    assert [each for each in below if each.count(" ") == group.count(" ") + 1] == [
        f"{group} {each}" for each in SUBCOMMANDS[group]
    ]


@pytest.mark.parametrize("name", DRAWN)
def test_every_help_has_an_example(name: str) -> None:
    """Of that command; what it shows is read by it, and fits a terminal of 80 columns."""
    assert EXAMPLES[name]
    for example in EXAMPLES[name]:
        assert all(len(line) <= 78 for line in example.split("\n"))
        words = shlex.split(example.replace("\\\n", "").replace('eval "$(', "").rstrip(')"'))
        words = words[words.index("secretctl") + 1 :] if "secretctl" in words else words
        if "<(secretctl" in words:
            continue
        known = command_of(words) if words[0] not in BY_COMMAND else words[0]
        assert known.startswith(name) or known in BY_COMMAND
        assert _options(words) <= _known(words)


def _options(words: list[str]) -> set[str]:
    own = words[: words.index("|")] if "|" in words else words
    own = own[: own.index("--")] if "--" in own else own
    return {word for word in own if word.startswith("--")}


def _known(words: list[str]) -> set[str]:
    command = command_of(words)
    operation = BY_COMMAND.get(words[0]) or (
        operations_of(words[0])[words[1]]
        if words[0] in SERVICES
        else QUESTIONS.get(words[1] if words[0] == "audit" else "")
    )
    named = OPTIONS.get(command, ())
    return {*named, *(f"--{each}" for each in (*GLOBALS, *(flags(operation) if operation else ())))}


def test_options_say_what_they_take() -> None:
    """No type of Python's: a word in capitals, or nothing where an option takes no value."""
    for name in DRAWN:
        for param in ALL[name].params:
            if isinstance(param, TyperOption):
                assert param.metavar is not None
                assert bool(param.metavar) != (param.opts[0] in (*WITHOUT_VALUE, "--version"))
                assert "<" not in param.metavar


@pytest.mark.parametrize("line", ["--help", "audit --help", "policy apply x --help", "-h"])
def test_examples_stand_behind_the_options(line: str, world: World) -> None:
    """As plain lines, which no box breaks, whatever else stands on the command line."""
    stdout = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.redirect_stdout(stdout):
        assert main(line.split(), world.context._replace(stdout=stdout)) == 0
    stdout.seek(0)
    shown = stdout.read()
    command = command_of([word for word in line.split() if not word.startswith("-")])
    lines = "".join(f"  {example}\n" for example in EXAMPLES[command])
    assert shown.endswith(f"\nExamples:\n{lines}\n")
    assert "<bool>" not in shown
    assert "<str>" not in shown


def test_sentences_are_broken_where_the_terminal_ends() -> None:
    """What begins a line of its own behind a full stop keeps it; paragraphs stay."""
    assert joined("One\nsentence.\nExit status: 0.\n\nA\n  second") == (
        "One sentence.\nExit status: 0.\n\nA second"
    )
