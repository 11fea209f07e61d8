"""``--debug``: every error shows where in the program it happened, and never a value."""

import io

import pytest

from secretctl.__main__ import main
from secretctl.context import Context
from tests.conftest import Service, World

VALUE = "hunter2-canary"
LINES = (
    "--debug get-secret-value --secret-id nope",
    "get-secret-value --secret-id nope --debug",
    "exec nope --debug -- true",
    "get-secret-value --debug",
    f"put-secret-value --secret-id a --secret-string {VALUE} {VALUE} --debug",
    f"create-secret --debug --name {VALUE}?",
    f"init --debug --{VALUE}",
    "--debug --vault /nowhere status",
    f"--debug --profile {VALUE[:4]} list-secrets",
    f"tag-resource --secret-id a --tags Key={VALUE},, --debug",
)


def said(line: str, context: Context) -> str:
    """Return what a command line writes to standard error."""
    stderr = io.StringIO()
    assert main(line.split(), context._replace(stderr=stderr)) > 250
    return stderr.getvalue()


@pytest.mark.parametrize("line", LINES)
@pytest.mark.usefixtures("service")
def test_debug_shows_where_an_error_happened(line: str, world: World) -> None:
    """File and line of the program, and then what is said without it."""
    text = said(line, world.context)
    plain = said(line.replace("--debug ", "").replace(" --debug", ""), world.context)
    trace = text.removesuffix(plain)
    assert trace != text
    assert trace.startswith("  File ")
    assert ", line " in trace
    assert VALUE not in trace


def test_words_of_another_program_ask_for_no_trace(world: World, service: Service) -> None:
    """``--debug`` behind ``--`` is the command's own."""
    assert service.session.region
    assert "  File " not in said("exec nope -- true --debug", world.context)


def test_debug_is_not_advised_to_whom_gave_it(world: World) -> None:
    """An error nobody thought of names the option that shows more, until it is given."""

    def fail(_length: int) -> bytes:
        raise ZeroDivisionError(VALUE)

    context = world.context._replace(random=fail)
    plain, text = said("init", context), said("init --debug", context)
    assert "hint: add --debug" in plain
    assert "hint: add --debug" not in text
    assert "  File " in text
    assert VALUE not in plain + text
