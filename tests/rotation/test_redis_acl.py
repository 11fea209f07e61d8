"""``builtin/redis-acl`` with a real server."""

import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from secretctl.rotation import engine
from secretctl.rotation.steps import FINISH, STEPS, RotationError, Step
from tests.rotation.conftest import SECRET, OfServer, Rotator
from tests.rotation.redis_server import IS_HERE, MASTER, MASTER_PASSWORD, Server

pytestmark = pytest.mark.skipif(not IS_HERE, reason="Redis is not installed")
NAME = "builtin/redis-acl"
RIGHTS = ("~app:*", "+get", "+set")
MASTERS_RIGHTS = (
    *("+acl|getuser", "+acl|setuser", "+acl|dryrun", "+acl|save"),
    *("+config|get", "+config|rewrite", "+info"),
)
"""What the page says that a master needs, in either case."""

SETS = ("SET", "app:1", "x")
Started = Callable[..., Server]


def with_users(server: Server) -> Server:
    """Start a server and make ``app`` and the master there."""
    server.start()
    server.make_user("app", ">first", *RIGHTS)
    server.make_user(MASTER, f">{MASTER_PASSWORD}", *MASTERS_RIGHTS)
    server.keep()
    return server


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    """A server that is running, and keeps its users in a file."""
    server = with_users(Server())
    yield server
    server.remove()


@pytest.fixture
def server(shared: Server) -> Server:
    """The server with a user ``app`` who may do little, as at the beginning."""
    shared.make_user("app", ">first", *RIGHTS)
    shared.make_user(MASTER, f">{MASTER_PASSWORD}", *MASTERS_RIGHTS)
    shared.keep()
    shared.execute("ACL", "LOG", "RESET")
    return shared


@pytest.fixture
def started() -> Iterator[Started]:
    """Starts servers of their own, which are gone after the test."""
    made: list[Server] = []

    def start(**how: str) -> Server:
        made.append(Server(**how))
        return with_users(made[-1])

    yield start
    for each in made:
        each.remove()


class OfRedis(OfServer):
    """Rotates the secret that opens a Redis server, by a master unless told otherwise."""

    def __init__(self, rotator: Rotator, server: Server, **more: object) -> None:
        super().__init__(rotator, NAME)
        self.server = server
        self.put_master()
        self.put(**more)

    def put_master(self, **more: object) -> None:
        """Put the master's secret by hand."""
        boss = {"username": MASTER, "password": MASTER_PASSWORD}
        self.put_value("master", **{**self.server.place, **boss, **more})

    def put(self, **more: object) -> None:
        """Put the secret by hand."""
        app = {"username": "app", "password": "first", "masterarn": "master", "note": "kept"}
        self.put_value(SECRET, **{**self.server.place, **app, **more})

    def turn(self) -> tuple[str, str]:
        """Rotate once; return the login from before."""
        before = self.login
        self.rotate(self.begin())
        return before

    def check(self) -> None:
        """Find out what is missing."""
        engine.check(self.service.session, SECRET, self.function)


@pytest.fixture
def of(rotator: Rotator, server: Server) -> OfRedis:
    """Rotates ``app``."""
    return OfRedis(rotator, server)


def test_the_password_before_is_good_for_one_period(of: OfRedis) -> None:
    """And the one before that is refused; what the user may do, and the value's rest, is kept."""
    rules = of.server.rules("app")
    older = ("app", "never")
    for _ in range(3):
        before = of.turn()
        assert of.server.opens(*of.login, *SETS)
        assert of.server.opens(*before, *SETS)
        assert not of.server.opens(*older)
        assert not of.server.opens(*of.login, "SET", "other", "x")
        older = before
    assert of.server.rules("app") == rules
    assert json.loads(of.value())["note"] == "kept"
    assert not set(of.login[1]) & set(":?#[]%/@")


def test_a_password_that_was_added_by_hand_goes(of: OfRedis) -> None:
    """As with AWS's function for ElastiCache: the user has two afterwards, whatever it had."""
    of.server.execute("ACL", "SETUSER", "app", ">another")
    before = of.turn()
    assert not of.server.opens("app", "another")
    assert of.server.opens(*before)
    assert of.server.opens(*of.login)


