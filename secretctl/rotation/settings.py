"""Settings of builtins by the secrets they are for: what the configuration file says.

    [rotation.settings."prod/app-*"]
    builtin = "builtin/exec"
    set = ["~/bin/set-password"]

Patterns of names, with AWS's wildcards. What stands there is what a function of that builtin that
is registered under a name of its own has; see `registry`.
"""

from __future__ import annotations

import shlex

from secretctl import json_text
from secretctl.errors import ConfigError
from secretctl.rotation import registry
from secretctl.rotation.functions import WITH_SETTINGS
from secretctl.rotation.reads import by_pattern, is_meant
from secretctl.rotation.registry import BUILTIN, Registered, SettingError

Settings = dict[str, object]
"""By pattern, what stands there: see `at`."""

_HINT = 'they are tables by patterns of names: [rotation.settings."prod/app-*"]'


def read(table: object) -> Settings:
    """Return what ``rotation.settings`` of the configuration file says; nothing without it.

    Raises:
        ConfigError: It is no table.
    """
    return by_pattern(table, "rotation.settings", _HINT)


def of_secret(found: Settings, builtin: str, name: str, home: str) -> Registered | None:
    """Return how a builtin rotates the secret *name*; None where that is not said.

    Args:
        found: What the configuration file says.
        builtin: One of those that need settings.
        name: Of the secret.
        home: What ``~`` stands for.

    Raises:
        ConfigError: More than one pattern means the secret; one that does has something else. Of
            two the narrower one would be a guess.
    """
    meant = [pattern for pattern in found if is_meant([pattern], name)]
    fitting = {
        pattern: each for pattern in meant if (each := at(found, pattern, home)).path == builtin
    }
    if len(fitting) > 1:
        shown = ", ".join(map(json_text.compact, fitting))
        raise ConfigError(
            f"more than one pattern of 'rotation.settings' in the configuration file means the "
            f"secret for {builtin}: {shown}",
            f"secretctl rotation settings {shlex.quote(min(fitting))} --remove",
        )
    return next(iter(fitting.values()), None)


def of_builtin(found: Settings, builtin: str, home: str) -> dict[str, Registered]:
    """Return the settings of a builtin by pattern; raises ConfigError as `at`."""
    every = {pattern: at(found, pattern, home) for pattern in found}
    return {pattern: each for pattern, each in every.items() if each.path == builtin}


def at(found: Settings, pattern: str, home: str) -> Registered:
    """Return what stands at a pattern, under the name of its builtin.

    Raises:
        ConfigError: It has no meaning.
    """
    try:
        return of_table(found[pattern], home)
    except SettingError as error:
        raise ConfigError(
            f"what 'rotation.settings' in the configuration file has at the pattern "
            f"{json_text.compact(pattern)} {error}",
            f"secretctl rotation settings {shlex.quote(pattern)} --remove",
        ) from None


def of_table(table: object, home: str) -> Registered:
    """Return what *table* says, under the name of its builtin; raises SettingError."""
    builtin = table.get(BUILTIN) if isinstance(table, dict) else None
    if not isinstance(table, dict) or builtin not in tuple(WITH_SETTINGS):
        raise SettingError(f"has no {BUILTIN} that is one of {', '.join(WITH_SETTINGS)}")
    allowed = keys_of(str(builtin))
    if not set(table) <= set(allowed):
        raise SettingError(f"has a key that is none of {', '.join(allowed)}")
    return registry.of_table(str(builtin), table, home)


def keys_of(builtin: str) -> tuple[str, ...]:
    """Return what may stand at a pattern: which secrets are meant, that says."""
    return tuple(each for each in registry.keys_of(BUILTIN, builtin) if each != "secrets")


def to_write(builtin: str, name: str) -> str:
    """Return the command that says how a builtin rotates the secret *name*."""
    return f"secretctl rotation settings {shlex.quote(name)} --builtin {builtin} --file FILE"
