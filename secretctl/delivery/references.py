"""What a person writes to name a secret, or one key of it, and a variable for it.

    [NAME=]SECRET-ID[#KEY][?stage=LABEL | ?version=ID | ?stage=LABEL&version=ID]
    [NAME=]secretctl://SECRET-ID[#KEY][?stage=LABEL ...]
    [NAME=] one of AWS's forms, see `references_aws`

* ``NAME=`` is read as such only if it is a legal name of a variable: names of secrets may hold
  ``=`` themselves, and the first ``=`` behind a legal name decides.
* SECRET-ID is a name, an ARN or a partial ARN. Neither ``#`` nor ``?`` can occur in one.
* KEY is a top-level key of a JSON object and reaches to the first ``?stage=`` or ``?version=``,
  so it may hold ``#``, ``?`` and ``=``.
* Behind ``secretctl://`` every character stands for itself: nothing is percent-encoded.
* A colon in SECRET-ID, beyond the six of an ARN, makes it AWS's ``ID:KEY:STAGE:VERSION``. With a
  ``#`` or ``?`` in it as well, it could be either form, and is refused.
"""

from __future__ import annotations

from secretctl.errors import UsageError
from secretctl.record import NamedTuple

SCHEME = "secretctl://"
RESOLVE = "{{resolve:"
ARN_COLONS = 6
"""Colons of a secret's ARN, whole or partial."""

_QUERIES = ("?stage=", "?version=")
_LONGEST_SHOWN = 64
FORM = "write [NAME=]SECRET-ID[#KEY][?stage=LABEL], for example DB_PASSWORD=prod/db#password"
"""The hint where a source cannot be read."""


class Source(NamedTuple):
    """One source of variables."""

    variable: str | None
    """Name of the variable that was asked for."""

    secret_id: str
    """Name, ARN or partial ARN, as given."""

    json_key: str | None
    version_id: str | None
    version_stage: str | None


def shown(name: str) -> str:
    """Return *name* fit for a message: printable, at most 64 characters."""
    safe = name if name.isprintable() else ascii(name)[1:-1]
    return safe if len(safe) <= _LONGEST_SHOWN else safe[: _LONGEST_SHOWN - 3] + "..."


def secret_of(source: Source) -> Source:
    """Return *source* without what is picked of the secret and what it is called."""
    return source._replace(variable=None, json_key=None)


def parameters(source: Source) -> dict[str, object]:
    """Return what GetSecretValue is asked for."""
    asked: dict[str, object] = {"SecretId": source.secret_id}
    if source.version_id is not None:
        asked["VersionId"] = source.version_id
    if source.version_stage is not None:
        asked["VersionStage"] = source.version_stage
    return asked


def is_variable(name: str) -> bool:
    """Tell whether *name* is legal for an environment variable: ``[A-Za-z_][A-Za-z0-9_]*``.

    See: POSIX.1-2017, Base Definitions, 8.1.
    """
    return name.isascii() and name.isidentifier()


def parse(word: str) -> Source:
    """Read one source.

    Raises:
        UsageError: *word* does not have the form above.
    """
    variable, body = _variable(word)
    return reference(body)._replace(variable=variable)


def reference(body: str) -> Source:
    """Read one source that names no variable, whatever ``=`` it holds.

    Raises:
        UsageError: *body* does not have the form above.
    """
    try:
        body.encode()
    except UnicodeEncodeError:
        raise UsageError("a source is not valid UTF-8", FORM) from None
    if body.startswith(SCHEME):
        return parse_own(body.removeprefix(SCHEME))
    is_resolve = body.startswith(RESOLVE)
    if not is_resolve and not _has_fields(body):
        return parse_own(body)
    from secretctl.delivery import references_aws

    if is_resolve:
        return references_aws.resolve(body)
    found = references_aws.fields(body)
    if "#" in body or "?" in body:
        raise ambiguous(found, parse_own(body))
    return found


