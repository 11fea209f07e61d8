"""A verifier of journals written from docs/format.md alone: nothing of secretctl is imported."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LINE = re.compile(
    rb'(\{"index":(\d+),"prev":"([0-9a-f]{64})",.*),"hash":"(.{64})","mac":"(.{64})"\}\n'
)


class FormatError(Exception):
    """A MUST of the document is broken; the argument says which."""


def must(*, holds: bool, what: str) -> None:
    """Refuse the journal unless *holds*."""
    if not holds:
        raise FormatError(what)


def sha256(*parts: bytes) -> bytes:
    """Return the SHA-256 of *parts* one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def derive(key: bytes, label: str, vault_id: bytes) -> bytes:
    """HKDF-SHA-512 (section 4); one block of it is enough."""
    prk = hmac.digest(vault_id, key, "sha512")
    return hmac.digest(prk, b"secretctl/v1/derive\0" + label.encode() + b"\1", "sha512")[:32]


def verify(
    directory: str,
    journal_key: bytes,
    vault_id: bytes,
    former: Iterable[tuple[bytes, int]] = (),
    known: Iterable[tuple[int, bytes]] = (),
) -> list[dict[str, Any]]:
    """Return the records of the journal in *directory*, oldest first, all of them verified."""
    keys = [*former, (journal_key, 1 << 32)]
    return _Walk(Path(directory), keys, vault_id).run(dict(known))


