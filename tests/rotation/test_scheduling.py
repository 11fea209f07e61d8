"""The scheduler of a server: what it begins, and what it leaves alone."""

import json
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Thread

import pytest

from secretctl.domain.secret import Secret
from secretctl.errors import ConfigError, SecretctlError, ServiceError, VaultDamagedError
from secretctl.rotation import functions
from secretctl.rotation.background import Background, Work
from secretctl.rotation.scheduling import Scheduler
from secretctl.rotation.steps import Function, RotationError
from secretctl.server.turns import Turns
from secretctl.service import due, rotating
from secretctl.service.opening import begin
from secretctl.service.session import Session
from secretctl.vault.vault import LockedVault, Vault
from tests.conftest import World, operating
from tests.rotation.conftest import BUILTIN, Rotator, lacking
from tests.service.conftest import Other, Told, given_key

DAILY = {"AutomaticallyAfterDays": 1}
REGION = "us-east-1"
OF_A_SESSION = 2
"""Records that are opened besides: the state of the vault."""


def of_builtins(_: Session, secret: Secret) -> Function | None:
    """Return the function of a secret, of those that come with us."""
    return functions.named(secret.rotation.function if secret.rotation else "")


class Scheduled:
    """A scheduler over a vault that this thread has."""

    def __init__(
        self, session: Session, find: Callable[[Session, Secret], Function | None]
    ) -> None:
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.turns = Turns(self._queue.put)
        self.troubles: list[BaseException] = []
        self.background = Background(self.troubles.append)
        session = session._replace(take=self.turns.take)
        self.scheduler = Scheduler(session, self.background, find, self.troubles.append)

    def look(self) -> None:
        """Look once, and let what that begins come to its end."""
        thread = Thread(target=self._looked)
        thread.start()
        self._give_turns(thread.is_alive)
        self._give_turns(lambda: self.count("running") + self.count("waiting") > 0)

    def count(self, name: str) -> int:
        """Return what is counted under a name."""
        return self.background.gauges()[f"secretctl_rotations_{name}"][0]

    def _looked(self) -> None:
        try:
            self.scheduler.look()
        except ConfigError as error:
            self.troubles.append(error)

    def _give_turns(self, lasts: Callable[[], bool]) -> None:
        while lasts():
            try:
                self._queue.get(timeout=0.01)()
            except Empty:
                continue


@pytest.fixture
def scheduled(rotator: Rotator) -> Iterator[Scheduled]:
    """Looks into the vault of the rotator."""
    made = Scheduled(rotator.service.session, of_builtins)
    yield made
    made.turns.close()


def test_what_is_due_is_rotated_and_nothing_else(
    rotator: Rotator, scheduled: Scheduled, world: World
) -> None:
    """In every region; then it is due no more."""
    rotator.rotate(rotator.begin(RotationRules=DAILY))
    elsewhere = rotator.service.in_region("eu-north-1")
    elsewhere("CreateSecret", Name="there", SecretString="v")
    scheduled.look()
    assert scheduled.count("succeeded_total") == 0
    world.clock.pass_days(1)
    elsewhere("RotateSecret", SecretId="there", RotationLambdaARN=BUILTIN)
    scheduled.look()
    scheduled.look()
    assert (scheduled.count("succeeded_total"), scheduled.troubles) == (2, [])
    assert elsewhere("GetSecretValue", SecretId="there")["SecretString"] != "v"


