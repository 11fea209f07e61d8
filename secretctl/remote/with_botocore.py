"""What botocore knows of credentials: roles, SSO, web identities, containers and instances.

Importing this fails where botocore is not installed, which ``secretctl[aws]`` brings.
"""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from secretctl.domain.credential import Given
from secretctl.errors import ConfigError


def credential(profile: str | None) -> Given | None:
    """Return the credential that botocore finds; None where there is none.

    Args:
        profile: As named on the command line; otherwise botocore looks by itself.

    Raises:
        ConfigError: It cannot be had: AWS refuses it, or a sign-in has expired.
    """
    try:
        found = Session(profile=profile).get_credentials()
        frozen = None if found is None else found.get_frozen_credentials()
    except (BotoCoreError, ClientError, OSError) as error:
        first = str(error).partition("\n")[0]
        raise ConfigError(f"no credentials: {first}", "aws sso login, where SSO is used") from None
    if frozen is None:
        return None
    return Given(frozen.access_key, frozen.secret_key, frozen.token or "")
