"""``policy``: its help, and ``lint``, which needs no vault; the others have files of their own."""

from collections.abc import Iterator
from typing import Annotated

import typer

from secretctl import json_text
from secretctl.cli import (
    policy_apply,
    policy_explain,
    policy_generate,
    policy_simulate,
    policy_who_can,
    suggest,
)
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import chooser
from secretctl.cli.terminal import escaped_json, safe
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.policy import lint as linting
from secretctl.policy.faults import KINDS
from secretctl.policy.json_places import Place, place
from secretctl.store.inputs import open_input

_LARGEST = 1 << 20
"""Bytes that are read of a file; a policy is much smaller."""

_HELP = (
    "Check policies, try them out, put them in force, and explain what they decided.\n\n"
    "What policies alone enforce, this program enforces: whoever opens the vault with the "
    "credential of a user or role is asked for every operation. Another program with the same "
    "credential reads all names, descriptions, tags and policies, and every value whose key is "
    "granted, whatever policies say, and can write what it likes in their place.\n\n"
    "What keys enforce holds against anyone: a value under a KMS key that is not granted to the "
    "user or role is decrypted with its credential by no program (secretctl kms create-grant). "
    "What is granted to a role is open to whom policies could let become it, whatever external "
    "ids, session tags or times the role's trust policy asks for. "
    "Whoever has the vault's key file or passphrase is its owner, and is bound by neither."
)
Findings = list[tuple[str, linting.Finding]]


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add ``policy`` to *app*."""
    choose = chooser(context, given)
    group = typer.Typer(help=_HELP)
    app.add_typer(group, name="policy")
    _register_lint(group, context, given)
    for commands in (
        policy_simulate,
        policy_apply,
        policy_who_can,
        policy_explain,
        policy_generate,
    ):
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
            near = suggest.choice(kind, KINDS, "identity")
            raise UsageError(f"the type is none of {', '.join(KINDS)}", f"--type {near}")
        if given.output not in (None, "json", "text"):
            raise UsageError("'policy lint' answers as text or json", "--output json")
        found = [(name, each) for name in file for each in _linted(name, kind, context)]
        deliver(_as_json(found) if given.output == "json" else _as_lines(found), context)
        if any(finding.severity == linting.ERROR for _, finding in found):
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
    if file == policy_simulate.STDIN:
        return "".join(policy_simulate.lines(file, context)).encode("utf-8", "surrogateescape")
    with open_input(file) as opened:
        return opened.read(_LARGEST)


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
