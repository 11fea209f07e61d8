"""A connection to a Redis server as one of its users, and commands sent over it.

See: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from secretctl.record import TYPE_CHECKING
from secretctl.rotation.database import Database
from secretctl.rotation.logins import OWN, RefusedError
from secretctl.rotation.steps import StepError

if TYPE_CHECKING:
    from redis.connection import AbstractConnection

_WAIT_S = 10
_HUNG_UP = "the server ended the connection: it may "


@contextmanager
def connected(database: Database, whose: str = OWN) -> Iterator[AbstractConnection]:
    """Log in; the connection ends with the block.

    Args:
        database: As whom.
        whose: What messages call the password.

    Raises:
        RefusedError: The server refuses the password.
        StepError: There is no driver, no server, or none that is trusted.
    """
    try:
        import redis
    except ImportError:
        raise StepError("redis-py is not installed", "pip install 'secretctl[redis]'") from None
    is_plain = database.ssl == "no" or (not database.ssl and _is_plain(database))
    connection = _made(database, is_plain=is_plain)
    try:
        connection.connect()
    except (redis.RedisError, OSError):
        checked = ", or has no certificate that is trusted" if database.ssl == "yes" else ""
        raise StepError(f"the server cannot be reached{checked}") from None
    try:
        _log_in(connection, database, is_plain=is_plain, whose=whose)
        yield connection
    finally:
        connection.disconnect()


def lacking(*command: str) -> StepError:
    """Return what is said where a command of one or two words is not allowed."""
    return StepError(
        f"whoever changes the password may not use {' '.join(command)}",
        f"ACL SETUSER NAME +{'|'.join(command).lower()}, or the key masterarn, the secret of "
        "somebody who may",
    )


def ask(connection: AbstractConnection, *words: str) -> object:
    """Send a command of one or two words, and what it is about; return the answer.

    Raises:
        StepError: The server refuses it, or is gone.
    """
    import redis

    command = " ".join(words[:2])
    try:
        connection.send_command(*words)
        answer: object = connection.read_response()
    except redis.exceptions.NoPermissionError:
        raise lacking(*words[:2]) from None
    except redis.ResponseError:
        raise StepError(f"the server refused {command}", "its log may say why") from None
    except (redis.RedisError, OSError):
        raise StepError(f"the server did not answer {command}") from None
    return answer


def _log_in(
    connection: AbstractConnection, database: Database, *, is_plain: bool, whose: str
) -> None:
    import redis

    try:
        connection.send_command("AUTH", database.username, database.password)
        connection.read_response()
    except redis.AuthenticationError:
        raise RefusedError(f"the server refused {whose} password") from None
    except redis.ResponseError:
        raise StepError("the server knows no users: it is older than Redis 6") from None
    except (redis.RedisError, OSError):
        why = "speak TLS alone" if is_plain else "want a certificate of its clients"
        raise StepError(_HUNG_UP + why) from None


def _is_plain(database: Database) -> bool:
    """Tell whether the port speaks without TLS, by a command that says nothing about anybody."""
    import redis

    probe = _made(database, is_plain=True)
    try:
        probe.connect()
        probe.send_command("PING")
        probe.read_response()
    except (redis.AuthenticationError, redis.ResponseError):
        return True
    except (redis.RedisError, OSError):
        return False
    else:
        return True
    finally:
        probe.disconnect()


def _made(database: Database, *, is_plain: bool) -> AbstractConnection:
    """Return a connection that is not made yet: it logs nobody in, and tells nothing of itself."""
    from redis.connection import Connection, SSLConnection

    how: dict[str, Any] = {
        "host": database.host,
        "port": database.port,
        "protocol": 2,
        "decode_responses": True,
        "driver_info": None,
        "socket_timeout": _WAIT_S,
        "socket_connect_timeout": _WAIT_S,
    }
    if is_plain:
        return Connection(**how)
    is_checked = database.ssl == "yes"
    reqs = "required" if is_checked else "none"
    return SSLConnection(**how, ssl_cert_reqs=reqs, ssl_check_hostname=is_checked)
