"""Answers are written as the AWS command line writes them.

``aws_output.json`` holds what aws-cli 2.9.19 wrote for the two answers below, standard output not
being a terminal.
"""

import base64
import contextlib
import io
import json
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jmespath
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.cli import query
from secretctl.cli.output import write
from secretctl.cli.output_table import as_table
from secretctl.cli.output_yaml import as_yaml
from secretctl.context import Context, of_process
from secretctl.errors import OutputError, ParameterError, UsageError
from secretctl.model.iam import BY_NAME as IAM
from secretctl.model.operations import BY_NAME

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
SECOND = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
ANSWERS: dict[str, dict[str, object]] = {
    "ListSecrets": {
        "SecretList": [
            {
                "Name": "b",
                "ARN": ARN + "b-AbCdEf",
                "CreatedDate": SECOND.replace(microsecond=123000),
                "RotationEnabled": True,
                "LastAccessedDate": SECOND,
                "Tags": [{"Key": "k", "Value": "v"}, {"Value": "b", "Key": "a"}],
                "SecretVersionsToStages": {"v2": ["AWSPREVIOUS"], "v1": ("AWSCURRENT", "ü")},
            },
            {
                "CreatedDate": SECOND,
                "ARN": ARN + "a-GhIjKl",
                "Name": "a",
                "Description": "dé日本",
                "RotationRules": {"AutomaticallyAfterDays": 3},
                "Tags": [],
                "SecretVersionsToStages": {},
            },
        ]
    },
    "GetSecretValue": {
        "VersionStages": ["AWSCURRENT"],
        "SecretString": "x\x1b\x7f\x01\u2028\u202e'\u00e9\x85 \t\nline2\ufeff\U0001f600\r\n",
        "SecretBinary": b"\0\1\2\xff",
        "Name": "n",
        "ARN": ARN + "n-AbCdEf",
        "VersionId": "v",
        "CreatedDate": SECOND.replace(microsecond=500000),
    },
}
RECORDED: list[dict[str, str]] = json.loads((Path(__file__).parent / "aws_output.json").read_text())
LIST = BY_NAME["ListSecrets"]
VALUE = BY_NAME["GetSecretValue"]


@pytest.fixture(autouse=True, scope="module")
def utc() -> Iterator[None]:
    """Run in the time zone of the recordings."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Claim so."""
        return True


def written(result: dict[str, object], *, terminal: bool = False, **options: Any) -> bytes:
    """Return the bytes that `write` puts out."""
    buffer = io.BytesIO()
    # An ASCII stream, as under LC_ALL=C: UTF-8 must come out all the same.
    stream = (Terminal if terminal else io.TextIOWrapper)(buffer, encoding="ascii")
    context = of_process()._replace(stdout=stream, environ={})
    given = {"operation": VALUE, "output": "json", "query": None, "color": "auto"} | options
    write([result], context=context, **given)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "case", RECORDED, ids=[f"{c['operation']}-{c['output']}-{c['query']}" for c in RECORDED]
)
def test_output_is_what_aws_writes(case: dict[str, str]) -> None:
    """Each format, with and without a query, byte for byte."""
    operation = BY_NAME[case["operation"]]
    found = written(
        ANSWERS[operation.name],
        operation=operation,
        output=case["output"],
        query=case["query"],
        paginated=operation.pages is not None,
    )
    assert found.decode() == case["stdout"]


@pytest.mark.parametrize("output", ["json", "text", "table", "yaml", "off"])
def test_empty_answer_writes_nothing(output: str) -> None:
    """``{}`` leaves standard output empty."""
    assert written({}, output=output) == b""


def test_off_writes_nothing() -> None:
    """``--output off`` is silent whatever the answer."""
    assert written({"Name": "n"}, output="off") == b""


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('{"Version": "2012-10-17", "Statement": []}', {"Version": "2012-10-17", "Statement": []}),
        ('{"Version": ', '{"Version": '),
        ("", ""),
        ({"Statement": []}, {"Statement": []}),
    ],
)
def test_a_policy_document_is_written_as_the_object_it_is(
    document: object, expected: object
) -> None:
    """The service answers text; AWS's clients take it apart where it is JSON."""
    answer: dict[str, object] = {"PolicyName": "p", "PolicyDocument": document}
    shown = written(answer, operation=IAM["GetUserPolicy"])
    assert json.loads(shown) == {"PolicyName": "p", "PolicyDocument": expected}


def test_the_items_of_pages_stand_before_all_else() -> None:
    """Aws writes the users of ``get-group`` before the group; of one page, in the model's order."""
    answer: dict[str, object] = {"Group": {"GroupName": "g"}, "Users": [], "NextToken": "t"}
    for paginated, order in ((True, ["Users", "Group"]), (False, ["Group", "Users"])):
        found = json.loads(written(answer, operation=IAM["GetGroup"], paginated=paginated))
        assert list(found) == [*order, "NextToken"]


