"""An endpoint for one program: on a free port of this machine, for a one-time credential."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import ip_address

from secretctl.context import Context
from secretctl.domain.credential import Given
from secretctl.server.app import Options
from secretctl.server.connections import Limits
from secretctl.server.endpoint import Endpoint
from secretctl.server.listening import Address, bound, url

HOST = "127.0.0.1"


def listening(
    context: Context, troubled: Callable[[BaseException], None], limits: Limits
) -> tuple[Endpoint, str]:
    """Return an endpoint, and its URL; who connects waits until it is entered.

    Args:
        context: Gives randomness.
        troubled: Is told what is wrong with the vault or this program; the program is not.
        limits: What it bears.

    Raises:
        ConfigError: There is no free port.
    """
    found = bound(Address(ip_address(HOST), 0))
    return Endpoint(found, Options(context, troubled), limits), url(found, "http")


def variables(given: Given, region: str) -> dict[str, str]:
    """Return what has SDKs of AWS sign with *given* in *region*, whatever files of AWS are there.

    See: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    """
    return {
        "AWS_ACCESS_KEY_ID": given.key_id,
        "AWS_SECRET_ACCESS_KEY": given.secret,
        "AWS_SESSION_TOKEN": given.session_token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
