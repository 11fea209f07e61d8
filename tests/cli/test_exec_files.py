"""Options of exec for files: what they take, and which rules of variables hold for them as well."""

import json
from io import StringIO

import pytest

from secretctl.cli import exec_plan
from secretctl.cli.exec import read_sources, split
from secretctl.cli.exec_files import Files
from secretctl.context import CHEAPEST, Context
from secretctl.delivery.references import parse
from secretctl.errors import DeliveryError, ServiceError, UsageError

CANARY = "canary-77e0"
DB = json.dumps({"key": CANARY, "n": 5, "null": None, "A": "x"})
HALF = json.dumps({"half": "\ud800"})


def context(**environ: str) -> Context:
    """Return a context with an environment."""
    return Context(environ, StringIO(), StringIO(), StringIO(), lambda: 0, bytes, CHEAPEST)


def files(*words: str) -> Files:
    """Return what a command line says of files."""
    found = split([*words, "--", "x"]).options.files
    assert found is not None
    return found


def planned(*words: str, **environ: str) -> exec_plan.Plan:
    """Return what a command line would read."""
    request = split([*words, "--", "x"])
    pristine = request.pristine
    return exec_plan.made(request.sources, request.options, context(**environ), pristine=pristine)


def contents(*words: str, **values: object) -> dict[str, bytes]:
    """Return what goes into files, of secrets with these values."""
    request = split([*words, "--", "x"])
    plan, options = planned(*words), request.options

    def answered(requests: list[dict[str, object]]) -> list[dict[str, object] | ServiceError]:
        missing = ServiceError("ResourceNotFoundException", "It is not there.")
        names = [str(each["SecretId"]) for each in requests]
        return [_result(name, values[name]) if name in values else missing for name in names]

    results = read_sources(plan.files, options.may_be_missing(), answered)
    return exec_plan.in_files(plan, results, options, {})


def _result(name: str, value: object) -> dict[str, object]:
    return {"Name": name, "SecretBinary" if isinstance(value, bytes) else "SecretString": value}


def test_any_form_of_a_reference_is_taken() -> None:
    """With a variable in front, as often as wanted, and joined to the option."""
    resolve = "{{resolve:secretsmanager:prod/db:SecretString:key}}"
    found = files("--file", "A=prod/db#key?stage=S", f"--file=B={resolve}", "--file", "C=db:key")
    sources = ("A=prod/db#key?stage=S", "B=prod/db#key", "C=db#key")
    assert found.sources == tuple(map(parse, sources))
    assert (found.kind, found.optional) == ("file", frozenset())
    assert found.names == {"A": "A", "B": "B", "C": "C"}


def test_files_are_sources_enough() -> None:
    """No other source is needed, and without any option there are no files."""
    assert split(["--optional-file", "A=a", "--", "x"]).options.files
    assert split(["a", "--", "x"]).options.files is None


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--file", "prod/db#key"], "'--file' names no variable"),
        (["--optional-file", "prod/db"], "'--optional-file' names no variable"),
        (["--file", "A="], "names no secret"),
        (["--file"], "argument --file: expected one argument"),
        (["--file", "A=a", "--file-kind", "pipe"], "file, fifo, descriptor"),
        (["--file", "A=a", "--file-kind=fifo", "--file-kind=fifo"], "'--file-kind' is given twice"),
        (["a", "--file-kind", "fifo"], "no file is asked for"),
        (["a", "--file-name", "A=b"], "no file is asked for"),
        (["--file", "A=a", "--file-name", "b.pem"], "a variable and the name of a file"),
        (["--file", "A=a", "--file-name", "A="], "a variable and the name of a file"),
        (["--file", "A=a", "--file-name", "A=.."], "a variable and the name of a file"),
        (["--file", "A=a", "--file-name", "A=../b"], "a variable and the name of a file"),
        (["--file", "A=a", "--file-name", "A=b\n"], "a variable and the name of a file"),
        (["--file", "A=a", "--file-name", "A=" + "b" * 201], "a variable and the name of a file"),
        (["--file", "A=a", "--file-name", "B=b"], "no '--file' sets the variable 'B'"),
        (["--file", "A=a", "--file", "B=b", "--file-name", "A=B"], "two files have the same name"),
        (
            ["--file", "A=a", "--file-name", "A=b", "--file-name", "A=c"],
            "'--file-name' names the file of 'A' twice",
        ),
        (["--file", "A=a", "--file-kind=descriptor", "--file-name", "A=b"], "has no name"),
        (["--file", "A=a", "--fil", "B=b"], "unknown option '--fil'"),
    ],
)
def test_unreadable_option_is_refused(words: list[str], named: str) -> None:
    """What is wrong is named."""
    with pytest.raises(UsageError) as caught:
        split([*words, "--", "x"])
    assert named in caught.value.message


