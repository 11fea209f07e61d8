"""Values of secrets as environment variables: one rule for names, one for values.

* A JSON object gives one variable for each top-level key; any other string gives one, named
  after the last segment of the secret's name, upper-cased. ``#key`` picks one key, ``NAME=``
  names the variable (without a key: the whole string, as it is stored).
* A key that is a legal name is left as it is. Another has every character outside
  ``[A-Za-z0-9_]`` made ``_``, is upper-cased, and a leading digit gets ``_`` in front.
* Strings go as they are, numbers as written in the secret, true and false as JSON; objects and
  lists as compact JSON. null is refused: as text it would be taken for a value, and left out it
  would let an inherited variable of the same name stand in.
* A prefix comes in front of names that were not written out; their case is kept if that is wanted.
* What an environment cannot hold (NUL, lone surrogates, bytes), two values for one name, one
  key twice, and names that steer programs instead of informing them are errors. So are reserved
  names that nobody wrote out as ``NAME=``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secretctl.delivery import json_values
from secretctl.delivery.naming import Naming
from secretctl.delivery.origin import Origin, object_of
from secretctl.delivery.references import Source, setting, shown, spelled
from secretctl.delivery.steering import is_reserved, steers
from secretctl.errors import DeliveryError
from secretctl.record import NamedTuple

_PICK = "name the variable yourself: NAME=SECRET-ID#KEY"


_PLAIN = Naming()


_MISSING, _KEYLESS = object(), object()
_ABSENT = (_MISSING, _KEYLESS)
"""In the place of the value of a key: the secret does not have it, or is no JSON object."""


class _Found(NamedTuple):
    name: str
    value: object
    """As read from JSON, or the whole string, or one of `_ABSENT`."""

    origin: Origin


class Variable(NamedTuple):
    """One variable that a source gives."""

    name: str
    value: str
    origin: object
    """As text it names the secret, and the key in it."""


def variables(
    sources: list[tuple[Source, dict[str, object]]],
    naming: Naming = _PLAIN,
    optional: frozenset[Source] = frozenset(),
) -> dict[str, str]:
    """Return the values of the variables that *sources* give, by name, for an environment.

    Raises:
        DeliveryError: as `named` and `refuse_reserved`.
    """
    found = named(sources, naming, optional)
    refuse_reserved(found)
    return {variable.name: variable.value for variable in found}


def named(
    sources: list[tuple[Source, dict[str, object]]],
    naming: Naming = _PLAIN,
    optional: frozenset[Source] = frozenset(),
) -> list[Variable]:
    """Return the variables that *sources* give.

    Args:
        sources: each with the result of its GetSecretValue.
        naming: of variables that have no name yet.
        optional: those that give nothing where their key is missing.

    Raises:
        DeliveryError: see the module's rules; names of secrets, keys and variables only.
    """
    found: dict[str, Variable] = {}
    missing: list[_Found] = []
    for source, result in sources:
        for each in _given(source, result, naming, is_optional=source in optional):
            name, value, origin = each
            if value in _ABSENT:
                missing.append(each)
                continue
            refuse_steering(name, origin)
            if name in found:
                raise given_twice(name, found[name].origin, origin)
            found[name] = Variable(name, _checked(_text(value, origin), origin), origin)
    if missing:
        raise _without_keys(missing)
    return list(found.values())


def given_twice(name: str, first: object, second: object) -> DeliveryError:
    """Return the error that two sources, named by their text, give the variable *name*."""
    return DeliveryError(
        f"two sources give the variable '{shown(name)}': {first} and {second}", _PICK
    )


def value_of(source: Source, result: dict[str, object], *, is_optional: bool = False) -> object:
    """Return what *source* names, by itself: text, or bytes of a binary secret.

    Args:
        source: A secret, or a key of it.
        result: Of its GetSecretValue.
        is_optional: Whether there may be no such key: None is returned then.

    Raises:
        DeliveryError: there is no such key, or it is null.
    """
    whole = result.get("SecretString")
    if source.json_key is None:
        return result.get("SecretBinary") if whole is None else whole
    members = _members(source, whole)
    named = source._replace(variable="_")
    for picked in _picked(named, members, _PLAIN, is_optional=is_optional):
        if picked.value in _ABSENT:
            raise _without_keys([picked])
        return _text(picked.value, picked.origin)
    return None


def members_of(source: Source, whole: object) -> dict[str, object]:
    """Return the members of the JSON object in which *source* names a key.

    Raises:
        DeliveryError: *whole* is binary, no JSON object, or holds a key twice.
    """
    members = _members(source, whole)
    if members is None:
        raise _without_keys([_Found("", _KEYLESS, Origin(source, source.json_key))])
    return members


def without_key(source: Source) -> DeliveryError:
    """Return the error that there is no such key to take out."""
    return _without_keys([_Found("", _MISSING, Origin(source, source.json_key))], is_read=False)


def _members(source: Source, whole: object) -> dict[str, object] | None:
    where = Origin(source)
    if not isinstance(whole, str):
        raise DeliveryError(f"{where} is binary and has no keys")
    return object_of(whole, where)


def refuse_dangerous(source: Source) -> None:
    """Refuse a ``NAME=`` by which programs are found, loaded or configured.

    Raises:
        DeliveryError: *source* asks for one of them.
    """
    if source.variable:
        refuse_steering(source.variable, f"'{shown(source.secret_id)}'")


def refuse_steering(name: str, origin: object) -> None:
    """Refuse *name* if programs are found, loaded or configured by it.

    Args:
        name: Of a variable.
        origin: What would set it, for the message.

    Raises:
        DeliveryError: it is one of those.
    """
    if steers(name):
        raise DeliveryError(
            f"{origin} may not set the variable '{shown(name)}': it changes which programs run",
            "give it another name: NAME=SECRET-ID, or NAME=SECRET-ID#KEY for one key",
        )


def refuse_reserved(variables: Iterable[Variable]) -> None:
    """Refuse a name by which the system says who and where the user is, if nobody wrote it out.

    Raises:
        DeliveryError: there is one.
    """
    for name, _, origin in variables:
        if is_reserved(name) and isinstance(origin, Origin) and origin.source.variable is None:
            meant = spelled(origin.source._replace(json_key=origin.key))
            raise DeliveryError(
                f"{origin} would set the variable '{shown(name)}', which is the system's own",
                f"write it out if it is meant: {name}={shown(meant)}",
                "give it another name otherwise: NAME=SECRET-ID, or NAME=SECRET-ID#KEY for one key",
            )


def _given(
    source: Source, result: dict[str, object], naming: Naming, *, is_optional: bool
) -> Iterator[_Found]:
    where = Origin(source)
    whole = result.get("SecretString")
    if not isinstance(whole, str):
        raise DeliveryError(
            f"{where} is binary, and a variable is text", "secretctl get SECRET-ID writes its bytes"
        )
    if source.json_key is not None:
        yield from _picked(source, object_of(whole, where), naming, is_optional=is_optional)
        return
    members = None if source.variable else object_of(whole, where)
    if members is None:
        derived = naming.of_secret(str(result.get("Name", source.secret_id)))
        yield _Found(_named(source.variable or derived, where), whole, where)
        return
    for key, value in members.items():
        origin = Origin(source, key)
        yield _Found(_named(naming.of_key(key), origin), value, origin)


def _picked(
    source: Source,
    members: dict[str, object] | None,
    naming: Naming,
    *,
    is_optional: bool,
) -> Iterator[_Found]:
    key = source.json_key or ""
    value = _KEYLESS if members is None else members.get(key, _MISSING)
    if value is not _MISSING or not is_optional:
        origin = Origin(source, key)
        name = source.variable or _named(naming.of_key(key), origin)
        yield _Found(name, value, origin)


def _without_keys(missing: list[_Found], *, is_read: bool = True) -> DeliveryError:
    """Return the error that keys are not there, by secret; hints name what adds one to be read."""
    keys: dict[str, list[str]] = {}
    for _, value, origin in missing:
        what = "has" if value is _MISSING else "is not a JSON object and has"
        said = f"{Origin(origin.source)} {what} no key"
        keys.setdefault(said, []).append(f"'{shown(origin.key or '')}'")
    lists = [
        f"{said}{'s' if len(names) > 1 else ''} {', '.join(names)}" for said, names in keys.items()
    ]
    from shlex import quote

    asked = [origin.source for _, value, origin in missing if value is _MISSING]
    hints = [
        f"case counts in keys: secretctl get {quote(each)} | jq keys"
        for each in dict.fromkeys(source.secret_id for source in asked)
    ]
    added = [setting(source) for source in asked] if is_read else []
    adding = [f"{command} adds the key" for command in added if command]
    return DeliveryError("; ".join(lists), *hints, *adding[:1])


def _named(name: str, origin: Origin) -> str:
    if not name:
        raise DeliveryError(f"{origin} gives no name for a variable", _PICK)
    return name


def _text(value: object, origin: Origin) -> str:
    if value is None:
        raise DeliveryError(f"{origin} is null and gives no value", "pick the keys: SECRET-ID#KEY")
    try:
        return json_values.text(value)
    except RecursionError:
        raise DeliveryError(f"{origin} is nested too deeply") from None


def _checked(text: str, origin: Origin) -> str:
    if "\0" in text:
        raise DeliveryError(f"{origin} holds a NUL character, which no environment can carry")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DeliveryError(f"{origin} holds half a surrogate pair and is no text") from None
    return text
