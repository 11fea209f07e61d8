"""What zsh and fish show beside commands and options is what help says of them.

``PYTHONPATH=. python tests/cli/test_complete_described.py`` writes ``cli/complete_texts.py`` anew.
"""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup, TyperOption

from secretctl.cli import check, complete_texts, exec_help, getting, people, setting, unsetting
from secretctl.cli.app import build
from secretctl.cli.complete import PEOPLE_COMMANDS
from secretctl.cli.completing import answer
from secretctl.cli.options import Globals
from secretctl.context import of_process
from secretctl.model.journal import QUESTIONS

FILE = Path(complete_texts.__file__)
HEAD = '''\
"""What help says of the commands for people and of their options, for completion.

Reading it where it is written would load Typer: tests/cli/test_complete_described.py writes this.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
'''
TAIL = '''}
"""By command: what it does under "", and what each of its own options does."""
'''
LONGEST = 90
PLAIN = {
    "exec": exec_help.HELP,
    "get": getting.HELP,
    "set": setting.HELP,
    "unset": unsetting.HELP,
    "check": check.HELP,
}
COMMON = {
    each.__metadata__[0].help  # type: ignore[attr-defined]  # what Annotated holds
    for each in (
        people.VaultOption,
        people.RegionOption,
        people.EndpointOption,
        people.ProfileOption,
    )
}


def first_sentence(text: str) -> str:
    """Return what a shell has room for beside an option."""
    sentence = " ".join(text.partition("\n\n")[0].split()).partition(". ")[0].removesuffix(".")
    return textwrap.shorten(sentence, LONGEST, placeholder="...", break_on_hyphens=False)


def of_typer(name: str, command: object) -> dict[str, dict[str, str]]:
    """Return what Typer's help says of a command, its options and what is below it."""
    assert isinstance(command, typer.core.TyperCommand | TyperGroup)
    texts = {"": first_sentence(command.help or "")}
    found = {name: texts}
    if isinstance(command, TyperGroup):
        for each, below in command.commands.items():
            found |= of_typer(f"{name} {each}", below)
        return found
    for param in command.params:
        if isinstance(param, TyperOption) and param.help and param.help not in COMMON:
            texts[param.opts[0]] = first_sentence(param.help)
    return found


def of_plain(help_text: str) -> dict[str, str]:
    """Return what our own help says of its options: names, and the text in the column behind."""
    found: dict[str, str] = {}
    for head, text in re.findall(
        r"(?m)^  (-\S.*?)(?:  +|\n {26})(\S.*(?:\n {26}\S.*)*)", help_text
    ):
        for option in re.findall(r"--?[a-z][a-z-]*", head):
            found[option] = first_sentence(text)
    usual = {"--vault", "--region", "--profile", "--debug", "--help"}
    return {option: text for option, text in found.items() if option not in usual}


def written() -> str:
    """Return the file as it ought to be."""
    root = typer.main.get_command(build(of_process(), Globals(), lambda _words: 0))
    assert isinstance(root, TyperGroup)
    texts: dict[str, dict[str, str]] = {}
    for name in PEOPLE_COMMANDS:
        texts |= of_typer(name, root.commands[name])
        texts[name] |= of_plain(PLAIN.get(name, ""))
    for each in QUESTIONS:
        texts[f"audit {each}"] = {"": texts[f"audit {each}"][""]}
    body = "".join(_entry(name, each) for name, each in texts.items())
    return _formatted(f"{HEAD}{body}{TAIL}")


def _entry(name: str, texts: dict[str, str]) -> str:
    return f"{name!r}: {{{', '.join(f'{option!r}: {text!r}' for option, text in texts.items())}}},"


def _formatted(text: str) -> str:
    program = str(Path(sys.executable).parent / "ruff")
    command = [program, "format", "--config", str(FILE.parents[2] / "pyproject.toml"), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def test_texts_are_those_of_help() -> None:
    """Whoever changes a help text has this file written anew."""
    assert FILE.read_text() == written()


SHOWN = {
    "command": (["get-sec"], ["get-secret-value\tRetrieve the value of one version of a secret"]),
    "of-people": (["fs"], [f"fsck\t{complete_texts.TEXTS['fsck']['']}"]),
    "service": (["st"], ["status", "stop-replication-to-replica", "sts"]),
    "of-service": (["iam", "create-u"], ["create-user\tMake a user"]),
    "option": (["get-secret-value", "--secret"], ["--secret-id\tname or ARN of the secret"]),
    "option-of-service": (["iam", "create-user", "--user"], ["--user-name"]),
    "option-of-people": (
        ["policy", "lint", "--ty"],
        ["--type\tidentity, resource or trust; guessed if left out"],
    ),
    "option-of-question": (["audit", "stats", "--since"], ["--since"]),
    "option-everywhere": (["init", "--va"], ["--vault\tdirectory of the vault (SECRETCTL_VAULT)"]),
    "option-before": (["--que"], ["--query\tJMESPath expression applied to the answer"]),
    "subcommand": (["rotation", "functions", "re"], ["remove"]),
    "help": (["help", "audit", "ve"], ["verify"]),
    "secret-named-as-a-command": (["get", "policy"], ["policy"]),
}


@pytest.mark.parametrize(("words", "expected"), SHOWN.values(), ids=SHOWN)
def test_what_is_offered_is_explained(words: list[str], expected: list[str]) -> None:
    """A command and an option by help's words; where only names are given here, by any words."""
    found = answer(words, lambda _kind, _line: ["policy"], described=True)
    for line, each in zip(found, expected, strict=True):
        name, tab, text = line.partition("\t")
        assert line == each or (name == each and tab and text)
    plain = [each.partition("\t")[0] for each in expected]
    assert answer(words, lambda _kind, _line: ["policy"], described=False) == plain


def test_every_command_is_explained() -> None:
    """All that can stand at the beginning, and in each group."""
    for words in ([""], *([name, ""] for name in ("rotation", "audit", "iam", "kms", "sts"))):
        assert all("\t" in line for line in answer(words, lambda *_: (), described=True))


if __name__ == "__main__":
    FILE.write_text(written())
