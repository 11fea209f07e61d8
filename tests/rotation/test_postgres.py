"""``builtin/postgres`` and ``builtin/postgres-alternating`` with a real server."""

import json

import pytest

from secretctl.rotation import engine, functions, postgres
from secretctl.rotation.steps import FINISH, STEPS, RotationError, Step
from tests.rotation.conftest import SECRET, Rotator
from tests.rotation.databases import MASTER, OfPostgres
from tests.rotation.postgres import IS_HERE, Server

pytestmark = pytest.mark.skipif(not IS_HERE, reason="PostgreSQL is not installed")
SINGLE, ALTERNATING = "builtin/postgres", "builtin/postgres-alternating"


@pytest.fixture
def single(rotator: Rotator, postgres_server: Server) -> OfPostgres:
    """Rotates one role."""
    return OfPostgres(rotator, postgres_server, SINGLE)


@pytest.fixture
def alternating(rotator: Rotator, postgres_server: Server) -> OfPostgres:
    """Rotates two roles in turn."""
    return OfPostgres(rotator, postgres_server, ALTERNATING)


def test_one_role_gets_a_new_password_each_time(single: OfPostgres) -> None:
    """The old one is refused, the new one opens, all else of the value is kept."""
    before = single.login
    for _ in range(3):
        single.rotate(single.begin())
        assert single.server.opens(*single.login)
        assert not single.server.opens(*before)
        before = single.login
    value = json.loads(single.value())
    assert (value["note"], value["port"], value["username"]) == ("kept", single.server.port, "app")
    assert list(value)[:3] == ["engine", "host", "port"]


def test_no_password_is_in_the_log_of_the_server(single: OfPostgres) -> None:
    """A verifier is sent: every statement is logged here."""
    single.rotate(single.begin())
    assert "ALTER ROLE" in single.server.log
    assert single.login[1] not in single.server.log
    assert single.login[1] not in repr(single.service.session)


def test_two_roles_take_turns_and_the_one_before_still_opens(alternating: OfPostgres) -> None:
    """The clone is a member of the first role and may do what that may."""
    names = []
    for _ in range(4):
        before = alternating.login
        alternating.rotate(alternating.begin())
        names.append(alternating.login[0])
        assert alternating.server.opens(*alternating.login)
        assert alternating.server.opens(*before)
        with alternating.server.connect(*alternating.login) as connection:
            connection.execute("INSERT INTO items VALUES (1)")
    assert names == ["app_clone", "app", "app_clone", "app"]
    assert alternating.login[1] not in alternating.server.log


@pytest.mark.parametrize("more", ["", "NOINHERIT IN ROLE app"])
def test_a_role_that_only_has_the_name_of_a_clone_is_left_alone(
    alternating: OfPostgres, more: str
) -> None:
    """Its password stays; the check says so before anything is begun."""
    server, session = alternating.server, alternating.service.session
    server.execute(f"CREATE ROLE app_clone LOGIN PASSWORD 'theirs' {more}")
    with pytest.raises(RotationError, match="there is a role already") as caught:
        engine.check(session, SECRET, alternating.function)
    assert ("WITH INHERIT TRUE" in caught.value.hints[0]) == (server.version >= 16)
    version = alternating.begin()
    with pytest.raises(RotationError, match="there is a role already"):
        alternating.rotate(version)
    assert server.opens("app_clone", "theirs")
    server.execute("ALTER ROLE app_clone INHERIT")
    server.execute(f"GRANT app TO app_clone {'WITH INHERIT TRUE' if server.version >= 16 else ''}")
    engine.check(session, SECRET, alternating.function)
    alternating.rotate(version)
    with server.connect(*alternating.login) as connection:
        connection.execute("INSERT INTO items VALUES (1)")
    alternating.rotate(alternating.begin())
    assert alternating.login[0] == "app"


@pytest.mark.parametrize("name", [SINGLE, ALTERNATING])
@pytest.mark.parametrize("where", [*STEPS, "end"])
def test_whatever_is_cut_off_is_finished_by_the_next_try(
    rotator: Rotator, postgres_server: Server, name: str, where: str
) -> None:
    """The credential of the server is the current one's or the pending one's, never neither."""
    of = OfPostgres(rotator, postgres_server, name)
    function = functions.named(name)
    assert function is not None
    version = of.begin()

    class CutOffError(BaseException):
        pass

    def run(step: Step) -> None:
        if step.name != FINISH or where != "end":
            function.run(step)
        if step.name == where or (step.name == FINISH and where == "end"):
            raise CutOffError

    with pytest.raises(CutOffError):
        engine.rotate(
            of.service.session, of.arn, version, of.function._replace(run=run), lambda _: None
        )
    texts = [of.value()]
    if where != FINISH:
        texts.append(of.value(VersionId=version, VersionStage="AWSPENDING"))
    found = [json.loads(text) for text in texts]
    assert any(postgres_server.opens(each["username"], each["password"]) for each in found)
    of.rotate(version)
    assert of.labels[version] == ["AWSCURRENT"]
    assert postgres_server.opens(*of.login)


