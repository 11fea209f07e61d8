"""A real PostgreSQL server on a free port of this machine."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.remote.peers import certified

SUPERUSER, SUPERUSER_PASSWORD = "postgres", "super-secret-master"
BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
IS_HERE = BIN is not None
_TRIES = 600


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server with its data in a folder of its own."""

    owner = SUPERUSER, SUPERUSER_PASSWORD

    def __init__(self, **settings: str) -> None:
        assert BIN is not None
        self.folder = Path(tempfile.mkdtemp(prefix="secretctl-pg-"))
        self.port = free_port()
        self.version = int(BIN.parent.name)
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(self.folder, "postgres", "postgres")
        words = self.folder / "words"
        words.write_text(SUPERUSER_PASSWORD)
        words.chmod(0o644)
        data = ["-D", str(self.folder / "data"), "-U", SUPERUSER, "--pwfile", str(words)]
        self._run(str(BIN / "initdb"), *data, "-A", "scram-sha-256", "--no-sync")
        self.settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "log_statement": "all",
            "logging_collector": "off",
            **settings,
        }

    @property
    def log(self) -> str:
        """Everything the server has logged."""
        return (self.folder / "log").read_text()

    def speak_tls(self) -> Path:
        """Have it speak TLS from its next start on; return the certificate of the authority."""
        made = certified(self.folder)
        shutil.chown(made.file, "postgres" if self._as else os.geteuid())
        made.file.chmod(0o600)
        files = {"ssl_cert_file": str(made.file), "ssl_key_file": str(made.file)}
        self.settings |= {"ssl": "on", **files}
        return made.authority

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        self._control("start", "-l", str(self.folder / "log"), "-o", options)
        self.wait()

    def stop(self) -> None:
        """Stop it at once."""
        self._control("stop", "-m", "immediate")

    def kill(self) -> None:
        """Kill it with all its processes, as whoever is short of memory does."""
        for each in (self._pid, *_children(self._pid)):
            _kill(each)
            _wait_for(each, "Z")
        self._lock.unlink()  # it names a process that is there until whoever is init looks

    def kill_backend(self, port: int) -> None:
        """Kill the process that serves the connection from a port of this machine."""
        for each in _children(self._pid):
            if f"127.0.0.1({port})" in Path(f"/proc/{each}/cmdline").read_text():
                _kill(each)
                _wait_for(each)

    @property
    def _pid(self) -> int:
        return int(self._lock.read_text().split()[0])

    @property
    def _lock(self) -> Path:
        return self.folder / "data" / "postmaster.pid"

    def wait(self) -> None:
        """Wait until it answers."""
        for _ in range(_TRIES):
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log)

    def remove(self) -> None:
        """Stop it and take all away."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder)

    def make_role(self) -> None:
        """Make a role ``app`` that owns a table, and no clone of it."""
        self.execute("DROP TABLE IF EXISTS items; DROP ROLE IF EXISTS app_clone, app")
        self.execute("CREATE ROLE app LOGIN PASSWORD 'first'")
        self.execute("CREATE TABLE items (n int); ALTER TABLE items OWNER TO app")

    def execute(self, text: str) -> None:
        """Execute a statement as the superuser."""
        with self.connect(SUPERUSER, SUPERUSER_PASSWORD) as connection:
            connection.execute(text.encode())

    def connect(self, user: str, password: str) -> "psycopg.Connection[tuple[object, ...]]":
        """Connect as a role."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            dbname="postgres",
            user=user,
            password=password,
            autocommit=True,
            connect_timeout=5,
        )

    def opens(self, user: str, password: str) -> bool:
        """Tell whether a password opens the server."""
        try:
            self.connect(user, password).close()
        except psycopg.OperationalError:
            return False
        return True

    def _control(self, *words: str) -> None:
        assert BIN is not None
        self._run(str(BIN / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *words)

    def _run(self, *words: str) -> None:
        subprocess.run(
            [*self._as, *words], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60
        )


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _wait_for(pid: int, state: str = "") -> None:
    """Wait until a process has gone, or is in a state."""
    with suppress(OSError):
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != state:
            time.sleep(0.005)
