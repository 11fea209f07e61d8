"""A reader of vaults written from docs/format.md alone: nothing of secretctl is imported."""

import hashlib
import hmac
import json
import sqlite3
import unicodedata
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SCHEMA = (
    "CREATE TABLE record (key BLOB NOT NULL PRIMARY KEY CHECK (typeof(key) = 'blob'), "
    "value BLOB NOT NULL CHECK (typeof(value) = 'blob')) WITHOUT ROWID"
)


class FormatError(Exception):
    """A MUST of the document is broken; the argument says which."""


class Found(NamedTuple):
    """All that a vault holds: secrets by region and name, values by version."""

    account: str
    secrets: dict[tuple[str, str], list[Any]]
    """The fields of section 6, in their order."""

    values: dict[tuple[str, str, str], str | bytes | None]
    """By region, name, version id; None where the KMS key was deleted."""

    state: dict[str, Any]


def must(*, holds: bool, what: str) -> None:
    """Refuse the vault unless *holds*."""
    if not holds:
        raise FormatError(what)


def hmac256(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA-256."""
    return hmac.new(key, message, hashlib.sha256).digest()


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand with SHA-512 (RFC 5869, section 2.3)."""
    out, block = b"", b""
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes((len(out) // 64 + 1,)), hashlib.sha512).digest()
        out += block
    return out[:length]


def ctx(*fields: bytes) -> bytes:
    """Encode a context (section 4)."""
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def unseal(key: bytes, where: bytes, sealed: bytes) -> bytes:
    """Open a sealed message (section 4)."""
    must(holds=sealed[:1] == b"\x01" and len(sealed) >= 145, what="seal format")
    okm = expand(key, b"secretctl/v1/seal\0" + sealed[1:33] + where, 64)
    must(holds=hmac.compare_digest(okm[32:], sealed[33:65]), what="commitment")
    plain = AESGCM(okm[:32]).decrypt(bytes(12), sealed[65:], where)
    length = int.from_bytes(plain[:4], "big")
    steps = [size for size in (64, 128, 256, 512, 1024, 2048, 4096) if size >= length + 4]
    padded = steps[0] if steps else (length + 4 + 4095) // 4096 * 4096
    must(holds=len(plain) == padded, what="padding")
    return plain[4 : 4 + length]


def read_vault(path: str, *, file_key: bytes = b"", passphrase: str = "") -> Found:
    """Read the whole of the vault at *path*."""
    return open_vault(path, file_key=file_key, passphrase=passphrase).found()


def open_vault(path: str, *, file_key: bytes = b"", passphrase: str = "") -> "_Reader":
    """Open the vault at *path* and check its header."""
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        must(holds=store.execute("PRAGMA application_id").fetchone() == (1396921430,), what="id")
        must(holds=store.execute("PRAGMA user_version").fetchone() == (1,), what="version")
        schema = store.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
        must(holds=schema == [("table", "record", SCHEMA)], what="schema")
        records: dict[bytes, bytes] = dict(store.execute("SELECT key, value FROM record"))
    finally:
        store.close()
    header = json.loads(records[b"h"][32:])
    must(holds=header["magic"] == "secretctl vault" and header["format"] == 1, what="header")
    vault_id = bytes.fromhex(header["vault_id"])
    root = _root_key(header, vault_id, file_key, passphrase)
    mac = hmac256(_derive(root, "header", vault_id), records[b"h"][32:])
    must(holds=hmac.compare_digest(mac, records[b"h"][:32]), what="header MAC")
    return _Reader(records, vault_id, root)


def _derive(key: bytes, label: str, vault_id: bytes) -> bytes:
    prk = hmac.new(vault_id, key, hashlib.sha512).digest()
    return expand(prk, b"secretctl/v1/derive\0" + label.encode(), 32)


def _root_key(header: dict[str, Any], vault_id: bytes, file_key: bytes, passphrase: str) -> bytes:
    for slot in header["slots"]:
        if slot["type"] == "key-file" and file_key:
            key = _derive(file_key, "slot/key-file", vault_id)
        elif slot["type"] == "passphrase" and passphrase:
            memory, iterations, lanes = slot["kdf"]
            within = 65536 <= memory <= 2097152 and 3 <= iterations <= 32 and 1 <= lanes <= 16
            must(holds=within, what="kdf bounds")
            stretched = Argon2id(
                salt=bytes.fromhex(slot["salt"]), length=32, iterations=iterations, lanes=lanes,
                memory_cost=memory,
                ad=b"secretctl/v1/passphrase\0" + vault_id + bytes.fromhex(slot["id"]),
            ).derive(unicodedata.normalize("NFC", passphrase).encode())  # fmt: skip
            key = _derive(stretched, "slot/passphrase", vault_id)
        else:
            continue
        shown = {name: value for name, value in slot.items() if name != "sealed"}
        text = json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()
        return unseal(key, ctx(b"slot", vault_id, text), bytes.fromhex(slot["sealed"]))
    raise FormatError("no slot")


class _Reader:
    def __init__(self, records: dict[bytes, bytes], vault_id: bytes, root: bytes) -> None:
        self.records, self.vault_id, self.root = records, vault_id, root
        self.access = json.loads(self.open(_derive(root, "access", vault_id), b"access", b"a"))
        self.index, self.metadata, self.state_key = (
            bytes.fromhex(self.access[name]) for name in ("name_index", "metadata", "state")
        )

    def open(self, key: bytes, field: bytes, record: bytes) -> bytes:
        return unseal(key, ctx(b"record", self.vault_id, field, record), self.records[record])

    def leaf(self, key: bytes) -> bytes:
        return hmac256(self.state_key, len(key).to_bytes(4, "big") + key + self.records[key])

    def found(self) -> Found:
        state = json.loads(self.open(self.state_key, b"state", b"d"))
        leaves = [int.from_bytes(self.leaf(key), "big") for key in self.records if key != b"d"]
        must(holds=f"{sum(leaves) % 2**256:064x}" == state["digest"], what="digest")
        must(holds=len(leaves) == state["records"], what="records")
        must(holds=state.get("header", "") in ("", self.leaf(b"h").hex()), what="older header")
        found = Found(self.access["account"], {}, {}, state)
        for key in (key for key in self.records if key[:1] == b"n"):
            self._read_secret(key, found)
        return found

    def _read_secret(self, name_key: bytes, found: Found) -> None:
        place = self.records[name_key]
        fields = json.loads(self.open(self.metadata, b"secret", b"s" + place))
        must(holds=len(fields) == 20, what="fields")
        region, name = fields[0].encode(), fields[1].encode()
        must(holds=hmac256(self.index, ctx(b"name", region, name)) == name_key[1:], what="name")
        half = hmac256(self.index, ctx(b"region", region))[:8]
        must(holds=place == half + fields[3].to_bytes(8, "big"), what="place")
        found.secrets[fields[0], fields[1]] = fields
        for version in fields[19]:
            if version[6]:
                key = b"v" + place + version[5].to_bytes(4, "big")
                value = self._value(key, version[6], ctx(region, name))
                found.values[fields[0], fields[1], version[0]] = value

    def _value(self, key: bytes, pin: str, name: bytes) -> str | bytes | None:
        key_id, data_key = self.records[key][:16], self.records[key][16:161]
        sealed, pinned = self.records[key][161:], b"p" + key
        today = hmac256(self.state_key, len(pinned).to_bytes(4, "big") + pinned + sealed)
        must(holds=pin in (today.hex(), self.leaf(key).hex()), what="pin")
        if b"k" + key_id not in self.records:
            deleted = json.loads(self.open(self.metadata, b"key-directory", b"i"))["deleted"]
            must(holds=any(key_id.hex() in each for each in deleted.values()), what="key")
            return None
        kek = self.open(_derive(self.root, "keyring", self.vault_id), b"kek", b"k" + key_id)
        where = ctx(b"record", self.vault_id, b"data-key/" + key_id, key)
        value = ctx(b"record", self.vault_id, b"value", key)
        return open_value(unseal(kek, where, data_key), value, name, sealed)


def open_value(key: bytes, where: bytes, name: bytes, sealed: bytes) -> str | bytes:
    """Open a value (section 7) that is bound to a name, or to none in an older vault."""
    try:
        plain = unseal(key, where + name, sealed)
    except FormatError:
        plain = unseal(key, where, sealed)
    return plain[1:].decode() if plain[:1] == b"s" else plain[1:]
