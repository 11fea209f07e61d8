"""Secrets that open a real server, each rotated by a function."""

from tests.rotation import mariadb, postgres
from tests.rotation.conftest import SECRET, OfServer, Rotator

MASTER = "master"


class OfPostgres(OfServer):
    """Rotates the secret that opens a PostgreSQL server."""

    def __init__(self, rotator: Rotator, server: postgres.Server, name: str, port: int = 0) -> None:
        """Make the secrets; *port*: where the server is reached, if that is not its own."""
        super().__init__(rotator, name)
        self.server = server
        self.place = {"engine": "postgres", "host": "127.0.0.1", "port": port or server.port}
        owner = dict(zip(("username", "password"), server.owner, strict=True))
        self.put_value(MASTER, **self.place, **owner)
        self.put()

    def put(self, **more: object) -> None:
        """Put the secret by hand."""
        app = {"username": "app", "password": "first", "masterarn": MASTER, "note": "kept"}
        self.put_value(SECRET, **{**self.place, **app, **more})


class OfMySql(OfServer):
    """Rotates the secret that opens a MariaDB server."""

    def __init__(self, rotator: Rotator, server: mariadb.Server, name: str, port: int = 0) -> None:
        """Make the secrets; *port*: where the server is reached, if that is not its own."""
        super().__init__(rotator, name)
        self.server = server
        self.place = {"engine": "mariadb", "host": "127.0.0.1", "port": port or server.port}
        owner = dict(zip(("username", "password"), server.owner, strict=True))
        self.put_value(MASTER, **self.place, **owner)
        self.put()

    def put(self, **more: object) -> None:
        """Put the secret by hand."""
        app = {"username": "app", "password": "first", "dbname": "shop", "masterarn": MASTER}
        self.put_value(SECRET, **{**self.place, **app, **more})
