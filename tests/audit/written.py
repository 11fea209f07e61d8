"""Journals for tests: records of chosen events, written as the service writes them."""

import json
import os
from pathlib import Path

from secretctl import json_text
from secretctl.audit import creation, segments
from secretctl.audit.event import SERVICE, Caller, Event, timestamp, written
from secretctl.audit.journal import Journal
from secretctl.audit.line import Record
from secretctl.audit.records import own
from secretctl.model.shapes import Fields

VAULT_ID = bytes(range(16))
KEY = bytes(32)
START_MS = 1_700_000_000_000
ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
ROOT: Fields = {
    "type": "Root",
    "principalId": "000000000000",
    "arn": "arn:aws:iam::000000000000:root",
    "accountId": "000000000000",
}
ALICE: Fields = {
    "type": "IAMUser",
    "principalId": "AIDAALICE",
    "arn": "arn:aws:iam::000000000000:user/alice",
    "accountId": "000000000000",
    "accessKeyId": "AKIAALICE",
    "userName": "alice",
}


def record(event: Event, number: int, identity: Fields = ROOT, host: str = "box") -> Fields:
    """Return the record of an event, the *number*-th second after the start."""
    caller = Caller(identity, "000000000000", "secretctl/1 command/x-y", {"host": host})
    now_ms = START_MS + 1000 * number
    stamp = f"request-{number}", f"event-{number}", now_ms, timestamp(now_ms)
    text = written(event, caller.account, caller.fixed(), stamp)
    found = json.loads(f"{{{text}}}")
    assert isinstance(found, dict)
    return found


def as_record(fields: Fields) -> Record:
    """Return a record that says *fields*."""
    return Record(json_text.compact(fields)[1:-1], str(fields.get("eventName")))


def read(secret: str, version: str = "v1", **changed: object) -> Event:
    """Return the event of a value that was read."""
    event = Event(
        "GetSecretValue",
        SERVICE,
        "us-east-1",
        read_only=True,
        request={"secretId": secret},
        arns=(f"{ARN}{secret}-AbCdEf",),
        additional={"versionId": version},
    )
    return event._replace(**changed)  # type: ignore[arg-type]  # members of an event


def change(name: str, secret: str, version: str = "", **request: object) -> Event:
    """Return the event of a change that was made."""
    arn = f"{ARN}{secret}-AbCdEf"
    response: Fields = {"arn": arn, "name": secret}
    if version:
        response["versionId"] = version
    return Event(
        name,
        SERVICE,
        "us-east-1",
        read_only=False,
        request={"secretId": secret, **request},
        response=response,
        arns=(arn,),
        phase="outcome",
    )


def _describe(name: str, said: Fields, generation: int | None) -> Record:
    event = own(name, "us-east-1", said)._replace(generation=generation)
    return as_record(record(event, 0))


def journal(folder: Path, records: list[Fields]) -> str:
    """Write a journal of *records* behind the one that opens it; return its directory."""
    directory = str(folder / segments.DIRECTORY)
    creation.create(directory, VAULT_ID, KEY, _describe)
    append(directory, records)
    return directory


def append(directory: str, records: list[Fields], *, rotated: bool = False) -> None:
    """Append *records*; where it is *rotated*, begin a segment of their own for them."""
    opened = Journal(directory, VAULT_ID, _describe)
    try:
        if rotated:
            with opened._lock:
                opened._next_segment(opened._settled(opened._read_state()))
        if records:
            opened.append([as_record(each) for each in records])
    finally:
        opened.close()


def lines_of(directory: str) -> list[bytes]:
    """Return all lines of the journal, with their newlines."""
    found: list[bytes] = []
    for name in sorted(os.listdir(directory)):
        if name.endswith(".jsonl"):
            found += Path(directory, name).read_bytes().splitlines(keepends=True)
    return found
