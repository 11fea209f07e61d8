"""docs/format.md says enough: a verifier written from it alone verifies what secretctl wrote."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from secretctl.audit import line as lines
from secretctl.audit import prune, segments, state, trust
from secretctl.audit.records import own
from secretctl.audit.snapshot import Snapshot
from secretctl.service import backup_file
from secretctl.service.proof import keys_of
from secretctl.vault.vault import Vault
from tests.audit.conftest import REGION, Made, files, lay_out
from tests.conftest import Service, World

HERE = Path(__file__).parent
DOCUMENT = (HERE.parents[1] / "docs/format.md").read_text("utf-8")


def _verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "independent_verifier", HERE / "independent_verifier.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = _verifier()


@pytest.fixture
def audit(world: World, vault: Vault, service: Service) -> Path:
    """The journal of a vault that was created, changed and read."""
    service("CreateSecret", Name="prod/db", SecretString="first")
    service("PutSecretValue", SecretId="prod/db", SecretString="second")
    service("GetSecretValue", SecretId="prod/db")
    assert vault.keys.vault_id
    return Path(world.directory, "audit")


@pytest.fixture
def several(made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A journal of several segments."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 4_000)
    made.tell(30)
    return made


def refused(audit: Path, vault: Vault) -> str:
    """Return what of the journal breaks the document."""
    with pytest.raises(verifier.FormatError) as error:
        verifier.verify(audit, vault.keys.access.journal, vault.keys.vault_id)
    return str(error.value)


def test_a_verifier_written_from_the_document_verifies_a_vaults_journal(
    audit: Path, vault: Vault
) -> None:
    """All records, and among them the one for which the vault vouches."""
    with vault.read() as view:
        state = view.state()
    known = [(state.journal_number, bytes.fromhex(state.journal_hash))]
    keys = keys_of(vault)
    found = verifier.verify(audit, keys.journal, keys.vault_id, known=known)
    said = [(one["eventName"], one["additionalEventData"].get("phase", "")) for one in found]
    assert said == [
        ("SegmentOpened", ""),
        ("CreateVault", ""),
        ("CreateSecret", "intent"),
        ("CreateSecret", "outcome"),
        ("PutSecretValue", "intent"),
        ("PutSecretValue", "outcome"),
        ("GetSecretValue", ""),
    ]
    with pytest.raises(verifier.FormatError, match="others know"):
        verifier.verify(audit, keys.journal, keys.vault_id, known=[(2, bytes(32))])
    with pytest.raises(verifier.FormatError, match="MAC"):
        verifier.verify(audit, bytes(32), keys.vault_id)


def test_the_independent_verifier_finds_a_flipped_byte(
    audit: Path, vault: Vault, tmp_path: Path
) -> None:
    """Each byte of a record and of the state; and each record that is cut off."""
    copy = tmp_path / "copy"
    shutil.copytree(audit, copy)
    for name, start in (("00000001.jsonl", 2), ("state", 0)):
        before = (audit / name).read_bytes()
        end = len(before) if start == 0 else before.index(b"\n") + 1
        for at in range(end):
            flipped = before[:at] + bytes((before[at] ^ 1,)) + before[at + 1 :]
            (copy / name).write_bytes(flipped)
            assert refused(copy, vault)
        (copy / name).write_bytes(before)
    before = (audit / "00000001.jsonl").read_bytes()
    (copy / "00000001.jsonl").write_bytes(before[: before[:-1].rindex(b"\n") + 1])
    assert refused(copy, vault) == "the journal was cut short"


def test_the_independent_verifier_finds_a_state_made_to_fit(audit: Path, vault: Vault) -> None:
    """Its generation set back or its key another, its checksum right."""
    now = state.decode((audit / "state").read_bytes())
    assert now is not None
    (audit / "state").write_bytes(state.encode(now._replace(generation=now.generation - 1)))
    assert refused(audit, vault) == "generation"
    (audit / "state").write_bytes(state.encode(now._replace(key=bytes(32))))
    assert refused(audit, vault) == "state of another journal"


def test_a_verifier_written_from_the_document_goes_through_segments(several: Made) -> None:
    """Their digests, closings and seeds; a line changed in a closed one is found."""
    found = verifier.verify(several.directory, *several.keys)
    assert len(found) == several.verified(deep=True).records
    assert sum(one["eventName"] == "SegmentClosed" for one in found) > 3
    before = files(several.directory)
    for name in sorted(before):
        if name.endswith(".jsonl"):
            lay_out(several.directory, {**before, name: before[name].replace(b'"n":', b'"m":', 1)})
            with pytest.raises(verifier.FormatError, match=r"hash|digest"):
                verifier.verify(several.directory, *several.keys)
    lay_out(several.directory, {each: before[each] for each in before if each != "00000002.jsonl"})
    with pytest.raises(verifier.FormatError, match="gap"):
        verifier.verify(several.directory, *several.keys)


def test_a_verifier_written_from_the_document_knows_what_was_pruned(several: Made) -> None:
    """By the owner's statement alone: without it segments are missing."""
    planned = prune.plan(Snapshot(str(several.directory)), 1 << 50, several.verified().end)
    assert planned is not None
    gone = [several.directory / name for name, _, _ in planned.gone]
    kept = {path: path.read_bytes() for path in gone}
    for path in gone:
        path.unlink()
    with pytest.raises(verifier.FormatError, match="missing"):
        verifier.verify(several.directory, *several.keys)
    for path, content in kept.items():
        path.write_bytes(content)
        path.chmod(0o600)
    said = prune.statement(planned, several.keys)
    several.journal.append(several.records.of([own("PruneJournal", REGION, said)]))
    prune.remove(str(several.directory), [name for name, _, _ in planned.gone])
    found = verifier.verify(several.directory, *several.keys)
    assert found[0]["index"] == planned.head.number + 1


