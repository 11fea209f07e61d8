"""OCSF: the attributes that version 1.3 requires are there, whatever a record holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.audit.event import Event
from secretctl.audit.ocsf import event
from secretctl.audit.records import own
from secretctl.model.shapes import Fields
from tests.audit.written import ALICE, START_MS, change, read, record

BASE = {
    *("activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"),
    *("cloud",),
}
REQUIRED = {
    6003: {*BASE, "actor", "api", "src_endpoint"},
    3002: {*BASE, "user", "service"},
}
"""Of the classes API Activity and Authentication, with the profile ``cloud``."""

UNLOCKED = own("UnlockVault", "us-east-1", {"method": "passphrase"}, read_only=True)
FAILED = UNLOCKED._replace(error_code="UnlockError", error_message="The vault was not opened.")
CASES: dict[str, tuple[Event, tuple[int, int, int, int]]] = {
    "read": (read("db"), (6003, 2, 1, 1)),
    "create": (change("CreateSecret", "db"), (6003, 1, 1, 1)),
    "update": (change("PutSecretValue", "db"), (6003, 3, 1, 1)),
    "delete": (change("DeleteSecret", "db"), (6003, 4, 1, 1)),
    "prune": (own("PruneJournal", "us-east-1", {}), (6003, 4, 1, 1)),
    "remove": (change("RemoveUnlockSlot", "db"), (6003, 4, 1, 1)),
    "refused": (read("db")._replace(error_code="AccessDeniedException"), (6003, 2, 2, 2)),
    "unlock": (UNLOCKED, (3002, 1, 1, 1)),
    "failed-unlock": (FAILED, (3002, 1, 2, 3)),
}


def check(said: dict[str, object]) -> None:
    """Check what OCSF 1.3 requires of both classes and of the objects in them."""
    kind, activity = said["class_uid"], said["activity_id"]
    assert isinstance(kind, int)
    assert isinstance(activity, int)
    assert said.keys() >= REQUIRED[kind]
    assert said["category_uid"] == kind // 1000
    assert said["type_uid"] == kind * 100 + activity
    assert isinstance(said["time"], int)
    metadata = said["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["version"] == "1.3.0"
    assert metadata["product"]["vendor_name"] == "secretctl"
    cloud = said["cloud"]
    assert isinstance(cloud, dict)
    assert cloud["provider"]
    if kind == 6003:
        api = said["api"]
        assert isinstance(api, dict)
        assert api["operation"]
    else:
        user = said["user"]
        assert isinstance(user, dict)
        assert user["name"]


@pytest.mark.parametrize(("told", "expected"), CASES.values(), ids=CASES)
def test_event_is_classified(told: Event, expected: tuple[int, int, int, int]) -> None:
    """Class, activity, status and severity follow from what was done and how it ended."""
    said = event(record(told, 7, ALICE))
    check(said)
    found = tuple(said[name] for name in ("class_uid", "activity_id", "status_id", "severity_id"))
    assert found == expected
    assert said["time"] == START_MS + 7000


def test_event_names_caller_secret_and_error() -> None:
    """Who, which secret, from where and why not are where OCSF has them."""
    told = read("db")._replace(error_code="AccessDeniedException", error_message="No.")
    said = event(record(told, 0, ALICE))
    assert said["status_code"] == "AccessDeniedException"
    assert said["status_detail"] == "No."
    assert said["src_endpoint"] == {"ip": "127.0.0.1", "hostname": "box"}
    assert said["resources"] == [
        {
            "uid": "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf",
            "name": "db",
            "type": "AWS::SecretsManager::Secret",
        }
    ]
    actor = said["actor"]
    assert isinstance(actor, dict)
    assert actor["user"] == {
        "name": "alice",
        "uid": "arn:aws:iam::000000000000:user/alice",
        "uid_alt": "AIDAALICE",
        "type": "IAMUser",
        "type_id": 99,
        "credential_uid": "AKIAALICE",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
MEMBERS = [
    *("eventName", "eventTime", "eventID", "requestID", "errorCode", "userIdentity"),
    *("additionalEventData", "requestParameters", "resources", "awsRegion", "index"),
]


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON), st.booleans())
def test_any_record_becomes_a_valid_event(fields: Fields, is_unlock: bool) -> None:  # noqa: FBT001 drawn
    """A record with members of other types, or with none, still gives what is required."""
    check(event({**fields, "eventName": "UnlockVault"} if is_unlock else fields))