def test_who_is_connected_stays_so(of: OfRedis) -> None:
    """A rotation ends nobody's connection."""
    with socket.create_connection(("127.0.0.1", of.server.port), timeout=5) as client:
        client.sendall(b"AUTH app first\r\n")
        assert client.recv(100) == b"+OK\r\n"
        for _ in range(3):
            of.turn()
        client.sendall(b"SET app:2 x\r\n")
        assert client.recv(100) == b"+OK\r\n"


def test_no_password_is_seen_or_written_by_the_server(of: OfRedis) -> None:
    """Neither by MONITOR, nor in the slow log of all commands, the log of ACLs, or any file."""
    with of.server.monitored() as seen:
        of.turn()
        assert of.server.opens(*of.login, *SETS)
    assert any("SET" in line for line in seen)
    told = [*seen, of.server.written, str(of.server.execute("SLOWLOG", "GET", "-1"))]
    told.append(str(of.server.execute("ACL", "LOG")))
    assert not any(secret in each for each in told for secret in (of.login[1], MASTER_PASSWORD))


def test_a_new_password_is_sent_to_log_in_alone(of: OfRedis) -> None:
    """The server is told its SHA-256; older ones do not keep commands out of their slow log."""
    with of.server.overheard() as (port, sent):
        of.put(port=port)
        of.put_master(port=port)
        of.turn()
    user, password = of.login
    assert (
        bytes(sent).count(b"AUTH\r\n$3\r\n%b\r\n$32\r\n%b" % (user.encode(), password.encode()))
        == 1
    )
    assert bytes(sent).count(password.encode()) == 1
    assert b"SETUSER" in sent


def test_nobody_is_refused_on_the_way(of: OfRedis) -> None:
    """The log of ACLs, which people watch, has no entry of a rotation or its check."""
    of.check()
    for _ in range(2):
        of.turn()
    assert of.server.execute("ACL", "LOG") == []


def test_clients_are_never_refused(of: OfRedis) -> None:
    """Whoever reads AWSCURRENT and logs in at once gets in, during many rotations."""
    refused: list[str] = []
    done = threading.Event()
    logins = [of.login]

    def client() -> None:
        while not done.wait(0.002):
            if not of.server.opens(*logins[-1]):
                refused.append(logins[-1][0])

    thread = threading.Thread(target=client)
    thread.start()
    try:
        for _ in range(10):
            of.turn()
            logins.append(of.login)
    finally:
        done.set()
        thread.join()
    assert refused == []


@pytest.mark.parametrize("keeps", ["users", "configuration"])
def test_the_password_outlasts_a_restart(rotator: Rotator, started: Started, keeps: str) -> None:
    """In the file of users, or in the configuration where there is none."""
    server = started(keeps=keeps)
    of = OfRedis(rotator, server)
    of.check()
    of.turn()
    before = of.turn()
    server.stop()
    server.start()
    assert server.opens(*of.login, *SETS)
    assert server.opens(*before, *SETS)
    assert not server.opens("app", "first")


def test_a_server_that_keeps_nothing_is_said_before_anything_changes(
    rotator: Rotator, started: Started
) -> None:
    """Unless the value says that it need not."""
    server = started(keeps="")
    of = OfRedis(rotator, server)
    with pytest.raises(RotationError, match="it would fail: the server would forget the password"):
        of.check()
    version = of.begin()
    with pytest.raises(RotationError, match="setSecret: the server would forget the password"):
        of.rotate(version)
    assert server.passwords("app") == server.passwords_of("first")
    of.put(persist=False)
    of.check()
    of.turn()
    assert server.opens(*of.login)


def test_a_user_may_give_itself_its_password(rotator: Rotator, server: Server) -> None:
    """Where it is allowed to and no master is named."""
    server.execute("ACL", "SETUSER", "app", "+acl|getuser", "+acl|setuser", "+acl|save")
    server.execute("ACL", "SETUSER", "app", "+config|get")
    of = OfRedis(rotator, server, masterarn="")
    of.check()
    older = of.turn()
    before = of.turn()
    assert server.opens(*of.login, *SETS)
    assert server.opens(*before, *SETS)
    assert not server.opens(*older)


