"""The reader of AWS operations; expectations are what aws-cli 2.9.19 was seen to do."""

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from secretctl.cli import argv
from secretctl.cli.argv import Globals, Request
from secretctl.context import Context
from secretctl.errors import ParameterError, UsageError
from secretctl.model.iam import BY_NAME
from secretctl.model.shapes import Member, Operation, Pages, Shape

ROOT = str(Path(argv.__file__).parents[2])
TEXT = Shape("string")
TAG = Shape("structure", members=(Member("Key", TEXT), Member("Value", TEXT)))
RULES = Shape(
    "structure",
    members=(Member("AutomaticallyAfterDays", Shape("long")), Member("Duration", TEXT)),
)
FILTER = Shape(
    "structure", members=(Member("Key", TEXT), Member("Values", Shape("list", item=TEXT)))
)
CREATE = Operation(
    "CreateSecret",
    "Create.",
    "m:f",
    input=(
        Member("Name", TEXT, required=True),
        Member("ClientRequestToken", TEXT, idempotency_token=True),
        Member("SecretBinary", Shape("blob", sensitive=True)),
        Member("SecretString", Shape("string", sensitive=True)),
        Member("Tags", Shape("list", item=TAG)),
        Member("ForceOverwriteReplicaSecret", Shape("boolean")),
        Member("RotationRules", RULES),
    ),
)
UNTAG = Operation(
    "UntagResource",
    "Untag.",
    "m:f",
    input=(
        Member("SecretId", TEXT, required=True),
        Member("TagKeys", Shape("list", item=TEXT), required=True),
        Member("RecoveryWindowInDays", Shape("long")),
    ),
)
LIST = Operation(
    "ListSecrets",
    "List.",
    "m:f",
    input=(
        Member("IncludePlannedDeletion", Shape("boolean")),
        Member("MaxResults", Shape("integer")),
        Member("NextToken", TEXT),
        Member("Filters", Shape("list", item=FILTER)),
    ),
    pages=Pages("SecretList"),
)


def context(environ: dict[str, str] | None = None) -> Context:
    """Return a context with fixed randomness."""
    return Context(
        environ=environ or {},
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        now_ms=lambda: 0,
        random=lambda size: bytes(range(size)),
    )


def read(operation: Operation, *words: str) -> Request:
    """Read *words* behind the command of *operation*."""
    return argv.read(operation, list(words), context())


def refused(operation: Operation, *words: str) -> UsageError:
    """Return the error that *words* end with."""
    with pytest.raises(UsageError) as caught:
        read(operation, *words)
    return caught.value


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--secret-id", "x", "--tag-keys", "a", "b"], ["a", "b"]),
        (["--tag-keys", "a", "b", "--secret-id", "x"], ["a", "b"]),
        (["--secret-id", "x", "--tag-keys"], []),
        (
            ["--secret-id", "x", "--tag-keys", "a", "-5", "-", "", "-b c"],
            ["a", "-5", "-", "", "-b c"],
        ),
        (["--secret-id", "x", "--tag-keys", '["a","b"]'], ["a", "b"]),
        (["--secret-id", "x", "--tag-keys", '["a"]', "b"], ['["a"]', "b"]),
        (["--secret-id", "x", "--tag-keys", "a", "--tag-keys", "b"], ["b"]),
        (["--secret-id", "x", "--tag-keys=a"], ["a"]),
        (["--secret-id", "x", "--tag", "a"], ["a"]),
        (["--", "--secret-id", "x", "--tag-keys", "a"], ["a"]),
        (["--secret-id", "x", "--tag-keys", "a", "--", "b"], ["a", "b"]),
        (["--secret-id", "x", "--tag-keys", "a", "--region", "eu-west-1"], ["a"]),
    ],
)
def test_list_takes_the_words_that_aws_takes(words: list[str], expected: list[str]) -> None:
    """A list ends where aws ends it, and one JSON list stands for all of it."""
    assert read(UNTAG, *words).parameters == {"SecretId": "x", "TagKeys": expected}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-x"], "-x"),
        (["--not-an-option"], "--not-an-option"),
        (["--secret-id=y"], "--secret-id=y"),
        (["--help"], "--help"),
        (["--region"], None),
        (["--", "--region"], "--region"),
        (["--", "--"], "--"),
        ([""], ""),
    ],
)
def test_single_value_is_the_next_word(words: list[str], expected: str | None) -> None:
    """A value may begin with a dash, unless it is an option in full; ``--`` allows even that."""
    line = ["--tag-keys", "a", "--secret-id", *words]
    if expected is None:
        assert refused(UNTAG, *line).message == "argument --secret-id: expected one argument"
    else:
        assert read(UNTAG, *line).parameters["SecretId"] == expected


