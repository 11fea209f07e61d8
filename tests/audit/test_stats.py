"""What was read and changed is counted once, on the day and for the secret it belongs to."""

from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from secretctl.audit.event import SERVICE, UNDELIVERED, Event
from secretctl.audit.reader import Reader
from secretctl.audit.records import own
from secretctl.audit.stats import stats
from secretctl.errors import ServiceError
from tests.audit.written import ALICE, START_MS, change, journal, read, record

DAY_S = 86_400
LISTED = Event("ListSecrets", SERVICE, "us-east-1", read_only=True)
INTENT = change("PutSecretValue", "db")._replace(response=None, phase="intent")
REFUSED = read("db")._replace(arns=(), request={"secretId": "n:0"}, error_code="X")
NOW_MS = START_MS + 3 * DAY_S * 1000
TOLD: list[tuple[int, Event]] = [
    (0, read("db")),
    (1, own("UnlockVault", "us-east-1", {}, read_only=True)),
    (2, LISTED),
    (3, INTENT),
    (4, change("PutSecretValue", "db", "v2")),
    (2 * DAY_S, read("api")),
    (2 * DAY_S + 1, REFUSED),
    (2 * DAY_S + 2, read("api")),
]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A journal of four days, the third of them idle before today."""
    return Reader(journal(tmp_path, [record(event, second) for second, event in TOLD]))


def day(name: str, reads: int, changes: int, errors: int) -> dict[str, object]:
    """Return a day as it is told."""
    return {"Day": name, "Reads": reads, "Changes": changes, "Errors": errors}


def test_every_day_is_there_and_each_event_once(reader: Reader) -> None:
    """Values read, changes by their outcome, errors; days without any up to today."""
    assert stats(reader, {}, NOW_MS, zone=UTC)["Days"] == [
        day("2023-11-14", 1, 1, 0),
        day("2023-11-15", 0, 0, 0),
        day("2023-11-16", 2, 0, 1),
        day("2023-11-17", 0, 0, 0),
    ]


def test_secrets_are_told_the_busiest_first(reader: Reader) -> None:
    """Equals by name; what was refused stands by what was asked for."""
    found = stats(reader, {}, NOW_MS, zone=UTC)["Secrets"]
    assert isinstance(found, list)
    names = ("Name", "Reads", "Changes", "Errors")
    assert [tuple(each[name] for name in names) for each in found] == [
        ("api", 2, 0, 0),
        ("db", 1, 1, 0),
        ("n:0", 0, 0, 1),
    ]
    assert "SecretARN" not in found[2]
    assert found[0]["LastEventDate"].timestamp() * 1000 == START_MS + (2 * DAY_S + 2) * 1000


def test_change_counts_where_it_was_made(tmp_path: Path) -> None:
    """Not one that had been made before or met nothing; purges and unlock slots do."""
    again = change("PutSecretValue", "db", "v2")._replace(phase="")
    nothing = Event("DeleteSecret", SERVICE, "us-east-1", read_only=False)
    purge = change("EndSecretVersionDelete", "api")._replace(phase="", kind="AwsServiceEvent")
    slot = own("AddUnlockSlot", "us-east-1", {})._replace(phase="outcome")
    told = [again, nothing, purge, slot]
    made = journal(tmp_path, [record(event, n) for n, event in enumerate(told)])
    found = stats(Reader(made), {}, NOW_MS, zone=UTC)
    days, secrets = found["Days"], found["Secrets"]
    assert isinstance(days, list)
    assert days[0] == day("2023-11-14", 0, 2, 0)
    assert isinstance(secrets, list)
    assert [(each["Name"], each["Changes"]) for each in secrets] == [("api", 1)]


def test_value_that_was_not_decrypted_is_an_error_and_no_read(tmp_path: Path) -> None:
    """One that was and could not be delivered is both; also where midnight lies between."""
    granted = read("db")._replace(request_id="r")
    damaged = granted._replace(error_code="DecryptionFailure")
    lost = granted._replace(error_code="OutputError", error_message=UNDELIVERED, request_id="s")
    told = [(0, granted), (2 * DAY_S, damaged), (2 * DAY_S, lost._replace(error_code=""))]
    told += [(2 * DAY_S, lost)]
    made = journal(tmp_path, [record(event, second) for second, event in told])
    assert stats(Reader(made), {}, START_MS + 2 * DAY_S * 1000, zone=UTC)["Days"] == [
        day("2023-11-16", 1, 0, 2),
    ]
    assert [(row["Reads"], row["Errors"]) for row in rows(made)] == [(1, 2)]


def test_one_secret_has_one_row(tmp_path: Path) -> None:
    """What failed and holds the name alone counts to the secret; of two of a name to neither."""
    failed = change("PutSecretValue", "db")._replace(
        arns=(), response=None, error_code="InternalServiceError"
    )
    one = journal(tmp_path, [record(read("db"), 0), record(failed, 1)])
    (row,) = rows(one)
    assert (row["Reads"], row["Errors"]) == (1, 1)
    assert row["LastEventDate"].timestamp() * 1000 == START_MS + 1000  # type: ignore[attr-defined]  # a moment
    other = read("db")._replace(arns=("arn:aws:secretsmanager:us-east-1:0:secret:db-XyZ123",))
    two = journal(tmp_path / "2", [record(each, 0) for each in (read("db"), other, failed)])
    assert [("SecretARN" in row, row["Errors"]) for row in rows(two)] == [
        (False, 1),
        (True, 0),
        (True, 0),
    ]


def rows(directory: str) -> list[dict[str, object]]:
    """Return the rows of the secrets."""
    found = stats(Reader(directory), {}, NOW_MS, zone=UTC)["Secrets"]
    assert isinstance(found, list)
    return found


def test_days_are_those_of_the_zone(reader: Reader) -> None:
    """Late in the evening here is the next day elsewhere."""
    days = stats(reader, {}, NOW_MS, zone=timezone(timedelta(hours=2)))["Days"]
    assert isinstance(days, list)
    assert days[0]["Day"] == "2023-11-15"


def test_filters_choose_what_is_counted(tmp_path: Path, reader: Reader) -> None:
    """A span, a secret, a caller; thirty days where no span is given."""
    assert stats(reader, {"Since": "1d"}, NOW_MS - 1000, zone=UTC)["Days"] != []
    found = stats(reader, {"SecretId": "db"}, NOW_MS, zone=UTC)["Secrets"]
    assert isinstance(found, list)
    assert [each["Name"] for each in found] == ["db"]
    assert stats(reader, {"Principal": "alice"}, NOW_MS) == {"Days": [], "Secrets": []}
    assert stats(reader, {}, NOW_MS + 31 * DAY_S * 1000) == {"Days": [], "Secrets": []}
    alice = Reader(journal(tmp_path, [record(read("db"), 5, ALICE)]))
    assert stats(alice, {"Principal": "alice"}, NOW_MS)["Days"] != []
    with pytest.raises(ServiceError):
        stats(reader, {"Since": "hunter2"}, NOW_MS)


def test_clock_that_was_wrong_by_years_fills_no_page(tmp_path: Path) -> None:
    """Only the days with events are told where they lie ten years apart."""
    early = record(read("db"), -1_600_000_000)
    reader = Reader(journal(tmp_path, [early, record(read("db"), 0)]))
    days = stats(reader, {"Since": "0"}, NOW_MS, zone=UTC)["Days"]
    assert isinstance(days, list)
    assert [each["Day"] for each in days] == ["1973-03-03", "2023-11-14"]
