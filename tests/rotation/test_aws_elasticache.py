"""AWS's own function for users of ElastiCache, unmodified, with a real Redis server behind it.

It calls another service of AWS than Secrets Manager, where the function's ``env`` says that it is.
"""

from collections.abc import Iterator

import pytest

from secretctl.rotation.python_function import prepared
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function, RotationError
from tests.rotation.conftest import BUILTIN, SECRET, OfServer, Rotator
from tests.rotation.elasticache import ElastiCache, elasticache
from tests.rotation.redis_server import IS_HERE, Server
from tests.rotation.test_aws_functions import FOLDER, registered, world

__all__ = ["world"]
pytestmark = [
    pytest.mark.skipif(
        not FOLDER, reason="AWS'S OWN FUNCTIONS ARE NOT TRIED: set SECRETCTL_AWS_LAMBDAS"
    ),
    pytest.mark.skipif(not IS_HERE, reason="Redis is not installed"),
]
NAME = "ElasticacheUserRotation"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with a user ``app``, whose password nobody knows."""
    server = Server()
    server.start()
    server.make_user("app", ">nobody-knows", "~app:*", "+get", "+set")
    yield server
    server.remove()


@pytest.fixture
def service(server: Server) -> Iterator[ElastiCache]:
    """What the function takes for ElastiCache."""
    with elasticache(server, "app-user", "app") as service:
        yield service


class OfElastiCache(OfServer):
    """Rotates the secret of a user of ElastiCache by AWS's function."""

    def __init__(self, rotator: Rotator, service: ElastiCache, **more: str) -> None:
        super().__init__(rotator, BUILTIN)
        self.put_value(SECRET, username="app", user_arn=service.arn)
        env = {"SECRET_ARN": self.arn, "USER_NAME": "app", "WAITING_RETRY_INTERVAL_IN_SECONDS": "0"}
        self.registered: Registered = registered(rotator, NAME)._replace(
            env=tuple({**env, **more}.items())
        )

    @property
    def function(self) -> Function:
        """What rotates it."""
        return prepared(self.service.session, self.registered, self.kept("").secret)


def test_the_function_rotates_three_times(
    rotator: Rotator, server: Server, service: ElastiCache
) -> None:
    """The credential from before is good for another period, and then refused."""
    of = OfElastiCache(rotator, service, AWS_ENDPOINT_URL_ELASTICACHE=service.url)
    of.rotate(of.begin())
    older = ("app", "nobody-knows")
    for _ in range(2):
        before = of.login
        of.rotate(of.begin())
        assert server.opens(*of.login, "SET", "app:1", "x")
        assert server.opens(*before)
        assert not server.opens(*older)
        older = before
    assert service.asked.count("ModifyUser") == 3


def test_without_a_place_for_it_the_other_service_is_refused(
    rotator: Rotator, server: Server, service: ElastiCache
) -> None:
    """It is not looked for at AWS; the rotation stops before anything is made."""
    of = OfElastiCache(rotator, service)
    version = of.begin()
    with pytest.raises(RotationError, match=f"createSecret: the function {NAME} raised"):
        of.rotate(version)
    assert service.asked == []
    assert server.opens("app", "nobody-knows")
    assert not of.kept(version).is_filled