@pytest.mark.parametrize("value", ["--region", "-x", "", "a=b", "--"])
def test_value_behind_equals_is_taken_as_it_is(value: str) -> None:
    """``--flag=value`` takes any value."""
    parameters = read(UNTAG, f"--secret-id={value}", "--tag-keys", "a").parameters
    assert parameters["SecretId"] == value


def test_last_of_repeated_flags_wins() -> None:
    """As in aws."""
    parameters = read(CREATE, "--name", "a", "--name=b").parameters
    assert parameters["Name"] == "b"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: --secret-id, --tag-keys"),
        (["--secret-id"], "argument --secret-id: expected one argument"),
        (["--secret-id", "--tag-keys", "a"], "argument --secret-id: expected one argument"),
        (["--secret-id", "--debug", "a"], "argument --secret-id: expected one argument"),
        (
            ["--no"],
            "ambiguous option: --no could match --no-verify-ssl, --no-paginate, "
            "--no-sign-request, --no-cli-pager, --no-cli-auto-prompt",
        ),
        (["--cli-i=x"], "ambiguous option: --cli-i could match --cli-input-json, --cli-input-yaml"),
        (["--debug=yes"], "argument --debug: ignored explicit argument"),
        (
            ["--secret-id", "x", "--tag-keys", "a", "--bogus", "--worse=1"],
            "Unknown options: --bogus, --worse",
        ),
        (
            ["--secret-id", "x", "--tag-keys=a", "b"],
            "Unknown options: no option takes word 5 of the command line",
        ),
        (
            ["--secret-id", "x", "--tag-keys", "a", "--recovery-window-in-days", "abc"],
            "argument --recovery-window-in-days: invalid int value",
        ),
        (
            ["--output", "jso"],
            "argument --output: Invalid choice, valid choices are: "
            "json, text, table, yaml, yaml-stream, off",
        ),
        (["--endpoint-url", ""], "argument --endpoint-url: expected one argument"),
        (
            ["--cli-input-json", "{}", "--cli-input-yaml", ""],
            "Only one --cli-input- parameter may be specified.",
        ),
        (
            ["--cli-input-json", "[]"],
            "Error parsing parameter '--cli-input-json': Invalid type: expecting map, "
            "received <class 'list'>",
        ),
        (
            ["--cli-input-json", "{"],
            "Error parsing parameter 'cli-input-json': Invalid JSON received.",
        ),
    ],
)
def test_unreadable_line_is_refused_in_aws_words(words: list[str], message: str) -> None:
    """Usage errors have aws's sentences and exit status 252."""
    error = refused(UNTAG, *words)
    assert error.message == message
    assert error.exit_status == 252


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--secret-idd", "x"], "did you mean --secret-id?"),
        (["--secret-id", "x", "--tag-key-s", "a"], "did you mean --tag-keys?"),
        (["my-secret"], "a value stands behind its option: --secret-id VALUE"),
        (["--output", "jsn"], "did you mean json?"),
    ],
)
def test_nearest_option_is_suggested(words: list[str], hint: str) -> None:
    """What was meant is named, what was typed is not repeated."""
    assert hint in refused(UNTAG, *words).hints


@pytest.mark.parametrize("digits", ["٣", "1_0", "1.0", "0x1", "", "9" * 5000])
def test_numbers_are_ascii_digits(digits: str) -> None:
    """No other spelling of a number is taken."""
    line = ["--secret-id", "x", "--tag-keys", "a", "--recovery-window-in-days", digits]
    assert refused(UNTAG, *line).message.endswith("invalid int value")


