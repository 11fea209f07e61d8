"""A secret that a function rotates, and what is told of that."""

import gc
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secretctl.audit.exposure import exposure
from secretctl.audit.reader import Reader
from secretctl.domain.secret import Secret
from secretctl.rotation import engine, functions, output
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function, Step
from secretctl.service import rotating
from secretctl.service.opening import begin
from secretctl.service.session import Session
from secretctl.vault.vault import Vault
from tests.cli.machine import Machine
from tests.conftest import Service, World, token
from tests.rotation import mariadb, postgres

BUILTIN = "builtin/password"
VALUE = '{"username": "app", "password": "first"}'
SECRET = "db"

Run = Callable[[Step], None]
Prepared = Callable[[Session, Registered, Secret], Function]


def lacking(name: str, _secret: str) -> str:
    """Tell that all functions are lacking but those that come with us."""
    return "" if functions.is_known(name) else "secretctl rotation functions list"


class Rotator:
    """Rotates one secret of a vault."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.steps: list[str] = []

    def begin(self, **more: object) -> str:
        """Call RotateSecret; return the token."""
        given = {"ClientRequestToken": token(), "RotationLambdaARN": BUILTIN, **more}
        return str(self.service("RotateSecret", SecretId=SECRET, **given)["VersionId"])

    def rotate(self, version: str, run: Run | None = None) -> None:
        """Run the rotation of that version, by what does a step in the place of the builtin."""
        function = functions.named(BUILTIN)
        assert function is not None
        if run is not None:
            function = Function("test", run)
        engine.rotate(self.service.session, self.arn, version, function, self.steps.append)

    @property
    def arn(self) -> str:
        """The ARN of the secret."""
        return str(self.described["ARN"])

    @property
    def described(self) -> dict[str, object]:
        """What is known of the secret."""
        return self.service("DescribeSecret", SecretId=SECRET)

    @property
    def labels(self) -> dict[str, list[str]]:
        """The labels of each version that has any."""
        found = self.described["VersionIdsToStages"]
        assert isinstance(found, dict)
        return found

    def value(self, **which: object) -> str:
        """Return the value of a version, the current one by default."""
        return str(self.service("GetSecretValue", SecretId=SECRET, **which)["SecretString"])

    def kept(self, version: str) -> rotating.Standing:
        """Return how far the rotation of a version is."""
        return rotating.standing(self.service.session, SECRET, version)


def exposed(world: World) -> list[str]:
    """Return which versions ``audit exposure`` lists."""
    found = exposure(Reader(str(Path(world.directory, "audit"))), {}, world.clock())["Exposures"]
    assert isinstance(found, list)
    return [each["VersionId"] for each in found]


class Own(Rotator):
    """Rotates the secret by a function of the user's own, in a file."""

    def __init__(self, rotator: Rotator, registered: Registered, prepared: Prepared) -> None:
        super().__init__(rotator.service)
        self.registered = registered
        self._prepared = prepared
        self.file = Path(registered.path)

    def write(self, source: str) -> None:
        """Make the function one with that source."""
        self.file.write_text(source)
        self.file.chmod(0o700)

    def by(self, source: str, **more: Any) -> str:
        """Rotate by the function with that source; return the version."""
        self.write(source)
        version = self.begin()
        self.again(version, **more)
        return version

    def again(self, version: str, **more: Any) -> None:
        """Run the rotation of a version."""
        function = self._of(**more)
        engine.rotate(self.service.session, self.arn, version, function, self.steps.append)

    def check(self) -> None:
        """See whether the function can rotate the secret."""
        engine.check(self.service.session, SECRET, self._of())

    @property
    def pending(self) -> str:
        """The version that is not complete."""
        (version,) = [each for each, held in self.labels.items() if "AWSPENDING" in held]
        return version

    @property
    def printed(self) -> str:
        """What the function printed, as it is kept."""
        return Path(self.log).read_text()

    @property
    def log(self) -> str:
        """Where that lies."""
        directory = self.service.session.vault.directory
        return output.path_of(directory, self.kept("").secret.number)

    def _of(self, **more: Any) -> Function:
        secret = self.kept("").secret
        return self._prepared(self.service.session, self.registered._replace(**more), secret)


class OfServer(Rotator):
    """Rotates the secret that opens a server, by one of the functions that come with us."""

    def __init__(self, rotator: Rotator, name: str) -> None:
        super().__init__(rotator.service)
        self.name = name
        self.reads: tuple[str, ...] = ("master", "authority")

    def begin(self, **more: object) -> str:
        """Begin a rotation by the function."""
        return super().begin(RotationLambdaARN=self.name, **more)

    def rotate(self, version: str, run: Run | None = None) -> None:
        """Run it."""
        assert run is None
        engine.rotate(self.service.session, self.arn, version, self.function, self.steps.append)

    @property
    def function(self) -> Function:
        """What rotates it."""
        found = functions.named(self.name)
        assert found is not None
        return found._replace(reads=self.reads)

    @property
    def login(self) -> tuple[str, str]:
        """User and password of the current version."""
        found = json.loads(self.value())
        return found["username"], found["password"]

    def put_value(self, secret_id: str, **members: object) -> None:
        """Put a JSON object by hand; the secret is made where there is none."""
        listed = self.service("ListSecrets", Filters=[{"Key": "name", "Values": [secret_id]}])
        if not listed["SecretList"]:
            self.service("CreateSecret", Name=secret_id)
        self.service("PutSecretValue", SecretId=secret_id, SecretString=json.dumps(members))


def is_running(printed: str) -> bool:
    """Tell whether any process is there whose id was printed behind ``started``."""
    first, *ids = printed.split()
    assert first == "started"
    assert ids
    return any(_is_alive(int(each)) for each in ids)


def _is_alive(process: int) -> bool:
    for _ in range(20):  # who was killed with its parent waits to be reaped by another
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state in "ZX":
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def rotator(world: World, vault: Vault) -> Iterator[Rotator]:
    """Rotates a secret in a new vault."""
    session = begin(world.context, vault, "us-east-1", lacking)
    service = Service(session)
    service("CreateSecret", Name=SECRET, SecretString=VALUE)
    yield Rotator(service)
    session.recorder.journal.close()


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[postgres.Server]:
    """A PostgreSQL server that is running."""
    server = postgres.Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgres_server(running_postgres: postgres.Server) -> postgres.Server:
    """The server with a role ``app`` that owns a table, as at the beginning."""
    running_postgres.make_role()
    return running_postgres


@pytest.fixture(scope="session")
def running_mariadb() -> Iterator[mariadb.Server]:
    """A MariaDB server that is running."""
    server = mariadb.Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def mariadb_server(running_mariadb: mariadb.Server) -> Iterator[mariadb.Server]:
    """The server with a user ``app`` who may read a table, as at the beginning."""
    running_mariadb.make_user()
    yield running_mariadb
    gc.collect()  # connections that failed in this test, not in another one


def credential_for(machine: Machine, pattern: str) -> dict[str, str]:
    """Return the credential of a new user who may do all with the secrets of *pattern* alone."""
    machine("iam", "create-user", "--user-name", "mal")
    own = f"arn:aws:secretsmanager:*:*:secret:{pattern}"
    statement = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": own}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    named = ("--user-name", "mal", "--policy-name", "p", "--policy-document", document)
    assert machine("iam", "put-user-policy", *named).status == 0
    key = json.loads(machine("iam", "create-access-key", "--user-name", "mal").stdout)["AccessKey"]
    return {
        "SECRETCTL_ACCESS_KEY_ID": key["AccessKeyId"],
        "SECRETCTL_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
