"""``set`` and ``unset``: one key of a secret, or all of it, by a value that is never a word."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.machine import Machine
from tests.faults.commands import Ended, ended

OBJECT = '{"user": "app",  "password": "first", "port": 5432, "rate": 1.10}'
VALUE = "hunter2-\u00e9"
COUNT = ("audit", "lookup-events", "--output", "text", "--query", "Events[].EventName")


def piped(machine: Machine, value: str | bytes, *words: str) -> Ended:
    """Run a command with *value* on its standard input."""
    plain = value if isinstance(value, bytes) else value.encode()
    stdin = io.TextIOWrapper(io.BytesIO(plain), "utf-8")
    return ended(machine.world, *words, context=machine.context()._replace(stdin=stdin))


def value_of(machine: Machine, name: str) -> str:
    """Return what ``get`` writes."""
    found = machine("get", name)
    assert found.status == 0, found.stderr
    return found.stdout


@pytest.fixture
def db(machine: Machine) -> Machine:
    """A vault with a secret of several keys."""
    assert machine("create-secret", "--name", "db", "--secret-string", OBJECT).status == 0
    return machine


def puts(machine: Machine) -> int:
    """Return how many values were written."""
    return machine(*COUNT).stdout.split().count("PutSecretValue")


def test_one_key_is_set_and_all_else_stays(db: Machine) -> None:
    """To the byte and in its order; nothing is said to a script; a new key comes last."""
    assert piped(db, VALUE, "set", "db#password") == Ended(0, "", "")
    assert value_of(db, "db") == OBJECT.replace("first", VALUE)
    assert piped(db, "eu", "set", "db:zone") == Ended(0, "", "")
    assert value_of(db, "db") == OBJECT.replace("first", VALUE)[:-1] + ', "zone": "eu"}'
    before = db("get", "db?stage=AWSPREVIOUS").stdout
    assert before == OBJECT.replace("first", VALUE)


def test_what_is_so_already_is_not_written(db: Machine) -> None:
    """Neither a key nor a whole value, in whatever way its JSON is written."""
    before = puts(db)
    for value, words in (
        ("first", ["db#password"]),
        ("5432", ["db#port", "--json"]),
        (OBJECT, ["db"]),
        ("v\n", ["a"]),
    ):
        assert piped(db, value, "set", *words) == Ended(0, "", "")
    assert puts(db) == before
    assert piped(db, "1.1", "set", "db#rate", "--json").status == 0
    assert puts(db) == before + 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("v1\n", "v1"),
        ("v1\r\n", "v1"),
        ("v1\r", "v1\r"),
        ("v1\n\n", "v1\n\n"),
        ("one\ntwo\n", "one\ntwo\n"),
        (" v1 ", " v1 "),
    ],
)
def test_the_line_end_of_a_single_line_is_no_part_of_the_value(
    machine: Machine, given: str, kept: str, tmp_path: Path
) -> None:
    """Through a pipe and from a file; --keep-newline keeps it."""
    assert piped(machine, given, "set", "a").status == 0
    assert value_of(machine, "a") == kept
    file = tmp_path / "value"
    file.write_bytes(given.encode())
    for options, expected in (([], kept), (["--keep-newline"], given)):
        words = ["set", "new#k", "--create", "--from-file", str(file), *options]
        assert machine(*words).status == 0
        assert value_of(machine, "new#k") == expected


def test_values_of_json_keep_their_type(db: Machine) -> None:
    """What was a number and becomes text is told; what is no JSON is refused and not repeated."""
    assert piped(db, "[1.10, true]\n", "set", "db#port", "--json") == Ended(0, "", "")
    assert '"port": [1.10, true],' in value_of(db, "db")
    told = piped(db, "5433", "set", "db#port")
    assert (told.status, "--json writes numbers" in told.stderr) == (0, True)
    assert json.loads(value_of(db, "db"))["port"] == "5433"
    for value in ("hunter2", '{"a":1,"a":2}', '"\\ud800"', "1 2", "[" * 100_000):
        refused = piped(db, value, "set", "db#port", "--json")
        assert refused.status == 252
        assert "hunter2" not in refused.stderr
    assert piped(db, '""', "set", "db#port", "--json").status == 0
    assert value_of(db, "db#port") == ""


def test_bytes_are_a_whole_secret(machine: Machine) -> None:
    """As they are; what is no text is refused without the option that says it is meant."""
    assert piped(machine, b"\xff\n", "set", "a").status == 252
    assert piped(machine, b"\xff\n", "set", "a", "--binary") == Ended(0, "", "")
    told = json.loads(machine("get-secret-value", "--secret-id", "a").stdout)
    assert told["SecretBinary"] == "/wo="
    assert "SecretString" not in told
    assert piped(machine, "x", "set", "a#k").stderr == (
        "secretctl: error: 'a' is binary and has no keys\n"
    )
    assert piped(machine, "x", "set", "a#k", "--binary").status == 252
    assert piped(machine, "x", "set", "a", "--json").status == 252


def test_a_secret_is_made_only_if_that_is_said(machine: Machine) -> None:
    """A mistyped name would be a second secret; the refusal says how to make one."""
    refused = piped(machine, VALUE, "set", "new#k")
    assert refused.status == 254
    assert "(ResourceNotFoundException) when calling the GetSecretValue" in refused.stderr
    assert "hint: --create makes it" in refused.stderr
    assert piped(machine, VALUE, "set", "new#k", "--create") == Ended(0, "", "")
    assert value_of(machine, "new") == f'{{"k":"{VALUE}"}}'
    assert piped(machine, "w", "set", "new#k", "--create") == Ended(0, "", "")
    assert value_of(machine, "new") == '{"k":"w"}'
    refused = piped(machine, VALUE, "set", "not a name", "--create")
    assert (refused.status, "Invalid name" in refused.stderr) == (254, True)


def test_a_secret_without_a_value_gets_its_first(machine: Machine) -> None:
    """It is there, so nothing has to be made."""
    assert machine("create-secret", "--name", "empty").status == 0
    assert machine("unset", "empty#k").status == 252
    assert piped(machine, "v", "set", "empty#k") == Ended(0, "", "")
    assert value_of(machine, "empty") == '{"k":"v"}'


def test_keys_are_not_lost_by_leaving_out_the_key(db: Machine) -> None:
    """A whole value that is no JSON object is refused where there are keys."""
    refused = piped(db, VALUE, "set", "db")
    assert (refused.status, VALUE in refused.stderr) == (252, False)
    assert value_of(db, "db") == OBJECT
    assert piped(db, '{"user":"b"}', "set", "db").status == 0
    assert value_of(db, "db") == '{"user":"b"}'


def test_a_key_needs_an_object(machine: Machine) -> None:
    """Other text has no keys, and where a key stands twice it is unclear which is meant."""
    for value in ("text", "[1]", '{"a":', '{"k":1,"k":2}'):
        assert machine("put-secret-value", "--secret-id", "a", "--secret-string", value).status == 0
        for words in (["set", "a#k"], ["unset", "a#k"]):
            assert piped(machine, VALUE, *words).status == 252
        assert value_of(machine, "a") == value


def test_a_key_is_unset(db: Machine) -> None:
    """All else stays; where there is none of that name, that is said."""
    assert db("unset", "db#password") == Ended(0, "", "")
    assert value_of(db, "db") == '{"user": "app", "port": 5432, "rate": 1.10}'
    refused = db("unset", "db#password")
    assert (refused.status, "'db' has no key 'password'" in refused.stderr) == (252, True)
    assert db("unset", "none#k").status == 254


@pytest.mark.parametrize(
    "words",
    [
        ["db#password=hunter2"],
        ["password=hunter2"],
        ["db#password", "hunter2"],
        ["db", "--", "hunter2"],
        ["db#password=hunter2?stage=AWSCURRENT"],
        ["db:password:hunter2:"],
        ["--password=hunter2"],
        ["db", "--hunter2"],
        ["db", "-hunter2"],
    ],
)
def test_a_value_among_the_words_is_refused_and_not_repeated(db: Machine, words: list[str]) -> None:
    """The hint says how it is given."""
    before = db(*COUNT).stdout
    refused = piped(db, "v", "set", *words)
    assert refused.status == 252
    assert "hunter2" not in refused.stderr.replace("unknown option '--hunter2'", "")
    assert db(*COUNT).stdout.count("GetSecretValue") == before.count("GetSecretValue")


@pytest.mark.parametrize("command", ["get", "set", "unset"])
@pytest.mark.parametrize("word", ["", "db#"])
def test_what_names_nothing_is_told_the_form_of_that_command(
    db: Machine, command: str, word: str
) -> None:
    """Not that of exec, which names variables."""
    refused = db(command, word)
    assert refused.status == 252
    assert f"hint: secretctl {command} SECRET-ID#KEY\n" in refused.stderr
    assert "NAME=" not in refused.stderr


def test_names_with_equals_stand_behind_two_hyphens(machine: Machine) -> None:
    """So do keys; and to unset one, where no value could be meant, nothing is needed."""
    assert piped(machine, "v", "set", "--create", "--", "a=b#c=d").status == 0
    assert value_of(machine, "a=b") == '{"c=d":"v"}'
    assert machine("unset", "a=b#c=d").status == 0


@pytest.mark.parametrize("value", ["", "\n"])
def test_an_empty_value_is_refused(db: Machine, value: str) -> None:
    """A program that failed has written nothing, and that is no password."""
    assert piped(db, value, "set", "db#password").status == 252
    assert value_of(db, "db") == OBJECT


def test_whoever_may_read_and_put_may_set(db: Machine) -> None:
    """It is those two operations to policies and to the journal, which holds no value."""
    assert piped(db, VALUE, "set", "db#password").status == 0
    events = db("audit", "lookup-events", "--secret-id", "db", "--output", "json").stdout
    names = [each["EventName"] for each in json.loads(events)["Events"]]
    assert names[:2] == ["PutSecretValue", "GetSecretValue"]
    assert VALUE not in events
    assert "hunter2" not in events