def test_negative_number_is_left_to_validation() -> None:
    """``-7`` is a number; that it is too small is said elsewhere."""
    line = ["--secret-id", "x", "--tag-keys", "a", "--recovery-window-in-days", "-7"]
    assert read(UNTAG, *line).parameters["RecoveryWindowInDays"] == -7


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--include-planned-deletion"], True),
        (["--no-include-planned-deletion"], False),
        (["--include-planned-deletion", "--no-incl"], False),
    ],
)
def test_booleans_have_two_flags(words: list[str], expected: bool) -> None:  # noqa: FBT001 a case
    """``--x`` and ``--no-x`` set one parameter."""
    assert read(LIST, *words).parameters == {"IncludePlannedDeletion": expected}


class _Tags(NamedTuple):
    words: list[str]
    expected: object


@pytest.mark.parametrize(
    "case",
    [
        _Tags(["Key=a,Value=b", "Key=c"], [{"Key": "a", "Value": "b"}, {"Key": "c"}]),
        _Tags(['{"Key":"a"}', '{"Key":"b"}'], [{"Key": "a"}, {"Key": "b"}]),
        _Tags(['[{"Key":"a"}]'], [{"Key": "a"}]),
        _Tags(["Key=a,Value=x,y"], [{"Key": "a", "Value": ["x", "y"]}]),
        _Tags([], []),
    ],
)
def test_structures_are_shorthand_or_json(case: _Tags) -> None:
    """Tags are read in each of aws's forms."""
    assert read(CREATE, "--name", "x", "--tags", *case.words).parameters["Tags"] == case.expected


def test_shorthand_takes_the_types_of_the_declaration() -> None:
    """Numbers become numbers, and one word becomes a list where a list is declared."""
    rules = read(CREATE, "--name", "x", "--rotation-rules", "AutomaticallyAfterDays=5,Duration=3h")
    assert rules.parameters["RotationRules"] == {"AutomaticallyAfterDays": 5, "Duration": "3h"}
    filters = read(LIST, "--filters", "Key=name,Values=a", "Key=all,Values=b,c")
    assert filters.parameters["Filters"] == [
        {"Key": "name", "Values": ["a"]},
        {"Key": "all", "Values": ["b", "c"]},
    ]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("Key=a,,", "Expected: '=', received: 'EOF' for input: value 1, character 8"),
        ("", "Expected: '=', received: 'EOF' for input: value 1, character 1"),
        ("Key", "Expected: '=', received: 'EOF' for input: value 1, character 4"),
        ("Key!x", "Expected: '=', received: 'another character' for input: value 1, character 4"),
        ("Key=a,Key=b", 'Second instance of key "Key" encountered for input: value 1, character 7'),
        (
            "hunter2=a,hunter2=b",
            "Second instance of a key encountered for input: value 1, character 11",
        ),
        (
            '[{"Key":"a","Value":"b"]',
            "Invalid JSON: Expecting ',' delimiter: line 1 column 24 (char 23)",
        ),
        ('{"Key":"a","Key":"b"}', "Invalid JSON: a key stands twice in one object"),
        ('{"Key":"\\ud800"}', "Invalid JSON: a string holds half of a surrogate pair"),
        ('[{"Key":NaN}]', "Invalid JSON: NaN and Infinity are not JSON"),
        ("[" * 100_000, "Invalid JSON: nested too deeply"),
        ("a=" + "[" * 100_000, "nested too deeply for input: value 1, character 1"),
    ],
)
def test_unreadable_structure_names_the_place(word: str, message: str) -> None:
    """The sentence is aws's; in place of the input stands where in it."""
    error = refused(CREATE, "--name", "x", "--tags", word)
    assert error.message == f"Error parsing parameter '--tags': {message}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["aGVsbG8="], b"hello"),
        (["aGVs\nbG8=\n"], b"hello"),
        (["hé", "--cli-binary-format", "raw-in-base64-out"], "hé".encode()),
    ],
)
def test_blob_given_as_text_is_base64(words: list[str], expected: bytes) -> None:
    """As ``cli_binary_format`` of aws v2 says."""
    parameters = read(CREATE, "--name", "x", "--secret-binary", *words).parameters
    assert parameters["SecretBinary"] == expected


