"""``policy``: look at policies without a vault: ``lint`` and ``simulate``."""

from collections.abc import Iterator
from typing import Annotated

import typer

from secretctl import json_text
from secretctl.cli import policy_apply, policy_who_can
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import Choose
from secretctl.cli.terminal import escaped_json, is_terminal, safe
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.policy import lint as linting
from secretctl.policy import simulation
from secretctl.policy.cases import cases
from secretctl.policy.faults import KINDS
from secretctl.policy.json_places import Place, place

_LARGEST = 1 << 20
"""Bytes that are read of a file; a policy is much smaller."""

_STDIN = "-"
_HELP = (
    "Check policies and try them out, without a vault.\n\n"
    "Policies bind who opens the vault with a principal's credential in this program; what "
    "another program can do with that credential is bound by the keys granted to it alone."
)
Findings = list[tuple[str, linting.Finding]]


def register(app: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add ``policy`` to *app*."""
    group = typer.Typer(help=_HELP)
    app.add_typer(group, name="policy", rich_help_panel="Vault")
    _register_lint(group, context, given)
    _register_simulate(group, context)
    for commands in (policy_apply, policy_who_can):
        commands.register(group, context, given, choose)


def _register_lint(group: typer.Typer, context: Context, given: Globals) -> None:
    @group.command()
    def lint(
        file: Annotated[list[str], typer.Argument(metavar="FILE", help="Policies; - is stdin.")],
        kind: Annotated[
            str, typer.Option("--type", help="identity, resource or trust; guessed if left out.")
        ] = "",
    ) -> None:
        """Say what is wrong with policies, and what is probably not meant.

        --output json gives the same as JSON.
        Exit status: 0 nothing or warnings only, 1 errors.
        """
        if kind and kind not in KINDS:
            raise UsageError(f"the type is none of {', '.join(KINDS)}", "--type identity")
        if given.output not in (None, "json", "text"):
            raise UsageError("'policy lint' answers as text or json", "--output json")
        found = [(name, each) for name in file for each in _linted(name, kind, context)]
        deliver(_as_json(found) if given.output == "json" else _as_lines(found), context)
        if any(finding.severity == linting.ERROR for _, finding in found):
            raise typer.Exit(1)


def _register_simulate(group: typer.Typer, context: Context) -> None:
    @group.command()
    def simulate(
        input: Annotated[  # noqa: A002 Typer shows the name where it is missing
            str, typer.Option("--input", metavar="FILE", help="Cases as JSON; - is stdin.")
        ],
    ) -> None:
        """Tell what policies decide: one line of JSON for each case, in order.

        A case is a JSON object: action, resource, principal, identityPolicies,
        resourcePolicy, context. Give one, or one a line.
        Exit status: 0 all were answered, 1 some were malformed.
        """
        are_malformed = are_any = False
        shown = is_terminal(context.stdout)
        for case in cases(_input(input, context)):
            answer = simulation.simulate_text(case)
            are_any, are_malformed = True, are_malformed or "error" in answer
            text = json_text.compact(answer)
            deliver((escaped_json(text) if shown else text) + "\n", context)
        if not are_any:
            raise UsageError("there is no case in the input")
        if are_malformed:
            raise typer.Exit(1)


def _linted(file: str, kind: str, context: Context) -> Iterator[linting.Finding]:
    """Yield the findings of a file; one that cannot be read has one."""
    start = Place(1, 1)
    try:
        content = _read(file, context)
        text = content.decode()
    except OSError as error:
        yield linting.Finding(start, linting.ERROR, f"cannot be read: {error.strerror}", "")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        where = place(before, len(before))
        yield linting.Finding(where, linting.ERROR, "this is not UTF-8", "")
    else:
        yield from linting.lint(text, kind or None).findings


def _read(file: str, context: Context) -> bytes:
    if file == _STDIN:
        return "".join(_lines(file, context)).encode("utf-8", "surrogateescape")
    with open(file, "rb") as opened:
        return opened.read(_LARGEST)


def _input(file: str, context: Context) -> Iterator[str]:
    try:
        yield from _lines(file, context)
    except OSError as error:
        raise UsageError(f"argument --input: the file cannot be read: {error.strerror}") from None


def _lines(file: str, context: Context) -> Iterator[str]:
    """Yield the lines of a file; bytes that are not UTF-8 become what no JSON may hold."""
    if file == _STDIN:
        buffer = getattr(context.stdin, "buffer", None)
        yield from context.stdin if buffer is None else map(_decoded, buffer)
        return
    with open(file, "rb") as opened:
        yield from map(_decoded, opened)


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def _as_lines(found: Findings) -> str:
    return "".join(
        f"{safe(file)}:{each.place.line}:{each.place.column}: {each.severity}: {each.message}\n"
        for file, each in found
    )


def _as_json(found: Findings) -> str:
    findings = [
        {
            "file": file,
            "line": each.place.line,
            "column": each.place.column,
            "severity": each.severity,
            "message": each.message,
            "pointer": each.pointer,
        }
        for file, each in found
    ]
    return escaped_json(json_text.indented({"findings": findings})) + "\n"