def test_a_server_that_is_down_or_a_standby_is_said_and_changes_nothing(rotator: Rotator) -> None:
    """The next try finds it up again; a standby lets everybody in, and nobody change anything."""
    server = Server()
    server.start()
    try:
        server.execute("CREATE ROLE app LOGIN PASSWORD 'first'")
        of = OfPostgres(rotator, server, SINGLE)
        server.stop()
        version = of.begin()
        with pytest.raises(RotationError, match="setSecret: the server cannot be reached"):
            of.rotate(version)
        server.start()
        of.rotate(version)
        assert server.opens(*of.login)
        server.stop()
        (server.folder / "data" / "standby.signal").touch()
        server.start()
        with pytest.raises(RotationError, match="the server is a standby") as caught:
            engine.check(of.service.session, SECRET, of.function)
        assert "the primary" in caught.value.hints[0]
    finally:
        server.remove()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"password": "wrong"}, "neither the new password nor the ones before it"),
        ({"dbname": "none"}, "neither the new password nor the ones before it"),
        ({"port": 1}, "the server cannot be reached"),
        ({"engine": "mysql"}, "the engine of the value must be postgres"),
        ({"host": ""}, "needs the key host"),
        ({"host": "db..example.com"}, "the host of the value can be none"),
        ({"host": "a" * 64 + ".example.com"}, "the host of the value can be none"),
        ({"username": "\ud800"}, "the username of the value has a character that is none"),
        ({"dbname": "\ud800"}, "the dbname of the value has a character that is none"),
        ({"port": "54x"}, "the port of the value is no number"),
    ],
)
def test_what_is_wrong_with_the_value_is_named(
    single: OfPostgres, more: dict[str, object], said: str
) -> None:
    """And never what it holds."""
    for _ in range(2):  # the version before counts as well
        single.put(**more)
    with pytest.raises(RotationError, match=said) as caught:
        single.rotate(single.begin())
    assert "wrong" not in str(caught.value)


def test_a_master_of_another_server_is_not_used(alternating: OfPostgres) -> None:
    """Whoever may change the secret could send its password anywhere otherwise."""
    alternating.put(host="localhost")
    with pytest.raises(RotationError, match="the master's secret is of another host"):
        alternating.rotate(alternating.begin())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"masterarn": ""}, "needs the key masterarn"),
        ({"masterarn": "gone"}, "can't find the specified secret"),
        ({"password": "wrong"}, "the server refused the secret's password"),
        ({"username": "a" * 60}, "the username leaves no room"),
    ],
)
def test_what_is_wrong_with_two_roles_is_named(
    alternating: OfPostgres, more: dict[str, object], said: str
) -> None:
    """A wrong master, none, or a current password that is not one."""
    alternating.put(**more)
    with pytest.raises(RotationError, match=said):
        alternating.rotate(alternating.begin())
    assert not alternating.server.opens("app_clone", "x")


def test_a_master_that_may_not_create_roles_is_said(alternating: OfPostgres) -> None:
    """With the code of the server, and no clone is left behind."""
    alternating.put(masterarn=SECRET)
    with pytest.raises(RotationError, match="refused a statement: 42501"):
        alternating.rotate(alternating.begin())


@pytest.mark.parametrize("name", [SINGLE, ALTERNATING])
def test_the_check_says_whose_password_is_refused(
    rotator: Rotator, postgres_server: Server, name: str
) -> None:
    """The secret's, or the master's; and nothing where both are good."""
    of, session = OfPostgres(rotator, postgres_server, name), rotator.service.session
    engine.check(session, SECRET, of.function)
    of.put(password="wrong")
    with pytest.raises(RotationError, match="it would fail: the server refused the secret's"):
        engine.check(session, SECRET, of.function)
    if name == ALTERNATING:
        of.put()
        of.put_value(MASTER, **of.place, username="postgres", password="wrong")
        with pytest.raises(RotationError, match="the server refused the master's password"):
            engine.check(session, SECRET, of.function)
        with pytest.raises(RotationError, match="setSecret: the server refused the master's"):
            of.rotate(of.begin())


