"""``builtin/mysql`` and ``builtin/mysql-alternating`` with a real MariaDB server."""

import gc
from collections.abc import Iterator

import pytest

from secretctl.rotation import engine, mysql_grants
from secretctl.rotation.steps import STEPS, RotationError, Step, StepError
from tests.rotation.conftest import SECRET, Rotator
from tests.rotation.databases import MASTER, OfMySql
from tests.rotation.mariadb import IS_HERE, MYSQLD, Server

pytestmark = [
    pytest.mark.skipif(not IS_HERE, reason="MariaDB is not installed"),
    # PyMySQL leaves the socket of a connection that fails to whoever collects garbage.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SINGLE, ALTERNATING = "builtin/mysql", "builtin/mysql-alternating"
READS = "SELECT n FROM shop.items"


@pytest.fixture(autouse=True)
def connections_collected() -> Iterator[None]:
    """Collect connections that failed here, and not in another test."""
    yield
    gc.collect()


@pytest.fixture
def single(rotator: Rotator, mariadb_server: Server) -> OfMySql:
    """Rotates one user."""
    return OfMySql(rotator, mariadb_server, SINGLE)


@pytest.fixture
def alternating(rotator: Rotator, mariadb_server: Server) -> OfMySql:
    """Rotates two users in turn."""
    return OfMySql(rotator, mariadb_server, ALTERNATING)


def test_one_user_gets_a_new_password_each_time(single: OfMySql) -> None:
    """The old one is refused, the new one opens; neither is in the log of all statements."""
    before = single.login
    for _ in range(3):
        single.rotate(single.begin())
        assert single.server.opens(*single.login, statement=READS)
        assert not single.server.opens(*before)
        before = single.login
    assert "SET PASSWORD" in single.server.log
    assert before[1] not in single.server.log


def test_a_user_whom_one_failed_login_blocks_is_rotated(single: OfMySql) -> None:
    """No password is tried that does not count."""
    blocks = "ALTER USER app@'%' FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME UNBOUNDED"
    single.server.execute(blocks if MYSQLD else "SET GLOBAL max_password_errors = 1")
    try:
        for _ in range(2):
            single.rotate(single.begin())
        assert single.server.opens(*single.login)
        assert not single.server.opens(single.login[0], "first")
        assert not single.server.opens(*single.login)
    finally:
        if not MYSQLD:
            single.server.execute("SET GLOBAL max_password_errors = DEFAULT", "FLUSH PRIVILEGES")


def test_two_users_take_turns_with_the_same_grants(alternating: OfMySql) -> None:
    """The credential from before is good for another period; a new grant is copied too."""
    names = []
    for turn in range(3):
        before = alternating.login
        alternating.rotate(alternating.begin())
        names.append(alternating.login[0])
        assert alternating.server.opens(*alternating.login, statement=READS)
        assert alternating.server.opens(*alternating.login, statement="UPDATE shop.items SET n=1")
        assert not alternating.server.opens(*alternating.login, statement="DROP TABLE shop.items")
        assert alternating.server.opens(*before, statement=READS)
        if turn == 1:
            alternating.server.execute("GRANT DELETE ON shop.items TO app@'%'")
    assert names == ["app_clone", "app", "app_clone"]
    assert alternating.server.opens(*alternating.login, statement="DELETE FROM shop.items")
    assert alternating.login[1] not in alternating.server.log


def test_a_clone_has_what_the_user_has_and_nothing_else(alternating: OfMySql) -> None:
    """Of all kinds of grants; what was taken from the user meanwhile goes from the clone too."""
    server = alternating.server
    server.execute(
        "GRANT PROCESS ON *.* TO app@'%' WITH GRANT OPTION",
        "ALTER USER app@'%' WITH MAX_QUERIES_PER_HOUR 5000 MAX_USER_CONNECTIONS 7",
        "CREATE DATABASE IF NOT EXISTS `a``b TO c`",
        "GRANT SELECT, CREATE ON `a``b TO c`.* TO app@'%' WITH GRANT OPTION",
        "GRANT ALL PRIVILEGES ON `more\\_`.* TO app@'%'",
        "GRANT PROXY ON ''@'%' TO boss@'%' WITH GRANT OPTION",
        "GRANT PROXY ON 'x'@'y' TO app@'%' WITH GRANT OPTION",
        "DROP PROCEDURE IF EXISTS shop.p",
        "CREATE PROCEDURE shop.p() SELECT 1",
        "GRANT EXECUTE ON PROCEDURE shop.p TO app@'%'",
    )
    alternating.rotate(alternating.begin())
    assert server.grants("app_clone") == server.grants("app")
    server.execute(
        "REVOKE INSERT ON shop.* FROM app@'%'",
        "REVOKE UPDATE (n) ON shop.items FROM app@'%'",
        "REVOKE PROCESS, GRANT OPTION ON *.* FROM app@'%'",
        "ALTER USER app@'%' WITH MAX_QUERIES_PER_HOUR 0",
        "REVOKE GRANT OPTION ON `a``b TO c`.* FROM app@'%'",
        "REVOKE ALL PRIVILEGES ON `more\\_`.* FROM app@'%'",
        "REVOKE PROXY ON 'x'@'y' FROM app@'%'",
        "REVOKE EXECUTE ON PROCEDURE shop.p FROM app@'%'",
    )
    less = server.grants("app")
    alternating.rotate(alternating.begin())
    assert server.grants("app") == less
    alternating.rotate(alternating.begin())
    assert alternating.login[0] == "app_clone"
    assert server.grants("app_clone") == less


@pytest.mark.parametrize(
    "mode", ["ANSI_QUOTES", "ANSI" if MYSQLD else "ORACLE", "NO_BACKSLASH_ESCAPES"]
)
def test_grants_are_kept_whatever_the_mode_of_the_server(alternating: OfMySql, mode: str) -> None:
    """It may quote names in another way."""
    alternating.server.execute(f"SET GLOBAL sql_mode = '{mode}', GLOBAL sql_quote_show_create = 0")
    try:
        alternating.rotate(alternating.begin())
    finally:
        alternating.server.execute("SET GLOBAL sql_mode = '', GLOBAL sql_quote_show_create = 1")
    assert alternating.server.grants("app_clone") == alternating.server.grants("app")


def test_a_clone_uses_the_roles_that_the_user_uses(alternating: OfMySql) -> None:
    """The default one too; the master must be allowed to give them, which the check says."""
    server, session = alternating.server, alternating.service.session
    server.execute(
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader",
        "GRANT SELECT ON shop.* TO reader",
        "REVOKE SELECT ON shop.* FROM app@'%'",
        "GRANT reader TO app@'%'",
    )
    server.use_role("app", "reader")
    with pytest.raises(RotationError, match="the master may not give a role of the user"):
        engine.check(session, SECRET, alternating.function)
    server.execute("GRANT reader TO boss@'%' WITH ADMIN OPTION")
    engine.check(session, SECRET, alternating.function)
    alternating.rotate(alternating.begin())
    assert server.opens(*alternating.login, statement=READS)
    server.use_role("app", "NONE")
    server.execute("REVOKE reader FROM app@'%'")
    for _ in range(2):
        alternating.rotate(alternating.begin())
    assert server.grants("app_clone") == server.grants("app")
    server.execute("DROP ROLE reader")


def test_a_clone_that_is_half_made_is_finished_by_the_next_try(alternating: OfMySql) -> None:
    """That its password opened would not say that it has its grants."""
    server = alternating.server
    alternating.put(dbname="")
    server.execute("DROP ROLE IF EXISTS reader", "CREATE ROLE reader", "GRANT reader TO app@'%'")
    version = alternating.begin()
    with pytest.raises(RotationError, match=r"the server refused a statement: error (1698|1227)"):
        alternating.rotate(version)
    server.execute("DROP ROLE reader")
    alternating.rotate(version)
    assert alternating.login[0] == "app_clone"
    assert server.grants("app_clone") == server.grants("app")


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("app@localhost", "the user must have one account"),
        ("app_clone@localhost", "the clone has an account with another host part"),
    ],
)
def test_a_user_of_two_accounts_is_refused(alternating: OfMySql, user: str, said: str) -> None:
    """The check says it before anything is begun."""
    alternating.server.execute(f"CREATE USER {user} IDENTIFIED BY 'first'")
    try:
        with pytest.raises(RotationError, match=said):
            engine.check(alternating.service.session, SECRET, alternating.function)
        with pytest.raises(RotationError, match=said):
            alternating.rotate(alternating.begin())
    finally:
        alternating.server.execute(f"DROP USER {user}")


