"""Events as a person sees them: local times, whole words, and nothing that steers a terminal."""

import time
from collections import Counter
from collections.abc import Iterator
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl import json_text
from secretctl.__main__ import main
from secretctl.cli import audit_chart, audit_table
from secretctl.model.journal import LOOKUP_EVENTS
from secretctl.model.shapes import Fields
from tests.audit.written import ALICE, read, record
from tests.cli.test_carried import on_terminal
from tests.conftest import World

EVIL = "\x1b[2Jpaint\u202eover"


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def shown(world: World, *records: Fields, **answer: object) -> str:
    """Return the table of *records*."""
    events = [{"CloudTrailEvent": json_text.compact(fields)} for fields in records]
    audit_table.write(LOOKUP_EVENTS, {"Events": events, **answer}, "off", world.context)
    buffer = world.context.stdout.buffer
    text: str = buffer.getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO
    return text


def test_table_says_when_who_what_from_where_and_how_it_ended(world: World) -> None:
    """Six columns, 80 wide, times in the local zone."""
    refused = read("prod/db")._replace(error_code="AccessDeniedException")
    table = shown(world, record(read("prod/db"), 0), record(refused, 1, ALICE))
    assert [line.split() for line in table.splitlines()[:2]] == [
        ["TIME", "EVENT", "WHO", "SECRET", "FROM", "RESULT"],
        ["2023-11-14", "17:13:20", "GetSecretValue", "root", "prod/db", "x-y@box", "ok"],
    ]
    assert "alice  prod/db  x-y@box  AccessDenied" in table
    assert max(map(len, table.splitlines())) <= 80


_LETTERS = st.text(st.sampled_from("ab/-_. :()é漢"), max_size=100)
_ROWS = st.lists(st.tuples(_LETTERS, _LETTERS, _LETTERS, _LETTERS), min_size=1, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ROWS, st.integers(1, 200))
def test_no_letter_is_lost_at_any_width(
    world: World, rows: list[tuple[str, ...]], width: int
) -> None:
    """Where a terminal has no room for a table that stands upright, it is drawn wider."""
    headings, stdout = ("ID", "LAST CHANGED", "TIME", "VIA"), StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_table, "width_of", lambda _stream: width)
        audit_table.draw(headings, rows, "off", world.context._replace(stdout=stdout))
    text = stdout.getvalue()
    names = headings * text.count("N")  # once, or where rows stand upright, for each of them
    told = "".join([*names, *map("".join, rows)])
    assert Counter("".join(text.split())) == Counter("".join(told.split()))


LONG = "n/" * 100
WIDTHS = [20, 30, 40, 50, 60, 80, 200]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_lost_in_a_narrow_terminal(
    world: World, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the width, every letter is there: folded, or upright where there is no room."""
    monkeypatch.setattr(audit_table, "width_of", lambda _stream: width)
    refused = record(read("prod/db")._replace(error_code="AccessDeniedException"), 1, ALICE)
    records = [refused, record(read(LONG), 2, ALICE) | {"eventName": LONG}]
    text = shown(world, *records)
    assert max(map(len, text.splitlines())) <= width
    cells = "".join("".join(audit_table.cells(fields)) for fields in records)
    headings = "TIMEEVENTWHOSECRETFROMRESULT"
    letters = Counter("".join(text.split()))
    upright = Counter("".join((cells + headings * 2).split()))
    assert letters == (upright if width <= 60 else Counter("".join((cells + headings).split())))


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_are_whole_in_a_narrow_terminal(
    world: World, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no room for bars, numbers are shown alone."""
    monkeypatch.setattr(audit_table, "width_of", lambda _stream: width)
    row = {"Reads": 4321, "Changes": 8765, "Errors": 9}
    answer: Fields = {"Days": [{"Day": "2026-11-24"} | row], "Secrets": [{"Name": LONG} | row]}
    audit_chart.write(answer, "off", world.context)
    buffer = world.context.stdout.buffer
    text: str = buffer.getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO
    assert [text.count(number) for number in ("4321", "8765", "2026-11-24")] == [2, 2, 1]
    assert text.count("n/") + text.count("n\n") >= 90
    assert max(map(len, text.splitlines())) <= width


def test_ci_run_is_named(world: World) -> None:
    """Where a CI run's facts were recorded, the table names the run."""
    fields = record(read("a"), 0)
    run = {"system": "github", "repository": "o/r", "runId": "7"}
    fields["additionalEventData"] = {"host": "ci", "timeMs": 0, "ciRun": run}
    assert "x-y@ci, github o/r 7" in " ".join(audit_table.cells(fields))
    assert "github" in shown(world, fields)


def test_nothing_steers_the_terminal(world: World) -> None:
    """Whatever a record holds, the screen shows it as visible escapes."""
    fields = record(read(EVIL), 0, {"type": "IAMUser", "userName": EVIL}, EVIL)
    fields["eventName"] = fields["errorCode"] = fields["userAgent"] = EVIL
    for text in (shown(world, fields), audit_table.line(fields)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\x1b" in text


def test_line_is_one_line(world: World) -> None:
    """Long words push the rest to the right, and nothing breaks the line."""
    line = audit_table.line(record(read("long/" * 40 + "\n"), 0))
    assert line.count("\n") == 1
    assert line.startswith("2023-11-14 17:13:20  GetSecretValue        root      long/")
    assert line.endswith("  ok\n")
    assert world


def test_person_is_told_that_there_are_more(world: World) -> None:
    """A table cut short says how to see the rest."""
    shown(world, record(read("a"), 0), NextToken="t")
    assert world.context.stderr.getvalue() == "secretctl: hint: there are more: --max-items N\n"  # type: ignore[attr-defined]  # a StringIO


@pytest.mark.parametrize("line", ["rotation status", "audit exposure", "rotation allow"])
def test_a_table_without_rows_says_so(line: str, world: World) -> None:
    """On a terminal, where headings alone would look like an answer that was cut off."""
    assert main(["init"], world.context) == 0
    stdout = StringIO()
    stdout.isatty = lambda: True  # type: ignore[method-assign]  # the one thing that differs
    assert on_terminal(line, world.context._replace(stdout=stdout)) == (
        "secretctl: note: there is none\n"
    )
    assert stdout.getvalue()
