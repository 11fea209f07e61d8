"""``policy simulate``: cases that are given, or what a principal of the vault may do."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from secretctl import json_text
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import Choose, ProfileOption, VaultOption, asking
from secretctl.cli.terminal import escaped_json, is_terminal
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.model.iam.simulating import SIMULATE
from secretctl.model.shapes import Fields
from secretctl.policy import simulation
from secretctl.policy.cases import cases
from secretctl.service.dispatch import call
from secretctl.store.inputs import open_input

STDIN = "-"
_EXAMPLE = "--context aws:PrincipalTag/team=payments"
_HELP = "secretctl policy simulate --help"


def register(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add the command to the group ``policy``."""

    @group.command()
    def simulate(  # noqa: PLR0913 the options
        input: Annotated[  # noqa: A002 Typer names the option after it
            str, typer.Option("--input", metavar="FILE", help="Cases as JSON; - is stdin.")
        ] = "",
        principal_arn: Annotated[
            str, typer.Option(metavar="ARN", help="A user, group or role of the vault.")
        ] = "",
        action_names: Annotated[
            list[str] | None, typer.Option(metavar="ACTION...", help="Such as iam:GetUser.")
        ] = None,
        resource_arns: Annotated[
            list[str] | None, typer.Option(metavar="ARN...", help="Or names of secrets; else *.")
        ] = None,
        keys: Annotated[
            list[str] | None,
            typer.Option("--context", metavar="KEY=VALUE...", help="Condition keys."),
        ] = None,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Tell what policies decide: one line of JSON for each case, in order.

        --input needs no vault. A case is a JSON object: action, resource, principal,
        identityPolicies, resourcePolicy, context. Give one, or one a line.

        --principal-arn asks the policies of a vault about each action on each
        resource. Secrets have their resource policies. Nothing is added to --context:
        what policies ask for besides is listed as missingContextKeys.
        A key that is given more than once has a list of values.

        Exit status: 0 all were answered, 1 some were malformed, 254 it was refused.
        """
        if bool(input) == bool(principal_arn):
            raise UsageError("give one of --input FILE and --principal-arn ARN", _HELP)
        if input:
            if action_names or resource_arns or keys:
                raise UsageError("--input has actions, resources and context in its cases")
            _simulate(input, context)
            return
        if not action_names:
            raise UsageError("the following arguments are required: --action-names", _HELP)
        asked: Fields = {"PolicySourceArn": principal_arn, "ActionNames": action_names}
        asked |= {"ResourceArns": resource_arns} if resource_arns else {}
        asked |= {"ContextEntries": _entries(keys)} if keys else {}
        with asking(choose(vault, profile), context, given, "policy.simulate") as session:
            answers = call(session, SIMULATE, asked)["Cases"]
        _write(answers if isinstance(answers, list) else [], context)


def _simulate(file: str, context: Context) -> None:
    are_malformed = are_any = False
    for case in cases(_input(file, context)):
        answer = simulation.simulate_text(case)
        are_any, are_malformed = True, are_malformed or "error" in answer
        _write([answer], context)
    if not are_any:
        raise UsageError("there is no case in the input")
    if are_malformed:
        raise typer.Exit(1)


def _write(answers: Iterable[Fields], context: Context) -> None:
    shown = is_terminal(context.stdout)
    for answer in answers:
        text = json_text.compact(answer)
        deliver((escaped_json(text) if shown else text) + "\n", context)


def _entries(given: list[str]) -> list[Fields]:
    """Return the condition keys of the command line as context entries."""
    found: dict[str, list[str]] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UsageError("argument --context: expected KEY=VALUE", _EXAMPLE)
        found.setdefault(key, []).append(value)
    return [{"ContextKeyName": key, "ContextKeyValues": each} for key, each in found.items()]


def _input(file: str, context: Context) -> Iterator[str]:
    try:
        yield from lines(file, context)
    except OSError as error:
        raise UsageError(f"argument --input: the file cannot be read: {error.strerror}") from None


def lines(file: str, context: Context) -> Iterator[str]:
    """Yield the lines of a file; bytes that are not UTF-8 become what no JSON may hold."""
    if file == STDIN:
        buffer = getattr(context.stdin, "buffer", None)
        yield from context.stdin if buffer is None else map(_decoded, buffer)
        return
    with open_input(file) as opened:
        yield from map(_decoded, opened)


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")
