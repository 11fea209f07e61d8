"""What a project needs: the variables that its ``secretctl.toml`` names, and what they must be.

    [variables]
    NAME = "REFERENCE"

    [variables.NAME]
    secret = "REFERENCE"        # in any form that `references` reads, without NAME=
    required = true             # or false; true if left out
    type = "url"                # one of `value_types`
    pattern = "[a-z]{3}"        # of `pattern`, for the whole value
    description = "what it is for"

    [environments.ENVIRONMENT]  # variables of its own, in the same two ways

* An environment overrides key by key what ``variables`` says of a name, and adds names.
* Anything else is refused, and so are names that steer programs: see `steering`. Nothing here says
  which vault is opened, by whom, what is recorded, masked or passed on.
* All environments are checked, whichever is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretctl.delivery import pattern_match, references
from secretctl.delivery.pattern_match import Automaton
from secretctl.delivery.references import Source, is_variable
from secretctl.delivery.steering import steers
from secretctl.delivery.value_types import TYPES
from secretctl.errors import UsageError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

VARIABLES, ENVIRONMENTS = "variables", "environments"
MINIMAL = '[variables]\\nDB_PASSWORD = "prod/db#password"\\n'
"""A manifest, as ``printf`` takes it."""

_LONGEST_NAME = 64
_EXAMPLE = 'for example DB_PASSWORD = "prod/db#password"'
Place = tuple[str, ...]
Entry = dict[str, "Any"]
"""What is said of a variable: keys of `_READERS`, and what they are read as."""


FAULTS = ("WrongType", "TooLong", "PatternMismatch")
"""Codes of what may be wrong with a value."""


class Need(NamedTuple):
    """A variable, and what is asked of it."""

    source: Source
    is_required: bool = True
    type: str = ""
    """One of `TYPES`; empty if any will do."""

    pattern: Automaton | None = None
    description: str = ""

    @property
    def asks_for_value(self) -> bool:
        """Whether only its value tells if it is there and right, or which variables it gives."""
        is_named = self.source.variable is not None and self.source.json_key is None
        return bool(not is_named or self.type or self.pattern)

    def fault(self, value: str) -> tuple[str, str] | None:
        """Return what is wrong with a value, as a code and a sentence; None if nothing is."""
        if self.type and not TYPES[self.type](value):
            return "WrongType", f"the value is not of the type {self.type}"
        if self.pattern is None or pattern_match.matches(self.pattern, value):
            return None
        if len(value) > pattern_match.LONGEST:
            return "TooLong", f"{pattern_match.LONGEST} characters at most can match a pattern"
        return "PatternMismatch", "the value does not match its pattern"


class Manifest(NamedTuple):
    """What a project needs in one environment."""

    needs: tuple[Need, ...]
    environments: tuple[str, ...]
    """All that are declared."""

    environment: str = ""
    """The one that was chosen; empty if none was."""

    path: str = ""


class ManifestFault(Exception):  # noqa: N818 whoever knows the file makes an error of it
    """Something in a manifest has no meaning. Its text repeats no value.

    Args:
        place: Keys that lead to it, the outermost first.
        message: What is wrong there.
        hints: What to write.
    """

    def __init__(self, place: Place, message: str, *hints: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.hints = hints


def read(document: Mapping[str, object], environment: str = "") -> Manifest:
    """Return what *document*, read from TOML, says of an environment.

    Args:
        document: The whole file.
        environment: The one that is chosen; empty for what holds without one.

    Raises:
        ManifestFault: It is no manifest.
        UsageError: There is no such environment.
    """
    for key in document:
        if key not in (VARIABLES, ENVIRONMENTS):
            _refuse_unknown((key,), (VARIABLES, ENVIRONMENTS))
    entries = _entries(document.get(VARIABLES, {}), (VARIABLES,))
    declared = _table(document.get(ENVIRONMENTS, {}), (ENVIRONMENTS,))
    others = {name: _environment(name, table) for name, table in declared.items()}
    if environment and environment not in others:
        raise _no_environment(others)
    chosen = others.get(environment, {})
    whole = {name: {**entries.get(name, {}), **chosen.get(name, {})} for name in entries | chosen}
    if not whole:
        raise ManifestFault((), "no variable is declared", f"{_EXAMPLE}, beneath [{VARIABLES}]")
    for name, entry in whole.items():
        if "secret" not in entry:
            place = (VARIABLES,) if name in entries else (ENVIRONMENTS, environment)
            raise _no_secret((*place, name), others)
    needs = tuple(_need(name, entry) for name, entry in whole.items())
    return Manifest(needs, tuple(others), environment)


def _no_environment(known: Mapping[str, object]) -> UsageError:
    said = "there is no environment of that name in the manifest"
    if not known:
        return UsageError(said, f"one is declared by a table [{ENVIRONMENTS}.NAME]")
    return UsageError(said, f"environments: {', '.join(known)}")


def _environment(name: str, table: object) -> dict[str, Entry]:
    place = (ENVIRONMENTS, name)
    is_name = name.isascii() and all(letter.isalnum() or letter in "_.-" for letter in name)
    if not (is_name and 0 < len(name) <= _LONGEST_NAME):
        raise ManifestFault(
            place, "names of environments have letters, digits, '_', '.' and '-', 64 at most"
        )
    return _entries(table, place)


def _entries(table: object, place: Place) -> dict[str, Entry]:
    found = _table(table, place)
    return {name: _entry(name, said, (*place, name)) for name, said in found.items()}


def _table(table: object, place: Place) -> dict[str, object]:
    if not isinstance(table, dict):
        raise ManifestFault(place, "is not a table", f"[{'.'.join(place)}]")
    return table


def _entry(name: str, said: object, place: Place) -> Entry:
    """Return what is said of a variable, read: by the keys of `_READERS`."""
    if not is_variable(name):
        raise ManifestFault(
            place,
            "is no name of a variable: letters, digits and _, and no digit in front",
            _EXAMPLE,
        )
    if steers(name):
        raise ManifestFault(place, "this variable changes which programs run", "name another one")
    if isinstance(said, str):
        return {"secret": _secret(said, place)}
    if not isinstance(said, dict):
        raise ManifestFault(place, "is neither a reference nor a table", _EXAMPLE)
    return {key: _value(key, value, (*place, key)) for key, value in said.items()}


def _value(key: str, value: object, place: Place) -> object:
    if key not in _READERS:
        _refuse_unknown(place, tuple(_READERS))
    kind, named, reader = _READERS[key]
    if not isinstance(value, kind):
        raise ManifestFault(place, f"is not {named}")
    return reader(value, place)


def _refuse_unknown(place: Place, known: tuple[str, ...]) -> None:
    raise ManifestFault(place, "unknown key", f"known here: {', '.join(known)}")


def _secret(reference: str, place: Place) -> Source:
    try:
        return references.reference(reference)
    except UsageError as error:
        raise ManifestFault(place, error.message, *error.hints) from None


def _type(name: str, place: Place) -> str:
    if name not in TYPES:
        raise ManifestFault(place, f"is none of {', '.join(TYPES)}")
    return name


def _pattern(text: str, place: Place) -> Automaton:
    try:
        return pattern_match.compiled(text)
    except ValueError as error:
        raise ManifestFault(place, f"is no pattern: {error}", "docs/manifest.md") from None


def _itself(value: object, _: Place) -> object:
    return value


_READERS: Mapping[str, tuple[type, str, Callable[..., object]]] = {
    "secret": (str, "a string", _secret),
    "required": (bool, "true or false", _itself),
    "type": (str, "a string", _type),
    "pattern": (str, "a string", _pattern),
    "description": (str, "a string", _itself),
}
"""What can be said of a variable: the type in TOML, in words, and what reads it."""


def _no_secret(place: Place, environments: Mapping[str, object]) -> ManifestFault:
    named = ", ".join(environments)
    hint = f"or choose one of the environments: {named}" if environments else _EXAMPLE
    return ManifestFault(place, "names no secret", 'secret = "REFERENCE"', hint)


def _need(name: str, entry: Entry) -> Need:
    return Need(
        entry["secret"]._replace(variable=name),
        is_required=entry.get("required", True),
        type=entry.get("type", ""),
        pattern=entry.get("pattern"),
        description=entry.get("description", ""),
    )
