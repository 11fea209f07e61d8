"""Records of secrets as bytes: compact JSON arrays, fields in the order of their declaration.

Arrays and not objects: every listed secret is decoded once, and names of fields would take
longer to read than the fields. A new field goes to the end of its record.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.secret import DAY_MS, MOST_SERIALS, Replica, Rotation, Secret, Version
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: no answer can name a later one."""

LAST_DAY = LAST_MS // DAY_MS
MOST_NUMBERS = 1 << 63
"""More secrets nobody makes; a number from here on was made up."""

_MOST = 1 << 31
_NAME = Secret._fields.index("name")
_SUFFIX = Secret._fields.index("suffix")
_DELETE_AFTER = Secret._fields.index("delete_after_ms")
_TAGS = Secret._fields.index("tags")
_ROTATION = Secret._fields.index("rotation")
_REPLICAS = Secret._fields.index("replicas")
_SECRET = [
    *(str, str, str, int, int, int, int, str, str, str, str, list, int, int, list, str, str),
    *(list, int, list),
]
_MAY_LACK = [
    Secret._fields.index("accessed_day"),
    _TAGS,
    _DELETE_AFTER,
    _DELETE_AFTER + 1,
    _ROTATION,
]
_VERSION = [str, int, list, int, str, int, str]
_VERSION_MAY_LACK = [3]
_ROTATES = [bool, str, int, str, str, list, str, int, int, int, int, str, str, str]
_ROTATES_MAY_LACK = [2, 7, 8, 10]
_NONE = type(None)


class Value(NamedTuple):
    """A secret value in the clear. Its ``repr`` shows none of it."""

    plain: bytes
    is_text: bool
    """Given as SecretString; else as SecretBinary."""

    def __repr__(self) -> str:
        """Say how much there is, not what."""
        return "<secret value>"


def encode(secret: Secret) -> bytes:
    """Return the record of *secret*."""
    versions = [(*version[:-1], version.pin.hex()) for version in secret.versions]
    fields = (*secret[:-1], versions)
    return json_text.compact(fields).encode()


def decode(record: bytes) -> Secret:
    """Read a record, of which nothing is believed: whoever has a credential can have written it.

    Raises:
        VaultDamagedError: It is not the record of a secret: a member is of another type, or a
            number or time that cannot be.
    """
    try:
        fields: list[Any] = json_text.of_bytes(record)
        _check_types(fields, _SECRET, _MAY_LACK)
        fields[-1] = tuple([_version(version) for version in fields[-1]])
        fields[_REPLICAS] = tuple([_replica(replica) for replica in fields[_REPLICAS]])
        if fields[_TAGS] is not None:
            fields[_TAGS] = _pairs(fields[_TAGS])
        if fields[_ROTATION] is not None:
            fields[_ROTATION] = _rotation(fields[_ROTATION])
        secret = Secret(*fields)
        _check_ranges(secret)
    except (ValueError, TypeError, LookupError):
        raise _unreadable() from None
    else:
        return secret


def name_of(record: bytes) -> tuple[str, str] | None:
    """Return name and suffix from a record; None if the secret is to be deleted.

    Raises:
        VaultDamagedError: It is not the record of a secret.
    """
    try:
        fields: list[Any] = json_text.of_bytes(record)
        name, suffix = fields[_NAME], fields[_SUFFIX]
        _check_types((name, suffix), [str, str], [])
        return None if fields[_DELETE_AFTER] is not None else (name, suffix)
    except (ValueError, TypeError, LookupError):
        raise _unreadable() from None


def _unreadable() -> VaultDamagedError:
    return VaultDamagedError("a record of the vault cannot be read", "secretctl fsck")


def _check_types(fields: Sequence[object], types: list[type], may_lack: list[int]) -> None:
    """Refuse a member of another type than its own; a truth is no number.

    Raises:
        TypeError, LookupError: There is one, or there are more or fewer.
    """
    found = [*map(type, fields)]
    for index in may_lack:
        if found[index] is _NONE:
            found[index] = types[index]
    if found != types:
        raise TypeError


def _check_ranges(secret: Secret) -> None:
    if not (
        0 < secret.number < MOST_NUMBERS
        and 0 < secret.next_serial <= MOST_SERIALS
        and 0 <= secret.created_ms <= LAST_MS
        and 0 <= secret.changed_ms <= LAST_MS
        and 0 <= (secret.accessed_day or 0) <= LAST_DAY
        and 0 <= (secret.delete_after_ms or 0) <= LAST_MS
        and 0 <= (secret.deleted_ms or 0) <= LAST_MS
    ):
        raise ValueError


def _version(fields: list[Any]) -> Version:
    _check_types(fields, _VERSION, _VERSION_MAY_LACK)
    identifier, created_ms, stages, accessed_day, kms_key_id, serial, pin = fields
    if not (
        0 <= created_ms <= LAST_MS
        and 0 <= (accessed_day or 0) <= LAST_DAY
        and 0 < serial < MOST_SERIALS
    ):
        raise ValueError
    "".join(stages)  # all of them are texts
    return Version(
        identifier, created_ms, tuple(stages), accessed_day, kms_key_id, serial, bytes.fromhex(pin)
    )


def _replica(fields: list[Any]) -> Replica:
    "".join(fields)
    return Replica(*fields)


def _rotation(fields: list[Any]) -> Rotation:
    rotation = Rotation(*fields)
    _check_types(rotation, _ROTATES, _ROTATES_MAY_LACK)
    times = (rotation.last_rotated_ms, rotation.next_rotation_ms, rotation.next_try_ms)
    counts = (rotation.automatically_after_days, rotation.failed_tries)
    if any(each and not 0 < each <= LAST_MS for each in times) or any(
        each and not 0 < each < _MOST for each in counts
    ):
        raise ValueError
    return rotation._replace(external_metadata=_pairs(rotation.external_metadata))


def _pairs(pairs: Any) -> tuple[tuple[str, str], ...]:
    found = tuple([(key, value) for key, value in pairs])
    "".join([part for pair in found for part in pair])
    return found
