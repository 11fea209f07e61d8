"""The journal in other shapes: nothing is lost, and nothing in it is run by what reads it."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.audit import export
from secretctl.audit.export import COLUMNS, exported
from secretctl.audit.query import Query
from secretctl.audit.reader import Reader
from secretctl.model.shapes import Fields
from tests.audit.written import ALICE, ARN, START_MS, change, journal, lines_of, read, record

INTENT = change("PutSecretValue", "db")._replace(response=None, phase="intent")
REFUSED = read("db")._replace(error_code="AccessDeniedException", error_message="No.")


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A journal of a read, a change with its intent, and a refusal."""
    events = [read("db"), INTENT, change("PutSecretValue", "db", "v2"), REFUSED]
    return journal(tmp_path, [record(event, n, ALICE) for n, event in enumerate(events)])


def rows(directory: str, start_ms: int | None = None) -> list[dict[str, str]]:
    """Return the rows of a CSV export."""
    text = "".join(exported(Reader(directory), "csv", Query(start_ms=start_ms)))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_lines_are_the_records_byte_for_byte(directory: str) -> None:
    """JSON Lines are the journal itself, intents included, so that it can be verified elsewhere."""
    text = "".join(exported(Reader(directory), "jsonl", Query()))
    assert text.encode() == b"".join(lines_of(directory))


def test_time_leaves_out_what_came_before(directory: str) -> None:
    """In each format only what came since is there."""
    since = Query(start_ms=START_MS + 2000)
    text = "".join(exported(Reader(directory), "jsonl", since))
    assert text.encode() == b"".join(lines_of(directory)[-2:])
    assert [row["eventID"] for row in rows(directory, START_MS + 2000)] == ["event-2", "event-3"]
    assert len(list(exported(Reader(directory), "ocsf", since))) == 2


def test_table_has_a_fixed_header_and_each_change_once(directory: str) -> None:
    """Every column is filled from the record; of a change only the outcome is there."""
    text = "".join(exported(Reader(directory), "csv", Query()))
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert text.count("\r\n") == text.count("\n") == 5
    _, first, changed, refused = rows(directory)
    assert first == {
        "eventTime": "2023-11-14T22:13:20.000Z",
        "index": "1",
        "eventID": "event-0",
        "requestID": "request-0",
        "eventName": "GetSecretValue",
        "eventSource": "secretsmanager.amazonaws.com",
        "awsRegion": "us-east-1",
        "readOnly": "true",
        "userName": "alice",
        "userArn": "arn:aws:iam::000000000000:user/alice",
        "accessKeyId": "AKIAALICE",
        "sourceIPAddress": "127.0.0.1",
        "command": "x-y",
        "operation": "",
        "host": "box",
        "terminal": "",
        "ciSystem": "",
        "ciRepository": "",
        "ciRunId": "",
        "secret": "db",
        "resourceARN": f"{ARN}db-AbCdEf",
        "versionId": "v1",
        "errorCode": "",
        "errorMessage": "",
        "hash": json.loads(lines_of(directory)[1])["hash"],
    }
    assert (changed["eventName"], changed["versionId"]) == ("PutSecretValue", "v2")
    assert (refused["errorCode"], refused["errorMessage"]) == ("AccessDeniedException", "No.")


@pytest.mark.parametrize("form", ["csv", "ocsf"])
def test_bytes_that_were_no_text_stop_nothing(tmp_path: Path, form: str) -> None:
    """A host whose name was none comes out as UTF-8; characters beyond 16 bits stay whole."""
    told = [record(read("db"), 0, host="a\ud800"), record(read("db"), 1, host="\U0001f511")]
    text = "".join(exported(Reader(journal(tmp_path, told)), form, Query()))
    assert "a\ufffd" in text
    assert "\U0001f511" in text
    assert text.encode().count(b"db") >= 2


def test_columns_are_documented() -> None:
    """The page on the journal names every column, in order."""
    page = (Path(__file__).parents[2] / "docs/audit.md").read_text()
    assert ",".join(COLUMNS) in page


@given(st.sampled_from("=+-@\t\r"), st.text(max_size=20))
def test_no_cell_is_a_formula(first: str, rest: str) -> None:
    """What a spreadsheet would run has an apostrophe in front, and is otherwise as it was."""
    fields: Fields = {"eventName": first + rest, "errorMessage": rest, "eventSource": f"a{first}"}
    line = export._row(export._cells(fields))
    (cells,) = csv.reader(io.StringIO(line, newline=""))
    by_name = dict(zip(COLUMNS, cells, strict=True))
    assert by_name["eventName"] == f"'{first}{rest}"
    assert by_name["eventSource"] == f"a{first}"
    assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in cells)