@pytest.mark.parametrize(
    "line",
    [
        "REVOKE INSERT ON `mysql`.`user` FROM `app`@`%`",
        "REVOKE INSERT ON `mysql`.* FROM `other`@`%`",
        "GRANT SELECT ON `shop`.* TO `other`@`%`",
        "GRANT SELECT ON `shop`.* TO `app`@`%` AND MORE",
        'GRANT SELECT ON "shop".* TO "app"@"%"',
        "GRANT `a` TO `app`@`%` TO `app`@`%`",
    ],
)
def test_a_grant_that_is_not_understood_is_refused(line: str) -> None:
    """Passed over, it would be lost."""
    with pytest.raises(StepError, match="of a kind that is not known"):
        mysql_grants.read(line, mysql_grants.account("app", "%"))


def test_grants_of_the_same_columns_are_the_same() -> None:
    """Whatever their order and the quotes; what belongs to which privilege counts."""
    who = mysql_grants.account("app", "%")
    line = "GRANT UPDATE (`b`, `a`), SELECT (`c`) ON `s`.`t` TO 'app'@'%' IDENTIFIED VIA a OR b"
    found = mysql_grants.read(line, who)
    assert found.what == ("SELECT (`c`)", "UPDATE (`a`, `b`)")
    assert mysql_grants.read(mysql_grants.given(found, who), who) == found