def test_names_of_files_can_be_chosen() -> None:
    """Two may change their names with each other."""
    words = ["--file", "A=a", "--file", "B=b", "--file-name", "A=B", "--file-name=B=tls key.pem"]
    assert files(*words).names == {"A": "B", "B": "tls key.pem"}


def test_bytes_are_those_of_the_secret() -> None:
    """Text as UTF-8, NUL and all; a number as it is written; a binary secret whole."""
    words = ["--file", "K=db#key", "--file", "N=db#n", "--file", "W=db", "--file", "B=bytes"]
    found = contents(*words, db=DB, bytes=b"\0\xff")
    assert found == {"K": CANARY.encode(), "N": b"5", "W": DB.encode(), "B": b"\0\xff"}
    assert contents("--file", "K=a", a="a\0\xe9\r\n") == {"K": "a\0\xe9\r\n".encode()}


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("K=db#gone", "has no key 'gone'"),
        ("K=db#null", "is null"),
        ("K=bytes#key", "is binary and has no keys"),
        ("K=half#half", "half a surrogate pair"),
    ],
)
def test_what_is_no_value_is_refused(word: str, named: str) -> None:
    """With the secret and its key, and no value."""
    with pytest.raises(DeliveryError) as caught:
        contents("--file", word, db=DB, bytes=b"\0", half=HALF)
    assert named in caught.value.message
    assert CANARY not in caught.value.message


def test_optional_file_may_be_missing() -> None:
    """Its secret or its key; nothing else may be wrong with it."""
    words = ["--optional-file", "A=none", "--optional-file", "B=db#gone", "--optional-file", "C=a"]
    assert contents(*words, db=DB, a="v") == {"C": b"v"}
    with pytest.raises(DeliveryError, match="is null"):
        contents("--optional-file", "A=db#null", db=DB)
    with pytest.raises(ServiceError):
        contents("--optional-file", "A=none", "--file", "B=none")


@pytest.mark.parametrize(
    "words",
    [
        ["--file", "A=a", "--file", "A=b"],
        ["--file", "A=a", "--optional-file", "A=a"],
        ["--file", "A=a", "A=a"],
        ["--file", "A=a", "db#A"],
        ["--file", "A=a", "--optional", "A=b"],
        ["--file", "A=a", "--from-env"],
    ],
)
def test_two_sources_for_one_variable_are_refused_before_reading(words: list[str]) -> None:
    """Two files, or a file and a variable, wherever they come from."""
    with pytest.raises(DeliveryError, match="two sources give the variable 'A'"):
        planned(*words, A="secretctl://x")


def test_variable_that_an_object_gives_is_no_file_besides() -> None:
    """Which keys it has is known only when it was read."""
    plan, request = planned("--file", "A=a"), split(["--file", "A=a", "--", "x"])
    with pytest.raises(DeliveryError, match="two sources give the variable 'A'"):
        exec_plan.in_files(plan, [], request.options, {"A": "x"})


def test_variable_that_steers_programs_is_refused() -> None:
    """A path can load code as well as a value can."""
    with pytest.raises(DeliveryError, match="'LD_PRELOAD'"):
        planned("--file", "LD_PRELOAD=a")


def test_inherited_variable_is_kept_or_an_error_or_overwritten() -> None:
    """As for variables; what is kept is not read."""
    words = ["--file", "A=a", "--file", "B=b", "--on-conflict"]
    assert planned(*words, "overwrite", A="x").files == (parse("A=a"), parse("B=b"))
    assert planned(*words, "keep", A="x").files == (parse("B=b"),)
    with pytest.raises(DeliveryError, match="would set: 'A'"):
        planned(*words, "error", A="x")
    assert planned(*words, "error", "--pristine", A="x").files == (parse("A=a"), parse("B=b"))
