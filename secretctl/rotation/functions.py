"""Which rotation functions there are, by what RotationLambdaARN says.

Those that come with the program are named without being registered: ``builtin/password``.
"""

from __future__ import annotations

from importlib import import_module

from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.rotation.steps import Function

BUILTINS = {
    "builtin/password": "secretctl.rotation.password:FUNCTION",
    "builtin/mysql": "secretctl.rotation.mysql:SINGLE",
    "builtin/mysql-alternating": "secretctl.rotation.mysql:ALTERNATING",
    "builtin/postgres": "secretctl.rotation.postgres:SINGLE",
    "builtin/postgres-alternating": "secretctl.rotation.postgres:ALTERNATING",
    "builtin/redis-acl": "secretctl.rotation.redis_acl:FUNCTION",
    "builtin/ssh-key": "secretctl.rotation.ssh_key:FUNCTION",
    "builtin/x509": "secretctl.rotation.x509:FUNCTION",
}
"""Where the functions that come with the program stand."""


class Template(NamedTuple):
    """Where a function stands that needs settings."""

    settings: str
    """Says what may be set; loaded wherever the configuration file is read."""

    runs: str


WITH_SETTINGS = {
    "builtin/exec": Template("secretctl.rotation.command_settings", "secretctl.rotation.commands"),
    "builtin/http-api-key": Template(
        "secretctl.rotation.http_settings", "secretctl.rotation.http_api_key"
    ),
}
"""Those that do nothing without settings, which are said of a name of one's own, or by secret."""


def is_known(name: str) -> bool:
    """Tell whether a RotationLambdaARN names a function that can be run for any secret."""
    return name in BUILTINS


def is_named(name: str) -> bool:
    """Tell whether a RotationLambdaARN names a function that comes with the program."""
    return name in BUILTINS or name in WITH_SETTINGS


def named(name: str) -> Function | None:
    """Return the function that a RotationLambdaARN names; None if there is none."""
    if name not in BUILTINS:
        return None
    module, _, attribute = BUILTINS[name].partition(":")
    function: Function = getattr(import_module(module), attribute)
    return function
