"""Records of secrets as bytes: compact JSON arrays, fields in the order of their declaration.

Arrays and not objects: every listed secret is decoded once, and names of fields would take
longer to read than the fields. A new field goes to the end of its record.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.secret import Replica, Rotation, Secret, Version
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

_NAME = Secret._fields.index("name")
_SUFFIX = Secret._fields.index("suffix")
_DELETE_AFTER = Secret._fields.index("delete_after_ms")
_TAGS = Secret._fields.index("tags")
_ROTATION = Secret._fields.index("rotation")
_REPLICAS = Secret._fields.index("replicas")


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
    """Read a record.

    Raises:
        VaultDamagedError: It is not the record of a secret.
    """
    try:
        fields: list[Any] = json_text.read(record.decode())
        fields[-1] = tuple(_version(*version) for version in fields[-1])
        fields[_REPLICAS] = tuple(Replica(*replica) for replica in fields[_REPLICAS])
        if fields[_TAGS] is not None:
            fields[_TAGS] = _pairs(fields[_TAGS])
        if fields[_ROTATION] is not None:
            fields[_ROTATION] = _rotation(fields[_ROTATION])
        return Secret(*fields)
    except (ValueError, TypeError, LookupError):
        raise VaultDamagedError("a record of the vault cannot be read") from None


def name_of(record: bytes) -> tuple[str, str] | None:
    """Return name and suffix from a record; None if the secret is to be deleted.

    Raises:
        VaultDamagedError: It is not the record of a secret.
    """
    try:
        fields: list[Any] = json_text.read(record.decode())
        return None if fields[_DELETE_AFTER] is not None else (fields[_NAME], fields[_SUFFIX])
    except (ValueError, TypeError, LookupError):
        raise VaultDamagedError("a record of the vault cannot be read") from None


def _version(  # noqa: PLR0913 the fields of a version, in order
    identifier: str,
    created_ms: int,
    stages: list[str],
    accessed_day: int | None,
    kms_key_id: str,
    serial: int,
    pin: str,
) -> Version:
    return Version(
        identifier, created_ms, tuple(stages), accessed_day, kms_key_id, serial, bytes.fromhex(pin)
    )


def _rotation(fields: Any) -> Rotation:
    rotation = Rotation(*fields)
    return rotation._replace(external_metadata=_pairs(rotation.external_metadata))


def _pairs(pairs: Any) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in pairs)