def test_what_a_role_with_createrole_lacks_is_said(
    alternating: OfPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CREATEROLE; a role of a superuser is not its own to change; from 16 on, ADMIN OPTION.

    Where nothing is said it rotates: both roles, the one that it makes itself, too.
    """
    server, session = alternating.server, alternating.service.session
    server.execute("DROP ROLE IF EXISTS boss; CREATE ROLE boss LOGIN PASSWORD 'boss'")
    alternating.put_value(MASTER, **alternating.place, username="boss", password="boss")

    def check() -> None:
        engine.check(session, SECRET, alternating.function)

    try:
        with pytest.raises(RotationError, match="may not create roles"):
            check()
        server.execute("ALTER ROLE boss CREATEROLE")
        if server.version < 16:
            check()
            monkeypatch.setattr(postgres, "_SINCE_16", 0)
        with pytest.raises(RotationError, match="it needs ADMIN OPTION"):
            check()
        server.execute("GRANT app TO boss WITH ADMIN OPTION")
        check()
        for _ in range(2):
            alternating.rotate(alternating.begin())
        server.execute("DROP ROLE app_clone; CREATE ROLE app_clone LOGIN IN ROLE app")
        with pytest.raises(RotationError, match="it needs ADMIN OPTION"):
            check()
        server.execute("ALTER ROLE app SUPERUSER")
        with pytest.raises(RotationError, match="the role is a superuser"):
            check()
    finally:
        server.execute("DROP ROLE IF EXISTS app_clone; DROP ROLE boss")


@pytest.mark.parametrize("name", [SINGLE, ALTERNATING])
def test_who_only_reads_is_said_before_and_when_it_is_rotated(
    rotator: Rotator, postgres_server: Server, name: str
) -> None:
    """Who gives the password must be let write: the role itself, or the master."""
    of = OfPostgres(rotator, postgres_server, name)
    who = "app" if name == SINGLE else "boss"
    postgres_server.execute("DROP ROLE IF EXISTS boss; CREATE ROLE boss LOGIN PASSWORD 'boss'")
    postgres_server.execute("ALTER ROLE boss CREATEROLE; GRANT app TO boss WITH ADMIN OPTION")
    of.put_value(MASTER, **of.place, username="boss", password="boss")
    postgres_server.execute(f"ALTER ROLE {who} SET default_transaction_read_only = on")
    try:
        with pytest.raises(RotationError, match="default_transaction_read_only"):
            engine.check(of.service.session, SECRET, of.function)
        version = of.begin()
        with pytest.raises(RotationError, match="in setSecret: default_transaction_read_only"):
            of.rotate(version)
        postgres_server.execute(f"ALTER ROLE {who} RESET default_transaction_read_only")
        of.rotate(version)
    finally:
        postgres_server.execute("DROP ROLE IF EXISTS app_clone; DROP ROLE boss")


def test_a_role_that_needs_no_password_is_not_rotated(rotator: Rotator) -> None:
    """Whether the new one works could not be told."""
    server = Server()
    server.start()
    try:
        server.execute("CREATE ROLE app LOGIN PASSWORD 'first'")
        of = OfPostgres(rotator, server, SINGLE)
        access = server.folder / "data" / "pg_hba.conf"
        access.write_text("host all app 127.0.0.1/32 trust\n" + access.read_text())
        server.execute("SELECT pg_reload_conf()")
        with pytest.raises(RotationError, match="asks this role for no password"):
            of.rotate(of.begin())
    finally:
        server.remove()


def test_a_password_that_was_set_by_nobody_is_mended_by_the_one_before(single: OfPostgres) -> None:
    """As AWS's function does: the version before may be the one the server knows."""
    single.put(password="typed wrong")
    single.rotate(single.begin())
    assert single.server.opens(*single.login)


def test_a_certificate_is_checked_where_the_value_says_so(
    rotator: Rotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an authority that nobody trusts, nothing is sent to it."""
    server = Server()
    authority = server.speak_tls()
    server.start()
    try:
        server.execute("CREATE ROLE app LOGIN PASSWORD 'first'")
        of = OfPostgres(rotator, server, SINGLE)
        of.put(ssl=True)
        version = of.begin()
        monkeypatch.delenv("PGSSLROOTCERT", raising=False)
        with pytest.raises(RotationError, match="has no certificate that is trusted"):
            of.rotate(version)
        monkeypatch.setenv("PGSSLROOTCERT", str(authority))
        of.rotate(version)
        assert server.opens(*of.login)
    finally:
        server.remove()
