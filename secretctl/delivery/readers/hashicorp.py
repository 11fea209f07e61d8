"""What ``vault kv get -format=json`` prints, for both versions of HashiCorp Vault's kv engine.

Version 2 has the pairs and the metadata of their version beneath ``data``, version 1 has the pairs
there themselves.

See: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
"""

from __future__ import annotations

from secretctl.delivery.readers.documents import members, object_of
from secretctl.delivery.readers.entry import Entry, refused

_OF_VERSION = frozenset(("created_time", "version"))
"""Among the metadata of a version of kv v2."""


def read(text: str, where: str) -> list[Entry]:
    """Return an entry for each pair of one secret.

    Raises:
        DeliveryError: it is no such answer, the version is deleted, or a value is null.
    """
    data = object_of(text, where).get("data")
    if not isinstance(data, dict):
        raise refused(where, 0, "it is not what 'vault kv get -format=json' prints")
    if not _is_v2(data):
        return members(data, where)
    pairs = data["data"]
    if not isinstance(pairs, dict):
        raise refused(where, 0, "this version of the secret was deleted or destroyed")
    return members(pairs, where)


def _is_v2(data: dict[str, object]) -> bool:
    metadata = data.get("metadata")
    return (
        set(data) == {"data", "metadata"}
        and isinstance(metadata, dict)
        and set(metadata) >= _OF_VERSION
    )
