"""AWS's own rotation functions, unmodified, against a real server.

SECRETCTL_AWS_LAMBDAS names a checkout of aws-samples/aws-secrets-manager-rotation-lambdas, and
SECRETCTL_AWS_LAMBDAS_PYTHON an interpreter that has boto3, PyGreSQL and PyMySQL; the tests' own by
default.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from secretctl.rotation.python_function import prepared
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function, RotationError
from tests.conftest import World, world_in
from tests.faults.test_kill_recorded import real_time
from tests.rotation import mariadb
from tests.rotation.conftest import BUILTIN, SECRET, Rotator
from tests.rotation.databases import MASTER, OfMySql, OfPostgres
from tests.rotation.postgres import IS_HERE, Server

FOLDER = os.environ.get("SECRETCTL_AWS_LAMBDAS", "")
PYTHON = os.environ.get("SECRETCTL_AWS_LAMBDAS_PYTHON", sys.executable)
pytestmark = [
    pytest.mark.skipif(
        not FOLDER, reason="AWS'S OWN FUNCTIONS ARE NOT TRIED: set SECRETCTL_AWS_LAMBDAS"
    ),
    pytest.mark.skipif(not IS_HERE, reason="PostgreSQL is not installed"),
    # PyMySQL leaves the socket of a connection that fails to whoever collects garbage.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the functions have, which sign their requests."""
    return real_time(world_in(tmp_path / "home"))


def registered(rotator: Rotator, name: str) -> Registered:
    """Return one of AWS's functions, which may read the master's secret.

    It is a copy, as it is: a checkout may be one that a group can write to, which is refused.
    """
    path = Path(rotator.service.session.vault.directory).parent / f"{name}.py"
    shutil.copyfile(Path(FOLDER, f"SecretsManager{name}", "lambda_function.py"), path)
    path.chmod(0o600)
    return Registered(name, str(path), python=PYTHON, read=(MASTER,))


class OfAws(OfPostgres):
    """Rotates the secret that opens a PostgreSQL server by one of AWS's functions."""

    def __init__(self, rotator: Rotator, server: Server, name: str) -> None:
        super().__init__(rotator, server, BUILTIN)
        self.registered = registered(rotator, name)

    @property
    def function(self) -> Function:
        """What rotates it."""
        return prepared(self.service.session, self.registered, self.kept("").secret)


@pytest.mark.parametrize(
    ("name", "engine_name"),
    [
        ("RDSPostgreSQLRotationSingleUser", "postgres"),
        ("RedshiftRotationSingleUser", "redshift"),
    ],
)
def test_a_function_for_one_role_rotates_three_times(
    rotator: Rotator, postgres_server: Server, name: str, engine_name: str
) -> None:
    """The old password is refused, the new one opens."""
    of = OfAws(rotator, postgres_server, name)
    of.put(engine=engine_name, ssl=False, dbname="postgres")
    before = of.login
    for _ in range(3):
        of.rotate(of.begin())
        assert postgres_server.opens(*of.login)
        assert not postgres_server.opens(*before)
        before = of.login


def test_the_function_for_two_roles_rotates_three_times(
    rotator: Rotator, postgres_server: Server
) -> None:
    """The credential from before is good for another period."""
    of = OfAws(rotator, postgres_server, "RDSPostgreSQLRotationMultiUser")
    master = str(rotator.service("DescribeSecret", SecretId=MASTER)["ARN"])
    of.put(ssl=False, dbname="postgres", masterarn=master)
    names = []
    for _ in range(3):
        before = of.login
        of.rotate(of.begin())
        names.append(of.login[0])
        assert postgres_server.opens(*of.login)
        assert postgres_server.opens(*before)
    assert names == ["app_clone", "app", "app_clone"]


def test_the_template_is_refused_where_it_says_that_it_is_one(
    rotator: Rotator, postgres_server: Server
) -> None:
    """Its setSecret is not implemented; createSecret has made a value by then."""
    of = OfAws(rotator, postgres_server, "RotationTemplate")
    version = of.begin()
    with pytest.raises(RotationError, match="setSecret: the function RotationTemplate raised"):
        of.rotate(version)
    pending = of.service(
        "GetSecretValue", SecretId=SECRET, VersionId=version, VersionStage="AWSPENDING"
    )
    assert "password" not in json.dumps(of.labels)
    assert pending["VersionStages"] == ["AWSPENDING"]


class OfAwsForMariaDb(OfMySql):
    """Rotates the secret that opens a MariaDB server by one of AWS's functions."""

    def __init__(self, rotator: Rotator, server: mariadb.Server, name: str) -> None:
        super().__init__(rotator, server, BUILTIN)
        self.registered = registered(rotator, name)

    @property
    def function(self) -> Function:
        """What rotates it."""
        return prepared(self.service.session, self.registered, self.kept("").secret)


@pytest.mark.skipif(not mariadb.IS_HERE, reason="MariaDB is not installed")
@pytest.mark.parametrize("kind", ["RDSMySQL", "RDSMariaDB"])
@pytest.mark.parametrize("users", ["Single", "Multi"])
def test_functions_for_mysql_and_mariadb_rotate_three_times(
    rotator: Rotator, kind: str, users: str
) -> None:
    """One user, whose old password is refused, or two in turn."""
    if mariadb.MYSQLD and (kind == "RDSMariaDB" or not mariadb.is_mysql_8()):
        pytest.skip("it knows MariaDB, and of MySQL 8 alone")
    server = mariadb.Server()
    server.start()
    try:
        server.execute("CREATE USER app@'%' IDENTIFIED BY 'first'", "CREATE DATABASE shop")
        server.execute("GRANT SELECT ON shop.* TO app@'%'")
        of = OfAwsForMariaDb(rotator, server, f"{kind}Rotation{users}User")
        engine_name = "mysql" if kind == "RDSMySQL" else "mariadb"
        place = {"engine": engine_name, "host": "127.0.0.1", "port": server.port, "ssl": False}
        owner = {"username": mariadb.MASTER, "password": mariadb.MASTER_PASSWORD}
        of.put_value(MASTER, **place, **owner)
        arn = str(rotator.service("DescribeSecret", SecretId=MASTER)["ARN"])
        of.put(**place, masterarn=arn)
        for _ in range(3):
            before = of.login
            of.rotate(of.begin())
            assert server.opens(*of.login)
            assert server.opens(*before) == (users == "Multi")
    finally:
        server.remove()
