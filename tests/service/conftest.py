"""What the tests of operations share: refusals as pairs of code and sentence."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretctl.domain.credential import Given
from secretctl.errors import ServiceError
from secretctl.model.services import operations_of
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.service.session import Session
from secretctl.vault.vault import LockedVault
from tests.conftest import Service, World

Fields = dict[str, object]
Refused = Callable[..., tuple[str, str]]
NOT_FOUND = (
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret.",
)
MARKED = (
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
)
BAD_NAME = (
    "ValidationException",
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
    "following: -/_+=.@!",
)
ON_REPLICA = (
    "InvalidParameterException",
    "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
)
ALLOWS_ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:rotate"


def refusal(of: Service, operation: str, **parameters: object) -> tuple[str, str]:
    """Return code and sentence of the error that an operation answers."""
    with pytest.raises(ServiceError) as caught:
        of(operation, **parameters)
    return caught.value.code, caught.value.message


def entries(answer: dict[str, object], member: str) -> list[dict[str, object]]:
    """Return a member that is a list of structures."""
    found = answer[member]
    assert isinstance(found, list)
    return found


def stages(of: Service, secret_id: str = "a") -> dict[str, list[str]]:
    """Return the labels of each labelled version."""
    found = of("DescribeSecret", SecretId=secret_id).get("VersionIdsToStages", {})
    assert isinstance(found, dict)
    return found


class Other(Service):
    """The operations of another service, KMS or IAM, in a session of the vault."""

    def __init__(self, session: Session, service: str) -> None:
        super().__init__(session)
        self._operations = {each.name: each for each in operations_of(service).values()}

    def __call__(self, operation: str, **parameters: object) -> dict[str, object]:
        """Call *operation*."""
        return call(self.session, self._operations[operation], parameters)


@pytest.fixture
def kms(service: Service) -> Other:
    """KMS's operations for the owner."""
    return Other(service.session, "kms")


@pytest.fixture
def iam(service: Service) -> Other:
    """IAM's operations for the owner."""
    return Other(service.session, "iam")


@pytest.fixture
def as_user(world: World, iam: Other) -> Iterator[Callable[[str], Session]]:
    """Return a session that a new access key opened, of a user whom policies allow everything."""
    opened: list[Session] = []

    def begun(name: str) -> Session:
        iam("PutUserPolicy", UserName=name, PolicyName="all", PolicyDocument=ALLOWS_ALL)
        given = given_key(iam, name)
        vault = LockedVault(world.directory).unlock_with(given, world.context.random)
        assert vault is not None
        opened.append(begin(world.context, vault, "us-east-1"))
        return opened[-1]

    yield begun
    for session in opened:
        session.recorder.release()
        session.vault.close()


def given_key(iam: Other, name: str) -> Given:
    """Return a new access key of a user."""
    made = iam("CreateAccessKey", UserName=name)["AccessKey"]
    assert isinstance(made, dict)
    return Given(made["AccessKeyId"], made["SecretAccessKey"])


def new_key(kms: Other, alias: str = "") -> str:
    """Return the id of a new key, which has an alias if one is given."""
    made = kms("CreateKey")["KeyMetadata"]
    assert isinstance(made, dict)
    key_id = str(made["KeyId"])
    if alias:
        kms("CreateAlias", AliasName=alias, TargetKeyId=key_id)
    return key_id


def described(kms: Other, key_id: str) -> dict[str, object]:
    """Return what is known of a key."""
    found = kms("DescribeKey", KeyId=key_id)["KeyMetadata"]
    assert isinstance(found, dict)
    return found


class Told:
    """What the journal says since it was looked at last."""

    def __init__(self, world: World) -> None:
        self._directory = Path(world.directory, "audit")
        self._seen = 0

    def lines(self) -> list[bytes]:
        """Return the records since, as they lie on the disk."""
        paths = sorted(self._directory.glob("*.jsonl"))
        found = [line for path in paths for line in path.read_bytes().splitlines(keepends=True)]
        new = found[self._seen :]
        self._seen = len(found)
        return new

    def events(self) -> list[Fields]:
        """Return the records since."""
        return self.parsed(self.lines())

    @staticmethod
    def parsed(lines: list[bytes]) -> list[Fields]:
        """Return what records say."""
        return [json.loads(line) for line in lines]

    def names(self) -> list[tuple[str, str, str]]:
        """Return name, phase and error code of the records since."""
        return [(str(each["eventName"]), phase(each), code(each)) for each in self.events()]


@pytest.fixture
def told(world: World, service: Service) -> Told:
    """The journal of a vault with the secrets a and b."""
    for name in "ab":
        service("CreateSecret", Name=name, SecretString="v")
        service("GetSecretValue", SecretId=name)  # the first of a day changes its date
    journal = Told(world)
    journal.lines()
    return journal


def phase(event: Fields) -> str:
    """Return whether an event is the intent or the outcome of a change."""
    said = event["additionalEventData"]
    assert isinstance(said, dict)
    return str(said.get("phase", ""))


def decision(event: Fields) -> Fields:
    """Return what an event says of the decision."""
    said = event["additionalEventData"]
    assert isinstance(said, dict)
    found = said.get("decision", {})
    assert isinstance(found, dict)
    return found


def code(event: Fields) -> str:
    """Return the error code."""
    return str(event.get("errorCode", ""))
