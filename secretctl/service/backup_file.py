"""The form of a backup: one file, sealed under the vault's root key, opened as the vault is.

    "SCTBKUP1" | length of the header (4, big-endian) | the vault's header | id of the backup (16)
    | chunks

A chunk is the length of its sealed bytes (4, big-endian) and those bytes: up to 1 MiB of content
under a key derived from the root key, in a context of vault id, backup id with the SHA-256 of the
header behind it, the chunk's number and whether it is the last. The content is entries one after
the other:

    length of the name (2) | name | length of the data (8) | data

and all that is sealed is in the order in which it was written, so that none can be left out,
exchanged or put at the end. See: docs/format.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import BinaryIO

from secretctl.crypto.hashing import sha256
from secretctl.crypto.keys import derive
from secretctl.crypto.seal import SealError, context, open_sealed, seal
from secretctl.errors import VaultDamagedError

MAGIC = b"SCTBKUP1"
ID_BYTES = 16
_CHUNK_BYTES = 1 << 20
_LARGEST_SEALED = _CHUNK_BYTES + 65_536
_LARGEST_HEADER = 65_536
_DAMAGED = "the backup is damaged: it is not what was written"

Entry = tuple[str, bytes]


def write(
    out: BinaryIO,
    header: bytes,
    keys: tuple[bytes, bytes],
    backup_id: bytes,
    entries: Iterable[Entry],
) -> None:
    """Write a backup.

    Args:
        out: Where to.
        header: The vault's header as it is stored: it tells what opens the backup.
        keys: Root key and vault id.
        backup_id: 16 random bytes.
        entries: Names and data.
    """
    out.write(MAGIC + len(header).to_bytes(4, "big") + header + backup_id)
    key, number, waiting = _key(keys), 0, bytearray()
    origin = _origin(backup_id, header)
    for name, data in entries:
        waiting += len(name.encode()).to_bytes(2, "big") + name.encode()
        waiting += len(data).to_bytes(8, "big") + data
        while len(waiting) > _CHUNK_BYTES:
            where = _where(keys[1], origin, number, is_last=False)
            _put(out, key, where, waiting[:_CHUNK_BYTES])
            del waiting[:_CHUNK_BYTES]
            number += 1
    _put(out, key, _where(keys[1], origin, number, is_last=True), waiting)


def read_header(source: BufferedReader) -> bytes:
    """Return the vault's header, as it is stored in a backup; nothing of it is believed yet.

    Raises:
        VaultDamagedError: It is no backup.
    """
    if source.read(len(MAGIC)) != MAGIC:
        raise VaultDamagedError("that file is no backup of secretctl's")
    length = int.from_bytes(source.read(4), "big")
    header = source.read(min(length, _LARGEST_HEADER))
    if len(header) != length:
        raise VaultDamagedError(_DAMAGED)
    return header


def entries(source: BufferedReader, header: bytes, keys: tuple[bytes, bytes]) -> Iterator[Entry]:
    """Yield the entries of a backup whose *header* was read.

    Raises:
        VaultDamagedError: It is not what was written; what came before may not be used either.
    """
    origin = _origin(source.read(ID_BYTES), header)
    rest = bytearray()
    for chunk in _chunks(source, keys, origin):
        rest += chunk
        while (entry := _taken(rest)) is not None:
            yield entry
    if rest:
        raise VaultDamagedError(_DAMAGED)


def _chunks(source: BufferedReader, keys: tuple[bytes, bytes], origin: bytes) -> Iterator[bytes]:
    key, number, is_last = _key(keys), 0, False
    while not is_last:
        length = int.from_bytes(source.read(4), "big")
        sealed = source.read(length) if length <= _LARGEST_SEALED else b""
        if len(sealed) != length:
            raise VaultDamagedError(_DAMAGED)
        is_last = not source.peek(1)
        try:
            yield open_sealed(key, _where(keys[1], origin, number, is_last=is_last), sealed)
        except SealError:
            raise VaultDamagedError(_DAMAGED) from None
        number += 1


def _taken(rest: bytearray) -> Entry | None:
    """Take an entry off the front of *rest*, if all of it is there."""
    name_end = 2 + int.from_bytes(rest[:2], "big")
    data_at = name_end + 8
    if len(rest) < data_at:
        return None
    end = data_at + int.from_bytes(rest[name_end:data_at], "big")
    if len(rest) < end:
        return None
    entry = rest[2:name_end].decode(), bytes(rest[data_at:end])
    del rest[:end]
    return entry


def _put(out: BinaryIO, key: bytes, where: bytes, content: bytearray) -> None:
    sealed = seal(key, where, bytes(content))
    out.write(len(sealed).to_bytes(4, "big") + sealed)


def _origin(backup_id: bytes, header: bytes) -> bytes:
    return backup_id + sha256(header).digest()


def _where(vault_id: bytes, origin: bytes, number: int, *, is_last: bool) -> bytes:
    mark = b"last" if is_last else b"more"
    return context(b"backup", vault_id, origin, number.to_bytes(8, "big"), mark)


def _key(keys: tuple[bytes, bytes]) -> bytes:
    root, vault_id = keys
    return derive(root, "backup", vault_id)
