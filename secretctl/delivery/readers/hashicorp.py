"""What ``vault kv get -format=json`` prints, for both versions of HashiCorp Vault's kv engine.

Version 2 has the pairs and the metadata of their version beneath ``data``, version 1 has the pairs
there themselves.

See: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
"""

from __future__ import annotations

from secretctl.delivery.readers.documents import members, object_of
from secretctl.delivery.readers.entry import Entry, refused

_OF_VERSION = ("created_time", "version")
"""Among the metadata of a version of kv v2."""


def read(text: str, where: str) -> list[Entry]:
    """Return an entry for each pair of one secret.

    Raises:
        DeliveryError: it is no such answer, may be one of either kv version, is of a deleted one,
            or a value is null.
    """
    data = object_of(text, where).get("data")
    if not isinstance(data, dict):
        raise refused(where, 0, "it is not what 'vault kv get -format=json' prints")
    if not _may_be_v2(data):
        return members(data, where)
    pairs, metadata = data["data"], data["metadata"]
    if not (isinstance(metadata, dict) and set(metadata) >= set(_OF_VERSION)):
        raise refused(
            where,
            0,
            f"it may be of kv version 1 or 2: its metadata lacks {' or '.join(_OF_VERSION)}",
            "give all that 'vault kv get -format=json' prints",
        )
    if not isinstance(pairs, dict):
        raise refused(where, 0, "this version of the secret was deleted or destroyed")
    return members(pairs, where)


def _may_be_v2(data: dict[str, object]) -> bool:
    """Whether version 1 would have to hold two pairs that are called, and built, as version 2's."""
    if set(data) != {"data", "metadata"} or not isinstance(data["metadata"], dict):
        return False
    return data["data"] is None or isinstance(data["data"], dict)
