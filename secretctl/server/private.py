"""An endpoint for one program: on a free port of this machine, for a one-time credential.

What answers takes longer to load than all else that a program needs before it can be started; so it
is loaded where the endpoint is made, and the socket is there before.
"""

from __future__ import annotations

import os
from ipaddress import ip_address

from secretctl.domain.credential import Given
from secretctl.record import TYPE_CHECKING
from secretctl.server.listening import Address, bound, url

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from secretctl.context import Context
    from secretctl.server.endpoint import Endpoint

HOST = "127.0.0.1"


def listening() -> tuple[socket, str]:
    """Return a socket for an endpoint, and its URL; who connects waits until that is entered.

    Raises:
        ConfigError: There is no free port.
    """
    found = bound(Address(ip_address(HOST), 0))
    return found, url(found, "http")


def endpoint(
    found: socket, context: Context, troubled: Callable[[BaseException], None], connections: int
) -> Endpoint:
    """Return an endpoint.

    Args:
        found: Where it listens.
        context: Gives randomness.
        troubled: Is told what is wrong with the vault or this program; the program is not.
        connections: How many it bears, and how many requests that wait.
    """
    from secretctl.server.app import Options
    from secretctl.server.connections import Limits
    from secretctl.server.endpoint import Endpoint

    limits = Limits(connections=connections, waiting=connections, drain_s=1, late_s=0)
    return Endpoint(found, Options(context, troubled), limits)


def variables(given: Given, region: str) -> dict[str, str]:
    """Return what has SDKs of AWS sign with *given* in *region*, whatever files of AWS are there.

    See: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    """
    token = {"AWS_SESSION_TOKEN": given.session_token} if given.session_token else {}
    return {
        "AWS_ACCESS_KEY_ID": given.key_id,
        "AWS_SECRET_ACCESS_KEY": given.secret,
        **token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
