"""Principals, KMS keys and grants as the owner sees them, read from docs/format.md alone."""

import hashlib
import json
import sqlite3
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.vault import independent_reader as reader

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
KINDS = {"u": "user", "g": "group", "r": "role", "p": "policy"}
NEED_MATERIAL = {"Decrypt", "GenerateDataKey"}


must = reader.must


class Directory(NamedTuple):
    """All that a vault knows of whom it lets in, and of its keys."""

    principals: dict[tuple[str, str], dict[str, Any]]
    """By kind and name, the members of section 5.4."""

    kms: dict[str, Any]
    """The key directory of section 5.3."""

    grants: list[list[Any]]
    """The fields of section 5.6."""

    sealed: set[tuple[str, str]]
    """Unique id of a principal, and the key id or unique id of the role, of each record ``g``."""

    active: set[str]
    """Access keys that have a record at their place, and are not set aside."""

    aside: set[str]


def read_directory(path: str, *, file_key: bytes) -> Directory:
    """Read sections 5.3 to 5.6 of the vault at *path*; each record must be at its place."""
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    records: dict[bytes, bytes] = dict(store.execute("SELECT key, value FROM record"))
    store.close()
    header = json.loads(records[b"h"][32:])
    vault_id = bytes.fromhex(header["vault_id"])
    root = reader._root_key(header, vault_id, file_key, "")
    owner = _Owner(records, vault_id, root)
    owner.check_vouched()
    return owner.directory()


