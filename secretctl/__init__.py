"""A secrets manager on your own machine, with the commands of AWS Secrets Manager."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Literal

    from secretctl.sdk.secretsmanager import SecretsManager

__version__ = "0.1.0"


def client(
    service_name: Literal["secretsmanager"],
    region_name: str | None = None,
    *,
    vault: str | PathLike[str] | None = None,
    profile: str | None = None,
) -> SecretsManager:
    """Return a client for a vault, with the methods, answers and exceptions of boto3's.

    What is not given is chosen as by the command line: by the environment, as it is now, and the
    configuration file. The vault is opened at the first call. All threads may share a client; they
    take turns.

    Args:
        service_name: ``secretsmanager``.
        region_name: Region whose secrets are meant.
        vault: Folder of the vault.
        profile: Section of the configuration file.

    Raises:
        ConfigError: A setting cannot be used, or there is no such profile.
        UnsafePermissionsError: Others could have written the configuration file.
        UsageError: SECRETCTL_ENDPOINT_URL turns commands to an endpoint, and no vault is named.
        ValueError: There is no such service.
    """
    from secretctl.cli import in_process

    return in_process.client(service_name, region_name, vault, profile)
