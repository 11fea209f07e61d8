"""Where a command runs that may run elsewhere: on a vault of this machine, or at an endpoint."""

from __future__ import annotations

from secretctl.cli import config
from secretctl.cli.options import Globals, refuse_unused
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.model.shapes import Operation, command_of

_SERVICE = "secretsmanager"
VARIABLE = "SECRETCTL_ENDPOINT_URL"


def settings_of(
    operation: Operation, flags: Globals, context: Context, command: str = ""
) -> config.Settings:
    """Choose what holds for *operation*: only those of Secrets Manager run at an endpoint.

    Args:
        operation: What is called.
        flags: The options.
        context: The environment.
        command: How it is reached, if not by its own name: then it is a question to the journal.

    Raises:
        UsageError: An endpoint is named, and whoever named it would not expect a vault to change.
        ConfigError: As `settings`.
    """
    if operation.service == _SERVICE and not command:
        return settings(flags, context)
    if flags.endpoint_url is not None:
        refuse_unused(flags, command or command_of(operation))
    if operation.service != _SERVICE:
        refuse_variable(flags, context, operation.service)
    loaded = config.load(context.environ)
    return config.settings(loaded, flags.profile, flags, context.environ)


def refuse_variable(flags: Globals, context: Context, command: str) -> None:
    """Refuse to use the vault of this machine where the environment names an endpoint.

    Raises:
        UsageError: It does, and ``--vault`` does not say that it is meant.
    """
    if context.environ.get(VARIABLE) and not flags.vault:
        raise UsageError(
            f"{VARIABLE} is set, and '{command}' is about a vault of this machine",
            f"unset {VARIABLE}, or name the vault: --vault DIR",
        )


def settings(flags: Globals, context: Context) -> config.Settings:
    """Choose what holds for a command that takes ``--endpoint-url``.

    The option goes before SECRETCTL_ENDPOINT_URL, and so does ``--vault``. With an endpoint,
    ``--profile`` names a profile of AWS's files, and none of the configuration file.

    Raises:
        UsageError: Both a vault and an endpoint are named.
        ConfigError: As `config.settings`.
    """
    if flags.vault and flags.endpoint_url:
        raise UsageError(
            "--vault and --endpoint-url exclude each other", "a vault is one of this machine"
        )
    named = None if flags.vault else context.environ.get(VARIABLE)
    url = flags.endpoint_url or named
    return at(url, flags, context)


def at(url: str | None, flags: Globals, context: Context) -> config.Settings:
    """Choose what holds for the endpoint at *url*; if there is none, for a vault.

    Raises:
        ConfigError: As `config.settings`.
    """
    loaded = config.load(context.environ)
    if not url:
        return config.settings(loaded, flags.profile, flags, context.environ)
    found = config.settings(loaded, None, flags, context.environ, has_vault=False)
    return found._replace(endpoint=flags._replace(endpoint_url=url))