class _Owner(reader._Reader):
    def directory(self) -> Directory:
        found = Directory({}, self.kms(), [], set(), set(), set())
        for key in (key for key in self.records if key[:1] == b"u"):
            self.principal(key, found)
        for key in (key for key in self.records if key[:1] == b"z"):
            found.grants.append(self.grant(key))
        for (kind, _), each in found.principals.items():
            if kind in ("user", "role"):
                self.keys_of(each, found)
        return found

    def kms(self) -> dict[str, Any]:
        directory = self.opened(self.metadata, b"key-directory", b"i")
        return dict(directory)

    def opened(self, key: bytes, field: bytes, record: bytes) -> Any:
        return json.loads(self.open(key, field, record))

    def derived(self, label: str) -> bytes:
        key: bytes = reader._derive(self.root, label, self.vault_id)
        return key

    def hashed(self, *fields: bytes) -> bytes:
        hashed: bytes = reader.hmac256(self.index, reader.ctx(*fields))[:16]
        return hashed

    def principal(self, key: bytes, found: Directory) -> None:
        members = self.opened(self.metadata, b"principal", key)
        kind, name = KINDS[chr(key[1])], members["name"]
        place = self.hashed(b"principal", kind.encode(), name.lower().encode())
        must(holds=key[2:] == place, what="place of a principal")
        found.principals[kind, name] = members

    def grant(self, key: bytes) -> list[Any]:
        fields: list[Any] = self.opened(self.metadata, b"kms-grant", key)
        must(holds=len(fields) == 10, what="fields of a grant")
        grantee = self.hashed(b"grantee", fields[3].encode())
        place = grantee + self.hashed(b"kms-key", fields[1].encode()) + bytes.fromhex(fields[0])
        must(holds=key[1:] == place, what="place of a grant")
        return fields

    def keys_of(self, principal: dict[str, Any], found: Directory) -> None:
        """Read a user's or role's private key, what is sealed to it, and its credentials."""
        hashed = self.hashed(b"grantee", principal["id"].encode())
        private_bytes = self.open(self.derived("principals"), b"private-key", b"q" + hashed)
        private = X25519PrivateKey.from_private_bytes(private_bytes)
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        must(holds=public.hex() == principal["public_key"], what="key pair")
        roles = {self.role_key_id(each["id"]): each["id"] for each in self.roles(found)}
        for key in (key for key in self.records if key[:17] == b"g" + hashed):
            where = reader.ctx(b"record", self.vault_id, b"grant", key)
            info = b"secretctl/v1/recipient\0" + where
            sealed = self.records[key]
            must(holds=sealed[:1] == b"\x01", what="format of a grant")
            secret = SUITE.decrypt(sealed[1:], private, info)
            must(holds=secret == self.secret(key[17:], roles), what="granted key")
            found.sealed.add((principal["id"], roles.get(key[17:], key[17:].hex())))
        for key_id, _, _, public_key in principal.get("access_keys", ()):
            self.credential(key_id, found)
            must(holds=self.escrow(key_id, "") == public_key, what="kept secret")
        for key_id, _ in principal.get("sessions", ()):
            self.credential(key_id, found)
            self.escrow(key_id, "")

    def roles(self, found: Directory) -> list[dict[str, Any]]:
        return [each for (kind, _), each in found.principals.items() if kind == "role"]

    def role_key_id(self, unique_id: str) -> bytes:
        return hashlib.sha256(b"secretctl/v1/role\0" + unique_id.encode()).digest()[:16]

    def secret(self, key_id: bytes, roles: dict[bytes, str]) -> bytes:
        """Return what a grant of that key id has to give."""
        if key_id not in roles:
            opened: bytes = self.open(self.derived("keyring"), b"kek", b"k" + key_id)
            return opened
        place = b"q" + self.hashed(b"grantee", roles[key_id].encode())
        private: bytes = self.open(self.derived("principals"), b"private-key", place)
        return private

    def credential(self, key_id: str, found: Directory) -> None:
        mark = b"secretctl/v1/credential\0" + self.vault_id + key_id.encode()
        place = b"c" + hashlib.sha256(mark).digest()[:16]
        if self.records[place][:1] != b"\0":
            found.active.add(key_id)
            return
        where = reader.ctx(b"record", self.vault_id, b"inactive-credential", place)
        inner = reader.unseal(self.derived("inactive-credential"), where, self.records[place][1:])
        must(holds=inner[:1] == b"\x01", what="credential set aside")
        found.aside.add(key_id)

    def escrow(self, key_id: str, token: str) -> str:
        """Return the public key that comes of the secret kept of an access key."""
        mark = b"secretctl/v1/credential\0" + self.vault_id + key_id.encode()
        place = b"e" + hashlib.sha256(mark).digest()[:16]
        info = b"secretctl/v1/recipient\0" + reader.ctx(b"record", self.vault_id, b"escrow", place)
        must(holds=self.records[place][:1] == b"\x01", what="format of a kept secret")
        owner = X25519PrivateKey.from_private_bytes(self.derived("escrow"))
        secret = SUITE.decrypt(self.records[place][1:], owner, info)
        given = reader._derive(secret + b"\0" + token.encode(), "credential", self.vault_id)
        pair = X25519PrivateKey.from_private_bytes(given)
        return pair.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def check_vouched(self) -> None:
        """Check section 5.7: what is there is what the owner vouches for."""
        said = json.loads(self.open(self.derived("vouched"), b"vouched-records", b"o"))
        directory = (
            self.open(self.metadata, b"key-directory", b"i") if b"i" in self.records else None
        )
        must(holds=said["directory"] == (directory and directory.decode()), what="directory")
        principals = {
            key.hex(): self.digest(key, self.written(key))
            for key in self.records
            if key[:1] == b"u"
        }
        must(
            holds={key: each[0] for key, each in said["principals"].items()} == principals,
            what="principals",
        )
        there = {self.digest(key, self.records[key]) for key in self.records if key[:1] in b"gz"}
        must(holds=said["granted"] == sorted(there), what="granted")
        state = json.loads(self.open(self.state_key, b"state", b"d"))
        must(holds=said["counter"] == state["vouched"], what="counter")

    def digest(self, key: bytes, content: bytes) -> str:
        hashed: bytes = reader.hmac256(self.derived("facts"), reader.ctx(key, content))[:16]
        return hashed.hex()

    def written(self, key: bytes) -> bytes:
        """Return what of a principal's record the owner alone writes."""
        if key[1:2] != b"r":
            return self.records[key]
        members = self.opened(self.metadata, b"principal", key)
        del members["sessions"]
        kept = {name: each for name, each in members.items() if each not in ("", [], 3600)}
        return compact(dict(sorted(kept.items())))


def compact(value: Any) -> bytes:
    """Return JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