def test_a_password_may_have_any_letter(single: OfMySql) -> None:
    """It is sent as UTF-8, as the server's own programs send it."""
    single.server.execute("ALTER USER app@'%' IDENTIFIED BY 'pä€ss'")
    single.put(password="pä€ss")
    single.rotate(single.begin())
    assert single.server.opens(*single.login)


@pytest.mark.parametrize("name", [SINGLE, ALTERNATING])
@pytest.mark.parametrize("where", STEPS)
def test_whatever_is_cut_off_is_finished_by_the_next_try(
    rotator: Rotator, mariadb_server: Server, name: str, where: str
) -> None:
    """The credential of the server is the current one's or the pending one's."""
    of = OfMySql(rotator, mariadb_server, name)
    version = of.begin()

    class CutOffError(BaseException):
        pass

    def run(step: Step) -> None:
        of.function.run(step)
        if step.name == where:
            raise CutOffError

    with pytest.raises(CutOffError):
        engine.rotate(
            of.service.session, of.arn, version, of.function._replace(run=run), lambda _: None
        )
    of.rotate(version)
    assert of.labels[version] == ["AWSCURRENT"]
    assert mariadb_server.opens(*of.login, statement=READS)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"password": "wrong"}, "neither the new password nor the ones before it"),
        ({"dbname": "none"}, "neither the new password nor the ones before it"),
        ({"engine": "postgres"}, "the engine of the value must be mysql"),
        ({"port": 1}, "the server cannot be reached"),
        ({"ssl": True}, "has no certificate that is trusted"),
    ],
)
def test_what_is_wrong_with_the_value_is_named(
    single: OfMySql, more: dict[str, object], said: str
) -> None:
    """And never what it holds."""
    for _ in range(2):
        single.put(**more)
    with pytest.raises(RotationError, match=said):
        single.rotate(single.begin())


