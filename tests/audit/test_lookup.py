"""LookupEvents answers in CloudTrail's shape, page by page, and the same however it is paged."""

import os
from pathlib import Path

import botocore.loaders
import pytest

from secretctl.audit import line as lines
from secretctl.audit.lookup import lookup_events
from secretctl.audit.reader import Reader
from secretctl.errors import ServiceError
from secretctl.model.journal import LOOKUP_EVENTS
from secretctl.model.shapes import Member, Shape
from tests.audit.written import ALICE, START_MS, append, change, journal, lines_of, read, record

NOW_MS = START_MS + 3_600_000
OURS = ("EventName", "SecretId", "Principal", "ErrorsOnly", "Since")


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A journal of 130 reads in two segments, every tenth of them Alice's, and a change."""
    records = [record(read(f"s{n % 7}"), n, ALICE if n % 10 == 0 else {}) for n in range(130)]
    made = journal(tmp_path, records[:90])
    append(made, records[90:], rotated=True)
    append(made, [record(change("PutSecretValue", "s1", "v2"), 130)])
    return made


def asked(directory: str, **parameters: object) -> list[dict[str, object]]:
    """Return the events of all pages."""
    found: list[dict[str, object]] = []
    while True:
        page = lookup_events(Reader(directory), parameters, NOW_MS)
        events = page["Events"]
        assert isinstance(events, list)
        found += events
        if "NextToken" not in page:
            return found
        parameters["NextToken"] = page["NextToken"]


def published(name: str) -> dict[str, object]:
    """Return a shape of CloudTrail's published model."""
    model = botocore.loaders.Loader().load_service_model("cloudtrail", "service-2")
    shape: dict[str, object] = model["shapes"][name]
    return shape


def compare(shape: Shape, name: str) -> None:
    """Compare a shape of ours with CloudTrail's of that name, whatever lies inside of it."""
    theirs = published(name)
    assert shape.kind == theirs["type"]
    assert shape.min == theirs.get("min")
    assert shape.max == theirs.get("max")
    assert list(shape.enum) == theirs.get("enum", [])
    if shape.item is not None:
        member = theirs["member"]
        assert isinstance(member, dict)
        compare(shape.item, member["shape"])
    if shape.members:
        compare_members(shape.members, theirs)


def compare_members(ours: tuple[Member, ...], theirs: dict[str, object]) -> None:
    """Compare names, order, requirement and shapes of members."""
    members = theirs["members"]
    assert isinstance(members, dict)
    assert [member.name for member in ours] == list(members)
    assert [member.name for member in ours if member.required] == theirs.get("required", [])
    for member in ours:
        if "Token" not in member.name and members[member.name]["shape"] != "String":
            compare(member.shape, members[member.name]["shape"])


def test_declaration_is_that_of_cloudtrail() -> None:
    """Members, limits and choices are CloudTrail's, in its order; ours stand behind them."""
    theirs = [member for member in LOOKUP_EVENTS.input if member.name not in OURS]
    assert LOOKUP_EVENTS.input == (*theirs, *LOOKUP_EVENTS.input[len(theirs) :])
    assert tuple(member.name for member in LOOKUP_EVENTS.input[len(theirs) :]) == OURS
    compare_members(tuple(theirs), published("LookupEventsRequest"))
    compare_members(LOOKUP_EVENTS.output, published("LookupEventsResponse"))


def test_pagination_is_that_of_cloudtrail() -> None:
    """Tokens and limits go by the names of CloudTrail's paginator."""
    pages = botocore.loaders.Loader().load_service_model("cloudtrail", "paginators-1")
    theirs = pages["pagination"]["LookupEvents"]
    assert LOOKUP_EVENTS.pages is not None
    ours = LOOKUP_EVENTS.pages
    assert (ours.input_token, ours.output_token, ours.limit, ours.result) == tuple(
        theirs[name] for name in ("input_token", "output_token", "limit_key", "result_key")
    )


def test_event_has_the_shape_of_cloudtrail(directory: str) -> None:
    """Members and their types are those of CloudTrail's Event; a caller may be without a key."""
    page = lookup_events(Reader(directory), {"MaxResults": 50}, NOW_MS)
    events = page["Events"]
    assert isinstance(events, list)
    members = published("Event")["members"]
    assert isinstance(members, dict)
    alice = next(each for each in events if each["Username"] == "alice")
    assert list(alice) == list(members)
    assert list(events[0]) == [name for name in members if name != "AccessKeyId"]
    assert events[0]["ReadOnly"] == "false"
    assert alice["Resources"] == [
        {
            "ResourceType": "AWS::SecretsManager::Secret",
            "ResourceName": "arn:aws:secretsmanager:us-east-1:000000000000:secret:s1-AbCdEf",
        }
    ]
    assert alice["EventTime"].timestamp() * 1000 == START_MS + 120_000