@pytest.mark.parametrize("text", ["p@sswords", "a", "hé", "aGVs-G8-eA"])
def test_blob_that_is_not_base64_is_refused(text: str) -> None:
    """What aws would silently spoil is refused, with a way out."""
    error = refused(CREATE, "--name", "x", "--secret-binary", text)
    assert error.message == "Error parsing parameter '--secret-binary': Invalid base64"
    assert "fileb://" in error.hints[0]


def test_missing_token_is_a_random_uuid() -> None:
    """The token is version 4, made of the context's randomness, and only when none was given."""
    token = read(CREATE, "--name", "x").parameters["ClientRequestToken"]
    assert token == "00010203-0405-4607-8809-0a0b0c0d0e0f"
    mine = read(CREATE, "--name", "x", "--client-request-token", "t").parameters
    assert mine["ClientRequestToken"] == "t"


def test_flags_override_input_json() -> None:
    """``--cli-input-json`` gives what the flags leave open, and then nothing is required."""
    line = ["--cli-input-json", '{"Name":"x","SecretBinary":"aGVsbG8=","Bogus":1}', "--name", "y"]
    parameters = read(CREATE, *line).parameters
    assert parameters["Name"] == "y"
    assert parameters["SecretBinary"] == b"hello"
    assert parameters["Bogus"] == 1
    assert read(UNTAG, "--cli-input-json={}").parameters == {}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--generate-cli-skeleton"], "input"),
        (["--generate-cli-skeleton", "yaml-input"], "yaml-input"),
        (["--generate-cli-skeleton=input"], "input"),
        (["--generate-cli-skeleton", "output", "--secret-id", "x", "--tag-keys", "a"], "output"),
    ],
)
def test_skeleton_of_parameters_requires_none(words: list[str], expected: str) -> None:
    """Only the skeleton of the answer wants a complete call."""
    assert read(UNTAG, *words).skeleton == expected


def test_skeleton_of_answer_requires_parameters() -> None:
    """As in aws, which then validates the call."""
    assert "required" in refused(UNTAG, "--generate-cli-skeleton", "output").message


def test_globals_stand_before_and_behind_the_command() -> None:
    """Behind wins; what is said once stays said."""
    before, rest = argv.split_globals(
        ["--region", "a", "--debug", "--no-verify-ssl", "--output=text", "list-secrets", "--x"]
    )
    assert rest == ["list-secrets", "--x"]
    line = ["--region", "b", "--cli-read-timeout", "5", "--no-cli-pager", "--vault", "v"]
    request = argv.read(LIST, line, context(), before)
    expected = Globals(region="b", debug=True, output="text", no_cli_pager=True, vault="v")
    assert request.globals == expected._replace(verify_ssl=False, read_timeout=5)


@pytest.mark.parametrize(
    ("words", "rest"), [([], []), (["--help"], []), (["--version"], []), (["--", "a"], ["a"])]
)
def test_globals_without_a_command(words: list[str], rest: list[str]) -> None:
    """A line may end before a command."""
    assert argv.split_globals(words)[1] == rest


def test_unknown_global_is_refused() -> None:
    """An option that belongs to no command is an error, with the nearest one named."""
    with pytest.raises(UsageError) as caught:
        argv.split_globals(["--regoin", "x", "list-secrets"])
    assert caught.value.message == "Unknown options: --regoin"
    assert caught.value.hints == ("did you mean --region?", "secretctl --help")


@pytest.mark.parametrize("words", [["--help"], ["help"], ["--secret-id", "x", "help", "--bogus"]])
def test_help_needs_nothing_else(words: list[str]) -> None:
    """Help is given whatever is missing."""
    assert read(UNTAG, *words).globals.help


@pytest.mark.parametrize("word", ["\udcff", "a\udc80b"])
def test_word_that_is_not_utf8_is_refused(word: str) -> None:
    """Bytes that are no text come as surrogates; they get no further."""
    assert "not valid UTF-8" in refused(CREATE, "--name", word).message


