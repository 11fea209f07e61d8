"""Filters choose the records that they name, and the bytes they look at first never mislead."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl import json_text
from secretctl.audit import query
from secretctl.audit.event import Event
from secretctl.audit.query import Condition, Query, select
from secretctl.audit.reader import Reader
from secretctl.service.shown import Names
from tests.audit.written import (
    ALICE,
    ARN,
    KEY,
    START_MS,
    append,
    change,
    journal,
    lines_of,
    read,
    record,
)

NAMES = Names(KEY, hidden=False)
HIDDEN = Names(KEY, hidden=True)
REFUSED = read("prod/db")._replace(
    arns=(),
    request={"secretId": NAMES.hashed("prod/nope")},
    error_code="ResourceNotFoundException",
    error_message="no",
)
IN_HIDING = read("prod/db")._replace(
    arns=(HIDDEN.arn(f"{ARN}prod/db-AbCdEf", "prod/db"),),
    request={"secretId": HIDDEN.shown("prod/db")},
)
INTENT = change("PutSecretValue", "prod/db")._replace(response=None, phase="intent")
EVENTS: list[Event] = [
    read("prod/db"),
    read("prod/db-extra"),
    read("prod"),
    REFUSED,
    IN_HIDING,
    INTENT,
    change("PutSecretValue", "prod/db", "v2"),
    read('"errorCode":"', request={"secretId": '"errorCode":"', "phase": "intent"}),
]


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A journal of `EVENTS`, number n the event of second n; then one of another caller."""
    made = journal(tmp_path, [record(event, n) for n, event in enumerate(EVENTS)])
    append(made, [record(read("prod/db"), 8, ALICE)])
    return made


def found(directory: str, *conditions: Condition, intents: bool = False) -> list[int]:
    """Return the numbers of the events that are found."""
    asked = Query(conditions, intents=intents)
    reader = Reader(directory)
    ids = [each.fields["eventID"] for each in select(reader, reader.forward(), asked)]
    return [int(str(each).removeprefix("event-")) for each in ids[0 if conditions else 1 :]]


FULL = f"{ARN}prod/db-AbCdEf"
HASHED = NAMES.hashes
CASES: dict[str, tuple[Condition, list[int]]] = {
    "name": (query.member("eventName", "PutSecretValue"), [6]),
    "name-of-none": (query.member("eventName", "Put"), []),
    "event-id": (query.member("eventID", "event-3"), [3]),
    "errors": (query.errors(), [3]),
    "changes": (query.read_only(wanted=False), [0, 6]),
    "username-root": (query.username("root"), [0, 0, 1, 2, 3, 4, 6, 7]),
    "username-user": (query.username("alice"), [8]),
    "principal-arn": (query.principal("arn:aws:iam::000000000000:user/alice"), [8]),
    "principal-id": (query.principal("AIDAALICE"), [8]),
    "principal-key": (query.principal("AKIAALICE"), [8]),
    "principal-part": (query.principal("alic"), []),
    "access-key": (query.access_key("AKIAALICE"), [8]),
    "resource-type": (query.resource_type("AWS::SecretsManager::Secret"), [0, 1, 2, 4, 6, 7, 8]),
    "secret-name": (query.secret("prod/db"), [0, 6, 8]),
    "secret-shorter-name": (query.secret("prod"), [2]),
    "secret-arn": (query.secret(FULL), [0, 6, 8]),
    "secret-partial-arn": (query.secret(FULL[:-7]), [0, 6, 8]),
    "secret-arn-of-another": (query.secret(f"{ARN}prod/db-AbCdEg"), []),
    "secret-arn-elsewhere": (query.secret(FULL.replace("us-east-1", "eu-west-1")), []),
    "secret-name-that-looks-like-an-arn": (query.secret("prod/db-AbCdEf"), []),
    "secret-hidden": (query.secret("prod/db", HASHED), [0, 4, 6, 8]),
    "secret-hidden-arn": (query.secret(FULL, HASHED), [0, 4, 6, 8]),
    "secret-hidden-partial-arn": (query.secret(FULL[:-7], HASHED), [0, 4, 6, 8]),
    "secret-hidden-arn-itself": (query.secret(HIDDEN.arn(FULL, "prod/db")), [4]),
    "secret-hidden-arn-of-another": (query.secret(f"{ARN}prod/db-AbCdEg", HASHED), []),
    "secret-hash-itself": (query.secret(HASHED("prod/db")[0]), [4]),
    "secret-refused": (query.secret("prod/nope", HASHED), [3]),
    "secret-refused-without-key": (query.secret("prod/nope"), []),
    "secret-with-quotes": (query.secret('"errorCode":"'), [7]),
}


@pytest.mark.parametrize(("condition", "expected"), CASES.values(), ids=CASES)
def test_condition_finds(directory: str, condition: Condition, expected: list[int]) -> None:
    """Each filter finds exactly the records it is about; 0 twice is the journal's own first."""
    assert found(directory, condition) == expected