def test_timestamps_are_local() -> None:
    """Timestamps carry the offset of the local time zone."""
    os.environ["TZ"] = "CET-1"
    time.tzset()
    try:
        shown = written({"CreatedDate": SECOND}, query="CreatedDate")
    finally:
        os.environ["TZ"] = "UTC"
        time.tzset()
    assert shown == b'"2023-11-14T23:13:20+01:00"\n'


def test_text_token_of_pagination_is_a_section() -> None:
    """A token of the client is a section of its own, one of the service a field."""
    answer: dict[str, object] = {"SecretList": [{"Name": "a"}], "NextToken": "T"}
    assert written(answer, operation=LIST, output="text", paginated=True) == (
        b"SECRETLIST\ta\nNEXTTOKEN\tT\n"
    )
    assert written(answer, operation=LIST, output="text") == b"T\nSECRETLIST\ta\n"
    assert written(
        answer, operation=LIST, output="text", paginated=True, query="SecretList[].Name"
    ) == (b"a\nNone\n")


@given(st.text(max_size=200))
def test_text_value_goes_out_as_it_is(value: str) -> None:
    """A value is followed by one newline and otherwise untouched, whatever it holds."""
    found = written({"SecretString": value}, output="text", query="SecretString")
    assert found == value.encode() + b"\n"


@given(st.text(max_size=80), st.binary(max_size=80))
@settings(max_examples=60)
def test_json_and_yaml_parse_back(value: str, blob: bytes) -> None:
    """What is written parses to what was given; blobs are base64."""
    answer: dict[str, object] = {"SecretString": value, "SecretBinary": blob}
    for output, parse in (("json", json.loads), ("yaml", yaml.safe_load)):
        for terminal in (False, True):
            found = parse(written(answer, output=output, terminal=terminal).decode())
            assert found["SecretString"] == value
            assert base64.b64decode(found["SecretBinary"]) == blob


@pytest.mark.parametrize("value", ["no", "on", "12:30", "012", "1e3", "0o14", "0x1f", "~", "null"])
def test_yaml_strings_stay_strings(value: str) -> None:
    """A string that either version of YAML would read as something else is quoted."""
    assert as_yaml({"A": value}) == f"A: '{value}'\n"


def test_json_steers_no_terminal() -> None:
    """On a terminal what would steer it is escaped; elsewhere it goes out as AWS writes it."""
    answer: dict[str, object] = {"SecretString": "é\x9b\u202e"}
    assert written(answer, query="SecretString", terminal=True) == b'"\xc3\xa9\\u009b\\u202e"\n'
    assert written(answer, query="SecretString") == '"é\x9b\u202e"\n'.encode()


def test_text_and_yaml_steer_no_terminal() -> None:
    """On a terminal what would steer it is escaped, but for tabs and line ends of text."""
    value = "a\tb\nc\x1b[2J\u202e\r"
    answer: dict[str, object] = {"SecretString": value}
    shown = written(answer, query="SecretString", output="text", terminal=True)
    assert shown == b"a\tb\nc\\x1b[2J\\u202e\\x0d\n"
    assert written(answer, query="SecretString", output="text") == value.encode() + b"\n"
    for output, expected in (("yaml", answer), ("yaml-stream", [answer])):
        escaped = written(answer, output=output, terminal=True)
        assert escaped.isascii()
        assert b"\x1b" not in escaped
        assert yaml.safe_load(escaped) == expected


def test_table_steers_no_terminal() -> None:
    """On a terminal cells are escaped, and colored unless that is refused."""
    answer: dict[str, object] = {"SecretString": "a\x1b[2Jb"}
    found = written(answer, output="table", terminal=True)
    assert b"\x1b[1m\x1b[34ma\\x1b[2Jb\x1b[0m" in found
    assert b"\x1b" not in written(answer, output="table", terminal=True, color="off")
    assert b"\x1b[34m" in written(answer, output="table", color="on")


def test_table_colors_change_no_column() -> None:
    """Without the color sequences the colored table is the plain one."""
    answer = ANSWERS["ListSecrets"]
    plain = written(answer, operation=LIST, output="table")
    colored = written(answer, operation=LIST, output="table", color="on")
    assert re.sub(rb"\x1b\[\d+m", b"", colored) == plain


def test_table_stands_upright_where_it_is_too_wide() -> None:
    """A structure wider than the terminal has a line for each member."""
    found = {"A": "x" * 20, "B": "y" * 20}
    wide = as_table("T", found, width=80, colored=False, shown=False)
    narrow = as_table("T", found, width=40, colored=False, shown=False)
    assert [line for line in wide.splitlines() if "A" in line and "B" in line]
    assert [line for line in narrow.splitlines() if "A" in line and "x" in line]


def test_table_that_does_not_fit_is_refused() -> None:
    """Lists of different lengths are no table, and the answer is not in the message."""
    with pytest.raises(OutputError, match="does not fit a table") as caught:
        written({"SecretString": "hunter2"}, output="table", query="[[SecretString], [`1`, `2`]]")
    assert "hunter2" not in str(caught.value)


