"""Which rotation functions can be run here: those that come with us, and the user's own."""

from __future__ import annotations

from importlib import import_module

from secretctl.cli import config
from secretctl.context import Context
from secretctl.domain.secret import Secret
from secretctl.errors import ConfigError, UsageError
from secretctl.rotation import functions, reads, registry
from secretctl.rotation.reads import Reads
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function, RotationError, Step, StepError
from secretctl.service import rotating
from secretctl.service.session import Session

_NOT_FOR_IT = "the function is registered for secrets of other names"
_KINDS = {
    registry.PYTHON: "secretctl.rotation.python_function",
    registry.EXECUTABLE: "secretctl.rotation.executable",
}
"""Where it stands how functions in a file are run."""


def registered(context: Context) -> dict[str, Registered]:
    """Return the functions that the configuration file tells of, by name.

    Raises:
        ConfigError: Something of them has no meaning.
    """
    return registry.read(_said(context).get("functions"), context.environ.get("HOME", ""))


def allowed(context: Context) -> Reads:
    """Return what is said of which secrets builtins may read besides; raises as `reads.read`."""
    return reads.read(_said(context).get("reads"))


def _said(context: Context) -> dict[str, object]:
    table = config.load(context.environ).rotation
    if table is not None and not isinstance(table, dict):
        raise ConfigError("'rotation' in the configuration file is not a table")
    return table or {}


def is_known(context: Context, name: str) -> bool:
    """Tell whether a RotationLambdaARN names a function that can be run."""
    return functions.is_known(name) or is_among(registered(context), name)  # unread for the former


def is_among(own: dict[str, Registered], name: str) -> bool:
    """Tell whether a RotationLambdaARN names one of these functions, or one that comes with us."""
    return functions.is_known(name) or registry.name_in(name) in own


def of_secret(session: Session, secret_id: str, token: str, context: Context) -> Function:
    """Return the function that rotates a secret; raises as `named`."""
    secret = rotating.standing(session, secret_id, token).secret
    name = "" if secret.rotation is None else secret.rotation.function
    return named(session, secret, name, context)


def named(session: Session, secret: Secret, name: str, context: Context) -> Function:
    """Return the function of that name, to rotate *secret*.

    Raises:
        RotationError: There is none.
        ConfigError: As `registered` and `reads.of_secret`.
    """
    others = reads.of_secret(allowed(context), secret.name)
    if (builtin := functions.named(name)) is not None:
        return builtin._replace(reads=others)
    found = registered(context).get(registry.name_in(name))
    if name in functions.WITH_SETTINGS:
        raise RotationError(
            f"{name} needs settings, and a name of its own",
            f"secretctl rotation functions add NAME --builtin {name} --settings FILE",
        )
    if found is None:
        raise RotationError(
            "the function of this secret is not registered here",
            "secretctl rotation functions add NAME",
        )
    if found.secrets and not reads.is_meant(found.secrets, secret.name):
        return _refusing(found.name)
    if (builtin := _alias(found)) is not None:
        return builtin._replace(name=found.name, reads=(*others, *found.read))
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
        ConfigError: As `registered`.
    """
    found = registered(context).get(name)
    if found is None:
        raise UsageError(
            "no function of that name is registered", "secretctl rotation functions list"
        )
    return found


def check_typed(context: Context, name: str) -> None:
    """Refuse a name that somebody typed and no function has; raises as `own`."""
    if not (is_known(context, name) or name in functions.WITH_SETTINGS):
        own(context, name)


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
