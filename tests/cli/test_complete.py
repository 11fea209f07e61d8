"""Completion: what is offered, and that three shells offer it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from secretctl.cli.app import build
from secretctl.cli.complete import (
    OPTIONS,
    PEOPLE_COMMANDS,
    SETTINGS,
    SUBCOMMANDS,
    candidates,
    script,
)
from secretctl.cli.complete_texts import TEXTS
from secretctl.cli.config_values import KEYS
from secretctl.cli.options import GLOBALS, Globals
from secretctl.context import of_process
from secretctl.model.journal import QUESTIONS
from secretctl.model.operations import BY_COMMAND
from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Operation, kebab
from secretctl.service.in_use import names_in_use
from tests.conftest import Service

ROOT = Path(__file__).parents[2]
SECRETS = ("prod/db", "prod/a=b@c+d", "prod/api", "rds!cluster-1", "a=b")
OUTSIDE = {
    "environment": ("ci", "dev"),
    "function": ("builtin/password", "builtin/ssh-key", "mine"),
    "profile": ("default", "work"),
    "slot": ("c2e057a4902668fb",),
}
WITHOUT_TYPER = {"exec", "get", "set", "unset", "check"}
LABELS = ("AWSCURRENT", "AWSPENDING", "two words")


def names(kind: str, words: list[str]) -> Iterable[str]:
    """Stand in for a vault: secrets, and labels or versions of ``prod/db`` alone."""
    if kind == "secret":
        return SECRETS
    if kind in OUTSIDE:
        return OUTSIDE[kind]
    if words[words.index("--secret-id") + 1] != "prod/db":
        return ()
    return (*LABELS, "bad\x1b[1m") if kind == "stage" else ("v1",)


GET_USER = ["get-user", "get-user-policy"]
CASES = {
    "commands": (["get-s"], ["get-secret-value"]),
    "commands-people": (["e"], ["exec", "export"]),
    "commands-behind-globals": (["--region", "eu-west-1", "list-secrets"], ["list-secrets"]),
    "global-flag": (["--out"], ["--output"]),
    "global-value": (["--output", "yaml"], ["yaml", "yaml-stream"]),
    "flag": (["get-secret-value", "--secret"], ["--secret-id"]),
    "flag-used": (["get-secret-value", "--secret-id", "x", "--secret"], []),
    "flag-used-joined": (["get-secret-value", "--secret-id=x", "--secret"], []),
    "flag-negated": (["delete-secret", "--force-delete-without-recovery", "--no-force"], []),
    "secret": (["get-secret-value", "--secret-id", "prod/a"], ["prod/a=b@c+d", "prod/api"]),
    "secret-joined": (["get-secret-value", "--secret-id=rds"], ["--secret-id=rds!cluster-1"]),
    "stage": (
        ["get-secret-value", "--secret-id", "prod/db", "--version-stage", ""],
        ["AWSCURRENT", "AWSPENDING", "two words"],
    ),
    "version": (["get-secret-value", "--secret-id", "prod/db", "--version-id", ""], ["v1"]),
    "enum": (["list-secrets", "--sort-by", "last-c"], ["last-changed-date"]),
    "enum-joined": (["list-secrets", "--sort-by=n"], ["--sort-by=name"]),
    "choice": (["list-secrets", "--output", "t"], ["table", "text"]),
    "region": (["list-secrets", "--region", "us-w"], ["us-west-1", "us-west-2"]),
    "list-second-word": (
        ["remove-regions-from-replication", "--remove-replica-regions", "us-east-1", "us-w"],
        ["us-west-1", "us-west-2"],
    ),
    "list-ends-at-flag": (
        ["batch-get-secret-value", "--secret-id-list", "a", "--max-r"],
        ["--max-results"],
    ),
    "value-unknown": (["create-secret", "--secret-string", ""], []),
    "unknown-command": (["nonsense", ""], ["--help"]),
    "subcommand": (["unlock-slot", ""], ["add", "list", "remove"]),
    "subcommand-flag": (["unlock-slot", "add", "--k"], ["--key-file"]),
    "setting": (["configure", "set", "o"], ["output"]),
    "setting-names": (["configure", "set", "audit.names", "h"], ["hmac"]),
    "setting-value": (["configure", "set", "output", "te"], ["text"]),
    "shell": (["completion", "z"], ["zsh"]),
    "hash": (["audit", "hash", "prod/d"], ["prod/db"]),
    "export-format": (["audit", "export", "--format", "c"], ["csv"]),
    "function": (["rotation", "functions", "test", "m"], ["mine"]),
    "function-of-secret": (["rotation", "functions", "test", "mine", "rds"], ["rds!cluster-1"]),
    "function-option": (["rotation", "test", "rds!cluster-1", "--function", "m"], ["mine"]),
    "builtin": (
        ["rotation", "functions", "add", "mine", "--builtin", "builtin/pa"],
        ["builtin/password"],
    ),
    "policy": (["policy", ""], ["apply", "explain", "generate", "lint", "simulate", "who-can"]),
    "policy-flag": (["policy", "simulate", "--i"], ["--input"]),
    "function-of-rotation": (["rotate-secret", "--rotation-lambda-arn", "m"], ["mine"]),
    "policy-type": (["policy", "lint", "x", "--type", "t"], ["trust"]),
    "question": (["audit", "l"], ["lookup-events"]),
    "question-flag": (["audit", "lookup-events", "--err"], ["--errors-only"]),
    "question-global-flag": (["audit", "lookup-events", "--que"], ["--query"]),
    "question-secret": (["audit", "lookup-events", "--secret-id", "prod/d"], ["prod/db"]),
    "question-enum": (["audit", "lookup-events", "--event-category", ""], ["insight"]),
    "service": (["i"], ["iam", "import", "init", "inject"]),
    "service-operation": (["iam", "create-u"], ["create-user"]),
    "service-operation-behind-globals": (["iam", "--output", "text", "get-user"], GET_USER),
    "service-flag": (["iam", "create-user", "--us"], ["--user-name"]),
    "service-flag-used": (["iam", "create-user", "--user-name", "ci", "--us"], []),
    "service-enum": (["iam", "update-access-key", "--status", "I"], ["Inactive"]),
    "service-enum-in-list": (
        ["kms", "create-grant", "--operations", "Decrypt", "Enc"],
        ["Encapsulate", "Encrypt"],
    ),
    "service-global-value": (["sts", "get-caller-identity", "--output", "t"], ["table", "text"]),
    "service-operation-of-another": (["sts", "create-user", "--us"], []),
    "exec-source": (["exec", "prod/d"], ["prod/db"]),
    "exec-vault": (["exec", "--vault", ""], []),
    "exec-second-source": (["exec", "prod/db", "rds"], ["rds!cluster-1"]),
    "exec-variable": (["exec", "TOKEN=prod/d"], ["TOKEN=prod/db"]),
    "exec-variable-name-with-equals": (["exec", "T=a"], ["T=a=b"]),
    "exec-name-read-as-variable": (["exec", "a"], []),
    "exec-kind": (["exec", "prod/db?"], ["prod/db?stage=", "prod/db?version="]),
    "exec-kind-begun": (["exec", "prod/db?st"], [f"prod/db?stage={label}" for label in LABELS]),
    "exec-kind-begun-nothing-known": (["exec", "prod/api?v"], ["prod/api?version="]),
    "exec-kind-unknown": (["exec", "prod/db?x"], []),
    "exec-stage": (["exec", "T=prod/db#k?stage=AWSC"], ["T=prod/db#k?stage=AWSCURRENT"]),
    "exec-version": (["exec", "prod/db?version="], ["prod/db?version=v1"]),
    "exec-key-is-value": (["exec", "prod/db#"], []),
    "exec-flag": (["exec", "prod/db", "--pri"], ["--pristine"]),
    "get-source": (["get", "prod/d"], ["prod/db"]),
    "get-name-with-equals": (["get", "a"], ["a=b"]),
    "get-stage": (["get", "prod/db#k?stage=AWSC"], ["prod/db#k?stage=AWSCURRENT"]),
    "get-scheme": (["get", "secretctl://prod/d"], ["secretctl://prod/db"]),
    "get-scheme-stage": (
        ["get", "secretctl://prod/db?stage=AWSC"],
        ["secretctl://prod/db?stage=AWSCURRENT"],
    ),
    "exec-scheme": (["exec", "T=secretctl://a"], ["T=secretctl://a=b"]),
    "exec-scheme-alone": (["exec", "secretctl://rds"], ["secretctl://rds!cluster-1"]),
    "export-region": (["export", "prod/db", "--reg"], ["--region"]),
    "export-region-value": (["export", "--region", "us-w"], ["us-west-1", "us-west-2"]),
    "inject-region": (["inject", "t", "--reg"], ["--region"]),
    "set-source": (["set", "--json", "prod/d"], ["prod/db"]),
    "set-stage": (["set", "prod/db?stage=AWSC"], []),
    "set-file": (["set", "prod/db#k", "--from-file", "prod/d"], []),
    "set-option": (["set", "--cr"], ["--create"]),
    "unset-source": (["unset", "prod/d"], ["prod/db"]),
    "get-option": (["get", "-n"], ["-n"]),
    "get-second": (["get", "prod/db", "prod"], []),
    "get-behind-option": (["get", "-n", "prod/d"], ["prod/db"]),
    "exec-policy": (["exec", "--on-conflict", "k"], ["keep"]),
    "exec-signal": (["exec", "--watch-signal", "U"], ["USR1", "USR2"]),
    "exec-grace": (["exec", "--watch-grace", ""], []),
    "exec-optional-source": (["exec", "--optional", "X=prod/d"], ["X=prod/db"]),
    "exec-endpoint": (["exec", "--aws-endpoint", "prod/d"], ["prod/db"]),
    "exec-environment": (["exec", "--environment", "c"], ["ci"]),
    "exec-manifest": (["exec", "--manifest", "prod"], []),
    "check-source": (["check", "X=prod/d"], ["X=prod/db"]),
    "check-stage": (["check", "prod/db?stage=AWSC"], ["prod/db?stage=AWSCURRENT"]),
    "check-option": (["check", "prod/db", "--man"], ["--manifest"]),
    "check-environment": (["check", "--environment", ""], ["ci", "dev"]),
    "check-output": (["check", "--output", "t"], ["table", "text"]),
    "check-manifest": (["check", "--manifest", "prod"], []),
    "check-region": (["check", "--region", "eu-west"], ["eu-west-1", "eu-west-2", "eu-west-3"]),
    "check-name-like-an-option": (["check", "--", "--man"], []),
    "exec-file": (["exec", "--file", "X=prod/d"], ["X=prod/db"]),
    "exec-file-joined": (["exec", "--file=X=prod/d"], ["--file=X=prod/db"]),
    "exec-optional-joined": (["exec", "--optional=prod/d"], ["--optional=prod/db"]),
    "exec-kind-joined": (["exec", "--file-kind=f"], ["--file-kind=fifo", "--file-kind=file"]),
    "exec-without-value": (["exec", "--mask="], []),
    "exec-option-no-value": (["exec", "--file-kind=--m"], []),
    "exec-of-the-command": (["exec", "a", "--", "--file=X=prod/d"], []),
    "check-joined": (["check", "--output=t"], ["--output=table", "--output=text"]),
    "explain-joined": (["policy", "explain", "--secret-id=rds"], ["--secret-id=rds!cluster-1"]),
    "export-joined": (["export", "--format=do"], ["--format=docker", "--format=dotenv"]),
    "get-joined": (["get", "--region=us-w"], ["--region=us-west-1", "--region=us-west-2"]),
    "exec-file-without-variable": (["exec", "--file", "prod/d"], []),
    "exec-file-again": (["exec", "--file", "X=prod/db", "--fil"], ["--file-kind", "--file-name"]),
    "exec-file-kind": (["exec", "--file-kind", "f"], ["fifo", "file"]),
    "exec-file-name": (["exec", "--file", "X=prod/db", "--file-name", ""], ["X="]),
    "exec-container": (["exec", "--container", "prod"], []),
    "exec-option": (["exec", "--keep"], ["--keep", "--keep-case"]),
    "export-source": (["export", "TOKEN=prod/d"], ["TOKEN=prod/db"]),
    "export-second-source": (["export", "--format", "env", "rds"], ["rds!cluster-1"]),
    "export-stage": (["export", "prod/db?st"], [f"prod/db?stage={label}" for label in LABELS]),
    "export-environment": (["export", "--environment", "c"], ["ci"]),
    "export-flag": (["export", "prod/db", "--f"], ["--format"]),
    "export-to": (["export", "--format", "do"], ["docker", "dotenv"]),
    "inject-flag": (["inject", "t", "--e"], ["--endpoint-url", "--escape"]),
    "inject-escape": (["inject", "t", "--escape", "a"], ["auto"]),
    "inject-out": (["inject", "--out", "prod"], []),
    "export-file": (["export", "--out", "prod"], []),
    "import-format": (["import", "x", "--format", "va"], ["vault"]),
    "import-conflict": (["import", "--on-conflict", ""], ["error", "overwrite", "skip"]),
    "import-into": (["import", "x", "--into", "rds"], ["rds!cluster-1"]),
    "import-region": (["import", "x", "--reg"], ["--region"]),
    "import-flag": (["import", "x", "--d"], ["--dry-run"]),
    "exec-command": (["exec", "prod/db", "--", "prod"], []),
    "profile-global": (["--profile", "w"], ["work"]),
    "profile": (["status", "--profile", ""], ["default", "work"]),
    "profile-of-operation": (["list-secrets", "--profile=d"], ["--profile=default"]),
    "profile-of-question": (["audit", "stats", "--profile", "w"], ["work"]),
    "profile-exec": (["exec", "prod/db", "--profile", "w"], ["work"]),
    "profile-get": (["get", "--profile", "w"], ["work"]),
    "profile-check": (["check", "--profile", "w"], ["work"]),
    "profile-configure": (["configure", "get", "--profile", "w"], ["work"]),
    "profile-of-named": (["audit", "hash", "--profile", "w"], ["work"]),
    "slot": (["unlock-slot", "remove", ""], ["c2e057a4902668fb"]),
    "slot-given": (
        ["unlock-slot", "remove", "--vault", "v", "c2e057a4902668fb", ""],
        ["--help", "--profile"],
    ),
    "slot-behind-vault": (
        ["unlock-slot", "remove", "--vault", "v", ""],
        ["c2e057a4902668fb"],
    ),
    "hash-given": (["audit", "hash", "prod/db", ""], ["--help", "--profile", "--vault"]),
    "slot-dropped": (["rekey", "--drop-slot", "c"], ["c2e057a4902668fb"]),
    "help": (["help", "unlock-slot", "re"], ["remove"]),
    "help-operation": (["help", "get-s"], ["get-secret-value"]),
    "file-backup": (["backup", ""], []),
    "file-restore": (["restore", "--replace", ""], []),
    "file-import": (["import", "--format", "dotenv", "prod"], []),
    "file-inject": (["inject", ""], []),
    "files-lint": (["policy", "lint", ""], []),
    "file-given": (["backup", "x", ""], ["--help", "--profile", "--vault"]),
    "file-or-option": (["backup", "-"], ["--help", "--profile", "--vault"]),
}


@pytest.mark.parametrize(("words", "expected"), CASES.values(), ids=CASES)
def test_candidates_are(words: list[str], expected: list[str]) -> None:
    """The last word becomes what the declarations and the vault say."""
    assert candidates(words, names) == expected


def test_candidates_prefix_is_the_part_that_names_begin_with() -> None:
    """A name is looked up by what stands behind ``--flag=`` or ``NAME=``."""
    asked: list[tuple[str, str]] = []

    def note(kind: str, words: list[str]) -> Iterable[str]:
        asked.append((kind, words[-1]))
        return ()

    for words in (
        ["get-secret-value", "--secret-id=pro"],
        ["exec", "T=pro"],
        ["exec", "x?stage=A"],
    ):
        candidates(words, note)
    assert asked == [("secret", "pro"), ("secret", "pro"), ("stage", "A")]


def test_candidates_offer_every_flag_of_every_operation() -> None:
    """Each member of each declaration is offered as a flag."""
    commands: list[tuple[tuple[str, ...], Operation]]
    commands = [((name,), operation) for name, operation in BY_COMMAND.items()]
    for service in SERVICES:
        commands += [((service, name), each) for name, each in operations_of(service).items()]
    for words, operation in commands:
        offered = candidates([*words, "--"], names)
        assert {f"--{kebab(member.name)}" for member in operation.input} <= set(offered)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_the_file_in_completions(shell: str) -> None:
    """The files that are installed are those the program prints."""
    assert script(shell) == (ROOT / "completions" / f"secretctl.{shell}").read_text()


# What each shell is asked, and what it must answer: the line up to the cursor, full words offered.
LINES = {
    "command": ("secretctl get-s", ["get-secret-value"]),
    "flag": ("secretctl get-secret-value --secret", ["--secret-id"]),
    "secret": ("secretctl get-secret-value --secret-id prod/d", ["prod/db"]),
    "secret-breaks": ("secretctl get-secret-value --secret-id prod/a=b@c", ["prod/a=b@c+d"]),
    "secret-several": (
        "secretctl get-secret-value --secret-id prod/a",
        ["prod/a=b@c+d", "prod/api"],
    ),
    "joined": ("secretctl get-secret-value --secret-id=prod/d", ["--secret-id=prod/db"]),
    "empty-word": (
        "secretctl get-secret-value --version-id v --output ",
        list(GLOBALS["output"].choices),
    ),
    "exec": ("secretctl exec TOKEN=prod/d", ["TOKEN=prod/db"]),
    "exec-file": ("secretctl exec --file=TLS=prod/d", ["--file=TLS=prod/db"]),
}
SHELLS = ["bash", *filter(shutil.which, ("zsh", "fish"))]
MISSING = {"bash", "zsh", "fish"} - set(SHELLS)
if MISSING:
    print(f"LEFT OUT: completion in {', '.join(sorted(MISSING))}: not installed", file=sys.stderr)


def test_shells_are_all_here_where_they_must() -> None:
    """Where all shells are asked for, none is left out."""
    assert not (MISSING and os.environ.get("SECRETCTL_REQUIRE_SHELLS") == "1")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Put a ``secretctl`` on the path that completes from the names above."""
    directory = tmp_path_factory.mktemp("bin")
    program = directory / "secretctl"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from secretctl.cli.completing import answer\n"
        "assert sys.argv[1:] in (['__complete'], ['__complete', '--described']), sys.argv\n"
        "words = sys.stdin.read().split('\\0')[:-1]\n"
        f"names = lambda kind, words: {SECRETS!r}\n"
        "print('\\n'.join(answer(words, names, described=sys.argv[2:] != [])))\n"
    )
    program.chmod(0o755)
    return f"{directory}:{os.environ['PATH']}"