def test_hidden_name_keeps_the_suffix_of_its_arn(tmp_path: Path) -> None:
    """Name and hash find every secret of that name, a whole ARN the one that is meant."""
    (said,) = HASHED("prod/db")
    hidden: list[Event] = [
        read("prod/db")._replace(arns=(f"{ARN}{said}{rest}",), request={"secretId": said})
        for rest in ("", "-AbCdEf", "-XyZ123")
    ]
    made = journal(tmp_path, [record(event, n) for n, event in enumerate(hidden)])
    for condition, expected in (
        (query.secret("prod/db", HASHED), [0, 1, 2]),
        (query.secret(said), [0, 1, 2]),
        (query.secret(FULL, HASHED), [0, 1]),
        (query.secret(FULL[:-7], HASHED), [0, 1, 2]),
        (query.secret(f"{ARN}{said}-XyZ123"), [0, 2]),
        (query.secret("prod", HASHED), []),
    ):
        assert found(made, condition) == expected


def test_region_chooses_what_was_done_there(tmp_path: Path) -> None:
    """Nothing is left out where no region is named."""
    events = [read("a"), read("a", region="eu-west-1")]
    made = journal(tmp_path, [record(event, n) for n, event in enumerate(events)])
    assert found(made, *query.in_region("eu-west-1")) == [1]
    assert found(made, *query.in_region("")) == [0, 1]


def test_conditions_must_all_hold(directory: str) -> None:
    """Two filters leave what both find."""
    both = (query.secret("prod/db"), query.principal("alice"))
    assert found(directory, *both) == [8]


def test_intents_are_left_out_unless_asked_for(directory: str) -> None:
    """A change is told of once, by its outcome; a member of another name is no intent."""
    assert found(directory) == [0, 1, 2, 3, 4, 6, 7, 8]
    assert found(directory, intents=True) == list(range(9))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, [0, 0, 1, 2, 3, 4, 6, 7, 8]),
        (4000, None, [4, 6, 7, 8]),
        (4001, None, [6, 7, 8]),
        (None, 2000, [0, 0, 1, 2]),
        (1000, 3999, [1, 2, 3]),
        (9000, None, []),
    ],
)
def test_times_are_inclusive(
    directory: str, start: int | None, end: int | None, expected: list[int]
) -> None:
    """A start leaves out what came before it, an end what came in a later second."""
    asked = Query(
        start_ms=None if start is None else START_MS + start,
        end_ms=None if end is None else START_MS + end,
    )
    reader = Reader(directory)
    ids = [str(each.fields["eventID"]) for each in select(reader, reader.forward(), asked)]
    assert [int(each.removeprefix("event-")) for each in ids] == expected


MAKERS: list[Callable[[str], Condition]] = [
    lambda text: query.member("eventName", text),
    query.username,
    query.principal,
    query.access_key,
    query.resource_type,
    query.secret,
    lambda text: query.secret(text, HASHED),
]


@given(
    text=st.text(min_size=1, max_size=20),
    place=st.sampled_from(
        [
            ("eventName",),
            ("userIdentity", "userName"),
            ("userIdentity", "accessKeyId"),
            ("userIdentity", "arn"),
            ("requestParameters", "secretId"),
            ("resources", "type"),
            ("resources", "ARN"),
        ]
    ),
    maker=st.sampled_from(MAKERS),
)
def test_hints_never_rule_out_what_holds(
    text: str, place: tuple[str, ...], maker: Callable[[str], Condition]
) -> None:
    """Whatever the text, a record that fulfils a condition holds one of its hints."""
    value: object = text
    if place == ("resources", "ARN"):
        value = f"{ARN}{text}-AbCdEf"
    inner = dict.fromkeys(place[1:], value)
    fields: dict[str, object] = {
        place[0]: value if len(place) == 1 else [inner] if place[0] == "resources" else inner
    }
    condition = maker(text)
    line = json_text.compact(fields).encode("utf-8", "replace")
    if condition.holds(fields):
        assert any(hint in line for hint in condition.hints)


def test_hostile_members_are_not_believed(tmp_path: Path) -> None:
    """A record whose members have other types is found or not, and breaks nothing."""
    odd: list[dict[str, object]] = [
        {"eventName": 7, "userIdentity": [], "resources": {"a": 1}, "additionalEventData": "x"},
        {"eventTime": {}, "resources": [None, {"ARN": 5}], "requestParameters": [1]},
        {"additionalEventData": {"timeMs": "soon", "phase": ["intent"]}, "errorCode": None},
    ]
    made = journal(tmp_path, odd)
    for condition, _ in CASES.values():
        reader = Reader(made)
        list(select(reader, reader.backward(), Query((condition._replace(hints=()),))))
    assert len(lines_of(made)) == 4
