"""Choosing records: conditions that all must hold, tested on bytes before anything is parsed.

A condition's hints are byte strings of which a record that fulfils it holds one at least. They can
be searched for in the line as it is, because a record has one spelling and a quotation mark inside
of a string is always behind a backslash: ``"errorCode":"`` is found only where there is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from secretctl import json_text
from secretctl.audit import attributes
from secretctl.audit.event import timestamp
from secretctl.audit.reader import Raw, Reader
from secretctl.domain.names import SUFFIX_LENGTH, ends_like_suffix
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple

_TIME = b'"eventTime":"'
_TIME_BYTES = len("2026-11-24T22:52:24Z")
_SECRET = ":secret:"  # noqa: S105 a part of an ARN
Hashed = Callable[[str], list[str]]
"""Returns the hashes by which a name is found in the journal: one, and one more for each rekey."""


class Scope(NamedTuple):
    """What holds for a question besides its parameters."""

    hashed: Hashed | None = None
    """See `secret`."""

    region: str = ""
    """Only records of that region; of all if empty."""


EVERYWHERE = Scope()


class Condition(NamedTuple):
    """A test that a record must pass."""

    hints: tuple[bytes, ...]
    """Each record that passes holds one of these: others are not parsed. Empty: all are."""

    holds: Callable[[Fields], bool]


class Query(NamedTuple):
    """Which records are asked for: all conditions hold, and they are of that time."""

    conditions: tuple[Condition, ...] = ()
    start_ms: int | None = None
    """Milliseconds since 1970; earlier records are left out."""

    end_ms: int | None = None
    """Records of later seconds are left out: a time that was shown finds what it was shown of."""

    intents: bool = False
    """Whether announcements of changes are wanted besides their outcomes."""


class Record(NamedTuple):
    """A record that was found."""

    raw: Raw
    fields: Fields


def select(reader: Reader, raws: Iterable[Raw], query: Query) -> Iterator[Record]:
    """Yield those of *raws* that *query* asks for; lines that are no records are counted."""
    first = b"" if query.start_ms is None else timestamp(query.start_ms).encode()
    last = b"" if query.end_ms is None else timestamp(query.end_ms).encode()
    hints = [condition.hints for condition in query.conditions if condition.hints]
    for raw in raws:
        line = raw.line
        if (first or last) and not _is_between(line, first, last):
            continue
        if not all(any(hint in line for hint in each) for each in hints):
            continue
        fields = reader.fields(raw)
        if fields is not None and is_asked_for(fields, query):
            yield Record(raw, fields)


def member(name: str, value: str) -> Condition:
    """Look for a member of the record's top level: ``eventName``, ``eventID``, ``eventSource``."""
    return Condition(
        (f'"{name}":{json_text.compact(value)}'.encode("utf-8", "replace"),),
        lambda fields: fields.get(name) == value,
    )


def read_only(*, wanted: bool) -> Condition:
    """Look for reads, or for everything else."""
    return Condition(
        (b'"readOnly":true' if wanted else b'"readOnly":false',),
        lambda fields: fields.get("readOnly") is wanted,
    )


def errors() -> Condition:
    """Look for what was refused or failed."""
    return Condition((b'"errorCode":"',), lambda fields: bool(fields.get("errorCode")))


def username(name: str) -> Condition:
    """Look for a caller by CloudTrail's Username."""
    return Condition(_of_caller(name), lambda fields: attributes.username(fields) == name)


def principal(name: str) -> Condition:
    """Look for a caller by name of a user or role, ARN, principal id or access key id."""
    return Condition(_of_caller(name), lambda fields: name in attributes.principals(fields))


def access_key(key_id: str) -> Condition:
    """Look for a caller by access key id."""
    return Condition(
        (_inside(key_id),),
        lambda fields: attributes.text(fields, "userIdentity", "accessKeyId") == key_id,
    )


def resource_type(name: str) -> Condition:
    """Look for a type of resource: ``AWS::SecretsManager::Secret``."""
    return Condition(
        (_inside(name),),
        lambda fields: any(kind == name for kind, _ in attributes.resources(fields)),
    )


def in_region(name: str) -> tuple[Condition, ...]:
    """Look for what was done in a region; for everything if that is empty."""
    return (member("awsRegion", name),) if name else ()


def secret(secret_id: str, hashed: Hashed | None = None) -> Condition:
    """Look for a secret by name, ARN or partial ARN, or by the hash of one of them.

    Args:
        secret_id: What is looked for.
        hashed: Where it is known: finds records in which names are hidden, and requests that
            named no secret, of which the journal keeps nothing but the hash.
    """
    head, _, rest = secret_id.partition(_SECRET) if secret_id.startswith("arn:") else ("", "", "")
    named = rest or secret_id
    suffix = rest[-SUFFIX_LENGTH - 1 :] if rest and ends_like_suffix(rest) else ""
    hashes = {
        each for each in (named, named.removesuffix(suffix)) if each.startswith(attributes.HASHED)
    }
    if hashed is not None:
        for each in (secret_id, named, named.removesuffix(suffix)):
            hashes.update(hashed(each))

    def means(arn: str) -> bool:
        before, _, after = arn.partition(_SECRET)
        if not after or (head and before != head):
            return False
        bare = _without_suffix(after)
        if bare in hashes:
            return not suffix or after.endswith(suffix)
        # NOTE: hidden names had no suffix at first.
        return after in hashes or (after if suffix else bare) == named

    def holds(fields: Fields) -> bool:
        request = fields.get("requestParameters")
        given = {attributes.text(request, "secretId"), attributes.text(request, "name")}
        arns = [arn for _, arn in attributes.resources(fields)]
        # A name may have been that of several secrets, one after another; a whole ARN is of one.
        is_named = bool(given & (hashes | {secret_id})) and not (suffix and arns)
        return is_named or any(map(means, arns))

    return Condition(tuple(_inside(each) for each in (named, *sorted(hashes))), holds)


def is_hash(secret_id: str) -> bool:
    """Tell whether a secret is asked for by the hash of its name, or by an ARN that holds it."""
    head, _, rest = secret_id.partition(_SECRET)
    return (rest if head.startswith("arn:") else secret_id).startswith(attributes.HASHED)


def _without_suffix(name: str) -> str:
    return name.rpartition("-")[0] if ends_like_suffix(name) else ""


def _of_caller(name: str) -> tuple[bytes, ...]:
    return (_inside(name), b'"type":"Root"') if name == "root" else (_inside(name),)


def _inside(value: str) -> bytes:
    """Return *value* as it stands inside of a string of the record."""
    return json_text.compact(value)[1:-1].encode("utf-8", "replace")


def _is_between(line: bytes, first: bytes, last: bytes) -> bool:
    at = line.find(_TIME) + len(_TIME)
    time = line[at : at + _TIME_BYTES]
    return (not first or time >= first) and (not last or time <= last)


def is_asked_for(fields: Fields, query: Query) -> bool:
    """Tell whether *query* asks for a record, hints aside."""
    if not query.intents and attributes.is_intent(fields):
        return False
    now_ms = attributes.time_ms(fields)
    if query.start_ms is not None and now_ms < query.start_ms:
        return False
    if query.end_ms is not None and now_ms // 1000 * 1000 > query.end_ms:
        return False
    return all(condition.holds(fields) for condition in query.conditions)
