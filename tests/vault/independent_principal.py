"""What a principal's credential opens, read from docs/format.md alone: nothing of secretctl."""

import hashlib
import json
import sqlite3
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tests.vault import independent_reader as reader

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Seen(NamedTuple):
    """What a credential finds."""

    names: set[str]
    """Names of secrets, which every credential opens."""

    values: dict[tuple[str, str], str | bytes]
    """Values that open, by name and version id."""

    closed: set[str]
    """Names of secrets of which a value opens by none of the keys granted."""

    keys: set[bytes]
    """All 32-byte keys it holds or opens."""


def seen_with(path: str, key_id: str, secret: str) -> Seen:
    """Open all that an access key opens of the vault at *path*."""
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    records: dict[bytes, bytes] = dict(store.execute("SELECT key, value FROM record"))
    store.close()
    vault_id = bytes.fromhex(json.loads(records[b"h"][32:])["vault_id"])
    mark = b"secretctl/v1/credential\0" + vault_id + key_id.encode()
    place = b"c" + hashlib.sha256(mark).digest()[:16]
    sealing = reader._derive(secret.encode() + b"\0", "credential", vault_id)
    return _Principal(records, vault_id, place, sealing).seen()


class _Principal:
    def __init__(
        self, records: dict[bytes, bytes], vault_id: bytes, place: bytes, sealing: bytes
    ) -> None:
        self.records, self.vault_id = records, vault_id
        self.roles: set[str] = set()
        pair = X25519PrivateKey.from_private_bytes(sealing)
        info = b"secretctl/v1/recipient\0" + self._where(b"credential-key", place)
        try:
            key = SUITE.decrypt(records[place][1:81], pair, info)
        except InvalidTag:
            raise reader.FormatError("the secret opens nothing") from None
        sealed = records[place][81:]
        opened = json.loads(reader.unseal(key, self._where(b"credential", place), sealed))
        self.holder: dict[str, Any] = opened["holder"]
        self.keys = {name: bytes.fromhex(opened[name]) for name in ("name_index", "metadata")}
        self.private = bytes.fromhex(self.holder["private_key"])
        self.granted = self._granted(self.holder["id"], self.private)
        others = [bytes.fromhex(opened[name]) for name in ("state", "names", "trust")]
        self.all = {*self.keys.values(), *others, self.private, *self.granted.values()}

    def _where(self, field: bytes, key: bytes) -> bytes:
        where: bytes = reader.ctx(b"record", self.vault_id, field, key)
        return where

    def _open(self, key: bytes, field: bytes, record: bytes) -> bytes:
        plain: bytes = reader.unseal(key, self._where(field, record), self.records[record])
        return plain

    def _granted(self, principal_id: str, private: bytes) -> dict[bytes, bytes]:
        """Open what is granted to a principal, and to the roles whose private keys are."""
        prefix = b"g" + self._hashed(principal_id)
        pair = X25519PrivateKey.from_private_bytes(private)
        found: dict[bytes, bytes] = {}
        for key in (key for key in self.records if key.startswith(prefix)):
            info = b"secretctl/v1/recipient\0" + self._where(b"grant", key)
            found[key[17:]] = SUITE.decrypt(self.records[key][1:], pair, info)
        for role_id in self._role_ids():
            mark = hashlib.sha256(b"secretctl/v1/role\0" + role_id.encode()).digest()[:16]
            if mark in found and role_id != principal_id:
                self.roles.add(role_id)
                found |= self._granted(role_id, found[mark])
        return found

    def _hashed(self, principal_id: str) -> bytes:
        context = reader.ctx(b"grantee", principal_id.encode())
        hashed: bytes = reader.hmac256(self.keys["name_index"], context)[:16]
        return hashed

    def _role_ids(self) -> list[str]:
        """Return the ids of the roles not come by yet."""
        fields = [
            json.loads(self._open(self.keys["metadata"], b"principal", key))
            for key in self.records
            if key[:2] == b"ur"
        ]
        return [each["id"] for each in fields if each["id"] not in self.roles]

    def seen(self) -> Seen:
        found = Seen(set(), {}, set(), self.all)
        for key in (key for key in self.records if key[:1] == b"s"):
            fields = json.loads(self._open(self.keys["metadata"], b"secret", key))
            found.names.add(fields[1])
            for version in (version for version in fields[19] if version[6]):
                where = b"v" + key[1:] + version[5].to_bytes(4, "big")
                value = self._value(where, reader.ctx(fields[0].encode(), fields[1].encode()))
                if value is None:
                    found.closed.add(fields[1])
                else:
                    found.values[fields[1], version[0]] = value
        return found

    def _value(self, key: bytes, name: bytes) -> str | bytes | None:
        """Open a value by whichever key does: not only the one its record names."""
        stored, material = self.records[key], self.records[key][:16]
        where = self._where(b"data-key/" + material, key)
        for each in self.all:
            try:
                data_key = reader.unseal(each, where, stored[16:161])
            except reader.FormatError:
                continue
            return reader.open_value(data_key, self._where(b"value", key), name, stored[161:])
        return None
