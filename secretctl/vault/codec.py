"""Records of secrets as bytes: compact JSON, defaults left out, strictly read.

The keys are short because every listed secret is decoded once; docs/format.md names them.
"""

import json
from typing import Any

from secretctl.domain.secret import Replica, Rotation, Secret, Version
from secretctl.errors import VaultDamagedError


def encode(secret: Secret) -> bytes:
    """Return the record of *secret*."""
    fields = _changed(secret, Secret._field_defaults)
    fields["versions"] = [_version_fields(version) for version in secret.versions]
    if secret.rotation is not None:
        fields["rotation"] = _changed(secret.rotation, Rotation._field_defaults)
    if secret.replicas:
        fields["replicas"] = [
            _changed(replica, Replica._field_defaults) for replica in secret.replicas
        ]
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


def decode(record: bytes) -> Secret:
    """Read a record.

    Raises:
        VaultDamagedError: It is not the record of a secret.
    """
    try:
        fields: dict[str, Any] = json.loads(record)
        fields["versions"] = tuple(_version(version) for version in fields["versions"])
        if "tags" in fields:
            fields["tags"] = tuple((key, value) for key, value in fields["tags"])
        if "rotation" in fields:
            fields["rotation"] = _rotation(fields["rotation"])
        if "replicas" in fields:
            fields["replicas"] = tuple(Replica(**replica) for replica in fields["replicas"])
        return Secret(**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VaultDamagedError("a record of the vault cannot be read") from None


def _changed(record: Any, defaults: dict[str, Any]) -> dict[str, Any]:
    missing = object()
    return {
        name: value
        for name, value in zip(record._fields, record, strict=True)
        if value != defaults.get(name, missing)
    }


def _version_fields(version: Version) -> dict[str, Any]:
    fields = _changed(version, Version._field_defaults)
    if version.pin:
        fields["pin"] = version.pin.hex()
    return fields


def _version(fields: dict[str, Any]) -> Version:
    if "stages" in fields:
        fields["stages"] = tuple(fields["stages"])
    if "pin" in fields:
        fields["pin"] = bytes.fromhex(fields["pin"])
    return Version(**fields)


def _rotation(fields: dict[str, Any]) -> Rotation:
    if "external_metadata" in fields:
        fields["external_metadata"] = tuple(
            (key, value) for key, value in fields["external_metadata"]
        )
    return Rotation(**fields)
