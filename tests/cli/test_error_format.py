"""``--cli-error-format``: what ends an operation, in a form that programs read, as with aws."""

import io
import json

import pytest
import yaml

from secretctl.__main__ import main
from secretctl.context import Context
from tests.conftest import World

MESSAGE = "Secrets Manager can't find the specified secret."
CODE = "ResourceNotFoundException"
MISSING = "describe-secret --secret-id nope --cli-error-format "
PLAIN = f"\nAn error occurred ({CODE}) when calling the DescribeSecret operation: {MESSAGE}\n"


def said(line: str, context: Context, **environ: str) -> tuple[int, str]:
    """Return exit status and standard error of a command line."""
    stderr = io.StringIO()
    own = context._replace(stderr=stderr, environ={**context.environ, **environ})
    return main(line.split(), own), stderr.getvalue()


@pytest.mark.usefixtures("service")
def test_an_error_of_the_service_is_written_in_every_format(world: World) -> None:
    """JSON and text in AWS's order and shape; legacy and enhanced are plain words."""
    status, text = said(MISSING + "json", world.context)
    assert (status, text) == (254, f'{{\n    "Message": "{MESSAGE}",\n    "Code": "{CODE}"\n}}\n')
    assert yaml.safe_load(said(MISSING + "yaml", world.context)[1])["Code"] == CODE
    assert said(MISSING + "text", world.context)[1] == f"{CODE}\t{MESSAGE}\n"
    assert f"|  Code   |  {CODE}" in said(MISSING + "table", world.context)[1]
    assert said(MISSING + "legacy", world.context)[1] == PLAIN
    assert said(MISSING + "enhanced", world.context)[1] == PLAIN


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ("--cli-error-format json describe-secret", 252, "ParamValidation"),
        ("create-secret --name= --cli-error-format=json", 252, "ParamValidation"),
        (
            "describe-secret --secret-id a --vault /none --cli-error-format json",
            253,
            "Configuration",
        ),
        ("iam get-user --user-name u --cli-error-format json", 254, "NoSuchEntity"),
    ],
)
def test_each_kind_of_error_has_its_code(line: str, status: int, code: str, world: World) -> None:
    """AWS's tool has a code for what it finds itself as well; the exit status stays."""
    found, text = said(line, world.context)
    assert (found, json.loads(text)["Code"]) == (status, code)


@pytest.mark.usefixtures("service")
def test_the_variable_holds_where_no_option_does(world: World) -> None:
    """``AWS_CLI_ERROR_FORMAT``; a format that is none is as no format."""
    line = MISSING.removesuffix("--cli-error-format ")
    assert json.loads(said(line, world.context, AWS_CLI_ERROR_FORMAT="JSON")[1])["Code"] == CODE
    assert said(MISSING + "legacy", world.context, AWS_CLI_ERROR_FORMAT="json")[1].startswith(PLAIN)
    assert said(line, world.context, AWS_CLI_ERROR_FORMAT="xml")[1].startswith(PLAIN)


@pytest.mark.usefixtures("service")
def test_unknown_options_are_always_told_plainly(world: World) -> None:
    """As with aws: no format shapes them."""
    status, text = said("list-secrets --bogus --cli-error-format json", world.context)
    assert status == 252
    assert "\nUnknown options: --bogus\n" in text


@pytest.mark.usefixtures("service")
def test_questions_to_the_journal_take_it_and_commands_of_our_own_do_not(world: World) -> None:
    """An option that would have no effect is refused."""
    line = "audit lookup-events --max-items 0 --next-token x --cli-error-format json"
    assert json.loads(said(line, world.context)[1])["Code"]
    status, text = said("get a --cli-error-format json", world.context)
    assert (status, "'get' takes no --cli-error-format" in text) == (252, True)
