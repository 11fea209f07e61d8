"""Keys of the records in the store, and the context each record is sealed in.

    h                                   header: unlock slots and MAC, in the clear
    a                                   access keys, sealed under the root key
    k | key id (16)                     a key-encryption key, sealed under the root key
    i                                   KMS keys, their aliases, and the material of each
    d                                   state: generation, digest over all other records
    n | keyed hash of region, name (32) place of the secret (16 bytes)
    s | place (16)                      a secret with its versions, sealed
    v | place (16) | serial (4)         a version's value: key id, sealed data key, sealed value
    x | keyed hash of a day (16) | place (16)   secrets whose recovery window ends that day
    u | kind (1) | keyed hash of the name (16)  a user, group, role or managed policy, sealed
    q | keyed hash of its id (16)       private key of a user or role, sealed under the root key
    c | hash of the access key id (16)  a credential: what it opens, sealed to its secret's key pair
    e | the same hash (16)              the secret of that access key, sealed to the owner
    g | keyed hash of the grantee's id (16) | key id (16)   a key granted, sealed to the grantee
    o                                   what the owner vouches for, sealed under the root key
    z | the same hash (16) | keyed hash of the KMS key's id (16) | grant id (32)    a grant, sealed

A place is the keyed hash of the region (8 bytes) and the secret's number (8 bytes, big-endian),
so the secrets of a region lie in the order of their creation.
See: docs/format.md
"""

from __future__ import annotations

from secretctl.crypto.keys import mac
from secretctl.crypto.seal import context

HEADER = b"h"
ACCESS = b"a"
KEY_DIRECTORY = b"i"
STATE = b"d"
KEK = b"k"
NAME = b"n"
SECRET = b"s"
VALUE = b"v"
DUE = b"x"
PRINCIPAL = b"u"
PRIVATE_KEY = b"q"
CREDENTIAL = b"c"
ESCROW = b"e"
GRANT = b"g"
KMS_GRANT = b"z"
VOUCHED = b"o"
PLACE_BYTES = 16
KEY_ID_BYTES = 16


def name_key(index_key: bytes, region: str, name: str) -> bytes:
    """Return the key under which the place of a secret is found."""
    return NAME + mac(index_key, context(b"name", region.encode(), name.encode()))


def region_prefix(index_key: bytes, region: str) -> bytes:
    """Return the first half of the places of all secrets of a region."""
    return mac(index_key, context(b"region", region.encode()))[:8]


def place(prefix: bytes, number: int) -> bytes:
    """Return where the secret with that number lies, *prefix* being its region's."""
    return prefix + number.to_bytes(8, "big")


def value_key(where: bytes, serial: int) -> bytes:
    """Return the key of a version's value record."""
    return VALUE + where + serial.to_bytes(4, "big")


def due_prefix(index_key: bytes, day: int) -> bytes:
    """Return the prefix of the entries of secrets to be purged on *day* (days since 1970)."""
    return DUE + mac(index_key, context(b"due", day.to_bytes(8, "big")))[:16]


def record_context(vault_id: bytes, field: bytes, key: bytes) -> bytes:
    """Return the context in which the record under *key* is sealed."""
    return record_head(vault_id, field) + context(key)


def record_head(vault_id: bytes, field: bytes) -> bytes:
    """Return what the contexts of all records of one kind begin with."""
    return context(b"record", vault_id, field)
