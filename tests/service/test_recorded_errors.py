"""An act that fails is recorded with the code of what it failed with, and one sentence for that."""

from collections.abc import Callable, Iterator

import pytest

from secretctl.errors import (
    OutcomeUnknownError,
    SecretctlError,
    ServiceError,
    StoreError,
    VaultError,
    recorded_code,
)
from secretctl.service import shown_errors
from secretctl.service.session import Session
from secretctl.service.who_can import who_can
from secretctl.store.sqlite import SqliteEngine
from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.service.conftest import Told, code

CANARY = "canary90ce"
REMOVE = "RemoveUnlockSlot"


def local(kind: type[SecretctlError] = SecretctlError) -> Iterator[type[SecretctlError]]:
    """Yield every class of our own errors."""
    if kind is not ServiceError:
        yield kind
        for each in kind.__subclasses__():
            yield from local(each)


def test_every_error_of_our_own_has_a_sentence() -> None:
    """Otherwise the journal would call it a fault of the program."""
    names = {each.__name__ for each in local()}
    assert len(names) > 20
    assert names <= shown_errors.ERRORS.keys()


@pytest.mark.parametrize("which", ["last", "no-such"])
def test_a_slot_that_cannot_be_removed_is_recorded_as_such(
    world: World, service: Service, told: Told, which: str
) -> None:
    """The error that the user is told of, without the id that was typed."""
    slot = service.session.vault.header().slots[0].id.hex()
    typed = slot if which == "last" else "00ff" * 4
    assert ended(world, "unlock-slot", "remove", typed).status == 253
    event = told.events()[-1]
    assert (event["eventName"], code(event)) == (REMOVE, VaultError.__name__)
    assert event["errorMessage"] == shown_errors.ERRORS["VaultError"]
    assert event["requestParameters"] is None
    assert typed not in str(event)


@pytest.mark.parametrize("error", [StoreError(CANARY), OutcomeUnknownError(CANARY)])
def test_a_commit_that_fails_is_an_outcome_with_its_error(
    service: Service, told: Told, monkeypatch: pytest.MonkeyPatch, error: SecretctlError
) -> None:
    """Behind the intent, and nothing of its message."""

    def refuse(_: SqliteEngine) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(SqliteEngine, "_commit", refuse)
        with pytest.raises(type(error)):
            service("PutSecretValue", SecretId="a", SecretString="w")
    lines = told.lines()
    assert CANARY.encode() not in b"".join(lines)
    intent, outcome = Told.parsed(lines)
    assert (code(intent), code(outcome)) == ("", recorded_code(error))
    assert outcome["errorMessage"] == shown_errors.ERRORS[recorded_code(error)]


@pytest.mark.parametrize(
    ("breaks", "expected"),
    [(KeyboardInterrupt(), "KeyboardInterrupt"), (ValueError(CANARY), "InternalServiceError")],
    ids=["interrupt", "fault"],
)
def test_what_breaks_off_otherwise_is_recorded_too(
    service: Service,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    breaks: BaseException,
    expected: str,
) -> None:
    """Ctrl-C before the intent, and a fault of the program, of which nothing is kept."""

    def refuse(_: int) -> bytes:
        raise breaks

    with monkeypatch.context() as broken:
        broken.setattr(service.session.vault, "_random", refuse)
        with pytest.raises(type(breaks)):
            service("PutSecretValue", SecretId="a", SecretString="w")
    lines = told.lines()
    assert CANARY.encode() not in b"".join(lines)
    (event,) = Told.parsed(lines)
    assert (event["eventName"], code(event)) == ("PutSecretValue", expected)


def test_who_asks_in_vain_who_can_is_recorded(
    told: Told, as_user: Callable[[str], Session], iam: Service
) -> None:
    """A user may not ask; the question was put nevertheless."""
    iam("CreateUser", UserName="ann")
    session = as_user("ann")
    told.lines()
    with pytest.raises(ServiceError):
        who_can(session, "secretsmanager:GetSecretValue", "a")
    session.recorder.journal.close()
    assert told.names()[-1] == ("WhoCan", "", "AccessDenied")