@pytest.mark.parametrize("lacking", ["acl|getuser", "acl|setuser", "acl|save", "config|get"])
def test_what_whoever_changes_it_may_not_do_is_said(of: OfRedis, lacking: str) -> None:
    """By the check, with the rule to be added; the rotation stops there and leaves no password."""
    of.server.execute("ACL", "SETUSER", MASTER, f"-{lacking}")
    command = lacking.replace("|", " ").upper()
    said = f"whoever changes the password may not use {command}"
    with pytest.raises(RotationError, match=f"it would fail: {said}") as caught:
        of.check()
    assert f"+{lacking}" in caught.value.hints[0]
    version = of.begin()
    with pytest.raises(RotationError, match=said):
        of.rotate(version)
    assert of.server.passwords("app") == of.server.passwords_of("first")
    of.server.execute("ACL", "SETUSER", MASTER, f"+{lacking}")
    of.rotate(version)
    assert of.server.opens(*of.login)


def test_a_file_that_cannot_be_written_is_said_and_the_next_try_writes_it(
    rotator: Rotator, started: Started
) -> None:
    """Both passwords are good meanwhile."""
    server = started()
    of = OfRedis(rotator, server)
    version = of.begin()
    with server.unwritable(), pytest.raises(RotationError, match="the server refused ACL SAVE"):
        of.rotate(version)
    assert server.opens(*of.login)
    of.rotate(version)
    server.stop()
    server.start()
    assert server.opens(*of.login)


@pytest.mark.parametrize("where", [*STEPS, "end"])
def test_whatever_is_cut_off_is_finished_by_the_next_try(of: OfRedis, where: str) -> None:
    """The credential of the server is the current one's or the pending one's, never neither."""
    version = of.begin()

    class CutOffError(BaseException):
        pass

    def run(step: Step) -> None:
        if step.name != FINISH or where != "end":
            of.function.run(step)
        if step.name == where or (step.name == FINISH and where == "end"):
            raise CutOffError

    with pytest.raises(CutOffError):
        engine.rotate(
            of.service.session, of.arn, version, of.function._replace(run=run), lambda _: None
        )
    assert of.server.opens(*of.login)
    of.rotate(version)
    assert of.labels[version] == ["AWSCURRENT"]
    assert of.server.opens(*of.login)
    assert of.server.opens("app", "first")
    assert len(of.server.passwords("app")) == 2


def test_a_server_that_dies_before_it_has_kept_the_password_gets_it_again(
    rotator: Rotator, started: Started
) -> None:
    """The pending password was lost with its memory; the current one still opens it."""
    server = started()
    of = OfRedis(rotator, server)
    version = of.begin()
    with server.unwritable(), pytest.raises(RotationError):
        of.rotate(version)
    server.stop()
    with pytest.raises(RotationError, match="the server cannot be reached"):
        of.rotate(version)
    server.start()
    of.rotate(version)
    assert server.opens(*of.login)
    assert server.opens("app", "first")


@pytest.mark.parametrize(
    "word", ["AUTH", "GETUSER", "DRYRUN", "SETUSER", "*2\r\n$3\r\nACL\r\n$4\r\nSAVE"]
)
def test_a_server_that_is_killed_in_the_middle_gets_it_again(
    rotator: Rotator, started: Started, word: str
) -> None:
    """Before each of the commands; the current password is good when it is up again."""
    server = started()
    of = OfRedis(rotator, server)
    with server.overheard(dies_at=word) as (port, _):
        of.put(port=port)
        of.put_master(port=port)
        version = of.begin()
        with pytest.raises(RotationError, match="the rotation failed in setSecret: the server"):
            of.rotate(version)
        server.start()
        assert server.opens(*of.login)
        of.rotate(version)
    assert server.opens(*of.login)
    assert server.opens("app", "first")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"password": "wrong"}, "neither the new password nor the ones before it"),
        ({"username": "nobody"}, "neither the new password nor the ones before it"),
        ({"port": 1}, "the server cannot be reached"),
        ({"engine": "postgres"}, "the engine of the value must be redis"),
        ({"masterarn": "gone"}, "can't find the specified secret"),
        ({"masterarn": ""}, "whoever changes the password may not use ACL GETUSER"),
        ({"host": "localhost"}, "the master's secret is of another host"),
        ({"nodes": "localhost", "masterarn": ""}, "the key nodes must hold a list"),
        ({"nodes": [{"port": 1}], "masterarn": ""}, "a node needs the key host"),
        ({"nodes": [{"host": "localhost"}]}, "the master's secret is of other nodes"),
    ],
)
def test_what_is_wrong_with_the_value_is_named(
    of: OfRedis, more: dict[str, object], said: str
) -> None:
    """And never what it holds; nothing is changed."""
    for _ in range(2):  # the version before counts as well
        of.put(**more)
    if "port" in more:
        of.put_master(**more)
    with pytest.raises(RotationError, match=said) as caught:
        of.rotate(of.begin())
    assert "wrong" not in str(caught.value)
    assert of.server.passwords("app") == of.server.passwords_of("first")


