"""Rotation functions of the user's own: what the configuration file says of each.

    [rotation.functions.pg]
    path = "~/lambdas/postgres/lambda_function.py"
    handler = "lambda_handler"
    python = "~/venvs/rotation/bin/python"
    sha256 = "9f86d0…"
    timeout = 30
    env = { EXCLUDE_CHARACTERS = ":/@" }
    read = ["prod/db-master"]
    secrets = ["prod/db/*"]

    [rotation.functions.app]
    executable = "~/bin/rotate-app"

    [rotation.functions.SecretsManagerPostgres]
    builtin = "builtin/postgres"

They are the user's, never the vault's or a request's: a name leads to code by this file alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from importlib import import_module

from secretctl.errors import ConfigError
from secretctl.record import NamedTuple
from secretctl.rotation.functions import BUILTINS, WITH_SETTINGS
from secretctl.rotation.reads import is_id, is_texts

HANDLER = "lambda_handler"
TIMEOUT_S = 30
_MOST_S = 900
"""What Lambda allows at most."""

_DIGEST_LENGTH = 64
_LONGEST_NAME = 64
PYTHON, EXECUTABLE, BUILTIN = "path", "executable", "builtin"
_COMMON = ("sha256", "timeout", "env", "read", "secrets")
KEYS = {
    PYTHON: (PYTHON, "handler", "python", *_COMMON),
    EXECUTABLE: (EXECUTABLE, *_COMMON),
    BUILTIN: (BUILTIN, "read", "secrets"),
}
"""What may be said of each kind, by the key that makes it one."""

_OURS = (PYTHON, EXECUTABLE, BUILTIN, "handler", "python", *_COMMON)
"""What is no setting of a builtin."""


class Registered(NamedTuple):
    """A function of the user's own."""

    name: str
    path: str
    """The file; of another name for a builtin, that one's."""

    kind: str = PYTHON
    """The key in the configuration file under which *path* stands."""

    handler: str = HANDLER
    python: str = "python3"
    """The interpreter: a path, or what PATH finds."""

    sha256: str = ""
    """Digest of the file, hexadecimal; empty where any will do."""

    timeout_s: int = TIMEOUT_S
    """Of one step."""

    env: tuple[tuple[str, str], ...] = ()
    read: tuple[str, ...] = ()
    """Ids of the other secrets that it may read."""

    secrets: tuple[str, ...] = ()
    """Patterns of the names of those that it may rotate; none where it may any."""

    settings: dict[str, object] = {}  # noqa: RUF012 nobody changes it
    """Of a builtin, as they stand in the configuration file."""


class SettingError(ValueError):
    """What is said of a function has no meaning.

    Args:
        what: Follows the name of the function, and repeats nothing that was written.
    """


class Source(NamedTuple):
    """Where it is said what functions are: that goes into what is told of a mistake."""

    place: str
    """Follows the name of a function."""

    hint: str


FILE = Source(" in the configuration file", "secretctl rotation functions add writes one anew")


def keys_of(kind: str, path: str) -> tuple[str, ...]:
    """Return what may be said of a function of that kind; *path* is a builtin's name."""
    if kind == BUILTIN and path in WITH_SETTINGS:
        keys: tuple[str, ...] = import_module(WITH_SETTINGS[path].settings).KEYS
        return (BUILTIN, "secrets", *keys)
    return KEYS[kind]


def digest_of(path: str) -> str:
    """Return the SHA-256 of a function's file, in hexadecimal digits; raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_name(name: str) -> bool:
    """Tell whether a function may be called so: what Lambda takes, and no builtin."""
    allowed = name.isascii() and all(letter.isalnum() or letter in "-_" for letter in name)
    return allowed and 0 < len(name) <= _LONGEST_NAME


def name_in(arn: str) -> str:
    """Return the name of the function that a RotationLambdaARN means; an alias is left out.

    See: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    parts = arn.split(":")
    if len(parts) in (7, 8) and parts[:3:2] == ["arn", "lambda"] and parts[5] == "function":
        return parts[6]
    return arn


def read(tables: object, home: str, source: Source = FILE) -> dict[str, Registered]:
    """Return the functions that ``rotation.functions`` of the configuration file tells of, by name.

    Args:
        tables: What stands there; None where nothing does.
        home: What ``~`` stands for.
        source: Where that is, if not in the file.

    Raises:
        ConfigError: Something of it has no meaning.
    """
    if tables is None:
        return {}
    if not isinstance(tables, dict):
        raise ConfigError("'rotation.functions' in the configuration file is not a table")
    return {name: _read(name, table, home, source) for name, table in tables.items()}