def test_huge_line_is_refused() -> None:
    """Two million characters are an error, at once."""
    assert "longer than" in refused(CREATE, "--name", "x" * 2_000_000).message


@pytest.mark.parametrize(
    ("words", "paging"),
    [
        ([], (None, None, None)),
        (["--page-size", "5", "--max-items", "2", "--starting-token", "t"], (5, 2, "t")),
        (["--no-paginate"], None),
        (["--max-results", "5"], None),
        (["--next-token", "t"], None),
        (["--cli-input-json", '{"MaxResults":3}'], None),
    ],
)
def test_page_by_hand_ends_pagination(words: list[str], paging: tuple[object, ...] | None) -> None:
    """Options on pages are read, and asking for one page gives one page."""
    assert read(LIST, *words).paging == paging


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        (["--max-items", "3"], {}),
        (["--no-paginate", "--max-items", "3"], {"MaxItems": 3}),
        (["--marker", "m", "--max-items", "3"], {"Marker": "m", "MaxItems": 3}),
    ],
)
def test_max_items_by_hand_is_a_parameter_of_iam(
    words: list[str], parameters: dict[str, object]
) -> None:
    """Where aws does not paginate, the option is the service's own."""
    assert read(BY_NAME["ListUsers"], *words).parameters == parameters


@pytest.mark.parametrize("words", [["--no-paginate"], ["--max-results", "2"]])
def test_page_by_hand_excludes_paging_options(words: list[str]) -> None:
    """As in aws, to the letter."""
    assert refused(LIST, "--max-items", "3", *words).message == (
        "Cannot specify --no-paginate along with pagination arguments: --max-items"
    )


def test_impossible_page_sizes_are_refused() -> None:
    """A page of nothing is no page."""
    error = refused(LIST, "--page-size", "0")
    assert isinstance(error, ParameterError)
    assert "Invalid value for parameter MaxResults, value: 0, valid min value: 1" in error.message
    assert "--max-items" in refused(LIST, "--max-items", "-1").message
    assert refused(UNTAG, "--max-items", "1", "--secret-id", "x", "--tag-keys").message == (
        "Unknown options: --max-items"
    )


def test_reader_imports_nothing_slow() -> None:
    """A fresh interpreter reads a line without the modules that cost most of a command."""
    script = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from secretctl.cli import argv; import secretctl.context as c\n"
        "from secretctl.model.shapes import *\n"
        "o = Operation('A', '', '', (Member('SecretId', Shape('string')),))\n"
        "argv.read(o, ['--secret-id', 'x'], c.of_process()); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    slow = "argparse pathlib dataclasses uuid difflib yaml inspect json secretctl.cli.shorthand"
    assert set(slow.split()).isdisjoint(done.stdout.split())


CANARY = "Zq7-canary-Secret!"


@pytest.mark.parametrize(
    "words",
    [
        [CANARY],
        ["--secret-id", "x", CANARY],
        [f"--bogus={CANARY}"],
        [f"--{CANARY}"],
        [f"-p{CANARY}"],
        [f"--output={CANARY}"],
        ["--color", CANARY],
        [f"--debug={CANARY}"],
        [f"--no={CANARY}"],
        ["--recovery-window-in-days", CANARY, "--secret-id", "x", "--tag-keys"],
        ["--cli-input-json", CANARY],
        ["--cli-input-json", f'{{"{CANARY}":"a","{CANARY}":"b"}}'],
        ["--cli-input-yaml", f"{CANARY}: ["],
        ["--cli-input-yaml", f"a: &x {CANARY}"],
        ["--tag-keys", f'["{CANARY}'],
        ["--generate-cli-skeleton", CANARY],
        ["--endpoint-url", CANARY],
    ],
)
def test_wrong_word_is_never_repeated(words: list[str]) -> None:
    """What stands in the wrong place may be the secret: no message holds it."""
    error = refused(UNTAG, *words)
    assert re.search("canary", f"{error.message} {error.hints}", re.IGNORECASE) is None