class _Walk:
    def __init__(
        self, directory: Path, journal_keys: list[tuple[bytes, int]], vault_id: bytes
    ) -> None:
        self.journal_keys, self.vault_id = journal_keys, vault_id
        self.files = sorted(directory.glob("*.jsonl"))
        self.stored = (directory / "state").read_bytes()
        self.number, self.hash, self.generation, self.name = 0, bytes(32), -1, ""
        self.intent, self.offset = 0, 0
        self.more = self.outcome_more = False
        self.after: tuple[int, bytes] | None = None
        self.records: list[dict[str, Any]] = []
        self.hashes: dict[int, bytes] = {}

    def run(self, known: dict[int, bytes]) -> list[dict[str, Any]]:
        must(holds=bool(self.files), what="no segment")
        if int(self.files[-1].stem) != len(self.files):
            self.leave_out_pruned()
        first = int(self.files[0].stem)
        names = [f"{first + i:08d}.jsonl" for i in range(len(self.files))]
        must(holds=[file.name for file in self.files] == names, what="gap between segments")
        key, seed = b"", self.seed(b"", 1)
        for number in range(1, first):
            seed = self.seed(seed, number + 1)
        for number, file in enumerate(self.files, first):
            key = self.segment(file, sha256(b"record\0", seed))
            seed, due = self.seed(seed, number + 1), sha256(b"segment\0", seed)
        self.state(key, (seed, due))
        known |= [self.after] if self.after else []
        for number, due in known.items():
            must(holds=self.hashes.get(number) == due, what="record that others know")
        return self.records

    def seed(self, before: bytes, number: int) -> bytes:
        """Return the seed of a segment, *before* being that of the one before it."""
        starts = [1, *(through + 1 for _, through in self.journal_keys)]
        if number not in starts:
            return sha256(b"segment\0", before)
        key, _ = self.journal_keys[starts.index(number)]
        return derive(key, "journal/segment-1", self.vault_id)

    def segment(self, file: Path, key: bytes) -> bytes:
        """Verify a segment; return the record key behind it."""
        for place, line in enumerate(file.read_bytes().splitlines(keepends=True)):
            fields = self.record(line, key)
            must(holds=self.name != "SegmentClosed" or place == 0, what="closing record")
            must(
                holds=(fields["eventName"] == "SegmentOpened") == (place == 0),
                what="opening record",
            )
            if place == 0:
                self.opening(fields, file)
            self.change(fields["additionalEventData"])
            self.offset += len(line)
            self.name = fields["eventName"]
            self.records.append(fields)
            key = sha256(b"next\0", key)
        must(holds=file == self.files[-1] or self.name == "SegmentClosed", what="closing record")
        return key

    def record(self, line: bytes, key: bytes) -> dict[str, Any]:
        found = LINE.fullmatch(line)
        if not found or len(line) > 16_384:
            raise FormatError("not a record")
        body, number, previous, digest, mac = found.groups()
        must(holds=number == b"%d" % self.number, what="number")
        must(holds=previous == self.hash.hex().encode(), what="prev")
        self.hash = sha256(body)
        must(holds=digest == self.hash.hex().encode(), what="hash")
        due = hmac.digest(sha256(b"mac\0", key), self.hash, "sha256").hex().encode()
        must(holds=hmac.compare_digest(mac, due), what="MAC")
        self.hashes[self.number] = self.hash
        self.number += 1
        fields: dict[str, Any] = json.loads(line)
        return fields

    def change(self, said: dict[str, Any]) -> None:
        if said.get("phase") == "intent":
            must(holds=self.intent == 0 or self.more, what="one intent, or group, at a time")
            self.intent = self.intent or self.offset + 1
            self.more = "more" in said
        elif said.get("phase") == "outcome":
            is_later = self.outcome_more
            self.intent = self.intent if "more" in said else 0
            generation = said.get("storeGeneration", self.generation + 1)
            must(holds=generation > self.generation - is_later, what="outcome of an older vault")
            self.generation = said.get("storeGeneration", self.generation)
            self.outcome_more = "more" in said

    def opening(self, fields: dict[str, Any], file: Path) -> None:
        self.offset = 0
        generation = fields["additionalEventData"]["storeGeneration"]
        must(holds=self.generation in (-1, generation), what="generation of a segment")
        self.generation, said = generation, fields["requestParameters"]
        before = file.with_name(f"{int(file.stem) - 1:08d}.jsonl")
        if file.stem == "00000001":
            must(holds=said == {"previous": None}, what="first segment")
        elif before in self.files:
            due = {"previous": before.name, "sha256": sha256(before.read_bytes()).hex()}
            must(holds=said == due, what="digest of a segment")

    def leave_out_pruned(self) -> None:
        digests: dict[str, str] = {}
        through = 0
        lines = [(file, line) for file in self.files for line in file.read_bytes().splitlines()]
        for file, line in lines:
            fields = json.loads(line)
            said = fields["requestParameters"] or {}
            if fields["eventName"] != "PruneJournal" or "errorCode" in fields:
                continue
            given = said.pop("ownerMac").encode()
            text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            owners = [key for key, last in self.journal_keys if int(file.stem) <= last]
            keys = [derive(key, "journal/owner", self.vault_id) for key in owners]
            message = b"PruneJournal " + text.encode()
            due = [hmac.digest(key, message, "sha256").hex().encode() for key in keys]
            must(holds=given in due, what="owner MAC")
            digests |= {one["name"]: one["sha256"] for one in said["segments"]}
            if said["throughSegment"] <= through:
                continue
            through = said["throughSegment"]
            self.number, self.hash = said["throughIndex"] + 1, bytes.fromhex(said["throughHash"])
            self.after = said["afterIndex"], bytes.fromhex(said["afterHash"])
        for file in [file for file in self.files if int(file.stem) <= through]:
            must(holds=digests.get(file.name) == sha256(file.read_bytes()).hex(), what="pruned")
            self.files.remove(file)
        must(holds=int(self.files[0].stem) == through + 1, what="segments are missing")

    def state(self, key: bytes, next_seeds: tuple[bytes, ...]) -> None:
        """Compare the state with the end of a journal at rest: no append was cut off."""
        must(holds=len(self.stored) == 512, what="state")
        must(holds=sha256(self.stored[:480]) == self.stored[480:], what="checksum of the state")
        must(holds=self.stored[:24] == b"SCTJRNL1" + self.vault_id, what="state of another vault")
        last = self.files[-1]
        segment, size, number = (self.whole(at, end) for at, end in ((40, 44), (44, 52), (52, 60)))
        end = int(last.stem), last.stat().st_size
        must(holds=(segment, size) <= end, what="the journal was cut short")
        must(holds=(segment, size, number) == (*end, self.number), what="end of the journal")
        must(
            holds=self.stored[60:156] in [self.hash + key + seed for seed in next_seeds],
            what="state of another journal",
        )
        must(holds=self.whole(156, 164) == self.generation, what="generation")
        must(holds=self.whole(164, 172) == self.intent, what="intent")
        must(holds=not any(self.stored[172:212] + self.stored[213:480]), what="journal at rest")
        must(holds=self.stored[212] == (self.name == "SegmentClosed"), what="closed")

    def whole(self, start: int, end: int) -> int:
        return int.from_bytes(self.stored[start:end], "big")
