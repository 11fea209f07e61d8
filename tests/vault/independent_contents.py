"""All that a vault holds but its keys, read from docs/format.md alone: nothing of secretctl."""

import json
from typing import Any, NamedTuple

from tests.vault import independent_directory as independent
from tests.vault import independent_reader as reader


class Contents(NamedTuple):
    """What a vault is about, whichever keys it has."""

    account: str
    secrets: dict[tuple[str, str], list[Any]]
    """Fields by region and name, without pins."""

    values: dict[tuple[str, str, str], str | bytes | None]
    due: set[bytes]
    """Places of secrets to be purged, without the hash of their region."""

    principals: dict[tuple[str, str], dict[str, Any]]
    """By kind and name, without the key pair and without sessions."""

    grants: list[Any]
    assumable: set[tuple[str, str]]
    """Unique ids of a principal and of a role whose private key is granted to it."""

    aside: set[str]
    """Access keys that are Inactive."""

    keys: dict[str, list[Any]]
    """KMS keys, without their material."""

    aliases: dict[str, list[Any]]
    slots: list[tuple[str, str, int]]
    state: dict[str, Any]


def contents(path: str, *, file_key: bytes = b"") -> Contents:
    """Read everything of the vault at *path*, each record by what the document says of it."""
    vault = reader.open_vault(path, file_key=file_key)
    found = vault.found()
    for fields in found.secrets.values():
        fields[19] = [version[:6] for version in fields[19]]
    directory = _directory(path, file_key, vault)
    roles = {each["id"] for (kind, _), each in directory.principals.items() if kind == "role"}
    header = json.loads(vault.records[b"h"][32:])
    return Contents(
        found.account,
        found.secrets,
        found.values,
        {key[25:] for key in _of(vault, b"x")},
        {who: _without_keys(fields) for who, fields in directory.principals.items()},
        sorted(directory.grants),
        {pair for pair in directory.sealed if pair[1] in roles},
        directory.aside,
        {key_id: [each[0], *each[2:6]] for key_id, each in directory.kms["keys"].items()},
        directory.kms["aliases"],
        [(slot["id"], slot["type"], slot["created_ms"]) for slot in header["slots"]],
        {name: found.state[name] for name in ("next_number", "swept_day")},
    )


def _directory(path: str, file_key: bytes, vault: Any) -> independent.Directory:
    if b"i" in vault.records:
        return independent.read_directory(path, file_key=file_key)
    return independent.Directory({}, {"keys": {}, "aliases": {}}, [], set(), set(), set())


def secret_keys(vault: Any, derive: Any) -> set[bytes]:
    """Return every key of 32 bytes that the owner of an open vault can have."""
    labels = ["header", "access", "keyring", "principals", "backup", "inactive-credential"]
    labels += ["vouched", "facts", "escrow"]
    journal = bytes.fromhex(vault.access["journal"])
    of_journal = ("segment-1", "owner", "names", "trust", "checkpoint")
    keys = {vault.root, vault.index, vault.metadata, vault.state_key, journal}
    keys |= {derive(vault.root, label, vault.vault_id) for label in labels}
    keys |= {derive(journal, f"journal/{label}", vault.vault_id) for label in of_journal}
    keyring = derive(vault.root, "keyring", vault.vault_id)
    keks = {key[1:]: vault.open(keyring, b"kek", key) for key in _of(vault, b"k")}
    for key in _of(vault, b"v"):
        material, wrapped = vault.records[key][:16], vault.records[key][16:161]
        if material not in keks:
            continue
        where = reader.ctx(b"record", vault.vault_id, b"data-key/" + material, key)
        keys.add(reader.unseal(keks[material], where, wrapped))
    private = derive(vault.root, "principals", vault.vault_id)
    pairs = {vault.open(private, b"private-key", key) for key in _of(vault, b"q")}
    return keys | set(keks.values()) | pairs


def _of(vault: Any, mark: bytes) -> list[bytes]:
    return sorted(key for key in vault.records if key[:1] == mark)


def _without_keys(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in fields.items() if name not in ("public_key", "sessions")}
