"""Endpoints for the tests of this folder."""

from collections.abc import Iterator

import pytest
from botocore.credentials import Credentials
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from secretctl.context import of_process
from secretctl.server import endpoint
from secretctl.server.connections import Limits
from tests.conftest import world_in
from tests.server.clients import EVERYTHING, Home
from tests.server.served import Served, serving

SHORT = Limits(request_s=1.0, reading_s=2.0, connections=1100)
TOKEN = b"token-of-the-agent"


@pytest.fixture(autouse=True)
def _hung_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no connection to an endpoint that other tests use be left open."""
    yield
    for name in {"home", "either", "secured"} & set(request.fixturenames):
        found = request.getfixturevalue(name)
        if isinstance(found, Home):
            found.hang_up()
        (found.served if isinstance(found, Home) else found).wait_until_quiet()


@pytest.fixture(scope="module", params=[H11Protocol, HttpToolsProtocol])
def either(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """An endpoint with each of uvicorn's parsers, and short limits."""
    world = world_in(tmp_path_factory.mktemp("served") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoint, "_protocol", lambda: request.param)
        with serving(world, SHORT, token=TOKEN, has_metrics=True) as served:
            yield served
    assert served.troubles == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A vault with the clock of other programs, and its endpoint."""
    world = world_in(tmp_path_factory.mktemp("clients") / "home")
    world = world._replace(context=world.context._replace(now_ms=of_process().now_ms))
    with serving(world) as served:
        yield Home(served)
    assert served.troubles == []


@pytest.fixture(scope="module")
def root(home: Home) -> Credentials:
    """The access key of a user who may do everything."""
    return home.user("admin", EVERYTHING)