def of_table(name: str, table: object, home: str) -> Registered:
    """Return what *table* says of a function; raises SettingError where that has no meaning."""
    if not isinstance(table, dict):
        raise SettingError("is not a table")
    kind = _kind(table)
    path = _text(table, kind, "")
    if kind == BUILTIN and path not in (*BUILTINS, *WITH_SETTINGS):
        raise SettingError(
            f"has a builtin that is none of {', '.join((*BUILTINS, *WITH_SETTINGS))}"
        )
    allowed = keys_of(kind, path)
    if not set(table) <= set(allowed):
        raise SettingError(f"has a key that is none of {', '.join(allowed)}")
    settings = {key: table[key] for key in table if key not in _OURS}
    if kind == BUILTIN and path in WITH_SETTINGS:
        import_module(WITH_SETTINGS[path].settings).check_settings(settings)
    return Registered(
        name,
        path if kind == BUILTIN else _file(kind, place(path, home)),
        kind,
        _text(table, "handler", HANDLER),
        _interpreter(place(_text(table, "python", "python3"), home)),
        _digest(table),
        _timeout(table),
        _environment(table),
        _ids(table, "read"),
        _names(table, "secrets"),
        settings,
    )


def written(function: Registered) -> dict[str, object]:
    """Return what the configuration file is to say of *function*."""
    said: dict[str, object] = {function.kind: function.path}
    plain = Registered(function.name, function.path)
    if function.handler != plain.handler:
        said["handler"] = function.handler
    if function.python != plain.python:
        said["python"] = function.python
    if function.sha256:
        said["sha256"] = function.sha256
    if function.timeout_s != plain.timeout_s:
        said["timeout"] = function.timeout_s
    if function.env:
        said["env"] = dict(function.env)
    if function.read:
        said["read"] = list(function.read)
    if function.secrets:
        said["secrets"] = list(function.secrets)
    return {**said, **function.settings}


def _read(name: str, table: object, home: str, source: Source) -> Registered:
    if not is_name(name):
        raise ConfigError(
            f"a rotation function{source.place} has a name that cannot be one",
            "a name has letters, digits, - and _: [rotation.functions.my-function]",
        )
    try:
        return of_table(name, table, home)
    except SettingError as error:
        what = f"the rotation function '{name}'{source.place} {error}"
        raise ConfigError(what, source.hint) from None


def _kind(table: Mapping[str, object]) -> str:
    """Return the one key that says what kind of function it is."""
    found = [each for each in KEYS if each in table]
    if len(found) > 1:
        raise SettingError(f"has more than one of {', '.join(KEYS)}")
    if not found:
        raise SettingError(f"needs one of {', '.join(KEYS)}")
    return found[0]


def _text(table: Mapping[str, object], key: str, default: str) -> str:
    found = table.get(key, default)
    if not isinstance(found, str) or not found:
        raise SettingError(f"has no text as {key}")
    return found


def _file(key: str, path: str) -> str:
    """Return a path that means the same file in whichever folder somebody is."""
    if not os.path.isabs(path):
        raise SettingError(f"says of {key} what begins neither with / nor with ~/")
    return path


def _interpreter(python: str) -> str:
    return _file("python", python) if os.sep in python else python


def _environment(table: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    found = table.get("env", {})
    if not (isinstance(found, dict) and all(isinstance(each, str) for each in found.values())):
        raise SettingError("has an env that is not a table of texts")
    return tuple(found.items())


def _ids(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = _names(table, key)
    if not all(map(is_id, found)):
        raise SettingError(f"has a {key} with what is neither a name nor an ARN of a secret")
    return found


def _names(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not is_texts(found):
        raise SettingError(f"has a {key} that is not a list of names of secrets")
    return tuple(found)


def _digest(table: Mapping[str, object]) -> str:
    found = table.get("sha256", "")
    if not isinstance(found, str) or found.strip("0123456789abcdefABCDEF"):
        raise SettingError("has a sha256 that is none")
    if len(found) not in (0, _DIGEST_LENGTH):
        raise SettingError(f"has a sha256 that is not {_DIGEST_LENGTH} hexadecimal digits")
    return found.lower()


def _timeout(table: Mapping[str, object]) -> int:
    found = table.get("timeout", TIMEOUT_S)
    if type(found) is not int or not 0 < found <= _MOST_S:
        raise SettingError(f"has a timeout that is no number of seconds from 1 to {_MOST_S}")
    return found


def place(path: str, home: str) -> str:
    """Return *path* with what ``~`` stands for."""
    return os.path.join(home, path[2:]) if path.startswith("~/") else path