@pytest.mark.parametrize(
    "more", [{"password": "wrong"}, {"username": "nobody"}, {"username": "app"}]
)
def test_a_wrong_master_is_said(of: OfRedis, more: dict[str, object]) -> None:
    """Before anything is begun, and in the rotation."""
    of.put_master(**more)
    with pytest.raises(
        RotationError, match="it would fail: the server refused the master's password"
    ):
        of.check()
    with pytest.raises(RotationError, match="setSecret: the server refused the master's password"):
        of.rotate(of.begin())


def test_a_user_without_a_password_is_not_rotated(of: OfRedis) -> None:
    """Any would open the server: the default user of a new one is such."""
    of.put(username="default", password="any")
    with pytest.raises(RotationError, match="it would fail: the server asks this user for no pass"):
        of.check()
    with pytest.raises(RotationError, match="setSecret: the server asks this user for no password"):
        of.rotate(of.begin())
    assert of.server.opens("default", "whatever")


def test_the_default_user_is_rotated_where_it_has_a_password(
    rotator: Rotator, started: Started
) -> None:
    """That of ``requirepass``, too, which counts no more after two rotations and a restart."""
    server = started(keeps="configuration")
    server.execute("CONFIG", "SET", "requirepass", "first")
    of = OfRedis(rotator, server, username="default", masterarn="")
    of.check()
    of.turn()
    before = of.turn()
    server.stop()
    server.start(password=of.login[1])
    assert server.opens(*of.login)
    assert server.opens(*before)
    assert not server.opens("default", "first")


def test_every_node_gets_the_password(rotator: Rotator, server: Server, started: Started) -> None:
    """Where one is down, its number is told; the next try sets it there as well."""
    other = started()
    nodes = [{"host": "127.0.0.1", "port": other.port}]
    of = OfRedis(rotator, server)
    of.put_master(nodes=nodes)
    of.put(nodes=nodes)
    of.check()
    before = of.turn()
    for each in (server, other):
        assert each.opens(*of.login)
        assert each.opens(*before)
    other.stop()
    with pytest.raises(RotationError, match="node 2 of 2: the server cannot be reached"):
        of.check()
    version = of.begin()
    with pytest.raises(RotationError, match="node 2 of 2: the server cannot be reached"):
        of.rotate(version)
    other.start()
    of.rotate(version)
    assert all(each.opens(*of.login) for each in (server, other))


def test_a_certificate_is_checked_where_the_value_says_so(
    rotator: Rotator, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an authority that nobody trusts, no password is sent to it."""
    server = started(tls="yes")
    of = OfRedis(rotator, server, ssl=True)
    version = of.begin()
    with pytest.raises(RotationError, match="has no certificate that is trusted"):
        of.rotate(version)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    of.put_master(ssl=True)
    of.rotate(version)
    assert server.opens(*of.login)
    of.put(password=of.login[1])  # without ssl: with TLS, if the server has it
    of.turn()
    of.put(password=of.login[1], ssl=False)
    with pytest.raises(RotationError, match="it may speak TLS alone"):
        of.turn()


def test_a_server_that_wants_certificates_of_clients_is_said(
    rotator: Rotator, started: Started
) -> None:
    """It is not served."""
    of = OfRedis(rotator, started(tls="clients"))
    with pytest.raises(RotationError, match="it may want a certificate of its clients"):
        of.check()