def test_more_than_a_page_is_looked_at(
    rotator: Rotator, scheduled: Scheduled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few at a time, so that requests come between."""
    monkeypatch.setattr(due, "_AT_A_TIME", 2)
    for number in range(5):
        rotator.service("CreateSecret", Name=f"n{number}", SecretString="v")
    rotator.service("RotateSecret", SecretId="n4", RotationLambdaARN=BUILTIN)
    scheduled.look()
    assert scheduled.count("succeeded_total") == 1


def test_a_function_that_is_not_known_is_told_of_once(rotator: Rotator, world: World) -> None:
    """Nothing is asked of the vault for it, and nothing recorded."""
    rotator.begin()
    scheduled = Scheduled(rotator.service.session, lambda _session, _secret: None)
    told = Told(world)
    told.lines()
    scheduled.look()
    scheduled.look()
    (trouble,) = scheduled.troubles
    assert str(trouble).startswith("1 secret is due by a rotation function that is not registered")
    assert scheduled.scheduler.unknown == 1
    assert told.lines() == []
    scheduled.turns.close()


def test_what_is_refused_is_asked_for_further_and_further_apart(
    rotator: Rotator, vault: Vault, world: World
) -> None:
    """Who may not rotate a secret does not fill the journal with it: a minute, five, thirty."""
    rotator.begin()
    with operating(world.context, vault) as service:
        iam = Other(service.session, "iam")
        iam("CreateUser", UserName="nobody")
        given = given_key(iam, "nobody")
    opened = LockedVault(world.directory).unlock_with(given, world.context.random)
    assert opened is not None
    session = begin(world.context, opened, REGION, lacking)
    scheduled = Scheduled(session, of_builtins)
    told = Told(world)
    told.lines()
    asked = []
    for _ in range(40):
        scheduled.look()
        names = [json.loads(line)["eventName"] for line in told.lines()]
        asked.append(names.count("RotateSecret"))
        world.clock.pass_ms(60_000)
    assert [minute for minute, count in enumerate(asked) if count] == [0, 1, 6, 36]
    assert all(isinstance(each, ServiceError) for each in scheduled.troubles)
    session.close()


def test_what_is_wrong_with_one_function_keeps_no_other_waiting(rotator: Rotator) -> None:
    """It is told, and the secrets behind it are rotated."""
    rotator.service("CreateSecret", Name="other", SecretString="v")
    rotator.begin()
    rotator.service("RotateSecret", SecretId="other", RotationLambdaARN=BUILTIN)

    def find(session: Session, secret: Secret) -> Function | None:
        if secret.name == "other":
            return of_builtins(session, secret)
        raise ConfigError("a table has no meaning")

    scheduled = Scheduled(rotator.service.session, find)
    scheduled.look()
    assert [str(each) for each in scheduled.troubles] == ["a table has no meaning"]
    assert scheduled.count("succeeded_total") == 1
    scheduled.turns.close()


def test_what_keeps_it_from_looking_is_told_once(
    scheduled: Scheduled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it stays the same."""
    damage: list[SecretctlError] = [VaultDamagedError("one"), VaultDamagedError("one")]
    damage += [VaultDamagedError("two")]
    looked: list[int] = []

    def broken(*_: object) -> None:
        looked.append(1)
        if not damage:
            scheduled.scheduler.stop()
            return
        raise damage.pop(0)

    monkeypatch.setattr("secretctl.rotation.scheduling._EVERY_S", 0.01)
    monkeypatch.setattr(Scheduler, "look", broken)
    scheduled.scheduler.start()
    ends = time.monotonic() + 10
    while len(looked) < 4 and time.monotonic() < ends:
        time.sleep(0.01)
    assert [str(each) for each in scheduled.troubles] == ["one", "two"]


def wait_for_running(background: Background, count: int) -> None:
    """Wait until so many rotations run."""
    ends = time.monotonic() + 10
    while background.gauges()["secretctl_rotations_running"][0] < count:
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_secret_is_never_twice_in_the_background() -> None:
    """Neither while it waits nor while it runs; and after the end nothing is begun."""
    background = Background(lambda _: None)
    gate: SimpleQueue[None] = SimpleQueue()

    def run() -> bool:
        gate.get()
        return True

    work = Work(1, Function("t", lambda _: None), run)
    assert background.begin(work)
    assert not background.begin(work)
    assert background.begin(work._replace(number=2))
    wait_for_running(background, 2)
    background.end(0)
    assert not background.begin(work._replace(number=3))
    gate.put(None)
    gate.put(None)
    background.give_up()
    assert background.gauges()["secretctl_rotations_running"][0] == 0
    assert background.gauges()["secretctl_rotations_succeeded_total"][0] == 2


def test_what_runs_too_long_is_broken_off() -> None:
    """By the function itself, which is told to stop; nothing has failed."""
    gate: SimpleQueue[None] = SimpleQueue()
    troubles: list[BaseException] = []
    background = Background(troubles.append)

    def run() -> bool:
        gate.get()
        raise RotationError("its function was ended")

    function = Function("t", lambda _: None, stop=lambda: gate.put(None))
    background.begin(Work(1, function, run))
    wait_for_running(background, 1)
    background.end(10)
    background.end(10)
    began = time.monotonic()
    background.wait()
    background.give_up()
    assert time.monotonic() - began < 5
    assert background.gauges()["secretctl_rotations_running"][0] == 0


def test_looking_opens_each_record_once_and_no_value(
    rotator: Rotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is looked for stands in the record of the secret alone."""
    for number in range(9):
        rotator.service("CreateSecret", Name=f"n{number}", SecretString="v")
        rotator.service("RotateSecret", SecretId=f"n{number}", RotationLambdaARN=BUILTIN)
    session = rotator.service.session
    keys, opened = session.vault.keys, []
    usual = keys.open_metadata

    def counting(where: bytes, stored: bytes) -> bytes:
        opened.append(stored)
        return usual(where, stored)

    monkeypatch.setattr(keys, "open_metadata", counting)
    monkeypatch.setattr(keys, "open_value", None)
    assert len(due.found_from(session, b"").secrets) == 9
    assert len(opened) == len(set(opened)) == 10
    opened.clear()
    assert len(rotating.rotated(session)) == 9
    assert len(opened) <= 10 + OF_A_SESSION


def test_a_vault_that_is_as_it_was_is_not_looked_through_again(
    rotator: Rotator, scheduled: Scheduled, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until something is due, or changed by whomever; what is left to others is looked for."""
    rotator.rotate(rotator.begin(RotationRules=DAILY))
    scheduled.look()
    looked: list[bytes] = []
    usual = due.found_from

    def counting(session: Session, after: bytes) -> due.Due:
        looked.append(after)
        return usual(session, after)

    monkeypatch.setattr(due, "found_from", counting)
    scheduled.look()
    assert looked == []
    rotator.service("CreateSecret", Name="other", SecretString="v")
    scheduled.look()
    scheduled.look()
    assert looked == [b""]
    world.clock.pass_days(1)
    scheduled.look()
    assert (len(looked), scheduled.count("succeeded_total")) == (2, 1)
    scheduled.look()
    scheduled.look()
    assert len(looked) == 3
