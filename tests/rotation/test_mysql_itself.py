"""What only MySQL has, with its own server: SECRETCTL_TEST_MYSQLD names its program."""

import gc
from collections.abc import Iterator

import pytest

from secretctl.rotation import engine, mysql_clone, mysql_connection
from secretctl.rotation.database import Database
from secretctl.rotation.steps import RotationError
from tests.rotation.conftest import SECRET, Rotator
from tests.rotation.databases import OfMySql
from tests.rotation.mariadb import MYSQLD, Server

SINGLE, ALTERNATING = "builtin/mysql", "builtin/mysql-alternating"
of_mysql = pytest.mark.skipif(not MYSQLD, reason="MySQL is not tried: set SECRETCTL_TEST_MYSQLD")
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PLAIN = mysql_clone.Kept(
    "caching_sha2_password", "", (b"", b"", b""), (0, 0, 0, 0), None, None, None, None, None, None
)


@pytest.fixture
def single(rotator: Rotator, mariadb_server: Server) -> Iterator[OfMySql]:
    """Rotates one user."""
    yield OfMySql(rotator, mariadb_server, SINGLE)
    gc.collect()


@pytest.fixture
def alternating(rotator: Rotator, mariadb_server: Server) -> Iterator[OfMySql]:
    """Rotates two users in turn."""
    yield OfMySql(rotator, mariadb_server, ALTERNATING)
    gc.collect()


def clone_is_alike(alternating: OfMySql) -> None:
    """Rotate until the clone is the current user, and compare it with the first."""
    alternating.rotate(alternating.begin())
    if alternating.login[0] == "app":
        alternating.rotate(alternating.begin())
    assert alternating.login[0] == "app_clone"
    assert alternating.server.grants("app_clone") == alternating.server.grants("app")


def test_what_an_account_keeps_is_said_in_full() -> None:
    """What it does not have too, since the clone may have had it."""
    least, values = mysql_clone.options(PLAIN)
    assert not values
    assert least == (
        "REQUIRE NONE WITH MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0"
        " MAX_USER_CONNECTIONS 0 PASSWORD EXPIRE DEFAULT PASSWORD HISTORY DEFAULT"
        " PASSWORD REUSE INTERVAL DEFAULT PASSWORD REQUIRE CURRENT DEFAULT"
        " FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0"
    )
    most = PLAIN._replace(
        tls="SPECIFIED", certificate=(b"/CN=a'b", b"", b"c"), limits=(1, 2, 3, 4), lifetime=0
    )
    most = most._replace(history=0, reuse=0, require_current="N", failed_logins="3", lock_days="-1")
    assert mysql_clone.options(most) == (
        "REQUIRE SUBJECT %s AND CIPHER %s WITH MAX_QUERIES_PER_HOUR 1 MAX_UPDATES_PER_HOUR 2"
        " MAX_CONNECTIONS_PER_HOUR 3 MAX_USER_CONNECTIONS 4 PASSWORD EXPIRE NEVER"
        " PASSWORD HISTORY 0 PASSWORD REUSE INTERVAL 0 DAY PASSWORD REQUIRE CURRENT OPTIONAL"
        " FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME UNBOUNDED",
        ["/CN=a'b", "c"],
    )


@of_mysql
def test_a_clone_must_bring_and_keep_what_the_user_must(alternating: OfMySql) -> None:
    """A user who must use TLS has no clone that need not; rules for passwords are the same."""
    server = alternating.server
    server.execute(
        "ALTER USER app@'%' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 900"
        " PASSWORD EXPIRE INTERVAL 9 DAY PASSWORD HISTORY 3 PASSWORD REUSE INTERVAL 4 DAY"
        " PASSWORD REQUIRE CURRENT FAILED_LOGIN_ATTEMPTS 4 PASSWORD_LOCK_TIME UNBOUNDED"
    )
    clone_is_alike(alternating)
    assert not server.opens(*alternating.login, speaks_tls=False)
    server.execute(
        "ALTER USER app@'%' REQUIRE NONE WITH MAX_QUERIES_PER_HOUR 0 PASSWORD EXPIRE NEVER"
        " PASSWORD HISTORY DEFAULT PASSWORD REUSE INTERVAL DEFAULT"
        " PASSWORD REQUIRE CURRENT OPTIONAL FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0"
    )
    clone_is_alike(alternating)
    assert server.opens(*alternating.login, speaks_tls=False)


@of_mysql
def test_the_certificate_of_a_user_is_asked_of_the_clone(mariadb_server: Server) -> None:
    """Whatever its name: SHOW CREATE USER would not quote it."""
    server = mariadb_server
    server.execute("ALTER USER app@'%' REQUIRE SUBJECT '/CN=a''b\\\\c%s' AND ISSUER '/CN=ä'")
    server.execute("CREATE USER app_clone@'%' IDENTIFIED BY 'first' REQUIRE CIPHER 'x'")
    place = Database("127.0.0.1", server.port, *server.owner, "", "", "", {})
    with mysql_connection.connect(place, "its") as connection:
        mysql_clone.make_alike(connection, ("app", "%"), ("app_clone", "%"))
    assert server.grants("app_clone") == server.grants("app")
    assert any("a'b\\c%s" in line for line in server.grants("app_clone"))


