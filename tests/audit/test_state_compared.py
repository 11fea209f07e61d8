"""The state file is compared with the journal in all that it says."""

from pathlib import Path

import pytest

from secretctl.audit import line as lines
from secretctl.audit import segments, state
from secretctl.audit.ratchet import next_key
from secretctl.audit.records import own
from secretctl.audit.state import State
from secretctl.audit.verdict import Verdict
from secretctl.errors import JournalDamagedError
from secretctl.model.shapes import Fields
from tests.audit.conftest import REGION, Made, files, stored
from tests.conftest import World
from tests.faults.commands import ended

ELSEWHERE = b"another start..."


def change(made: Made, generation: int) -> None:
    """Record a change by its intent and its outcome."""
    for phase in ("intent", "outcome"):
        event = own("Test", REGION, {})._replace(phase=phase, generation=generation)
        made.journal.append(made.records.of([event]))


def says(made: Made, *, generation: int | None = None, intent: int | None = None) -> Verdict:
    """Return the verdict on a state file that says something else."""
    before = made.state.read_bytes()
    now = stored(made.directory)
    other = now._replace(
        generation=now.generation if generation is None else generation,
        intent=now.intent if intent is None else intent,
    )
    made.state.write_bytes(state.encode(other))
    verdict = made.verified().verdict
    made.state.write_bytes(before)
    return verdict


def test_generation_and_intent_must_be_those_of_the_journal(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other is tampering, also where the newest change lies in a segment before."""
    change(made, 7)
    assert says(made, generation=6) == says(made, generation=8) == Verdict.TAMPERED
    assert says(made, intent=0) == Verdict.TAMPERED
    intent = own("Test", REGION, {})._replace(phase="intent", generation=8)
    made.journal.append(made.records.of([intent]))
    assert says(made, intent=state.NO_INTENT) == Verdict.TAMPERED
    change(made, 8)
    monkeypatch.setattr(segments, "LARGEST_BYTES", 1)
    made.tell(1)
    report = made.verified(deep=True)
    assert (report.verdict, report.segments) == (Verdict.INTACT, 2)
    assert says(made, generation=7) == Verdict.TAMPERED


def test_a_change_of_an_older_vault_is_found(made: Made) -> None:
    """Somebody puts the vault back and the state's generation with it, and it is used on."""
    for generation in (4, 5, 6):
        change(made, generation)
    assert made.verified().verdict == Verdict.INTACT
    change(made, 5)
    report = made.verified()
    assert report.verdict == Verdict.TAMPERED
    assert "was made to an older copy of the vault: generation 5" in report.findings[0].message


@pytest.mark.parametrize("back", [1, 100])
def test_an_end_inside_of_a_record_is_found(made: Made, back: int) -> None:
    """Under another start of the system too: verify says so, and nothing is taken for torn."""
    made.tell(5)
    made.journal.close()
    now = stored(made.directory)
    moved = now._replace(offset=now.offset - back, boot_id=ELSEWHERE)
    made.state.write_bytes(state.encode(moved))
    before = files(made.directory)
    assert made.verified().verdict == Verdict.TAMPERED
    with pytest.raises(JournalDamagedError, match="does not end as its state file says"):
        made.tell(1)
    assert files(made.directory) == before


@pytest.mark.parametrize("text", ["no json", "", '"a":', "[]"])
def test_what_is_no_record_is_found_whoever_made_its_mac(made: Made, text: str) -> None:
    """Whoever holds the present key can write anything; no command stumbles over it."""
    made.tell(2)
    made.journal.close()
    now = stored(made.directory)
    line = lines.written(now.number, now.hash, text, now.key)
    with made.segment().open("ab") as segment:
        segment.write(line)
    fitting = now._replace(
        offset=now.offset + len(line),
        number=now.number + 1,
        hash=lines.hash_of(line),
        key=next_key(now.key),
    )
    made.state.write_bytes(state.encode(fitting))
    assert made.verified().verdict == made.verified(deep=True).verdict == Verdict.TAMPERED
    made.state.write_bytes(state.encode(now._replace(boot_id=ELSEWHERE)))
    made.tell(1)
    assert made.verified().verdict == Verdict.INTACT


def test_a_state_that_closes_the_segment_before_must_be_its_own(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between making a segment and telling of it is none; another's state is tampering."""
    told: list[State] = []
    store = made.journal._store

    def stored_as(encoded: bytes, now: State) -> None:
        told.append(now)
        store(encoded, now)

    monkeypatch.setattr(made.journal, "_store", stored_as)
    monkeypatch.setattr(segments, "LARGEST_BYTES", 1)
    made.tell(1)
    closed = next(each for each in told if each.closed)
    before = made.state.read_bytes()
    begun = made.segment(2).read_bytes()
    made.segment(2).write_bytes(begun.splitlines(keepends=True)[0])
    made.state.write_bytes(state.encode(closed))
    assert made.verified().verdict == Verdict.INTACT
    made.state.write_bytes(state.encode(closed._replace(hash=bytes(32))))
    assert made.verified().verdict == Verdict.TAMPERED
    made.segment(2).write_bytes(begun)
    made.state.write_bytes(state.encode(closed))
    assert made.verified().verdict == Verdict.TAMPERED
    made.state.write_bytes(before)
    assert made.verified().verdict == Verdict.INTACT


def test_a_missing_journal_is_a_truncation(world: World) -> None:
    """The vault, or the machine, knows of it: exit status 2, and fsck calls it damage."""
    assert ended(world, "init").status == 0
    audit = Path(world.directory, "audit")
    audit.rename(audit.with_name("elsewhere"))
    verified = ended(world, "audit", "verify")
    assert verified.status == 2
    assert verified.stdout == "truncated: the journal is missing, which this machine knows\n"
    assert ended(world, "fsck").status == 253
    audit.with_name("elsewhere").rename(audit)
    assert ended(world, "fsck").status == 0
    assert ended(world, "create-secret", "--name", "a").status == 0
    audit.rename(audit.with_name("elsewhere"))
    verified = ended(world, "audit", "verify")
    both = "the vault and this machine know"
    assert verified.stdout == f"truncated: the journal is missing, which {both}\n"


def test_fsck_finds_a_new_vault_put_back(world: World) -> None:
    """The copy from before its first change is older than its journal."""
    assert ended(world, "init").status == 0
    first = Path(world.directory, "vault.db").read_bytes()
    made: Fields = {"name": "a", "secret-string": "v"}
    words = [word for name, value in made.items() for word in (f"--{name}", str(value))]
    assert ended(world, "create-secret", *words).status == 0
    Path(world.directory, "vault.db").write_bytes(first)
    found = ended(world, "fsck")
    assert found.status == 253
    assert "the vault is an older copy" in found.stdout
