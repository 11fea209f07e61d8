"""Text made harmless, and errors as AWS's tool writes them."""

import io
import json
import re
import unicodedata
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.cli.terminal import escaped_json, report, safe
from secretctl.context import Context, of_process
from secretctl.errors import (
    NoVaultError,
    OutputError,
    ParameterError,
    SecretctlError,
    ServiceError,
    UsageError,
)

ANY = st.text(st.characters(codec=None), max_size=60)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Claim so."""
        return True


def context_of(stderr: TextIO | None, **environ: str) -> Context:
    """Return a context in which errors go to *stderr*."""
    return Context(**(of_process()._asdict() | {"stderr": stderr, "environ": environ}))


def reported(error: SecretctlError, name: str | None = None) -> tuple[int, str]:
    """Return exit status and text of *error*."""
    stderr = io.StringIO()
    return report(error, name, context_of(stderr)), stderr.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prod/db é 日本 😀", "prod/db é 日本 😀"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\rb\nc\td\x00", "a\\x0db\\x0ac\\x09d\\x00"),
        ("\x7f\x9b", "\\x7f\\x9b"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_safe_shows_what_steers(text: str, expected: str) -> None:
    """Control, bidi and invisible characters become escapes, others stay."""
    assert safe(text) == expected


@given(ANY)
def test_safe_leaves_nothing_unsafe(text: str) -> None:
    """No control or format character, separator of lines or surrogate comes through."""
    kinds = {unicodedata.category(letter) for letter in safe(text)}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(safe(text)) & set("\u200b\u200e\u200f\u202a\u202e\u2066\u2069\u061c\ufeff")


@given(st.recursive(ANY, lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_escaped_json_means_the_same(value: object) -> None:
    """The escaped text parses to the same value, and steers no terminal."""
    shown = escaped_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(shown) == value
    assert safe(shown) == shown


def test_report_service_error_is_in_the_form_of_aws() -> None:
    """A blank line, the code, the operation, the sentence, nothing of ours; status 254."""
    error = ServiceError(
        "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
    )
    assert reported(error, "GetSecretValue") == (
        254,
        "\nAn error occurred (ResourceNotFoundException) when calling the GetSecretValue "
        "operation: Secrets Manager can't find the specified secret.\n",
    )


def test_report_parameter_error_is_the_sentence_alone() -> None:
    """A blank line and botocore's sentence; status 252."""
    message = "Parameter validation failed:\nInvalid length for parameter SecretId, value: 0"
    assert reported(ParameterError(message)) == (252, f"\n{message}\n")


def test_report_usage_error_has_the_usage() -> None:
    """Usage, then the sentence behind the program's name, hints, a blank line; status 252."""
    status, text = reported(
        UsageError("the following arguments are required: --secret-id", "add --help")
    )
    assert status == 252
    assert text == (
        "\nusage: secretctl [options] <command> [parameters]\n"
        "To see help text, you can run:\n\n"
        "  secretctl --help\n"
        "  secretctl <command> --help\n\n"
        "secretctl: error: the following arguments are required: --secret-id\n"
        "secretctl: hint: add --help\n\n"
    )


def test_report_unknown_options_stand_without_the_name() -> None:
    """The sentence on unknown options begins its line, as AWS's does."""
    assert reported(UsageError("Unknown options: --bogus"))[1].endswith(
        "\n\nUnknown options: --bogus\n\n"
    )


def test_report_local_error_has_hints() -> None:
    """Other errors are one line, and one for each hint."""
    assert reported(NoVaultError("there is no vault", "secretctl init", "or --vault DIR")) == (
        253,
        "secretctl: error: there is no vault\n"
        "secretctl: hint: secretctl init\n"
        "secretctl: hint: or --vault DIR\n",
    )


def test_report_makes_the_message_harmless() -> None:
    """An escape sequence in a name does not reach the terminal; line breaks of sentences do."""
    assert reported(OutputError("a \x1b[2J\nb"))[1] == "secretctl: error: a \\x1b[2J\nb\n"


def test_report_colors_only_a_terminal() -> None:
    """Color goes to a terminal unless refused, elsewhere only where it is asked for."""
    error = NoVaultError("there is no vault")
    cases: list[tuple[io.StringIO, str, dict[str, str], bool]] = [
        (Terminal(), "auto", {}, True),
        (Terminal(), "off", {}, False),
        (Terminal(), "auto", {"NO_COLOR": "1"}, False),
        (Terminal(), "auto", {"TERM": "dumb"}, False),
        (Terminal(), "on", {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (io.StringIO(), "auto", {}, False),
        (io.StringIO(), "on", {}, True),
    ]
    for stderr, color, environ, colored in cases:
        report(error, None, context_of(stderr, **environ), color=color)
        assert ("\x1b[" in stderr.getvalue()) is colored
        assert re.sub("\x1b\\[\\d+m", "", stderr.getvalue()) == (
            "secretctl: error: there is no vault\n"
        )


def test_report_survives_a_narrow_encoding() -> None:
    """A stream that only takes ASCII gets escapes."""
    buffer = io.BytesIO()
    stderr = io.TextIOWrapper(buffer, encoding="ascii")
    assert report(NoVaultError("no vault at 'é'"), None, context_of(stderr)) == 253
    assert buffer.getvalue() == b"secretctl: error: no vault at '\\xe9'\n"


@pytest.mark.parametrize("closed", [True, False])
def test_report_survives_a_closed_stream(closed: bool) -> None:  # noqa: FBT001 a case
    """Where nothing can be told, the status still is right."""
    stderr = io.StringIO()
    stderr.close()
    assert report(NoVaultError("no vault"), None, context_of(stderr if closed else None)) == 253