def _has_fields(body: str) -> bool:
    """Tell whether there are more colons in front of ``#`` and ``?`` than a secret's id has."""
    head = body.partition("#")[0].partition("?")[0]
    return head.count(":") > (ARN_COLONS if head.startswith("arn:") else 0)


def alone(body: str, form: str) -> Source:
    """Read one source as `reference`, for a command that takes one and is typed as *form*.

    Raises:
        UsageError: As `reference`, with *form* for a hint in the place of that of many sources.
    """
    try:
        return reference(body)
    except UsageError as error:
        hints = [form if hint == FORM else hint for hint in error.hints]
        raise UsageError(error.message, *hints) from None


def parse_own(body: str) -> Source:
    """Read ``SECRET-ID[#KEY][?stage=…]``.

    Raises:
        UsageError: *body* does not have that form.
    """
    secret_id, json_key, query = _divide(body)
    if not secret_id:
        raise UsageError("a source names no secret", FORM)
    if json_key == "":
        raise UsageError(f"the source '{shown(secret_id)}' names an empty key", FORM)
    choice = _options(query, secret_id) if query is not None else {}
    return Source(
        variable=None,
        secret_id=secret_id,
        json_key=json_key,
        version_id=choice.get("version"),
        version_stage=choice.get("stage"),
    )


def ambiguous(aws: Source, own: Source) -> UsageError:
    """Return the error for what reads as *aws* in a form of AWS's, and as *own* in ours."""
    return UsageError(
        f"a source can be read in two ways: as {_described(aws)}, in AWS's form with colons, "
        f"and as {_described(own)}, in the form with # and ?",
        "write one form throughout: ID#KEY?stage=LABEL, or ID:KEY:STAGE:VERSION",
    )


def _described(source: Source) -> str:
    """Say in words what *source* means."""
    key = "" if source.json_key is None else f"the key '{shown(source.json_key)}' of "
    stage = (
        "" if source.version_stage is None else f" with the label '{shown(source.version_stage)}'"
    )
    version = "" if source.version_id is None else f" of the version '{shown(source.version_id)}'"
    return f"{key}the secret '{shown(source.secret_id)}'{stage}{version}"


def spelled(source: Source) -> str:
    """Write *source* as ``parse`` reads it, without ``NAME=``."""
    chosen = (("stage", source.version_stage), ("version", source.version_id))
    query = "&".join(f"{name}={value}" for name, value in chosen if value is not None)
    key = "" if source.json_key is None else "#" + source.json_key
    return source.secret_id + key + ("?" + query if query else "")


def setting(source: Source, options: str = "") -> str:
    """Return the command that gives *source* its value; empty where none does so by itself."""
    from shlex import quote

    from secretctl.domain.staging import CURRENT

    is_chosen = source.version_id or source.version_stage not in (None, CURRENT)
    if is_chosen or (options and source.secret_id.startswith("arn:")):
        return ""
    name = spelled(source._replace(version_stage=None))
    return f"secretctl set {options}{'-- ' if '=' in name else ''}{quote(name)}"


def _variable(word: str) -> tuple[str | None, str]:
    before, equals, behind = word.partition("=")
    if equals and is_variable(before):
        return before, behind
    return None, word


def _divide(body: str) -> tuple[str, str | None, str | None]:
    """Divide *body* into secret id, key and query."""
    head, hash_mark, tail = body.partition("#")
    if "?" in head:
        secret_id, _, query = body.partition("?")
        if hash_mark:
            raise UsageError(f"the key of '{shown(secret_id)}' stands behind '?'", FORM)
        return secret_id, None, query
    if not hash_mark:
        return head, None, None
    marks = [at for query in _QUERIES if (at := tail.find(query)) >= 0]
    if not marks:
        return head, tail, None
    return head, tail[: min(marks)], tail[min(marks) + 1 :]


def _options(query: str, secret_id: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name not in {"stage", "version"} or name in found or not value:
            raise UsageError(
                f"the source '{shown(secret_id)}' has an unreadable choice of version behind '?'",
                "write ?stage=LABEL or ?version=ID",
            )
        found[name] = value
    return found