def test_event_holds_the_line_so_that_it_can_be_verified(directory: str) -> None:
    """CloudTrailEvent is the record byte for byte: its hash can be worked out from it."""
    newest = asked(directory)[0]["CloudTrailEvent"]
    whole = lines_of(directory)
    line = f"{newest}\n".encode()
    assert line == whole[-1]
    assert not lines.chain_fault(line, len(whole) - 1, lines.hash_of(whole[-2]))


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_together_are_the_whole(directory: str, limit: int) -> None:
    """However it is paged, each event comes once, the newest first."""
    ids = [
        each["EventId"] for each in asked(directory, MaxResults=limit, EventName="GetSecretValue")
    ]
    assert ids == [f"event-{n}" for n in reversed(range(130))]


def test_page_goes_on_where_it_ended_while_others_append(directory: str) -> None:
    """What is appended between two pages moves nothing."""
    first = lookup_events(Reader(directory), {"MaxResults": 10}, NOW_MS)
    append(directory, [record(read("new"), 500)], rotated=True)
    rest = {"MaxResults": 10, "NextToken": first["NextToken"]}
    second = lookup_events(Reader(directory), rest, NOW_MS)
    events = second["Events"]
    assert isinstance(events, list)
    assert [each["EventId"] for each in events] == [f"event-{n}" for n in range(120, 110, -1)]


def attribute(key: str, value: str) -> list[dict[str, str]]:
    """Return a list of one lookup attribute."""
    return [{"AttributeKey": key, "AttributeValue": value}]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"LookupAttributes": attribute("EventId", "event-5")}, 1),
        ({"LookupAttributes": attribute("EventName", "PutSecretValue")}, 1),
        ({"LookupAttributes": attribute("ReadOnly", "true")}, 130),
        ({"LookupAttributes": attribute("Username", "alice")}, 13),
        ({"LookupAttributes": attribute("ResourceName", "s1")}, 20),
        ({"LookupAttributes": attribute("ResourceType", "AWS::SecretsManager::Secret")}, 131),
        ({"LookupAttributes": attribute("EventSource", "secretctl")}, 3),
        ({"LookupAttributes": attribute("AccessKeyId", "AKIAALICE")}, 13),
        (
            {
                "LookupAttributes": [
                    *attribute("Username", "alice"),
                    *attribute("ResourceName", "s0"),
                ]
            },
            2,
        ),
        ({"EventName": "GetSecretValue", "SecretId": "s0", "Principal": "alice"}, 2),
        ({"StartTime": str((START_MS + 120_000) // 1000)}, 11),
        ({"StartTime": "2023-11-14T22:15:20", "EndTime": "2023-11-14T22:15:29Z"}, 10),
        ({"Since": "3480s"}, 11),
        ({"Since": "58m", "StartTime": 0}, 11),
        ({"EventCategory": "insight"}, 0),
        ({"ErrorsOnly": True}, 0),
    ],
    ids=str,
)
def test_parameters_find(directory: str, parameters: dict[str, object], count: int) -> None:
    """Each parameter leaves the events that it is about."""
    assert len(asked(directory, **parameters)) == count


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"LookupAttributes": attribute("Nothing", "x")}, "ValidationException"),
        ({"LookupAttributes": attribute("ReadOnly", "x")}, "InvalidLookupAttributesException"),
        ({"MaxResults": 51}, "ValidationException"),
        ({"MaxResults": 0}, "ValidationException"),
        ({"EventCategory": "management"}, "ValidationException"),
        ({"StartTime": 2, "EndTime": 1}, "InvalidTimeRangeException"),
        ({"StartTime": "hunter2"}, "InvalidTimeRangeException"),
        ({"Since": "2 hours"}, "ValidationException"),
        ({"NextToken": "hunter2"}, "InvalidNextTokenException"),
        ({"NextToken": "MS4yLjM="}, "InvalidNextTokenException"),
    ],
    ids=str,
)
def test_parameters_without_meaning_are_refused(
    directory: str, parameters: dict[str, object], code: str
) -> None:
    """The error has a name of CloudTrail's, and repeats nothing that was typed."""
    with pytest.raises(ServiceError) as caught:
        lookup_events(Reader(directory), parameters, NOW_MS)
    assert caught.value.code == code
    assert "hunter2" not in caught.value.message


def test_token_of_another_request_is_refused(directory: str) -> None:
    """A token goes on with the request it came from, and with no other."""
    page = lookup_events(
        Reader(directory), {"MaxResults": 5, "EventName": "GetSecretValue"}, NOW_MS
    )
    with pytest.raises(ServiceError, match="Invalid token"):
        lookup_events(Reader(directory), {"NextToken": page["NextToken"]}, NOW_MS)


def test_last_page_of_a_long_journal_is_read_from_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest events cost a few blocks, however much stands before them."""
    made = journal(tmp_path, [record(read("s"), n) for n in range(2000)])
    sizes: list[int] = []
    pread = os.pread

    def noted(handle: int, size: int, offset: int) -> bytes:
        sizes.append(size)
        return pread(handle, size, offset)

    monkeypatch.setattr(os, "pread", noted)
    page = lookup_events(Reader(made), {"MaxResults": 20}, NOW_MS)
    assert len(page["Events"]) == 20  # type: ignore[arg-type]  # a list
    assert sum(sizes) < 100_000 < os.path.getsize(os.path.join(made, "00000001.jsonl")) / 10
