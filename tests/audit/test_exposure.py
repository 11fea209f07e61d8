"""What was read since it last changed is listed, what was changed since is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.audit.event import UNDELIVERED, Event
from secretctl.audit.exposure import exposure
from secretctl.audit.reader import Reader
from secretctl.audit.records import own
from secretctl.errors import ServiceError
from secretctl.model.shapes import Fields
from secretctl.service.shown import Names
from tests.audit.written import (
    ALICE,
    ARN,
    KEY,
    ROOT,
    START_MS,
    change,
    journal,
    read,
    record,
)

NOW_MS = START_MS + 3_600_000
BOB = {**ALICE, "userName": "bob", "arn": "arn:aws:iam::000000000000:user/bob"}
Told = Event | tuple[Event, Fields]


def exposures(folder: Path, told: list[Told], **parameters: object) -> list[dict[str, object]]:
    """Return what a journal of these events says."""
    pairs = [(each, ALICE) if isinstance(each, Event) else each for each in told]
    folder.mkdir(exist_ok=True)
    made = journal(folder, [record(event, n, who) for n, (event, who) in enumerate(pairs)])
    found = exposure(Reader(made), parameters, NOW_MS)["Exposures"]
    assert isinstance(found, list)
    return found


def versions(folder: Path, told: list[Told], **parameters: object) -> list[tuple[object, ...]]:
    """Return secret, version and caller of each."""
    return [
        (each["Name"], each["VersionId"], each["Username"])
        for each in exposures(folder, told, **parameters)
    ]


def stage(secret: str, version: str, label: str = "AWSCURRENT") -> Event:
    """Return the event of a label that was moved."""
    return change("UpdateSecretVersionStage", secret, versionStage=label, moveToVersionId=version)


CREATED = change("CreateSecret", "db", "v1")
PUT = change("PutSecretValue", "db", "v2")
PENDING = change("PutSecretValue", "db", "v2", versionStages=["AWSPENDING"])
FAILED = read("db")._replace(error_code="DecryptionFailure")
GIVEN = read("db")._replace(request_id="r")
DAMAGED = GIVEN._replace(error_code="DecryptionFailure", error_message="It cannot be decrypted.")
DENIED = GIVEN._replace(error_code="AccessDeniedException", error_message="Not authorized.")
REFUSED = DENIED._replace(additional=None)
LOST_ANSWER = DENIED._replace(error_message=UNDELIVERED)
AGAIN = PUT._replace(phase="", response={"versionId": "v1"})
LOST = PUT._replace(response=None, request={"secretId": "db", "clientRequestToken": "v2"})
UPDATED = change("UpdateSecret", "db", clientRequestToken="v9")
LOST_UPDATE = UPDATED._replace(response=None)
NAMED = read("db", "v0", request={"secretId": "db", "versionId": "v0"})
MADE = change("CreateSecret", "db")
FIRST = change("PutSecretValue", "db", "v1", versionStages=["FOO"])
SECOND = change("PutSecretValue", "db", "v2", versionStages=["FOO"])


OF_V1: Fields = {"versionId": "v1", "operation": "rotation"}
BY_ROTATION = read("db", additional={"versionId": "v2", "operation": "rotation"})
GIVES = own("GiveCredential", "us-east-1", {"accessKeyId": "ASIA1"})
GIVES_AGAIN = own("GiveCredential", "us-east-1", {"accessKeyId": "ASIA2"})
ONCE, AGAIN_ONCE = ROOT | {"accessKeyId": "ASIA1"}, ROOT | {"accessKeyId": "ASIA2"}


def at(generation: int, event: Event) -> Event:
    """Return a change with the generation in which it was committed."""
    return event._replace(generation=generation)


def put_back(copied: int, stood: int, newest: int, name: str = "AcceptRestore") -> Event:
    """Return the event of a copy of generation *copied*, put back where the journal had *stood*."""
    said: Fields = {
        "vaultGeneration": copied,
        "journalGeneration": stood,
        "newGeneration": newest,
    }
    return own(name, "us-east-1", said)._replace(phase="outcome", generation=newest)


V1, V2 = at(1, CREATED), at(2, PUT)
RESTORED = put_back(1, 1, 3, "RestoreBackup")
ACCEPTED = put_back(1, 2, 3)
LATER = change("PutSecretValue", "db", "v3")
CASES: dict[str, tuple[list[Told], list[str]]] = {
    "read": ([CREATED, read("db")], ["v1"]),
    "changed-since": ([CREATED, read("db"), PUT], []),
    "read-again": ([CREATED, read("db"), PUT, read("db", "v2")], ["v2"]),
    "old-version-since": ([CREATED, PUT, read("db", "v1")], ["v1"]),
    "rolled-back": ([CREATED, read("db"), PUT, stage("db", "v1")], ["v1"]),
    "rolled-back-and-forth": (
        [CREATED, read("db"), PUT, stage("db", "v1"), stage("db", "v2")],
        [],
    ),
    "another-label": ([CREATED, read("db"), stage("db", "v1", "AWSPENDING")], ["v1"]),
    "pending": ([CREATED, read("db"), PENDING], ["v1"]),
    "pending-promoted": ([CREATED, PENDING, read("db", "v2"), stage("db", "v2")], ["v2"]),
    "failed": ([CREATED, FAILED], []),
    "rotation": ([CREATED, PENDING, BY_ROTATION, stage("db", "v2")], []),
    "rotation-of-another-reads": ([CREATED, BY_ROTATION._replace(additional=OF_V1)], []),
    "during-a-rotation": ([CREATED, PENDING, read("db", "v2"), stage("db", "v2")], ["v2"]),
    "before-a-rotation": ([CREATED, read("db"), PENDING, BY_ROTATION, stage("db", "v2")], []),
    "own-function": (
        [CREATED, GIVES, (PENDING, ONCE), (read("db", "v2"), ONCE), stage("db", "v2")],
        [],
    ),
    "own-function-that-failed": (
        [CREATED, GIVES, (read("db"), ONCE), (PENDING, ONCE), (read("db", "v2"), ONCE)],
        ["v1"],
    ),
    "own-function-that-another-one-went-on-for": (
        [CREATED, GIVES, (PENDING, ONCE), GIVES_AGAIN, (read("db", "v2"), AGAIN_ONCE)],
        ["v2"],
    ),
    "user-who-put-it": ([CREATED, (PUT, ALICE), (read("db", "v2"), ALICE)], ["v2"]),
    "not-decrypted": ([CREATED, GIVEN, DAMAGED], []),
    "no-key": ([CREATED, GIVEN, DENIED], []),
    "no-key-for-another-version": (
        [CREATED, GIVEN, read("db", "v2")._replace(request_id="r", error_code="DecryptionFailure")],
        ["v1"],
    ),
    "refused-in-the-same-request": ([CREATED, GIVEN, REFUSED], ["v1"]),
    "another-request-fails": ([CREATED, GIVEN, DAMAGED._replace(request_id="s")], ["v1"]),
    "not-delivered": ([CREATED, GIVEN, LOST_ANSWER], ["v1"]),
    "answered-before": ([CREATED, PUT, read("db", "v2"), AGAIN], ["v2"]),
    "described-anew": ([CREATED, read("db"), UPDATED], ["v1"]),
    "updated-value": ([CREATED, read("db"), change("UpdateSecret", "db", "v2")], []),
    "outcome-after-crash": ([CREATED, read("db"), LOST], []),
    "update-after-crash": ([CREATED, read("db"), LOST_UPDATE], ["v1"]),
    "change-refused": ([CREATED, read("db"), PUT._replace(error_code="X")], ["v1"]),
    "nothing-known-of-changes": ([read("db"), read("db", "v0")], ["v0", "v1"]),
    "current-known-from-a-read": ([read("db"), NAMED], ["v1", "v0"]),
    "first-version-labelled-otherwise": ([MADE, FIRST, read("db")], ["v1"]),
    "second-version-labelled-otherwise": ([MADE, FIRST, read("db"), SECOND], ["v1"]),
    "older-copy": ([V1, read("db"), V2, ACCEPTED], ["v1"]),
    "older-copy-read-of-later": ([V1, V2, read("db", "v2"), ACCEPTED], ["v2"]),
    "older-copy-changed-since": ([V1, read("db"), V2, ACCEPTED, at(4, LATER)], []),
    "older-copy-taken-back": (
        [V1, V2, read("db", "v2"), ACCEPTED, at(4, LATER), put_back(2, 4, 5)],
        ["v2"],
    ),
    "backup": ([V1, read("db"), RESTORED], ["v1"]),
    "backup-changed-before": ([V1, read("db"), V2, put_back(2, 2, 3, "RestoreBackup")], []),
    "journal-that-lacks-changes": ([V1, read("db"), V2, put_back(5, 2, 6)], ["v1"]),
}


@pytest.mark.parametrize(("told", "expected"), CASES.values(), ids=CASES)
def test_exposed_is(tmp_path: Path, told: list[Told], expected: list[str]) -> None:
    """A value counts until the secret has another; one that came back counts again."""
    assert [each["VersionId"] for each in exposures(tmp_path, told)] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([MADE, FIRST, read("db"), SECOND], [("v1", True, True)]),
        ([V1, read("db"), V2, ACCEPTED], [("v1", True, True)]),
        (
            [V1, read("db"), V2, read("db", "v2"), ACCEPTED],
            [("v1", True, True), ("v2", False, True)],
        ),
        ([V1, read("db"), RESTORED], [("v1", True, True)]),
        ([V1, read("db"), put_back(5, 1, 6)], [("v1", False, False)]),
        ([V1, put_back(5, 1, 6), read("db", "v9")], [("v9", True, False)]),
        ([V1, V2, read("db", "v2"), ACCEPTED, put_back(2, 3, 4)], [("v2", True, True)]),
    ],
)
def test_version_is_current_where_the_journal_tells(
    tmp_path: Path, told: list[Told], expected: list[tuple[str, bool, bool]]
) -> None:
    """A copy that was put back has what was current then; what is not known is not said."""
    assert [
        (each["VersionId"], each["IsCurrent"], "LastChangedDate" in each)
        for each in exposures(tmp_path, told)
    ] == expected


def test_secret_made_behind_an_older_copy_is_gone(tmp_path: Path) -> None:
    """It went with the copy that was put back; one made before is there still."""
    api = at(2, change("CreateSecret", "api", "v1"))
    found = exposures(tmp_path, [V1, api, read("db"), read("api"), ACCEPTED])
    assert [(each["Name"], each["IsDeleted"]) for each in found] == [("api", True), ("db", False)]


def test_entry_says_what_to_rotate(tmp_path: Path) -> None:
    """Who, how often, when last, by what, and since when it is the value."""
    plain = read("db")
    batch = read("db", additional={"versionId": "v1", "operation": "BatchGetSecretValue"})
    (entry,) = exposures(tmp_path, [CREATED, plain, batch, plain])
    dates = (entry.pop("LastChangedDate"), entry.pop("LastReadDate"))
    assert [each.timestamp() * 1000 - START_MS for each in dates] == [0, 3000]  # type: ignore[attr-defined]  # moments
    assert entry == {
        "SecretARN": f"{ARN}db-AbCdEf",
        "Name": "db",
        "VersionId": "v1",
        "IsCurrent": True,
        "IsDeleted": False,
        "Principal": "arn:aws:iam::000000000000:user/alice",
        "Username": "alice",
        "Times": 3,
        "Via": ["x-y@box"],
    }


def test_reads_from_before_the_last_change_are_not_counted(tmp_path: Path) -> None:
    """Of an older version only what came later counts; once that is current again, all of it."""
    before = read("db", additional={"versionId": "v1", "operation": "exec", "process": {"pid": 1}})
    told: list[Told] = [CREATED, read("db"), before, exec_("psql", 1), read("db"), PUT]
    assert exposures(tmp_path / "1", told) == []
    told.append(read("db", request={"secretId": "db", "versionStage": "AWSPREVIOUS"}))
    (entry,) = exposures(tmp_path / "2", told)
    assert (entry["IsCurrent"], entry["Times"], entry["Via"]) == (False, 1, ["x-y@box"])
    (entry,) = exposures(tmp_path / "3", [*told, change("CreateSecret", "api", "v1"), read("db")])
    assert entry["Times"] == 2
    (entry,) = exposures(tmp_path / "4", [*told, stage("db", "v1")])
    assert (entry["Times"], entry["Via"]) == (4, ["exec psql@box", "x-y@box"])


def test_a_read_that_gave_nothing_is_not_counted_among_others(tmp_path: Path) -> None:
    """Of two in one request one, and neither its time nor where it was asked for."""
    early = GIVEN._replace(additional={"versionId": "v1", "operation": "exec"})
    told: list[Told] = [CREATED, read("db"), early, early, DAMAGED, exec_("psql", 0)]
    (entry,) = exposures(tmp_path / "1", told)
    assert entry["Times"] == 2
    (entry,) = exposures(tmp_path / "2", [*told, DAMAGED])
    assert (entry["Times"], entry["Via"]) == (1, ["x-y@box"])
    assert entry["LastReadDate"].timestamp() * 1000 == START_MS + 1000  # type: ignore[attr-defined]  # a moment


def exec_(command: str, pid: int) -> Event:
    """Return the event of a program that was given secrets."""
    said: Fields = {"command": command}
    return own("Exec", "us-east-1", said)._replace(additional={"process": {"pid": pid}})


def exec_read(secret: str, pid: int) -> Event:
    """Return the event of a secret that was read for a program."""
    told: Fields = {"versionId": "v1", "operation": "exec", "process": {"pid": pid}}
    return read(secret, additional=told)


def test_program_is_named_that_was_given_the_value(tmp_path: Path) -> None:
    """Of two at once each has its own; one that never ran leaves ``exec`` alone."""
    told: list[Told] = [
        exec_read("db", 1),
        exec_read("api", 2),
        exec_(":psql", 1),
        exec_("curl", 2),
        exec_read("db", 1),
        exec_read("api", 1),
        exec_("late", 1),
    ]
    via = {each["Name"]: each["Via"] for each in exposures(tmp_path, told)}
    assert via == {
        "db": ["exec :psql@box", "exec@box"],
        "api": ["exec curl@box", "exec late@box"],
    }


def test_caller_secret_and_time_choose_reads_not_changes(tmp_path: Path) -> None:
    """Filters leave out reads; that a value changed is known whoever changed it, and whenever."""
    told: list[Told] = [
        (CREATED, ROOT),
        (change("CreateSecret", "api", "v1"), ROOT),
        (read("db"), ALICE),
        (read("db"), BOB),
        (read("api"), ALICE),
        (PUT, ROOT),
        (read("db", "v2"), BOB),
    ]
    assert versions(tmp_path / "1", told) == [("api", "v1", "alice"), ("db", "v2", "bob")]
    assert versions(tmp_path / "2", told, Principal="alice") == [("api", "v1", "alice")]
    assert versions(tmp_path / "3", told, SecretId="db") == [("db", "v2", "bob")]
    late = str(START_MS // 1000 + 6)
    assert versions(tmp_path / "4", told, Since=late) == [("db", "v2", "bob")]
    assert versions(tmp_path / "5", told, Principal="nobody") == []
    with pytest.raises(ServiceError):
        versions(tmp_path / "6", told, Since="hunter2")


def elsewhere(event: Event, region: str = "eu-west-1") -> Event:
    """Return the same event in another region."""
    return event._replace(arns=tuple(arn.replace("us-east-1", region) for arn in event.arns))


REPLICATED = change("ReplicateSecretToRegions", "db", addReplicaRegions=[{"region": "eu-west-1"}])
PARTED = elsewhere(change("StopReplicationToReplica", "db"))


def test_replica_changes_with_its_primary(tmp_path: Path) -> None:
    """A value read from a replica is rotated by a change of the primary, until they part."""
    together: list[Told] = [CREATED, REPLICATED, elsewhere(read("db")), PUT]
    assert versions(tmp_path / "1", together) == []
    parted: list[Told] = [CREATED, REPLICATED, elsewhere(read("db")), PARTED, PUT]
    assert versions(tmp_path / "2", parted) == [("db", "v1", "alice")]
    changed: list[Told] = [*parted, elsewhere(change("PutSecretValue", "db", "v3"))]
    assert versions(tmp_path / "3", changed) == []


def test_replica_that_was_removed_is_deleted(tmp_path: Path) -> None:
    """Its primary is not, and one made anew is there again."""
    removed = change("RemoveRegionsFromReplication", "db", removeReplicaRegions=["eu-west-1"])
    told: list[Told] = [CREATED, REPLICATED, read("db"), elsewhere(read("db")), removed]
    found = exposures(tmp_path / "1", told)
    assert [(str(each["SecretARN"])[23:25], each["IsDeleted"]) for each in found] == [
        ("eu", True),
        ("us", False),
    ]
    anew: list[Told] = [*told, REPLICATED]
    assert not any(each["IsDeleted"] for each in exposures(tmp_path / "2", anew))


def test_deleted_secret_stays_listed(tmp_path: Path) -> None:
    """Its value may still be in use elsewhere; one made anew under the name is another."""
    gone = change("DeleteSecret", "db", forceDeleteWithoutRecovery=True)
    (entry,) = exposures(tmp_path / "1", [CREATED, read("db"), gone])
    assert entry["IsDeleted"]
    planned = change("DeleteSecret", "db", recoveryWindowInDays=7)
    (entry,) = exposures(tmp_path / "2", [CREATED, read("db"), planned])
    assert not entry["IsDeleted"]


def test_hidden_names_are_followed(tmp_path: Path) -> None:
    """Where names are hidden, secrets are told apart by their hashes."""
    names = Names(KEY, hidden=True)

    def hide(event: Event) -> Event:
        arns = tuple(names.arn(arn, "db") for arn in event.arns)
        return event._replace(arns=arns)

    told: list[Told] = [hide(CREATED), hide(read("db")), hide(read("db", "v0"))]
    assert versions(tmp_path / "1", told) == [
        (names.hashed("db"), "v1", "alice"),
        (names.hashed("db"), "v0", "alice"),
    ]
    assert versions(tmp_path / "2", [*told, hide(PUT)]) == []


@given(st.permutations(["b", "a", "c"]), st.permutations([ALICE, BOB, ROOT]))
def test_order_is_that_of_the_names(
    tmp_path_factory: pytest.TempPathFactory, secrets: list[str], callers: list[Fields]
) -> None:
    """Whatever the order in the journal, the list is ordered by secret, version and caller."""
    told: list[Told] = [(read(name), who) for name in secrets for who in callers]
    found = versions(tmp_path_factory.mktemp("j"), told)
    assert found == [(name, "v1", who) for name in "abc" for who in ("root", "alice", "bob")]