def test_a_master_that_may_not_make_users_is_said(alternating: OfMySql) -> None:
    """With the code of the server; the check says it before anything is begun."""
    alternating.put(masterarn=SECRET)
    with pytest.raises(RotationError, match="the server refused a statement: error 1142"):
        alternating.rotate(alternating.begin())
    with pytest.raises(RotationError, match="it would fail: the server refused a statement"):
        engine.check(alternating.service.session, SECRET, alternating.function)


@pytest.mark.parametrize("name", [SINGLE, ALTERNATING])
@pytest.mark.parametrize(
    "variable", ["read_only", "transaction_read_only" if MYSQLD else "tx_read_only"]
)
def test_a_server_that_only_reads_is_said_before_and_when_it_is_rotated(
    rotator: Rotator, mariadb_server: Server, name: str, variable: str
) -> None:
    """As a replica does."""
    of = OfMySql(rotator, mariadb_server, name)
    version = of.begin()
    mariadb_server.execute(f"SET GLOBAL {variable} = 1")
    try:
        with pytest.raises(RotationError, match="would fail: the server only reads"):
            engine.check(of.service.session, SECRET, of.function)
        with pytest.raises(RotationError, match="in setSecret: the server only reads"):
            of.rotate(version)
    finally:
        mariadb_server.execute(f"SET GLOBAL {variable} = 0")
    of.rotate(version)


def test_the_check_says_whose_password_is_refused(alternating: OfMySql) -> None:
    """The secret's, or the master's."""
    session, function = alternating.service.session, alternating.function
    alternating.put(password="wrong")
    with pytest.raises(RotationError, match="the server refused the secret's password"):
        engine.check(session, SECRET, function)
    alternating.put()
    alternating.put_value(MASTER, **alternating.place, username="boss", password="wrong")
    with pytest.raises(RotationError, match="the server refused the master's password"):
        engine.check(session, SECRET, function)


def test_a_master_that_may_not_give_what_the_user_has_is_said(alternating: OfMySql) -> None:
    """Each grant must lie where the master may grant; in any mode of the server."""
    server, session = alternating.server, alternating.service.session
    server.execute(
        "DROP USER IF EXISTS small@'%'",
        "CREATE USER small@'%' IDENTIFIED BY 'small'",
        "GRANT CREATE USER, RELOAD ON *.* TO small@'%'",
        "GRANT SELECT ON mysql.* TO small@'%'",
    )
    alternating.put_value(MASTER, **alternating.place, username="small", password="small")
    try:
        for statement in ("SELECT 1", "GRANT SELECT ON shop.items TO small@'%' WITH GRANT OPTION"):
            server.execute(statement)
            with pytest.raises(RotationError, match="may not give what the user has"):
                engine.check(session, SECRET, alternating.function)
        server.execute(
            "GRANT ALL PRIVILEGES ON shop.* TO small@'%' WITH GRANT OPTION",
            "SET GLOBAL sql_mode = 'ANSI_QUOTES'",
        )
        engine.check(session, SECRET, alternating.function)
        alternating.rotate(alternating.begin())
    finally:
        server.execute("SET GLOBAL sql_mode = ''", "DROP USER small@'%'")


def test_the_check_passes_where_nothing_is_missing(alternating: OfMySql) -> None:
    """And makes no user."""
    engine.check(alternating.service.session, SECRET, alternating.function)
    assert not alternating.server.opens("app_clone", "first")


def test_a_certificate_is_checked_where_the_value_says_so(
    rotator: Rotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an authority that nobody trusts, no password is sent to it."""
    server = Server(speaks_tls=True)
    server.start()
    try:
        server.execute("CREATE USER app@'%' IDENTIFIED BY 'first'", "CREATE DATABASE shop")
        server.execute("GRANT SELECT ON shop.* TO app@'%'")
        of = OfMySql(rotator, server, SINGLE)
        of.put(ssl=True)
        version = of.begin()
        with pytest.raises(RotationError, match="has no certificate that is trusted"):
            of.rotate(version)
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        of.rotate(version)
        assert server.opens(*of.login)
        of.put(password=of.login[1])  # without ssl: with TLS, if the server has it
        of.rotate(of.begin())
    finally:
        server.remove()
