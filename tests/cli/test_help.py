"""Help of every operation, from the declarations."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretctl.cli.help import text
from secretctl.cli.options import GLOBALS, flags
from secretctl.model.operations import OPERATIONS
from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Member, Operation, Shape, command_of

ROOT = Path(__file__).parents[2]
OPERATION = Operation(
    name="FooBar",
    summary="Do it.",
    handler="nowhere:nothing",
    input=(
        Member("SecretId", Shape("string", min=1, max=20), "Which one.", required=True),
        Member("Kind", Shape("string", enum=("a", "b"))),
        Member("Count", Shape("integer", min=2)),
        Member("Really", Shape("boolean"), "Do it truly."),
        Member("Token", Shape("string"), required=True, idempotency_token=True),
        Member(
            "Tags",
            Shape(
                "list", max=3, item=Shape("structure", members=(Member("Key", Shape("string")),))
            ),
        ),
    ),
    output=(Member("ARN", Shape("string")),),
    errors=("ResourceNotFoundException",),
    example="secretctl foo-bar --secret-id " + "x" * 30 + " --kind " + "y" * 30,
)


def test_help_says_what_the_declaration_says() -> None:
    """Usage, types, limits, enumerations, defaults, example, answer and errors are there."""
    shown = text(OPERATION)
    assert shown.startswith("Usage: secretctl foo-bar --secret-id TEXT [OPTIONS]\n\n  Do it.\n")
    for part in (
        "  --secret-id TEXT\n      Which one. [string; required; 1 to 20 characters]\n",
        "  --kind TEXT\n      [string; one of a, b]\n",
        "  --count N\n      [integer; 2 or more]\n",
        "  --really | --no-really\n      Do it truly. [boolean]\n",
        "  --token TEXT\n      [string; default a random UUID]\n",
        "  --tags STRUCTURE...\n      [list of structures; at most 3 items]\n",
        "\n        Key [string]\n",
        f"  secretctl foo-bar --secret-id {'x' * 30} \\\n      --kind {'y' * 30}\n",
        "Answer:\n  ARN (string)\n",
        "Errors:\n  ResourceNotFoundException\n",
        "  254  the operation was refused\n",
    ):
        assert part in shown


EVERY = [*OPERATIONS, *(each for name in SERVICES for each in operations_of(name).values())]


@pytest.mark.parametrize("operation", EVERY, ids=command_of)
def test_help_of_an_operation_is_whole(operation: Operation) -> None:
    """Every flag the reader knows is explained once, in 80 columns of plain text."""
    shown = text(operation)
    headings = [line.split()[0] for line in shown.splitlines() if line.startswith("  --")]
    assert len(set(headings)) == len(headings)
    remote = ("no-verify-ssl", "no-sign-request", "ca-bundle", "endpoint-url", "allow-http")
    is_remote = operation.service == "secretsmanager"
    for name in (*flags(operation), *GLOBALS):
        if "auto-prompt" not in name:
            is_shown = is_remote or not (name in remote or "timeout" in name)
            assert (f"--{name}" in shown) == is_shown
    assert all(len(line) <= 80 and line == line.rstrip() for line in shown.splitlines())
    assert shown.isprintable() or set(shown) - {"\n"} == {
        letter for letter in shown if letter.isprintable()
    }
    assert f"Usage: secretctl {command_of(operation)} " in shown
    assert "Example:\n  secretctl " + command_of(operation) in shown


@pytest.mark.parametrize("variable", ["COLUMNS", "TERMINAL_WIDTH"])
@pytest.mark.parametrize(
    ("columns", "widest"),
    [
        *(("0", 80), ("", 80), ("-1", 80), ("wide", 80), ("\u00b2", 80), ("000", 80)),
        *(("1", 60), ("100", 100), ("0100", 100), ("501", 500), ("1000000000", 500)),
        ("9" * 5000, 500),
    ],
)
def test_help_fits_a_width_that_makes_sense(variable: str, columns: str, widest: int) -> None:
    """Whatever the environment says, lines have 60 to 500 columns; nonsense is 80."""
    done = subprocess.run(
        [sys.executable, "-m", "secretctl", "init", "--help"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), variable: columns},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == ""
    assert max(map(len, done.stdout.splitlines())) == widest
