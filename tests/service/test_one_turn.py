"""Reading and changing in one turn: nobody comes between, and each has its records."""

import pytest

from secretctl.errors import DeliveryError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation, Parameters, Result
from secretctl.service.dispatch import change_read
from secretctl.service.proof import verified
from tests.conftest import Service, token
from tests.service.conftest import Told, code, phase

PUT = BY_NAME["PutSecretValue"]
READ: Parameters = {"SecretId": "one"}


def put(value: str) -> tuple[Operation, Parameters]:
    """Return the request that writes *value*."""
    return PUT, {"SecretId": "one", "ClientRequestToken": token(), "SecretString": value}


def after(answer: Result | ServiceError) -> tuple[Operation, Parameters]:
    """Return the request that writes what was read, and a letter."""
    assert isinstance(answer, dict)
    return put(f"{answer['SecretString']}x")


def test_a_read_its_intent_and_its_outcome_are_recorded(service: Service, told: Told) -> None:
    """The read is recorded before the value is given out, so in front of the intent."""
    service("CreateSecret", Name="one", SecretString="v")
    told.lines()
    assert change_read(service.session, READ, "set", after)
    names = [(each["eventName"], phase(each)) for each in told.events()]
    assert names == [
        ("GetSecretValue", ""),
        ("PutSecretValue", "intent"),
        ("PutSecretValue", "outcome"),
    ]
    assert service("GetSecretValue", SecretId="one")["SecretString"] == "vx"
    assert verified(service.session.vault, "", [], deep=True).findings == ()


def test_a_refusal_is_recorded_and_changes_nothing(service: Service, told: Told) -> None:
    """Of the change under its name; what is decided against or not needed has the read alone."""
    service("CreateSecret", Name="one", SecretString="v")
    generation = service.session.vault.state().generation
    told.lines()
    with pytest.raises(ServiceError):
        change_read(service.session, READ, "set", lambda _: put("x" * 70_000))
    assert [(each["eventName"], code(each)) for each in told.events()][-1] == (
        "PutSecretValue",
        "ValidationException",
    )

    def refuse(_: Result | ServiceError) -> None:
        raise DeliveryError("no")

    with pytest.raises(DeliveryError):
        change_read(service.session, READ, "set", refuse)
    assert change_read(service.session, READ, "set", lambda _: None) is None
    assert {each["eventName"] for each in told.events()} == {"GetSecretValue"}
    assert service("GetSecretValue", SecretId="one")["SecretString"] == "v"
    assert service.session.vault.state().generation <= generation + 1  # the date of the reading
