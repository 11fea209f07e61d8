"""Reads a vault from docs/format.md alone: nothing of the program is used here."""

import hashlib
import hmac
import json
import sqlite3
import sys
import unicodedata
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, hashlib.sha256)


def context(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def padded(length: int) -> int:
    for step in (64, 128, 256, 512, 1024, 2048, 4096):
        if length + 4 <= step:
            return step
    return (length + 4 + 4095) // 4096 * 4096


def unseal(key: bytes, where: bytes, sealed: bytes) -> bytes:
    assert sealed[0] == 1
    salt, commitment, body = sealed[1:33], sealed[33:65], sealed[65:]
    okm = hmac.digest(key, b"secretctl/v1/seal\0" + salt + where + b"\x01", hashlib.sha512)
    assert hmac.compare_digest(okm[32:], commitment)
    plain = AESGCM(okm[:32]).decrypt(bytes(12), body, where)
    length = int.from_bytes(plain[:4], "big")
    assert len(plain) == padded(length)
    return plain[4 : 4 + length]


class Reader:
    """A vault, opened."""

    def __init__(self, path: str) -> None:
        database = sqlite3.connect(path)
        assert database.execute("PRAGMA application_id").fetchone() == (0x53435456,)
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        self.records: dict[bytes, bytes] = dict(database.execute("SELECT key, value FROM record"))
        database.close()
        self.header_json = self.records[b"h"][32:]
        self.header = json.loads(self.header_json)
        self.vault_id = bytes.fromhex(self.header["vault_id"])

    def derive(self, key: bytes, label: str) -> bytes:
        info = b"secretctl/v1/derive\0" + label.encode()
        return HKDF(algorithm=SHA512(), length=32, salt=self.vault_id, info=info).derive(key)

    def where(self, field: bytes, key: bytes) -> bytes:
        return context(b"record", self.vault_id, field, key)

    def unlock_with_key_file(self, text: str) -> None:
        file_key = bytes.fromhex(text.removeprefix("SECRETCTL-KEY-1 ").strip())
        self.unlock("key-file", lambda _: self.derive(file_key, "slot/key-file"))

    def unlock_with_passphrase(self, passphrase: str) -> None:
        def slot_key(slot: dict[str, Any]) -> bytes:
            memory, passes, lanes = slot["kdf"]
            stretched = Argon2id(
                salt=bytes.fromhex(slot["salt"]),
                length=32,
                iterations=passes,
                lanes=lanes,
                memory_cost=memory,
                ad=b"secretctl/v1/passphrase\0" + self.vault_id + bytes.fromhex(slot["id"]),
            ).derive(unicodedata.normalize("NFC", passphrase).encode())
            return self.derive(stretched, "slot/passphrase")

        self.unlock("passphrase", slot_key)

    def unlock(self, kind: str, slot_key: Any) -> None:
        slot = next(slot for slot in self.header["slots"] if slot["type"] == kind)
        facts = {name: value for name, value in slot.items() if name != "sealed"}
        text = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()
        where = context(b"slot", self.vault_id, text)
        self.root = unseal(slot_key(slot), where, bytes.fromhex(slot["sealed"]))
        assert mac(self.derive(self.root, "header"), self.header_json) == self.records[b"h"][:32]
        access = unseal(
            self.derive(self.root, "access"), self.where(b"access", b"a"), self.records[b"a"]
        )
        self.access = json.loads(access)
        self.state_key = bytes.fromhex(self.access["state"])

    def leaf(self, key: bytes) -> bytes:
        return mac(self.state_key, len(key).to_bytes(4, "big") + key + self.records[key])

    def digest_holds(self) -> bool:
        state = json.loads(unseal(self.state_key, self.where(b"state", b"d"), self.records[b"d"]))
        others = [key for key in self.records if key != b"d"]
        total = sum(int.from_bytes(self.leaf(key), "big") for key in others) % 2**256
        return bool(state["records"] == len(others) and int(state["digest"], 16) == total)

    def secret(self, region: str, name: str) -> list[Any]:
        index = bytes.fromhex(self.access["name_index"])
        place = self.records[b"n" + mac(index, context(b"name", region.encode(), name.encode()))]
        key = b"s" + place
        metadata = bytes.fromhex(self.access["metadata"])
        found: list[Any] = json.loads(
            unseal(metadata, self.where(b"secret", key), self.records[key])
        )
        assert found[:2] == [region, name]
        found.append(place)
        return found

    def values(self, region: str, name: str) -> dict[str, tuple[list[str], bytes, bytes]]:
        """Return for each version id its labels, its kind and its value."""
        *_, versions, place = self.secret(region, name)
        found = {}
        for identifier, _, labels, _, _, serial, pin in versions:
            key = b"v" + place + serial.to_bytes(4, "big")
            assert self.leaf(key).hex() == pin
            stored = self.records[key]
            key_id, sealed_key, sealed = stored[:16], stored[16:161], stored[161:]
            kek = unseal(
                self.derive(self.root, "keyring"),
                self.where(b"kek", b"k" + key_id),
                self.records[b"k" + key_id],
            )
            data_key = unseal(kek, self.where(b"data-key/" + key_id, key), sealed_key)
            plain = unseal(data_key, self.where(b"value", key), sealed)
            found[identifier] = (labels, plain[:1], plain[1:])
        return found


if __name__ == "__main__":
    reader = Reader(sys.argv[1])
    reader.unlock_with_key_file(sys.stdin.read())
    print(reader.secret(sys.argv[2], sys.argv[3]))
