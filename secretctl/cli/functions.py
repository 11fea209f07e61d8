"""Which rotation functions can be run here: those that come with us, and the user's own."""

from __future__ import annotations

from importlib import import_module

from secretctl.cli import config
from secretctl.context import Context
from secretctl.domain.secret import Secret
from secretctl.errors import ConfigError, UsageError
from secretctl.record import NamedTuple
from secretctl.rotation import functions, reads, registry, settings
from secretctl.rotation.reads import Reads
from secretctl.rotation.registry import Registered
from secretctl.rotation.settings import Settings
from secretctl.rotation.steps import Function, RotationError, Step, StepError
from secretctl.service import rotating
from secretctl.service.session import Session

_NOT_FOR_IT = "the function is registered for secrets of other names"
_KINDS = {
    registry.PYTHON: "secretctl.rotation.python_function",
    registry.EXECUTABLE: "secretctl.rotation.executable",
}
"""Where it stands how functions in a file are run."""


class Known(NamedTuple):
    """What the configuration file says of functions."""

    own: dict[str, Registered]
    """The user's own, by name."""

    settings: Settings
    """Of builtins that need some."""

    home: str


def known(context: Context) -> Known:
    """Return what the configuration file says of functions.

    Raises:
        ConfigError: Something of it has no meaning.
    """
    said, home = _said(context), context.environ.get("HOME", "")
    own = registry.read(said.get("functions"), home)
    return Known(own, settings.read(said.get("settings")), home)


def registered(context: Context) -> dict[str, Registered]:
    """Return the user's own functions, by name; raises as `known`."""
    return known(context).own


def allowed(context: Context) -> Reads:
    """Return what is said of which secrets builtins may read besides; raises as `reads.read`."""
    return reads.read(_said(context).get("reads"))


def _said(context: Context) -> dict[str, object]:
    table = config.load(context.environ).rotation
    if table is not None and not isinstance(table, dict):
        raise ConfigError("'rotation' in the configuration file is not a table")
    return table or {}


def lacking(context: Context, name: str, secret_name: str) -> str:
    """Return what to type before a function can rotate a secret; empty where it can.

    Args:
        context: Streams and environment.
        name: The RotationLambdaARN.
        secret_name: Name of the secret.

    Raises:
        ConfigError: As `known` and `settings.of_secret`.
    """
    if functions.is_known(name):
        return ""  # whatever stands in the file
    return lacking_of(known(context), name, secret_name)


def lacking_of(found: Known, name: str, secret_name: str) -> str:
    """Return what `lacking` does, of what the configuration file says; raises so."""
    if name in functions.WITH_SETTINGS:
        is_said = settings.of_secret(found.settings, name, secret_name, found.home)
        return "" if is_said else settings.to_write(name, secret_name)
    is_there = functions.is_known(name) or registry.name_in(name) in found.own
    return "" if is_there else "secretctl rotation functions list"


def of_secret(session: Session, secret_id: str, token: str, context: Context) -> Function:
    """Return the function that rotates a secret; raises as `named`."""
    secret = rotating.standing(session, secret_id, token).secret
    name = "" if secret.rotation is None else secret.rotation.function
    return named(session, secret, name, context)


def named(session: Session, secret: Secret, name: str, context: Context) -> Function:
    """Return the function of that name, to rotate *secret*.

    Raises:
        RotationError: There is none.
        ConfigError: As `known`, `reads.of_secret` and `settings.of_secret`.
    """
    others = reads.of_secret(allowed(context), secret.name)
    if (builtin := functions.named(name)) is not None:
        return builtin._replace(reads=others)
    if name in functions.WITH_SETTINGS:
        return _prepared(session, _set(known(context), name, secret.name), secret)
    found = registered(context).get(registry.name_in(name))
    if found is None:
        raise RotationError(
            "the function of this secret is not registered here",
            "secretctl rotation functions add NAME",
        )
    if found.secrets and not reads.is_meant(found.secrets, secret.name):
        return _refusing(found.name)
    if (builtin := _alias(found)) is not None:
        return builtin._replace(name=found.name, reads=(*others, *found.read))
    return _prepared(session, found, secret)


def _set(found: Known, builtin: str, secret_name: str) -> Registered:
    """Return what is said of how a builtin rotates a secret; raises RotationError, ConfigError."""
    said = settings.of_secret(found.settings, builtin, secret_name, found.home)
    if said is None:
        hint = settings.to_write(builtin, secret_name)
        raise RotationError(f"{builtin} has no settings for this secret", hint)
    return said


def _prepared(session: Session, found: Registered, secret: Secret) -> Function:
    function: Function = import_module(_module(found)).prepared(session, found, secret)
    return function


def _refusing(name: str) -> Function:
    """Return a function that is not to rotate the secret: each try fails, as others do."""

    def run(_step: Step) -> None:
        raise StepError(_NOT_FOR_IT, "secretctl rotation functions list")

    return Function(name, run, acts_outside=False, check=run)


def _alias(function: Registered) -> Function | None:
    return functions.named(function.path) if function.kind == registry.BUILTIN else None


def _module(function: Registered) -> str:
    """Return where it stands how a function is run."""
    return _KINDS.get(function.kind) or functions.WITH_SETTINGS[function.path].runs


def own(context: Context, name: str) -> Registered:
    """Return the function of the user's own of that name.

    Raises:
        UsageError: There is none.
        ConfigError: As `known`.
    """
    found = registered(context).get(name)
    if found is None:
        raise UsageError(
            "no function of that name is registered", "secretctl rotation functions list"
        )
    return found


def check_typed(context: Context, name: str) -> None:
    """Refuse a name that somebody typed and no function has; raises as `own`."""
    if not functions.is_named(name) and registry.name_in(name) not in registered(context):
        own(context, name)


def check_set(context: Context, builtin: str) -> None:
    """See that a builtin has settings for some secret, and that there is what those name.

    Raises:
        RotationError: What is missing.
        ConfigError: As `known` and `settings.at`.
    """
    found = known(context)
    every = settings.of_builtin(found.settings, builtin, found.home)
    if not every:
        hint = settings.to_write(builtin, "NAME")
        raise RotationError(f"{builtin} has no settings for any secret", hint)
    for each in every.values():
        check_startable(context, each)


def check_startable(context: Context, function: Registered) -> None:
    """See that there is what a function of the user's own runs; nothing is run.

    Raises:
        RotationError: What is missing.
    """
    if _alias(function) is not None:
        return
    try:
        import_module(_module(function)).check_startable(function, context.environ)
    except StepError as error:
        raise RotationError(f"it would fail: {error.message}", *error.hints) from None
