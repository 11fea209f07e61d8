"""Checkpoints: a signed head of the journal, to be kept where the vault's machine cannot reach.

A note in the form of C2SP's signed notes and tlog checkpoints: origin, number of records, hash of
the last one, and an Ed25519 signature by a key that the vault gives.

    secretctl/<vault id>
    1042
    <hash of record 1041, base64>

    — secretctl/<vault id> <4 bytes of key id and signature, base64>

See: https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from secretctl.audit.line import Head
from secretctl.audit.ratchet import FIRST_SEGMENT
from secretctl.audit.verdict import Keys
from secretctl.crypto.hashing import sha256
from secretctl.crypto.keys import derive
from secretctl.crypto.signing import public_key, sign, verifies
from secretctl.errors import JournalDamagedError

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_HASH_BYTES = 32
_DASH = "\u2014"
_NAME = "secretctl/"
_LARGEST = 4096
LARGEST_FILE = 1 << 20
"""Characters: thousands of checkpoints, one behind the other."""


def note(head: Head, keys: Keys) -> str:
    """Return the checkpoint of a journal whose last record is *head*."""
    origin = _origin(keys)
    body = f"{origin}\n{head.number + 1}\n{b64encode(head.hash).decode()}\n"
    secret = _secret(keys.journal, keys)
    signed = _key_id(origin, public_key(secret)) + sign(secret, body.encode())
    return f"{body}\n{_DASH} {origin} {b64encode(signed).decode()}\n"


def read_all(text: str, keys: Keys) -> list[Head]:
    """Return the record of each checkpoint in a file, as ``audit checkpoint >> FILE`` makes it.

    Raises:
        JournalDamagedError: One of them is none, or not one of this vault.
    """
    if not text.strip():
        raise JournalDamagedError("it is no checkpoint: nothing is in it")
    if len(text) > LARGEST_FILE:
        raise JournalDamagedError("it is no checkpoint: it is longer than 1 MiB")
    notes = _divided(text)
    heads = []
    for place, each in enumerate(notes, 1):
        try:
            heads.append(read(each, keys))
        except JournalDamagedError as error:
            which = f"number {place} in it: " if len(notes) > 1 else ""
            raise JournalDamagedError(f"{which}{error.message}") from None
    return heads


def read(text: str, keys: Keys) -> Head:
    """Return the record that a checkpoint vouches for.

    One that was signed before a rekey counts as well: what it demands is that a record be there.

    Raises:
        JournalDamagedError: It is none, or not one of this vault.
    """
    if len(text) > _LARGEST:
        raise JournalDamagedError("it is no checkpoint")
    body, blank, signatures = text.partition("\n\n")
    origin, number, record_hash, *_ = [*body.split("\n"), "", "", ""]
    if not origin.startswith(_NAME):
        raise JournalDamagedError("it is no checkpoint")
    if origin != _origin(keys):
        raise JournalDamagedError(f"it is no checkpoint of this vault, {_origin(keys)}")
    if not blank:
        raise JournalDamagedError("it is no checkpoint: its end is missing")
    if not any(_is_signed(line, f"{body}\n", origin, keys) for line in signatures.split("\n")):
        raise JournalDamagedError(
            "its signature is not this vault's: it was changed, or signed by another key"
        )
    try:
        head = Head(int(number) - 1, b64decode(record_hash, validate=True))
    except (ValueError, binascii.Error):
        raise JournalDamagedError("it is no checkpoint") from None
    if len(head.hash) != _HASH_BYTES or str(head.number + 1) != number:
        raise JournalDamagedError("it is no checkpoint")
    return head


def verifier_key(keys: Keys) -> str:
    """Return the public key in the form that others verify checkpoints with: name+id+key."""
    origin, public = _origin(keys), public_key(_secret(keys.journal, keys))
    encoded = b64encode(_ED25519 + public).decode()
    return f"{origin}+{_key_id(origin, public).hex()}+{encoded}"


def _divided(text: str) -> list[str]:
    """Divide a file where, behind a signature, something begins that is none."""
    notes: list[list[str]] = [[]]
    for line in text.strip("\n").split("\n"):
        behind = any(each.startswith(_DASH) for each in notes[-1])
        if behind and line and not line.startswith(_DASH):
            notes.append([])
        notes[-1].append(f"{line}\n")
    return ["".join(lines) for lines in notes]


def _is_signed(line: str, body: str, origin: str, keys: Keys) -> bool:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != _DASH or name != origin:
        return False
    try:
        signed = b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    if b64encode(signed).decode() != encoded:
        return False
    publics = [public_key(_secret(key, keys)) for key in keys.from_then(FIRST_SEGMENT)]
    return any(
        signed[:_KEY_ID_BYTES] == _key_id(origin, public)
        and verifies(public, signed[_KEY_ID_BYTES:], body.encode())
        for public in publics
    )


def _origin(keys: Keys) -> str:
    return f"{_NAME}{keys.vault_id.hex()}"


def _secret(journal_key: bytes, keys: Keys) -> bytes:
    return derive(journal_key, "journal/checkpoint", keys.vault_id)


def _key_id(origin: str, public: bytes) -> bytes:
    return sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]
