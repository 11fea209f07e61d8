"""A real Redis server on a free port of this machine."""

import hashlib
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from tests.remote.peers import certified
from tests.rotation.postgres import free_port

MASTER, MASTER_PASSWORD = "boss", "super-secret-master"
IS_HERE = shutil.which("redis-server") is not None
_ONCE = Retry(NoBackoff(), 0)
_TRIES = 1500


class Server:
    """A server with its data in a folder of its own.

    Args:
        keeps: Where it keeps its users: ``users`` in a file of their own, ``configuration`` in that
            of the server, or empty for nowhere.
        tls: Whether its port speaks TLS: ``no``, ``yes``, or ``clients`` if they need one too.
    """

    def __init__(self, *, keeps: str = "users", tls: str = "no") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="secretctl-redis-"))
        self.port = free_port()
        self.authority: Path | None = None
        self._file = self.folder / "redis.conf"
        self._socket = self.folder / "socket"
        lines = [f"dir {self.folder}", f"unixsocket {self._socket}", "bind 127.0.0.1", 'save ""']
        lines += ["slowlog-log-slower-than 0", "loglevel debug", f"logfile {self.folder}/log"]
        lines += [f"port {self.port if tls == 'no' else 0}"]
        if tls != "no":
            made = certified(self.folder)
            self.authority = made.authority
            lines += [f"tls-port {self.port}", f"tls-ca-cert-file {made.authority}"]
            lines += [f"tls-cert-file {made.file}", f"tls-key-file {made.file}"]
            lines += [f"tls-auth-clients {'yes' if tls == 'clients' else 'no'}"]
        if keeps == "users":
            (self.folder / "users.acl").touch()
            lines += [f"aclfile {self.folder}/users.acl"]
        self._file.write_text("\n".join(lines) + "\n")
        self._keeps = keeps
        self._password = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> dict[str, object]:
        """Where it is, as values say it."""
        return {"engine": "redis", "host": "127.0.0.1", "port": self.port}

    @property
    def written(self) -> str:
        """All that it has written: its log, its users, its configuration."""
        return "".join(
            path.read_text()
            for path in self.folder.iterdir()
            if path.is_file() and path.stat().st_size
        )

    def start(self, password: str = "") -> None:
        """Start it, and wait until it answers; *password* is that of the superuser from then on."""
        self._password = password or self._password
        given = self._file.read_bytes() if not self._keeps else None
        words = ["redis-server", "-" if not self._keeps else str(self._file)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(given or b"")
        for _ in range(_TRIES):
            try:
                self.execute("PING")
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(self.written)

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        """Stop it and take all away."""
        self.stop()
        shutil.rmtree(self.folder)

    def execute(self, *words: str) -> object:
        """Send a command as the superuser, over the socket."""
        with redis.Redis(
            unix_socket_path=str(self._socket),
            password=self._password or None,
            protocol=2,
            retry=_ONCE,
            decode_responses=True,
        ) as client:
            answer: object = client.execute_command(*words)
            return answer

    def make_user(self, name: str, *rules: str) -> None:
        """Make a user anew."""
        self.execute("ACL", "DELUSER", name)
        self.execute("ACL", "SETUSER", name, "on", *rules)

    def keep(self) -> None:
        """Have it keep its users."""
        if self._keeps == "users":
            self.execute("ACL", "SAVE")
        elif self._keeps:
            self.execute("CONFIG", "REWRITE")

    def passwords(self, user: str) -> set[str]:
        """Return the hashes of the passwords of a user."""
        return set(self._user(user)["passwords"])

    def passwords_of(self, *passwords: str) -> set[str]:
        """Return what it keeps of passwords."""
        return {hashlib.sha256(each.encode()).hexdigest() for each in passwords}

    def rules(self, user: str) -> dict[str, object]:
        """Return all that it says of a user but the passwords."""
        return {name: said for name, said in self._user(user).items() if name != "passwords"}

    @contextmanager
    def unwritable(self) -> Iterator[None]:
        """Have it be unable to write the file of users: a folder is in the place."""
        users = self.folder / "users.acl"
        aside = users.rename(self.folder / "aside")
        users.mkdir()
        yield
        users.rmdir()
        aside.rename(users)

    @contextmanager
    def overheard(self, dies_at: str = "") -> Iterator[tuple[int, bytearray]]:
        """Give another port that leads to it, and all that is sent to that.

        The server is killed once, at a word that is sent there, before it has read it.
        """
        sent = bytearray()
        stop = self.stop
        port, deadly = self.port, [dies_at.encode()] if dies_at else []

        class Relay(BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", port)) as there:
                    ways = {self.request: there, there: self.request}
                    while True:
                        for each in select.select(list(ways), [], [], 10)[0]:
                            said = each.recv(65536)
                            if any(word in said for word in deadly):
                                deadly.clear()
                                stop()
                                return
                            if not said:
                                return
                            ways[each].sendall(said)
                            sent.extend(said if each is self.request else b"")

        with ThreadingTCPServer(("127.0.0.1", 0), Relay) as relay:
            thread = threading.Thread(target=relay.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield int(relay.server_address[1]), sent
            finally:
                relay.shutdown()
                thread.join()

    def _user(self, name: str) -> dict[str, list[str]]:
        said = self.execute("ACL", "GETUSER", name)
        assert isinstance(said, list)
        return dict(zip(said[::2], said[1::2], strict=True))

    def opens(self, user: str, password: str, *command: str) -> bool:
        """Tell whether a password opens the server, and lets a command run."""
        client = redis.Redis(
            port=self.port,
            username=user,
            password=password,
            protocol=2,
            ssl=self.authority is not None,
            ssl_cert_reqs="none",
            retry=_ONCE,
        )
        try:
            with client:
                client.execute_command(*(command or ("PING",)))
        except NoPermissionError:
            return not command
        except redis.AuthenticationError:
            return False
        return True

    @contextmanager
    def monitored(self) -> Iterator[list[str]]:
        """Watch every command that it shows; they are in the list when the block has ended."""
        seen: list[str] = []
        with socket.socket(socket.AF_UNIX) as watching:
            watching.connect(str(self._socket))
            watching.sendall(b"MONITOR\r\n")
            watching.settimeout(10)
            yield seen
            self.execute("ECHO", "the-end-of-it")
            found = b""
            while b"the-end-of-it" not in found:
                found += watching.recv(65536)
            seen += found.decode().splitlines()