names = st.sampled_from(["SecretString", "Name", "a", "_b9", "Tags"])
nested = st.recursive(
    st.text(max_size=3) | st.none() | st.booleans(),
    lambda inner: st.dictionaries(names, inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(st.lists(names, min_size=1, max_size=3), st.dictionaries(names, nested, max_size=5))
def test_query_path_equals_jmespath(path: list[str], answer: dict[str, object]) -> None:
    """A path followed without jmespath finds what jmespath finds."""
    expression = ".".join(path)
    assert query.search(expression, answer) == jmespath.search(expression, answer)


_BAD = "Bad value for --query: Invalid jmespath expression:"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a[", f"{_BAD} Parse error at column 2"),
        ("hunter2 hunter2", f"{_BAD} Parse error at column 8"),
        ("hunter2-", f"{_BAD} Parse error at column 7"),
        ("'hunter2", f"{_BAD} Parse error at column 0"),
        ("", "Bad value for --query: Invalid JMESPath expression: cannot be empty."),
        ("(" * 9000, "Bad value for --query: it is nested too deeply"),
        ("a" + " " * 20000, "Bad value for --query: it is longer than 16384 characters"),
    ],
    ids=["incomplete", "two", "no-token", "open", "empty", "deep", "long"],
)
def test_query_that_is_none_is_refused(expression: str, message: str) -> None:
    """A bad expression is refused before anything is called, and never repeated."""
    with pytest.raises(ParameterError) as caught:
        query.check(expression)
    assert caught.value.message == message
    assert caught.value.exit_status == 252


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "abs(SecretString)",
            "--query: in function abs(), invalid type, expected one of: ['number'], "
            'received: "string"',
        ),
        ("foo(SecretString)", "--query: Unknown function"),
        ("abs()", "--query: Expected 1 argument for function abs(), received 0"),
    ],
)
def test_query_failure_holds_no_value(expression: str, message: str) -> None:
    """An expression that fails on the answer says why without the answer."""
    with pytest.raises(OutputError) as caught:
        query.search(expression, {"SecretString": "hunter2"})
    assert caught.value.message == message
    assert caught.value.__cause__ is None
    assert caught.value.exit_status == 255


@pytest.mark.parametrize(
    "expression",
    [
        "|".join(["[@,@]"] * 60),
        "|".join(["[@,@][]"] * 60),
        "|".join(["join('', [to_string(@),to_string(@)])"] * 60),
    ],
    ids=["shared", "flattened", "strings"],
)
def test_query_bomb_ends(expression: str) -> None:
    """An expression that doubles the answer at every step ends soon, with an error."""
    with pytest.raises(OutputError, match="too many steps"):
        query.search(expression, {"SecretString": "hunter2"})


def test_unknown_format_is_refused() -> None:
    """A format from a configuration file is checked too."""
    with pytest.raises(UsageError):
        written({"Name": "n"}, output="xml")


def stdout_context(stream: Any) -> Context:
    """Return a context that writes to *stream*."""
    return of_process()._replace(stdout=stream)


def test_full_disk_is_an_error_without_the_value() -> None:
    """An answer that cannot be written ends with "output not delivered"."""
    stream = open("/dev/full", "w")  # noqa: SIM115 closed below, where it fails again
    with pytest.raises(OutputError, match="output not delivered: No space left") as caught:
        write(
            [{"SecretString": "hunter2"}],
            VALUE,
            output="text",
            query=None,
            context=stdout_context(stream),
            color="off",
        )
    assert "hunter2" not in str(caught.value)
    with pytest.raises(OSError, match="No space"):
        stream.close()


@pytest.mark.parametrize("value", ["x", "x" * 70_000], ids=["small", "large"])
def test_closed_pipe_passes(value: str) -> None:
    """A reader that has gone is left to the caller."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    with pytest.raises(BrokenPipeError):
        write(
            [{"SecretString": value}],
            VALUE,
            output="text",
            query=None,
            context=stdout_context(stream),
            color="off",
        )
    with contextlib.suppress(BrokenPipeError):
        stream.close()


def test_closed_stream_is_an_error() -> None:
    """Standard output that was closed before the start is an error, not a traceback."""
    stream = open(os.open(os.devnull, os.O_RDONLY), "w")  # noqa: SIM115 closed below
    with pytest.raises(OutputError, match="output not delivered: standard output is closed"):
        write(
            [{"Name": "n"}],
            VALUE,
            output="text",
            query=None,
            context=stdout_context(stream),
            color="off",
        )
    with pytest.raises(OSError, match="Bad file"):
        stream.close()


def test_half_a_surrogate_pair_is_not_written() -> None:
    """What is no character is refused, and nothing of the answer goes out."""
    with pytest.raises(OutputError, match="surrogate"):
        written({"Name": "n", "SecretString": "\ud800"}, output="text")