@of_mysql
def test_dynamic_privileges_are_copied(alternating: OfMySql) -> None:
    """With the right to pass them on, and when that goes, without."""
    server = alternating.server
    server.execute(
        "GRANT BACKUP_ADMIN, CONNECTION_ADMIN ON *.* TO app@'%' WITH GRANT OPTION",
        "GRANT AUDIT_ADMIN, PROCESS ON *.* TO app@'%'",
    )
    clone_is_alike(alternating)
    server.execute(
        "REVOKE BACKUP_ADMIN, CONNECTION_ADMIN ON *.* FROM app@'%'",
        "GRANT BACKUP_ADMIN ON *.* TO app@'%'",
    )
    clone_is_alike(alternating)


@of_mysql
def test_a_place_where_a_privilege_does_not_count_is_none_of_the_clone_either(
    alternating: OfMySql,
) -> None:
    """Partial revokes come and go with those of the user, and the privilege itself."""
    server = alternating.server
    server.execute(
        "SET GLOBAL partial_revokes = ON",
        "GRANT SELECT, INSERT ON *.* TO app@'%'",
        "REVOKE SELECT, INSERT ON mysql.* FROM app@'%'",
        "REVOKE SELECT ON `s_b``c`.* FROM app@'%'",
    )
    try:
        clone_is_alike(alternating)
        assert not server.opens(*alternating.login, statement="SELECT 1 FROM mysql.user")
        server.execute("GRANT SELECT ON mysql.* TO app@'%'")
        clone_is_alike(alternating)
        server.execute("REVOKE SELECT ON *.* FROM app@'%'", "GRANT DELETE ON mysql.* TO app@'%'")
        clone_is_alike(alternating)
    finally:
        server.make_user()
        server.execute("SET GLOBAL partial_revokes = OFF")


@of_mysql
def test_roles_of_any_host_are_copied_and_those_that_are_default_ones(
    alternating: OfMySql,
) -> None:
    """A master who may give all roles need not have each."""
    server = alternating.server
    server.execute(
        "DROP ROLE IF EXISTS one, `t wo`@h",
        "CREATE ROLE one, `t wo`@h",
        "GRANT one TO app@'%' WITH ADMIN OPTION",
        "GRANT `t wo`@h TO app@'%'",
    )
    server.use_role("app", "one, `t wo`@h")
    with pytest.raises(RotationError, match="the master may not give a role of the user"):
        engine.check(alternating.service.session, SECRET, alternating.function)
    server.execute("GRANT ROLE_ADMIN ON *.* TO boss@'%'")
    try:
        engine.check(alternating.service.session, SECRET, alternating.function)
        clone_is_alike(alternating)
        server.use_role("app", "one")
        server.execute("REVOKE `t wo`@h FROM app@'%'")
        clone_is_alike(alternating)
    finally:
        server.execute("REVOKE ROLE_ADMIN ON *.* FROM boss@'%'", "DROP ROLE one, `t wo`@h")


@of_mysql
def test_a_clone_logs_in_as_the_user_does(alternating: OfMySql) -> None:
    """By the same plugin: a program that knows no other would be refused."""
    server = alternating.server
    server.execute("ALTER USER app@'%' IDENTIFIED WITH sha256_password BY 'first'")
    clone_is_alike(alternating)
    assert any("sha256_password" in line for line in server.grants("app_clone"))
    assert server.opens(*alternating.login)
    assert alternating.login[1] not in server.log


@of_mysql
def test_a_user_who_must_say_the_old_password_does(single: OfMySql) -> None:
    """As PASSWORD REQUIRE CURRENT wants it."""
    server = single.server
    server.execute("ALTER USER app@'%' PASSWORD REQUIRE CURRENT PASSWORD HISTORY 5")
    for _ in range(2):
        before = single.login
        single.rotate(single.begin())
        assert server.opens(*single.login)
        assert not server.opens(*before)
    assert before[1] not in server.log
    assert single.login[1] not in server.log


@of_mysql
def test_a_password_passes_the_strongest_of_the_servers_own_rules(single: OfMySql) -> None:
    """Those of its component validate_password."""
    server = single.server
    server.execute(
        "INSTALL COMPONENT 'file://component_validate_password'",
        "SET GLOBAL validate_password.policy = 'STRONG', GLOBAL validate_password.length = 16",
    )
    try:
        single.rotate(single.begin())
        assert server.opens(*single.login)
    finally:
        server.execute("UNINSTALL COMPONENT 'file://component_validate_password'")


@of_mysql
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ACCOUNT LOCK", "its account is locked"),
        ("PASSWORD EXPIRE", "its password has expired"),
        ("FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME 1", "too many logins have failed"),
    ],
)
def test_why_a_user_is_not_let_in_is_said(single: OfMySql, change: str, said: str) -> None:
    """A password that is right changes nothing about that."""
    version = single.begin()
    single.server.execute(f"ALTER USER app@'%' {change}")
    with pytest.raises(RotationError, match=f"does not let the user in: {said}"):
        single.rotate(version)


@of_mysql
def test_a_name_whose_clone_would_be_too_long_for_mysql_is_said(alternating: OfMySql) -> None:
    """Which keeps 32 characters of one, and MariaDB more."""
    name = "a" * 27
    server = alternating.server
    server.execute(f"CREATE USER {name} IDENTIFIED BY 'first'", f"GRANT SELECT ON shop.* TO {name}")
    alternating.put(username=name)
    try:
        with pytest.raises(RotationError, match="the username leaves no room for _clone"):
            engine.check(alternating.service.session, SECRET, alternating.function)
        with pytest.raises(RotationError, match="the username leaves no room for _clone"):
            alternating.rotate(alternating.begin())
    finally:
        server.execute(f"DROP USER {name}")