def test_of_two_prunings_the_furthest_counts(several: Made) -> None:
    """Whichever was recorded last, for the document's verifier and the program's."""
    there, end = Snapshot(str(several.directory)), several.verified().end
    further = prune.plan(there, 1 << 50, end)
    assert further is not None
    first = lines.fields_of(several.segment(1).read_bytes().splitlines(keepends=True)[-1])
    assert isinstance(first["index"], int)
    head = lines.Head(first["index"], bytes.fromhex(str(first["hash"])))
    less = prune.Plan(1, head, further.gone[:1], end)
    for planned in (further, less):
        said = prune.statement(planned, several.keys)
        several.journal.append(several.records.of([own("PruneJournal", REGION, said)]))
    prune.remove(str(several.directory), [name for name, _, _ in further.gone])
    assert several.verified(deep=True).findings == ()
    found = verifier.verify(several.directory, *several.keys)
    assert found[0]["index"] == further.head.number + 1


def test_the_independent_verifier_wants_the_owners_word_for_what_is_gone(several: Made) -> None:
    """Whoever has the state can write the record, and not its owner's MAC."""
    planned = prune.plan(Snapshot(str(several.directory)), 1 << 50, several.verified().end)
    assert planned is not None
    said = {**prune.statement(planned, several.keys), "ownerMac": "0" * 64}
    several.journal.append(several.records.of([own("PruneJournal", REGION, said)]))
    prune.remove(str(several.directory), [name for name, _, _ in planned.gone])
    with pytest.raises(verifier.FormatError, match="owner MAC"):
        verifier.verify(several.directory, *several.keys)


def test_the_document_has_the_widths_and_names_of_the_program() -> None:
    """Marks, sizes and derivation labels."""
    for mark in (state._MAGIC, trust._MAGIC, backup_file.MAGIC):
        assert f"`{mark.decode()}`" in DOCUMENT
    for size in (f"{state.BYTES} bytes", f"{trust._BYTES} bytes", f"{lines.LARGEST_BYTES:,} bytes"):
        assert size in DOCUMENT
    assert f"The last {lines.SUFFIX_BYTES} bytes" in DOCUMENT
    table = DOCUMENT.partition("### 9.4")[2].partition("### 9.5")[0]
    rows = [
        tuple(map(int, row)) for row in re.findall(r"^\| (\d+) \| (\d+) \|", table, re.MULTILINE)
    ]
    assert [width for _, width in rows] == [8, *state._WIDTHS, 267, 32]
    assert [at for at, _ in rows] == [sum(w for _, w in rows[:i]) for i in range(len(rows))]
    sources = "".join(path.read_text() for path in (HERE.parents[1] / "secretctl").rglob("*.py"))
    labels = set(re.findall(r'"(journal/[\w-]+)"', sources))
    assert labels == set(re.findall(r"`(journal/[\w-]+)`", DOCUMENT))


def test_the_independent_verifier_is_short_and_independent() -> None:
    """At most 180 lines of it, and nothing of secretctl."""
    text = (HERE / "independent_verifier.py").read_text("utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) <= 180
    assert "import secretctl" not in text
    assert "from secretctl" not in text
    assert "independent_verifier" not in sys.modules
