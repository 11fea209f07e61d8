"""One record as bytes: a JSON object on a line of its own, closed by its hash and its MAC.

    {"index":7,"prev":"<64 hex>", … ,"hash":"<64 hex>","mac":"<64 hex>"}

*hash* is SHA-256 of all bytes before ``,"hash"``; *prev* is the hash of the record before, zeros in
the first; *mac* is `ratchet.record_mac` of the hash. What is authenticated is the bytes, not what
they mean, so there is one spelling of a record.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.audit.ratchet import record_mac
from secretctl.crypto.hashing import sha256, sha256_digest
from secretctl.crypto.keys import equal
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import _Hash

    Hashed = Callable[[bytes], _Hash]

_BEGINNING = '{"index":'
_HASH = b',"hash":"'
_MAC = b'","mac":"'
_END = b'"}\n'
_DIGITS = 64
_HASH_AT = -len(_END) - _DIGITS - len(_MAC) - _DIGITS
_MAC_AT = -len(_END) - _DIGITS
SUFFIX_BYTES = len(_HASH) - _HASH_AT
NO_HASH = bytes(32)
"""What the first record of a journal names as the one before."""

LARGEST_BYTES = 16 * 1024
"""Size of the largest record."""

_MOST_COMMITS = 1 << 48
"""A record that names a later generation was written by hand: nobody commits that often."""


class Head(NamedTuple):
    """A place in the journal: a record, known by its number and its hash."""

    number: int
    hash: bytes


class Record(NamedTuple):
    """What a record says, before it has its place."""

    text: str
    """The members of the JSON object, without its braces and without those of the chain."""

    name: str
    """The eventName."""

    phase: str = ""
    """``intent`` or ``outcome`` of a change; empty for all else."""

    generation: int | None = None
    """Of the vault, once what this tells of is committed."""

    more: bool = False
    """Whether this is of a change committed with others, and not the last of them."""


def head_of(number: int, previous: bytes) -> bytes:
    """Return what the record with that number begins with."""
    return f'{_BEGINNING}{number},"prev":"{previous.hex()}",'.encode()


def is_record(line: bytes) -> bool:
    """Tell whether *line*, its newline included, begins and ends as a record does."""
    return (
        line.startswith(_BEGINNING.encode())
        and line.endswith(_END)
        and line.startswith(_HASH, max(0, len(line) - SUFFIX_BYTES))
        and len(line) <= LARGEST_BYTES
    )


def written(number: int, previous: bytes, text: str, key: bytes) -> bytes:
    """Return a record as it is written, its newline included."""
    body = head_of(number, previous) + text.encode(errors="backslashreplace")
    digest = sha256_digest(body)
    mac = record_mac(key, digest).hex().encode()
    return b"".join((body, _HASH, digest.hex().encode(), _MAC, mac, _END))


def hash_of(line: bytes) -> bytes:
    """Return the hash that *line* names, without checking it.

    Raises:
        ValueError: There is none.
    """
    return bytes.fromhex(line[_HASH_AT : _HASH_AT + _DIGITS].decode("ascii"))


def names_hash(line: bytes, record_hash: bytes) -> bool:
    """Tell whether *line* ends as a record with that hash does."""
    return line[-SUFFIX_BYTES:_MAC_AT] == b"".join((_HASH, record_hash.hex().encode(), _MAC))


def fault(line: bytes, number: int, previous: bytes, key: bytes, hashed: Hashed = sha256) -> str:
    """Return what is wrong with *line* as the record with that number, nothing if it is sound.

    Args:
        line: With its newline.
        number: Its place.
        previous: Hash of the record before.
        key: The ratchet's key for that place.
        hashed: SHA-256, of a library that is quick for much.
    """
    chained = chain_fault(line, number, previous, hashed)
    if chained:
        return chained
    given = line[_MAC_AT : _MAC_AT + _DIGITS]
    due = record_mac(key, hash_of(line)).hex().encode()
    return "" if equal(given, due) else "its MAC is not that of its place in the journal"


def chain_fault(line: bytes, number: int, previous: bytes, hashed: Hashed = sha256) -> str:
    """Return what is wrong with *line* as `fault` does, but for its MAC, which needs a key."""
    if len(line) > LARGEST_BYTES:
        return "it is longer than a record can be"
    if not line.startswith(head_of(number, previous)):
        return "it does not follow the record before it"
    digest = hashed(line[:-SUFFIX_BYTES]).hexdigest().encode()
    if line[-SUFFIX_BYTES:_MAC_AT] != b"".join((_HASH, digest, _MAC)) or line[-3:] != _END:
        return "it was changed: its hash is another"
    return ""


def record_of(line: bytes) -> Record:
    """Return what is kept of a record that lies on the disk, its text left out.

    Raises:
        ValueError, TypeError: It is not a record.
    """
    fields = fields_of(line)
    additional = fields.get("additionalEventData")
    said = additional if isinstance(additional, dict) else {}
    generation = said.get("storeGeneration")
    if generation is not None and not (type(generation) is int and 0 <= generation < _MOST_COMMITS):
        raise ValueError
    name, phase = str(fields.get("eventName")), str(said.get("phase", ""))
    return Record("", name, phase, generation, said.get("more") is True)


def fields_of(line: bytes) -> dict[str, object]:
    """Return the members of a record.

    Raises:
        ValueError, TypeError: It is not a record.
    """
    found = json_text.read(line.decode())
    if not isinstance(found, dict):
        raise TypeError("not a record")
    return found


def before(line: bytes) -> Head | None:
    """Return the place that a record names as the one before it; None if it names none."""
    fields = fields_or_nothing(line)
    number, previous = fields.get("index"), fields.get("prev")
    if type(number) is not int or not isinstance(previous, str):
        return None
    try:
        return Head(number - 1, bytes.fromhex(previous))
    except ValueError:
        return None


def fields_or_nothing(line: bytes) -> dict[str, object]:
    """Return the members of a record; none if it is no record."""
    try:
        return fields_of(line)
    except (ValueError, TypeError, RecursionError):
        return {}