BASH = """
source "$1"; line=$2
COMP_LINE=$line; COMP_POINT=${#line}; COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
# Cut the line as readline does: blanks divide, and runs of breaking characters are words.
COMP_WORDS=(); rest=$line
while [[ -n $rest ]]; do
    if [[ $rest =~ ^[[:space:]]+ ]]; then rest=${rest#"$BASH_REMATCH"}
    elif [[ $rest =~ ^[@=:]+ || $rest =~ ^[^@=:[:space:]]+ ]]; then
        COMP_WORDS+=("$BASH_REMATCH"); rest=${rest#"$BASH_REMATCH"}
    fi
done
[[ $line == *' ' || $line == *[@=:] ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_secretctl
word=${line##*[[:space:]]}; head=${word%"${word##*[@=:]}"}; head=${head%@}
for reply in "${COMPREPLY[@]}"; do printf '%s%s\\n' "$head" "$reply"; done
"""

# A second zsh on a pseudo-terminal shows its matches through compadd, which is watched.
ZSH = """
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit"
zpty -w shell "compinit -u -D; source ${(q)1}; setopt no_beep"
zpty -w shell "compadd() {"
zpty -w shell " (( \\${@[(I)-[OAD]]} )) && { builtin compadd \\"\\$@\\"; return }"  # only looks
zpty -w shell " local -a seen; local -i at=\\${@[(i)-d]}; builtin compadd -O seen \\"\\$@\\""
zpty -w shell " (( at >= \\$# )) || print -rl -- \\${(P)@[at+1]} >>$3.shown"
zpty -w shell " (( \\$#seen )) && print -rl -- \\$seen >>$3 }"
zpty -w shell "print ready >$3.ready"
until [[ -s $3.ready ]]; do sleep 0.02; done
zpty -w -n shell "$2"$'\\t'
until [[ -e $3 ]]; do sleep 0.02; done; sleep 0.1
cat $3
zpty -d shell
"""

