"""A real MariaDB server on a free port of this machine, or one of MySQL.

SECRETCTL_TEST_MYSQLD names the program of MySQL that takes its place.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pymysql

from tests.remote.peers import certified
from tests.rotation.postgres import free_port

MASTER, MASTER_PASSWORD = "boss", "super-secret-master"
MYSQLD = os.environ.get("SECRETCTL_TEST_MYSQLD", "")
PROGRAM = MYSQLD or shutil.which("mariadbd")
IS_HERE = PROGRAM is not None
_TRIES = 600


def is_mysql_8() -> bool:
    """Tell whether the program of MySQL is of version 8."""
    return (
        b" Ver 8." in subprocess.run([MYSQLD, "--version"], check=True, capture_output=True).stdout
    )


class Server:
    """A server with its data in a folder of its own."""

    owner = MASTER, MASTER_PASSWORD

    def __init__(self, *, speaks_tls: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="secretctl-my-"))
        self.port = free_port()
        self.authority: Path | None = None
        self._user = "mysql" if os.geteuid() == 0 else str(os.geteuid())
        self._more: list[str] = []
        if speaks_tls:
            made = certified(self.folder)
            self.authority = made.authority
            self._more = [f"--ssl-cert={made.file}", f"--ssl-key={made.file}"]
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, "mysql", "mysql")
        self._process: subprocess.Popen[bytes] | None = None
        words = [MYSQLD or "mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data"]
        words.append(f"--user={self._user}")
        if MYSQLD:
            words.append("--initialize-insecure")
        else:
            words.append("--auth-root-authentication-method=normal")
            words.append("--skip-test-db")  # nor anonymous users
        subprocess.run(words, check=True, capture_output=True, timeout=120)

    @property
    def log(self) -> str:
        """Every statement the server was sent, as it logs them."""
        return (self.folder / "general.log").read_text(errors="replace")

    def start(self) -> None:
        """Start it, and wait until it answers; the first time a master is made."""
        words = [str(PROGRAM), "--no-defaults", f"--datadir={self.folder}/data"]
        words += [f"--user={self._user}", "--bind-address=127.0.0.1", f"--port={self.port}"]
        words += [f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid"]
        words += ["--general-log=1", f"--general-log-file={self.folder}/general.log"]
        words += ["--innodb-flush-log-at-trx-commit=2", *self._more]
        if MYSQLD:
            words += ["--secure-file-priv=", "--loose-mysqlx=OFF"]
        with (self.folder / "errors").open("ab") as errors:
            self._process = subprocess.Popen(words, stdout=errors, stderr=errors)
        for _ in range(_TRIES):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                break
            time.sleep(0.1)
        else:
            raise AssertionError((self.folder / "errors").read_text())
        made = f"'{MASTER}'@'%' IDENTIFIED BY '{MASTER_PASSWORD}'"
        self.execute(f"CREATE USER IF NOT EXISTS {made}")
        self.execute(f"GRANT ALL PRIVILEGES ON *.* TO '{MASTER}'@'%' WITH GRANT OPTION")
        if MYSQLD:  # what gives all roles is no privilege of MariaDB
            self.execute(f"REVOKE ROLE_ADMIN, SUPER ON *.* FROM '{MASTER}'@'%'")

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        """Stop it and take all away."""
        self.stop()
        shutil.rmtree(self.folder)

    def make_user(self) -> None:
        """Make a user ``app`` who may read and write a table, and no clone of it."""
        self.execute(
            "DROP USER IF EXISTS app_clone@'%'",
            "DROP USER IF EXISTS app@'%'",
            "CREATE USER app@'%' IDENTIFIED BY 'first'",
            "CREATE DATABASE IF NOT EXISTS shop",
            "CREATE TABLE IF NOT EXISTS shop.items (n int)",
            "GRANT SELECT, INSERT ON shop.* TO app@'%'",
            "GRANT UPDATE (n) ON shop.items TO app@'%'",
        )

    def use_role(self, user: str, role: str) -> None:
        """Make a role the one that a user has without asking for it."""
        self.execute(f"SET DEFAULT ROLE {role} {'TO' if MYSQLD else 'FOR'} {user}@'%'")

    def execute(self, *statements: str) -> None:
        """Execute statements as the superuser, over the socket."""
        connection = pymysql.connect(unix_socket=f"{self.folder}/socket", user="root")
        with connection, connection.cursor() as cursor:
            for each in statements:
                cursor.execute(each)
            connection.commit()

    def grants(self, user: str) -> list[str]:
        """Return what a user has, without its name and its password."""
        connection = pymysql.connect(unix_socket=f"{self.folder}/socket", user="root")
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SHOW GRANTS FOR {user}@'%'")
            lines = [str(line) for (line,) in cursor.fetchall()]
            if MYSQLD:
                cursor.execute("SET print_identified_with_as_hex = 1")
                cursor.execute(f"SHOW CREATE USER {user}@'%'")
                lines += [str(line) for (line,) in cursor.fetchall()]
        password = r" IDENTIFIED BY PASSWORD '[^']*'| AS 0x\w+"
        return sorted(re.sub(password, "", line.replace(f"`{user}`", "`user`")) for line in lines)

    def opens(
        self, user: str, password: str, *, statement: str = "SELECT 1", speaks_tls: bool = True
    ) -> bool:
        """Tell whether a password opens the server, and lets a statement run; TLS if it has it."""
        try:
            connection = pymysql.connect(
                host="127.0.0.1",
                port=self.port,
                user=user,
                password=password,
                connect_timeout=5,
                ssl_disabled=not speaks_tls,
            )
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
        except pymysql.MySQLError:
            return False
        return True
