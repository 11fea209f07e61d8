"""Which rotation functions can be run here: those that come with us, and the user's own."""

from __future__ import annotations

from secretctl.cli import config
from secretctl.context import Context
from secretctl.domain.secret import Secret
from secretctl.errors import ConfigError
from secretctl.rotation import functions, registry
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function, RotationError
from secretctl.service import rotating
from secretctl.service.session import Session


def registered(context: Context) -> dict[str, Registered]:
    """Return the functions that the configuration file tells of, by name.

    Raises:
        ConfigError: Something of them has no meaning.
    """
    table = config.load(context.environ).rotation
    if table is not None and not isinstance(table, dict):
        raise ConfigError("'rotation' in the configuration file is not a table")
    return registry.read((table or {}).get("functions"), context.environ.get("HOME", ""))


def is_known(context: Context, name: str) -> bool:
    """Tell whether a RotationLambdaARN names a function that can be run."""
    return functions.is_known(name) or registry.name_in(name) in registered(context)


def of_secret(session: Session, secret_id: str, token: str, context: Context) -> Function:
    """Return the function that rotates a secret; raises as `named`."""
    secret = rotating.standing(session, secret_id, token).secret
    name = "" if secret.rotation is None else secret.rotation.function
    return named(session, secret, name, context)


def named(session: Session, secret: Secret, name: str, context: Context) -> Function:
    """Return the function of that name, to rotate *secret*.

    Raises:
        RotationError: There is none.
        ConfigError: As `registered`.
    """
    if (builtin := functions.named(name)) is not None:
        return builtin
    own = registered(context).get(registry.name_in(name))
    if own is None:
        raise RotationError(
            "the function of this secret is not registered here",
            "secretctl rotation functions add NAME --path FILE",
        )
    from secretctl.rotation.python_function import prepared

    return prepared(session, own, secret)
