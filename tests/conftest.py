"""What all tests share: an isolated home, a vault in it, and a clock that can be set."""

import gc
import io
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from secretctl.cli import making, opening
from secretctl.context import CHEAPEST, Context
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.vault.header import Header
from secretctl.vault.vault import Vault

# A shell starts what runs in its background with these ignored, nohup the last one, and every child
# inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# No property is about time, which depends on what else the machine does. Which examples are tried
# depends on the test alone, so that a change is not blamed for what was there before; the full run
# looks for new ones.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("SECRETCTL_TEST_FULL") != "1",
)
settings.load_profile("any machine")

START_MS = 1_700_000_000_123
DAY_MS = 86_400_000
MOST_LEFT = 4
LONGEST = (
    *("test_scripts", "test_supervise", "test_readme", "test_restore", "test_ssh_key"),
    *("test_power_loss", "test_recipes", "test_engine_killed", "test_canary", "test_mysql"),
    *("test_watching", "test_database_killed", "test_state_machine", "test_policy_files"),
    *("test_supervise_terminal", "test_exec_watch_process", "test_tampering", "test_executable"),
)
"""Files that take 10 s and more, the longest first."""

ENDPOINT = "endpoint"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now_ms = START_MS

    def __call__(self) -> int:
        """Return the time, milliseconds since 1970."""
        return self.now_ms

    def pass_days(self, days: float) -> None:
        """Let *days* pass."""
        self.now_ms += int(days * DAY_MS)

    def pass_ms(self, milliseconds: int) -> None:
        """Let milliseconds pass."""
        self.now_ms += milliseconds


class World(NamedTuple):
    """An isolated home and what a process in it is given."""

    home: Path
    context: Context
    clock: Clock
    ending: ExitStack
    """Gives back what is open, when the test has ended."""

    def begin(self, vault: Vault, region: str = "us-east-1") -> Session:
        """Begin a session of *vault*; both are given back when the test has ended."""
        self.ending.callback(vault.close)
        session = begin(self.context, vault, region)
        self.ending.callback(session.recorder.release)
        return session

    @property
    def directory(self) -> str:
        """The default vault's directory."""
        return str(self.home / ".local/share/secretctl/default")


class Service:
    """The operations of a vault, called as a face calls them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(self, operation: str, **parameters: object) -> dict[str, object]:
        """Call *operation*; a ClientRequestToken is filled in as every client does."""
        declared = BY_NAME[operation]
        for member in declared.input:
            if member.idempotency_token and member.name not in parameters:
                parameters[member.name] = token()
        return call(self.session, declared, parameters)

    def raw(self, operation: str, **parameters: object) -> dict[str, object]:
        """Call *operation* with exactly these parameters."""
        return call(self.session, BY_NAME[operation], parameters)

    def in_region(self, region: str) -> "Service":
        """Return the operations of another region of the same vault."""
        return Service(self.session._replace(region=region))


@contextmanager
def operating(context: Context, vault: Vault, region: str = "us-east-1") -> Iterator[Service]:
    """Give the operations of an open vault; afterwards its journal is given back."""
    session = begin(context, vault, region)
    try:
        yield Service(session)
    finally:
        session.recorder.release()


def token() -> str:
    """Return a new ClientRequestToken."""
    return os.urandom(16).hex()


def world_in(home: Path) -> World:
    """Return a world whose home is *home*, which is made."""
    home.mkdir(mode=0o700)
    clock = Clock()
    context = Context(
        environ={"HOME": str(home), "PATH": os.environ["PATH"]},
        stdin=io.StringIO(),
        stdout=io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True),
        stderr=io.StringIO(),
        now_ms=clock,
        random=os.urandom,
        kdf=CHEAPEST,
        interactive=False,
    )
    return World(home, context, clock, ExitStack())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: no process is left alone with one in the end."""
    items.sort(key=lambda item: (*LONGEST, item.path.stem).index(item.path.stem))


def pytest_collection_finish() -> None:
    """Keep what was collected from being looked through for garbage, time and again, by tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def descriptors_given_back() -> Iterator[None]:
    """Let no test leave more than a few descriptors open: a session of a vault has five."""
    before = _descriptors()
    yield
    if _descriptors() - before > MOST_LEFT:
        gc.collect()  # what only a cycle holds is nobody's fault
        for thread in threading.enumerate():
            if thread.name == ENDPOINT:  # it ends by itself, a second after it was left
                thread.join(5)
        left = _descriptors() - before
        assert left <= MOST_LEFT, f"{left} descriptors were left open"


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty home."""
    made = world_in(tmp_path / "home")
    with made.ending:
        yield made


@pytest.fixture
def vault(world: World) -> Iterator[Vault]:
    """A new vault with a key file."""
    made = making.make_vault(world.directory, world.context)
    yield made.vault
    made.vault.close()


@pytest.fixture
def service(world: World, vault: Vault) -> Iterator[Service]:
    """The operations of a new vault in us-east-1."""
    with operating(world.context, vault) as service:
        yield service


def change_slots(world: World, vault: Vault, change: Callable[[Header], Header]) -> Header:
    """Replace the unlock slots of an open vault by what *change* makes of them."""
    with operating(world.context, vault) as service, writing(service.session) as transaction:
        return vault.change_header(transaction, change)


@pytest.fixture
def reopen(world: World) -> Callable[[], Vault]:
    """Open the vault again, as another process would."""
    return lambda: opening.open_vault(world.directory, world.context)