FISH = 'source $argv[1]; complete -C "$argv[2]"'


def offered(shell: str, line: str, path: str, scratch: Path) -> list[str]:
    """Return the full words that *shell* offers at the end of *line*."""
    source = str(ROOT / "completions" / f"secretctl.{shell}")
    command = {
        "bash": ["bash", "--norc", "-c", BASH, "bash", source, line],
        "zsh": ["zsh", "-f", "-c", ZSH, "zsh", source, line, str(scratch / "seen")],
        "fish": ["fish", "--no-config", "-c", FISH, source, line],
    }[shell]
    environ = {"PATH": path, "HOME": str(scratch), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(  # a hanging shell is a failure
        command, env=environ, capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_shell_offers(
    shell: str, line: str, expected: list[str], path: str, tmp_path: Path
) -> None:
    """A real shell with the script loaded offers the words."""
    found = offered(shell, line, path, tmp_path)
    assert sorted(each.partition("\t")[0] for each in found) == sorted(expected)


@pytest.mark.skipif("fish" in MISSING, reason="fish is not here")
def test_fish_shows_what_commands_are(path: str, tmp_path: Path) -> None:
    """Behind each; names of secrets stand alone."""
    found = offered("fish", "secretctl policy e", path, tmp_path)
    assert found == [f"explain\t{TEXTS['policy explain']['']}"]
    assert offered("fish", "secretctl get prod/d", path, tmp_path) == ["prod/db"]


@pytest.mark.skipif("zsh" in MISSING, reason="zsh is not here")
def test_zsh_shows_what_commands_are(path: str, tmp_path: Path) -> None:
    """In a list of its own making, as behind any other command; a colon of ours divides nothing."""
    assert offered("zsh", "secretctl export --form", path, tmp_path) == ["--format"]
    shown = (tmp_path / "seen.shown").read_text()
    assert shown.startswith("--format  -- one of: dotenv, docker")


@pytest.mark.skipif("fish" in MISSING, reason="fish is not here")
def test_fish_offers_files_where_there_is_nothing_else(path: str, tmp_path: Path) -> None:
    """Behind whatever option, joined or not, with a home folder; and for a template."""
    (tmp_path / "a file").touch()
    for begun in (f"{tmp_path}/a", "~/a", f"{tmp_path}/a\\ f"):
        found = f"{begun.rpartition('/')[0]}/a file"
        for words in ("export --out ", "exec --env-file ", "exec --vault ", "inject "):
            assert offered("fish", f"secretctl {words}{begun}", path, tmp_path) == [found]
        joined = offered("fish", f"secretctl exec --env-file={begun}", path, tmp_path)
        assert joined == [f"--env-file={found}"]


@pytest.mark.parametrize("shell", sorted({"bash", "fish"} & set(SHELLS)))
@pytest.mark.parametrize("front", ["exec prod/db", "--region us-east-1 exec X=prod/db --pristine"])
def test_a_program_is_offered_behind_exec(
    shell: str, front: str, path: str, tmp_path: Path
) -> None:
    """As at the beginning of a line; zsh's own completion takes over there."""
    (tmp_path / "odd-program").write_text("#!/bin/sh\n")
    (tmp_path / "odd-program").chmod(0o755)
    found = offered(shell, f"secretctl {front} -- odd-pr", f"{tmp_path}:{path}", tmp_path)
    assert [each.partition("\t")[0] for each in found] == ["odd-program"]


def leaves(name: str, command: object) -> dict[str, TyperCommand]:
    """Return the commands that *command* is made of, which know those written down here."""
    if isinstance(command, TyperCommand):
        return {name: command}
    assert isinstance(command, TyperGroup)
    assert set(SUBCOMMANDS[name]) == set(command.commands)
    own = set(command.commands) - set(QUESTIONS)  # those are read like operations
    found: dict[str, TyperCommand] = {}
    for each in own:
        found |= leaves(f"{name} {each}", command.commands[each])
    return found


def test_people_commands_are_those_of_the_application() -> None:
    """Commands, subcommands and options written down here are the ones Typer knows."""
    root = typer.main.get_command(build(of_process(), Globals(), lambda _words: 0))
    assert isinstance(root, TyperGroup)
    assert set(PEOPLE_COMMANDS) == set(root.commands) - set(BY_COMMAND) - set(SERVICES)
    for name in SERVICES:
        group = root.commands[name]
        assert isinstance(group, TyperGroup)
        assert list(group.commands) == list(operations_of(name))
    for name in set(PEOPLE_COMMANDS) - WITHOUT_TYPER - {"completion"}:
        for words, each in leaves(name, root.commands[name]).items():
            known = {opt for param in each.params for opt in param.opts if opt.startswith("--")}
            assert set(OPTIONS[words]) == known - {"--help"}


@pytest.mark.parametrize("command", sorted(set(PEOPLE_COMMANDS) - WITHOUT_TYPER))
def test_a_command_is_there_without_the_others(command: str) -> None:
    """Where it alone is asked for, the modules of most others are not loaded."""
    root = typer.main.get_command(build(of_process(), Globals(), lambda _words: 0, command))
    assert isinstance(root, TyperGroup)
    assert command in root.commands
    assert len(root.commands) <= 5


def test_settings_are_those_of_the_configuration() -> None:
    """What ``configure`` is offered is what it knows."""
    assert set(SETTINGS) == set(KEYS)


BASH_COUNTED = """
source "$1"; COMP_LINE='secretctl get-secret-value --secret-id arn:aws'
COMP_POINT=${#COMP_LINE}; COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
run=0; set -T; trap 'run=$((run + 1))' DEBUG; _secretctl; trap - DEBUG; printf '%s\\n' "$run"
(( ${#COMPREPLY[@]} == 2000 )) && [[ ${COMPREPLY[1999]} == aws:*:name/1999-abcdef ]]
"""


def test_bash_adds_little_to_what_the_program_takes(tmp_path: Path) -> None:
    """The script handles 2,000 ARNs at once, not one by one: the commands it runs are fewer."""
    head = "arn:aws:secretsmanager:us-east-1:000000000000:secret:name/"
    (tmp_path / "arns").write_text("".join(f"{head}{number}-abcdef\n" for number in range(2000)))
    (tmp_path / "secretctl").write_text(f"#!/bin/sh\nexec cat {tmp_path}/arns\n")
    (tmp_path / "secretctl").chmod(0o755)
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH_COUNTED, "bash", str(ROOT / "completions/secretctl.bash")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 100 < int(done.stdout) < 1000  # most of them read the line, letter by letter


def test_arns_are_those_that_begin_so(service: Service) -> None:
    """Of names and ARNs only those that what was typed may become."""
    for name in ("prod/db", "prod/api", "test"):
        service("CreateSecret", Name=name)
    head = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
    for prefix, expected in {
        "prod/": {"prod/api", "prod/db"},
        "arn:aws": {f"{head}prod/api", f"{head}prod/db", f"{head}test"},
        f"{head}prod/d": {f"{head}prod/db"},
        "arn:aws:secretsmanager:eu-west-1": set(),
        "arn:aws:s3": set(),
    }.items():
        found = names_in_use(service.session, prefix)
        assert {each[:-7] if "arn:" in each else each for each in found} == expected
